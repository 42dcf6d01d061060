/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/assets.h"

#include <stdlib.h>
#include <string.h>

static int by_path(const void *key, const void *item)
{
	return strcmp(key, ((const struct asset *)item)->path);
}

const struct asset *asset_find(const char *path)
{
	return bsearch(path, asset_table, asset_table_len, sizeof(asset_table[0]), by_path);
}
