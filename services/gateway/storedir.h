/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A store of the gateway's own: opened, or made whole or not at all (DESIGN 3). */
#include "common/store.h"

/** @return also SK_EBUSY: another process owns it. */
SK_CHECKED int storedir_open(struct store *st, const char *dir, uint64_t map_bytes);
/** Removes a store that is closed, so that the next opening makes a fresh one. */
SK_CHECKED int storedir_remove(const char *dir);
