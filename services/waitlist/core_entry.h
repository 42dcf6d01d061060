/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Inside waitlist: one entry, its place in the order, and the entries of one request. All
 *  functions work in the transaction of the step; errors are sticky there (s->txn->err).
 *  Ownership: everything lives in the arena of the step. Blocks: never. */
#include "schakel/v1/waitlist_record.pb-c.h"
#include "services/waitlist/core.h"

#define WAIT(NAME) SCHAKEL__V1__WAIT_STATE__WAIT_STATE_##NAME
#define CLASS(NAME) SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_##NAME
#define URGENCY(NAME) SCHAKEL__V1__URGENCY__URGENCY_##NAME
#define NEED(NAME) SCHAKEL__V1__NEED_STATE__NEED_STATE_##NAME
#define HELP(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME
#define CLOSED_BY(NAME) SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_##NAME
#define REFUSAL(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME
#define RECORD(name) &schakel__v1__##name##__descriptor

#define WAIT_STATE_LEN (WAIT(CLOSED) + 1)

/* What happens to an entry; NONE of the table is WAIT_STATE_UNSPECIFIED. */
#define WAIT_EVENT_MAP(X)                               \
	X(OPEN, "the need is opened")                   \
	X(START, "help starts, child or parent seen")   \
	X(LOSE, "help is lost, none is left")           \
	X(FINISH, "help ends as planned, none is left") \
	X(CLOSE, "the need is closed")                  \
	X(REOPEN, "the need is opened again")

enum wait_event {
#define X(name, text) WAIT_EV_##name,
	WAIT_EVENT_MAP(X)
#undef X
		WAIT_EV_COUNT,
};

/** @return SK_ESTATE when the pair is not listed. */
SK_CHECKED int wait_next(PB(WaitState) from, enum wait_event on, PB(WaitState) *ret_to);

/** The rows by which a waiting entry stands in the order. */
struct place {
	bool listed;
	struct key in_zone; /* WAIT_TABLE_ORDER */
	struct key overall; /* WAIT_TABLE_OVERALL */
	struct key count;   /* WAIT_TABLE_COUNT */
};

/** What an entry counts for in the figures. */
struct wait_counted {
	PB(WaitState) state;
	PB(WaitClass) wait_class;
	PB(WaitClass) base_class;
	PB(Shortfall) shortfall;
	bool lacks; /* matching has no seat for it */
	bool on_wish;
	bool over_term;
	bool helped;
	uint32_t expertise;
	uint32_t intensity;
	uint32_t age_band;
	uint32_t days_of_priority;
	uint64_t gap_ms;
	const char *zone;
};

struct entry {
	struct object_id id;
	struct object_id request_id;
	PB(WaitEntryRecord) *rec;
	bool fresh;   /* not stored yet */
	bool changed; /* must be stored */
	/* What stands in the tables for it. */
	struct place was;
	uint64_t was_due[WAIT_DUE_END];
	struct wait_counted was_counted;
	uint64_t started_ms; /* of the start that this step is about; 0: none */
};

/* --- the law of the order (core_order.c) --- */

/** URGENT gives URGENT, STANDARD gives ACTIVE, PREVENTIVE gives PRECAUTION, CRISIS itself. */
PB(WaitClass) wait_class_of_urgency(PB(Urgency) urgency);
/** One class up by age: never above URGENT, never out of or into CRISIS. */
PB(WaitClass) wait_class_risen(PB(WaitClass) from);
/** Longest wait in a class before it rises, milliseconds; 0: it does not rise. */
uint64_t wait_class_longest_ms(const struct step *s, PB(WaitClass) class);
/** Days between two reviews, as milliseconds. */
uint64_t wait_class_review_ms(const struct step *s, PB(WaitClass) class);
/** Arrival minus days of priority; in CRISIS the arrival. */
uint64_t wait_rank_date(PB(WaitClass) class, uint64_t arrival_ms, uint32_t days_of_priority);
/** Computes the order of @p e anew from its facts; order_version rises when it differs. */
void wait_entry_order(struct step *s, const PB(RequestFact) *request, struct entry *e);
/** It waited longer than its class allows: one class up, in it since @p since_ms. */
void wait_entry_rise(struct step *s, struct entry *e, uint64_t since_ms);
/** Key prefix of one list: @p class UNSPECIFIED for all classes. */
struct key wait_order_prefix(uint32_t expertise, const char *zone, PB(WaitClass) class);
void wait_place_of(const struct entry *e, struct place *ret_place);
/** Takes a row of either index apart. @return false when it does not parse. */
struct place_view {
	uint8_t class;
	uint8_t expertise;
	char zone[PARTY_ID_LEN_MAX + 1];
	struct object_id need_id;
};
bool wait_place_read_overall(const struct key *k, struct place_view *ret_view);
bool wait_place_read_zone(const struct key *k, struct place_view *ret_view);
/** Number of the entry in its expertise and zone, from 1; 0: not waiting, or beyond the count. */
uint64_t wait_place_position(struct step *s, const struct entry *e);

/* --- one entry (core_entry.c) --- */

