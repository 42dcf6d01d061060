/* SPDX-License-Identifier: EUPL-1.2 */
/* Of the view of one person: goals, what is there already, the court. */
#include "common/when.h"
#include "common/words.h"
#include "services/cli/person_forms.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define OWN(X) SCHAKEL__V1__OWN_STATE__OWN_STATE_##X

static void say_goals(const PB(PersonView) *v, struct person_text *t)
{
	struct when_text box;

	if (v->n_goals > 0) {
		form_head(t, form_text(t, FORM_HEAD_GOALS));
	}
	for (size_t i = 0; i < v->n_goals; i++) {
		const PB(PersonGoal) *g = v->goals[i];
		const char *about =
			word_person(SET(life_domain), (int)g->life_domain, t->lang, t->parent);
		const char *state = word_youth(SET(goal_state), (int)g->state, t->lang);
		form_say(t, about[0] == '\0' ? FORM_GOAL : FORM_GOAL_ABOUT, state, about);
		if (g->owner[0] != '\0') {
			form_say(t, FORM_GOAL_OWNER, form_name(t, g->owner), "");
		}
		if (g->review_ms != 0) {
			form_say(t, FORM_GOAL_REVIEW, form_day(t, g->review_ms, &box), "");
		}
	}
}

/* What somebody of the own circle could not do is between them. */
static void say_own(const PB(PersonView) *v, struct person_text *t)
{
	static const enum form of[] = { [OWN(PROPOSED)] = FORM_OWN_PROPOSED,
					[OWN(AGREED)] = FORM_OWN_AGREED,
					[OWN(STARTED)] = FORM_OWN_STARTED,
					[OWN(ENDED)] = FORM_OWN_ENDED };

	if (v->n_strengths + v->n_own > 0) {
		form_head(t, form_text(t, FORM_HEAD_OWN));
	}
	for (size_t i = 0; i < v->n_strengths; i++) {
		form_say(t, FORM_STRENGTH,
			 word_youth(SET(strength_kind), (int)v->strengths[i]->kind, t->lang), "");
	}
	for (size_t i = 0; i < v->n_own; i++) {
		size_t state = (size_t)v->own[i]->state;
		if (state > 0 && state < SK_LEN(of)) {
			form_say(t, of[state],
				 word_youth(SET(supporter_kind), (int)v->own[i]->supporter,
					    t->lang),
				 "");
		}
	}
}

void form_own(const PB(PersonView) *v, struct person_text *t)
{
	say_goals(v, t);
	say_own(v, t);
}

static const char *expertise_of(const struct person_text *t, uint32_t number)
{
	return t->parent ? expertise_parent(number, t->lang) : expertise_youth(number, t->lang);
}

static void say_order(const PB(PersonOrder) *o, struct person_text *t)
{
	struct when_text from;
	struct when_text until;
	bool noted = o->unconfirmed;

	for (size_t k = 0; k < o->n_expertises; k++) {
		form_say(t, noted ? FORM_ORDER_NOTED : FORM_ORDER,
			 expertise_of(t, o->expertises[k]), "");
	}
	if (o->n_expertises == 0) {
		form_say(t, noted ? FORM_ORDER_NOTED_ALL : FORM_ORDER_ALL, "", "");
	}
	if (noted && !o->ended) {
		form_say(t, FORM_ORDER_NOT_YET, "", "");
	} else {
		form_say(t, o->ended ? FORM_ORDER_ENDED : FORM_ORDER_UNTIL,
			 form_day(t, o->until_ms, &until), form_day(t, o->from_ms, &from));
	}
	form_say(t, FORM_ORDER_NUMBER, o->number, "");
}

/* What the court decided, or what somebody wrote down and the court has yet to say. */
static void say_orders(const PB(PersonView) *v, struct person_text *t, bool noted)
{
	bool any = false;

	for (size_t i = 0; i < v->n_orders; i++) {
		if (v->orders[i]->unconfirmed != noted) {
			continue;
		}
		if (!any) {
			form_head(t,
				  form_text(t, noted ? FORM_HEAD_ORDERS_NOTED : FORM_HEAD_ORDERS));
		}
		any = true;
		say_order(v->orders[i], t);
	}
}

void form_orders(const PB(PersonView) *v, struct person_text *t)
{
	say_orders(v, t, false);
	say_orders(v, t, true);
}
