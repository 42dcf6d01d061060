/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "services/intake/core_inner.h"

/* What an amendment comes to; checked whole before anything is written. */
struct amend {
	const PB(AmendRequest) *m;
	struct req q;
	struct urgency_words words;
	bool urgency;
	bool wishes;
	PB(WishRecord) *w;
};

static int check_open(struct step *s, struct amend *a)
{
	if (!may_act(s, &a->q)) {
		return refuse_not_yours(s, "request_id");
	}
	if (!a->q.r->open) {
		return refuse_state(s, &a->q, NULL, "request_id");
	}
	if (a->m->based_on != a->q.r->version) {
		PB(Event) *now = step_alloc(s, sizeof(*now));
		if (now == NULL) {
			return s->txn->err;
		}
		*now = event_request(&a->q);
		return step_conflict(s, a->q.r->version, now);
	}
	return SK_OK;
}

static int check_added(struct step *s, struct amend *a)
{
	const PB(AmendRequest) *m = a->m;
	bool search = a->q.r->kind == KIND(SEARCH);

	if (m->n_add_needs > 0 && !search) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "add_needs");
	}
	if (needs_open(&a->q) + m->n_add_needs > NEEDS_MAX ||
	    a->q.needs_len + m->n_add_needs > NEEDS_KEPT_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "add_needs");
	}
	return check_needs(s, m->add_needs, m->n_add_needs, "add_needs",
			   m->n_children > 0 ? m->n_children : a->q.r->n_children);
}

static int check_changed(struct step *s, struct amend *a)
{
	if (a->m->n_change_needs > NEEDS_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "change_needs");
	}
	for (size_t i = 0; i < a->m->n_change_needs; i++) {
		const PB(NeedChange) *c = a->m->change_needs[i];
		const PB(NeedRecord) *n = req_need(&a->q, &c->need_id);
		if (n == NULL) {
			return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "change_needs[%zu].need_id",
					   i);
		}
		if (!need_wants_help(n)) {
			return refuse_state(s, &a->q, n, "change_needs");
		}
		if (c->intensity > INTENSITY_MAX) {
			return step_refuse(s, REFUSAL(OUT_OF_RANGE), "change_needs[%zu].intensity",
					   i);
		}
		if (c->duration_weeks > DURATION_WEEKS_MAX) {
			return step_refuse(s, REFUSAL(OUT_OF_RANGE),
					   "change_needs[%zu].duration_weeks", i);
		}
	}
	return SK_OK;
}

static int check_retold(struct step *s, struct amend *a)
{
	const PB(AmendRequest) *m = a->m;
	int err = check_capsules(s, m->capsules, m->n_capsules);

	if (err != SK_OK) {
		return err;
	}
	if (stories_len(&a->q) + m->n_capsules > STORIES_KEPT_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "capsules");
	}
	/* What was told first is never overwritten; a correction stands before it as a new version.
	 */
	for (size_t i = 0; i < m->n_capsules; i++) {
		const PB(Capsule) *c = m->capsules[i];
		if (!capsule_follows(s, &a->q, c)) {
			return step_refuse(s, REFUSAL(OUT_OF_RANGE), "capsules[%zu].version", i);
		}
	}
	return SK_OK;
}

static int check_pressing(struct step *s, struct amend *a)
{
	const PB(AmendRequest) *m = a->m;
	const PB(RequestRecord) *r = a->q.r;
	bool same = m->urgency == 0 || m->urgency == r->urgency;

	a->urgency = m->urgency != 0 || m->crisis_step != 0 || m->reason != 0 ||
		     m->second_party[0] != '\0';
	if (!a->urgency) {
		return SK_OK;
	}
	a->words.urgency = m->urgency != 0 ? m->urgency : r->urgency;
	a->words.step = m->crisis_step != 0 || !same ? m->crisis_step : r->crisis_step;
	a->words.reason = m->reason != 0 || !same ? m->reason : r->reason;
	a->words.second_party = m->second_party[0] != '\0' || !same ? m->second_party :
								      r->second_party;
	if (a->words.urgency == URGENCY(CRISIS) && r->kind == KIND(CONSULT)) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "urgency");
	}
	/* A crisis is called off by those who may call it. */
	if (!same && r->urgency == URGENCY(CRISIS) &&
	    (s->from.roles & ROLE_BIT(CONTACT_POINT)) == 0) {
		return step_refuse(s, REFUSAL(UNAUTHORISED), "urgency");
	}
	return check_urgency(s, &a->words);
}

static int check_wished(struct step *s, struct amend *a)
{
	const PB(AmendRequest) *m = a->m;
	struct wish_change ch = {
		.add = m->exclude_partners,
		.add_len = m->n_exclude_partners,
		.allow = m->allow_partners,
		.allow_len = m->n_allow_partners,
		.field = "exclude_partners",
	};

	a->wishes = ch.add_len + ch.allow_len > 0;
	if (!a->wishes) {
		return SK_OK;
	}
	int err = check_partners(s, ch.add, ch.add_len, "exclude_partners");
	if (err == SK_OK) {
		err = check_partners(s, ch.allow, ch.allow_len, "allow_partners");
	}
	for (size_t i = 0; err == SK_OK && i < ch.allow_len; i++) {
		if (list_has(ch.add, ch.add_len, ch.allow[i])) {
			err = step_refuse(s, REFUSAL(CONTRADICTS), "allow_partners[%zu]", i);
		}
	}
	return err == SK_OK ? wish_merge(s, &a->q, &ch, &a->w) : err;
}

