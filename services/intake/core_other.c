/* SPDX-License-Identifier: EUPL-1.2 */
/* Another worker, another contact person: asked by the young person or an adult, without a reason,
 * and answered within some working days; until then it is said again to who must answer. */
#include <string.h>

#include "services/intake/core_warm.h"

#define WANTED(X) SCHAKEL__V1__OTHER_WANTED__OTHER_WANTED_##X

static PB(OtherRecord) *other_load(struct step *s, const struct req *q, uint32_t number)
{
	struct key k = key_of_part(&q->id, number);

	return step_get(s, TABLE_OTHER, &k, TYPE(other_record));
}

static void other_save(struct step *s, const struct req *q, const PB(OtherRecord) *o)
{
	struct key k = key_of_part(&q->id, o->wanted->number);

	step_put(s, TABLE_OTHER, &k, o);
}

static uint64_t term(struct step *s)
{
	const PB(ConfigApplied) *conf = step_config(s);

	return civil_working_days_after(s->now_ms, (uint32_t)step_setting(s, SETTING_OTHER_WANTED),
					conf->holidays, conf->n_holidays);
}

/* A worker is changed through the contact person; the contact person by the network of the zone. */
static const char *who_answers(const struct req *q, const PB(OtherWantedView) *v)
{
	return v->wanted == WANTED(WORKER) ? q->r->contact_party : q->r->network_party;
}

static void other_say(struct step *s, const struct req *q, const PB(OtherRecord) *o, bool alarm)
{
	PB(Event) e = event_of(q, alarm ? EVENT(ALARM) : EVENT(OTHER_WANTED));

	e.alarm = alarm ? ALARM(OTHER_WANTED) : ALARM(UNSPECIFIED);
	e.number = o->wanted->number;
	e.child = o->wanted->child;
	e.zone = q->r->zone;
	e.party = (char *)(uintptr_t)who_answers(q, o->wanted);
	e.short_code = q->r->short_code;
	e.due_ms = o->due_ms;
	e.ended = o->wanted->answered_ms != 0;
	say(s, q, e);
}

/* --- AskOther --- */

static const PB(ContributionChanged) *help_now(struct step *s, struct req *q,
					       const ProtobufCBinaryData *id)
{
	req_live(s, q);
	for (size_t i = 0; i < q->live_len; i++) {
		const PB(ContributionChanged) *c = q->live[i]->last;
		if (data_equal(&c->contribution_id, id)) {
			return contribution_holds(c) || contribution_active(c) ? c : NULL;
		}
	}
	return NULL;
}

/* B9: in whose place another one is wanted is not asked first any more. */
static void worker_wanted_other(struct step *s, struct req *q, const ProtobufCBinaryData *id)
{
	const PB(ContributionChanged) *c = help_now(s, q, id);
	const PB(NeedRecord) *n = c == NULL ? NULL : req_need(q, &c->need_id);

	if (n != NULL) {
		known_forget(s, q, n->need->child, c, false);
	}
}

static int check_speaker(struct step *s, const struct req *q, const PB(AskOther) *m)
{
	bool known = false;

	if (m->speaker == SPEAKER(UNSPECIFIED)) {
		return step_refuse(s, REFUSAL(MISSING), "speaker");
	}
	if (m->speaker == SPEAKER(TRUSTED_PERSON)) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "speaker");
	}
	for (size_t i = 0; i < q->r->n_adults; i++) {
		known = known || q->r->adults[i]->number == m->adult;
	}
	if (m->speaker == SPEAKER(ADULT) && !known) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "adult");
	}
	if (m->speaker == SPEAKER(YOUTH) && m->adult != 0) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "adult");
	}
	return said_child(s, q, m->child);
}

/* The same question that waits for its answer is no second one. */
static int check_once(struct step *s, struct req *q, const PB(AskOther) *m)
{
	if (q->r->others_len >= OTHERS_KEPT_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "wanted");
	}
	for (uint32_t i = 1; i <= q->r->others_len; i++) {
		const PB(OtherRecord) *o = other_load(s, q, i);
		if (o != NULL && o->due_ms != 0 && o->wanted->wanted == m->wanted &&
		    data_equal(&o->wanted->contribution_id, &m->contribution_id)) {
			return refuse_state(s, q, NULL, "wanted");
		}
	}
	return s->txn->err;
}

static int check_ask(struct step *s, struct req *q, PB(AskOther) *m)
{
	int err = said_open(s, &m->request_id, q);

	if (err == SK_OK) {
		err = check_given(s, (int)m->wanted, "wanted");
	}
	if (err == SK_OK && q->r->contact_party[0] == '\0') {
		err = refuse_state(s, q, NULL, "request_id");
	}
	if (err == SK_OK) {
		err = check_speaker(s, q, m);
	}
	if (err != SK_OK) {
		return err;
	}
	if (m->contribution_id.len == 0 && m->short_code[0] != '\0') {
		PB(ContributionRecord) *c = NULL;
		err = contribution_by_code(s, q, m->short_code, &c);
		if (err != SK_OK) {
			return err;
		}
		m->contribution_id = c->last->contribution_id;
	}
	if (m->wanted == WANTED(CONTACT_PERSON) && m->contribution_id.len != 0) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "contribution_id");
	}
	if (m->wanted == WANTED(WORKER) && m->contribution_id.len == 0) {
		return step_refuse(s, REFUSAL(MISSING), "contribution_id");
	}
	if (m->wanted == WANTED(WORKER) && help_now(s, q, &m->contribution_id) == NULL) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "contribution_id");
	}
	return check_once(s, q, m);
}

