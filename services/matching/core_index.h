/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Inside the index of matching: shared by core_index.c, which folds, core_offers.c, which
 * keeps the uses as bit sets, and core_find.c, which finds those that may fit a need. It is as at
 * the beginning of the step, and the same whether it was folded step by step or from the tables at
 * start. Ownership: of match_index_new(). Threads: none. */
#include "common/plan/cand.h"
#include "services/matching/core_int.h"

#define FIND_WORD 64U /* bits of a word */

#define FLAG_GIVES (1U << 0)     /* may be given to any class but a crisis */
#define FLAG_GIVES_NOW (1U << 1) /* to a crisis */
#define FLAG_ENTRY (1U << 2)     /* to a crisis's own short entry */
#define FLAG_CONFIRMED (1U << 3)
#define FLAG_COURT (1U << 4)   /* by court order alone */
#define FLAG_HOLD (1U << 5)    /* limits of a week, workers, a school atelier; reserved */
#define FLAG_NETWORK (1U << 6) /* for the cases of a network */
#define FLAG_PASS (1U << 7)    /* dirty, or kept for a signature */
/* Why it gives nothing: shut or paused, not confirmed, kept for crises. */
#define FLAG_PAUSED (1U << 8)
#define FLAG_UNCONFIRMED (1U << 9)
#define FLAG_INSURED (1U << 10)

struct pool_slot;

/** One use as it is indexed: kept to find its references again when it changes. */
struct use_node {
	struct use_node *next; /* of its pool, by number */
	struct pool_slot *pool;
	struct use_facts facts;
	size_t zones_len;
	char (*zones)[PARTY_ID_LEN_MAX + 1];
	uint32_t zone_number[MATCH_USE_ZONES_MAX];
	uint32_t slot;  /* among the bit sets */
	uint32_t price; /* that of prices_made */
	uint64_t prices_made;
};

/** What the bit sets say of a pool, as its row says it. */
struct pool_brief {
	bool known; /* it has a row */
	bool dirty, kept;
	bool by_intensity;
	uint32_t flags;
	uint32_t free;
	struct object_id id;
	const struct party_pools *partner;
	size_t parties_len; /* its partner, and those who publish it too */
	char parties[1 + MATCH_JOINT_MAX][PARTY_ID_LEN_MAX + 1];
};

struct pool_slot {
	char name[PARTY_ID_LEN_MAX + 1];
	uint32_t number;
	struct use_node *uses;
	struct pool_brief brief;
};

/** What is asked of each use that is found: side by side, without going to its pool. */
struct slot_brief {
	struct use_node *use;
	const char *pool, *partner; /* names */
	struct object_id pool_id;
	uint32_t pool_number, partner_number;
	uint32_t free;
	uint16_t cost_units;
	uint8_t number; /* of the use */
	uint8_t modality, access;
	bool by_intensity;
	bool judged; /* not by the bits alone */
	bool confirmed;
	bool speaks; /* its languages are told */
};

struct party_pools {
	char name[PARTY_ID_LEN_MAX + 1];
	uint32_t number;
	struct pool_slot **pools;
	size_t len, cap;
};

/** Zones have numbers; the last is shared by those who come when no other is left. */
#define ZONE_SHARED (CAND_ZONES - 1)

struct find_zone {
	char name[PARTY_ID_LEN_MAX + 1];
	uint32_t uses; /* that serve it; 0: the number is free */
};

/** The uses as bit sets. Slots are given as they come, so that they differ from one start to the
 *  next; their rank by (pool, use) does not, and is the order of all that is found. */
struct find {
	struct cand *cand;
	struct slot_brief *brief;
	uint32_t *rank;    /* by slot */
	uint32_t *by_rank; /* slots */
	uint32_t *list;
	uint32_t *free_slots;
	uint64_t *bits, *lacks, *pass, *ranked;
	uint32_t slots_len, slots_cap, free_len;
	bool ranks_stale;
	bool in_order;                /* slots rise with their ranks, as after a start */
	struct party_pools **parties; /* by name */
	size_t parties_len, parties_cap;
	struct find_zone zones[CAND_ZONES];
};

struct match_index {
	struct pool_slot **slots; /* by name */
	size_t slots_len, slots_cap;
	struct cell **cells; /* by (expertise, zone) */
	size_t cells_len, cells_cap;
	uint64_t prices_made; /* rises with each change of a price */
	struct find find;
	struct match_scratch scratch;
};

uint32_t use_price(const struct match_index *x, struct use_node *u);
struct pool_slot *slot_find(const struct match_index *x, const char *name, size_t *ret_at);
/** Makes room for one more element of @p size bytes. */
bool index_grow(void **list, size_t len, size_t *io_cap, size_t size);

/* --- core_offers.c --- */

/** @return the number of a zone that a use serves; ZONE_SHARED: none of its own. */
uint32_t find_zone(const struct find *f, const char *name);
struct party_pools *find_party(const struct find *f, const char *name, size_t *ret_at);
bool find_init(struct find *f);
void find_done(struct find *f);
/** The use is new, or stands in the place of one of the same number. @return SK_ENOMEM. */
int find_use_put(struct find *f, struct use_node *u, const struct use_node *was);
void find_use_drop(struct find *f, struct use_node *u);
/** The row of the pool, of its pass or of its last place has changed. @return SK_ENOMEM. */
int find_fold(struct match_index *x, uint8_t table, struct pool_slot *slot, struct slice val);
