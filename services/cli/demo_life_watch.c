/* SPDX-License-Identifier: EUPL-1.2 */
/* What stays owed once help runs: links with basic support, reviews, the text after one tap, what
 * somebody asked to be another one, aftercare and coming back. */
#include "services/cli/demo_life.h"

#define WELL_SHARE 850 /* per mille of those whom aftercare asks */
#define OTHER_CONTACT SCHAKEL__V1__OTHER_WANTED__OTHER_WANTED_CONTACT_PERSON

static bool ask_intake(struct demo *d, uint32_t who, PB(Message) *m)
{
	return demo_done_well(demo_command(d, who, DEMO_INTAKE, m));
}

static void basic_link(struct demo *d, struct demo_deed *x, PB(Flow) flow)
{
	PB(RecordBasicLink) b = PB_INIT(RECORD_BASIC_LINK);
	PB(Message) m = PB_INIT(MESSAGE);
	uint32_t who = x->r == NULL ? d->cast.len : demo_house(d, x, ROLE_BIT(BASIC_SUPPORT));

	if (who == d->cast.len || !x->r->open) {
		return;
	}
	b.request_id = object_id_data(&x->r->id);
	b.flow = flow;
	b.link = SCHAKEL__V1__BASIC_LINK__BASIC_LINK_PRESENT;
	b.party = demo_party_id(d, who);
	m.body_case = BODY(RECORD_BASIC_LINK);
	m.record_basic_link = &b;
	(void)ask_intake(d, demo_contact(d, x->r), &m);
}

static void basic_in(struct demo *d, struct demo_deed *x)
{
	basic_link(d, x, SCHAKEL__V1__FLOW__FLOW_IN);
}

static void basic_through(struct demo *d, struct demo_deed *x)
{
	basic_link(d, x, SCHAKEL__V1__FLOW__FLOW_THROUGH);
}

static void basic_out(struct demo *d, struct demo_deed *x)
{
	basic_link(d, x, SCHAKEL__V1__FLOW__FLOW_OUT);
}

/* --- reviews --- */

static void review_done(struct demo *d, struct demo_deed *x)
{
	PB(RecordReviewByOther) v = PB_INIT(RECORD_REVIEW_BY_OTHER);
	PB(Message) m = PB_INIT(MESSAGE);

	if (x->r == NULL || !x->r->open) {
		return;
	}
	v.request_id = object_id_data(&x->r->id);
	v.confirmed = true;
	if (x->s != NULL) {
		v.contribution_id = object_id_data(&x->s->id);
	} else {
		v.need_id = object_id_data(&x->it.id);
	}
	m.body_case = BODY(RECORD_REVIEW_BY_OTHER);
	m.record_review_by_other = &v;
	(void)ask_intake(d, d->cast.coordinator, &m);
}

static void climb(struct demo *d, struct demo_deed *x, const ProtobufCBinaryData *need, bool text)
{
	static const char words[] = "{\"story\":\"Verzonnen reden van het gevaar.\"}";
	PB(ClimbRung) c = PB_INIT(CLIMB_RUNG);
	PB(Capsule) capsule = PB_INIT(CAPSULE);
	PB(Message) m = PB_INIT(MESSAGE);

	if (text && !demo_seal(d, (struct slice){ words, sizeof(words) - 1 }, &capsule)) {
		return;
	}
	c.request_id = object_id_data(&x->r->id);
	c.need_id = *need;
	c.reason = SCHAKEL__V1__RUNG_REASON__RUNG_REASON_DANGER;
	c.danger = SCHAKEL__V1__DANGER_REASON__DANGER_REASON_VIOLENCE;
	c.text = text ? &capsule : NULL;
	m.body_case = BODY(CLIMB_RUNG);
	m.climb_rung = &c;
	(void)ask_intake(d, d->cast.contact_point, &m);
}

static void rung_danger(struct demo *d, struct demo_deed *x)
{
	const PB(RequestItem) *now =
		x->r == NULL || !x->r->open ? NULL : demo_look(d, d->cast.contact_point, x->r);

	if (now != NULL && now->n_needs > 0) {
		climb(d, x, &now->needs[0]->need->need_id, false);
	}
}

static void rung_text_given(struct demo *d, struct demo_deed *x)
{
	ProtobufCBinaryData need = object_id_data(&x->it.id);

	if (x->r != NULL && x->r->open) {
		climb(d, x, &need, true);
	}
}

