/* SPDX-License-Identifier: EUPL-1.2 */
/* Fluid houses (B7): of what one pool staffs, another of the same partner is made, in one step, at
 * the rate and within the weekly limit that the partner declared, and never of what is promised.
 * Which conversions would start more children now is counted by trying (QueryConversions). */
#include <stdio.h>

#include "services/matching/core_stream.h"

#define CONVERT_TRIES_MAX 16U  /* steps of from_units that a proposal weighs */
#define CONVERT_LOOKS_MAX 256U /* waiting needs that are tried, in the order */

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

/** @return how many units of @p p may be converted now. */
static uint32_t most_units(struct work *w, const PB(MatchPoolRecord) *p, size_t at)
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

static uint32_t made_of(const PB(Conversion) *c, uint32_t units)
{
	return units / c->from_units * c->to_units;
}

static bool has_room(const PB(MatchPoolRecord) *to, uint32_t made)
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
	uint32_t made = made_of(p->conversions[at], units);

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
	if (!has_room(to, made_of(p->conversions[at], m->units))) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "units");
	}
	convert(&w, p, to, at, m->units);
	struct object_id id = id_of(&p->pool_id);
	step_result(s, &id, p->version);
	return work_settle(&w);
}

/* --- which of them would start more children --- */

/** Pools as they would be, in memory only. */
struct trial {
	PB(MatchPoolRecord) *pool[2];
	PB(PoolUse) *use[2][MATCH_USES_MAX];
	size_t uses[2];
	struct stream *streams;
	size_t len;
	struct item_set seated; /* needs */
};

/** @return true when some use of that pool takes the need; its amount is off what is free. */
static bool trial_seat(struct work *w, struct trial *t, size_t pool, const PB(MatchNeedRecord) *n)
{
	struct object_id request = id_of(&n->request_id);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	struct team team;

	team_of(w, &request, NULL, &team);
	bool room = team_has(&team, t->pool[pool]->partner) ||
		    team.len < step_setting(w->s, SETTING_TEAM_MAX);
	for (size_t i = 0; r != NULL && room && i < t->uses[pool]; i++) {
		struct use_facts u = use_facts_of(t->use[pool][i]);
		if (need_reaches(n, t->use[pool][i]) &&
		    need_fit(w, r, n, t->pool[pool], &u) == FIT_OK) {
			t->pool[pool]->promised += need_amount(n, t->pool[pool], &u);
			return true;
		}
	}
	return false;
}

/** Needs that the two pools would seat, in the order, as they stand in @p t. */
static uint32_t trial_count(struct work *w, struct trial *t)
{
	uint32_t seated = 0;
	struct order last = { { 0 } };

	for (size_t i = 0; i < t->len; i++) {
		stream_seek(w, &t->streams[i], &last);
	}
	struct stream *st = streams_first(t->streams, t->len);
	for (uint32_t looks = 0; st != NULL && looks < CONVERT_LOOKS_MAX; looks++) {
		size_t mark = work_mark(w);
		const PB(MatchNeedRecord) *n = need_get(w, &st->need);
		/* A need may stand in two zones: right behind each other. */
		if (n != NULL && memcmp(last.b, st->head.b, ORDER_LEN) != 0) {
			seated += trial_seat(w, t, 0, n) || trial_seat(w, t, 1, n);
		}
		last = st->head;
		work_rewind(w, mark);
		stream_seek(w, st, NULL);
		st = streams_first(t->streams, t->len);
	}
	return seated;
}

static uint32_t trial_with(struct work *w, struct trial *t, const PB(Conversion) *c, uint32_t units)
{
	const PB(MatchPoolRecord) p = *t->pool[0];
	const PB(MatchPoolRecord) to = *t->pool[1];

	t->pool[0]->staffed -= units;
	t->pool[1]->staffed += made_of(c, units);
	uint32_t seated = trial_count(w, t);
	*t->pool[0] = p;
	*t->pool[1] = to;
	return seated;
}

