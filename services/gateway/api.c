/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/api_private.h"

#include <stdlib.h>
#include <string.h>

#include "common/words.h"
#include "services/gateway/gate.h"

#define FIELD_MAX 48

bool api_is_id(const char *text)
{
	return strlen(text) == (size_t)2 * OBJECT_ID_LEN &&
	       strspn(text, "0123456789abcdef") == (size_t)2 * OBJECT_ID_LEN;
}

const ProtobufCFieldDescriptor *api_field(const ProtobufCMessageDescriptor *type, const char *name)
{
	return protobuf_c_message_descriptor_get_field_by_name(type, name);
}

static const ProtobufCMessageDescriptor *type_of(const struct api *a)
{
	const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(
		&schakel__v1__message__descriptor, (unsigned)a->body);

	SK_ASSERT(f != NULL && f->type == PROTOBUF_C_TYPE_MESSAGE);
	return f->descriptor;
}

/* protobuf-c keeps the members of a oneof in one place. */
static void set_body(PB(Message) *m, const struct api *a, ProtobufCMessage *body)
{
	m->body_case = a->body;
	m->submit_request = (PB(SubmitRequest) *)(void *)body;
}

/* --- short codes --- */

bool api_no_such(struct web *w, const char *field)
{
	struct problem p = { 404, "UNKNOWN_OBJECT", field, "dit nummer is hier niet bekend",
			     "this number is not known here" };

	web_problem(w, &p);
	return false;
}

/* Which request it is tells nothing of it: what one may do with it is decided where it goes. */
static bool known_code(struct web *w, const char *code, uint8_t ret_id[OBJECT_ID_LEN])
{
	struct model_read view;

	if (w->gate->model == NULL || model_read_begin(w->gate->model, &view) != SK_OK) {
		return false;
	}
	bool known = model_request(&view, code, ret_id);
	model_read_end(&view);
	return known;
}

/* A 10-character code of a request as its id. @return false: answered. */
static bool api_request_id(struct web *w, const char *code, uint8_t ret_id[OBJECT_ID_LEN])
{
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;

	if (known_code(w, code, ret_id)) {
		return true;
	}
	q.short_code = (char *)(uintptr_t)code;
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	if (web_ask(w, "intake", &m, &answer) != SK_OK) {
		return false;
	}
	if (answer->body_case == BODY(RECEIPT)) {
		return !web_refused(w, answer->receipt) && api_no_such(w, "request");
	}
	const PB(RequestView) *v = answer->request_view;
	const ProtobufCBinaryData *id =
		v == NULL || v->n_requests == 0 ? NULL : &v->requests[0]->request->request_id;
	if (id == NULL || id->len != OBJECT_ID_LEN) {
		return api_no_such(w, "request");
	}
	memcpy(ret_id, id->data, OBJECT_ID_LEN);
	return true;
}

/* --- the path --- */

static void set_text(json_t *doc, const char *field, const char *text)
{
	(void)json_object_set_new(doc, field, json_string(text));
}

/* A parameter of the path: the field itself, or an id that may be said by its short code. */
static bool set_param(struct web *w, const ProtobufCMessageDescriptor *type, const char *name,
		      const char *value, json_t *doc)
{
	char id_field[FIELD_MAX];
	uint8_t id[OBJECT_ID_LEN];
	struct object_id oid;
	char hex[2 * OBJECT_ID_LEN + 1];

	(void)snprintf(id_field, sizeof(id_field), "%s_id", name);
	if (api_field(type, id_field) == NULL) {
		set_text(doc, name, value);
		return true;
	}
	(void)json_object_del(doc, id_field);
	if (api_is_id(value)) {
		set_text(doc, id_field, value);
		return true;
	}
	bool request = strcmp(name, "request") == 0;
	/* Of a message about a contribution the short code is that of the contribution; and an
	 * explanation is found by the id alone. */
	bool by_code = api_field(type, "short_code") != NULL &&
		       (!request || (api_field(type, "contribution_id") == NULL &&
				     type != &schakel__v1__query_explain__descriptor));
	if (by_code) {
		set_text(doc, "short_code", value);
		return true;
	}
	if (!request) {
		return api_no_such(w, id_field);
	}
	if (!api_request_id(w, value, id)) {
		return false;
	}
	memcpy(oid.b, id, sizeof(oid.b));
	object_id_hex(&oid, hex);
	set_text(doc, id_field, hex);
	return true;
}

/* --- the document of a message --- */

