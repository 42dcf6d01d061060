/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>
#include <string.h>

#include "common/engine_internal.h"
#include "common/mut.h"

#define PAGE_MAX 64
#define QUARANTINE_PAGE_MAX 1 /* a row holds a whole message */
#define STATUS_ROLES (~0U)
#define ANSWERS_KEPT_BYTES (1U << 20) /* sent before the next is made */

static void fill_link(PB(LinkStatus) *k, struct engine *e, const struct link_in *l)
{
	const struct log_head *h = engine_head(e, l->peer);
	bool current = h != NULL && h->incarnation == e->inc.number;

	schakel__v1__link_status__init(k);
	k->peer = (char *)(uintptr_t)l->peer;
	k->read_to = l->sequence;
	k->written_to = current ? h->sequence : 0;
	k->peer_read_to = current ? h->read_to : 0;
	k->paused = l->paused;
	k->held = l->held;
	k->connected = l->heard_boot_ms + 3 * LINK_WAIT_MS >= e->boot_ms && l->heard_boot_ms > 0;
	k->last_heard_ms = e->boot_ms - l->heard_boot_ms;
}

/** As many links as the arena holds; an operator must see the rest of the status even then. */
static PB(LinkStatus) **status_links(struct step *s, size_t *ret_len)
{
	struct engine *e = s->engine;
	PB(LinkStatus) **all = step_alloc(s, e->links_len * sizeof(*all) + 1);

	for (size_t i = 0; all != NULL && i < e->links_len; i++) {
		all[i] = step_alloc(s, sizeof(*all[i]));
		if (all[i] == NULL) {
			break;
		}
		fill_link(all[i], e, &e->links[i]);
		*ret_len = i + 1;
	}
	return all;
}

static int query_status(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	struct engine *e = s->engine;
	PB(StatusView) *v = step_alloc(s, sizeof(*v));
	struct store_usage use;
	uint64_t free_bytes = 0;

	(void)in;
	if (v == NULL) {
		return SK_ENOMEM;
	}
	schakel__v1__status_view__init(v);
	store_usage(e->store, &use);
	engine_check_fatal(e, store_free_bytes(e->store, &free_bytes), "free pages");
	v->daemon = (char *)(uintptr_t)e->svc->name;
	v->node = e->config == NULL ? v->node : config_message(e->config)->node;
	v->demo = e->demo;
	v->time_ms = e->now_ms;
	v->wall_ms = e->port->wall_ms(e->port->ctx);
	v->sequence = e->sequence;
	v->committed = e->committed;
	v->incarnation = e->inc.number;
	v->reconciling = e->isolated;
	v->clock_alarm = e->clock_alarm;
	v->draining = e->draining;
	v->quarantined = e->quarantined;
	v->map_used_bytes = use.file_bytes - free_bytes;
	v->map_size_bytes = use.map_bytes;
	v->disk_free_bytes = e->port->disk_free(e->port->ctx);
	v->journal_bytes =
		(e->journal.end.segment - e->journal.first_segment + 1) * e->conf.segment_bytes;
	v->flush_p50_us = e->port->flush_us_p50 == NULL ? 0 : e->port->flush_us_p50(e->port->ctx);
	v->commits = e->stats.commits;
	v->batches = e->stats.batches;
	v->refused_frames = e->stats.frames_refused;
	v->readers = e->readers_len;
	v->uptime_ms = e->boot_ms - e->start_boot_ms;
	v->core_version = e->svc->core_version;
	v->store_id = (ProtobufCBinaryData){ sizeof(e->store_id), e->store_id };
	v->links = status_links(s, &v->n_links);
	out->body_case = BODY(STATUS_VIEW);
	out->status_view = v;
	return SK_OK;
}

