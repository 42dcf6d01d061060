/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/matching/core_int.h"

struct use_facts use_facts_of(const PB(PoolUse) *u)
{
	struct use_facts f = {
		.use = u->use,
		.age_from = u->age_from,
		.age_to = u->age_to,
		.cost_units = u->cost_units,
		.access = u->access,
		.modality = u->modality,
	};

	for (size_t i = 0; i < u->n_expertises; i++) {
		uint32_t e = u->expertises[i];
		if (e >= 1 && e <= 64) {
			f.expertises |= (uint64_t)1 << (e - 1);
		}
	}
	return f;
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

static enum fit exclusion(struct work *w, const PB(MatchRequestRecord) *r,
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
	return cause == CAUSE(UNSPECIFIED) ? FIT_OK : FIT_EXCLUDED;
}

/** The hard rules, in the order in which explanations count them. A gated or court place is not
 *  composed before its gate has decided. */
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
	if (u->access != SCHAKEL__V1__ACCESS__ACCESS_DIRECT) {
		return FIT_ACCESS;
	}
	enum fit excluded = exclusion(w, r, n, p->partner);
	if (excluded != FIT_OK) {
		return excluded;
	}
	if (p->paused || p->shut) {
		return FIT_PAUSED;
	}
	if (!pool_composable(p, n->order->wait_class)) {
		return p->insured || p->overcommitted ? FIT_AMOUNT : FIT_UNCONFIRMED;
	}
	return amount > pool_free(p) || amount > COMPOSE_AMOUNT_MAX ? FIT_AMOUNT : FIT_OK;
}
