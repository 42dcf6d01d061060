/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "common/conf.h"
#include "common/confidx.h"
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

static void test_conf_good_file_loads(void **state)
{
	(void)state;
	struct conf *c = NULL;
	assert_int_equal(conf_load(rig.dir, &c, &problems), SK_OK);
	assert_string_equal(problems.text, "");
	assert_string_equal(c->node, "testregio");
	assert_true(c->curve && c->demo);
	assert_int_equal(c->store.commit_records, 1024);
	assert_int_equal(c->settings[SETTING_ASK_TTL], 7);
	assert_int_equal(c->settings[SETTING_TEAM_MAX], 5);
	assert_int_equal(c->holidays_len, 2);
	assert_int_equal(c->codes_len, 2);
	assert_string_equal(c->codes[1].label_nl, "gedrag, \"moeilijk\"");
	const struct conf_party *p = conf_party(c, "duty");
	assert_non_null(p);
	assert_int_equal(p->roles, ROLE_BIT(CONTACT_POINT) | ROLE_BIT(REQUESTER));
	assert_int_equal(p->opening_days, 0x7f);
	assert_ptr_equal(conf_party_by_key(c, p->key), p);
	assert_int_equal(conf_party(c, "second")->opening_days, 0x1f);
	assert_string_equal(p->organisation, "duty");
	assert_null(conf_party(c, "nobody"));
	assert_non_null(strstr(conf_daemon(c, "matching")->bind, "/run/matching.sock"));
	assert_null(conf_daemon(c, "gateway"));
	conf_free(c);
}

static void test_conf_packed_is_what_cores_read(void **state)
{
	(void)state;
	struct conf *c = NULL;
	struct config_index *ci = NULL;
	assert_int_equal(conf_load(rig.dir, &c, &problems), SK_OK);
	assert_int_equal(config_index_new(conf_packed(c), &ci), SK_OK);
	assert_string_equal(config_zone(ci, "noord")->stand_in_party, "second");
	assert_int_equal(config_party(ci, "duty")->n_roles, 2);
	assert_string_equal(config_expertise(ci, 2)->label_en, "behaviour");
	assert_int_equal(config_setting(ci, SETTING_ASK_TTL), 7);
	assert_int_equal(config_message(ci)->holidays[1], 20261224);
	assert_int_equal(config_message(ci)->n_settings, SETTING_COUNT);
	config_index_free(ci);
	conf_free(c);
}

/* The same content in another order is no change: no input, no restart. */
static void test_conf_order_of_sections_means_nothing(void **state)
{
	(void)state;
	struct conf *a = NULL;
	struct conf *b = NULL;
	static const char zones[2][200] = {
		"[zone.a]\nname = A\ncontact_party = duty\nstand_in_party = second\n"
		"network_party = duty\nregion = demo\n",
		"[zone.noord]\nname = N\ncontact_party = duty\nstand_in_party = second\n"
		"network_party = duty\nregion = demo\n",
	};
	char text[1024];
	(void)snprintf(text, sizeof(text), "[node]\nname = n\n%s%s", zones[0], zones[1]);
	node_rig_file(&rig, "schakel.ini", text);
	assert_int_equal(conf_load(rig.dir, &a, &problems), SK_OK);
	(void)snprintf(text, sizeof(text), "; a comment\n%s# more\n%s\n[node]\nname = n\n",
		       zones[1], zones[0]);
	node_rig_file(&rig, "schakel.ini", text);
	assert_int_equal(conf_load(rig.dir, &b, &problems), SK_OK);
	assert_int_equal(a->packed_len, b->packed_len);
	assert_memory_equal(a->packed, b->packed, a->packed_len);
	assert_null(conf_needs_restart(a, b));
	conf_free(a);
	conf_free(b);
}

static void test_conf_key_of_two_parties_is_refused(void **state)
{
	(void)state;
	struct conf *c = NULL;
	assert_int_equal(conf_load(rig.dir, &c, &problems), SK_OK);
	char key[CONF_KEY_LEN + 1];
	(void)snprintf(key, sizeof(key), "%s", conf_party(c, "duty")->key);
	conf_free(c);
	expect_problem("party.second", "key", key,
		       "[party.second] key is also the key of [party.duty]");
}

static void test_conf_missing_files_are_named(void **state)
{
	char path[NODE_RIG_PATH_MAX];
	(void)state;
	node_rig_path(&rig, "codes.csv", path);
	assert_int_equal(remove(path), 0);
	assert_int_equal(load(), SK_ECONF);
	assert_non_null(strstr(problems.text, "codes.csv: cannot be read"));
	node_rig_path(&rig, "parties.ini", path);
	assert_int_equal(remove(path), 0);
	assert_int_equal(load(), SK_ECONF);
	assert_non_null(strstr(problems.text, "parties.ini: cannot be read"));
	struct conf *c = NULL;
	node_rig_path(&rig, "elsewhere", path);
	assert_int_equal(conf_load(path, &c, &problems), SK_ECONF);
	assert_non_null(strstr(problems.text, "schakel node init"));
}

