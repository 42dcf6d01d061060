/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <string.h>

#include "tests/sim/region.h"

#define ANSWER_OF(X) SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_##X

static ProtobufCBinaryData data_of(uint8_t id[16])
{
	return (ProtobufCBinaryData){ 16, id };
}

static void answer(struct region *g, struct news_help *h)
{
	struct rng *r = &g->w->rng;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(AnswerAsk) a = PB_INIT(ANSWER_ASK);
	uint64_t luck = rng_below(r, 20);

	a.contribution_id = data_of(h->id);
	a.answer = ANSWER_OF(CAN);
	if (luck == 0) {
		a.answer = ANSWER_OF(NOT_OURS);
	} else if (luck < 3) {
		a.answer = ANSWER_OF(NOT_NOW);
		a.until_ms = caller_now_ms(g->caller[PARTNER_FIRST + h->partner],
					   &g->w->daemon[MATCHING]) +
			     rng_log(r, SIM_HOUR_MS, 60 * SIM_DAY_MS);
	} else if (luck < 6) {
		a.answer = ANSWER_OF(CAN_IF);
		a.can_if = rng_coin(r) ? SCHAKEL__V1__CAN_IF__CAN_IF_MEET_FIRST :
					 (PB(CanIf))rng_between(r, 1, 6);
		a.start_at_ms = caller_now_ms(g->caller[PARTNER_FIRST + h->partner],
					      &g->w->daemon[MATCHING]) +
				rng_log(r, SIM_HOUR_MS, 30 * SIM_DAY_MS);
	}
	m.body_case = BODY(ANSWER_ASK);
	m.answer_ask = &a;
	region_send(g, PARTNER_FIRST + h->partner, MATCHING, &m);
}

static void start(struct region *g, struct news_help *h)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(StartContribution) s = PB_INIT(START_CONTRIBUTION);

	s.contribution_id = data_of(h->id);
	s.seen = rng_below(&g->w->rng, 5) != 0;
	m.body_case = BODY(START_CONTRIBUTION);
	m.start_contribution = &s;
	region_send(g, PARTNER_FIRST + h->partner, MATCHING, &m);
}

static void interrupt(struct region *g, struct news_help *h)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(InterruptContribution) i = PB_INIT(INTERRUPT_CONTRIBUTION);

	i.contribution_id = data_of(h->id);
	i.reason = (PB(InterruptReason))rng_between(&g->w->rng, 1, 5);
	m.body_case = BODY(INTERRUPT_CONTRIBUTION);
	m.interrupt_contribution = &i;
	region_send(g, PARTNER_FIRST + h->partner, MATCHING, &m);
}

static void resume(struct region *g, struct news_help *h)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ResumeContribution) b = PB_INIT(RESUME_CONTRIBUTION);

	b.contribution_id = data_of(h->id);
	m.body_case = BODY(RESUME_CONTRIBUTION);
	m.resume_contribution = &b;
	region_send(g, PARTNER_FIRST + h->partner, MATCHING, &m);
}

static void take_back(struct region *g, struct news_help *h)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(TakeBack) b = PB_INIT(TAKE_BACK);

	b.contribution_id = data_of(h->id);
	m.body_case = BODY(TAKE_BACK);
	m.take_back = &b;
	region_send(g, PARTNER_FIRST + h->partner, MATCHING, &m);
}

static void hand_on(struct region *g, struct news_help *h)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(HandOnContribution) b = PB_INIT(HAND_ON_CONTRIBUTION);

	b.contribution_id = data_of(h->id);
	m.body_case = BODY(HAND_ON_CONTRIBUTION);
	m.hand_on_contribution = &b;
	region_send(g, PARTNER_FIRST + h->partner, MATCHING, &m);
}

