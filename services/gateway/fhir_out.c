/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/fhir_out.h"

#include <stdio.h>
#include <string.h>

#include "common/pbjson.h"
#include "common/words.h"
#include "services/gateway/fhir_in.h"

json_t *fhir_hex(const ProtobufCBinaryData *id)
{
	return id->len == 0 ? NULL : hex_json(id->data, id->len);
}

json_t *fhir_ref(const char *type, const ProtobufCBinaryData *id)
{
	json_t *hex = fhir_hex(id);
	json_t *ref = hex == NULL ? NULL : fj_reference(type, json_string_value(hex));

	json_decref(hex);
	return ref;
}

json_t *fhir_word(const struct fhir_out *o, const char *list, const ProtobufCEnumDescriptor *set,
		  int value)
{
	const char *code = value == 0 ? NULL : code_of(set, value);
	char system[64];

	if (code == NULL) {
		return NULL;
	}
	(void)snprintf(system, sizeof(system), FHIR_CODES "%s", list);
	return fj_concept(system, code, word_of(set, value, o->lang));
}

json_t *fhir_expertise_concept(const struct fhir_out *o, uint32_t expertise)
{
	const struct conf_code *c = fhir_code(o->conf, expertise);

	return c == NULL ? NULL :
			   fj_concept(FHIR_CODES "expertise", c->code,
				      o->lang == LANG_EN ? c->label_en : c->label_nl);
}

json_t *fhir_organization(const struct fhir_out *o, const char *party)
{
	const struct conf_party *p = conf_party(o->conf, party);

	if (party[0] == '\0') {
		return NULL;
	}
	json_t *ref = fj_logical("Organization", FHIR_ID "party", party);
	fj_text(ref, "display", p == NULL ? NULL : p->name);
	return ref;
}

json_t *fhir_zone_concept(const struct fhir_out *o, const char *zone)
{
	const struct conf_zone *z = fhir_zone(o->conf, zone);

	return zone[0] == '\0' ? NULL :
				 fj_concept(FHIR_CODES "zone", zone, z == NULL ? NULL : z->name);
}

json_t *fhir_ext_concept(const char *name, json_t *concept)
{
	char url[64];

	if (concept == NULL) {
		return NULL;
	}
	(void)snprintf(url, sizeof(url), FHIR_EXT "%s", name);
	json_t *e = fj_ext(url);
	fj_set(e, "valueCodeableConcept", concept);
	return e;
}

json_t *fhir_hours(uint32_t hours)
{
	json_t *q = json_object();

	(void)json_object_set_new(q, "value", json_integer(hours));
	fj_text(q, "unit", "h/week");
	fj_text(q, "system", "http://unitsofmeasure.org");
	fj_text(q, "code", "h/wk");
	return q;
}

void fhir_meta(json_t *resource, uint32_t version, uint64_t at_ms)
{
	json_t *meta = json_object();

	fj_set(meta, "versionId", json_sprintf("%u", version));
	fj_set(meta, "lastUpdated", fj_instant(at_ms));
	fj_set(resource, "meta", meta);
}

json_t *fhir_bundle(const char *type)
{
	json_t *b = fj_resource("Bundle", NULL);

	fj_text(b, "type", type);
	return b;
}

void fhir_bundle_add(json_t *bundle, json_t *resource, const char *mode)
{
	json_t *entry = json_object();
	json_t *search = json_object();

	if (resource == NULL) {
		json_decref(entry);
		json_decref(search);
		return;
	}
	fj_text(search, "mode", mode);
	fj_set(entry, "resource", resource);
	fj_set(entry, "search", search);
	fj_push(bundle, "entry", entry);
}

/* --- states (reference: the table of states of the Belgian referral) --- */

const char *fhir_need_status(const PB(NeedView) *need)
{
	switch ((int)need->need->state) {
	case SCHAKEL__V1__NEED_STATE__NEED_STATE_DRAFT:
		return "draft";
	case SCHAKEL__V1__NEED_STATE__NEED_STATE_CLOSED:
		return need->close_reason ==
				       SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_NO_AVAILABILITY ?
			       "revoked" :
			       "completed";
	case SCHAKEL__V1__NEED_STATE__NEED_STATE_WITHDRAWN:
		return "revoked";
	case SCHAKEL__V1__NEED_STATE__NEED_STATE_ENTERED_IN_ERROR:
		return "entered-in-error";
	default:
		return "active";
	}
}

