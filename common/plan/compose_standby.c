/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "common/plan/compose.h"

/* The team without the seat that is asked about. */
struct others {
	const struct compose_problem *p;
	const struct compose_team *team;
	uint32_t need;                       /* of that seat */
	uint32_t partner[COMPOSE_NEEDS_MAX]; /* of each other need's seat, or COMPOSE_NONE */
	uint32_t joining;                    /* new partners that these others leave room for */
	uint32_t first, end;                 /* the options of the need are among these */
};

static uint32_t partner_of(const struct compose_problem *p, uint32_t option)
{
	return p->pools[p->options[option].pool].partner;
}

static bool partner_beside(const struct others *o, uint32_t partner, uint32_t before_need)
{
	for (uint32_t i = 0; i < before_need; i++) {
		if (o->partner[i] == partner) {
			return true;
		}
	}
	return false;
}

static uint32_t taken_beside(const struct others *o, uint32_t pool)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < o->p->needs; i++) {
		if (o->partner[i] != COMPOSE_NONE) {
			const struct compose_option *seat = &o->p->options[o->team->option[i]];
			sum += seat->pool == pool ? seat->amount : 0;
		}
	}
	return sum;
}

static struct others without_seat(const struct compose_problem *p, const struct compose_team *team,
				  uint32_t need)
{
	struct others o = { .p = p, .team = team, .need = need };

	o.joining = p->team_max > p->partners_used ? p->team_max - p->partners_used : 0;
	for (uint32_t i = 0; i < p->needs; i++) {
		bool beside = i != need && team->option[i] != COMPOSE_NONE;
		uint32_t partner = beside ? partner_of(p, team->option[i]) : COMPOSE_NONE;
		if (beside && !p->partners[partner].in_team && !partner_beside(&o, partner, i) &&
		    o.joining > 0) {
			o.joining--;
		}
		o.partner[i] = partner;
	}
	return o;
}

static bool could_replace(const struct others *o, uint32_t option)
{
	const struct compose_option *c = &o->p->options[option];
	uint32_t seat = o->team->option[o->need];
	uint32_t partner = partner_of(o->p, option);
	uint32_t free = o->p->pools[c->pool].free;
	bool joins = !o->p->partners[partner].in_team && !partner_beside(o, partner, o->p->needs);

	if (c->need != o->need || partner == partner_of(o->p, seat)) {
		return false; /* another partner, so another pool too */
	}
	return c->amount <= free && taken_beside(o, c->pool) <= free - c->amount &&
	       (!joins || o->joining > 0);
}

static uint64_t cost_beside(const struct others *o, uint32_t option)
{
	uint32_t partner = partner_of(o->p, option);
	bool paid = partner_beside(o, partner, o->p->needs);

	return (uint64_t)o->p->options[option].cost +
	       (paid ? 0 : o->p->partners[partner].fixed_cost);
}

static bool cheaper(const struct others *o, uint32_t a, uint32_t b)
{
	const struct compose_option *x = &o->p->options[a];
	const struct compose_option *y = &o->p->options[b];
	uint64_t cost_x = cost_beside(o, a);
	uint64_t cost_y = cost_beside(o, b);
	const uint8_t *id_x = o->p->pools[x->pool].id;
	const uint8_t *id_y = o->p->pools[y->pool].id;
	int ids = memcmp(id_x, id_y, sizeof(o->p->pools[0].id));

	if (cost_x != cost_y) {
		return cost_x < cost_y;
	}
	if (x->tie != y->tie) {
		return x->tie < y->tie;
	}
	return ids != 0 ? ids < 0 : x->use < y->use;
}

/* @return the cheapest that could replace the seat, not at the pool of @p but; or COMPOSE_NONE.
 * */
static uint32_t cheapest(const struct others *o, uint32_t but)
{
	uint32_t least = COMPOSE_NONE;
	uint64_t cost = UINT64_MAX;

	for (uint32_t i = o->first; i < o->end; i++) {
		if (o->p->options[i].need != o->need || o->p->options[i].cost > cost) {
			continue; /* its partner would cost even more */
		}
		bool same = but != COMPOSE_NONE && o->p->options[i].pool == o->p->options[but].pool;
		if (!same && could_replace(o, i) &&
		    (least == COMPOSE_NONE || cheaper(o, i, least))) {
			least = i;
			cost = cost_beside(o, i);
		}
	}
	return least;
}

/* Options of one need mostly stand side by side. */
static void options_of(const struct compose_problem *p, uint32_t *ret_first, uint32_t *ret_end)
{
	memset(ret_first, 0xff, COMPOSE_NEEDS_MAX * sizeof(*ret_first));
	memset(ret_end, 0, COMPOSE_NEEDS_MAX * sizeof(*ret_end));
	for (uint32_t i = 0; i < p->options_len; i++) {
		uint32_t need = p->options[i].need;
		ret_first[need] = ret_first[need] == COMPOSE_NONE ? i : ret_first[need];
		ret_end[need] = i + 1;
	}
}

void compose_standby(const struct compose_problem *p, const struct compose_team *team,
		     struct compose_standby *ret_standby)
{
	uint32_t first[COMPOSE_NEEDS_MAX];
	uint32_t end[COMPOSE_NEEDS_MAX];

	memset(ret_standby, 0xff, sizeof(*ret_standby)); /* COMPOSE_NONE everywhere */
	options_of(p, first, end);
	for (uint32_t i = 0; i < p->needs; i++) {
		if (team->option[i] == COMPOSE_NONE) {
			continue;
		}
		struct others o = without_seat(p, team, i);
		o.first = first[i];
		o.end = end[i];
		ret_standby->option[i][0] = cheapest(&o, COMPOSE_NONE);
		if (ret_standby->option[i][0] != COMPOSE_NONE) {
			ret_standby->option[i][1] = cheapest(&o, ret_standby->option[i][0]);
		}
	}
}
