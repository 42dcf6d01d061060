/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/intake_story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/civil.h"

static uint8_t sealed[CAPSULE_BYTES_MAX + 1];

/* Ids must outlive the message that carries them. */
static ProtobufCBinaryData data_of(uint32_t number)
{
	static struct object_id made[4096];
	static unsigned at;
	struct object_id *id = &made[at++ % SK_LEN(made)];

	*id = rig_id(number);
	return object_id_data(id);
}

void capsule_init(PB(Capsule) *c, uint32_t person, uint32_t version)
{
	schakel__v1__capsule__init(c);
	c->person_id = data_of(1000000 + person);
	c->version = version;
	c->capsule = (ProtobufCBinaryData){ CAPSULE_BYTES_MIN, sealed };
	c->sealed_key = (ProtobufCBinaryData){ SEALED_KEY_BYTES, sealed };
}

void ask_needs(struct ask *a, size_t must, size_t should)
{
	assert_true(must + should <= ASK_NEEDS);
	for (size_t i = 0; i < must + should; i++) {
		schakel__v1__need_spec__init(&a->need[i]);
		a->need[i].expertise = EXPERTISE + (uint32_t)i;
		a->need[i].intensity = 2;
		a->need[i].duration_weeks = 12;
		a->need[i].must = i < must;
		a->need_at[i] = &a->need[i];
	}
	a->m.needs = a->need_at;
	a->m.n_needs = must + should;
}

void ask_init(struct ask *a)
{
	memset(a, 0, sizeof(*a));
	schakel__v1__submit_request__init(&a->m);
	a->m.kind = SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_SEARCH;
	a->m.zone = "westhoek";
	a->m.network = "kust";
	a->m.urgency = U(STANDARD);
	for (size_t i = 0; i < SK_LEN(a->child); i++) {
		schakel__v1__child__init(&a->child[i]);
		a->child[i].age_years = 13;
		a->child_at[i] = &a->child[i];
	}
	for (size_t i = 0; i < SK_LEN(a->adult); i++) {
		schakel__v1__adult__init(&a->adult[i]);
		a->adult[i].number = (uint32_t)i + 1;
		a->adult_at[i] = &a->adult[i];
	}
	for (size_t i = 0; i < SK_LEN(a->capsule); i++) {
		capsule_init(&a->capsule[i], (uint32_t)i, 1);
		a->capsule_at[i] = &a->capsule[i];
	}
	a->adult[0].authority = true;
	a->adult[0].home = true;
	a->m.children = a->child_at;
	a->m.n_children = 1;
	a->m.adults = a->adult_at;
	a->m.n_adults = 1;
	a->m.capsules = a->capsule_at;
	a->m.n_capsules = 1;
	a->m.callback_sealed = true;
	ask_needs(a, 1, 0);
}

void ask_urgent(struct ask *a)
{
	a->m.urgency = U(URGENT);
	a->m.second_party = "police";
}

void ask_crisis(struct ask *a)
{
	a->m.urgency = U(CRISIS);
	a->m.crisis_step = SCHAKEL__V1__CRISIS_STEP__CRISIS_STEP_NOW;
	a->m.reason = D(NO_SAFE_PLACE);
}

PB(Receipt) *ask_send(struct rig *r, const char *party, struct ask *a)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(SUBMIT_REQUEST);
	m.submit_request = &a->m;
	return rig_command(r, party, &m);
}

struct story story_of(struct rig *r, const char *party, struct ask *a)
{
	PB(Receipt) *receipt = ask_send(r, party, a);
	struct story st = { .r = r, .request = receipt->object_id, .needs = receipt->n_object_ids };

	ACCEPTED(receipt);
	for (size_t i = 0; i < st.needs; i++) {
		st.need[i] = receipt->object_ids[i];
	}
	(void)snprintf(st.short_code, sizeof(st.short_code), "%s", receipt->short_code);
	return st;
}

struct story story_standard(struct rig *r, size_t musts)
{
	struct ask a;

	ask_init(&a);
	ask_needs(&a, musts, 0);
	return story_of(r, "clb", &a);
}

struct story story_crisis(struct rig *r)
{
	struct ask a;

	ask_init(&a);
	ask_crisis(&a);
	return story_of(r, "contactpoint", &a);
}

