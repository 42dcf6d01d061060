/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/out_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "common/conf_outside.h"
#include "common/files.h"

#define MAP_BYTES (2ULL << 30)
#define FORMAT 1
#define PATH_BYTES 1024

uint64_t out_now_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* --- opening --- */

/* Whole or not at all: in a directory of another name, which then gets the right one. */
static int create(const struct store_conf *conf)
{
	char fresh[PATH_BYTES];
	char file[PATH_BYTES + 16];
	struct store st = { .lock_fd = -1 };
	struct store_txn txn = { 0 };
	uint8_t meta[1 + 8] = { FORMAT };
	(void)snprintf(fresh, sizeof(fresh), "%s.new", conf->dir);
	(void)snprintf(file, sizeof(file), "%s/data.mdb", fresh);
	(void)unlink(file);
	if (mkdir(fresh, 0700) != 0 && errno != EEXIST) {
		return SK_ESYS;
	}
	struct store_conf at = { .dir = fresh,
				 .map_bytes = conf->map_bytes,
				 .no_sync = conf->no_sync };
	int err = store_create(&st, &at);
	if (err != SK_OK) {
		return err;
	}
	randombytes_buf(meta + 1, sizeof(meta) - 1);
	err = store_begin(&st, &txn);
	if (err == SK_OK) {
		struct key k = key_of_str("store");
		store_put(&txn, OUT_TABLE_META, &k, (struct slice){ meta, sizeof(meta) });
		err = store_commit(&txn);
	}
	store_close(&st);
	err = err == SK_OK ? files_sync_dir(fresh) : err;
	return err == SK_OK && rename(fresh, conf->dir) != 0 ? SK_ESYS : err;
}

static int read_rows(struct outbox *o, struct store_txn *txn)
{
	struct store_iter it;
	struct key none = { 0 };
	struct key k;
	struct slice val;
	int err = SK_OK;
	store_iter_init(&it, txn, OUT_TABLE_ITEM, &none);
	while (err == SK_OK && store_next(&it, &k, &val)) {
		struct out_row row = { 0 };
		uint64_t seq = k.len == 8 ? be64_read(k.b) : 0;
		if (!out_row_read(val, seq, &row)) {
			err = SK_ECORRUPT;
			break;
		}
		struct out_entry *e = out_entry_new(&row);
		if (e == NULL || !out_index_add(o, e, row.to)) {
			free(e);
			err = SK_ENOMEM;
		}
		o->seq_next = seq + 1;
		out_row_done(&row);
	}
	store_iter_done(&it);
	return err == SK_OK ? txn->err : err;
}

static int read_all(struct outbox *o)
{
	struct store_txn txn = { 0 };
	struct slice val;
	struct key k = key_of_str("store");
	int err = store_begin(&o->store, &txn);
	if (err != SK_OK) {
		return err;
	}
	if (!store_get(&txn, OUT_TABLE_META, &k, &val)) {
		err = txn.err == SK_OK ? SK_EFOREIGN : txn.err;
	} else if (val.len != 1 + sizeof(o->id) || *(const uint8_t *)val.data != FORMAT) {
		err = SK_EFOREIGN;
	} else {
		memcpy(o->id, (const uint8_t *)val.data + 1, sizeof(o->id));
		k = key_of_str("seq");
		o->seq_next = 1;
		err = read_rows(o, &txn);
	}
	/* Numbers are never given twice, also when the last row is gone. */
	if (err == SK_OK && store_get(&txn, OUT_TABLE_META, &k, &val) && val.len == 8) {
		uint64_t kept = be64_read(val.data);
		o->seq_next = kept > o->seq_next ? kept : o->seq_next;
	}
	err = err == SK_OK ? txn.err : err;
	store_abort(&txn);
	return err;
}

static bool keep(const char *text, char **ret_own, const char **ret_conf)
{
	*ret_own = strdup(text == NULL ? "" : text);
	*ret_conf = *ret_own;
	return *ret_own != NULL;
}

