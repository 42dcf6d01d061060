/* SPDX-License-Identifier: EUPL-1.2 */
/* What houses and networks do beside answering: networks that live beside each other, workers with
 * their load, pools that pause or change their form, answers that came by telephone. */
#include <string.h>

#include "services/cli/demo_life.h"

#define ANSWER(NAME) SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_##NAME
#define NETWORK(NAME) SCHAKEL__V1__NETWORK_KIND__NETWORK_KIND_##NAME
#define PAUSE_DAYS 10
#define IDEAL_ENDS_DAYS 60 /* then its open cases pass to its successor */
#define BUDGET_CENTS 5000000
#define WORKER_CAP 38  /* hours a week */
#define WORKERS_MAX 12 /* of one pool */
#define NETWORK_PARTNERS_MAX 12

/* --- networks --- */

static bool put_network(struct demo *d, const char *id, const char *name, PB(NetworkKind) kind,
			uint64_t until_ms)
{
	PB(PutNetwork) n = PB_INIT(PUT_NETWORK);
	PB(Message) m = PB_INIT(MESSAGE);
	char *zones[DEMO_ZONES_MAX];
	char *partners[NETWORK_PARTNERS_MAX];

	n.network = (char *)(uintptr_t)id;
	n.name = (char *)(uintptr_t)name;
	n.kind = kind;
	n.budget_cents = BUDGET_CENTS;
	n.until_ms = until_ms;
	n.successor = (char *)(uintptr_t)(until_ms == 0 ? "" : "een-plan");
	for (size_t i = 0; i < d->region.zones_len; i++) {
		zones[n.n_zones++] = (char *)(uintptr_t)d->region.zone[i].id;
	}
	for (uint32_t i = 0; i < d->cast.len && n.n_partners < NETWORK_PARTNERS_MAX; i++) {
		if ((d->cast.party[i].roles & ROLE_BIT(FACILITY)) != 0) {
			partners[n.n_partners++] = demo_party_id(d, i);
		}
	}
	n.zones = zones;
	n.partners = partners;
	m.body_case = BODY(PUT_NETWORK);
	m.put_network = &n;
	return demo_done_well(demo_command(d, d->cast.coordinator, DEMO_MATCHING, &m));
}

static void networks_put(struct demo *d, struct demo_deed *x)
{
	uint64_t ends = d->now_ms + (DEMO_BACKLOG_DAYS + IDEAL_ENDS_DAYS) * DEMO_DAY_MS;

	if (d->resumed || x->it.arg > 0) {
		return; /* they are there; it is drawn for each pool */
	}
	(void)put_network(d, "een-plan", "Voorbeeld 1 gezin - 1 plan", NETWORK(ONE_PLAN), 0);
	(void)put_network(d, "crisisnetwerk", "Voorbeeld crisisnetwerk", NETWORK(CRISIS), 0);
	(void)put_network(d, "ideale-wereld", "Voorbeeld ideale wereld", NETWORK(IDEAL_WORLD),
			  ends);
}

/* --- workers --- */

static bool put_worker(struct demo *d, const PB(PutCapacity) *pool, uint32_t who, uint32_t load)
{
	uint8_t id[OBJECT_ID_LEN] = { 'p' };
	PB(PutWorker) w = PB_INIT(PUT_WORKER);
	PB(Message) m = PB_INIT(MESSAGE);
	uint32_t partner = demo_cast_find(&d->cast, pool->partner);
	uint32_t expertises[64];

	be32_write(id + 12, who + 1);
	w.pool = pool->pool;
	w.worker = (ProtobufCBinaryData){ sizeof(id), id };
	for (size_t u = 0; u < pool->n_uses; u++) {
		for (size_t e = 0; e < pool->uses[u]->n_expertises && w.n_expertises < 64; e++) {
			expertises[w.n_expertises++] = pool->uses[u]->expertises[e];
		}
	}
	w.expertises = expertises;
	w.cap = WORKER_CAP;
	w.load = load;
	m.body_case = BODY(PUT_WORKER);
	m.put_worker = &w;
	return demo_done_well(demo_command(d, partner, DEMO_MATCHING, &m));
}

bool demo_pool_has_workers(const struct demo *d, uint32_t pool)
{
	return pool < d->region.pools_len && d->region.pool[pool]->n_uses == 1 &&
	       d->region.pool[pool]->unit == SCHAKEL__V1__UNIT__UNIT_HOURS_WEEK &&
	       demo_does(d, "pool_has_workers", pool);
}

/* So many that all that is staffed can be done, each with its part of what was there before. */
static void pool_has_workers(struct demo *d, struct demo_deed *x)
{
	if (d->resumed || !demo_pool_has_workers(d, x->it.arg)) {
		return;
	}
	const PB(PutCapacity) *pool = d->region.pool[x->it.arg];
	uint32_t len = (pool->staffed + WORKER_CAP - 1) / WORKER_CAP;
	len = len > WORKERS_MAX ? WORKERS_MAX : len == 0 ? 1 : len;
	for (uint32_t i = 0; i < len; i++) {
		(void)put_worker(d, pool, i, pool->used_elsewhere / len);
	}
}

/* --- pools --- */

static const PB(PoolItem) *pool_now(struct demo *d, uint32_t who, char *name)
{
	PB(QueryPools) q = PB_INIT(QUERY_POOLS);
	PB(Message) m = PB_INIT(MESSAGE);

	q.pool = name;
	m.body_case = BODY(QUERY_POOLS);
	m.query_pools = &q;
	const PB(Message) *a = demo_ask(d, who, DEMO_MATCHING, &m);
	bool there = a != NULL && a->body_case == BODY(POOLS_VIEW) && a->pools_view->n_pools > 0;
	return there ? a->pools_view->pools[0] : NULL;
}

