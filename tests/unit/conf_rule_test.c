/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/conf.h"
#include "tests/unit/node_rig.h"

static struct node_rig rig;
static struct conf_problems problems;

static int set_up(void **state)
{
	(void)state;
	node_rig_init(&rig);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	node_rig_done(&rig);
	return 0;
}

/* Loads and forgets; problems stay. */
static int load(void)
{
	struct conf *c = NULL;
	int err = conf_load(rig.dir, &c, &problems);
	conf_free(c);
	return err;
}

static int load_with(const char *section, const char *key, const char *value)
{
	struct node_rig_line line = { section, key, value };
	node_rig_write(&rig, &line);
	return load();
}

static void expect_problem(const char *section, const char *key, const char *value,
			   const char *text)
{
	int err = load_with(section, key, value);
	if (err != SK_ECONF || strstr(problems.text, text) == NULL) {
		print_error("[%s] %s = %s: err %d, wanted \"%s\", got:\n%s", section, key,
			    value == NULL ? "(none)" : value, err, text, problems.text);
	}
	assert_int_equal(err, SK_ECONF);
	assert_non_null(strstr(problems.text, text));
}

/* Every setting at its limits is taken, one past them is refused by its name. */
static void test_conf_setting_one_past_its_limit_is_refused(void **state)
{
	(void)state;
	for (int i = 0; i < SETTING_COUNT; i++) {
		const struct setting_spec *s = &setting_spec[i];
		char value[32];
		char wanted[128];
		(void)snprintf(wanted, sizeof(wanted), "[settings] %s \"", s->key);
		(void)snprintf(value, sizeof(value), "%llu", (unsigned long long)s->max + 1);
		expect_problem("settings", s->key, value, wanted);
		if (s->min > 0) {
			(void)snprintf(value, sizeof(value), "%llu",
				       (unsigned long long)s->min - 1);
			expect_problem("settings", s->key, value, wanted);
		}
		(void)snprintf(value, sizeof(value), "%llu", (unsigned long long)s->max);
		(void)load_with("settings", s->key, value);
		assert_null(strstr(problems.text, wanted));
		(void)snprintf(value, sizeof(value), "%llu", (unsigned long long)s->min);
		(void)load_with("settings", s->key, value);
		assert_null(strstr(problems.text, wanted));
	}
}

static void test_conf_store_bound_one_past_its_limit_is_refused(void **state)
{
	static const struct {
		const char *key;
		const char *below;
		const char *min;
		const char *max;
		const char *above;
	} bounds[] = {
		{ "map_bytes", "67108863", "67108864", "1099511627776", "1099511627777" },
		{ "segment_bytes", "1048575", "1048576", "1073741824", "1073741825" },
		{ "disk_reserve_bytes", "1048575", "1048576", "1099511627776", "1099511627777" },
		{ "commit_records", "0", "1", "1048576", "1048577" },
		{ "commit_bytes", "4095", "4096", "67108864", "67108865" },
		{ "commit_ms", "0", "1", "10000", "10001" },
		{ "commit_idle_ms", "0", "1", "1000", "1001" },
		{ "keep_segments_days", "0", "1", "3650", "3651" },
		{ "checkpoint_days", "0", "1", "90", "91" },
	};
	(void)state;
	for (size_t i = 0; i < SK_LEN(bounds); i++) {
		char wanted[128];
		(void)snprintf(wanted, sizeof(wanted), "[store] %s \"", bounds[i].key);
		expect_problem("store", bounds[i].key, bounds[i].below, wanted);
		expect_problem("store", bounds[i].key, bounds[i].above, wanted);
		(void)load_with("store", bounds[i].key, bounds[i].min);
		assert_null(strstr(problems.text, wanted));
		(void)load_with("store", bounds[i].key, bounds[i].max);
		assert_null(strstr(problems.text, wanted));
	}
}

