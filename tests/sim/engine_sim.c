/* SPDX-License-Identifier: EUPL-1.2 */
/* The engine under all faults, with the toy service on two or three daemons. Usage: engine_sim SEED
 * Exit code 0: nothing was violated; the last line is a digest of all that happened. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "tests/sim/operator.h"
#include "tests/sim/seed.h"
#include "tests/sim/toy.h"
#include "tests/sim/toy_law.h"

#define CALLERS 3

struct play {
	struct caller *caller[CALLERS];
	struct reader_client *partner[CALLERS];
	struct reader_client *dashboard[DAEMONS_MAX];
	struct operator_client *operator[DAEMONS_MAX];
	uint32_t left; /* commands still to be sent */
};

static struct world *the_world;

static void crash_here(void)
{
	struct daemon *d = the_world->running;

	if (d == NULL) {
		world_fail(the_world, "a message that stopped the daemon is stepped by a replay");
	}
	world_trace(the_world, "%s stops in a step", d->svc->name);
	daemon_crash(d, ENDED_FAULT);
}

/* --- commands --- */

static uint32_t draw_flags(struct world *w)
{
	static const uint32_t flag[] = { TOY_NOTE, TOY_NOTE, TOY_REFUSE_LATE, TOY_PEER_REFUSES,
					 TOY_DUE_REFUSES };
	uint32_t flags = 0;

	if (rng_chance(&w->rng, 400000)) {
		flags |= flag[rng_below(&w->rng, SK_LEN(flag))];
	}
	if (rng_chance(&w->rng, w->opt.poison)) {
		flags |= rng_coin(&w->rng) ? TOY_CRASH : TOY_CRASH_PEER;
	}
	return flags;
}

static void fill_put(struct world *w, PB(PutCapacity) *p, char *name)
{
	struct rng *r = &w->rng;

	(void)snprintf(name, 4, "c%u", (unsigned int)rng_below(r, TOY_COUNTERS));
	p->pool = name;
	p->staffed = (uint32_t)rng_between(r, 1, TOY_AMOUNT_MAX);
	p->insured = rng_coin(r);
	p->total = draw_flags(w);
	if (rng_chance(r, 300000)) {
		p->used_elsewhere = (uint32_t)rng_between(r, 1, 5);
	}
	switch (rng_below(r, 12)) {
	case 0:
		p->staffed = TOY_AMOUNT_MAX + 1;
		break;
	case 1:
		p->pool = (char *)(uintptr_t) "nothing";
		break;
	case 2:
		p->based_on = (uint32_t)rng_between(r, 1, 30);
		break;
	default:
		break;
	}
}

static void send_garbage(struct world *w, struct client *c, const PB(Message) *m)
{
	PB(Frame) f = PB_INIT(FRAME);
	uint8_t message[512], frame[640], luck[10], id[16];
	PB(Message) other = *m;

	rng_fill(&w->rng, luck, sizeof(luck));
	wire_id_make(world_wall_ms(w), luck, id);
	other.id = (ProtobufCBinaryData){ sizeof(id), id };
	size_t len = schakel__v1__message__pack(&other, message);
	if (rng_coin(&w->rng)) {
		len = rng_below(&w->rng, len);
	}
	for (uint64_t n = rng_below(&w->rng, 4); n > 0 && len > 0; n--) {
		message[rng_below(&w->rng, len)] = (uint8_t)rng_next(&w->rng);
	}
	f.message = (ProtobufCBinaryData){ len, message };
	len = schakel__v1__frame__pack(&f, frame);
	if (rng_coin(&w->rng)) {
		frame[rng_below(&w->rng, len)] = (uint8_t)rng_next(&w->rng);
	}
	client_send_bytes(c, &w->daemon[rng_below(&w->rng, w->daemons)],
			  (struct slice){ frame, len });
}

static void next_command(struct world *w, void *ctx, uint64_t n)
{
	struct play *play = ctx;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PutCapacity) p = PB_INIT(PUT_CAPACITY);
	enum op_wrong wrong = WRONG_NONE;
	struct caller *c = play->caller[rng_below(&w->rng, CALLERS)];
	char name[4];

	(void)n;
	if (w->phase_b || play->left == 0) {
		return;
	}
	play->left--;
	fill_put(w, &p, name);
	m.body_case = BODY(PUT_CAPACITY);
	m.put_capacity = &p;
	if (rng_chance(&w->rng, w->opt.wrong_id)) {
		wrong = (enum op_wrong)rng_between(&w->rng, WRONG_TOO_OLD, WRONG_KINDS - 1);
	}
	if (rng_chance(&w->rng, w->opt.garbage)) {
		send_garbage(w, &c->client, &m);
	}
	(void)caller_send(c, &w->daemon[0], &m, wrong);
	uint64_t every = (uint64_t)w->opt.work_ms * 1000 / w->opt.work;
	world_at(w, w->now_us + rng_below(&w->rng, 2 * every + 1), next_command, play, 0);
}

