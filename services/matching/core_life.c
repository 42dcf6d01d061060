/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/matching/core_int.h"

PB(MatchContributionRecord) *contribution_get(struct work *w, const struct object_id *id)
{
	struct key k = key_of_id(id);

	return step_get(w->s, T_CONTRIBUTION, &k, DESC(match_contribution_record));
}

static uint32_t hold_rank(const PB(MatchContributionRecord) *c)
{
	if (c->held == 0) {
		return 0;
	}
	if (c->state == CSTATE(ASKED) || c->state == CSTATE(CAN) || c->state == CSTATE(CAN_IF)) {
		return 1;
	}
	return c->state == CSTATE(HANDING_ON) ? 3 : 2;
}

/** Last-ordered first, so that the order is inverted in the key. */
static struct key hold_key(const PB(MatchContributionRecord) *c, const struct order *o)
{
	struct key k = key_of_str(c->pool);
	struct object_id id = id_of(&c->contribution_id);

	key_u8(&k, (uint8_t)c->hold_rank);
	for (size_t i = 0; i < ORDER_LEN; i++) {
		key_u8(&k, (uint8_t)~o->b[i]);
	}
	key_id(&k, &id);
	return k;
}

static void hold_sync(struct work *w, PB(MatchContributionRecord) *c)
{
	struct object_id need = id_of(&c->need_id);
	uint32_t rank = hold_rank(c);

	if (rank == c->hold_rank) {
		return;
	}
	const PB(MatchNeedRecord) *n = need_get(w, &need);
	if (n == NULL || n->order == NULL) {
		return;
	}
	struct order o = order_of(n);
	if (c->hold_rank != 0) {
		struct key gone = hold_key(c, &o);
		step_del(w->s, T_POOL_HOLD, &gone);
	}
	c->hold_rank = rank;
	if (rank != 0) {
		struct key row = hold_key(c, &o);
		step_mark(w->s, T_POOL_HOLD, &row);
		/* After a restore its order may be heard of later than its amount: now it may go.
		 */
		pool_shed_later(w, c->pool);
	}
}

void contribution_reorder(struct work *w, const struct object_id *need, const struct order *from,
			  const struct order *to)
{
	PB(MatchContributionRecord) *live[LIVE_MAX];
	size_t len = live_of(w, need, live);

	for (size_t i = 0; i < len; i++) {
		if (live[i]->hold_rank != 0) {
			struct key gone = hold_key(live[i], from);
			struct key row = hold_key(live[i], to);
			step_del(w->s, T_POOL_HOLD, &gone);
			step_mark(w->s, T_POOL_HOLD, &row);
		}
		contribution_adopt_put(w, live[i]); /* a crisis is telephoned */
	}
}

static void unindex(struct work *w, const PB(MatchContributionRecord) *c)
{
	struct object_id id = id_of(&c->contribution_id);
	struct object_id need = id_of(&c->need_id);
	struct key live = key_of_id(&need);

	key_id(&live, &id);
	step_del(w->s, T_NEED_LIVE, &live);
	for (size_t i = 0; i <= c->n_joint_partners; i++) {
		struct key open = key_of_str(i == 0 ? c->partner : c->joint_partners[i - 1]);
		struct key ended = open;
		key_u8(&open, 0);
		key_id(&open, &id);
		step_del(w->s, T_PARTNER_ASK, &open);
		key_u8(&ended, 1);
		key_id(&ended, &id);
		step_mark(w->s, T_PARTNER_ASK, &ended);
	}
}

/** After a restore help may be known before its need is: its holds get their rows now. */
void contribution_rank(struct work *w, const struct object_id *need)
{
	PB(MatchContributionRecord) *live[LIVE_MAX];
	size_t len = live_of(w, need, live);

	for (size_t i = 0; i < len; i++) {
		struct object_id id = id_of(&live[i]->contribution_id);
		struct key k = key_of_id(&id);
		hold_sync(w, live[i]);
		step_put(w->s, T_CONTRIBUTION, &k, live[i]);
	}
}

/** What a peer remembers of our own help is taken over silently: the peer has it already. */
void contribution_adopt_put(struct work *w, PB(MatchContributionRecord) *c)
{
	struct object_id id = id_of(&c->contribution_id);
	struct key k = key_of_id(&id);

	hold_sync(w, c);
	call_sync(w, c);
	step_put(w->s, T_CONTRIBUTION, &k, c);
	if (state_is_end(c->state)) {
		unindex(w, c);
	}
}

