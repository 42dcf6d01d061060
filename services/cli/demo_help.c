/* SPDX-License-Identifier: EUPL-1.2 */
/* Help from its start to its end: partners start, fall ill, go on, hand on and end. What began ends
 * by somebody's act: who may not do a thing yet does it later, as long as it is to be done. */
#include <string.h>

#include "services/cli/demo_story.h"

#define STATE(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME
#define REASON(NAME) SCHAKEL__V1__INTERRUPT_REASON__INTERRUPT_REASON_##NAME
#define NO_GROUND SCHAKEL__V1__REFUSAL__REFUSAL_NO_GROUND
#define WORKERS_A_HOUSE 6
#define WORKER_ANOTHER_SHARE 200 /* per mille: another one comes than the one who is known */
#define RESUME_AGAIN_MS (2 * DEMO_DAY_MS) /* others have the hours now */

/* By that house, so much later, when somebody is there. */
static void plan(struct demo *d, const struct demo_item *it, const struct demo_share *s,
		 uint64_t after_ms)
{
	struct demo_item next = *it;
	bool urgent = s->crisis && it->what == DEMO_START;

	next.at_ms = demo_there_ms(&d->cast.party[it->who], d->now_ms + after_ms, urgent,
				   &d->line[it->who].luck);
	demo_agenda_add(&d->agenda, next);
}

/* @p done: so much of it lies behind, per mille. */
static void plan_fate(struct demo *d, uint32_t who, struct demo_share *s, uint32_t done)
{
	struct demo_item it = { .who = who, .id = s->id };
	struct demo_fate f = demo_draw_fate(&d->region.n, s->weeks, &d->line[who].luck);

	if (f.turn == DEMO_TURN_STOP) {
		demo_add(d, d->now_ms + f.turn_after_ms, DEMO_STOP, d->cast.family, &s->id);
	} else if (f.turn == DEMO_TURN_INTERRUPT) {
		demo_add(d, d->now_ms + f.turn_after_ms, DEMO_INTERRUPT, who, &s->id);
	} else if (f.turn == DEMO_TURN_HAND_ON) {
		it.what = DEMO_HAND_ON;
		plan(d, &it, s, f.turn_after_ms);
	}
	it.what = DEMO_END;
	plan(d, &it, s, f.end_after_ms / 1000 * (1000 - done));
	s->fated = true;
}

static void plan_resume(struct demo *d, uint32_t who, const struct demo_share *s)
{
	struct demo_item it = { .what = DEMO_RESUME, .who = who, .id = s->id };
	uint64_t days = d->region.n.interrupted_days_mean;

	plan(d, &it, s, DEMO_HOUR_MS + demo_rand_wait(&d->line[who].luck, days * DEMO_DAY_MS));
}

void demo_plan_start(struct demo *d, uint32_t who, const struct demo_share *s)
{
	struct demo_item it = { .what = DEMO_START, .who = who, .id = s->id };

	plan(d, &it, s, demo_draw_start_delay(&d->region.n, s->crisis, &d->line[who].luck));
}

static bool runs(const struct demo_share *s)
{
	return s->state == STATE(STARTED) || s->state == STATE(INTERRUPTED) ||
	       s->state == STATE(HANDING_ON);
}

void demo_help_changed(struct demo *d, uint32_t who, struct demo_share *s)
{
	if (runs(s) && !s->fated) {
		plan_fate(d, who, s, 0);
	}
	if (s->state == STATE(INTERRUPTED)) {
		plan_resume(d, who, s);
	}
}

void demo_plan_help(struct demo *d, uint32_t who, struct demo_share *s)
{
	if (s->state == STATE(AGREED)) {
		demo_plan_start(d, who, s);
	} else if (runs(s)) {
		plan_fate(d, who, s, demo_rand_below(&d->line[who].luck, 900));
	}
	demo_help_changed(d, who, s);
}

/* One of the few who do this work there; mostly the one that the family knows from that house. */
static uint32_t worker_of(const struct demo *d, uint32_t who, const struct demo_share *s)
{
	struct demo_rand luck = demo_luck(d, "worker", s->request * 1024ULL + who);
	uint32_t usual = demo_rand_below(&luck, WORKERS_A_HOUSE);
	struct demo_rand today = demo_luck(d, "worker of", be64_read(s->id.b + 8));
	bool known = !demo_rand_share(&today, WORKER_ANOTHER_SHARE);
	uint32_t one = known ? usual : demo_rand_below(&today, WORKERS_A_HOUSE);

	return 1 + who * WORKERS_A_HOUSE + one;
}

/* The ground may have fallen away since: then the family is asked again before it starts. */
static void start_later(struct demo *d, const struct demo_item *it, const struct demo_share *s,
			const PB(Receipt) *r)
{
	if (r != NULL && r->code == NO_GROUND && s->request != UINT32_MAX) {
		demo_plan_voice(d, demo_request_at(&d->world, s->request), 0);
	}
	plan(d, it, s, DEMO_DAY_MS);
}

static void do_start(struct demo *d, const struct demo_item *it, struct demo_share *s)
{
	PB(StartContribution) c = PB_INIT(START_CONTRIBUTION);
	PB(Message) m = PB_INIT(MESSAGE);
	uint8_t worker[16] = { 'w' };

	s->worker = worker_of(d, it->who, s);
	demo_events_start(d, &s->id, s->worker);
	be32_write(worker + 12, s->worker);
	if (!s->worker_named) {
		c.worker = (ProtobufCBinaryData){ sizeof(worker), worker };
	}
	c.contribution_id = object_id_data(&it->id);
	c.seen = true;
	m.body_case = BODY(START_CONTRIBUTION);
	m.start_contribution = &c;
	const PB(Receipt) *r = demo_command(d, it->who, DEMO_MATCHING, &m);
	if (!demo_done_well(r) && s->state == STATE(AGREED)) {
		start_later(d, it, s, r);
	}
}

