/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The cores that `audit replay` runs again and a restored copy is opened with: the objects
 * of the daemons themselves. Nothing else of a service is reachable from the command. */
#include "common/service.h"

/** @return the service of that name, or NULL. */
const struct service *core_of(const char *daemon);
