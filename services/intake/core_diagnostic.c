/* SPDX-License-Identifier: EUPL-1.2 */
/* Diagnostic references: which question, who looks, by which model, where the report lies and what
 * is not known yet. Findings are referenced and never repeated here. What was answered once is not
 * asked twice: a later question in the same field builds on it or is refused. */
#include <string.h>

#include "services/intake/core_figure.h"

#define DIAGNOSTIC(X) SCHAKEL__V1__DIAGNOSTIC_STATE__DIAGNOSTIC_STATE_##X

static const struct {
	PB(DiagnosticState) from;
	PB(DiagnosticState) to;
} edge[] = {
	{ DIAGNOSTIC(UNSPECIFIED), DIAGNOSTIC(PLANNED) },
	{ DIAGNOSTIC(UNSPECIFIED), DIAGNOSTIC(ONGOING) },
	{ DIAGNOSTIC(UNSPECIFIED), DIAGNOSTIC(ANSWERED) },
	{ DIAGNOSTIC(PLANNED), DIAGNOSTIC(ONGOING) },
	{ DIAGNOSTIC(PLANNED), DIAGNOSTIC(ANSWERED) },
	{ DIAGNOSTIC(PLANNED), DIAGNOSTIC(DROPPED) },
	{ DIAGNOSTIC(ONGOING), DIAGNOSTIC(ANSWERED) },
	{ DIAGNOSTIC(ONGOING), DIAGNOSTIC(DROPPED) },
};

int diagnostic_next(PB(DiagnosticState) from, PB(DiagnosticState) to)
{
	for (size_t i = 0; i < SK_LEN(edge); i++) {
		if (edge[i].from == from && edge[i].to == to) {
			return SK_OK;
		}
	}
	return SK_ESTATE;
}

struct set_diagnostic {
	const PB(RecordDiagnostic) *m;
	struct req q;
	PB(DiagnosticRecord) *d;
	PB(DiagnosticState) to;
};

static PB(DiagnosticRecord) *diagnostic_load(struct step *s, const struct req *q, uint32_t number)
{
	struct key k = key_of_part(&q->id, number);

	return step_get(s, TABLE_DIAGNOSTIC, &k, TYPE(diagnostic_record));
}

static PB(DiagnosticRecord) *diagnostic_new(struct step *s, const struct set_diagnostic *sd)
{
	static const PB(DiagnosticRecord) empty = PB_INIT(DIAGNOSTIC_RECORD);
	static const PB(DiagnosticView) view = PB_INIT(DIAGNOSTIC_VIEW);
	PB(DiagnosticRecord) *d = step_alloc(s, sizeof(*d));
	PB(DiagnosticView) *v = step_alloc(s, sizeof(*v));

	if (d == NULL || v == NULL) {
		return NULL;
	}
	*d = empty;
	*v = view;
	d->diagnostic = v;
	v->number = sd->q.r->diagnostics_len + 1;
	v->request_id = sd->q.r->request_id;
	v->child = sd->m->child;
	v->expertise = sd->m->expertise;
	return d;
}

static int check_new(struct step *s, const struct set_diagnostic *sd)
{
	if (sd->q.r->diagnostics_len >= DIAGNOSTICS_KEPT_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "number");
	}
	int err = check_given(s, (int)sd->m->model, "model");
	if (err == SK_OK) {
		err = check_given(s, (int)sd->m->expertise, "expertise");
	}
	if (err == SK_OK && step_expertise(s, sd->m->expertise) == NULL) {
		err = step_refuse(s, REFUSAL(UNKNOWN_CODE), "expertise");
	}
	return err == SK_OK ? said_child(s, &sd->q, sd->m->child) : err;
}

