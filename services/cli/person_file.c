/* SPDX-License-Identifier: EUPL-1.2 */
/* The whole file in sentences: every answer as that partner's words about itself (DOMAIN 10). */
#include <string.h>

#include "common/when.h"
#include "common/words.h"
#include "services/cli/person_forms.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define STATE(X) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##X
#define ANSWER(X) SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_##X

/* What it said first, also when it went on from there. */
static void say_answer(const PB(ContributionChanged) *c, struct person_text *t)
{
	const char *who = form_name(t, c->partner);
	struct when_text box;

	switch ((int)c->answer) {
	case ANSWER(CAN):
		form_say(t, FORM_ANSWER_CAN, who, "");
		break;
	case ANSWER(CAN_IF):
		form_say(t, FORM_ANSWER_CAN_IF, who,
			 word_youth(SET(can_if), (int)c->can_if, t->lang));
		break;
	case ANSWER(NOT_NOW):
		form_say(t, FORM_ANSWER_NOT_NOW, who, form_day(t, c->until_ms, &box));
		break;
	case ANSWER(NOT_OURS):
		form_say(t, c->suggests[0] == '\0' ? FORM_ANSWER_NOT_OURS : FORM_ANSWER_SUGGESTS,
			 who, form_name(t, c->suggests));
		break;
	default:
		form_say(t, FORM_ANSWER_ASKED, who, "");
		break;
	}
}

static void say_since(const PB(ContributionChanged) *c, struct person_text *t)
{
	const char *who = form_name(t, c->partner);
	struct when_text box;
	const char *at = form_day(t, c->at_ms, &box);

	switch ((int)c->state) {
	case STATE(LAPSED):
		form_say(t, FORM_ANSWER_LAPSED, who, "");
		break;
	case STATE(RELEASED):
		form_say(t, FORM_ANSWER_RELEASED, who, "");
		break;
	case STATE(TAKEN_BACK):
		form_say(t, FORM_ANSWER_TAKEN_BACK, who, "");
		break;
	case STATE(AGREED):
		form_say(t, FORM_AGREED, who, "");
		break;
	case STATE(STARTED):
		form_say(t, FORM_STARTED, who, at);
		break;
	case STATE(INTERRUPTED):
		form_say(t, FORM_INTERRUPTED, who, "");
		break;
	case STATE(HANDING_ON):
		form_say(t, FORM_HANDING_ON_SOON, who, "");
		break;
	case STATE(ENDED):
		form_say(t, FORM_ANSWER_HELPED, who, at);
		break;
	case STATE(STOPPED_BY_YOUTH):
		form_say(t, FORM_ANSWER_STOPPED, who, at);
		break;
	default:
		break;
	}
}

static void say_contribution(const PB(ContributionChanged) *c, struct person_text *t)
{
	say_answer(c, t);
	say_since(c, t);
}

static void say_kept(const PB(KeptBackView) *k, struct person_text *t)
{
	struct when_text box;

	form_say(t, FORM_KEPT, word_youth(SET(kept_back), (int)k->ground, t->lang), "");
	if (k->party[0] != '\0') {
		form_say(t, FORM_KEPT_BY, form_name(t, k->party), form_day(t, k->at_ms, &box));
	}
	if (k->ground == SCHAKEL__V1__KEPT_BACK__KEPT_BACK_OWN_GOOD) {
		form_say(t, FORM_KEPT_TRUSTED, "", "");
	}
}

static void say_own_words(const PB(FileView) *v, struct person_text *t)
{
	struct when_text box;

	if (v->n_positions > 0) {
		form_head(t, form_text(t, FORM_HEAD_SAID));
	}
	for (size_t i = 0; i < v->n_positions; i++) {
		const PB(PositionView) *p = v->positions[i];
		form_say(t, FORM_SAID, form_day(t, p->at_ms, &box),
			 word_youth(SET(voice), (int)p->voice, t->lang));
	}
}

/* One key speaks for the whole family: in whose name it was is what counts. */
static enum form look_form(const PB(LookView) *l, const struct person_text *t)
{
	bool adult = l->speaker == SCHAKEL__V1__SPEAKER__SPEAKER_ADULT;

	if (l->speaker == SCHAKEL__V1__SPEAKER__SPEAKER_TRUSTED_PERSON) {
		return FORM_LOOKED_TRUSTED;
	}
	return adult == t->parent ? FORM_LOOKED_OWN : FORM_LOOKED_ADULT;
}

void person_file(const PB(FileView) *v, struct person_text *io_t)
{
	struct when_text box;

	say_own_words(v, io_t);
	if (v->n_contributions > 0) {
		form_head(io_t, form_text(io_t, FORM_HEAD_ANSWERS));
	}
	for (size_t i = 0; i < v->n_contributions; i++) {
		say_contribution(v->contributions[i], io_t);
	}
	if (v->person != NULL) {
		form_head(io_t, form_text(io_t, FORM_HEAD_KEPT));
	}
	for (size_t i = 0; i < v->n_kept_back; i++) {
		say_kept(v->kept_back[i], io_t);
	}
	if (v->person != NULL && v->n_kept_back == 0) {
		form_say(io_t, FORM_NOTHING_KEPT, "", "");
	}
	if (v->n_looks > 0) {
		form_head(io_t, form_text(io_t, FORM_HEAD_LOOKS));
	}
	for (size_t i = 0; i < v->n_looks; i++) {
		const PB(LookView) *l = v->looks[i];
		form_say(io_t, look_form(l, io_t), form_day(io_t, l->at_ms, &box),
			 form_name(io_t, l->party));
	}
}
