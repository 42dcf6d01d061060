/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the files of the intake core share about people who do things for each other:
 *  framework signals, calls for help, fit, basic support, shields, the ladder, reviews, aftercare.
 *  As core_inner.h: a handler changes decoded records and ends with req_settle().
 *  Ownership: all records live in the arena of the step. Blocks: never. */
#include "schakel/v1/warm_record.pb-c.h"
#include "services/intake/core_inner.h"

#define ROLE(X) SCHAKEL__V1__ROLE__ROLE_##X
#define SIGNAL(X) SCHAKEL__V1__SIGNAL_STATE__SIGNAL_STATE_##X
#define STEP(X) SCHAKEL__V1__BLOCKED_STEP__BLOCKED_STEP_##X

#define SIGNALS_REQUEST_MAX 16 /* of one request whose days count */
#define BLOCKS_TOLD_MAX 8      /* of these, to the list: those named first */

/* Their numbers stand apart, so that tables of other subjects can be added. */
enum warm_table {
	TABLE_SIGNAL = TABLE_SERVICE + 40, /* signal id */
	TABLE_REQUEST_SIGNAL,              /* request id, signal id: whose days still count */
	TABLE_HELP_CALL,                   /* call id */
	TABLE_PARTY_CALL,  /* party, 1 asked or 0 calls, call id: of calls that live */
	TABLE_SHOWN,       /* expertise, party: has given such help */
	TABLE_WATCH,       /* request id, number: on which date who must be told what */
	TABLE_FIT,         /* request id, contribution id, moment, speaker, number */
	TABLE_BASIC,       /* request id, number: what was noted of basic support */
	TABLE_BASIC_PARTY, /* party, request id: was linked at some time */
	TABLE_RUNG,        /* request id, number */
	TABLE_CARE,        /* request id */
};

#define WATCHES_MAX 512       /* dates of one request at a time */
#define BASIC_NOTES_MAX 64    /* of one request */
#define RUNGS_MAX 64          /* of one request */
#define TURNS_MAX 16          /* speakers of one request whose yes and no are counted */
#define CARE_SHIELDED_MAX 128 /* at least LIVE_MAX */
#define CARE_FITS_MAX 64      /* contributions of one request whose fit the list is told */

enum warm_due {
	DUE_HELP_CALL = 40, /* of a call that lives */
	DUE_WATCH,          /* of a request; extra: number of the watch */
};

/* --- core_page.c: pages of a table whose keys end in an object id --- */

struct list_page {
	struct store_iter walk;
	size_t prefix_len;
	uint32_t limit; /* items of this page */
	uint32_t seen;  /* rows looked at */
	struct object_id last;
	bool more;
};
/** @p after is empty or the `next` of the page before. @return SK_OK or a refusal of "after". */
int page_begin(struct step *s, uint8_t table, const struct key *prefix,
	       const ProtobufCBinaryData *after, struct list_page *ret_p);
void page_limit(const struct step *s, struct list_page *p, uint32_t asked);
/** The next row as long as the page has room for @p items and may look on. */
bool page_next(struct list_page *p, size_t items, struct slice *ret_val);
/** Where the next page goes on; empty at the end. */
void page_end(struct step *s, struct list_page *p, ProtobufCBinaryData *ret_next);

/* --- core_signal.c --- */

struct signal_spec {
	PB(RuleKind) rule;
	PB(BlockedStep) step;
	const char *network;                /* empty or NULL: that of the request */
	const ProtobufCBinaryData *need_id; /* NULL: the whole request */
	const char *about_party;            /* NULL: government */
};
/** Names that a rule stands in the way, unless that is named already and still so: then that one is
 *  returned. @p q may be NULL: of no child. @return SK_OK or a refusal (TOO_MANY "rule"). */
int signal_name(struct step *s, const struct req *q, const struct signal_spec *spec,
		struct object_id *ret_id);
/** The step has been taken after all: the days of what blocked it stop. @p need_id NULL: any. */
void signal_step_taken(struct step *s, const struct req *q, PB(BlockedStep) step,
		       const ProtobufCBinaryData *need_id);
