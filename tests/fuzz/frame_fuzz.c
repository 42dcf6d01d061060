/* SPDX-License-Identifier: EUPL-1.2 */
/* Frames, links and messages as they come off a socket: refused clearly or decoded, never more than
 * the arena. What the checker lets pass, protobuf-c must decode. */
#include <stdlib.h>

#include "common/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Either outcome is right: what counts is that nothing else happens. */
static void refused_or_not(int err)
{
	SK_ASSERT(err <= SK_OK);
}

static void decode(struct arena *a, struct slice bytes, enum wire_mode mode)
{
	struct wire_fault fault;
	PB(Message) *m = NULL;

	if (wire_decode(a, bytes, mode, &m, &fault) != SK_OK) {
		SK_ASSERT(fault.code != SCHAKEL__V1__REFUSAL__REFUSAL_UNSPECIFIED);
	}
	arena_reset(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static _Alignas(64) uint8_t block[1U << 20];
	struct slice bytes = { data, size };
	PB(Frame) *f = NULL;
	PB(Link) *l = NULL;
	struct arena a;

	arena_init(&a, block, sizeof(block));
	decode(&a, bytes, WIRE_STRICT);
	decode(&a, bytes, WIRE_TOLERANT);
	if (wire_decode_frame(&a, bytes, &f) == SK_OK) {
		refused_or_not(wire_decode_link(&a, f->link, &l));
		struct slice inner = { f->message.data, f->message.len };
		struct wire_fault fault;
		PB(Message) *m = NULL;
		refused_or_not(wire_decode(&a, inner, WIRE_STRICT, &m, &fault));
	}
	arena_reset(&a);
	return 0;
}
