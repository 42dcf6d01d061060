/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/idem.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "services/gateway/storedir.h"

#define IDEM_MAP_BYTES (1ULL << 30)
#define ID_BYTES 16   /* a row: the id, then where; rows of before have the id alone */
#define SWEEP_MAX 256 /* rows that one new key takes with it */

enum { TABLE_KEY = TABLE_SERVICE, TABLE_AGE };

struct idem {
	struct store store;
	pthread_mutex_t lock;
};

int idem_open(const char *dir, struct idem **ret_idem)
{
	struct idem *d = calloc(1, sizeof(*d));

	if (d == NULL) {
		return SK_ENOMEM;
	}
	(void)pthread_mutex_init(&d->lock, NULL);
	int err = storedir_open(&d->store, dir, IDEM_MAP_BYTES);
	if (err != SK_OK) {
		(void)pthread_mutex_destroy(&d->lock);
		free(d);
		return err;
	}
	*ret_idem = d;
	return SK_OK;
}

void idem_close(struct idem *d)
{
	if (d != NULL) {
		store_close(&d->store);
		(void)pthread_mutex_destroy(&d->lock);
		free(d);
	}
}

static struct key key_of(const char *party, const char *key)
{
	struct key k = { 0 };
	uint8_t sum[16];

	key_str(&k, party);
	(void)crypto_generichash(sum, sizeof(sum), (const uint8_t *)key, strlen(key), NULL, 0);
	key_bytes(&k, sum, sizeof(sum));
	return k;
}

static void forget_old(struct store_txn *txn, uint64_t now_ms)
{
	struct store_iter it;
	struct key any = { 0 };
	struct key at;
	struct slice v;
	unsigned n = 0;

	store_iter_init(&it, txn, TABLE_AGE, &any);
	while (n++ < SWEEP_MAX && store_next(&it, &at, &v)) {
		if (be64_read(at.b) + IDEM_KEPT_MS > now_ms) {
			break;
		}
		struct key k = { 0 };
		key_bytes(&k, at.b + 8, at.len - 8);
		store_del(txn, TABLE_KEY, &k);
		store_del(txn, TABLE_AGE, &at);
	}
	store_iter_done(&it);
}

static bool is_elsewhere(struct slice row, const uint8_t where[16])
{
	return row.len == ID_BYTES + 16 &&
	       memcmp((const uint8_t *)row.data + ID_BYTES, where, 16) != 0;
}

static int take(struct idem *d, const struct idem_asked *asked, uint64_t now_ms, uint8_t io_id[16])
{
	struct key k = key_of(asked->party, asked->key);
	uint8_t row[ID_BYTES + 16];
	struct store_txn txn;
	struct slice v;
	int err = store_begin(&d->store, &txn);

	if (err != SK_OK) {
		return err;
	}
	forget_old(&txn, now_ms); /* first: the daemons know nothing of an old one any more */
	if (store_get(&txn, TABLE_KEY, &k, &v) && v.len >= ID_BYTES) {
		bool elsewhere = is_elsewhere(v, asked->where);
		if (!elsewhere) {
			memcpy(io_id, v.data, ID_BYTES);
		}
		err = store_commit(&txn);
		return err == SK_OK && elsewhere ? SK_EREFUSED : err;
	}
	struct key age = { 0 };
	key_u64(&age, now_ms);
	key_bytes(&age, k.b, k.len);
	memcpy(row, io_id, ID_BYTES);
	memcpy(row + ID_BYTES, asked->where, sizeof(asked->where));
	store_put(&txn, TABLE_KEY, &k, (struct slice){ row, sizeof(row) });
	store_mark(&txn, TABLE_AGE, &age);
	return store_commit(&txn);
}

int idem_take(struct idem *d, const struct idem_asked *asked, uint64_t now_ms, uint8_t io_id[16])
{
	(void)pthread_mutex_lock(&d->lock);
	int err = take(d, asked, now_ms, io_id);
	(void)pthread_mutex_unlock(&d->lock);
	return err;
}
