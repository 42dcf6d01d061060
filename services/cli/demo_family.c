/* SPDX-License-Identifier: EUPL-1.2 */
/* What those do who ask: entries and the contact point push requests, families say what they want,
 * coordinators name contact persons and look at what waits. */
#include <string.h>

#include "services/cli/demo_story.h"

#define STATE(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME
#define CRISIS SCHAKEL__V1__URGENCY__URGENCY_CRISIS
#define WORKING_DAYS(n) ((n)*DEMO_DAY_MS * 7 / 5)
#define NIGHT_CHECK_MIN 25
#define REVIEW_DAYS 28
#define BRIDGE_DAYS 180
#define CONSULT_AGAIN_WEEKS 6 /* who did not call again is asked once more */

struct demo_rand demo_luck(const struct demo *d, const char *what, uint64_t number)
{
	return demo_rand_of(d->seed, what, number);
}

void demo_add(struct demo *d, uint64_t at_ms, enum demo_do what, uint32_t who,
	      const struct object_id *id)
{
	struct demo_item it = { .at_ms = at_ms, .what = what, .who = who };

	if (id != NULL) {
		it.id = *id;
	}
	demo_agenda_add(&d->agenda, it);
}

static ProtobufCBinaryData bytes_of(const struct object_id *id)
{
	return object_id_data(id);
}

/* --- what follows from a request --- */

static void plan_contact(struct demo *d, const struct demo_request *r, struct demo_rand *luck)
{
	uint64_t days = d->region.n.contact_named_median_days;
	bool late = demo_rand_share(luck, d->region.n.contact_late_share);
	uint64_t after = demo_rand_around(luck, WORKING_DAYS(days), WORKING_DAYS(days + 1));
	uint64_t at = d->now_ms + after + (late ? DEMO_WEEK_MS : 0);

	at = demo_there_ms(&d->cast.party[d->cast.coordinator], at, false, luck);
	demo_add(d, at, DEMO_CONTACT, d->cast.coordinator, &r->id);
}

void demo_plan_request(struct demo *d, struct demo_request *r)
{
	struct demo_rand luck = demo_luck(d, "family", r->number);
	const struct demo_numbers *n = &d->region.n;

	if (!r->named) {
		plan_contact(d, r, &luck);
	}
	if (r->consult) {
		uint64_t at = d->now_ms + demo_rand_around(&luck, 2 * DEMO_DAY_MS, 6 * DEMO_DAY_MS);
		demo_add(d, at, DEMO_CONSULT, r->requester, &r->id);
		return;
	}
	if (r->urgency == CRISIS) {
		demo_plan_night(d, r, NIGHT_CHECK_MIN * DEMO_MINUTE_MS);
	}
	/* Of its own, so that a second run takes no other families. */
	luck = demo_luck(d, "withdraw", r->number);
	if (demo_rand_share(&luck, n->withdrawn_share)) {
		uint64_t after = demo_rand_wait(&luck, 12 * DEMO_DAY_MS);
		demo_add(d, d->now_ms + DEMO_HOUR_MS + after, DEMO_WITHDRAW, d->cast.family,
			 &r->id);
	}
}

/* --- a call --- */

static void plan_life(struct demo *d, const struct demo_request *r)
{
	struct demo_of of = { r->number, 0 };

	demo_live(d,
		  r->consult ? DEMO_AT_CONSULT :
		  r->gate    ? DEMO_AT_GATE :
			       DEMO_AT_SEARCH,
		  &r->id, of);
	if (r->urgency == CRISIS && !r->gate) {
		demo_live(d, DEMO_AT_CRISIS, &r->id, of);
	}
	if (r->strengths > 0) {
		demo_live(d, DEMO_AT_OWN, &r->id, of);
	}
}

/* A consult of that zone that was not enough: the search goes on from it. */
static struct demo_request *returning(const struct demo *d, size_t zone)
{
	for (size_t i = 0; i < d->world.requests.len; i++) {
		struct demo_request *r = demo_request_at(&d->world, i);
		if (r->consult && r->returning && r->open && r->zone == zone) {
			return r;
		}
	}
	return NULL;
}

static void remember(struct demo *d, const struct demo_case *what, const PB(Receipt) *r, bool gate)
{
	struct demo_request *row = demo_request_add(&d->world, &r->object_id);
	size_t at = 0;

	(void)snprintf(row->code, sizeof(row->code), "%s", r->short_code);
	row->requester = what->requester;
	row->zone = (uint32_t)what->zone;
	row->urgency = what->submit->urgency;
	row->told = row->urgency;
	row->consult = d->region.bundle[what->bundle].consult;
	row->gate = gate;
	row->open = true;
	row->received_ms = d->now_ms;
	row->children = (uint32_t)what->submit->n_children;
	/* The receipt names the must-needs first. */
	for (int must = 1; must >= 0; must--) {
		for (size_t i = 0; i < what->submit->n_needs && at < r->n_object_ids; i++) {
			const PB(NeedSpec) *spec = what->submit->needs[i];
			if (spec->must == must) {
				struct demo_need_row *n =
					demo_need_add(&d->world, &r->object_ids[at++]);
				n->must = must == 1;
				n->expertise = spec->expertise;
				n->child = spec->child;
				n->request = demo_request_row(&d->world, row);
			}
		}
	}
	row->anonymous = what->anonymous;
	row->named = row->anonymous; /* nobody to be contact person of */
	row->strengths = (uint32_t)what->submit->n_strengths;
	demo_plan_request(d, row);
	plan_life(d, row);
}

