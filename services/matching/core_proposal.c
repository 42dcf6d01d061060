/* SPDX-License-Identifier: EUPL-1.2 */
/* Which conversions of fluid houses (B7) would start more children now, counted by trying, in
 * memory. Help in a crisis is asked meanwhile by nobody: so one question looks at so many waiting
 * needs and no more, and says through `next` that there is more to try. */
#include "services/matching/core_stream.h"

#define CONVERT_TRIES_MAX 16U  /* steps of from_units that a proposal weighs */
#define CONVERT_LOOKS_MAX 240U /* waiting needs that are tried, in the order */
_Static_assert((CONVERT_TRIES_MAX + 1) * CONVERT_LOOKS_MAX <= MATCH_CONVERT_LOOKS_MAX,
	       "one conversion fits in a question, so that each page goes on");

/** Pools as they would be, in memory only. */
struct trial {
	PB(MatchPoolRecord) *pool[2];
	PB(PoolUse) *use[2][MATCH_USES_MAX];
	size_t uses[2];
	struct stream *streams;
	size_t len;
	uint32_t looks; /* so far, of this conversion; a trial is at least one */
	uint32_t left;  /* that the question has for it */
	bool cut;       /* that was too few: what was counted says nothing */
};

/** @return true when some use of that pool takes the need; its amount is off what is free. */
static bool trial_seat(struct work *w, struct trial *t, size_t pool, const PB(MatchNeedRecord) *n)
{
	struct object_id request = id_of(&n->request_id);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	struct team team;

	team_of(w, &request, NULL, &team);
	bool room = team_has(&team, t->pool[pool]->partner) ||
		    team.len < step_setting(w->s, SETTING_TEAM_MAX);
	for (size_t i = 0; r != NULL && room && i < t->uses[pool]; i++) {
		struct use_facts u = use_facts_of(t->use[pool][i]);
		if (need_reaches(n, t->use[pool][i]) &&
		    need_fit(w, r, n, t->pool[pool], &u) == FIT_OK) {
			t->pool[pool]->promised += need_amount(n, t->pool[pool], &u);
			return true;
		}
	}
	return false;
}

/** Needs that the two pools would seat, in the order, as they stand in @p t. */
static uint32_t trial_count(struct work *w, struct trial *t)
{
	uint32_t seated = 0;
	struct order last = { { 0 } };

	if (t->looks >= t->left) {
		t->cut = true;
		return 0;
	}
	for (size_t i = 0; i < t->len; i++) {
		stream_seek(w, &t->streams[i], &last);
	}
	struct stream *st = streams_first(t->streams, t->len);
	uint32_t looks = 0;
	for (; st != NULL && looks < CONVERT_LOOKS_MAX; looks++) {
		if (t->looks + looks == t->left) {
			t->cut = true;
			break;
		}
		size_t mark = work_mark(w);
		const PB(MatchNeedRecord) *n = need_get(w, &st->need);
		/* A need may stand in two zones: right behind each other. */
		if (n != NULL && memcmp(last.b, st->head.b, ORDER_LEN) != 0) {
			seated += trial_seat(w, t, 0, n) || trial_seat(w, t, 1, n);
		}
		last = st->head;
		work_rewind(w, mark);
		stream_seek(w, st, NULL);
		st = streams_first(t->streams, t->len);
	}
	t->looks += looks == 0 ? 1 : looks;
	return seated;
}

static uint32_t trial_with(struct work *w, struct trial *t, const PB(Conversion) *c, uint32_t units)
{
	const PB(MatchPoolRecord) p = *t->pool[0];
	const PB(MatchPoolRecord) to = *t->pool[1];

	t->pool[0]->staffed -= units;
	t->pool[1]->staffed += conversion_makes(c, units);
	uint32_t seated = trial_count(w, t);
	*t->pool[0] = p;
	*t->pool[1] = to;
	return seated;
}

/** The number of units that starts most, when that is more than start now. @return false: none, or
 *  cut. */
static bool best_units(struct work *w, struct trial *t, const PB(MatchPoolRecord) *p, size_t at,
		       PB(ConversionItem) *ret_item)
{
	const PB(Conversion) *c = p->conversions[at];
	PB(ConversionItem) best = PB_INIT(CONVERSION_ITEM);
	uint32_t most = conversion_most(w, p, at);

	best.pool = p->pool;
	best.from_use = c->from_use;
	best.to_pool = c->to_pool;
	best.starts_now = trial_with(w, t, c, 0);
	for (uint32_t n = 1; !t->cut && n <= CONVERT_TRIES_MAX && n * c->from_units <= most; n++) {
		uint32_t units = n * c->from_units;
		bool room = conversion_has_room(t->pool[1], conversion_makes(c, units));
		uint32_t then = room ? trial_with(w, t, c, units) : 0;
		if (then > best.starts_now && then > best.starts_then) {
			best.units = units;
			best.starts_then = then;
		}
	}
	*ret_item = best;
	return best.units > 0 && !t->cut;
}

/** What is asked, and how far it came. */
struct page {
	struct work *w;
	PB(ConversionsView) *v;
	uint32_t limit;
	uint32_t looks;
	bool more; /* from conversion `at` of the pool that was begun last */
	size_t at;
};

/** Adds the proposal, if it is one; the names in it are those of @p p. @return false: the question
 *  has no looks left for it, it comes first on the next page. */
