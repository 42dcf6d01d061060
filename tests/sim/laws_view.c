/* SPDX-License-Identifier: EUPL-1.2 */
/* Matching as the rules see it: which need sits where, what each pool has given, who waits. Only
 * the state of each contribution is believed, none of the sums and marks that matching keeps. */
#include "tests/sim/laws_model.h"

#include <stdlib.h>

#define AMOUNT_MAX 1000 /* units that one need may take */

/* --- contributions --- */

uint64_t contribution_takes(const PB(MatchContributionRecord) *c)
{
	static const PB(ContributionState) taking[] = {
		CONTRIB(ASKED), CONTRIB(CAN), CONTRIB(CAN_IF), CONTRIB(AGREED), CONTRIB(STARTED),
	};

	if (c->standby) {
		return 0;
	}
	for (size_t i = 0; i < SK_LEN(taking); i++) {
		if (taking[i] == c->state) {
			return c->amount;
		}
	}
	/* What was interrupted before it is handed on has no hands: laws_pool.c judges the step. */
	return c->state == CONTRIB(HANDING_ON) ? c->held : 0;
}

/** What is handed on may sit until it has ended (it is to end) or not (a successor is sought):
 * there the need's own mark is believed. */
bool contribution_sits(const PB(MatchContributionRecord) *c, const PB(MatchNeedRecord) *n)
{
	static const PB(ContributionState) sitting[] = {
		CONTRIB(ASKED), CONTRIB(CAN), CONTRIB(CAN_IF), CONTRIB(AGREED), CONTRIB(STARTED),
	};

	for (size_t i = 0; i < SK_LEN(sitting); i++) {
		if (sitting[i] == c->state) {
			return !c->standby;
		}
	}
	return c->state == CONTRIB(HANDING_ON) && same_data(&n->seat_id, &c->contribution_id);
}

/* --- order --- */

#define COMPARE(a, b)                              \
	do {                                       \
		if ((a) != (b)) {                  \
			return (a) < (b) ? -1 : 1; \
		}                                  \
	} while (0)

int place_compare(const struct place *a, const struct place *b)
{
	COMPARE(a->wait_class, b->wait_class);
	COMPARE(a->crisis_step, b->crisis_step);
	COMPARE(a->rank_ms, b->rank_ms);
	COMPARE(a->lottery, b->lottery);
	int cmp = memcmp(a->request.b, b->request.b, OBJECT_ID_LEN);
	if (cmp != 0) {
		return cmp;
	}
	COMPARE(a->ordinal, b->ordinal);
	return 0;
}

struct place place_of(const PB(MatchNeedRecord) *n)
{
	struct place p = { .request = law_id(&n->request_id) };

	if (n->order != NULL) {
		bool tried = n->order->rank_class != 0; /* not the law's order: one class for all */
		p.wait_class = (uint32_t)(tried ? n->order->rank_class : n->order->wait_class);
		p.crisis_step = tried ? 0 : (uint32_t)n->order->crisis_step;
		p.rank_ms = n->order->rank_ms;
		p.lottery = n->order->lottery;
	}
	p.ordinal = n->need == NULL ? 0 : n->need->ordinal;
	return p;
}

/* --- live contributions --- */

static void live_add(struct matching_view *v, struct row *row)
{
	if (v->lives == v->lives_cap) {
		v->lives_cap = v->lives_cap == 0 ? 128 : v->lives_cap * 2;
		v->live = realloc(v->live, v->lives_cap * sizeof(struct row *));
		SK_ASSERT(v->live != NULL);
	}
	v->live[v->lives++] = row;
}

static bool is_over(const struct row *row)
{
	return contribution_is_over(((const PB(MatchContributionRecord) *)row->rec)->state);
}

