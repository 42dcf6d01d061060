/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the parts of out*.c share: rows, the index of what waits, and the transfers. */
#include <pthread.h>
#include <stdatomic.h>

#include <curl/curl.h>
#include <uthash.h>

#include "services/gateway/out.h"

#define OUT_TARGET_NAME_MAX (OUT_TO_MAX + 2)
#define OUT_KEEP_KEYS_MS (60ULL * 86400 * 1000)

struct out_target {
	UT_hash_handle hh;
	char name[OUT_TARGET_NAME_MAX + 1]; /* a letter of the kind, a colon, the address */
	struct out_entry *first;
	struct out_entry *last;
	size_t len;
	bool busy;
	uint64_t not_before_ms; /* what the other side asked for */
};

/** What is in memory of a row. */
struct out_entry {
	struct out_entry *next; /* of its target, in the order of seq */
	struct out_target *target;
	uint64_t seq;
	uint64_t created_ms;
	uint64_t next_ms;
	uint32_t attempts;
	enum out_kind kind;
	bool busy;
	bool dropped;                  /* while it was busy */
	struct out_entry *staged_next; /* of a batch that is not committed */
};

/** A row, read. Texts are its own. */
struct out_row {
	uint64_t seq;
	uint64_t created_ms;
	uint64_t next_ms;
	uint32_t attempts;
	enum out_kind kind;
	char *to;
	char *subject;
	char *body;
	size_t body_len;
};

/** One transfer. */
struct out_slot {
	struct outbox *o;
	CURL *easy; /* NULL: the slot is free */
	struct curl_slist *head;
	struct curl_slist *rcpt;
	struct out_entry *entry; /* NULL: the slot is free */
	struct out_row row;
	char *text; /* what is sent */
	size_t text_len;
	size_t text_at;
	size_t got_bytes;
	bool any_address;
	bool ended;
	enum out_outcome outcome;
	struct out_reply reply;
	uint64_t wait_ms; /* Retry-After */
	uint64_t gap_ms;
};

struct out_texts {
	char *dir, *mail_server, *mail_from, *mail_user, *mail_password, *mail_ca_file;
	char *text_url, *text_key;
};

struct outbox {
	struct store store;
	struct out_texts own;
	struct out_conf conf;
	uint8_t id[8]; /* of the store: what goes out is named by it and the row */
	pthread_mutex_t lock;
	bool lock_made;
	/* under the lock */
	uint64_t seq_next;
	struct out_target *targets;
	struct out_counts counts;
	/* of the thread */
	pthread_t thread;
	bool thread_made;
	atomic_bool stop;
	CURLM *multi;
	struct out_slot slots[OUT_AT_ONCE];
	struct out_hook_ops ops;
	struct {
		void (*fn)(void *arg, uint64_t now_ms);
		void *arg;
	} ticks[OUT_TICKS_MAX];
	size_t ticks_len;
	uint64_t tick_ms;
	uint64_t prune_ms;
};

/* --- out_row.c --- */
/** Writes or replaces a row. Errors are the transaction's. */
void out_row_put(struct store_txn *txn, const struct out_row *row);
/** @return false: there is none, or txn->err. End with out_row_done(). */
bool out_row_get(struct store_txn *txn, uint64_t seq, struct out_row *ret_row);
bool out_row_read(struct slice val, uint64_t seq, struct out_row *ret_row);
void out_row_done(struct out_row *row);
struct key out_row_key(uint64_t seq);

/* --- out_index.c; under the lock --- */
void out_target_name(enum out_kind kind, const char *to, char ret_name[OUT_TARGET_NAME_MAX + 1]);
/** @return NULL: out of memory. In no target yet. */
struct out_entry *out_entry_new(const struct out_row *row);
/** @return false: out of memory. */
bool out_index_add(struct outbox *o, struct out_entry *e, const char *to);
/** Takes it out and frees it. */
void out_index_del(struct outbox *o, struct out_entry *e);
struct out_entry *out_index_find(struct outbox *o, uint64_t seq);
struct out_target *out_index_target(struct outbox *o, const char *name);
/** The next that may be sent at @p now_ms, or NULL and when to look again. Empty targets go. */
struct out_entry *out_index_due(struct outbox *o, uint64_t now_ms, uint64_t *io_again_ms);
void out_index_free(struct outbox *o);

/* --- out_send.c; the outbox's thread --- */
/** Begins the transfer of slot->row. @return false: it ended before it began (slot->outcome). */
bool out_send(struct out_slot *slot);
/** Judges a transfer that ended. */
void out_judge(struct out_slot *slot, CURLcode code);
/** Frees what the transfer held. */
void out_slot_done(struct out_slot *slot);

/* --- out_mail.c --- */
/** The message as it goes over the wire; malloc'ed. NULL: out of memory. */
char *out_mail_text(const struct outbox *o, const struct out_row *row, size_t *ret_len);

/* --- out_loop.c --- */
void *out_run(void *arg);
