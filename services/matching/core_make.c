/* SPDX-License-Identifier: EUPL-1.2 */
/* A plan, made of a copy: no step, store or index is reachable here. What is expected to come free
 * before the horizon counts as free, or nothing would be left to weigh: what is free today has been
 * given away in the step that freed it. So its prices are of those weeks; its seats are those that
 * today's free amounts carry. */
#include <stdlib.h>
#include <string.h>

#include "services/matching/core_copy.h"

#define PRICE_ROUNDS 120U
#define DEEP_WORK 200000000U /* a few dozen teams of such a family, in the plan's own thread */
#define FREE_ROUNDS 12U      /* without the law, from the prices of the plan with it */
#define PLAN_SEED 1U

struct make {
	struct plan_copy *c;
	const atomic_bool *stop;
	struct plan_group *groups; /* in the order */
	size_t groups_len;
	struct plan_need *needs;
	struct plan_pool *pools;
	uint32_t *partner_cost;
	uint32_t *prices;
	struct plan_problem problem;
	struct plan_result *lawful, *unbound;
};

void match_make_free(struct make *m)
{
	if (m != NULL) {
		plan_free(m->lawful);
		plan_free(m->unbound);
		free(m->groups);
		free(m->needs);
		free(m->pools);
		free(m->partner_cost);
		free(m->prices);
		free(m);
	}
}

static void *array(size_t len, size_t size)
{
	return calloc(len + 1, size);
}

static int by_order(const void *a, const void *b)
{
	const struct copy_group *x = a;
	const struct copy_group *y = b;
	int cmp = memcmp(x->at.b, y->at.b, ORDER_LEN);

	return cmp != 0 ? cmp : (x->first > y->first) - (x->first < y->first);
}

