/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The page: /static/... are its files, every other path that is of no other face is the
 * page itself, which finds its way by the path. Last of all tables. */
#include "services/gateway/web.h"

extern const struct route pages_routes[];
