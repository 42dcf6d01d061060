/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/pages.h"

#include <string.h>

#include "services/gateway/assets.h"

#define STATIC "/static/"

static void not_found(struct web *w)
{
	static const struct problem p = { 404, "NOT_FOUND", NULL, "hier staat niets",
					  "there is nothing here" };

	web_problem(w, &p);
}

static void send(struct web *w, const struct asset *a)
{
	const char *known = web_header(w, "If-None-Match");
	const char *takes = web_header(w, "Accept-Encoding");
	bool packed = takes != NULL && strstr(takes, "gzip") != NULL && a->gzip.len < a->plain.len;

	web_head(w, "ETag", web_printf(w, "\"%s\"", a->etag));
	web_head(w, "Cache-Control", "no-cache"); /* kept, and asked for with its ETag */
	web_head(w, "Vary", "Accept-Encoding");
	if (known != NULL && strstr(known, a->etag) != NULL) {
		web_body(w, 304, a->type, (struct slice){ "", 0 });
		return;
	}
	if (packed) {
		web_head(w, "Content-Encoding", "gzip");
	}
	web_body(w, 200, a->type, packed ? a->gzip : a->plain);
	w->answer.fixed = true;
}

static void on_file(struct web *w)
{
	const struct asset *a = asset_find(w->path + sizeof(STATIC) - 1);

	if (a == NULL) {
		not_found(w);
	} else {
		send(w, a);
	}
}

static bool is_of_a_face(const char *path)
{
	static const char *const faces[] = { "/api/", "/fhir/", "/hsds/", "/codes/", "/session" };

	for (size_t i = 0; i < SK_LEN(faces); i++) {
		if (strncmp(path, faces[i], strlen(faces[i])) == 0) {
			return true;
		}
	}
	return false;
}

static void on_page(struct web *w)
{
	const struct asset *a = asset_find("index.html");

	if (is_of_a_face(w->path) || a == NULL) {
		not_found(w);
	} else {
		send(w, a);
	}
}

const struct route pages_routes[] = {
	{ "GET", STATIC "*", WEB_ANYBODY, on_file, NULL, 0, NULL, NULL },
	{ "GET", "/", WEB_ANYBODY, on_page, NULL, 0, NULL, NULL },
	{ "GET", "/*", WEB_ANYBODY, on_page, NULL, 0, NULL, NULL },
	{ 0 },
};
