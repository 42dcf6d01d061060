/* SPDX-License-Identifier: EUPL-1.2 */
/* What two ways of working gave, side by side, for somebody who sees it for the first time. */
#include <stdio.h>
#include <string.h>

#include "services/cli/demo_compare.h"
#include "services/cli/demo_draw.h"
#include "services/cli/output.h"

#define NAME_COLUMNS 57
#define VALUE_COLUMNS 26
#define UNIT_OF(m) ((m)->kind == DEMO_TIME ? "ms" : "thousandths")

/* --- values --- */

const char *demo_value_text(struct cli *c, enum demo_kind kind, uint64_t v)
{
	if (v == DEMO_NO_CASE) {
		return cli_text(c, "geen geval", "no case");
	}
	if (kind == DEMO_TIME && v == DEMO_NOT_YET) {
		return cli_text(c, "nog niet", "not yet");
	}
	if (kind == DEMO_TIME && v < 2 * DEMO_DAY_MS) {
		return cli_printf(c, "%.1f %s", (double)v / (double)DEMO_HOUR_MS,
				  cli_text(c, "uur", "hours"));
	}
	if (kind == DEMO_TIME) {
		return cli_printf(c, "%.1f %s", (double)v / (double)DEMO_DAY_MS,
				  cli_text(c, "dagen", "days"));
	}
	if (kind == DEMO_SHARE) {
		return cli_printf(c, "%.1f %%", (double)v / 10);
	}
	return kind == DEMO_COUNT ? cli_printf(c, "%llu", (unsigned long long)(v / 1000)) :
				    cli_printf(c, "%.2f", (double)v / 1000);
}

static const char *spread_text(struct cli *c, const struct demo_measure *m,
			       const struct demo_spread *s, uint32_t seeds)
{
	if (seeds == 1 || s->middle == DEMO_NO_CASE) {
		return demo_value_text(c, m->kind, s->middle);
	}
	return cli_printf(c, "%s (%s - %s)", demo_value_text(c, m->kind, s->middle),
			  demo_value_text(c, m->kind, s->least),
			  demo_value_text(c, m->kind, s->most));
}

/* --- verdicts --- */

/* How many of the seeds are better, and how many worse. */
struct verdict {
	uint32_t better, worse, judged;
};

static struct verdict judge(const struct demo_compared *all, const struct demo_measure *m)
{
	struct verdict v = { 0 };

	for (uint32_t i = 0; i < all->seeds; i++) {
		uint64_t was = m->of(&all->of[0][i]);
		uint64_t is = m->of(&all->of[1][i]);
		if (was == DEMO_NO_CASE || is == DEMO_NO_CASE) {
			continue;
		}
		v.judged++;
		v.better += was != is && (is < was) == (m->better == DEMO_LESS);
		v.worse += was != is && (is < was) != (m->better == DEMO_LESS);
	}
	return v;
}

static bool got_worse(const struct demo_measure *m, const struct verdict *v)
{
	return m->better != DEMO_NEITHER && v->worse > v->better;
}

static const char *verdict_word(struct cli *c, const struct demo_measure *m,
				const struct verdict *v)
{
	if (v->judged == 0) {
		return "";
	}
	if (v->better == 0 && v->worse == 0) {
		return cli_text(c, "gelijk", "equal");
	}
	if (m->better == DEMO_NEITHER) {
		return cli_text(c, "anders", "different");
	}
	if (v->better == v->worse) {
		return cli_text(c, "wisselend", "mixed");
	}
	return got_worse(m, v) ? cli_text(c, "SLECHTER", "WORSE") : cli_text(c, "beter", "better");
}

static const char *verdict_text(struct cli *c, const struct demo_compared *all,
				const struct demo_measure *m)
{
	struct verdict v = judge(all, m);
	const char *word = verdict_word(c, m, &v);
	uint32_t most = v.better > v.worse ? v.better : v.worse;

	if (all->seeds == 1 || m->better == DEMO_NEITHER || v.judged == 0 || v.better == v.worse) {
		return word;
	}
	return cli_printf(c, "%s (%u %s %u)", word, most, cli_text(c, "van", "of"), v.judged);
}

