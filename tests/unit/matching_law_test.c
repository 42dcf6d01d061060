/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: thousands of random steps, drawn from a printed seed; after each one the laws are
 * checked by brute force (matching_laws.c). rig_free() replays the journal through the core as well
 * (L11). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define REQUESTS 24U
#define NEEDS_EACH 4U
#define LIVE 4096U

struct world {
	struct rig *r;
	uint64_t seed;
	uint32_t request_version[REQUESTS + 1];
	uint32_t need_version[REQUESTS + 1][NEEDS_EACH];
	uint32_t order_version[REQUESTS + 1];
	uint32_t needs[REQUESTS + 1];
	struct demand_spec last[REQUESTS + 1];
	bool one_step;
};

static uint32_t draw(struct world *w, uint32_t below)
{
	w->seed ^= w->seed << 13;
	w->seed ^= w->seed >> 7;
	w->seed ^= w->seed << 17;
	return (uint32_t)((w->seed >> 16) % below);
}

static const char *const partners[] = { "facility-a",  "facility-b",    "facility-c",
					"facility-b2", "duty-westhoek", "standin-rits" };

static const char *const networks[] = { "kust", "stad", "land" };

/** What partners state beside numbers, sparsely: the plain rules must be met as often. */
static void put_more(struct world *w, struct pool_spec *p, uint32_t n)
{
	p->answer = draw(w, 8) == 0 ? (PB(PoolAnswer))draw(w, 5) : 0;
	p->week = draw(w, 5) == 0 ? 1 + draw(w, 4) : 0;
	p->joint = draw(w, 6) == 0 ? partners[(n + 1) % SK_LEN(partners)] : NULL;
	p->school = n % 4 == 1;
	p->access = draw(w, 6) == 0 ? (PB(Access))(1 + draw(w, 3)) : 0;
	static const char *const language[] = { "fr", "nl", NULL };
	p->language = language[draw(w, SK_LEN(language))];
	p->to_pool = n < 3 ? "pool-6" : NULL;
	p->to_units = 1 + draw(w, 2);
	p->most = draw(w, 3);
	const char *network = networks[draw(w, SK_LEN(networks))];
	p->network = draw(w, 4) == 0 && network_rec(w->r, network) != NULL ? network : NULL;
}

static void op_worker(struct world *w)
{
	struct worker_spec x = { .number = draw(w, 3) };
	char name[16];

	(void)snprintf(name, sizeof(name), "pool-%u", draw(w, 3) * 3);
	const PB(MatchPoolRecord) *p = pool_rec(w->r, name);
	if (p == NULL) {
		return;
	}
	x.expertise = 1 + draw(w, 4);
	x.cap = 1 + draw(w, 6);
	x.load = draw(w, 2);
	x.left = draw(w, 3) == 0;
	x.rest_until_ms = draw(w, 4) == 0 ? rig_now(w->r) + RIG_DAY_MS : 0;
	(void)put_worker(w->r, p->partner, name, &x);
}

static void op_network(struct world *w)
{
	struct network_spec n = { .name = networks[draw(w, SK_LEN(networks))] };

	n.until_ms = draw(w, 3) == 0 ? rig_now(w->r) + (1 + draw(w, 20)) * RIG_DAY_MS : 0;
	n.successor = draw(w, 2) == 0 ? networks[draw(w, SK_LEN(networks))] : NULL;
	(void)put_network(w->r, &n);
}

static void op_gate(struct world *w)
{
	uint64_t until = draw(w, 2) == 0 ? rig_now(w->r) + RIG_DAY_MS : 0;

	(void)put_gate(w->r, "coordinator", 1 + draw(w, REQUESTS), until);
}

static void op_convert(struct world *w)
{
	char name[16];

	(void)snprintf(name, sizeof(name), "pool-%u", draw(w, 3));
	const PB(MatchPoolRecord) *p = pool_rec(w->r, name);
	if (p != NULL) {
		(void)convert(w->r, p->partner, name, "pool-6", 1 + draw(w, 2));
	}
}

static void op_supply(struct world *w)
{
	static void (*const ops[])(struct world * w) = { op_worker, op_worker,  op_network,
							 op_gate,   op_convert, op_convert };

	ops[draw(w, SK_LEN(ops))](w);
}

