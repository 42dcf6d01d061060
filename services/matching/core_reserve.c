/* SPDX-License-Identifier: EUPL-1.2 */
/* Amounts kept for one who needs more. Nothing blocks those behind a need that cannot be seated, so
 * one of four hours would wait for ever where hours come free by two and others want two. When a
 * walk comes to a need that lacks nothing but the amount, and that has waited reserve_after_days,
 * what is free at that pool is kept for it for reserve_days (MATCHING 4.4, backfilling): those
 * before it in the order may use it, and of those behind it only whose help is over by then. That
 * is no gift (L7) and stands in the record (L8). One is kept for at each pool, the first in the
 * order; each need at one pool, where what is free and what is said to be over by then are enough.
 * What ran out in vain is not begun again for as long, at that pool and for that need, so that at
 * least half of the time what is free is for all. Workers with too little room and limits of a week
 * are not waited for. */
#include <string.h>

#include "services/matching/core_int.h"

static uint64_t days_ms(struct work *w, enum setting days)
{
	return step_setting(w->s, days) * CIVIL_DAY_MS;
}

static bool is_kept(const PB(MatchPoolRecord) *p)
{
	return p->reserved_need.len == OBJECT_ID_LEN && p->reserved_place.len == ORDER_LEN;
}

/** Its help is over before, also when it begins a week from now. */
static bool ends_before(struct work *w, const PB(MatchNeedRecord) *n, uint64_t until_ms)
{
	uint64_t days = 7ULL * (n->need->duration_weeks + 1ULL);

	return n->need->duration_weeks > 0 && w->s->now_ms + days * CIVIL_DAY_MS <= until_ms;
}

bool reserve_keeps(struct work *w, const PB(MatchPoolRecord) *p, const PB(MatchNeedRecord) *n)
{
	if (!is_kept(p) || MUT(176)) {
		return false;
	}
	struct order at = order_of(n);
	struct object_id holder = id_of(&p->reserved_need);
	struct object_id need = id_of(&n->need->need_id);
	return !object_id_equal(&holder, &need) &&
	       memcmp(at.b, p->reserved_place.data, ORDER_LEN) > 0 &&
	       !ends_before(w, n, p->reserved_until_ms);
}

static void pool_clear(struct work *w, PB(MatchPoolRecord) *p, uint64_t in_vain_ms)
{
	struct object_id id = id_of(&p->pool_id);

	step_undue(w->s, p->reserved_until_ms, DUE_RESERVE, &id, 0);
	p->reserved_need = (ProtobufCBinaryData){ 0 };
	p->reserved_place = (ProtobufCBinaryData){ 0 };
	p->reserved_until_ms = in_vain_ms;
	pool_put(w, p);
	if (!MUT(177)) {
		pool_mark_dirty(w, p, NULL);
	}
}

static void let_go(struct work *w, PB(MatchPoolRecord) *p, uint64_t in_vain_ms)
{
	struct object_id need = id_of(&p->reserved_need);
	PB(MatchNeedRecord) *n = need_get(w, &need);

	pool_clear(w, p, in_vain_ms);
	if (n != NULL && n->reserved_pool[0] != '\0') {
		n->reserved_pool = step_strdup(w->s, "");
		n->reserved_until_ms = in_vain_ms;
		need_put(w, n);
	}
}

void reserve_leave(struct work *w, PB(MatchNeedRecord) *n)
{
	PB(MatchPoolRecord) *p = pool_get(w, n->reserved_pool);

	if (p != NULL && is_kept(p)) {
		pool_clear(w, p, 0);
	}
	n->reserved_pool = step_strdup(w->s, "");
	n->reserved_until_ms = 0;
}

void reserve_doubt(struct work *w, const PB(MatchNeedRecord) *n)
{
	bool kept = n->reserved_pool[0] != '\0';
	const PB(MatchPoolRecord) *p = kept ? pool_get(w, n->reserved_pool) : NULL;

	if (p != NULL) {
		pool_mark_dirty(w, p, NULL);
	}
}

/** It could be seated there with a larger amount, or can now. */
static bool still_hopes(struct work *w, const PB(MatchPoolRecord) *p, const struct pass_pool *uses,
			const PB(MatchNeedRecord) *n)
{
	struct object_id request = id_of(&n->request_id);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	bool hopes = false;

	for (size_t i = 0; r != NULL && !hopes && i < uses->uses_len; i++) {
		struct use_facts u = use_facts_of(uses->uses[i]);
		uint32_t amount = need_amount(n, p, &u);
		enum fit fit = need_reaches(n, uses->uses[i]) ? need_fit(w, r, n, p, &u) : FIT_ZONE;
		hopes = fit == FIT_OK ||
			(fit == FIT_AMOUNT && (uint64_t)amount + p->used_elsewhere <= p->staffed &&
			 amount <= COMPOSE_AMOUNT_MAX);
	}
	return hopes && team_has_room(w, n, p->partner);
}

