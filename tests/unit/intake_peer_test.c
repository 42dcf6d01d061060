/* SPDX-License-Identifier: EUPL-1.2 */
/* A restore: of a peer, which must know again what it was told; and of intake itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/intake_story.h"

/* --- a peer came back from an old copy --- */

/* The tables of the items for a peer, in order; as they go out, in lots. */
static const char *inventory(struct rig *r, const char *peer)
{
	static char text[4096];
	size_t at = 0;
	PB(Message) *m;

	text[0] = '\0';
	rig_peer_restored(r, peer);
	rig_advance(r, RIG_SECOND_MS);
	while ((m = rig_next(r, peer)) != NULL) {
		if (m->body_case == BODY(RECONCILE_ITEM)) {
			assert_int_equal(m->reconcile_item->hash.len, 8);
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%s ",
					       m->reconcile_item->table);
		}
	}
	return text;
}

static void say_hello(struct rig *r, const char *peer)
{
	PB(TeamProposed) t = PB_INIT(TEAM_PROPOSED);
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(TEAM_PROPOSED);
	m.team_proposed = &t;
	assert_false(rig_fact(r, peer, &m));
	rig_skip(r);
}

static void test_inventory_says_what_each_peer_must_know(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);
	struct story gone = story_standard(r, 1);

	say_hello(r, "waitlist");
	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_true(say_help(&st, (struct help){ 2, 1, 1, "facility-b", H(LAPSED), false, 0 }));
	assert_true(say_team(&st, 1, &(struct seat){ 3, 1, "facility-a", 0, H(CAN) }, 1));
	ACCEPTED(withdraw(&gone, "clb", R(WITHDRAWN)));
	PB(RecordPosition) p = PB_INIT(RECORD_POSITION);
	PB(Message) m = PB_INIT(MESSAGE);
	p.request_id = st.request;
	p.proposal_version = 1;
	p.speaker = SP(YOUTH);
	p.voice = V(AGREE);
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &p;
	ACCEPTED(rig_command(r, "family", &m));
	rig_skip(r);
	assert_string_equal(inventory(r, "waitlist"), "NeedsOpened NeedClosed ");
	assert_string_equal(inventory(r, "matching"), "TeamProposed ContributionChanged "
						      "ContributionChanged PositionTaken ");
}

/* More than one lot: nothing is left out and nothing said twice. */
static void test_inventory_goes_on_where_it_was(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	for (uint32_t i = 1; i <= 50; i++) {
		assert_true(say_help(&st, (struct help){ i, 1, 0, "facility-a",
							 i % 2 ? H(ASKED) : H(LAPSED), false, 0 }));
	}
	struct story other = story_standard(r, 1);
	assert_true(say_help(&other, (struct help){ 1, 1, 0, "facility-a", H(CAN), false, 0 }));
	rig_skip(r);
	const char *text = inventory(r, "matching");
	size_t items = 0;
	for (const char *at = text; (at = strstr(at, "ContributionChanged")) != NULL; at++) {
		items++;
	}
	assert_int_equal(items, 51);
}

/* --- intake came back from an old copy --- */

static bool item(struct rig *r, const char *peer, const char *table, const ProtobufCMessage *record)
{
	PB(ReconcileItem) it = PB_INIT(RECONCILE_ITEM);
	PB(Message) m = PB_INIT(MESSAGE);
	static uint8_t packed[16384];

	it.table = (char *)(uintptr_t)table;
	it.record.len = protobuf_c_message_pack(record, packed);
	it.record.data = packed;
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &it;
	return rig_fact(r, peer, &m);
}

/* A fact of waitlist about one request with one need. */
struct known {
	PB(NeedsOpened) m;
	PB(RequestFact) f;
	PB(NeedFact) n;
	PB(NeedFact) *at[1];
	struct object_id request;
	struct object_id need;
};

