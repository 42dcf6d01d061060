/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "tests/sim/region.h"

#define VOICE_OF(X) SCHAKEL__V1__VOICE__VOICE_##X
#define NEEDS_DRAWN 4
#define CAPSULE_LEN 48
#define SEALED_LEN 80

static uint8_t sealed[SEALED_LEN];

static ProtobufCBinaryData data_of(uint8_t id[16])
{
	return (ProtobufCBinaryData){ 16, id };
}

void region_send(struct region *g, size_t caller, int daemon, PB(Message) *m)
{
	struct world *w = g->w;
	enum op_wrong wrong = WRONG_NONE;

	if (rng_chance(&w->rng, w->opt.wrong_id)) {
		wrong = (enum op_wrong)rng_between(&w->rng, WRONG_TOO_OLD, WRONG_KINDS - 1);
	}
	(void)caller_send(g->caller[caller], &w->daemon[daemon], m, wrong);
}

static struct news_request *some_request(struct region *g, bool open)
{
	struct news *n = &g->news;

	for (int tries = 0; tries < 8 && n->requests > 0; tries++) {
		struct news_request *r = &n->request[rng_below(&g->w->rng, n->requests)];
		if (!open || !r->ended) {
			return r;
		}
	}
	return NULL;
}

static struct news_need *some_need(struct region *g)
{
	struct news *n = &g->news;

	return n->needs == 0 ? NULL : &n->need[rng_below(&g->w->rng, n->needs)];
}

static size_t some_asker(struct region *g)
{
	static const size_t asker[] = { CONTACT, CLB, FAMILY };

	return asker[rng_below(&g->w->rng, SK_LEN(asker))];
}

static void fill_capsule(struct region *g, PB(Capsule) *c, uint8_t person[16])
{
	rng_fill(&g->w->rng, person, 16);
	c->person_id = data_of(person);
	c->version = 1;
	c->capsule = (ProtobufCBinaryData){ CAPSULE_LEN, sealed };
	c->sealed_key = (ProtobufCBinaryData){ SEALED_LEN, sealed };
}

/* --- a request --- */

struct asked {
	PB(SubmitRequest) m;
	PB(NeedSpec) need[NEEDS_DRAWN];
	PB(NeedSpec) *needs[NEEDS_DRAWN];
	struct people_told people;
	PB(Capsule) capsule;
	PB(Capsule) *capsules[1];
	uint8_t person[16];
};

static void fill_needs(struct region *g, struct asked *a)
{
	struct rng *r = &g->w->rng;

	a->m.n_needs = rng_log(r, 1, NEEDS_DRAWN);
	a->m.needs = a->needs;
	for (size_t i = 0; i < a->m.n_needs; i++) {
		PB(NeedSpec) *n = &a->need[i];
		schakel__v1__need_spec__init(n);
		n->expertise = (uint32_t)rng_between(r, 1, EXPERTISES);
		n->intensity = (uint32_t)rng_between(r, 1, 4);
		n->duration_weeks = (uint32_t)rng_between(r, 1, 30);
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
	fill_capsule(g, &a->capsule, a->person);
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

static void submit(struct region *g)
{
	struct rng *r = &g->w->rng;
	struct asked a;
	PB(Message) m = PB_INIT(MESSAGE);
	char *partner = (char *)(uintptr_t)region_partner[rng_below(r, PARTNERS)];

	schakel__v1__submit_request__init(&a.m);
	a.m.kind = SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_SEARCH;
	a.m.zone = (char *)(uintptr_t)region_zone[rng_below(r, ZONES)];
	a.m.network = (char *)(uintptr_t)(rng_coin(r) ? "kust" : "stad");
	region_people(g, &a.people);
	fill_needs(g, &a);
	fill_people(g, &a);
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
	m.body_case = BODY(SUBMIT_REQUEST);
	m.submit_request = &a.m;
	region_send(g, from, INTAKE, &m);
}

/* --- what the family and those around it say --- */

static void say(struct region *g, struct news_request *q, PB(Speaker) speaker, uint32_t adult,
		uint32_t child)
{
	struct rng *r = &g->w->rng;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordPosition) p = PB_INIT(RECORD_POSITION);
	char *partner = (char *)(uintptr_t)region_partner[rng_below(r, PARTNERS)];
	struct choices_told told;
	uint64_t luck = rng_below(r, 24);

	p.request_id = data_of(q->id);
	p.proposal_version = q->proposal;
	p.speaker = speaker;
	p.adult = adult;
	p.child = child;
	p.child_heard = rng_below(r, 5) != 0;
	p.voice = VOICE_OF(AGREE);
	if (luck == 0) {
		p.voice = VOICE_OF(NOT_YET);
	} else if (luck == 1) {
		p.voice = VOICE_OF(NOT);
		p.excluded_partners = &partner;
		p.n_excluded_partners = rng_below(r, 2);
	} else if (luck == 2 && p.proposal_version > 1) {
		p.proposal_version--;
	}
	if (speaker == SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH) {
		region_choose(g, q, &p, &told);
	}
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &p;
	region_send(g, rng_below(r, 4) == 0 ? CONTACT : FAMILY, INTAKE, &m);
}

static void position(struct region *g)
{
	struct news_request *q = some_request(g, true);
	struct rng *r = &g->w->rng;

	if (q == NULL || q->proposal == 0) {
		return;
	}
	uint32_t children = (uint32_t)rng_log(r, 1, CHILDREN_DRAWN);
	for (uint32_t child = 0; child < children; child++) {
		say(g, q, SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH, 0, child);
		say(g, q, SCHAKEL__V1__SPEAKER__SPEAKER_ADULT, 1, child);
		if (rng_coin(r)) {
			say(g, q, SCHAKEL__V1__SPEAKER__SPEAKER_ADULT, 2, child);
		}
		if (rng_below(r, 10) == 0) {
			say(g, q, SCHAKEL__V1__SPEAKER__SPEAKER_TRUSTED_PERSON, 0, child);
		}
	}
}

static void people(struct region *g)
{
	struct news_request *q = some_request(g, true);

	if (q != NULL) {
		region_people_act(g, q);
	}
}

static void emergency(struct region *g)
{
	struct news_request *q = some_request(g, true);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordPosition) p = PB_INIT(RECORD_POSITION);

	if (q == NULL || q->urgency != URGENCY_OF(CRISIS)) {
		return;
	}
	p.request_id = data_of(q->id);
	p.proposal_version = q->proposal;
	p.ground = SCHAKEL__V1__GROUND__GROUND_EMERGENCY;
	p.reason = SCHAKEL__V1__DANGER_REASON__DANGER_REASON_VIOLENCE;
	p.child = (uint32_t)rng_below(&g->w->rng, 2);
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &p;
	region_send(g, CONTACT, INTAKE, &m);
}

