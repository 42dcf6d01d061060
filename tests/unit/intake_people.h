/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Children, voices, orders and judgements for the unit tests of intake, in few words.
 *  Every failure of a helper ends the test (cmocka fail). */
#include "tests/unit/intake_story.h"

#define DAY_OF_BIRTH(y, m, d) ((y)*10000U + (m)*100U + (d))

/** Who says what of which child; sent by @p party. */
struct word {
	uint32_t version;
	uint32_t child;
	PB(Speaker) who;
	uint32_t adult;
	PB(Voice) voice;
	bool heard;
};
PB(Receipt) *say_word(struct story *st, const char *party, struct word w);
PB(Receipt) *say_ground(struct story *st, const char *party, uint32_t child, PB(Ground) ground);

struct order {
	const char *number;
	uint32_t child;   /* of the scope; all: ALL_CHILDREN */
	size_t need;      /* of the scope; all: ALL_NEEDS */
	uint64_t from_ms; /* 0: now */
	uint64_t until_ms;
	bool ends_now;
};
#define ALL_CHILDREN UINT32_MAX
#define ALL_NEEDS SIZE_MAX
PB(Receipt) *say_order(struct story *st, const char *party, struct order o);
/** Also when it reaches further than what stands under its number. */
PB(Receipt) *say_wider_order(struct story *st, const char *party, struct order o);
/** By the request's short code, as a court knows it. */
PB(Receipt) *say_order_by(struct story *st, const char *party, const char *code, struct order o);
PB(Receipt) *judge(struct story *st, const char *party, uint32_t child, bool capable,
		   uint64_t until_ms);
PB(Receipt) *concern(struct story *st, const char *party, const char *mandated);
PB(Receipt) *missing(struct story *st, const char *party, uint32_t child, bool is);

/** The next PositionTaken as "3: 0 AGREE AGREED, 1 NOT" (version: need voice ground); "" when there
 * is none. In a static buffer. */
const char *told_text(struct story *st);
/** Alarms of that kind about that child among the unread events, which are then read. */
size_t alarms(struct rig *r, PB(AlarmKind) alarm, uint32_t child);
/** The next NeedsOpened, or NULL. */
PB(NeedsOpened) *opened(struct rig *r);

/** Two children of 14 and 8 in a crisis, a need each, two parents; a team of facility-a and
 *  facility-b. */
struct story story_two(struct rig *r, const struct seat seats[2]);
extern const struct seat seats_plain[2]; /* both ambulant */
extern const struct seat seats_home[2];  /* the first at home */
PB(Receipt) *youth_says(struct story *st, uint32_t child, PB(Voice) voice);
PB(Receipt) *adult_says(struct story *st, uint32_t child, uint32_t number, PB(Voice) voice);

/** Who looks at its own view of a request. */
struct looker {
	PB(Speaker) speaker;
	uint32_t adult;
	uint32_t child;
};
extern const struct looker as_youth;
extern const struct looker as_parent; /* adult 1 */
PB(Message) *look(struct story *st, const char *party, struct looker who);
/** As the family's channel gives it; it gives nothing else. */
PB(PersonView) *sees(struct story *st, struct looker who);

/* Capsules of family_init() by whose they are. */
#define CHILD_PERSON 0
#define ADULT_PERSON 1
/** A child of 13 with a story of its own, two parents with authority, the second with a story too.
 */
void family_init(struct ask *a);
struct story family_story(struct rig *r);
