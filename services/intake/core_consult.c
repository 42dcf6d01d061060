/* SPDX-License-Identifier: EUPL-1.2 */
/* Advice: asked, asked back about, given, confirmed, or gone on from as a search. An anonymous one
 * has no family, no clock and no contact person: it is found by its number only, each call is one
 * of its own, and nothing links it to a child before somebody who has the number goes on from it.
 */
#include <string.h>

#include "services/intake/core_inner.h"

/* A way to call back and the story of a search join those of the consult. */
#define CONSULT_CAPSULES_MAX (STORIES_KEPT_MAX - CAPSULES_MAX)

static const struct {
	PB(ConsultState) from;
	enum consult_event on;
	PB(ConsultState) to;
} edge[] = {
	{ CONSULT(RESPONSE_REQUIRED), CONSULT_EV_ASK_BACK, CONSULT(INFORMATION_REQUESTED) },
	{ CONSULT(RESPONSE_REQUIRED), CONSULT_EV_ANSWER, CONSULT(RESPONSE_GIVEN) },
	{ CONSULT(RESPONSE_REQUIRED), CONSULT_EV_ENOUGH, CONSULT(CLOSED) },
	{ CONSULT(RESPONSE_REQUIRED), CONSULT_EV_NOT_ENOUGH, CONSULT(RESPONSE_REQUIRED) },
	{ CONSULT(RESPONSE_REQUIRED), CONSULT_EV_CANCEL, CONSULT(CANCELLED) },
	{ CONSULT(RESPONSE_REQUIRED), CONSULT_EV_CONVERT, CONSULT(CONVERTED) },

	{ CONSULT(INFORMATION_REQUESTED), CONSULT_EV_INFORM, CONSULT(RESPONSE_REQUIRED) },
	{ CONSULT(INFORMATION_REQUESTED), CONSULT_EV_ANSWER, CONSULT(RESPONSE_GIVEN) },
	{ CONSULT(INFORMATION_REQUESTED), CONSULT_EV_ENOUGH, CONSULT(CLOSED) },
	{ CONSULT(INFORMATION_REQUESTED), CONSULT_EV_NOT_ENOUGH, CONSULT(RESPONSE_REQUIRED) },
	{ CONSULT(INFORMATION_REQUESTED), CONSULT_EV_CANCEL, CONSULT(CANCELLED) },
	{ CONSULT(INFORMATION_REQUESTED), CONSULT_EV_CONVERT, CONSULT(CONVERTED) },

	{ CONSULT(RESPONSE_GIVEN), CONSULT_EV_ANSWER, CONSULT(RESPONSE_GIVEN) },
	{ CONSULT(RESPONSE_GIVEN), CONSULT_EV_ENOUGH, CONSULT(CLOSED) },
	{ CONSULT(RESPONSE_GIVEN), CONSULT_EV_NOT_ENOUGH, CONSULT(RESPONSE_REQUIRED) },
	{ CONSULT(RESPONSE_GIVEN), CONSULT_EV_CANCEL, CONSULT(CANCELLED) },
	{ CONSULT(RESPONSE_GIVEN), CONSULT_EV_CONVERT, CONSULT(CONVERTED) },

	/* The advice was enough, and later it was not any more: the story is there. */
	{ CONSULT(CLOSED), CONSULT_EV_CONVERT, CONSULT(CONVERTED) },
};

int consult_next(PB(ConsultState) from, enum consult_event on, PB(ConsultState) *ret_to)
{
	for (size_t i = 0; i < SK_LEN(edge); i++) {
		if (edge[i].from == from && edge[i].on == on) {
			*ret_to = edge[i].to;
			return SK_OK;
		}
	}
	return SK_ESTATE;
}

static int refuse_consult(struct step *s, const struct req *q, const char *field)
{
	PB(Event) *now = step_alloc(s, sizeof(*now));

	if (now == NULL) {
		return s->txn->err;
	}
	*now = event_consult(q);
	s->out->holds_now = now;
	return step_refuse(s, REFUSAL(STATE), "%s", field);
}

static void consult_move(struct step *s, struct req *q, PB(ConsultState) to)
{
	q->r->consult = to;
	q->r->open = to < CONSULT(CLOSED);
	say(s, q, event_consult(q));
}

static int move_check(struct step *s, const struct req *q, enum consult_event on,
		      PB(ConsultState) *ret_to)
{
	bool can = q->r->kind == KIND(CONSULT) && consult_next(q->r->consult, on, ret_to) == SK_OK;

	return can ? SK_OK : refuse_consult(s, q, "to");
}

/* --- MoveConsult --- */

/* What somebody may say, and on whose side he stands. */
static const struct {
	PB(ConsultState) to;
	enum consult_event on;
	bool by_answerer;
} move[] = {
	{ CONSULT(INFORMATION_REQUESTED), CONSULT_EV_ASK_BACK, true },
	{ CONSULT(RESPONSE_GIVEN), CONSULT_EV_ANSWER, true },
	{ CONSULT(RESPONSE_REQUIRED), CONSULT_EV_INFORM, false },
	{ CONSULT(CANCELLED), CONSULT_EV_CANCEL, false },
};

