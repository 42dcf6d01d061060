/* SPDX-License-Identifier: EUPL-1.2 */
/* What people do on the list and in its neighbourhood: case tables, days of priority, not in the
 * right place, what bridges, the gate's decision, the last place. */
#include "services/cli/demo_life.h"

#define TABLE(NAME) SCHAKEL__V1__CASE_TABLE_STATE__CASE_TABLE_STATE_##NAME
#define HELP(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME
#define TABLE_IN_H 20
#define TABLE_DROPPED_SHARE 80 /* per mille of the tables that are not needed any more */
#define BRIDGE_DAYS 60
#define DECIDED_DAYS 730
#define DECIDED_AGAIN_DAYS 700 /* before it ends, for who waits still */
#define CONCERNED_MAX 16

static bool ask_waitlist(struct demo *d, uint32_t who, PB(Message) *m)
{
	return demo_done_well(demo_command(d, who, DEMO_WAITLIST, m));
}

/* The first must-need of a request that still waits; UINT32_MAX: none. */
static const struct demo_need_row *waits(const struct demo *d, const struct demo_request *r)
{
	uint32_t row = demo_request_row(&d->world, r);

	for (size_t i = 0; i < d->world.needs.len; i++) {
		const struct demo_need_row *n = demo_need_at(&d->world, i);
		if (n->request == row && n->must && n->waiting) {
			return n;
		}
	}
	return NULL;
}

static const struct demo_need_row *of_share(const struct demo *d, const struct demo_deed *x)
{
	uint32_t row = x->s == NULL ? UINT32_MAX : x->s->need;

	return row == UINT32_MAX ? NULL : demo_need_at(&d->world, row);
}

/* --- case tables --- */

static bool move_table(struct demo *d, struct demo_deed *x, PB(CaseTableState) to, uint64_t at_ms)
{
	PB(MoveCaseTable) t = PB_INIT(MOVE_CASE_TABLE);
	PB(Message) m = PB_INIT(MESSAGE);

	t.table_id = object_id_data(&x->it.id);
	t.to = to;
	t.at_ms = at_ms;
	t.child_invited = at_ms != 0;
	t.parents_invited = at_ms != 0;
	m.body_case = BODY(MOVE_CASE_TABLE);
	m.move_case_table = &t;
	return ask_waitlist(d, d->cast.coordinator, &m);
}

static void table_held(struct demo *d, struct demo_deed *x)
{
	if (x->it.arg == 0 && demo_rand_share(&x->luck, TABLE_DROPPED_SHARE)) {
		(void)move_table(d, x, TABLE(NOT_NEEDED), 0);
	} else if (x->it.arg == 0 &&
		   move_table(d, x, TABLE(PLANNED), d->now_ms + TABLE_IN_H * DEMO_HOUR_MS)) {
		demo_again(d, x, 1, (TABLE_IN_H + 1) * DEMO_HOUR_MS);
	} else if (x->it.arg == 1 && move_table(d, x, TABLE(HELD), 0)) {
		demo_tell(d, TOLD(DEMO_STORY, NULL),
			  "Overlegtafel gehouden: kind en ouders eerst uitgenodigd.",
			  "A case table was held: child and parents were invited first.");
	}
}

/* --- words about an entry --- */

/* Who helps a brother or sister of the child whose need waits; d->cast.len: nobody. */
static uint32_t sibling_house(const struct demo *d, const struct demo_need_row *n)
{
	for (size_t i = 0; i < d->world.shares.len; i++) {
		const struct demo_share *s = demo_share_at(&d->world, i);
		bool runs = s->state == HELP(STARTED) || s->state == HELP(INTERRUPTED) ||
			    s->state == HELP(HANDING_ON);
		if (runs && s->request == n->request && s->child != n->child) {
			return s->partner;
		}
	}
	return (uint32_t)d->cast.len;
}

/* The first family from that one on of which one child waits and another is helped. */
static const struct demo_need_row *sibling_waits(const struct demo *d, const struct demo_request *r,
						 uint32_t *ret_where)
{
	size_t from = demo_request_row(&d->world, r);

	for (size_t i = 0; i < d->world.requests.len; i++) {
		const struct demo_request *at =
			demo_request_at(&d->world, (from + i) % d->world.requests.len);
		bool may = at->open && !at->crisis && at->children > 1;
		const struct demo_need_row *n = may ? waits(d, at) : NULL;
		*ret_where = n == NULL ? (uint32_t)d->cast.len : sibling_house(d, n);
		if (*ret_where != d->cast.len) {
			return n;
		}
	}
	return NULL;
}

static void sibling_priority(struct demo *d, struct demo_deed *x)
{
	PB(GivePriority) g = PB_INIT(GIVE_PRIORITY);
	PB(Message) m = PB_INIT(MESSAGE);
	uint32_t where = 0;
	const struct demo_need_row *n = x->r == NULL ? NULL : sibling_waits(d, x->r, &where);

	if (n == NULL) {
		return; /* the contact point holds a crisis: there it would gain */
	}
	g.need_id = object_id_data(&n->id);
	g.ground = SCHAKEL__V1__PRIORITY_GROUND__PRIORITY_GROUND_SIBLING_THERE;
	g.sibling_partner = demo_party_id(d, where);
	m.body_case = BODY(GIVE_PRIORITY);
	m.give_priority = &g;
	(void)ask_waitlist(d, d->cast.contact_point, &m);
}

