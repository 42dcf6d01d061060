/* SPDX-License-Identifier: EUPL-1.2 */
/* Old copies: the files of a toy daemon, put back in the place of what it wrote since. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/engine_toy.h"

#define COPY_STORE_BYTES (8U << 20)
#define COPY_SEGMENTS 16

struct toy_copy {
	size_t store_len;
	uint8_t store[COPY_STORE_BYTES];
	uint64_t first_segment;
	uint64_t last_segment;
	uint8_t segment[COPY_SEGMENTS][RIG_SEGMENT_BYTES];
};

static FILE *store_file(const struct rig *r, const char *mode)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/data.mdb", r->dir);
	FILE *f = fopen(path, mode);
	assert_non_null(f);
	return f;
}

static void open_again(struct rig *r)
{
	struct store_conf sc = { .dir = r->dir, .map_bytes = RIG_MAP_BYTES, .no_sync = true };

	rig_must(store_open(&r->store, &sc), "store_open");
	rig_must(engine_open(&r->engine, &r->store, r->svc, &r->port, &r->conf), "engine_open");
}

struct toy_copy *toy_copy(struct rig *r)
{
	struct toy_copy *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	rig_must(engine_close(r->engine), "engine_close");
	store_close(&r->store);
	FILE *f = store_file(r, "rb");
	c->store_len = fread(c->store, 1, sizeof(c->store), f);
	assert_in_range(c->store_len, 1, sizeof(c->store) - 1);
	(void)fclose(f);
	c->first_segment = r->first_segment;
	c->last_segment = r->last_segment;
	assert_true(r->last_segment <= COPY_SEGMENTS);
	for (uint64_t i = 0; i < r->last_segment; i++) {
		memcpy(c->segment[i], r->segment[i], RIG_SEGMENT_BYTES);
	}
	open_again(r);
	return c;
}

void toy_put_back(struct rig *r, const struct toy_copy *c)
{
	engine_abandon(r->engine);
	store_close(&r->store);
	FILE *f = store_file(r, "wb");
	assert_int_equal(fwrite(c->store, 1, c->store_len, f), c->store_len);
	(void)fclose(f);
	for (uint64_t i = 0; i < r->last_segment; i++) {
		free(r->segment[i]);
		r->segment[i] = NULL;
	}
	r->first_segment = c->first_segment;
	r->last_segment = c->last_segment;
	for (uint64_t i = 0; i < c->last_segment; i++) {
		r->segment[i] = malloc(RIG_SEGMENT_BYTES);
		assert_non_null(r->segment[i]);
		memcpy(r->segment[i], c->segment[i], RIG_SEGMENT_BYTES);
	}
	open_again(r);
}
