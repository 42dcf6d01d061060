/* SPDX-License-Identifier: EUPL-1.2 */
#include <stddef.h>
#include <string.h>

#include "services/intake/core_inner.h"

#define NOON_MINUTE (12U * 60)

/* The same day `months` months on, or the last day of that month; to the end of that day. */
uint64_t months_later(uint64_t from_ms, unsigned months)
{
	struct civil_date d = civil_from_ms(from_ms).date;
	unsigned month = d.month - 1U + months;
	uint64_t at_ms;

	d.year = (uint16_t)(d.year + month / 12);
	d.month = (uint8_t)(month % 12 + 1);
	while (!civil_date_valid(d)) {
		d.day--;
	}
	if (civil_to_ms(d, NOON_MINUTE, &at_ms) != SK_OK) {
		return civil_month_later(from_ms);
	}
	return civil_end_of_day(at_ms);
}

uint64_t term_end(struct step *s, PB(Urgency) urgency, uint64_t from_ms)
{
	if (urgency == URGENCY(CRISIS)) {
		return from_ms + step_setting(s, SETTING_CRISIS_ANSWER) * SECOND_MS;
	}
	if (urgency == URGENCY(URGENT)) {
		int32_t days = (int32_t)step_setting(s, SETTING_URGENT_START);
		return civil_end_of_day(civil_add_days_local(from_ms, days));
	}
	return months_later(from_ms, (unsigned)step_setting(s, SETTING_ANSWER_MONTHS));
}

/* The first instant of the local day that lies `days` days before the day of `due_ms`. */
static uint64_t day_before(uint64_t due_ms, uint64_t days)
{
	return civil_end_of_day(civil_add_days_local(due_ms, -(int32_t)days - 1)) + 1;
}

void term_start(struct step *s, struct req *q, uint64_t due_ms)
{
	PB(RequestRecord) *r = q->r;
	uint64_t first = day_before(due_ms, step_setting(s, SETTING_WARN_FIRST));
	uint64_t second = day_before(due_ms, step_setting(s, SETTING_WARN_SECOND));
	bool warned = r->urgency == URGENCY(STANDARD) || r->urgency == URGENCY(PREVENTIVE);

	r->answer_due_ms = due_ms;
	r->warn_first_ms = warned && first > s->now_ms ? first : 0;
	r->warn_second_ms = warned && second > s->now_ms ? second : 0;
}

void contact_clock_start(struct step *s, struct req *q)
{
	const PB(ConfigApplied) *conf = step_config(s);

	q->r->contact_due_ms = civil_working_days_after(
		s->now_ms, (uint32_t)step_setting(s, SETTING_CONTACT_NAMED), conf->holidays,
		conf->n_holidays);
}

void earlier(struct first *f, uint64_t at_ms, PB(AlarmKind) what)
{
	if (at_ms != 0 && (f->at_ms == 0 || at_ms < f->at_ms)) {
		*f = (struct first){ at_ms, what };
	}
}

/* A closed request waits for nothing. */
uint64_t next_due(const PB(RequestRecord) *r, PB(AlarmKind) *ret_what)
{
	struct first f = { 0, ALARM(UNSPECIFIED) };
	bool crisis = r->urgency == URGENCY(CRISIS);

	if (!r->open) {
		return 0;
	}
	if (r->contact_party[0] != '\0' && !r->contact_named && !r->contact_alarmed) {
		earlier(&f, r->contact_due_ms, ALARM(NO_CONTACT_PERSON));
	}
	if (r->answered_ms == 0) {
		earlier(&f, r->warn_first_ms, ALARM(TERM_WARNING));
		earlier(&f, r->warn_second_ms, ALARM(TERM_WARNING));
	}
	if (r->answered_ms == 0 && !r->breached) {
		earlier(&f, r->answer_due_ms,
			crisis ? ALARM(CRISIS_UNANSWERED) : ALARM(TERM_BREACHED));
	}
	earlier(&f, r->crisis_check_ms, ALARM(CRISIS_UNHELD));
	earlier(&f, r->urgent_until_ms, ALARM(UNSPECIFIED));
	earlier(&f, r->recovered_due_ms, ALARM(RECOVERED_ITEM));
	earlier(&f, r->people_next_ms, r->people_next);
	*ret_what = f.what;
	return f.at_ms;
}

/* Of the people of the request: what is first stands in the record, so that all can be asked of it.
 */
static void people_arm(struct step *s, struct req *q)
{
	struct first f = { 0, ALARM(UNSPECIFIED) };

	if (q->r->open) {
		ages_next(q, &f);
		judgements_next(q, &f);
		orders_next(s, q, &f);
		unclear_next(s, q, &f);
	}
	q->r->people_next_ms = f.at_ms;
	q->r->people_next = f.what;
}

void due_arm(struct step *s, struct req *q)
{
	PB(AlarmKind) what;

	people_arm(s, q);
	uint64_t first = next_due(q->r, &what);

	if (first == q->r->armed_ms) {
		return;
	}
	if (q->r->armed_ms != 0) {
		step_undue(s, q->r->armed_ms, DUE_CLOCK, &q->id, 0);
	}
	if (first != 0) {
		step_due(s, first, DUE_CLOCK, &q->id, 0);
	}
	q->r->armed_ms = first;
}

static bool reached(const struct step *s, uint64_t at_ms)
{
	return at_ms != 0 && at_ms <= s->now_ms;
}

static void say_term(struct step *s, const struct req *q, PB(AlarmKind) alarm)
{
	PB(Event) e = event_of(q, EVENT(TERM));

	e.alarm = alarm;
	e.due_ms = q->r->answer_due_ms;
	e.until_ms = q->r->family_wish_until_ms; /* counted apart: the family itself waits */
	e.zone = q->r->zone;
	e.urgency = q->r->urgency;
	e.party = q->r->contact_party;
	e.short_code = q->r->short_code;
	say(s, q, e);
}

