/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "services/matching/core_build.h"

#define EXPLAIN(NAME) SCHAKEL__V1__EXPLAIN_KIND__EXPLAIN_KIND_##NAME
#define LINES_MAX 400U  /* of one page */
#define LINES_PAGE 200U /* with as many another need goes on the next one */
#define FIRST_MAX 64U   /* pools of one need of which it is said who went first there */

static PB(ExplainLine) *line_add(struct work *w, PB(ExplainView) *v, const PB(MatchNeedRecord) *n,
				 PB(ExplainKind) kind)
{
	PB(ExplainLine) *line = v->n_lines < LINES_MAX ? step_alloc(w->s, sizeof(*line)) : NULL;

	if (line != NULL) {
		schakel__v1__explain_line__init(line);
		line->need_id = n->need->need_id;
		line->kind = kind;
		v->lines[v->n_lines++] = line;
	}
	return line;
}

static void explain_seat(struct work *w, PB(ExplainView) *v, const PB(MatchNeedRecord) *n,
			 const PB(MatchContributionRecord) *c)
{
	PB(ExplainLine) *chosen = line_add(w, v, n, EXPLAIN(CHOSEN));

	if (chosen != NULL) {
		chosen->party = c->partner;
		chosen->pool = c->pool;
		const PB(MatchPoolRecord) *p = pool_get(w, c->pool);
		chosen->number = c->amount;
		chosen->unit = p == NULL ? 0 : p->unit;
		chosen->state = c->state;
		chosen->at_ms = c->asked_ms;
		chosen->start_ms = c->started_ms != 0 ? c->started_ms : c->start_at_ms;
		chosen->rules_version = c->rules_version;
	}
	for (size_t i = 0; i < c->n_costs; i++) {
		PB(ExplainLine) *cost = line_add(w, v, n, EXPLAIN(COST));
		if (cost != NULL) {
			cost->party = c->partner;
			cost->cost_kind = c->costs[i]->kind;
			cost->cost = c->costs[i]->cost;
		}
	}
}

/** Holds of this pool for others that stand before the need in the order, and what they hold. */
static uint32_t went_first(struct work *w, const char *pool, const PB(MatchNeedRecord) *n,
			   uint32_t *ret_held)
{
	struct object_id own = id_of(&n->request_id);
	struct order o = order_of(n);
	struct store_iter it;
	struct key prefix = key_of_str(pool);
	struct key k;
	struct slice val;
	uint32_t ahead = 0;
	unsigned seen = 0;

	store_iter_init(&it, w->s->txn, T_POOL_HOLD, &prefix);
	while (seen++ < MATCH_PAGE_MAX * 4 && store_next(&it, &k, &val)) {
		struct order held;
		for (size_t i = 0; i < ORDER_LEN; i++) {
			held.b[i] = (uint8_t)~k.b[prefix.len + 1 + i];
		}
		struct object_id id;
		memcpy(id.b, k.b + k.len - OBJECT_ID_LEN, OBJECT_ID_LEN);
		const PB(MatchContributionRecord) *c =
			memcmp(held.b, o.b, ORDER_LEN) < 0 ? contribution_get(w, &id) : NULL;
		struct object_id of = c == NULL ? own : id_of(&c->request_id);
		if (!object_id_equal(&of, &own)) {
			*ret_held += c->held;
			ahead++;
		}
	}
	store_iter_done(&it);
	return ahead;
}

