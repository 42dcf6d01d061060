/* SPDX-License-Identifier: EUPL-1.2 */
/* The arena ends at every place in turn: each handler, query and due row then says so, and never
 * takes what it could not read for something that is not there. Nothing of it stays (the step is
 * undone), which the replay at the end of each test checks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/intake_story.h"

#define ROOM_STEP 16
#define ROOM_MAX (512U << 10)

/* One step with so much room, as a handler, a query or a due row. */
struct attempt {
	const char *party;
	uint32_t roles;
	PB(Message) *in;
	uint8_t due; /* kind of due row of @p id; 0: none */
	const struct object_id *id;
	uint64_t due_ms;
	size_t room;
	int (*other)(struct step *s);
};

static int run(struct step *s, const struct attempt *a)
{
	PB(Message) out = PB_INIT(MESSAGE);

	if (a->other != NULL) {
		return a->other(s);
	}
	if (a->due != 0) {
		return intake_service.on_due(s, a->due, a->id, 0, a->due_ms);
	}
	for (size_t i = 0; i < intake_service.handlers_len; i++) {
		if (intake_service.handlers[i].body == a->in->body_case) {
			return intake_service.handlers[i].fn(s, a->in);
		}
	}
	for (size_t i = 0; i < intake_service.queries_len; i++) {
		if (intake_service.queries[i].body == a->in->body_case) {
			return intake_service.queries[i].fn(s, a->in, &out);
		}
	}
	fail();
	return SK_EINVAL;
}

static int attempt(struct step *s, void *ctx)
{
	const struct attempt *a = ctx;
	size_t cap_bytes = s->arena->cap_bytes;

	(void)snprintf(s->from.id, sizeof(s->from.id), "%s", a->party);
	s->from.roles = a->roles;
	s->arena->cap_bytes = s->arena->used_bytes + a->room;
	int err = run(s, a);
	if (err == SK_OK) {
		err = s->txn->err;
	}
	s->arena->cap_bytes = cap_bytes;
	return err;
}

/* More and more room, until it is enough; before that nothing but "no memory" may be said. */
static void until_it_fits(struct rig *r, struct attempt *a)
{
	size_t short_of = 0;

	for (a->room = 0; a->room < ROOM_MAX; a->room += ROOM_STEP) {
		int err = rig_try(r, attempt, a);
		if (err == SK_OK) {
			assert_true(short_of > 0);
			return;
		}
		assert_int_equal(err, SK_ENOMEM);
		short_of++;
	}
	fail();
}

static void said_by(struct rig *r, const char *party, uint32_t roles, PB(Message) *in)
{
	struct attempt a = { .party = party, .roles = roles, .in = in };

	until_it_fits(r, &a);
}

#define BY_FAMILY "family", ROLE_BIT(FAMILY)
#define BY_POINT "contactpoint", ROLE_BIT(CONTACT_POINT)
#define BY_PEER "matching", ROLE_BIT(DAEMON)
#define MESSAGE(NAME, field, value)                                                               \
	(&(PB(Message)){ PROTOBUF_C_MESSAGE_INIT(&schakel__v1__message__descriptor), .actor = "", \
			 .body_case = BODY(NAME), .field = (value) })

static void test_intake_asking_without_memory(void **state)
{
	struct rig *r = *state;
	struct story st = story_crisis(r);
	struct ask a;

	ask_init(&a);
	ask_needs(&a, 2, 1);
	a.partner[0] = "facility-a";
	a.m.excluded_partners = a.partner;
	a.m.n_excluded_partners = 1;
	said_by(r, "clb", ROLE_BIT(REQUESTER), MESSAGE(SUBMIT_REQUEST, submit_request, &a.m));
	PB(AmendRequest) am = PB_INIT(AMEND_REQUEST);
	am.request_id = st.request;
	am.based_on = 1;
	am.add_needs = a.need_at;
	am.n_add_needs = 2;
	am.exclude_partners = a.partner;
	am.n_exclude_partners = 1;
	am.zone = "rits";
	said_by(r, BY_FAMILY, MESSAGE(AMEND_REQUEST, amend_request, &am));
	PB(RecordNightPlan) np = PB_INIT(RECORD_NIGHT_PLAN);
	PB(Capsule) c;
	static PB(CalledService) none = SCHAKEL__V1__CALLED_SERVICE__CALLED_SERVICE_NONE;
	capsule_init(&c, 9, 1);
	np.request_id = st.request;
	np.plan = &c;
	np.call_at_ms = rig_now(r) + RIG_HOUR_MS;
	np.called = &none;
	np.n_called = 1;
	said_by(r, BY_POINT, MESSAGE(RECORD_NIGHT_PLAN, record_night_plan, &np));
	PB(NameContactPerson) nc = PB_INIT(NAME_CONTACT_PERSON);
	nc.request_id = st.request;
	nc.party = "clb";
	nc.stand_in = "facility-a";
	said_by(r, BY_FAMILY, MESSAGE(NAME_CONTACT_PERSON, name_contact_person, &nc));
	PB(WithdrawRequest) w = PB_INIT(WITHDRAW_REQUEST);
	w.request_id = st.request;
	w.reason = R(WITHDRAWN);
	said_by(r, BY_FAMILY, MESSAGE(WITHDRAW_REQUEST, withdraw_request, &w));
}

