/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The request that all measurements submit: one child, one adult, one capsule and `needs`
 *  needs, packed once; each copy gets an id and a person of its own. Pure but for the clock at
 *  submit_init(). */
#include "common/capsule.h"
#include "common/wire.h"
#include "tests/bench/zlane.h"

#define SUBMIT_BYTES_MAX 4096
#define SUBMIT_PLACES_MAX 4

struct submit {
	uint8_t frame[SUBMIT_BYTES_MAX]; /* with zeroes where ids stand */
	size_t len;
	size_t places[SUBMIT_PLACES_MAX]; /* of ids; the first is the message's */
	size_t places_len;
	size_t content_at, content_len, key_at; /* of the capsule */
	uint8_t seal_key[CAPSULE_KEY_LEN];
	bool seal;
	uint64_t first;   /* ids rise from here, as they do among clients with one clock */
	uint64_t time_ms; /* 0: the wall clock's at each request */
};

struct submit_conf {
	uint32_t needs;      /* 1 to 10 */
	uint32_t expertise;  /* of the first; the others count on */
	uint32_t urgency;    /* of codes.proto */
	uint32_t text_bytes; /* of the capsule's plain text */
	bool seal;           /* each copy its text, as a caller does; else the bytes are any */
	const char *zone;
};

void submit_conf_args(struct submit_conf *c, const struct bench *b);
/** @return SK_EINVAL: larger than SUBMIT_BYTES_MAX. */
SK_CHECKED int submit_init(struct submit *s, const struct submit_conf *conf, const struct zside *z);
/** Fits struct zload; @p ctx is a struct submit. */
size_t submit_make(void *ctx, uint64_t n, uint8_t buf[FRAME_BYTES_MAX]);
/** @return 1, or SK_EREFUSED: no ACCEPTED receipt of request @p n; said once on stderr. */
int submit_answer(void *ctx, uint64_t n, struct slice frame);
/** Object id in the answer. False: not accepted. */
bool submit_object(struct slice frame, uint8_t ret_id[16]);
