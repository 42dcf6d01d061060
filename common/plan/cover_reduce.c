/* SPDX-License-Identifier: EUPL-1.2 */
/* Reduction by dominance: a row in one column takes it; a column that another one holds for no more
 * money, or whose rows are cheaper one by one, leaves; a row that is held wherever another one is
 * leaves, too. Of equals the first stays. */
#include <string.h>

#include "common/plan/cover_work.h"

static uint32_t words_of(const struct cv_part *s)
{
	return (s->rows + 63) / 64;
}

static void lay_bits(struct cv *c, const struct cv_part *s)
{
	uint32_t w = words_of(s);

	memset(c->bits, 0, (size_t)s->cols * w * sizeof(*c->bits));
	memset(c->fold, 0, s->cols * sizeof(*c->fold));
	for (uint32_t j = 0; j < s->cols; j++) {
		for (uint32_t k = s->first[j]; k < s->first[j + 1]; k++) {
			uint64_t bit = UINT64_C(1) << s->row[k] % 64;
			c->bits[(size_t)j * w + s->row[k] / 64] |= bit;
			c->fold[j] |= bit;
		}
	}
	c->work += (uint64_t)s->cols * w + s->first[s->cols];
}

static uint32_t size_of(const struct cv_part *s, uint32_t j)
{
	return s->first[j + 1] - s->first[j];
}

static uint32_t row_size(const struct cv_part *s, uint32_t i)
{
	return s->row_first[i + 1] - s->row_first[i];
}

static bool has_all(const struct cv *c, uint32_t w, uint32_t large, uint32_t small)
{
	const uint64_t *a = c->bits + (size_t)large * w;
	const uint64_t *b = c->bits + (size_t)small * w;

	for (uint32_t k = 0; k < w; k++) {
		if ((b[k] & ~a[k]) != 0) {
			return false;
		}
	}
	return true;
}

static uint32_t take_single(struct cv *c, const struct cv_part *s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->rows; i++) {
		uint32_t j = s->col[s->row_first[i]];
		if (row_size(s, i) == 1 && c->mark[j] != CV_TAKE) {
			c->mark[j] = CV_TAKE;
			n++;
		}
	}
	return n;
}

/* The rarest row of a column: whoever holds all of it stands there. */
static uint32_t rarest(const struct cv_part *s, uint32_t j)
{
	uint32_t best = s->row[s->first[j]];

	for (uint32_t k = s->first[j]; k < s->first[j + 1]; k++) {
		if (row_size(s, s->row[k]) < row_size(s, best)) {
			best = s->row[k];
		}
	}
	return best;
}

static bool held_by_other(struct cv *c, const struct cv_part *s, uint32_t j)
{
	uint32_t w = words_of(s);
	uint32_t i = rarest(s, j);

	c->work += 2ULL * row_size(s, i) + size_of(s, j);
	for (uint32_t k = s->row_first[i]; k < s->row_first[i + 1]; k++) {
		uint32_t o = s->col[k];
		if ((c->fold[j] & ~c->fold[o]) != 0 || o == j || c->mark[o] == CV_DROP ||
		    s->cost[o] > s->cost[j] || size_of(s, o) < size_of(s, j)) {
			continue;
		}
		c->work += 4 + w;
		bool equal = s->cost[o] == s->cost[j] && size_of(s, o) == size_of(s, j);
		if (has_all(c, w, o, j) && (!equal || o < j)) {
			return true;
		}
	}
	return false;
}

/* c->top: the least cost of each row. */
static bool cheaper_apart(const struct cv *c, const struct cv_part *s, uint32_t j)
{
	int64_t sum = 0;

	for (uint32_t k = s->first[j]; k < s->first[j + 1] && sum < s->cost[j]; k++) {
		sum += c->top[s->row[k]];
	}
	return sum < s->cost[j];
}

static uint32_t drop_columns(struct cv *c, const struct cv_part *s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->rows; i++) {
		c->top[i] = INT64_MAX / COVER_ROWS_MAX;
		for (uint32_t k = s->row_first[i]; k < s->row_first[i + 1]; k++) {
			int64_t cost = s->cost[s->col[k]];
			c->top[i] = cost < c->top[i] ? cost : c->top[i];
		}
	}
	for (uint32_t j = 0; j < s->cols && !cv_spent(c); j++) {
		if (c->mark[j] == CV_KEEP && (cheaper_apart(c, s, j) || held_by_other(c, s, j))) {
			c->mark[j] = CV_DROP;
			n++;
		}
	}
	return n;
}

/* Row i is held wherever row k is. */
static bool follows(struct cv *c, const struct cv_part *s, uint32_t i, uint32_t k)
{
	uint32_t w = words_of(s);
	uint32_t a = s->row_first[k];
	uint32_t end = s->row_first[k + 1];

	while (a < end && (c->bits[(size_t)s->col[a] * w + i / 64] >> i % 64 & 1) != 0) {
		a++;
	}
	c->work += 2ULL * (a - s->row_first[k]);
	return a == end;
}

static uint32_t rows_after(struct cv *c, const struct cv_part *s, uint32_t k)
{
	uint32_t small = s->col[s->row_first[k]];
	uint32_t n = 0;

	for (uint32_t a = s->row_first[k]; a < s->row_first[k + 1]; a++) {
		small = size_of(s, s->col[a]) < size_of(s, small) ? s->col[a] : small;
	}
	c->work += row_size(s, k) + 4ULL * size_of(s, small);
	for (uint32_t a = s->first[small]; a < s->first[small + 1]; a++) {
		uint32_t i = s->row[a];
		bool longer = row_size(s, i) > row_size(s, k) ||
			      (row_size(s, i) == row_size(s, k) && i > k);
		if (longer && !c->gone[i] && follows(c, s, i, k)) {
			c->gone[i] = true;
			n++;
		}
	}
	return n;
}

static uint32_t drop_rows(struct cv *c, const struct cv_part *s)
{
	uint32_t n = 0;

	for (uint32_t k = 0; k < s->rows; k++) {
		if (!c->gone[k]) {
			n += rows_after(c, s, k);
		}
	}
	return n;
}

static struct cv_part *shrink(struct cv *c, struct cv_part *s)
{
	struct cv_part *t = cv_child(c, s);

	cv_part_free(s);
	return t;
}

struct cv_part *cv_reduce(struct cv *c, struct cv_part *s)
{
	uint32_t n = 1;

	while (n > 0 && s != NULL && s->rows > 0 && !cv_spent(c)) {
		cv_clear_marks(c, s);
		n = take_single(c, s);
		if (n == 0) {
			lay_bits(c, s);
			n = drop_rows(c, s);
		}
		if (n == 0) {
			n = drop_columns(c, s);
		}
		s = n > 0 ? shrink(c, s) : s;
	}
	return s;
}
