/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/clean.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX 4 /* of one character */

struct clean {
	FILE *under;
	uint8_t part[BYTES_MAX]; /* of a character that the last write left unfinished */
	size_t len;
};

/* How many bytes a character has that begins so; 0: none begins so. */
static size_t bytes_of(uint8_t first)
{
	if (first < 0x80) {
		return 1;
	}
	if (first >= 0xc2 && first < 0xe0) {
		return 2;
	}
	if (first >= 0xe0 && first < 0xf0) {
		return 3;
	}
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

static uint32_t code_point(const uint8_t *s, size_t len)
{
	static const uint8_t mask[BYTES_MAX + 1] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t ch = s[0] & mask[len];

	for (size_t i = 1; i < len; i++) {
		ch = ch << 6 | (s[i] & 0x3f);
	}
	return ch;
}

/* Moves the cursor, rings, clears, or turns the order of what follows. */
static bool steers(uint32_t ch)
{
	static const uint32_t span[][2] = {
		{ 0x00, 0x08 },     { 0x0b, 0x0b },     { 0x0d, 0x1f },     { 0x7f, 0x9f },
		{ 0x061c, 0x061c }, { 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2066, 0x2069 },
	};

	for (size_t i = 0; i < sizeof(span) / sizeof(span[0]); i++) {
		if (ch >= span[i][0] && ch <= span[i][1]) {
			return true;
		}
	}
	return false;
}

static void put_code(FILE *f, uint32_t ch)
{
	(void)fprintf(f, "\\u%04x", ch);
}

/* What never became a character: byte by byte. */
static void put_broken(struct clean *c)
{
	for (size_t i = 0; i < c->len; i++) {
		put_code(c->under, c->part[i]);
	}
	c->len = 0;
}

/* Longer than the character needs, or half of a pair: some terminals read it all the same. */
static bool is_false(uint32_t ch, size_t len)
{
	static const uint32_t least[BYTES_MAX + 1] = { 0, 0, 0x80, 0x800, 0x10000 };

	return ch < least[len] || (ch >= 0xd800 && ch <= 0xdfff) || ch > 0x10ffff;
}

static void put_part(struct clean *c)
{
	uint32_t ch = code_point(c->part, c->len);

	if (is_false(ch, c->len)) {
		put_broken(c);
		return;
	}
	if (steers(ch)) {
		put_code(c->under, ch);
	} else {
		(void)fwrite(c->part, 1, c->len, c->under);
	}
	c->len = 0;
}

static void put_byte(struct clean *c, uint8_t byte)
{
	if (c->len > 0 && (byte & 0xc0) != 0x80) {
		put_broken(c);
	}
	c->part[c->len++] = byte;
	size_t whole = bytes_of(c->part[0]);
	if (whole == 0) {
		put_broken(c);
	} else if (c->len == whole) {
		put_part(c);
	}
}

static ssize_t clean_write(void *cookie, const char *bytes, size_t len)
{
	struct clean *c = cookie;

	for (size_t i = 0; i < len; i++) {
		put_byte(c, (uint8_t)bytes[i]);
	}
	return fflush(c->under) == 0 && ferror(c->under) == 0 ? (ssize_t)len : 0;
}

static int clean_close(void *cookie)
{
	struct clean *c = cookie;

	put_broken(c);
	int err = fflush(c->under);
	free(c);
	return err;
}

FILE *clean_open(FILE *under)
{
	struct clean *c = calloc(1, sizeof(*c));
	cookie_io_functions_t io = { .write = clean_write, .close = clean_close };

	if (c == NULL) {
		return NULL;
	}
	c->under = under;
	FILE *f = fopencookie(c, "w", io);
	if (f == NULL) {
		free(c);
	}
	return f;
}
