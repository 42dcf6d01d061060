/* SPDX-License-Identifier: EUPL-1.2 */
/* Figures: what stands now is what the records add up to, recounted from nothing; what a step adds
 * to the month is what happened in it, once; a month that is over changes no more. */
#include "schakel/v1/figure_record.pb-c.h"
#include "tests/sim/laws_model.h"

#include <stdlib.h>

#define FIG(X) SCHAKEL__V1__FIGURE_KIND__FIGURE_KIND_##X
#define KINDS 256
#define CELLS_MAX 4096
#define MONTHS_KEPT 120

/* --- rows --- */

/** What the step changed in the figures of the month that runs, per kind. */
struct tally {
	int64_t count[KINDS];
	int64_t sum[KINDS];
};

static bool is_figure(const struct key *k)
{
	return k->len > 5;
}

/** Kinds of which a closed month says what stood at its end. */
static bool stands(uint8_t kind)
{
	return kind >= FIG(WAITING) && kind <= FIG(MISPLACED);
}

static uint32_t months_between(uint32_t from, uint32_t to)
{
	return to / 100 * 12 + to % 100 - (from / 100 * 12 + from % 100);
}

static void month_is_open(struct laws *l, const struct change *c, uint32_t month, uint8_t kind)
{
	uint32_t now = law_month(l->step.now_ms);
	bool closing = stands(kind) && c->before == NULL && month < now;
	bool too_old = c->after == NULL && months_between(month, now) > MONTHS_KEPT;

	if (stands(kind) && month < now && c->before != NULL && c->after != NULL) {
		laws_violated(l, "figures", "what stood at the end of %u was written again", month);
	}
	if (month != now && month != now / 100 * 100 && !closing && !too_old) {
		laws_violated(l, "figures", "figure %u of %u changed in %u", kind, month, now);
	}
}

static void tally_read(struct laws *l, struct tally *t)
{
	const struct mirror *m = &l->d[l->step.daemon].mirror;

	memset(t, 0, sizeof(*t));
	for (size_t i = 0; i < m->changes; i++) {
		const struct change *c = &m->change[i];
		const PB(FigureRecord) *was = c->before;
		const PB(FigureRecord) *is = change_after(c);
		if (c->table != FIGURE_TABLE_NUMBER || !is_figure(&c->key)) {
			continue;
		}
		uint32_t month = be32_read(c->key.b);
		uint8_t kind = c->key.b[4];
		if (month != 0) {
			month_is_open(l, c, month, kind);
		}
		if (month != 0 && month >= law_month(l->step.now_ms) && !stands(kind)) {
			t->count[kind] +=
				(is == NULL ? 0 : is->count) - (was == NULL ? 0 : was->count);
			t->sum[kind] += (is == NULL ? 0 : is->sum) - (was == NULL ? 0 : was->sum);
		}
	}
}

static void same(struct laws *l, const char *what, int64_t told, int64_t counted)
{
	if (told != counted) {
		laws_violated(l, "figures", "%s: the step says %lld, what it did %lld", what,
			      (long long)told, (long long)counted);
	}
}

/* --- waitlist --- */

static int64_t days_to(const struct laws *l, const PB(WaitEntryRecord) *e)
{
	const PB(Message) *in = l->step.in;
	uint64_t at_ms = l->step.now_ms;

	if (in->body_case == BODY(CONTRIBUTION_CHANGED) && in->contribution_changed->at_ms != 0 &&
	    in->contribution_changed->at_ms < at_ms) {
		at_ms = in->contribution_changed->at_ms;
	}
	return at_ms <= e->need->arrival_ms ? 0 : law_days(e->need->arrival_ms, at_ms);
}

static void waitlist_step(struct laws *l, const struct tally *t)
{
	const struct mirror *m = &l->d[LAWS_WAITLIST].mirror;
	int64_t starts = 0;
	int64_t days = 0;
	int64_t gaps = 0;

	for (size_t i = 0; i < m->changes; i++) {
		const PB(WaitEntryRecord) *was = m->change[i].before;
		const PB(WaitEntryRecord) *e = change_after(&m->change[i]);
		if (m->change[i].table != W_ENTRY || e == NULL) {
			continue;
		}
		bool first = e->helped && (was == NULL || !was->helped);
		starts += first ? 1 : 0;
		days += first ? days_to(l, e) : 0;
		gaps += was != NULL && e->gap_ms > was->gap_ms ? 1 : 0;
	}
	same(l, "first starts", t->count[FIG(TIME_TO_START)], starts);
	same(l, "gaps that ended", t->count[FIG(GAP_DAYS)], gaps);
	if (!l->step.reconcile && starts == 1) {
		same(l, "days to the first start", t->sum[FIG(TIME_TO_START)], days);
	}
	if (t->count[FIG(TIME_TO_ALL)] > 1 ||
	    (t->count[FIG(TIME_TO_ALL)] == 1 && starts == 0 &&
	     l->step.in->body_case == BODY(CONTRIBUTION_CHANGED))) {
		laws_violated(l, "figures", "all must-needs started without a start");
	}
}

