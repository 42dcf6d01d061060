/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/sim/operator.h"

#include <string.h>

#define LOOK_US (2 * SIM_SECOND_US)

static void ask_status(struct operator_client *o)
{
	struct world *w = o->caller.client.w;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryStatus) q = PB_INIT(QUERY_STATUS);
	PB(Frame) f = PB_INIT(FRAME);
	uint8_t luck[10] = { 0 }, buf[256];

	be32_write(luck + 6, ++o->asked);
	wire_id_make(world_wall_ms(w), luck, o->question);
	m.id = (ProtobufCBinaryData){ sizeof(o->question), o->question };
	m.body_case = BODY(QUERY_STATUS);
	m.query_status = &q;
	f.message = (ProtobufCBinaryData){ schakel__v1__message__pack(&m, buf), buf };
	client_send(&o->caller.client, o->of, &f);
}

static void accept_clock(struct operator_client *o)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ClockAccept) a = PB_INIT(CLOCK_ACCEPT);

	m.body_case = BODY(CLOCK_ACCEPT);
	m.clock_accept = &a;
	(void)caller_send(&o->caller, o->of, &m, WRONG_NONE);
}

static void order_drain(struct operator_client *o, bool draining)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Drain) d = PB_INIT(DRAIN);

	d.draining = draining;
	m.body_case = BODY(DRAIN);
	m.drain = &d;
	(void)caller_send(&o->caller, o->of, &m, WRONG_NONE);
}

static void order_pause(struct operator_client *o, const char *peer, bool paused)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(LinkPause) p = PB_INIT(LINK_PAUSE);

	p.peer = (char *)(uintptr_t)peer;
	p.paused = paused;
	m.body_case = BODY(LINK_PAUSE);
	m.link_pause = &p;
	(void)caller_send(&o->caller, o->of, &m, WRONG_NONE);
}

static void mischief(struct operator_client *o)
{
	struct world *w = o->caller.client.w;

	if (!rng_chance(&w->rng, w->opt.garbage)) {
		return;
	}
	if (rng_coin(&w->rng)) {
		order_drain(o, true);
	} else {
		order_pause(o, o->of->svc->reads[0], true);
	}
}

static void look(struct world *w, void *ctx, uint64_t n)
{
	struct operator_client *o = ctx;

	(void)n;
	ask_status(o);
	if (!w->phase_b) {
		mischief(o);
	}
	world_at(w, w->now_us + LOOK_US + rng_below(&w->rng, LOOK_US), look, o, 0);
}

void operator_begin(struct operator_client *o)
{
	struct world *w = o->caller.client.w;

	world_at(w, w->now_us + rng_below(&w->rng, LOOK_US), look, o, 0);
}

static void take_status(struct operator_client *o, const PB(StatusView) *v)
{
	struct world *w = o->caller.client.w;
	bool acts = w->phase_b || rng_coin(&w->rng);

	o->caller.seen_ms[o->of->node] = v->time_ms;
	o->content = !v->clock_alarm && !v->draining;
	for (size_t i = 0; i < v->n_links; i++) {
		o->content = o->content && !v->links[i]->paused;
		if (v->links[i]->paused && acts) {
			order_pause(o, v->links[i]->peer, false);
		}
	}
	if (v->clock_alarm && acts) {
		accept_clock(o);
	}
	if (v->draining && acts) {
		order_drain(o, false);
	}
	o->content_us = w->now_us;
}

static void on_frame(struct client *c, struct daemon *from, const PB(Frame) *f,
		     const PB(Message) *m)
{
	struct operator_client *o = (struct operator_client *)c;

	if (m != NULL && m->body_case == BODY(STATUS_VIEW)) {
		if (from == o->of && m->correlation.len == sizeof(o->question) &&
		    memcmp(m->correlation.data, o->question, sizeof(o->question)) == 0) {
			take_status(o, m->status_view);
		}
		return;
	}
	caller_frame(c, from, f, m);
}

static bool idle(struct client *c)
{
	const struct operator_client *o = (const struct operator_client *)c;

	return caller_idle(c) && o->content &&
	       o->content_us + 3 * LOOK_US > o->caller.client.w->now_us;
}

struct operator_client *operator_new(struct world *w, const char *party, struct daemon *of)
{
	struct operator_client *o = sim_alloc(sizeof(*o));

	caller_init(w, &o->caller, party, ROLE_BIT(OPERATOR));
	o->caller.client.on_frame = on_frame;
	o->caller.client.idle = idle;
	o->of = of;
	return o;
}
