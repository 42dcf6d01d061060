/* SPDX-License-Identifier: EUPL-1.2 */
/* The lab: its format is read strictly and to its limits, and no answer passes the judge that
 * breaks a rule of the file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/cli/lab.h"

#define HEAD "schakel-lab 1\n"
#define BASE                                                    \
	HEAD "partner p cost 4\npartner q cost 3\n"             \
	     "offer a partner p hours 4 cost 1 expertise X,Y\n" \
	     "offer b partner q hours 6 expertise Y\n"          \
	     "need m hours 3 expertise X\nneed n hours 2 expertise Y\n"

static void assert_says(const char *text, const char *what)
{
	if (strstr(text, what) == NULL) {
		print_error("\"%s\" is not in:\n%s\n", what, text);
		fail();
	}
}

/* Owned by the lab that is read. */
static char *bytes_of(const char *text, size_t len)
{
	char *bytes = malloc(len + 1);

	assert_non_null(bytes);
	memcpy(bytes, text, len);
	return bytes;
}

static int read_text(const char *text, struct file_error *e)
{
	struct lab l = { 0 };
	size_t len = strlen(text);

	*e = (struct file_error){ 0 };
	int err = lab_read(&l, bytes_of(text, len), len, e);
	lab_free(&l);
	return err;
}

/* --- the reader --- */

static const struct {
	const char *text;
	unsigned line;
	const char *field, *en;
} wrongs[] = {
	{ "", 1, "schakel-lab", "begins with" },
	{ "# nothing\n\n", 2, "schakel-lab", "begins with" },
	{ "schakel-lab 2\n", 1, "schakel-lab", "begins with" },
	{ "partner p\n", 1, "schakel-lab", "begins with" },
	{ "\xef\xbb\xbf" HEAD "need n hours 1\n", 1, "schakel-lab", "(BOM)" },
	{ HEAD, 1, "need", "no need" },
	{ HEAD "\n # remark\nfoo 1\n", 4, "word", "\"foo\" is not known" },
	{ HEAD "schakel-lab 1\n", 2, "word", "not known" },
	{ HEAD "partner\n", 2, "partner", "too few words" },
	{ HEAD "partner p cost\n", 2, "cost", "nothing stands behind" },
	{ HEAD "partner p cost 1 2\n", 2, "partner", "too many words" },
	{ HEAD "partner p price 1\n", 2, "partner", "there may be: cost" },
	{ HEAD "partner p cost -1\n", 2, "cost", "no number" },
	{ HEAD "partner p cost 1.5\n", 2, "cost", "multiply all costs" },
	{ HEAD "partner p cost 1e3\n", 2, "cost", "multiply all costs" },
	{ HEAD "partner p cost 1000000001\n", 2, "cost", "at most 1000000000" },
	{ HEAD "partner p cost 99999999999999999999999\n", 2, "cost", "too large" },
	{ HEAD "partner p!\n", 2, "partner", "is no name" },
	{ HEAD "partner p\npartner p\n", 3, "partner", "there already" },
	{ HEAD "offer a partner p hours 1\n", 2, "partner", "is not above" },
	{ HEAD "partner p\noffer a hours 1\n", 3, "partner", "is missing" },
	{ HEAD "partner p\noffer a partner p\n", 3, "hours", "is missing" },
	{ HEAD "partner p\noffer a partner p hours 1 hours 2\n", 3, "hours", "twice" },
	{ HEAD "partner p\noffer a partner p hours 1 expertise X,,Y\n", 3, "expertise", "no name" },
	{ HEAD "partner p\noffer a partner p hours 1 expertise X,X\n", 3, "expertise", "twice" },
	{ HEAD "need n\n", 2, "hours", "is missing" },
	{ HEAD "need n hours 1\nneed n hours 1\n", 3, "need", "there already" },
	{ HEAD "need n hours 1\nrequest r\n", 3, "request", "before the first need" },
	{ HEAD "request r\nrequest r\n", 3, "request", "there already" },
	{ HEAD "request r team_max 0\n", 2, "team_max", "at least 1" },
	{ HEAD "team_max 2\nteam_max 2\n", 3, "team_max", "twice in the file" },
	{ HEAD "team_max 0\n", 2, "team_max", "at least 1" },
	{ HEAD "objective best\n", 2, "objective", "choose cover or penalty" },
	{ HEAD "lottery maybe\n", 2, "lottery", "choose off or on" },
	{ BASE "pair x a\n", 8, "need", "is not above" },
	{ BASE "pair m x\n", 8, "offer", "is not above" },
	{ BASE "pair m\n", 8, "pair", "too few words" },
	{ BASE "pair m b\npair n b\npair m b cost 2\n", 10, "pair", "on line 8 already" },
	{ BASE "forbid m\n", 8, "forbid", "too few words" },
	{ BASE "forbid m partner x\n", 8, "partner", "is not above" },
	{ BASE "forbid m offer a\n", 8, "forbid", "forbid NEED partner P" },
	{ BASE "together m m\n", 8, "together", "two different needs" },
	{ BASE "apart m x\n", 8, "need", "is not above" },
	{ HEAD "request r\nneed m hours 1\nrequest s\nneed n hours 1\napart m n\n", 6, "apart",
	  "of the same request" },
	{ BASE "lead\n", 8, "lead", "too few words" },
	{ BASE "lead p q p\n", 8, "partner", "twice" },
	{ BASE "held\n", 8, "held", "too few words; write: held P [P...]" },
	{ BASE "held p x\n", 8, "partner", "is not above" },
	{ BASE "held p q p\n", 8, "partner", "held by this request already; take one away" },
	{ BASE "held p\nheld q p\n", 9, "partner", "held by this request already" },
	{ HEAD "partner p\nheld p\nrequest r\n", 4, "request", "before the first need or held" },
};

