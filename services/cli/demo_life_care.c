/* SPDX-License-Identifier: EUPL-1.2 */
/* What professionals of the demo do around a family: they advise, judge, order, join what belongs
 * together, name what stands in the way, and call for help. */
#include <string.h>

#include "common/words.h"
#include "services/cli/demo_life.h"

#define CONSULT(NAME) SCHAKEL__V1__CONSULT_STATE__CONSULT_STATE_##NAME
#define ADDRESSEE(NAME) SCHAKEL__V1__HELP_ADDRESSEE__HELP_ADDRESSEE_##NAME
#define AGE_CAPABLE 12
#define ORDER_DAYS 180
#define JUDGED_DAYS 90
#define PARTED_SHARE 250 /* per mille of the families that were joined */
#define RULES 12
#define ADJUSTED_SHARE 400 /* per mille of the signals; the rest is clarified */
#define FOUND_AFTER_H 40
#define GROUND_TRIES 24 /* hours in which a team may still be found */

static bool ask_intake(struct demo *d, uint32_t who, PB(Message) *m)
{
	return demo_done_well(demo_command(d, who, DEMO_INTAKE, m));
}

static bool goes_on(const struct demo_deed *x)
{
	return x->r != NULL && x->r->open;
}

/* A pseudonym: nobody in particular. */
static ProtobufCBinaryData some_worker(struct demo *d, struct demo_deed *x)
{
	uint8_t *id = arena_alloc(&d->arena, OBJECT_ID_LEN);

	if (id == NULL) {
		return (ProtobufCBinaryData){ 0, NULL };
	}
	memset(id, 'w', OBJECT_ID_LEN);
	be32_write(id + 12, demo_rand_below(&x->luck, 1000));
	return (ProtobufCBinaryData){ OBJECT_ID_LEN, id };
}

/* --- advice --- */

static bool move_consult(struct demo *d, struct demo_deed *x, uint32_t who, PB(ConsultState) to)
{
	PB(MoveConsult) c = PB_INIT(MOVE_CONSULT);
	PB(Message) m = PB_INIT(MESSAGE);

	c.request_id = object_id_data(&x->r->id);
	c.to = to;
	m.body_case = BODY(MOVE_CONSULT);
	m.move_consult = &c;
	return ask_intake(d, who, &m);
}

static void consult_answered(struct demo *d, struct demo_deed *x)
{
	if (goes_on(x)) {
		(void)move_consult(d, x, d->cast.contact_point, CONSULT(RESPONSE_GIVEN));
	}
}

static void consult_question(struct demo *d, struct demo_deed *x)
{
	bool asks = x->it.arg == 0;
	uint32_t who = asks ? d->cast.contact_point : x->r == NULL ? 0 : x->r->requester;

	if (goes_on(x) &&
	    move_consult(d, x, who,
			 asks ? CONSULT(INFORMATION_REQUESTED) : CONSULT(RESPONSE_REQUIRED)) &&
	    asks) {
		demo_again(d, x, 1, DEMO_HOUR_MS);
	}
}

/* --- grounds, judgements, the gate --- */

static void court_order(struct demo *d, struct demo_deed *x)
{
	PB(RecordCourtOrder) o = PB_INIT(RECORD_COURT_ORDER);
	PB(Message) m = PB_INIT(MESSAGE);
	char number[32];

	if (!goes_on(x) || d->cast.mandated == d->cast.len) {
		return;
	}
	(void)snprintf(number, sizeof(number), "VB/%u.%u", x->r->number, x->it.arg);
	o.request_id = object_id_data(&x->r->id);
	o.number = number;
	o.until_ms = d->now_ms + ORDER_DAYS * DEMO_DAY_MS;
	m.body_case = BODY(RECORD_COURT_ORDER);
	m.record_court_order = &o;
	if (ask_intake(d, d->cast.mandated, &m)) {
		demo_tell(d, TOLD(DEMO_STORY, x->r->code),
			  "De jeugdrechter beveelt hulp, voor %u dagen.",
			  "The youth court orders help, for %u days.", ORDER_DAYS);
	}
}

