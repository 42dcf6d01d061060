/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/matching/core_int.h"

void contribution_index(struct work *w, const PB(MatchContributionRecord) *c)
{
	struct object_id id = id_of(&c->contribution_id);
	struct object_id need = id_of(&c->need_id);
	struct object_id request = id_of(&c->request_id);
	struct key live = key_of_id(&need);
	struct key all = key_of_id(&request);

	key_id(&live, &id);
	step_mark(w->s, T_NEED_LIVE, &live);
	key_id(&all, &id);
	step_mark(w->s, T_REQUEST_CONTRIBUTION, &all);
	for (size_t i = 0; i <= c->n_joint_partners; i++) {
		struct key ask = key_of_str(i == 0 ? c->partner : c->joint_partners[i - 1]);
		key_u8(&ask, 0);
		key_id(&ask, &id);
		step_mark(w->s, T_PARTNER_ASK, &ask);
	}
}

void contribution_unlist(struct work *w, const PB(MatchContributionRecord) *c)
{
	struct object_id id = id_of(&c->contribution_id);

	for (size_t i = 0; i <= c->n_joint_partners; i++) {
		for (uint8_t ended = 0; ended <= 1; ended++) {
			struct key ask = key_of_str(i == 0 ? c->partner : c->joint_partners[i - 1]);
			key_u8(&ask, ended);
			key_id(&ask, &id);
			step_del(w->s, T_PARTNER_ASK, &ask);
		}
	}
}

/** What an ask says of the offer that it asks for. */
static void take_offer(PB(MatchContributionRecord) *c, const PB(MatchPoolRecord) *p,
		       const struct seat_offer *offer)
{
	c->use = offer->use;
	c->amount = offer->amount;
	c->modality = offer->modality;
	c->access = offer->access;
	c->supporter = offer->facts->supporter;
	c->continuum = offer->facts->continuum;
	c->interpreter = offer->interpreter;
	c->costs = offer->costs;
	c->n_costs = offer->costs_len;
	c->alternatives = offer->alternatives;
	c->n_alternatives = offer->alternatives_len;
	c->from_insured = p != NULL && (p->insured || p->crisis);
	c->meet_first = p != NULL &&
			p->answer == SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_ASSESS_FIRST;
}

/** Who named that partner for this need, or "". */
static char *suggested_by(const PB(MatchNeedRecord) *n, const char *partner)
{
	static char nobody[] = "";

	for (size_t i = n->n_suggested; i > 0; i--) {
		if (strcmp(n->suggested[i - 1]->partner, partner) == 0) {
			return n->suggested[i - 1]->by;
		}
	}
	return nobody;
}

/** C4: as many are asked in one round as is set, no more: then the round is over, a miss of the
 *  network, and enough of these call a case table. Whoever is asked after that is asked in the
 * next.
 */
static void round_count(struct work *w, const struct object_id *need)
{
	PB(MatchNeedRecord) *n = need_get(w, need);

	if (n == NULL) {
		return;
	}
	if (n->round_asks >= step_setting(w->s, SETTING_ASKS_PER_ROUND)) {
		n->round++;
		n->round_asks = 0;
		n->miss += n->need->must ? 1 : 0;
		if (n->need->must) {
			figure_miss(w, n);
		}
	}
	n->round_asks++;
	need_put(w, n);
}

