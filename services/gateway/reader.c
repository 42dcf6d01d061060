/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/reader.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/client_private.h"
#include "common/logging.h"
#include "common/wire.h"

#define WAIT_MS 1000
#define TIMEOUT_MS 1500
#define PAUSE_US 200000
#define FOLD_EVERY_MS 100
#define BATCH_MAX LOG_CREDIT_MAX
#define BATCH_BYTES (4U << 20)
#define READER_ARENA_BYTES (8U << 20)

struct reader {
	pthread_t thread;
	bool started;
	atomic_bool ending;
	unsigned daemon;
	char name[PARTY_ID_LEN_MAX + 1];
	struct client *client;
	struct model *model;
	void (*folded)(void *ctx);
	void *ctx;
	struct client_log log;
	uint64_t folded_ms; /* CLOCK_BOOTTIME of the last commit */
	bool fresh;         /* nothing of this incarnation is in the model yet */
	bool more;          /* the last batch was full */
	struct arena arena;
	/* one batch */
	struct model_entry entry[BATCH_MAX];
	size_t len;
	uint8_t *bytes;
	size_t bytes_len;
	bool missed;
	/* for others */
	atomic_ullong heard_ms;
	atomic_ullong behind;
};

static int on_entry(void *ctx, const struct client_entry *e)
{
	struct reader *r = ctx;

	r->missed |= e->missed;
	if (r->len == BATCH_MAX || r->bytes_len + e->message.len > BATCH_BYTES) {
		return SK_EBUSY; /* read again with the next batch */
	}
	memcpy(r->bytes + r->bytes_len, e->message.data, e->message.len);
	r->entry[r->len++] =
		(struct model_entry){ .sequence = e->sequence,
				      .message = { r->bytes + r->bytes_len, e->message.len } };
	r->bytes_len += e->message.len;
	return SK_OK;
}

static int fold(struct reader *r, bool anew)
{
	struct model_batch b = { .daemon = r->daemon,
				 .place = { .incarnation = r->log.incarnation,
					    .nonce = r->log.nonce,
					    .after = r->log.after },
				 .anew = anew,
				 .entry = r->entry,
				 .len = r->len };
	int err = model_fold(r->model, &b);

	if (err == SK_OK) {
		r->folded(r->ctx);
	} else {
		svc_log(LOG_ERR, "model_fold", "daemon=%s err=\"%s\"", r->name, sk_strerror(err));
	}
	r->len = 0;
	r->bytes_len = 0;
	return err;
}

/* --- a snapshot, in pages --- */

static int keep_event(struct reader *r, PB(Event) *e)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(EVENT);
	m.event = e;
	size_t len = schakel__v1__message__get_packed_size(&m);
	struct client_entry entry = { .sequence = 0, .message = { r->bytes + r->bytes_len, len } };
	if (r->len == BATCH_MAX || r->bytes_len + len > BATCH_BYTES) {
		return SK_EFULL;
	}
	(void)schakel__v1__message__pack(&m, r->bytes + r->bytes_len);
	r->entry[r->len++] = (struct model_entry){ .sequence = 0, .message = entry.message };
	r->bytes_len += len;
	return SK_OK;
}

static int take_page(struct reader *r, const PB(SnapshotView) *v, bool first)
{
	int err = SK_OK;

	if (first) {
		r->log.incarnation = v->incarnation;
		r->log.nonce = v->nonce;
		r->log.after = v->sequence;
	}
	for (size_t i = 0; i < v->n_events && err == SK_OK; i++) {
		err = keep_event(r, v->events[i]);
	}
	return err == SK_OK ? fold(r, first) : err;
}

static int snapshot(struct reader *r)
{
	PB(QuerySnapshot) q = PB_INIT(QUERY_SNAPSHOT);
	uint8_t after[KEY_LEN_MAX];
	bool first = true;
	int err = SK_OK;

	do {
		PB(Message) m = PB_INIT(MESSAGE);
		PB(Message) *answer = NULL;
		m.body_case = BODY(QUERY_SNAPSHOT);
		m.query_snapshot = &q;
		arena_reset(&r->arena);
		err = client_ask(r->client, &m, &r->arena, &answer);
		if (err == SK_OK && answer->body_case != BODY(SNAPSHOT_VIEW)) {
			err = SK_EAUTH;
		}
		if (err != SK_OK) {
			return err;
		}
		const PB(SnapshotView) *v = answer->snapshot_view;
		err = take_page(r, v, first);
		first = false;
		if (v->next.len > sizeof(after)) {
			return SK_EPROTO;
		}
		if (v->next.len > 0) {
			memcpy(after, v->next.data, v->next.len);
		}
		q.after = (ProtobufCBinaryData){ v->next.len, after };
	} while (err == SK_OK && q.after.len > 0 && !atomic_load(&r->ending));
	svc_log(LOG_INFO, "snapshot", "daemon=%s after=%llu err=\"%s\"", r->name,
		(unsigned long long)r->log.after, sk_strerror(err));
	return err;
}

/* --- the thread --- */