static bool may_be_kept(struct work *w, const PB(MatchPoolRecord) *p)
{
	return step_setting(w->s, SETTING_RESERVE) > 0 && !p->insured &&
	       step_setting(w->s, SETTING_TEAM_WHOLE) == 0;
}

static void place_set(struct work *w, PB(MatchPoolRecord) *p, const PB(MatchNeedRecord) *n)
{
	struct order at = order_of(n);
	uint8_t *copy = step_alloc(w->s, ORDER_LEN);

	if (copy != NULL) {
		memcpy(copy, at.b, ORDER_LEN);
		p->reserved_place = (ProtobufCBinaryData){ .len = ORDER_LEN, .data = copy };
	}
}

void reserve_review(struct work *w, const struct pass_pool *uses)
{
	PB(MatchPoolRecord) *p = pool_get(w, uses->name);

	if (p == NULL || !is_kept(p)) {
		return;
	}
	struct object_id need = id_of(&p->reserved_need);
	const PB(MatchNeedRecord) *n = need_get(w, &need);
	if (n == NULL || !need_waits(n) || n->order->wait_class == CLASS_CRISIS ||
	    !may_be_kept(w, p) || !still_hopes(w, p, uses, n)) {
		let_go(w, p, 0);
		return;
	}
	struct order at = order_of(n);
	if (memcmp(at.b, p->reserved_place.data, ORDER_LEN) != 0) {
		place_set(w, p, n);
		pool_put(w, p);
	}
}

void reserve_lapse(struct work *w, const char *pool, const struct object_id *need)
{
	PB(MatchPoolRecord) *p = pool_get(w, pool);
	const PB(MatchNeedRecord) *n = need_get(w, need);

	if (p == NULL || n == NULL || !is_kept(p) || !need_waits(n)) {
		return;
	}
	struct object_id holder = id_of(&p->reserved_need);
	if (object_id_equal(&holder, need)) {
		let_go(w, p, w->s->now_ms);
	}
}

/** As long as it was kept in vain before it is not kept again. */
static bool has_rested(struct work *w, uint64_t in_vain_ms)
{
	return in_vain_ms == 0 || w->s->now_ms >= in_vain_ms + days_ms(w, SETTING_RESERVE);
}

static bool has_waited(struct work *w, const PB(MatchNeedRecord) *n)
{
	return n->order->wait_class != CLASS_CRISIS &&
	       w->s->now_ms >= n->need->arrival_ms + days_ms(w, SETTING_RESERVE_AFTER);
}

/** Of the need, whatever the pool keeps now. */
static bool may_ask(struct work *w, const PB(MatchPoolRecord) *p, const PB(MatchNeedRecord) *n,
		    uint32_t amount)
{
	return may_be_kept(w, p) && has_waited(w, n) && n->reserved_pool[0] == '\0' &&
	       has_rested(w, n->reserved_until_ms) && amount <= COMPOSE_AMOUNT_MAX &&
	       (uint64_t)amount + p->used_elsewhere <= p->staffed &&
	       team_has_room(w, n, p->partner);
}

void reserve_try(struct work *w, const char *pool, const struct object_id *need, uint32_t amount)
{
	PB(MatchPoolRecord) *p = pool_get(w, pool);
	PB(MatchNeedRecord) *n = need_get(w, need);

	if (p == NULL || n == NULL || !may_ask(w, p, n, amount)) {
		return;
	}
	struct order at = order_of(n);
	if (is_kept(p) && memcmp(p->reserved_place.data, at.b, ORDER_LEN) < 0) {
		return;
	}
	uint64_t until_ms = w->s->now_ms + days_ms(w, SETTING_RESERVE);
	if (pool_free(p) + held_until(w, p->pool, until_ms) < amount && !MUT(178)) {
		return; /* by then it would not do either */
	}
	if (is_kept(p)) {
		let_go(w, p, 0);
	} else if (!has_rested(w, p->reserved_until_ms)) {
		return;
	}
	struct object_id id = id_of(&p->pool_id);
	p->reserved_need = step_id_data(w->s, need);
	place_set(w, p, n);
	p->reserved_until_ms = until_ms;
	step_due(w->s, p->reserved_until_ms, DUE_RESERVE, &id, 0);
	pool_put(w, p);
	n->reserved_pool = p->pool;
	n->reserved_until_ms = 0;
	need_put(w, n);
}

void reserve_over(struct work *w, PB(MatchPoolRecord) *p, uint64_t due_ms)
{
	if (is_kept(p) && p->reserved_until_ms == due_ms) {
		let_go(w, p, w->s->now_ms);
	}
}