static void contact_overdue(struct step *s, struct req *q)
{
	PB(RequestRecord) *r = q->r;

	if (reached(s, r->contact_due_ms) && !r->contact_named && !r->contact_alarmed) {
		r->contact_alarmed = true;
		say_alarm(s, q, ALARM(NO_CONTACT_PERSON), r->contact_due_ms);
	}
}

/* A warning that comes after the term itself (the daemon was down) would only blur the breach. */
static void warn(struct step *s, struct req *q, uint64_t *io_at_ms)
{
	if (!reached(s, *io_at_ms)) {
		return;
	}
	*io_at_ms = 0;
	if (q->r->answered_ms == 0 && !reached(s, q->r->answer_due_ms)) {
		say_term(s, q, ALARM(TERM_WARNING));
	}
}

/* L6: the request stays open and counted; the clock has only told what is so. */
static void breach(struct step *s, struct req *q)
{
	PB(RequestRecord) *r = q->r;

	if (!reached(s, r->answer_due_ms) || r->answered_ms != 0 || r->breached) {
		return;
	}
	r->breached = true;
	say_term(s, q,
		 r->urgency == URGENCY(CRISIS) ? ALARM(CRISIS_UNANSWERED) : ALARM(TERM_BREACHED));
}

static bool held(const struct req *q)
{
	for (size_t i = 0; i < q->live_len; i++) {
		if (contribution_holds(q->live[i]->last)) {
			return true;
		}
	}
	return false;
}

/* "Still searching" is not a state: it is said again until something holds or a night plan is made.
 */
static void crisis_check(struct step *s, struct req *q)
{
	PB(RequestRecord) *r = q->r;

	if (!reached(s, r->crisis_check_ms) || held(q)) {
		return;
	}
	say_alarm(s, q, ALARM(CRISIS_UNHELD), r->crisis_check_ms);
	r->night_plan = false;
	r->crisis_check_ms = s->now_ms + step_setting(s, SETTING_CRISIS_HOLD) * SECOND_MS;
}

static void urgent_over(struct step *s, struct req *q)
{
	if (!reached(s, q->r->urgent_until_ms)) {
		return;
	}
	q->r->urgent_until_ms = 0;
	q->r->urgency = URGENCY(STANDARD);
	q->r->version = step_next_version(s, q->r->version);
	say(s, q, event_request(q));
	needs_opened_emit(s, q);
}

/* Told again every working day until a person has asked the story anew. */
static void recovered_overdue(struct step *s, struct req *q)
{
	const PB(ConfigApplied) *conf = step_config(s);

	if (!reached(s, q->r->recovered_due_ms)) {
		return;
	}
	say_alarm(s, q, ALARM(RECOVERED_ITEM), q->r->recovered_due_ms);
	q->r->recovered_due_ms =
		civil_working_days_after(s->now_ms, 1, conf->holidays, conf->n_holidays);
}

static void people_due(struct step *s, struct req *q)
{
	if (!reached(s, q->r->people_next_ms)) {
		return;
	}
	/* A birthday makes a word needed that the yes before it lacks. */
	uint32_t agreed = people_agreed(s, q, q->r->people_next_ms - 1);

	ages_due(s, q);
	judgements_due(s, q);
	orders_due(s, q);
	unclear_due(s, q);
	people_changed(s, q, agreed);
}

static void first_warning(struct step *s, struct req *q)
{
	q->r->wider = q->r->wider || q->r->answered_ms == 0;
	warn(s, q, &q->r->warn_first_ms);
}

static void second_warning(struct step *s, struct req *q)
{
	warn(s, q, &q->r->warn_second_ms);
}

#define AT(FIELD) offsetof(PB(RequestRecord), FIELD)
static const struct {
	size_t at; /* its date in the record; 0 there: none */
	void (*falls_due)(struct step *s, struct req *q);
} term[] = {
	{ AT(contact_due_ms), contact_overdue },     { AT(warn_first_ms), first_warning },
	{ AT(warn_second_ms), second_warning },      { AT(answer_due_ms), breach },
	{ AT(crisis_check_ms), crisis_check },       { AT(urgent_until_ms), urgent_over },
	{ AT(recovered_due_ms), recovered_overdue }, { AT(people_next_ms), people_due },
};

static uint64_t term_ms(const struct req *q, size_t i)
{
	uint64_t at_ms = 0;

	memcpy(&at_ms, (const uint8_t *)q->r + term[i].at, sizeof(at_ms));
	return at_ms;
}

/* What fell due while the node was off is told in the order in which it did, each once. */
static void terms_due(struct step *s, struct req *q)
{
	bool done[SK_LEN(term)] = { false };

	for (;;) {
		size_t next = SK_LEN(term);
		for (size_t i = 0; i < SK_LEN(term); i++) {
			bool due = !done[i] && reached(s, term_ms(q, i));
			if (due && (next == SK_LEN(term) || term_ms(q, i) < term_ms(q, next))) {
				next = i;
			}
		}
		if (next == SK_LEN(term)) {
			return;
		}
		done[next] = true;
		term[next].falls_due(s, q);
	}
}

int due_clock(struct step *s, const struct object_id *id, uint64_t due_ms)
{
	struct req q;

	if (!req_load(s, id, &q)) {
		return s->txn->err;
	}
	if (q.r->armed_ms != due_ms) {
		return SK_OK; /* the record has moved on from this row */
	}
	q.r->armed_ms = 0;
	req_live(s, &q);
	terms_due(s, &q);
	return req_settle(s, &q);
}
