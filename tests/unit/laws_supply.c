/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/laws_supply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void fill_need(struct supply *s, size_t i)
{
	struct supply_need *v = &s->need[i];

	v->request = case_id(10 + (uint32_t)i);
	v->need = case_id(20 + (uint32_t)i);
	schakel__v1__request_fact__init(&v->fact);
	schakel__v1__match_request_record__init(&v->r);
	schakel__v1__need_fact__init(&v->of);
	schakel__v1__need_order__init(&v->order);
	schakel__v1__match_need_record__init(&v->n);
	v->fact.request_id = object_id_data(&v->request);
	v->fact.request_version = 1;
	v->fact.zone = s->zone;
	v->fact.age_years = 14;
	v->r.request = &v->fact;
	v->of.need_id = object_id_data(&v->need);
	v->of.need_version = 1;
	v->of.ordinal = 1;
	v->of.expertise = s->expertise;
	v->of.intensity = 1;
	v->of.must = true;
	v->of.state = NEED_IS(OPEN);
	v->order.wait_class = CLASS_IS(ACTIVE);
	v->order.rank_ms = 1000 + i;
	v->order.order_version = 1;
	v->n.need = &v->of;
	v->n.order = &v->order;
	v->n.request_id = v->fact.request_id;
	v->n.zone = s->zone;
	v->n.known = true;
	v->n.shortfall = SCHAKEL__V1__SHORTFALL__SHORTFALL_NO_CAPACITY;
}

struct supply *supply_new(void)
{
	static struct supply s;

	s = (struct supply){ .c = case_new(LAWS_MATCHING),
			     .pool_id = case_id(5),
			     .expertise = 4,
			     .zone = (char *)(uintptr_t) "westhoek" };
	for (size_t i = 0; i < SUPPLY_NEEDS; i++) {
		fill_need(&s, i);
	}
	schakel__v1__match_pool_record__init(&s.pool);
	schakel__v1__pool_use__init(&s.use);
	s.pool.pool = (char *)(uintptr_t) "beds";
	s.pool.partner = (char *)(uintptr_t) "facility-a";
	s.pool.pool_id = object_id_data(&s.pool_id);
	s.pool.version = 1;
	s.pool.unit = SCHAKEL__V1__UNIT__UNIT_PLACE;
	s.pool.staffed = 1;
	s.use.use = 1;
	s.use.n_expertises = 1;
	s.use.expertises = &s.expertise;
	s.use.n_zones = 1;
	s.use.zones = &s.zone;
	s.use.age_to = 18;
	s.use.access = SCHAKEL__V1__ACCESS__ACCESS_DIRECT;
	s.use.cost_units = 1;
	return &s;
}

void supply_free(struct supply *s)
{
	case_free(s->c);
}

void supply_put_pool(struct supply *s)
{
	struct key k = key_of_str(s->pool.pool);

	case_put(s->c, M_POOL, &k, &s->pool);
	key_u32(&k, s->use.use);
	case_put(s->c, M_POOL_USE, &k, &s->use);
	k = key_of_id(&s->pool_id);
	case_put(s->c, M_POOL_ID, &k, &s->pool);
	k = key_of_str(s->pool.partner);
	key_str(&k, s->pool.pool);
	case_put(s->c, M_PARTNER_POOL, &k, NULL);
}

/** The bytes of a place, as the tables of the order hold it. */
static struct key place_bytes(const struct supply_need *v)
{
	struct key k = { 0 };

	key_u8(&k, (uint8_t)v->order.wait_class);
	key_u8(&k, (uint8_t)v->order.crisis_step);
	key_u64(&k, v->order.rank_ms);
	key_u64(&k, v->order.lottery);
	key_id(&k, &v->request);
	key_u32(&k, v->of.ordinal);
	return k;
}

void supply_put_need(struct supply *s, size_t i)
{
	struct supply_need *v = &s->need[i];
	struct key place = place_bytes(v);
	struct key k = key_of_id(&v->request);

	case_put(s->c, M_REQUEST, &k, &v->r);
	key_id(&k, &v->need);
	case_put(s->c, M_REQUEST_NEED, &k, NULL);
	k = key_of_id(&v->need);
	case_put(s->c, M_NEED, &k, &v->n);
	k = (struct key){ 0 };
	key_u32(&k, v->of.expertise);
	key_str(&k, v->n.zone);
	key_bytes(&k, place.b, place.len);
	key_id(&k, &v->need);
	if (v->n.seat_id.len == 0 && !v->n.closed) {
		case_put(s->c, M_WAIT, &k, NULL);
	} else {
		case_del(s->c, M_WAIT, &k);
	}
}

static uint8_t rank_of(PB(ContributionState) state)
{
	return state == CONTRIB(AGREED) || state == CONTRIB(STARTED) ? 2 : 1;
}

