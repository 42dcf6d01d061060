/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/matching/core_int.h"

#define UNIT(NAME) SCHAKEL__V1__UNIT__UNIT_##NAME

/** The partner for whom capacity is stated; only those who note by telephone may name another. */
static int partner_of(struct work *w, const PB(PutCapacity) *m, const char **ret_partner)
{
	const struct party *from = &w->s->from;
	uint32_t behalf = ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR);
	bool own = m->partner[0] == '\0' || strcmp(m->partner, from->id) == 0;

	const PB(MatchPoolRecord) *p = name_is_valid(m->pool) ? pool_get(w, m->pool) : NULL;
	/* A joint partner speaks for the pool. */
	bool joint = p != NULL && pool_is_of(p, from->id) &&
		     (own || strcmp(m->partner, p->partner) == 0);
	*ret_partner = joint ? p->partner : own ? from->id : m->partner;
	own = own || joint;
	if (!name_is_valid(m->pool) || m->pool[0] == '@') {
		return step_refuse(w->s, REFUSE(MALFORMED), "pool");
	}
	if (!own && (from->roles & behalf) == 0) {
		return step_refuse(w->s, REFUSE(NOT_YOURS), "partner");
	}
	if (step_party(w->s, *ret_partner) == NULL) {
		return step_refuse(w->s, REFUSE(UNKNOWN_OBJECT), "partner");
	}
	return SK_OK;
}

static unsigned pools_of_partner(struct work *w, const char *partner)
{
	struct store_iter it;
	struct key prefix = key_of_str(partner);
	struct key k;
	struct slice val;
	unsigned len = 0;

	store_iter_init(&it, w->s->txn, T_PARTNER_POOL, &prefix);
	while (store_next(&it, &k, &val)) {
		len++;
	}
	return len;
}

static int check_old(struct work *w, const PB(PutCapacity) *m, const PB(MatchPoolRecord) *p,
		     const char *partner)
{
	struct step *s = w->s;

	if (strcmp(p->partner, partner) != 0) {
		return step_refuse(s, REFUSE(NOT_YOURS), "pool");
	}
	if (m->based_on != p->version) {
		return step_conflict(s, p->version, pool_event(w, p));
	}
	if (m->unit != UNIT(UNSPECIFIED) && m->unit != p->unit) {
		return step_refuse(s, REFUSE(CONTRADICTS), "unit");
	}
	return SK_OK;
}

static int check_new(struct work *w, const PB(PutCapacity) *m, const char *partner)
{
	struct step *s = w->s;

	if (m->based_on != 0) {
		return step_refuse(s, REFUSE(UNKNOWN_OBJECT), "pool");
	}
	if (m->unit < UNIT(BED) || m->unit > UNIT(SEAT)) {
		return step_refuse(s, REFUSE(MISSING), "unit");
	}
	if (m->n_uses == 0) {
		return step_refuse(s, REFUSE(MISSING), "uses");
	}
	if (pools_of_partner(w, partner) >= MATCH_POOLS_PER_PARTNER_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "pool");
	}
	return SK_OK;
}

/** A restored node may know of help at a pool before it knows the pool again. */
static uint32_t held_at(struct work *w, const char *pool)
{
	struct store_iter it;
	struct key prefix = key_of_str(pool);
	struct key k;
	struct slice val;
	uint32_t held = 0;

	store_iter_init(&it, w->s->txn, T_POOL_HOLD, &prefix);
	while (store_next(&it, &k, &val)) {
		struct object_id id;
		memcpy(id.b, k.b + k.len - OBJECT_ID_LEN, OBJECT_ID_LEN);
		const PB(MatchContributionRecord) *c = contribution_get(w, &id);
		held += c == NULL ? 0 : c->held;
	}
	store_iter_done(&it);
	return held;
}

static PB(MatchPoolRecord) *pool_new(struct work *w, const PB(PutCapacity) *m, const char *partner)
{
	PB(MatchPoolRecord) *p = step_alloc(w->s, sizeof(*p));

	if (p == NULL) {
		return NULL;
	}
	schakel__v1__match_pool_record__init(p);
	struct object_id id = step_new_id(w->s);
	p->pool = m->pool;
	p->partner = step_strdup(w->s, partner);
	p->pool_id = step_id_data(w->s, &id);
	p->unit = m->unit;
	p->promised = held_at(w, m->pool) + interpreter_held(w, m->pool);
	struct key own = key_of_str(partner);
	key_str(&own, m->pool);
	step_mark(w->s, T_PARTNER_POOL, &own);
	struct key by_id = key_of_id(&id);
	PB(MatchPoolRecord) named = PB_INIT(MATCH_POOL_RECORD);
	named.pool = m->pool;
	step_put(w->s, T_POOL_ID, &by_id, &named);
	return p;
}

static bool is_crisis_code(struct work *w, uint32_t expertise)
{
	const PB(ExpertiseCode) *code = step_expertise(w->s, expertise);

	return code != NULL && strncmp(code->code, "CRISIS_", 7) == 0;
}

