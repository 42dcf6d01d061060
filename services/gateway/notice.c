/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/notice.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/logging.h"

#define TURN_MS 500
#define EVENTS_MAX 1000 /* of one turn */
#define ROWS_MAX 64
#define LATER_MS 10000 /* after a daemon that did not answer */
#define WEEK_MS 60000  /* how often it is looked whether a week's question is due */
#define WEEK_LATE_MS (48ULL * 3600 * 1000)
#define LINK_AFTER_MS (24ULL * 3600 * 1000) /* a late answer gets told what holds now */
#define LINK_WEEK_MS (7ULL * 86400 * 1000)
#define POOLS_MAX 50

enum row_kind { ROW_ASK = 1, ROW_REMIND };

/** Something to be asked of matching, and then perhaps mailed. */
struct row {
	uint64_t due_ms;
	struct object_id ask;
	uint8_t kind;
	char party[PARTY_ID_LEN_MAX + 1];
};

struct notice {
	struct outbox *o;
	struct notice_port port;
	char place[NOTICE_PLACE_MAX];
	size_t rows;
	uint64_t later_ms; /* not before: a daemon did not answer */
	uint64_t week_ms;
	pthread_t thread;
	bool thread_made;
	atomic_bool stop;
	uint8_t *block;
};

/* --- rows --- */

static struct key row_key(const struct row *r)
{
	struct key k = { 0 };
	key_u64(&k, r->due_ms);
	key_id(&k, &r->ask);
	key_u8(&k, r->kind);
	return k;
}

static bool row_read(const struct key *k, struct slice val, struct row *ret_row)
{
	struct slice rest = { k->b, k->len };
	return key_take_u64(&rest, &ret_row->due_ms) && key_take_id(&rest, &ret_row->ask) &&
	       key_take_u8(&rest, &ret_row->kind) && val.len <= PARTY_ID_LEN_MAX &&
	       snprintf(ret_row->party, sizeof(ret_row->party), "%.*s", (int)val.len,
			(const char *)val.data) >= 0;
}

static void row_put(struct notice *n, struct store_txn *txn, const struct row *r)
{
	struct key k = row_key(r);
	struct slice was;
	if (n->rows >= NOTICE_ROWS_MAX) {
		svc_log(LOG_ERR, "notice-full", "rows=%zu party=%s", n->rows, r->party);
		return;
	}
	n->rows += !store_get(txn, OUT_TABLE_NOTICE, &k, &was);
	store_put(txn, OUT_TABLE_NOTICE, &k, (struct slice){ r->party, strlen(r->party) });
}

static void row_del(struct notice *n, struct store_txn *txn, const struct row *r)
{
	struct key k = row_key(r);
	struct slice was;
	n->rows -= store_get(txn, OUT_TABLE_NOTICE, &k, &was) && n->rows > 0;
	store_del(txn, OUT_TABLE_NOTICE, &k);
}

/* --- events --- */

static bool is_reachable(const struct conf *c, const char *party)
{
	const struct conf_party *p = conf_party(c, party);
	bool mail = p != NULL && p->mail[0] != '\0' && c->outside.mail.server[0] != '\0';
	bool text = p != NULL && p->text[0] != '\0' && c->outside.text.url[0] != '\0';
	return mail || text;
}

/* An ask that is over when it is read is of no use to anybody. */
static bool row_of_event(const struct conf *c, const PB(Event) *e, uint64_t now_ms,
			 struct row *ret_row)
{
	*ret_row = (struct row){ .kind = ROW_ASK };
	if (e->kind != SCHAKEL__V1__EVENT_KIND__EVENT_KIND_CONTRIBUTION ||
	    e->contribution_state != SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_ASKED ||
	    e->due_ms <= now_ms || !is_reachable(c, e->party) ||
	    !object_id_from(&e->object_id, &ret_row->ask)) {
		return false;
	}
	name_copy(ret_row->party, e->party);
	return true;
}

/* Rows and the place in one transaction. @return whether there may be more. */
static bool read_feed(struct notice *n, const struct conf *c)
{
	struct out_batch b;
	const PB(Event) *e = NULL;
	struct key k = key_of_str("notice");
	char place[NOTICE_PLACE_MAX];
	uint64_t now_ms = n->port.now_ms(n->port.arg);
	struct row rows[ROWS_MAX];
	size_t len = 0;
	int got = 1;
	memcpy(place, n->place, sizeof(place));
	for (int i = 0; i < EVENTS_MAX && len < ROWS_MAX && got != 0; i++) {
		got = n->port.next(n->port.arg, place, &e);
		len += got > 0 && row_of_event(c, e, now_ms, &rows[len]);
	}
	if (strcmp(place, n->place) == 0 || out_begin(n->o, &b) != SK_OK) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		row_put(n, &b.txn, &rows[i]);
	}
	store_put(&b.txn, OUT_TABLE_META, &k, (struct slice){ place, strlen(place) });
	if (out_commit(&b) != SK_OK) {
		return false; /* read again, later */
	}
	memcpy(n->place, place, sizeof(n->place));
	return got != 0;
}

