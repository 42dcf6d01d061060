/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the people of the demo are going to do, and when: a heap by time, then by the order
 * in which it was written down. Ownership: demo_agenda_done(). Errors: out of memory ends the
 * command (the demo is bounded by its own stream). Never blocks. */
#include "common/key.h"

enum demo_do {
	DEMO_CALL = 1, /* somebody calls for help: a request or a consult */
	DEMO_GATE,     /* a request that stood at the gate already */
	DEMO_CONTACT,  /* a contact person is named */
	DEMO_CONSULT,  /* the family says whether the advice was enough */
	DEMO_VOICE,    /* the family looks at the team and says what it wants */
	DEMO_WITHDRAW,
	DEMO_STOP,   /* the young person stops a contribution */
	DEMO_NIGHT,  /* a crisis without anything that holds: the night plan */
	DEMO_REVIEW, /* somebody looks at an entry of the list */
	DEMO_ANSWER,
	DEMO_TERMS, /* the condition of a CAN_IF: met, or not */
	DEMO_TAKE_BACK,
	DEMO_START,
	DEMO_INTERRUPT,
	DEMO_RESUME,
	DEMO_HAND_ON,
	DEMO_END,
	DEMO_PUBLISH, /* a partner states what it can do */
	DEMO_AWAY,    /* a client is cut off */
	DEMO_BACK,
	DEMO_LOOK,   /* nothing but a moment at which time must stand still */
	DEMO_BRIDGE, /* what helps meanwhile is noted */
	DEMO_LIVE,   /* a row of abilities.csv: who says which */
	DEMO_DO_COUNT
};

struct demo_item {
	uint64_t at_ms;
	uint64_t seq;
	enum demo_do what;
	uint32_t who; /* index of a party, of a pool, or a number of its own */
	struct object_id id;
	uint32_t arg;
};

struct demo_agenda {
	struct demo_item *heap;
	size_t len;
	size_t cap;
	uint64_t seq;
};

void demo_agenda_add(struct demo_agenda *a, struct demo_item item);
/** @return when the first item is due; UINT64_MAX: there is none. */
uint64_t demo_agenda_first(const struct demo_agenda *a);
/** Takes the first item that is due at @p now_ms. */
bool demo_agenda_take(struct demo_agenda *a, uint64_t now_ms, struct demo_item *ret_item);
void demo_agenda_done(struct demo_agenda *a);
