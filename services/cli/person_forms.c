/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/person_forms.h"

#include <ctype.h>
#include <string.h>

static const struct {
	const char *text[2][2]; /* by language; to the young person, to a parent */
} form[] = {
#define X(name, nl, nl_parent, en, en_parent) { { { nl, nl_parent }, { en, en_parent } } },
	PERSON_FORM_MAP(X)
#undef X
};

const char *person_form(size_t i, enum lang lang, bool parent)
{
	return i < FORM_COUNT ? form[i].text[lang][parent] : NULL;
}

const char *form_text(const struct person_text *t, enum form f)
{
	return person_form((size_t)f, t->lang, t->parent);
}

static struct person_line *line_new(struct person_text *t, enum line_kind kind)
{
	if (t->len == PERSON_LINES_MAX) {
		t->cut = true;
		return NULL;
	}
	struct person_line *l = &t->line[t->len++];
	*l = (struct person_line){ .kind = kind };
	return l;
}

void form_say(struct person_text *t, enum form f, const char *one, const char *two)
{
	struct person_line *l = line_new(t, LINE_SAY);
	size_t len = 0;

	for (const char *at = form_text(t, f); l != NULL && *at != '\0';) {
		bool first = strncmp(at, "{1}", 3) == 0;
		bool filled = first || strncmp(at, "{2}", 3) == 0;
		const char *put = first ? one : two;
		size_t room = sizeof(l->s) - len;
		size_t more = filled ? (size_t)snprintf(l->s + len, room, "%s", put) :
				       (size_t)snprintf(l->s + len, room, "%c", *at);
		len = more < room ? len + more : sizeof(l->s) - 1;
		at += filled ? 3 : 1;
	}
}

static void line_put(struct person_text *t, enum line_kind kind, const char *text)
{
	struct person_line *l = line_new(t, kind);

	if (l != NULL) {
		(void)snprintf(l->s, sizeof(l->s), "%s", text);
		l->s[0] = (char)toupper((unsigned char)l->s[0]);
	}
}

void form_title(struct person_text *t, const char *text)
{
	line_put(t, LINE_TITLE, text);
}

void form_head(struct person_text *t, const char *text)
{
	line_put(t, LINE_HEAD, text);
}

const char *form_name(const struct person_text *t, const char *party)
{
	return t->name == NULL ? party : t->name(t->ctx, party);
}

const char *form_day(const struct person_text *t, uint64_t at_ms, struct when_text *box)
{
	char *comma;

	*box = when_show(at_ms, t->lang);
	comma = strchr(box->s, ',');
	if (comma != NULL) {
		*comma = '\0';
	}
	return box->s;
}
