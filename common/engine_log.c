/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>
#include <string.h>

#include "common/engine_internal.h"
#include "common/mut.h"

#define TRIM_AGE_EVERY_MS 1000
#define EVENT_ROLES                                                         \
	(ROLE_BIT(COORDINATOR) | ROLE_BIT(DASHBOARD) | ROLE_BIT(OPERATOR) | \
	 ROLE_BIT(CONTACT_POINT) | ROLE_BIT(DAEMON))

/* --- heads: sorted by name --- */

static size_t lower_bound(const struct engine *e, const char *log)
{
	size_t lo = 0, hi = e->heads_len;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (strcmp(e->heads[mid].log, log) < 0) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	return lo;
}

static struct log_head *find_head(const struct engine *e, const char *log)
{
	size_t at = lower_bound(e, log);

	return at < e->heads_len && strcmp(e->heads[at].log, log) == 0 ? &e->heads[at] : NULL;
}

struct log_head *engine_head(struct engine *e, const char *log)
{
	struct log_head *h = find_head(e, log);

	if (h != NULL) {
		return h;
	}
	if (e->heads_len == HEADS_MAX) {
		return NULL;
	}
	struct log_head *heads = realloc(e->heads, (e->heads_len + 1) * sizeof(*heads));
	if (heads == NULL) {
		return NULL;
	}
	e->heads = heads;
	size_t at = lower_bound(e, log);
	memmove(heads + at + 1, heads + at, (e->heads_len - at) * sizeof(*heads));
	heads[at] = (struct log_head){ .oldest = 1,
				       .incarnation = e->inc.number,
				       .old_owed = e->inc.number > 1 };
	name_copy(heads[at].log, log);
	e->heads_len++;
	return &heads[at];
}

bool engine_has_place(const struct engine *e, size_t more)
{
	return e->heads_len + more < HEADS_MAX;
}

bool engine_places_suffice(const struct engine *e, const PB(ConfigApplied) *c)
{
	size_t fresh = find_head(e, EVENTS_LOG) == NULL;

	for (size_t i = 0; i < c->n_parties; i++) {
		fresh += find_head(e, c->parties[i]->id) == NULL;
	}
	return e->heads_len + fresh <= HEADS_MAX;
}

uint64_t engine_log_backlog(const struct engine *e)
{
	uint64_t most = 0;

	for (size_t i = 0; i < e->links_len; i++) {
		const struct log_head *h = find_head(e, e->links[i].peer);
		/* What an older incarnation wrote is read by nobody and counts no more. */
		if (h != NULL && h->incarnation == e->inc.number) {
			uint64_t held = h->bytes - h->trimmed_bytes;
			most = held > most ? held : most;
		}
	}
	return most;
}

/* --- questions --- */

/* Says nothing of the log, not even whether it exists. */
static void queue_refusal(struct engine *e, uint64_t conn, const char *log)
{
	PB(Frame) f = PB_INIT(FRAME);
	PB(Link) l = PB_INIT(LINK);
	uint8_t buf[128];

	l.source = (char *)(uintptr_t)e->svc->name;
	l.destination = (char *)(uintptr_t)log;
	l.refused = true;
	f.link = (ProtobufCBinaryData){ schakel__v1__link__pack(&l, buf), buf };
	engine_queue_frame(e, conn, &f);
}

static PB(Link) link_to(const struct engine *e, const struct reader *r)
{
	PB(Link) l = PB_INIT(LINK);

	l.source = (char *)(uintptr_t)e->svc->name;
	l.destination = (char *)(uintptr_t)r->log;
	l.incarnation = e->inc.number;
	l.nonce = e->inc.nonce;
	return l;
}

/** To the connection, for the log and question of @p r. */
static void queue_mark(struct engine *e, const struct reader *r, const struct log_head *h)
{
	PB(Frame) f = PB_INIT(FRAME);
	PB(Link) l = link_to(e, r);
	uint8_t buf[128];

	f.link = (ProtobufCBinaryData){ schakel__v1__link__pack(&l, buf), buf };
	bool current = h != NULL && h->incarnation == e->inc.number;
	f.after = current ? h->sequence : 0;
	f.oldest = current ? h->oldest : 1;
	f.question = r->question;
	engine_queue_frame(e, r->conn, &f);
}

