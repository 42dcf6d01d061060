/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/svc_private.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define ROUTING_ID_LEN 5         /* of an id that a ROUTER makes: a zero byte and 32 bits */
#define HANDLE_MARK (1ULL << 32) /* so that no handle is 0 */
#define USER_ID "User-Id"
/* So many frames that do not decode, in a minute and on one connection, and it is not listened to
 * for the next minute: its frames cost nobody else a decoding. What decodes and is refused by a
 * rule is answered, and counts for nothing here. */
#define REJECTS_MAX 5
#define REJECTS_MS 60000

/* --- connections: a set-associative table; the engine forgets a reader that falls out --- */

static struct svc_conn *conn_set(struct svc *s, uint64_t handle)
{
	return s->conns[handle % SVC_CONN_SETS];
}

static struct svc_conn *conn_find(struct svc *s, uint64_t handle)
{
	struct svc_conn *set = conn_set(s, handle);
	for (size_t i = 0; i < SVC_CONN_WAYS; i++) {
		if (set[i].handle == handle) {
			return &set[i];
		}
	}
	return NULL;
}

static void conn_forget(struct svc *s, struct svc_conn *conn)
{
	uint64_t handle = conn->handle;
	conn->handle = 0;
	if (handle != 0 && s->engine != NULL) {
		engine_conn_closed(s->engine, handle);
	}
}

static struct svc_conn *conn_oldest(struct svc *s, uint64_t handle)
{
	struct svc_conn *set = conn_set(s, handle);
	struct svc_conn *oldest = &set[0];
	for (size_t i = 0; i < SVC_CONN_WAYS; i++) {
		if (set[i].handle == 0) {
			return &set[i];
		}
		if (set[i].used_ms < oldest->used_ms) {
			oldest = &set[i];
		}
	}
	return oldest;
}

/* Another party on the same routing id is another connection. */
static struct svc_conn *conn_seen(struct svc *s, uint64_t handle, const char *party)
{
	struct svc_conn *conn = conn_find(s, handle);
	if (conn == NULL || strcmp(conn->party, party) != 0) {
		conn = conn == NULL ? conn_oldest(s, handle) : conn;
		conn_forget(s, conn);
		*conn = (struct svc_conn){ .handle = handle };
		(void)snprintf(conn->party, sizeof(conn->party), "%s", party);
	}
	conn->used_ms = uv_now(&s->loop);
	return conn;
}

static void conn_rejected(struct svc *s, struct svc_conn *conn)
{
	uint64_t now_ms = uv_now(&s->loop);
	if (conn->muted_until_ms > now_ms) {
		return; /* told already */
	}
	if (conn->rejects == 0 || now_ms - conn->rejects_ms >= REJECTS_MS) {
		conn->rejects = 0;
		conn->rejects_ms = now_ms;
	}
	conn->rejects++;
	if (conn->rejects < REJECTS_MAX) {
		return;
	}
	conn->rejects = 0;
	conn->muted_until_ms = now_ms + REJECTS_MS;
	svc_log(LOG_WARNING, "muted", "party=%s seconds=%d hint=\"%d frames did not decode\"",
		conn->party, REJECTS_MS / 1000, REJECTS_MAX);
}

void svc_net_sweep(struct svc *s, bool revoked)
{
	uint64_t now_ms = uv_now(&s->loop);
	for (size_t i = 0; i < SVC_CONN_SETS; i++) {
		for (size_t j = 0; j < SVC_CONN_WAYS; j++) {
			struct svc_conn *conn = &s->conns[i][j];
			/* After a change of the table every connection shows its key anew. */
			if (conn->handle != 0 &&
			    (revoked || now_ms - conn->used_ms > SVC_CONN_IDLE_MS)) {
				conn_forget(s, conn);
			}
		}
	}
}

/* --- receiving --- */

