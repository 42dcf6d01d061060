/* SPDX-License-Identifier: EUPL-1.2 */
/* The copy that a plan of the list is made of. First the pools (core_copy_pool.c), then
 * request by request those who wait, with every pool that only lacks the amount: a price says what
 * an hour would be worth, so also hours that are taken count. A slice looks at a bounded number of
 * uses, so that a crisis that comes meanwhile waits for one slice at most. */
#include "services/matching/core_copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/matching/core_build.h"

#define SLICE_REFS 1500U
#define NEEDS_MAX 4096U /* of one plan */
#define OPTIONS_TOTAL_MAX 2000000U
#define WEEK_MS (7ULL * CIVIL_DAY_MS)

void *copy_add(struct copy_list *list, size_t size)
{
	if (list->len == list->cap) {
		size_t cap = list->cap * 2 + 32;
		void *more = realloc(list->at, cap * size);
		if (more == NULL) {
			return NULL;
		}
		list->at = more;
		list->cap = cap;
	}
	void *row = (char *)list->at + list->len++ * size;
	memset(row, 0, size);
	return row;
}

/* --- those who wait --- */

/** What it costs to leave it open, for value, bound and gap: by class, and more with each week
 *  (MATCHING 2). Who goes first is said by the order alone. */
static uint32_t penalty_of(const PB(MatchNeedRecord) *n, uint64_t now_ms)
{
	static const uint32_t by_class[] = { 3000, 96000, 24000, 12000, 6000, 3000 };
	size_t class = (size_t)n->order->wait_class;
	uint64_t full = by_class[class < SK_LEN(by_class) ? class : 0];
	uint64_t since = n->need->arrival_ms;
	uint64_t weeks = now_ms > since ? (now_ms - since) / WEEK_MS : 0;

	full += full * (weeks < 1024 ? weeks : 1024) / 64;
	return full < PLAN_COST_MAX ? (uint32_t)full : PLAN_COST_MAX;
}

static bool may_sit(struct build *b, size_t need, const PB(MatchPoolRecord) *p,
		    const struct use_facts *u)
{
	const PB(MatchNeedRecord) *n = b->needs[need];
	enum fit fit = need_fit(b->w, b->r, n, p, u);

	return (fit == FIT_OK || fit == FIT_AMOUNT || fit == FIT_RESERVED) &&
	       pool_composable(p, n->order->wait_class) &&
	       need_amount(n, p, u) <= COMPOSE_AMOUNT_MAX;
}

static bool option_add(struct plan_copy *c, struct build *b, size_t need,
		       const struct index_ref *ref)
{
	const PB(MatchPoolRecord) *p = pool_get(b->w, ref->pool);
	const struct copy_pool *pool = p == NULL ? NULL : copy_pool_find(c, p->pool);

	if (pool == NULL || !may_sit(b, need, p, &ref->facts)) {
		return true;
	}
	struct plan_option *o = copy_add(&c->options, sizeof(*o));
	if (o == NULL) {
		return false;
	}
	struct compose_option as = build_weigh(b, need, p, ref);
	*o = (struct plan_option){
		.pool = (uint32_t)(pool - (struct copy_pool *)c->pools.at),
		.use = as.use,
		.amount = as.amount,
		.cost = as.cost < PLAN_COST_MAX ? as.cost : PLAN_COST_MAX,
		.tie = as.tie,
	};
	return true;
}

/** With all its options: a bound says nothing about a need that has only some of them. */
static bool need_add(struct plan_copy *c, struct build *b, size_t need, struct copy_side *side)
{
	const struct index_ref *refs;
	size_t len = need_refs(b->w, b->needs[need], &refs);
	bool ok = true;

	side->full = !copy_has_room(c, side, len);
	if (side->full) {
		return true;
	}
	struct copy_need *to = copy_add(&side->needs, sizeof(*to));
	if (to == NULL) {
		return false;
	}
	to->id = id_of(&b->needs[need]->need->need_id);
	to->penalty = penalty_of(b->needs[need], c->now_ms);
	to->first = (uint32_t)c->options.len;
	c->looked += (uint32_t)len;
	for (size_t i = 0; ok && i < len; i++) {
		size_t mark = work_mark(b->w);
		ok = option_add(c, b, need, &refs[i]);
		work_rewind(b->w, mark);
	}
	to->len = (uint32_t)c->options.len - to->first;
	return ok;
}