PB(ExplainKind) explain_filter(enum fit fit)
{
	static const PB(ExplainKind) kind[FITS] = {
		[FIT_OK] = EXPLAIN(OFFERS), /* none */
		[FIT_EXPERTISE] = EXPLAIN(FILTERED_EXPERTISE),
		[FIT_ZONE] = EXPLAIN(FILTERED_ZONE),
		[FIT_AGE] = EXPLAIN(FILTERED_AGE),
		[FIT_COURT] = EXPLAIN(FILTERED_COURT),
		[FIT_DECLINED] = EXPLAIN(FILTERED_DECLINED),
		[FIT_EXCLUDED] = EXPLAIN(FILTERED_EXCLUDED),
		[FIT_UNCONFIRMED] = EXPLAIN(FILTERED_UNCONFIRMED),
		[FIT_INSURED] = EXPLAIN(FILTERED_INSURED),
		[FIT_OWN_CRISIS] = EXPLAIN(FILTERED_OWN_CRISIS),
		[FIT_PAUSED] = EXPLAIN(FILTERED_PAUSED),
		[FIT_NETWORK] = EXPLAIN(FILTERED_NETWORK),
		[FIT_GATE] = EXPLAIN(FILTERED_ACCESS),
		[FIT_LIMIT] = EXPLAIN(FILTERED_LIMIT),
		[FIT_STAFF] = EXPLAIN(FILTERED_STAFF),
		[FIT_AMOUNT] = EXPLAIN(FILTERED_AMOUNT),
		[FIT_RESERVED] = EXPLAIN(FILTERED_RESERVED),
	};

	return kind[fit];
}

/** Each use that offers the expertise counts once, under the first rule that keeps it out; what
 *  none keeps out under OFFERS. */
static void tally_uses(struct work *w, const PB(MatchRequestRecord) *r,
		       const PB(MatchNeedRecord) *n, PB(ExplainView) *v, struct reach *ret_reach)
{
	const struct index_ref *all, *near;
	size_t all_len = index_expertise(w->s->index, n->need->expertise, &all);
	size_t near_len = need_refs(w, n, &near);
	PB(ExplainLine) *offers = line_add(w, v, n, EXPLAIN(OFFERS));
	unsigned firsts = 0;

	ret_reach->by[FIT_ZONE] = (uint32_t)(all_len - near_len);
	for (size_t i = 0; i < near_len; i++) {
		size_t mark = work_mark(w);
		const PB(MatchPoolRecord) *p = pool_get(w, near[i].pool);
		enum fit fit = p == NULL ? FIT_EXPERTISE : need_fit(w, r, n, p, &near[i].facts);
		uint32_t ahead = 0;
		uint32_t held = 0;
		PB(Unit) unit = p == NULL ? 0 : p->unit;
		if (fit == FIT_AMOUNT) {
			ahead = went_first(w, near[i].pool, n, &held);
		}
		if (p == NULL) {
			ret_reach->by[fit]++;
		} else {
			reach_count(ret_reach, fit, p);
		}
		work_rewind(w, mark);
		bool said = ahead > 0 && firsts++ < FIRST_MAX;
		PB(ExplainLine) *first = said ? line_add(w, v, n, EXPLAIN(WENT_FIRST)) : NULL;
		if (first != NULL) {
			first->pool = step_strdup(w->s, near[i].pool);
			first->number = ahead;
			first->amount = held;
			first->unit = unit;
		}
	}
	if (offers != NULL) {
		offers->number = (uint32_t)all_len;
		offers->amount = ret_reach->by[FIT_OK];
	}
}

/** The lines from @p mid on come before those from @p first on. */
static void lines_turn(struct work *w, PB(ExplainView) *v, size_t first, size_t mid)
{
	size_t len = mid - first;
	PB(ExplainLine) **kept = step_alloc(w->s, (len + 1) * sizeof(PB(ExplainLine) *));

	if (kept != NULL) {
		memcpy(kept, v->lines + first, len * sizeof(PB(ExplainLine) *));
		memmove(v->lines + first, v->lines + mid,
			(v->n_lines - mid) * sizeof(PB(ExplainLine) *));
		memcpy(v->lines + v->n_lines - len, kept, len * sizeof(PB(ExplainLine) *));
	}
}

