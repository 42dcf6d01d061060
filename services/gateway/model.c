/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/model.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/client_private.h"
#include "common/wire.h"

#define MODEL_FORMAT 3
#define MODEL_ARENA_BYTES (1U << 20)
#define TRIM_MAX 512 /* events that one batch takes away */

enum {
	TABLE_PLACE = TABLE_SERVICE,
	TABLE_EVENT,  /* daemon, sequence -> packed Message */
	TABLE_OBJECT, /* daemon, kind, object id -> version */
	TABLE_PART,   /* request id, party, kind, daemon, object id */
	TABLE_CODE,   /* short code of a request -> its id */
	TABLE_FORMAT,
};

struct model {
	struct store store;
	pthread_mutex_t lock;
	struct arena arena;
	struct model_counts counts; /* under the lock */
};

/* --- open --- */

static struct key format_key(void)
{
	struct key k = { 0 };

	key_u8(&k, 0);
	return k;
}

/* A store of another format is no loss: it is made anew from the logs. */
static int check_format(struct model *m, bool *ret_other)
{
	struct store_txn txn;
	struct slice v;
	struct key k = format_key();
	uint8_t now = MODEL_FORMAT;
	int err = store_begin(&m->store, &txn);

	if (err != SK_OK) {
		return err;
	}
	if (store_get(&txn, TABLE_FORMAT, &k, &v)) {
		*ret_other = v.len != 1 || *(const uint8_t *)v.data != MODEL_FORMAT;
		store_abort(&txn);
		return SK_OK;
	}
	*ret_other = false;
	store_put(&txn, TABLE_FORMAT, &k, (struct slice){ &now, 1 });
	return store_commit(&txn);
}

static int open_store(struct model *m, const char *dir, uint64_t map_bytes)
{
	bool other = false;
	int err = storedir_open(&m->store, dir, map_bytes);

	if (err == SK_OK) {
		err = check_format(m, &other);
	}
	if (err == SK_OK && other) {
		store_close(&m->store);
		err = storedir_remove(dir);
		err = err == SK_OK ? storedir_open(&m->store, dir, map_bytes) : err;
		err = err == SK_OK ? check_format(m, &other) : err;
	}
	return err;
}

int model_open(const char *dir, uint64_t map_bytes, struct model **ret_model)
{
	struct model *m = calloc(1, sizeof(*m));
	void *block = aligned_alloc(64, MODEL_ARENA_BYTES);

	if (m == NULL || block == NULL) {
		free(m);
		free(block);
		return SK_ENOMEM;
	}
	m->store.lock_fd = -1;
	arena_init(&m->arena, block, MODEL_ARENA_BYTES);
	(void)pthread_mutex_init(&m->lock, NULL);
	int err = open_store(m, dir, map_bytes);
	if (err != SK_OK) {
		model_close(m);
		return err;
	}
	*ret_model = m;
	return SK_OK;
}

void model_close(struct model *m)
{
	if (m == NULL) {
		return;
	}
	store_close(&m->store);
	(void)pthread_mutex_destroy(&m->lock);
	arena_reset(&m->arena);
	free(m->arena.base);
	free(m);
}

/* --- keys --- */

static struct key event_key(unsigned daemon, uint64_t sequence)
{
	struct key k = { 0 };

	key_u8(&k, (uint8_t)daemon);
	key_u64(&k, sequence);
	return k;
}

static struct key daemon_key(unsigned daemon)
{
	struct key k = { 0 };

	key_u8(&k, (uint8_t)daemon);
	return k;
}

static struct key object_key(unsigned daemon, const PB(Event) *e)
{
	struct key k = daemon_key(daemon);

	key_u8(&k, (uint8_t)e->kind);
	key_bytes(&k, e->object_id.data, e->object_id.len);
	return k;
}

static struct key part_key(unsigned daemon, const PB(Event) *e, const char *party)
{
	struct key k = { 0 };

