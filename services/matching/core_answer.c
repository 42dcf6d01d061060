/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/matching/core_int.h"

#define DAY_MS CIVIL_DAY_MS

/** The contact point and the coordinator note what a partner says by telephone. */
static bool may_act(struct work *w, const PB(MatchContributionRecord) *c)
{
	const struct party *from = &w->s->from;
	uint32_t behalf = ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR);

	return contribution_is_of(c, from->id) || (from->roles & behalf) != 0;
}

PB(MatchContributionRecord) *contribution_of(struct work *w, const ProtobufCBinaryData *data,
					     int *ret_err)
{
	struct object_id id;

	if (!object_id_from(data, &id)) {
		*ret_err = step_refuse(w->s, REFUSE(MALFORMED), "contribution_id");
		return NULL;
	}
	PB(MatchContributionRecord) *c = contribution_get(w, &id);
	if (c == NULL) {
		*ret_err = work_err(w) != SK_OK ?
				   work_err(w) :
				   step_refuse(w->s, REFUSE(UNKNOWN_OBJECT), "contribution_id");
		return NULL;
	}
	if (!may_act(w, c)) {
		*ret_err = step_refuse(w->s, REFUSE(NOT_YOURS), "contribution_id");
		return NULL;
	}
	return c;
}

int contribution_refuse(struct work *w, const PB(MatchContributionRecord) *c)
{
	PB(Event) *now = contribution_event(w, c);
	bool crossing = c->state == CSTATE(LAPSED) || c->state == CSTATE(RELEASED) ||
			c->state == CSTATE(ENDED) || c->state == CSTATE(STOPPED_BY_YOUTH);

	if (crossing) {
		return step_late(w->s, now);
	}
	w->s->out->holds_now = now;
	return step_refuse(w->s, REFUSE(STATE), "contribution_id");
}

bool work_is_ahead(const struct work *w, uint64_t at_ms)
{
	/* A day that is named begins at midnight: today is not past. */
	return at_ms + DAY_MS > w->s->now_ms &&
	       at_ms <= w->s->now_ms + MATCH_AHEAD_DAYS_MAX * DAY_MS;
}

/** Noted for the partner by telephone: by who may act for it without being it. */
static bool is_noted(const struct work *w, const PB(AnswerAsk) *a, const char *partner)
{
	uint32_t behalf = ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR);

	return a->by_call ||
	       ((w->s->from.roles & behalf) != 0 && strcmp(w->s->from.id, partner) != 0);
}

static int check_call(struct work *w, const PB(AnswerAsk) *a)
{
	struct step *s = w->s;
	uint32_t behalf = ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR);

	if (a->by_call && (s->from.roles & behalf) == 0) {
		return step_refuse(s, REFUSE(NOT_YOURS), "by_call");
	}
	if (a->spoken_with.len != 0 && a->spoken_with.len != OBJECT_ID_LEN) {
		return step_refuse(s, REFUSE(MALFORMED), "spoken_with");
	}
	if (a->spoken_with.len != 0 && !a->by_call) {
		return step_refuse(s, REFUSE(CONTRADICTS), "spoken_with");
	}
	return SK_OK;
}

/** The partner itself, after its answer was noted by telephone: the same once more confirms it,
 *  another one is a crossing; the contact point has acted on what it heard. */
static int own_answer(struct work *w, PB(MatchContributionRecord) *c, const PB(AnswerAsk) *a)
{
	struct object_id id = id_of(&c->contribution_id);
	bool same = a->answer == c->answer && a->can_if == c->can_if;

	if (!same) {
		return step_late(w->s, contribution_event(w, c));
	}
	c->noted_by_call = false;
	contribution_renew(w, c);
	contribution_put(w, c, 0);
	step_result(w->s, &id, c->version);
	return work_settle(w);
}

