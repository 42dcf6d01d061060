/* SPDX-License-Identifier: EUPL-1.2 */
/* What a feed of services becomes: partner, pool, places, ages, figures; and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hsds_rig.h"

static struct hsds_rig rig;

static int setup(void **state)
{
	(void)state;
	hsds_rig_open(&rig, "kind,term,means\nexpertise,Praten over vroeger,TRAUMA\n"
			    "zone,Heel de streek,regio\npartner,Het oude huis,huis-b\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	hsds_rig_done(&rig);
	return 0;
}

static const struct offer_row *only(const char *feed)
{
	assert_int_equal(hsds_rig_map(&rig, feed), SK_OK);
	assert_int_equal(rig.list.len, 1);
	hsds_rig_check(&rig);
	return &rig.list.row[0];
}

static void refused_at(const char *feed, const char *field)
{
	const struct offer_row *r = only(feed);

	assert_int_equal(r->outcome, OFFER_REFUSED);
	assert_string_equal(r->field, field);
	hsds_rig_end(&rig);
}

static void test_hsds_service_becomes_a_pool(void **state)
{
	const struct offer_row *r = only(SERVICE("S-1", "\"minimum_age\":12.5,\"maximum_age\":17."
							"9," GOOD));
	const PB(PutCapacity) *p = r->put;

	(void)state;
	assert_int_equal(r->outcome, OFFER_CREATED);
	assert_string_equal(r->partner, "huis-a");
	assert_memory_equal(p->pool, "gesprek-in-ieper-", 17);
	assert_int_equal(p->unit, SCHAKEL__V1__UNIT__UNIT_BED);
	assert_int_equal(p->total, 8);
	assert_int_equal(p->staffed, 8);
	assert_int_equal(p->used_elsewhere, 5);
	assert_int_equal(p->observed_at_ms, 1772359200000ULL);
	assert_int_equal(p->uses[0]->age_from, 12);
	assert_int_equal(p->uses[0]->age_to, 17);
	assert_int_equal(p->uses[0]->n_zones, 1);
	assert_string_equal(p->uses[0]->zones[0], "westhoek");
	assert_int_equal(p->uses[0]->expertises[0], 12);
	assert_int_equal(p->uses[0]->modality, SCHAKEL__V1__MODALITY__MODALITY_RESIDENTIAL);
	assert_null(r->nl);
	hsds_rig_end(&rig);
}

/* The same again changes nothing, whatever the service is called by now. */
static void test_hsds_same_feed_again_is_unchanged(void **state)
{
	(void)state;
	(void)only(SERVICE("S-1", GOOD));
	hsds_rig_store(&rig);
	hsds_rig_end(&rig);
	const struct offer_row *r = only(SERVICE("s-1", GOOD));
	assert_int_equal(r->outcome, OFFER_UNCHANGED);
	hsds_rig_end(&rig);
}

/* The published example has 12 of 10: taken, said, and the second time the same. */
static void test_hsds_free_over_total_is_taken_and_said(void **state)
{
	static const char feed[] = SERVICE("s", TRAUMA "," FREE("12", "\"maximum\":10,",
								"2026-03-01T10:00:00.5+01:00"));
	const struct offer_row *r = only(feed);

	(void)state;
	assert_int_equal(r->put->staffed - r->put->used_elsewhere, 12);
	assert_int_equal(r->put->total, 12);
	assert_non_null(strstr(r->nl, "meer vrij dan"));
	hsds_rig_store(&rig);
	hsds_rig_end(&rig);
	r = only(feed);
	assert_int_equal(r->outcome, OFFER_UNCHANGED);
	hsds_rig_end(&rig);
}

/* What was promised through us is not free, and is no reason to think that a bed vanished. */
static void test_hsds_promised_is_kept_out_of_free(void **state)
{
	(void)state;
	(void)only(SERVICE("s", GOOD));
	hsds_rig_store(&rig);
	((PB(PoolItem) *)(uintptr_t)rig.item[0])->promised = 2;
	((PB(PoolItem) *)(uintptr_t)rig.item[0])->free = 1;
	hsds_rig_end(&rig);
	const struct offer_row *r =
		only(SERVICE("s", TRAUMA "," FREE("4", "\"maximum\":8,", "2026-03-02T08:00:00Z")));
	assert_int_equal(r->outcome, OFFER_CHANGED);
	assert_int_equal(r->put->staffed, 8);
	assert_int_equal(r->put->used_elsewhere, 2);
	assert_int_equal(r->put->based_on, 1);
	hsds_rig_end(&rig);
}

