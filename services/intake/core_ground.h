/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  When help may start: clocks, birthdays, judgement, orders, 72 hours, voices, grounds.
 *  Ownership: all records live in the arena of the step. Errors: sticky in s->txn->err. Blocks:
 *  never. */
#include "services/intake/core_request.h"

/* --- core_clock.c --- */

#define SECOND_MS 1000ULL

/** What is waited for first; at_ms 0: nothing. */
struct first {
	uint64_t at_ms;
	PB(AlarmKind) what;
};
/** Takes it when it is earlier; at_ms 0 is nothing. */
void earlier(struct first *f, uint64_t at_ms, PB(AlarmKind) what);

/** The end of the term for an urgency, counted from @p from_ms. */
uint64_t term_end(struct step *s, PB(Urgency) urgency, uint64_t from_ms);
/** End of the same local day so many months on, or of that month's last day. */
uint64_t months_later(uint64_t from_ms, unsigned months);
void term_start(struct step *s, struct req *q, uint64_t due_ms);
void contact_clock_start(struct step *s, struct req *q);
/** Moves the one due row to the earliest instant that the record waits for. */
void due_arm(struct step *s, struct req *q);
/** The instant that the record waits for first, and as what; 0: for nothing. */
uint64_t next_due(const PB(RequestRecord) *r, PB(AlarmKind) *ret_what);
int due_clock(struct step *s, const struct object_id *id, uint64_t due_ms);

/* --- core_age.c: birthdays. Who is born on 29 February turns on 1 March in other years; half a
 * year later is the same day six months on, or the first of the next month where it has no such day
 * --- */

void ages_next(const struct req *q, struct first *f);
void ages_due(struct step *s, struct req *q);

/* --- core_judgement.c: whether a child can judge for itself --- */

void judgement_put(struct step *s, struct req *q, PB(JudgementView) *v);
int on_judgement(struct step *s, const PB(Message) *in);
void judgements_view(struct step *s, const struct req *q, PB(RequestItem) *ret_item);
void judgements_next(const struct req *q, struct first *f);
void judgements_due(struct step *s, struct req *q);

/* --- core_order.c: ground (b) --- */

/** The end of the order in force that covers the need and lasts longest; 0: none does. */
uint64_t order_until(struct step *s, struct req *q, const PB(NeedFact) *n);
/** Reads the orders of the request, once. */
void orders_load(struct step *s, struct req *q);
/** Needs that are named, or else all needs of the children that are. */
bool order_covers(const PB(CourtOrderView) *v, const PB(NeedFact) *n);
/** Marks the needs that an order covers; part of req_settle(). */
void orders_settle(struct step *s, struct req *q);
void orders_next(struct step *s, struct req *q, struct first *f);
void orders_due(struct step *s, struct req *q);
/** The orders as events, for a snapshot. @return how many. */
size_t orders_events(struct step *s, struct req *q, PB(Event) ret_e[ORDERS_MAX]);
int on_court_order(struct step *s, const PB(Message) *in);
/** @p party: only what that one recorded; NULL: all. */
void orders_view(struct step *s, struct req *q, const char *party, PB(RequestItem) *ret_item);
/** A mandated service that has no other part in the request: sees its orders and nothing else. */
bool mandated_only(const struct step *s, const struct req *q);
int order_item(struct step *s, struct req *q, const char *number, PB(RequestItem) **ret_item);
/** The whole answer to such a service. */
int orders_only(struct step *s, struct req *q, const char *number, PB(RequestView) *ret_v);
/** REFUSED(STATE); what holds now is told to those who may see it. */
int court_state(struct step *s, const struct req *q, const char *field);

/* --- core_unclear.c: ground (d), 72 hours --- */

