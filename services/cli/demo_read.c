/* SPDX-License-Identifier: EUPL-1.2 */
/* What the daemons tell: events to the watcher, asks to each partner in its own log. Folded into
 * what the demo remembers, told as story, and written into the agenda of whoever acts on it. */
#include <string.h>

#include "common/wire.h"
#include "services/cli/demo_int.h"
#include "services/cli/demo_story.h"

#define CREDIT 256
#define READ_TRIES 10
#define STATE(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME
#define ALARM(NAME) SCHAKEL__V1__ALARM_KIND__ALARM_KIND_##NAME
#define KIND(NAME) SCHAKEL__V1__EVENT_KIND__EVENT_KIND_##NAME
#define NEED(NAME) SCHAKEL__V1__NEED_STATE__NEED_STATE_##NAME
#define CONSULT_CLOSED SCHAKEL__V1__CONSULT_STATE__CONSULT_STATE_CLOSED
#define CRISIS SCHAKEL__V1__URGENCY__URGENCY_CRISIS

/* --- events --- */

/* What a child keeps to itself is told without its request; who heard of the need before knows. */
static struct demo_request *request_of(struct demo *d, const PB(Event) *e)
{
	if (e->request_id.len == 0 && e->need_id.len > 0) {
		const struct demo_need_row *n = demo_need_add(&d->world, &e->need_id);
		return n->request == UINT32_MAX ? NULL : demo_request_at(&d->world, n->request);
	}
	return e->request_id.len == 0 ? NULL : demo_request_add(&d->world, &e->request_id);
}

static void fold_request(struct demo *d, const PB(Event) *e)
{
	struct demo_request *r = request_of(d, e);

	if (r == NULL) {
		return;
	}
	bool consult = e->kind == KIND(CONSULT);
	(void)snprintf(r->code, sizeof(r->code), "%s", e->short_code);
	r->zone = (uint32_t)demo_zone_find(&d->region, e->zone);
	r->consult = consult;
	r->open = !e->ended;
	r->due_ms = e->due_ms != 0 ? e->due_ms : r->due_ms;
	r->received_ms = r->received_ms == 0 ? e->at_ms : r->received_ms;
	if (!consult) {
		r->urgency = e->urgency;
		r->crisis = r->crisis || r->urgency == CRISIS;
		r->requester = demo_cast_find(&d->cast, e->party);
	} else if (e->consult_state == CONSULT_CLOSED && r->answered_ms == 0) {
		r->answered_ms = e->at_ms;
	}
}

static void fold_need(struct demo *d, const PB(Event) *e)
{
	struct demo_request *r = request_of(d, e);
	struct demo_need_row *n = demo_need_add(&d->world, &e->need_id);

	if (r == NULL) {
		return;
	}
	n->request = demo_request_row(&d->world, r);
	n->expertise = e->expertise;
	n->must = e->must;
	n->closed = e->need_state == NEED(CLOSED) || e->need_state == NEED(WITHDRAWN) ||
		    e->need_state == NEED(ENTERED_IN_ERROR);
	bool answered = e->need_state == NEED(ANSWERED) || e->need_state == NEED(SUPPORTED);
	if (answered && n->must && r->answered_ms == 0) {
		r->answered_ms = e->at_ms;
		demo_story_answered(d, r);
	}
}

static void fold_wait(struct demo *d, const PB(Event) *e)
{
	struct demo_need_row *n = demo_need_add(&d->world, &e->need_id);
	struct demo_request *r = request_of(d, e);
	bool waits = !e->ended && e->contribution_state != STATE(STARTED);

	if (r == NULL) {
		return;
	}
	n->request = demo_request_row(&d->world, r);
	n->expertise = e->expertise;
	if (waits && e->shortfall != 0 && n->shortfall != e->shortfall) {
		demo_story_waits(d, r, n, e);
	}
	n->shortfall = waits ? e->shortfall : 0;
	n->waiting = waits;
}

static void fold_team(struct demo *d, const PB(Event) *e)
{
	struct demo_request *r = request_of(d, e);

	if (r == NULL) {
		return;
	}
	bool told = r->seats == e->seats && r->open_seats == e->open_seats;
	r->seats = e->seats;
	r->open_seats = e->open_seats;
	if (!told && e->seats > 0) {
		demo_story_team(d, r, e);
	}
	if (e->seats > 0) {
		demo_plan_voice(d, r, 0);
	}
}

