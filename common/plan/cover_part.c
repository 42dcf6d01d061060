/* SPDX-License-Identifier: EUPL-1.2 */
/* What is left of a set cover problem, and the making of a smaller part from marks. */
#include <stdlib.h>
#include <string.h>

#include "common/plan/cover_work.h"

/* clang-format off */
#define CV_ROOM(X) \
	X(in, n) X(mark, n) X(gone, m) X(bits, b) X(fold, n) X(new_row, m) X(raw, n) X(times, m) \
	X(step, m) X(price, m) X(top, m) X(share, n) X(open, n) X(value, n) X(pick, n) X(at, n) \
	X(rest, m) X(rest_at, m) X(only, m) X(weight, m) X(touched, n) X(may, n) \
	X(lift[0], n) X(lift[1], n) X(tried[0], n) X(tried[1], n)
#define CV_PART(X) \
	X(cost, n) X(first, n) X(row, k) X(row_first, m) X(col, k) X(orig, n) \
	X(taken, t) X(price, m)
/* clang-format on */

void cv_free(struct cv *c)
{
#define X(name, size) free(c->name);
	CV_ROOM(X)
#undef X
	free(c);
}

struct cv *cv_new(const struct cover_problem *p)
{
	struct cv *c = calloc(1, sizeof(*c));
	size_t n = (size_t)p->cols + 1;
	size_t m = (size_t)p->rows + 1;
	size_t b = n * ((m + 63) / 64);
	bool all = c != NULL;

	if (c == NULL) {
		return NULL;
	}
	c->rows = p->rows;
	c->cols = p->cols;
#define X(name, size)                               \
	c->name = calloc((size), sizeof(*c->name)); \
	all = all && c->name != NULL;
	CV_ROOM(X)
#undef X
	if (!all) {
		cv_free(c);
		return NULL;
	}
	return c;
}

void cv_part_free(struct cv_part *s)
{
	if (s != NULL) {
#define X(name, size) free(s->name);
		CV_PART(X)
#undef X
		free(s);
	}
}

static struct cv_part *part_new(struct cv *c, uint32_t rows, uint32_t cols, size_t k)
{
	struct cv_part *s = calloc(1, sizeof(*s));
	size_t m = (size_t)rows + 2;
	size_t n = (size_t)cols + 2;
	size_t t = (size_t)c->rows + 1;
	bool all = s != NULL;

	k += 1;
	if (s != NULL) {
#define X(name, size)                               \
	s->name = calloc((size), sizeof(*s->name)); \
	all = all && s->name != NULL;
		CV_PART(X)
#undef X
		s->rows = rows;
	}
	if (!all) {
		c->lost = true;
		cv_part_free(s);
		return NULL;
	}
	return s;
}

/* The columns of each row. @return false: a row has none. */
static bool rows_of(struct cv *c, struct cv_part *s)
{
	bool all = true;

	for (uint32_t k = 0; k < s->first[s->cols]; k++) {
		s->row_first[s->row[k] + 1]++;
	}
	for (uint32_t i = 0; i < s->rows; i++) {
		all = all && s->row_first[i + 1] > 0;
		s->row_first[i + 1] += s->row_first[i];
	}
	for (uint32_t j = 0; j < s->cols; j++) {
		for (uint32_t k = s->first[j]; k < s->first[j + 1]; k++) {
			s->col[s->row_first[s->row[k]]++] = j;
		}
	}
	for (uint32_t i = s->rows; i > 0; i--) {
		s->row_first[i] = s->row_first[i - 1];
	}
	s->row_first[0] = 0;
	c->work += 4ULL * s->first[s->cols] + 4ULL * s->cols;
	return all;
}

struct cv_part *cv_whole_part(struct cv *c, const struct cover_problem *p)
{
	struct cv_part *s = part_new(c, p->rows, p->cols, p->first[p->cols]);

	if (s == NULL) {
		return NULL;
	}
	s->cols = p->cols;
	memcpy(s->cost, p->cost, p->cols * sizeof(*s->cost));
	memcpy(s->first, p->first, (p->cols + 1U) * sizeof(*s->first));
	memcpy(s->row, p->row, p->first[p->cols] * sizeof(*s->row));
	for (uint32_t j = 0; j < p->cols; j++) {
		s->orig[j] = j;
	}
	if (!rows_of(c, s)) {
		cv_part_free(s);
		return NULL;
	}
	return s;
}

void cv_clear_marks(struct cv *c, const struct cv_part *s)
{
	memset(c->mark, CV_KEEP, s->cols * sizeof(*c->mark));
	memset(c->gone, 0, s->rows * sizeof(*c->gone));
}

/* Which rows stay, with their new numbers; prices go along. */
static uint32_t number_rows(struct cv *c, const struct cv_part *s)
{
	uint32_t rows = 0;

	for (uint32_t j = 0; j < s->cols; j++) {
		if (c->mark[j] == CV_TAKE) {
			for (uint32_t k = s->first[j]; k < s->first[j + 1]; k++) {
				c->gone[s->row[k]] = true;
			}
		}
	}
	for (uint32_t i = 0; i < s->rows; i++) {
		c->new_row[i] = c->gone[i] ? CV_NONE : rows++;
	}
	return rows;
}

static void column_into(const struct cv *c, const struct cv_part *s, uint32_t j, struct cv_part *t)
{
	uint32_t at = t->first[t->cols];

	for (uint32_t k = s->first[j]; k < s->first[j + 1]; k++) {
		if (c->new_row[s->row[k]] != CV_NONE) {
			t->row[at++] = c->new_row[s->row[k]];
		}
	}
	if (at > t->first[t->cols]) {
		t->cost[t->cols] = s->cost[j];
		t->orig[t->cols++] = s->orig[j];
		t->first[t->cols] = at;
	}
}

struct cv_part *cv_child(struct cv *c, const struct cv_part *s)
{
	uint32_t rows = number_rows(c, s);
	struct cv_part *t = part_new(c, rows, s->cols, s->first[s->cols]);

	if (t == NULL) {
		return NULL;
	}
	t->base = s->base;
	t->bound = s->bound;
	t->value = s->value;
	t->taken_len = s->taken_len;
	memcpy(t->taken, s->taken, s->taken_len * sizeof(*t->taken));
	for (uint32_t i = 0; i < s->rows; i++) {
		if (c->new_row[i] != CV_NONE) {
			t->price[c->new_row[i]] = s->price[i];
		}
	}
	for (uint32_t j = 0; j < s->cols; j++) {
		if (c->mark[j] == CV_TAKE) {
			if (t->taken_len >= c->rows) { /* one of them is idle: never better */
				cv_part_free(t);
				return NULL;
			}
			t->base += s->cost[j];
			t->taken[t->taken_len++] = s->orig[j];
		} else if (c->mark[j] == CV_KEEP) {
			column_into(c, s, j, t);
		}
	}
	if (!rows_of(c, t)) {
		cv_part_free(t);
		return NULL;
	}
	return t;
}

void cv_keep(struct cv *c, const struct cv_part *s, const uint32_t *pick, uint32_t len)
{
	int64_t cost = s->base;

	for (uint32_t k = 0; k < len; k++) {
		cost += s->cost[pick[k]];
	}
	if (cost >= c->best) {
		return;
	}
	c->best = cost;
	memset(c->in, 0, c->cols * sizeof(*c->in));
	for (uint32_t k = 0; k < s->taken_len; k++) {
		c->in[s->taken[k]] = true;
	}
	for (uint32_t k = 0; k < len; k++) {
		c->in[s->orig[pick[k]]] = true;
	}
}
