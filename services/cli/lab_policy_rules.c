/* SPDX-License-Identifier: EUPL-1.2 */
/* A rules file of the lab: the lines that would stand in [settings] of a node. */
#include <stdlib.h>
#include <string.h>

#include "common/settings.h"
#include "services/cli/infile.h"
#include "services/cli/lab_policy.h"

#define LINE_MAX_BYTES 200
#define NUMBER_BYTES_MAX 20

struct place {
	struct cli *c;
	const char *path;
	unsigned line;
};

static int wrong_key(const struct place *at, const char *key)
{
	return cli_usage(at->c,
			 "%s, regel %u, veld %s: deze instelling bestaat niet; neem een naam uit "
			 "`schakel-matchingd --print-config`, zoals order_rule",
			 "%s, line %u, field %s: there is no such setting; take a name from "
			 "`schakel-matchingd --print-config`, like order_rule",
			 at->path, at->line, key);
}

static int wrong_value(const struct place *at, const struct setting_spec *s)
{
	return cli_usage(at->c, "%s, regel %u, veld %s: een geheel getal van %llu tot en met %llu",
			 "%s, line %u, field %s: a whole number from %llu to %llu", at->path,
			 at->line, s->key, (unsigned long long)s->min, (unsigned long long)s->max);
}

static bool read_number(const char *text, uint64_t *ret_v)
{
	char *end = NULL;
	size_t len = strspn(text, "0123456789");

	if (len == 0 || len > NUMBER_BYTES_MAX - 1 || text[len] != '\0') {
		return false;
	}
	*ret_v = strtoull(text, &end, 10);
	return true;
}

static char *trimmed(char *text)
{
	text += strspn(text, " \t\r");
	size_t len = strlen(text);

	while (len > 0 && strchr(" \t\r", text[len - 1]) != NULL) {
		text[--len] = '\0';
	}
	return text;
}

static int take_line(const struct place *at, char *text, bool *seen, struct lab_rules *io_r)
{
	char *comment = strchr(text, '#');

	if (comment != NULL) {
		*comment = '\0';
	}
	char *key = trimmed(text);
	char *is = strchr(key, '=');
	if (key[0] == '\0') {
		return CLI_DONE;
	}
	if (is == NULL) {
		return cli_usage(at->c, "%s, regel %u: schrijf \"naam = getal\"",
				 "%s, line %u: write \"name = number\"", at->path, at->line);
	}
	*is = '\0';
	key = trimmed(key);
	int which = setting_find(key);
	if (which < 0) {
		return wrong_key(at, key);
	}
	const struct setting_spec *s = &setting_spec[which];
	uint64_t v = 0;
	if (!read_number(trimmed(is + 1), &v) || v < s->min || v > s->max) {
		return wrong_value(at, s);
	}
	if (seen[which]) {
		return cli_usage(at->c, "%s, regel %u, veld %s: staat er al; laat er een weg",
				 "%s, line %u, field %s: stands there already; leave one out",
				 at->path, at->line, key);
	}
	seen[which] = true;
	size_t used = strlen(io_r->settings);
	int n = snprintf(io_r->settings + used, sizeof(io_r->settings) - used, "%s = %llu\n",
			 s->key, (unsigned long long)v);
	SK_ASSERT(n > 0 && (size_t)n < sizeof(io_r->settings) - used); /* each stands once */
	return CLI_DONE;
}

static int name_of(const struct place *at, struct lab_rules *io_r)
{
	const char *slash = strrchr(at->path, '/');
	const char *base = slash == NULL ? at->path : slash + 1;
	const char *dot = strrchr(base, '.');
	size_t len = dot == NULL || dot == base ? strlen(base) : (size_t)(dot - base);
	size_t plain = strspn(base, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-");

	if (len == 0 || len > LAB_RULES_NAME_MAX || plain < len) {
		return cli_usage(at->c,
				 "%s: noem het bestand met letters, cijfers, - en _, ten hoogste "
				 "%d (voor de punt)",
				 "%s: name the file with letters, digits, - and _, at most %d "
				 "(before the dot)",
				 at->path, LAB_RULES_NAME_MAX);
	}
	memcpy(io_r->name, base, len);
	io_r->name[len] = '\0';
	return CLI_DONE;
}

int lab_rules_read(struct cli *c, const char *path, struct lab_rules *ret_r)
{
	struct place at = { .c = c, .path = path };
	bool seen[SETTING_COUNT] = { false };
	struct slice text = { 0 };
	size_t mark = c->arena.used_bytes; /* a file takes room for the largest */
	size_t from = 0;
	int rc = infile_load(c, path, &text);

	*ret_r = (struct lab_rules){ .path = path };
	rc = rc == CLI_DONE ? name_of(&at, ret_r) : rc;
	while (rc == CLI_DONE && from < text.len) {
		char line[LINE_MAX_BYTES];
		const char *start = (const char *)text.data + from;
		const char *end = memchr(start, '\n', text.len - from);
		size_t len = end == NULL ? text.len - from : (size_t)(end - start);
		at.line++;
		if (len >= sizeof(line) || memchr(start, '\0', len) != NULL) {
			rc = cli_usage(c, "%s, regel %u: ten hoogste %d leesbare tekens",
				       "%s, line %u: at most %d readable characters", path, at.line,
				       LINE_MAX_BYTES - 1);
			break;
		}
		memcpy(line, start, len);
		line[len] = '\0';
		rc = take_line(&at, line, seen, ret_r);
		from += len + 1;
	}
	arena_rewind(&c->arena, mark);
	return rc;
}