/** Which units would start it, with those who stand before it. */
static void explain_more(struct work *w, const PB(MatchRequestRecord) *r,
			 const PB(MatchNeedRecord) *n, PB(ExplainView) *v, uint32_t *io_looks)
{
	struct more_units more = more_for_need(w, r, n, io_looks);
	PB(ExplainLine) *line = more.pool == NULL ? NULL : line_add(w, v, n, EXPLAIN(ONE_MORE));

	if (line != NULL) {
		line->pool = step_strdup(w->s, more.pool);
		const PB(MatchPoolRecord) *p = pool_get(w, more.pool);
		line->unit = p == NULL ? 0 : p->unit;
		line->number = more.units;
		line->amount = more.before;
		bool blocked = need_block(r, n) != NULL;
		line->shortfall = blocked ? SHORTFALL(RULE_BLOCKS) : SHORTFALL(UNSPECIFIED);
	}
}

/** What was found when it was last composed may hold no more: a pool is confirmed, or paused. */
static PB(Shortfall) lacks_now(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
			       const struct reach *reach)
{
	bool fits = reach->by[FIT_OK] > 0;

	return need_block(r, n) != NULL || fits ? need_lacks(r, n) :
						  reach_lacks(reach, COMPOSE_NO_OPTION);
}

static void explain_open(struct work *w, const PB(MatchRequestRecord) *r,
			 const PB(MatchNeedRecord) *n, PB(ExplainView) *v, uint32_t *io_looks)
{
	struct reach reach = { 0 };

	PB(ExplainLine) *lacks = line_add(w, v, n, EXPLAIN(STILL_LACKS));
	size_t first = v->n_lines + 1; /* behind the one of all offers */
	tally_uses(w, r, n, v, &reach);
	if (lacks != NULL) {
		lacks->shortfall = lacks_now(r, n, &reach);
		lacks->number = n->miss;
	}
	size_t mid = v->n_lines;
	for (enum fit i = FIT_OK + 1; i < FITS; i++) {
		PB(ExplainLine) *line = reach.by[i] == 0 ? NULL :
							   line_add(w, v, n, explain_filter(i));
		if (line != NULL) {
			line->number = reach.by[i];
		}
	}
	if (mid > first) {
		lines_turn(w, v, first, mid);
	}
	explain_more(w, r, n, v, io_looks);
}

/** Nothing new is asked for it: who is missing comes before what the family wishes. */
static void explain_aside(struct work *w, PB(ExplainView) *v, const PB(MatchRequestRecord) *r,
			  const PB(MatchNeedRecord) *n)
{
	const PB(ChildFact) *child = need_child(r, n);
	bool missing = child != NULL && child->missing;
	PB(ExplainLine) *line =
		line_add(w, v, n, missing ? EXPLAIN(MISSING) : EXPLAIN(FAMILY_WISH));

	if (line != NULL && !missing) {
		line->at_ms = r->request->family_wish_until_ms;
	}
}

static void explain_need(struct work *w, const PB(MatchRequestRecord) *r, PB(MatchNeedRecord) *n,
			 PB(ExplainView) *v, uint32_t *io_looks)
{
	struct object_id seat = id_of(&n->seat_id);
	const PB(MatchContributionRecord) *c = n->seat_id.len == 0 ? NULL :
								     contribution_get(w, &seat);

	v->orders[v->n_orders++] = n->order;
	v->need_ids[v->n_need_ids++] = n->need->need_id;
	PB(ExplainLine) *order = line_add(w, v, n, EXPLAIN(ORDER));
	if (order != NULL) {
		order->at_ms = n->order->rank_ms;
		order->wait_class = n->order->wait_class;
	}
	if (c != NULL) {
		explain_seat(w, v, n, c);
	} else if (need_is_open(n) && n->paused) {
		explain_aside(w, v, r, n);
	} else if (need_waits(n)) {
		explain_open(w, r, n, v, io_looks);
	}
}

bool need_is_seen(const struct step *s, const PB(MatchRequestRecord) *r,
		  const PB(MatchNeedRecord) *n)
{
	bool contact = r != NULL && (strcmp(r->request->contact_party, s->from.id) == 0 ||
				     strcmp(r->request->stand_in_party, s->from.id) == 0);

	return n == NULL || n->need == NULL || !n->need->shielded ||
	       (contact && (s->from.roles & ROLE_BIT(FAMILY)) == 0);
}

