/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/matching/core_int.h"

static int check_need(struct work *w, const PB(DemandNeed) *d, unsigned i)
{
	struct step *s = w->s;

	if (d->need == NULL || d->need->need_id.len != OBJECT_ID_LEN) {
		return step_refuse(s, REFUSE(MALFORMED), "needs[%u].need.need_id", i);
	}
	if (d->need->expertise < 1 || d->need->expertise > 64) {
		return step_refuse(s, REFUSE(UNKNOWN_CODE), "needs[%u].need.expertise", i);
	}
	if (d->need->child >= MATCH_CHILDREN_MAX) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "needs[%u].need.child", i);
	}
	if (d->need->intensity > MATCH_INTENSITY_MAX) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "needs[%u].need.intensity", i);
	}
	if (d->order == NULL || d->order->wait_class < CLASS_CRISIS ||
	    d->order->wait_class > SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_PRECAUTION ||
	    d->order->rank_class > SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_PRECAUTION ||
	    (unsigned)d->order->crisis_step > 3) {
		return step_refuse(s, REFUSE(UNKNOWN_CODE), "needs[%u].order", i);
	}
	return SK_OK;
}

static int check_children(struct work *w, const PB(RequestFact) *r)
{
	if (r->n_children > MATCH_CHILDREN_MAX) {
		return step_refuse(w->s, REFUSE(TOO_MANY), "request.children");
	}
	for (unsigned i = 0; i < r->n_children; i++) {
		const PB(ChildFact) *c = r->children[i];
		if (c->n_zones > MATCH_CHILD_ZONES_MAX) {
			return step_refuse(w->s, REFUSE(TOO_MANY), "request.children[%u].zones", i);
		}
		if (c->n_known_workers > MATCH_KNOWN_MAX || c->n_known_partners > MATCH_KNOWN_MAX) {
			return step_refuse(w->s, REFUSE(TOO_MANY), "request.children[%u].known", i);
		}
		for (size_t z = 0; z < c->n_zones; z++) {
			if (!name_is_valid(c->zones[z])) {
				return step_refuse(w->s, REFUSE(MALFORMED),
						   "request.children[%u].zones", i);
			}
		}
	}
	if ((unsigned)r->ring > SCHAKEL__V1__RING__RING_NEIGHBOURS) {
		return step_refuse(w->s, REFUSE(UNKNOWN_CODE), "request.ring");
	}
	return SK_OK;
}

static int check_blocks(struct work *w, const PB(RequestFact) *r)
{
	if (r->n_blocks > MATCH_BLOCKS_MAX) {
		return step_refuse(w->s, REFUSE(TOO_MANY), "request.blocks");
	}
	for (unsigned i = 0; i < r->n_blocks; i++) {
		size_t len = r->blocks[i]->need_id.len;
		if (len != 0 && len != OBJECT_ID_LEN) {
			return step_refuse(w->s, REFUSE(MALFORMED), "request.blocks[%u].need_id",
					   i);
		}
	}
	return SK_OK;
}

static int check_demand(struct work *w, const PB(Demand) *d)
{
	struct step *s = w->s;
	const PB(RequestFact) *r = d->request;

	if (r == NULL || r->request_id.len != OBJECT_ID_LEN) {
		return step_refuse(s, REFUSE(MALFORMED), "request.request_id");
	}
	if (!name_is_valid(r->zone)) {
		return step_refuse(s, REFUSE(MALFORMED), "request.zone");
	}
	if (r->n_excluded_partners > MATCH_EXCLUDED_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "request.excluded_partners");
	}
	if (r->n_preferred_partners > MATCH_PREFERRED_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "request.preferred_partners");
	}
	if (r->n_languages > MATCH_LANGUAGES_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "request.languages");
	}
	if (r->n_choices > MATCH_CHOICES_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "request.choices");
	}
	for (unsigned i = 0; i < r->n_choices; i++) {
		if (r->choices[i]->need_id.len != OBJECT_ID_LEN ||
		    !name_is_valid(r->choices[i]->partner)) {
			return step_refuse(s, REFUSE(MALFORMED), "request.choices[%u]", i);
		}
	}
	if (d->n_needs > MATCH_NEEDS_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "needs");
	}
	int err = check_blocks(w, r);
	err = err == SK_OK ? check_children(w, r) : err;
	for (unsigned i = 0; err == SK_OK && i < d->n_needs; i++) {
		err = check_need(w, d->needs[i], i);
	}
	return err;
}