bool say_team(struct story *st, uint32_t version, const struct seat *seats, size_t len)
{
	PB(TeamProposed) t = PB_INIT(TEAM_PROPOSED);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Seat) seat[SEATS_MAX + 1];
	PB(Seat) *at[SEATS_MAX + 1];

	for (size_t i = 0; i < len; i++) {
		schakel__v1__seat__init(&seat[i]);
		seat[i].need_id = st->need[seats[i].need];
		seat[i].contribution_id = data_of(seats[i].number);
		seat[i].partner = (char *)(uintptr_t)seats[i].partner;
		seat[i].pool = "pool";
		seat[i].use = 1;
		seat[i].amount = 1;
		seat[i].modality = seats[i].modality == 0 ? M(AMBULANT) : seats[i].modality;
		seat[i].state = seats[i].state == 0 ? H(ASKED) : seats[i].state;
		at[i] = &seat[i];
	}
	t.request_id = st->request;
	t.proposal_version = version;
	t.seats = at;
	t.n_seats = len;
	m.body_case = BODY(TEAM_PROPOSED);
	m.team_proposed = &t;
	return rig_fact(st->r, "matching", &m);
}

bool say_help(struct story *st, struct help h)
{
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);
	PB(Message) m = PB_INIT(MESSAGE);

	c.contribution_id = data_of(h.number);
	c.version = h.version;
	c.request_id = st->request;
	c.need_id = st->need[h.need];
	c.partner = (char *)(uintptr_t)h.partner;
	c.pool = "pool";
	c.state = h.state;
	c.seen = h.seen;
	c.modality = h.modality == 0 ? M(AMBULANT) : h.modality;
	c.supporter = SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_PROFESSIONAL;
	c.at_ms = rig_now(st->r);
	m.body_case = BODY(CONTRIBUTION_CHANGED);
	m.contribution_changed = &c;
	return rig_fact(st->r, "matching", &m);
}

bool say_started(struct story *st, uint32_t number, size_t need, const char *partner)
{
	return say_help(st, (struct help){ number, 5, need, partner, H(STARTED), true, 0 });
}

bool ask_end(struct story *st, uint32_t number, size_t need, const char *partner)
{
	PB(EndAsked) e = PB_INIT(END_ASKED);
	PB(Message) m = PB_INIT(MESSAGE);

	e.contribution_id = data_of(number);
	e.request_id = st->request;
	e.need_id = st->need[need];
	e.partner = (char *)(uintptr_t)partner;
	m.body_case = BODY(END_ASKED);
	m.end_asked = &e;
	return rig_fact(st->r, "matching", &m);
}

static PB(Receipt) *withdraw_list(struct story *st, const char *party, ProtobufCBinaryData *needs,
				  size_t len, PB(CloseReason) reason)
{
	PB(WithdrawRequest) w = PB_INIT(WITHDRAW_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);

	w.request_id = st->request;
	w.need_ids = needs;
	w.n_need_ids = len;
	w.reason = reason;
	m.body_case = BODY(WITHDRAW_REQUEST);
	m.withdraw_request = &w;
	return rig_command(st->r, party, &m);
}

PB(Receipt) *withdraw(struct story *st, const char *party, PB(CloseReason) reason)
{
	return withdraw_list(st, party, NULL, 0, reason);
}

PB(Receipt) *withdraw_need(struct story *st, const char *party, size_t need, PB(CloseReason) reason)
{
	return withdraw_list(st, party, &st->need[need], 1, reason);
}

PB(Receipt) *close_need(struct story *st, const char *party, size_t need, PB(CloseReason) reason,
			const char *successor)
{
	PB(CloseNeed) c = PB_INIT(CLOSE_NEED);
	PB(Message) m = PB_INIT(MESSAGE);

	c.need_id = st->need[need];
	c.reason = reason;
	c.successor = (char *)(uintptr_t)successor;
	m.body_case = BODY(CLOSE_NEED);
	m.close_need = &c;
	return rig_command(st->r, party, &m);
}

PB(Receipt) *reopen(struct story *st, const char *party, size_t need)
{
	PB(ReopenNeed) c = PB_INIT(REOPEN_NEED);
	PB(Message) m = PB_INIT(MESSAGE);

	c.need_id = st->need[need];
	m.body_case = BODY(REOPEN_NEED);
	m.reopen_need = &c;
	return rig_command(st->r, party, &m);
}

