/* SPDX-License-Identifier: EUPL-1.2 */
/* What several ways of working gave, side by side: for people, for programs, and to plot. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "services/cli/demo_compare.h"
#include "services/cli/demo_draw.h"
#include "services/cli/lab_policy.h"
#include "services/cli/output.h"

#define NAME_COLUMNS 46
#define VALUE_COLUMNS 18
#define ONE 1000 /* thousandths */

const char *const lab_class_names[LAB_CLASSES] = { "crisis", "urgent", "standard", "preventive" };
static const char *const class_words_nl[LAB_CLASSES] = { "crisis", "dringend", "gewoon",
							 "voor het knelt" };

/* --- figures --- */

static uint64_t share(uint64_t part, uint64_t whole)
{
	return whole == 0 ? DEMO_NO_CASE : part * ONE / whole;
}

static uint64_t requests(const struct lab_run *r, size_t k)
{
	return r->of[k].requests * (uint64_t)ONE;
}

static uint64_t half_helped(const struct lab_run *r, size_t k)
{
	return r->of[k].p50_ms;
}

static uint64_t mean_wait(const struct lab_run *r, size_t k)
{
	return r->of[k].mean_ms;
}

static uint64_t most_helped(const struct lab_run *r, size_t k)
{
	return r->of[k].p90_ms;
}

static uint64_t on_time(const struct lab_run *r, size_t k)
{
	return share(r->of[k].on_time, r->of[k].judged);
}

static uint64_t helped(const struct lab_run *r, size_t k)
{
	return share(r->of[k].helped, r->of[k].requests);
}

static uint64_t ranges(const struct lab_run *r, size_t k)
{
	return r->of[k].ranges * (uint64_t)ONE;
}

static uint64_t ranges_right(const struct lab_run *r, size_t k)
{
	return share(r->of[k].ranges_right, r->of[k].ranges);
}

static uint64_t ranges_days(const struct lab_run *r, size_t k)
{
	return share(r->of[k].ranges_days, r->of[k].ranges);
}

static uint64_t partners(const struct lab_run *r, size_t k)
{
	(void)k;
	return share(r->base.partners, r->base.helped);
}

static uint64_t workers(const struct lab_run *r, size_t k)
{
	(void)k;
	return share(r->base.workers, r->base.children);
}

static uint64_t refusals(const struct lab_run *r, size_t k)
{
	(void)k;
	return share(r->base.refusals, r->children);
}

static uint64_t asks(const struct lab_run *r, size_t k)
{
	(void)k;
	return share(r->base.asks, r->children);
}

static uint64_t needs(const struct lab_run *r, size_t k)
{
	(void)k;
	return share(r->base.needs_started, r->base.searches);
}

static uint64_t waiting_end(const struct lab_run *r, size_t k)
{
	(void)k;
	return r->base.waiting * (uint64_t)ONE;
}

struct sums {
	uint64_t days, waiting, hours, places;
};

static struct sums sums_of(const struct lab_run *r)
{
	struct sums s = { 0 };

	for (uint32_t i = 0; i < r->months; i++) {
		s.days += r->month[i].days;
		s.waiting += r->month[i].waiting;
		s.hours += r->month[i].free_hours;
		s.places += r->month[i].free_places;
	}
	return s;
}

static uint64_t waiting_mean(const struct lab_run *r, size_t k)
{
	struct sums s = sums_of(r);

	(void)k;
	return share(s.waiting, s.days);
}

static uint64_t idle_hours(const struct lab_run *r, size_t k)
{
	struct sums s = sums_of(r);

	(void)k;
	return share(s.hours, s.days);
}

static uint64_t idle_places(const struct lab_run *r, size_t k)
{
	struct sums s = sums_of(r);

	(void)k;
	return share(s.places, s.days);
}

static uint64_t plans(const struct lab_run *r, size_t k)
{
	(void)k;
	return r->plans.plans == 0 ? DEMO_NO_CASE : r->plans.plans * ONE;
}

