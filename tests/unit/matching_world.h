/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Pools, demand and answers for the tests of matching, by names and small numbers instead
 * of ids. Records that are handed out live until world_reset(). Failures end the test (cmocka). */
#include "schakel/v1/matching_record.pb-c.h"
#include "services/matching/core_int.h"
#include "tests/unit/core_rig.h"

#define OUT(NAME) SCHAKEL__V1__OUTCOME__OUTCOME_##NAME
#define CLASS(NAME) SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_##NAME
#define NEEDST(NAME) SCHAKEL__V1__NEED_STATE__NEED_STATE_##NAME
#define CLOSE(NAME) SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_##NAME
#define VOICE(NAME) SCHAKEL__V1__VOICE__VOICE_##NAME
#define REASON(NAME) SCHAKEL__V1__INTERRUPT_REASON__INTERRUPT_REASON_##NAME
#define GROUND(NAME) SCHAKEL__V1__GROUND__GROUND_##NAME
#define UNITS(NAME) SCHAKEL__V1__UNIT__UNIT_##NAME
#define MODE(NAME) SCHAKEL__V1__MODALITY__MODALITY_##NAME

/** Zero means: as usual (partner "facility-a", unit PLACE, expertise 1, zones both, AMBULANT, ages
 * 0 to 25, DIRECT, one unit, based on the version that stands in the table). */
struct pool_spec {
	const char *name;
	const char *partner;
	const char *by; /* who states it; NULL: the partner */
	uint32_t staffed;
	uint32_t used;
	uint32_t total;
	PB(Unit) unit;
	uint32_t expertise;
	uint32_t expertise_2;
	const char *zone;
	PB(Modality) modality;
	uint32_t age_from, age_to;
	PB(Access) access;
	uint32_t cost_units;
	bool insured;
	bool same_uses; /* states no uses */
	const uint32_t *based_on;
	uint64_t from_ms, until_ms;
	PB(PoolAnswer) answer;
	uint32_t week; /* limit of use 1, plus one; 0: none */
	const char *network;
	const char *joint;
	bool school;
	const char *language;
	const char *to_pool; /* 1 unit becomes to_units there, at most `most` a week */
	uint32_t to_units, most;
	uint32_t because;
	PB(SupporterKind) supporter;
	PB(Continuum) continuum;
};
#define WORLD_WEEKS 1 /* how long all help is asked for */
#define WORLD_PLAN_MS (WORLD_WEEKS * 7 * RIG_DAY_MS)

/** Zero means: as usual (version 1, expertise 1, intensity 1, OPEN, ordinal = place). */
struct need_spec {
	uint32_t number;
	uint32_t version;
	uint32_t expertise;
	uint32_t intensity;
	PB(NeedState) state;
	uint32_t ordinal;
	uint32_t child;
	bool should; /* not a must-need */
	bool own_crisis;
	bool by_order;
	uint32_t weeks; /* 0: WORLD_WEEKS */
	uint64_t arrival_ms;
	bool shielded;
};
struct child_spec {
	uint32_t age;
	const char *zone[3]; /* none: the request's */
	PB(ApartReason) apart;
	bool missing;
	bool parents_decide;
};
/** Zero means: as usual (version 1, westhoek, 10 years, class ACTIVE, order_version 1). The rank
 * date is
 *  @p rank; equal requests are told apart by the lottery = their number. */
struct demand_spec {
	uint32_t request;
	uint32_t version;
	const char *zone;
	uint32_t age;
	PB(WaitClass) wait_class;
	uint32_t step;
	uint64_t rank;
	uint32_t order_version;
	bool misplaced;
	bool place_over;
	const char *excluded;
	const char *preferred;
	const char *network;
	const char *language;
	const char *known_partner;
	const struct object_id *known_worker;
	size_t known_more; /* times that the partner stands there once more */
	size_t knows;      /* which child knows them */
	struct need_spec need[MATCH_NEEDS_MAX + 1];
	size_t needs;
	struct child_spec child[MATCH_CHILDREN_MAX + 1];
	size_t children; /* 0: none is told of */
	PB(Ring) ring;
	uint32_t choice_need; /* 0: none; of the partner `choice` */
	const char *choice;
	uint64_t wish_until_ms; /* the family itself waits */
	const char *contact;    /* its contact person, who has no stand-in; NULL: nobody */
	size_t blocks;          /* rules that stand in the way of the request; 0: none */
};

/** Zero means: expertise 1, cap 1, no load. */
struct worker_spec {
	uint32_t number;
	uint32_t expertise;
	uint32_t expertise_2; /* 0: none */
	uint32_t load, cap;
	uint64_t rest_until_ms;
	bool left;
};
struct network_spec {
	const char *name;
	uint64_t until_ms;
	const char *successor;
	const char *by; /* NULL: the coordinator */
};

