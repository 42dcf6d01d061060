/* SPDX-License-Identifier: EUPL-1.2 */
/* The plan of the whole list comes back from the optimiser as an input. It was made of a copy, so
 * nothing in it is believed: each of its seats is judged against what holds in this step, in the
 * lawful order, and then given in the same way as any other (group_compose()). Between two steps a
 * free amount that somebody could use stands at a pool with a pass under way (core_pass.c), so
 * these are the pools where a plan can seat somebody. L7: who stands before the need and could be
 * seated there is asked, from the place of that pass on, because everybody before that place was
 * looked at already. Who holds a seat keeps it (hold-harmless): only needs without one are seated,
 * with what is free. What is left of a plan is prices: what an hour of an expertise in a zone is
 * worth to those who wait. Costs read them (core_cost.c). */
#include "services/matching/core_stream.h"

#define ROOM_FOR_GROUP COMPOSE_NEEDS_MAX

static struct key plan_key(void)
{
	struct key k = { 0 };

	key_u8(&k, 0);
	return k;
}

static PB(MatchPlanRecord) *plan_get(struct work *w)
{
	struct key k = plan_key();
	PB(MatchPlanRecord) *rec = step_get(w->s, T_PLAN, &k, DESC(match_plan_record));

	if (rec == NULL) {
		rec = step_alloc(w->s, sizeof(*rec));
		if (rec != NULL) {
			schakel__v1__match_plan_record__init(rec);
		}
	}
	return rec;
}

/* --- prices --- */

static struct key price_key(const PB(PlanPrice) *p)
{
	struct key k = { 0 };

	key_u32(&k, p->expertise);
	key_str(&k, p->zone);
	return k;
}

static int price_cmp(const struct key *a, const struct key *b)
{
	int cmp = memcmp(a->b, b->b, a->len < b->len ? a->len : b->len);

	return cmp != 0 ? cmp : (int)a->len - (int)b->len;
}

static bool prices_are_sound(struct work *w, const PB(PlanProposed) *m)
{
	struct key last = { 0 };

	for (size_t i = 0; i < m->n_prices; i++) {
		const PB(PlanPrice) *p = m->prices[i];
		bool known = step_expertise(w->s, p->expertise) != NULL &&
			     (p->zone[0] == '\0' || step_zone(w->s, p->zone) != NULL);
		struct key k = { 0 };
		if (!known || p->price == 0 || p->price > MATCH_PRICE_MAX) {
			return false;
		}
		k = price_key(p);
		if (i > 0 && price_cmp(&last, &k) >= 0) {
			return false;
		}
		last = k;
	}
	return true;
}

static void price_put(struct work *w, const PB(PlanPrice) *p)
{
	struct key k = price_key(p);
	PB(MatchPriceRecord) rec = PB_INIT(MATCH_PRICE_RECORD);
	const PB(MatchPriceRecord) *old = step_get(w->s, T_PRICE, &k, DESC(match_price_record));

	rec.price = p->price;
	if (old == NULL || old->price != p->price) {
		step_put(w->s, T_PRICE, &k, &rec);
	}
}

static bool is_priced(const PB(PlanProposed) *m, const struct key *k)
{
	size_t lo = 0;
	size_t hi = m->n_prices;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		struct key at = price_key(m->prices[mid]);
		int cmp = price_cmp(&at, k);
		if (cmp == 0) {
			return true;
		}
		lo = cmp < 0 ? mid + 1 : lo;
		hi = cmp < 0 ? hi : mid;
	}
	return false;
}

/** All prices are those of this plan: what it names none for is not scarce. */
static void prices_take(struct work *w, const PB(PlanProposed) *m)
{
	struct store_iter it;
	struct key k;
	struct slice val;

	store_iter_init(&it, w->s->txn, T_PRICE, NULL);
	while (store_next(&it, &k, &val)) {
		if (!is_priced(m, &k)) {
			step_del(w->s, T_PRICE, &k);
		}
	}
	store_iter_done(&it);
	for (size_t i = 0; i < m->n_prices; i++) {
		size_t mark = work_mark(w);
		price_put(w, m->prices[i]);
		work_rewind(w, mark);
	}
}

void prices_forget(struct work *w)
{
	const PB(PlanProposed) none = PB_INIT(PLAN_PROPOSED);

	prices_take(w, &none);
}

/* --- seats --- */

enum verdict { SEATED, NOT_WAITING, NOT_FITTING, NOT_FREE, NOT_IN_ORDER, NOT_LOOKED_AT, VERDICTS };

/** What became of each seat, as the plan names them, and how often. */
struct judged {
	PB(MatchPlanVerdict) *of; /* those that are looked at */
	size_t len;
	uint64_t count[VERDICTS];
};

/** A seat that is asked for, while it is judged. */
struct wanted {
	const PB(MatchNeedRecord) *n;
	struct object_id need;
	struct order at;
	struct pass_pool pool; /* all its uses, */
	PB(PoolUse) *uses[MATCH_USES_MAX];
	size_t use; /* and the one that is meant */
};

