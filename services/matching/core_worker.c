/* SPDX-License-Identifier: EUPL-1.2 */
/* Workers of a pool, where its partner states them (B15, B9): an amount is given only where one of
 * them has the expertise, room below the cap, and no rest. The amount counts under that worker from
 * the ask on, so nobody is ever above the cap, however many asks run at once; with its answer the
 * partner may name another one. */
#include "services/matching/core_int.h"

static struct key worker_key(const char *pool, const struct object_id *worker)
{
	struct key k = key_of_str(pool);

	key_id(&k, worker);
	return k;
}

static PB(MatchWorkerRecord) *worker_get(struct work *w, const char *pool,
					 const struct object_id *worker)
{
	struct key k = worker_key(pool, worker);

	return step_get(w->s, T_WORKER, &k, DESC(match_worker_record));
}

static void worker_put(struct work *w, const PB(MatchWorkerRecord) *rec)
{
	struct object_id id = id_of(&rec->worker->worker);
	struct key k = worker_key(rec->worker->pool, &id);

	step_put(w->s, T_WORKER, &k, rec);
}

static bool can_carry(const PB(MatchWorkerRecord) *rec, uint32_t expertise, uint32_t amount)
{
	const PB(PutWorker) *x = rec->worker;
	bool knows = false;

	for (size_t i = 0; i < x->n_expertises; i++) {
		knows = knows || x->expertises[i] == expertise;
	}
	return knows && !x->left && !rec->resting &&
	       ((uint64_t)x->load + rec->given + amount <= x->cap || MUT(145));
}

/** Place among those whom the child knows, latest first; as many as there are: not known. */
static size_t known_at(const PB(ChildFact) *child, const ProtobufCBinaryData *worker)
{
	size_t len = child == NULL ? 0 : child->n_known_workers;

	for (size_t i = 0; i < len; i++) {
		const ProtobufCBinaryData *k = &child->known_workers[i];
		if (k->len == worker->len && memcmp(k->data, worker->data, k->len) == 0) {
			return i;
		}
	}
	return len;
}

/** Who is known to the child first, then who carries least, then by number. */
static bool is_better(const PB(ChildFact) *child, const PB(MatchWorkerRecord) *a,
		      const PB(MatchWorkerRecord) *b)
{
	size_t known_a = known_at(child, &a->worker->worker);
	size_t known_b = known_at(child, &b->worker->worker);
	uint64_t load_a = (uint64_t)a->worker->load + a->given;
	uint64_t load_b = (uint64_t)b->worker->load + b->given;

	if (known_a != known_b) {
		return known_a < known_b;
	}
	return load_a < load_b; /* rows come by number */
}

static bool is_among(const struct hold_want *want, const PB(MatchWorkerRecord) *rec)
{
	struct object_id id = id_of(&rec->worker->worker);
	size_t i = 0;

	while (i < want->among_len && !object_id_equal(&want->among[i], &id)) {
		i++;
	}
	return want->among == NULL || i < want->among_len;
}

bool worker_pick(struct work *w, const char *pool, const struct hold_want *want,
		 struct object_id *ret_worker)
{
	struct key prefix = key_of_str(pool);
	const PB(MatchWorkerRecord) *best = NULL;
	struct store_iter it;
	struct key k;
	struct slice val;

	store_iter_init(&it, w->s->txn, T_WORKER, &prefix);
	while (store_next(&it, &k, &val)) {
		const PB(MatchWorkerRecord) *rec =
			step_unpack(w->s, val, DESC(match_worker_record));
		if (rec != NULL && can_carry(rec, want->expertise, want->amount) &&
		    is_among(want, rec) && (best == NULL || is_better(want->child, rec, best))) {
			best = rec;
		}
	}
	store_iter_done(&it);
	if (best != NULL) {
		*ret_worker = id_of(&best->worker->worker);
	}
	return best != NULL;
}