/* The first question tells where the log begins: what is gone from it comes as a snapshot. */
static int begin(struct reader *r)
{
	struct client_log probe = r->log;
	struct client_read read = { .credit = 1, .wait_ms = 0, .entry = on_entry, .ctx = r };
	uint32_t n = 0;

	r->len = 0;
	r->bytes_len = 0;
	int err = client_log_read(r->client, &probe, &read, &n);
	r->len = 0;
	r->bytes_len = 0;
	if (err != SK_OK) {
		return err;
	}
	r->log.incarnation = probe.incarnation;
	r->log.nonce = probe.nonce;
	bool whole = probe.oldest <= 1;
	err = whole ? SK_OK : snapshot(r);
	if (err == SK_OK && whole) {
		r->log.after = 0;
		err = fold(r, true);
	}
	r->fresh = err != SK_OK;
	return err;
}

static void begin_anew(struct reader *r)
{
	r->len = 0;
	r->bytes_len = 0;
	r->fresh = true;
	r->log.incarnation = 0;
	r->log.nonce = 0;
	r->log.after = 0;
}

/* Once it has read all there is it rests a moment: in a stream of events it then takes those of
 * FOLD_EVERY_MS together, with one question to the daemon and one commit, since each costs the
 * processor and the disk that the daemons need. The first event after a pause comes at once. */
static void rest(const struct reader *r)
{
	uint64_t due_ms = r->folded_ms + FOLD_EVERY_MS;
	uint64_t now_ms = client_clock_ms();

	if (!r->more && due_ms > now_ms) {
		(void)usleep((useconds_t)(due_ms - now_ms) * 1000);
	}
}

/* What was read goes into the model; where that fails it is read again. */
static int read_on(struct reader *r)
{
	struct client_read read = {
		.credit = BATCH_MAX, .wait_ms = WAIT_MS, .entry = on_entry, .ctx = r
	};
	struct client_log before = r->log;
	uint32_t n = 0;

	rest(r);
	r->missed = false;
	int err = client_log_read(r->client, &r->log, &read, &n);
	if (err == SK_EFOREIGN || r->missed) {
		begin_anew(r);
		return SK_OK;
	}
	r->more = err == SK_EBUSY || r->len == BATCH_MAX;
	if (r->len > 0) {
		int failed = fold(r, false);
		r->folded_ms = client_clock_ms();
		if (failed != SK_OK) {
			r->log = before;
			return failed;
		}
	}
	uint64_t to = r->log.after;
	atomic_store(&r->behind, r->log.last > to ? r->log.last - to : 0);
	return err == SK_EBUSY ? SK_OK : err;
}

static void *run(void *ctx)
{
	struct reader *r = ctx;

	while (!atomic_load(&r->ending)) {
		int err = r->fresh ? begin(r) : read_on(r);
		if (err == SK_OK) {
			atomic_store(&r->heard_ms, client_clock_ms());
		} else {
			(void)usleep(PAUSE_US);
		}
	}
	return NULL;
}

static int load_place(struct reader *r)
{
	struct model_read view;
	struct model_place p;
	int err = model_read_begin(r->model, &view);

	if (err != SK_OK) {
		return err;
	}
	model_place(&view, r->daemon, &p);
	model_read_end(&view);
	r->fresh = p.incarnation == 0;
	r->log.incarnation = p.incarnation;
	r->log.nonce = p.nonce;
	r->log.after = p.after;
	return SK_OK;
}

int reader_open(const struct reader_conf *rc, struct reader **ret_reader)
{
	struct reader *r = calloc(1, sizeof(*r));
	void *block = aligned_alloc(64, READER_ARENA_BYTES);

	if (r == NULL || block == NULL) {
		free(r);
		free(block);
		return SK_ENOMEM;
	}
	arena_init(&r->arena, block, READER_ARENA_BYTES);
	r->bytes = malloc(BATCH_BYTES);
	r->daemon = rc->daemon;
	r->model = rc->model;
	r->folded = rc->folded;
	r->ctx = rc->ctx;
	name_copy(r->name, rc->conf->daemons[rc->daemon].name);
	name_copy(r->log.log, EVENTS_LOG);
	int err = r->bytes == NULL ? SK_ENOMEM : load_place(r);
	if (err == SK_OK) {
		err = client_open_node(rc->conf, NULL, r->name, CONF_GATEWAY, &r->client);
	}
	if (err == SK_OK) {
		client_set_timeout(r->client, TIMEOUT_MS);
		r->started = pthread_create(&r->thread, NULL, run, r) == 0;
		err = r->started ? SK_OK : SK_ESYS;
	}
	if (err != SK_OK) {
		reader_close(r);
		return err;
	}
	*ret_reader = r;
	return SK_OK;
}

void reader_end(struct reader *r)
{
	if (r != NULL) {
		atomic_store(&r->ending, true);
	}
}

void reader_close(struct reader *r)
{
	if (r == NULL) {
		return;
	}
	reader_end(r);
	if (r->started) {
		(void)pthread_join(r->thread, NULL);
	}
	client_close(r->client);
	free(r->bytes);
	arena_reset(&r->arena);
	free(r->arena.base);
	free(r);
}

void reader_status(struct reader *r, struct reader_status *ret_status)
{
	uint64_t heard_ms = atomic_load(&r->heard_ms);

	ret_status->heard_ms = heard_ms;
	ret_status->connected = heard_ms != 0 &&
				client_clock_ms() - heard_ms < 3 * (uint64_t)(WAIT_MS + TIMEOUT_MS);
	ret_status->behind = atomic_load(&r->behind);
}
