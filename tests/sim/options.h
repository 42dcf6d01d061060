/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What can go wrong in one run, drawn by swarm: each kind of fault is on with a chance of a
 *  half, its rate log-uniform. 0 is off. All of it is printed before the run. */
#include "tests/sim/rng.h"

struct options {
	/* shape */
	uint32_t daemons;     /* 2 or 3 */
	uint32_t one_machine; /* a power cut takes all of them */
	uint32_t work;        /* commands that clients send */
	uint32_t work_ms;     /* for so long */
	uint32_t one_by_one;  /* a batch for each message */
	uint32_t commit_records;
	uint32_t commit_ms;
	uint32_t commit_idle_ms;
	uint32_t credit;         /* of client readers */
	uint32_t log_soft_bytes; /* 0: as configured */
	/* network, a million */
	uint32_t latency_us;
	uint32_t loss;
	uint32_t duplicate;
	uint32_t reorder;
	uint32_t partition_ms; /* mean time between two */
	uint32_t reset_ms;     /* all connections of a daemon */
	/* processes and machines */
	uint32_t kill_ms;
	uint32_t power_ms;
	uint32_t stop_ms; /* orderly */
	uint32_t crash;   /* at each call of the port and each named point */
	uint32_t poison;  /* of commands: one that stops the daemon in the step */
	/* disk */
	uint32_t flush_error;
	uint32_t write_error;
	uint32_t make_error;
	uint32_t slow_disk;
	uint32_t disk_full_ms;
	uint32_t flip_batch; /* of starts */
	uint32_t flip_value; /* of starts */
	uint32_t restore_ms;
	/* time */
	uint32_t clock_ms; /* mean time between two jumps of a wall clock */
	uint32_t leap_ms;  /* of the whole world by hours or days */
	/* clients */
	uint32_t vanish;
	uint32_t resend;
	uint32_t garbage;
	uint32_t wrong_id;
	uint32_t config_ms;
};

struct options options_draw(struct rng *r);
void options_print(uint64_t seed, const struct options *o);
/** Most kinds of fault are left out: what people do comes further. */
void options_calm(struct rng *r, struct options *o);
/** No fault at all; the shape stays. */
void options_heal(struct options *o);
