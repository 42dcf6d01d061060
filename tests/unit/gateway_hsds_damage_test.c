/* SPDX-License-Identifier: EUPL-1.2 */
/* Every published example, whole and damaged in every place: each element taken away and replaced
 * by each wrong kind. Whatever comes out is either a refusal that names a field, or rows that a
 * daemon can take; nothing else may happen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hsds_rig.h"

static struct hsds_rig rig;
static size_t refused;
static size_t taken;

static int setup(void **state)
{
	(void)state;
	/* The organisation of the examples is ours, and what it does means something. */
	hsds_rig_open(&rig, "kind,term,means\npartner,Example Organization Inc.,huis-a\n"
			    "expertise,name,TRAUMA\nzone,extent,westhoek\n");
	refused = 0;
	taken = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	hsds_rig_done(&rig);
	return 0;
}

/* @return false when the whole is refused. */
static bool map(const char *text)
{
	rig.error = (struct file_error){ 0 };
	int err = hsds_rig_map(&rig, text);
	if (err != SK_OK) {
		assert_int_equal(err, SK_EPROTO);
		assert_true(rig.error.nl[0] != '\0' && rig.error.en[0] != '\0');
		refused++;
		return false;
	}
	hsds_rig_check(&rig);
	bool good = offer_count(&rig.list, OFFER_REFUSED) == 0;
	json_t *report = good ? offer_report(&rig.list, true) :
				offer_problem(&rig.list, "/hsds/import", LANG_NL);
	assert_non_null(report);
	json_decref(report);
	hsds_rig_end(&rig);
	refused += !good;
	taken += good;
	return good;
}

static json_t *root;

static void map_root(void)
{
	char *text = json_dumps(root, JSON_ENCODE_ANY);

	assert_non_null(text);
	(void)map(text);
	free(text);
}

static json_t *wrong_kind(size_t i)
{
	switch (i) {
	case 0:
		return json_null();
	case 1:
		return json_true();
	case 2:
		return json_integer(-1);
	case 3:
		return json_integer(INT64_MAX);
	case 4:
		return json_real(1.5);
	case 5:
		return json_string("");
	case 6:
		return json_string("\xc3\xa9\xe2\x82\xac \" \\ %s");
	case 7:
		return json_array();
	case 8:
		return json_pack("[[]]");
	case 9:
		return json_object();
	default:
		return NULL;
	}
}

static void damage_object(json_t *at);

static void damage_inside(json_t *v)
{
	json_t *row;
	size_t i;

	if (json_is_object(v)) {
		damage_object(v);
		return;
	}
	json_array_foreach (v, i, row) {
		damage_inside(row);
	}
	for (i = 0; json_is_array(v) && json_array_size(v) > 0 && i <= 9; i++) {
		json_t *old = json_incref(json_array_get(v, 0));
		(void)json_array_set_new(v, 0, wrong_kind(i));
		map_root();
		(void)json_array_set_new(v, 0, old);
	}
}

static void damage_object(json_t *at)
{
	json_t *whole = json_copy(at);
	const char *key;
	json_t *v;

	json_object_foreach (whole, key, v) {
		damage_inside(v);
		(void)json_object_del(at, key);
		map_root();
		for (size_t i = 0; i <= 9; i++) {
			(void)json_object_set_new(at, key, wrong_kind(i));
			map_root();
		}
		(void)json_object_set(at, key, v);
	}
	json_decref(whole);
}

static void damage_example(const char *path)
{
	root = json_loads(hsds_rig_file(path), 0, NULL);
	assert_non_null(root);
	damage_inside(root);
	json_decref(root);
}

static void test_hsds_examples_are_taken_or_say_why_not(void **state)
{
	static const struct {
		const char *path;
		bool good;
	} examples[] = {
		{ "examples/service_full.json", true },
		{ "examples/service_list.json", true },
		{ "examples/service_at_location_full.json", true },
		{ "examples/service_at_location_list.json", true },
		{ "examples/organization_full.json", true },
		{ "examples/tabular.json", true },
		{ "examples/organization_list.json", false },
		{ "examples/base.json", false },
		{ "examples/location.json", false },
		{ "examples/taxonomy.json", false },
		{ "examples/taxonomy_list.json", false },
		{ "examples/taxonomy_term.json", false },
		{ "examples/taxonomy_term_list.json", false },
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(examples); i++) {
		bool good = map(hsds_rig_file(examples[i].path));
		if (good != examples[i].good) {
			fail_msg("%s: %s", examples[i].path, rig.error.en);
		}
	}
}

/* The whole example makes one pool, and its 12 of 10 is said. */
static void test_hsds_full_example_makes_a_pool(void **state)
{
	(void)state;
	assert_int_equal(hsds_rig_map(&rig, hsds_rig_file("examples/service_full.json")), SK_OK);
	assert_int_equal(rig.list.row[0].outcome, OFFER_CREATED);
	assert_string_equal(rig.list.row[0].partner, "huis-a");
	assert_int_equal(rig.list.row[0].put->staffed, 12);
	assert_int_equal(rig.list.row[0].put->uses[0]->age_from, 12);
	assert_int_equal(rig.list.row[0].put->uses[0]->age_to, 25);
	assert_non_null(strstr(rig.list.row[0].nl, "meer vrij dan"));
	hsds_rig_end(&rig);
}

static void test_hsds_damaged_nested_feed_is_refused_or_right(void **state)
{
	(void)state;
	damage_example("examples/service_full.json");
	assert_true(refused > 100 && taken > 1000);
}

static void test_hsds_damaged_page_is_refused_or_right(void **state)
{
	(void)state;
	damage_example("examples/service_at_location_list.json");
	damage_example("examples/organization_list.json");
	assert_true(refused > 100 && taken > 100);
}

static void test_hsds_damaged_tables_are_refused_or_right(void **state)
{
	(void)state;
	damage_example("examples/tabular.json");
	assert_true(refused > 50 && taken > 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_hsds_examples_are_taken_or_say_why_not),
		TEST(test_hsds_full_example_makes_a_pool),
		TEST(test_hsds_damaged_nested_feed_is_refused_or_right),
		TEST(test_hsds_damaged_page_is_refused_or_right),
		TEST(test_hsds_damaged_tables_are_refused_or_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