static void withdraw(struct region *g)
{
	struct news_request *q = some_request(g, true);
	struct news_need *n = some_need(g);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(WithdrawRequest) b = PB_INIT(WITHDRAW_REQUEST);
	ProtobufCBinaryData need;

	if (q == NULL || n == NULL) {
		return;
	}
	b.request_id = data_of(q->id);
	b.reason = rng_below(&g->w->rng, 4) == 0 ? REASON_OF(ENTERED_IN_ERROR) :
						   REASON_OF(WITHDRAWN);
	if (rng_coin(&g->w->rng)) {
		b.request_id = data_of(n->request);
		need = data_of(n->id);
		b.need_ids = &need;
		b.n_need_ids = 1;
	}
	m.body_case = BODY(WITHDRAW_REQUEST);
	m.withdraw_request = &b;
	region_send(g, some_asker(g), INTAKE, &m);
}

static void amend(struct region *g)
{
	struct news_request *q = some_request(g, true);
	struct rng *r = &g->w->rng;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(AmendRequest) b = PB_INIT(AMEND_REQUEST);
	PB(NeedSpec) spec = PB_INIT(NEED_SPEC);
	PB(NeedSpec) *specs[] = { &spec };

	if (q == NULL) {
		return;
	}
	b.request_id = data_of(q->id);
	b.based_on = q->version;
	if (rng_coin(r)) {
		spec.expertise = (uint32_t)rng_between(r, 1, EXPERTISES);
		spec.intensity = 1;
		spec.duration_weeks = 4;
		spec.must = rng_coin(r);
		b.add_needs = specs;
		b.n_add_needs = 1;
	} else {
		b.urgency = rng_coin(r) ? URGENCY_OF(STANDARD) : URGENCY_OF(PREVENTIVE);
	}
	m.body_case = BODY(AMEND_REQUEST);
	m.amend_request = &b;
	region_send(g, some_asker(g), INTAKE, &m);
}

static void name_contact(struct region *g)
{
	struct news_request *q = some_request(g, true);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(NameContactPerson) b = PB_INIT(NAME_CONTACT_PERSON);

	if (q == NULL) {
		return;
	}
	size_t i = rng_below(&g->w->rng, PARTNERS);
	b.request_id = data_of(q->id);
	b.party = (char *)(uintptr_t)region_partner[i];
	b.stand_in = (char *)(uintptr_t)region_partner[(i + 1) % PARTNERS];
	m.body_case = BODY(NAME_CONTACT_PERSON);
	m.name_contact_person = &b;
	region_send(g, CONTACT, INTAKE, &m);
}

static void night_plan(struct region *g)
{
	struct news_request *q = some_request(g, true);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordNightPlan) b = PB_INIT(RECORD_NIGHT_PLAN);
	PB(Capsule) c = PB_INIT(CAPSULE);
	PB(CalledService) called = SCHAKEL__V1__CALLED_SERVICE__CALLED_SERVICE_POLICE;
	uint8_t person[16];

	if (q == NULL || q->urgency != URGENCY_OF(CRISIS)) {
		return;
	}
	fill_capsule(g, &c, person);
	b.request_id = data_of(q->id);
	b.plan = &c;
	b.call_at_ms = caller_now_ms(g->caller[CONTACT], &g->w->daemon[INTAKE]) + SIM_HOUR_MS;
	b.called = &called;
	b.n_called = 1;
	m.body_case = BODY(RECORD_NIGHT_PLAN);
	m.record_night_plan = &b;
	region_send(g, CONTACT, INTAKE, &m);
}

