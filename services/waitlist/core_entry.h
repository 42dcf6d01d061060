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
#define GROUND_FOR(NAME) SCHAKEL__V1__PRIORITY_GROUND__PRIORITY_GROUND_##NAME
#define MISPLACED(NAME) SCHAKEL__V1__MISPLACED_STATE__MISPLACED_STATE_##NAME
#define TABLE_IS(NAME) SCHAKEL__V1__CASE_TABLE_STATE__CASE_TABLE_STATE_##NAME
#define TABLE_FOR(NAME) SCHAKEL__V1__CASE_TABLE_REASON__CASE_TABLE_REASON_##NAME
#define SIGN(NAME) SCHAKEL__V1__STUCK_SIGN__STUCK_SIGN_##NAME
#define SPOKEN_BY(NAME) SCHAKEL__V1__SPEAKER__SPEAKER_##NAME
#define EVENT_OF(NAME) SCHAKEL__V1__EVENT_KIND__EVENT_KIND_##NAME
#define ALARM_OF(NAME) SCHAKEL__V1__ALARM_KIND__ALARM_KIND_##NAME
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
	size_t priorities; /* grounds of days of priority */
	uint64_t gap_ms;
	bool listed;    /* waits, or is served and not in the right place */
	bool misplaced; /* that, confirmed */
	const char *zone;
};

struct entry {
	struct object_id id;
	struct object_id request_id;
	PB(WaitEntryRecord) *rec;
	bool fresh;      /* not stored yet */
	bool changed;    /* must be stored */
	bool gap_opened; /* in this step: told when it is stored */
	/* What stands in the tables for it. */
	struct place was;
	struct wait_counted was_counted;
	uint64_t started_ms; /* of the start that this step is about; 0: none */
	uint64_t was_due[WAIT_DUE_ENTRY_LEN];
};

/* --- the law of the order (core_order.c) --- */

/** URGENT gives URGENT, STANDARD gives ACTIVE, PREVENTIVE gives PRECAUTION, CRISIS itself. */
PB(WaitClass) wait_class_of_urgency(PB(Urgency) urgency);
/** One class up by age: never above URGENT, never out of or into CRISIS. */
PB(WaitClass) wait_class_risen(PB(WaitClass) from);
/** Longest wait in a class before it rises, milliseconds; 0: it does not rise. */
uint64_t wait_class_longest_ms(const struct step *s, PB(WaitClass) class);
/** Time between two reviews of the entry, in milliseconds. */
uint64_t wait_review_ms(const struct step *s, const PB(WaitEntryRecord) *rec);
/** Arrival minus days of priority; in CRISIS the arrival. By the law. */
uint64_t wait_rank_date(PB(WaitClass) class, uint64_t arrival_ms, uint32_t days_of_priority);
/** Ranks the entry by the rules in force: rank class and rank date of its order. */
void wait_rank(const struct step *s, PB(WaitEntryRecord) *rec);
/** @return the setting by which it stands there; 0: the law. */
uint32_t wait_order_rule(const struct step *s, const PB(NeedOrder) *order);
int waitlist_on_config(struct step *s);
/** Goes on with the order that is made anew. */
void wait_order_due(struct step *s, uint64_t due_ms);
/** A version of what peers keep of an entry, above the one before, also of an entry that was
 *  forgotten meanwhile. */
uint32_t wait_next_version(const struct step *s, uint32_t version);
/** Counts as waiting and stands in the order: waits, or is served and not in the right place. */
bool wait_is_listed(const PB(WaitEntryRecord) *rec);
/** Its days of priority have changed: the same class, another rank date. */
void wait_entry_rank(struct step *s, struct entry *e);
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
/** Moves what is said of its place (@p on of core_misplaced.c allows it). */
void wait_entry_misplace(struct step *s, struct entry *e, PB(MisplacedState) to);
/** Brings clocks, gap, indexes, due rows and the event into line and writes the record. */
void wait_entry_store(struct step *s, struct entry *e);
/** Takes the entry and all that hangs on it out of the tables; it must be CLOSED.
 *  @return false: rows are left, go on in a later step. */
bool wait_entry_forget(struct step *s, struct entry *e);
/** Days without help and without bridging, begun days count. */
uint32_t wait_entry_gap_days(const struct step *s, const PB(WaitEntryRecord) *rec);
/** An alarm about it, now. */
void wait_entry_alarm(struct step *s, const struct entry *e, PB(AlarmKind) kind);
/** What is said of an entry. */
void wait_entry_event(const struct entry *e, PB(Event) *ret_event);
/** XXH3-64 of the packed message, never 0; 0 with the sticky error set. */
uint64_t wait_message_hash(struct step *s, const ProtobufCMessage *m);

/* --- why it waits, and what intake is told (core_told.c) --- */

