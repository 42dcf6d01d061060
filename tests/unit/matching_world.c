/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/matching_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define WORLD_BYTES (8U << 20)

static uint64_t block[WORLD_BYTES / sizeof(uint64_t)] __attribute__((aligned(16)));
static struct arena arena;

void world_reset(void)
{
	if (arena.base == NULL) {
		arena_init(&arena, block, sizeof(block));
	}
	arena_reset(&arena);
}

struct rig *world_new(void)
{
	world_reset();
	return rig_new(&matching_service);
}

void world_interpreters(struct rig *r, uint32_t number)
{
	PB(ConfigApplied) *conf = rig_conf(r);

	for (size_t i = 0; i < conf->n_expertises; i++) {
		if (conf->expertises[i]->number == number) {
			free(conf->expertises[i]->code);
			conf->expertises[i]->code = strdup("INTERPRETER");
			assert_non_null(conf->expertises[i]->code);
		}
	}
	rig_config(r);
}

void world_free(struct rig *r)
{
	laws_check(r);
	rig_free(r);
}

struct object_id req_id(uint32_t request)
{
	return rig_id(request);
}

struct object_id need_id(uint32_t need)
{
	return rig_id(100000 + need);
}

static char *str(const char *s)
{
	return (char *)(uintptr_t)s; /* packing only reads it */
}

/* --- what is said to matching --- */

static PB(PoolUse) use_of(const struct pool_spec *p, uint32_t *expertises, char **zones)
{
	PB(PoolUse) u = PB_INIT(POOL_USE);

	expertises[0] = p->expertise == 0 ? 1 : p->expertise;
	expertises[1] = p->expertise_2;
	zones[0] = str(p->zone == NULL ? "westhoek" : p->zone);
	zones[1] = str("rits");
	u.use = 1;
	u.expertises = expertises;
	u.n_expertises = p->expertise_2 == 0 ? 1 : 2;
	u.zones = zones;
	u.n_zones = p->zone == NULL ? 2 : 1;
	u.supporter = p->supporter != 0 ? p->supporter :
					  SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_PROFESSIONAL;
	u.continuum = p->continuum;
	u.modality = p->modality == 0 ? MODE(AMBULANT) : p->modality;
	u.age_from = p->age_from;
	u.age_to = p->age_to == 0 ? 25 : p->age_to;
	u.access = p->access == 0 ? SCHAKEL__V1__ACCESS__ACCESS_DIRECT : p->access;
	u.cost_units = p->cost_units == 0 ? 1 : p->cost_units;
	return u;
}

PB(Receipt) *put_pool(struct rig *r, const struct pool_spec *p)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PutCapacity) c = PB_INIT(PUT_CAPACITY);
	const char *partner = p->partner == NULL ? "facility-a" : p->partner;
	const PB(MatchPoolRecord) *old = pool_rec(r, p->name);
	uint32_t expertises[2];
	char *zones[2];
	PB(PoolUse) use = use_of(p, expertises, zones);
	PB(PoolUse) *uses[] = { &use };

	c.pool = str(p->name);
	c.partner = str(partner);
	c.based_on = p->based_on != NULL ? *p->based_on : old == NULL ? 0 : old->version;
	c.unit = p->unit != 0 ? p->unit : old == NULL ? UNITS(PLACE) : 0;
	c.staffed = p->staffed;
	c.used_elsewhere = p->used;
	c.total = p->total;
	c.insured = p->insured;
	c.from_ms = p->from_ms;
	c.until_ms = p->until_ms;
	c.uses = uses;
	c.n_uses = p->same_uses ? 0 : 1;
	char *language[] = { str(p->language) };
	use.languages = language;
	use.n_languages = p->language != NULL;
	PB(PoolLimit) limit = PB_INIT(POOL_LIMIT);
	PB(PoolLimit) *limits[] = { &limit };
	limit.use = 1;
	limit.units_week = p->week - 1;
	c.limits = limits;
	c.n_limits = p->week > 0;
	PB(Conversion) way = PB_INIT(CONVERSION);
	PB(Conversion) *ways[] = { &way };
	way.from_use = 1;
	way.from_units = 1;
	way.to_pool = str(p->to_pool);
	way.to_units = p->to_units;
	way.most_week = p->most;
	c.conversions = ways;
	c.n_conversions = p->to_pool != NULL;
	char *joint[] = { str(p->joint) };
	c.joint_partners = joint;
	c.n_joint_partners = p->joint != NULL;
	c.network = str(p->network == NULL ? "" : p->network);
	c.school_atelier = p->school;
	c.answer = p->answer;
	c.because_expertise = p->because;
	c.because_zone = str(p->because == 0 ? "" : "rits");
	m.body_case = BODY(PUT_CAPACITY);
	m.put_capacity = &c;
	return rig_command(r, p->by == NULL ? partner : p->by, &m);
}

