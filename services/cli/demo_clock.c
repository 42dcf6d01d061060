/* SPDX-License-Identifier: EUPL-1.2 */
/* The clock of the demo node: moved for the three daemons alike, and only when each of them has
 * read all that the others wrote, so that no message arrives hours after it was sent. */
#include <string.h>
#include <time.h>

#include "services/cli/demo_int.h"

#define PAUSE_NS 300000
#define READY_TRIES 15

void demo_advance(struct demo *d, uint64_t to_ms)
{
	PB(ClockAdvance) a = PB_INIT(CLOCK_ADVANCE);
	PB(Message) m[CONF_DAEMONS];
	PB(Message) *at[CONF_DAEMONS];
	PB(Message) *answer[CONF_DAEMONS];

	a.to_ms = to_ms;
	for (int i = 0; i < CONF_DAEMONS; i++) {
		schakel__v1__message__init(&m[i]);
		m[i].body_case = BODY(CLOCK_ADVANCE);
		m[i].clock_advance = &a;
		at[i] = &m[i];
	}
	(void)demo_ask_all(d, at, answer);
	demo_free(d);
	d->clocks++;
	d->unsettled = true;
	d->now_ms = to_ms > d->now_ms ? to_ms : d->now_ms;
}

bool demo_trio(struct demo *d, struct demo_trio *ret_t)
{
	PB(QueryStatus) q = PB_INIT(QUERY_STATUS);
	PB(Message) m[CONF_DAEMONS];
	PB(Message) *at[CONF_DAEMONS];
	PB(Message) *answer[CONF_DAEMONS];

	for (int i = 0; i < CONF_DAEMONS; i++) {
		schakel__v1__message__init(&m[i]);
		m[i].body_case = BODY(QUERY_STATUS);
		m[i].query_status = &q;
		at[i] = &m[i];
	}
	if (!demo_ask_all(d, at, answer)) {
		return false;
	}
	for (int i = 0; i < CONF_DAEMONS; i++) {
		if (answer[i]->body_case != BODY(STATUS_VIEW)) {
			return false;
		}
		ret_t->of[i] = answer[i]->status_view;
	}
	return true;
}

const PB(LinkStatus) *demo_link(const PB(StatusView) *v, const char *peer)
{
	for (size_t i = 0; i < v->n_links; i++) {
		if (strcmp(v->links[i]->peer, peer) == 0) {
			return v->links[i];
		}
	}
	return NULL;
}

/* Each daemon has read to the end what each other one had written. */
static bool all_read(const struct demo_trio *t)
{
	for (int reader = 0; reader < CONF_DAEMONS; reader++) {
		for (int writer = 0; writer < CONF_DAEMONS; writer++) {
			const PB(LinkStatus) *in = demo_link(t->of[reader], t->of[writer]->daemon);
			const PB(LinkStatus) *out = demo_link(t->of[writer], t->of[reader]->daemon);
			bool behind = in != NULL && out != NULL && in->read_to < out->written_to;
			if (reader != writer && behind && !in->paused) {
				return false;
			}
		}
	}
	return true;
}

void demo_rest(void)
{
	struct timespec t = { .tv_nsec = PAUSE_NS };

	(void)nanosleep(&t, NULL);
}

static void settle_inner(struct demo *d)
{
	bool planned = false;
	int err = inner_settle(d->inner);

	if (err == SK_OK) {
		err = inner_plan(d->inner, &planned);
	}
	if (err == SK_OK && planned) {
		err = inner_settle(d->inner);
	}
	if (err != SK_OK) {
		demo_fail(d, cli_fail(d->cli, "demo", err));
	}
	for (size_t k = 0; k < CONF_DAEMONS; k++) {
		d->sequence[k] = inner_sequence(d->inner, k);
	}
	d->unsettled = false;
}

/* A daemon with something due takes a Tick in each turn, and answers once a turn; one that reads a
 * message moves on too. Two rounds with the same sequences, all of the second asked after all of
 * the first were answered, mean that nothing was due and nothing under way in between. */
void demo_settle(struct demo *d)
{
	uint64_t before[CONF_DAEMONS] = { UINT64_MAX, UINT64_MAX, UINT64_MAX };
	struct demo_trio t;

	if (d->exact) {
		demo_exact_settle(d);
		return;
	}
	if (d->inner != NULL) {
		settle_inner(d);
		return;
	}
	for (int i = 0; i < DEMO_SETTLE_TRIES && !demo_stopped(d) && demo_trio(d, &t); i++) {
		bool same = true;
		for (int k = 0; k < CONF_DAEMONS; k++) {
			same = same && before[k] == t.of[k]->sequence;
			before[k] = t.of[k]->sequence;
			d->sequence[k] = t.of[k]->sequence;
		}
		bool settled = same && all_read(&t);
		demo_free(d);
		if (settled) {
			return;
		}
		demo_rest();
	}
	demo_free(d);
}

bool demo_wait_ready(struct demo *d)
{
	struct demo_trio t;
	uint64_t latest = 0;

	for (int i = 0; i < READY_TRIES && d->rc == CLI_DONE && !demo_stopped(d); i++) {
		if (demo_trio(d, &t)) {
			for (int k = 0; k < CONF_DAEMONS; k++) {
				latest = t.of[k]->time_ms > latest ? t.of[k]->time_ms : latest;
			}
			d->now_ms = latest;
			demo_free(d);
			return true;
		}
	}
	demo_free(d);
	return false;
}
