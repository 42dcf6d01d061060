/* SPDX-License-Identifier: EUPL-1.2 */
/* What is a feed at all, how much of it is taken, and the small things that it is read with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hsds_rig.h"
#include "services/gateway/hsds_id.h"

static struct hsds_rig rig;

static int setup(void **state)
{
	(void)state;
	hsds_rig_open(&rig, "");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	hsds_rig_done(&rig);
	return 0;
}

static void test_hsds_feed_that_is_none_is_refused(void **state)
{
	static const char *const feeds[] = {
		"",
		"{",
		"7",
		"\"x\"",
		"[]",
		"{}",
		"{\"contents\":7}",
		"{\"services\":{}}",
		"null",
		"[1,,2]",
		"{\"contents\":[]}",
		"{\"a\":1,\"a\":2}",
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(feeds); i++) {
		rig.error = (struct file_error){ 0 };
		assert_int_equal(hsds_rig_map(&rig, feeds[i]), SK_EPROTO);
		assert_true(rig.error.nl[0] != '\0' && rig.error.en[0] != '\0');
	}
}

static const struct offer_row *only(const char *feed)
{
	assert_int_equal(hsds_rig_map(&rig, feed), SK_OK);
	assert_int_equal(rig.list.len, 1);
	hsds_rig_check(&rig);
	return &rig.list.row[0];
}

/* All forms in which a feed comes are the same services. */
static void test_hsds_every_form_is_read(void **state)
{
	static const char *const feeds[] = {
		SERVICE("s", GOOD),
		"[" SERVICE("s", GOOD) "]",
		"{\"services\":[" SERVICE("s", GOOD) "]}",
		"{\"total_items\":1,\"contents\":[" SERVICE("s", GOOD) "]}",
		"{\"contents\":[{\"id\":\"x\",\"location\":{\"id\":\"l\",\"location_type\":"
		"\"physical\"},\"service\":" SERVICE("s", GOOD) "}]}",
		"{\"id\":\"o\",\"name\":\"huis-a\",\"services\":[{\"id\":\"s\",\"name\":\"Gesprek "
		"in Ieper\",\"status\":\"active\"," GOOD "}]}",
		"{\"organizations\":[{\"id\":\"o\",\"name\":\"huis-a\"}],\"services\":[{\"id\":"
		"\"s\",\"organization_id\":\"o\",\"name\":\"Gesprek in Ieper\",\"status\":"
		"\"active\"," GOOD "}]}",
		"{\"organizations.csv\":[{\"id\":\"o\",\"name\":\"huis-a\"}],\"services.csv\":[{"
		"\"id\":\"s\",\"organization_id\":\"o\",\"name\":\"Gesprek in Ieper\",\"status\":"
		"\"active\",\"minimum_age\":\"\"}],\"attributes.csv\":[{\"link_id\":\"s\","
		"\"taxonomy_term_id\":\"t\"}],\"taxonomy_terms.csv\":[{\"id\":\"t\",\"name\":"
		"\"trauma\"}],\"service_areas.csv\":[{\"service_id\":\"s\",\"name\":\"Ieper\"}],"
		"\"service_capacity.csv\":[{\"service_id\":\"s\",\"unit_id\":\"u\",\"available\":"
		"\"3\",\"maximum\":\"8\",\"updated\":\"2026-03-01T10:00:00Z\"}],\"units.csv\":[{"
		"\"id\":\"u\",\"name\":\"Bed\"}]}",
		"{\"profile\":\"tabular-data-package\",\"resources\":[{\"name\":\"services\","
		"\"data\":[{\"id\":\"s\",\"name\":\"Gesprek in Ieper\",\"status\":\"active\","
		"\"organization\":{\"id\":\"o\",\"name\":\"huis-a\"}," GOOD "}]}]}",
		"\xef\xbb\xbf" SERVICE("s", GOOD),
		"{\"totalElements\":1,\"content\":[" SERVICE("s", GOOD) "]}",
		"{\"organizations\":[{\"id\":\"o\",\"name\":\"huis-a\"}],\"services\":[{\"id\":"
		"\"s\",\"organization_id\":\"o\",\"name\":\"Gesprek in Ieper\",\"status\":"
		"\"active\"," TRAUMA "}],\"service_at_locations\":[{\"id\":\"x\",\"service_id\":"
		"\"s\",\"location_id\":\"l\"}],\"locations\":[{\"id\":\"l\",\"location_type\":"
		"\"physical\",\"addresses\":[{\"id\":\"a\",\"postal_code\":\"8900\"}]}],"
		"\"service_capacities\":[{\"id\":\"c\",\"service_id\":\"s\",\"unit_id\":\"u\","
		"\"available\":3,\"maximum\":8,\"updated\":\"2026-03-01T10:00:00Z\"}],"
		"\"units\":[{\"id\":\"u\",\"name\":\"Bed\"}]}",
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(feeds); i++) {
		const struct offer_row *r = only(feeds[i]);
		assert_int_equal(r->outcome, OFFER_CREATED);
		assert_int_equal(r->put->used_elsewhere, 5);
		assert_string_equal(r->put->uses[0]->zones[0], "westhoek");
		hsds_rig_end(&rig);
	}
}

