/* SPDX-License-Identifier: EUPL-1.2 */
/* The list as people see it: pseudonymous, in its lawful order, by pages. */
#include <stdio.h>
#include <string.h>

#include "services/waitlist/core_entry.h"
#include "services/waitlist/core_item.h"

/* A family names its own request by an id that nobody else knows. */
static bool may_see(const struct step *s, const PB(RequestFact) *request)
{
	return wait_sees(s, request) || (s->from.roles & ROLE_BIT(FAMILY)) != 0;
}

static int answer(struct step *s, const struct page *page, PB(Message) *out)
{
	out->body_case = BODY(WAITING_VIEW);
	out->waiting_view = page->view;
	return s->txn->err;
}

static int query_need(struct step *s, const PB(QueryWaiting) *q, PB(Message) *out)
{
	struct object_id id;
	struct entry e;
	struct page page;

	if (!object_id_from(&q->need_id, &id)) {
		return step_refuse(s, REFUSAL(MALFORMED), "need_id");
	}
	if (!wait_page_open(s, 1, &page)) {
		return s->txn->err;
	}
	const PB(WaitRequestRecord) *request =
		wait_entry_load(s, &id, &e) ? wait_request_get(s, &e.request_id) : NULL;
	if (request == NULL || !may_see(s, request->request) ||
	    !wait_shows(s, request->request, &e)) {
		return s->txn->err != SK_OK ? s->txn->err :
					      step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "need_id");
	}
	(void)wait_page_add(s, &page, &e, request->request, wait_place_position(s, &e));
	page.view->total = page.view->n_entries;
	return answer(s, &page, out);
}

/* All entries of a request, also those that are served or closed; `after` is a need id. */
static int query_request(struct step *s, const PB(QueryWaiting) *q, PB(Message) *out)
{
	struct object_id ids[WAIT_ENTRIES_MAX];
	struct object_id id;
	struct object_id after = { { 0 } };
	struct page page;

	if (q->short_code[0] != '\0') {
		if (!step_by_short_code(s, WAIT_TABLE_REQUEST, q->short_code, &id)) {
			return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "short_code");
		}
	} else if (!object_id_from(&q->request_id, &id)) {
		return step_refuse(s, REFUSAL(MALFORMED), "request_id");
	}
	if (q->after.len != 0 && !object_id_from(&q->after, &after)) {
		return step_refuse(s, REFUSAL(MALFORMED), "after");
	}
	const PB(WaitRequestRecord) *request = wait_request_get(s, &id);
	if (request == NULL || !may_see(s, request->request)) {
		return s->txn->err != SK_OK ? s->txn->err :
					      step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "request_id");
	}
	if (!wait_page_open(s, q->limit, &page)) {
		return s->txn->err;
	}
	size_t len = wait_request_entries(s, &id, ids, WAIT_ENTRIES_MAX);
	struct object_id last = after;
	page.view->total = len;
	for (size_t i = 0; i < len && s->txn->err == SK_OK; i++) {
		struct entry e;

		if (memcmp(ids[i].b, after.b, OBJECT_ID_LEN) <= 0) {
			continue;
		}
		if (!wait_entry_load(s, &ids[i], &e) || !wait_shows(s, request->request, &e)) {
			continue;
		}
		if (!wait_page_add(s, &page, &e, request->request, wait_place_position(s, &e))) {
			page.view->next = step_id_data(s, &last);
			break;
		}
		last = ids[i];
	}
	return answer(s, &page, out);
}

/* Numbers said on one page: of the lists that it met first. */
#define SCAN_LISTS_MAX 64

/* The number of the row of one list that was seen last; 0: beyond the count. */
struct scan_list {
	uint8_t expertise;
	char zone[PARTY_ID_LEN_MAX + 1];
	uint64_t position;
};

/* A page of the list: in one zone's list of an expertise, or in the whole. */
struct scan {
	const PB(QueryWaiting) *q;
	uint8_t table;
	struct scan_list list[SCAN_LISTS_MAX];
	size_t lists;
};

