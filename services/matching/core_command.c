/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/matching/core_int.h"

#define IREASON(NAME) SCHAKEL__V1__INTERRUPT_REASON__INTERRUPT_REASON_##NAME

static int finish(struct work *w, const PB(MatchContributionRecord) *c)
{
	struct object_id id = id_of(&c->contribution_id);

	step_result(w->s, &id, c->version);
	return work_settle(w);
}

/** @return the contribution on which @p on is legal now, or NULL and *ret_err. */
static PB(MatchContributionRecord) *movable(struct work *w, const ProtobufCBinaryData *id,
					    enum contribution_event on, int *ret_err)
{
	PB(MatchContributionRecord) *c = contribution_of(w, id, ret_err);
	PB(ContributionState) to;

	if (c != NULL && contribution_next(c->state, on, &to) != SK_OK) {
		*ret_err = contribution_refuse(w, c);
		return NULL;
	}
	return c;
}

/** Before AGREED only. The partner is not asked for this need again for a while. */
int match_take_back(struct step *s, const PB(Message) *in)
{
	struct work w;
	int err = SK_OK;

	work_init(&w, s);
	PB(MatchContributionRecord) *c =
		movable(&w, &in->take_back->contribution_id, EV_TAKE_BACK, &err);
	if (c == NULL) {
		return err;
	}
	struct object_id need = id_of(&c->need_id);
	exclude_add(&w, &need, c->partner, CAUSE(TAKEN_BACK),
		    s->now_ms + MATCH_TAKEN_BACK_DAYS * CIVIL_DAY_MS);
	contribution_move(&w, c, EV_TAKE_BACK, 0);
	round_over(&w, &need, true);
	return finish(&w, c);
}

/** A start without the child or a parent seen may be completed later: seen answers (L6). */
static bool completes_start(const PB(MatchContributionRecord) *c, const PB(StartContribution) *m)
{
	return c->state == CSTATE(STARTED) && !c->seen && m->seen;
}

int match_start(struct step *s, const PB(Message) *in)
{
	const PB(StartContribution) *m = in->start_contribution;
	PB(ContributionState) to;
	struct work w;
	int err = SK_OK;

	work_init(&w, s);
	PB(MatchContributionRecord) *c = contribution_of(&w, &m->contribution_id, &err);
	if (c == NULL) {
		return err;
	}
	if (m->worker.len != 0 && m->worker.len != OBJECT_ID_LEN) {
		return step_refuse(s, REFUSE(MALFORMED), "worker");
	}
	if (c->state == CSTATE(CAN_IF)) {
		w.s->out->holds_now = contribution_event(&w, c);
		return step_refuse(s, REFUSE(CONDITION_OPEN), "contribution_id");
	}
	if (c->state == CSTATE(ASKED) || c->state == CSTATE(CAN) ||
	    (c->state == CSTATE(AGREED) && !ground_holds(&w, c))) {
		/* L5: nothing starts without a recorded ground. */
		bool gate = c->state == CSTATE(CAN) && ground_holds(&w, c) && !gate_is_open(&w, c);
		w.s->out->holds_now = contribution_event(&w, c);
		return step_refuse(s, REFUSE(NO_GROUND), gate ? "gate" : "contribution_id");
	}
	bool completes = completes_start(c, m);
	if (!completes && contribution_next(c->state, EV_START, &to) != SK_OK) {
		return contribution_refuse(&w, c);
	}
	err = m->worker.len == 0 ? SK_OK : worker_name(&w, c, &m->worker);
	if (err != SK_OK) {
		return err;
	}
	c->seen = m->seen;
	c->begun = true;
	if (completes) {
		contribution_renew(&w, c);
		c->at_ms = s->now_ms;
		contribution_put(&w, c, 0);
	} else {
		contribution_move(&w, c, EV_START, 0);
		help_relieves(&w, c);
	}
	return finish(&w, c);
}

int match_interrupt(struct step *s, const PB(Message) *in)
{
	const PB(InterruptContribution) *m = in->interrupt_contribution;
	struct work w;
	int err = SK_OK;

	work_init(&w, s);
	if (m->reason < IREASON(FORCE_MAJEURE) || m->reason > IREASON(NO_CONTACT)) {
		return step_refuse(s, REFUSE(UNKNOWN_CODE), "reason");
	}
	if (m->expected_ms != 0 && !work_is_ahead(&w, m->expected_ms)) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "expected_ms");
	}
	PB(MatchContributionRecord) *c = movable(&w, &m->contribution_id, EV_INTERRUPT, &err);
	if (c == NULL) {
		return err;
	}
	c->interrupt = m->reason;
	c->until_ms = m->expected_ms;
	contribution_move(&w, c, EV_INTERRUPT, 0);
	return finish(&w, c);
}

/** Somebody with room, where the pool states its workers. */
static bool has_worker(struct work *w, const PB(MatchContributionRecord) *c)
{
	struct object_id request = id_of(&c->request_id);
	struct object_id need = id_of(&c->need_id);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	const PB(MatchNeedRecord) *n = need_get(w, &need);
	const PB(MatchPoolRecord) *p = pool_get(w, c->pool);
	struct object_id id;

	if (r == NULL || n == NULL || p == NULL || p->workers == 0) {
		return true;
	}
	struct hold_want want = hold_want_of(r, n, c->use, c->amount);
	return worker_pick(w, c->pool, &want, &id);
}

/** The hands are back. What the interruption took off the staffing comes back with them, unless the
 *  partner has stated its staffing anew since; then the amount has to be there (L4). */
