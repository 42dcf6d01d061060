/* SPDX-License-Identifier: EUPL-1.2 */
/* Prices of rows: the bound by a subgradient, what it settles, and greedy answers by what a column
 * costs beside them (Caprara, Fischetti, Toth 1999). A price is between 0 and the cheapest column
 * of its row, which the best prices of all are, too. */
#include <string.h>

#include "common/plan/cover_work.h"

#define CV_FEW 64 /* holders of a row: more count as so many, so that no sum can overflow */

#define CV_ROOM (INT64_C(1) << 55) /* more makes no longer step */

/* The value of the prices in c->price, with raw, times and share. */
static int64_t relax(struct cv *c, const struct cv_part *s)
{
	int64_t v = 0;

	for (uint32_t i = 0; i < s->rows; i++) {
		v += c->price[i];
		c->times[i] = 0;
	}
	for (uint32_t j = 0; j < s->cols; j++) {
		int64_t raw = s->cost[j] << CV_SHIFT;
		for (uint32_t k = s->first[j]; k < s->first[j + 1]; k++) {
			raw -= c->price[s->row[k]];
		}
		c->raw[j] = raw;
		c->share[j] = (int16_t)(c->share[j] + ((raw < 0 ? CV_ONE : 0) - c->share[j]) / 8);
		if (raw >= 0) {
			continue;
		}
		v += raw;
		for (uint32_t k = s->first[j]; k < s->first[j + 1]; k++) {
			c->times[s->row[k]]++;
		}
	}
	c->work += s->first[s->cols] + 2ULL * s->cols + 4ULL * s->rows;
	return v;
}

/* @return the square of the direction; 0: each row is held once. */
static int64_t direction(struct cv *c, const struct cv_part *s)
{
	int64_t square = 0;
	bool kept = true;

	for (uint32_t i = 0; i < s->rows; i++) {
		int32_t d = c->times[i] > CV_FEW ? 1 - CV_FEW : 1 - c->times[i];
		d = (d > 0 && c->price[i] >= c->top[i]) || (d < 0 && c->price[i] <= 0) ? 0 : d;
		kept = kept && d == 0;
		c->step[i] = (7 * d * CV_ONE + 3 * c->step[i]) / 10;
		square += (int64_t)c->step[i] * c->step[i] / CV_ONE;
	}
	return kept ? 0 : square + 1;
}

static void move_prices(struct cv *c, const struct cv_part *s, int64_t room, int64_t square)
{
	for (uint32_t i = 0; i < s->rows; i++) {
		int64_t by = room / square * c->step[i] + room % square * c->step[i] / square;
		int64_t price = c->price[i] + by;
		price = price > c->top[i] ? c->top[i] : price;
		c->price[i] = price < 0 ? 0 : price;
	}
}

static void begin(struct cv *c, const struct cv_part *s)
{
	/* No price by which all of them together could overflow. */
	int64_t safe = (INT64_MAX >> 2) / ((int64_t)s->first[s->cols] + s->rows + 1);

	for (uint32_t i = 0; i < s->rows; i++) {
		c->top[i] = safe;
		for (uint32_t k = s->row_first[i]; k < s->row_first[i + 1]; k++) {
			int64_t cost = s->cost[s->col[k]] << CV_SHIFT;
			c->top[i] = cost < c->top[i] ? cost : c->top[i];
		}
		c->price[i] = s->price[i] > c->top[i] ? c->top[i] : s->price[i];
		c->step[i] = 0;
	}
	memset(c->share, 0, s->cols * sizeof(*c->share));
}

void cv_price(struct cv *c, struct cv_part *s, struct cv_climb how)
{
	int64_t best = -1;
	int32_t alpha = how.alpha;
	uint32_t dull = 0;

	begin(c, s);
	for (uint32_t r = 0; r < how.rounds && alpha > 8 && !cv_spent(c); r++) {
		int64_t v = relax(c, s);
		if (v > best) {
			best = v;
			dull = 0;
			memcpy(s->price, c->price, s->rows * sizeof(*s->price));
		} else if (++dull >= how.patience) {
			dull = 0;
			alpha = alpha * 2 / 3;
			memcpy(c->price, s->price, s->rows * sizeof(*s->price));
		}
		if (how.greedy_every > 0 && r % how.greedy_every == how.greedy_every - 1) {
			cv_greedy(c, s, c->price);
		}
		int64_t square = direction(c, s);
		if (square == 0 || s->base + cv_whole(c, best) >= c->best) {
			break;
		}
		/* The aim lies a little above the best answer, so that a step is never none. */
		int64_t room = ((c->best - s->base) << CV_SHIFT) + (1 << CV_SHIFT) - v;
		room = room > CV_ROOM ? CV_ROOM : room;
		move_prices(c, s, room / CV_ONE * alpha, square);
	}
	memcpy(c->price, s->price, s->rows * sizeof(*s->price));
	best = relax(c, s);
	s->value = (s->base << CV_SHIFT) + best;
	if (s->base + cv_whole(c, best) > s->bound) {
		s->bound = s->base + cv_whole(c, best);
	}
}

