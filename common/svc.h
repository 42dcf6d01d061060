/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A daemon: the loop around the engine. One turn takes what waits on the sockets, ends the
 *  engine's turn (flush, then answers), and sleeps until a message, a signal or the engine's timer.
 *  Signals: SIGTERM and SIGINT end it in order, SIGHUP reads the configuration again.
 *  Ownership: the caller's storage, zeroed (large: make it static). Threads: one, plus
 * workers that fill journal segments and copy the store, and ZeroMQ's own. Blocks: only in the
 * journal's flush and store's commit. */
#include "common/conf.h"
#include "common/files.h"
#include "common/files_checkpoint.h"
#include "common/logging.h"
#include "common/zap.h"
#include "common/zwatch.h"

#define SVC_PEERS_MAX 4
#define SVC_CONN_SETS 512
#define SVC_CONN_WAYS 8
#define SVC_CONN_IDLE_MS (15ULL * 60 * 1000)
#define SVC_PEER_FRAMES_MAX                                                   \
	256 /* of one peer in one turn: clients have their share of the batch \
	     */
#define SVC_PEER_SILENT_MS (4 * LINK_WAIT_MS) /* then its connection is made anew */
#define SVC_PEER_SLOW_MS (30 * LINK_WAIT_MS)  /* then even one that stands */
#define SVC_HOUSEKEEPING_MS 30000
#define SVC_TURN_MS_MAX 60000
#define SVC_EXIT_USAGE 2    /* wrong options: restarting cannot help */
#define SVC_EXIT_UNKNOWN 70 /* ended by die(): the restart decides */

struct svc_conf {
	struct conf *conf;
	bool done; /* --check-config, --print-config, --help, --version: nothing to run */
};

/** Reads the command line and the configuration; says what is wrong on stderr. @return SK_EINVAL
 *  (usage), SK_ECONF, SK_ENOMEM. */
SK_CHECKED int svc_conf_load(struct svc_conf *sc, int argc, char **argv);
/** Reads the configuration again (SIGHUP), whole or not at all. @return NULL: the old one stands,
 *  as it is wrong or changes what needs a restart; that was logged. */
struct conf *svc_conf_again(const struct conf *running);

struct svc_conn {
	uint64_t handle; /* 0: free */
	uint64_t used_ms;
	char party[PARTY_ID_LEN_MAX + 1];
	unsigned rejects; /* frames that did not decode, since rejects_ms */
	uint64_t rejects_ms;
	uint64_t muted_until_ms;
};

struct svc_peer {
	struct svc *svc;
	const char *name;
	void *socket;
	uint64_t unheard_ms; /* loop time of the first question after the last frame; 0: none */
};

/** Frames that were dropped unanswered, by reason. */
struct svc_dropped {
	uint64_t multipart;
	uint64_t oversize;
	uint64_t routing_id; /* chosen by the peer itself */
	uint64_t unknown;    /* no User-Id, or a key that is no longer in the table */
	uint64_t muted;      /* on a connection whose last ones did not decode */
	uint64_t replies;    /* full or gone */
};

/** The plan of the list that is in the making (common/svc_plan.c). The worker has copy and err
 * while one is under way. */
struct svc_plan {
	uv_timer_t timer;
	uv_work_t work;
	struct plan_copy *copy;  /* being taken, worked with, or its inputs being given */
	PB(PlanProposed) *ready; /* the next of these */
	bool under_way;          /* in the worker */
	bool made;
	atomic_bool stop;
	int err;
	uint64_t begun_ms; /* of the loop; so are the next two */
	uint64_t work_begun_ms, worked_ms;
};

/** The worker has made, work, store and dir while one is under way. */
struct svc_checkpoint {
	char dir[CONF_PATH_MAX]; /* the daemon's */
	uv_timer_t timer;
	uv_work_t work;
	bool under_way;
	int err;
	struct checkpoint made;
	uint64_t not_before_ms; /* loop time */
	bool any;
	struct checkpoint last;
};

struct svc {
	struct files files; /* first: struct port has one ctx for files and sockets */
	const struct service *service;
	struct conf *conf;
	const struct conf_daemon *self;
	uv_loop_t loop;
	uv_timer_t timer;
	uv_timer_t housekeeping;
	uv_timer_t beat;
	uv_timer_t peers_timer;
	uv_signal_t signals[3];
	bool loop_open;
	bool told_ready;
	struct port port;
	struct store store;
	bool store_open;
	struct engine *engine;
	char seen_path[CONF_PATH_MAX];
	struct files_seen seen; /* as the file has it */
	struct conf_secret *secret;
	void *zmq;
	void *router;
	struct zap zap;
	struct zwatch zwatch;
	struct svc_peer peers[SVC_PEERS_MAX];
	size_t peers_len;
	struct svc_checkpoint checkpoint;
	struct svc_plan plan;
	struct svc_dropped dropped;
	struct svc_dropped dropped_logged;
	struct svc_conn conns[SVC_CONN_SETS][SVC_CONN_WAYS];
};

/** Recovery, then sockets. Takes @p sc's configuration over. Logs what fails. */
SK_CHECKED int svc_open(struct svc *s, struct svc_conf *sc, const struct service *service);
/** Tells the supervisor READY, and returns after SIGTERM or SIGINT. */
SK_CHECKED int svc_run(struct svc *s);
/** Orderly end; safe on a zeroed or half-opened one. */
void svc_close(struct svc *s);