static int query_quarantine(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	const PB(QueryQuarantine) *q = in->query_quarantine;
	PB(QuarantineView) *v = step_alloc(s, sizeof(*v));
	struct store_iter it;
	struct key k = { 0 };
	struct slice val;

	if (v == NULL) {
		return SK_ENOMEM;
	}
	schakel__v1__quarantine_view__init(v);
	v->rows = step_alloc(s, QUARANTINE_PAGE_MAX * sizeof(*v->rows));
	store_iter_init(&it, s->txn, TABLE_QUARANTINE, NULL);
	if (q->after.len == 8) {
		key_bytes(&k, q->after.data, q->after.len);
		store_iter_from(&it, &k, false);
	}
	while (v->rows != NULL && v->n_rows < QUARANTINE_PAGE_MAX && store_next(&it, &k, &val)) {
		PB(QuarantineRecord) *r =
			step_unpack(s, val, &schakel__v1__quarantine_record__descriptor);
		if (r == NULL) {
			break;
		}
		/* Its content stays here: what an operator sees holds ids and codes only. */
		r->input = (ProtobufCBinaryData){ 0 };
		v->rows[v->n_rows++] = r;
		v->next = (ProtobufCBinaryData){ 8, arena_dup(s->arena, k.b, 8) };
	}
	store_iter_done(&it);
	if (v->n_rows < QUARANTINE_PAGE_MAX) {
		v->next = (ProtobufCBinaryData){ 0 };
	}
	out->body_case = BODY(QUARANTINE_VIEW);
	out->quarantine_view = v;
	return SK_OK;
}

/** A chunk of the state behind the events, and the position of the log at which it was read: who
 *  reads on from the position of the first chunk misses nothing (I21). */
static int query_snapshot(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	const PB(QuerySnapshot) *q = in->query_snapshot;
	PB(SnapshotView) *v = step_alloc(s, sizeof(*v));
	struct key after = { 0 };

	if (v == NULL) {
		return SK_ENOMEM;
	}
	schakel__v1__snapshot_view__init(v);
	if (q->after.len > KEY_LEN_MAX) {
		return step_refuse(s, SCHAKEL__V1__REFUSAL__REFUSAL_MALFORMED, "after");
	}
	key_bytes(&after, q->after.data, q->after.len);
	uint32_t limit = q->limit == 0 || q->limit > PAGE_MAX ? PAGE_MAX : q->limit;
	limit = limit < s->page_most ? limit : s->page_most;
	int err = s->engine->svc->snapshot == NULL ? SK_OK :
						     s->engine->svc->snapshot(s, limit, &after, v);
	if (s->engine->svc->snapshot != NULL && err == SK_OK && after.len > 0) {
		v->next =
			(ProtobufCBinaryData){ after.len, arena_dup(s->arena, after.b, after.len) };
	}
	const struct log_head *h = engine_head(s->engine, EVENTS_LOG);
	v->sequence = (h == NULL ? 0 : h->sequence) + (MUT(15) ? 1 : 0);
	v->incarnation = s->engine->inc.number;
	v->nonce = s->engine->inc.nonce;
	out->body_case = BODY(SNAPSHOT_VIEW);
	out->snapshot_view = v;
	return err;
}

static const struct query own_queries[] = {
	{ BODY(QUERY_STATUS), STATUS_ROLES, query_status },
	{ BODY(QUERY_QUARANTINE), ROLE_BIT(OPERATOR), query_quarantine },
	{ BODY(QUERY_SNAPSHOT),
	  ROLE_BIT(COORDINATOR) | ROLE_BIT(DASHBOARD) | ROLE_BIT(OPERATOR) |
		  ROLE_BIT(CONTACT_POINT) | ROLE_BIT(DAEMON),
	  query_snapshot },
};

const struct query *engine_find_query(const struct engine *e, PB(Message__BodyCase) body)
{
	for (size_t i = 0; i < SK_LEN(own_queries); i++) {
		if (own_queries[i].body == body) {
			return &own_queries[i];
		}
	}
	for (size_t i = 0; i < e->svc->queries_len; i++) {
		if (e->svc->queries[i].body == body) {
			return &e->svc->queries[i];
		}
	}
	return NULL;
}

void engine_queue_query(struct engine *e, uint64_t conn, const struct party *from,
			const PB(Message) *m, struct slice bytes)
{
	uint8_t *copy = e->questions_len < QUERIES_WAITING_MAX ? malloc(bytes.len + 1) : NULL;

	if (copy == NULL) {
		engine_busy(e, conn, m, SCHAKEL__V1__RESOURCE__RESOURCE_QUEUE);
		return;
	}
	memcpy(copy, bytes.data, bytes.len);
	e->questions[e->questions_len++] =
		(struct question){ .conn = conn, .from = *from, .bytes = copy, .len = bytes.len };
}

struct query_run {
	const struct party *from;
	const PB(Message) *m;
	uint32_t page_most;
	struct outcome out;
};

