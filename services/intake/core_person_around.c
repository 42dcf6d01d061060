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

bool person_acts_for_child(const struct req *q, const struct person *who, uint64_t now_ms)
{
	return who->sees_child && who->child < q->r->n_children &&
	       !child_capable(q, who->child, now_ms);
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

static bool wants_to_meet(const PB(ContributionChanged) *c)
{
	return c->state == CONTRIB(CAN_IF) && c->can_if == SCHAKEL__V1__CAN_IF__CAN_IF_MEET_FIRST;
}

/* Whoever named houses that may not be asked has to know that this may be why it waits: the child,
 * and who acts for it. To another parent it would be the child's word. */
static bool excludes(struct step *s, const struct req *q, const struct person *who)
{
	bool told = who->speaker == SPEAKER(YOUTH) || person_acts_for_child(q, who, s->now_ms);
	const PB(WishRecord) *w = told ? wish_load(s, q) : NULL;

	return w != NULL && w->n_excluded_partners > 0;
}

/* A child that does not judge for itself is told what was said, and asked nothing: its parents are.
 */
static bool is_asked(const struct step *s, const struct req *q, const struct person *who)
{
	return who->speaker != SPEAKER(YOUTH) || child_capable(q, who->child, s->now_ms);
}

/* C5: nobody but the family says whether they may meet, so it is asked; of every other answer
 * nothing is told (L10). */
void person_meets(struct step *s, const struct req *q, const struct person *who,
		  const PB(NeedRecord) *rec, PB(PersonNeed) *n)
{
	n->excludes = need_wants_help(rec) && excludes(s, q, who);
	n->meets = step_alloc(s, (q->live_len + 1) * sizeof(*n->meets));
	for (size_t i = 0; n->meets != NULL && i < q->live_len; i++) {
		PB(ContributionChanged) *c = q->live[i]->last;
		bool here = data_equal(&c->need_id, &n->need_id) && need_wants_help(rec);
		bool tells = c->meeting_open || is_asked(s, q, who);
		if (!here || !tells || !who->names || !wants_to_meet(c)) {
			continue;
		}
		PB(PersonMeet) *m = step_alloc(s, sizeof(*m));
		if (m == NULL) {
			return;
		}
		schakel__v1__person_meet__init(m);
		m->contribution_id = c->contribution_id;
		m->short_code = c->short_code;
		m->partner = c->partner;
		m->allowed = c->meeting_open;
		m->until_ms = c->answer_by_ms > s->now_ms ? c->answer_by_ms : 0;
		n->meets[n->n_meets++] = m;
	}
}
