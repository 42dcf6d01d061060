/* SPDX-License-Identifier: EUPL-1.2 */
/* L6: no message sequence stops the month clock without a start with the child or a parent seen, or
 * a consult confirmed as enough; and a crisis is never just "still searching". */
#include "tests/sim/laws_model.h"

/** The child or a parent had been seen in that help already when the step began. */
static bool seen_before(const struct daemon_model *d, const struct key *k)
{
	static const uint8_t tables[] = { I_CONTRIBUTION, I_CONTRIBUTION_PAST };
	bool seen = false;

	for (size_t t = 0; t < SK_LEN(tables); t++) {
		const struct change *ch = change_find(d, tables[t], k);
		const PB(ContributionRecord) *c = ch != NULL ? ch->before :
							       rec_find(d, tables[t], k);
		seen = seen || (c != NULL && c->last->seen);
	}
	return seen;
}

static bool is_must(const struct daemon_model *d, const PB(ContributionChanged) *c)
{
	size_t at = SIZE_MAX;

	for (const PB(NeedRecord) *n = intake_need(d, &c->request_id, &at); n != NULL;
	     n = intake_need(d, &c->request_id, &at)) {
		if (same_data(&n->need->need_id, &c->need_id)) {
			return n->need->must != 0;
		}
	}
	return false;
}

/** Help for a must-need of the request, of which the step is the first to say that the child or a
 *  parent was seen. What goes on after an interruption, or stays after all, was seen before: it
 *  answers no question that was put since. */
static bool seen_anew(const struct laws *l, const PB(RequestRecord) *r)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	struct object_id id = law_id(&r->request_id);
	struct key prefix = key_of_id(&id);

	for (size_t i = 0; i < d->mirror.changes; i++) {
		const struct change *ch = &d->mirror.change[i];
		const PB(ContributionRecord) *c = change_after(ch);
		if ((ch->table == I_CONTRIBUTION || ch->table == I_CONTRIBUTION_PAST) &&
		    c != NULL && key_has_prefix(&ch->key, &prefix) && c->last->seen &&
		    is_must(d, c->last) && !seen_before(d, &ch->key)) {
			return true;
		}
	}
	return false;
}

static bool may_answer(const struct laws *l, const PB(RequestRecord) *r)
{
	const struct law_step *s = &l->step;

	if (s->outcome != OUTCOME_IS(ACCEPTED)) {
		return false;
	}
	if (s->reconcile) {
		return seen_anew(l, r);
	}
	if (s->in->body_case == BODY(CONFIRM_CONSULT)) {
		return s->in->confirm_consult->enough != 0 && r->kind == KIND_IS(CONSULT);
	}
	return s->in->body_case == BODY(CONTRIBUTION_CHANGED) &&
	       s->in->contribution_changed->state == CONTRIB(STARTED) && seen_anew(l, r);
}

/** After a restore: it was answered, or opened anew, in the time that was lost; the list remembers
 *  what it was told then. */
static bool is_remembered(const struct laws *l, const PB(RequestRecord) *r)
{
	const PB(Message) *in = l->step.in;

	return l->step.reconcile && in->body_case == BODY(NEEDS_OPENED) &&
	       same_data(&in->needs_opened->request->request_id, &r->request_id) &&
	       in->needs_opened->request->answered_ms == r->answered_ms;
}

static void answered_lawfully(struct laws *l, const PB(RequestRecord) *was,
			      const PB(RequestRecord) *r)
{
	uint64_t before = was == NULL ? 0 : was->answered_ms;
	const char *id = law_hex_data(&r->request_id);

	if (before == r->answered_ms || is_remembered(l, r)) {
		return;
	}
	if (r->answered_ms == 0) {
		if (l->step.in->body_case != BODY(REOPEN_NEED)) {
			laws_violated(l, "L6", "request %s is not answered any more", id);
		}
	} else if (before != 0 || !may_answer(l, r)) {
		laws_violated(l, "L6", "the clock of request %s was stopped without a start", id);
	}
}

/** The consult that a search goes on from, if it was not answered: its term goes on (L6). */
static uint64_t consult_term(const struct laws *l, const PB(RequestRecord) *r)
{
	const struct rows *t = &l->d[LAWS_INTAKE].mirror.table[I_REQUEST];

	for (size_t i = 0; r->from_consult[0] != '\0' && i < t->len; i++) {
		const PB(RequestRecord) *o = t->row[i]->rec;
		if (strcmp(o->short_code, r->from_consult) == 0) {
			return o->answered_ms == 0 ? o->term_from_ms : 0;
		}
	}
	return 0;
}

/** The term counts from the receipt, or from the question that was asked anew after an answer. */
static void clock_moved_lawfully(struct laws *l, const PB(RequestRecord) *was,
				 const PB(RequestRecord) *r)
{
	uint64_t before = was == NULL ? 0 : was->term_from_ms;
	bool again = was != NULL && was->answered_ms != 0 && r->answered_ms == 0;

	if (before == r->term_from_ms || l->step.reconcile) {
		return;
	}
	uint64_t consult = was == NULL ? consult_term(l, r) : 0;
	uint64_t right = consult != 0 ? consult : l->step.now_ms;
	if ((was != NULL && !again) || r->term_from_ms != right) {
		laws_violated(l, "L6", "the term of request %s was moved",
			      law_hex_data(&r->request_id));
	}
}

