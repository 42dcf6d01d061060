/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/engine_internal.h"
#include "common/mut.h"

/* The store is committed behind the journal, and how far behind adapts to what a commit costs. */

#define COMMIT_SLOW_MS 3
#define COMMIT_BOUND_MIN 32
#define COMMIT_SHARE 8 /* a commit takes at most the eighth part of the time since the last */

int engine_put_position(struct engine *e)
{
	PB(PositionRecord) p = PB_INIT(POSITION_RECORD);
	struct key k = { 0 };
	uint8_t buf[128];

	key_u8(&k, 0);
	p.sequence = e->sequence;
	p.batch = e->journal.last_batch;
	p.segment = e->journal.last.segment;
	p.offset = e->journal.last.offset;
	p.hash = (ProtobufCBinaryData){ BATCH_HASH_LEN, e->journal.last_hash };
	p.time_ms = e->now_ms;
	p.clock_alarm = e->clock_alarm;
	p.behind_ms = e->behind_ms;
	e->kept_alarm = e->clock_alarm;
	struct slice val = { buf, schakel__v1__position_record__pack(&p, buf) };
	store_put(&e->txn, TABLE_POSITION, &k, val);
	return e->txn.err;
}

/* Smaller commits make shorter pauses, and more of them: most of a commit is its two flushes, which
 * cost the same for few messages as for many. So the bound falls where a commit was slow, but not
 * while commits take a good part of the time: then more messages must share one. */
uint32_t engine_commit_bound(uint32_t bound, uint32_t most, uint64_t took_ms, uint64_t between_ms)
{
	uint64_t next = bound;

	if (took_ms * COMMIT_SHARE > between_ms) {
		next *= 2;
	} else if (took_ms > COMMIT_SLOW_MS && bound > COMMIT_BOUND_MIN) {
		next /= 2;
	} else if (took_ms <= COMMIT_SLOW_MS / 2) {
		next += next / 8;
	}
	return next < most ? (uint32_t)next : most;
}

static void adapt_bound(struct engine *e, uint64_t start_ms)
{
	uint64_t end_ms = e->port->boot_ms(e->port->ctx);

	e->commit_bound = engine_commit_bound(e->commit_bound, e->conf.commit_records,
					      end_ms - start_ms, start_ms - e->committed_boot_ms);
	e->committed_boot_ms = end_ms;
}

void engine_commit(struct engine *e)
{
	/* Committed never beyond durable: the store may not know what the journal can lose. */
	SK_ASSERT(e->durable == e->sequence || MUT(5));
	engine_check_fatal(e, engine_put_position(e), "position");
	engine_crash_point(e, "before-commit");
	uint64_t start = e->port->boot_ms(e->port->ctx);
	engine_check_fatal(e, store_commit(&e->txn), "commit");
	engine_crash_point(e, "after-commit");
	adapt_bound(e, start);
	e->committed = e->sequence;
	e->committed_segment = e->journal.last.segment;
	e->since_commit_records = 0;
	e->since_commit_bytes = 0;
	e->trimmed_rows = 0;
	e->stats.commits++;
	engine_check_fatal(e, store_begin(e->store, &e->txn), "begin");
}

bool engine_commit_is_due(const struct engine *e)
{
	uint64_t now = e->boot_ms;

	if (e->kept_alarm != e->clock_alarm) {
		return true; /* a restart must not forget it */
	}
	if (e->trimmed_rows >= e->commit_bound) {
		return true; /* no input, but its pages are held until then */
	}
	return e->since_commit_records > 0 &&
	       (e->since_commit_records >= e->commit_bound ||
		e->since_commit_bytes >= e->conf.commit_bytes ||
		now - e->first_uncommitted_boot_ms >= e->conf.commit_ms ||
		now - e->last_record_boot_ms >= e->conf.commit_idle_ms);
}
