/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A request with its needs: tables, loading, checking, settling, what is counted and said.
 *  A handler loads its request with req_open(), changes the decoded records, and ends with
 *  req_settle(), which draws every consequence (holders, plan, clocks) and saves.
 *  Ownership: all records live in the arena of the step. Errors: sticky in s->txn->err. Blocks:
 *  never. */
#include "common/civil.h"
#include "common/figure.h"
#include "common/mut.h"
#include "schakel/v1/intake_plan_record.pb-c.h"
#include "schakel/v1/intake_record.pb-c.h"
#include "services/intake/core.h"

/* Generated enumerators, by their last word. */
#define NEED_IS(X) SCHAKEL__V1__NEED_STATE__NEED_STATE_##X
#define CONTRIB(X) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##X
#define URGENCY(X) SCHAKEL__V1__URGENCY__URGENCY_##X
#define KIND(X) SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_##X
#define CONSULT(X) SCHAKEL__V1__CONSULT_STATE__CONSULT_STATE_##X
#define CLOSE(X) SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_##X
#define EVENT(X) SCHAKEL__V1__EVENT_KIND__EVENT_KIND_##X
#define ALARM(X) SCHAKEL__V1__ALARM_KIND__ALARM_KIND_##X
#define HOLDER(X) SCHAKEL__V1__HOLDER_KIND__HOLDER_KIND_##X
#define VOICE(X) SCHAKEL__V1__VOICE__VOICE_##X
#define SPEAKER(X) SCHAKEL__V1__SPEAKER__SPEAKER_##X
#define GROUND(X) SCHAKEL__V1__GROUND__GROUND_##X
#define JUDGED(X) SCHAKEL__V1__JUDGED__JUDGED_##X
#define SUPPORTER(X) SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_##X
#define APART(X) SCHAKEL__V1__APART_REASON__APART_REASON_##X
#define REFUSAL(X) SCHAKEL__V1__REFUSAL__REFUSAL_##X
#define TYPE(name) (&schakel__v1__##name##__descriptor)

enum intake_table {
	TABLE_REQUEST = TABLE_SERVICE, /* request id */
	TABLE_NEED,                    /* request id, ordinal */
	TABLE_NEED_REF,                /* need id -> request id, ordinal */
	TABLE_HOLDER_PAST,       /* request id, until_ms, party, kind: who held, for the story */
	TABLE_VOICE,             /* request id, proposal version, speaker, adult */
	TABLE_TEAM,              /* request id */
	TABLE_CONTRIBUTION,      /* request id, contribution id: those that have not ended */
	TABLE_CONTRIBUTION_PAST, /* the same key: those that have */
	TABLE_CAPSULE,           /* request id, person id, version */
	TABLE_PLAN,              /* plan id */
	TABLE_PARTY_REQUEST,     /* party, request id: what a party may look up */
	TABLE_WISH,              /* request id */
	TABLE_PARKED,            /* request id, contribution id (zero: the team) */
	TABLE_JUDGEMENT,         /* request id, number */
	TABLE_ORDER,             /* request id, number of the court */
	TABLE_LOOK = TABLE_SERVICE + 56,       /* request id, at_ms, speaker, adult, child, party */
	TABLE_KEPT_BACK,                       /* request id, person id, version */
	TABLE_CASE_TABLE = TABLE_SERVICE + 60, /* request id, case table id */
	TABLE_WAIT_TOLD,                       /* request id, need id */
	/* Numbers with room between, so that tables of other subjects can be added. */
	TABLE_FAMILY = TABLE_SERVICE + 20, /* family id */
	TABLE_STRENGTH,                    /* request id, ordinal */
	TABLE_GOAL,                        /* request id, number */
	TABLE_OWN,                         /* request id, number */
	TABLE_DIAGNOSTIC,                  /* request id, number */
	TABLE_OTHER,                       /* request id, number */
	TABLE_SPENT,                       /* network */
	TABLE_KNOWN,                       /* request id, child: whom it knows */
	TABLE_NETWORK,                     /* network -> NetworkTold */
};

/* Beside the table of figures itself, which is the last one. */
enum { TABLE_CHILD_COUNTED = FIGURE_TABLE - 1 }; /* request id, child */

