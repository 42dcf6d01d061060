/* SPDX-License-Identifier: EUPL-1.2 */
/* One measurement at a time: `schakel_bench WHAT name=value ...`. bench.py runs many and compares.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/bench.h"

static const struct {
	const char *name;
	bench_fn *fn;
	const char *args;
} commands[] = {
	{ "flush", bench_flush, "file= ms=" },
	{ "lmdb", bench_lmdb, "dir= batch= bytes= ms=" },
	{ "echo-serve", bench_echo_serve, "endpoint= curve=0|1 (prints its key; until a signal)" },
	{ "echo", bench_echo,
	  "endpoint= curve= key= clients= window= bytes= answer= copies= ms= count=" },
	{ "postgres", bench_postgres, "socket= user= clients= window= bytes= ms= count=" },
	{ "redis", bench_redis, "socket= clients= window= bytes= ms= count=" },
	{ "rest", bench_rest, "port= token= body= clients= window= ms= count=" },
	{ "submit", bench_submit,
	  "node= party= zone= clients= window= needs= urgency= text= seal=0|1 ms= count=" },
	{ "pools", bench_pools, "node= party= zone= pools= expertise=" },
	{ "propose", bench_propose, "node= party= reader= zone= expertise= count= ms=" },
	{ "fanout", bench_fanout, "node= party= reader= readers= entries= count=" },
	{ "watch", bench_watch, "node= daemon= party= peer= upto= (until read so far)" },
	{ "fold", bench_fold, "dir= (made) count=" },
	{ "plan", bench_plan,
	  "requests= offers= seed= law=0|1 prices= repair= again_prices= again_repair= lp=FILE" },
	{ "compose", bench_compose, "offers= needs= requests= from= plain=0|1 file=" },
	{ "seat", bench_seat, "dir= (made, empty) offers= needs= requests= region=0|1" },
	{ "step", bench_step, "node= (of its own, not running, not a demo) batch= count=" },
};

int main(int argc, char **argv)
{
	struct bench b = { .argc = argc - 2, .argv = argv + 2 };

	for (size_t i = 0; argc > 1 && i < SK_LEN(commands); i++) {
		if (strcmp(argv[1], commands[i].name) == 0) {
			return commands[i].fn(&b);
		}
	}
	for (size_t i = 0; i < SK_LEN(commands); i++) {
		(void)fprintf(stderr, "schakel_bench %s %s\n", commands[i].name, commands[i].args);
	}
	return EXIT_FAILURE;
}
