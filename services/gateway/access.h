/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  One line a request in the log: who asked (organisation and roles), what kind of thing,
 *  and how it went. What could tell of a person is not in it: no path, query, header or body, no
 *  address, and of a person of a family the channel alone. Threads: the loop. */
#include "services/gateway/web.h"

/** @p route NULL: none was found; a stream is told when it ends. Nothing is written when
 *  [gateway] access_log leaves this one out. */
void access_log(const struct web *w, const struct route *route, uint64_t took_ms);
