/* SPDX-License-Identifier: EUPL-1.2 */
/* What is found for a need by bit sets, against a plain scan of all uses as the tables have them:
 * the same that fit, in the same order, and the same counts of what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "services/matching/core_build.h"
#include "tests/unit/matching_laws.h"

#define FITS_MAX 512U

/** All that composing wants to know of the uses for one need. */
struct scan {
	struct reach reach;
	char fits[FITS_MAX][PARTY_ID_LEN_MAX + 12]; /* pool and use; also dirty ones that do not */
	size_t len;
};

static void note(struct scan *s, const char *pool, uint32_t use, enum fit fit)
{
	assert_true(s->len < FITS_MAX);
	(void)snprintf(s->fits[s->len++], sizeof(s->fits[0]), "%s %u %s", pool, use,
		       fit == FIT_OK ? "fits" : "dirty");
}

static void scan_more(struct scan *s, const PB(MatchNeedRecord) *n, const PB(MatchPoolRecord) *p,
		      const struct use_facts *u, const struct team *full)
{
	uint32_t amount = need_amount(n, p, u);
	uint32_t more = amount - pool_free(p);

	if (pool_composable(p, n->order->wait_class) && amount <= COMPOSE_AMOUNT_MAX &&
	    (full == NULL || team_has(full, p->partner)) &&
	    (s->reach.one_more == 0 || more < s->reach.one_more)) {
		s->reach.one_more = more;
		s->reach.one_more_pool = p->pool;
	}
}

struct looks {
	struct work *w;
	struct need_look ask;
};

static void look(const struct looks *l, const char *pool, const struct use_facts *u, struct scan *s)
{
	const PB(MatchPoolRecord) *p = pool_get(l->w, pool);

	if (p == NULL) {
		return;
	}
	enum fit fit = need_fit(l->w, l->ask.r, l->ask.n, p, u);
	reach_count(&s->reach, fit, p);
	if (fit == FIT_AMOUNT) {
		scan_more(s, l->ask.n, p, u, l->ask.full);
	}
	struct key k = key_of_str(pool);
	struct slice val;
	bool dirty = store_get(l->w->s->txn, T_PASS, &k, &val) || last_place_kept(l->w, pool);
	if (fit == FIT_OK || dirty) {
		note(s, pool, u->use, fit);
	}
}

static void by_table(const struct looks *l, struct scan *ret)
{
	struct store_iter it;
	struct key k;
	struct slice val;

	store_iter_init(&it, l->w->s->txn, T_POOL_USE, NULL);
	while (store_next(&it, &k, &val)) {
		struct slice rest = { .data = k.b, .len = k.len };
		char name[PARTY_ID_LEN_MAX + 1];
		const PB(PoolUse) *u = step_unpack(l->w->s, val, DESC(pool_use));
		assert_true(u != NULL && key_take_str(&rest, name));
		struct use_facts facts = use_facts_of(u);
		if ((facts.expertises >> (l->ask.n->need->expertise - 1) & 1) == 0) {
			continue;
		}
		if (l->ask.wherever || need_reaches(l->ask.n, u)) {
			look(l, name, &facts, ret);
		} else {
			ret->reach.by[FIT_ZONE]++;
		}
	}
	store_iter_done(&it);
}

/** What is not judged fits all the same, and is what the tables say. */
static void assert_sure(const struct looks *l, const struct found_use *u)
{
	const PB(MatchPoolRecord) *p = pool_get(l->w, u->pool);
	struct key k = key_of_str(u->pool);
	struct slice val;

	assert_non_null(p);
	assert_int_equal(need_fit(l->w, l->ask.r, l->ask.n, p, u->facts), FIT_OK);
	assert_false(store_get(l->w->s->txn, T_PASS, &k, &val));
	assert_false(last_place_kept(l->w, u->pool));
	assert_string_equal(u->partner, p->partner);
	assert_int_equal(u->free, pool_free(p));
	assert_int_equal(u->amount, need_amount(l->ask.n, p, u->facts));
	assert_int_equal(u->confirmed, pool_state(p) == PSTATE(CONFIRMED));
	struct object_id id = id_of(&p->pool_id);
	assert_true(object_id_equal(&id, u->pool_id));
	struct key use = key_of_str(u->pool);
	key_u32(&use, u->facts->use);
	const PB(PoolUse) *row = step_get(l->w->s, T_POOL_USE, &use, DESC(pool_use));
	assert_non_null(row);
	assert_int_equal(u->near, need_is_near(l->ask.r, l->ask.n, row));
}

