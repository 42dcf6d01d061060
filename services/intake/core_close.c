/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "services/intake/core_inner.h"

void needs_end(struct step *s, struct req *q, const struct need_set *set, enum need_event on,
	       PB(CloseReason) reason)
{
	for (size_t i = 0; i < set->len; i++) {
		set->n[i]->need->need_version = step_next_version(s, set->n[i]->need->need_version);
		set->n[i]->close_reason = reason;
	}
	needs_closed_emit(s, q, set, reason);
	for (size_t i = 0; i < set->len; i++) {
		need_move(s, q, set->n[i], on);
	}
}

static struct need_set needs_that_can(const struct req *q, enum need_event on)
{
	struct need_set set = { .len = 0 };

	for (size_t i = 0; i < q->needs_len; i++) {
		if (need_can(q->need[i], on)) {
			set.n[set.len++] = q->need[i];
		}
	}
	return set;
}

static bool set_has(const struct need_set *set, const PB(NeedRecord) *n)
{
	for (size_t i = 0; i < set->len; i++) {
		if (set->n[i] == n) {
			return true;
		}
	}
	return false;
}

static int needs_named(struct step *s, struct req *q, const PB(WithdrawRequest) *m,
		       struct need_set *ret_set)
{
	if (m->n_need_ids > NEEDS_KEPT_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "need_ids");
	}
	for (size_t i = 0; i < m->n_need_ids; i++) {
		PB(NeedRecord) *n = req_need(q, &m->need_ids[i]);
		if (n == NULL) {
			return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "need_ids[%zu]", i);
		}
		if (set_has(ret_set, n)) {
			return step_refuse(s, REFUSAL(CONTRADICTS), "need_ids[%zu]", i);
		}
		ret_set->n[ret_set->len++] = n;
	}
	return SK_OK;
}

static int withdraw_all(struct step *s, struct req *q, enum need_event on, struct need_set *ret_set)
{
	bool consult = q->r->kind == KIND(CONSULT) && q->r->open;

	*ret_set = needs_that_can(q, on);
	return ret_set->len == 0 && !consult ? refuse_state(s, q, NULL, "request_id") : SK_OK;
}

static int withdraw_set(struct step *s, struct req *q, const PB(WithdrawRequest) *m,
			enum need_event on, struct need_set *ret_set)
{
	if (m->n_need_ids == 0) {
		return withdraw_all(s, q, on, ret_set);
	}
	int err = needs_named(s, q, m, ret_set);
	for (size_t i = 0; err == SK_OK && i < ret_set->len; i++) {
		if (!need_can(ret_set->n[i], on)) {
			err = refuse_state(s, q, ret_set->n[i], "need_ids");
		}
	}
	return err;
}

int on_withdraw(struct step *s, const PB(Message) *in)
{
	const PB(WithdrawRequest) *m = in->withdraw_request;
	bool error = m->reason == CLOSE(ENTERED_IN_ERROR);
	enum need_event on = error ? NEED_EV_ERROR : NEED_EV_WITHDRAW;
	struct need_set set = { .len = 0 };
	struct req q;
	int err = req_open(s, &m->request_id, "request_id", &q);

	if (err != SK_OK) {
		return err;
	}
	if (!may_act(s, &q)) {
		return refuse_not_yours(s, "request_id");
	}
	if (m->reason == CLOSE(UNSPECIFIED)) {
		return step_refuse(s, REFUSAL(MISSING), "reason");
	}
	if (!error && m->reason != CLOSE(WITHDRAWN)) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "reason");
	}
	err = withdraw_set(s, &q, m, on, &set);
	if (err == SK_OK) {
		err = check_for_family(s, &q, m->second_party);
	}
	if (err != SK_OK) {
		return err;
	}
	needs_end(s, &q, &set, on, m->reason);
	if (q.r->kind == KIND(CONSULT) && q.r->open) {
		q.r->consult = CONSULT(CANCELLED);
		q.r->open = false;
		say(s, &q, event_consult(&q));
	}
	step_result(s, &q.id, q.r->version);
	return req_settle(s, &q);
}

/* What a family may say, and what follows for the need. */
static const struct {
	PB(CloseReason) reason;
	enum need_event on;
} closing[] = {
	{ CLOSE(CONSULT_SUFFICED), NEED_EV_FAMILY_CLOSES },
	{ CLOSE(SELF_RESOLVED), NEED_EV_FAMILY_CLOSES },
	{ CLOSE(CHOSE_OTHER), NEED_EV_FAMILY_CLOSES },
	{ CLOSE(MOVED), NEED_EV_SUCCESSOR },
	{ CLOSE(ADULT_HELP), NEED_EV_SUCCESSOR },
	{ CLOSE(DECEASED), NEED_EV_DECEASED },
	{ CLOSE(NO_AVAILABILITY), NEED_EV_CRISIS_OVER },
};