static void end(struct region *g, struct news_help *h)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(EndContribution) b = PB_INIT(END_CONTRIBUTION);

	b.contribution_id = data_of(h->id);
	m.body_case = BODY(END_CONTRIBUTION);
	m.end_contribution = &b;
	region_send(g, PARTNER_FIRST + h->partner, MATCHING, &m);
}

/** What a partner does with help in that state; several rows are drawn from. */
static const struct {
	int state;
	uint32_t weight;
	void (*does)(struct region *g, struct news_help *h);
} habit[] = {
	{ HELP(ASKED), 10, answer },        { HELP(ASKED), 1, take_back },
	{ HELP(CAN), 1, take_back },        { HELP(CAN), 1, start },
	{ HELP(CAN_IF), 3, answer },        { HELP(CAN_IF), 1, take_back },
	{ HELP(AGREED), 10, start },        { HELP(AGREED), 1, take_back },
	{ HELP(STARTED), 2, interrupt },    { HELP(STARTED), 2, end },
	{ HELP(STARTED), 1, hand_on },      { HELP(STARTED), 1, start },
	{ HELP(INTERRUPTED), 4, resume },   { HELP(INTERRUPTED), 1, hand_on },
	{ HELP(HANDING_ON), 1, end },       { HELP(LAPSED), 1, answer },
	{ HELP(RELEASED), 1, answer },      { HELP(RELEASED), 1, start },
	{ HELP(STOPPED_BY_YOUTH), 1, end },
};

void region_partner_step(struct region *g, struct news_help *h)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < SK_LEN(habit); i++) {
		sum += habit[i].state == h->state ? habit[i].weight : 0;
	}
	uint64_t luck = rng_below(&g->w->rng, sum);
	for (size_t i = 0; sum > 0 && i < SK_LEN(habit); i++) {
		if (habit[i].state != h->state) {
			continue;
		}
		if (luck < habit[i].weight) {
			habit[i].does(g, h);
			return;
		}
		luck -= habit[i].weight;
	}
}

void region_partner_act(struct region *g)
{
	struct rng *r = &g->w->rng;
	struct news_help *h = NULL;

	/* What is still under way rather than what ended; the latest rather than the oldest. */
	for (int tries = 0; tries < 6 && g->news.helps > 0; tries++) {
		h = &g->news.help[rng_below(r, g->news.helps)];
		if (h->state <= HELP(CAN_IF) || h->state >= HELP(AGREED)) {
			break;
		}
	}
	if (h != NULL) {
		region_partner_step(g, h);
	}
}

/* --- capacity --- */

static void fill_use(struct region *g, PB(PoolUse) *u, uint32_t *expertise)
{
	struct rng *r = &g->w->rng;
	size_t n = rng_between(r, 1, 3);

	for (size_t i = 0; i < n; i++) {
		expertise[i] = (uint32_t)rng_between(r, 1, EXPERTISES);
	}
	u->use = 1;
	u->expertises = expertise;
	u->n_expertises = n;
	u->modality = (PB(Modality))rng_between(r, 1, 3);
	u->age_to = 25;
	u->zones = (char **)(uintptr_t)region_zone;
	u->n_zones = rng_between(r, 1, ZONES);
	u->access = rng_below(r, 8) == 0 ? (PB(Access))rng_between(r, 2, 3) :
					   SCHAKEL__V1__ACCESS__ACCESS_DIRECT;
	u->cost_units = 1;
}

void region_put_capacity(struct region *g)
{
	region_put_pool(g, rng_below(&g->w->rng, NEWS_POOLS));
}

/* A list of one does what one by itself does. Near the end of a run both pools of the partner are
 * in it: the other one as it was last stated, or a version behind. */
