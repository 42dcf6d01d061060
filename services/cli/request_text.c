/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/request_text.h"

#include <string.h>

#include "common/civil.h"
#include "common/step.h"
#include "common/when.h"
#include "common/words.h"
#include "services/cli/output.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define OPEN_PLACE "…"

static const char *text_at(json_t *doc, const char *path)
{
	const char *s = json_string_value(json_at(doc, path));

	return s == NULL ? "" : s;
}

static const char *word_at(const struct cli *c, json_t *doc, const char *path,
			   const ProtobufCEnumDescriptor *set)
{
	int v = 0;

	return word_find(set, text_at(doc, path), &v) ? word_of(set, v, c->lang) : "";
}

static void put(json_t *doc, const char *key, const char *text)
{
	if (text[0] != '\0') {
		(void)json_object_set_new(doc, key, json_string(text));
	}
}

/* --- states --- */

struct filled_word word_filled(const char *word, const char *filler)
{
	struct filled_word t = { "" };
	const char *at = strstr(word, OPEN_PLACE);

	if (at == NULL) {
		(void)snprintf(t.s, sizeof(t.s), "%s", word);
	} else if (filler[0] != '\0') {
		(void)snprintf(t.s, sizeof(t.s), "%.*s%s%s", (int)(at - word), word, filler,
			       at + strlen(OPEN_PLACE));
	} else {
		const char *comma = memchr(word, ',', (size_t)(at - word));
		const char *end = comma != NULL ? comma : at - (at > word);
		while (comma == NULL && end > word && end[-1] != ' ') {
			end--; /* "since" goes with the day */
		}
		end -= end > word && end[-1] == ' ';
		(void)snprintf(t.s, sizeof(t.s), "%.*s", (int)(end - word), word);
	}
	return t;
}

/* What stands in the open place of the word of a row's state. */
static const char *filler_of(const struct cli *c, json_t *row, struct civil_text *day)
{
	enum civil_lang lang = c->lang == LANG_NL ? CIVIL_NL : CIVIL_EN;
	const char *state = text_at(row, "state");
	uint64_t ms = 0;

	if (strcmp(state, "CAN_IF") == 0 && json_is_true(json_object_get(row, "meeting_open"))) {
		return cli_text(c, "we elkaar eerst ontmoeten: het gezin zegt ja",
				"we meet first: the family says yes");
	}
	if (strcmp(state, "CAN_IF") == 0) {
		return word_at(c, row, "can_if", SET(can_if));
	}
	if (strcmp(state, "NOT_OURS") == 0) {
		return text_at(row, "suggests");
	}
	const char *at = text_at(row, strcmp(state, "NOT_NOW") == 0 ? "until_ms" : "confirmed_ms");
	if (!when_parse(at, &ms)) {
		return "";
	}
	*day = civil_format_date(ms, lang);
	return day->s;
}

void states_text_add(const struct cli *c, json_t *rows, const ProtobufCEnumDescriptor *set)
{
	size_t i;
	json_t *row;

	json_array_foreach (rows, i, row) {
		struct civil_text day;
		const char *filler = filler_of(c, row, &day);
		put(row, "state_text", word_filled(word_at(c, row, "state", set), filler).s);
	}
}

/* --- the request as a whole --- */

/* Why nothing is asked any more: the word that all needs share, or that it is done. */
static const char *closed_word(const struct cli *c, json_t *doc)
{
	json_t *needs = json_object_get(doc, "needs");
	const char *first = text_at(doc, "needs.0.need.state");
	bool same = json_array_size(needs) > 0;
	size_t i;
	json_t *need;

	json_array_foreach (needs, i, need) {
		same = same && strcmp(text_at(need, "need.state"), first) == 0;
	}
	return same ? word_at(c, doc, "needs.0.need.state", SET(need_state)) :
		      word_of(SET(need_state), SCHAKEL__V1__NEED_STATE__NEED_STATE_CLOSED, c->lang);
}

/* Until somebody is named the organisation on duty stands there, and people may read it as named.
 */
static void put_contact(const struct cli *c, json_t *doc)
{
	char text[320];
	const char *party = text_at(doc, "contact_party");
	bool named = json_is_true(json_object_get(doc, "contact_named"));

	(void)snprintf(text, sizeof(text), "%s%s",
		       party[0] == '\0' ? party : party_text(c, party).s,
		       named || party[0] == '\0' ? "" :
						   cli_text(c, " (voorlopig, nog niet benoemd)",
							    " (for now, nobody is named yet)"));
	put(doc, "contact_text", text);
}

static void put_ground(const struct cli *c, json_t *doc)
{
	char text[240];
	const char *ground = word_at(c, doc, "ground", SET(ground));
	const char *reason = word_at(c, doc, "ground_reason", SET(danger_reason));

	if (json_is_true(json_object_get(doc, "ground_complete"))) {
		(void)snprintf(text, sizeof(text), "%s%s%s%s%s%s", cli_text(c, "ja", "yes"),
			       ground[0] == '\0' ? "" : ": ", ground, reason[0] == '\0' ? "" : " (",
			       reason, reason[0] == '\0' ? "" : ")");
		put(doc, "ground_text", text);
	} else if (json_object_get(doc, "voices_wanted") != NULL) {
		put(doc, "ground_text", cli_text(c, "nog niet", "not yet"));
	}
}

/* Advice that was enough answers the request; nothing was started. */
static void put_advice(json_t *doc)
{
	json_t *at = json_object_get(doc, "answered_ms");

	if (at != NULL && strcmp(text_at(doc, "consult"), "CLOSED") == 0) {
		(void)json_object_set(doc, "advice_ms", at);
		(void)json_object_del(doc, "answered_ms");
	}
}

/* The plan holds until its call: that nothing is planned is not true until then. */
static void put_night(const struct cli *c, json_t *doc)
{
	char text[240] = "";
	json_t *called = json_object_get(doc, "called");
	size_t i;
	json_t *row;

	json_array_foreach (called, i, row) {
		const char *code = json_string_value(row);
		size_t len = strlen(text);
		int v = 0;
		if (code != NULL && word_find(SET(called_service), code, &v)) {
			(void)snprintf(text + len, sizeof(text) - len, "%s%s", len == 0 ? "" : ", ",
				       word_of(SET(called_service), v, c->lang));
		}
	}
	put(doc, "called_text", text);
	if (json_is_true(json_object_get(doc, "night_plan")) &&
	    strcmp(text_at(doc, "next"), "CRISIS_UNHELD") == 0) {
		(void)json_object_del(doc, "next");
		put(doc, "watch_text",
		    cli_text(c, "de afgesproken telefoon, en of er dan een plek is",
			     "the promised call, and whether there is a place then"));
	}
}

void request_text_add(const struct cli *c, json_t *doc)
{
	if (json_is_false(json_object_get(doc, "open"))) {
		put(doc, "state_text", closed_word(c, doc));
	}
	put_contact(c, doc);
	put_ground(c, doc);
	put_advice(doc);
	put_night(c, doc);
	if (json_is_true(json_object_get(doc, "concern_reported"))) {
		put(doc, "concern_text", cli_text(c, "is ingelicht", "has been told"));
	}
}
