/* SPDX-License-Identifier: EUPL-1.2 */
/* The outbox's thread: takes what is due, sends it, writes down what came of it. */
#include "services/gateway/out_private.h"

#include <string.h>

#include <sodium.h>

#include "common/logging.h"

#define RETRY_FIRST_MS 60000ULL
#define RETRY_MAX_MS (6ULL * 3600 * 1000)
#define GIVE_UP_MS (3ULL * 86400 * 1000)
#define TICK_MS 500
#define PRUNE_MS 3600000
#define PRUNE_ROWS_MAX 1000
#define STORE_WAIT_MS 60000 /* after a disk that took nothing */

static const char *const kind_word[OUT_KINDS] = { "", "mail", "text", "hook", "handshake" };
static const char *const outcome_word[] = {
	[OUT_DONE] = "done", [OUT_AGAIN] = "again", [OUT_NEVER] = "refused", [OUT_GONE] = "gone"
};

static bool is_hook(const struct out_slot *s)
{
	return s->row.kind == OUT_HOOK || s->row.kind == OUT_HANDSHAKE;
}

static uint64_t or_default(uint64_t value, uint64_t def)
{
	return value == 0 ? def : value;
}

/* A minute, doubling up to six hours, a fifth more or less, and not before what was asked for. */
static uint64_t back_off_ms(const struct outbox *o, uint32_t attempts, uint64_t asked_ms)
{
	uint64_t max = or_default(o->conf.retry_max_ms, RETRY_MAX_MS);
	uint64_t wait = or_default(o->conf.retry_first_ms, RETRY_FIRST_MS);
	for (uint32_t i = 1; i < attempts && wait < max; i++) {
		wait *= 2;
	}
	wait = wait < max ? wait : max;
	wait = wait - wait / 5 + randombytes_uniform((uint32_t)(2 * (wait / 5) + 1));
	return wait > asked_ms ? wait : asked_ms;
}

/* --- beginning --- */

static struct out_slot *free_slot(struct outbox *o)
{
	for (size_t i = 0; i < OUT_AT_ONCE; i++) {
		if (o->slots[i].entry == NULL) {
			return &o->slots[i];
		}
	}
	return NULL;
}

/* @return false: nothing is due, no slot is free, or the store does not read. */
static bool take_one(struct outbox *o, struct out_slot *s, uint64_t now_ms, uint64_t *io_again_ms)
{
	struct out_batch b;
	if (s == NULL || out_begin(o, &b) != SK_OK) {
		return false;
	}
	struct out_entry *e = out_index_due(o, now_ms, io_again_ms);
	bool found = e != NULL && out_row_get(&b.txn, e->seq, &s->row);
	if (found) {
		e->busy = true;
		e->target->busy = true;
		s->entry = e;
	} else if (e != NULL) {
		svc_log(LOG_ERR, "out-read", "id=%llu err=%s", (unsigned long long)e->seq,
			sk_strerror(b.txn.err == SK_OK ? SK_ENOENT : b.txn.err));
		e->next_ms = now_ms + STORE_WAIT_MS;
	}
	out_abort(&b);
	return found;
}

static uint64_t begin_due(struct outbox *o, uint64_t now_ms)
{
	uint64_t again_ms = now_ms + TICK_MS;
	struct out_slot *s = free_slot(o);
	while (s != NULL && take_one(o, s, now_ms, &again_ms)) {
		if (!out_send(s)) {
			s->ended = true;
			again_ms = now_ms;
		}
		s = free_slot(o);
	}
	return again_ms;
}

/* --- ending --- */

static void collect(struct outbox *o)
{
	int left = 0;
	CURLMsg *m = NULL;
	while ((m = curl_multi_info_read(o->multi, &left)) != NULL) {
		struct out_slot *s = NULL;
		if (m->msg == CURLMSG_DONE) {
			CURLcode code = m->data.result;
			(void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&s);
			out_judge(s, code);
			s->gap_ms = is_hook(s) ? o->ops.gap_ms(o->ops.arg, s->row.to) : 0;
		}
	}
}

/* True when this was its last attempt. */
static bool is_over(const struct outbox *o, const struct out_slot *s, uint64_t now_ms)
{
	uint64_t limit = or_default(o->conf.give_up_ms, GIVE_UP_MS);
	return s->outcome != OUT_AGAIN || s->entry->dropped || now_ms >= s->row.created_ms + limit;
}

static void write_down(struct outbox *o, struct store_txn *txn, struct out_slot *s, uint64_t now_ms)
{
	struct key k = out_row_key(s->row.seq);
	s->row.attempts++;
	if (is_over(o, s, now_ms)) {
		store_del(txn, OUT_TABLE_ITEM, &k);
	} else {
		s->row.next_ms = now_ms + back_off_ms(o, s->row.attempts, s->wait_ms);
		out_row_put(txn, &s->row);
	}
}

static void count(struct outbox *o, const struct out_slot *s, bool over)
{
	enum out_kind kind = s->row.kind;
	o->counts.sent[kind] += s->outcome == OUT_DONE;
	o->counts.failed[kind] += s->outcome != OUT_DONE;
	o->counts.given_up[kind] += over && s->outcome != OUT_DONE;
}

