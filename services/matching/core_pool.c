/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/matching/core_int.h"

PB(MatchPoolRecord) *pool_get(struct work *w, const char *name)
{
	struct key k = key_of_str(name);

	return step_get(w->s, T_POOL, &k, DESC(match_pool_record));
}

void pool_put(struct work *w, const PB(MatchPoolRecord) *p)
{
	struct key k = key_of_str(p->pool);

	step_put(w->s, T_POOL, &k, p);
	item_add(w, &w->pools, p->pool, strlen(p->pool) + 1, 0);
}

uint32_t pool_free(const PB(MatchPoolRecord) *p)
{
	uint64_t taken = (uint64_t)p->used_elsewhere + p->promised;

	if (MUT(40)) {
		taken = p->used_elsewhere;
	}
	return taken >= p->staffed ? 0 : (uint32_t)(p->staffed - taken);
}

PB(PoolState) pool_state(const PB(MatchPoolRecord) *p)
{
	if (p->overcommitted) {
		return PSTATE(OVERCOMMITTED);
	}
	if (p->paused) {
		return PSTATE(PAUSED);
	}
	return p->unconfirmed ? PSTATE(UNCONFIRMED) : PSTATE(CONFIRMED);
}

/** Insured capacity is the contact point's: it serves crises alone, and is asked even while it is
 * not confirmed (DOMAIN 5, 6). */
bool pool_composable(const PB(MatchPoolRecord) *p, PB(WaitClass) wait_class)
{
	if (p->shut || p->paused || p->overcommitted || pool_has_none(p)) {
		return false;
	}
	return p->insured ? wait_class == CLASS_CRISIS : !p->unconfirmed;
}

PB(MatchChainRecord) *chain_get(struct work *w)
{
	struct key k = { 0 };

	key_u8(&k, 0);
	PB(MatchChainRecord) *c = step_get(w->s, T_CHAIN, &k, DESC(match_chain_record));
	if (c == NULL && work_err(w) == SK_OK) {
		c = step_alloc(w->s, sizeof(*c));
		if (c != NULL) {
			schakel__v1__match_chain_record__init(c);
		}
	}
	return c;
}

void chain_put(struct work *w, const PB(MatchChainRecord) *c)
{
	struct key k = { 0 };

	key_u8(&k, 0);
	step_put(w->s, T_CHAIN, &k, c);
}

bool pool_is_clean(struct work *w, const char *name)
{
	struct key k = key_of_str(name);
	struct slice val;

	if (store_get(w->s->txn, T_PASS, &k, &val) || last_place_kept(w, name)) {
		return false;
	}
	const PB(MatchChainRecord) *chain = chain_get(w);
	return chain == NULL || !chain->sweeping;
}

/** From @p from on, the waiting needs have to be looked at again with this pool's free amount; a
 * pass that is under way goes back when the place is an earlier one. */
void pool_mark_dirty(struct work *w, const PB(MatchPoolRecord) *p, const struct order *from)
{
	struct key k = key_of_str(p->pool);
	struct order start = { { 0 } };
	const PB(MatchPassRecord) *old = step_get(w->s, T_PASS, &k, DESC(match_pass_record));
	PB(MatchPassRecord) rec = PB_INIT(MATCH_PASS_RECORD);

	if (!pool_composable(p, CLASS_CRISIS)) {
		return; /* goes dirty when it may be composed again */
	}
	if (from != NULL && !last_place_kept(w, p->pool)) {
		if (old == NULL && !pool_is_clean(w, p->pool)) {
			return; /* the sweep marks it from the beginning */
		}
		start = *from;
	}
	if (old != NULL && memcmp(old->position.data, start.b, ORDER_LEN) <= 0) {
		return;
	}
	rec.position = (ProtobufCBinaryData){ .len = ORDER_LEN, .data = start.b };
	step_put(w->s, T_PASS, &k, &rec);
	if (old == NULL) {
		item_add(w, &w->dirty, p->pool, strlen(p->pool) + 1, 0);
	}
}

/** L4: no step promises beyond what is staffed and unused at that moment; nothing else adds to
 *  `promised`. */
bool pool_take(struct work *w, const char *name, uint32_t amount)
{
	PB(MatchPoolRecord) *p = pool_get(w, name);

	if (p == NULL || p->overcommitted || amount == 0 || amount > pool_free(p)) {
		return false;
	}
	p->promised += amount;
	pool_put(w, p);
	return true;
}

void pool_shed_later(struct work *w, const char *name)
{
	const PB(MatchPoolRecord) *p = pool_get(w, name);

	if (p != NULL && p->overcommitted) {
		struct object_id id = id_of(&p->pool_id);
		step_due(w->s, w->s->now_ms, DUE_SHED, &id, 0);
	}
}