struct cell {
	struct key key;
	int64_t count, sum;
};
struct cells {
	struct cell *c;
	size_t len;
};

static void cell_add(struct cells *cells, const struct key *k, int64_t sum)
{
	size_t i = 0;

	while (i < cells->len &&
	       (cells->c[i].key.len != k->len || memcmp(cells->c[i].key.b, k->b, k->len) != 0)) {
		i++;
	}
	SK_ASSERT(i < CELLS_MAX);
	if (i == cells->len) {
		cells->c[cells->len++] = (struct cell){ .key = *k };
	}
	cells->c[i].count++;
	cells->c[i].sum += sum;
}

static struct key cell_key(uint8_t kind, const PB(WaitEntryRecord) *e, uint32_t age)
{
	struct key k = { 0 };
	bool unmet = kind == FIG(UNMET);
	uint8_t band = age < 6 ? 1 : age < 12 ? 2 : age < 18 ? 3 : 4;

	key_u32(&k, 0);
	key_u8(&k, kind);
	key_u8(&k, (uint8_t)e->need->expertise);
	key_str(&k, e->zone);
	key_u8(&k, unmet ? 0 : (uint8_t)e->order->wait_class);
	key_u8(&k, band);
	key_u32(&k, unmet ? (uint32_t)e->open->shortfall : 0);
	return k;
}

static void cells_of(struct laws *l, struct cells *cells, const PB(WaitEntryRecord) *e)
{
	const struct daemon_model *d = &l->d[LAWS_WAITLIST];
	const PB(WaitRequestRecord) *r = rec_by_id(d, W_REQUEST, &e->request_id);

	if (!wait_listed(e) || r == NULL) {
		return;
	}
	const PB(RequestFact) *f = r->request;
	uint32_t age = e->need->child < f->n_children ? f->children[e->need->child]->age_years :
							f->age_years;
	bool wish = f->family_wish_until_ms > d->time_ms;
	struct key k = cell_key(FIG(WAITING), e, age);

	cell_add(cells, &k, 0);
	if (e->state != WAIT_IS(WAITING)) {
		k = cell_key(FIG(MISPLACED), e, age);
		cell_add(cells, &k, 0);
		wish = false;
	}
	if (e->on_wish) {
		k = cell_key(FIG(WAITING_WISH), e, age);
		cell_add(cells, &k, 0);
	} else if (wish) {
		laws_violated(l, "figures", "an entry on the family's wish is not counted so");
	}
	if (e->over_term) {
		k = cell_key(FIG(OVER_TERM), e, age);
		cell_add(cells, &k, 0);
	}
	if (e->over_term && e->term_ms > d->time_ms) {
		laws_violated(l, "figures", "an entry is over a term that runs");
	}
	if (e->open != NULL) {
		k = cell_key(FIG(UNMET), e, age);
		cell_add(cells, &k, e->need->intensity);
	}
}

static void waitlist_all(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_WAITLIST];
	const struct rows *entries = &d->mirror.table[W_ENTRY];
	const struct rows *rows = &d->mirror.table[FIGURE_TABLE_NUMBER];
	struct cells cells = { .c = calloc(CELLS_MAX, sizeof(*cells.c)) };
	size_t now = 0;

	SK_ASSERT(cells.c != NULL);
	for (size_t i = 0; i < entries->len; i++) {
		cells_of(l, &cells, entries->row[i]->rec);
	}
	for (size_t i = 0; i < rows->len; i++) {
		now += is_figure(&rows->row[i]->key) && be32_read(rows->row[i]->key.b) == 0;
	}
	same(l, "rows of what stands now", (int64_t)now, (int64_t)cells.len);
	for (size_t i = 0; i < cells.len; i++) {
		const PB(FigureRecord) *rec = rec_find(d, FIGURE_TABLE_NUMBER, &cells.c[i].key);
		same(l, "what stands now", rec == NULL ? 0 : rec->count, cells.c[i].count);
		same(l, "units of what stands now", rec == NULL ? 0 : rec->sum, cells.c[i].sum);
	}
	free(cells.c);
}

/* --- intake --- */

/** What a step did with the story, the hours and the questions of children. */
struct said {
	int64_t retold, over, asked;
};

static int64_t over_72h(const PB(RequestRecord) *r, const PB(RequestRecord) *was)
{
	int64_t over = 0;

	for (size_t i = 0; i < r->n_child_states; i++) {
		bool before = was != NULL && i < was->n_child_states &&
			      was->child_states[i]->over_72h;
		over += r->child_states[i]->over_72h && !before ? 1 : 0;
	}
	return over;
}

static struct said said_of(const struct mirror *m)
{
	struct said said = { 0 };

	for (size_t i = 0; i < m->changes; i++) {
		const struct change *c = &m->change[i];
		if (c->table == I_REQUEST && c->after != NULL) {
			const PB(RequestRecord) *was = c->before;
			const PB(RequestRecord) *r = change_after(c);
			said.retold += r->retellings - (was == NULL ? 0 : was->retellings);
			said.over += over_72h(r, was);
		} else if (c->table == I_DIAGNOSTIC && c->after != NULL) {
			const PB(DiagnosticRecord) *was = c->before;
			const PB(DiagnosticRecord) *d = change_after(c);
			said.asked += was == NULL || was->diagnostic->state != d->diagnostic->state;
		}
	}
	return said;
}