static bool could_sit(struct work *w, const struct pass_pool *p, const struct object_id *need)
{
	const PB(MatchNeedRecord) *n = need_get(w, need);
	const PB(MatchPoolRecord) *pool = pool_get(w, p->name);

	if (n == NULL || pool == NULL || !need_waits(n)) {
		return false;
	}
	struct object_id request = id_of(&n->request_id);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	bool fits = false;
	for (size_t i = 0; r != NULL && !fits && i < p->uses_len; i++) {
		struct use_facts u = use_facts_of(p->uses[i]);
		fits = need_reaches(n, p->uses[i]) && need_fit(w, r, n, pool, &u) == FIT_OK;
	}
	return fits && team_has_room(w, n, pool->partner);
}

/** Is there nobody before it in the order who could have the amount (L7)? */
static enum verdict judge_order(struct work *w, const struct wanted *x)
{
	struct stream *streams = index_scratch(w->s->index)->streams;
	struct order from = pass_place(w, x->pool.name);
	size_t len = streams_add(&x->pool, streams, 0);

	for (size_t i = 0; i < len; i++) {
		stream_seek(w, &streams[i], &from);
	}
	for (struct stream *st = streams_first(streams, len);
	     st != NULL && memcmp(st->head.b, x->at.b, ORDER_LEN) < 0;
	     st = streams_first(streams, len)) {
		size_t mark = work_mark(w);
		if (w->candidates_left == 0) {
			return NOT_LOOKED_AT;
		}
		w->candidates_left--;
		if (could_sit(w, &x->pool, &st->need) && !MUT(165)) {
			return NOT_IN_ORDER;
		}
		work_rewind(w, mark);
		stream_seek(w, st, NULL);
	}
	return SEATED;
}

static enum verdict judge_fit(struct work *w, struct wanted *x, const PB(PlanSeat) *seat)
{
	const PB(MatchPoolRecord) *pool = name_is_valid(seat->pool) ? pool_get(w, seat->pool) :
								      NULL;
	struct object_id request = id_of(&x->n->request_id);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	struct concerned them;

	x->pool = (struct pass_pool){ .name = seat->pool, .uses = x->uses };
	x->pool.uses_len = pool == NULL ? 0 : pool_uses(w, seat->pool, x->uses);
	while (x->use < x->pool.uses_len && x->uses[x->use]->use != seat->use) {
		x->use++;
	}
	if (r == NULL || pool == NULL || x->use == x->pool.uses_len ||
	    !need_reaches(x->n, x->uses[x->use])) {
		return NOT_FITTING;
	}
	struct use_facts u = use_facts_of(x->uses[x->use]);
	enum fit fit = need_fit(w, r, x->n, pool, &u);
	if (fit != FIT_OK) {
		return fit == FIT_AMOUNT || fit == FIT_RESERVED ? NOT_FREE : NOT_FITTING;
	}
	if (!team_has_room(w, x->n, pool->partner)) {
		return NOT_FITTING;
	}
	/* The last place is for a person to give, or for the pass when nobody did in time. */
	bool last = last_place_kept(w, pool->pool) ||
		    (x->at.b[0] == CLASS_CRISIS && last_place(w, pool, &them));
	return last ? NOT_IN_ORDER : SEATED;
}

static enum verdict seat_try(struct work *w, const PB(PlanSeat) *seat)
{
	struct wanted x = { .n = NULL };

	if (!object_id_from(&seat->need_id, &x.need)) {
		return NOT_WAITING;
	}
	x.n = need_get(w, &x.need);
	if (x.n == NULL || !need_waits(x.n)) {
		return NOT_WAITING;
	}
	x.at = order_of(x.n);
	enum verdict v = judge_fit(w, &x, seat);
	if (v == SEATED && (w->candidates_left == 0 || w->seats_left < ROOM_FOR_GROUP)) {
		v = NOT_LOOKED_AT;
	}
	if (v == SEATED) {
		v = judge_order(w, &x);
	}
	if (v != SEATED) {
		return v;
	}
	struct pass_pool one = { seat->pool, &x.uses[x.use], 1, &x.need };
	w->candidates_left--;
	(void)group_compose(w, x.at.b, &one);
	const PB(MatchNeedRecord) *after = need_get(w, &x.need);
	return after != NULL && !need_waits(after) ? SEATED : NOT_FITTING;
}

/** A seat's place in the order, as it is now. */
struct place {
	struct order at;
	const PB(PlanSeat) *seat;
	size_t which; /* in the plan */
};