/** @return false: no such entry (or the sticky error is set). */
bool wait_entry_load(struct step *s, const struct object_id *id, struct entry *ret_e);
/** A new entry of @p request_id in no state yet, for need @p id. @return false: out of memory. */
bool wait_entry_make(struct step *s, const struct object_id *id, const struct object_id *request_id,
		     struct entry *ret_e);
/** Moves along the table. A pair that is not listed is ours to prevent. */
void wait_entry_move(struct step *s, struct entry *e, enum wait_event on);
/** Brings clocks, gap, indexes, due rows and the event into line and writes the record. */
void wait_entry_store(struct step *s, struct entry *e);
/** Takes the entry and all that hangs on it out of the tables; it must be CLOSED.
 *  @return false: rows are left, go on in a later step. */
bool wait_entry_forget(struct step *s, struct entry *e);
/** Whether it is bridged at this moment. */
bool wait_entry_bridged(const struct step *s, const PB(WaitEntryRecord) *rec);
/** Days without help and without bridging, begun days count. */
uint32_t wait_entry_gap_days(const struct step *s, const PB(WaitEntryRecord) *rec);
/** What is said of an entry. */
void wait_entry_event(const struct entry *e, PB(Event) *ret_event);
/** XXH3-64 of the packed message, never 0; 0 with the sticky error set. */
uint64_t wait_message_hash(struct step *s, const ProtobufCMessage *m);

/* --- what is counted (core_figure.c) --- */

void wait_counted_of(const PB(WaitEntryRecord) *rec, struct wait_counted *ret);
/** What follows from the request for the way in which the entry is counted. */
void wait_entry_count_by(struct step *s, const PB(RequestFact) *request, struct entry *e);
/** Counted by what the clock says; called before the record is written. */
void wait_entry_count_now(const struct step *s, PB(WaitEntryRecord) *rec);
/** Brings the figures from what the entry counted for to what it counts for now. */
void wait_entry_figures(struct step *s, struct entry *e);
struct request_set;
/** Counts, once, that help has started for all must-needs of the set. */
void wait_set_figures(struct step *s, struct request_set *set);

/* --- the entries of one request (core_set.c) --- */

struct request_set {
	struct object_id id;
	PB(WaitRequestRecord) *rec; /* NULL: not known */
	bool rec_changed;
	struct entry **open;
	size_t open_len;
	size_t rows;         /* all entries, closed ones included */
	PB(NeedEnd) **ended; /* to be told to matching */
	size_t ended_len;
};

/** Loads the request and its entries that are not closed. @return false with the sticky error. */
bool wait_set_load(struct step *s, const struct object_id *request_id, struct request_set *ret_set);
/** Ids of the entries of a request in order of their making, from @p cap on cut off. */
size_t wait_request_entries(struct step *s, const struct object_id *request_id,
			    struct object_id *ret_ids, size_t cap);
PB(WaitRequestRecord) *wait_request_get(struct step *s, const struct object_id *id);
/** The Demand of the set as it stands; NULL when it has no open entry. */
PB(Demand) *wait_set_demand(struct step *s, const struct request_set *set);
/** The entry of that need: in the set, closed, or new; it joins the set. NULL: sticky error. */
struct entry *wait_set_entry(struct step *s, struct request_set *set, const struct object_id *id);
void wait_set_store_entries(struct step *s, struct request_set *set);
/** Takes over the order that matching remembers where its version is above ours. */
void wait_set_adopt_order(struct step *s, struct request_set *set, const PB(DemandNeed) *known);
/** DemandClosed for what ended, if anything did. */
void wait_set_tell_ended(struct step *s, const struct request_set *set);
/** Writes the request and tells matching the demand when it says something else than before. What
 *  only became less was told by DemandClosed: then @p tell is false. */
void wait_set_store(struct step *s, struct request_set *set, bool tell);

/** The body of the handlers, shared with core_peer.c. @p restoring: objects that are not known yet
 *  are kept, because another peer tells of them later. */
int wait_needs_apply(struct step *s, const PB(NeedsOpened) *fact);
int wait_ends_apply(struct step *s, const PB(NeedClosed) *fact);
int wait_team_apply(struct step *s, const PB(TeamProposed) *fact, bool restoring);
int wait_contribution_apply(struct step *s, const PB(ContributionChanged) *fact, bool restoring);

/** What matching had said of @p e before the entry existed. */
void wait_entry_recall(struct step *s, struct entry *e);

/* --- handlers --- */

handler_fn waitlist_needs_opened;
handler_fn waitlist_need_closed;
handler_fn waitlist_team_proposed;
handler_fn waitlist_contribution_changed;
handler_fn waitlist_record_bridging;
handler_fn waitlist_record_review;
handler_fn waitlist_reconcile_item;
query_fn waitlist_query_waiting;
query_fn waitlist_query_explain;
int waitlist_on_due(struct step *s, uint8_t kind, const struct object_id *id, uint32_t extra,
		    uint64_t due_ms);
int waitlist_inventory(struct step *s, const char *peer, uint32_t budget, struct key *io_resume,
		       uint32_t *ret_items);
int waitlist_snapshot(struct step *s, uint32_t limit, struct key *io_after, PB(SnapshotView) *out);
