/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/refused.h"

#include <stdlib.h>
#include <string.h>

#define CODE(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME

/* Fields whose option or word on the command line has another name than they have themselves. */
static const struct {
	const char *field;
	const char *typed; /* an option, or a word of the command's values */
} names[] = {
	{ "request_id", "AANMELDING" },
	{ "need_id", "HULPVRAAG" },
	{ "short_code", "AANMELDING" },
	{ "short_code", "HULPVRAAG" },
	{ "short_code", "contribution" },
	{ "short_code", "AANDEEL" },
	{ "speaker", "view" },
	{ "until_ms", "until" },
	{ "row", "RIJ" },
	{ "fit", "PAST" },
	{ "flow", "MOMENT" },
	{ "link", "BAND" },
	{ "moment", "end" },
	{ "signal_id", "SIGNAAL" },
	{ "call_id", "OPROEP" },
	{ "to", "TOESTAND" },
	{ "about_party", "to" },
	{ "contribution_id", "AANDEEL" },
	{ "contribution_id", "VRAAG" },
	{ "answer", "ANTWOORD" },
	{ "voice", "STEM" },
	{ "reason", "REDEN" },
	{ "reason", "emergency" },
	{ "reason", "pause" },
	{ "ground", "emergency" },
	{ "party", "PARTIJ" },
	{ "stand_in", "VERVANGER" },
	{ "pool", "AANBOD" },
	{ "pool", "BESTAND|AANBOD" },
	{ "peer", "VAN" },
	{ "peer", "DIENST" },
	{ "can_if", "if" },
	{ "start_at_ms", "start" },
	{ "proposal_version", "version" },
	{ "crisis_step", "step" },
	{ "wait_class", "class" },
	{ "bridging_party", "bridging" },
	{ "excluded_partners", "exclude" },
	{ "exclude_partners", "exclude" },
	{ "allow_partners", "allow" },
};

/* The field alone: "excluded_partners" of "record_position.excluded_partners[2]". */
static struct refused_text bare(const char *field)
{
	struct refused_text t = { "" };
	const char *dot = strrchr(field, '.');
	const char *own = dot == NULL ? field : dot + 1;

	(void)snprintf(t.s, sizeof(t.s), "%.*s", (int)strcspn(own, "["), own);
	return t;
}

static bool is_message(const char *name, size_t len)
{
	char copy[48];

	(void)snprintf(copy, sizeof(copy), "%.*s", (int)len, name);
	return protobuf_c_message_descriptor_get_field_by_name(&schakel__v1__message__descriptor,
							       copy) != NULL;
}

const char *refused_field(const char *field)
{
	size_t len = strcspn(field, ".");

	if (!is_message(field, len)) {
		return field;
	}
	return field[len] == '.' ? field + len + 1 : "";
}

/* "--name value" for an option of the command that was given. */
static bool put_option(const struct cli *c, const char *name, struct refused_text *t)
{
	const char *value = cli_opt(c, name);

	if (value != NULL) {
		(void)snprintf(t->s, sizeof(t->s), "--%s%s%s", name, value[0] == '\0' ? "" : " ",
			       value);
	}
	return value != NULL;
}

/* The value that stands at the place of a word like AANMELDING. */
static bool put_value(const struct cli *c, const char *word, struct refused_text *t)
{
	const char *at = c->cmd->args;

	for (size_t i = 0; i < c->args_len && *at != '\0'; i++) {
		at += strspn(at, " [");
		size_t len = strcspn(at, " ].");
		if (len == strlen(word) && memcmp(at, word, len) == 0) {
			(void)snprintf(t->s, sizeof(t->s), "\"%s\"", c->arg[i]);
			return true;
		}
		at += strcspn(at, " ");
	}
	return false;
}

/* "next_ms" is --next, "used_elsewhere" is --used-elsewhere. */
static bool put_own_option(const struct cli *c, const char *field, struct refused_text *t)
{
	char name[48];
	size_t len = strlen(field);

	len -= len > 3 && strcmp(field + len - 3, "_ms") == 0 ? 3 : 0;
	(void)snprintf(name, sizeof(name), "%.*s", (int)len, field);
	for (char *p = name; *p != '\0'; p++) {
		if (*p == '_') {
			*p = '-';
		}
	}
	return put_option(c, name, t);
}

/* The name of the message that was sent. */
static const char *sent(const struct cli *c)
{
	const ProtobufCFieldDescriptor *f =
		protobuf_c_message_descriptor_get_field(&schakel__v1__message__descriptor, c->body);

	return f == NULL ? "" : f->name;
}

