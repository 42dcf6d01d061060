/* SPDX-License-Identifier: EUPL-1.2 */
/* Demand as waitlist tells it; and what peers tell of us after a restore. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

static char *str(const char *s)
{
	return (char *)(uintptr_t)s; /* packing only reads it */
}

struct children {
	PB(ChildFact) fact[MATCH_CHILDREN_MAX + 1];
	PB(ChildFact) *at[MATCH_CHILDREN_MAX + 1];
	char *zone[MATCH_CHILDREN_MAX + 1][3];
};

static void fill_children(const struct demand_spec *d, struct children *c, PB(RequestFact) *fact)
{
	for (size_t i = 0; i < d->children; i++) {
		const struct child_spec *s = &d->child[i];
		schakel__v1__child_fact__init(&c->fact[i]);
		c->fact[i].age_years = s->age == 0 ? 10 : s->age;
		c->fact[i].apart = s->apart;
		c->fact[i].missing = s->missing;
		c->fact[i].parents_decide = s->parents_decide;
		c->fact[i].zones = c->zone[i];
		for (size_t z = 0; z < SK_LEN(s->zone) && s->zone[z] != NULL; z++) {
			c->zone[i][c->fact[i].n_zones++] = str(s->zone[z]);
		}
		c->at[i] = &c->fact[i];
	}
	fact->children = c->at;
	fact->n_children = d->children;
}

struct choice {
	PB(Choice) m;
	PB(Choice) *at[1];
	struct object_id need;
};

static void fill_choice(const struct demand_spec *d, struct choice *c, PB(RequestFact) *fact)
{
	schakel__v1__choice__init(&c->m);
	c->need = need_id(d->choice_need);
	c->m.need_id = object_id_data(&c->need);
	c->m.partner = str(d->choice);
	c->at[0] = &c->m;
	fact->choices = c->at;
	fact->n_choices = d->choice != NULL;
}

static void fill_blocks(const struct demand_spec *d, PB(RequestFact) *fact)
{
	static PB(RuleBlock) block[MATCH_BLOCKS_MAX + 1];
	static PB(RuleBlock) *at[MATCH_BLOCKS_MAX + 1];
	static struct object_id signal;

	signal = req_id(9001);
	for (size_t i = 0; i < d->blocks; i++) {
		schakel__v1__rule_block__init(&block[i]);
		block[i].signal_id = object_id_data(&signal);
		at[i] = &block[i];
	}
	fact->blocks = at;
	fact->n_blocks = d->blocks;
}

struct known {
	char *partner[MATCH_KNOWN_MAX + 1];
	ProtobufCBinaryData worker;
};

static void fill_words(const struct demand_spec *d, char *language[1], PB(RequestFact) *fact)
{
	fact->network = str(d->network == NULL ? "" : d->network);
	language[0] = str(d->language);
	fact->languages = language;
	fact->n_languages = d->language != NULL;
}

/* Of the child at `knows`, one of those that are told of. */
static void fill_known(const struct demand_spec *d, struct known *k, struct children *c)
{
	PB(ChildFact) *f = &c->fact[d->knows];

	if (d->known_partner == NULL && d->known_worker == NULL) {
		return;
	}
	assert_in_range(d->knows + 1, 1, d->children);
	f->known_partners = k->partner;
	f->n_known_partners = d->known_partner == NULL ? 0 : d->known_more + 1;
	for (size_t i = 0; i < f->n_known_partners; i++) {
		k->partner[i] = str(d->known_partner);
	}
	if (d->known_worker != NULL) {
		k->worker = object_id_data(d->known_worker);
		f->known_workers = &k->worker;
		f->n_known_workers = 1;
	}
}

static void fill_need(const struct demand_spec *d, size_t i, struct object_id *id,
		      PB(DemandNeed) *need)
{
	const struct need_spec *n = &d->need[i];
	PB(NeedFact) *f = need->need;
	PB(NeedOrder) *o = need->order;

	*id = need_id(n->number == 0 ? d->request : n->number);
	f->need_id = object_id_data(id);
	f->need_version = n->version == 0 ? 1 : n->version;
	f->ordinal = n->ordinal == 0 ? (uint32_t)i + 1 : n->ordinal;
	f->expertise = n->expertise == 0 ? 1 : n->expertise;
	f->arrival_ms = n->arrival_ms;
	f->duration_weeks = n->weeks == 0 ? WORLD_WEEKS : n->weeks;
	f->intensity = n->intensity == 0 ? 1 : n->intensity;
	f->state = n->state == 0 ? NEEDST(OPEN) : n->state;
	f->must = !n->should;
	f->child = n->child;
	f->own_crisis = n->own_crisis;
	f->shielded = n->shielded;
	f->by_order = n->by_order;
	o->wait_class = d->wait_class == 0 ? CLASS(ACTIVE) : d->wait_class;
	o->crisis_step = d->step;
	o->rank_ms = d->rank;
	o->lottery = d->request;
	o->misplaced = d->misplaced;
	o->place_over = d->place_over;
	o->order_version = d->order_version == 0 ? 1 : d->order_version;
}

