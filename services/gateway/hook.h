/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Webhooks: who wants which events called to which address (CloudEvents 1.0, structured
 * mode). A subscription first asks its address whether it wants to be called (OPTIONS), then gets
 * every event that its party may see, in order, signed, each at least once. It ends when it is
 * deleted, when the address says 410, or when three days of trying were in vain; it then says up to
 * which place of the feed it was served, so that nothing is missed in silence. Bounds: HOOKS_MAX
 * subscriptions, HOOKS_PARTY_MAX of a party, OUT_TARGET_MAX calls that wait of each; one that is
 * full stays where it is in the feed and goes on when there is room. Ownership: rows stand in the
 * outbox's store. Threads: the feed is read in the outbox's; the rest any. Blocks: for the disk. */
#include "services/gateway/out.h"
#include "services/gateway/web.h"

#define HOOKS_MAX 256
#define HOOKS_PARTY_MAX 8
#define HOOK_TYPES_MAX 16
#define HOOK_TYPE_MAX 80
#define HOOK_URL_MAX 1024
#define HOOK_ID_LEN 32
#define HOOK_PLACE_MAX 120
#define HOOK_SECRET_BYTES_MIN 24
#define HOOK_SECRET_BYTES_MAX 64

struct hooks;

/** An event of the feed that a party may see. */
struct hook_event {
	const char *type; /* of the CloudEvents envelope */
	const char *json; /* the envelope; at most OUT_BODY_MAX bytes */
};

/** The feed (services/gateway/feed.h), of which a place is a text. */
struct hook_feed {
	/** Moves @p io_place to the next event that @p who sees. @return 1 with the event, which
	 *  lives until the next call; 0: none now; -1: events before it are gone, the place stands
	 *  behind the gap. */
	int (*next)(void *arg, const struct who *who, char io_place[HOOK_PLACE_MAX],
		    struct hook_event *ret_event);
	/** Behind the newest. */
	void (*now)(void *arg, char ret_place[HOOK_PLACE_MAX]);
	void *arg;
};

struct hook_conf {
	const char *origin; /* the node's own name on the net, said to who is called */
	const char *hosts;  /* names with blanks between: http and private addresses too */
	struct hook_feed feed;
};

/** After out_open(), before out_start(): reads the subscriptions, has the outbox call back. */
SK_CHECKED int hooks_open(struct outbox *o, const struct hook_conf *conf, struct hooks **ret_hooks);
/** After out_close(). NULL is a no-op. */
void hooks_close(struct hooks *h);
/** A party that is gone ends its subscriptions; one with fewer roles sees less. */
void hooks_conf_applied(struct hooks *h, const struct conf *c);

/** POST and GET /api/v1/subscriptions, GET and DELETE /api/v1/subscriptions/{id}. */
extern const struct route hook_routes[];
/** Of the gateway that a request came to. Given by the spine. */
struct hooks *gate_hooks(struct gate *g);
