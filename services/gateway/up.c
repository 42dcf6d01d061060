/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/up.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <zmq.h>

#include "common/client_private.h"
#include "common/logging.h"

#define RETRY_MAX_MS 3200
#define POLL_MAX_MS 250

/* A call belongs to the thread that waits for it; the lock guards state and links. */
struct call {
	const struct up_call *in;
	uint8_t id[16];
	struct call *next;
	struct call *other, **other_at; /* of all that wait, under the lock */
	bool sent;
	uint64_t again_ms;
	uint64_t pause_ms;
	uint64_t until_ms;
	uint8_t *buf;
	size_t len;
	int err;
	bool done;
	pthread_cond_t cond;
};

struct line {
	struct client *client; /* NULL: free */
	char party[PARTY_ID_LEN_MAX + 1];
	unsigned daemon;
	uint64_t generation; /* of the configuration with whose keys it was opened */
	uint64_t used_ms;
	struct call *calls;
};

struct up {
	pthread_t thread;
	bool started;
	pthread_mutex_t lock;
	int wake;
	struct call *fresh; /* newest first */
	struct call *waiting;
	bool ending;
	uint64_t generation;
	struct client_net net;
	struct up_status status[CONF_DAEMONS];
	size_t under_way;
	_Atomic uint64_t time_ms[CONF_DAEMONS];
	/* the thread's own */
	struct line line[UP_LINES_MAX];
	zmq_pollitem_t item[UP_LINES_MAX + 1];
	struct line *of_item[UP_LINES_MAX + 1];
};

static void wake(struct up *up)
{
	uint64_t one = 1;
	ssize_t n = write(up->wake, &one, sizeof(one));
	(void)n; /* full: it is awake */
}

/* --- the thread --- */

static void finish(struct up *up, struct call *c, int err)
{
	struct up_status *s = &up->status[c->in->daemon];

	(void)pthread_mutex_lock(&up->lock);
	c->err = err;
	c->done = true;
	*c->other_at = c->other;
	if (c->other != NULL) {
		c->other->other_at = c->other_at;
	}
	s->waiting--;
	s->timeouts += err == SK_ETIMEDOUT;
	up->under_way--;
	(void)pthread_cond_signal(&c->cond);
	(void)pthread_mutex_unlock(&up->lock);
}

static void close_line(struct up *up, struct line *l, int err)
{
	while (l->calls != NULL) {
		struct call *c = l->calls;
		l->calls = c->next;
		finish(up, c, err);
	}
	client_close(l->client);
	*l = (struct line){ 0 };
}

/* Keys that have changed are another line: what is under way on the old one ends there. */
static bool is_line_of(const struct line *l, const struct up_call *in)
{
	return l->client != NULL && l->daemon == in->daemon && l->generation == in->generation &&
	       strcmp(l->party, in->party) == 0;
}

/* The line of that party and daemon, a free one, or the one that was idle longest. */
static struct line *line_for(struct up *up, const struct up_call *in)
{
	struct line *best = NULL;

	for (size_t i = 0; i < UP_LINES_MAX; i++) {
		struct line *l = &up->line[i];
		if (is_line_of(l, in)) {
			return l;
		}
		bool idle = l->client == NULL || l->calls == NULL;
		if (idle && (best == NULL || (best->client != NULL &&
					      (l->client == NULL || l->used_ms < best->used_ms)))) {
			best = l;
		}
	}
	return best;
}

static int open_line(struct up *up, const struct up_call *in, struct line **ret_line)
{
	struct line *l = line_for(up, in);
	const char *daemon = in->conf->daemons[in->daemon].name;

	if (l == NULL) {
		return SK_EBUSY;
	}
	if (!is_line_of(l, in)) {
		close_line(up, l, SK_ETIMEDOUT);
		int err = client_open_node(in->conf, &up->net, daemon, in->party, &l->client);
		if (err != SK_OK) {
			return err;
		}
		name_copy(l->party, in->party);
		l->daemon = in->daemon;
		l->generation = in->generation;
	}
	*ret_line = l;
	return SK_OK;
}

static void take_fresh(struct up *up, uint64_t now_ms)
{
	(void)pthread_mutex_lock(&up->lock);
	struct call *list = up->fresh;
	up->fresh = NULL;
	(void)pthread_mutex_unlock(&up->lock);
	while (list != NULL) {
		struct call *c = list;
		struct line *l = NULL;
		list = c->next;
		int err = open_line(up, c->in, &l);
		if (err != SK_OK) {
			finish(up, c, err);
			continue;
		}
		c->until_ms = now_ms + c->in->timeout_ms;
		c->again_ms = now_ms;
		c->pause_ms = CLIENT_RETRY_FIRST_MS;
		c->next = l->calls;
		l->calls = c;
		l->used_ms = now_ms;
	}
}