static bool keep_conf(struct outbox *o, const struct out_conf *c)
{
	struct out_texts *t = &o->own;
	o->conf = *c;
	o->conf.map_bytes = c->map_bytes == 0 ? MAP_BYTES : c->map_bytes;
	bool kept = keep(c->dir, &t->dir, &o->conf.dir);
	kept = keep(c->mail_server, &t->mail_server, &o->conf.mail_server) && kept;
	kept = keep(c->mail_from, &t->mail_from, &o->conf.mail_from) && kept;
	kept = keep(c->mail_user, &t->mail_user, &o->conf.mail_user) && kept;
	kept = keep(c->mail_password, &t->mail_password, &o->conf.mail_password) && kept;
	kept = keep(c->mail_ca_file, &t->mail_ca_file, &o->conf.mail_ca_file) && kept;
	kept = keep(c->text_url, &t->text_url, &o->conf.text_url) && kept;
	return keep(c->text_key, &t->text_key, &o->conf.text_key) && kept;
}

static int open_all(struct outbox *o)
{
	struct store_conf sc = { .dir = o->conf.dir,
				 .map_bytes = o->conf.map_bytes,
				 .no_sync = o->conf.no_sync };
	if (strlen(sc.dir) + 32 > PATH_BYTES || strlen(o->conf.mail_from) > OUT_TO_MAX ||
	    (o->conf.mail_server[0] != '\0' && !conf_mail_is_valid(o->conf.mail_from))) {
		return SK_EINVAL;
	}
	if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    pthread_mutex_init(&o->lock, NULL) != 0) {
		return SK_ESYS;
	}
	o->lock_made = true;
	o->multi = curl_multi_init();
	for (size_t i = 0; i < OUT_AT_ONCE; i++) {
		o->slots[i].o = o;
	}
	int err = o->multi == NULL ? SK_ENOMEM : SK_OK;
	if (err == SK_OK && access(sc.dir, F_OK) != 0) {
		err = create(&sc);
	}
	err = err == SK_OK ? store_open(&o->store, &sc) : err;
	return err == SK_OK ? read_all(o) : err;
}

int out_open(const struct out_conf *conf, struct outbox **ret_outbox)
{
	struct outbox *o = calloc(1, sizeof(*o));
	if (o == NULL) {
		return SK_ENOMEM;
	}
	o->store.lock_fd = -1;
	int err = keep_conf(o, conf) ? open_all(o) : SK_ENOMEM;
	if (err != SK_OK) {
		out_close(o);
		return err;
	}
	*ret_outbox = o;
	return SK_OK;
}

void out_hooks(struct outbox *o, const struct out_hook_ops *ops)
{
	o->ops = *ops;
}

void out_on_tick(struct outbox *o, void (*fn)(void *arg, uint64_t now_ms), void *arg)
{
	SK_ASSERT(o->ticks_len < OUT_TICKS_MAX && !o->thread_made);
	o->ticks[o->ticks_len].fn = fn;
	o->ticks[o->ticks_len].arg = arg;
	o->ticks_len++;
}

int out_start(struct outbox *o)
{
	o->thread_made = pthread_create(&o->thread, NULL, out_run, o) == 0;
	return o->thread_made ? SK_OK : SK_ESYS;
}

static void texts_free(struct out_texts *t)
{
	if (t->mail_password != NULL) {
		sodium_memzero(t->mail_password, strlen(t->mail_password));
	}
	if (t->text_key != NULL) {
		sodium_memzero(t->text_key, strlen(t->text_key));
	}
	free(t->dir);
	free(t->mail_server);
	free(t->mail_from);
	free(t->mail_user);
	free(t->mail_password);
	free(t->mail_ca_file);
	free(t->text_url);
	free(t->text_key);
}

void out_close(struct outbox *o)
{
	if (o == NULL) {
		return;
	}
	if (o->thread_made) {
		atomic_store(&o->stop, true);
		(void)curl_multi_wakeup(o->multi);
		(void)pthread_join(o->thread, NULL);
	}
	if (o->multi != NULL) {
		(void)curl_multi_cleanup(o->multi);
	}
	out_index_free(o);
	store_close(&o->store);
	if (o->lock_made) {
		(void)pthread_mutex_destroy(&o->lock);
	}
	texts_free(&o->own);
	free(o);
}
