/* SPDX-License-Identifier: EUPL-1.2 */
/* L4, L5, L7, L8 and the indexes by brute force over the tables, by code that shares nothing with
 * the core but the records: every waiting need against every use of every pool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_laws.h"

#define BLOCK (24U << 20)

struct before {
	struct state s;
	bool able[NEEDS_MAX][POOLS_MAX];
	uint8_t ids[NEEDS_MAX][OBJECT_ID_LEN];
	char names[POOLS_MAX][PARTY_ID_LEN_MAX + 1];
	uint8_t held[CONTRIBUTIONS_MAX][OBJECT_ID_LEN];
	size_t holding;
	uint8_t agreed[CONTRIBUTIONS_MAX][OBJECT_ID_LEN];
	size_t agreements;
	uint64_t now_ms;
};

static uint64_t block[BLOCK / sizeof(uint64_t)] __attribute__((aligned(16)));
static struct arena arena;
static struct state now;

static void *load(struct slice val, const ProtobufCMessageDescriptor *type)
{
	ProtobufCAllocator alloc = arena_protobuf(&arena);
	void *m = protobuf_c_message_unpack(type, &alloc, val.len, val.data);

	assert_non_null(m);
	return m;
}

static size_t load_all(struct rig *r, uint8_t table, const ProtobufCMessageDescriptor *type,
		       void **to, size_t max)
{
	struct store_iter it;
	struct key k;
	struct slice val;
	size_t len = 0;

	store_iter_init(&it, rig_txn(r), table, NULL);
	while (store_next(&it, &k, &val)) {
		assert_true(len < max);
		to[len++] = load(val, type);
	}
	return len;
}

static struct pool_row *pool_named(struct state *s, const char *name)
{
	for (size_t i = 0; i < s->pools; i++) {
		if (strcmp(s->pool[i].p->pool, name) == 0) {
			return &s->pool[i];
		}
	}
	return NULL;
}

static void load_pools(struct rig *r, struct state *s)
{
	void *rows[POOLS_MAX];
	struct store_iter it;
	struct key k;
	struct slice val;

	s->pools = load_all(r, T_POOL, DESC(match_pool_record), rows, POOLS_MAX);
	for (size_t i = 0; i < s->pools; i++) {
		s->pool[i] = (struct pool_row){ .p = rows[i] };
	}
	store_iter_init(&it, rig_txn(r), T_POOL_USE, NULL);
	while (store_next(&it, &k, &val)) {
		struct pool_row *p = pool_named(s, (const char *)k.b);
		assert_non_null(p);
		p->use[p->uses++] = load(val, DESC(pool_use));
	}
	store_iter_init(&it, rig_txn(r), T_LAST_PLACE, NULL);
	while (store_next(&it, &k, &val)) {
		struct pool_row *p = pool_named(s, (const char *)k.b);
		assert_non_null(p);
		p->kept = true;
	}
	store_iter_init(&it, rig_txn(r), T_PASS, NULL);
	while (store_next(&it, &k, &val)) {
		struct pool_row *p = pool_named(s, (const char *)k.b);
		const PB(MatchPassRecord) *pass = load(val, DESC(match_pass_record));
		assert_non_null(p);
		p->dirty = true;
		memcpy(p->from, pass->position.data, pass->position.len);
	}
}

static void load_workers(struct rig *r, struct state *s)
{
	struct store_iter it;
	struct key k;
	struct slice val;

	store_iter_init(&it, rig_txn(r), T_WORKER, NULL);
	while (store_next(&it, &k, &val)) {
		struct pool_row *p = pool_named(s, (const char *)k.b);
		assert_non_null(p);
		assert_true(p->workers < WORKERS_MAX);
		p->worker[p->workers++] = load(val, DESC(match_worker_record));
	}
	s->networks = load_all(r, T_NETWORK, DESC(match_network_record), (void **)s->network,
			       NETWORKS_MAX);
}

static void load_state(struct rig *r, struct state *s)
{
	struct store_iter it;
	struct key k;
	struct slice val;
	void *chain[2] = { NULL };

	if (arena.base == NULL) {
		arena_init(&arena, block, sizeof(block));
	}
	*s = (struct state){ .team_max = 5, .ateliers_max = 10, .now_ms = rig_now(r) };
	load_pools(r, s);
	load_workers(r, s);
	s->needs = load_all(r, T_NEED, DESC(match_need_record), (void **)s->need, NEEDS_MAX);
	s->requests = load_all(r, T_REQUEST, DESC(match_request_record), (void **)s->request,
			       REQUESTS_MAX);
	s->contributions = load_all(r, T_CONTRIBUTION, DESC(match_contribution_record),
				    (void **)s->c, CONTRIBUTIONS_MAX);
	(void)load_all(r, T_CHAIN, DESC(match_chain_record), chain, 2);
	s->chain = chain[0];
	store_iter_init(&it, rig_txn(r), T_EXCLUDE, NULL);
	while (store_next(&it, &k, &val)) {
		memcpy(s->exclude[s->excludes++], k.b, k.len);
	}
	s->wait_rows = rig_rows(r, T_WAIT);
	s->hold_rows = rig_rows(r, T_POOL_HOLD);
	s->hours_rows = rig_rows(r, T_INTERPRETER);
	s->chain_due = rig_due(r, DUE_CHAIN) > 0;
	for (size_t i = 0; i < rig_conf(r)->n_settings; i++) {
		if (strcmp(rig_conf(r)->settings[i]->key, "team_partners_max") == 0) {
			s->team_max = (uint32_t)rig_conf(r)->settings[i]->value;
		}
		if (strcmp(rig_conf(r)->settings[i]->key, "school_ateliers_max") == 0) {
			s->ateliers_max = (uint32_t)rig_conf(r)->settings[i]->value;
		}
	}
}

static bool is_waiting(const PB(MatchNeedRecord) *n)
{
	if (n->paused) {
		return false; /* check_seats() judges the mark itself */
	}
	return n->known && !n->closed && !n->served && n->seat_id.len == 0 &&
	       n->need->state >= NEEDST(OPEN) && n->need->state <= NEEDST(SUPPORTED);
}

