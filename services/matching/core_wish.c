/* SPDX-License-Identifier: EUPL-1.2 */
/* What is wished for inside the law. The composer finds who can be helped (coverage, in the order)
 * and then what costs least. Between the two stand, in this order: whom the child would rather have
 * (DOMAIN 2), whom a partner named that could not itself (C5), and brothers and sisters who live
 * together staying together (B1). Each wish is tried by leaving out the options that break it: it
 * is granted when just the same needs are still seated, else it is dropped, so that a wish never
 * takes help from anybody (L7: the amounts are those of clean pools, which nobody else that waits
 * could use). Given the wishes granted so far the answer is exact. */
#include "services/matching/core_build.h"
#include "services/matching/core_large.h"

#define SIBLING_POOLS_MAX                                                      \
	16U /* pools tried for one set of brothers and sisters, cheapest first \
	     */

typedef bool keep_fn(const struct build *b, const struct compose_option *o, const void *ctx);

static void option_swap(struct build *b, size_t x, size_t y)
{
	struct compose_option option = b->m->options[x];
	const struct use_facts *facts = b->m->facts[x];
	bool far = b->m->far[x];

	b->m->options[x] = b->m->options[y];
	b->m->facts[x] = b->m->facts[y];
	b->m->far[x] = b->m->far[y];
	b->m->options[y] = option;
	b->m->facts[y] = facts;
	b->m->far[y] = far;
}

/** The options that are kept come first and count; the others stay behind them. */
static void narrow(struct build *b, keep_fn *keep, const void *ctx)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->problem.options_len; i++) {
		if (keep(b, &b->m->options[i], ctx)) {
			option_swap(b, i, kept++);
		}
	}
	b->problem.options_len = kept;
}

static const char *partner_of(const struct build *b, const struct compose_option *o)
{
	return b->m->partner_names[b->m->pools[o->pool].partner];
}

static bool is_stay(const struct build *b, const struct compose_option *o)
{
	size_t at = (size_t)(o - b->m->options);

	return b->m->facts[at]->modality == SCHAKEL__V1__MODALITY__MODALITY_RESIDENTIAL;
}

/* --- a partner for a need --- */

struct by_partner {
	size_t need;
	const char *partner;
};

static bool keep_partner(const struct build *b, const struct compose_option *o, const void *ctx)
{
	const struct by_partner *by = ctx;

	return o->need != by->need || strcmp(partner_of(b, o), by->partner) == 0;
}

size_t build_narrow(struct build *b, size_t need, const char *partner)
{
	struct by_partner by = { need, partner };
	size_t all = b->problem.options_len;

	narrow(b, keep_partner, &by);
	return all;
}

/** @return true when the need sits there, and all others as before sit somewhere. */
static bool wish_partner(struct build *b, size_t need, const char *partner, uint16_t covered)
{
	struct compose_team team;

	if ((covered & 1U << need) == 0) {
		return false;
	}
	b->moved = true;
	size_t all = build_narrow(b, need, partner);
	carry_compose(b, &team);
	bool granted = team.covered == covered;
	if (granted) {
		b->wished = (uint16_t)(b->wished | 1U << need);
	} else {
		b->problem.options_len = all;
	}
	return granted;
}

static const char *choice_of(const struct build *b, size_t need)
{
	const PB(RequestFact) *f = b->r->request;
	struct object_id id = id_of(&b->needs[need]->need->need_id);

	for (size_t i = 0; i < f->n_choices; i++) {
		struct object_id of;
		if (object_id_from(&f->choices[i]->need_id, &of) && object_id_equal(&of, &id)) {
			return f->choices[i]->partner;
		}
	}
	return NULL;
}

static void wish_partners(struct build *b, uint16_t covered)
{
	for (size_t i = 0; i < b->problem.needs; i++) {
		const char *choice = choice_of(b, i);
		const PB(MatchNeedRecord) *n = b->needs[i];
		bool granted = choice != NULL && wish_partner(b, i, choice, covered);
		for (size_t k = n->n_suggested; !granted && k > 0; k--) {
			granted = wish_partner(b, i, n->suggested[k - 1]->partner, covered);
		}
	}
}

/* --- brothers and sisters --- */

/** Two needs of children who live together, of one expertise, and nothing says that they are to get
 *  help apart. */
