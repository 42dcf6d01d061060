/* SPDX-License-Identifier: EUPL-1.2 */
/* Matching's needs and contributions: the highest version of a fact holds and an older one changes
 * nothing; states move along the table of DOMAIN 4; a seat that was won is kept; no exclusion
 * without a cause; bounds of asks (L12). */
#include "common/civil.h"
#include "tests/sim/laws_model.h"

#define ASKS_MAX 3     /* at once for one seat (DOMAIN 5) */
#define STANDBYS_MAX 2 /* beside the holder of the seat (DESIGN 5) */

/* --- versions --- */

static const PB(DemandNeed) *demanded(const PB(Message) *in, const ProtobufCBinaryData *need)
{
	const PB(Demand) *m = in->body_case == BODY(DEMAND) ? in->demand : NULL;

	for (size_t i = 0; m != NULL && i < m->n_needs; i++) {
		if (same_data(&m->needs[i]->need->need_id, need)) {
			return m->needs[i];
		}
	}
	return NULL;
}

static const PB(NeedEnd) *ended(const PB(Message) *in, const ProtobufCBinaryData *need)
{
	const PB(DemandClosed) *m = in->body_case == BODY(DEMAND_CLOSED) ? in->demand_closed : NULL;

	for (size_t i = 0; m != NULL && i < m->n_needs; i++) {
		if (same_data(&m->needs[i]->need_id, need)) {
			return m->needs[i];
		}
	}
	return NULL;
}

static bool same_need(const PB(NeedFact) *a, const PB(NeedFact) *b)
{
	return a->expertise == b->expertise && a->intensity == b->intensity &&
	       a->duration_weeks == b->duration_weeks && a->must == b->must &&
	       a->ordinal == b->ordinal && a->arrival_ms == b->arrival_ms;
}

static bool same_order(const PB(NeedOrder) *a, const PB(NeedOrder) *b)
{
	return a->wait_class == b->wait_class && a->crisis_step == b->crisis_step &&
	       a->rank_ms == b->rank_ms && a->lottery == b->lottery;
}

/** What the step brought that is newer than what was known. */
static void newer_holds(struct laws *l, const PB(MatchNeedRecord) *was,
			const PB(MatchNeedRecord) *n)
{
	const char *id = law_hex_data(&n->need->need_id);
	const PB(DemandNeed) *d = demanded(l->step.in, &n->need->need_id);
	const PB(NeedEnd) *end = ended(l->step.in, &n->need->need_id);
	uint32_t version = was == NULL ? 0 : was->need->need_version;
	bool newer = d != NULL && d->need->need_version > version;

	if (newer && (n->need->need_version != d->need->need_version ||
		      !same_need(n->need, d->need) || n->closed)) {
		laws_violated(l, "DESIGN 5", "need %s does not stand at version %u as told", id,
			      d->need->need_version);
	}
	if (end != NULL && end->need_version >= version && !n->closed) {
		laws_violated(l, "I17", "need %s was closed and is still open", id);
	}
	if (!newer && end == NULL && n->need->need_version != version && !l->step.reconcile) {
		laws_violated(l, "DESIGN 5", "need %s has version %u, which nobody told", id,
			      n->need->need_version);
	}
}

static void older_ignored(struct laws *l, const PB(MatchNeedRecord) *was,
			  const PB(MatchNeedRecord) *n)
{
	const char *id = law_hex_data(&n->need->need_id);
	bool same = n->need->need_version == was->need->need_version;

	if (n->need->need_version < was->need->need_version) {
		laws_violated(l, "DESIGN 5", "an older version %u of need %s was applied over %u",
			      n->need->need_version, id, was->need->need_version);
	}
	if (same && was->closed && !n->closed) {
		laws_violated(l, "DESIGN 5", "need %s was closed and is open again", id);
	}
	if (same && was->known && !same_need(was->need, n->need)) {
		laws_violated(l, "DESIGN 5", "need %s changed without a new version", id);
	}
	if (was->order == NULL || n->order == NULL) {
		return;
	}
	bool same_version = n->order->order_version == was->order->order_version;
	if (n->order->order_version < was->order->order_version ||
	    (same_version && !same_order(was->order, n->order))) {
		laws_violated(l, "DESIGN 5", "an older order of need %s was applied", id);
	}
}

