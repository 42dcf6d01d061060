/* SPDX-License-Identifier: EUPL-1.2 */
/* The table of commands: each has help with an example that reads as itself, and wrong use is said
 * so, with its exit code, on the right stream. Commands that need no daemon run for real. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "common/capsule.h"
#include "common/conf.h"
#include "services/cli/node.h"

static char *out_text;
static char *err_text;
static char base[] = "/tmp/schakel-command-XXXXXX";
static char node[64];

static void forget(void)
{
	free(out_text);
	free(err_text);
	out_text = NULL;
	err_text = NULL;
}

/* Runs "schakel ..." as one line of words without quotes. @return the exit code. */
static int run(const char *line)
{
	char copy[512];
	char *argv[32] = { "schakel" };
	int argc = 1;
	size_t len;
	char *rest = copy;

	forget();
	(void)snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strsep(&rest, " "); word != NULL && argc < 31;
	     word = strsep(&rest, " ")) {
		if (word[0] != '\0') {
			argv[argc++] = word;
		}
	}
	FILE *out = open_memstream(&out_text, &len);
	FILE *err = open_memstream(&err_text, &len);
	int rc = cli_main(argc, argv, out, err);
	(void)fclose(out);
	(void)fclose(err);
	return rc;
}

static bool says(const char *text, const char *what)
{
	return strstr(text, what) != NULL;
}

/* --- the table --- */

typedef void each_fn(const struct command *cmd);

static void for_each(each_fn *fn)
{
	size_t seen = 0;

	for (size_t g = 0; command_groups[g] != NULL; g++) {
		for (const struct command *cmd = command_groups[g]; cmd->name != NULL; cmd++) {
			fn(cmd);
			seen++;
		}
	}
	assert_true(seen > 40);
}

static void has_everything(const struct command *cmd)
{
	char begins[64];

	(void)snprintf(begins, sizeof(begins), "schakel %s", cmd->name);
	assert_non_null(cmd->run);
	assert_true(cmd->nl[0] != '\0' && cmd->en[0] != '\0');
	assert_string_not_equal(cmd->nl, cmd->en);
	assert_true(strncmp(cmd->example, begins, strlen(begins)) == 0);
	assert_true(cmd->args_min <= cmd->args_max && cmd->args_max <= CLI_ARGS_MAX);
	assert_true(cmd->args_max == 0 || cmd->args[0] != '\0');
	assert_ptr_equal(command_find(cmd->name), cmd);
	size_t n = 0;
	for (const struct option *o = cmd->options; o != NULL && o->name != NULL; o++, n++) {
		assert_true(o->nl[0] != '\0' && o->en[0] != '\0');
	}
	assert_true(n <= CLI_OPTIONS_MAX);
}

static void test_command_every_one_is_complete(void **state)
{
	(void)state;
	for_each(has_everything);
}

static void helps(const struct command *cmd)
{
	char line[128];

	for (int en = 0; en <= 1; en++) {
		(void)snprintf(line, sizeof(line), "%s --help --lang %s", cmd->name,
			       en ? "en" : "nl");
		assert_int_equal(run(line), CLI_DONE);
		assert_true(says(out_text, cmd->example));
		assert_true(says(out_text, en ? cmd->en : cmd->nl));
		assert_true(says(out_text, en ? "Example:" : "Voorbeeld:"));
		assert_string_equal(err_text, "");
	}
}

static void test_command_every_one_helps_with_an_example(void **state)
{
	(void)state;
	for_each(helps);
}

/* An example that the command would not take is worse than none. */
static void example_is_taken(const struct command *cmd)
{
	char line[400];

	/* Words in quotes count as one. */
	const char *from = cmd->example + strlen("schakel ");
	size_t n = 0;
	bool quoted = false;
	for (; *from != '\0' && n + 8 < sizeof(line); from++) {
		quoted = *from == '"' ? !quoted : quoted;
		if (*from != '"') {
			line[n++] = quoted && *from == ' ' ? '_' : *from;
		}
	}
	(void)snprintf(line + n, sizeof(line) - n, " --help");
	assert_int_equal(run(line), CLI_DONE);
	assert_true(says(out_text, cmd->example));
}

static void test_command_every_example_is_taken(void **state)
{
	(void)state;
	for_each(example_is_taken);
}

static void misses_arguments(const struct command *cmd)
{
	if (cmd->args_min > 0) {
		assert_int_equal(run(cmd->name), CLI_USAGE);
		assert_true(says(err_text, cmd->args));
		assert_string_equal(out_text, "");
	}
}