/** UNSPECIFIED: it does not wait, or waits for an answer or a start that is due. */
PB(Shortfall) wait_reason(const PB(WaitEntryRecord) *rec);
/** The rule that is named to stand in its way, or none. */
void wait_entry_block(const PB(RequestFact) *request, struct entry *e);
/** Tells intake, when it says something else than the time before. The caller writes the record. */
void wait_entry_told(struct step *s, struct entry *e);
/** What holds, under the version that was told last. */
void wait_told_fill(const struct entry *e, PB(WaitTold) *ret_told);
/** In a restore: what intake was told last. */
int wait_told_again(struct step *s, const PB(WaitTold) *fact);
/** What intake tells of the care; an older version changes nothing. */
int wait_care_apply(struct step *s, const PB(CareNoted) *fact);

/* --- what is counted (core_figure.c) --- */

void wait_counted_of(const PB(WaitEntryRecord) *rec, struct wait_counted *ret);
/** What follows from the request for the way in which the entry is counted. */
void wait_entry_count_by(struct step *s, const PB(RequestFact) *request, struct entry *e);
/** Counted by what the clock says; called before the record is written. */
void wait_entry_count_now(const struct step *s, PB(WaitEntryRecord) *rec);
/** Brings the figures from what the entry counted for to what it counts for now. */
void wait_entry_figures(struct step *s, struct entry *e);
struct request_set;
/** Counts an early warning of one of its children. */
void wait_stuck_figure(struct step *s, const struct object_id *request_id, PB(StuckSign) sign);
/** Counts a case table in each state that it comes into, once. */
void wait_table_figures(struct step *s, PB(WaitTableRecord) *rec);
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
/** Ids behind @p id in the keys of an index, in order of their making, from @p cap on cut off. */
size_t wait_ids_under(struct step *s, uint8_t table, const struct object_id *id,
		      struct object_id *ret_ids, size_t cap);
/** Ids of the entries of a request, likewise. */
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

/* --- days of priority (core_priority.c) --- */

/** Gives the days of @p ground as far as its number and the most of all allow. @p party NULL: by
 *  rule. @return days given; 0: nothing changed. The caller stores the entry. */
uint32_t wait_priority_give(struct step *s, struct entry *e, PB(PriorityGround) ground,
			    const char *party);
/** The entry stands at an order that we gave before a restore: what its days were, without ground
 *  until it is told again. */
void wait_priority_adopt(struct step *s, struct entry *e);
/** What matching told of misses of the network; days come by rule.
 *  @return true: misses enough for a case table. */
bool wait_priority_misses(struct step *s, struct entry *e, const PB(ContributionChanged) *fact);
/** The demand of its request, when it says something else than before. */
void wait_entry_tell(struct step *s, const struct entry *e);

/* --- not in the right place (core_misplaced.c) --- */

#define MISPLACED_EVENT_MAP(X)                                      \
	X(SIGNAL, "somebody says so")                               \
	X(ONE_SAYS, "the first of the two who confirm")             \
	X(BOTH_SAY, "the second")                                   \
	X(NOT_SO, "child, trusted or contact person: not any more") \
	X(HELP_ENDS, "the place itself is gone, or another help has started")

enum misplaced_event {
#define X(name, text) MISPLACED_EV_##name,
	MISPLACED_EVENT_MAP(X)
#undef X
		MISPLACED_EV_COUNT,
};
SK_CHECKED int misplaced_next(PB(MisplacedState) from, enum misplaced_event on,
			      PB(MisplacedState) *ret_to);
/** After a restore: the word on the place as the entry's order has it, heard from matching. */
void wait_place_adopt(struct step *s, struct entry *e);

/* --- case tables (core_table.c) --- */

#define CASE_TABLE_EVENT_MAP(X)                             \
	X(PLAN, "a date is set, child and parents invited") \
	X(HOLD, "it was held")                              \
	X(DROP, "it is not needed any more")

enum case_table_event {
#define X(name, text) CASE_TABLE_EV_##name,
	CASE_TABLE_EVENT_MAP(X)
#undef X
		CASE_TABLE_EV_COUNT,
};
SK_CHECKED int case_table_next(PB(CaseTableState) from, enum case_table_event on,
			       PB(CaseTableState) *ret_to);

struct table_call {
	const struct object_id *request_id;
	const struct object_id *need_id; /* NULL: of the whole request */
	PB(CaseTableReason) reason;
	PB(StuckView) **signs; /* STUCK */
	size_t signs_len;
};
/** One open table for each request and reason: a second call joins it. @return false: it joined;
 *  @p ret_id is the table. The request must be known. */
bool wait_table_call(struct step *s, const struct table_call *call, struct object_id *ret_id);
PB(WaitTableRecord) *wait_table_get(struct step *s, const struct object_id *id);
bool wait_table_is_open(const PB(WaitTableRecord) *rec);
/** The last moment for which it may be planned. */
uint64_t wait_table_latest(struct step *s, const PB(WaitTableRecord) *rec);
/** A listed move; @p rec has been filled. Stores and tells. */
void wait_table_move(struct step *s, PB(WaitTableRecord) *rec, enum case_table_event on);
/** Nothing of the request is open any more. */
void wait_tables_drop(struct step *s, const struct object_id *request_id);
void wait_tables_forget(struct step *s, const struct object_id *request_id);
void wait_table_due(struct step *s, const struct object_id *id, uint64_t due_ms);
void wait_table_event(const PB(WaitTableRecord) *rec, PB(Event) *ret_event);
/** The fact as it is told to intake, by one that a peer remembers. */
int wait_table_apply(struct step *s, const PB(CaseTableFact) *fact);

