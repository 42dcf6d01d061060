/* SPDX-License-Identifier: EUPL-1.2 */
/* What people do with the list: days of priority, the right place, case tables. Many of these are
 * said by who may not, or at a moment that is wrong. */
#include <string.h>

#include "tests/sim/region.h"

#define TABLE_TO(X) SCHAKEL__V1__CASE_TABLE_STATE__CASE_TABLE_STATE_##X
#define SPEAKER_IS(X) SCHAKEL__V1__SPEAKER__SPEAKER_##X

static ProtobufCBinaryData data_of(uint8_t id[16])
{
	return (ProtobufCBinaryData){ 16, id };
}

static struct news_need *need_drawn(struct region *g)
{
	struct news *n = &g->news;

	return n->needs == 0 ? NULL : &n->need[rng_below(&g->w->rng, n->needs)];
}

/** A need with help, more often than not: only a served child can be in the wrong place. */
static struct news_need *need_helped(struct region *g)
{
	struct news *n = &g->news;
	size_t from = n->needs == 0 ? 0 : rng_below(&g->w->rng, n->needs);

	for (size_t i = 0; i < n->needs; i++) {
		struct news_need *at = &n->need[(from + i) % n->needs];
		if (at->state == NEED(ANSWERED) || at->state == NEED(SUPPORTED)) {
			return at;
		}
	}
	return NULL;
}

static char *partner_drawn(struct region *g)
{
	return (char *)(uintptr_t)region_partner[rng_below(&g->w->rng, PARTNERS)];
}

/** A need that waits beside help that goes on in the same request: a brother or sister may be
 *  there. As drawn when there is none. */
static void beside_help(struct region *g, struct news_need **io_need, char **io_partner)
{
	struct news *n = &g->news;
	size_t from = (size_t)(*io_need - n->need);

	for (size_t i = 0; i < n->helps * n->needs; i++) {
		const struct news_help *h = &n->help[i / n->needs];
		struct news_need *at = &n->need[(from + i) % n->needs];
		if (h->state == SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_STARTED &&
		    at->state == NEED(OPEN) &&
		    memcmp(at->request, h->request, sizeof(h->request)) == 0) {
			*io_need = at;
			*io_partner = (char *)(uintptr_t)region_partner[h->partner];
			return;
		}
	}
}

static size_t anybody(struct region *g)
{
	static const size_t who[] = { CONTACT, CLB, FAMILY, COORDINATOR };
	uint64_t luck = rng_below(&g->w->rng, SK_LEN(who) + PARTNERS);

	return luck < SK_LEN(who) ? who[luck] : PARTNER_FIRST + luck - SK_LEN(who);
}

static void give_priority(struct region *g)
{
	struct news_need *n = need_drawn(g);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(GivePriority) b = PB_INIT(GIVE_PRIORITY);

	if (n == NULL) {
		return;
	}
	char *partner = partner_drawn(g);
	beside_help(g, &n, &partner);
	b.need_id = data_of(n->id);
	b.ground = SCHAKEL__V1__PRIORITY_GROUND__PRIORITY_GROUND_SIBLING_THERE;
	b.sibling_partner = partner;
	m.body_case = BODY(GIVE_PRIORITY);
	m.give_priority = &b;
	region_send(g, anybody(g), WAITLIST, &m);
}

static void signal_place(struct region *g, struct news_need *n)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(SignalMisplaced) b = PB_INIT(SIGNAL_MISPLACED);

	b.need_id = data_of(n->id);
	if (rng_below(&g->w->rng, 4) == 0) {
		b.hoped_partner = partner_drawn(g);
	}
	m.body_case = BODY(SIGNAL_MISPLACED);
	m.signal_misplaced = &b;
	region_send(g, rng_coin(&g->w->rng) ? FAMILY : anybody(g), WAITLIST, &m);
}

static void confirm_place(struct region *g, struct news_need *n, size_t who, bool over)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ConfirmMisplaced) b = PB_INIT(CONFIRM_MISPLACED);

	b.need_id = data_of(n->id);
	b.over = over;
	if (who == FAMILY) {
		b.speaker = rng_coin(&g->w->rng) ? SPEAKER_IS(YOUTH) : SPEAKER_IS(TRUSTED_PERSON);
	}
	m.body_case = BODY(CONFIRM_MISPLACED);
	m.confirm_misplaced = &b;
	region_send(g, who, WAITLIST, &m);
}

