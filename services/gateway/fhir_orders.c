/* SPDX-License-Identifier: EUPL-1.2 */
/* ServiceRequest as its placer writes it: a new order, a changed one, one that is withdrawn. */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "services/gateway/fhir_search.h"

#define LOCKS 16
#define LOCK_S 3

/* Two that send the same order at once make it once: the second one finds the first. */
static pthread_mutex_t lock[LOCKS] = {
	PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
	PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
	PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
	PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
	PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
	PTHREAD_MUTEX_INITIALIZER,
};

/* --- capsules --- */

static json_t *capsule_doc(const uint8_t person[OBJECT_ID_LEN], uint32_t version,
			   const struct fhir_told *t)
{
	ProtobufCBinaryData id = { OBJECT_ID_LEN, (uint8_t *)(uintptr_t)person };

	return json_pack("{s:o, s:i, s:b, s:O}", "person_id", fhir_hex(&id), "version",
			 (int)version, "about", (int)t->about, "content", t->content);
}

/* Seals what was told. @p version of the first piece of each child. */
static int seal(struct fhir_call *c, const struct fhir_order *o, uint32_t version,
		PB(SubmitRequest) **ret_m)
{
	json_t *list = json_array();
	json_t *doc = json_object();

	for (size_t i = 0; i < o->told_len; i++) {
		const struct fhir_told *t = &o->told[i];
		(void)json_array_append_new(list, capsule_doc(o->person[t->child],
							      version + (t->about ? 1 : 0), t));
	}
	(void)json_object_set_new(doc, "capsules", list);
	ProtobufCMessage *m =
		web_read(c->w, doc, &schakel__v1__submit_request__descriptor, "intake", NULL);
	json_decref(doc);
	if (m == NULL) {
		(void)fhir_adopt(c);
		return SK_EPROTO;
	}
	*ret_m = (PB(SubmitRequest) *)(void *)m;
	return SK_OK;
}

/* --- a new order --- */

/* Without a number of the placer the key of the request names the persons, or luck does. */
static int name_persons(struct fhir_call *c, struct fhir_order *o)
{
	const char *key = web_header(c->w, "Idempotency-Key");

	for (uint32_t k = 0; k < o->submit.n_children && !o->placed; k++) {
		if (key != NULL) {
			fhir_person_of(c->w->who.party, "Idempotency-Key", key, k, o->person[k]);
		} else {
			randombytes_buf(o->person[k], OBJECT_ID_LEN);
		}
		uint8_t *copy = arena_dup(&c->w->arena, o->person[k], OBJECT_ID_LEN);
		if (copy == NULL) {
			return SK_ENOMEM;
		}
		o->submit.children[k]->person_id = (ProtobufCBinaryData){ OBJECT_ID_LEN, copy };
	}
	return SK_OK;
}

/* The first need of the request, or the consult. */
static int answer_order(struct fhir_call *c, unsigned status, struct fhir_item *i)
{
	struct fhir_out out = fhir_writer(c);
	PB(NeedView) *need = i->item->n_needs > 0 ? i->item->needs[0] : NULL;

	out.told = i->told;
	fhir_answer(c, status, fhir_service_request(&out, i->item, need));
	c->location = web_printf(c->w, "ServiceRequest/%s", fj_str(c->resource, "id"));
	fhir_item_done(i);
	return SK_OK;
}

static int submit(struct fhir_call *c, struct fhir_order *o)
{
	PB(SubmitRequest) *sealed = NULL;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Receipt) *r = NULL;
	struct fhir_item i = { 0 };
	struct object_id id;
	int err = name_persons(c, o);

	err = err == SK_OK ? seal(c, o, 1, &sealed) : err;
	if (err != SK_OK) {
		return err;
	}
	o->submit.n_capsules = sealed->n_capsules;
	o->submit.capsules = sealed->capsules;
	m.body_case = BODY(SUBMIT_REQUEST);
	m.submit_request = &o->submit;
	err = fhir_command(c, "intake", &m, fhir_order_element, &r);
	if (err != SK_OK) {
		return err;
	}
	if (object_id_from(&r->object_id, &id) && fhir_item_load(c, &id, &i) == SK_OK) {
		return answer_order(c, 201, &i);
	}
	/* It stands, and who sent it may not read it back. */
	json_t *hex = fhir_hex(r->n_object_ids > 0 ? &r->object_ids[0] : &r->object_id);
	c->location = web_printf(c->w, "ServiceRequest/%s", json_string_value(hex));
	json_decref(hex);
	c->in.refused = false;
	fhir_answer(c, 201, NULL);
	return SK_OK;
}

