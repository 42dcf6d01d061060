/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Calls for help between people who help (A12, C6): states, and whose turn it is.
 *  Ownership: records live in the arena of the step. Blocks: never. */
#include "services/intake/core_warm.h"

#define CALL(X) SCHAKEL__V1__HELP_CALL_STATE__HELP_CALL_STATE_##X
#define ADDRESSEE(X) SCHAKEL__V1__HELP_ADDRESSEE__HELP_ADDRESSEE_##X
#define CALLS_OPEN_MAX 64 /* of one caller at a time */
#define CALL_ASKED_MAX 16 /* peers of one round */

#define HELP_EVENT_MAP(X)                                               \
	X(TAKE, "somebody says: I come beside you")                     \
	X(GIVE_BACK, "who took it cannot after all: the next is asked") \
	X(PASS, "no answer in its term: the next is asked")             \
	X(ANSWER, "who called says that it was helped")                 \
	X(CANCEL, "who called needs it no more")

enum help_event {
#define X(name, text) HELP_EV_##name,
	HELP_EVENT_MAP(X)
#undef X
		HELP_EV_COUNT
};
/** @return SK_ESTATE for a pair that is not listed. */
SK_CHECKED int help_next(PB(HelpCallState) from, enum help_event on, PB(HelpCallState) *ret_to);

/* --- core_help_turn.c: who is asked, and until when --- */

/** Chooses who is asked next and sets its term: by rule, with the fewest open calls, then by lot.
 *  A round in which all were asked begins anew. Empty to_party: there is nobody; the coordinator
 *  is told at the term. */
void help_ask_next(struct step *s, PB(HelpCallRecord) *c);
uint64_t help_term(struct step *s, const PB(HelpCallRecord) *c);
/** Open calls that a party is asked for or has taken (@p asked), or has made. */
size_t help_open_calls(struct step *s, const char *party, bool asked);
struct key help_party_key(const char *party, bool asked, const ProtobufCBinaryData *call_id);