/* The first offer and the first start of a request. */
static void note_first(struct demo_request *r, const PB(Event) *e)
{
	PB(ContributionState) st = e->contribution_state;

	if (r->offer_ms == 0 && (st == STATE(CAN) || st == STATE(AGREED) || st == STATE(STARTED))) {
		r->offer_ms = e->at_ms;
	}
	if (r->start_ms == 0 && st == STATE(STARTED)) {
		r->start_ms = e->at_ms;
	}
}

/* What follows for those who live it. */
static void live_on(struct demo *d, struct demo_request *r, const struct demo_share *s,
		    const PB(Event) *e)
{
	if (s->state == STATE(STARTED) && !s->started_once) {
		demo_live(d, DEMO_AT_START, &s->id,
			  (struct demo_of){ r->number * 64ULL + r->starts++, 0 });
	}
	if (s->state == STATE(CAN_IF) && e->can_if == SCHAKEL__V1__CAN_IF__CAN_IF_MEET_FIRST) {
		demo_live(d, DEMO_AT_MEET, &s->id, (struct demo_of){ r->number, 0 });
	}
}

/* Who is asked was not told: everybody looks. */
static void mail_for_all(struct demo *d, const PB(Event) *e)
{
	for (uint32_t i = 0; e->party[0] == '\0' && i < d->cast.len; i++) {
		d->line[i].mail = true;
	}
}

static void fold_contribution(struct demo *d, const PB(Event) *e)
{
	struct demo_request *r = request_of(d, e);
	struct demo_share *s = demo_share_add(&d->world, &e->object_id);
	struct demo_need_row *n = demo_need_add(&d->world, &e->need_id);
	uint32_t who = e->party[0] == '\0' && (s->told || s->planned) ?
			       s->partner :
			       demo_cast_find(&d->cast, e->party);

	if (r == NULL || who == d->cast.len) {
		mail_for_all(d, e);
		return;
	}
	bool changed = s->state != e->contribution_state;
	n->request = demo_request_row(&d->world, r);
	n->asks += !s->told;
	s->told = true;
	s->request = n->request;
	s->need = demo_need_row_of(&d->world, n);
	s->partner = who;
	s->state = e->contribution_state;
	s->expertise = n->expertise != 0 ? n->expertise : s->expertise;
	s->child = n->child;
	if (changed) {
		live_on(d, r, s, e);
		demo_help_changed(d, who, s);
	}
	s->started_once = s->started_once || s->state == STATE(STARTED);
	n->started = n->started || s->started_once;
	note_first(r, e);
	d->line[who].mail = true;
	if (changed) {
		demo_story_contribution(d, r, s, e);
	}
}

static void fold_pool(struct demo *d, const PB(Event) *e)
{
	struct demo_pool_row *p = demo_pool_row(&d->world, e->pool);

	if (p != NULL) {
		p->free = e->free;
		p->promised = e->promised;
		p->state = e->pool_state;
	}
}

/* What somebody is asked to do by an alarm, and about what: its object, else its need. */
static const struct {
	PB(AlarmKind) alarm;
	enum demo_moment moment;
	bool of_need;
} asked_by_alarm[] = {
	{ ALARM(FIT_ASKED), DEMO_AT_FIT, false },
	{ ALARM(AFTERCARE_DAY), DEMO_AT_AFTERCARE, true },
	{ ALARM(REVIEW_BY_OTHER), DEMO_AT_REVIEW, false },
	{ ALARM(RUNG_TEXT), DEMO_AT_RUNG, true },
	{ ALARM(ASK_BY_CALL), DEMO_AT_CALL, false },
};

/* That somebody was not well is told by the alarm of a day of aftercare too; nobody is to be asked
 * again because of that. */
static bool says_unwell(struct demo *d, const PB(Event) *e)
{
	struct demo_need_row *n =
		e->alarm == ALARM(AFTERCARE_DAY) ? demo_need(&d->world, &e->need_id) : NULL;
	bool unwell = n != NULL && n->unwell;

	if (unwell) {
		n->unwell = false;
	}
	return unwell;
}

