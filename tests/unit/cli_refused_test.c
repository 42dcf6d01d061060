/* SPDX-License-Identifier: EUPL-1.2 */
/* Errors are for people: none says the name of a field of the wire: each that a person can send has
 * a word, and each sentence is about something that exists and names commands that exist. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/cli/refused.h"

#define MESSAGE (&schakel__v1__message__descriptor)

static int faults; /* printed; a test ends with none */

static bool good_word(const char *word)
{
	return word != NULL && word[0] != '\0' && strchr(word, '_') == NULL;
}

static void check_field(const ProtobufCFieldDescriptor *f)
{
	const struct refused_word *w = refused_word_of(f->name);
	bool list = f->label == PROTOBUF_C_LABEL_REPEATED && f->type == PROTOBUF_C_TYPE_MESSAGE;

	if (w == NULL || !good_word(w->nl) || !good_word(w->en) ||
	    (list && (!good_word(w->one_nl) || !good_word(w->one_en)))) {
		print_error("%s has no word in refused_words.c\n", f->name);
		faults++;
	}
}

static void check_fields(const ProtobufCMessageDescriptor *d)
{
	for (unsigned i = 0; i < d->n_fields; i++) {
		check_field(&d->fields[i]);
		if (d->fields[i].type == PROTOBUF_C_TYPE_MESSAGE) {
			check_fields(d->fields[i].descriptor); /* never recursive: a lint */
		}
	}
}

/* Commands and queries of clients stand first in the schema; views and what daemons tell do not
 * come from a person. */
static bool is_sent(const ProtobufCFieldDescriptor *f)
{
	size_t len = strlen(f->name);
	bool view = len > 5 && strcmp(f->name + len - 5, "_view") == 0;

	return f->id >= 100 && f->id < SCHAKEL__V1__MESSAGE__BODY_RECEIPT && !view;
}

static void test_refused_every_field_that_is_sent_has_a_word(void **state)
{
	size_t seen = 0;

	(void)state;
	for (unsigned i = 0; i < MESSAGE->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &MESSAGE->fields[i];
		if (f->type == PROTOBUF_C_TYPE_MESSAGE && is_sent(f)) {
			check_fields(f->descriptor);
			seen++;
		}
	}
	assert_true(seen > 80);
	assert_int_equal(faults, 0);
}

/* "schakel capacity list" in a text is a command. */
static void check_commands(const char *text)
{
	static const char before[] = "schakel ";

	for (const char *at = strstr(text, before); at != NULL; at = strstr(at, before)) {
		char two[64], one[64];
		at += strlen(before);
		size_t first = strspn(at, "abcdefghijklmnopqrstuvwxyz-");
		size_t second = at[first] != ' ' ? 0 :
						   1 + strspn(at + first + 1, "abcdefghijklmnopqrst"
									      "uvwxyz-");
		(void)snprintf(one, sizeof(one), "%.*s", (int)first, at);
		(void)snprintf(two, sizeof(two), "%.*s", (int)(first + second), at);
		if (command_find(two) == NULL && command_find(one) == NULL) {
			print_error("no command: %s\n", two);
			faults++;
		}
	}
}

static size_t check_rows(const struct refused_row *row)
{
	size_t len = 0;

	for (; row->field != NULL; row++, len++) {
		bool known = row->message == NULL ||
			     protobuf_c_message_descriptor_get_field_by_name(MESSAGE,
									     row->message) != NULL;
		if (!known || refused_word_of(row->field) == NULL) {
			print_error("%s, %s\n", known ? "no such field" : row->message, row->field);
			faults++;
		}
		check_commands(row->nl);
		check_commands(row->en);
		assert_true(row->nl[0] < 'A' || row->nl[0] > 'Z'); /* it stands behind a colon */
		/* None stands behind one that hides it. */
		if (refused_row_of(row->code, row->message, row->field) != row) {
			print_error("%s is hidden by a row before it\n", row->field);
			faults++;
		}
	}
	return len;
}

static void test_refused_every_sentence_can_be_used(void **state)
{
	(void)state;
	faults = 0;
	assert_true(check_rows(refused_rows) > 50);
	assert_true(check_rows(refused_more) > 50);
	assert_int_equal(faults, 0);
}

/* A place in a list is counted from one, as people do. */
static void test_refused_field_is_called_by_its_place(void **state)
{
	struct cli c = { .lang = LANG_NL };

	(void)state;
	assert_string_equal(refused_called(&c, "submit_request.children[0].stays[1].days").s,
			    "Kind 1, verblijfplaats 2, dagen");
	assert_string_equal(refused_called(&c, "children").s, "Kinderen");
	assert_string_equal(refused_called(&c, "query_asks").s, "");
	c.lang = LANG_EN;
	assert_string_equal(refused_called(&c, "needs[2].expertise").s, "Need 3, kind of help");
}

/* The rule that was broken, and who may: not the one that was kept, nor "somebody else". */
static void test_refused_limits_and_rights_are_named_whole(void **state)
{
	const struct refused_row *call = refused_row_of(SCHAKEL__V1__REFUSAL__REFUSAL_OUT_OF_RANGE,
							"record_night_plan", "call_at_ms");
	const struct refused_row *days =
		refused_row_of(SCHAKEL__V1__REFUSAL__REFUSAL_NOT_YOURS, "give_priority", "ground");

	(void)state;
	assert_non_null(call);
	assert_true(strstr(call->nl, "vier uur") != NULL && strstr(call->nl, "8.30") != NULL);
	assert_true(strstr(call->en, "four hours") != NULL && strstr(call->en, "8.30") != NULL);
	assert_non_null(days);
	assert_non_null(strstr(days->nl, "crisismeldpunt"));
	assert_non_null(strstr(days->en, "crisis contact point"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_limits_and_rights_are_named_whole),
		cmocka_unit_test(test_refused_every_field_that_is_sent_has_a_word),
		cmocka_unit_test(test_refused_every_sentence_can_be_used),
		cmocka_unit_test(test_refused_field_is_called_by_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