/** A question that makes each daemon compare its index with its records (I22). */
static void ask_pools(struct world *w, void *ctx, uint64_t n)
{
	struct play *play = ctx;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryPools) q = PB_INIT(QUERY_POOLS);
	PB(Frame) f = PB_INIT(FRAME);
	static const uint8_t luck[10];
	uint8_t buf[64], id[16];

	(void)n;
	wire_id_make(world_wall_ms(w), luck, id);
	m.id = (ProtobufCBinaryData){ sizeof(id), id };
	m.body_case = BODY(QUERY_POOLS);
	m.query_pools = &q;
	f.message = (ProtobufCBinaryData){ schakel__v1__message__pack(&m, buf), buf };
	for (size_t i = 0; i < w->daemons; i++) {
		client_send(&play->caller[0]->client, &w->daemon[i], &f);
	}
	world_at(w, w->now_us + rng_below(&w->rng, 4 * SIM_SECOND_US), ask_pools, play, 0);
}

/* --- set-up --- */

static PB(ConfigApplied) *make_config(const struct world *w)
{
	PB(ConfigApplied) *c = sim_alloc(sizeof(*c));

	schakel__v1__config_applied__init(c);
	c->rules_version = 1;
	c->parties = sim_alloc(w->daemons * sizeof(*c->parties));
	for (size_t i = 0; i < w->daemons; i++) {
		PB(Party) *p = sim_alloc(sizeof(*p));
		schakel__v1__party__init(p);
		p->id = strdup(w->daemon[i].svc->name);
		p->roles = sim_alloc(sizeof(*p->roles));
		p->roles[0] = SCHAKEL__V1__ROLE__ROLE_DAEMON;
		p->n_roles = 1;
		c->parties[c->n_parties++] = p;
	}
	if (w->opt.log_soft_bytes > 0) {
		c->settings = sim_alloc(2 * sizeof(*c->settings));
		static const enum setting which[] = { SETTING_LOG_SOFT, SETTING_LOG_HARD };
		for (size_t i = 0; i < SK_LEN(which); i++) {
			PB(Setting) *s = sim_alloc(sizeof(*s));
			schakel__v1__setting__init(s);
			s->key = strdup(setting_spec[which[i]].key);
			s->value = (uint64_t)w->opt.log_soft_bytes << i;
			c->settings[c->n_settings++] = s;
		}
	}
	return c;
}

static bool first_idle(struct client *c)
{
	return caller_idle(c) && !toy_chains_run(&c->w->daemon[0]);
}

static void make_clients(struct world *w, struct play *play)
{
	static const char *const party[CALLERS] = { "p-0", "p-1", "p-2" };
	static const char *const operator[DAEMONS_MAX] = { "op-0", "op-1", "op-2" };

	for (size_t i = 0; i < CALLERS; i++) {
		play->caller[i] = sim_alloc(sizeof(struct caller));
		caller_init(w, play->caller[i], party[i], ROLE_BIT(FACILITY));
		play->partner[i] =
			reader_new(w, party[i], ROLE_BIT(FACILITY), &w->daemon[0], party[i]);
	}
	play->caller[0]->client.idle = first_idle;
	for (size_t i = 0; i < w->daemons; i++) {
		play->operator[i] = operator_new(w, operator[i], &w->daemon[i]);
		play->dashboard[i] =
			reader_new(w, "dashboard", ROLE_BIT(DASHBOARD), &w->daemon[i], EVENTS_LOG);
		play->dashboard[i]->object = toy_object;
	}
}

static void begin(struct world *w)
{
	struct play *play = w->laws;

	play->left = w->opt.work;
	world_at(w, w->now_us, next_command, play, 0);
	world_at(w, w->now_us, ask_pools, play, 0);
	for (size_t i = 0; i < CALLERS; i++) {
		reader_begin(play->partner[i]);
	}
	for (size_t i = 0; i < w->daemons; i++) {
		reader_begin(play->dashboard[i]);
		operator_begin(play->operator[i]);
	}
}

static void check(struct world *w, bool end)
{
	struct play *play = w->laws;

	toy_check(w, end);
	for (size_t i = 0; i < CALLERS; i++) {
		caller_check(play->caller[i]);
	}
	for (size_t i = 0; end && i < w->daemons; i++) {
		caller_check(&play->operator[i]->caller);
		toy_check_dashboard(play->dashboard[i]);
	}
}

int main(int argc, char **argv)
{
	static const struct scenario scenario = {
		.name = "engine", .describe = toy_describe, .check = check, .begin = begin
	};
	const struct service *services[] = { &toy_alpha_2, &toy_beta, &toy_gamma };
	struct play play = { 0 };
	uint64_t seed;

	if (!seed_of(argc, argv, &seed) || sodium_init() < 0) {
		return 2;
	}
	toy_crash = crash_here;
	struct rng peek = rng_make(seed);
	if (options_draw(&peek).daemons == 3) {
		services[0] = &toy_alpha_3;
	}
	struct world *w = world_new(seed, &scenario, services, SK_LEN(services));
	the_world = w;
	w->laws = &play;
	world_set_config(w, make_config(w));
	make_clients(w, &play);
	world_run(w);
	world_free(w);
	return 0;
}
