/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/event_json.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "common/pbjson.h"
#include "common/when.h"
#include "common/words.h"

#define STATE(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME
#define KIND(NAME) SCHAKEL__V1__EVENT_KIND__EVENT_KIND_##NAME

/* What outside is called otherwise than the kind's own code, and what a new one does. */
static const struct {
	PB(EventKind) kind;
	const char *name;
	const char *first;
} named[] = {
	{ KIND(REQUEST), "request", "received" },      { KIND(NEED), "need", "opened" },
	{ KIND(POOL), "offer", "published" },          { KIND(TEAM), "proposal", "made" },
	{ KIND(CONTRIBUTION), "commitment", "asked" }, { KIND(WAIT_ENTRY), "waiting", "entered" },
};

static const char *state_name(PB(ContributionState) state)
{
	switch ((int)state) {
	case STATE(ASKED):
		return "asked";
	case STATE(CAN):
	case STATE(CAN_IF):
	case STATE(NOT_NOW):
	case STATE(NOT_OURS):
		return "answered";
	case STATE(LAPSED):
		return "lapsed";
	case STATE(AGREED):
		return "agreed";
	case STATE(STARTED):
		return "started";
	case STATE(ENDED):
	case STATE(STOPPED_BY_YOUTH):
		return "ended";
	default:
		return "changed";
	}
}

/* "WAIT_ENTRY" is said as "wait-entry". */
static char said(char c)
{
	if (c == '_') {
		return '-';
	}
	unsigned char low = (unsigned char)tolower((unsigned char)c);

	return (char)low;
}

void event_type(const PB(Event) *e, char ret_type[EVENT_TYPE_MAX])
{
	const char *code = code_of(&schakel__v1__event_kind__descriptor, (int)e->kind);
	char name[EVENT_TYPE_MAX / 2];
	const char *first = "made";
	size_t n = 0;

	for (const char *s = code == NULL ? "other" : code; *s != '\0' && n + 1 < sizeof(name);
	     s++) {
		name[n++] = said(*s);
	}
	name[n] = '\0';
	for (size_t i = 0; i < SK_LEN(named); i++) {
		if (named[i].kind == e->kind) {
			(void)snprintf(name, sizeof(name), "%s", named[i].name);
			first = named[i].first;
		}
	}
	const char *what = e->version <= 1 ? first : e->ended ? "ended" : "changed";
	if (e->kind == KIND(CONTRIBUTION)) {
		what = state_name(e->contribution_state);
	}
	(void)snprintf(ret_type, EVENT_TYPE_MAX, "be.jeugdhulp.%s.%s.v1", name, what);
}

static json_t *data_of(const PB(Event) *e, bool reduced)
{
	if (!reduced) {
		return pb_json(&e->base);
	}
	const char *code = code_of(&schakel__v1__event_kind__descriptor, (int)e->kind);
	return json_pack("{s:s}", "kind", code == NULL ? "" : code);
}

json_t *event_json(const struct event_source *from, const PB(Message) *m, bool reduced)
{
	char type[EVENT_TYPE_MAX];
	char sequence[32];
	const PB(Event) *e = m->event;

	event_type(e, type);
	(void)snprintf(sequence, sizeof(sequence), "%020" PRIu64, from->sequence);
	json_t *doc = json_pack("{s:s, s:o, s:s, s:s, s:s, s:s}", "specversion", "1.0", "id",
				hex_json(m->id.data, m->id.len), "type", type, "time",
				when_iso(m->time_ms).s, "datacontenttype", "application/json",
				"sequence", sequence);
	(void)json_object_set_new(doc, "source",
				  json_sprintf("urn:schakel:%s:%s", from->node, from->daemon));
	if (!reduced && e->object_id.len > 0) {
		(void)json_object_set_new(doc, "subject",
					  hex_json(e->object_id.data, e->object_id.len));
	}
	if (!reduced && e->zone != NULL && e->zone[0] != '\0') {
		(void)json_object_set_new(doc, "partitionkey", json_string(e->zone));
	}
	(void)json_object_set_new(doc, "data", data_of(e, reduced));
	return doc;
}
