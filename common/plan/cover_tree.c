/* SPDX-License-Identifier: EUPL-1.2 */
/* Branch and bound, depth first: a column of which the prices do not know whether it is in. Each
 * side is a part of its own, reduced and priced from the prices of the part that it came from. */
#include <stdlib.h>
#include <string.h>

#include "common/plan/cover_work.h"

#define CV_FIXED_ENOUGH 20U /* columns in a hundred: then a part is priced anew */

struct stack {
	struct cv_part **at;
	size_t len, cap;
};

static bool push(struct cv *c, struct stack *t, struct cv_part *s)
{
	if (s == NULL) {
		return !c->lost;
	}
	if (t->len == t->cap) {
		size_t cap = t->cap * 2 + 64;
		void *at = realloc(t->at, cap * sizeof(struct cv_part *));
		if (at == NULL) {
			c->lost = true;
			cv_part_free(s);
			return false;
		}
		t->at = at;
		t->cap = cap;
	}
	t->at[t->len++] = s;
	return true;
}

/* Reduced, priced and fixed. @return NULL: nothing better is in it. */
static struct cv_part *narrow(struct cv *c, struct cv_part *s)
{
	struct cv_climb how = { 60, 8, 0, 900 };
	bool again = true;

	for (uint32_t n = 0; n < 4 && again && s != NULL; n++) {
		s = cv_reduce(c, s);
		if (s == NULL) {
			return NULL;
		}
		cv_price(c, s, how);
		if (s->rows == 0) {
			cv_keep(c, s, NULL, 0);
		}
		if (s->bound >= c->best) {
			cv_part_free(s);
			return NULL;
		}
		uint32_t fixed = cv_fix(c, s);
		again = (uint64_t)fixed * 100 >= (uint64_t)s->cols * CV_FIXED_ENOUGH;
		if (fixed > 0) {
			struct cv_part *t = cv_child(c, s);
			cv_part_free(s);
			s = t;
		}
	}
	if (s != NULL && s->rows == 0) {
		cv_keep(c, s, NULL, 0);
		cv_part_free(s);
		s = NULL;
	}
	return s;
}

/* Looks at the part; both its sides go on the stack when it has to be split. */
static void look(struct cv *c, struct stack *t, struct cv_part *s)
{
	struct cv_climb how = { 25, 6, 0, 500 };

	c->nodes++;
	s = narrow(c, s);
	if (s == NULL) {
		return;
	}
	cv_price(c, s, how);
	cv_greedy(c, s, s->price);
	if (s->bound < c->best) {
		bool dead[2] = { false, false };
		uint32_t column = cv_branch(c, s, dead);
		for (uint32_t taken = 0; taken < 2 && !c->lost; taken++) {
			(void)push(c, t, dead[taken] ? NULL : cv_side(c, s, column, taken == 1));
		}
	}
	cv_part_free(s);
}

int64_t cv_tree(struct cv *c, struct cv_part *s, uint64_t work)
{
	struct stack t = { 0 };
	uint64_t all = c->work_max;
	int64_t root = s->bound;
	int64_t least;

	c->work_max = work < all - c->work ? c->work + work : all;
	(void)push(c, &t, s);
	while (t.len > 0 && !cv_spent(c)) {
		struct cv_part *top = t.at[--t.len];
		if (top->bound >= c->best) {
			cv_part_free(top);
			continue;
		}
		look(c, &t, top);
	}
	least = c->lost ? root : c->best;
	while (t.len > 0) {
		struct cv_part *left = t.at[--t.len];
		least = left->bound < least ? left->bound : least;
		cv_part_free(left);
	}
	free(t.at);
	c->work_max = all;
	return least;
}
