/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The files of the page (services/gateway/page), embedded in the program when it is built,
 *  plain and compressed. Ownership: static. Threads: any. Blocks: never. */
#include <stddef.h>

#include "common/key.h"

struct asset {
	const char *path; /* below page/: "app.js", "lib/api.js", "index.html" */
	const char *type; /* media type, with its charset where it is text */
	const char *etag; /* start of its SHA-256, 16 hex digits, without quotes */
	struct slice plain;
	struct slice gzip; /* what gzip -9 makes of it */
};

/** All of them in the order of their paths (bytewise), for the count and for tests. */
extern const struct asset asset_table[];
extern const size_t asset_table_len;

/** @return NULL: there is no such file. */
const struct asset *asset_find(const char *path);