static void forgotten(struct laws *l, const PB(MatchNeedRecord) *was)
{
	uint64_t days = model_setting(&l->d[LAWS_MATCHING], SETTING_TOMBSTONE_DAYS);

	if (!was->closed || was->closed_ms + days * LAWS_DAY_MS > l->step.now_ms) {
		laws_violated(l, "I17", "need %s was forgotten while it counts",
			      law_hex_data(&was->need->need_id));
	}
}

static void served(struct laws *l, const PB(MatchNeedRecord) *was, const PB(MatchNeedRecord) *n)
{
	bool before = was != NULL && was->served;
	PB(Message__BodyCase) body = l->step.in->body_case;

	if (before != (n->served != 0) && !l->step.reconcile &&
	    body != (n->served ? BODY(END_ALLOWED) : BODY(DEMAND))) {
		laws_violated(l, "I17", "need %s %s without a reason",
			      law_hex_data(&n->need->need_id),
			      n->served ? "waits no more" : "waits again");
	}
}

static void need_changed(struct laws *l, const struct change *c)
{
	const PB(MatchNeedRecord) *was = c->before;
	const PB(MatchNeedRecord) *n = change_after(c);

	if (n == NULL) {
		forgotten(l, was);
		return;
	}
	if (was != NULL) {
		older_ignored(l, was, n);
	}
	newer_holds(l, was, n);
	served(l, was, n);
}

/* --- states of a contribution --- */

static const struct {
	PB(ContributionState) from, to;
} edge[] = {
	{ CONTRIB(ASKED), CONTRIB(CAN) },
	{ CONTRIB(ASKED), CONTRIB(CAN_IF) },
	{ CONTRIB(ASKED), CONTRIB(NOT_NOW) },
	{ CONTRIB(ASKED), CONTRIB(NOT_OURS) },
	{ CONTRIB(ASKED), CONTRIB(LAPSED) },
	{ CONTRIB(ASKED), CONTRIB(RELEASED) },
	{ CONTRIB(CAN_IF), CONTRIB(CAN) },
	{ CONTRIB(CAN_IF), CONTRIB(RELEASED) },
	{ CONTRIB(CAN_IF), CONTRIB(LAPSED) },
	{ CONTRIB(CAN_IF), CONTRIB(TAKEN_BACK) },
	{ CONTRIB(CAN), CONTRIB(AGREED) },
	{ CONTRIB(CAN), CONTRIB(RELEASED) },
	{ CONTRIB(CAN), CONTRIB(TAKEN_BACK) },
	{ CONTRIB(AGREED), CONTRIB(STARTED) },
	{ CONTRIB(AGREED), CONTRIB(HANDING_ON) },
	{ CONTRIB(AGREED), CONTRIB(INTERRUPTED) },
	{ CONTRIB(AGREED), CONTRIB(STOPPED_BY_YOUTH) },
	{ CONTRIB(AGREED), CONTRIB(RELEASED) }, /* its need is closed; who was away is back */
	{ CONTRIB(STARTED), CONTRIB(HANDING_ON) },
	{ CONTRIB(STARTED), CONTRIB(INTERRUPTED) },
	{ CONTRIB(STARTED), CONTRIB(STOPPED_BY_YOUTH) },
	{ CONTRIB(INTERRUPTED), CONTRIB(STARTED) },
	{ CONTRIB(INTERRUPTED), CONTRIB(HANDING_ON) },
	{ CONTRIB(INTERRUPTED), CONTRIB(STOPPED_BY_YOUTH) },
	{ CONTRIB(HANDING_ON), CONTRIB(STARTED) }, /* the right place after all */
	{ CONTRIB(HANDING_ON), CONTRIB(ENDED) },
};

/** After a restore help may come back later than the end of its need: then it ends in a Tick. */
static bool need_had_ended(const struct laws *l, const ProtobufCBinaryData *need)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	const PB(MatchNeedRecord) *n = rec_by_id(d, M_NEED, need);

	return l->step.in->body_case == BODY(TICK) && d->was_restored && n != NULL && n->closed;
}