static bool is_asker(const struct step *s, const struct req *q)
{
	bool family = (s->from.roles & ROLE_BIT(FAMILY)) != 0 && !q->r->anonymous;

	return family || strcmp(q->r->requester, s->from.id) == 0;
}

/* The contact point, the network and duty organisations of the zone, the coordinator, and of a
 * family that gave its name its contact person. */
static bool is_answerer(const struct step *s, const struct req *q)
{
	const PB(Zone) *zone = step_zone(s, q->r->zone);
	const char *from = s->from.id;

	if ((s->from.roles & (ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR))) != 0) {
		return true;
	}
	if (strcmp(q->r->network_party, from) == 0 || strcmp(q->r->contact_party, from) == 0 ||
	    strcmp(q->r->stand_in_party, from) == 0) {
		return true;
	}
	return zone != NULL &&
	       (strcmp(zone->contact_party, from) == 0 || strcmp(zone->stand_in_party, from) == 0);
}

static int check_side(struct step *s, const struct req *q, size_t i)
{
	bool may = move[i].by_answerer ? is_answerer(s, q) : is_asker(s, q);

	return may ? SK_OK : refuse_not_yours(s, "to");
}

static int move_find(struct step *s, const PB(MoveConsult) *m, size_t *ret_i)
{
	if (m->to == CONSULT(UNSPECIFIED)) {
		return step_refuse(s, REFUSAL(MISSING), "to");
	}
	for (size_t i = 0; i < SK_LEN(move); i++) {
		if (move[i].to == m->to) {
			*ret_i = i;
			return SK_OK;
		}
	}
	/* Its end is said by the family (ConfirmConsult), a search goes on from it (SubmitRequest).
	 */
	return step_refuse(s, REFUSAL(CONTRADICTS), "to");
}

static int check_told(struct step *s, const struct req *q, const PB(MoveConsult) *m)
{
	if (stories_len(q) + m->n_capsules > CONSULT_CAPSULES_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "capsules");
	}
	return said_capsules(s, q, m->capsules, m->n_capsules);
}

int on_move_consult(struct step *s, const PB(Message) *in)
{
	const PB(MoveConsult) *m = in->move_consult;
	PB(ConsultState) to = CONSULT(UNSPECIFIED);
	struct req q;
	size_t i = 0;
	int err = req_open_any(s, &m->request_id, m->short_code, &q);

	if (err == SK_OK) {
		err = move_find(s, m, &i);
	}
	if (err == SK_OK) {
		err = check_side(s, &q, i);
	}
	if (err == SK_OK) {
		err = move_check(s, &q, move[i].on, &to);
	}
	if (err == SK_OK) {
		err = check_told(s, &q, m);
	}
	if (err != SK_OK) {
		return err;
	}
	for (size_t k = 0; k < m->n_capsules; k++) {
		if (move[i].by_answerer) {
			advice_put(s, &q, m->capsules[k]);
		} else {
			capsule_put(s, &q, m->capsules[k]);
		}
	}
	consult_move(s, &q, to);
	step_result(s, &q.id, q.r->version);
	return req_settle(s, &q);
}

/* --- ConfirmConsult --- */

/* Said by the family, written down by whoever it told (L6: one of the two ways to stop the clock).
 */
int on_confirm_consult(struct step *s, const PB(Message) *in)
{
	const PB(ConfirmConsult) *m = in->confirm_consult;
	enum consult_event on = m->enough ? CONSULT_EV_ENOUGH : CONSULT_EV_NOT_ENOUGH;
	PB(ConsultState) to = CONSULT(UNSPECIFIED);
	struct req q;
	int err = req_open(s, &m->request_id, "request_id", &q);

	if (err != SK_OK) {
		return err;
	}
	if (!may_act(s, &q)) {
		return refuse_not_yours(s, "request_id");
	}
	if (q.r->kind != KIND(CONSULT) || consult_next(q.r->consult, on, &to) != SK_OK) {
		return refuse_state(s, &q, NULL, "request_id");
	}
	if (m->enough) {
		q.r->answered_ms = s->now_ms;
	}
	consult_move(s, &q, to);
	step_result(s, &q.id, q.r->version);
	return req_settle(s, &q);
}

/* --- a search goes on from it --- */

/* A capsule that is said anew must be newer than the one that is copied. */
static int check_newer(struct step *s, const PB(SubmitRequest) *m, const struct req *consult)
{
	for (size_t i = 0; i < m->n_capsules; i++) {
		const PB(Capsule) *c = m->capsules[i];
		if (!capsule_follows(s, consult, c)) {
			return step_refuse(s, REFUSAL(OUT_OF_RANGE), "capsules[%zu].version", i);
		}
	}
	return s->txn->err;
}

/* One without a name goes with its number. One of a family that gave its name is that family's:
 * only who may see it may take it along, and for others it is not there. */
