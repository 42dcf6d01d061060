/* SPDX-License-Identifier: EUPL-1.2 */
/* Whom else somebody hears of in the own view: who calls in a crisis, and other children. */
#include "services/intake/core_inner.h"

#define TABLE_IS(X) SCHAKEL__V1__CASE_TABLE_STATE__CASE_TABLE_STATE_##X

char *person_crisis_caller(const PB(RequestRecord) *r)
{
	return r->crisis_party[0] != '\0' ? r->crisis_party : r->requester;
}

/* A talk with everybody: planned ones that are to come, and those that still get a day (DOMAIN 5).
 */
void person_tables(struct step *s, struct req *q, const struct person *who, PB(PersonView) *v)
{
	PB(CaseTableFact) **all = NULL;
	size_t len = who->sees_child && q->r->open ? case_tables_of(s, q, &all) : 0;

	v->tables = step_alloc(s, (len + 1) * sizeof(*v->tables));
	for (size_t i = 0; v->tables != NULL && i < len; i++) {
		PB(PersonTable) *t = step_alloc(s, sizeof(*t));
		uint64_t at_ms = all[i]->state == TABLE_IS(PLANNED) ? all[i]->planned_ms :
								      all[i]->due_ms;
		bool open = all[i]->state == TABLE_IS(PLANNED) || all[i]->state == TABLE_IS(CALLED);
		const PB(NeedRecord) *n = req_need(q, &all[i]->need_id);
		bool hidden = n != NULL && !person_sees_need(q, who, n);
		if (t == NULL || !open || hidden || at_ms <= s->now_ms) {
			continue;
		}
		schakel__v1__person_table__init(t);
		t->state = all[i]->state;
		t->planned_ms = all[i]->planned_ms;
		t->due_ms = all[i]->due_ms;
		v->tables[v->n_tables++] = t;
	}
}

uint32_t person_children(struct step *s, const struct req *q, const struct person *who)
{
	uint32_t seen = 0;

	for (uint32_t i = 0; i < q->r->n_children; i++) {
		struct person other = { .speaker = who->speaker, .adult = who->adult, .child = i };
		bool same = i == who->child;
		bool adult = who->speaker == SPEAKER(ADULT);
		bool may = adult && person_open(s, q, &other) == SK_OK && other.sees_child;
		seen += same || may;
	}
	return seen;
}