static bool are_siblings(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *a,
			 const PB(MatchNeedRecord) *b)
{
	const PB(ChildFact) *x = need_child(r, a);
	const PB(ChildFact) *y = need_child(r, b);

	if (x == NULL || y == NULL || a->need->child == b->need->child ||
	    a->need->expertise != b->need->expertise || x->apart != 0 || y->apart != 0 ||
	    x->n_zones != y->n_zones) {
		return false;
	}
	for (size_t i = 0; i < x->n_zones; i++) {
		if (strcmp(x->zones[i], y->zones[i]) != 0) {
			return false;
		}
	}
	return true;
}

struct by_pool {
	uint16_t needs;
	uint32_t pool;
};

/** Help at home or by the hour parts nobody; a stay elsewhere does. */
static bool keep_pool(const struct build *b, const struct compose_option *o, const void *ctx)
{
	const struct by_pool *by = ctx;

	return (by->needs & 1U << o->need) == 0 || !is_stay(b, o) || o->pool == by->pool;
}

/** The cheapest stay of the need at that pool, or UINT64_MAX. */
static uint64_t stay_cost(const struct build *b, size_t need, uint32_t pool, uint64_t *io_amount)
{
	uint64_t least = UINT64_MAX;
	uint64_t amount = 0;

	for (size_t i = 0; i < b->problem.options_len; i++) {
		const struct compose_option *o = &b->m->options[i];
		if (o->need == need && o->pool == pool && is_stay(b, o) && o->cost < least) {
			least = o->cost;
			amount = o->amount;
		}
	}
	*io_amount += amount;
	return least;
}

/** @return what stays for all of them at that pool cost, or UINT64_MAX: not all find one. */
static uint64_t set_cost(const struct build *b, uint16_t needs, uint32_t pool)
{
	uint64_t sum = 0;
	uint64_t amount = 0;

	for (size_t i = 0; i < b->problem.needs; i++) {
		if ((needs & 1U << i) == 0) {
			continue;
		}
		uint64_t cost = stay_cost(b, i, pool, &amount);
		if (cost == UINT64_MAX) {
			return cost;
		}
		sum += cost;
	}
	return amount > b->m->pools[pool].free ? UINT64_MAX : sum;
}

struct candidates {
	uint32_t pool[SIBLING_POOLS_MAX];
	uint64_t cost[SIBLING_POOLS_MAX];
	size_t len;
};

static void candidate_add(struct candidates *c, uint32_t pool, uint64_t cost)
{
	size_t at = c->len;

	for (size_t i = 0; i < c->len; i++) {
		if (c->pool[i] == pool) {
			return; /* another use of it */
		}
	}
	if (cost == UINT64_MAX || (c->len == SIBLING_POOLS_MAX && c->cost[c->len - 1] <= cost)) {
		return;
	}
	c->len += c->len < SIBLING_POOLS_MAX;
	at = at == c->len ? at - 1 : at;
	for (; at > 0 && c->cost[at - 1] > cost; at--) {
		c->cost[at] = c->cost[at - 1];
		c->pool[at] = c->pool[at - 1];
	}
	c->cost[at] = cost;
	c->pool[at] = pool;
}

/** Where a brother or sister of theirs stays already. */
static bool is_anchor(struct build *b, uint16_t needs, uint32_t pool)
{
	PB(MatchNeedRecord) *all[MATCH_NEEDS_MAX];
	struct object_id request = id_of(&b->r->request->request_id);
	size_t mark = work_mark(b->w);
	size_t len = needs_of(b->w, &request, all);
	bool found = false;

	for (size_t i = 0; i < len && !found; i++) {
		struct object_id seat = id_of(&all[i]->seat_id);
		const PB(MatchContributionRecord) *c =
			all[i]->seat_id.len == 0 ? NULL : contribution_get(b->w, &seat);
		bool there = c != NULL &&
			     c->modality == SCHAKEL__V1__MODALITY__MODALITY_RESIDENTIAL &&
			     strcmp(c->pool, b->m->names[pool]) == 0;
		for (size_t n = 0; there && n < b->problem.needs; n++) {
			found = found ||
				((needs & 1U << n) != 0 && are_siblings(b->r, all[i], b->needs[n]));
		}
	}
	work_rewind(b->w, mark);
	return found;
}

