/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What a plan of the whole list is made of: core_copy.c takes it from the tables, slice by
 *  slice in the loop's thread; core_make.c works with it in a thread of its own and knows nothing
 *  else. Taken while the list goes on, so it may be a little of both: nothing in it is believed,
 *  core_plan.c judges each seat anew.
 *  Ownership: of malloc(), match_copy_free()'s. */
#include "common/plan/plan.h"
#include "services/matching/core_int.h"

/** Rows of one kind, which grow. */
struct copy_list {
	void *at;
	size_t len, cap;
};

struct copy_pool {
	char name[PARTY_ID_LEN_MAX + 1];
	struct object_id id;
	uint32_t partner; /* in partners */
	uint32_t free;    /* now */
	uint32_t soon;    /* of what is held, that is expected free before the horizon */
	uint32_t price;   /* in force now: where the next one begins */
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
};

struct plan_copy {
	uint64_t sequence, now_ms;
	uint32_t rules_version;
	uint32_t team_max, rounds, partner_cost;
	struct key after; /* the row that was read last; empty: none of this kind yet */
	bool pools_done;
	struct copy_list pools;    /* struct copy_pool, by name */
	struct copy_list uses;     /* struct copy_use */
	struct copy_list zones;    /* char[PARTY_ID_LEN_MAX + 1], as its use states them */
	struct copy_list partners; /* the same, in the order of their first pool */
	struct copy_list groups;   /* struct copy_group */
	struct copy_list needs;    /* struct copy_need; those of a group follow each other */
	struct copy_list options;  /* struct plan_option */
	struct copy_list team;     /* uint32_t, in partners */
	/* what was made of it */
	PB(PlanProposed) *made;
	bool taken;
};

/** One more row of @p size bytes, of zeros. @return NULL when memory is short. */
void *copy_add(struct copy_list *list, size_t size);

/** struct service: plan_copy, plan_make, plan_take, plan_free. */
int match_plan_copy(struct step *s, struct plan_copy **io_copy, bool *ret_whole);
int match_plan_make(struct plan_copy *copy, const atomic_bool *stop);
PB(PlanProposed) *match_plan_take(struct plan_copy *copy);
void match_plan_free(struct plan_copy *copy);
