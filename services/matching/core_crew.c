/* SPDX-License-Identifier: EUPL-1.2 */
/* The workers of a pool beside a team that is composed: can they carry its seats there, each whole
 * at one of them (B15)? */
#include "services/matching/core_crew.h"

#define CREW_TRIES 4096U

/** What of that worker's is given to seats that may move. */
static uint32_t room_undone(const struct build *b, const PB(MatchWorkerRecord) *rec)
{
	struct object_id id = id_of(&rec->worker->worker);
	uint32_t room = 0;

	for (size_t i = 0; b->undone != NULL && i < b->problem.needs; i++) {
		const PB(MatchContributionRecord) *c = b->undone[i];
		struct object_id booked;
		if (c != NULL && strcmp(c->pool, rec->worker->pool) == 0 &&
		    object_id_from(&c->booked, &booked) && object_id_equal(&booked, &id)) {
			room += c->amount;
		}
	}
	return room;
}

static void crew_add(const struct build *b, struct crew *crew, const PB(MatchWorkerRecord) *rec)
{
	uint64_t carries = (uint64_t)rec->worker->load + rec->given - room_undone(b, rec);

	if (MUT(145)) {
		carries = 0;
	}
	if (rec->worker->left || rec->resting || carries >= rec->worker->cap ||
	    crew->len == MATCH_WORKERS_MAX) {
		return;
	}
	size_t at = crew->len++;
	crew->id[at] = id_of(&rec->worker->worker);
	crew->knows[at] = 0;
	for (size_t i = 0; i < rec->worker->n_expertises; i++) {
		crew->knows[at] |= 1ULL << (rec->worker->expertises[i] - 1);
	}
	crew->room[at] = (uint32_t)(rec->worker->cap - carries);
}

const struct crew *crew_of(const struct build *b, const char *pool)
{
	struct step *s = b->w->s;
	struct crew *crew = step_alloc(s, sizeof(*crew));
	struct key prefix = key_of_str(pool);
	struct store_iter it;
	struct key k;
	struct slice val;

	if (crew == NULL) {
		return NULL;
	}
	crew->len = 0;
	store_iter_init(&it, s->txn, T_WORKER, &prefix);
	while (store_next(&it, &k, &val)) {
		size_t mark = work_mark(b->w);
		const PB(MatchWorkerRecord) *rec = step_unpack(s, val, DESC(match_worker_record));
		if (rec != NULL) {
			crew_add(b, crew, rec);
		}
		work_rewind(b->w, mark);
	}
	store_iter_done(&it);
	return crew;
}

uint32_t crew_free(const struct crew *c, uint32_t free)
{
	uint64_t room = 0;

	for (size_t i = 0; c != NULL && i < c->len; i++) {
		room += c->room[i];
	}
	return c != NULL && room < free ? (uint32_t)room : free;
}

bool crew_can(const struct crew *c, size_t worker, const struct hold_want *want)
{
	return (c->knows[worker] >> (want->expertise - 1) & 1) != 0 &&
	       c->room[worker] >= want->amount;
}

/** One like the worker was tried for it already. */
static bool is_again(const struct crew *c, size_t worker)
{
	for (size_t i = 0; i < worker; i++) {
		if (c->knows[i] == c->knows[worker] && c->room[i] == c->room[worker]) {
			return true;
		}
	}
	return false;
}

/** For whom fewest can come first, then who takes most. */
static void hardest_first(const struct crew *c, const struct hold_want *wants, size_t len,
			  struct hold_want *ret)
{
	size_t can[COMPOSE_NEEDS_MAX];

	for (size_t i = 0; i < len; i++) {
		size_t n = 0;
		size_t at = i;
		for (size_t k = 0; k < c->len; k++) {
			n += crew_can(c, k, &wants[i]);
		}
		while (at > 0 && (n < can[at - 1] ||
				  (n == can[at - 1] && wants[i].amount > ret[at - 1].amount))) {
			can[at] = can[at - 1];
			ret[at] = ret[at - 1];
			at--;
		}
		can[at] = n;
		ret[at] = wants[i];
	}
}

bool crew_carries(const struct crew *crew, const struct hold_want *wants, size_t len)
{
	struct crew c = *crew;
	struct hold_want want[COMPOSE_NEEDS_MAX];
	size_t at[COMPOSE_NEEDS_MAX + 1] = { 0 };
	size_t i = 0;

	hardest_first(&c, wants, len, want);
	for (uint32_t tries = 0; i < len && tries < CREW_TRIES; tries++) {
		if (at[i] == c.len) { /* nobody: the one before it goes to the next */
			if (i == 0) {
				return false;
			}
			i--;
			c.room[at[i]] += want[i].amount;
			at[i]++;
		} else if (crew_can(&c, at[i], &want[i]) && !is_again(&c, at[i])) {
			c.room[at[i]] -= want[i].amount;
			at[++i] = 0;
		} else {
			at[i]++;
		}
	}
	return true;
}
