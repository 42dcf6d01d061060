/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/up.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

#include "common/client_private.h"
#include "services/gateway/up_private.h"

#define SWEEP_MS 1000

/* --- the table, under its lock --- */

static void close_line(struct line *l)
{
	client_close(l->client);
	l->client = NULL;
	l->party[0] = '\0';
	if (l->wake >= 0) {
		(void)close(l->wake);
		l->wake = -1;
	}
}

static void close_unused(struct up *up, uint64_t idle_ms)
{
	uint64_t now_ms = client_clock_ms();

	up->swept_ms = now_ms;
	for (size_t i = 0; i < UP_LINES_MAX; i++) {
		struct line *l = &up->line[i];
		if (l->users == 0 && l->client != NULL && now_ms - l->used_ms >= idle_ms) {
			close_line(l);
		}
	}
}

/* The line of that party and daemon, a free one, or the one that was idle longest. */
static struct line *line_for(struct up *up, const struct up_call *in)
{
	struct line *best = NULL;

	for (size_t i = 0; i < UP_LINES_MAX; i++) {
		struct line *l = &up->line[i];
		if (l->daemon == in->daemon && strcmp(l->party, in->party) == 0) {
			return l;
		}
		if (l->users == 0 &&
		    (best == NULL ||
		     (best->client != NULL && (l->client == NULL || l->used_ms < best->used_ms)))) {
			best = l;
		}
	}
	if (best != NULL) {
		best->generation = 0; /* another's: its next user opens it anew */
		name_copy(best->party, in->party);
		best->daemon = in->daemon;
	}
	return best;
}

static bool has_room(const struct up *up, const struct up_call *in)
{
	return in->waiting_most == 0 || up->status[in->daemon].waiting < in->waiting_most;
}

static int take_line(struct up *up, struct call *c, struct line **ret_line)
{
	struct line *l = NULL;
	uint64_t now_ms = client_clock_ms();

	(void)pthread_mutex_lock(&up->lock);
	if (now_ms - up->swept_ms >= SWEEP_MS) {
		close_unused(up, UP_IDLE_MS);
	}
	if (!atomic_load(&up->ending) && up->under_way < UP_CALLS_MAX && has_room(up, c->in)) {
		l = line_for(up, c->in);
	}
	if (l != NULL && c->in->own_most > 0 && l->users >= c->in->own_most) {
		l = NULL;
	}
	if (l != NULL) {
		l->users++;
		up->under_way++;
		up->status[c->in->daemon].calls++;
		up->status[c->in->daemon].waiting++;
		c->until_ms = now_ms + c->in->timeout_ms;
		*ret_line = l;
	}
	(void)pthread_mutex_unlock(&up->lock);
	return l == NULL ? SK_EBUSY : SK_OK;
}

static void put_line(struct up *up, struct line *l, int err)
{
	struct up_status *s = &up->status[l->daemon];
	uint64_t now_ms = client_clock_ms();

	(void)pthread_mutex_lock(&up->lock);
	l->users--;
	l->used_ms = now_ms;
	s->waiting--;
	s->timeouts += err == SK_ETIMEDOUT;
	s->heard_ms = err == SK_OK ? now_ms : s->heard_ms;
	up->under_way--;
	if (up->under_way == 0) {
		(void)pthread_cond_broadcast(&up->gone);
	}
	(void)pthread_mutex_unlock(&up->lock);
}

/* --- for others --- */

int up_open(struct gate *gate, struct up **ret_up)
{
	struct up *up = calloc(1, sizeof(*up));

	if (up == NULL) {
		return SK_ENOMEM;
	}
	up->gate = gate;
	atomic_init(&up->generation, 1);
	(void)pthread_mutex_init(&up->lock, NULL);
	(void)pthread_cond_init(&up->gone, NULL);
	for (size_t i = 0; i < UP_LINES_MAX; i++) {
		(void)pthread_mutex_init(&up->line[i].lock, NULL);
		up->line[i].wake = -1;
	}
	int err = client_net_open(&up->net);
	if (err != SK_OK) {
		up_close(up);
		return err;
	}
	(void)zmq_ctx_set(up->net.zmq, ZMQ_MAX_SOCKETS, UP_LINES_MAX + 64);
	*ret_up = up;
	return SK_OK;
}

void up_end(struct up *up)
{
	if (up != NULL) {
		atomic_store(&up->ending, true);
		up_rouse(up);
	}
}

void up_close(struct up *up)
{
	if (up == NULL) {
		return;
	}
	up_end(up);
	(void)pthread_mutex_lock(&up->lock);
	while (up->under_way > 0) {
		(void)pthread_cond_wait(&up->gone, &up->lock);
	}
	for (size_t i = 0; i < UP_LINES_MAX; i++) {
		close_line(&up->line[i]);
	}
	(void)pthread_mutex_unlock(&up->lock);
	for (size_t i = 0; i < UP_LINES_MAX; i++) {
		(void)pthread_mutex_destroy(&up->line[i].lock);
	}
	client_net_close(&up->net);
	(void)pthread_cond_destroy(&up->gone);
	(void)pthread_mutex_destroy(&up->lock);
	free(up);
}

int up_call(struct up *up, const struct up_call *call, uint8_t *ret_buf, size_t *ret_len)
{
	struct client_envelope e = { 0 };
	struct line *l = NULL;
	struct call c = { .in = call, .buf = ret_buf, .pause_ms = CLIENT_RETRY_FIRST_MS };

	SK_ASSERT(call->daemon < CONF_DAEMONS);
	if (!client_peek(call->message, &e) || e.id == NULL) {
		return SK_EINVAL;
	}
	memcpy(c.id, e.id, sizeof(c.id));
	int err = take_line(up, &c, &l);
	if (err != SK_OK) {
		return err;
	}
	(void)pthread_cond_init(&c.cond, NULL);
	err = up_converse(up, l, &c);
	(void)pthread_cond_destroy(&c.cond);
	put_line(up, l, err);
	if (err == SK_OK) {
		*ret_len = c.len;
	}
	return err;
}

uint64_t up_time_ms(const struct up *up, unsigned daemon)
{
	return atomic_load(&up->time_ms[daemon]);
}

void up_status(struct up *up, unsigned daemon, struct up_status *ret_status)
{
	(void)pthread_mutex_lock(&up->lock);
	*ret_status = up->status[daemon];
	(void)pthread_mutex_unlock(&up->lock);
}

void up_renew(struct up *up)
{
	(void)atomic_fetch_add(&up->generation, 1);
	(void)pthread_mutex_lock(&up->lock);
	close_unused(up, 0);
	(void)pthread_mutex_unlock(&up->lock);
	up_rouse(up);
}

void up_sweep(struct up *up)
{
	(void)pthread_mutex_lock(&up->lock);
	close_unused(up, UP_IDLE_MS);
	(void)pthread_mutex_unlock(&up->lock);
}