/** Whether a place that wants a meeting first has said so before its CAN. */
static bool has_met(const PB(MatchContributionRecord) *c)
{
	bool met = c->state == CSTATE(CAN_IF) &&
		   c->can_if == SCHAKEL__V1__CAN_IF__CAN_IF_MEET_FIRST;

	return !c->meet_first || met;
}

/** What the answer's kind needs, and what it excludes. */
static int check_answer(struct work *w, const PB(AnswerAsk) *a, const char *partner)
{
	struct step *s = w->s;
	bool can_if = a->answer == ANSWER(CAN_IF);

	if (a->answer < ANSWER(CAN) || a->answer > ANSWER(NOT_OURS)) {
		return step_refuse(s, REFUSE(UNKNOWN_CODE), "answer");
	}
	if (can_if && (a->can_if < SCHAKEL__V1__CAN_IF__CAN_IF_MEET_FIRST ||
		       a->can_if > SCHAKEL__V1__CAN_IF__CAN_IF_INTERPRETER)) {
		return step_refuse(s, REFUSE(MISSING), "can_if");
	}
	if (!can_if && a->can_if != SCHAKEL__V1__CAN_IF__CAN_IF_UNSPECIFIED) {
		return step_refuse(s, REFUSE(CONTRADICTS), "can_if");
	}
	if (a->can_if == SCHAKEL__V1__CAN_IF__CAN_IF_START_DATE && a->start_at_ms == 0) {
		return step_refuse(s, REFUSE(MISSING), "start_at_ms");
	}
	if (a->answer == ANSWER(NOT_NOW) && a->until_ms == 0) {
		return step_refuse(s, REFUSE(MISSING), "until_ms");
	}
	if (a->until_ms != 0 && (a->until_ms <= s->now_ms || !work_is_ahead(w, a->until_ms))) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "until_ms");
	}
	if (a->start_at_ms != 0 && !work_is_ahead(w, a->start_at_ms)) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "start_at_ms");
	}
	if (a->suggests[0] != '\0' && !name_is_valid(a->suggests)) {
		return step_refuse(s, REFUSE(MALFORMED), "suggests");
	}
	if (a->suggests[0] != '\0' && step_party(s, a->suggests) == NULL) {
		return step_refuse(s, REFUSE(UNKNOWN_OBJECT), "suggests");
	}
	if (a->suggests[0] != '\0' && strcmp(a->suggests, partner) == 0) {
		return step_refuse(s, REFUSE(CONTRADICTS), "suggests");
	}
	if (a->worker.len != 0 && a->worker.len != OBJECT_ID_LEN) {
		return step_refuse(s, REFUSE(MALFORMED), "worker");
	}
	return SK_OK;
}

uint64_t can_holds_until(struct work *w, bool crisis, uint64_t given_ms)
{
	uint64_t until =
		crisis ? w->s->now_ms + 1000 * step_setting(w->s, SETTING_CAN_HOLDS_CRISIS) :
			 working_days(w, w->s->now_ms, SETTING_CAN_HOLDS);

	return given_ms > until ? given_ms : until;
}

/** A stand-by's CAN takes the seat only if its holder has not answered and the stand-by's pool has
 * the amount free now, and is clean: else somebody earlier in the order may be due it (L7). */
static bool standby_fits(struct work *w, const PB(MatchContributionRecord) *c)
{
	struct object_id need = id_of(&c->need_id);
	struct object_id request = id_of(&c->request_id);
	const PB(MatchNeedRecord) *n = need_get(w, &need);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	const PB(MatchPoolRecord) *p = pool_get(w, c->pool);
	struct team others;

	if (n == NULL || r == NULL || p == NULL || !need_is_open(n) || n->seat_id.len == 0) {
		return false;
	}
	struct object_id seat = id_of(&n->seat_id);
	const PB(MatchContributionRecord) *holder = contribution_get(w, &seat);
	/* A stand-by that is known from a peer only, after a restore, has no amount. */
	if (holder == NULL || holder->state != CSTATE(ASKED) || !pool_is_clean(w, c->pool) ||
	    !pool_composable(p, n->order->wait_class) || c->amount == 0 ||
	    c->amount > pool_free(p) || reserve_keeps(w, p, n)) {
		return false;
	}
	struct hold_want want = hold_want_of(r, n, c->use, c->amount);
	if (exclusion(w, r, n, p) != FIT_OK || hold_fit(w, r, p, &want) != FIT_OK) {
		return false;
	}
	team_of(w, &request, &need, &others);
	return (team_has(&others, c->partner) || others.len < step_setting(w->s, SETTING_TEAM_MAX));
}

