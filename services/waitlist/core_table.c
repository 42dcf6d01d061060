/* SPDX-License-Identifier: EUPL-1.2 */
/* Case tables (overlegtafels): people around one child, called by rule or asked for, each with an
 * owner and a date that is watched until it was held. Child and parents are invited first. */
#include <string.h>

#include "common/civil.h"
#include "services/waitlist/core_entry.h"

/* A date may be moved. Held is held, and only what was planned, with child and parents invited. */
static const struct {
	PB(CaseTableState) from;
	enum case_table_event on;
	PB(CaseTableState) to;
} edge[] = {
	{ TABLE_IS(CALLED), CASE_TABLE_EV_PLAN, TABLE_IS(PLANNED) },
	{ TABLE_IS(CALLED), CASE_TABLE_EV_DROP, TABLE_IS(NOT_NEEDED) },
	{ TABLE_IS(PLANNED), CASE_TABLE_EV_PLAN, TABLE_IS(PLANNED) },
	{ TABLE_IS(PLANNED), CASE_TABLE_EV_HOLD, TABLE_IS(HELD) },
	{ TABLE_IS(PLANNED), CASE_TABLE_EV_DROP, TABLE_IS(NOT_NEEDED) },
};

int case_table_next(PB(CaseTableState) from, enum case_table_event on, PB(CaseTableState) *ret_to)
{
	for (size_t i = 0; i < SK_LEN(edge); i++) {
		if (edge[i].from == from && edge[i].on == on) {
			*ret_to = edge[i].to;
			return SK_OK;
		}
	}
	return SK_ESTATE;
}

PB(WaitTableRecord) *wait_table_get(struct step *s, const struct object_id *id)
{
	struct key k = key_of_id(id);

	return step_get(s, WAIT_TABLE_CASE_TABLE, &k, RECORD(wait_table_record));
}

bool wait_table_is_open(const PB(WaitTableRecord) *rec)
{
	PB(CaseTableState) to;

	return case_table_next(rec->view->table->state, CASE_TABLE_EV_DROP, &to) == SK_OK;
}

void wait_table_event(const PB(WaitTableRecord) *rec, PB(Event) *ret_event)
{
	const PB(CaseTableFact) *t = rec->view->table;

	*ret_event = (PB(Event))PB_INIT(EVENT);
	ret_event->kind = EVENT_OF(CASE_TABLE);
	ret_event->object_id = t->table_id;
	ret_event->version = t->version;
	ret_event->request_id = t->request_id;
	ret_event->need_id = t->need_id;
	ret_event->zone = rec->view->zone;
	ret_event->party = t->owner;
	ret_event->table_state = t->state;
	ret_event->table_reason = t->reason;
	ret_event->at_ms = t->at_ms;
	ret_event->due_ms = t->due_ms;
	ret_event->ended = !wait_table_is_open(rec);
}

static void alarm_at(struct step *s, PB(WaitTableRecord) *rec, uint64_t at_ms)
{
	struct object_id id;

	SK_ASSERT(object_id_from(&rec->view->table->table_id, &id));
	if (rec->alarm_ms == at_ms) {
		return;
	}
	if (rec->alarm_ms != 0) {
		step_undue(s, rec->alarm_ms, WAIT_DUE_CASE_TABLE, &id, 0);
	}
	if (at_ms != 0) {
		step_due(s, at_ms, WAIT_DUE_CASE_TABLE, &id, 0);
	}
	rec->alarm_ms = at_ms;
}

static void table_put(struct step *s, const PB(WaitTableRecord) *rec)
{
	struct object_id id;

	SK_ASSERT(object_id_from(&rec->view->table->table_id, &id));
	struct key k = key_of_id(&id);
	step_put(s, WAIT_TABLE_CASE_TABLE, &k, rec);
}

/* The record has changed: a new version for all who follow it. */
static void table_tell(struct step *s, PB(WaitTableRecord) *rec)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Event) event;

	rec->view->table->version = step_next_version(s, rec->view->table->version);
	wait_table_figures(s, rec);
	table_put(s, rec);
	wait_table_event(rec, &event);
	step_event(s, &event);
	m.body_case = BODY(CASE_TABLE_FACT);
	m.case_table_fact = rec->view->table;
	step_emit(s, "intake", &m);
}

static void table_move(struct step *s, PB(WaitTableRecord) *rec, enum case_table_event on)
{
	PB(CaseTableFact) *t = rec->view->table;
	PB(CaseTableState) to;

	SK_ASSERT(case_table_next(t->state, on, &to) == SK_OK);
	t->state = to;
	t->at_ms = s->now_ms;
	if (!wait_table_is_open(rec)) {
		alarm_at(s, rec, 0);
	}
}

/* --- of one request --- */

static size_t tables_of(struct step *s, const struct object_id *request_id,
			struct object_id ret_ids[WAIT_TABLES_MAX])
{
	return wait_ids_under(s, WAIT_TABLE_REQUEST_TABLE, request_id, ret_ids, WAIT_TABLES_MAX);
}

