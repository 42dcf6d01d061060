/* SPDX-License-Identifier: EUPL-1.2 */
/* Who sees what of events, from the table of users in DOMAIN 2: written from that, not from code.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/gateway/feed.h"

#define KIND_LAST 36
#define AGREED SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_AGREED
#define ASKED SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_ASKED
#define KIND(NAME) SCHAKEL__V1__EVENT_KIND__EVENT_KIND_##NAME
#define BIT(NAME) (1ULL << KIND(NAME))
#define ALL_KINDS (((1ULL << KIND_LAST) - 1) << 1)

/* The offer: it stands in the open directory too. */
#define OFFER (BIT(POOL) | BIT(NETWORK) | BIT(CONVERSION))
/* What a family learns by the hour: how it stands with its own request, and nobody's answer. */
#define MOVES                                                                                   \
	(BIT(REQUEST) | BIT(NEED) | BIT(HOLDER) | BIT(CONTACT_PERSON) | BIT(PLAN) | BIT(TEAM) | \
	 BIT(TERM) | BIT(GOAL) | BIT(NIGHT_PLAN) | BIT(CONSULT) | BIT(FILE) | BIT(OTHER_WANTED))

/* What a child, its family and who helps have among them. */
#define INNER                                                                                 \
	(BIT(POSITION) | BIT(COURT_ORDER) | BIT(FAMILY) | BIT(GOAL) | BIT(OWN_CONTRIBUTION) | \
	 BIT(DIAGNOSTIC) | BIT(FIT) | BIT(BASIC_LINK) | BIT(JUDGEMENT) | BIT(FILE) | BIT(CONCERN))

static const uint8_t mine[OBJECT_ID_LEN] = { 1 };
static const uint8_t theirs[OBJECT_ID_LEN] = { 2 };

/* How an event stands to who looks. */
enum tie { STRANGER, HAS_PART, NAMED, TIES };

/* For each role and tie: the kinds of which it sees all, and those of which it sees that something
 * moved. A contribution is one that is agreed; answers come below. */
static const struct {
	const char *role;
	uint32_t roles;
	uint64_t whole[TIES];
	uint64_t reduced[TIES];
} row[] = {
	/* its own crises; of the region's it learns that the call list or a last place moved */
	{ "contact point",
	  ROLE_BIT(CONTACT_POINT),
	  { OFFER, ALL_KINDS, ALL_KINDS },
	  { BIT(CONTRIBUTION) | BIT(LAST_PLACE), 0, 0 } },
	/* the list of the region by its numbers; that, and not of whom, what stays with the child
	 * moved; nothing of a house's people */
	{ "coordinator",
	  ROLE_BIT(COORDINATOR),
	  { ALL_KINDS & ~(INNER | BIT(WORKER)), ALL_KINDS, ALL_KINDS },
	  { INNER, 0, 0 } },
	/* runs the node: no request at all */
	{ "operator", ROLE_BIT(OPERATOR), { OFFER, ALL_KINDS, ALL_KINDS }, { 0 } },
	{ "requester", ROLE_BIT(REQUESTER), { OFFER, ALL_KINDS, ALL_KINDS }, { 0 } },
	{ "facility", ROLE_BIT(FACILITY), { OFFER, ALL_KINDS, ALL_KINDS }, { 0 } },
	{ "basic support", ROLE_BIT(BASIC_SUPPORT), { OFFER, ALL_KINDS, ALL_KINDS }, { 0 } },
	/* never the voluntary file: what names it, and no more */
	{ "mandated", ROLE_BIT(MANDATED), { OFFER, OFFER, ALL_KINDS }, { 0 } },
	/* aggregates: that a signal moved, of nobody */
	{ "dashboard",
	  ROLE_BIT(DASHBOARD),
	  { OFFER, ALL_KINDS, ALL_KINDS },
	  { BIT(SIGNAL), 0, 0 } },
	{ "government",
	  ROLE_BIT(GOVERNMENT),
	  { OFFER, ALL_KINDS, ALL_KINDS },
	  { BIT(SIGNAL), 0, 0 } },
	/* the channel itself is nobody */
	{ "family", ROLE_BIT(FAMILY), { 0 }, { 0 } },
};

static PB(Event) event_of(int kind, const uint8_t *request, const char *party)
{
	PB(Event) e = PB_INIT(EVENT);
	e.kind = (PB(EventKind))kind;
	e.request_id = (ProtobufCBinaryData){ OBJECT_ID_LEN, (uint8_t *)(uintptr_t)request };
	e.party = (char *)(uintptr_t)party;
	e.contribution_state = AGREED;
	return e;
}