static bool scan_wants(const struct scan *scan, const struct place_view *row)
{
	const PB(QueryWaiting) *q = scan->q;

	return (q->expertise == 0 || q->expertise == row->expertise) &&
	       (q->zone[0] == '\0' || strcmp(q->zone, row->zone) == 0);
}

static bool class_wanted(const PB(QueryWaiting) *q, uint32_t class)
{
	return q->wait_class == CLASS(UNSPECIFIED) || (uint32_t)q->wait_class == class;
}

static struct scan_list *scan_list_of(struct scan *scan, const struct place_view *row)
{
	for (size_t i = 0; i < scan->lists; i++) {
		struct scan_list *l = &scan->list[i];
		if (l->expertise == row->expertise && strcmp(l->zone, row->zone) == 0) {
			return l;
		}
	}
	return NULL;
}

/* Both indexes hold the entries of a list in the same order: the first one that is shown is
 * counted, those behind it follow. */
static uint64_t scan_position(struct step *s, struct scan *scan, const struct place_view *row,
			      const struct entry *e)
{
	struct scan_list *l = scan_list_of(scan, row);

	if (l != NULL) {
		return l->position;
	}
	if (scan->lists == SCAN_LISTS_MAX) {
		return wait_place_position(s, e);
	}
	l = &scan->list[scan->lists++];
	l->expertise = row->expertise;
	(void)snprintf(l->zone, sizeof(l->zone), "%s", row->zone);
	l->position = wait_place_position(s, e);
	return l->position;
}

/* What the index does not hold is looked up. */
static bool scan_picks(struct step *s, const PB(QueryWaiting) *q, const struct entry *e,
		       const PB(RequestFact) *request)
{
	PB(StuckView) **signs;

	return class_wanted(q, (uint32_t)e->rec->order->wait_class) &&
	       (!q->misplaced || e->rec->misplaced == MISPLACED(CONFIRMED)) &&
	       (!q->over_term || wait_breached_ms(s, request) != 0) &&
	       (!q->stuck || wait_stuck_signs(s, &e->request_id, e->rec->need->child, &signs) > 0);
}

/* @return false when the page is full. */
static bool scan_row(struct step *s, struct scan *scan, struct page *page, const struct key *k)
{
	struct place_view row;
	struct entry e;
	bool parsed = scan->table == WAIT_TABLE_ORDER ? wait_place_read_zone(k, &row) :
							wait_place_read_overall(k, &row);

	SK_ASSERT(parsed);
	if (!scan_wants(scan, &row)) {
		return true;
	}
	size_t mark = s->arena->used_bytes;
	if (!wait_entry_load(s, &row.need_id, &e)) {
		return false;
	}
	const PB(WaitRequestRecord) *request = wait_request_get(s, &e.request_id);
	struct scan_list *counted = scan_list_of(scan, &row);
	if (counted != NULL && counted->position != 0) {
		counted->position++;
	}
	if (request == NULL || !wait_sees(s, request->request) ||
	    !wait_shows(s, request->request, &e) || !scan_picks(s, scan->q, &e, request->request)) {
		s->arena->used_bytes = mark; /* another's: looked at and let go */
		return s->txn->err == SK_OK;
	}
	return wait_page_add(s, page, &e, request->request, scan_position(s, scan, &row, &e));
}

static int scan_start(struct step *s, struct scan *scan, struct key *ret_prefix,
		      struct key *ret_after)
{
	const PB(QueryWaiting) *q = scan->q;
	struct key prefix = { 0 };

