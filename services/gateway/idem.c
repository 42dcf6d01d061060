/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/idem.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "services/gateway/storedir.h"

#define IDEM_MAP_BYTES (1ULL << 30)
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

static int take(struct idem *d, const struct key *k, uint64_t now_ms, uint8_t io_id[16])
{
	struct store_txn txn;
	struct slice v;
	int err = store_begin(&d->store, &txn);

	if (err != SK_OK) {
		return err;
	}
	forget_old(&txn, now_ms); /* first: the daemons know nothing of an old one any more */
	if (store_get(&txn, TABLE_KEY, k, &v) && v.len == 16) {
		memcpy(io_id, v.data, 16);
		return store_commit(&txn);
	}
	struct key age = { 0 };
	key_u64(&age, now_ms);
	key_bytes(&age, k->b, k->len);
	store_put(&txn, TABLE_KEY, k, (struct slice){ io_id, 16 });
	store_mark(&txn, TABLE_AGE, &age);
	return store_commit(&txn);
}

int idem_take(struct idem *d, const char *party, const char *key, uint64_t now_ms,
	      uint8_t io_id[16])
{
	struct key k = key_of(party, key);

	(void)pthread_mutex_lock(&d->lock);
	int err = take(d, &k, now_ms, io_id);
	(void)pthread_mutex_unlock(&d->lock);
	return err;
}