static PB(MatchNeedRecord) *need_new(struct work *w, const ProtobufCBinaryData *request)
{
	PB(MatchNeedRecord) *n = step_alloc(w->s, sizeof(*n));

	if (n != NULL) {
		schakel__v1__match_need_record__init(n);
		n->request_id = *request;
	}
	return n;
}

/** @return true when the request says something newer; only then it is written. */
static bool take_request(struct work *w, PB(RequestFact) *fact)
{
	struct object_id id = id_of(&fact->request_id);
	PB(MatchRequestRecord) *r = request_get(w, &id);

	if (r != NULL && fact->request_version <= r->request->request_version) {
		return false;
	}
	if (r == NULL) {
		r = step_alloc(w->s, sizeof(*r));
		if (r == NULL) {
			return false;
		}
		schakel__v1__match_request_record__init(r);
	}
	r->request = fact;
	if (fact->request_version > r->excluded_version || r->excluded_version == 0) {
		r->excluded_version = fact->request_version;
		r->excluded_partners = fact->excluded_partners;
		r->n_excluded_partners = fact->n_excluded_partners;
	}
	request_put(w, r);
	return true;
}

/** The fact itself: a higher need_version opens what was closed; an equal or older one is ignored,
 * so late demand after a withdrawal does nothing. */
static bool take_need_fact(PB(MatchNeedRecord) *n, PB(NeedFact) *fact)
{
	if (n->need != NULL && fact->need_version <= n->need->need_version) {
		return false;
	}
	n->need = fact;
	n->known = true;
	n->closed = false;
	if (fact->state == SCHAKEL__V1__NEED_STATE__NEED_STATE_OPEN) {
		n->served = false;
	}
	return true;
}

static bool take_order(PB(MatchNeedRecord) *n, PB(NeedOrder) *order)
{
	if (n->order != NULL && order->order_version <= n->order->order_version) {
		return false;
	}
	n->order = order;
	return true;
}

static bool take_need(struct work *w, const PB(RequestFact) *r, const PB(DemandNeed) *d)
{
	struct object_id id = id_of(&d->need->need_id);
	struct object_id request = id_of(&r->request_id);
	PB(MatchNeedRecord) *n = need_get(w, &id);
	bool had_order = n != NULL && n->known && n->order != NULL;
	struct order before = { { 0 } };

	if (n == NULL) {
		n = need_new(w, &r->request_id);
	}
	if (n == NULL) {
		return false;
	}
	if (had_order) {
		before = order_of(n);
	}
	bool fact = take_need_fact(n, d->need);
	if (n->seat_id.len == 0 && n->shortfall == SCHAKEL__V1__SHORTFALL__SHORTFALL_UNSPECIFIED) {
		/* Until it is composed, which may be put off, or wait for a restore to end. */
		n->shortfall = SCHAKEL__V1__SHORTFALL__SHORTFALL_NO_CAPACITY;
	}
	bool order = take_order(n, d->order);
	if (!fact && !order) {
		return false;
	}
	struct key row = key_of_id(&request);
	key_id(&row, &id);
	step_mark(w->s, T_REQUEST_NEED, &row);
	need_put(w, n);
	if (had_order) {
		struct order after = order_of(n);
		contribution_reorder(w, &id, &before, &after);
	} else {
		contribution_rank(w, &id);
	}
	return true;
}

/** Asked in a wider ring: it is not let go because the ring is narrower now. */
static bool was_far(const PB(MatchContributionRecord) *c)
{
	for (size_t i = 0; i < c->n_costs; i++) {
		if (c->costs[i]->kind == COST(DISTANCE)) {
			return true;
		}
	}
	return false;
}

