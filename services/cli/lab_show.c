/* SPDX-License-Identifier: EUPL-1.2 */
/* An answer as stable facts, one a line and the same in each language, or as a document. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "services/cli/lab.h"
#include "services/cli/output.h"

static const char *const reasons[] = {
	[LAB_SEATED] = "seated",           [LAB_NO_PAIR] = "no-pair",
	[LAB_NO_CAPACITY] = "no-capacity", [LAB_TEAM_LIMIT] = "team-limit",
	[LAB_NO_LEAD] = "no-lead",         [LAB_RULE] = "rule",
	[LAB_PENALTY] = "penalty",         [LAB_ORDER] = "order",
};

/* In hundredths of a percent, rounded up: no gap is shown smaller than it is. */
static uint64_t gap_of(const struct lab_answer *a)
{
	if (a->objective == a->bound) {
		return 0;
	}
	uint64_t open = a->objective - a->bound;

	return open > UINT64_MAX / 10000 ? 10000 : (open * 10000 + a->objective - 1) / a->objective;
}

/* Partners of all teams: one that is in two teams counts twice. */
static uint32_t partners_of(const struct lab *l, const struct lab_answer *a)
{
	uint32_t *last = calloc((size_t)l->partners_len + 1, sizeof(*last));
	uint32_t count = 0;

	for (uint32_t n = 0; n < l->needs_len && last != NULL; n++) {
		if (a->seat[n] == LAB_NONE) {
			continue;
		}
		uint32_t p = l->offers[l->pairs[a->seat[n]].offer].partner;
		count += last[p] != l->needs[n].request + 1;
		last[p] = l->needs[n].request + 1;
	}
	free(last);
	return count;
}

static void put_needs(FILE *f, const struct lab *l, const struct lab_answer *a)
{
	for (uint32_t n = 0; n < l->needs_len; n++) {
		if (a->seat[n] == LAB_NONE) {
			(void)fprintf(f, "open %s %s\n", l->needs[n].name, reasons[a->reason[n]]);
		}
	}
	for (uint32_t n = 0; n < l->needs_len; n++) {
		if (a->seat[n] == LAB_NONE) {
			continue;
		}
		const struct lab_pair *p = &l->pairs[a->seat[n]];
		const struct lab_offer *o = &l->offers[p->offer];
		(void)fprintf(f, "seat %s %s %s cost %u hours %u\n", l->needs[n].name, o->name,
			      l->partners[o->partner].name, p->cost, p->hours);
	}
}

struct priced {
	const char *name;
	uint64_t price;
};

static int by_name(const void *a, const void *b)
{
	const struct priced *x = a;
	const struct priced *y = b;

	return strcmp(x->name, y->name);
}

/* Expertises with a price, in the order of their names: their order in the file says nothing. */
static struct priced *priced(const struct lab *l, const struct lab_answer *a, uint32_t *ret_len)
{
	const struct lab_names *names = &l->names[LAB_NAME_EXPERTISE];
	struct priced *list = calloc((size_t)l->expertises_len + 1, sizeof(*list));

	*ret_len = 0;
	if (list == NULL || a->price == NULL) {
		return list;
	}
	for (uint32_t i = 0; i < names->room; i++) {
		uint64_t price = names->slots[i].name != NULL ? a->price[names->slots[i].at] : 0;
		if (price > 0 && price != UINT64_MAX) {
			list[(*ret_len)++] = (struct priced){ names->slots[i].name, price };
		}
	}
	qsort(list, *ret_len, sizeof(*list), by_name);
	return list;
}

static void put_prices(FILE *f, const struct lab *l, const struct lab_answer *a)
{
	uint32_t len = 0;
	struct priced *list = priced(l, a, &len);

	for (uint32_t i = 0; i < len; i++) {
		(void)fprintf(f, "price %s %" PRIu64 ".%02" PRIu64 "\n", list[i].name,
			      list[i].price / 100, list[i].price % 100);
	}
	free(list);
}

static json_t *prices_doc(const struct lab *l, const struct lab_answer *a)
{
	json_t *doc = json_object();
	uint32_t len = 0;
	struct priced *list = priced(l, a, &len);

	for (uint32_t i = 0; i < len; i++) {
		(void)json_object_set_new(doc, list[i].name,
					  json_real((double)list[i].price / 100));
	}
	free(list);
	return doc;
}

/* A lawful plan is a free one too, so the free value is never the higher of the two. */
static uint64_t free_value(const struct lab_answer *a, const struct lab_answer *without)
{
	return without->value < a->value ? without->value : a->value;
}

