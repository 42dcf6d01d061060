/* SPDX-License-Identifier: EUPL-1.2 */
/* Finds the line of a value in JSON text that was parsed already; used only to name an error. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/jsonin.h"

struct scan {
	const char *at;
	const char *end;
};

static void pass_space(struct scan *s)
{
	while (s->at < s->end &&
	       (isspace((unsigned char)*s->at) || *s->at == ',' || *s->at == ':')) {
		s->at++;
	}
}

static void pass_string(struct scan *s)
{
	for (s->at++; s->at < s->end && *s->at != '"'; s->at++) {
		s->at += *s->at == '\\' && s->at + 1 < s->end;
	}
	s->at += s->at < s->end;
}

static void pass_value(struct scan *s)
{
	unsigned depth = 0;

	do {
		char ch = *s->at;
		if (ch == '"') {
			pass_string(s);
		} else {
			depth += ch == '{' || ch == '[';
			depth -= depth > 0 && (ch == '}' || ch == ']');
			s->at++;
		}
		bool scalar_goes_on = depth == 0 && s->at < s->end && ch != '"' && ch != '}' &&
				      ch != ']' && strchr(",]} \t\r\n", *s->at) == NULL;
		if (depth == 0 && !scalar_goes_on) {
			return;
		}
	} while (s->at < s->end);
}

static bool enter_member(struct scan *s, const char *name, size_t len)
{
	struct scan in = { s->at + 1, s->end };

	for (pass_space(&in); in.at < in.end && *in.at == '"'; pass_space(&in)) {
		const char *key = in.at + 1;
		pass_string(&in);
		bool found = (size_t)(in.at - key) == len + 1 && memcmp(key, name, len) == 0;
		pass_space(&in);
		if (found) {
			*s = in;
			return true;
		}
		if (in.at < in.end) {
			pass_value(&in);
		}
	}
	return false;
}

static bool enter_element(struct scan *s, unsigned long index)
{
	struct scan in = { s->at + 1, s->end };

	for (pass_space(&in); in.at < in.end && *in.at != ']'; pass_space(&in)) {
		if (index-- == 0) {
			*s = in;
			return true;
		}
		pass_value(&in);
	}
	return false;
}

/* Follows as much of the path as exists. */
static const char *follow(struct slice bytes, const char *path)
{
	const char *text = bytes.data;
	struct scan s = { text, text + bytes.len };

	pass_space(&s);
	while (*path != '\0' && s.at < s.end) {
		bool found;
		if (*path == '[') {
			char *behind;
			unsigned long i = strtoul(path + 1, &behind, 10);
			found = *s.at == '[' && enter_element(&s, i);
			path = *behind == ']' ? behind + 1 : behind;
		} else {
			path += *path == '.';
			size_t len = strcspn(path, ".[");
			found = *s.at == '{' && enter_member(&s, path, len);
			path += len;
		}
		if (!found) {
			break;
		}
	}
	return s.at;
}

/* Whether the path goes on with an object of the list that it names. */
static bool in_list(const char *rest, const char *list, unsigned long *ret_item)
{
	size_t len = list == NULL ? 0 : strlen(list);

	if (len == 0 || strncmp(rest, list, len) != 0 || rest[len] != '[') {
		return false;
	}
	*ret_item = strtoul(rest + len + 1, NULL, 10);
	return true;
}

/* A table: "[record].items[item]..." */
static unsigned table_line(const struct jsonin *in, const char *path)
{
	char *behind = NULL;
	unsigned long record = path[0] == '[' ? strtoul(path + 1, &behind, 10) : in->records;
	unsigned long item = 0;

	if (record >= in->records) {
		return 0;
	}
	const char *rest = *behind == ']' ? behind + 1 : behind;
	rest += *rest == '.';
	(void)in_list(rest, in->items, &item);
	const uint16_t *lines = in_list(rest, in->more, &item) ? in->more_line[record] :
								 in->line[record];
	unsigned line = item < JSONIN_ITEMS_MAX ? lines[item] : 0;
	return line != 0 ? line : in->line[record][0];
}

unsigned jsonin_line(const struct jsonin *in, const char *path)
{
	unsigned line = 1;

	if (in->line != NULL) {
		return table_line(in, path);
	}
	if (in->bytes.len == 0) {
		return 0;
	}
	const char *stop = follow(in->bytes, path);
	for (const char *p = in->bytes.data; p < stop; p++) {
		line += *p == '\n';
	}
	return line;
}
