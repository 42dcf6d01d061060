/* SPDX-License-Identifier: EUPL-1.2 */
/* What people do with case tables, and what they see of them. */
#include <string.h>

#include "services/waitlist/core_entry.h"

static bool may_carry(const struct step *s, const PB(WaitTableRecord) *rec,
		      const PB(RequestFact) *request)
{
	return (s->from.roles & ROLE_BIT(COORDINATOR)) != 0 ||
	       strcmp(rec->view->table->owner, s->from.id) == 0 ||
	       (request != NULL && wait_is_contact(request, s->from.id));
}

/* A family asks by the id that it knows. */
static bool may_call(const struct step *s, const PB(RequestFact) *request)
{
	return (s->from.roles & ROLE_BIT(FAMILY)) != 0 || wait_sees(s, request);
}

static int check_call(struct step *s, const PB(CallCaseTable) *cmd, struct object_id *ret_request,
		      struct object_id *ret_need)
{
	struct entry e;

	if (!object_id_from(&cmd->request_id, ret_request)) {
		return step_refuse(s, REFUSAL(MISSING), "request_id");
	}
	const PB(WaitRequestRecord) *request = wait_request_get(s, ret_request);
	if (request == NULL) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "request_id");
	}
	if (!may_call(s, request->request)) {
		return step_refuse(s, REFUSAL(NOT_YOURS), "request_id");
	}
	if (cmd->reason != TABLE_FOR(UNSPECIFIED) && cmd->reason != TABLE_FOR(ASKED)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "reason");
	}
	if (cmd->need_id.len == 0) {
		return SK_OK;
	}
	if (!object_id_from(&cmd->need_id, ret_need) || !wait_entry_load(s, ret_need, &e) ||
	    !object_id_equal(&e.request_id, ret_request)) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "need_id");
	}
	return SK_OK;
}

/* Told with what holds now. */
static int refuse_table(struct step *s, const PB(WaitTableRecord) *rec, const char *field)
{
	PB(Event) *now = step_alloc(s, sizeof(*now));

	if (now == NULL) {
		return s->txn->err;
	}
	wait_table_event(rec, now);
	s->out->holds_now = now;
	return step_refuse(s, REFUSAL(STATE), "%s", field);
}

static bool has_open_need(struct step *s, const struct object_id *request_id)
{
	struct request_set set;

	return wait_set_load(s, request_id, &set) && set.open_len > 0;
}

int waitlist_call_case_table(struct step *s, const PB(Message) *in)
{
	const PB(CallCaseTable) *cmd = in->call_case_table;
	struct object_id request;
	struct object_id need;
	struct object_id id;
	int err = check_call(s, cmd, &request, &need);

	if (err != SK_OK) {
		return err;
	}
	if (!has_open_need(s, &request)) {
		return s->txn->err != SK_OK ? s->txn->err :
					      step_refuse(s, REFUSAL(STATE), "request_id");
	}
	bool fresh = wait_table_call(s,
				     &(struct table_call){ .request_id = &request,
							   .need_id = cmd->need_id.len == 0 ? NULL :
											      &need,
							   .reason = TABLE_FOR(ASKED) },
				     &id);
	const PB(WaitTableRecord) *rec = s->txn->err == SK_OK ? wait_table_get(s, &id) : NULL;
	if (rec == NULL) {
		return s->txn->err;
	}
	if (!fresh) {
		return refuse_table(s, rec, "request_id"); /* it is called already */
	}
	step_result(s, &id, rec->view->table->version);
	return s->txn->err;
}

/* --- moved --- */

static int check_plan(struct step *s, const PB(MoveCaseTable) *cmd, uint64_t latest_ms)
{
	if (!cmd->child_invited) {
		return step_refuse(s, REFUSAL(MISSING), "child_invited");
	}
	if (!cmd->parents_invited) {
		return step_refuse(s, REFUSAL(MISSING), "parents_invited");
	}
	if (cmd->at_ms <= s->now_ms || cmd->at_ms > latest_ms) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "at_ms");
	}
	if (cmd->n_invited > WAIT_INVITED_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "invited");
	}
	for (unsigned i = 0; i < cmd->n_invited; i++) {
		if (step_party(s, cmd->invited[i]) == NULL) {
			return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "invited[%u]", i);
		}
	}
	return SK_OK;
}

