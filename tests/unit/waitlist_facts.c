/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/waitlist_facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NEEDS_BUILT_MAX 300
#define CHILDREN_BUILT_MAX 4
#define SIGNAL_NUMBER 9001

ProtobufCBinaryData wl_data_of(uint32_t number)
{
	static struct object_id made[1024];
	static unsigned at;
	struct object_id *id = &made[at++ % SK_LEN(made)];

	*id = rig_id(number);
	return object_id_data(id);
}

uint32_t wl_number_of(const ProtobufCBinaryData *id)
{
	assert_int_equal(id->len, OBJECT_ID_LEN);
	return be32_read(id->data + 8);
}

/* --- facts of intake --- */

struct built {
	PB(RequestFact) request;
	PB(NeedFact) need[NEEDS_BUILT_MAX];
	PB(NeedFact) *needs[NEEDS_BUILT_MAX];
	char *excluded[NEEDS_BUILT_MAX];
	char *preferred[1];
	PB(ChildFact) child[CHILDREN_BUILT_MAX];
	PB(ChildFact) *children[CHILDREN_BUILT_MAX];
	char *sibling[1];
	PB(RuleBlock) block;
	PB(RuleBlock) *blocks[1];
	PB(NeedsOpened) opened;
};

static void build_need(struct rig *r, struct built *b, const struct request *q, uint32_t ordinal)
{
	const struct need *n = &q->needs[ordinal];
	PB(NeedFact) *fact = &b->need[ordinal];

	*fact = (PB(NeedFact))PB_INIT(NEED_FACT);
	fact->need_id = wl_data_of(n->number);
	fact->need_version = n->version == 0 ? 1 : n->version;
	fact->ordinal = ordinal + 1;
	fact->expertise = n->expertise == 0 ? EXPERTISE : n->expertise;
	fact->intensity = 1;
	fact->duration_weeks = 12;
	fact->must = !n->should;
	fact->arrival_ms = n->arrival_ms == 0 ? rig_now(r) : n->arrival_ms;
	fact->state = n->state == N(UNSPECIFIED) ? N(OPEN) : n->state;
	fact->child = n->child;
	fact->own_crisis = q->urgency == U(CRISIS) && !n->longer;
	fact->life_domain = n->domain;
	fact->shielded = n->shielded;
	b->needs[ordinal] = fact;
}

static void build_people(struct built *b, const struct request *q)
{
	b->request.answer_due_ms = q->answer_due_ms;
	if (q->contact != NULL) {
		b->request.contact_party = (char *)(uintptr_t)q->contact;
	}
	if (q->preferred != NULL) {
		b->preferred[0] = (char *)(uintptr_t)q->preferred;
		b->request.preferred_partners = b->preferred;
		b->request.n_preferred_partners = 1;
	}
	assert_true(q->children <= CHILDREN_BUILT_MAX);
	for (uint32_t i = 0; i < q->children; i++) {
		b->child[i] = (PB(ChildFact))PB_INIT(CHILD_FACT);
		b->child[i].apart = q->apart ? SCHAKEL__V1__APART_REASON__APART_REASON_ONE_OF_THEM :
					       0;
		b->children[i] = &b->child[i];
	}
	if (q->sibling != NULL) {
		b->sibling[0] = (char *)(uintptr_t)q->sibling;
		b->child[0].sibling_partners = b->sibling;
		b->child[0].n_sibling_partners = 1;
	}
	if (q->blocked != 0) {
		b->block = (PB(RuleBlock))PB_INIT(RULE_BLOCK);
		b->block.signal_id = wl_data_of(SIGNAL_NUMBER);
		b->block.rule = SCHAKEL__V1__RULE_KIND__RULE_KIND_AGE_LIMIT;
		b->block.step = SCHAKEL__V1__BLOCKED_STEP__BLOCKED_STEP_ASK;
		if (q->blocked != BLOCKED_ALL) {
			b->block.need_id = wl_data_of(q->blocked);
		}
		b->blocks[0] = &b->block;
		b->request.blocks = b->blocks;
		b->request.n_blocks = 1;
	}
	b->request.family_wish_until_ms = q->wish_until_ms;
	b->request.children = b->children;
	b->request.n_children = q->children;
}

