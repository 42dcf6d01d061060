/* SPDX-License-Identifier: EUPL-1.2 */
/* What a FHIR subscription is told, as R4 and its backport of subscriptions have it: nothing but
 * the call itself, or a Bundle of type history that begins with the subscription's state
 * (Parameters) and names what changed by its id. Who is called reads that with its own rights. */
#include <stdlib.h>
#include <string.h>

#include "services/gateway/fhir_json.h"
#include "services/gateway/hook_private.h"

#define PROFILE                                          \
	"http://hl7.org/fhir/uv/subscriptions-backport/" \
	"StructureDefinition/backport-subscription-status-r4"

/* Which member of an event is the id of the resource that it is about. */
static const struct {
	const char *begins;
	const char *type;
	const char *member;
} about[] = {
	{ "be.jeugdhulp.need.", "ServiceRequest", "need_id" },
	{ "be.jeugdhulp.request.", "RequestGroup", "request_id" },
	{ "be.jeugdhulp.commitment.", "Task", "object_id" },
	{ "be.jeugdhulp.waiting.", "Task", "request_id" },
	{ "be.jeugdhulp.proposal.", "CareTeam", "request_id" },
	{ "be.jeugdhulp.offer.", "HealthcareService", "pool" },
};

/* "Task/..."; NULL: who is told may not know which. */
static json_t *focus_of(const json_t *event)
{
	const char *type = fj_str(event, "type");
	const json_t *data = json_object_get(event, "data");

	for (size_t i = 0; type != NULL && i < SK_LEN(about); i++) {
		const char *id = fj_str(data, about[i].member);
		if (strncmp(type, about[i].begins, strlen(about[i].begins)) == 0 && id != NULL) {
			return json_sprintf("%s/%s", about[i].type, id);
		}
	}
	return NULL;
}

static void put_value(json_t *parameters, const char *name, const char *kind, json_t *value)
{
	json_t *p = json_object();

	fj_text(p, "name", name);
	fj_set(p, kind, value);
	fj_push(parameters, "parameter", p);
}

static void put_event(json_t *status, const struct hook *k, const json_t *event, json_t *focus)
{
	json_t *p = json_object();
	json_t *parts = json_object();

	put_value(parts, "event-number", "valueString",
		  json_sprintf("%llu", (unsigned long long)k->told));
	put_value(parts, "timestamp", "valueInstant", json_incref(json_object_get(event, "time")));
	if (focus != NULL) {
		put_value(parts, "focus", "valueReference", json_pack("{s:O}", "reference", focus));
	}
	fj_text(p, "name", "notification-event");
	fj_set(p, "part", json_incref(json_object_get(parts, "parameter")));
	fj_push(status, "parameter", p);
	json_decref(parts);
}

static void put_entry(json_t *bundle, json_t *resource, const char *url)
{
	json_t *entry = json_object();

	fj_set(entry, "resource", resource);
	fj_set(entry, "request", json_pack("{s:s, s:s}", "method", "GET", "url", url));
	fj_set(entry, "response", json_pack("{s:s}", "status", "200"));
	fj_push(bundle, "entry", entry);
}

char *fhir_notice(const struct hook *k, const char *event_json)
{
	json_t *event = event_json == NULL ? NULL : json_loads(event_json, 0, NULL);
	json_t *status = fj_resource("Parameters", NULL);
	json_t *bundle = fj_resource("Bundle", NULL);
	json_t *focus = focus_of(event);
	char own[80];

	if (k->payload == HOOK_FHIR_EMPTY) {
		json_decref(status);
		json_decref(bundle);
		json_decref(focus);
		json_decref(event);
		return strdup("");
	}
	(void)snprintf(own, sizeof(own), "Subscription/%s", k->id);
	fj_set(status, "meta", json_pack("{s:[s]}", "profile", PROFILE));
	put_value(status, "subscription", "valueReference", json_pack("{s:s}", "reference", own));
	put_value(status, "status", "valueCode",
		  json_string(event == NULL ? "requested" : "active"));
	put_value(status, "type", "valueCode",
		  json_string(event == NULL ? "handshake" : "event-notification"));
	put_value(status, "events-since-subscription-start", "valueString",
		  json_sprintf("%llu", (unsigned long long)k->told));
	if (event != NULL) {
		put_event(status, k, event, focus);
	}
	fj_text(bundle, "type", "history");
	fj_set(bundle, "timestamp", fj_instant(out_now_ms()));
	(void)snprintf(own, sizeof(own), "Subscription/%s/$status", k->id);
	put_entry(bundle, status, own);
	if (focus != NULL) {
		put_entry(bundle, NULL, json_string_value(focus));
	}
	char *text = json_dumps(bundle, JSON_COMPACT);
	json_decref(bundle);
	json_decref(focus);
	json_decref(event);
	return text;
}
