/* SPDX-License-Identifier: EUPL-1.2 */
/* Goals of the plan: in a life domain, in the words of the family, carried by somebody, looked at
 * again on a date. */
#include <string.h>

#include "services/intake/core_inner.h"

#define GOAL(X) SCHAKEL__V1__GOAL_STATE__GOAL_STATE_##X
#define OVERDUE_DAYS 7 /* said again each week until somebody looks */

static const struct {
	PB(GoalState) from;
	PB(GoalState) to;
} edge[] = {
	{ GOAL(UNSPECIFIED), GOAL(OPEN) },   { GOAL(UNSPECIFIED), GOAL(ON_THE_WAY) },
	{ GOAL(OPEN), GOAL(ON_THE_WAY) },    { GOAL(OPEN), GOAL(REACHED) },
	{ GOAL(OPEN), GOAL(LET_GO) },        { GOAL(ON_THE_WAY), GOAL(OPEN) },
	{ GOAL(ON_THE_WAY), GOAL(REACHED) }, { GOAL(ON_THE_WAY), GOAL(LET_GO) },
	{ GOAL(REACHED), GOAL(OPEN) },       { GOAL(LET_GO), GOAL(OPEN) },
};

int goal_next(PB(GoalState) from, PB(GoalState) to)
{
	for (size_t i = 0; i < SK_LEN(edge); i++) {
		if (edge[i].from == from && edge[i].to == to) {
			return SK_OK;
		}
	}
	return SK_ESTATE;
}

struct set_goal {
	const PB(SetGoal) *m;
	struct req q;
	PB(GoalRecord) *g;
	PB(GoalState) to;
};

static PB(GoalRecord) *goal_load(struct step *s, const struct req *q, uint32_t number)
{
	struct key k = key_of_part(&q->id, number);

	return step_get(s, TABLE_GOAL, &k, TYPE(goal_record));
}

static PB(GoalRecord) *goal_new(struct step *s, struct req *q)
{
	static const PB(GoalRecord) empty = PB_INIT(GOAL_RECORD);
	static const PB(GoalView) view = PB_INIT(GOAL_VIEW);
	PB(GoalRecord) *g = step_alloc(s, sizeof(*g));
	PB(GoalView) *v = step_alloc(s, sizeof(*v));

	if (g == NULL || v == NULL) {
		return NULL;
	}
	*g = empty;
	*v = view;
	g->goal = v;
	v->number = q->r->goals_len + 1;
	v->request_id = q->r->request_id;
	return g;
}

static int goal_open(struct step *s, struct set_goal *sg)
{
	if (sg->m->number == 0) {
		if (sg->q.r->goals_len >= GOALS_KEPT_MAX) {
			return step_refuse(s, REFUSAL(TOO_MANY), "number");
		}
		sg->g = goal_new(s, &sg->q);
		return s->txn->err;
	}
	sg->g = goal_load(s, &sg->q, sg->m->number);
	if (sg->g == NULL && s->txn->err == SK_OK) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "number");
	}
	return s->txn->err;
}

static int check_state(struct step *s, struct set_goal *sg)
{
	PB(GoalState) was = sg->g->goal->state;

	sg->to = sg->m->state != 0 ? sg->m->state : was != 0 ? was : GOAL(OPEN);
	if (sg->to != was && goal_next(was, sg->to) != SK_OK) {
		return refuse_state(s, &sg->q, NULL, "state");
	}
	/* Only who has a goal lets it go. */
	if (sg->to != was && sg->to == GOAL(LET_GO) && !family_speaks(s, &sg->q)) {
		return refuse_not_yours(s, "state");
	}
	return SK_OK;
}

static int check_review(struct step *s, uint64_t review_ms)
{
	uint64_t last = civil_add_days_local(s->now_ms, SAID_AHEAD_DAYS);
	bool right = review_ms == 0 || (review_ms > s->now_ms && review_ms <= last);

	return right ? SK_OK : step_refuse(s, REFUSAL(OUT_OF_RANGE), "review_ms");
}

static int check_goal(struct step *s, struct set_goal *sg)
{
	int err = said_open(s, &sg->m->request_id, &sg->q);

	if (err == SK_OK) {
		err = goal_open(s, sg);
	}
	if (err == SK_OK && sg->m->number == 0) {
		err = check_given(s, (int)sg->m->life_domain, "life_domain");
	}
	if (err == SK_OK) {
		err = check_state(s, sg);
	}
	if (err == SK_OK) {
		err = said_party(s, sg->m->owner, "owner");
	}
	if (err == SK_OK) {
		err = said_words(s, &sg->q, sg->m->words, "words");
	}
	if (err == SK_OK) {
		err = said_child(s, &sg->q, sg->m->child);
	}
	return err == SK_OK ? check_review(s, sg->m->review_ms) : err;
}

