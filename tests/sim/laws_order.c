/* SPDX-License-Identifier: EUPL-1.2 */
/* L7: who gets an amount is the first in the order who could be seated with it. L8: after each step
 * nothing that could be given lies idle while somebody waits who could take it. Both by trying
 * every need that waits at every pool. */
#include "tests/sim/laws_model.h"

/** An amount that this step gave. */
struct gift {
	const PB(MatchContributionRecord) *c;
	const struct need_view *to;
	const struct pool_view *at;
};

/** Help that comes back takes up what it had (hold-harmless, DOMAIN 6); what an inventory brings is
 *  old. */
bool law_is_gift(const struct laws *l, const struct change *ch)
{
	const PB(MatchContributionRecord) *was = ch->before;
	const PB(MatchContributionRecord) *c = change_after(ch);

	if (ch->table != M_CONTRIBUTION || c == NULL || l->step.reconcile) {
		return false;
	}
	bool had = was != NULL && (was->held > 0 || was->state == CONTRIB(INTERRUPTED));
	return !had && contribution_takes(c) > 0;
}

static bool gift_of(struct laws *l, const struct change *ch, struct gift *ret_gift)
{
	if (!law_is_gift(l, ch)) {
		return false;
	}
	ret_gift->c = change_after(ch);
	ret_gift->to = view_need(l->view, &ret_gift->c->need_id);
	ret_gift->at = view_pool(l->view, ret_gift->c->pool);
	return ret_gift->to != NULL && ret_gift->at != NULL;
}

/** What the step gave of that pool to needs behind @p first, and what is left of it. */
static uint64_t given_behind(struct laws *l, const struct need_view *first,
			     const struct pool_view *at)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	uint64_t sum = pool_free_now(at);

	for (size_t i = 0; i < d->mirror.changes; i++) {
		struct gift g;
		if (gift_of(l, &d->mirror.change[i], &g) && g.at == at &&
		    place_compare(&g.to->place, &first->place) > 0) {
			sum += g.c->amount;
		}
	}
	return sum;
}

/** Rows of a Tick are steps of their own: there only a need of which nothing changed in all of them
 *  is known to have been able at each. */
static bool untouched(struct laws *l, const struct need_view *n)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];

	for (size_t i = 0; i < d->mirror.changes; i++) {
		const struct change *c = &d->mirror.change[i];
		const PB(MatchContributionRecord) *before = c->before;
		const PB(MatchContributionRecord) *after = change_after(c);
		bool mine = false;
		if (c->table == M_REQUEST) {
			mine = memcmp(c->key.b, n->n->request_id.data, OBJECT_ID_LEN) == 0;
		} else if (c->table == M_NEED || c->table == M_EXCLUDE) {
			mine = memcmp(c->key.b, n->n->need->need_id.data, OBJECT_ID_LEN) == 0;
		} else if (c->table == M_CONTRIBUTION) {
			mine = (before != NULL &&
				same_data(&before->request_id, &n->n->request_id)) ||
			       (after != NULL && same_data(&after->request_id, &n->n->request_id));
		}
		if (mine) {
			return false;
		}
	}
	return true;
}

/** Between crises of one step a person may decide, who signed (DOMAIN 7): an exception to L7 that
 * is declared, and reaches no further than that step. */
static bool was_signed(const struct laws *l, const struct gift *g, const struct need_view *n)
{
	return g->c->signed_by.len == OBJECT_ID_LEN &&
	       l->step.in->body_case == BODY(SIGN_LAST_PLACE) &&
	       same_data(&l->step.in->sign_last_place->need_id, &g->to->n->need->need_id) &&
	       n->place.wait_class == CLASS_IS(CRISIS) &&
	       g->to->place.wait_class == CLASS_IS(CRISIS) &&
	       n->place.crisis_step == g->to->place.crisis_step;
}

/** Over several rows of a Tick limits, workers and ateliers may be used up and come free. */
static bool has_more_rules(struct laws *l, const PB(MatchPoolRecord) *p)
{
	struct key prefix = key_of_str(p->pool);
	size_t at = SIZE_MAX;

	return p->n_limits > 0 || p->school_atelier ||
	       row_next(&l->d[LAWS_MATCHING], M_WORKER, &prefix, &at) != NULL;
}

/** Kept for another one before it (MATCHING 4.4); whose help is over by then may have it. */
static bool kept_from(struct laws *l, const PB(MatchPoolRecord) *p, const struct need_view *n)
{
	const struct need_view *holder =
		p->reserved_need.len == 0 ? NULL : view_need(l->view, &p->reserved_need);
	uint64_t weeks = n->n->need->duration_weeks;
	bool over = weeks > 0 &&
		    l->step.now_ms + (weeks + 1) * 7 * LAWS_DAY_MS <= p->reserved_until_ms;

	return holder != NULL && holder != n && place_compare(&n->place, &holder->place) > 0 &&
	       !over;
}

