/* SPDX-License-Identifier: EUPL-1.2 */
/* The commands of the lab: what they print, how they end, and that published formats keep their
 * optimum on the way into its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "services/cli/lab.h"

#define HEAD "schakel-lab 1\n"
#define BASE                                                    \
	HEAD "partner p cost 4\npartner q cost 3\n"             \
	     "offer a partner p hours 4 cost 1 expertise X,Y\n" \
	     "offer b partner q hours 6 expertise Y\n"          \
	     "need m hours 3 expertise X\nneed n hours 2 expertise Y\n"

static char *out_text;
static char *err_text;
static char path[] = "/tmp/schakel-lab-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	int fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
	(void)state;
	free(out_text);
	free(err_text);
	return unlink(path);
}

/* @p words: "schakel" and what follows, FILE for the file that holds @p text. @return exit code. */
static int run(const char *words, const char *text)
{
	char copy[200];
	char *argv[16] = { 0 };
	char *rest = copy;
	int argc = 0;
	size_t len;

	FILE *f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(0, fclose(f));
	(void)snprintf(copy, sizeof(copy), "schakel %s", words);
	for (char *word = strsep(&rest, " "); word != NULL; word = strsep(&rest, " ")) {
		argv[argc++] = strcmp(word, "FILE") == 0 ? path : word;
	}
	free(out_text);
	free(err_text);
	FILE *out = open_memstream(&out_text, &len);
	FILE *err = open_memstream(&err_text, &len);
	int rc = cli_main(argc, argv, out, err);
	(void)fclose(out);
	(void)fclose(err);
	return rc;
}

static void assert_says(const char *text, const char *what)
{
	if (strstr(text, what) == NULL) {
		print_error("\"%s\" is not in:\n%s\n", what, text);
		fail();
	}
}

/* --- the command --- */

static void test_lab_compose_says_its_answer_in_facts(void **state)
{
	(void)state;
	assert_int_equal(CLI_DONE, run("lab compose FILE", BASE));
	assert_says(out_text, "objective 8\nbound 8\nproven\ncovered 2 of 2\ncost 8\n"
			      "seat m a p cost 0 hours 3\nseat n b q cost 0 hours 2\npartners 2\n"
			      "digest ");
	assert_int_equal(CLI_DONE, run("lab compose FILE", BASE "team_max 1\n"));
	assert_says(out_text, "open n team-limit\n");
	assert_int_equal(CLI_DONE, run("lab compose FILE --json", BASE "forbid m a\n"));
	assert_says(out_text, "\"reason\": \"no-pair\"");
}

/* More needs than the exact composer takes: the same answer as by hand, with its proof, whatever
 * the order of the lines. Fourteen needs of an hour; p has room for ten at 2 each and costs 5. */
static void test_lab_compose_takes_many_needs(void **state)
{
	char text[2000];
	char turned[2000];
	char digest[2][64];
	size_t at = 0;
	size_t to = 0;

	(void)state;
	at += (size_t)snprintf(text, sizeof(text),
			       HEAD "partner p cost 5\npartner q cost 9\n"
				    "offer a partner p hours 10\noffer b partner q hours 9\n");
	to += (size_t)snprintf(turned, sizeof(turned),
			       HEAD "partner q cost 9\npartner p cost 5\n"
				    "offer b partner q hours 9\noffer a partner p hours 10\n");
	for (int i = 0; i < 14; i++) {
		at += (size_t)snprintf(text + at, sizeof(text) - at, "need n%02d hours 1\n", i);
		to += (size_t)snprintf(turned + to, sizeof(turned) - to, "need n%02d hours 1\n", i);
	}
	for (int i = 0; i < 14; i++) {
		at += (size_t)snprintf(text + at, sizeof(text) - at,
				       "pair n%02d a cost 2\npair n%02d b cost 3\n", i, i);
		to += (size_t)snprintf(turned + to, sizeof(turned) - to,
				       "pair n%02d b cost 3\npair n%02d a cost 2\n", 13 - i,
				       13 - i);
	}
	assert_int_equal(CLI_DONE, run("lab compose FILE", text));
	assert_says(out_text, "objective 46\nbound 46\nproven\ncovered 14 of 14\ncost 46\n");
	assert_int_equal(1, sscanf(strstr(out_text, "digest "), "digest %63s", digest[0]));
	assert_int_equal(CLI_DONE, run("lab compose FILE", turned));
	assert_int_equal(1, sscanf(strstr(out_text, "digest "), "digest %63s", digest[1]));
	assert_string_equal(digest[0], digest[1]);
	(void)snprintf(text + at, sizeof(text) - at, "team_max 1\n");
	assert_int_equal(CLI_DONE, run("lab compose FILE", text));
	assert_says(out_text, "proven\ncovered 10 of 14\n");
	assert_says(out_text, "open n10 team-limit\n");
	(void)snprintf(text + at, sizeof(text) - at,
		       "apart n00 n01\napart n00 n02\napart n02 n01\n");
	assert_int_equal(CLI_DONE, run("lab compose FILE", text));
	assert_says(out_text, "proven\ncovered 13 of 14\n");
	assert_says(out_text, "open n02 rule\n");
}