static void op_put(struct world *w)
{
	static const char *const zones[] = { NULL, "westhoek", "rits" };
	char name[16];
	uint32_t n = draw(w, 9);
	struct pool_spec p = { .name = name, .partner = partners[n % SK_LEN(partners)] };

	(void)snprintf(name, sizeof(name), "pool-%u", n);
	p.unit = n % 3 == 0 ? UNITS(HOURS_WEEK) : UNITS(PLACE);
	p.staffed = draw(w, 6);
	p.used = draw(w, 2);
	p.expertise = 1 + draw(w, 4);
	p.expertise_2 = draw(w, 3) == 0 ? 1 + draw(w, 4) : 0;
	p.zone = zones[draw(w, 3)];
	p.cost_units = 1 + draw(w, 2);
	p.modality = draw(w, 2) == 0 ? MODE(RESIDENTIAL) : MODE(AMBULANT);
	p.insured = n == 8;
	p.age_to = draw(w, 4) == 0 ? 11 : 25;
	p.same_uses = pool_rec(w->r, name) != NULL && draw(w, 2) == 0;
	p.from_ms = draw(w, 12) == 0 ? rig_now(w->r) + RIG_DAY_MS : 0;
	p.until_ms = draw(w, 12) == 0 ? rig_now(w->r) + 3 * RIG_DAY_MS : 0;
	put_more(w, &p, n);
	(void)put_pool(w->r, &p);
}

static void op_pause(struct world *w)
{
	char name[16];

	(void)snprintf(name, sizeof(name), "pool-%u", draw(w, 9));
	const PB(MatchPoolRecord) *p = pool_rec(w->r, name);
	if (p != NULL) {
		uint64_t until = draw(w, 2) == 0 ? rig_now(w->r) + RIG_DAY_MS : 0;
		(void)pause_pool(w->r, p->partner, name, !p->paused, p->paused ? 0 : until);
	}
}

static void draw_children(struct world *w, struct demand_spec *d)
{
	static const char *const zones[] = { NULL, "westhoek", "rits" };

	d->children = draw(w, 4);
	d->ring = draw(w, 4) == 0 ? SCHAKEL__V1__RING__RING_REGION : 0;
	for (size_t i = 0; i < d->children; i++) {
		struct child_spec *c = &d->child[i];
		*c = (struct child_spec){ .age = 5 + draw(w, 12) };
		c->zone[0] = zones[draw(w, SK_LEN(zones))];
		c->zone[1] = c->zone[0] == NULL ? NULL : zones[draw(w, SK_LEN(zones))];
		c->missing = draw(w, 8) == 0;
		c->apart = draw(w, 4) == 0 ? 1 : 0;
	}
}

static void op_demand(struct world *w)
{
	uint32_t n = 1 + draw(w, REQUESTS);
	struct demand_spec *d = &w->last[n];

	d->request = n;
	if (w->needs[n] == 0 || draw(w, 8) == 0) {
		d->version = ++w->request_version[n];
		d->zone = draw(w, 3) == 0 ? "rits" : "westhoek";
		d->age = 5 + draw(w, 12);
		draw_children(w, d);
		d->choice = draw(w, 3) == 0 ? partners[draw(w, SK_LEN(partners))] : NULL;
		d->choice_need = n * 10 + draw(w, NEEDS_EACH);
		d->excluded = draw(w, 4) == 0 ? partners[draw(w, SK_LEN(partners))] : NULL;
		d->network = networks[draw(w, SK_LEN(networks))];
		d->language = draw(w, 2) == 0 ? "nl" : NULL;
		d->wish_until_ms = draw(w, 6) == 0 ? rig_now(w->r) + RIG_DAY_MS : 0;
		d->preferred = draw(w, 4) == 0 ? partners[draw(w, SK_LEN(partners))] : NULL;
	}
	if (w->order_version[n] == 0 || draw(w, 3) == 0) {
		d->order_version = ++w->order_version[n];
		d->wait_class = CLASS(CRISIS) + draw(w, 5);
		d->step = d->wait_class == CLASS(CRISIS) ? 1 + draw(w, 3) : 0;
		d->rank = 1 + draw(w, 20);
	}
	if (w->needs[n] == 0) {
		w->needs[n] = 1 + draw(w, NEEDS_EACH);
		d->needs = w->needs[n];
	}
	for (uint32_t i = 0; i < w->needs[n]; i++) {
		struct need_spec *s = &d->need[i];
		s->number = n * 10 + i;
		if (s->version == 0 || draw(w, 12) == 0) {
			s->version = ++w->need_version[n][i];
			s->expertise = s->expertise == 0 ? 1 + draw(w, 4) : s->expertise;
			s->intensity = 1 + draw(w, 3);
			s->child = draw(w, 3);
			s->own_crisis = draw(w, 8) == 0;
			s->by_order = draw(w, 4) == 0;
			s->state = draw(w, 6) == 0 ? NEEDST(AFTERCARE) : NEEDST(OPEN);
		}
	}
	assert_true(demand(w->r, d));
}

