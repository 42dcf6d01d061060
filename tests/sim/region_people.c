/* SPDX-License-Identifier: EUPL-1.2 */
/* The children of a request and the adults around them, and what is written down about them:
 * orders, judgements, unclear agreement, reports, a child that is missing. */
#include <string.h>

#include "common/civil.h"
#include "tests/sim/region.h"

#define YEAR_DAYS 365.25
#define SOON_DAYS 60

static ProtobufCBinaryData data_of(uint8_t id[16])
{
	return (ProtobufCBinaryData){ 16, id };
}

static uint64_t now_of(struct region *g)
{
	return caller_now_ms(g->caller[CONTACT], &g->w->daemon[INTAKE]);
}

/** A day of birth; of every second one the next birthday comes soon, so that ages turn. */
static uint32_t some_birth(struct region *g)
{
	struct rng *r = &g->w->rng;
	uint64_t years = rng_between(r, 4, 18);
	uint64_t soon = rng_coin(r) ? rng_below(r, SOON_DAYS) : rng_below(r, 364);
	uint64_t days = (uint64_t)((double)years * YEAR_DAYS) - (years > 4 ? soon : 0);

	return civil_yyyymmdd(civil_from_ms(now_of(g) - days * SIM_DAY_MS).date);
}

static void fill_child(struct region *g, struct people_told *p, size_t i)
{
	struct rng *r = &g->w->rng;
	PB(Child) *c = &p->child[i];

	schakel__v1__child__init(c);
	if (rng_coin(r)) {
		c->born = some_birth(g);
	} else {
		c->age_years = (uint32_t)rng_between(r, 4, 18);
	}
	c->judged_capable = rng_below(r, 12) == 0;
	c->judged_incapable = !c->judged_capable && rng_below(r, 12) == 0;
	c->apart = rng_below(r, 8) == 0 ? SCHAKEL__V1__APART_REASON__APART_REASON_ONE_OF_THEM : 0;
	c->stays = &p->stays[i * 2];
	c->n_stays = rng_below(r, 3);
	for (size_t k = 0; k < c->n_stays; k++) {
		PB(Stay) *stay = &p->stay[i * 2 + k];
		schakel__v1__stay__init(stay);
		stay->zone = (char *)(uintptr_t)region_zone[rng_below(r, ZONES)];
		stay->days = k == 0 ? 0x7f : 0x3f80;
		stay->adult = (uint32_t)rng_below(r, p->adults_len + 1);
		stay->safe = rng_below(r, 4) == 0;
		p->stays[i * 2 + k] = stay;
	}
	p->children[i] = c;
}

void region_people(struct region *g, struct people_told *p)
{
	struct rng *r = &g->w->rng;

	p->adults_len = rng_between(r, 1, 2);
	for (size_t i = 0; i < p->adults_len; i++) {
		schakel__v1__adult__init(&p->adult[i]);
		p->adult[i].number = (uint32_t)i + 1;
		p->adult[i].authority = true;
		p->adult[i].conflict = rng_below(r, 6) == 0;
		p->adult[i].home = i == 0 || rng_coin(r);
		p->adults[i] = &p->adult[i];
	}
	p->children_len = rng_log(r, 1, CHILDREN_DRAWN);
	for (size_t i = 0; i < p->children_len; i++) {
		fill_child(g, p, i);
	}
}

void region_choose(struct region *g, struct news_request *q, PB(RecordPosition) *p,
		   struct choices_told *t)
{
	struct rng *r = &g->w->rng;

	if (g->news.needs == 0 || rng_below(r, 4) != 0) {
		return;
	}
	size_t from = rng_below(r, g->news.needs);
	for (size_t i = 0; i < g->news.needs && p->n_choices < CHOICES_DRAWN; i++) {
		struct news_need *n = &g->news.need[(from + i) % g->news.needs];
		if (memcmp(n->request, q->id, sizeof(q->id)) != 0) {
			continue;
		}
		PB(Choice) *c = &t->choice[p->n_choices];
		schakel__v1__choice__init(c);
		c->need_id = data_of(n->id);
		c->partner = (char *)(uintptr_t)region_partner[rng_below(r, PARTNERS)];
		t->choices[p->n_choices++] = c;
		if (rng_coin(r)) {
			break;
		}
	}
	p->choices = t->choices;
}

/* One of those who were told of, or sometimes the one behind them. */
static uint32_t some_child(struct region *g, const struct news_request *q)
{
	return (uint32_t)rng_below(&g->w->rng, q->children + (q->children < 2 ? 1 : 0));
}

