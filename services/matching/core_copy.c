/* SPDX-License-Identifier: EUPL-1.2 */
/* The copy that a plan of the list is made of. First the pools with their uses, what is free and
 * what is expected to come free before the horizon (from what helped needs were said to last), then
 * request by request those who wait, with every pool that only lacks the amount: a price says what
 * an hour would be worth, so also hours that are taken count. A slice looks at a bounded number of
 * uses, so that a crisis that comes meanwhile waits for one slice at most. */
#include "services/matching/core_copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/matching/core_build.h"

#define SLICE_POOLS 64U
#define SLICE_REFS 1500U
#define NEEDS_MAX 4096U /* of one plan; who comes later by id is left to the passes */
#define OPTIONS_TOTAL_MAX 2000000U
#define UNKNOWN_WEEKS 26U /* where nothing was said of how long help lasts */
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

/* --- pools --- */

static bool name_add(struct copy_list *list, const char *name)
{
	char *row = copy_add(list, PARTY_ID_LEN_MAX + 1);

	if (row == NULL) {
		return false;
	}
	(void)snprintf(row, PARTY_ID_LEN_MAX + 1, "%s", name);
	return true;
}

static const char *name_at(const struct copy_list *list, size_t i)
{
	return (const char *)list->at + i * (PARTY_ID_LEN_MAX + 1);
}

/** @return its number; that of no partner when it has no pool. */
static size_t partner_find(const struct plan_copy *c, const char *name)
{
	size_t i = 0;

	while (i < c->partners.len && strcmp(name_at(&c->partners, i), name) != 0) {
		i++;
	}
	return i;
}

static int pool_cmp(const void *name, const void *pool)
{
	return strcmp(name, ((const struct copy_pool *)pool)->name);
}

static struct copy_pool *pool_find(const struct plan_copy *c, const char *name)
{
	return c->pools.len == 0 ?
		       NULL :
		       bsearch(name, c->pools.at, c->pools.len, sizeof(struct copy_pool), pool_cmp);
}

/** Units that are expected to come free before the horizon, in thousandths: of help that runs for
 *  twelve weeks a third in four weeks, and all of what was to be over by then. */
static uint64_t soon_of(struct work *w, const PB(MatchContributionRecord) *c, uint64_t horizon_ms)
{
	struct object_id need = id_of(&c->need_id);
	const PB(MatchNeedRecord) *n = need_get(w, &need);
	uint64_t weeks = n == NULL || n->need == NULL ? 0 : n->need->duration_weeks;
	uint64_t lasts_ms = (weeks == 0 ? UNKNOWN_WEEKS : weeks) * WEEK_MS;
	uint64_t end_ms = (c->started_ms == 0 ? w->s->now_ms : c->started_ms) + lasts_ms;
	uint64_t ahead_ms = horizon_ms - w->s->now_ms;

	if (end_ms <= horizon_ms || lasts_ms <= ahead_ms) {
		return c->held * 1000ULL;
	}
	return c->held * 1000ULL * ahead_ms / lasts_ms;
}

static uint32_t soon_free(struct work *w, const char *pool, uint64_t horizon_ms)
{
	struct key prefix = key_of_str(pool);
	struct store_iter it;
	struct key k;
	struct slice val;
	uint64_t soon = 999; /* what is begun counts as one */

	store_iter_init(&it, w->s->txn, T_POOL_HOLD, &prefix);
	while (store_next(&it, &k, &val)) {
		size_t mark = work_mark(w);
		struct object_id id;
		memcpy(id.b, k.b + k.len - OBJECT_ID_LEN, OBJECT_ID_LEN);
		const PB(MatchContributionRecord) *c = contribution_get(w, &id);
		soon += c == NULL ? 0 : soon_of(w, c, horizon_ms);
		work_rewind(w, mark);
	}
	store_iter_done(&it);
	return soon / 1000 > UINT32_MAX ? UINT32_MAX : (uint32_t)(soon / 1000);
}

