/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <stdlib.h>

#include "services/matching/core_find.h"
#include "services/matching/core_index.h"
#include "services/matching/core_stream.h"

/** References of one (expertise, zone), sorted by (pool, use); zone "" is "wherever". */
struct cell {
	uint32_t expertise;
	char zone[PARTY_ID_LEN_MAX + 1];
	struct index_ref *refs;
	size_t len, cap;
	uint32_t price; /* sixteenths of a point for one unit; 0: not scarce */
};

static void scratch_lay(struct match_scratch *s)
{
	struct pages *p = &s->pages;

	s->options = pages_area(p, OPTIONS_MAX * sizeof(*s->options));
	s->facts = pages_area(p, OPTIONS_MAX * sizeof(*s->facts));
	s->own_facts = pages_area(p, OPTIONS_MAX * sizeof(*s->own_facts));
	s->far = pages_area(p, OPTIONS_MAX * sizeof(*s->far));
	s->pools = pages_area(p, OPTION_POOLS_MAX * sizeof(*s->pools));
	s->counted = pages_area(p, OPTION_POOLS_MAX * sizeof(*s->counted));
	s->partners = pages_area(p, OPTION_POOLS_MAX * sizeof(*s->partners));
	s->names = pages_area(p, OPTION_POOLS_MAX * sizeof(*s->names));
	s->partner_names = pages_area(p, OPTION_POOLS_MAX * sizeof(*s->partner_names));
	s->own_names = pages_area(p, OPTION_POOLS_MAX * sizeof(*s->own_names));
	s->own_partner_names = pages_area(p, OPTION_POOLS_MAX * sizeof(*s->own_partner_names));
	s->pool_places = pages_area(p, INDEX_NUMBERS_MAX * sizeof(*s->pool_places));
	s->partner_places = pages_area(p, INDEX_NUMBERS_MAX * sizeof(*s->partner_places));
	s->streams = pages_area(p, STREAMS_MERGED_MAX * sizeof(*s->streams));
	s->refs = pages_area(p, MATCH_CANDIDATES_MAX * sizeof(*s->refs));
	s->found = pages_area(p, MATCH_CANDIDATES_MAX * sizeof(*s->found));
	s->chunks = pages_area(p, ITEM_CHUNKS_MAX * sizeof(*s->chunks));
	s->compose_bytes = COMPOSE_SCRATCH_MAX;
	s->compose = pages_area(p, s->compose_bytes);
}

static bool scratch_init(struct match_scratch *s)
{
	scratch_lay(s);
	if (!pages_map(&s->pages)) {
		return false;
	}
	scratch_lay(s);
	return true;
}

void *match_index_new(void)
{
	struct match_index *x = calloc(1, sizeof(*x));

	if (x != NULL && (!scratch_init(&x->scratch) || !find_init(&x->find))) {
		match_index_free(x);
		return NULL;
	}
	return x;
}

static void use_free(struct use_node *u)
{
	if (u != NULL) {
		free(u->zones);
		free(u);
	}
}

static void slot_free(struct pool_slot *slot)
{
	while (slot->uses != NULL) {
		struct use_node *next = slot->uses->next;
		use_free(slot->uses);
		slot->uses = next;
	}
	free(slot);
}

void match_index_free(void *index)
{
	struct match_index *x = index;

	if (x == NULL) {
		return;
	}
	for (size_t i = 0; i < x->slots_len; i++) {
		slot_free(x->slots[i]);
	}
	for (size_t i = 0; i < x->cells_len; i++) {
		free(x->cells[i]->refs);
		free(x->cells[i]);
	}
	free(x->slots);
	free(x->cells);
	find_done(&x->find);
	pages_unmap(&x->scratch.pages);
	free(x);
}

struct match_scratch *index_scratch(void *index)
{
	return &((struct match_index *)index)->scratch;
}

bool index_grow(void **list, size_t len, size_t *io_cap, size_t size)
{
	if (len < *io_cap) {
		return true;
	}
	size_t cap = *io_cap == 0 ? 8 : *io_cap * 2;
	void *more = realloc(*list, cap * size);
	if (more == NULL) {
		return false;
	}
	*list = more;
	*io_cap = cap;
	return true;
}