static void bridged(struct demo *d, struct demo_deed *x)
{
	const struct demo_need_row *n = x->r == NULL || !x->r->open ? NULL : waits(d, x->r);
	PB(RecordBridging) b = PB_INIT(RECORD_BRIDGING);
	PB(Message) m = PB_INIT(MESSAGE);

	if (n == NULL) {
		return;
	}
	b.need_id = object_id_data(&n->id);
	b.party = demo_party_id(d, demo_contact(d, x->r));
	b.until_ms = d->now_ms + BRIDGE_DAYS * DEMO_DAY_MS;
	m.body_case = BODY(RECORD_BRIDGING);
	m.record_bridging = &b;
	(void)ask_waitlist(d, d->cast.coordinator, &m);
}

static bool confirm_misplaced(struct demo *d, const struct demo_need_row *n, uint32_t who,
			      PB(Speaker) speaker)
{
	PB(ConfirmMisplaced) c = PB_INIT(CONFIRM_MISPLACED);
	PB(Message) m = PB_INIT(MESSAGE);

	c.need_id = object_id_data(&n->id);
	c.speaker = speaker;
	m.body_case = BODY(CONFIRM_MISPLACED);
	m.confirm_misplaced = &c;
	return ask_waitlist(d, who, &m);
}

/* Signalled by the contact person; then the child, and a house that gains nothing. */
static void misplaced(struct demo *d, struct demo_deed *x)
{
	const struct demo_need_row *n = of_share(d, x);
	PB(SignalMisplaced) g = PB_INIT(SIGNAL_MISPLACED);
	PB(Message) m = PB_INIT(MESSAGE);

	if (n == NULL || x->r == NULL || !x->r->open) {
		return;
	}
	g.need_id = object_id_data(&n->id);
	m.body_case = BODY(SIGNAL_MISPLACED);
	m.signal_misplaced = &g;
	if (!ask_waitlist(d, demo_contact(d, x->r), &m)) {
		return;
	}
	uint32_t other = demo_house(d, x, ROLE_BIT(FACILITY));
	bool both = confirm_misplaced(d, n, d->cast.family, SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH) &&
		    other != d->cast.len && other != x->s->partner &&
		    confirm_misplaced(d, n, other, SCHAKEL__V1__SPEAKER__SPEAKER_UNSPECIFIED);
	if (both) {
		demo_tell(d, TOLD(DEMO_STORY, x->r->code),
			  "Dit is niet de plek die bij dit kind past; het telt weer als wachtend.",
			  "This is not the place that fits this child; it counts as waiting "
			  "again.");
	}
}

/* --- the gate, the last place --- */

static void gate_decided(struct demo *d, struct demo_deed *x)
{
	PB(RecordGateDecision) g = PB_INIT(RECORD_GATE_DECISION);
	PB(Message) m = PB_INIT(MESSAGE);
	char number[32];

	if (x->r == NULL || !x->r->open) {
		return;
	}
	(void)snprintf(number, sizeof(number), "VB-%u", x->r->number);
	g.request_id = object_id_data(&x->r->id);
	g.number = number;
	g.until_ms = d->now_ms + DECIDED_DAYS * DEMO_DAY_MS;
	m.body_case = BODY(RECORD_GATE_DECISION);
	m.record_gate_decision = &g;
	(void)demo_command(d, d->cast.coordinator, DEMO_MATCHING, &m);
	demo_again(d, x, x->it.arg + 1, DECIDED_AGAIN_DAYS * DEMO_DAY_MS);
}

/* Whose it is: the first of those shown, which is the first in the order. */
static void last_place_signed(struct demo *d, struct demo_deed *x)
{
	static uint8_t somebody[OBJECT_ID_LEN] = { 'm' };
	ProtobufCBinaryData seen[CONCERNED_MAX];
	PB(QueryLastPlace) q = PB_INIT(QUERY_LAST_PLACE);
	PB(SignLastPlace) g = PB_INIT(SIGN_LAST_PLACE);
	PB(Message) ask = PB_INIT(MESSAGE);
	PB(Message) m = PB_INIT(MESSAGE);

	if (x->it.arg >= d->world.pools_len) {
		return;
	}
	q.pool = d->world.pool[x->it.arg].name;
	ask.body_case = BODY(QUERY_LAST_PLACE);
	ask.query_last_place = &q;
	const PB(Message) *a = demo_ask(d, d->cast.contact_point, DEMO_MATCHING, &ask);
	if (a == NULL || a->body_case != BODY(LAST_PLACE_VIEW) ||
	    a->last_place_view->n_concerned == 0) {
		return;
	}
	const PB(LastPlaceView) *v = a->last_place_view;
	g.pool = q.pool;
	g.based_on = v->version;
	g.need_id = v->concerned[0]->need->need_id;
	for (size_t i = 0; i < v->n_concerned && i < CONCERNED_MAX; i++) {
		seen[g.n_seen++] = v->concerned[i]->need->need_id;
	}
	g.seen = seen;
	g.signed_by = (ProtobufCBinaryData){ OBJECT_ID_LEN, somebody };
	m.body_case = BODY(SIGN_LAST_PLACE);
	m.sign_last_place = &g;
	if (demo_done_well(demo_command(d, d->cast.contact_point, DEMO_MATCHING, &m))) {
		demo_tell(d, TOLD(DEMO_STORY, NULL),
			  "De laatste plek (%s): %u kinderen naast elkaar gezien; een mens "
			  "besliste "
			  "en tekende.",
			  "The last place (%s): %u children seen side by side; a person decided "
			  "and signed.",
			  q.pool, (unsigned)v->n_concerned);
	}
}

const struct demo_deed_row demo_deeds_list[] = {
	{ "table_held", table_held },
	{ "sibling_priority", sibling_priority },
	{ "bridged", bridged },
	{ "misplaced", misplaced },
	{ "gate_decided", gate_decided },
	{ "last_place_signed", last_place_signed },
	{ NULL, NULL },
};