static void judged_later(struct demo *d, struct demo_deed *x)
{
	const PB(RequestItem) *now = !goes_on(x) ? NULL : demo_look(d, d->cast.coordinator, x->r);
	PB(RecordJudgement) j = PB_INIT(RECORD_JUDGEMENT);
	PB(Message) m = PB_INIT(MESSAGE);

	if (now == NULL || now->n_children == 0) {
		return;
	}
	bool young = now->children[0]->age_years < AGE_CAPABLE;
	j.request_id = object_id_data(&x->r->id);
	j.capable = young;
	j.by_worker = some_worker(d, x);
	j.reason = young ? SCHAKEL__V1__JUDGEMENT_REASON__JUDGEMENT_REASON_UNDERSTANDS :
			   SCHAKEL__V1__JUDGEMENT_REASON__JUDGEMENT_REASON_CRISIS_OF_MOMENT;
	j.until_ms = d->now_ms + JUDGED_DAYS * DEMO_DAY_MS;
	m.body_case = BODY(RECORD_JUDGEMENT);
	m.record_judgement = &j;
	(void)ask_intake(d, demo_contact(d, x->r), &m);
}

/* A ground without a voice: agreement unclear, or an emergency. */
static void ground(struct demo *d, struct demo_deed *x, PB(Ground) what)
{
	const PB(RequestItem) *now = !goes_on(x) ? NULL : demo_look(d, d->cast.contact_point, x->r);
	PB(RecordPosition) p = PB_INIT(RECORD_POSITION);
	PB(Message) m = PB_INIT(MESSAGE);

	if (now == NULL || now->ground_complete) {
		return;
	}
	if (now->team == NULL) {
		if (x->it.arg < GROUND_TRIES) {
			demo_again(d, x, x->it.arg + 1, DEMO_HOUR_MS); /* nothing to start yet */
		}
		return;
	}
	p.request_id = object_id_data(&x->r->id);
	p.proposal_version = now->team->proposal_version;
	p.ground = what;
	p.reason = what == SCHAKEL__V1__GROUND__GROUND_EMERGENCY ?
			   SCHAKEL__V1__DANGER_REASON__DANGER_REASON_NO_SAFE_PLACE :
			   SCHAKEL__V1__DANGER_REASON__DANGER_REASON_UNSPECIFIED;
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &p;
	x->r->unclear = ask_intake(d, d->cast.contact_point, &m) || x->r->unclear;
}

static void agreement_unclear(struct demo *d, struct demo_deed *x)
{
	ground(d, x, SCHAKEL__V1__GROUND__GROUND_UNCLEAR);
}

static void emergency_ground(struct demo *d, struct demo_deed *x)
{
	ground(d, x, SCHAKEL__V1__GROUND__GROUND_EMERGENCY);
}

static void concern_reported(struct demo *d, struct demo_deed *x)
{
	PB(ReportConcern) c = PB_INIT(REPORT_CONCERN);
	PB(Message) m = PB_INIT(MESSAGE);

	if (!goes_on(x) || d->cast.mandated == d->cast.len) {
		return;
	}
	c.request_id = object_id_data(&x->r->id);
	c.mandated_party = demo_party_id(d, d->cast.mandated);
	c.reason = SCHAKEL__V1__DANGER_REASON__DANGER_REASON_OTHER;
	m.body_case = BODY(REPORT_CONCERN);
	m.report_concern = &c;
	(void)ask_intake(d, d->cast.contact_point, &m);
}

static void child_missing(struct demo *d, struct demo_deed *x)
{
	PB(MarkMissing) k = PB_INIT(MARK_MISSING);
	PB(Message) m = PB_INIT(MESSAGE);

	if (!goes_on(x)) {
		return;
	}
	k.request_id = object_id_data(&x->r->id);
	k.missing = x->it.arg == 0;
	m.body_case = BODY(MARK_MISSING);
	m.mark_missing = &k;
	if (ask_intake(d, d->cast.contact_point, &m)) {
		demo_tell(d, TOLD(DEMO_STORY, x->r->code),
			  k.missing ? "Het kind is weg; wie vasthoudt, blijft vasthouden." :
				      "Het kind is terug.",
			  k.missing ? "The child is missing; who holds keeps holding." :
				      "The child is back.");
		if (k.missing) {
			demo_again(d, x, 1, FOUND_AFTER_H * DEMO_HOUR_MS);
		}
	}
}

/* --- families --- */

static bool split(struct demo *d, struct demo_deed *x)
{
	PB(SplitFamilies) s = PB_INIT(SPLIT_FAMILIES);
	PB(Message) m = PB_INIT(MESSAGE);

	s.request_id = object_id_data(&x->r->id);
	m.body_case = BODY(SPLIT_FAMILIES);
	m.split_families = &s;
	return ask_intake(d, d->cast.contact_point, &m);
}