static struct built *build(struct rig *r, const struct request *q)
{
	struct built *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	assert_true(q->needs_len <= NEEDS_BUILT_MAX && q->excluded <= NEEDS_BUILT_MAX);
	b->request = (PB(RequestFact))PB_INIT(REQUEST_FACT);
	b->request.request_id = wl_data_of(q->number);
	b->request.request_version = q->version == 0 ? 1 : q->version;
	b->request.zone = (char *)(uintptr_t)(q->zone == NULL ? "westhoek" : q->zone);
	b->request.urgency = q->urgency == U(UNSPECIFIED) ? U(STANDARD) : q->urgency;
	b->request.crisis_step = q->crisis_step;
	b->request.requester = (char *)(uintptr_t)(q->requester == NULL ? "clb" : q->requester);
	b->request.n_excluded_partners = q->excluded;
	b->request.excluded_partners = b->excluded;
	for (size_t i = 0; i < q->excluded; i++) {
		b->excluded[i] = (char *)(uintptr_t) "facility-a";
	}
	build_people(b, q);
	for (uint32_t i = 0; i < q->needs_len; i++) {
		build_need(r, b, q, i);
	}
	b->opened = (PB(NeedsOpened))PB_INIT(NEEDS_OPENED);
	b->opened.request = &b->request;
	b->opened.needs = b->needs;
	b->opened.n_needs = q->needs_len;
	return b;
}

bool wl_opened(struct rig *r, const struct request *q)
{
	struct built *b = build(r, q);
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(NEEDS_OPENED);
	m.needs_opened = &b->opened;
	bool taken = rig_fact(r, "intake", &m);
	free(b);
	return taken;
}

bool wl_item_raw(struct rig *r, const char *peer, const char *table, const ProtobufCMessage *record)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ReconcileItem) item = PB_INIT(RECONCILE_ITEM);
	size_t len = protobuf_c_message_get_packed_size(record);
	uint8_t *packed = malloc(len + 1);

	assert_non_null(packed);
	item.table = (char *)(uintptr_t)table;
	item.record = (ProtobufCBinaryData){ protobuf_c_message_pack(record, packed), packed };
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &item;
	bool taken = rig_fact(r, peer, &m);
	free(packed);
	return taken;
}

bool wl_item_opened(struct rig *r, const struct request *q)
{
	struct built *b = build(r, q);
	bool taken = wl_item_raw(r, "intake", "NeedsOpened", &b->opened.base);

	free(b);
	return taken;
}

static bool send_closed(struct rig *r, bool as_item, uint32_t request, PB(NeedEnd) *end)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(NeedClosed) closed = PB_INIT(NEED_CLOSED);

	closed.request_id = wl_data_of(request);
	closed.needs = &end;
	closed.n_needs = 1;
	if (as_item) {
		return wl_item_raw(r, "intake", "NeedClosed", &closed.base);
	}
	m.body_case = BODY(NEED_CLOSED);
	m.need_closed = &closed;
	return rig_fact(r, "intake", &m);
}

static PB(NeedEnd) end_of(uint32_t need, uint32_t version, PB(CloseReason) reason)
{
	PB(NeedEnd) end = PB_INIT(NEED_END);

	end.need_id = wl_data_of(need);
	end.need_version = version;
	end.reason = reason;
	return end;
}

bool wl_closed(struct rig *r, uint32_t request, uint32_t need, uint32_t version,
	       PB(CloseReason) reason)
{
	PB(NeedEnd) end = end_of(need, version, reason);

	return send_closed(r, false, request, &end);
}

bool wl_item_closed(struct rig *r, uint32_t request, uint32_t need, uint32_t version,
		    PB(CloseReason) reason)
{
	PB(NeedEnd) end = end_of(need, version, reason);

	return send_closed(r, true, request, &end);
}

/* --- facts of matching --- */