static void drop_reader(struct engine *e, size_t i)
{
	e->readers[i] = e->readers[--e->readers_len];
}

static bool is_daemon(const struct reader *r)
{
	return (r->from.roles & ROLE_BIT(DAEMON)) != 0;
}

/** Whoever takes all places with connections of its own does not cut the node's daemons apart. */
static void make_place(struct engine *e, const struct reader *r)
{
	size_t i = 0;

	while (i < e->readers_len && (!is_daemon(r) || is_daemon(&e->readers[i]))) {
		i++;
	}
	if (i < e->readers_len) {
		drop_reader(e, i);
	}
}

static void add_reader(struct engine *e, const struct reader *r)
{
	for (size_t i = 0; i < e->readers_len; i++) {
		if (e->readers[i].conn == r->conn && strcmp(e->readers[i].log, r->log) == 0) {
			e->readers[i] = *r;
			return;
		}
	}
	if (e->readers_len == READERS_MAX) {
		make_place(e, r);
	}
	if (e->readers_len < READERS_MAX) {
		e->readers[e->readers_len++] = *r;
	}
	/* Full: the reader hears nothing and asks again. */
}

static bool may_read(const struct party *from, const char *log)
{
	if (strcmp(log, from->id) == 0) {
		return true;
	}
	return strcmp(log, EVENTS_LOG) == 0 && (from->roles & EVENT_ROLES) != 0;
}

/** A daemon of this node has read an incarnation of ours that we do not know, and no lower one: it
 * was taken after the copy that we come from. Ours must be the highest, or nobody would hear us. */
static void meet_later_life(struct engine *e, const struct party *from, const PB(Link) *l)
{
	bool later = l->incarnation >= e->inc.number && l->incarnation > e->met_number;

	if ((from->roles & ROLE_BIT(DAEMON)) != 0 && later && !MUT(7)) {
		e->met_number = l->incarnation;
		engine_found_restored(e, from->id);
	}
}

/** What the reader took at its place is what stands there: else it read another life of this log,
 * and that we have written as much since then does not make them one. */
static bool sum_fits(struct engine *e, const PB(Frame) *f, const struct log_head *h)
{
	struct slice val;

	if (h == NULL || f->after_sum == 0) {
		return true;
	}
	if (f->after + 1 == h->oldest) {
		return h->sum == 0 || h->sum == f->after_sum;
	}
	struct key k = log_key(h->log, h->incarnation, f->after);
	bool stands = store_get(&e->txn, TABLE_LOG, &k, &val);
	engine_check_fatal(e, e->txn.err, "log");
	return !stands || engine_sum(val) == f->after_sum;
}

/** @return true when the question is about a place in the log as it is. */
static bool place_is_known(struct engine *e, const struct party *from, const PB(Link) *l,
			   const PB(Frame) *f, const struct log_head *h)
{
	uint64_t last = h == NULL || h->incarnation != e->inc.number ? 0 : h->sequence;

	if (l->incarnation != e->inc.number || l->nonce != e->inc.nonce) {
		meet_later_life(e, from, l);
		return false;
	}
	if (f->after <= last && sum_fits(e, f, h)) {
		return true;
	}
	/* A daemon of this node has read what we never wrote: we come from an old copy. What a
	 * client says about its own place proves nothing. */
	if ((from->roles & ROLE_BIT(DAEMON)) != 0 && !MUT(7)) {
		engine_found_restored(e, from->id);
	}
	return false;
}