static void fold_asked(struct demo *d, const PB(Event) *e, const struct demo_request *r)
{
	if (says_unwell(d, e)) {
		return;
	}
	for (size_t i = 0; i < SK_LEN(asked_by_alarm); i++) {
		struct object_id id;
		bool ours = asked_by_alarm[i].alarm == e->alarm && !e->ended &&
			    object_id_from(asked_by_alarm[i].of_need ? &e->need_id : &e->object_id,
					   &id);
		if (ours) {
			demo_live(
				d, asked_by_alarm[i].moment, &id,
				(struct demo_of){ (r == NULL ? 0 : r->number * 64ULL) + e->version,
						  (uint32_t)e->moment });
		}
	}
	if (r != NULL && e->alarm == ALARM(AGREEMENT_UNCLEAR)) {
		demo_live(d, DEMO_AT_UNCLEAR, &r->id, (struct demo_of){ r->number, 0 });
	}
}

/* A case table that is called, a last place that is kept, another one that is asked for. */
static bool fold_called(struct demo *d, const PB(Event) *e)
{
	struct demo_request *r = request_of(d, e);
	uint64_t number = r == NULL ? e->version : r->number;
	struct object_id id;

	if (e->kind == KIND(CASE_TABLE) &&
	    e->table_state == SCHAKEL__V1__CASE_TABLE_STATE__CASE_TABLE_STATE_CALLED &&
	    object_id_from(&e->object_id, &id)) {
		demo_live(d, DEMO_AT_TABLE, &id, (struct demo_of){ number, 0 });
		return true;
	}
	if (e->kind == KIND(LAST_PLACE) && e->due_ms > d->now_ms) {
		const struct demo_pool_row *p = demo_pool_row(&d->world, e->pool);
		uint32_t at = p == NULL ? DEMO_POOL_NAMES_MAX : (uint32_t)(p - d->world.pool);
		demo_live(d, DEMO_AT_LAST, NULL, (struct demo_of){ e->due_ms, at });
		return true;
	}
	if (e->kind == KIND(OTHER_WANTED) && !e->ended && r != NULL) {
		demo_live(d, DEMO_AT_OTHER, &r->id, (struct demo_of){ number, 0 });
		return true;
	}
	return false;
}

static void fold_alarm(struct demo *d, const PB(Event) *e)
{
	struct demo_request *r = request_of(d, e);

	if (e->alarm == ALARM(REVIEW_OVERDUE)) {
		struct demo_rand *luck = &d->line[d->cast.coordinator].luck;
		struct object_id need;
		if (object_id_from(&e->need_id, &need)) {
			uint64_t at = d->now_ms + demo_rand_below(luck, 48) * DEMO_HOUR_MS;
			demo_add(d, at, DEMO_REVIEW, d->cast.coordinator, &need);
		}
		return;
	}
	fold_asked(d, e, r);
	if (r != NULL && e->alarm == ALARM(CRISIS_UNHELD)) {
		demo_plan_night(d, r, 10 * DEMO_MINUTE_MS);
	}
	if (r != NULL &&
	    (e->alarm == ALARM(TERM_BREACHED) || e->alarm == ALARM(CRISIS_UNANSWERED))) {
		r->breached = true;
	}
	demo_story_alarm(d, r, e);
}

static void fold(struct demo *d, const PB(Event) *e)
{
	switch ((int)e->kind) {
	case KIND(REQUEST):
	case KIND(CONSULT):
		fold_request(d, e);
		break;
	case KIND(NEED):
		fold_need(d, e);
		break;
	case KIND(WAIT_ENTRY):
		fold_wait(d, e);
		break;
	case KIND(TEAM):
		fold_team(d, e);
		break;
	case KIND(CONTRIBUTION):
		fold_contribution(d, e);
		break;
	case KIND(POOL):
		fold_pool(d, e);
		break;
	case KIND(TERM):
	case KIND(ALARM):
		fold_alarm(d, e);
		break;
	default:
		if (!fold_called(d, e)) {
			demo_story_other(d, request_of(d, e), e);
		}
		break;
	}
}

/* --- logs --- */

struct reader {
	struct demo *d;
	uint32_t who;
	enum demo_daemon from;
};