/** The same for all that a contribution's new state shows to be possible. */
void signal_contribution(struct step *s, const struct req *q, const PB(ContributionChanged) *c);
/** What is over can be blocked no more: of finished needs, and of a closed request, days stop. */
void signal_settle(struct step *s, const struct req *q);
/** What blocks a step towards help now, as the list and matching may know it. */
void signal_fact(struct step *s, const struct req *q, PB(RequestFact) *ret_f);
int on_name_signal(struct step *s, const PB(Message) *in);
int on_move_signal(struct step *s, const PB(Message) *in);
int q_signals(struct step *s, const PB(Message) *in, PB(Message) *out);

/* --- core_help.c --- */

/** The party has given help of that expertise: it is asked as a peer for it. */
void expertise_shown(struct step *s, uint32_t expertise, const char *party);
int on_call_for_help(struct step *s, const PB(Message) *in);
int on_move_help_call(struct step *s, const PB(Message) *in);
int due_help_call(struct step *s, const struct object_id *id, uint64_t due_ms);
int q_help_calls(struct step *s, const PB(Message) *in, PB(Message) *out);

/* --- core_watch.c: dates on which somebody must be told --- */

/** Remembers it in place of one of the same alarm and object; its number is given here. */
void watch_set(struct step *s, const struct req *q, const PB(WatchRecord) *spec);
/** Done. @return false: there was none. */
bool watch_end(struct step *s, const struct req *q, PB(AlarmKind) alarm,
	       const ProtobufCBinaryData *object);
PB(WatchRecord) *watch_find(struct step *s, const struct req *q, PB(AlarmKind) alarm,
			    const ProtobufCBinaryData *object);
/** Tells it now, to the contact person. */
void watch_say(struct step *s, const struct req *q, const PB(WatchRecord) *w);
int due_watch(struct step *s, const struct object_id *id, uint32_t number, uint64_t due_ms);
/** End of the working day so many (a setting) after now. */
uint64_t watch_working_days(struct step *s, enum setting days);

/* --- core_moments.c: what a start, an interruption or an end sets going --- */

/** By the code that people see, among what the request has and had. */
int contribution_by_code(struct step *s, struct req *q, const char *code,
			 PB(ContributionRecord) **ret_c);
/** By its id, or else by its code: who speaks for a family is shown no list to look it up in. */
int contribution_find_any(struct step *s, struct req *q, const ProtobufCBinaryData *id,
			  const char *code, PB(ContributionRecord) **ret_c);
/** In the table of its state. */
void contribution_save(struct step *s, const struct req *q, const PB(ContributionRecord) *c);
/** YOUTH: @p number is the index of a child; ADULT: the number of an adult. */
int speaker_check(struct step *s, const struct req *q, PB(Speaker) speaker, uint32_t number);
/** The entries that a stay leaves behind: core_after_stay.c. @return SK_OK or a refusal. */
int after_stay(struct step *s, struct req *q, PB(NeedRecord) *n, PB(ContributionRecord) *c);
/** Of own judgement (DOMAIN 3). */
bool warm_capable(const struct step *s, const struct req *q, uint32_t child);
/** First start and end, by the state that it has now. */
void contribution_times(const struct step *s, PB(ContributionRecord) *c);
/** Its state has changed; @p first: this is its first start. */
void warm_contribution(struct step *s, struct req *q, const PB(ContributionRecord) *c, bool first);
/** The need has another state: how it goes is asked exactly while it is in aftercare. */
void aftercare_checks(struct step *s, struct req *q, const PB(NeedRecord) *n);
uint64_t aftercare_next(struct step *s, struct req *q, const PB(WatchRecord) *w);
uint64_t crisis_term_next(struct step *s, struct req *q, const PB(WatchRecord) *w);
int on_check_in(struct step *s, const PB(Message) *in);

/* --- core_fit.c --- */

void fit_started(struct step *s, struct req *q, const PB(ContributionRecord) *c);
void fit_ended(struct step *s, struct req *q, const PB(ContributionRecord) *c);
int on_record_fit(struct step *s, const PB(Message) *in);
/** Adds what was said of this request, but of shielded help. */
void fits_view(struct step *s, const struct req *q, PB(PlanView) *v);
/** What was said last of each contribution, at most @p most. */
size_t fits_last(struct step *s, const struct req *q, PB(FitRecord) **ret_list, size_t most);