/* --- another worker, another contact person --- */

static bool name_other_contact(struct demo *d, struct demo_deed *x)
{
	PB(NameContactPerson) c = PB_INIT(NAME_CONTACT_PERSON);
	PB(Message) m = PB_INIT(MESSAGE);
	const struct demo_zone *z = &d->region.zone[x->r->zone];
	bool back = x->r->contact != 0;

	c.request_id = object_id_data(&x->r->id);
	c.party = (char *)(uintptr_t)(back ? z->duty : z->stand_in);
	c.stand_in = (char *)(uintptr_t)(back ? z->stand_in : z->duty);
	m.body_case = BODY(NAME_CONTACT_PERSON);
	m.name_contact_person = &c;
	bool well = ask_intake(d, d->cast.coordinator, &m);
	if (well) {
		x->r->contact = demo_cast_find(&d->cast, c.party) + 1;
	}
	return well;
}

/* A worker: no other one is there yet in nine of ten, which is said; a contact person changes. */
static void other_answered(struct demo *d, struct demo_deed *x)
{
	const PB(RequestItem) *now = x->r == NULL || !x->r->open ||
						     x->r->zone >= d->region.zones_len ?
					     NULL :
					     demo_look(d, d->cast.coordinator, x->r);
	PB(AnswerOther) a = PB_INIT(ANSWER_OTHER);
	PB(Message) m = PB_INIT(MESSAGE);
	const PB(OtherWantedView) *asked = NULL;

	for (size_t i = 0; now != NULL && i < now->n_others_wanted; i++) {
		bool open = now->others_wanted[i]->answered_ms == 0;
		asked = open ? now->others_wanted[i] : asked;
	}
	if (asked == NULL) {
		return;
	}
	bool contact = asked->wanted == OTHER_CONTACT;
	a.request_id = object_id_data(&x->r->id);
	a.number = asked->number;
	a.done = contact && name_other_contact(d, x);
	m.body_case = BODY(ANSWER_OTHER);
	m.answer_other = &a;
	(void)ask_intake(d, contact ? d->cast.coordinator : demo_contact(d, x->r), &m);
}

/* --- afterwards --- */

static void aftercare_checked(struct demo *d, struct demo_deed *x)
{
	PB(RecordCheckIn) c = PB_INIT(RECORD_CHECK_IN);
	PB(Message) m = PB_INIT(MESSAGE);

	if (x->r == NULL) {
		return;
	}
	c.need_id = object_id_data(&x->it.id);
	c.well = demo_rand_share(&x->luck, WELL_SHARE);
	m.body_case = BODY(RECORD_CHECK_IN);
	m.record_check_in = &c;
	bool said = ask_intake(d, demo_contact(d, x->r), &m);
	struct demo_need_row *n = demo_need(&d->world, &c.need_id);
	if (said && !c.well && n != NULL) {
		n->unwell = true;
	}
}

/* Who is in a crisis again calls, and it is pushed anew: its help has no place outside one. */
static void reentry(struct demo *d, struct demo_deed *x)
{
	PB(ReopenNeed) o = PB_INIT(REOPEN_NEED);
	PB(Message) m = PB_INIT(MESSAGE);

	o.need_id = object_id_data(&x->it.id);
	const struct demo_need_row *n = demo_need(&d->world, &o.need_id);
	if (x->r == NULL || (n != NULL && demo_of_crisis(n))) {
		return;
	}
	m.body_case = BODY(REOPEN_NEED);
	m.reopen_need = &o;
	if (ask_intake(d, d->cast.family, &m)) {
		demo_tell(d, TOLD(DEMO_STORY, x->r->code),
			  "Het gezin vraagt weer hulp; de weg terug is open, zonder nieuwe intake.",
			  "The family asks for help again; the way back is open, without a new "
			  "intake.");
	}
}

const struct demo_deed_row demo_deeds_watch[] = {
	{ "basic_in", basic_in },
	{ "basic_through", basic_through },
	{ "basic_out", basic_out },
	{ "review_done", review_done },
	{ "rung_danger", rung_danger },
	{ "rung_text_given", rung_text_given },
	{ "other_answered", other_answered },
	{ "aftercare_checked", aftercare_checked },
	{ "reentry", reentry },
	{ NULL, NULL },
};
