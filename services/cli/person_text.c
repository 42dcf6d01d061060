/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/person_text.h"

#include <string.h>

#include "common/when.h"
#include "common/words.h"
#include "services/cli/person_forms.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define STATE(X) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##X
#define NEED(X) SCHAKEL__V1__NEED_STATE__NEED_STATE_##X
#define NEXT(X) SCHAKEL__V1__NEXT_STEP__NEXT_STEP_##X
#define GROUND(X) SCHAKEL__V1__GROUND__GROUND_##X

static const char *form_phone(const struct person_text *t, const char *party)
{
	return t->phone == NULL || party[0] == '\0' ? "" : t->phone(t->ctx, party);
}

static const char *expertise_word(const struct person_text *t, uint32_t number)
{
	return t->parent ? expertise_parent(number, t->lang) : expertise_youth(number, t->lang);
}

/* --- who holds, what is next --- */

static void say_holders(const PB(PersonView) *v, struct person_text *t)
{
	char all[PERSON_LINE_MAX / 2] = "";
	size_t len = 0;

	for (size_t i = 0; i < v->n_holders && len < sizeof(all); i++) {
		const char *join = i == 0 ? "" : i + 1 < v->n_holders ? ", " : NULL;
		join = join != NULL ? join : t->lang == LANG_NL ? " en " : " and ";
		len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s", join,
					form_name(t, v->holders[i]));
	}
	if (v->n_holders > 0) {
		form_say(t, v->n_holders == 1 ? FORM_HOLDS : FORM_HOLD, all, "");
	}
}

static void say_contact(const PB(PersonView) *v, struct person_text *t)
{
	if (v->contact_party[0] == '\0') {
		return;
	}
	form_say(t, v->contact_named ? FORM_CONTACT : FORM_CONTACT_DUTY,
		 form_name(t, v->contact_party), "");
	if (v->contact_late) {
		form_say(t, FORM_CONTACT_LATE, "", "");
	}
	if (form_phone(t, v->contact_party)[0] != '\0') {
		form_say(t, FORM_PHONE, form_name(t, v->contact_party),
			 form_phone(t, v->contact_party));
	}
	if (v->stand_in_party[0] != '\0') {
		form_say(t, FORM_STAND_IN, form_name(t, v->stand_in_party), "");
	}
}

/* A crisis is told by the hour: a day is too coarse for a child that needs a bed tonight. */
static const char *moment(const struct person_text *t, uint64_t at_ms, struct when_text *box)
{
	*box = when_show(at_ms, t->lang);
	return box->s;
}

static void say_promise(const PB(PersonView) *v, uint64_t at_ms, struct person_text *t)
{
	bool advice = v->kind == SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_CONSULT;
	struct when_text box;

	if (v->urgency == SCHAKEL__V1__URGENCY__URGENCY_CRISIS) {
		form_say(t, FORM_NEXT_PROMISE, moment(t, at_ms, &box), "");
	} else {
		form_say(t, advice ? FORM_NEXT_ADVICE : FORM_NEXT_ANSWER, form_day(t, at_ms, &box),
			 "");
	}
}

/* Somebody calls or talks; who gave no name calls back with the number of the question. */
static void say_next_talk(const PB(PersonView) *v, enum form form, struct person_text *t)
{
	struct when_text box;
	bool hour = v->next == NEXT(CALL);

	if (v->next_party[0] == '\0') {
		form_say(t, FORM_ASK_AGAIN, "", "");
		return;
	}
	form_say(t, form, hour ? moment(t, v->next_ms, &box) : form_day(t, v->next_ms, &box),
		 form_name(t, v->next_party));
}