/** @return SK_ENOMEM also when the answer is longer than a frame. */
static int run_query(struct engine *e, struct query_run *run, PB(Message) *ret_answer)
{
	const PB(Message) *m = run->m;
	const struct query *query = engine_find_query(e, m->body_case);
	struct step s;

	e->txn.read_only = true;
	engine_step_begin(e, &s, &e->txn, run->from);
	s.out = &run->out;
	s.page_most = run->page_most;
	engine_slot_set(e, m->id.data);
	int err = query->fn(&s, m, ret_answer);
	engine_slot_clear(e);
	e->txn.read_only = false;
	if (e->txn.err == SK_ENOMEM) {
		e->txn.err =
			SK_OK; /* the arena was too small for this answer: nothing was written */
		return SK_ENOMEM;
	}
	engine_check_fatal(e, e->txn.err, "query");
	bool fits = err != SK_OK ||
		    schakel__v1__message__get_packed_size(ret_answer) <= REPLY_BYTES_MAX - 64;
	return fits ? err : SK_ENOMEM;
}

static void answer_query(struct engine *e, const struct question *q)
{
	struct wire_fault fault;
	PB(Message) *m = NULL;

	engine_arena_begin(e);
	if (wire_decode(&e->arena, (struct slice){ q->bytes, q->len }, WIRE_STRICT, &m, &fault) !=
	    SK_OK) {
		return;
	}
	/* No input, but who sent it sends it again: one that stops the daemon twice is not run. */
	if (engine_slot_poisoned(e, m->id.data)) {
		engine_refuse(e, q->conn, m, SCHAKEL__V1__REFUSAL__REFUSAL_POISON, "id");
		return;
	}
	PB(Message) answer = PB_INIT(MESSAGE);
	struct query_run run = { .from = &q->from, .m = m, .page_most = UINT32_MAX };
	size_t mark = e->arena.used_bytes;
	int err = run_query(e, &run, &answer);
	/* A shorter page, with a cursor to the rest, is an answer too. */
	for (uint32_t most = PAGE_MAX / 2; err == SK_ENOMEM && most > 0; most /= 2) {
		arena_rewind(&e->arena, mark);
		answer = (PB(Message))PB_INIT(MESSAGE);
		run.page_most = most;
		err = run_query(e, &run, &answer);
	}
	if (err == SK_EREFUSED) {
		engine_refuse(e, q->conn, m, run.out.code, run.out.field);
	} else if (err != SK_OK) {
		engine_busy(e, q->conn, m, SCHAKEL__V1__RESOURCE__RESOURCE_MEMORY);
	} else {
		engine_answer(e, q->conn, &m->id, &answer);
	}
}

int engine_plan_copy(struct engine *e, struct plan_copy **io_copy, bool *ret_whole)
{
	struct step s;

	*ret_whole = false;
	if (e->svc->plan_copy == NULL || !engine_may_plan(e)) {
		return SK_OK;
	}
	engine_arena_begin(e);
	e->txn.read_only = true;
	engine_step_begin(e, &s, &e->txn, NULL);
	int err = e->svc->plan_copy(&s, io_copy, ret_whole);
	e->txn.read_only = false;
	arena_reset(&e->arena);
	if (e->txn.err == SK_ENOMEM) {
		e->txn.err = SK_OK; /* the arena was too small: nothing was written */
	}
	engine_check_fatal(e, e->txn.err, "plan");
	if (err != SK_OK) {
		e->svc->plan_free(*io_copy);
		*io_copy = NULL;
	}
	return err;
}

int engine_peek_query(struct engine *e, const struct party *from, const PB(Message) *m,
		      PB(Message) *ret_answer)
{
	struct query_run run = { .from = from, .m = m, .page_most = PAGE_MAX / 2 };

	engine_arena_begin(e);
	return run_query(e, &run, ret_answer);
}

void engine_peek_done(struct engine *e)
{
	arena_reset(&e->arena);
}

void engine_answer_queries(struct engine *e)
{
	for (size_t i = 0; i < e->questions_len; i++) {
		answer_query(e, &e->questions[i]);
		arena_reset(&e->arena);
		free(e->questions[i].bytes);
		if (e->answers_buf_len > ANSWERS_KEPT_BYTES) {
			engine_send_answers(e);
		}
	}
	e->questions_len = 0;
}
