/* SPDX-License-Identifier: EUPL-1.2 */
/* Of large requests those that are set covers: an offer, or a partner with all its offers, is a
 * column that holds the needs which it can seat; a need that may stay open has a column for that.
 */
#include <stdlib.h>
#include <string.h>

#include "common/plan/cover.h"
#include "common/plan/large_work.h"

struct columns {
	uint32_t *of_offer;  /* LG_NONE: it can seat nobody */
	uint32_t *row;       /* of needs; LG_NONE: nothing can seat it */
	uint32_t rows, cols; /* cols: without those of open needs */
	int64_t *cost;
	uint32_t *first, *of;
	bool *in;
};

static void columns_free(struct columns *v)
{
	free(v->of_offer);
	free(v->row);
	free(v->cost);
	free(v->first);
	free(v->of);
	free(v->in);
}

static bool columns_alloc(struct columns *v, const struct lg *g)
{
	size_t cols = (size_t)g->offers + g->needs + 2;

	*v = (struct columns){
		.of_offer = calloc((size_t)g->offers + 1, sizeof(uint32_t)),
		.row = calloc((size_t)g->needs + 1, sizeof(uint32_t)),
		.cost = calloc(cols, sizeof(int64_t)),
		.first = calloc(cols, sizeof(uint32_t)),
		.of = calloc((size_t)g->options + g->needs + 1, sizeof(uint32_t)),
		.in = calloc(cols, sizeof(bool)),
	};
	return v->of_offer != NULL && v->row != NULL && v->cost != NULL && v->first != NULL &&
	       v->of != NULL && v->in != NULL;
}

static bool hours_never_bind(const struct lg *g, uint32_t f)
{
	uint64_t sum = 0;

	for (uint32_t k = g->offer_first[f]; k < g->offer_first[f + 1]; k++) {
		sum += g->o_hours[g->by_offer[k]];
	}
	return sum <= g->hours[f];
}

static bool nothing_binds(const struct lg *g, const struct large_problem *p)
{
	uint32_t most = g->needs + g->team_held;
	uint32_t team = most < g->partners ? most : g->partners;

	if (g->lead || g->team_max < team || p->together_len + p->apart_len > 0) {
		return false;
	}
	for (uint32_t o = 0; o < g->options; o++) {
		if (p->options[g->o_orig[o]].cost > 0) {
			return false;
		}
	}
	for (uint32_t f = 0; f < g->offers; f++) {
		if (!hours_never_bind(g, f)) {
			return false;
		}
	}
	return true;
}

static bool in_use(const struct lg *g, uint32_t f)
{
	return g->offer_first[f + 1] > g->offer_first[f];
}

/* The offers of a partner become columns. @return false: both it and one of several cost. */
static bool name_columns(const struct lg *g, const struct large_problem *p, uint32_t q,
			 struct columns *v)
{
	uint32_t used = 0;
	bool paid = false;

	for (uint32_t k = g->partner_first[q]; k < g->partner_first[q + 1]; k++) {
		uint32_t f = g->by_partner[k];
		used += in_use(g, f) ? 1 : 0;
		paid = paid || (in_use(g, f) && p->offers[f].cost > 0);
	}
	bool whole = p->partners[q].cost > 0 && used > 1;
	for (uint32_t k = g->partner_first[q]; k < g->partner_first[q + 1]; k++) {
		uint32_t f = g->by_partner[k];
		if (!in_use(g, f)) {
			v->of_offer[f] = LG_NONE;
			continue;
		}
		v->of_offer[f] = v->cols;
		v->cost[v->cols] = (int64_t)p->partners[q].cost + p->offers[f].cost;
		v->cols += whole ? 0 : 1;
	}
	v->cols += whole ? 1 : 0;
	return !(whole && paid);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The rows of each column, each once. */
static bool fill_rows(const struct lg *g, struct columns *v)
{
	uint64_t *cell = calloc((size_t)g->options + 1, sizeof(*cell));
	uint32_t len = 0;

	if (cell == NULL) {
		return false;
	}
	for (uint32_t o = 0; o < g->options; o++) {
		cell[o] = (uint64_t)v->of_offer[g->o_offer[o]] << 32 | v->row[g->o_need[o]];
	}
	qsort(cell, g->options, sizeof(*cell), by_number);
	for (uint32_t o = 0; o < g->options; o++) {
		if (o == 0 || cell[o] != cell[o - 1]) {
			v->of[len++] = (uint32_t)cell[o];
			v->first[(cell[o] >> 32) + 1] = len;
		}
	}
	free(cell);
	return true;
}

static void number_rows(const struct lg *g, const struct large_problem *p, struct columns *v)
{
	for (uint32_t i = 0; i < g->needs; i++) {
		bool has = g->need_first[i + 1] > g->need_first[i];
		v->row[i] = has ? v->rows++ : LG_NONE;
		g->open[i] = p->objective == LARGE_PENALTY ? p->penalty[i] : 0;
	}
}

static bool columns_make(const struct lg *g, const struct large_problem *p, struct columns *v)
{
	for (uint32_t q = 0; q < g->partners; q++) {
		if (!name_columns(g, p, q, v)) {
			return false;
		}
	}
	number_rows(g, p, v);
	if (!fill_rows(g, v)) {
		return false;
	}
	uint32_t cols = v->cols;
	for (uint32_t i = 0; p->objective == LARGE_PENALTY && i < g->needs; i++) {
		if (v->row[i] != LG_NONE) {
			uint32_t at = v->first[cols];
			v->of[at] = v->row[i];
			v->cost[cols] = p->penalty[i];
			v->first[++cols] = at + 1;
		}
	}
	return true;
}

static void take_answer(struct lg *g, const struct large_problem *p, const struct columns *v,
			struct cover_result r)
{
	int64_t alone = 0; /* of needs that nothing can seat */

	for (uint32_t i = 0; i < g->needs; i++) {
		g->best[i] = LG_NONE;
		for (uint32_t o = g->need_first[i + 1]; o-- > g->need_first[i];) {
			g->best[i] = v->in[v->of_offer[g->o_offer[o]]] ? o : g->best[i];
		}
		alone += v->row[i] == LG_NONE ? g->open[i] : 0;
	}
	lg_set_costs(g, p);
	lg_begin(g);
	g->bound = r.bound + alone < g->best_cost ? r.bound + alone : g->best_cost;
	g->nodes = r.nodes;
}

bool lg_cover(struct lg *g, const struct large_problem *p)
{
	struct columns v;
	struct cover_result r;
	bool done = false;

	if (!nothing_binds(g, p)) {
		return false;
	}
	if (columns_alloc(&v, g) && columns_make(g, p, &v)) {
		uint32_t open = p->objective == LARGE_PENALTY ? v.rows : 0;
		struct cover_problem cp = { v.rows, v.cols + open, v.cost, v.first, v.of };
		struct cover_rules rules = { g->seed, g->work_max, g->stop };
		done = cover_run(&cp, &rules, v.in, &r) == SK_OK;
		if (done) {
			take_answer(g, p, &v, r);
		}
	}
	columns_free(&v);
	return done;
}
