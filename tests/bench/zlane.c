/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/bench/zlane.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>
#include <zmq.h>

#include "common/client.h"
#include "common/zwatch.h"

/* --- a side --- */

static int fill_side(struct zside *z, const struct conf *conf, const char *daemon,
		     const char *party)
{
	char path[CONF_PATH_MAX];
	struct conf_secret *secret = NULL;
	const struct conf_daemon *d = conf_daemon(conf, daemon);
	const struct conf_party *server = conf_party(conf, daemon);
	int err = d == NULL || server == NULL ? SK_ENOENT : conf_secret_path(conf, party, path);

	if (err == SK_OK) {
		err = conf_secret_read(path, &secret);
	}
	if (err != SK_OK) {
		return err;
	}
	(void)snprintf(z->endpoint, sizeof(z->endpoint), "%s", d->bind);
	(void)snprintf(z->party, sizeof(z->party), "%s", party);
	(void)snprintf(z->server_key, sizeof(z->server_key), "%s", server->key);
	(void)snprintf(z->public_key, sizeof(z->public_key), "%s", secret->public_key);
	(void)snprintf(z->secret_key, sizeof(z->secret_key), "%s", secret->secret_key);
	z->curve = conf->curve;
	z->demo = conf->demo;
	conf_secret_free(secret);
	return SK_OK;
}

/* Also tells that the daemon is there. */
static int learn_time(struct zside *z, const struct conf *conf, const char *daemon)
{
	struct client_net net = { z->zmq };
	struct client *c = NULL;
	uint8_t id[16];
	int err = client_open_node(conf, &net, daemon, z->party, &c);

	if (err == SK_OK) {
		err = client_new_id(c, id);
	}
	if (err == SK_OK) {
		z->time_ms = client_time_ms(c);
	}
	client_close(c);
	return err;
}

static int open_side(struct zside *z, const char *dir, const char *daemon, const char *party)
{
	static struct conf_problems problems;
	struct conf *conf = NULL;
	int err = conf_load(dir, &conf, &problems);

	if (err != SK_OK) {
		(void)fprintf(stderr, "%s", problems.text);
		return err;
	}
	err = fill_side(z, conf, daemon, party);
	if (err == SK_OK) {
		err = learn_time(z, conf, daemon);
	}
	conf_free(conf);
	return err;
}

int zside_open_node(struct zside *z, const struct bench *b)
{
	*z = (struct zside){ .zmq = zmq_ctx_new() };
	int err = z->zmq == NULL || sodium_init() < 0 ? SK_ENOMEM : SK_OK;

	return err != SK_OK ?
		       err :
		       open_side(z, bench_arg(b, "node", "."), bench_arg(b, "daemon", "intake"),
				 bench_arg(b, "party", "clb"));
}

int zside_open_as(struct zside *z, const struct zside *with, const char *dir,
		  const char *daemon_and_party)
{
	char daemon[PARTY_ID_LEN_MAX + 1];
	const char *party = strchr(daemon_and_party, ' ');

	SK_ASSERT(party != NULL);
	(void)snprintf(daemon, sizeof(daemon), "%.*s", (int)(party - daemon_and_party),
		       daemon_and_party);
	*z = (struct zside){ .zmq = with->zmq };
	return open_side(z, dir, daemon, party + 1);
}

void zside_close(struct zside *z)
{
	if (z->zmq != NULL) {
		(void)zmq_ctx_term(z->zmq);
	}
	sodium_memzero(z, sizeof(*z));
}

void *zside_dealer(const struct zside *z)
{
	struct zap_keys keys = { .party = z->party,
				 .public_key = z->public_key,
				 .secret_key = z->secret_key,
				 .server_key = z->server_key,
				 .curve = z->curve };
	void *socket = zmq_socket(z->zmq, ZMQ_DEALER);

	if (socket != NULL && (zap_connect_options(socket, &keys) != SK_OK ||
			       zmq_connect(socket, z->endpoint) != 0)) {
		(void)zmq_close(socket);
		return NULL;
	}
	return socket;
}

bool zside_take(void *socket, zmq_msg_t *ret_msg)
{
	return zwatch_recv(socket, ret_msg);
}

bool zside_wait(void *socket, long wait_ms, zmq_msg_t *ret_msg)
{
	zmq_pollitem_t item = { .socket = socket, .events = ZMQ_POLLIN };

	return zwatch_recv(socket, ret_msg) ||
	       (zmq_poll(&item, 1, wait_ms) > 0 && zwatch_recv(socket, ret_msg));
}

/* --- lanes --- */

struct zlane {
	void *socket;
	uint64_t number[BENCH_WINDOW_MAX]; /* of the requests under way, in their order */
};

static int zlane_open(struct load *l, struct lane *x)
{
	const struct zload *z = l->ctx;
	struct zlane *own = calloc(1, sizeof(*own));
	zmq_pollitem_t item = { .events = ZMQ_POLLOUT };
	size_t len = sizeof(x->fd);

	if (own == NULL) {
		return SK_ENOMEM;
	}
	x->impl = own;
	own->socket = zside_dealer(z->side);
	item.socket = own->socket;
	if (own->socket == NULL || zmq_getsockopt(own->socket, ZMQ_FD, &x->fd, &len) != 0) {
		return SK_ESYS;
	}
	return zmq_poll(&item, 1, ZLANE_OPEN_MS) == 1 ? SK_OK : SK_ETIMEDOUT;
}

static int zlane_send(struct load *l, struct lane *x)
{
	struct zload *z = l->ctx;
	struct zlane *own = x->impl;
	size_t len = z->make(z->ctx, z->next, z->buf);

	if (zmq_send(own->socket, z->buf, len, ZMQ_DONTWAIT) < 0) {
		return errno == EAGAIN || errno == EINTR ? SK_EAGAIN : SK_ESYS;
	}
	own->number[x->sent % BENCH_WINDOW_MAX] = z->next++;
	return SK_OK;
}

static int zlane_take(struct load *l, struct lane *x)
{
	struct zload *z = l->ctx;
	struct zlane *own = x->impl;
	zmq_msg_t msg;
	int taken = 0;
	int rc = 0;

	(void)zmq_msg_init(&msg);
	while (rc >= 0 && zwatch_recv(own->socket, &msg)) {
		struct slice frame = { zmq_msg_data(&msg), zmq_msg_size(&msg) };
		uint64_t at = (x->answered + (uint64_t)taken) % BENCH_WINDOW_MAX;
		rc = z->answer(z->ctx, own->number[at], frame);
		taken += rc > 0 ? rc : 0;
	}
	(void)zmq_msg_close(&msg);
	return rc < 0 ? rc : taken;
}

static void zlane_close(struct lane *x)
{
	struct zlane *own = x->impl;

	if (own != NULL && own->socket != NULL) {
		(void)zmq_close(own->socket);
	}
	free(own);
}

const struct lane_kind zlane_kind = { zlane_open, zlane_send, zlane_take, zlane_close };