static uint32_t both(uint32_t a, uint32_t b)
{
	return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/** The copy has at most as many needs in a group as the lives compose at once; those of one place
 * in the order are one team all the same. */
static bool goes_on(const struct copy_group *a, const struct copy_group *b)
{
	return memcmp(a->at.b, b->at.b, GROUP_LEN) == 0 && a->first + a->len == b->first;
}

static void problem_groups(struct make *m)
{
	struct plan_copy *c = m->c;
	struct copy_group *groups = c->wait.groups.at;
	const struct copy_need *needs = c->wait.needs.at;

	if (c->wait.groups.len > 0) {
		qsort(groups, c->wait.groups.len, sizeof(*groups), by_order);
	}
	for (size_t i = 0; i < c->wait.groups.len; i++) {
		struct plan_group *last = m->groups_len == 0 ? NULL : &m->groups[m->groups_len - 1];
		if (last != NULL && goes_on(&groups[i - 1], &groups[i])) {
			last->len += groups[i].len;
			continue;
		}
		m->groups[m->groups_len++] =
			(struct plan_group){ .first = groups[i].first,
					     .len = groups[i].len,
					     .team_max = c->team_max,
					     .team_first = groups[i].team_first,
					     .team_len = groups[i].team_len };
	}
	for (size_t i = 0; i < c->wait.needs.len; i++) {
		m->needs[i] = (struct plan_need){ .first = needs[i].first,
						  .len = needs[i].len,
						  .penalty = needs[i].penalty };
	}
}

static bool problem_fill(struct make *m)
{
	struct plan_copy *c = m->c;
	const struct copy_pool *pools = c->pools.at;

	m->groups = array(c->wait.groups.len, sizeof(*m->groups));
	m->needs = array(c->wait.needs.len, sizeof(*m->needs));
	m->pools = array(c->pools.len, sizeof(*m->pools));
	m->partner_cost = array(c->partners.len, sizeof(*m->partner_cost));
	m->prices = array(c->pools.len, sizeof(*m->prices));
	if (m->groups == NULL || m->needs == NULL || m->pools == NULL || m->partner_cost == NULL ||
	    m->prices == NULL) {
		return false;
	}
	problem_groups(m);
	for (size_t i = 0; i < c->pools.len; i++) {
		m->pools[i] = (struct plan_pool){ .partner = pools[i].partner,
						  .free = both(pools[i].free, pools[i].soon) };
		memcpy(m->pools[i].id, pools[i].id.b, OBJECT_ID_LEN);
		m->prices[i] = pools[i].price;
	}
	for (size_t i = 0; i < c->partners.len; i++) {
		m->partner_cost[i] = c->partner_cost;
	}
	m->problem = (struct plan_problem){ .groups = m->groups,
					    .groups_len = m->groups_len,
					    .needs = m->needs,
					    .needs_len = c->wait.needs.len,
					    .options = c->options.at,
					    .options_len = c->options.len,
					    .pools = m->pools,
					    .pools_len = c->pools.len,
					    .partner_cost = m->partner_cost,
					    .partners_len = c->partners.len,
					    .team = c->team.at,
					    .team_len = c->team.len };
	return true;
}

/** Both plans: the lawful one, and what would be without the order, to say what it costs. */
static int solve(struct make *m)
{
	struct plan_rules rules = { .law = true,
				    .seed = PLAN_SEED,
				    .price_rounds = PRICE_ROUNDS,
				    .repair_rounds = m->c->rounds,
				    .deep_work = DEEP_WORK,
				    .prices = m->prices,
				    .stop = m->stop };
	int err = plan_run(&m->problem, &rules, &m->lawful);

	if (err != SK_OK || m->lawful == NULL) {
		return err;
	}
	rules.law = false;
	rules.price_rounds = FREE_ROUNDS;
	rules.prices = m->lawful->price;
	return plan_run(&m->problem, &rules, &m->unbound);
}

/* --- what is proposed --- */

struct cell_price {
	uint32_t expertise;
	const char *zone;
	uint32_t price;
};

static int by_cell(const void *a, const void *b)
{
	const struct cell_price *x = a;
	const struct cell_price *y = b;

	if (x->expertise != y->expertise) {
		return x->expertise < y->expertise ? -1 : 1;
	}
	size_t long_x = strlen(x->zone);
	size_t long_y = strlen(y->zone);
	int cmp = memcmp(x->zone, y->zone, long_x < long_y ? long_x : long_y);
	return cmp != 0 ? cmp : (long_x > long_y) - (long_x < long_y);
}

static int by_price(const void *a, const void *b)
{
	const struct cell_price *x = a;
	const struct cell_price *y = b;

	return x->price != y->price ? (x->price < y->price ? 1 : -1) : by_cell(a, b);
}

static void say_wanted(const struct make *m, bool *wanted)
{
	const struct plan_option *o = m->c->options.at;

	for (size_t i = 0; i < m->c->options.len; i++) {
		wanted[o[i].pool] = true;
	}
}

static bool cells_add(const struct make *m, const struct copy_use *u, uint32_t expertise,
		      struct copy_list *list)
{
	const char(*zones)[PARTY_ID_LEN_MAX + 1] = m->c->zones.at;
	uint32_t price = m->lawful->price[u->pool];

	for (uint32_t z = 0; z < u->zones_len; z++) {
		struct cell_price *to = copy_add(list, sizeof(*to));
		if (to == NULL) {
			return false;
		}
		to->expertise = expertise;
		to->zone = zones[u->zones + z];
		to->price = price < MATCH_PRICE_MAX ? price : MATCH_PRICE_MAX;
	}
	return true;
}

/** Each cell that a wanted pool serves, at that pool's price. */
static bool cells_of(const struct make *m, const bool *wanted, struct copy_list *list)
{
	const struct copy_use *uses = m->c->uses.at;
	bool ok = true;

	for (size_t i = 0; i < m->c->uses.len; i++) {
		uint64_t left = wanted[uses[i].pool] ? uses[i].expertises : 0;
		for (; ok && left != 0; left &= left - 1) {
			ok = cells_add(m, &uses[i], (uint32_t)__builtin_ctzll(left) + 1, list);
		}
	}
	return ok;
}

/** What one more hour of a cell is worth is what the cheapest of its pools asks: the next child may
 *  go there. Cells at 0 are not named; of too many the dearest are. */
static size_t cheapest(struct cell_price *all, size_t len)
{
	size_t at = 0;

	if (len == 0) {
		return 0;
	}
	qsort(all, len, sizeof(*all), by_cell);
	for (size_t i = 0; i < len; i++) {
		if (at > 0 && by_cell(&all[at - 1], &all[i]) == 0) {
			all[at - 1].price = all[i].price < all[at - 1].price ? all[i].price :
									       all[at - 1].price;
		} else {
			all[at++] = all[i];
		}
	}
	qsort(all, at, sizeof(*all), by_price);
	while (at > 0 && all[at - 1].price == 0) {
		at--;
	}
	at = at < MATCH_PLAN_PRICES_MAX ? at : MATCH_PLAN_PRICES_MAX;
	if (at > 0) {
		qsort(all, at, sizeof(*all), by_cell);
	}
	return at;
}

static bool price_add(PB(PlanProposed) *to, const struct cell_price *from)
{
	PB(PlanPrice) *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		return false;
	}
	schakel__v1__plan_price__init(p);
	to->prices[to->n_prices++] = p;
	p->expertise = from->expertise;
	p->price = from->price;
	p->zone = strdup(from->zone);
	return p->zone != NULL;
}

static bool prices_fill(struct make *m)
{
	PB(PlanProposed) *to = m->c->made;
	struct copy_list list = { 0 };
	bool *wanted = array(m->c->pools.len, sizeof(*wanted));
	bool ok = wanted != NULL;

	if (ok) {
		say_wanted(m, wanted);
		ok = cells_of(m, wanted, &list);
	}
	struct cell_price *cells = list.at;
	size_t len = cells == NULL ? 0 : cheapest(cells, list.len);
	to->prices = array(len, sizeof(PB(PlanPrice) *));
	ok = ok && to->prices != NULL;
	for (size_t i = 0; ok && i < len; i++) {
		ok = price_add(to, &cells[i]);
	}
	free(list.at);
	free(wanted);
	return ok;
}

