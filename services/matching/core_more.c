/* SPDX-License-Identifier: EUPL-1.2 */
/* The un-waiting list: what more capacity would do for who waits. A copy of a pool with some units
 * more is walked as a seat pass walks it (core_pass.c): all that wait in its reach, in the order,
 * each group composed over that pool alone. Nothing is written, nobody is asked. */
#include "services/matching/core_build.h"
#include "services/matching/core_stream.h"

#define STARTS_MAX 1024U   /* of one pool */
#define UNITS_MAX 1000U    /* that may be asked about */
#define TRIES_MAX 24U      /* numbers of units tried at one pool for one need, each way */
#define POOLS_NEED_MAX 32U /* pools tried for one need */
#define KINDS_MAX 32U      /* of starts, told apart in one row */

/** One pool with more than it has, and who would start there. */
struct trial {
	PB(MatchPoolRecord) *p; /* a copy: what is given counts here alone */
	struct pass_pool at;
	PB(PoolUse) *uses[MATCH_USES_MAX];
	uint32_t looks; /* left */
	uint32_t free;  /* of the pool as it is */
	struct object_id started[STARTS_MAX];
	size_t starts;
	bool at_least, signed_for;
};

static bool trial_open(struct work *w, const char *pool, struct trial *ret)
{
	*ret = (struct trial){ .p = pool_get(w, pool), .looks = MORE_LOOKS_MAX };
	if (ret->p == NULL) {
		return false;
	}
	ret->at = (struct pass_pool){ .name = ret->p->pool, .uses = ret->uses };
	ret->at.uses_len = pool_uses(w, pool, ret->uses);
	ret->free = pool_free(ret->p);
	return true;
}

/** As if so many units more were stated. */
static void trial_units(struct trial *t, const PB(MatchPoolRecord) *as_is, uint32_t units)
{
	t->p->staffed = as_is->staffed + units;
	t->p->promised = as_is->promised;
	t->p->overcommitted = (uint64_t)t->p->used_elsewhere + t->p->promised > t->p->staffed;
	t->starts = 0;
	t->at_least = false;
	t->signed_for = false;
}

/** @return its place among who started; t->starts: it did not. */
static size_t start_of(const struct trial *t, const PB(MatchNeedRecord) *n)
{
	struct object_id id = id_of(&n->need->need_id);
	size_t i = 0;

	while (i < t->starts && !object_id_equal(&t->started[i], &id)) {
		i++;
	}
	return i;
}

static bool has_started(const struct trial *t, const PB(MatchNeedRecord) *n)
{
	return start_of(t, n) < t->starts;
}

static void start_add(struct trial *t, const PB(MatchNeedRecord) *n, uint32_t amount)
{
	if (t->starts < STARTS_MAX) {
		t->started[t->starts++] = id_of(&n->need->need_id);
		t->p->promised += amount;
	} else {
		t->at_least = true;
	}
}

static void build_at(struct work *w, struct trial *t, const PB(MatchRequestRecord) *r,
		     PB(MatchNeedRecord) **needs, struct build *b)
{
	struct object_id request = id_of(&r->request->request_id);

	team_of(w, &request, NULL, &b->team);
	build_begin(b);
	for (size_t i = 0; i < b->problem.needs; i++) {
		for (size_t u = 0; u < t->at.uses_len; u++) {
			struct use_facts facts = use_facts_of(t->uses[u]);
			if (need_reaches(needs[i], t->uses[u]) &&
			    need_fit(w, r, needs[i], t->p, &facts) == FIT_OK) {
				bool near = need_is_near(r, needs[i], t->uses[u]);
				build_option(b, i, t->p, &facts, !near);
			}
		}
	}
}

/** The group's needs over this pool alone. */
static void trial_group(struct work *w, struct trial *t, const uint8_t group[GROUP_LEN])
{
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	struct build b = { .w = w, .m = index_scratch(w->s->index) };
	struct compose_team team;
	size_t all = group_needs(w, group, needs);

	for (size_t i = 0; i < all && b.problem.needs < COMPOSE_NEEDS_MAX; i++) {
		if (!has_started(t, needs[i])) {
			b.needs[b.problem.needs++] = needs[i];
		}
	}
	if (b.problem.needs == 0) {
		return;
	}
	struct object_id request = id_of(&b.needs[0]->request_id);
	b.r = request_get(w, &request);
	if (b.r == NULL) {
		return;
	}
	build_at(w, t, b.r, b.needs, &b);
	build_team(&b, false, &team);
	for (size_t i = 0; i < b.problem.needs; i++) {
		if (team.option[i] != COMPOSE_NONE) {
			start_add(t, b.needs[i], b.m->options[team.option[i]].amount);
			/* What was given under limits and caps is known of what is stored alone. */
			if (pool_is_counted(t->p)) {
				t->at_least = true;
				return;
			}
		}
	}
}