/** Pools where all of them find a stay; where one of theirs stays already, those alone. @return
 *  false when there is nothing to keep together: a single one, and nobody there. */
static bool gather_candidates(struct build *b, uint16_t needs, size_t first,
			      struct candidates *ret_pools)
{
	struct candidates anchors = { .len = 0 };

	ret_pools->len = 0;
	for (size_t i = 0; i < b->problem.options_len; i++) {
		const struct compose_option *o = &b->m->options[i];
		if (o->need != first || !is_stay(b, o)) {
			continue;
		}
		uint64_t cost = set_cost(b, needs, o->pool);
		candidate_add(ret_pools, o->pool, cost);
		if (cost != UINT64_MAX && is_anchor(b, needs, o->pool)) {
			candidate_add(&anchors, o->pool, cost);
		}
	}
	if (anchors.len > 0) {
		*ret_pools = anchors;
	}
	return anchors.len > 0 || needs != (uint16_t)(1U << first);
}

static void wish_together(struct build *b, uint16_t needs, size_t first, uint16_t covered)
{
	size_t all = b->problem.options_len;
	struct compose_team best = { .cost = UINT64_MAX };
	struct by_pool by = { .needs = needs, .pool = COMPOSE_NONE };
	struct candidates pools;

	if (!gather_candidates(b, needs, first, &pools)) {
		return;
	}
	b->moved = true;
	for (size_t i = 0; i < pools.len; i++) {
		struct by_pool one = { needs, pools.pool[i] };
		struct compose_team team;
		narrow(b, keep_pool, &one);
		carry_compose(b, &team);
		b->problem.options_len = all;
		bool better = team.cost < best.cost ||
			      (team.cost == best.cost && team.tie < best.tie);
		if (team.covered == covered && better) {
			best = team;
			by = one;
		}
	}
	if (by.pool != COMPOSE_NONE) {
		narrow(b, keep_pool, &by);
		b->together |= needs;
		b->wished |= needs;
	}
}

/** Each set once: the needs of the group that are seated, and are siblings of one another. A single
 *  one counts too: another may stay somewhere already. */
static void wish_siblings(struct build *b, uint16_t covered)
{
	uint16_t done = 0;

	if (b->r->request->n_children < 2) {
		return;
	}
	for (size_t i = 0; i < b->problem.needs; i++) {
		uint16_t set = (uint16_t)(1U << i);
		if ((covered & set) == 0 || (done & set) != 0) {
			continue;
		}
		for (size_t j = i + 1; j < b->problem.needs; j++) {
			bool sibling = (covered & 1U << j) != 0 &&
				       are_siblings(b->r, b->needs[i], b->needs[j]);
			set = (uint16_t)(set | (sibling ? 1U << j : 0));
		}
		done |= set;
		wish_together(b, set, i, covered);
	}
}

/* --- a family with more than twelve needs --- */

/** What was found when all needs were looked at together; not for those of which a wish stands. */
static bool keep_plan(const struct build *b, const struct compose_option *o, const void *ctx)
{
	const char *pool = b->plan->pool[b->plan_from + o->need];

	(void)ctx;
	return (b->wished & 1U << o->need) != 0 || pool[0] == '\0' ||
	       strcmp(b->m->names[o->pool], pool) == 0;
}

static void wish_plan(struct build *b, uint16_t covered)
{
	size_t all = b->problem.options_len;
	struct compose_team team;

	if (b->plan == NULL || !b->plan->known) {
		return;
	}
	b->moved = true;
	narrow(b, keep_plan, NULL);
	carry_compose(b, &team);
	if (team.covered != covered) {
		b->problem.options_len = all;
	}
}

void build_team(struct build *b, bool wishes, struct compose_team *ret_team)
{
	size_t all = b->problem.options_len;

	carry_compose(b, ret_team);
	if (!wishes || ret_team->covered == 0) {
		return;
	}
	struct compose_team plain = *ret_team;
	b->moved = false;
	wish_partners(b, plain.covered);
	wish_siblings(b, plain.covered);
	wish_plan(b, plain.covered);
	if (!b->moved) {
		return; /* nothing is wished for */
	}
	carry_compose(b, ret_team); /* the options stand in another order now */
	SK_ASSERT(ret_team->covered == plain.covered);
	memcpy(ret_team->open, plain.open,
	       sizeof(plain.open)); /* for want of what, without wishes */
	b->problem.options_len = all;
}