/** The latest instant that any urgency allows. */
static uint64_t latest_due(const struct laws *l, const PB(RequestRecord) *r)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];

	return law_month_later(r->term_from_ms, (unsigned)model_setting(d, SETTING_ANSWER_MONTHS));
}

static void term_is_lawful(struct laws *l, const PB(RequestRecord) *was, const PB(RequestRecord) *r)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	uint64_t month = latest_due(l, r);
	/* Whole local days: an hour more where summer time ends between. */
	uint64_t urgent = r->term_from_ms + 3600000 +
			  (model_setting(d, SETTING_URGENT_START) + 1) * LAWS_DAY_MS;
	uint64_t crisis = r->term_from_ms + model_setting(d, SETTING_CRISIS_ANSWER) * 1000;
	const char *id = law_hex_data(&r->request_id);

	if (r->answer_due_ms == 0 || r->answer_due_ms > month) {
		laws_violated(l, "L6", "request %s is due at %llu, a month ends at %llu", id,
			      (unsigned long long)r->answer_due_ms, (unsigned long long)month);
	}
	if (was != NULL || r->from_consult[0] != '\0') {
		return;
	}
	bool right = true;
	if (r->urgency == URGENCY_IS(CRISIS)) {
		right = r->answer_due_ms == crisis;
	} else if (r->urgency == URGENCY_IS(URGENT)) {
		right = r->answer_due_ms <= urgent && r->answer_due_ms > r->term_from_ms;
	} else {
		right = r->answer_due_ms == month;
	}
	if (!right && !l->step.reconcile) {
		laws_violated(l, "L6", "request %s got the term %llu", id,
			      (unsigned long long)r->answer_due_ms);
	}
}

/** A clock that runs has its row: else nobody would be told. */
static void clock_runs(struct laws *l, const PB(RequestRecord) *was, const PB(RequestRecord) *r)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	const char *id = law_hex_data(&r->request_id);

	if (!r->breached && !model_due(d, I_DUE_CLOCK, &r->request_id, r->answer_due_ms)) {
		laws_violated(l, "L6", "no timer runs for the term of request %s", id);
	}
	if (r->breached && was != NULL && !was->breached && l->step.now_ms < r->answer_due_ms) {
		laws_violated(l, "L6", "request %s was called late before its term", id);
	}
}

/* --- crisis: 30 minutes --- */

static bool crisis_watched(const struct laws *l, const PB(RequestRecord) *r)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	bool wanted = false;
	size_t at = SIZE_MAX;

	for (const PB(NeedRecord) *n = intake_need(d, &r->request_id, &at); n != NULL;
	     n = intake_need(d, &r->request_id, &at)) {
		wanted = wanted || n->need->state == NEED_IS(OPEN) ||
			 n->need->state == NEED_IS(ANSWERED) ||
			 n->need->state == NEED_IS(SUPPORTED);
	}
	at = SIZE_MAX;
	for (const PB(ContributionRecord) *c = intake_live(d, &r->request_id, &at); c != NULL;
	     c = intake_live(d, &r->request_id, &at)) {
		PB(ContributionState) st = c->last->state;
		wanted = wanted && st != CONTRIB(AGREED) && st != CONTRIB(STARTED) &&
			 st != CONTRIB(HANDING_ON);
	}
	return wanted;
}

static void crisis_is_looked_at(struct laws *l, const PB(RequestRecord) *r)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	uint64_t hold = model_setting(d, SETTING_CRISIS_HOLD) * 1000;
	uint64_t from = l->step.now_ms;

	if (r->urgency != URGENCY_IS(CRISIS) || !crisis_watched(l, r)) {
		return;
	}
	if (r->night_plan && r->call_at_ms > from) {
		from = r->call_at_ms;
	}
	if (!model_due(d, I_DUE_CLOCK, &r->request_id, from + hold)) {
		laws_violated(l, "L2", "crisis %s is searched for without anybody being told",
			      law_hex_data(&r->request_id));
	}
}

void laws_clock(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	size_t at = SIZE_MAX;

	for (const struct row *row = touched_request(l, &at); row != NULL;
	     row = touched_request(l, &at)) {
		const PB(RequestRecord) *r = row->rec;
		const struct change *c = change_find(d, I_REQUEST, &row->key);
		const PB(RequestRecord) *was = c == NULL ? r : c->before;

		answered_lawfully(l, was, r);
		if (!request_is_identified(l, r)) {
			continue;
		}
		clock_moved_lawfully(l, was, r);
		if (r->open && r->answered_ms == 0) {
			term_is_lawful(l, was, r);
			clock_runs(l, was, r);
		}
		if (r->open) {
			crisis_is_looked_at(l, r);
		}
	}
}