static void right_place(struct region *g)
{
	struct news_need *n = need_helped(g);
	struct rng *r = &g->w->rng;

	n = n == NULL ? need_drawn(g) : n;
	if (n == NULL) {
		return;
	}
	if (rng_below(r, 4) != 0) {
		signal_place(g, n);
	}
	if (rng_below(r, 4) != 0) {
		confirm_place(g, n, FAMILY, rng_below(r, 5) == 0);
	}
	if (rng_coin(r)) {
		/* One after the other: compilers differ in which argument they draw first. */
		bool over = rng_below(r, 8) == 0;
		confirm_place(g, n, anybody(g), over);
	}
	/* One of them gains nothing. */
	for (size_t i = 0; i < PARTNERS; i++) {
		confirm_place(g, n, PARTNER_FIRST + i, false);
	}
}

/** Later, perhaps when somebody else was asked: it is the right place after all. */
static void right_after_all(struct region *g)
{
	struct news_need *n = need_helped(g);

	if (n != NULL) {
		confirm_place(g, n, FAMILY, true);
	}
}

static void call_table(struct region *g)
{
	struct news_need *n = need_drawn(g);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(CallCaseTable) b = PB_INIT(CALL_CASE_TABLE);

	if (n == NULL) {
		return;
	}
	b.request_id = data_of(n->request);
	if (rng_coin(&g->w->rng)) {
		b.need_id = data_of(n->id);
	}
	m.body_case = BODY(CALL_CASE_TABLE);
	m.call_case_table = &b;
	region_send(g, anybody(g), WAITLIST, &m);
}

static void move_table(struct region *g)
{
	struct rng *r = &g->w->rng;
	uint64_t now = caller_now_ms(g->caller[COORDINATOR], &g->w->daemon[WAITLIST]);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(MoveCaseTable) b = PB_INIT(MOVE_CASE_TABLE);
	char *invited = partner_drawn(g);

	if (g->news.tables == 0) {
		return;
	}
	b.table_id = data_of(g->news.table[rng_below(r, g->news.tables)].id);
	b.to = (PB(CaseTableState))rng_between(r, TABLE_TO(PLANNED), TABLE_TO(NOT_NEEDED));
	b.at_ms = now + rng_log(r, SIM_HOUR_MS, 12 * SIM_DAY_MS);
	b.invited = &invited;
	b.n_invited = rng_below(r, 2);
	b.child_invited = rng_below(r, 8) != 0;
	b.parents_invited = rng_below(r, 8) != 0;
	if (rng_below(r, 4) == 0) {
		b.owner = partner_drawn(g);
	}
	m.body_case = BODY(MOVE_CASE_TABLE);
	m.move_case_table = &b;
	region_send(g, rng_below(r, 3) == 0 ? anybody(g) : COORDINATOR, WAITLIST, &m);
}

/** What was asked before becomes a crisis; others call it off again. */
static void become_crisis(struct region *g)
{
	struct rng *r = &g->w->rng;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(AmendRequest) b = PB_INIT(AMEND_REQUEST);

	if (g->news.requests == 0) {
		return;
	}
	struct news_request *q = &g->news.request[rng_below(r, g->news.requests)];
	b.request_id = data_of(q->id);
	b.based_on = q->version;
	b.urgency = URGENCY_OF(CRISIS);
	b.crisis_step = (PB(CrisisStep))rng_between(r, 1, 3);
	b.reason = (PB(DangerReason))rng_between(r, 1, 7);
	m.body_case = BODY(AMEND_REQUEST);
	m.amend_request = &b;
	region_send(g, CONTACT, INTAKE, &m);
}

void region_list_act(struct region *g)
{
	static void (*const does[])(
		struct region *) = { become_crisis,   give_priority, right_place, right_place,
				     right_after_all, call_table,    move_table,  move_table };

	/* Help is rare here: where there is some, its place is spoken of. */
	if (need_helped(g) != NULL && rng_coin(&g->w->rng)) {
		if (rng_below(&g->w->rng, 4) == 0) {
			right_after_all(g);
		} else {
			right_place(g);
		}
		return;
	}
	does[rng_below(&g->w->rng, SK_LEN(does))](g);
}
