/* SPDX-License-Identifier: EUPL-1.2 */
/* The core of matching on a store of its own with as many pools as are asked for: what it takes to
 * find, weigh and seat the team of one request, seats and asks written and then undone. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/engine_internal.h"
#include "services/matching/core_build.h"
#include "tests/bench/bench.h"
#include "tests/bench/region.h"

#define MAP_BYTES (4ULL << 30)
#define ROWS_A_STEP 256U
#define SEED 22
#define NOW_MS 1772532000000ULL

struct seat_run {
	const struct bench *b;
	struct store store;
	struct port port; /* nothing is asked of it */
	struct engine *engine;
	struct bench_region *region;
	struct samples took;
	uint64_t seats, candidates, waits;
};

static struct object_id id_from(uint32_t kind, uint64_t number)
{
	struct object_id id = { { 0 } };

	id.b[0] = (uint8_t)kind;
	be64_write(id.b + 8, number);
	return id;
}

/* Of this thread: what others do beside it on the machine is not in it. */
static uint64_t cpu_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

/* --- what stands in the tables --- */

static void put_use(struct step *s, const char *name, const struct bench_region_offer *o)
{
	PB(PoolUse) u = PB_INIT(POOL_USE);
	uint32_t expertises[REGION_EXPERTISES];
	char zone_names[REGION_ZONES][8];
	char *zones[REGION_ZONES];
	struct key k = key_of_str(name);

	u.use = 1;
	u.expertises = expertises;
	u.zones = zones;
	for (uint32_t e = 0; e < REGION_EXPERTISES; e++) {
		if ((o->facts.expertises >> e & 1U) != 0) {
			expertises[u.n_expertises++] = e + 1;
		}
	}
	for (uint32_t z = 0; z < REGION_ZONES; z++) {
		if ((o->facts.zones[0] >> z & 1U) != 0) {
			(void)snprintf(zone_names[z], sizeof(zone_names[z]), "z%" PRIu32, z);
			zones[u.n_zones++] = zone_names[z];
		}
	}
	u.age_from = (uint32_t)__builtin_ctz(o->facts.ages);
	u.age_to = 31 - (uint32_t)__builtin_clz(o->facts.ages);
	u.cost_units = 1;
	u.modality = SCHAKEL__V1__MODALITY__MODALITY_AMBULANT;
	u.access = SCHAKEL__V1__ACCESS__ACCESS_DIRECT;
	key_u32(&k, 1);
	step_put(s, T_POOL_USE, &k, &u);
}

static void put_pool(struct step *s, const struct bench_region_offer *o, uint32_t number)
{
	PB(MatchPoolRecord) p = PB_INIT(MATCH_POOL_RECORD);
	char name[24];
	char partner[24];
	struct object_id id = id_from(1, number);

	(void)snprintf(name, sizeof(name), "pool-%06" PRIu32, number);
	(void)snprintf(partner, sizeof(partner), "partner-%05" PRIu32, o->partner);
	p.pool = name;
	p.partner = partner;
	p.pool_id = object_id_data(&id);
	p.unit = SCHAKEL__V1__UNIT__UNIT_HOURS_WEEK;
	p.staffed = 16;
	p.used_elsewhere = 16 - o->facts.free;
	p.unconfirmed = (o->facts.flags & REGION_FRESH) == 0;
	struct key k = key_of_str(name);
	step_put(s, T_POOL, &k, &p);
	put_use(s, name, o);
}

static int fill_some(struct seat_run *r, uint32_t from, uint32_t to)
{
	struct effects fx = { 0 };
	struct store_txn child;
	struct step s;
	int err = store_child_begin(&r->engine->txn, &fx, &child);

	if (err != SK_OK) {
		return err;
	}
	engine_step_begin(r->engine, &s, &child, NULL);
	for (uint32_t i = from; i < to; i++) {
		put_pool(&s, &r->region->offers[i], i);
	}
	err = store_child_commit(&child);
	if (err == SK_OK) {
		err = engine_fold(r->engine, (struct slice){ fx.buf, fx.len });
	}
	arena_reset(s.arena);
	effects_free(&fx);
	return err;
}

static int fill(struct seat_run *r)
{
	int err = SK_OK;

	for (uint32_t i = 0; i < r->region->offers_len && err == SK_OK; i += ROWS_A_STEP) {
		uint32_t left = r->region->offers_len - i;
		err = fill_some(r, i, i + (left < ROWS_A_STEP ? left : ROWS_A_STEP));
	}
	return err;
}

/* --- one request --- */

static void put_need(struct work *w, const struct bench_region_request *q, uint32_t i, char *zone)
{
	PB(MatchNeedRecord) n = PB_INIT(MATCH_NEED_RECORD);
	PB(NeedFact) f = PB_INIT(NEED_FACT);
	PB(NeedOrder) o = PB_INIT(NEED_ORDER);
	struct object_id request = id_from(2, q->number);
	struct object_id id = id_from(3, q->number * COMPOSE_NEEDS_MAX + i);
	struct key k = key_of_id(&request);

	f.need_id = object_id_data(&id);
	f.need_version = 1;
	f.ordinal = i;
	f.expertise = q->expertise[i] + 1U;
	f.intensity = q->hours[i];
	f.must = true;
	f.state = SCHAKEL__V1__NEED_STATE__NEED_STATE_OPEN;
	o.wait_class = SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_ACTIVE;
	o.rank_ms = NOW_MS;
	n.need = &f;
	n.order = &o;
	n.request_id = object_id_data(&request);
	n.zone = zone;
	n.zones = &zone;
	n.n_zones = 1;
	n.known = true;
	key_id(&k, &id);
	step_mark(w->s, T_REQUEST_NEED, &k);
	need_put(w, &n);
}