/** The seat changes hands in one step; there is never a moment with two amounts or none. */
static int standby_takes(struct work *w, PB(MatchContributionRecord) *c)
{
	struct object_id id = id_of(&c->contribution_id);
	struct object_id need = id_of(&c->need_id);

	if (!standby_fits(w, c)) {
		return step_late(w->s, contribution_event(w, c));
	}
	const PB(MatchNeedRecord) *n = need_get(w, &need);
	struct object_id seat = id_of(&n->seat_id);
	PB(MatchContributionRecord) *holder = contribution_get(w, &seat);
	contribution_move(w, holder, EV_RELEASE, TELL_PARTNER);
	bool taken = pool_take(w, c->pool, c->amount);
	SK_ASSERT(taken || work_err(w) != SK_OK);
	c->standby = false;
	hold_begin(w, c);
	need_seat(w, &need, &id);
	return SK_OK;
}

static void reset_not_now(struct work *w, const char *pool)
{
	PB(MatchPoolRecord) *p = pool_get(w, pool);

	if (p != NULL && p->not_now_row != 0) {
		p->not_now_row = 0;
		pool_put(w, p);
	}
}

/** Whoever is asked later for this need is asked in the next round. */
static void round_won(struct work *w, const struct object_id *need)
{
	PB(MatchNeedRecord) *n = need_get(w, need);

	if (n != NULL) {
		n->round++;
		n->round_asks = 0;
		need_put(w, n);
	}
}

/** The moment a CAN covers the seat, the others are released in the same step. */
static int answer_can(struct work *w, PB(MatchContributionRecord) *c, const PB(AnswerAsk) *a)
{
	struct object_id id = id_of(&c->contribution_id);
	struct object_id need = id_of(&c->need_id);

	if (c->standby) {
		int err = standby_takes(w, c);
		if (err != SK_OK) {
			return err;
		}
	}
	c->holds_until_ms = can_holds_until(w, need_is_crisis(w, &need), a->until_ms);
	c->start_at_ms = a->start_at_ms;
	int named = worker_name(w, c, &a->worker);
	if (named != SK_OK) {
		return named;
	}
	contribution_move(w, c, EV_CAN, 0);
	standby_release(w, &need, &id);
	round_won(w, &need);
	reset_not_now(w, c->pool);
	contribution_agree(w, c);
	return SK_OK;
}

static int answer_can_if(struct work *w, PB(MatchContributionRecord) *c, const PB(AnswerAsk) *a)
{
	struct object_id need = id_of(&c->need_id);
	uint64_t by = ask_deadline(w, c->partner, need_is_crisis(w, &need), false);

	c->can_if = a->can_if;
	c->meeting_open = false;
	c->start_at_ms = a->start_at_ms;
	c->answer_by_ms = by > c->answer_by_ms ? by : c->answer_by_ms;
	contribution_move(w, c, EV_CAN_IF, 0);
	reset_not_now(w, c->pool);
	return SK_OK;
}

/** A round is a need's asks until none is open; one that leaves a must-need open without an answer
 *  that helps is one miss of the network of its request, however many said no. Nothing is
 * subtracted from the child. What the family itself did not want is no miss. */
