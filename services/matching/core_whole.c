/* SPDX-License-Identifier: EUPL-1.2 */
/* The whole or nothing (team_whole): a team that leaves out a need of those asked together is no
 * team. For the lab: with one partner to a team this is referral one to one. What is free may then
 * stay free beside who waits, so L8 does not hold, and no plan of the list is made; the order does:
 * of pools that are still to be passed only the one that is being passed is looked at. */
#include "common/civil.h"
#include "services/matching/core_build.h"

bool team_is_whole(const struct work *w)
{
	return step_setting(w->s, SETTING_TEAM_WHOLE) != 0;
}

/** The clean pools beside the one that is passed: what comes free there may be all that lacked. */
void whole_gather(struct build *b, size_t need, const char *passed)
{
	const PB(MatchNeedRecord) *n = b->needs[need];
	struct need_found found;

	b->reach[need] = (struct reach){ 0 };
	reach_find(b, need, &found);
	for (size_t i = 0; i < found.len; i++) {
		const struct found_use *u = &found.uses[i];
		size_t mark = work_mark(b->w);
		const PB(MatchPoolRecord) *p = pool_get(b->w, u->pool);
		enum fit fit = p == NULL ? FIT_EXPERTISE : need_fit(b->w, b->r, n, p, u->facts);
		bool clean = p != NULL && strcmp(p->pool, passed) != 0 &&
			     pool_is_clean(b->w, p->pool);
		if (p != NULL) {
			reach_count(&b->reach[need], fit, p);
		}
		if (clean && fit == FIT_OK) {
			build_option(b, need, p, u->facts, !u->near);
		}
		work_rewind(b->w, mark);
	}
}

/** A group of more than the composer takes at once is never known to be whole: it waits. */
void whole_or_nothing(const struct build *b, size_t group_len, struct compose_team *io_team)
{
	uint16_t all = (uint16_t)((1U << b->problem.needs) - 1);

	if (!team_is_whole(b->w) || MUT(173) ||
	    (group_len == b->problem.needs && io_team->covered == all)) {
		return;
	}
	for (size_t i = 0; i < b->problem.needs; i++) {
		if (io_team->option[i] != COMPOSE_NONE) {
			io_team->option[i] = COMPOSE_NONE;
			io_team->open[i] = COMPOSE_TEAM_LIMIT;
		}
	}
	io_team->covered = 0;
	io_team->cost = 0;
}

/** One of them that waits is not for this partner any more: a no perhaps. */
static bool is_broken_at(struct work *w, PB(MatchNeedRecord) *const *needs, size_t len,
			 const char *partner)
{
	for (size_t i = 0; i < len; i++) {
		struct object_id need = id_of(&needs[i]->need->need_id);
		if (need_waits(needs[i]) &&
		    exclude_cause(w, &need, partner) != CAUSE(UNSPECIFIED)) {
			return true;
		}
	}
	return false;
}

/** One of them waits again: the others of the group are let go where nothing is agreed yet, and the
 *  whole is looked for anew. Bounded by the seats of the step. What was asked within the hour stays
 *  unless its partner said no to another: a team that breaks as its seats are given (core_carry.c
 *  is bounded) would be asked and let go without end. */
void whole_let_go(struct work *w, const uint8_t group[GROUP_LEN])
{
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	struct object_id request;

	if (!team_is_whole(w)) {
		return;
	}
	memcpy(request.b, group + GROUP_LEN - OBJECT_ID_LEN, OBJECT_ID_LEN);
	size_t len = needs_of(w, &request, needs);
	for (size_t i = 0; i < len && w->seats_left > 0; i++) {
		struct object_id seat = id_of(&needs[i]->seat_id);
		bool seated = need_is_open(needs[i]) && needs[i]->seat_id.len > 0;
		struct order o = { { 0 } };
		if (seated) {
			o = order_of(needs[i]);
		}
		PB(MatchContributionRecord) *c =
			memcmp(o.b, group, GROUP_LEN) == 0 ? contribution_get(w, &seat) : NULL;
		PB(ContributionState) to;
		bool goes = c != NULL && (w->s->now_ms - c->asked_ms >= CIVIL_HOUR_MS ||
					  is_broken_at(w, needs, len, c->partner));
		if (goes && contribution_next(c->state, EV_RELEASE, &to) == SK_OK) {
			contribution_move(w, c, EV_RELEASE, TELL_PARTNER);
			w->seats_left--;
		}
	}
}
