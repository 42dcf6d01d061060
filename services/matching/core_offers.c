/* SPDX-License-Identifier: EUPL-1.2 */
/* The uses of all pools as bit sets (MATCHING 3.1): expertise, zone, age, what the pool may give
 * and how much. They follow from the rows of uses, pools, passes and kept places alone, folded from
 * the effects of each step and from the tables at start. Language and modality sort nobody out
 * (DOMAIN 7), so they are no filters here. */
#include "services/matching/core_index.h"

#include <stdio.h>
#include <stdlib.h>

#define SLOTS_FIRST 1024U
#define AGES_KNOWN (CAND_AGES - 1) /* one of more is judged afterwards */

bool find_init(struct find *f)
{
	f->cand = cand_new();
	return f->cand != NULL;
}

void find_done(struct find *f)
{
	for (size_t i = 0; i < f->parties_len; i++) {
		free(f->parties[i]->pools);
		free(f->parties[i]);
	}
	free(f->parties);
	free(f->brief);
	free(f->rank);
	free(f->by_rank);
	free(f->list);
	free(f->free_slots);
	free(f->bits);
	free(f->lacks);
	free(f->pass);
	free(f->ranked);
	cand_free(f->cand);
}

/* --- slots --- */

static bool widen(void *list, size_t cap, size_t size)
{
	void **at = list;
	void *more = realloc(*at, cap * size);

	if (more != NULL) {
		*at = more;
	}
	return more != NULL;
}

static bool slots_grow(struct find *f)
{
	if (f->slots_len < f->slots_cap) {
		return true;
	}
	uint32_t cap = f->slots_cap == 0 ? SLOTS_FIRST : f->slots_cap * 2;
	size_t words = cap / FIND_WORD;
	if (!widen(&f->brief, cap, sizeof(*f->brief)) || !widen(&f->rank, cap, sizeof(*f->rank)) ||
	    !widen(&f->by_rank, cap, sizeof(*f->by_rank)) ||
	    !widen(&f->list, cap, sizeof(*f->list)) ||
	    !widen(&f->free_slots, cap, sizeof(*f->free_slots)) ||
	    !widen(&f->bits, words, sizeof(*f->bits)) ||
	    !widen(&f->lacks, words, sizeof(*f->lacks)) ||
	    !widen(&f->pass, words, sizeof(*f->pass)) ||
	    !widen(&f->ranked, words, sizeof(*f->ranked))) {
		return false;
	}
	memset(f->pass, 0, words * sizeof(*f->pass));
	memset(f->ranked, 0, words * sizeof(*f->ranked));
	f->slots_cap = cap;
	return true;
}

/* --- zones --- */

uint32_t find_zone(const struct find *f, const char *name)
{
	for (uint32_t i = 0; i < ZONE_SHARED; i++) {
		if (f->zones[i].uses > 0 && strcmp(f->zones[i].name, name) == 0) {
			return i;
		}
	}
	return ZONE_SHARED;
}

static uint32_t zone_take(struct find *f, const char *name)
{
	uint32_t at = find_zone(f, name);

	for (uint32_t i = 0; at == ZONE_SHARED && i < ZONE_SHARED; i++) {
		if (f->zones[i].uses == 0) {
			(void)snprintf(f->zones[i].name, sizeof(f->zones[i].name), "%s", name);
			at = i;
		}
	}
	f->zones[at].uses++;
	return at;
}

/* --- what the bits say --- */

static struct cand_offer offer_of(const struct use_node *u)
{
	const struct pool_brief *p = &u->pool->brief;
	struct cand_offer o = {
		.expertises = u->facts.expertises,
		.flags = p->flags | (p->dirty || p->kept ? FLAG_PASS : 0),
		.free = p->free / u->facts.cost_units,
	};

