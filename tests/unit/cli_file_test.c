/* SPDX-License-Identifier: EUPL-1.2 */
/* Files with requests and capacity: what comes out, and that an error names line, field and what to
 * do, before anything is sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/capacity_file.h"
#include "common/capsule.h"
#include "services/cli/request_file.h"

#define U(NAME) SCHAKEL__V1__URGENCY__URGENCY_##NAME

static _Alignas(64) uint8_t block[8U << 20];
static struct arena arena;
static struct jsonin in;
static struct file_error error;
static struct request_in request;

static int read_text(const char *text, enum file_kind kind)
{
	arena_init(&arena, block, sizeof(block));
	return request_file_read(&in, &arena, (struct slice){ text, strlen(text) }, kind, &error);
}

/* Reads one request; a failed one is released. */
static int read_one(const char *text, enum file_kind kind)
{
	int err = read_text(text, kind);

	if (err == SK_OK) {
		err = request_file_get(&in, 0, &request);
		jsonin_done(&in);
	}
	return err;
}

static void expect(const char *text, unsigned line, const char *field)
{
	assert_int_equal(read_one(text, FILE_JSON), SK_EPROTO);
	assert_string_equal(error.field, field);
	assert_int_equal(error.line, line);
	assert_true(error.nl[0] != '\0' && error.en[0] != '\0');
}

#define GOOD_HEAD                                       \
	"{ \"kind\": \"SEARCH\", \"zone\": \"rits\",\n" \
	"  \"urgency\": \"STANDARD\", \"children\": [ { \"age_years\": 14 } ],\n"
#define TOLD "  \"told\": [ { \"callback\": \"051\", \"name\": \"X\" } ],\n"
#define NEED \
	"{ \"expertise\": \"TRAUMA\", \"intensity\": 2, \"duration_weeks\": 8, \"must\": true }"
#define GOOD GOOD_HEAD TOLD "  \"needs\": [ " NEED " ] }"

static void test_request_good_file_becomes_a_message(void **state)
{
	(void)state;
	assert_int_equal(read_one(GOOD, FILE_JSON), SK_OK);
	assert_string_equal(request.submit->zone, "rits");
	assert_int_equal(request.submit->urgency, U(STANDARD));
	assert_int_equal(request.submit->n_children, 1);
	assert_int_equal(request.submit->children[0]->age_years, 14);
	assert_int_equal(request.submit->n_needs, 1);
	assert_int_equal(request.submit->needs[0]->expertise, 12);
	assert_true(request.submit->needs[0]->must);
	assert_true(request.submit->callback_sealed);
	assert_int_equal(request.told_len, 1);
	/* What was told leaves as the content of a capsule and stands nowhere else. */
	assert_int_equal(request.submit->n_capsules, 0);
	assert_non_null(
		memmem(request.told[0].content.data, request.told[0].content.len, "051", 3));
}

/* L10: what another says about a child is marked as such, in a piece of its own. */
static void test_request_words_about_somebody_are_marked(void **state)
{
#define SAID(X)                                                             \
	GOOD_HEAD "  \"told\": [ { \"callback\": \"051\" }, { " X " } ],\n" \
		  "  \"needs\": [ " NEED " ] }"
	(void)state;
	assert_int_equal(read_one(SAID("\"child\": 1, \"about\": \"een buur\""), FILE_JSON), SK_OK);
	assert_int_equal(request.told_len, 2);
	assert_false(request.told[0].about);
	assert_true(request.told[1].about);
	assert_int_equal(request.told[1].child, 1);
	expect(SAID("\"about\": \"een buur\", \"story\": \"zelf\""), 3, "told[1]");
	expect(SAID("\"child\": 1, \"about\": 3"), 3, "told[1].about");
#undef SAID
}

/* B1: in a file children count from 1, as in every command and every page; where there are several
 * none is guessed, and one that is not there is not taken for another. */