static PB(ContributionChanged) contribution_of(const struct help *h)
{
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);

	c.request_id = wl_data_of(h->request);
	c.need_id = wl_data_of(h->need);
	c.contribution_id = wl_data_of(h->contribution);
	c.version = h->version;
	c.state = h->state;
	c.seen = !h->unseen && h->state >= H(STARTED);
	c.standby = h->standby;
	c.partner = (char *)(uintptr_t) "facility-a";
	return c;
}

bool wl_help(struct rig *r, const struct help *h)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ContributionChanged) c = contribution_of(h);

	m.body_case = BODY(CONTRIBUTION_CHANGED);
	c.at_ms = rig_now(r);
	m.contribution_changed = &c;
	return rig_fact(r, "matching", &m);
}

bool wl_told(struct rig *r, const struct told *t)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ContributionChanged) c = contribution_of(&(struct help){
		t->request, t->need, t->contribution, t->version, t->state, t->unseen, false });

	if (t->partner != NULL) {
		c.partner = (char *)(uintptr_t)t->partner;
	}
	c.modality = t->modality;
	c.miss = t->miss;
	c.rung = t->rung;
	c.ground = t->ground;
	if (t->worker != 0) {
		c.worker = wl_data_of(t->worker);
	}
	m.body_case = BODY(CONTRIBUTION_CHANGED);
	c.at_ms = rig_now(r);
	m.contribution_changed = &c;
	return rig_fact(r, "matching", &m);
}

bool wl_item_help(struct rig *r, const struct help *h)
{
	PB(ContributionChanged) c = contribution_of(h);

	c.at_ms = rig_now(r);
	return wl_item_raw(r, "matching", "ContributionChanged", &c.base);
}

bool wl_team(struct rig *r, uint32_t request, uint32_t version, uint32_t need,
	     PB(Shortfall) shortfall)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(TeamProposed) team = PB_INIT(TEAM_PROPOSED);
	PB(OpenSeat) seat = PB_INIT(OPEN_SEAT);
	PB(OpenSeat) *seats[] = { &seat };

	seat.need_id = wl_data_of(need);
	seat.shortfall = shortfall;
	seat.in_reach = 3;
	team.request_id = wl_data_of(request);
	team.proposal_version = version;
	team.open = seats;
	team.n_open = shortfall == S(UNSPECIFIED) ? 0 : 1;
	m.body_case = BODY(TEAM_PROPOSED);
	m.team_proposed = &team;
	return rig_fact(r, "matching", &m);
}

/* --- people --- */

PB(Receipt) *wl_bridge(struct rig *r, const char *by, uint32_t need, const char *party,
		       uint64_t until_ms)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordBridging) b = PB_INIT(RECORD_BRIDGING);

	b.need_id = wl_data_of(need);
	b.party = (char *)(uintptr_t)party;
	b.until_ms = until_ms;
	m.body_case = BODY(RECORD_BRIDGING);
	m.record_bridging = &b;
	return rig_command(r, by, &m);
}

PB(Receipt) *wl_review(struct rig *r, const char *by, uint32_t need, uint64_t next_ms)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordReview) v = PB_INIT(RECORD_REVIEW);

	v.need_id = wl_data_of(need);
	v.next_ms = next_ms;
	m.body_case = BODY(RECORD_REVIEW);
	m.record_review = &v;
	return rig_command(r, by, &m);
}

PB(Receipt) *wl_priority(struct rig *r, const char *by, uint32_t need, PB(PriorityGround) ground,
			 const char *sibling_partner)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(GivePriority) b = PB_INIT(GIVE_PRIORITY);

	b.need_id = wl_data_of(need);
	b.ground = ground;
	b.sibling_partner = (char *)(uintptr_t)sibling_partner;
	m.body_case = BODY(GIVE_PRIORITY);
	m.give_priority = &b;
	return rig_command(r, by, &m);
}

