/* SPDX-License-Identifier: EUPL-1.2 */
/* What partners and coordinators state beside numbers: limits, answers, joint offers, workers,
 * networks with their ends, decisions of the gate, conversions. */
#include <string.h>

#include "tests/sim/region.h"

#define WORKERS 3

static const char *const network[] = { "kust", "stad", "land" };

static char *str(const char *s)
{
	return (char *)(uintptr_t)s; /* packing only reads it */
}

static ProtobufCBinaryData data_of(uint8_t id[16])
{
	return (ProtobufCBinaryData){ 16, id };
}

void region_more(struct region *g, size_t pool, struct region_more *m, PB(PutCapacity) *c)
{
	struct rng *r = &g->w->rng;
	size_t partner = pool / 2;

	m->limits[0] = &m->limit;
	m->ways[0] = &m->way;
	schakel__v1__pool_limit__init(&m->limit);
	schakel__v1__conversion__init(&m->way);
	m->limit.use = 1;
	m->limit.units_week = (uint32_t)rng_between(r, 0, 6);
	c->limits = m->limits;
	c->n_limits = rng_below(r, 6) == 0;
	m->way.from_use = 1;
	m->way.to_pool = g->news.pool[pool ^ 1].name;
	m->way.from_units = (uint32_t)rng_between(r, 1, 2);
	m->way.to_units = 1;
	m->way.most_week = (uint32_t)rng_below(r, 6);
	c->conversions = m->ways;
	c->n_conversions = pool % 2 == 0;
	m->joint[0] = str(region_partner[(partner + 1) % PARTNERS]);
	c->joint_partners = m->joint;
	c->n_joint_partners = rng_below(r, 8) == 0;
	c->school_atelier = pool % 4 == 1;
	if (rng_below(r, 10) == 0) {
		c->answer = (PB(PoolAnswer))rng_below(r, 5);
	}
	if (rng_below(r, 10) == 0) {
		c->network = str(network[rng_below(r, SK_LEN(network))]);
	}
	if (rng_below(r, 4) == 0) {
		c->because_expertise = (uint32_t)rng_between(r, 1, EXPERTISES);
		c->because_zone = str(region_zone[rng_below(r, ZONES)]);
	}
}

static void put_worker(struct region *g)
{
	struct rng *r = &g->w->rng;
	size_t pool = rng_below(r, NEWS_POOLS / 2) * 2;
	size_t i = rng_below(r, WORKERS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PutWorker) p = PB_INIT(PUT_WORKER);
	uint8_t id[16] = { 0x77, (uint8_t)pool, (uint8_t)i };
	uint32_t expertise[EXPERTISES];

	for (uint32_t e = 0; e < EXPERTISES; e++) {
		expertise[e] = e + 1;
	}
	p.pool = g->news.pool[pool].name;
	p.worker = data_of(id);
	p.based_on = g->worker_version[pool][i];
	p.expertises = expertise;
	p.n_expertises = rng_between(r, 1, EXPERTISES);
	p.cap = (uint32_t)rng_between(r, 1, 8);
	p.load = (uint32_t)rng_below(r, 2);
	p.left = rng_below(r, 3) == 0;
	p.rest_until_ms = rng_below(r, 4) != 0 ? 0 :
						 caller_now_ms(g->caller[PARTNER_FIRST + pool / 2],
							       &g->w->daemon[MATCHING]) +
							 rng_log(r, SIM_HOUR_MS, 10 * SIM_DAY_MS);
	m.body_case = BODY(PUT_WORKER);
	m.put_worker = &p;
	region_send(g, PARTNER_FIRST + pool / 2, MATCHING, &m);
}

static void put_network(struct region *g)
{
	struct rng *r = &g->w->rng;
	size_t i = rng_below(r, SK_LEN(network));
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PutNetwork) n = PB_INIT(PUT_NETWORK);
	uint64_t now = caller_now_ms(g->caller[COORDINATOR], &g->w->daemon[MATCHING]);

	n.network = str(network[i]);
	n.name = str(network[i]);
	n.based_on = g->network_version[i];
	n.kind = (PB(NetworkKind))rng_between(r, 1, 3);
	n.zones = (char **)(uintptr_t)region_zone;
	n.n_zones = ZONES;
	n.partners = (char **)(uintptr_t)region_partner;
	n.n_partners = PARTNERS;
	n.until_ms = rng_below(r, 3) == 0 ? now + rng_log(r, SIM_DAY_MS, 40 * SIM_DAY_MS) : 0;
	n.successor = str(rng_coin(r) ? "" : network[rng_below(r, SK_LEN(network))]);
	m.body_case = BODY(PUT_NETWORK);
	m.put_network = &n;
	region_send(g, COORDINATOR, MATCHING, &m);
}

static void put_gate(struct region *g)
{
	struct rng *r = &g->w->rng;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordGateDecision) d = PB_INIT(RECORD_GATE_DECISION);
	uint64_t now = caller_now_ms(g->caller[COORDINATOR], &g->w->daemon[MATCHING]);

	if (g->news.requests == 0) {
		return;
	}
	d.request_id = data_of(g->news.request[rng_below(r, g->news.requests)].id);
	d.number = str("ITP/26-7.1");
	d.until_ms = rng_coin(r) ? 0 : now + rng_log(r, SIM_HOUR_MS, 30 * SIM_DAY_MS);
	m.body_case = BODY(RECORD_GATE_DECISION);
	m.record_gate_decision = &d;
	region_send(g, rng_coin(r) ? COORDINATOR : CLB, MATCHING, &m);
}

static void convert(struct region *g)
{
	struct rng *r = &g->w->rng;
	size_t pool = rng_below(r, NEWS_POOLS / 2) * 2;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ConvertPool) c = PB_INIT(CONVERT_POOL);

	c.pool = g->news.pool[pool].name;
	c.based_on = g->news.pool[pool].version;
	c.from_use = 1;
	c.to_pool = g->news.pool[pool + 1].name;
	c.units = (uint32_t)rng_between(r, 1, 3);
	m.body_case = BODY(CONVERT_POOL);
	m.convert_pool = &c;
	region_send(g, PARTNER_FIRST + pool / 2, MATCHING, &m);
}

void region_supply_act(struct region *g)
{
	static void (*const does[])(struct region * g) = { put_worker, put_worker, put_network,
							   put_gate, convert };

	does[rng_below(&g->w->rng, SK_LEN(does))](g);
}

void region_supply_event(struct region *g, const PB(Event) *e)
{
	for (size_t i = 0; i < SK_LEN(network); i++) {
		if (e->kind == SCHAKEL__V1__EVENT_KIND__EVENT_KIND_NETWORK &&
		    strcmp(e->network, network[i]) == 0) {
			g->network_version[i] = e->version;
		}
	}
	if (e->kind == SCHAKEL__V1__EVENT_KIND__EVENT_KIND_WORKER && e->object_id.len == 16 &&
	    e->object_id.data[1] < NEWS_POOLS && e->object_id.data[2] < WORKERS) {
		g->worker_version[e->object_id.data[1]][e->object_id.data[2]] = e->version;
	}
}
