/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The person who looks after one daemon: asks for its status now and then, accepts a clock
 *  that jumped, ends a drain and a paused link; sometimes orders the latter, for no good reason. */
#include "tests/sim/caller.h"

struct operator_client {
	struct caller caller; /* first */
	struct daemon *of;
	uint8_t question[16];
	uint32_t asked;
	bool content; /* the last status asked for nothing */
	uint64_t content_us;
};

struct operator_client *operator_new(struct world *w, const char *party, struct daemon *of);
void operator_begin(struct operator_client *o);