/* The order in which partners and offers stand in the file decides nothing. */
static void test_lab_compose_order_of_the_file_changes_nothing(void **state)
{
	static const char one[] = HEAD "partner p\npartner q\noffer b partner q hours 2\n"
				       "offer a partner p hours 2\nneed n hours 2\n"
				       "pair n b cost 3\npair n a cost 3\n";
	static const char two[] = HEAD "partner q\npartner p\noffer a partner p hours 2\n"
				       "offer b partner q hours 2\nneed n hours 2\n"
				       "pair n a cost 3\npair n b cost 3\n";
	char *first;

	(void)state;
	assert_int_equal(CLI_DONE, run("lab compose FILE", one));
	first = strndup(out_text, strcspn(out_text, "t"));
	assert_int_equal(CLI_DONE, run("lab compose FILE", two));
	assert_says(out_text, "seat n a p");
	assert_int_equal(0, strncmp(first, out_text, strlen(first)));
	free(first);
}

/* A need may stay open when that costs less, and only when the file asks for it. */
static void test_lab_compose_objective_penalty_leaves_open(void **state)
{
	static const char text[] = "partner p cost 10\noffer a partner p hours 1\n"
				   "need n hours 1 penalty 4\npair n a\n";
	char whole[300];

	(void)state;
	(void)snprintf(whole, sizeof(whole), HEAD "objective penalty\n%s", text);
	assert_int_equal(CLI_DONE, run("lab compose FILE", whole));
	assert_says(out_text, "objective 4\nbound 4\nproven\ncovered 0 of 1\ncost 0\n"
			      "open n penalty\n");
	(void)snprintf(whole, sizeof(whole), HEAD "%s", text);
	assert_int_equal(CLI_DONE, run("lab compose FILE", whole));
	assert_says(out_text, "objective 10\n");
}

/* Rules between needs, the lead and an offer's own cost change the team, and are named where they
 * keep a need open; also where a penalty decides what stays open. */
static void test_lab_compose_rules_between_needs_are_kept(void **state)
{
	static const char two[] = "partner p cost 1\npartner q cost 1\noffer a partner p hours 1\n"
				  "offer b partner q hours 2 cost 5\nneed m hours 1 penalty 9\n"
				  "need n hours 1 penalty 9\npair m a\npair n b\npair m b cost 3\n";
	static const struct {
		const char *head, *more, *said;
	} rows[] = {
		{ "", "", "objective 7\n" },
		{ "", "together m n\n", "objective 9\n" },
		{ "", "together m n\nforbid m b\n", "open n rule\n" },
		{ "", "apart m n\nforbid m a\n", "open n rule\n" },
		{ "", "lead q\nforbid n b\nforbid m b\n", "open m no-lead\n" },
		{ "objective penalty\n", "together m n\n", "objective 9\n" },
		{ "objective penalty\n", "together m n\nforbid m b\n", "objective 10\n" },
		{ "objective penalty\n", "apart m n\n", "objective 7\n" },
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(rows); i++) {
		char text[400];
		(void)snprintf(text, sizeof(text), HEAD "%s%s%s", rows[i].head, two, rows[i].more);
		assert_int_equal(CLI_DONE, run("lab compose FILE", text));
		assert_says(out_text, rows[i].said);
	}
}

