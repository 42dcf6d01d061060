/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/plan/compose.h"

#include <string.h>

#include "common/plan/compose_work.h"

#define SCRATCH_ALIGN 16U
#define SEARCH_STEPS (1U << 19) /* a few milliseconds */
#define KEY_TIE_MASK ((1ULL << KEY_TIE_BITS) - 1)
#define KEY_ID_MASK ((1ULL << KEY_ID_BITS) - 1)

static bool option_valid(const struct compose_problem *p, const struct compose_option *o)
{
	return o->need < p->needs && o->pool < p->pools_len && o->amount <= COMPOSE_AMOUNT_MAX &&
	       o->tie >> COMPOSE_TIE_BITS == 0;
}

static bool options_valid(const struct compose_problem *p)
{
	uint32_t counts[COMPOSE_NEEDS_MAX] = { 0 };

	for (size_t i = 0; i < p->options_len; i++) {
		const struct compose_option *o = &p->options[i];
		if (!option_valid(p, o) || counts[o->need]++ == COMPOSE_PER_NEED_MAX) {
			return false;
		}
	}
	return true;
}

static bool pairs_valid(const struct compose_problem *p, const struct compose_pair *pairs,
			size_t len)
{
	for (size_t i = 0; i < len && len <= COMPOSE_PAIRS_MAX; i++) {
		const uint8_t *need = pairs[i].need;
		if (need[0] >= p->needs || need[1] >= p->needs || need[0] == need[1]) {
			return false;
		}
	}
	return len <= COMPOSE_PAIRS_MAX;
}

static bool problem_valid(const struct compose_problem *p)
{
	if (p->needs > COMPOSE_NEEDS_MAX || p->pools_len > COMPOSE_POOLS_MAX ||
	    p->partners_len > COMPOSE_POOLS_MAX) {
		return false;
	}
	for (size_t i = 0; i < p->pools_len; i++) {
		if (p->pools[i].partner >= p->partners_len) {
			return false;
		}
	}
	return pairs_valid(p, p->together, p->together_len) &&
	       pairs_valid(p, p->apart, p->apart_len) && options_valid(p);
}

/* A front has at most one way per amount, from none to what is free or what all needs can take.
 * */
static uint32_t front_bound(const struct compose_problem *p)
{
	uint32_t free = 0;
	uint32_t most[COMPOSE_NEEDS_MAX] = { 0 };
	uint32_t sum = 0;

	for (size_t i = 0; i < p->options_len; i++) {
		const struct compose_option *o = &p->options[i];
		uint32_t here = p->pools[o->pool].free;
		free = here > free ? here : free;
		if (o->amount <= here && o->amount > most[o->need]) {
			most[o->need] = o->amount;
		}
	}
	for (uint32_t i = 0; i < p->needs; i++) {
		sum += most[i];
	}
	return 1 + (sum < free ? sum : free);
}

/* A region that is measured when mem is NULL and handed out when it is not: one list of sizes. */
struct carver {
	uint8_t *mem;
	size_t used;
};

static void *carve(struct carver *c, size_t count, size_t size)
{
	void *p = c->mem == NULL ? NULL : c->mem + c->used;

	c->used += (count * size + SCRATCH_ALIGN - 1) / SCRATCH_ALIGN * SCRATCH_ALIGN;
	return p;
}

static size_t row_cells(const struct compose_work *w)
{
	size_t cells = 0;

	for (uint32_t mask = 0; mask < w->masks; mask++) {
		cells += row_width(w, mask);
	}
	return cells;
}