/** Those who wait, in the order: who comes first is seated first, and is then before nobody. */
static size_t in_order(struct work *w, const PB(PlanProposed) *m, struct place *ret_list)
{
	size_t len = 0;

	for (size_t i = 0; i < m->n_seats && i < MATCH_PLAN_SEATS_MAX; i++) {
		size_t mark = work_mark(w);
		struct place one = { .seat = m->seats[i], .which = i };
		struct object_id id;
		const PB(MatchNeedRecord) *n =
			object_id_from(&one.seat->need_id, &id) ? need_get(w, &id) : NULL;
		size_t at = len;
		if (n != NULL && need_waits(n)) {
			one.at = order_of(n);
		}
		work_rewind(w, mark);
		while (at > 0 && memcmp(ret_list[at - 1].at.b, one.at.b, ORDER_LEN) > 0) {
			ret_list[at] = ret_list[at - 1];
			at--;
		}
		ret_list[at] = one;
		len++;
	}
	return len;
}

static void seats_take(struct work *w, const PB(PlanProposed) *m, struct judged *ret_judged)
{
	struct place *list = step_alloc(w->s, (m->n_seats + 1) * sizeof(*list));
	size_t len = list == NULL ? 0 : in_order(w, m, list);

	*ret_judged = (struct judged){ .of = step_alloc(w->s, (len + 1) * sizeof(*ret_judged->of)),
				       .len = len };
	for (size_t i = 0; i < len && work_err(w) == SK_OK; i++) {
		size_t mark = work_mark(w);
		enum verdict v = seat_try(w, list[i].seat);
		ret_judged->count[v]++;
		ret_judged->of[list[i].which] = (PB(MatchPlanVerdict))(v + 1);
		work_rewind(w, mark);
	}
	ret_judged->count[NOT_LOOKED_AT] += m->n_seats - len;
}

/* --- the whole plan --- */

/** @return the counter of what is wrong with it, or NULL. */
static uint64_t *fault_of(struct work *w, const PB(PlanProposed) *m, PB(MatchPlanRecord) *rec)
{
	const struct step *s = w->s;

	if (s->isolated || m->sequence >= s->sequence ||
	    s->sequence - m->sequence > MATCH_PLAN_AGE_MAX) {
		return &rec->refused_base;
	}
	/* A plan seats need by need: under these rules none is made, and one that comes is late. */
	if (m->rules_version != step_config(s)->rules_version ||
	    step_setting(s, SETTING_TEAM_WHOLE) != 0) {
		return &rec->refused_rules;
	}
	if (m->n_prices > MATCH_PLAN_PRICES_MAX || m->bound > m->value || m->covered > m->needs ||
	    !prices_are_sound(w, m)) {
		return &rec->refused_form;
	}
	return NULL;
}

static void note(PB(MatchPlanRecord) *rec, const struct step *s, const PB(PlanProposed) *m,
		 const struct judged *j)
{
	const uint64_t *count = j->count;

	rec->verdicts = j->of;
	rec->n_verdicts = j->len;
	rec->applied += count[SEATED];
	rec->not_waiting += count[NOT_WAITING];
	rec->not_fitting += count[NOT_FITTING];
	rec->not_free += count[NOT_FREE];
	rec->not_in_order += count[NOT_IN_ORDER];
	rec->not_looked_at += count[NOT_LOOKED_AT];
	rec->last_ms = s->now_ms;
	rec->last_sequence = m->sequence;
	rec->value = m->value;
	rec->bound = m->bound;
	rec->needs = m->needs;
	rec->covered = m->covered;
	rec->law_cost = m->law_cost;
}

/** What was seen of how long they wait, told on about those who still do. */
static void foreseen_tell(struct work *w, const PB(PlanProposed) *m, PB(MatchPlanRecord) *rec)
{
	PB(WaitForeseen) fact = PB_INIT(WAIT_FORESEEN);
	PB(NeedForeseen) *some[MATCH_FORESEEN_MAX];

	fact.needs = some;
	for (size_t i = 0; i < m->n_foreseen && i < MATCH_FORESEEN_MAX; i++) {
		struct object_id id;
		const PB(MatchNeedRecord) *n =
			object_id_from(&m->foreseen[i]->need_id, &id) ? need_get(w, &id) : NULL;
		if (n != NULL && need_waits(n) && m->foreseen[i]->range != NULL) {
			some[fact.n_needs++] = m->foreseen[i];
		}
	}
	rec->foreseen_ms = w->s->now_ms;
	if (fact.n_needs > 0) {
		fact_emit(w, PEER_WAITLIST, BODY(WAIT_FORESEEN), &fact);
	}
}

int match_on_plan(struct step *s, const PB(PlanProposed) *m)
{
	struct judged judged = { 0 };
	struct key k = plan_key();
	struct work w;

	work_init(&w, s);
	PB(MatchPlanRecord) *rec = plan_get(&w);
	if (rec == NULL) {
		return work_err(&w);
	}
	rec->proposed += m->n_foreseen == 0;
	uint64_t *fault = fault_of(&w, m, rec);
	if (fault == NULL && m->n_foreseen > 0) {
		foreseen_tell(&w, m, rec);
	} else if (fault != NULL) {
		(*fault)++;
	} else {
		prices_take(&w, m);
		seats_take(&w, m, &judged);
		note(rec, s, m, &judged);
	}
	step_put(s, T_PLAN, &k, rec);
	return work_settle(&w);
}