static void do_interrupt(struct demo *d, const struct demo_item *it, const struct demo_share *s)
{
	static const PB(InterruptReason) reasons[] = { REASON(STAFF_ABSENT), REASON(FORCE_MAJEURE),
						       REASON(SAFETY), REASON(NOT_FITTING),
						       REASON(NO_CONTACT) };
	static const uint32_t weight[] = { 700, 60, 60, 120, 60 };
	PB(InterruptContribution) c = PB_INIT(INTERRUPT_CONTRIBUTION);
	PB(Message) m = PB_INIT(MESSAGE);

	c.contribution_id = object_id_data(&it->id);
	c.reason = reasons[demo_rand_pick(&d->line[it->who].luck, weight, SK_LEN(weight))];
	c.expected_ms = d->now_ms + d->region.n.interrupted_days_mean * DEMO_DAY_MS;
	m.body_case = BODY(INTERRUPT_CONTRIBUTION);
	m.interrupt_contribution = &c;
	if (s->state == STATE(STARTED)) {
		(void)demo_command(d, it->who, DEMO_MATCHING, &m);
	}
}

static void do_resume(struct demo *d, const struct demo_item *it, const struct demo_share *s)
{
	PB(ResumeContribution) c = PB_INIT(RESUME_CONTRIBUTION);
	PB(Message) m = PB_INIT(MESSAGE);

	c.contribution_id = object_id_data(&it->id);
	m.body_case = BODY(RESUME_CONTRIBUTION);
	m.resume_contribution = &c;
	if (s->state == STATE(INTERRUPTED) &&
	    !demo_done_well(demo_command(d, it->who, DEMO_MATCHING, &m))) {
		plan(d, it, s, RESUME_AGAIN_MS);
	}
}

static void do_hand_on(struct demo *d, const struct demo_item *it, const struct demo_share *s)
{
	PB(HandOnContribution) c = PB_INIT(HAND_ON_CONTRIBUTION);
	PB(Message) m = PB_INIT(MESSAGE);

	c.contribution_id = object_id_data(&it->id);
	m.body_case = BODY(HAND_ON_CONTRIBUTION);
	m.hand_on_contribution = &c;
	if (s->state == STATE(STARTED)) {
		(void)demo_command(d, it->who, DEMO_MATCHING, &m);
	}
}

/* --- the end --- */

/* The agreed time is over and nobody has come after this house. Help of a crisis had a term of its
 * own: what else is needed stands on the list. Else the family is asked each week whether it was
 * enough; until it was, the house goes on. */
static bool look_at_end(struct demo *d, const struct demo_item *it, const struct demo_share *s,
			const struct demo_need_row *n)
{
	struct demo_rand luck = demo_luck(d, "enough", be64_read(s->id.b + 8) * 1024 + it->arg);
	PB(CloseNeed) c = PB_INIT(CLOSE_NEED);
	PB(Message) m = PB_INIT(MESSAGE);

	c.need_id = object_id_data(&n->id);
	c.reason = SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_SELF_RESOLVED;
	m.body_case = BODY(CLOSE_NEED);
	m.close_need = &c;
	return (s->crisis || demo_rand_share(&luck, d->region.n.handed_on_enough_share)) &&
	       demo_done_well(demo_command(d, d->cast.family, DEMO_INTAKE, &m));
}

/* Who hands on, or is interrupted, may end when its successor has started (which ends it by itself)
 * or the need is closed. The planned end is a day of the calendar: asked too early, it is asked
 * again. */
static void do_end(struct demo *d, const struct demo_item *it, struct demo_share *s)
{
	const struct demo_need_row *n = s->need == UINT32_MAX ? NULL :
								demo_need_at(&d->world, s->need);
	PB(EndContribution) c = PB_INIT(END_CONTRIBUTION);
	PB(Message) m = PB_INIT(MESSAGE);
	struct demo_item next = *it;

	if (!runs(s)) {
		return;
	}
	bool soon = false;
	if (s->state == STATE(STARTED) || s->ending || n == NULL || n->closed) {
		c.contribution_id = object_id_data(&it->id);
		m.body_case = BODY(END_CONTRIBUTION);
		m.end_contribution = &c;
		s->ending = demo_done_well(demo_command(d, it->who, DEMO_MATCHING, &m));
		soon = it->arg == 0;
	} else {
		soon = look_at_end(d, it, s, n);
	}
	next.arg++;
	plan(d, &next, s, soon ? DEMO_DAY_MS : DEMO_WEEK_MS);
}

void demo_do_help(struct demo *d, const struct demo_item *it, struct demo_share *s)
{
	switch ((int)it->what) {
	case DEMO_START:
		do_start(d, it, s);
		break;
	case DEMO_INTERRUPT:
		do_interrupt(d, it, s);
		break;
	case DEMO_RESUME:
		do_resume(d, it, s);
		break;
	case DEMO_HAND_ON:
		do_hand_on(d, it, s);
		break;
	case DEMO_END:
		do_end(d, it, s);
		break;
	default:
		break;
	}
}