static const struct {
	const char *section;
	const char *key;
	const char *value;
	const char *text;
} rules[] = {
	{ "node", "name", NULL, "schakel.ini: [node] name is missing; add it" },
	{ "node", "name", "Test", "schakel.ini:3: [node] name \"Test\" must be 1 to 31" },
	{ "node", "name", "a234567890123456789012345678901x", "[node] name \"a2345" },
	{ "node", "language", "fr", "[node] language \"fr\" must be nl or en" },
	{ "node", "demo", "true", "[node] demo \"true\" must be yes or no" },
	{ "node", "curve", "none", "[node] curve \"none\" must be on or off" },
	{ "node", "colour", "red", "schakel.ini:5: [node] colour is no key" },
	{ "nodes", "name", "x", "[nodes] is no section of this file" },
	{ "zone.Noord", "name", "x", "[zone.Noord] must be named with" },
	{ "zone.@x", "name", "x", "[zone.@x] must be named with" },
	{ "zone.zuid", "name", "Zuid", "[zone.zuid] contact_party is missing" },
	{ "zone.noord", "contact_party", "nobody", "\"nobody\" is no party; add it" },
	{ "zone.noord", "stand_in_party", "duty", "must be another party than" },
	{ "zone.noord", "network_party", "x y", "[zone.noord] network_party \"x y\" must" },
	{ "settings", "ask_opening_day", "7", "[settings] ask_opening_day is no setting" },
	{ "settings", "ask_reminder_opening_days", "7", "must be less than ask_opening" },
	{ "settings", "asks_at_once", "3.0", "[settings] asks_at_once \"3.0\" must be" },
	{ "settings", "asks_at_once", "-1", "[settings] asks_at_once \"-1\" must be" },
	{ "settings", "cost_km", "18446744073709551617", "[settings] cost_km \"184" },
	{ "store", "segment_bytes", "1048577", "segment_bytes must be a multiple" },
	{ "store", "map_bytes", "67108865", "map_bytes must be a multiple" },
	{ "store", "disk_reserve_bytes", "1048576 ", "" },
	{ "holidays", "2026", "20260230", "[holidays] 2026 \"20260230\" must be" },
	{ "holidays", "2026", "20270101", "[holidays] 2026 \"20270101\" must be" },
	{ "holidays", "2026", "20260101 20260101", "20260101 is given twice" },
	{ "holidays", "26", "20260101", "[holidays] 26 \"20260101\" must be" },
	{ "intake", "bind", "tcp://*:5000", "[intake] bind \"tcp://*:5000\" must be" },
	{ "intake", "bind", "tcp://127.0.0.1:0", "[intake] bind \"tcp://127.0.0.1:0\"" },
	{ "intake", "bind", "tcp://127.0.0.1:65536", "[intake] bind" },
	{ "intake", "bind", "inproc://x", "[intake] bind \"inproc://x\" must be" },
	{ "intake", "bind", "ipc://run/waitlist.sock", "is also that of [intake]" },
	{ "intake", "dir", "data/waitlist", "is also that of [intake]" },
	{ "gateway", "bind", "127.0.0.1:8471", "is also that of bind" },
	{ "party.duty", "key", "tooshort", "[party.duty] key \"tooshort\" must be" },
	{ "party.duty", "key", NULL, "[party.duty] key is missing; add it" },
	{ "party.duty", "roles", "CONTACT", "[party.duty] roles \"CONTACT\" must be" },
	{ "party.duty", "roles", "UNSPECIFIED", "[party.duty] roles" },
	{ "party.duty", "roles", "DAEMON", "roles DAEMON is for intake" },
	{ "party.intake", "roles", "DAEMON FACILITY", "roles DAEMON is for intake" },
	{ "party.waitlist", "roles", "FACILITY", "[party.waitlist] with roles = DAEMON" },
	{ "party.duty", "zones", "zuid", "zones \"zuid\" is no zone" },
	{ "party.duty", "opening_days", "8", "[party.duty] opening_days \"8\" must be" },
	{ "party.duty", "opening_days", "11", "opening_days \"11\" must be" },
	{ "party.duty", "name", "\xff", "[party.duty] name" },
	{ "party.duty", "name", "\xc0\xaf", "[party.duty] name" },
	{ "party.duty", "on_call", "1", "[party.duty] on_call \"1\" must be yes or no" },
	{ "group.x", "name", "x", "[group.x] is no section of this file" },
};

/* Each row breaks one rule; the text names file, section and key, and what to do. */
static void test_conf_broken_rule_names_its_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < SK_LEN(rules); i++) {
		if (rules[i].text[0] == '\0') {
			/* Blanks behind a value are no part of it. */
			assert_int_equal(load_with(rules[i].section, rules[i].key, rules[i].value),
					 SK_OK);
			continue;
		}
		expect_problem(rules[i].section, rules[i].key, rules[i].value, rules[i].text);
	}
}

/* Without CURVE anybody may claim to be any party: measurements only. */
static void test_conf_curve_off_outside_a_demo_is_refused(void **state)
{
	static const char *const bad[] = {
		"[node]\nname = n\ndemo = no\ncurve = off\n",
		"[node]\nname = n\ndemo = yes\ncurve = off\n[intake]\nbind = "
		"tcp://127.0.0.1:5000\n",
	};
	(void)state;
	assert_int_equal(load_with("node", "curve", "off"), SK_OK);
	for (size_t i = 0; i < SK_LEN(bad); i++) {
		node_rig_file(&rig, "schakel.ini", bad[i]);
		assert_int_equal(load(), SK_ECONF);
		assert_non_null(strstr(problems.text, "[node] curve = off is for measurements"));
	}
}