static struct key row_of(const struct object_id *request_id, const struct object_id *id)
{
	struct key row = key_of_id(request_id);

	key_id(&row, id);
	return row;
}

static void table_delete(struct step *s, const struct object_id *request_id,
			 const struct object_id *id)
{
	PB(WaitTableRecord) *rec = wait_table_get(s, id);
	struct key row = row_of(request_id, id);
	struct key k = key_of_id(id);

	if (rec != NULL) {
		alarm_at(s, rec, 0);
		step_del(s, WAIT_TABLE_CASE_TABLE, &k);
		step_del(s, WAIT_TABLE_REQUEST_TABLE, &row);
	}
}

void wait_tables_forget(struct step *s, const struct object_id *request_id)
{
	struct object_id ids[WAIT_TABLES_MAX];
	size_t len = tables_of(s, request_id, ids);

	for (size_t i = 0; i < len; i++) {
		table_delete(s, request_id, &ids[i]);
	}
}

void wait_tables_drop(struct step *s, const struct object_id *request_id)
{
	struct object_id ids[WAIT_TABLES_MAX];
	size_t len = tables_of(s, request_id, ids);

	for (size_t i = 0; i < len; i++) {
		PB(WaitTableRecord) *rec = wait_table_get(s, &ids[i]);
		if (rec != NULL && wait_table_is_open(rec)) {
			table_move(s, rec, CASE_TABLE_EV_DROP);
			table_tell(s, rec);
		}
	}
}

/* --- called --- */

static uint64_t within_term(const struct step *s, const PB(RequestFact) *request)
{
	bool crisis = request->urgency == URGENCY(CRISIS);
	const PB(ConfigApplied) *conf = step_config(s);
	uint32_t days =
		(uint32_t)step_setting(s, crisis ? SETTING_CASE_CRISIS : SETTING_CASE_TABLE);

	return civil_working_days_after(s->now_ms, days, conf == NULL ? NULL : conf->holidays,
					conf == NULL ? 0 : conf->n_holidays);
}

/* By its date; a call that has been left over its date still gets one term. */
uint64_t wait_table_latest(struct step *s, const PB(WaitTableRecord) *rec)
{
	struct object_id request_id;
	bool whole = object_id_from(&rec->view->table->request_id, &request_id);
	const PB(WaitRequestRecord) *request = whole ? wait_request_get(s, &request_id) : NULL;
	uint64_t due_ms = rec->view->table->due_ms;

	if (request == NULL || due_ms > s->now_ms) {
		return due_ms;
	}
	return within_term(s, request->request);
}

void wait_table_move(struct step *s, PB(WaitTableRecord) *rec, enum case_table_event on)
{
	/* Over its date it can be put off, but not out of sight: what was to ring then, rings. */
	bool again = rec->view->table->state == TABLE_IS(PLANNED) &&
		     rec->view->table->due_ms <= s->now_ms && rec->alarm_ms > s->now_ms;
	uint64_t rings_ms = rec->alarm_ms;

	table_move(s, rec, on);
	if (on == CASE_TABLE_EV_PLAN) {
		uint64_t held_ms = rec->planned_ms + CIVIL_DAY_MS; /* and was it held? */
		alarm_at(s, rec, again && rings_ms < held_ms ? rings_ms : held_ms);
	}
	table_tell(s, rec);
}

static void take_signs(struct step *s, PB(WaitTableRecord) *rec, const struct table_call *call)
{
	PB(CaseTableFact) *t = rec->view->table;

	if (call->signs_len == 0) {
		return;
	}
	t->signs = step_alloc(s, call->signs_len * sizeof(*t->signs));
	for (size_t i = 0; t->signs != NULL && i < call->signs_len; i++) {
		t->signs[i] = call->signs[i]->sign;
	}
	t->n_signs = t->signs == NULL ? 0 : call->signs_len;
	rec->view->stuck = call->signs;
	rec->view->n_stuck = call->signs_len;
}

static PB(WaitTableRecord) *table_new(struct step *s, const struct object_id *id,
				      const struct object_id *request_id)
{
	PB(WaitTableRecord) *rec = step_alloc(s, sizeof(*rec));
	PB(CaseTableView) *view = step_alloc(s, sizeof(*view));
	PB(CaseTableFact) *t = step_alloc(s, sizeof(*t));

	if (rec == NULL || view == NULL || t == NULL) {
		return NULL;
	}
	*rec = (PB(WaitTableRecord))PB_INIT(WAIT_TABLE_RECORD);
	*view = (PB(CaseTableView))PB_INIT(CASE_TABLE_VIEW);
	*t = (PB(CaseTableFact))PB_INIT(CASE_TABLE_FACT);
	rec->view = view;
	view->table = t;
	t->table_id = step_id_data(s, id);
	t->request_id = step_id_data(s, request_id);
	t->state = TABLE_IS(CALLED);
	return s->txn->err == SK_OK ? rec : NULL;
}

