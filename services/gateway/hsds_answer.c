/* SPDX-License-Identifier: EUPL-1.2 */
/* Pages, lines and single things of the directory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/hsds_answer.h"
#include "services/gateway/hsds_export.h"
#include "services/gateway/http_private.h"

#define PAGE_USUAL 50
#define MINIMAL_MAX 1000000 /* ids alone come in one page */

bool hsds_same_text(const json_t *v, const char *text)
{
	return json_is_string(v) && strcasecmp(json_string_value(v), text) == 0;
}

bool hsds_wrong(struct web *w, const char *field, const char *nl, const char *en)
{
	struct problem p = { 422, "MALFORMED", field, nl, en };

	web_problem(w, &p);
	return false;
}

static bool number_of(struct web *w, const char *name, size_t usual, size_t *ret_n)
{
	const char *text = web_query(w, name);
	char *end = NULL;
	unsigned long n = text == NULL ? usual : strtoul(text, &end, 10);

	if (text != NULL && (*text < '0' || *text > '9' || *end != '\0')) {
		n = 0;
	}
	if (n < 1 || n > 1000000) {
		return hsds_wrong(w, name, "geef een geheel getal vanaf 1",
				  "give a whole number of at least 1");
	}
	*ret_n = n;
	return true;
}

json_t *hsds_plain(json_t *thing)
{
	json_t *doc = json_deep_copy(thing);

	hsds_flatten(doc);
	return doc;
}

json_t *hsds_minimal(json_t *s)
{
	json_t *doc = json_object();

	(void)json_object_set(doc, "id", json_object_get(s, "id"));
	(void)json_object_set(doc, "modified_date", json_object_get(s, "last_modified"));
	return doc;
}

json_t *hsds_whole(json_t *thing)
{
	return json_incref(thing);
}

/* All of them, one a line. */
static void answer_lines(struct web *w, const json_t *all, hsds_shape_fn *shape)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	json_t *v;
	size_t i;

	json_array_foreach (all, i, v) {
		json_t *doc = f == NULL ? NULL : shape(v);
		if (doc != NULL && json_dumpf(doc, f, JSON_COMPACT) == 0) {
			(void)fputc('\n', f);
		}
		json_decref(doc);
	}
	if (f == NULL || fclose(f) != 0) {
		free(text);
		web_busy(w);
		return;
	}
	web_body(w, 200, "application/x-ndjson", (struct slice){ text, len });
	w->answer.owned = text;
}

/* Takes @p all over, and shapes what is given of it; NULL: answered already. */
void hsds_answer_page(struct web *w, json_t *all, hsds_shape_fn *shape)
{
	const char *format = web_query(w, "format");
	size_t usual = shape == hsds_minimal ? MINIMAL_MAX : PAGE_USUAL;
	size_t number = 1;
	size_t size = usual;

	if (all != NULL && format != NULL && strcmp(format, "ndjson") == 0) {
		answer_lines(w, all, shape);
	} else if (all != NULL && number_of(w, "page", 1, &number) &&
		   number_of(w, "per_page", usual, &size)) {
		size = size > HSDS_PAGE_MAX && usual == PAGE_USUAL ? HSDS_PAGE_MAX : size;
		json_t *page = hsds_page(all, number, size);
		json_t *contents = json_object_get(page, "contents");
		for (size_t i = 0; i < json_array_size(contents); i++) {
			(void)json_array_set_new(contents, i, shape(json_array_get(contents, i)));
		}
		web_json(w, 200, page);
	}
	json_decref(all);
}

/* Takes @p all over. */
void hsds_answer_one(struct web *w, json_t *all)
{
	static const struct problem none = { 404, "NOT_FOUND", "id", "dit is er niet (meer)",
					     "this is not there (any more)" };
	json_t *v;
	size_t i;

	json_array_foreach (all, i, v) {
		if (hsds_same_text(json_object_get(v, "id"), w->param[0])) {
			web_json(w, 200, json_incref(v));
			break;
		}
	}
	if (all != NULL && w->answer.status == 0) {
		web_problem(w, &none);
	}
	json_decref(all);
}