/** A house that says nothing else helps with people who are paid for it; a volunteer is stated. */
static PB(SupporterKind) kind_of(const PB(PoolUse) *u)
{
	return u->supporter == SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_UNSPECIFIED ?
		       SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_PROFESSIONAL :
		       u->supporter;
}

/** The uses as now stated; none given: as before. */
static void put_uses(struct work *w, PB(MatchPoolRecord) *p, const PB(PutCapacity) *m)
{
	struct store_iter it;
	struct key prefix = key_of_str(p->pool);
	struct key k;
	struct slice val;

	store_iter_init(&it, w->s->txn, T_POOL_USE, &prefix);
	while (store_next(&it, &k, &val)) {
		step_del(w->s, T_POOL_USE, &k);
	}
	p->crisis = false;
	for (size_t i = 0; i < m->n_uses; i++) {
		struct key row = prefix;
		key_u32(&row, m->uses[i]->use);
		m->uses[i]->supporter = kind_of(m->uses[i]);
		step_put(w->s, T_POOL_USE, &row, m->uses[i]);
		for (size_t e = 0; e < m->uses[i]->n_expertises; e++) {
			p->crisis = p->crisis || is_crisis_code(w, m->uses[i]->expertises[e]);
		}
	}
}

/** Replaces one deadline of a pool. */
static void pool_due(struct work *w, const PB(MatchPoolRecord) *p, uint8_t kind, uint64_t *io_ms,
		     uint64_t at_ms)
{
	struct object_id id = id_of(&p->pool_id);

	if (*io_ms != 0) {
		step_undue(w->s, *io_ms, kind, &id, 0);
	}
	*io_ms = at_ms;
	if (at_ms != 0) {
		step_due(w->s, at_ms, kind, &id, 0);
	}
}

static uint64_t confirm_until(struct work *w, const PB(MatchPoolRecord) *p)
{
	const PB(Party) *party = step_party(w->s, p->partner);
	const PB(ConfigApplied) *conf = step_config(w->s);

	if (p->insured || p->crisis) {
		enum setting which = p->insured ? SETTING_CONFIRM_INSURED : SETTING_CONFIRM_CRISIS;
		return p->confirmed_ms + 1000 * step_setting(w->s, which);
	}
	struct civil_calendar cal = {
		.weekday_mask = party == NULL ? 0x1f : (uint8_t)party->opening_days,
		.holidays_closed = party == NULL || !party->on_call,
		.closed = conf == NULL ? NULL : conf->holidays,
		.closed_len = conf == NULL ? 0 : conf->n_holidays,
	};
	uint32_t days = (uint32_t)step_setting(w->s, SETTING_CONFIRM_REST);
	return civil_opening_days_after(p->confirmed_ms, days, &cal);
}

void pool_window(struct work *w, PB(MatchPoolRecord) *p)
{
	uint64_t now = w->s->now_ms;
	uint64_t next = 0;

	p->shut = p->from_ms > now || (p->until_ms != 0 && p->until_ms <= now);
	if (p->from_ms > now) {
		next = p->from_ms;
	} else if (p->until_ms > now) {
		next = p->until_ms;
	}
	pool_due(w, p, DUE_WINDOW, &p->window_due_ms, next);
}

static void state_capacity(struct work *w, PB(MatchPoolRecord) *p, const PB(PutCapacity) *m)
{
	uint64_t now = w->s->now_ms;
	bool known = m->observed_at_ms != 0 && m->observed_at_ms < now;

	p->total = m->total;
	p->funded = m->funded;
	p->staffed = m->staffed;
	p->used_elsewhere = m->used_elsewhere;
	p->insured = m->insured;
	p->from_ms = m->from_ms;
	p->until_ms = m->until_ms;
	p->observed_at_ms = known ? m->observed_at_ms : now;
	p->municipality = m->municipality;
	p->position_m = m->position_m;
	p->n_position_m = m->n_position_m;
	p->unconfirmed = false;
	p->confirmed_ms = p->observed_at_ms;
	p->not_now_row = 0;
	p->version = step_next_version(w->s, p->version);
	p->puts++;
	p->overcommitted = (uint64_t)p->used_elsewhere + p->promised > p->staffed && !MUT(49);
	pool_window(w, p);
	uint64_t until = confirm_until(w, p);
	p->unconfirmed = until <= now;
	pool_due(w, p, DUE_CONFIRM, &p->confirm_due_ms, p->unconfirmed ? 0 : until);
}

/** Could the pool give less before? Then what it can give now has to be offered in the order. */
static bool gives_more(const PB(MatchPoolRecord) *now, bool gave, uint32_t free_before, bool uses)
{
	return pool_composable(now, CLASS_CRISIS) &&
	       (!gave || uses || pool_free(now) > free_before);
}