static void op_close(struct world *w)
{
	uint32_t n = 1 + draw(w, REQUESTS);

	if (w->needs[n] == 0) {
		return;
	}
	uint32_t i = draw(w, w->needs[n]);
	PB(CloseReason) reason = draw(w, 5) == 0 ? CLOSE(DECEASED) : CLOSE(WITHDRAWN);
	w->need_version[n][i] += draw(w, 2);
	assert_true(demand_closed(w->r, n, n * 10 + i, w->need_version[n][i], reason));
}

static void op_position(struct world *w)
{
	uint32_t n = 1 + draw(w, REQUESTS);
	const PB(MatchRequestRecord) *q = request_rec(w->r, n);

	if (q != NULL && q->proposal_version > 0) {
		uint32_t old = draw(w, 5) == 0 ? 1 : 0;
		uint32_t version = q->proposal_version - (old < q->proposal_version ? old : 0);
		PB(Voice) voice = draw(w, 4) == 0 ? VOICE(NOT) : VOICE(AGREE);
		assert_true(position(w->r, n, version, voice));
	}
}

/** A contribution that is not at its end, drawn; false: there is none. */
static bool draw_live(struct world *w, struct object_id *ret_id)
{
	struct object_id ids[LIVE];
	struct store_iter it;
	struct key k;
	struct slice val;
	uint32_t len = 0;

	store_iter_init(&it, rig_txn(w->r), T_NEED_LIVE, NULL);
	while (len < LIVE && store_next(&it, &k, &val)) {
		memcpy(ids[len++].b, k.b + OBJECT_ID_LEN, OBJECT_ID_LEN);
	}
	store_iter_done(&it);
	if (len > 0) {
		*ret_id = ids[draw(w, len)];
	}
	return len > 0;
}

static void op_contribution(struct world *w)
{
	static const PB(Message__BodyCase) bodies[] = {
		BODY(TAKE_BACK),         BODY(RESUME_CONTRIBUTION),
		BODY(STOP_CONTRIBUTION), BODY(HAND_ON_CONTRIBUTION),
		BODY(END_CONTRIBUTION),
	};
	struct object_id id;

	if (!draw_live(w, &id)) {
		return;
	}
	const PB(MatchContributionRecord) *c = contribution_rec(w->r, &id);
	char partner[PARTY_ID_LEN_MAX + 1];
	(void)snprintf(partner, sizeof(partner), "%s", c->partner);
	uint32_t what = draw(w, 20);
	if (what < 9) {
		(void)answer(w->r, partner, &id, what < 6 ? ANSWER(CAN) : ANSWER(CAN) + what - 5);
	} else if (what < 13) {
		(void)start(w->r, partner, &id, draw(w, 4) > 0);
	} else if (what < 14) {
		(void)interrupt(w->r, partner, &id);
	} else if (what < 19) {
		PB(Message__BodyCase) body = bodies[what - 14];
		bool stop = body == BODY(STOP_CONTRIBUTION);
		(void)simple(w->r, stop ? "family" : partner, body, &id);
	} else {
		(void)end_allowed(w->r, &id);
	}
}