static void by_bits(const struct looks *l, struct scan *ret)
{
	struct need_found found;

	need_find(l->w, &l->ask, &found);
	ret->reach = (struct reach){
		.in_reach = found.in_reach,
		.confirmed = found.confirmed,
	};
	memcpy(ret->reach.by, found.by, sizeof(found.by));
	for (size_t i = 0; i < found.len; i++) {
		const struct found_use *u = &found.uses[i];
		if (u->sure) {
			assert_sure(l, u);
		}
		look(l, u->pool, u->facts, ret);
	}
	const struct reach *have = &ret->reach;
	bool better = found.one_more > 0 &&
		      (have->one_more == 0 || found.one_more < have->one_more ||
		       (found.one_more == have->one_more &&
			strcmp(found.one_more_pool, have->one_more_pool) < 0));
	if (better) {
		ret->reach.one_more = found.one_more;
		ret->reach.one_more_pool = found.one_more_pool;
	}
}

static void assert_same(const struct scan *a, const struct scan *b)
{
	assert_int_equal(a->len, b->len);
	for (size_t i = 0; i < a->len; i++) {
		assert_string_equal(a->fits[i], b->fits[i]);
	}
	assert_int_equal(a->reach.in_reach, b->reach.in_reach);
	assert_int_equal(a->reach.confirmed, b->reach.confirmed);
	for (enum fit i = FIT_OK; i < FITS; i++) {
		assert_int_equal(a->reach.by[i], b->reach.by[i]);
	}
	assert_int_equal(a->reach.one_more, b->reach.one_more);
	if (a->reach.one_more > 0) {
		assert_string_equal(a->reach.one_more_pool, b->reach.one_more_pool);
	}
}

static void compare_need(struct work *w, const PB(MatchNeedRecord) *n)
{
	static struct scan plain, bits;
	struct object_id request = id_of(&n->request_id);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	struct team team;

	if (r == NULL || n->order == NULL) {
		return;
	}
	team_of(w, &request, NULL, &team);
	for (unsigned way = 0; way < 4; way++) {
		struct looks l = {
			.w = w,
			.ask = { .r = r, .n = n, .wherever = (way & 2) != 0 },
		};
		l.ask.full = (way & 1) == 0 ? NULL : &team;
		memset(&plain, 0, sizeof(plain));
		memset(&bits, 0, sizeof(bits));
		by_table(&l, &plain);
		by_bits(&l, &bits);
		assert_same(&plain, &bits);
	}
}

static void compare_all(struct work *w, unsigned one_in)
{
	struct store_iter it;
	struct key k;
	struct slice val;
	unsigned at = 0;

	store_iter_init(&it, w->s->txn, T_NEED, NULL);
	while (store_next(&it, &k, &val)) {
		size_t mark = work_mark(w);
		const PB(MatchNeedRecord) *n = step_unpack(w->s, val, DESC(match_need_record));
		assert_non_null(n);
		if (n->waiting && at++ % one_in == 0) {
			compare_need(w, n);
		}
		work_rewind(w, mark);
	}
	store_iter_done(&it);
	assert_int_equal(work_err(w), SK_OK);
}

/** As the step begins; and after it has itself changed pools, which the index does not know yet. */
static int compare(struct step *s, void *ctx)
{
	struct work w;
	struct store_iter it;
	struct key k;
	struct slice val;
	unsigned at = 0;

	(void)ctx;
	work_init(&w, s);
	compare_all(&w, 1);
	store_iter_init(&it, s->txn, T_POOL, NULL);
	while (store_next(&it, &k, &val)) {
		PB(MatchPoolRecord) *p = step_unpack(s, val, DESC(match_pool_record));
		assert_non_null(p);
		p->staffed = at % 3 == 0 ? 0 : p->staffed + 4;
		p->paused = at % 4 == 1 ? !p->paused : p->paused;
		if (at % 5 == 2) {
			pool_mark_dirty(&w, p, NULL);
		} else if (at % 5 != 4) {
			pool_put(&w, p);
		}
		at++;
	}
	store_iter_done(&it);
	compare_all(&w, 3);
	return SK_OK;
}

void laws_find(struct rig *r)
{
	assert_int_equal(rig_try(r, compare, NULL), SK_OK);
}
