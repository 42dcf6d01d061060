/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/access.h"

#include <inttypes.h>
#include <string.h>

#include "common/logging.h"
#include "common/words.h"

#define ROLES_MAX 160

/* A stranger may call a method anything. */
static const char *method_of(const struct web *w, const struct route *route)
{
	static const char *const known[] = { "GET",   "HEAD",   "POST",   "PUT",
					     "PATCH", "DELETE", "OPTIONS" };

	for (size_t i = 0; i < SK_LEN(known); i++) {
		if (w->method != NULL && strcmp(w->method, known[i]) == 0) {
			return known[i];
		}
	}
	return route != NULL ? route->method : "other";
}

static void roles_of(const struct who *who, char ret_text[ROLES_MAX])
{
	size_t len = 0;

	(void)snprintf(ret_text, ROLES_MAX, "-");
	for (int i = 1; i < 32; i++) {
		const char *code = (who->roles & 1U << i) == 0 ?
					   NULL :
					   code_of(&schakel__v1__role__descriptor, i);
		if (code != NULL && len + strlen(code) + 2 < ROLES_MAX) {
			len += (size_t)snprintf(ret_text + len, ROLES_MAX - len, "%s%s",
						len > 0 ? "," : "", code);
		}
	}
}

void access_log(const struct web *w, const struct route *route, uint64_t took_ms)
{
	uint32_t logged = w->conf->gateway.access_log;
	unsigned status = w->answer.status;
	char roles[ROLES_MAX];

	if (logged == CONF_LOGGED_OFF || (logged == CONF_LOGGED_ERRORS && status < 400)) {
		return;
	}
	roles_of(&w->who, roles);
	svc_log(LOG_INFO, "request",
		"party=%s roles=%s method=%s route=%s status=%u ms=%" PRIu64 " bytes=%zu",
		w->who.party[0] != '\0' ? w->who.party : "-", roles, method_of(w, route),
		route != NULL ? route->path : "-", status, took_ms, w->answer.body.len);
}