static void say_next_step(const PB(PersonView) *v, struct person_text *t)
{
	static const struct {
		PB(NextStep) next;
		enum form form;
	} of[] = {
		{ NEXT(CONTACT), FORM_NEXT_CONTACT },     { NEXT(START), FORM_NEXT_START },
		{ NEXT(RETURN), FORM_NEXT_RETURN },       { NEXT(PLANNED_END), FORM_NEXT_END },
		{ NEXT(AFTERCARE), FORM_NEXT_AFTERCARE },
	};
	struct when_text box;

	for (size_t i = 0; i < SK_LEN(of); i++) {
		if (of[i].next == v->next) {
			form_say(t, of[i].form, form_day(t, v->next_ms, &box),
				 form_name(t, v->next_party));
		}
	}
	if (v->next == NEXT(ANSWER) || v->next == NEXT(ADVICE)) {
		say_promise(v, v->next_ms, t);
	} else if (v->next == NEXT(OVERDUE) || v->next == NEXT(CALL)) {
		say_next_talk(v, FORM_NEXT_CALL, t);
	} else if (v->next == NEXT(TALK)) {
		say_next_talk(v, FORM_NEXT_TALK, t);
	}
}

/* D1, L10: who looks now, whom to call, and what when it gets worse. */
static void say_crisis(const PB(PersonView) *v, struct person_text *t)
{
	const char *who = form_name(t, v->crisis_party);
	const char *phone = form_phone(t, v->crisis_party);

	if (v->crisis_party[0] == '\0') {
		return;
	}
	form_say(t, phone[0] == '\0' ? FORM_WORSE_SAY : FORM_WORSE_CALL, who, phone);
	form_say(t, FORM_DANGER, "", "");
}

static void say_tables(const PB(PersonView) *v, struct person_text *t)
{
	struct when_text box;

	for (size_t i = 0; i < v->n_tables; i++) {
		const PB(PersonTable) *p = v->tables[i];
		bool planned = p->state == SCHAKEL__V1__CASE_TABLE_STATE__CASE_TABLE_STATE_PLANNED;
		form_say(t, planned ? FORM_TABLE_PLANNED : FORM_TABLE_CALLED,
			 planned ? moment(t, p->planned_ms, &box) : form_day(t, p->due_ms, &box),
			 "");
	}
}

static void say_next(const PB(PersonView) *v, struct person_text *t)
{
	struct when_text box;

	if (v->over_term) {
		form_say(t, FORM_OVER_TERM, "", "");
	}
	if (v->crisis_party[0] != '\0') {
		form_say(t, FORM_CRISIS_LOOKS, form_name(t, v->crisis_party), "");
	}
	if (v->next_ms != 0) {
		say_next_step(v, t);
	}
	if (v->answer_due_ms != 0 && !v->over_term && v->next != NEXT(ANSWER) &&
	    v->next != NEXT(ADVICE)) {
		say_promise(v, v->answer_due_ms, t);
	}
	say_tables(v, t);
	if (v->family_wish_until_ms != 0) {
		form_say(t, FORM_FAMILY_WISH, form_day(t, v->family_wish_until_ms, &box), "");
	}
	if (v->bridging_party[0] != '\0') {
		form_say(t, FORM_BRIDGE, form_name(t, v->bridging_party), "");
	}
	say_crisis(v, t);
}

/* --- one need --- */

static void say_handing_on(const PB(PersonNeed) *n, const PB(PersonHelp) *h, struct person_text *t)
{
	for (size_t i = 0; i < n->n_help; i++) {
		bool other = strcmp(n->help[i]->partner, h->partner) != 0;
		if (other && n->help[i]->state != STATE(HANDING_ON)) {
			form_say(t, FORM_HANDING_ON, form_name(t, n->help[i]->partner),
				 form_name(t, h->partner));
			return;
		}
	}
	form_say(t, FORM_HANDING_ON_SOON, form_name(t, h->partner), "");
}

