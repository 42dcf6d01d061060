/* SPDX-License-Identifier: EUPL-1.2 */
/* From a request to an interaction, and its answer back: what is taken and given, and how. */
#include "services/gateway/fhir.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "services/gateway/fhir_call.h"

const struct fhir_op fhir_ops[] = {
	{ "POST", "ServiceRequest", false, "create", fhir_order_post },
	{ "PUT", "ServiceRequest", false, "update", fhir_order_put },
	{ "PUT", "ServiceRequest", true, "update", fhir_order_put_one },
	{ "GET", "ServiceRequest", true, "read", fhir_order_get },
	{ "GET", "ServiceRequest", false, "search-type", fhir_order_search },
	{ "GET", "RequestGroup", true, "read", fhir_group_get },
	{ "GET", "RequestGroup", false, "search-type", fhir_group_search },
	{ "GET", "CareTeam", true, "read", fhir_team_get },
	{ "GET", "CareTeam", false, "search-type", fhir_team_search },
	{ "POST", "Task", false, "create", fhir_task_post },
	{ "GET", "Task", true, "read", fhir_task_get },
	{ "GET", "Task", false, "search-type", fhir_task_search },
	{ "PUT", "Task", true, "update", fhir_task_put },
	{ "PATCH", "Task", true, "patch", fhir_task_patch },
	{ "GET", "HealthcareService", true, "read", fhir_service_get },
	{ "GET", "HealthcareService", false, "search-type", fhir_service_search },
	{ "PUT", "HealthcareService", true, "update", fhir_service_put },
	{ "POST", "Subscription", false, "create", fhir_subscription_post },
	{ "GET", "Subscription", true, "read", fhir_subscription_get },
	{ "GET", "Subscription", false, "search-type", fhir_subscription_search },
	{ "DELETE", "Subscription", true, "delete", fhir_subscription_delete },
	{ 0 },
};

/* --- which operation --- */

static int no_type(struct fhir_call *c)
{
	struct fhir_issue issue = { .status = 404,
				    .code = "not-supported",
				    .nl = "dit soort resource bewaren wij niet. Wel: "
					  "ServiceRequest, RequestGroup, "
					  "CareTeam, Task, HealthcareService, Subscription; "
					  "Patient, "
					  "Practitioner, Organization, Consent "
					  "en andere horen in contained of in een Bundle",
				    .en = "we do not keep this kind of resource. We do: "
					  "ServiceRequest, RequestGroup, "
					  "CareTeam, Task, HealthcareService, Subscription; "
					  "Patient, "
					  "Practitioner, Organization, Consent "
					  "and others belong in contained or in a Bundle" };

	return fhir_refuse(c, &issue);
}

static int no_method(struct fhir_call *c)
{
	struct fhir_issue issue = { .status = 405,
				    .code = "not-supported",
				    .nl = "dit kan met deze resource hier niet; /fhir/metadata "
					  "zegt wat "
					  "wel",
				    .en = "this cannot be done with this resource here; "
					  "/fhir/metadata "
					  "says what can" };
	char allowed[64] = "";

	for (const struct fhir_op *o = fhir_ops; o->method != NULL; o++) {
		if (strcmp(o->type, c->type) == 0 && o->instance == (c->id != NULL)) {
			(void)snprintf(allowed + strlen(allowed), sizeof(allowed) - strlen(allowed),
				       "%s%s", allowed[0] == '\0' ? "" : ", ", o->method);
		}
	}
	if (!c->entry) {
		web_head(c->w, "Allow", web_printf(c->w, "%s", allowed));
	}
	return fhir_refuse(c, &issue);
}

static const struct fhir_op *find_op(struct fhir_call *c)
{
	bool known = false;

	for (const struct fhir_op *o = fhir_ops; o->method != NULL; o++) {
		if (strcmp(o->type, c->type) != 0) {
			continue;
		}
		known = true;
		if (strcmp(o->method, c->method) == 0 && o->instance == (c->id != NULL)) {
			return o;
		}
	}
	(void)(known ? no_method(c) : no_type(c));
	return NULL;
}

