/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  One service under the real engine with everything in memory, for fuzz targets: a fresh
 *  store each time, segments in a buffer, a clock that stands still. Ends the process on any error
 *  of its own. Threads: none. */
#include "common/engine.h"

#define MEM_NOW_MS 1772532000000ULL /* Tuesday 3 March 2026, 10:00 UTC */

struct mem_engine;

struct mem_engine *mem_engine_new(const struct service *svc);
/** Stops in order, replays all inputs through the core and compares every effect (L11). */
void mem_engine_check_and_free(struct mem_engine *m);
struct engine *mem_engine_of(struct mem_engine *m);
/** Frames that the engine answered since the start. */
size_t mem_engine_answers(const struct mem_engine *m);
