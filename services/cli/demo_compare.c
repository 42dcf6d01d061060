/* SPDX-License-Identifier: EUPL-1.2 */
/* `schakel demo compare`: the same people, the same calls and the same places, twice: once in
 * yesterday's way (one request to one facility at a time, whoever came first goes first) and once
 * in that of Schakel. Yesterday's way is the same daemons under other settings, so that nothing but
 * the way differs. What got worse is printed as plainly as what got better. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "services/cli/demo.h"
#include "services/cli/demo_int.h"
#include "services/cli/demo_result.h"
#include "services/cli/node.h"
#include "services/cli/output.h"

#define DAYS_DEFAULT 90
#define DAYS_LEAST 32 /* a month must be over for some requests */
#define WORLDS 2
#define KNOWN_ALL 1000

/* One partner at a time for a whole request, nobody asked beside it, the date alone counts, and who
 * asks knows of a part of the offer only. That part is calibrated: with it 22.5 to 33 % of the
 * crises find no offer, as was published (deploy/demo-region/ASSUMPTIONS.md). */
static const char yesterday[] = "team_partners_max = 1\n"
				"asks_at_once = 1\n"
				"order_by_arrival = 1\n";
#define KNOWN_DEFAULT 500 /* per mille */

const struct option demo_compare_options[] = {
	{ "days", "N", "zoveel dagen, elke keer (90)", "so many days, each time (90)" },
	{ "seed", "N", "het toeval van de demo (1)", "the luck of the demo (1)" },
	{ "known", "N",
	  "hoeveel van elke duizend partners een aanmelder gisteren kende (500, geijkt)",
	  "how many of a thousand partners who asks knew of yesterday (500, calibrated)" },
	{ "region", "DIR", "map met de voorbeeldregio", "directory of the demo region" },
	{ 0 },
};

/* --- what is compared --- */

enum better { LESS, MORE, NEITHER };

/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): a row reads in this order */
struct measure {
	const char *key; /* in --json */
	const char *nl;
	const char *en;
	enum better better;
	uint64_t (*of)(const struct demo_result *r); /* thousandths, or milliseconds */
	bool time;
};

static uint64_t share(uint64_t part, uint64_t whole)
{
	return whole == 0 ? 0 : part * 1000 / whole;
}

static uint64_t no_offer(const struct demo_result *r)
{
	return share(r->no_offer, r->crises);
}

static uint64_t crisis_p50(const struct demo_result *r)
{
	return r->crisis_p50_ms;
}

static uint64_t crisis_p90(const struct demo_result *r)
{
	return r->crisis_p90_ms;
}

static uint64_t first_p50(const struct demo_result *r)
{
	return r->first_p50_ms;
}

static uint64_t first_p90(const struct demo_result *r)
{
	return r->first_p90_ms;
}

static uint64_t prevent_p50(const struct demo_result *r)
{
	return r->prevent_p50_ms;
}

static uint64_t in_month(const struct demo_result *r)
{
	return share(r->in_month, r->judged);
}

static uint64_t refusals(const struct demo_result *r)
{
	return share(r->refusals, r->searches);
}

static uint64_t asks(const struct demo_result *r)
{
	return share(r->asks, r->searches);
}

static uint64_t workers(const struct demo_result *r)
{
	return share(r->workers, r->helped);
}

static uint64_t partners(const struct demo_result *r)
{
	return share(r->partners, r->helped);
}

static uint64_t stopped(const struct demo_result *r)
{
	return share(r->stopped, r->helped);
}

static uint64_t waiting(const struct demo_result *r)
{
	return r->waiting * 1000ULL;
}

static uint64_t unused(const struct demo_result *r)
{
	return r->free_places * 1000ULL;
}

