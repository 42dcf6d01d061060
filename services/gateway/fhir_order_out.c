/* SPDX-License-Identifier: EUPL-1.2 */
/* A request and its needs as an order: ServiceRequest, RequestGroup, CareTeam. */
#include <stdio.h>
#include <string.h>

#include "services/gateway/fhir_in.h"
#include "services/gateway/fhir_out.h"

#define WORD(o, list, type, value) \
	fhir_word(o, list, &schakel__v1__##type##__descriptor, (int)(value))

/* --- about whom --- */

/* NULL: nobody in particular was told of. */
static const PB(Child) *child_of(const PB(RequestItem) *item, uint32_t child)
{
	const PB(Child) *c = child < item->n_children ? item->children[child] : NULL;

	return c != NULL && c->person_id.len == OBJECT_ID_LEN ? c : NULL;
}

/* A child is named by its place in the request; its name only where the capsule could be opened. */
static json_t *subject_of(const struct fhir_out *o, const PB(RequestItem) *item, uint32_t child,
			  json_t *resource)
{
	const PB(Child) *c = child_of(item, child);
	const json_t *told = fhir_told_patient(o, c);
	json_t *hex = fhir_hex(&item->request->request_id);
	json_t *number = json_sprintf("%s-%u", json_string_value(hex), child + 1);
	json_t *subject;

	if (told != NULL && resource != NULL) {
		json_t *patient = fj_sieve_patient(told);
		(void)json_object_set_new(patient, "resourceType", json_string("Patient"));
		(void)json_object_set_new(patient, "id", json_string("patient"));
		fj_push(patient, "identifier",
			fj_identifier(FHIR_ID "child", json_string_value(number)));
		fj_push(resource, "contained", patient);
		subject = json_pack("{s:s, s:s}", "reference", "#patient", "type", "Patient");
	} else {
		subject = fj_logical("Patient", FHIR_ID "child", json_string_value(number));
	}
	json_decref(hex);
	json_decref(number);
	return subject;
}

/* --- an order --- */

static void put_extensions(const struct fhir_out *o, const PB(RequestItem) *item, json_t *r)
{
	const PB(RequestFact) *q = item->request;

	fj_push(r, "extension", fhir_ext_concept("zone", fhir_zone_concept(o, q->zone)));
	fj_push(r, "extension",
		fhir_ext_concept("urgency", WORD(o, "urgency", urgency, q->urgency)));
	fj_push(r, "extension",
		fhir_ext_concept("crisis_step",
				 WORD(o, "crisis_step", crisis_step, q->crisis_step)));
}

static void put_need_extensions(const struct fhir_out *o, const PB(NeedView) *n, json_t *r)
{
	json_t *must = fj_ext(FHIR_EXT "must");

	(void)json_object_set_new(must, "valueBoolean", json_boolean(n->need->must));
	fj_push(r, "extension", must);
	fj_push(r, "extension",
		fhir_ext_concept("need_state", WORD(o, "need_state", need_state, n->need->state)));
	fj_push(r, "extension",
		fhir_ext_concept("close_reason",
				 WORD(o, "close_reason", close_reason, n->close_reason)));
	fj_push(r, "extension",
		fhir_ext_concept("shortfall", WORD(o, "shortfall", shortfall, n->shortfall)));
}

static json_t *own_identifier(const char *system, const char *value)
{
	json_t *id = fj_identifier(system, value);
	json_t *type = fj_concept(FHIR_V2_0203, "FILL", "Filler Identifier");

	fj_set(id, "type", type);
	return id;
}

/* What the placer wrote comes back as it came, but for what is ours to say. */
static void put_words(json_t *r, const json_t *words)
{
	static const char *const lists[] = { "identifier", "category", "orderDetail", "reasonCode",
					     "note" };
	static const char *const singles[] = { "requisition", "authoredOn", "requester",
					       "patientInstruction" };
	static const char *const when[] = { "occurrencePeriod", "occurrenceTiming",
					    "occurrenceDateTime" };
	json_t *clean = fj_sieve_order(words);
	bool said = false;

	for (size_t i = 0; i < SK_LEN(lists); i++) {
		for (size_t k = 0; k < fj_items(clean, lists[i]); k++) {
			fj_push(r, lists[i], json_incref(fj_item(clean, lists[i], k)));
		}
	}
	for (size_t i = 0; i < SK_LEN(singles); i++) {
		fj_set(r, singles[i], json_incref(json_object_get(clean, singles[i])));
	}
	for (size_t i = 0; i < SK_LEN(when) && !said; i++) {
		json_t *v = json_object_get(clean, when[i]);
		said = v != NULL;
		fj_set(r, when[i], json_incref(v));
	}
	json_decref(clean);
}

static void put_performers(const struct fhir_out *o, const PB(NeedView) *n, json_t *r)
{
	for (size_t i = 0; n != NULL && i < n->n_contributions; i++) {
		const PB(ContributionChanged) *c = n->contributions[i];
		const char *status = fhir_contribution_status(c->state);
		if (strcmp(status, "accepted") == 0 || strcmp(status, "in-progress") == 0 ||
		    strcmp(status, "on-hold") == 0) {
			fj_push(r, "performer", fhir_organization(o, c->partner));
		}
	}
}

/* How many needs of the same expertise stand before it. */
static size_t nth_of(const PB(RequestItem) *item, const PB(NeedView) *need)
{
	size_t nth = 0;

	for (size_t i = 0; i < item->n_needs && item->needs[i] != need; i++) {
		const PB(NeedFact) *n = item->needs[i]->need;
		nth += n->expertise == need->need->expertise && n->child == need->need->child;
	}
	return nth;
}

static void put_group(const PB(RequestItem) *item, json_t *r)
{
	json_t *hex = fhir_hex(&item->request->request_id);

	if (json_object_get(r, "requisition") == NULL) {
		fj_set(r, "requisition", fj_identifier(FHIR_ID "request", json_string_value(hex)));
	}
	fj_push(r, "identifier", own_identifier(FHIR_ID "request", json_string_value(hex)));
	json_decref(hex);
}

static json_t *order_base(const struct fhir_out *o, const PB(RequestItem) *item,
			  const ProtobufCBinaryData *id, const char *status)
{
	json_t *hex = fhir_hex(id);
	json_t *r = fj_resource("ServiceRequest", json_string_value(hex));

	json_decref(hex);
	fhir_meta(r, item->request->request_version, item->request->received_ms);
	fj_text(r, "status", status);
	fj_text(r, "priority", fhir_priority(item->request->urgency));
	put_extensions(o, item, r);
	fj_push(r, "category", WORD(o, "request_kind", request_kind, item->kind));
	return r;
}

static void order_end(const struct fhir_out *o, const PB(RequestItem) *item, json_t *r)
{
	if (json_object_get(r, "authoredOn") == NULL) {
		fj_set(r, "authoredOn", fj_instant(item->request->received_ms));
	}
	if (json_object_get(r, "requester") == NULL) {
		fj_set(r, "requester", fhir_organization(o, item->request->requester));
	}
	put_group(item, r);
}

static json_t *consult_order(const struct fhir_out *o, const PB(RequestItem) *item)
{
	json_t *r = order_base(o, item, &item->request->request_id, fhir_consult_status(item));

	fj_text(r, "intent", "proposal");
	fj_set(r, "subject", subject_of(o, item, 0, r));
	fj_push(r, "extension",
		fhir_ext_concept("consult_state",
				 WORD(o, "consult_state", consult_state, item->consult)));
	put_words(r, fhir_told_order(o, child_of(item, 0), "", 0));
	order_end(o, item, r);
	return r;
}

json_t *fhir_service_request(const struct fhir_out *o, const PB(RequestItem) *item,
			     const PB(NeedView) *need)
{
	if (need == NULL) {
		return consult_order(o, item);
	}
	const PB(NeedFact) *n = need->need;
	const struct conf_code *code = fhir_code(o->conf, n->expertise);
	json_t *r = order_base(o, item, &n->need_id, fhir_need_status(need));
	fj_text(r, "intent", "order");
	fj_set(r, "code", fhir_expertise_concept(o, n->expertise));
	fj_push(r, "category", WORD(o, "life_domain", life_domain, n->life_domain));
	fj_set(r, "quantityQuantity", fhir_hours(n->intensity));
	fj_set(r, "subject", subject_of(o, item, n->child, r));
	if (n->long_need_id.len != 0) {
		fj_push(r, "basedOn", fhir_ref("ServiceRequest", &n->long_need_id));
	}
	put_need_extensions(o, need, r);
	put_words(r, fhir_told_order(o, child_of(item, n->child), code == NULL ? "" : code->code,
				     nth_of(item, need)));
	put_performers(o, need, r);
	fj_push(r, "identifier", own_identifier(FHIR_ID "need", need->short_code));
	order_end(o, item, r);
	return r;
}

/* --- several needs --- */

static const char *group_status(const PB(RequestItem) *item)
{
	const char *status = "entered-in-error";

	for (size_t i = 0; i < item->n_needs; i++) {
		const char *s = fhir_need_status(item->needs[i]);
		if (strcmp(s, "active") == 0) {
			return s;
		}
		status = strcmp(s, "completed") == 0 || strcmp(status, "entered-in-error") == 0 ?
				 s :
				 status;
	}
	return item->n_needs == 0 ? fhir_consult_status(item) : status;
}

json_t *fhir_request_group(const struct fhir_out *o, const PB(RequestItem) *item)
{
	json_t *hex = fhir_hex(&item->request->request_id);
	json_t *r = fj_resource("RequestGroup", json_string_value(hex));

	fhir_meta(r, item->request->request_version, item->request->received_ms);
	put_extensions(o, item, r);
	fj_push(r, "identifier", own_identifier(FHIR_ID "short-code", item->short_code));
	fj_set(r, "groupIdentifier", fj_identifier(FHIR_ID "request", json_string_value(hex)));
	fj_text(r, "status", group_status(item));
	fj_text(r, "intent", "order");
	fj_text(r, "priority", fhir_priority(item->request->urgency));
	if (item->n_children == 1) {
		fj_set(r, "subject", subject_of(o, item, 0, r));
	}
	fj_set(r, "authoredOn", fj_instant(item->request->received_ms));
	for (size_t i = 0; i < item->n_needs; i++) {
		const PB(NeedFact) *n = item->needs[i]->need;
		const struct conf_code *code = fhir_code(o->conf, n->expertise);
		json_t *a = json_object();
		fj_text(a, "title",
			code == NULL       ? NULL :
			o->lang == LANG_EN ? code->label_en :
					     code->label_nl);
		fj_text(a, "requiredBehavior", n->must ? "must" : "could");
		fj_set(a, "resource", fhir_ref("ServiceRequest", &n->need_id));
		fj_push(r, "action", a);
	}
	json_decref(hex);
	return r;
}

/* --- the team --- */

static uint32_t expertise_of(const PB(RequestItem) *item, const ProtobufCBinaryData *need)
{
	for (size_t i = 0; i < item->n_needs; i++) {
		const ProtobufCBinaryData *id = &item->needs[i]->need->need_id;
		if (id->len == need->len && memcmp(id->data, need->data, id->len) == 0) {
			return item->needs[i]->need->expertise;
		}
	}
	return 0;
}

static bool seat_works(const PB(Seat) *s)
{
	const char *status = fhir_contribution_status(s->state);

	return s->state == SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_AGREED ||
	       strcmp(status, "in-progress") == 0 || strcmp(status, "on-hold") == 0;
}

static void put_lacking(const struct fhir_out *o, const PB(RequestItem) *item, json_t *r)
{
	for (size_t i = 0; i < item->team->n_open; i++) {
		const PB(OpenSeat) *open = item->team->open[i];
		json_t *e = fj_ext(FHIR_EXT "lacking");
		json_t *what = fj_ext("expertise");
		fj_set(what, "valueCodeableConcept",
		       fhir_expertise_concept(o, expertise_of(item, &open->need_id)));
		fj_push(e, "extension", what);
		json_t *why = fj_ext("shortfall");
		fj_set(why, "valueCodeableConcept",
		       WORD(o, "shortfall", shortfall, open->shortfall));
		if (json_object_size(why) > 1) {
			fj_push(e, "extension", json_incref(why));
		}
		json_decref(why);
		fj_push(r, "extension", e);
	}
}

json_t *fhir_care_team(const struct fhir_out *o, const PB(RequestItem) *item)
{
	bool works = false;

	if (item->team == NULL) {
		return NULL;
	}
	json_t *hex = fhir_hex(&item->request->request_id);
	json_t *r = fj_resource("CareTeam", json_string_value(hex));
	fhir_meta(r, item->team->proposal_version, 0);
	fj_push(r, "identifier", fj_identifier(FHIR_ID "request", json_string_value(hex)));
	json_decref(hex);
	for (size_t i = 0; i < item->team->n_seats; i++) {
		const PB(Seat) *s = item->team->seats[i];
		json_t *p = json_object();
		fj_push(p, "role", fhir_expertise_concept(o, expertise_of(item, &s->need_id)));
		fj_push(p, "role", WORD(o, "modality", modality, s->modality));
		fj_set(p, "member", fhir_organization(o, s->partner));
		fj_set(p, "period", fj_period(s->start_at_ms, 0));
		fj_push(r, "participant", p);
		works = works || seat_works(s);
	}
	fj_text(r, "status", works ? "active" : "proposed");
	if (item->n_children == 1) {
		fj_set(r, "subject", subject_of(o, item, 0, r));
	}
	fj_set(r, "period", fj_period(item->team->from_ms, item->team->until_ms));
	fj_push(r, "managingOrganization", fhir_organization(o, item->team->lead));
	put_lacking(o, item, r);
	return r;
}