uint32_t cv_fix(struct cv *c, const struct cv_part *s)
{
	int64_t v = 0;
	uint32_t n = 0;

	cv_clear_marks(c, s);
	for (uint32_t i = 0; i < s->rows; i++) {
		v += s->price[i];
	}
	for (uint32_t j = 0; j < s->cols; j++) {
		v += c->raw[j] < 0 ? c->raw[j] : 0;
	}
	for (uint32_t j = 0; j < s->cols; j++) {
		int64_t turned = c->raw[j] < 0 ? v - c->raw[j] : v + c->raw[j];
		if (s->base + cv_whole(c, turned) >= c->best) {
			c->mark[j] = c->raw[j] < 0 ? CV_TAKE : CV_DROP;
			n++;
		}
	}
	return n;
}

/* --- greedy --- */

/* Less is better: what is left to pay a row, or, where prices pay more, that for each row. */
static bool better(const struct cv *c, uint32_t a, uint32_t b)
{
	__int128 x = c->value[a];
	__int128 y = c->value[b];

	if (x < 0 || y < 0) {
		return (x < 0 ? x * c->open[a] : 0) < (y < 0 ? y * c->open[b] : 0);
	}
	return x * c->open[b] < y * c->open[a];
}

static void hold_row(struct cv *c, const struct cv_part *s, uint32_t i, int64_t price)
{
	for (uint32_t k = s->row_first[i]; k < s->row_first[i + 1]; k++) {
		c->value[s->col[k]] += price;
		c->open[s->col[k]]--;
	}
	c->work += s->row_first[i + 1] - s->row_first[i];
}

static uint32_t pick_all(struct cv *c, const struct cv_part *s, const int64_t *price)
{
	uint32_t left = s->rows;
	uint32_t len = 0;

	while (left > 0) {
		uint32_t best = CV_NONE;
		for (uint32_t j = 0; j < s->cols; j++) {
			if (c->open[j] > 0 && (best == CV_NONE || better(c, j, best))) {
				best = j;
			}
		}
		c->work += 2ULL * s->cols;
		c->pick[len++] = best;
		for (uint32_t k = s->first[best]; k < s->first[best + 1]; k++) {
			uint32_t i = s->row[k];
			if (c->weight[i]++ == 0) {
				hold_row(c, s, i, price[i]);
				left--;
			}
		}
	}
	return len;
}

/* The dearest that nobody needs leaves, again and again. c->weight: holders of each row. */
static uint32_t drop_idle(struct cv *c, const struct cv_part *s, uint32_t len)
{
	uint32_t worst = 0;

	while (worst != CV_NONE) {
		worst = CV_NONE;
		for (uint32_t n = 0; n < len; n++) {
			bool idle = true;
			uint32_t j = c->pick[n];
			for (uint32_t k = s->first[j]; k < s->first[j + 1] && idle; k++) {
				idle = c->weight[s->row[k]] > 1;
			}
			if (idle && (worst == CV_NONE || s->cost[j] > s->cost[c->pick[worst]])) {
				worst = n;
			}
		}
		if (worst != CV_NONE) {
			uint32_t j = c->pick[worst];
			for (uint32_t k = s->first[j]; k < s->first[j + 1]; k++) {
				c->weight[s->row[k]]--;
			}
			c->pick[worst] = c->pick[--len];
		}
	}
	return len;
}

void cv_greedy(struct cv *c, const struct cv_part *s, const int64_t *price)
{
	for (uint32_t j = 0; j < s->cols; j++) {
		c->value[j] = s->cost[j] << CV_SHIFT;
		c->open[j] = s->first[j + 1] - s->first[j];
		for (uint32_t k = s->first[j]; k < s->first[j + 1]; k++) {
			c->value[j] -= price[s->row[k]];
		}
	}
	c->work += s->first[s->cols] + 2ULL * s->cols;
	memset(c->weight, 0, s->rows * sizeof(*c->weight));
	uint32_t len = pick_all(c, s, price);
	cv_keep(c, s, c->pick, drop_idle(c, s, len));
}