/* @return the bytes that the tables take. */
static size_t work_carve(struct compose_work *w, void *mem)
{
	struct carver c = { .mem = mem };
	const struct compose_problem *p = w->p;
	size_t options = p->options_len;
	size_t runs = options < p->pools_len ? options : p->pools_len;
	size_t cells = row_cells(w);
	size_t teams = (size_t)w->masks * (p->needs + 1) * (w->leads ? 2 : 1);

	for (size_t i = 0; i < 2; i++) {
		w->items[i] = carve(&c, runs, sizeof(*w->items[i]));
	}
	for (size_t i = 0; i < KINDS; i++) {
		w->rows[i] = carve(&c, cells, sizeof(*w->rows[i]));
		w->row_len[i] = carve(&c, w->masks, sizeof(*w->row_len[i]));
		w->row_live[i] = carve(&c, w->masks, sizeof(*w->row_live[i]));
	}
	for (size_t i = 0; i < SK_LEN(w->front); i++) {
		bool used = i <= p->needs || i == SK_LEN(w->front) - 1;
		w->front[i].way = carve(&c, used ? w->front_max : 0, sizeof(*w->front[i].way));
	}
	w->slots = carve(&c, w->slots_len, sizeof(*w->slots));
	w->pool_run = carve(&c, p->pools_len, sizeof(*w->pool_run));
	w->fits = carve(&c, options, sizeof(*w->fits));
	w->by_rank = carve(&c, options, sizeof(*w->by_rank));
	w->runs = carve(&c, runs, sizeof(*w->runs));
	w->partner_first = carve(&c, p->partners_len + 1, sizeof(*w->partner_first));
	w->active = carve(&c, p->partners_len, sizeof(*w->active));
	w->picked = carve(&c, p->partners_len, sizeof(*w->picked));
	w->mates = carve(&c, w->masks, sizeof(*w->mates));
	w->never = carve(&c, w->masks, sizeof(*w->never));
	w->pool_tab = carve(&c, w->masks, sizeof(*w->pool_tab));
	w->part_tab = carve(&c, w->masks, sizeof(*w->part_tab));
	w->row_base = carve(&c, w->masks, sizeof(*w->row_base));
	w->joins = carve(&c, w->masks, sizeof(*w->joins));
	w->least = carve(&c, teams, sizeof(*w->least));
	w->bound = carve(&c, teams, sizeof(*w->bound));
	w->block_end = carve(&c, p->partners_len, sizeof(*w->block_end));
	w->blocks = carve(&c, KINDS * cells, sizeof(*w->blocks));
	w->best = carve(&c, teams, sizeof(*w->best));
	return c.used;
}

/* One who is in the team and can lead settles the matter. */
static bool lead_is_wanted(const struct compose_problem *p)
{
	bool wanted = p->lead;

	for (size_t i = 0; i < p->partners_len && wanted; i++) {
		wanted = !(p->partners[i].in_team && p->partners[i].lead);
	}
	return wanted;
}

static int work_init(struct compose_work *w, const struct compose_problem *p)
{
	if (!problem_valid(p)) {
		return SK_EINVAL;
	}
	uint32_t joining = p->team_max > p->partners_used ? p->team_max - p->partners_used : 0;
	*w = (struct compose_work){
		.p = p,
		.masks = 1U << p->needs,
		.front_max = front_bound(p),
		.team_free = joining < p->needs ? joining : p->needs,
		.lead = lead_is_wanted(p),
		.slots_len = 1,
		.steps_left = SEARCH_STEPS,
	};
	w->leads = w->lead;
	while (w->slots_len < 2 * p->pools_len) {
		w->slots_len *= 2;
	}
	return SK_OK;
}

static void pair_rules(struct compose_work *w)
{
	const struct compose_problem *p = w->p;

	memset(w->mates, 0, w->masks * sizeof(*w->mates));
	memset(w->never, 0, w->masks);
	for (uint32_t mask = 1; mask < w->masks; mask++) {
		for (size_t i = 0; i < p->together_len; i++) {
			uint32_t a = need_bit(p, p->together[i].need[0]);
			uint32_t b = need_bit(p, p->together[i].need[1]);
			uint32_t mates = ((mask & a) != 0 ? b : 0) | ((mask & b) != 0 ? a : 0);
			w->mates[mask] = (uint16_t)(w->mates[mask] | (mates & ~mask));
		}
		for (size_t i = 0; i < p->apart_len; i++) {
			uint32_t both = need_bit(p, p->apart[i].need[0]) |
					need_bit(p, p->apart[i].need[1]);
			w->never[mask] |= (mask & both) == both ? 1 : 0;
		}
	}
}

