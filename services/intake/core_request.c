/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "services/intake/core_warm.h"

static bool anonymous(const PB(SubmitRequest) *m)
{
	return m->kind == KIND(CONSULT) && !m->callback_sealed;
}

static int check_kind(struct step *s, const PB(SubmitRequest) *m)
{
	if (m->kind == KIND(UNSPECIFIED)) {
		return step_refuse(s, REFUSAL(MISSING), "kind");
	}
	if (m->kind == KIND(CONSULT) && m->urgency == URGENCY(CRISIS)) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "urgency");
	}
	if (m->network[0] != '\0' && !name_is_valid(m->network)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "network");
	}
	return SK_OK;
}

/* A search without a must-need could never be answered: its clock would only run out. */
static bool has_must(const PB(SubmitRequest) *m)
{
	for (size_t i = 0; i < m->n_needs; i++) {
		if (m->needs[i]->must) {
			return true;
		}
	}
	return false;
}

static int check_asked(struct step *s, const PB(SubmitRequest) *m)
{
	int err = check_needs(s, m->needs, m->n_needs, "needs", m->n_children);

	if (err != SK_OK) {
		return err;
	}
	if (m->kind == KIND(CONSULT)) {
		return m->n_needs == 0 ? SK_OK : step_refuse(s, REFUSAL(CONTRADICTS), "needs");
	}
	if (m->n_children == 0) {
		return step_refuse(s, REFUSAL(MISSING), "children");
	}
	if (m->n_needs == 0) {
		return step_refuse(s, REFUSAL(MISSING), "needs");
	}
	return has_must(m) ? SK_OK : step_refuse(s, REFUSAL(MISSING), "needs[0].must");
}

/* A search that goes on from the consult of a family that gave its name has its story and the way
 * to call back from there; after an anonymous one only the way to call back is told. */
static int check_told(struct step *s, const PB(SubmitRequest) *m, const struct req *consult)
{
	int err = check_capsules(s, m->capsules, m->n_capsules);

	if (err != SK_OK || anonymous(m) || (consult != NULL && !consult->r->anonymous)) {
		return err;
	}
	if (!m->callback_sealed) {
		return step_refuse(s, REFUSAL(MISSING), "callback_sealed");
	}
	return m->n_capsules > 0 ? SK_OK : step_refuse(s, REFUSAL(MISSING), "capsules");
}

static int check_wishes(struct step *s, const PB(SubmitRequest) *m)
{
	int err = check_partners(s, m->excluded_partners, m->n_excluded_partners,
				 "excluded_partners");

	if (err == SK_OK) {
		err = check_partners(s, m->preferred_partners, m->n_preferred_partners,
				     "preferred_partners");
	}
	if (err != SK_OK) {
		return err;
	}
	for (size_t i = 0; i < m->n_preferred_partners; i++) {
		if (list_has(m->excluded_partners, m->n_excluded_partners,
			     m->preferred_partners[i])) {
			return step_refuse(s, REFUSAL(CONTRADICTS), "preferred_partners[%zu]", i);
		}
	}
	return SK_OK;
}

static int check_languages(struct step *s, const PB(SubmitRequest) *m)
{
	if (m->n_languages > LANGUAGES_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "languages");
	}
	for (size_t i = 0; i < m->n_languages; i++) {
		const char *l = m->languages[i];
		bool ok = strlen(l) == 2 && l[0] >= 'a' && l[0] <= 'z' && l[1] >= 'a' &&
			  l[1] <= 'z';
		if (!ok) {
			return step_refuse(s, REFUSAL(OUT_OF_RANGE), "languages[%zu]", i);
		}
	}
	return SK_OK;
}

static int check_submit(struct step *s, const PB(SubmitRequest) *m, const struct req *consult)
{
	struct urgency_words words = { m->urgency, m->crisis_step, m->reason, m->second_party };
	struct people people = { m->children, m->n_children, m->adults, m->n_adults };
	int err = check_kind(s, m);

	if (err == SK_OK) {
		err = check_zone(s, m->zone);
	}
	if (err == SK_OK) {
		err = check_urgency(s, &words);
	}
	if (err == SK_OK) {
		err = check_adults(s, m->adults, m->n_adults);
	}
	if (err == SK_OK) {
		err = check_children(s, &people);
	}
	if (err == SK_OK) {
		err = check_asked(s, m);
	}
	if (err == SK_OK) {
		err = check_told(s, m, consult);
	}
	if (err == SK_OK) {
		err = check_wishes(s, m);
	}
	if (err == SK_OK) {
		err = check_strengths(s, m->strengths, m->n_strengths, m->n_needs, m->n_children);
	}
	return err == SK_OK ? check_languages(s, m) : err;
}