void round_over(struct work *w, const struct object_id *need, bool missed)
{
	PB(MatchContributionRecord) *live[LIVE_MAX];
	size_t len = live_of(w, need, live);
	PB(MatchNeedRecord) *n = need_get(w, need);

	for (size_t i = 0; i < len; i++) {
		if (live[i]->state != CSTATE(INTERRUPTED) && live[i]->state != CSTATE(HANDING_ON)) {
			return;
		}
	}
	if (n != NULL && need_is_open(n)) {
		n->round++;
		bool miss = missed && n->need->must;
		n->round_asks = 0;
		n->miss += miss;
		need_put(w, n);
		if (miss) {
			figure_miss(w, n);
		}
	}
}

/** Who is named is asked next when it can and was not asked before. A circle ends by itself: who
 * said NOT_OURS is not asked for this need again, whoever names it. The oldest gives way. */
static void suggestion_add(struct work *w, const struct object_id *need, const char *by,
			   char *partner)
{
	PB(MatchNeedRecord) *n = partner[0] == '\0' ? NULL : need_get(w, need);
	PB(MatchSuggestion) **list =
		n == NULL ? NULL : step_alloc(w->s, MATCH_SUGGESTIONS_MAX * sizeof(*list));
	PB(MatchSuggestion) *s = n == NULL ? NULL : step_alloc(w->s, sizeof(*s));
	size_t kept = 0;

	if (list == NULL || s == NULL) {
		return;
	}
	schakel__v1__match_suggestion__init(s);
	s->partner = partner;
	s->by = step_strdup(w->s, by);
	size_t from = n->n_suggested < MATCH_SUGGESTIONS_MAX ? 0 : 1;
	for (size_t i = from; i < n->n_suggested; i++) {
		list[kept++] = n->suggested[i];
	}
	list[kept++] = s;
	n->suggested = list;
	n->n_suggested = kept;
	need_put(w, n);
}

static int answer_no(struct work *w, PB(MatchContributionRecord) *c, const PB(AnswerAsk) *a)
{
	struct object_id need = id_of(&c->need_id);
	bool not_now = a->answer == ANSWER(NOT_NOW);

	c->until_ms = not_now ? a->until_ms : 0;
	c->suggests = a->suggests;
	exclude_add(w, &need, c->partner, not_now ? CAUSE(NOT_NOW) : CAUSE(NOT_OURS), c->until_ms);
	suggestion_add(w, &need, c->partner, a->suggests);
	contribution_move(w, c, not_now ? EV_NOT_NOW : EV_NOT_OURS, 0);
	PB(MatchPoolRecord) *p = pool_get(w, c->pool);
	if (not_now && p != NULL) {
		p->not_now_row++;
		pool_put(w, p);
		if (p->not_now_row >= 2) {
			pool_unconfirm(w, c->pool);
		}
	}
	round_over(w, &need, true);
	return SK_OK;
}

int match_answer_ask(struct step *s, const PB(Message) *in)
{
	static const enum contribution_event event_of[] = {
		[ANSWER(CAN)] = EV_CAN,
		[ANSWER(CAN_IF)] = EV_CAN_IF,
		[ANSWER(NOT_NOW)] = EV_NOT_NOW,
		[ANSWER(NOT_OURS)] = EV_NOT_OURS,
	};
	const PB(AnswerAsk) *a = in->answer_ask;
	PB(ContributionState) to;
	struct work w;
	int err = SK_OK;

	work_init(&w, s);
	PB(MatchContributionRecord) *c = contribution_of(&w, &a->contribution_id, &err);
	if (c == NULL) {
		return err;
	}
	err = check_answer(&w, a, c->partner);
	err = err == SK_OK ? check_call(&w, a) : err;
	if (err != SK_OK) {
		return err;
	}
	bool noted = is_noted(&w, a, c->partner);
	if (contribution_next(c->state, event_of[a->answer], &to) != SK_OK) {
		return c->noted_by_call && !noted ? own_answer(&w, c, a) :
						    contribution_refuse(&w, c);
	}
	/* Foster care and what else says ASSESS_FIRST: family and child meet first. */
	if (a->answer == ANSWER(CAN) && !has_met(c)) {
		return step_refuse(s, REFUSE(CONTRADICTS), "answer");
	}
	if (a->answer == ANSWER(CAN_IF) && c->meet_first &&
	    a->can_if != SCHAKEL__V1__CAN_IF__CAN_IF_MEET_FIRST) {
		return step_refuse(s, REFUSE(CONTRADICTS), "can_if");
	}
	c->answer = a->answer;
	c->noted_by_call = noted;
	mirror_answered(&w, c, a->answer);
	c->spoken_with = a->spoken_with;
	if (a->answer == ANSWER(CAN)) {
		err = answer_can(&w, c, a);
	} else if (a->answer == ANSWER(CAN_IF)) {
		err = answer_can_if(&w, c, a);
	} else {
		err = answer_no(&w, c, a);
	}
	if (err != SK_OK) {
		return err;
	}
	struct object_id id = id_of(&c->contribution_id);
	step_result(s, &id, c->version);
	return work_settle(&w);
}

