/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/sim/toy_law.h"

#include <string.h>

#include "tests/sim/toy.h"

#define U(v) ((unsigned long long)(v))
#define ACCEPTED SCHAKEL__V1__OUTCOME__OUTCOME_ACCEPTED

/* Tags of a record: what it does (with the number of the counter in the high half), the amount, the
 * length of the chain, whether the counter was written. */
enum tag { TAG_WHAT, TAG_AMOUNT, TAG_CHAIN, TAG_WROTE };
enum what { WHAT_NONE, WHAT_ADD, WHAT_SET, WHAT_ECHO };

static uint64_t number_of(const char *name)
{
	return name[0] == 'c' && name[1] >= '0' && name[1] < '0' + TOY_COUNTERS && name[2] == '\0' ?
		       (uint64_t)(name[1] - '0') :
		       TOY_COUNTERS;
}

static bool wrote_counter(const struct applied *a)
{
	struct slice rest = a->effects, val;
	struct key key;
	uint8_t table;

	while (effects_next(&rest, &table, &key, &val) == 1) {
		if (table == TOY_COUNTER) {
			return true;
		}
	}
	return false;
}

void toy_describe(struct world *w, struct daemon *d, const struct applied *a,
		  struct record_kept *rec)
{
	const char *name = "";
	uint64_t what = WHAT_NONE;

	(void)w;
	(void)d;
	if (a->in == NULL) {
		return;
	}
	if (a->in->body_case == BODY(PUT_CAPACITY)) {
		what = WHAT_ADD;
		name = a->in->put_capacity->pool;
		rec->tag[TAG_AMOUNT] = a->in->put_capacity->staffed;
		rec->tag[TAG_CHAIN] = a->in->put_capacity->used_elsewhere & 15;
		if ((a->in->put_capacity->total & TOY_DUE_REFUSES) != 0 &&
		    rec->tag[TAG_CHAIN] > 0) {
			rec->tag[TAG_CHAIN]--; /* the last row of the chain is refused */
		}
	} else if (a->in->body_case == BODY(ASK)) {
		what = WHAT_ADD;
		name = a->in->ask->pool;
		rec->tag[TAG_AMOUNT] = a->in->ask->amount;
	} else if (a->in->body_case == BODY(RECONCILE_ITEM)) {
		what = WHAT_SET;
		name = (const char *)a->in->reconcile_item->record.data + 8;
		rec->tag[TAG_AMOUNT] = be64_read(a->in->reconcile_item->record.data);
	} else if (a->in->body_case == BODY(ASK_ENDED)) {
		what = WHAT_ECHO;
	}
	rec->tag[TAG_WHAT] = what | number_of(name) << 32;
	rec->tag[TAG_WROTE] = wrote_counter(a);
}

/* --- the model --- */

struct model {
	uint64_t value[TOY_COUNTERS + 1];
	uint64_t missed[TOY_COUNTERS + 1]; /* told, and set aside by the peer */
	uint64_t echoes, chains, fired;
};

static void model_fact(struct model *m, const struct record_kept *r, bool owner)
{
	uint64_t n = r->tag[TAG_WHAT] >> 32, what = r->tag[TAG_WHAT] & 15;
	bool void_fact = r->isolated && r->tag[TAG_WROTE] == 0;

	if (r->outcome != ACCEPTED) {
		m->missed[n] += what == WHAT_ADD ? r->tag[TAG_AMOUNT] : 0;
		return;
	}
	if (what == WHAT_ADD && !void_fact) {
		m->value[n] += r->tag[TAG_AMOUNT];
	} else if (what == WHAT_SET && !void_fact) {
		bool takes = !owner || r->tag[TAG_AMOUNT] > m->value[n];
		m->value[n] = takes ? r->tag[TAG_AMOUNT] : m->value[n];
		m->missed[n] = 0;
	} else if (what == WHAT_ECHO) {
		m->echoes += r->tag[TAG_WROTE];
	}
}

static void count_fired(struct world *w, struct daemon *d, const struct record_kept *r,
			struct map64 *fired)
{
	struct slice rest = { r->effects, r->effects_len }, val;
	struct key key;
	uint8_t table;

	while (effects_next(&rest, &table, &key, &val) == 1) {
		if (table == TOY_FIRED &&
		    map64_put(fired, hash64(7, key.b, key.len), r->sequence, NULL)) {
			world_fail(w, "V2: %s ran one due row twice, again in input %llu",
				   d->svc->name, U(r->sequence));
		}
	}
}

static struct model reckon(struct world *w, struct daemon *d)
{
	struct model m = { 0 };
	struct map64 fired = { 0 };
	bool owner = strcmp(d->svc->name, "alpha") == 0;

	for (size_t i = 0; i < d->ledger.len; i++) {
		const struct record_kept *r = &d->ledger.rec[i];
		if (r->kind == 3) {
			count_fired(w, d, r, &fired);
		} else if (r->body == BODY(PEER_INCARNATED)) {
			/* alpha comes from an old copy: what it knows will be told anew. */
			memset(m.missed, 0, sizeof(m.missed));
		} else if (r->kind == 2) {
			model_fact(&m, r, owner);
		} else if (r->outcome == ACCEPTED && (r->tag[TAG_WHAT] & 15) == WHAT_ADD) {
			m.value[r->tag[TAG_WHAT] >> 32] += r->tag[TAG_AMOUNT];
			m.chains += r->tag[TAG_CHAIN];
		}
	}
	m.fired = fired.len;
	map64_done(&fired);
	return m;
}