static uint64_t plan_gap(const struct lab_run *r, size_t k)
{
	(void)k;
	return share(r->plans.value - r->plans.bound, r->plans.value);
}

static uint64_t law_cost(const struct lab_run *r, size_t k)
{
	(void)k;
	return share(r->plans.law_cost, r->plans.plans);
}

static uint64_t planned(const struct lab_run *r, size_t k)
{
	(void)k;
	return share(r->plans.covered, r->plans.plans);
}

static uint64_t planned_free(const struct lab_run *r, size_t k)
{
	(void)k;
	return share(r->plans.free_covered, r->plans.plans);
}

static uint64_t planned_cost(const struct lab_run *r, size_t k)
{
	(void)k;
	return share(r->plans.cost, r->plans.covered);
}

static uint64_t planned_cost_free(const struct lab_run *r, size_t k)
{
	(void)k;
	return share(r->plans.free_cost, r->plans.free_covered);
}

/* --- rows --- */

struct row {
	const char *key;
	const char *nl;
	const char *en;
	enum demo_kind kind;
	bool by_class;
	uint64_t (*of)(const struct lab_run *r, size_t k);
};

static const struct row rows[] = {
	{ "requests", "vragen", "requests", DEMO_COUNT, true, requests },
	{ "first_help_p50", "de helft had hulp na", "half had help after", DEMO_TIME, true,
	  half_helped },
	{ "first_help_mean", "gemiddeld gewacht", "waited on average", DEMO_TIME, true, mean_wait },
	{ "first_help_p90", "negen op tien hadden hulp na", "nine in ten had help after", DEMO_TIME,
	  true, most_helped },
	{ "helped", "kregen hulp", "got help", DEMO_SHARE, true, helped },
	{ "answered_on_time", "op tijd beantwoord", "answered on time", DEMO_SHARE, true, on_time },
	{ "ranges", "wachttijden gezegd en voorbij", "ranges of waiting said and over", DEMO_COUNT,
	  true, ranges },
	{ "ranges_right", "daarvan kwamen uit", "of these came true", DEMO_SHARE, true,
	  ranges_right },
	{ "ranges_days", "dagen van begin tot eind daarvan",
	  "days from their beginning to their end", DEMO_EACH, true, ranges_days },
	{ "partners_per_team", "partners per geholpen vraag", "partners per request helped",
	  DEMO_EACH, false, partners },
	{ "workers_per_child", "begeleiders per geholpen kind", "workers per child helped",
	  DEMO_EACH, false, workers },
	{ "refusals_per_child", "keer nee of geen antwoord, per kind",
	  "times no or no answer, per child", DEMO_EACH, false, refusals },
	{ "asks_per_child", "keer gevraagd, per kind", "times asked, per child", DEMO_EACH, false,
	  asks },
	{ "needs_helped_per_request", "soorten hulp gestart, per vraag",
	  "kinds of help started, per request", DEMO_EACH, false, needs },
	{ "waiting_mean", "hulpvragen op de lijst, per dag", "needs on the list, per day",
	  DEMO_EACH, false, waiting_mean },
	{ "waiting_at_the_end", "hulpvragen op de lijst aan het eind",
	  "needs on the list at the end", DEMO_COUNT, false, waiting_end },
	{ "idle_hours", "vrije uren per week, per dag", "hours a week free, per day", DEMO_EACH,
	  false, idle_hours },
	{ "idle_places", "vrije plekken, per dag", "places free, per day", DEMO_EACH, false,
	  idle_places },
	{ "plans", "plannen van de lijst", "plans of the list", DEMO_COUNT, false, plans },
	{ "plan_gap", "hoogstens beter dan die plannen", "at most better than these plans",
	  DEMO_SHARE, false, plan_gap },
	{ "planned_needs", "soorten hulp in een plan", "kinds of help in a plan", DEMO_EACH, false,
	  planned },
	{ "planned_needs_without_order", "hetzelfde zonder de volgorde",
	  "the same without the order", DEMO_EACH, false, planned_free },
	{ "points_per_need", "punten per soort hulp in een plan",
	  "points for each kind of help in a plan", DEMO_EACH, false, planned_cost },
	{ "points_per_need_without_order", "hetzelfde zonder de volgorde",
	  "the same without the order", DEMO_EACH, false, planned_cost_free },
	{ "law_cost", "de volgorde kost, in punten per plan", "the order costs, in points a plan",
	  DEMO_EACH, false, law_cost },
};