/* The index follows the row, under the lock. @return true when nothing of it waits any more. */
static bool settle(struct outbox *o, struct out_slot *s, bool written, uint64_t now_ms)
{
	struct out_entry *e = s->entry;
	bool over = written && is_over(o, s, now_ms);
	e->target->not_before_ms = now_ms + s->gap_ms;
	if (written) {
		count(o, s, over);
	}
	if (over) {
		out_index_del(o, e);
		return true;
	}
	e->busy = false;
	e->target->busy = false;
	e->attempts = s->row.attempts;
	e->next_ms = written ? s->row.next_ms : now_ms + STORE_WAIT_MS;
	return false;
}

static void log_one(const struct out_slot *s, bool over)
{
	bool bad = over && s->outcome != OUT_DONE;
	svc_log(bad ? LOG_WARNING : LOG_INFO, "out",
		"id=%llu kind=%s outcome=%s attempt=%u status=%ld", (unsigned long long)s->row.seq,
		kind_word[s->row.kind],
		bad && s->outcome == OUT_AGAIN ? "given-up" : outcome_word[s->outcome],
		s->row.attempts, s->reply.status);
}

static void tell(struct outbox *o, const struct out_slot *s, bool over)
{
	log_one(s, over);
	if (is_hook(s) && over && s->outcome == OUT_GONE) {
		out_drop(o, s->row.to);
	} else if (is_hook(s) && over && s->outcome == OUT_AGAIN) {
		o->ops.given_up(o->ops.arg, s->row.to);
	}
}

/* Everything that ended, in one transaction; then those who must know, without the lock. */
static bool finish(struct outbox *o, uint64_t now_ms)
{
	struct out_batch b;
	bool over[OUT_AT_ONCE] = { false };
	bool any = false;
	for (size_t i = 0; i < OUT_AT_ONCE; i++) {
		any = any || (o->slots[i].entry != NULL && o->slots[i].ended);
	}
	if (!any || out_begin(o, &b) != SK_OK) {
		return false;
	}
	for (size_t i = 0; i < OUT_AT_ONCE; i++) {
		if (o->slots[i].entry != NULL && o->slots[i].ended) {
			write_down(o, &b.txn, &o->slots[i], now_ms);
		}
	}
	int err = store_commit(&b.txn);
	for (size_t i = 0; i < OUT_AT_ONCE; i++) {
		if (o->slots[i].entry != NULL && o->slots[i].ended) {
			over[i] = settle(o, &o->slots[i], err == SK_OK, now_ms);
		}
	}
	(void)pthread_mutex_unlock(&o->lock);
	if (err != SK_OK) {
		svc_log(LOG_ERR, "out-write", "err=%s", sk_strerror(err));
	}
	for (size_t i = 0; i < OUT_AT_ONCE; i++) {
		if (o->slots[i].entry != NULL && o->slots[i].ended) {
			tell(o, &o->slots[i], over[i]);
			out_slot_done(&o->slots[i]);
		}
	}
	return true;
}

/* --- the loop --- */

static void prune_keys(struct outbox *o, uint64_t now_ms)
{
	struct out_batch b;
	struct store_iter it;
	struct key none = { 0 };
	struct key k;
	struct slice val;
	size_t rows = 0;
	if (out_begin(o, &b) != SK_OK) {
		return;
	}
	store_iter_init(&it, &b.txn, OUT_TABLE_KEY, &none);
	while (rows < PRUNE_ROWS_MAX && store_next(&it, &k, &val)) {
		if (val.len == 16 && be64_read((const uint8_t *)val.data + 8) < now_ms) {
			store_del(&b.txn, OUT_TABLE_KEY, &k);
			rows++;
		}
	}
	store_iter_done(&it);
	if (rows == 0) {
		out_abort(&b);
	} else if (out_commit(&b) != SK_OK) {
		svc_log(LOG_ERR, "out-write", "what=prune");
	}
}

static void tick(struct outbox *o, uint64_t now_ms)
{
	/* A clock that was set back does not stop it. */
	if (now_ms < o->tick_ms || now_ms >= o->tick_ms + TICK_MS) {
		o->tick_ms = now_ms;
		for (size_t i = 0; i < o->ticks_len; i++) {
			o->ticks[i].fn(o->ticks[i].arg, now_ms);
		}
	}
	if (now_ms < o->prune_ms || now_ms >= o->prune_ms + PRUNE_MS) {
		o->prune_ms = now_ms;
		prune_keys(o, now_ms);
	}
}

void *out_run(void *arg)
{
	struct outbox *o = arg;
	while (!atomic_load(&o->stop)) {
		uint64_t now_ms = out_now_ms();
		int running = 0;
		tick(o, now_ms);
		uint64_t again_ms = begin_due(o, now_ms);
		(void)curl_multi_perform(o->multi, &running);
		collect(o);
		now_ms = out_now_ms();
		if (!finish(o, now_ms)) {
			uint64_t wait = again_ms > now_ms ? again_ms - now_ms : 0;
			wait = wait < TICK_MS ? wait : TICK_MS;
			(void)curl_multi_poll(o->multi, NULL, 0, (int)wait, NULL);
		}
	}
	for (size_t i = 0; i < OUT_AT_ONCE; i++) {
		out_slot_done(&o->slots[i]);
	}
	return NULL;
}