static void pool_paused(struct demo *d, struct demo_deed *x)
{
	const PB(PutCapacity) *pool = x->it.arg < d->region.pools_len ? d->region.pool[x->it.arg] :
									NULL;
	PB(PausePool) p = PB_INIT(PAUSE_POOL);
	PB(Message) m = PB_INIT(MESSAGE);

	if (pool == NULL || pool->insured) {
		return;
	}
	uint32_t who = demo_cast_find(&d->cast, pool->partner);
	const PB(PoolItem) *now = pool_now(d, who, pool->pool);
	if (now == NULL) {
		return;
	}
	p.pool = pool->pool;
	p.based_on = now->version;
	p.paused = true;
	p.reason = SCHAKEL__V1__PAUSE_REASON__PAUSE_REASON_CLOSURE_PERIOD;
	p.until_ms = d->now_ms + PAUSE_DAYS * DEMO_DAY_MS;
	m.body_case = BODY(PAUSE_POOL);
	m.pause_pool = &p;
	if (demo_done_well(demo_command(d, who, DEMO_MATCHING, &m))) {
		demo_tell(d, TOLD(DEMO_STORY, NULL), "%s sluit %s voor tien dagen.",
			  "%s closes %s for ten days.", demo_name(d, who), pool->pool);
	}
}

/* What is proposed because more children start so. */
static void conversion_taken(struct demo *d, struct demo_deed *x)
{
	const PB(PutCapacity) *pool = x->it.arg < d->region.pools_len ? d->region.pool[x->it.arg] :
									NULL;
	PB(QueryConversions) q = PB_INIT(QUERY_CONVERSIONS);
	PB(ConvertPool) p = PB_INIT(CONVERT_POOL);
	PB(Message) ask = PB_INIT(MESSAGE);
	PB(Message) m = PB_INIT(MESSAGE);

	if (pool == NULL || pool->n_conversions == 0) {
		return;
	}
	uint32_t who = demo_cast_find(&d->cast, pool->partner);
	q.pool = pool->pool;
	ask.body_case = BODY(QUERY_CONVERSIONS);
	ask.query_conversions = &q;
	const PB(Message) *a = demo_ask(d, who, DEMO_MATCHING, &ask);
	/* A page may end at its bound of looks before it has found any. */
	while (a != NULL && a->body_case == BODY(CONVERSIONS_VIEW) &&
	       a->conversions_view->n_items == 0 && a->conversions_view->next.len > 0) {
		q.after = a->conversions_view->next;
		a = demo_ask(d, who, DEMO_MATCHING, &ask);
	}
	const PB(PoolItem) *now = pool_now(d, who, pool->pool);
	if (a == NULL || now == NULL || a->body_case != BODY(CONVERSIONS_VIEW) ||
	    a->conversions_view->n_items == 0) {
		return;
	}
	const PB(ConversionItem) *best = a->conversions_view->items[0];
	p.pool = pool->pool;
	p.based_on = now->version;
	p.from_use = best->from_use;
	p.to_pool = best->to_pool;
	p.units = best->units;
	m.body_case = BODY(CONVERT_POOL);
	m.convert_pool = &p;
	if (demo_done_well(demo_command(d, who, DEMO_MATCHING, &m))) {
		demo_tell(d, TOLD(DEMO_STORY, NULL),
			  "%s zet %u eenheden om naar %s: zo starten er meer kinderen.",
			  "%s converts %u units to %s: more children start so.", demo_name(d, who),
			  p.units, p.to_pool);
	}
}

/* --- by telephone --- */

static void answered_by_call(struct demo *d, struct demo_deed *x)
{
	static const uint32_t weight[] = { 550, 450 }; /* a silent house: can, or not ours */
	static uint8_t somebody[OBJECT_ID_LEN] = { 't' };
	PB(AnswerAsk) a = PB_INIT(ANSWER_ASK);
	PB(Message) m = PB_INIT(MESSAGE);

	/* A house that is cut off has a telephone too. */
	bool hears_nothing = x->s != NULL && x->s->partner < d->cast.len &&
			     (x->s->silent || d->line[x->s->partner].away_until_ms != 0);
	if (!hears_nothing ||
	    x->s->state != SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_ASKED) {
		return;
	}
	a.contribution_id = object_id_data(&x->s->id);
	a.answer = demo_rand_pick(&x->luck, weight, 2) == 0 ? ANSWER(CAN) : ANSWER(NOT_OURS);
	a.by_call = true;
	a.spoken_with = (ProtobufCBinaryData){ OBJECT_ID_LEN, somebody };
	m.body_case = BODY(ANSWER_ASK);
	m.answer_ask = &a;
	if (demo_done_well(demo_command(d, d->cast.contact_point, DEMO_MATCHING, &m))) {
		demo_tell(d, TOLD(DEMO_STORY, x->r == NULL ? NULL : x->r->code),
			  "Het meldpunt belt %s en noteert het antwoord.",
			  "The contact point telephones %s and notes the answer.",
			  demo_name(d, x->s->partner));
	}
}

const struct demo_deed_row demo_deeds_supply[] = {
	{ "networks_put", networks_put },         { "pool_has_workers", pool_has_workers },
	{ "pool_paused", pool_paused },           { "conversion_taken", conversion_taken },
	{ "answered_by_call", answered_by_call }, { NULL, NULL },
};
