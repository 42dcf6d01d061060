/* SPDX-License-Identifier: EUPL-1.2 */
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <zmq.h>

#include "common/client_private.h"
#include "common/zwatch.h"
#include "services/gateway/gate.h"
#include "services/gateway/up_private.h"

#define RETRY_MAX_MS 3200
#define LOOK_MS 250 /* what could not be sent is tried again */

static void poke(const struct line *l)
{
	uint64_t one = 1;

	if (l->polling) {
		ssize_t n = write(l->wake, &one, sizeof(one));
		(void)n; /* full: it is awake */
	}
}

/* A reader that does not wait for the socket is awake, or was just told that it is the reader. */
static void hail(struct line *l, struct call *c)
{
	if (l->reader == c) {
		poke(l);
	} else {
		(void)pthread_cond_signal(&c->cond);
	}
}

static void finish(struct line *l, struct call **at, int err)
{
	struct call *c = *at;

	*at = c->next;
	c->err = err;
	c->done = true;
	hail(l, c);
}

/* With new keys on a new line: what is under way is sent there again, the same bytes. */
static int stand(struct up *up, struct line *l)
{
	unsigned generation = atomic_load(&up->generation);

	if (l->client != NULL && l->generation == generation) {
		return SK_OK;
	}
	l->wake = l->wake < 0 ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : l->wake;
	if (l->wake < 0) {
		return SK_ESYS;
	}
	client_close(l->client);
	l->client = NULL;
	struct gate_conf *held = gate_conf_get(up->gate);
	const char *daemon = held->conf->daemons[l->daemon].name;
	int err = client_open_node(held->conf, &up->net, daemon, l->party, &l->client);
	gate_conf_put(held);
	l->generation = generation;
	for (struct call *c = l->calls; c != NULL; c = c->next) {
		c->sent = false;
	}
	poke(l);
	return err;
}

static void send_due(struct line *l, uint64_t now_ms)
{
	for (struct call **at = &l->calls; *at != NULL;) {
		struct call *c = *at;
		bool due = !c->sent || now_ms >= c->again_ms;
		int err = due ? client_post(l->client, c->in->message) : SK_OK;
		if (err != SK_OK && err != SK_EAGAIN) {
			finish(l, at, err);
			continue;
		}
		if (due) {
			c->sent = err == SK_OK;
		}
		if (due && c->sent) {
			c->again_ms = now_ms + c->pause_ms;
			c->pause_ms = c->pause_ms < RETRY_MAX_MS ? 2 * c->pause_ms : RETRY_MAX_MS;
		}
		at = &c->next;
	}
}

static void learn_time(struct up *up, unsigned daemon, uint64_t time_ms)
{
	uint64_t known = atomic_load(&up->time_ms[daemon]);

	while (time_ms > known &&
	       !atomic_compare_exchange_weak(&up->time_ms[daemon], &known, time_ms)) {
	}
}

static void take_answer(struct up *up, struct line *l, struct slice m)
{
	struct client_envelope e = { 0 };

	if (!client_peek(m, &e) || e.correlation == NULL) {
		return;
	}
	learn_time(up, l->daemon, e.time_ms);
	for (struct call **at = &l->calls; *at != NULL; at = &(*at)->next) {
		struct call *c = *at;
		if (memcmp(c->id, e.correlation, sizeof(c->id)) == 0) {
			memcpy(c->buf, m.data, m.len);
			c->len = m.len;
			finish(l, at, SK_OK);
			return;
		}
	}
}

static void read_all(struct up *up, struct line *l)
{
	struct slice m;

	while (zwatch_is_readable(client_socket(l->client)) &&
	       client_next(l->client, 0, &m) == SK_OK) {
		take_answer(up, l, m);
	}
}

/* All that can be done without waiting. The first look also learns that a connection stands. */
static int turn(struct up *up, struct line *l)
{
	int err = stand(up, l);

	if (err == SK_OK) {
		read_all(up, l);
		send_due(l, client_clock_ms());
		read_all(up, l);
		if (client_socket(l->client) != l->watched) {
			poke(l); /* one that was dead is replaced as something is sent */
		}
	}
	return err;
}

/* Without the lock: a descriptor that is closed meanwhile wakes nobody, but its closer pokes. */
static void listen_to(struct line *l, int wait_ms)
{
	uint64_t count;
	int fd = -1;
	size_t len = sizeof(fd);

	l->watched = client_socket(l->client);
	int rc = zmq_getsockopt(l->watched, ZMQ_FD, &fd, &len);
	SK_ASSERT(rc == 0);
	struct pollfd at[] = { { .fd = fd, .events = POLLIN },
			       { .fd = l->wake, .events = POLLIN } };
	l->polling = true;
	(void)pthread_mutex_unlock(&l->lock);
	int n = poll(at, SK_LEN(at), wait_ms);
	(void)pthread_mutex_lock(&l->lock);
	l->polling = false;
	if (n > 0 && at[1].revents != 0) {
		ssize_t got = read(l->wake, &count, sizeof(count));
		(void)got;
	}
}

static void doze(struct line *l, struct call *c, int wait_ms)
{
	struct timespec t;
	int rc = clock_gettime(CLOCK_MONOTONIC, &t);

	SK_ASSERT(rc == 0);
	t.tv_sec += wait_ms / 1000;
	t.tv_nsec += wait_ms % 1000 * 1000000L;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	(void)pthread_cond_clockwait(&c->cond, &l->lock, CLOCK_MONOTONIC, &t);
}

static void wait_turn(struct line *l, struct call *c)
{
	uint64_t now_ms = client_clock_ms();
	uint64_t next_ms = c->sent ? c->again_ms : now_ms + LOOK_MS;
	next_ms = next_ms < c->until_ms ? next_ms : c->until_ms;
	int wait_ms = next_ms > now_ms ? (int)(next_ms - now_ms) : 0;

	l->reader = l->reader == NULL ? c : l->reader;
	if (l->reader == c) {
		listen_to(l, wait_ms);
	} else {
		doze(l, c, wait_ms);
	}
}

static void leave_line(struct line *l, struct call *c)
{
	struct call **at = &l->calls;

	while (*at != NULL && *at != c) {
		at = &(*at)->next;
	}
	*at = *at == c ? c->next : *at;
	if (l->reader == c) {
		l->reader = l->calls;
		if (l->reader != NULL) {
			(void)pthread_cond_signal(&l->reader->cond);
		}
	}
}

int up_converse(struct up *up, struct line *l, struct call *c)
{
	int err = SK_OK;

	(void)pthread_mutex_lock(&l->lock);
	c->next = l->calls;
	l->calls = c;
	for (;;) {
		err = turn(up, l);
		if (c->done) {
			err = c->err;
			break;
		}
		if (err != SK_OK) {
			break;
		}
		if (atomic_load(&up->ending) || client_clock_ms() >= c->until_ms) {
			err = SK_ETIMEDOUT;
			break;
		}
		wait_turn(l, c);
	}
	leave_line(l, c);
	(void)pthread_mutex_unlock(&l->lock);
	return err;
}

void up_rouse(struct up *up)
{
	for (size_t i = 0; i < UP_LINES_MAX; i++) {
		struct line *l = &up->line[i];
		(void)pthread_mutex_lock(&l->lock);
		for (struct call *c = l->calls; c != NULL; c = c->next) {
			hail(l, c);
		}
		(void)pthread_mutex_unlock(&l->lock);
	}
}