static int put_capacity(struct work *w, PB(PutCapacity) *m, PB(MatchPoolRecord) *p)
{
	bool gave = p->version > 0 && pool_composable(p, CLASS_CRISIS);
	bool insured = p->insured;
	uint32_t free_before = pool_free(p);
	bool rules = joint_state(w, p, m);

	figure_offer(w, m, p->staffed);
	state_capacity(w, p, m);
	if (m->n_uses > 0) {
		put_uses(w, p, m);
	}
	pool_put(w, p);
	if (gives_more(p, gave, free_before, rules || m->n_uses > 0 || insured != p->insured)) {
		pool_mark_dirty(w, p, NULL);
	}
	if (p->overcommitted) {
		alarm_event(w, SCHAKEL__V1__ALARM_KIND__ALARM_KIND_OVERCOMMITTED, pool_event(w, p));
		pool_shed(w, p->pool);
	}
	struct object_id id = id_of(&p->pool_id);
	step_result(w->s, &id, p->version);
	return work_err(w);
}

/** One statement, checked and written; what follows of it is for work_settle(). */
static int state_one(struct work *w, PB(PutCapacity) *m)
{
	const char *partner = NULL;

	int err = partner_of(w, m, &partner);
	if (err != SK_OK) {
		return err;
	}
	PB(MatchPoolRecord) *p = pool_get(w, m->pool);
	err = p != NULL ? check_old(w, m, p, partner) : check_new(w, m, partner);
	if (err == SK_OK) {
		err = capacity_check(w, m);
	}
	if (err == SK_OK) {
		err = joint_check(w, m, partner);
	}
	if (err != SK_OK) {
		return err;
	}
	if (p == NULL) {
		p = pool_new(w, m, partner);
	}
	return p == NULL ? work_err(w) : put_capacity(w, m, p);
}

int match_put_capacity(struct step *s, const PB(Message) *in)
{
	struct work w;

	work_init(&w, s);
	int err = state_one(&w, in->put_capacity);
	return err == SK_OK ? work_settle(&w) : err;
}

/** Which of them is refused: "puts[3].staffed". */
static int refused_at(struct step *s, unsigned i)
{
	char field[sizeof(s->out->field)];

	memcpy(field, s->out->field, sizeof(field));
	step_say_refused(s, s->out->code, "puts[%u].%s", i, field[0] == '\0' ? "based_on" : field);
	return SK_EREFUSED;
}

int match_put_capacities(struct step *s, const PB(Message) *in)
{
	const PB(PutCapacities) *m = in->put_capacities;
	struct work w;

	if (m->n_puts < 1 || m->n_puts > MATCH_PUTS_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "puts");
	}
	work_init(&w, s);
	for (unsigned i = 0; i < m->n_puts; i++) {
		size_t mark = work_mark(&w);
		struct object_id none = { { 0 } };
		step_result(s, &none, 0); /* a refusal names no pool before it */
		s->out->short_code[0] = '\0';
		int err = state_one(&w, m->puts[i]);
		if (err != SK_OK) {
			return err == SK_EREFUSED ? refused_at(s, i) : err;
		}
		work_rewind(&w, mark);
	}
	return work_settle(&w);
}

/** PAUSED: no new promise; what is promised stays. */
int match_pause_pool(struct step *s, const PB(Message) *in)
{
	const PB(PausePool) *m = in->pause_pool;
	uint32_t behalf = ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR);
	struct work w;

	work_init(&w, s);
	PB(MatchPoolRecord) *p = name_is_valid(m->pool) ? pool_get(&w, m->pool) : NULL;
	if (p == NULL) {
		return work_err(&w) != SK_OK ? work_err(&w) :
					       step_refuse(s, REFUSE(UNKNOWN_OBJECT), "pool");
	}
	if (!pool_is_of(p, s->from.id) && (s->from.roles & behalf) == 0) {
		return step_refuse(s, REFUSE(NOT_YOURS), "pool");
	}
	if (m->based_on != p->version) {
		return step_conflict(s, p->version, pool_event(&w, p));
	}
	if (m->paused && (m->reason < SCHAKEL__V1__PAUSE_REASON__PAUSE_REASON_STAFF ||
			  m->reason > SCHAKEL__V1__PAUSE_REASON__PAUSE_REASON_OTHER)) {
		return step_refuse(s, REFUSE(UNKNOWN_CODE), "reason");
	}
	if (m->until_ms != 0 && (!m->paused || m->until_ms <= s->now_ms)) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "until_ms");
	}
	p->paused = m->paused;
	p->pause_reason = m->paused ? m->reason : 0;
	p->version = step_next_version(s, p->version);
	pool_due(&w, p, DUE_PAUSE_END, &p->pause_until_ms, m->until_ms);
	pool_put(&w, p);
	if (!p->paused) {
		pool_mark_dirty(&w, p, NULL);
	}
	struct object_id id = id_of(&p->pool_id);
	step_result(s, &id, p->version);
	return work_settle(&w);
}
