/* SPDX-License-Identifier: EUPL-1.2 */
/* A person of a family is held to its own request, child and voice: the channel's key could do
 * more, for it is that of all families. What is not listed here a person may not do. */
#include <string.h>

#include "common/words.h"
#include "services/gateway/api_private.h"
#include "services/gateway/gate.h"

#define FIELDS_MAX 6
#define SPEAKER(X) SCHAKEL__V1__SPEAKER__SPEAKER_##X

enum whose {
	EACH,   /* in its own name */
	CHILDS, /* the child's own; of a child that is not judged capable: who speaks for it */
	YOUTHS, /* the young person's alone */
};

/* What a person may say, and in which fields; who speaks and what it is about are filled in. */
static const struct may {
	PB(Message__BodyCase) body;
	enum whose whose;
	const char *field[FIELDS_MAX];
} may[] = {
	{ BODY(QUERY_REQUEST), EACH, { NULL } },
	{ BODY(QUERY_FILE), EACH, { "after", "limit" } },
	{ BODY(ASK_FILE), EACH, { NULL } },
	{ BODY(AMEND_REQUEST),
	  EACH,
	  { "based_on", "capsules", "exclude_partners", "allow_partners" } },
	{ BODY(WITHDRAW_REQUEST), CHILDS, { "need_ids", "reason" } },
	{ BODY(RECORD_POSITION),
	  EACH,
	  { "proposal_version", "voice", "excluded_partners", "choices" } },
	{ BODY(CONFIRM_CONSULT), EACH, { "enough" } },
	{ BODY(ASK_OTHER), EACH, { "wanted" } },
	{ BODY(SET_FAMILY_WISH), CHILDS, { "until_ms" } },
	{ BODY(RECORD_FIT), EACH, { "moment", "fit" } },
	{ BODY(SHIELD_CONTRIBUTION), YOUTHS, { "shielded" } },
	{ BODY(LET_KNOW), EACH, { "known" } },
	{ BODY(REOPEN_NEED), EACH, { NULL } },
	{ BODY(RECORD_CHECK_IN), EACH, { "well" } },
	{ BODY(STOP_CONTRIBUTION), CHILDS, { NULL } },
	{ BODY(OPEN_MEETING), EACH, { "allowed" } },
};

/* A document of a person, and what it may be about. */
struct own {
	struct web *w;
	const struct may *may;
	json_t *doc;
	const PB(PersonView) *view; /* of the child that it is about */
};

static bool not_own(struct web *w, const char *field)
{
	struct problem p = { 403, "NOT_YOURS", field, "dit hoort niet bij jouw vraag om hulp",
			     "this does not belong to your request for help" };

	web_problem(w, &p);
	return false;
}

/* Nobody's, another's, or over: told alike. Who retries a stop after a lost answer reads it so. */
static bool no_such_help(struct web *w, const char *field)
{
	struct problem p = { 404, "UNKNOWN_OBJECT", field,
			     "deze hulp staat niet of niet meer bij jouw vraag om hulp",
			     "this help is not or no longer with your request for help" };

	web_problem(w, &p);
	return false;
}

/* --- what this person sees --- */

static const PB(Message) *ask_request(struct web *w, PB(QueryRequest) *q)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;

	q->short_code = w->who.request;
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = q;
	if (web_ask(w, "intake", &m, &answer) != SK_OK) {
		return NULL;
	}
	if (answer->body_case == BODY(RECEIPT)) {
		(void)(web_refused(w, answer->receipt) || not_own(w, NULL));
		return NULL;
	}
	return answer;
}

static const PB(PersonView) *view_of(struct web *w, uint32_t child)
{
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);

	q.speaker = w->who.speaker;
	q.adult = w->who.adult;
	q.child = child;
	const PB(Message) *m = ask_request(w, &q);
	if (m == NULL) {
		return NULL;
	}
	if (m->request_view->person == NULL) {
		(void)not_own(w, NULL);
	}
	return m->request_view->person;
}

/* The whole request as the families' channel gets it: nothing of it goes to the person. */
static const PB(RequestItem) *item_of(struct web *w)
{
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	const PB(Message) *m = ask_request(w, &q);

	if (m == NULL) {
		return NULL;
	}
	if (m->request_view->n_requests != 1) {
		(void)not_own(w, NULL);
		return NULL;
	}
	return m->request_view->requests[0];
}

/* --- ids and codes --- */

static bool is_id(const ProtobufCBinaryData *id, const char *text)
{
	struct object_id oid;
	char hex[2 * OBJECT_ID_LEN + 1];

	if (id->len != OBJECT_ID_LEN) {
		return false;
	}
	memcpy(oid.b, id->data, sizeof(oid.b));
	object_id_hex(&oid, hex);
	return strcmp(hex, text) == 0;
}

