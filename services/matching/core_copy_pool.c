/* SPDX-License-Identifier: EUPL-1.2 */
/* The pools of the copy: what they serve, what is free, what is expected to come free before the
 * horizon (from what helped needs were said to last), and how often their partner can. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/matching/core_copy.h"
#include "services/matching/core_crew.h"

#define SLICE_POOLS 64U

static bool name_add(struct copy_list *list, const char *name)
{
	char *row = copy_add(list, PARTY_ID_LEN_MAX + 1);

	if (row == NULL) {
		return false;
	}
	(void)snprintf(row, PARTY_ID_LEN_MAX + 1, "%s", name);
	return true;
}

static const char *name_at(const struct copy_list *list, size_t i)
{
	return (const char *)list->at + i * (PARTY_ID_LEN_MAX + 1);
}

size_t copy_partner(const struct plan_copy *c, const char *name)
{
	size_t i = 0;

	while (i < c->partners.len && strcmp(name_at(&c->partners, i), name) != 0) {
		i++;
	}
	return i;
}

static int pool_cmp(const void *name, const void *pool)
{
	return strcmp(name, ((const struct copy_pool *)pool)->name);
}

struct copy_pool *copy_pool_find(const struct plan_copy *c, const char *name)
{
	return c->pools.len == 0 ?
		       NULL :
		       bsearch(name, c->pools.at, c->pools.len, sizeof(struct copy_pool), pool_cmp);
}

/** Units that are expected to come free before the horizon, in thousandths: of help that runs for
 *  twelve weeks a third in four weeks, and all of what was to be over by then. */
static uint64_t soon_of(const struct copy_stay *stay, uint64_t horizon_days)
{
	bool over = stay->lasted_days + horizon_days >= stay->lasts_days;
	uint64_t thousandths = stay->amount * 1000ULL;

	return over ? thousandths : thousandths * horizon_days / stay->lasts_days;
}

static bool stay_add(struct plan_copy *c, const struct copy_stay *stay)
{
	struct copy_stay *to = c->runs == 0 ? NULL : copy_add(&c->stays, sizeof(*to));

	if (to != NULL) {
		*to = *stay;
	}
	return to != NULL || c->runs == 0;
}

static uint32_t days_since(const struct plan_copy *c, uint64_t at_ms)
{
	return at_ms < c->now_ms ? (uint32_t)((c->now_ms - at_ms) / CIVIL_DAY_MS) : 0;
}

/** What the pool holds. @return false: no memory. */
static bool holds_add(struct work *w, struct plan_copy *c, const char *pool, uint32_t *ret_soon)
{
	uint64_t horizon_days = step_setting(w->s, SETTING_PLAN_HORIZON);
	struct key prefix = key_of_str(pool);
	struct store_iter it;
	struct key k;
	struct slice val;
	uint64_t soon = 999; /* what is begun counts as one */
	bool ok = true;

	store_iter_init(&it, w->s->txn, T_POOL_HOLD, &prefix);
	while (ok && store_next(&it, &k, &val)) {
		size_t mark = work_mark(w);
		struct object_id id;
		memcpy(id.b, k.b + k.len - OBJECT_ID_LEN, OBJECT_ID_LEN);
		const PB(MatchContributionRecord) *held = contribution_get(w, &id);
		if (held != NULL && held->held > 0) {
			uint64_t since = held->started_ms == 0 ? c->now_ms : held->started_ms;
			struct copy_stay stay = {
				.pool = (uint32_t)c->pools.len - 1,
				.amount = held->held,
				.lasted_days = days_since(c, since),
				.lasts_days = held_lasts_days(w, held),
			};
			soon += soon_of(&stay, horizon_days);
			ok = stay_add(c, &stay);
		}
		work_rewind(w, mark);
	}
	store_iter_done(&it);
	*ret_soon = soon / 1000 > UINT32_MAX ? UINT32_MAX : (uint32_t)(soon / 1000);
	return ok;
}

/** Those that the configuration still has. */
static uint64_t known_expertises(const struct work *w, uint64_t all)
{
	uint64_t known = all;

	for (uint64_t left = all; left != 0; left &= left - 1) {
		uint32_t bit = (uint32_t)__builtin_ctzll(left);
		if (step_expertise(w->s, bit + 1) == NULL) {
			known &= ~(1ULL << bit);
		}
	}
	return known;
}

/** A price is told of what the configuration knows; a use is as old as its pool's last statement.
 */
static bool use_add(struct work *w, struct plan_copy *c, const PB(PoolUse) *u)
{
	struct copy_use *to = copy_add(&c->uses, sizeof(*to));
	struct use_facts facts = use_facts_of(u);
	bool ok = to != NULL;

	if (ok) {
		*to = (struct copy_use){ .pool = (uint32_t)c->pools.len - 1,
					 .expertises = known_expertises(w, facts.expertises),
					 .zones = (uint32_t)c->zones.len };
	}
	for (size_t i = 0; ok && i < u->n_zones; i++) {
		if (step_zone(w->s, u->zones[i]) != NULL) {
			ok = name_add(&c->zones, u->zones[i]);
			to->zones_len++;
		}
	}
	return ok;
}

/** No more than its workers can carry. */
static uint32_t free_of(struct work *w, const PB(MatchPoolRecord) *p)
{
	struct build b = { .w = w };

	if (p->reserved_need.len > 0) {
		return 0; /* the core gives it to whom it is kept for, and to those before it */
	}
	return crew_free(p->workers == 0 ? NULL : crew_of(&b, p->pool), pool_free(p));
}

static bool pool_add(struct work *w, struct plan_copy *c, const PB(MatchPoolRecord) *p)
{
	struct copy_pool *to = copy_add(&c->pools, sizeof(*to));
	PB(PoolUse) *uses[MATCH_USES_MAX];
	size_t partner = copy_partner(c, p->partner);

	if (to == NULL || (partner == c->partners.len && !name_add(&c->partners, p->partner))) {
		return false;
	}
	*to = (struct copy_pool){ .id = id_of(&p->pool_id),
				  .partner = (uint32_t)partner,
				  .free = free_of(w, p),
				  .can_permille = c->runs == 0 ? 0 : mirror_can(w, p->partner),
				  .quick = p->crisis || p->insured };
	(void)snprintf(to->name, sizeof(to->name), "%s", p->pool);
	if (!holds_add(w, c, p->pool, &to->soon)) {
		return false;
	}
	size_t len = pool_uses(w, p->pool, uses);
	for (size_t i = 0; i < len; i++) {
		uint32_t price = index_price(w->s->index, p->pool, uses[i]->use);
		to->price = price > to->price ? price : to->price;
		if (!use_add(w, c, uses[i])) {
			return false;
		}
	}
	return true;
}

int copy_pools_slice(struct work *w, struct plan_copy *c)
{
	struct store_iter it;
	struct key k;
	struct slice val;
	unsigned some = 0;
	bool ok = true;
	bool more = true;

	store_iter_init(&it, w->s->txn, T_POOL, NULL);
	if (c->after.len > 0) {
		store_iter_from(&it, &c->after, false);
	}
	while (ok && some++ < SLICE_POOLS && (more = store_next(&it, &k, &val))) {
		size_t mark = work_mark(w);
		const PB(MatchPoolRecord) *p = step_unpack(w->s, val, DESC(match_pool_record));
		ok = p == NULL || pool_add(w, c, p);
		c->after = k;
		work_rewind(w, mark);
	}
	store_iter_done(&it);
	if (!more) {
		c->pools_done = true;
		c->after.len = 0;
	}
	return ok ? work_err(w) : SK_ENOMEM;
}
