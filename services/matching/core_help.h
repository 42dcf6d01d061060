/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Help from the ask to its end: contributions, conditions, what is told of them and of
 * teams, what is counted. Ownership: all borrowed for the step. Errors: sticky in step.txn->err.
 * Blocks: never. */
#include "services/matching/core_need.h"

/* --- contributions (core_life.c, core_table.c) --- */

/* What can happen to a contribution, and what follows: DOMAIN 4. */
#define CONTRIBUTION_EVENT_MAP(X)                                     \
	X(CAN, "partner can")                                         \
	X(CAN_IF, "partner can, if ...")                              \
	X(NOT_NOW, "partner cannot now")                              \
	X(NOT_OURS, "partner names another")                          \
	X(LAPSE, "no answer in its term")                             \
	X(RELEASE, "not needed any more, or its hold is over")        \
	X(TAKE_BACK, "partner takes it back")                         \
	X(AGREE, "its ground is recorded")                            \
	X(DECLINE, "child says no to the proposal that names it")     \
	X(START, "help starts, child or parent seen")                 \
	X(INTERRUPT, "help is interrupted")                           \
	X(RESUME, "help goes on")                                     \
	X(HAND_ON, "a successor is looked for")                       \
	X(END, "help ends as allowed")                                \
	X(STOP, "young person stops it")                              \
	X(CLOSE, "its need is withdrawn, closed or entered in error") \
	X(DECEASED, "the child has died")                             \
	X(STAY, "it is the right place after all")

enum contribution_event {
#define X(name, text) EV_##name,
	CONTRIBUTION_EVENT_MAP(X)
#undef X
		EV_COUNT
};
/** DOMAIN 4. @return SK_ESTATE for a pair that is not listed. */
int contribution_next(PB(ContributionState) from, enum contribution_event on,
		      PB(ContributionState) *ret_to);
bool state_is_end(PB(ContributionState) st);
bool state_holds(PB(ContributionState) st);

PB(MatchContributionRecord) *contribution_get(struct work *w, const struct object_id *id);
/** Writes the record and its row among the pool's holds; @p tell are TELL_ bits. */
void contribution_put(struct work *w, PB(MatchContributionRecord) *c, uint32_t tell);
/** One edge of the table, with all that hangs on it: amount, seat, clocks, indexes. A pair that is
 *  not listed is the caller's mistake. @p c stays valid, is written. */
/** Gives it the next version. */
void contribution_renew(struct work *w, PB(MatchContributionRecord) *c);
void contribution_move(struct work *w, PB(MatchContributionRecord) *c, enum contribution_event on,
		       uint32_t tell);
void contribution_clock(struct work *w, PB(MatchContributionRecord) *c, uint8_t kind,
			uint64_t at_ms);
/** One of the clocks of a contribution. */
void contribution_due(struct work *w, uint8_t kind, const struct object_id *id, uint64_t due_ms);
void contribution_unremind(struct work *w, PB(MatchContributionRecord) *c);
/** Contributions of a need that are not in an end state. @return how many. */
size_t live_of(struct work *w, const struct object_id *need,
	       PB(MatchContributionRecord) **ret_live);
#define LIVE_MAX 16U
/** The need has another place in the order: so have the rows of its holds. */
void contribution_reorder(struct work *w, const struct object_id *need, const struct order *from,
			  const struct order *to);
void contribution_rank(struct work *w, const struct object_id *need);
/** What it held is held no more; an interruption takes the hands along. */
void contribution_let_go(struct work *w, PB(MatchContributionRecord) *c);
/** The clock that its state wants, from now on. */
void contribution_adopt_clock(struct work *w, PB(MatchContributionRecord) *c);
void contribution_adopt_put(struct work *w, PB(MatchContributionRecord) *c);
/** Rows by which an ask is found again. */
void contribution_index(struct work *w, const PB(MatchContributionRecord) *c);
/** In a restore: its rows with its partners are off. */
void contribution_unlist(struct work *w, const PB(MatchContributionRecord) *c);
/** It is in its need's seat, or was asked to be: beside the seat are stand-by asks and who hands
 * on.
 */
bool help_sits(const PB(MatchContributionRecord) *c);
/** In a restore: two sit in that seat; looked at when all peers were heard. */
void seat_doubted(struct work *w, const struct object_id *need);
/** All seats that were doubted. */
void seats_settle(struct work *w);
/** Of two in one seat one is let go, the other is in it. @return false: no two sit there. */
bool seat_yield(struct work *w, const struct object_id *need);
/** Stand-by asks of a need are not needed any more. */
void standby_release(struct work *w, const struct object_id *need, const struct object_id *but);
PB(Event) *contribution_event(struct work *w, const PB(MatchContributionRecord) *c);
PB(Event) *contribution_news(struct work *w, const PB(MatchContributionRecord) *c);
/** What an alarm about it says: of help that a child keeps to itself whose request it is, so that
 *  its contact person looks, and nothing of the help. */
PB(Event) *contribution_alarm(struct work *w, const PB(MatchContributionRecord) *c);
char *team_lead_news(struct work *w, const PB(TeamProposed) *t);
/** Whether it may start on the ground that is recorded: there is one, and it has not ended. */
bool ground_holds(const struct work *w, const PB(MatchContributionRecord) *c);
/** Others who held on until the start of @p c, or were away, are not awaited any more (L2). */
void help_relieves(struct work *w, const PB(MatchContributionRecord) *c);
/** Help that was away or was to be followed helps as before, by that event: whoever was asked in
 *  its place is let go. */