static const struct measure measures[] = {
	{ "crises_without_offer", "crisis: na 24 uur kon niemand helpen (aandeel)",
	  "crisis: nobody could help after 24 hours (share)", LESS, no_offer, false },
	{ "crisis_first_help_p50", "crisis: tot de eerste hulp, p50",
	  "crisis: to the first help, p50", LESS, crisis_p50, true },
	{ "crisis_first_help_p90", "crisis: tot de eerste hulp, p90",
	  "crisis: to the first help, p90", LESS, crisis_p90, true },
	{ "first_help_p50", "andere vragen: tot de eerste hulp, p50",
	  "other requests: to the first help, p50", LESS, first_p50, true },
	{ "first_help_p90", "andere vragen: tot de eerste hulp, p90",
	  "other requests: to the first help, p90", LESS, first_p90, true },
	{ "preventive_first_help_p50", "preventieve vragen: tot de eerste hulp, p50",
	  "preventive requests: to the first help, p50", LESS, prevent_p50, true },
	{ "answered_within_term", "beantwoord binnen de maand (of de kortere termijn)",
	  "answered within the month (or the shorter term)", MORE, in_month, false },
	{ "refusals_per_request", "nee, nu niet of geen antwoord, per vraag",
	  "no, not now or no answer, per request", LESS, refusals, false },
	{ "asks_per_request", "keer aan een partner gevraagd, per vraag",
	  "times a partner was asked, per request", LESS, asks, false },
	{ "workers_per_child", "begeleiders die een gezin zag", "workers that a family met", LESS,
	  workers, false },
	{ "partners_per_team", "partners die samen hielpen", "partners that helped together",
	  NEITHER, partners, false },
	{ "stopped_by_youth", "door de jongere gestopt, per geholpen vraag",
	  "stopped by the young person, per request helped", LESS, stopped, false },
	{ "waiting_at_the_end", "hulpvragen op de lijst aan het eind",
	  "needs on the list at the end", LESS, waiting, false },
	{ "free_places_at_the_end", "bevestigde plekken die leeg stonden aan het eind",
	  "confirmed places unused at the end", LESS, unused, false },
};

/* --- printing --- */

static const char *value_text(struct cli *c, const struct measure *m, uint64_t v)
{
	if (m->time && v == DEMO_NOT_YET) {
		return cli_text(c, "nog niet", "not yet");
	}
	if (m->time && v < 2 * DEMO_DAY_MS) {
		return cli_printf(c, "%.1f %s", (double)v / (double)DEMO_HOUR_MS,
				  cli_text(c, "uur", "hours"));
	}
	if (m->time) {
		return cli_printf(c, "%.1f %s", (double)v / (double)DEMO_DAY_MS,
				  cli_text(c, "dagen", "days"));
	}
	return cli_printf(c, "%.2f", (double)v / 1000);
}

static const char *verdict(struct cli *c, const struct measure *m, uint64_t was, uint64_t is)
{
	if (was == is) {
		return "=";
	}
	if (m->better == NEITHER) {
		return cli_text(c, "anders", "different");
	}
	bool less = is < was;
	return less == (m->better == LESS) ? cli_text(c, "beter", "better") :
					     cli_text(c, "SLECHTER", "WORSE");
}

static void print_json(struct cli *c, const struct demo_result r[WORLDS])
{
	json_t *rows = json_array();

	for (size_t i = 0; i < SK_LEN(measures); i++) {
		const struct measure *m = &measures[i];
		uint64_t v[WORLDS] = { m->of(&r[0]), m->of(&r[1]) };
		json_t *row = json_pack("{s:s, s:s, s:s}", "measure", m->key, "unit",
					m->time ? "ms" : "thousandths", "verdict",
					verdict(c, m, v[0], v[1]));
		const char *const key[WORLDS] = { "yesterday", "schakel" };
		for (size_t k = 0; k < WORLDS; k++) {
			json_t *n = m->time && v[k] == DEMO_NOT_YET ?
					    json_null() :
					    json_integer((json_int_t)v[k]);
			json_object_set_new(row, key[k], n);
		}
		json_array_append_new(rows, row);
	}
	json_t *doc = json_pack("{s:i, s:[i,i], s:[i,i], s:o}", "days", (int)r[1].days, "searches",
				(int)r[0].searches, (int)r[1].searches, "crises", (int)r[0].crises,
				(int)r[1].crises, "measures", rows);
	out_json(c, doc);
	json_decref(doc);
}