struct pool_slot *slot_find(const struct match_index *x, const char *name, size_t *ret_at)
{
	size_t lo = 0;
	size_t hi = x->slots_len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (strcmp(x->slots[mid]->name, name) < 0) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	*ret_at = lo;
	return lo < x->slots_len && strcmp(x->slots[lo]->name, name) == 0 ? x->slots[lo] : NULL;
}

static struct pool_slot *slot_get(struct match_index *x, const char *name)
{
	size_t at;
	struct pool_slot *slot = slot_find(x, name, &at);

	if (slot != NULL) {
		return slot;
	}
	slot = calloc(1, sizeof(*slot));
	if (slot == NULL ||
	    !index_grow((void **)&x->slots, x->slots_len, &x->slots_cap, sizeof(*x->slots))) {
		free(slot);
		return NULL;
	}
	(void)snprintf(slot->name, sizeof(slot->name), "%s", name);
	slot->number = (uint32_t)x->slots_len; /* slots stay for ever */
	memmove(x->slots + at + 1, x->slots + at, (x->slots_len - at) * sizeof(*x->slots));
	x->slots[at] = slot;
	x->slots_len++;
	return slot;
}

static int cell_cmp(const struct cell *c, uint32_t expertise, const char *zone)
{
	if (c->expertise != expertise) {
		return c->expertise < expertise ? -1 : 1;
	}
	return strcmp(c->zone, zone);
}

static struct cell *cell_find(const struct match_index *x, uint32_t expertise, const char *zone,
			      size_t *ret_at)
{
	size_t lo = 0;
	size_t hi = x->cells_len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (cell_cmp(x->cells[mid], expertise, zone) < 0) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	*ret_at = lo;
	bool same = lo < x->cells_len && cell_cmp(x->cells[lo], expertise, zone) == 0;
	return same ? x->cells[lo] : NULL;
}

static struct cell *cell_get(struct match_index *x, uint32_t expertise, const char *zone)
{
	size_t at;
	struct cell *c = cell_find(x, expertise, zone, &at);

	if (c != NULL) {
		return c;
	}
	c = calloc(1, sizeof(*c));
	if (c == NULL ||
	    !index_grow((void **)&x->cells, x->cells_len, &x->cells_cap, sizeof(*x->cells))) {
		free(c);
		return NULL;
	}
	c->expertise = expertise;
	(void)snprintf(c->zone, sizeof(c->zone), "%s", zone);
	memmove(x->cells + at + 1, x->cells + at, (x->cells_len - at) * sizeof(*x->cells));
	x->cells[at] = c;
	x->cells_len++;
	return c;
}

static size_t ref_place(const struct cell *c, const char *pool, uint32_t use)
{
	size_t lo = 0;
	size_t hi = c->len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int cmp = strcmp(c->refs[mid].pool, pool);
		if (cmp < 0 || (cmp == 0 && c->refs[mid].facts.use < use)) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	return lo;
}

static bool ref_add(struct match_index *x, uint32_t expertise, const char *zone,
		    struct index_ref ref)
{
	struct cell *c = cell_get(x, expertise, zone);

	if (c == NULL || !index_grow((void **)&c->refs, c->len, &c->cap, sizeof(*c->refs))) {
		return false;
	}
	size_t at = ref_place(c, ref.pool, ref.facts.use);
	memmove(c->refs + at + 1, c->refs + at, (c->len - at) * sizeof(*c->refs));
	c->refs[at] = ref;
	c->len++;
	return true;
}

static bool ref_drop(struct match_index *x, uint32_t expertise, const char *zone,
		     struct index_ref ref)
{
	size_t unused;
	struct cell *c = cell_find(x, expertise, zone, &unused);

