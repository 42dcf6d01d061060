/* SPDX-License-Identifier: EUPL-1.2 */
/* Requests page by page: all of them, or those that the asker asked, holds or recorded. */
#include <string.h>

#include "services/intake/core_warm.h"

#define PAGE_DEFAULT 10
#define SCAN_MAX 256 /* rows that one page may look at */

/* NULL: the asker, who asked or held once, has no part in it any more; or an error (sticky). */
static PB(RequestItem) *page_item(struct step *s, struct req *q)
{
	PB(RequestItem) *it = NULL;

	if (lay_only(s, q)) {
		return lay_item(s, q);
	}
	if (!mandated_only(s, q)) {
		if (may_view(s, q) != SK_OK) {
			return NULL;
		}
		it = item_view(s, q, NULL);
		if (it != NULL) {
			seen_by_family(s, q, it);
		}
		return it;
	}
	return order_item(s, q, "", &it) == SK_OK ? it : NULL;
}

/* Nobody is asked, or whoever is asked has not said yes: so the list of asks is not enough. A call
 * that was promised stands until it is past as long as a crisis may last without anything. */
static bool to_call(const struct step *s, const PB(RequestRecord) *r)
{
	uint64_t after = step_setting(s, SETTING_CRISIS_HOLD) * SECOND_MS;
	bool promised = r->night_plan && s->now_ms < r->call_at_ms + after;

	return r->urgency == URGENCY(CRISIS) && (r->crisis_check_ms != 0 || promised);
}

static bool is_asked_for(const struct step *s, const PB(QueryRequest) *m,
			 const PB(RequestRecord) *r)
{
	bool open = r->open || (!m->open_only && !m->to_call);

	return open && !r->anonymous && (!m->to_call || to_call(s, r));
}

/* One page: of all requests for the coordinator, else of those that the party asked or held. */
struct page {
	struct store_iter walk;
	size_t prefix_len;
	uint32_t limit;
	uint32_t seen;
};

static void page_open(struct step *s, const PB(QueryRequest) *m, struct page *p)
{
	bool coordinator = (s->from.roles & ROLE_BIT(COORDINATOR)) != 0;
	struct key prefix = coordinator ? (struct key){ 0 } : key_of_str(s->from.id);
	struct key from = prefix;

	p->limit = m->limit == 0 ? PAGE_DEFAULT : m->limit;
	p->limit = p->limit > PAGE_MAX ? PAGE_MAX : p->limit;
	p->limit = p->limit > s->page_most ? s->page_most : p->limit;
	p->prefix_len = prefix.len;
	store_iter_init(&p->walk, s->txn, coordinator ? TABLE_REQUEST : TABLE_PARTY_REQUEST,
			&prefix);
	if (m->after.len == OBJECT_ID_LEN) {
		key_bytes(&from, m->after.data, OBJECT_ID_LEN);
		store_iter_from(&p->walk, &from, false);
	}
}

int request_page(struct step *s, const PB(QueryRequest) *m, PB(RequestView) *ret_v)
{
	struct page p = { .seen = 0 };
	struct key at;
	struct slice val;
	struct object_id id = { { 0 } };
	bool more = true;

	page_open(s, m, &p);
	ret_v->requests = step_alloc(s, PAGE_MAX * sizeof(*ret_v->requests));
	while (ret_v->requests != NULL && ret_v->n_requests < p.limit && p.seen < SCAN_MAX) {
		size_t mark = s->arena->used_bytes;
		struct req q;
		more = store_next(&p.walk, &at, &val);
		if (!more) {
			break;
		}
		p.seen++;
		memcpy(id.b, at.b + p.prefix_len, OBJECT_ID_LEN);
		if (!req_load(s, &id, &q) || !is_asked_for(s, m, q.r)) {
			continue;
		}
		PB(RequestItem) *it = page_item(s, &q);
		if (it == NULL && s->txn->err != SK_OK) {
			break;
		}
		if (it == NULL) {
			s->arena->used_bytes = mark; /* nothing of it is shown */
			continue;
		}
		ret_v->requests[ret_v->n_requests++] = it;
	}
	store_iter_done(&p.walk);
	if (more) {
		struct key k = key_of_id(&id);
		next_set(s, &k, &ret_v->next);
	}
	return s->txn->err;
}
