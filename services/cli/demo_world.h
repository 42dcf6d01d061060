/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the people of the demo remember: their own requests, needs, and contributions by id,
 * and the figures of the region as events tell them. The daemons hold the truth; this is never
 * written down and is asked anew at each start. Ownership: demo_world_done(). Errors: out of memory
 * ends the command. Never blocks. */
#include "common/step.h"

#define DEMO_POOL_NAMES_MAX 256
#define DEMO_CHILDREN_MAX 4 /* of one request */

/** Ids to row numbers. */
struct demo_ids {
	struct {
		struct object_id id;
		uint32_t row; /* plus one; 0: free */
	} * slot;
	size_t cap; /* a power of two */
	size_t len;
};
void demo_ids_put(struct demo_ids *t, const struct object_id *id, uint32_t row);
bool demo_ids_get(const struct demo_ids *t, const struct object_id *id, uint32_t *ret_row);
void demo_ids_done(struct demo_ids *t);

struct demo_request {
	struct object_id id;
	char code[SHORT_CODE_LEN + 1];
	uint32_t number; /* in the order of the demo */
	uint32_t requester;
	uint32_t zone;
	PB(Urgency) urgency;
	PB(Urgency) told; /* urgency at first: URGENT lasts for a month */
	bool consult, gate, crisis, open, named, voicing, nighting, unheld, breached;
	bool dropped; /* waited, and let something of it go: not taken back at once */
	uint32_t children;
	uint32_t starts;            /* contributions that have started */
	uint32_t contact;           /* of the cast, plus one; 0: nobody is named */
	uint32_t strengths;         /* told with it */
	bool unclear, wished;       /* ground (d) or (c); waits on its own wish */
	bool anonymous, returning;  /* consults: no name; and was not enough */
	uint32_t voices;            /* times that the family was asked */
	uint32_t nights;            /* night plans looked at */
	uint32_t seats, open_seats; /* of the team that was seen last */
	uint64_t received_ms, due_ms, answered_ms;
	uint64_t offer_ms, start_ms; /* somebody could help; help started: the first time */
};

struct demo_need_row {
	struct object_id id;
	uint32_t request; /* row */
	uint32_t expertise;
	uint32_t child, asks, reviews;
	PB(Shortfall) shortfall;
	bool must, waiting, started, closed;
	bool unwell; /* so it was said afterwards; an alarm comes with it */
};

struct demo_share {
	struct object_id id;
	uint32_t request; /* row; UINT32_MAX: not known */
	uint32_t need;    /* row; UINT32_MAX: not known */
	uint32_t partner; /* of the cast */
	PB(ContributionState) state;
	uint32_t expertise, weeks, child;
	uint32_t worker; /* who came, as a number of its own; 0: nobody yet */
	bool crisis, planned, told, started_once;
	bool fated;        /* how it goes on is planned, its end too */
	bool ending;       /* its house has asked for its end */
	bool silent;       /* it will not answer by itself */
	bool meets_first;  /* as ASSESS_FIRST says of its pool */
	bool worker_named; /* by the house, before anybody was asked */
};

struct demo_pool_row {
	char name[PARTY_ID_LEN_MAX + 1];
	uint32_t free, promised;
	PB(PoolState) state;
	PB(Unit) unit;
};

/** A list that grows, with its rows by id. */
struct demo_rows {
	struct demo_ids ids;
	void *list;
	size_t len, cap;
};

struct demo_world {
	struct demo_rows requests, needs, shares;
	struct demo_pool_row pool[DEMO_POOL_NAMES_MAX];
	size_t pools_len;
};

/* By row number, below the list's len. */
struct demo_request *demo_request_at(const struct demo_world *w, size_t row);
struct demo_need_row *demo_need_at(const struct demo_world *w, size_t row);
struct demo_share *demo_share_at(const struct demo_world *w, size_t row);
/** The row number of something that was found. */
uint32_t demo_request_row(const struct demo_world *w, const struct demo_request *r);

uint32_t demo_need_row_of(const struct demo_world *w, const struct demo_need_row *n);
/** Help that is given in a crisis only: intervention, guidance, a stay. */
bool demo_of_crisis(const struct demo_need_row *n);

/* Found, or NULL. Pointers die at the next _add. */
struct demo_request *demo_request(struct demo_world *w, const ProtobufCBinaryData *id);
struct demo_need_row *demo_need(struct demo_world *w, const ProtobufCBinaryData *id);
struct demo_share *demo_share(struct demo_world *w, const ProtobufCBinaryData *id);
/* Found, or made with nothing but its id. */
struct demo_request *demo_request_add(struct demo_world *w, const ProtobufCBinaryData *id);
struct demo_need_row *demo_need_add(struct demo_world *w, const ProtobufCBinaryData *id);
struct demo_share *demo_share_add(struct demo_world *w, const ProtobufCBinaryData *id);
/** @return NULL when there are too many. */
struct demo_pool_row *demo_pool_row(struct demo_world *w, const char *name);

struct demo_figures {
	uint32_t calls, searches, open, answered, in_time, late, gate_open;
	uint32_t crises, unheld; /* of these, with nothing agreed after half an hour */
	uint32_t waiting, asks, running, started;
	uint32_t places, hours,
		talks; /* free and confirmed: beds, places, modules, seats; a week */
	uint32_t unconfirmed;
};
struct demo_figures demo_figures(const struct demo_world *w, uint64_t now_ms);
void demo_world_done(struct demo_world *w);