void engine_question(struct engine *e, uint64_t conn, const struct party *from, const PB(Frame) *f)
{
	PB(Link) *l = NULL;

	if (wire_decode_link(&e->arena, f->link, &l) != SK_OK || !name_is_valid(l->destination)) {
		e->stats.frames_refused++;
		return;
	}
	if (!may_read(from, l->destination)) {
		e->stats.frames_refused++;
		queue_refusal(e, conn, l->destination);
		return;
	}
	struct log_head *h = find_head(e, l->destination);
	if (h != NULL && h->incarnation != e->inc.number) {
		h = NULL; /* nothing was written there since this incarnation began */
	}
	struct reader r = {
		.conn = conn, .from = *from, .sent = f->after, .question = f->question
	};
	name_copy(r.log, l->destination);
	if (!place_is_known(e, from, l, f, h) || (h != NULL && f->after + 1 < h->oldest)) {
		queue_mark(e, &r, h);
		return;
	}
	bool own = strcmp(l->destination, from->id) == 0;
	if (own && h != NULL && f->after > h->read_to) {
		h->read_to = f->after;
		h->trim_owed = true;
	}
	r.credit = f->credit < LOG_CREDIT_MAX ? f->credit : LOG_CREDIT_MAX;
	uint32_t wait = f->wait_ms < LOG_WAIT_MS_MAX ? f->wait_ms : LOG_WAIT_MS_MAX;
	r.until_boot_ms = e->boot_ms + wait;
	if (r.credit > 0) {
		add_reader(e, &r);
	}
}

/* --- serving: only what is durable --- */

static int send_entry(struct engine *e, const struct reader *r, uint64_t sequence, struct slice val)
{
	PB(Frame) f = PB_INIT(FRAME);
	PB(Link) l = link_to(e, r);
	uint8_t buf[128];

	l.sequence = sequence;
	f.link = (ProtobufCBinaryData){ schakel__v1__link__pack(&l, buf), buf };
	f.message = (ProtobufCBinaryData){ val.len, (uint8_t *)(uintptr_t)val.data };
	SK_ASSERT(schakel__v1__frame__get_packed_size(&f) <= FRAME_BYTES_MAX);
	struct slice frame = { e->pack, schakel__v1__frame__pack(&f, e->pack) };
	return e->port->reply(e->port->ctx, r->conn, frame);
}

/** @return false when the reader is done: no credit left, or its connection does not take more. */
static bool serve(struct engine *e, struct reader *r, struct log_head *h)
{
	struct key prefix = key_of_str(r->log), from, k;
	struct store_iter it;
	struct slice val;
	bool open = true;

	key_u32(&prefix, e->inc.number);
	from = log_key(r->log, e->inc.number, r->sent);
	store_iter_init(&it, &e->txn, TABLE_LOG, &prefix);
	store_iter_from(&it, &from, false);
	while (open && r->credit > 0 && store_next(&it, &k, &val)) {
		uint64_t sequence = be64_read(k.b + k.len - 8);
		if (send_entry(e, r, sequence, val) != SK_OK) {
			open = false;
			break;
		}
		r->sent = sequence;
		r->credit -= MUT(16) ? 0 : 1;
		if (MUT(6)) {
			h->read_to = sequence;
			h->trim_owed = true;
		}
	}
	store_iter_done(&it);
	engine_check_fatal(e, e->txn.err, "log");
	return open && r->credit > 0;
}

void engine_serve_logs(struct engine *e)
{
	e->next_reader_boot_ms = UINT64_MAX;
	for (size_t i = 0; i < e->readers_len;) {
		struct reader *r = &e->readers[i];
		struct log_head *h = find_head(e, r->log);
		bool behind = h != NULL && h->incarnation == e->inc.number && h->sequence > r->sent;
		if (behind && !serve(e, r, h)) {
			drop_reader(e, i);
		} else if (r->until_boot_ms <= e->boot_ms) {
			queue_mark(e, r, h);
			drop_reader(e, i);
		} else {
			if (r->until_boot_ms < e->next_reader_boot_ms) {
				e->next_reader_boot_ms = r->until_boot_ms;
			}
			i++;
		}
	}
	engine_send_answers(e);
}

void engine_conn_closed(struct engine *e, uint64_t conn)
{
	for (size_t i = 0; i < e->readers_len;) {
		if (e->readers[i].conn == conn) {
			drop_reader(e, i);
		} else {
			i++;
		}
	}
}

/* --- trimming: the shell's own rows, no input and no effect --- */

static bool old_enough(const struct engine *e, struct slice val)
{
	PB(Message) *m = schakel__v1__message__unpack(NULL, val.len, val.data);
	uint64_t keep_ms = config_setting(e->config, SETTING_EVENTS_DAYS) * 86400000ULL;

	if (m == NULL) {
		return false;
	}
	bool old = m->time_ms + keep_ms < e->now_ms;
	schakel__v1__message__free_unpacked(m, NULL);
	return old;
}