/* From the table of teams: least of a mask, over the new partners that it takes. */
static const struct compose_key *best_of(const struct compose_work *w, uint32_t mask)
{
	uint32_t lead = w->lead && mask != 0 ? w->team_free + 1 : 0;
	const struct compose_key *row = &w->best[(size_t)mask * team_columns(w) + lead];
	uint32_t least = 0;

	for (uint32_t n = 1; n <= w->team_free; n++) {
		least = key_less(&row[n], &row[least]) ? n : least;
	}
	return &row[least];
}

static bool team_by_table(struct compose_work *w, uint32_t mask, struct compose_key *ret_key)
{
	uint64_t steps = w->p->partners_len;

	for (uint32_t i = 0; i < w->p->needs; i++) {
		steps *= 3;
	}
	w->table_steps += steps;
	compose_teams(w);
	*ret_key = *best_of(w, mask);
	return key_exists(ret_key);
}

/* The best team of exactly these needs, by the search or, where that gives up, by the table. */
static bool team_of(struct compose_work *w, uint32_t mask, struct compose_key *ret_key)
{
	*ret_key = key_none;
	if (w->plain) {
		return team_by_table(w, mask, ret_key);
	}
	if (compose_dive(w, mask, ret_key)) {
		compose_limit(w, mask, ret_key->cost_tie);
	}
	enum compose_found found = compose_search(w, mask, ret_key);
	if (found == COMPOSE_UNSURE) {
		return team_by_table(w, mask, ret_key);
	}
	return found == COMPOSE_FOUND;
}

static uint32_t joins_wanted(const struct compose_work *w, uint32_t mask, bool lead)
{
	return lead && mask != 0 ? w->joins[mask].led : w->joins[mask].any;
}

/* The lawful coverage: the largest mask that some team has. */
static uint32_t coverage(struct compose_work *w)
{
	uint32_t mask = w->reach;
	struct compose_key unused;

	if (!w->plain && compose_possible(w, mask) && compose_dive(w, mask, &unused)) {
		return mask;
	}
	compose_joins(w);
	while (joins_wanted(w, mask, w->lead) > w->team_free) {
		mask = (mask - 1) & w->reach; /* ends: nobody seated always is a team */
	}
	return mask;
}

static uint32_t solve(struct compose_work *w, struct compose_key *ret_key)
{
	compose_rank(w);
	compose_rows(w, false);
	compose_least(w);
	uint32_t mask = coverage(w);
	bool found = team_of(w, mask, ret_key);
	SK_ASSERT(found);
	return mask;
}

/* A good team of a few partners says what no better team can hold. */
static void prune(struct compose_work *w)
{
	struct compose_key key = key_none;

	compose_prune_partners(w);
	if (!compose_pick(w)) {
		return;
	}
	compose_rows(w, true);
	compose_least(w);
	if (compose_possible(w, w->reach) && compose_dive(w, w->reach, &key)) {
		compose_prune_pairs(w, key.cost_tie);
	}
}

static uint32_t key_rank(const struct compose_key *key, uint32_t need)
{
	uint64_t word = key->ids[need / KEY_IDS];

	return (uint32_t)(word >> (KEY_IDS - 1 - need % KEY_IDS) * KEY_ID_BITS & KEY_ID_MASK);
}

static bool seat_joins(const struct compose_problem *p, const struct compose_team *team,
		       uint32_t need)
{
	uint32_t partner = p->pools[p->options[team->option[need]].pool].partner;
	bool joins = !p->partners[partner].in_team;

	for (uint32_t i = 0; i < need && joins; i++) {
		joins = team->option[i] == COMPOSE_NONE ||
			p->pools[p->options[team->option[i]].pool].partner != partner;
	}
	return joins;
}

static void read_team(const struct compose_work *w, uint32_t mask, const struct compose_key *key,
		      struct compose_team *ret_team)
{
	ret_team->cost = key->cost_tie >> KEY_TIE_BITS;
	ret_team->tie = (uint32_t)(key->cost_tie & KEY_TIE_MASK);
	for (uint32_t i = 0; i < COMPOSE_NEEDS_MAX; i++) {
		ret_team->option[i] = COMPOSE_NONE;
		if (i < w->p->needs && (mask & need_bit(w->p, i)) != 0) {
			uint32_t at = w->rank_base[i] + key_rank(key, i);
			ret_team->option[i] = w->by_rank[at];
			ret_team->covered = (uint16_t)(ret_team->covered | 1U << i);
			ret_team->partners_new += seat_joins(w->p, ret_team, i) ? 1 : 0;
		}
	}
}

