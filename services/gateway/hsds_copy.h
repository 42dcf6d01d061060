/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  All services of the directory as HSDS, one copy for all who read: at most two seconds
 * old, and read anew after each command that went through this gateway. At most 5,000 services are
 * kept. Ownership: the caller decrefs, and changes nothing in it. Threads: workers; one reads while
 *  the others wait, two seconds at most. Blocks: in web_ask(). */
#include "services/gateway/web.h"

#define HSDS_TAG_TEXT 33 /* of the whole, in hex: another one when anything differs */

/** @return NULL: answered. */
json_t *hsds_copy(struct web *w, char ret_tag[HSDS_TAG_TEXT]);
/** Something was changed: the next who asks gets it as it is then. */
void hsds_copy_is_old(void);
