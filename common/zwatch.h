/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  ZeroMQ sockets inside a libuv loop. ZMQ_FD is edge-triggered and any send may eat the
 * edge, so it only wakes: what is readable is asked of ZMQ_EVENTS before each wait (prepare) and
 * after it (check); while something is, an idle handle keeps the loop from sleeping. Every send of
 * a turn comes before the next prepare, so it is followed by a fresh look. Ownership: sockets and
 * loop are the caller's, except a socket that was replaced. Order of an end: zwatch_close(), run
 * the loop until it is empty, zmq_close(). Threads: the loop's. Blocks: never. */
#include <stdbool.h>
#include <stddef.h>

#include <uv.h>
#include <zmq.h>

#include "common/err.h"

#define ZWATCH_SOCKETS_MAX 8

typedef void zwatch_fn(void *ctx);

struct zwatch_poll;

struct zwatch_socket {
	void *socket;
	zwatch_fn *readable; /* takes what waits, up to its own budget */
	void *ctx;
	struct zwatch_poll *poll; /* freed when the loop has let go of it */
};

struct zwatch {
	uv_prepare_t prepare;
	uv_check_t check;
	uv_idle_t idle;
	zwatch_fn *turn; /* once per turn of the loop, after the sockets; may be NULL */
	void *ctx;
	bool again; /* one more turn without waiting */
	bool open;
	size_t len;
	struct zwatch_socket sockets[ZWATCH_SOCKETS_MAX];
};

SK_CHECKED int zwatch_open(struct zwatch *w, uv_loop_t *loop, zwatch_fn *turn, void *ctx);
/** Sockets are served in the order in which they were added. @return SK_EFULL, SK_ENOMEM, SK_ESYS.
 */
SK_CHECKED int zwatch_add(struct zwatch *w, void *socket, zwatch_fn *readable, void *ctx);
/** From now on @p fresh is watched in the place of @p old, which is closed once the loop has let go
 *  of it. Not from within a zwatch_socket.readable. @return SK_ENOMEM, SK_ESYS: nothing changed. */
SK_CHECKED int zwatch_replace(struct zwatch *w, const void *old, void *fresh);
/** The next turn comes at once. */
void zwatch_again(struct zwatch *w);
/** Safe on a zeroed or closed one. */
void zwatch_close(struct zwatch *w);

/** True when a message waits in @p socket. */
bool zwatch_is_readable(void *socket);
/** True when the connection of a connecting socket (zap_connect_options()) stands and takes more.
 */
bool zwatch_is_connected(void *socket);
/** Receives one part into @p msg (initialised by the caller). @return false when none waits. */
bool zwatch_recv(void *socket, zmq_msg_t *msg);
/** Takes and drops the further parts of the message of which @p msg was received last.
 *  @return how many there were. */
size_t zwatch_drop_rest(void *socket, zmq_msg_t *msg);
