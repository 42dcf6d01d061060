/* SPDX-License-Identifier: EUPL-1.2 */
/* A second run knows nothing but the keys, the receipts that clients kept, and what the daemons
 * say: so it asks them, and goes on from there. */
#include <string.h>

#include "services/cli/demo_int.h"

#define STATE(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME
#define NEED(NAME) SCHAKEL__V1__NEED_STATE__NEED_STATE_##NAME
#define CONSULT SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_CONSULT
#define ID_MAX KEY_LEN_MAX

/* Where the next page begins, outside the arena. */
struct page {
	uint8_t b[ID_MAX];
	size_t len;
	bool more;
};

static void page_turn(struct page *p, const ProtobufCBinaryData *next)
{
	p->more = next->len > 0 && next->len <= sizeof(p->b);
	p->len = p->more ? next->len : 0;
	if (p->more) {
		memcpy(p->b, next->data, next->len);
	}
}

/* Events are read from here on. */
static void find_events(struct demo *d)
{
	for (int i = 0; i < CONF_DAEMONS; i++) {
		PB(QuerySnapshot) q = PB_INIT(QUERY_SNAPSHOT);
		PB(Message) m = PB_INIT(MESSAGE);
		q.limit = 1;
		m.body_case = BODY(QUERY_SNAPSHOT);
		m.query_snapshot = &q;
		PB(Message) *a = demo_ask(d, d->cast.watcher, (enum demo_daemon)i, &m);
		if (a != NULL && a->body_case == BODY(SNAPSHOT_VIEW)) {
			d->events[i].incarnation = a->snapshot_view->incarnation;
			d->events[i].nonce = a->snapshot_view->nonce;
			d->events[i].after = a->snapshot_view->sequence;
		}
		demo_free(d);
	}
}

static void take_need(struct demo *d, const struct demo_request *r, const PB(NeedView) *v)
{
	struct demo_need_row *n = demo_need_add(&d->world, &v->need->need_id);

	n->request = demo_request_row(&d->world, r);
	n->expertise = v->need->expertise;
	n->must = v->need->must;
	n->child = v->need->child;
}

static void take_request(struct demo *d, const PB(RequestItem) *it)
{
	struct demo_request *r = demo_request_add(&d->world, &it->request->request_id);

	(void)snprintf(r->code, sizeof(r->code), "%s", it->short_code);
	r->requester = demo_cast_find(&d->cast, it->request->requester);
	r->zone = (uint32_t)demo_zone_find(&d->region, it->request->zone);
	r->urgency = it->request->urgency;
	r->crisis = it->request->urgency == SCHAKEL__V1__URGENCY__URGENCY_CRISIS;
	r->consult = it->kind == CONSULT;
	r->children = (uint32_t)it->n_children;
	r->open = it->open;
	r->named = it->contact_named;
	r->received_ms = it->request->received_ms;
	r->due_ms = it->answer_due_ms;
	r->answered_ms = it->answered_ms;
	for (size_t i = 0; i < it->n_needs; i++) {
		take_need(d, r, it->needs[i]);
	}
	if (r->open && r->requester < d->cast.len) {
		demo_plan_request(d, r);
	}
	if (r->open && !r->consult) {
		demo_plan_voice(d, r, 0);
	}
}

static void ask_requests(struct demo *d)
{
	struct page p = { .more = true };

	while (p.more && !demo_stopped(d)) {
		PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
		PB(Message) m = PB_INIT(MESSAGE);
		q.after = (ProtobufCBinaryData){ p.len, p.b };
		q.limit = 20;
		m.body_case = BODY(QUERY_REQUEST);
		m.query_request = &q;
		PB(Message) *a = demo_ask(d, d->cast.coordinator, DEMO_INTAKE, &m);
		p.more = a != NULL && a->body_case == BODY(REQUEST_VIEW);
		for (size_t i = 0; p.more && i < a->request_view->n_requests; i++) {
			take_request(d, a->request_view->requests[i]);
		}
		if (p.more) {
			page_turn(&p, &a->request_view->next);
		}
		demo_free(d);
	}
}

