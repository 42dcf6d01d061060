/* SPDX-License-Identifier: EUPL-1.2 */
/* What intake counts: in-, through- and outflow, terms, what helped. A request is counted by what
 * its record says at the end of a step and did not say before, a contribution when matching's fact
 * is taken in; nothing else of intake touches figures but a signal, a call, a fit that is told. */
#include <string.h>

#include "services/intake/core_figure.h"

#define INFLOW_NEW 1
#define INFLOW_AGAIN 2
#define ANSWERED_IN_TERM 1
#define ANSWERED_LATE 2

/* --- a request --- */

/* The age on the day of the request, so that one life is counted in one band. */
uint32_t req_band(const struct req *q, uint32_t child)
{
	return child < q->r->n_children ? figure_age_band(child_age(q, child, q->r->received_ms)) :
					  0;
}

static PB(WaitClass) class_of(PB(Urgency) urgency)
{
	static const PB(WaitClass) class[] = {
		[URGENCY(CRISIS)] = SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_CRISIS,
		[URGENCY(URGENT)] = SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_URGENT,
		[URGENCY(STANDARD)] = SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_ACTIVE,
		[URGENCY(PREVENTIVE)] = SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_PRECAUTION,
	};

	return (unsigned)urgency < SK_LEN(class) ? class[urgency] : 0;
}

struct figure req_figure(const struct req *q, PB(FigureKind) kind, uint32_t code)
{
	return (struct figure){
		.kind = kind,
		.zone = q->r->zone,
		.wait_class = class_of(q->r->urgency),
		.age_band = req_band(q, 0),
		.code = code,
	};
}

static void count(struct step *s, const struct req *q, PB(FigureKind) kind, uint32_t code)
{
	struct figure f = req_figure(q, kind, code);

	figure_add(s, &f);
}

void retelling_count(struct step *s, struct req *q)
{
	q->r->retellings++;
	count(s, q, FIGURE(RETELLINGS), 0);
}

void req_counted(struct req *q)
{
	const PB(RequestRecord) *r = q->r;

	q->was = (struct counted){
		.known = true,
		.open = r->open,
		.breached = r->breached,
		.answered_ms = r->answered_ms,
		.consult = r->consult,
	};
	for (size_t i = 0; i < q->needs_len; i++) {
		q->was.state[i] = (uint8_t)q->need[i]->need->state;
	}
}

static void count_inflow(struct step *s, const struct req *q)
{
	const PB(RequestRecord) *r = q->r;

	if (r->kind != KIND(SEARCH)) {
		return;
	}
	if (!q->was.known) {
		count(s, q, FIGURE(INFLOW), INFLOW_NEW);
		if (r->urgency == URGENCY(PREVENTIVE)) {
			count(s, q, FIGURE(PREVENTIVE), 0); /* D8: beside the inflow, its share */
		}
	} else if (!q->was.open && r->open) {
		count(s, q, FIGURE(INFLOW), INFLOW_AGAIN);
	}
}

/* D11: it leaves by what was said of the need that ended it. */
static void count_outflow(struct step *s, const struct req *q)
{
	uint32_t reason = 0;

	if (q->r->kind != KIND(SEARCH) || !q->was.open || q->r->open) {
		return;
	}
	for (size_t i = 0; i < q->needs_len && reason == 0; i++) {
		if (need_finished(q->need[i]) && q->was.state[i] < NEED_IS(CLOSED)) {
			reason = q->need[i]->close_reason;
		}
	}
	count(s, q, FIGURE(OUTFLOW), reason);
}

static void count_term(struct step *s, const struct req *q)
{
	const PB(RequestRecord) *r = q->r;

	if (r->answered_ms != 0 && q->was.answered_ms == 0) {
		bool late = r->answer_due_ms != 0 && r->answered_ms > r->answer_due_ms;
		struct figure f = req_figure(q, FIGURE(ANSWERED_IN_TERM),
					     late ? ANSWERED_LATE : ANSWERED_IN_TERM);
		f.sum = figure_days(r->term_from_ms != 0 ? r->term_from_ms : r->received_ms,
				    r->answered_ms);
		figure_add(s, &f);
	}
	if (r->breached && !q->was.breached) {
		count(s, q, FIGURE(BREACHED), r->urgency);
	}
}

static void count_consult(struct step *s, const struct req *q)
{
	const PB(RequestRecord) *r = q->r;
	bool anonymous = r->contact_party[0] == '\0';

	if (r->kind == KIND(CONSULT) && r->consult != q->was.consult) {
		count(s, q, FIGURE(CONSULTS),
		      (uint32_t)r->consult + (anonymous ? FIGURE_ANONYMOUS : 0));
	}
}

/* L9 seen from outside: how many houses make the team that has just become whole. */
static uint32_t houses_active(struct step *s, const struct req *q)
{
	const char *house[LIVE_MAX];
	uint32_t len = 0;

	for (size_t i = 0; i < q->live_len; i++) {
		const char *of = organisation_of(s, q->live[i]->last->partner);
		uint32_t at = 0;
		if (!contribution_active(q->live[i]->last)) {
			continue;
		}
		while (at < len && strcmp(house[at], of) != 0) {
			at++;
		}
		house[at] = of;
		len = at == len ? len + 1 : len;
	}
	return len;
}