/* --- asks --- */

static void link_text(const struct notice *n, const struct conf *c, const struct token_link *l,
		      char ret_text[CONF_URL_MAX + TOKEN_LINK_MAX + 8])
{
	char token[TOKEN_LINK_MAX + 1];
	const char *base = c->gateway.public_url;
	char bind[CONF_URL_MAX + 1];
	(void)snprintf(bind, sizeof(bind), "http://%s", c->gateway.bind);
	token_link(n->port.key, c, l, token);
	(void)snprintf(ret_text, CONF_URL_MAX + TOKEN_LINK_MAX + 8, "%s/%c/%s",
		       base[0] == '\0' ? bind : base, l->kind, token);
}

/* @return SK_OK and NULL when it is no longer asked. */
static int find_ask(struct notice *n, const struct row *r, struct arena *a, const PB(Ask) **ret)
{
	PB(QueryAsks) q = PB_INIT(QUERY_ASKS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;
	q.contribution_id = object_id_data(&r->ask);
	q.limit = 1;
	m.body_case = BODY(QUERY_ASKS);
	m.query_asks = &q;
	int err = n->port.ask(n->port.arg, r->party, &m, a, &answer);
	if (err != SK_OK) {
		return err;
	}
	*ret = NULL;
	for (size_t i = 0; answer->body_case == BODY(ASKS_VIEW) && i < answer->asks_view->n_asks;
	     i++) {
		PB(Ask) *ask = answer->asks_view->asks[i];
		struct object_id id = { 0 };
		bool open = ask->state == SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_ASKED;
		if (open && object_id_from(&ask->contribution_id, &id) &&
		    object_id_equal(&id, &r->ask)) {
			*ret = ask;
		}
	}
	return SK_OK;
}

static int add_one(struct out_batch *b, enum out_kind kind, const char *to, const char *key,
		   const struct notice_text *t)
{
	struct out_item item = { .kind = kind,
				 .to = to,
				 .subject = t->subject,
				 .body = { t->body, strlen(t->body) },
				 .key = key };
	int err = out_add(b, &item);
	if (err == SK_EFULL || err == SK_EINVAL) {
		svc_log(LOG_ERR, "notice-lost", "key=%s err=%s", key, sk_strerror(err));
		return SK_OK; /* what the page shows is not held up by it */
	}
	return err == SK_EEXIST ? SK_OK : err;
}

/* The mail, the text message and the reminder's row, with the end of this row. */
static int tell(struct notice *n, const struct conf *c, const struct row *r, const PB(Ask) *ask)
{
	static const char *const word[] = { "", "ask", "remind" };
	const struct conf_party *p = conf_party(c, r->party);
	struct token_link l = { .kind = 'a' };
	struct notice_text t;
	struct out_batch b;
	char link[CONF_URL_MAX + TOKEN_LINK_MAX + 8];
	char key[OUT_KEY_MAX + 1];
	uint64_t now_ms = n->port.now_ms(n->port.arg);
	uint64_t left_ms = ask->answer_by_ms > now_ms ? ask->answer_by_ms - now_ms : 0;
	bool remind = r->kind == ROW_REMIND;
	size_t rows = n->rows;
	name_copy(l.party, r->party);
	object_id_hex(&r->ask, l.object);
	l.until_ms = out_now_ms() + left_ms + LINK_AFTER_MS;
	link_text(n, c, &l, link);
	int err = out_begin(n->o, &b);
	if (err != SK_OK) {
		return err;
	}
	if (p->mail[0] != '\0' && c->outside.mail.server[0] != '\0') {
		(void)snprintf(key, sizeof(key), "%s-mail-%s", word[r->kind], l.object);
		notice_ask_text(c, ask, remind, link, &t);
		err = add_one(&b, OUT_MAIL, p->mail, key, &t);
	}
	if (err == SK_OK && p->text[0] != '\0' && c->outside.text.url[0] != '\0') {
		(void)snprintf(key, sizeof(key), "%s-text-%s", word[r->kind], l.object);
		notice_ask_short(c, ask, remind, link, &t);
		err = add_one(&b, OUT_TEXT, p->text, key, &t);
	}
	struct row next = *r;
	next.kind = ROW_REMIND;
	next.due_ms = ask->asked_ms + (ask->answer_by_ms - ask->asked_ms) / 2;
	if (!remind && next.due_ms > now_ms && ask->answer_by_ms > ask->asked_ms) {
		row_put(n, &b.txn, &next);
	}
	row_del(n, &b.txn, r);
	if (err != SK_OK) {
		out_abort(&b);
	} else {
		err = out_commit(&b);
	}
	n->rows = err == SK_OK ? n->rows : rows;
	return err;
}

static int forget(struct notice *n, const struct row *r)
{
	struct out_batch b;
	int err = out_begin(n->o, &b);
	if (err == SK_OK) {
		row_del(n, &b.txn, r);
		err = out_commit(&b);
	}
	return err;
}

static int do_row(struct notice *n, const struct conf *c, const struct row *r)
{
	struct arena a;
	const PB(Ask) *ask = NULL;
	arena_init(&a, n->block, NOTICE_ARENA_BYTES);
	int err = is_reachable(c, r->party) ? find_ask(n, r, &a, &ask) : SK_OK;
	if (err == SK_EAUTH) {
		svc_log(LOG_WARNING, "notice-no-key", "party=%s", r->party);
		err = SK_OK;
	}
	if (err == SK_OK) {
		err = ask == NULL ? forget(n, r) : tell(n, c, r, ask);
	}
	arena_reset(&a);
	return err;
}

static size_t due_rows(struct notice *n, uint64_t now_ms, struct row ret_rows[ROWS_MAX])
{
	struct out_batch b;
	struct store_iter it;
	struct key none = { 0 };
	struct key k;
	struct slice val;
	size_t len = 0;
	if (out_begin(n->o, &b) != SK_OK) {
		return 0;
	}
	store_iter_init(&it, &b.txn, OUT_TABLE_NOTICE, &none);
	while (len < ROWS_MAX && store_next(&it, &k, &val)) {
		SK_ASSERT(row_read(&k, val, &ret_rows[len]));
		if (ret_rows[len].due_ms > now_ms) {
			break;
		}
		len++;
	}
	store_iter_done(&it);
	out_abort(&b);
	return len;
}

static void do_rows(struct notice *n, const struct conf *c)
{
	struct row rows[ROWS_MAX];
	uint64_t wall_ms = out_now_ms();
	size_t len = wall_ms < n->later_ms ? 0 : due_rows(n, n->port.now_ms(n->port.arg), rows);
	for (size_t i = 0; i < len && !atomic_load(&n->stop); i++) {
		if (do_row(n, c, &rows[i]) != SK_OK) {
			n->later_ms = wall_ms + LATER_MS;
			return;
		}
	}
}

/* --- the weekly question --- */

static bool wants_week(const PB(PoolItem) *p)
{
	return p->capacity != NULL && p->state != SCHAKEL__V1__POOL_STATE__POOL_STATE_PAUSED;
}

static int ask_pools(struct notice *n, const struct conf_party *p, struct arena *a,
		     const PB(PoolsView) **ret)
{
	PB(QueryPools) q = PB_INIT(QUERY_POOLS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;
	char party[PARTY_ID_LEN_MAX + 1];
	name_copy(party, p->id);
	q.partner = party;
	q.limit = POOLS_MAX;
	m.body_case = BODY(QUERY_POOLS);
	m.query_pools = &q;
	int err = n->port.ask(n->port.arg, p->id, &m, a, &answer);
	if (err == SK_OK && answer->body_case == BODY(POOLS_VIEW)) {
		*ret = answer->pools_view;
	}
	return err;
}

static int put_week(struct notice *n, const struct conf *c, const struct conf_party *p,
		    const PB(PoolsView) *view, const char *key)
{
	struct notice_text t;
	size_t asked = 0;
	notice_week_begin(&t);
	for (size_t i = 0; view != NULL && i < view->n_pools; i++) {
		char link[CONF_URL_MAX + TOKEN_LINK_MAX + 8];
		struct token_link l = { .kind = 'c', .until_ms = out_now_ms() + LINK_WEEK_MS };
		if (wants_week(view->pools[i])) {
			name_copy(l.party, p->id);
			(void)snprintf(l.object, sizeof(l.object), "%s",
				       view->pools[i]->capacity->pool);
			link_text(n, c, &l, link);
			asked += notice_week_pool(&t, view->pools[i], link);
		}
	}
	notice_week_end(&t);
	if (asked == 0) {
		return out_mark(n->o, key);
	}
	struct out_item item = { .kind = OUT_MAIL,
				 .to = p->mail,
				 .subject = t.subject,
				 .body = { t.body, strlen(t.body) },
				 .key = key };
	int err = out_put(n->o, &item);
	return err == SK_EEXIST ? SK_OK : err;
}

static void week_of(struct notice *n, const struct conf *c, const struct conf_party *p,
		    uint64_t now_ms)
{
	uint64_t at_ms = notice_week_at(c, p, now_ms);
	const PB(PoolsView) *view = NULL;
	char key[OUT_KEY_MAX + 1];
	struct arena a;
	if (at_ms == 0 || now_ms < at_ms || now_ms > at_ms + WEEK_LATE_MS) {
		return;
	}
	(void)snprintf(key, sizeof(key), "week-%s-%llu", p->id, (unsigned long long)at_ms);
	if (out_known(n->o, key)) {
		return;
	}
	arena_init(&a, n->block, NOTICE_ARENA_BYTES);
	int err = ask_pools(n, p, &a, &view);
	if (err == SK_OK || err == SK_EAUTH) {
		err = put_week(n, c, p, view, key);
	}
	arena_reset(&a);
	if (err != SK_OK) {
		svc_log(LOG_WARNING, "notice-week", "party=%s err=%s", p->id, sk_strerror(err));
	}
}

static void do_week(struct notice *n, const struct conf *c)
{
	uint64_t wall_ms = out_now_ms();
	if (c->outside.mail.server[0] == '\0' ||
	    (wall_ms >= n->week_ms && wall_ms < n->week_ms + WEEK_MS)) {
		return;
	}
	n->week_ms = wall_ms;
	for (size_t i = 0; i < c->parties_len && !atomic_load(&n->stop); i++) {
		const struct conf_party *p = &c->parties[i];
		if (p->mail[0] != '\0' && (p->roles & ROLE_BIT(FACILITY)) != 0) {
			week_of(n, c, p, n->port.now_ms(n->port.arg));
		}
	}
}

/* --- the thread --- */

static void *run(void *arg)
{
	struct notice *n = arg;
	while (!atomic_load(&n->stop)) {
		const struct conf *c = n->port.conf(n->port.arg);
		bool more = read_feed(n, c);
		do_rows(n, c);
		do_week(n, c);
		n->port.conf_done(n->port.arg);
		if (!more) {
			(void)nanosleep(&(struct timespec){ .tv_nsec = TURN_MS * 1000000L }, NULL);
		}
	}
	return NULL;
}

static int read_state(struct notice *n)
{
	struct out_batch b;
	struct store_iter it;
	struct key none = { 0 };
	struct key k = key_of_str("notice");
	struct slice val;
	int err = out_begin(n->o, &b);
	if (err != SK_OK) {
		return err;
	}
	if (store_get(&b.txn, OUT_TABLE_META, &k, &val)) {
		(void)snprintf(n->place, sizeof(n->place), "%.*s", (int)val.len,
			       (const char *)val.data);
	}
	store_iter_init(&it, &b.txn, OUT_TABLE_NOTICE, &none);
	while (store_next(&it, &k, &val)) {
		n->rows++;
	}
	store_iter_done(&it);
	err = b.txn.err;
	out_abort(&b);
	return err;
}

int notice_open(struct outbox *o, const struct notice_port *port, struct notice **ret_notice)
{
	struct notice *n = calloc(1, sizeof(*n));
	if (n == NULL) {
		return SK_ENOMEM;
	}
	n->o = o;
	n->port = *port;
	n->block = malloc(NOTICE_ARENA_BYTES);
	int err = n->block == NULL ? SK_ENOMEM : read_state(n);
	if (err == SK_OK) {
		n->thread_made = pthread_create(&n->thread, NULL, run, n) == 0;
		err = n->thread_made ? SK_OK : SK_ESYS;
	}
	if (err != SK_OK) {
		notice_close(n);
		return err;
	}
	*ret_notice = n;
	return SK_OK;
}

void notice_close(struct notice *n)
{
	if (n == NULL) {
		return;
	}
	atomic_store(&n->stop, true);
	if (n->thread_made) {
		(void)pthread_join(n->thread, NULL);
	}
	free(n->block);
	free(n);
}
