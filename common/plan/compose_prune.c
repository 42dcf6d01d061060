/* SPDX-License-Identifier: EUPL-1.2 */
/* What cannot be in a best team is set aside before any table is made. Every rule here is strict:
 * what could tie stays, so the answer is the one of all that fits. */
#include <string.h>

#include "common/plan/compose_work.h"

#define PICKS 8U       /* partners per need by their share of the fixed costs */
#define PICKS_WIDE 12U /* partners by how many needs they reach */
#define PICK_FROM 256U /* with fewer partners all are taken at once */
#define PRUNE_ROUNDS 3U

static uint64_t fixed_weight(uint32_t cost)
{
	return (uint64_t)cost << KEY_TIE_BITS;
}

static uint32_t run_reach(const struct compose_work *w, const struct compose_run_of *run)
{
	uint32_t mask = 0;

	for (uint32_t i = 0; i < run->len; i++) {
		mask |= need_bit(w->p, w->fits[run->first + i].need);
	}
	return mask;
}

static uint32_t partner_reach(const struct compose_work *w, uint32_t partner)
{
	uint32_t mask = 0;

	for (uint32_t r = w->partner_first[partner]; r < w->partner_first[partner + 1]; r++) {
		mask |= run_reach(w, &w->runs[r]);
	}
	return mask;
}

static uint64_t shared(uint32_t cost, uint32_t mask)
{
	uint32_t n = mask_count(mask);

	return fixed_weight(cost) / (n == 0 ? 1 : n);
}

/* The cheapest pools of one partner for one need, each with its fixed cost, by (weight, id). */
struct stand_ins {
	uint64_t weight[COMPOSE_NEEDS_MAX];
	const uint8_t *id[COMPOSE_NEEDS_MAX];
	uint32_t len;
	uint64_t ample; /* the best pool that takes all its needs at once, each where it weighs
			   least */
	const uint8_t *ample_id;
};

static bool before(uint64_t weight, const uint8_t *id, uint64_t than, const uint8_t *than_id)
{
	return weight != than ? weight < than : memcmp(id, than_id, 16) < 0;
}

static void stand_in_add(struct stand_ins *s, uint32_t max, uint64_t weight, const uint8_t *id)
{
	uint32_t at = s->len;

	if (s->len == max) {
		at--;
		if (!before(weight, id, s->weight[at], s->id[at])) {
			return;
		}
	} else {
		s->len++;
	}
	for (; at > 0 && before(weight, id, s->weight[at - 1], s->id[at - 1]); at--) {
		s->weight[at] = s->weight[at - 1];
		s->id[at] = s->id[at - 1];
	}
	s->weight[at] = weight;
	s->id[at] = id;
}

static void gather_stand_ins(const struct compose_work *w, const struct compose_run_of *run,
			     struct stand_ins by_need[COMPOSE_NEEDS_MAX])
{
	const struct compose_pool *pool = &w->p->pools[run->pool];
	const struct compose_fit *fits = &w->fits[run->first];
	uint64_t weight[COMPOSE_NEEDS_MAX];
	uint32_t amount[COMPOSE_NEEDS_MAX] = { 0 };
	uint64_t sum = 0;

	memset(weight, 0xff, sizeof(weight));
	for (uint32_t i = 0; i < run->len; i++) {
		bool less = fits[i].weight < weight[fits[i].need];
		weight[fits[i].need] = less ? fits[i].weight : weight[fits[i].need];
		amount[fits[i].need] = less ? fits[i].amount : amount[fits[i].need];
	}
	for (uint32_t need = 0; need < w->p->needs; need++) {
		sum += amount[need];
	}
	for (uint32_t need = 0; need < w->p->needs; need++) {
		uint64_t all = weight[need] + fixed_weight(pool->fixed_cost);
		struct stand_ins *s = &by_need[need];
		if (weight[need] == UINT64_MAX) {
			continue;
		}
		stand_in_add(s, w->p->needs, all, pool->id);
		if (sum <= pool->free &&
		    (s->ample_id == NULL || before(all, pool->id, s->ample, s->ample_id))) {
			s->ample = all;
			s->ample_id = pool->id;
		}
	}
}

/* A team has at most needs - 1 other seats, so of as many pools as there are needs one is unused:
 * it takes the need for less, at the same partner. An ample pool can do so whoever else is in it.
 */
