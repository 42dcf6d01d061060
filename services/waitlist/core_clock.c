/* SPDX-License-Identifier: EUPL-1.2 */
/* Timers of an entry. A row whose time is not what the record says is stale and does nothing. */
#include "common/civil.h"
#include "services/waitlist/core_entry.h"

/* Older than its class's longest wait: one class up, so that nothing starves (DOMAIN 6). A rise
 * that was due while the daemon was down counts from when it was due. */
static void due_class(struct step *s, struct entry *e, uint64_t due_ms)
{
	wait_entry_rise(s, e, due_ms);
	wait_entry_store(s, e);
	wait_entry_tell(s, e);
}

/* Overdue: told to people, and again until somebody has looked. It gives no priority. */
static void due_review(struct step *s, struct entry *e, uint64_t due_ms)
{
	uint64_t next_ms = due_ms + WAIT_REVIEW_AGAIN_DAYS * CIVIL_DAY_MS;

	wait_entry_alarm(s, e, ALARM_OF(REVIEW_OVERDUE));
	e->rec->review_due_ms =
		next_ms > s->now_ms ? next_ms : s->now_ms + WAIT_REVIEW_AGAIN_DAYS * CIVIL_DAY_MS;
	e->changed = true;
	wait_entry_store(s, e);
}

static void due_bridging(struct step *s, struct entry *e)
{
	e->rec->bridging_party = NULL;
	e->rec->bridging_until_ms = 0;
	e->changed = true;
	wait_entry_store(s, e);
}

static void due_forget(struct step *s, struct entry *e)
{
	if (!wait_entry_forget(s, e)) {
		e->changed = true; /* the same row again, for the next Tick */
		wait_entry_store(s, e);
	}
}

/* L14: without help and without bridging, again and again until somebody bridges it. The days count
 * for the early warning. */
static void due_gap(struct step *s, struct entry *e)
{
	wait_entry_alarm(s, e, ALARM_OF(GAP));
	e->rec->gap_due_ms = s->now_ms + WAIT_ALARM_AGAIN_DAYS * CIVIL_DAY_MS;
	e->changed = true;
	wait_entry_store(s, e);
	wait_stuck_look(s, &e->request_id, e->rec->need->child);
}

int waitlist_on_due(struct step *s, uint8_t kind, const struct object_id *id, uint32_t extra,
		    uint64_t due_ms)
{
	struct entry e;

	(void)extra;
	if (kind == WAIT_DUE_CASE_TABLE) {
		wait_table_due(s, id, due_ms);
		return s->txn->err;
	}
	if (kind == WAIT_DUE_ORDER) {
		wait_order_due(s, due_ms);
		return s->txn->err;
	}
	SK_ASSERT(kind >= WAIT_DUE_CLASS && kind < WAIT_DUE_ENTRY_LEN);
	if (!wait_entry_load(s, id, &e) || e.was_due[kind] != due_ms) {
		return s->txn->err;
	}
	e.was_due[kind] = 0; /* the engine took the row */
	if (kind == WAIT_DUE_CLASS) {
		due_class(s, &e, due_ms);
	} else if (kind == WAIT_DUE_REVIEW) {
		due_review(s, &e, due_ms);
	} else if (kind == WAIT_DUE_BRIDGING) {
		due_bridging(s, &e);
	} else if (kind == WAIT_DUE_COUNTED) {
		e.rec->counted_due_ms = 0;
		e.changed = true;
		wait_entry_store(s, &e);
	} else if (kind == WAIT_DUE_GAP) {
		due_gap(s, &e);
	} else {
		due_forget(s, &e);
	}
	return s->txn->err;
}
