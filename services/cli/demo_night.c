/* SPDX-License-Identifier: EUPL-1.2 */
/* A crisis for which nothing holds: "still searching" is not a state. What a client seals and looks
 * up for this and other things stands here too. */
#include <string.h>

#include "common/capsule.h"
#include "common/civil.h"
#include "services/cli/demo_int.h"

#define STATE(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME
#define NEED(NAME) SCHAKEL__V1__NEED_STATE__NEED_STATE_##NAME
#define CRISIS SCHAKEL__V1__URGENCY__URGENCY_CRISIS
#define NIGHT_CALL_H 3
#define NIGHTS_MAX 24 /* three hours each: then it is no crisis any more */

bool demo_seal(struct demo *d, struct slice plain, PB(Capsule) *io_capsule)
{
	struct object_id person = { { 0 } };

	io_capsule->version = 1;
	int err = capsule_seal(&d->arena, d->capsule_key, plain, &person, io_capsule);
	if (err != SK_OK) {
		demo_fail(d, cli_fail(d->cli, "capsule", err));
	}
	return err == SK_OK;
}

PB(RequestItem) *demo_look(struct demo *d, uint32_t who, const struct demo_request *r)
{
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);

	q.request_id = object_id_data(&r->id);
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	PB(Message) *answer = demo_ask(d, who, DEMO_INTAKE, &m);
	if (answer == NULL || answer->body_case != BODY(REQUEST_VIEW) ||
	    answer->request_view->n_requests == 0) {
		return NULL;
	}
	return answer->request_view->requests[0];
}

void demo_plan_night(struct demo *d, struct demo_request *r, uint64_t after_ms)
{
	if (!r->nighting) {
		r->nighting = true;
		demo_add(d, d->now_ms + after_ms, DEMO_NIGHT, d->cast.contact_point, &r->id);
	}
}

static bool is_held(const struct demo *d, const struct demo_request *r)
{
	uint32_t row = demo_request_row(&d->world, r);

	for (size_t i = 0; i < d->world.shares.len; i++) {
		const struct demo_share *s = demo_share_at(&d->world, i);
		if (s->request == row && (s->state == STATE(AGREED) || s->state == STATE(STARTED) ||
					  s->state == STATE(HANDING_ON))) {
			return true;
		}
	}
	return false;
}

/* Within three hours, and before half past eight. */
static uint64_t call_at(const struct demo *d)
{
	uint64_t at = d->now_ms + NIGHT_CALL_H * DEMO_HOUR_MS;
	uint64_t morning = civil_next_local_time(d->now_ms, 8, 30);

	return at < morning ? at : morning;
}

/* An entry of the crisis alone, for which nobody is there: what stands beside a longer need ends
 * for want of a place, as the contact point says; what was asked for itself, as the family says. */
static void end_short(struct demo *d, const struct demo_item *it, const PB(NeedFact) *n)
{
	bool beside = n->long_need_id.len > 0;
	PB(CloseNeed) c = PB_INIT(CLOSE_NEED);
	PB(Message) m = PB_INIT(MESSAGE);

	if (!n->own_crisis ||
	    (n->state != NEED(OPEN) && n->state != NEED(ANSWERED) && n->state != NEED(SUPPORTED))) {
		return;
	}
	c.need_id = n->need_id;
	c.reason = beside ? SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_NO_AVAILABILITY :
			    SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_SELF_RESOLVED;
	m.body_case = BODY(CLOSE_NEED);
	m.close_need = &c;
	(void)demo_command(d, beside ? it->who : d->cast.family, DEMO_INTAKE, &m);
}

/* A crisis does not last for weeks: what was short is over, what is needed stays on the list. */
static void do_calm(struct demo *d, const struct demo_item *it, struct demo_request *r)
{
	const PB(RequestItem) *now = demo_look(d, it->who, r);
	PB(AmendRequest) a = PB_INIT(AMEND_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);

	if (now == NULL) {
		return;
	}
	a.request_id = object_id_data(&r->id);
	a.based_on = now->request->request_version;
	a.urgency = SCHAKEL__V1__URGENCY__URGENCY_URGENT;
	a.second_party = (char *)(uintptr_t)d->region.zone[r->zone].duty;
	m.body_case = BODY(AMEND_REQUEST);
	m.amend_request = &a;
	if (demo_done_well(demo_command(d, it->who, DEMO_INTAKE, &m))) {
		demo_tell(d, TOLD(DEMO_STORY, r->code),
			  "De crisis is bedaard; de vraag gaat verder als dringend.",
			  "The crisis has calmed down; the request goes on as urgent.");
		r->dropped = true;
		for (size_t i = 0; i < now->n_needs; i++) {
			end_short(d, it, now->needs[i]->need);
		}
	}
}

static void do_plan(struct demo *d, const struct demo_item *it, struct demo_request *r)
{
	static const char plan[] = "{\"story\":\"Verzonnen nachtplan: wie er bij het kind is.\"}";
	PB(RecordNightPlan) n = PB_INIT(RECORD_NIGHT_PLAN);
	PB(Capsule) capsule = PB_INIT(CAPSULE);
	PB(CalledService) called[] = { SCHAKEL__V1__CALLED_SERVICE__CALLED_SERVICE_NONE };
	PB(Message) m = PB_INIT(MESSAGE);

	if (!demo_seal(d, (struct slice){ plan, sizeof(plan) - 1 }, &capsule)) {
		return;
	}
	n.request_id = object_id_data(&r->id);
	n.plan = &capsule;
	n.call_at_ms = call_at(d);
	n.called = called;
	n.n_called = 1;
	m.body_case = BODY(RECORD_NIGHT_PLAN);
	m.record_night_plan = &n;
	if (demo_done_well(demo_command(d, it->who, DEMO_INTAKE, &m))) {
		demo_plan_night(d, r, n.call_at_ms + 20 * DEMO_MINUTE_MS - d->now_ms);
	}
}

void demo_do_night(struct demo *d, const struct demo_item *it, struct demo_request *r)
{
	struct demo_rand luck = demo_luck(d, "night", r->number * 64ULL + r->nights);
	bool late = r->nights == 0 && !demo_rand_share(&luck, d->region.n.night_plan_share);
	bool calm = r->nights >= NIGHTS_MAX;

	r->nighting = false;
	/* Answered once is not held now: help that came may have ended while something is open. */
	if (!r->open || r->urgency != CRISIS || is_held(d, r)) {
		return;
	}
	r->nights++;
	if (calm) {
		do_calm(d, it, r);
	} else if (!late) {
		do_plan(d, it, r);
	}
}
