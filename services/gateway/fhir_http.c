/* SPDX-License-Identifier: EUPL-1.2 */
/* From a request to an interaction, and its answer back: what is taken and given, and how. */
#include "services/gateway/fhir.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "services/gateway/fhir_search.h"

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

/* Operations, histories and searches over all kinds: not here, whatever the method. */
static int no_operation(struct fhir_call *c)
{
	struct fhir_issue issue = { .status = 404,
				    .code = "not-supported",
				    .nl = "geschiedenis en bewerkingen biedt dit adres niet; van "
					  "een "
					  "resource is er alleen de laatste versie",
				    .en = "this address offers no history and no operations; of a "
					  "resource there is the last version alone" };

	return fhir_refuse(c, &issue);
}

static const struct fhir_op *find_op(struct fhir_call *c)
{
	bool known = false;

	if (c->id != NULL && (c->id[0] == '$' || c->id[0] == '_')) {
		(void)no_operation(c);
		return NULL;
	}
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
	const char *id = fj_str(c->body, "id");
	if (strcmp(c->method, "PUT") == 0 && c->id != NULL && id != NULL &&
	    strcasecmp(id, c->id) != 0) {
		struct fhir_issue issue = { .status = 400,
					    .code = "invalid",
					    .at = "id",
					    .nl = "de id is een andere dan die van het adres",
					    .en = "the id is another than that of the address" };
		(void)fhir_refuse(c, &issue);
		return false;
	}
	return true;
}

static bool prefers(const struct fhir_call *c, const char *what)
{
	const char *prefer = web_header(c->w, "Prefer");

	return prefer != NULL && strstr(prefer, what) != NULL;
}

/* A condition that is not understood is not passed over. */
static bool conditions_fit(struct fhir_call *c)
{
	struct fhir_issue issue = { .status = 400, .code = "value" };

	if (c->if_match != NULL && strcmp(c->if_match, "*") != 0 && fhir_matched(c) == 0) {
		(void)snprintf(issue.nl, sizeof(issue.nl), "If-Match is W/\"VERSIE\"");
		(void)snprintf(issue.en, sizeof(issue.en), "If-Match is W/\"VERSION\"");
		(void)fhir_refuse(c, &issue);
	} else if (c->none_exist != NULL && strcmp(c->type, "ServiceRequest") != 0) {
		issue.code = "not-supported";
		(void)snprintf(issue.nl, sizeof(issue.nl),
			       "If-None-Exist kan alleen bij een ServiceRequest");
		(void)snprintf(issue.en, sizeof(issue.en),
			       "If-None-Exist goes with a ServiceRequest only");
		(void)fhir_refuse(c, &issue);
	}
	return !c->in.refused;
}

static void run_op(struct fhir_call *c, const struct fhir_op *op)
{
	if (!body_fits(c) || !conditions_fit(c)) {
		return;
	}
	if (strcmp(op->interaction, "search-type") == 0) {
		fhir_search_run(c, op->fn, prefers(c, "handling=strict"));
	} else {
		op->fn(c);
	}
}

void fhir_run(struct fhir_call *c)
{
	const struct fhir_op *op = find_op(c);

	if (op == NULL) {
		return;
	}
	run_op(c, op);
	if (c->status == 0 && !c->in.refused) {
		struct fhir_issue issue = { .status = 503,
					    .code = "transient",
					    .nl = "dit ging mis bij ons; probeer het opnieuw",
					    .en = "this went wrong at our side; try again" };
		(void)fhir_refuse(c, &issue);
	}
}

/* --- what is spoken --- */

