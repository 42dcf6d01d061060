/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/wire.h"

#include <stdio.h>
#include <string.h>

#define FIELDS_MAX 192 /* of one message type; checked by the schema lint through a unit test */

/** One field on the way to the one being looked at. */
struct place {
	const char *name;
	uint16_t index;
	bool repeated;
};

struct check {
	enum wire_mode mode;
	struct wire_fault *fault;
	struct place path[WIRE_DEPTH_TOLERANT_MAX];
	size_t path_len;
};

/** Only a fault has its path written out: most messages have none. */
static int fail(struct check *c, PB(Refusal) code)
{
	char *at = c->fault->field;
	size_t room = sizeof(c->fault->field);

	c->fault->code = code;
	for (size_t i = 0; i < c->path_len; i++) {
		const struct place *p = &c->path[i];
		const char *dot = i == 0 ? "" : ".";
		int n = p->repeated ? snprintf(at, room, "%s%s[%u]", dot, p->name, p->index) :
				      snprintf(at, room, "%s%s", dot, p->name);
		size_t len = n < 0 ? 0 : (size_t)n;
		len = len < room ? len : room - 1;
		at += len;
		room -= len;
	}
	return SK_EPROTO;
}

static bool take_varint(struct slice *s, uint64_t *ret_v)
{
	uint64_t v = 0;
	uint8_t b = 0x80;

	for (unsigned int shift = 0; shift < 64 && (b & 0x80) != 0; shift += 7) {
		if (!key_take_u8(s, &b)) {
			return false;
		}
		v |= (uint64_t)(b & 0x7f) << shift;
	}
	*ret_v = v;
	return (b & 0x80) == 0;
}

static bool take(struct slice *s, uint64_t len, struct slice *ret_part)
{
	if (len > s->len) {
		return false;
	}
	*ret_part = (struct slice){ s->data, (size_t)len };
	*s = (struct slice){ (const uint8_t *)s->data + len, s->len - (size_t)len };
	return true;
}

/** @return bytes of the UTF-8 sequence at p, 0 when it is none or a control character. */
static size_t utf8_len(const uint8_t *p, size_t left)
{
	if (p[0] < 0x80) {
		return p[0] >= 0x20 && p[0] != 0x7f ? 1 : 0;
	}
	size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || len > left) {
		return 0;
	}
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80) {
			return 0;
		}
	}
	bool bad = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
		   (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f) ||
		   (p[0] == 0xc2 && p[1] < 0xa0);
	return bad ? 0 : len;
}

static bool is_text(struct slice s)
{
	const uint8_t *p = s.data;

	if (s.len > WIRE_STRING_MAX) {
		return false;
	}
	for (size_t i = 0; i < s.len;) {
		size_t n = utf8_len(p + i, s.len - i);
		if (n == 0) {
			return false;
		}
		i += n;
	}
	return true;
}

static int check_message(struct check *c, struct slice s, const ProtobufCMessageDescriptor *type,
			 int depth);

static int check_bytes(struct check *c, const ProtobufCFieldDescriptor *f, struct slice part,
		       int depth)
{
	if (f->type == PROTOBUF_C_TYPE_STRING) {
		return is_text(part) ? SK_OK : fail(c, SCHAKEL__V1__REFUSAL__REFUSAL_MALFORMED);
	}
	if (f->type == PROTOBUF_C_TYPE_MESSAGE) {
		int most = c->mode == WIRE_STRICT ? WIRE_DEPTH_MAX : WIRE_DEPTH_TOLERANT_MAX;
		if (depth >= most) {
			return fail(c, SCHAKEL__V1__REFUSAL__REFUSAL_MALFORMED);
		}
		return check_message(c, part, f->descriptor, depth + 1);
	}
	return SK_OK;
}

static int check_varint(struct check *c, const ProtobufCFieldDescriptor *f, uint64_t v)
{
	if (f->type == PROTOBUF_C_TYPE_ENUM &&
	    (v > INT32_MAX ||
	     protobuf_c_enum_descriptor_get_value(f->descriptor, (int)v) == NULL)) {
		return fail(c, SCHAKEL__V1__REFUSAL__REFUSAL_UNKNOWN_CODE);
	}
	if (f->type == PROTOBUF_C_TYPE_UINT32 && v > UINT32_MAX) {
		return fail(c, SCHAKEL__V1__REFUSAL__REFUSAL_OUT_OF_RANGE);
	}
	if (f->type == PROTOBUF_C_TYPE_BOOL && v > 1) {
		return fail(c, SCHAKEL__V1__REFUSAL__REFUSAL_OUT_OF_RANGE);
	}
	return SK_OK;
}