/** Now, or until this step. */
static bool was_kept_from(struct laws *l, const PB(MatchPoolRecord) *p, const struct need_view *n)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	bool kept = kept_from(l, p, n);

	for (size_t i = 0; !kept && i < d->mirror.changes; i++) {
		const struct change *c = &d->mirror.change[i];
		const PB(MatchPoolRecord) *was = c->table == M_POOL ? c->before : NULL;
		kept = was != NULL && strcmp(was->pool, p->pool) == 0 && kept_from(l, was, n);
	}
	return kept;
}

/** Where a team that leaves somebody out is no team (team_whole), only of a need that is asked
 *  with no other is it known that it could have been seated. */
static bool is_asked_alone(struct laws *l, const struct need_view *n)
{
	bool alone = true;

	if (model_setting(&l->d[LAWS_MATCHING], SETTING_TEAM_WHOLE) == 0) {
		return true;
	}
	for (size_t i = 0; i < l->view->needs && alone; i++) {
		const struct need_view *other = &l->view->need[i];
		alone = other == n || !same_data(&other->n->request_id, &n->n->request_id);
	}
	return alone;
}

bool law_team_broke(struct laws *l, const PB(MatchContributionRecord) *was)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	bool broke = false;

	if (model_setting(d, SETTING_TEAM_WHOLE) == 0) {
		return false;
	}
	for (size_t i = 0; i < l->view->needs && !broke; i++) {
		const struct need_view *n = &l->view->need[i];
		broke = n->waits && same_data(&n->n->request_id, &was->request_id) &&
			!same_data(&n->n->need->need_id, &was->need_id);
	}
	for (size_t i = 0; i < d->mirror.changes && !broke; i++) {
		const struct change *ch = &d->mirror.change[i];
		const PB(MatchContributionRecord) *c =
			ch->table == M_CONTRIBUTION ? change_after(ch) : NULL;
		broke = c != NULL && same_data(&c->request_id, &was->request_id) &&
			!same_data(&c->need_id, &was->need_id);
	}
	return broke;
}

/** Nobody of those asked together waits beside one who was given an amount; only hours of an
 *  interpreter, which are taken beside a team and not composed with it, may break it. */
static void nobody_left_out(struct laws *l, const struct gift *g)
{
	if (l->step.rows != 1 || g->c->interpreter_amount > 0 ||
	    model_setting(&l->d[LAWS_MATCHING], SETTING_TEAM_WHOLE) == 0) {
		return;
	}
	for (size_t i = 0; i < l->view->needs; i++) {
		const struct need_view *n = &l->view->need[i];
		struct place same = n->place;
		same.ordinal = g->to->place.ordinal;
		if (n->waits && place_compare(&same, &g->to->place) == 0) {
			laws_violated(l, "L7", "need %s was seated, need %s beside it was left out",
				      law_hex_data(&g->to->n->need->need_id),
				      law_hex_data(&n->n->need->need_id));
		}
	}
}

static void first_got_it(struct laws *l, const struct gift *g)
{
	for (size_t i = 0; i < l->view->needs; i++) {
		struct need_view *n = &l->view->need[i];
		uint64_t most = g->c->amount;

		if (!n->waits || place_compare(&n->place, &g->to->place) >= 0 ||
		    !is_asked_alone(l, n)) {
			continue;
		}
		if (l->step.rows == 1) {
			most = given_behind(l, n, g->at);
		} else if (has_more_rules(l, g->at->p) || !untouched(l, n)) {
			continue;
		}
		n->first = &n->place;
		bool fits = need_fits(l, n, g->at->p, most);
		n->first = NULL;
		if (fits && !was_signed(l, g, n) && !was_kept_from(l, g->at->p, n)) {
			laws_violated(l, "L7",
				      "pool %s gave %u to need %s, need %s stands before it and "
				      "fits",
				      g->at->p->pool, g->c->amount,
				      law_hex_data(&g->to->n->need->need_id),
				      law_hex_data(&n->n->need->need_id));
		}
	}
}

/* --- L8 --- */

/** A pass over this pool is not at its end: a row for the next Tick carries it on. */
static bool deferred(struct laws *l, const char *pool)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	struct key name = key_of_str(pool);
	struct key one = { 0 };

	key_u8(&one, 0);
	const PB(MatchChainRecord) *chain = rec_find(d, M_CHAIN, &one);
	bool sweep = chain != NULL && chain->sweeping && strcmp(pool, chain->sweep_after) > 0;
	if (row_find(d, M_PASS, &name) == NULL && !sweep) {
		return false;
	}
	if (!model_due(d, M_DUE_CHAIN, NULL, l->step.now_ms)) {
		laws_violated(l, "L8", "pool %s was put off and nothing carries its pass on", pool);
	}
	return true;
}

/** Kept for a signature: only while it is the last place, which the pool can give to one of at
 * least two crises of one step and to no two of them, and not for longer than the set time. */
