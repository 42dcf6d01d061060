/* SPDX-License-Identifier: EUPL-1.2 */
/* Ground (b): court orders. Each has its number, its scope and always an end; after it what runs
 * goes on, and what is new takes another ground. A mandated service sees its own orders and whether
 * help under them began and ended, and nothing else of the request. */
#include <string.h>

#include "services/intake/core_inner.h"

static struct key key_of_order(const struct req *q, const char *number)
{
	struct key k = key_of_id(&q->id);

	key_bytes(&k, number, strlen(number));
	return k;
}

void orders_load(struct step *s, struct req *q)
{
	struct store_iter it;
	struct key prefix = key_of_id(&q->id);
	struct key at;
	struct slice val;

	if (q->orders_read || q->r->orders_len == 0) {
		return;
	}
	q->orders_read = true;
	store_iter_init(&it, s->txn, TABLE_ORDER, &prefix);
	while (store_next(&it, &at, &val)) {
		SK_ASSERT(q->orders_len < ORDERS_MAX);
		PB(OrderRecord) *o = step_unpack(s, val, TYPE(order_record));
		if (o == NULL) {
			break;
		}
		q->order[q->orders_len++] = o;
	}
	store_iter_done(&it);
}

static void order_save(struct step *s, const struct req *q, PB(OrderRecord) *o)
{
	struct key k = key_of_order(q, o->view->number);

	step_put(s, TABLE_ORDER, &k, o);
}

static bool in_force(const struct step *s, const PB(CourtOrderView) *v)
{
	return !v->unconfirmed && (v->ended_ms == 0 || MUT(120)) &&
	       (v->from_ms <= s->now_ms || MUT(121)) && s->now_ms < v->until_ms;
}

static bool child_listed(const PB(CourtOrderView) *v, uint32_t child)
{
	for (size_t i = 0; i < v->n_children; i++) {
		if (v->children[i] == child) {
			return true;
		}
	}
	return v->n_children == 0;
}

/* Needs that are named, or else all needs of the children that are. */
bool order_covers(const PB(CourtOrderView) *v, const PB(NeedFact) *n)
{
	for (size_t i = 0; i < v->n_need_ids; i++) {
		if (data_equal(&v->need_ids[i], &n->need_id)) {
			return true;
		}
	}
	return MUT(122) || (v->n_need_ids == 0 && child_listed(v, n->child));
}

uint64_t order_until(struct step *s, struct req *q, const PB(NeedFact) *n)
{
	uint64_t until_ms = 0;

	orders_load(s, q);
	for (size_t i = 0; i < q->orders_len; i++) {
		const PB(CourtOrderView) *v = q->order[i]->view;
		if (in_force(s, v) && order_covers(v, n) && v->until_ms > until_ms) {
			until_ms = v->until_ms;
		}
	}
	return until_ms;
}

void orders_settle(struct step *s, struct req *q)
{
	bool changed = false;

	if (q->r->orders_len == 0) {
		return;
	}
	for (size_t i = 0; i < q->needs_len; i++) {
		PB(NeedRecord) *n = q->need[i];
		bool covered = !need_finished(n) && order_until(s, q, n->need) != 0;
		if (covered == n->need->by_order) {
			continue;
		}
		n->need->by_order = covered;
		n->need->need_version = step_next_version(s, n->need->need_version);
		need_save(s, q, n);
		say(s, q, event_need(q, n));
		changed = true;
	}
	if (changed) {
		needs_opened_emit(s, q);
	}
}

/* --- their clocks --- */

static uint64_t warn_at(const struct step *s, const PB(CourtOrderView) *v)
{
	int32_t days = (int32_t)step_setting(s, SETTING_ORDER_WARN);
	uint64_t at_ms = civil_add_days_local(v->until_ms, -days);

	return at_ms > v->from_ms ? at_ms : v->from_ms;
}

