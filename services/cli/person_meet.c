/* SPDX-License-Identifier: EUPL-1.2 */
/* A house that wants to meet first, as child and parent are asked for it. */
#include "services/cli/person_forms.h"

/* C5: only the family says whether they may meet, so that is asked, with how to answer. */
void person_meet(const PB(PersonView) *v, const PB(PersonMeet) *m, struct person_text *t)
{
	const char *who = form_name(t, m->partner);
	const char *contact = form_name(t, v->contact_party);
	struct when_text box;

	if (m->allowed) {
		form_say(t, m->until_ms == 0 ? FORM_MEET_YES : FORM_MEET_UNTIL, who,
			 form_day(t, m->until_ms, &box));
		form_say(t, FORM_MEET_BACK, contact, m->short_code);
		return;
	}
	form_say(t, FORM_MEET, who, "");
	form_say(t, FORM_MEET_SAY, contact, m->short_code);
	form_say(t, FORM_NO_COST, "", "");
	if (m->until_ms != 0) {
		form_say(t, FORM_MEET_BY, form_day(t, m->until_ms, &box), "");
	}
}