/* The code of a question is of a request or a need, that of a command of help. */
static bool is_of(const struct cli *c, const char *field, const char *typed)
{
	bool query = strncmp(sent(c), "query_", 6) == 0;
	bool help = strcmp(typed, "contribution") == 0 || strcmp(typed, "AANDEEL") == 0;

	return strcmp(field, "short_code") != 0 || query != help;
}

struct refused_text refused_typed(const struct cli *c, const char *field)
{
	struct refused_text t = { "" };
	struct refused_text own = bare(field);

	if (c->cmd == NULL || refused_field(field)[0] == '\0' || put_own_option(c, own.s, &t)) {
		return t;
	}
	for (size_t i = 0; i < SK_LEN(names); i++) {
		const char *typed = names[i].typed;
		bool word = typed[0] >= 'A' && typed[0] <= 'Z';
		if (strcmp(names[i].field, own.s) == 0 && is_of(c, own.s, typed) &&
		    (word ? put_value(c, typed, &t) : put_option(c, typed, &t))) {
			return t;
		}
	}
	return t;
}

/* A row of this very message comes before one of any message. */
static const struct refused_row *find_row(const struct refused_row *row, PB(Refusal) code,
					  const char *message, const char *field)
{
	for (; row->field != NULL; row++) {
		bool of = message == NULL ?
				  row->message == NULL :
				  row->message != NULL && strcmp(row->message, message) == 0;
		if (row->code == code && of && strcmp(row->field, field) == 0) {
			return row;
		}
	}
	return NULL;
}

const struct refused_row *refused_row_of(PB(Refusal) code, const char *message, const char *field)
{
	const struct refused_row *const tables[] = { refused_rows, refused_more };
	const char *const messages[] = { message, NULL };

	for (size_t m = 0; m < SK_LEN(messages); m++) {
		for (size_t i = 0; i < SK_LEN(tables); i++) {
			const struct refused_row *row =
				find_row(tables[i], code, messages[m], field);
			if (row != NULL) {
				return row;
			}
		}
	}
	return NULL;
}

const char *refused_rule(const struct cli *c, const PB(Receipt) *r)
{
	struct refused_text own = bare(r->field);
	const struct refused_row *row = refused_row_of(r->code, sent(c), own.s);

	return row == NULL ? NULL : cli_text(c, row->nl, row->en);
}

/* --- what a field is called --- */

const struct refused_word *refused_word_of(const char *field)
{
	const struct refused_word *w = refused_words;

	while (w->field != NULL && strcmp(w->field, field) != 0) {
		w++;
	}
	return w->field == NULL ? NULL : w;
}

/* "needs[2]" is the third need; a part that nobody named is passed over. */
static void add_part(const struct cli *c, const char *part, size_t len, struct refused_text *t)
{
	char name[64];
	size_t bracket = strcspn(part, "[");
	size_t at = strlen(t->s);

	(void)snprintf(name, sizeof(name), "%.*s", (int)(bracket < len ? bracket : len), part);
	const struct refused_word *w = refused_word_of(name);
	if (w == NULL) {
		return;
	}
	const char *between = at == 0 ? "" : ", ";
	if (bracket < len && w->one_nl != NULL) {
		(void)snprintf(t->s + at, sizeof(t->s) - at, "%s%s %lu", between,
			       cli_text(c, w->one_nl, w->one_en),
			       strtoul(part + bracket + 1, NULL, 10) + 1);
	} else {
		(void)snprintf(t->s + at, sizeof(t->s) - at, "%s%s", between,
			       cli_text(c, w->nl, w->en));
	}
}

struct refused_text refused_called(const struct cli *c, const char *field)
{
	struct refused_text t = { "" };
	const char *at = refused_field(field);

	while (*at != '\0') {
		size_t len = strcspn(at, ".");
		add_part(c, at, len, &t);
		at += len + (at[len] == '.');
	}
	if (t.s[0] >= 'a' && t.s[0] <= 'z') {
		t.s[0] = (char)(t.s[0] - 'a' + 'A');
	}
	return t;
}

bool refused_party(const PB(Receipt) *r)
{
	static const char *const objects[] = { "request_id", "need_id", "contribution_id",
					       "short_code" };
	struct refused_text own = bare(r->field);
	bool hidden = false; /* what is not shown to this party is "not known" to it */

	for (size_t i = 0; i < SK_LEN(objects); i++) {
		hidden = hidden || strcmp(own.s, objects[i]) == 0;
	}
	return r->code == CODE(NOT_YOURS) || r->code == CODE(UNAUTHORISED) ||
	       (r->code == CODE(UNKNOWN_OBJECT) && hidden);
}