static bool still_fits(struct work *w, const PB(MatchRequestRecord) *r,
		       const PB(MatchNeedRecord) *n, const PB(MatchContributionRecord) *c,
		       bool moved)
{
	struct key k = key_of_str(c->pool);
	const PB(MatchPoolRecord) *p = pool_get(w, c->pool);

	key_u32(&k, c->use);
	const PB(PoolUse) *u = step_get(w->s, T_POOL_USE, &k, DESC(pool_use));
	for (size_t i = 0; i < r->n_excluded_partners; i++) {
		if (strcmp(r->excluded_partners[i], c->partner) == 0) {
			return false;
		}
	}
	if (p == NULL || u == NULL) {
		return true; /* the partner has restated its pool: what was asked still stands */
	}
	struct use_facts facts = use_facts_of(u);
	enum fit fit = need_fit(w, r, n, p, &facts);
	return fit != FIT_AGE && fit != FIT_EXPERTISE &&
	       (!moved || need_reaches(n, u) || was_far(c)) &&
	       need_amount(n, p, &facts) == c->amount;
}

/** What was amended may not fit the asks that run: those are let go and the seat is composed anew.
 *  What is AGREED or more stays; the family stops it when it wants. */
static void release_unfit(struct work *w, const struct object_id *request, bool moved)
{
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	PB(MatchContributionRecord) *live[LIVE_MAX];
	PB(ContributionState) to;
	const PB(MatchRequestRecord) *r = request_get(w, request);
	size_t len = r == NULL ? 0 : needs_of(w, request, needs);

	for (size_t i = 0; i < len; i++) {
		struct object_id need = id_of(&needs[i]->need->need_id);
		size_t mark = work_mark(w);
		size_t asks = live_of(w, &need, live);
		for (size_t c = 0; c < asks; c++) {
			bool soft = contribution_next(live[c]->state, EV_RELEASE, &to) == SK_OK;
			if (soft && !still_fits(w, r, needs[i], live[c], moved)) {
				contribution_move(w, live[c], EV_RELEASE, TELL_PARTNER);
				w->asks_left -= w->asks_left > 0;
			}
		}
		work_rewind(w, mark);
	}
}

static void settle(struct work *w, const struct object_id *request, bool moved)
{
	if (w->s->isolated) {
		step_due(w->s, w->s->now_ms, DUE_TEAM, request, 0);
		return;
	}
	release_unfit(w, request, moved);
	touch_request(w, request);
}

void request_settle(struct work *w, const struct object_id *request)
{
	settle(w, request, false);
}

static bool same_choices(const PB(MatchRequestRecord) *before, const PB(RequestFact) *now)
{
	size_t had = before == NULL ? 0 : before->request->n_choices;
	bool same = had == now->n_choices;

	for (size_t i = 0; same && i < had; i++) {
		const PB(Choice) *a = before->request->choices[i];
		const PB(Choice) *b = now->choices[i];
		struct object_id x = id_of(&a->need_id);
		struct object_id y = id_of(&b->need_id);
		same = object_id_equal(&x, &y) && strcmp(a->partner, b->partner) == 0;
	}
	return same;
}

/** Those that are known since now not to be in the right place, or to be there after all. */
static void moves_settle(struct work *w, const PB(Demand) *d, const bool *moves)
{
	for (size_t i = 0; i < d->n_needs && work_err(w) == SK_OK; i++) {
		struct object_id id = id_of(&d->needs[i]->need->need_id);
		if (moves[i]) {
			need_settle(w, &id);
		}
	}
}

/** A newer word on the place: not the right one, right after all, or no word on it any more. */
static bool says_other(const PB(NeedOrder) *old, const PB(NeedOrder) *now)
{
	if (old == NULL) {
		return now->misplaced || now->place_over;
	}
	return now->order_version > old->order_version &&
	       (now->misplaced != old->misplaced || now->place_over != old->place_over);
}

