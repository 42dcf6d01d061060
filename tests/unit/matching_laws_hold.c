/* SPDX-License-Identifier: EUPL-1.2 */
/* What an amount counts under beside the free amount of its pool: sums added up from what the
 * contributions say, never from what the core keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_laws.h"

/** Days since a Monday long ago, in Brussels, give the week. */
static uint64_t week_number(uint64_t at_ms)
{
	struct civil c = civil_from_ms(at_ms);
	int y = c.date.year;
	int m = c.date.month;

	/* The day number of a Gregorian date, March being month 0. */
	y -= m <= 2;
	int era = y / 400;
	int yoe = y - era * 400;
	int doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + c.date.day - 1;
	int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	int64_t days = (int64_t)era * 146097 + doe - 719468; /* since 1970-01-01, a Thursday */
	return (uint64_t)(days + 3) / 7;
}

/** Units that the use has given this week, without @p but. */
uint64_t given_this_week(struct state *s, const PB(MatchPoolRecord) *p, uint32_t use,
			 const PB(MatchContributionRecord) *but)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->contributions; i++) {
		const PB(MatchContributionRecord) *c = s->c[i];
		uint32_t w = c->given_week;
		struct civil_date d = { (uint16_t)(w / 10000), (uint8_t)(w / 100 % 100),
					(uint8_t)(w % 100) };
		uint64_t monday = 0;
		if (c == but || w == 0 || c->use != use || strcmp(c->pool, p->pool) != 0) {
			continue;
		}
		assert_int_equal(civil_to_ms(d, 720, &monday), SK_OK);
		if (week_number(monday) == week_number(s->now_ms)) {
			sum += c->amount;
		}
	}
	return sum;
}

const char *law_heir_of(struct state *s, const char *name)
{
	for (size_t hop = 0; hop < NETWORKS_MAX; hop++) {
		for (size_t i = 0; i < s->networks; i++) {
			if (s->network[i]->ended &&
			    strcmp(s->network[i]->network->network, name) == 0) {
				name = s->network[i]->network->successor;
			}
		}
	}
	return name;
}

uint64_t ateliers_that_run(struct state *s, const char *network,
			   const PB(MatchContributionRecord) *but)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->contributions; i++) {
		const PB(MatchContributionRecord) *c = s->c[i];
		sum += c != but && c->atelier &&
		       strcmp(law_heir_of(s, c->atelier_network), law_heir_of(s, network)) == 0;
	}
	return sum;
}

uint64_t carried(struct state *s, const PB(MatchWorkerRecord) *x,
		 const PB(MatchContributionRecord) *but)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->contributions; i++) {
		const PB(MatchContributionRecord) *c = s->c[i];
		bool its = c->booked.len == 16 && strcmp(c->pool, x->worker->pool) == 0 &&
			   memcmp(c->booked.data, x->worker->worker.data, 16) == 0;
		sum += its && c != but ? c->amount : 0;
	}
	return sum;
}

static bool somebody_can(struct state *s, const struct pool_row *row, uint32_t expertise,
			 uint32_t amount, const PB(MatchContributionRecord) *but)
{
	size_t there = 0;

	for (size_t i = 0; i < row->workers; i++) {
		const PB(MatchWorkerRecord) *x = row->worker[i];
		bool knows = false;
		there += x->worker->left ? 0 : 1;
		for (size_t e = 0; e < x->worker->n_expertises; e++) {
			knows = knows || x->worker->expertises[e] == expertise;
		}
		if (knows && !x->worker->left && x->worker->rest_until_ms <= s->now_ms &&
		    x->worker->load + carried(s, x, but) + amount <= x->worker->cap) {
			return true;
		}
	}
	return there == 0;
}

/** May the use give that amount, as if @p but had not been given? */
bool law_may_hold(struct state *s, const PB(MatchNeedRecord) *n, const struct pool_row *row,
		  const PB(PoolUse) *u, const PB(MatchContributionRecord) *but)
{
	const PB(MatchPoolRecord) *p = row->p;
	bool hours = p->unit == UNITS(HOURS_WEEK) || p->unit == UNITS(CONSULT);
	uint32_t amount = u->cost_units * (hours ? n->need->intensity : 1);

	for (size_t i = 0; i < p->n_limits; i++) {
		if (p->limits[i]->use == u->use &&
		    given_this_week(s, p, u->use, but) + amount > p->limits[i]->units_week) {
			return false;
		}
	}
	if (p->school_atelier &&
	    ateliers_that_run(s, law_request_of(s, n)->request->network, but) >= s->ateliers_max) {
		return false;
	}
	return somebody_can(s, row, n->need->expertise, amount, but);
}

void law_check_workers(struct state *s)
{
	for (size_t i = 0; i < s->pools; i++) {
		size_t there = 0;
		for (size_t k = 0; k < s->pool[i].workers; k++) {
			const PB(MatchWorkerRecord) *x = s->pool[i].worker[k];
			there += x->worker->left ? 0 : 1;
			assert_int_equal(x->given, carried(s, x, NULL));
			assert_true(x->worker->left ||
				    x->worker->load + x->given <= x->worker->cap);
			assert_true(!x->worker->left || x->given == 0);
		}
		assert_int_equal(s->pool[i].p->workers, there);
	}
	for (size_t i = 0; i < s->contributions; i++) {
		assert_true(s->c[i]->booked.len == 0 || s->c[i]->held > 0);
	}
}