static bool is_need(const PB(PersonView) *v, const char *text)
{
	for (size_t i = 0; i < v->n_needs; i++) {
		if (is_id(&v->needs[i]->need_id, text)) {
			return true;
		}
	}
	return false;
}

static bool is_help_of(const PB(PersonNeed) *n, const char *text)
{
	for (size_t i = 0; i < n->n_help; i++) {
		if (is_id(&n->help[i]->contribution_id, text) ||
		    strcmp(n->help[i]->short_code, text) == 0) {
			return true;
		}
	}
	for (size_t i = 0; i < n->n_meets; i++) {
		if (is_id(&n->meets[i]->contribution_id, text) ||
		    strcmp(n->meets[i]->short_code, text) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_help(const PB(PersonView) *v, const char *text)
{
	for (size_t i = 0; i < v->n_needs; i++) {
		if (is_help_of(v->needs[i], text)) {
			return true;
		}
	}
	return false;
}

/* --- the document --- */

static bool is_listed(const struct may *m, const char *field)
{
	static const char *const filled[] = { "request_id", "need_id", "contribution_id",
					      "short_code", "speaker", "adult",
					      "child" };

	for (size_t i = 0; i < SK_LEN(filled); i++) {
		if (strcmp(filled[i], field) == 0) {
			return true;
		}
	}
	for (size_t i = 0; i < FIELDS_MAX && m->field[i] != NULL; i++) {
		if (strcmp(m->field[i], field) == 0) {
			return true;
		}
	}
	return false;
}

static bool hold_fields(struct own *o)
{
	const char *key;
	json_t *value;

	json_object_foreach (o->doc, key, value) {
		if (!is_listed(o->may, key)) {
			return not_own(o->w, web_printf(o->w, "%s", key));
		}
	}
	return true;
}

static void set_number(json_t *doc, const char *field, uint32_t n)
{
	(void)json_object_set_new(doc, field, json_integer(n));
}

/* Who speaks is who signed in. A parent says which of its children it is about. */
static void set_speaker(struct own *o, const struct api *a, const ProtobufCMessageDescriptor *type)
{
	const struct who *who = &o->w->who;
	bool youth = who->speaker == SPEAKER(YOUTH);
	const char *speaker = code_of(&schakel__v1__speaker__descriptor, (int)who->speaker);

	static const char *const field[] = { "speaker", "adult", "child" };
	for (size_t i = 0; i < SK_LEN(field); i++) {
		if (api_field(type, field[i]) == NULL) {
			(void)json_object_del(o->doc, field[i]);
		}
	}
	if (api_field(type, "speaker") != NULL) {
		(void)json_object_set_new(o->doc, "speaker", json_string(speaker));
	}
	if (api_field(type, "adult") != NULL) {
		set_number(o->doc, "adult", who->adult);
	}
	bool says = !youth && (a->flags & API_CHILD) != 0 &&
		    json_is_integer(json_object_get(o->doc, "child"));
	if (api_field(type, "child") != NULL && !says) {
		set_number(o->doc, "child", who->child);
	}
}

static uint32_t child_of(const struct own *o)
{
	const json_t *child = json_object_get(o->doc, "child");
	json_int_t n = json_is_integer(child) ? json_integer_value(child) : -1;

	return n < 0 || n > TOKEN_CHILDREN ? o->w->who.child : (uint32_t)n;
}

static bool hold_request(struct own *o, const char *field, bool *io_named)
{
	const char *text = json_string_value(json_object_get(o->doc, field));

	if (text == NULL) {
		return true;
	}
	*io_named = true;
	return strcmp(text, o->w->who.request) == 0 || is_id(&o->view->request_id, text) ||
	       not_own(o->w, field);
}

/* What is the child's own is a parent's to say only of a child that it speaks for. */
static bool may_speak(const struct own *o, const PB(PersonView) *v)
{
	bool youth = o->w->who.speaker == SPEAKER(YOUTH);

	return youth || o->may->whose == EACH || (o->may->whose == CHILDS && v->speaks_for_child);
}

/* A need says of which child it is: a parent names it alone. */
static bool hold_need(struct own *o, const char *text, const char *field)
{
	uint32_t children = o->view->children;
	bool adult = o->w->who.speaker == SPEAKER(ADULT);

	if (text != NULL && is_need(o->view, text)) {
		return may_speak(o, o->view) || not_own(o->w, field);
	}
	for (uint32_t i = 0; text != NULL && adult && i < children && i < TOKEN_CHILDREN; i++) {
		const PB(PersonView) *v = i == o->view->child ? NULL : view_of(o->w, i);
		if (o->w->answer.status != 0) {
			return false;
		}
		if (v != NULL && is_need(v, text)) {
			o->view = v;
			return may_speak(o, v) || not_own(o->w, field);
		}
	}
	return not_own(o->w, field);
}

static bool hold_help(struct own *o, const char *field, bool *io_named)
{
	const char *text = json_string_value(json_object_get(o->doc, field));

	if (text == NULL) {
		return true;
	}
	*io_named = true;
	return is_help(o->view, text) || no_such_help(o->w, field);
}

static bool hold_lists(struct own *o)
{
	static const char *const lists[] = { "need_ids", "choices" };
	size_t i;
	json_t *one;

	for (i = 0; i < SK_LEN(lists); i++) {
		const json_t *list = json_object_get(o->doc, lists[i]);
		if (list != NULL && !json_is_array(list)) {
			return not_own(o->w, lists[i]);
		}
	}
	json_array_foreach (json_object_get(o->doc, "need_ids"), i, one) {
		if (!hold_need(o, json_string_value(one), "need_ids")) {
			return false;
		}
	}
	json_array_foreach (json_object_get(o->doc, "choices"), i, one) {
		const char *text = json_string_value(json_object_get(one, "need_id"));
		if (!hold_need(o, text, "choices")) {
			return false;
		}
	}
	/* Without a list it would be the whole request, with what is a brother's or sister's. */
	bool whole = o->may->body == BODY(WITHDRAW_REQUEST) &&
		     json_array_size(json_object_get(o->doc, "need_ids")) == 0;
	return !whole || not_own(o->w, "need_ids");
}

/* --- the own story --- */

static bool no_story(struct web *w)
{
	static const struct problem p = { 409, "STATE", "capsules",
					  "jouw verhaal staat hier nog niet apart; vraag je "
					  "aanspreekpunt om het erbij te zetten",
					  "your story has no place of its own here yet; ask your "
					  "contact person to add it" };

	web_problem(w, &p);
	return false;
}

static const ProtobufCBinaryData *person_of(const struct who *who, const PB(RequestItem) *it)
{
	if (who->speaker == SPEAKER(YOUTH)) {
		return who->child < it->n_children ? &it->children[who->child]->person_id : NULL;
	}
	for (size_t i = 0; i < it->n_adults; i++) {
		if (it->adults[i]->number == who->adult) {
			return &it->adults[i]->person_id;
		}
	}
	return NULL;
}

/* One's own words stand under oneself: the id of the person is never the sender's to choose. */
static bool hold_story(struct own *o)
{
	json_t *list = json_object_get(o->doc, "capsules");
	struct object_id id;
	char hex[2 * OBJECT_ID_LEN + 1];
	size_t i;
	json_t *one;

	if (json_array_size(list) == 0) {
		return list == NULL || not_own(o->w, "capsules");
	}
	const PB(RequestItem) *it = item_of(o->w);
	const ProtobufCBinaryData *person = it == NULL ? NULL : person_of(&o->w->who, it);
	if (person == NULL || !object_id_from(person, &id)) {
		return it != NULL && no_story(o->w);
	}
	object_id_hex(&id, hex);
	json_array_foreach (list, i, one) {
		(void)json_object_set_new(one, "person_id", json_string(hex));
		(void)json_object_set_new(one, "about", json_false());
	}
	return true;
}

/* Which houses are not to be asked is the child's wish, or of who speaks for it. */
static bool hold_whose(struct own *o)
{
	bool wish = json_object_get(o->doc, "exclude_partners") != NULL ||
		    json_object_get(o->doc, "allow_partners") != NULL;
	bool youth = o->w->who.speaker == SPEAKER(YOUTH);
	bool held = !wish || youth || o->view->speaks_for_child;

	return (held && may_speak(o, o->view)) || not_own(o->w, NULL);
}

static const struct may *may_of(PB(Message__BodyCase) body)
{
	for (size_t i = 0; i < SK_LEN(may); i++) {
		if (may[i].body == body) {
			return &may[i];
		}
	}
	return NULL;
}

static bool hold_objects(struct own *o, bool of_contribution)
{
	const char *need = json_string_value(json_object_get(o->doc, "need_id"));
	bool named = need != NULL;

	if (!hold_request(o, "request_id", &named) ||
	    (need != NULL && !hold_need(o, need, "need_id")) ||
	    !hold_help(o, "contribution_id", &named)) {
		return false;
	}
	bool code = of_contribution ? hold_help(o, "short_code", &named) :
				      hold_request(o, "short_code", &named);
	return code && (named || not_own(o->w, NULL));
}

bool api_hold_to_own(struct web *w, const struct api *a, const ProtobufCMessageDescriptor *type,
		     json_t *doc)
{
	struct own o = { .w = w, .may = may_of(a->body), .doc = doc };

	if (o.may == NULL) {
		return not_own(w, NULL);
	}
	if (!hold_fields(&o)) {
		return false;
	}
	set_speaker(&o, a, type);
	o.view = view_of(w, child_of(&o));
	return o.view != NULL && hold_objects(&o, api_field(type, "contribution_id") != NULL) &&
	       hold_lists(&o) && hold_whose(&o) && hold_story(&o);
}