PB(Receipt) *pause_pool(struct rig *r, const char *partner, const char *pool, bool paused,
			uint64_t until_ms)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PausePool) p = PB_INIT(PAUSE_POOL);

	p.pool = str(pool);
	p.based_on = pool_rec(r, pool)->version;
	p.paused = paused;
	p.reason = paused ? SCHAKEL__V1__PAUSE_REASON__PAUSE_REASON_STAFF : 0;
	p.until_ms = until_ms;
	m.body_case = BODY(PAUSE_POOL);
	m.pause_pool = &p;
	return rig_command(r, partner, &m);
}

bool position(struct rig *r, uint32_t request, uint32_t version, PB(Voice) voice)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PositionTaken) p = PB_INIT(POSITION_TAKEN);
	struct object_id rid = req_id(request);

	p.request_id = object_id_data(&rid);
	p.proposal_version = version;
	p.voice = voice;
	p.ground = voice == VOICE(AGREE) ? GROUND(AGREED) : 0;
	m.body_case = BODY(POSITION_TAKEN);
	m.position_taken = &p;
	return rig_fact(r, "intake", &m);
}

bool end_allowed(struct rig *r, const struct object_id *contribution)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(EndAllowed) e = PB_INIT(END_ALLOWED);

	e.contribution_id = object_id_data(contribution);
	m.body_case = BODY(END_ALLOWED);
	m.end_allowed = &e;
	return rig_fact(r, "intake", &m);
}

PB(Receipt) *answer(struct rig *r, const char *party, const struct object_id *id,
		    PB(AnswerKind) kind)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(AnswerAsk) a = PB_INIT(ANSWER_ASK);

	a.contribution_id = object_id_data(id);
	a.answer = kind;
	a.can_if = kind == ANSWER(CAN_IF) ? SCHAKEL__V1__CAN_IF__CAN_IF_MEET_FIRST : 0;
	a.until_ms = kind == ANSWER(NOT_NOW) ? rig_now(r) + 20 * RIG_DAY_MS : 0;
	m.body_case = BODY(ANSWER_ASK);
	m.answer_ask = &a;
	return rig_command(r, party, &m);
}

PB(Receipt) *start(struct rig *r, const char *party, const struct object_id *id, bool seen)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(StartContribution) c = PB_INIT(START_CONTRIBUTION);

	c.contribution_id = object_id_data(id);
	c.seen = seen;
	m.body_case = BODY(START_CONTRIBUTION);
	m.start_contribution = &c;
	return rig_command(r, party, &m);
}

PB(Receipt) *interrupt(struct rig *r, const char *party, const struct object_id *id)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(InterruptContribution) c = PB_INIT(INTERRUPT_CONTRIBUTION);

	c.contribution_id = object_id_data(id);
	c.reason = REASON(STAFF_ABSENT);
	m.body_case = BODY(INTERRUPT_CONTRIBUTION);
	m.interrupt_contribution = &c;
	return rig_command(r, party, &m);
}

PB(Receipt) *simple(struct rig *r, const char *party, PB(Message__BodyCase) body,
		    const struct object_id *id)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(TakeBack) t = PB_INIT(TAKE_BACK);
	PB(ResumeContribution) resume = PB_INIT(RESUME_CONTRIBUTION);
	PB(StopContribution) stop = PB_INIT(STOP_CONTRIBUTION);
	PB(HandOnContribution) hand_on = PB_INIT(HAND_ON_CONTRIBUTION);
	PB(EndContribution) end = PB_INIT(END_CONTRIBUTION);

	t.contribution_id = object_id_data(id);
	resume.contribution_id = t.contribution_id;
	stop.contribution_id = t.contribution_id;
	hand_on.contribution_id = t.contribution_id;
	end.contribution_id = t.contribution_id;
	m.body_case = body;
	if (body == BODY(TAKE_BACK)) {
		m.take_back = &t;
	} else if (body == BODY(RESUME_CONTRIBUTION)) {
		m.resume_contribution = &resume;
	} else if (body == BODY(STOP_CONTRIBUTION)) {
		m.stop_contribution = &stop;
	} else if (body == BODY(HAND_ON_CONTRIBUTION)) {
		m.hand_on_contribution = &hand_on;
	} else {
		m.end_contribution = &end;
	}
	return rig_command(r, party, &m);
}

