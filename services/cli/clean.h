/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The one way out of the command: what people wrote can never steer the terminal of who
 *  reads it. Control characters (C0 and C1, DEL), marks that turn the direction of writing and
 *  bytes that are no UTF-8 are written as what they are: "\u001b". The same form is JSON's own.
 *  Line ends, tabs and the form feed of a printed list pass.
 *  Ownership: the stream is the caller's, to be closed before the one under it, which stays open.
 *  Blocks: on writing to the stream under it. */
#include <stdio.h>

/** @return a stream that writes to @p under, or NULL without memory. */
FILE *clean_open(FILE *under);
