/* SPDX-License-Identifier: EUPL-1.2 */
/* Requests for help: drawn, and now and then two crises at once that need the same thing. */
#include <string.h>

#include "tests/sim/region.h"

#define NEEDS_DRAWN 4
#define CAPSULE_LEN 48
#define SEALED_LEN 80
#define SIDE_BY_SIDE 16
#define PINCH_AFTER_US (3 * SIM_SECOND_US)

static uint8_t sealed[SEALED_LEN];

void region_capsule(struct region *g, PB(Capsule) *c, uint8_t person[16])
{
	rng_fill(&g->w->rng, person, 16);
	c->person_id = (ProtobufCBinaryData){ 16, person };
	c->version = 1;
	c->capsule = (ProtobufCBinaryData){ CAPSULE_LEN, sealed };
	c->sealed_key = (ProtobufCBinaryData){ SEALED_LEN, sealed };
	c->about = person[0] % 8 == 0;
}

/* --- a request --- */

struct asked {
	PB(SubmitRequest) m;
	PB(NeedSpec) need[NEEDS_DRAWN];
	PB(NeedSpec) *needs[NEEDS_DRAWN];
	struct people_told people;
	PB(Capsule) capsule;
	PB(Capsule) *capsules[1];
	char *languages[1];
	uint8_t person[16];
};

static void fill_needs(struct region *g, struct asked *a)
{
	struct rng *r = &g->w->rng;

	a->m.n_needs = rng_log(r, 1, NEEDS_DRAWN);
	a->languages[0] = (char *)(uintptr_t) "ar";
	a->m.languages = a->languages;
	a->m.n_languages = a->m.n_needs % 2; /* told or not, without drawing for it */
	a->m.needs = a->needs;
	for (size_t i = 0; i < a->m.n_needs; i++) {
		PB(NeedSpec) *n = &a->need[i];
		schakel__v1__need_spec__init(n);
		n->expertise = (uint32_t)rng_between(r, 1, EXPERTISES);
		n->intensity = (uint32_t)rng_between(r, 1, 4);
		n->duration_weeks = (uint32_t)rng_log(r, 1, 30);
		n->must = i == 0 || rng_coin(r);
		n->life_domain = (PB(LifeDomain))rng_below(r, 8);
		n->child = (uint32_t)rng_below(r, a->people.children_len);
		a->needs[i] = n;
	}
}

static void fill_people(struct region *g, struct asked *a)
{
	a->m.children = a->people.children;
	a->m.n_children = a->people.children_len;
	a->m.adults = a->people.adults;
	a->m.n_adults = a->people.adults_len;
	schakel__v1__capsule__init(&a->capsule);
	region_capsule(g, &a->capsule, a->person);
	a->capsules[0] = &a->capsule;
	a->m.capsules = a->capsules;
	a->m.n_capsules = 1;
	a->m.callback_sealed = true;
}

static size_t fill_urgency(struct region *g, struct asked *a)
{
	struct rng *r = &g->w->rng;
	uint64_t luck = rng_below(r, 10);

	a->m.urgency = luck < 6 ? URGENCY_OF(STANDARD) : URGENCY_OF(PREVENTIVE);
	if (luck == 8) {
		a->m.urgency = URGENCY_OF(URGENT);
		a->m.second_party = (char *)(uintptr_t) "police";
	}
	if (luck == 9) {
		a->m.urgency = URGENCY_OF(CRISIS);
		a->m.crisis_step = (PB(CrisisStep))rng_between(r, 1, 3);
		a->m.reason = (PB(DangerReason))rng_between(r, 1, 7);
		return CONTACT;
	}
	return rng_coin(r) ? CONTACT : CLB;
}

/* What the receipt says was made is known from then on, with who is in it. */
static void taken(struct client *c, struct op *op)
{
	struct region *g = c->w->laws;
	struct news_request *q = op->outcome == SCHAKEL__V1__OUTCOME__OUTCOME_ACCEPTED ?
					 news_request_of(&g->news, op->object) :
					 NULL;

	if (q != NULL) {
		q->children = (uint32_t)(op->tag & 0xff);
		q->adults = (uint32_t)(op->tag >> 8 & 0xff);
		q->consult = (op->tag >> 16) != 0;
	}
}

static void send(struct region *g, size_t from, struct asked *a)
{
	PB(Message) m = PB_INIT(MESSAGE);
	bool consult = a->m.kind == SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_CONSULT;

	m.body_case = BODY(SUBMIT_REQUEST);
	m.submit_request = &a->m;
	struct op *op = region_send(g, from, INTAKE, &m);
	op->tag = a->m.n_children | a->m.n_adults << 8 | (uint64_t)consult << 16;
	op->done = taken;
}

