/* SPDX-License-Identifier: EUPL-1.2 */
/* Once a week: does what each pool says still hold? */
#include <stdio.h>
#include <string.h>

#include "common/logging.h"
#include "services/gateway/notice_private.h"

#define WEEK_MS 60000 /* how often it is looked whether a week's question is due */
#define WEEK_LATE_MS (48ULL * 3600 * 1000)
#define LINK_WEEK_MS (7ULL * 86400 * 1000)
#define POOLS_MAX 50

void notice_link(const struct notice *n, const struct conf *c, const struct token_link *l,
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
			notice_link(n, c, &l, link);
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

void notice_week(struct notice *n, const struct conf *c)
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