static struct toy_counter stored(struct daemon *d, uint64_t n)
{
	uint8_t flat[] = { TOY_COUNTER, 'c', (uint8_t)('0' + n), 0 };
	struct store_txn *txn = engine_peek(d->engine);
	MDB_val key = { sizeof(flat), flat }, val;
	struct toy_counter c = { 0 };

	if (mdb_get(txn->txn, txn->dbi, &key, &val) == 0) {
		toy_counter_read(val.mv_data, &c);
	}
	return c;
}

/** Of all counters: a command whose bytes turned on the way may have named one that nobody meant.
 */
static void count_stored(struct daemon *d, uint64_t *ret_echoes, uint64_t *ret_ticks)
{
	struct store_txn *txn = engine_peek(d->engine);
	uint8_t first = TOY_COUNTER;
	MDB_val key = { sizeof(first), &first }, val;
	MDB_cursor *cursor;
	uint64_t echoes = 0, ticks = 0;

	SK_ASSERT(mdb_cursor_open(txn->txn, txn->dbi, &cursor) == 0);
	int rc = mdb_cursor_get(cursor, &key, &val, MDB_SET_RANGE);
	while (rc == 0 && *(const uint8_t *)key.mv_data == TOY_COUNTER) {
		struct toy_counter c;

		toy_counter_read(val.mv_data, &c);
		echoes += c.echoes;
		ticks += c.ticks;
		rc = mdb_cursor_get(cursor, &key, &val, MDB_NEXT);
	}
	mdb_cursor_close(cursor);
	*ret_echoes = echoes;
	*ret_ticks = ticks;
}

static void compare(struct world *w, struct daemon *d, const struct model *m)
{
	uint64_t echoes, ticks;

	for (uint64_t n = 0; n < TOY_COUNTERS; n++) {
		struct toy_counter c = stored(d, n);
		if (c.value != m->value[n]) {
			world_fail(w, "L1: counter %llu of %s is %llu, the inputs make %llu", U(n),
				   d->svc->name, U(c.value), U(m->value[n]));
		}
	}
	count_stored(d, &echoes, &ticks);
	if (echoes != m->echoes || ticks != m->fired) {
		world_fail(w, "L1: %s counts %llu echoes, %llu ticks; the inputs make %llu, %llu",
			   d->svc->name, U(echoes), U(ticks), U(m->echoes), U(m->fired));
	}
}

void toy_check(struct world *w, bool end)
{
	struct model m[DAEMONS_MAX] = { 0 };

	for (size_t i = 0; i < w->daemons; i++) {
		struct daemon *d = &w->daemon[i];
		m[i] = reckon(w, d);
		if (d->up) {
			compare(w, d, &m[i]);
		}
	}
	if (!end) {
		return;
	}
	if (w->daemon[0].restores == 0 && m[0].chains != m[0].fired) {
		world_fail(w, "V2: %llu due rows were owed, %llu ran", U(m[0].chains),
			   U(m[0].fired));
	}
	for (size_t i = 1; i < w->daemons; i++) {
		for (uint64_t n = 0; n < TOY_COUNTERS; n++) {
			if (m[i].value[n] + m[i].missed[n] != m[0].value[n]) {
				world_fail(w, "V1: counter %llu: %llu at alpha, %llu + %llu at %s",
					   U(n), U(m[0].value[n]), U(m[i].value[n]),
					   U(m[i].missed[n]), w->daemon[i].svc->name);
			}
		}
	}
}

bool toy_chains_run(struct daemon *alpha)
{
	struct store_iter it;
	struct key k;
	struct slice val;
	bool runs = false;

	store_iter_init(&it, engine_peek(alpha->engine), TABLE_DUE, NULL);
	while (!runs && store_next(&it, &k, &val)) {
		runs = k.b[8] == 1 || k.b[8] == 2; /* due u64, kind u8 */
	}
	store_iter_done(&it);
	return runs;
}

/* --- dashboard --- */

static uint64_t state_of(uint64_t version, uint64_t value)
{
	return mix64(version << 32 ^ value);
}

uint64_t toy_object(const PB(Event) *e, uint64_t *ret_state)
{
	if (e->kind != SCHAKEL__V1__EVENT_KIND__EVENT_KIND_POOL) {
		return 0;
	}
	*ret_state = state_of(e->version, e->free);
	return number_of(e->pool) + 1;
}

void toy_check_dashboard(struct reader_client *r)
{
	for (uint64_t n = 0; n < TOY_COUNTERS; n++) {
		struct toy_counter c = stored(r->writer, n);
		uint64_t state = 0;
		bool known = map64_get(&r->state, n + 1, &state);
		if (known != (c.version > 0) || (known && state != state_of(c.version, c.value))) {
			world_fail(r->client.w, "I21: %s knows another counter %llu of %s",
				   r->client.party.id, U(n), r->writer->svc->name);
		}
	}
}
