/* SPDX-License-Identifier: EUPL-1.2 */
/* The figures that the daemons keep: asked of all three, added up along what was asked for. */
#include <stdlib.h>
#include <string.h>

#include "common/pbjson.h"
#include "common/words.h"
#include "services/cli/figure_text.h"
#include "services/cli/output.h"
#include "services/cli/pages.h"
#include "services/cli/paper.h"
#include "services/cli/subjects.h"

#define SET(name) (&schakel__v1__##name##__descriptor)

/* Along what the rows are kept apart, beside kind, month and code. */
static const struct {
	const char *nl;
	const char *en;
	const char *field;
} along[] = {
	{ "expertise", "expertise", "expertise" },
	{ "zone", "zone", "zone" },
	{ "klasse", "class", "wait_class" },
	{ "leeftijd", "age", "age_band" },
};

static const struct column columns[] = {
	{ "kind", "cijfer", "figure", CELL_WORD, SET(figure_kind) },
	{ "period", "wanneer", "when", CELL_TEXT, NULL },
	{ "what", "wat", "what", CELL_TEXT, NULL },
	{ "expertise", "expertise", "expertise", CELL_EXPERTISE, NULL },
	{ "zone", "zone", "zone", CELL_TEXT, NULL },
	{ "wait_class", "klasse", "class", CELL_WORD, SET(wait_class) },
	{ "age", "leeftijd", "age", CELL_TEXT, NULL },
	{ "count", "aantal", "count", CELL_NUMBER, NULL },
	{ "sum", "samen", "sum", CELL_NUMBER, NULL },
	{ "p50", "de helft binnen", "half within", CELL_NUMBER, NULL },
	{ "p75", "driekwart binnen", "three quarters within", CELL_NUMBER, NULL },
	{ "p90", "9 op 10 binnen", "9 of 10 within", CELL_NUMBER, NULL },
	{ "unit", "eenheid", "unit", CELL_TEXT, NULL },
	{ 0 },
};

static const struct column paper_columns[] = {
	{ "kind", "cijfer", "figure", CELL_WORD, SET(figure_kind) },
	{ "period", "wanneer", "when", CELL_TEXT, NULL },
	{ "what", "wat", "what", CELL_TEXT, NULL },
	{ "expertise", "expertise", "expertise", CELL_EXPERTISE, NULL },
	{ "zone", "zone", "zone", CELL_TEXT, NULL },
	{ "count", "aantal", "count", CELL_NUMBER, NULL },
	{ "p50", "helft", "half", CELL_NUMBER, NULL },
	{ "p90", "9/10", "9/10", CELL_NUMBER, NULL },
	{ "unit", "eenheid", "unit", CELL_TEXT, NULL },
	{ 0 },
};

/* --- adding up --- */

static bool splits(const struct cli *c, size_t i)
{
	const char *by = cli_opt(c, "by");
	size_t len;

	for (; by != NULL && *by != '\0'; by += len + (by[len] == ',')) {
		len = strcspn(by, ",");
		if ((strlen(along[i].nl) == len && strncmp(by, along[i].nl, len) == 0) ||
		    (strlen(along[i].en) == len && strncmp(by, along[i].en, len) == 0)) {
			return true;
		}
	}
	return false;
}

static int check_by(const struct cli *c)
{
	const char *by = cli_opt(c, "by");
	size_t words = by == NULL || by[0] == '\0' ? 0 : 1;
	size_t known = 0;

	for (const char *p = by; p != NULL && *p != '\0'; p++) {
		words += *p == ',' ? 1 : 0;
	}
	for (size_t i = 0; i < SK_LEN(along); i++) {
		known += splits(c, i) ? 1 : 0;
	}
	return known == words ? CLI_DONE :
				cli_usage(c, "--by: expertise, zone, klasse, leeftijd",
					  "--by: expertise, zone, class, age");
}

static void add_number(json_t *row, const char *field, json_t *more)
{
	json_int_t sum = json_integer_value(json_object_get(row, field));

	(void)json_object_set_new(row, field, json_integer(sum + json_integer_value(more)));
}

/* Histograms of one row each, value by value. */
static void add_buckets(json_t *row, json_t *more)
{
	json_t *all = json_object_get(row, "buckets");
	json_t *b;
	size_t i;

	if (all == NULL) {
		all = json_array();
		(void)json_object_set_new(row, "buckets", all);
	}
	json_array_foreach (more, i, b) {
		(void)json_array_append(all, b);
	}
}

/* What there is now: a unit that may serve several expertises or zones stands in each of them, so
 * these rows are never added up. */
