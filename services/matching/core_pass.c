/* SPDX-License-Identifier: EUPL-1.2 */
/* The seat pass: how freed amounts reach the needs in the order, with a bounded step.
 *
 * A pool is clean when none of its free amount could be given to an open need without a seat (all
 * hard rules, that need's other seats fixed). What can end this: (1) amount is freed or added, or
 * the pool may be composed again; (2) a need begins to wait; (3) a waiting need becomes able: an
 * exclusion ends, its team has room again, it is amended; (4) a rule changes. (1) makes the pool
 * dirty: it gets a row in T_PASS with a place in the order, and keeps that row until a walk over
 * all that wait for its expertises in its zones has come to the end. Every need before the place
 * has been looked at and could not use it. Nothing but the walk gives amounts of a dirty pool, and
 * it gives in the order: L7 for that pool. (2), (3) touch the request: its open needs are composed
 * in the same step, in the order, over the clean pools. No other waiting need could use what they
 * take, by definition of clean: L7. A dirty pool in their reach has its place moved back to them,
 * so the walk does not miss them. When the step has no room for all, the pools in reach of the rest
 * go dirty instead. (4) counts every pool as dirty until the sweep has passed it. So after each
 * step a free amount that a waiting need could use stands at a dirty pool only, and a due row is
 * there for it: L8 with its deferral. Seats that are given take amounts and team places away and so
 * never make another need able.
 *
 * A need stands in one row of the order for each zone where its child lives, or, when it asks in
 * the whole region, in the one row of the stream "". The streams that a walk merges are those of
 * all zones of the pool and that one, so that each need that the pool may serve has a row in it at
 * its own place; a second row of the same need comes right behind the first and finds it looked at.
 * A wider ring, another place to live, a child found again (3) move or bring back the rows and
 * touch the request, as any amendment does; a child that is missing has no rows: nothing is given
 * to it.
 *
 * Beside the free amount, a seat counts under the limit of a week, the cap of a worker, and the cap
 * on school ateliers of its network (core_hold.c), and serves only its network (core_network.c) or
 * by court order. Of these, what frees a place under a limit or a cap is (1): every pool behind it
 * goes dirty in that step, from the beginning. The time itself frees nothing: a week begins and a
 * rest ends with their due row. An order, a number of the gate, an own crisis are told by a Demand:
 * (3). A network that ends with an heir is (4). Two needs of one group may each fit under such a
 * cap and not both: so group_compose() asks again as it gives each seat, in the order, and from the
 * first that does not fit composes the rest anew, with the seats before it as they are (L7).
 *
 * What is free may be kept for a need that lacks nothing but a larger amount (core_reserve.c): a
 * rule of need_fit() for those behind it. When that ends, or something about that need changes,
 * the pool goes dirty: (1). */
#include "services/matching/core_stream.h"
#include <stdio.h>

#define ROOM_FOR_GROUP COMPOSE_NEEDS_MAX

void stream_seek(struct work *w, struct stream *st, const struct order *from)
{
	struct store_iter it;
	struct key prefix = { 0 };
	struct key k;
	struct slice val;

	key_u32(&prefix, st->expertise);
	key_str(&prefix, st->zone);
	store_iter_init(&it, w->s->txn, T_WAIT, &prefix);
	k = prefix;
	key_bytes(&k, from == NULL ? st->head.b : from->b, ORDER_LEN);
	if (from == NULL) {
		key_id(&k, &st->need);
	}
	store_iter_from(&it, &k, from != NULL);
	st->has = store_next(&it, &k, &val);
	if (st->has) {
		memcpy(st->head.b, k.b + prefix.len, ORDER_LEN);
		memcpy(st->need.b, k.b + prefix.len + ORDER_LEN, OBJECT_ID_LEN);
	}
	store_iter_done(&it);
}

static bool stream_known(const struct stream *streams, size_t len, uint32_t expertise,
			 const char *zone)
{
	for (size_t i = 0; i < len; i++) {
		if (streams[i].expertise == expertise && strcmp(streams[i].zone, zone) == 0) {
			return true;
		}
	}
	return false;
}