static void propose(struct work *w, const PB(MatchPoolRecord) *p, size_t at, PB(ConversionsView) *v)
{
	const PB(Conversion) *c = p->conversions[at];
	PB(MatchPoolRecord) from = *p;
	PB(MatchPoolRecord) *to = pool_get(w, c->to_pool);
	struct trial t = { .streams = index_scratch(w->s->index)->streams };
	PB(ConversionItem) *item = step_alloc(w->s, sizeof(*item));
	uint32_t best = 0;

	if (to == NULL || item == NULL || strcmp(to->partner, p->partner) != 0) {
		return;
	}
	t.pool[0] = &from;
	t.pool[1] = to;
	for (size_t i = 0; i < 2; i++) {
		struct pass_pool pool = { .name = t.pool[i]->pool, .uses = t.use[i] };
		t.uses[i] = pool_uses(w, pool.name, t.use[i]);
		pool.uses_len = t.uses[i];
		t.len = streams_add(&pool, t.streams, t.len);
	}
	uint32_t now = trial_with(w, &t, c, 0);
	uint32_t most = most_units(w, p, at);
	for (uint32_t n = 1; n <= CONVERT_TRIES_MAX && n * c->from_units <= most; n++) {
		uint32_t units = n * c->from_units;
		uint32_t then = has_room(to, made_of(c, units)) ? trial_with(w, &t, c, units) : 0;
		if (then > now && then > best) {
			best = then;
			schakel__v1__conversion_item__init(item);
			item->pool = p->pool;
			item->from_use = c->from_use;
			item->to_pool = c->to_pool;
			item->units = units;
			item->starts_now = now;
			item->starts_then = then;
		}
	}
	if (best > 0) {
		v->items[v->n_items++] = item;
	}
}

static void propose_pool(struct work *w, const char *pool, PB(ConversionsView) *v)
{
	const PB(MatchPoolRecord) *p = pool_get(w, pool);

	for (size_t i = 0; p != NULL && i < p->n_conversions && v->n_items < MATCH_PAGE_MAX; i++) {
		propose(w, p, i, v);
	}
}

int match_query_conversions(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	const PB(QueryConversions) *q = in->query_conversions;
	PB(ConversionsView) *v = step_alloc(s, sizeof(*v));
	uint32_t all = ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR);
	struct store_iter it;
	struct key prefix = key_of_str(s->from.id);
	struct key k;
	struct slice val;
	struct work w;

	work_init(&w, s);
	if (v == NULL) {
		return SK_ENOMEM;
	}
	schakel__v1__conversions_view__init(v);
	v->items = step_alloc(s, MATCH_PAGE_MAX * sizeof(v->items[0]));
	if (v->items == NULL) {
		return SK_ENOMEM;
	}
	out->body_case = BODY(CONVERSIONS_VIEW);
	out->conversions_view = v;
	if (q->pool[0] != '\0') {
		const PB(MatchPoolRecord) *p = name_is_valid(q->pool) ? pool_get(&w, q->pool) :
									NULL;
		if (p == NULL) {
			return step_refuse(s, REFUSE(UNKNOWN_OBJECT), "pool");
		}
		if (!pool_is_of(p, s->from.id) && (s->from.roles & all) == 0) {
			return step_refuse(s, REFUSE(NOT_YOURS), "pool");
		}
		propose_pool(&w, q->pool, v);
		return work_err(&w);
	}
	store_iter_init(&it, s->txn, T_PARTNER_POOL, &prefix);
	while (v->n_items < MATCH_PAGE_MAX && store_next(&it, &k, &val)) {
		struct slice rest = { .data = k.b + prefix.len, .len = k.len - prefix.len };
		char name[PARTY_ID_LEN_MAX + 1];
		SK_ASSERT(key_take_str(&rest, name));
		propose_pool(&w, name, v);
	}
	store_iter_done(&it);
	return work_err(&w);
}