/** Rows that follow from the state of an ask. */
static void put_rows(struct supply *s, size_t i, const struct supply_need *v, bool over)
{
	const PB(MatchContributionRecord) *a = &s->ask[i];
	struct key place = place_bytes(v);
	struct key k = key_of_id(&v->need);

	key_id(&k, &s->ask_id[i]);
	if (over) {
		case_del(s->c, M_NEED_LIVE, &k);
	} else {
		case_put(s->c, M_NEED_LIVE, &k, NULL);
	}
	k = key_of_id(&v->request);
	key_id(&k, &s->ask_id[i]);
	case_put(s->c, M_REQUEST_CONTRIBUTION, &k, NULL);
	for (uint8_t ended = 0; ended < 2; ended++) {
		k = key_of_str(a->partner);
		key_u8(&k, ended);
		key_id(&k, &s->ask_id[i]);
		if (ended == (over ? 1 : 0)) {
			case_put(s->c, M_PARTNER_ASK, &k, NULL);
		} else {
			case_del(s->c, M_PARTNER_ASK, &k);
		}
	}
	for (uint8_t rank = 1; rank <= 3; rank++) {
		k = key_of_str(a->pool);
		key_u8(&k, rank);
		for (size_t b = 0; b < place.len; b++) {
			key_u8(&k, (uint8_t)~place.b[b]);
		}
		key_id(&k, &s->ask_id[i]);
		if (a->held > 0 && rank == rank_of(a->state)) {
			case_put(s->c, M_POOL_HOLD, &k, NULL);
		} else {
			case_del(s->c, M_POOL_HOLD, &k);
		}
	}
}

void supply_put_ask(struct supply *s, size_t i, size_t need, PB(ContributionState) state)
{
	const struct supply_need *v = &s->need[need];
	PB(MatchContributionRecord) *a = &s->ask[i];
	bool fresh = a->contribution_id.len == 0;
	bool over = contribution_is_over(state);

	if (fresh) {
		schakel__v1__match_contribution_record__init(a);
		s->ask_id[i] = case_id(40 + (uint32_t)i);
		a->contribution_id = object_id_data(&s->ask_id[i]);
		a->request_id = v->n.request_id;
		a->need_id = v->of.need_id;
		a->partner = s->pool.partner;
		a->pool = s->pool.pool;
		a->use = 1;
		a->amount = 1;
		a->held = 1;
	}
	a->version++;
	a->state = state;
	a->held = over || state == CONTRIB(INTERRUPTED) ? 0 : a->held;
	struct key k = key_of_id(&s->ask_id[i]);
	case_put(s->c, M_CONTRIBUTION, &k, a);
	put_rows(s, i, v, over);
}

void supply_seat(struct supply *s, size_t i, size_t need, PB(ContributionState) state)
{
	s->pool.promised += s->ask[i].contribution_id.len == 0 ? 1 : 0;
	supply_put_ask(s, i, need, state);
	supply_put_pool(s);
	s->need[need].n.seat_id = s->ask[i].contribution_id;
	supply_put_need(s, need);
}

void supply_demand(struct supply *s, size_t i)
{
	PB(DemandNeed) need = PB_INIT(DEMAND_NEED);
	PB(DemandNeed) *needs[1] = { &need };
	PB(Demand) body = PB_INIT(DEMAND);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(NeedFact) fact = s->need[i].of;

	need.need = &fact;
	need.order = &s->need[i].order;
	body.request = &s->need[i].fact;
	body.needs = needs;
	body.n_needs = 1;
	m.body_case = BODY(DEMAND);
	m.demand = &body;
	case_apply(s->c, "waitlist", &m);
}

void supply_answer(struct supply *s)
{
	PB(AnswerAsk) body = PB_INIT(ANSWER_ASK);
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(ANSWER_ASK);
	m.answer_ask = &body;
	case_apply(s->c, "facility-a", &m);
}

void supply_publish(struct supply *s)
{
	PB(PutCapacity) body = PB_INIT(PUT_CAPACITY);
	PB(Message) m = PB_INIT(MESSAGE);

	body.pool = s->pool.pool;
	m.body_case = BODY(PUT_CAPACITY);
	m.put_capacity = &body;
	supply_put_pool(s);
	case_apply(s->c, s->pool.partner, &m);
}

struct supply *supply_seated(void)
{
	struct supply *s = supply_new();

	case_begin(s->c);
	supply_publish(s);
	assert_lawful(s->c);
	case_begin(s->c);
	supply_put_need(s, 1);
	supply_seat(s, 0, 1, CONTRIB(ASKED));
	supply_demand(s, 1);
	assert_lawful(s->c);
	return s;
}

void supply_moves(struct supply *s, PB(ContributionState) state)
{
	case_begin(s->c);
	supply_put_ask(s, 0, 1, state);
	supply_answer(s);
}

void supply_falls(struct supply *s, PB(ContributionState) state)
{
	supply_put_ask(s, 0, 1, state);
	s->need[1].n.seat_id = (ProtobufCBinaryData){ 0 };
	supply_put_need(s, 1);
	s->pool.promised = 0;
	supply_put_pool(s);
}
