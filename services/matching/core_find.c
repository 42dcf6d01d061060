/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/matching/core_find.h"
#include "services/matching/core_index.h"

#define FETCH_AHEAD 16U

/* The rules of a query, in the order of enum fit. */
enum {
	RULE_COURT,
	RULE_PAUSED,
	RULE_UNCONFIRMED,
	RULE_INSURED,
	RULE_GIVES,
	RULE_OWN_CRISIS,
	RULES,
};
_Static_assert(RULES == CAND_RULES, "each rule has its place");

/** The rank of each use, and whose slot it is: a walk over all, after uses have come or gone. */
static void ranks_make(struct match_index *x)
{
	struct find *f = &x->find;
	uint32_t rank = 0;

	f->in_order = true;
	for (size_t i = 0; i < x->slots_len; i++) {
		for (const struct use_node *u = x->slots[i]->uses; u != NULL; u = u->next) {
			f->in_order = f->in_order && (rank == 0 || f->by_rank[rank - 1] < u->slot);
			f->by_rank[rank] = u->slot;
			f->rank[u->slot] = rank++;
		}
	}
	f->ranks_stale = false;
}

/** Slots that are judged one by one whatever the bits say, for the need that is looked at. */
static void pass_pool(struct match_index *x, const struct pool_slot *slot)
{
	for (const struct use_node *u = slot->uses; u != NULL; u = u->next) {
		x->find.pass[u->slot / FIND_WORD] |= 1ULL << u->slot % FIND_WORD;
	}
}

static void pass_items(struct match_index *x, struct item_set *set)
{
	for (size_t i = 0; i < set->len; i++) {
		size_t unused;
		char name[ITEM_BYTES];
		memcpy(name, item_at(set, i)->key, ITEM_BYTES);
		const struct pool_slot *slot = slot_find(x, name, &unused);
		if (slot != NULL) {
			pass_pool(x, slot);
		}
	}
}

static void pass_party(struct match_index *x, const char *name)
{
	size_t unused;
	const struct party_pools *p = find_party(&x->find, name, &unused);

	for (size_t i = 0; p != NULL && i < p->len; i++) {
		pass_pool(x, p->pools[i]);
	}
}

static void pass_excluded(struct work *w, const struct need_look *look)
{
	const PB(MatchRequestRecord) *r = look->r;
	const PB(MatchNeedRecord) *n = look->n;
	struct object_id need = id_of(&n->need->need_id);
	struct key prefix = key_of_id(&need);
	struct store_iter it;
	struct key k;
	struct slice val;

	for (size_t i = 0; i < r->n_excluded_partners; i++) {
		pass_party(w->s->index, r->excluded_partners[i]);
	}
	store_iter_init(&it, w->s->txn, T_EXCLUDE, &prefix);
	while (store_next(&it, &k, &val)) {
		struct slice rest = { .data = k.b + prefix.len, .len = k.len - prefix.len };
		char name[PARTY_ID_LEN_MAX + 1];
		SK_ASSERT(key_take_str(&rest, name));
		pass_party(w->s->index, name);
	}
	store_iter_done(&it);
}

static struct cand_query query_of(const struct find *f, const struct need_look *look)
{
	const PB(MatchRequestRecord) *r = look->r;
	const PB(MatchNeedRecord) *n = look->n;
	bool crisis = n->order->wait_class == CLASS_CRISIS;
	struct cand_query q = {
		.expertises = 1ULL << (n->need->expertise - 1),
		.age = need_age(r, n),
		.amount = n->need->intensity > 0 ? n->need->intensity : 1,
		.unjudged = FLAG_NETWORK | FLAG_PASS,
		.unweighed = FLAG_HOLD,
		.marked = FLAG_CONFIRMED,
		.pass = f->pass,
	};

	q.rules[RULE_COURT].without = n->need->by_order ? 0 : FLAG_COURT;
	q.rules[RULE_PAUSED].without = FLAG_PAUSED;
	q.rules[RULE_UNCONFIRMED].without = FLAG_UNCONFIRMED;
	q.rules[RULE_INSURED].without = crisis ? 0 : FLAG_INSURED;
	q.rules[RULE_GIVES].with = crisis ? FLAG_GIVES_NOW : FLAG_GIVES;
	q.rules[RULE_OWN_CRISIS].with = n->need->own_crisis ? FLAG_ENTRY : 0;
	for (size_t i = 0; !look->wherever && i < n->n_zones && i < SK_LEN(q.zones); i++) {
		if (n->zones[i][0] == '\0') {
			q.zones_len = 0;
			break;
		}
		q.zones[q.zones_len++] = find_zone(f, n->zones[i]);
	}
	return q;
}