static void say_help(const PB(PersonNeed) *n, const PB(PersonHelp) *h, struct person_text *t)
{
	const char *who = form_name(t, h->partner);
	struct when_text box;

	switch ((int)h->state) {
	case STATE(AGREED):
		form_say(t, h->start_at_ms == 0 ? FORM_AGREED : FORM_AGREED_FROM, who,
			 form_day(t, h->start_at_ms, &box));
		break;
	case STATE(STARTED):
		form_say(t, FORM_STARTED, who, form_day(t, h->at_ms, &box));
		break;
	case STATE(INTERRUPTED):
		form_say(t, FORM_INTERRUPTED, who, "");
		form_say(t, h->back_ms == 0 ? FORM_HOLDS : FORM_RETURNS, who,
			 form_day(t, h->back_ms, &box));
		break;
	case STATE(HANDING_ON):
		say_handing_on(n, h, t);
		break;
	default:
		break;
	}
	if (h->shielded) {
		form_say(t, FORM_SHIELDED, "", "");
	}
}

static void say_proposed(const PB(PersonNeed) *n, struct person_text *t)
{
	for (size_t i = 0; i < n->n_proposed; i++) {
		const PB(PersonSeat) *p = n->proposed[i];
		form_say(t, p->other ? FORM_OTHER : FORM_PROPOSED, form_name(t, p->partner),
			 word_person(SET(modality), (int)p->modality, t->lang, t->parent));
	}
}

/* Since when, for want of what, and when somebody looks again (DOMAIN 6). */
static void say_wait(const PB(PersonNeed) *n, struct person_text *t)
{
	struct when_text box;

	if (n->waits_since_ms == 0) {
		return;
	}
	form_say(t, FORM_WAITS_SINCE, form_day(t, n->waits_since_ms, &box), "");
	if (n->waits_for != 0) {
		form_say(t, FORM_WAITS_FOR,
			 word_person(SET(shortfall), (int)n->waits_for, t->lang, t->parent), "");
	}
	if (n->excludes && n->waits_for == SCHAKEL__V1__SHORTFALL__SHORTFALL_NO_CAPACITY) {
		form_say(t, FORM_WAITS_EXCLUDES, "", "");
	}
	if (n->review_ms != 0) {
		form_say(t, FORM_WAITS_REVIEW, form_day(t, n->review_ms, &box), "");
	}
}

static void say_need_state(const PB(PersonNeed) *n, struct person_text *t)
{
	switch ((int)n->state) {
	case NEED(AFTERCARE):
		form_say(t, FORM_AFTERCARE, "", "");
		break;
	case NEED(CLOSED):
		form_say(t, FORM_CLOSED, "", "");
		break;
	case NEED(WITHDRAWN):
		form_say(t, FORM_WITHDRAWN, "", "");
		break;
	case NEED(OPEN):
	case NEED(ANSWERED):
	case NEED(SUPPORTED):
		if (n->n_help == 0 && n->n_proposed == 0) {
			form_say(t, FORM_SEARCHING, "", "");
		}
		say_wait(n, t);
		break;
	default:
		break;
	}
}

static void say_need(const PB(PersonView) *v, const PB(PersonNeed) *n, struct person_text *t)
{
	form_head(t, expertise_word(t, n->expertise));
	for (size_t i = 0; i < n->n_help; i++) {
		say_help(n, n->help[i], t);
	}
	say_proposed(n, t);
	for (size_t i = 0; i < n->n_meets; i++) {
		person_meet(v, n->meets[i], t);
	}
	say_need_state(n, t);
}

/* --- words, story --- */

/* Help that is proposed where nobody helps yet: only then its ground is news. What is agreed on
 * says so itself. */
static bool awaits_start(const PB(PersonView) *v)
{
	for (size_t i = 0; i < v->n_needs; i++) {
		const PB(PersonNeed) *n = v->needs[i];
		if (n->n_proposed > 0 && n->n_help == 0) {
			return true;
		}
	}
	return false;
}

static void say_ground(const PB(PersonView) *v, struct person_text *t)
{
	static const enum form of[] = { [GROUND(AGREED)] = FORM_GROUND_AGREED,
					[GROUND(COURT_ORDER)] = FORM_GROUND_COURT,
					[GROUND(EMERGENCY)] = FORM_GROUND_EMERGENCY,
					[GROUND(UNCLEAR)] = FORM_GROUND_UNCLEAR };
	size_t g = (size_t)v->ground;

	if (g > 0 && g < SK_LEN(of)) {
		form_say(t, of[g], "", "");
	}
}

