/* SPDX-License-Identifier: EUPL-1.2 */
/* The least that a team can cost when a partner may stand in it twice, for every set of needs; and
 * the search for the best team in which nobody does: depth first on the lowest need that is left,
 * least bound first. Mostly the first way down ends at the bound, which proves it. */
#include <string.h>

#include "common/plan/compose_work.h"

static uint32_t joins_of(unsigned kind)
{
	return kind == KIND_INSIDE ? 0 : 1;
}

/* What is left of the rule of the lead when a partner of that kind has come. */
static bool lead_left(bool lead, unsigned kind)
{
	return lead && kind != KIND_LEAD;
}

static uint64_t *least_at(const struct compose_work *w, uint32_t mask, bool lead, uint32_t joins)
{
	return &w->least[(size_t)mask * team_columns(w) + (lead ? w->team_free + 1 : 0) + joins];
}

static bool row_any(const struct compose_work *w, uint32_t mask)
{
	return (w->row_live[0][mask] | w->row_live[1][mask] | w->row_live[2][mask]) != 0;
}

static void least_block(struct compose_work *w, uint32_t mask, uint32_t block, bool lead)
{
	for (unsigned kind = 0; kind < KINDS; kind++) {
		uint32_t joins = joins_of(kind);
		if (w->row_live[kind][block] == 0) {
			continue;
		}
		uint64_t cost = w->rows[kind][w->row_base[block]].key.cost_tie;
		uint64_t *to = least_at(w, mask, lead, 0);
		const uint64_t *from = least_at(w, mask ^ block, lead_left(lead, kind), 0);
		for (uint32_t t = joins; t <= w->team_free; t++) {
			uint64_t sum = cost + from[t - joins];
			to[t] = sum < to[t] ? sum : to[t];
		}
	}
}

static void unlimited(struct compose_work *w)
{
	for (unsigned kind = 0; kind < KINDS; kind++) {
		memcpy(w->row_live[kind], w->row_len[kind], w->masks);
	}
}

static void least_mask(struct compose_work *w, uint32_t mask)
{
	uint32_t low = mask & (0 - mask);
	uint32_t others = mask ^ low;
	uint32_t sub = others;

	do {
		uint32_t block = low | sub;
		if (row_any(w, block) && (w->mates[block] & (mask ^ block)) == 0) {
			least_block(w, mask, block, false);
			if (w->lead) {
				least_block(w, mask, block, true);
			}
		}
		sub = (sub - 1) & others;
	} while (sub != others);
}

void compose_least(struct compose_work *w)
{
	uint32_t columns = team_columns(w);

	unlimited(w);
	for (uint32_t i = 0; i < w->masks * columns; i++) {
		w->least[i] = i <= w->team_free ? 0 : KEY_NONE_COST; /* nobody wants no lead */
	}
	for (uint32_t mask = 1; mask < w->masks; mask++) {
		if ((mask & ~w->reach) == 0) {
			least_mask(w, mask);
		}
	}
}

bool compose_possible(const struct compose_work *w, uint32_t mask)
{
	return *least_at(w, mask, w->lead, w->team_free) < KEY_NONE_COST;
}

void compose_limit(struct compose_work *w, uint32_t mask, uint64_t most)
{
	for (uint32_t block = 0; block < w->masks; block++) {
		for (unsigned kind = 0; kind < KINDS; kind++) {
			uint32_t joins = joins_of(kind);
			const struct compose_block *row = w->rows[kind] + w->row_base[block];
			uint8_t *live = &w->row_live[kind][block];
			*live = 0;
			if ((block & ~mask) != 0 || w->row_len[kind][block] == 0 ||
			    joins > w->team_free) {
				continue;
			}
			uint64_t rest = *least_at(w, mask ^ block, false, w->team_free - joins);
			while (*live < w->row_len[kind][block] &&
			       row[*live].key.cost_tie + rest <= most) {
				(*live)++;
			}
		}
	}
}

/* Relaxes the bounds of @p mask by each kind of partner that takes @p block of it. */
static void bound_block(struct compose_work *w, uint32_t mask, uint32_t block)
{
	uint32_t rest = mask ^ block;

	for (unsigned kind = 0; kind < KINDS; kind++) {
		uint32_t joins = joins_of(kind);
		const struct compose_block *row = w->rows[kind] + w->row_base[block];
		if (w->row_live[kind][block] == 0) {
			continue;
		}
		for (uint32_t t = joins; t <= w->team_free; t++) {
			key_relax(bound_at(w, mask, false, t), &row->key,
				  bound_at(w, rest, false, t - joins));
			if (w->lead) {
				key_relax(bound_at(w, mask, true, t), &row->key,
					  bound_at(w, rest, lead_left(true, kind), t - joins));
			}
		}
	}
}

