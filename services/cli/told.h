/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What a daemon's inputs changed, step by step, in a file for who checks from outside that
 *  the order was kept: the rows that its service tells (struct service: told), a JSON document a
 *  line. tests/bench/README.md describes it. Blocks: writes the file. */
#include "common/engine.h"

struct told;

/** @return SK_EFOREIGN: of that daemon nothing is told. SK_ESYS: errno says why. */
SK_CHECKED int told_open(const char *path, const struct service *svc, struct told **ret_t);
/** One input with its effects; a line when a told row changed. engine_on_applied()'s @p ctx is the
 *  struct told. */
void told_step(void *ctx, const struct applied *a);
/** @return SK_ESYS, SK_ECORRUPT: something is not in the file. NULL is a no-op. */
int told_close(struct told *t);
