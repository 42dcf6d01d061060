/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Commands and questions that go to each daemon of the node, or to one that is named. */
#include "services/cli/call.h"

/** @return an exit code; @p ret_status lives until the next answer. */
int status_query(struct call *k, const char *daemon, PB(StatusView) **ret_status);
/** The whole command: open, send, show the receipts. */
int to_daemons(struct cli *c, const char *only, PB(Message) *m);
