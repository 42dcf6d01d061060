/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the toy service must hold, reckoned from the inputs alone: the sums of each counter,
 *  each due row once, and that peers agree in the end. Shares no code with the service. */
#include "tests/sim/reader.h"
#include "tests/sim/world.h"

#define TOY_COUNTERS 4

void toy_describe(struct world *w, struct daemon *d, const struct applied *a,
		  struct record_kept *rec);
void toy_check(struct world *w, bool end);
/** True while a chain of due rows still runs. */
bool toy_chains_run(struct daemon *alpha);
/** I21: what the dashboard made of snapshot and events is what the counters are. */
void toy_check_dashboard(struct reader_client *r);
uint64_t toy_object(const PB(Event) *e, uint64_t *ret_state);