/* Sends what is due, and ends what is over. */
static void tend_line(struct up *up, struct line *l, uint64_t now_ms)
{
	for (struct call **at = &l->calls; *at != NULL;) {
		struct call *c = *at;
		if (now_ms >= c->until_ms) {
			*at = c->next;
			finish(up, c, SK_ETIMEDOUT);
			continue;
		}
		if (now_ms >= c->again_ms && client_post(l->client, c->in->message) == SK_OK) {
			c->sent = true;
			c->again_ms = now_ms + c->pause_ms;
			c->pause_ms = c->pause_ms < RETRY_MAX_MS ? 2 * c->pause_ms : RETRY_MAX_MS;
		}
		at = &c->next;
	}
}

static void take_answer(struct up *up, struct line *l, struct slice m, uint64_t now_ms)
{
	struct client_envelope e = { 0 };

	if (!client_peek(m, &e) || e.correlation == NULL) {
		return;
	}
	if (e.time_ms > atomic_load(&up->time_ms[l->daemon])) {
		atomic_store(&up->time_ms[l->daemon], e.time_ms);
	}
	for (struct call **at = &l->calls; *at != NULL; at = &(*at)->next) {
		struct call *c = *at;
		if (memcmp(c->id, e.correlation, sizeof(c->id)) != 0) {
			continue;
		}
		*at = c->next;
		memcpy(c->buf, m.data, m.len);
		c->len = m.len;
		(void)pthread_mutex_lock(&up->lock);
		up->status[l->daemon].heard_ms = now_ms;
		(void)pthread_mutex_unlock(&up->lock);
		finish(up, c, SK_OK);
		return;
	}
}

static void read_line(struct up *up, struct line *l, uint64_t now_ms)
{
	struct slice m;

	while (client_next(l->client, 0, &m) == SK_OK) {
		take_answer(up, l, m, now_ms);
	}
}

/* @return how many items there are to poll; @p ret_wait_ms until the next that is due. */
static size_t gather(struct up *up, uint64_t now_ms, long *ret_wait_ms)
{
	size_t n = 1;
	uint64_t first = now_ms + POLL_MAX_MS;

	up->item[0] = (zmq_pollitem_t){ .fd = up->wake, .events = ZMQ_POLLIN };
	for (size_t i = 0; i < UP_LINES_MAX; i++) {
		struct line *l = &up->line[i];
		short events = ZMQ_POLLIN;
		if (l->client == NULL || l->calls == NULL) {
			continue;
		}
		for (const struct call *c = l->calls; c != NULL; c = c->next) {
			uint64_t next = c->until_ms;
			if (!c->sent) {
				events = ZMQ_POLLIN | ZMQ_POLLOUT;
			} else if (c->again_ms < next) {
				next = c->again_ms;
			}
			first = next < first ? next : first;
		}
		up->of_item[n] = l;
		up->item[n++] =
			(zmq_pollitem_t){ .socket = client_socket(l->client), .events = events };
	}
	*ret_wait_ms = first > now_ms ? (long)(first - now_ms) : 0;
	return n;
}

static void sweep(struct up *up, uint64_t now_ms)
{
	(void)pthread_mutex_lock(&up->lock);
	uint64_t generation = up->generation;
	(void)pthread_mutex_unlock(&up->lock);
	for (size_t i = 0; i < UP_LINES_MAX; i++) {
		struct line *l = &up->line[i];
		bool over = l->generation < generation || now_ms - l->used_ms >= UP_IDLE_MS;
		if (l->client != NULL && l->calls == NULL && over) {
			close_line(up, l, SK_ETIMEDOUT);
		}
	}
}

static bool is_ending(struct up *up)
{
	(void)pthread_mutex_lock(&up->lock);
	bool ending = up->ending;
	(void)pthread_mutex_unlock(&up->lock);
	return ending;
}

