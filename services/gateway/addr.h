/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Which addresses a webhook may lead to: those of the public internet. Judged on the
 * address that is connected to, never on a name, which may say something else a moment later. Pure;
 * never blocks. */
#include <stdbool.h>

#include <sys/socket.h>

/** False for loopback, private, link-local, shared, multicast, reserved, documentation, and for
 *  IPv6 forms that carry such an IPv4 address; false for families other than IPv4 and IPv6. */
bool addr_is_public(const struct sockaddr *sa);