	key_bytes(&k, e->request_id.data, OBJECT_ID_LEN);
	key_str(&k, party);
	key_u8(&k, (uint8_t)e->kind);
	key_u8(&k, (uint8_t)daemon);
	key_bytes(&k, e->object_id.data, e->object_id.len);
	return k;
}

/* --- fold --- */

struct folding {
	struct store_txn *txn;
	unsigned daemon;
};

/* An event that is older than what is known of its object changes nothing. */
static bool is_news(const struct folding *f, const PB(Event) *e)
{
	struct key k = { 0 };
	struct slice v;
	uint8_t version[4];

	if (e->object_id.len > OBJECT_ID_LEN) {
		return false;
	}
	k = object_key(f->daemon, e);
	if (store_get(f->txn, TABLE_OBJECT, &k, &v) && v.len == 4 &&
	    be32_read(v.data) > e->version) {
		return false;
	}
	be32_write(version, e->version);
	store_put(f->txn, TABLE_OBJECT, &k, (struct slice){ version, sizeof(version) });
	return true;
}

static void set_part(const struct folding *f, const PB(Event) *e, const char *party, bool has)
{
	if (party == NULL || party[0] == '\0' || strlen(party) > PARTY_ID_LEN_MAX) {
		return;
	}
	struct key k = part_key(f->daemon, e, party);
	if (has) {
		store_mark(f->txn, TABLE_PART, &k);
	} else {
		store_del(f->txn, TABLE_PART, &k);
	}
}

/* The contact person of a request changes: who was it before is not any more. */
static void drop_contacts(struct store_txn *txn, const PB(Event) *e)
{
	struct store_iter it;
	struct key prefix = { 0 };
	struct key at;
	struct key gone[8];
	size_t n = 0;
	struct slice v;

	key_bytes(&prefix, e->request_id.data, OBJECT_ID_LEN);
	store_iter_init(&it, txn, TABLE_PART, &prefix);
	while (n < SK_LEN(gone) && store_next(&it, &at, &v)) {
		struct slice rest = { at.b + OBJECT_ID_LEN, at.len - OBJECT_ID_LEN };
		char party[PARTY_ID_LEN_MAX + 1];
		uint8_t kind = 0;
		if (key_take_str(&rest, party) && key_take_u8(&rest, &kind) && kind == e->kind) {
			gone[n++] = at;
		}
	}
	store_iter_done(&it);
	for (size_t i = 0; i < n; i++) {
		store_del(txn, TABLE_PART, &gone[i]);
	}
}

static void fold_event(const struct folding *f, const PB(Event) *e)
{
	struct store_txn *txn = f->txn;

	if (!is_news(f, e) || e->request_id.len != OBJECT_ID_LEN) {
		return;
	}
	if (e->kind == SCHAKEL__V1__EVENT_KIND__EVENT_KIND_REQUEST &&
	    strlen(e->short_code) == SHORT_CODE_LEN) {
		struct key k = key_of_str(e->short_code);
		store_put(txn, TABLE_CODE, &k,
			  (struct slice){ e->request_id.data, e->request_id.len });
	}
	if (e->kind == SCHAKEL__V1__EVENT_KIND__EVENT_KIND_REQUEST) {
		set_part(f, e, e->party, true); /* who asked stays who asked */
	} else if (e->kind == SCHAKEL__V1__EVENT_KIND__EVENT_KIND_HOLDER) {
		set_part(f, e, e->party, !e->ended);
	} else if (e->kind == SCHAKEL__V1__EVENT_KIND__EVENT_KIND_CONTACT_PERSON) {
		drop_contacts(txn, e);
		set_part(f, e, e->party, !e->ended);
		set_part(f, e, e->stand_in, !e->ended);
	}
}