static int known_or_submit(struct fhir_call *c, struct fhir_order *o, const json_t *placer)
{
	const char *system = fj_str(placer, "system");
	struct fhir_item i = { 0 };
	int err = fhir_item_of_placer(c, system == NULL ? "" : system, fj_str(placer, "value"), &i);

	if (err == SK_OK) {
		return answer_order(c, 200, &i);
	}
	return err == SK_ENOENT ? submit(c, o) : err;
}

/* The same order sent twice at once is one. Who waits for another holds a worker: not for long. */
static int one_by_one(struct fhir_call *c, struct fhir_order *o)
{
	pthread_mutex_t *own = &lock[o->person[0][0] % LOCKS];
	struct timespec until = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += LOCK_S;
	if (pthread_mutex_timedlock(own, &until) != 0) {
		struct fhir_issue busy = { .status = 503,
					   .code = "transient",
					   .nl = "deze aanmelding is al onderweg; probeer het zo "
						 "dadelijk opnieuw",
					   .en = "this order is under way already; try again in a "
						 "moment" };
		web_head(c->w, "Retry-After", "2");
		return fhir_refuse(c, &busy);
	}
	int err = known_or_submit(c, o, o->placer);
	(void)pthread_mutex_unlock(own);
	return err;
}

/* SK_OK after answering with the order that the condition finds; SK_ENOENT: there is none. */
static int found_already(struct fhir_call *c)
{
	struct fhir_call asked = *c;
	struct fhir_item i = { 0 };

	if (c->none_exist == NULL) {
		return SK_ENOENT;
	}
	asked.query = c->none_exist + (c->none_exist[0] == '?');
	const char *identifier = fhir_param(&asked, "identifier");
	if (identifier == NULL || fhir_query_check(&asked, true) != SK_OK) {
		struct fhir_issue issue = { .status = 412,
					    .code = "not-supported",
					    .nl = "If-None-Exist is identifier=system|value",
					    .en = "If-None-Exist is identifier=system|value" };
		return fhir_refuse(c, &issue);
	}
	int err = fhir_item_by_identifier(c, identifier, &i);
	return err == SK_OK ? answer_order(c, 200, &i) : err;
}

int fhir_order_create(struct fhir_call *c, const json_t *const *orders, size_t len)
{
	struct fhir_order o;

	c->in.bundle = c->bundle;
	int err = found_already(c);
	if (err != SK_ENOENT) {
		return err;
	}
	err = fhir_order_read(&c->in, orders, len, &o);
	if (err == SK_OK && strcmp(o.status, "active") != 0) {
		err = fhir_wrong(&c->in, "business-rule", "ServiceRequest.status",
				 "een nieuwe aanmelding is active", "a new order is active");
	}
	for (size_t i = 0; err == SK_OK && i < o.submit.n_needs; i++) {
		c->child[i] = o.submit.needs[i]->child;
	}
	if (err == SK_OK && o.placed) {
		err = one_by_one(c, &o);
	} else if (err == SK_OK) {
		err = submit(c, &o);
	}
	fhir_order_done(&o);
	return err;
}

void fhir_order_post(struct fhir_call *c)
{
	const json_t *order = c->body;

	(void)fhir_order_create(c, &order, 1);
}

/* --- an order that changes --- */

int fhir_withdraw(struct fhir_call *c, const PB(RequestItem) *item, const PB(NeedView) *need,
		  bool in_error)
{
	PB(WithdrawRequest) w = PB_INIT(WITHDRAW_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Receipt) *r = NULL;

	w.request_id = item->request->request_id;
	w.reason = in_error ? SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_ENTERED_IN_ERROR :
			      SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_WITHDRAWN;
	if (need != NULL && item->n_needs > 1) {
		w.n_need_ids = 1;
		w.need_ids =
			arena_dup(&c->w->arena, &need->need->need_id, sizeof(need->need->need_id));
		if (w.need_ids == NULL) {
			return SK_ENOMEM;
		}
	}
	m.body_case = BODY(WITHDRAW_REQUEST);
	m.withdraw_request = &w;
	return fhir_command(c, "intake", &m, fhir_order_element, &r);
}

/* What was told last of that person, as its own words or about it. */
static const json_t *last_told(const struct fhir_item *i, const json_t *person, bool about)
{
	for (size_t k = json_array_size(i->told); k-- > 0;) {
		const json_t *t = json_array_get(i->told, k);
		if (json_equal(json_object_get(t, "person_id"), person) != 0 &&
		    json_is_true(json_object_get(t, "about")) == (int)about) {
			return json_object_get(t, "content");
		}
	}
	return NULL;
}

static uint32_t last_version(const struct fhir_item *i)
{
	json_int_t most = 0;

	for (size_t k = 0; k < json_array_size(i->told); k++) {
		json_int_t v = json_integer_value(json_object_get(json_array_get(i->told, k), "vers"
											      "io"
											      "n"));
		most = v > most ? v : most;
	}
	return (uint32_t)most;
}

