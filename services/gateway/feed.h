/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Events to who may see them: server-sent events, pages in JSON, and what WebSocket and
 *  webhooks build on. A place is a text, one position a daemon ("1.40,1.12,2.7": incarnation and
 *  sequence): it holds over restarts of the gateway and a read model made anew, so that nothing is
 *  lost or doubled. Each log is without holes; between logs the order is that of arrival.
 *  Ownership: feed_close(). Threads: the loop's, but feed_wake(), feed_judge() and the page
 * handler. */
#include "services/gateway/event_json.h"
#include "services/gateway/model.h"
#include "services/gateway/web.h"

#define FEED_RING 4096 /* events of a daemon that are held ready */
#define FEED_PLACE_MAX 120
#define FEED_HEARTBEAT_MS 15000
#define FEED_PARTIES_MAX 24
#define FEED_PAGE_MAX 200

struct feed;
struct reader;

/** Where a subscriber stands. */
struct feed_place {
	uint32_t incarnation[CONF_DAEMONS];
	uint64_t sequence[CONF_DAEMONS];
};
/** "0": from the oldest event that is kept. @return false: no such text. */
bool feed_place_read(const char *text, struct feed_place *ret_place);
void feed_place_text(const struct feed_place *p, char ret_text[FEED_PLACE_MAX]);

/** How much of an event somebody sees. */
enum feed_sight { FEED_NOTHING, FEED_REDUCED, FEED_WHOLE };

/** Who sees what of events (DOMAIN 2): what is of the offer everybody; a party what names it, and
 *  what is of a request in which it has a part; of other requests a coordinator what its list is
 *  made of, a contact point that the call list moved, dashboards and government that a signal did,
 *  an operator nothing but the node's own alarms; a person of a family that something of its own
 *  request changed. @p parts: parties with a part in the event's request. */
struct feed_parts {
	size_t len;
	char party[FEED_PARTIES_MAX][PARTY_ID_LEN_MAX + 1];
};
enum feed_sight feed_sight(const struct who *who, const uint8_t own_request[OBJECT_ID_LEN],
			   const PB(Event) *e, const struct feed_parts *parts);

SK_CHECKED int feed_open(struct gate *g, struct feed **ret_feed);
/** Ends every stream. NULL is a no-op. */
void feed_close(struct feed *f);
/** Something was folded. Any thread. */
void feed_wake(void *feed);
/** Somebody was signed out, or has other rights: each stream and WebSocket looks again whose it is.
 */
void feed_judge(struct feed *f);

#define FEED_LOOK 256 /* events that one reader looks at in one turn of the loop */
#define FEED_MORE 2

/** One event for one subscriber. */
struct feed_out {
	const char *type;
	const char *json; /* the envelope */
	char place[FEED_PLACE_MAX];
};
/** Moves *io_place to the next event that @p who sees. @return 1 with the event (valid until the
 * next call), 0 when there is none now, -1 when events before it are gone: *io_place stands behind
 * the gap; FEED_MORE: as many as *io_look were looked at, ask again in another turn. */
int feed_next(struct feed *f, const struct who *who, struct feed_place *io_place, unsigned *io_look,
	      struct feed_out *ret_out);
/** Behind the newest event of each. */
void feed_now(struct feed *f, struct feed_place *ret_place);
/** "ok" or "lost" of each daemon, and how far behind; a new document. */
json_t *feed_state(struct feed *f);

extern const struct route feed_routes[];
