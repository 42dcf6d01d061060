/* SPDX-License-Identifier: EUPL-1.2 */
/* What partners state of their capacity, and state again. */
#include <string.h>

#include "services/cli/demo_story.h"

#define INSURED_AGAIN_MS (22 * DEMO_HOUR_MS)
#define STAFF_PART 10 /* of the staffed amount falls away when somebody is ill */

static const struct demo_party *party(const struct demo *d, uint32_t who)
{
	return &d->cast.party[who];
}

static PB(PoolItem) *pool_now(struct demo *d, uint32_t who, const char *name)
{
	PB(QueryPools) q = PB_INIT(QUERY_POOLS);
	PB(Message) m = PB_INIT(MESSAGE);

	q.pool = (char *)(uintptr_t)name;
	m.body_case = BODY(QUERY_POOLS);
	m.query_pools = &q;
	PB(Message) *a = demo_ask(d, who, DEMO_MATCHING, &m);
	bool there = a != NULL && a->body_case == BODY(POOLS_VIEW) && a->pools_view->n_pools > 0;
	return there ? a->pools_view->pools[0] : NULL;
}

/* Those who came before the demo leave in time. Other roads fill most of their places again, for
 * good, and the network has the rest: what it has in the end is the same in each later year. */
static uint32_t elsewhere(struct demo *d, uint32_t who, const PB(PutCapacity) *first,
			  const PB(PoolItem) *now)
{
	const struct demo_numbers *n = &d->region.n;
	uint32_t weeks = n->elsewhere_turnover_weeks == 0 ? 1 : n->elsewhere_turnover_weeks;
	uint32_t used = now == NULL ? first->used_elsewhere : now->capacity->used_elsewhere;
	uint32_t left = (first->used_elsewhere * n->elsewhere_refill_share + 500) / 1000;

	for (uint32_t i = left; i < used; i++) {
		left += demo_rand_share(&d->line[who].luck, 1000 - 1000 / weeks);
	}
	return left;
}

/* What was stated at first is what there is when all are there; now and then somebody is ill. */
static void state_amounts(struct demo *d, uint32_t who, const PB(PutCapacity) *first,
			  const PB(PoolItem) *now, PB(PutCapacity) *p)
{
	const struct demo_numbers *n = &d->region.n;
	uint32_t ill_share = n->staff_absent_per_1000_weeks / (first->insured ? 7 : 1);
	bool ill = demo_rand_share(&d->line[who].luck, ill_share);
	uint32_t away = ill ? (first->staffed + STAFF_PART - 1) / STAFF_PART : 0;
	uint32_t promised = now == NULL ? 0 : now->promised;
	uint32_t used = elsewhere(d, who, first, now);

	p->staffed = first->staffed - away;
	p->used_elsewhere = used < p->staffed ? used : p->staffed;
	if (away > 0) {
		demo_tell(d, TOLD(DEMO_STORY, NULL),
			  "%s: er is iemand ziek, %s kan %u minder dan anders (%u beloofd).",
			  "%s: somebody is ill, %s can do %u less than usual (%u promised).",
			  demo_name(d, who), first->pool, away, promised);
	}
}

void demo_do_publish(struct demo *d, const struct demo_item *it)
{
	const PB(PutCapacity) *first = d->region.pool[it->arg];
	PB(PutCapacity) p = *first;
	PB(Message) m = PB_INIT(MESSAGE);
	struct demo_rand *luck = &d->line[it->who].luck;
	uint64_t days = d->region.n.republish_days;
	bool missed = demo_rand_share(luck, d->region.n.republish_missed_share);
	PB(PoolItem) *now = pool_now(d, it->who, first->pool);

	p.based_on = now == NULL ? 0 : now->version;
	p.partner = (char *)(uintptr_t) "";
	state_amounts(d, it->who, first, now, &p);
	m.body_case = BODY(PUT_CAPACITY);
	m.put_capacity = &p;
	PB(Receipt) *r = demo_command(d, it->who, DEMO_MATCHING, &m);
	bool again = r != NULL && r->code == SCHAKEL__V1__REFUSAL__REFUSAL_CONFLICT;
	uint64_t after = first->insured ? INSURED_AGAIN_MS : days * DEMO_DAY_MS;
	struct demo_item next = *it;
	next.at_ms = d->now_ms + (again ? DEMO_MINUTE_MS : after * (missed ? 3 : 1));
	next.at_ms = demo_there_ms(party(d, it->who), next.at_ms, first->insured, luck);
	demo_agenda_add(&d->agenda, next);
	if (!first->insured) {
		demo_live(d, DEMO_AT_WEEK, NULL,
			  (struct demo_of){ it->arg * 100000ULL + d->now_ms / DEMO_DAY_MS,
					    it->arg });
	}
}

void demo_plan_pools(struct demo *d)
{
	for (size_t i = 0; i < d->region.pools_len; i++) {
		uint32_t who = demo_cast_find(&d->cast, d->region.pool[i]->partner);
		struct demo_item it = { .at_ms = d->now_ms, .what = DEMO_PUBLISH, .who = who };
		it.arg = (uint32_t)i;
		struct demo_pool_row *p = demo_pool_row(&d->world, d->region.pool[i]->pool);
		if (who < d->cast.len && p != NULL) {
			p->unit = d->region.pool[i]->unit;
			demo_agenda_add(&d->agenda, it);
		}
	}
}