/* A no is not taken away by taking away who said it: that such a one is of this family no more, or
 * counts no more, is for who carries the whole to say. */
static int check_silenced(struct step *s, struct amend *a)
{
	const struct new_adults to = { a->m->adults, a->m->n_adults };
	const char *from = s->from.id;
	bool carries = (s->from.roles & ROLE_BIT(CONTACT_POINT)) != 0 ||
		       strcmp(a->q.r->contact_party, from) == 0 ||
		       strcmp(a->q.r->stand_in_party, from) == 0;

	if (carries || !voices_silenced(s, &a->q, &to)) {
		return s->txn->err;
	}
	return refuse_not_yours(s, "adults");
}

static int check_people(struct step *s, struct amend *a)
{
	const PB(AmendRequest) *m = a->m;
	const PB(RequestRecord) *r = a->q.r;
	struct people p = {
		.children = m->n_children > 0 ? m->children : r->children,
		.children_len = m->n_children > 0 ? m->n_children : r->n_children,
		.adults = m->n_adults > 0 ? m->adults : r->adults,
		.adults_len = m->n_adults > 0 ? m->n_adults : r->n_adults,
	};
	int err = check_adults(s, m->adults, m->n_adults);

	if (err == SK_OK && m->n_children + m->n_adults > 0) {
		err = check_children(s, &p);
	}
	/* A child that was told of stays: what is known of it goes by its place. */
	if (err == SK_OK && p.children_len < r->n_children) {
		err = step_refuse(s, REFUSAL(CONTRADICTS), "children");
	}
	if (err == SK_OK && m->n_children > 0 &&
	    r->judgements_len + m->n_children > JUDGEMENTS_MAX) {
		err = step_refuse(s, REFUSAL(TOO_MANY), "children");
	}
	return err == SK_OK ? check_silenced(s, a) : err;
}

static int check_strong(struct step *s, struct amend *a)
{
	const PB(AmendRequest) *m = a->m;
	const PB(RequestRecord) *r = a->q.r;
	size_t children = m->n_children > 0 ? m->n_children : r->n_children;

	if (r->strengths_len + m->n_add_strengths > STRENGTHS_KEPT_MAX ||
	    r->own_len + m->n_add_strengths > OWN_KEPT_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "add_strengths");
	}
	return check_strengths(s, m->add_strengths, m->n_add_strengths,
			       r->needs_len + m->n_add_needs, children);
}

static bool says_nothing(const struct amend *a)
{
	const PB(AmendRequest) *m = a->m;

	return !a->urgency && !a->wishes && m->n_add_needs + m->n_change_needs == 0 &&
	       m->n_capsules + m->n_children + m->n_adults + m->n_add_strengths == 0 &&
	       m->zone[0] == '\0';
}

static int check_amend(struct step *s, struct amend *a)
{
	int err = check_open(s, a);

	if (err == SK_OK) {
		err = check_added(s, a);
	}
	if (err == SK_OK) {
		err = check_changed(s, a);
	}
	if (err == SK_OK) {
		err = check_retold(s, a);
	}
	if (err == SK_OK) {
		err = check_pressing(s, a);
	}
	if (err == SK_OK) {
		err = check_people(s, a);
	}
	if (err == SK_OK && a->m->zone[0] != '\0') {
		err = check_zone(s, a->m->zone);
	}
	if (err == SK_OK) {
		err = check_wished(s, a);
	}
	if (err == SK_OK) {
		err = check_strong(s, a);
	}
	if (err == SK_OK && says_nothing(a)) {
		err = step_refuse(s, REFUSAL(MISSING), "add_needs");
	}
	return err;
}

/* More pressing: the nearer of both terms. Less: the term that it would have had from the receipt
 * on, so that going up and down again gains no day (L6). */
static void term_change(struct step *s, struct req *q, PB(Urgency) was)
{
	PB(RequestRecord) *r = q->r;
	bool up = r->urgency < was;
	uint64_t due = term_end(s, r->urgency, up ? s->now_ms : r->term_from_ms);

	if (r->answered_ms != 0 || r->breached || r->answer_due_ms == 0) {
		return;
	}
	term_start(s, q, up && r->answer_due_ms < due ? r->answer_due_ms : due);
}

