/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/intake/core_inner.h"

/* ON_FAMILY_WISH is set and lifted by the family alone. What the list and the teams may know: until
 * when the family itself waits. The month clock goes on (L6); what runs out of term meanwhile
 * carries this date, so that it is counted apart. */
static int wish_told(struct step *s, struct req *q)
{
	q->r->version = step_next_version(s, q->r->version);
	say(s, q, event_request(q));
	needs_opened_emit(s, q);
	return req_settle(s, q);
}

int on_family_wish(struct step *s, const PB(Message) *in)
{
	const PB(SetFamilyWish) *m = in->set_family_wish;
	uint64_t last = civil_add_days_local(s->now_ms, SAID_AHEAD_DAYS);
	struct req q;
	int err = req_open(s, &m->request_id, "request_id", &q);

	if (err != SK_OK) {
		return err;
	}
	if ((s->from.roles & ROLE_BIT(FAMILY)) == 0) {
		return refuse_not_yours(s, "request_id");
	}
	if (!q.r->open || q.r->contact_party[0] == '\0') {
		return refuse_state(s, &q, NULL, "request_id");
	}
	if (m->until_ms != 0 && (m->until_ms <= s->now_ms || m->until_ms > last)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "until_ms");
	}
	if (q.r->family_wish_until_ms != 0) {
		step_undue(s, q.r->family_wish_until_ms, DUE_WISH, &q.id, 0);
	}
	q.r->family_wish_until_ms = m->until_ms;
	if (m->until_ms != 0) {
		step_due(s, m->until_ms, DUE_WISH, &q.id, 0);
	}
	err = wish_told(s, &q);
	step_result(s, &q.id, q.r->version);
	return err;
}

void family_wish_adopt(struct step *s, struct req *q, uint64_t until_ms)
{
	if (q->r->family_wish_until_ms != 0) {
		step_undue(s, q->r->family_wish_until_ms, DUE_WISH, &q->id, 0);
	}
	q->r->family_wish_until_ms = until_ms > s->now_ms ? until_ms : 0;
	if (q->r->family_wish_until_ms != 0) {
		step_due(s, q->r->family_wish_until_ms, DUE_WISH, &q->id, 0);
	}
}

int due_wish(struct step *s, const struct object_id *id, uint64_t due_ms)
{
	struct req q;

	if (!req_load(s, id, &q) || q.r->family_wish_until_ms != due_ms) {
		return s->txn->err;
	}
	q.r->family_wish_until_ms = 0;
	return wish_told(s, &q);
}