enum due_kind {
	DUE_CLOCK = 1,     /* of a request: whatever of its record is due at that instant */
	DUE_AFTERCARE = 2, /* of a need */
	DUE_PARKED = 3,    /* of a request that peers know and that is not known here */
	DUE_GOAL = 20,     /* of a request, number: its review */
	DUE_OTHER = 21,    /* of a request, number: another worker or contact person */
	DUE_PLAN_ASK = 22, /* of a request whose family declined one plan */
	DUE_WISH = 23,     /* of a request: what the family wished is over */
};

/** What a request was counted for when it was loaded; zero: it is new. */
struct counted {
	bool known;
	bool open;
	bool breached;
	uint64_t answered_ms;
	PB(ConsultState) consult;
	uint8_t state[NEEDS_KEPT_MAX];
};

/** A request with all its needs, as one decoded picture. */
struct req {
	struct object_id id;
	PB(RequestRecord) *r;
	PB(NeedRecord) *need[NEEDS_KEPT_MAX]; /* by ordinal, from 1 */
	size_t needs_len;
	PB(ContributionRecord) *live[LIVE_MAX]; /* filled by req_live() */
	size_t live_len;
	bool live_read;
	bool warm_changed; /* what the list or parallel houses must hear may have changed */
	PB(HolderView) holder[HOLDERS_MAX]; /* behind r->holders */
	PB(HolderView) *holder_at[HOLDERS_MAX];
	struct counted was;
	PB(ChildState) child[CHILDREN_MAX]; /* behind r->child_states */
	PB(ChildState) *child_at[CHILDREN_MAX];
	PB(OrderRecord) *order[ORDERS_MAX]; /* filled when asked for */
	size_t orders_len;
	bool orders_read;
	uint32_t version_was; /* as loaded; 0: new */
	struct family *fam;   /* while it is being settled; NULL: alone, or not now */
};

/* --- core_record.c: keys, loading, saving --- */

struct key key_of_pair(const struct object_id *a, const struct object_id *b);
struct key key_of_need(const struct object_id *request, uint32_t ordinal);
/** A record for a new request; nothing is written. False: the arena is full (sticky). */
bool req_new(struct step *s, struct object_id id, struct req *ret_q);
/** False when there is no such request, or on a store error. */
bool req_load(struct step *s, const struct object_id *id, struct req *ret_q);
/** Loads what a command names. @return SK_OK, or a refusal with that field, or a store error. */
int req_open(struct step *s, const ProtobufCBinaryData *id, const char *field, struct req *ret_q);
/** The same by one of its needs; @p ret_n is in ret_q. */
int req_open_need(struct step *s, const ProtobufCBinaryData *need_id, const char *field,
		  struct req *ret_q, PB(NeedRecord) **ret_n);
/** By request id if one is given, else by short code. */
int req_open_any(struct step *s, const ProtobufCBinaryData *id, const char *short_code,
		 struct req *ret_q);
/** Reads the contributions that have not ended, once. */
void req_live(struct step *s, struct req *q);
void req_save(struct step *s, struct req *q);
void need_save(struct step *s, struct req *q, PB(NeedRecord) *n);
/** The need of that id, or NULL. */
PB(NeedRecord) *req_need(struct req *q, const ProtobufCBinaryData *id);
/** NULL when nothing was wished (or on a store error). */
PB(WishRecord) *wish_load(struct step *s, const struct req *q);
/** What the request is to exclude after adding @p add and taking off @p allow; drops what is
 * excluded from the preferred. @return SK_OK, or TOO_MANY with @p field. Nothing is written. */
struct wish_change {
	char *const *add;
	size_t add_len;
	char *const *allow;
	size_t allow_len;
	const char *field;
	PB(Choice) *const *choices; /* each in place of the earlier one of its need */
	size_t choices_len;
	uint32_t child; /* whose needs they are */
};
int wish_merge(struct step *s, struct req *q, const struct wish_change *ch, PB(WishRecord) **ret_w);
void wish_save(struct step *s, struct req *q, PB(WishRecord) *w);
bool data_equal(const ProtobufCBinaryData *a, const ProtobufCBinaryData *b);
bool list_has(char *const *list, size_t len, const char *str);
/** 0: nothing of that person is kept. */
uint32_t capsule_last_version(struct step *s, const struct req *q,
			      const ProtobufCBinaryData *person);
