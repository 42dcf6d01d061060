/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/gone.h"

#include <pthread.h>
#include <stdlib.h>

#include "services/gateway/storedir.h"

#define GONE_MAP_BYTES (1ULL << 30)
#define SWEEP_MAX 256 /* rows that one sign-out takes with it */

enum { TABLE_SESSION = TABLE_SERVICE, TABLE_UNTIL, TABLE_PERSON };

struct gone {
	struct store store;
	pthread_mutex_t write;
	pthread_mutex_t read; /* one reader at a time; never held over a flush */
};

int gone_open(const char *dir, struct gone **ret_gone)
{
	struct gone *g = calloc(1, sizeof(*g));

	if (g == NULL) {
		return SK_ENOMEM;
	}
	(void)pthread_mutex_init(&g->write, NULL);
	(void)pthread_mutex_init(&g->read, NULL);
	int err = storedir_open(&g->store, dir, GONE_MAP_BYTES);
	if (err != SK_OK) {
		(void)pthread_mutex_destroy(&g->write);
		(void)pthread_mutex_destroy(&g->read);
		free(g);
		return err;
	}
	*ret_gone = g;
	return SK_OK;
}

void gone_close(struct gone *g)
{
	if (g != NULL) {
		store_close(&g->store);
		(void)pthread_mutex_destroy(&g->write);
		(void)pthread_mutex_destroy(&g->read);
		free(g);
	}
}

static struct key session_key(uint64_t session)
{
	struct key k = { 0 };

	key_u64(&k, session);
	return k;
}

static struct key person_key(const struct token_who *who)
{
	struct key k = { 0 };
	bool adult = who->speaker == SCHAKEL__V1__SPEAKER__SPEAKER_ADULT;

	key_str(&k, who->request);
	key_u32(&k, adult);
	key_u32(&k, adult ? who->adult : who->child);
	return k;
}

/* @return SK_OK and the value as a number; 0: no row. */
static int look(struct gone *g, uint8_t table, const struct key *k, uint64_t *ret_n)
{
	struct store_txn txn;
	struct slice v = { 0 };

	(void)pthread_mutex_lock(&g->read);
	int err = store_read_begin(&g->store, &txn);
	if (err == SK_OK) {
		bool found = store_get(&txn, table, k, &v) && v.len == 8;
		*ret_n = found ? be64_read(v.data) : 0;
		err = txn.err;
		store_abort(&txn);
	}
	(void)pthread_mutex_unlock(&g->read);
	return err;
}

static void put_number(struct store_txn *txn, uint8_t table, const struct key *k, uint64_t n)
{
	uint8_t bytes[8];

	be64_write(bytes, n);
	store_put(txn, table, k, (struct slice){ bytes, sizeof(bytes) });
}

/* --- sessions --- */

static void forget_over(struct store_txn *txn, uint64_t now_ms)
{
	struct store_iter it;
	struct key any = { 0 };
	struct key at;
	struct slice v;
	unsigned n = 0;

	store_iter_init(&it, txn, TABLE_UNTIL, &any);
	while (n++ < SWEEP_MAX && store_next(&it, &at, &v)) {
		if (be64_read(at.b) > now_ms) {
			break;
		}
		struct key k = session_key(be64_read(at.b + 8));
		store_del(txn, TABLE_SESSION, &k);
		store_del(txn, TABLE_UNTIL, &at);
	}
	store_iter_done(&it);
}

static int end_session(struct gone *g, uint64_t session, uint64_t until_ms, uint64_t now_ms)
{
	struct store_txn txn;
	struct key k = session_key(session);
	struct key until = { 0 };
	int err = store_begin(&g->store, &txn);

	if (err != SK_OK) {
		return err;
	}
	forget_over(&txn, now_ms);
	key_u64(&until, until_ms);
	key_u64(&until, session);
	put_number(&txn, TABLE_SESSION, &k, until_ms);
	store_mark(&txn, TABLE_UNTIL, &until);
	return store_commit(&txn);
}

int gone_end_session(struct gone *g, uint64_t session, uint64_t until_ms, uint64_t now_ms)
{
	(void)pthread_mutex_lock(&g->write);
	int err = end_session(g, session, until_ms, now_ms);
	(void)pthread_mutex_unlock(&g->write);
	return err;
}

bool gone_is_ended(struct gone *g, uint64_t session)
{
	struct key k = session_key(session);
	uint64_t until_ms = 0;

	return look(g, TABLE_SESSION, &k, &until_ms) != SK_OK || until_ms != 0;
}

/* --- codes of persons --- */

static int withdraw(struct gone *g, const struct key *k)
{
	struct store_txn txn;
	struct slice v;
	int err = store_begin(&g->store, &txn);

	if (err != SK_OK) {
		return err;
	}
	uint64_t n = store_get(&txn, TABLE_PERSON, k, &v) && v.len == 8 ? be64_read(v.data) : 0;
	put_number(&txn, TABLE_PERSON, k, n + 1);
	return store_commit(&txn);
}

int gone_withdraw(struct gone *g, const struct token_who *person)
{
	struct key k = person_key(person);

	(void)pthread_mutex_lock(&g->write);
	int err = withdraw(g, &k);
	(void)pthread_mutex_unlock(&g->write);
	return err;
}

int gone_serial(struct gone *g, const struct token_who *person, uint32_t *ret_serial)
{
	struct key k = person_key(person);
	uint64_t n = 0;
	int err = look(g, TABLE_PERSON, &k, &n);

	if (err == SK_OK) {
		*ret_serial = (uint32_t)n;
	}
	return err;
}
