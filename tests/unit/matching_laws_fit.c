/* SPDX-License-Identifier: EUPL-1.2 */
/* The hard rules, by code that shares nothing with the core but the records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_laws.h"

PB(MatchRequestRecord) *law_request_of(struct state *s, const PB(MatchNeedRecord) *n)
{
	for (size_t i = 0; i < s->requests; i++) {
		if (memcmp(s->request[i]->request->request_id.data, n->request_id.data, 16) == 0) {
			return s->request[i];
		}
	}
	return NULL;
}

static bool is_excluded(struct state *s, const PB(MatchRequestRecord) *r,
			const PB(MatchNeedRecord) *n, const char *partner)
{
	for (size_t i = 0; i < r->n_excluded_partners; i++) {
		if (strcmp(r->excluded_partners[i], partner) == 0) {
			return true;
		}
	}
	for (size_t i = 0; i < s->excludes; i++) {
		if (memcmp(s->exclude[i], n->need->need_id.data, 16) == 0 &&
		    strcmp((const char *)s->exclude[i] + 16, partner) == 0) {
			return true;
		}
	}
	return false;
}

/** Room in the team for that partner, the request's other seats as they are. */
static bool law_team_has_room(struct state *s, const PB(MatchNeedRecord) *n, const char *partner)
{
	const char *seen[64];
	size_t len = 0;

	for (size_t i = 0; i < s->needs; i++) {
		const PB(MatchNeedRecord) *o = s->need[i];
		if (o->seat_id.len == 0 ||
		    memcmp(o->request_id.data, n->request_id.data, 16) != 0) {
			continue;
		}
		const char *p = NULL;
		for (size_t c = 0; c < s->contributions; c++) {
			if (memcmp(s->c[c]->contribution_id.data, o->seat_id.data, 16) == 0) {
				p = s->c[c]->partner;
			}
		}
		assert_non_null(p);
		bool known = false;
		for (size_t k = 0; k < len; k++) {
			known = known || strcmp(seen[k], p) == 0;
		}
		if (strcmp(p, partner) == 0) {
			return true;
		}
		if (!known) {
			seen[len++] = p;
		}
	}
	return len < s->team_max;
}

const PB(ChildFact) *law_child_of(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n)
{
	return n->need->child < r->request->n_children ? r->request->children[n->need->child] :
							 NULL;
}

static bool asks_region(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n)
{
	return r->request->ring > SCHAKEL__V1__RING__RING_OWN_ZONES ||
	       n->order->wait_class == CLASS(CRISIS);
}

static bool lives_in(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
		     const char *zone)
{
	const PB(ChildFact) *child = law_child_of(r, n);

	if (child == NULL || child->n_zones == 0) {
		return strcmp(r->request->zone, zone) == 0;
	}
	return strcmp(child->zones[0], zone) == 0 ||
	       (child->n_zones > 1 && strcmp(child->zones[1], zone) == 0);
}

size_t law_rows_in_order(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n)
{
	const PB(ChildFact) *child = law_child_of(r, n);
	bool two = child != NULL && child->n_zones > 1 &&
		   strcmp(child->zones[0], child->zones[1]) != 0;

	return two && !asks_region(r, n) ? 2 : 1;
}

static bool lists(const PB(PoolUse) *u, const PB(MatchRequestRecord) *r,
		  const PB(MatchNeedRecord) *n)
{
	bool e = false;
	bool z = asks_region(r, n);

	for (size_t i = 0; i < u->n_expertises; i++) {
		e = e || u->expertises[i] == n->need->expertise;
	}
	for (size_t i = 0; i < u->n_zones; i++) {
		z = z || lives_in(r, n, u->zones[i]);
	}
	return e && z;
}

static bool pool_is_given(const PB(MatchNeedRecord) *n, const PB(MatchPoolRecord) *p)
{
	bool none = p->answer == SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_NONE ||
		    p->answer == SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_NONE_WAITLIST;

	if (p->overcommitted || p->paused || p->shut || none || (p->unconfirmed && !p->insured) ||
	    (p->insured && n->order->wait_class != CLASS(CRISIS))) {
		return false;
	}
	return !n->need->own_crisis || p->insured || p->crisis;
}

static bool any_excluded(struct state *s, const PB(MatchRequestRecord) *r,
			 const PB(MatchNeedRecord) *n, const PB(MatchPoolRecord) *p)
{
	for (size_t i = 0; i < p->n_joint_partners; i++) {
		if (is_excluded(s, r, n, p->joint_partners[i])) {
			return true;
		}
	}
	return is_excluded(s, r, n, p->partner);
}

static uint32_t age_of(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n)
{
	const PB(ChildFact) *child = law_child_of(r, n);

	return child != NULL ? child->age_years : r->request->age_years;
}

/** What is free is kept for one before it; whose help is over by then may have it. */
static bool is_kept_from(struct state *s, const PB(MatchNeedRecord) *n,
			 const PB(MatchPoolRecord) *p)
{
	uint64_t weeks = n->need->duration_weeks;
	bool over = weeks > 0 && s->now_ms + (weeks + 1) * 7 * RIG_DAY_MS <= p->reserved_until_ms;
	bool before = false;

	for (size_t i = 0; p->reserved_need.len > 0 && i < s->needs; i++) {
		const PB(MatchNeedRecord) *o = s->need[i];
		struct order mine = order_of(n);
		struct order its = order_of(o);
		if (memcmp(o->need->need_id.data, p->reserved_need.data, OBJECT_ID_LEN) == 0) {
			assert_true(o->waiting);
			before = memcmp(its.b, mine.b, ORDER_LEN) < 0;
		}
	}
	return before && !over;
}

uint32_t law_able_but(struct state *s, const PB(MatchNeedRecord) *n, const struct pool_row *row,
		      const PB(MatchContributionRecord) *but)
{
	const PB(MatchPoolRecord) *p = row->p;
	const PB(MatchRequestRecord) *r = law_request_of(s, n);
	uint32_t least = 0;

	if (r == NULL || !pool_is_given(n, p) || any_excluded(s, r, n, p) ||
	    is_kept_from(s, n, p) ||
	    (p->network[0] != '\0' &&
	     strcmp(law_heir_of(s, p->network), law_heir_of(s, r->request->network)) != 0)) {
		return 0;
	}
	uint32_t age = age_of(r, n);
	for (size_t i = 0; i < row->uses; i++) {
		const PB(PoolUse) *u = row->use[i];
		bool hours = p->unit == UNITS(HOURS_WEEK) || p->unit == UNITS(CONSULT);
		uint32_t amount = u->cost_units * (hours ? n->need->intensity : 1);
		bool court = u->access == SCHAKEL__V1__ACCESS__ACCESS_COURT;
		if (lists(u, r, n) && age >= u->age_from && age <= u->age_to &&
		    (!court || n->need->by_order) && law_may_hold(s, n, row, u, but) &&
		    (least == 0 || amount < least)) {
			least = amount;
		}
	}
	return least > 0 && law_team_has_room(s, n, p->partner) ? least : 0;
}

uint32_t law_able(struct state *s, const PB(MatchNeedRecord) *n, const struct pool_row *row)
{
	return law_able_but(s, n, row, NULL);
}