	/* Only by the law the rows of a class stand together. */
	bool law = step_setting(s, SETTING_ORDER_RULE) == ORDER_LAW;
	PB(WaitClass) class = law ? q->wait_class : CLASS(UNSPECIFIED);
	bool one_list = q->expertise != 0 && q->zone[0] != '\0';
	scan->table = one_list ? WAIT_TABLE_ORDER : WAIT_TABLE_OVERALL;
	if (q->expertise > WAIT_EXPERTISE_MAX) {
		return step_refuse(s, REFUSAL(UNKNOWN_CODE), "expertise");
	}
	if (q->zone[0] != '\0' && !name_is_valid(q->zone)) {
		return step_refuse(s, REFUSAL(MALFORMED), "zone");
	}
	if (q->wait_class > CLASS(PRECAUTION)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "wait_class");
	}
	if (one_list) {
		prefix = wait_order_prefix(q->expertise, q->zone, class);
	} else if (class != CLASS(UNSPECIFIED)) {
		key_u8(&prefix, (uint8_t) class);
	}
	if (q->after.len > KEY_LEN_MAX || (q->after.len != 0 && q->after.len < prefix.len) ||
	    (q->after.len != 0 && memcmp(q->after.data, prefix.b, prefix.len) != 0)) {
		return step_refuse(s, REFUSAL(MALFORMED), "after");
	}
	*ret_prefix = prefix;
	key_bytes(ret_after, q->after.data, q->after.len);
	return SK_OK;
}

static uint64_t count_waiting(struct step *s, const struct scan *scan)
{
	struct store_iter it;
	struct key prefix = { 0 };
	struct key k;
	struct slice val;
	uint64_t total = 0;

	store_iter_init(&it, s->txn, WAIT_TABLE_COUNT, &prefix);
	while (store_next(&it, &k, &val)) {
		size_t mark = s->arena->used_bytes;
		struct place_view row;
		struct slice rest = { .data = k.b, .len = k.len };
		bool parsed = key_take_u8(&rest, &row.expertise) && key_take_str(&rest, row.zone) &&
			      key_take_u8(&rest, &row.class);
		const PB(WaitCountRecord) *count = step_unpack(s, val, RECORD(wait_count_record));

		SK_ASSERT(parsed);
		if (count == NULL) {
			break;
		}
		total += scan_wants(scan, &row) && class_wanted(scan->q, row.class) ?
				 count->waiting :
				 0;
		s->arena->used_bytes = mark;
	}
	store_iter_done(&it);
	return total;
}

static ProtobufCBinaryData key_data(struct step *s, const struct key *k)
{
	ProtobufCBinaryData data = { 0 };

	data.data = arena_dup(s->arena, k->b, k->len);
	if (data.data != NULL) {
		data.len = k->len;
	}
	return data;
}

static int query_page(struct step *s, const PB(QueryWaiting) *q, PB(Message) *out)
{
	struct scan scan = { .q = q };
	struct key prefix;
	struct key k = { 0 };
	struct key last;
	struct slice val;
	struct store_iter it;
	struct page page;
	size_t rows = 0;
	int err = scan_start(s, &scan, &prefix, &k);

	if (err != SK_OK) {
		return err;
	}
	if (!wait_page_open(s, q->limit, &page)) {
		return s->txn->err;
	}
	store_iter_init(&it, s->txn, scan.table, &prefix);
	if (k.len != 0) {
		store_iter_from(&it, &k, false);
	}
	last = k;
	while (store_next(&it, &k, &val)) {
		if (rows++ == WAIT_SCAN_MAX || !scan_row(s, &scan, &page, &k)) {
			page.view->next = key_data(s, &last);
			break;
		}
		last = k;
	}
	store_iter_done(&it);
	bool counted = !q->misplaced && !q->stuck && !q->over_term;
	page.view->total = wait_sees_all(s) && counted ? count_waiting(s, &scan) : 0;
	return answer(s, &page, out);
}

/* Who may page through what it sees of the list. */
#define LISTS (ROLE_BIT(REQUESTER) | ROLE_BIT(FACILITY))

int waitlist_query_waiting(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	const PB(QueryWaiting) *q = in->query_waiting;

	if (q->need_id.len != 0) {
		return query_need(s, q, out);
	}
	if (q->request_id.len != 0 || q->short_code[0] != '\0') {
		return query_request(s, q, out);
	}
	/* A family has no list: it asks by id. */
	if (!wait_sees_all(s) && (s->from.roles & LISTS) == 0) {
		return step_refuse(s, REFUSAL(MISSING), "request_id");
	}
	return query_page(s, q, out);
}