static bool pool_resume(struct work *w, PB(MatchContributionRecord) *c)
{
	PB(MatchPoolRecord) *p = pool_get(w, c->pool);

	if (p == NULL) {
		return false;
	}
	if (p->puts == c->pool_puts && c->staffed_taken > 0) {
		p->staffed += c->staffed_taken;
		p->version = step_next_version(w->s, p->version);
		pool_put(w, p);
	}
	c->staffed_taken = 0;
	return has_worker(w, c) && pool_take(w, c->pool, c->amount);
}

int match_resume(struct step *s, const PB(Message) *in)
{
	struct work w;
	int err = SK_OK;

	work_init(&w, s);
	PB(MatchContributionRecord) *c =
		movable(&w, &in->resume_contribution->contribution_id, EV_RESUME, &err);
	if (c == NULL) {
		return err;
	}
	if (!c->begun && !ground_holds(&w, c)) {
		return step_refuse(s, REFUSE(NO_GROUND), "contribution_id");
	}
	if (!pool_resume(&w, c)) {
		return step_refuse(s, REFUSE(NOT_STAFFED), "contribution_id");
	}
	hold_begin(&w, c);
	c->interrupt = IREASON(UNSPECIFIED);
	c->until_ms = 0;
	help_back(&w, c, EV_RESUME, 0);
	return finish(&w, c);
}

int contribution_named(struct step *s, const ProtobufCBinaryData *id, const char *code,
		       struct object_id *ret_id)
{
	if (id->len == 0 && code[0] != '\0') {
		return step_by_short_code(s, T_CONTRIBUTION, code, ret_id) ?
			       SK_OK :
			       step_refuse(s, REFUSE(UNKNOWN_OBJECT), "short_code");
	}
	return object_id_from(id, ret_id) ? SK_OK :
					    step_refuse(s, REFUSE(MALFORMED), "contribution_id");
}

int contribution_of_child(struct work *w, const struct object_id *id, uint32_t child,
			  PB(MatchContributionRecord) **ret_c)
{
	PB(MatchContributionRecord) *c = contribution_get(w, id);

	if (c == NULL) {
		return work_err(w) != SK_OK ?
			       work_err(w) :
			       step_refuse(w->s, REFUSE(UNKNOWN_OBJECT), "contribution_id");
	}
	if (!speaks_for_family(w, c)) {
		return step_refuse(w->s, REFUSE(NOT_YOURS), "contribution_id");
	}
	struct object_id need = id_of(&c->need_id);
	const PB(MatchNeedRecord) *n = need_get(w, &need);
	if (n != NULL && n->need->child != child) {
		return step_refuse(w->s, REFUSE(CONTRADICTS), "child");
	}
	*ret_c = c;
	return SK_OK;
}

/** At any time, no reason needed, no date lost. */
int match_stop(struct step *s, const PB(Message) *in)
{
	PB(MatchContributionRecord) *c = NULL;
	PB(ContributionState) to;
	struct object_id id;
	struct work w;

	work_init(&w, s);
	int err = contribution_named(s, &in->stop_contribution->contribution_id,
				     in->stop_contribution->short_code, &id);
	err = err == SK_OK ? contribution_of_child(&w, &id, in->stop_contribution->child, &c) : err;
	if (err != SK_OK) {
		return err;
	}
	if (contribution_next(c->state, EV_STOP, &to) != SK_OK) {
		return contribution_refuse(&w, c);
	}
	err = check_stop_said(&w, c, in->stop_contribution->second_party);
	if (err != SK_OK) {
		return err;
	}
	struct object_id need = id_of(&c->need_id);
	exclude_add(&w, &need, c->partner, CAUSE(STOPPED), 0);
	contribution_move(&w, c, EV_STOP, TELL_PARTNER);
	return finish(&w, c);
}

/** With overlap: it goes on, and holds, until its successor has started. */
int match_hand_on(struct step *s, const PB(Message) *in)
{
	struct work w;
	int err = SK_OK;

	work_init(&w, s);
	PB(MatchContributionRecord) *c =
		movable(&w, &in->hand_on_contribution->contribution_id, EV_HAND_ON, &err);
	if (c == NULL) {
		return err;
	}
	c->hand_on = true;
	contribution_move(&w, c, EV_HAND_ON, 0);
	return finish(&w, c);
}

/** Nobody leaves before the next has started, the need has ended or the planned end has come.
 * Intake answers END_ALLOWED once the after-stay entries exist; until then it is handing on. */
int match_end(struct step *s, const PB(Message) *in)
{
	struct work w;
	int err = SK_OK;

	work_init(&w, s);
	PB(MatchContributionRecord) *c =
		contribution_of(&w, &in->end_contribution->contribution_id, &err);
	if (c == NULL) {
		return err;
	}
	if (c->state == CSTATE(HANDING_ON) && c->ending) {
		emit_end_asked(&w, c); /* again: the answer may have gone with a disk */
		return finish(&w, c);
	}
	bool leaving = c->state == CSTATE(HANDING_ON);
	if (c->state != CSTATE(STARTED) && c->state != CSTATE(INTERRUPTED) && !leaving) {
		return contribution_refuse(&w, c);
	}
	if (!may_end(&w, c)) {
		s->out->holds_now = contribution_event(&w, c);
		return step_refuse(s, REFUSE(NO_SUCCESSOR), "contribution_id");
	}
	c->ending = true;
	if (leaving) {
		contribution_renew(&w, c);
		contribution_put(&w, c, 0);
	} else {
		contribution_move(&w, c, EV_HAND_ON, 0);
	}
	emit_end_asked(&w, c);
	return finish(&w, c);
}