bool worker_is_known(struct work *w, const PB(ChildFact) *child, const char *pool)
{
	for (size_t i = 0; child != NULL && i < child->n_known_workers; i++) {
		struct object_id id;
		const PB(MatchWorkerRecord) *rec = NULL;
		if (object_id_from(&child->known_workers[i], &id)) {
			rec = worker_get(w, pool, &id);
		}
		if (rec != NULL && !rec->worker->left) {
			return true;
		}
	}
	return false;
}

static void carry(struct work *w, PB(MatchWorkerRecord) *rec, PB(MatchContributionRecord) *c)
{
	rec->given += c->amount;
	c->booked = rec->worker->worker;
	worker_put(w, rec);
}

void worker_book(struct work *w, const PB(MatchRequestRecord) *r, PB(MatchContributionRecord) *c)
{
	struct object_id need = id_of(&c->need_id);
	const PB(MatchNeedRecord) *n = need_get(w, &need);
	struct object_id id;

	if (n == NULL || c->booked.len != 0) {
		return;
	}
	struct hold_want want = hold_want_of(r, n, c->use, c->amount);
	if (worker_pick(w, c->pool, &want, &id)) {
		PB(MatchWorkerRecord) *rec = worker_get(w, c->pool, &id);
		carry(w, rec, c);
	}
}

void worker_take(struct work *w, PB(MatchContributionRecord) *c, const struct object_id *worker)
{
	PB(MatchWorkerRecord) *rec = c->booked.len != 0 ? NULL : worker_get(w, c->pool, worker);

	if (rec != NULL) {
		carry(w, rec, c);
	}
}

void worker_adopt(struct work *w, PB(MatchContributionRecord) *c, const ProtobufCBinaryData *booked)
{
	struct object_id id;
	PB(MatchWorkerRecord) *rec = object_id_from(booked, &id) ? worker_get(w, c->pool, &id) :
								   NULL;

	c->booked =
		*booked; /* also of one who is not stated again yet: state_worker() adds it up */
	if (rec != NULL) {
		carry(w, rec, c);
	}
}

void worker_unbook(struct work *w, PB(MatchContributionRecord) *c)
{
	struct object_id id;

	if (!object_id_from(&c->booked, &id)) {
		return;
	}
	PB(MatchWorkerRecord) *rec = worker_get(w, c->pool, &id);
	const PB(MatchPoolRecord) *p = pool_get(w, c->pool);
	c->booked = (ProtobufCBinaryData){ 0 };
	if (rec == NULL || p == NULL) {
		return;
	}
	SK_ASSERT(rec->given >= c->amount);
	rec->given -= c->amount;
	worker_put(w, rec);
	if (pool_free(p) > 0) {
		pool_mark_dirty(w, p, NULL);
	}
}

int worker_name(struct work *w, PB(MatchContributionRecord) *c, const ProtobufCBinaryData *named)
{
	const PB(MatchPoolRecord) *p = pool_get(w, c->pool);
	struct object_id need = id_of(&c->need_id);
	const PB(MatchNeedRecord) *n = need_get(w, &need);
	struct object_id id;

	if (named->len == 0) {
		/* Who was booked is who comes, unless the partner says otherwise. */
		c->worker = c->booked.len == 0 ? c->worker : c->booked;
		return SK_OK;
	}
	if (!object_id_from(named, &id)) {
		return step_refuse(w->s, REFUSE(MALFORMED), "worker");
	}
	c->worker = *named;
	struct object_id booked = id_of(&c->booked);
	if (p == NULL || n == NULL || p->workers == 0 || object_id_equal(&id, &booked)) {
		return SK_OK;
	}
	PB(MatchWorkerRecord) *rec = worker_get(w, c->pool, &id);
	if (rec == NULL || rec->worker->left) {
		return step_refuse(w->s, REFUSE(UNKNOWN_OBJECT), "worker");
	}
	if (!can_carry(rec, n->need->expertise, c->amount)) {
		return step_refuse(w->s, REFUSE(NOT_STAFFED), "worker");
	}
	if (c->held > 0) {
		worker_unbook(w, c);
		carry(w, rec, c);
	}
	return SK_OK;
}