static json_t *query_value(const ProtobufCFieldDescriptor *f, const char *text)
{
	char *end = NULL;

	if (f->type == PROTOBUF_C_TYPE_BOOL) {
		bool yes = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
		bool known = yes || strcmp(text, "false") == 0 || strcmp(text, "0") == 0;
		return known ? json_boolean(yes) : json_string(text);
	}
	bool number = f->type == PROTOBUF_C_TYPE_UINT32 || f->type == PROTOBUF_C_TYPE_UINT64;
	if (number && text[0] >= '0' && text[0] <= '9' && strlen(text) < 19) {
		long long n = strtoll(text, &end, 10);
		if (*end == '\0') {
			return json_integer(n);
		}
	}
	return json_string(text);
}

struct asked {
	struct web *w;
	const ProtobufCMessageDescriptor *type;
};

/* A filter that is spelled wrong would show everything: it is refused. */
static bool is_known(void *arg, const char *name)
{
	const struct asked *a = arg;
	struct problem p = { 400, "MALFORMED", name,
			     "deze vraag kent dit veld niet; kijk in /openapi.json",
			     "this question has no such field; look in /openapi.json" };

	if (api_field(a->type, name) == NULL) {
		web_problem(a->w, &p);
		return false;
	}
	return true;
}

static json_t *query_doc(struct web *w, const ProtobufCMessageDescriptor *type)
{
	json_t *doc = json_object();

	for (unsigned i = 0; i < type->n_fields; i++) {
		const char *text = web_query(w, type->fields[i].name);
		if (text != NULL && text[0] != '\0') {
			(void)json_object_set_new(doc, type->fields[i].name,
						  query_value(&type->fields[i], text));
		}
	}
	return doc;
}

static bool set_params(struct web *w, const struct api *a, const ProtobufCMessageDescriptor *type,
		       json_t *doc)
{
	for (size_t i = 0; i < API_PARAMS && a->param[i] != NULL; i++) {
		if (!set_param(w, type, a->param[i], w->param[i], doc)) {
			return false;
		}
	}
	return true;
}

static bool set_match(struct web *w, const ProtobufCMessageDescriptor *type, json_t *doc)
{
	static const struct problem bad = { 400, "MALFORMED", "If-Match",
					    "geef de versie tussen aanhalingstekens, zoals \"3\"",
					    "give the version in quotes, as \"3\"" };
	const char *match = web_header(w, "If-Match");
	char *end = NULL;

	if (match == NULL || api_field(type, "based_on") == NULL) {
		return true;
	}
	unsigned long n = match[0] == '"' ? strtoul(match + 1, &end, 10) : 0;
	if (end == NULL || end == match + 1 || *end != '"' || end[1] != '\0' || n > UINT32_MAX) {
		web_problem(w, &bad);
		return false;
	}
	(void)json_object_set_new(doc, "based_on", json_integer((json_int_t)n));
	return true;
}

/* In whose name: who is signed in, or for open rows the gateway or the families' channel. */
static bool take_name(struct web *w, const struct api *a)
{
	static const struct problem none = { 503, "NO_CHANNEL", NULL,
					     "hier kan nu geen vraag gesteld worden; bel het "
					     "meldpunt",
					     "nothing can be asked here now; call the contact "
					     "point" };

	if ((a->flags & API_OWN) != 0) {
		w->who = (struct who){ .party = CONF_GATEWAY };
	}
	if ((a->flags & API_FAMILY) == 0) {
		return true;
	}
	w->who = (struct who){ 0 };
	for (size_t i = 0; i < w->conf->parties_len; i++) {
		const struct conf_party *p = &w->conf->parties[i];
		if ((p->roles & ROLE_BIT(FAMILY)) != 0) {
			name_copy(w->who.party, p->id);
			return true;
		}
	}
	web_problem(w, &none);
	return false;
}

/* @return the answer, or NULL: a problem was answered. */
static PB(Message) *ask(struct web *w, const struct api *a, json_t *doc)
{
	const ProtobufCMessageDescriptor *type = type_of(a);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;

	if (!take_name(w, a) || !set_params(w, a, type, doc) || !set_match(w, type, doc) ||
	    (w->who.person && !api_hold_to_own(w, a, type, doc))) {
		return NULL;
	}
	ProtobufCMessage *body = web_read(w, doc, type, a->daemon, NULL);
	if (body == NULL) {
		return NULL;
	}
	set_body(&m, a, body);
	return web_ask(w, a->daemon, &m, &answer) == SK_OK ? answer : NULL;
}

/* --- answers --- */