/* The open table of that reason; the most that is kept: the oldest that is over gives way. */
static PB(WaitTableRecord) *open_table(struct step *s, const struct table_call *call)
{
	struct object_id ids[WAIT_TABLES_MAX];
	size_t len = tables_of(s, call->request_id, ids);

	for (size_t i = 0; i < len; i++) {
		PB(WaitTableRecord) *rec = wait_table_get(s, &ids[i]);
		if (rec != NULL && wait_table_is_open(rec) &&
		    rec->view->table->reason == call->reason) {
			return rec;
		}
	}
	for (size_t i = 0; len == WAIT_TABLES_MAX && i < len; i++) {
		const PB(WaitTableRecord) *rec = wait_table_get(s, &ids[i]);
		if (rec != NULL && !wait_table_is_open(rec)) {
			table_delete(s, call->request_id, &ids[i]);
			break;
		}
	}
	return NULL;
}

bool wait_table_call(struct step *s, const struct table_call *call, struct object_id *ret_id)
{
	const PB(WaitRequestRecord) *request = wait_request_get(s, call->request_id);
	PB(WaitTableRecord) *rec = open_table(s, call);
	bool fresh = rec == NULL;

	*ret_id = (struct object_id){ { 0 } };
	if (request == NULL) {
		return false;
	}
	if (!fresh) {
		SK_ASSERT(object_id_from(&rec->view->table->table_id, ret_id));
	} else {
		*ret_id = step_new_id(s);
		rec = table_new(s, ret_id, call->request_id);
	}
	if (rec == NULL) {
		return false;
	}
	if (fresh) {
		const PB(Zone) *zone = step_zone(s, request->request->zone);
		struct key row = row_of(call->request_id, ret_id);
		PB(CaseTableFact) *t = rec->view->table;

		step_mark(s, WAIT_TABLE_REQUEST_TABLE, &row);
		t->reason = call->reason;
		t->at_ms = s->now_ms;
		t->due_ms = within_term(s, request->request);
		t->owner = zone == NULL ? request->request->requester : zone->network_party;
		rec->view->zone = request->request->zone;
		if (call->need_id != NULL) {
			t->need_id = step_id_data(s, call->need_id);
		}
		alarm_at(s, rec, t->due_ms);
	}
	take_signs(s, rec, call);
	if (fresh || call->signs_len > 0) {
		table_tell(s, rec);
	}
	return fresh;
}

void wait_table_due(struct step *s, const struct object_id *id, uint64_t due_ms)
{
	PB(WaitTableRecord) *rec = wait_table_get(s, id);
	PB(Event) event;

	if (rec == NULL || rec->alarm_ms != due_ms) {
		return;
	}
	wait_table_event(rec, &event);
	event.kind = EVENT_OF(ALARM);
	event.alarm = ALARM_OF(CASE_TABLE);
	event.at_ms = s->now_ms;
	step_event(s, &event);
	rec->alarm_ms = 0; /* the engine took the row */
	alarm_at(s, rec, s->now_ms + WAIT_ALARM_AGAIN_DAYS * CIVIL_DAY_MS);
	table_put(s, rec);
}

int wait_table_apply(struct step *s, const PB(CaseTableFact) *fact)
{
	struct object_id id;
	struct object_id request_id;
	PB(Event) event;

	if (!object_id_from(&fact->table_id, &id) ||
	    !object_id_from(&fact->request_id, &request_id)) {
		return step_refuse(s, REFUSAL(MISSING), "table_id");
	}
	if (fact->state < TABLE_IS(CALLED) || fact->state > TABLE_IS(NOT_NEEDED)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "state");
	}
	const PB(WaitRequestRecord) *request = wait_request_get(s, &request_id);
	PB(WaitTableRecord) *rec = wait_table_get(s, &id);
	if (!s->isolated || request == NULL ||
	    (rec != NULL && fact->version <= rec->view->table->version)) {
		return s->txn->err; /* our word holds; or nothing to hang it on */
	}
	struct key row = row_of(&request_id, &id);
	rec = rec == NULL ? table_new(s, &id, &request_id) : rec;
	if (rec == NULL) {
		return s->txn->err;
	}
	rec->view->table = (PB(CaseTableFact) *)(uintptr_t)fact; /* packing only reads it */
	rec->view->zone = request->request->zone;
	rec->planned_ms = fact->planned_ms;
	rec->view->invited = fact->invited;
	rec->view->n_invited = fact->n_invited;
	rec->view->child_invited = fact->child_invited;
	rec->view->parents_invited = fact->parents_invited;
	step_mark(s, WAIT_TABLE_REQUEST_TABLE, &row);
	uint64_t rings_ms = fact->state == TABLE_IS(PLANNED) ? fact->planned_ms + CIVIL_DAY_MS :
							       fact->due_ms;
	alarm_at(s, rec, wait_table_is_open(rec) ? rings_ms : 0);
	table_put(s, rec);
	wait_table_event(rec, &event);
	step_event(s, &event);
	return s->txn->err;
}
