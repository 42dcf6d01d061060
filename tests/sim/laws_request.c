/* SPDX-License-Identifier: EUPL-1.2 */
/* A request exists once (L1) and has one contact person with one stand-in (L3). */
#include "tests/sim/laws_model.h"

/* --- L1 --- */

static bool need_is_spec(const PB(NeedFact) *n, const PB(NeedSpec) *spec)
{
	return n->expertise == spec->expertise && n->intensity == spec->intensity &&
	       n->duration_weeks == spec->duration_weeks && n->must == spec->must &&
	       n->child == spec->child && n->life_domain == spec->life_domain;
}

/** The need with that ordinal is what was asked in that place, must-needs first. */
static const PB(NeedSpec) *spec_at(const PB(SubmitRequest) *m, size_t ordinal)
{
	size_t musts = 0;
	size_t seen = 0;

	for (size_t i = 0; i < m->n_needs; i++) {
		musts += m->needs[i]->must ? 1 : 0;
	}
	bool must = ordinal <= musts;
	for (size_t i = 0; i < m->n_needs; i++) {
		seen += m->needs[i]->must == must ? 1 : 0;
		if (m->needs[i]->must == must && seen == (must ? ordinal : ordinal - musts)) {
			return m->needs[i];
		}
	}
	return NULL;
}

static void submitted_whole(struct laws *l, const PB(SubmitRequest) *m, const PB(RequestRecord) *r)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	size_t at = SIZE_MAX;
	size_t needs = 0;

	for (const PB(NeedRecord) *n = intake_need(d, &r->request_id, &at); n != NULL;
	     n = intake_need(d, &r->request_id, &at)) {
		const PB(NeedSpec) *spec = spec_at(m, n->need->ordinal);
		needs++;
		if (spec == NULL || !need_is_spec(n->need, spec) ||
		    n->need->state != NEED_IS(OPEN) || n->need->arrival_ms != l->step.now_ms) {
			laws_violated(l, "L1", "need %u of request %s is not as it was asked",
				      n->need->ordinal, law_hex_data(&r->request_id));
		}
	}
	if (needs != m->n_needs || strcmp(r->zone, m->zone) != 0 || r->urgency != m->urgency) {
		laws_violated(l, "L1", "request %s is not as it was pushed",
			      law_hex_data(&r->request_id));
	}
}

static void requests_made(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	const struct law_step *s = &l->step;
	bool submit = s->outcome == OUTCOME_IS(ACCEPTED) &&
		      s->in->body_case == BODY(SUBMIT_REQUEST);
	size_t made = 0;

	for (size_t i = 0; i < d->mirror.changes; i++) {
		const struct change *c = &d->mirror.change[i];
		if (c->table != I_REQUEST) {
			continue;
		}
		if (c->after == NULL) {
			laws_violated(l, "L1", "request %s is gone", law_hex(c->key.b));
		} else if (!c->was) {
			made++;
			if (submit) {
				submitted_whole(l, s->in->submit_request, c->after->rec);
			}
		}
	}
	if (made != (submit ? 1U : 0U) && !s->reconcile) {
		laws_violated(l, "L1", "%zu requests were made by one input", made);
	}
}

/* --- open, as the needs say --- */

static bool is_open(struct laws *l, const PB(RequestRecord) *r)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	size_t at = SIZE_MAX;

	if (r->kind == KIND_IS(CONSULT)) {
		return r->consult < SCHAKEL__V1__CONSULT_STATE__CONSULT_STATE_CLOSED;
	}
	for (const PB(NeedRecord) *n = intake_need(d, &r->request_id, &at); n != NULL;
	     n = intake_need(d, &r->request_id, &at)) {
		if (!need_finished_state(n->need->state)) {
			return true;
		}
	}
	return false;
}

/* --- L3 --- */

bool request_is_identified(const struct laws *l, const PB(RequestRecord) *r)
{
	struct object_id id = law_id(&r->request_id);

	for (size_t i = l->submits.len; i > 0; i--) {
		const struct submit_said *said = list_at(&l->submits, i - 1);
		if (object_id_equal(&said->request, &id)) {
			return said->identified;
		}
	}
	return r->kind == KIND_IS(SEARCH);
}

static void contact_person(struct laws *l, const PB(RequestRecord) *r)
{
	const char *id = law_hex_data(&r->request_id);
	size_t contacts = 0;

	if (!request_is_identified(l, r)) {
		return;
	}
	if (r->contact_party[0] == '\0' || r->stand_in_party[0] == '\0') {
		laws_violated(l, "L3", "request %s lacks contact person or stand-in", id);
		return;
	}
	bool two = strcmp(r->contact_party, r->stand_in_party) != 0 ||
		   (r->worker.len > 0 && !same_data(&r->worker, &r->stand_in_worker));
	if (!two) {
		laws_violated(l, "L3", "%s stands in for itself in request %s", r->contact_party,
			      id);
	}
	for (size_t i = 0; i < r->n_holders; i++) {
		if (r->holders[i]->kind == HOLDER_IS(CONTACT_PERSON)) {
			contacts++;
			if (strcmp(r->holders[i]->party, r->contact_party) != 0) {
				laws_violated(l, "L3",
					      "%s holds request %s as contact person of %s",
					      r->holders[i]->party, id, r->contact_party);
			}
		}
	}
	if (contacts != 1) {
		laws_violated(l, "L3", "request %s has %zu contact persons", id, contacts);
	}
}

/* --- facts of matching: the highest version holds --- */

static const PB(ContributionRecord) *share_before(const struct daemon_model *d, const struct key *k)
{
	const struct change *live = change_find(d, I_CONTRIBUTION, k);
	const struct change *past = change_find(d, I_CONTRIBUTION_PAST, k);

	if (live != NULL && live->was) {
		return live->before;
	}
	return past != NULL && past->was ? past->before : NULL;
}

static void facts_rise(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];

	for (size_t i = 0; i < d->mirror.changes; i++) {
		const struct change *c = &d->mirror.change[i];
		bool share = c->table == I_CONTRIBUTION || c->table == I_CONTRIBUTION_PAST;
		const PB(ContributionRecord) *now = share ? change_after(c) : NULL;
		const PB(ContributionRecord) *was = now == NULL ? NULL : share_before(d, &c->key);
		if (was == NULL) {
			continue;
		}
		bool same = now->last->version == was->last->version;
		if (now->last->version < was->last->version ||
		    (same && now->last->state != was->last->state)) {
			laws_violated(l, "DESIGN 5",
				      "version %u of contribution %s was applied over %u",
				      now->last->version, law_hex(c->key.b + OBJECT_ID_LEN),
				      was->last->version);
		}
	}
}

void laws_request(struct laws *l)
{
	size_t at = SIZE_MAX;

	requests_made(l);
	facts_rise(l);
	for (const struct row *row = touched_request(l, &at); row != NULL;
	     row = touched_request(l, &at)) {
		const PB(RequestRecord) *r = row->rec;
		bool open = is_open(l, r);
		if (open != (r->open != 0)) {
			laws_violated(l, "L2", "request %s is %s, its record says otherwise",
				      law_hex_data(&r->request_id), open ? "open" : "closed");
		}
		if (open) {
			contact_person(l, r);
		}
	}
}
