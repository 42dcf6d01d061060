/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The gateway: every outside face of a node. It owns no truth. Commands and queries go to
 *  the daemons with the key of who is signed in, so the daemons decide what each may do; what it
 *  keeps is a read model of the events (services/gateway/model.h), which it can always make anew.
 *
 *  Threads: the loop (HTTP, streams, timers), libuv's workers (handlers, see web.h; they work the
 *  connections to the daemons themselves, up.h), one reader a daemon and one that folds (model.h).
 *  A request: http.c (bytes, limits) -> session.c (who) -> route -> handler in a worker (api.c,
 *  fhir_*.c, hsds_*.c, ...) -> web_ask() -> up.c -> daemon -> answer.
 *  Ownership: main() owns the one struct gate. */
#include <pthread.h>
#include <stdatomic.h>

#include <uv.h>

#include "common/capsule.h"
#include "common/conf.h"
#include "common/token.h"
#include "services/gateway/feed.h"
#include "services/gateway/gone.h"
#include "services/gateway/http.h"
#include "services/gateway/idem.h"
#include "services/gateway/outside.h"
#include "services/gateway/reader.h"
#include "services/gateway/up.h"
#include "services/gateway/web.h"

/** A configuration in use; the last user frees it. */
struct gate_conf {
	struct conf *conf;
	atomic_uint users;
};

struct gate {
	uv_loop_t loop;
	bool loop_open;
	uv_signal_t signals[3];
	uv_timer_t beat;
	struct gate_conf *conf; /* under conf_lock; take with gate_conf_get() */
	pthread_mutex_t conf_lock;
	struct token_key key;
	uint8_t capsule_public[CAPSULE_KEY_LEN];
	uint8_t capsule_secret[CAPSULE_KEY_LEN];
	struct up *up;
	struct idem *idem;
	struct gone *gone;
	struct model *model;
	struct reader *reader[CONF_DAEMONS];
	struct feed *feed;
	struct outside *outside; /* mails, text messages, webhooks */
	struct oidc *oidc;       /* NULL: nobody signs in with ACM/IDM */
	struct ws *sockets;      /* WebSockets that are open */
	unsigned acts;           /* requests on them that are under way */
	struct http *http;
	struct http *ops; /* /metrics on an address of its own */
	uint64_t started_ms;
	atomic_bool draining;
};

/** The configuration in force. @return a reference; give it back. */
struct gate_conf *gate_conf_get(struct gate *g);
void gate_conf_put(struct gate_conf *c);

/** How many workers libuv makes; before anything of it is used. */
SK_CHECKED int gate_threads(uint32_t workers);
SK_CHECKED int gate_open(struct gate *g, struct conf *conf);
SK_CHECKED int gate_run(struct gate *g);
/** Safe on a zeroed or half-opened one. */
void gate_close(struct gate *g);

/** Every route of every face, by tables ended with a NULL method. */
extern const struct route *const gate_routes[];
/** Milliseconds of the wall clock. */
uint64_t gate_wall_ms(void);