struct rig *world_new(void);
void world_free(struct rig *r);
/** Expertise @p number is that of interpreters from now on. */
void world_interpreters(struct rig *r, uint32_t number);

PB(Receipt) *put_pool(struct rig *r, const struct pool_spec *p);
PB(Receipt) *pause_pool(struct rig *r, const char *partner, const char *pool, bool paused,
			uint64_t until_ms);
PB(Receipt) *put_worker(struct rig *r, const char *party, const char *pool,
			const struct worker_spec *spec);
PB(Receipt) *put_network(struct rig *r, const struct network_spec *spec);
PB(Receipt) *put_gate(struct rig *r, const char *party, uint32_t request, uint64_t until_ms);
PB(Receipt) *convert(struct rig *r, const char *party, const char *pool, const char *to,
		     uint32_t units);
struct object_id worker_id(uint32_t number);
PB(MatchWorkerRecord) *worker_rec(struct rig *r, const char *pool, uint32_t number);
PB(MatchNetworkRecord) *network_rec(struct rig *r, const char *name);
/** @return false: quarantined. */
bool demand(struct rig *r, const struct demand_spec *d);
/** One need, ACTIVE, with that rank; the need has the number of the request. */
void demand_one(struct rig *r, uint32_t number, uint32_t expertise, uint64_t rank);
bool demand_closed(struct rig *r, uint32_t request, uint32_t need, uint32_t version,
		   PB(CloseReason) reason);
bool position(struct rig *r, uint32_t request, uint32_t version, PB(Voice) voice);
bool end_allowed(struct rig *r, const struct object_id *contribution);

PB(Receipt) *answer(struct rig *r, const char *party, const struct object_id *id,
		    PB(AnswerKind) kind);
PB(Receipt) *start(struct rig *r, const char *party, const struct object_id *id, bool seen);
PB(Receipt) *interrupt(struct rig *r, const char *party, const struct object_id *id);
/** The commands that name a contribution and nothing else. */
PB(Receipt) *simple(struct rig *r, const char *party, PB(Message__BodyCase) body,
		    const struct object_id *id);

/** What a peer is told of us, kept to be given back to a world that comes from an old copy. */
struct kept {
	char peer[16];
	char table[32];
	uint8_t bytes[4096];
	size_t len;
};
#define TOLD_MAX 256
extern struct kept told_kept[TOLD_MAX];
extern size_t told_len;
/** Adds the whole inventory for that peer. */
void told_inventory(struct rig *r, const char *peer);
/** @return false: quarantined. */
bool told_give(struct rig *r, const struct kept *k);

void world_reset(void);
void *record(struct rig *r, uint8_t table, const struct key *k,
	     const ProtobufCMessageDescriptor *type);
struct object_id req_id(uint32_t request);
struct object_id need_id(uint32_t need);
PB(MatchNeedRecord) *need_rec(struct rig *r, uint32_t need);
PB(MatchRequestRecord) *request_rec(struct rig *r, uint32_t request);
PB(MatchPoolRecord) *pool_rec(struct rig *r, const char *pool);
PB(MatchContributionRecord) *contribution_rec(struct rig *r, const struct object_id *id);
/** The seat of a need; fails when it has none. */
PB(MatchContributionRecord) *seat(struct rig *r, uint32_t need);
bool waits(struct rig *r, uint32_t need);
/** A live stand-by ask of the need at that pool, or NULL. */
PB(MatchContributionRecord) *standby_at(struct rig *r, uint32_t need, const char *pool);
struct object_id cid(const PB(MatchContributionRecord) *c);
/** Drives the seat of a need to that state: ASKED, CAN, CAN_IF, AGREED, STARTED, INTERRUPTED,
 *  HANDING_ON; @return its id. */
struct object_id drive(struct rig *r, uint32_t need, PB(ContributionState) to);

/** The copy that a plan of the list is made of, taken slice by slice; match_plan_free()'s.
 *  @return NULL: none is due. */
struct plan_copy *copy_now(struct rig *r);
/** The same, with bounds of its own. */
struct plan_copy *copy_within(struct rig *r, uint32_t needs_most, uint32_t options_most);
/** pool-a has one place, taken by 40; 41 and 42 wait for it. */
struct rig *one_place(void);

/* --- the laws, by brute force over the tables (matching_laws.c); none of the core's functions ---
 */

/** What stood before a step, for L7. */
struct before;
struct before *laws_before(struct rig *r);
/** Checks L4, L5, L7, L8 and the indexes; @p one_step: just one message was stepped since. */
void laws_after(struct rig *r, struct before *b, bool one_step);
void laws_check(struct rig *r);
