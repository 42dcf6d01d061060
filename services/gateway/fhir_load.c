/* SPDX-License-Identifier: EUPL-1.2 */
/* How a request is found: by its id, by a need's, by the number that its placer gave. */
#include <string.h>

#include "services/gateway/fhir_call.h"
#include "services/gateway/fhir_known.h"

#define CAPSULE_PAGES_MAX 8
#define OWN_PAGE 20
#define ORDINAL_LEN 4

void fhir_item_done(struct fhir_item *i)
{
	json_decref(i->told);
	i->told = NULL;
}

static bool is_none(const PB(Message) *answer)
{
	PB(Refusal) code = answer->receipt->code;

	return code == SCHAKEL__V1__REFUSAL__REFUSAL_UNKNOWN_OBJECT ||
	       code == SCHAKEL__V1__REFUSAL__REFUSAL_NOT_YOURS;
}

/* What of the capsules can be opened, as the web opens them. */
static void add_told(struct fhir_call *c, const PB(RequestItem) *item, json_t *list)
{
	PB(SubmitRequest) carrier = PB_INIT(SUBMIT_REQUEST);

	carrier.n_capsules = item->n_capsules;
	carrier.capsules = item->capsules;
	json_t *doc = web_pb_json(c->w, &carrier.base);
	(void)json_array_extend(list, json_object_get(doc, "capsules"));
	json_decref(doc);
}

static int load(struct fhir_call *c, PB(QueryRequest) *q, struct fhir_item *ret_i)
{
	struct fhir_item i = { NULL, json_array() };
	int err = SK_OK;

	for (unsigned page = 0; page < CAPSULE_PAGES_MAX; page++) {
		PB(Message) m = PB_INIT(MESSAGE);
		PB(Message) *answer = NULL;
		m.body_case = BODY(QUERY_REQUEST);
		m.query_request = q;
		err = fhir_try(c, "intake", &m, &answer);
		if (err == SK_OK && fhir_is_refused(answer)) {
			err = is_none(answer) ? SK_ENOENT : SK_EREFUSED;
			if (err == SK_EREFUSED) {
				(void)fhir_receipt(c, answer->receipt, NULL);
			}
		}
		if (err != SK_OK) {
			break;
		}
		if (answer->body_case != BODY(REQUEST_VIEW) ||
		    answer->request_view->n_requests == 0) {
			err = SK_ENOENT;
			break;
		}
		i.item = i.item == NULL ? answer->request_view->requests[0] : i.item;
		add_told(c, answer->request_view->requests[0], i.told);
		q->after = answer->request_view->next;
		if (q->after.len == 0) {
			break;
		}
	}
	if (err != SK_OK) {
		fhir_item_done(&i);
		return err;
	}
	*ret_i = i;
	return SK_OK;
}

int fhir_item_load(struct fhir_call *c, const struct object_id *request, struct fhir_item *ret_i)
{
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);

	q.request_id = object_id_data(request);
	return load(c, &q, ret_i);
}

int fhir_item_by_code(struct fhir_call *c, const char *short_code, struct fhir_item *ret_i)
{
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);

	q.short_code = arena_strdup(&c->w->arena, short_code);
	return q.short_code == NULL ? SK_ENOMEM : load(c, &q, ret_i);
}

static PB(NeedView) *fhir_need_in(const PB(RequestItem) *item, const struct object_id *id)
{
	for (size_t i = 0; i < item->n_needs; i++) {
		const ProtobufCBinaryData *at = &item->needs[i]->need->need_id;
		if (at->len == OBJECT_ID_LEN && memcmp(at->data, id->b, OBJECT_ID_LEN) == 0) {
			return item->needs[i];
		}
	}
	return NULL;
}

/* The list knows whose need it is. */
static int request_of_waiting(struct fhir_call *c, const struct object_id *need,
			      struct object_id *ret_id)
{
	PB(QueryWaiting) q = PB_INIT(QUERY_WAITING);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;

