/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Facts and questions for the tests of waitlist, by small numbers instead of ids, and a
 * check of its indexes that does not use the core's functions. */
#include "schakel/v1/waitlist_record.pb-c.h"
#include "services/waitlist/core.h"
#include "tests/unit/core_rig.h"

#define U(NAME) SCHAKEL__V1__URGENCY__URGENCY_##NAME
#define C(NAME) SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_##NAME
#define N(NAME) SCHAKEL__V1__NEED_STATE__NEED_STATE_##NAME
#define H(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME
#define R(NAME) SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_##NAME
#define X(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME
#define S(NAME) SCHAKEL__V1__SHORTFALL__SHORTFALL_##NAME
#define G(NAME) SCHAKEL__V1__PRIORITY_GROUND__PRIORITY_GROUND_##NAME
#define P(NAME) SCHAKEL__V1__MISPLACED_STATE__MISPLACED_STATE_##NAME
#define BY(NAME) SCHAKEL__V1__SPEAKER__SPEAKER_##NAME
#define M(NAME) SCHAKEL__V1__MODALITY__MODALITY_##NAME
#define O(NAME) SCHAKEL__V1__OUTCOME__OUTCOME_##NAME

#define EXPERTISE 8
#define BLOCKED_ALL UINT32_MAX

/** Zero means: as usual (version 1, expertise 8, arrival now, OPEN, ordinal = place in the list).
 */
struct need {
	uint32_t number;
	uint32_t version;
	uint32_t expertise;
	uint64_t arrival_ms;
	PB(NeedState) state;
	bool should; /* not a must-need */
	uint32_t child;
	PB(LifeDomain) domain;
	bool longer; /* in a crisis: asked before it, not its own short entry */
	bool shielded;
};

/** Zero means: as usual (version 1, zone "westhoek", STANDARD, requester "clb"). */
struct request {
	uint32_t number;
	uint32_t version;
	const char *zone;
	PB(Urgency) urgency;
	uint32_t crisis_step;
	const char *requester;
	size_t excluded;       /* so many excluded partners */
	const char *contact;   /* named contact person's house */
	const char *preferred; /* one preferred partner */
	uint64_t answer_due_ms;
	uint32_t children; /* told of; apart from each other when `apart` */
	bool apart;
	const char *sibling; /* house that helps a brother or sister of the first child */
	uint32_t blocked;    /* need that a rule blocks; BLOCKED_ALL: all; 0: none */
	uint64_t wish_until_ms;
	const struct need *needs;
	size_t needs_len;
};

#define NEEDS(...)                                     \
	.needs = (const struct need[]){ __VA_ARGS__ }, \
	.needs_len = sizeof((const struct need[]){ __VA_ARGS__ }) / sizeof(struct need)

/** What intake says; false: quarantined. */
bool wl_opened(struct rig *r, const struct request *q);
bool wl_closed(struct rig *r, uint32_t request, uint32_t need, uint32_t version,
	       PB(CloseReason) reason);
/** The same as the record of an inventory's item. */
bool wl_item_opened(struct rig *r, const struct request *q);
bool wl_item_closed(struct rig *r, uint32_t request, uint32_t need, uint32_t version,
		    PB(CloseReason) reason);
bool wl_item_raw(struct rig *r, const char *peer, const char *table,
		 const ProtobufCMessage *record);

/** What matching says. */
struct help {
	uint32_t request;
	uint32_t need;
	uint32_t contribution;
	uint32_t version;
	PB(ContributionState) state;
	bool unseen;
	bool standby;
};
bool wl_help(struct rig *r, const struct help *h);
/** The same with more of what it may say. */
struct told {
	uint32_t request;
	uint32_t need;
	uint32_t contribution;
	uint32_t version;
	PB(ContributionState) state;
	bool unseen;
	const char *partner; /* NULL: "facility-a" */
	PB(Modality) modality;
	uint32_t miss;
	uint32_t rung;
	uint8_t worker; /* 0: not told */
	PB(Ground) ground;
};
bool wl_told(struct rig *r, const struct told *t);
bool wl_item_help(struct rig *r, const struct help *h);
/** @p need lacks @p shortfall; 0: nothing lacks. */
bool wl_team(struct rig *r, uint32_t request, uint32_t version, uint32_t need,
	     PB(Shortfall) shortfall);

/** What people do. */
PB(Receipt) *wl_bridge(struct rig *r, const char *by, uint32_t need, const char *party,
		       uint64_t until_ms);
PB(Receipt) *wl_review(struct rig *r, const char *by, uint32_t need, uint64_t next_ms);

PB(Receipt) *wl_priority(struct rig *r, const char *by, uint32_t need, PB(PriorityGround) ground,
			 const char *sibling_partner);
PB(Receipt) *wl_signal(struct rig *r, const char *by, uint32_t need, const char *hoped);
PB(Receipt) *wl_confirm(struct rig *r, const char *by, uint32_t need, PB(Speaker) speaker);
PB(Receipt) *wl_not_so(struct rig *r, const char *by, uint32_t need, PB(Speaker) speaker);

/** What people see. */
PB(WaitingItem) *wl_entry_of(struct rig *r, uint32_t need);
/** The entry as it is stored. The caller does not free. */
PB(WaitEntryRecord) *wl_record_of(struct rig *r, uint32_t need);
/** Numbers of the needs on the first page of the coordinator's list, as a text "3 1 2". */
const char *wl_order_of(struct rig *r, uint32_t expertise, const char *zone);
uint32_t wl_number_of(const ProtobufCBinaryData *id);
ProtobufCBinaryData wl_data_of(uint32_t number);

/** The next event of that kind, or NULL. */
PB(Event) *wl_next_event(struct rig *r, PB(EventKind) kind);
#define wl_next_said(r) wl_next_event((r), SCHAKEL__V1__EVENT_KIND__EVENT_KIND_WAIT_ENTRY)
#define wl_next_alarm(r) wl_next_event((r), SCHAKEL__V1__EVENT_KIND__EVENT_KIND_ALARM)
PB(Demand) *wl_next_demand(struct rig *r);

/** I22: exactly the waiting entries stand in both indexes and in the counts, in a list that agrees
 *  with their record; each has a review to come. */
void wl_check_indexes(struct rig *r);
int waitlist_setup(void **state);
int waitlist_teardown(void **state);