/* For every part of @p whole, by what is left in the rows. */
static void bound_parts(struct compose_work *w, uint32_t whole)
{
	uint32_t columns = team_columns(w);
	uint32_t mask = 0;

	do {
		uint32_t low = mask & (0 - mask);
		uint32_t others = mask ^ low;
		uint32_t sub = others;
		for (uint32_t i = 0; i < columns; i++) {
			bool nobody = mask == 0 && i <= w->team_free; /* wants no lead */
			struct compose_key *at = &w->bound[(size_t)mask * columns + i];
			*at = key_none;
			if (nobody) {
				*at = (struct compose_key){ 0 };
			}
		}
		do {
			uint32_t block = low | sub;
			if (row_any(w, block) && (w->mates[block] & (mask ^ block)) == 0) {
				bound_block(w, mask, block);
			}
			sub = (sub - 1) & others;
		} while (sub != others);
		mask = (mask - whole) & whole;
	} while (mask != 0);
}

/* One way to go on from a node: a partner takes a block of what is left. */
struct child {
	struct compose_key bound;
	uint32_t block;
	uint32_t kind;
	uint32_t at; /* in the row */
	bool exists;
};

struct node {
	struct compose_key key; /* of what is seated above */
	struct child last;      /* the child that was tried last */
	uint32_t left;          /* needs */
	uint32_t joins;         /* new partners that may still come */
	bool lead;              /* one of them must be able to lead */
	uint32_t partner;       /* that stands at this node's child */
};

struct search {
	struct compose_work *w;
	struct node node[COMPOSE_NEEDS_MAX + 1];
	uint32_t depth;
	struct compose_key best;
};

static bool child_less(const struct child *a, const struct child *b)
{
	if (key_less(&a->bound, &b->bound) || key_less(&b->bound, &a->bound)) {
		return key_less(&a->bound, &b->bound);
	}
	if (a->block != b->block) {
		return a->block < b->block;
	}
	return a->kind != b->kind ? a->kind < b->kind : a->at < b->at;
}

static bool partner_used(const struct search *s, uint32_t partner)
{
	for (uint32_t i = 0; i < s->depth; i++) {
		if (s->node[i].partner == partner) {
			return true;
		}
	}
	return false;
}

static const struct compose_block *child_row(const struct compose_work *w, const struct child *c)
{
	return &w->rows[c->kind][w->row_base[c->block] + c->at];
}

static void spend(struct compose_work *w)
{
	w->steps_left -= w->steps_left > 0 ? 1 : 0;
}

/* Looks at the row of one kind and block for the first partner that is not in the team yet and
 * comes after the child that was tried last: those that follow cost more. */
static void child_of_row(struct search *s, uint32_t kind, uint32_t block, struct child *least)
{
	struct compose_work *w = s->w;
	const struct node *n = &s->node[s->depth];
	uint32_t joins = joins_of(kind);
	struct child c = { .block = block, .kind = kind, .exists = true };

	if (joins > n->joins) {
		return;
	}
	bool lead = lead_left(n->lead, kind);
	const struct compose_key *beyond = bound_at(w, n->left ^ block, lead, n->joins - joins);
	if (!key_exists(beyond)) {
		return;
	}
	const struct compose_key base = key_sum(&n->key, beyond);
	for (c.at = 0; c.at < w->row_live[kind][block]; c.at++) {
		const struct compose_block *b = child_row(w, &c);
		spend(w);
		c.bound = key_sum(&base, &b->key);
		if (!key_less(&c.bound, &s->best) || (least->exists && !child_less(&c, least))) {
			return;
		}
		if (n->last.exists && !child_less(&n->last, &c)) {
			continue;
		}
		if (!partner_used(s, b->who)) {
			*least = c;
			return;
		}
	}
}

/* @return the untried child with the least bound below the best team, if there is one. */
static struct child next_child(struct search *s)
{
	const struct node *n = &s->node[s->depth];
	uint32_t low = n->left & (0 - n->left);
	uint32_t others = n->left ^ low;
	uint32_t sub = others;
	struct child least = { .exists = false };

