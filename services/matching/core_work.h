/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What all files of the matching core share: tables, the words of codes, the work of one
 * step. Records come from step_get() as fresh copies in the arena: whoever writes one reads it in
 * the same few lines, so that no two copies of one row are alive across a call that may write it.
 *  Ownership: all borrowed for the step. Errors: sticky in step.txn->err. Blocks: never. */
#include <string.h>

#include "common/civil.h"
#include "common/mut.h"
#include "common/plan/compose.h"
#include "schakel/v1/matching_record.pb-c.h"
#include "services/matching/core.h"

#define CSTATE(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME
#define PSTATE(NAME) SCHAKEL__V1__POOL_STATE__POOL_STATE_##NAME
#define REFUSE(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME
#define SHORTFALL(NAME) SCHAKEL__V1__SHORTFALL__SHORTFALL_##NAME
#define EVENT(NAME) SCHAKEL__V1__EVENT_KIND__EVENT_KIND_##NAME
#define ANSWER(NAME) SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_##NAME
#define CAUSE(NAME) SCHAKEL__V1__MATCH_EXCLUDE_CAUSE__MATCH_EXCLUDE_CAUSE_##NAME
#define COST(NAME) SCHAKEL__V1__COST_KIND__COST_KIND_##NAME
#define CLASS_CRISIS SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_CRISIS
#define DESC(NAME) (&schakel__v1__##NAME##__descriptor)

#define PEER_INTAKE "intake"
#define PEER_WAITLIST "waitlist"

/* Keys as written beside each. The order of a need = class u8, crisis step u8, rank_ms u64,
 * lottery u64, request id, ordinal u32. */
enum match_table {
	T_REQUEST = TABLE_SERVICE, /* request id -> MatchRequestRecord */
	T_NEED,                    /* need id -> MatchNeedRecord */
	T_REQUEST_NEED,            /* request id, need id */
	T_WAIT,                    /* expertise u32, zone or "", order, need id: without a seat */
	T_POOL,                    /* name -> MatchPoolRecord */
	T_POOL_USE,                /* name, use u32 -> PoolUse */
	T_POOL_ID,                 /* pool id -> MatchPoolRecord with the name only */
	T_PARTNER_POOL,            /* partner, name */
	T_CONTRIBUTION,            /* id -> MatchContributionRecord */
	T_NEED_LIVE,               /* need id, contribution id: not yet in an end state */
	T_REQUEST_CONTRIBUTION,    /* request id, contribution id: all */
	T_POOL_HOLD,               /* name, rank u8, order inverted, contribution id */
	T_PARTNER_ASK,             /* partner, ended u8, contribution id */
	T_EXCLUDE,                 /* need id, partner -> MatchExcludeRecord */
	T_PASS,                    /* name -> MatchPassRecord: the pool is dirty */
	T_CHAIN,                   /* (one row) -> MatchChainRecord */
	T_LAST_PLACE,              /* name -> MatchLastPlaceRecord: kept for a signature */
	T_MIRROR,   /* partner or "", yyyymm u32, expertise u32, urgency u8 -> MatchMirrorRecord */
	T_CALL,     /* step u8, confirmed u8, answer by u64, contribution id: to be telephoned */
	T_USE_WEEK, /* name, use u32 -> MatchCountRecord: given in that week */
	T_ATELIER,  /* network -> MatchCountRecord: school ateliers that run */
	T_SCHOOL,   /* name of a pool that is a school atelier */
	T_NETWORK,  /* name -> MatchNetworkRecord */
	T_NETWORK_ID,   /* id -> MatchNetworkRecord with the name only */
	T_NETWORK_CASE, /* network, request id: may be an open case of it */
	T_WORKER,       /* pool, pseudonym -> MatchWorkerRecord */
	T_INTERPRETER,  /* pool, contribution id: its hours of an interpreter */
	T_PRICE,        /* expertise u32, zone or "" -> MatchPriceRecord */
	T_PLAN,         /* (one row) -> MatchPlanRecord */
};

enum due_kind {
	DUE_CHAIN = 1,   /* unfinished passes go on */
	DUE_ANSWER_BY,   /* contribution: lapses */
	DUE_REMIND,      /* contribution: reminder of an ask */
	DUE_CAN_HOLDS,   /* contribution: CAN is released */
	DUE_NOT_STARTED, /* contribution: AGREED and no start */
	DUE_EXCLUDE,     /* need: an exclusion ends */
	DUE_CONFIRM,     /* pool: not confirmed any more */
	DUE_WINDOW,      /* pool: from or until is reached */
	DUE_PAUSE_END,   /* pool */
	DUE_SHED,        /* pool: more holds of an OVERCOMMITTED pool to let go */
	DUE_FORGET,      /* need: tombstone */
	DUE_TEAM,        /* request: request_settle() */
	DUE_HELP,        /* need: need_settle() */
	DUE_LAST_PLACE,  /* pool: nobody signed, the order decides */
	DUE_WEEK,        /* pool with limits: a new week */
	DUE_REST,        /* pool: the rest of one of its workers is over */
	DUE_GATE,        /* need: the gate's decision ends */
	DUE_NETWORK,     /* network: it ends, or will */
	DUE_RESERVE,     /* pool: what is free is kept no longer */
};

/* --- the work of one step (core_work.c) --- */

#define ITEM_BYTES 44
#define CHUNK_ITEMS 32U
#define ITEM_CHUNKS_MAX 512U /* of one step; with more it has no memory left */
/** A set of ids, names or group keys; its memory is the index's, until the next work_init(). */
struct item {
	uint8_t key[ITEM_BYTES];
	uint32_t flags;
};
struct item_chunk {
	struct item_chunk *next;
	struct item items[CHUNK_ITEMS];
};
struct item_set {
	struct item_chunk *first;
	size_t len;
};

#define TELL_PARTNER 1U /* the change was not the partner's own: AskEnded */
#define TELL_ASK 2U     /* a new or changed ask: Ask */

struct work {
	struct step *s;
	struct item_set touched; /* requests whose open needs may now be able to take a seat */
	struct item_set contributions; /* changed; flags TELL_ */
	struct item_set teams;         /* requests whose team may have changed */
	struct item_set pools;         /* changed */
	struct item_set dirty;         /* pools that became dirty in this step */
	uint32_t number;               /* rises with each work: the last has the sets */
	uint32_t candidates_left;
	uint32_t seats_left;
	uint32_t asks_left; /* made or let go */
	uint32_t shed_left; /* holds that may yet be let go in this step */
	bool deferred;      /* passes remain: the chain needs a due row */
};

void work_init(struct work *w, struct step *s);
/** Composes what was touched, runs passes, writes facts and events. @return s->txn->err. */
int work_settle(struct work *w);
/** Memory taken since the mark is given back. */
size_t work_mark(const struct work *w);
void work_rewind(struct work *w, size_t mark);
void item_add(struct work *w, struct item_set *set, const void *key, size_t len, uint32_t flags);
/** @return the n-th item, in order of arrival. */
struct item *item_at(struct item_set *set, size_t n);

static inline int work_err(const struct work *w)
{
	return w->s->txn->err;
}
static inline struct object_id id_of(const ProtobufCBinaryData *data)
{
	struct object_id id = { { 0 } };

	SK_ASSERT(data->len == 0 || object_id_from(data, &id));
	return id;
}