static void test_request_children_count_from_one(void **state)
{
#define OF(X) "{ \"expertise\": 12, \"intensity\": 2, \"duration_weeks\": 8" X " }"
#define TWO(NEEDS)                                                                                \
	"{ \"kind\": \"SEARCH\", \"zone\": \"rits\", \"urgency\": \"STANDARD\",\n"                \
	"  \"children\": [ { \"age_years\": 14 }, { \"age_years\": 7 } ],\n" TOLD "  \"needs\": " \
	"[ " NEEDS " ] "                                                                          \
	"}"
	(void)state;
	assert_int_equal(read_one(TWO(OF(", \"child\": 1") ", " OF(", \"child\": 2")), FILE_JSON),
			 SK_OK);
	assert_int_equal(request.submit->needs[0]->child, 0);
	assert_int_equal(request.submit->needs[1]->child, 1);
	expect(TWO(OF(", \"child\": 0")), 4, "needs[0].child");
	expect(TWO(OF(", \"child\": 3")), 4, "needs[0].child");
	expect(TWO(OF(", \"child\": 1") ", " OF("")), 4, "needs[1].child");
	assert_non_null(strstr(error.nl, "2 voor het tweede"));
	expect(TWO(OF(", \"child\": 1") " ],\n \"strengths\": [ { \"kind\": \"PERSON\", \"child\": "
					"0 }"),
	       5, "strengths[0].child");
	/* Of one child it need not be said. */
	assert_int_equal(read_one(GOOD_HEAD TOLD "\"needs\": [ " OF("") " ] }", FILE_JSON), SK_OK);
	assert_int_equal(request.submit->needs[0]->child, 0);
	expect(GOOD_HEAD TOLD "\"needs\": [ " OF(", \"child\": 2") " ] }", 4, "needs[0].child");
#undef TWO
#undef OF
}

/* Words of people are codes too: Dutch and English labels, any case. */
static void test_request_words_stand_for_codes(void **state)
{
	(void)state;
	assert_int_equal(read_one(GOOD_HEAD TOLD "\"needs\": [ { \"expertise\": \"geweld thuis\", "
						 "\"intensity\": 1, \"duration_weeks\": 1 } ],"
						 "\"excluded_partners\": [ \"clb-ieper\" ] }",
				  FILE_JSON),
			 SK_OK);
	assert_int_equal(request.submit->needs[0]->expertise, 29);
	assert_string_equal(request.submit->excluded_partners[0], "clb-ieper");
}

static void test_request_errors_name_line_and_field(void **state)
{
	(void)state;
	expect("{ \"kind\": \"SEARCH\",\n \"zone\": \"Rits!\",\n \"urgency\": \"STANDARD\" }", 2,
	       "zone");
	expect("{ \"kind\": \"ZOEK\",\n \"zone\": \"rits\" }", 1, "kind");
	expect("{ \"zone\": \"rits\" }", 1, "kind");
	expect("{ \"kind\": \"SEARCH\", \"zone\": \"rits\", \"urgency\": \"STANDARD\",\n"
	       "  \"wie\": 1 }",
	       2, "wie");
	expect(GOOD_HEAD TOLD "  \"needs\": [ " NEED ",\n { \"expertise\": \"IETS\" } ] }", 5,
	       "needs[1].expertise");
	expect(GOOD_HEAD TOLD "  \"needs\": [ { \"expertise\": 12,\n \"intensity\": 169,\n"
			      "\"duration_weeks\": 1 } ] }",
	       5, "needs[0].intensity");
	expect(GOOD_HEAD "\"needs\": [ " NEED " ] }", 1, "told");
	expect(GOOD_HEAD TOLD "  \"needs\": [] }", 4, "needs");
	assert_non_null(strstr(error.nl, "voeg ze toe"));
}

