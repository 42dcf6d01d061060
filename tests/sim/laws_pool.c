/* SPDX-License-Identifier: EUPL-1.2 */
/* L4, I8: what is promised of a pool is the sum of what its seats take, one amount for each, and
 * never beyond what is staffed and unused, but for the rest of an OVERCOMMITTED pool, which
 * promises nothing new and lets go last-ordered first. A lapse leaves the pool unconfirmed; what is
 * published as free is free. */
#include "tests/sim/laws_model.h"

static uint64_t held_before(const PB(MatchContributionRecord) *was)
{
	return was == NULL ? 0 : was->held;
}

/** One amount for one seat; HANDING_ON keeps what it had, which is none after an interruption. */
static void amount_is_right(struct laws *l, const PB(MatchContributionRecord) *was,
			    const PB(MatchContributionRecord) *c)
{
	uint64_t right = contribution_takes(c);
	const char *id = law_hex_data(&c->contribution_id);

	if (c->state == CONTRIB(HANDING_ON) && !l->step.reconcile) {
		right = held_before(was);
	}
	/* D15: beside a place that is held, for help that needs it, at another pool. */
	if (c->interpreter_amount > 0 &&
	    (right == 0 || !c->interpreter || strcmp(c->interpreter_pool, c->pool) == 0)) {
		laws_violated(l, "D15", "%s holds hours of an interpreter for nothing",
			      law_hex_data(&c->contribution_id));
	}
	if (c->held != right) {
		laws_violated(l, "I8", "contribution %s in state %d holds %u, not %llu", id,
			      c->state, c->held, (unsigned long long)right);
	}
}

/** What became more than it was: a new promise. */
static bool promised_now(const struct change *ch)
{
	const PB(MatchContributionRecord) *c = change_after(ch);

	return c != NULL && contribution_takes(c) > held_before(ch->before);
}

/** An inventory names what it brings back; nothing else is granted before the peers were heard. */
static bool named_by_item(const struct law_step *s, const ProtobufCBinaryData *id)
{
	const PB(Message) *in = s->in;

	if (!s->reconcile) {
		return false;
	}
	if (in->body_case == BODY(CONTRIBUTION_CHANGED)) {
		return same_data(&in->contribution_changed->contribution_id, id);
	}
	const PB(TeamProposed) *t = in->body_case == BODY(TEAM_PROPOSED) ? in->team_proposed : NULL;
	for (size_t i = 0; t != NULL && i < t->n_seats; i++) {
		if (same_data(&t->seats[i]->contribution_id, id)) {
			return true;
		}
	}
	return false;
}

static void promise_is_allowed(struct laws *l, const struct change *ch)
{
	const PB(MatchContributionRecord) *c = change_after(ch);
	const PB(MatchContributionRecord) *was = ch->before;

	if (!promised_now(ch) || named_by_item(&l->step, &c->contribution_id)) {
		return;
	}
	const struct pool_view *p = view_pool(l->view, c->pool);
	const char *id = law_hex_data(&c->contribution_id);
	if (p == NULL) {
		laws_violated(l, "L4", "contribution %s takes of pool %s, which is not", id,
			      c->pool);
		return;
	}
	bool back = was != NULL && was->state == CONTRIB(INTERRUPTED);
	if (p->p->overcommitted) {
		laws_violated(l, "L4", "pool %s is overcommitted and promises anew", c->pool);
	}
	bool gives = pool_gives(p->p, CLASS_IS(CRISIS));
	if (!gives && !back && l->step.rows == 1) {
		laws_violated(l, "L4", "pool %s is not to be asked and is promised", c->pool);
	}
	if (l->step.isolated) {
		laws_violated(l, "RC2", "contribution %s was granted before the peers were heard",
			      id);
	}
}

/* --- the pool --- */

static bool put_names(const struct law_step *s, const char *pool)
{
	bool many = s->in->body_case == BODY(PUT_CAPACITIES);

	for (size_t i = 0; many && i < s->in->put_capacities->n_puts; i++) {
		if (strcmp(s->in->put_capacities->puts[i]->pool, pool) == 0) {
			return true;
		}
	}
	return s->in->body_case == BODY(PUT_CAPACITY) &&
	       strcmp(s->in->put_capacity->pool, pool) == 0;
}

