/* SPDX-License-Identifier: EUPL-1.2 */
/* The FHIR face in the description: a row for each operation of fhir_ops, for "/fhir/{type}" says
 * nothing to who writes a client. Examples and resources stand in openapi_faces.json. */
#include <stdio.h>
#include <string.h>

#include "services/gateway/fhir.h"
#include "services/gateway/fhir_call.h"
#include "services/gateway/openapi_private.h"

#define PATCH_JSON "application/json-patch+json"
#define FORM "application/x-www-form-urlencoded"
#define PATH_MAX_LEN 100

static json_t *content(const char *media, json_t *schema)
{
	return json_pack("{s:{s:o}}", media, "schema", schema);
}

static json_t *resource(const char *type)
{
	char name[PATH_MAX_LEN];

	(void)snprintf(name, sizeof(name), "Fhir%s", type);
	return openapi_shared("schemas", name);
}

static void put_body(json_t *op, const char *media, json_t *schema)
{
	(void)json_object_set_new(op, "requestBody",
				  json_pack("{s:b, s:o}", "required", 1, "content",
					    content(media, schema)));
}

static json_t *put_good(json_t *op, const char *status, const char *what, json_t *schema)
{
	json_t *good = json_pack("{s:s}", "description", what);

	if (schema != NULL) {
		(void)json_object_set_new(good, "content", content(FHIR_JSON, schema));
	}
	(void)json_object_set_new(json_object_get(op, "responses"), status, good);
	return good;
}

static void put_refusals(json_t *op, bool open)
{
	static const struct {
		const char *status, *what;
		bool signs_in;
	} no[] = {
		{ "400", "cannot be read: the element is named", false },
		{ "401", "sign in first", true },
		{ "403", "not for who is signed in", true },
		{ "404", "not known here, or not to be seen by who asks", false },
		{ "406", "FHIR R4 in JSON is what is spoken", false },
		{ "429", "too many", false },
		{ "503", "nothing was done: try again", false },
		{ "4XX", "refused: element, rule and what to do", false },
		{ "5XX", "not now: nothing was done, try again", false },
	};

	for (size_t i = 0; i < SK_LEN(no); i++) {
		if (!open || !no[i].signs_in) {
			(void)put_good(op, no[i].status, no[i].what, resource("OperationOutcome"));
		}
	}
}

static void put_change_refusals(json_t *op)
{
	static const char *const no[][2] = {
		{ "409", "meanwhile something else holds" },
		{ "412", "another version holds now" },
		{ "413", "longer than this address takes" },
		{ "415", "not FHIR R4 in JSON" },
		{ "422", "a rule forbids it: element and rule are named" },
	};

	for (size_t i = 0; i < SK_LEN(no); i++) {
		(void)put_good(op, no[i][0], no[i][1], resource("OperationOutcome"));
	}
}

/* As the table of the gateway has it; what stands there by its own name may be open to all. */
static bool is_open(const char *path)
{
	for (const struct route *r = fhir_routes; r->method != NULL; r++) {
		if (strcmp(r->method, "GET") == 0 && strcmp(r->path, path) == 0) {
			return (r->roles & WEB_ANYBODY) != 0;
		}
	}
	return false;
}

static json_t *add_op(json_t *paths, const char *method, const char *path, const char *summary)
{
	struct route r = { method, path, WEB_ORGANISATIONS, NULL, NULL, 0, NULL, NULL };
	bool open = strcmp(method, "GET") == 0 && is_open(path);

	r.roles = open ? WEB_ANYBODY : r.roles;
	json_t *op = openapi_add(paths, NULL, &r);
	const char *type = path + strlen("/fhir");
	type += type[0] == '/';
	(void)json_object_set_new(op, "summary",
				  json_sprintf("%.*s: %s", (int)strcspn(type, "/"), type, summary));
	(void)json_object_set_new(op, "responses", json_object());
	put_refusals(op, open);
	return op;
}

static void add_shared(json_t *op, const char *parameter)
{
	(void)json_array_append_new(json_object_get(op, "parameters"),
				    openapi_shared("parameters", parameter));
}

static void add_etag(json_t *good)
{
	(void)json_object_set_new(
		good, "headers", json_pack("{s:o}", "ETag", openapi_shared("headers", "FhirETag")));
}

/* What a change answers: the resource, or what Prefer asks for. */
static json_t *changed(const char *type)
{
	return json_pack("{s:[o, o]}", "anyOf", resource(type), resource("OperationOutcome"));
}