/* --- for programs --- */

static json_t *value_json(const struct demo_measure *m, uint64_t v)
{
	bool none = v == DEMO_NO_CASE || (m->kind == DEMO_TIME && v == DEMO_NOT_YET);

	return none ? json_null() : json_integer((json_int_t)v);
}

static json_t *spread_json(const struct demo_compared *all, const struct demo_measure *m,
			   size_t world)
{
	struct demo_spread s = demo_spread(m, all->of[world], all->seeds);
	json_t *each = json_array();

	for (uint32_t i = 0; i < all->seeds; i++) {
		json_array_append_new(each, value_json(m, m->of(&all->of[world][i])));
	}
	return json_pack("{s:o, s:o, s:o, s:o}", "middle", value_json(m, s.middle), "least",
			 value_json(m, s.least), "most", value_json(m, s.most), "seeds", each);
}

static json_t *measures_json(struct cli *c, const struct demo_compared *all)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < demo_measures_len; i++) {
		const struct demo_measure *m = &demo_measures[i];
		struct verdict v = judge(all, m);
		json_array_append_new(
			rows, json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "measure", m->key, "text",
					cli_text(c, m->nl, m->en), "unit", UNIT_OF(m), "verdict",
					verdict_word(c, m, &v), "yesterday", spread_json(all, m, 0),
					"schakel", spread_json(all, m, 1)));
	}
	return rows;
}

static json_t *counts_json(const struct demo_result *r)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "searches", (json_int_t)r->searches,
			 "crises", (json_int_t)r->crises, "without_offer", (json_int_t)r->no_offer,
			 "judged", (json_int_t)r->judged, "children", (json_int_t)r->all_children,
			 "misses", (json_int_t)r->misses);
}

static json_t *calibration_json(const struct demo_compared *all)
{
	struct demo_calibration k = demo_calibration(all->of[0], all->seeds);

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:b}", "without_offer_permille",
			 (json_int_t)k.all, "least", (json_int_t)k.least, "most",
			 (json_int_t)k.most, "published_least", (json_int_t)DEMO_PUBLISHED_LEAST,
			 "published_most", (json_int_t)DEMO_PUBLISHED_MOST, "within", k.within);
}

static void show_json(struct cli *c, const struct demo_compared *all)
{
	json_t *counts = json_array();

	for (uint32_t i = 0; i < all->seeds; i++) {
		json_int_t seed = (json_int_t)all->seed + i;
		json_array_append_new(counts, json_pack("{s:I, s:o, s:o}", "seed", seed,
							"yesterday", counts_json(&all->of[0][i]),
							"schakel", counts_json(&all->of[1][i])));
	}
	json_t *doc = json_pack("{s:I, s:I, s:I, s:o, s:o}", "days", (json_int_t)all->days, "seeds",
				(json_int_t)all->seeds, "partners_known_permille",
				(json_int_t)all->known, "counts", counts, "measures",
				measures_json(c, all));
	if (all->only == NULL) {
		json_object_set_new(doc, "calibration", calibration_json(all));
	} else {
		json_object_set_new(doc, "only", json_string(all->only->name));
	}
	out_json(c, doc);
	json_decref(doc);
}

/* --- for people --- */

static const char *first_world(struct cli *c, const struct demo_compared *all)
{
	return all->only == NULL ? cli_text(c, "gisteren", "yesterday") :
				   cli_text(c, "met dat verschil", "with that difference");
}