enum wire_type { WT_VARINT = 0, WT_BYTES = 2 };

static enum wire_type wire_type_of(const ProtobufCFieldDescriptor *f)
{
	bool bytes = f->type == PROTOBUF_C_TYPE_STRING || f->type == PROTOBUF_C_TYPE_BYTES ||
		     f->type == PROTOBUF_C_TYPE_MESSAGE;
	return bytes ? WT_BYTES : WT_VARINT;
}

/** A packed run of numbers counts each of them. */
static int check_packed(struct check *c, const ProtobufCFieldDescriptor *f, struct slice part,
			uint16_t *count)
{
	uint64_t v;

	while (part.len > 0) {
		if (!take_varint(&part, &v)) {
			return fail(c, SCHAKEL__V1__REFUSAL__REFUSAL_MALFORMED);
		}
		if (++*count > WIRE_REPEATED_MAX) {
			return fail(c, SCHAKEL__V1__REFUSAL__REFUSAL_TOO_MANY);
		}
		int err = check_varint(c, f, v);
		if (err != SK_OK) {
			return err;
		}
	}
	return SK_OK;
}

/** A field as it stands in the message: what the schema says of it, and where it stands. */
struct seen {
	const ProtobufCFieldDescriptor *f;
	unsigned int wt;
	int depth;
};

static int check_value(struct check *c, const struct seen *at, struct slice *s, uint16_t *count)
{
	const ProtobufCFieldDescriptor *f = at->f;
	unsigned int wt = at->wt;
	bool repeated = f->label == PROTOBUF_C_LABEL_REPEATED;
	struct slice part;
	uint64_t v;

	if (!take_varint(s, &v)) {
		return fail(c, SCHAKEL__V1__REFUSAL__REFUSAL_MALFORMED);
	}
	if (wt == WT_VARINT && wire_type_of(f) == WT_VARINT) {
		return check_varint(c, f, v);
	}
	if (wt != WT_BYTES || !take(s, v, &part)) {
		return fail(c, SCHAKEL__V1__REFUSAL__REFUSAL_MALFORMED);
	}
	if (wire_type_of(f) == WT_BYTES) {
		return check_bytes(c, f, part, at->depth);
	}
	if (!repeated) {
		return fail(c, SCHAKEL__V1__REFUSAL__REFUSAL_MALFORMED);
	}
	--*count; /* the run itself is no element */
	return check_packed(c, f, part, count);
}

/** Skips a field that the schema does not know. Only the wire types that we use exist. */
static int check_unknown(struct check *c, unsigned int wt, struct slice *s)
{
	struct slice part;
	uint64_t v;

	if (c->mode == WIRE_STRICT) {
		return fail(c, SCHAKEL__V1__REFUSAL__REFUSAL_UNKNOWN_TYPE);
	}
	bool ok = (wt == WT_VARINT && take_varint(s, &v)) ||
		  (wt == WT_BYTES && take_varint(s, &v) && take(s, v, &part)) ||
		  (wt == 1 && take(s, 8, &part)) || (wt == 5 && take(s, 4, &part));
	return ok ? SK_OK : fail(c, SCHAKEL__V1__REFUSAL__REFUSAL_MALFORMED);
}

