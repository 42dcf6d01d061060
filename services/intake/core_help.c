/* SPDX-License-Identifier: EUPL-1.2 */
/* One step for who stands alone: a named peer answers within a set time, or the next is asked; the
 * network and government have their own terms. A call ends only when its caller says so (C6). */
#include <string.h>

#include "common/figure.h"
#include "services/intake/core_help.h"

/* What is not listed does not exist. */
static const struct {
	PB(HelpCallState) from;
	enum help_event on;
	PB(HelpCallState) to;
} edge[] = {
	{ CALL(OPEN), HELP_EV_TAKE, CALL(TAKEN) },
	{ CALL(OPEN), HELP_EV_PASS, CALL(OPEN) },
	{ CALL(TAKEN), HELP_EV_GIVE_BACK, CALL(OPEN) },
	{ CALL(OPEN), HELP_EV_ANSWER, CALL(ANSWERED) },
	{ CALL(TAKEN), HELP_EV_ANSWER, CALL(ANSWERED) },
	{ CALL(OPEN), HELP_EV_CANCEL, CALL(CANCELLED) },
	{ CALL(TAKEN), HELP_EV_CANCEL, CALL(CANCELLED) },
};

int help_next(PB(HelpCallState) from, enum help_event on, PB(HelpCallState) *ret_to)
{
	for (size_t i = 0; i < SK_LEN(edge); i++) {
		if (edge[i].from == from && edge[i].on == on) {
			*ret_to = edge[i].to;
			return SK_OK;
		}
	}
	return SK_ESTATE;
}

static bool is_live(const PB(HelpCallRecord) *c)
{
	return c->state == CALL(OPEN) || c->state == CALL(TAKEN);
}

/* --- records --- */

static struct object_id call_id(const PB(HelpCallRecord) *c)
{
	struct object_id id;

	SK_ASSERT(object_id_from(&c->call_id, &id));
	return id;
}

/* No word of a request: of whom a colleague spoke is between the two. */
static PB(Event) help_event_of(const PB(HelpCallRecord) *c)
{
	PB(Event) e = PB_INIT(EVENT);

	e.kind = EVENT(HELP_CALL);
	e.object_id = c->call_id;
	e.version = c->version;
	e.call_state = c->state;
	e.addressee = c->addressee;
	e.party = c->to_party;
	e.expertise = c->expertise;
	e.network = c->network;
	e.zone = c->zone;
	e.at_ms = c->called_ms;
	e.due_ms = c->due_ms;
	e.ended = !is_live(c);
	return e;
}

static void rows_mark(struct step *s, const PB(HelpCallRecord) *c)
{
	struct object_id id = call_id(c);
	struct key from = help_party_key(c->from_party, false, &c->call_id);
	struct key to = help_party_key(c->to_party, true, &c->call_id);

	step_mark(s, TABLE_PARTY_CALL, &from);
	if (c->to_party[0] != '\0') {
		step_mark(s, TABLE_PARTY_CALL, &to);
	}
	step_due(s, c->due_ms, DUE_HELP_CALL, &id, 0);
}

/* Before a call is changed: its rows follow from the record, and are made anew after. */
static void rows_clear(struct step *s, const PB(HelpCallRecord) *c)
{
	struct object_id id = call_id(c);
	struct key from = help_party_key(c->from_party, false, &c->call_id);
	struct key to = help_party_key(c->to_party, true, &c->call_id);

	step_del(s, TABLE_PARTY_CALL, &from);
	step_del(s, TABLE_PARTY_CALL, &to);
	if (c->due_ms != 0) {
		step_undue(s, c->due_ms, DUE_HELP_CALL, &id, 0);
	}
}

static void call_save(struct step *s, PB(HelpCallRecord) *c)
{
	struct object_id id = call_id(c);
	struct key k = key_of_id(&id);

	c->version = step_next_version(s, c->version);
	if (is_live(c)) {
		rows_mark(s, c);
	} else {
		c->due_ms = 0;
	}
	step_put(s, TABLE_HELP_CALL, &k, c);
	PB(Event) e = help_event_of(c);
	step_event(s, &e);
}

static void count_call(struct step *s, const PB(HelpCallRecord) *c)
{
	struct figure f = {
		.kind = FIGURE(HELP_CALLS),
		.zone = c->zone,
		.expertise = c->expertise,
		.code = (uint32_t)c->addressee * 10 + (uint32_t)c->state,
	};

	figure_add(s, &f);
}