/* Each error names line, field and rule, in both languages. */
static void test_lab_read_wrong_text_names_line_field_and_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < SK_LEN(wrongs); i++) {
		struct file_error e;
		assert_int_equal(SK_EPROTO, read_text(wrongs[i].text, &e));
		if (e.line != wrongs[i].line || strcmp(e.field, wrongs[i].field) != 0) {
			print_error("row %zu: line %u, field %s: %s\n", i, e.line, e.field, e.en);
			fail();
		}
		assert_says(e.en, wrongs[i].en);
		assert_true(strlen(e.nl) > 10 && strcmp(e.nl, e.en) != 0);
	}
}

/* A byte zero would hide the rest of its line. */
static void test_lab_read_byte_zero_is_refused(void **state)
{
	static const char text[] = HEAD "need n hours 1\0 expertise X\n";
	struct file_error e = { 0 };
	struct lab l = { 0 };

	(void)state;
	assert_int_equal(SK_EPROTO,
			 lab_read(&l, bytes_of(text, sizeof(text) - 1), sizeof(text) - 1, &e));
	assert_int_equal(2, e.line);
	lab_free(&l);
}

/* What a text may look like: comments, tabs, no newline at its end, lines of another system. */
static void test_lab_read_layout_changes_nothing(void **state)
{
	struct file_error e;

	(void)state;
	assert_int_equal(SK_OK, read_text(BASE, &e));
	assert_int_equal(SK_OK,
			 read_text("# remark\r\n\tschakel-lab  1 # x\r\nneed n hours 0", &e));
}

/* --- limits --- */

struct text {
	char *s;
	size_t len;
	FILE *f;
};

static void text_begin(struct text *t)
{
	t->f = open_memstream(&t->s, &t->len);
	assert_non_null(t->f);
	(void)fputs(HEAD, t->f);
}

static void text_ends(struct text *t, int expected, const char *field)
{
	struct file_error e;

	(void)fclose(t->f);
	int err = read_text(t->s, &e);
	if (err != expected || (err != SK_OK && strcmp(e.field, field) != 0)) {
		print_error("%d, line %u, field %s: %s\n", err, e.line, e.field, e.en);
		fail();
	}
	free(t->s);
}

static void name_of(struct text *t, int len)
{
	text_begin(t);
	(void)fprintf(t->f, "need %0*d hours 1000000000\n", len, 0);
}

static void line_of(struct text *t, int len)
{
	text_begin(t);
	(void)fprintf(t->f, "need n hours 1%*s\n", len - 14, "");
}