/* --- early warning (core_stuck.c) --- */

/** What the change of a contribution says of the child's trajectory; @p row is what was known. */
void wait_stuck_count(struct step *s, const struct entry *e, const PB(ContributionChanged) *fact,
		      const PB(WaitContributionRecord) *row);
/** Looks at all signs of the child; a new one raises the alarm, with a case table. */
void wait_stuck_look(struct step *s, const struct object_id *request_id, uint32_t child);
void wait_stuck_look_all(struct step *s, const struct object_id *request_id);
/** The signs of a child whose alarm stands; 0: none. */
size_t wait_stuck_signs(struct step *s, const struct object_id *request_id, uint32_t child,
			PB(StuckView) ***ret_signs);
void wait_stuck_forget(struct step *s, const struct object_id *request_id);

/* --- how long it may still wait (core_foreseen.c) --- */

enum wait_came {
	WAIT_CAME_UNKNOWN, /* nothing was said with an end, or it is not over */
	WAIT_CAME_FALSE,
	WAIT_CAME_TRUE,
};
/** What was said, held against an end of the wait at @p at_ms. */
enum wait_came wait_range_came(const PB(WaitRange) *said, uint64_t at_ms, bool began);
/** Nobody looks ahead any more: of whom ranges were said is forgotten, what was said is kept. */
void wait_foreseen_config(struct step *s);
/** What may be said of it now: the range as it was said, with the days since then taken off.
 *  @return NULL: nothing may, or it is past its end. */
PB(WaitRange) *wait_range_today(struct step *s, const PB(WaitEntryRecord) *rec);

/* --- who may (core_right.c) --- */

enum wait_helper {
	WAIT_HELPER_PRESENT, /* helps, or is to come back */
	WAIT_HELPER_HOPED,   /* asked, or has said that it can */
};
/** All of the list: contact point, coordinator. */
bool wait_sees_all(const struct step *s);
/** Named contact person or stand-in. */
bool wait_is_contact(const PB(RequestFact) *request, const char *party);
bool wait_sees(const struct step *s, const PB(RequestFact) *request);
/** Whether this entry is shown to who sees the request. */
bool wait_shows(const struct step *s, const PB(RequestFact) *request, const struct entry *e);
bool wait_may_note(const struct step *s, const PB(RequestFact) *request);
bool wait_same_house(const struct step *s, const char *a, const char *b);
/** A contribution of that kind is of the party's house. */
bool wait_house_helps(struct step *s, const struct object_id *need_id, const char *party,
		      enum wait_helper which);
bool wait_may_come_back(PB(ContributionState) state);
/** Present or hoped-for provider, or of its house. */
bool wait_is_provider(struct step *s, const struct entry *e, const PB(RequestFact) *request,
		      const char *party);
/** Asked, holds, helps or hopes to help, or of one of their houses. */
bool wait_gains(struct step *s, const struct entry *e, const PB(RequestFact) *request,
		const char *party);

/* --- handlers --- */

/** The entry that a command names, for who may note on it. */
SK_CHECKED int wait_find_entry(struct step *s, const ProtobufCBinaryData *need_id,
			       struct entry *ret_e);
/** REFUSED(STATE), told with what holds now. */
SK_CHECKED int wait_refuse_state(struct step *s, const struct entry *e, const char *field);
/** Stores the entry and names it in the receipt. */
SK_CHECKED int wait_note(struct step *s, struct entry *e);

handler_fn waitlist_needs_opened;
handler_fn waitlist_need_closed;
handler_fn waitlist_team_proposed;
handler_fn waitlist_wait_foreseen;
handler_fn waitlist_contribution_changed;
handler_fn waitlist_record_bridging;
handler_fn waitlist_record_review;
handler_fn waitlist_give_priority;
handler_fn waitlist_signal_misplaced;
handler_fn waitlist_confirm_misplaced;
handler_fn waitlist_call_case_table;
handler_fn waitlist_move_case_table;
handler_fn waitlist_care_noted;
handler_fn waitlist_reconcile_item;
query_fn waitlist_query_waiting;
query_fn waitlist_query_explain;
query_fn waitlist_query_case_tables;
int waitlist_on_due(struct step *s, uint8_t kind, const struct object_id *id, uint32_t extra,
		    uint64_t due_ms);
int waitlist_inventory(struct step *s, const char *peer, uint32_t budget, struct key *io_resume,
		       uint32_t *ret_items);
int waitlist_snapshot(struct step *s, uint32_t limit, struct key *io_after, PB(SnapshotView) *out);