static PB(ExplainLine) *line_add(struct step *s, PB(ExplainView) *view, const struct entry *e)
{
	PB(ExplainLine) *line = step_alloc(s, sizeof(*line));

	if (line == NULL) {
		return NULL;
	}
	*line = (PB(ExplainLine))PB_INIT(EXPLAIN_LINE);
	line->need_id = step_id_data(s, &e->id);
	view->lines[view->n_lines++] = line;
	return line;
}

/* Nothing is asked for it now: matching says why. */
static bool is_set_aside(const PB(RequestFact) *request, const struct entry *e)
{
	uint32_t child = e->rec->need->child;
	bool crisis = e->rec->order->wait_class == CLASS(CRISIS);

	return (request->family_wish_until_ms != 0 && !crisis) ||
	       (child < request->n_children && request->children[child]->missing);
}

/* Why it stands where it stands, what still lacks, what there is meanwhile. */
static void explain_entry(struct step *s, PB(ExplainView) *view, const PB(RequestFact) *request,
			  const struct entry *e)
{
	PB(ExplainLine) *line = line_add(s, view, e);

	if (line == NULL) {
		return;
	}
	line->kind = SCHAKEL__V1__EXPLAIN_KIND__EXPLAIN_KIND_ORDER;
	line->number = (uint32_t)wait_place_position(s, e);
	line->at_ms = e->rec->order->rank_ms;
	line->wait_class = e->rec->order->wait_class;
	line->order_rule = wait_order_rule(s, e->rec->order);
	line->arrival_ms = e->rec->need->arrival_ms;
	if (line->arrival_ms > line->at_ms) {
		line->days = e->rec->days_of_priority;
	}
	if (e->rec->open != NULL && !is_set_aside(request, e)) {
		line = line_add(s, view, e);
		if (line == NULL) {
			return;
		}
		line->kind = SCHAKEL__V1__EXPLAIN_KIND__EXPLAIN_KIND_STILL_LACKS;
		line->shortfall = e->rec->open->shortfall;
		line->number = e->rec->open->with_amount;
	}
	line = e->rec->open == NULL ? NULL : line_add(s, view, e);
	if (line != NULL) {
		line->kind = SCHAKEL__V1__EXPLAIN_KIND__EXPLAIN_KIND_BRIDGED;
		line->party = e->rec->bridging_party;
		line->at_ms = e->rec->bridging_until_ms;
	}
	view->orders[view->n_orders++] = e->rec->order;
	view->need_ids[view->n_need_ids++] = step_id_data(s, &e->id);
}

static PB(ExplainView) *explain_new(struct step *s, size_t entries)
{
	PB(ExplainView) *view = step_alloc(s, sizeof(*view));

	if (view == NULL) {
		return NULL;
	}
	*view = (PB(ExplainView))PB_INIT(EXPLAIN_VIEW);
	view->lines = step_alloc(s, (3 * entries + 1) * sizeof(*view->lines));
	view->orders = step_alloc(s, (entries + 1) * sizeof(*view->orders));
	view->need_ids = step_alloc(s, (entries + 1) * sizeof(*view->need_ids));
	return s->txn->err == SK_OK ? view : NULL;
}

int waitlist_query_explain(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	struct object_id id;
	struct request_set set;

	if (!object_id_from(&in->query_explain->request_id, &id)) {
		return step_refuse(s, REFUSAL(MISSING), "request_id");
	}
	if (!wait_set_load(s, &id, &set)) {
		return s->txn->err;
	}
	if (set.rec == NULL || !may_see(s, set.rec->request)) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "request_id");
	}
	PB(ExplainView) *view = explain_new(s, set.open_len);
	if (view == NULL) {
		return s->txn->err;
	}
	for (size_t i = 0; i < set.open_len && s->txn->err == SK_OK; i++) {
		if (wait_shows(s, set.rec->request, set.open[i])) {
			explain_entry(s, view, set.rec->request, set.open[i]);
		}
	}
	out->body_case = BODY(EXPLAIN_VIEW);
	out->explain_view = view;
	return s->txn->err;
}
