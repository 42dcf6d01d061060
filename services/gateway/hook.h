/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Webhooks: who wants which events called to which address (CloudEvents 1.0, structured
 * mode). A subscription first asks its address whether it wants to be called (OPTIONS), then gets
 * every event that its party may see, in order, signed, each at least once. It ends when it is
 * deleted, when the address says 410, or when three days of trying were in vain; what it had is
 * told by its cursor, so that nothing is missed in silence. Bounds: HOOKS_MAX subscriptions,
 * HOOKS_PARTY_MAX of a party, OUT_TARGET_MAX calls that wait of each; one that is full falls
 * behind, keeps its cursor, and is offered the rest again later. Ownership: rows stand in the
 * outbox's store. Threads: any may call; hook_offer() one at a time. Blocks: for the disk. */
#include "services/gateway/out.h"
#include "services/gateway/web.h"

#define HOOKS_MAX 256
#define HOOKS_PARTY_MAX 8
#define HOOK_TYPES_MAX 16
#define HOOK_TYPE_MAX 80
#define HOOK_URL_MAX 1024
#define HOOK_ID_LEN 32
#define HOOK_SECRET_BYTES_MIN 24
#define HOOK_SECRET_BYTES_MAX 64

struct hooks;

typedef bool hook_sees_fn(const struct who *who, const PB(Event) *event);

struct hook_conf {
	const char *origin; /* the node's own name on the net, said to who is called */
	const char *hosts;  /* names with blanks between: http and private addresses too */
	hook_sees_fn *sees; /* whether a party may see an event (services/gateway/feed.h) */
};

/** An event on its way to those who want it. */
struct hook_event {
	const PB(Event) *event;
	const char *type;  /* of the CloudEvents envelope */
	struct slice json; /* the envelope, as it goes out */
	uint64_t cursor;   /* rises from event to event */
};

/** After out_open(), before out_start(): reads the subscriptions, has the outbox call back. */
SK_CHECKED int hooks_open(struct outbox *o, const struct hook_conf *conf, struct hooks **ret_hooks);
/** After out_close(). NULL is a no-op. */
void hooks_close(struct hooks *h);
/** A party that is gone ends its subscriptions; one with fewer roles sees less. */
void hooks_conf_applied(struct hooks *h, const struct conf *c);

/** Hands an event to each subscription that wants it and has not had it. Durable within a second,
 *  or after hooks_flush(): until then a kill has it offered again (hooks_behind). */
void hook_offer(struct hooks *h, const struct hook_event *e);
SK_CHECKED int hooks_flush(struct hooks *h);
/** True when a subscription waits for events from behind @p ret_cursor on: after a start, and when
 *  one that was full has room again. All events from there up to the present are then to be
 *  offered in order, before newer ones; who had them is left alone. */
bool hooks_behind(struct hooks *h, uint64_t *ret_cursor);

/** POST and GET /api/v1/subscriptions, GET and DELETE /api/v1/subscriptions/{id}. */
extern const struct route hook_routes[];
/** Of the gateway that a request came to. Given by the spine. */
struct hooks *gate_hooks(struct gate *g);
