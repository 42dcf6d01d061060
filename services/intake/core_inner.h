/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the files of the intake core share. A handler loads its request with req_open(),
 *  changes the decoded records, and ends with req_settle(), which draws every consequence (holders,
 *  plan, clocks) and saves. Ownership: all records live in the arena of the step. Blocks: never. */
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
void words_put(struct step *s, struct req *q, PB(Capsule) *c);
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
/* --- core_children.c: the children of a request, and who may know what of them --- */

/** Gives each child its state; what is known of a child stays with its place in the list. */
void children_fit(struct req *q);
/** Whole years at @p now_ms: by the day of birth, else as it was told. */
uint32_t child_age(const struct req *q, uint32_t child, uint64_t now_ms);
/** Of own judgement (DOMAIN 3): from 18 on always; presumed from 12 on unless found absent since;
 * before that when found. */
bool child_capable(const struct req *q, uint32_t child, uint64_t now_ms);
/** Whether parents see and say something of this child: until 00:00 of its 18th birthday. */
bool adult_sees_child(const struct req *q, uint32_t child, uint64_t now_ms);
/** Fills the children of a fact: ages of now, zones of the stays. */
/** What a peer knows of the children is taken over; where they stay is hidden until told anew. */
void children_adopt(struct step *s, struct req *q, const PB(RequestFact) *f);
void children_fact(struct step *s, const struct req *q, PB(RequestFact) *ret_f);
/** The children as @p who may see them: neither days of birth nor safe stays unless it holds. */
void children_view(struct step *s, const struct req *q, bool holds, PB(RequestItem) *ret_item);
int on_missing(struct step *s, const PB(Message) *in);
/** After children were told, or told anew: ages, places for what is known of them, judgements that
 * came with the telling. Birthdays count from now on. */
void children_told(struct step *s, struct req *q);
/* --- core_known.c: whom each child knows (B9) --- */

/** A contribution's fact was taken in; @p was: the one before it, NULL: none. */
void known_settle(struct step *s, struct req *q, const PB(ContributionRecord) *rec,
		  const PB(ContributionChanged) *was);
/** The child keeps it to itself, or no longer. */
void known_shielded(struct step *s, struct req *q, const PB(ContributionRecord) *rec);
/** Its worker is known no longer, nor, with @p house, its house, but by other help. */
void known_forget(struct step *s, struct req *q, uint32_t child, const PB(ContributionChanged) *c,
		  bool house);
void known_fact(struct step *s, const struct req *q, uint32_t child, PB(ChildFact) *io_f);

/* --- core_contact.c --- */

/** The contact person of the request as it stands now. */
PB(ContactRecord) contact_now(const struct req *q);
/** Puts another one in its place, in this step (L3), and says so. Nothing is saved. */
void contact_put(struct step *s, struct req *q, const PB(ContactRecord) *c);
/** The zone changed: unless a person was named, its duty organisations come with it. */
void contact_zone(struct step *s, struct req *q);

/* --- core_family.c: requests of one family --- */

/** A family with its members, each loaded once. The request in hand is one of them. */
struct family {
	PB(FamilyRecord) *f;
	struct req *m[FAMILY_MAX];
	size_t len;
};

/** False when @p q is alone, or on a store error. */
bool family_load(struct step *s, struct req *q, struct family *ret_fam);
void family_save(struct step *s, struct family *fam);
/** Its place among the members; fam->len: of another family. */
size_t family_at(const struct family *fam, const ProtobufCBinaryData *request);
/** NULL: of another family. */
PB(FamilyMember) *family_member(const PB(FamilyRecord) *f, const ProtobufCBinaryData *request);
/** Whose contact person is to be that of all. */
const PB(FamilyMember) *family_lead(const PB(FamilyRecord) *f);
/** The lead's contact person for all members, saved. */
void family_contact_spread(struct step *s, struct family *fam);
/** Settles each of these requests as it stands in the store; pictures of them are old afterwards.
 */
int family_settle_each(struct step *s, struct req *const *list, size_t len);
/** The two children, each of the member at that place, are one child that was told of twice. */
bool family_same_child(const struct family *fam, size_t a, uint32_t child_a, size_t b,
		       uint32_t child_b);
/** A contact person is named: in a family for all its members. @return as req_settle(), which it
 *  ends in. */