static void urgency_set(struct step *s, struct amend *a)
{
	PB(RequestRecord) *r = a->q.r;
	PB(Urgency) was = r->urgency;

	r->urgency = a->words.urgency;
	r->crisis_step = a->words.step;
	r->reason = a->words.reason;
	r->second_party = (char *)(uintptr_t)a->words.second_party;
	if (was == r->urgency) {
		return;
	}
	if (r->urgency == URGENCY(CRISIS)) {
		unclear_forget(s, &a->q);
	} else if (was == URGENCY(CRISIS)) {
		r->crisis_ended_ms = s->now_ms;
	}
	r->crisis_party = r->urgency == URGENCY(CRISIS) ? s->from.id : (char *)"";
	bool urgent = r->urgency == URGENCY(URGENT);
	r->urgent_until_ms =
		urgent ? civil_add_days_local(s->now_ms,
					      (int32_t)step_setting(s, SETTING_URGENT_LASTS)) :
			 0;
	term_change(s, &a->q, was);
	crisis_follow(s, &a->q, was);
}

/* The duty organisations go with the zone; a person who was named stays. */
static void zone_set(struct step *s, struct amend *a)
{
	const PB(Zone) *zone = step_zone(s, a->m->zone);
	PB(RequestRecord) *r = a->q.r;

	r->zone = a->m->zone;
	r->network_party = zone->network_party;
	contact_zone(s, &a->q);
}

static void needs_change(struct step *s, struct amend *a)
{
	for (size_t i = 0; i < a->m->n_change_needs; i++) {
		const PB(NeedChange) *c = a->m->change_needs[i];
		PB(NeedRecord) *n = req_need(&a->q, &c->need_id);
		n->need->intensity = c->intensity != 0 ? c->intensity : n->need->intensity;
		n->need->duration_weeks = c->duration_weeks != 0 ? c->duration_weeks :
								   n->need->duration_weeks;
		n->need->must = c->must;
		n->need->need_version = step_next_version(s, n->need->need_version);
		need_save(s, &a->q, n);
		say(s, &a->q, event_need(&a->q, n));
	}
}

static int needs_append(struct step *s, struct amend *a)
{
	const PB(AmendRequest) *m = a->m;

	s->out->more = step_alloc(s, (m->n_add_needs + 1) * sizeof(*s->out->more));
	if (s->out->more == NULL) {
		return s->txn->err;
	}
	for (size_t i = 0; i < m->n_add_needs; i++) {
		PB(NeedRecord) *n = need_add(s, &a->q, m->add_needs[i]);
		if (n == NULL) {
			return s->txn->err;
		}
		crisis_own(s, &a->q, n, false);
		SK_ASSERT(object_id_from(&n->need->need_id, &s->out->more[i]));
	}
	s->out->more_len = m->n_add_needs;
	return SK_OK;
}

static bool musts_left(const struct req *q)
{
	for (size_t i = 0; i < q->needs_len; i++) {
		if (q->need[i]->need->must && !need_finished(q->need[i])) {
			return true;
		}
	}
	return false;
}

static void told_again(struct step *s, struct amend *a)
{
	const PB(AmendRequest) *m = a->m;
	PB(RequestRecord) *r = a->q.r;

	retold_count(s, &a->q, m->capsules, m->n_capsules);
	for (size_t i = 0; i < m->n_capsules; i++) {
		capsule_put(s, &a->q, m->capsules[i]);
	}
	if (m->n_capsules > 0) {
		r->recovered = false;
		r->recovered_due_ms = 0;
	}
	if (m->n_children > 0) {
		r->n_children = m->n_children;
		r->children = m->children;
	}
	if (m->n_adults > 0) {
		adults_take(s, &a->q, &(struct new_adults){ m->adults, m->n_adults });
	}
	if (m->n_children > 0) {
		children_told(s, &a->q);
	}
}

static int amend_write(struct step *s, struct amend *a)
{
	const PB(AmendRequest) *m = a->m;
	bool told = a->urgency || a->wishes || m->zone[0] != '\0' || m->n_children > 0 ||
		    m->n_add_needs + m->n_change_needs > 0;

	bool people = m->n_children + m->n_adults > 0;
	uint32_t agreed = people ? people_agreed(s, &a->q, s->now_ms) : 0;

	a->q.r->version = step_next_version(s, a->q.r->version);
	told_again(s, a);
	if (a->urgency) {
		urgency_set(s, a);
	}
	if (a->wishes) {
		wish_save(s, &a->q, a->w);
	}
	if (m->zone[0] != '\0') {
		zone_set(s, a);
	}
	say(s, &a->q, event_request(&a->q));
	needs_change(s, a);
	int err = needs_append(s, a);
	if (err != SK_OK) {
		return err;
	}
	strengths_add(s, &a->q, m->add_strengths, m->n_add_strengths);
	if (m->n_change_needs > 0 && !musts_left(&a->q)) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "change_needs");
	}
	if (told) {
		needs_opened_emit(s, &a->q);
	}
	if (people) {
		people_changed(s, &a->q, agreed);
	}
	return SK_OK;
}

int on_amend(struct step *s, const PB(Message) *in)
{
	struct amend a = { .m = in->amend_request };
	int err = req_open(s, &a.m->request_id, "request_id", &a.q);

	if (err == SK_OK) {
		err = check_amend(s, &a);
	}
	if (err == SK_OK) {
		err = amend_write(s, &a);
	}
	if (err != SK_OK) {
		return err;
	}
	a.q.warm_changed = a.m->urgency != 0;
	step_result(s, &a.q.id, a.q.r->version);
	return req_settle(s, &a.q);
}
