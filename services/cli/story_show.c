/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/story_show.h"

#include <stdlib.h>
#include <string.h>

#include "services/cli/output.h"
#include "services/cli/story.h"

#define COLUMNS 80

static const struct {
	const char *key;
	const char *nl;
	const char *en;
} kinds[] = {
	{ "name", "naam", "name" },
	{ "callback", "terugbellen", "call back" },
	{ "address", "adres", "address" },
	{ "story", "verteld", "told" },
	{ "about", "een ander over deze persoon", "somebody else about this person" },
	{ "plan", "nachtplan", "night plan" },
	{ "asked_back", "wat nog nodig is", "what is still needed" },
	{ "informed", "aangevuld", "told later" },
	{ "advice", "advies", "advice" },
	{ "goal", "doel", "goal" },
	{ "own", "eigen kring of middelen", "own circle or means" },
	{ "question", "onderzoeksvraag", "diagnostic question" },
};

static bool is_known(const char *key)
{
	for (size_t i = 0; i < SK_LEN(kinds); i++) {
		if (strcmp(kinds[i].key, key) == 0) {
			return true;
		}
	}
	return false;
}

/* A text keeps its own lines. */
static void put_text(const struct cli *c, const char *head, const char *text, size_t indent)
{
	(void)fprintf(c->out, "%*s%s:\n", (int)indent, "", head);
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		char *line = strndup(text, len);
		if (line == NULL) {
			return;
		}
		(void)fprintf(c->out, "%*s", (int)indent + 2, "");
		text_wrapped(c->out, line, indent + 2, COLUMNS);
		(void)fputc('\n', c->out);
		explicit_bzero(line, len);
		free(line);
		text += len + (text[len] == '\n');
	}
}

size_t story_texts(const struct cli *c, json_t *piece, size_t indent)
{
	const char *key;
	json_t *value;
	size_t shown = 0;

	for (size_t i = 0; i < SK_LEN(kinds); i++) {
		const char *text = json_string_value(json_object_get(piece, kinds[i].key));
		if (text != NULL && text[0] != '\0') {
			put_text(c, cli_text(c, kinds[i].nl, kinds[i].en), text, indent);
			shown++;
		}
	}
	json_object_foreach (piece, key, value) {
		const char *text = json_string_value(value);
		if (text != NULL && text[0] != '\0' && !is_known(key) &&
		    strcmp(key, "person") != 0) {
			put_text(c, key, text, indent);
			shown++;
		}
	}
	return shown;
}

/* People who told are counted in the order in which they stand. */
static size_t teller(json_t *list, size_t at)
{
	json_t *me = json_object_get(json_array_get(list, at), "person");
	size_t others = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *person = json_object_get(json_array_get(list, i), "person");
		bool first = true;
		for (size_t k = 0; k < i && first; k++) {
			first = !json_equal(person, json_object_get(json_array_get(list, k), "perso"
											     "n"));
		}
		others += first;
		if (json_equal(person, me)) {
			break;
		}
	}
	return others;
}

void story_show(const struct cli *c, json_t *list)
{
	size_t i;
	json_t *piece;

	json_array_foreach (list, i, piece) {
		(void)fprintf(c->out,
			      cli_text(c, "%lld. verteller %zu, versie %lld\n",
				       "%lld. teller %zu, version %lld\n"),
			      (long long)json_integer_value(json_object_get(piece, "number")),
			      teller(list, i),
			      (long long)json_integer_value(json_object_get(piece, "version")));
		if (json_is_true(json_object_get(piece, "unreadable"))) {
			(void)fprintf(c->out, "   %s\n",
				      cli_text(c, "niet te openen met de sleutel van deze node",
					       "cannot be opened with the key of this node"));
		} else if (story_texts(c, piece, 3) == 0) {
			(void)fprintf(c->out, "   %s\n", cli_text(c, "(geen tekst)", "(no text)"));
		}
	}
}

/* --- words beside the parts of a plan --- */

static void words_of_row(struct cli *c, const struct sealed_words *w, size_t i, json_t *piece)
{
	json_t *row = json_array_get(w->rows, i);
	bool locked = piece == NULL || json_is_true(json_object_get(piece, "unreadable"));

	if (c->json && piece != NULL) {
		(void)json_object_set(row, w->key, piece);
		return;
	}
	if (c->json) {
		(void)json_object_del(row, w->key); /* sealed bytes say nothing to anybody */
		return;
	}
	(void)fprintf(c->out, "  %lld.%s\n",
		      (long long)json_integer_value(json_object_get(row, "number")),
		      !locked ? "" :
				cli_text(c, " op slot: de sleutel ligt op de node zelf",
					 " locked: the key is on the node itself"));
	if (!locked) {
		(void)story_texts(c, piece, 5);
	}
}

void story_words(struct cli *c, const struct sealed_words *w)
{
	Schakel__V1__Capsule **list = cli_alloc(c, (w->len + 1) * sizeof(*list));
	json_t *opened = NULL;
	size_t n = 0;

	for (size_t i = 0; i < w->len; i++) {
		if (w->words[i] != NULL) {
			list[n++] = w->words[i];
		}
	}
	if (n > 0 && story_key_here(c) && story_open_list(c, list, n, &opened) != CLI_DONE) {
		opened = NULL;
	}
	n = 0;
	for (size_t i = 0; i < w->len; i++) {
		if (w->words[i] != NULL) {
			words_of_row(c, w, i, json_array_get(opened, n++));
		}
	}
	json_decref(opened);
}