static void count_needs(struct step *s, const struct req *q)
{
	bool whole = false;

	for (size_t i = 0; i < q->needs_len; i++) {
		const PB(NeedRecord) *n = q->need[i];
		PB(NeedState) now = n->need->state;
		PB(NeedState) was = (PB(NeedState))q->was.state[i];

		if (was >= NEED_IS(OPEN) && was < NEED_IS(SUPPORTED) && now == NEED_IS(SUPPORTED)) {
			whole = true;
		}
		if (now == NEED_IS(CLOSED) && was != now &&
		    n->close_reason == CLOSE(NO_AVAILABILITY)) {
			struct figure f = req_figure(q, FIGURE(NO_AVAILABILITY), 0);
			f.expertise = n->need->expertise;
			figure_add(s, &f);
		}
	}
	if (whole) {
		struct figure f = req_figure(q, FIGURE(PARTNERS_PER_TEAM), 0);
		f.value = houses_active(s, q);
		figure_add(s, &f);
	}
}

void req_figures(struct step *s, struct req *q)
{
	count_inflow(s, q);
	count_outflow(s, q);
	count_term(s, q);
	count_consult(s, q);
	count_needs(s, q);
	req_counted(q);
}

/* --- a contribution --- */

static struct figure help_figure(const struct req *q, const PB(NeedRecord) *n,
				 const PB(ContributionChanged) *c, PB(FigureKind) kind)
{
	struct figure f = req_figure(q, kind, 0);

	f.expertise = n->need->expertise;
	f.age_band = req_band(q, n->need->child);
	f.shielded = c->shielded;
	return f;
}

static uint32_t child_of(const struct req *q, const ProtobufCBinaryData *need_id)
{
	for (size_t i = 0; i < q->needs_len; i++) {
		if (data_equal(&q->need[i]->need->need_id, need_id)) {
			return q->need[i]->need->child;
		}
	}
	return 0;
}

/* D11: help comes from another house while somebody helps: the child passes on, nobody lets go. */
static bool helped_elsewhere(struct step *s, const struct req *q, const PB(NeedRecord) *n,
			     const PB(ContributionChanged) *c)
{
	const char *house = organisation_of(s, c->partner);

	for (size_t i = 0; i < q->live_len; i++) {
		const PB(ContributionChanged) *o = q->live[i]->last;
		if (contribution_active(o) && child_of(q, &o->need_id) == n->need->child &&
		    strcmp(organisation_of(s, o->partner), house) != 0) {
			return true;
		}
	}
	return false;
}

static PB(ChildCountedRecord) *child_get(struct step *s, const struct req *q, uint32_t child,
					 struct key *ret_key)
{
	*ret_key = key_of_id(&q->id);
	key_u32(ret_key, child);
	PB(ChildCountedRecord) *rec =
		step_get(s, TABLE_CHILD_COUNTED, ret_key, TYPE(child_counted_record));
	if (rec == NULL && s->txn->err == SK_OK) {
		rec = step_alloc(s, sizeof(*rec));
		if (rec != NULL) {
			schakel__v1__child_counted_record__init(rec);
		}
	}
	return rec;
}

/* D10: from where on the continuum to where, with each start, in both directions. */
static bool count_continuum(struct step *s, const struct req *q, const PB(NeedRecord) *n,
			    const PB(ContributionChanged) *c, PB(ChildCountedRecord) *child)
{
	PB(Continuum) was = child->continuum;

	if (c->continuum == 0 || c->continuum == was) {
		return false;
	}
	child->continuum = c->continuum;
	if (was != 0) {
		struct figure f = help_figure(q, n, c, FIGURE(CONTINUUM_MOVES));
		f.code = (uint32_t)was * 10 + (uint32_t)c->continuum;
		figure_add(s, &f);
	}
	return true;
}

/* B9: each worker once per child and year. */
static bool count_worker(struct step *s, const struct req *q, const PB(NeedRecord) *n,
			 const PB(ContributionChanged) *c, PB(ChildCountedRecord) *child)
{
	uint32_t year = figure_month(s->now_ms) / 100;
	ProtobufCBinaryData *workers;

	if (c->worker.len == 0) {
		return false;
	}
	if (child->year != year) {
		child->year = year;
		child->n_workers = 0;
	}
	for (size_t i = 0; i < child->n_workers; i++) {
		if (data_equal(&child->workers[i], &c->worker)) {
			return false;
		}
	}
	workers = step_alloc(s, (child->n_workers + 1) * sizeof(*workers));
	if (workers == NULL || child->n_workers == WORKERS_COUNTED_MAX) {
		return false;
	}
	if (child->n_workers > 0) {
		memcpy(workers, child->workers, child->n_workers * sizeof(*workers));
	}
	workers[child->n_workers] = c->worker;
	child->workers = workers;
	child->n_workers++;
	struct figure f = req_figure(q, FIGURE(WORKERS_PER_CHILD), 0);
	f.wait_class = 0; /* may change within the year */
	f.age_band = 0;
	f.expertise = 0;
	f.value = (uint32_t)child->n_workers;
	(void)n;
	figure_move_year(s, &f, (uint32_t)child->n_workers - 1);
	return true;
}

