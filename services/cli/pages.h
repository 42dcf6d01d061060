/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Long answers come in pages (proto/schakel/v1/query.proto); this reads them all, or up to
 * a limit, into one document. */
#include "services/cli/call.h"

struct pages {
	const char *daemon;
	PB(Message) *query;         /* its `after` is moved on */
	ProtobufCBinaryData *after; /* that field of the query */
	PB(Message__BodyCase) view;
	const char *list; /* name of the list in the view */
	size_t limit;     /* 0: all */
};
/** @return CLI_DONE with {list: [...]} (the caller decrefs), or an exit code. */
int pages_read(struct call *k, struct pages *p, json_t **ret_doc);