typedef void row_fn(void *ctx, const struct row *row, size_t k);

/* Each figure once for every class that it is counted by. */
static void each_row(row_fn *fn, void *ctx)
{
	for (size_t i = 0; i < SK_LEN(rows); i++) {
		for (size_t k = 0; k < (rows[i].by_class ? LAB_CLASSES : 1); k++) {
			fn(ctx, &rows[i], k);
		}
	}
}

static const char *class_key(const struct row *row, size_t k)
{
	return row->by_class ? lab_class_names[k] : "all";
}

static const char *unit_of(const struct row *row)
{
	if (row->of == planned || row->of == planned_free) {
		return "thousandths of a need";
	}
	if (row->of == planned_cost || row->of == planned_cost_free || row->of == law_cost) {
		return "thousandths of a point";
	}
	return row->kind == DEMO_TIME ? "ms" : "thousandths";
}

static bool is_known(const struct row *row, uint64_t v)
{
	return v != DEMO_NO_CASE && !(row->kind == DEMO_TIME && v == DEMO_NOT_YET);
}

/* --- for people --- */

struct shown {
	struct cli *c;
	const struct lab_policies *all;
	json_t *figures;
};

static void show_row(void *ctx, const struct row *row, size_t k)
{
	struct shown *s = ctx;
	struct cli *c = s->c;
	const char *word = cli_text(c, class_words_nl[k], lab_class_names[k]);
	const char *text = cli_text(c, row->nl, row->en);

	(void)fprintf(c->out, "%-*s", NAME_COLUMNS,
		      row->by_class ? cli_printf(c, "%s: %s", word, text) : text);
	for (size_t i = 0; i < s->all->len; i++) {
		(void)fprintf(c->out, " %-*s", VALUE_COLUMNS,
			      demo_value_text(c, row->kind, row->of(&s->all->run[i], k)));
	}
	(void)fputc('\n', c->out);
}

static void show_people(struct shown *s)
{
	struct cli *c = s->c;

	(void)fprintf(c->out, "%-*s", NAME_COLUMNS, "");
	for (size_t i = 0; i < s->all->len; i++) {
		(void)fprintf(c->out, " %-*.*s", VALUE_COLUMNS, VALUE_COLUMNS,
			      s->all->rules[i].name);
	}
	(void)fputc('\n', c->out);
	each_row(show_row, s);
	(void)fprintf(c->out, "%-*s", NAME_COLUMNS, cli_text(c, "vingerafdruk", "digest"));
	for (size_t i = 0; i < s->all->len; i++) {
		(void)fprintf(c->out, " %016" PRIx64 "  ", s->all->run[i].digest);
	}
	(void)fputc('\n', c->out);
	cli_say(c,
		"%u dagen, zaad %llu. Dezelfde mensen en hetzelfde toeval onder elk bestand; "
		"verzonnen mensen: dit rangschikt regels, het voorspelt geen streek.",
		"%u days, seed %llu. The same people and the same luck under each file; made-up "
		"people: this ranks rules, it predicts no region.",
		s->all->days, (unsigned long long)s->all->seed);
}

/* --- for programs --- */

static void add_row(void *ctx, const struct row *row, size_t k)
{
	struct shown *s = ctx;
	json_t *values = json_array();

	for (size_t i = 0; i < s->all->len; i++) {
		uint64_t v = row->of(&s->all->run[i], k);
		(void)json_array_append_new(values, is_known(row, v) ? json_integer((json_int_t)v) :
								       json_null());
	}
	(void)json_array_append_new(s->figures, json_pack("{s:s, s:s, s:s, s:o}", "figure",
							  row->key, "class", class_key(row, k),
							  "unit", unit_of(row), "values", values));
}