static PB(Message) *decode(struct demo *d, const struct client_entry *entry)
{
	struct wire_fault fault;
	PB(Message) *m = NULL;

	arena_reset(&d->reading);
	int err = wire_decode(&d->reading, entry->message, WIRE_TOLERANT, &m, &fault);
	return err == SK_OK ? m : NULL;
}

static int on_event(void *ctx, const struct client_entry *entry)
{
	struct reader *r = ctx;
	PB(Message) *m = decode(r->d, entry);

	if (m != NULL && m->body_case == BODY(EVENT)) {
		demo_events_note(r->d, r->from, entry->sequence, m->event);
		fold(r->d, m->event);
	}
	return SK_OK;
}

static void take_ended(struct demo *d, uint32_t who, const PB(AskEnded) *e)
{
	struct demo_share *s = demo_share(&d->world, &e->contribution_id);

	if (s == NULL || e->state != STATE(AGREED)) {
		return;
	}
	demo_plan_start(d, who, s);
}

static int on_mail(void *ctx, const struct client_entry *entry)
{
	struct reader *r = ctx;
	PB(Message) *m = decode(r->d, entry);

	if (m != NULL && m->body_case == BODY(ASK)) {
		demo_take_ask(r->d, r->who, m->ask, false);
	} else if (m != NULL && m->body_case == BODY(ASK_ENDED)) {
		take_ended(r->d, r->who, m->ask_ended);
	}
	return SK_OK;
}

/* Reads to the end. @return false when the daemon did not answer. */
static bool read_log(struct demo *d, enum demo_daemon at, struct client_log *log,
		     const struct reader *reader, client_entry_fn *fn)
{
	struct reader ctx = *reader;
	struct client_read how = { .credit = CREDIT, .entry = fn, .ctx = &ctx };

	for (int i = 0; !demo_stopped(d) && i < READ_TRIES;) {
		uint32_t entries = 0;
		struct demo_door door = { reader->who, at };
		int err = demo_log(d, door, log, &how, &entries);
		if (err == SK_OK && entries == 0) {
			return true; /* a mark: nothing stands behind what was read */
		}
		if (err == SK_ETIMEDOUT) {
			demo_supervise(d);
		}
		i += err != SK_OK;
	}
	return false;
}

/* Since its events were read its journal has grown by nothing but the clock. */
static bool is_silent(const struct demo *d, enum demo_daemon at)
{
	return d->sequence[at] == d->heard[at] + d->clocks;
}

/* What partners did comes before what follows from it. */
void demo_read_events(struct demo *d)
{
	static const enum demo_daemon order[] = { DEMO_MATCHING, DEMO_INTAKE, DEMO_WAITLIST };

	for (size_t i = 0; i < SK_LEN(order); i++) {
		struct reader reader = { d, d->cast.watcher, order[i] };
		struct client_log *log = &d->events[order[i]];
		bool silent = is_silent(d, order[i]);
		(void)snprintf(log->log, sizeof(log->log), "%s", EVENTS_LOG);
		if (silent || read_log(d, order[i], log, &reader, on_event)) {
			d->heard[order[i]] = d->sequence[order[i]];
		} else {
			d->heard[order[i]] = 0;
		}
	}
	d->clocks = 0;
}

static int on_skipped(void *ctx, const struct client_entry *entry)
{
	(void)ctx;
	(void)entry;
	return SK_OK;
}

static void each_mail(struct demo *d, client_entry_fn *fn)
{
	for (uint32_t who = 0; who < d->cast.len; who++) {
		struct demo_line *l = &d->line[who];
		struct reader reader = { d, who, DEMO_MATCHING };
		if (!l->mail || l->away_until_ms != 0) {
			continue;
		}
		(void)snprintf(l->log.log, sizeof(l->log.log), "%s", d->cast.party[who].id);
		l->mail = !read_log(d, DEMO_MATCHING, &l->log, &reader, fn);
	}
}

void demo_read_mail(struct demo *d)
{
	each_mail(d, on_mail);
}

void demo_skip_mail(struct demo *d)
{
	for (uint32_t who = 0; who < d->cast.len; who++) {
		d->line[who].mail = (d->cast.party[who].roles & ROLE_BIT(FACILITY)) != 0;
	}
	each_mail(d, on_skipped);
}