/* The body is of the type of its address, and has its id. */
static bool body_fits(struct fhir_call *c)
{
	const char *type = fj_str(c->body, "resourceType");
	bool writes = strcmp(c->method, "POST") == 0 || strcmp(c->method, "PUT") == 0;

	if (!writes) {
		return true;
	}
	if (!json_is_object(c->body) || json_object_size(c->body) == 0) {
		(void)fhir_wrong(&c->in, "structure", "", "geef een resource als JSON-object",
				 "give a resource as a JSON object");
		return false;
	}
	if (type != NULL && strcmp(type, c->type) != 0) {
		(void)fhir_wrong(&c->in, "invalid", "resourceType",
				 "het soort resource is een ander dan dat van het adres",
				 "the kind of resource is another than that of the address");
		return false;
	}
	return true;
}

void fhir_run(struct fhir_call *c)
{
	const struct fhir_op *op = find_op(c);

	if (op == NULL) {
		return;
	}
	if (body_fits(c)) {
		op->fn(c);
	}
	if (c->status == 0 && !c->in.refused) {
		struct fhir_issue issue = { .status = 503,
					    .code = "transient",
					    .nl = "dit ging mis bij ons; probeer het opnieuw",
					    .en = "this went wrong at our side; try again" };
		(void)fhir_refuse(c, &issue);
	}
}

/* --- what is spoken --- */

static bool is_one_of(const char *s, const char *const *list)
{
	for (; *list != NULL; list++) {
		if (strncasecmp(s, *list, strlen(*list)) == 0) {
			return true;
		}
	}
	return false;
}

static int check_media(struct fhir_call *c)
{
	static const char *const takes[] = { FHIR_JSON, "application/json",
					     "application/json-patch+json",
					     "application/merge-patch+json", NULL };
	static const char *const formats[] = { FHIR_JSON, "application/json", "json", NULL };
	const char *type = web_header(c->w, "Content-Type");
	const char *accept = web_header(c->w, "Accept");
	const char *format = web_query(c->w, "_format");
	struct fhir_issue issue = { .code = "not-supported",
				    .nl = "hier wordt JSON gesproken: " FHIR_JSON,
				    .en = "JSON is spoken here: " FHIR_JSON };

	if (c->w->body.len > 0 && type != NULL && !is_one_of(type, takes)) {
		issue.status = 415;
		return fhir_refuse(c, &issue);
	}
	bool fine = format != NULL ? is_one_of(format, formats) :
				     accept == NULL || strstr(accept, "json") != NULL ||
					     strstr(accept, "*/*") != NULL ||
					     strstr(accept, "application/*") != NULL;
	if (!fine) {
		issue.status = 406;
		return fhir_refuse(c, &issue);
	}
	return SK_OK;
}

static bool prefers(const struct fhir_call *c, const char *what)
{
	const char *prefer = web_header(c->w, "Prefer");

	return prefer != NULL && strstr(prefer, what) != NULL;
}

/* --- the answer --- */

static void put_heads(struct fhir_call *c)
{
	const char *version = fj_str2(c->resource, "meta", "versionId");

	if (version != NULL) {
		web_head(c->w, "ETag", web_printf(c->w, "W/\"%s\"", version));
	}
	if (c->location != NULL && c->status == 201) {
		web_head(c->w, "Location", web_printf(c->w, "/fhir/%s", c->location));
	}
}

static bool changes(const struct fhir_call *c)
{
	return strcmp(c->method, "GET") != 0 && strcmp(c->method, "HEAD") != 0;
}