static void live_rebuild(struct matching_view *v, const struct daemon_model *d)
{
	const struct rows *t = &d->mirror.table[M_CONTRIBUTION];

	v->lives = 0;
	for (size_t i = 0; i < t->len; i++) {
		if (!is_over(t->row[i])) {
			live_add(v, t->row[i]);
		}
	}
	v->fresh = true;
}

static bool live_has(const struct matching_view *v, const struct row *row)
{
	for (size_t i = 0; i < v->lives; i++) {
		if (v->live[i] == row) {
			return true;
		}
	}
	return false;
}

static void live_follow(struct matching_view *v, const struct daemon_model *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->mirror.changes; i++) {
		const struct change *c = &d->mirror.change[i];
		if (c->table == M_CONTRIBUTION && c->after == NULL) {
			v->fresh = false;
		}
	}
	if (!v->fresh) {
		live_rebuild(v, d);
		return;
	}
	for (size_t i = 0; i < d->mirror.changes; i++) {
		const struct change *c = &d->mirror.change[i];
		if (c->table == M_CONTRIBUTION && !is_over(c->after) && !live_has(v, c->after)) {
			live_add(v, c->after);
		}
	}
	for (size_t i = 0; i < v->lives; i++) {
		if (!is_over(v->live[i])) {
			v->live[kept++] = v->live[i];
		}
	}
	v->lives = kept;
}

/* --- needs and pools --- */

struct need_view *view_need(struct matching_view *v, const ProtobufCBinaryData *id)
{
	size_t lo = 0;
	size_t hi = v->needs;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int cmp = memcmp(v->need[mid].n->need->need_id.data, id->data, OBJECT_ID_LEN);
		if (cmp == 0) {
			return &v->need[mid];
		}
		lo = cmp < 0 ? mid + 1 : lo;
		hi = cmp < 0 ? hi : mid;
	}
	return NULL;
}

struct pool_view *view_pool(struct matching_view *v, const char *name)
{
	for (size_t i = 0; i < v->pools; i++) {
		if (strcmp(v->pool[i].p->pool, name) == 0) {
			return &v->pool[i];
		}
	}
	return NULL;
}

static void needs_fill(struct matching_view *v, const struct daemon_model *d)
{
	const struct rows *t = &d->mirror.table[M_NEED];

	if (t->len > v->needs_cap) {
		v->needs_cap = t->len * 2;
		v->need = realloc(v->need, v->needs_cap * sizeof(*v->need));
		SK_ASSERT(v->need != NULL);
	}
	v->needs = 0;
	for (size_t i = 0; i < t->len; i++) {
		const PB(MatchNeedRecord) *n = t->row[i]->rec;
		v->need[v->needs++] = (struct need_view){
			.n = n,
			.r = rec_by_id(d, M_REQUEST, &n->request_id),
			.place = place_of(n),
		};
	}
}

static void pools_fill(struct matching_view *v, const struct daemon_model *d)
{
	const struct rows *t = &d->mirror.table[M_POOL];

	if (t->len > v->pools_cap) {
		v->pools_cap = t->len * 2;
		v->pool = realloc(v->pool, v->pools_cap * sizeof(*v->pool));
		SK_ASSERT(v->pool != NULL);
	}
	v->pools = 0;
	for (size_t i = 0; i < t->len; i++) {
		v->pool[v->pools++] = (struct pool_view){ .p = t->row[i]->rec };
	}
}

static void lives_count(struct matching_view *v)
{
	for (size_t i = 0; i < v->lives; i++) {
		const PB(MatchContributionRecord) *c = live_at(v, i);
		struct need_view *n = view_need(v, &c->need_id);
		struct pool_view *p = view_pool(v, c->pool);
		bool open = c->state == CONTRIB(ASKED) || c->state == CONTRIB(CAN_IF);

		if (p != NULL) {
			p->held += contribution_takes(c);
		}
		/* D15: hours of an interpreter stand at another pool. */
		struct pool_view *hours = view_pool(v, c->interpreter_pool);
		if (hours != NULL) {
			hours->held += c->interpreter_amount;
		}
		if (n != NULL && contribution_sits(c, n->n)) {
			n->seat = c;
			n->seats++;
		}
		if (n != NULL) {
			n->asks += open ? 1 : 0;
			n->standbys += c->standby ? 1 : 0;
		}
	}
}