/** Along the table, in one step perhaps over several edges; DECEASED ends what is open. */
static bool reaches(const struct laws *l, const PB(MatchContributionRecord) *was,
		    PB(ContributionState) to)
{
	PB(ContributionState) from = was->state;
	uint32_t seen = 1U << from;

	if (to == CONTRIB(ENDED) &&
	    (l->step.in->body_case == BODY(DEMAND_CLOSED) || need_had_ended(l, &was->need_id))) {
		return !contribution_is_over(from);
	}
	for (size_t round = 0; round < SK_LEN(edge); round++) {
		for (size_t i = 0; i < SK_LEN(edge); i++) {
			seen |= (seen & 1U << edge[i].from) != 0 ? 1U << edge[i].to : 0;
		}
	}
	return (seen & 1U << to) != 0;
}

static bool names_need(const PB(Message) *in, const ProtobufCBinaryData *need)
{
	return ended(in, need) != NULL;
}

/** A row of that kind came due in this step. */
static bool came_due(const struct daemon_model *d, uint8_t kind, const ProtobufCBinaryData *id)
{
	for (size_t i = 0; i < d->mirror.changes; i++) {
		const struct change *c = &d->mirror.change[i];
		if (c->table == TABLE_DUE && c->was && c->after == NULL && c->key.b[8] == kind &&
		    memcmp(c->key.b + 9, id->data, OBJECT_ID_LEN) == 0) {
			return true;
		}
	}
	return false;
}

/** A no to that seat: said of it, or once of all of them. */
static bool said_no(const PB(PositionTaken) *p, const PB(MatchContributionRecord) *was)
{
	bool no = p->n_grounds == 0 && p->voice == VOICE_IS(NOT);

	for (size_t i = 0; i < p->n_grounds; i++) {
		no = no || (p->grounds[i]->voice == VOICE_IS(NOT) &&
			    same_data(&p->grounds[i]->need_id, &was->need_id));
	}
	return no && same_data(&p->request_id, &was->request_id);
}

/* --- the right place after all (DOMAIN 6) --- */

static bool is_misplaced(const PB(MatchNeedRecord) *n)
{
	return n != NULL && n->order != NULL && n->order->misplaced;
}

static bool is_right(const PB(MatchNeedRecord) *n)
{
	return n != NULL && n->order != NULL && n->order->place_over;
}

/** This step heard that the need's place is the right one after all, as somebody has said who may
 *  say so, and not a list that comes from an old copy; after a restore the Tick that looks at the
 *  need again. */
static bool place_is_right_now(const struct laws *l, const ProtobufCBinaryData *need)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];

	if (!place_said_right(l, need)) {
		return false;
	}
	for (size_t i = 0; i < d->mirror.changes; i++) {
		const struct change *c = &d->mirror.change[i];
		const PB(MatchNeedRecord) *was = c->before;
		const PB(MatchNeedRecord) *n = change_after(c);
		if (c->table == M_NEED && n != NULL && same_data(&n->need->need_id, need) &&
		    !is_right(was) && is_right(n)) {
			return true;
		}
	}
	return l->step.in->body_case == BODY(TICK) && d->was_restored &&
	       came_due(d, M_DUE_HELP, need);
}

/** Whoever hands on because the place was not right does so by the list's word; a partner's own
 *  wish to leave is no such word. Back it comes by the list's word alone. */
static void hands_on_rightly(struct laws *l, const PB(MatchContributionRecord) *was,
			     const PB(MatchContributionRecord) *c)
{
	const PB(Message) *in = l->step.in;
	const PB(MatchNeedRecord) *n = rec_by_id(&l->d[LAWS_MATCHING], M_NEED, &c->need_id);
	const char *id = law_hex_data(&c->contribution_id);

	if (was->state == CONTRIB(STARTED) && c->state == CONTRIB(HANDING_ON)) {
		bool word = in->body_case == BODY(DEMAND) ||
			    (in->body_case == BODY(TICK) && is_misplaced(n) && !n->closed);
		if (word != c->misplaced) {
			laws_violated(l, "DOMAIN 6", "help %s hands on, by the list's word: %d", id,
				      word);
		}
	}
	if (was->state == CONTRIB(HANDING_ON) && c->state == CONTRIB(STARTED) &&
	    (!was->misplaced || was->ending || !place_is_right_now(l, &c->need_id))) {
		laws_violated(l, "DOMAIN 6", "help %s that is handed on stays by nobody's word",
			      id);
	}
}

