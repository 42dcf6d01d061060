/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include <sodium.h>

#include "common/engine_internal.h"
#include "common/mut.h"

#define OUTCOME(NAME) SCHAKEL__V1__OUTCOME__OUTCOME_##NAME

/* Rows of the table of timers, run as Ticks. */

/** Up to @p most of the first rows. */
static size_t list_due(struct engine *e, struct due_row *ret_rows, size_t most)
{
	struct store_iter it;
	struct slice val;
	size_t len = 0;

	store_iter_init(&it, &e->txn, TABLE_DUE, NULL);
	while (len < most && store_next(&it, &ret_rows[len].key, &val)) {
		struct due_row *row = &ret_rows[len++];
		struct slice rest = { row->key.b, row->key.len };
		SK_ASSERT(key_take_u64(&rest, &row->due_ms) && key_take_u8(&rest, &row->kind) &&
			  key_take_id(&rest, &row->id) && key_take_u32(&rest, &row->extra));
	}
	store_iter_done(&it);
	engine_check_fatal(e, e->txn.err, "due");
	return len;
}

static bool is_still_due(struct engine *e, const struct due_row *row)
{
	struct slice val;

	return store_get(&e->txn, TABLE_DUE, &row->key, &val);
}

/** One row in a child of its own: a row whose handler refuses is set aside, the others go on. */
static int run_due(struct engine *e, const struct due_row *row, bool poisoned, uint32_t *ordinal)
{
	struct outcome out = { .kind = OUTCOME(ACCEPTED) };
	struct party self = { .roles = ROLE_BIT(DAEMON) };
	size_t mark = e->fx.len;
	struct store_txn child;
	struct step s;

	name_copy(self.id, e->svc->name);
	int err = store_child_begin(&e->txn, &e->fx, &child);
	if (err != SK_OK) {
		return err;
	}
	engine_step_begin(e, &s, &child, &self);
	s.out = &out;
	s.next_ordinal = *ordinal;
	if (!MUT(27)) {
		step_del(&s, TABLE_DUE, &row->key);
	}
	s.emits_max = e->svc->due_emits_max;
	if (poisoned) {
		err = SK_EREFUSED;
	} else if (row->kind >= DUE_ENGINE_FIRST) {
		s.emits_max = INVENTORY_ROWS_MAX + 2;
		err = engine_own_due(&s, row->kind, &row->id);
	} else {
		err = e->svc->on_due(&s, row->kind, &row->id, row->extra, row->due_ms);
	}
	err = engine_settle(e, &child, err, &out);
	*ordinal = s.next_ordinal;
	if (err == SK_OK) {
		err = store_child_commit(&child, &e->txn);
		engine_check_fatal(e, err, "child");
		return SK_OK;
	}
	store_abort(&child);
	e->fx.len = mark;
	return err;
}

static int set_aside_due(struct engine *e, const struct due_row *row)
{
	struct input in = { .kind = RECORD_TICK, .bytes = { row->key.b, row->key.len } };
	struct store_txn child;
	struct step s;

	int err = store_child_begin(&e->txn, &e->fx, &child);
	if (err != SK_OK) {
		return err;
	}
	engine_step_begin(e, &s, &child, NULL);
	s.emits_max = 1;
	step_del(&s, TABLE_DUE, &row->key);
	engine_quarantine(&s, &in, SCHAKEL__V1__REFUSAL__REFUSAL_STATE, "due");
	err = child.err;
	if (err == SK_OK) {
		err = store_child_commit(&child, &e->txn);
	} else {
		store_abort(&child);
	}
	return err;
}

static bool may_run(const struct engine *e, const struct due_row *row)
{
	if (row->kind >= DUE_ENGINE_FIRST && row->due_ms == 0) {
		return true;
	}
	return row->due_ms <= e->now_ms && !e->isolated;
}

/** @return true when the row was set aside unstepped. */
static bool run_one_due(struct engine *e, const struct due_row *row, bool poisoned,
			uint32_t *ordinal)
{
	size_t mark = e->fx.len;
	uint8_t id[16];

	(void)crypto_generichash(id, sizeof(id), row->key.b, row->key.len, NULL, 0);
	poisoned = poisoned || engine_slot_poisoned(e, id);
	engine_slot_set(e, id);
	int err = run_due(e, row, poisoned, ordinal);
	engine_slot_clear(e);
	if (err != SK_OK) {
		engine_check_fatal(e, set_aside_due(e, row), "due");
	}
	struct slice fx = { e->fx.buf + mark, e->fx.len - mark };
	engine_check_fatal(e, engine_fold(e, fx), "fold");
	arena_reset(&e->arena);
	return poisoned;
}

/** Rows that these rows add wait for the next Tick, also when they are due already: a chain of them
 *  leaves room for other messages between its links. */
static uint32_t run_rows(struct engine *e, uint32_t most, bool *io_poisoned)
{
	bool replay_poisoned = e->replaying && *io_poisoned;
	size_t len = list_due(e, e->due_rows, DUE_ROWS_MAX);
	uint32_t rows = 0, ordinal = 0;

	*io_poisoned = false;
	for (size_t i = 0; i < len && rows < most && e->fx.len < EFFECTS_BYTES_MAX / 2; i++) {
		const struct due_row *row = &e->due_rows[i];
		if (!may_run(e, row)) {
			break;
		}
		if (!is_still_due(e, row)) {
			continue;
		}
		rows++;
		if (run_one_due(e, row, replay_poisoned && rows == most, &ordinal)) {
			*io_poisoned = true; /* the last of its Tick, so that a replay knows it */
			break;
		}
	}
	return rows;
}

/** Packs Tick{rows} and adds the record. */
static void add_tick(struct engine *e, uint32_t rows, bool poisoned)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Tick) t = PB_INIT(TICK);
	uint8_t buf[64];

	t.rows = rows;
	m.body_case = BODY(TICK);
	m.tick = &t;
	struct input in = { .kind = RECORD_TICK, .msg = &m };
	in.bytes = (struct slice){ buf, schakel__v1__message__pack(&m, buf) };
	engine_add_record(e, &in, poisoned ? OUTCOME(QUARANTINED) : OUTCOME(ACCEPTED));
}

uint32_t engine_tick(struct engine *e)
{
	bool poisoned = false;

	if (e->clock_alarm || e->now_ms < e->next_due_ms || !journal_has_room(&e->journal)) {
		return 0;
	}
	e->fx.len = 0;
	uint32_t rows = run_rows(e, DUE_ROWS_MAX, &poisoned);
	if (rows > 0) {
		add_tick(e, rows, poisoned);
	}
	e->next_due_ms = list_due(e, e->due_rows, 1) == 1 ? e->due_rows[0].due_ms : UINT64_MAX;
	if (rows == 0 && e->isolated && e->next_due_ms <= e->now_ms) {
		e->next_due_ms = e->now_ms + 1000; /* held until the peers were heard */
	}
	return rows;
}

int engine_tick_replay(struct engine *e, const struct record *r, uint32_t rows)
{
	bool poisoned = r->outcome == OUTCOME(QUARANTINED);

	e->fx.len = 0;
	uint32_t ran = run_rows(e, rows, &poisoned);
	add_tick(e, ran, r->outcome == OUTCOME(QUARANTINED));
	return ran == rows ? SK_OK : SK_ECORRUPT;
}
