/* SPDX-License-Identifier: EUPL-1.2 */
/* Rows that take room in the store, and their end. */
#include "tests/unit/engine_toy.h"

#define T_BULK (TABLE_SERVICE + 1)

void toy_bulk_write(struct step *s, uint32_t kib)
{
	static uint8_t bulk[1U << 20];
	struct object_id id = step_new_id(s);
	struct key k = key_of_id(&id);

	store_put(s->txn, T_BULK, &k, (struct slice){ bulk, (size_t)kib * 1024 });
}

void toy_bulk_drop(struct step *s)
{
	struct store_iter it;
	struct key k;
	struct slice val;

	store_iter_init(&it, s->txn, T_BULK, NULL);
	while (store_next(&it, &k, &val)) {
		step_del(s, T_BULK, &k);
	}
	store_iter_done(&it);
}
