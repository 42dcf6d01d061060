/* SPDX-License-Identifier: EUPL-1.2 */
/* The messages of the schema as JSON Schema, as common/pbjson.c writes and common/jsonin.c reads.
 */
#include <string.h>

#include "common/words.h"
#include "services/gateway/openapi_private.h"

static json_t *ref(const char *name)
{
	return json_pack("{s:o}", "$ref", json_sprintf("#/components/schemas/%s", name));
}

static json_t *enum_schema(const ProtobufCEnumDescriptor *set)
{
	json_t *codes = json_array();

	for (unsigned i = 0; i < set->n_values; i++) {
		const char *code = set->values[i].value == 0 ? NULL :
							       code_of(set, set->values[i].value);
		if (code != NULL) {
			(void)json_array_append_new(codes, json_string(code));
		}
	}
	return json_pack("{s:s, s:o}", "type", "string", "enum", codes);
}

static bool ends_in(const char *s, const char *tail)
{
	size_t n = strlen(s);
	size_t t = strlen(tail);

	return n > t && strcmp(s + n - t, tail) == 0;
}

static json_t *number_schema(const ProtobufCFieldDescriptor *f)
{
	if (strstr(f->name, "expertise") != NULL) {
		return json_pack("{s:[s, s], s:s}", "type", "string", "integer", "description",
				 "a code of /codes/expertise");
	}
	if (f->type == PROTOBUF_C_TYPE_UINT64 && ends_in(f->name, "_ms")) {
		return json_pack("{s:[s, s], s:s}", "type", "string", "integer", "description",
				 "an instant, RFC 3339 in UTC; a span in milliseconds is a number");
	}
	if (f->type == PROTOBUF_C_TYPE_UINT64) {
		return json_pack("{s:[s, s], s:i, s:s}", "type", "integer", "string", "minimum", 0,
				 "description", "above 2^53 its digits as text");
	}
	bool is_signed = f->type == PROTOBUF_C_TYPE_INT32 || f->type == PROTOBUF_C_TYPE_INT64;
	return is_signed ? json_pack("{s:s}", "type", "integer") :
			   json_pack("{s:s, s:i}", "type", "integer", "minimum", 0);
}

static json_t *value_schema(const ProtobufCFieldDescriptor *f, json_t *io_all)
{
	switch ((int)f->type) {
	case PROTOBUF_C_TYPE_BOOL:
		return json_pack("{s:s}", "type", "boolean");
	case PROTOBUF_C_TYPE_STRING:
		return json_pack("{s:s}", "type", "string");
	case PROTOBUF_C_TYPE_BYTES:
		return json_pack("{s:s, s:s}", "type", "string", "pattern", "^([0-9a-f]{2})*$");
	case PROTOBUF_C_TYPE_ENUM:
		return enum_schema(f->descriptor);
	case PROTOBUF_C_TYPE_MESSAGE:
		return openapi_schema(f->descriptor, io_all);
	default:
		return number_schema(f);
	}
}

/* What the gateway makes of a capsule: opened for who may read it, sealed before it goes on. */
static json_t *capsule_schema(void)
{
	return json_pack("{s:s, s:{s:{s:s, s:s}, s:{s:s, s:i}, s:{s:s}, s:{s:[s, s], s:s}}}",
			 "type", "object", "properties", "person_id", "type", "string", "pattern",
			 "^([0-9a-f]{2})*$", "version", "type", "integer", "minimum", 0, "about",
			 "type", "boolean", "content", "type", "object", "null", "description",
			 "what was told: name, callback, story, address, about; sealed before it "
			 "leaves the "
			 "gateway, null for who may not open it");
}

json_t *openapi_schema(const ProtobufCMessageDescriptor *type, json_t *io_all)
{
	if (json_object_get(io_all, type->short_name) != NULL) {
		return ref(type->short_name);
	}
	if (type == &schakel__v1__capsule__descriptor) {
		(void)json_object_set_new(io_all, type->short_name, capsule_schema());
		return ref(type->short_name);
	}
	json_t *fields = json_object();
	json_t *doc = json_pack("{s:s, s:o}", "type", "object", "properties", fields);
	(void)json_object_set_new(io_all, type->short_name, doc);
	for (unsigned i = 0; i < type->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &type->fields[i];
		json_t *one = value_schema(f, io_all);
		if (f->label == PROTOBUF_C_LABEL_REPEATED) {
			one = json_pack("{s:s, s:o, s:i}", "type", "array", "items", one,
					"maxItems", 256);
		}
		(void)json_object_set_new(fields, f->name, one);
	}
	return ref(type->short_name);
}
