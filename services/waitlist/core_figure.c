/* SPDX-License-Identifier: EUPL-1.2 */
/* What an entry counts for. The figures "now" are the sum over the entries of what each counts for,
 * moved when its record is written; those of a month are added when the record says so for the
 * first time. Nothing else of waitlist touches figures. */
#include "common/civil.h"
#include "common/figure.h"
#include "services/waitlist/core_entry.h"

void wait_counted_of(const PB(WaitEntryRecord) *rec, struct wait_counted *ret)
{
	*ret = (struct wait_counted){
		.state = rec->state,
		.wait_class = rec->order->wait_class,
		.base_class = rec->base_class,
		.lacks = rec->open != NULL,
		.on_wish = rec->on_wish,
		.over_term = rec->over_term,
		.helped = rec->helped,
		.expertise = rec->need->expertise,
		.intensity = rec->need->intensity,
		.age_band = rec->age_band,
		.priorities = rec->n_priority,
		.listed = wait_is_listed(rec),
		.misplaced = rec->state == WAIT(SERVED) && wait_is_listed(rec),
		.gap_ms = rec->gap_ms,
		.zone = rec->zone,
	};
	if (rec->open != NULL) {
		ret->shortfall = rec->open->shortfall;
	}
}

static uint32_t age_of(const PB(RequestFact) *request, uint32_t child)
{
	return child < request->n_children ? request->children[child]->age_years :
					     request->age_years;
}

/* The term of DOMAIN 5, from the arrival of this need. */
static uint64_t term_of(const struct step *s, PB(Urgency) urgency, uint64_t arrival_ms)
{
	uint64_t at_ms = arrival_ms;

	if (urgency == URGENCY(CRISIS)) {
		return arrival_ms + step_setting(s, SETTING_CRISIS_ANSWER) * 1000;
	}
	if (urgency == URGENCY(URGENT)) {
		int32_t days = (int32_t)step_setting(s, SETTING_URGENT_START);
		return civil_end_of_day(civil_add_days_local(arrival_ms, days));
	}
	for (uint64_t i = 0; i < step_setting(s, SETTING_ANSWER_MONTHS); i++) {
		at_ms = civil_month_later(at_ms);
	}
	return at_ms;
}

