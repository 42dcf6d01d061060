/* SPDX-License-Identifier: EUPL-1.2 */
/* What a partner states of a pool beyond its numbers: who publishes it jointly (C9), how it
 * answers, its limits, the forms that it may take (B7), for which network, and because of which
 * need (A10). The publisher is the pool's one partner in teams and costs; its joint partners may
 * act for it, and what the child does not want of one of them it does not want of the pool. */
#include "services/matching/core_int.h"

#define POOL_ANSWER(NAME) SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_##NAME

static bool is_listed(char *const *list, size_t len, const char *party)
{
	for (size_t i = 0; i < len; i++) {
		if (strcmp(list[i], party) == 0) {
			return true;
		}
	}
	return false;
}

bool pool_is_of(const PB(MatchPoolRecord) *p, const char *party)
{
	return strcmp(p->partner, party) == 0 ||
	       is_listed(p->joint_partners, p->n_joint_partners, party);
}

bool contribution_is_of(const PB(MatchContributionRecord) *c, const char *party)
{
	return strcmp(c->partner, party) == 0 ||
	       is_listed(c->joint_partners, c->n_joint_partners, party);
}

bool pool_has_none(const PB(MatchPoolRecord) *p)
{
	return p->answer == POOL_ANSWER(NONE) || p->answer == POOL_ANSWER(NONE_WAITLIST);
}

static int check_joint(struct work *w, const PB(PutCapacity) *m, const char *partner)
{
	struct step *s = w->s;

	if (m->n_joint_partners > MATCH_JOINT_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "joint_partners");
	}
	for (unsigned i = 0; i < m->n_joint_partners; i++) {
		const char *party = m->joint_partners[i];
		if (!name_is_valid(party) || step_party(s, party) == NULL) {
			return step_refuse(s, REFUSE(UNKNOWN_OBJECT), "joint_partners[%u]", i);
		}
		if (strcmp(party, partner) == 0 || is_listed(m->joint_partners, i, party)) {
			return step_refuse(s, REFUSE(CONTRADICTS), "joint_partners[%u]", i);
		}
	}
	return SK_OK;
}

static int check_limits(struct work *w, const PB(PutCapacity) *m)
{
	struct step *s = w->s;

	if (m->n_limits > MATCH_USES_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "limits");
	}
	for (unsigned i = 0; i < m->n_limits; i++) {
		const PB(PoolLimit) *l = m->limits[i];
		if (l->use < 1 || l->use > MATCH_USE_NUMBER_MAX) {
			return step_refuse(s, REFUSE(OUT_OF_RANGE), "limits[%u].use", i);
		}
		if (l->units_week > MATCH_UNITS_MAX) {
			return step_refuse(s, REFUSE(OUT_OF_RANGE), "limits[%u].units_week", i);
		}
		for (unsigned j = 0; j < i; j++) {
			if (m->limits[j]->use == l->use) {
				return step_refuse(s, REFUSE(CONTRADICTS), "limits[%u].use", i);
			}
		}
	}
	return SK_OK;
}

static int check_conversions(struct work *w, const PB(PutCapacity) *m)
{
	struct step *s = w->s;

	if (m->n_conversions > MATCH_CONVERSIONS_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "conversions");
	}
	for (unsigned i = 0; i < m->n_conversions; i++) {
		const PB(Conversion) *c = m->conversions[i];
		if (!name_is_valid(c->to_pool) || strcmp(c->to_pool, m->pool) == 0) {
			return step_refuse(s, REFUSE(MALFORMED), "conversions[%u].to_pool", i);
		}
		if (c->from_use < 1 || c->from_use > MATCH_USE_NUMBER_MAX) {
			return step_refuse(s, REFUSE(OUT_OF_RANGE), "conversions[%u].from_use", i);
		}
		if (c->from_units < 1 || c->from_units > MATCH_COST_UNITS_MAX) {
			return step_refuse(s, REFUSE(OUT_OF_RANGE), "conversions[%u].from_units",
					   i);
		}
		if (c->to_units < 1 || c->to_units > MATCH_COST_UNITS_MAX) {
			return step_refuse(s, REFUSE(OUT_OF_RANGE), "conversions[%u].to_units", i);
		}
		if (c->most_week > MATCH_UNITS_MAX) {
			return step_refuse(s, REFUSE(OUT_OF_RANGE), "conversions[%u].most_week", i);
		}
	}
	return SK_OK;
}

static int check_because(struct work *w, const PB(PutCapacity) *m)
{
	struct step *s = w->s;

	if (m->because_expertise != 0 &&
	    (m->because_expertise > 64 || step_expertise(s, m->because_expertise) == NULL)) {
		return step_refuse(s, REFUSE(UNKNOWN_CODE), "because_expertise");
	}
	if (m->because_zone[0] != '\0' &&
	    (!name_is_valid(m->because_zone) || step_zone(s, m->because_zone) == NULL)) {
		return step_refuse(s, REFUSE(UNKNOWN_OBJECT), "because_zone");
	}
	return SK_OK;
}

