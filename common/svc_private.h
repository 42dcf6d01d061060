/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The parts of the loop: common/svc_open.c (start), svc.c (turns, signals, end),
 * svc_net.c (sockets), svc_checkpoint.c and svc_plan.c. Threads: the loop's. */
#include "common/svc.h"

/** One turn, behind the sockets. */
void svc_on_turn(void *ctx);
void svc_on_signal(uv_signal_t *handle, int signum);
/** port.die: logs one line, then _exit. Does not return. */
void svc_die(void *ctx, const char *why, int err);

/** A warning in the log when the list does not run by the law. */
void svc_log_unlawful(const struct svc *s);

/** Looks at the checkpoints that are there; a failure is logged and costs only the trimming. */
void svc_checkpoint_open(struct svc *s);
/** From here on one that is asked for is made. */
void svc_checkpoint_start(struct svc *s);
/** Begins one when the last is checkpoint_days old. */
void svc_checkpoint_when_due(struct svc *s);

/** From here on plans of the list are made, where the service makes any. */
void svc_plan_start(struct svc *s);
/** The one that is in the making is given up; the loop then runs until its worker has ended. */
void svc_plan_end(struct svc *s);

/** Context, ZAP, ROUTER, self-test, one DEALER per log that the service reads; all watched. */
SK_CHECKED int svc_net_open(struct svc *s);
/** After the loop has run empty. */
void svc_net_close(struct svc *s);
int svc_net_reply(void *ctx, uint64_t conn, struct slice frame);
int svc_net_ask(void *ctx, const char *peer, struct slice frame);
/** Tells the engine of connections that are idle, or (@p revoked) whose party is no longer known.
 */
void svc_net_sweep(struct svc *s, bool revoked);
/** Connects anew to the peers that were silent for SVC_PEER_SILENT_MS after a question and to which
 *  no connection stands, or for SVC_PEER_SLOW_MS. */
void svc_net_renew_peers(struct svc *s);
/** One line when frames were dropped since the last. */
void svc_net_log_dropped(struct svc *s);