/** A copy in place: the team was made for this answer. */
static void team_veil(struct work *w, const PB(MatchRequestRecord) *r, PB(TeamProposed) *t)
{
	size_t seats = 0;
	size_t open = 0;
	size_t others = 0;
	size_t weighed = 0;

	for (size_t i = 0; i < t->n_seats; i++) {
		struct object_id need = id_of(&t->seats[i]->need_id);
		if (need_is_seen(w->s, r, need_get(w, &need))) {
			t->seats[seats++] = t->seats[i];
		}
	}
	for (size_t i = 0; i < t->n_open; i++) {
		struct object_id need = id_of(&t->open[i]->need_id);
		if (need_is_seen(w->s, r, need_get(w, &need))) {
			t->open[open++] = t->open[i];
		}
	}
	for (size_t i = 0; i < t->n_alternatives; i++) {
		struct object_id need = id_of(&t->alternatives[i]->need_id);
		if (need_is_seen(w->s, r, need_get(w, &need))) {
			t->alternatives[others++] = t->alternatives[i];
		}
	}
	for (size_t i = 0; i < t->n_weighed; i++) {
		struct object_id need = id_of(&t->weighed[i]->need_id);
		if (need_is_seen(w->s, r, need_get(w, &need))) {
			t->weighed[weighed++] = t->weighed[i];
		}
	}
	t->n_weighed = weighed;
	t->n_seats = seats;
	t->n_open = open;
	t->n_alternatives = others;
}

/** Who sees the whole list, who asked, the contact person and stand-in; until they are named the
 * zone's duty organisations are. */
static bool explain_may(const struct step *s, const PB(RequestFact) *f)
{
	const char *me = s->from.id;
	const PB(Zone) *zone = step_zone(s, f->zone);
	bool may = (s->from.roles & (ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR))) != 0 ||
		   strcmp(f->requester, me) == 0 || strcmp(f->contact_party, me) == 0 ||
		   strcmp(f->stand_in_party, me) == 0;

	return may || (zone != NULL && (strcmp(zone->contact_party, me) == 0 ||
					strcmp(zone->stand_in_party, me) == 0 ||
					strcmp(zone->network_party, me) == 0));
}

static int explain_why(struct work *w, const PB(QueryExplain) *q, const PB(MatchRequestRecord) *r,
		       PB(ExplainView) *v)
{
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	struct object_id request = id_of(&r->request->request_id);
	size_t len = needs_of(w, &request, needs);

	if (!name_is_valid(q->partner) || step_party(w->s, q->partner) == NULL) {
		return step_refuse(w->s, REFUSE(UNKNOWN_OBJECT), "partner");
	}
	v->why_not = step_alloc(w->s, MATCH_NEEDS_MAX * sizeof(v->why_not[0]));
	for (size_t i = 0; v->why_not != NULL && i < len; i++) {
		bool asked =
			q->need_id.len == 0 ||
			(q->need_id.len == OBJECT_ID_LEN &&
			 memcmp(q->need_id.data, needs[i]->need->need_id.data, OBJECT_ID_LEN) == 0);
		bool about = asked && need_is_open(needs[i]) && need_is_seen(w->s, r, needs[i]);
		PB(WhyNot) *a = about ? why_not(w, r, needs[i], q->partner) : NULL;
		if (a != NULL) {
			v->why_not[v->n_why_not++] = a;
		}
	}
	return work_err(w);
}

static void explain_proof(const PB(MatchRequestRecord) *r, PB(ExplainView) *v)
{
	v->proven = v->team->exact;
	v->bound = v->team->bound;
	v->together_needs = r->together_needs;
	v->together_covered = r->together_covered;
	v->together_gap = v->team->gap;
}