static bool has_started(PB(ContributionState) st)
{
	return st == STATE(STARTED) || st == STATE(INTERRUPTED) || st == STATE(HANDING_ON) ||
	       st == STATE(ENDED) || st == STATE(STOPPED_BY_YOUTH);
}

static void ask_asks(struct demo *d, uint32_t who)
{
	struct page p = { .more = true };

	while (p.more && !demo_stopped(d)) {
		PB(QueryAsks) q = PB_INIT(QUERY_ASKS);
		PB(Message) m = PB_INIT(MESSAGE);
		q.after = (ProtobufCBinaryData){ p.len, p.b };
		q.limit = 50;
		q.all = true;
		m.body_case = BODY(QUERY_ASKS);
		m.query_asks = &q;
		PB(Message) *a = demo_ask(d, who, DEMO_MATCHING, &m);
		p.more = a != NULL && a->body_case == BODY(ASKS_VIEW);
		for (size_t i = 0; p.more && i < a->asks_view->n_asks; i++) {
			const PB(Ask) *ask = a->asks_view->asks[i];
			demo_take_ask(d, who, ask, true);
			demo_share(&d->world, &ask->contribution_id)->started_once =
				has_started(ask->state);
		}
		if (p.more) {
			page_turn(&p, &a->asks_view->next);
		}
		demo_free(d);
	}
}

static void ask_waiting(struct demo *d)
{
	struct page p = { .more = true };

	while (p.more && !demo_stopped(d)) {
		PB(QueryWaiting) q = PB_INIT(QUERY_WAITING);
		PB(Message) m = PB_INIT(MESSAGE);
		q.after = (ProtobufCBinaryData){ p.len, p.b };
		q.limit = 100;
		m.body_case = BODY(QUERY_WAITING);
		m.query_waiting = &q;
		PB(Message) *a = demo_ask(d, d->cast.coordinator, DEMO_WAITLIST, &m);
		p.more = a != NULL && a->body_case == BODY(WAITING_VIEW);
		for (size_t i = 0; p.more && i < a->waiting_view->n_entries; i++) {
			const PB(WaitingItem) *it = a->waiting_view->entries[i];
			struct demo_need_row *n = demo_need_add(&d->world, &it->need->need_id);
			n->waiting = !it->served;
			n->shortfall = it->shortfall;
		}
		if (p.more) {
			page_turn(&p, &a->waiting_view->next);
		}
		demo_free(d);
	}
}

static void take_pool(struct demo *d, const PB(PoolItem) *it)
{
	struct demo_pool_row *p = demo_pool_row(&d->world, it->capacity->pool);

	if (p != NULL) {
		p->unit = it->capacity->unit;
		p->free = it->free;
		p->promised = it->promised;
		p->state = it->state;
	}
}

static void ask_pools(struct demo *d)
{
	struct page p = { .more = true };

	while (p.more && !demo_stopped(d)) {
		PB(QueryPools) q = PB_INIT(QUERY_POOLS);
		PB(Message) m = PB_INIT(MESSAGE);
		q.after = (ProtobufCBinaryData){ p.len, p.b };
		m.body_case = BODY(QUERY_POOLS);
		m.query_pools = &q;
		PB(Message) *a = demo_ask(d, d->cast.coordinator, DEMO_MATCHING, &m);
		p.more = a != NULL && a->body_case == BODY(POOLS_VIEW);
		for (size_t i = 0; p.more && i < a->pools_view->n_pools; i++) {
			take_pool(d, a->pools_view->pools[i]);
		}
		if (p.more) {
			page_turn(&p, &a->pools_view->next);
		}
		demo_free(d);
	}
}

void demo_resume(struct demo *d)
{
	find_events(d);
	demo_skip_mail(d);
	ask_requests(d);
	for (uint32_t who = 0; who < d->cast.len; who++) {
		if ((d->cast.party[who].roles & ROLE_BIT(FACILITY)) != 0) {
			ask_asks(d, who);
		}
	}
	ask_waiting(d);
	ask_pools(d);
}
