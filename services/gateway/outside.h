/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Puts what leaves the node by itself (out.h, hook.h, notice.h) to work in the gateway:
 * with its configuration, its feed of events and its connections to the daemons. Ownership:
 * outside_close(). Threads: two of its own. */
#include "common/conf.h"
#include "services/gateway/out.h"

struct gate;
struct outside;
struct hooks;

/** After the model, the feed and the connections. What fails is logged with a hint. */
SK_CHECKED int outside_open(struct gate *g, const struct conf *c, struct outside **ret_outside);
/** Before the connections and the model are closed. NULL is a no-op. */
void outside_close(struct outside *o);
/** Servers and their passwords need a restart; parties and hosts that mails go to do not. */
void outside_conf_applied(struct outside *o, const struct conf *c);
void outside_counts(struct outside *o, struct out_counts *ret_counts);
