/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/pbjson.h"

#include <string.h>

#include "common/when.h"
#include "common/words.h"

/* Beyond it a reader of JSON rounds, and our own library turns to negative numbers: as digits. */
#define EXACT_MAX (1ULL << 53)

#define HEX_BYTES_MAX 16384

json_t *hex_json(const void *bytes, size_t len)
{
	static const char digit[] = "0123456789abcdef";
	const uint8_t *p = bytes;
	char hex[2 * HEX_BYTES_MAX];

	len = len > HEX_BYTES_MAX ? HEX_BYTES_MAX : len;
	for (size_t i = 0; i < len; i++) {
		hex[2 * i] = digit[p[i] >> 4];
		hex[2 * i + 1] = digit[p[i] & 15];
	}
	return json_stringn(hex, 2 * len);
}

static bool ends_in(const char *s, const char *tail)
{
	size_t len = strlen(s);
	size_t tail_len = strlen(tail);

	return len > tail_len && strcmp(s + len - tail_len, tail) == 0;
}

/* Fields that say "instant" by their name; spans are told apart by theirs. */
static bool is_instant(const char *name)
{
	return ends_in(name, "_ms") && strcmp(name, "wait_ms") != 0 &&
	       strcmp(name, "retry_after_ms") != 0 && strcmp(name, "uptime_ms") != 0 &&
	       strcmp(name, "last_heard_ms") != 0;
}

static json_t *number_json(const ProtobufCFieldDescriptor *f, uint64_t v)
{
	const char *code = strstr(f->name, "expertise") != NULL && v <= 64 ?
				   expertise_code((uint32_t)v) :
				   NULL;

	if (code != NULL) {
		return json_string(code);
	}
	if (f->type == PROTOBUF_C_TYPE_UINT64 && is_instant(f->name)) {
		return v == 0 ? NULL : json_string(when_iso(v).s);
	}
	if (v > EXACT_MAX) {
		return json_sprintf("%llu", (unsigned long long)v);
	}
	return json_integer((json_int_t)v);
}

static json_t *enum_json(const ProtobufCEnumDescriptor *set, int v)
{
	const char *code = v == 0 ? NULL : code_of(set, v);

	if (code == NULL && v != 0) {
		return json_sprintf("%d", v);
	}
	return code == NULL ? NULL : json_string(code);
}

/* One value; @p p points at it as protobuf-c keeps it. @return NULL: left out. */
static json_t *value_json(const ProtobufCFieldDescriptor *f, const void *p,
			  const struct pbjson *how)
{
	switch ((int)f->type) {
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		return number_json(f, *(const uint32_t *)p);
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return number_json(f, *(const uint64_t *)p);
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
		return json_integer(*(const int32_t *)p);
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
		return json_integer((json_int_t) * (const int64_t *)p);
	case PROTOBUF_C_TYPE_BOOL:
		return json_boolean(*(const protobuf_c_boolean *)p);
	case PROTOBUF_C_TYPE_ENUM:
		return enum_json(f->descriptor, *(const int *)p);
	case PROTOBUF_C_TYPE_STRING: {
		const char *s = *(char *const *)p;
		return s == NULL || s[0] == '\0' ? NULL : json_string(s);
	}
	case PROTOBUF_C_TYPE_BYTES: {
		const ProtobufCBinaryData *b = p;
		return b->len == 0 ? NULL : hex_json(b->data, b->len);
	}
	case PROTOBUF_C_TYPE_MESSAGE: {
		const ProtobufCMessage *sub = *(ProtobufCMessage *const *)p;
		return sub == NULL ? NULL : pb_json_as(sub, how);
	}
	default:
		return NULL;
	}
}

static size_t value_size(const ProtobufCFieldDescriptor *f)
{
	switch ((int)f->type) {
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
		return sizeof(uint64_t);
	case PROTOBUF_C_TYPE_BOOL:
		return sizeof(protobuf_c_boolean);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	default:
		return sizeof(uint32_t);
	}
}

static json_t *list_json(const ProtobufCFieldDescriptor *f, const void *items, size_t len,
			 const struct pbjson *how)
{
	json_t *list = json_array();

	for (size_t i = 0; i < len; i++) {
		json_t *v = value_json(f, (const char *)items + i * value_size(f), how);
		(void)json_array_append_new(list, v == NULL ? json_null() : v);
	}
	return list;
}

static json_t *field_json(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f,
			  const struct pbjson *how)
{
	const char *base = (const char *)m;

	if (f->label == PROTOBUF_C_LABEL_REPEATED) {
		size_t len = *(const size_t *)(const void *)(base + f->quantifier_offset);
		return list_json(f, *(void *const *)(const void *)(base + f->offset), len, how);
	}
	bool in_oneof = (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
	if (in_oneof && *(const uint32_t *)(const void *)(base + f->quantifier_offset) != f->id) {
		return NULL;
	}
	return value_json(f, base + f->offset, how);
}

json_t *pb_json_as(const ProtobufCMessage *m, const struct pbjson *how)
{
	if (how != NULL && m->descriptor == &schakel__v1__capsule__descriptor) {
		return how->capsule(how->ctx, (const Schakel__V1__Capsule *)(const void *)m);
	}
	json_t *obj = json_object();
	for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
		json_t *v = field_json(m, f, how);
		if (v != NULL) {
			(void)json_object_set_new(obj, f->name, v);
		}
	}
	return obj;
}

json_t *pb_json(const ProtobufCMessage *m)
{
	return pb_json_as(m, NULL);
}
