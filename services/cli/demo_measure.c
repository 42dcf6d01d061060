/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/demo_measure.h"

#include "services/cli/demo_draw.h"

#define ONE 1000 /* thousandths */

static uint64_t share(uint64_t part, uint64_t whole)
{
	return whole == 0 ? DEMO_NO_CASE : part * ONE / whole;
}

static uint64_t no_offer(const struct demo_result *r)
{
	return share(r->no_offer, r->crises);
}

static uint64_t crisis_p50(const struct demo_result *r)
{
	return r->crises == 0 ? DEMO_NO_CASE : r->crisis_p50_ms;
}

static uint64_t crisis_p90(const struct demo_result *r)
{
	return r->crises == 0 ? DEMO_NO_CASE : r->crisis_p90_ms;
}

static uint64_t first_p50(const struct demo_result *r)
{
	return r->others == 0 ? DEMO_NO_CASE : r->first_p50_ms;
}

static uint64_t first_p90(const struct demo_result *r)
{
	return r->others == 0 ? DEMO_NO_CASE : r->first_p90_ms;
}

static uint64_t prevent_p50(const struct demo_result *r)
{
	return r->prevented == 0 ? DEMO_NO_CASE : r->prevent_p50_ms;
}

static uint64_t in_month(const struct demo_result *r)
{
	return share(r->in_month, r->judged);
}

static uint64_t misses(const struct demo_result *r)
{
	return share(r->misses, r->all_children);
}

static uint64_t refusals(const struct demo_result *r)
{
	return share(r->refusals, r->searches);
}

static uint64_t asks(const struct demo_result *r)
{
	return share(r->asks, r->searches);
}

static uint64_t asks_of_need(const struct demo_result *r)
{
	return share(r->asks_started, r->needs_started);
}

static uint64_t workers(const struct demo_result *r)
{
	return share(r->workers, r->children);
}

static uint64_t partners(const struct demo_result *r)
{
	return share(r->partners, r->helped);
}

static uint64_t needs(const struct demo_result *r)
{
	return share(r->needs_started, r->searches);
}

static uint64_t stopped(const struct demo_result *r)
{
	return share(r->stopped, r->helped);
}

static uint64_t waiting(const struct demo_result *r)
{
	return r->waiting * (uint64_t)ONE;
}

static uint64_t unused(const struct demo_result *r)
{
	return r->free_places * (uint64_t)ONE;
}