	q.need_id = object_id_data(need);
	m.body_case = BODY(QUERY_WAITING);
	m.query_waiting = &q;
	int err = fhir_try(c, "waitlist", &m, &answer);
	if (err != SK_OK) {
		return err;
	}
	if (answer->body_case != BODY(WAITING_VIEW) || answer->waiting_view->n_entries == 0 ||
	    answer->waiting_view->entries[0]->request == NULL ||
	    !object_id_from(&answer->waiting_view->entries[0]->request->request_id, ret_id)) {
		return SK_ENOENT;
	}
	return SK_OK;
}

static int take_need(struct fhir_item *i, const struct object_id *id, PB(NeedView) **ret_need)
{
	struct object_id request;
	PB(NeedView) *need = fhir_need_in(i->item, id);
	bool same = object_id_from(&i->item->request->request_id, &request) &&
		    object_id_equal(&request, id);

	if (need == NULL && !(same && i->item->n_needs == 0)) {
		fhir_item_done(i);
		return SK_ENOENT;
	}
	*ret_need = need;
	return SK_OK;
}

/* Needs told with their request were made in one step: their ids differ in the last part only. */
int fhir_item_of_need(struct fhir_call *c, const struct object_id *id, struct fhir_item *ret_i,
		      PB(NeedView) **ret_need)
{
	struct object_id request = *id;
	struct fhir_item i = { 0 };

	memset(request.b + OBJECT_ID_LEN - ORDINAL_LEN, 0, ORDINAL_LEN);
	int err = fhir_item_load(c, &request, &i);
	err = err == SK_OK ? take_need(&i, id, ret_need) : err;
	if (err == SK_ENOENT) {
		err = request_of_waiting(c, id, &request);
		err = err == SK_OK ? fhir_item_load(c, &request, &i) : err;
		err = err == SK_OK ? take_need(&i, id, ret_need) : err;
	}
	if (err == SK_OK) {
		*ret_i = i;
	}
	return err;
}

/* Takes up what a page of the asker's own requests says of persons; where it ended. */
static bool take_page(const PB(RequestView) *v, struct object_id *io_at)
{
	struct object_id id;

	for (size_t i = 0; i < v->n_requests; i++) {
		const PB(RequestItem) *item = v->requests[i];
		if (!object_id_from(&item->request->request_id, &id)) {
			continue;
		}
		for (size_t k = 0; k < item->n_children; k++) {
			const ProtobufCBinaryData *of = &item->children[k]->person_id;
			if (of->len == OBJECT_ID_LEN) {
				fhir_known_add(of->data, &id);
			}
		}
		*io_at = id;
	}
	return object_id_from(&v->next, io_at);
}

/* Reads on in the asker's own list from where it was read to. Requests stand there in the order of
 * their ids, and later ones have higher ids, so that a new order is always behind what was read. */
static int read_on(struct fhir_call *c)
{
	const char *party = c->w->who.party;
	struct fhir_reach at = fhir_known_read_to(party);
	bool more = true;

	while (more) {
		PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
		PB(Message) m = PB_INIT(MESSAGE);
		PB(Message) *answer = NULL;
		size_t mark = c->w->arena.used_bytes;
		q.limit = OWN_PAGE;
		if (!object_id_is_zero(&at.to)) {
			q.after = object_id_data(&at.to);
		}
		m.body_case = BODY(QUERY_REQUEST);
		m.query_request = &q;
		int err = fhir_ask(c, "intake", &m, &answer);
		if (err != SK_OK || answer->body_case != BODY(REQUEST_VIEW)) {
			return err == SK_OK ? SK_EPROTO : err;
		}
		more = take_page(answer->request_view, &at.to);
		arena_rewind(&c->w->arena, mark);
		fhir_known_reached(party, &at);
	}
	return SK_OK;
}

int fhir_item_of_placer(struct fhir_call *c, const char *system, const char *value,
			struct fhir_item *ret_i)
{
	uint8_t person[OBJECT_ID_LEN];
	struct object_id id;

	fhir_person_of(c->w->who.party, system, value, 0, person);
	if (fhir_known_find(person, &id)) {
		return fhir_item_load(c, &id, ret_i);
	}
	int err = read_on(c);
	if (err != SK_OK) {
		return err;
	}
	return fhir_known_find(person, &id) ? fhir_item_load(c, &id, ret_i) : SK_ENOENT;
}