static void test_conf_text_that_is_no_ini_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text;
		const char *wanted;
	} rows[] = {
		{ "[node]\nname = n\nthis is nothing\n", "schakel.ini:3: this is no [section]" },
		{ "[node\nname = n\n", "schakel.ini:1: this is no [section]" },
		{ "name = n\n[node]\nname = n\n", "schakel.ini:1: name stands before any" },
		{ "[node]\nname = n\n  more = n\n", "schakel.ini:3: the line begins with a blank" },
		{ "[node]\nname = n\nname = m\n", "schakel.ini:3: [node] name is given twice" },
		{ "[settings]\nasks_at_once = 1\nasks_at_once = 2\n", "asks_at_once is given "
								      "twice" },
		{ "[zone.a]\n[zone.a]\n", "schakel.ini:2: [zone.a] is given twice" },
		{ "[zone.a]\n", "schakel.ini:1: [zone.a] name is missing" },
		{ "[strange]\n", "schakel.ini:1: [strange] is no section of this file" },
	};
	(void)state;
	for (size_t i = 0; i < SK_LEN(rows); i++) {
		node_rig_file(&rig, "schakel.ini", rows[i].text);
		assert_int_equal(load(), SK_ECONF);
		if (strstr(problems.text, rows[i].wanted) == NULL) {
			print_error("wanted %s, got:\n%s", rows[i].wanted, problems.text);
		}
		assert_non_null(strstr(problems.text, rows[i].wanted));
	}
}

static void test_conf_line_at_and_past_its_length(void **state)
{
	(void)state;
	char text[512] = "[node]\nname = n\n#";
	size_t used = strlen(text);
	memset(text + used, 'x', 197);
	assert_int_equal(198, strlen(strrchr(text, '\n') + 1));
	node_rig_write(&rig, NULL);
	node_rig_file(&rig, "schakel.ini", text);
	(void)load();
	assert_null(strstr(problems.text, "longer than"));
	(void)strncat(text, "x", 2);
	node_rig_file(&rig, "schakel.ini", text);
	assert_int_equal(load(), SK_ECONF);
	assert_non_null(strstr(problems.text, "schakel.ini:3: the line is longer than 198 bytes"));
}

static void test_conf_zone_count_at_and_past_its_bound(void **state)
{
	(void)state;
	char *text = NULL;
	size_t len = 0;
	for (int n = CONF_ZONES_MAX; n <= CONF_ZONES_MAX + 1; n++) {
		FILE *out = open_memstream(&text, &len);
		assert_non_null(out);
		(void)fputs("[node]\nname = n\n[zone.noord]\n", out);
		for (int i = 0; i < n; i++) {
			if (i > 0) {
				(void)fprintf(out, "[zone.z%d]\n", i);
			}
			(void)fputs("name = Z\ncontact_party = duty\nstand_in_party = second\n"
				    "network_party = duty\nregion = demo\n",
				    out);
		}
		(void)fclose(out);
		node_rig_file(&rig, "schakel.ini", text);
		free(text);
		assert_int_equal(load(), n == CONF_ZONES_MAX ? SK_OK : SK_ECONF);
	}
	assert_non_null(strstr(problems.text, "is one more than 64 zones"));
}

static void test_conf_bad_code_list_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text;
		const char *wanted;
	} rows[] = {
		{ "number,code,label_nl\n1,A,b\n", "codes.csv:1: the first line must name" },
		{ "number,code,label_nl,label_en\n65,A,b,c\n", "codes.csv:2: number must be 1" },
		{ "number,code,label_nl,label_en\n0,A,b,c\n", "codes.csv:2: number must be 1" },
		{ "number,code,label_nl,label_en\n1,a,b,c\n", "codes.csv:2: number must be 1" },
		{ "number,code,label_nl,label_en\n1,A,b\n", "codes.csv:2: number must be 1" },
		{ "number,code,label_nl,label_en\n1,A,\"b,c\n", "codes.csv:2: number must be 1" },
		{ "number,code,label_nl,label_en\n1,A,b,c\n1,B,b,c\n", "codes.csv:3: number 1 or" },
		{ "number,code,label_nl,label_en\n1,A,b,c\n2,A,b,c\n", "code A is given twice" },
	};
	(void)state;
	for (size_t i = 0; i < SK_LEN(rows); i++) {
		node_rig_file(&rig, "codes.csv", rows[i].text);
		assert_int_equal(load(), SK_ECONF);
		assert_non_null(strstr(problems.text, rows[i].wanted));
	}
	node_rig_file(&rig, "codes.csv", "number,code,label_nl,label_en\n64,A,b,c\n");
	assert_int_equal(load(), SK_OK);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_conf_setting_one_past_its_limit_is_refused),
		T(test_conf_store_bound_one_past_its_limit_is_refused),
		T(test_conf_broken_rule_names_its_field),
		T(test_conf_curve_off_outside_a_demo_is_refused),
		T(test_conf_text_that_is_no_ini_is_refused_with_its_line),
		T(test_conf_line_at_and_past_its_length),
		T(test_conf_zone_count_at_and_past_its_bound),
		T(test_conf_bad_code_list_is_refused_with_its_line),
	};
#undef T
	return cmocka_run_group_tests(tests, NULL, NULL);
}