void orders_next(struct step *s, struct req *q, struct first *f)
{
	orders_load(s, q);
	for (size_t i = 0; i < q->orders_len; i++) {
		const PB(OrderRecord) *o = q->order[i];
		if (o->view->ended_ms != 0) {
			continue;
		}
		if (o->view->from_ms > s->now_ms) {
			earlier(f, o->view->from_ms, ALARM(UNSPECIFIED));
		}
		if (!o->warned && !o->view->unconfirmed) {
			earlier(f, warn_at(s, o->view), ALARM(ORDER_ENDS));
		}
		earlier(f, o->view->until_ms, ALARM(ORDER_ENDS));
	}
}

static void order_say(struct step *s, struct req *q, const PB(OrderRecord) *o)
{
	PB(Event) e = event_order(q, o);

	e.at_ms = s->now_ms;
	say(s, q, e);
}

PB(Event) event_order(const struct req *q, const PB(OrderRecord) *o)
{
	PB(Event) e = event_of(q, EVENT(COURT_ORDER));

	e.number = o->ordinal;
	e.party = o->view->party;
	e.at_ms = o->view->from_ms;
	e.until_ms = o->view->until_ms;
	e.ended = o->view->ended_ms != 0;
	e.unconfirmed = o->view->unconfirmed;
	return e;
}

size_t orders_events(struct step *s, struct req *q, PB(Event) ret_e[ORDERS_MAX])
{
	orders_load(s, q);
	for (size_t i = 0; i < q->orders_len; i++) {
		ret_e[i] = event_order(q, q->order[i]);
	}
	return q->orders_len;
}

/* Told to the contact person, in time to ask those whose word will be needed. */
static void order_alarm(struct step *s, struct req *q, const PB(OrderRecord) *o)
{
	if (q->r->open && !o->view->unconfirmed) {
		say_alarm(s, q, ALARM(ORDER_ENDS), o->view->until_ms);
	}
}

void orders_due(struct step *s, struct req *q)
{
	orders_load(s, q);
	for (size_t i = 0; i < q->orders_len; i++) {
		PB(OrderRecord) *o = q->order[i];
		bool over = o->view->ended_ms == 0 && o->view->until_ms <= s->now_ms;
		bool warns = o->view->ended_ms == 0 && !o->warned && !o->view->unconfirmed &&
			     warn_at(s, o->view) <= s->now_ms;
		if (!over && !warns) {
			continue;
		}
		o->warned = true;
		order_alarm(s, q, o);
		if (over) {
			o->view->ended_ms = o->view->until_ms;
			order_say(s, q, o);
		}
		order_save(s, q, o);
	}
}

/* --- RecordCourtOrder --- */

static bool number_ok(const char *number)
{
	size_t len = strlen(number);

	return len <= ORDER_NUMBER_MAX && strspn(number, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
							 "pqrstuvwxyz"
							 "0123456789/.-") == len;
}

static int check_children_of(struct step *s, const struct req *q, const PB(RecordCourtOrder) *m)
{
	if (m->n_children > CHILDREN_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "children");
	}
	for (size_t i = 0; i < m->n_children; i++) {
		if (m->children[i] >= q->r->n_children) {
			return step_refuse(s, REFUSAL(OUT_OF_RANGE), "children[%zu]", i);
		}
	}
	return SK_OK;
}

static bool of_children(const PB(RecordCourtOrder) *m, uint32_t child)
{
	for (size_t i = 0; i < m->n_children; i++) {
		if (m->children[i] == child) {
			return true;
		}
	}
	return m->n_children == 0;
}

static int check_scope(struct step *s, struct req *q, const PB(RecordCourtOrder) *m)
{
	int err = check_children_of(s, q, m);

	if (err == SK_OK && m->n_need_ids > NEEDS_KEPT_MAX) {
		err = step_refuse(s, REFUSAL(TOO_MANY), "need_ids");
	}
	for (size_t i = 0; err == SK_OK && i < m->n_need_ids; i++) {
		const PB(NeedRecord) *n = req_need(q, &m->need_ids[i]);
		if (n == NULL) {
			err = step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "need_ids[%zu]", i);
		} else if (!of_children(m, n->need->child)) {
			err = step_refuse(s, REFUSAL(CONTRADICTS), "need_ids[%zu]", i);
		}
	}
	return err;
}

