/* SPDX-License-Identifier: EUPL-1.2 */
/* What the service wrote: its logs and its tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/core_rig_inner.h"

static struct rig_log *log_of(struct rig *r, const char *to)
{
	for (size_t i = 0; i < RIG_LOGS_MAX; i++) {
		struct rig_log *log = &r->log[i];

		if (log->name[0] == '\0') {
			(void)snprintf(log->name, sizeof(log->name), "%s", to);
		}
		if (strcmp(log->name, to) == 0) {
			return log;
		}
	}
	fail_msg("too many logs");
	return NULL;
}

static PB(Message) *entry_at(struct rig *r, const char *to, uint64_t sequence)
{
	struct key k = log_key(to, engine_incarnation(r->engine).number, sequence);
	struct slice val;

	if (!store_get(rig_txn(r), TABLE_LOG, &k, &val)) {
		return NULL;
	}
	PB(Message) *m = schakel__v1__message__unpack(NULL, val.len, val.data);
	rig_keep(r, m);
	return m;
}

PB(Message) *rig_next(struct rig *r, const char *to)
{
	struct rig_log *log = log_of(r, to);
	PB(Message) *m = entry_at(r, to, log->read + 1);

	log->read += m != NULL;
	return m;
}

PB(Message) *rig_next_of(struct rig *r, const char *to, PB(Message__BodyCase) body)
{
	PB(Message) *m;

	while ((m = rig_next(r, to)) != NULL && m->body_case != body) {
	}
	return m;
}

void rig_skip(struct rig *r)
{
	struct store_iter it;
	struct key prefix = { 0 };
	struct key k;
	struct slice val;

	store_iter_init(&it, rig_txn(r), TABLE_LOG_HEAD, &prefix);
	while (store_next(&it, &k, &val)) {
		PB(LogHeadRecord) *head =
			schakel__v1__log_head_record__unpack(NULL, val.len, val.data);
		struct rig_log *log = log_of(r, (const char *)k.b);

		assert_non_null(head);
		/* The log begins anew with an incarnation. */
		bool current = head->incarnation == engine_incarnation(r->engine).number;
		log->read = current ? head->sequence : 0;
		log->skipped = log->read;
		schakel__v1__log_head_record__free_unpacked(head, NULL);
	}
	store_iter_done(&it);
}

size_t rig_count(struct rig *r, const char *to, PB(Message__BodyCase) body)
{
	PB(Message) *m;
	size_t count = 0;

	for (uint64_t at = log_of(r, to)->skipped + 1; (m = entry_at(r, to, at)) != NULL; at++) {
		count += m->body_case == body;
	}
	return count;
}

/* --- inside --- */

struct store_txn *rig_txn(struct rig *r)
{
	return engine_peek(r->engine);
}

size_t rig_rows(struct rig *r, uint8_t table)
{
	struct store_iter it;
	struct key prefix = { 0 };
	struct key k;
	struct slice val;
	size_t rows = 0;

	store_iter_init(&it, rig_txn(r), table, &prefix);
	while (store_next(&it, &k, &val)) {
		rows++;
	}
	store_iter_done(&it);
	return rows;
}

size_t rig_due(struct rig *r, uint8_t kind)
{
	struct store_iter it;
	struct key prefix = { 0 };
	struct key k;
	struct slice val;
	size_t rows = 0;

	store_iter_init(&it, rig_txn(r), TABLE_DUE, &prefix);
	while (store_next(&it, &k, &val)) {
		rows += k.b[8] == kind;
	}
	store_iter_done(&it);
	return rows;
}

int rig_try(struct rig *r, int (*fn)(struct step *s, void *ctx), void *ctx)
{
	struct effects fx = { 0 };
	struct outcome out = { .kind = SCHAKEL__V1__OUTCOME__OUTCOME_ACCEPTED };
	struct store_txn child;
	struct step s;

	rig_must(store_child_begin(rig_txn(r), &fx, &child), "store_child_begin");
	engine_step_begin(r->engine, &s, &child, NULL);
	s.out = &out;
	s.emits_max = UINT16_MAX;
	int err = fn(&s, ctx);
	err = child.err != SK_OK ? child.err : err;
	store_abort(&child);
	arena_reset(s.arena);
	effects_free(&fx);
	return err;
}

struct object_id rig_id(uint32_t number)
{
	struct object_id id = { { 0 } };

	id.b[0] = 1;
	be32_write(id.b + 8, number);
	return id;
}
