/* SPDX-License-Identifier: EUPL-1.2 */
/* An optimiser that is wrong in every way: its plans of the list come at any time, late, twice or
 * never, from an old copy, with seats by luck at any pool and in any order, with prices by luck,
 * and sometimes they are no plans at all. Nothing that it says may break a law. It has luck of its
 * own, and is there in every fourth seed, so that what people do in the others stays what it was.
 * In half of these the real one works beside it: on what there is, but its plan comes late, twice
 * or never. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schakel/v1/matching_record.pb-c.h"
#include "services/matching/core_work.h"
#include "tests/sim/region.h"

#define SEATS_MAX 300 /* more than are looked at */
#define PRICES_MAX (EXPERTISE_RARE * (ZONES + 1))
#define LIST_MAX 256

struct list {
	char pool[LIST_MAX][PARTY_ID_LEN_MAX + 1]; /* with a pass under way first */
	size_t pools, dirty;
	struct object_id need[LIST_MAX]; /* that wait */
	size_t needs;
};

struct plan {
	struct region *g;
	PB(PlanProposed) m;
	PB(PlanSeat) seat[SEATS_MAX];
	PB(PlanSeat) *seats[SEATS_MAX];
	uint8_t need[SEATS_MAX][OBJECT_ID_LEN];
	char pool[SEATS_MAX][PARTY_ID_LEN_MAX + 1];
	PB(PlanPrice) price[PRICES_MAX];
	PB(PlanPrice) *prices[PRICES_MAX];
};

static void add_pools(struct daemon *d, uint8_t table, struct list *io)
{
	struct store_iter it;
	struct key k;
	struct slice val;

	store_iter_init(&it, engine_peek(d->engine), table, NULL);
	while (io->pools < LIST_MAX && store_next(&it, &k, &val)) {
		struct slice rest = { .data = k.b, .len = k.len };
		SK_ASSERT(key_take_str(&rest, io->pool[io->pools++]));
	}
	store_iter_done(&it);
}

static void look(struct daemon *d, struct list *ret_list)
{
	struct store_iter it;
	struct key k;
	struct slice val;

	ret_list->pools = 0;
	ret_list->needs = 0;
	add_pools(d, T_PASS, ret_list);
	ret_list->dirty = ret_list->pools;
	add_pools(d, T_POOL, ret_list);
	store_iter_init(&it, engine_peek(d->engine), T_WAIT, NULL);
	while (ret_list->needs < LIST_MAX && store_next(&it, &k, &val)) {
		memcpy(ret_list->need[ret_list->needs++].b, k.b + k.len - OBJECT_ID_LEN,
		       OBJECT_ID_LEN);
	}
	store_iter_done(&it);
}

static void add_seat(struct plan *p, const char *pool, const struct object_id *need)
{
	size_t i = p->m.n_seats++;

	schakel__v1__plan_seat__init(&p->seat[i]);
	memcpy(p->pool[i], pool, sizeof(p->pool[i]));
	memcpy(p->need[i], need->b, OBJECT_ID_LEN);
	p->seat[i].need_id = (ProtobufCBinaryData){ OBJECT_ID_LEN, p->need[i] };
	p->seat[i].pool = p->pool[i];
	p->seat[i].use = (uint32_t)rng_between(&p->g->optimiser, 1, 2);
	p->seats[i] = &p->seat[i];
}

/** Some of those who wait, at pools that give now; and anybody at any pool. */
static void draw_seats(struct plan *p, const struct list *list)
{
	struct rng *r = &p->g->optimiser;
	size_t some = rng_below(r, 8);
	uint64_t keep = rng_log(r, 1, 16);
	struct object_id nobody;

	p->m.seats = p->seats;
	for (size_t i = 0; i < list->dirty * list->needs && p->m.n_seats < SEATS_MAX; i++) {
		if (rng_below(r, keep) == 0) {
			add_seat(p, list->pool[i % list->dirty], &list->need[i / list->dirty]);
		}
	}
	for (size_t i = 0; i < some && list->pools > 0 && p->m.n_seats < SEATS_MAX; i++) {
		const struct object_id *need = &nobody;
		rng_fill(r, nobody.b, OBJECT_ID_LEN);
		if (list->needs > 0 && rng_below(r, 8) > 0) {
			need = &list->need[rng_below(r, list->needs)];
		}
		add_seat(p, list->pool[rng_below(r, list->pools)], need);
	}
}

static void draw_prices(struct plan *p)
{
	static char none[] = "";
	struct rng *r = &p->g->optimiser;

	for (uint32_t e = 1; e <= EXPERTISE_RARE; e++) {
		for (size_t z = 0; z <= ZONES; z++) {
			PB(PlanPrice) *price = &p->price[p->m.n_prices];
			/* In the order of their bytes: "", "rits", "westhoek". */
			const char *zone = z == 0 ? none : region_zone[ZONES - z];
			if (rng_coin(r)) {
				continue;
			}
			schakel__v1__plan_price__init(price);
			price->expertise = e;
			price->zone = (char *)(uintptr_t)zone;
			price->price = (uint32_t)rng_log(r, 1, 16000);
			p->prices[p->m.n_prices++] = price;
		}
	}
	p->m.prices = p->prices;
}

static struct plan *draw(struct region *g, struct daemon *d)
{
	struct rng *r = &g->optimiser;
	struct plan *p = sim_alloc(sizeof(*p));
	struct list *list = sim_alloc(sizeof(*list));
	uint64_t stepped, durable, committed;

