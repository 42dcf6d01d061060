/* SPDX-License-Identifier: EUPL-1.2 */
/* The payload of a batch and the effects of a record: read to the end or refused as corrupt. */
#include "common/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk_effects(struct slice fx)
{
	uint8_t table;
	struct key k;
	struct slice val;

	while (effects_next(&fx, &table, &k, &val) == 1) {
		SK_ASSERT(k.len <= KEY_LEN_MAX);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = { data, size };
	struct record r;

	walk_effects(rest);
	while (record_next(&rest, &r) == 1) {
		walk_effects(r.effects);
	}
	return 0;
}
