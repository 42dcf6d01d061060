/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  An event as the outside gets it: a CloudEvents 1.0 envelope in JSON. Pure. */
#include <jansson.h>

#include "common/conf.h"

#define EVENT_TYPE_MAX 64

struct event_source {
	const char *node;
	const char *daemon;
	uint32_t incarnation;
	uint64_t sequence;
};

/** "be.jeugdhulp.request.received.v1" */
void event_type(const PB(Event) *e, char ret_type[EVENT_TYPE_MAX]);
/** @p reduced: what kind of thing changed, and nothing of it: for a person of a family, who reads
 * its own view anew, and for who gets aggregates only. @return a new document. */
json_t *event_json(const struct event_source *from, const PB(Message) *m, bool reduced);
