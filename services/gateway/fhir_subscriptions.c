/* SPDX-License-Identifier: EUPL-1.2 */
/* Subscription, rest-hook: kept and called by the webhooks (hook.h). Without channel.payload a call
 * is empty; with application/fhir+json it is a Bundle that names what changed, by id only
 * (fhir_notice.c); who is called then reads it with its own rights. The first call asks: it becomes
 * active when that is taken. `criteria` is a kind of resource without a filter. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "services/gateway/fhir_search.h"
#include "services/gateway/hook.h"

#define FIXED_REASON "Schakel"

/* Which events tell of a kind of resource. */
static const struct {
	const char *criteria;
	const char *types[3];
} kinds[] = {
	{ "ServiceRequest", { "be.jeugdhulp.need.*", NULL, NULL } },
	{ "RequestGroup", { "be.jeugdhulp.request.*", NULL, NULL } },
	{ "Task", { "be.jeugdhulp.commitment.*", "be.jeugdhulp.waiting.*", NULL } },
	{ "CareTeam", { "be.jeugdhulp.proposal.*", NULL, NULL } },
	{ "HealthcareService", { "be.jeugdhulp.offer.*", NULL, NULL } },
};

static int kind_of(const char *criteria)
{
	size_t len = strcspn(criteria, "?");

	for (size_t i = 0; i < SK_LEN(kinds); i++) {
		if (strlen(kinds[i].criteria) == len &&
		    strncmp(criteria, kinds[i].criteria, len) == 0 &&
		    (criteria[len] == '\0' || criteria[len + 1] == '\0')) {
			return (int)i;
		}
	}
	return -1;
}

static int kind_of_types(const json_t *types)
{
	const char *first = json_string_value(json_array_get(types, 0));

	for (size_t i = 0; first != NULL && i < SK_LEN(kinds); i++) {
		if (strcmp(first, kinds[i].types[0]) == 0) {
			return (int)i;
		}
	}
	return -1;
}

/* --- out --- */

static const char *status_of(const json_t *hook)
{
	const char *state = fj_str(hook, "state");

	if (state != NULL && strcasecmp(state, "ended") == 0) {
		const char *why = fj_str(hook, "reason");
		bool failed = why != NULL && strcmp(why, "GONE") != 0;
		return failed ? "error" : "off";
	}
	return state != NULL && strcasecmp(state, "pending") == 0 ? "requested" : "active";
}

static const char *payload_of(const json_t *hook)
{
	return fj_is(hook, "payload", "fhir-empty")   ? NULL :
	       fj_is(hook, "payload", "fhir-id-only") ? FHIR_JSON :
							"application/cloudevents+json";
}

static json_t *subscription(const json_t *hook)
{
	json_t *r = fj_resource("Subscription", fj_str(hook, "id"));
	json_t *channel = json_object();
	int kind = kind_of_types(json_object_get(hook, "types"));

	fj_text(r, "status", status_of(hook));
	fj_text(r, "reason", FIXED_REASON);
	fj_text(r, "criteria", kind < 0 ? "Task" : kinds[kind].criteria);
	fj_text(r, "error", fj_str(hook, "reason"));
	fj_text(channel, "type", "rest-hook");
	fj_text(channel, "endpoint", fj_str(hook, "url"));
	fj_text(channel, "payload", payload_of(hook));
	if (fj_str(hook, "secret") != NULL) {
		json_t *secret = fj_ext(FHIR_EXT "secret");
		fj_text(secret, "valueString", fj_str(hook, "secret"));
		fj_push(channel, "extension", secret);
	}
	fj_set(r, "channel", channel);
	return r;
}

/* --- asking the webhooks --- */

/* Runs the route of that method as if it had been asked for; its answer, or NULL after refusing. */
static json_t *ask_hooks(struct fhir_call *c, const char *method, json_t *body)
{
	struct web *w = c->w;
	const char *param = w->param[0];
	json_t *own = w->json;
	const struct route *found = NULL;

	for (size_t i = 0; hook_routes[i].method != NULL; i++) {
		bool one = strstr(hook_routes[i].path, "{") != NULL;
		if (strcmp(hook_routes[i].method, method) == 0 && one == (c->id != NULL)) {
			found = &hook_routes[i];
		}
	}
	if (found == NULL || (found->roles != 0 && (found->roles & w->who.roles) == 0)) {
		struct fhir_issue issue = { .status = 403,
					    .code = "forbidden",
					    .nl = "deze partij kan geen abonnementen hebben",
					    .en = "this party may have no subscriptions" };
		(void)fhir_refuse(c, &issue);
		return NULL;
	}
	w->json = body;
	w->param[0] = c->id;
	found->fn(w);
	w->json = own;
	w->param[0] = param;
	if (w->answer.status >= 400 || w->answer.status == 0) {
		(void)fhir_adopt(c);
		return NULL;
	}
	json_t *doc = json_loadb(w->answer.body.data, w->answer.body.len, 0, NULL);
	c->status = w->answer.status;
	w->answer.status = 0;
	w->answer.heads_len = 0; /* places of the other face */
	return doc == NULL ? json_object() : doc;
}