/* A line each; the number of a line that is no JSON is that of the feed. */
static void test_hsds_lines_are_a_list(void **state)
{
	static const char lines[] = SERVICE("s", GOOD) "\r\n\r\n" SERVICE("t", GOOD) "\n";

	(void)state;
	assert_int_equal(hsds_rig_map(&rig, lines), SK_OK);
	hsds_rig_check(&rig);
	assert_int_equal(rig.list.len, 2);
	assert_int_equal(offer_count(&rig.list, OFFER_CREATED), 2);
	hsds_rig_end(&rig);
	assert_int_equal(hsds_rig_map(&rig, SERVICE("s", GOOD) "\n{\"id\":}\n"), SK_EPROTO);
	assert_int_equal(rig.error.line, 2);
	assert_int_equal(hsds_rig_map(&rig, SERVICE("s", GOOD) "\n{\"id\":\"t\""), SK_EPROTO);
	assert_int_equal(hsds_rig_map(&rig, "{}{}{}x"), SK_EPROTO);
}

/* Open Referral UK 1.0: ages and terms in lists of their own, a location without a type. */
static void test_hsds_open_referral_uk_1_is_read(void **state)
{
	const struct offer_row *r =
		only("{\"totalElements\":1,\"content\":[{\"id\":\"s\",\"name\":\"n\",\"status\":"
		     "\"active\",\"organization\":{\"id\":\"o\",\"name\":\"huis-a\"},"
		     "\"eligibilitys\":[{\"id\":\"e\",\"minimum_age\":5,\"maximum_age\":12.0},"
		     "{\"id\":\"f\",\"minimum_age\":\"11\",\"maximum_age\":16}],"
		     "\"service_taxonomys\":[{\"id\":\"x\",\"taxonomy\":{\"id\":\"t\",\"name\":"
		     "\"trauma\"}}],\"service_at_locations\":[{\"id\":\"l\",\"location\":{\"id\":"
		     "\"m\",\"physical_addresses\":[{\"id\":\"a\",\"city\":\"Ieper\"}]}}]}]}");

	(void)state;
	assert_int_equal(r->outcome, OFFER_CREATED);
	assert_int_equal(r->put->uses[0]->age_from, 5);
	assert_int_equal(r->put->uses[0]->age_to, 16);
	assert_int_equal(r->put->uses[0]->expertises[0], 12);
	assert_string_equal(r->put->uses[0]->zones[0], "westhoek");
	assert_int_equal(r->put->uses[0]->modality, SCHAKEL__V1__MODALITY__MODALITY_AMBULANT);
	hsds_rig_end(&rig);
}

