/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/matching/core_int.h"

void work_init(struct work *w, struct step *s)
{
	struct match_scratch *m = index_scratch(s->index);

	*w = (struct work){ .s = s,
			    .number = ++m->works,
			    .seats_left = MATCH_STEP_SEATS_MAX,
			    .asks_left = MATCH_STEP_ASKS_MAX,
			    .shed_left = MATCH_STEP_SHED_MAX };
	w->candidates_left = (uint32_t)step_setting(s, SETTING_SEAT_CANDIDATES);
	m->chunks_len = 0;
}

size_t work_mark(const struct work *w)
{
	return w->s->arena->used_bytes;
}

void work_rewind(struct work *w, size_t mark)
{
	if (mark < w->s->arena->used_bytes) {
		w->s->arena->used_bytes = mark;
	}
}

struct item *item_at(struct item_set *set, size_t n)
{
	struct item_chunk *c = set->first;

	SK_ASSERT(n < set->len);
	for (size_t i = n / CHUNK_ITEMS; i > 0; i--) {
		c = c->next;
	}
	return &c->items[n % CHUNK_ITEMS];
}

/** Not of the arena: what a set holds outlives the memory of those who add to it. */
static struct item_chunk *chunk_new(struct work *w)
{
	struct match_scratch *m = index_scratch(w->s->index);

	SK_ASSERT(w->number == m->works); /* one work at a time: a later one took the chunks */
	if (m->chunks_len == ITEM_CHUNKS_MAX) {
		w->s->txn->err = w->s->txn->err == SK_OK ? SK_ENOMEM : w->s->txn->err;
		return NULL;
	}
	struct item_chunk *fresh = &m->chunks[m->chunks_len++];
	fresh->next = NULL;
	return fresh;
}

/** @return the free item behind the last one, or NULL with the sticky error set. */
static struct item *item_grow(struct work *w, struct item_set *set)
{
	struct item_chunk **at = &set->first;

	while (*at != NULL && (*at)->next != NULL) {
		at = &(*at)->next;
	}
	if (set->len % CHUNK_ITEMS == 0) {
		struct item_chunk *fresh = chunk_new(w);
		if (fresh == NULL) {
			return NULL;
		}
		at = *at == NULL ? at : &(*at)->next;
		*at = fresh;
	}
	set->len++;
	return &(*at)->items[(set->len - 1) % CHUNK_ITEMS];
}

void item_add(struct work *w, struct item_set *set, const void *key, size_t len, uint32_t flags)
{
	uint8_t full[ITEM_BYTES] = { 0 };

	SK_ASSERT(len <= ITEM_BYTES);
	memcpy(full, key, len);
	for (struct item_chunk *c = set->first; c != NULL; c = c->next) {
		size_t used = c->next != NULL ? CHUNK_ITEMS : (set->len - 1) % CHUNK_ITEMS + 1;
		for (size_t i = 0; i < used; i++) {
			if (memcmp(c->items[i].key, full, ITEM_BYTES) == 0) {
				c->items[i].flags |= flags;
				return;
			}
		}
	}
	struct item *it = item_grow(w, set);
	if (it != NULL) {
		memcpy(it->key, full, ITEM_BYTES);
		it->flags = flags;
	}
}

#define GROUP_DONE 1U
#define ROOM_FOR_ASKS (MATCH_STEP_ASKS_MAX / 3)

/** The groups of open needs of all touched requests. */
static void gather_groups(struct work *w, struct item_set *ret_groups)
{
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];

	for (size_t i = 0; i < w->touched.len && work_err(w) == SK_OK; i++) {
		size_t mark = work_mark(w);
		struct object_id request;

		memcpy(request.b, item_at(&w->touched, i)->key, OBJECT_ID_LEN);
		size_t len = needs_of(w, &request, needs);
		for (size_t n = 0; n < len; n++) {
			if (need_waits(needs[n])) {
				struct order o = order_of(needs[n]);
				item_add(w, ret_groups, o.b, GROUP_LEN, 0);
				reserve_doubt(w, needs[n]);
			}
		}
		work_rewind(w, mark);
	}
}

static struct item *next_group(struct item_set *groups)
{
	struct item *first = NULL;

	for (size_t i = 0; i < groups->len; i++) {
		struct item *it = item_at(groups, i);
		bool todo = (it->flags & GROUP_DONE) == 0;
		if (todo && (first == NULL || memcmp(it->key, first->key, GROUP_LEN) < 0)) {
			first = it;
		}
	}
	return first;
}

/** Groups that have just become able to use clean capacity, in the order (L7): when one has to be
 *  put off, the pools in its reach go dirty, so that no later one can take what it is due. */
static void compose_touched(struct work *w)
{
	struct item_set groups = { 0 };

	gather_groups(w, &groups);
	for (struct item *g = next_group(&groups); g != NULL && work_err(w) == SK_OK;
	     g = next_group(&groups)) {
		size_t mark = work_mark(w);

		g->flags |= GROUP_DONE;
		if (w->candidates_left == 0 || w->seats_left < COMPOSE_NEEDS_MAX ||
		    w->asks_left < ROOM_FOR_ASKS) {
			group_defer(w, g->key);
		} else {
			w->candidates_left--;
			(void)group_compose(w, g->key, NULL);
		}
		work_rewind(w, mark);
	}
}

/** Pools that became dirty in this step, each as far as the step's bounds reach. */
static void run_passes(struct work *w)
{
	for (size_t i = 0; i < w->dirty.len && work_err(w) == SK_OK; i++) {
		size_t mark = work_mark(w);
		char name[ITEM_BYTES];

		memcpy(name, item_at(&w->dirty, i)->key, ITEM_BYTES);
		if (!pass_run(w, name)) {
			w->deferred = true;
		}
		work_rewind(w, mark);
	}
}

int work_settle(struct work *w)
{
	/* Restored, and the peers not yet heard: nothing is granted. The sweep that ends this
	 * offers every pool anew. */
	if (!w->s->isolated) {
		compose_touched(w);
		run_passes(w);
		/* Who was helped just now may have been one of those concerned elsewhere. */
		if (last_place_review(w)) {
			run_passes(w);
			w->deferred = last_place_review(w) || w->deferred;
		}
		/* What went dirty again behind its own walk. */
		w->deferred = w->deferred || pass_left(w);
	}
	if (w->deferred && work_err(w) == SK_OK) {
		PB(MatchChainRecord) *chain = chain_get(w);
		if (chain != NULL && chain->due_ms == 0) {
			struct object_id none = { { 0 } };
			chain->due_ms = w->s->now_ms; /* the engine runs it in the next Tick */
			step_due(w->s, chain->due_ms, DUE_CHAIN, &none, 0);
			chain_put(w, chain);
		}
	}
	facts_out(w);
	return work_err(w);
}
