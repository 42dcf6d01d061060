/* SPDX-License-Identifier: EUPL-1.2 */
/* What of a pool stands in the directory for others, and how a page of it is cut. That all of it is
 * HSDS is checked against the schemas by tests/integ/hsds_test.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hsds_rig.h"
#include "services/gateway/hsds_export.h"
#include "services/gateway/hsds_id.h"

static struct hsds_rig rig;
static PB(DirectoryItem) item;
static PB(PoolUse) use[2];

static int setup(void **state)
{
	static uint32_t trauma[] = { 12 };
	static uint32_t living[] = { 1 };
	static char *zones[] = { (char *)(uintptr_t) "rits", (char *)(uintptr_t) "westhoek" };
	static PB(PoolUse) *uses[] = { &use[0], &use[1] };

	(void)state;
	hsds_rig_open(&rig, "");
	schakel__v1__directory_item__init(&item);
	for (size_t i = 0; i < SK_LEN(use); i++) {
		schakel__v1__pool_use__init(&use[i]);
		use[i].use = (uint32_t)i + 1;
		use[i].expertises = i == 0 ? trauma : living;
		use[i].n_expertises = 1;
		use[i].zones = &zones[i];
		use[i].n_zones = 1;
		use[i].age_from = i == 0 ? 6 : 3;
		use[i].age_to = i == 0 ? 12 : 9;
		use[i].modality = SCHAKEL__V1__MODALITY__MODALITY_MOBILE;
		use[i].access = SCHAKEL__V1__ACCESS__ACCESS_DIRECT;
	}
	item.partner = (char *)(uintptr_t) "huis-a";
	item.pool = (char *)(uintptr_t) "thuis";
	item.uses = uses;
	item.n_uses = 2;
	item.unit = SCHAKEL__V1__UNIT__UNIT_PLACE;
	item.free = 2;
	item.promised = 1;
	item.observed_at_ms = HSDS_NOW_MS;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	hsds_rig_done(&rig);
	return 0;
}

static const char *text(const json_t *doc, const char *key)
{
	return json_string_value(json_object_get(doc, key));
}

/* A service is what all uses can do together: the widest ages, every place, every kind of help. */
static void test_hsds_export_sums_the_uses(void **state)
{
	json_t *s = hsds_service(&rig.conf, &item);

	(void)state;
	assert_string_equal(text(s, "id"), hsds_id_of("proef", "service", "thuis").s);
	assert_string_equal(text(s, "name"), "leefgroepwerking, trauma: Voorbeeld huis-a");
	assert_int_equal(json_integer_value(json_object_get(s, "minimum_age")), 3);
	assert_int_equal(json_integer_value(json_object_get(s, "maximum_age")), 12);
	assert_int_equal(json_array_size(json_object_get(s, "service_areas")), 2);
	assert_int_equal(json_array_size(json_object_get(s, "attributes")), 4);
	json_t *c = json_array_get(json_object_get(s, "capacities"), 0);
	assert_int_equal(json_integer_value(json_object_get(c, "available")), 2);
	assert_string_equal(text(c, "updated"), "2026-03-02T09:00:00.000Z");
	assert_string_equal(text(json_object_get(c, "unit"), "identifier"), "PLACE");
	json_decref(s);
}

static void test_hsds_export_says_what_is_closed(void **state)
{
	(void)state;
	json_t *s = hsds_service(&rig.conf, &item);
	assert_string_equal(text(s, "status"), "active");
	json_decref(s);
	item.answer = SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_NONE;
	s = hsds_service(&rig.conf, &item);
	assert_string_equal(text(s, "status"), "temporarily closed");
	json_decref(s);
	item.answer = 0;
	item.state = SCHAKEL__V1__POOL_STATE__POOL_STATE_PAUSED;
	s = hsds_service(&rig.conf, &item);
	assert_string_equal(text(s, "status"), "temporarily closed");
	json_decref(s);
}

/* A figure that nobody ever gave is no zero. */
static void test_hsds_export_leaves_out_what_nobody_said(void **state)
{
	(void)state;
	item.observed_at_ms = 1;
	json_t *s = hsds_service(&rig.conf, &item);
	assert_int_equal(json_array_size(json_object_get(s, "capacities")), 0);
	assert_null(json_object_get(s, "last_modified"));
	json_decref(s);
	item.partner = (char *)(uintptr_t) "weg";
	assert_null(hsds_service(&rig.conf, &item));
}

/* What we export comes in as what it was. */
static void test_hsds_export_comes_back_as_the_same(void **state)
{
	(void)state;
	item.n_uses = 1;
	json_t *s = hsds_service(&rig.conf, &item);
	char *feed = json_dumps(s, 0);
	assert_int_equal(hsds_rig_map(&rig, feed), SK_OK);
	const struct offer_row *r = &rig.list.row[0];
	assert_int_equal(r->outcome, OFFER_CREATED); /* on a node that has no such pool */
	assert_string_equal(r->partner, "huis-a");
	assert_int_equal(r->put->staffed, 2);
	assert_int_equal(r->put->uses[0]->age_from, 6);
	assert_int_equal(r->put->uses[0]->age_to, 12);
	assert_int_equal(r->put->uses[0]->modality, SCHAKEL__V1__MODALITY__MODALITY_MOBILE);
	assert_int_equal(r->put->uses[0]->n_zones, 1);
	assert_string_equal(r->put->uses[0]->zones[0], "rits");
	hsds_rig_end(&rig);
	free(feed);
	json_decref(s);
}

static void test_hsds_page_is_flat(void **state)
{
	json_t *s = hsds_service(&rig.conf, &item);
	const char *key;
	json_t *v;

	(void)state;
	hsds_flatten(s);
	json_object_foreach (s, key, v) {
		assert_false(json_is_array(v));
	}
	assert_null(json_object_get(json_object_get(s, "organization"), "organization_"
									"identifiers"));
	json_decref(s);
}

static void check_page(const json_t *all, size_t number, size_t here, bool last)
{
	json_t *p = hsds_page(all, number, 2);

	assert_int_equal(json_integer_value(json_object_get(p, "size")), here);
	assert_int_equal(json_array_size(json_object_get(p, "contents")), here);
	assert_int_equal(json_is_true(json_object_get(p, "last_page")), last);
	assert_int_equal(json_is_true(json_object_get(p, "first_page")), number == 1);
	assert_int_equal(json_is_true(json_object_get(p, "empty")), here == 0);
	json_decref(p);
}

static void test_hsds_pages_are_cut_at_their_size(void **state)
{
	json_t *all = json_pack("[i,i,i]", 1, 2, 3);
	json_t *none = json_array();

	(void)state;
	check_page(all, 1, 2, false);
	check_page(all, 2, 1, true);
	check_page(all, 3, 0, true);
	check_page(all, 1000000, 0, true);
	check_page(none, 1, 0, true);
	json_decref(all);
	json_decref(none);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_hsds_export_sums_the_uses),
		TEST(test_hsds_export_says_what_is_closed),
		TEST(test_hsds_export_leaves_out_what_nobody_said),
		TEST(test_hsds_export_comes_back_as_the_same),
		TEST(test_hsds_page_is_flat),
		TEST(test_hsds_pages_are_cut_at_their_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