static void known_init(struct known *k, struct rig *r)
{
	schakel__v1__needs_opened__init(&k->m);
	schakel__v1__request_fact__init(&k->f);
	schakel__v1__need_fact__init(&k->n);
	k->request = rig_id(500);
	k->need = rig_id(501);
	k->f.request_id = object_id_data(&k->request);
	k->f.request_version = 3;
	k->f.zone = "rits";
	k->f.urgency = U(STANDARD);
	k->f.age_years = 15;
	k->f.requester = "clb";
	k->f.received_ms = rig_now(r) - 10 * RIG_DAY_MS;
	k->n.need_id = object_id_data(&k->need);
	k->n.need_version = 2;
	k->n.ordinal = 1;
	k->n.expertise = EXPERTISE;
	k->n.intensity = 1;
	k->n.duration_weeks = 4;
	k->n.must = true;
	k->n.arrival_ms = k->f.received_ms;
	k->n.state = N(OPEN);
	k->at[0] = &k->n;
	k->m.request = &k->f;
	k->m.needs = k->at;
	k->m.n_needs = 1;
}

static struct story known_story(struct rig *r, struct known *k)
{
	struct story st = { .r = r, .request = object_id_data(&k->request), .needs = 1 };

	st.need[0] = object_id_data(&k->need);
	return st;
}

static PB(ContributionChanged) help_of(struct known *k, struct object_id *id)
{
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);

	*id = rig_id(600);
	c.contribution_id = object_id_data(id);
	c.version = 4;
	c.request_id = object_id_data(&k->request);
	c.need_id = object_id_data(&k->need);
	c.partner = "facility-a";
	c.state = H(STARTED);
	c.seen = true;
	c.at_ms = k->f.received_ms + 1;
	return c;
}

/* L1, DESIGN 4: what was lost comes back with holders, a person and a date, and is said. Its parts
 * come from two peers, in any order. */
static void test_reconcile_brings_a_request_back(void **state)
{
	struct rig *r = *state;
	struct known k;
	struct object_id id;
	PB(TeamProposed) t = PB_INIT(TEAM_PROPOSED);

	known_init(&k, r);
	PB(ContributionChanged) c = help_of(&k, &id);
	t.request_id = c.request_id;
	t.proposal_version = 7;
	rig_skip(r);
	assert_true(item(r, "matching", "ContributionChanged", &c.base));
	assert_true(item(r, "matching", "TeamProposed", &t.base));
	assert_int_equal(rig_due(r, 3), 1);
	rig_advance(r, RIG_HOUR_MS);
	assert_int_equal(events(r, E(ALARM), A(RECOVERED_ITEM)), 1); /* help without a request */
	assert_true(item(r, "waitlist", "NeedsOpened", &k.m.base));
	struct story st = known_story(r, &k);
	assert_int_equal(events(r, E(ALARM), A(RECOVERED_ITEM)), 1);
	PB(RequestItem) *it = view(&st, "duty-rits");
	assert_int_equal(it->request->request_version, 5); /* told anew; that it was answered */
	assert_int_equal(it->needs[0]->need->need_version, 2);
	assert_int_equal(state_of(&st, 0), N(SUPPORTED)); /* what was parked has been applied */
	assert_true(it->answered_ms == c.at_ms);
	assert_int_equal(it->team->proposal_version, 7);
	assert_int_equal(it->n_capsules, 0);
	assert_string_equal(holders_of(&st), "ZONE_NETWORK net-rits, CONTACT_PERSON duty-rits, "
					     "PARTNER facility-a");
	rig_advance(r, RIG_DAY_MS); /* the row of what was parked finds nothing */
	assert_int_equal(rig_due(r, 3), 0);
	rig_skip(r);
	rig_advance(r, 2 * RIG_DAY_MS);
	assert_true(events(r, E(ALARM), A(RECOVERED_ITEM)) >= 1);   /* until somebody asked anew */
	assert_true(item(r, "waitlist", "NeedsOpened", &k.m.base)); /* known: nothing more */
	assert_null(rig_next(r, EVENTS_LOG));
}