static bool close_event(PB(CloseReason) reason, enum need_event *ret_on)
{
	for (size_t i = 0; i < SK_LEN(closing); i++) {
		if (closing[i].reason == reason) {
			*ret_on = closing[i].on;
			return true;
		}
	}
	return false;
}

/* L2: who takes over must have started, or the child would fall between two. */
static bool has_started(struct step *s, struct req *q, const char *party)
{
	req_live(s, q);
	for (size_t i = 0; i < q->live_len; i++) {
		const PB(ContributionChanged) *c = q->live[i]->last;
		if (c->state == CONTRIB(STARTED) && strcmp(c->partner, party) == 0) {
			return true;
		}
	}
	return false;
}

static int check_close(struct step *s, struct req *q, const PB(NeedRecord) *n,
		       const PB(CloseNeed) *m, enum need_event *ret_on)
{
	if (!may_act(s, q)) {
		return refuse_not_yours(s, "need_id");
	}
	if (m->reason == CLOSE(UNSPECIFIED)) {
		return step_refuse(s, REFUSAL(MISSING), "reason");
	}
	if (!close_event(m->reason, ret_on)) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "reason");
	}
	if (!need_can(n, *ret_on)) {
		return refuse_state(s, q, n, "need_id");
	}
	int err = SK_OK;
	if (*ret_on == NEED_EV_CRISIS_OVER) {
		err = crisis_check_no_availability(s, q, n);
	} else if (*ret_on != NEED_EV_DECEASED) {
		err = check_for_family(s, q, m->second_party);
	}
	if (err != SK_OK) {
		return err;
	}
	if (*ret_on != NEED_EV_SUCCESSOR) {
		return m->successor[0] == '\0' ? SK_OK :
						 step_refuse(s, REFUSAL(CONTRADICTS), "successor");
	}
	if (m->successor[0] == '\0') {
		return step_refuse(s, REFUSAL(MISSING), "successor");
	}
	return has_started(s, q, m->successor) ? SK_OK :
						 step_refuse(s, REFUSAL(NO_SUCCESSOR), "successor");
}

/* Nothing is said to the family after the one event that says it to those who hold. */
static void deceased(struct step *s, struct req *q)
{
	struct need_set all = needs_that_can(q, NEED_EV_DECEASED);
	PB(Event) e = event_request(q);

	e.ended = true;
	e.due_ms = 0;
	e.close_reason = CLOSE(DECEASED);
	say(s, q, e);
	q->r->deceased = true;
	needs_end(s, q, &all, NEED_EV_DECEASED, CLOSE(DECEASED));
}

static bool is_about(const struct family *fam, const struct kin *kin, const struct req *q,
		     uint32_t child, size_t at)
{
	size_t own = family_at(fam, &q->r->request_id);

	return fam->m[at] != q && fam->m[at]->r->n_children == 1 && !fam->m[at]->r->deceased &&
	       same_child(kin, own, child, at, 0);
}

/* A11: the child was told of at another desk as well: who holds it there hears it in this step, and
 * nobody there goes on looking for help. A request that is about other children too goes on for
 * them; its contact person, who is that of the whole family, has heard it here. */
static int deceased_everywhere(struct step *s, struct req *q, uint32_t child)
{
	struct req *each[FAMILY_MAX];
	struct family fam;
	struct kin kin;
	size_t len = 0;
	bool joined = family_load(s, q, &fam);

	deceased(s, q);
	if (!joined) {
		return s->txn->err != SK_OK ? s->txn->err : req_settle(s, q);
	}
	family_kin(&fam, &kin);
	for (size_t i = 0; i < fam.len; i++) {
		bool there = is_about(&fam, &kin, q, child, i);
		if (there) {
			deceased(s, fam.m[i]);
		}
		if (there || fam.m[i] == q) {
			req_save(s, fam.m[i]);
			each[len++] = fam.m[i];
		}
	}
	return family_settle_each(s, each, len);
}