/** Nobody is looked for in place of help that is in its right place: heard of, and done. */
void law_search_is_over(struct laws *l, const PB(MatchContributionRecord) *c)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	const PB(MatchNeedRecord) *n = rec_by_id(d, M_NEED, &c->need_id);
	bool moved = c->state == CONTRIB(HANDING_ON) && c->misplaced && !c->ending;
	bool later = model_isolated(d) || model_due(d, M_DUE_HELP, &c->need_id, UINT64_MAX);

	if (moved && n != NULL && !n->closed && is_right(n) && !later) {
		laws_violated(l, "DOMAIN 6", "help %s is to go, and its place is the right one",
			      law_hex_data(&c->contribution_id));
	}
}

/** DESIGN 5: a hole is recomposed keeping the seats already won. What may let one go: */
static bool may_release(struct laws *l, const PB(MatchContributionRecord) *was)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	const PB(Message) *in = l->step.in;
	const struct pool_view *p = view_pool(l->view, was->pool);
	bool soft = was->state == CONTRIB(CAN);

	if (in->body_case == BODY(DEMAND_CLOSED)) {
		return names_need(in, &was->need_id);
	}
	if (need_had_ended(l, &was->need_id) || (soft && law_team_broke(l, was))) {
		return true;
	}
	if (in->body_case == BODY(RESUME_CONTRIBUTION)) {
		const PB(MatchContributionRecord) *back =
			rec_by_id(d, M_CONTRIBUTION, &in->resume_contribution->contribution_id);
		return back != NULL && same_data(&back->need_id, &was->need_id);
	}
	if (in->body_case == BODY(POSITION_TAKEN)) {
		return soft && said_no(in->position_taken, was);
	}
	if (place_is_right_now(l, &was->need_id)) {
		return true; /* nobody is looked for any more */
	}
	if (in->body_case == BODY(DEMAND)) {
		return soft && same_data(&in->demand->request->request_id, &was->request_id);
	}
	if (in->body_case == BODY(TICK) && soft && was->holds_until_ms <= l->step.now_ms) {
		return true;
	}
	/* What an amendment lets go that came before the peers were all heard goes in a Tick, for
	 * which a row of that request was kept. */
	if (in->body_case == BODY(TICK) && soft && d->was_restored &&
	    came_due(d, M_DUE_TEAM, &was->request_id)) {
		return true;
	}
	return soft && p != NULL && p->p->overcommitted;
}

/** A11, D13: who helps leaves when another has started for that need, when the need has ended, or
 *  at the planned end of help that nobody was looked for after. */
static bool may_leave(const struct laws *l, const PB(MatchContributionRecord) *was)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	const PB(MatchNeedRecord) *n = rec_by_id(d, M_NEED, &was->need_id);
	const struct rows *t = &d->mirror.table[M_CONTRIBUTION];

	/* What was granted before a restore is remembered by who granted it. */
	bool granted = d->was_restored && l->step.in->body_case == BODY(END_ALLOWED);
	if (n == NULL || n->closed || granted) {
		return true;
	}
	for (size_t i = 0; i < t->len; i++) {
		const PB(MatchContributionRecord) *o = t->row[i]->rec;
		if (o->state == CONTRIB(STARTED) && same_data(&o->need_id, &was->need_id)) {
			return true;
		}
	}
	uint64_t weeks_ms = 7 * CIVIL_DAY_MS * n->need->duration_weeks;
	uint64_t slack_ms = 2 * CIVIL_HOUR_MS; /* the clocks of summer and winter */
	uint64_t from_ms = was->started_ms == 0 ? was->at_ms : was->started_ms;
	return !was->hand_on && from_ms + weeks_ms <= l->step.now_ms + slack_ms;
}