static enum feed_sight expected(size_t r, enum tie tie, int kind)
{
	uint64_t bit = 1ULL << kind;
	return (row[r].whole[tie] & bit) != 0   ? FEED_WHOLE :
	       (row[r].reduced[tie] & bit) != 0 ? FEED_REDUCED :
						  FEED_NOTHING;
}

static void check_sight(size_t r, int kind, enum tie tie)
{
	struct who who = { .known = true, .party = "ik", .roles = row[r].roles };
	struct feed_parts parts = { .len = tie == HAS_PART ? 2 : 0, .party = { "anders", "ik" } };
	PB(Event) e = event_of(kind, theirs, tie == NAMED ? "ik" : "huis-b");
	enum feed_sight got = feed_sight(&who, NULL, &e, &parts);
	if (got != expected(r, tie, kind)) {
		fail_msg("%s, kind %d, tie %u: %d", row[r].role, kind, tie, got);
	}
}

static void test_sight_of_each_role_and_kind_is_the_table(void **state)
{
	(void)state;
	for (size_t r = 0; r < SK_LEN(row); r++) {
		for (int kind = 1; kind <= KIND_LAST; kind++) {
			check_sight(r, kind, STRANGER);
			check_sight(r, kind, HAS_PART);
			check_sight(r, kind, NAMED);
		}
	}
}

/* A party that stands in is named too. */
static void test_sight_of_a_stand_in_is_whole(void **state)
{
	(void)state;
	struct feed_parts none = { 0 };
	struct who who = { .known = true, .party = "ik", .roles = ROLE_BIT(FACILITY) };
	PB(Event) e = event_of(KIND(CONTACT_PERSON), theirs, "huis-b");
	assert_int_equal(feed_sight(&who, NULL, &e, &none), FEED_NOTHING);
	e.stand_in = (char *)(uintptr_t) "ik";
	assert_int_equal(feed_sight(&who, NULL, &e, &none), FEED_WHOLE);
}

/* Who helps learns nothing of what another partner answered; who asked for the help does. */
static void test_sight_of_answers_is_of_who_asked(void **state)
{
	(void)state;
	static const struct {
		uint32_t roles;
		enum feed_sight sees;
	} part[] = {
		{ ROLE_BIT(REQUESTER), FEED_WHOLE },       { ROLE_BIT(FACILITY), FEED_REDUCED },
		{ ROLE_BIT(BASIC_SUPPORT), FEED_REDUCED }, { ROLE_BIT(MANDATED), FEED_NOTHING },
		{ ROLE_BIT(CONTACT_POINT), FEED_WHOLE },   { ROLE_BIT(COORDINATOR), FEED_WHOLE },
	};
	struct feed_parts some = { .len = 1, .party = { "ik" } };
	for (size_t i = 0; i < SK_LEN(part); i++) {
		struct who who = { .known = true, .party = "ik", .roles = part[i].roles };
		for (int s = ASKED; s < AGREED; s++) {
			PB(Event) e = event_of(KIND(CONTRIBUTION), theirs, "huis-b");
			e.contribution_state = (PB(ContributionState))s;
			assert_int_equal(feed_sight(&who, NULL, &e, &some), part[i].sees);
		}
	}
}

/* A young person and a parent: that something of the own request moved, and never another's. */
static void test_sight_of_a_person_is_its_own_request(void **state)
{
	(void)state;
	struct feed_parts none = { 0 };
	struct who who = {
		.known = true, .person = true, .party = "gezin", .roles = ROLE_BIT(FAMILY)
	};
	for (int kind = 1; kind <= KIND_LAST; kind++) {
		PB(Event) own = event_of(kind, mine, "gezin");
		PB(Event) other = event_of(kind, theirs, "gezin");
		bool moves = (MOVES & 1ULL << kind) != 0 || kind == KIND(CONTRIBUTION);
		enum feed_sight got = feed_sight(&who, mine, &own, &none);
		if (got != (moves ? FEED_REDUCED : FEED_NOTHING)) {
			fail_msg("kind %d: %d", kind, got);
		}
		assert_int_equal(feed_sight(&who, mine, &other, &none), FEED_NOTHING);
		assert_int_equal(feed_sight(&who, NULL, &own, &none), FEED_NOTHING);
		other.request_id = (ProtobufCBinaryData){ 0 };
		assert_int_equal(feed_sight(&who, mine, &other, &none), FEED_NOTHING);
	}
	for (int s = 0; s < AGREED; s++) { /* no partner's answer, no "they cannot" */
		PB(Event) e = event_of(KIND(CONTRIBUTION), mine, "huis-a");
		e.contribution_state = (PB(ContributionState))s;
		assert_int_equal(feed_sight(&who, mine, &e, &none), FEED_NOTHING);
	}
}