static void add_etag(struct web *w, const struct api *a, const json_t *doc)
{
	const json_t *list = json_object_get(doc, a->list);
	const json_t *one = json_array_size(list) == 1 ? json_array_get(list, 0) : NULL;
	const json_t *v = json_object_get(one, "version");

	if (v == NULL) {
		v = json_object_get(json_object_get(one, "request"), "request_version");
	}
	if (json_is_integer(v)) {
		web_head(w, "ETag", web_printf(w, "\"%lld\"", (long long)json_integer_value(v)));
	}
}

void api_query(struct web *w)
{
	const struct api *a = w->arg;
	struct asked asked = { w, type_of(a) };

	if (!web_queries(w, is_known, &asked)) {
		return;
	}
	json_t *in = query_doc(w, type_of(a));
	const PB(Message) *m = ask(w, a, in);

	json_decref(in);
	if (m == NULL || (m->body_case == BODY(RECEIPT) && web_refused(w, m->receipt))) {
		return;
	}
	const ProtobufCMessage *view = (const ProtobufCMessage *)(const void *)m->submit_request;
	json_t *doc = web_pb_json(w, view);
	if (a->list != NULL) {
		add_etag(w, a, doc);
	}
	web_json(w, 200, doc);
}

static void created(struct web *w, const struct api *a, const PB(Receipt) *r, json_t *doc)
{
	const char *code = r->short_code != NULL ? r->short_code : "";
	const char *id = json_string_value(json_object_get(doc, "object_id"));

	if (a->location != NULL && (code[0] != '\0' || id != NULL)) {
		web_head(w, "Location",
			 web_printf(w, "%s%s", a->location, code[0] != '\0' ? code : id));
	}
}

/* Who asks for help itself: that one alone gets a code. @return false: answered. */
static bool read_speaker(struct web *w, const json_t *doc, PB(Speaker) *ret_speaker)
{
	static const struct problem missing = { 400, "MISSING", "speaker",
						"zeg wie vraagt: ?speaker=YOUTH of "
						"?speaker=ADULT",
						"say who asks: ?speaker=YOUTH or ?speaker=ADULT" };
	static const struct problem nobody = { 422, "MISSING", "adults",
					       "noem wie vraagt ook bij de volwassenen (adults)",
					       "name who asks among the adults too" };
	const char *typed = web_query(w, "speaker");
	int value = 0;

	if (typed == NULL || !word_find(&schakel__v1__speaker__descriptor, typed, &value) ||
	    value == SCHAKEL__V1__SPEAKER__SPEAKER_TRUSTED_PERSON) {
		web_problem(w, &missing);
		return false;
	}
	if (value == SCHAKEL__V1__SPEAKER__SPEAKER_ADULT &&
	    json_array_size(json_object_get(doc, "adults")) == 0) {
		web_problem(w, &nobody);
		return false;
	}
	*ret_speaker = (PB(Speaker))value;
	return true;
}

/* The code by which the one who asked reads on. Another of the family gets its own from who holds
 * the request: nobody is to read or speak as another. */
static void add_code(struct web *w, const PB(Receipt) *r, PB(Speaker) speaker, json_t *doc)
{
	char code[TOKEN_TYPED_MAX + 1];
	bool adult = speaker == SCHAKEL__V1__SPEAKER__SPEAKER_ADULT;
	struct token_who who = { .person = true, .speaker = speaker, .adult = adult };

	(void)snprintf(who.request, sizeof(who.request), "%s", r->short_code);
	token_person(&w->gate->key, &who, code);
	(void)json_object_set_new(doc, "code", json_string(code));
}

void api_command(struct web *w)
{
	const struct api *a = w->arg;
	json_t *in = web_json_body(w);
	bool family = (a->flags & API_FAMILY) != 0;
	PB(Speaker) speaker = 0;

	if (in == NULL || (family && !read_speaker(w, in, &speaker))) {
		return;
	}
	w->key_kept = family; /* whose code it is, the command does not say */
	const PB(Message) *m = ask(w, a, in);
	if (m == NULL) {
		return;
	}
	if (m->body_case != BODY(RECEIPT)) {
		return; /* no command is answered otherwise: 500 */
	}
	if (web_refused(w, m->receipt)) {
		return;
	}
	json_t *doc = web_pb_json(w, &m->receipt->base);
	bool makes = (a->flags & API_CREATES) != 0;
	if (makes) {
		created(w, a, m->receipt, doc);
	}
	if (family) {
		add_code(w, m->receipt, speaker, doc);
	}
	web_json(w, makes ? 201 : 200, doc);
}