int joint_check(struct work *w, const PB(PutCapacity) *m, const char *partner)
{
	int err = check_joint(w, m, partner);

	if (err == SK_OK) {
		err = check_limits(w, m);
	}
	if (err == SK_OK) {
		err = check_conversions(w, m);
	}
	if (err == SK_OK) {
		err = check_because(w, m);
	}
	if (err == SK_OK && (unsigned)m->answer > POOL_ANSWER(ASSESS_FIRST)) {
		err = step_refuse(w->s, REFUSE(UNKNOWN_CODE), "answer");
	}
	if (err == SK_OK && m->network[0] != '\0' &&
	    (!name_is_valid(m->network) || network_get(w, m->network) == NULL)) {
		err = step_refuse(w->s, REFUSE(UNKNOWN_OBJECT), "network");
	}
	return err;
}

static uint32_t limit_of(PB(PoolLimit) *const *limits, size_t len, uint32_t use)
{
	for (size_t i = 0; i < len; i++) {
		if (limits[i]->use == use) {
			return limits[i]->units_week;
		}
	}
	return UINT32_MAX;
}

static bool has_higher_limit(const PB(MatchPoolRecord) *p, const PB(PutCapacity) *m)
{
	for (size_t i = 0; i < p->n_limits; i++) {
		uint32_t use = p->limits[i]->use;
		if (limit_of(m->limits, m->n_limits, use) > p->limits[i]->units_week) {
			return true;
		}
	}
	return false;
}

/** A joint partner that goes may be one that a child did not want. */
static bool has_lost_partner(const PB(MatchPoolRecord) *p, const PB(PutCapacity) *m)
{
	for (size_t i = 0; i < p->n_joint_partners; i++) {
		if (!is_listed(m->joint_partners, m->n_joint_partners, p->joint_partners[i])) {
			return true;
		}
	}
	return false;
}

/** With limits each Monday gives anew. A row that is not wanted any more does nothing. */
void pool_week(struct work *w, PB(MatchPoolRecord) *p)
{
	struct object_id id = id_of(&p->pool_id);

	p->week = week_of(w->s->now_ms);
	if (p->week_due_ms <= w->s->now_ms && p->n_limits > 0) {
		p->week_due_ms = week_end(w->s->now_ms);
		step_due(w->s, p->week_due_ms, DUE_WEEK, &id, 0);
	}
}

static void put_school(struct work *w, const PB(MatchPoolRecord) *p)
{
	struct key k = key_of_str(p->pool);

	if (p->school_atelier) {
		step_mark(w->s, T_SCHOOL, &k);
	} else {
		step_del(w->s, T_SCHOOL, &k);
	}
}

/** A statement without uses is one of numbers: whatever else it leaves out stays as it was, so that
 *  confirming by one tap lifts no limit and opens nothing. */
static void keep_rules(const PB(MatchPoolRecord) *p, PB(PutCapacity) *m)
{
	if (m->n_uses > 0 || p->version == 0) {
		return;
	}
	if (m->n_joint_partners == 0) {
		m->joint_partners = p->joint_partners;
		m->n_joint_partners = p->n_joint_partners;
	}
	if (m->n_limits == 0) {
		m->limits = p->limits;
		m->n_limits = p->n_limits;
	}
	if (m->n_conversions == 0) {
		m->conversions = p->conversions;
		m->n_conversions = p->n_conversions;
	}
	if (m->answer == POOL_ANSWER(UNSPECIFIED) && p->answer == POOL_ANSWER(ASSESS_FIRST)) {
		m->answer = p->answer;
	}
	m->network = m->network[0] == '\0' ? p->network : m->network;
	m->school_atelier = m->school_atelier || p->school_atelier;
}

bool joint_state(struct work *w, PB(MatchPoolRecord) *p, PB(PutCapacity) *m)
{
	keep_rules(p, m);
	bool more = strcmp(p->network, m->network) != 0 || has_higher_limit(p, m) ||
		    has_lost_partner(p, m) || (p->school_atelier && !m->school_atelier) ||
		    (p->n_limits > 0 && p->week != week_of(w->s->now_ms));

	if (p->school_atelier != m->school_atelier) {
		p->school_atelier = m->school_atelier;
		put_school(w, p);
	}
	p->joint_partners = m->joint_partners;
	p->n_joint_partners = m->n_joint_partners;
	p->answer = m->answer;
	p->limits = m->limits;
	p->n_limits = m->n_limits;
	conversions_restate(w, p, m->conversions, m->n_conversions);
	p->network = m->network;
	p->because_expertise = m->because_expertise;
	p->because_zone = m->because_zone;
	pool_week(w, p);
	return more;
}
