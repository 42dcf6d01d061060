/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "services/intake/core_inner.h"

static int check_person(struct step *s, const char *party, const ProtobufCBinaryData *worker,
			const char *field)
{
	if (party[0] == '\0') {
		return step_refuse(s, REFUSAL(MISSING), "%s", field);
	}
	if (!name_is_valid(party) || step_party(s, party) == NULL) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "%s", field);
	}
	if (worker->len != 0 && worker->len != OBJECT_ID_LEN) {
		return step_refuse(s, REFUSAL(MALFORMED), "%s", field);
	}
	return SK_OK;
}

static int check_contact(struct step *s, struct req *q, const PB(NameContactPerson) *m)
{
	if (!may_act(s, q) && (s->from.roles & ROLE_BIT(COORDINATOR)) == 0) {
		return refuse_not_yours(s, "request_id");
	}
	if (!q->r->open || q->r->contact_party[0] == '\0') {
		return refuse_state(s, q, NULL, "request_id");
	}
	int err = check_person(s, m->party, &m->worker, "party");
	if (err == SK_OK) {
		err = check_person(s, m->stand_in, &m->stand_in_worker, "stand_in");
	}
	if (err != SK_OK) {
		return err;
	}
	/* Nobody stands in for himself: within one house the two persons must be told apart. */
	bool two = strcmp(m->party, m->stand_in) != 0 ||
		   (m->worker.len != 0 && m->stand_in_worker.len != 0 &&
		    !data_equal(&m->worker, &m->stand_in_worker));
	return two ? SK_OK : step_refuse(s, REFUSAL(CONTRADICTS), "stand_in");
}

/* L3: the old and the new one change places in one step, so there is never none and never two. */
int on_name_contact(struct step *s, const PB(Message) *in)
{
	const PB(NameContactPerson) *m = in->name_contact_person;
	struct req q;
	int err = req_open(s, &m->request_id, "request_id", &q);

	if (err == SK_OK) {
		err = check_contact(s, &q, m);
	}
	if (err != SK_OK) {
		return err;
	}
	q.r->contact_party = m->party;
	q.r->stand_in_party = m->stand_in;
	q.r->worker = m->worker;
	q.r->stand_in_worker = m->stand_in_worker;
	q.r->contact_named = true;
	party_mark(s, &q, m->stand_in);
	say(s, &q, event_contact(&q));
	step_result(s, &q.id, q.r->version);
	return req_settle(s, &q);
}
