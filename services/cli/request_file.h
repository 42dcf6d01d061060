/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Files with requests: JSON (one object, or a list of them) or a table. What a family told
 *  stands under `told` and leaves this reader as capsule texts only. Pure: bytes in, messages out.
 *  Ownership: everything lives in the arena, until it is reset. */
#include "common/jsonin.h"
#include "schakel/v1/command.pb-c.h"

#define TOLD_MAX 8
#define NEEDS_MAX 50

/** One capsule to be sealed: content as JSON text, not yet bound to a person. */
struct told {
	struct slice content;
	uint32_t child; /* number from 1 of the child it tells about; 0: another person */
	bool about;     /* what somebody else says of that person, not its own words */
};

struct request_in {
	Schakel__V1__SubmitRequest *submit; /* capsules still empty */
	struct told told[TOLD_MAX];
	size_t told_len;
};

struct amend_in {
	Schakel__V1__AmendRequest *amend;
	struct told told[TOLD_MAX];
	size_t told_len;
};

/** @return SK_OK and the requests, SK_EPROTO with the error, SK_ENOMEM (both: nothing to release).
 * Keep
 *  @p ret_in until errors of the daemon were shown (it knows the lines), then jsonin_done(). */
SK_CHECKED int request_file_read(struct jsonin *ret_in, struct arena *arena, struct slice bytes,
				 enum file_kind kind, struct file_error *ret_err);
size_t request_file_count(const struct jsonin *in);
/** The @p i th request. */
SK_CHECKED int request_file_get(struct jsonin *in, size_t i, struct request_in *ret_request);
/** A JSON object with what changes. */
SK_CHECKED int amend_file_get(struct jsonin *in, struct amend_in *ret_amend);
/** ".csv" is a table, the rest JSON unless the first character that counts is no bracket. */
enum file_kind file_kind_of(const char *path, struct slice bytes);
