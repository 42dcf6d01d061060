/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "services/intake/core_inner.h"

#define ADULT_AGE 18

void children_fit(struct req *q)
{
	PB(RequestRecord) *r = q->r;

	SK_ASSERT(r->n_children <= CHILDREN_MAX);
	for (size_t i = r->n_child_states; i < CHILDREN_MAX; i++) {
		schakel__v1__child_state__init(&q->child[i]);
	}
	for (size_t i = 0; i < CHILDREN_MAX; i++) {
		q->child_at[i] = &q->child[i];
	}
	r->child_states = q->child_at;
	r->n_child_states = r->n_children;
}

uint32_t child_age(const struct req *q, uint32_t child, uint64_t now_ms)
{
	const PB(Child) *c = q->r->children[child];
	unsigned years;

	if (c->born != 0 && civil_age_years(c->born, now_ms, &years) == SK_OK) {
		return years;
	}
	return c->age_years;
}

/* What was found absent before 12 says nothing of the child of 12: it is asked anew. */
bool child_capable(const struct req *q, uint32_t child, uint64_t now_ms)
{
	const PB(ChildState) *st = &q->child[child];
	uint32_t age = child_age(q, child, now_ms);

	if (age >= ADULT_AGE || (st->judged == JUDGED(CAPABLE) && !MUT(129))) {
		return true;
	}
	bool absent = st->judged == JUDGED(NOT_CAPABLE) && st->judged_age >= AGE_CAPABLE;
	return age >= AGE_CAPABLE && !absent;
}

bool adult_sees_child(const struct req *q, uint32_t child, uint64_t now_ms)
{
	return child_age(q, child, now_ms) < ADULT_AGE;
}

/* Each zone once; a stay without one is in the zone of the request. */
static void zones_fill(struct step *s, const struct req *q, const PB(Child) *c, PB(ChildFact) *f)
{
	f->zones = step_alloc(s, STAYS_MAX * sizeof(*f->zones));
	for (size_t i = 0; f->zones != NULL && i < c->n_stays && i < STAYS_MAX; i++) {
		const char *told = c->stays[i]->zone;
		char *zone = told[0] == '\0' ? q->r->zone : c->stays[i]->zone;
		if (!list_has(f->zones, f->n_zones, zone)) {
			f->zones[f->n_zones++] = zone;
		}
	}
}

void children_fact(struct step *s, const struct req *q, PB(RequestFact) *ret_f)
{
	const PB(RequestRecord) *r = q->r;
	PB(ChildFact) *box = step_alloc(s, CHILDREN_MAX * sizeof(*box));

	ret_f->children = step_alloc(s, CHILDREN_MAX * sizeof(*ret_f->children));
	if (box == NULL || ret_f->children == NULL) {
		return;
	}
	for (size_t i = 0; i < r->n_children; i++) {
		PB(ChildFact) *f = &box[i];
		schakel__v1__child_fact__init(f);
		f->age_years = child_age(q, (uint32_t)i, s->now_ms);
		f->apart = r->children[i]->apart;
		f->missing = q->child[i].missing;
		f->parents_decide = !child_capable(q, (uint32_t)i, s->now_ms);
		f->judged = q->child[i].judged != JUDGED(UNSPECIFIED);
		known_fact(s, q, (uint32_t)i, f);
		zones_fill(s, q, r->children[i], f);
		ret_f->children[i] = f;
	}
	ret_f->n_children = r->n_children;
	ret_f->age_years = r->n_children > 0 ? box[0].age_years : 0;
}

void children_told(struct step *s, struct req *q)
{
	PB(RequestRecord) *r = q->r;

	children_fit(q);
	r->aged_ms = s->now_ms;
	for (size_t i = 0; i < r->n_children; i++) {
		PB(Child) *c = r->children[i];
		PB(JudgementView) v = PB_INIT(JUDGEMENT_VIEW);
		bool was = q->child[i].judged == JUDGED(CAPABLE);
		bool told = c->judged_capable || c->judged_incapable;
		bool known = q->child[i].judged != JUDGED(UNSPECIFIED) && was == c->judged_capable;
		c->age_years = child_age(q, (uint32_t)i, s->now_ms);
		v.child = (uint32_t)i;
		v.capable = c->judged_capable;
		if (told && !known) {
			judgement_put(s, q, &v);
		}
	}
}

/* --- known again from the list --- */

static PB(Stay) *stay_adopt(struct step *s, char *zone)
{
	PB(Stay) *stay = step_alloc(s, sizeof(*stay));

	if (stay == NULL) {
		return NULL;
	}
	schakel__v1__stay__init(stay);
	stay->zone = zone;
	stay->safe = true; /* which one is was not told: so none is shown */
	return stay;
}