void wait_entry_count_by(struct step *s, const PB(RequestFact) *request, struct entry *e)
{
	PB(WaitEntryRecord) *rec = e->rec;
	uint32_t band = figure_age_band(age_of(request, rec->need->child));
	uint64_t term_ms = term_of(s, request->urgency, rec->need->arrival_ms);

	if (rec->age_band != band || rec->term_ms != term_ms ||
	    rec->wish_until_ms != request->family_wish_until_ms) {
		rec->age_band = band;
		rec->term_ms = term_ms;
		rec->wish_until_ms = request->family_wish_until_ms;
		e->changed = true;
	}
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

void wait_entry_count_now(const struct step *s, PB(WaitEntryRecord) *rec)
{
	bool waits = rec->state == WAIT(WAITING);
	bool over = s->now_ms >= rec->term_ms;

	rec->on_wish = waits && rec->wish_until_ms > s->now_ms;
	rec->over_term = waits && !rec->on_wish && over;
	rec->counted_due_ms = 0;
	if (waits) {
		rec->counted_due_ms =
			sooner(rec->on_wish ? rec->wish_until_ms : 0, over ? 0 : rec->term_ms);
	}
}

/* --- as it stands now --- */

static void count_in(const struct wait_counted *c, PB(FigureKind) kind, struct figure_set *set)
{
	struct figure f = {
		.kind = kind,
		.expertise = c->expertise,
		.zone = c->zone,
		.wait_class = c->wait_class,
		.age_band = c->age_band,
	};

	if (kind == FIGURE(UNMET)) {
		f.code = c->shortfall;
		f.sum = c->intensity;
		f.wait_class = 0;
	}
	figure_set_add(set, &f);
}

static void stands_in(const struct wait_counted *c, struct figure_set *set)
{
	if (!c->listed) {
		return;
	}
	count_in(c, FIGURE(WAITING), set);
	if (c->misplaced) {
		count_in(c, FIGURE(MISPLACED), set);
	}
	if (c->on_wish) {
		count_in(c, FIGURE(WAITING_WISH), set);
	}
	if (c->over_term) {
		count_in(c, FIGURE(OVER_TERM), set);
	}
	if (c->lacks) {
		count_in(c, FIGURE(UNMET), set);
	}
}

/* --- of the month --- */

static struct figure figure_of(const struct wait_counted *c, PB(FigureKind) kind)
{
	return (struct figure){
		.kind = kind,
		.expertise = c->expertise,
		.zone = c->zone,
		.wait_class = c->wait_class,
		.age_band = c->age_band,
	};
}

/* Did what was said of its wait first come true? Known when help begins, or once it waits past its
 * end; of who left before nobody knows. */
static void count_foreseen(struct step *s, PB(WaitEntryRecord) *rec, uint64_t at_ms,
			   const struct wait_counted *now)
{
	struct figure f = figure_of(now, FIGURE(FORESEEN));
	enum wait_came came = wait_range_came(rec->first_range, at_ms, now->helped);

	if (came == WAIT_CAME_UNKNOWN || rec->range_counted) {
		return;
	}
	rec->range_counted = true;
	f.sum = rec->first_range->until_days - rec->first_range->from_days;
	figure_add(s, &f);
	if (came == WAIT_CAME_TRUE) {
		f.kind = FIGURE(FORESEEN_RIGHT);
		f.sum = 0;
		figure_add(s, &f);
	}
}

/* B19: from the arrival to the first start, in days of the calendar. */
static void count_start(struct step *s, const struct entry *e, const struct wait_counted *now)
{
	struct figure f = figure_of(now, FIGURE(TIME_TO_START));
	uint64_t at_ms = e->started_ms == 0 || e->started_ms > s->now_ms ? s->now_ms :
									   e->started_ms;

	f.value = figure_days(e->rec->need->arrival_ms, at_ms);
	figure_add(s, &f);
	count_foreseen(s, e->rec, at_ms, now);
}

/* L14: a gap that is over, in days begun. */
static void count_gap(struct step *s, const struct wait_counted *was,
		      const struct wait_counted *now)
{
	struct figure f = figure_of(now, FIGURE(GAP_DAYS));

	f.sum = (int64_t)((now->gap_ms - was->gap_ms + CIVIL_DAY_MS - 1) / CIVIL_DAY_MS);
	figure_add(s, &f);
}

static void count_priority(struct step *s, const struct entry *e, const struct wait_counted *now)
{
	for (size_t i = e->was_counted.priorities; i < e->rec->n_priority; i++) {
		struct figure f = figure_of(now, FIGURE(PRIORITY_DAYS));
		f.code = e->rec->priority[i]->ground;
		f.sum = e->rec->priority[i]->days;
		figure_add(s, &f);
	}
}

void wait_entry_figures(struct step *s, struct entry *e)
{
	const struct wait_counted *was = &e->was_counted;
	struct figure_set before = { .len = 0 };
	struct figure_set after = { .len = 0 };
	struct wait_counted now;

	wait_counted_of(e->rec, &now);
	stands_in(was, &before);
	stands_in(&now, &after);
	figure_settle(s, &before, &after);
	if (now.helped && !was->helped) {
		count_start(s, e, &now);
	}
	if (was->state == WAIT(WAITING) && !now.helped) {
		count_foreseen(s, e->rec, s->now_ms, &now);
	}
	if (now.gap_ms > was->gap_ms) {
		count_gap(s, was, &now);
	}
	count_priority(s, e, &now);
	if (was->state == WAIT(WAITING) && now.base_class == was->base_class &&
	    now.wait_class < was->wait_class) {
		struct figure f = figure_of(&now, FIGURE(RISEN));
		figure_add(s, &f);
	}
	e->was_counted = now;
}

/* --- of a request --- */

void wait_stuck_figure(struct step *s, const struct object_id *request_id, PB(StuckSign) sign)
{
	const PB(WaitRequestRecord) *request = wait_request_get(s, request_id);
	struct figure f = {
		.kind = FIGURE(STUCK),
		.zone = request == NULL ? "" : request->request->zone,
		.code = (uint32_t)sign,
	};

	figure_add(s, &f);
}

void wait_table_figures(struct step *s, PB(WaitTableRecord) *rec)
{
	const PB(CaseTableFact) *t = rec->view->table;
	struct figure f = {
		.kind = FIGURE(CASE_TABLES),
		.zone = rec->view->zone,
		.code = (uint32_t)t->reason * 10 + (uint32_t)t->state,
	};

	if (t->state != rec->counted) {
		rec->counted = t->state;
		figure_add(s, &f);
	}
}

struct musts {
	size_t len;
	size_t helped;
	uint64_t arrival_ms; /* the first of those that were asked since all had started last */
	const struct entry *one;
};

static void musts_of(const struct request_set *set, struct musts *ret)
{
	*ret = (struct musts){ .arrival_ms = UINT64_MAX };
	for (size_t i = 0; i < set->open_len; i++) {
		const PB(WaitEntryRecord) *rec = set->open[i]->rec;
		uint64_t arrival_ms = rec->need->arrival_ms;

		if (!rec->need->must || rec->state == WAIT(CLOSED)) {
			continue;
		}
		ret->len++;
		ret->helped += rec->helped ? 1 : 0;
		ret->one = set->open[i];
		if (arrival_ms >= set->rec->all_started_ms && arrival_ms < ret->arrival_ms) {
			ret->arrival_ms = arrival_ms;
		}
	}
}

static void count_all(struct step *s, const struct musts *m)
{
	const PB(WaitEntryRecord) *rec = m->one->rec;
	struct figure f = {
		.kind = FIGURE(TIME_TO_ALL),
		.zone = rec->zone,
		.age_band = rec->age_band,
		.wait_class = rec->order->wait_class,
		.value = figure_days(m->arrival_ms, s->now_ms),
	};

	figure_add(s, &f);
}

void wait_set_figures(struct step *s, struct request_set *set)
{
	struct musts m;

	if (set->rec == NULL) {
		return;
	}
	musts_of(set, &m);
	bool all = m.len > 0 && m.helped == m.len;
	if (m.len == 0 || all == set->rec->all_started) {
		return;
	}
	set->rec->all_started = all;
	set->rec_changed = true;
	if (all && m.arrival_ms != UINT64_MAX) {
		count_all(s, &m);
		set->rec->all_started_ms = s->now_ms;
	}
}