static void contribution_changed(struct laws *l, const struct change *ch)
{
	const PB(MatchContributionRecord) *was = ch->before;
	const PB(MatchContributionRecord) *c = change_after(ch);
	const char *id = law_hex(ch->key.b);

	if (c == NULL || was == NULL) {
		if (c == NULL) {
			laws_violated(l, "I17", "contribution %s is gone", id);
		} else if (c->state != CONTRIB(ASKED) && !l->step.reconcile) {
			laws_violated(l, "DOMAIN 4", "contribution %s begins as %d", id, c->state);
		}
		return;
	}
	if (c->version <= was->version && c->state != was->state) {
		laws_violated(l, "DOMAIN 4", "contribution %s moved without a version", id);
	}
	if (!reaches(l, was, c->state) && !l->step.reconcile) {
		laws_violated(l, "DOMAIN 4", "contribution %s went from %d to %d", id, was->state,
			      c->state);
	}
	if (!contribution_is_over(was->state) && c->state == CONTRIB(ENDED) && !l->step.reconcile &&
	    !may_leave(l, was)) {
		laws_violated(l, "A11",
			      "contribution %s at %s, in state %d since %llu, left in a step of %d",
			      id, was->partner, was->state, (unsigned long long)was->started_ms,
			      (int)l->step.in->body_case);
	}
	if (!l->step.reconcile) {
		hands_on_rightly(l, was, c);
	}
	bool won = was->state == CONTRIB(CAN) || was->state == CONTRIB(AGREED);
	if (won && c->state == CONTRIB(RELEASED) && !l->step.reconcile && !may_release(l, was)) {
		laws_violated(l, "DESIGN 5", "seat %s at %s was won and is dropped", id, was->pool);
	}
}

/* --- exclusions --- */

static void exclusion_made(struct laws *l, const struct change *x)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	struct slice rest = { .data = x->key.b, .len = x->key.len };
	char partner[PARTY_ID_LEN_MAX + 1];
	struct object_id need;
	bool caused = l->step.reconcile;

	if (x->was || x->after == NULL || !key_take_id(&rest, &need) ||
	    !key_take_str(&rest, partner)) {
		return;
	}
	for (size_t i = 0; !caused && i < d->mirror.changes; i++) {
		const struct change *c = &d->mirror.change[i];
		const PB(MatchContributionRecord) *was = c->before;
		const PB(MatchContributionRecord) *now = change_after(c);
		if (c->table == M_CONTRIBUTION && was != NULL && now != NULL) {
			struct object_id of = law_id(&now->need_id);
			caused = was->state != now->state && object_id_equal(&of, &need) &&
				 strcmp(now->partner, partner) == 0;
		}
	}
	if (!caused) {
		laws_violated(l, "L7", "%s is kept from need %s without a cause", partner,
			      law_hex(&need));
	}
}

/* --- one seat --- */

/** The moment a CAN covers the seat, the others are not needed any more. */
static bool seat_is_won(const struct laws *l, const struct need_view *v)
{
	PB(ContributionState) st = v->seat == NULL ? CONTRIB(UNSPECIFIED) : v->seat->state;

	/* After a restore a stand-by may be heard of again later than the answer. */
	return (st == CONTRIB(CAN) || st == CONTRIB(AGREED) || st == CONTRIB(STARTED)) &&
	       !l->d[LAWS_MATCHING].was_restored;
}

static void one_seat(struct laws *l, const struct need_view *v)
{
	const char *id = law_hex_data(&v->n->need->need_id);
	bool same = v->seat == NULL ? v->n->seat_id.len == 0 :
				      same_data(&v->n->seat_id, &v->seat->contribution_id);

	if (v->seats > 1) {
		laws_violated(l, "I11", "need %s has %u seats", id, v->seats);
	} else if (!same) {
		laws_violated(l, "I22", "need %s does not name the contribution in its seat", id);
	}
	if (v->standbys > 0 && seat_is_won(l, v)) {
		laws_violated(l, "DESIGN 5", "need %s has its answer and %u stand-by asks", id,
			      v->standbys);
	}
	if (v->asks > ASKS_MAX || v->standbys > STANDBYS_MAX) {
		laws_violated(l, "L12", "need %s has %u asks open, %u of them stand-by", id,
			      v->asks, v->standbys);
	}
}

void laws_need(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];

	for (size_t i = 0; i < d->mirror.changes; i++) {
		const struct change *c = &d->mirror.change[i];
		if (c->table == M_NEED) {
			need_changed(l, c);
		} else if (c->table == M_CONTRIBUTION) {
			contribution_changed(l, c);
		} else if (c->table == M_EXCLUDE) {
			exclusion_made(l, c);
		}
	}
	for (size_t i = 0; i < l->view->lives; i++) {
		law_search_is_over(l, live_at(l->view, i));
	}
	/* While an inventory comes in, old and new of one seat may stand side by side. */
	for (size_t i = 0; !model_isolated(d) && i < l->view->needs; i++) {
		one_seat(l, &l->view->need[i]);
	}
}
