/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the files about framework signals share, and tests walk.
 *  Ownership: records live in the arena of the step. Blocks: never. */
#include "services/intake/core_warm.h"

/* What can happen to a signal, by whom it is addressed to. */
#define SIGNAL_EVENT_MAP(X)                                    \
	X(RECEIVE, "whom it is addressed to has read it")      \
	X(CLARIFY, "it is explained how the rule leaves room") \
	X(ADJUST, "the rule is changed, or an exception is made")

enum signal_event {
#define X(name, text) SIGNAL_EV_##name,
	SIGNAL_EVENT_MAP(X)
#undef X
		SIGNAL_EV_COUNT
};
/** @return SK_ESTATE for a pair that is not listed. */
SK_CHECKED int signal_next(PB(SignalState) from, enum signal_event on, PB(SignalState) *ret_to);
/** Begun civil days from the naming to @p now_ms, or to when the days stopped, for each child. */
uint64_t signal_child_days(const PB(SignalRecord) *g, uint64_t now_ms);
/** The state of a signal as an event; the fields borrow from the record. */
PB(Event) signal_event(const PB(SignalRecord) *g, uint64_t now_ms);