static bool wants_help(const PB(MatchNeedRecord) *n)
{
	PB(NeedState) st = n->need->state;

	return n->known && !n->closed && !n->served && n->order != NULL &&
	       (st == NEED_IS(OPEN) || st == NEED_IS(ANSWERED) || st == NEED_IS(SUPPORTED));
}

void view_build(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	struct matching_view *v = l->view;

	live_follow(v, d);
	needs_fill(v, d);
	pools_fill(v, d);
	lives_count(v);
	for (size_t i = 0; i < v->needs; i++) {
		v->need[i].waits = wants_help(v->need[i].n) && v->need[i].seats == 0 &&
				   !need_is_missing(&v->need[i]) &&
				   !need_is_wished_later(&v->need[i]);
	}
}

void view_free(struct matching_view *v)
{
	if (v != NULL) {
		free(v->need);
		free(v->pool);
		free(v->live);
	}
}

/* --- the hard rules --- */

uint64_t pool_free_now(const struct pool_view *p)
{
	uint64_t taken = p->p->used_elsewhere + p->held;

	return taken >= p->p->staffed ? 0 : p->p->staffed - taken;
}

bool pool_gives(const PB(MatchPoolRecord) *p, PB(WaitClass) wait_class)
{
	bool none = p->answer == SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_NONE ||
		    p->answer == SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_NONE_WAITLIST;

	if (p->shut || p->paused || p->overcommitted || none) {
		return false;
	}
	return p->insured ? wait_class == CLASS_IS(CRISIS) : !p->unconfirmed;
}

static uint64_t amount_of(const PB(MatchNeedRecord) *n, const PB(MatchPoolRecord) *p,
			  const PB(PoolUse) *u)
{
	bool by_hours = p->unit == SCHAKEL__V1__UNIT__UNIT_HOURS_WEEK ||
			p->unit == SCHAKEL__V1__UNIT__UNIT_CONSULT;

	return (uint64_t)u->cost_units *
	       (by_hours && n->need->intensity > 0 ? n->need->intensity : 1);
}

/** Of which child the need is; requests that tell of none have one, of their own age. */
static const PB(ChildFact) *child_of(const struct need_view *v)
{
	const PB(RequestFact) *f = v->r->request;

	return f->n_children > v->n->need->child ? f->children[v->n->need->child] : NULL;
}

bool need_is_missing(const struct need_view *v)
{
	const PB(ChildFact) *child = v->r == NULL ? NULL : child_of(v);

	return child != NULL && child->missing;
}

/* The family itself waits, and it is not a crisis. */
bool need_is_wished_later(const struct need_view *v)
{
	return v->r != NULL && v->r->request->family_wish_until_ms != 0 &&
	       v->n->order->wait_class != CLASS_IS(CRISIS);
}

bool need_asks_region(const struct need_view *v)
{
	return v->n->order->wait_class == CLASS_IS(CRISIS) ||
	       v->r->request->ring == SCHAKEL__V1__RING__RING_REGION ||
	       v->r->request->ring == SCHAKEL__V1__RING__RING_NEIGHBOURS;
}

bool need_lives_in(const struct need_view *v, const char *zone)
{
	const PB(ChildFact) *child = child_of(v);

	for (size_t i = 0; child != NULL && i < child->n_zones; i++) {
		if (strcmp(child->zones[i], zone) == 0) {
			return true;
		}
	}
	return (child == NULL || child->n_zones == 0) && strcmp(v->r->request->zone, zone) == 0;
}