/* Hours in the thousands of millions are no large amounts once their common unit is taken out. */
static void test_lab_compose_large_hours_have_a_unit(void **state)
{
	(void)state;
	assert_int_equal(CLI_DONE, run("lab compose FILE", HEAD "partner p\noffer a partner p "
								"hours 999999999\n"
								"need m hours 500000000\nneed n "
								"hours 500000000\n"
								"pair m a\npair n a\n"));
	assert_says(out_text, "covered 1 of 2");
	assert_says(out_text, "open n no-capacity");
}

/* Hours that share no unit go to the composer of large requests, which proves its answer too. */
static void test_lab_compose_hours_without_a_unit_are_proven(void **state)
{
	(void)state;
	assert_int_equal(CLI_DONE, run("lab compose FILE", HEAD "partner p cost 7\npartner q cost "
								"9\n"
								"offer a partner p hours "
								"104729\noffer b partner q hours "
								"99991\n"
								"need k hours 60013\nneed m hours "
								"44717\nneed n hours 50021\n"
								"pair k a\npair k b\npair m "
								"a\npair m b\npair n a\npair n b "
								"cost 2\n"));
	assert_says(out_text, "objective 16\nbound 16\nproven\ncovered 3 of 3\n");
	assert_says(out_text, "seat k b q ");
	assert_says(out_text, "seat m a p ");
	assert_says(out_text, "seat n a p ");
}

/* A need whose seat costs the most that a file can say has a penalty above that: it was refused. */
static void test_lab_compose_dearest_costs_are_composed(void **state)
{
	(void)state;
	assert_int_equal(CLI_DONE, run("lab compose FILE", HEAD "objective penalty\npartner p cost "
								"1000000000\n"
								"offer a partner p hours 104729 "
								"cost 1000000000\n"
								"need m hours 60013\nneed n hours "
								"50021\n"
								"pair m a cost 1000000000\npair n "
								"a cost 5\n"));
	assert_says(out_text, "objective 5000000006\nbound 5000000006\nproven\ncovered 1 of 2\n");
}

static void test_lab_compose_wrong_file_ends_with_usage(void **state)
{
	(void)state;
	assert_int_equal(CLI_USAGE, run("--lang nl lab compose FILE", HEAD "partner p cost 1.5\n"));
	assert_says(err_text, "regel 2, veld cost: \"1.5\" is geen geheel getal");
	assert_int_equal(CLI_USAGE, run("lab compose /nowhere/at/all", ""));
	assert_int_equal(CLI_USAGE, run("lab compose FILE", HEAD "request r\nneed m hours "
								 "1\nrequest s\nneed n hours 1\n"));
	assert_says(err_text, "lab plan");
}

/* --- the plan of the list --- */

#define LIST                                                                                    \
	HEAD "partner p cost 4\npartner q cost 3\noffer a partner p hours 4 expertise X,Y\n"    \
	     "offer b partner q hours 3 expertise Y\nrequest r1\nneed m hours 4 expertise Y\n"  \
	     "request r2\nneed n hours 4 expertise X penalty 100\nneed o hours 3 expertise Y\n" \
	     "request r3\nneed z hours 1\n"

/* In the lawful order m stands first and takes what n would cost more without; the law off gives
 * it to n; both at once say what the order costs. */
