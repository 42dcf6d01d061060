/* SPDX-License-Identifier: EUPL-1.2 */
#include <ctype.h>
#include <string.h>

#include "common/version.h"
#include "common/words.h"
#include "services/gateway/gate.h"
#include "services/gateway/openapi_private.h"

#define VIEW_OF_QUERY 30 /* RequestView is QueryRequest + 30, and so on */
#define NAME_MAX_LEN 120
#define PAGES "/*"

static const ProtobufCMessageDescriptor *body_type(unsigned body)
{
	const ProtobufCFieldDescriptor *f =
		protobuf_c_message_descriptor_get_field(&schakel__v1__message__descriptor, body);

	SK_ASSERT(f != NULL);
	return f->descriptor;
}

static char lower(char c)
{
	unsigned char low = (unsigned char)tolower((unsigned char)c);

	return (char)low;
}

static char upper(char c)
{
	unsigned char up = (unsigned char)toupper((unsigned char)c);

	return (char)up;
}

/* --- an operation --- */

/* "getRequestsByRequest": of method and path. */
static json_t *operation_id(const struct route *r)
{
	char text[NAME_MAX_LEN];
	size_t n = 0;
	bool up = false;

	for (const char *s = r->method; *s != '\0'; s++) {
		text[n++] = lower(*s);
	}
	for (const char *s = r->path; *s != '\0' && n + 4 < sizeof(text); s++) {
		if (*s == '{') {
			text[n++] = 'B';
			text[n++] = 'y';
		}
		if (!isalnum((unsigned char)*s)) {
			up = true;
			continue;
		}
		if (up) {
			text[n++] = upper(*s);
		} else {
			text[n++] = *s;
		}
		up = false;
	}
	return json_stringn(text, n);
}

/* "Submit request": of the message's name. */
static json_t *summary(const char *name)
{
	char text[NAME_MAX_LEN];
	size_t n = 0;

	for (const char *s = name; *s != '\0' && n + 2 < sizeof(text); s++) {
		bool begins = isupper((unsigned char)*s) != 0;
		if (begins && n > 0) {
			text[n++] = ' ';
		}
		if (n == 0) {
			text[n++] = *s;
		} else {
			text[n++] = lower(*s);
		}
	}
	return json_stringn(text, n);
}

static json_t *tag_of(const struct route *r)
{
	const char *at = strncmp(r->path, "/api/v1/", 8) == 0 ? r->path + 8 : r->path + 1;
	size_t len = strcspn(at, "/.");

	return json_pack("[o]", json_stringn(at, len > 0 ? len : 1));
}

json_t *openapi_parameter(const char *name, const char *in, bool required, const char *what)
{
	return json_pack("{s:s, s:s, s:b, s:s, s:{s:s}}", "name", name, "in", in, "required",
			 (int)required, "description", what, "schema", "type", "string");
}

static void add_path_parameters(const struct route *r, json_t *list)
{
	const char *at = r->path;

	for (at = strchr(at, '{'); at != NULL; at = strchr(at + 1, '{')) {
		char name[NAME_MAX_LEN];
		(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(at + 1, "}"), at + 1);
		(void)json_array_append_new(list, openapi_parameter(name, "path", true,
								    "an id of 32 hex digits, a "
								    "name, or "
								    "the short code of 10 "
								    "characters"));
	}
}

static bool in_path(const struct api *a, const char *field)
{
	char id[NAME_MAX_LEN];

	for (size_t i = 0; i < API_PARAMS && a->param[i] != NULL; i++) {
		(void)snprintf(id, sizeof(id), "%s_id", a->param[i]);
		if (strcmp(a->param[i], field) == 0 || strcmp(id, field) == 0) {
			return true;
		}
	}
	return false;
}

static void add_query_parameters(const struct api *a, json_t *list)
{
	const ProtobufCMessageDescriptor *type = body_type((unsigned)a->body);

	for (unsigned i = 0; i < type->n_fields; i++) {
		const char *name = type->fields[i].name;
		if (!in_path(a, name)) {
			(void)json_array_append_new(list, openapi_parameter(name, "query", false,
									    "as the field of that "
									    "name"));
		}
	}
}

static void add_command_parameters(const struct api *a, json_t *list)
{
	(void)json_array_append_new(list, openapi_parameter("Idempotency-Key", "header", false,
							    "best a UUIDv7: the same key and body "
							    "do the "
							    "same thing once"));
	if ((a->flags & API_FAMILY) != 0) {
		(void)json_array_append_new(list, openapi_parameter("speaker", "query", true,
								    "YOUTH or ADULT: who asks; the "
								    "answer has that one's code "
								    "alone"));
	}
	if (api_field(body_type((unsigned)a->body), "based_on") != NULL) {
		(void)json_array_append_new(list, openapi_parameter("If-Match", "header", false,
								    "\"VERSION\" that was seen; "
								    "another "
								    "one now: 412"));
	}
}

static json_t *content(const char *type, json_t *schema)
{
	return json_pack("{s:{s:o}}", type, "schema", schema);
}

static json_t *problem_response(const char *what)
{
	return json_pack("{s:s, s:o}", "description", what, "content",
			 content("application/problem+json",
				 json_pack("{s:s}", "$ref", "#/components/schemas/Problem")));
}

static json_t *responses(const char *status, json_t *schema)
{
	json_t *good = json_pack("{s:s}", "description", "done");

	if (schema != NULL) {
		(void)json_object_set_new(good, "content", content("application/json", schema));
	}
	return json_pack("{s:o, s:o, s:o}", status, good, "4XX",
			 problem_response("refused: field, rule and what to do"), "5XX",
			 problem_response("not now: nothing was done, try again"));
}