static void say_words(const PB(PersonView) *v, struct person_text *t)
{
	struct when_text box;

	bool ground = v->ground != 0 && awaits_start(v);

	if (!v->my_word && !v->other_word && !v->child_heard && v->said == 0 && !ground) {
		return;
	}
	form_head(t, form_text(t, FORM_HEAD_WORDS));
	if (v->said != 0) {
		form_say(t, FORM_SAID, form_day(t, v->said_ms, &box),
			 word_youth(SET(voice), (int)v->said, t->lang));
	}
	if (v->my_word) {
		form_say(t, FORM_MY_WORD, "", "");
		form_say(t, FORM_NO_COST, "", "");
	}
	if (v->child_heard) {
		form_say(t, FORM_CHILD_HEARD, "", "");
	}
	if (v->other_word && !v->my_word && v->said == 0 && t->parent) {
		form_say(t, FORM_NOT_MY_WORD, "", "");
	}
	if (v->other_word) {
		form_say(t, FORM_OTHER_WORD, "", "");
	}
	if (ground) {
		say_ground(v, t);
	}
}

static void say_story(const PB(PersonView) *v, struct person_text *t)
{
	struct when_text box;

	bool file = !t->whole && v->contact_party[0] != '\0';

	if (!file && v->told_versions == 0) {
		return;
	}
	form_head(t, form_text(t, FORM_HEAD_FILE));
	if (v->told_versions == 1) {
		form_say(t, FORM_TOLD, form_day(t, v->told_ms, &box), "");
	}
	if (v->told_versions > 1) {
		form_say(t, FORM_TOLD_ANEW, form_day(t, v->told_ms, &box), "");
		form_say(t, FORM_OWN_FIRST, "", "");
	}
	if (file) {
		form_say(t, FORM_FILE, "", "");
	}
}

/* Which of several children this is about, to who may see more than one. */
static void say_child(const PB(PersonView) *v, struct person_text *t)
{
	char number[16];
	char all[16];

	if (v->children > 1) {
		(void)snprintf(number, sizeof(number), "%u", v->child + 1);
		(void)snprintf(all, sizeof(all), "%u", v->children);
		form_say(t, FORM_CHILD_OF, number, all);
	}
}

void person_timeline(const PB(PersonView) *v, struct person_text *io_t)
{
	struct when_text box;

	io_t->parent = v->speaker == SCHAKEL__V1__SPEAKER__SPEAKER_ADULT;
	form_title(io_t, form_text(io_t, FORM_TITLE));
	say_child(v, io_t);
	if (v->received_ms != 0 && v->asked_by[0] != '\0') {
		bool advice = v->kind == SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_CONSULT;
		form_say(io_t, advice ? FORM_ASKED_ADVICE : FORM_ASKED,
			 form_day(io_t, v->received_ms, &box), form_name(io_t, v->asked_by));
	}
	if (!v->open) {
		form_say(io_t, FORM_DONE, "", "");
	}
	say_holders(v, io_t);
	say_contact(v, io_t);
	if (v->plan) {
		form_say(io_t, FORM_PLAN, "", "");
	}
	if (v->next_ms != 0 || v->crisis_party[0] != '\0') {
		form_head(io_t, form_text(io_t, FORM_HEAD_NEXT));
		say_next(v, io_t);
	}
	if (io_t->parent && !v->sees_child) {
		form_head(io_t, form_text(io_t, FORM_HEAD_CHILD));
		form_say(io_t, FORM_CHILD_OWN, "", "");
	}
	for (size_t i = 0; i < v->n_needs; i++) {
		say_need(v, v->needs[i], io_t);
	}
	form_own(v, io_t);
	say_words(v, io_t);
	form_orders(v, io_t);
	say_story(v, io_t);
}