static void test_command_without_its_values_is_usage(void **state)
{
	(void)state;
	for_each(misses_arguments);
}

static void refuses_unknown(const struct command *cmd)
{
	char line[256];
	size_t len = (size_t)snprintf(line, sizeof(line), "%s", cmd->name);

	for (int i = 0; i <= cmd->args_max; i++) {
		len += (size_t)snprintf(line + len, sizeof(line) - len, " x");
	}
	assert_int_equal(run(line), CLI_USAGE);
	(void)snprintf(line, sizeof(line), "%s --nonsense", cmd->name);
	assert_int_equal(run(line), CLI_USAGE);
	assert_true(says(err_text, "--nonsense"));
}

static void test_command_with_too_much_is_usage(void **state)
{
	(void)state;
	for_each(refuses_unknown);
}

static void test_command_unknown_is_usage(void **state)
{
	(void)state;
	assert_int_equal(run("bestaat niet"), CLI_USAGE);
	assert_int_equal(run("request"), CLI_USAGE);
	assert_true(says(err_text, "request submit"));
	assert_int_equal(run(""), CLI_DONE);
	assert_true(says(out_text, "node init"));
	assert_int_equal(run("--help"), CLI_DONE);
	assert_int_equal(run("help --lang en"), CLI_DONE);
	assert_true(says(out_text, "Usage"));
	assert_int_equal(run("request --help"), CLI_DONE);
	assert_false(says(out_text, "node init"));
	assert_int_equal(run("node status --lang fr"), CLI_USAGE);
	assert_int_equal(run("node status --node"), CLI_USAGE);
	assert_int_equal(run("node status --json=1"), CLI_USAGE);
	assert_int_equal(run("--version"), CLI_DONE);
	assert_true(says(out_text, "schakel 0."));
	assert_int_equal(run("--nonsense"), CLI_USAGE);
	assert_true(says(err_text, "schakel --help"));
}

/* An option whose value was forgotten must not take the next option for it. */
static void test_command_option_never_swallows_the_next(void **state)
{
	(void)state;
	assert_int_equal(run("ask answer x CAN --start --as cgg"), CLI_USAGE);
	assert_true(says(err_text, "--start: "));
	assert_int_equal(run("waiting list --zone=--as --help"), CLI_DONE);
}

/* Whatever refuses, a program that asked for JSON gets JSON. */
static void test_command_refusal_is_json_when_asked(void **state)
{
	(void)state;
	assert_int_equal(run("ask list --json --node /nergens"), CLI_USAGE);
	json_t *doc = json_loads(out_text, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(doc, "outcome")), "USAGE");
	assert_true(says(json_string_value(json_object_get(doc, "text")), "SCHAKEL_NODE"));
	json_decref(doc);
	assert_int_equal(run("ask list --node /nergens"), CLI_USAGE);
	assert_string_equal(out_text, "");
}

static void test_command_takes_an_option_in_both_forms(void **state)
{
	(void)state;
	assert_int_equal(run("ask list --lang=en --help"), CLI_DONE);
	assert_true(says(out_text, "Options:"));
	assert_int_equal(run("--lang en ask list --help"), CLI_DONE);
	assert_true(says(out_text, "Options:"));
}

/* --- a node on disk, no daemon --- */

static int with_node(const char *fmt)
{
	char line[512];

	(void)snprintf(line, sizeof(line), fmt, node);
	return run(line);
}

static int setup_node(void **state)
{
	(void)state;
	(void)snprintf(base, sizeof(base), "/tmp/schakel-command-XXXXXX");
	if (mkdtemp(base) == NULL) {
		return -1;
	}
	(void)snprintf(node, sizeof(node), "%s/n", base);
	return with_node("node init %s --demo --name proef") == CLI_DONE ? 0 : -1;
}

static int remove_node(void **state)
{
	(void)state;
	node_remove_tree(base);
	forget();
	return 0;
}

static unsigned mode_of(const char *name)
{
	char path[128];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", node, name);
	return stat(path, &st) == 0 ? st.st_mode & 0777U : 0;
}