const char *fhir_consult_status(const PB(RequestItem) *item)
{
	switch ((int)item->consult) {
	case SCHAKEL__V1__CONSULT_STATE__CONSULT_STATE_CLOSED:
	case SCHAKEL__V1__CONSULT_STATE__CONSULT_STATE_CONVERTED:
		return "completed";
	case SCHAKEL__V1__CONSULT_STATE__CONSULT_STATE_CANCELLED:
		return "revoked";
	default:
		return "active";
	}
}

#define CSTATE(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME
const char *fhir_contribution_status(PB(ContributionState) state)
{
	static const char *const status[] = {
		[CSTATE(ASKED)] = "requested",     [CSTATE(CAN)] = "accepted",
		[CSTATE(CAN_IF)] = "received",     [CSTATE(NOT_NOW)] = "rejected",
		[CSTATE(NOT_OURS)] = "rejected",   [CSTATE(LAPSED)] = "failed",
		[CSTATE(RELEASED)] = "cancelled",  [CSTATE(TAKEN_BACK)] = "cancelled",
		[CSTATE(AGREED)] = "accepted",     [CSTATE(STARTED)] = "in-progress",
		[CSTATE(INTERRUPTED)] = "on-hold", [CSTATE(HANDING_ON)] = "in-progress",
		[CSTATE(ENDED)] = "completed",     [CSTATE(STOPPED_BY_YOUTH)] = "cancelled",
	};
	size_t i = (size_t)state;

	return i < SK_LEN(status) && status[i] != NULL ? status[i] : "requested";
}

const char *fhir_priority(PB(Urgency) urgency)
{
	switch ((int)urgency) {
	case SCHAKEL__V1__URGENCY__URGENCY_CRISIS:
		return "stat";
	case SCHAKEL__V1__URGENCY__URGENCY_URGENT:
		return "urgent";
	default:
		return "routine";
	}
}

/* --- the words that the placer wrote --- */

static const json_t *content_of(const struct fhir_out *o, size_t i)
{
	return json_object_get(json_array_get(o->told, i), "content");
}

/* Whether the @p i th capsule tells of that child. */
static bool tells_of(const struct fhir_out *o, size_t i, const PB(Child) *child)
{
	const char *of = fj_str(json_array_get(o->told, i), "person_id");
	json_t *person = child == NULL ? NULL : fhir_hex(&child->person_id);
	bool same = child == NULL ||
		    (person != NULL && of != NULL && strcmp(of, json_string_value(person)) == 0);

	json_decref(person);
	return same;
}

static const json_t *order_in(const json_t *content, const char *expertise, size_t nth)
{
	for (size_t k = 0; k < fj_items(content, "orders"); k++) {
		const json_t *order = fj_item(content, "orders", k);
		const char *code = fj_str(order, "expertise");
		if (strcmp(code == NULL ? "" : code, expertise) == 0 && nth-- == 0) {
			return order;
		}
	}
	return NULL;
}

/* A later version of a capsule says what holds. */
const json_t *fhir_told_order(const struct fhir_out *o, const PB(Child) *child,
			      const char *expertise, size_t nth)
{
	const json_t *found = NULL;

	for (size_t i = json_array_size(o->told); found == NULL && i-- > 0;) {
		found = tells_of(o, i, child) ? order_in(content_of(o, i), expertise, nth) : NULL;
	}
	return found;
}

const json_t *fhir_told_patient(const struct fhir_out *o, const PB(Child) *child)
{
	const json_t *found = NULL;

	for (size_t i = json_array_size(o->told); found == NULL && i-- > 0;) {
		json_t *p = json_object_get(content_of(o, i), "patient");
		found = json_is_object(p) && tells_of(o, i, child) ? p : NULL;
	}
	return found;
}