/* What would be, were it not for the lead, then for the size of the team. @return the needs that
 * neither helps. */
static uint32_t explain(struct compose_work *w, uint32_t mask, struct compose_team *ret_team)
{
	uint32_t rest = 0;

	compose_joins(w);
	for (uint32_t i = 0; i < w->p->needs; i++) {
		uint32_t bit = need_bit(w->p, i);
		uint32_t joins = joins_wanted(w, mask | bit, false);
		if ((w->reach & ~mask & bit) == 0) {
			continue;
		}
		if (w->lead && joins <= w->team_free) {
			ret_team->open[i] = COMPOSE_NO_LEAD;
		} else if (joins < JOINS_NEVER) {
			ret_team->open[i] = COMPOSE_TEAM_LIMIT;
		} else {
			rest |= bit;
		}
	}
	return rest;
}

/* And were it not for what belongs together or stays apart. */
static void explain_rules(struct compose_work *w, uint32_t mask, uint32_t open,
			  struct compose_team *ret_team)
{
	memset(w->mates, 0, w->masks * sizeof(*w->mates));
	memset(w->never, 0, w->masks);
	compose_rows(w, false);
	compose_joins(w);
	for (uint32_t i = 0; i < w->p->needs; i++) {
		uint32_t bit = need_bit(w->p, i);
		if ((open & bit) != 0 && joins_wanted(w, mask | bit, false) < JOINS_NEVER) {
			ret_team->open[i] = COMPOSE_RULE;
		}
	}
}

static void read_reasons(struct compose_work *w, uint32_t mask, struct compose_team *ret_team)
{
	uint32_t open = w->reach & ~mask;
	bool offered[COMPOSE_NEEDS_MAX] = { false };

	for (size_t i = 0; i < w->p->options_len; i++) {
		offered[w->p->options[i].need] = true;
	}
	for (uint32_t i = 0; i < w->p->needs; i++) {
		enum compose_open none = offered[i] ? COMPOSE_NO_CAPACITY : COMPOSE_NO_OPTION;
		bool seated = (mask & need_bit(w->p, i)) != 0;
		ret_team->open[i] = seated ? COMPOSE_SEATED : none;
	}
	if (open != 0) {
		open = explain(w, mask, ret_team);
	}
	if (open != 0 && w->p->together_len + w->p->apart_len > 0) {
		explain_rules(w, mask, open, ret_team);
	}
}

static int run(struct compose_work *w, struct compose_scratch scratch,
	       struct compose_team *ret_team)
{
	struct compose_team team = { 0 };
	struct compose_key key = key_none;

	if (scratch.mem == NULL || work_carve(w, NULL) > scratch.bytes) {
		return SK_ENOMEM;
	}
	SK_ASSERT((uintptr_t)scratch.mem % SCRATCH_ALIGN == 0);
	(void)work_carve(w, scratch.mem);
	int err = compose_gather(w);
	if (err != SK_OK) {
		return err;
	}
	pair_rules(w);
	if (!w->plain) {
		prune(w);
	}
	uint32_t mask = solve(w, &key);
	read_team(w, mask, &key, &team);
	read_reasons(w, mask, &team);
	team.steps = SEARCH_STEPS - w->steps_left + w->table_steps;
	*ret_team = team;
	return SK_OK;
}

int compose_scratch_bytes(const struct compose_problem *p, size_t *ret_bytes)
{
	struct compose_work w;
	int err = work_init(&w, p);

	if (err == SK_OK) {
		*ret_bytes = work_carve(&w, NULL);
	}
	return err;
}

int compose_run(const struct compose_problem *p, struct compose_scratch scratch,
		struct compose_team *ret_team)
{
	struct compose_work w;
	int err = work_init(&w, p);

	return err == SK_OK ? run(&w, scratch, ret_team) : err;
}

int compose_run_plain(const struct compose_problem *p, struct compose_scratch scratch,
		      struct compose_team *ret_team)
{
	struct compose_work w;
	int err = work_init(&w, p);

	w.plain = true;
	return err == SK_OK ? run(&w, scratch, ret_team) : err;
}