static void test_node_init_makes_what_a_daemon_opens(void **state)
{
	static struct conf_problems problems;
	struct conf *conf = NULL;

	(void)state;
	assert_int_equal(conf_load(node, &conf, &problems), SK_OK);
	assert_true(conf->demo);
	assert_string_equal(conf->node, "proef");
	assert_non_null(conf_party(conf, CLI_OPERATOR));
	assert_int_equal(conf_party(conf, CLI_OPERATOR)->roles, ROLE_BIT(OPERATOR));
	conf_free(conf);
	assert_int_equal(mode_of("keys/capsule.secret"), 0600);
	assert_int_equal(mode_of("keys/capsule.public"), 0644);
	assert_int_equal(mode_of("keys/intake.secret"), 0600);
	assert_int_equal(mode_of("data/intake/store.key"), 0600);
	assert_true(mode_of("data/matching/store/data.mdb") != 0);
	assert_true(mode_of("data/waitlist/checkpoint/data.mdb") != 0);
}

/* One key for the three stores: a request has the same short code in every daemon. */
static void test_node_init_shares_the_key_of_short_codes(void **state)
{
	uint8_t key[3][64] = { { 0 } };
	static const char *const names[] = { "intake", "waitlist", "matching" };
	char path[128];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s/data/%s/store.key", node, names[i]);
		FILE *f = fopen(path, "r");
		assert_non_null(f);
		assert_int_equal(fread(key[i], 1, sizeof(key[i]), f), STORE_KEY_LEN);
		(void)fclose(f);
	}
	assert_memory_equal(key[0], key[1], STORE_KEY_LEN);
	assert_memory_equal(key[0], key[2], STORE_KEY_LEN);
}

static void test_node_init_never_overwrites(void **state)
{
	(void)state;
	assert_int_equal(with_node("node init %s"), CLI_REFUSED);
	assert_int_equal(with_node("node init %s/keys"), CLI_REFUSED);
	assert_int_equal(mode_of("keys/intake.secret"), 0600);
	assert_int_equal(with_node("node init %s-x --name Groot"), CLI_USAGE);
	assert_int_not_equal(with_node("node init %s-x --zones nergens.csv"), CLI_DONE);
	/* Nothing is left of what failed. */
	assert_int_equal(with_node("node init %s-x --demo"), CLI_DONE);
}

static void test_partner_is_added_listed_and_removed(void **state)
{
	(void)state;
	assert_int_equal(with_node("partner add clb-x --roles REQUESTER --node %s"), CLI_DONE);
	assert_int_equal(mode_of("keys/clb-x.secret"), 0600);
	assert_int_equal(with_node("partner list --json --node %s"), CLI_DONE);
	assert_true(says(out_text, "\"clb-x\""));
	assert_int_equal(with_node("partner add clb-x --roles REQUESTER --node %s"), CLI_REFUSED);
	assert_int_equal(with_node("partner remove clb-x --node %s"), CLI_DONE);
	assert_int_equal(mode_of("keys/clb-x.secret"), 0);
	assert_int_equal(with_node("partner list --json --node %s"), CLI_DONE);
	assert_false(says(out_text, "\"clb-x\""));
	assert_int_equal(with_node("partner remove clb-x --node %s"), CLI_REFUSED);
}

/* A wrong entry is named with its place, and the file is as it was. */
static void test_partner_with_a_wrong_role_changes_nothing(void **state)
{
	(void)state;
	assert_int_equal(with_node("partner add clb-y --roles BAAS --node %s"), CLI_USAGE);
	assert_true(says(err_text, "--roles"));
	assert_true(says(err_text, "BAAS"));
	assert_true(says(err_text, "FACILITY"));
	assert_int_equal(with_node("partner list --json --node %s"), CLI_DONE);
	assert_false(says(out_text, "clb-y"));
	assert_int_equal(with_node("partner add Hoofdletter --roles REQUESTER --node %s"),
			 CLI_USAGE);
	assert_int_equal(with_node("partner add clb-y --node %s"), CLI_USAGE);
	/* Daemons and operator are needed. */
	assert_int_equal(with_node("partner remove intake --node %s"), CLI_REFUSED);
	assert_int_equal(with_node("partner list --node %s"), CLI_DONE);
}

static void test_daemon_that_is_not_there_is_not_reachable(void **state)
{
	(void)state;
	assert_int_equal(with_node("node status --json --node %s"), CLI_UNREACHABLE);
	assert_true(says(out_text, "\"reachable\": false"));
	assert_true(says(err_text, "intake"));
	assert_int_equal(with_node("node doctor --lang en --node %s"), CLI_REFUSED);
	assert_true(says(out_text, "does not run"));
}