static int event_for(struct step *s, PB(CaseTableState) to, enum case_table_event *ret_on)
{
	static const struct {
		PB(CaseTableState) to;
		enum case_table_event on;
	} by[] = {
		{ TABLE_IS(PLANNED), CASE_TABLE_EV_PLAN },
		{ TABLE_IS(HELD), CASE_TABLE_EV_HOLD },
		{ TABLE_IS(NOT_NEEDED), CASE_TABLE_EV_DROP },
	};

	for (size_t i = 0; i < SK_LEN(by); i++) {
		if (by[i].to == to) {
			*ret_on = by[i].on;
			return SK_OK;
		}
	}
	return step_refuse(
		s, to == TABLE_IS(UNSPECIFIED) ? REFUSAL(MISSING) : REFUSAL(OUT_OF_RANGE), "to");
}

static int find_table(struct step *s, const PB(MoveCaseTable) *cmd, struct object_id *ret_id,
		      PB(WaitTableRecord) **ret_rec)
{
	struct object_id request_id;

	if (!object_id_from(&cmd->table_id, ret_id)) {
		return step_refuse(s, REFUSAL(MISSING), "table_id");
	}
	PB(WaitTableRecord) *rec = wait_table_get(s, ret_id);
	if (rec == NULL || !object_id_from(&rec->view->table->request_id, &request_id)) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "table_id");
	}
	const PB(WaitRequestRecord) *request = wait_request_get(s, &request_id);
	if (!may_carry(s, rec, request == NULL ? NULL : request->request)) {
		return step_refuse(s, REFUSAL(NOT_YOURS), "table_id");
	}
	*ret_rec = rec;
	return SK_OK;
}

static int check_move(struct step *s, const PB(MoveCaseTable) *cmd, const PB(WaitTableRecord) *rec,
		      enum case_table_event *ret_on)
{
	PB(CaseTableState) to;
	int err = event_for(s, cmd->to, ret_on);

	if (err == SK_OK && case_table_next(rec->view->table->state, *ret_on, &to) != SK_OK) {
		err = refuse_table(s, rec, "to");
	}
	if (err == SK_OK && *ret_on == CASE_TABLE_EV_PLAN) {
		err = check_plan(s, cmd, wait_table_latest(s, rec));
	}
	if (err == SK_OK && *ret_on == CASE_TABLE_EV_HOLD && s->now_ms < rec->planned_ms) {
		err = step_refuse(s, REFUSAL(OUT_OF_RANGE), "to"); /* not before its time */
	}
	if (err == SK_OK && cmd->owner[0] != '\0' && step_party(s, cmd->owner) == NULL) {
		err = step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "owner");
	}
	return err;
}

/* The people around the child read it in their own view: who is asked to come, and when. */
static void take_plan(PB(CaseTableFact) *t, const PB(MoveCaseTable) *cmd)
{
	t->planned_ms = cmd->at_ms;
	t->invited = cmd->invited;
	t->n_invited = cmd->n_invited;
	t->child_invited = true;
	t->parents_invited = true;
}

int waitlist_move_case_table(struct step *s, const PB(Message) *in)
{
	const PB(MoveCaseTable) *cmd = in->move_case_table;
	PB(WaitTableRecord) *rec = NULL;
	enum case_table_event on = CASE_TABLE_EV_COUNT;
	struct object_id id;
	int err = find_table(s, cmd, &id, &rec);

	err = err == SK_OK ? check_move(s, cmd, rec, &on) : err;
	if (err != SK_OK) {
		return err;
	}
	if (on == CASE_TABLE_EV_PLAN) {
		rec->view->invited = cmd->invited;
		rec->view->n_invited = cmd->n_invited;
		rec->view->child_invited = true;
		rec->view->parents_invited = true;
		rec->planned_ms = cmd->at_ms;
		take_plan(rec->view->table, cmd);
	}
	if (cmd->owner[0] != '\0') {
		rec->view->table->owner = cmd->owner;
	}
	wait_table_move(s, rec, on);
	step_result(s, &id, rec->view->table->version);
	return s->txn->err;
}

/* --- seen --- */

struct table_page {
	const PB(QueryCaseTables) *q;
	PB(CaseTablesView) *view;
	size_t limit;
	bool family;
};

static bool is_invited(const struct step *s, const PB(WaitTableRecord) *rec)
{
	for (size_t i = 0; i < rec->view->n_invited; i++) {
		if (strcmp(rec->view->invited[i], s->from.id) == 0) {
			return wait_table_is_open(rec);
		}
	}
	return false;
}

