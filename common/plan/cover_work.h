/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Work of cover.c, shared by its parts: what is left of a problem and what is set aside of
 *  it (cover_part.c, cover_reduce.c), prices and greedy answers (cover_price.c), local search
 *  (cover_walk.c), pieces (cover_split.c), branch and bound (cover_tree.c). */
#include <stddef.h>

#include "common/plan/cover.h"

#define CV_SHIFT 12 /* prices are in 4,096ths */
#define CV_ONE 1024 /* shares and steps are in 1,024ths */
#define CV_NONE UINT32_MAX

enum cv_mark { CV_KEEP, CV_DROP, CV_TAKE };

/** What is left of the problem where some columns are taken and some set aside. */
struct cv_part {
	uint32_t rows, cols, taken_len;
	int64_t base, bound; /* cost of what is taken; no answer in this part is lower */
	int64_t value;       /* of the best prices, with base, in 4,096ths */
	int64_t *cost;
	uint32_t *first, *row;     /* of columns */
	uint32_t *row_first, *col; /* of rows */
	uint32_t *orig;            /* columns of the problem */
	uint32_t *taken;           /* columns of the problem */
	int64_t *price;            /* of rows, the best so far */
};

struct cv {
	uint32_t rows, cols;
	uint64_t seed, work, work_max;
	const atomic_bool *stop;
	int64_t unit; /* divides all costs */
	int64_t best; /* cost of the answer in hand */
	bool *in;     /* the answer, per column of the problem */
	uint32_t nodes;
	bool lost; /* no memory */

	/* room for one part */
	uint8_t *mark;     /* enum cv_mark, per column */
	bool *gone;        /* per row: another row sees to it */
	uint64_t *bits;    /* per column: its rows */
	uint64_t *fold;    /* those words, one over the other: what lacks here lacks there */
	uint32_t *new_row; /* per row */
	int64_t *raw;      /* cost less prices, per column */
	int32_t *times;    /* per row: chosen columns that hold it */
	int32_t *step;     /* direction of prices */
	int64_t *price, *top;
	int16_t *share; /* how often the column was chosen lately */
	uint32_t *open; /* rows of a column that nobody holds */
	int64_t *value; /* of columns: greedy and walk */
	uint32_t *pick; /* chosen columns */
	uint32_t *at;   /* where a column stands among them */
	uint32_t *rest; /* rows that nobody holds */
	uint32_t *rest_at;
	uint32_t *only;    /* all holders of a row, by exclusive or */
	int64_t *weight;   /* of rows */
	uint64_t *touched; /* when a column last came or went */
	bool *may;         /* something near it changed since it went */

	/* what it lifted the bound when a column of the problem was set aside or taken */
	int64_t *lift[2];
	uint16_t *tried[2];
};

static inline bool cv_spent(const struct cv *c)
{
	return c->work >= c->work_max || c->lost || (c->stop != NULL && atomic_load(c->stop));
}

static inline uint32_t cv_below(struct cv *c, uint32_t n)
{
	uint64_t z = (c->seed += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (uint32_t)(((z ^ (z >> 31)) >> 32) * n >> 32);
}

/** In whole points that an answer can have, rounded up. */
static inline int64_t cv_whole(const struct cv *c, int64_t value)
{
	int64_t points = value <= 0 ? 0 : (value + (1 << CV_SHIFT) - 1) >> CV_SHIFT;

	return (points + c->unit - 1) / c->unit * c->unit;
}

/* cover.c */
/** As cover_run, of a problem that is sound. */
SK_CHECKED int cv_run(const struct cover_problem *p, const struct cover_rules *rules, bool *ret_in,
		      struct cover_result *ret, uint64_t *ret_work);

/* cover_split.c */
/** Solves the pieces of a part that share no row each by itself.
 *  @return false: the part is one piece, or no memory (lost is set). */
bool cv_split(struct cv *c, const struct cv_part *s, int64_t *ret_bound);

/* cover_part.c */
struct cv *cv_new(const struct cover_problem *p);
void cv_free(struct cv *c);
/** NULL: no memory (lost is set). */
struct cv_part *cv_whole_part(struct cv *c, const struct cover_problem *p);
/** The part as the marks say: columns that are dropped and rows that are gone leave; what is taken
 *  is paid, and its rows leave. @return NULL: a row is left without a column, or no memory. */
struct cv_part *cv_child(struct cv *c, const struct cv_part *s);
void cv_part_free(struct cv_part *s);
void cv_clear_marks(struct cv *c, const struct cv_part *s);
/** An answer of this part, its columns by their place in it; kept when it is the best. */
void cv_keep(struct cv *c, const struct cv_part *s, const uint32_t *pick, uint32_t len);

/* cover_reduce.c */
/** Sets aside what some best answer can do without, again and again. Takes @p s.
 *  @return what is left; NULL: nothing lawful is, or no memory. */
struct cv_part *cv_reduce(struct cv *c, struct cv_part *s);

/* cover_price.c */
struct cv_climb {
	uint32_t rounds, patience, greedy_every; /* 0: no greedy answers */
	int32_t alpha;                           /* in 1,024ths */
};
/** Lifts s->bound; s->price, raw and share are left as at the best prices. */
void cv_price(struct cv *c, struct cv_part *s, struct cv_climb how);
/** Marks what no better answer has, and what each has. @return how many columns. */
uint32_t cv_fix(struct cv *c, const struct cv_part *s);
void cv_greedy(struct cv *c, const struct cv_part *s, const int64_t *price);

/* cover_walk.c */
void cv_walk(struct cv *c, const struct cv_part *s, uint64_t work);

/* cover_branch.c */
/** The column to split the part by, which is priced: of the unclear ones the one that lifts both
 *  sides most, by trial or by what trials told before. Leaves raw and share to other parts.
 *  @param ret_dead  per side (0: dropped, 1: taken): nothing better is in it. */
uint32_t cv_branch(struct cv *c, const struct cv_part *s, bool ret_dead[2]);
struct cv_part *cv_side(struct cv *c, const struct cv_part *s, uint32_t column, bool taken);

/* cover_tree.c */
/** Takes @p s. @return no answer of it that is not looked at is lower. */
int64_t cv_tree(struct cv *c, struct cv_part *s, uint64_t work);
