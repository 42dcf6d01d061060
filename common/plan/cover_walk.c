/* SPDX-License-Identifier: EUPL-1.2 */
/* Local search: a column leaves, others come until every row is held again for less than the best;
 * rows that stay open weigh more each time (Gao, Weise, Li 2015, here with costs). The value of a
 * column is the weight of the rows that are open without it; who has not been moved longest goes
 * first among equals, and what left comes back only when something beside it changed. */
#include <string.h>

#include "common/plan/cover_work.h"

struct walk {
	struct cv *c;
	const struct cv_part *s;
	uint32_t len, rest; /* chosen; rows that are open */
	uint32_t last;      /* the column that came last */
	int64_t cost;       /* of the chosen */
	uint64_t turn;
};

static void row_opens(struct walk *w, uint32_t i)
{
	w->c->rest_at[i] = w->rest;
	w->c->rest[w->rest++] = i;
}

static void row_closes(struct walk *w, uint32_t i)
{
	uint32_t moved = w->c->rest[--w->rest];

	w->c->rest[w->c->rest_at[i]] = moved;
	w->c->rest_at[moved] = w->c->rest_at[i];
}

/* All columns of the row but @p but gain or lose its weight. */
static void tell(struct walk *w, uint32_t i, uint32_t but, int64_t by)
{
	struct cv *c = w->c;

	for (uint32_t k = w->s->row_first[i]; k < w->s->row_first[i + 1]; k++) {
		uint32_t j = w->s->col[k];
		if (j != but) {
			c->value[j] += by;
			c->may[j] = true;
		}
	}
	c->work += 2ULL * (w->s->row_first[i + 1] - w->s->row_first[i]);
}

static void come(struct walk *w, uint32_t j)
{
	struct cv *c = w->c;

	c->at[j] = w->len;
	c->pick[w->len++] = j;
	w->cost += w->s->cost[j];
	for (uint32_t k = w->s->first[j]; k < w->s->first[j + 1]; k++) {
		uint32_t i = w->s->row[k];
		c->times[i]++;
		if (c->times[i] == 1) {
			row_closes(w, i);
			tell(w, i, j, -c->weight[i]);
		} else if (c->times[i] == 2) {
			c->value[c->only[i]] -= c->weight[i];
		}
		c->only[i] ^= j;
	}
	c->touched[j] = w->turn;
	w->last = j;
}

static void leave(struct walk *w, uint32_t j)
{
	struct cv *c = w->c;
	uint32_t moved = c->pick[--w->len];

	c->pick[c->at[j]] = moved;
	c->at[moved] = c->at[j];
	c->at[j] = CV_NONE;
	w->cost -= w->s->cost[j];
	for (uint32_t k = w->s->first[j]; k < w->s->first[j + 1]; k++) {
		uint32_t i = w->s->row[k];
		c->times[i]--;
		c->only[i] ^= j;
		if (c->times[i] == 0) {
			row_opens(w, i);
			tell(w, i, j, c->weight[i]);
		} else if (c->times[i] == 1) {
			c->value[c->only[i]] += c->weight[i];
		}
	}
	c->touched[j] = w->turn;
	c->may[j] = false;
}

/* @return below 0: a is worth less an euro than b. */
static int by_worth(const struct walk *w, uint32_t a, uint32_t b)
{
	__int128 x = (__int128)w->c->value[a] * w->s->cost[b];
	__int128 y = (__int128)w->c->value[b] * w->s->cost[a];

	return x < y ? -1 : x > y;
}

/* The chosen column that is worth least. */
static uint32_t weakest(const struct walk *w, uint32_t but)
{
	uint32_t best = CV_NONE;

	w->c->work += 2ULL * w->len;
	for (uint32_t n = 0; n < w->len; n++) {
		uint32_t j = w->c->pick[n];
		int d = j == but ? 1 : best == CV_NONE ? -1 : by_worth(w, j, best);
		if (d < 0 || (d == 0 && w->c->touched[j] < w->c->touched[best])) {
			best = j;
		}
	}
	return best;
}

/* The best column for an open row that is not too dear. */
static uint32_t strongest(const struct walk *w, uint32_t i, int64_t most)
{
	uint32_t best = CV_NONE;

	w->c->work += 2ULL * (w->s->row_first[i + 1] - w->s->row_first[i]);
	for (uint32_t k = w->s->row_first[i]; k < w->s->row_first[i + 1]; k++) {
		uint32_t j = w->s->col[k];
		if (!w->c->may[j] || w->s->cost[j] > most) {
			continue;
		}
		int d = best == CV_NONE ? 1 : by_worth(w, j, best);
		if (d > 0 || (d == 0 && w->c->touched[j] < w->c->touched[best])) {
			best = j;
		}
	}
	return best;
}

static void heavier(struct walk *w)
{
	for (uint32_t n = 0; n < w->rest; n++) {
		uint32_t i = w->c->rest[n];
		w->c->weight[i]++;
		for (uint32_t k = w->s->row_first[i]; k < w->s->row_first[i + 1]; k++) {
			w->c->value[w->s->col[k]]++;
		}
		w->c->work += w->s->row_first[i + 1] - w->s->row_first[i];
	}
}

static void turn(struct walk *w)
{
	struct cv *c = w->c;

	w->turn++;
	while (w->rest == 0) {
		cv_keep(c, w->s, c->pick, w->len);
		leave(w, weakest(w, CV_NONE));
	}
	uint32_t out = weakest(w, w->last);
	if (out != CV_NONE) {
		leave(w, out);
	}
	while (w->rest > 0) {
		uint32_t i = c->rest[cv_below(c, w->rest)];
		uint32_t j = strongest(w, i, c->best - 1 - w->s->base - w->cost);
		if (j == CV_NONE) {
			break;
		}
		come(w, j);
	}
	heavier(w);
}

/* Nothing is chosen; then the best answer, as far as it stands in this part. */
static void begin(struct walk *w)
{
	struct cv *c = w->c;
	const struct cv_part *s = w->s;

	for (uint32_t i = 0; i < s->rows; i++) {
		c->times[i] = 0;
		c->only[i] = 0;
		c->weight[i] = 1;
		row_opens(w, i);
	}
	for (uint32_t j = 0; j < s->cols; j++) {
		c->value[j] = s->first[j + 1] - s->first[j];
		c->at[j] = CV_NONE;
		c->may[j] = true;
		c->touched[j] = 0;
	}
	for (uint32_t j = 0; j < s->cols; j++) {
		if (c->in[s->orig[j]]) {
			come(w, j);
		}
	}
	w->last = CV_NONE;
}

void cv_walk(struct cv *c, const struct cv_part *s, uint64_t work)
{
	struct walk w = { .c = c, .s = s };
	uint64_t until = c->work + work;

	if (s->rows == 0) {
		cv_keep(c, s, NULL, 0);
		return;
	}
	begin(&w);
	while (c->work < until && !cv_spent(c) && c->best > s->bound) {
		turn(&w);
		c->work += 50;
	}
}