static bool kept_lawfully(struct laws *l, const struct pool_view *p)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	uint64_t bound = l->step.now_ms + 1000 * model_setting(d, SETTING_LAST_PLACE);
	uint64_t free = pool_free_now(p);
	struct key name = key_of_str(p->p->pool);
	const struct need_view *first = NULL;
	bool two = false;

	if (row_find(d, M_LAST_PLACE, &name) == NULL ||
	    !model_due(d, M_DUE_LAST_PLACE, &p->p->pool_id, bound)) {
		return false;
	}
	for (size_t i = 0; i < l->view->needs; i++) {
		const struct need_view *n = &l->view->need[i];
		bool crisis = n->waits && n->place.wait_class == CLASS_IS(CRISIS) &&
			      need_fits(l, n, p->p, free);
		if (crisis && (first == NULL || place_compare(&n->place, &first->place) < 0)) {
			first = n;
		}
	}
	for (size_t i = 0; first != NULL && i < l->view->needs; i++) {
		const struct need_view *n = &l->view->need[i];
		two = two || (n->waits && n->place.wait_class == CLASS_IS(CRISIS) &&
			      n->place.crisis_step == first->place.crisis_step &&
			      !same_data(&n->n->request_id, &first->n->request_id) &&
			      need_fits(l, n, p->p, free));
	}
	return two;
}

/** For one who waits, has waited long enough and lacks nothing but the amount, for the set time at
 *  most. */
static void kept_for_one(struct laws *l, const struct pool_view *at)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	const PB(MatchPoolRecord) *p = at->p;
	uint64_t longest = LAWS_DAY_MS * model_setting(d, SETTING_RESERVE);

	if (p->reserved_need.len == 0 || !pool_gives(p, CLASS_IS(ACTIVE)) || deferred(l, p->pool)) {
		return;
	}
	const struct need_view *n = view_need(l->view, &p->reserved_need);
	uint64_t ever = p->staffed > p->used_elsewhere ? p->staffed - p->used_elsewhere : 0;
	uint64_t waited = LAWS_DAY_MS * model_setting(d, SETTING_RESERVE_AFTER);
	bool fair = n != NULL && n->waits && n->place.wait_class != CLASS_IS(CRISIS) &&
		    l->step.now_ms >= n->n->need->arrival_ms + waited && need_fits(l, n, p, ever) &&
		    p->reserved_until_ms <= l->step.now_ms + longest &&
		    model_due(d, M_DUE_RESERVE, &p->pool_id, p->reserved_until_ms);
	if (!fair) {
		laws_violated(l, "L8", "pool %s is kept for need %s, which it cannot help", p->pool,
			      law_hex_data(&p->reserved_need));
	}
}

static void nothing_idle(struct laws *l, const struct pool_view *p)
{
	uint64_t most = pool_free_now(p);

	if (most == 0 || p->p->insured || !pool_gives(p->p, CLASS_IS(ACTIVE)) ||
	    deferred(l, p->p->pool) || kept_lawfully(l, p)) {
		return;
	}
	for (size_t i = 0; i < l->view->needs; i++) {
		const struct need_view *n = &l->view->need[i];
		if (n->waits && need_fits(l, n, p->p, most) && !kept_from(l, p->p, n) &&
		    is_asked_alone(l, n)) {
			laws_violated(l, "L8", "pool %s has %llu free, need %s waits and fits",
				      p->p->pool, (unsigned long long)most,
				      law_hex_data(&n->n->need->need_id));
			return;
		}
	}
}

/** Nobody new is asked for a child that is missing, or while the family itself wants to wait. What
 * was asked before may still be answered. */
static void nobody_asked(struct laws *l, const struct change *ch)
{
	const PB(MatchContributionRecord) *c = change_after(ch);
	bool ask = ch->table == M_CONTRIBUTION && ch->before == NULL && c != NULL;
	const struct need_view *n = ask ? view_need(l->view, &c->need_id) : NULL;

	if (n == NULL || l->step.reconcile) {
		return;
	}
	if (need_is_missing(n) || need_is_wished_later(n)) {
		laws_violated(l, "DOMAIN 5", "%s was asked for need %s, which is set aside",
			      c->partner, law_hex_data(&n->n->need->need_id));
	}
}

void laws_order(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];

	/* After a restore nothing is given until the peers were heard. */
	if (l->step.isolated || model_isolated(d)) {
		return;
	}
	for (size_t i = 0; i < d->mirror.changes; i++) {
		struct gift g;
		if (gift_of(l, &d->mirror.change[i], &g)) {
			first_got_it(l, &g);
			nobody_left_out(l, &g);
		}
		nobody_asked(l, &d->mirror.change[i]);
	}
	for (size_t i = 0; i < l->view->pools; i++) {
		nothing_idle(l, &l->view->pool[i]);
		kept_for_one(l, &l->view->pool[i]);
	}
}