/** Whether it may stand behind what was told of that person last. */
bool capsule_follows(struct step *s, const struct req *q, const PB(Capsule) *c);
void capsule_put(struct step *s, struct req *q, PB(Capsule) *c);
/** The same of words beside a goal, a means, a question or a step, which have a room of their own.
 */
void words_put(struct step *s, struct req *q, PB(Capsule) *c, bool told);
/** As capsule_put(), of advice: what somebody says about a person. */
void advice_put(struct step *s, struct req *q, PB(Capsule) *c);
/** The same of a night plan: the oldest gives way. */
void night_put(struct step *s, struct req *q, PB(Capsule) *c);
/** What was told, and its new versions. */
size_t stories_len(const struct req *q);
void party_mark(struct step *s, const struct req *q, const char *party);

/* --- core_check.c: what commands share; each returns SK_OK or a refusal --- */

/** MISSING when an enumerator was left out. */
int check_given(struct step *s, int value, const char *field);
int check_zone(struct step *s, const char *zone);
/** @p path names the list ("needs"); @p children is how many the request has. */
int check_needs(struct step *s, PB(NeedSpec) *const *needs, size_t len, const char *path,
		size_t children);
/** The people of one request, as they will stand. */
struct people {
	PB(Child) *const *children;
	size_t children_len;
	PB(Adult) *const *adults;
	size_t adults_len;
};
int check_children(struct step *s, const struct people *p);
int check_adults(struct step *s, PB(Adult) *const *adults, size_t len);
int check_capsule(struct step *s, const PB(Capsule) *c, const char *path);
int check_capsules(struct step *s, PB(Capsule) *const *capsules, size_t len);
int check_partners(struct step *s, char *const *partners, size_t len, const char *path);
struct urgency_words {
	PB(Urgency) urgency;
	PB(CrisisStep) step;
	PB(DangerReason) reason;
	const char *second_party;
};
/** CRISIS: by a contact point, with step and reason; URGENT: with somebody of another house. */
int check_urgency(struct step *s, const struct urgency_words *w);
/** The house a party belongs to: two parties of one house are not independent. */
const char *organisation_of(struct step *s, const char *party);
/** The family itself, or who asked, holds or is the contact person. */
bool may_act(const struct step *s, const struct req *q);
/** Who may write down what binds the family: those who may act, or a contact point; not the
 * family's own channel, of which nobody sees who speaks. */
bool may_witness(const struct step *s, const struct req *q);
int refuse_not_yours(struct step *s, const char *field);
/** The second one is known, and of another house than the sender: else SECOND_PARTY. */
int check_second(struct step *s, const char *second);
/** Whether that party's house gives help here, or is asked for it. */
bool house_helps(struct step *s, struct req *q, const char *party);
/** Of who may act: whether it may say for the family that help is not wanted, alone or with that
 * second one (empty: none) beside it. @return SK_OK, SECOND_PARTY, or the store's error. */
int check_for_family(struct step *s, struct req *q, const char *second);
/** The same of a no that would end what was promised. */
int check_no_said(struct step *s, struct req *q, const PB(RecordPosition) *m);
/** Holds the request in such a way that what was told may be read. */
bool holder_reads(const struct req *q, const char *party);
/** REFUSED(STATE), told with what holds now. */
int refuse_state(struct step *s, const struct req *q, const PB(NeedRecord) *n, const char *field);

/* --- core_need.c --- */