static void consult(struct region *g)
{
	struct news_request *q = some_request(g, true);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ConfirmConsult) b = PB_INIT(CONFIRM_CONSULT);

	if (q == NULL) {
		return;
	}
	b.request_id = data_of(q->id);
	b.enough = rng_coin(&g->w->rng);
	m.body_case = BODY(CONFIRM_CONSULT);
	m.confirm_consult = &b;
	region_send(g, FAMILY, INTAKE, &m);
}

static void close_need(struct region *g)
{
	static const PB(CloseReason) reason[] = { REASON_OF(SELF_RESOLVED), REASON_OF(CHOSE_OTHER),
						  REASON_OF(MOVED), REASON_OF(DECEASED) };
	struct news_need *n = some_need(g);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(CloseNeed) b = PB_INIT(CLOSE_NEED);

	if (n == NULL) {
		return;
	}
	b.need_id = data_of(n->id);
	b.reason = reason[rng_below(&g->w->rng, SK_LEN(reason))];
	if (b.reason == REASON_OF(MOVED)) {
		b.successor = (char *)(uintptr_t)region_partner[0];
	}
	m.body_case = BODY(CLOSE_NEED);
	m.close_need = &b;
	region_send(g, FAMILY, INTAKE, &m);
}

static void reopen(struct region *g)
{
	struct news_need *n = some_need(g);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ReopenNeed) b = PB_INIT(REOPEN_NEED);

	if (n == NULL || n->state < NEED(AFTERCARE)) {
		return;
	}
	b.need_id = data_of(n->id);
	m.body_case = BODY(REOPEN_NEED);
	m.reopen_need = &b;
	region_send(g, FAMILY, INTAKE, &m);
}

static void stop_help(struct region *g)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(StopContribution) b = PB_INIT(STOP_CONTRIBUTION);

	if (g->news.helps == 0) {
		return;
	}
	b.contribution_id = data_of(g->news.help[rng_below(&g->w->rng, g->news.helps)].id);
	m.body_case = BODY(STOP_CONTRIBUTION);
	m.stop_contribution = &b;
	region_send(g, FAMILY, MATCHING, &m);
}

static void note_waiting(struct region *g)
{
	struct news_need *n = some_need(g);
	uint64_t now = caller_now_ms(g->caller[COORDINATOR], &g->w->daemon[WAITLIST]);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordBridging) b = PB_INIT(RECORD_BRIDGING);
	PB(RecordReview) v = PB_INIT(RECORD_REVIEW);

	if (n == NULL) {
		return;
	}
	if (rng_coin(&g->w->rng)) {
		b.need_id = data_of(n->id);
		b.party = (char *)(uintptr_t)region_partner[0];
		b.until_ms = now + rng_log(&g->w->rng, SIM_HOUR_MS, 60 * SIM_DAY_MS);
		m.body_case = BODY(RECORD_BRIDGING);
		m.record_bridging = &b;
	} else {
		v.need_id = data_of(n->id);
		v.next_ms = now + rng_log(&g->w->rng, SIM_DAY_MS, 60 * SIM_DAY_MS);
		m.body_case = BODY(RECORD_REVIEW);
		m.record_review = &v;
	}
	region_send(g, COORDINATOR, WAITLIST, &m);
}

static const struct {
	uint32_t weight;
	void (*does)(struct region *g);
} habit[] = {
	{ 14, submit },
	{ 14, position },
	{ 40, region_partner_act },
	{ 12, region_put_capacity },
	{ 2, region_pause },
	{ 4, region_supply_act },
	{ 2, emergency },
	{ 5, people },
	{ 2, withdraw },
	{ 3, amend },
	{ 2, name_contact },
	{ 2, night_plan },
	{ 1, consult },
	{ 1, close_need },
	{ 2, reopen },
	{ 2, stop_help },
	{ 3, note_waiting },
	{ 3, region_file_act },
	{ 8, region_list_act },
	{ 1, region_meet },
	{ 2, region_telephone },
	{ 14, region_plan_act },
	{ 12, region_warm_act },
};

void region_act(struct world *w, void *region, uint64_t n)
{
	struct region *g = region;
	uint64_t sum = 0;

	(void)n;
	if (w->phase_b || g->left == 0) {
		return;
	}
	g->left--;
	for (size_t i = 0; i < SK_LEN(habit); i++) {
		sum += habit[i].weight;
	}
	uint64_t luck = rng_below(&w->rng, sum);
	size_t i = 0;
	while (luck >= habit[i].weight) {
		luck -= habit[i++].weight;
	}
	habit[i].does(g);
	uint64_t every = (uint64_t)w->opt.work_ms * 1000 / w->opt.work;
	world_at(w, w->now_us + rng_below(&w->rng, 2 * every + 1), region_act, g, 0);
}