static void count(struct model *m, const PB(Event) *e)
{
	unsigned kind = (unsigned)e->kind;
	unsigned alarm = (unsigned)e->alarm;

	m->counts.kind[kind < MODEL_KINDS ? kind : 0]++;
	if (e->kind == SCHAKEL__V1__EVENT_KIND__EVENT_KIND_ALARM) {
		m->counts.alarm[alarm < MODEL_KINDS ? alarm : 0]++;
	}
}

static int fold_message(struct model *m, struct store_txn *txn, unsigned daemon,
			const struct model_entry *entry)
{
	struct wire_fault fault;
	PB(Message) *msg = NULL;

	arena_reset(&m->arena);
	int err = wire_decode(&m->arena, entry->message, WIRE_TOLERANT, &msg, &fault);
	if (err == SK_OK && msg->body_case == BODY(EVENT)) {
		fold_event(&(struct folding){ txn, daemon }, msg->event);
		count(m, msg->event);
	}
	if (entry->sequence != 0) {
		struct key k = event_key(daemon, entry->sequence);
		store_put(txn, TABLE_EVENT, &k, entry->message);
	}
	return txn->err;
}

static uint64_t message_time(struct slice bytes)
{
	struct client_envelope e = { 0 };

	return client_peek(bytes, &e) ? e.time_ms : 0;
}

/* Takes events away from the oldest on: all (@p before 0), or those of before that time. */
static uint64_t drop_events(struct store_txn *txn, unsigned daemon, uint64_t before_ms, size_t most)
{
	struct store_iter it;
	struct key prefix = daemon_key(daemon);
	struct key at;
	struct slice v;
	uint64_t next = 0;
	size_t n = 0;

	store_iter_init(&it, txn, TABLE_EVENT, &prefix);
	while (n++ < most && store_next(&it, &at, &v)) {
		if (before_ms != 0 && message_time(v) >= before_ms) {
			break;
		}
		next = be64_read(at.b + 1) + 1;
		store_del(txn, TABLE_EVENT, &at);
	}
	store_iter_done(&it);
	return next;
}

/* What a log that is no more said of its objects and of who has a part: the one that comes says it
 * anew, with versions that may be lower. */
static void drop_objects(struct store_txn *txn, unsigned daemon)
{
	struct store_iter it;
	struct key prefix = daemon_key(daemon);
	struct key any = { 0 };
	struct key at;
	struct slice v;

	store_iter_init(&it, txn, TABLE_OBJECT, &prefix);
	while (store_next(&it, &at, &v)) {
		store_del(txn, TABLE_OBJECT, &at);
	}
	store_iter_done(&it);
	store_iter_init(&it, txn, TABLE_PART, &any);
	while (store_next(&it, &at, &v)) {
		struct slice rest = { at.b + OBJECT_ID_LEN, at.len - OBJECT_ID_LEN };
		char party[PARTY_ID_LEN_MAX + 1];
		uint8_t kind = 0;
		uint8_t of = 0;
		bool good = key_take_str(&rest, party) && key_take_u8(&rest, &kind) &&
			    key_take_u8(&rest, &of);
		if (!good || of == daemon) {
			store_del(txn, TABLE_PART, &at);
		}
	}
	store_iter_done(&it);
}

static bool get_place(struct store_txn *txn, unsigned daemon, struct model_place *ret)
{
	struct key k = daemon_key(daemon);
	struct slice v;

	*ret = (struct model_place){ 0 };
	if (!store_get(txn, TABLE_PLACE, &k, &v) || v.len != sizeof(*ret)) {
		return false;
	}
	memcpy(ret, v.data, sizeof(*ret));
	return true;
}

static void put_place(struct store_txn *txn, unsigned daemon, const struct model_place *p)
{
	struct key k = daemon_key(daemon);

	store_put(txn, TABLE_PLACE, &k, (struct slice){ p, sizeof(*p) });
}