/** Those who ask in the whole region stand in a stream of their own, which every pool merges. */
size_t streams_add(const struct pass_pool *p, struct stream *streams, size_t len)
{
	for (size_t u = 0; u < p->uses_len; u++) {
		const PB(PoolUse) *use = p->uses[u];
		size_t each = use->n_zones + 1;
		for (size_t i = 0; i < use->n_expertises * each; i++) {
			uint32_t expertise = use->expertises[i / each];
			size_t at = i % each;
			const char *zone = at < use->n_zones ? use->zones[at] : "";
			if (len < STREAMS_MERGED_MAX &&
			    !stream_known(streams, len, expertise, zone)) {
				struct stream *st = &streams[len++];
				*st = (struct stream){ .expertise = expertise };
				(void)snprintf(st->zone, sizeof(st->zone), "%s", zone);
			}
		}
	}
	return len;
}

struct stream *streams_first(struct stream *streams, size_t len)
{
	struct stream *first = NULL;

	for (size_t i = 0; i < len; i++) {
		struct stream *st = &streams[i];
		if (st->has &&
		    (first == NULL || memcmp(st->head.b, first->head.b, ORDER_LEN) < 0)) {
			first = st;
		}
	}
	return first;
}

size_t pool_uses(struct work *w, const char *pool, PB(PoolUse) **ret_uses)
{
	struct store_iter it;
	struct key prefix = key_of_str(pool);
	struct key k;
	struct slice val;
	size_t len = 0;

	store_iter_init(&it, w->s->txn, T_POOL_USE, &prefix);
	while (len < MATCH_USES_MAX && store_next(&it, &k, &val)) {
		PB(PoolUse) *u = step_unpack(w->s, val, DESC(pool_use));
		if (u != NULL) {
			ret_uses[len++] = u;
		}
	}
	store_iter_done(&it);
	return len;
}

enum look {
	LOOK_PASSED, /* it did not fit */
	LOOK_COMPOSED,
	LOOK_MORE, /* of its group, in the next step */
	LOOK_KEPT, /* the last place in a crisis step: a person decides */
};

/** Looks at one waiting need; composes its group over this pool when it fits. Nothing blocks those
 *  behind it: a need that cannot be seated is passed by. */
static enum look look_at(struct work *w, const struct pass_pool *p, const struct stream *st)
{
	const PB(MatchNeedRecord) *n = need_get(w, &st->need);
	const PB(MatchPoolRecord) *pool = pool_get(w, p->name);

	if (n == NULL || pool == NULL || !need_waits(n)) {
		return LOOK_PASSED; /* seated in this very walk */
	}
	struct object_id request = id_of(&n->request_id);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	if (r == NULL) {
		return LOOK_PASSED;
	}
	uint32_t lacks = 0; /* the least that would do */
	for (size_t i = 0; i < p->uses_len; i++) {
		struct use_facts u = use_facts_of(p->uses[i]);
		enum fit fit = need_reaches(n, p->uses[i]) ? need_fit(w, r, n, pool, &u) : FIT_ZONE;
		uint32_t amount = need_amount(n, pool, &u);
		if (fit == FIT_OK && st->head.b[0] == CLASS_CRISIS && last_place_keep(w, p->name)) {
			return LOOK_KEPT;
		}
		if (fit == FIT_OK) {
			bool all = group_compose(w, st->head.b, p);
			reserve_lapse(w, p->name, &st->need);
			return all ? LOOK_COMPOSED : LOOK_MORE;
		}
		lacks = fit == FIT_AMOUNT && (lacks == 0 || amount < lacks) ? amount : lacks;
	}
	if (lacks > 0) {
		reserve_try(w, p->name, &st->need, lacks);
	}
	return LOOK_PASSED;
}

static void pass_end(struct work *w, const char *pool)
{
	struct key k = key_of_str(pool);

	step_del(w->s, T_PASS, &k);
}

