/* SPDX-License-Identifier: EUPL-1.2 */
/* The one filter by who asks, for every view of a request that names no person (DOMAIN 2, 3; L10).
 * What a child keeps to itself is seen by who gives it and by the contact person with its stand-in;
 * to anybody else the need, its seat and its holder are not there. The family's channel has one key
 * for every child and parent: it reads nothing that one of them must not know of another. */
#include <string.h>

#include "services/intake/core_warm.h"

static bool by_family(const struct step *s)
{
	return (s->from.roles & ROLE_BIT(FAMILY)) != 0;
}

static bool trusted(const struct step *s, const struct req *q)
{
	return !by_family(s) && (strcmp(q->r->contact_party, s->from.id) == 0 ||
				 strcmp(q->r->stand_in_party, s->from.id) == 0);
}

bool seen_need(const struct step *s, const struct req *q, const PB(NeedRecord) *n)
{
	if (!n->need->shielded || trusted(s, q)) {
		return true;
	}
	for (size_t i = 0; i < q->live_len && !by_family(s); i++) {
		const PB(ContributionChanged) *c = q->live[i]->last;
		if (strcmp(c->partner, s->from.id) == 0 &&
		    data_equal(&c->need_id, &n->need->need_id)) {
			return true;
		}
	}
	return false;
}

static bool seen_need_id(struct step *s, struct req *q, const ProtobufCBinaryData *need_id)
{
	const PB(NeedRecord) *n = req_need(q, need_id);

	return n == NULL || seen_need(s, q, n);
}

PB(TeamProposed) *seen_team(struct step *s, struct req *q, PB(TeamProposed) *t)
{
	PB(TeamProposed) *p = step_alloc(s, sizeof(*p));

	if (t == NULL || p == NULL) {
		return NULL;
	}
	*p = *t;
	p->seats = step_alloc(s, (t->n_seats + 1) * sizeof(*p->seats));
	p->open = step_alloc(s, (t->n_open + 1) * sizeof(*p->open));
	p->alternatives = step_alloc(s, (t->n_alternatives + 1) * sizeof(*p->alternatives));
	if (p->seats == NULL || p->open == NULL || p->alternatives == NULL) {
		return NULL;
	}
	p->n_seats = p->n_open = p->n_alternatives = 0;
	for (size_t i = 0; i < t->n_seats; i++) {
		if (seen_need_id(s, q, &t->seats[i]->need_id)) {
			p->seats[p->n_seats++] = t->seats[i];
		}
	}
	for (size_t i = 0; i < t->n_open; i++) {
		if (seen_need_id(s, q, &t->open[i]->need_id)) {
			p->open[p->n_open++] = t->open[i];
		}
	}
	for (size_t i = 0; i < t->n_alternatives; i++) {
		if (seen_need_id(s, q, &t->alternatives[i]->need_id)) {
			p->alternatives[p->n_alternatives++] = t->alternatives[i];
		}
	}
	return p;
}

size_t seen_holders(const struct step *s, const struct req *q, PB(HolderView) **list, size_t len)
{
	size_t kept = 0;

	if (trusted(s, q)) {
		return len;
	}
	for (size_t i = 0; i < len; i++) {
		bool own = !by_family(s) && strcmp(list[i]->party, s->from.id) == 0;
		if (own || list[i]->kind != HOLDER(PARTNER) ||
		    !shield_hides_partner(q, list[i]->party)) {
			list[kept++] = list[i];
		}
	}
	return kept;
}

/* Somebody of the family must not know where the child is. */
static bool guarded(const struct req *q)
{
	const PB(RequestRecord) *r = q->r;

	for (size_t i = 0; i < r->n_adults; i++) {
		if (r->adults[i]->limit == SCHAKEL__V1__CONTACT_LIMIT__CONTACT_LIMIT_NONE_ALLOWED) {
			return true;
		}
	}
	for (size_t i = 0; i < r->n_children; i++) {
		for (size_t k = 0; k < r->children[i]->n_stays; k++) {
			if (r->children[i]->stays[k]->safe) {
				return true;
			}
		}
	}
	return false;
}

/* Who they are to each other is not told to one of them. */
static void adults_plain(struct step *s, PB(RequestItem) *it)
{
	PB(Adult) **at = step_alloc(s, (it->n_adults + 1) * sizeof(*at));
	PB(Adult) *box = step_alloc(s, (it->n_adults + 1) * sizeof(*box));

	for (size_t i = 0; at != NULL && box != NULL && i < it->n_adults; i++) {
		schakel__v1__adult__init(&box[i]);
		box[i].number = it->adults[i]->number;
		box[i].authority = it->adults[i]->authority;
		at[i] = &box[i];
	}
	it->n_adults = at == NULL || box == NULL ? 0 : it->n_adults;
	it->adults = at;
}

static void fact_guard(PB(RequestItem) *it)
{
	PB(RequestFact) *f = it->request;

	f->zone = "";
	f->network = "";
	f->requester = "";
	f->contact_party = "";
	f->stand_in_party = "";
	f->n_children = 0;
	f->n_excluded_partners = f->n_preferred_partners = f->n_choices = 0;
	it->contact_party = "";
	it->stand_in_party = "";
	it->n_children = 0;
	it->n_holders = 0;
	it->plan_id.len = it->family_id.len = 0;
}

void seen_by_family(struct step *s, const struct req *q, PB(RequestItem) *it)
{
	if (!by_family(s)) {
		return;
	}
	it->n_capsules = it->n_positions = 0;
	it->n_judgements = it->n_orders = it->n_rungs = 0;
	it->concern_ms = 0;
	it->concern_party = (char *)(uintptr_t)protobuf_c_empty_string;
	it->concern_reason = 0;
	adults_plain(s, it);
	if (!guarded(q)) {
		return;
	}
	fact_guard(it);
	it->team = NULL;
	it->n_strengths = it->n_others_wanted = it->n_basic_links = 0;
	it->n_case_tables = it->n_waits = it->n_child_grounds = 0;
	it->next_ms = it->answered_ms = it->answer_due_ms = 0;
	for (size_t i = 0; i < it->n_needs; i++) {
		it->needs[i]->n_contributions = 0;
	}
}