int family_contact(struct step *s, struct req *q, const PB(ContactRecord) *own);
/** The duty organisations of a member's zone, in place of those that it had of its own. */
void family_contact_zone(struct step *s, struct req *q, const char *party, const char *stand_in);
/** Plan and list of a family after a change of @p q. */
void family_settle(struct step *s, struct req *q);
/** Of the same child's needs of one expertise only the first is waited for: core_twin.c. */
void twins_settle(struct step *s, struct family *fam);
/** The request has left: its needs are its own again. */
void twins_part(struct step *s, struct req *q);
/* core_join.c */
int on_join(struct step *s, const PB(Message) *in);
int on_split(struct step *s, const PB(Message) *in);

/* --- core_plan.c: one plan of the family (L9) --- */

/** Of a request alone: @p fam NULL. */
void plan_settle(struct step *s, struct req *q, struct family *fam);
/** The plan that counts for the request: that of its family. */
void plan_shown(struct step *s, struct req *q, PB(RequestItem) *it);
/** The request leaves: its own plan is its own again. */
void plan_part(struct step *s, struct family *fam, struct req *q);
int on_decline_plan(struct step *s, const PB(Message) *in);
int due_plan_ask(struct step *s, const struct object_id *id, uint64_t due_ms);
int q_plan(struct step *s, const PB(Message) *in, PB(Message) *out);

/* --- core_said.c: what the parts of a plan have in common --- */

struct key key_of_part(const struct object_id *request, uint32_t number);
/** The request of a command that adds to it: may act, and it is open. */
int said_open(struct step *s, const ProtobufCBinaryData *id, struct req *ret_q);
/** The family itself, or its contact person or stand-in for it. */
bool family_speaks(const struct step *s, const struct req *q);
/** A party that is known here, or empty. */
int said_party(struct step *s, const char *party, const char *field);
int said_child(struct step *s, const struct req *q, uint32_t child);
/** Capsules that join those that are kept: formed well, newer than what is known, not too many. */
int said_capsules(struct step *s, const struct req *q, PB(Capsule) *const *capsules, size_t len);
/** One capsule beside a part, or none. */
int said_words(struct step *s, const struct req *q, PB(Capsule) *words, const char *field);
/** The capsule of that person and version, as it was sealed; NULL: none, not for who asks (or a
 *  store error). */
PB(Capsule) *said_find(struct step *s, const struct req *q, const ProtobufCBinaryData *person,
		       uint32_t version);

/* --- goals, own contributions, diagnostic references, another worker, the family's wish --- */

int on_goal(struct step *s, const PB(Message) *in);
int due_goal(struct step *s, const struct object_id *id, uint32_t number, uint64_t due_ms);
void goals_view(struct step *s, const struct req *q, PB(PlanView) *v);
/** The request is open again: what was to be looked at is not forgotten. */
void goals_wake(struct step *s, struct req *q);
int on_own(struct step *s, const PB(Message) *in);
void own_view(struct step *s, const struct req *q, PB(PlanView) *v);
int check_strengths(struct step *s, PB(Strength) *const *list, size_t len, size_t needs,
		    size_t children);
void strengths_add(struct step *s, struct req *q, PB(Strength) *const *list, size_t len);
void strengths_view(struct step *s, const struct req *q, PB(RequestItem) *it);
int on_diagnostic(struct step *s, const PB(Message) *in);
void diagnostics_view(struct step *s, const struct req *q, PB(PlanView) *v);
int on_ask_other(struct step *s, const PB(Message) *in);
int on_answer_other(struct step *s, const PB(Message) *in);
int due_other(struct step *s, const struct object_id *id, uint32_t number, uint64_t due_ms);
void others_view(struct step *s, const struct req *q, PB(RequestItem) *it);
void others_wake(struct step *s, struct req *q);
int on_family_wish(struct step *s, const PB(Message) *in);
int due_wish(struct step *s, const struct object_id *id, uint64_t due_ms);
/** The wish as a peer knows it. */
void family_wish_adopt(struct step *s, struct req *q, uint64_t until_ms);
/** Told under a new person by somebody else than who told it before: a retelling. */
void retold_count(struct step *s, struct req *q, PB(Capsule) *const *capsules, size_t len);

/* --- core_consult.c --- */

int on_move_consult(struct step *s, const PB(Message) *in);
int on_confirm_consult(struct step *s, const PB(Message) *in);
int q_consult(struct step *s, const PB(Message) *in, PB(Message) *out);
/** The consult that a search goes on from. @return SK_OK, or a refusal. */
int consult_find(struct step *s, const PB(SubmitRequest) *m, struct req *ret_consult);
/** Its story is copied as it was sealed, its term goes on, it is CONVERTED. */
int consult_convert(struct step *s, struct req *consult, struct req *q);

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
int order_item(struct step *s, struct req *q, PB(RequestItem) **ret_item);
/** The whole answer to such a service. */
int orders_only(struct step *s, struct req *q, PB(RequestView) *ret_v);
/** REFUSED(STATE); what holds now is told to those who may see it. */
int court_state(struct step *s, const struct req *q, const char *field);

