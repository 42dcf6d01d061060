/* SPDX-License-Identifier: EUPL-1.2 */
/* What is wrong in a file, and whether it is text: apart from the command that reads it. */
#include <stdio.h>
#include <string.h>

#include "common/textfile.h"

int file_error_values(struct file_error *e, const char *nl, const char *en, va_list args)
{
	va_list again;

	va_copy(again, args);
	(void)vsnprintf(e->nl, sizeof(e->nl), nl, args);
	(void)vsnprintf(e->en, sizeof(e->en), en, again);
	va_end(again);
	return SK_EPROTO;
}

int file_error_set(struct file_error *e, unsigned line, const char *nl, const char *en, ...)
{
	va_list args;

	e->line = line;
	e->field[0] = '\0';
	va_start(args, en);
	int err = file_error_values(e, nl, en, args);
	va_end(args);
	return err;
}

int file_error_field(struct file_error *e, const char *field)
{
	(void)snprintf(e->field, sizeof(e->field), "%s", field);
	return SK_EPROTO;
}

int file_error_text(struct file_error *e, unsigned line, const char *field, const char *nl,
		    const char *en)
{
	e->line = line;
	(void)snprintf(e->field, sizeof(e->field), "%s", field);
	(void)snprintf(e->nl, sizeof(e->nl), "%s", nl);
	(void)snprintf(e->en, sizeof(e->en), "%s", en);
	return SK_EPROTO;
}

/* Length of one UTF-8 sequence, or 0: overlong forms, surrogates and values past U+10FFFF are bad.
 */
static size_t utf8_len(const uint8_t *p, size_t left)
{
	static const struct {
		uint8_t mask, lead, len;
		uint32_t min;
	} form[] = {
		{ 0x80, 0x00, 1, 0x1 },
		{ 0xe0, 0xc0, 2, 0x80 },
		{ 0xf0, 0xe0, 3, 0x800 },
		{ 0xf8, 0xf0, 4, 0x10000 },
	};

	for (size_t i = 0; i < SK_LEN(form); i++) {
		if ((p[0] & form[i].mask) != form[i].lead || form[i].len > left) {
			continue;
		}
		uint32_t v = p[0] & (uint8_t)~form[i].mask;
		for (size_t k = 1; k < form[i].len; k++) {
			if ((p[k] & 0xc0) != 0x80) {
				return 0;
			}
			v = v << 6 | (p[k] & 0x3f);
		}
		bool good = v >= form[i].min && v <= 0x10ffff && (v < 0xd800 || v > 0xdfff);
		return good ? form[i].len : 0;
	}
	return 0;
}

bool infile_is_text(struct slice bytes, unsigned *ret_line)
{
	const uint8_t *p = bytes.data;
	unsigned line = 1;

	for (size_t at = 0; at < bytes.len;) {
		size_t n = utf8_len(p + at, bytes.len - at);
		if (n == 0) {
			*ret_line = line;
			return false;
		}
		line += p[at] == '\n';
		at += n;
	}
	return true;
}
