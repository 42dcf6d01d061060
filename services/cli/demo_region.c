/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/demo_region.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/capacity_file.h"
#include "common/csv.h"
#include "common/files.h"
#include "common/words.h"
#include "services/cli/infile.h"
#include "services/cli/request_file.h"

#define REGION_BYTES (4U << 20)
#define FILE_MAX (256U << 10)

static const struct {
	const char *key;
	size_t offset;
} numbers[] = {
#define X(name) { #name, offsetof(struct demo_numbers, name) },
	DEMO_NUMBERS(X)
#undef X
};

/* One table that is being read, and what is wrong with it. */
struct table {
	struct cli *cli;
	char path[512];
	struct csv csv;
	struct csv_row row;
	struct file_error e;
	int rc;
};

static int complain(struct table *t, unsigned line, const char *field, const char *nl,
		    const char *en)
{
	(void)file_error_text(&t->e, line, field, nl, en);
	t->rc = infile_say(t->cli, t->path, &t->e);
	return t->rc;
}

static int load(struct table *t, struct arena *a, const char *dir, const char *name,
		struct slice *ret_bytes)
{
	size_t len = 0;
	char *text = arena_alloc(a, FILE_MAX);

	(void)snprintf(t->path, sizeof(t->path), "%.400s/%s", dir, name);
	if (text == NULL) {
		return cli_fail(t->cli, t->path, SK_ENOMEM);
	}
	int err = files_read(t->path, text, FILE_MAX, &len);
	if (err != SK_OK) {
		cli_say(t->cli,
			"%s: niet gevonden of niet leesbaar. Geef met --region de map met de "
			"voorbeeldregio (deploy/demo-region).",
			"%s: not found or not readable. Give with --region the directory of the "
			"demo region (deploy/demo-region).",
			t->path);
		return CLI_USAGE;
	}
	*ret_bytes = (struct slice){ text, len };
	return CLI_DONE;
}

static int open_table(struct table *t, struct arena *a, const char *dir, const char *name)
{
	struct slice bytes = { NULL, 0 };
	int rc = load(t, a, dir, name, &bytes);

	if (rc == CLI_DONE && csv_begin(&t->csv, a, bytes, &t->e) != SK_OK) {
		rc = infile_say(t->cli, t->path, &t->e);
	}
	t->rc = rc;
	return rc;
}

static bool next(struct table *t)
{
	int got = t->rc == CLI_DONE ? csv_next(&t->csv, &t->row, &t->e) : 0;

	if (got < 0) {
		t->rc = infile_say(t->cli, t->path, &t->e);
	}
	return got == 1;
}

/* Text of a column of this row; a table without it is wrong. */
static const char *text(struct table *t, const char *column)
{
	const char *s = csv_field(&t->csv, &t->row, column);

	if (s == NULL && t->rc == CLI_DONE) {
		(void)complain(t, 1, column, "deze kolom ontbreekt", "this column is missing");
	}
	return s == NULL ? "" : s;
}

static uint32_t number(struct table *t, const char *column)
{
	const char *s = text(t, column);
	char *end = NULL;

	errno = 0;
	unsigned long v = strtoul(s, &end, 10);
	if (t->rc == CLI_DONE &&
	    (s[0] < '0' || s[0] > '9' || *end != '\0' || errno != 0 || v > UINT32_MAX)) {
		(void)complain(t, t->row.line, column, "geef een getal", "give a number");
	}
	return (uint32_t)v;
}

static int code(struct table *t, const char *column, const ProtobufCEnumDescriptor *set)
{
	const char *s = text(t, column);
	int v = 0;

	if (s[0] != '\0' && !word_find(set, s, &v)) {
		(void)complain(t, t->row.line, column, "deze code is niet bekend",
			       "this code is not known");
	}
	return v;
}

