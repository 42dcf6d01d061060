/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Figures that a core keeps as it goes: counters and exact histograms, by kind, month,
 *  expertise, zone, class, age band and code. A figure is added in the step that makes it true, in
 *  the same transaction as the record that it speaks of, so that replay makes it again and an old
 *  copy loses both together.
 *
 *  Two sorts. *As it stands now* (month 0): moved by figure_settle() from what the record said to
 *  what it says. *Of a month*: added once to the month that runs (Europe/Brussels); a month that is
 *  over is closed and changes no more, and at its close what stood "now" is written under it, per
 *  published dimension.
 *
 *  Who sees what, in this one place: a coordinator exact rows, but no help that a child shields in
 *  a row below FIGURE_CELL_MIN; all others closed months only, along one dimension per kind, and no
 *  row below FIGURE_CELL_MIN: one snapshot per period, so that no two answers can be subtracted.
 *
 *  Bounds: FIGURE_ROWS_MAX rows. When full, what would need a new row goes to the row of its kind
 *  and month without dimensions: totals stay right, the detail is lost. Months are kept for
 *  FIGURE_KEEP_MONTHS. A value above its cap counts as the cap (its sum stays exact).
 *  Ownership: everything is borrowed for the step; errors are sticky in it. Blocks: never. */
#include "common/service.h"

/** The same in every daemon; the other tables of a service count up from TABLE_SERVICE. */
#define FIGURE_TABLE (TABLE_END - 1)
#define FIGURE_ROWS_MAX 4000000U
#define FIGURE_KEEP_MONTHS 120U
/** Nothing below it is told to who is not the coordinator. */
#define FIGURE_CELL_MIN 5
/** Cells in one answer, buckets in one row of it, and rows looked at for one: a list on the wire
 * has 256 elements at most. A histogram of more buckets comes in several rows of one cell, which
 * add up; the sum stands in the first of them. */
#define FIGURE_PAGE_MAX 200U
#define FIGURE_BUCKETS_MAX 200U
#define FIGURE_SCAN_MAX 20000U
/** Figures that one record stands in at a time. */
#define FIGURE_SET_MAX 32U

#define FIGURE(NAME) SCHAKEL__V1__FIGURE_KIND__FIGURE_KIND_##NAME

enum figure_unit {
	FIGURE_IS_COUNT, /* no histogram */
	FIGURE_IS_DAYS,
	FIGURE_IS_HOURS,
	FIGURE_IS_WEEKS,
	FIGURE_IS_NUMBER,
};

#define FIGURE_BY_EXPERTISE 1U
#define FIGURE_BY_ZONE 2U
#define FIGURE_BY_CLASS 4U
#define FIGURE_BY_BAND 8U
#define FIGURE_BY_CODE 16U

/** What holds of one kind. */
struct figure_law {
	PB(FigureKind) kind;
	enum figure_unit unit;
	uint32_t value_max; /* of a histogram: the cap */
	bool now;           /* as it stands now; written under each month at its close */
	uint8_t published;  /* dimensions that others see */
};
/** NULL: no such kind. */
const struct figure_law *figure_law(PB(FigureKind) kind);

/** One cell. Dimensions that a kind has not stay 0 (zone NULL or empty). */
struct figure {
	PB(FigureKind) kind;
	uint32_t expertise;
	const char *zone;
	uint32_t wait_class;
	uint32_t age_band;
	uint32_t code;
	uint32_t value; /* of a histogram */
	int64_t sum;    /* beside the count of one; a histogram: its value unless given */
	bool shielded;
};

/** Counts one more in the month that runs. */
void figure_add(struct step *s, const struct figure *f);
/** The same in the row that is never closed ("as kept until now"). */
void figure_add_ever(struct step *s, const struct figure *f);
/** Counts a year instead of a month (yyyy00), from one value to another; @p from_value 0: new. */
void figure_move_year(struct step *s, const struct figure *f, uint32_t from_value);

/** The figures in which one record stands now. */
struct figure_set {
	struct figure f[FIGURE_SET_MAX];
	size_t len;
};
void figure_set_add(struct figure_set *set, const struct figure *f);
/** From what the record said to what it says; what is in both stays untouched. */
void figure_settle(struct step *s, const struct figure_set *was, const struct figure_set *now);

/** 1: 0 to 5, 2: 6 to 11, 3: 12 to 17, 4: 18 and over. */
uint32_t figure_age_band(uint32_t age_years);
/** Calendar days between two instants, Europe/Brussels; 0 when @p to_ms is not later. */
uint32_t figure_days(uint64_t from_ms, uint64_t to_ms);
/** yyyymm, Europe/Brussels. */
uint32_t figure_month(uint64_t at_ms);
/** The value that @p permille of the buckets (by value, rising) do not exceed; 0: none. */
uint32_t figure_percentile(PB(FigureBucket) *const *buckets, size_t len, uint32_t permille);

/** QueryFigures: the same in every daemon. Register it with FIGURE_READERS. */
query_fn figure_query;
#define FIGURE_READERS \
	(ROLE_BIT(COORDINATOR) | ROLE_BIT(DASHBOARD) | ROLE_BIT(GOVERNMENT) | ROLE_BIT(FACILITY))

/** Walks rows; zone of the row dies with the next one. */
struct figure_row {
	struct figure f;
	uint32_t month;
	int64_t count;
	int64_t sum;
	int64_t shielded;
	int64_t shielded_sum;
};
struct figure_walk {
	struct store_iter it;
	struct step *s;
	struct key at; /* of the row that was given last */
	char zone[PARTY_ID_LEN_MAX + 1];
};
void figure_walk_init(struct figure_walk *w, struct step *s, const struct key *prefix);
bool figure_walk_next(struct figure_walk *w, struct figure_row *ret_row);
void figure_walk_done(struct figure_walk *w);
/** @p expertise 0: all of that kind. */
struct key figure_prefix(uint32_t month, PB(FigureKind) kind, uint32_t expertise);
/** Of the row about the table itself. */
struct key figure_state_key(void);
