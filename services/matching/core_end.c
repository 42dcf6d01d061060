/* SPDX-License-Identifier: EUPL-1.2 */
/* When help may end (DOMAIN 4, A11, D13): who helps is let go by its successor's start, by the end
 * of the need (the family said that it is enough, or it was withdrawn), or, when nobody is looked
 * for after it, by the end that was planned with the family. Before that nobody leaves. */
#include <string.h>

#include "services/matching/core_int.h"

#define DAYS_OF_WEEK 7U

/** Help for a crisis has a term of its own, however many weeks were asked. 0: it has none. */
static uint64_t crisis_days(struct work *w, uint32_t expertise)
{
	static const struct {
		const char *code;
		enum setting days;
	} term[] = {
		{ "CRISIS_INTERVENTION", SETTING_CRISIS_INTERVENTION },
		{ "CRISIS_GUIDANCE", SETTING_CRISIS_GUIDANCE },
		{ "CRISIS_STAY", SETTING_CRISIS_STAY },
	};
	const PB(ExpertiseCode) *x = step_expertise(w->s, expertise);

	for (size_t i = 0; x != NULL && i < SK_LEN(term); i++) {
		if (strcmp(x->code, term[i].code) == 0) {
			return step_setting(w->s, term[i].days);
		}
	}
	return 0;
}

/** 0: no end was planned. What a peer remembers of a start that we lost is when it was told. */
static uint64_t planned_end(struct work *w, const PB(MatchContributionRecord) *c,
			    const PB(NeedFact) *n)
{
	uint64_t weeks = (uint64_t)n->duration_weeks * DAYS_OF_WEEK;
	uint64_t crisis = crisis_days(w, n->expertise);
	uint64_t days = crisis != 0 && crisis < weeks ? crisis : weeks;

	uint64_t from_ms = c->started_ms != 0 ? c->started_ms : c->at_ms;

	return days == 0 ? 0 : civil_add_days_local(from_ms, (int32_t)days);
}

static bool successor_started(struct work *w, const PB(MatchContributionRecord) *c)
{
	PB(MatchContributionRecord) *live[LIVE_MAX];
	struct object_id id = id_of(&c->contribution_id);
	struct object_id need = id_of(&c->need_id);
	size_t len = live_of(w, &need, live);

	for (size_t i = 0; i < len; i++) {
		struct object_id other = id_of(&live[i]->contribution_id);
		if (live[i]->state == CSTATE(STARTED) && !object_id_equal(&id, &other)) {
			return true;
		}
	}
	return false;
}

bool may_end(struct work *w, const PB(MatchContributionRecord) *c)
{
	struct object_id need = id_of(&c->need_id);
	const PB(MatchNeedRecord) *n = need_get(w, &need);

	if (n == NULL || n->closed || successor_started(w, c)) {
		return true;
	}
	uint64_t end_ms = n->need == NULL ? 0 : planned_end(w, c, n->need);
	bool as_planned = c->state == CSTATE(STARTED) || (c->ending && !c->hand_on);

	return as_planned && end_ms != 0 && end_ms <= w->s->now_ms;
}