static void show_json(struct shown *s)
{
	json_t *runs = json_array();

	s->figures = json_array();
	each_row(add_row, s);
	for (size_t i = 0; i < s->all->len; i++) {
		const struct lab_run *r = &s->all->run[i];
		char digest[20];
		(void)snprintf(digest, sizeof(digest), "%016" PRIx64, r->digest);
		(void)json_array_append_new(runs, json_pack("{s:s, s:s, s:I, s:I}", "rules",
							    s->all->rules[i].name, "digest", digest,
							    "inputs", (json_int_t)r->inputs,
							    "cpu_ms", (json_int_t)r->cpu_ms));
	}
	json_t *doc = json_pack("{s:I, s:I, s:o, s:o}", "days", (json_int_t)s->all->days, "seed",
				(json_int_t)s->all->seed, "runs", runs, "figures", s->figures);
	out_json(s->c, doc);
	json_decref(doc);
}

void lab_policies_show(struct cli *c, const struct lab_policies *all)
{
	struct shown s = { .c = c, .all = all };

	if (c->json) {
		show_json(&s);
	} else {
		show_people(&s);
	}
}

/* --- to plot --- */

struct plot {
	const struct lab_policies *all;
	FILE *f;
};

static void plot_row(void *ctx, const struct row *row, size_t k)
{
	const struct plot *p = ctx;

	for (size_t i = 0; i < p->all->len; i++) {
		uint64_t v = row->of(&p->all->run[i], k);
		(void)fprintf(p->f, "%s,%" PRIu64 ",all,%s,%s,", p->all->rules[i].name,
			      p->all->seed, class_key(row, k), row->key);
		if (is_known(row, v)) {
			(void)fprintf(p->f, "%" PRIu64, v);
		}
		(void)fprintf(p->f, ",%s\n", unit_of(row));
	}
}

static void plot_month(const struct plot *p, size_t i, const struct lab_month *m)
{
	const struct {
		const char *key;
		uint64_t v;
		const char *unit;
	} of[] = {
		{ "requests", m->requests, "count" },
		{ "first_helped", m->helped, "count" },
		{ "waiting_mean", m->days == 0 ? 0 : m->waiting * ONE / m->days, "thousandths" },
		{ "idle_hours", m->days == 0 ? 0 : m->free_hours * ONE / m->days, "thousandths" },
		{ "idle_places", m->days == 0 ? 0 : m->free_places * ONE / m->days, "thousandths" },
	};

	for (size_t k = 0; k < SK_LEN(of); k++) {
		(void)fprintf(p->f, "%s,%" PRIu64 ",%04u-%02u,all,%s,%" PRIu64 ",%s\n",
			      p->all->rules[i].name, p->all->seed, m->yyyymm / 100, m->yyyymm % 100,
			      of[k].key, of[k].v, of[k].unit);
	}
}

int lab_policies_csv(struct cli *c, const struct lab_policies *all, const char *path)
{
	struct plot p = { .all = all, .f = fopen(path, "we") };

	if (p.f == NULL) {
		cli_say(c, "%s: %s", "%s: %s", path, strerror(errno));
		return CLI_REFUSED;
	}
	(void)fputs("rules,seed,month,class,figure,value,unit\n", p.f);
	each_row(plot_row, &p);
	for (size_t i = 0; i < all->len; i++) {
		for (uint32_t m = 0; m < all->run[i].months; m++) {
			plot_month(&p, i, &all->run[i].month[m]);
		}
	}
	bool bad = ferror(p.f) != 0;
	bad = fclose(p.f) != 0 || bad;
	return bad ? cli_fail(c, path, SK_ESYS) : CLI_DONE;
}