static bool may_go_on(const struct step *s, const struct req *consult)
{
	return consult->r->kind == KIND(CONSULT) &&
	       (consult->r->anonymous || may_act(s, consult) || is_answerer(s, consult));
}

int consult_find(struct step *s, const PB(SubmitRequest) *m, struct req *ret_consult)
{
	static const ProtobufCBinaryData none = { 0, NULL };
	PB(ConsultState) to;

	if (m->kind != KIND(SEARCH)) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "consult_code");
	}
	int err = req_open_any(s, &none, m->consult_code, ret_consult);
	if (err == SK_EREFUSED || (err == SK_OK && !may_go_on(s, ret_consult))) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "consult_code");
	}
	if (err != SK_OK) {
		return err;
	}
	if (consult_next(ret_consult->r->consult, CONSULT_EV_CONVERT, &to) != SK_OK) {
		return refuse_consult(s, ret_consult, "consult_code");
	}
	return check_newer(s, m, ret_consult);
}

static void story_copy(struct step *s, const struct req *consult, struct req *q)
{
	struct store_iter it;
	struct key prefix = key_of_id(&consult->id);
	struct key at;
	struct slice val;

	store_iter_init(&it, s->txn, TABLE_CAPSULE, &prefix);
	while (store_next(&it, &at, &val)) {
		const PB(CapsuleRecord) *c = step_unpack(s, val, TYPE(capsule_record));
		struct key to = key_of_id(&q->id);
		if (c == NULL) {
			break;
		}
		key_bytes(&to, at.b + prefix.len, at.len - prefix.len);
		step_put(s, TABLE_CAPSULE, &to, c);
		q->r->capsules_len++;
	}
	store_iter_done(&it);
	q->r->words_len = consult->r->words_len;
	q->r->nights_len = consult->r->nights_len;
}

/* The clock of one who gave no name begins now. One that runs goes on, or asking for advice first
 * would gain days (L6); one that was answered is a new question. */
static void term_inherit(struct step *s, const struct req *consult, struct req *q)
{
	const PB(RequestRecord) *c = consult->r;

	if (c->anonymous || c->answered_ms != 0 || c->term_from_ms == 0) {
		return;
	}
	uint64_t due = term_end(s, q->r->urgency, s->now_ms);
	uint64_t month = term_end(s, URGENCY(STANDARD), c->term_from_ms);
	q->r->term_from_ms = c->term_from_ms;
	term_start(s, q, due < month ? due : month);
	if (c->contact_named) {
		PB(ContactRecord) named = contact_now(consult);
		contact_put(s, q, &named);
	}
}

int consult_convert(struct step *s, struct req *consult, struct req *q)
{
	story_copy(s, consult, q);
	term_inherit(s, consult, q);
	q->r->from_consult = consult->r->short_code;
	consult->r->converted_to = q->r->short_code;
	consult_move(s, consult, CONSULT(CONVERTED));
	return req_settle(s, consult);
}

/* --- QueryConsult --- */

static int consult_view(struct step *s, struct req *q, PB(ConsultView) *v)
{
	struct store_iter it;
	struct key prefix = key_of_id(&q->id);
	struct key at;
	struct slice val;

	v->request_id = q->r->request_id;
	v->short_code = q->r->short_code;
	v->state = q->r->consult;
	v->received_ms = q->r->received_ms;
	v->converted_to = q->r->converted_to;
	v->zone = q->r->zone;
	v->urgency = q->r->urgency;
	v->capsules = step_alloc(s, CAPSULES_KEPT_MAX * sizeof(*v->capsules));
	store_iter_init(&it, s->txn, TABLE_CAPSULE, &prefix);
	while (v->capsules != NULL && v->n_capsules < s->page_most &&
	       v->n_capsules < CAPSULES_KEPT_MAX && store_next(&it, &at, &val)) {
		const PB(CapsuleRecord) *c = step_unpack(s, val, TYPE(capsule_record));
		if (c == NULL) {
			break;
		}
		v->capsules[v->n_capsules++] = c->capsule;
	}
	store_iter_done(&it);
	return s->txn->err;
}

/* Who was given the number may see the story, so that it is not told again. Of a family that gave
 * its name also nobody else but who may act for it. */
int q_consult(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	static const PB(ConsultView) empty = PB_INIT(CONSULT_VIEW);
	static const ProtobufCBinaryData none = { 0, NULL };
	PB(ConsultView) *v = step_alloc(s, sizeof(*v));
	struct req q;

	if (v == NULL) {
		return s->txn->err;
	}
	*v = empty;
	int err = req_open_any(s, &none, in->query_consult->short_code, &q);
	if (err == SK_OK && q.r->kind != KIND(CONSULT)) {
		err = step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "short_code");
	}
	if (err == SK_OK && !q.r->anonymous && !may_act(s, &q) && !is_answerer(s, &q)) {
		err = refuse_not_yours(s, "short_code");
	}
	if (err != SK_OK) {
		return err;
	}
	out->body_case = BODY(CONSULT_VIEW);
	out->consult_view = v;
	return consult_view(s, &q, v);
}
