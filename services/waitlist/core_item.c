/* SPDX-License-Identifier: EUPL-1.2 */
/* What is shown of one entry: what bridges now, why it waits, which one unit more would start help,
 * when it is looked at, who holds (DOMAIN 6). */
#include "services/waitlist/core_item.h"
#include "common/civil.h"

#include <string.h>

/* An answer stays below one frame with room for its envelope. */
#define PAGE_BYTES_MAX 49152
/* Who asked, the network of the zone, contact person, stand-in, and those who help. */
#define HOLDERS_SHOWN_MAX 16

#define HOLDER(NAME) SCHAKEL__V1__HOLDER_KIND__HOLDER_KIND_##NAME

bool wait_page_open(struct step *s, uint32_t limit, struct page *ret_page)
{
	struct page page = { .limit = limit == 0 || limit > WAIT_PAGE_MAX ? WAIT_PAGE_MAX : limit };

	page.limit = page.limit < s->page_most ? page.limit : s->page_most;
	page.view = step_alloc(s, sizeof(*page.view));
	PB(WaitingItem) **items = step_alloc(s, page.limit * sizeof(PB(WaitingItem) *));
	if (page.view == NULL || items == NULL) {
		return false;
	}
	*page.view = (PB(WaitingView))PB_INIT(WAITING_VIEW);
	page.view->entries = items;
	*ret_page = page;
	return true;
}

uint64_t wait_breached_ms(const struct step *s, const PB(RequestFact) *request)
{
	bool runs = request->answer_due_ms != 0 && request->answered_ms == 0;

	return runs && request->answer_due_ms <= s->now_ms ? request->answer_due_ms : 0;
}

static void holder_add(struct step *s, PB(WaitingItem) *item, const char *party,
		       PB(HolderKind) kind)
{
	PB(HolderView) *h = step_alloc(s, sizeof(*h));

	if (h == NULL || party == NULL || party[0] == '\0' ||
	    item->n_holders == HOLDERS_SHOWN_MAX) {
		return;
	}
	*h = (PB(HolderView))PB_INIT(HOLDER_VIEW);
	h->party = step_strdup(s, party);
	h->kind = kind;
	item->holders[item->n_holders++] = h;
}

static void helpers_add(struct step *s, const struct entry *e, PB(WaitingItem) *item)
{
	struct key prefix = key_of_id(&e->id);
	struct store_iter it;
	struct key k;
	struct slice val;

	store_iter_init(&it, s->txn, WAIT_TABLE_CONTRIBUTION, &prefix);
	while (store_next(&it, &k, &val)) {
		const PB(WaitContributionRecord) *row =
			step_unpack(s, val, RECORD(wait_contribution_record));

		if (row == NULL) {
			break;
		}
		if (row->told != NULL && wait_may_come_back(row->state)) {
			holder_add(s, item, row->told->partner, HOLDER(PARTNER));
		}
	}
	store_iter_done(&it);
}

/* Who holds: until a contact person is named, the duty organisations of the zone. */
static void holders_fill(struct step *s, const struct entry *e, const PB(RequestFact) *request,
			 PB(WaitingItem) *item)
{
	const PB(Zone) *zone = step_zone(s, request->zone);
	const char *contact = request->contact_party;

	item->holders = step_alloc(s, HOLDERS_SHOWN_MAX * sizeof(PB(HolderView) *));
	if (item->holders == NULL) {
		return;
	}
	if (contact[0] == '\0' && zone != NULL) {
		contact = zone->contact_party;
	}
	holder_add(s, item, contact, HOLDER(CONTACT_PERSON));
	holder_add(s, item, request->requester, HOLDER(REQUESTER));
	holder_add(s, item, zone == NULL ? NULL : zone->network_party, HOLDER(ZONE_NETWORK));
	helpers_add(s, e, item);
}