/* --- core_basic.c --- */

void basic_started(struct step *s, struct req *q, const PB(ContributionChanged) *c);
void basic_out(struct step *s, struct req *q, const PB(NeedRecord) *n);
int on_record_basic_link(struct step *s, const PB(Message) *in);
void basic_view(struct step *s, const struct req *q, PB(RequestItem) *it);
int q_links(struct step *s, const PB(Message) *in, PB(Message) *out);

/* --- core_rung.c --- */

/** Help has started for the first time: a step up is recorded, whether or not it has a reason. */
void rung_started(struct step *s, struct req *q, const PB(ContributionChanged) *c);
void rung_reviewed(struct step *s, struct req *q, const ProtobufCBinaryData *need_id,
		   bool confirmed);
/** A step up was called for because of danger. */
bool rung_danger(struct step *s, const struct req *q);
int on_climb_rung(struct step *s, const PB(Message) *in);
void rungs_view(struct step *s, const struct req *q, PB(RequestItem) *it);

/* --- core_review.c --- */

/** Another house than that of @p party is to look at it, within working days. */
void review_owed(struct step *s, struct req *q, const ProtobufCBinaryData *object,
		 const ProtobufCBinaryData *need_id, char *party);
void review_interrupted(struct step *s, struct req *q, const PB(ContributionChanged) *c);
int on_review_by_other(struct step *s, const PB(Message) *in);

/* --- core_seen.c: what the asker may see when no person is named; req_live() was called --- */

/** False: somebody else's child keeps its help to itself. */
bool seen_need(const struct step *s, const struct req *q, const PB(NeedRecord) *n);
/** A copy without the seats of needs that are not seen; NULL: none, or the arena is full. */
PB(TeamProposed) *seen_team(struct step *s, struct req *q, PB(TeamProposed) *t);
/** Drops from the list who holds only what the child keeps to itself. @return how many are left. */
size_t seen_holders(const struct step *s, const struct req *q, PB(HolderView) **list, size_t len);
/** To the family's channel: nothing that one of the family must not know of another. */
void seen_by_family(struct step *s, const struct req *q, PB(RequestItem) *it);

/* --- core_shield.c --- */

/** The child keeps this help to itself. */
bool shield_hides(struct step *s, const struct req *q, const ProtobufCBinaryData *contribution_id);
/** The child keeps this help to itself, or what it follows. */
bool shield_keeps(const struct req *q, const PB(ContributionRecord) *c);
/** All help that the partner gives is shielded; req_live() was called. */
bool shield_hides_partner(const struct req *q, const char *partner);
/** A request from before needs carried the mark: derived from its help when it is read, and told to
 * the list once, when it is touched. */
void shields_derive(struct step *s, struct req *q);
void shields_settle(struct step *s, struct req *q);
int on_shield(struct step *s, const PB(Message) *in);
int on_let_know(struct step *s, const PB(Message) *in);
/** Houses of the request at work beside others of its family, not in one plan, that may be known.
 */
void parallel_view(struct step *s, struct req *q, PB(PlanView) *v);
/** Tells those that were not told yet, in all requests of the family (D7); saves the others'
 * records of care, @p care is the caller's. */
void parallel_settle(struct step *s, struct req *q, PB(CareRecord) *care);

/* --- core_care.c --- */

/** Never NULL but when the arena is full (sticky). */
PB(CareRecord) *care_load(struct step *s, const struct req *q);
/** Violence or self-harm. */
bool care_danger(PB(DangerReason) reason);
/** A yes or no was recorded: turns are counted. */
void care_voice(struct step *s, struct req *q, const PB(RecordPosition) *m);
/** Where req.warm_changed: tells waitlist what has changed (CareNoted), and parallel houses. */
void care_settle(struct step *s, struct req *q);
/** What waitlist was told last; NULL: nothing. */
const PB(CareNoted) *care_told(struct step *s, const struct req *q);
