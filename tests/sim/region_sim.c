/* SPDX-License-Identifier: EUPL-1.2 */
/* One region under all faults: intake, waitlist and matching with their real cores and engine, and
 * the people around them. Usage: region_sim SEED
 * Exit code 0: no law was broken; the last line is a digest of all that happened. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "services/intake/core.h"
#include "services/matching/core.h"
#include "services/waitlist/core.h"
#include "tests/sim/region.h"
#include "tests/sim/seed.h"

/* --- the judge --- */

static void broken(void *ctx, const char *law, const char *text)
{
	world_fail(ctx, "%s: %s", law, text);
}

static void started(struct world *w, struct daemon *d, uint64_t sequence)
{
	struct region *g = w->laws;

	laws_restarted(g->laws, d->node, sequence, engine_now_ms(d->engine),
		       engine_peek(d->engine));
}

static void restored(struct world *w, struct daemon *d)
{
	struct region *g = w->laws;

	laws_old_copy(g->laws, d->node);
}

static void acknowledged(struct world *w, struct daemon *d, uint64_t sequence)
{
	struct region *g = w->laws;

	laws_acknowledged(g->laws, d->node, sequence);
}

/* What was done, by command: what is never accepted in many seeds is not tested by any law. */
static void count(struct region *g, const struct applied *a)
{
	int body = (int)a->in->body_case - COMMAND_FIRST;

	if (a->outcome == SCHAKEL__V1__OUTCOME__OUTCOME_ACCEPTED && body >= 0 && body < COMMANDS) {
		g->accepted[body]++;
	}
}

static void say_counts(const struct region *g)
{
	(void)printf("accepted");
	for (unsigned i = 0; i < COMMANDS; i++) {
		const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(
			&schakel__v1__message__descriptor, COMMAND_FIRST + i);
		if (f != NULL) {
			(void)printf(" %s=%u", f->name, g->accepted[i]);
		}
	}
	(void)printf("\n");
}

static void describe(struct world *w, struct daemon *d, const struct applied *a,
		     struct record_kept *rec)
{
	struct region *g = w->laws;

	(void)rec;
	count(g, a);
	laws_applied(g->laws, d->node, a, engine_peek(d->engine));
}

static void after_turn(struct world *w, struct daemon *d)
{
	struct region *g = w->laws;

	laws_after_step(g->laws, d->node, engine_peek(d->engine));
	if (d->node == INTAKE) {
		region_person_look(g, d);
	}
	if (d->node == MATCHING) {
		region_propose(g, d);
	}
}

static bool knows(void *ctx, const struct told *told)
{
	struct reader_client *r = ctx;
	uint64_t state;

	return map64_get(&r->state, told->object, &state) && state == told->state;
}

static void check(struct world *w, bool end)
{
	struct region *g = w->laws;
	struct store_txn *state[LAWS_DAEMONS];

	for (size_t i = 0; i < CALLERS; i++) {
		caller_check(g->caller[i]);
	}
	if (!end) {
		return;
	}
	for (size_t i = 0; i < LAWS_DAEMONS; i++) {
		caller_check(&g->operator[i]->caller);
		state[i] = engine_peek(w->daemon[i].engine);
	}
	laws_end(g->laws, state);
	for (size_t i = 0; i < LAWS_DAEMONS; i++) {
		laws_events(g->laws, (int)i, knows, g->events[i]);
	}
	say_counts(g);
	region_say_plans(&w->daemon[MATCHING]);
}

/* --- people --- */

static void on_event(struct reader_client *r, const PB(Event) *e)
{
	news_event(r->client.w->laws, e);
}

