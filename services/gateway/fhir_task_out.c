/* SPDX-License-Identifier: EUPL-1.2 */
/* Where an order stands (be-referral-task), and what one partner is asked (be-performer-task). */
#include <string.h>

#include "services/gateway/fhir_in.h"
#include "services/gateway/fhir_out.h"

#define WORD(o, list, type, value) \
	fhir_word(o, list, &schakel__v1__##type##__descriptor, (int)(value))
#define STATE(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME
#define NEED(NAME) SCHAKEL__V1__NEED_STATE__NEED_STATE_##NAME
#define TASK_CODE "http://hl7.org/fhir/CodeSystem/task-code"
#define BE_REFERRAL FHIR_BE "referral/StructureDefinition/"

/* --- the order's own task --- */

struct tally {
	size_t open; /* needs that are asked, or helped */
	size_t completed;
	size_t lapsed;
	size_t helped;
	size_t agreed;
	size_t asked;
	size_t waiting;
};

static void tally_contributions(const PB(NeedView) *n, struct tally *io_t)
{
	for (size_t i = 0; i < n->n_contributions; i++) {
		PB(ContributionState) s = n->contributions[i]->state;
		const char *status = fhir_contribution_status(s);
		io_t->helped += strcmp(status, "in-progress") == 0 ||
				strcmp(status, "on-hold") == 0;
		io_t->agreed += s == STATE(AGREED);
		io_t->asked += s == STATE(ASKED) || s == STATE(CAN) || s == STATE(CAN_IF);
	}
}

static struct tally tally_of(const PB(RequestItem) *item)
{
	struct tally t = { 0 };

	for (size_t i = 0; i < item->n_needs; i++) {
		const PB(NeedView) *n = item->needs[i];
		const char *status = fhir_need_status(n);
		t.open += strcmp(status, "active") == 0 || strcmp(status, "draft") == 0;
		t.completed += strcmp(status, "completed") == 0;
		t.lapsed += n->need->state == NEED(CLOSED) && strcmp(status, "revoked") == 0;
		t.helped += n->need->state == NEED(ANSWERED) || n->need->state == NEED(SUPPORTED) ||
			    n->need->state == NEED(AFTERCARE);
		t.waiting += n->shortfall != 0;
		tally_contributions(n, &t);
	}
	for (size_t i = 0; i < item->n_waits; i++) {
		t.waiting += item->waits[i]->waits ? 1 : 0;
	}
	for (size_t i = 0; item->team != NULL && i < item->team->n_seats; i++) {
		t.asked += item->team->seats[i]->state == STATE(ASKED) ||
			   item->team->seats[i]->state == STATE(CAN);
	}
	return t;
}

static const char *consult_task_status(const PB(RequestItem) *item)
{
	const char *status = fhir_consult_status(item);

	if (strcmp(status, "completed") == 0) {
		return "completed";
	}
	if (strcmp(status, "revoked") == 0) {
		return "cancelled";
	}
	return item->consult == SCHAKEL__V1__CONSULT_STATE__CONSULT_STATE_INFORMATION_REQUESTED ?
		       "on-hold" :
	       item->consult == SCHAKEL__V1__CONSULT_STATE__CONSULT_STATE_RESPONSE_GIVEN ? "accepte"
											   "d" :
											   "request"
											   "ed";
}

const char *fhir_order_task_status(const PB(RequestItem) *item)
{
	struct tally t = tally_of(item);

	if (item->n_needs == 0) {
		return consult_task_status(item);
	}
	if (t.open == 0) {
		return t.completed > 0 ? "completed" : t.lapsed > 0 ? "failed" : "cancelled";
	}
	if (t.helped > 0) {
		return "in-progress";
	}
	if (t.agreed > 0) {
		return "accepted";
	}
	if (t.asked > 0) {
		return "in-progress";
	}
	return t.waiting > 0 ? "on-hold" : "requested";
}

static void put_profile(json_t *r, const char *profile)
{
	fj_push(json_object_get(r, "meta"), "profile", json_string(profile));
}

static PB(Shortfall) why_waiting(const PB(RequestItem) *item)
{
	for (size_t i = 0; i < item->n_waits; i++) {
		if (item->waits[i]->waits && item->waits[i]->shortfall != 0) {
			return item->waits[i]->shortfall;
		}
	}
	for (size_t i = 0; i < item->n_needs; i++) {
		if (item->needs[i]->shortfall != 0) {
			return item->needs[i]->shortfall;
		}
	}
	return 0;
}

json_t *fhir_order_task(const struct fhir_out *o, const PB(RequestItem) *item)
{
	const PB(RequestFact) *q = item->request;
	json_t *hex = fhir_hex(&q->request_id);
	json_t *r = fj_resource("Task", json_string_value(hex));
	const char *status = fhir_order_task_status(item);

	fhir_meta(r, q->request_version, q->received_ms);
	put_profile(r, BE_REFERRAL "be-referral-task");
	fj_set(r, "groupIdentifier", fj_identifier(FHIR_ID "request", json_string_value(hex)));
	json_decref(hex);
	fj_push(r, "identifier", fj_identifier(FHIR_ID "short-code", item->short_code));
	fj_text(r, "status", status);
	if (strcmp(status, "on-hold") == 0) {
		fj_set(r, "businessStatus", WORD(o, "shortfall", shortfall, why_waiting(item)));
	}
	fj_text(r, "intent", "order");
	fj_text(r, "priority", fhir_priority(q->urgency));
	fj_set(r, "code", fj_concept(TASK_CODE, "fulfill", NULL));
	if (item->n_needs == 1) {
		fj_set(r, "focus", fhir_ref("ServiceRequest", &item->needs[0]->need->need_id));
	} else {
		fj_set(r, "focus",
		       fhir_ref(item->n_needs == 0 ? "ServiceRequest" : "RequestGroup",
				&q->request_id));
	}
	fj_set(r, "authoredOn", fj_instant(q->received_ms));
	fj_set(r, "requester", fhir_organization(o, q->requester));
	fj_set(r, "owner", fhir_organization(o, item->contact_party));
	if (item->answer_due_ms != 0) {
		json_t *limit = json_object();
		fj_set(limit, "period", fj_period(0, item->answer_due_ms));
		fj_set(r, "restriction", limit);
	}
	return r;
}

/* --- a partner's task --- */

static json_t *input(const char *what, const char *key, json_t *value)
{
	json_t *i = json_object();
	json_t *type = json_object();

	if (value == NULL) {
		json_decref(i);
		json_decref(type);
		return NULL;
	}
	fj_text(type, "text", what);
	fj_set(i, "type", type);
	fj_set(i, key, value);
	return i;
}

static bool before_agreed(PB(ContributionState) s)
{
	return s == STATE(ASKED) || s == STATE(CAN) || s == STATE(CAN_IF) || s == STATE(NOT_NOW) ||
	       s == STATE(NOT_OURS) || s == STATE(LAPSED);
}

static json_t *partner_task(const struct fhir_out *o, const ProtobufCBinaryData *id,
			    PB(ContributionState) state, uint32_t version)
{
	json_t *hex = fhir_hex(id);
	json_t *r = fj_resource("Task", json_string_value(hex));

	json_decref(hex);
	fhir_meta(r, version, 0);
	put_profile(r, BE_REFERRAL "be-performer-task");
	fj_text(r, "status", fhir_contribution_status(state));
	fj_set(r, "businessStatus", WORD(o, "contribution_state", contribution_state, state));
	fj_text(r, "intent", before_agreed(state) ? "proposal" : "order");
	return r;
}

/* Why not, why only if, or why not now. */
static void put_reason(const struct fhir_out *o, json_t *r, PB(ContributionState) state, int can_if,
		       int interrupt)
{
	json_t *why = NULL;

	if (state == STATE(CAN_IF)) {
		why = WORD(o, "can_if", can_if, can_if);
	} else if (state == STATE(INTERRUPTED)) {
		why = WORD(o, "interrupt_reason", interrupt_reason, interrupt);
	} else if (state == STATE(NOT_NOW) || state == STATE(NOT_OURS)) {
		int answer = state == STATE(NOT_NOW) ?
				     SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_NOT_NOW :
				     SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_NOT_OURS;
		why = WORD(o, "answer_kind", answer_kind, answer);
	}
	fj_set(r, "statusReason", why);
}

json_t *fhir_contribution_task(const struct fhir_out *o, const PB(ContributionChanged) *c)
{
	json_t *r = partner_task(o, &c->contribution_id, c->state, c->version);

	put_reason(o, r, c->state, (int)c->can_if, (int)c->interrupt);
	fj_push(r, "identifier", fj_identifier(FHIR_ID "short-code", c->short_code));
	fj_set(r, "focus", fhir_ref("ServiceRequest", &c->need_id));
	fj_push(r, "partOf", fhir_ref("Task", &c->request_id));
	fj_set(r, "lastModified", fj_instant(c->at_ms));
	fj_set(r, "owner", fhir_organization(o, c->partner));
	fj_set(r, "executionPeriod",
	       fj_period(c->start_at_ms, c->state == STATE(INTERRUPTED) ? 0 : c->until_ms));
	return r;
}

static void put_asked(const struct fhir_out *o, const PB(Ask) *a, json_t *r)
{
	json_t *age = json_object();

	fj_push(r, "input",
		input("expertise", "valueCodeableConcept",
		      fhir_expertise_concept(o, a->expertise)));
	fj_push(r, "input", input("intensity", "valueQuantity", fhir_hours(a->intensity)));
	fj_push(r, "input",
		input("weeks", "valueInteger", json_integer((json_int_t)a->duration_weeks)));
	fj_set(age, "low", json_pack("{s:i, s:s}", "value", (int)a->age_from, "unit", "a"));
	fj_set(age, "high", json_pack("{s:i, s:s}", "value", (int)a->age_to, "unit", "a"));
	fj_push(r, "input", input("age", "valueRange", age));
	fj_push(r, "input", input("zone", "valueCodeableConcept", fhir_zone_concept(o, a->zone)));
	fj_push(r, "input",
		input("modality", "valueCodeableConcept",
		      WORD(o, "modality", modality, a->modality)));
	fj_push(r, "input",
		input("urgency", "valueCodeableConcept", WORD(o, "urgency", urgency, a->urgency)));
	fj_push(r, "input",
		input("crisis_step", "valueCodeableConcept",
		      WORD(o, "crisis_step", crisis_step, a->crisis_step)));
	if (a->interpreter) {
		fj_push(r, "input", input("interpreter", "valueBoolean", json_true()));
	}
}

json_t *fhir_ask_task(const struct fhir_out *o, const PB(Ask) *a)
{
	json_t *r = partner_task(o, &a->contribution_id, a->state, a->version);
	uint64_t by_ms = a->holds_until_ms != 0 ? a->holds_until_ms : a->answer_by_ms;

	put_reason(o, r, a->state, (int)a->can_if, 0);
	fj_push(r, "identifier", fj_identifier(FHIR_ID "short-code", a->short_code));
	fj_text(r, "priority", fhir_priority(a->urgency));
	fj_set(r, "authoredOn", fj_instant(a->asked_ms));
	fj_set(r, "location",
	       a->pool[0] == '\0' ? NULL : fj_logical("Location", FHIR_ID "pool", a->pool));
	if (by_ms != 0) {
		json_t *limit = json_object();
		fj_set(limit, "period", fj_period(0, by_ms));
		fj_set(r, "restriction", limit);
	}
	if (a->until_ms != 0) {
		fj_set(r, "executionPeriod", fj_period(a->until_ms, 0));
	}
	put_asked(o, a, r);
	return r;
}