static void serve(struct up *up)
{
	long wait_ms = 0;
	uint64_t count;
	uint64_t now_ms = client_clock_ms();

	sweep(up, now_ms);
	take_fresh(up, now_ms);
	for (size_t i = 0; i < UP_LINES_MAX; i++) {
		if (up->line[i].calls != NULL) {
			tend_line(up, &up->line[i], now_ms);
		}
	}
	size_t n = gather(up, now_ms, &wait_ms);
	int rc = zmq_poll(up->item, (int)n, wait_ms);
	if (rc <= 0) {
		return;
	}
	if ((up->item[0].revents & ZMQ_POLLIN) != 0) {
		ssize_t got = read(up->wake, &count, sizeof(count));
		(void)got;
	}
	now_ms = client_clock_ms();
	for (size_t i = 1; i < n; i++) {
		if ((up->item[i].revents & ZMQ_POLLIN) != 0) {
			read_line(up, up->of_item[i], now_ms);
		}
	}
}

static void *run(void *ctx)
{
	struct up *up = ctx;

	while (!is_ending(up)) {
		serve(up);
	}
	take_fresh(up, client_clock_ms());
	for (size_t i = 0; i < UP_LINES_MAX; i++) {
		close_line(up, &up->line[i], SK_ETIMEDOUT);
	}
	return NULL;
}

/* --- for others --- */

int up_open(struct up **ret_up)
{
	struct up *up = calloc(1, sizeof(*up));

	if (up == NULL) {
		return SK_ENOMEM;
	}
	(void)pthread_mutex_init(&up->lock, NULL);
	up->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int err = up->wake < 0 ? SK_ESYS : client_net_open(&up->net);
	if (err == SK_OK) {
		(void)zmq_ctx_set(up->net.zmq, ZMQ_MAX_SOCKETS, UP_LINES_MAX + 64);
		up->started = pthread_create(&up->thread, NULL, run, up) == 0;
		err = up->started ? SK_OK : SK_ESYS;
	}
	if (err != SK_OK) {
		up_close(up);
		return err;
	}
	*ret_up = up;
	return SK_OK;
}

void up_close(struct up *up)
{
	if (up == NULL) {
		return;
	}
	if (up->started) {
		(void)pthread_mutex_lock(&up->lock);
		up->ending = true;
		(void)pthread_mutex_unlock(&up->lock);
		wake(up);
		(void)pthread_join(up->thread, NULL);
	}
	client_net_close(&up->net);
	if (up->wake >= 0) {
		(void)close(up->wake);
	}
	(void)pthread_mutex_destroy(&up->lock);
	free(up);
}

static int hand_over(struct up *up, struct call *c)
{
	int err = SK_EBUSY;

	(void)pthread_mutex_lock(&up->lock);
	if (!up->ending && up->under_way < UP_CALLS_MAX) {
		up->under_way++;
		up->status[c->in->daemon].calls++;
		up->status[c->in->daemon].waiting++;
		c->other = up->waiting;
		c->other_at = &up->waiting;
		if (c->other != NULL) {
			c->other->other_at = &c->other;
		}
		up->waiting = c;
		c->next = up->fresh;
		up->fresh = c;
		err = SK_OK;
	}
	(void)pthread_mutex_unlock(&up->lock);
	if (err == SK_OK) {
		wake(up);
	}
	return err;
}

int up_call(struct up *up, const struct up_call *call, uint8_t *ret_buf, size_t *ret_len)
{
	struct client_envelope e = { 0 };
	struct call c = { .in = call, .buf = ret_buf };

	SK_ASSERT(call->daemon < CONF_DAEMONS);
	if (!client_peek(call->message, &e) || e.id == NULL) {
		return SK_EINVAL;
	}
	memcpy(c.id, e.id, sizeof(c.id));
	(void)pthread_cond_init(&c.cond, NULL);
	int err = hand_over(up, &c);
	if (err == SK_OK) {
		(void)pthread_mutex_lock(&up->lock);
		while (!c.done) {
			(void)pthread_cond_wait(&c.cond, &up->lock);
		}
		(void)pthread_mutex_unlock(&up->lock);
		err = c.err;
		*ret_len = c.len;
	}
	(void)pthread_cond_destroy(&c.cond);
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

uint64_t up_waiting(struct up *up, unsigned daemon, const char *party)
{
	uint64_t n = 0;

	(void)pthread_mutex_lock(&up->lock);
	for (const struct call *c = up->waiting; c != NULL; c = c->other) {
		n += c->in->daemon == daemon && strcmp(c->in->party, party) == 0;
	}
	(void)pthread_mutex_unlock(&up->lock);
	return n;
}

void up_renew(struct up *up, uint64_t generation)
{
	(void)pthread_mutex_lock(&up->lock);
	up->generation = generation;
	(void)pthread_mutex_unlock(&up->lock);
	wake(up);
}