/* A change of words is told anew, as the next version; the same words are not. */
static int tell_anew(struct fhir_call *c, const struct fhir_item *i, PB(NeedView) *need,
		     struct fhir_order *o, PB(AmendRequest) *a)
{
	uint32_t child = need == NULL ? 0 : need->need->child;
	PB(SubmitRequest) *sealed = NULL;
	bool same = true;

	if (child >= i->item->n_children ||
	    i->item->children[child]->person_id.len != OBJECT_ID_LEN) {
		return SK_OK;
	}
	const ProtobufCBinaryData *of = &i->item->children[child]->person_id;
	json_t *person = fhir_hex(of);
	for (size_t k = 0; k < o->told_len; k++) {
		const json_t *was = last_told(i, person, o->told[k].about);
		same = same && was != NULL && json_equal(was, o->told[k].content) != 0;
	}
	json_decref(person);
	if (same || json_array_size(i->told) == 0) {
		return SK_OK;
	}
	memcpy(o->person[0], of->data, OBJECT_ID_LEN);
	int err = seal(c, o, last_version(i) + 1, &sealed);
	if (err == SK_OK) {
		a->n_capsules = sealed->n_capsules;
		a->capsules = sealed->capsules;
	}
	return err;
}

static int change_need(struct fhir_call *c, const PB(NeedView) *need, const PB(NeedSpec) *as,
		       PB(AmendRequest) *a)
{
	const PB(NeedFact) *n = need->need;

	if (as->expertise != n->expertise) {
		return fhir_wrong(&c->in, "business-rule", "ServiceRequest.code",
				  "een andere hulpvraag is een nieuwe aanmelding; trek deze in "
				  "(status revoked) en plaats de nieuwe",
				  "another need is a new order; withdraw this one (status revoked) "
				  "and place the new one");
	}
	if (as->intensity == n->intensity && as->duration_weeks == n->duration_weeks &&
	    as->must == (n->must != 0)) {
		return SK_OK;
	}
	PB(NeedChange) *change = arena_alloc(&c->w->arena, sizeof(*change));
	a->change_needs = arena_alloc(&c->w->arena, sizeof(PB(NeedChange) *));
	if (change == NULL || a->change_needs == NULL) {
		return SK_ENOMEM;
	}
	schakel__v1__need_change__init(change);
	change->need_id = n->need_id;
	change->intensity = as->intensity;
	change->duration_weeks = as->duration_weeks;
	change->must = as->must;
	a->change_needs[0] = change;
	a->n_change_needs = 1;
	return SK_OK;
}

static bool changes_anything(const PB(AmendRequest) *a)
{
	return a->n_capsules > 0 || a->n_change_needs > 0 || a->urgency != 0 || a->zone[0] != '\0';
}

static int amend(struct fhir_call *c, struct fhir_item *i, PB(NeedView) *need, struct fhir_order *o)
{
	const PB(RequestFact) *q = i->item->request;
	PB(AmendRequest) a = PB_INIT(AMEND_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Receipt) *r = NULL;
	uint32_t seen = fhir_matched(c);

	a.request_id = q->request_id;
	a.based_on = seen != 0 ? seen : q->request_version;
	if (o->submit.urgency != q->urgency) {
		a.urgency = o->submit.urgency;
		a.crisis_step = o->submit.crisis_step;
		a.reason = o->submit.reason;
		a.second_party = o->submit.second_party;
	}
	if (strcmp(o->submit.zone, q->zone) != 0) {
		a.zone = o->submit.zone;
	}
	int err = need == NULL || o->submit.n_needs == 0 ?
			  SK_OK :
			  change_need(c, need, o->submit.needs[0], &a);
	err = err == SK_OK ? tell_anew(c, i, need, o, &a) : err;
	if (err != SK_OK || (!changes_anything(&a) && seen == 0) ||
	    (!changes_anything(&a) && seen == q->request_version)) {
		return err;
	}
	m.body_case = BODY(AMEND_REQUEST);
	m.amend_request = &a;
	return fhir_command(c, "intake", &m, fhir_order_element, &r);
}