static void test_request_crisis_needs_step_and_reason(void **state)
{
	(void)state;
	expect("{ \"kind\": \"SEARCH\", \"zone\": \"rits\", \"urgency\": \"CRISIS\",\n"
	       "\"children\": [ { \"age_years\": 9 } ],\n" TOLD "\"needs\": [ " NEED " ] }",
	       1, "crisis_step");
	assert_int_equal(read_one("{ \"kind\": \"SEARCH\", \"zone\": \"rits\", \"urgency\": "
				  "\"CRISIS\", \"crisis_step\": \"NOW\", \"reason\": \"VIOLENCE\","
				  "\"children\": [ { \"age_years\": 9 } ],\n" TOLD "\"needs\": "
				  "[ " NEED " ] }",
				  FILE_JSON),
			 SK_OK);
}

static void test_request_numbers_at_and_past_their_bounds(void **state)
{
	static const struct {
		const char *age;
		int err;
	} ages[] = { { "0", SK_OK },
		     { "25", SK_OK },
		     { "26", SK_EPROTO },
		     { "-1", SK_EPROTO },
		     { "1.5", SK_EPROTO },
		     { "\"9\"", SK_EPROTO },
		     { "9999999999999", SK_EPROTO } };
	char text[600];

	(void)state;
	for (size_t i = 0; i < SK_LEN(ages); i++) {
		(void)snprintf(text, sizeof(text),
			       "{ \"kind\": \"SEARCH\", \"zone\": \"rits\", \"urgency\": "
			       "\"STANDARD\", \"children\": [ { \"age_years\": %s } ],\n" TOLD
			       "\"needs\": [ " NEED " ] }",
			       ages[i].age);
		assert_int_equal(read_one(text, FILE_JSON), ages[i].err);
	}
}

static void test_request_needs_at_and_past_their_number(void **state)
{
	char text[8000];

	(void)state;
	for (int n = NEEDS_MAX; n <= NEEDS_MAX + 1; n++) {
		(void)snprintf(text, sizeof(text), "%s", GOOD_HEAD TOLD "\"needs\": [ ");
		for (int i = 0; i < n; i++) {
			size_t len = strlen(text);
			(void)snprintf(text + len, sizeof(text) - len, "%s" NEED,
				       i == 0 ? "" : ", ");
		}
		size_t len = strlen(text);
		(void)snprintf(text + len, sizeof(text) - len, " ] }");
		assert_int_equal(read_one(text, FILE_JSON), n == NEEDS_MAX ? SK_OK : SK_EPROTO);
	}
	assert_string_equal(error.field, "needs");
}

static void test_request_story_at_and_past_its_length(void **state)
{
	static char text[CAPSULE_PLAIN_MAX + 600];
	/* The content is {"callback":"...","name":"X"}: what is not the text counts too. */
	int around = (int)strlen("{\"callback\":\"\",\"name\":\"X\"}");

	(void)state;
	for (int past = 0; past <= 1; past++) {
		(void)snprintf(text, sizeof(text),
			       GOOD_HEAD "\"told\": [ { \"callback\": \"%0*d\", \"name\": \"X\" } "
					 "],\n\"needs\": [ " NEED " ] }",
			       CAPSULE_PLAIN_MAX - around + past, 0);
		assert_int_equal(read_one(text, FILE_JSON), past == 0 ? SK_OK : SK_EPROTO);
	}
	assert_string_equal(error.field, "told[0]");
}

static void test_json_broken_text_names_its_line(void **state)
{
	static const uint8_t bad[] = "{\n\"a\": \"\xff\" }";

	(void)state;
	assert_int_equal(read_text("{\n \"a\": 1,\n }", FILE_JSON), SK_EPROTO);
	assert_int_equal(error.line, 3);
	assert_int_equal(read_text((const char *)bad, FILE_JSON), SK_EPROTO);
	assert_int_equal(error.line, 2);
	assert_int_equal(read_text("{ \"a\": 1, \"a\": 2 }", FILE_JSON), SK_EPROTO);
	assert_int_equal(read_text("", FILE_JSON), SK_EPROTO);
}

