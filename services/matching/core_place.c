/* SPDX-License-Identifier: EUPL-1.2 */
/* What follows for help from what became of its need (it has ended, its place is not the right one,
 * or is after all), and from others who help for it, or come back. */
#include "services/matching/core_int.h"

#define CLOSED_BY_DEATH SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_DECEASED

/** The start is durable with this step: only now those go who held on until it (L2). */
void help_relieves(struct work *w, const PB(MatchContributionRecord) *c)
{
	PB(MatchContributionRecord) *live[LIVE_MAX];
	struct object_id id = id_of(&c->contribution_id);
	struct object_id need = id_of(&c->need_id);
	size_t len = live_of(w, &need, live);

	for (size_t i = 0; i < len; i++) {
		struct object_id other = id_of(&live[i]->contribution_id);
		if (object_id_equal(&id, &other)) {
			continue;
		}
		if (live[i]->state == CSTATE(INTERRUPTED)) {
			contribution_move(w, live[i], EV_HAND_ON, TELL_PARTNER);
		}
		if (live[i]->state == CSTATE(HANDING_ON)) {
			contribution_move(w, live[i], EV_END, TELL_PARTNER);
		}
	}
}

/** Somebody may have been asked meanwhile for the seat: not needed any more. */
static void release_successors(struct work *w, const struct object_id *need)
{
	PB(MatchContributionRecord) *live[LIVE_MAX];
	PB(ContributionState) to;
	size_t len = live_of(w, need, live);

	for (size_t i = 0; i < len; i++) {
		if (contribution_next(live[i]->state, EV_RELEASE, &to) == SK_OK) {
			contribution_move(w, live[i], EV_RELEASE, TELL_PARTNER);
		} else if (live[i]->state == CSTATE(AGREED)) {
			contribution_move(w, live[i], EV_CLOSE, TELL_PARTNER);
		}
	}
}

void help_back(struct work *w, PB(MatchContributionRecord) *c, enum contribution_event on,
	       uint32_t tell)
{
	struct object_id id = id_of(&c->contribution_id);
	struct object_id need = id_of(&c->need_id);
	struct object_id request = id_of(&c->request_id);

	release_successors(w, &need);
	contribution_move(w, c, on, tell);
	exclude_back(w, &need, c->partner);
	need_seat(w, &need, &id);
	help_relieves(w, c);        /* another that was away too is not awaited any more */
	touch_request(w, &request); /* with its partner in the team again more may fit */
}

/** What is asked or agreed is released; help that runs is handed on, never dropped; DECEASED ends
 * all at once. */
static void close_contributions(struct work *w, const struct object_id *need, bool deceased)
{
	PB(MatchContributionRecord) *live[LIVE_MAX];
	PB(ContributionState) to;
	enum contribution_event on = deceased ? EV_DECEASED : EV_CLOSE;
	size_t len = live_of(w, need, live);

	for (size_t i = 0; i < len; i++) {
		if (contribution_next(live[i]->state, on, &to) == SK_OK) {
			contribution_move(w, live[i], on, TELL_PARTNER);
		}
	}
}

/** Not in the right place (DOMAIN 6): its help goes on with overlap, and it looks for a successor.
 */
static void seek_other_place(struct work *w, const struct object_id *need)
{
	PB(MatchContributionRecord) *live[LIVE_MAX];
	size_t len = live_of(w, need, live);

	for (size_t i = 0; i < len; i++) {
		if (live[i]->state == CSTATE(STARTED)) {
			live[i]->hand_on = true;
			live[i]->misplaced = true;
			contribution_move(w, live[i], EV_HAND_ON, TELL_PARTNER);
		}
	}
}

/** The right place after all, as somebody said: that the list does not call the place wrong any
 * more is no such word (another help came, or the list itself comes from an old copy), and lets
 * nobody go. The search stops where the family's own word, or its contact person's, stops it. Who
 * was asked is let go, also with a promise that is AGREED: it was made for a child that looked for
 * another place, and no partner drops anybody by it. Who helps helps on: never two in one seat, and
 * no day without help. A partner that hands on, or asked for the end, of its own accord goes on
 * doing so. */
static void stay(struct work *w, const struct object_id *need)
{
	PB(MatchContributionRecord) *live[LIVE_MAX];
	size_t len = live_of(w, need, live);

	for (size_t i = 0; i < len; i++) {
		PB(MatchContributionRecord) *c = live[i];
		if (c->state == CSTATE(HANDING_ON) && c->misplaced && !c->ending) {
			c->hand_on = false;
			c->misplaced = false;
			help_back(w, c, EV_STAY, TELL_PARTNER);
			return;
		}
	}
}

void need_settle(struct work *w, const struct object_id *need)
{
	const PB(MatchNeedRecord) *n = need_get(w, need);

	if (w->s->isolated) {
		step_due(w->s, w->s->now_ms, DUE_HELP, need, 0);
		return;
	}
	while (work_err(w) == SK_OK && seat_yield(w, need)) {
	}
	if (n != NULL && n->closed) {
		close_contributions(w, need, n->close_reason == CLOSED_BY_DEATH);
	} else if (n != NULL && n->order != NULL && n->order->misplaced) {
		seek_other_place(w, need);
	} else if (n != NULL && n->order != NULL && n->order->place_over && !MUT(162)) {
		stay(w, need);
	}
}