static bool team_add(struct plan_copy *c, struct copy_group *g, const struct team *team)
{
	g->team_first = (uint32_t)c->team.len;
	for (size_t i = 0; i < team->len; i++) {
		size_t partner = copy_partner(c, team->partner[i]);
		uint32_t *to = partner < c->partners.len ? copy_add(&c->team, sizeof(*to)) : NULL;
		if (to != NULL) {
			*to = (uint32_t)partner;
			g->team_len++;
		} else if (partner < c->partners.len) {
			return false;
		}
	}
	return true;
}

/** Others will come as it did. */
static bool is_new(const struct plan_copy *c, const PB(MatchRequestRecord) *r)
{
	uint64_t since = r->request->received_ms;

	return c->runs > 0 && since <= c->now_ms &&
	       c->now_ms - since < (uint64_t)COPY_NEW_DAYS * CIVIL_DAY_MS;
}

/** Needs of one place in the order; more than the composer takes are groups behind each other. */
static bool group_add(struct plan_copy *c, struct build *b, struct copy_side *side)
{
	struct copy_group *g = copy_add(&side->groups, sizeof(*g));

	if (g == NULL) {
		return false;
	}
	g->at = order_of(b->needs[0]);
	g->first = (uint32_t)side->needs.len;
	g->arrival_ms = b->needs[0]->need->arrival_ms;
	g->is_new = is_new(c, b->r);
	if (!team_add(c, g, &b->team)) {
		return false;
	}
	for (size_t i = 0; i < b->problem.needs && !side->full; i++) {
		if (!need_add(c, b, i, side)) {
			return false;
		}
	}
	g->len = (uint32_t)side->needs.len - g->first;
	side->groups.len -= g->len == 0;
	return true;
}

static bool same_place(const PB(MatchNeedRecord) *a, const PB(MatchNeedRecord) *b)
{
	struct order x = order_of(a);
	struct order y = order_of(b);

	return memcmp(x.b, y.b, GROUP_LEN) == 0;
}

/** Those of one side, in groups of one place in the order. */
static bool groups_add(struct plan_copy *c, struct build *all, PB(MatchNeedRecord) *const *needs,
		       size_t len, struct copy_side *side)
{
	for (size_t from = 0; from < len && !side->full;) {
		struct build b = *all;
		size_t to = from;
		while (to < len && to - from < COMPOSE_NEEDS_MAX &&
		       same_place(needs[from], needs[to])) {
			b.needs[to - from] = needs[to];
			to++;
		}
		const struct order at = order_of(needs[from]);
		bool behind = side == &c->wait && copy_is_behind(c, &at);
		b.problem.needs = (uint32_t)(to - from);
		build_replaces(&b);
		if (!behind && !group_add(c, &b, side)) {
			return false;
		}
		from = to;
	}
	return true;
}

/** What began at each pool lately: help that runs, and help that has ended again. */
static void begun_add(struct work *w, struct plan_copy *c, const struct object_id *request)
{
	struct key prefix = key_of_id(request);
	struct store_iter it;
	struct key k;
	struct slice val;

	store_iter_init(&it, w->s->txn, T_REQUEST_CONTRIBUTION, &prefix);
	while (store_next(&it, &k, &val)) {
		size_t mark = work_mark(w);
		struct object_id id;
		memcpy(id.b, k.b + OBJECT_ID_LEN, OBJECT_ID_LEN);
		const PB(MatchContributionRecord) *row = contribution_get(w, &id);
		struct copy_pool *pool = row == NULL ? NULL : copy_pool_find(c, row->pool);
		if (row != NULL && (c->first_ms == 0 || row->asked_ms < c->first_ms)) {
			c->first_ms = row->asked_ms;
		}
		if (pool != NULL && row->started_ms != 0 &&
		    row->started_ms + COPY_BACK_DAYS * (uint64_t)CIVIL_DAY_MS > c->now_ms) {
			pool->begun += row->amount;
		}
		work_rewind(w, mark);
	}
	store_iter_done(&it);
}

