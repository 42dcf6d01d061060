/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What a plan of the whole list is made of: core_copy.c and core_copy_pool.c take it from
 * the tables, slice by slice in the loop's thread; core_make.c and core_ahead.c work with it in a
 * thread of its own and know nothing else. Taken while the list goes on, so it may be a little of
 * both: nothing in it is believed, core_plan.c judges each seat anew. Ownership: of malloc(),
 * match_plan_free()'s. */
#include "common/plan/ahead.h"
#include "common/plan/plan_told.h"
#include "common/service.h"
#include "services/matching/core_int.h"

/** Rows of one kind, which grow. */
struct copy_list {
	void *at;
	size_t len, cap;
};

struct copy_pool {
	char name[PARTY_ID_LEN_MAX + 1];
	struct object_id id;
	uint32_t partner;      /* in partners */
	uint32_t free;         /* now */
	uint32_t soon;         /* of what is held, that is expected free before the horizon */
	uint32_t price;        /* in force now: where the next one begins */
	uint32_t can_permille; /* how often its partner can, of the last twelve months */
	bool quick;            /* crisis or insured: help begins at once */
	uint32_t begun;        /* units whose help began in the time that is looked back on */
};

/** A seat that is taken now, to look ahead. */
struct copy_stay {
	uint32_t pool, amount;
	uint32_t lasted_days, lasts_days;
};

/** What a pool serves: the cells that its price goes to. */
struct copy_use {
	uint32_t pool;
	uint64_t expertises; /* bit n - 1 */
	uint32_t zones, zones_len;
};

struct copy_need {
	struct object_id id;
	uint32_t first, len; /* in options */
	uint32_t penalty;
};

struct copy_group {
	struct order at; /* of its first need */
	uint32_t first, len;
	uint32_t team_first, team_len;
	uint64_t arrival_ms;
	bool is_new; /* came within the month: others will come as this did */
};

/** What began in so many days says what comes free; who came in so many days, who will come. */
#define COPY_BACK_DAYS 56U
#define COPY_NEW_DAYS 28U

/** Groups with their needs; those of a group follow each other. */
struct copy_side {
	struct copy_list groups; /* struct copy_group */
	struct copy_list needs;  /* struct copy_need */
	bool full;               /* the next need would be too much (copy_has_room()) */
};

struct make;

struct plan_copy {
	uint64_t sequence, now_ms;
	uint32_t rules_version;
	uint32_t team_max, rounds, partner_cost;
	uint32_t runs, days; /* to look ahead; 0: not this time */
	uint64_t first_ms;   /* of all asks that are known; 0: none */
	uint32_t left;       /* needs that were closed lately without help */
	uint32_t rise_days[AHEAD_CLASSES];
	uint32_t needs_most,
		options_most; /* who is behind them in the order is left to the passes */
	bool cut;             /* there are so many needs; who is behind the last is not looked at */
	struct order last;    /* when cut */
	size_t options_before; /* the request in hand */
	struct key after;      /* the row that was read last; empty: none of this kind yet */
	bool pools_done;
	uint32_t looked;           /* at, in this slice */
	struct copy_list pools;    /* struct copy_pool, by name */
	struct copy_list uses;     /* struct copy_use */
	struct copy_list zones;    /* char[PARTY_ID_LEN_MAX + 1], as its use states them */
	struct copy_list partners; /* the same, in the order of their first pool */
	struct copy_side wait;     /* who waits */
	struct copy_side came;     /* who came within the month and waits no more: to look ahead */
	struct copy_list stays;    /* struct copy_stay; to look ahead */
	struct copy_list options;  /* struct plan_option */
	struct copy_list team;     /* uint32_t, in partners */
	/* what was made of it */
	struct make *make; /* core_make.c's */
	PB(PlanProposed) *made;
	struct copy_list foreseen; /* struct copy_foreseen */
	size_t given;
	PB(PlanProposed) *some; /* of the foreseen, being given */
	bool taken;
};

/** What was seen of one need that waits. */
struct copy_foreseen {
	uint32_t need; /* of those who wait */
	struct ahead_range range;
};

/** One more row of @p size bytes, of zeros. @return NULL when memory is short. */
void *copy_add(struct copy_list *list, size_t size);

/* core_copy_trim.c */
/** Whether one more need of the request in hand, with so many options, may be copied. */
bool copy_has_room(const struct plan_copy *c, const struct copy_side *side, size_t options);
/** So many are before it that it will not be in the plan. */
bool copy_is_behind(const struct plan_copy *c, const struct order *at);
/** Down to the bounds of a plan. @return false: no memory. */
SK_CHECKED bool copy_trim(struct plan_copy *c);

/** The next pools, in core_copy_pool.c. */
int copy_pools_slice(struct work *w, struct plan_copy *c);
/** @return its number; that of no partner when it has no pool. */
size_t copy_partner(const struct plan_copy *c, const char *name);
struct copy_pool *copy_pool_find(const struct plan_copy *c, const char *name);

/** Looks ahead, when this copy is for that (core_ahead.c). */
int match_look_ahead(struct plan_copy *copy, const struct plan_problem *list,
		     const atomic_bool *stop);
/** The next of what it saw; NULL: no more. */
PB(PlanProposed) *match_foreseen_take(struct plan_copy *copy);

/** NULL is a no-op. */
void match_make_free(struct make *m);

/** struct service: told (core_audit.c). */
extern const struct told_table match_told_tables[];

/** struct service: plan_told. */
bool match_plan_told(const struct plan_copy *copy, struct plan_told *ret_told);
/** struct service: plan_copy, plan_make, plan_take, plan_free. */
int match_plan_copy(struct step *s, struct plan_copy **io_copy, bool *ret_whole);
int match_plan_make(struct plan_copy *copy, const atomic_bool *stop);
PB(PlanProposed) *match_plan_take(struct plan_copy *copy);
void match_plan_free(struct plan_copy *copy);