static int read_numbers(struct cli *c, const char *dir, struct demo_region *r)
{
	struct table t = { .cli = c };
	bool seen[SK_LEN(numbers)] = { false };

	(void)open_table(&t, &r->arena, dir, "assumptions.csv");
	while (next(&t)) {
		const char *key = text(&t, "key");
		for (size_t i = 0; i < SK_LEN(numbers); i++) {
			if (strcmp(numbers[i].key, key) == 0) {
				uint32_t v = number(&t, "value");
				memcpy((char *)&r->n + numbers[i].offset, &v, sizeof(v));
				seen[i] = true;
			}
		}
	}
	for (size_t i = 0; t.rc == CLI_DONE && i < SK_LEN(numbers); i++) {
		if (!seen[i]) {
			(void)complain(&t, 0, numbers[i].key, "deze rij ontbreekt",
				       "this row is missing");
		}
	}
	return t.rc;
}

static int read_zones(struct cli *c, const char *dir, struct demo_region *r)
{
	struct table t = { .cli = c };

	(void)open_table(&t, &r->arena, dir, "zones.csv");
	while (next(&t)) {
		if (r->zones_len == DEMO_ZONES_MAX) {
			return complain(&t, t.row.line, "id", "te veel zones", "too many zones");
		}
		r->zone_minors[r->zones_len] = number(&t, "minors");
		r->zone[r->zones_len++] = (struct demo_zone){
			text(&t, "id"),       text(&t, "name"),    text(&t, "duty"),
			text(&t, "stand_in"), text(&t, "network"),
		};
	}
	if (t.rc == CLI_DONE && r->zones_len == 0) {
		return complain(&t, 0, "id", "er staat geen zone in", "there is no zone in it");
	}
	return t.rc;
}

static struct demo_need read_need(struct table *t)
{
	struct demo_need n = {
		.expertise = expertise_find(text(t, "expertise")),
		.intensity = number(t, "intensity"),
		.weeks = number(t, "weeks"),
		.must = number(t, "must") == 1,
		.life_domain = code(t, "life_domain", &schakel__v1__life_domain__descriptor),
	};

	if (n.expertise == 0 && t->rc == CLI_DONE) {
		(void)complain(t, t->row.line, "expertise", "deze code is niet bekend",
			       "this code is not known");
	}
	return n;
}

static struct demo_bundle read_bundle(struct table *t)
{
	return (struct demo_bundle){
		.name = text(t, "bundle"),
		.gate = strcmp(text(t, "stream"), "GATE") == 0,
		.consult = strcmp(text(t, "kind"), "CONSULT") == 0,
		.weight = number(t, "weight"),
		.urgency = code(t, "urgency", &schakel__v1__urgency__descriptor),
		.crisis_step = code(t, "crisis_step", &schakel__v1__crisis_step__descriptor),
		.reason = code(t, "reason", &schakel__v1__danger_reason__descriptor),
		.age_from = number(t, "age_from"),
		.age_to = number(t, "age_to"),
	};
}

/* One row for each need; the rows of a bundle stand together. */
static int read_bundles(struct cli *c, const char *dir, struct demo_region *r)
{
	struct table t = { .cli = c };

	(void)open_table(&t, &r->arena, dir, "needs.csv");
	while (next(&t)) {
		struct demo_bundle b = read_bundle(&t);
		struct demo_bundle *last = r->bundles_len == 0 ? NULL :
								 &r->bundle[r->bundles_len - 1];
		if (last == NULL || strcmp(last->name, b.name) != 0) {
			if (r->bundles_len == DEMO_BUNDLES_MAX) {
				return complain(&t, t.row.line, "bundle", "te veel", "too many");
			}
			last = &r->bundle[r->bundles_len++];
			*last = b;
		}
		if (last->needs_len == DEMO_BUNDLE_NEEDS_MAX) {
			return complain(&t, t.row.line, "need", "te veel", "too many");
		}
		last->need[last->needs_len++] = read_need(&t);
	}
	bool calls = false;
	for (size_t i = 0; i < r->bundles_len; i++) {
		r->call_weight[i] = r->bundle[i].gate ? 0 : r->bundle[i].weight;
		r->gate_weight[i] = r->bundle[i].gate ? r->bundle[i].weight : 0;
		calls = calls || r->call_weight[i] > 0;
	}
	if (t.rc == CLI_DONE && !calls) {
		return complain(&t, 0, "bundle", "er staat geen oproep in",
				"there is no call in it");
	}
	return t.rc;
}