/** Planted bug: what other seats of the request have won goes too. */
static void drop_won(struct work *w, const PB(MatchContributionRecord) *c)
{
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	struct object_id request = id_of(&c->request_id);
	size_t len = MUT(50) ? needs_of(w, &request, needs) : 0;

	for (size_t i = 0; i < len; i++) {
		struct object_id seat = id_of(&needs[i]->seat_id);
		PB(MatchContributionRecord) *won =
			needs[i]->seat_id.len == 0 ? NULL : contribution_get(w, &seat);
		if (won != NULL && won->state == CSTATE(CAN)) {
			contribution_move(w, won, EV_RELEASE, TELL_PARTNER);
		}
	}
}

/** No answer in time: the pool is not confirmed any more until its partner publishes again. Insured
 *  capacity is still asked, so there this need asks elsewhere for one term first. */
static void lapse(struct work *w, PB(MatchContributionRecord) *c)
{
	struct object_id need = id_of(&c->need_id);
	const PB(MatchPoolRecord) *p = pool_get(w, c->pool);

	/* Nobody of the family has said whether they may meet: the partner did answer. */
	bool waits_for_family = condition_of(c) == CONDITION_OPEN &&
				c->can_if == SCHAKEL__V1__CAN_IF__CAN_IF_MEET_FIRST;
	if (p != NULL && p->insured) {
		uint64_t until = ask_deadline(w, c->partner, need_is_crisis(w, &need), false);
		exclude_add(w, &need, c->partner, CAUSE(LAPSED), until);
	}
	mirror_answered(w, c, ANSWER(UNSPECIFIED));
	pool_unconfirm(w, c->pool);
	contribution_move(w, c, EV_LAPSE, TELL_PARTNER);
	drop_won(w, c);
	round_over(w, &need, !waits_for_family);
}

void contribution_due(struct work *w, uint8_t kind, const struct object_id *id, uint64_t due_ms)
{
	PB(MatchContributionRecord) *c = contribution_get(w, id);

	if (c == NULL) {
		return;
	}
	if (kind == DUE_REMIND && c->remind_ms == due_ms) {
		c->remind_ms = 0;
		contribution_renew(w, c);
		contribution_put(w, c, TELL_ASK);
		return;
	}
	if (c->deadline_kind != kind || c->deadline_ms != due_ms) {
		return; /* another clock runs now */
	}
	c->deadline_ms = 0; /* its row is gone already */
	if (kind == DUE_ANSWER_BY) {
		lapse(w, c);
	} else if (kind == DUE_CAN_HOLDS) {
		gate_lacks(w, c);
		contribution_move(w, c, EV_RELEASE, TELL_PARTNER);
	} else if (kind == DUE_NOT_STARTED) {
		alarm_event(w, SCHAKEL__V1__ALARM_KIND__ALARM_KIND_NOT_STARTED,
			    contribution_alarm(w, c));
		contribution_clock(w, c, kind, working_days(w, w->s->now_ms, SETTING_NOT_STARTED));
		contribution_put(w, c, 0);
	}
}