static int diagnostic_open(struct step *s, struct set_diagnostic *sd)
{
	if (sd->m->number == 0) {
		int err = check_new(s, sd);
		if (err == SK_OK) {
			sd->d = diagnostic_new(s, sd);
		}
		return err == SK_OK ? s->txn->err : err;
	}
	sd->d = diagnostic_load(s, &sd->q, sd->m->number);
	if (sd->d == NULL && s->txn->err == SK_OK) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "number");
	}
	if (sd->d != NULL && sd->m->expertise != 0 &&
	    sd->m->expertise != sd->d->diagnostic->expertise) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "expertise");
	}
	return s->txn->err;
}

static bool builds_on(const struct set_diagnostic *sd, uint32_t number)
{
	const PB(DiagnosticView) *v = sd->d->diagnostic;

	for (size_t i = 0; i < sd->m->n_builds_on; i++) {
		if (sd->m->builds_on[i] == number) {
			return true;
		}
	}
	for (size_t i = 0; sd->m->n_builds_on == 0 && i < v->n_builds_on; i++) {
		if (v->builds_on[i] == number) {
			return true;
		}
	}
	return false;
}

static int check_builds_on(struct step *s, const struct set_diagnostic *sd)
{
	uint32_t self = sd->d->diagnostic->number;

	if (sd->m->n_builds_on > BUILDS_ON_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "builds_on");
	}
	for (size_t i = 0; i < sd->m->n_builds_on; i++) {
		uint32_t number = sd->m->builds_on[i];
		bool known = number != 0 && number <= sd->q.r->diagnostics_len && number != self;
		if (!known) {
			return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "builds_on[%zu]", i);
		}
	}
	return SK_OK;
}

/* A13: nothing is asked twice. */
static int check_not_twice(struct step *s, const struct set_diagnostic *sd)
{
	const PB(DiagnosticView) *v = sd->d->diagnostic;

	for (uint32_t i = 1; i <= sd->q.r->diagnostics_len; i++) {
		const PB(DiagnosticRecord) *o = diagnostic_load(s, &sd->q, i);
		bool answered = o != NULL && i < v->number &&
				o->diagnostic->state == DIAGNOSTIC(ANSWERED) &&
				o->diagnostic->child == v->child &&
				o->diagnostic->expertise == v->expertise;
		if (answered && !builds_on(sd, i)) {
			return step_refuse(s, REFUSAL(CONTRADICTS), "builds_on");
		}
	}
	return s->txn->err;
}

static int check_domains(struct step *s, const PB(RecordDiagnostic) *m)
{
	uint32_t seen = 0;

	if (m->n_open_domains > OPEN_DOMAINS_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "open_domains");
	}
	for (size_t i = 0; i < m->n_open_domains; i++) {
		uint32_t bit = 1U << (uint32_t)m->open_domains[i] % 32;
		if (m->open_domains[i] == 0) {
			return step_refuse(s, REFUSAL(MISSING), "open_domains[%zu]", i);
		}
		if ((seen & bit) != 0) {
			return step_refuse(s, REFUSAL(CONTRADICTS), "open_domains[%zu]", i);
		}
		seen |= bit;
	}
	return SK_OK;
}

static int check_state(struct step *s, struct set_diagnostic *sd)
{
	PB(DiagnosticState) was = sd->d->diagnostic->state;

	sd->to = sd->m->state != 0 ? sd->m->state : was != 0 ? was : DIAGNOSTIC(PLANNED);
	if (sd->to != was && diagnostic_next(was, sd->to) != SK_OK) {
		return refuse_state(s, &sd->q, NULL, "state");
	}
	return SK_OK;
}

static int check_diagnostic(struct step *s, struct set_diagnostic *sd)
{
	int err = said_open(s, &sd->m->request_id, &sd->q);

	if (err == SK_OK) {
		err = diagnostic_open(s, sd);
	}
	if (err == SK_OK) {
		err = check_state(s, sd);
	}
	if (err == SK_OK) {
		err = said_party(s, sd->m->by_party, "by_party");
	}
	if (err == SK_OK) {
		err = said_party(s, sd->m->report_at, "report_at");
	}
	if (err == SK_OK) {
		err = check_domains(s, sd->m);
	}
	if (err == SK_OK) {
		err = check_builds_on(s, sd);
	}
	if (err == SK_OK && sd->m->number == 0) {
		err = check_not_twice(s, sd);
	}
	return err == SK_OK ? said_words(s, &sd->q, sd->m->question, "question") : err;
}

