/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Requests, facts and questions for the unit tests of intake, in few words.
 *  Ownership: a struct ask holds its own lists; ids of a story live until the rig is freed.
 *  Every failure of a helper ends the test (cmocka fail). */
#include "schakel/v1/intake_record.pb-c.h"
#include "services/intake/core.h"
#include "tests/unit/core_rig.h"

#define N(X) SCHAKEL__V1__NEED_STATE__NEED_STATE_##X
#define H(X) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##X
#define U(X) SCHAKEL__V1__URGENCY__URGENCY_##X
#define R(X) SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_##X
#define E(X) SCHAKEL__V1__EVENT_KIND__EVENT_KIND_##X
#define A(X) SCHAKEL__V1__ALARM_KIND__ALARM_KIND_##X
#define K(X) SCHAKEL__V1__HOLDER_KIND__HOLDER_KIND_##X
#define V(X) SCHAKEL__V1__VOICE__VOICE_##X
#define SP(X) SCHAKEL__V1__SPEAKER__SPEAKER_##X
#define G(X) SCHAKEL__V1__GROUND__GROUND_##X
#define M(X) SCHAKEL__V1__MODALITY__MODALITY_##X
#define D(X) SCHAKEL__V1__DANGER_REASON__DANGER_REASON_##X
#define Q(X) SCHAKEL__V1__CONSULT_STATE__CONSULT_STATE_##X
#define REFUSAL(X) SCHAKEL__V1__REFUSAL__REFUSAL_##X
#define OUTCOME(X) SCHAKEL__V1__OUTCOME__OUTCOME_##X

#define ACCEPTED(receipt)                                           \
	do {                                                        \
		PB(Receipt) *got_ = (receipt);                      \
		assert_string_equal(got_->field, "");               \
		assert_int_equal(got_->code, 0);                    \
		assert_int_equal(got_->outcome, OUTCOME(ACCEPTED)); \
	} while (0)
#define REFUSED(receipt, CODE, name)                               \
	do {                                                       \
		PB(Receipt) *got_ = (receipt);                     \
		assert_int_equal(got_->outcome, OUTCOME(REFUSED)); \
		assert_string_equal(got_->field, name);            \
		assert_int_equal(got_->code, REFUSAL(CODE));       \
	} while (0)

#define ASK_NEEDS (NEEDS_MAX + 2)
#define EXPERTISE 3

/** A SubmitRequest with room for its lists. */
struct ask {
	PB(SubmitRequest) m;
	PB(NeedSpec) need[ASK_NEEDS];
	PB(NeedSpec) *need_at[ASK_NEEDS];
	PB(Child) child[CHILDREN_MAX + 1];
	PB(Child) *child_at[CHILDREN_MAX + 1];
	PB(Adult) adult[6];
	PB(Adult) *adult_at[6];
	PB(Capsule) capsule[CAPSULES_MAX + 1];
	PB(Capsule) *capsule_at[CAPSULES_MAX + 1];
	char *partner[PARTNERS_MAX + 2];
};
/** STANDARD search in westhoek, a child of 13, one must-need, one adult with authority at home, one
 *  capsule. */
void ask_init(struct ask *a);
void ask_needs(struct ask *a, size_t must, size_t should);
void ask_urgent(struct ask *a);
void ask_crisis(struct ask *a);
PB(Receipt) *ask_send(struct rig *r, const char *party, struct ask *a);
void capsule_init(PB(Capsule) *c, uint32_t person, uint32_t version);

/** One request that was accepted. */
struct story {
	struct rig *r;
	ProtobufCBinaryData request;
	ProtobufCBinaryData need[NEEDS_KEPT_MAX];
	size_t needs;
	char short_code[SHORT_CODE_LEN + 1];
};
struct story story_of(struct rig *r, const char *party, struct ask *a);
/** A STANDARD search of "clb" with so many must-needs. */
struct story story_standard(struct rig *r, size_t musts);
struct story story_crisis(struct rig *r);

struct seat {
	uint32_t number; /* of the contribution */
	size_t need;
	const char *partner;
	PB(Modality) modality;
	PB(ContributionState) state;
};
bool say_team(struct story *st, uint32_t version, const struct seat *seats, size_t len);
struct help {
	uint32_t number;
	uint32_t version;
	size_t need;
	const char *partner;
	PB(ContributionState) state;
	bool seen;
	PB(Modality) modality;
};
bool say_help(struct story *st, struct help h);
/** A first start with the child seen. */
bool say_started(struct story *st, uint32_t number, size_t need, const char *partner);
bool ask_end(struct story *st, uint32_t number, size_t need, const char *partner);

PB(Receipt) *withdraw(struct story *st, const char *party, PB(CloseReason) reason);
PB(Receipt) *withdraw_need(struct story *st, const char *party, size_t need,
			   PB(CloseReason) reason);
PB(Receipt) *close_need(struct story *st, const char *party, size_t need, PB(CloseReason) reason,
			const char *successor);
PB(Receipt) *reopen(struct story *st, const char *party, size_t need);
PB(Receipt) *name_contact(struct story *st, const char *by, const char *party,
			  const char *stand_in);
PB(Receipt) *confirm(struct story *st, const char *party, bool enough);

/** Count of all rows of a figure, as the coordinator sees them. */
int64_t figure_count(struct rig *r, PB(FigureKind) kind);
/** @return the whole request as @p party sees it; NULL when it may not. */
PB(RequestItem) *view(struct story *st, const char *party);
PB(NeedState) state_of(struct story *st, size_t need);
/** "REQUESTER clb, ZONE_NETWORK net-westhoek, ..." of now, in a static buffer. */
const char *holders_of(struct story *st);
/** Events of that kind (and alarm, if not 0) among the unread ones, which are then read. */
size_t events(struct rig *r, PB(EventKind) kind, PB(AlarmKind) alarm);
/** Milliseconds of the local time "2027-01-31 10:00". */
uint64_t local_ms(const char *text);
/** Moves the clock to that local time. */
void go_to(struct rig *r, const char *text);

int intake_setup(void **state);
int intake_teardown(void **state);