PB(Receipt) *name_contact(struct story *st, const char *by, const char *party, const char *stand_in)
{
	PB(NameContactPerson) c = PB_INIT(NAME_CONTACT_PERSON);
	PB(Message) m = PB_INIT(MESSAGE);

	c.request_id = st->request;
	c.party = (char *)(uintptr_t)party;
	c.stand_in = (char *)(uintptr_t)stand_in;
	m.body_case = BODY(NAME_CONTACT_PERSON);
	m.name_contact_person = &c;
	return rig_command(st->r, by, &m);
}

PB(Receipt) *confirm(struct story *st, const char *party, bool enough)
{
	PB(ConfirmConsult) c = PB_INIT(CONFIRM_CONSULT);
	PB(Message) m = PB_INIT(MESSAGE);

	c.request_id = st->request;
	c.enough = enough;
	m.body_case = BODY(CONFIRM_CONSULT);
	m.confirm_consult = &c;
	return rig_command(st->r, party, &m);
}

PB(RequestItem) *view(struct story *st, const char *party)
{
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);

	q.request_id = st->request;
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	PB(Message) *answer = rig_query(st->r, party, &m);
	return answer->body_case == BODY(REQUEST_VIEW) ? answer->request_view->requests[0] : NULL;
}

PB(NeedState) state_of(struct story *st, size_t need)
{
	PB(RequestItem) *it = view(st, "coordinator");

	assert_non_null(it);
	for (size_t i = 0; i < it->n_needs; i++) {
		ProtobufCBinaryData id = it->needs[i]->need->need_id;
		if (memcmp(id.data, st->need[need].data, OBJECT_ID_LEN) == 0) {
			return it->needs[i]->need->state;
		}
	}
	fail();
	return 0;
}

const char *holders_of(struct story *st)
{
	static const char *const kind[] = { "?", "REQUESTER", "ZONE_NETWORK", "CONTACT_PERSON",
					    "PARTNER" };
	static char text[1024];
	PB(RequestItem) *it = view(st, "coordinator");
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < it->n_holders; i++) {
		assert_true(it->holders[i]->until_ms == 0);
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s %s", i == 0 ? "" : ", ",
				       kind[it->holders[i]->kind], it->holders[i]->party);
	}
	return text;
}

size_t events(struct rig *r, PB(EventKind) kind, PB(AlarmKind) alarm)
{
	size_t seen = 0;
	PB(Message) *m;

	while ((m = rig_next_of(r, EVENTS_LOG, BODY(EVENT))) != NULL) {
		bool is = m->event->kind == kind && (alarm == 0 || m->event->alarm == alarm);
		seen += is ? 1 : 0;
	}
	return seen;
}

uint64_t local_ms(const char *text)
{
	unsigned year;
	unsigned month;
	unsigned day;
	unsigned hour;
	unsigned minute;
	uint64_t at_ms;

	assert_int_equal(sscanf(text, "%u-%u-%u %u:%u", &year, &month, &day, &hour, &minute), 5);
	struct civil_date d = { (uint16_t)year, (uint8_t)month, (uint8_t)day };
	assert_int_equal(civil_to_ms(d, hour * 60 + minute, &at_ms), SK_OK);
	return at_ms;
}

void go_to(struct rig *r, const char *text)
{
	uint64_t to_ms = local_ms(text);

	assert_true(to_ms >= rig_now(r));
	rig_advance(r, to_ms - rig_now(r));
}

int intake_setup(void **state)
{
	*state = rig_new(&intake_service);
	return 0;
}

int intake_teardown(void **state)
{
	rig_free(*state);
	return 0;
}

int64_t figure_count(struct rig *r, PB(FigureKind) kind)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryFigures) q = PB_INIT(QUERY_FIGURES);
	int64_t count = 0;

	q.kind = kind;
	m.body_case = BODY(QUERY_FIGURES);
	m.query_figures = &q;
	const PB(Message) *answer = rig_query(r, "coordinator", &m);
	assert_int_equal(answer->body_case, BODY(FIGURES_VIEW));
	for (size_t i = 0; i < answer->figures_view->n_rows; i++) {
		count += answer->figures_view->rows[i]->count;
	}
	return count;
}