static int check_field(struct check *c, struct slice *s, const ProtobufCMessageDescriptor *type,
		       uint16_t *counts, int depth)
{
	uint64_t tag;

	if (!take_varint(s, &tag) || tag >> 3 == 0 || tag >> 3 > UINT32_MAX) {
		return fail(c, SCHAKEL__V1__REFUSAL__REFUSAL_MALFORMED);
	}
	const ProtobufCFieldDescriptor *f =
		protobuf_c_message_descriptor_get_field(type, (unsigned int)(tag >> 3));
	if (f == NULL) {
		return check_unknown(c, tag & 7, s);
	}
	bool repeated = f->label == PROTOBUF_C_LABEL_REPEATED;
	bool oneof = (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
	/* All members of the one oneof share a count: two bodies in one message are refused. */
	uint16_t *count = oneof ? &counts[FIELDS_MAX] : &counts[f - type->fields];
	SK_ASSERT(c->path_len < SK_LEN(c->path));
	c->path[c->path_len++] = (struct place){ f->name, *count, repeated };
	++*count;
	if (*count > (repeated ? WIRE_REPEATED_MAX : 1)) {
		return fail(c, SCHAKEL__V1__REFUSAL__REFUSAL_TOO_MANY);
	}
	const struct seen at = { f, tag & 7, depth };
	int err = check_value(c, &at, s, count);
	c->path_len--;
	return err;
}

static int check_message(struct check *c, struct slice s, const ProtobufCMessageDescriptor *type,
			 int depth)
{
	uint16_t counts[FIELDS_MAX + 1] = { 0 };
	int err = SK_OK;

	SK_ASSERT(type->n_fields <= FIELDS_MAX);
	while (err == SK_OK && s.len > 0) {
		err = check_field(c, &s, type, counts, depth);
	}
	return err;
}

int wire_check(struct slice bytes, const ProtobufCMessageDescriptor *type, enum wire_mode mode,
	       struct wire_fault *ret_fault)
{
	*ret_fault = (struct wire_fault){ 0 };
	struct check c = { .mode = mode, .fault = ret_fault };
	return check_message(&c, bytes, type, 1);
}

int wire_decode(struct arena *a, struct slice bytes, enum wire_mode mode, PB(Message) **ret_m,
		struct wire_fault *ret_fault)
{
	ProtobufCAllocator alloc = arena_protobuf(a);
	int err = wire_check(bytes, &schakel__v1__message__descriptor, mode, ret_fault);

	if (err != SK_OK) {
		return err;
	}
	PB(Message) *m = schakel__v1__message__unpack(&alloc, bytes.len, bytes.data);
	if (m == NULL) {
		ret_fault->code = SCHAKEL__V1__REFUSAL__REFUSAL_MALFORMED;
		return SK_EPROTO;
	}
	*ret_m = m;
	return SK_OK;
}

int wire_unpack(struct arena *a, const ProtobufCBinaryData *bytes,
		const ProtobufCMessageDescriptor *type, void **ret_record)
{
	ProtobufCAllocator alloc = arena_protobuf(a);
	struct slice s = { bytes->data, bytes->len };
	struct wire_fault fault;

	int err = wire_check(s, type, WIRE_TOLERANT, &fault);
	if (err != SK_OK) {
		return err;
	}
	void *record = protobuf_c_message_unpack(type, &alloc, s.len, s.data);
	if (record == NULL) {
		return SK_ENOMEM;
	}
	*ret_record = record;
	return SK_OK;
}

int wire_decode_frame(struct arena *a, struct slice bytes, PB(Frame) **ret_f)
{
	ProtobufCAllocator alloc = arena_protobuf(a);
	struct wire_fault fault;
	int err = wire_check(bytes, &schakel__v1__frame__descriptor, WIRE_STRICT, &fault);

	if (err != SK_OK) {
		return err;
	}
	*ret_f = schakel__v1__frame__unpack(&alloc, bytes.len, bytes.data);
	return *ret_f == NULL ? SK_EPROTO : SK_OK;
}

int wire_decode_link(struct arena *a, ProtobufCBinaryData bytes, PB(Link) **ret_l)
{
	ProtobufCAllocator alloc = arena_protobuf(a);
	struct slice s = { bytes.data, bytes.len };
	struct wire_fault fault;
	int err = wire_check(s, &schakel__v1__link__descriptor, WIRE_STRICT, &fault);

	if (err != SK_OK) {
		return err;
	}
	PB(Link) *l = schakel__v1__link__unpack(&alloc, s.len, s.data);
	if (l == NULL || strlen(l->source) > PARTY_ID_LEN_MAX ||
	    strlen(l->destination) > PARTY_ID_LEN_MAX) {
		return SK_EPROTO;
	}
	*ret_l = l;
	return SK_OK;
}

bool wire_id_time(const ProtobufCBinaryData *id, uint64_t *ret_ms)
{
	if (id->len != 16 || id->data[6] >> 4 != 7 || id->data[8] >> 6 != 2) {
		return false;
	}
	*ret_ms = be64_read(id->data) >> 16;
	return true;
}

void wire_id_make(uint64_t time_ms, const uint8_t random[10], uint8_t ret_id[16])
{
	be64_write(ret_id, time_ms << 16);
	memcpy(ret_id + 6, random, 10);
	ret_id[6] = (uint8_t)(0x70 | (ret_id[6] & 0x0f));
	ret_id[8] = (uint8_t)(0x80 | (ret_id[8] & 0x3f));
}

const char *wire_body_name(PB(Message__BodyCase) body)
{
	const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(
		&schakel__v1__message__descriptor, (unsigned int)body);

	return f == NULL ? "none" : f->name;
}