static void leads(struct text *t, int count)
{
	text_begin(t);
	for (int i = 0; i < count; i++) {
		(void)fprintf(t->f, "partner p%d\n", i);
	}
	(void)fputs("need n hours 1\nlead", t->f);
	for (int i = 0; i < count; i++) {
		(void)fprintf(t->f, " p%d", i);
	}
	(void)fputc('\n', t->f);
}

/* Each partner on a line of its own, so that only their number counts. */
static void holds(struct text *t, int count)
{
	text_begin(t);
	for (int i = 0; i < count; i++) {
		(void)fprintf(t->f, "partner p%d\nheld p%d\n", i, i);
	}
	(void)fputs("need n hours 1\n", t->f);
}

static void many(struct text *t, const char *form, int count)
{
	text_begin(t);
	if (strncmp(form, "need", 4) != 0) {
		(void)fputs("partner p\nneed n hours 1\n", t->f);
	}
	for (int i = 0; i < count; i++) {
		(void)fprintf(t->f, "%s%d%s\n", form, i,
			      form[0] == 'o' ? " partner p hours 1" :
			      form[0] == 'n' ? " hours 1" :
					       "");
	}
}

/* As many offers as needed, each with as many expertises as a file may name. */
static void skills(struct text *t, int offers, int each)
{
	text_begin(t);
	(void)fputs("partner p\nneed n hours 1\n", t->f);
	for (int i = 0; i < offers; i++) {
		(void)fprintf(t->f, "offer o%d partner p hours 1 expertise ", i);
		for (int k = 0; k < each; k++) {
			(void)fprintf(t->f, "%sx%d", k == 0 ? "" : ",", k);
		}
		(void)fputc('\n', t->f);
	}
}

/* At each limit the file is read; one past it is refused. */
static void test_lab_read_limits_hold_to_the_last(void **state)
{
	struct text t;

	(void)state;
	name_of(&t, LAB_NAME_MAX);
	text_ends(&t, SK_OK, "");
	name_of(&t, LAB_NAME_MAX + 1);
	text_ends(&t, SK_EPROTO, "need");
	line_of(&t, LAB_LINE_MAX);
	text_ends(&t, SK_OK, "");
	line_of(&t, LAB_LINE_MAX + 1);
	text_ends(&t, SK_EPROTO, "line");
	leads(&t, LAB_WORDS_MAX - 1);
	text_ends(&t, SK_OK, "");
	leads(&t, LAB_WORDS_MAX);
	text_ends(&t, SK_EPROTO, "lead");
	holds(&t, LAB_HELD_MAX);
	text_ends(&t, SK_OK, "");
	holds(&t, LAB_HELD_MAX + 1);
	text_ends(&t, SK_EPROTO, "held");
	skills(&t, 1, LAB_EXPERTISES_MAX);
	text_ends(&t, SK_OK, "");
	skills(&t, 1, LAB_EXPERTISES_MAX + 1);
	text_ends(&t, SK_EPROTO, "expertise");
	skills(&t, LAB_SKILLS_MAX / LAB_EXPERTISES_MAX, LAB_EXPERTISES_MAX);
	text_ends(&t, SK_OK, "");
	skills(&t, LAB_SKILLS_MAX / LAB_EXPERTISES_MAX + 1, LAB_EXPERTISES_MAX);
	text_ends(&t, SK_EPROTO, "expertise");
}

static void test_lab_read_counts_hold_to_the_last(void **state)
{
	struct text t;

	(void)state;
	many(&t, "partner p", LAB_PARTNERS_MAX - 1);
	text_ends(&t, SK_OK, "");
	many(&t, "partner p", LAB_PARTNERS_MAX);
	text_ends(&t, SK_EPROTO, "partner");
	many(&t, "offer o", LAB_OFFERS_MAX);
	text_ends(&t, SK_OK, "");
	many(&t, "offer o", LAB_OFFERS_MAX + 1);
	text_ends(&t, SK_EPROTO, "offer");
	many(&t, "need n", LAB_NEEDS_MAX);
	text_ends(&t, SK_OK, "");
	many(&t, "need n", LAB_NEEDS_MAX + 1);
	text_ends(&t, SK_EPROTO, "need");
}