static void op_sign(struct world *w)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryLastPlace) q = PB_INIT(QUERY_LAST_PLACE);
	PB(SignLastPlace) s = PB_INIT(SIGN_LAST_PLACE);
	ProtobufCBinaryData seen[MATCH_LAST_PLACE_MAX];
	struct object_id by = rig_id(1);
	char name[16];

	(void)snprintf(name, sizeof(name), "pool-%u", draw(w, 9));
	q.pool = name;
	m.body_case = BODY(QUERY_LAST_PLACE);
	m.query_last_place = &q;
	const PB(Message) *a = rig_query(w->r, "contactpoint", &m);
	if (a->body_case != BODY(LAST_PLACE_VIEW) || a->last_place_view->n_concerned == 0) {
		return;
	}
	const PB(LastPlaceView) *v = a->last_place_view;
	for (size_t i = 0; i < v->n_concerned; i++) {
		seen[i] = v->concerned[i]->need->need_id;
	}
	s.pool = name;
	s.based_on = v->version;
	s.need_id = seen[draw(w, (uint32_t)v->n_concerned)];
	s.seen = seen;
	s.n_seen = v->n_concerned;
	s.signed_by = object_id_data(&by);
	m.body_case = BODY(SIGN_LAST_PLACE);
	m.sign_last_place = &s;
	(void)rig_command(w->r, "contactpoint", &m);
}

static void op_meet(struct world *w)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(OpenMeeting) o = PB_INIT(OPEN_MEETING);
	struct object_id id;

	if (draw_live(w, &id)) {
		o.contribution_id = object_id_data(&id);
		o.speaker = SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH;
		o.allowed = draw(w, 3) > 0;
		m.body_case = BODY(OPEN_MEETING);
		m.open_meeting = &o;
		(void)rig_command(w->r, "family", &m);
	}
}

static void op_time(struct world *w)
{
	static const uint64_t spans[] = { 1, 60000, RIG_HOUR_MS, RIG_DAY_MS, 4 * RIG_DAY_MS };

	w->one_step = false;
	rig_advance(w->r, spans[draw(w, SK_LEN(spans))]);
}

static void op_rules(struct world *w)
{
	w->one_step = false;
	if (draw(w, 2) == 0) {
		rig_set(w->r, SETTING_TEAM_MAX, 1 + draw(w, 3));
	} else {
		rig_set(w->r, SETTING_ATELIERS_MAX, draw(w, 4));
	}
}

static void op_any(struct world *w)
{
	uint32_t what = draw(w, 100);

	w->one_step = true;
	if (what < 12) {
		op_demand(w);
	} else if (what < 22) {
		op_put(w);
	} else if (what < 24) {
		op_pause(w);
	} else if (what < 30) {
		op_supply(w);
	} else if (what < 33) {
		op_close(w);
	} else if (what < 48) {
		op_position(w);
	} else if (what < 50) {
		op_sign(w);
	} else if (what < 53) {
		op_meet(w);
	} else if (what < 86) {
		op_contribution(w);
	} else if (what < 98) {
		op_time(w);
	} else {
		op_rules(w);
	}
}

static void run(uint64_t seed, uint32_t steps, uint32_t candidates)
{
	static struct world w;

	w = (struct world){ .r = world_new(), .seed = seed * 0x9e3779b97f4a7c15ULL + 1 };
	world_interpreters(w.r, 4);
	rig_set(w.r, SETTING_SEAT_CANDIDATES, candidates);
	for (uint32_t i = 0; i < steps; i++) {
		struct before *b = laws_before(w.r);
		op_any(&w);
		world_reset();
		laws_after(w.r, b, w.one_step);
		if (i % 150 == 149) {
			rig_reopen(w.r); /* the index is folded anew, from the tables */
		}
	}
	rig_advance(w.r, 10);
	world_free(w.r);
}

#define SEEDS 4U
#define STEPS 400U

static void test_matching_random_steps_keep_laws(void **state)
{
	uint64_t first = getenv("SEED") == NULL ? 1 : strtoull(getenv("SEED"), NULL, 10);
	uint64_t seeds = getenv("SEEDS") == NULL ? SEEDS : strtoull(getenv("SEEDS"), NULL, 10);

	(void)state;
	for (uint64_t seed = first; seed < first + seeds; seed++) {
		print_message("seed %llu\n", (unsigned long long)seed);
		run(seed, STEPS, seed % 2 == 0 ? 256 : 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matching_random_steps_keep_laws),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
