/* SPDX-License-Identifier: EUPL-1.2 */
/* An interpreter's hours (D15). Language removes nobody: help that speaks none of the family's
 * languages is priced and comes with an interpreter. Where hours of interpreters are published, in
 * the need's reach and in one of its languages, they are held beside the help as long as it holds
 * its own place, and given back with it; where there are none, that an interpreter is needed stays
 * noted, and is looked for again at each step of the help.
 *
 * They are taken from clean pools alone: what no need that waits could use (core_pass.c), so that
 * nobody who asks for an interpreter itself is passed by (L7). Pools with workers, weekly limits or
 * school ateliers give to needs only: what counts under those counts once for each help. When a
 * pool must let go (L4), these hours go before any place of a child: its help goes on, and an
 * interpreter is looked for. */
#include "services/matching/core_int.h"

#define EXPERTISE_LAST 64U

static uint32_t interpreter_code(const struct work *w)
{
	for (uint32_t n = 1; n <= EXPERTISE_LAST; n++) {
		const PB(ExpertiseCode) *code = step_expertise(w->s, n);
		if (code != NULL && strcmp(code->code, "INTERPRETER") == 0) {
			return n;
		}
	}
	return 0;
}

static bool speaks(const PB(MatchRequestRecord) *r, const struct use_facts *u)
{
	return u->languages > 0 && !use_wants_interpreter(r, u);
}

static bool gives(struct work *w, const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
		  const PB(MatchPoolRecord) *p, const struct use_facts *u)
{
	uint32_t age = need_age(r, n);
	uint32_t amount = need_amount(n, p, u);

	return !pool_is_counted(p) && age >= u->age_from && age <= u->age_to && speaks(r, u) &&
	       network_serves(w, p, r) && exclusion(w, r, n, p) == FIT_OK &&
	       pool_composable(p, n->order->wait_class) && pool_is_clean(w, p->pool) &&
	       amount <= pool_free(p) && amount <= COMPOSE_AMOUNT_MAX;
}

static struct key row_of(const PB(MatchContributionRecord) *c)
{
	struct key k = key_of_str(c->interpreter_pool);
	struct object_id id = id_of(&c->contribution_id);

	key_id(&k, &id);
	return k;
}

/** The first that fits, by name: of interpreters there is no better or worse to weigh here. */
static bool find(struct work *w, const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
		 PB(MatchContributionRecord) *c)
{
	const struct index_ref *refs;
	uint32_t code = interpreter_code(w);

	for (size_t z = 0; code != 0 && z < n->n_zones; z++) {
		size_t len = index_refs(w->s->index, code, n->zones[z], &refs);
		for (size_t i = 0; i < len && i < MATCH_CANDIDATES_MAX; i++) {
			const PB(MatchPoolRecord) *p = pool_get(w, refs[i].pool);
			if (p != NULL && strcmp(p->pool, c->pool) != 0 &&
			    gives(w, r, n, p, &refs[i].facts)) {
				c->interpreter_pool = step_strdup(w->s, p->pool);
				c->interpreter_amount = need_amount(n, p, &refs[i].facts);
				return work_err(w) == SK_OK;
			}
		}
	}
	return false;
}

void interpreter_take(struct work *w, PB(MatchContributionRecord) *c)
{
	struct object_id request = id_of(&c->request_id);
	struct object_id need = id_of(&c->need_id);

	if (!c->interpreter || c->interpreter_amount != 0 || c->held == 0 || w->s->isolated) {
		return;
	}
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	const PB(MatchNeedRecord) *n = need_get(w, &need);
	if (r == NULL || n == NULL || n->order == NULL || !find(w, r, n, c)) {
		return;
	}
	bool taken = pool_take(w, c->interpreter_pool, c->interpreter_amount);
	SK_ASSERT(taken || work_err(w) != SK_OK); /* it was seen free */
	struct key k = row_of(c);
	step_mark(w->s, T_INTERPRETER, &k);
}

void interpreter_give(struct work *w, PB(MatchContributionRecord) *c)
{
	if (c->interpreter_amount == 0) {
		return;
	}
	struct key k = row_of(c);
	step_del(w->s, T_INTERPRETER, &k);
	pool_give(w, c->interpreter_pool, c->interpreter_amount, false);
	c->interpreter_pool = step_strdup(w->s, "");
	c->interpreter_amount = 0;
}

bool interpreter_shed(struct work *w, const char *pool)
{
	struct store_iter it;
	struct key prefix = key_of_str(pool);
	struct key k;
	struct slice val;

	store_iter_init(&it, w->s->txn, T_INTERPRETER, &prefix);
	bool found = store_next(&it, &k, &val);
	store_iter_done(&it);
	if (!found) {
		return false;
	}
	struct object_id id;
	memcpy(id.b, k.b + prefix.len, OBJECT_ID_LEN);
	PB(MatchContributionRecord) *c = contribution_get(w, &id);
	if (c == NULL) {
		return false;
	}
	interpreter_give(w, c);
	contribution_renew(w, c);
	contribution_put(w, c, 0);
	return true;
}

void interpreter_adopt(struct work *w, PB(MatchContributionRecord) *c, const char *pool,
		       uint32_t amount)
{
	bool holds = c->held > 0 && amount > 0 && amount <= COMPOSE_AMOUNT_MAX &&
		     name_is_valid(pool);

	if (holds && c->interpreter_amount == amount && strcmp(c->interpreter_pool, pool) == 0) {
		return;
	}
	interpreter_give(w, c);
	if (!holds) {
		return;
	}
	c->interpreter = true;
	c->interpreter_pool = step_strdup(w->s, pool);
	c->interpreter_amount = amount;
	pool_adopt(w, pool, amount);
	struct key k = row_of(c);
	step_mark(w->s, T_INTERPRETER, &k);
}

uint32_t interpreter_held(struct work *w, const char *pool)
{
	struct store_iter it;
	struct key prefix = key_of_str(pool);
	struct key k;
	struct slice val;
	uint32_t held = 0;

	store_iter_init(&it, w->s->txn, T_INTERPRETER, &prefix);
	while (store_next(&it, &k, &val)) {
		struct object_id id;
		memcpy(id.b, k.b + prefix.len, OBJECT_ID_LEN);
		const PB(MatchContributionRecord) *c = contribution_get(w, &id);
		held += c == NULL ? 0 : c->interpreter_amount;
	}
	store_iter_done(&it);
	return held;
}