static void test_lab_plan_law_is_kept_and_its_cost_said(void **state)
{
	(void)state;
	assert_int_equal(CLI_DONE, run("lab plan FILE --repair 200", LIST));
	assert_says(out_text, "objective 108\nbound 13\ngap 87.97 %\ncovered 2 of 4\ncost 7\n"
			      "open n order\nopen z no-pair\nseat m a p cost 0 hours 4\n"
			      "seat o b q cost 0 hours 3\npartners 2\n");
	assert_int_equal(CLI_DONE, run("lab plan FILE --repair 200 --law off", LIST));
	assert_says(out_text, "objective 13\nbound 13\nproven\n");
	assert_says(out_text, "open m order\n");
	assert_int_equal(CLI_DONE, run("lab plan FILE --repair 200 --law both", LIST));
	assert_says(out_text, "free value 13 covered 2\nlaw costs 95\n");
	assert_int_equal(CLI_DONE, run("lab plan FILE --repair 200 --law both --json", LIST));
	assert_says(out_text, "\"law_costs\": 95");
	assert_says(out_text, "\"prices\": {");
}

static void test_lab_plan_same_seed_gives_the_same_digest(void **state)
{
	(void)state;
	assert_int_equal(CLI_DONE, run("lab plan FILE --repair 200 --seed 3", LIST));
	char *first = strndup(out_text, strcspn(out_text, "t"));
	assert_int_equal(CLI_DONE, run("lab plan FILE --repair 200 --seed 3", LIST));
	assert_int_equal(0, strncmp(first, out_text, strlen(first)));
	assert_says(out_text, "digest ");
	free(first);
}

/* Prices stood in the order in which the file first names an expertise: another digest for the same
 * problem. */
static void test_lab_plan_prices_stand_by_name(void **state)
{
	(void)state;
	static const char *const skills[] = { "X,Y", "Y,X" };
	char text[400];
	char *first = NULL;

	for (int i = 0; i < 2; i++) {
		(void)snprintf(text, sizeof(text),
			       HEAD "partner p cost 17\noffer a partner p hours 17 expertise %s\n"
				    "request r\nneed m hours 5 expertise X\nrequest s\n"
				    "need n hours 10 expertise Y\nneed o hours 3\npair o a cost "
				    "8\n",
			       skills[i]);
		assert_int_equal(CLI_DONE, run("lab plan FILE --repair 200", text));
		assert_says(out_text, "\nprice X ");
		char *told = strndup(out_text, (size_t)(strstr(out_text, "\ntime ") - out_text));
		if (first != NULL) {
			assert_string_equal(first, told);
		}
		free(first);
		first = told;
	}
	free(first);
}

/* What is beyond the planner is said, never left out of the plan: one need more than a request of a
 * plan has. */
static void test_lab_plan_beyond_its_limits_is_refused(void **state)
{
	static char text[64 * 1100];

	(void)state;
	assert_int_equal(CLI_USAGE, run("--lang en lab plan FILE --law maybe", LIST));
	assert_says(err_text, "choose on, off or both");
	for (unsigned past = 0; past <= 1; past++) {
		size_t len = (size_t)snprintf(text, sizeof(text), HEAD "request r\n");
		for (unsigned i = 0; i < 1024 + past; i++) {
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"need n%u hours 1\n", i);
		}
		assert_int_equal(past == 0 ? CLI_DONE : CLI_REFUSED,
				 run("--lang en lab plan FILE --rounds 2 --repair 2", text));
	}
	assert_says(err_text, "1024");
}

/* A team of which nobody can be the lead is none: m, which stands in front, has only p. */
static void test_lab_plan_keeps_the_rule_of_the_lead(void **state)
{
	(void)state;
	assert_int_equal(CLI_DONE, run("lab plan FILE --repair 200", LIST "lead q\n"));
	assert_says(out_text, "covered 2 of 4\ncost 7\nopen m ");
	assert_says(out_text, "seat n a p cost 0 hours 4\nseat o b q cost 0 hours 3\n");
}