/* One that is in no other zone than that of its request may have said nothing of where it stays. */
static void stays_adopt(struct step *s, const struct req *q, const PB(ChildFact) *f, PB(Child) *c)
{
	PB(ChildFact) mine = PB_INIT(CHILD_FACT);
	size_t same = 0;

	zones_fill(s, q, c, &mine);
	for (size_t i = 0; i < f->n_zones; i++) {
		same += list_has(mine.zones, mine.n_zones, f->zones[i]) ? 1 : 0;
	}
	if (same == f->n_zones && same == mine.n_zones) {
		return;
	}
	c->n_stays = 0;
	c->stays = step_alloc(s, STAYS_MAX * sizeof(PB(Stay) *));
	for (size_t i = 0; c->stays != NULL && i < f->n_zones && c->n_stays < STAYS_MAX; i++) {
		PB(Stay) *stay = stay_adopt(s, f->zones[i]);
		if (stay != NULL && step_zone(s, stay->zone) != NULL) {
			c->stays[c->n_stays++] = stay;
		}
	}
}

static PB(Child) *child_new(struct step *s)
{
	PB(Child) *c = step_alloc(s, sizeof(*c));

	if (c != NULL) {
		schakel__v1__child__init(c);
	}
	return c;
}

/* Somebody found so since the copy was made. By whom and why went with it; whose word counts does
 * not (L5). */
static void judged_adopt(const PB(ChildFact) *told, PB(ChildState) *st)
{
	if (told->judged) {
		st->judged = told->parents_decide ? JUDGED(NOT_CAPABLE) : JUDGED(CAPABLE);
		st->judged_age = told->age_years;
	}
}

void children_adopt(struct step *s, struct req *q, const PB(RequestFact) *f)
{
	PB(RequestRecord) *r = q->r;
	PB(Child) **all = step_alloc(s, CHILDREN_MAX * sizeof(PB(Child) *));
	size_t len = f->n_children == 0 ? 1 : f->n_children;

	len = len < r->n_children ? r->n_children : len;
	for (size_t i = 0; all != NULL && i < len; i++) {
		all[i] = i < r->n_children ? r->children[i] : child_new(s);
	}
	if (all == NULL || s->txn->err != SK_OK) {
		return;
	}
	if (r->n_children == 0 && f->n_children == 0) {
		all[0]->age_years = f->age_years;
	}
	r->children = all;
	r->n_children = len;
	children_fit(q);
	for (size_t i = 0; i < f->n_children; i++) {
		const PB(ChildFact) *told = f->children[i];
		all[i]->apart = told->apart;
		all[i]->age_years = told->age_years;
		q->child[i].missing = told->missing;
		judged_adopt(told, &q->child[i]);
		stays_adopt(s, q, told, all[i]);
	}
}

/* --- what is shown of them --- */

static PB(Child) *child_veiled(struct step *s, const PB(Child) *c)
{
	PB(Child) *v = step_alloc(s, sizeof(*v));
	PB(Stay) **stays = step_alloc(s, STAYS_MAX * sizeof(*stays));

	if (v == NULL || stays == NULL) {
		return NULL;
	}
	*v = *c;
	v->born = 0;
	v->stays = stays;
	v->n_stays = 0;
	for (size_t i = 0; i < c->n_stays; i++) {
		if (!c->stays[i]->safe) {
			stays[v->n_stays++] = c->stays[i];
		}
	}
	return v;
}

/* The zone of a safe place would tell of it as well as the place. */
static void zones_veil(struct step *s, const struct req *q, const PB(Child) *veiled,
		       PB(ChildFact) *f)
{
	f->n_zones = 0;
	zones_fill(s, q, veiled, f);
}

void children_view(struct step *s, const struct req *q, bool holds, PB(RequestItem) *ret_item)
{
	PB(Child) **list = step_alloc(s, CHILDREN_MAX * sizeof(*list));
	PB(RequestFact) *f = ret_item->request;

	for (size_t i = 0; i < f->n_children; i++) {
		f->children[i]->n_known_workers = 0; /* for matching alone */
		f->children[i]->n_known_partners = 0;
	}
	ret_item->n_children = 0;
	for (size_t i = 0; list != NULL && i < q->r->n_children; i++) {
		list[i] = holds ? q->r->children[i] : child_veiled(s, q->r->children[i]);
		if (list[i] == NULL) {
			return;
		}
		if (!holds && i < f->n_children) {
			zones_veil(s, q, list[i], f->children[i]);
		}
		ret_item->n_children = i + 1;
	}
	ret_item->children = list;
}

/* --- MarkMissing: pauses offers, never the holder --- */

int on_missing(struct step *s, const PB(Message) *in)
{
	const PB(MarkMissing) *m = in->mark_missing;
	struct req q;
	bool by_code = m->request_id.len == 0 && m->short_code[0] != '\0';
	int err = by_code ? req_open_any(s, &m->request_id, m->short_code, &q) :
			    req_open(s, &m->request_id, "request_id", &q);

	if (err != SK_OK) {
		return err;
	}
	if (!may_act(s, &q) && (s->from.roles & ROLE_BIT(CONTACT_POINT)) == 0) {
		return refuse_not_yours(s, "request_id");
	}
	if (!q.r->open) {
		return refuse_state(s, &q, NULL, "request_id");
	}
	if (m->child >= q.r->n_children) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "child");
	}
	if (q.child[m->child].missing == m->missing) {
		return refuse_state(s, &q, NULL, "missing");
	}
	q.child[m->child].missing = m->missing;
	say_child(s, &q, ALARM(MISSING_CHILD), m->child, !m->missing);
	step_result(s, &q.id, q.r->version);
	return req_settle(s, &q);
}