static void count_help(struct step *s, const struct req *q, const PB(NeedRecord) *n,
		       const PB(ContributionChanged) *c, bool first)
{
	struct key k;
	PB(ChildCountedRecord) *child = child_get(s, q, n->need->child, &k);

	if (child == NULL) {
		return;
	}
	bool moved = first && count_continuum(s, q, n, c, child);
	bool fresh = count_worker(s, q, n, c, child);
	if (moved || fresh) {
		step_put(s, TABLE_CHILD_COUNTED, &k, child);
	}
}

/* A13: what it was, how it fitted, whether it ended as planned. */
static uint32_t helped_code(const PB(ContributionRecord) *rec, PB(Fit) fit)
{
	const PB(ContributionChanged) *c = rec->last;
	uint32_t code = (uint32_t)c->supporter;

	code = code * 10 + (uint32_t)c->modality;
	code = code * 10 + (uint32_t)c->continuum;
	code = code * 10 + (uint32_t)fit;
	return code * 10 + (rec->ended_well ? 1 : 0);
}

void helped_parts(uint32_t code, struct helped *ret)
{
	ret->well = code % 10 != 0;
	ret->fit = (PB(Fit))(code / 10 % 10);
	ret->continuum = (PB(Continuum))(code / 100 % 10);
	ret->modality = (PB(Modality))(code / 1000 % 10);
	ret->supporter = (PB(SupporterKind))(code / 10000);
}

/* The row of what helps is that of the child's life, not of the zone. */
static struct figure helped_ever(const struct req *q, const PB(NeedRecord) *n,
				 const PB(ContributionRecord) *rec, PB(Fit) fit)
{
	struct figure f = help_figure(q, n, rec->last, FIGURE(HELPED));

	f.zone = NULL;
	f.wait_class = 0;
	f.age_band = rec->band_counted;
	f.code = helped_code(rec, fit);
	f.value = rec->weeks_counted;
	f.sum = f.value;
	f.shielded = rec->shielded_counted;
	return f;
}

static void count_helped(struct step *s, const struct req *q, const PB(NeedRecord) *n,
			 PB(ContributionRecord) *rec)
{
	const PB(ContributionChanged) *c = rec->last;
	uint64_t end_ms = c->at_ms == 0 || c->at_ms > s->now_ms ? s->now_ms : c->at_ms;

	rec->ended_counted = true;
	rec->ended_well = c->state == CONTRIB(ENDED) && c->interrupt == 0 && !q->r->deceased;
	rec->weeks_counted = figure_days(rec->started_ms, end_ms) / 7;
	rec->band_counted = req_band(q, n->need->child);
	rec->shielded_counted = c->shielded;
	struct figure f = help_figure(q, n, c, FIGURE(HELPED));
	f.code = helped_code(rec, 0);
	f.value = rec->weeks_counted;
	figure_add(s, &f);
	f = helped_ever(q, n, rec, rec->fit_counted);
	figure_add_ever(s, &f);
}

void contribution_figures(struct step *s, const struct req *q, const PB(NeedRecord) *n,
			  PB(ContributionRecord) *rec)
{
	const PB(ContributionChanged) *c = rec->last;
	bool helps = c->state == CONTRIB(STARTED) && c->seen;
	bool first = helps && rec->started_ms == 0;

	if (first) {
		rec->started_ms = c->at_ms == 0 || c->at_ms > s->now_ms ? s->now_ms : c->at_ms;
	}
	if (first && helped_elsewhere(s, q, n, c)) {
		struct figure f = help_figure(q, n, c, FIGURE(THROUGHFLOW));
		figure_add(s, &f);
	}
	if (helps) {
		count_help(s, q, n, c, first);
	}
	if (contribution_ended(c) && rec->started_ms != 0 && !rec->ended_counted) {
		count_helped(s, q, n, rec);
	}
}

/* D16: fit stands beside speed: the days that were waited for this help are the sum. */
void fit_figures(struct step *s, const struct req *q, const PB(NeedRecord) *n,
		 PB(ContributionRecord) *rec, const struct fit_told *told)
{
	struct figure f = help_figure(q, n, rec->last, FIGURE(FIT));

	f.code = (uint32_t)told->moment * 10 + (uint32_t)told->fit;
	f.sum = figure_days(n->need->arrival_ms, rec->started_ms);
	figure_add(s, &f);
	if (rec->ended_counted && told->fit != rec->fit_counted) {
		struct figure_set was = { .len = 0 };
		struct figure_set now = { .len = 0 };
		struct figure before = helped_ever(q, n, rec, rec->fit_counted);
		struct figure after = helped_ever(q, n, rec, told->fit);
		figure_set_add(&was, &before);
		figure_set_add(&now, &after);
		figure_settle(s, &was, &now);
	}
	rec->fit_counted = told->fit;
}