	p->g = g;
	schakel__v1__plan_proposed__init(&p->m);
	engine_positions(d->engine, &stepped, &durable, &committed);
	p->m.sequence = rng_below(r, 16) == 0 ? rng_below(r, 2 * stepped + 1) : stepped;
	p->m.rules_version = g->w->config_msg->rules_version + (rng_below(r, 16) == 0);
	p->m.value = rng_below(r, 100000);
	p->m.bound = rng_below(r, 16) == 0 ? p->m.value + 1 : p->m.value / 2;
	p->m.needs = SEATS_MAX;
	look(d, list);
	draw_seats(p, list);
	draw_prices(p);
	if (p->m.n_prices > 1 && rng_below(r, 16) == 0) {
		p->prices[0] = p->prices[1];
	}
	free(list);
	return p;
}

static void deliver(struct world *w, void *ctx, uint64_t n)
{
	struct plan *p = ctx;

	(void)n;
	daemon_plan(&w->daemon[MATCHING], &p->m);
	if (rng_below(&p->g->optimiser, 8) == 0) {
		daemon_plan(&w->daemon[MATCHING], &p->m);
	}
	free(p);
}

void region_say_plans(struct daemon *d)
{
	struct key k = { 0 };
	struct slice val;

	key_u8(&k, 0);
	if (!store_get(engine_peek(d->engine), T_PLAN, &k, &val)) {
		return;
	}
	PB(MatchPlanRecord) *p = schakel__v1__match_plan_record__unpack(NULL, val.len, val.data);
	SK_ASSERT(p != NULL);
	(void)printf("plans %llu: old %llu rules %llu form %llu, seats %llu, left: seated %llu "
		     "unfit %llu amount %llu order %llu unseen %llu\n",
		     (unsigned long long)p->proposed, (unsigned long long)p->refused_base,
		     (unsigned long long)p->refused_rules, (unsigned long long)p->refused_form,
		     (unsigned long long)p->applied, (unsigned long long)p->not_waiting,
		     (unsigned long long)p->not_fitting, (unsigned long long)p->not_free,
		     (unsigned long long)p->not_in_order, (unsigned long long)p->not_looked_at);
	schakel__v1__match_plan_record__free_unpacked(p, NULL);
}

/* --- the real one --- */

#define REAL_EVERY 8
#define REAL_AT 7

/** One input that it made, on its way. */
struct made {
	size_t len;
	uint8_t bytes[];
};

static void deliver_made(struct world *w, void *ctx, uint64_t n)
{
	struct made *p = ctx;
	PB(PlanProposed) *m = schakel__v1__plan_proposed__unpack(NULL, p->len, p->bytes);

	(void)n;
	SK_ASSERT(m != NULL);
	daemon_plan(&w->daemon[MATCHING], m);
	schakel__v1__plan_proposed__free_unpacked(m, NULL);
	free(p);
}

static void send_made(struct region *g, const PB(PlanProposed) *m)
{
	struct rng *r = &g->optimiser;
	uint64_t times = rng_below(r, 4);

	for (uint64_t i = 0; i < (times < 3 ? times : 1); i++) {
		size_t len = schakel__v1__plan_proposed__get_packed_size(m);
		struct made *p = sim_alloc(sizeof(*p) + len);
		uint64_t late_us = rng_coin(r) ? 0 : rng_log(r, 1000, SIM_DAY_MS * 1000);
		p->len = schakel__v1__plan_proposed__pack(m, p->bytes);
		world_at_owned(g->w, g->w->now_us + late_us, deliver_made, p);
	}
}

static void make_real(struct region *g, struct daemon *d)
{
	struct plan_copy *copy = NULL;
	atomic_bool never = false;
	bool whole = false;
	int err = engine_plan_copy(d->engine, &copy, &whole);

	while (err == SK_OK && copy != NULL && !whole) {
		err = engine_plan_copy(d->engine, &copy, &whole);
	}
	if (err == SK_OK && copy != NULL) {
		err = d->svc->plan_make(copy, &never);
	}
	SK_ASSERT(err == SK_OK);
	for (PB(PlanProposed) *m = copy == NULL ? NULL : d->svc->plan_take(copy); m != NULL;
	     m = d->svc->plan_take(copy)) {
		send_made(g, m);
	}
	d->svc->plan_free(copy);
}

/** After a turn: now and then of what there is now; more when amounts are being given. */
void region_propose(struct region *g, struct daemon *d)
{
	struct rng *r = &g->optimiser;
	struct world *w = g->w;

	if (w->seed % 4 != 3 || w->phase_b || !d->up) {
		return;
	}
	struct store_iter it;
	struct key k;
	struct slice val;
	store_iter_init(&it, engine_peek(d->engine), T_PASS, NULL);
	bool gives = store_next(&it, &k, &val);
	store_iter_done(&it);
	if (w->seed % REAL_EVERY == REAL_AT && rng_below(r, gives ? 2 : 30) == 0) {
		make_real(g, d);
	}
	if (rng_below(r, gives ? 1 : 60) != 0) {
		return;
	}
	uint64_t late_us = rng_below(r, 4) == 0 ? rng_log(r, 1000, 30 * SIM_SECOND_US) : 0;
	world_at_owned(w, w->now_us + late_us, deliver, draw(g, d));
}