static void print_basis(struct cli *c, const struct demo_result r[WORLDS])
{
	cli_say(c,
		"Wat je hier leest: %u dagen van een verzonnen regio; %u en %u keer hulp gezocht, "
		"waarvan %u en %u crisissen.\nSynthetisch: alle mensen, antwoorden, plekken en "
		"teams (deploy/demo-region/ASSUMPTIONS.md). Oud: de aantallen zijn van 2015 tot "
		"2022.\nAnders gedefinieerd: \"geen aanbod\" is hier dat na 24 uur niemand kon "
		"helpen; gepubliceerd is 28,5 %% zonder module (2015-2016) en één op drie niets "
		"vrij bij de oproep (2021).\nGisteren is hetzelfde systeem met: één partner per "
		"vraag, één vraag tegelijk, en alleen de datum telt. Het toeval van wie antwoordt "
		"loopt na de eerste dag uiteen: één keer spelen is geen bewijs; speel meer zaden.",
		"What you read here: %u days of a region that is made up; help was searched for %u "
		"and %u times, of which %u and %u crises.\nSynthetic: all people, answers, places "
		"and teams (deploy/demo-region/ASSUMPTIONS.md). Old: the volumes are of 2015 to "
		"2022.\nDefined differently: \"no offer\" here is that nobody could help after 24 "
		"hours; published are 28.5 %% without a module (2015-2016) and one in three with "
		"nothing free at the call (2021).\nYesterday is the same system with: one partner "
		"a request, one ask at a time, and the date alone counts. The luck of who answers "
		"goes apart after the first day: one run proves nothing; play more seeds.",
		r[1].days, r[0].searches, r[1].searches, r[0].crises, r[1].crises);
}

static void print_table(struct cli *c, const struct demo_result r[WORLDS])
{
	(void)fprintf(c->out, "%-52s %14s %14s  %s\n", "", cli_text(c, "gisteren", "yesterday"),
		      "Schakel", "");
	for (size_t i = 0; i < SK_LEN(measures); i++) {
		const struct measure *m = &measures[i];
		uint64_t was = m->of(&r[0]);
		uint64_t is = m->of(&r[1]);
		(void)fprintf(c->out, "%-52s %14s %14s  %s\n", cli_text(c, m->nl, m->en),
			      value_text(c, m, was), value_text(c, m, is), verdict(c, m, was, is));
	}
	print_basis(c, r);
}

/* --- the two runs --- */

static int play(struct cli *c, struct demo_task t, size_t world, struct demo_result *ret_result)
{
	t.dir = cli_printf(c, "%s/%s", t.dir, world == 0 ? "yesterday" : "schakel");
	t.settings = world == 0 ? t.settings : NULL;
	cli_say(c, "%s: %u dagen …", "%s: %u days …",
		world == 0 ? cli_text(c, "gisteren", "yesterday") : "Schakel", t.days);
	int rc = demo_play(c, &t, ret_result);
	return rc == CLI_DONE && demo_interrupted() ? CLI_REFUSED : rc;
}

int cmd_demo_compare(struct cli *c)
{
	struct demo_task t = { .seed = 1, .days = DAYS_DEFAULT };
	struct demo_result r[WORLDS];
	char base[] = "/tmp/schakel-compare-XXXXXX";
	uint32_t known = KNOWN_DEFAULT;
	int rc = demo_read_task(c, &t);

	if (rc == CLI_DONE) {
		rc = cli_opt_u32(c, "known", KNOWN_ALL, &known);
	}

	if (rc == CLI_DONE && t.days < DAYS_LEAST) {
		rc = cli_usage(c, "--days: ten minste %u, anders is er geen maand voorbij",
			       "--days: %u at least, or no month is over", DAYS_LEAST);
	}
	if (rc == CLI_DONE && mkdtemp(base) == NULL) {
		rc = cli_fail(c, base, SK_ESYS);
	}
	if (rc != CLI_DONE) {
		return rc;
	}
	t.dir = base;
	t.settings = cli_printf(c, "%spartners_known_permille = %u\n", yesterday,
				known == 0 ? 1 : known);
	demo_watch_signals();
	for (size_t i = 0; rc == CLI_DONE && i < WORLDS; i++) {
		rc = play(c, t, i, &r[i]);
	}
	node_remove_tree(base);
	if (rc == CLI_DONE && c->json) {
		print_json(c, r);
	} else if (rc == CLI_DONE) {
		print_table(c, r);
	}
	return rc;
}
