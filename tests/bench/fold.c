/* SPDX-License-Identifier: EUPL-1.2 */
/* Events folded into a fresh read model of the gateway, in batches as its reader takes them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/client.h"
#include "common/wire.h"
#include "services/gateway/model.h"
#include "tests/bench/bench.h"

#define EVENT_BYTES_MAX 256
#define MAP_BYTES (16ULL << 30)
#define EVENTS_A_REQUEST 10 /* about as many as one makes in its first days */
#define HOUR_MS 3600000ULL

static uint8_t bytes[LOG_CREDIT_MAX][EVENT_BYTES_MAX];

/* The n-th event: of a request, its needs, who carries it, in turn. */
static size_t make_event(uint64_t n, uint8_t *ret_bytes)
{
	static const char *const parties[] = { "clb", "huis-a", "huis-b", "meldpunt" };
	uint8_t request[OBJECT_ID_LEN] = { 1 };
	uint8_t object[OBJECT_ID_LEN] = { 2 };
	uint8_t id[16] = { 0 };
	PB(Event) e = PB_INIT(EVENT);
	PB(Message) m = PB_INIT(MESSAGE);

	be64_write(request + 4, n / EVENTS_A_REQUEST);
	be64_write(object + 4, n);
	be64_write(id + 8, n);
	e.kind = (PB(EventKind))(1 + n % EVENTS_A_REQUEST);
	e.version = 1;
	e.object_id = (ProtobufCBinaryData){ sizeof(object), object };
	e.request_id = (ProtobufCBinaryData){ sizeof(request), request };
	e.party = (char *)(uintptr_t)parties[n % SK_LEN(parties)];
	e.zone = (char *)(uintptr_t) "westhoek";
	e.short_code = (char *)(uintptr_t) "3fm8xn2kq7";
	m.id = (ProtobufCBinaryData){ sizeof(id), id };
	m.time_ms = HOUR_MS + n;
	m.body_case = BODY(EVENT);
	m.event = &e;
	size_t len = schakel__v1__message__get_packed_size(&m);
	SK_ASSERT(len <= EVENT_BYTES_MAX);
	return schakel__v1__message__pack(&m, ret_bytes);
}

static int fold_one(struct model *m, uint64_t after, size_t count)
{
	static struct model_entry entry[LOG_CREDIT_MAX];
	struct model_batch b = { .place = { .incarnation = 1, .after = after + count },
				 .entry = entry,
				 .len = count };

	for (size_t i = 0; i < count; i++) {
		size_t len = make_event(after + i, bytes[i]);
		entry[i] = (struct model_entry){ after + i + 1, { bytes[i], len } };
	}
	return model_fold(m, &b);
}

int bench_fold(const struct bench *b)
{
	const char *dir = bench_arg(b, "dir", "model");
	uint64_t count = bench_number(b, "count", 1000000);
	struct model *m = NULL;
	struct samples s = { 0 };
	int err = model_open(dir, MAP_BYTES, &m);
	uint64_t start = bench_ns();

	for (uint64_t n = 0; err == SK_OK && n < count;) {
		uint64_t left = count - n;
		size_t some = left < LOG_CREDIT_MAX ? (size_t)left : LOG_CREDIT_MAX;
		uint64_t at = bench_ns();
		err = fold_one(m, n, some);
		samples_add(&s, bench_ns() - at);
		n += some;
	}
	uint64_t took = bench_ns() - start;
	model_close(m);
	if (err != SK_OK) {
		samples_free(&s);
		return bench_fail(dir, sk_strerror(err));
	}
	samples_print(&s, took, "");
	samples_free(&s);
	return EXIT_SUCCESS;
}