/* What --print-config prints is itself a configuration, with the same content. */
static void test_conf_printed_is_read_back_the_same(void **state)
{
	(void)state;
	struct conf *a = NULL;
	struct conf *b = NULL;
	char *text = NULL;
	size_t len = 0;
	assert_int_equal(conf_load(rig.dir, &a, &problems), SK_OK);
	FILE *out = open_memstream(&text, &len);
	assert_non_null(out);
	conf_print(a, out);
	(void)fclose(out);
	assert_null(strstr(text, "secret"));
	char *parties = strstr(text + 1, "\n# ");
	assert_non_null(parties);
	*parties = '\0';
	node_rig_file(&rig, "schakel.ini", text);
	node_rig_file(&rig, "parties.ini", parties + 1);
	int err = conf_load(rig.dir, &b, &problems);
	assert_string_equal(problems.text, "");
	assert_int_equal(err, SK_OK);
	assert_int_equal(a->packed_len, b->packed_len);
	assert_memory_equal(a->packed, b->packed, a->packed_len);
	assert_null(conf_needs_restart(a, b));
	free(text);
	conf_free(a);
	conf_free(b);
}

static void test_conf_needs_restart_names_what_differs(void **state)
{
	static const struct {
		const char *section;
		const char *key;
		const char *value;
		const char *wanted;
	} rows[] = {
		{ "node", "name", "other", "[node] name" },
		{ "store", "commit_ms", "9", "[store]" },
		{ "intake", "dir", "elsewhere", "bind or dir of a daemon" },
		{ "settings", "asks_at_once", "2", NULL },
		{ "party.duty", "name", "Other", NULL },
	};
	(void)state;
	struct conf *a = NULL;
	assert_int_equal(conf_load(rig.dir, &a, &problems), SK_OK);
	for (size_t i = 0; i < SK_LEN(rows); i++) {
		struct conf *b = NULL;
		struct node_rig_line line = { rows[i].section, rows[i].key, rows[i].value };
		node_rig_write(&rig, &line);
		assert_int_equal(conf_load(rig.dir, &b, &problems), SK_OK);
		const char *what = conf_needs_restart(a, b);
		if (rows[i].wanted == NULL) {
			assert_null(what);
		} else {
			assert_non_null(what);
			assert_string_equal(what, rows[i].wanted);
		}
		conf_free(b);
	}
	conf_free(a);
}

static void test_conf_secret_that_others_may_read_is_refused(void **state)
{
	char path[NODE_RIG_PATH_MAX];
	struct conf_secret *s = NULL;
	(void)state;
	node_rig_path(&rig, "keys/duty.secret", path);
	assert_int_equal(conf_secret_read(path, &s), SK_OK);
	assert_true(conf_key_is_valid(s->public_key));
	conf_secret_free(s);
	assert_int_equal(conf_secret_create(path, &s), SK_ESTATE);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(conf_secret_read(path, &s), SK_EAUTH);
	node_rig_path(&rig, "keys/none.secret", path);
	assert_int_equal(conf_secret_read(path, &s), SK_ENOENT);
	node_rig_file(&rig, "keys/none.secret", "public = x\nsecret = y\n");
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(conf_secret_read(path, &s), SK_ECORRUPT);
}

/* A pair whose halves belong to two pairs would lock the party out later, without a reason. */
static void test_conf_secret_of_two_pairs_is_refused(void **state)
{
	char path[NODE_RIG_PATH_MAX];
	char text[256];
	struct conf_secret *a = NULL;
	struct conf_secret *b = NULL;
	struct conf_secret *mixed = NULL;
	(void)state;
	node_rig_path(&rig, "keys/duty.secret", path);
	assert_int_equal(conf_secret_read(path, &a), SK_OK);
	node_rig_path(&rig, "keys/second.secret", path);
	assert_int_equal(conf_secret_read(path, &b), SK_OK);
	(void)snprintf(text, sizeof(text), "public = %s\nsecret = %s\n", a->public_key,
		       b->secret_key);
	node_rig_file(&rig, "keys/second.secret", text);
	assert_int_equal(conf_secret_read(path, &mixed), SK_ECORRUPT);
	conf_secret_free(a);
	conf_secret_free(b);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_conf_good_file_loads),
		T(test_conf_packed_is_what_cores_read),
		T(test_conf_order_of_sections_means_nothing),
		T(test_conf_key_of_two_parties_is_refused),
		T(test_conf_missing_files_are_named),
		T(test_conf_printed_is_read_back_the_same),
		T(test_conf_needs_restart_names_what_differs),
		T(test_conf_secret_that_others_may_read_is_refused),
		T(test_conf_secret_of_two_pairs_is_refused),
	};
#undef T
	return cmocka_run_group_tests(tests, NULL, NULL);
}
