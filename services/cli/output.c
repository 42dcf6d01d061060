/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/output.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/civil.h"
#include "common/conf.h"
#include "common/when.h"
#include "common/words.h"

#define COLUMNS_MAX 16
#define PATH_PART_MAX 40

json_t *json_at(json_t *doc, const char *path)
{
	char part[PATH_PART_MAX];

	while (doc != NULL && *path != '\0') {
		size_t len = strcspn(path, ".");
		if (len >= sizeof(part)) {
			return NULL;
		}
		memcpy(part, path, len);
		part[len] = '\0';
		doc = json_is_array(doc) ? json_array_get(doc, strtoul(part, NULL, 10)) :
					   json_object_get(doc, part);
		path += len + (path[len] == '.');
	}
	return doc;
}

static const char *word_cell(const ProtobufCEnumDescriptor *set, const char *code, enum lang lang)
{
	int v;

	return set != NULL && word_find(set, code, &v) ? word_of(set, v, lang) : code;
}

/* On one line, or what somebody wrote could pass for a row of its own; cut between characters. */
static void put(struct cell_text *t, const char *s)
{
	size_t len = strlen(t->s);
	size_t from = len;

	while (*s != '\0' && len + 1 < sizeof(t->s)) {
		bool gap = *s == '\n' || *s == '\t' || *s == '\r' || *s == '\f';
		t->s[len] = *s++;
		if (gap) {
			t->s[len] = ' ';
		}
		len++;
	}
	while (len > from && ((unsigned char)*s & 0xc0) == 0x80) {
		s--;
		len--;
	}
	t->s[len] = '\0';
}

struct cell_text party_text(const struct cli *c, const char *id)
{
	const struct conf_party *p = c->conf == NULL ? NULL : conf_party(c->conf, id);
	struct cell_text t = { "" };

	if (p != NULL && p->name[0] != '\0') {
		put(&t, p->name);
		put(&t, " (");
	}
	put(&t, id);
	put(&t, p != NULL && p->name[0] != '\0' ? ")" : "");
	return t;
}

static void put_instant(const struct cli *c, struct cell_text *t, const char *iso, bool day)
{
	enum civil_lang lang = c->lang == LANG_NL ? CIVIL_NL : CIVIL_EN;
	uint64_t ms;

	if (!when_parse(iso, &ms)) {
		put(t, iso);
	} else {
		put(t, day ? civil_format_date(ms, lang).s : when_show(ms, c->lang).s);
	}
}

static void put_party(const struct cli *c, struct cell_text *t, enum cell cell, const char *id)
{
	const struct conf_party *p = c->conf == NULL ? NULL : conf_party(c->conf, id);

	if (cell == CELL_PHONE) {
		put(t, p == NULL ? "" : p->phone);
	} else {
		put(t, p == NULL || p->name[0] == '\0' ? id : p->name);
	}
}

/* A value that stands in the document as text. */
static void put_string(const struct cli *c, struct cell_text *t, const struct column *col,
		       const char *s)
{
	switch (col->cell) {
	case CELL_WORD:
		put(t, word_cell(col->set, s, c->lang));
		return;
	case CELL_EXPERTISE:
		if (strcmp(s, "0") == 0) {
			return; /* of none */
		}
		put(t, expertise_find(s) == 0 ? s : expertise_label(expertise_find(s), c->lang));
		return;
	case CELL_DATE:
	case CELL_DAY:
		put_instant(c, t, s, col->cell == CELL_DAY);
		return;
	case CELL_NAME:
	case CELL_PHONE:
		put_party(c, t, col->cell, s);
		return;
	case CELL_PARTY:
		put(t, s[0] == '\0' ? s : party_text(c, s).s);
		return;
	case CELL_TEXT:
	case CELL_NUMBER:
	case CELL_YES:
	case CELL_COUNT:
	case CELL_LIST:
		break;
	}
	put(t, s);
}

static void put_list(const struct cli *c, struct cell_text *t, const struct column *col,
		     json_t *list)
{
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		put(t, i == 0 ? "" : ", ");
		put_string(c, t, col, json_is_string(item) ? json_string_value(item) : "");
	}
}

struct cell_text cell_text(const struct cli *c, json_t *doc, const struct column *col)
{
	struct cell_text t = { "" };
	json_t *v = json_at(doc, col->path);

	if (json_is_string(v)) {
		put_string(c, &t, col, json_string_value(v));
	} else if (json_is_boolean(v)) {
		put(&t, json_is_true(v) ? cli_text(c, "ja", "yes") : cli_text(c, "nee", "no"));
	} else if (json_is_integer(v) && col->cell == CELL_EXPERTISE) {
		put(&t, expertise_label((uint32_t)json_integer_value(v), c->lang));
	} else if (json_is_integer(v)) {
		(void)snprintf(t.s, sizeof(t.s), "%lld", (long long)json_integer_value(v));
	} else if (json_is_array(v) && col->cell == CELL_COUNT) {
		(void)snprintf(t.s, sizeof(t.s), "%zu", json_array_size(v));
	} else if (json_is_array(v)) {
		put_list(c, &t, col, v);
	}
	return t;
}

