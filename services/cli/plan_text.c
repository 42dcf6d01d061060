/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/plan_text.h"

#include <inttypes.h>

/* --- the problem --- */

static const char *need_name(const struct plan_told *p, size_t need, char *text)
{
	object_id_hex(p->need(p->copy, need), text);
	return text;
}

/* Of several uses of one pool the file has one, as it has one line for a pair: that of the seat,
 * else the one that takes least. */
static bool is_better(const struct plan_told *p, uint32_t need, uint32_t a, uint32_t b)
{
	const struct plan_option *x = &p->problem->options[a];
	const struct plan_option *y = &p->problem->options[b];
	uint32_t seat = p->plan->seat[need];

	if (a == seat || b == seat) {
		return a == seat;
	}
	if (x->amount != y->amount) {
		return x->amount < y->amount;
	}
	return x->cost != y->cost ? x->cost < y->cost : a < b;
}

static bool is_chosen(const struct plan_told *p, uint32_t need, uint32_t option)
{
	const struct plan_need *n = &p->problem->needs[need];
	const struct plan_option *o = p->problem->options;

	for (uint32_t i = n->first; i < n->first + n->len; i++) {
		if (i != option && o[i].pool == o[option].pool && is_better(p, need, i, option)) {
			return false;
		}
	}
	return true;
}

static void put_pairs(FILE *f, const struct plan_told *p, uint32_t need)
{
	const struct plan_need *n = &p->problem->needs[need];
	char id[2 * OBJECT_ID_LEN + 1];

	for (uint32_t i = n->first; i < n->first + n->len; i++) {
		const struct plan_option *o = &p->problem->options[i];
		(void)fprintf(f, "%spair %s %s cost %u hours %u # use %u\n",
			      is_chosen(p, need, i) ? "" : "# also ", need_name(p, need, id),
			      p->pool(p->copy, o->pool), o->cost, o->amount, o->use);
	}
}

static void put_group(FILE *f, const struct plan_told *p, size_t at)
{
	const struct plan_group *g = &p->problem->groups[at];
	char id[2 * OBJECT_ID_LEN + 1];

	(void)fprintf(f, "request r%zu team_max %u\n", at + 1, g->team_max);
	if (g->team_len > 0) {
		(void)fputs("held", f);
		for (uint32_t i = 0; i < g->team_len; i++) {
			uint32_t partner = p->problem->team[g->team_first + i];
			(void)fprintf(f, " %s", p->partner(p->copy, partner));
		}
		(void)fputc('\n', f);
	}
	for (uint32_t n = g->first; n < g->first + g->len; n++) {
		(void)fprintf(f, "need %s hours 0 penalty %u\n", need_name(p, n, id),
			      p->problem->needs[n].penalty);
	}
	for (uint32_t n = g->first; n < g->first + g->len; n++) {
		put_pairs(f, p, n);
	}
}

void plan_text_problem(FILE *f, const struct plan_told *p)
{
	const struct plan_problem *q = p->problem;

	(void)fputs("schakel-lab 1\n", f);
	for (size_t i = 0; i < q->partners_len; i++) {
		(void)fprintf(f, "partner %s cost %u\n", p->partner(p->copy, i),
			      q->partner_cost[i]);
	}
	for (size_t i = 0; i < q->pools_len; i++) {
		(void)fprintf(f, "offer %s partner %s hours %u # now %u\n", p->pool(p->copy, i),
			      p->partner(p->copy, q->pools[i].partner), q->pools[i].free,
			      p->free_now(p->copy, i));
	}
	for (size_t i = 0; i < q->groups_len; i++) {
		put_group(f, p, i);
	}
}

/* --- the answer --- */

static const char *open_reason(const struct plan_told *p, size_t need)
{
	const struct plan_need *n = &p->problem->needs[need];
	bool some = false;

	for (uint32_t i = n->first; i < n->first + n->len; i++) {
		const struct plan_option *o = &p->problem->options[i];
		some = some || o->amount <= p->problem->pools[o->pool].free;
	}
	return n->len == 0 ? "no-pair" : some ? "order" : "no-capacity";
}

static void put_seat(FILE *f, const struct plan_told *p, size_t need)
{
	const struct plan_option *o = &p->problem->options[p->plan->seat[need]];
	char id[2 * OBJECT_ID_LEN + 1];

	(void)fprintf(f, "seat %s %s %s cost %u hours %u\n", need_name(p, need, id),
		      p->pool(p->copy, o->pool),
		      p->partner(p->copy, p->problem->pools[o->pool].partner), o->cost, o->amount);
}

void plan_text_answer(FILE *f, const struct plan_told *p)
{
	const struct plan_result *r = p->plan;
	char id[2 * OBJECT_ID_LEN + 1];

	(void)fprintf(f, "objective %" PRIu64 "\nbound %" PRIu64 "\n", r->value, r->bound);
	if (r->value == r->bound) {
		(void)fputs("proven\n", f);
	} else {
		uint64_t gap = ((r->value - r->bound) * 10000 + r->value - 1) / r->value;
		(void)fprintf(f, "gap %" PRIu64 ".%02" PRIu64 " %%\n", gap / 100, gap % 100);
	}
	(void)fprintf(f, "covered %u of %zu\ncost %" PRIu64 "\n", r->covered, p->problem->needs_len,
		      r->cost);
	(void)fprintf(f, "free value %" PRIu64 "\n", p->free_value);
	for (size_t n = 0; n < p->problem->needs_len; n++) {
		if (r->seat[n] == PLAN_NONE) {
			(void)fprintf(f, "open %s %s\n", need_name(p, n, id), open_reason(p, n));
		}
	}
	for (size_t n = 0; n < p->problem->needs_len; n++) {
		if (r->seat[n] != PLAN_NONE) {
			put_seat(f, p, n);
		}
	}
}