static void make_clients(struct region *g)
{
	static const struct {
		const char *id;
		uint32_t roles;
	} party[] = { { "contactpoint", ROLE_BIT(CONTACT_POINT) },
		      { "clb", ROLE_BIT(REQUESTER) },
		      { "police", ROLE_BIT(REQUESTER) },
		      { "family", ROLE_BIT(FAMILY) },
		      { "coordinator", ROLE_BIT(COORDINATOR) },
		      { "government", ROLE_BIT(GOVERNMENT) },
		      { "court", ROLE_BIT(MANDATED) } };
	struct world *w = g->w;

	for (size_t i = 0; i < CALLERS; i++) {
		bool partner = i >= PARTNER_FIRST;
		const char *id = partner ? region_partner[i - PARTNER_FIRST] : party[i].id;
		g->caller[i] = sim_alloc(sizeof(struct caller));
		caller_init(w, g->caller[i], id, partner ? ROLE_BIT(FACILITY) : party[i].roles);
	}
	for (size_t i = 0; i < PARTNERS; i++) {
		const char *id = region_partner[i];
		g->asks[i] = reader_new(w, id, ROLE_BIT(FACILITY), &w->daemon[MATCHING], id);
	}
	for (size_t i = 0; i < w->daemons; i++) {
		g->operator[i] = operator_new(w, "operator", &w->daemon[i]);
		g->events[i] =
			reader_new(w, "dashboard", ROLE_BIT(DASHBOARD), &w->daemon[i], EVENTS_LOG);
		g->events[i]->object = laws_event_object;
		g->events[i]->on_event = on_event;
	}
	for (size_t i = 0; i < NEWS_POOLS; i++) {
		(void)snprintf(g->news.pool[i].name, sizeof(g->news.pool[i].name), "pool-%zu", i);
	}
}

static void begin(struct world *w)
{
	struct region *g = w->laws;

	g->left = w->opt.work;
	region_act_first(g);
	world_at(w, w->now_us, region_act, g, 0);
	for (size_t i = 0; i < PARTNERS; i++) {
		reader_begin(g->asks[i]);
	}
	for (size_t i = 0; i < w->daemons; i++) {
		reader_begin(g->events[i]);
		operator_begin(g->operator[i]);
	}
}

/** More work, and a world that often sleeps: the clocks of help run in days. In every second one
 *  little breaks, so that help begins, goes on and ends. */
static void adjust(struct rng *r, struct options *o)
{
	if (rng_coin(r)) {
		options_calm(r, o);
		o->credit = (uint32_t)rng_log(r, 64, 512); /* news come as they are made */
	}
	o->daemons = 3;
	o->work = (uint32_t)rng_log(r, 60, 400);
	o->work_ms = (uint32_t)rng_log(r, 10000, 60000);
	o->poison = 0;
	o->log_soft_bytes = 0;
	if (rng_below(r, 4) != 0) {
		o->leap_ms = (uint32_t)rng_log(r, 1000, 10000);
	}
	o->credit = o->credit < 8 ? 8 : o->credit;
	o->loss = o->loss > 100000 ? 100000 : o->loss;
}

int main(int argc, char **argv)
{
	static const struct scenario scenario = { .name = "region",
						  .adjust = adjust,
						  .started = started,
						  .restored = restored,
						  .acknowledged = acknowledged,
						  .describe = describe,
						  .after_turn = after_turn,
						  .check = check,
						  .begin = begin };
	static const struct service *const services[] = { &intake_service, &waitlist_service,
							  &matching_service };
	struct region *g = sim_alloc(sizeof(*g));
	uint64_t seed;

	if (!seed_of(argc, argv, &seed) || sodium_init() < 0) {
		free(g);
		return 2;
	}
	struct world *w = world_new(seed, &scenario, services, SK_LEN(services));
	g->w = w;
	g->optimiser = rng_make(mix64(seed));
	g->laws = laws_new();
	laws_trap(g->laws, broken, w);
	w->laws = g;
	world_set_config(w, region_config(w));
	make_clients(g);
	world_run(w);
	world_free(w);
	laws_free(g->laws);
	free(g);
	return 0;
}