static void pass_stop(struct work *w, const char *pool, struct order at)
{
	struct key k = key_of_str(pool);
	PB(MatchPassRecord) rec = PB_INIT(MATCH_PASS_RECORD);

	rec.position = (ProtobufCBinaryData){ .len = ORDER_LEN, .data = at.b };
	step_put(w->s, T_PASS, &k, &rec);
}

static bool nothing_to_give(struct work *w, const char *name)
{
	const PB(MatchPoolRecord) *p = pool_get(w, name);

	return p == NULL || !pool_composable(p, CLASS_CRISIS) || pool_free(p) == 0;
}

/** By the law, and wherever the lab leaves it so. */
static bool crises_are_first(struct work *w)
{
	return step_setting(w->s, SETTING_ORDER_RULE) == ORDER_LAW ||
	       step_setting(w->s, SETTING_ORDER_CRISIS_FIRST) != 0;
}

enum walk {
	WALK_DONE, /* at its end, or nothing is left to give */
	WALK_MORE,
	WALK_KEPT,
};

static enum walk walk(struct work *w, const struct pass_pool *p, struct stream *streams, size_t len)
{
	const PB(MatchPoolRecord) *pool = pool_get(w, p->name);
	bool crises_only = pool != NULL && pool->insured && crises_are_first(w);
	struct order last = { { 0 } };
	struct object_id looked = { { 0 } };

	for (struct stream *st = streams_first(streams, len); st != NULL && work_err(w) == SK_OK;
	     st = streams_first(streams, len)) {
		if (crises_only && st->head.b[0] > CLASS_CRISIS) {
			return WALK_DONE;
		}
		/* The place kept for the next step is an order, which both rows of a need share: to
		 * stop between them would be to begin at the first again, without end. */
		if (memcmp(looked.b, st->need.b, OBJECT_ID_LEN) == 0) {
			stream_seek(w, st, NULL);
			continue;
		}
		if (w->candidates_left == 0 || w->seats_left < ROOM_FOR_GROUP) {
			pass_stop(w, p->name, st->head);
			return WALK_MORE;
		}
		size_t mark = work_mark(w);
		uint32_t seats = w->seats_left;
		enum look look = LOOK_COMPOSED;
		w->candidates_left--;
		looked = st->need;
		/* The needs of one group are composed together, at the first of them that fits. */
		if (memcmp(last.b, st->head.b, GROUP_LEN) != 0 || MUT(45)) {
			look = look_at(w, p, st);
		}
		if (look == LOOK_COMPOSED) {
			last = st->head;
		}
		bool done = w->seats_left != seats && nothing_to_give(w, p->name);
		work_rewind(w, mark);
		if (look == LOOK_KEPT) {
			return WALK_KEPT;
		}
		if (look == LOOK_MORE && !done) {
			pass_stop(w, p->name, st->head);
			return WALK_MORE;
		}
		if (done || (MUT(45) && look == LOOK_PASSED)) {
			return WALK_DONE;
		}
		stream_seek(w, st, NULL);
	}
	return WALK_DONE;
}

bool pass_run(struct work *w, const char *name)
{
	struct key k = key_of_str(name);
	const PB(MatchPassRecord) *rec = step_get(w->s, T_PASS, &k, DESC(match_pass_record));
	PB(PoolUse) *uses[MATCH_USES_MAX];
	const PB(MatchChainRecord) *chain = chain_get(w);
	struct order from;

	if (rec == NULL) {
		return true;
	}
	struct pass_pool p = { .name = name, .uses = uses };
	p.uses_len = pool_uses(w, name, uses);
	reserve_review(w, &p);
	rec = step_get(w->s, T_PASS, &k, DESC(match_pass_record));
	if (rec == NULL) {
		return true;
	}
	SK_ASSERT(rec->position.len == ORDER_LEN);
	memcpy(from.b, rec->position.data, ORDER_LEN);
	if (nothing_to_give(w, name)) {
		last_place_drop(w, name);
		pass_end(w, name);
		return true;
	}
	if (w->candidates_left == 0 || w->seats_left < ROOM_FOR_GROUP || chain == NULL ||
	    chain->sweeping) {
		return false;
	}
	struct stream *streams = index_scratch(w->s->index)->streams;
	size_t len = streams_add(&p, streams, 0);
	for (size_t i = 0; i < len; i++) {
		stream_seek(w, &streams[i], &from);
	}
	enum walk end = walk(w, &p, streams, len);
	if (end == WALK_MORE) {
		return false;
	}
	if (end == WALK_DONE) {
		last_place_drop(w, name);
	}
	pass_end(w, name);
	return true;
}

