/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/key.h"

#include <string.h>

#include "common/err.h"

uint64_t be64_read(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++) {
		v = (v << 8) | p[i];
	}
	return v;
}

uint32_t be32_read(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void be64_write(uint8_t *p, uint64_t v)
{
	for (int i = 7; i >= 0; i--) {
		p[i] = (uint8_t)v;
		v >>= 8;
	}
}

void be32_write(uint8_t *p, uint32_t v)
{
	for (int i = 3; i >= 0; i--) {
		p[i] = (uint8_t)v;
		v >>= 8;
	}
}

void key_bytes(struct key *k, const void *p, size_t len)
{
	SK_ASSERT(len <= KEY_LEN_MAX - k->len);
	if (len > 0) {
		memcpy(k->b + k->len, p, len);
	}
	k->len += len;
}

void key_u8(struct key *k, uint8_t v)
{
	key_bytes(k, &v, 1);
}

void key_u32(struct key *k, uint32_t v)
{
	uint8_t b[4];

	be32_write(b, v);
	key_bytes(k, b, sizeof(b));
}

void key_u64(struct key *k, uint64_t v)
{
	uint8_t b[8];

	be64_write(b, v);
	key_bytes(k, b, sizeof(b));
}

void key_id(struct key *k, const struct object_id *id)
{
	key_bytes(k, id->b, OBJECT_ID_LEN);
}

void key_str(struct key *k, const char *s)
{
	size_t len = strlen(s);

	SK_ASSERT(len <= PARTY_ID_LEN_MAX);
	key_bytes(k, s, len + 1);
}

struct key key_of_id(const struct object_id *id)
{
	struct key k = { 0 };

	key_id(&k, id);
	return k;
}

struct key key_of_str(const char *s)
{
	struct key k = { 0 };

	key_str(&k, s);
	return k;
}

static const uint8_t *take(struct slice *s, size_t len)
{
	const uint8_t *p = s->data;

	if (s->len < len) {
		return NULL;
	}
	s->data = p + len;
	s->len -= len;
	return p;
}

bool key_take_u8(struct slice *s, uint8_t *ret_v)
{
	const uint8_t *p = take(s, 1);

	if (p == NULL) {
		return false;
	}
	*ret_v = *p;
	return true;
}

bool key_take_u32(struct slice *s, uint32_t *ret_v)
{
	const uint8_t *p = take(s, 4);

	if (p == NULL) {
		return false;
	}
	*ret_v = be32_read(p);
	return true;
}

bool key_take_u64(struct slice *s, uint64_t *ret_v)
{
	const uint8_t *p = take(s, 8);

	if (p == NULL) {
		return false;
	}
	*ret_v = be64_read(p);
	return true;
}

bool key_take_id(struct slice *s, struct object_id *ret_id)
{
	const uint8_t *p = take(s, OBJECT_ID_LEN);

	if (p == NULL) {
		return false;
	}
	memcpy(ret_id->b, p, OBJECT_ID_LEN);
	return true;
}

bool key_take_str(struct slice *s, char *ret_str)
{
	const uint8_t *end = s->len == 0 ? NULL : memchr(s->data, 0, s->len);

	if (end == NULL) {
		return false;
	}
	size_t len = (size_t)(end - (const uint8_t *)s->data);
	if (len > PARTY_ID_LEN_MAX) {
		return false;
	}
	memcpy(ret_str, s->data, len + 1);
	(void)take(s, len + 1);
	return true;
}

bool object_id_equal(const struct object_id *a, const struct object_id *b)
{
	return memcmp(a->b, b->b, OBJECT_ID_LEN) == 0;
}

bool object_id_is_zero(const struct object_id *a)
{
	static const struct object_id zero;

	return object_id_equal(a, &zero);
}

bool object_id_from(const ProtobufCBinaryData *data, struct object_id *ret_id)
{
	if (data->len != OBJECT_ID_LEN) {
		return false;
	}
	memcpy(ret_id->b, data->data, OBJECT_ID_LEN);
	return true;
}

ProtobufCBinaryData object_id_data(const struct object_id *id)
{
	/* protobuf-c has no const bytes; packing only reads them. */
	return (ProtobufCBinaryData){ .len = OBJECT_ID_LEN, .data = (uint8_t *)(uintptr_t)id->b };
}

void object_id_hex(const struct object_id *id, char ret_hex[2 * OBJECT_ID_LEN + 1])
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < OBJECT_ID_LEN; i++) {
		ret_hex[2 * i] = digit[id->b[i] >> 4];
		ret_hex[2 * i + 1] = digit[id->b[i] & 15];
	}
	ret_hex[2 * OBJECT_ID_LEN] = '\0';
}

void name_copy(char *ret_name, const char *name)
{
	size_t len = strnlen(name, PARTY_ID_LEN_MAX);

	memcpy(ret_name, name, len);
	ret_name[len] = '\0';
}

bool name_is_valid(const char *s)
{
	size_t len = strlen(s);
	size_t i = s[0] == '@' ? 1 : 0;

	if (len > PARTY_ID_LEN_MAX || len == i) {
		return false;
	}
	for (; i < len; i++) {
		bool ok = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= '0' && s[i] <= '9') ||
			  s[i] == '-';
		if (!ok) {
			return false;
		}
	}
	return true;
}