/** Closed, withdrawn or entered in error. */
bool need_finished(const PB(NeedRecord) *n);
/** OPEN, ANSWERED or SUPPORTED: help is wanted or goes on. */
bool need_wants_help(const PB(NeedRecord) *n);
bool need_can(const PB(NeedRecord) *n, enum need_event on);
/** Takes a transition that need_can() allows, says so in an event, saves. */
void need_move(struct step *s, struct req *q, PB(NeedRecord) *n, enum need_event on);
/** Must-needs and others that are not finished. */
size_t needs_open(const struct req *q);
/** A new open need with the next ordinal. NULL: the arena is full (sticky). */
PB(NeedRecord) *need_add(struct step *s, struct req *q, const PB(NeedSpec) *spec);
/** A set of needs of one request that share a fate. */
struct need_set {
	PB(NeedRecord) *n[NEEDS_KEPT_MAX];
	size_t len;
};
/** For a restore only: the need as a peer remembers it, with that id. NULL: arena full (sticky). */
PB(NeedRecord) *need_place(struct step *s, struct req *q, PB(NeedFact) *f);
/** For a restore only: the state that a peer remembers, whatever stood here. */
void need_adopt(struct step *s, struct req *q, PB(NeedRecord) *n, PB(NeedState) state);
/** Tells waitlist that nothing is waited for any more, where it was not told yet. */
void needs_closed_emit(struct step *s, struct req *q, const struct need_set *set,
		       PB(CloseReason) reason);
/** Tells the list of the request and its needs. */
void needs_opened_emit(struct step *s, struct req *q);
/** The same if what others may know of the request has changed; part of req_settle(). Either gives
 * the request a higher version when it says something new. */
void list_tell(struct step *s, struct req *q);
/** The list holds this of the request, under the version that the request now has: what differs
 * from it is told under a higher one. */
void list_knows(struct step *s, struct req *q, const PB(RequestFact) *f);
/** What the others may know of a request: coded, no identity. */
void request_fact(struct step *s, struct req *q, PB(RequestFact) *ret_f);
/** The fact as it would be sent now, in the arena; NULL: nothing is on the list (or the arena is
 * full, sticky). */
PB(NeedsOpened) *needs_opened(struct step *s, struct req *q);
int on_withdraw(struct step *s, const PB(Message) *in);
int on_close_need(struct step *s, const PB(Message) *in);
int on_reopen_need(struct step *s, const PB(Message) *in);
int due_aftercare(struct step *s, const struct object_id *need_id, uint64_t due_ms);

/* --- core_settle.c: the consequences of a change --- */

bool contribution_holds(const PB(ContributionChanged) *c);  /* gives or will give help */
bool contribution_active(const PB(ContributionChanged) *c); /* has started, not ended */
bool contribution_ended(const PB(ContributionChanged) *c);
/** Supported needs, open or not, holders, plan, due row; saves. @return SK_OK, a refusal or the
 *  store's error. Ends every handler that changed something. */
int req_settle(struct step *s, struct req *q);

/* --- core_figure.c: what is counted --- */

/** Remembers what it is counted for; when it is loaded. */
void req_counted(struct req *q);
/** Counts what the request says now and did not say then; part of req_settle(). */
void req_figures(struct step *s, struct req *q);
/** Counts what is new in a contribution whose fact was taken in; @p rec is saved after. */
void contribution_figures(struct step *s, const struct req *q, const PB(NeedRecord) *n,
			  PB(ContributionRecord) *rec);

/* --- core_event.c: the state of one object as an event; the fields borrow from the records --- */

PB(Event) event_request(const struct req *q);
PB(Event) event_need(const struct req *q, const PB(NeedRecord) *n);
PB(Event) event_holder(const struct req *q, const PB(HolderView) *h);
PB(Event) event_contact(const struct req *q);
PB(Event) event_plan(const struct req *q, const PB(PlanRecord) *p);
PB(Event) event_consult(const struct req *q);
PB(Event) event_order(const struct req *q, const PB(OrderRecord) *o);
PB(Event) event_family(const struct req *q, const PB(FamilyRecord) *f);
PB(Event) event_of(const struct req *q, PB(EventKind) kind);
/** Emits, unless the child has died: then nothing more is said (DOMAIN 4). */
void say(struct step *s, const struct req *q, PB(Event) e);
void say_alarm(struct step *s, const struct req *q, PB(AlarmKind) alarm, uint64_t due_ms);
/** An alarm about one child; @p over: what it told of is over. */
void say_child(struct step *s, const struct req *q, PB(AlarmKind) alarm, uint32_t child, bool over);