/* Borrows from the message: both live as long as the step. */
static void request_fill(struct step *s, struct req *q, const PB(SubmitRequest) *m)
{
	const PB(Zone) *zone = step_zone(s, m->zone);
	PB(RequestRecord) *r = q->r;

	r->kind = m->kind;
	r->consult = m->kind == KIND(CONSULT) ? CONSULT(RESPONSE_REQUIRED) : CONSULT(UNSPECIFIED);
	r->zone = m->zone;
	r->network = m->network;
	r->network_party = zone->network_party;
	r->urgency = m->urgency;
	r->crisis_step = m->crisis_step;
	r->reason = m->reason;
	r->n_children = m->n_children;
	r->children = m->children;
	r->n_adults = m->n_adults;
	r->adults = m->adults;
	r->n_languages = m->n_languages;
	r->languages = m->languages;
	r->requester = s->from.id;
	r->by_family = (s->from.roles & ROLE_BIT(FAMILY)) != 0;
	r->second_party = m->second_party;
	r->received_ms = s->now_ms;
	children_told(s, q);
}

/* L3 and L6: contact person and clock stand from the receipt on. Nobody can be called back in an
 * anonymous consult, so it has neither. */
static void request_start(struct step *s, struct req *q, bool identified)
{
	const PB(Zone) *zone = step_zone(s, q->r->zone);
	PB(RequestRecord) *r = q->r;

	r->anonymous = !identified;
	if (!identified) {
		return;
	}
	r->contact_party = zone->contact_party;
	r->stand_in_party = zone->stand_in_party;
	r->contact_since_ms = s->now_ms;
	contact_clock_start(s, q);
	r->answered_ms = MUT(33) ? s->now_ms : 0;
	r->term_from_ms = s->now_ms;
	term_start(s, q, term_end(s, r->urgency, s->now_ms));
	if (r->urgency == URGENCY(URGENT)) {
		r->urgent_until_ms = civil_add_days_local(
			s->now_ms, (int32_t)step_setting(s, SETTING_URGENT_LASTS));
	}
}

static void wishes_put(struct step *s, struct req *q, const PB(SubmitRequest) *m)
{
	PB(WishRecord) w = PB_INIT(WISH_RECORD);
	struct key k = key_of_id(&q->id);

	if (m->n_excluded_partners + m->n_preferred_partners == 0) {
		return;
	}
	w.n_excluded_partners = m->n_excluded_partners;
	w.excluded_partners = m->excluded_partners;
	w.n_preferred_partners = m->n_preferred_partners;
	w.preferred_partners = m->preferred_partners;
	q->r->wished = true;
	step_put(s, TABLE_WISH, &k, &w);
}

/* Must-needs first: their ordinals decide between needs of equal rank. */
static void needs_add(struct step *s, struct req *q, const PB(SubmitRequest) *m)
{
	bool all = !crisis_names_help(s, m);

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < m->n_needs; i++) {
			if (m->needs[i]->must == (pass == 0)) {
				crisis_own(s, q, need_add(s, q, m->needs[i]), all);
			}
		}
	}
}

static int receipt_fill(struct step *s, struct req *q)
{
	step_result(s, &q->id, q->r->version);
	s->out->more = step_alloc(s, (q->needs_len + 1) * sizeof(*s->out->more));
	if (s->out->more == NULL) {
		return s->txn->err;
	}
	for (size_t i = 0; i < q->needs_len; i++) {
		SK_ASSERT(object_id_from(&q->need[i]->need->need_id, &s->out->more[i]));
	}
	s->out->more_len = q->needs_len;
	return s->txn->err;
}

static int submit_write(struct step *s, struct req *q, const PB(SubmitRequest) *m,
			struct req *consult)
{
	int err = SK_OK;

	request_fill(s, q, m);
	request_start(s, q, !anonymous(m));
	wishes_put(s, q, m);
	/* Holders may look it up, and who stands in for one of them. */
	if (q->r->stand_in_party[0] != '\0') {
		party_mark(s, q, q->r->stand_in_party);
	}
	if (consult != NULL) {
		err = consult_convert(s, consult, q);
	}
	for (size_t i = 0; i < m->n_capsules; i++) {
		capsule_put(s, q, m->capsules[i]);
	}
	q->r->open = true;
	say(s, q, m->kind == KIND(CONSULT) ? event_consult(q) : event_request(q));
	if (q->r->contact_party[0] != '\0') {
		say(s, q, event_contact(q));
	}
	needs_add(s, q, m);
	needs_opened_emit(s, q);
	strengths_add(s, q, m->strengths, m->n_strengths);
	q->warm_changed = care_danger(m->reason);
	return err == SK_OK ? req_settle(s, q) : err;
}

int on_submit(struct step *s, const PB(Message) *in)
{
	const PB(SubmitRequest) *m = in->submit_request;
	bool goes_on = m->consult_code[0] != '\0';
	struct req consult;
	struct req q;
	int err = goes_on ? consult_find(s, m, &consult) : SK_OK;

	if (err == SK_OK) {
		err = check_submit(s, m, goes_on ? &consult : NULL);
	}
	if (err != SK_OK) {
		return err;
	}
	if (!req_new(s, step_new_id(s), &q)) {
		return s->txn->err;
	}
	err = submit_write(s, &q, m, goes_on ? &consult : NULL);
	return err == SK_OK ? receipt_fill(s, &q) : err;
}