static void sums_are_right(struct laws *l, const struct pool_view *v)
{
	const PB(MatchPoolRecord) *p = v->p;
	uint64_t taken = p->used_elsewhere + v->held;

	if (p->promised != v->held) {
		laws_violated(l, "I8", "pool %s says %u promised, its seats take %llu", p->pool,
			      p->promised, (unsigned long long)v->held);
	}
	if (taken > p->staffed && !p->overcommitted) {
		laws_violated(l, "L4", "pool %s has %u staffed and %llu taken", p->pool, p->staffed,
			      (unsigned long long)taken);
	}
}

static void marks_move_lawfully(struct laws *l, const PB(MatchPoolRecord) *was,
				const PB(MatchPoolRecord) *p)
{
	bool stated = put_names(&l->step, p->pool);

	if (was == NULL) {
		return;
	}
	/* Hands that come from another pool of the house are stated ones (B7). */
	bool made = l->step.in->body_case == BODY(CONVERT_POOL) &&
		    strcmp(l->step.in->convert_pool->to_pool, p->pool) == 0 &&
		    p->staffed > was->staffed;
	if (was->overcommitted && !p->overcommitted && !stated && !made) {
		laws_violated(l, "L4", "pool %s is overcommitted no more without a statement",
			      p->pool);
	}
	if (was->unconfirmed && !p->unconfirmed && !stated) {
		laws_violated(l, "DESIGN 5", "pool %s is confirmed without a statement", p->pool);
	}
	bool tick = l->step.in->body_case == BODY(TICK);
	bool pause = l->step.in->body_case == BODY(PAUSE_POOL);
	if (was->paused != p->paused && !pause && !tick) {
		laws_violated(l, "DESIGN 5", "pool %s is paused or not, nobody said so", p->pool);
	}
	bool amounts = was->used_elsewhere != p->used_elsewhere || was->insured != p->insured;
	if (amounts && !stated) {
		laws_violated(l, "L4", "pool %s has other figures without a statement", p->pool);
	}
}

static void pool_published(struct laws *l, const PB(Event) *e)
{
	const struct pool_view *v = view_pool(l->view, e->pool);

	if (v != NULL && (e->promised != v->held || e->free != pool_free_now(v))) {
		laws_violated(l, "L4", "pool %s: %u free and %u promised are published, %llu free",
			      e->pool, e->free, e->promised, (unsigned long long)pool_free_now(v));
	}
}

/** The last thing said of each pool in this step. */
static void published(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];

	for (size_t i = 0; i < d->emitted_len; i++) {
		const PB(Message) *m = d->emitted[i].m;
		bool last = m->body_case == BODY(EVENT) &&
			    m->event->kind == SCHAKEL__V1__EVENT_KIND__EVENT_KIND_POOL;
		for (size_t j = i + 1; last && j < d->emitted_len; j++) {
			const PB(Message) *o = d->emitted[j].m;
			last = o->body_case != BODY(EVENT) ||
			       o->event->kind != SCHAKEL__V1__EVENT_KIND__EVENT_KIND_POOL ||
			       strcmp(o->event->pool, m->event->pool) != 0;
		}
		if (last) {
			pool_published(l, m->event);
		}
	}
}

/* --- lapse, NOT_NOW, interruption --- */

static void answers_tell(struct laws *l, const struct change *ch)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	const PB(MatchContributionRecord) *was = ch->before;
	const PB(MatchContributionRecord) *c = change_after(ch);
	struct key k = key_of_str(c->pool);
	const struct change *pool = change_find(d, M_POOL, &k);
	const PB(MatchPoolRecord) *now = rec_find(d, M_POOL, &k);
	const PB(MatchPoolRecord) *before = pool == NULL ? now : pool->before;

	if (was == NULL || was->state == c->state || now == NULL || before == NULL) {
		return;
	}
	if (c->state == CONTRIB(LAPSED) && !now->unconfirmed && !l->step.reconcile) {
		laws_violated(l, "DESIGN 5", "an ask at pool %s lapsed and it counts as confirmed",
			      c->pool);
	}
	bool again = before->not_now_row >= 1 && c->state == CONTRIB(NOT_NOW);
	if (again && !now->unconfirmed && !l->step.reconcile) {
		laws_violated(l, "DESIGN 5", "pool %s said NOT_NOW twice and counts as confirmed",
			      c->pool);
	}
	bool away = l->step.in->body_case == BODY(INTERRUPT_CONTRIBUTION) &&
		    c->state == CONTRIB(INTERRUPTED) && !before->overcommitted;
	uint32_t fallen = before->staffed < was->held ? 0 : before->staffed - was->held;
	if (away && now->staffed != fallen) {
		laws_violated(l, "DOMAIN 4",
			      "help at pool %s is interrupted, its staffing stays %u", c->pool,
			      now->staffed);
	}
}