/** The order as DOMAIN 6 says it, field by field. */
static int order_cmp(const PB(MatchNeedRecord) *a, const PB(MatchNeedRecord) *b)
{
	const PB(NeedOrder) *p = a->order;
	const PB(NeedOrder) *q = b->order;
	/* Not the law's order: all in one class, whatever the step of a crisis. */
	const uint64_t x[] = { p->rank_class ? p->rank_class : p->wait_class,
			       p->rank_class ? 0 : p->crisis_step, p->rank_ms, p->lottery };
	const uint64_t y[] = { q->rank_class ? q->rank_class : q->wait_class,
			       q->rank_class ? 0 : q->crisis_step, q->rank_ms, q->lottery };

	for (size_t i = 0; i < SK_LEN(x); i++) {
		if (x[i] != y[i]) {
			return x[i] < y[i] ? -1 : 1;
		}
	}
	int same = memcmp(a->request_id.data, b->request_id.data, 16);
	if (same != 0) {
		return same;
	}
	return a->need->ordinal < b->need->ordinal ? -1 : a->need->ordinal > b->need->ordinal;
}

static bool is_holding(const PB(MatchContributionRecord) *c)
{
	return !c->standby &&
	       (c->state == CSTATE(ASKED) || c->state == CSTATE(CAN) ||
		c->state == CSTATE(CAN_IF) || c->state == CSTATE(AGREED) ||
		c->state == CSTATE(STARTED) || (c->state == CSTATE(HANDING_ON) && c->held > 0));
}

static uint32_t free_of(const PB(MatchPoolRecord) *p)
{
	int64_t left = (int64_t)p->staffed - p->used_elsewhere - p->promised;

	return left > 0 ? (uint32_t)left : 0;
}