static void test_json_depth_at_and_past_its_bound(void **state)
{
	(void)state;
	assert_int_equal(read_text("[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", FILE_JSON), SK_OK);
	jsonin_done(&in);
	assert_int_equal(read_text("[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", FILE_JSON), SK_EPROTO);
	/* Brackets in a text are no depth. */
	assert_int_equal(read_text("[\"[[[[[[[[[[[[[[[[[[[[\"]", FILE_JSON), SK_OK);
	jsonin_done(&in);
}

#define HEAD "request,kind,zone,urgency,age,callback,expertise,intensity,weeks,must\n"

static void test_request_table_rows_join_by_key(void **state)
{
	(void)state;
	assert_int_equal(read_text(HEAD "a,SEARCH,rits,STANDARD,14,051,TRAUMA,1,10,ja\n"
					"b,SEARCH,westhoek,URGENT,7,052,RESPITE,2,4,nee\n"
					"a,,,,,,BEHAVIOUR,2,12,nee\n",
				   FILE_CSV),
			 SK_OK);
	assert_int_equal(request_file_count(&in), 2);
	assert_int_equal(request_file_get(&in, 0, &request), SK_OK);
	assert_int_equal(request.submit->n_needs, 2);
	assert_int_equal(request.submit->needs[1]->expertise, 2);
	assert_int_equal(request_file_get(&in, 1, &request), SK_OK);
	assert_int_equal(request.submit->urgency, U(URGENT));
	jsonin_done(&in);
}

static void test_request_table_errors_name_the_row(void **state)
{
	(void)state;
	assert_int_equal(read_text(HEAD "a,SEARCH,rits,STANDARD,14,051,TRAUMA,1,10,ja\n"
					"a,,,,,,IETS,2,12,nee\n",
				   FILE_CSV),
			 SK_OK);
	assert_int_equal(request_file_get(&in, 0, &request), SK_EPROTO);
	assert_int_equal(error.line, 3);
	assert_string_equal(error.field, "expertise"); /* the column */
	jsonin_done(&in);
	assert_int_equal(read_text(HEAD "a,SEARCH,rits,STANDARD,14,051,TRAUMA,1,10,ja\n"
					"a,,westhoek,,,,TRAUMA,2,12,nee\n",
				   FILE_CSV),
			 SK_EPROTO);
	assert_int_equal(error.line, 3);
	assert_string_equal(error.field, "zone");
	assert_int_equal(read_text(HEAD "a,SEARCH,rits,STANDARD,veel,051,TRAUMA,1,10,ja\n",
				   FILE_CSV),
			 SK_EPROTO);
	assert_string_equal(error.field, "age");
	assert_int_equal(read_text("request,wat\na,b\n", FILE_CSV), SK_EPROTO);
	assert_string_equal(error.field, "wat");
	assert_int_equal(read_text("kind\nSEARCH\n", FILE_CSV), SK_EPROTO);
	assert_string_equal(error.field, "request");
}

static void test_request_table_rows_at_and_past_their_number(void **state)
{
	static char text[4000];

	(void)state;
	(void)snprintf(text, sizeof(text), "%s", HEAD);
	for (int i = 0; i <= JSONIN_ITEMS_MAX; i++) {
		size_t len = strlen(text);
		(void)snprintf(text + len, sizeof(text) - len, "a,,,,,,TRAUMA,1,1,ja\n");
		int err = read_text(text, FILE_CSV);
		assert_int_equal(err, i < JSONIN_ITEMS_MAX ? SK_OK : SK_EPROTO);
		if (err == SK_OK) {
			jsonin_done(&in);
		}
	}
	assert_int_equal(error.line, JSONIN_ITEMS_MAX + 2);
}

