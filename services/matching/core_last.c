/* SPDX-License-Identifier: EUPL-1.2 */
/* The last place in a crisis step (DOMAIN 7, C4). When what is free at a pool can help one more
 * child, and two or more crises of the same step could use it, arrival alone is a poor judge
 * between them: the machine shows them side by side and a person decides and signs. The pool is
 * kept meanwhile: nobody gets of it. A crisis must never wait for a signature, though: after
 * last_place_s (a quarter of an hour) the order decides, as everywhere else, because any lawful
 * answer is better than none. Crises ask in the whole region, so that all of them stand in one
 * stream. */
#include "services/matching/core_int.h"

#define STEPS 4U                               /* not told, now, tonight, within 24 h */
#define SCAN_MAX 256U                          /* rows of one expertise that are looked at */
#define KEPT_MAX 64U                           /* pools kept that one step reviews */
#define REQUEST_AT (GROUP_LEN - OBJECT_ID_LEN) /* in an order: the request's id */
#define DESC_LAST DESC(match_last_place_record)

/** One that could use it. */
struct candidate {
	struct order at;
	struct object_id need;
	uint32_t amount;
};
struct candidates {
	struct candidate list[MATCH_LAST_PLACE_MAX];
	size_t len;
};

static PB(MatchLastPlaceRecord) *kept_get(struct work *w, const char *pool)
{
	struct key k = key_of_str(pool);

	return step_get(w->s, T_LAST_PLACE, &k, DESC_LAST);
}

bool last_place_kept(struct work *w, const char *pool)
{
	struct key k = key_of_str(pool);
	struct slice val;

	return store_get(w->s->txn, T_LAST_PLACE, &k, &val);
}

bool team_has_room(struct work *w, const PB(MatchNeedRecord) *n, const char *partner)
{
	struct object_id request = id_of(&n->request_id);
	struct team team;

	team_of(w, &request, NULL, &team);
	return team_has(&team, partner) || team.len < step_setting(w->s, SETTING_TEAM_MAX);
}

/** @return the least amount that seats the need there now, 0: none does. */
static uint32_t least_amount(struct work *w, const PB(MatchPoolRecord) *p,
			     const struct pass_pool *uses, const PB(MatchNeedRecord) *n)
{
	struct object_id request = id_of(&n->request_id);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	uint32_t least = 0;

	for (size_t i = 0; r != NULL && i < uses->uses_len; i++) {
		struct use_facts u = use_facts_of(uses->uses[i]);
		if (!need_reaches(n, uses->uses[i]) || need_fit(w, r, n, p, &u) != FIT_OK) {
			continue;
		}
		uint32_t amount = need_amount(n, p, &u);
		least = least == 0 || amount < least ? amount : least;
	}
	return least > 0 && team_has_room(w, n, p->partner) ? least : 0;
}

/** By order; the last one gives way. A need may come by several expertises of the pool: once. */
static void candidate_add(struct candidates *c, const struct candidate *one)
{
	size_t at = c->len;

	for (size_t i = 0; i < c->len; i++) {
		if (object_id_equal(&c->list[i].need, &one->need)) {
			return;
		}
	}
	if (c->len < MATCH_LAST_PLACE_MAX) {
		c->len++;
	} else if (memcmp(c->list[c->len - 1].at.b, one->at.b, ORDER_LEN) <= 0) {
		return;
	} else {
		at--;
	}
	for (; at > 0 && memcmp(c->list[at - 1].at.b, one->at.b, ORDER_LEN) > 0; at--) {
		c->list[at] = c->list[at - 1];
	}
	c->list[at] = *one;
}

static void gather_stream(struct work *w, const PB(MatchPoolRecord) *p,
			  const struct pass_pool *uses, const struct key *prefix,
			  struct candidates *c)
{
	struct store_iter it;
	struct key k;
	struct slice val;
	unsigned seen = 0;

	store_iter_init(&it, w->s->txn, T_WAIT, prefix);
	while (seen++ < SCAN_MAX && store_next(&it, &k, &val)) {
		size_t mark = work_mark(w);
		struct candidate one;
		memcpy(one.at.b, k.b + prefix->len - 2, ORDER_LEN);
		memcpy(one.need.b, k.b + prefix->len - 2 + ORDER_LEN, OBJECT_ID_LEN);
		const PB(MatchNeedRecord) *n = need_get(w, &one.need);
		one.amount = n == NULL ? 0 : least_amount(w, p, uses, n);
		work_rewind(w, mark);
		if (one.amount > 0) {
			candidate_add(c, &one);
		}
	}
	store_iter_done(&it);
}