static void court_order(struct region *g, struct news_request *q)
{
	struct rng *r = &g->w->rng;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordCourtOrder) b = PB_INIT(RECORD_COURT_ORDER);
	uint32_t child = some_child(g, q);
	char number[] = "2026/a";

	number[5] = (char)('a' + rng_below(r, 3));
	b.request_id = data_of(q->id);
	b.number = number;
	b.children = &child;
	b.n_children = rng_below(r, 2);
	b.from_ms = rng_coin(r) ? 0 : now_of(g) + rng_log(r, 1, 10 * SIM_DAY_MS);
	b.until_ms =
		(b.from_ms == 0 ? now_of(g) : b.from_ms) + rng_log(r, SIM_HOUR_MS, 60 * SIM_DAY_MS);
	b.ends_now = rng_below(r, 5) == 0;
	b.wider = number[5] == 'a';
	m.body_case = BODY(RECORD_COURT_ORDER);
	m.record_court_order = &b;
	region_send(g, rng_coin(r) ? COURT : CONTACT, INTAKE, &m);
}

static void judgement(struct region *g, struct news_request *q)
{
	struct rng *r = &g->w->rng;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordJudgement) b = PB_INIT(RECORD_JUDGEMENT);

	b.request_id = data_of(q->id);
	b.child = some_child(g, q);
	b.capable = rng_coin(r);
	b.by_worker = data_of(q->id);
	b.reason = SCHAKEL__V1__JUDGEMENT_REASON__JUDGEMENT_REASON_UNDERSTANDS;
	b.until_ms = rng_coin(r) ? 0 : now_of(g) + rng_log(r, SIM_HOUR_MS, 60 * SIM_DAY_MS);
	m.body_case = BODY(RECORD_JUDGEMENT);
	m.record_judgement = &b;
	region_send(g, CONTACT, INTAKE, &m);
}

static void unclear(struct region *g, struct news_request *q)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordPosition) b = PB_INIT(RECORD_POSITION);

	b.request_id = data_of(q->id);
	b.ground = SCHAKEL__V1__GROUND__GROUND_UNCLEAR;
	b.child = some_child(g, q);
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &b;
	region_send(g, CONTACT, INTAKE, &m);
}

static void emergency(struct region *g, struct news_request *q)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordPosition) p = PB_INIT(RECORD_POSITION);

	p.request_id = data_of(q->id);
	p.proposal_version = q->proposal;
	p.ground = SCHAKEL__V1__GROUND__GROUND_EMERGENCY;
	p.reason = SCHAKEL__V1__DANGER_REASON__DANGER_REASON_VIOLENCE;
	p.child = some_child(g, q);
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &p;
	(void)region_send(g, CONTACT, INTAKE, &m);
}

static void concern(struct region *g, struct news_request *q)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ReportConcern) b = PB_INIT(REPORT_CONCERN);

	b.request_id = data_of(q->id);
	b.mandated_party = (char *)(uintptr_t) "court";
	b.reason = SCHAKEL__V1__DANGER_REASON__DANGER_REASON_VIOLENCE;
	m.body_case = BODY(REPORT_CONCERN);
	m.report_concern = &b;
	region_send(g, CONTACT, INTAKE, &m);
}

static void missing(struct region *g, struct news_request *q)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(MarkMissing) b = PB_INIT(MARK_MISSING);

	b.request_id = data_of(q->id);
	b.child = some_child(g, q);
	b.missing = rng_below(&g->w->rng, 3) != 0;
	m.body_case = BODY(MARK_MISSING);
	m.mark_missing = &b;
	region_send(g, rng_coin(&g->w->rng) ? CONTACT : FAMILY, INTAKE, &m);
}

void region_ground_act(struct region *g, struct news_request *q)
{
	bool crisis = q->urgency == URGENCY_OF(CRISIS);
	uint64_t luck = crisis ? rng_below(&g->w->rng, 4) : 3;

	if (luck < 2) {
		unclear(g, q);
	} else if (luck == 2) {
		emergency(g, q);
	} else {
		court_order(g, q);
	}
}

void region_people_act(struct region *g, struct news_request *q)
{
	bool crisis = q->urgency == URGENCY_OF(CRISIS);
	uint64_t luck = rng_below(&g->w->rng, 10);

	if (crisis && luck < 3) {
		unclear(g, q);
	} else if (crisis && luck < 5) {
		emergency(g, q);
	} else if (crisis && luck < 7) {
		concern(g, q);
	} else if (luck < 5) {
		court_order(g, q);
	} else if (luck < 8) {
		judgement(g, q);
	} else {
		missing(g, q);
	}
}