static bool use_add(struct plan_copy *c, const PB(PoolUse) *u)
{
	struct copy_use *to = copy_add(&c->uses, sizeof(*to));
	struct use_facts facts = use_facts_of(u);
	bool ok = to != NULL;

	if (ok) {
		*to = (struct copy_use){ .pool = (uint32_t)c->pools.len - 1,
					 .expertises = facts.expertises,
					 .zones = (uint32_t)c->zones.len,
					 .zones_len = (uint32_t)u->n_zones };
	}
	for (size_t i = 0; ok && i < u->n_zones; i++) {
		ok = name_add(&c->zones, u->zones[i]);
	}
	return ok;
}

static bool pool_add(struct work *w, struct plan_copy *c, const PB(MatchPoolRecord) *p)
{
	uint64_t horizon_ms = c->now_ms + step_setting(w->s, SETTING_PLAN_HORIZON) * CIVIL_DAY_MS;
	struct copy_pool *to = copy_add(&c->pools, sizeof(*to));
	PB(PoolUse) *uses[MATCH_USES_MAX];
	size_t partner = partner_find(c, p->partner);

	if (to == NULL || (partner == c->partners.len && !name_add(&c->partners, p->partner))) {
		return false;
	}
	*to = (struct copy_pool){ .id = id_of(&p->pool_id),
				  .partner = (uint32_t)partner,
				  .free = pool_free(p),
				  .soon = soon_free(w, p->pool, horizon_ms) };
	(void)snprintf(to->name, sizeof(to->name), "%s", p->pool);
	size_t len = pool_uses(w, p->pool, uses);
	for (size_t i = 0; i < len; i++) {
		uint32_t price = index_price(w->s->index, p->pool, uses[i]->use);
		to->price = price > to->price ? price : to->price;
		if (!use_add(c, uses[i])) {
			return false;
		}
	}
	return true;
}

static int pools_slice(struct work *w, struct plan_copy *c)
{
	struct store_iter it;
	struct key k;
	struct slice val;
	unsigned some = 0;
	bool ok = true;
	bool more = true;

	store_iter_init(&it, w->s->txn, T_POOL, NULL);
	if (c->after.len > 0) {
		store_iter_from(&it, &c->after, false);
	}
	while (ok && some++ < SLICE_POOLS && (more = store_next(&it, &k, &val))) {
		size_t mark = work_mark(w);
		const PB(MatchPoolRecord) *p = step_unpack(w->s, val, DESC(match_pool_record));
		ok = p == NULL || pool_add(w, c, p);
		c->after = k;
		work_rewind(w, mark);
	}
	store_iter_done(&it);
	if (!more) {
		c->pools_done = true;
		c->after.len = 0;
	}
	return ok ? work_err(w) : SK_ENOMEM;
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

	return (fit == FIT_OK || fit == FIT_AMOUNT) && pool_composable(p, n->order->wait_class) &&
	       need_amount(n, p, u) <= COMPOSE_AMOUNT_MAX;
}

static bool options_add(struct plan_copy *c, struct build *b, size_t need, unsigned *io_refs)
{
	struct copy_need *to = (struct copy_need *)c->needs.at + c->needs.len - 1;
	const struct index_ref *refs;
	size_t len = need_refs(b->w, b->needs[need], &refs);

	*io_refs += (unsigned)len;
	to->first = (uint32_t)c->options.len;
	for (size_t i = 0; i < len && c->options.len < OPTIONS_TOTAL_MAX; i++) {
		size_t mark = work_mark(b->w);
		const struct index_ref *ref = &refs[i];
		const PB(MatchPoolRecord) *p = pool_get(b->w, ref->pool);
		const struct copy_pool *pool = p == NULL ? NULL : pool_find(c, p->pool);
		if (pool != NULL && may_sit(b, need, p, &ref->facts)) {
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
		}
		work_rewind(b->w, mark);
	}
	to = (struct copy_need *)c->needs.at + c->needs.len - 1;
	to->len = (uint32_t)c->options.len - to->first;
	return true;
}