static void drop_replaced(struct compose_work *w, struct compose_run_of *run,
			  const struct stand_ins by_need[COMPOSE_NEEDS_MAX])
{
	const uint8_t *id = w->p->pools[run->pool].id;
	struct compose_fit *fits = &w->fits[run->first];
	uint32_t len = 0;

	for (uint32_t i = 0; i < run->len; i++) {
		const struct stand_ins *s = &by_need[fits[i].need];
		uint32_t last = w->p->needs - 1;
		bool replaced =
			(s->len > last &&
			 before(s->weight[last], s->id[last], fits[i].weight, id)) ||
			(s->ample_id != NULL && before(s->ample, s->ample_id, fits[i].weight, id));
		if (!replaced) {
			fits[len++] = fits[i];
		}
	}
	run->len = len;
}

void compose_prune_partners(struct compose_work *w)
{
	for (uint32_t i = 0; i < w->active_len; i++) {
		struct stand_ins by_need[COMPOSE_NEEDS_MAX];
		uint32_t first = w->partner_first[w->active[i]];
		uint32_t end = w->partner_first[w->active[i] + 1];
		if (end - first < 2) {
			continue;
		}
		memset(by_need, 0, sizeof(by_need));
		for (uint32_t r = first; r < end; r++) {
			gather_stand_ins(w, &w->runs[r], by_need);
		}
		for (uint32_t r = first; r < end; r++) {
			drop_replaced(w, &w->runs[r], by_need);
		}
	}
}

/* A short list of partners with the least values. */
struct picks {
	uint64_t value[PICKS_WIDE];
	uint32_t partner[PICKS_WIDE];
	uint32_t len;
	uint32_t max;
};

static void pick_add(struct picks *list, uint64_t value, uint32_t partner)
{
	uint32_t at = list->len;

	if (list->len == list->max) {
		at--;
		if (value >= list->value[at]) {
			return;
		}
	} else {
		list->len++;
	}
	for (; at > 0 && value < list->value[at - 1]; at--) {
		list->value[at] = list->value[at - 1];
		list->partner[at] = list->partner[at - 1];
	}
	list->value[at] = value;
	list->partner[at] = partner;
}

struct pick_lists {
	struct picks by_need[COMPOSE_NEEDS_MAX];
	struct picks wide;
};

/* Per need the least share of the partner; the wide list goes by needs reached, then by cost. */
static void pick_partner(const struct compose_work *w, uint32_t partner, struct pick_lists *l)
{
	uint64_t least[COMPOSE_NEEDS_MAX];
	uint32_t reach = partner_reach(w, partner);
	uint64_t part = shared(w->p->partners[partner].fixed_cost, reach);
	uint64_t sum = 0;

	memset(least, 0xff, sizeof(least));
	for (uint32_t r = w->partner_first[partner]; r < w->partner_first[partner + 1]; r++) {
		const struct compose_run_of *run = &w->runs[r];
		uint32_t cost = w->p->pools[run->pool].fixed_cost;
		uint64_t at_pool = part + shared(cost, run_reach(w, run));
		for (uint32_t i = run->first; i < run->first + run->len; i++) {
			uint64_t value = w->fits[i].weight + at_pool;
			uint64_t *to = &least[w->fits[i].need];
			*to = value < *to ? value : *to;
		}
	}
	for (uint32_t i = 0; i < w->p->needs; i++) {
		if (least[i] != UINT64_MAX) {
			pick_add(&l->by_need[i], least[i], partner);
			sum += least[i] >> 8;
		}
	}
	uint64_t missed = mask_count(w->reach & ~reach);
	pick_add(&l->wide, missed << 58 | (sum >> 58 == 0 ? sum : (1ULL << 58) - 1), partner);
}

static void mark(struct compose_work *w, const struct picks *list)
{
	for (uint32_t i = 0; i < list->len; i++) {
		w->picked[list->partner[i]] = 1;
	}
}

bool compose_pick(struct compose_work *w)
{
	struct pick_lists l;

	if (w->active_len <= PICK_FROM) {
		return false;
	}
	memset(&l, 0, sizeof(l));
	memset(w->picked, 0, w->p->partners_len);
	l.wide.max = PICKS_WIDE;
	for (uint32_t i = 0; i < COMPOSE_NEEDS_MAX; i++) {
		l.by_need[i].max = PICKS;
	}
	for (uint32_t i = 0; i < w->active_len; i++) {
		pick_partner(w, w->active[i], &l);
		w->picked[w->active[i]] = w->p->partners[w->active[i]].in_team;
	}
	mark(w, &l.wide);
	for (uint32_t i = 0; i < w->p->needs; i++) {
		mark(w, &l.by_need[i]);
	}
	return true;
}