static void show_rows(struct cli *c, const struct demo_compared *all)
{
	(void)fprintf(c->out, "%-*s %-*s %-*s\n", NAME_COLUMNS, "", VALUE_COLUMNS,
		      first_world(c, all), VALUE_COLUMNS, "Schakel");
	for (size_t i = 0; i < demo_measures_len; i++) {
		const struct demo_measure *m = &demo_measures[i];
		struct demo_spread was = demo_spread(m, all->of[0], all->seeds);
		struct demo_spread is = demo_spread(m, all->of[1], all->seeds);
		(void)fprintf(c->out, "%-*s %-*s %-*s %s\n", NAME_COLUMNS,
			      cli_text(c, m->nl, m->en), VALUE_COLUMNS,
			      spread_text(c, m, &was, all->seeds), VALUE_COLUMNS,
			      spread_text(c, m, &is, all->seeds), verdict_text(c, all, m));
	}
}

static void show_worse(struct cli *c, const struct demo_compared *all)
{
	bool any = false;

	for (size_t i = 0; i < demo_measures_len; i++) {
		const struct demo_measure *m = &demo_measures[i];
		struct verdict v = judge(all, m);
		if (!got_worse(m, &v)) {
			continue;
		}
		if (!any) {
			(void)fprintf(c->out, "\n%s\n",
				      cli_text(c, "Wat slechter werd:", "What got worse:"));
		}
		any = true;
		const char *why = all->only == NULL ? cli_text(c, m->why_nl, m->why_en) : NULL;
		(void)fprintf(c->out, "- %s%s%s.\n", cli_text(c, m->nl, m->en),
			      why == NULL ? "" : ": ", why == NULL ? "" : why);
	}
	if (!any) {
		(void)fprintf(c->out, "\n%s\n",
			      cli_text(c, "Niets in deze tabel werd slechter.",
				       "Nothing in this table got worse."));
	}
}

static void show_calibration(struct cli *c, const struct demo_compared *all)
{
	struct demo_calibration k = demo_calibration(all->of[0], all->seeds);

	if (k.all == DEMO_NO_CASE) {
		return;
	}
	(void)fprintf(c->out,
		      cli_text(c,
			       "\nIjking: gisteren vond %.1f %% van de crisissen geen aanbod "
			       "(per zaad %.1f tot %.1f %%); gepubliceerd is 22,5 tot 33 %%: %s.\n",
			       "\nCalibration: yesterday %.1f %% of the crises found no offer "
			       "(by seed %.1f to %.1f %%); published are 22.5 to 33 %%: %s.\n"),
		      (double)k.all / 10, (double)k.least / 10, (double)k.most / 10,
		      k.within ? cli_text(c, "dat klopt", "this agrees") :
				 cli_text(c, "dat klopt NIET", "this does NOT agree"));
}

static void show_few_seeds(struct cli *c, const struct demo_compared *all)
{
	if (all->seeds < DEMO_SEEDS_TRUSTED) {
		(void)fprintf(c->out, "%s\n",
			      cli_text(c,
				       "Eén of enkele zaden bewijzen niets: er zijn weinig "
				       "crisissen. Speel er vijf met --seeds 5.",
				       "One seed or a few prove nothing: there are few crises. "
				       "Play five with --seeds 5."));
	}
}

static const char played_nl[] = "\nWat je hier leest\n"
				"Gespeeld: %u dagen van een verzonnen regio, %u keer. De eerste "
				"keer werd %u keer hulp "
				"gezocht,\n  waarvan %u crisissen; dezelfde mensen en vragen "
				"stonden in beide werelden.\n";
static const char way_nl[] = "Gisteren: dezelfde diensten, met één partner per vraag, één vraag "
			     "tegelijk, de datum van "
			     "aanmelden als\n  enige volgorde, en een aanmelder die %.0f %% van de "
			     "partners kent. "
			     "Schakel: alles zoals het is.\n";
static const char only_nl[] = "De eerste kolom is niet gisteren, maar Schakel met één verschil: %s "
			      "(een aanmelder kent "
			      "%.0f %% van de\n  partners). Daarom staat er geen ijking.\n";