static void put_trim(struct engine *e, const struct log_head *h)
{
	PB(LogTrimRecord) r = PB_INIT(LOG_TRIM_RECORD);
	struct key k = key_of_str(h->log);
	uint8_t buf[64];

	r.oldest = h->oldest;
	r.read_to = h->read_to;
	r.sum = h->sum;
	r.bytes = h->trimmed_bytes;
	r.incarnation = h->incarnation;
	struct slice val = { buf, schakel__v1__log_trim_record__pack(&r, buf) };
	store_put(&e->txn, TABLE_LOG_TRIM, &k, val);
}

/** Deletes up to TRIM_ROWS_MAX entries that were read (I5), or, @p by_age, have grown too old. */
static void trim(struct engine *e, struct log_head *h, bool by_age)
{
	struct key prefix = key_of_str(h->log), from, k;
	struct store_iter it;
	struct slice val;
	int rows = 0;
	bool more = true;

	key_u32(&prefix, h->incarnation);
	from = log_key(h->log, h->incarnation, h->oldest);
	store_iter_init(&it, &e->txn, TABLE_LOG, &prefix);
	store_iter_from(&it, &from, true);
	while (rows < TRIM_ROWS_MAX && (more = store_next(&it, &k, &val))) {
		uint64_t sequence = be64_read(k.b + k.len - 8);
		if (sequence > h->read_to && !(by_age && old_enough(e, val))) {
			more = false;
			break;
		}
		h->trimmed_bytes += val.len;
		h->oldest = sequence + 1;
		h->sum = engine_sum(val);
		store_del(&e->txn, TABLE_LOG, &k);
		rows++;
	}
	store_iter_done(&it);
	h->trim_owed = more && rows == TRIM_ROWS_MAX;
	e->trimmed_rows += (uint32_t)rows;
	if (h->trim_owed && by_age) {
		e->next_age_boot_ms = e->boot_ms; /* more of that age */
	}
	if (rows > 0) {
		put_trim(e, h);
		engine_check_fatal(e, e->txn.err, "trim");
	}
}

/** Nobody reads what an older incarnation of ours wrote: what a peer missed of it comes in the
 *  inventory. */
static void trim_older(struct engine *e, struct log_head *h)
{
	struct key prefix = key_of_str(h->log), k;
	size_t name_len = prefix.len;
	struct store_iter it;
	struct slice val;
	uint32_t rows = 0;

	h->old_owed = false;
	store_iter_init(&it, &e->txn, TABLE_LOG, &prefix);
	while (store_next(&it, &k, &val) && be32_read(k.b + name_len) < e->inc.number) {
		if (rows == TRIM_ROWS_MAX) {
			h->old_owed = true;
			break;
		}
		store_del(&e->txn, TABLE_LOG, &k);
		rows++;
	}
	store_iter_done(&it);
	engine_check_fatal(e, e->txn.err, "trim");
	e->trimmed_rows += rows;
}

static bool is_daemon_log(const struct engine *e, const char *log)
{
	for (size_t i = 0; i < e->links_len; i++) {
		if (strcmp(e->links[i].peer, log) == 0) {
			return true;
		}
	}
	return false;
}

void engine_trim_logs(struct engine *e)
{
	bool by_age = e->boot_ms >= e->next_age_boot_ms;

	e->trims_owed = false;
	if (by_age) {
		e->next_age_boot_ms = e->boot_ms + TRIM_AGE_EVERY_MS;
	}
	for (size_t i = 0; i < e->heads_len; i++) {
		struct log_head *h = &e->heads[i];
		/* What a daemon has not read is kept however old it is. */
		bool age = by_age && !is_daemon_log(e, h->log) && h->oldest <= h->sequence;
		if (h->trim_owed || age) {
			trim(e, h, age);
		}
		if (h->old_owed) {
			trim_older(e, h);
		}
		e->trims_owed = e->trims_owed || h->trim_owed || h->old_owed;
	}
}