static void test_command_without_a_node_or_party_is_usage(void **state)
{
	(void)state;
	assert_int_equal(run("ask list --node /nergens"), CLI_USAGE);
	assert_int_equal(with_node("ask list --as niemand --node %s"), CLI_USAGE);
	assert_true(says(err_text, "niemand"));
}

/* The demo moves the clock and plays every partner: not on a node that it did not make. */
static void test_demo_refuses_a_node_of_somebody_else(void **state)
{
	(void)state;
	assert_int_equal(with_node("demo %s --quiet"), CLI_REFUSED);
	assert_true(says(err_text, "niet door de demo gemaakt"));
	assert_int_equal(with_node("demo %s --quiet --json"), CLI_REFUSED);
	assert_true(says(out_text, "\"REFUSED\""));
}

static void test_journal_of_a_new_node_is_empty_and_whole(void **state)
{
	(void)state;
	assert_int_equal(with_node("journal inspect intake --json --node %s"), CLI_DONE);
	assert_true(says(out_text, "\"records\": 0"));
	assert_int_equal(with_node("audit verify --node %s"), CLI_DONE);
	assert_true(says(out_text, "GOOD"));
	assert_int_equal(with_node("audit replay --node %s"), CLI_DONE);
	assert_true(says(out_text, "SAME"));
	assert_int_equal(with_node("journal inspect nergens --node %s"), CLI_USAGE);
}

static void flip(const char *name, long at)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s-b/%s", node, name);
	FILE *f = fopen(path, "r+");
	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	int byte = fgetc(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fputc(byte ^ 1, f), byte ^ 1);
	assert_int_equal(fclose(f), 0);
}

static void test_backup_verifies_until_a_byte_changes(void **state)
{
	char line[256];

	(void)state;
	(void)snprintf(line, sizeof(line), "backup %s-b --node %s", node, node);
	assert_int_equal(run(line), CLI_DONE);
	assert_int_equal(run(line), CLI_REFUSED); /* never over another */
	assert_int_equal(with_node("backup verify %s-b"), CLI_DONE);
	assert_int_equal(with_node("journal inspect %s-b"), CLI_USAGE);
	assert_true(says(err_text, "-b/data/intake")); /* how a copy is looked at */
	flip("schakel.ini", 3);
	assert_int_equal(with_node("backup verify %s-b"), CLI_REFUSED);
	assert_true(says(err_text, "schakel.ini"));
	flip("schakel.ini", 3);
	assert_int_equal(with_node("backup verify %s-b"), CLI_DONE);
	flip("data/intake/store.key", 0);
	assert_int_equal(with_node("backup verify %s-b"), CLI_REFUSED);
	assert_int_equal(with_node("backup verify %s-nergens"), CLI_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_command_every_one_is_complete),
		cmocka_unit_test(test_command_every_one_helps_with_an_example),
		cmocka_unit_test(test_command_every_example_is_taken),
		cmocka_unit_test(test_command_without_its_values_is_usage),
		cmocka_unit_test(test_command_with_too_much_is_usage),
		cmocka_unit_test(test_command_unknown_is_usage),
		cmocka_unit_test(test_command_takes_an_option_in_both_forms),
		cmocka_unit_test(test_command_option_never_swallows_the_next),
		cmocka_unit_test(test_command_refusal_is_json_when_asked),
		cmocka_unit_test_setup_teardown(test_node_init_makes_what_a_daemon_opens,
						setup_node, remove_node),
		cmocka_unit_test_setup_teardown(test_node_init_shares_the_key_of_short_codes,
						setup_node, remove_node),
		cmocka_unit_test_setup_teardown(test_node_init_never_overwrites, setup_node,
						remove_node),
		cmocka_unit_test_setup_teardown(test_partner_is_added_listed_and_removed,
						setup_node, remove_node),
		cmocka_unit_test_setup_teardown(test_partner_with_a_wrong_role_changes_nothing,
						setup_node, remove_node),
		cmocka_unit_test_setup_teardown(test_daemon_that_is_not_there_is_not_reachable,
						setup_node, remove_node),
		cmocka_unit_test_setup_teardown(test_command_without_a_node_or_party_is_usage,
						setup_node, remove_node),
		cmocka_unit_test_setup_teardown(test_demo_refuses_a_node_of_somebody_else,
						setup_node, remove_node),
		cmocka_unit_test_setup_teardown(test_journal_of_a_new_node_is_empty_and_whole,
						setup_node, remove_node),
		cmocka_unit_test_setup_teardown(test_backup_verifies_until_a_byte_changes,
						setup_node, remove_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
