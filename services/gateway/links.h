/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  One-time links (common/token.h): what a partner without a sign-in can do from a mail or a
 *  text message. An ask shows nothing about the child and takes one answer; a pool is confirmed or
 *  corrected. What was done with a link before is told by the daemon, not kept here. */
#include "services/gateway/web.h"

extern const struct route links_routes[];