/* --- pairs --- */

static void lab_of(struct lab *l, const char *text)
{
	struct file_error e = { 0 };
	size_t len = strlen(text);

	assert_int_equal(SK_OK, lab_read(l, bytes_of(text, len), len, &e));
}

/* An expertise makes pairs of cost 0, a line `pair` changes or adds one, a veto is stronger. */
static void test_lab_pairs_follow_expertise_pair_and_veto(void **state)
{
	struct lab l = { 0 };

	(void)state;
	lab_of(&l, BASE "pair n b cost 9\npair n a hours 1\npair m b cost 5 hours 7\n"
			"forbid n partner p\n");
	assert_int_equal(2, l.needs[0].pair_len);
	assert_int_equal(1, l.needs[1].pair_len);
	const struct lab_pair *m = &l.pairs[l.needs[0].pair_first];
	assert_int_equal(0, m[0].cost);
	assert_int_equal(3, m[0].hours);
	assert_int_equal(5, m[1].cost);
	assert_int_equal(7, m[1].hours);
	assert_int_equal(9, l.pairs[l.needs[1].pair_first].cost);
	assert_int_equal(2, l.pairs[l.needs[1].pair_first].hours);
	/* One more than the dearest pair with its offer and partner. */
	assert_int_equal(5 + 3 + 1, l.needs[0].penalty);
	assert_int_equal(9 + 3 + 1, l.needs[1].penalty);
	lab_free(&l);
}

/* A partner is held by the request that stands above it, and may be by the next one too. */
static void test_lab_read_held_belongs_to_its_request(void **state)
{
	struct lab l = { 0 };

	(void)state;
	lab_of(&l, HEAD "partner p\npartner q\nrequest r\nheld q\nneed m hours 1\nheld p\n"
			"request s\nneed n hours 1\nrequest t\nneed o hours 1\nheld q\n");
	assert_int_equal(3, l.held_len);
	assert_int_equal(2, l.requests[0].held_len);
	assert_int_equal(1, l.held[0]);
	assert_int_equal(0, l.held[1]);
	assert_int_equal(0, l.requests[1].held_len);
	assert_int_equal(2, l.requests[2].held_first);
	assert_int_equal(1, l.requests[2].held_len);
	lab_free(&l);
}

/* --- the judge --- */

static void judged(const struct lab *l, const struct lab_answer *a, const char *fault)
{
	const char *found = NULL;

	assert_int_equal(SK_OK, lab_judge(l, a, &found));
	if (fault == NULL ? found != NULL : found == NULL || strstr(found, fault) == NULL) {
		print_error("found: %s\n", found == NULL ? "(sound)" : found);
		fail();
	}
}

/* Both needs at offer a, where they do not fit, or at b. */
static struct lab_answer answer_of(const struct lab *l, uint32_t m, uint32_t n, uint64_t cost)
{
	struct lab_answer a = { 0 };

	assert_int_equal(SK_OK, lab_answer_make(l, &a));
	a.seat[0] = m;
	a.seat[1] = n;
	a.cost = cost;
	a.value = cost;
	a.objective = cost;
	a.bound = cost;
	a.proven = true;
	a.covered = 2;
	return a;
}