	do {
		uint32_t block = low | sub;
		spend(s->w);
		if ((s->w->mates[block] & (n->left ^ block)) == 0) {
			for (uint32_t kind = 0; kind < KINDS; kind++) {
				child_of_row(s, kind, block, &least);
			}
		}
		sub = (sub - 1) & others;
	} while (sub != others);
	return least;
}

static void go_down(struct search *s, const struct child *c)
{
	struct node *n = &s->node[s->depth];
	const struct compose_block *b = child_row(s->w, c);

	n->last = *c;
	n->partner = b->who;
	s->node[s->depth + 1] = (struct node){
		.key = key_sum(&n->key, &b->key),
		.left = n->left ^ c->block,
		.joins = n->joins - joins_of(c->kind),
		.lead = lead_left(n->lead, c->kind),
	};
	s->depth++;
}

/* @return the least cost by way of this block, at the first partner of the row that is free. */
static uint64_t dive_cost(const struct search *s, struct child *c)
{
	const struct compose_work *w = s->w;
	const struct node *n = &s->node[s->depth];
	uint32_t joins = joins_of(c->kind);
	uint32_t len = w->row_live[c->kind][c->block];

	if (joins > n->joins || len == 0) {
		return KEY_NONE_COST;
	}
	uint64_t beyond =
		*least_at(w, n->left ^ c->block, lead_left(n->lead, c->kind), n->joins - joins);
	if (beyond >= KEY_NONE_COST) {
		return KEY_NONE_COST;
	}
	for (c->at = 0; c->at < len; c->at++) {
		const struct compose_block *b = child_row(w, c);
		if (!partner_used(s, b->who)) {
			return b->key.cost_tie + beyond;
		}
	}
	return KEY_NONE_COST;
}

/* The step of the dive: the partner that costs least with what is left beyond it. */
static bool dive_child(struct search *s, struct child *ret_child)
{
	const struct compose_work *w = s->w;
	const struct node *n = &s->node[s->depth];
	uint32_t low = n->left & (0 - n->left);
	uint32_t others = n->left ^ low;
	uint32_t sub = others;
	uint64_t least = KEY_NONE_COST;

	do {
		uint32_t block = low | sub;
		bool split = (w->mates[block] & (n->left ^ block)) != 0;
		for (unsigned kind = 0; kind < KINDS && !split; kind++) {
			struct child c = { .block = block, .kind = kind, .exists = true };
			uint64_t cost = dive_cost(s, &c);
			if (cost < least) {
				least = cost;
				*ret_child = c;
			}
		}
		sub = (sub - 1) & others;
	} while (sub != others);
	return least < KEY_NONE_COST;
}

static struct search search_from(struct compose_work *w, uint32_t mask)
{
	struct search s = { .w = w, .best = key_none };

	s.node[0] = (struct node){ .left = mask, .joins = w->team_free, .lead = w->lead };
	return s;
}

bool compose_dive(struct compose_work *w, uint32_t mask, struct compose_key *ret_key)
{
	struct search s = search_from(w, mask);

	while (s.node[s.depth].left != 0) {
		struct child c;
		if (!dive_child(&s, &c)) {
			return false;
		}
		go_down(&s, &c);
	}
	*ret_key = s.node[s.depth].key;
	return true;
}

enum compose_found compose_search(struct compose_work *w, uint32_t mask,
				  struct compose_key *ret_key)
{
	struct search s = search_from(w, mask);
	const struct compose_key *root = bound_at(w, mask, w->lead, w->team_free);

	bound_parts(w, mask);
	s.best = *ret_key;
	while (w->steps_left > 0 && key_less(root, &s.best)) {
		struct node *n = &s.node[s.depth];
		if (n->left == 0) {
			s.best = n->key; /* less than the best before, or nobody had gone here */
			s.depth--;
			continue;
		}
		struct child c = next_child(&s);
		if (c.exists) {
			go_down(&s, &c);
		} else if (s.depth == 0) {
			break;
		} else {
			s.depth--;
		}
	}
	*ret_key = s.best;
	if (w->steps_left == 0 && key_less(root, &s.best)) {
		return COMPOSE_UNSURE;
	}
	return key_exists(&s.best) ? COMPOSE_FOUND : COMPOSE_ABSENT;
}
