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

/* Their numbers stand apart, so that tables of other subjects can be added. */
enum warm_table {
	TABLE_SIGNAL = TABLE_SERVICE + 40, /* signal id */
	TABLE_REQUEST_SIGNAL,              /* request id, signal id: whose days still count */
	TABLE_HELP_CALL,                   /* call id */
	TABLE_PARTY_CALL, /* party, 1 asked or 0 calls, call id: of calls that live */
	TABLE_SHOWN,      /* expertise, party: has given such help */
};

enum warm_due {
	DUE_HELP_CALL = 40, /* of a call that lives */
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
