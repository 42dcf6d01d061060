/* SPDX-License-Identifier: EUPL-1.2 */
/* Calls for help as they are asked for: by who called, who is asked, and the coordinator. */
#include <string.h>

#include "services/intake/core_help.h"

static bool own(const struct step *s, const PB(HelpCallRecord) *c)
{
	return strcmp(c->from_party, s->from.id) == 0 ||
	       (s->from.roles & ROLE_BIT(COORDINATOR)) != 0;
}

static bool sees(const struct step *s, const PB(HelpCallRecord) *c)
{
	bool government = c->addressee == ADDRESSEE(GOVERNMENT) &&
			  (s->from.roles & ROLE_BIT(GOVERNMENT)) != 0;

	return own(s, c) || government || strcmp(c->to_party, s->from.id) == 0 ||
	       (c->state == CALL(OPEN) && list_has(c->asked, c->n_asked, s->from.id));
}

static PB(HelpCallView) *call_view(struct step *s, const PB(HelpCallRecord) *c)
{
	static const PB(HelpCallView) empty = PB_INIT(HELP_CALL_VIEW);
	PB(HelpCallView) *v = step_alloc(s, sizeof(*v));
	char code[SHORT_CODE_LEN + 1];
	struct object_id id;

	if (v == NULL) {
		return NULL;
	}
	*v = empty;
	SK_ASSERT(object_id_from(&c->call_id, &id));
	step_short_code(s, &id, code);
	v->call_id = c->call_id;
	v->addressee = c->addressee;
	v->state = c->state;
	v->expertise = c->expertise;
	v->network = c->network;
	v->zone = c->zone;
	v->from_party = c->from_party;
	v->to_party = c->to_party;
	v->called_ms = c->called_ms;
	v->due_ms = c->due_ms;
	v->taken_ms = c->taken_ms;
	v->crisis = c->crisis;
	v->short_code = step_strdup(s, code);
	if (own(s, c)) {
		v->request_id = c->request_id;
	}
	return v->short_code == NULL ? NULL : v;
}

int q_help_calls(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	static const PB(HelpCallsView) empty = PB_INIT(HELP_CALLS_VIEW);
	static const struct key all = { 0 };
	const PB(QueryHelpCalls) *m = in->query_help_calls;
	PB(HelpCallsView) *v = step_alloc(s, sizeof(*v));
	PB(HelpCallView) **list = step_alloc(s, PAGE_MAX * sizeof(*list));
	struct list_page p;
	struct slice val;

	if (v == NULL || list == NULL) {
		return s->txn->err;
	}
	int err = page_begin(s, TABLE_HELP_CALL, &all, &m->after, &p);
	if (err != SK_OK) {
		return err;
	}
	*v = empty;
	v->calls = list;
	page_limit(s, &p, m->limit);
	while (page_next(&p, v->n_calls, &val)) {
		const PB(HelpCallRecord) *c = step_unpack(s, val, TYPE(help_call_record));
		bool live = c != NULL && (c->state == CALL(OPEN) || c->state == CALL(TAKEN));
		if (c != NULL && sees(s, c) && (live || !m->open_only)) {
			list[v->n_calls++] = call_view(s, c);
		}
		if (s->txn->err != SK_OK) {
			break;
		}
	}
	page_end(s, &p, &v->next);
	out->body_case = BODY(HELP_CALLS_VIEW);
	out->help_calls_view = v;
	return s->txn->err;
}