static void check_contributions(struct state *s)
{
	for (size_t i = 0; i < s->contributions; i++) {
		const PB(MatchContributionRecord) *c = s->c[i];
		struct pool_row *p = pool_named(s, c->pool);
		assert_non_null(p);
		assert_int_equal(c->held, is_holding(c) ? c->amount : 0);
		p->sum += c->held;
		if (c->interpreter_amount > 0) { /* D15 */
			struct pool_row *hours = pool_named(s, c->interpreter_pool);
			assert_non_null(hours);
			assert_true(c->held > 0 && c->interpreter && hours != p);
			hours->sum += c->interpreter_amount;
		}
		if (c->state == CSTATE(STARTED) || c->state == CSTATE(AGREED)) {
			assert_true(c->ground != 0); /* L5 */
		}
	}
	for (size_t i = 0; i < s->pools; i++) {
		const PB(MatchPoolRecord) *p = s->pool[i].p;
		assert_int_equal(p->promised, s->pool[i].sum);
		if ((uint64_t)p->promised + p->used_elsewhere > p->staffed) {
			assert_true(p->overcommitted); /* L4 */
		}
	}
}

static void check_seats(struct state *s)
{
	size_t waiting = 0, holding = 0, hours = 0;

	for (size_t i = 0; i < s->needs; i++) {
		const PB(MatchNeedRecord) *n = s->need[i];
		const PB(MatchRequestRecord) *r = law_request_of(s, n);
		const PB(ChildFact) *child = r == NULL ? NULL : law_child_of(r, n);
		size_t seats = 0;
		if (n->known && !n->closed) {
			bool wish = r != NULL && r->request->family_wish_until_ms > 0 &&
				    n->order->wait_class != CLASS(CRISIS);
			assert_int_equal(n->paused, (child != NULL && child->missing) || wish);
		}
		assert_int_equal(n->waiting, is_waiting(n));
		waiting += is_waiting(n) && r != NULL ? law_rows_in_order(r, n) : 0;
		for (size_t c = 0; c < s->contributions; c++) {
			const PB(MatchContributionRecord) *x = s->c[c];
			bool its = memcmp(x->need_id.data, n->need->need_id.data, 16) == 0;
			bool fills = its && is_holding(x) && x->state != CSTATE(HANDING_ON);
			seats += fills;
			if (fills) {
				assert_int_equal(n->seat_id.len, 16);
				assert_memory_equal(n->seat_id.data, x->contribution_id.data, 16);
			}
		}
		assert_true(seats <= 1); /* I11 */
	}
	for (size_t c = 0; c < s->contributions; c++) {
		holding += s->c[c]->held > 0;
		hours += s->c[c]->interpreter_amount > 0;
	}
	assert_int_equal(waiting, s->wait_rows); /* I22 */
	assert_int_equal(holding, s->hold_rows);
	assert_int_equal(hours, s->hours_rows);
}

/** Kept for a signature: two crises of the first step that it could serve, and room for one. */
static bool is_last_place(struct state *s, const struct pool_row *row)
{
	const PB(MatchNeedRecord) *first = NULL;
	uint32_t free = free_of(row->p);
	bool two = false;

	for (size_t i = 0; i < s->needs; i++) {
		const PB(MatchNeedRecord) *n = s->need[i];
		uint32_t amount = 0;
		if (is_waiting(n) && n->order->wait_class == CLASS(CRISIS)) {
			amount = law_able(s, n, row);
		}
		if (amount > 0 && amount <= free && (first == NULL || order_cmp(n, first) < 0)) {
			first = n;
		}
	}
	for (size_t i = 0; first != NULL && i < s->needs; i++) {
		const PB(MatchNeedRecord) *n = s->need[i];
		bool rival = is_waiting(n) && n->order->wait_class == CLASS(CRISIS) &&
			     n->order->crisis_step == first->order->crisis_step &&
			     memcmp(n->request_id.data, first->request_id.data, 16) != 0;
		uint32_t amount = rival ? law_able(s, n, row) : 0;
		if (amount > 0 && amount <= free) {
			two = true;
			assert_true(amount + law_able(s, first, row) > free);
		}
	}
	return two;
}