/* Who put a newer number on the page does not lose it to an old feed. */
static void test_hsds_older_figure_does_not_win(void **state)
{
	(void)state;
	(void)only(SERVICE("s", GOOD));
	hsds_rig_store(&rig);
	hsds_rig_end(&rig);
	const struct offer_row *r =
		only(SERVICE("s", TRAUMA "," FREE("0", "\"maximum\":8,", "2026-02-20T08:00:00Z")));
	assert_int_equal(r->outcome, OFFER_UNCHANGED);
	assert_non_null(strstr(r->nl, "nieuwer cijfer"));
	hsds_rig_end(&rig);
}

static void test_hsds_old_figure_is_unconfirmed(void **state)
{
	const struct offer_row *r =
		only(SERVICE("s", TRAUMA "," FREE("1", "", "2026-01-05T08:00:00Z")));

	(void)state;
	assert_non_null(strstr(r->nl, "niet bevestigd sinds 5 januari 2026"));
	assert_int_equal(r->put->observed_at_ms, 1767600000000ULL);
	hsds_rig_end(&rig);
}

/* Open Referral UK 3.0 has no capacities: nobody said how much is free, and nothing is confirmed.
 */
static void test_hsds_without_capacities_is_not_confirmed(void **state)
{
	const struct offer_row *r = only(SERVICE("s", TRAUMA));

	(void)state;
	assert_int_equal(r->outcome, OFFER_CREATED);
	assert_int_equal(r->put->staffed, 0);
	assert_int_equal(r->put->observed_at_ms, 1);
	assert_non_null(strstr(r->nl, "hoeveel er vrij is"));
	hsds_rig_store(&rig);
	hsds_rig_end(&rig);
	r = only(SERVICE("s", TRAUMA));
	assert_int_equal(r->outcome, OFFER_UNCHANGED);
	hsds_rig_end(&rig);
}

static void test_hsds_partner_is_found_by_number_name_or_synonym(void **state)
{
	static const struct {
		const char *organization;
		const char *partner;
	} cases[] = {
		{ "{\"id\":\"o\",\"name\":\"Iets\",\"tax_id\":\"BE 0999 999 922\"}", "huis-a" },
		{ "{\"id\":\"o\",\"name\":\"Iets\",\"organization_identifiers\":[{\"id\":\"i\","
		  "\"identifier_type\":\"KBO\",\"identifier\":\"0999999922\"}]}",
		  "huis-a" },
		{ "{\"id\":\"o\",\"name\":\"Iets\",\"tax_id\":\"999999922\"}", "huis-a" },
		{ "{\"id\":\"o\",\"name\":\" voorbeeld HUIS-B \"}", "huis-b" },
		{ "{\"id\":\"o\",\"name\":\"Het oude huis\"}", "huis-b" },
	};
	char feed[1000];

	(void)state;
	for (size_t i = 0; i < SK_LEN(cases); i++) {
		(void)snprintf(feed, sizeof(feed),
			       "[{\"id\":\"s\",\"name\":\"n\",\"status\":\"active\"," TRAUMA ",\"or"
			       "ganiz"
			       "ation"
			       "\":%"
			       "s}]",
			       cases[i].organization);
		assert_string_equal(only(feed)->partner, cases[i].partner);
		hsds_rig_end(&rig);
	}
}

static uint64_t zones_of(const char *places)
{
	char feed[1500];
	uint64_t bits = 0;

	(void)snprintf(feed, sizeof(feed),
		       "[{\"id\":\"s\",\"name\":\"n\",\"status\":\"active\"," TRAUMA
		       ",\"organization\":{\"id\":\"o\",\"name\":\"huis-a\"},%s}]",
		       places);
	const struct offer_row *r = only(feed);
	for (size_t i = 0; r->put != NULL && i < r->put->uses[0]->n_zones; i++) {
		for (size_t z = 0; z < rig.conf.zones_len; z++) {
			bits |= strcmp(r->put->uses[0]->zones[i], rig.conf.zones[z].id) == 0 ?
					1ULL << z :
					0;
		}
	}
	assert_true(bits != 0 || r->outcome == OFFER_SKIPPED);
	hsds_rig_end(&rig);
	return bits;
}

#define LOCATION(REST)                                                        \
	"\"service_at_locations\":[{\"id\":\"x\",\"location\":{\"id\":\"l\"," \
	"\"location_type\":\"physical\"," REST "}}]"