/* --- what stands in its tables --- */

void *record(struct rig *r, uint8_t table, const struct key *k,
	     const ProtobufCMessageDescriptor *type)
{
	ProtobufCAllocator alloc = arena_protobuf(&arena);
	struct slice val;

	if (!store_get(rig_txn(r), table, k, &val)) {
		return NULL;
	}
	void *m = protobuf_c_message_unpack(type, &alloc, val.len, val.data);
	if (m == NULL) { /* the arena is full of records that nobody uses any more */
		world_reset();
		m = protobuf_c_message_unpack(type, &alloc, val.len, val.data);
	}
	assert_non_null(m);
	return m;
}

PB(MatchNeedRecord) *need_rec(struct rig *r, uint32_t need)
{
	struct object_id id = need_id(need);
	struct key k = key_of_id(&id);

	return record(r, T_NEED, &k, DESC(match_need_record));
}

PB(MatchRequestRecord) *request_rec(struct rig *r, uint32_t request)
{
	struct object_id id = req_id(request);
	struct key k = key_of_id(&id);

	return record(r, T_REQUEST, &k, DESC(match_request_record));
}

PB(MatchPoolRecord) *pool_rec(struct rig *r, const char *pool)
{
	if (strlen(pool) > PARTY_ID_LEN_MAX) {
		return NULL;
	}
	struct key k = key_of_str(pool);
	return record(r, T_POOL, &k, DESC(match_pool_record));
}

PB(MatchContributionRecord) *contribution_rec(struct rig *r, const struct object_id *id)
{
	struct key k = key_of_id(id);

	return record(r, T_CONTRIBUTION, &k, DESC(match_contribution_record));
}

struct object_id cid(const PB(MatchContributionRecord) *c)
{
	return id_of(&c->contribution_id);
}

PB(MatchContributionRecord) *seat(struct rig *r, uint32_t need)
{
	const PB(MatchNeedRecord) *n = need_rec(r, need);

	assert_non_null(n);
	if (n->seat_id.len == 0) {
		fail_msg("need %u has no seat (%d)", need, (int)n->shortfall);
	}
	struct object_id id = id_of(&n->seat_id);
	return contribution_rec(r, &id);
}

bool waits(struct rig *r, uint32_t need)
{
	return need_rec(r, need)->waiting;
}

PB(MatchContributionRecord) *standby_at(struct rig *r, uint32_t need, const char *pool)
{
	struct object_id nid = need_id(need);
	struct key prefix = key_of_id(&nid);
	PB(MatchContributionRecord) *found = NULL;
	struct store_iter it;
	struct key k;
	struct slice val;

	store_iter_init(&it, rig_txn(r), T_NEED_LIVE, &prefix);
	while (store_next(&it, &k, &val)) {
		struct object_id id;
		memcpy(id.b, k.b + OBJECT_ID_LEN, OBJECT_ID_LEN);
		PB(MatchContributionRecord) *c = contribution_rec(r, &id);
		if (c->standby && strcmp(c->pool, pool) == 0) {
			found = c;
		}
	}
	store_iter_done(&it);
	return found;
}

static void accepted(const PB(Receipt) *receipt)
{
	if (receipt->outcome != OUT(ACCEPTED)) {
		fail_msg("refused: %d %s", (int)receipt->code, receipt->field);
	}
}

struct object_id drive(struct rig *r, uint32_t need, PB(ContributionState) to)
{
	PB(MatchContributionRecord) *c = seat(r, need);
	struct object_id id = cid(c);
	char partner[PARTY_ID_LEN_MAX + 1];
	uint32_t request = need;

	(void)snprintf(partner, sizeof(partner), "%s", c->partner);
	if (to == CSTATE(CAN_IF)) {
		accepted(answer(r, partner, &id, ANSWER(CAN_IF)));
	}
	if (to == CSTATE(ASKED) || to == CSTATE(CAN_IF)) {
		return id;
	}
	accepted(answer(r, partner, &id, ANSWER(CAN)));
	if (to == CSTATE(CAN)) {
		return id;
	}
	assert_true(position(r, request, request_rec(r, request)->proposal_version, VOICE(AGREE)));
	if (to == CSTATE(AGREED)) {
		return id;
	}
	accepted(start(r, partner, &id, true));
	if (to == CSTATE(INTERRUPTED)) {
		accepted(interrupt(r, partner, &id));
	}
	if (to == CSTATE(HANDING_ON)) {
		accepted(simple(r, partner, BODY(HAND_ON_CONTRIBUTION), &id));
	}
	return id;
}
