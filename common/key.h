/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Object ids and composite keys. Keys are big-endian, so that LMDB's byte order is the
 * order of the fields; strings end in a NUL, which cannot occur inside. Pure; never blocks. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#define OBJECT_ID_LEN 16
#define PARTY_ID_LEN_MAX 31
#define KEY_LEN_MAX 120
#define SHORT_CODE_LEN 10

/** Incarnation tag u32, journal sequence u64, ordinal u32, all big-endian (DESIGN 2). */
struct object_id {
	uint8_t b[OBJECT_ID_LEN];
};

/** Borrowed bytes. */
struct slice {
	const void *data;
	size_t len;
};

struct key {
	size_t len;
	uint8_t b[KEY_LEN_MAX];
};

/* Builders append; more than KEY_LEN_MAX bytes is a broken invariant (all inputs are bounded). */
void key_u8(struct key *k, uint8_t v);
void key_u32(struct key *k, uint32_t v);
void key_u64(struct key *k, uint64_t v);
void key_id(struct key *k, const struct object_id *id);
/** @p s at most PARTY_ID_LEN_MAX bytes. */
void key_str(struct key *k, const char *s);
void key_bytes(struct key *k, const void *p, size_t len);

struct key key_of_id(const struct object_id *id);
struct key key_of_str(const char *s);

/* Readers take from the front of @p s; false when too short. */
bool key_take_u8(struct slice *s, uint8_t *ret_v);
bool key_take_u32(struct slice *s, uint32_t *ret_v);
bool key_take_u64(struct slice *s, uint64_t *ret_v);
bool key_take_id(struct slice *s, struct object_id *ret_id);
/** @p ret_str has room for PARTY_ID_LEN_MAX + 1 bytes. */
bool key_take_str(struct slice *s, char *ret_str);

bool object_id_equal(const struct object_id *a, const struct object_id *b);
bool object_id_is_zero(const struct object_id *a);
/** False when @p data is not exactly 16 bytes. */
bool object_id_from(const ProtobufCBinaryData *data, struct object_id *ret_id);
/** Borrows: valid while @p id lives. */
ProtobufCBinaryData object_id_data(const struct object_id *id);
/** 32 hex digits and a NUL. */
void object_id_hex(const struct object_id *id, char ret_hex[2 * OBJECT_ID_LEN + 1]);

uint64_t be64_read(const uint8_t *p);
uint32_t be32_read(const uint8_t *p);
void be64_write(uint8_t *p, uint64_t v);
void be32_write(uint8_t *p, uint32_t v);

/** Copies a name; what is longer is cut. @p ret_name has room for PARTY_ID_LEN_MAX + 1 bytes. */
void name_copy(char *ret_name, const char *name);
/** 1 to 31 characters of [a-z0-9-], or '@' and such a name: how parties, zones, pools are called.
 */
bool name_is_valid(const char *s);