static void plan_bridge(struct demo *d, const PB(Receipt) *r, struct demo_rand *luck)
{
	struct object_id need;

	if (demo_rand_share(luck, d->region.n.gate_bridged_share) && r->n_object_ids > 0 &&
	    object_id_from(&r->object_ids[0], &need)) {
		demo_add(d, d->now_ms + DEMO_DAY_MS, DEMO_BRIDGE, d->cast.coordinator, &need);
	}
}

static void do_call(struct demo *d, bool gate)
{
	uint64_t number = gate ? d->world.requests.len : d->calls_made++;
	struct demo_rand luck = demo_luck(d, gate ? "gate" : "call", number);
	PB(Capsule) capsule = PB_INIT(CAPSULE);
	PB(Capsule) *capsules[] = { &capsule };
	PB(Message) m = PB_INIT(MESSAGE);
	struct demo_case what = { .gate = gate, .yesterday = d->yesterday };

	if (demo_make(&d->region, &d->cast, &luck, &d->arena, &what) != SK_OK ||
	    !demo_seal(d, what.story, &capsule)) {
		return;
	}
	what.submit->capsules = capsules;
	what.submit->n_capsules = what.anonymous ? 0 : 1;
	m.body_case = BODY(SUBMIT_REQUEST);
	m.submit_request = what.submit;
	bool search = what.submit->kind == SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_SEARCH;
	struct demo_request *from = gate || !search ? NULL : returning(d, what.zone);
	if (from != NULL) {
		what.submit->consult_code = from->code;
		from->returning = false;
	}
	PB(Receipt) *r = demo_command(d, what.requester, DEMO_INTAKE, &m);
	if (!demo_done_well(r)) {
		return;
	}
	demo_keep_receipt(d, what.requester, r, gate);
	demo_events_request(d, what.submit, r, gate);
	remember(d, &what, r, gate);
	if (gate) {
		plan_bridge(d, r, &luck);
	} else {
		demo_story_request(d, &what, r);
	}
}

/* From when it was due, not from when time stood still for it: the same seed, the same calls. */
static void next_call(struct demo *d, uint64_t due_ms)
{
	demo_add(d, demo_next_call_ms(&d->region.n, due_ms, &d->calls), DEMO_CALL, 0, NULL);
}

/* --- what coordinators do --- */

static void do_contact(struct demo *d, const struct demo_item *it, struct demo_request *r)
{
	PB(NameContactPerson) c = PB_INIT(NAME_CONTACT_PERSON);
	PB(Message) m = PB_INIT(MESSAGE);

	if (!r->open || r->named || r->zone >= d->region.zones_len) {
		return;
	}
	const struct demo_zone *z = &d->region.zone[r->zone];
	c.request_id = bytes_of(&r->id);
	c.party = (char *)(uintptr_t)z->duty;
	c.stand_in = (char *)(uintptr_t)z->stand_in;
	m.body_case = BODY(NAME_CONTACT_PERSON);
	m.name_contact_person = &c;
	r->named = demo_done_well(demo_command(d, it->who, DEMO_INTAKE, &m));
}

/* Who waits for long may not need it any more, and says so when it is asked. A crisis does not last
 * until its entry is reviewed. */
static bool not_needed(struct demo *d, const struct demo_item *it)
{
	ProtobufCBinaryData id = bytes_of(&it->id);
	struct demo_need_row *n = demo_need(&d->world, &id);
	PB(WithdrawRequest) w = PB_INIT(WITHDRAW_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);

	if (n == NULL || n->request == UINT32_MAX) {
		return false;
	}
	bool over = n->waiting && demo_of_crisis(n);
	if (n->started && !over) {
		return false;
	}
	struct demo_request *r = demo_request_at(&d->world, n->request);
	struct demo_rand luck = demo_luck(d, "needed",
					  (r->number * 64ULL + n->expertise) * 256 +
						  n->child * 64ULL + n->reviews++);
	w.request_id = bytes_of(&r->id);
	w.need_ids = &id;
	w.n_need_ids = 1;
	w.reason = SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_WITHDRAWN;
	m.body_case = BODY(WITHDRAW_REQUEST);
	m.withdraw_request = &w;
	bool gone = (demo_rand_share(&luck, d->region.n.not_needed_share) || over) &&
		    demo_done_well(demo_command(d, d->cast.family, DEMO_INTAKE, &m));
	r->dropped = r->dropped || gone;
	return gone;
}

