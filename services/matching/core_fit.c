/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include <xxhash.h>

#include "services/matching/core_int.h"

static uint16_t language_of(const char *code)
{
	bool two = code[0] != '\0' && code[1] != '\0';

	return two ? (uint16_t)((uint32_t)(uint8_t)code[0] << 8 | (uint8_t)code[1]) : 0;
}

struct use_facts use_facts_of(const PB(PoolUse) *u)
{
	struct use_facts f = {
		.use = u->use,
		.age_from = u->age_from,
		.age_to = u->age_to,
		.cost_units = u->cost_units,
		.access = u->access,
		.modality = u->modality,
		.supporter = u->supporter,
		.continuum = u->continuum,
	};

	for (size_t i = 0; i < u->n_expertises; i++) {
		uint32_t e = u->expertises[i];
		if (e >= 1 && e <= 64) {
			f.expertises |= (uint64_t)1 << (e - 1);
		}
	}
	for (size_t i = 0; i < u->n_languages && i < MATCH_LANGUAGES_MAX; i++) {
		f.language[f.languages++] = language_of(u->languages[i]);
	}
	return f;
}

bool use_serves(const PB(PoolUse) *u, const char *zone)
{
	for (size_t i = 0; i < u->n_zones; i++) {
		if (strcmp(u->zones[i], zone) == 0) {
			return true;
		}
	}
	return false;
}

/** Language never removes a candidate; where it is not told, nobody is presumed not to speak it. */
bool use_wants_interpreter(const PB(MatchRequestRecord) *r, const struct use_facts *u)
{
	const PB(RequestFact) *f = r->request;

	for (size_t i = 0; i < f->n_languages; i++) {
		for (size_t j = 0; j < u->languages; j++) {
			if (language_of(f->languages[i]) == u->language[j]) {
				return false;
			}
		}
	}
	return f->n_languages > 0 && u->languages > 0;
}

/** Hours and consults are counted by the need's intensity; a bed, place, module or seat is one. */
uint32_t need_amount(const PB(MatchNeedRecord) *n, const PB(MatchPoolRecord) *p,
		     const struct use_facts *u)
{
	bool by_intensity = p->unit == SCHAKEL__V1__UNIT__UNIT_HOURS_WEEK ||
			    p->unit == SCHAKEL__V1__UNIT__UNIT_CONSULT;
	uint32_t times = by_intensity && n->need->intensity > 0 ? n->need->intensity : 1;

	return u->cost_units * times;
}

static enum fit exclusion_by(struct work *w, const PB(MatchRequestRecord) *r,
			     const PB(MatchNeedRecord) *n, const char *partner)
{
	for (size_t i = 0; i < r->n_excluded_partners; i++) {
		if (strcmp(r->excluded_partners[i], partner) == 0) {
			return FIT_DECLINED;
		}
	}
	struct object_id need = id_of(&n->need->need_id);
	PB(MatchExcludeCause) cause = exclude_cause(w, &need, partner);
	if (cause == CAUSE(DECLINED) || cause == CAUSE(STOPPED)) {
		return FIT_DECLINED;
	}
	if (cause == CAUSE(GATE)) {
		return FIT_GATE;
	}
	return cause == CAUSE(UNSPECIFIED) ? FIT_OK : FIT_EXCLUDED;
}

#define ALL_KNOWN 1000 /* per mille */

bool partners_all_known(const struct work *w)
{
	return step_setting(w->s, SETTING_PARTNERS_KNOWN) >= ALL_KNOWN;
}

/* For comparison with a region without a directory: who asks knows of a part of the partners only,
 * which one is drawn for each asker, zone, day and partner: of no number that the node makes, so
 * that the same people know the same houses in every run. Time changes nothing in it, so that what
 * could not be seated with an amount still cannot (L8). */
static bool is_known(struct work *w, const PB(MatchRequestRecord) *r, const char *partner)
{
	uint64_t share = step_setting(w->s, SETTING_PARTNERS_KNOWN);
	const PB(RequestFact) *f = r->request;

	if (partners_all_known(w)) {
		return true;
	}
	uint64_t asker = XXH3_64bits_withSeed(f->requester, strlen(f->requester),
					      f->received_ms / CIVIL_DAY_MS);
	uint64_t place = XXH3_64bits_withSeed(f->zone, strlen(f->zone), asker);
	return XXH3_64bits_withSeed(partner, strlen(partner), place) % ALL_KNOWN < share;
}

/** Of the partner, and of each who publishes the pool with it. */
enum fit exclusion(struct work *w, const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
		   const PB(MatchPoolRecord) *p)
{
	enum fit fit = exclusion_by(w, r, n, p->partner);

	for (size_t i = 0; fit == FIT_OK && i < p->n_joint_partners; i++) {
		fit = exclusion_by(w, r, n, p->joint_partners[i]);
	}
	return fit;
}

/** A crisis's own short entry is served from crisis and insured capacity alone (DOMAIN 6). */
static bool serves_entry(const PB(MatchNeedRecord) *n, const PB(MatchPoolRecord) *p)
{
	return !n->need->own_crisis || p->insured || p->crisis;
}

/** May its free amount be given to that need? UNCONFIRMED pools are not composed; what a partner
 *  says it has none of is not asked. */
static enum fit pool_fit(const PB(MatchNeedRecord) *n, const PB(MatchPoolRecord) *p)
{
	if (p->paused || p->shut) {
		return FIT_PAUSED;
	}
	if (pool_composable(p, n->order->wait_class)) {
		return serves_entry(n, p) ? FIT_OK : FIT_OWN_CRISIS;
	}
	if (p->overcommitted || pool_has_none(p)) {
		return FIT_AMOUNT;
	}
	return p->insured ? FIT_INSURED : FIT_UNCONFIRMED;
}

/** A gated place is prepared before its gate has decided; one by court order wants the order. */
enum fit need_fit(struct work *w, const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
		  const PB(MatchPoolRecord) *p, const struct use_facts *u)
{
	uint32_t age = need_age(r, n);
	uint32_t amount = need_amount(n, p, u);

	if ((u->expertises >> (n->need->expertise - 1) & 1) == 0) {
		return FIT_EXPERTISE;
	}
	if (age < u->age_from || age > u->age_to) {
		return FIT_AGE;
	}
	if (u->access == SCHAKEL__V1__ACCESS__ACCESS_COURT && !n->need->by_order) {
		return FIT_COURT;
	}
	if (!is_known(w, r, p->partner)) {
		return FIT_ZONE;
	}
	if (!network_serves(w, p, r)) {
		return FIT_NETWORK;
	}
	enum fit fit = exclusion(w, r, n, p);
	if (fit == FIT_OK) {
		fit = pool_fit(n, p);
	}
	if (fit == FIT_OK) {
		struct hold_want want = hold_want_of(r, n, u->use, amount);
		fit = hold_fit(w, r, p, &want);
	}
	if (fit != FIT_OK) {
		return fit;
	}
	if (amount > pool_free(p) || amount > COMPOSE_AMOUNT_MAX) {
		return FIT_AMOUNT;
	}
	return reserve_keeps(w, p, n) ? FIT_RESERVED : FIT_OK;
}
