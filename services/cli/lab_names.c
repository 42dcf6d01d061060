/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/lab_names.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

static struct lab_names_slot *slot_of(const struct lab_names *n, const char *name, uint64_t hash)
{
	uint32_t at = (uint32_t)hash & (n->room - 1);

	while (n->slots[at].name != NULL &&
	       (n->slots[at].hash != hash || strcmp(n->slots[at].name, name) != 0)) {
		at = (at + 1) & (n->room - 1);
	}
	return &n->slots[at];
}

static uint64_t hash_of(const char *name)
{
	return XXH3_64bits(name, strlen(name));
}

uint32_t lab_names_find(const struct lab_names *n, const char *name)
{
	if (n->room == 0) {
		return UINT32_MAX;
	}
	const struct lab_names_slot *s = slot_of(n, name, hash_of(name));

	return s->name == NULL ? UINT32_MAX : s->at;
}

/* At most half of the table is full, so a search ends soon. */
static bool widen(struct lab_names *n)
{
	struct lab_names wide = { .room = n->room == 0 ? 64 : n->room * 2, .len = n->len };

	wide.slots = calloc(wide.room, sizeof(*wide.slots));
	if (wide.slots == NULL) {
		return false;
	}
	for (uint32_t i = 0; i < n->room; i++) {
		if (n->slots[i].name != NULL) {
			*slot_of(&wide, n->slots[i].name, n->slots[i].hash) = n->slots[i];
		}
	}
	free(n->slots);
	*n = wide;
	return true;
}

bool lab_names_add(struct lab_names *n, const char *name)
{
	if ((n->len + 1) * 2 > n->room && !widen(n)) {
		return false;
	}
	uint64_t hash = hash_of(name);

	*slot_of(n, name, hash) = (struct lab_names_slot){ name, hash, n->len };
	n->len++;
	return true;
}

void lab_names_free(struct lab_names *n)
{
	free(n->slots);
	*n = (struct lab_names){ 0 };
}