/* Who sent it, by the table of now: a key taken out of it loses its connections too. */
static const struct conf_party *sender(const struct svc *s, zmq_msg_t *payload)
{
	const char *user = zmq_msg_gets(payload, USER_ID);
	const char *key = zmq_msg_gets(payload, ZAP_KEY_PROPERTY);
	const struct conf_party *party = user == NULL ? NULL : conf_party(s->conf, user);
	if (party == NULL || key == NULL || strcmp(key, s->conf->curve ? party->key : user) != 0) {
		return NULL;
	}
	return party;
}

static void serve_known(struct svc *s, uint64_t handle, const struct conf_party *party,
			zmq_msg_t *payload)
{
	struct slice frame = { zmq_msg_data(payload), zmq_msg_size(payload) };
	struct svc_conn *conn = conn_seen(s, handle, party->id);
	if (conn->muted_until_ms > uv_now(&s->loop)) {
		s->dropped.muted++;
		return;
	}
	if (frame.len > FRAME_BYTES_MAX) {
		s->dropped.oversize++;
		conn_rejected(s, conn);
		return;
	}
	struct party from = { .roles = party->roles };
	(void)snprintf(from.id, sizeof(from.id), "%s", party->id);
	if (!engine_frame(s->engine, handle, &from, frame)) {
		conn_rejected(s, conn);
	}
}

static void serve(struct svc *s, zmq_msg_t *id, zmq_msg_t *payload)
{
	const uint8_t *rid = zmq_msg_data(id);
	const struct conf_party *party = sender(s, payload);
	if (zmq_msg_size(id) != ROUTING_ID_LEN || rid[0] != 0) {
		s->dropped.routing_id++;
	} else if (party == NULL) {
		s->dropped.unknown++;
	} else {
		serve_known(s, HANDLE_MARK | be32_read(rid + 1), party, payload);
	}
}

static void reject_parts(struct svc *s, zmq_msg_t *id, const struct conf_party *party)
{
	const uint8_t *rid = zmq_msg_data(id);
	if (party != NULL && zmq_msg_size(id) == ROUTING_ID_LEN && rid[0] == 0) {
		conn_rejected(s, conn_seen(s, HANDLE_MARK | be32_read(rid + 1), party->id));
	}
}

/* One whole message of the ROUTER: routing id and one payload; anything longer is dropped whole. */
static bool take_one(struct svc *s)
{
	zmq_msg_t id;
	zmq_msg_t payload;
	(void)zmq_msg_init(&id);
	(void)zmq_msg_init(&payload);
	bool taken = zwatch_recv(s->router, &id);
	if (taken && zmq_msg_more(&id) != 0 && zwatch_recv(s->router, &payload)) {
		if (zmq_msg_more(&payload) == 0) {
			serve(s, &id, &payload);
		} else {
			const struct conf_party *party = sender(s, &payload);
			(void)zwatch_drop_rest(s->router, &payload);
			s->dropped.multipart++;
			reject_parts(s, &id, party);
		}
	}
	(void)zmq_msg_close(&id);
	(void)zmq_msg_close(&payload);
	return taken;
}

static void on_router(void *ctx)
{
	struct svc *s = ctx;
	for (int n = 0; n < BATCH_RECORDS_MAX && engine_has_room(s->engine); n++) {
		if (!take_one(s)) {
			return;
		}
	}
}

static bool take_peer(struct svc_peer *p)
{
	struct svc *s = p->svc;
	zmq_msg_t msg;
	(void)zmq_msg_init(&msg);
	bool taken = zwatch_recv(p->socket, &msg);
	p->unheard_ms = taken ? 0 : p->unheard_ms;
	if (taken && zmq_msg_more(&msg) != 0) {
		(void)zwatch_drop_rest(p->socket, &msg);
		s->dropped.multipart++;
	} else if (taken && zmq_msg_size(&msg) > FRAME_BYTES_MAX) {
		s->dropped.oversize++;
	} else if (taken) {
		engine_peer_frame(s->engine, p->name,
				  (struct slice){ zmq_msg_data(&msg), zmq_msg_size(&msg) });
	}
	(void)zmq_msg_close(&msg);
	return taken;
}

