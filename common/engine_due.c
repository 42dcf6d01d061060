/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include <sodium.h>

#include "common/engine_internal.h"
#include "common/mut.h"

#define OUTCOME(NAME) SCHAKEL__V1__OUTCOME__OUTCOME_##NAME

/* Rows of the table of timers, run as Ticks. */

static bool is_own(const struct due_row *row)
{
	return row->due_ms == 0 && row->kind >= DUE_ENGINE_FIRST;
}

static void take_apart(struct due_row *row)
{
	struct slice rest = { row->key.b, row->key.len };

	SK_ASSERT(key_take_u64(&rest, &row->due_ms) && key_take_u8(&rest, &row->kind) &&
		  key_take_id(&rest, &row->id) && key_take_u32(&rest, &row->extra));
}

/** Rows from @p from on: the engine's own that are due at any time, or all others. */
static size_t list_rows(struct engine *e, const struct key *from, struct due_row *ret_rows,
			size_t most)
{
	struct due_row *row = ret_rows;
	struct store_iter it;
	struct slice val;

	store_iter_init(&it, &e->txn, TABLE_DUE, NULL);
	if (from != NULL) {
		store_iter_from(&it, from, true);
	}
	while (row < ret_rows + most && store_next(&it, &row->key, &val)) {
		take_apart(row);
		if (from != NULL && !is_own(row)) {
			break;
		}
		row += is_own(row) == (from != NULL);
	}
	store_iter_done(&it);
	engine_check_fatal(e, e->txn.err, "due");
	return (size_t)(row - ret_rows);
}

/** Up to @p most of the first rows; the engine's own come before all others, which isolation and an
 *  alarm of the clock may hold. */
static size_t list_due(struct engine *e, struct due_row *ret_rows, size_t most)
{
	struct key own = due_key(0, DUE_ENGINE_FIRST, NULL, 0);
	size_t len = list_rows(e, &own, ret_rows, most);

	return len + list_rows(e, NULL, ret_rows + len, most - len);
}

static bool is_still_due(struct engine *e, const struct due_row *row)
{
	struct slice val;

	return store_get(&e->txn, TABLE_DUE, &row->key, &val);
}

/** One row in a child of its own: a row whose handler refuses is set aside, the others go on. */
static int run_due(struct engine *e, const struct due_row *row, bool poisoned, uint32_t *io_ordinal)
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
	s.next_ordinal = *io_ordinal;
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
	engine_step_end(&s);
	err = engine_settle(e, &child, err, &out);
	if (err == SK_OK) {
		*io_ordinal = s.next_ordinal; /* ids of a row that is undone are free again */
		err = store_child_commit(&child);
		engine_check_fatal(e, err, "child");
		return SK_OK;
	}
	engine_undo(e, &child);
	e->fx.len = mark;
	return err;
}

static int set_aside_due(struct engine *e, const struct due_row *row, bool poisoned,
			 uint32_t *io_ordinal)
{
	struct input in = { .kind = RECORD_TICK,
			    .bytes = { row->key.b, row->key.len },
			    .poisoned = poisoned };
	struct store_txn child;
	struct step s;

	int err = store_child_begin(&e->txn, &e->fx, &child);
	if (err != SK_OK) {
		return err;
	}
	engine_step_begin(e, &s, &child, NULL);
	s.next_ordinal = *io_ordinal;
	s.emits_max = 1;
	step_del(&s, TABLE_DUE, &row->key);
	engine_quarantine(&s, &in, SCHAKEL__V1__REFUSAL__REFUSAL_STATE, "due");
	engine_step_end(&s);
	*io_ordinal = s.next_ordinal;
	err = child.err;
	if (err == SK_OK) {
		err = store_child_commit(&child);
	} else {
		engine_undo(e, &child);
	}
	return err;
}

static bool may_run(const struct engine *e, const struct due_row *row)
{
	return is_own(row) || (row->due_ms <= e->now_ms && !e->isolated && !e->clock_alarm);
}

/** @return SK_EAGAIN: there was not room enough behind the rows before it; nothing happened. */
static int run_one_due(struct engine *e, const struct due_row *row, bool *io_poisoned,
		       uint32_t *io_ordinal)
{
	size_t mark = e->fx.len;
	uint8_t id[16];

	(void)crypto_generichash(id, sizeof(id), row->key.b, row->key.len, NULL, 0);
	*io_poisoned = *io_poisoned || engine_slot_poisoned(e, id);
	engine_slot_set(e, id);
	engine_arena_begin(e);
	int err = run_due(e, row, *io_poisoned, io_ordinal);
	if (err != SK_OK) {
		arena_reset(&e->arena);
	}
	if (err != SK_OK && (err != SK_ENOMEM || mark == 0)) {
		err = SK_OK;
		engine_check_fatal(e, set_aside_due(e, row, *io_poisoned, io_ordinal), "due");
	}
	if (err == SK_OK) {
		struct slice fx = { e->fx.buf + mark, e->fx.len - mark };
		engine_check_fatal(e, engine_fold(e, fx), "fold");
	}
	engine_slot_clear(e);
	arena_reset(&e->arena);
	return err == SK_OK ? SK_OK : SK_EAGAIN;
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
		bool poisoned = replay_poisoned && rows + 1 == most;
		if (run_one_due(e, row, &poisoned, &ordinal) != SK_OK) {
			break; /* the first of the next Tick */
		}
		rows++;
		if (poisoned) {
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

/** What the next turn needs to know: a lower bound of the first row that time brings. */
static void look_ahead(struct engine *e, uint32_t rows)
{
	bool any = list_due(e, e->due_rows, 1) == 1;

	e->own_due = any && is_own(&e->due_rows[0]);
	e->next_due_ms = any ? e->due_rows[0].due_ms : UINT64_MAX;
	if (rows == 0 && e->isolated && e->next_due_ms <= e->now_ms) {
		e->next_due_ms = e->now_ms + 1000; /* held until the peers were heard */
	}
}

uint32_t engine_tick(struct engine *e)
{
	bool poisoned = false;
	bool none = e->clock_alarm || e->now_ms < e->next_due_ms;

	if ((none && !e->own_due) || !journal_has_room(&e->journal)) {
		return 0;
	}
	e->fx.len = 0;
	uint32_t rows = run_rows(e, DUE_ROWS_MAX, &poisoned);
	if (rows > 0) {
		add_tick(e, rows, poisoned);
	}
	look_ahead(e, rows);
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