void worker_rested(struct work *w, const PB(MatchPoolRecord) *p)
{
	struct key prefix = key_of_str(p->pool);
	struct store_iter it;
	struct key k;
	struct slice val;

	store_iter_init(&it, w->s->txn, T_WORKER, &prefix);
	while (store_next(&it, &k, &val)) {
		PB(MatchWorkerRecord) *rec = step_unpack(w->s, val, DESC(match_worker_record));
		if (rec != NULL && rec->resting && rec->worker->rest_until_ms <= w->s->now_ms) {
			rec->resting = false;
			step_put(w->s, T_WORKER, &k, rec);
		}
	}
	store_iter_done(&it);
}

/* --- what the partner states --- */

static int check_worker(struct work *w, const PB(PutWorker) *m)
{
	struct step *s = w->s;

	if (m->worker.len != OBJECT_ID_LEN) {
		return step_refuse(s, REFUSE(MALFORMED), "worker");
	}
	if (m->n_expertises < 1 || m->n_expertises > MATCH_USE_EXPERTISES_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "expertises");
	}
	for (size_t i = 0; i < m->n_expertises; i++) {
		if (m->expertises[i] < 1 || m->expertises[i] > 64 ||
		    step_expertise(s, m->expertises[i]) == NULL) {
			return step_refuse(s, REFUSE(UNKNOWN_CODE), "expertises");
		}
	}
	if (m->load > MATCH_UNITS_MAX) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "load");
	}
	if (m->cap > MATCH_UNITS_MAX) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "cap");
	}
	if (m->rest_until_ms > s->now_ms + MATCH_AHEAD_DAYS_MAX * CIVIL_DAY_MS) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "rest_until_ms");
	}
	return SK_OK;
}

/** Rows of a pool's workers, and the first of those who left and carry nothing. */
static unsigned workers_of(struct work *w, const char *pool, const PB(MatchWorkerRecord) **ret_gone)
{
	struct store_iter it;
	struct key prefix = key_of_str(pool);
	struct key k;
	struct slice val;
	unsigned len = 0;

	*ret_gone = NULL;
	store_iter_init(&it, w->s->txn, T_WORKER, &prefix);
	while (store_next(&it, &k, &val)) {
		const PB(MatchWorkerRecord) *rec =
			step_unpack(w->s, val, DESC(match_worker_record));
		bool gone = rec != NULL && rec->worker->left && rec->given == 0;
		*ret_gone = gone && *ret_gone == NULL ? rec : *ret_gone;
		len++;
	}
	store_iter_done(&it);
	return len;
}

/** Who left gives way to who comes; versions of workers of the pool go on above theirs. */
static void make_room(struct work *w, PB(MatchPoolRecord) *p)
{
	const PB(MatchWorkerRecord) *gone = NULL;

	if (workers_of(w, p->pool, &gone) < MATCH_WORKERS_MAX || gone == NULL) {
		return;
	}
	struct object_id id = id_of(&gone->worker->worker);
	struct key k = worker_key(p->pool, &id);
	step_del(w->s, T_WORKER, &k);
	if (gone->version > p->worker_version) {
		p->worker_version = gone->version;
	}
}

/** A cap below what is carried would put somebody above it: help is handed on or interrupted first,
 *  by its own commands, so that no child is dropped by a number. */
static int check_against(struct work *w, const PB(PutWorker) *m, const PB(MatchWorkerRecord) *old)
{
	struct step *s = w->s;
	uint32_t version = old == NULL ? 0 : old->version;

	if (m->based_on != version) {
		return step_conflict(s, version, NULL);
	}
	const PB(MatchWorkerRecord) *gone = NULL;
	if (old == NULL && workers_of(w, m->pool, &gone) >= MATCH_WORKERS_MAX && gone == NULL) {
		return step_refuse(s, REFUSE(TOO_MANY), "worker");
	}
	uint32_t given = old == NULL ? 0 : old->given;
	if (m->left && given > 0) {
		return step_refuse(s, REFUSE(STATE), "left");
	}
	if (!m->left && (uint64_t)m->load + given > m->cap) {
		return step_refuse(s, REFUSE(CONTRADICTS), "cap");
	}
	return SK_OK;
}