/** Without help, in the time that is looked back on. */
static bool has_left(const struct plan_copy *c, const PB(MatchNeedRecord) *n)
{
	return n->closed &&
	       n->close_reason != SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_STARTED_HELP &&
	       n->closed_ms + COPY_BACK_DAYS * (uint64_t)CIVIL_DAY_MS > c->now_ms;
}

/** All of them, or where even the first in the order leave no room, none. */
static bool waiting_add(struct plan_copy *c, struct build *b, PB(MatchNeedRecord) *const *needs,
			size_t len)
{
	bool ok = true;

	for (unsigned tries = 0; ok && tries < 2; tries++) {
		size_t groups_len = c->wait.groups.len;
		size_t needs_len = c->wait.needs.len;
		size_t options_len = c->options_before = c->options.len;
		ok = groups_add(c, b, needs, len, &c->wait);
		if (!c->wait.full) {
			break;
		}
		c->wait.full = false;
		c->wait.groups.len = groups_len;
		c->wait.needs.len = needs_len;
		c->options.len = options_len;
		ok = ok && copy_trim(c);
	}
	return ok;
}

static bool request_add(struct work *w, struct plan_copy *c, const struct object_id *request)
{
	PB(MatchNeedRecord) *all[MATCH_NEEDS_MAX];
	PB(MatchNeedRecord) *open[MATCH_NEEDS_MAX];
	PB(MatchNeedRecord) *came[MATCH_NEEDS_MAX];
	const PB(MatchRequestRecord) *r = request_get(w, request);
	size_t len = r == NULL ? 0 : needs_of(w, request, all);
	size_t open_len = 0;
	size_t came_len = 0;

	for (size_t i = 0; i < len; i++) {
		c->left += has_left(c, all[i]);
		if (need_waits(all[i])) {
			open[open_len++] = all[i];
		} else if (c->runs > 0 && all[i]->order != NULL && all[i]->need != NULL &&
			   all[i]->n_zones > 0 && is_new(c, r)) {
			came[came_len++] = all[i];
		}
	}
	if (c->runs > 0) {
		begun_add(w, c, request);
	}
	struct build b = { .w = w, .m = index_scratch(w->s->index), .r = r };
	if (open_len + came_len > 0) {
		team_of(w, request, NULL, &b.team);
	}
	if (!waiting_add(c, &b, open, open_len)) {
		return false;
	}
	b.team.len = 0; /* as when it came */
	return groups_add(c, &b, came, came_len, &c->came);
}

/** The rows of the order are of requests; each request stands there once for each of its needs and
 *  zones, so the requests themselves are walked. */
static int requests_slice(struct work *w, struct plan_copy *c, bool *ret_whole)
{
	struct store_iter it;
	struct key k;
	struct slice val;
	bool ok = true;
	bool more = true;

	c->looked = 0;
	store_iter_init(&it, w->s->txn, T_REQUEST, NULL);
	if (c->after.len > 0) {
		store_iter_from(&it, &c->after, false);
	}
	while (ok && c->looked < SLICE_REFS && (more = store_next(&it, &k, &val))) {
		size_t mark = work_mark(w);
		struct object_id id;
		memcpy(id.b, k.b, OBJECT_ID_LEN);
		c->looked += 8; /* what a request costs that has nothing to look at */
		ok = request_add(w, c, &id);
		c->after = k;
		work_rewind(w, mark);
	}
	store_iter_done(&it);
	*ret_whole = !more;
	ok = ok && (more || copy_trim(c));
	return ok ? work_err(w) : SK_ENOMEM;
}

/* --- when, and slice by slice --- */