/* Who is asked to come sees when, why and who carries it; about whom is told by who carries it. */
static void code_or_less(struct step *s, PB(WaitTableRecord) *rec)
{
	struct object_id id;
	char code[SHORT_CODE_LEN + 1];
	const PB(WaitRequestRecord) *request = NULL;

	if (object_id_from(&rec->view->table->request_id, &id)) {
		request = wait_request_get(s, &id);
		step_short_code(s, &id, code);
	}
	bool family = (s->from.roles & ROLE_BIT(FAMILY)) != 0;
	bool owner = strcmp(rec->view->table->owner, s->from.id) == 0;
	bool sees = request != NULL && wait_sees(s, request->request);
	if (request != NULL && (family || owner || sees)) {
		rec->view->request_code = step_strdup(s, code);
		return;
	}
	rec->view->n_stuck = 0;
	rec->view->table->n_signs = 0;
	rec->view->table->request_id.len = 0;
	rec->view->table->need_id.len = 0;
}

static bool may_look(struct step *s, const struct table_page *p, const PB(WaitTableRecord) *rec)
{
	struct object_id request_id;
	struct object_id asked;
	bool named = object_id_from(&p->q->request_id, &asked);

	if (!object_id_from(&rec->view->table->request_id, &request_id) ||
	    (named && !object_id_equal(&asked, &request_id)) ||
	    (p->q->open_only && !wait_table_is_open(rec))) {
		return false;
	}
	const PB(WaitRequestRecord) *request = wait_request_get(s, &request_id);
	return is_invited(s, rec) || (named && p->family) ||
	       strcmp(rec->view->table->owner, s->from.id) == 0 ||
	       (request != NULL && wait_sees(s, request->request));
}

static bool table_show(struct step *s, struct table_page *p, const struct object_id *id,
		       PB(WaitTableRecord) *rec)
{
	char code[SHORT_CODE_LEN + 1];

	if (!may_look(s, p, rec)) {
		return true;
	}
	if (p->view->n_tables == p->limit) {
		return false;
	}
	step_short_code(s, id, code);
	rec->view->short_code = step_strdup(s, code);
	code_or_less(s, rec);
	p->view->tables[p->view->n_tables++] = rec->view;
	return true;
}

static int page_read(struct step *s, struct table_page *p)
{
	struct store_iter it;
	struct key prefix = { 0 };
	struct key k;
	struct slice val;
	struct object_id last = { { 0 } };
	size_t rows = 0;

	store_iter_init(&it, s->txn, WAIT_TABLE_CASE_TABLE, &prefix);
	if (object_id_from(&p->q->after, &last)) {
		struct key after = key_of_id(&last);
		store_iter_from(&it, &after, false);
	}
	while (store_next(&it, &k, &val)) {
		struct slice rest = { .data = k.b, .len = k.len };
		struct object_id id;
		PB(WaitTableRecord) *rec = step_unpack(s, val, RECORD(wait_table_record));
		bool whole = key_take_id(&rest, &id);

		SK_ASSERT(whole);
		if (rec == NULL) {
			break;
		}
		if (rows++ == WAIT_SCAN_MAX || !table_show(s, p, &id, rec)) {
			p->view->next = step_id_data(s, &last);
			break;
		}
		last = id;
	}
	store_iter_done(&it);
	return s->txn->err;
}

int waitlist_query_case_tables(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	struct table_page p = { .q = in->query_case_tables, .limit = WAIT_PAGE_MAX };
	struct object_id id;

	p.family = (s->from.roles & ROLE_BIT(FAMILY)) != 0;
	if (p.q->request_id.len != 0 && !object_id_from(&p.q->request_id, &id)) {
		return step_refuse(s, REFUSAL(MALFORMED), "request_id");
	}
	if (p.q->after.len != 0 && !object_id_from(&p.q->after, &id)) {
		return step_refuse(s, REFUSAL(MALFORMED), "after");
	}
	if (p.q->limit != 0 && p.q->limit < p.limit) {
		p.limit = p.q->limit;
	}
	p.limit = p.limit < s->page_most ? p.limit : s->page_most;
	p.view = step_alloc(s, sizeof(*p.view));
	PB(CaseTableView) **tables = step_alloc(s, (p.limit + 1) * sizeof(PB(CaseTableView) *));
	if (p.view == NULL || tables == NULL) {
		return s->txn->err;
	}
	*p.view = (PB(CaseTablesView))PB_INIT(CASE_TABLES_VIEW);
	p.view->tables = tables;
	out->body_case = BODY(CASE_TABLES_VIEW);
	out->case_tables_view = p.view;
	return page_read(s, &p);
}