/* Nobody, and a party without a role that looks, see nothing; not even what is open. */
static void test_sight_of_nobody_is_nothing(void **state)
{
	(void)state;
	struct feed_parts none = { 0 };
	struct who who = { 0 };
	for (int kind = 1; kind <= KIND_LAST + 1; kind++) {
		PB(Event) e = event_of(kind, theirs, "");
		assert_int_equal(feed_sight(&who, NULL, &e, &none), FEED_NOTHING);
	}
}

/* A kind that this version does not know is seen by who has a part, and by who is named. */
static void test_sight_of_an_unknown_kind_is_closed(void **state)
{
	(void)state;
	for (size_t r = 0; r < SK_LEN(row); r++) {
		struct feed_parts none = { 0 };
		struct who who = { .known = true, .party = "ik", .roles = row[r].roles };
		PB(Event) e = event_of(KIND_LAST + 60, theirs, "huis-b");
		assert_int_equal(feed_sight(&who, NULL, &e, &none), FEED_NOTHING);
	}
}

/* The operator is told what the node itself has to say, and nothing of a child. */
static void test_sight_of_an_operator_is_the_nodes_own_alarm(void **state)
{
	(void)state;
	struct feed_parts none = { 0 };
	struct who who = { .known = true, .party = "ik", .roles = ROLE_BIT(OPERATOR) };
	PB(Event) e = event_of(KIND(ALARM), theirs, "huis-b");
	assert_int_equal(feed_sight(&who, NULL, &e, &none), FEED_NOTHING);
	e.request_id = (ProtobufCBinaryData){ 0 };
	assert_int_equal(feed_sight(&who, NULL, &e, &none), FEED_WHOLE);
	e.object_id = (ProtobufCBinaryData){ OBJECT_ID_LEN, (uint8_t *)(uintptr_t)theirs };
	assert_int_equal(feed_sight(&who, NULL, &e, &none), FEED_NOTHING);
	who.roles = ROLE_BIT(DASHBOARD);
	e.object_id = (ProtobufCBinaryData){ 0 };
	assert_int_equal(feed_sight(&who, NULL, &e, &none), FEED_NOTHING);
}

/* --- places as texts --- */

static void test_place_text_comes_back(void **state)
{
	(void)state;
	char text[FEED_PLACE_MAX];
	struct feed_place p = { { 1, UINT32_MAX, 3 }, { 0, 1000000000000000000, 7 } };
	struct feed_place got;
	feed_place_text(&p, text);
	assert_string_equal(text, "1.0,4294967295.1000000000000000000,3.7");
	assert_true(feed_place_read(text, &got));
	assert_memory_equal(got.incarnation, p.incarnation, sizeof(p.incarnation));
	assert_memory_equal(got.sequence, p.sequence, sizeof(p.sequence));
}

/* No signs, no blanks, nothing behind it. "0" is the beginning. */
static void test_place_of_another_text_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"1.2",
		"1.2,3.4",
		"1.2,3.4,5",
		"1.2,3.4,5.6,",
		"1.2,3.4,5.6,7.8",
		"1.2,3.4,5.6 ",
		" 1.2,3.4,5.6",
		"-1.2,3.4,5.6",
		"1.-2,3.4,5.6",
		"1.+2,3.4,5.6",
		"1. 2,3.4,5.6",
		"1.2;3.4;5.6",
		"a.b,c.d,e.f",
		"1.2,3.4,5.6x",
		"0x1.2,3.4,5.6",
		"00",
		"4294967296.1,1.1,1.1",
	};
	struct feed_place zero = { { 9 }, { 9 } };
	assert_true(feed_place_read("0", &zero));
	assert_int_equal(zero.incarnation[0] + zero.sequence[0], 0);
	for (size_t i = 0; i < SK_LEN(bad); i++) {
		struct feed_place p = { { 9 }, { 9 } };
		if (feed_place_read(bad[i], &p)) {
			fail_msg("\"%s\" is no place", bad[i]);
		}
		assert_int_equal(p.incarnation[0], 9); /* untouched */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sight_of_each_role_and_kind_is_the_table),
		cmocka_unit_test(test_sight_of_a_stand_in_is_whole),
		cmocka_unit_test(test_sight_of_answers_is_of_who_asked),
		cmocka_unit_test(test_sight_of_a_person_is_its_own_request),
		cmocka_unit_test(test_sight_of_nobody_is_nothing),
		cmocka_unit_test(test_sight_of_an_unknown_kind_is_closed),
		cmocka_unit_test(test_sight_of_an_operator_is_the_nodes_own_alarm),
		cmocka_unit_test(test_place_text_comes_back),
		cmocka_unit_test(test_place_of_another_text_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