static void draw(struct region *g, struct asked *a)
{
	struct rng *r = &g->w->rng;

	schakel__v1__submit_request__init(&a->m);
	a->m.kind = SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_SEARCH;
	a->m.zone = (char *)(uintptr_t)region_zone[rng_below(r, ZONES)];
	a->m.network = (char *)(uintptr_t)(rng_coin(r) ? "kust" : "stad");
	region_people(g, &a->people);
	fill_needs(g, a);
	fill_people(g, a);
}

void region_submit(struct region *g)
{
	struct rng *r = &g->w->rng;
	struct asked a;
	char *partner = (char *)(uintptr_t)region_partner[rng_below(r, PARTNERS)];

	draw(g, &a);
	size_t from = fill_urgency(g, &a);
	if (rng_below(r, 12) == 0) {
		a.m.kind = SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_CONSULT;
		a.m.n_needs = 0;
		a.m.callback_sealed = rng_below(r, 4) != 0;
		a.m.n_children = a.m.callback_sealed ? a.m.n_children : 0;
	} else if (g->news.consults > 0 && rng_below(r, 16) == 0) {
		a.m.consult_code = g->news.consult[rng_below(r, g->news.consults)];
	}
	if (rng_below(r, 6) == 0) {
		a.m.excluded_partners = &partner;
		a.m.n_excluded_partners = 1;
	} else if (rng_below(r, 6) == 0) {
		a.m.preferred_partners = &partner;
		a.m.n_preferred_partners = 1;
	}
	send(g, from, &a);
}

/* --- two crises, and one place --- */

static void one_place(struct world *w, void *ctx, uint64_t pool)
{
	(void)w;
	region_put_rare(ctx, pool);
}

void region_pinch(struct region *g)
{
	struct rng *r = &g->w->rng;
	PB(CrisisStep) step = (PB(CrisisStep))rng_between(r, 1, 3);
	uint64_t pool = rng_below(r, NEWS_POOLS);

	for (int i = 0; i < 2; i++) {
		struct asked a;
		draw(g, &a);
		a.m.n_needs = 1;
		a.need[0].expertise = EXPERTISE_RARE;
		a.need[0].intensity = 1;
		a.m.urgency = URGENCY_OF(CRISIS);
		a.m.crisis_step = step;
		a.m.reason = (PB(DangerReason))rng_between(r, 1, 7);
		send(g, CONTACT, &a);
	}
	world_at(g->w, g->w->now_us + rng_below(r, PINCH_AFTER_US), one_place, g, pool);
}

/* --- whoever sees them side by side signs --- */

static void sign_one(struct region *g, size_t pool, const PB(LastPlaceView) *v)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(SignLastPlace) b = PB_INIT(SIGN_LAST_PLACE);
	ProtobufCBinaryData seen[SIDE_BY_SIDE];
	uint8_t worker[16] = { 0x51 };

	b.pool = g->news.pool[pool].name;
	b.based_on = v->version;
	b.n_seen = v->n_concerned < SIDE_BY_SIDE ? v->n_concerned : SIDE_BY_SIDE;
	b.seen = seen;
	for (size_t i = 0; i < b.n_seen; i++) {
		seen[i] = v->concerned[i]->need->need_id;
	}
	b.need_id = seen[rng_below(&g->w->rng, b.n_seen)];
	b.signed_by = (ProtobufCBinaryData){ sizeof(worker), worker };
	m.body_case = BODY(SIGN_LAST_PLACE);
	m.sign_last_place = &b;
	(void)region_send(g, rng_coin(&g->w->rng) ? CONTACT : COORDINATOR, MATCHING, &m);
}

static void sign(struct world *w, void *ctx, uint64_t pool)
{
	struct region *g = ctx;
	struct daemon *d = &w->daemon[MATCHING];
	PB(QueryLastPlace) q = PB_INIT(QUERY_LAST_PLACE);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) answer = PB_INIT(MESSAGE);

	if (w->phase_b || d->engine == NULL) {
		return;
	}
	q.pool = g->news.pool[pool].name;
	m.body_case = BODY(QUERY_LAST_PLACE);
	m.query_last_place = &q;
	if (region_ask(d, "contactpoint", ROLE_BIT(CONTACT_POINT), &m, &answer) &&
	    answer.last_place_view->n_concerned > 0) {
		sign_one(g, pool, answer.last_place_view);
	}
	engine_peek_done(d->engine);
}

void region_last_place(struct region *g, const PB(Event) *e)
{
	for (size_t i = 0; i < NEWS_POOLS; i++) {
		if (!e->ended && !g->w->phase_b && strcmp(e->pool, g->news.pool[i].name) == 0) {
			world_at(g->w, g->w->now_us + rng_below(&g->w->rng, SIM_SECOND_US), sign, g,
				 i);
		}
	}
}