/** The team, and what is proven of it. @return false: no memory. */
static bool explain_team(struct work *w, const PB(MatchRequestRecord) *r, PB(ExplainView) *v)
{
	v->team = team_build(w, r);
	if (v->team == NULL) {
		return false;
	}
	v->team->n_gates = 0; /* for peers */
	explain_proof(r, v);
	v->list_gap = list_plan_gap(w);
	team_veil(w, r, v->team);
	return true;
}

/** The lines of the needs from there on, as many as one answer takes, and where it goes on. */
static int explain_page(struct work *w, const PB(QueryExplain) *q, const PB(MatchRequestRecord) *r,
			PB(ExplainView) *v)
{
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	struct object_id request = id_of(&r->request->request_id);
	size_t len = needs_of(w, &request, needs);
	/* Each look at one of many needs goes over all of them. */
	uint32_t looks = len > COMPOSE_NEEDS_MAX ? MORE_LOOKS_MAX / 16 : MORE_LOOKS_MAX;
	struct object_id after;
	struct object_id only;
	bool one = object_id_from(&q->need_id, &only);
	uint32_t from = 0;

	if (q->after.len != 0) {
		const PB(MatchNeedRecord) *n = NULL;
		if (object_id_from(&q->after, &after)) {
			n = need_get(w, &after);
		}
		if (n == NULL) {
			return step_refuse(w->s, REFUSE(MALFORMED), "after");
		}
		from = n->need->ordinal + 1; /* it may be closed by now */
	}
	for (size_t i = 0, taken = 0; i < len; i++) {
		struct object_id id = id_of(&needs[i]->need->need_id);
		if (needs[i]->need->ordinal < from || (one && !object_id_equal(&id, &only)) ||
		    !need_is_seen(w->s, r, needs[i])) {
			continue;
		}
		size_t lines = v->n_lines;
		bool full = lines >= LINES_PAGE || taken >= w->s->page_most;
		if (!full || taken == 0) {
			explain_need(w, r, needs[i], v, &looks);
		}
		/* What was cut short stands on the next page, whole. */
		if (taken > 0 && !full && looks == 0) {
			v->n_lines = lines;
			v->n_orders--;
			v->n_need_ids--;
			full = true;
		}
		if (taken > 0 && full) {
			v->next = v->need_ids[v->n_need_ids - 1];
			break;
		}
		taken++;
	}
	return work_err(w);
}

/** Every line is computed from what is stored; none is free text. */
int match_query_explain(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	PB(ExplainView) *v = step_alloc(s, sizeof(*v));
	struct object_id request;
	struct work w;

	work_init(&w, s);
	if (v == NULL) {
		return SK_ENOMEM;
	}
	if (!object_id_from(&in->query_explain->request_id, &request)) {
		return step_refuse(s, REFUSE(MALFORMED), "request_id");
	}
	const PB(MatchRequestRecord) *r = request_get(&w, &request);
	if (r == NULL) {
		return step_refuse(s, REFUSE(UNKNOWN_OBJECT), "request_id");
	}
	if (!explain_may(s, r->request)) {
		return step_refuse(s, REFUSE(NOT_YOURS), "request_id");
	}
	schakel__v1__explain_view__init(v);
	v->lines = step_alloc(s, LINES_MAX * sizeof(v->lines[0]));
	v->orders = step_alloc(s, MATCH_NEEDS_MAX * sizeof(v->orders[0]));
	v->need_ids = step_alloc(s, MATCH_NEEDS_MAX * sizeof(v->need_ids[0]));
	if (v->lines == NULL || v->orders == NULL || v->need_ids == NULL) {
		return SK_ENOMEM;
	}
	if (in->query_explain->after.len == 0 && !explain_team(&w, r, v)) {
		return SK_ENOMEM;
	}
	out->body_case = BODY(EXPLAIN_VIEW);
	out->explain_view = v;
	int err = explain_page(&w, in->query_explain, r, v);
	bool why = err == SK_OK && in->query_explain->partner[0] != '\0';
	return why ? explain_why(&w, in->query_explain, r, v) : err;
}
