/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What common/client.c (calls) and common/client_log.c (logs) share. Blocks: client_send()
 * and client_recv(), until the given instant of client_clock_ms(). */
#include "common/client.h"

#define CLIENT_FRAME_ARENA_BYTES (4U * FRAME_BYTES_MAX)

/** What a fresh connection needs. */
struct client_line {
	char endpoint[CONF_PATH_MAX];
	char party[PARTY_ID_LEN_MAX + 1];
	char server_key[CONF_KEY_LEN + 1];
	char public_key[CONF_KEY_LEN + 1];
	char secret_key[CONF_KEY_LEN + 1];
	bool curve;
};

struct client {
	void *socket;
	void *zmq;
	struct client_net own_net;
	struct client_line line;
	uint64_t due_ms; /* when silence so far shows that the connection is dead; 0: nothing asked
			  */
	bool demo;
	uint32_t question; /* number of the last one about a log */
	uint32_t timeout_ms;
	uint64_t time_ms; /* journal time last seen */
	uint64_t seen_ms; /* when, by client_clock_ms() */
	bool time_known;
	bool by_journal;    /* our wall clock was refused: ids are made from the daemon's time */
	struct arena arena; /* holds the frame received last */
	uint8_t message[FRAME_BYTES_MAX];
	uint8_t buf[FRAME_BYTES_MAX];
};

struct client_envelope {
	const uint8_t *id;          /* 16 bytes, or NULL */
	const uint8_t *correlation; /* 16 bytes, or NULL */
	uint64_t time_ms;
};

/** Finds the envelope in a packed Message. */
bool client_peek(struct slice message, struct client_envelope *ret_e);
uint64_t client_clock_ms(void);
/** First replaces a connection on which nothing came for too long.
 *  @return SK_EAGAIN: not connected or full until then. */
SK_CHECKED int client_send(struct client *c, const PB(Frame) *f, uint64_t until_ms);
/** The next frame, in the client's arena. @return SK_ETIMEDOUT. */
SK_CHECKED int client_recv(struct client *c, uint64_t until_ms, PB(Frame) **ret_f);