int on_ask_other(struct step *s, const PB(Message) *in)
{
	PB(AskOther) word = *in->ask_other;
	PB(AskOther) *m = &word;
	PB(OtherRecord) o = PB_INIT(OTHER_RECORD);
	PB(OtherWantedView) v = PB_INIT(OTHER_WANTED_VIEW);
	struct req q;
	int err = check_ask(s, &q, m);

	if (err != SK_OK) {
		return err;
	}
	v.number = ++q.r->others_len;
	v.wanted = m->wanted;
	v.contribution_id = m->contribution_id;
	v.speaker = m->speaker;
	v.adult = m->adult;
	v.child = m->child;
	v.at_ms = s->now_ms;
	o.wanted = &v;
	o.due_ms = term(s);
	o.contact_then = q.r->contact_party;
	o.worker_then = q.r->worker;
	step_due(s, o.due_ms, DUE_OTHER, &q.id, v.number);
	other_save(s, &q, &o);
	worker_wanted_other(s, &q, &m->contribution_id);
	err = req_settle(s, &q);
	if (err != SK_OK) {
		return err;
	}
	other_say(s, &q, &o, false);
	other_say(s, &q, &o, true);
	step_result(s, &q.id, v.number);
	return SK_OK;
}

int due_other(struct step *s, const struct object_id *id, uint32_t number, uint64_t due_ms)
{
	struct req q;

	if (!req_load(s, id, &q)) {
		return s->txn->err;
	}
	PB(OtherRecord) *o = other_load(s, &q, number);
	if (o == NULL || o->due_ms != due_ms) {
		return s->txn->err;
	}
	o->due_ms = 0;
	if (q.r->open) {
		o->due_ms = term(s);
		step_due(s, o->due_ms, DUE_OTHER, id, number);
		PB(OtherRecord) late = *o;
		late.due_ms = due_ms;
		other_say(s, &q, &late, true);
	}
	other_save(s, &q, o);
	return s->txn->err;
}

/* As a goal: a wish that nobody answered before the request was closed still waits. */
void others_wake(struct step *s, struct req *q)
{
	for (uint32_t i = 1; i <= q->r->others_len; i++) {
		PB(OtherRecord) *o = other_load(s, q, i);
		if (o == NULL || o->due_ms != 0 || o->wanted->answered_ms != 0) {
			continue;
		}
		o->due_ms = term(s);
		step_due(s, o->due_ms, DUE_OTHER, &q->id, i);
		other_save(s, q, o);
	}
}

/* --- AnswerOther --- */

static bool may_answer(const struct step *s, const struct req *q, const PB(OtherWantedView) *v)
{
	if (v->wanted == WANTED(WORKER)) {
		return strcmp(q->r->contact_party, s->from.id) == 0 ||
		       strcmp(q->r->stand_in_party, s->from.id) == 0;
	}
	return strcmp(q->r->network_party, s->from.id) == 0 ||
	       (s->from.roles & ROLE_BIT(COORDINATOR)) != 0;
}

/* "Done" is true when another one stands: who it was when it was asked is written down. */
static bool has_changed(const struct req *q, const PB(OtherRecord) *o)
{
	return strcmp(q->r->contact_party, o->contact_then) != 0 ||
	       !data_equal(&q->r->worker, &o->worker_then);
}

static int check_answer(struct step *s, struct req *q, const PB(AnswerOther) *m,
			PB(OtherRecord) **ret_o)
{
	int err = req_open(s, &m->request_id, "request_id", q);

	if (err != SK_OK) {
		return err;
	}
	PB(OtherRecord) *o = other_load(s, q, m->number);
	if (s->txn->err != SK_OK) {
		return s->txn->err;
	}
	/* Who may not know the request does not learn what was asked in it. */
	if (o == NULL && (may_act(s, q) || (s->from.roles & ROLE_BIT(COORDINATOR)) != 0)) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "number");
	}
	if (o == NULL || !may_answer(s, q, o->wanted)) {
		return refuse_not_yours(s, "request_id");
	}
	if (o->wanted->answered_ms != 0) {
		return refuse_state(s, q, NULL, "number");
	}
	if (m->done && o->wanted->wanted == WANTED(CONTACT_PERSON) && !has_changed(q, o)) {
		return step_refuse(s, REFUSAL(NO_SUCCESSOR), "done");
	}
	*ret_o = o;
	return SK_OK;
}

int on_answer_other(struct step *s, const PB(Message) *in)
{
	const PB(AnswerOther) *m = in->answer_other;
	PB(OtherRecord) *o = NULL;
	struct req q;
	int err = check_answer(s, &q, m, &o);

	if (err != SK_OK || o == NULL) {
		return err;
	}
	if (o->due_ms != 0) {
		step_undue(s, o->due_ms, DUE_OTHER, &q.id, m->number);
		o->due_ms = 0;
	}
	o->wanted->answered_ms = s->now_ms;
	o->wanted->done = m->done;
	other_save(s, &q, o);
	other_say(s, &q, o, false);
	step_result(s, &q.id, m->number);
	return s->txn->err;
}

void others_view(struct step *s, const struct req *q, PB(RequestItem) *it)
{
	it->others_wanted = step_alloc(s, OTHERS_KEPT_MAX * sizeof(*it->others_wanted));
	for (uint32_t i = 1; it->others_wanted != NULL && i <= q->r->others_len; i++) {
		PB(OtherRecord) *o = other_load(s, q, i);
		if (o != NULL) {
			o->wanted->due_ms = o->due_ms;
			it->others_wanted[it->n_others_wanted++] = o->wanted;
		}
	}
}