void contribution_put(struct work *w, PB(MatchContributionRecord) *c, uint32_t tell)
{
	struct object_id id = id_of(&c->contribution_id);
	struct key k = key_of_id(&id);

	hold_sync(w, c);
	call_sync(w, c);
	step_put(w->s, T_CONTRIBUTION, &k, c);
	item_add(w, &w->contributions, id.b, OBJECT_ID_LEN, tell);
}

void contribution_clock(struct work *w, PB(MatchContributionRecord) *c, uint8_t kind,
			uint64_t at_ms)
{
	struct object_id id = id_of(&c->contribution_id);

	if (c->deadline_ms != 0) {
		step_undue(w->s, c->deadline_ms, (uint8_t)c->deadline_kind, &id, 0);
	}
	c->deadline_ms = at_ms;
	c->deadline_kind = at_ms == 0 ? 0 : kind;
	if (at_ms != 0) {
		step_due(w->s, at_ms, kind, &id, 0);
	}
}

void contribution_unremind(struct work *w, PB(MatchContributionRecord) *c)
{
	struct object_id id = id_of(&c->contribution_id);

	if (c->remind_ms != 0) {
		step_undue(w->s, c->remind_ms, DUE_REMIND, &id, 0);
		c->remind_ms = 0;
	}
}

/** The one deadline of each state; others have none. */
static void deadline_of_state(struct work *w, PB(MatchContributionRecord) *c)
{
	uint8_t kind = 0;
	uint64_t at_ms = 0;

	if (c->state == CSTATE(CAN_IF)) {
		kind = DUE_ANSWER_BY;
		at_ms = c->answer_by_ms;
	} else if (c->state == CSTATE(CAN)) {
		kind = DUE_CAN_HOLDS;
		at_ms = c->holds_until_ms;
	} else if (c->state == CSTATE(AGREED)) {
		uint64_t from = c->start_at_ms > w->s->now_ms ? c->start_at_ms : w->s->now_ms;
		kind = DUE_NOT_STARTED;
		at_ms = working_days(w, from, SETTING_NOT_STARTED);
	}
	contribution_clock(w, c, kind, at_ms);
	contribution_unremind(w, c);
}

/** The partner was asked, or has said that it can, in a time that we have lost: its clocks run
 * anew. */
void contribution_adopt_clock(struct work *w, PB(MatchContributionRecord) *c)
{
	struct object_id need = id_of(&c->need_id);
	bool crisis = need_is_crisis(w, &need);

	c->answer_by_ms = ask_deadline(w, c->partner, crisis, false);
	c->holds_until_ms = c->until_ms > w->s->now_ms ? c->until_ms : c->answer_by_ms;
	deadline_of_state(w, c);
	if (c->state == CSTATE(ASKED)) {
		contribution_clock(w, c, DUE_ANSWER_BY, c->answer_by_ms);
	}
}

/** An interruption takes the hands along: staffing falls by what it held, unless the partner has
 *  just stated the lower staffing itself (OVERCOMMITTED). */
void contribution_let_go(struct work *w, PB(MatchContributionRecord) *c)
{
	bool interrupted = c->state == CSTATE(INTERRUPTED);
	interpreter_give(w, c);
	const PB(MatchPoolRecord) *p = pool_get(w, c->pool);

	if (interrupted) {
		bool falls = p != NULL && !p->overcommitted && !MUT(52);
		c->staffed_taken = falls ? c->held : 0;
		c->pool_puts = p == NULL ? 0 : p->puts;
		pool_give(w, c->pool, c->held, falls);
		hold_pause(w, c);
	} else {
		pool_give(w, c->pool, c->held, false);
	}
	c->held = 0;
}

/** The need's seat is open again, with its old date, when this was it. */
static void vacate(struct work *w, const PB(MatchContributionRecord) *c)
{
	struct object_id id = id_of(&c->contribution_id);
	struct object_id need = id_of(&c->need_id);
	const PB(MatchNeedRecord) *n = need_get(w, &need);
	bool away = c->state == CSTATE(INTERRUPTED) ||
		    (c->state == CSTATE(HANDING_ON) && c->hand_on);

	if (away) {
		exclude_add(w, &need, c->partner, CAUSE(AWAY), 0);
	}
	if (state_is_end(c->state)) {
		exclude_back(w, &need, c->partner);
	}
	if (n == NULL || (!away && !state_is_end(c->state))) {
		return;
	}
	struct object_id seat = id_of(&n->seat_id);
	struct object_id request = id_of(&n->request_id);
	if (n->seat_id.len > 0 && object_id_equal(&seat, &id)) {
		need_seat(w, &need, NULL);
	} else if (need_waits(n)) {
		touch_request(w, &request);
	}
}

