/* SPDX-License-Identifier: EUPL-1.2 */
/* What a CAN_IF waits for (DOMAIN 4, C5). Each condition is coded, and what resolves it is a row of
 * the table: MEET_FIRST the family's yes, and then the partner's word after they have met;
 * START_DATE the family's agreement to the team, in which the date stands; a talk with the contact
 * person, extra hands, transport and an interpreter the partner's own word once they are there,
 * because only the partner sees that they are. A partner may always let its own condition go. While
 * it is open nothing starts (CONDITION_OPEN), its amount is held, and its own clock runs: it lapses
 * as an ask does. */
#include "services/matching/core_int.h"

#define KIND(NAME) SCHAKEL__V1__CAN_IF__CAN_IF_##NAME
#define SPEAKER(NAME) SCHAKEL__V1__SPEAKER__SPEAKER_##NAME

static const struct {
	PB(CanIf) kind;
	enum condition from;
	enum condition_event on;
	enum condition to;
} edge[] = {
	{ KIND(MEET_FIRST), CONDITION_OPEN, CE_ALLOW, CONDITION_MEETING },
	{ KIND(MEET_FIRST), CONDITION_OPEN, CE_FORBID, CONDITION_OVER },
	{ KIND(MEET_FIRST), CONDITION_OPEN, CE_CAN, CONDITION_MET },
	{ KIND(MEET_FIRST), CONDITION_MEETING, CE_FORBID, CONDITION_OVER },
	{ KIND(MEET_FIRST), CONDITION_MEETING, CE_CAN, CONDITION_MET },
	{ KIND(TALK_WITH_CONTACT_PERSON), CONDITION_OPEN, CE_CAN, CONDITION_MET },
	{ KIND(START_DATE), CONDITION_OPEN, CE_CAN, CONDITION_MET },
	{ KIND(START_DATE), CONDITION_OPEN, CE_AGREE, CONDITION_MET },
	{ KIND(EXTRA_HANDS), CONDITION_OPEN, CE_CAN, CONDITION_MET },
	{ KIND(TRANSPORT), CONDITION_OPEN, CE_CAN, CONDITION_MET },
	{ KIND(INTERPRETER), CONDITION_OPEN, CE_CAN, CONDITION_MET },
};

int condition_next(PB(CanIf) kind, enum condition from, enum condition_event on,
		   enum condition *ret_to)
{
	for (size_t i = 0; i < SK_LEN(edge); i++) {
		if (edge[i].kind == kind && edge[i].from == from && edge[i].on == on) {
			*ret_to = edge[i].to;
			return SK_OK;
		}
	}
	return SK_ESTATE;
}

enum condition condition_of(const PB(MatchContributionRecord) *c)
{
	if (c->state != CSTATE(CAN_IF)) {
		return CONDITION_NONE;
	}
	return c->meeting_open ? CONDITION_MEETING : CONDITION_OPEN;
}

/** Resolved without another word of the partner, which said so when it named the condition. */
void condition_agree(struct work *w, PB(MatchContributionRecord) *c)
{
	struct object_id id = id_of(&c->contribution_id);
	struct object_id need = id_of(&c->need_id);
	enum condition to;

	if (condition_next(c->can_if, condition_of(c), CE_AGREE, &to) != SK_OK) {
		return;
	}
	c->holds_until_ms = can_holds_until(w, need_is_crisis(w, &need), 0);
	contribution_move(w, c, EV_CAN, TELL_PARTNER);
	standby_release(w, &need, &id);
}

static int check_meeting(struct work *w, const PB(OpenMeeting) *m)
{
	struct step *s = w->s;

	if (m->speaker == SPEAKER(TRUSTED_PERSON)) {
		/* Stands beside, never consents. */
		return step_refuse(s, REFUSE(CONTRADICTS), "speaker");
	}
	if (m->speaker != SPEAKER(YOUTH) && m->speaker != SPEAKER(ADULT)) {
		return step_refuse(s, REFUSE(MISSING), "speaker");
	}
	if ((m->speaker == SPEAKER(ADULT)) != (m->adult != 0)) {
		return step_refuse(s, m->adult == 0 ? REFUSE(MISSING) : REFUSE(CONTRADICTS),
				   "adult");
	}
	return SK_OK;
}

/** For so long they may meet and think it over; a crisis cannot wait for days. */
static uint64_t meeting_until(struct work *w, bool crisis)
{
	uint64_t days = step_setting(w->s, SETTING_MEETING_OPEN);

	return crisis ? w->s->now_ms + 1000 * step_setting(w->s, SETTING_CAN_HOLDS_CRISIS) :
			w->s->now_ms + days * CIVIL_DAY_MS;
}

static void meeting_opened(struct work *w, PB(MatchContributionRecord) *c)
{
	struct object_id need = id_of(&c->need_id);

	c->meeting_open = true;
	c->answer_by_ms = meeting_until(w, need_is_crisis(w, &need));
	contribution_renew(w, c);
	c->at_ms = w->s->now_ms;
	contribution_clock(w, c, DUE_ANSWER_BY, c->answer_by_ms);
	contribution_put(w, c, TELL_ASK);
}

static void meeting_unwanted(struct work *w, PB(MatchContributionRecord) *c)
{
	struct object_id need = id_of(&c->need_id);

	exclude_add(w, &need, c->partner, CAUSE(DECLINED), 0);
	c->declined = true;
	contribution_move(w, c, EV_DECLINE, TELL_PARTNER);
	round_over(w, &need, false);
}

/** A child that is not judged capable is heard; that a house may meet its family is its parents' to
 *  say (DOMAIN 3). */
static bool is_for_parents(struct work *w, const PB(MatchContributionRecord) *c,
			   const PB(OpenMeeting) *m)
{
	struct object_id request = id_of(&c->request_id);
	const PB(MatchRequestRecord) *r = request_get(w, &request);

	return m->allowed && m->speaker == SPEAKER(YOUTH) && r != NULL && r->request != NULL &&
	       m->child < r->request->n_children && r->request->children[m->child]->parents_decide;
}

int match_open_meeting(struct step *s, const PB(Message) *in)
{
	const PB(OpenMeeting) *m = in->open_meeting;
	PB(MatchContributionRecord) *c = NULL;
	enum condition to;
	struct object_id id;
	struct work w;

	work_init(&w, s);
	int err = contribution_named(s, &m->contribution_id, m->short_code, &id);
	if (err == SK_OK) {
		err = check_meeting(&w, m);
	}
	err = err == SK_OK ? contribution_of_child(&w, &id, m->child, &c) : err;
	if (err != SK_OK) {
		return err;
	}
	if (is_for_parents(&w, c, m)) {
		return step_refuse(s, REFUSE(CONTRADICTS), "speaker");
	}
	enum condition_event on = m->allowed ? CE_ALLOW : CE_FORBID;
	if (condition_next(c->can_if, condition_of(c), on, &to) != SK_OK) {
		return contribution_refuse(&w, c);
	}
	if (to == CONDITION_MEETING) {
		meeting_opened(&w, c);
	} else {
		meeting_unwanted(&w, c);
	}
	step_result(s, &id, c->version);
	return work_settle(&w);
}