bool demand(struct rig *r, const struct demand_spec *d)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Demand) body = PB_INIT(DEMAND);
	PB(RequestFact) fact = PB_INIT(REQUEST_FACT);
	PB(DemandNeed) need[MATCH_NEEDS_MAX + 1];
	PB(NeedFact) facts[MATCH_NEEDS_MAX + 1];
	PB(NeedOrder) order[MATCH_NEEDS_MAX + 1];
	PB(DemandNeed) *at[MATCH_NEEDS_MAX + 1];
	struct object_id ids[MATCH_NEEDS_MAX + 1];
	struct object_id request = req_id(d->request);
	char *excluded[] = { str(d->excluded) };
	char *preferred[] = { str(d->preferred) };
	struct children children = { 0 };
	struct choice choice;
	struct known known = { 0 };
	char *language[1];

	fact.request_id = object_id_data(&request);
	fact.request_version = d->version == 0 ? 1 : d->version;
	fact.zone = str(d->zone == NULL ? "westhoek" : d->zone);
	fact.age_years = d->age == 0 ? 10 : d->age;
	fact.urgency = d->wait_class == CLASS(CRISIS) ? SCHAKEL__V1__URGENCY__URGENCY_CRISIS :
							SCHAKEL__V1__URGENCY__URGENCY_STANDARD;
	fact.requester = str("clb");
	fact.contact_party = str(d->contact == NULL ? "" : d->contact);
	fact.excluded_partners = excluded;
	fact.n_excluded_partners = d->excluded != NULL;
	fact.preferred_partners = preferred;
	fact.n_preferred_partners = d->preferred != NULL;
	fact.ring = d->ring;
	fact.family_wish_until_ms = d->wish_until_ms;
	fill_blocks(d, &fact);
	fill_children(d, &children, &fact);
	fill_choice(d, &choice, &fact);
	fill_words(d, language, &fact);
	fill_known(d, &known, &children);
	for (size_t i = 0; i < d->needs; i++) {
		schakel__v1__demand_need__init(&need[i]);
		schakel__v1__need_fact__init(&facts[i]);
		schakel__v1__need_order__init(&order[i]);
		need[i].need = &facts[i];
		need[i].order = &order[i];
		fill_need(d, i, &ids[i], &need[i]);
		at[i] = &need[i];
	}
	body.request = &fact;
	body.needs = at;
	body.n_needs = d->needs;
	m.body_case = BODY(DEMAND);
	m.demand = &body;
	return rig_fact(r, "waitlist", &m);
}

void demand_one(struct rig *r, uint32_t number, uint32_t expertise, uint64_t rank)
{
	struct demand_spec d = {
		.request = number, .rank = rank, .needs = 1, .need = { { .expertise = expertise } }
	};

	assert_true(demand(r, &d));
}

bool demand_closed(struct rig *r, uint32_t request, uint32_t need, uint32_t version,
		   PB(CloseReason) reason)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(DemandClosed) d = PB_INIT(DEMAND_CLOSED);
	PB(NeedEnd) end = PB_INIT(NEED_END);
	PB(NeedEnd) *ends[] = { &end };
	struct object_id rid = req_id(request);
	struct object_id nid = need_id(need);

	end.need_id = object_id_data(&nid);
	end.need_version = version;
	end.reason = reason;
	d.request_id = object_id_data(&rid);
	d.needs = ends;
	d.n_needs = 1;
	m.body_case = BODY(DEMAND_CLOSED);
	m.demand_closed = &d;
	return rig_fact(r, "waitlist", &m);
}

struct kept told_kept[TOLD_MAX];
size_t told_len;

void told_inventory(struct rig *r, const char *peer)
{
	rig_skip(r);
	rig_peer_restored(r, peer);
	for (const PB(Message) *m = rig_next_of(r, peer, BODY(RECONCILE_ITEM)); m != NULL;
	     m = rig_next_of(r, peer, BODY(RECONCILE_ITEM))) {
		assert_true(told_len < TOLD_MAX);
		struct kept *k = &told_kept[told_len++];
		assert_true(m->reconcile_item->record.len <= sizeof(k->bytes));
		(void)snprintf(k->peer, sizeof(k->peer), "%s", peer);
		(void)snprintf(k->table, sizeof(k->table), "%s", m->reconcile_item->table);
		memcpy(k->bytes, m->reconcile_item->record.data, m->reconcile_item->record.len);
		k->len = m->reconcile_item->record.len;
	}
}

bool told_give(struct rig *r, const struct kept *k)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ReconcileItem) item = PB_INIT(RECONCILE_ITEM);

	item.table = str(k->table);
	item.record = (ProtobufCBinaryData){ k->len, (uint8_t *)(uintptr_t)k->bytes };
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &item;
	return rig_fact(r, k->peer, &m);
}