static bool is_stock(json_t *row)
{
	static const char *const kinds[] = { "CAPACITY", "CAPACITY_FREE", "KEPT_FREE" };
	const char *kind = json_string_value(json_object_get(row, "kind"));

	for (size_t i = 0; kind != NULL && i < SK_LEN(kinds); i++) {
		if (strcmp(kind, kinds[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* The row without what it is not split by. */
static json_t *row_begin(const struct cli *c, json_t *from)
{
	json_t *row = json_copy(from);
	bool stock = is_stock(row);

	for (size_t i = 0; i < SK_LEN(along); i++) {
		bool empty = json_integer_value(json_object_get(row, along[i].field)) == 0 &&
			     !json_is_string(json_object_get(row, along[i].field));
		if (empty || (!stock && !splits(c, i))) {
			(void)json_object_del(row, along[i].field);
		}
	}
	(void)json_object_del(row, "count");
	(void)json_object_del(row, "sum");
	(void)json_object_del(row, "buckets");
	return row;
}

static char *key_of(json_t *row)
{
	json_t *k = json_copy(row);

	(void)json_object_del(k, "p50");
	(void)json_object_del(k, "p75");
	(void)json_object_del(k, "p90");
	char *text = json_dumps(k, JSON_SORT_KEYS | JSON_COMPACT);
	json_decref(k);
	return text;
}

static void take_row(const struct cli *c, json_t *index, json_t *list, json_t *from)
{
	json_t *row = row_begin(c, from);
	char *key = key_of(row);
	json_t *known = key == NULL ? NULL : json_object_get(index, key);

	if (known == NULL) {
		known = row;
		(void)json_array_append(list, row);
		(void)json_object_set(index, key == NULL ? "" : key, row);
	} else {
		(void)json_object_set_new(known, "merged", json_true());
	}
	add_number(known, "count", json_object_get(from, "count"));
	add_number(known, "sum", json_object_get(from, "sum"));
	if (json_array_size(json_object_get(from, "buckets")) > 0) {
		add_buckets(known, json_object_get(from, "buckets"));
	}
	json_decref(row);
	free(key);
}

/* --- percentiles --- */

static int by_value(const void *a, const void *b)
{
	const PB(FigureBucket) *left = *(PB(FigureBucket) *const *)a;
	const PB(FigureBucket) *right = *(PB(FigureBucket) *const *)b;

	return (left->value > right->value) - (left->value < right->value);
}

static void set_percentiles(struct cli *c, json_t *row)
{
	static const struct {
		const char *field;
		uint32_t permille;
	} points[] = { { "p50", 500 }, { "p75", 750 }, { "p90", 900 } };
	json_t *list = json_object_get(row, "buckets");
	size_t len = json_array_size(list);
	PB(FigureBucket) *bucket = cli_alloc(c, (len + 1) * sizeof(*bucket));
	PB(FigureBucket) **at = cli_alloc(c, (len + 1) * sizeof(*at));
	json_t *b;
	size_t i;

	json_array_foreach (list, i, b) {
		schakel__v1__figure_bucket__init(&bucket[i]);
		bucket[i].value = (uint32_t)json_integer_value(json_object_get(b, "value"));
		bucket[i].count = json_integer_value(json_object_get(b, "count"));
		at[i] = &bucket[i];
	}
	qsort(at, len, sizeof(PB(FigureBucket) *), by_value);
	for (i = 0; i < SK_LEN(points); i++) {
		uint32_t v = figure_percentile(at, len, points[i].permille);
		if (len > 0) {
			(void)json_object_set_new(row, points[i].field, json_integer(v));
		} else if (json_is_true(json_object_get(row, "merged"))) {
			(void)json_object_del(row, points[i].field); /* cannot be added up */
		}
	}
}

static void finish_row(struct cli *c, json_t *row)
{
	int kind = 0;
	json_t *code = json_object_get(row, "kind");
	json_t *what = json_object_get(row, "code");

	if (!json_is_string(code) || !word_find(SET(figure_kind), json_string_value(code), &kind)) {
		return;
	}
	const struct figure_law *law = figure_law((PB(FigureKind))kind);
	if (law == NULL || law->value_max == 0) {
		(void)json_object_del(row, "p50");
		(void)json_object_del(row, "p75");
		(void)json_object_del(row, "p90");
	} else {
		set_percentiles(c, row);
	}
	(void)json_object_del(row, "merged");
	(void)json_object_del(row, "buckets");
	uint32_t month = (uint32_t)json_integer_value(json_object_get(row, "month"));
	uint32_t band = (uint32_t)json_integer_value(json_object_get(row, "age_band"));
	struct figure_text text =
		figure_code_text((PB(FigureKind))kind, (uint32_t)json_integer_value(what), c->lang);
	(void)json_object_set_new(row, "what", json_string(text.s));
	(void)json_object_set_new(row, "period", json_string(figure_month_text(month, c->lang).s));
	(void)json_object_set_new(row, "age", json_string(figure_band_text(band, c->lang).s));
	(void)json_object_set_new(row, "unit",
				  json_string(figure_unit_text((PB(FigureKind))kind, c->lang)));
}

/* --- asking --- */

static int read_daemon(struct call *k, const char *daemon, PB(QueryFigures) *q, json_t *list)
{
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct pages p = { daemon, &m, &q->after, BODY(FIGURES_VIEW), "rows", 0 };
	bool stock = cli_flag(k->cli, "kind") || (splits(k->cli, 0) && splits(k->cli, 1));
	json_t *index = json_object();
	json_t *doc = NULL;
	json_t *row;
	size_t i;

	m.body_case = BODY(QUERY_FIGURES);
	m.query_figures = q;
	int rc = pages_read(k, &p, &doc);
	if (rc == CLI_DONE) {
		json_array_foreach (json_object_get(doc, "rows"), i, row) {
			if (!is_stock(row) || stock) {
				take_row(k->cli, index, list, row);
			}
		}
		json_decref(doc);
	}
	json_decref(index);
	return rc;
}

static void print_csv(const struct cli *c, json_t *list)
{
	json_t *row;
	size_t i;

	for (size_t k = 0; columns[k].nl != NULL; k++) {
		(void)fprintf(c->out, "%s%s", k == 0 ? "" : ",", columns[k].path);
	}
	(void)fputc('\n', c->out);
	json_array_foreach (list, i, row) {
		for (size_t k = 0; columns[k].nl != NULL; k++) {
			struct cell_text t = cell_text(c, row, &columns[k]);
			(void)fprintf(c->out, "%s\"", k == 0 ? "" : ",");
			for (const char *p = t.s; *p != '\0'; p++) {
				(void)fprintf(c->out, *p == '"' ? "\"\"" : "%c", *p);
			}
			(void)fputc('"', c->out);
		}
		(void)fputc('\n', c->out);
	}
}

/* Whoever is not the coordinator gets no small number, and nothing of a month that is not over: an
 * empty list is not a broken one. */
static void say_small(const struct call *k)
{
	if ((k->party->roles & ROLE_BIT(COORDINATOR)) == 0) {
		cli_say(k->cli,
			"Alleen maanden die voorbij zijn, en geen getal onder %d: zo is niemand te "
			"herkennen. Staat er niets, dan is elk getal nog zo klein.",
			"Only months that are over, and no number below %d: so nobody can be "
			"recognised. When there is nothing, each number is still that small.",
			FIGURE_CELL_MIN);
	}
}

static void show(const struct call *k, json_t *doc)
{
	const struct cli *c = k->cli;
	struct paper p = { "Cijfers", "Figures", k->conf->node, paper_now() };

	if (cli_flag(c, "csv")) {
		print_csv(c, json_object_get(doc, "rows"));
		return;
	}
	if (cli_flag(c, "print")) {
		paper_table(c, &p, doc, "rows", paper_columns);
		return;
	}
	out_table(c, doc, "rows", columns);
	cli_say(c,
		"\"nu\" is hoe het nu staat; een maand telt wat er toen gebeurde, en bij wie wacht "
		"hoe "
		"het aan het einde stond.",
		"\"now\" is as it stands now; a month counts what happened in it, and of who waits "
		"how "
		"it stood at its end.");
	say_small(k);
}

/* "2026-03" */
static int month_opt(const struct cli *c, const char *name, uint32_t *ret_month)
{
	const char *text = cli_opt(c, name);
	unsigned year = 0;
	unsigned month = 0;
	char end = '\0';

	if (text == NULL) {
		return CLI_DONE;
	}
	/* NOLINTNEXTLINE(cert-err34-c): four digits cannot overflow, and the count is checked */
	if (sscanf(text, "%4u-%2u%c", &year, &month, &end) != 2 || month < 1 || month > 12 ||
	    year < 2000) {
		return cli_usage(c, "--%s: geef een maand als 2026-03",
				 "--%s: give a month as 2026-03", name);
	}
	*ret_month = year * 100 + month;
	return CLI_DONE;
}

static int cmd_figures(struct cli *c)
{
	static const char *const daemons[] = { INTAKE, WAITLIST, MATCHING };
	AUTO_CALL struct call k = { 0 };
	PB(QueryFigures) q = SCHAKEL__V1__QUERY_FIGURES__INIT;
	json_t *doc = json_pack("{s:[]}", "rows");
	json_t *list = json_object_get(doc, "rows");
	json_t *row;
	size_t i;
	int kind = 0;
	int rc = month_opt(c, "from", &q.from_month);

	rc = rc != CLI_DONE ? rc : month_opt(c, "to", &q.to_month);
	rc = rc != CLI_DONE ? rc : cli_opt_code(c, "kind", SET(figure_kind), &kind);
	rc = rc != CLI_DONE ? rc : check_by(c);
	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	q.kind = (PB(FigureKind))kind;
	for (i = 0; rc == CLI_DONE && i < SK_LEN(daemons); i++) {
		rc = read_daemon(&k, daemons[i], &q, list);
	}
	if (rc == CLI_DONE) {
		json_array_foreach (list, i, row) {
			finish_row(c, row);
		}
		show(&k, doc);
	}
	json_decref(doc);
	return rc;
}

/* --- what helped with comparable needs --- */

static const struct column similar_columns[] = {
	{ "supporter", "wie helpt", "who helps", CELL_WORD, SET(supporter_kind) },
	{ "modality", "hoe", "how", CELL_WORD, SET(modality) },
	{ "continuum", "soort hulp", "kind of help", CELL_WORD, SET(continuum) },
	{ "cases", "keer", "times", CELL_NUMBER, NULL },
	{ "ended_well", "afgerond", "ended as planned", CELL_NUMBER, NULL },
	{ "fit_yes", "paste", "fitted", CELL_NUMBER, NULL },
	{ "fit_partly", "paste deels", "fitted partly", CELL_NUMBER, NULL },
	{ "fit_no", "paste niet", "did not fit", CELL_NUMBER, NULL },
	{ "weeks_p50", "weken (de helft)", "weeks (half)", CELL_NUMBER, NULL },
	{ 0 },
};

static int cmd_similar(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(QuerySimilar) q = SCHAKEL__V1__QUERY_SIMILAR__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;
	struct object_id id;
	int rc = call_open(&k, c);

	rc = rc != CLI_DONE ? rc : find_need(&k, c->arg[0], &id);
	if (rc != CLI_DONE) {
		return rc;
	}
	q.need_id = id_bytes(c, &id);
	m.body_case = BODY(QUERY_SIMILAR);
	m.query_similar = &q;
	rc = call_query(&k, INTAKE, &m, &answer);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (answer->body_case != BODY(SIMILAR_VIEW)) {
		return call_complain(&k, INTAKE, SK_EPROTO);
	}
	const PB(SimilarView) *v = answer->similar_view;
	json_t *doc = pb_json(&v->base);
	out_title(c, "Wat hielp bij %s, %s", "What helped with %s, %s",
		  expertise_label(v->expertise, c->lang), figure_band_text(v->age_band, c->lang).s);
	out_table(c, doc, "rows", similar_columns);
	if (v->too_few > 0) {
		cli_say(c, "Weggelaten, want minder dan 5 keer: soorten hulp: %u.",
			"Left out, for fewer than 5 times: kinds of help: %u.", v->too_few);
	}
	json_decref(doc);
	return CLI_DONE;
}

static const struct option figures_options[] = {
	{ "from", "MAAND", "vanaf deze maand (2026-03); anders alles, ook hoe het nu staat",
	  "from this month (2026-03); else all, and how it stands now" },
	{ "to", "MAAND", "tot en met deze maand", "up to this month" },
	{ "kind", "CIJFER", "alleen dit cijfer (WAITING, TIME_TO_START, ...)",
	  "this figure only (WAITING, TIME_TO_START, ...)" },
	{ "by", "WAARLANGS", "ook per expertise, zone, klasse, leeftijd (met komma's)",
	  "also by expertise, zone, class, age (with commas)" },
	{ "csv", NULL, "voor een rekenblad", "for a spreadsheet" },
	PAPER_OPTION,
	{ 0 },
};

const struct command figures_commands[] = {
	{ "figures", "", 0, 0, figures_options,
	  "toont de cijfers: hoe het nu staat en wat er per maand gebeurde",
	  "shows the figures: how it stands now and what happened per month",
	  "schakel figures --kind UNMET --by expertise,zone --as samenwerking", cmd_figures },
	{ "similar", "HULPVRAAG", 1, 1, NULL, "toont wat hielp bij vergelijkbare hulpvragen",
	  "shows what helped with comparable needs", "schakel similar k7q2m4t9xa/1 --as clb-ieper",
	  cmd_similar },
	{ 0 },
};