static void test_capacity_table_makes_uses(void **state)
{
	static const char text[] = "id,partner,unit,total,funded,staffed,used_elsewhere,insured,"
				   "use,expertises,supporter,"
				   "modality,age_from,age_to,zones,languages,access,continuum,cost_"
				   "units,typemodule\n"
				   "p1,x,HOURS_WEEK,110,100,92,64,0,1,TRAUMA "
				   "BEHAVIOUR,PROFESSIONAL,MOBILE,0,17,"
				   "rits,nl,DIRECT,PROBLEM_BOUND,1,m\n"
				   "p1,x,HOURS_WEEK,110,100,92,64,0,2,RESPITE,PROFESSIONAL,"
				   "AMBULANT,17,6,"
				   "rits westhoek,nl fr,DIRECT,PROBLEM_BOUND,1,m\n";
	Schakel__V1__PutCapacity *put = NULL;

	(void)state;
	arena_init(&arena, block, sizeof(block));
	assert_int_equal(capacity_file_read(&in, &arena, (struct slice){ text, strlen(text) },
					    FILE_CSV, &error),
			 SK_OK);
	/* The second row has its ages the wrong way round: found, on its own line. */
	assert_int_equal(capacity_file_get(&in, 0, &put), SK_EPROTO);
	assert_int_equal(error.line, 3);
	assert_string_equal(error.field, "age_from");
	assert_non_null(put);
	assert_string_equal(put->pool, "p1");
	assert_int_equal(put->staffed, 92);
	assert_int_equal(put->n_uses, 2);
	assert_int_equal(put->uses[0]->n_expertises, 2);
	assert_int_equal(put->uses[0]->expertises[0], 12);
	assert_string_equal(put->uses[1]->zones[1], "westhoek");
	jsonin_done(&in);
}

#define MORE_HEAD                                                                                  \
	"id,unit,staffed,use,expertises,modality,age_to,zones,access,cost_units,from_use,to_pool," \
	"from_units,to_units,most_week\n"
#define MORE_ROW "p1,HOURS_WEEK,92,%d,TRAUMA,MOBILE,17,rits,DIRECT,1,"

/* B7: each row of a spreadsheet may add a conversion; a row without one adds none. */
static void test_capacity_table_makes_conversions(void **state)
{
	static const char text[] = MORE_HEAD
		"p1,HOURS_WEEK,92,1,TRAUMA,MOBILE,17,rits,DIRECT,1,,,,,\n"
		"p1,HOURS_WEEK,92,2,TRAUMA,MOBILE,17,rits,DIRECT,1,2,p2,8,4,16\n"
		"p1,HOURS_WEEK,92,3,TRAUMA,MOBILE,17,rits,DIRECT,1,3,p3,1,1,\n"
		"p4,HOURS_WEEK,92,1,TRAUMA,MOBILE,17,rits,DIRECT,1,,,,,\n";
	Schakel__V1__PutCapacity *put = NULL;

	(void)state;
	arena_init(&arena, block, sizeof(block));
	assert_int_equal(capacity_file_read(&in, &arena, (struct slice){ text, strlen(text) },
					    FILE_CSV, &error),
			 SK_OK);
	assert_int_equal(capacity_file_get(&in, 0, &put), SK_OK);
	assert_int_equal(put->n_uses, 3);
	assert_int_equal(put->n_conversions, 2);
	assert_int_equal(put->conversions[0]->from_use, 2);
	assert_string_equal(put->conversions[0]->to_pool, "p2");
	assert_int_equal(put->conversions[0]->from_units, 8);
	assert_int_equal(put->conversions[0]->to_units, 4);
	assert_int_equal(put->conversions[0]->most_week, 16);
	assert_string_equal(put->conversions[1]->to_pool, "p3");
	assert_int_equal(capacity_file_get(&in, 1, &put), SK_OK);
	assert_int_equal(put->n_conversions, 0);
	jsonin_done(&in);
}

