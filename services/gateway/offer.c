/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/offer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const outcomes[OFFER_OUTCOMES] = { "refused", "skipped", "unchanged", "created",
						      "changed" };

const PB(PoolItem) *offer_pool(const struct offer_pools *p, const char *name)
{
	for (size_t i = 0; i < p->len; i++) {
		if (strcmp(p->item[i]->capacity->pool, name) == 0) {
			return p->item[i];
		}
	}
	return NULL;
}

/* A text that was cut ends with a whole character: half a one is no JSON. */
static void end_whole(char *text)
{
	size_t len = strlen(text);
	size_t tail = 0;

	while (tail < len && tail < 3 && ((unsigned char)text[len - 1 - tail] & 0xc0) == 0x80) {
		tail++;
	}
	unsigned char lead = tail < len ? (unsigned char)text[len - 1 - tail] : 0;
	size_t wants = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
	if (wants != tail) {
		text[len - 1 - tail] = '\0';
	}
}

const char *offer_text(struct arena *a, const char *fmt, ...)
{
	char text[600];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (text[0] != '\0') {
		end_whole(text);
	}
	const char *copy = arena_strdup(a, text);
	return copy == NULL ? "" : copy;
}

static const char *joined(struct arena *a, const char *old, const char *more)
{
	return old == NULL ? offer_text(a, "%s", more) : offer_text(a, "%s; %s", old, more);
}

void offer_note(struct arena *a, struct offer_row *r, const char *field, const char *nl,
		const char *en)
{
	r->nl = joined(a, r->nl, nl);
	r->en = joined(a, r->en, en);
	r->field = r->field == NULL ? offer_text(a, "%s", field) : r->field;
}

void offer_refuse(struct arena *a, struct offer_row *r, const struct file_error *e)
{
	r->outcome = OFFER_REFUSED;
	r->put = NULL;
	r->field = offer_text(a, "%s", e->field);
	r->nl = offer_text(a, "%s", e->nl);
	r->en = offer_text(a, "%s", e->en);
}

static struct slice packed(struct arena *a, const PB(PutCapacity) *p)
{
	PB(PutCapacity) plain = *p;
	PB(PoolUse) *use = arena_alloc(a, p->n_uses * sizeof(*use) + 1);
	PB(PoolUse) **uses = arena_alloc(a, p->n_uses * sizeof(use) + 1);

	if (use == NULL || uses == NULL) {
		return (struct slice){ NULL, 0 };
	}
	plain.based_on = 0;
	plain.observed_at_ms = 0;
	plain.because_expertise = 0;
	plain.because_zone = (char *)(uintptr_t) "";
	plain.uses = uses;
	for (size_t i = 0; i < p->n_uses; i++) {
		use[i] = *p->uses[i];
		uses[i] = &use[i];
		if (use[i].supporter == SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_UNSPECIFIED) {
			use[i].supporter = SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_PROFESSIONAL;
		}
	}
	size_t len = schakel__v1__put_capacity__get_packed_size(&plain);
	uint8_t *bytes = arena_alloc(a, len + 1);
	if (bytes != NULL) {
		(void)schakel__v1__put_capacity__pack(&plain, bytes);
	}
	return (struct slice){ bytes, len };
}

bool offer_same(struct arena *a, const PB(PutCapacity) *x, const PB(PutCapacity) *y)
{
	size_t mark = a->used_bytes;
	struct slice one = packed(a, x);
	struct slice two = packed(a, y);
	bool same = one.data != NULL && two.data != NULL && one.len == two.len &&
		    memcmp(one.data, two.data, one.len) == 0;

	arena_rewind(a, mark);
	return same;
}

PB(PutCapacity) *offer_copy(struct arena *a, const PB(PoolItem) *now)
{
	const PB(PutCapacity) *old = now->capacity;
	PB(PutCapacity) *put = arena_dup(a, old, sizeof(*old));
	PB(PoolUse) **uses = arena_alloc(a, old->n_uses * sizeof(uses[0]) + 1);

	for (size_t i = 0; put != NULL && uses != NULL && i < old->n_uses; i++) {
		uses[i] = arena_dup(a, old->uses[i], sizeof(*uses[i]));
		if (uses[i] == NULL) {
			return NULL;
		}
	}
	if (put == NULL || uses == NULL) {
		return NULL;
	}
	put->uses = uses;
	put->based_on = now->version;
	/* What is not said anew keeps its age. */
	put->observed_at_ms = now->confirmed_ms == 0 ? 1 : now->confirmed_ms;
	put->because_expertise = 0;
	put->because_zone = (char *)(uintptr_t) "";
	return put;
}

size_t offer_count(const struct offer_list *l, enum offer_outcome outcome)
{
	size_t n = 0;

	for (size_t i = 0; i < l->len; i++) {
		n += l->row[i].outcome == outcome;
	}
	return n;
}

static void put_text(json_t *doc, const char *key, const char *text)
{
	if (text != NULL && text[0] != '\0') {
		(void)json_object_set_new(doc, key, json_string(text));
	}
}

static json_t *row_json(const struct offer_row *r)
{
	json_t *doc = json_pack("{s:i,s:s}", "row", (int)r->row, "outcome", outcomes[r->outcome]);

	put_text(doc, "service", r->service);
	put_text(doc, "name", r->name);
	put_text(doc, "partner", r->partner);
	put_text(doc, "pool", r->pool);
	put_text(doc, "field", r->field);
	put_text(doc, "text_nl", r->nl);
	put_text(doc, "text_en", r->en);
	return doc;
}

static json_t *counts_json(const struct offer_list *l)
{
	json_t *counts = json_object();

	for (int o = 0; o < OFFER_OUTCOMES; o++) {
		size_t n = offer_count(l, (enum offer_outcome)o);
		(void)json_object_set_new(counts, outcomes[o], json_integer((json_int_t)n));
	}
	return counts;
}

json_t *offer_report(const struct offer_list *l, bool dry_run)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < l->len; i++) {
		(void)json_array_append_new(rows, row_json(&l->row[i]));
	}
	bool whole = !dry_run && offer_count(l, OFFER_REFUSED) == 0;
	return json_pack("{s:b,s:b,s:o,s:o}", "dry_run", dry_run, "imported", whole, "counts",
			 counts_json(l), "rows", rows);
}

json_t *offer_problem(const struct offer_list *l, const char *path, enum lang lang)
{
	json_t *rows = json_array();
	const struct offer_row *first = NULL;

	for (size_t i = 0; i < l->len; i++) {
		if (l->row[i].outcome == OFFER_REFUSED) {
			first = first == NULL ? &l->row[i] : first;
			(void)json_array_append_new(rows, row_json(&l->row[i]));
		}
	}
	SK_ASSERT(first != NULL);
	bool en = lang == LANG_EN;
	return json_pack("{s:s,s:s,s:i,s:s,s:s,s:s,s:s,s:s,s:s,s:o}", "type", "about:blank",
			 "title", en ? "Nothing was imported" : "Er is niets ingevoerd", "status",
			 OFFER_PROBLEM_STATUS, "detail", en ? first->en : first->nl, "code",
			 "MALFORMED", "field", first->field, "text_nl", first->nl, "text_en",
			 first->en, "instance", path, "rows", rows);
}
