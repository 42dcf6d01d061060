/* SPDX-License-Identifier: EUPL-1.2 */
/* Whom to telephone now (DOMAIN 2, C11): every ask of a crisis, and every other one of which the
 * reminder has gone out without an answer. Most pressing first: by crisis step; within it the pools
 * that are not confirmed (insured ones, which are asked all the same) before the others; then by
 * when the answer is due. At night the partners that are on call come before the others. */
#include "services/matching/core_int.h"

#define NOT_CRISIS 9U /* behind each crisis step */
#define NIGHT_FROM_HOUR 22
#define NIGHT_TO_HOUR 7
#define SCAN_MAX 1000U

/** Which partners a round of the list takes. */
enum call_round {
	ROUND_ON_CALL, /* at night */
	ROUND_OTHERS,
	ROUND_ALL /* by day */
};

void call_sync(struct work *w, PB(MatchContributionRecord) *c)
{
	struct object_id id = id_of(&c->contribution_id);
	struct object_id need = id_of(&c->need_id);
	size_t mark = work_mark(w);
	const PB(MatchNeedRecord) *n = need_get(w, &need);
	const PB(MatchPoolRecord) *p = pool_get(w, c->pool);
	bool crisis = need_is_crisis(w, &need);
	bool wanted = c->state == CSTATE(ASKED) && (crisis || c->remind_ms == 0);
	struct key k = { 0 };

	if (wanted) {
		key_u8(&k, (uint8_t)(crisis ? (uint32_t)n->order->crisis_step : NOT_CRISIS));
		key_u8(&k, p == NULL || !p->unconfirmed);
		key_u64(&k, c->answer_by_ms);
		key_id(&k, &id);
	}
	work_rewind(w, mark);
	if (c->call_row.len == k.len && (k.len == 0 || memcmp(c->call_row.data, k.b, k.len) == 0)) {
		return;
	}
	if (c->call_row.len > 0) {
		struct key gone = { 0 };
		key_bytes(&gone, c->call_row.data, c->call_row.len);
		step_del(w->s, T_CALL, &gone);
	}
	c->call_row = (ProtobufCBinaryData){ 0 };
	if (wanted) {
		step_mark(w->s, T_CALL, &k);
		c->call_row = match_page_key(w, &k);
	}
}

static bool is_night(uint64_t at_ms)
{
	uint8_t hour = civil_from_ms(at_ms).hour;

	return hour >= NIGHT_FROM_HOUR || hour < NIGHT_TO_HOUR;
}

static PB(CallListItem) *call_item(struct work *w, const PB(MatchContributionRecord) *c)
{
	PB(CallListItem) *item = step_alloc(w->s, sizeof(*item));
	const PB(MatchPoolRecord) *p = pool_get(w, c->pool);
	const PB(Party) *party = step_party(w->s, c->partner);
	PB(Ask) *ask = ask_view(w, c);

	if (item == NULL || ask == NULL) {
		return NULL;
	}
	schakel__v1__call_list_item__init(item);
	item->ask = ask;
	item->partner = c->partner;
	item->on_call = party != NULL && party->on_call;
	item->unconfirmed = p != NULL && p->unconfirmed;
	item->insured = p != NULL && p->insured;
	return item;
}

static bool is_wanted(const PB(QueryCallList) *q, const PB(MatchContributionRecord) *c,
		      const PB(CallListItem) *item, enum call_round round)
{
	struct object_id request;
	struct object_id of = id_of(&c->request_id);

	if (round != ROUND_ALL && item->on_call != (round == ROUND_ON_CALL)) {
		return false;
	}
	if (object_id_from(&q->request_id, &request) && !object_id_equal(&request, &of)) {
		return false;
	}
	return q->zone[0] == '\0' || strcmp(q->zone, item->ask->zone) == 0;
}

/** A page of the list as it is filled. */
struct page {
	const PB(QueryCallList) *q;
	PB(CallListView) *v;
	uint32_t limit;
	uint8_t round;
	struct key at; /* of the last row that was looked at */
};

/** One round of the list from behind page.at. @return true when the page is full. */
static bool list_round(struct work *w, struct page *page)
{
	struct store_iter it;
	struct slice val;
	unsigned seen = 0;
	bool full = false;

	store_iter_init(&it, w->s->txn, T_CALL, NULL);
	if (page->at.len > 0) {
		store_iter_from(&it, &page->at, false);
	}
	while (!full && store_next(&it, &page->at, &val)) {
		struct object_id id;
		memcpy(id.b, page->at.b + page->at.len - OBJECT_ID_LEN, OBJECT_ID_LEN);
		const PB(MatchContributionRecord) *c = contribution_get(w, &id);
		PB(CallListItem) *item = c == NULL ? NULL : call_item(w, c);
		if (item != NULL && is_wanted(page->q, c, item, (enum call_round)page->round)) {
			page->v->items[page->v->n_items++] = item;
		}
		full = page->v->n_items == page->limit || ++seen == SCAN_MAX;
	}
	store_iter_done(&it);
	return full;
}

int match_query_call_list(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	const PB(QueryCallList) *q = in->query_call_list;
	PB(CallListView) *v = step_alloc(s, sizeof(*v));
	PB(CallListItem) **items = step_alloc(s, MATCH_PAGE_MAX * sizeof(*items));
	struct page page = { .q = q, .v = v, .limit = match_page_limit(s, q->limit) };
	struct work w;

	work_init(&w, s);
	if (v == NULL || items == NULL) {
		return SK_ENOMEM;
	}
	if (q->after.len > KEY_LEN_MAX || (q->after.len > 0 && q->after.data[0] > ROUND_ALL)) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "after");
	}
	schakel__v1__call_list_view__init(v);
	v->items = items;
	out->body_case = BODY(CALL_LIST_VIEW);
	out->call_list_view = v;
	page.round = is_night(s->now_ms) ? ROUND_ON_CALL : ROUND_ALL;
	if (q->after.len > 0) {
		page.round = q->after.data[0];
		key_bytes(&page.at, q->after.data + 1, q->after.len - 1);
	}
	bool full = list_round(&w, &page);
	if (!full && page.round == ROUND_ON_CALL) {
		page.round = ROUND_OTHERS;
		page.at = (struct key){ 0 };
		full = list_round(&w, &page);
	}
	if (full) {
		struct key next = { 0 };
		key_u8(&next, page.round);
		key_bytes(&next, page.at.b, page.at.len);
		v->next = match_page_key(&w, &next);
	}
	return SK_OK;
}
