/* SPDX-License-Identifier: EUPL-1.2 */
/* Set cover: prices, walk and tree in turn, each with what the other found. */
#include "common/plan/cover.h"

#include <string.h>

#include "common/plan/cover_work.h"
#include "common/plan/gcd.h"

static bool sound(const struct cover_problem *p)
{
	if (p->rows > COVER_ROWS_MAX || p->first[0] != 0) {
		return false;
	}
	for (uint32_t j = 0; j < p->cols; j++) {
		if (p->cost[j] < 0 || p->cost[j] > COVER_COST_MAX ||
		    p->first[j + 1] < p->first[j]) {
			return false;
		}
		for (uint32_t k = p->first[j]; k < p->first[j + 1]; k++) {
			if (p->row[k] >= p->rows ||
			    (k > p->first[j] && p->row[k] <= p->row[k - 1])) {
				return false;
			}
		}
	}
	return true;
}

/* What costs nothing is taken where it holds a row that nothing taken holds. */
static void take_free(struct cv *c, const struct cv_part *s)
{
	cv_clear_marks(c, s);
	for (uint32_t j = 0; j < s->cols; j++) {
		bool more = false;
		for (uint32_t k = s->first[j]; k < s->first[j + 1] && s->cost[j] == 0; k++) {
			more = more || !c->gone[s->row[k]];
			c->gone[s->row[k]] = true;
		}
		c->mark[j] = more ? CV_TAKE : s->cost[j] == 0 ? CV_DROP : CV_KEEP;
	}
}

static struct cv_part *become(struct cv *c, struct cv_part *s)
{
	struct cv_part *t = cv_child(c, s);

	cv_part_free(s);
	return t;
}

/* Prices from what each row costs where it is cheapest. */
static void first_prices(struct cv_part *s)
{
	for (uint32_t i = 0; i < s->rows; i++) {
		int64_t least = INT64_MAX;
		for (uint32_t k = s->row_first[i]; k < s->row_first[i + 1]; k++) {
			uint32_t j = s->col[k];
			int64_t each = (s->cost[j] << CV_SHIFT) / (s->first[j + 1] - s->first[j]);
			least = each < least ? each : least;
		}
		s->price[i] = least;
	}
}

/* Takes @p s. @return what is left of it when all that is settled is set aside; NULL: the answer in
 * hand is the best. */
static struct cv_part *settle(struct cv *c, struct cv_part *s, struct cv_climb how)
{
	for (uint32_t n = 1; n > 0 && s != NULL && s->rows > 0 && !cv_spent(c);) {
		cv_price(c, s, how);
		if (s->bound >= c->best) {
			cv_part_free(s);
			return NULL;
		}
		n = cv_fix(c, s);
		s = n == 0 ? s : become(c, s);
		s = n == 0 || s == NULL ? s : cv_reduce(c, s);
		how.rounds = how.rounds / 2 + 50;
		how.alpha = 600;
		n = n < 10 ? 0 : n;
	}
	if (s != NULL && s->rows == 0) {
		cv_keep(c, s, NULL, 0);
		cv_part_free(s);
		s = NULL;
	}
	return s;
}

/* @return the bound of all. */
static int64_t solve(struct cv *c, struct cv_part *s)
{
	struct cv_climb first = { 1200, 20, 12, 1800 };
	struct cv_climb later = { 300, 12, 25, 600 };
	int64_t bound = 0;
	uint64_t all = c->work_max;

	first_prices(s);
	cv_greedy(c, s, s->price);
	s = settle(c, s, first);
	bool apart = s != NULL && !cv_spent(c) && cv_split(c, s, &bound);
	for (uint32_t leg = 0; s != NULL && !apart && !cv_spent(c); leg++) {
		bound = s->bound > bound ? s->bound : bound;
		cv_walk(c, s, leg == 0 ? 4 * c->work : (all - c->work) / 3);
		s = settle(c, s, later);
		if (s == NULL) {
			break;
		}
		cv_clear_marks(c, s);
		struct cv_part *copy = cv_child(c, s);
		if (copy == NULL) {
			break;
		}
		int64_t least = cv_tree(c, copy, leg == 0 ? all / 8 : all);
		bound = least > bound ? least : bound;
		if (bound >= c->best) {
			break;
		}
	}
	if (s != NULL) {
		bound = s->bound > bound ? s->bound : bound;
	} else {
		bound = c->lost ? bound : c->best;
	}
	cv_part_free(s);
	return bound < c->best ? bound : c->best;
}

static int run(struct cv *c, const struct cover_problem *p, struct cover_result *ret)
{
	struct cv_part *s = cv_whole_part(c, p);

	if (s == NULL) {
		return c->lost ? SK_ENOMEM : SK_EINVAL;
	}
	take_free(c, s);
	s = become(c, s);
	s = s == NULL ? NULL : cv_reduce(c, s);
	if (s == NULL) {
		return SK_ENOMEM;
	}
	c->best = INT64_MAX >> 1;
	if (s->rows == 0) {
		cv_keep(c, s, NULL, 0);
		cv_part_free(s);
		ret->bound = c->best;
	} else {
		ret->bound = solve(c, s);
	}
	ret->cost = c->best;
	ret->nodes = c->nodes;
	return c->best > INT64_MAX >> 2 ? SK_ENOMEM : SK_OK;
}

int cv_run(const struct cover_problem *p, const struct cover_rules *rules, bool *ret_in,
	   struct cover_result *ret, uint64_t *ret_work)
{
	struct cv *c = cv_new(p);

	if (c == NULL) {
		return SK_ENOMEM;
	}
	c->seed = rules->seed;
	c->work_max = rules->work;
	c->stop = rules->stop;
	for (uint32_t j = 0; j < p->cols; j++) {
		c->unit = (int64_t)gcd((uint64_t)p->cost[j], (uint64_t)c->unit);
	}
	c->unit = c->unit == 0 ? 1 : c->unit;
	int err = run(c, p, ret);
	if (err == SK_OK) {
		memcpy(ret_in, c->in, p->cols * sizeof(*ret_in));
	}
	*ret_work = c->work;
	cv_free(c);
	return err;
}

int cover_run(const struct cover_problem *p, const struct cover_rules *rules, bool *ret_in,
	      struct cover_result *ret)
{
	uint64_t work = 0;

	return sound(p) ? cv_run(p, rules, ret_in, ret, &work) : SK_EINVAL;
}
