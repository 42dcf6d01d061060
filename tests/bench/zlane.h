/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Lanes over ZeroMQ: a DEALER each, with or without CURVE, for the daemons and for the bare
 *  echo beside them; and how a command gets at a node.
 *  Ownership: zside_close(). Blocks: connecting. */
#include <zmq.h>

#include "common/conf.h"
#include "common/zap.h"
#include "tests/bench/load.h"

#define ZLANE_OPEN_MS 10000

/** Where to connect and as whom. */
struct zside {
	void *zmq;
	char endpoint[CONF_PATH_MAX];
	char party[PARTY_ID_LEN_MAX + 1];
	char public_key[ZAP_KEY_LEN + 1];
	char secret_key[ZAP_KEY_LEN + 1];
	char server_key[ZAP_KEY_LEN + 1];
	bool curve;
	bool demo;
	uint64_t time_ms; /* journal time, for ids */
};

/** From node=DIR daemon=NAME party=ID; asks the daemon for its time. */
SK_CHECKED int zside_open_node(struct zside *z, const struct bench *b);
/** The same for another daemon or party; the I/O thread is that of @p with. */
SK_CHECKED int zside_open_as(struct zside *z, const struct zside *with, const char *dir,
			     const char *daemon_and_party);
void zside_close(struct zside *z);
/** A connected DEALER, or NULL. */
void *zside_dealer(const struct zside *z);
/** Takes one whole message when one stands ready. False: none; @p ret is untouched. */
bool zside_take(void *socket, zmq_msg_t *ret_msg);
/** Waits for one, at most @p wait_ms. */
bool zside_wait(void *socket, long wait_ms, zmq_msg_t *ret_msg);

/** What runs over the lanes. */
struct zload {
	const struct zside *side;
	void *ctx;
	/** Writes request @p n (counted over all lanes, from 0). @return its length. */
	size_t (*make)(void *ctx, uint64_t n, uint8_t buf[FRAME_BYTES_MAX]);
	/** Looks at the answer to request @p n. @return 1 when it ends the request, 0 when more
	 *  belongs to it, or an error. */
	int (*answer)(void *ctx, uint64_t n, struct slice frame);
	uint64_t next; /* number of the next request */
	uint8_t buf[FRAME_BYTES_MAX];
};
extern const struct lane_kind zlane_kind; /* load.ctx: struct zload */