/* @p taker NULL: who is asked next follows from the rule. */
static void call_move(struct step *s, PB(HelpCallRecord) *c, enum help_event on, char *taker)
{
	PB(HelpCallState) to;

	SK_ASSERT(help_next(c->state, on, &to) == SK_OK);
	rows_clear(s, c);
	c->due_ms = 0;
	c->state = to;
	count_call(s, c);
	c->to_party = taker == NULL ? c->to_party : taker;
	if (to == CALL(OPEN)) {
		help_ask_next(s, c);
	} else if (to == CALL(TAKEN)) {
		c->taken_ms = s->now_ms;
		c->due_ms = help_term(s, c);
	}
	call_save(s, c);
}

/* --- calling --- */

static int check_place(struct step *s, const PB(CallForHelp) *m, PB(HelpCallRecord) *c)
{
	const PB(Party) *me = step_party(s, s->from.id);

	if (m->zone[0] != '\0') {
		c->zone = m->zone;
	} else if (c->zone[0] == '\0' && me != NULL && me->n_zones > 0) {
		c->zone = me->zones[0];
	}
	return check_zone(s, c->zone);
}

static int check_about(struct step *s, const PB(CallForHelp) *m, PB(HelpCallRecord) *c)
{
	struct req q;

	if (m->request_id.len == 0) {
		return SK_OK;
	}
	int err = req_open(s, &m->request_id, "request_id", &q);
	if (err != SK_OK) {
		return err;
	}
	if (!may_act(s, &q) && (s->from.roles & ROLE_BIT(COORDINATOR)) == 0) {
		return refuse_not_yours(s, "request_id");
	}
	c->request_id = m->request_id;
	c->zone = q.r->zone;
	c->network = q.r->network;
	c->crisis = q.r->open && q.r->urgency == URGENCY(CRISIS);
	return SK_OK;
}

static int check_call(struct step *s, const PB(CallForHelp) *m, PB(HelpCallRecord) *c)
{
	int err = check_given(s, (int)m->addressee, "addressee");

	if (err == SK_OK && m->expertise != 0 && step_expertise(s, m->expertise) == NULL) {
		err = step_refuse(s, REFUSAL(UNKNOWN_CODE), "expertise");
	}
	if (err == SK_OK && m->network[0] != '\0' && !name_is_valid(m->network)) {
		err = step_refuse(s, REFUSAL(MALFORMED), "network");
	}
	if (err == SK_OK && m->worker.len != 0 && m->worker.len != OBJECT_ID_LEN) {
		err = step_refuse(s, REFUSAL(MALFORMED), "worker");
	}
	if (err == SK_OK) {
		err = check_about(s, m, c);
	}
	if (err == SK_OK) {
		err = check_place(s, m, c);
	}
	if (err == SK_OK && help_open_calls(s, s->from.id, false) >= CALLS_OPEN_MAX) {
		err = step_refuse(s, REFUSAL(TOO_MANY), "addressee");
	}
	return err;
}

int on_call_for_help(struct step *s, const PB(Message) *in)
{
	const PB(CallForHelp) *m = in->call_for_help;
	PB(HelpCallRecord) c = PB_INIT(HELP_CALL_RECORD);
	int err = check_call(s, m, &c);

	if (err != SK_OK) {
		return err;
	}
	struct object_id id = step_new_id(s);
	c.call_id = step_id_data(s, &id);
	if (c.call_id.len == 0) {
		return s->txn->err;
	}
	c.addressee = m->addressee;
	c.state = CALL(OPEN);
	c.expertise = m->expertise;
	c.worker = m->worker;
	c.from_party = s->from.id;
	c.called_ms = s->now_ms;
	if (m->network[0] != '\0') {
		c.network = m->network;
	}
	help_ask_next(s, &c);
	count_call(s, &c);
	call_save(s, &c);
	step_result(s, &id, c.version);
	return s->txn->err;
}

/* --- moving --- */

static bool was_asked(const struct step *s, const PB(HelpCallRecord) *c)
{
	bool government = c->addressee == ADDRESSEE(GOVERNMENT) &&
			  (s->from.roles & ROLE_BIT(GOVERNMENT)) != 0;

	return government || strcmp(c->to_party, s->from.id) == 0 ||
	       list_has(c->asked, c->n_asked, s->from.id);
}

/* Who says what: the caller that it is over, who was asked that it comes; the coordinator may find
 * somebody for a call that nobody takes. */
