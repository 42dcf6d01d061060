/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Who may connect: the ZAP handler (RFC 27) of the process, answered from the party table,
 * and the options that every socket gets before bind or connect. The answer makes the party id the
 *  User-Id of each message and adds the key (ZAP_KEY_PROPERTY), so that a message of a connection
 *  older than a change of keys is recognised.
 *  Ownership: keys and table are the caller's. Threads: the loop's. Blocks: zap_self_test() only.
 */
#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

#define ZAP_DOMAIN "schakel"
#define ZAP_KEY_LEN 40 /* Z85 characters */
#define ZAP_KEY_PROPERTY "Schakel-Key"

/* Bounds of every socket. A frame of FRAME_BYTES_MAX grows by the seal of CURVE on the wire. */
#define ZAP_WIRE_BYTES_MAX (65536 + 64)
#define ZAP_HANDSHAKE_MS 2000
#define ZAP_HEARTBEAT_MS 5000
#define ZAP_SILENT_MS 15000
#define ZAP_SEND_HWM 2048 /* a batch of receipts and a batch of log entries on one connection */
#define ZAP_RECV_HWM 256
#define ZAP_PENDING_MAX 1024 /* connections waiting for accept */

/** @return the party of that public key (Z85, or without CURVE the claimed id); NULL: unknown. */
typedef const char *zap_party_fn(void *ctx, const char *key);

struct zap {
	void *socket;
	bool curve; /* false: PLAIN names the party, for benchmarks on ipc */
	zap_party_fn *party;
	void *ctx;
	uint64_t accepted;
	uint64_t refused;
	uint64_t malformed;
};

/** Key pair of this side; @p server_key is the pinned key of the other when this side connects. All
 *  Z85. @p party is used without CURVE only. */
struct zap_keys {
	const char *party;
	const char *public_key;
	const char *secret_key;
	const char *server_key;
	bool curve;
};

/** Before any bind: a ROUTER without a handler would let everybody in. */
SK_CHECKED int zap_open(struct zap *z, void *zmq, bool curve, zap_party_fn *party, void *ctx);
/** Answers every request that waits. */
void zap_serve(struct zap *z);
void zap_close(struct zap *z);

/** Options of a serving ROUTER and of a connecting DEALER. @return SK_ESYS. */
SK_CHECKED int zap_serve_options(void *socket, const struct zap_keys *keys);
SK_CHECKED int zap_connect_options(void *socket, const struct zap_keys *keys);
/** Connects to our own @p endpoint with a key that nobody has, and serves @p z meanwhile.
 *  @return SK_OK when it was refused; SK_EAUTH when it got in; SK_ETIMEDOUT: nothing proven in 5 s.
 */
SK_CHECKED int zap_self_test(struct zap *z, void *zmq, const char *endpoint,
			     const char *server_key);