/* --- core_lay.c: volunteers and bridge persons who help --- */

/** Helps, or was asked to hold on, as one of those, and has no other part in the request. */
bool lay_only(const struct step *s, const struct req *q);
/** What is asked of it, and whom to call; NULL: the arena is full (sticky). */
PB(RequestItem) *lay_item(struct step *s, struct req *q);
int lay_view(struct step *s, struct req *q, PB(RequestView) *ret_v);

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
/** Asked, found or agreed, and not started. */
bool seat_waits(const PB(Seat) *seat);
/** Tells matching the grounds of the team as it stands, if that is news. */
void position_send(struct step *s, struct req *q);
/** The same after a new proposal: when the voices still count. */
void position_renew(struct step *s, struct req *q, const PB(TeamRecord) *t);
/** The PositionTaken that was sent last. */
void position_fill(struct step *s, struct req *q, PB(PositionTaken) *ret_p);
/** The ground on which each child's help may start, or whose word is still needed for one. */
void ground_view(struct step *s, struct req *q, const PB(TeamRecord) *t, PB(RequestItem) *ret_item);

/* --- handlers of the other files --- */

int on_submit(struct step *s, const PB(Message) *in);
int on_amend(struct step *s, const PB(Message) *in);
int on_position(struct step *s, const PB(Message) *in);
int on_name_contact(struct step *s, const PB(Message) *in);
int on_night_plan(struct step *s, const PB(Message) *in);
int on_team(struct step *s, const PB(Message) *in);
int on_contribution(struct step *s, const PB(Message) *in);
int on_end_asked(struct step *s, const PB(Message) *in);
/** @return live_len when it is not among the contributions that req_live() read. */
size_t live_find(const struct req *q, const ProtobufCBinaryData *id);
/** Answers END_ALLOWED as often as it is asked; the after-stay entries are made once. */
int end_asked_apply(struct step *s, const PB(EndAsked) *m);
/** Ends a set of needs for one reason: all of them can. */
void needs_end(struct step *s, struct req *q, const struct need_set *set, enum need_event on,
	       PB(CloseReason) reason);
/** Of a need that can: open anew, from now on. */
void need_reopen(struct step *s, struct req *q, PB(NeedRecord) *n);
/** The urgency has changed: the crisis's own short entries open or end. */
void crisis_follow(struct step *s, struct req *q, PB(Urgency) was);
/** Does the request ask help for a crisis, by its name? */
bool crisis_names_help(const struct step *s, const PB(SubmitRequest) *m);
/** A new need of a crisis; @p all: it is one of the crisis itself, whatever it asks. */
void crisis_own(struct step *s, struct req *q, PB(NeedRecord) *n, bool all);
int crisis_check_no_availability(struct step *s, const struct req *q, const PB(NeedRecord) *n);
int on_case_table(struct step *s, const PB(Message) *in);
/* --- core_budget.c: budgets of networks (C12) --- */

int on_network_told(struct step *s, const PB(Message) *in);
int network_told_apply(struct step *s, const PB(NetworkTold) *f);
/** May the network give so many cents more, now? @return SK_OK or a refusal. */
int budget_check(struct step *s, const char *network, uint64_t cents);
int on_wait_told(struct step *s, const PB(Message) *in);
int wait_told_apply(struct step *s, const PB(WaitTold) *f);
/** What the list said of that need, or NULL: it does not wait, or was not told of. */
PB(WaitTold) *wait_told_of(struct step *s, const struct req *q, const PB(NeedRecord) *n);
void waits_view(struct step *s, const struct req *q, PB(RequestItem) *it);
int case_table_apply(struct step *s, const PB(CaseTableFact) *f);
/** The latest case tables of the request. */
size_t case_tables_of(struct step *s, const struct req *q, PB(CaseTableFact) ***ret_tables);
/** What can be said of the fact itself, also while its request is not known. */
int team_check(struct step *s, const PB(TeamProposed) *m);
int contribution_check(struct step *s, const PB(ContributionChanged) *c);
int team_apply(struct step *s, const PB(TeamProposed) *m);
int contribution_apply(struct step *s, const PB(ContributionChanged) *c);
/** As team_apply(); put aside where its request is not known yet. */
int team_reconcile(struct step *s, const PB(TeamProposed) *m);
/** As contribution_apply(); put aside where its request or need is not known yet. */
int contribution_reconcile(struct step *s, const PB(ContributionChanged) *c);
/** A walk over all requests that goes on at one of them, behind its first *ret_skip parts; @p
 * resume is empty or made by resume_key(). False: it is not, as it comes from a client. */