static void put_list(struct region *g, size_t i, PB(PutCapacity) *c)
{
	const struct news_pool *other = &g->news.pool[i ^ 1U];
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PutCapacities) list = PB_INIT(PUT_CAPACITIES);
	PB(PutCapacity) same = PB_INIT(PUT_CAPACITY);
	PB(PutCapacity) *puts[] = { c, &same };

	same.pool = (char *)(uintptr_t)other->name;
	same.based_on = other->version;
	same.staffed = other->staffed;
	list.puts = puts;
	list.n_puts = g->left < g->w->opt.work / 8 ? SK_LEN(puts) : 1;
	m.body_case = BODY(PUT_CAPACITIES);
	m.put_capacities = &list;
	region_send(g, PARTNER_FIRST + i / 2, MATCHING, &m);
}

void region_put_pool(struct region *g, size_t i)
{
	struct rng *r = &g->w->rng;
	struct news_pool *p = &g->news.pool[i];
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PutCapacity) c = PB_INIT(PUT_CAPACITY);
	PB(PoolUse) use = PB_INIT(POOL_USE);
	PB(PoolUse) *uses[] = { &use };
	uint32_t expertise[3];
	char *language = (char *)(uintptr_t)(i % 3 == 0 ? "nl" : "ar");
	struct region_more more;

	c.pool = p->name;
	c.based_on = p->version;
	c.staffed = (uint32_t)rng_log(r, 1, 16);
	c.used_elsewhere = rng_below(r, 4) == 0 ? (uint32_t)rng_below(r, c.staffed + 1) : 0;
	c.insured = rng_below(r, 8) == 0;
	if (p->version == 0 || rng_below(r, 10) == 0) {
		fill_use(g, &use, expertise);
		use.languages = &language;
		use.n_languages = i % 3 == 2 ? 0 : 1;
		c.uses = uses;
		c.n_uses = 1;
		c.unit = i % 2 == 0 ? SCHAKEL__V1__UNIT__UNIT_HOURS_WEEK :
				      SCHAKEL__V1__UNIT__UNIT_PLACE;
	}
	region_more(g, i, &more, &c);
	p->staffed = c.staffed;
	m.body_case = BODY(PUT_CAPACITY);
	m.put_capacity = &c;
	if (p->version % 4 == 3) {
		put_list(g, i, &c);
		return;
	}
	region_send(g, PARTNER_FIRST + i / 2, MATCHING, &m);
}

/* One place of what few can do, and nothing else. */
void region_put_rare(struct region *g, size_t pool)
{
	static const uint32_t rare = EXPERTISE_RARE;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PutCapacity) c = PB_INIT(PUT_CAPACITY);
	PB(PoolUse) use = PB_INIT(POOL_USE);
	PB(PoolUse) *uses[] = { &use };
	uint32_t expertise[3];

	fill_use(g, &use, expertise);
	use.expertises = (uint32_t *)(uintptr_t)&rare;
	use.n_expertises = 1;
	use.access = SCHAKEL__V1__ACCESS__ACCESS_DIRECT;
	c.pool = g->news.pool[pool].name;
	c.based_on = g->news.pool[pool].version;
	c.staffed = 1;
	c.uses = uses;
	c.n_uses = 1;
	c.unit = pool % 2 == 0 ? SCHAKEL__V1__UNIT__UNIT_HOURS_WEEK : SCHAKEL__V1__UNIT__UNIT_PLACE;
	m.body_case = BODY(PUT_CAPACITY);
	m.put_capacity = &c;
	(void)region_send(g, PARTNER_FIRST + pool / 2, MATCHING, &m);
}

void region_pause(struct region *g)
{
	struct rng *r = &g->w->rng;
	size_t i = rng_below(r, NEWS_POOLS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PausePool) p = PB_INIT(PAUSE_POOL);

	p.pool = g->news.pool[i].name;
	p.based_on = g->news.pool[i].version;
	p.paused = rng_below(r, 3) == 0;
	p.reason = p.paused ? SCHAKEL__V1__PAUSE_REASON__PAUSE_REASON_STAFF : 0;
	m.body_case = BODY(PAUSE_POOL);
	m.pause_pool = &p;
	region_send(g, PARTNER_FIRST + i / 2, MATCHING, &m);
}