/** L8: what is free and fits somebody is at a dirty pool, whose walk has not passed that need. */
static void check_nothing_idle(struct state *s)
{
	for (size_t i = 0; i < s->needs; i++) {
		const PB(MatchNeedRecord) *n = s->need[i];
		for (size_t p = 0; is_waiting(n) && p < s->pools; p++) {
			struct pool_row *row = &s->pool[p];
			uint32_t amount = law_able(s, n, row);
			if (amount == 0 || amount > free_of(row->p) ||
			    (row->kept && is_last_place(s, row))) {
				continue;
			}
			bool swept = s->chain != NULL && s->chain->sweeping;
			if (!row->dirty && !swept) {
				fail_msg("L8: %s has %u free (kept %d) and a need of expertise %u "
					 "class %d step %d waits",
					 row->p->pool, free_of(row->p), row->kept,
					 n->need->expertise, n->order->wait_class,
					 n->order->crisis_step);
			}
			assert_true(s->chain_due);
			struct order o = order_of(n);
			assert_true(swept || memcmp(row->from, o.b, ORDER_LEN) <= 0);
		}
	}
}

void laws_check(struct rig *r)
{
	load_state(r, &now);
	check_contributions(&now);
	law_check_workers(&now);
	check_seats(&now);
	check_nothing_idle(&now);
	arena_reset(&arena);
}

struct before *laws_before(struct rig *r)
{
	static struct before b;

	load_state(r, &b.s);
	b.holding = 0;
	b.agreements = 0;
	b.now_ms = rig_now(r);
	for (size_t i = 0; i < b.s.needs; i++) {
		const PB(MatchNeedRecord) *n = b.s.need[i];
		memcpy(b.ids[i], n->need->need_id.data, OBJECT_ID_LEN);
		for (size_t p = 0; p < b.s.pools; p++) {
			b.able[i][p] = is_waiting(n) && law_able(&b.s, n, &b.s.pool[p]) > 0;
			(void)snprintf(b.names[p], sizeof(b.names[p]), "%s", b.s.pool[p].p->pool);
		}
	}
	for (size_t i = 0; i < b.s.contributions; i++) {
		const uint8_t *id = b.s.c[i]->contribution_id.data;
		if (b.s.c[i]->held > 0) {
			memcpy(b.held[b.holding++], id, OBJECT_ID_LEN);
		}
		if (b.s.c[i]->state == CSTATE(AGREED)) {
			memcpy(b.agreed[b.agreements++], id, OBJECT_ID_LEN);
		}
	}
	arena_reset(&arena);
	return &b;
}

static bool was_able(const struct before *b, const PB(MatchNeedRecord) *n, const char *pool)
{
	for (size_t i = 0; i < b->s.needs; i++) {
		if (memcmp(b->ids[i], n->need->need_id.data, OBJECT_ID_LEN) != 0) {
			continue;
		}
		for (size_t p = 0; p < b->s.pools; p++) {
			if (strcmp(b->names[p], pool) == 0) {
				return b->able[i][p];
			}
		}
	}
	return false;
}

static bool is_among(const uint8_t (*ids)[OBJECT_ID_LEN], size_t len,
		     const PB(MatchContributionRecord) *c)
{
	for (size_t i = 0; i < len; i++) {
		if (memcmp(ids[i], c->contribution_id.data, OBJECT_ID_LEN) == 0) {
			return true;
		}
	}
	return false;
}

static bool held_before(const struct before *b, const PB(MatchContributionRecord) *c)
{
	return is_among(b->held, b->holding, c);
}

static PB(MatchNeedRecord) *need_of(struct state *s, const PB(MatchContributionRecord) *c)
{
	for (size_t i = 0; i < s->needs; i++) {
		if (memcmp(s->need[i]->need->need_id.data, c->need_id.data, 16) == 0) {
			return s->need[i];
		}
	}
	fail_msg("no need");
	return NULL;
}

