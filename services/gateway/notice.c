/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/notice_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/logging.h"

#define TURN_MS 500
#define EVENTS_MAX 1000 /* of one turn */
#define ROWS_MAX 64
#define LATER_MS 10000                      /* after a daemon that did not answer */
#define LINK_AFTER_MS (24ULL * 3600 * 1000) /* a late answer gets told what holds now */

enum row_kind { ROW_ASK = 1, ROW_REMIND };

/** Something to be asked of matching, and then perhaps mailed. Of help that a child keeps to itself
 *  the event does not say whose it is: party is empty then, until the house itself says so. */
struct row {
	uint64_t due_ms;
	struct object_id ask;
	uint8_t kind;
	char party[PARTY_ID_LEN_MAX + 1];
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
	    e->due_ms <= now_ms || (e->party[0] != '\0' && !is_reachable(c, e->party)) ||
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

/* @return SK_OK and NULL when it is no longer asked. */
static int find_ask(struct notice *n, const struct row *r, struct arena *a, const PB(Ask) **ret)
{
	PB(QueryAsks) q = PB_INIT(QUERY_ASKS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;
	char party[PARTY_ID_LEN_MAX + 1];
	name_copy(party, r->party);
	q.contribution_id = object_id_data(&r->ask);
	q.partner = party; /* and of no other, though this one may see more */
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
	notice_link(n, c, &l, link);
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
	next.due_ms = ask->remind_ms; /* the node's own clock of opening days (DOMAIN 5) */
	if (!remind && next.due_ms > now_ms) {
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

/* @return SK_OK and NULL: not asked, not asked of this party, or the node has no key of it. */
static int ask_of(struct notice *n, const struct conf *c, const struct row *r, struct arena *a,
		  const PB(Ask) **ret)
{
	int err = is_reachable(c, r->party) ? find_ask(n, r, a, ret) : SK_OK;
	if (err == SK_EAUTH) {
		svc_log(LOG_WARNING, "notice-no-key", "party=%s", r->party);
		err = SK_OK;
	}
	return err;
}

/* Several houses may publish one pool, and each sees what is asked of it: the one that is mailed is
 * its partner, as for an ask whose event says whose it is. */
static int take_partner(struct notice *n, const struct conf *c, struct row *io_row, struct arena *a,
			const PB(Ask) *ask)
{
	PB(QueryPools) q = PB_INIT(QUERY_POOLS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;
	q.pool = ask->pool;
	m.body_case = BODY(QUERY_POOLS);
	m.query_pools = &q;
	int err = n->port.ask(n->port.arg, io_row->party, &m, a, &answer);
	if (err != SK_OK || answer->body_case != BODY(POOLS_VIEW) ||
	    answer->pools_view->n_pools != 1 || answer->pools_view->pools[0]->capacity == NULL) {
		return err;
	}
	const char *partner = answer->pools_view->pools[0]->capacity->partner;
	if (is_reachable(c, partner)) {
		name_copy(io_row->party, partner);
	}
	return SK_OK;
}

/* Nobody says whose a shielded ask is but the house itself: each is asked with its own key. */
static int find_house(struct notice *n, const struct conf *c, struct row *io_row, struct arena *a,
		      const PB(Ask) **ret)
{
	struct row r = *io_row;
	int err = SK_OK;
	for (size_t i = 0; i < c->parties_len && err == SK_OK && *ret == NULL; i++) {
		name_copy(r.party, c->parties[i].id);
		if ((c->parties[i].roles & ROLE_BIT(FACILITY)) != 0) {
			arena_reset(a);
			err = ask_of(n, c, &r, a, ret);
		}
	}
	if (*ret == NULL) {
		return err;
	}
	name_copy(io_row->party, r.party);
	return take_partner(n, c, io_row, a, *ret);
}

static int do_row(struct notice *n, const struct conf *c, const struct row *r)
{
	struct arena a;
	const PB(Ask) *ask = NULL;
	struct row row = *r;
	arena_init(&a, n->block, NOTICE_ARENA_BYTES);
	int err = r->party[0] == '\0' ? find_house(n, c, &row, &a, &ask) :
					ask_of(n, c, &row, &a, &ask);
	if (err == SK_OK) {
		err = ask == NULL ? forget(n, &row) : tell(n, c, &row, ask);
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
	bool damaged = false;
	if (out_begin(n->o, &b) != SK_OK) {
		return 0;
	}
	store_iter_init(&it, &b.txn, OUT_TABLE_NOTICE, &none);
	while (len < ROWS_MAX && store_next(&it, &k, &val)) {
		if (!row_read(&k, val, &ret_rows[len])) {
			svc_log(LOG_ERR, "notice-row-damaged", "key_bytes=%zu bytes=%zu",
				(size_t)k.len, val.len);
			store_del(&b.txn, OUT_TABLE_NOTICE, &k);
			n->rows -= n->rows > 0;
			damaged = true;
			continue;
		}
		if (ret_rows[len].due_ms > now_ms) {
			break;
		}
		len++;
	}
	store_iter_done(&it);
	if (!damaged) {
		out_abort(&b);
	} else if (out_commit(&b) != SK_OK) {
		return 0;
	}
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

/* --- the thread --- */

static void *run(void *arg)
{
	struct notice *n = arg;
	while (!atomic_load(&n->stop)) {
		const struct conf *c = n->port.conf(n->port.arg);
		bool more = read_feed(n, c);
		do_rows(n, c);
		notice_week(n, c);
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