	if (c == NULL) {
		return true;
	}
	size_t at = ref_place(c, ref.pool, ref.facts.use);
	if (at < c->len && c->refs[at].facts.use == ref.facts.use &&
	    strcmp(c->refs[at].pool, ref.pool) == 0) {
		c->len--;
		memmove(c->refs + at, c->refs + at + 1, (c->len - at) * sizeof(*c->refs));
	}
	return true;
}

typedef bool ref_fn(struct match_index *x, uint32_t expertise, const char *zone,
		    struct index_ref ref);

/** Applies @p fn for each (expertise, zone) of the use, and for (expertise, wherever). */
static bool each_cell(struct match_index *x, const struct pool_slot *slot, const struct use_node *u,
		      ref_fn *fn)
{
	struct index_ref ref = { .pool = slot->name, .facts = u->facts };

	for (uint32_t e = 1; e <= 64; e++) {
		if ((u->facts.expertises >> (e - 1) & 1) == 0) {
			continue;
		}
		if (!fn(x, e, "", ref)) {
			return false;
		}
		for (size_t z = 0; z < u->zones_len; z++) {
			if (!fn(x, e, u->zones[z], ref)) {
				return false;
			}
		}
	}
	return true;
}

/** Where the use of that number stands among those of its pool, or would. */
static struct use_node **use_place(struct pool_slot *slot, uint32_t use)
{
	struct use_node **at = &slot->uses;

	while (*at != NULL && (*at)->facts.use < use) {
		at = &(*at)->next;
	}
	return at;
}

static struct use_node *use_of(const PB(PoolUse) *u)
{
	struct use_node *node = calloc(1, sizeof(*node));

	if (node == NULL) {
		return NULL;
	}
	node->facts = use_facts_of(u);
	node->zones = calloc(u->n_zones + 1, sizeof(*node->zones));
	if (node->zones == NULL) {
		use_free(node);
		return NULL;
	}
	for (size_t i = 0; i < u->n_zones; i++) {
		(void)snprintf(node->zones[i], sizeof(node->zones[i]), "%s", u->zones[i]);
	}
	node->zones_len = u->n_zones;
	return node;
}

static int price_fold(struct match_index *x, struct slice rest, struct slice val)
{
	char zone[PARTY_ID_LEN_MAX + 1];
	uint32_t expertise;

	if (!key_take_u32(&rest, &expertise) || !key_take_str(&rest, zone)) {
		return SK_ECORRUPT;
	}
	PB(MatchPriceRecord) *rec =
		val.data == NULL ? NULL :
				   schakel__v1__match_price_record__unpack(NULL, val.len, val.data);
	struct cell *c = cell_get(x, expertise, zone);
	if (c == NULL || (rec == NULL && val.data != NULL)) {
		if (rec != NULL) {
			schakel__v1__match_price_record__free_unpacked(rec, NULL);
		}
		return SK_ENOMEM;
	}
	c->price = rec == NULL ? 0 : rec->price;
	x->prices_made++;
	if (rec != NULL) {
		schakel__v1__match_price_record__free_unpacked(rec, NULL);
	}
	return SK_OK;
}

static uint32_t dearest(const struct match_index *x, const struct use_node *u)
{
	uint32_t price = 0;
	size_t unused;

	for (uint32_t e = 1; e <= 64; e++) {
		for (size_t z = 0; (u->facts.expertises >> (e - 1) & 1) != 0 && z <= u->zones_len;
		     z++) {
			const char *zone = z == 0 ? "" : u->zones[z - 1];
			const struct cell *c = cell_find(x, e, zone, &unused);
			price = c != NULL && c->price > price ? c->price : price;
		}
	}
	return price;
}

uint32_t use_price(const struct match_index *x, struct use_node *u)
{
	if (u->prices_made != x->prices_made) {
		u->price = dearest(x, u);
		u->prices_made = x->prices_made;
	}
	return u->price;
}

uint32_t index_price(void *index, const char *pool, uint32_t use)
{
	struct match_index *x = index;
	size_t unused;
	struct pool_slot *slot = x->prices_made == 0 ? NULL : slot_find(x, pool, &unused);
	struct use_node *u = slot == NULL ? NULL : slot->uses;

	while (u != NULL && u->facts.use != use) {
		u = u->next;
	}
	return u == NULL ? 0 : use_price(x, u);
}