static int check_payload(struct fhir_call *c, const json_t *channel)
{
	const json_t *shape = json_object_get(channel, "_payload");
	const char *content = fj_extension_text(shape, "http://hl7.org/fhir/uv/subscriptions-"
						       "backport/StructureDefinition/"
						       "backport-payload-content");
	const char *payload = fj_str(channel, "payload");
	bool known = payload == NULL || strcmp(payload, FHIR_JSON) == 0 ||
		     strcmp(payload, "application/json") == 0;

	if (known && (content == NULL || strcmp(content, "full-resource") != 0)) {
		return SK_OK;
	}
	return fhir_wrong(&c->in, "not-supported", "Subscription.channel.payload",
			  "laat payload weg (lege oproep), of geef application/fhir+json met "
			  "id-only; hele resources gaan niet mee",
			  "leave payload out (an empty call), or give application/fhir+json with "
			  "id-only; whole resources are not sent");
}

static int check_channel(struct fhir_call *c, const json_t *channel)
{
	if (!fj_is(channel, "type", "rest-hook")) {
		return fhir_wrong(&c->in, "not-supported", "Subscription.channel.type",
				  "geef rest-hook", "give rest-hook");
	}
	if (fj_str(channel, "endpoint") == NULL) {
		return fhir_wrong(&c->in, "required", "Subscription.channel.endpoint",
				  "zeg welk adres geroepen wordt",
				  "say which address is to be called");
	}
	if (json_object_get(channel, "header") != NULL) {
		return fhir_wrong(&c->in, "not-supported", "Subscription.channel.header",
				  "de oproepen zijn ondertekend (uitbreiding secret); eigen "
				  "kopregels "
				  "gaan niet mee",
				  "the calls are signed (extension secret); headers of your own "
				  "are "
				  "not sent");
	}
	return check_payload(c, channel);
}

void fhir_subscription_post(struct fhir_call *c)
{
	const json_t *channel = json_object_get(c->body, "channel");
	const char *criteria = fj_str(c->body, "criteria");
	int kind = criteria == NULL ? -1 : kind_of(criteria);

	if (kind < 0) {
		(void)fhir_wrong(&c->in, criteria == NULL ? "required" : "not-supported",
				 "Subscription.criteria",
				 "geef een soort resource zonder filter: ServiceRequest, "
				 "RequestGroup, "
				 "CareTeam, Task of HealthcareService",
				 "give a kind of resource without a filter: ServiceRequest, "
				 "RequestGroup, CareTeam, Task or HealthcareService");
		return;
	}
	if (check_channel(c, channel) != SK_OK) {
		return;
	}
	json_t *body = json_object();
	fj_text(body, "url", fj_str(channel, "endpoint"));
	for (size_t i = 0; i < SK_LEN(kinds[kind].types); i++) {
		const char *type = kinds[kind].types[i];
		fj_push(body, "types", type == NULL ? NULL : json_string(type));
	}
	fj_text(body, "secret", fj_extension_text(channel, FHIR_EXT "secret"));
	fj_text(body, "payload",
		fj_str(channel, "payload") == NULL ? "fhir-empty" : "fhir-id-only");
	json_t *hook = ask_hooks(c, "POST", body);
	json_decref(body);
	if (hook != NULL) {
		fhir_answer(c, c->status, subscription(hook));
		c->location = web_printf(c->w, "Subscription/%s", fj_str(hook, "id"));
	}
	json_decref(hook);
}

void fhir_subscription_get(struct fhir_call *c)
{
	json_t *hook = ask_hooks(c, "GET", NULL);

	if (hook != NULL) {
		fhir_answer(c, 200, subscription(hook));
	}
	json_decref(hook);
}

void fhir_subscription_search(struct fhir_call *c)
{
	json_t *list = ask_hooks(c, "GET", NULL);
	json_t *bundle = fhir_bundle("searchset");

	for (size_t i = 0; i < fj_items(list, "subscriptions"); i++) {
		fhir_bundle_add(bundle, subscription(fj_item(list, "subscriptions", i)), "match");
	}
	if (list != NULL) {
		fhir_links(c, bundle, NULL);
		fhir_answer(c, 200, bundle);
	} else {
		json_decref(bundle);
	}
	json_decref(list);
}

void fhir_subscription_delete(struct fhir_call *c)
{
	json_t *gone = ask_hooks(c, "DELETE", NULL);

	if (gone != NULL) {
		fhir_answer(c, 204, NULL);
	}
	json_decref(gone);
}