static bool seat_add(PB(PlanProposed) *to, const struct copy_need *n, const struct copy_pool *p,
		     uint32_t use)
{
	PB(PlanSeat) *seat = calloc(1, sizeof(*seat));

	if (seat == NULL) {
		return false;
	}
	schakel__v1__plan_seat__init(seat);
	to->seats[to->n_seats++] = seat;
	seat->use = use;
	seat->pool = strdup(p->name);
	seat->need_id.data = malloc(OBJECT_ID_LEN);
	if (seat->pool == NULL || seat->need_id.data == NULL) {
		return false;
	}
	seat->need_id.len = OBJECT_ID_LEN;
	memcpy(seat->need_id.data, n->id.b, OBJECT_ID_LEN);
	return true;
}

/** Those that today's free amounts carry, in the order of those who wait. */
static bool seats_fill(struct make *m)
{
	PB(PlanProposed) *to = m->c->made;
	const struct plan_option *options = m->c->options.at;
	const struct copy_need *needs = m->c->wait.needs.at;
	const struct copy_pool *pools = m->c->pools.at;
	uint32_t *left = array(m->c->pools.len, sizeof(*left));
	bool ok = left != NULL;

	for (size_t i = 0; ok && i < m->c->pools.len; i++) {
		left[i] = pools[i].free;
	}
	to->seats = array(MATCH_PLAN_SEATS_MAX, sizeof(PB(PlanSeat) *));
	for (size_t g = 0; ok && to->seats != NULL && g < m->groups_len; g++) {
		for (uint32_t i = m->groups[g].first;
		     ok && i < m->groups[g].first + m->groups[g].len; i++) {
			if (m->lawful->seat[i] == PLAN_NONE) {
				continue;
			}
			const struct plan_option *o = &options[m->lawful->seat[i]];
			if (o->amount > left[o->pool] || to->n_seats == MATCH_PLAN_SEATS_MAX) {
				continue;
			}
			left[o->pool] -= o->amount;
			ok = seat_add(to, &needs[i], &pools[o->pool], o->use);
		}
	}
	free(left);
	return ok && to->seats != NULL;
}

static bool propose(struct make *m)
{
	PB(PlanProposed) *to = calloc(1, sizeof(*to));
	uint64_t unbound = m->unbound->value;

	m->c->made = to;
	if (to == NULL) {
		return false;
	}
	schakel__v1__plan_proposed__init(to);
	to->sequence = m->c->sequence;
	to->rules_version = m->c->rules_version;
	to->value = m->lawful->value;
	to->bound = m->lawful->bound;
	to->needs = (uint32_t)m->c->wait.needs.len;
	to->covered = m->lawful->covered;
	to->law_cost = to->value > unbound ? to->value - unbound : 0;
	to->cost = m->lawful->cost;
	to->free_covered = m->unbound->covered;
	to->free_cost = m->unbound->cost;
	return seats_fill(m) && prices_fill(m);
}

int match_plan_make(struct plan_copy *copy, const atomic_bool *stop)
{
	struct make *m = calloc(1, sizeof(*m));

	if (m == NULL) {
		return SK_ENOMEM;
	}
	*m = (struct make){ .c = copy, .stop = stop };
	copy->make = m;
	int err = problem_fill(m) ? solve(m) : SK_ENOMEM;
	bool solved = err == SK_OK && m->lawful != NULL && m->unbound != NULL;
	if (solved && !propose(m)) {
		err = SK_ENOMEM;
	}
	if (err == SK_OK && copy->runs > 0) {
		err = match_look_ahead(copy, &m->problem, stop);
	}
	return err;
}

/* --- who checks it --- */

static const char *told_pool(const struct plan_copy *c, size_t pool)
{
	return ((const struct copy_pool *)c->pools.at)[pool].name;
}

static const char *told_partner(const struct plan_copy *c, size_t partner)
{
	return ((const char(*)[PARTY_ID_LEN_MAX + 1]) c->partners.at)[partner];
}

static const struct object_id *told_need(const struct plan_copy *c, size_t need)
{
	return &((const struct copy_need *)c->wait.needs.at)[need].id;
}

static uint32_t told_free(const struct plan_copy *c, size_t pool)
{
	return ((const struct copy_pool *)c->pools.at)[pool].free;
}

bool match_plan_told(const struct plan_copy *c, struct plan_told *ret_told)
{
	const struct make *m = c->make;

	if (m == NULL || c->made == NULL) {
		return false;
	}
	*ret_told = (struct plan_told){ .problem = &m->problem,
					.plan = m->lawful,
					.free_value = m->unbound->value,
					.sequence = c->sequence,
					.now_ms = c->now_ms,
					.rules_version = c->rules_version,
					.copy = c,
					.pool = told_pool,
					.partner = told_partner,
					.need = told_need,
					.free_now = told_free };
	return true;
}

PB(PlanProposed) *match_plan_take(struct plan_copy *copy)
{
	if (copy->taken || copy->made == NULL) {
		return match_foreseen_take(copy);
	}
	copy->taken = true;
	return copy->made;
}