PB(Receipt) *wl_signal(struct rig *r, const char *by, uint32_t need, const char *hoped)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(SignalMisplaced) b = PB_INIT(SIGNAL_MISPLACED);

	b.need_id = wl_data_of(need);
	b.hoped_partner = (char *)(uintptr_t)hoped;
	m.body_case = BODY(SIGNAL_MISPLACED);
	m.signal_misplaced = &b;
	return rig_command(r, by, &m);
}

static PB(Receipt) *confirm(struct rig *r, const char *by, uint32_t need, PB(Speaker) speaker,
			    bool over)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ConfirmMisplaced) b = PB_INIT(CONFIRM_MISPLACED);

	b.need_id = wl_data_of(need);
	b.speaker = speaker;
	b.over = over;
	m.body_case = BODY(CONFIRM_MISPLACED);
	m.confirm_misplaced = &b;
	return rig_command(r, by, &m);
}

PB(Receipt) *wl_confirm(struct rig *r, const char *by, uint32_t need, PB(Speaker) speaker)
{
	return confirm(r, by, need, speaker, false);
}

PB(Receipt) *wl_not_so(struct rig *r, const char *by, uint32_t need, PB(Speaker) speaker)
{
	return confirm(r, by, need, speaker, true);
}

PB(WaitingItem) *wl_entry_of(struct rig *r, uint32_t need)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryWaiting) q = PB_INIT(QUERY_WAITING);

	q.need_id = wl_data_of(need);
	m.body_case = BODY(QUERY_WAITING);
	m.query_waiting = &q;
	PB(Message) *answer = rig_query(r, "coordinator", &m);
	if (answer->body_case != BODY(WAITING_VIEW)) {
		return NULL;
	}
	assert_int_equal(answer->waiting_view->n_entries, 1);
	return answer->waiting_view->entries[0];
}

PB(WaitEntryRecord) *wl_record_of(struct rig *r, uint32_t need)
{
	static PB(WaitEntryRecord) *kept;
	struct object_id id = rig_id(need);
	struct key k = key_of_id(&id);
	struct slice val;

	if (kept != NULL) {
		schakel__v1__wait_entry_record__free_unpacked(kept, NULL);
		kept = NULL;
	}
	if (store_get(rig_txn(r), WAIT_TABLE_ENTRY, &k, &val)) {
		kept = schakel__v1__wait_entry_record__unpack(NULL, val.len, val.data);
	}
	return kept;
}

const char *wl_order_of(struct rig *r, uint32_t expertise, const char *zone)
{
	static char text[1024];
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryWaiting) q = PB_INIT(QUERY_WAITING);
	size_t len = 0;

	q.expertise = expertise;
	q.zone = (char *)(uintptr_t)zone;
	m.body_case = BODY(QUERY_WAITING);
	m.query_waiting = &q;
	PB(Message) *answer = rig_query(r, "coordinator", &m);
	assert_int_equal(answer->body_case, BODY(WAITING_VIEW));
	text[0] = '\0';
	for (size_t i = 0; i < answer->waiting_view->n_entries; i++) {
		int n = snprintf(text + len, sizeof(text) - len, "%s%u", i == 0 ? "" : " ",
				 wl_number_of(&answer->waiting_view->entries[i]->need->need_id));
		assert_true(n > 0);
		len += (size_t)n;
	}
	return text;
}

PB(Event) *wl_next_event(struct rig *r, PB(EventKind) kind)
{
	PB(Message) *m;

	while ((m = rig_next(r, EVENTS_LOG)) != NULL) {
		assert_int_equal(m->body_case, BODY(EVENT));
		if (m->event->kind == kind) {
			return m->event;
		}
	}
	return NULL;
}

PB(Demand) *wl_next_demand(struct rig *r)
{
	PB(Message) *m = rig_next_of(r, "matching", BODY(DEMAND));

	return m == NULL ? NULL : m->demand;
}

int waitlist_setup(void **state)
{
	*state = rig_new(&waitlist_service);
	return 0;
}

int waitlist_teardown(void **state)
{
	wl_check_indexes(*state);
	(void)wl_record_of(*state, 0); /* lets go of the record that it kept */
	rig_free(*state);
	return 0;
}