/* --- OVERCOMMITTED: last-ordered first --- */

static bool is_soft(PB(ContributionState) st)
{
	return st == CONTRIB(ASKED) || st == CONTRIB(CAN) || st == CONTRIB(CAN_IF);
}

static bool is_firm(PB(ContributionState) st)
{
	return st == CONTRIB(AGREED) || st == CONTRIB(STARTED);
}

/** Of what still takes of that pool nothing may have had to go before @p gone. */
static void went_in_order(struct laws *l, const PB(MatchContributionRecord) *gone)
{
	const struct need_view *n = view_need(l->view, &gone->need_id);

	for (size_t i = 0; n != NULL && i < l->view->lives; i++) {
		const PB(MatchContributionRecord) *c = live_at(l->view, i);
		const struct need_view *o = view_need(l->view, &c->need_id);
		if (o == NULL || c->held == 0 || strcmp(c->pool, gone->pool) != 0) {
			continue;
		}
		bool later = place_compare(&o->place, &n->place) > 0;
		bool wrong = is_soft(gone->state) ?
				     is_soft(c->state) && later :
				     is_soft(c->state) || (is_firm(c->state) && later);
		if (wrong) {
			laws_violated(l, "L4", "pool %s let %s go and kept %s, which is due first",
				      gone->pool, law_hex_data(&gone->contribution_id),
				      law_hex_data(&c->contribution_id));
		}
	}
}

static void shed(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];

	for (size_t i = 0; i < d->mirror.changes; i++) {
		const struct change *ch = &d->mirror.change[i];
		const PB(MatchContributionRecord) *was = ch->before;
		const PB(MatchContributionRecord) *c = change_after(ch);
		if (ch->table != M_CONTRIBUTION || was == NULL || c == NULL || was->held == 0 ||
		    !put_names(&l->step, was->pool)) {
			continue;
		}
		bool let_go = is_soft(was->state) && c->state == CONTRIB(RELEASED);
		bool broken = is_firm(was->state) && c->state == CONTRIB(INTERRUPTED);
		if (let_go || broken) {
			went_in_order(l, was);
		}
	}
}

/** What stays beyond the staffing is being handed on already, or goes in the next step. */
static void rest_goes_on(struct laws *l, const struct pool_view *v)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	bool rest = false;

	if (!v->p->overcommitted || v->p->used_elsewhere + v->held <= v->p->staffed) {
		return;
	}
	for (size_t i = 0; i < l->view->lives; i++) {
		const PB(MatchContributionRecord) *c = live_at(l->view, i);
		rest = rest || (strcmp(c->pool, v->p->pool) == 0 && c->held > 0 &&
				(is_soft(c->state) || is_firm(c->state)));
	}
	if (rest && !model_due(d, M_DUE_SHED, &v->p->pool_id, UINT64_MAX)) {
		laws_violated(l, "L4", "pool %s is beyond its staffing and lets nothing go",
			      v->p->pool);
	}
}

void laws_pool(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];

	for (size_t i = 0; i < d->mirror.changes; i++) {
		const struct change *ch = &d->mirror.change[i];
		const PB(MatchContributionRecord) *c = change_after(ch);
		if (ch->table == M_CONTRIBUTION && c != NULL) {
			amount_is_right(l, ch->before, c);
			promise_is_allowed(l, ch);
			answers_tell(l, ch);
		} else if (ch->table == M_POOL && ch->after == NULL) {
			laws_violated(l, "I17", "a pool is gone");
		} else if (ch->table == M_POOL) {
			marks_move_lawfully(l, ch->before, ch->after->rec);
		}
	}
	for (size_t i = 0; i < l->view->pools; i++) {
		sums_are_right(l, &l->view->pool[i]);
		rest_goes_on(l, &l->view->pool[i]);
	}
	shed(l);
	published(l);
}