bool walk_open(struct step *s, struct store_iter *it, const struct key *resume, uint32_t *ret_skip);
struct key resume_key(const struct object_id *id, uint32_t skip);
int on_reconcile(struct step *s, const PB(Message) *in);
int due_parked(struct step *s, const struct object_id *id);
int intake_inventory(struct step *s, const char *peer, uint32_t budget, struct key *io_resume,
		     uint32_t *ret_items);
int intake_snapshot(struct step *s, uint32_t limit, struct key *io_after, PB(SnapshotView) *out);
/** One request as the asker may see it; NULL: the arena is full (sticky). */
PB(RequestItem) *item_view(struct step *s, struct req *q, const PB(TeamProposed) *t);
/** Where the next page goes on. */
void next_set(struct step *s, const struct key *k, ProtobufCBinaryData *ret_next);
int request_page(struct step *s, const PB(QueryRequest) *m, PB(RequestView) *ret_v);
int q_request(struct step *s, const PB(Message) *in, PB(Message) *out);
int q_plan(struct step *s, const PB(Message) *in, PB(Message) *out);
int q_similar(struct step *s, const PB(Message) *in, PB(Message) *out);
/** SK_OK when the sender may see the request at all, else a refusal. */
int may_view(struct step *s, const struct req *q);

/* --- core_person.c: what one person sees (L10) --- */

/** Who looks. person_open() fills what stands behind the line. */
struct person {
	PB(Speaker) speaker;
	uint32_t adult;
	uint32_t child;
	const ProtobufCBinaryData *own; /* whose story is its own; NULL: nobody's */
	bool sees_child;                /* the child's part */
	bool names;                     /* and who helps there */
	bool no_contact; /* must not learn where the child is, not even by who holds */
};
/** @return SK_OK, or a refusal: there is no such child or adult, or nobody was named. */
int person_open(struct step *s, const struct req *q, struct person *io_who);
/** NULL: the arena is full (sticky). */
PB(PersonView) *person_view(struct step *s, struct req *q, const struct person *who);
/** Goals, own people and means, strengths, orders: core_person_own.c; req_live() was called. */
void person_own(struct step *s, struct req *q, const struct person *who, PB(PersonView) *v);
/** Who took the crisis holds it until help starts, and calls (L2): not who has duty by day. */
char *person_crisis_caller(const PB(RequestRecord) *r);
/** Talks with everybody that are to come. */
void person_tables(struct step *s, struct req *q, const struct person *who, PB(PersonView) *v);
/** @return how many children this person may hear of: a parent of the others that it may see. */
uint32_t person_children(struct step *s, const struct req *q, const struct person *who);
bool person_sees_need(const struct req *q, const struct person *who, const PB(NeedRecord) *n);
/** Whether that voice was this person's, about this child. */
bool person_spoke(const struct person *who, const PB(VoiceRecord) *w);
/** Whether the adult speaks for the child, as this one is not of own judgement. */
bool person_acts_for_child(const struct req *q, const struct person *who, uint64_t now_ms);
/** To the family's channel a copy without what the partner answered, to others as it is; as a team.
 *  NULL: the arena is full (sticky). */
PB(ContributionChanged) *contribution_told(struct step *s, PB(ContributionChanged) *c);
PB(TeamProposed) *team_plain(struct step *s, const PB(TeamProposed) *t);

/* --- core_file.c: the whole file (L10) --- */

int on_ask_file(struct step *s, const PB(Message) *in);
int on_keep_back(struct step *s, const PB(Message) *in);
/** Who may ask for a file, or give it: the family's channel, or the contact person beside it. */
int file_reader_check(struct step *s, const struct req *q, PB(Speaker) speaker);
/** When this reader asked last (0: never), and how many times anybody did. */
uint64_t file_looked_ms(struct step *s, const struct req *q, const struct person *who,
			size_t *ret_looks);
struct key key_of_told(const struct req *q, const ProtobufCBinaryData *person, uint32_t version);
/** The mark on that version, or NULL (or a store error). */
PB(KeptBackRecord) *file_mark(struct step *s, const struct req *q,
			      const ProtobufCBinaryData *person, uint32_t version);
int q_file(struct step *s, const PB(Message) *in, PB(Message) *out);
/** Whether that version is named only, and not shown. */
bool file_keeps_back(struct step *s, const struct req *q, const PB(Capsule) *c);

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
