/* SPDX-License-Identifier: EUPL-1.2 */
/* What is put into the outbox, and taken back. */
#include "services/gateway/out_private.h"

#include <stdlib.h>
#include <string.h>

#include "common/conf_outside.h"

static struct key name_key(const char *name)
{
	struct key k = { 0 };
	key_bytes(&k, name, strlen(name));
	return k;
}

static bool to_is_valid(enum out_kind kind, const char *to)
{
	if (kind == OUT_MAIL) {
		return conf_mail_is_valid(to);
	}
	return kind == OUT_TEXT ? conf_number_is_valid(to) :
				  to[0] != '\0' && strlen(to) <= OUT_TO_MAX;
}

static bool is_valid(const struct out_item *item)
{
	const char *subject = item->subject == NULL ? "" : item->subject;
	size_t key_len = item->key == NULL ? 0 : strlen(item->key);
	return item->kind >= OUT_MAIL && item->kind < OUT_KINDS &&
	       to_is_valid(item->kind, item->to) && strlen(subject) <= OUT_SUBJECT_MAX &&
	       strpbrk(subject, "\r\n") == NULL && item->body.len <= OUT_BODY_MAX &&
	       key_len <= OUT_KEY_MAX;
}

static bool is_hook(enum out_kind kind)
{
	return kind == OUT_HOOK || kind == OUT_HANDSHAKE;
}

/* Rows that the batch has staged count too. */
static bool has_room(const struct out_batch *b, const struct out_item *item)
{
	struct outbox *o = b->o;
	char name[OUT_TARGET_NAME_MAX + 1];
	size_t hooks = o->counts.waiting[OUT_HOOK] + o->counts.waiting[OUT_HANDSHAKE];
	size_t plain = o->counts.waiting[OUT_MAIL] + o->counts.waiting[OUT_TEXT];
	out_target_name(item->kind, item->to, name);
	const struct out_target *t = out_index_target(o, name);
	size_t own = t == NULL ? 0 : t->len;
	return is_hook(item->kind) ? hooks < OUT_HOOK_MAX && own < OUT_TARGET_MAX :
				     plain < OUT_PLAIN_MAX;
}

int out_begin(struct outbox *o, struct out_batch *ret_batch)
{
	*ret_batch = (struct out_batch){ .o = o };
	(void)pthread_mutex_lock(&o->lock);
	int err = store_begin(&o->store, &ret_batch->txn);
	if (err != SK_OK) {
		(void)pthread_mutex_unlock(&o->lock);
	}
	return err;
}

/* Under one key once: a row that says until when that is remembered, and which delivery it was. */
static int take_key(struct out_batch *b, const struct out_item *item, uint64_t seq)
{
	struct key k = name_key(item->key);
	struct slice val;
	uint8_t row[16];
	if (store_get(&b->txn, OUT_TABLE_KEY, &k, &val)) {
		return SK_EEXIST;
	}
	uint64_t from = out_now_ms();
	from = item->not_before_ms > from ? item->not_before_ms : from;
	be64_write(row, seq);
	be64_write(row + 8, from + OUT_KEEP_KEYS_MS);
	store_put(&b->txn, OUT_TABLE_KEY, &k, (struct slice){ row, sizeof(row) });
	return b->txn.err;
}

static int stage(struct out_batch *b, const struct out_row *row)
{
	struct out_entry *e = out_entry_new(row);
	if (e == NULL) {
		return SK_ENOMEM;
	}
	/* In the index at once, so that bounds count it; out_abort() takes it out again. */
	if (!out_index_add(b->o, e, row->to)) {
		free(e);
		return SK_ENOMEM;
	}
	e->staged_next = b->staged;
	b->staged = e;
	out_row_put(&b->txn, row);
	return b->txn.err;
}

int out_add(struct out_batch *b, const struct out_item *item)
{
	struct outbox *o = b->o;
	uint8_t next[8];
	if (!is_valid(item)) {
		return SK_EINVAL;
	}
	if (!has_room(b, item)) {
		o->counts.refused_full++;
		return SK_EFULL;
	}
	uint64_t now_ms = out_now_ms();
	int err = item->key == NULL ? SK_OK : take_key(b, item, o->seq_next);
	if (err != SK_OK) {
		return err;
	}
	char *body = strndup(item->body.len == 0 ? "" : item->body.data, item->body.len);
	struct out_row row = {
		.seq = o->seq_next,
		.created_ms = item->not_before_ms > now_ms ? item->not_before_ms : now_ms,
		.next_ms = item->not_before_ms,
		.kind = item->kind,
		.to = (char *)(uintptr_t)item->to,
		.subject = (char *)(uintptr_t)item->subject,
		.body = body,
		.body_len = item->body.len,
	};
	err = body == NULL ? SK_ENOMEM : stage(b, &row);
	free(body);
	o->seq_next += err == SK_OK;
	be64_write(next, o->seq_next);
	struct key k = key_of_str("seq");
	store_put(&b->txn, OUT_TABLE_META, &k, (struct slice){ next, sizeof(next) });
	return err;
}

