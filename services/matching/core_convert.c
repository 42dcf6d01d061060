/* SPDX-License-Identifier: EUPL-1.2 */
/* Fluid houses (B7): of what one pool staffs, another of the same partner is made, in one step, at
 * the rate and within the weekly limit that the partner declared, and never of what is promised. */
#include <stdio.h>

#include "services/matching/core_int.h"

static const PB(Conversion) *conversion_of(const PB(MatchPoolRecord) *p, uint32_t use,
					   const char *to, size_t *ret_at)
{
	for (size_t i = 0; i < p->n_conversions; i++) {
		if (p->conversions[i]->from_use == use &&
		    strcmp(p->conversions[i]->to_pool, to) == 0) {
			*ret_at = i;
			return p->conversions[i];
		}
	}
	return NULL;
}

static uint32_t converted(struct work *w, const PB(MatchPoolRecord) *p, size_t at)
{
	bool now = p->converted_week == week_of(w->s->now_ms) && at < p->n_converted;

	return now ? p->converted[at] : 0;
}

void conversions_restate(struct work *w, PB(MatchPoolRecord) *p, PB(Conversion) **now, size_t len)
{
	uint32_t *kept = step_alloc(w->s, MATCH_CONVERSIONS_MAX * sizeof(*kept));

	for (size_t i = 0; kept != NULL && i < len; i++) {
		size_t at = 0;
		const PB(Conversion) *old =
			conversion_of(p, now[i]->from_use, now[i]->to_pool, &at);
		kept[i] = old == NULL ? 0 : converted(w, p, at);
	}
	if (kept != NULL && p->n_converted > 0) {
		p->converted = kept;
		p->n_converted = len;
		p->converted_week = week_of(w->s->now_ms);
	}
	p->conversions = now;
	p->n_conversions = len;
}

static void count_converted(struct work *w, PB(MatchPoolRecord) *p, size_t at, uint32_t units)
{
	uint32_t *now = step_alloc(w->s, MATCH_CONVERSIONS_MAX * sizeof(*now));

	for (size_t i = 0; now != NULL && i < p->n_conversions; i++) {
		now[i] = converted(w, p, i);
	}
	if (now != NULL) {
		now[at] += units;
		p->converted = now;
		p->n_converted = p->n_conversions;
		p->converted_week = week_of(w->s->now_ms);
	}
}

uint32_t conversion_most(struct work *w, const PB(MatchPoolRecord) *p, size_t at)
{
	const PB(Conversion) *c = p->conversions[at];
	uint32_t done = converted(w, p, at);
	uint32_t left = c->most_week > done ? c->most_week - done : 0;
	uint32_t most = pool_free(p);

	if (c->most_week != 0 && left < most) {
		most = left;
	}
	return most - most % c->from_units;
}

uint32_t conversion_makes(const PB(Conversion) *c, uint32_t units)
{
	return units / c->from_units * c->to_units;
}

bool conversion_has_room(const PB(MatchPoolRecord) *to, uint32_t made)
{
	uint64_t staffed = (uint64_t)to->staffed + made;

	return staffed <= MATCH_UNITS_MAX && (to->total == 0 || staffed <= to->total);
}

static int check_convert(struct work *w, const PB(ConvertPool) *m, const PB(MatchPoolRecord) *p,
			 size_t *ret_at)
{
	struct step *s = w->s;

	if (!pool_is_of(p, s->from.id)) {
		return step_refuse(s, REFUSE(NOT_YOURS), "pool");
	}
	if (m->based_on != p->version) {
		return step_conflict(s, p->version, pool_event(w, p));
	}
	const PB(Conversion) *c = conversion_of(p, m->from_use, m->to_pool, ret_at);
	if (c == NULL) {
		return step_refuse(s, REFUSE(UNKNOWN_OBJECT), "to_pool");
	}
	if (m->units == 0 || m->units % c->from_units != 0) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "units");
	}
	uint64_t week = (uint64_t)converted(w, p, *ret_at) + m->units;
	if (c->most_week != 0 && week > c->most_week) {
		return step_refuse(s, REFUSE(TOO_MANY), "units");
	}
	if (m->units > pool_free(p) || p->overcommitted) {
		return step_refuse(s, REFUSE(NOT_STAFFED), "units"); /* L4 */
	}
	return SK_OK;
}

static void conversion_event(struct work *w, const PB(MatchPoolRecord) *p,
			     const PB(MatchPoolRecord) *to, uint32_t units)
{
	PB(Event) e = PB_INIT(EVENT);

	e.kind = EVENT(CONVERSION);
	e.object_id = p->pool_id;
	e.version = p->version;
	e.party = p->partner;
	e.pool = to->pool;
	e.number = units;
	e.free = pool_free(to);
	e.at_ms = w->s->now_ms;
	step_event(w->s, &e);
}

static void convert(struct work *w, PB(MatchPoolRecord) *p, PB(MatchPoolRecord) *to, size_t at,
		    uint32_t units)
{
	uint32_t made = conversion_makes(p->conversions[at], units);

	count_converted(w, p, at, units);
	p->staffed -= units;
	p->version = step_next_version(w->s, p->version);
	to->staffed += made;
	to->version = step_next_version(w->s, to->version);
	to->overcommitted = (uint64_t)to->used_elsewhere + to->promised > to->staffed;
	pool_put(w, p);
	pool_put(w, to);
	pool_mark_dirty(w, to, NULL);
	conversion_event(w, p, to, units);
	figure_converted(w, to->pool, made);
}

int match_convert(struct step *s, const PB(Message) *in)
{
	const PB(ConvertPool) *m = in->convert_pool;
	struct work w;
	size_t at = 0;

	work_init(&w, s);
	PB(MatchPoolRecord) *p = name_is_valid(m->pool) ? pool_get(&w, m->pool) : NULL;
	PB(MatchPoolRecord) *to = name_is_valid(m->to_pool) ? pool_get(&w, m->to_pool) : NULL;
	if (p == NULL) {
		return work_err(&w) != SK_OK ? work_err(&w) :
					       step_refuse(s, REFUSE(UNKNOWN_OBJECT), "pool");
	}
	int err = check_convert(&w, m, p, &at);
	if (err != SK_OK) {
		return err;
	}
	if (to == NULL || strcmp(to->partner, p->partner) != 0) {
		return step_refuse(s, REFUSE(UNKNOWN_OBJECT), "to_pool");
	}
	if (!conversion_has_room(to, conversion_makes(p->conversions[at], m->units))) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "units");
	}
	convert(&w, p, to, at, m->units);
	struct object_id id = id_of(&p->pool_id);
	step_result(s, &id, p->version);
	return work_settle(&w);
}