int on_close_need(struct step *s, const PB(Message) *in)
{
	const PB(CloseNeed) *m = in->close_need;
	struct need_set one = { .len = 1 };
	enum need_event on = NEED_EV_COUNT;
	struct req q;
	int err = req_open_need(s, &m->need_id, "need_id", &q, &one.n[0]);

	if (err == SK_OK) {
		err = check_close(s, &q, one.n[0], m, &on);
	}
	if (err != SK_OK) {
		return err;
	}
	struct object_id id;
	SK_ASSERT(object_id_from(&m->need_id, &id));
	if (on == NEED_EV_DECEASED) {
		err = deceased_everywhere(s, &q, one.n[0]->need->child);
		step_result(s, &id, one.n[0]->need->need_version);
		return err;
	}
	one.n[0]->successor = m->successor;
	needs_end(s, &q, &one, on, m->reason);
	step_result(s, &id, one.n[0]->need->need_version);
	return req_settle(s, &q);
}

static int check_reopen(struct step *s, struct req *q, const PB(NeedRecord) *n)
{
	if (!may_act(s, q)) {
		return refuse_not_yours(s, "need_id");
	}
	if (q->r->deceased || !need_can(n, NEED_EV_REOPEN)) {
		return refuse_state(s, q, n, "need_id");
	}
	if (need_finished(n) && needs_open(q) >= NEEDS_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "need_id");
	}
	/* After a year it is a new request, with a new intake. */
	unsigned months = (unsigned)step_setting(s, SETTING_REENTRY);
	bool over = need_finished(n) && s->now_ms > months_later(n->state_since_ms, months);
	return over ? refuse_state(s, q, n, "need_id") : SK_OK;
}

/* A request that was answered gets a new term. One that never was keeps the old one: else closing
 * and reopening would be a way to stop the clock (L6). A crisis is pushed anew, not reopened. */
static void term_reopen(struct step *s, struct req *q, bool must)
{
	PB(RequestRecord) *r = q->r;

	if (!r->open && (r->urgency == URGENCY(CRISIS) || r->urgency == URGENCY(URGENT))) {
		r->crisis_ended_ms = r->urgency == URGENCY(CRISIS) ? s->now_ms : r->crisis_ended_ms;
		r->urgency = URGENCY(STANDARD);
		r->crisis_step = 0;
		r->reason = 0;
		r->crisis_check_ms = 0;
		r->urgent_until_ms = 0;
		r->version = step_next_version(s, r->version);
	}
	if (must && (r->answered_ms != 0 || MUT(36))) {
		r->answered_ms = 0;
		r->breached = false;
		r->wider = false;
		r->term_from_ms = s->now_ms;
		term_start(s, q, term_end(s, r->urgency, s->now_ms));
	}
}

void need_reopen(struct step *s, struct req *q, PB(NeedRecord) *n)
{
	n->need->need_version = step_next_version(s, n->need->need_version);
	n->need->arrival_ms = s->now_ms;
	n->close_reason = CLOSE(UNSPECIFIED);
	n->list_closed = false;
	/* It is asked for anew, with who has to say yes; not so who helped with it before. */
	n->held_kept = n->held_kept || n->need->shielded;
	n->need->shielded = false;
	n->waits_with = (ProtobufCBinaryData){ 0, NULL };
	n->own_arrival_ms = 0;
	n->help_ended = false;
	n->started_ms = 0;
	need_move(s, q, n, NEED_EV_REOPEN);
}

int on_reopen_need(struct step *s, const PB(Message) *in)
{
	struct req q;
	PB(NeedRecord) *n;
	struct object_id id;
	int err = req_open_need(s, &in->reopen_need->need_id, "need_id", &q, &n);

	if (err == SK_OK) {
		err = check_reopen(s, &q, n);
	}
	if (err != SK_OK) {
		return err;
	}
	term_reopen(s, &q, n->need->must);
	need_reopen(s, &q, n);
	needs_opened_emit(s, &q);
	SK_ASSERT(object_id_from(&n->need->need_id, &id));
	step_result(s, &id, n->need->need_version);
	return req_settle(s, &q);
}

int due_aftercare(struct step *s, const struct object_id *need_id, uint64_t due_ms)
{
	struct need_set one = { .len = 1 };
	ProtobufCBinaryData id = object_id_data(need_id);
	struct req q;
	int err = req_open_need(s, &id, "need_id", &q, &one.n[0]);

	if (err != SK_OK) {
		return err;
	}
	if (one.n[0]->aftercare_until_ms != due_ms) {
		return SK_OK; /* reopened, and in aftercare anew */
	}
	needs_end(s, &q, &one, NEED_EV_AFTERCARE_DONE, CLOSE(STARTED_HELP));
	return req_settle(s, &q);
}
