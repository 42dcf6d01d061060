/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What leaves the node by itself: mails, text messages and webhook calls. A delivery is
 *  durable when out_put() or out_commit() returns, is tried until the other side took it or three
 *  days have passed, and survives a kill: it may then arrive twice, never not at all. A target gets
 *  one delivery at a time; a webhook gets its own in the order in which they were put.
 *  Bounds: OUT_PLAIN_MAX mails and texts, OUT_TARGET_MAX webhook calls of one target, OUT_HOOK_MAX
 *  in all; one more is SK_EFULL, counted, and nothing is thrown out for it.
 *  Ownership: the outbox owns its store, its thread and copies of what is put. Threads: any may
 *  call; one thread of its own sends. Blocks: puts wait for the disk, never for the network. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/store.h"

#define OUT_PLAIN_MAX 20000
#define OUT_HOOK_MAX 50000
#define OUT_TARGET_MAX 2000
#define OUT_TO_MAX 254
#define OUT_SUBJECT_MAX 200
#define OUT_BODY_MAX (32U << 10)
#define OUT_KEY_MAX 100
#define OUT_AT_ONCE 8
#define OUT_TICKS_MAX 4

/* Tables of the store. Others than the outbox itself: hook.c, notice.c. */
enum out_table {
	OUT_TABLE_META = TABLE_SERVICE,
	OUT_TABLE_ITEM,
	OUT_TABLE_KEY,
	OUT_TABLE_HOOK,
	OUT_TABLE_NOTICE,
};

enum out_kind {
	OUT_MAIL = 1,
	OUT_TEXT,
	OUT_HOOK,
	OUT_HANDSHAKE, /* the OPTIONS call that asks a webhook whether it wants to be called */
};
#define OUT_KINDS 5

struct out_item {
	enum out_kind kind;
	const char *to;      /* mail address, number, or the name of a webhook */
	const char *subject; /* of a webhook call: its owner's own note */
	struct slice body;   /* UTF-8 text, or the bytes of an event */
	const char *key;     /* what is asked for under one key is done once; NULL: no key */
	uint64_t not_before_ms;
};

/** How an attempt ended. */
enum out_outcome {
	OUT_DONE,
	OUT_AGAIN, /* the other side or the network failed */
	OUT_NEVER, /* the other side refuses it for good */
	OUT_GONE,  /* a webhook that is no more: all that waits for it is dropped */
};

/** A webhook call as it goes out. Made by the owner of webhooks for each attempt. */
struct out_call {
	char url[2048];
	char head[6][512]; /* "Name: value"; "" ends them */
	bool any_address;  /* the configuration names this host: private addresses too */
};
struct out_reply {
	long status;         /* 0: no answer */
	bool closed_address; /* it leads where it may not */
	char allowed_origin[256];
	char allowed_rate[32];
};

/** The owner of webhooks. Called in the outbox's thread, without its lock. */
struct out_hook_ops {
	/** @return false: there is no such webhook any more. */
	bool (*call)(void *arg, const struct out_item *item, uint64_t seq, struct out_call *ret);
	/** @return OUT_DONE, OUT_AGAIN, OUT_GONE. */
	enum out_outcome (*reply)(void *arg, const struct out_item *item,
				  const struct out_reply *r);
	/** The outbox gave up on one of its calls. */
	void (*given_up)(void *arg, const char *to);
	/** The shortest time between two calls; 0: none. */
	uint64_t (*gap_ms)(void *arg, const char *to);
	void *arg;
};

struct out_conf {
	const char *dir; /* made when it is not there; its parent must be */
	size_t map_bytes;
	bool no_sync;            /* tests on memory only */
	const char *mail_server; /* "smtp://HOST:PORT" or "smtps://..."; "": no mail is sent */
	bool mail_starttls;
	const char *mail_from;
	const char *mail_user; /* "": without */
	const char *mail_password;
	const char *mail_ca_file; /* "": those of the system */
	const char *text_url;     /* "": no text message is sent */
	const char *text_key;     /* bearer of the calls to text_url; "": without */
	uint64_t retry_first_ms;  /* 0: a minute; doubles up to retry_max_ms (0: six hours) */
	uint64_t retry_max_ms;
	uint64_t give_up_ms; /* 0: three days */
	uint32_t timeout_ms; /* of one attempt; 0: 30 s */
};

struct out_counts {
	uint64_t waiting[OUT_KINDS];
	uint64_t sent[OUT_KINDS];
	uint64_t failed[OUT_KINDS]; /* attempts */
	uint64_t given_up[OUT_KINDS];
	uint64_t refused_full;
	uint64_t oldest_ms; /* when the oldest that waits was put; 0: none waits */
};

struct outbox;

/** Opens (or makes) the store, takes up what waits; nothing is sent before out_start(). */
SK_CHECKED int out_open(const struct out_conf *conf, struct outbox **ret_outbox);
/** Before out_start(). */
void out_hooks(struct outbox *o, const struct out_hook_ops *ops);
/** @p fn is called in the outbox's thread, about twice a second. Before out_start(). */
void out_on_tick(struct outbox *o, void (*fn)(void *arg, uint64_t now_ms), void *arg);
SK_CHECKED int out_start(struct outbox *o);
/** Breaks off what is under way; it is sent again after the next start. NULL is a no-op. */
void out_close(struct outbox *o);

/** @return SK_EEXIST: something was put under this key before (kept 60 days); SK_EFULL: the bound
 *  or the disk; SK_EINVAL: no address, a line break in it, or too long. */
SK_CHECKED int out_put(struct outbox *o, const struct out_item *item);
/** Takes back what was put under @p key, unless it is on its way. The key stays taken.
 *  @return true when it was there. */
bool out_cancel(struct outbox *o, const char *key);
/** True when something was ever put under @p key, or it was marked. */
bool out_known(struct outbox *o, const char *key);
/** Nothing is to be put under @p key, for 60 days. */
SK_CHECKED int out_mark(struct outbox *o, const char *key);
/** Drops all that waits for a webhook. */
void out_drop(struct outbox *o, const char *to);
/** How many more calls of a webhook the outbox takes. */
size_t out_room(struct outbox *o, const char *to);
void out_counts(struct outbox *o, struct out_counts *ret_counts);

/* --- several rows at once, with rows of the webhooks in the same transaction --- */

struct out_batch {
	struct outbox *o;
	struct store_txn txn;
	struct out_entry *staged;
};
/** Holds the outbox until out_commit() or out_abort(). */
SK_CHECKED int out_begin(struct outbox *o, struct out_batch *ret_batch);
SK_CHECKED int out_add(struct out_batch *b, const struct out_item *item);
/** @return an error: then nothing of it happened. */
SK_CHECKED int out_commit(struct out_batch *b);
void out_abort(struct out_batch *b);

/** Milliseconds since 1970 of the wall clock. */
uint64_t out_now_ms(void);