	/* A bed, place, module or seat is one, whatever the intensity. */
	if (!p->by_intensity && o.free > 0) {
		o.free = CAND_AMOUNTS;
	}
	if (u->facts.access == SCHAKEL__V1__ACCESS__ACCESS_COURT) {
		o.flags |= FLAG_COURT;
	}
	for (uint32_t age = u->facts.age_from; age <= u->facts.age_to; age++) {
		o.ages |= 1U << (age < AGES_KNOWN ? age : AGES_KNOWN);
	}
	for (size_t i = 0; i < u->zones_len; i++) {
		uint32_t z = u->zone_number[i];
		o.zones[z / FIND_WORD] |= 1ULL << z % FIND_WORD;
	}
	return o;
}

static int use_refresh(struct find *f, struct use_node *u)
{
	const struct pool_brief *p = &u->pool->brief;

	if (!p->known) {
		cand_remove(f->cand, u->slot);
		return SK_OK;
	}
	const struct cand_offer o = offer_of(u);
	f->brief[u->slot] = (struct slot_brief){
		.use = u,
		.pool = u->pool->name,
		.partner = p->partner->name,
		.pool_id = p->id,
		.pool_number = u->pool->number,
		.partner_number = p->partner->number,
		.free = p->free,
		.cost_units = (uint16_t)u->facts.cost_units,
		.number = (uint8_t)u->facts.use,
		.modality = (uint8_t)u->facts.modality,
		.access = (uint8_t)u->facts.access,
		.speaks = u->facts.languages > 0,
		.by_intensity = p->by_intensity,
		.judged = (p->flags & (FLAG_NETWORK | FLAG_HOLD)) != 0 || p->dirty || p->kept,
		.confirmed = (p->flags & FLAG_CONFIRMED) != 0,
	};
	return cand_put(f->cand, u->slot, &o);
}

int find_use_put(struct find *f, struct use_node *u, const struct use_node *was)
{
	if (was == NULL && f->free_len == 0 && !slots_grow(f)) {
		return SK_ENOMEM;
	}
	if (was != NULL) {
		u->slot = was->slot;
	} else {
		u->slot = f->free_len > 0 ? f->free_slots[--f->free_len] : f->slots_len++;
		f->ranks_stale = true;
	}
	for (size_t i = 0; i < u->zones_len; i++) {
		u->zone_number[i] = zone_take(f, u->zones[i]);
	}
	for (size_t i = 0; was != NULL && i < was->zones_len; i++) {
		f->zones[was->zone_number[i]].uses--;
	}
	return use_refresh(f, u);
}

void find_use_drop(struct find *f, struct use_node *u)
{
	for (size_t i = 0; i < u->zones_len; i++) {
		f->zones[u->zone_number[i]].uses--;
	}
	cand_remove(f->cand, u->slot);
	f->free_slots[f->free_len++] = u->slot;
	f->ranks_stale = true;
}

/* --- pools and who publishes them --- */

struct party_pools *find_party(const struct find *f, const char *name, size_t *ret_at)
{
	size_t lo = 0;
	size_t hi = f->parties_len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (strcmp(f->parties[mid]->name, name) < 0) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	*ret_at = lo;
	return lo < f->parties_len && strcmp(f->parties[lo]->name, name) == 0 ? f->parties[lo] :
										NULL;
}

static struct party_pools *party_get(struct find *f, const char *name)
{
	size_t at;
	struct party_pools *p = find_party(f, name, &at);

	if (p != NULL) {
		return p;
	}
	p = calloc(1, sizeof(*p));
	if (p == NULL || !index_grow((void **)&f->parties, f->parties_len, &f->parties_cap,
				     sizeof(*f->parties))) {
		free(p);
		return NULL;
	}
	(void)snprintf(p->name, sizeof(p->name), "%s", name);
	memmove(f->parties + at + 1, f->parties + at, (f->parties_len - at) * sizeof(*f->parties));
	f->parties[at] = p;
	p->number = (uint32_t)f->parties_len++; /* parties stay for ever */
	return p;
}

static bool party_add(struct find *f, const char *name, struct pool_slot *slot)
{
	struct party_pools *p = party_get(f, name);

	if (p == NULL || !index_grow((void **)&p->pools, p->len, &p->cap, sizeof(*p->pools))) {
		return false;
	}
	p->pools[p->len++] = slot;
	return true;
}