/** @return the least amount with which the need fits there, were all free that it wants; 0: it does
 *  not. */
static uint32_t wants(struct work *w, struct trial *t, const PB(MatchNeedRecord) *n)
{
	struct object_id request = id_of(&n->request_id);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	PB(MatchPoolRecord) wide = *t->p;
	struct team team;
	uint32_t least = 0;

	wide.staffed = wide.used_elsewhere + wide.promised + COMPOSE_AMOUNT_MAX;
	wide.overcommitted = false;
	for (size_t i = 0; r != NULL && need_waits(n) && i < t->at.uses_len; i++) {
		struct use_facts u = use_facts_of(t->uses[i]);
		if (need_reaches(n, t->uses[i]) && need_fit(w, r, n, &wide, &u) == FIT_OK) {
			uint32_t amount = need_amount(n, &wide, &u);
			least = least == 0 || amount < least ? amount : least;
		}
	}
	if (least == 0) {
		return 0;
	}
	team_of(w, &request, NULL, &team);
	bool room = team_has(&team, t->p->partner) ||
		    team.len < step_setting(w->s, SETTING_TEAM_MAX);
	return room ? least : 0;
}

/** @return false: the walk ends here. */
typedef bool look_fn(struct work *w, struct trial *t, const struct stream *st, void *ctx);

/** All that wait in the pool's reach, in the order, each once. */
static void trial_walk(struct work *w, struct trial *t, look_fn *look, void *ctx)
{
	struct stream *streams = index_scratch(w->s->index)->streams;
	struct order from = { { 0 } };
	struct object_id last = { { 0 } };
	size_t len = streams_add(&t->at, streams, 0);
	bool more = true;

	for (size_t i = 0; i < len; i++) {
		stream_seek(w, &streams[i], &from);
	}
	for (struct stream *st = streams_first(streams, len);
	     st != NULL && more && work_err(w) == SK_OK; st = streams_first(streams, len)) {
		size_t mark = work_mark(w);
		bool again = memcmp(last.b, st->need.b, OBJECT_ID_LEN) == 0;
		if (t->looks == 0) {
			t->at_least = true;
			return;
		}
		if (!again) {
			t->looks--;
			last = st->need;
			more = look(w, t, st, ctx);
		}
		work_rewind(w, mark);
		stream_seek(w, st, NULL);
	}
}

static bool look_least(struct work *w, struct trial *t, const struct stream *st, void *ctx)
{
	const PB(MatchNeedRecord) *n = need_get(w, &st->need);
	uint32_t amount = n == NULL ? 0 : wants(w, t, n);
	uint32_t *least = ctx;

	if (amount > t->free && (*least == 0 || amount - t->free < *least)) {
		*least = amount - t->free;
	}
	return true;
}

static bool look_start(struct work *w, struct trial *t, const struct stream *st, void *ctx)
{
	const PB(MatchNeedRecord) *n = need_get(w, &st->need);
	struct concerned them;
	(void)ctx;

	uint32_t amount = n == NULL || has_started(t, n) ? 0 : wants(w, t, n);
	if (amount == 0 || amount > pool_free(t->p)) {
		return true;
	}
	if (st->head.b[0] == CLASS_CRISIS && last_place(w, t->p, &them)) {
		start_add(t, n, amount);
		t->signed_for = true;
		return false;
	}
	trial_group(w, t, st->head.b);
	return !t->at_least && pool_free(t->p) > 0;
}

/** Fills who would start with so many units more. */
static void trial_run(struct work *w, struct trial *t, const PB(MatchPoolRecord) *as_is,
		      uint32_t units)
{
	trial_units(t, as_is, units);
	if (pool_composable(t->p, CLASS_CRISIS)) {
		trial_walk(w, t, look_start, NULL);
	}
}

static uint32_t least_units(struct work *w, struct trial *t)
{
	PB(MatchPoolRecord) could = *t->p;
	uint32_t least = 0;

	could.overcommitted = false;
	if (!pool_composable(&could, CLASS_CRISIS)) {
		return 0;
	}
	trial_walk(w, t, look_least, &least);
	uint64_t taken = (uint64_t)t->p->used_elsewhere + t->p->promised;
	uint32_t owed = taken > t->p->staffed ? (uint32_t)(taken - t->p->staffed) : 0;
	return least == 0 ? 0 : least + owed;
}

/* --- the page --- */