static void test_hsds_places_become_zones(void **state)
{
	(void)state;
	assert_int_equal(zones_of(AREA("Westhoek")), 4);
	assert_int_equal(zones_of(AREA("rits")), 2);
	assert_int_equal(zones_of(AREA("33011")), 4);
	assert_int_equal(zones_of(AREA("8900")), 4);
	assert_int_equal(zones_of(AREA("Ieper; Roeselare")), 5);
	assert_int_equal(zones_of(AREA("Heel de streek")), 7);
	assert_int_equal(zones_of(AREA("Parijs")), 0);
	assert_int_equal(zones_of("\"service_areas\":[{\"id\":\"z\",\"uri\":\"https://data."
				  "vlaanderen.be/id/gemeente/36015\"}]"),
			 1);
	assert_int_equal(zones_of(LOCATION("\"addresses\":[{\"postal_code\":\"8800\",\"country\":"
					   "\"BE\"}]")),
			 1);
	assert_int_equal(zones_of(LOCATION("\"external_identifier_type\":\"NIS\","
					   "\"external_identifier\":\"33011\"")),
			 4);
	/* A number of elsewhere that looks like one of ours. */
	assert_int_equal(zones_of(LOCATION("\"addresses\":[{\"postal_code\":\"8800\",\"country\":"
					   "\"CH\"}]")),
			 4);
	/* Where it serves goes before where it stands; it says nothing: where its partner works. */
	assert_int_equal(zones_of(AREA("RITS") "," LOCATION("\"addresses\":[{\"city\":\"Ieper\"}"
							    "]")),
			 2);
	assert_int_equal(zones_of("\"minimum_age\":3"), 4);
}

static void test_hsds_words_become_expertises(void **state)
{
	static const char *const terms[] = {
		"{\"id\":\"t\",\"name\":\"x\",\"code\":\"TRAUMA\"}",
		"{\"id\":\"t\",\"name\":\"Trauma\"}",
		"{\"id\":\"t\",\"name\":\"TRAUMA in english\"}",
		"{\"id\":\"t\",\"name\":\"praten over vroeger\"}",
	};
	char feed[1000];

	(void)state;
	for (size_t i = 0; i < SK_LEN(terms); i++) {
		(void)snprintf(feed, sizeof(feed),
			       "[" SERVICE("s", "\"attributes\":[{\"id\":\"a\","
						"\"taxonomy_term\":%s}]") "]",
			       terms[i]);
		const struct offer_row *r = only(feed);
		assert_int_equal(r->outcome, OFFER_CREATED);
		assert_int_equal(r->put->uses[0]->expertises[0], 12);
		hsds_rig_end(&rig);
	}
	const struct offer_row *r = only("[" SERVICE("s", "\"fees\":\"0\"") "]");
	assert_int_equal(r->outcome, OFFER_SKIPPED);
	assert_string_equal(r->field, "[0].attributes");
	hsds_rig_end(&rig);
}

