/* SPDX-License-Identifier: EUPL-1.2 */
/* A person of a family is held to its own request, child and voice: the channel's key could do
 * more.
 */
#include <stdlib.h>
#include <string.h>

#include "common/words.h"
#include "services/gateway/api_private.h"
#include "services/gateway/gate.h"

static bool not_own(struct web *w)
{
	static const struct problem p = { 403, "NOT_YOURS", NULL,
					  "dit hoort niet bij jouw vraag om hulp",
					  "this does not belong to your request for help" };

	web_problem(w, &p);
	return false;
}

static bool same_request(struct web *w, const char *value)
{
	uint8_t id[OBJECT_ID_LEN];
	struct object_id oid;
	char hex[2 * OBJECT_ID_LEN + 1];

	if (strcmp(value, w->who.request) == 0) {
		return true;
	}
	if (!api_is_id(value)) {
		return not_own(w);
	}
	if (!api_request_id(w, w->who.request, id)) {
		return false;
	}
	memcpy(oid.b, id, sizeof(oid.b));
	object_id_hex(&oid, hex);
	return strcmp(hex, value) == 0 || not_own(w);
}

/* Whether an id is that of a need, or a number that of a contribution, of the own request: looked
 * up in the person's own view. */
static bool in_own_view(struct web *w, const char *value)
{
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;

	q.short_code = w->who.request;
	q.speaker = w->who.speaker;
	q.child = w->who.child;
	q.adult = w->who.adult;
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	if (web_ask(w, "intake", &m, &answer) != SK_OK) {
		return false;
	}
	if (answer->body_case == BODY(RECEIPT)) {
		return !web_refused(w, answer->receipt) && not_own(w);
	}
	char *text = NULL;
	json_t *doc = web_pb_json(w, &answer->request_view->base);
	json_t *person = json_object_get(doc, "person");
	text = person == NULL ? NULL : json_dumps(person, JSON_COMPACT);
	json_decref(doc);
	char *quoted = web_printf(w, "\"%s\"", value);
	bool found = text != NULL && strstr(text, quoted) != NULL;
	free(text);
	return found || not_own(w);
}

/* Everything that names an object names one of the own request; who speaks is who signed in. */
bool api_hold_to_own(struct web *w, const struct api *a, const ProtobufCMessageDescriptor *type,
		     json_t *doc)
{
	static const char *const objects[] = { "need_id", "contribution_id" };
	const char *request = json_string_value(json_object_get(doc, "request_id"));
	const char *code = json_string_value(json_object_get(doc, "short_code"));
	bool of_contribution = api_field(type, "contribution_id") != NULL;
	bool named = false;

	if (request != NULL) {
		if (!same_request(w, request)) {
			return false;
		}
		named = true;
	}
	if (code != NULL) {
		if (of_contribution ? !in_own_view(w, code) : !same_request(w, code)) {
			return false;
		}
		named = true;
	}
	for (size_t i = 0; i < SK_LEN(objects); i++) {
		const char *id = json_string_value(json_object_get(doc, objects[i]));
		if (id != NULL && !in_own_view(w, id)) {
			return false;
		}
		named |= id != NULL;
	}
	if (!named) {
		return not_own(w);
	}
	if (api_field(type, "speaker") != NULL) {
		(void)json_object_set_new(doc, "speaker",
					  json_string(code_of(&schakel__v1__speaker__descriptor,
							      (int)w->who.speaker)));
	}
	bool youth = w->who.speaker == SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH;
	if (api_field(type, "adult") != NULL) {
		(void)json_object_set_new(doc, "adult", json_integer(w->who.adult));
	}
	if (api_field(type, "child") != NULL && (youth || (a->flags & API_CHILD) == 0)) {
		(void)json_object_set_new(doc, "child", json_integer(w->who.child));
	}
	return true;
}
