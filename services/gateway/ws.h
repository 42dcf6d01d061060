/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  WebSocket, both ways (sub-protocol cloudevents.json): the events that a stream would
 * carry, each with its `place`, and requests as JSON: {"id", "method", "path", "key", "match",
 * "query", "body"} -> {"id", "status", "body"}, by the same routes and rights as HTTP. A page of
 * another site cannot connect. Bounds: messages of 64 KiB, WS_ACTS_MAX requests under way; who does
 * not read gets no more, who answers no ping is gone. Ownership: ws_close_all(). Threads: the
 * loop's. */
#include "services/gateway/web.h"

#define WS_ACTS_MAX 8
#define WS_PING_MS 15000

/** Says goodbye to each, as the gateway ends. */
void ws_close_all(struct gate *g);
/** Once in WS_PING_MS: pings, ends who is silent or signed out. */
void ws_tick(struct gate *g);
/** Ends who is signed out by now. */
void ws_judge(struct gate *g);
/** Something new was folded. */
void ws_wake(struct gate *g);

extern const struct route ws_routes[];