/** A new ask, in memory: version 1, its clocks running. */
static PB(MatchContributionRecord) *ask_new(struct work *w, const struct object_id *need,
					    const struct seat_offer *offer)
{
	round_count(w, need);
	w->asks_left -= w->asks_left > 0;
	PB(MatchContributionRecord) *c = step_alloc(w->s, sizeof(*c));
	const PB(MatchNeedRecord) *n = need_get(w, need);
	const PB(MatchPoolRecord) *p = pool_get(w, offer->pool);
	const PB(ConfigApplied) *conf = step_config(w->s);

	if (c == NULL || n == NULL || p == NULL) {
		return NULL;
	}
	schakel__v1__match_contribution_record__init(c);
	struct object_id id = step_new_id(w->s);
	bool crisis = need_is_crisis(w, need);
	c->contribution_id = step_id_data(w->s, &id);
	c->version = 1;
	c->request_id = n->request_id;
	c->need_id = step_id_data(w->s, need);
	c->partner = step_strdup(w->s, offer->partner);
	c->pool = step_strdup(w->s, offer->pool);
	c->joint_partners = p->joint_partners;
	c->n_joint_partners = p->n_joint_partners;
	c->round = n->round + 1;
	c->suggested_by = suggested_by(n, offer->partner);
	if (c->partner == NULL || c->pool == NULL) {
		return NULL; /* no memory */
	}
	take_offer(c, p, offer);
	c->rules_version = conf == NULL ? 0 : conf->rules_version;
	c->state = CSTATE(ASKED);
	c->asked_ms = w->s->now_ms;
	c->at_ms = w->s->now_ms;
	c->answer_by_ms = ask_deadline(w, offer->partner, crisis, false);
	contribution_clock(w, c, DUE_ANSWER_BY, c->answer_by_ms);
	if (!crisis) {
		c->remind_ms = ask_deadline(w, offer->partner, crisis, true);
		step_due(w->s, c->remind_ms, DUE_REMIND, &id, 0);
	}
	contribution_index(w, c);
	figure_ask(w, n);
	mirror_asked(w, c);
	return c;
}

/** An ask that runs already at that pool, beside the seat, becomes the seat's; others of the same
 *  partner are let go. @return it, or NULL. */
static PB(MatchContributionRecord) *lift_standby(struct work *w, const struct object_id *need,
						 const struct seat_offer *offer)
{
	PB(MatchContributionRecord) *live[LIVE_MAX];
	PB(MatchContributionRecord) *lifted = NULL;
	size_t len = live_of(w, need, live);

	for (size_t i = 0; i < len; i++) {
		if (!live[i]->standby || strcmp(live[i]->partner, offer->partner) != 0) {
			continue;
		}
		if (lifted == NULL && strcmp(live[i]->pool, offer->pool) == 0) {
			lifted = live[i];
		} else {
			contribution_move(w, live[i], EV_RELEASE, TELL_PARTNER);
		}
	}
	if (lifted != NULL) {
		lifted->standby = false;
		contribution_renew(w, lifted);
		take_offer(lifted, pool_get(w, offer->pool), offer);
		lifted->at_ms = w->s->now_ms;
	}
	return lifted;
}

/** One amount for one seat: taken here before anybody is asked, so an answer never finds less. */
void seat_make(struct work *w, const struct object_id *need, const struct seat_offer *offer)
{
	const PB(MatchNeedRecord) *n = need_get(w, need);

	if (n == NULL || work_err(w) != SK_OK) {
		return;
	}
	SK_ASSERT(need_waits(n));
	bool taken = pool_take(w, offer->pool, offer->amount);
	SK_ASSERT(taken || work_err(w) != SK_OK); /* the composer saw this amount free */
	if (MUT(43)) {
		(void)pool_take(w, offer->pool, offer->amount);
	}
	PB(MatchContributionRecord) *c = lift_standby(w, need, offer);
	if (c == NULL) {
		c = ask_new(w, need, offer);
	}
	if (c == NULL) {
		return;
	}
	if (offer->named) {
		worker_take(w, c, &offer->worker);
	}
	hold_begin(w, c);
	contribution_put(w, c, TELL_ASK);
	struct object_id id = id_of(&c->contribution_id);
	need_seat_weighed(w, need, &id, &offer->weighed);
	w->seats_left -= w->seats_left > 0;
}

void seat_standby(struct work *w, const struct object_id *need, const struct seat_offer *offer)
{
	PB(MatchContributionRecord) *live[LIVE_MAX];
	size_t len = live_of(w, need, live);
	uint64_t open = 0;

	for (size_t i = 0; i < len; i++) {
		if (strcmp(live[i]->partner, offer->partner) == 0) {
			return;
		}
		open += live[i]->state == CSTATE(ASKED) || live[i]->state == CSTATE(CAN_IF);
	}
	if (open >= step_setting(w->s, SETTING_ASKS_AT_ONCE) || len + 1 >= LIVE_MAX ||
	    w->asks_left == 0) {
		return;
	}
	PB(MatchContributionRecord) *c = ask_new(w, need, offer);
	if (c == NULL) {
		return;
	}
	c->standby = true;
	if (MUT(44) && pool_take(w, offer->pool, offer->amount)) {
		c->held = c->amount;
	}
	contribution_put(w, c, TELL_ASK);
}