static void test_hsds_bad_service_is_refused_at_its_field(void **state)
{
	(void)state;
	refused_at("[7]", "[0]");
	refused_at("[{\"name\":\"n\",\"status\":\"active\"}]", "[0].id");
	refused_at("[{\"id\":7,\"name\":\"n\",\"status\":\"active\"}]", "[0].id");
	refused_at("{\"contents\":[{\"id\":\"s\",\"status\":\"active\"}]}", "contents[0].name");
	refused_at("[{\"id\":\"s\",\"name\":\"n\",\"status\":\"open\"}]", "[0].status");
	refused_at("[{\"id\":\"s\",\"name\":\"n\",\"status\":\"active\"}]", "[0].organization");
	refused_at("[{\"id\":\"s\",\"name\":\" \",\"status\":\"active\"}]", "[0].name");
	refused_at(SERVICE("s", "\"minimum_age\":\"twaalf\""), "minimum_age");
	refused_at(SERVICE("s", "\"minimum_age\":-1"), "minimum_age");
	refused_at(SERVICE("s", "\"minimum_age\":18,\"maximum_age\":12"), "minimum_age");
	refused_at(SERVICE("s", TRAUMA "," FREE("2.5", "", "2026-03-01")), "capacities[0]."
									   "available");
	refused_at(SERVICE("s", TRAUMA "," FREE("-1", "", "2026-03-01")), "capacities[0]."
									  "available");
	refused_at(SERVICE("s", TRAUMA "," FREE("10001", "", "2026-03-01")), "capacities[0]."
									     "available");
	refused_at(SERVICE("s", TRAUMA "," FREE("1", "\"maximum\":\"veel\",", "2026-03-01")),
		   "capacities[0].maximum");
	refused_at(SERVICE("s", TRAUMA "," FREE("1", "", "gisteren")), "capacities[0].updated");
	refused_at(SERVICE("s", TRAUMA "," FREE("1", "", "2026-02-30")), "capacities[0].updated");
	refused_at(SERVICE("s", TRAUMA "," FREE("1", "", "2026-03-03")), "capacities[0].updated");
	refused_at(SERVICE("s", "\"capacities\":{}"), "capacities");
	refused_at(SERVICE("s", "\"attributes\":[\"TRAUMA\"]"), "attributes[0]");
	refused_at("{\"services.csv\":[{\"id\":\"s\",\"name\":\"n\",\"status\":\"active\","
		   "\"organization_id\":\"o\"}],\"organizations.csv\":[{\"id\":\"o\"}]}",
		   "organizations.csv[0].name");
	refused_at("{\"services.csv\":[{\"id\":\"s\",\"name\":\"n\",\"status\":\"active\","
		   "\"organization_id\":\"nergens\"}],\"organizations.csv\":[{\"id\":\"o\","
		   "\"name\":\"n\"}]}",
		   "services.csv[0].organization_id");
	/* Wrong where nothing of it is read: its maker wants to know all the same. */
	refused_at(SERVICE("s", "\"phones\":7"), "phones");
	refused_at(SERVICE("s", "\"schedules\":[{\"id\":\"s\",\"byday\":2}]"), "schedules[0]."
									       "byday");
	refused_at(SERVICE("s", "\"service_at_locations\":[{\"id\":\"a\",\"location\":{\"id\":"
				"\"l\",\"location_type\":\"physical\",\"latitude\":\"oost\"}}]"),
		   "service_at_locations[0].location.latitude");
	refused_at(SERVICE("s", "\"service_at_locations\":[{\"id\":\"a\",\"location\":{\"id\":"
				"\"l\",\"location_type\":\"huis\"}}]"),
		   "service_at_locations[0].location.location_type");
	/* A table of which no row is used. */
	assert_int_equal(hsds_rig_map(&rig, "{\"services\":[" SERVICE("s", GOOD) "],"
										 "\"locations\":[{"
										 "\"id\":7}]}"),
			 SK_EPROTO);
	assert_string_equal(rig.error.field, "locations[0].id");
}

/* A directory holds more than our partners: the row says whose it is not, and the rest goes on. */
static void test_hsds_organisation_that_is_no_partner_is_passed_over(void **state)
{
	static const char stranger[] = "{\"id\":\"s\",\"name\":\"n\",\"status\":\"active\","
				       "\"organization\":{\"id\":"
				       "\"o\",\"name\":\"Onbekend\"}," TRAUMA
				       "," FREE("12", "\"maximum\":10,", "2026-03-01") "}";
	char feed[2000];

	(void)state;
	(void)snprintf(feed, sizeof(feed), "[%s,%s]", stranger, SERVICE("t", GOOD));
	assert_int_equal(hsds_rig_map(&rig, feed), SK_OK);
	hsds_rig_check(&rig);
	const struct offer_row *r = &rig.list.row[0];
	assert_int_equal(r->outcome, OFFER_SKIPPED);
	assert_string_equal(r->field, "[0].organization");
	assert_memory_equal(r->nl, "Onbekend is geen partner", 24);
	assert_non_null(strstr(r->nl, "meer vrij dan"));
	assert_int_equal(rig.list.row[1].outcome, OFFER_CREATED);
	hsds_rig_end(&rig);
	rig.node.partner = "huis-b";
	r = only(stranger);
	assert_int_equal(r->outcome, OFFER_CREATED);
	assert_string_equal(r->partner, "huis-b");
	hsds_rig_end(&rig);
}

static void test_hsds_service_twice_is_refused(void **state)
{
	(void)state;
	assert_int_equal(hsds_rig_map(&rig, "[" SERVICE("s", GOOD) "," SERVICE("s", GOOD) "]"),
			 SK_OK);
	assert_int_equal(rig.list.row[0].outcome, OFFER_CREATED);
	assert_int_equal(rig.list.row[1].outcome, OFFER_REFUSED);
	assert_string_equal(rig.list.row[1].field, "[1].id");
	hsds_rig_end(&rig);
}

