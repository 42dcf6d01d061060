/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The code lists of the node, open to all, by name: {"urgency": [{"code", "nl", "en",
 * "youth"},
 * ...]}.
 */
#include "services/gateway/web.h"

extern const struct route codes_routes[];
