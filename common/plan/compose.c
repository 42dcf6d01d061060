/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/plan/compose.h"

#include "common/plan/compose_work.h"

#define SCRATCH_ALIGN 16U
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
	return options_valid(p);
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
	size_t items = options > p->pools_len ? options : p->pools_len;
	size_t cells = row_cells(w);

	for (size_t i = 0; i < 2; i++) {
		w->items[i] = carve(&c, items, sizeof(*w->items[i]));
		w->rows[i] = carve(&c, cells, sizeof(*w->rows[i]));
		w->row_len[i] = carve(&c, w->masks, sizeof(*w->row_len[i]));
	}
	for (size_t i = 0; i < SK_LEN(w->front); i++) {
		bool used = i <= p->needs || i == SK_LEN(w->front) - 1;
		w->front[i].way = carve(&c, used ? w->front_max : 0, sizeof(*w->front[i].way));
	}
	w->pool_rank = carve(&c, p->pools_len, sizeof(*w->pool_rank));
	w->fits = carve(&c, options, sizeof(*w->fits));
	w->by_rank = carve(&c, options, sizeof(*w->by_rank));
	w->runs = carve(&c, options, sizeof(*w->runs));
	w->partner_run = carve(&c, p->partners_len, sizeof(*w->partner_run));
	w->pool_tab = carve(&c, w->masks, sizeof(*w->pool_tab));
	w->part_tab = carve(&c, w->masks, sizeof(*w->part_tab));
	w->row_base = carve(&c, w->masks, sizeof(*w->row_base));
	w->block_end = carve(&c, p->partners_len, sizeof(*w->block_end));
	w->blocks = carve(&c, 2 * cells, sizeof(*w->blocks));
	w->best = carve(&c, (size_t)w->masks * (w->team_free + 1), sizeof(*w->best));
	return c.used;
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
	};
	return SK_OK;
}

static const struct compose_key *best_of(const struct compose_work *w, uint32_t mask,
					 uint32_t *ret_new)
{
	const struct compose_key *row = &w->best[(size_t)mask * (w->team_free + 1)];
	uint32_t least = 0;

	for (uint32_t n = 1; n <= w->team_free; n++) {
		least = key_less(&row[n], &row[least]) ? n : least;
	}
	*ret_new = least;
	return &row[least];
}

static uint32_t key_rank(const struct compose_key *key, uint32_t need)
{
	uint64_t word = need < COMPOSE_NEEDS_MAX / 2 ? key->ids_hi : key->ids_lo;
	uint32_t place = need < COMPOSE_NEEDS_MAX / 2 ? 4 - need : 9 - need;

	return (uint32_t)(word >> place * KEY_ID_BITS & KEY_ID_MASK);
}

static uint32_t need_bit(const struct compose_problem *p, uint32_t need)
{
	return 1U << (p->needs - 1 - need);
}

/* The largest mask is the lawful coverage; its least key is the team. @return that mask. */
static uint32_t read_team(const struct compose_work *w, struct compose_team *ret_team)
{
	uint32_t mask = w->masks - 1;
	const struct compose_key *key = best_of(w, mask, &ret_team->partners_new);

	while (!key_exists(key)) { /* ends: nobody seated always exists */
		mask--;
		key = best_of(w, mask, &ret_team->partners_new);
	}
	ret_team->cost = key->cost_tie >> KEY_TIE_BITS;
	ret_team->tie = (uint32_t)(key->cost_tie & KEY_TIE_MASK);
	for (uint32_t i = 0; i < COMPOSE_NEEDS_MAX; i++) {
		ret_team->option[i] = COMPOSE_NONE;
		if (i < w->p->needs && (mask & need_bit(w->p, i)) != 0) {
			uint32_t at = w->rank_base[i] + key_rank(key, i);
			ret_team->option[i] = w->by_rank[at];
			ret_team->covered = (uint16_t)(ret_team->covered | 1U << i);
		}
	}
	return mask;
}

static void read_reasons(struct compose_work *w, uint32_t mask, struct compose_team *ret_team)
{
	bool offered[COMPOSE_NEEDS_MAX] = { false };
	uint32_t open = w->reach & ~mask;

	for (size_t i = 0; i < w->p->options_len; i++) {
		offered[w->p->options[i].need] = true;
	}
	if (open != 0 && w->team_free < w->p->needs) {
		compose_teams(w, false); /* what would be, were it not for the size of the team */
	}
	for (uint32_t i = 0; i < w->p->needs; i++) {
		uint32_t bit = need_bit(w->p, i);
		uint32_t unused;
		if ((mask & bit) != 0) {
			continue;
		}
		ret_team->open[i] = offered[i] ? COMPOSE_NO_CAPACITY : COMPOSE_NO_OPTION;
		if ((open & bit) != 0 && key_exists(best_of(w, mask | bit, &unused))) {
			ret_team->open[i] = COMPOSE_TEAM_LIMIT;
		}
	}
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
	struct compose_team team = { 0 };
	int err = work_init(&w, p);

	if (err != SK_OK) {
		return err;
	}
	if (scratch.mem == NULL || work_carve(&w, NULL) > scratch.bytes) {
		return SK_ENOMEM;
	}
	SK_ASSERT((uintptr_t)scratch.mem % SCRATCH_ALIGN == 0);
	(void)work_carve(&w, scratch.mem);
	err = compose_gather(&w);
	if (err != SK_OK) {
		return err;
	}
	compose_rows(&w);
	compose_teams(&w, true);
	read_reasons(&w, read_team(&w, &team), &team);
	*ret_team = team;
	return SK_OK;
}