/* Does what stands say that much of the children that are named, or of all? */
static bool stands_for_children(const PB(CourtOrderView) *v, const PB(RecordCourtOrder) *m)
{
	bool within = v->n_children == 0 || m->n_children > 0;

	for (size_t i = 0; within && i < m->n_children; i++) {
		within = child_listed(v, m->children[i]);
	}
	return within;
}

/* Who confirms an order, or says it anew, and leaves out whom it is for, means no more than what
 * stands under its number: else a word left out would be a ground for others (L5). */
static int check_not_wider(struct step *s, struct req *q, const PB(RecordCourtOrder) *m,
			   const PB(CourtOrderView) *v)
{
	if (m->wider || MUT(164)) {
		return SK_OK;
	}
	for (size_t i = 0; i < m->n_need_ids; i++) {
		const PB(NeedRecord) *n = req_need(q, &m->need_ids[i]);
		if (n == NULL || !order_covers(v, n->need)) {
			return step_refuse(s, REFUSAL(CONTRADICTS), "need_ids[%zu]", i);
		}
	}
	if (m->n_need_ids > 0) {
		return SK_OK;
	}
	if (v->n_need_ids > 0) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "need_ids");
	}
	return stands_for_children(v, m) ? SK_OK : step_refuse(s, REFUSAL(CONTRADICTS), "children");
}

static int check_dates(struct step *s, const PB(RecordCourtOrder) *m)
{
	uint64_t from_ms = m->from_ms == 0 ? s->now_ms : m->from_ms;
	uint64_t most_ms = civil_add_days_local(from_ms, ORDER_DAYS_MAX);

	if (m->until_ms == 0) {
		return step_refuse(s, REFUSAL(MISSING), "until_ms");
	}
	if (m->until_ms <= s->now_ms || m->until_ms > most_ms) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "until_ms");
	}
	return from_ms < m->until_ms ? SK_OK : step_refuse(s, REFUSAL(OUT_OF_RANGE), "from_ms");
}

static bool is_court(const struct step *s)
{
	return (s->from.roles & ROLE_BIT(MANDATED)) != 0;
}

/* Written down by another than a court. Before such a note waited for a court it was stored as any
 * order: whose it is shows it. */
static bool is_note(const struct step *s, const PB(CourtOrderView) *v)
{
	return v->unconfirmed ||
	       (step_party(s, v->party) != NULL &&
		!step_party_has_role(s, v->party, SCHAKEL__V1__ROLE__ROLE_MANDATED));
}

/* What a court said is that court's to change; what another wrote down waits for any court. */
static bool may_change(const struct step *s, const PB(CourtOrderView) *v)
{
	return is_note(s, v) || (is_court(s) && strcmp(v->party, s->from.id) == 0);
}

/* What has ended stays so. But a note that was struck, or ran out, says nothing of the order: the
 * court that has that number makes its order known under it. */
static bool is_over(const struct step *s, const PB(CourtOrderView) *v,
		    const PB(RecordCourtOrder) *m)
{
	bool taken_over = is_court(s) && is_note(s, v) && !m->ends_now;

	return v->ended_ms != 0 && !taken_over;
}

/* Notes of others never take the room of the court's own word. */
static size_t room_for(const struct step *s)
{
	return is_court(s) ? ORDERS_MAX : ORDERS_NOTED_MAX;
}