/* The least that each need can weigh: without fixed costs, and with its share of them. */
struct least {
	uint64_t plain[COMPOSE_NEEDS_MAX];
	uint64_t share[COMPOSE_NEEDS_MAX];
	uint64_t plain_sum;
	uint64_t share_sum;
};

/* What the fixed costs of one pool and its partner weigh on a seat. */
struct fixed {
	uint64_t whole;
	uint64_t share;
};

static struct fixed fixed_of(const struct compose_work *w, const struct compose_run_of *run,
			     uint32_t reach)
{
	const struct compose_pool *pool = &w->p->pools[run->pool];
	uint32_t partner = w->p->partners[pool->partner].fixed_cost;

	return (struct fixed){
		.whole = fixed_weight(pool->fixed_cost) + fixed_weight(partner),
		.share = shared(pool->fixed_cost, run_reach(w, run)) + shared(partner, reach),
	};
}

static void least_of_run(const struct compose_work *w, const struct compose_run_of *run,
			 const struct fixed *fixed, struct least *l)
{
	for (uint32_t i = run->first; i < run->first + run->len; i++) {
		const struct compose_fit *f = &w->fits[i];
		uint64_t share = f->weight + fixed->share;
		l->plain[f->need] = f->weight < l->plain[f->need] ? f->weight : l->plain[f->need];
		l->share[f->need] = share < l->share[f->need] ? share : l->share[f->need];
	}
}

static void least_of_all(const struct compose_work *w, struct least *l)
{
	memset(l, 0xff, sizeof(*l));
	for (uint32_t i = 0; i < w->active_len; i++) {
		uint32_t reach = partner_reach(w, w->active[i]);
		uint32_t end = w->partner_first[w->active[i] + 1];
		for (uint32_t r = w->partner_first[w->active[i]]; r < end; r++) {
			const struct fixed fixed = fixed_of(w, &w->runs[r], reach);
			least_of_run(w, &w->runs[r], &fixed, l);
		}
	}
	l->plain_sum = l->share_sum = 0;
	for (uint32_t i = 0; i < w->p->needs; i++) {
		bool reached = (w->reach & need_bit(w->p, i)) != 0;
		l->plain_sum += reached ? l->plain[i] : 0;
		l->share_sum += reached ? l->share[i] : 0;
	}
}

/* @return how many of the run were set aside. */
static uint32_t drop_dear(struct compose_work *w, struct compose_run_of *run,
			  const struct fixed *fixed, const struct least *l, uint64_t most)
{
	struct compose_fit *fits = &w->fits[run->first];
	uint32_t len = 0;
	uint32_t before_len = run->len;

	for (uint32_t i = 0; i < run->len; i++) {
		uint32_t need = fits[i].need;
		uint64_t plain = fits[i].weight + fixed->whole + l->plain_sum - l->plain[need];
		uint64_t share = fits[i].weight + fixed->share + l->share_sum - l->share[need];
		if (plain <= most && share <= most) {
			fits[len++] = fits[i];
		}
	}
	run->len = len;
	return before_len - len;
}

void compose_prune_pairs(struct compose_work *w, uint64_t most)
{
	uint32_t dropped = 1;

	for (uint32_t round = 0; round < PRUNE_ROUNDS && dropped > 0; round++) {
		struct least l;
		uint32_t left = 0;
		least_of_all(w, &l);
		dropped = 0;
		for (uint32_t i = 0; i < w->active_len; i++) {
			uint32_t partner = w->active[i];
			uint32_t reach = partner_reach(w, partner);
			uint32_t len = 0;
			for (uint32_t r = w->partner_first[partner];
			     reach != 0 && r < w->partner_first[partner + 1]; r++) {
				const struct fixed fixed = fixed_of(w, &w->runs[r], reach);
				dropped += drop_dear(w, &w->runs[r], &fixed, &l, most);
				len += w->runs[r].len;
			}
			w->active[left] = partner;
			left += len > 0 ? 1 : 0;
		}
		w->active_len = left;
	}
}