static void on_peer(void *ctx)
{
	struct svc_peer *p = ctx;
	for (int n = 0; n < SVC_PEER_FRAMES_MAX && engine_has_room(p->svc->engine); n++) {
		if (!take_peer(p)) {
			return;
		}
	}
}

static void on_zap(void *ctx)
{
	zap_serve(ctx);
}

/* --- sending --- */

int svc_net_reply(void *ctx, uint64_t conn, struct slice frame)
{
	struct svc *s = ctx;
	uint8_t rid[ROUTING_ID_LEN] = { 0 };
	if (s->router == NULL || conn_find(s, conn) == NULL) {
		s->dropped.replies++;
		return SK_EAGAIN;
	}
	be32_write(rid + 1, (uint32_t)conn);
	if (zmq_send(s->router, rid, sizeof(rid), ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0 ||
	    zmq_send(s->router, frame.data, frame.len, ZMQ_DONTWAIT) < 0) {
		s->dropped.replies++;
		return SK_EAGAIN;
	}
	return SK_OK;
}

int svc_net_ask(void *ctx, const char *peer, struct slice frame)
{
	struct svc *s = ctx;
	for (size_t i = 0; i < s->peers_len; i++) {
		struct svc_peer *p = &s->peers[i];
		if (strcmp(p->name, peer) == 0) {
			int rc = zmq_send(p->socket, frame.data, frame.len, ZMQ_DONTWAIT);
			p->unheard_ms = p->unheard_ms == 0 ? uv_now(&s->loop) : p->unheard_ms;
			return rc < 0 ? SK_EAGAIN : SK_OK;
		}
	}
	return SK_EAGAIN;
}

void svc_net_log_dropped(struct svc *s)
{
	const struct svc_dropped *d = &s->dropped;
	if (memcmp(d, &s->dropped_logged, sizeof(*d)) == 0) {
		return;
	}
	s->dropped_logged = *d;
	svc_log(LOG_WARNING, "dropped",
		"multipart=%" PRIu64 " oversize=%" PRIu64 " routing_id=%" PRIu64 " unknown=%" PRIu64
		" replies=%" PRIu64 " muted=%" PRIu64 " handshakes=%" PRIu64,
		d->multipart, d->oversize, d->routing_id, d->unknown, d->replies, d->muted,
		s->zap.refused + s->zap.malformed);
}

/* --- opening --- */

static const char *party_of_key(void *ctx, const char *key)
{
	const struct svc *s = ctx;
	const struct conf_party *p = s->conf->curve ? conf_party_by_key(s->conf, key) :
						      conf_party(s->conf, key);
	return p == NULL ? NULL : p->id;
}

static struct zap_keys own_keys(const struct svc *s, const char *server_key)
{
	return (struct zap_keys){ .party = s->service->name,
				  .public_key = s->secret->public_key,
				  .secret_key = s->secret->secret_key,
				  .server_key = server_key,
				  .curve = s->conf->curve };
}

static int open_router(struct svc *s)
{
	struct zap_keys keys = own_keys(s, NULL);
	s->router = zmq_socket(s->zmq, ZMQ_ROUTER);
	if (s->router == NULL || zap_serve_options(s->router, &keys) != SK_OK ||
	    zmq_bind(s->router, s->self->bind) != 0) {
		svc_log(LOG_ERR, "bind_failed", "endpoint=%s err=\"%s\"", s->self->bind,
			zmq_strerror(errno));
		return SK_ESYS;
	}
	int err = zap_self_test(&s->zap, s->zmq, s->self->bind, s->secret->public_key);
	if (err != SK_OK) {
		svc_log(LOG_ERR, "self_test_failed", "endpoint=%s unknown_key=%s", s->self->bind,
			err == SK_EAUTH ? "let_in" : "not_proven_refused");
	}
	return err;
}

static int connect_peer(struct svc *s, const char *name, void **ret_socket)
{
	const struct conf_daemon *d = conf_daemon(s->conf, name);
	const struct conf_party *party = conf_party(s->conf, name);
	SK_ASSERT(d != NULL && party != NULL);
	struct zap_keys keys = own_keys(s, party->key);
	void *socket = zmq_socket(s->zmq, ZMQ_DEALER);
	if (socket == NULL || zap_connect_options(socket, &keys) != SK_OK ||
	    zmq_connect(socket, d->bind) != 0) {
		svc_log(LOG_ERR, "connect_failed", "peer=%s err=\"%s\"", name, zmq_strerror(errno));
		if (socket != NULL) {
			(void)zmq_close(socket);
		}
		return SK_ESYS;
	}
	*ret_socket = socket;
	return SK_OK;
}

static int open_peer(struct svc *s, const char *name)
{
	SK_ASSERT(s->peers_len < SVC_PEERS_MAX);
	struct svc_peer *p = &s->peers[s->peers_len];
	*p = (struct svc_peer){ .svc = s, .name = name };
	int err = connect_peer(s, name, &p->socket);
	if (err != SK_OK) {
		return err;
	}
	s->peers_len++;
	return zwatch_add(&s->zwatch, p->socket, on_peer, p);
}

/* A session of the library whose handshake was refused or broken off has ended for good: its socket
 * never connects again (libzmq 3519, 4196). */
static void renew_peer(struct svc *s, struct svc_peer *p)
{
	void *fresh = NULL;
	if (connect_peer(s, p->name, &fresh) != SK_OK) {
		return; /* at the next look */
	}
	if (zwatch_replace(&s->zwatch, p->socket, fresh) != SK_OK) {
		(void)zmq_close(fresh);
		return;
	}
	p->socket = fresh;
	p->unheard_ms = 0;
}

/* A connection that stands may be that of a peer that is slow: its answer is under way. */
static bool is_dead(const struct svc_peer *p, uint64_t now_ms)
{
	if (p->unheard_ms == 0 || now_ms - p->unheard_ms < SVC_PEER_SILENT_MS ||
	    zwatch_is_readable(p->socket)) {
		return false;
	}
	return !zwatch_is_connected(p->socket) || now_ms - p->unheard_ms >= SVC_PEER_SLOW_MS;
}

void svc_net_renew_peers(struct svc *s)
{
	for (size_t i = 0; i < s->peers_len; i++) {
		if (is_dead(&s->peers[i], uv_now(&s->loop))) {
			renew_peer(s, &s->peers[i]);
		}
	}
}

int svc_net_open(struct svc *s)
{
	s->zmq = zmq_ctx_new();
	int err = s->zmq == NULL ? SK_ENOMEM : SK_OK;
	if (err == SK_OK) {
		err = zap_open(&s->zap, s->zmq, s->conf->curve, party_of_key, s);
	}
	if (err == SK_OK) {
		err = open_router(s);
	}
	if (err == SK_OK) {
		err = zwatch_add(&s->zwatch, s->zap.socket, on_zap, &s->zap);
	}
	for (size_t i = 0; err == SK_OK && s->service->reads[i] != NULL; i++) {
		err = open_peer(s, s->service->reads[i]);
	}
	if (err == SK_OK) {
		err = zwatch_add(&s->zwatch, s->router, on_router, s);
	}
	return err;
}

void svc_net_close(struct svc *s)
{
	for (size_t i = 0; i < s->peers_len; i++) {
		(void)zmq_close(s->peers[i].socket);
	}
	s->peers_len = 0;
	if (s->router != NULL) {
		(void)zmq_close(s->router);
		s->router = NULL;
	}
	zap_close(&s->zap);
	if (s->zmq != NULL) {
		(void)zmq_ctx_term(s->zmq);
		s->zmq = NULL;
	}
}