static const char read_nl[] =
	"Synthetisch: alle mensen, antwoorden, plekken en teams zijn verzonnen "
	"(deploy/demo-region/ASSUMPTIONS.md).\n"
	"Oud: de aantallen waarop de stroom berust, zijn van 2015 tot 2022; geen is van vandaag.\n"
	"Anders gedefinieerd: \"kon helpen\" is hier een ja binnen 24 uur. Gepubliceerd zijn: geen "
	"module inzetbaar\n  (28,5 % in 2015-2016, 20 tot 25 % in de meeste regio's) en niets "
	"vrij op het ogenblik van de oproep\n  (één op drie in 2021; \"twee op drie\" in 2022 telt "
	"anders en is hier niet gebruikt).\n"
	"  \"Had hulp\" is: gestart, en kind of ouder gezien. Een intakegesprek telt niet.\n"
	"Aangenomen: hoeveel van \"geen aanbod\" komt doordat er geen plek is, en hoeveel doordat "
	"niemand ervan wist, is\n  niet gepubliceerd; --known 1000 toont het ene uiterste.\n"
	"Nog eens: hetzelfde zaad geeft dezelfde tabel; een ander zaad toont hoeveel het toeval "
	"scheelt.\n"
	"Niet gemeten: of de hulp goed was. De plekken zijn in beide werelden dezelfde: er komt "
	"geen hulpverlener bij.\n";
static const char played_en[] = "\nWhat you read here\n"
				"Played: %u days of a region that is made up, %u times. The first "
				"time help was searched "
				"for %u times,\n  of which %u crises; the same people and requests "
				"stood in both worlds.\n";
static const char way_en[] = "Yesterday: the same services, with one partner a request, one ask at "
			     "a time, the date of "
			     "asking as the\n  only order, and who asks knows %.0f %% of the "
			     "partners. Schakel: "
			     "everything as it is.\n";
static const char only_en[] = "The first column is not yesterday, but Schakel with one difference: "
			      "%s (who asks knows "
			      "%.0f %% of the\n  partners). So there is no calibration.\n";
static const char read_en[] =
	"Synthetic: all people, answers, places and teams are made up "
	"(deploy/demo-region/ASSUMPTIONS.md).\n"
	"Old: the volumes under the stream are of 2015 to 2022; none is of today.\n"
	"Defined differently: \"could help\" here is a yes within 24 hours. Published are: no "
	"module could be deployed\n  (28.5 % in 2015-2016, 20 to 25 % in most regions) and "
	"nothing free at the moment of the call\n  (one in three in 2021; \"two in three\" in 2022 "
	"counts otherwise and is not used here).\n"
	"  \"Had help\" means: started, and child or parent seen. An intake talk does not count.\n"
	"Assumed: how much of \"no offer\" comes from places that are not there, and how much from "
	"places that nobody knew of,\n  is not published; --known 1000 shows one end.\n"
	"Again: the same seed gives the same table; another seed shows how much luck does.\n"
	"Not measured: whether the help was good. The places are the same in both worlds: no "
	"worker was added.\n";

static void show_basis(struct cli *c, const struct demo_compared *all)
{
	double known = (double)all->known / 10;

	(void)fprintf(c->out, cli_text(c, played_nl, played_en), all->days, all->seeds,
		      all->of[1][0].searches, all->of[1][0].crises);
	if (all->only == NULL) {
		(void)fprintf(c->out, cli_text(c, way_nl, way_en), known);
	} else {
		(void)fprintf(c->out, cli_text(c, only_nl, only_en),
			      cli_text(c, all->only->nl, all->only->en), known);
	}
	(void)fputs(cli_text(c, read_nl, read_en), c->out);
}

void demo_compared_show(struct cli *c, const struct demo_compared *all)
{
	if (c->json) {
		show_json(c, all);
		return;
	}
	show_rows(c, all);
	if (all->seeds > 1) {
		(void)fprintf(c->out, "%s\n",
			      cli_text(c,
				       "(het middelste van de zaden, en tussen haakjes het laagste "
				       "en het hoogste)",
				       "(the middle one of the seeds, and in brackets the lowest "
				       "and the highest)"));
	}
	show_worse(c, all);
	if (all->only == NULL) {
		show_calibration(c, all);
	}
	show_few_seeds(c, all);
	show_basis(c, all);
}