/* The latest other search of the zone turns out to be of the same family. */
static const struct demo_request *another(const struct demo *d, const struct demo_request *r)
{
	for (size_t i = d->world.requests.len; i > 0; i--) {
		const struct demo_request *o = demo_request_at(&d->world, i - 1);
		if (o != r && o->open && !o->consult && !o->gate && o->zone == r->zone) {
			return o;
		}
	}
	return NULL;
}

static void families_joined(struct demo *d, struct demo_deed *x)
{
	const struct demo_request *other = goes_on(x) ? another(d, x->r) : NULL;
	PB(JoinFamilies) j = PB_INIT(JOIN_FAMILIES);
	PB(Message) m = PB_INIT(MESSAGE);

	if (x->it.arg > 0 && goes_on(x)) {
		(void)split(d, x);
		return;
	}
	if (other == NULL) {
		return;
	}
	j.request_id = object_id_data(&x->r->id);
	j.with_request_id = object_id_data(&other->id);
	m.body_case = BODY(JOIN_FAMILIES);
	m.join_families = &j;
	if (ask_intake(d, d->cast.contact_point, &m)) {
		demo_tell(d, TOLD(DEMO_STORY, x->r->code),
			  "Deze vraag en %s blijken van één gezin: één plan, één aanspreekpunt.",
			  "This request and %s turn out to be of one family: one plan, one contact "
			  "person.",
			  other->code);
		if (demo_rand_share(&x->luck, PARTED_SHARE)) {
			demo_again(d, x, 1, 4 * DEMO_WEEK_MS);
		}
	}
}

static void contact_handed_over(struct demo *d, struct demo_deed *x)
{
	PB(NameContactPerson) c = PB_INIT(NAME_CONTACT_PERSON);
	PB(Message) m = PB_INIT(MESSAGE);

	if (!goes_on(x) || !x->r->named || x->r->zone >= d->region.zones_len) {
		return;
	}
	const struct demo_zone *z = &d->region.zone[x->r->zone];
	bool back = x->r->contact != 0;
	c.request_id = object_id_data(&x->r->id);
	c.party = (char *)(uintptr_t)(back ? z->duty : z->stand_in);
	c.stand_in = (char *)(uintptr_t)(back ? z->stand_in : z->duty);
	m.body_case = BODY(NAME_CONTACT_PERSON);
	m.name_contact_person = &c;
	if (ask_intake(d, d->cast.coordinator, &m)) {
		x->r->contact = demo_cast_find(&d->cast, c.party) + 1;
	}
}

/* --- looking further, and what stands in the way --- */

/* Planned, and answered two weeks later. What was answered for that child is built on. */
static void diagnostic(struct demo *d, struct demo_deed *x)
{
	PB(RecordDiagnostic) r = PB_INIT(RECORD_DIAGNOSTIC);
	PB(Message) m = PB_INIT(MESSAGE);

	if (!goes_on(x)) {
		return;
	}
	r.request_id = object_id_data(&x->r->id);
	r.number = x->it.arg;
	if (r.number == 0) {
		r.model = (PB(DiagnosticModel))(1 + demo_rand_below(&x->luck, 3));
		r.expertise = expertise_find("DIAGNOSTICS");
		r.by_party = demo_party_id(d, demo_house(d, x, ROLE_BIT(FACILITY)));
	}
	r.state = r.number == 0 ? SCHAKEL__V1__DIAGNOSTIC_STATE__DIAGNOSTIC_STATE_PLANNED :
				  SCHAKEL__V1__DIAGNOSTIC_STATE__DIAGNOSTIC_STATE_ANSWERED;
	m.body_case = BODY(RECORD_DIAGNOSTIC);
	m.record_diagnostic = &r;
	PB(Receipt) *got = demo_command(d, demo_contact(d, x->r), DEMO_INTAKE, &m);
	if (demo_done_well(got) && r.number == 0) {
		demo_again(d, x, got->version, 2 * DEMO_WEEK_MS);
	}
}