/** By rank: a bit of each, and a walk over the bits. @return how many, at most @p most. */
static uint32_t sorted(struct find *f, uint32_t len, uint32_t most)
{
	uint32_t at = 0;

	if (f->in_order) {
		return len < most ? len : most;
	}
	for (uint32_t i = 0; i < len; i++) {
		uint32_t rank = f->rank[f->list[i]];
		f->ranked[rank / FIND_WORD] |= 1ULL << rank % FIND_WORD;
	}
	for (uint32_t word = 0; word * FIND_WORD < f->slots_len; word++) {
		for (uint64_t left = f->ranked[word]; left != 0 && at < most; left &= left - 1) {
			uint32_t rank = word * FIND_WORD + (uint32_t)__builtin_ctzll(left);
			f->list[at++] = f->by_rank[rank];
		}
		f->ranked[word] = 0;
	}
	return at;
}

static bool serves_any(const struct use_node *u, char *const *zones, size_t len)
{
	for (size_t z = 0; z < u->zones_len; z++) {
		for (size_t i = 0; i < len; i++) {
			if (strcmp(u->zones[z], zones[i]) == 0) {
				return true;
			}
		}
	}
	return false;
}

/** Whether a zone of the need has no number of its own: then each use is asked by name. */
static bool zones_shared(const struct cand_query *q)
{
	bool shared = false;

	for (uint32_t i = 0; i < q->zones_len; i++) {
		shared = shared || q->zones[i] == ZONE_SHARED;
	}
	return shared;
}

static bool in_team(const struct team *t, const char *partner)
{
	return t == NULL || team_has(t, partner);
}

static void least_more(struct match_index *x, const struct need_look *look, struct need_found *ret)
{
	const PB(MatchNeedRecord) *n = look->n;
	struct find *f = &x->find;
	uint32_t len = cand_list(f->lacks, cand_slots(f->cand), f->list);
	uint32_t times = n->need->intensity > 0 ? n->need->intensity : 1;
	uint32_t least = UINT32_MAX;
	uint32_t best = 0;

	for (uint32_t i = 0; i < len; i++) {
		uint32_t slot = f->list[i];
		const struct slot_brief *b = &f->brief[slot];
		uint32_t amount = b->cost_units * (b->by_intensity ? times : 1);
		uint32_t more = amount - b->free;
		bool better = more < least || (more == least && f->rank[slot] < f->rank[best]);
		if (better && amount <= COMPOSE_AMOUNT_MAX && in_team(look->full, b->partner)) {
			least = more;
			best = slot;
		}
	}
	if (least != UINT32_MAX) {
		ret->one_more = least;
		ret->one_more_pool = f->brief[best].pool;
	}
}

/** Narrows to uses that serve a zone of the need by name, and judges all of them one by one. */
static uint32_t by_name(struct find *f, uint32_t len, const PB(MatchNeedRecord) *n)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < len; i++) {
		if (serves_any(f->brief[f->list[i]].use, n->zones, n->n_zones)) {
			f->list[at++] = f->list[i];
		}
	}
	return at;
}

static void sorted_out(const struct cand_counts *c, struct need_found *ret)
{
	static const enum fit fit[CAND_FILTERS] = {
		[CAND_ZONE] = FIT_ZONE,
		[CAND_AGE] = FIT_AGE,
		[CAND_RULE + RULE_COURT] = FIT_COURT,
		[CAND_RULE + RULE_PAUSED] = FIT_PAUSED,
		[CAND_RULE + RULE_UNCONFIRMED] = FIT_UNCONFIRMED,
		[CAND_RULE + RULE_INSURED] = FIT_INSURED,
		[CAND_RULE + RULE_GIVES] = FIT_AMOUNT, /* overcommitted, or it has none */
		[CAND_RULE + RULE_OWN_CRISIS] = FIT_OWN_CRISIS,
		[CAND_AMOUNT] = FIT_AMOUNT,
	};

	for (uint32_t i = CAND_ZONE; i < CAND_FILTERS; i++) {
		bool reached = i != CAND_ZONE && fit_is_in_reach(fit[i]);
		ret->by[fit[i]] += c->out[i];
		ret->in_reach += reached ? c->out[i] : 0;
		ret->confirmed += reached ? c->marked[i] : 0;
	}
}