static void intake_step(struct laws *l, const struct tally *t)
{
	const struct mirror *m = &l->d[LAWS_INTAKE].mirror;
	int64_t in = 0;
	int64_t out = 0;
	int64_t answered = 0;
	int64_t breached = 0;

	for (size_t i = 0; i < m->changes; i++) {
		const PB(RequestRecord) *was = m->change[i].before;
		const PB(RequestRecord) *r = change_after(&m->change[i]);
		if (m->change[i].table != I_REQUEST || r == NULL) {
			continue;
		}
		answered += r->answered_ms != 0 && (was == NULL || was->answered_ms == 0) ? 1 : 0;
		breached += r->breached && (was == NULL || !was->breached) ? 1 : 0;
		if (r->kind != KIND_IS(SEARCH)) {
			continue;
		}
		in += was == NULL || (!was->open && r->open) ? 1 : 0;
		out += was != NULL && was->open && !r->open ? 1 : 0;
	}
	if (l->step.reconcile) {
		return; /* what was parked may move a request several times in this one step */
	}
	same(l, "requests that came in", t->count[FIG(INFLOW)], in);
	same(l, "requests that went out", t->count[FIG(OUTFLOW)], out);
	same(l, "requests answered", t->count[FIG(ANSWERED_IN_TERM)], answered);
	same(l, "terms breached", t->count[FIG(BREACHED)], breached);
	struct said said = said_of(m);
	same(l, "stories told anew", t->count[FIG(RETELLINGS)], said.retold);
	same(l, "hours that ended at 72", t->count[FIG(OVER_72H)], said.over);
	same(l, "questions of a diagnosis", t->count[FIG(DIAGNOSTICS)], said.asked);
}

static void intake_all(struct laws *l)
{
	static const uint8_t tables[] = { I_CONTRIBUTION, I_CONTRIBUTION_PAST };
	const struct mirror *m = &l->d[LAWS_INTAKE].mirror;
	const struct rows *rows = &m->table[FIGURE_TABLE_NUMBER];
	int64_t helped = 0;
	int64_t told = 0;

	for (size_t t = 0; t < SK_LEN(tables); t++) {
		for (size_t i = 0; i < m->table[tables[t]].len; i++) {
			const PB(ContributionRecord) *c = m->table[tables[t]].row[i]->rec;
			bool over = contribution_is_over(c->last->state);
			helped += over && c->started_ms != 0 ? 1 : 0;
		}
	}
	for (size_t i = 0; i < rows->len; i++) {
		const struct key *k = &rows->row[i]->key;
		const PB(FigureRecord) *rec = rows->row[i]->rec;
		bool ever = is_figure(k) && be32_read(k->b) == 0 && k->b[4] == FIG(HELPED);
		told += ever ? rec->count : 0;
	}
	same(l, "help that ended", told, helped);
}

/* --- matching --- */

static bool is_answer(PB(ContributionState) was, PB(ContributionState) is)
{
	bool open = was == CONTRIB(ASKED) || was == CONTRIB(CAN_IF);

	return open && was != is &&
	       (is == CONTRIB(CAN) || is == CONTRIB(CAN_IF) || is == CONTRIB(NOT_NOW) ||
		is == CONTRIB(NOT_OURS) || is == CONTRIB(LAPSED) || is == CONTRIB(AGREED));
}

static void matching_step(struct laws *l, const struct tally *t)
{
	const struct mirror *m = &l->d[LAWS_MATCHING].mirror;
	int64_t asks = 0;
	int64_t answers = 0;

	for (size_t i = 0; i < m->changes; i++) {
		const PB(MatchContributionRecord) *was = m->change[i].before;
		const PB(MatchContributionRecord) *c = change_after(&m->change[i]);
		if (m->change[i].table != M_CONTRIBUTION || c == NULL) {
			continue;
		}
		asks += was == NULL ? 1 : 0;
		answers += was != NULL && is_answer(was->state, c->state) ? 1 : 0;
	}
	if (!l->step.reconcile) {
		same(l, "asks", t->count[FIG(ASKS)], asks);
		same(l, "units converted, or none", t->count[FIG(CONVERTED)] > 0 ? 1 : 0,
		     l->step.in->body_case == BODY(CONVERT_POOL) && m->changes > 0 ? 1 : 0);
		same(l, "answers", t->count[FIG(ANSWERS)], answers);
	}
}

void laws_figures(struct laws *l)
{
	struct tally t;

	tally_read(l, &t);
	if (l->step.daemon == LAWS_INTAKE) {
		intake_step(l, &t);
	} else if (l->step.daemon == LAWS_WAITLIST) {
		waitlist_step(l, &t);
	} else {
		matching_step(l, &t);
	}
}

void laws_figures_all(struct laws *l, int daemon)
{
	if (daemon == LAWS_WAITLIST) {
		waitlist_all(l);
	} else if (daemon == LAWS_INTAKE) {
		intake_all(l);
	}
}