const struct demo_measure demo_measures[] = {
	{ "crises_without_offer", "crisis: niemand kon helpen binnen 24 uur",
	  "crisis: nobody could help within 24 hours", DEMO_LESS, DEMO_SHARE, no_offer,
	  "een gezin in crisis krijgt hulp van meer dan één partner, dus vindt wie later belt "
	  "minder vrij (--only team toont het)",
	  "a family in crisis has help of more than one partner, so that who calls later finds "
	  "less free (--only team shows it)" },

	{ "crisis_first_help_p50", "crisis: de helft had hulp na", "crisis: half had help after",
	  DEMO_LESS, DEMO_TIME, crisis_p50,
	  "een gezin in crisis krijgt hulp van meer dan één partner, dus vindt wie later belt "
	  "minder vrij (--only team toont het)",
	  "a family in crisis has help of more than one partner, so that who calls later finds "
	  "less free (--only team shows it)" },
	{ "crisis_first_help_p90", "crisis: negen op tien hadden hulp na",
	  "crisis: nine in ten had help after", DEMO_LESS, DEMO_TIME, crisis_p90, NULL, NULL },
	{ "first_help_p50", "andere vragen: de helft had hulp na",
	  "other requests: half had help after", DEMO_LESS, DEMO_TIME, first_p50, NULL, NULL },
	{ "first_help_p90", "andere vragen: negen op tien hadden hulp na",
	  "other requests: nine in ten had help after", DEMO_LESS, DEMO_TIME, first_p90, NULL,
	  NULL },
	{ "preventive_first_help_p50", "vragen voor het knelt: de helft had hulp na",
	  "preventive requests: half had help after", DEMO_LESS, DEMO_TIME, prevent_p50, NULL,
	  NULL },
	{ "answered_within_term", "beantwoord binnen de maand (of korter, als dat de termijn is)",
	  "answered within the month (or a shorter term)", DEMO_MORE, DEMO_SHARE, in_month, NULL,
	  NULL },
	{ "network_misses_per_child", "rondes zonder hulp van het netwerk, per kind",
	  "rounds in which the network had no help, per child", DEMO_LESS, DEMO_EACH, misses,
	  "er wordt vaker gezocht: er loopt altijd een ronde zolang er iets openstaat",
	  "the search never rests: there is a round as long as something is open" },
	{ "needs_helped_per_request", "soorten hulp die startten, per vraag",
	  "kinds of help that started, per request", DEMO_MORE, DEMO_EACH, needs, NULL, NULL },
	{ "workers_per_child", "begeleiders die een geholpen kind zag",
	  "workers that a helped child met", DEMO_LESS, DEMO_EACH, workers,
	  "meer soorten hulp tegelijk betekent meer gezichten",
	  "more kinds of help at once means more faces" },
	{ "partners_per_team", "partners die samen een gezin hielpen",
	  "partners that helped one family together", DEMO_NEITHER, DEMO_EACH, partners, NULL,
	  NULL },
	{ "asks_per_request", "keer aan een partner gevraagd, per vraag",
	  "times a partner was asked, per request", DEMO_LESS, DEMO_EACH, asks,
	  "elke soort hulp wordt gevraagd, aan hoogstens drie partners tegelijk: werk voor hen",
	  "each kind of help is asked, of three partners at once at most: work for them" },
	{ "asks_per_need_helped", "keer gevraagd, per soort hulp die startte",
	  "times asked, per kind of help that started", DEMO_LESS, DEMO_EACH, asks_of_need,
	  "drie partners tegelijk vragen is sneller, en voor twee van de drie voor niets",
	  "asking three at once is faster, and for two of the three in vain" },
	{ "refusals_per_request", "nee, nu niet of geen antwoord, per vraag",
	  "no, not now or no answer, per request", DEMO_LESS, DEMO_EACH, refusals,
	  "wie vaker gevraagd wordt, zegt vaker nee",
	  "who is asked more often says no more often" },
	{ "stopped_by_youth", "door de jongere gestopt, per geholpen vraag",
	  "stopped by the young person, per request helped", DEMO_LESS, DEMO_EACH, stopped,
	  "er startte meer, dus kan er ook meer gestopt worden",
	  "more had started, so that more can be stopped" },
	{ "waiting_at_the_end", "hulpvragen op de lijst aan het eind",
	  "needs on the list at the end", DEMO_LESS, DEMO_COUNT, waiting, NULL, NULL },
	{ "free_places_at_the_end", "bevestigde plekken die leeg stonden aan het eind",
	  "confirmed places unused at the end", DEMO_LESS, DEMO_COUNT, unused, NULL, NULL },
};
const size_t demo_measures_len = SK_LEN(demo_measures);

/* --- over several seeds --- */

static void sort_up(uint64_t *v, size_t len)
{
	for (size_t i = 1; i < len; i++) {
		for (size_t k = i; k > 0 && v[k] < v[k - 1]; k--) {
			uint64_t more = v[k - 1];
			v[k - 1] = v[k];
			v[k] = more;
		}
	}
}

struct demo_spread demo_spread(const struct demo_measure *m, const struct demo_result *r,
			       size_t len)
{
	uint64_t v[DEMO_SEEDS_MAX] = { 0 };
	size_t cases = 0;

	for (size_t i = 0; i < len && i < DEMO_SEEDS_MAX; i++) {
		uint64_t one = m->of(&r[i]);
		v[cases] = one;
		cases += one != DEMO_NO_CASE;
	}
	if (cases == 0) {
		return (struct demo_spread){ DEMO_NO_CASE, DEMO_NO_CASE, DEMO_NO_CASE };
	}
	sort_up(v, cases);
	return (struct demo_spread){ v[(cases - 1) / 2], v[0], v[cases - 1] };
}

struct demo_calibration demo_calibration(const struct demo_result *r, size_t len)
{
	struct demo_calibration c = { .least = UINT64_MAX };
	uint64_t without = 0;
	uint64_t crises = 0;

	for (size_t i = 0; i < len; i++) {
		uint64_t one = share(r[i].no_offer, r[i].crises);
		without += r[i].no_offer;
		crises += r[i].crises;
		if (one != DEMO_NO_CASE) {
			c.least = one < c.least ? one : c.least;
			c.most = one > c.most ? one : c.most;
		}
	}
	c.all = share(without, crises);
	c.within = c.all >= DEMO_PUBLISHED_LEAST && c.all <= DEMO_PUBLISHED_MOST;
	return c;
}