/* At the limit and one past it. */
static void test_hsds_limits_hold(void **state)
{
	static char feed[1U << 20];

	(void)state;
	for (size_t n = HSDS_SERVICES_MAX; n <= HSDS_SERVICES_MAX + 1; n++) {
		size_t len = (size_t)snprintf(feed, sizeof(feed), "[");
		for (size_t i = 0; i < n; i++) {
			len += (size_t)snprintf(feed + len, sizeof(feed) - len,
						"%s{\"id\":\"%zu\",\"name\":\"n\",\"status\":"
						"\"defunct\",\"organization\":{\"id\":\"o\","
						"\"name\":\"huis-a\"}}",
						i == 0 ? "" : ",", i);
		}
		(void)snprintf(feed + len, sizeof(feed) - len, "]");
		int err = hsds_rig_map(&rig, feed);
		assert_int_equal(err, n == HSDS_SERVICES_MAX ? SK_OK : SK_EPROTO);
		if (err == SK_OK) {
			hsds_rig_check(&rig);
			hsds_rig_end(&rig);
		}
	}
}

/* The same on every run and machine: RFC 9562 version 5, its layout and its variant. */
static void test_hsds_id_is_stable(void **state)
{
	struct hsds_id a = hsds_id_of("proef", "service", "ovbj");
	struct hsds_id b = hsds_id_of("proef", "organization", "ovbj");

	(void)state;
	assert_string_equal(a.s, hsds_id_of("proef", "service", "ovbj").s);
	assert_string_not_equal(a.s, b.s);
	assert_int_equal(a.s[14], '5');
	assert_non_null(strchr("89ab", a.s[19]));
	assert_int_equal(strlen(a.s), HSDS_ID_LEN);
}

static void test_hsds_instants_are_read(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} good[] = {
		{ "2024-09-25T14:23:06.5+01:00", 1727270586500ULL },
		{ "2026-03-01", 1772323200000ULL },
		{ "2026-03-01T10:00:00Z", 1772359200000ULL },
		{ "2026-03-01 10:00", 1772359200000ULL },
		{ "2024-02-29T23:59:60-00:30", 1709253000000ULL },
	};
	static const char *const bad[] = { "",
					   "2026",
					   "2026-13-01",
					   "2025-02-29",
					   "2026-03-01T",
					   "2026-03-01T25:00:00Z",
					   "2026-03-01T10:00:00+25:00",
					   "2026-03-01T10:00:00.Z",
					   "2026-03-01x",
					   "1969-12-31",
					   "0000-01-01" };
	uint64_t ms = 0;

	(void)state;
	for (size_t i = 0; i < SK_LEN(good); i++) {
		assert_true(hsds_instant(good[i].text, &ms));
		assert_int_equal(ms, good[i].ms);
	}
	for (size_t i = 0; i < SK_LEN(bad); i++) {
		assert_false(hsds_instant(bad[i], &ms));
	}
}

static void test_hsds_synonyms_that_mean_nothing_are_refused(void **state)
{
	static const char *const bad[] = { "kind,term,means\nexpertise,x,NIETS\n",
					   "kind,term,means\nkleur,x,TRAUMA\n",
					   "kind,term,means\nzone,,westhoek\n", "a,b\n1,2\n" };
	struct hsds_words w;

	(void)state;
	for (size_t i = 0; i < SK_LEN(bad); i++) {
		struct slice own = { bad[i], strlen(bad[i]) };
		assert_int_equal(hsds_words_open(&w, &rig.conf, &rig.arena, own, &rig.error),
				 SK_EPROTO);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_hsds_feed_that_is_none_is_refused),
		TEST(test_hsds_every_form_is_read),
		TEST(test_hsds_lines_are_a_list),
		TEST(test_hsds_open_referral_uk_1_is_read),
		TEST(test_hsds_limits_hold),
		TEST(test_hsds_id_is_stable),
		TEST(test_hsds_instants_are_read),
		TEST(test_hsds_synonyms_that_mean_nothing_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
