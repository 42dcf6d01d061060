/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A file of numbers between blanks, as published problems are. Ownership: the caller's,
 * until lab_numbers_free(). */
#include "common/textfile.h"

/** A number as it stands there: 6739.725 is 6739725 with 3 decimals. */
struct lab_decimal {
	uint64_t digits;
	unsigned line;
	uint8_t decimals;
};

struct lab_numbers {
	struct lab_decimal *list;
	uint32_t len;
	uint32_t at; /* of the next one */
};

#define LAB_NUMBERS_MAX 33554432U

/** @return SK_OK, SK_EPROTO with the error filled, or SK_ENOMEM. */
SK_CHECKED int lab_numbers_read(const char *bytes, size_t len, struct lab_numbers *ret_n,
				struct file_error *e);
void lab_numbers_free(struct lab_numbers *n);
/** The next number, whole and at most @p max. @return SK_OK, or SK_EPROTO with the error filled. */
SK_CHECKED int lab_numbers_whole(struct lab_numbers *n, uint32_t max, uint32_t *ret_v,
				 struct file_error *e);
/** The most decimals of @p len numbers from @p from on, @p step apart. */
uint8_t lab_numbers_decimals(const struct lab_numbers *n, uint32_t from, uint32_t len,
			     uint32_t step);
/** A number times ten to the @p decimals, at most LAB_NUMBER_MAX. @return as lab_numbers_whole().
 */
SK_CHECKED int lab_numbers_scaled(const struct lab_numbers *n, uint32_t at, uint8_t decimals,
				  uint32_t *ret_v, struct file_error *e);