static bool team_add(struct plan_copy *c, struct copy_group *g, const struct team *team)
{
	g->team_first = (uint32_t)c->team.len;
	for (size_t i = 0; i < team->len; i++) {
		size_t partner = partner_find(c, team->partner[i]);
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

/** Needs of one place in the order; more than the composer takes are groups behind each other. */
static bool group_add(struct plan_copy *c, struct build *b, unsigned *io_refs)
{
	struct copy_group *g = copy_add(&c->groups, sizeof(*g));

	if (g == NULL) {
		return false;
	}
	g->at = order_of(b->needs[0]);
	g->first = (uint32_t)c->needs.len;
	g->len = b->problem.needs;
	if (!team_add(c, g, &b->team)) {
		return false;
	}
	for (size_t i = 0; i < b->problem.needs; i++) {
		struct copy_need *n = copy_add(&c->needs, sizeof(*n));
		if (n == NULL) {
			return false;
		}
		n->id = id_of(&b->needs[i]->need->need_id);
		n->penalty = penalty_of(b->needs[i], c->now_ms);
		if (!options_add(c, b, i, io_refs)) {
			return false;
		}
	}
	return true;
}

static bool same_place(const PB(MatchNeedRecord) *a, const PB(MatchNeedRecord) *b)
{
	struct order x = order_of(a);
	struct order y = order_of(b);

	return memcmp(x.b, y.b, GROUP_LEN) == 0;
}

static bool request_add(struct work *w, struct plan_copy *c, const struct object_id *request,
			unsigned *io_refs)
{
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	const PB(MatchRequestRecord) *r = request_get(w, request);
	size_t len = r == NULL ? 0 : needs_of(w, request, needs);
	size_t open = 0;

	for (size_t i = 0; i < len; i++) {
		if (need_waits(needs[i])) {
			needs[open++] = needs[i];
		}
	}
	for (size_t from = 0; from < open && c->needs.len < NEEDS_MAX;) {
		struct build b = { .w = w, .m = index_scratch(w->s->index), .r = r };
		size_t to = from;
		while (to < open && to - from < PLAN_GROUP_NEEDS_MAX &&
		       same_place(needs[from], needs[to])) {
			b.needs[to - from] = needs[to];
			to++;
		}
		b.problem.needs = (uint32_t)(to - from);
		team_of(w, request, NULL, &b.team);
		build_replaces(&b);
		if (!group_add(c, &b, io_refs)) {
			return false;
		}
		from = to;
	}
	return true;
}

/** The rows of the order are of requests; each request stands there once for each of its needs and
 *  zones, so the requests themselves are walked. */
static int requests_slice(struct work *w, struct plan_copy *c, bool *ret_whole)
{
	struct store_iter it;
	struct key k;
	struct slice val;
	unsigned refs = 0;
	bool ok = true;
	bool more = true;

	store_iter_init(&it, w->s->txn, T_REQUEST, NULL);
	if (c->after.len > 0) {
		store_iter_from(&it, &c->after, false);
	}
	while (ok && refs < SLICE_REFS && c->needs.len < NEEDS_MAX &&
	       (more = store_next(&it, &k, &val))) {
		size_t mark = work_mark(w);
		struct object_id id;
		memcpy(id.b, k.b, OBJECT_ID_LEN);
		refs += 8;
		ok = request_add(w, c, &id, &refs);
		c->after = k;
		work_rewind(w, mark);
	}
	store_iter_done(&it);
	*ret_whole = !more || c->needs.len >= NEEDS_MAX;
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
	if (every_ms == 0 || w->s->isolated) {
		return false;
	}
	return last == NULL || (w->s->now_ms >= last->last_ms + every_ms &&
				w->s->sequence > last->last_sequence + 2);
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
					pools_slice(&w, *io_copy);
}

void match_plan_free(struct plan_copy *c)
{
	if (c == NULL) {
		return;
	}
	struct copy_list *const all[] = { &c->pools,  &c->uses,  &c->zones,   &c->partners,
					  &c->groups, &c->needs, &c->options, &c->team };
	for (size_t i = 0; i < SK_LEN(all); i++) {
		free(all[i]->at);
	}
	if (c->made != NULL) {
		schakel__v1__plan_proposed__free_unpacked(c->made, NULL);
	}
	free(c);
}