/** Rows are not taken off: one that is too many looks at the pool once more, for nothing. */
static void rest_due(struct work *w, const PB(MatchPoolRecord) *p, const PB(PutWorker) *m)
{
	struct object_id id = id_of(&p->pool_id);

	if (m->rest_until_ms > w->s->now_ms) {
		step_due(w->s, m->rest_until_ms, DUE_REST, &id, 0);
	}
}

static void worker_event(struct work *w, const PB(MatchPoolRecord) *p,
			 const PB(MatchWorkerRecord) *rec)
{
	PB(Event) e = PB_INIT(EVENT);

	/* That the pool has other workers now; nothing of who or how much (B15). */
	e.kind = EVENT(WORKER);
	e.object_id = rec->worker->worker;
	e.version = rec->version;
	e.party = p->partner;
	e.pool = p->pool;
	e.ended = rec->worker->left;
	e.at_ms = w->s->now_ms;
	step_event(w->s, &e);
}

/** A restored node may know of help before it knows again who carries it. */
static uint32_t booked_on(struct work *w, const char *pool, const struct object_id *worker)
{
	struct store_iter it;
	struct key prefix = key_of_str(pool);
	struct key k;
	struct slice val;
	uint32_t given = 0;

	store_iter_init(&it, w->s->txn, T_POOL_HOLD, &prefix);
	while (store_next(&it, &k, &val)) {
		struct object_id id;
		memcpy(id.b, k.b + k.len - OBJECT_ID_LEN, OBJECT_ID_LEN);
		const PB(MatchContributionRecord) *c = contribution_get(w, &id);
		struct object_id booked = c == NULL ? id : id_of(&c->booked);
		given += c != NULL && object_id_equal(&booked, worker) ? c->amount : 0;
	}
	store_iter_done(&it);
	return given;
}

static void state_worker(struct work *w, PB(MatchPoolRecord) *p, PB(PutWorker) *m,
			 PB(MatchWorkerRecord) *rec)
{
	bool was = rec->worker != NULL && !rec->worker->left;
	struct object_id id = id_of(&m->worker);

	if (rec->worker == NULL) {
		make_room(w, p);
		rec->version = p->worker_version;
		rec->given = booked_on(w, m->pool, &id);
	}
	rec->worker = m;
	rec->resting = m->rest_until_ms > w->s->now_ms;
	rec->version = step_next_version(w->s, rec->version);
	rest_due(w, p, m);
	worker_put(w, rec);
	p->workers += (m->left ? 0 : 1);
	p->workers -= (was ? 1 : 0);
	pool_put(w, p);
	if (pool_free(p) > 0) {
		pool_mark_dirty(w, p, NULL);
	}
	worker_event(w, p, rec);
}

int match_put_worker(struct step *s, const PB(Message) *in)
{
	PB(PutWorker) *m = in->put_worker;
	PB(MatchWorkerRecord) fresh = PB_INIT(MATCH_WORKER_RECORD);
	struct object_id id;
	struct work w;

	work_init(&w, s);
	PB(MatchPoolRecord) *p = name_is_valid(m->pool) ? pool_get(&w, m->pool) : NULL;
	if (p == NULL) {
		return work_err(&w) != SK_OK ? work_err(&w) :
					       step_refuse(s, REFUSE(UNKNOWN_OBJECT), "pool");
	}
	if (!pool_is_of(p, s->from.id)) {
		return step_refuse(s, REFUSE(NOT_YOURS), "pool");
	}
	int err = check_worker(&w, m);
	PB(MatchWorkerRecord) *rec = NULL;
	if (err == SK_OK) {
		id = id_of(&m->worker);
		rec = worker_get(&w, m->pool, &id);
		err = check_against(&w, m, rec);
	}
	if (err != SK_OK) {
		return err;
	}
	rec = rec == NULL ? &fresh : rec;
	state_worker(&w, p, m, rec);
	step_result(s, &id, rec->version);
	return work_settle(&w);
}