struct order pass_place(struct work *w, const char *pool)
{
	struct key k = key_of_str(pool);
	const PB(MatchPassRecord) *rec = step_get(w->s, T_PASS, &k, DESC(match_pass_record));
	const PB(MatchChainRecord) *chain = chain_get(w);
	struct order at = { { 0 } };

	if (rec != NULL && rec->position.len == ORDER_LEN && chain != NULL && !chain->sweeping) {
		memcpy(at.b, rec->position.data, ORDER_LEN);
	}
	return at;
}

/** The dirty pool behind @p name, or the first. */
static bool next_dirty(struct work *w, const char *name, char ret_name[PARTY_ID_LEN_MAX + 1])
{
	struct store_iter it;
	struct key from = { 0 };
	struct key k;
	struct slice val;

	store_iter_init(&it, w->s->txn, T_PASS, NULL);
	if (name[0] != '\0') {
		key_str(&from, name);
		store_iter_from(&it, &from, false);
	}
	bool found = store_next(&it, &k, &val);
	store_iter_done(&it);
	struct slice rest = { .data = k.b, .len = found ? k.len : 0 };
	return found && key_take_str(&rest, ret_name);
}

bool pass_left(struct work *w)
{
	char name[PARTY_ID_LEN_MAX + 1];

	return next_dirty(w, "", name);
}

/** Counts the next pool behind the sweep as dirty. @return false when there is none. */
static bool sweep_one(struct work *w, PB(MatchChainRecord) *chain)
{
	struct store_iter it;
	struct key from = { 0 };
	struct key k;
	struct slice val;

	store_iter_init(&it, w->s->txn, T_POOL, NULL);
	if (chain->sweep_after[0] != '\0') {
		key_str(&from, chain->sweep_after);
		store_iter_from(&it, &from, false);
	}
	bool found = store_next(&it, &k, &val);
	PB(MatchPoolRecord) *p = found ? step_unpack(w->s, val, DESC(match_pool_record)) : NULL;
	store_iter_done(&it);
	if (p == NULL) {
		chain->sweeping = false;
		return false;
	}
	pool_mark_dirty(w, p, NULL);
	chain->sweep_after = p->pool;
	return true;
}

/** Dirty pools in turn, so that a long walk at one does not keep the others' amounts idle. */
void pass_chain(struct work *w)
{
	PB(MatchChainRecord) *chain = chain_get(w);
	char name[PARTY_ID_LEN_MAX + 1];

	if (chain == NULL) {
		return;
	}
	chain->due_ms = 0;
	while (chain->sweeping && work_err(w) == SK_OK && w->candidates_left > 0) {
		w->candidates_left -= sweep_one(w, chain);
	}
	chain_put(w, chain);
	while (work_err(w) == SK_OK && w->candidates_left > 0 && w->seats_left >= ROOM_FOR_GROUP &&
	       (next_dirty(w, chain->last_pool, name) || next_dirty(w, "", name))) {
		chain->last_pool = step_strdup(w->s, name);
		size_t mark = work_mark(w);
		(void)pass_run(w, name);
		work_rewind(w, mark);
	}
	chain_put(w, chain);
	w->deferred = w->deferred || chain->sweeping || pass_left(w);
}

void pass_sweep(struct work *w)
{
	PB(MatchChainRecord) *chain = chain_get(w);

	if (chain != NULL) {
		chain->sweeping = true;
		chain->sweep_after = step_strdup(w->s, "");
		chain_put(w, chain);
		w->deferred = true;
	}
}