/* At the bound of costs the plan still stands, one past it is refused: pair, penalty, partner. */
static void test_lab_plan_costs_at_their_bound_are_planned(void **state)
{
	static const char *const lines[] = {
		"request s\nneed y hours 1 penalty 5\npair y a cost %u\n",
		"request s\nneed y hours 1 penalty %u\n",
		("partner t cost %u\noffer d partner t hours 9 expertise Q\n"
		 "request s\nneed y hours 1 expertise Q penalty 5\n"),
	};
	char text[800];

	(void)state;
	for (size_t i = 0; i < SK_LEN(lines); i++) {
		for (unsigned past = 0; past <= 1; past++) {
			size_t len = (size_t)snprintf(text, sizeof(text), "%s", LIST);
			(void)snprintf(text + len, sizeof(text) - len, lines[i],
				       1000000000U + past);
			assert_int_equal(past == 0 ? CLI_DONE : CLI_USAGE,
					 run("--lang en lab plan FILE --repair 200", text));
		}
		assert_says(err_text, "at most 1000000000");
	}
}

/* --- published formats: tiny examples of our own, with the answer known by hand --- */

static void converts(const char *words, const char *text, const char *objective)
{
	assert_int_equal(CLI_DONE, run(words, text));
	char *lab = strdup(out_text);
	assert_int_equal(CLI_DONE, run("lab compose FILE", lab));
	assert_says(out_text, objective);
	free(lab);
}

static void test_lab_convert_formats_keep_the_optimum(void **state)
{
	(void)state;
	/* Rows 1 to 3; columns of cost 1, 2, 3 for one row each, of cost 4 for all. */
	converts("lab convert scp FILE", "3 4\n1 2 3 4\n2\n1 4\n2 2 4\n2 3 4\n", "objective 4\n");
	converts("lab convert rail FILE", "3 4\n1 1 1\n2 1 2\n3 1 3\n4 3 1 2 3\n", "objective 4\n");
	/* Sites of 10 and 12; 5.5 and 7.25 to open; both are needed for 15. */
	converts("lab convert cflp FILE",
		 "2 3\n 10 5.5\n 12 7.25\n 4 1.5 2.5\n 6 3 4\n 5 2 2.125\n", "objective 19375\n");
	converts("lab convert holmberg FILE",
		 "2 3\n 10 5.5\n 12 7.25\n 4 6 5\n 1.5 3 2\n 2.5 4 2.125\n", "objective 19375\n");
	/* Agents of 4 and 4; jobs of 1, 2, 3 at the first and 2 each at the second. */
	converts("lab convert gap FILE", "1\n2 3\n4 5 6\n7 8 9\n1 2 3\n2 2 2\n4 4\n",
		 "objective 18\n");
	converts("lab convert gap FILE", "2 3\n4 5 6\n7 8 9\n1 2 3\n2 2 2\n4 4\n",
		 "objective 18\n");
	converts("lab convert --max gap FILE", "1\n2 3\n4 5 6\n7 8 9\n1 2 3\n2 2 2\n4 4\n",
		 "objective 6\n");
	converts("lab convert --number 2 gap FILE",
		 "2\n1 1\n5\n1\n1\n2 3\n4 5 6\n7 8 9\n1 2 3\n2 2 2\n4 4\n", "objective 18\n");
}

/* Problem c515-1 of OR-Library's gap1 (J. E. Beasley; Cattrysse, Salomon and Van Wassenhove, EJOR
 * 72, 1994): its published optimum is 336, as a problem that asks for the most. */
#define C515                                                                          \
	"5 15\n17 21 22 18 24 15 20 18 19 18 16 22 24 24 16\n"                        \
	"23 16 21 16 17 16 19 25 18 21 17 15 25 17 24\n"                              \
	"16 20 16 25 24 16 17 19 19 18 20 16 17 21 24\n"                              \
	"19 19 22 22 20 16 19 17 21 19 25 23 25 25 25\n"                              \
	"18 19 15 15 21 25 16 16 23 15 22 17 19 22 24\n"                              \
	"8 15 14 23 8 16 8 25 9 17 25 15 10 8 24\n15 7 23 22 11 11 12 10 17 16 7 16 " \
	"10 18 22\n21 20 6 22 24 10 24 9 21 14 11 14 11 19 16\n"                      \
	"20 11 8 14 9 5 6 19 19 7 6 6 13 9 18\n"                                      \
	"8 13 13 13 10 20 25 16 16 17 10 10 5 12 23\n36 34 38 27 33\n"

