/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the parts of services/gateway/feed*.c share. */
#include "services/gateway/feed.h"
#include "services/gateway/gate.h"
#include "services/gateway/reader.h"

/** An event made ready: decoded, who has a part; its envelope as text once somebody reads it. */
struct feed_item {
	unsigned daemon;
	uint32_t incarnation;
	uint64_t sequence;
	struct arena arena;
	const PB(Event) *event; /* NULL: not known to this version */
	char type[EVENT_TYPE_MAX];
	const PB(Message) *message;
	char *json[2]; /* whole, reduced; NULL: nobody read it yet */
	struct feed_parts parts;
};

struct feed_ring {
	struct model_place place; /* of the model, when it was looked at last */
	uint64_t taken;           /* made ready up to here */
	struct feed_item *item[FEED_RING];
};

struct feed {
	struct gate *gate;
	char node[PARTY_ID_LEN_MAX + 1]; /* names that no reload changes */
	char daemon[CONF_DAEMONS][PARTY_ID_LEN_MAX + 1];
	uv_async_t async;
	atomic_bool judge; /* who reads is looked at again */
	uv_timer_t heartbeat;
	int open_handles;
	struct feed_ring ring[CONF_DAEMONS];
	struct feed_item *lone; /* made of the model for the reader in turn */
	struct stream *streams;
};

/** NULL: not there, or no memory. */
struct feed_item *feed_item_new(struct model_read *view, unsigned daemon, uint64_t sequence);
/** Its envelope, a new document. @p it: one with an event. */
json_t *feed_item_doc(const struct feed *f, const struct feed_item *it, bool reduced);
/** The same as text. NULL: no memory. @return the item's own. Threads: who made the item. */
const char *feed_item_json(const struct feed *f, struct feed_item *it, bool reduced);
void feed_item_free(struct feed_item *it);

/** A page of events as JSON, made of the model alone: any thread. */
void feed_page(struct web *w, struct feed_place *io_place, size_t limit);

/* --- feed_stream.c --- */
void feed_streams_open(struct feed *f);
void feed_streams_wake(struct feed *f);
void feed_streams_beat(struct feed *f);
void feed_streams_close(struct feed *f);