static PB(Event) event_diagnostic(const struct req *q, const PB(DiagnosticView) *v)
{
	PB(Event) e = event_of(q, EVENT(DIAGNOSTIC));

	e.number = v->number;
	e.diagnostic_state = v->state;
	e.diagnostic_model = v->model;
	e.expertise = v->expertise;
	e.child = v->child;
	e.party = v->by_party;
	e.ended = v->state == DIAGNOSTIC(ANSWERED) || v->state == DIAGNOSTIC(DROPPED);
	return e;
}

/* An answer says anew what is still open: with no list, nothing is. */
static void diagnostic_set(struct step *s, struct set_diagnostic *sd)
{
	const PB(RecordDiagnostic) *m = sd->m;
	PB(DiagnosticView) *v = sd->d->diagnostic;
	bool anew = m->n_open_domains > 0 || sd->to == DIAGNOSTIC(ANSWERED);

	v->state = sd->to;
	v->model = m->model != 0 ? m->model : v->model;
	v->by_party = m->by_party[0] != '\0' ? m->by_party : v->by_party;
	v->report_at = m->report_at[0] != '\0' ? m->report_at : v->report_at;
	v->at_ms = s->now_ms;
	if (anew) {
		v->n_open_domains = m->n_open_domains;
		v->open_domains = m->open_domains;
	}
	if (m->n_builds_on > 0) {
		v->n_builds_on = m->n_builds_on;
		v->builds_on = m->builds_on;
	}
	if (m->question != NULL) {
		words_put(s, &sd->q, m->question, false);
		sd->d->person_id = m->question->person_id;
		sd->d->words_version = m->question->version;
	}
}

/* C3: what became of questions, by the way of working: models are compared by it. */
static void diagnostic_count(struct step *s, const struct set_diagnostic *sd)
{
	const PB(DiagnosticView) *v = sd->d->diagnostic;
	PB(DiagnosticModel) model = sd->m->model != 0 ? sd->m->model : v->model;
	struct figure f =
		req_figure(&sd->q, FIGURE(DIAGNOSTICS), (uint32_t)model * 10 + (uint32_t)sd->to);

	f.expertise = v->expertise;
	f.age_band = req_band(&sd->q, v->child);
	figure_add(s, &f);
}

int on_diagnostic(struct step *s, const PB(Message) *in)
{
	struct set_diagnostic sd = { .m = in->record_diagnostic };
	int err = check_diagnostic(s, &sd);

	if (err != SK_OK) {
		return err;
	}
	if (sd.to != sd.d->diagnostic->state) {
		diagnostic_count(s, &sd);
	}
	diagnostic_set(s, &sd);
	uint32_t number = sd.d->diagnostic->number;
	if (number > sd.q.r->diagnostics_len) {
		sd.q.r->diagnostics_len = number;
	}
	struct key k = key_of_part(&sd.q.id, number);
	step_put(s, TABLE_DIAGNOSTIC, &k, sd.d);
	req_save(s, &sd.q);
	say(s, &sd.q, event_diagnostic(&sd.q, sd.d->diagnostic));
	step_result(s, &sd.q.id, number);
	return s->txn->err;
}

void diagnostics_view(struct step *s, const struct req *q, PB(PlanView) *v)
{
	for (uint32_t i = 1; i <= q->r->diagnostics_len; i++) {
		PB(DiagnosticRecord) *d = diagnostic_load(s, q, i);
		if (d == NULL) {
			continue;
		}
		d->diagnostic->question = said_find(s, q, &d->person_id, d->words_version);
		v->diagnostics[v->n_diagnostics++] = d->diagnostic;
	}
}
