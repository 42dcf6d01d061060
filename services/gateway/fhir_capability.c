/* SPDX-License-Identifier: EUPL-1.2 */
/* The CapabilityStatement, made of the table of operations: what stands there is offered, what does
 * not is not. */
#include <string.h>

#include "common/version.h"
#include "services/gateway/fhir_call.h"

static const struct {
	const char *type;
	const char *words;
} notes[] = {
	{ "ServiceRequest",
	  "A need for help. The placer's identifier (type PLAC, else the first) is the key of "
	  "idempotency: sent again, it is the same order. code: " FHIR_CODES "expertise, listed at "
	  "/codes/expertise. priority: stat = crisis (contact points only; crisis step NOW and "
	  "reason "
	  "OTHER unless extensions crisis_step and danger_reason say otherwise), asap and urgent = "
	  "urgent (extension second_party), routine = standard. The zone stands in extension zone, "
	  "or "
	  "in municipality (NIS code). Defaults: intensity 1, 12 weeks, must. Of the Patient only "
	  "the "
	  "age is passed on; everything else is kept sealed. A Consent that is rejected stops the "
	  "order; agreement itself is given on what is proposed, by the child and its parents." },
	{ "Task", "A coordination task per request (id = RequestGroup), a partner task per ask. A "
		  "partner "
		  "moves its own: accepted (statusReason can_if: we can, if), rejected "
		  "(statusReason NOT_NOW "
		  "with executionPeriod.start, or NOT_OURS), in-progress (extension seen), on-hold "
		  "(statusReason interrupt_reason), completed (hands on; once more: ends). The "
		  "placer cancels "
		  "the coordination task. POST: code fulfill, abort, suspend, resume." },
	{ "HealthcareService", "A pool of places or hours; id = its name. PUT by its house: "
			       "capacity status and extension "
			       "capacity (available, maximum, staffed, used_elsewhere). What is "
			       "left out stays. Free over "
			       "total is kept and told." },
};

static bool is_first_of_type(const struct fhir_op *op)
{
	for (const struct fhir_op *o = fhir_ops; o != op; o++) {
		if (strcmp(o->type, op->type) == 0) {
			return false;
		}
	}
	return true;
}

static void put_interactions(const char *type, json_t *r)
{
	for (const struct fhir_op *o = fhir_ops; o->method != NULL; o++) {
		json_t *i = NULL;
		if (strcmp(o->type, type) == 0 && o->interaction != NULL) {
			i = json_pack("{s:s}", "code", o->interaction);
			bool twice = false;
			for (size_t k = 0; k < fj_items(r, "interaction"); k++) {
				twice = twice || json_equal(fj_item(r, "interaction", k), i) != 0;
			}
			fj_push(r, "interaction", twice ? NULL : json_incref(i));
			json_decref(i);
		}
	}
}

static json_t *resource_of(const char *type)
{
	json_t *r = json_object();

	fj_text(r, "type", type);
	for (size_t i = 0; i < SK_LEN(notes); i++) {
		if (strcmp(notes[i].type, type) == 0) {
			fj_text(r, "documentation", notes[i].words);
		}
	}
	put_interactions(type, r);
	fj_text(r, "versioning", "versioned");
	if (strcmp(type, "ServiceRequest") == 0) {
		(void)json_object_set_new(r, "conditionalCreate", json_true());
		(void)json_object_set_new(r, "conditionalUpdate", json_true());
	}
	for (const struct fhir_search *s = fhir_searches; s->type != NULL; s++) {
		if (strcmp(s->type, type) == 0) {
			fj_push(r, "searchParam",
				json_pack("{s:s, s:s}", "name", s->name, "type", s->kind));
		}
	}
	return r;
}

static json_t *rest(void)
{
	json_t *r = json_object();
	json_t *security = json_object();

	fj_text(r, "mode", "server");
	fj_text(security, "description",
		"Authorization: Bearer TOKEN. Rights are those of the party that is signed in; "
		"what it "
		"may not see is not there.");
	fj_set(r, "security", security);
	for (const struct fhir_op *o = fhir_ops; o->method != NULL; o++) {
		if (is_first_of_type(o)) {
			fj_push(r, "resource", resource_of(o->type));
		}
	}
	fj_push(r, "interaction", json_pack("{s:s}", "code", "transaction"));
	fj_push(r, "interaction", json_pack("{s:s}", "code", "batch"));
	return r;
}

void fhir_capability(struct fhir_call *c)
{
	json_t *r = fj_resource("CapabilityStatement", "schakel");
	json_t *software = json_object();
	json_t *node = json_object();

	fj_text(r, "status", "active");
	fj_text(r, "date", "2026-11-22");
	fj_text(r, "kind", "instance");
	fj_text(software, "name", "Schakel");
	fj_set(r, "software", software);
	fj_set(node, "description", json_sprintf("Schakel, node %s", c->w->conf->node));
	fj_set(r, "implementation", node);
	fj_text(r, "fhirVersion", "4.0.1");
	fj_push(r, "format", json_string("json"));
	fj_push(r, "patchFormat", json_string("application/json-patch+json"));
	fj_push(r, "rest", rest());
	fhir_answer(c, 200, r);
}
