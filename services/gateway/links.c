/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/links.h"

#include <string.h>

#include "common/when.h"
#include "services/gateway/gate.h"
#include "services/gateway/session.h"

/* Reads the link of the path and takes its party on. @return false: answered. */
static bool open_link(struct web *w, struct token_link *ret_link)
{
	static const struct problem gone = { 404, "LINK_OVER", NULL,
					     "deze link is niet (meer) geldig; meld u aan of bel "
					     "het meldpunt",
					     "this link is not valid (any more); sign in or call "
					     "the contact point" };

	if (!session_may_try(w, NULL)) {
		return false;
	}
	bool good = token_read_link(&w->gate->key, w->conf, w->param[0], gate_wall_ms(), ret_link);
	session_tried(w, NULL, good);
	if (!good) {
		web_problem(w, &gone);
		return false;
	}
	w->who = (struct who){ .known = true };
	name_copy(w->who.party, ret_link->party);
	return true;
}

static bool hex_id(const char *hex, uint8_t *ret_id)
{
	for (size_t i = 0; i < 2 * (size_t)OBJECT_ID_LEN; i++) {
		int digit = hex[i] >= '0' && hex[i] <= '9' ? hex[i] - '0' :
			    hex[i] >= 'a' && hex[i] <= 'f' ? hex[i] - 'a' + 10 :
							     -1;
		if (digit < 0) {
			return false;
		}
		ret_id[i / 2] = (uint8_t)(ret_id[i / 2] << 4 | digit);
	}
	return hex[2 * (size_t)OBJECT_ID_LEN] == '\0';
}

static bool is_refused(struct web *w, const PB(Message) *m)
{
	return m->body_case == BODY(RECEIPT) && web_refused(w, m->receipt);
}

/* --- what it shows --- */

static bool get_ask(struct web *w, const struct token_link *link, json_t **ret_doc)
{
	PB(QueryAsks) q = PB_INIT(QUERY_ASKS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;
	uint8_t id[OBJECT_ID_LEN] = { 0 };

	q.contribution_id = (ProtobufCBinaryData){ sizeof(id), id };
	q.all = true;
	m.body_case = BODY(QUERY_ASKS);
	m.query_asks = &q;
	if (!hex_id(link->object, id) || web_ask(w, "matching", &m, &answer) != SK_OK ||
	    is_refused(w, answer)) {
		return false;
	}
	bool any = answer->asks_view != NULL && answer->asks_view->n_asks > 0;
	*ret_doc = any ? web_pb_json(w, &answer->asks_view->asks[0]->base) : json_null();
	return true;
}

static const PB(PoolItem) *get_pool(struct web *w, const struct token_link *link)
{
	static const struct problem none = { 404, "UNKNOWN_OBJECT", "pool",
					     "dit aanbod is er niet meer",
					     "this offer is not there any more" };
	PB(QueryPools) q = PB_INIT(QUERY_POOLS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;

	q.pool = (char *)(uintptr_t)web_printf(w, "%s", link->object);
	m.body_case = BODY(QUERY_POOLS);
	m.query_pools = &q;
	if (web_ask(w, "matching", &m, &answer) != SK_OK || is_refused(w, answer)) {
		return NULL;
	}
	if (answer->pools_view == NULL || answer->pools_view->n_pools == 0) {
		web_problem(w, &none);
		return NULL;
	}
	return answer->pools_view->pools[0];
}

static void on_get(struct web *w)
{
	struct token_link link;
	json_t *of = NULL;

	if (!open_link(w, &link)) {
		return;
	}
	bool ask = link.kind == 'a';
	if (ask && !get_ask(w, &link, &of)) {
		return;
	}
	if (!ask) {
		const PB(PoolItem) *pool = get_pool(w, &link);
		if (pool == NULL) {
			return;
		}
		of = web_pb_json(w, &pool->base);
	}
	const struct conf_party *p = conf_party(w->conf, link.party);
	web_json(w, 200,
		 json_pack("{s:s, s:s, s:s, s:s, s:o}", "kind", ask ? "ask" : "pool", "party",
			   link.party, "party_name", p->name, "until", when_iso(link.until_ms).s,
			   ask ? "ask" : "pool", of));
}

/* --- what it takes --- */

static void send_on(struct web *w, PB(Message) *m)
{
	PB(Message) *answer = NULL;

	if (web_ask(w, "matching", m, &answer) == SK_OK && !is_refused(w, answer) &&
	    answer->body_case == BODY(RECEIPT)) {
		web_json(w, 200, web_pb_json(w, &answer->receipt->base));
	}
}

static void answer_ask(struct web *w, const struct token_link *link, json_t *doc)
{
	PB(Message) m = PB_INIT(MESSAGE);

	(void)json_object_set_new(doc, "contribution_id", json_string(link->object));
	(void)json_object_del(doc, "by_call");
	ProtobufCMessage *body =
		web_read(w, doc, &schakel__v1__answer_ask__descriptor, "matching", NULL);
	if (body != NULL) {
		m.body_case = BODY(ANSWER_ASK);
		m.answer_ask = (PB(AnswerAsk) *)(void *)body;
		send_on(w, &m);
	}
}

/* "2 vrij, klopt" or another number of free units: the rest of the statement stays as it is. */
static void put_pool(struct web *w, const struct token_link *link, json_t *doc)
{
	static const struct problem bad = { 400, "MISSING", "free",
					    "geef hoeveel er vrij is, van 0 tot 10000",
					    "give how much is free, from 0 to 10000" };
	json_t *v = json_object_get(doc, "free");
	json_int_t n = json_is_integer(v) ? json_integer_value(v) : -1;
	const PB(PoolItem) *pool = NULL;
	PB(Message) m = PB_INIT(MESSAGE);

	if (n < 0 || n > 10000) {
		web_problem(w, &bad);
		return;
	}
	pool = get_pool(w, link);
	if (pool == NULL) {
		return;
	}
	uint32_t needed = (uint32_t)n + pool->promised;
	uint32_t staffed = pool->capacity->staffed;
	PB(PutCapacity) p = *pool->capacity;
	p.n_uses = 0; /* as before */
	p.partner = (char *)(uintptr_t) "";
	p.observed_at_ms = 0;
	p.based_on = pool->version;
	p.staffed = needed > staffed ? needed : staffed;
	p.used_elsewhere = p.staffed - needed;
	p.total = p.total > p.staffed ? p.total : p.staffed;
	m.body_case = BODY(PUT_CAPACITY);
	m.put_capacity = &p;
	send_on(w, &m);
}

static void on_post(struct web *w)
{
	struct token_link link;
	json_t *doc = web_json_body(w);

	if (doc == NULL || !open_link(w, &link)) {
		return;
	}
	if (link.kind == 'a') {
		answer_ask(w, &link, doc);
	} else {
		put_pool(w, &link, doc);
	}
}

const struct route links_routes[] = {
	{ "GET", "/api/v1/links/{token}", WEB_ANYBODY, on_get, NULL, 0, NULL, NULL },
	{ "POST", "/api/v1/links/{token}", WEB_ANYBODY, on_post, NULL, 0, NULL, NULL },
	{ 0 },
};