static int fold_batch(struct model *m, struct store_txn *txn, const struct model_batch *b)
{
	struct model_place old;
	struct model_place now = b->place;
	bool any = get_place(txn, b->daemon, &old);

	if (b->anew) {
		(void)drop_events(txn, b->daemon, 0, SIZE_MAX);
		drop_objects(txn, b->daemon);
	}
	now.first = any && !b->anew ? old.first : 0;
	for (size_t i = 0; i < b->len; i++) {
		int err = fold_message(m, txn, b->daemon, &b->entry[i]);
		if (err != SK_OK) {
			return err;
		}
		if (now.first == 0 && b->entry[i].sequence != 0) {
			now.first = b->entry[i].sequence;
		}
	}
	if (b->len > 0) {
		uint64_t t = message_time(b->entry[b->len - 1].message);
		uint64_t next = t < MODEL_KEPT_MS ?
					0 :
					drop_events(txn, b->daemon, t - MODEL_KEPT_MS, TRIM_MAX);
		now.first = next != 0 ? next : now.first;
	}
	put_place(txn, b->daemon, &now);
	return txn->err;
}

int model_fold(struct model *m, const struct model_batch *b)
{
	struct store_txn txn;

	(void)pthread_mutex_lock(&m->lock);
	int err = store_begin(&m->store, &txn);
	if (err == SK_OK) {
		err = fold_batch(m, &txn, b);
		if (err == SK_OK) {
			err = store_commit(&txn);
		} else {
			store_abort(&txn);
		}
	}
	m->counts.folded += err == SK_OK ? b->len : 0;
	(void)pthread_mutex_unlock(&m->lock);
	return err;
}

void model_counts(struct model *m, struct model_counts *ret_counts)
{
	(void)pthread_mutex_lock(&m->lock);
	*ret_counts = m->counts;
	(void)pthread_mutex_unlock(&m->lock);
}

/* --- reading --- */

int model_read_begin(struct model *m, struct model_read *ret_r)
{
	return store_read_begin(&m->store, &ret_r->txn);
}

void model_read_end(struct model_read *r)
{
	store_abort(&r->txn);
}

void model_place(struct model_read *r, unsigned daemon, struct model_place *ret_place)
{
	(void)get_place(&r->txn, daemon, ret_place);
}

bool model_next(struct model_read *r, unsigned daemon, uint64_t *io_sequence,
		struct slice *ret_message)
{
	struct key k = event_key(daemon, *io_sequence + 1);

	if (!store_get(&r->txn, TABLE_EVENT, &k, ret_message)) {
		return false;
	}
	(*io_sequence)++;
	return true;
}

size_t model_parts(struct model_read *r, const uint8_t request_id[OBJECT_ID_LEN],
		   char (*ret_party)[PARTY_ID_LEN_MAX + 1], size_t cap)
{
	struct store_iter it;
	struct key prefix = { 0 };
	struct key at;
	struct slice v;
	size_t n = 0;

	key_bytes(&prefix, request_id, OBJECT_ID_LEN);
	store_iter_init(&it, &r->txn, TABLE_PART, &prefix);
	while (n < cap && store_next(&it, &at, &v)) {
		struct slice rest = { at.b + OBJECT_ID_LEN, at.len - OBJECT_ID_LEN };
		char party[PARTY_ID_LEN_MAX + 1];
		bool good = key_take_str(&rest, party);
		if (good && (n == 0 || strcmp(ret_party[n - 1], party) != 0)) {
			name_copy(ret_party[n++], party);
		}
	}
	store_iter_done(&it);
	return n;
}

bool model_request(struct model_read *r, const char *short_code, uint8_t ret_id[OBJECT_ID_LEN])
{
	struct key k = { 0 };
	struct slice v;

	if (strlen(short_code) != SHORT_CODE_LEN) {
		return false;
	}
	k = key_of_str(short_code);
	if (!store_get(&r->txn, TABLE_CODE, &k, &v) || v.len != OBJECT_ID_LEN) {
		return false;
	}
	memcpy(ret_id, v.data, OBJECT_ID_LEN);
	return true;
}
