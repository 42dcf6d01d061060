/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  One request with one need as intake would store it, for tests of the judge: a test
 * changes what it wants broken and stores it. Ownership: one story at a time, until story_free().
 * Errors end the test (cmocka fail). */
#include "tests/unit/laws_case.h"

#define SPEAKER_IS(X) SCHAKEL__V1__SPEAKER__SPEAKER_##X
#define HOLDERS 8

/** One request with one need, as intake would store it. */
struct story {
	struct law_case *c;
	struct object_id request, need, help;
	PB(RequestRecord) r;
	PB(NeedRecord) n;
	PB(NeedFact) fact;
	PB(HolderView) h[HOLDERS];
	size_t h_len;
	PB(HolderView) *holder[HOLDERS];
	PB(Child) child;
	PB(Child) *children[1];
	PB(Adult) adult[2];
	PB(Adult) *adults[2];
	PB(NeedSpec) spec;
	PB(NeedSpec) *specs[1];
	PB(SubmitRequest) submit;
	PB(ContributionChanged) changed;
	PB(ContributionRecord) share;
	PB(TeamProposed) team;
	PB(Seat) seat;
	PB(Seat) *seats[1];
	uint64_t due_ms; /* of its row; 0: none */
	bool unknown;    /* who helps is not said to be known */
};

struct story *story_new(void);
void story_free(struct story *s);
void story_hold(struct story *s, char *party, PB(HolderKind) kind);
void story_release(struct story *s, size_t at);
/** The rows, as the story says. */
void story_put_request(struct story *s);
void story_put_need(struct story *s);
/** The push as a whole. */
void story_submit(struct story *s);
/** Any other command that leaves the request as the story says. */
void story_command(struct story *s);
/** The contribution comes in the state that the story says. */
void story_help(struct story *s);
/** Help starts, lawfully: seen, and its partner holds. */
void story_help_starts(struct story *s);