static void gather_step(struct work *w, const PB(MatchPoolRecord) *p, const struct pass_pool *uses,
			uint8_t step, struct candidates *ret)
{
	ret->len = 0;
	for (size_t u = 0; u < uses->uses_len; u++) {
		for (size_t e = 0; e < uses->uses[u]->n_expertises; e++) {
			struct key prefix = { 0 };
			key_u32(&prefix, uses->uses[u]->expertises[e]);
			key_str(&prefix, "");
			key_u8(&prefix, CLASS_CRISIS);
			key_u8(&prefix, step);
			gather_stream(w, p, uses, &prefix, ret);
		}
	}
}

/** No two of different requests find room in what is free. */
static bool only_one_can(const struct candidates *c, uint32_t free)
{
	bool others = false;

	for (size_t i = 0; i < c->len; i++) {
		for (size_t j = i + 1; j < c->len; j++) {
			bool same = memcmp(c->list[i].at.b + REQUEST_AT,
					   c->list[j].at.b + REQUEST_AT, OBJECT_ID_LEN) == 0;
			uint64_t both = (uint64_t)c->list[i].amount + c->list[j].amount;
			if (!same && both <= free) {
				return false;
			}
			others = others || !same;
		}
	}
	return others;
}

bool last_place(struct work *w, const PB(MatchPoolRecord) *p, struct concerned *ret_them)
{
	PB(PoolUse) *list[MATCH_USES_MAX];
	struct pass_pool uses = { .name = p->pool, .uses = list };
	struct candidates c = { .len = 0 };
	size_t mark = work_mark(w);

	ret_them->len = 0;
	if (pool_free(p) == 0 || !pool_composable(p, CLASS_CRISIS)) {
		return false;
	}
	uses.uses_len = pool_uses(w, p->pool, list);
	for (uint8_t step = 0; step < STEPS && c.len == 0; step++) {
		gather_step(w, p, &uses, step, &c);
		ret_them->step = step;
	}
	work_rewind(w, mark);
	for (size_t i = 0; i < c.len; i++) {
		ret_them->need[ret_them->len++] = c.list[i].need;
	}
	return only_one_can(&c, pool_free(p));
}

static PB(Event) *place_event(struct work *w, const PB(MatchPoolRecord) *p, uint64_t due_ms)
{
	PB(Event) *e = pool_event(w, p);

	if (e != NULL) {
		e->kind = EVENT(LAST_PLACE);
		e->due_ms = due_ms;
	}
	return e;
}

static void place_forget(struct work *w, const PB(MatchPoolRecord) *p,
			 const PB(MatchLastPlaceRecord) *kept)
{
	struct key k = key_of_str(p->pool);
	struct object_id id = id_of(&p->pool_id);

	step_undue(w->s, kept->due_ms, DUE_LAST_PLACE, &id, 0);
	step_del(w->s, T_LAST_PLACE, &k);
}

void last_place_drop(struct work *w, const char *pool)
{
	const PB(MatchLastPlaceRecord) *kept = kept_get(w, pool);
	const PB(MatchPoolRecord) *p = kept == NULL ? NULL : pool_get(w, pool);

	if (p != NULL) {
		place_forget(w, p, kept);
	}
}

bool last_place_keep(struct work *w, const char *pool)
{
	const PB(MatchPoolRecord) *p = pool_get(w, pool);
	const PB(MatchLastPlaceRecord) *kept = kept_get(w, pool);
	struct concerned them;

	if (p == NULL || !last_place(w, p, &them)) {
		return false;
	}
	if (kept != NULL) {
		if (kept->over) {
			place_forget(w, p, kept);
		}
		return !kept->over;
	}
	PB(MatchLastPlaceRecord) rec = PB_INIT(MATCH_LAST_PLACE_RECORD);
	struct key k = key_of_str(pool);
	struct object_id id = id_of(&p->pool_id);
	rec.due_ms = w->s->now_ms + 1000 * step_setting(w->s, SETTING_LAST_PLACE);
	step_put(w->s, T_LAST_PLACE, &k, &rec);
	step_due(w->s, rec.due_ms, DUE_LAST_PLACE, &id, 0);
	PB(Event) *e = place_event(w, p, rec.due_ms);
	if (e != NULL) {
		e->crisis_step = (PB(CrisisStep))them.step;
		e->number = (uint32_t)them.len;
		step_event(w->s, e);
	}
	alarm_event(w, SCHAKEL__V1__ALARM_KIND__ALARM_KIND_ASK_BY_CALL,
		    place_event(w, p, rec.due_ms));
	return true;
}