/* A judge that never objects would be no judge: each rule of the file is broken once. */
static void test_lab_judge_each_broken_rule_is_found(void **state)
{
	static const struct {
		const char *more;
		uint32_t n;
		uint64_t cost;
		const char *fault;
	} rows[] = {
		{ "", 2, 8, NULL },
		{ "", 1, 5, "more hours" },
		{ "", 0, 5, "no pair" },
		{ "", 2, 7, "cost, value" },
		{ "team_max 1\n", 2, 8, "too many partners" },
		{ "together m n\n", 2, 8, "together" },
		{ "apart m n\n", 2, 8, NULL },
		{ "pair n a hours 1\napart m n\n", 1, 5, "apart" },
		{ "pair n a hours 1\ntogether m n\n", 1, 5, NULL },
		{ "partner r\nlead r\n", 2, 8, "no lead" },
		{ "lead q\n", 2, 8, NULL },
		{ "held p\n", 2, 4, NULL },
		{ "held p\n", 2, 8, "cost, value" },
		{ "held p\nteam_max 1\n", 2, 4, "too many partners" },
		{ "held p q\nteam_max 1\n", 2, 1, NULL },
		{ "partner r\nheld r\nteam_max 2\n", 2, 8, "too many partners" },
		{ "partner r\nlead r\nheld r\n", 2, 8, NULL },
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(rows); i++) {
		char text[600];
		struct lab l = { 0 };
		(void)snprintf(text, sizeof(text), "%s%s", BASE, rows[i].more);
		lab_of(&l, text);
		struct lab_answer a = answer_of(&l, 0, rows[i].n, rows[i].cost);
		judged(&l, &a, rows[i].fault);
		lab_answer_free(&a);
		lab_free(&l);
	}
}

static void test_lab_judge_bound_above_objective_is_found(void **state)
{
	struct lab l = { 0 };

	(void)state;
	lab_of(&l, BASE);
	struct lab_answer a = answer_of(&l, 0, 2, 8);
	a.bound = 9;
	judged(&l, &a, "bound");
	a.bound = 7;
	judged(&l, &a, "proven");
	a.proven = false;
	judged(&l, &a, NULL);
	lab_answer_free(&a);
	lab_free(&l);
}

/* --- who is in the team already --- */

static void composed(const char *more, bool plan, uint32_t covered, uint64_t cost)
{
	const struct lab_asked asked = { .seed = 1, .rounds = 50, .repair = 50, .law = true };
	char text[2000];
	struct cli c = { .err = stderr };
	struct lab_answer a = { 0 };
	struct lab l = { 0 };

	(void)snprintf(text, sizeof(text), "%s%s", BASE, more);
	lab_of(&l, text);
	assert_int_equal(SK_OK, lab_answer_make(&l, &a));
	assert_int_equal(CLI_DONE,
			 plan ? lab_plan(&c, &l, &asked, &a) : lab_compose(&c, &l, &asked, &a));
	judged(&l, &a, NULL);
	assert_int_equal(covered, a.covered);
	assert_int_equal(cost, a.cost);
	assert_true(a.proven || plan);
	lab_answer_free(&a);
	lab_free(&l);
}

/* Paid, counted in team_max, and a lead; whoever composes it says the same. */
static void test_lab_held_partner_is_paid_and_takes_a_place(void **state)
{
	char text[1200];
	size_t at = (size_t)snprintf(text, sizeof(text), "held q\nteam_max 1\nobjective penalty\n");

	(void)state;
	for (int plan = 0; plan < 2; plan++) {
		composed("held q\n", plan, 2, 5);
		composed("held q\nteam_max 1\n", plan, 1, 0);
		composed("held p q\nteam_max 1\n", plan, 2, 1);
		composed("partner r\nlead r\nheld r\n", plan, 2, 8);
		composed("partner r\nlead q\nheld r\nteam_max 2\n", plan, 1, 3);
	}
	for (int i = 0; i < 12; i++) {
		at += (size_t)snprintf(text + at, sizeof(text) - at,
				       "need n%02d hours 0 expertise Y penalty 9\n", i);
	}
	composed(text, false, 13, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lab_read_wrong_text_names_line_field_and_rule),
		cmocka_unit_test(test_lab_read_byte_zero_is_refused),
		cmocka_unit_test(test_lab_read_layout_changes_nothing),
		cmocka_unit_test(test_lab_read_limits_hold_to_the_last),
		cmocka_unit_test(test_lab_read_counts_hold_to_the_last),
		cmocka_unit_test(test_lab_pairs_follow_expertise_pair_and_veto),
		cmocka_unit_test(test_lab_read_held_belongs_to_its_request),
		cmocka_unit_test(test_lab_judge_each_broken_rule_is_found),
		cmocka_unit_test(test_lab_held_partner_is_paid_and_takes_a_place),
		cmocka_unit_test(test_lab_judge_bound_above_objective_is_found),
	};
	return cmocka_run_group_tests_name("cli_lab", tests, NULL, NULL);
}