/* Newer than the old copy: adopted, with what has ended since. */
static void test_reconcile_adopts_newer_versions(void **state)
{
	struct rig *r = *state;
	struct known k;
	PB(NeedClosed) closed = PB_INIT(NEED_CLOSED);
	PB(NeedEnd) end = PB_INIT(NEED_END);
	PB(NeedEnd) *at[] = { &end };
	static const struct {
		PB(CloseReason) reason;
		PB(NeedState) state;
	} after[] = {
		{ R(STARTED_HELP), N(AFTERCARE) }, { R(SELF_RESOLVED), N(CLOSED) },
		{ R(WITHDRAWN), N(WITHDRAWN) },    { R(ENTERED_IN_ERROR), N(ENTERED_IN_ERROR) },
		{ R(DECEASED), N(CLOSED) },
	};

	known_init(&k, r);
	assert_true(item(r, "waitlist", "NeedsOpened", &k.m.base));
	struct story st = known_story(r, &k);
	k.f.request_version = 9;
	k.f.zone = "westhoek";
	k.n.need_version = 5;
	k.n.intensity = 6;
	k.n.state = N(ANSWERED);
	assert_true(item(r, "waitlist", "NeedsOpened", &k.m.base));
	PB(RequestItem) *it = view(&st, "clb");
	assert_int_equal(it->request->request_version, 10); /* its contact person differs: told */
	assert_string_equal(it->request->zone, "westhoek");
	assert_int_equal(it->needs[0]->need->intensity, 6);
	assert_int_equal(state_of(&st, 0), N(ANSWERED));
	struct object_id second = rig_id(502);
	k.n.need_id = object_id_data(&second); /* another need with the same ordinal */
	assert_true(item(r, "waitlist", "NeedsOpened", &k.m.base));
	assert_int_equal(view(&st, "clb")->n_needs, 2);
	closed.request_id = st.request;
	closed.needs = at;
	closed.n_needs = 1;
	end.need_id = st.need[0];
	for (uint32_t i = 0; i < SK_LEN(after); i++) {
		end.need_version = 10 + i;
		end.reason = after[i].reason;
		assert_true(item(r, "waitlist", "NeedClosed", &closed.base));
		assert_int_equal(state_of(&st, 0), after[i].state);
	}
	end.need_version = 10; /* older */
	end.reason = R(WITHDRAWN);
	assert_true(item(r, "waitlist", "NeedClosed", &closed.base));
	assert_int_equal(state_of(&st, 0), N(CLOSED));
	struct object_id no = rig_id(999);
	closed.request_id = object_id_data(&no);
	assert_true(item(r, "waitlist", "NeedClosed", &closed.base));
}

/* Two siblings, the second missing, apart and at two places; the family waits, and it chose. */
static void known_siblings(struct known *k, uint64_t wish_ms)
{
	static PB(ChildFact) child[2];
	static PB(ChildFact) *children[2] = { &child[0], &child[1] };
	static char *zones[] = { (char *)(uintptr_t) "rits", (char *)(uintptr_t) "westhoek" };
	static PB(Choice) choice;
	static PB(Choice) *choices[] = { &choice };

	for (size_t i = 0; i < 2; i++) {
		schakel__v1__child_fact__init(&child[i]);
	}
	schakel__v1__choice__init(&choice);
	child[0].age_years = 9;
	child[1].age_years = 15;
	child[1].missing = true;
	child[1].apart = SCHAKEL__V1__APART_REASON__APART_REASON_ONE_OF_THEM;
	child[1].zones = zones;
	child[1].n_zones = 2;
	choice.need_id = k->n.need_id;
	choice.partner = (char *)(uintptr_t) "facility-b";
	k->f.children = children;
	k->f.n_children = 2;
	k->f.choices = choices;
	k->f.n_choices = 1;
	k->f.family_wish_until_ms = wish_ms;
	k->n.child = 1;
}

static void assert_siblings(const PB(RequestFact) *f, uint64_t wish_ms)
{
	assert_int_equal(f->n_children, 2);
	assert_int_equal(f->children[0]->age_years, 9);
	assert_true(!f->children[0]->missing && f->children[1]->missing);
	assert_int_equal(f->children[1]->apart,
			 SCHAKEL__V1__APART_REASON__APART_REASON_ONE_OF_THEM);
	assert_int_equal(f->children[1]->n_zones, 2);
	assert_int_equal(f->n_choices, 1);
	assert_string_equal(f->choices[0]->partner, "facility-b");
	assert_true(f->family_wish_until_ms == wish_ms);
}

