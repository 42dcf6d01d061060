/* SPDX-License-Identifier: EUPL-1.2 */
/* What families and those around them say of their plan, at random; most of it fits, some does not.
 */
#include <string.h>

#include "tests/sim/region.h"

#define CONSULT_TO(X) SCHAKEL__V1__CONSULT_STATE__CONSULT_STATE_##X
#define NUMBERS 4 /* of goals and the like: some exist, some do not */

static ProtobufCBinaryData data_of(uint8_t id[16])
{
	return (ProtobufCBinaryData){ 16, id };
}

static struct news_request *some_request(struct region *g)
{
	struct news *n = &g->news;

	return n->requests == 0 ? NULL : &n->request[rng_below(&g->w->rng, n->requests)];
}

static size_t somebody(struct region *g)
{
	static const size_t who[] = { CONTACT, CLB, FAMILY, FAMILY, PARTNER_FIRST };

	return who[rng_below(&g->w->rng, SK_LEN(who))];
}

static void send(struct region *g, size_t caller, PB(Message__BodyCase) body, void *msg)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = body;
	m.set_goal = msg;
	region_send(g, caller, INTAKE, &m);
}

static uint64_t soon(struct region *g)
{
	uint64_t now = caller_now_ms(g->caller[FAMILY], &g->w->daemon[INTAKE]);

	return now + rng_log(&g->w->rng, SIM_HOUR_MS, 60 * SIM_DAY_MS);
}

static void join(struct region *g, struct news_request *q)
{
	struct news_request *with = some_request(g);
	PB(JoinFamilies) b = PB_INIT(JOIN_FAMILIES);
	PB(SameChild) same = PB_INIT(SAME_CHILD);
	PB(SameChild) *list[] = { &same };

	b.request_id = data_of(q->id);
	b.with_request_id = data_of(with->id);
	b.same_children = list;
	b.n_same_children = rng_below(&g->w->rng, 3) == 0 ? 0 : 1;
	send(g, CONTACT, BODY(JOIN_FAMILIES), &b);
}

static void split(struct region *g, struct news_request *q)
{
	PB(SplitFamilies) b = PB_INIT(SPLIT_FAMILIES);

	b.request_id = data_of(q->id);
	send(g, CONTACT, BODY(SPLIT_FAMILIES), &b);
}

static void decline(struct region *g, struct news_request *q)
{
	PB(DeclinePlan) b = PB_INIT(DECLINE_PLAN);

	b.request_id = data_of(q->id);
	b.declined = rng_coin(&g->w->rng);
	send(g, FAMILY, BODY(DECLINE_PLAN), &b);
}

static void goal(struct region *g, struct news_request *q)
{
	struct rng *r = &g->w->rng;
	PB(SetGoal) b = PB_INIT(SET_GOAL);

	b.request_id = data_of(q->id);
	b.number = (uint32_t)rng_below(r, NUMBERS);
	b.life_domain = (PB(LifeDomain))rng_below(r, 8);
	b.state = (PB(GoalState))rng_below(r, 5);
	b.review_ms = rng_coin(r) ? soon(g) : 0;
	send(g, somebody(g), BODY(SET_GOAL), &b);
}

static void own(struct region *g, struct news_request *q)
{
	struct rng *r = &g->w->rng;
	PB(SetOwnContribution) b = PB_INIT(SET_OWN_CONTRIBUTION);

	b.request_id = data_of(q->id);
	b.number = (uint32_t)rng_below(r, NUMBERS);
	b.state = (PB(OwnState))rng_below(r, 6);
	if (b.number == 0) {
		b.supporter = (PB(SupporterKind))rng_between(r, 3, 6);
	}
	if (b.supporter == SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_MEANS) {
		b.euro_cents = rng_log(r, 100, 200000);
		b.network = (char *)(uintptr_t) "kust";
		b.rule_bent = (PB(RuleKind))(rng_below(r, 3) == 0 ? rng_between(r, 1, 12) : 0);
	}
	send(g, somebody(g), BODY(SET_OWN_CONTRIBUTION), &b);
}

