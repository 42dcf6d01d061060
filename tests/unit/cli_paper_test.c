/* SPDX-License-Identifier: EUPL-1.2 */
/* Lists on paper: each page says what it is, of which node and when; nothing falls off the edge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/conf.h"
#include "services/cli/paper.h"

static const struct column columns[] = {
	{ "name", "naam", "name", CELL_TEXT, NULL },
	{ "text", "wat er gevraagd is", "what is asked", CELL_TEXT, NULL },
	{ "", "opmerking", "note", CELL_TEXT, NULL },
	{ 0 },
};

/* 1 March 2026, 12:00 in Brussels. */
static const struct paper paper = { "Wachtlijst", "Waiting list", "oefening", 1772362800000ULL };

static char *print(json_t *doc)
{
	struct cli c = { .lang = LANG_NL };
	char *text = NULL;
	size_t len = 0;

	c.out = open_memstream(&text, &len);
	paper_table(&c, &paper, doc, "rows", columns);
	(void)fclose(c.out);
	json_decref(doc);
	return text;
}

static json_t *rows(size_t n, const char *name, const char *text)
{
	json_t *doc = json_pack("{s:[]}", "rows");

	for (size_t i = 0; i < n; i++) {
		(void)json_array_append_new(json_object_get(doc, "rows"),
					    json_pack("{s:s, s:s}", "name", name, "text", text));
	}
	return doc;
}

static unsigned times(const char *text, const char *what)
{
	unsigned n = 0;

	for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what)) {
		n++;
	}
	return n;
}

static void check_pages(const char *text)
{
	size_t lines = 0;

	for (const char *p = text; *p != '\0';) {
		char line[1024];
		size_t len = strcspn(p, "\n");
		bool feed = *p == '\f';
		(void)snprintf(line, sizeof(line), "%.*s", (int)len - feed, p + feed);
		assert_true(text_width(line) <= PAPER_COLUMNS);
		lines = feed ? 1 : lines + 1;
		assert_true(lines <= PAPER_LINES + 1); /* the blank line behind the last row */
		p += len + 1;
	}
}

/* A power cut: title, node, moment and number stand on every page. */
static void test_paper_every_page_says_what_it_is(void **state)
{
	(void)state;
	char *text = print(rows(60, "k7q2m4t9xa", "trauma"));
	assert_int_equal(times(text, "Wachtlijst, node oefening"), 3);
	assert_int_equal(times(text, "afgedrukt"), 3);
	assert_int_equal(times(text, "\f"), 2);
	assert_non_null(strstr(text, "blad 1 van 3"));
	assert_non_null(strstr(text, "blad 3 van 3"));
	assert_int_equal(times(text, "k7q2m4t9xa"), 60);
	check_pages(text);
	free(text);
}

/* At the page's bound everything is on one page; one row more begins a second. */
static void test_paper_page_holds_its_rows(void **state)
{
	(void)state;
	char *text = print(rows(28, "a", "b"));
	assert_int_equal(times(text, "\f"), 0);
	free(text);
	text = print(rows(29, "a", "b"));
	assert_int_equal(times(text, "\f"), 1);
	free(text);
}

/* Long texts and words without a space stay within their column, letters of two bytes whole. */
static void test_paper_long_texts_break(void **state)
{
	(void)state;
	char *text = print(rows(3, "caféééééééééééééééééééééééééééééééééééééééééééééééééééé",
				"iemand die naast je staat en die samen met het gezin kijkt wat "
				"er nodig is, en dat is meer dan er op een regel kan staan"));
	check_pages(text);
	assert_int_equal(times(text, "kan staan"), 3);
	assert_null(strstr(text, "\xc3\n"));
	free(text);
}

/* D1: on the sheet for a power cut no code, number or date is cut, whatever else stands there; a
 * long word of people goes on behind a hyphen. */
static void test_paper_cuts_no_code(void **state)
{
	static const struct column call[] = {
		{ "who", "bellen naar", "call", CELL_NAME, NULL },
		{ "who", "telefoon", "telephone", CELL_PHONE, NULL },
		{ "code", "aanmelding", "request", CELL_TEXT, NULL },
		{ "need", "hulpvraag", "need", CELL_EXPERTISE, NULL },
		{ "zone", "zone", "zone", CELL_TEXT, NULL },
		{ "at", "vóór", "before", CELL_DATE, NULL },
		{ "", "antwoord, van wie", "answer, by whom", CELL_TEXT, NULL },
		{ 0 },
	};
	static struct conf_party team = {
		.id = "crisisteam",
		.name = "Voorbeeld mobiel crisisteam geestelijke gezondheid Ieper",
		.phone = "051 00 00 01",
	};
	static struct conf conf = { .parties = &team, .parties_len = 1 };
	struct cli c = { .lang = LANG_NL, .conf = &conf };
	char *text = NULL;
	size_t len = 0;
	json_t *doc = json_pack("{s:[{s:s, s:s, s:s, s:s, s:s}]}", "rows", "who", "crisisteam",
				"code", "8wzgtqn7d2", "need", "PARENTING_SUPPORT", "zone",
				"houtland-en-polder", "at", "2026-01-01T02:30:00.000Z");

	(void)state;
	c.out = open_memstream(&text, &len);
	paper_table(&c, &paper, doc, "rows", call);
	(void)fclose(c.out);
	json_decref(doc);
	assert_int_equal(times(text, "051 00 00 01"), 1);
	assert_int_equal(times(text, "geestelijke"), 1);
	assert_int_equal(times(text, "8wzgtqn7d2"), 1);
	assert_int_equal(times(text, "03:30"), 1);
	assert_int_equal(times(text, "2026,"), 2); /* of the row, and of the printing */
	assert_int_equal(times(text, "houtland-"), 1);
	assert_int_equal(times(text, "polder"), 1);
	assert_int_equal(times(text, "aanmelding"), 1);
	assert_int_equal(times(text, "opvoeding-"), 1);
	free(text);
}

/* An empty list is printed too: then it is known to have been empty at that moment. */
static void test_paper_empty_list_is_a_page(void **state)
{
	(void)state;
	char *text = print(rows(0, "", ""));
	assert_non_null(strstr(text, "blad 1 van 1"));
	assert_non_null(strstr(text, "Er staat niets op deze lijst."));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paper_every_page_says_what_it_is),
		cmocka_unit_test(test_paper_page_holds_its_rows),
		cmocka_unit_test(test_paper_long_texts_break),
		cmocka_unit_test(test_paper_cuts_no_code),
		cmocka_unit_test(test_paper_empty_list_is_a_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