static void finish(struct fhir_call *c)
{
	struct web *w = c->w;

	if (c->in.refused) {
		web_json_as(w, fhir_status(&c->in), FHIR_JSON, fhir_outcome(&c->in, w->lang));
		return;
	}
	put_heads(c);
	bool bundle = fj_is(c->resource, "resourceType", "Bundle");
	if (changes(c) && !bundle && prefers(c, "return=OperationOutcome")) {
		web_json_as(w, c->status, FHIR_JSON, fhir_outcome(&c->in, w->lang));
	} else if (c->resource == NULL || (changes(c) && !bundle && prefers(c, "return=minimal"))) {
		web_body(w, c->status, FHIR_JSON, (struct slice){ "", 0 });
	} else {
		web_json_as(w, c->status, FHIR_JSON, json_incref(c->resource));
	}
}

static bool read_body(struct fhir_call *c)
{
	if (!changes(c)) {
		return true;
	}
	c->body = web_json_body(c->w);
	if (c->body == NULL) {
		(void)fhir_adopt(c);
	}
	return c->body != NULL;
}

static void on_request(struct web *w)
{
	struct fhir_call c;

	fhir_call_init(&c, w);
	c.method = strcmp(w->method, "HEAD") == 0 ? "GET" : w->method;
	c.type = w->arg != NULL ? w->arg : w->param[0]; /* an open route names its type */
	c.id = w->param[w->arg != NULL ? 0 : 1];
	if (check_media(&c) == SK_OK && read_body(&c)) {
		if (c.type == NULL) {
			fhir_bundle_run(&c);
		} else if (strcmp(c.type, "metadata") == 0 && c.id == NULL) {
			fhir_capability(&c);
		} else {
			fhir_run(&c);
		}
	}
	finish(&c);
	fhir_call_done(&c);
}

/* What lies deeper (history, compartments, operations) is not offered; said as FHIR says it. */
static void on_deeper(struct web *w)
{
	struct fhir_call c;
	struct fhir_issue issue = { .status = 404,
				    .code = "not-supported",
				    .nl = "geschiedenis en bewerkingen biedt dit adres niet",
				    .en = "this address offers no history and no operations" };

	fhir_call_init(&c, w);
	c.method = w->method;
	(void)fhir_refuse(&c, &issue);
	finish(&c);
	fhir_call_done(&c);
}

/* What the gateway said itself, as FHIR says it. */
static void on_refused(struct web *w)
{
	struct fhir_call c = { .w = w, .method = w->method, .in = { .arena = &w->arena } };

	(void)fhir_adopt(&c);
	finish(&c);
}

#define ROUTE(method, path, roles, fn, arg)                       \
	{                                                         \
		method, path, roles, fn, arg, 0, NULL, on_refused \
	}
#define OPEN(path, type) ROUTE("GET", path, WEB_ANYBODY, on_request, type)
#define OURS(method, path) ROUTE(method, path, WEB_ORGANISATIONS, on_request, NULL)
#define NONE(method, path) ROUTE(method, path, WEB_ORGANISATIONS, on_deeper, NULL)

const struct route fhir_routes[] = {
	{ "POST", "/fhir", WEB_ORGANISATIONS, on_request, NULL, WEB_FEED_BYTES_MAX, NULL,
	  on_refused },
	OPEN("/fhir/metadata", "metadata"),
	OPEN("/fhir/HealthcareService", "HealthcareService"),
	OPEN("/fhir/HealthcareService/{id}", "HealthcareService"),
	OURS("GET", "/fhir/{type}"),
	OURS("POST", "/fhir/{type}"),
	OURS("PUT", "/fhir/{type}"),
	OURS("PATCH", "/fhir/{type}"),
	OURS("DELETE", "/fhir/{type}"),
	OURS("GET", "/fhir/{type}/{id}"),
	OURS("POST", "/fhir/{type}/{id}"),
	OURS("PUT", "/fhir/{type}/{id}"),
	OURS("PATCH", "/fhir/{type}/{id}"),
	OURS("DELETE", "/fhir/{type}/{id}"),
	NONE("GET", "/fhir/"),
	NONE("GET", "/fhir/*"),
	NONE("POST", "/fhir/*"),
	NONE("PUT", "/fhir/*"),
	NONE("PATCH", "/fhir/*"),
	NONE("DELETE", "/fhir/*"),
	{ 0 },
};
