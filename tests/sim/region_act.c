/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "tests/sim/region.h"

#define VOICE_OF(X) SCHAKEL__V1__VOICE__VOICE_##X
#define SPEAKER_OF(X) SCHAKEL__V1__SPEAKER__SPEAKER_##X

static ProtobufCBinaryData data_of(uint8_t id[16])
{
	return (ProtobufCBinaryData){ 16, id };
}

struct op *region_send(struct region *g, size_t caller, int daemon, PB(Message) *m)
{
	struct world *w = g->w;
	enum op_wrong wrong = WRONG_NONE;

	if (rng_chance(&w->rng, w->opt.wrong_id)) {
		wrong = (enum op_wrong)rng_between(&w->rng, WRONG_TOO_OLD, WRONG_KINDS - 1);
	}
	return caller_send(g->caller[caller], &w->daemon[daemon], m, wrong);
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

/* Who says an end: mostly one who asks, now and then one who may help here, and then as often with
 * somebody beside it as without. */
static size_t some_ender(struct region *g, size_t usual, char **io_second)
{
	struct rng *r = &g->w->rng;

	if (rng_below(r, 3) != 0) {
		return usual;
	}
	if (rng_coin(r)) {
		*io_second = (char *)(uintptr_t)(rng_coin(r) ?
							 region_partner[rng_below(r, PARTNERS)] :
							 "contactpoint");
	}
	return PARTNER_FIRST + rng_below(r, PARTNERS);
}

/* --- what the family and those around it say --- */

void region_say(struct region *g, struct news_request *q, const struct word_said *word)
{
	struct rng *r = &g->w->rng;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordPosition) p = PB_INIT(RECORD_POSITION);
	char *partner = (char *)(uintptr_t)region_partner[rng_below(r, PARTNERS)];
	struct choices_told told;
	uint64_t luck = rng_below(r, 24);

	p.request_id = data_of(q->id);
	p.proposal_version = q->proposal;
	p.speaker = word->speaker;
	p.adult = word->adult;
	p.child = word->child;
	p.child_heard = rng_below(r, 5) != 0;
	p.voice = VOICE_OF(AGREE);
	if (word->yes) {
		p.child_heard = true;
	} else if (luck == 0) {
		p.voice = VOICE_OF(NOT_YET);
	} else if (luck == 1) {
		p.voice = VOICE_OF(NOT);
		p.excluded_partners = &partner;
		p.n_excluded_partners = rng_below(r, 2);
	} else if (luck == 2 && p.proposal_version > 1) {
		p.proposal_version--;
	}
	if (word->speaker == SPEAKER_OF(YOUTH)) {
		region_choose(g, q, &p, &told);
	}
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &p;
	region_send(g, rng_below(r, 4) == 0 ? CONTACT : FAMILY, INTAKE, &m);
}

/* Of who is in it as it was told; now and then of one who is not. */
void region_all_say(struct region *g, struct news_request *q, bool yes)
{
	struct rng *r = &g->w->rng;
	bool stranger = !yes && rng_below(r, 8) == 0;
	uint32_t children = (q->children == 0 ? 1 : q->children) + (stranger ? 1 : 0);
	uint32_t adults = (q->adults == 0 ? 1 : q->adults) + (stranger ? 1 : 0);

	for (uint32_t child = 0; child < children; child++) {
		struct word_said word = { SPEAKER_OF(YOUTH), 0, child, yes };
		region_say(g, q, &word);
		word.speaker = SPEAKER_OF(ADULT);
		for (word.adult = 1; word.adult <= adults; word.adult++) {
			if (yes || word.adult == 1 || rng_coin(r)) {
				region_say(g, q, &word);
			}
		}
		if (rng_below(r, 10) == 0) {
			word = (struct word_said){ SPEAKER_OF(TRUSTED_PERSON), 0, child, yes };
			region_say(g, q, &word);
		}
	}
}

static void position(struct region *g)
{
	struct news_request *q = some_request(g, true);

	if (q != NULL && q->proposal != 0) {
		region_all_say(g, q, false);
	}
}

static struct news_request *some_crisis(struct region *g)
{
	struct news_request *q = NULL;

	for (int tries = 0; tries < 4; tries++) {
		q = some_request(g, true);
		if (q == NULL || q->urgency == URGENCY_OF(CRISIS)) {
			return q;
		}
	}
	return q;
}

/* Mostly in a crisis: there the grounds are many. */
static void people(struct region *g)
{
	struct news_request *q = rng_coin(&g->w->rng) ? some_crisis(g) : some_request(g, true);

	if (q != NULL) {
		region_people_act(g, q);
	}
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
	size_t by = some_ender(g, some_asker(g), &b.second_party);
	region_send(g, by, INTAKE, &m);
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
	struct news_request *q = some_crisis(g);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordNightPlan) b = PB_INIT(RECORD_NIGHT_PLAN);
	PB(Capsule) c = PB_INIT(CAPSULE);
	PB(CalledService) called = SCHAKEL__V1__CALLED_SERVICE__CALLED_SERVICE_POLICE;
	uint8_t person[16];

	if (q == NULL || q->urgency != URGENCY_OF(CRISIS)) {
		return;
	}
	region_capsule(g, &c, person);
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

	for (size_t i = 0; i < g->news.requests; i++) {
		struct news_request *at = &g->news.request[i];
		q = at->consult && !at->ended ? at : q;
	}
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
	size_t by = b.reason == REASON_OF(DECEASED) ? FAMILY :
						      some_ender(g, FAMILY, &b.second_party);
	region_send(g, by, INTAKE, &m);
}

static void reopen(struct region *g)
{
	struct news_need *n = some_need(g);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ReopenNeed) b = PB_INIT(REOPEN_NEED);

	for (size_t i = 0; i < g->news.needs && n->state < NEED(AFTERCARE); i++) {
		n = &g->news.need[i];
	}
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
	size_t by = some_ender(g, FAMILY, &b.second_party);
	region_send(g, by, MATCHING, &m);
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
	{ 10, region_submit },
	{ 3, region_pinch },
	{ 8, position },
	{ 60, region_way_act },
	{ 20, region_partner_act },
	{ 12, region_put_capacity },
	{ 2, region_pause },
	{ 4, region_supply_act },
	{ 7, people },
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
	{ 2, region_telephone },
	{ 14, region_plan_act },
	{ 12, region_warm_act },
};

void region_act_first(struct region *g)
{
	for (size_t i = 0; i < NEWS_POOLS; i++) {
		if (rng_below(&g->w->rng, 4) != 0) {
			region_put_pool(g, i);
		}
	}
}

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
