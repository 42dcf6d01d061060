/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Commands and questions about signals, calls for help, reviews and the like, in few words.
 *  As intake_story.h: every failure of a helper ends the test. */
#include "services/intake/core_warm.h"
#include "tests/unit/intake_story.h"

#define RULE(X) SCHAKEL__V1__RULE_KIND__RULE_KIND_##X
#define BLOCKED(X) SCHAKEL__V1__BLOCKED_STEP__BLOCKED_STEP_##X

/** The request may be left out (NULL); @p need below 0: of the whole request. */
PB(Receipt) *name_signal(struct rig *r, const char *party, struct story *st, int need,
			 PB(BlockedStep) step);
PB(Receipt) *move_signal(struct rig *r, const char *party, ProtobufCBinaryData id,
			 PB(SignalState) to);
PB(SignalsView) *signals_of(struct rig *r, const char *party);
/** The last unread event of that kind, or NULL; all unread ones are then read. */
PB(Event) *last_event(struct rig *r, PB(EventKind) kind, PB(AlarmKind) alarm);

#define TO(X) SCHAKEL__V1__HELP_ADDRESSEE__HELP_ADDRESSEE_##X
#define CALL_IS(X) SCHAKEL__V1__HELP_CALL_STATE__HELP_CALL_STATE_##X
/** A call about no request; @p zone may be NULL. */
PB(Receipt) *call_help(struct rig *r, const char *party, PB(HelpAddressee) to, const char *zone);
PB(Receipt) *move_call(struct rig *r, const char *party, ProtobufCBinaryData id,
		       PB(HelpCallState) to);
PB(HelpCallsView) *calls_of(struct rig *r, const char *party, bool open_only);

/** A contribution's news with all that matters here; `at` of its version rises by itself. */
struct share {
	uint32_t number;
	uint32_t version;
	size_t need;
	const char *partner;
	PB(ContributionState) state;
	PB(Modality) modality;
	PB(AnswerKind) answer;
	PB(InterruptReason) interrupt;
	PB(Ground) ground;
};
bool say_share(struct story *st, struct share h);
/** Id of a contribution of that number. */
ProtobufCBinaryData share_id(uint32_t number);
PB(Receipt) *record_fit(struct story *st, const char *party, uint32_t number, PB(FitMoment) moment,
			PB(Fit) fit);
PB(Receipt) *record_link(struct story *st, const char *party, const char *support,
			 PB(BasicLink) link);
PB(Receipt) *climb(struct story *st, const char *party, size_t need, PB(RungReason) reason);
PB(Receipt) *review_help(struct story *st, const char *party, uint32_t number, bool confirmed);
PB(Receipt) *review_need(struct story *st, const char *party, size_t need, bool confirmed);
PB(Receipt) *check_in(struct story *st, const char *party, size_t need, bool well);
PB(Receipt) *shield(struct story *st, const char *party, uint32_t number, bool on);
PB(Receipt) *let_know(struct story *st, const char *party, uint32_t number, bool known);