static void who_add(struct work *w, PB(MoreItem) *item, const struct object_id *need)
{
	const PB(MatchNeedRecord) *n = need_get(w, need);
	PB(MoreStart) *s = NULL;

	if (n == NULL) {
		return;
	}
	for (size_t i = 0; i < item->n_who && s == NULL; i++) {
		bool same = item->who[i]->expertise == n->need->expertise &&
			    item->who[i]->wait_class == n->order->wait_class &&
			    strcmp(item->who[i]->zone, n->zone) == 0;
		s = same ? item->who[i] : NULL;
	}
	if (s == NULL && item->n_who < KINDS_MAX) {
		s = step_alloc(w->s, sizeof(*s));
		if (s != NULL) {
			schakel__v1__more_start__init(s);
			s->expertise = n->need->expertise;
			s->zone = n->zone;
			s->wait_class = n->order->wait_class;
			item->who[item->n_who++] = s;
		}
	}
	if (s != NULL) {
		s->count++;
	}
}

static PB(MoreItem) *more_item(struct work *w, const PB(QueryMore) *q, const char *pool,
			       uint32_t *io_looks)
{
	const PB(MatchPoolRecord) *as_is = pool_get(w, pool);
	PB(MoreItem) *item = step_alloc(w->s, sizeof(*item));
	struct trial t;

	if (item == NULL || as_is == NULL || !trial_open(w, pool, &t)) {
		return NULL;
	}
	t.looks = *io_looks;
	schakel__v1__more_item__init(item);
	item->least = least_units(w, &t);
	item->units = q->units == 0 ? item->least : q->units;
	if (item->units > 0) {
		trial_run(w, &t, as_is, item->units);
	}
	*io_looks = t.looks;
	item->pool = t.p->pool;
	item->partner = t.p->partner;
	item->unit = t.p->unit;
	item->starts = (uint32_t)t.starts;
	item->at_least = t.at_least;
	item->to_sign = t.signed_for;
	item->who = step_alloc(w->s, KINDS_MAX * sizeof(item->who[0]));
	for (size_t i = 0; item->who != NULL && i < t.starts; i++) {
		who_add(w, item, &t.started[i]);
	}
	return item->least == 0 && item->starts == 0 ? NULL : item;
}

static bool is_wanted(struct work *w, const PB(QueryMore) *q, const char *partner,
		      const PB(MatchPoolRecord) *p)
{
	PB(PoolUse) *uses[MATCH_USES_MAX];
	bool asked = q->expertise == 0 && q->zone[0] == '\0';

	if (p == NULL || (partner[0] != '\0' && !pool_is_of(p, partner)) ||
	    (q->pool[0] != '\0' && strcmp(q->pool, p->pool) != 0)) {
		return false;
	}
	size_t len = asked ? 0 : pool_uses(w, p->pool, uses);
	for (size_t i = 0; i < len && !asked; i++) {
		struct use_facts f = use_facts_of(uses[i]);
		bool expertise = q->expertise == 0 || (f.expertises >> (q->expertise - 1) & 1) != 0;
		asked = expertise && (q->zone[0] == '\0' || use_serves(uses[i], q->zone));
	}
	return asked;
}

static int more_page(struct work *w, const PB(QueryMore) *q, const char *partner, PB(MoreView) *v)
{
	uint32_t limit = match_page_limit(w->s, q->limit);
	uint32_t looks = MORE_LOOKS_MAX;
	struct key none = { 0 };
	struct key k = { 0 };
	struct store_iter it;
	struct slice val;
	bool more = false;

	store_iter_init(&it, w->s->txn, T_POOL, NULL);
	if (!match_page_from(&it, &none, &q->after)) {
		return step_refuse(w->s, REFUSE(OUT_OF_RANGE), "after");
	}
	while (!more && store_next(&it, &k, &val)) {
		size_t mark = work_mark(w);
		const PB(MatchPoolRecord) *p = step_unpack(w->s, val, DESC(match_pool_record));
		PB(MoreItem) *item =
			is_wanted(w, q, partner, p) ? more_item(w, q, p->pool, &looks) : NULL;
		if (item != NULL) {
			v->items[v->n_items++] = item;
		} else {
			work_rewind(w, mark);
		}
		more = v->n_items == limit || looks == 0;
	}
	store_iter_done(&it);
	if (more) {
		v->next = match_page_key(w, &k);
	}
	return work_err(w);
}

/** Who sees the whole list asks about anybody's; a partner about its own. */
int match_query_more(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	const uint32_t all = ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR);
	const PB(QueryMore) *q = in->query_more;
	PB(MoreView) *v = step_alloc(s, sizeof(*v));
	PB(MoreItem) **items = step_alloc(s, MATCH_PAGE_MAX * sizeof(*items));
	bool sees = (s->from.roles & all) != 0;
	struct work w;

	work_init(&w, s);
	if (v == NULL || items == NULL) {
		return SK_ENOMEM;
	}
	if (!sees && q->partner[0] != '\0' && strcmp(q->partner, s->from.id) != 0) {
		return step_refuse(s, REFUSE(NOT_YOURS), "partner");
	}
	if (q->expertise > 64 || (q->expertise != 0 && step_expertise(s, q->expertise) == NULL)) {
		return step_refuse(s, REFUSE(UNKNOWN_CODE), "expertise");
	}
	if (q->units > UNITS_MAX) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "units");
	}
	schakel__v1__more_view__init(v);
	v->items = items;
	out->body_case = BODY(MORE_VIEW);
	out->more_view = v;
	return more_page(&w, q, sees ? q->partner : s->from.id, v);
}