static void party_drop(struct find *f, const char *name, const struct pool_slot *slot)
{
	size_t unused;
	struct party_pools *p = find_party(f, name, &unused);

	for (size_t i = 0; p != NULL && i < p->len; i++) {
		if (p->pools[i] == slot) {
			p->pools[i] = p->pools[--p->len];
			return;
		}
	}
}

static void brief_of(const PB(MatchPoolRecord) *p, struct pool_brief *b)
{
	b->known = true;
	b->free = pool_free(p);
	b->id = id_of(&p->pool_id);
	b->by_intensity = p->unit == SCHAKEL__V1__UNIT__UNIT_HOURS_WEEK ||
			  p->unit == SCHAKEL__V1__UNIT__UNIT_CONSULT;
	b->flags = pool_composable(p, SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_ACTIVE) ? FLAG_GIVES : 0;
	b->flags |= pool_composable(p, CLASS_CRISIS) ? FLAG_GIVES_NOW : 0;
	b->flags |= p->insured || p->crisis ? FLAG_ENTRY : 0;
	b->flags |= p->paused || p->shut ? FLAG_PAUSED : 0;
	if (!p->overcommitted && !pool_has_none(p)) {
		b->flags |= p->insured ? FLAG_INSURED : 0;
		b->flags |= !p->insured && p->unconfirmed ? FLAG_UNCONFIRMED : 0;
	}
	b->flags |= pool_state(p) == PSTATE(CONFIRMED) && !p->shut ? FLAG_CONFIRMED : 0;
	b->flags |= pool_is_counted(p) || p->reserved_need.len > 0 ? FLAG_HOLD : 0;
	b->flags |= p->network[0] != '\0' ? FLAG_NETWORK : 0;
	b->parties_len = 1;
	(void)snprintf(b->parties[0], sizeof(b->parties[0]), "%s", p->partner);
	for (size_t i = 0; i < p->n_joint_partners && i < MATCH_JOINT_MAX; i++) {
		char *to = b->parties[b->parties_len++];
		(void)snprintf(to, sizeof(b->parties[0]), "%s", p->joint_partners[i]);
	}
}

static bool same_parties(const struct pool_brief *a, const struct pool_brief *b)
{
	bool same = a->parties_len == b->parties_len;

	for (size_t i = 0; same && i < a->parties_len; i++) {
		same = strcmp(a->parties[i], b->parties[i]) == 0;
	}
	return same;
}

static int pool_fold(struct find *f, struct pool_slot *slot, struct slice val)
{
	struct pool_brief now = { .dirty = slot->brief.dirty, .kept = slot->brief.kept };
	size_t unused;

	if (val.data != NULL) {
		PB(MatchPoolRecord) *p =
			schakel__v1__match_pool_record__unpack(NULL, val.len, val.data);
		if (p == NULL) {
			return SK_ENOMEM;
		}
		brief_of(p, &now);
		schakel__v1__match_pool_record__free_unpacked(p, NULL);
	}
	if (!same_parties(&now, &slot->brief)) {
		for (size_t i = 0; i < slot->brief.parties_len; i++) {
			party_drop(f, slot->brief.parties[i], slot);
		}
		for (size_t i = 0; i < now.parties_len; i++) {
			if (!party_add(f, now.parties[i], slot)) {
				return SK_ENOMEM;
			}
		}
	}
	now.partner = now.known ? find_party(f, now.parties[0], &unused) : NULL;
	slot->brief = now;
	return SK_OK;
}

int find_fold(struct match_index *x, uint8_t table, struct pool_slot *slot, struct slice val)
{
	int err = SK_OK;

	if (table == T_POOL) {
		err = pool_fold(&x->find, slot, val);
	} else if (table == T_PASS) {
		slot->brief.dirty = val.data != NULL;
	} else {
		slot->brief.kept = val.data != NULL;
	}
	for (struct use_node *u = slot->uses; err == SK_OK && u != NULL; u = u->next) {
		err = use_refresh(&x->find, u);
	}
	return err;
}
