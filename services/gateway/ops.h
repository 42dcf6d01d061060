/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  For who runs the node: /healthz (the process turns), /readyz (it can serve: each daemon
 *  answered lately, no drain), and /metrics on a local address of its own (ops_only). For the page:
 *  the node's time. */
#include "services/gateway/web.h"

extern const struct route ops_routes[];
extern const struct route *const ops_only[];
