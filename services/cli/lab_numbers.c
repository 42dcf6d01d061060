/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/lab_numbers.h"

#include <stdlib.h>
#include <string.h>

#include "services/cli/lab.h"

#define DIGITS_MAX 15U

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int no_number(const char *at, const char *end, unsigned line, struct file_error *e)
{
	int len = 0;

	while (at + len < end && len < 40 && !is_blank(at[len])) {
		len++;
	}
	return file_error_set(e, line,
			      "\"%.*s\" is geen getal van ten hoogste 15 cijfers zonder teken; "
			      "vervang het door een getal",
			      "\"%.*s\" is no number of at most 15 digits without a sign; replace "
			      "it "
			      "by a number",
			      len, at);
}

/* Digits, perhaps a point and more digits; zeros that end the decimals are dropped.
 * @return the end of the number, or NULL. */
static const char *number(const char *at, const char *end, struct lab_decimal *ret_d)
{
	struct lab_decimal d = { .line = ret_d->line };
	unsigned digits = 0;
	bool point = false;

	for (; at < end && !is_blank(*at); at++) {
		if (*at == '.' && !point) {
			point = true;
			continue;
		}
		if (*at < '0' || *at > '9' || digits == DIGITS_MAX) {
			return NULL;
		}
		d.digits = d.digits * 10 + (uint64_t)(*at - '0');
		d.decimals += point;
		digits += digits > 0 || d.digits > 0 || point;
	}
	while (d.decimals > 0 && d.digits % 10 == 0) {
		d.digits /= 10;
		d.decimals--;
	}
	*ret_d = d;
	return at;
}

int lab_numbers_read(const char *bytes, size_t len, struct lab_numbers *ret_n, struct file_error *e)
{
	const char *end = bytes + len;
	struct lab_decimal d = { .line = 1 };

	for (const char *at = bytes; at < end;) {
		if (is_blank(*at)) {
			d.line += *at == '\n';
			at++;
			continue;
		}
		const char *next = number(at, end, &d);
		if (next == NULL) {
			return no_number(at, end, d.line, e);
		}
		if (ret_n->len == LAB_NUMBERS_MAX) {
			return file_error_set(e, d.line,
					      "meer dan %u getallen; neem een kleiner bestand",
					      "more than %u numbers; take a smaller file",
					      LAB_NUMBERS_MAX);
		}
		if (!lab_grow(&ret_n->list, ret_n->len, sizeof(d))) {
			return SK_ENOMEM;
		}
		ret_n->list[ret_n->len++] = d;
		at = next;
	}
	return SK_OK;
}

void lab_numbers_free(struct lab_numbers *n)
{
	free(n->list);
	*n = (struct lab_numbers){ 0 };
}

int lab_numbers_whole(struct lab_numbers *n, uint32_t max, uint32_t *ret_v, struct file_error *e)
{
	if (n->at >= n->len) {
		return file_error_set(e, n->len == 0 ? 1 : n->list[n->len - 1].line,
				      "het bestand houdt hier te vroeg op; kijk of het heel is en "
				      "of de "
				      "soort klopt",
				      "the file ends too early here; see whether it is whole and "
				      "of "
				      "that kind");
	}
	const struct lab_decimal *d = &n->list[n->at];
	if (d->decimals > 0 || d->digits > max) {
		return file_error_set(e, d->line,
				      "hier hoort een geheel getal van 0 tot %u; kijk of de soort "
				      "klopt",
				      "a whole number of 0 to %u belongs here; see whether it is "
				      "of "
				      "that kind",
				      max);
	}
	n->at++;
	*ret_v = (uint32_t)d->digits;
	return SK_OK;
}

uint8_t lab_numbers_decimals(const struct lab_numbers *n, uint32_t from, uint32_t len,
			     uint32_t step)
{
	uint8_t most = 0;

	for (uint32_t i = 0; i < len; i++) {
		uint8_t d = n->list[from + i * step].decimals;
		most = d > most ? d : most;
	}
	return most;
}

int lab_numbers_scaled(const struct lab_numbers *n, uint32_t at, uint8_t decimals, uint32_t *ret_v,
		       struct file_error *e)
{
	const struct lab_decimal *d = &n->list[at];
	uint64_t v = d->digits;

	for (uint8_t i = d->decimals; i < decimals && v <= LAB_NUMBER_MAX; i++) {
		v *= 10;
	}
	if (v > LAB_NUMBER_MAX) {
		return file_error_set(e, d->line,
				      "te groot: met %u decimalen meer dan %u; rond de getallen af",
				      "too large: with %u decimals more than %u; round the numbers",
				      decimals, LAB_NUMBER_MAX);
	}
	*ret_v = (uint32_t)v;
	return SK_OK;
}