/* A facility speaks for itself alone; without a name it is its own. */
static void test_hsds_facility_imports_its_own_only(void **state)
{
	(void)state;
	rig.node.party = "huis-b";
	rig.node.all = false;
	refused_at(SERVICE("s", GOOD), "organization");
	const struct offer_row *r = only("[{\"id\":\"s\",\"name\":\"n\",\"status\":"
					 "\"active\"," TRAUMA "}]");
	assert_string_equal(r->partner, "huis-b");
	hsds_rig_end(&rig);
	/* Two parties of one organisation: each speaks for itself. */
	(void)snprintf(rig.party[1].organisation, sizeof(rig.party[1].organisation), "%s",
		       rig.party[0].organisation);
	r = only(SERVICE("s", GOOD));
	assert_string_equal(r->partner, "huis-b");
	hsds_rig_end(&rig);
}

/* Inactive: not searched any more, never made anew, and open again when the feed says so. */
static void test_hsds_inactive_service_is_not_searched(void **state)
{
#define CLOSED(DAY)                                                                           \
	"{\"id\":\"s\",\"name\":\"n\",\"status\":\"defunct\",\"organization\":{\"id\":\"o\"," \
	"\"name\":\"huis-a\"}," TRAUMA "," FREE("3", "\"maximum\":8,", DAY) "}"
	const struct offer_row *r = only(CLOSED("2026-02-27"));

	(void)state;
	assert_int_equal(r->outcome, OFFER_SKIPPED);
	hsds_rig_end(&rig);
	(void)only(SERVICE("s", GOOD));
	hsds_rig_store(&rig);
	hsds_rig_end(&rig);
	r = only(CLOSED("2026-03-02"));
	assert_int_equal(r->put->answer, SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_NONE);
	hsds_rig_store(&rig);
	hsds_rig_end(&rig);
	assert_int_equal(only(CLOSED("2026-03-02"))->outcome, OFFER_UNCHANGED);
	hsds_rig_end(&rig);
	r = only(SERVICE("s", TRAUMA "," FREE("3", "\"maximum\":8,", "2026-03-02T08:00:00Z")));
	assert_int_equal(r->put->answer, SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_HAS);
	hsds_rig_end(&rig);
}

static void test_hsds_partner_has_room_for_so_many(void **state)
{
	static char feed[1U << 16];
	size_t len = (size_t)snprintf(feed, sizeof(feed), "[");

	(void)state;
	for (size_t i = 0; i <= OFFER_POOLS_PER_PARTNER_MAX; i++) {
		len += (size_t)snprintf(feed + len, sizeof(feed) - len,
					"%s{\"id\":\"%zu\",\"name\":\"n\",\"status\":\"active\","
					"\"organization\":{\"id\":\"o\",\"name\":\"huis-a\"}"
					"," TRAUMA "}",
					i == 0 ? "" : ",", i);
	}
	(void)snprintf(feed + len, sizeof(feed) - len, "]");
	assert_int_equal(hsds_rig_map(&rig, feed), SK_OK);
	assert_int_equal(offer_count(&rig.list, OFFER_CREATED), OFFER_POOLS_PER_PARTNER_MAX);
	assert_string_equal(rig.list.row[OFFER_POOLS_PER_PARTNER_MAX].field, "[64].id");
	hsds_rig_end(&rig);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_hsds_service_becomes_a_pool),
		TEST(test_hsds_same_feed_again_is_unchanged),
		TEST(test_hsds_free_over_total_is_taken_and_said),
		TEST(test_hsds_promised_is_kept_out_of_free),
		TEST(test_hsds_older_figure_does_not_win),
		TEST(test_hsds_old_figure_is_unconfirmed),
		TEST(test_hsds_without_capacities_is_not_confirmed),
		TEST(test_hsds_partner_is_found_by_number_name_or_synonym),
		TEST(test_hsds_places_become_zones),
		TEST(test_hsds_words_become_expertises),
		TEST(test_hsds_bad_service_is_refused_at_its_field),
		TEST(test_hsds_organisation_that_is_no_partner_is_passed_over),
		TEST(test_hsds_service_twice_is_refused),
		TEST(test_hsds_facility_imports_its_own_only),
		TEST(test_hsds_inactive_service_is_not_searched),
		TEST(test_hsds_partner_has_room_for_so_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