static json_t *roles_json(uint32_t roles)
{
	json_t *list = json_array();

	for (int i = 2; i < 32; i++) {
		const char *code = (roles & 1U << i) == 0 || roles == WEB_SIGNED_IN ?
					   NULL :
					   code_of(&schakel__v1__role__descriptor, i);
		if (code != NULL) {
			(void)json_array_append_new(list, json_string(code));
		}
	}
	return list;
}

static json_t *operation(const struct route *r, json_t *io_schemas)
{
	bool message = r->fn == api_query || r->fn == api_command || r->fn == api_amend;
	const struct api *a = message ? r->arg : NULL;
	bool query = r->fn == api_query;
	json_t *parameters = json_array();
	json_t *op = json_pack("{s:o, s:o, s:o}", "operationId", operation_id(r), "tags", tag_of(r),
			       "parameters", parameters);

	add_path_parameters(r, parameters);
	if ((r->roles & WEB_ANYBODY) != 0) {
		(void)json_object_set_new(op, "security", json_array());
	} else {
		(void)json_object_set_new(op, "x-roles", roles_json(r->roles));
	}
	if (a == NULL) {
		(void)json_object_set_new(op, "summary", json_sprintf("%s %s", r->method, r->path));
		(void)json_object_set_new(op, "responses", responses("2XX", NULL));
		return op;
	}
	unsigned body = (unsigned)a->body;
	(void)json_object_set_new(op, "summary", summary(body_type(body)->short_name));
	if (query) {
		add_query_parameters(a, parameters);
		(void)json_object_set_new(
			op, "responses",
			responses("200",
				  openapi_schema(body_type(body + VIEW_OF_QUERY), io_schemas)));
		return op;
	}
	add_command_parameters(a, parameters);
	(void)json_object_set_new(op, "requestBody",
				  json_pack("{s:b, s:o}", "required", 1, "content",
					    content("application/json",
						    openapi_schema(body_type(body), io_schemas))));
	(void)json_object_set_new(
		op, "responses",
		responses((a->flags & API_CREATES) != 0 ? "201" : "200",
			  openapi_schema(&schakel__v1__receipt__descriptor, io_schemas)));
	return op;
}

/* --- the whole --- */

/* A path that ends in a slash is told of without it. FHIR has a table of its own: openapi_fhir().
 */
static bool is_listed(const struct route *r)
{
	return strstr(r->path, PAGES) == NULL && r->path[strlen(r->path) - 1] != '/' &&
	       strncmp(r->path, "/fhir", 5) != 0;
}

json_t *openapi_add(json_t *io_paths, json_t *io_schemas, const struct route *r)
{
	char method[16];
	json_t *item = json_object_get(io_paths, r->path);

	if (item == NULL) {
		item = json_object();
		(void)json_object_set_new(io_paths, r->path, item);
	}
	(void)snprintf(method, sizeof(method), "%s", r->method);
	for (char *s = method; *s != '\0'; s++) {
		*s = lower(*s);
	}
	json_t *op = operation(r, io_schemas);
	(void)json_object_set_new(item, method, op);
	return op;
}

static json_t *problem_schema(void)
{
	return json_pack("{s:s, s:s, s:[s, s, s], s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, "
			 "s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}}}",
			 "type", "object", "description", "RFC 9457", "required", "status", "code",
			 "detail", "properties", "type", "type", "string", "title", "type",
			 "string", "status", "type", "integer", "detail", "type", "string",
			 "instance", "type", "string", "code", "type", "string", "field", "type",
			 "string", "text_nl", "type", "string", "text_en", "type", "string");
}

/* @return a new document. */
static json_t *openapi_json(const struct conf *conf)
{
	const char *url = conf->gateway.public_url;
	json_t *paths = json_object();
	json_t *schemas = json_pack("{s:o}", "Problem", problem_schema());
	json_t *doc = json_pack("{s:s, s:{s:s, s:s, s:s, s:{s:s, s:s}}, s:[{s:s}], s:[{s:[]}, "
				"{s:[]}]}",
				"openapi", "3.1.0", "info", "title", "Schakel", "version",
				SCHAKEL_VERSION, "description",
				"Referral routing for youth care. Fields are those of "
				"proto/schakel/v1; codes come "
				"with their labels from /codes. Who is signed in sees and does "
				"what its roles and "
				"its part in a request allow.",
				"license", "name", "EUPL-1.2", "identifier", "EUPL-1.2", "servers",
				"url", url[0] != '\0' ? url : "/", "security", "bearer", "cookie");

	for (size_t t = 0; gate_routes[t] != NULL; t++) {
		for (const struct route *r = gate_routes[t]; r->method != NULL; r++) {
			if (is_listed(r)) {
				(void)openapi_add(paths, schemas, r);
			}
		}
	}
	openapi_fhir(paths);
	(void)json_object_set_new(doc, "paths", paths);
	(void)json_object_set_new(doc, "components",
				  json_pack("{s:o, s:{s:{s:s, s:s}, s:{s:s, s:s, s:s}}}", "schemas",
					    schemas, "securitySchemes", "bearer", "type", "http",
					    "scheme", "bearer", "cookie", "type", "apiKey", "in",
					    "cookie", "name", "schakel"));
	openapi_say(doc);
	return doc;
}

static void on_get(struct web *w)
{
	web_head(w, "Cache-Control", "public, max-age=300");
	web_json(w, 200, openapi_json(w->conf));
}

const struct route openapi_routes[] = {
	{ "GET", "/openapi.json", WEB_ANYBODY, on_get, NULL, 0, NULL, NULL },
	{ "GET", "/openapi.yaml", WEB_ANYBODY, on_get, NULL, 0, NULL, NULL },
	{ 0 },
};
