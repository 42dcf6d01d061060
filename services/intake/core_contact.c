/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "services/intake/core_inner.h"

PB(ContactRecord) contact_now(const struct req *q)
{
	PB(ContactRecord) c = PB_INIT(CONTACT_RECORD);

	c.party = q->r->contact_party;
	c.stand_in = q->r->stand_in_party;
	c.worker = q->r->worker;
	c.stand_in_worker = q->r->stand_in_worker;
	c.named = q->r->contact_named;
	c.due_ms = q->r->contact_due_ms;
	c.alarmed = q->r->contact_alarmed;
	c.since_ms = q->r->contact_since_ms;
	return c;
}

static bool same_person(const PB(ContactRecord) *a, const PB(ContactRecord) *b)
{
	return strcmp(a->party, b->party) == 0 && strcmp(a->stand_in, b->stand_in) == 0 &&
	       data_equal(&a->worker, &b->worker) &&
	       data_equal(&a->stand_in_worker, &b->stand_in_worker) && a->named == b->named;
}

void contact_put(struct step *s, struct req *q, const PB(ContactRecord) *c)
{
	PB(ContactRecord) was = contact_now(q);
	PB(RequestRecord) *r = q->r;

	r->contact_party = c->party;
	r->stand_in_party = c->stand_in;
	r->worker = c->worker;
	r->stand_in_worker = c->stand_in_worker;
	r->contact_named = c->named;
	r->contact_due_ms = c->due_ms;
	r->contact_alarmed = c->alarmed;
	r->contact_since_ms = c->since_ms;
	party_mark(s, q, r->stand_in_party);
	if (!same_person(&was, c)) {
		say(s, q, event_contact(q));
	}
}

void contact_zone(struct step *s, struct req *q)
{
	const PB(Zone) *zone = step_zone(s, q->r->zone);
	PB(ContactRecord) c = contact_now(q);

	if (c.party[0] == '\0') {
		return;
	}
	if (q->r->family_id.len > 0) {
		family_contact_zone(s, q, zone->contact_party, zone->stand_in_party);
		return;
	}
	if (!c.named) {
		c.party = zone->contact_party;
		c.stand_in = zone->stand_in_party;
		c.since_ms = s->now_ms;
		contact_put(s, q, &c);
	}
}

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

/* L3: the old and the new one change places in one step, so there is never none and never two; in
 * a family for all its requests at once. Who it was stands among the holders of the past. */
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
	PB(ContactRecord) c = contact_now(&q);
	bool other = strcmp(c.party, m->party) != 0 || !data_equal(&c.worker, &m->worker) ||
		     !c.named;
	c.party = m->party;
	c.stand_in = m->stand_in;
	c.worker = m->worker;
	c.stand_in_worker = m->stand_in_worker;
	c.named = true;
	c.since_ms = other ? s->now_ms : c.since_ms;
	step_result(s, &q.id, q.r->version);
	return family_contact(s, &q, &c);
}
