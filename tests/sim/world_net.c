/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/world.h"

/* Per directed link: latency, loss, duplication, reordering, cuts. A reset drops what is under way,
 * both ways, as a connection that broke does. */

static void deliver(struct world *w, void *ctx, uint64_t n)
{
	struct packet *p = ctx;
	struct daemon *d = world_node_daemon(w, p->to);

	(void)n;
	if (w->cut[p->from][p->to] || p->epoch != w->epoch[p->from][p->to]) {
		free(p);
		return;
	}
	if (d != NULL) {
		daemon_take(d, p);
		return;
	}
	struct client *c = w->client[p->to - DAEMONS_MAX];
	struct daemon *from = world_node_daemon(w, p->from);
	PB(Frame) *f = schakel__v1__frame__unpack(NULL, p->len, p->bytes);
	SK_ASSERT(f != NULL && from != NULL); /* our own engine packed it */
	PB(Message) *m = f->message.len == 0 ? NULL :
					       schakel__v1__message__unpack(NULL, f->message.len,
									    f->message.data);
	SK_ASSERT(m != NULL || f->message.len == 0);
	c->on_frame(c, from, f, m);
	if (m != NULL) {
		schakel__v1__message__free_unpacked(m, NULL);
	}
	schakel__v1__frame__free_unpacked(f, NULL);
	free(p);
}

static uint64_t latency(struct world *w)
{
	uint64_t us = w->opt.latency_us + rng_below(&w->rng, w->opt.latency_us);

	if (rng_chance(&w->rng, w->opt.reorder)) {
		us += rng_below(&w->rng, 20 * (uint64_t)w->opt.latency_us + 1000);
	}
	return us;
}

static void put_under_way(struct world *w, const struct packet *head, struct slice bytes,
			  uint64_t lag_us)
{
	struct packet *p = sim_alloc(sizeof(*p) + bytes.len);

	*p = *head;
	memcpy(p->bytes, bytes.data, bytes.len);
	struct event e = { .at_us = w->now_us + lag_us + latency(w) };
	world_at_owned(w, e.at_us, deliver, p);
}

void net_send(struct world *w, int from, int to, bool answer, struct slice bytes)
{
	const struct daemon *d = world_node_daemon(w, from);
	uint64_t lag_us = d == NULL ? 0 : d->lag_us;
	struct packet head = { .from = from,
			       .to = to,
			       .answer = answer,
			       .len = bytes.len,
			       .epoch = w->epoch[from][to] };

	w->trace_hash = hash64(w->trace_hash, bytes.data, bytes.len);
	if (w->cut[from][to] || rng_chance(&w->rng, w->opt.loss)) {
		return;
	}
	put_under_way(w, &head, bytes, lag_us);
	if (rng_chance(&w->rng, w->opt.duplicate)) {
		put_under_way(w, &head, bytes, lag_us);
	}
}

void client_send_bytes(struct client *c, struct daemon *to, struct slice bytes)
{
	net_send(c->w, c->node, to->node, false, bytes);
}

void client_send(struct client *c, struct daemon *to, const PB(Frame) *f)
{
	size_t len = schakel__v1__frame__get_packed_size(f);
	uint8_t *buf = sim_alloc(len);

	(void)schakel__v1__frame__pack(f, buf);
	client_send_bytes(c, to, (struct slice){ buf, len });
	free(buf);
}

void net_reset(struct world *w, int node)
{
	for (int i = 0; i < NODES_MAX; i++) {
		w->epoch[node][i]++;
		w->epoch[i][node]++;
	}
}