static void put_facts(FILE *f, const struct lab *l, const struct lab_answer *a,
		      const struct lab_answer *without)
{
	uint64_t gap = gap_of(a);

	(void)fprintf(f, "objective %" PRIu64 "\nbound %" PRIu64 "\n", a->objective, a->bound);
	if (a->proven) {
		(void)fprintf(f, "proven\n");
	} else {
		(void)fprintf(f, "gap %" PRIu64 ".%02" PRIu64 " %%\n", gap / 100, gap % 100);
	}
	(void)fprintf(f, "covered %u of %u\n", a->covered, l->needs_len);
	(void)fprintf(f, "cost %" PRIu64 "\n", a->cost);
	if (without != NULL) {
		(void)fprintf(f, "free value %" PRIu64 " covered %u\nlaw costs %" PRIu64 "\n",
			      free_value(a, without), without->covered,
			      a->value - free_value(a, without));
	}
	put_needs(f, l, a);
	(void)fprintf(f, "partners %u\n", partners_of(l, a));
	put_prices(f, l, a);
}

static json_t *needs_doc(const struct lab *l, const struct lab_answer *a, bool open)
{
	json_t *list = json_array();

	for (uint32_t n = 0; n < l->needs_len; n++) {
		if ((a->seat[n] == LAB_NONE) != open) {
			continue;
		}
		if (open) {
			(void)json_array_append_new(list,
						    json_pack("{ss ss}", "need", l->needs[n].name,
							      "reason", reasons[a->reason[n]]));
			continue;
		}
		const struct lab_pair *p = &l->pairs[a->seat[n]];
		const struct lab_offer *o = &l->offers[p->offer];
		(void)json_array_append_new(
			list, json_pack("{ss ss ss sI sI}", "need", l->needs[n].name, "offer",
					o->name, "partner", l->partners[o->partner].name, "cost",
					(json_int_t)p->cost, "hours", (json_int_t)p->hours));
	}
	return list;
}

static json_t *answer_doc(const struct lab *l, const struct lab_answer *a)
{
	return json_pack("{sI sI sb sf sI sI sI so so sI}", "objective", (json_int_t)a->objective,
			 "bound", (json_int_t)a->bound, "proven", a->proven, "gap_percent",
			 (double)gap_of(a) / 100, "covered", (json_int_t)a->covered, "needs",
			 (json_int_t)l->needs_len, "cost", (json_int_t)a->cost, "open",
			 needs_doc(l, a, true), "seats", needs_doc(l, a, false), "partners",
			 (json_int_t)partners_of(l, a));
}

static json_t *whole_doc(const struct lab *l, const struct lab_answer *a,
			 const struct lab_told *told, const char *digest)
{
	json_t *doc = answer_doc(l, a);

	if (told->free != NULL) {
		uint64_t value = free_value(a, told->free);
		(void)json_object_set_new(doc, "free_value", json_integer((json_int_t)value));
		(void)json_object_set_new(doc, "free_covered",
					  json_integer((json_int_t)told->free->covered));
		(void)json_object_set_new(doc, "law_costs",
					  json_integer((json_int_t)(a->value - value)));
	}
	if (a->plan) {
		(void)json_object_set_new(doc, "prices", prices_doc(l, a));
	}
	(void)json_object_set_new(doc, "digest", json_string(digest));
	(void)json_object_set_new(doc, "time_us", json_integer((json_int_t)told->us));
	return doc;
}

int lab_show(const struct cli *c, const struct lab *l, const struct lab_answer *a,
	     const struct lab_told *told)
{
	char *text = NULL;
	size_t len = 0;
	char digest[17];
	FILE *f = open_memstream(&text, &len);

	if (f == NULL) {
		return cli_fail(c, "lab", SK_ENOMEM);
	}
	put_facts(f, l, a, told->free);
	bool whole = ferror(f) == 0;
	whole = fclose(f) == 0 && whole;
	if (!whole) {
		free(text);
		return cli_fail(c, "lab", SK_ENOMEM);
	}
	(void)snprintf(digest, sizeof(digest), "%016" PRIx64, XXH3_64bits(text, len));
	if (c->json) {
		json_t *doc = whole_doc(l, a, told, digest);
		out_json(c, doc);
		json_decref(doc);
	} else {
		(void)fwrite(text, 1, len, c->out);
		(void)fprintf(c->out, "digest %s\ntime %" PRIu64 " us\n", digest, told->us);
	}
	free(text);
	return CLI_DONE;
}