bool last_place_review(struct work *w)
{
	bool any = false;
	struct store_iter it;
	struct key k;
	struct slice val;
	unsigned seen = 0;

	store_iter_init(&it, w->s->txn, T_LAST_PLACE, NULL);
	while (seen++ < KEPT_MAX && store_next(&it, &k, &val)) {
		size_t mark = work_mark(w);
		struct slice rest = { .data = k.b, .len = k.len };
		char name[PARTY_ID_LEN_MAX + 1];
		struct concerned them;
		SK_ASSERT(key_take_str(&rest, name));
		const PB(MatchPoolRecord) *p = pool_get(w, name);
		bool gives = p != NULL && pool_composable(p, CLASS_CRISIS) && pool_free(p) > 0;
		if (p != NULL && !gives) {
			last_place_drop(w, name);
		}
		/* A walk that is under way goes on where it is: it began at the beginning. */
		if (gives && !store_get(w->s->txn, T_PASS, &k, &val) && !last_place(w, p, &them)) {
			pool_mark_dirty(w, p, NULL);
			any = true;
		}
		work_rewind(w, mark);
	}
	store_iter_done(&it);
	return any;
}

/** Nobody signed: the order decides, in this step. A pool that may not give now is kept no more. */
void last_place_over(struct work *w, const PB(MatchPoolRecord) *p, uint64_t due_ms)
{
	PB(MatchLastPlaceRecord) *kept = kept_get(w, p->pool);
	struct key k = key_of_str(p->pool);

	if (kept == NULL || kept->due_ms != due_ms) {
		return;
	}
	if (!pool_composable(p, CLASS_CRISIS) || pool_free(p) == 0) {
		step_del(w->s, T_LAST_PLACE, &k);
		return;
	}
	kept->over = !MUT(151);
	step_put(w->s, T_LAST_PLACE, &k, kept);
	pool_mark_dirty(w, p, NULL);
}

/* --- the signature --- */

static bool is_concerned(const struct concerned *them, const ProtobufCBinaryData *need)
{
	struct object_id id;
	bool found = false;

	for (size_t i = 0; object_id_from(need, &id) && i < them->len; i++) {
		found = found || object_id_equal(&them->need[i], &id);
	}
	return found;
}

/** Each of them once, and nobody else. */
static bool saw_all(const PB(SignLastPlace) *m, const struct concerned *them)
{
	for (size_t i = 0; i < m->n_seen; i++) {
		for (size_t j = 0; j < i; j++) {
			if (m->seen[i].len == m->seen[j].len &&
			    memcmp(m->seen[i].data, m->seen[j].data, m->seen[i].len) == 0) {
				return false;
			}
		}
		if (!is_concerned(them, &m->seen[i])) {
			return false;
		}
	}
	return m->n_seen == them->len;
}

static int check_sign(struct work *w, const PB(SignLastPlace) *m)
{
	struct step *s = w->s;

	if (!name_is_valid(m->pool)) {
		return step_refuse(s, REFUSE(MALFORMED), "pool");
	}
	if (m->need_id.len != OBJECT_ID_LEN) {
		return step_refuse(s, REFUSE(MALFORMED), "need_id");
	}
	if (m->signed_by.len != OBJECT_ID_LEN) {
		return step_refuse(s, m->signed_by.len == 0 ? REFUSE(MISSING) : REFUSE(MALFORMED),
				   "signed_by");
	}
	if (m->n_seen > MATCH_LAST_PLACE_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "seen");
	}
	return SK_OK;
}

