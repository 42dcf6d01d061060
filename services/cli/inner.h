/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A node inside this process: the three engines of the daemons, with their stores in a
 *  scratch directory, and nothing else of a daemon. No sockets, threads, clocks or syncs: what one
 *  core sends to another is handed over here, in an order that is always the same. It keeps no
 *  journal, so it cannot be recovered: for a node that is thrown away when the command ends.
 *  Ownership: inner_close(). Blocks: on writes of the stores, never on a sync. */
#include "common/client.h"

struct inner;

/** Who asks, and which core; at: as conf->daemons. */
struct inner_door {
	size_t at;
	const char *party;
};

/** The node of @p conf, which was made as a demo node and has not run yet. @p plans: an empty
 *  directory for what matching does and for each plan of the list, for who checks them
 *  (inner_told.c); NULL: none. */
SK_CHECKED int inner_open(const struct conf *conf, const char *plans, struct inner **ret_n);
/** @return SK_ESYS, ...: not all of that was written. */
int inner_told(struct inner *n);
/** NULL is a no-op. */
void inner_close(struct inner *n);

/** One message, and its answer, decoded into @p a. @return SK_EPROTO: there was no answer. */
SK_CHECKED int inner_ask(struct inner *n, struct inner_door door, const PB(Message) *m,
			 struct arena *a, PB(Message) **ret_answer);
/** As client_log_read() does, at once. */
SK_CHECKED int inner_log_read(struct inner *n, struct inner_door door, struct client_log *io_log,
			      const struct client_read *read, uint32_t *ret_entries);
/** Until every core has read what the others wrote and has nothing due.
 *  @return SK_ETIMEDOUT: they go on for ever, which is a defect. */
SK_CHECKED int inner_settle(struct inner *n);
/** Makes and gives the plan of the list where one is due. @p ret_given: settle again. */
SK_CHECKED int inner_plan(struct inner *n, bool *ret_given);
/** All plans so far, summed: what they cost, what none can go below, and what the order costs; the
 *  needs that have a seat in them and what these cost, and the same without the order. */
struct inner_plans {
	uint64_t plans, value, bound, law_cost;
	uint64_t covered, cost, free_covered, free_cost;
};
struct inner_plans inner_plans(const struct inner *n);
/** Sequence of the last input of that core. */
uint64_t inner_sequence(const struct inner *n, size_t at);
/** One number for all that stands in the three stores. */
SK_CHECKED int inner_digest(struct inner *n, uint64_t *ret_digest);