/* Only what the order itself says may change it; where it stands stands in Tasks. */
static int update(struct fhir_call *c, struct fhir_item *i, PB(NeedView) *need)
{
	const json_t *order = c->body;
	const char *now = need == NULL ? fhir_consult_status(i->item) : fhir_need_status(need);
	const char *status = fj_str(order, "status");
	struct fhir_order o;

	status = status == NULL ? now : status;
	if (strcmp(status, now) != 0) {
		bool in_error = strcmp(status, "entered-in-error") == 0;
		if (in_error || strcmp(status, "revoked") == 0) {
			return fhir_withdraw(c, i->item, need, in_error);
		}
		return fhir_wrong(&c->in, "business-rule", "ServiceRequest.status",
				  "wie aanmeldt trekt in (revoked) of meldt een vergissing "
				  "(entered-in-error); de rest volgt uit de hulp zelf",
				  "a placer withdraws (revoked) or tells of a mistake "
				  "(entered-in-error); the rest follows from the help itself");
	}
	if (strcmp(now, "active") != 0 && strcmp(now, "draft") != 0) {
		return SK_OK;
	}
	c->in.bundle = c->bundle;
	int err = fhir_order_read(&c->in, &order, 1, &o);
	err = err == SK_OK ? amend(c, i, need, &o) : err;
	fhir_order_done(&o);
	return err;
}

static void answer_need(struct fhir_call *c, const struct object_id *id)
{
	struct fhir_item i = { 0 };
	PB(NeedView) *need = NULL;
	struct fhir_out out = fhir_writer(c);
	int err = fhir_item_of_need(c, id, &i, &need);

	if (err != SK_OK) {
		(void)(err == SK_ENOENT ? fhir_not_found(c) : err);
		return;
	}
	out.told = i.told;
	fhir_answer(c, 200, fhir_service_request(&out, i.item, need));
	fhir_item_done(&i);
}

static void put_found(struct fhir_call *c, struct fhir_item *i, PB(NeedView) *need)
{
	struct object_id id = { { 0 } };
	const ProtobufCBinaryData *of = need == NULL ? &i->item->request->request_id :
						       &need->need->need_id;
	bool named = object_id_from(of, &id);

	if (update(c, i, need) == SK_OK && named) {
		answer_need(c, &id);
	}
}

void fhir_order_put_one(struct fhir_call *c)
{
	struct object_id id;
	struct fhir_item i = { 0 };
	PB(NeedView) *need = NULL;
	int err = fhir_id(c->id, &id) ? fhir_item_of_need(c, &id, &i, &need) : SK_ENOENT;

	if (err == SK_ENOENT) {
		struct fhir_issue issue = { .status = 404,
					    .code = "not-found",
					    .at = "ServiceRequest.id",
					    .nl = "deze aanmelding is er niet; ids worden hier "
						  "gegeven: POST, of PUT "
						  "met ?identifier=system|value",
					    .en = "there is no such order; ids are given here: "
						  "POST, or PUT with "
						  "?identifier=system|value" };
		(void)fhir_refuse(c, &issue);
	} else if (err == SK_OK) {
		put_found(c, &i, need);
	}
	fhir_item_done(&i);
}

/* The identifier by which it is put is the placer's, first in the order: by it the order is found
 * the next time too. */
static void put_identifier(json_t *order, const char *system, const char *value)
{
	json_t *list = json_array();
	json_t *id = NULL;

	for (size_t i = 0; i < fj_items(order, "identifier"); i++) {
		json_t *o = fj_item(order, "identifier", i);
		const char *s = fj_str(o, "system");
		if (id == NULL && fj_is(o, "value", value) &&
		    strcmp(s == NULL ? "" : s, system) == 0) {
			id = json_incref(o);
		} else {
			(void)json_array_append(list, o);
		}
	}
	id = id == NULL ? fj_identifier(system, value) : id;
	const char *type = fj_coded(json_object_get(id, "type"), "v2-0203");
	if (type == NULL || strcmp(type, "PLAC") != 0) {
		fj_set(id, "type", fj_concept(FHIR_V2_0203, "PLAC", NULL));
	}
	(void)json_array_insert_new(list, 0, id);
	(void)json_object_set_new(order, "identifier", list);
}

void fhir_order_put(struct fhir_call *c)
{
	const char *identifier = fhir_param(c, "identifier");
	const char *bar = identifier == NULL ? NULL : strchr(identifier, '|');
	struct fhir_item i = { 0 };

	if (identifier == NULL) {
		(void)fhir_wrong(&c->in, "required", "",
				 "zeg welke: PUT ServiceRequest?identifier=system|value",
				 "say which: PUT ServiceRequest?identifier=system|value");
		return;
	}
	char *system = bar == NULL ? "" :
				     web_printf(c->w, "%.*s", (int)(bar - identifier), identifier);
	const char *value = bar == NULL ? identifier : bar + 1;
	put_identifier(c->body, system, value);
	int err = fhir_item_of_placer(c, system, value, &i);
	if (err == SK_ENOENT) {
		fhir_order_post(c);
	} else if (err == SK_OK) {
		put_found(c, &i, i.item->n_needs > 0 ? i.item->needs[0] : NULL);
	}
	fhir_item_done(&i);
}