static void why_fill(struct step *s, const struct entry *e, const PB(RequestFact) *request,
		     PB(WaitingItem) *item)
{
	PB(WaitEntryRecord) *rec = e->rec;

	if (rec->open != NULL) {
		item->open = rec->open;
		item->one_more = rec->open->one_more;
		item->one_more_pool = rec->open->one_more_pool;
	}
	item->shortfall = wait_reason(rec);
	item->block = rec->block;
	item->range = wait_range_today(s, rec);
	item->priority = rec->priority;
	item->n_priority = rec->n_priority;
	item->days_of_priority = rec->days_of_priority;
	item->misplaced = rec->misplaced;
	if (rec->place != NULL) {
		item->misplaced_hoped = rec->place->hoped;
	}
	item->risen_ms = rec->risen_ms;
	item->misses = rec->misses;
	if (request->family_wish_until_ms > s->now_ms) {
		item->family_wish_until_ms = request->family_wish_until_ms;
	}
	item->breached_ms = wait_breached_ms(s, request);
	item->n_stuck = wait_stuck_signs(s, &e->request_id, rec->need->child, &item->stuck);
}

/* The family's channel has one key for every child and parent, and the list does not know who of
 * them must not be told where the child is: no party and no zone. Who holds is in their own view.
 */
static void family_veil(struct step *s, PB(WaitingItem) *item)
{
	PB(RequestFact) *f = step_alloc(s, sizeof(*f));

	if ((s->from.roles & ROLE_BIT(FAMILY)) == 0 || f == NULL) {
		return;
	}
	schakel__v1__request_fact__init(f);
	f->request_id = item->request->request_id;
	f->request_version = item->request->request_version;
	f->urgency = item->request->urgency;
	f->received_ms = item->request->received_ms;
	item->request = f;
	item->n_holders = 0;
	item->bridging_party = "";
	item->one_more_pool = "";
	item->range = NULL; /* who talks with them says it, with what it rests on */
	item->misplaced_hoped = "";
	item->open = NULL;
}

static void item_fill(struct step *s, const struct entry *e, PB(RequestFact) *request,
		      PB(WaitingItem) *ret_item)
{
	PB(WaitEntryRecord) *rec = e->rec;
	char code[SHORT_CODE_LEN + 1];

	*ret_item = (PB(WaitingItem))PB_INIT(WAITING_ITEM);
	ret_item->request = request;
	ret_item->need = rec->need;
	ret_item->order = rec->order;
	ret_item->review_ms = rec->review_ms;
	ret_item->bridging_party = rec->bridging_party;
	ret_item->bridging_until_ms = rec->bridging_until_ms;
	ret_item->state = rec->seat;
	step_short_code(s, &e->request_id, code);
	ret_item->short_code = step_strdup(s, code);
	ret_item->served = rec->state == WAIT(SERVED);
	ret_item->served_ms = ret_item->served ? rec->state_since_ms : 0;
	ret_item->gap_since_ms = rec->gap_since_ms;
	ret_item->gap_days = wait_entry_gap_days(s, rec);
	why_fill(s, e, request, ret_item);
	holders_fill(s, e, request, ret_item);
	family_veil(s, ret_item);
}

bool wait_page_add(struct step *s, struct page *page, const struct entry *e,
		   PB(RequestFact) *request, uint64_t position)
{
	PB(WaitingItem) *item = step_alloc(s, sizeof(*item));

	if (item == NULL) {
		return false;
	}
	request = step_request_shown(s, request);
	if (request == NULL) {
		return false;
	}
	item_fill(s, e, request, item);
	item->position = position;
	item->order_rule = wait_order_rule(s, e->rec->order);
	size_t bytes = protobuf_c_message_get_packed_size(&item->base);
	if (page->view->n_entries == page->limit || page->bytes + bytes > PAGE_BYTES_MAX) {
		page->full = true;
		return false;
	}
	page->bytes += bytes;
	page->view->entries[page->view->n_entries++] = item;
	return true;
}
