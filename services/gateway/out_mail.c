/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/out_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#define LINE_BYTES 57 /* makes 76 characters of base64 */
#define WORD_BYTES 42 /* of a subject: an encoded word has at most 75 characters */

/* Length of a part of UTF-8 text of at most @p max bytes that cuts no character. */
static size_t part(const char *text, size_t max)
{
	size_t len = strlen(text);
	if (len <= max) {
		return len;
	}
	len = max;
	while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80) {
		len--;
	}
	return len;
}

static void put_subject(FILE *f, const char *subject)
{
	char word[sodium_base64_ENCODED_LEN(WORD_BYTES, sodium_base64_VARIANT_ORIGINAL)];
	const char *gap = "Subject: ";
	while (*subject != '\0') {
		size_t len = part(subject, WORD_BYTES);
		len = len == 0 ? strlen(subject) : len;
		len = len > WORD_BYTES ? WORD_BYTES : len;
		(void)sodium_bin2base64(word, sizeof(word), (const unsigned char *)subject, len,
					sodium_base64_VARIANT_ORIGINAL);
		(void)fprintf(f, "%s=?UTF-8?B?%s?=\r\n", gap, word);
		gap = " ";
		subject += len;
	}
}

static void put_body(FILE *f, const char *body, size_t len)
{
	char line[sodium_base64_ENCODED_LEN(LINE_BYTES, sodium_base64_VARIANT_ORIGINAL)];
	for (size_t at = 0; at < len; at += LINE_BYTES) {
		size_t take = len - at < LINE_BYTES ? len - at : LINE_BYTES;
		(void)sodium_bin2base64(line, sizeof(line), (const unsigned char *)body + at, take,
					sodium_base64_VARIANT_ORIGINAL);
		(void)fprintf(f, "%s\r\n", line);
	}
}

char *out_mail_text(const struct outbox *o, const struct out_row *row, size_t *ret_len)
{
	char *text = NULL;
	size_t len = 0;
	char date[64];
	char id[2 * sizeof(o->id) + 1];
	struct tm utc;
	time_t at = (time_t)(row->created_ms / 1000);
	FILE *f = open_memstream(&text, &len);
	if (f == NULL) {
		return NULL;
	}
	(void)gmtime_r(&at, &utc);
	(void)strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &utc);
	(void)sodium_bin2hex(id, sizeof(id), o->id, sizeof(o->id));
	(void)fprintf(f, "Date: %s\r\nFrom: <%s>\r\nTo: <%s>\r\n", date, o->conf.mail_from,
		      row->to);
	put_subject(f, row->subject);
	/* The same at each attempt, so that a mailbox can drop the second. */
	(void)fprintf(f, "Message-ID: <%s.%llu%s>\r\n", id, (unsigned long long)row->seq,
		      strchr(o->conf.mail_from, '@'));
	(void)fputs("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
		    "Content-Type: text/plain; charset=UTF-8\r\n"
		    "Content-Transfer-Encoding: base64\r\n\r\n",
		    f);
	put_body(f, row->body, row->body_len);
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	*ret_len = len;
	return text;
}
