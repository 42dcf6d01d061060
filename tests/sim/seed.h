/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The command line of a simulator: one seed. In the `mut` build it also takes the number of
 *  the planted bug from the environment (SK_MUT). */
#include <stdbool.h>
#include <stdint.h>

/** @return false, with a line on stderr, when the arguments are not one number. */
bool seed_of(int argc, char **argv, uint64_t *ret_seed);