/* A conversion that is wrong or half is found on its own line, in its own column. */
static void test_capacity_table_bad_conversion_names_line_and_column(void **state)
{
	static const struct {
		const char *cells;
		const char *field;
	} bad[] = {
		{ "2,p2,8,0,16", "to_units" },     { "2,p2,101,1,16", "from_units" },
		{ "2,p2,x,1,16", "from_units" },   { "2,,8,1,16", "to_pool" },
		{ ",p2,8,1,16", "from_use" },      { "2,P 2,8,1,16", "to_pool" },
		{ "2,p2,8,1,10001", "most_week" },
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(bad); i++) {
		char text[600];
		Schakel__V1__PutCapacity *put = NULL;
		(void)snprintf(text, sizeof(text),
			       MORE_HEAD MORE_ROW ",,,,\n" MORE_ROW "%s\n" MORE_ROW ",,,,\n", 1, 2,
			       bad[i].cells, 3);
		arena_init(&arena, block, sizeof(block));
		struct slice bytes = { text, strlen(text) };
		int err = capacity_file_read(&in, &arena, bytes, FILE_CSV, &error);
		err = err != SK_OK ? err : capacity_file_get(&in, 0, &put);
		assert_int_equal(err, SK_EPROTO);
		assert_int_equal(error.line, 3);
		assert_string_equal(error.field, bad[i].field);
		jsonin_done(&in);
	}
}

/* Whoever mistypes a column reads all that there are. */
static void test_capacity_table_unknown_column_lists_all_once(void **state)
{
	static const char text[] = "id,unit,staffd\np1,BED,4\n";

	(void)state;
	arena_init(&arena, block, sizeof(block));
	assert_int_equal(capacity_file_read(&in, &arena, (struct slice){ text, strlen(text) },
					    FILE_CSV, &error),
			 SK_EPROTO);
	assert_int_equal(error.line, 1);
	assert_string_equal(error.field, "staffd");
	assert_non_null(strstr(error.nl, "most_week"));
	const char *once = strstr(error.nl, "because_zone");
	assert_non_null(once);
	assert_null(strstr(once + 1, "because_zone"));
}

static void test_file_kind_follows_name_then_content(void **state)
{
	(void)state;
	assert_int_equal(file_kind_of("a.csv", (struct slice){ "{", 1 }), FILE_CSV);
	assert_int_equal(file_kind_of("-", (struct slice){ " \n[", 3 }), FILE_JSON);
	assert_int_equal(file_kind_of("-", (struct slice){ "id,x", 4 }), FILE_CSV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_good_file_becomes_a_message),
		cmocka_unit_test(test_request_words_about_somebody_are_marked),
		cmocka_unit_test(test_request_children_count_from_one),
		cmocka_unit_test(test_request_words_stand_for_codes),
		cmocka_unit_test(test_request_errors_name_line_and_field),
		cmocka_unit_test(test_request_crisis_needs_step_and_reason),
		cmocka_unit_test(test_request_numbers_at_and_past_their_bounds),
		cmocka_unit_test(test_request_needs_at_and_past_their_number),
		cmocka_unit_test(test_request_story_at_and_past_its_length),
		cmocka_unit_test(test_json_broken_text_names_its_line),
		cmocka_unit_test(test_json_depth_at_and_past_its_bound),
		cmocka_unit_test(test_request_table_rows_join_by_key),
		cmocka_unit_test(test_request_table_errors_name_the_row),
		cmocka_unit_test(test_request_table_rows_at_and_past_their_number),
		cmocka_unit_test(test_capacity_table_makes_uses),
		cmocka_unit_test(test_capacity_table_makes_conversions),
		cmocka_unit_test(test_capacity_table_bad_conversion_names_line_and_column),
		cmocka_unit_test(test_capacity_table_unknown_column_lists_all_once),
		cmocka_unit_test(test_file_kind_follows_name_then_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
