/* SPDX-License-Identifier: EUPL-1.2 */
#include "clifile.h"

#include "common/capacity_file.h"
#include "services/cli/request_file.h"

static _Alignas(64) uint8_t block[4U << 20];

/** Either outcome is right: what counts is that nothing else happens. */
static void refused_or_not(int err)
{
	SK_ASSERT(err <= SK_OK);
}

void clifile_read(struct slice bytes, enum file_kind kind)
{
	Schakel__V1__PutCapacity *put;
	struct request_in request;
	struct amend_in amend;
	struct file_error err;
	struct jsonin in;
	struct arena a;

	arena_init(&a, block, sizeof(block));
	if (request_file_read(&in, &a, bytes, kind, &err) == SK_OK) {
		for (size_t i = 0; i < request_file_count(&in); i++) {
			refused_or_not(request_file_get(&in, i, &request));
		}
		if (kind == FILE_JSON) {
			refused_or_not(amend_file_get(&in, &amend));
		}
		jsonin_done(&in);
	}
	arena_reset(&a);
	if (capacity_file_read(&in, &a, bytes, kind, &err) == SK_OK) {
		refused_or_not(capacity_file_get(&in, 0, &put));
		jsonin_done(&in);
	}
	arena_reset(&a);
}
