/* SPDX-License-Identifier: EUPL-1.2 */
/* Reading a packed Message without decoding it. */
#include "common/client_private.h"

static bool varint(const uint8_t **io_at, const uint8_t *end, uint64_t *ret_n)
{
	uint64_t n = 0;
	for (unsigned shift = 0; shift < 64 && *io_at < end; shift += 7) {
		uint8_t b = *(*io_at)++;
		n |= (uint64_t)(b & 0x7f) << shift;
		if ((b & 0x80) == 0) {
			*ret_n = n;
			return true;
		}
	}
	return false;
}

/* The envelope's fields come before the body: nothing of fixed width stands there. */
bool client_peek(struct slice message, struct client_envelope *ret_e)
{
	const uint8_t *at = message.data;
	const uint8_t *end = at + message.len;
	struct client_envelope e = { 0 };
	uint64_t tag = 0;
	uint64_t n = 0;
	while (at < end && varint(&at, end, &tag) && varint(&at, end, &n)) {
		bool bytes = (tag & 7) == 2;
		if ((!bytes && (tag & 7) != 0) || (bytes && n > (uint64_t)(end - at))) {
			return false;
		}
		if (tag >> 3 == 1 && bytes && n == 16) {
			e.id = at;
		} else if (tag >> 3 == 2 && bytes && n == 16) {
			e.correlation = at;
		} else if (tag >> 3 == 4 && !bytes) {
			e.time_ms = n;
		} else if (tag >> 3 >= 100) {
			break;
		}
		at += bytes ? n : 0;
	}
	*ret_e = e;
	return true;
}