static int read_pools(struct cli *c, const char *dir, struct demo_region *r)
{
	struct table t = { .cli = c };
	struct jsonin in = { 0 };
	struct slice bytes = { NULL, 0 };
	int rc = load(&t, &r->arena, dir, "pools.csv", &bytes);

	if (rc != CLI_DONE) {
		return rc;
	}
	int err = capacity_file_read(&in, &r->arena, bytes, FILE_CSV, &t.e);
	size_t len = err == SK_OK ? request_file_count(&in) : 0;
	for (size_t i = 0; err == SK_OK && i < len && i < DEMO_POOLS_MAX; i++) {
		err = capacity_file_get(&in, i, &r->pool[i]);
		r->pools_len = i + 1;
	}
	rc = err == SK_OK ? CLI_DONE : infile_say(c, t.path, &t.e);
	jsonin_done(&in);
	if (rc == CLI_DONE && len > DEMO_POOLS_MAX) {
		return complain(&t, 0, "id", "te veel plekken", "too many pools");
	}
	return rc;
}

static enum demo_moment moment_of(struct table *t)
{
	static const struct {
		const char *name;
		enum demo_moment moment;
	} moments[] = {
#define X(name) { #name, DEMO_AT_##name },
		DEMO_MOMENTS(X)
#undef X
	};
	const char *s = text(t, "moment");

	for (size_t i = 0; i < SK_LEN(moments); i++) {
		if (strcmp(moments[i].name, s) == 0) {
			return moments[i].moment;
		}
	}
	if (t->rc == CLI_DONE) {
		(void)complain(t, t->row.line, "moment", "dit ogenblik is niet bekend",
			       "this moment is not known");
	}
	return DEMO_AT_NONE;
}

static int read_abilities(struct cli *c, const char *dir, struct demo_region *r)
{
	struct table t = { .cli = c };

	(void)open_table(&t, &r->arena, dir, "abilities.csv");
	while (next(&t)) {
		if (r->abilities_len == DEMO_ABILITIES_MAX) {
			return complain(&t, t.row.line, "ability", "te veel", "too many");
		}
		r->ability[r->abilities_len++] = (struct demo_ability){
			.key = text(&t, "ability"),
			.moment = moment_of(&t),
			.share = number(&t, "per_mille"),
			.after_hours = number(&t, "after_hours"),
			.yesterday = number(&t, "yesterday") == 1,
		};
	}
	return t.rc;
}

const struct demo_ability *demo_ability(const struct demo_region *r, const char *key)
{
	static const struct demo_ability none = { .key = "" };

	for (size_t i = 0; i < r->abilities_len; i++) {
		if (strcmp(r->ability[i].key, key) == 0) {
			return &r->ability[i];
		}
	}
	return &none; /* a region may leave it out: it is never done then */
}

int demo_region_read(struct cli *c, const char *dir, struct demo_region *ret_r)
{
	void *block = aligned_alloc(16, REGION_BYTES);

	*ret_r = (struct demo_region){ 0 };
	if (block == NULL) {
		return cli_fail(c, dir, SK_ENOMEM);
	}
	arena_init(&ret_r->arena, block, REGION_BYTES);
	int rc = read_numbers(c, dir, ret_r);
	if (rc == CLI_DONE) {
		rc = read_zones(c, dir, ret_r);
	}
	if (rc == CLI_DONE) {
		rc = read_bundles(c, dir, ret_r);
	}
	if (rc == CLI_DONE) {
		rc = read_abilities(c, dir, ret_r);
	}
	return rc == CLI_DONE ? read_pools(c, dir, ret_r) : rc;
}

void demo_region_done(struct demo_region *r)
{
	if (r->arena.base != NULL) {
		arena_reset(&r->arena);
		free(r->arena.base);
	}
	*r = (struct demo_region){ 0 };
}