static void test_lab_convert_published_assignment_keeps_its_optimum(void **state)
{
	(void)state;
	assert_int_equal(CLI_DONE, run("lab convert gap FILE --max", C515));
	assert_says(out_text, "# most: 375 less the objective here");
	char *text = strdup(out_text);
	assert_non_null(text);
	assert_int_equal(CLI_DONE, run("lab compose FILE", text));
	assert_says(out_text, "objective 39\nbound 39\nproven\ncovered 15 of 15\n"); /* 375 - 336 */
	free(text);
}

static void test_lab_convert_broken_file_gives_nothing(void **state)
{
	static const struct {
		const char *words, *text, *said;
	} rows[] = {
		{ "lab convert scp FILE", "", "line 1: the file ends too early" },
		{ "lab convert scp FILE", "2 1\n1\n1 1\n", "line 3: the file ends too early" },
		{ "lab convert scp FILE", "1 1\n1\n1 2\n", "line 3: a whole number of 0 to 1" },
		{ "lab convert scp FILE", "1 1\n1\n1 0\n", "line 3: a number of 1 to 1" },
		{ "lab convert scp FILE", "1 1\n1\n1 1\n7\n", "line 4: the file should end here" },
		{ "lab convert scp FILE", "1 1\n1.5\n1 1\n", "line 2: a whole number" },
		{ "lab convert scp FILE", "1 131073\n", "line 1: a whole number of 0 to 131072" },
		{ "lab convert rail FILE", "1 1\n1 1 2\n", "line 2: a whole number of 0 to 1" },
		{ "lab convert cflp FILE", "1 1\ncapacity 5\n1 1\n", "line 2: \"capacity\"" },
		{ "lab convert cflp FILE", "1 1\n2000000000 5\n1 1\n", "line 2: too large" },
		{ "lab convert cflp FILE", "1 1\n1 -5\n1 1\n", "line 2: \"-5\"" },
		{ "lab convert gap FILE", "1\n2 3\n4 5\n", "line 3: the file ends too early" },
		{ "lab convert --number 3 gap FILE", "1\n1 1\n5\n1\n1\n", "has 1 problems" },
		{ "lab convert tsp FILE", "", "choose scp" },
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(rows); i++) {
		char words[120];
		(void)snprintf(words, sizeof(words), "--lang en %s", rows[i].words);
		assert_int_equal(CLI_USAGE, run(words, rows[i].text));
		assert_says(err_text, rows[i].said);
		assert_string_equal("", out_text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lab_compose_says_its_answer_in_facts),
		cmocka_unit_test(test_lab_compose_takes_many_needs),
		cmocka_unit_test(test_lab_compose_order_of_the_file_changes_nothing),
		cmocka_unit_test(test_lab_compose_objective_penalty_leaves_open),
		cmocka_unit_test(test_lab_compose_rules_between_needs_are_kept),
		cmocka_unit_test(test_lab_compose_large_hours_have_a_unit),
		cmocka_unit_test(test_lab_compose_hours_without_a_unit_are_proven),
		cmocka_unit_test(test_lab_compose_dearest_costs_are_composed),
		cmocka_unit_test(test_lab_compose_wrong_file_ends_with_usage),
		cmocka_unit_test(test_lab_plan_law_is_kept_and_its_cost_said),
		cmocka_unit_test(test_lab_plan_same_seed_gives_the_same_digest),
		cmocka_unit_test(test_lab_plan_prices_stand_by_name),
		cmocka_unit_test(test_lab_plan_beyond_its_limits_is_refused),
		cmocka_unit_test(test_lab_plan_keeps_the_rule_of_the_lead),
		cmocka_unit_test(test_lab_plan_costs_at_their_bound_are_planned),
		cmocka_unit_test(test_lab_convert_formats_keep_the_optimum),
		cmocka_unit_test(test_lab_convert_published_assignment_keeps_its_optimum),
		cmocka_unit_test(test_lab_convert_broken_file_gives_nothing),
	};
	return cmocka_run_group_tests_name("cli_lab_command", tests, set_up, tear_down);
}