static void test_intake_closing_without_memory(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);
	PB(CloseNeed) c = PB_INIT(CLOSE_NEED);
	PB(ReopenNeed) o = PB_INIT(REOPEN_NEED);
	PB(ConfirmConsult) f = PB_INIT(CONFIRM_CONSULT);
	struct ask a;

	assert_true(say_started(&st, 1, 1, "facility-a"));
	c.need_id = st.need[0];
	c.reason = R(MOVED);
	c.successor = "facility-a";
	said_by(r, BY_FAMILY, MESSAGE(CLOSE_NEED, close_need, &c));
	c.reason = R(DECEASED);
	c.successor = "";
	said_by(r, BY_FAMILY, MESSAGE(CLOSE_NEED, close_need, &c));
	ACCEPTED(close_need(&st, "family", 0, R(SELF_RESOLVED), ""));
	o.need_id = st.need[0];
	said_by(r, BY_FAMILY, MESSAGE(REOPEN_NEED, reopen_need, &o));
	ask_init(&a);
	a.m.kind = SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_CONSULT;
	a.m.n_needs = 0;
	struct story consult = story_of(r, "clb", &a);
	f.request_id = consult.request;
	f.enough = true;
	said_by(r, BY_FAMILY, MESSAGE(CONFIRM_CONSULT, confirm_consult, &f));
}

static void test_intake_facts_without_memory(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);
	struct object_id one = rig_id(1);
	struct object_id two = rig_id(2);
	struct seat seat = { 1, 0, "facility-a", M(AMBULANT), 0 };

	assert_true(say_team(&st, 1, &seat, 1));
	assert_true(say_help(&st, (struct help){ 1, 1, 0, "facility-a", H(STARTED), true,
						 M(RESIDENTIAL) }));
	PB(RecordPosition) p = PB_INIT(RECORD_POSITION);
	char *partner = "facility-b";
	p.request_id = st.request;
	p.proposal_version = 1;
	p.speaker = SP(YOUTH);
	p.voice = V(NOT);
	p.excluded_partners = &partner;
	p.n_excluded_partners = 1;
	said_by(r, BY_FAMILY, MESSAGE(RECORD_POSITION, record_position, &p));
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);
	c.contribution_id = object_id_data(&two);
	c.version = 1;
	c.request_id = st.request;
	c.need_id = st.need[1];
	c.partner = "facility-b";
	c.state = H(STARTED);
	c.seen = true;
	said_by(r, BY_PEER, MESSAGE(CONTRIBUTION_CHANGED, contribution_changed, &c));
	PB(TeamProposed) t = PB_INIT(TEAM_PROPOSED);
	t.request_id = st.request;
	t.proposal_version = 2;
	said_by(r, BY_PEER, MESSAGE(TEAM_PROPOSED, team_proposed, &t));
	PB(EndAsked) e = PB_INIT(END_ASKED);
	e.contribution_id = object_id_data(&one);
	e.request_id = st.request;
	said_by(r, BY_PEER, MESSAGE(END_ASKED, end_asked, &e));
	assert_true(say_started(&st, 2, 1, "facility-b")); /* a plan exists: it is read too */
	c.version = 9;
	c.state = H(ENDED);
	said_by(r, BY_PEER, MESSAGE(CONTRIBUTION_CHANGED, contribution_changed, &c));
}

static void reconcile(struct rig *r, const char *table, const ProtobufCMessage *record)
{
	PB(ReconcileItem) it = PB_INIT(RECONCILE_ITEM);
	static uint8_t packed[4096];

	it.table = (char *)(uintptr_t)table;
	it.record.len = protobuf_c_message_pack(record, packed);
	it.record.data = packed;
	said_by(r, BY_PEER, MESSAGE(RECONCILE_ITEM, reconcile_item, &it));
}