int demand_apply(struct work *w, const PB(Demand) *d)
{
	int err = check_demand(w, d);

	if (err != SK_OK) {
		return err;
	}
	bool moves[MATCH_NEEDS_MAX] = { false };
	struct object_id request = id_of(&d->request->request_id);
	const PB(MatchRequestRecord) *before = request_get(w, &request);
	bool chosen = !same_choices(before, d->request);
	bool changed = take_request(w, d->request);
	chosen = chosen && changed;
	for (size_t i = 0; i < d->n_needs && work_err(w) == SK_OK; i++) {
		const PB(DemandNeed) *n = d->needs[i];
		struct object_id id = id_of(&n->need->need_id);
		size_t mark = work_mark(w);
		const PB(MatchNeedRecord) *old = need_get(w, &id);
		struct object_id of = old == NULL ? request : id_of(&old->request_id);
		if (!object_id_equal(&of, &request)) {
			return step_refuse(w->s, REFUSE(CONTRADICTS), "needs[%u].need.need_id",
					   (unsigned)i);
		}
		bool moved = says_other(old == NULL ? NULL : old->order, n->order);
		changed = take_need(w, d->request, n) || changed;
		moves[i] = moved;
		work_rewind(w, mark);
	}
	if (changed) {
		const PB(MatchRequestRecord) *of = request_get(w, &request);
		if (of != NULL) {
			network_case(w, of);
		}
		settle(w, &request, place_needs(w, &request));
	}
	moves_settle(w, d, moves);
	if (chosen && !w->s->isolated) {
		choices_settle(w, &request);
	}
	return work_err(w);
}

int match_demand(struct step *s, const PB(Message) *in)
{
	struct work w;

	work_init(&w, s);
	int err = demand_apply(&w, in->demand);
	return err == SK_OK ? work_settle(&w) : err;
}

static void close_need(struct work *w, const PB(DemandClosed) *d, const PB(NeedEnd) *end)
{
	struct object_id id = id_of(&end->need_id);
	struct object_id request = id_of(&d->request_id);
	PB(MatchNeedRecord) *n = need_get(w, &id);

	if (n == NULL) {
		/* A tombstone, so that a Demand that comes late is known to be late. */
		n = need_new(w, &d->request_id);
		PB(NeedFact) *fact = step_alloc(w->s, sizeof(*fact));
		if (n == NULL || fact == NULL) {
			return;
		}
		schakel__v1__need_fact__init(fact);
		fact->need_id = end->need_id;
		n->need = fact;
	} else if (end->need_version < n->need->need_version || n->closed) {
		return;
	}
	n->need->need_version = end->need_version;
	n->closed = true;
	n->close_reason = end->reason;
	n->closed_ms = w->s->now_ms;
	need_put(w, n);
	step_due(w->s, w->s->now_ms + step_setting(w->s, SETTING_TOMBSTONE_DAYS) * CIVIL_DAY_MS,
		 DUE_FORGET, &id, 0);
	need_settle(w, &id);
	if (n->known) {
		touch_request(w, &request); /* the team has room again */
	}
}

int closed_apply(struct work *w, const PB(DemandClosed) *d)
{
	struct step *s = w->s;

	if (d->request_id.len != OBJECT_ID_LEN) {
		return step_refuse(s, REFUSE(MALFORMED), "request_id");
	}
	if (d->n_needs > MATCH_NEEDS_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "needs");
	}
	for (unsigned i = 0; i < d->n_needs; i++) {
		if (d->needs[i]->need_id.len != OBJECT_ID_LEN) {
			return step_refuse(s, REFUSE(MALFORMED), "needs[%u].need_id", i);
		}
	}
	for (size_t i = 0; i < d->n_needs && work_err(w) == SK_OK; i++) {
		close_need(w, d, d->needs[i]);
	}
	return work_err(w);
}

int match_demand_closed(struct step *s, const PB(Message) *in)
{
	struct work w;

	work_init(&w, s);
	int err = closed_apply(&w, in->demand_closed);
	return err == SK_OK ? work_settle(&w) : err;
}

/** The tombstone goes when its time is over, unless help still runs or the need was opened anew. */
void need_forget(struct work *w, const struct object_id *id)
{
	const PB(MatchNeedRecord) *n = need_get(w, id);
	PB(MatchContributionRecord) *live[LIVE_MAX];
	uint64_t days = step_setting(w->s, SETTING_TOMBSTONE_DAYS) * CIVIL_DAY_MS;

	if (n == NULL || !n->closed || n->closed_ms + days > w->s->now_ms) {
		return;
	}
	if (live_of(w, id, live) > 0) {
		step_due(w->s, w->s->now_ms + days, DUE_FORGET, id, 0);
		return;
	}
	struct object_id request = id_of(&n->request_id);
	struct key row = key_of_id(&request);
	struct key k = key_of_id(id);
	key_id(&row, id);
	step_del(w->s, T_REQUEST_NEED, &row);
	step_del(w->s, T_NEED, &k);
	exclude_forget(w, id);
}
