/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A party's synchronous connection to one daemon, for the command, the demo and tests.
 *  A retry is the same bytes, so a lost receipt does no harm. Answers and entries carry journal
 * time, from which ids are made on a demo node. Where nothing at all comes for CLIENT_SILENT_MS
 * after a question, and no connection stands, it is made anew at the next send: the library gives
 * up one whose handshake was refused or broken off. So keys are kept, and wiped by client_close().
 * Ownership: client_close(). Threads: one client, one thread; a client_net may serve several.
 * Blocks: up to the time-outs given. Errors: SK_ETIMEDOUT: not reachable or no answer in time;
 * SK_EPROTO: the answer is none; SK_EINVAL: larger than a frame. */
#include "common/conf.h"

#define CLIENT_RETRY_FIRST_MS 200
#define CLIENT_SILENT_MS 3000 /* more than ZAP_HANDSHAKE_MS; a log's wait comes on top */
#define CLIENT_SLOW_MS 30000  /* on top, for a connection that stands */
#define CLIENT_ANSWER_ARENA_BYTES (4U << 20) /* holds the largest answer, decoded */

struct client;

/** Sockets of one process; optional, so that many clients share an I/O thread. */
struct client_net {
	void *zmq;
};
SK_CHECKED int client_net_open(struct client_net *ret_net);
/** After the last client_close(). */
void client_net_close(struct client_net *net);

struct client_conf {
	struct client_net *net; /* NULL: its own */
	const char *endpoint;
	const char *server_key; /* pinned, Z85 */
	const char *party;
	const char *public_key; /* of the party, Z85 */
	const char *secret_key;
	bool curve;
	bool demo;           /* ids from the last journal time seen */
	uint32_t timeout_ms; /* of one call */
};

/** Connects in the background: an absent daemon shows at the first call. */
SK_CHECKED int client_open(const struct client_conf *conf, struct client **ret_c);
/** The same from a node's configuration and key file. @return also SK_ENOENT (no such party or key
 *  file), SK_EAUTH (others may read it), SK_ECORRUPT, SK_ECONF (not the key in parties.ini). */
SK_CHECKED int client_open_node(const struct conf *conf, struct client_net *net, const char *daemon,
				const char *party, struct client **ret_c);
/** NULL is a no-op. */
void client_close(struct client *c);
void client_set_timeout(struct client *c, uint32_t timeout_ms);

/** Journal time last seen; 0: none yet. */
uint64_t client_time_ms(const struct client *c);
/** UUIDv7 of the wall clock, or of the daemon's time: on a demo node (the first one asks for it),
 *  and once the daemon has refused an id of ours for its time. */
SK_CHECKED int client_new_id(struct client *c, uint8_t ret_id[16]);

/** Sends a packed Message and waits for the answer with its id, sending again after 0.2 s, 0.4 s …
 *  @p ret_answer is a packed Message, valid until the next call. */
SK_CHECKED int client_call(struct client *c, struct slice message, struct slice *ret_answer);
/** Gives @p m an id (unless it has one) and a time, calls, decodes the answer into @p a. An id of
 *  ours that is refused for its time is made once more, from the daemon's. */
SK_CHECKED int client_ask(struct client *c, PB(Message) *m, struct arena *a,
			  PB(Message) **ret_answer);

/* --- many calls under way: the caller pairs answers by correlation and sends again itself --- */

/** @return SK_EAGAIN: not connected or full. What was posted before may be lost with a connection
 *  that is replaced. */
SK_CHECKED int client_post(struct client *c, struct slice message);
/** The next answer of any call. @return SK_ETIMEDOUT. */
SK_CHECKED int client_next(struct client *c, uint32_t wait_ms, struct slice *ret_message);

/** For zmq_poll() beside others; never to send, receive or close. May be another after
 *  client_post(). */
void *client_socket(const struct client *c);

/* --- logs --- */

/** Where a reader stands; keep it between reads. All zero but the name: from the oldest entry. */
struct client_log {
	char log[PARTY_ID_LEN_MAX + 1]; /* own party id or EVENTS_LOG */
	uint32_t incarnation;
	uint64_t nonce;
	uint64_t after;
	/* from the daemon's last mark */
	uint64_t last;   /* durable end of the log */
	uint64_t oldest; /* lowest sequence that can still be read */
};

struct client_entry {
	uint64_t sequence;
	bool missed;          /* entries before this one are no longer kept */
	struct slice message; /* packed Message, until the callback returns */
};
/** @return SK_OK to go on; anything else ends the read with it, and the entry is read again. */
typedef int client_entry_fn(void *ctx, const struct client_entry *entry);

struct client_read {
	uint32_t credit;  /* most entries; at most LOG_CREDIT_MAX */
	uint32_t wait_ms; /* for the first entry; at most LOG_WAIT_MS_MAX */
	client_entry_fn *entry;
	void *ctx;
};
/** Asks for what stands behind @p io_log, hands it on in order and without holes, and moves io_log.
 *  Returns when the credit is used up, nothing more comes at once, or the wait is over.
 *  @return SK_OK and the number of entries, maybe 0; SK_EFOREIGN: the log is another than the one
 *  read so far (incarnation, or shorter): io_log stands at its oldest entry now; SK_EAUTH: this
 *  party may not read it. */
SK_CHECKED int client_log_read(struct client *c, struct client_log *io_log,
			       const struct client_read *read, uint32_t *ret_entries);