/* Named by the contact person, read and answered by government. */
static void signal_named(struct demo *d, struct demo_deed *x)
{
	PB(NameSignal) n = PB_INIT(NAME_SIGNAL);
	PB(MoveSignal) v = PB_INIT(MOVE_SIGNAL);
	PB(Message) m = PB_INIT(MESSAGE);

	if (d->cast.government == d->cast.len) {
		return;
	}
	if (x->it.arg == 0 && goes_on(x)) {
		n.request_id = object_id_data(&x->r->id);
		n.rule = (PB(RuleKind))(1 + demo_rand_below(&x->luck, RULES));
		n.step = SCHAKEL__V1__BLOCKED_STEP__BLOCKED_STEP_START;
		m.body_case = BODY(NAME_SIGNAL);
		m.name_signal = &n;
		PB(Receipt) *r = demo_command(d, demo_contact(d, x->r), DEMO_INTAKE, &m);
		if (demo_done_well(r) && object_id_from(&r->object_id, &x->it.id)) {
			demo_again(d, x, 1, DEMO_WEEK_MS);
		}
		return;
	}
	v.signal_id = object_id_data(&x->it.id);
	v.to = x->it.arg == 1 ? SCHAKEL__V1__SIGNAL_STATE__SIGNAL_STATE_RECEIVED :
	       demo_rand_share(&x->luck, ADJUSTED_SHARE) ?
				SCHAKEL__V1__SIGNAL_STATE__SIGNAL_STATE_ADJUSTED :
				SCHAKEL__V1__SIGNAL_STATE__SIGNAL_STATE_CLARIFIED;
	m.body_case = BODY(MOVE_SIGNAL);
	m.move_signal = &v;
	if (x->it.arg > 0 && ask_intake(d, d->cast.government, &m) && x->it.arg == 1) {
		demo_again(d, x, 2, 3 * DEMO_WEEK_MS);
	}
}

/* --- I am alone with this --- */

static bool move_call(struct demo *d, struct demo_deed *x, uint32_t who, PB(HelpCallState) to)
{
	PB(MoveHelpCall) v = PB_INIT(MOVE_HELP_CALL);
	PB(Message) m = PB_INIT(MESSAGE);

	v.call_id = object_id_data(&x->it.id);
	v.to = to;
	m.body_case = BODY(MOVE_HELP_CALL);
	m.move_help_call = &v;
	return ask_intake(d, who, &m);
}

/* The deed keeps who called: its number of the cast behind the step. */
static void help_called(struct demo *d, struct demo_deed *x)
{
	static const uint32_t weight[] = { 6, 3, 1 }; /* peer, network, government */
	PB(CallForHelp) c = PB_INIT(CALL_FOR_HELP);
	PB(Message) m = PB_INIT(MESSAGE);
	uint32_t step = x->it.arg & 0xf;
	uint32_t caller = x->it.arg >> 4;

	if (step == 0 && goes_on(x)) {
		caller = demo_contact(d, x->r);
		c.addressee = (PB(HelpAddressee))(1 + demo_rand_pick(&x->luck, weight, 3));
		c.request_id = object_id_data(&x->r->id);
		m.body_case = BODY(CALL_FOR_HELP);
		m.call_for_help = &c;
		PB(Receipt) *r = demo_command(d, caller, DEMO_INTAKE, &m);
		if (demo_done_well(r) && object_id_from(&r->object_id, &x->it.id)) {
			demo_tell(d, TOLD(DEMO_STORY, x->r->code),
				  "%s: ik sta er alleen voor. Er komt iemand bij.",
				  "%s: I am alone with this. Somebody comes beside.",
				  demo_name(d, caller));
			demo_again(d, x, caller << 4 | 1, DEMO_HOUR_MS);
		}
	} else if (step == 1 && move_call(d, x, d->cast.coordinator,
					  SCHAKEL__V1__HELP_CALL_STATE__HELP_CALL_STATE_TAKEN)) {
		demo_again(d, x, caller << 4 | 2, 2 * DEMO_DAY_MS);
	} else if (step == 2) {
		(void)move_call(d, x, caller,
				SCHAKEL__V1__HELP_CALL_STATE__HELP_CALL_STATE_ANSWERED);
	}
}

const struct demo_deed_row demo_deeds_care[] = {
	{ "consult_answered", consult_answered },
	{ "consult_question", consult_question },
	{ "court_order", court_order },
	{ "judged_later", judged_later },
	{ "agreement_unclear", agreement_unclear },
	{ "emergency_ground", emergency_ground },
	{ "concern_reported", concern_reported },
	{ "child_missing", child_missing },
	{ "families_joined", families_joined },
	{ "contact_handed_over", contact_handed_over },
	{ "diagnostic", diagnostic },
	{ "signal_named", signal_named },
	{ "help_called", help_called },
	{ NULL, NULL },
};