/* --- for one need --- */

/** What those before a need would take at the pool, in the order. */
struct ahead {
	struct object_id need;
	uint32_t amount[STARTS_MAX];
	size_t len;
	uint32_t own; /* 0: it does not fit there */
};

static bool look_ahead(struct work *w, struct trial *t, const struct stream *st, void *ctx)
{
	const PB(MatchNeedRecord) *n = need_get(w, &st->need);
	uint32_t amount = n == NULL ? 0 : wants(w, t, n);
	struct ahead *x = ctx;

	if (object_id_equal(&x->need, &st->need)) {
		x->own = amount;
		return false;
	}
	x->amount[x->len] = amount;
	x->len += amount > 0;
	return x->len < STARTS_MAX;
}

/** @return the least amount that leaves the need its own when those before it took what fits. */
static uint32_t leaves_own(const struct ahead *x, uint32_t free)
{
	uint32_t all = free + 1 > x->own ? free + 1 : x->own;
	uint32_t left = 0;

	for (; left < x->own && all <= free + UNITS_MAX; all++) {
		left = all;
		for (size_t i = 0; i < x->len; i++) {
			left -= x->amount[i] <= left ? x->amount[i] : 0;
		}
	}
	return left < x->own ? all : all - 1;
}

static bool starts_with(struct work *w, struct trial *t, const PB(MatchNeedRecord) *n,
			uint32_t units)
{
	trial_run(w, t, pool_get(w, t->p->pool), units);
	return has_started(t, n);
}

/** Counted, then held against the walk: a group may take otherwise than its needs one by one. */
static void more_at(struct work *w, const PB(MatchNeedRecord) *n, const char *pool,
		    uint32_t *io_looks, struct more_units *io_best)
{
	struct ahead x = { .need = id_of(&n->need->need_id) };
	struct trial t;

	if (!trial_open(w, pool, &t)) {
		return;
	}
	t.looks = *io_looks;
	uint64_t taken = (uint64_t)t.p->used_elsewhere + t.p->promised;
	uint32_t owed = taken > t.p->staffed ? (uint32_t)(taken - t.p->staffed) : 0;
	t.p->overcommitted = false;
	trial_walk(w, &t, look_ahead, &x);
	uint32_t units = x.own == 0 ? UNITS_MAX + 1 : leaves_own(&x, t.free) - t.free + owed;
	uint32_t most = io_best->pool == NULL ? UNITS_MAX + 1 : io_best->units;
	bool found = false;
	for (uint32_t i = 0; i < TRIES_MAX && units < most && !found; i++, units += !found) {
		found = starts_with(w, &t, n, units);
	}
	for (uint32_t i = 0; found && i < TRIES_MAX && units > 1; i++, units--) {
		if (!starts_with(w, &t, n, units - 1)) {
			break;
		}
	}
	if (found && starts_with(w, &t, n, units)) {
		io_best->units = units;
		io_best->before = (uint32_t)start_of(&t, n);
		io_best->pool = step_strdup(w->s, pool);
	}
	*io_looks = t.looks;
}

struct more_units more_for_need(struct work *w, const PB(MatchRequestRecord) *r,
				const PB(MatchNeedRecord) *n, uint32_t *io_looks)
{
	char(*names)[PARTY_ID_LEN_MAX + 1] = step_alloc(w->s, POOLS_NEED_MAX * sizeof(*names));
	struct more_units best = { 0 };
	const struct index_ref *refs;
	size_t pools = 0;
	size_t len = names == NULL ? 0 : need_refs(w, n, &refs);

	for (size_t i = 0; i < len && pools < POOLS_NEED_MAX; i++) {
		size_t mark = work_mark(w);
		const PB(MatchPoolRecord) *p = pool_get(w, refs[i].pool);
		bool known = pools > 0 && strcmp(names[pools - 1], refs[i].pool) == 0;
		if (p != NULL && !known && need_fit(w, r, n, p, &refs[i].facts) == FIT_AMOUNT) {
			memcpy(names[pools++], p->pool, strlen(p->pool) + 1);
		}
		work_rewind(w, mark);
	}
	for (size_t i = 0; i<pools && * io_looks> 0; i++) {
		more_at(w, n, names[i], io_looks, &best);
	}
	return best;
}