void out_json(const struct cli *c, json_t *doc)
{
	(void)json_dumpf(doc, c->out, JSON_INDENT(2) | JSON_ENCODE_ANY);
	(void)fputc('\n', c->out);
	if (c->said != NULL) {
		c->said->doc = true;
	}
}

static size_t width_of(const char *s, size_t len)
{
	size_t width = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char ch = (unsigned char)s[i];
		bool continues = (ch & 0xc0) == 0x80;
		bool combining = ch == 0xcc || (ch == 0xcd && (unsigned char)s[i + 1] < 0xb0);
		width += !continues && !combining;
	}
	return width;
}

size_t text_width(const char *s)
{
	return width_of(s, strlen(s));
}

void text_wrapped(FILE *f, const char *s, size_t indent, size_t columns)
{
	size_t at = indent;

	while (*s != '\0') {
		size_t len = strcspn(s, " ");
		bool first = at == indent;
		if (!first && at + 1 + width_of(s, len) > columns) {
			(void)fprintf(f, "\n%*s", (int)indent, "");
			at = indent;
			first = true;
		}
		(void)fprintf(f, "%s%.*s", first ? "" : " ", (int)len, s);
		at += width_of(s, len) + !first;
		s += len + (s[len] == ' ');
	}
}

static void pad(FILE *f, const char *s, size_t width, bool right)
{
	size_t fill = width > text_width(s) ? width - text_width(s) : 0;

	(void)fprintf(f, "%*s%s%*s", right ? (int)fill : 0, "", s, right ? 0 : (int)fill, "");
}

static bool is_right(const struct column *col)
{
	return col->cell == CELL_NUMBER || col->cell == CELL_COUNT;
}

/* One line; nothing stands behind its last text. @p row NULL: the headings. */
static void print_line(const struct cli *c, json_t *row, const struct column *cols,
		       const size_t *width)
{
	struct cell_text text[COLUMNS_MAX] = { 0 };
	size_t len = 0;

	for (size_t k = 0; cols[k].nl != NULL; k++) {
		if (row == NULL) {
			(void)snprintf(text[k].s, sizeof(text[k].s), "%s",
				       cli_text(c, cols[k].nl, cols[k].en));
		} else {
			text[k] = cell_text(c, row, &cols[k]);
		}
		len = text[k].s[0] != '\0' ? k + 1 : len;
	}
	for (size_t k = 0; k < len; k++) {
		bool last = k + 1 == len && !is_right(&cols[k]);
		pad(c->out, text[k].s, last ? 0 : width[k], is_right(&cols[k]));
		(void)fputs(k + 1 == len ? "" : "  ", c->out);
	}
	(void)fputc('\n', c->out);
}

static void print_rows(const struct cli *c, json_t *list, const struct column *cols)
{
	size_t width[COLUMNS_MAX] = { 0 };
	json_t *row;
	size_t i;

	for (size_t k = 0; cols[k].nl != NULL; k++) {
		SK_ASSERT(k < COLUMNS_MAX);
		width[k] = text_width(cli_text(c, cols[k].nl, cols[k].en));
		json_array_foreach (list, i, row) {
			size_t w = text_width(cell_text(c, row, &cols[k]).s);
			width[k] = w > width[k] ? w : width[k];
		}
	}
	print_line(c, NULL, cols, width);
	json_array_foreach (list, i, row) {
		print_line(c, row, cols, width);
	}
}

void out_table(const struct cli *c, json_t *doc, const char *rows, const struct column *cols)
{
	if (c->json) {
		out_json(c, doc);
		return;
	}
	json_t *list = json_at(doc, rows);
	if (json_array_size(list) == 0) {
		cli_say(c, "Niets te tonen.", "Nothing to show.");
		return;
	}
	print_rows(c, list, cols);
}

void out_facts(const struct cli *c, json_t *doc, const struct column *cols)
{
	size_t width = 0;

	if (c->json) {
		return;
	}
	for (size_t k = 0; cols[k].nl != NULL; k++) {
		size_t w = text_width(cli_text(c, cols[k].nl, cols[k].en));
		bool shown = cell_text(c, doc, &cols[k]).s[0] != '\0';
		width = shown && w > width ? w : width;
	}
	for (size_t k = 0; cols[k].nl != NULL; k++) {
		struct cell_text text = cell_text(c, doc, &cols[k]);
		if (text.s[0] != '\0') {
			pad(c->out, cli_text(c, cols[k].nl, cols[k].en), width, false);
			(void)fprintf(c->out, "  %s\n", text.s);
		}
	}
}

void out_title(const struct cli *c, const char *nl, const char *en, ...)
{
	va_list args;

	if (c->json) {
		return;
	}
	va_start(args, en);
	(void)vfprintf(c->out, cli_text(c, nl, en), args);
	va_end(args);
	(void)fputc('\n', c->out);
}