void pool_adopt(struct work *w, const char *name, uint32_t amount)
{
	PB(MatchPoolRecord) *p = pool_get(w, name);

	if (p == NULL) {
		return;
	}
	p->promised += amount;
	/* Each time: what was let go before may be less than what comes back now. */
	if ((uint64_t)p->used_elsewhere + p->promised > p->staffed) {
		struct object_id id = id_of(&p->pool_id);
		p->overcommitted = true;
		step_due(w->s, w->s->now_ms, DUE_SHED, &id, 0);
	}
	pool_put(w, p);
}

void pool_give(struct work *w, const char *name, uint32_t amount, bool staffed_falls)
{
	PB(MatchPoolRecord) *p = pool_get(w, name);

	if (p == NULL || amount == 0) {
		return;
	}
	SK_ASSERT(p->promised >= amount);
	p->promised -= amount;
	if (staffed_falls) {
		/* Free stays as it was: the hands are gone with the promise. */
		p->staffed -= amount < p->staffed ? amount : p->staffed;
		p->version = step_next_version(w->s, p->version);
	}
	pool_put(w, p);
	if (!staffed_falls && pool_free(p) > 0) {
		pool_mark_dirty(w, p, NULL);
	}
}

void pool_unconfirm(struct work *w, const char *name)
{
	PB(MatchPoolRecord) *p = pool_get(w, name);

	if (p != NULL && !p->unconfirmed && !MUT(42)) {
		p->unconfirmed = true;
		pool_put(w, p);
	}
}

PB(Event) *pool_event(struct work *w, const PB(MatchPoolRecord) *p)
{
	PB(Event) *e = step_alloc(w->s, sizeof(*e));

	if (e == NULL) {
		return NULL;
	}
	schakel__v1__event__init(e);
	e->kind = EVENT(POOL);
	e->object_id = p->pool_id;
	e->version = p->version;
	e->party = p->partner;
	e->pool = p->pool;
	e->pool_state = pool_state(p);
	e->free = pool_free(p);
	e->promised = p->promised;
	e->network = p->network;
	/* The offer as it is now, and the need because of which it last changed (A10). */
	e->expertise = p->because_expertise;
	e->zone = p->because_zone;
	e->at_ms = w->s->now_ms;
	return e;
}

#define RANK_SOFT 1 /* ASKED, CAN, CAN_IF */
#define RANK_FIRM 2 /* AGREED, STARTED */

static bool is_beyond(const PB(MatchPoolRecord) *p)
{
	return (uint64_t)p->used_elsewhere + p->promised > p->staffed;
}

/** The first row that may go: holds that are not AGREED, last-ordered first, then the others. What
 *  is being handed on already stays until its successor has started. */
static bool first_hold(struct work *w, const char *name, struct object_id *ret_id,
		       uint8_t *ret_rank)
{
	struct store_iter it;
	struct key prefix = key_of_str(name);
	struct key k;
	struct slice val;
	bool found = false;

	store_iter_init(&it, w->s->txn, T_POOL_HOLD, &prefix);
	if (store_next(&it, &k, &val)) {
		*ret_rank = k.b[prefix.len];
		memcpy(ret_id->b, k.b + k.len - OBJECT_ID_LEN, OBJECT_ID_LEN);
		found = *ret_rank <= RANK_FIRM;
	}
	store_iter_done(&it);
	return found;
}

void pool_shed(struct work *w, const char *name)
{
	for (; w->shed_left > 0; w->shed_left--) {
		size_t mark = work_mark(w);
		struct object_id id;
		uint8_t rank;
		const PB(MatchPoolRecord) *p = pool_get(w, name);

		if (p == NULL || !p->overcommitted || !is_beyond(p)) {
			return;
		}
		if (interpreter_shed(w, name)) {
			work_rewind(w, mark);
			continue;
		}
		if (!first_hold(w, name, &id, &rank)) {
			return;
		}
		PB(MatchContributionRecord) *c = contribution_get(w, &id);
		if (c == NULL) {
			return;
		}
		if (rank == RANK_FIRM) {
			c->interrupt =
				SCHAKEL__V1__INTERRUPT_REASON__INTERRUPT_REASON_OVERCOMMITTED;
			contribution_move(w, c, EV_INTERRUPT, TELL_PARTNER);
		} else {
			contribution_move(w, c, EV_RELEASE, TELL_PARTNER);
		}
		work_rewind(w, mark);
	}
	const PB(MatchPoolRecord) *p = pool_get(w, name);
	if (p != NULL && is_beyond(p)) {
		struct object_id id = id_of(&p->pool_id);
		step_due(w->s, w->s->now_ms, DUE_SHED, &id, 0);
	}
}
