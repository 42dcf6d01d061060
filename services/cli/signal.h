/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Finds the running daemons of a node by the lock that each holds on its store; there are
 * no pid files to go stale. Linux only (/proc/locks). Blocks: no. */
#include <sys/types.h>

#include "common/conf.h"
#include "services/cli/cli.h"

/** @return the process that owns the store of that daemon, or 0. */
pid_t daemon_pid(const struct conf_daemon *d);
/** Tells every running daemon to read the configuration again. @return how many were told; says
 * which could not be. */
unsigned daemons_reload(const struct cli *c, const struct conf *conf);