/** Some time after the last one, and only when something has happened since. */
static bool is_due(struct work *w)
{
	uint64_t every_ms = step_setting(w->s, SETTING_PLAN_INTERVAL) * 1000;
	struct key k = { 0 };

	key_u8(&k, 0);
	const PB(MatchPlanRecord) *last = step_get(w->s, T_PLAN, &k, DESC(match_plan_record));
	bool whole = step_setting(w->s, SETTING_TEAM_WHOLE) != 0; /* a plan seats need by need */
	if (every_ms == 0 || whole || w->s->isolated) {
		return false;
	}
	return last == NULL || (w->s->now_ms >= last->last_ms + every_ms &&
				w->s->sequence > last->last_sequence + 2);
}

/** Whether it is time to look ahead too, and how far. */
static void begin_ahead(struct work *w, struct plan_copy *c)
{
	static const struct {
		PB(WaitClass) wait_class;
		enum setting rises;
	} rises[] = {
		{ SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_PRECAUTION, SETTING_LONGEST_PRECAUTION },
		{ SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_PREFERENCE, SETTING_LONGEST_PREFERENCE },
		{ SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_ACTIVE, SETTING_LONGEST_ACTIVE },
	};
	uint64_t every_ms = step_setting(w->s, SETTING_FORESEE) * 1000;
	struct key k = { 0 };

	key_u8(&k, 0);
	const PB(MatchPlanRecord) *last = step_get(w->s, T_PLAN, &k, DESC(match_plan_record));
	uint64_t last_ms = last == NULL ? 0 : last->foreseen_ms;
	if (every_ms == 0 || c->now_ms < last_ms + every_ms) {
		return;
	}
	c->runs = (uint32_t)step_setting(w->s, SETTING_FORESEE_RUNS);
	c->days = (uint32_t)step_setting(w->s, SETTING_FORESEE_DAYS);
	bool law = step_setting(w->s, SETTING_ORDER_RULE) == ORDER_LAW;
	for (size_t i = 0; law && i < SK_LEN(rises); i++) {
		c->rise_days[rises[i].wait_class - 1] =
			(uint32_t)step_setting(w->s, rises[i].rises);
	}
}

static struct plan_copy *begin(struct work *w)
{
	const struct step *s = w->s;
	struct plan_copy *c = calloc(1, sizeof(*c));

	if (c != NULL) {
		c->sequence = s->sequence - 1;
		c->now_ms = s->now_ms;
		c->rules_version = step_config(s)->rules_version;
		c->team_max = (uint32_t)step_setting(s, SETTING_TEAM_MAX);
		c->rounds = (uint32_t)step_setting(s, SETTING_PLAN_ROUNDS);
		c->partner_cost = (uint32_t)step_setting(s, SETTING_COST_PARTNER);
		c->needs_most = NEEDS_MAX;
		c->options_most = OPTIONS_TOTAL_MAX;
		begin_ahead(w, c);
	}
	return c;
}

int match_plan_copy(struct step *s, struct plan_copy **io_copy, bool *ret_whole)
{
	struct work w;

	work_init(&w, s);
	*ret_whole = false;
	if (*io_copy == NULL && !is_due(&w)) {
		return work_err(&w);
	}
	if (*io_copy == NULL) {
		*io_copy = begin(&w);
		return *io_copy == NULL ? SK_ENOMEM : SK_OK;
	}
	return (*io_copy)->pools_done ? requests_slice(&w, *io_copy, ret_whole) :
					copy_pools_slice(&w, *io_copy);
}

void match_plan_free(struct plan_copy *c)
{
	if (c == NULL) {
		return;
	}
	struct copy_list *const all[] = {
		&c->pools,       &c->uses,       &c->zones,       &c->partners,
		&c->wait.groups, &c->wait.needs, &c->came.groups, &c->came.needs,
		&c->stays,       &c->options,    &c->team,        &c->foreseen,
	};
	for (size_t i = 0; i < SK_LEN(all); i++) {
		free(all[i]->at);
	}
	match_make_free(c->make);
	if (c->made != NULL) {
		schakel__v1__plan_proposed__free_unpacked(c->made, NULL);
	}
	if (c->some != NULL) {
		schakel__v1__plan_proposed__free_unpacked(c->some, NULL);
	}
	free(c);
}