static void put_request(struct work *w, const struct bench_region_request *q, char *zone)
{
	PB(MatchRequestRecord) rec = PB_INIT(MATCH_REQUEST_RECORD);
	PB(RequestFact) f = PB_INIT(REQUEST_FACT);
	struct object_id id = id_from(2, q->number);

	f.request_id = object_id_data(&id);
	f.zone = zone;
	f.age_years = q->query.age;
	rec.request = &f;
	request_put(w, &rec);
}

static void count(struct seat_run *r, struct work *w, const struct bench_region_request *q)
{
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	struct object_id id = id_from(2, q->number);
	const PB(MatchRequestRecord) *rec = request_get(w, &id);
	size_t len = needs_of(w, &id, needs);

	r->candidates += rec == NULL ? 0 : rec->candidates;
	for (size_t i = 0; i < len; i++) {
		r->seats += needs[i]->seat_id.len > 0;
		r->waits += needs[i]->seat_id.len == 0;
	}
}

/* The step is undone, so that each request meets the same pools. */
static int one(struct seat_run *r, const struct bench_region_request *q, bool counts)
{
	struct effects fx = { 0 };
	struct outcome out = { .kind = SCHAKEL__V1__OUTCOME__OUTCOME_ACCEPTED };
	struct store_txn child;
	struct step s;
	struct work w;
	char zone[8] = "";
	int err = store_child_begin(&r->engine->txn, &fx, &child);

	if (err != SK_OK) {
		return err;
	}
	engine_step_begin(r->engine, &s, &child, NULL);
	s.out = &out;
	s.emits_max = UINT16_MAX;
	work_init(&w, &s);
	if (bench_number(r->b, "region", 0) == 0) {
		(void)snprintf(zone, sizeof(zone), "z%" PRIu32, q->query.zones[0]);
	}
	put_request(&w, q, zone);
	for (uint32_t i = 0; i < q->needs; i++) {
		put_need(&w, q, i, zone);
	}
	struct object_id id = id_from(3, q->number * COMPOSE_NEEDS_MAX);
	const PB(MatchNeedRecord) *first = need_get(&w, &id);
	if (first != NULL) {
		struct order order = order_of(first);
		uint64_t start = cpu_ns();
		group_compose(&w, order.b, NULL);
		uint64_t took = cpu_ns() - start;
		if (counts) {
			samples_add(&r->took, took);
			count(r, &w, q);
		}
	}
	err = child.err;
	store_abort(&child);
	arena_reset(s.arena);
	effects_free(&fx);
	return err;
}

static int all(struct seat_run *r)
{
	uint64_t requests = bench_number(r->b, "requests", 300);
	uint32_t needs = (uint32_t)bench_number(r->b, "needs", 6);
	struct bench_region_request q;
	int err = SK_OK;

	for (uint64_t i = 0; i <= requests && err == SK_OK; i++) {
		/* The first touches what is touched first. */
		bench_region_request(r->region, needs, i == 0 ? requests : i - 1, &q);
		err = one(r, &q, i > 0);
	}
	return err;
}

static void print(struct seat_run *r)
{
	double n = r->took.len == 0 ? 1 : (double)r->took.len;

	(void)printf("{\"n\":%zu,\"options\":%.0f,\"seats\":%" PRIu64 ",\"waits\":%" PRIu64
		     ",\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f}\n",
		     r->took.len, (double)r->candidates / n, r->seats, r->waits,
		     (double)samples_at(&r->took, 0.5) / 1000,
		     (double)samples_at(&r->took, 0.99) / 1000,
		     (double)samples_at(&r->took, 1) / 1000);
}

int bench_seat(const struct bench *b)
{
	static struct seat_run r;
	struct engine_conf ec = { .demo = false };
	struct store_conf sc = { .dir = bench_arg(b, "dir", "."),
				 .map_bytes = (size_t)MAP_BYTES,
				 .no_sync = true };

	r.b = b;
	r.region = bench_region_new((uint32_t)bench_number(b, "offers", 10000), SEED);
	int err = r.region == NULL ? SK_ENOMEM : store_create(&r.store, &sc);
	if (err == SK_OK) {
		err = engine_new(&r.engine, &r.store, &matching_service, &r.port, &ec);
	}
	if (err == SK_OK) {
		err = fill(&r);
	}
	if (err == SK_OK) {
		err = all(&r);
	}
	if (err == SK_OK) {
		print(&r);
	}
	engine_abandon(r.engine);
	if (r.store.env != NULL) {
		store_close(&r.store);
	}
	bench_region_free(r.region);
	samples_free(&r.took);
	return err == SK_OK ? EXIT_SUCCESS : bench_fail("seat", sk_strerror(err));
}
