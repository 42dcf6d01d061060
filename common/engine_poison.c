/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "common/engine_internal.h"

#define POISON_CRASHES 2

/* A message that stops the daemon is found by its id in the slot at the next start. */

static struct poison_slot *slot_of(const struct engine *e)
{
	return e->replaying ? NULL : e->port->slot;
}

static struct poison_suspect *find(struct poison_slot *slot, const uint8_t id[16])
{
	for (size_t i = 0; i < POISON_SUSPECTS; i++) {
		struct poison_suspect *s = &slot->suspect[i];
		if (s->crashes > 0 && memcmp(s->id, id, sizeof(s->id)) == 0) {
			return s;
		}
	}
	return NULL;
}

static struct poison_suspect *oldest(struct poison_slot *slot)
{
	struct poison_suspect *s = &slot->suspect[0];

	for (size_t i = 1; i < POISON_SUSPECTS; i++) {
		if (slot->suspect[i].turn < s->turn) {
			s = &slot->suspect[i];
		}
	}
	return s;
}

void engine_slot_start(struct engine *e)
{
	struct poison_slot *slot = slot_of(e);

	if (slot == NULL) {
		return;
	}
	slot->active =
		0; /* a kill in a step leaves it set: what crashes next is not of that message */
	if (slot->crashes == 0) {
		return;
	}
	struct poison_suspect *s = find(slot, slot->id);
	if (s == NULL) {
		s = oldest(slot);
		s->crashes = 0;
		memcpy(s->id, slot->id, sizeof(s->id));
	}
	s->crashes += slot->crashes;
	s->turn = ++slot->turns;
	slot->crashes = 0;
}

void engine_slot_set(struct engine *e, const uint8_t id[16])
{
	struct poison_slot *slot = slot_of(e);

	if (slot != NULL) {
		memcpy(slot->id, id, sizeof(slot->id));
		slot->active = 1;
	}
}

/** It was stepped through, or set aside for good. */
void engine_slot_clear(struct engine *e)
{
	struct poison_slot *slot = slot_of(e);

	if (slot == NULL) {
		return;
	}
	slot->active = 0;
	struct poison_suspect *s = find(slot, slot->id);
	if (s != NULL) {
		*s = (struct poison_suspect){ 0 };
	}
}

void engine_slot_leave(struct engine *e)
{
	struct poison_slot *slot = slot_of(e);

	if (slot != NULL) {
		slot->active = 0;
	}
}

void engine_slot_forgive(struct engine *e)
{
	struct poison_slot *slot = slot_of(e);

	if (slot != NULL) {
		memset(slot->suspect, 0, sizeof(slot->suspect));
	}
}

bool engine_slot_poisoned(const struct engine *e, const uint8_t id[16])
{
	struct poison_slot *slot = slot_of(e);
	const struct poison_suspect *s = slot == NULL ? NULL : find(slot, id);

	return s != NULL && s->crashes >= POISON_CRASHES;
}
