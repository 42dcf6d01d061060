/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What inner.c (cores and their turns) and inner_ask.c (who asks them) share. */
#include "common/engine.h"
#include "common/plan/plan_told.h"
#include "services/cli/inner.h"
#include "services/cli/told.h"

#define INNER_MAP_BYTES (16ULL << 30) /* a hole in a file, until it is written */
#define INNER_ARENA_BYTES (4U * FRAME_BYTES_MAX)
#define INNER_CLIENT CONF_DAEMONS /* who asks from outside; below: cores */

struct inner_frame {
	struct inner_frame *next;
	size_t from, to;
	bool answer;
	size_t len;
	uint8_t bytes[];
};

struct inner_queue {
	struct inner_frame *first, *last;
};

struct inner_core {
	struct inner *node;
	size_t at;
	const struct service *svc;
	struct store store;
	struct engine *engine;
	struct port port;
	struct poison_slot slot;
	uint64_t wait_ms; /* as its last turn said */
	bool store_open;
	bool stirred; /* got a frame since its last turn */
};

struct inner {
	const struct conf *conf;
	struct inner_core core[CONF_DAEMONS];
	struct inner_queue queue; /* from core to core */
	struct inner_queue box;   /* for who asked last */
	struct arena arena;       /* a frame from the box */
	uint64_t boot_ms;
	struct inner_plans plans;
	const char *plans_dir; /* NULL: plans are not written */
	struct told *told;
	FILE *plans_index;
	uint64_t plans_told;
	int told_err;
	uint32_t question;
	uint8_t message[FRAME_BYTES_MAX];
	uint8_t frame[FRAME_BYTES_MAX];
};

/** @return the oldest, now the caller's; NULL: none. */
struct inner_frame *inner_take(struct inner_queue *q);
void inner_turn(struct inner *n, size_t at);

/* --- inner_told.c --- */

/** The files of plans_dir, before the first input. */
SK_CHECKED int inner_told_open(struct inner *n, struct inner_core *core);
/** One plan, before it is given. */
void inner_told_plan(struct inner *n, const struct plan_told *plan, const PB(PlanProposed) *m);