void build_alternatives(struct build *b, size_t need, const uint32_t option[COMPOSE_STANDBY_MAX],
			struct seat_offer *io_offer)
{
	PB(Alternative) **list = step_alloc(b->w->s, COMPOSE_STANDBY_MAX * sizeof(*list));

	io_offer->alternatives = list;
	for (size_t i = 0; list != NULL && i < COMPOSE_STANDBY_MAX; i++) {
		PB(Alternative) *a = option[i] == COMPOSE_NONE ? NULL :
								 step_alloc(b->w->s, sizeof(*a));
		if (a == NULL) {
			continue;
		}
		struct seat_offer other = build_offer(b, option[i]);
		schakel__v1__alternative__init(a);
		a->need_id = b->needs[need]->need->need_id;
		a->partner = step_strdup(b->w->s, other.partner);
		a->pool = step_strdup(b->w->s, other.pool);
		a->use = other.use;
		a->modality = other.modality;
		for (size_t c = 0; c < other.costs_len; c++) {
			a->cost += other.costs[c]->cost;
		}
		list[io_offer->alternatives_len++] = a;
	}
}

/* --- told --- */

bool seat_is_apart(struct work *w, const PB(MatchRequestRecord) *r,
		   PB(MatchNeedRecord) *const *needs, size_t len, size_t at)
{
	struct object_id seat = id_of(&needs[at]->seat_id);
	const PB(MatchContributionRecord) *c =
		needs[at]->seat_id.len == 0 ? NULL : contribution_get(w, &seat);

	if (c == NULL || c->modality != SCHAKEL__V1__MODALITY__MODALITY_RESIDENTIAL) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		struct object_id other = id_of(&needs[i]->seat_id);
		const PB(MatchContributionRecord) *o =
			needs[i]->seat_id.len == 0 ? NULL : contribution_get(w, &other);
		if (o != NULL && o->modality == c->modality && strcmp(o->pool, c->pool) != 0 &&
		    are_siblings(r, needs[at], needs[i])) {
			return true;
		}
	}
	return false;
}

/** Could the partner take the need's seat in this step, its amount free and due to nobody else? */
static bool chosen_fits(struct work *w, const PB(MatchRequestRecord) *r,
			const PB(MatchNeedRecord) *n, const char *partner)
{
	struct object_id need = id_of(&n->need->need_id);
	struct object_id request = id_of(&n->request_id);
	const struct index_ref *refs;
	struct team others;
	bool fits = false;

	team_of(w, &request, &need, &others);
	if (!team_has(&others, partner) && others.len >= step_setting(w->s, SETTING_TEAM_MAX)) {
		return false;
	}
	size_t len = need_refs(w, n, &refs);
	for (size_t i = 0; i < len && !fits; i++) {
		size_t mark = work_mark(w);
		const PB(MatchPoolRecord) *p = pool_get(w, refs[i].pool);
		fits = p != NULL && strcmp(p->partner, partner) == 0 && pool_is_clean(w, p->pool) &&
		       need_fit(w, r, n, p, &refs[i].facts) == FIT_OK;
		work_rewind(w, mark);
	}
	return fits;
}

void choices_settle(struct work *w, const struct object_id *request)
{
	const PB(MatchRequestRecord) *r = request_get(w, request);

	for (size_t i = 0; r != NULL && i < r->request->n_choices; i++) {
		const PB(Choice) *choice = r->request->choices[i];
		struct object_id need;
		const PB(MatchNeedRecord) *n =
			object_id_from(&choice->need_id, &need) ? need_get(w, &need) : NULL;
		struct object_id seat = n == NULL ? *request : id_of(&n->seat_id);
		PB(MatchContributionRecord) *c =
			n == NULL || n->seat_id.len == 0 ? NULL : contribution_get(w, &seat);
		PB(ContributionState) to;
		bool other = c != NULL && strcmp(c->partner, choice->partner) != 0 &&
			     contribution_next(c->state, EV_RELEASE, &to) == SK_OK;
		if (other && need_is_open(n) && !n->paused &&
		    chosen_fits(w, r, n, choice->partner)) {
			contribution_move(w, c, EV_RELEASE, TELL_PARTNER);
		}
	}
}
