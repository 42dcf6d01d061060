/* SPDX-License-Identifier: EUPL-1.2 */
/* What one house decides about a child for safety's sake is looked at by another (DOMAIN 4, 7). */
#include <string.h>

#include "services/intake/core_warm.h"

#define INTERRUPT(X) SCHAKEL__V1__INTERRUPT_REASON__INTERRUPT_REASON_##X

void review_owed(struct step *s, struct req *q, const ProtobufCBinaryData *object,
		 const ProtobufCBinaryData *need_id, char *party)
{
	PB(WatchRecord) w = PB_INIT(WATCH_RECORD);

	w.alarm = ALARM(REVIEW_BY_OTHER);
	w.object_id = *object;
	w.need_id = *need_id;
	w.party = party;
	w.due_ms = watch_working_days(s, SETTING_REVIEW_BY_OTHER);
	watch_set(s, q, &w);
}

void review_interrupted(struct step *s, struct req *q, const PB(ContributionChanged) *c)
{
	if (c->interrupt == INTERRUPT(SAFETY) ||
	    (c->interrupt == INTERRUPT(NOT_FITTING) && !MUT(143))) {
		review_owed(s, q, &c->contribution_id, &c->need_id, c->partner);
	}
}

/* A house of the team or who holds, the contact point, the coordinator; never the family, which
 * has its own voice. */
static bool may_review(struct step *s, struct req *q)
{
	if ((s->from.roles & (ROLE_BIT(COORDINATOR) | ROLE_BIT(CONTACT_POINT))) != 0) {
		return true;
	}
	req_live(s, q);
	for (size_t i = 0; i < q->live_len; i++) {
		if (strcmp(q->live[i]->last->partner, s->from.id) == 0) {
			return true;
		}
	}
	return (s->from.roles & ROLE_BIT(FAMILY)) == 0 && may_act(s, q);
}

static void review_say(struct step *s, struct req *q, const PB(WatchRecord) *w, bool confirmed)
{
	PB(Event) e = event_of(q, EVENT(REVIEW));

	e.object_id = w->object_id;
	e.need_id = w->need_id;
	e.party = s->from.id;
	e.ended = confirmed;
	e.zone = q->r->zone;
	say(s, q, e);
	if (!confirmed) {
		watch_say(s, q,
			  w); /* another house sees it otherwise: the contact person is told */
	}
}

int on_review_by_other(struct step *s, const PB(Message) *in)
{
	const PB(RecordReviewByOther) *m = in->record_review_by_other;
	bool of_help = m->contribution_id.len != 0;
	const ProtobufCBinaryData *object = of_help ? &m->contribution_id : &m->need_id;
	struct req q;
	int err = req_open(s, &m->request_id, "request_id", &q);

	if (err != SK_OK) {
		return err;
	}
	if (object->len == 0) {
		return step_refuse(s, REFUSAL(MISSING), "contribution_id");
	}
	if (!may_review(s, &q)) {
		return refuse_not_yours(s, "request_id");
	}
	PB(WatchRecord) *w = watch_find(s, &q, ALARM(REVIEW_BY_OTHER), object);
	if (w == NULL) {
		return s->txn->err != SK_OK ?
			       s->txn->err :
			       refuse_state(s, &q, NULL, of_help ? "contribution_id" : "need_id");
	}
	if (strcmp(organisation_of(s, w->party), organisation_of(s, s->from.id)) == 0 &&
	    !MUT(142)) {
		return step_refuse(s, REFUSAL(SECOND_PARTY), "request_id");
	}
	(void)watch_end(s, &q, ALARM(REVIEW_BY_OTHER), object);
	if (!of_help) {
		rung_reviewed(s, &q, object, m->confirmed);
	}
	review_say(s, &q, w, m->confirmed);
	step_result(s, &q.id, q.r->version);
	return req_settle(s, &q);
}