/* A media type, without what stands behind its ";". Another FHIR than R4 is another type. */
static bool is_one_of(const char *s, const char *const *list)
{
	size_t len = strcspn(s, "; \t");
	const char *version = strstr(s, "fhirVersion=");

	if (version != NULL && strncmp(version + 12 + (version[12] == '"'), "4.0", 3) != 0) {
		return false;
	}
	for (; *list != NULL; list++) {
		if (strlen(*list) == len && strncasecmp(s, *list, len) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_form(const struct fhir_call *c)
{
	static const char *const form[] = { "application/x-www-form-urlencoded", NULL };
	const char *type = web_header(c->w, "Content-Type");

	return type != NULL && is_one_of(type, form);
}

/* The "+" of "_format=application/fhir+json" may have become a blank. */
static bool speaks_json(struct fhir_call *c)
{
	static const char *const formats[] = {
		FHIR_JSON, "application/fhir json", "application/json", "text/json", "json", NULL
	};
	const char *accept = web_header(c->w, "Accept");
	const char *format = fhir_param(c, "_format");

	if (format != NULL) {
		size_t n = strlen("application/fhir json");
		return is_one_of(format, formats) || (strncasecmp(format, formats[1], n) == 0 &&
						      (format[n] == '\0' || format[n] == ';'));
	}
	return accept == NULL || accept[0] == '\0' || strstr(accept, "json") != NULL ||
	       strstr(accept, "*/*") != NULL || strstr(accept, "application/*") != NULL;
}

static int check_media(struct fhir_call *c)
{
	static const char *const takes[] = { FHIR_JSON,
					     "application/json",
					     "text/json",
					     "application/json+fhir",
					     "application/json-patch+json",
					     "application/merge-patch+json",
					     NULL };
	const char *type = web_header(c->w, "Content-Type");
	bool search = c->id != NULL && strcmp(c->id, "_search") == 0;
	struct fhir_issue issue = { .code = "not-supported",
				    .nl = "hier wordt JSON gesproken, FHIR R4: " FHIR_JSON,
				    .en = "JSON is spoken here, FHIR R4: " FHIR_JSON };

	if (c->w->body.len > 0 && type != NULL && !is_one_of(type, takes) &&
	    !(search && is_form(c))) {
		issue.status = 415;
		return fhir_refuse(c, &issue);
	}
	if (!speaks_json(c)) {
		issue.status = 406;
		return fhir_refuse(c, &issue);
	}
	return SK_OK;
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

/* Who read this version already is told so. */
static bool is_seen(const struct fhir_call *c)
{
	const char *seen = web_header(c->w, "If-None-Match");
	const char *version = fj_str2(c->resource, "meta", "versionId");

	return !changes(c) && c->status == 200 && seen != NULL && version != NULL &&
	       strcmp(seen, web_printf(c->w, "W/\"%s\"", version)) == 0;
}

static void finish(struct fhir_call *c)
{
	struct web *w = c->w;

	if (c->in.refused) {
		web_json_as(w, fhir_status(&c->in), FHIR_JSON, fhir_outcome(&c->in, w->lang));
		return;
	}
	put_heads(c);
	if (is_seen(c)) {
		web_body(w, 304, FHIR_JSON, (struct slice){ "", 0 });
		return;
	}
	bool bundle = fj_is(c->resource, "resourceType", "Bundle");
	if (changes(c) && !bundle && prefers(c, "return=OperationOutcome")) {
		web_json_as(w, c->status, FHIR_JSON, fhir_outcome(&c->in, w->lang));
	} else if (c->resource == NULL || (changes(c) && !bundle && prefers(c, "return=minimal"))) {
		web_body(w, c->status, FHIR_JSON, (struct slice){ "", 0 });
	} else {
		web_json_as(w, c->status, FHIR_JSON, json_incref(c->resource));
	}
}

#define BOM "\xef\xbb\xbf"

static bool read_body(struct fhir_call *c)
{
	struct slice *body = &c->w->body;

	if (!changes(c)) {
		return true;
	}
	if (body->len >= strlen(BOM) && memcmp(body->data, BOM, strlen(BOM)) == 0) {
		*body = (struct slice){ body->data + strlen(BOM), body->len - strlen(BOM) };
	}
	c->body = web_json_body(c->w);
	if (c->body == NULL) {
		(void)fhir_adopt(c);
	}
	return c->body != NULL;
}

/* POST {type}/_search asks with a form what GET {type} asks in its address; both count. */
static void take_form(struct fhir_call *c)
{
	if (c->id == NULL || strcmp(c->id, "_search") != 0 || strcmp(c->method, "POST") != 0) {
		return;
	}
	c->id = NULL;
	c->method = "GET";
	if (is_form(c) && c->w->body.len > 0) {
		c->query = web_printf(c->w, "%.*s%s%s", (int)c->w->body.len,
				      (const char *)c->w->body.data, c->query[0] == '\0' ? "" : "&",
				      c->query);
	}
}

/* The last version by its number: others are not kept. */
static void read_version(struct fhir_call *c, const char *version)
{
	fhir_run(c);
	const char *last = fj_str2(c->resource, "meta", "versionId");

	if (!c->in.refused && (last == NULL || strcmp(last, version) != 0)) {
		struct fhir_issue issue = { .status = 404,
					    .code = "not-found",
					    .nl = "deze versie is er niet; alleen de laatste wordt "
						  "gegeven",
					    .en = "there is no such version; the last one alone is "
						  "given" };
		(void)fhir_refuse(c, &issue);
	}
}

/* What is no resource: the whole service, and what it says of itself. */
static bool run_whole(struct fhir_call *c)
{
	bool metadata = c->type != NULL && strcmp(c->type, "metadata") == 0 && c->id == NULL;
	const char *only = metadata ? "GET" : "POST";

	if (c->type != NULL && !metadata) {
		return false;
	}
	if (strcmp(c->method, only) != 0) {
		struct fhir_issue issue = { .status = 405,
					    .code = "not-supported",
					    .nl = "dit adres kent alleen GET /fhir/metadata en, "
						  "voor "
						  "een Bundle, POST /fhir",
					    .en = "this address knows only GET /fhir/metadata and, "
						  "for a Bundle, POST /fhir" };
		web_head(c->w, "Allow", only);
		(void)fhir_refuse(c, &issue);
	} else if (metadata) {
		fhir_capability(c);
	} else if (read_body(c)) {
		fhir_bundle_run(c);
	}
	return true;
}

static void run_request(struct fhir_call *c)
{
	const char *more = c->w->param[2];

	if (check_media(c) != SK_OK) {
		return;
	}
	take_form(c);
	if (more != NULL && strcmp(more, "_history") == 0 && c->w->param[3] != NULL &&
	    !changes(c)) {
		read_version(c, c->w->param[3]);
	} else if (more != NULL) {
		(void)no_operation(c);
	} else if (!run_whole(c) && read_body(c)) {
		fhir_run(c);
	}
}

static void on_request(struct web *w)
{
	struct fhir_call c;

	fhir_call_init(&c, w);
	c.method = strcmp(w->method, "HEAD") == 0 ? "GET" : w->method;
	c.type = w->arg != NULL ? w->arg : w->param[0]; /* an open route names its type */
	c.id = w->param[w->arg != NULL ? 0 : 1];
	c.query = fhir_query_of(w);
	c.none_exist = web_header(w, "If-None-Exist");
	run_request(&c);
	finish(&c);
	fhir_call_done(&c);
}

static void on_deeper(struct web *w)
{
	struct fhir_call c;

	fhir_call_init(&c, w);
	c.method = w->method;
	(void)no_operation(&c);
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
	OURS("GET", "/fhir"),
	OURS("PUT", "/fhir"),
	OURS("PATCH", "/fhir"),
	OURS("DELETE", "/fhir"),
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
	OURS("GET", "/fhir/{type}/{id}/{more}/{version}"),
	NONE("GET", "/fhir/"),
	NONE("GET", "/fhir/*"),
	NONE("POST", "/fhir/*"),
	NONE("PUT", "/fhir/*"),
	NONE("PATCH", "/fhir/*"),
	NONE("DELETE", "/fhir/*"),
	{ 0 },
};
