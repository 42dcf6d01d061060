/* SPDX-License-Identifier: EUPL-1.2 */
/* What somebody wrote is read again by who may: whole, under what it is (B2, B10, C10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/capsule.h"
#include "schakel/v1/command.pb-c.h"
#include "services/cli/nodefile.h"
#include "services/cli/said.h"
#include "services/cli/story_show.h"
#include "tests/unit/node_rig.h"

static struct node_rig rig;
static char *text;
static size_t text_len;

/* A command at a node whose capsule keys are there. */
static struct cli begin(bool json)
{
	struct cli c = { .lang = LANG_NL, .json = json, .node_dir = rig.dir };

	arena_init(&c.arena, aligned_alloc(16, CLI_ARENA_BYTES), CLI_ARENA_BYTES);
	c.out = open_memstream(&text, &text_len);
	c.err = c.out;
	return c;
}

static const char *end(struct cli *c)
{
	static char copy[20000];

	(void)fclose(c->out);
	(void)snprintf(copy, sizeof(copy), "%s", text);
	free(text);
	free(c->arena.base);
	return copy;
}

static void keys_write(void)
{
	uint8_t public_key[CAPSULE_KEY_LEN];
	uint8_t secret_key[CAPSULE_KEY_LEN];
	char hex[2][2 * CAPSULE_KEY_LEN + 2] = { "", "" };

	capsule_keypair(public_key, secret_key);
	for (size_t i = 0; i < CAPSULE_KEY_LEN; i++) {
		(void)snprintf(hex[0] + 2 * i, 4, "%02x\n", public_key[i]);
		(void)snprintf(hex[1] + 2 * i, 4, "%02x\n", secret_key[i]);
	}
	node_rig_file(&rig, "keys/" NODE_CAPSULE_PUBLIC, hex[0]);
	node_rig_file(&rig, "keys/" NODE_CAPSULE_SECRET, hex[1]);
	char path[NODE_RIG_PATH_MAX];
	node_rig_path(&rig, "keys/" NODE_CAPSULE_SECRET, path);
	assert_int_equal(chmod(path, 0600), 0);
}

static PB(Capsule) *sealed(struct cli *c, const char *name, const char *words)
{
	char path[NODE_RIG_PATH_MAX];
	PB(Capsule) *capsule = NULL;

	node_rig_file(&rig, "woorden.txt", words);
	node_rig_path(&rig, "woorden.txt", path);
	assert_int_equal(said_seal(c, path, name, &capsule), CLI_DONE);
	assert_non_null(capsule);
	return capsule;
}

/* B2: the words of a goal stand with the goal, of the own circle with it; whatever its kind, no
 * text is left out, and a long one is whole. */
static void test_story_words_of_a_plan_are_shown(void **state)
{
	struct cli c = begin(false);
	char longer[4096];
	PB(Capsule) *words[] = { sealed(&c, "goal", "Ik wil weer gaan zwemmen."), NULL,
				 sealed(&c, "iets-nieuws", "Een woord dat later kwam.") };
	json_t *rows = json_pack("[{s:i}, {s:i}, {s:i}]", "number", 1, "number", 2, "number", 3);
	struct sealed_words w = { "words", rows, words, SK_LEN(words) };

	(void)state;
	story_words(&c, &w);
	memset(longer, 'a', sizeof(longer));
	for (size_t i = 40; i < sizeof(longer); i += 40) {
		longer[i] = ' ';
	}
	(void)snprintf(longer + sizeof(longer) - 10, 10, " het-eind");
	json_t *piece = json_pack("{s:s}", "advice", longer);
	assert_int_equal(story_texts(&c, piece, 2), 1);
	json_decref(piece);
	json_decref(rows);
	const char *said = end(&c);
	assert_non_null(strstr(said, "1.\n     doel:\n       Ik wil weer gaan zwemmen.\n"));
	assert_non_null(strstr(said, "3.\n     iets-nieuws:\n       Een woord dat later kwam.\n"));
	assert_null(strstr(said, "2."));
	assert_non_null(strstr(said, "advies:"));
	assert_non_null(strstr(said, "het-eind"));
}

/* A program gets the opened words in the place of the sealed ones. */
static void test_story_words_of_a_plan_for_programs(void **state)
{
	struct cli c = begin(true);
	PB(Capsule) *words[] = { sealed(&c, "own", "Oma kookt op dinsdag.") };
	json_t *rows = json_pack("[{s:i, s:s}]", "number", 1, "words", "sealed");
	struct sealed_words w = { "words", rows, words, 1 };

	(void)state;
	story_words(&c, &w);
	json_t *own = json_object_get(json_object_get(json_array_get(rows, 0), "words"), "own");
	assert_string_equal(json_string_value(own), "Oma kookt op dinsdag.");
	json_decref(rows);
	assert_string_equal(end(&c), "");
}

/* Where the key is not, it is said that it is locked; nothing fails. */
static void test_story_words_without_the_key_are_locked(void **state)
{
	struct cli c = begin(false);
	PB(Capsule) *words[] = { sealed(&c, "goal", "Ik wil weer gaan zwemmen.") };
	json_t *rows = json_pack("[{s:i}]", "number", 1);
	struct sealed_words w = { "words", rows, words, 1 };
	char path[NODE_RIG_PATH_MAX];

	(void)state;
	node_rig_path(&rig, "keys/" NODE_CAPSULE_SECRET, path);
	assert_int_equal(unlink(path), 0);
	story_words(&c, &w);
	json_decref(rows);
	assert_string_equal(end(&c), "  1. op slot: de sleutel ligt op de node zelf\n");
	keys_write();
}

/* B10: the advice, what was asked back and what was told, each under its own name and teller. */
static void test_story_shows_each_piece_with_its_teller(void **state)
{
	struct cli c = begin(false);
	json_t *list = json_pack(
		"[{s:i,s:i,s:s,s:s,s:s}, {s:i,s:i,s:s,s:s}, {s:i,s:i,s:s,s:s}, {s:i,s:i,s:s,s:b}]",
		"number", 1, "version", 1, "person", "aa", "story", "Ik slaap slecht.\nAl lang.",
		"callback", "0499 00 00 00", "number", 2, "version", 1, "person", "bb",
		"asked_back", "Sinds wanneer?", "number", 3, "version", 2, "person", "aa", "advice",
		"Bel de huisarts.", "number", 4, "version", 1, "person", "cc", "unreadable", 1);

	(void)state;
	story_show(&c, list);
	json_decref(list);
	assert_string_equal(end(&c), "1. verteller 1, versie 1\n"
				     "   terugbellen:\n     0499 00 00 00\n"
				     "   verteld:\n     Ik slaap slecht.\n     Al lang.\n"
				     "2. verteller 2, versie 1\n"
				     "   wat nog nodig is:\n     Sinds wanneer?\n"
				     "3. verteller 1, versie 2\n"
				     "   advies:\n     Bel de huisarts.\n"
				     "4. verteller 3, versie 1\n"
				     "   niet te openen met de sleutel van deze node\n");
}

static int make(void **state)
{
	(void)state;
	node_rig_init(&rig);
	keys_write();
	return 0;
}

static int unmake(void **state)
{
	(void)state;
	node_rig_done(&rig);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_story_words_of_a_plan_are_shown),
		cmocka_unit_test(test_story_words_of_a_plan_for_programs),
		cmocka_unit_test(test_story_words_without_the_key_are_locked),
		cmocka_unit_test(test_story_shows_each_piece_with_its_teller),
	};
	return cmocka_run_group_tests(tests, make, unmake);
}