/* @p ret_o: the order of that number as it stands, or NULL. */
static int check_order(struct step *s, struct req *q, const PB(RecordCourtOrder) *m,
		       PB(OrderRecord) **ret_o)
{
	if (!is_court(s) && !may_witness(s, q)) {
		return refuse_not_yours(s, "request_id");
	}
	if (m->number[0] == '\0') {
		return step_refuse(s, REFUSAL(MISSING), "number");
	}
	if (!number_ok(m->number)) {
		return step_refuse(s, REFUSAL(MALFORMED), "number");
	}
	orders_load(s, q);
	for (size_t i = 0; i < q->orders_len; i++) {
		if (strcmp(q->order[i]->view->number, m->number) == 0) {
			*ret_o = q->order[i];
		}
	}
	if (s->txn->err != SK_OK) {
		return s->txn->err;
	}
	if (*ret_o != NULL && !may_change(s, (*ret_o)->view)) {
		return refuse_not_yours(s, "number");
	}
	if (*ret_o != NULL && is_over(s, (*ret_o)->view, m)) {
		return court_state(s, q, "number");
	}
	if (m->ends_now) {
		return *ret_o != NULL ? SK_OK : step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "number");
	}
	if (!q->r->open || q->r->kind != KIND(SEARCH)) {
		return court_state(s, q, "request_id");
	}
	int err = check_dates(s, m);
	if (err == SK_OK) {
		err = check_scope(s, q, m);
	}
	if (err == SK_OK && *ret_o != NULL) {
		err = check_not_wider(s, q, m, (*ret_o)->view);
	}
	if (err == SK_OK && *ret_o == NULL && q->orders_len >= room_for(s)) {
		err = step_refuse(s, REFUSAL(TOO_MANY), "number");
	}
	return err;
}

static PB(OrderRecord) *order_new(struct step *s, struct req *q)
{
	static const PB(OrderRecord) empty = PB_INIT(ORDER_RECORD);
	static const PB(CourtOrderView) none = PB_INIT(COURT_ORDER_VIEW);
	PB(OrderRecord) *o = step_alloc(s, sizeof(*o));
	PB(CourtOrderView) *v = step_alloc(s, sizeof(*v));

	if (o == NULL || v == NULL) {
		return NULL;
	}
	*o = empty;
	*v = none;
	o->view = v;
	o->ordinal = ++q->r->orders_len;
	q->order[q->orders_len++] = o;
	q->orders_read = true;
	return o;
}

static void order_write(struct step *s, const PB(RecordCourtOrder) *m, PB(OrderRecord) *o)
{
	PB(CourtOrderView) *v = o->view;

	v->party = s->from.id;
	v->unconfirmed = !is_court(s);
	if (m->ends_now) {
		v->ended_ms = s->now_ms;
		return;
	}
	v->number = m->number;
	v->n_children = m->n_children;
	v->children = m->children;
	v->n_need_ids = m->n_need_ids;
	v->need_ids = m->need_ids;
	v->from_ms = m->from_ms == 0 ? s->now_ms : m->from_ms;
	v->until_ms = m->until_ms;
	v->ended_ms = 0;
	o->warned = false;
}

static void unclear_by_order(struct step *s, struct req *q)
{
	for (size_t i = 0; i < q->needs_len; i++) {
		if (!need_finished(q->need[i]) && order_until(s, q, q->need[i]->need) != 0) {
			unclear_end(s, q, q->need[i]->need->child);
		}
	}
}

int on_court_order(struct step *s, const PB(Message) *in)
{
	const PB(RecordCourtOrder) *m = in->record_court_order;
	PB(OrderRecord) *o = NULL;
	struct req q;
	int err = req_open_any(s, &m->request_id, m->short_code, &q);

	if (err == SK_OK) {
		err = check_order(s, &q, m, &o);
	}
	if (err != SK_OK) {
		return err;
	}
	o = o != NULL ? o : order_new(s, &q);
	if (o == NULL) {
		return s->txn->err;
	}
	order_write(s, m, o);
	order_save(s, &q, o);
	order_say(s, &q, o);
	party_mark(s, &q, o->view->party);
	unclear_by_order(s, &q);
	position_send(s, &q);
	step_result(s, &q.id, q.r->version);
	return req_settle(s, &q);
}