/** Had its request another team for a while between? Then it may not have been able just then. */
static bool moved_since(struct state *s, const PB(MatchNeedRecord) *n, uint64_t at_ms)
{
	for (size_t i = 0; i < s->contributions; i++) {
		if (memcmp(s->c[i]->request_id.data, n->request_id.data, 16) == 0 &&
		    s->c[i]->at_ms > at_ms) {
			return true;
		}
	}
	return false;
}

/** What is GATED is agreed in a crisis or with a number of the gate alone (DOMAIN 4). */
static void check_gate(struct state *s, const PB(MatchContributionRecord) *c)
{
	const PB(MatchNeedRecord) *n = need_of(s, c);
	bool crisis = n->need->own_crisis || n->order->wait_class == CLASS(CRISIS);
	bool decided = n->gate_number[0] != '\0' || n->need->gate_number[0] != '\0';

	assert_true(c->access != SCHAKEL__V1__ACCESS__ACCESS_GATED || crisis || decided);
}

/** The gift itself keeps to the rules of holding. */
static void check_gift(struct state *s, const PB(MatchContributionRecord) *c)
{
	struct pool_row *row = pool_named(s, c->pool);
	const PB(MatchPoolRecord) *p = row->p;

	for (size_t i = 0; i < p->n_limits; i++) {
		if (p->limits[i]->use == c->use) {
			assert_true(given_this_week(s, p, c->use, NULL) <=
				    p->limits[i]->units_week);
		}
	}
	if (c->atelier) {
		assert_true(ateliers_that_run(s, c->atelier_network, NULL) <= s->ateliers_max);
	}
	assert_int_equal(c->atelier, p->school_atelier);
	assert_int_equal(c->booked.len, p->workers > 0 ? 16 : 0);
}

/** L7 for one amount that was given: who stands before it in the order and could have had it? Over
 *  several steps at once only those count that could have had it at the beginning too. What is
 *  resumed was held before: outside the order. */
static void check_order(struct state *s, const struct before *b,
			const PB(MatchContributionRecord) *c, bool one_step)
{
	struct pool_row *row = pool_named(s, c->pool);
	const PB(MatchNeedRecord) *mine = need_of(s, c);

	for (size_t i = 0; i < s->needs; i++) {
		const PB(MatchNeedRecord) *n = s->need[i];
		if (n == mine || !is_waiting(n) || order_cmp(n, mine) >= 0) {
			continue;
		}
		uint32_t amount = law_able_but(s, n, row, c);
		bool could = amount > 0 && amount <= c->amount + free_of(row->p);
		/* Limits, workers and ateliers may have been used up and come free between. */
		bool plain = row->p->n_limits == 0 && row->workers == 0 && !row->p->school_atelier;
		bool then = plain && was_able(b, n, c->pool) && !moved_since(s, n, b->now_ms);
		bool chosen = c->signed_by.len == 16 && n->order->wait_class == CLASS(CRISIS) &&
			      mine->order->wait_class == CLASS(CRISIS) &&
			      n->order->crisis_step == mine->order->crisis_step;
		could = could && !chosen;
		if (could && (one_step || then)) {
			fail_msg("L7: %s (%u free) gave %u to a need (class %d) behind one that "
				 "waits (class %d, wants %u)%s",
				 row->p->pool, free_of(row->p), c->amount,
				 (int)mine->order->wait_class, (int)n->order->wait_class, amount,
				 one_step ? "" : ", over several steps");
		}
	}
}

void laws_after(struct rig *r, struct before *b, bool one_step)
{
	load_state(r, &now);
	check_contributions(&now);
	law_check_workers(&now);
	check_seats(&now);
	check_nothing_idle(&now);
	for (size_t i = 0; i < now.contributions; i++) {
		const PB(MatchContributionRecord) *c = now.c[i];
		if (one_step && c->state == CSTATE(AGREED) &&
		    !is_among(b->agreed, b->agreements, c)) {
			check_gate(&now, c);
		}
		if (c->held > 0 && c->state < CSTATE(STARTED) && !held_before(b, c)) {
			check_order(&now, b, c, one_step);
			if (one_step) {
				check_gift(&now, c);
			}
		}
	}
	arena_reset(&arena);
	laws_find(r);
}
