/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The smallest service that uses every part of the engine: alpha takes commands that add to
 *  named counters and tells each peer; a peer adds what it is told and echoes it. Additive on
 *  purpose: a message that is lost, doubled or half undone shows in a sum. With due rows in chains,
 *  refusals before and after a write, events, an index in memory, a snapshot, an inventory. */
#include "common/service.h"

/* PutCapacity: pool = counter, staffed = amount, based_on = version that was seen (0: any),
 * used_elsewhere = rows of a due chain, total = flags. */
enum toy_flag {
	TOY_REFUSE_LATE = 1, /* refused after everything was written */
	TOY_CRASH = 2,       /* stops alpha in the step */
	TOY_CRASH_PEER = 4,  /* stops the peer in the step */
	TOY_NOTE = 8,        /* also to the log of the sender */
	TOY_PEER_REFUSES = 16,
	TOY_DUE_REFUSES = 32,
};
#define TOY_AMOUNT_MAX 1000
#define TOY_CHAIN_STEP_MS 700

enum toy_table {
	TOY_COUNTER = TABLE_SERVICE, /* name -> struct toy_counter, big-endian */
	TOY_ADD,                     /* id of an addition -> name */
	TOY_FIRED,                   /* id, number in the chain -> mark */
};

struct toy_counter {
	uint64_t value;
	uint64_t version;
	uint64_t echoes;
	uint64_t ticks;
};
#define TOY_COUNTER_BYTES 32
void toy_counter_read(const uint8_t *p, struct toy_counter *ret_c);

/** alpha with one peer (beta), and with two (beta, gamma). */
extern const struct service toy_alpha_2, toy_alpha_3, toy_beta, toy_gamma;
/** Called in a step whose message carries the flag. The simulator leaves the daemon there. */
extern void (*toy_crash)(void);