static void do_review(struct demo *d, const struct demo_item *it)
{
	PB(RecordReview) v = PB_INIT(RECORD_REVIEW);
	PB(Message) m = PB_INIT(MESSAGE);

	v.need_id = bytes_of(&it->id);
	v.next_ms = d->now_ms + REVIEW_DAYS * DEMO_DAY_MS;
	m.body_case = BODY(RECORD_REVIEW);
	m.record_review = &v;
	if (!not_needed(d, it)) {
		(void)demo_command(d, it->who, DEMO_WAITLIST, &m);
	}
}

static void do_bridge(struct demo *d, const struct demo_item *it)
{
	ProtobufCBinaryData id = bytes_of(&it->id);
	const struct demo_need_row *n = demo_need(&d->world, &id);
	PB(RecordBridging) b = PB_INIT(RECORD_BRIDGING);
	PB(Message) m = PB_INIT(MESSAGE);

	if (n == NULL || n->request == UINT32_MAX) {
		return;
	}
	const struct demo_request *r = demo_request_at(&d->world, n->request);
	b.need_id = id;
	b.party = (char *)(uintptr_t)d->region.zone[r->zone].duty;
	b.until_ms = d->now_ms + BRIDGE_DAYS * DEMO_DAY_MS;
	m.body_case = BODY(RECORD_BRIDGING);
	m.record_bridging = &b;
	(void)demo_command(d, it->who, DEMO_WAITLIST, &m);
}

/* --- the family --- */

static void do_consult(struct demo *d, const struct demo_item *it, struct demo_request *r)
{
	struct demo_rand luck = demo_luck(d, "consult", r->number * 64ULL + it->arg);
	PB(ConfirmConsult) c = PB_INIT(CONFIRM_CONSULT);
	PB(Message) m = PB_INIT(MESSAGE);

	c.request_id = bytes_of(&r->id);
	c.enough = demo_rand_share(&luck, d->region.n.consult_enough_share);
	if (!c.enough) {
		r->returning = true; /* and looks for help, when it calls again */
	}
	m.body_case = BODY(CONFIRM_CONSULT);
	m.confirm_consult = &c;
	if (r->open && !r->anonymous && demo_done_well(demo_command(d, it->who, DEMO_INTAKE, &m)) &&
	    !c.enough) {
		struct demo_item again = *it;
		again.at_ms = d->now_ms + CONSULT_AGAIN_WEEKS * DEMO_WEEK_MS;
		again.arg++;
		demo_agenda_add(&d->agenda, again);
	}
}

static void do_withdraw(struct demo *d, const struct demo_item *it, struct demo_request *r)
{
	PB(WithdrawRequest) w = PB_INIT(WITHDRAW_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);

	if (!r->open || r->answered_ms != 0) {
		return;
	}
	w.request_id = bytes_of(&r->id);
	w.reason = SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_WITHDRAWN;
	m.body_case = BODY(WITHDRAW_REQUEST);
	m.withdraw_request = &w;
	if (demo_done_well(demo_command(d, it->who, DEMO_INTAKE, &m))) {
		demo_tell(d, TOLD(DEMO_STORY, r->code), "Het gezin heeft de vraag ingetrokken.",
			  "The family has withdrawn the request.");
	}
}

static void do_stop(struct demo *d, const struct demo_item *it)
{
	ProtobufCBinaryData id = bytes_of(&it->id);
	const struct demo_share *s = demo_share(&d->world, &id);
	PB(StopContribution) c = PB_INIT(STOP_CONTRIBUTION);
	PB(Message) m = PB_INIT(MESSAGE);

	if (s == NULL || s->state != STATE(STARTED)) {
		return;
	}
	c.contribution_id = id;
	m.body_case = BODY(STOP_CONTRIBUTION);
	m.stop_contribution = &c;
	(void)demo_command(d, it->who, DEMO_MATCHING, &m);
}

static void do_of_request(struct demo *d, const struct demo_item *it)
{
	ProtobufCBinaryData id = bytes_of(&it->id);
	struct demo_request *r = demo_request(&d->world, &id);

	if (r == NULL) {
		return;
	}
	switch ((int)it->what) {
	case DEMO_CONTACT:
		do_contact(d, it, r);
		break;
	case DEMO_CONSULT:
		do_consult(d, it, r);
		break;
	case DEMO_VOICE:
		demo_do_voice(d, r);
		break;
	case DEMO_WITHDRAW:
		do_withdraw(d, it, r);
		break;
	case DEMO_NIGHT:
		demo_do_night(d, it, r);
		break;
	default:
		break;
	}
}

void demo_do_family(struct demo *d, const struct demo_item *it)
{
	switch ((int)it->what) {
	case DEMO_CALL:
		next_call(d, it->at_ms);
		do_call(d, false);
		break;
	case DEMO_GATE:
		do_call(d, true);
		break;
	case DEMO_STOP:
		do_stop(d, it);
		break;
	case DEMO_REVIEW:
		do_review(d, it);
		break;
	case DEMO_BRIDGE:
		do_bridge(d, it);
		break;
	default:
		do_of_request(d, it);
		break;
	}
}