const char *index_pool(const void *index, const char *pool, uint32_t *ret_number)
{
	size_t unused;
	const struct pool_slot *slot = slot_find(index, pool, &unused);

	*ret_number = slot == NULL ? INDEX_NO_NUMBER : slot->number;
	return slot == NULL ? NULL : slot->name;
}

const char *index_partner(const void *index, const char *partner, uint32_t *ret_number)
{
	const struct match_index *x = index;
	size_t unused;
	const struct party_pools *p = find_party(&x->find, partner, &unused);

	*ret_number = p == NULL ? INDEX_NO_NUMBER : p->number;
	return p == NULL ? NULL : p->name;
}

/** The use is gone, new, or in the place of one of the same number. */
static int use_fold(struct match_index *x, struct pool_slot *slot, uint32_t use, struct slice val)
{
	struct use_node **at = use_place(slot, use);
	struct use_node *was = *at != NULL && (*at)->facts.use == use ? *at : NULL;
	struct use_node *node = NULL;

	if (val.data != NULL) {
		PB(PoolUse) *u = schakel__v1__pool_use__unpack(NULL, val.len, val.data);
		node = u == NULL ? NULL : use_of(u);
		if (u != NULL) {
			schakel__v1__pool_use__free_unpacked(u, NULL);
		}
		if (node == NULL) {
			return SK_ENOMEM;
		}
		node->pool = slot;
		node->next = was == NULL ? *at : was->next;
		int err = find_use_put(&x->find, node, was);
		if (err != SK_OK) {
			use_free(node);
			return err;
		}
	} else if (was != NULL) {
		find_use_drop(&x->find, was);
	}
	if (was != NULL) {
		(void)each_cell(x, slot, was, ref_drop);
	}
	*at = node != NULL ? node : was != NULL ? was->next : *at;
	use_free(was);
	return node == NULL || each_cell(x, slot, node, ref_add) ? SK_OK : SK_ENOMEM;
}

int match_index_fold(void *index, uint8_t table, const struct key *k, struct slice val)
{
	struct match_index *x = index;
	struct slice rest = { .data = k->b, .len = k->len };
	char name[PARTY_ID_LEN_MAX + 1];
	uint32_t use;

	if (table == T_PRICE) {
		return price_fold(x, rest, val);
	}
	if (table == T_POOL || table == T_PASS || table == T_LAST_PLACE) {
		struct pool_slot *pool = key_take_str(&rest, name) ? slot_get(x, name) : NULL;
		return pool == NULL ? SK_ENOMEM : find_fold(x, table, pool, val);
	}
	if (table != T_POOL_USE) {
		return SK_OK;
	}
	if (!key_take_str(&rest, name) || !key_take_u32(&rest, &use)) {
		return SK_ECORRUPT;
	}
	struct pool_slot *slot = slot_get(x, name);
	return slot == NULL ? SK_ENOMEM : use_fold(x, slot, use, val);
}

size_t index_refs(const void *index, uint32_t expertise, const char *zone,
		  const struct index_ref **ret_refs)
{
	size_t unused;
	const struct cell *c = cell_find(index, expertise, zone, &unused);

	*ret_refs = c == NULL ? NULL : c->refs;
	return c == NULL ? 0 : c->len;
}

size_t index_expertise(const void *index, uint32_t expertise, const struct index_ref **ret_refs)
{
	return index_refs(index, expertise, "", ret_refs);
}

bool index_has(const void *index, uint32_t expertise, const char *zone, const struct index_ref *ref)
{
	size_t unused;
	const struct cell *c = cell_find(index, expertise, zone, &unused);
	size_t at = c == NULL ? 0 : ref_place(c, ref->pool, ref->facts.use);

	return c != NULL && at < c->len && c->refs[at].facts.use == ref->facts.use &&
	       strcmp(c->refs[at].pool, ref->pool) == 0;
}
