/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A closed loop over many connections in one thread: each lane keeps `window` requests
 * under way and sends the next when an answer came. Waits with epoll on the lanes' descriptors.
 *  Ownership: load_run() opens and closes the lanes. Blocks: until the time is over. */
#include "tests/bench/bench.h"

struct load;

struct lane {
	size_t number;
	int fd;
	void *impl; /* of the kind of connection */
	uint64_t sent_ns[BENCH_WINDOW_MAX];
	uint64_t sent;     /* requests */
	uint64_t answered; /* in the order of the requests */
};

/** One kind of connection. */
struct lane_kind {
	/** Sets fd and impl. Blocks until connected. */
	int (*open)(struct load *l, struct lane *x);
	/** @return SK_EAGAIN: full for now. */
	int (*send)(struct load *l, struct lane *x);
	/** Takes all that stands ready. @return answers taken (0: none stands ready), or an error.
	 */
	int (*take)(struct load *l, struct lane *x);
	void (*close)(struct lane *x);
};

struct load {
	const struct lane_kind *kind;
	void *ctx; /* of the kind */
	size_t clients;
	size_t window;
	uint64_t run_ns;
	uint64_t most; /* requests of all lanes; 0: no bound */
	/* result */
	struct samples samples;
	uint64_t took_ns;
	/* inside */
	struct lane *lanes;
	int epoll;
	uint64_t until_ns;
	uint64_t sent;
	uint64_t answered;
};

/** Fills clients, window, run_ns and most from clients=, window=, seconds= (ms=), count=. */
void load_args(struct load *l, const struct bench *b);
/** @return the first error of a lane; the samples are the caller's. */
SK_CHECKED int load_run(struct load *l);