/* DOMAIN 3, 5, L1: a child that is missing stays so, a family that waits waits, what was chosen is
 * chosen, and each sibling is there: in a request that comes back, and in an old copy of one. */
static void test_reconcile_keeps_what_children_said(void **state)
{
	struct rig *r = *state;
	uint64_t wish_ms = rig_now(r) + 20 * RIG_DAY_MS;
	struct known k;

	for (int old = 0; old < 2; old++) {
		known_init(&k, r);
		struct object_id id = rig_id(510 + (uint32_t)old);
		k.request = id;
		k.need = rig_id(520 + (uint32_t)old);
		k.f.request_id = object_id_data(&k.request);
		k.n.need_id = object_id_data(&k.need);
		if (old == 1) {
			assert_true(item(r, "waitlist", "NeedsOpened", &k.m.base));
			k.f.request_version += 2; /* what came back was told anew */
			k.n.need_version++;
		}
		known_siblings(&k, wish_ms);
		assert_true(item(r, "waitlist", "NeedsOpened", &k.m.base));
		struct story st = known_story(r, &k);
		assert_siblings(view(&st, "clb")->request, wish_ms);
	}
	struct story st = known_story(r, &k);
	rig_advance(r, 21 * RIG_DAY_MS); /* its row runs as that of any other wish */
	assert_siblings(view(&st, "clb")->request, 0);
}

/* L1: one whose needs have all ended comes back, too, with why they ended; and so does the help. */
static void test_reconcile_brings_back_what_has_ended(void **state)
{
	struct rig *r = *state;
	struct known k;
	struct object_id id;
	PB(NeedClosed) closed = PB_INIT(NEED_CLOSED);
	PB(NeedEnd) end = PB_INIT(NEED_END);
	PB(NeedEnd) *at[] = { &end };

	known_init(&k, r);
	PB(ContributionChanged) c = help_of(&k, &id);
	c.state = H(HANDING_ON);
	k.n.state = N(WITHDRAWN);
	rig_restored(r);
	assert_true(item(r, "matching", "ContributionChanged", &c.base));
	assert_true(item(r, "waitlist", "NeedsOpened", &k.m.base));
	struct story st = known_story(r, &k);
	closed.request_id = st.request;
	closed.needs = at;
	closed.n_needs = 1;
	end.need_id = st.need[0];
	end.need_version = k.n.need_version;
	end.reason = R(WITHDRAWN);
	assert_true(item(r, "waitlist", "NeedClosed", &closed.base));
	assert_true(item(r, "waitlist", "NeedsOpened", &k.m.base)); /* known: nothing more */
	rig_reconciled(r);
	assert_int_equal(state_of(&st, 0), N(WITHDRAWN));
	assert_string_equal(holders_of(&st), "CONTACT_PERSON duty-rits, PARTNER facility-a");
	assert_int_equal(events(r, E(ALARM), A(RECOVERED_ITEM)), 1);
}

/* Two daemons were restored at once: that we were may have shown to nobody, and the one between
 * tells of the request later. What matching says of it meanwhile waits. */
static void test_facts_of_a_lost_request_wait_for_it(void **state)
{
	struct rig *r = *state;
	struct known k;
	struct object_id id;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(TeamProposed) t = PB_INIT(TEAM_PROPOSED);

	known_init(&k, r);
	PB(ContributionChanged) c = help_of(&k, &id);
	m.body_case = BODY(CONTRIBUTION_CHANGED);
	m.contribution_changed = &c;
	assert_true(rig_fact(r, "matching", &m));
	t.request_id = c.request_id;
	t.proposal_version = 7;
	m.body_case = BODY(TEAM_PROPOSED);
	m.team_proposed = &t;
	assert_true(rig_fact(r, "matching", &m));
	assert_true(item(r, "waitlist", "NeedsOpened", &k.m.base));
	struct story st = known_story(r, &k);
	assert_int_equal(state_of(&st, 0), N(SUPPORTED));
	assert_int_equal(view(&st, "duty-rits")->team->proposal_version, 7);
}