static bool propose(struct page *g, const PB(MatchPoolRecord) *p, size_t at)
{
	struct work *w = g->w;
	size_t mark = work_mark(w);
	PB(MatchPoolRecord) from = *p;
	PB(MatchPoolRecord) *to = pool_get(w, p->conversions[at]->to_pool);
	struct trial *t = step_alloc(w->s, sizeof(*t));
	PB(ConversionItem) best = PB_INIT(CONVERSION_ITEM);

	if (to == NULL || t == NULL || strcmp(to->partner, p->partner) != 0) {
		work_rewind(w, mark);
		return true;
	}
	*t = (struct trial){ .pool = { &from, to },
			     .streams = index_scratch(w->s->index)->streams,
			     .left = MATCH_CONVERT_LOOKS_MAX - g->looks };
	for (size_t i = 0; i < 2; i++) {
		struct pass_pool pool = { .name = t->pool[i]->pool, .uses = t->use[i] };
		t->uses[i] = pool_uses(w, pool.name, t->use[i]);
		pool.uses_len = t->uses[i];
		t->len = streams_add(&pool, t->streams, t->len);
	}
	bool more = best_units(w, t, p, at, &best);
	bool cut = t->cut;
	g->looks += t->looks;
	work_rewind(w, mark);
	PB(ConversionItem) *item = more ? step_alloc(w->s, sizeof(*item)) : NULL;
	if (item != NULL) {
		*item = best;
		g->v->items[g->v->n_items++] = item;
	}
	return !cut;
}

/** From conversion @p at on. */
static void propose_pool(struct page *g, const char *pool, size_t at)
{
	size_t mark = work_mark(g->w);
	size_t before = g->v->n_items;
	const PB(MatchPoolRecord) *p = pool_get(g->w, pool);

	for (g->at = at; p != NULL && g->at < p->n_conversions; g->at++) {
		bool room = g->v->n_items < g->limit && g->looks < MATCH_CONVERT_LOOKS_MAX;
		if (!room || !propose(g, p, g->at)) {
			g->more = true;
			break;
		}
	}
	if (g->v->n_items == before) {
		work_rewind(g->w, mark);
	}
}

/** A cursor is the row of a pool and the number of its conversion. @return false when @p after is
 *  none below @p prefix. */
static bool cursor_read(const struct key *prefix, const ProtobufCBinaryData *after,
			struct key *ret_row, size_t *ret_at)
{
	*ret_row = *prefix;
	*ret_at = 0;
	if (after->len == 0) {
		return true;
	}
	if (after->len > KEY_LEN_MAX || after->len <= prefix->len ||
	    memcmp(after->data, prefix->b, prefix->len) != 0) {
		return false;
	}
	*ret_row = (struct key){ 0 };
	key_bytes(ret_row, after->data, after->len - 1);
	*ret_at = after->data[after->len - 1];
	return true;
}

static void cursor_write(struct page *g, const struct key *row)
{
	struct key k = *row;

	if (g->more) {
		key_u8(&k, (uint8_t)g->at);
		g->v->next = match_page_key(g->w, &k);
	}
}

static int one_pool(struct page *g, const PB(QueryConversions) *q)
{
	struct step *s = g->w->s;
	uint32_t all = ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR);
	const PB(MatchPoolRecord) *p = name_is_valid(q->pool) ? pool_get(g->w, q->pool) : NULL;
	struct key prefix = key_of_str(s->from.id);
	struct key row;
	size_t at = 0;

	if (p == NULL) {
		return step_refuse(s, REFUSE(UNKNOWN_OBJECT), "pool");
	}
	if (!pool_is_of(p, s->from.id) && (s->from.roles & all) == 0) {
		return step_refuse(s, REFUSE(NOT_YOURS), "pool");
	}
	key_str(&prefix, q->pool);
	if (!cursor_read(&prefix, &q->after, &row, &at) || row.len != prefix.len) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "after");
	}
	propose_pool(g, q->pool, at);
	cursor_write(g, &row);
	return work_err(g->w);
}

static int own_pools(struct page *g, const PB(QueryConversions) *q)
{
	struct step *s = g->w->s;
	struct key prefix = key_of_str(s->from.id);
	struct store_iter it;
	struct key from;
	struct key k = { 0 };
	struct slice val;
	size_t at = 0;

	if (!cursor_read(&prefix, &q->after, &from, &at)) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "after");
	}
	store_iter_init(&it, s->txn, T_PARTNER_POOL, &prefix);
	if (q->after.len > 0) {
		store_iter_from(&it, &from, true);
	}
	while (!g->more && store_next(&it, &k, &val)) {
		struct slice rest = { .data = k.b + prefix.len, .len = k.len - prefix.len };
		char name[PARTY_ID_LEN_MAX + 1];
		bool begun = k.len == from.len && memcmp(k.b, from.b, k.len) == 0;
		SK_ASSERT(key_take_str(&rest, name));
		propose_pool(g, name, begun ? at : 0);
	}
	store_iter_done(&it);
	cursor_write(g, &k);
	return work_err(g->w);
}

int match_query_conversions(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	const PB(QueryConversions) *q = in->query_conversions;
	PB(ConversionsView) *v = step_alloc(s, sizeof(*v));
	PB(ConversionItem) **items = step_alloc(s, MATCH_PAGE_MAX * sizeof(*items));
	struct work w;

	work_init(&w, s);
	if (v == NULL || items == NULL) {
		return SK_ENOMEM;
	}
	schakel__v1__conversions_view__init(v);
	v->items = items;
	out->body_case = BODY(CONVERSIONS_VIEW);
	out->conversions_view = v;
	struct page g = { .w = &w, .v = v, .limit = match_page_limit(s, q->limit) };
	return q->pool[0] != '\0' ? one_pool(&g, q) : own_pools(&g, q);
}