/** Gives it, to that need alone. */
static int give(struct work *w, const PB(SignLastPlace) *m, const PB(MatchPoolRecord) *p)
{
	PB(PoolUse) *list[MATCH_USES_MAX];
	struct object_id need = id_of(&m->need_id);
	const PB(MatchNeedRecord) *n = need_get(w, &need);
	struct pass_pool only = { .name = p->pool, .uses = list, .need = &need };

	SK_ASSERT(n != NULL); /* it waits */
	struct order at = order_of(n);
	only.uses_len = pool_uses(w, p->pool, list);
	(void)group_compose(w, at.b, &only);
	n = need_get(w, &need);
	struct object_id seat = n == NULL ? need : id_of(&n->seat_id);
	PB(MatchContributionRecord) *c = contribution_get(w, &seat);
	if (c == NULL) {
		return step_refuse(w->s, REFUSE(STATE), "need_id");
	}
	c->signed_by = m->signed_by;
	contribution_put(w, c, 0);
	PB(Event) *e = place_event(w, p, 0);
	if (e != NULL) {
		e->need_id = m->need_id;
		e->request_id = c->request_id;
		e->party = w->s->from.id;
		e->ended = true;
		step_event(w->s, e);
	}
	step_result(w->s, &seat, c->version);
	return SK_OK;
}

int match_sign_last_place(struct step *s, const PB(Message) *in)
{
	const PB(SignLastPlace) *m = in->sign_last_place;
	struct concerned them;
	struct work w;

	work_init(&w, s);
	int err = check_sign(&w, m);
	if (err != SK_OK) {
		return err;
	}
	const PB(MatchPoolRecord) *p = pool_get(&w, m->pool);
	if (p == NULL) {
		return step_refuse(s, REFUSE(UNKNOWN_OBJECT), "pool");
	}
	const PB(MatchLastPlaceRecord) *kept = kept_get(&w, m->pool);
	if (kept == NULL || kept->over || !last_place(&w, p, &them)) {
		s->out->holds_now = pool_event(&w, p);
		return step_refuse(s, REFUSE(STATE), "pool");
	}
	if (m->based_on != p->version || !saw_all(m, &them)) {
		/* Somebody else is concerned by now: look again. */
		return step_conflict(s, p->version, pool_event(&w, p));
	}
	if (!is_concerned(&them, &m->need_id)) {
		return step_refuse(s, REFUSE(CONTRADICTS), "need_id");
	}
	place_forget(&w, p, kept);
	err = give(&w, m, p);
	if (err != SK_OK) {
		return err;
	}
	p = pool_get(&w, m->pool);
	if (p != NULL && pool_free(p) > 0) {
		pool_mark_dirty(&w, p, NULL); /* what is left may help somebody else */
	}
	return work_settle(&w);
}

static PB(WaitingItem) *concerned_item(struct work *w, const struct object_id *need)
{
	const PB(MatchNeedRecord) *n = need_get(w, need);
	struct object_id request = n == NULL ? *need : id_of(&n->request_id);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	PB(WaitingItem) *item = step_alloc(w->s, sizeof(*item));
	char *code = step_alloc(w->s, SHORT_CODE_LEN + 1);

	if (n == NULL || r == NULL || item == NULL || code == NULL) {
		return NULL;
	}
	schakel__v1__waiting_item__init(item);
	step_short_code(w->s, &request, code);
	item->request = step_request_shown(w->s, r->request);
	item->need = n->need;
	item->order = n->order;
	item->shortfall = n->shortfall;
	item->misses = n->miss;
	item->short_code = code;
	return item;
}

/** Side by side, in the order; nobody when it is not the last place. */
int match_query_last_place(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	const char *pool = in->query_last_place->pool;
	PB(LastPlaceView) *v = step_alloc(s, sizeof(*v));
	PB(WaitingItem) **items = step_alloc(s, MATCH_LAST_PLACE_MAX * sizeof(*items));
	struct concerned them;
	struct work w;

	work_init(&w, s);
	if (v == NULL || items == NULL) {
		return SK_ENOMEM;
	}
	const PB(MatchPoolRecord) *p = name_is_valid(pool) ? pool_get(&w, pool) : NULL;
	if (p == NULL) {
		return step_refuse(s, REFUSE(UNKNOWN_OBJECT), "pool");
	}
	schakel__v1__last_place_view__init(v);
	v->pool = p->pool;
	v->version = p->version;
	v->free = pool_free(p);
	v->concerned = items;
	out->body_case = BODY(LAST_PLACE_VIEW);
	out->last_place_view = v;
	bool last = last_place(&w, p, &them);
	for (size_t i = 0; last && i < them.len; i++) {
		PB(WaitingItem) *item = concerned_item(&w, &them.need[i]);
		if (item != NULL) {
			items[v->n_concerned++] = item;
		}
	}
	return SK_OK;
}