int out_commit(struct out_batch *b)
{
	struct outbox *o = b->o;
	int err = b->txn.err;
	if (err == SK_OK) {
		err = store_commit(&b->txn);
	}
	if (err != SK_OK) {
		out_abort(b);
		return err;
	}
	for (struct out_entry *e = b->staged; e != NULL;) {
		struct out_entry *after = e->staged_next;
		e->staged_next = NULL;
		e = after;
	}
	(void)pthread_mutex_unlock(&o->lock);
	(void)curl_multi_wakeup(o->multi);
	return SK_OK;
}

void out_abort(struct out_batch *b)
{
	store_abort(&b->txn);
	for (struct out_entry *e = b->staged; e != NULL;) {
		struct out_entry *after = e->staged_next;
		out_index_del(b->o, e);
		e = after;
	}
	(void)pthread_mutex_unlock(&b->o->lock);
}

int out_put(struct outbox *o, const struct out_item *item)
{
	struct out_batch b;
	int err = out_begin(o, &b);
	if (err != SK_OK) {
		return err;
	}
	err = out_add(&b, item);
	if (err != SK_OK) {
		out_abort(&b);
		return err;
	}
	return out_commit(&b);
}

/* --- taking back --- */

/* What is on its way is let go when it ends. @return true when it was there and will not be sent.
 */
static bool take_back(struct out_batch *b, struct out_entry *e)
{
	struct key k = out_row_key(e->seq);
	if (e->busy) {
		e->dropped = true;
		return false;
	}
	store_del(&b->txn, OUT_TABLE_ITEM, &k);
	return b->txn.err == SK_OK;
}

bool out_cancel(struct outbox *o, const char *key)
{
	struct out_batch b;
	struct key k = name_key(key);
	struct slice val;
	struct out_entry *e = NULL;
	bool taken = false;
	if (out_begin(o, &b) != SK_OK) {
		return false;
	}
	if (store_get(&b.txn, OUT_TABLE_KEY, &k, &val) && val.len == 16) {
		e = out_index_find(o, be64_read(val.data));
	}
	taken = e != NULL && take_back(&b, e) && store_commit(&b.txn) == SK_OK;
	if (taken) {
		out_index_del(o, e);
	} else {
		store_abort(&b.txn);
	}
	(void)pthread_mutex_unlock(&o->lock);
	return taken;
}

bool out_known(struct outbox *o, const char *key)
{
	struct out_batch b;
	struct key k = name_key(key);
	struct slice val;
	if (out_begin(o, &b) != SK_OK) {
		return false;
	}
	bool known = store_get(&b.txn, OUT_TABLE_KEY, &k, &val);
	out_abort(&b);
	return known;
}

int out_mark(struct outbox *o, const char *key)
{
	struct out_batch b;
	struct out_item none = { .key = key };
	int err = out_begin(o, &b);
	if (err != SK_OK) {
		return err;
	}
	err = take_key(&b, &none, 0);
	if (err != SK_OK) {
		out_abort(&b);
		return err == SK_EEXIST ? SK_OK : err;
	}
	return out_commit(&b);
}

void out_drop(struct outbox *o, const char *to)
{
	struct out_batch b;
	struct out_entry *gone = NULL;
	char name[OUT_TARGET_NAME_MAX + 1];
	if (out_begin(o, &b) != SK_OK) {
		return;
	}
	out_target_name(OUT_HOOK, to, name);
	struct out_target *t = out_index_target(o, name);
	for (struct out_entry *e = t == NULL ? NULL : t->first; e != NULL; e = e->next) {
		if (take_back(&b, e)) {
			e->staged_next = gone;
			gone = e;
		}
	}
	bool done = store_commit(&b.txn) == SK_OK;
	while (gone != NULL) {
		struct out_entry *after = gone->staged_next;
		gone->staged_next = NULL;
		if (done) {
			out_index_del(o, gone);
		}
		gone = after;
	}
	(void)pthread_mutex_unlock(&o->lock);
}

size_t out_room(struct outbox *o, const char *to)
{
	char name[OUT_TARGET_NAME_MAX + 1];
	out_target_name(OUT_HOOK, to, name);
	(void)pthread_mutex_lock(&o->lock);
	const struct out_target *t = out_index_target(o, name);
	size_t own = t == NULL ? 0 : t->len;
	size_t all = o->counts.waiting[OUT_HOOK] + o->counts.waiting[OUT_HANDSHAKE];
	(void)pthread_mutex_unlock(&o->lock);
	size_t room = own < OUT_TARGET_MAX ? OUT_TARGET_MAX - own : 0;
	size_t rest = all < OUT_HOOK_MAX ? OUT_HOOK_MAX - all : 0;
	return room < rest ? room : rest;
}

void out_counts(struct outbox *o, struct out_counts *ret_counts)
{
	struct out_target *t = NULL;
	struct out_target *next = NULL;
	(void)pthread_mutex_lock(&o->lock);
	*ret_counts = o->counts;
	ret_counts->oldest_ms = 0;
	HASH_ITER (hh, o->targets, t, next) {
		uint64_t at = t->first == NULL ? 0 : t->first->created_ms;
		if (at != 0 && (ret_counts->oldest_ms == 0 || at < ret_counts->oldest_ms)) {
			ret_counts->oldest_ms = at;
		}
	}
	(void)pthread_mutex_unlock(&o->lock);
}