void contribution_renew(struct work *w, PB(MatchContributionRecord) *c)
{
	c->version = step_next_version(w->s, c->version);
}

void contribution_move(struct work *w, PB(MatchContributionRecord) *c, enum contribution_event on,
		       uint32_t tell)
{
	PB(ContributionState) to = c->state;

	SK_ASSERT(contribution_next(c->state, on, &to) == SK_OK);
	figure_answer(w, c, c->state, on);
	c->state = to;
	contribution_renew(w, c);
	c->at_ms = w->s->now_ms;
	if (c->held > 0 && !state_holds(to)) {
		contribution_let_go(w, c);
	}
	interpreter_take(w, c);
	deadline_of_state(w, c);
	if (to == CSTATE(STARTED) && c->started_ms == 0) {
		c->started_ms = w->s->now_ms;
	}
	if (state_is_end(to)) {
		hold_end(w, c);
		unindex(w, c);
	}
	contribution_put(w, c, tell);
	vacate(w, c);
}

size_t live_of(struct work *w, const struct object_id *need, PB(MatchContributionRecord) **ret_live)
{
	struct store_iter it;
	struct key prefix = key_of_id(need);
	struct key k;
	struct slice val;
	size_t len = 0;

	store_iter_init(&it, w->s->txn, T_NEED_LIVE, &prefix);
	while (len < LIVE_MAX && store_next(&it, &k, &val)) {
		struct object_id id;
		memcpy(id.b, k.b + OBJECT_ID_LEN, OBJECT_ID_LEN);
		PB(MatchContributionRecord) *c = contribution_get(w, &id);
		if (c != NULL) {
			ret_live[len++] = c;
		}
	}
	store_iter_done(&it);
	return len;
}

void standby_release(struct work *w, const struct object_id *need, const struct object_id *but)
{
	PB(MatchContributionRecord) *live[LIVE_MAX];
	size_t len = live_of(w, need, live);

	for (size_t i = 0; i < len; i++) {
		struct object_id id = id_of(&live[i]->contribution_id);
		if (live[i]->standby && !(but != NULL && object_id_equal(&id, but))) {
			contribution_move(w, live[i], EV_RELEASE, TELL_PARTNER);
		}
	}
}

void contribution_agree(struct work *w, PB(MatchContributionRecord) *c)
{
	if (c->state == CSTATE(CAN) && ground_holds(w, c) && gate_is_open(w, c)) {
		contribution_move(w, c, EV_AGREE, TELL_PARTNER);
	}
}

bool need_is_crisis(struct work *w, const struct object_id *need)
{
	const PB(MatchNeedRecord) *n = need_get(w, need);

	return n != NULL && n->order != NULL && n->order->wait_class == CLASS_CRISIS;
}

/** In the partner's opening days; in a crisis at once. */
uint64_t ask_deadline(struct work *w, const char *partner, bool crisis, bool reminder)
{
	const PB(Party) *party = step_party(w->s, partner);
	const PB(ConfigApplied) *conf = step_config(w->s);
	struct civil_calendar cal = {
		.weekday_mask = party == NULL ? 0x1f : (uint8_t)party->opening_days,
		.holidays_closed = party == NULL || !party->on_call,
		.closed = conf == NULL ? NULL : conf->holidays,
		.closed_len = conf == NULL ? 0 : conf->n_holidays,
	};

	if (crisis) {
		return w->s->now_ms + 1000 * step_setting(w->s, SETTING_CRISIS_ASK);
	}
	uint64_t days = step_setting(w->s, reminder ? SETTING_ASK_REMINDER : SETTING_ASK_TTL);
	return civil_opening_days_after(w->s->now_ms, (uint32_t)days, &cal);
}

uint64_t working_days(struct work *w, uint64_t from_ms, enum setting which)
{
	const PB(ConfigApplied) *conf = step_config(w->s);
	uint32_t days = (uint32_t)step_setting(w->s, which);

	return civil_working_days_after(from_ms, days, conf == NULL ? NULL : conf->holidays,
					conf == NULL ? 0 : conf->n_holidays);
}
