/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The two halves of the loop: common/svc.c (life) and common/svc_net.c (sockets). */
#include "common/svc.h"

/** Context, ZAP, ROUTER, self-test, one DEALER per log that the service reads; all watched. */
SK_CHECKED int svc_net_open(struct svc *s);
/** After the loop has run empty. */
void svc_net_close(struct svc *s);
int svc_net_reply(void *ctx, uint64_t conn, struct slice frame);
int svc_net_ask(void *ctx, const char *peer, struct slice frame);
/** Tells the engine of connections that are idle, or (@p revoked) whose party is no longer known.
 */
void svc_net_sweep(struct svc *s, bool revoked);
/** One line when frames were dropped since the last. */
void svc_net_log_dropped(struct svc *s);
