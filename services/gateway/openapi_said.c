/* SPDX-License-Identifier: EUPL-1.2 */
/* What the tables do not say of the description: openapi_said.json, and openapi_faces.json for HSDS
 * and FHIR, laid over what they print. */
#include <ctype.h>
#include <string.h>

#include "services/gateway/openapi_private.h"

#define EMBED(name, path)                                                                      \
	__asm__(".pushsection .rodata\n.global " #name "\n" #name ":\n.incbin \"" path "\"\n." \
		"byte 0\n.popsection\n");                                                      \
	extern const char name[]
EMBED(gateway_openapi_said, "services/gateway/openapi_said.json");
EMBED(gateway_openapi_faces, "services/gateway/openapi_faces.json");

json_t *openapi_shared(const char *kind, const char *name)
{
	return json_pack("{s:o}", "$ref", json_sprintf("#/components/%s/%s", kind, name));
}

static void put_new(json_t *responses, const char *status, const char *what, bool again)
{
	json_t *problem = openapi_shared("schemas", "Problem");
	json_t *r = json_pack("{s:s, s:{s:{s:o}}}", "description", what, "content",
			      "application/problem+json", "schema", problem);

	if (again) {
		(void)json_object_set_new(r, "headers",
					  json_pack("{s:o}", "Retry-After",
						    openapi_shared("headers", "RetryAfter")));
	}
	if (json_object_get(responses, status) == NULL) {
		(void)json_object_set(responses, status, r);
	}
	json_decref(r);
}

static bool signs_in(const json_t *op)
{
	return json_object_get(op, "security") == NULL;
}

static bool takes_json(const json_t *op)
{
	const json_t *body = json_object_get(op, "requestBody");

	return body == NULL || json_object_get(json_object_get(body, "content"), "application/"
										 "json") != NULL;
}

/* The refusals by their number, as far as they are the same for all. */
static void add_refusals(json_t *op, const char *path, bool change)
{
	json_t *responses = json_object_get(op, "responses");
	bool hsds = strncmp(path, "/hsds", 5) == 0;

	put_new(responses, "400", "cannot be read: the field is named", false);
	if (signs_in(op)) {
		put_new(responses, "401", "sign in first", false);
		put_new(responses, "403", "not for who is signed in", false);
	}
	if (strchr(path, '{') != NULL) {
		put_new(responses, "404", "not known here", false);
	}
	if (change) {
		put_new(responses, "409", "meanwhile something else holds: see holds_now", false);
		put_new(responses, "413", "longer than 64 KiB", false);
	}
	if (change && !hsds && takes_json(op)) {
		put_new(responses, "415", "not JSON in UTF-8", false);
	}
	if (change || hsds) {
		put_new(responses, "422", "a rule forbids it: field and rule are named", false);
	}
	put_new(responses, "429", "too many", true);
	put_new(responses, "503", "nothing was done: try again", true);
}

static void add_heads(json_t *op)
{
	static const char *const made[] = { "201", "Location" };
	json_t *created = json_object_get(json_object_get(op, "responses"), made[0]);

	if (created != NULL) {
		json_t *heads = json_object_get(created, "headers");
		heads = heads != NULL ? json_incref(heads) : json_object();
		(void)json_object_set_new(heads, made[1], openapi_shared("headers", made[1]));
		(void)json_object_set_new(created, "headers", heads);
	}
}

/* A success of its own stands in place of any. */
static void drop_any(json_t *op)
{
	json_t *responses = json_object_get(op, "responses");
	const char *status;
	json_t *one;
	bool own = false;

	json_object_foreach (responses, status, one) {
		own |= (status[0] == '2' || status[0] == '3') && isdigit((unsigned char)status[1]);
	}
	if (own) {
		(void)json_object_del(responses, "2XX");
	}
}

static void finish(const char *path, const char *method, json_t *op)
{
	bool change = strcmp(method, "get") != 0 && strcmp(method, "delete") != 0;
	json_t *parameters = json_object_get(op, "parameters");

	if (strncmp(path, "/hsds", 5) == 0 && json_object_get(op, "requestBody") == NULL) {
		change = false; /* a search by POST */
	}
	drop_any(op);
	if (strncmp(path, "/fhir", 5) != 0) { /* says no in its own form */
		add_refusals(op, path, change);
		add_heads(op);
	}
	if (strcmp(method, "get") != 0 && signs_in(op)) {
		(void)json_array_append_new(parameters, openapi_shared("parameters", "Csrf"));
	}
}

/* The lists of both stand behind each other, which laying over would not do. */
static void lay(json_t *paths, const char *path, const json_t *said)
{
	const char *method;
	json_t *own;

	json_object_foreach ((json_t *)(uintptr_t)said, method, own) {
		json_t *op = json_object_get(json_object_get(paths, path), method);
		json_t *more = json_object_get(own, "parameters");
		json_t *parameters = json_object_get(op, "parameters");
		if (op == NULL) {
			continue;
		}
		(void)json_incref(parameters);
		(void)json_array_extend(parameters, more);
		(void)json_object_update_recursive(op, own);
		(void)json_object_set_new(op, "parameters", parameters);
	}
}

static void lay_all(json_t *io_doc, const char *text)
{
	json_t *said = json_loads(text, 0, NULL);
	const char *path;
	json_t *item;

	SK_ASSERT(said != NULL);
	json_object_foreach (json_object_get(said, "paths"), path, item) {
		lay(json_object_get(io_doc, "paths"), path, item);
	}
	(void)json_object_update_recursive(json_object_get(io_doc, "components"),
					   json_object_get(said, "components"));
	json_decref(said);
}

void openapi_say(json_t *io_doc)
{
	const char *path;
	const char *method;
	json_t *item;
	json_t *op;

	lay_all(io_doc, gateway_openapi_said);
	lay_all(io_doc, gateway_openapi_faces);
	json_object_foreach (json_object_get(io_doc, "paths"), path, item) {
		json_object_foreach (item, method, op) {
			finish(path, method, op);
		}
	}
}
