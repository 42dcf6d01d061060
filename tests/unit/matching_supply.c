/* SPDX-License-Identifier: EUPL-1.2 */
/* What is said to matching of workers, networks, gates and conversions. */
#include "tests/unit/matching_world.h"

static char *str(const char *s)
{
	return (char *)(uintptr_t)s; /* packing only reads it */
}

struct object_id worker_id(uint32_t number)
{
	return rig_id(900000 + number);
}

PB(MatchWorkerRecord) *worker_rec(struct rig *r, const char *pool, uint32_t number)
{
	struct object_id id = worker_id(number);
	struct key k = key_of_str(pool);

	key_id(&k, &id);
	return record(r, T_WORKER, &k, DESC(match_worker_record));
}

PB(MatchNetworkRecord) *network_rec(struct rig *r, const char *name)
{
	struct key k = key_of_str(name);

	return record(r, T_NETWORK, &k, DESC(match_network_record));
}

PB(Receipt) *put_worker(struct rig *r, const char *party, const char *pool,
			const struct worker_spec *spec)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PutWorker) p = PB_INIT(PUT_WORKER);
	struct object_id id = worker_id(spec->number);
	const PB(MatchWorkerRecord) *old = worker_rec(r, pool, spec->number);
	uint32_t expertises[2] = { spec->expertise == 0 ? 1 : spec->expertise, spec->expertise_2 };

	p.pool = str(pool);
	p.worker = object_id_data(&id);
	p.based_on = old == NULL ? 0 : old->version;
	p.expertises = expertises;
	p.n_expertises = spec->expertise_2 == 0 ? 1 : 2;
	p.load = spec->load;
	p.cap = spec->cap == 0 ? 1 : spec->cap;
	p.rest_until_ms = spec->rest_until_ms;
	p.left = spec->left;
	m.body_case = BODY(PUT_WORKER);
	m.put_worker = &p;
	return rig_command(r, party, &m);
}

PB(Receipt) *put_network(struct rig *r, const struct network_spec *spec)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PutNetwork) p = PB_INIT(PUT_NETWORK);
	const PB(MatchNetworkRecord) *old = network_rec(r, spec->name);
	char *zones[] = { str("westhoek"), str("rits") };
	char *partners[] = { str("facility-a"), str("facility-b") };

	p.network = str(spec->name);
	p.name = str("Netwerk");
	p.based_on = old == NULL ? 0 : old->version;
	p.kind = SCHAKEL__V1__NETWORK_KIND__NETWORK_KIND_IDEAL_WORLD;
	p.zones = zones;
	p.n_zones = SK_LEN(zones);
	p.partners = partners;
	p.n_partners = SK_LEN(partners);
	p.until_ms = spec->until_ms;
	p.successor = str(spec->successor == NULL ? "" : spec->successor);
	m.body_case = BODY(PUT_NETWORK);
	m.put_network = &p;
	return rig_command(r, spec->by == NULL ? "coordinator" : spec->by, &m);
}

PB(Receipt) *put_gate(struct rig *r, const char *party, uint32_t request, uint64_t until_ms)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordGateDecision) g = PB_INIT(RECORD_GATE_DECISION);
	struct object_id id = req_id(request);

	g.request_id = object_id_data(&id);
	g.number = str("ITP/2026-00.1");
	g.until_ms = until_ms;
	m.body_case = BODY(RECORD_GATE_DECISION);
	m.record_gate_decision = &g;
	return rig_command(r, party, &m);
}

PB(Receipt) *convert(struct rig *r, const char *party, const char *pool, const char *to,
		     uint32_t units)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ConvertPool) c = PB_INIT(CONVERT_POOL);

	c.pool = str(pool);
	c.based_on = pool_rec(r, pool)->version;
	c.from_use = 1;
	c.to_pool = str(to);
	c.units = units;
	m.body_case = BODY(CONVERT_POOL);
	m.convert_pool = &c;
	return rig_command(r, party, &m);
}
