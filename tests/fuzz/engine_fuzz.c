/* SPDX-License-Identifier: EUPL-1.2 */
/* Hostile input to a whole daemon: any frames from a party with every role, and any entries in the
 * log of a peer. The daemon stays up, answers within a frame, and its journal replays to the same
 * effects. A case is a run of (length u16, kind, bytes); readable messages get a fresh id, so that
 * they reach the core. */
#include <stdlib.h>
#include <string.h>

#include "common/wire.h"
#include "mem_engine.h"
#include "services/intake/core.h"
#include "services/matching/core.h"
#include "services/waitlist/core.h"

#define MESSAGES_MAX 24

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t packed[2 * FRAME_BYTES_MAX];

static size_t with_fresh_id(struct slice bytes, uint8_t number)
{
	uint8_t id[16], random[10] = { number };
	struct wire_fault fault;

	if (wire_check(bytes, &schakel__v1__message__descriptor, WIRE_STRICT, &fault) != SK_OK) {
		memcpy(packed, bytes.data, bytes.len);
		return bytes.len;
	}
	PB(Message) *m = schakel__v1__message__unpack(NULL, bytes.len, bytes.data);
	SK_ASSERT(m != NULL);
	ProtobufCBinaryData old = m->id;
	wire_id_make(MEM_NOW_MS, random, id);
	m->id = (ProtobufCBinaryData){ sizeof(id), id };
	size_t len = schakel__v1__message__get_packed_size(m);
	len = len <= FRAME_BYTES_MAX - 64 ? schakel__v1__message__pack(m, packed) : 0;
	m->id = old;
	schakel__v1__message__free_unpacked(m, NULL);
	return len;
}

static void send(struct mem_engine *m, const struct service *svc, uint8_t kind, size_t len)
{
	static uint8_t frame[2 * FRAME_BYTES_MAX];
	static struct party all = { .id = "party", .roles = ~ROLE_BIT(DAEMON) };
	static uint64_t sequence;
	PB(Frame) f = PB_INIT(FRAME);
	PB(Link) l = PB_INIT(LINK);
	uint8_t link[64];

	f.message = (ProtobufCBinaryData){ len, packed };
	if ((kind & 1) != 0 && svc->reads[0] != NULL) {
		l.source = (char *)(uintptr_t)svc->reads[0];
		l.destination = (char *)(uintptr_t)svc->name;
		l.incarnation = 1;
		l.nonce = 5;
		sequence = (kind & 2) != 0 ? sequence + 1 : 1;
		l.sequence = sequence;
		f.link = (ProtobufCBinaryData){ schakel__v1__link__pack(&l, link), link };
	}
	size_t n = schakel__v1__frame__get_packed_size(&f);
	if (n > sizeof(frame)) {
		return;
	}
	struct slice s = { frame, schakel__v1__frame__pack(&f, frame) };
	if (f.link.len > 0) {
		engine_peer_frame(mem_engine_of(m), svc->reads[0], s);
	} else {
		engine_frame(mem_engine_of(m), 1, &all, s);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct service *const services[] = { &intake_service, &waitlist_service,
						   &matching_service };
	if (size < 4) {
		return 0;
	}
	const struct service *svc = services[data[0] % SK_LEN(services)];
	struct mem_engine *m = mem_engine_new(svc);
	size_t at = 1;
	for (uint8_t i = 0; i < MESSAGES_MAX && at + 3 <= size; i++) {
		size_t len = (size_t)data[at] << 8 | data[at + 1];
		uint8_t kind = data[at + 2];
		at += 3;
		len = len < size - at ? len : size - at;
		send(m, svc, kind, with_fresh_id((struct slice){ data + at, len }, i));
		(void)engine_turn(mem_engine_of(m));
		at += len;
	}
	mem_engine_check_and_free(m);
	return 0;
}