void help_back(struct work *w, PB(MatchContributionRecord) *c, enum contribution_event on,
	       uint32_t tell);
/** AGREED when it CAN and its ground is recorded (L5). */
void contribution_agree(struct work *w, PB(MatchContributionRecord) *c);
bool need_is_crisis(struct work *w, const struct object_id *need);
uint64_t ask_deadline(struct work *w, const char *partner, bool crisis, bool reminder);
uint64_t working_days(struct work *w, uint64_t from_ms, enum setting which);

/* --- facts out (core_facts.c) --- */

void facts_out(struct work *w);
/** @p content stands for the message of that body. */
void fact_emit(struct work *w, const char *to, PB(Message__BodyCase) body, void *content);
/** How much the help changes in a life: a stay most, else by its place on the continuum. */
uint32_t contribution_rung(const PB(MatchContributionRecord) *c);
/** Whose case it is now (A1): that of its network, or of the network's successor. */
char *request_network(struct work *w, const ProtobufCBinaryData *request);
/** Tells the team when it is another one than was told last (core_team.c). */
void team_out(struct work *w, const struct object_id *request);
/** The framework signal that says which rule stands in the way of that need, or NULL. */
const PB(RuleBlock) *need_block(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n);
/** What a need without a seat lacks: a rule that was named to stand in its way, else what was found
 *  when it was composed. */
PB(Shortfall) need_lacks(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n);
PB(TeamProposed) *team_build(struct work *w, const PB(MatchRequestRecord) *r);
uint64_t team_hash(const PB(TeamProposed) *t);
/** Whether its last proposal says who sits now and what lacks now. Between two steps it does, but
 *  after a restore not until the team has been told anew. */
bool team_is_told(struct work *w, const PB(MatchRequestRecord) *r);
PB(Event) *team_event(struct work *w, const PB(MatchRequestRecord) *r);
PB(ContributionChanged) *contribution_fact(struct work *w, const PB(MatchContributionRecord) *c,
					   uint32_t proposal_version);
/** For peers alone: no reader of a view is shown it. */
PB(HoldFact) *hold_fact(struct work *w, const PB(MatchContributionRecord) *c);
PB(Ask) *ask_view(struct work *w, const PB(MatchContributionRecord) *c);
/** Borrows from @p c. */
PB(EndAsked) end_asked_fact(const PB(MatchContributionRecord) *c);
void emit_end_asked(struct work *w, const PB(MatchContributionRecord) *c);
void alarm_event(struct work *w, PB(AlarmKind) alarm, PB(Event) *e);

/* --- what is counted (core_figure.c) --- */

void figure_ask(struct work *w, const PB(MatchNeedRecord) *n);
void figure_miss(struct work *w, const PB(MatchNeedRecord) *n);
/** After each edge of a contribution: counts it when it is an answer, or none in time. */
void figure_answer(struct work *w, const PB(MatchContributionRecord) *c, PB(ContributionState) from,
		   enum contribution_event on);
/** A statement of capacity that names the unmet need it came of. */
void figure_offer(struct work *w, const PB(PutCapacity) *m, uint32_t staffed_before);
/** So many units now help in another form, as those of @p pool do. */
void figure_converted(struct work *w, const char *pool, uint32_t units);
query_fn match_query_figures;

/* --- what a CAN_IF waits for (core_condition.c) --- */

enum condition {
	CONDITION_NONE,
	CONDITION_OPEN,
	CONDITION_MEETING, /* the family lets them meet */
	CONDITION_MET,
	CONDITION_OVER /* the family does not want it */
};
enum condition_event {
	CE_ALLOW,  /* the family opens the talk */
	CE_FORBID, /* or does not */
	CE_CAN,    /* the partner says that it can */
	CE_AGREE,  /* the family agrees to the team, knowing the condition */
	CE_COUNT
};
/** @return SK_ESTATE for what is not listed. */
int condition_next(PB(CanIf) kind, enum condition from, enum condition_event on,
		   enum condition *ret_to);
enum condition condition_of(const PB(MatchContributionRecord) *c);
/** The family agreed to the team: what that alone resolves is resolved. */
void condition_agree(struct work *w, PB(MatchContributionRecord) *c);
/** Until when a CAN holds; the partner may give more, never less. */
uint64_t can_holds_until(struct work *w, bool crisis, uint64_t given_ms);
/** When none of the need's asks is open: the round is over; @p missed: a miss of the network when
 *  the need is a must. */
void round_over(struct work *w, const struct object_id *need, bool missed);

/** A moment of today or later, within MATCH_AHEAD_DAYS_MAX. */
bool work_is_ahead(const struct work *w, uint64_t at_ms);
/** LATE for a listed crossing, else REFUSED(STATE); both tell what holds now. */
int contribution_refuse(struct work *w, const PB(MatchContributionRecord) *c);
/** Demand as a fact, also out of a ReconcileItem. */
int demand_apply(struct work *w, const PB(Demand) *d);
int closed_apply(struct work *w, const PB(DemandClosed) *d);
/** Asks that do not fit any more what is known of the request are let go; its team is composed and
 *  told as it is. As long as peers are not heard after a restore nothing of ours moves on, or it
 *  would be above what they still have to tell of it: then when they are. */
void request_settle(struct work *w, const struct object_id *request);
/** The same for a need: help for one that has ended ends, too. */
void need_settle(struct work *w, const struct object_id *need);
int position_apply(struct work *w, const PB(PositionTaken) *p);