static bool goal_runs(const PB(GoalRecord) *g)
{
	return g->goal->state == GOAL(OPEN) || g->goal->state == GOAL(ON_THE_WAY);
}

/* The row of its review stands exactly while somebody goes for it. */
static void review_row(struct step *s, const struct req *q, PB(GoalRecord) *g, uint64_t due_ms)
{
	if (g->due_ms != 0) {
		step_undue(s, g->due_ms, DUE_GOAL, &q->id, g->goal->number);
	}
	g->due_ms = goal_runs(g) ? due_ms : 0;
	if (g->due_ms != 0) {
		step_due(s, g->due_ms, DUE_GOAL, &q->id, g->goal->number);
	}
}

static void goal_save(struct step *s, const struct req *q, PB(GoalRecord) *g)
{
	struct key k = key_of_part(&q->id, g->goal->number);

	step_put(s, TABLE_GOAL, &k, g);
}

static PB(Event) event_goal(const struct req *q, const PB(GoalRecord) *g)
{
	PB(Event) e = event_of(q, EVENT(GOAL));

	e.number = g->goal->number;
	e.goal_state = g->goal->state;
	e.life_domain = g->goal->life_domain;
	e.child = g->goal->child;
	e.party = g->goal->owner;
	e.due_ms = g->due_ms;
	e.ended = !goal_runs(g);
	return e;
}

static void goal_set(struct step *s, struct set_goal *sg)
{
	const PB(SetGoal) *m = sg->m;
	PB(GoalView) *v = sg->g->goal;

	v->life_domain = m->life_domain != 0 ? m->life_domain : v->life_domain;
	v->state = sg->to;
	v->owner = m->owner[0] != '\0' || m->number == 0 ? m->owner : v->owner;
	v->child = m->number == 0 ? m->child : v->child;
	v->at_ms = s->now_ms;
	v->review_ms = m->review_ms != 0 ?
			       m->review_ms :
			       civil_end_of_day(civil_add_days_local(
				       s->now_ms, (int32_t)step_setting(s, SETTING_PLAN_REVIEW)));
	if (m->words != NULL) {
		words_put(s, &sg->q, m->words, true);
		sg->g->person_id = m->words->person_id;
		sg->g->words_version = m->words->version;
	}
}

int on_goal(struct step *s, const PB(Message) *in)
{
	struct set_goal sg = { .m = in->set_goal };
	int err = check_goal(s, &sg);

	if (err != SK_OK) {
		return err;
	}
	goal_set(s, &sg);
	if (sg.g->goal->number > sg.q.r->goals_len) {
		sg.q.r->goals_len = sg.g->goal->number;
	}
	review_row(s, &sg.q, sg.g, sg.g->goal->review_ms);
	goal_save(s, &sg.q, sg.g);
	req_save(s, &sg.q);
	say(s, &sg.q, event_goal(&sg.q, sg.g));
	step_result(s, &sg.q.id, sg.g->goal->number);
	return s->txn->err;
}

int due_goal(struct step *s, const struct object_id *id, uint32_t number, uint64_t due_ms)
{
	struct req q;

	if (!req_load(s, id, &q)) {
		return s->txn->err;
	}
	PB(GoalRecord) *g = goal_load(s, &q, number);
	if (g == NULL || g->due_ms != due_ms) {
		return s->txn->err;
	}
	g->due_ms = 0; /* the row that ran is gone */
	if (q.r->open) {
		PB(Event) e = event_goal(&q, g);
		e.kind = EVENT(ALARM);
		e.alarm = ALARM(REVIEW_OVERDUE);
		e.due_ms = due_ms;
		e.party = e.party[0] == '\0' ? q.r->contact_party : e.party;
		say(s, &q, e);
		review_row(s, &q, g,
			   civil_end_of_day(civil_add_days_local(s->now_ms, OVERDUE_DAYS)));
	}
	goal_save(s, &q, g);
	return s->txn->err;
}

/* What was said while the request was closed was kept quiet about: it comes up again in a while. */
void goals_wake(struct step *s, struct req *q)
{
	uint64_t soon = civil_end_of_day(civil_add_days_local(s->now_ms, OVERDUE_DAYS));

	for (uint32_t i = 1; i <= q->r->goals_len; i++) {
		PB(GoalRecord) *g = goal_load(s, q, i);
		if (g == NULL || g->due_ms != 0 || g->goal->review_ms == 0) {
			continue;
		}
		review_row(s, q, g, g->goal->review_ms > soon ? g->goal->review_ms : soon);
		goal_save(s, q, g);
	}
}

void goals_view(struct step *s, const struct req *q, PB(PlanView) *v)
{
	for (uint32_t i = 1; i <= q->r->goals_len; i++) {
		PB(GoalRecord) *g = goal_load(s, q, i);
		if (g == NULL) {
			continue;
		}
		g->goal->words = said_find(s, q, &g->person_id, g->words_version);
		v->goals[v->n_goals++] = g->goal;
	}
}
