/* SPDX-License-Identifier: EUPL-1.2 */
/* A demo of which the same seed gives the same run. The stores' lotteries follow from the seed (see
 * files_create()); what is left is the order in which the daemons read each other, which is that of
 * the network. Here it is that of the demo: all links are paused, and one at a time is opened until
 * its reader has read what is there. A daemon of a demo steps what is due before it takes the next
 * message (engine_has_room()), so that its turns do not show either. */
#include <string.h>

#include "services/cli/demo_int.h"

/* Nothing is due or under way at a daemon that answers while its links are paused. */
struct behind {
	enum demo_daemon reader;
	const char *peer;
	uint64_t to;
};

static void set_link(struct demo *d, const struct behind *b, bool paused)
{
	PB(LinkPause) p = PB_INIT(LINK_PAUSE);
	PB(Message) m = PB_INIT(MESSAGE);

	p.peer = (char *)(uintptr_t)b->peer;
	p.paused = paused;
	m.body_case = BODY(LINK_PAUSE);
	m.link_pause = &p;
	(void)demo_ask_daemon(d, b->reader, &m);
}

static const char *daemon_name(const struct demo *d, int i)
{
	return d->conf->daemons[i].name;
}

/* The first one that has something to read, in the order of the daemons. */
static bool find_behind(const struct demo *d, const struct demo_trio *t, struct behind *ret_b)
{
	for (int reader = 0; reader < CONF_DAEMONS; reader++) {
		for (int writer = 0; writer < CONF_DAEMONS; writer++) {
			const PB(LinkStatus) *in = demo_link(t->of[reader], daemon_name(d, writer));
			const PB(LinkStatus) *out =
				demo_link(t->of[writer], daemon_name(d, reader));
			if (reader != writer && in != NULL && out != NULL &&
			    in->read_to < out->written_to) {
				*ret_b = (struct behind){ (enum demo_daemon)reader,
							  daemon_name(d, writer), out->written_to };
				return true;
			}
		}
	}
	return false;
}

/* Its answer comes at the end of a turn in which it read. */
static bool has_read(struct demo *d, const struct behind *b)
{
	PB(QueryStatus) q = PB_INIT(QUERY_STATUS);
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(QUERY_STATUS);
	m.query_status = &q;
	const PB(Message) *a = demo_ask_daemon(d, b->reader, &m);
	bool good = a != NULL && a->body_case == BODY(STATUS_VIEW);
	const PB(LinkStatus) *in = good ? demo_link(a->status_view, b->peer) : NULL;

	return !good || in == NULL || in->read_to >= b->to;
}

static void let_read(struct demo *d, const struct behind *b)
{
	set_link(d, b, false);
	for (int i = 0; i < DEMO_SETTLE_TRIES && !demo_stopped(d) && !has_read(d, b); i++) {
		demo_free(d);
	}
	set_link(d, b, true);
	demo_free(d);
}

void demo_exact_settle(struct demo *d)
{
	struct demo_trio t;
	struct behind b = { 0 };

	while (!demo_stopped(d) && demo_trio(d, &t)) {
		for (int k = 0; k < CONF_DAEMONS; k++) {
			d->sequence[k] = t.of[k]->sequence;
		}
		bool any = find_behind(d, &t, &b);
		demo_free(d);
		if (!any) {
			break;
		}
		let_read(d, &b);
	}
	demo_free(d);
	d->unsettled = false;
}

void demo_exact_before(struct demo *d)
{
	struct arena of_message = d->arena;

	if (d->inner != NULL && d->unsettled) {
		demo_settle(d);
		return;
	}
	if (!d->exact || !d->unsettled) {
		return;
	}
	d->arena = d->aside;
	demo_exact_settle(d);
	d->aside = d->arena;
	d->arena = of_message;
}

static bool all_met(const struct demo *d, const struct demo_trio *t)
{
	bool met = true;

	for (int reader = 0; reader < CONF_DAEMONS; reader++) {
		for (int writer = 0; writer < CONF_DAEMONS; writer++) {
			const PB(LinkStatus) *in = demo_link(t->of[reader], daemon_name(d, writer));
			met = met && (reader == writer || (in != NULL && in->connected));
		}
	}
	return met;
}

static void set_all(struct demo *d, bool paused)
{
	for (int reader = 0; reader < CONF_DAEMONS; reader++) {
		for (int writer = 0; writer < CONF_DAEMONS; writer++) {
			struct behind b = { .reader = (enum demo_daemon)reader,
					    .peer = daemon_name(d, writer) };
			if (reader != writer) {
				set_link(d, &b, paused);
				demo_free(d);
			}
		}
	}
}

/* What the daemons tell each other at their first meeting is over before the first pause. */
void demo_exact_begin(struct demo *d)
{
	struct demo_trio t;
	bool met = false;

	d->exact = false;
	for (int i = 0; i < DEMO_SETTLE_TRIES && !met && !demo_stopped(d); i++) {
		met = demo_trio(d, &t) && all_met(d, &t);
		demo_free(d);
		demo_rest();
	}
	demo_settle(d);
	d->exact = true;
	set_all(d, true);
}

/* Whoever opens the node later finds its links as those of any other. */
void demo_exact_end(struct demo *d)
{
	if (d->exact) {
		set_all(d, false);
		d->exact = false;
	}
}