static const struct {
	PB(HelpCallState) to;
	enum help_event on;
	bool by_caller;
} said[] = {
	{ CALL(TAKEN), HELP_EV_TAKE, false },
	{ CALL(OPEN), HELP_EV_GIVE_BACK, false },
	{ CALL(ANSWERED), HELP_EV_ANSWER, true },
	{ CALL(CANCELLED), HELP_EV_CANCEL, true },
};

static bool may_say(const struct step *s, const PB(HelpCallRecord) *c, size_t i)
{
	if (said[i].by_caller) {
		return strcmp(c->from_party, s->from.id) == 0;
	}
	if (said[i].on == HELP_EV_GIVE_BACK) {
		return strcmp(c->to_party, s->from.id) == 0;
	}
	return was_asked(s, c) || (s->from.roles & ROLE_BIT(COORDINATOR)) != 0;
}

static int call_open(struct step *s, const ProtobufCBinaryData *data, PB(HelpCallRecord) **ret_c)
{
	struct object_id id;

	if (data->len == 0) {
		return step_refuse(s, REFUSAL(MISSING), "call_id");
	}
	if (!object_id_from(data, &id)) {
		return step_refuse(s, REFUSAL(MALFORMED), "call_id");
	}
	struct key k = key_of_id(&id);
	PB(HelpCallRecord) *c = step_get(s, TABLE_HELP_CALL, &k, TYPE(help_call_record));
	if (c == NULL) {
		return s->txn->err != SK_OK ? s->txn->err :
					      step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "call_id");
	}
	*ret_c = c;
	return SK_OK;
}

/* A hand that is reached out after another's is late, not wrong. */
static int not_now(struct step *s, const PB(HelpCallRecord) *c, enum help_event on)
{
	PB(Event) *now = step_alloc(s, sizeof(*now));

	if (now == NULL) {
		return s->txn->err;
	}
	*now = help_event_of(c);
	if (on == HELP_EV_TAKE) {
		return step_late(s, now);
	}
	s->out->holds_now = now;
	return step_refuse(s, REFUSAL(STATE), "to");
}

static int call_say(struct step *s, PB(HelpCallRecord) *c, const PB(MoveHelpCall) *m, size_t i)
{
	PB(HelpCallState) to;

	if (!may_say(s, c, i)) {
		return refuse_not_yours(s, "call_id");
	}
	if (help_next(c->state, said[i].on, &to) != SK_OK) {
		return not_now(s, c, said[i].on);
	}
	if (m->worker.len != 0 && m->worker.len != OBJECT_ID_LEN) {
		return step_refuse(s, REFUSAL(MALFORMED), "worker");
	}
	bool taken = said[i].on == HELP_EV_TAKE;
	c->peer_worker = taken ? m->worker : c->peer_worker;
	call_move(s, c, said[i].on, taken ? s->from.id : NULL);
	struct object_id id = call_id(c);
	step_result(s, &id, c->version);
	return s->txn->err;
}

int on_move_help_call(struct step *s, const PB(Message) *in)
{
	const PB(MoveHelpCall) *m = in->move_help_call;
	PB(HelpCallRecord) *c = NULL;
	int err = call_open(s, &m->call_id, &c);

	if (err != SK_OK) {
		return err;
	}
	for (size_t i = 0; i < SK_LEN(said); i++) {
		if (said[i].to == m->to) {
			return call_say(s, c, m, i);
		}
	}
	return step_refuse(s, REFUSAL(MISSING), "to");
}

/* --- the term --- */

static void alarm_say(struct step *s, const PB(HelpCallRecord) *c)
{
	PB(Event) e = help_event_of(c);

	e.kind = EVENT(ALARM);
	e.alarm = ALARM(HELP_CALL);
	e.at_ms = s->now_ms;
	e.urgency = c->crisis ? URGENCY(CRISIS) : 0;
	e.ended = false;
	step_event(s, &e);
}

/* The coordinator is told each time; the call goes on until its caller says that it is over. */
int due_help_call(struct step *s, const struct object_id *id, uint64_t due_ms)
{
	struct key k = key_of_id(id);
	PB(HelpCallRecord) *c = step_get(s, TABLE_HELP_CALL, &k, TYPE(help_call_record));

	if (c == NULL || c->due_ms != due_ms) {
		return s->txn->err;
	}
	alarm_say(s, c);
	if (c->state == CALL(OPEN)) {
		call_move(s, c, HELP_EV_PASS, NULL);
		return s->txn->err;
	}
	rows_clear(s, c);
	c->due_ms = help_term(s, c);
	call_save(s, c);
	return s->txn->err;
}