/* A recovered request is a request like any other once it has been told anew. */
static void test_reconcile_recovered_ends_with_the_story_told_anew(void **state)
{
	struct rig *r = *state;
	struct known k;
	PB(AmendRequest) a = PB_INIT(AMEND_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Capsule) c;
	PB(Capsule) *at[] = { &c };

	known_init(&k, r);
	assert_true(item(r, "waitlist", "NeedsOpened", &k.m.base));
	struct story st = known_story(r, &k);
	capsule_init(&c, 1, 1);
	a.request_id = st.request;
	a.based_on = view(&st, "duty-rits")->request->request_version;
	a.capsules = at;
	a.n_capsules = 1;
	m.body_case = BODY(AMEND_REQUEST);
	m.amend_request = &a;
	ACCEPTED(rig_command(r, "clb", &m));
	rig_skip(r);
	rig_advance(r, 5 * RIG_DAY_MS);
	assert_int_equal(events(r, E(ALARM), A(RECOVERED_ITEM)), 0);
}

/* A peer's bytes are looked at like anybody's. */
static void test_reconcile_refuses_what_is_broken(void **state)
{
	struct rig *r = *state;
	struct known k;
	struct object_id id;
	PB(ReconcileItem) raw = PB_INIT(RECONCILE_ITEM);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(NeedClosed) closed = PB_INIT(NEED_CLOSED);
	const char *field;

	known_init(&k, r);
	assert_false(item(r, "waitlist", "Demand", &k.m.base));
	assert_int_equal(rig_fault(r, &field), REFUSAL(UNKNOWN_TYPE));
	raw.table = "NeedsOpened";
	raw.record = (ProtobufCBinaryData){ 3, (uint8_t *)"abc" };
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &raw;
	assert_false(rig_fact(r, "waitlist", &m));
	assert_int_equal(rig_fault(r, &field), REFUSAL(MALFORMED));
	k.n.state = N(ENTERED_IN_ERROR) + 1;
	assert_false(item(r, "waitlist", "NeedsOpened", &k.m.base));
	k.n.state = N(OPEN);
	k.f.zone = "elsewhere";
	assert_false(item(r, "waitlist", "NeedsOpened", &k.m.base));
	k.f.zone = "rits";
	k.f.requester = "No Party";
	assert_false(item(r, "waitlist", "NeedsOpened", &k.m.base));
	k.f.requester = "clb";
	char *many[PARTNERS_MAX + 1];
	for (size_t i = 0; i <= PARTNERS_MAX; i++) {
		many[i] = "facility-a";
	}
	k.f.excluded_partners = many;
	k.f.n_excluded_partners = PARTNERS_MAX + 1;
	assert_false(item(r, "waitlist", "NeedsOpened", &k.m.base));
	PB(ContributionChanged) c = help_of(&k, &id);
	c.contribution_id.len = 3;
	assert_false(item(r, "matching", "ContributionChanged", &c.base));
	closed.request_id = (ProtobufCBinaryData){ 3, id.b };
	assert_false(item(r, "waitlist", "NeedClosed", &closed.base));
	assert_int_equal(rig_rows(r, TABLE_SERVICE), 0);
}

/* So many needs are kept of one request, however they come. */
static void test_reconcile_needs_at_the_limit(void **state)
{
	struct rig *r = *state;
	struct known k;
	const char *field;

	known_init(&k, r);
	for (uint32_t i = 0; i <= NEEDS_KEPT_MAX; i++) {
		k.need = rig_id(501 + i);
		k.n.ordinal = 1 + i;
		bool fits = i < NEEDS_KEPT_MAX;
		assert_int_equal(item(r, "waitlist", "NeedsOpened", &k.m.base), fits);
	}
	assert_int_equal(rig_fault(r, &field), REFUSAL(TOO_MANY));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_inventory_says_what_each_peer_must_know),
		T(test_inventory_goes_on_where_it_was),
		T(test_reconcile_brings_a_request_back),
		T(test_reconcile_adopts_newer_versions),
		T(test_reconcile_keeps_what_children_said),
		T(test_reconcile_brings_back_what_has_ended),
		T(test_facts_of_a_lost_request_wait_for_it),
		T(test_reconcile_recovered_ends_with_the_story_told_anew),
		T(test_reconcile_refuses_what_is_broken),
		T(test_reconcile_needs_at_the_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