/** What the need would take, if the bits know all that counts there; 0: it has to be judged. */
static uint32_t sure_amount(const struct find *f, const struct need_look *look, uint32_t slot)
{
	const struct slot_brief *b = &f->brief[slot];
	uint32_t times = look->n->need->intensity > 0 ? look->n->need->intensity : 1;
	uint32_t amount = b->cost_units * (b->by_intensity ? times : 1);
	bool judged = b->judged || (f->pass[slot / FIND_WORD] >> slot % FIND_WORD & 1U) != 0;

	return judged || need_age(look->r, look->n) >= CAND_AGES - 1 || amount > b->free ||
			       amount > COMPOSE_AMOUNT_MAX ?
		       0 :
		       amount;
}

/** The zones where the child lives. */
struct own {
	char *names[MATCH_CHILD_ZONES_MAX];
	uint32_t numbers[MATCH_CHILD_ZONES_MAX];
	size_t len;
};

/** Zones that no use serves are left out. */
static struct own own_of(const struct find *f, const struct need_look *look)
{
	char *names[MATCH_CHILD_ZONES_MAX];
	size_t len = own_zones(look->r, look->n, names);
	struct own own = { .len = 0 };

	for (size_t i = 0; i < len; i++) {
		uint32_t number = find_zone(f, names[i]);
		if (f->zones[number].uses > 0) {
			own.names[own.len] = names[i];
			own.numbers[own.len++] = number;
		}
	}
	return own;
}

static bool is_near(const struct find *f, const struct own *own, uint32_t slot)
{
	bool near = false;

	for (size_t i = 0; i < own->len && !near; i++) {
		near = own->numbers[i] == ZONE_SHARED ?
			       serves_any(f->brief[slot].use, &own->names[i], 1) :
			       cand_serves(f->cand, slot, own->numbers[i]);
	}
	return near;
}

static void found_fill(struct match_index *x, const struct need_look *look, uint32_t len)
{
	const struct find *f = &x->find;
	struct own own = own_of(f, look);

	for (uint32_t i = 0; i < len; i++) {
		uint32_t slot = f->list[i];
		const struct slot_brief *b = &f->brief[slot];
		uint32_t amount = sure_amount(f, look, slot);
		if (i + FETCH_AHEAD < len) { /* far apart in memory, across two lines of cache */
			const struct slot_brief *next = &f->brief[f->list[i + FETCH_AHEAD]];
			__builtin_prefetch(next);
			__builtin_prefetch(next + 1);
		}
		x->scratch.found[i] = (struct found_use){
			.pool = b->pool,
			.facts = &b->use->facts,
			.near = is_near(f, &own, slot),
			.sure = amount > 0,
			.confirmed = b->confirmed,
			.amount = amount,
			.free = b->free,
			.partner = b->partner,
			.pool_id = &b->pool_id,
			.pool_number = b->pool_number,
			.partner_number = b->partner_number,
			.price = x->prices_made == 0 ? 0 : use_price(x, b->use),
			.use = b->number,
			.modality = (PB(Modality))b->modality,
			.access = (PB(Access))b->access,
			.speaks = b->speaks,
		};
	}
}

void need_find(struct work *w, const struct need_look *look, struct need_found *ret_found)
{
	struct match_index *x = w->s->index;
	struct find *f = &x->find;
	uint32_t slots = cand_slots(f->cand);
	struct cand_query q = query_of(f, look);
	bool each = zones_shared(&q) || !partners_all_known(w);
	struct cand_counts counts;

	*ret_found = (struct need_found){ .uses = x->scratch.found };
	if (slots == 0) {
		return;
	}
	if (f->ranks_stale) {
		ranks_make(x);
	}
	memset(f->pass, each ? 0xff : 0, (slots + FIND_WORD - 1) / FIND_WORD * sizeof(*f->pass));
	pass_items(x, &w->pools);
	pass_items(x, &w->dirty);
	pass_excluded(w, look);
	cand_find(f->cand, &q, f->bits, f->lacks, &counts);
	sorted_out(&counts, ret_found);
	if (counts.out[CAND_AMOUNT] > 0) {
		least_more(x, look, ret_found);
	}
	uint32_t len = cand_list(f->bits, slots, f->list);
	if (zones_shared(&q)) {
		uint32_t there = by_name(f, len, look->n);
		ret_found->by[FIT_ZONE] += len - there;
		len = there;
	}
	len = sorted(f, len, MATCH_CANDIDATES_MAX);
	found_fill(x, look, len);
	ret_found->len = len;
}