static void diagnostic(struct region *g, struct news_request *q)
{
	struct rng *r = &g->w->rng;
	PB(RecordDiagnostic) b = PB_INIT(RECORD_DIAGNOSTIC);
	uint32_t first = 1;

	b.request_id = data_of(q->id);
	b.number = (uint32_t)rng_below(r, NUMBERS);
	b.model = (PB(DiagnosticModel))rng_below(r, 4);
	b.state = (PB(DiagnosticState))rng_below(r, 5);
	b.expertise = b.number == 0 ? (uint32_t)rng_between(r, 1, 2) : 0;
	b.builds_on = &first;
	b.n_builds_on = rng_below(r, 2);
	send(g, somebody(g), BODY(RECORD_DIAGNOSTIC), &b);
}

static void answer_other(struct region *g, struct news_request *q)
{
	PB(AnswerOther) a = PB_INIT(ANSWER_OTHER);
	struct news *n = &g->news;

	for (size_t i = 0; i < n->requests && q->others == 0; i++) {
		q = n->request[i].others > 0 ? &n->request[i] : q;
	}
	a.request_id = data_of(q->id);
	a.number = (uint32_t)rng_between(&g->w->rng, 1, q->others + 1);
	a.done = rng_coin(&g->w->rng);
	send(g, COORDINATOR, BODY(ANSWER_OTHER), &a);
}

static void other(struct region *g, struct news_request *q)
{
	struct rng *r = &g->w->rng;
	PB(AskOther) b = PB_INIT(ASK_OTHER);

	b.request_id = data_of(q->id);
	b.wanted = (PB(OtherWanted))rng_between(r, 1, 2);
	b.speaker = SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH;
	if (b.wanted == SCHAKEL__V1__OTHER_WANTED__OTHER_WANTED_WORKER && g->news.helps > 0) {
		struct news_help *h = &g->news.help[rng_below(r, g->news.helps)];
		b.request_id = data_of(h->request);
		b.contribution_id = data_of(h->id);
		q = news_request_of(&g->news, h->request);
	}
	q->others += q->others < 2 ? 1 : 0;
	send(g, FAMILY, BODY(ASK_OTHER), &b);
}

static void wish(struct region *g, struct news_request *q)
{
	PB(SetFamilyWish) b = PB_INIT(SET_FAMILY_WISH);

	b.request_id = data_of(q->id);
	b.until_ms = rng_below(&g->w->rng, 4) == 0 ? 0 : soon(g);
	send(g, FAMILY, BODY(SET_FAMILY_WISH), &b);
}

static void consult(struct region *g, struct news_request *q)
{
	struct rng *r = &g->w->rng;
	struct news *n = &g->news;
	PB(MoveConsult) b = PB_INIT(MOVE_CONSULT);

	(void)q;
	if (n->consults == 0) {
		return;
	}
	bool answers = rng_coin(r);
	b.short_code = n->consult[rng_below(r, n->consults)];
	b.to = answers ? rng_coin(r) ? CONSULT_TO(RESPONSE_GIVEN) :
				       CONSULT_TO(INFORMATION_REQUESTED) :
			 CONSULT_TO(RESPONSE_REQUIRED);
	if (rng_below(r, 4) == 0) {
		b.to = (PB(ConsultState))rng_between(r, 1, 6);
	}
	send(g, answers ? CONTACT : CLB, BODY(MOVE_CONSULT), &b);
}

static const struct {
	uint32_t weight;
	void (*does)(struct region *g, struct news_request *q);
} part[] = {
	{ 8, join },       { 3, split }, { 3, decline },      { 4, goal }, { 4, own },
	{ 3, diagnostic }, { 3, other }, { 3, answer_other }, { 2, wish }, { 4, consult },
};

void region_plan_act(struct region *g)
{
	struct news_request *q = some_request(g);
	uint64_t sum = 0;
	size_t i = 0;

	if (q == NULL) {
		return;
	}
	for (size_t k = 0; k < SK_LEN(part); k++) {
		sum += part[k].weight;
	}
	uint64_t luck = rng_below(&g->w->rng, sum);
	while (luck >= part[i].weight) {
		luck -= part[i++].weight;
	}
	part[i].does(g, q);
}
