/* SPDX-License-Identifier: EUPL-1.2 */
/* Parts that share no row are problems of their own: a tree over all of them at once would look at
 * every combination. The smallest goes first, what it does not need of the work is for the rest. */
#include <stdlib.h>
#include <string.h>

#include "common/plan/cover_work.h"

struct piece {
	uint32_t cells, name;
};

struct split {
	uint32_t *name;     /* per row: the piece that it is in; CV_NONE: not known yet */
	uint32_t *row_new;  /* per row: its place in its piece */
	uint32_t *todo;     /* rows whose columns are not walked yet */
	struct piece *list; /* the smallest first */
	uint32_t len;
	/* the piece at hand */
	int64_t *cost;
	uint32_t *first, *row, *col;
	bool *in;
	/* of all pieces */
	uint32_t *pick, pick_len;
	int64_t bound;
};

static void split_free(struct split *t)
{
	free(t->name);
	free(t->row_new);
	free(t->todo);
	free(t->list);
	free(t->cost);
	free(t->first);
	free(t->row);
	free(t->col);
	free(t->in);
	free(t->pick);
}

static bool split_alloc(struct split *t, const struct cv_part *s)
{
	size_t m = (size_t)s->rows + 1;
	size_t n = (size_t)s->cols + 1;

	*t = (struct split){
		.name = malloc(m * sizeof(uint32_t)),
		.row_new = calloc(m, sizeof(uint32_t)),
		.todo = calloc(m, sizeof(uint32_t)),
		.list = calloc(m, sizeof(struct piece)),
		.cost = calloc(n, sizeof(int64_t)),
		.first = calloc(n, sizeof(uint32_t)),
		.row = calloc((size_t)s->first[s->cols] + 1, sizeof(uint32_t)),
		.col = calloc(n, sizeof(uint32_t)),
		.in = calloc(n, sizeof(bool)),
		.pick = calloc(n, sizeof(uint32_t)),
	};
	return t->name != NULL && t->row_new != NULL && t->todo != NULL && t->list != NULL &&
	       t->cost != NULL && t->first != NULL && t->row != NULL && t->col != NULL &&
	       t->in != NULL && t->pick != NULL;
}

/* The rows that the columns of the row hold join its piece. @return how many. */
static uint32_t join(struct split *t, const struct cv_part *s, uint32_t i, uint32_t todo)
{
	for (uint32_t k = s->row_first[i]; k < s->row_first[i + 1]; k++) {
		uint32_t j = s->col[k];
		if (t->in[j]) {
			continue;
		}
		t->in[j] = true;
		for (uint32_t a = s->first[j]; a < s->first[j + 1]; a++) {
			if (t->name[s->row[a]] == CV_NONE) {
				t->name[s->row[a]] = t->name[i];
				t->todo[todo++] = s->row[a];
			}
		}
	}
	return todo;
}

static int by_size(const void *a, const void *b)
{
	const struct piece *x = a;
	const struct piece *y = b;

	if (x->cells != y->cells) {
		return x->cells < y->cells ? -1 : 1;
	}
	return x->name < y->name ? -1 : x->name > y->name;
}

static void find_pieces(struct split *t, const struct cv_part *s)
{
	memset(t->name, 0xff, s->rows * sizeof(*t->name));
	for (uint32_t i = 0; i < s->rows; i++) {
		if (t->name[i] != CV_NONE) {
			continue;
		}
		struct piece *p = &t->list[t->len];
		uint32_t todo = 1;
		uint32_t rows = 0;
		p->name = t->len++;
		t->name[i] = p->name;
		t->todo[0] = i;
		while (todo > 0) {
			uint32_t at = t->todo[--todo];
			t->row_new[at] = rows++;
			p->cells += s->row_first[at + 1] - s->row_first[at];
			todo = join(t, s, at, todo);
		}
	}
	qsort(t->list, t->len, sizeof(*t->list), by_size);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static struct cover_problem take_piece(struct split *t, const struct cv_part *s, uint32_t name)
{
	struct cover_problem p = { 0, 0, t->cost, t->first, t->row };

	for (uint32_t i = 0; i < s->rows; i++) {
		p.rows += t->name[i] == name ? 1 : 0;
	}
	for (uint32_t j = 0; j < s->cols; j++) {
		if (t->name[s->row[s->first[j]]] != name) {
			continue;
		}
		uint32_t at = t->first[p.cols];
		for (uint32_t k = s->first[j]; k < s->first[j + 1]; k++) {
			t->row[at++] = t->row_new[s->row[k]];
		}
		qsort(t->row + t->first[p.cols], at - t->first[p.cols], sizeof(*t->row), by_number);
		t->cost[p.cols] = s->cost[j];
		t->col[p.cols++] = j;
		t->first[p.cols] = at;
	}
	return p;
}

static bool solve_piece(struct cv *c, struct split *t, const struct cv_part *s, uint32_t n)
{
	struct cover_problem p = take_piece(t, s, t->list[n].name);
	uint64_t left = c->work_max > c->work ? c->work_max - c->work : 0;
	struct cover_rules rules = { c->seed, left / (t->len - n), c->stop };
	struct cover_result r;
	uint64_t spent = 0;

	c->work += s->first[s->cols] + s->rows;
	if (cv_run(&p, &rules, t->in, &r, &spent) != SK_OK) {
		c->lost = true;
		return false;
	}
	c->work += spent;
	c->nodes += r.nodes;
	t->bound += r.bound;
	for (uint32_t j = 0; j < p.cols; j++) {
		if (t->in[j]) {
			t->pick[t->pick_len++] = t->col[j];
		}
	}
	return true;
}

bool cv_split(struct cv *c, const struct cv_part *s, int64_t *ret_bound)
{
	struct split t;
	bool done = false;

	if (!split_alloc(&t, s)) {
		c->lost = true;
	} else {
		find_pieces(&t, s);
		done = t.len > 1;
	}
	t.bound = s->base;
	for (uint32_t n = 0; done && n < t.len; n++) {
		done = solve_piece(c, &t, s, n);
	}
	if (done) {
		cv_keep(c, s, t.pick, t.pick_len);
		*ret_bound = t.bound;
	}
	split_free(&t);
	return done;
}