static void add_search(json_t *paths, const char *path, const char *type)
{
	static const char *const control[] = { "FhirCount", "FhirAfter", "FhirSummary",
					       "FhirFormat", "FhirHandling" };
	char form[PATH_MAX_LEN + 20];
	json_t *fields = json_object();
	json_t *op = add_op(paths, "GET", path, "Search");

	(void)snprintf(form, sizeof(form), "%s/_search", path);
	json_t *posted = add_op(paths, "POST", form, "Search by a form");
	for (const struct fhir_search *s = fhir_searches; s->type != NULL; s++) {
		if (strcmp(s->type, type) == 0) {
			(void)json_array_append_new(json_object_get(op, "parameters"),
						    openapi_parameter(s->name, "query", false,
								      s->kind));
			(void)json_object_set_new(fields, s->name,
						  json_pack("{s:s}", "type", "string"));
		}
	}
	for (size_t i = 0; i < SK_LEN(control); i++) {
		add_shared(op, control[i]);
	}
	(void)put_good(op, "200", "a page of what was found", resource("Bundle"));
	put_body(posted, FORM, json_pack("{s:s, s:o}", "type", "object", "properties", fields));
	(void)put_good(posted, "200", "a page of what was found", resource("Bundle"));
	put_change_refusals(posted);
}

static void add_read(json_t *paths, const char *path, const char *type)
{
	char version[PATH_MAX_LEN + 20];
	json_t *op = add_op(paths, "GET", path, "Read");

	add_shared(op, "FhirIfNoneMatch");
	add_etag(put_good(op, "200", "the last version", resource(type)));
	(void)put_good(op, "304", "as it was", NULL);
	(void)snprintf(version, sizeof(version), "%s/_history/{version}", path);
	op = add_op(paths, "GET", version, "Read the last version by its number; others are gone");
	add_etag(put_good(op, "200", "the last version", resource(type)));
}

static void add_change(json_t *paths, const char *path, const struct fhir_op *o)
{
	bool patch = strcmp(o->method, "PATCH") == 0;
	bool order = strcmp(o->type, "ServiceRequest") == 0;
	bool creates = strcmp(o->interaction, "create") == 0;
	bool may_make = creates || !o->instance || strcmp(o->type, "HealthcareService") == 0;
	json_t *op = add_op(paths, o->method, path,
			    creates ? "Create" :
			    patch   ? "Change by a JSON Patch" :
				      "Change");

	add_shared(op, "FhirPrefer");
	if (!creates) {
		add_shared(op, "FhirIfMatch");
	}
	if (creates && order) {
		add_shared(op, "FhirIfNoneExist");
	}
	if (!creates && !o->instance) {
		(void)json_array_append_new(json_object_get(op, "parameters"),
					    openapi_parameter("identifier", "query", true,
							      "SYSTEM|VALUE: changed when it is "
							      "there, else made"));
	}
	put_body(op, patch ? PATCH_JSON : FHIR_JSON, resource(patch ? "JsonPatch" : o->type));
	add_etag(put_good(op, "200", creates ? "it was there, or was done" : "changed",
			  changed(o->type)));
	if (may_make) {
		json_t *made = put_good(op, "201", "made", changed(o->type));
		add_etag(made);
		(void)json_object_set_new(json_object_get(made, "headers"), "Location",
					  openapi_shared("headers", "Location"));
	}
	put_change_refusals(op);
}

static void add_one(json_t *paths, const struct fhir_op *o)
{
	char path[PATH_MAX_LEN];

	(void)snprintf(path, sizeof(path), "/fhir/%s%s", o->type, o->instance ? "/{id}" : "");
	if (strcmp(o->interaction, "search-type") == 0) {
		add_search(paths, path, o->type);
	} else if (strcmp(o->interaction, "read") == 0) {
		add_read(paths, path, o->type);
	} else if (strcmp(o->interaction, "delete") == 0) {
		json_t *op = add_op(paths, o->method, path, "End it");
		(void)put_good(op, "204", "ended", NULL);
	} else {
		add_change(paths, path, o);
	}
}

void openapi_fhir(json_t *io_paths)
{
	json_t *all = add_op(io_paths, "POST", "/fhir", "A Bundle");
	json_t *metadata = add_op(io_paths, "GET", "/fhir/metadata", "What is spoken");

	put_body(all, FHIR_JSON, resource("Bundle"));
	(void)put_good(all, "200", "what became of each entry", resource("Bundle"));
	put_change_refusals(all);
	add_shared(metadata, "FhirFormat");
	(void)put_good(metadata, "200", "the statement", resource("CapabilityStatement"));
	for (const struct fhir_op *o = fhir_ops; o->method != NULL; o++) {
		add_one(io_paths, o);
	}
}