/** The end of the hours that run for a child and on which help may start; 0: none run. */
uint64_t unclear_until(const struct step *s, const struct req *q, uint32_t child);
int check_unclear(struct step *s, const struct req *q, const PB(RecordPosition) *m);
void unclear_start(struct step *s, struct req *q, uint32_t child);
void unclear_end(struct step *s, struct req *q, uint32_t child);
/** A new crisis: nothing was unclear in it yet. One that was called off a moment ago is not new. */
void unclear_forget(const struct step *s, struct req *q);
/** Ends the hours of those for whom the voices are complete. */
void unclear_look(struct step *s, struct req *q, const PB(TeamRecord) *t);
void unclear_next(const struct step *s, const struct req *q, struct first *f);
void unclear_due(struct step *s, struct req *q);
int on_concern(struct step *s, const PB(Message) *in);

/* --- core_voice.c: ground (a) --- */

/** Whose voice help for a child needs; adults as bits by number. */
struct voices_needed {
	bool youth;
	bool heard;   /* a child not judged capable must at least be heard */
	uint32_t all; /* each of these */
	uint32_t any; /* one of these speaks for all; looked at only if any_wanted */
	bool any_wanted;
};
/** The last thing that each one said of a child's help in the team as it stands. */
struct voices {
	PB(Voice) youth;
	PB(Voice) adult[ADULTS_MAX + 1];
	bool heard;
	bool left; /* an adult who spoke is no more of this family */
	bool emergency;
	PB(DangerReason) reason;
};
struct voices_needed voices_needed(const struct req *q, uint32_t child, bool at_home,
				   uint64_t now_ms);
/** Voices on that version of the team and on later ones. */
void voices_read(struct step *s, const struct req *q, uint32_t from_version,
		 struct voices ret_v[CHILDREN_MAX]);
bool voices_agree(const struct voices_needed *need, const struct voices *v);
bool voices_refuse(const struct voices_needed *need, const struct voices *v);
/** Whether one of those needed said last that it is not yet a yes (NOT_YET, TALK_FIRST). */
bool voices_hesitate(const struct voices_needed *need, const struct voices *v);
/** Whether the word of that one is among those needed. */
bool voice_counts(const struct voices_needed *need, PB(Speaker) speaker, uint32_t adult);
PB(VoicesWanted) *voices_wanted(struct step *s, const struct voices_needed *need,
				const struct voices *v);
/** The adults as they are told anew. */
struct new_adults {
	PB(Adult) **adults;
	size_t len; /* 0: as before */
};
/** Whether with these a no that stands would count no more. */
bool voices_silenced(struct step *s, struct req *q, const struct new_adults *to);
/** What somebody said who is not among them counts no more, whoever has the number now. */
void adults_take(struct step *s, struct req *q, const struct new_adults *to);

/* --- core_ground.c: all four, seat by seat --- */

struct ground {
	PB(Voice) voice; /* AGREE: may start; NOT: is not wanted; UNSPECIFIED: not yet */
	PB(Ground) ground;
	PB(DangerReason) reason;
	uint64_t until_ms; /* no start from then on; 0: no end */
};
struct ground ground_of(struct step *s, struct req *q, const struct voices *all,
			const PB(Seat) *seat);
/** Tells matching the grounds of the team as it stands, if that is news. */
void position_send(struct step *s, struct req *q);
/** Before it changes whose word is needed (people told anew, a judgement, a birthday: then at the
 *  moment before it): of which needs they have all said yes, as bits by their place. */
uint32_t people_agreed(struct step *s, struct req *q, uint64_t at_ms);
/** After it: the yes that is no whole one any more is taken back; tells the grounds. */
void people_changed(struct step *s, struct req *q, uint32_t agreed);
/** As position_send() after a new proposal: when the voices still count. */
void position_renew(struct step *s, struct req *q, const PB(TeamRecord) *t);
/** The PositionTaken that was sent last. */
void position_fill(struct step *s, struct req *q, PB(PositionTaken) *ret_p);
/** The ground on which each child's help may start, or whose word is still needed for one. */
void ground_view(struct step *s, struct req *q, const PB(TeamRecord) *t, PB(RequestItem) *ret_item);