static bool use_fits(const struct need_view *v, const PB(PoolUse) *u)
{
	const PB(ChildFact) *child = child_of(v);
	uint32_t age = child == NULL ? v->r->request->age_years : child->age_years;
	bool knows = false;
	bool serves = need_asks_region(v);

	for (size_t i = 0; i < u->n_expertises; i++) {
		knows = knows || u->expertises[i] == v->n->need->expertise;
	}
	for (size_t i = 0; i < u->n_zones; i++) {
		serves = serves || need_lives_in(v, u->zones[i]);
	}
	bool court = u->access == SCHAKEL__V1__ACCESS__ACCESS_COURT;
	return knows && serves && age >= u->age_from && age <= u->age_to &&
	       (!court || v->n->need->by_order);
}

static bool some_use_fits(struct laws *l, const struct need_view *v, const PB(MatchPoolRecord) *p,
			  uint64_t most)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	struct key prefix = key_of_str(p->pool);
	size_t at = SIZE_MAX;

	most = most > AMOUNT_MAX ? AMOUNT_MAX : most;
	for (const struct row *row = row_next(d, M_POOL_USE, &prefix, &at); row != NULL;
	     row = row_next(d, M_POOL_USE, &prefix, &at)) {
		const PB(PoolUse) *u = row->rec;
		struct law_use want = { u->use, amount_of(v->n, p, u) };
		if (use_fits(v, u) && want.amount <= most && law_may_hold(l, v, p, &want)) {
			return true;
		}
	}
	return false;
}

static bool is_excluded_by(struct laws *l, const struct need_view *v, const char *partner)
{
	struct object_id need = law_id(&v->n->need->need_id);
	struct key k = key_of_id(&need);

	for (size_t i = 0; i < v->r->n_excluded_partners; i++) {
		if (strcmp(v->r->excluded_partners[i], partner) == 0) {
			return true;
		}
	}
	key_str(&k, partner);
	return row_find(&l->d[LAWS_MATCHING], M_EXCLUDE, &k) != NULL;
}

static bool is_excluded(struct laws *l, const struct need_view *v, const PB(MatchPoolRecord) *p)
{
	bool out = is_excluded_by(l, v, p->partner);

	for (size_t i = 0; i < p->n_joint_partners; i++) {
		out = out || is_excluded_by(l, v, p->joint_partners[i]);
	}
	return out;
}

/** For its network alone; a crisis's own entry from crisis and insured capacity alone. */
static bool serves_case(struct laws *l, const struct need_view *v, const PB(MatchPoolRecord) *p)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	bool own = p->network[0] == '\0' ||
		   strcmp(law_heir(d, p->network), law_heir(d, v->r->request->network)) == 0;

	return own && (!v->n->need->own_crisis || p->insured || p->crisis);
}

/** With the other seats of the request as they are. */
static bool team_has_room(struct laws *l, const struct need_view *v, const char *partner)
{
	const char *team[64];
	size_t len = 0;

	for (size_t i = 0; i < l->view->needs; i++) {
		const struct need_view *o = &l->view->need[i];
		bool counts = o != v && o->seat != NULL && len < SK_LEN(team) &&
			      same_data(&o->n->request_id, &v->n->request_id);
		for (size_t j = 0; counts && j < len; j++) {
			counts = strcmp(team[j], o->seat->partner) != 0;
		}
		if (counts) {
			team[len++] = o->seat->partner;
		}
	}
	for (size_t i = 0; i < len; i++) {
		if (strcmp(team[i], partner) == 0) {
			return true;
		}
	}
	return len < model_setting(&l->d[LAWS_MATCHING], SETTING_TEAM_MAX);
}

bool need_fits(struct laws *l, const struct need_view *n, const PB(MatchPoolRecord) *p,
	       uint64_t most)
{
	return n->r != NULL && most > 0 && pool_gives(p, n->n->order->wait_class) &&
	       some_use_fits(l, n, p, most) && !is_excluded(l, n, p) && serves_case(l, n, p) &&
	       team_has_room(l, n, p->partner);
}