static void test_intake_reconcile_without_memory(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	struct object_id request = rig_id(500);
	struct object_id need = rig_id(501);
	struct object_id help = rig_id(600);
	PB(NeedFact) n = PB_INIT(NEED_FACT);
	PB(NeedFact) *at[] = { &n };
	PB(RequestFact) f = PB_INIT(REQUEST_FACT);
	PB(NeedsOpened) m = PB_INIT(NEEDS_OPENED);
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);

	f.request_id = object_id_data(&request);
	f.request_version = 3;
	f.zone = "rits";
	f.urgency = U(STANDARD);
	f.requester = "clb";
	f.received_ms = rig_now(r);
	n.need_id = object_id_data(&need);
	n.need_version = 2;
	n.ordinal = 1;
	n.must = true;
	n.state = N(OPEN);
	m.request = &f;
	m.needs = at;
	m.n_needs = 1;
	reconcile(r, "NeedsOpened", &m.base);
	c.contribution_id = object_id_data(&help);
	c.version = 1;
	c.request_id = f.request_id;
	c.need_id = n.need_id;
	c.partner = "facility-a";
	c.state = H(STARTED);
	reconcile(r, "ContributionChanged", &c.base);
	f.request_id = st.request; /* known here in an older version */
	reconcile(r, "NeedsOpened", &m.base);
	PB(NeedEnd) end = PB_INIT(NEED_END);
	PB(NeedEnd) *end_at[] = { &end };
	PB(NeedClosed) closed = PB_INIT(NEED_CLOSED);
	end.need_id = st.need[0];
	end.need_version = 9;
	end.reason = R(WITHDRAWN);
	closed.request_id = st.request;
	closed.needs = end_at;
	closed.n_needs = 1;
	reconcile(r, "NeedClosed", &closed.base);
}

static int try_snapshot(struct step *s)
{
	PB(SnapshotView) v = PB_INIT(SNAPSHOT_VIEW);
	struct key after = { 0 };

	return intake_service.snapshot(s, 50, &after, &v);
}

static int try_inventory_list(struct step *s)
{
	struct key resume = { 0 };
	uint32_t items;

	return intake_service.inventory(s, "waitlist", 32, &resume, &items);
}

static int try_inventory_team(struct step *s)
{
	struct key resume = { 0 };
	uint32_t items;

	return intake_service.inventory(s, "matching", 32, &resume, &items);
}

static void test_intake_reading_without_memory(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	PB(QueryPlan) p = PB_INIT(QUERY_PLAN);
	struct attempt a = { .party = "family", .roles = ROLE_BIT(FAMILY) };

	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_true(say_started(&st, 2, 1, "facility-b"));
	assert_true(say_team(&st, 1, &(struct seat){ 1, 0, "facility-a", 0, 0 }, 1));
	PB(RecordPosition) rp = PB_INIT(RECORD_POSITION);
	rp.request_id = st.request;
	rp.proposal_version = 1;
	rp.speaker = SP(YOUTH);
	rp.voice = V(AGREE);
	ACCEPTED(rig_command(r, "family", MESSAGE(RECORD_POSITION, record_position, &rp)));
	q.request_id = st.request;
	said_by(r, BY_FAMILY, MESSAGE(QUERY_REQUEST, query_request, &q));
	q.request_id.len = 0;
	said_by(r, "clb", ROLE_BIT(REQUESTER), MESSAGE(QUERY_REQUEST, query_request, &q));
	p.request_id = st.request;
	said_by(r, BY_FAMILY, MESSAGE(QUERY_PLAN, query_plan, &p));
	a.other = try_snapshot;
	until_it_fits(r, &a);
	a.other = try_inventory_list;
	until_it_fits(r, &a);
	a.other = try_inventory_team;
	until_it_fits(r, &a);
}

static void test_intake_due_rows_without_memory(void **state)
{
	struct rig *r = *state;
	struct story st = story_crisis(r);
	struct object_id id;
	struct attempt a = { .party = "intake", .roles = ROLE_BIT(DAEMON), .due = 1, .id = &id };

	memcpy(id.b, st.request.data, OBJECT_ID_LEN);
	a.due_ms = view(&st, "contactpoint")->next_ms;
	until_it_fits(r, &a);
	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_true(say_help(&st, (struct help){ 1, 9, 0, "facility-a", H(ENDED), true, 0 }));
	memcpy(id.b, st.need[0].data, OBJECT_ID_LEN);
	a.due = 2;
	until_it_fits(r, &a);
	id = rig_id(500); /* nothing is parked for it, nothing is read */
	a.due = 3;
	a.room = 0;
	assert_int_equal(rig_try(r, attempt, &a), SK_OK);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_intake_asking_without_memory),  T(test_intake_closing_without_memory),
		T(test_intake_facts_without_memory),   T(test_intake_reconcile_without_memory),
		T(test_intake_reading_without_memory), T(test_intake_due_rows_without_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
