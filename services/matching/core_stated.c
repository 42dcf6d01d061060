/* SPDX-License-Identifier: EUPL-1.2 */
/* Of a PutCapacity: the numbers, dates and uses by themselves, whatever holds now. */
#include "services/matching/core_int.h"

static int check_use(struct work *w, const PB(PoolUse) *u, unsigned i)
{
	struct step *s = w->s;

	if (u->use < 1 || u->use > MATCH_USE_NUMBER_MAX) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "uses[%u].use", i);
	}
	if (u->n_expertises < 1 || u->n_expertises > MATCH_USE_EXPERTISES_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "uses[%u].expertises", i);
	}
	for (size_t e = 0; e < u->n_expertises; e++) {
		if (u->expertises[e] < 1 || u->expertises[e] > 64 ||
		    step_expertise(s, u->expertises[e]) == NULL) {
			return step_refuse(s, REFUSE(UNKNOWN_CODE), "uses[%u].expertises", i);
		}
	}
	if (u->n_zones < 1 || u->n_zones > MATCH_USE_ZONES_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "uses[%u].zones", i);
	}
	for (size_t z = 0; z < u->n_zones; z++) {
		if (step_zone(s, u->zones[z]) == NULL) {
			return step_refuse(s, REFUSE(UNKNOWN_OBJECT), "uses[%u].zones", i);
		}
	}
	if (u->n_languages > MATCH_LANGUAGES_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "uses[%u].languages", i);
	}
	if (u->age_from > u->age_to || u->age_to > MATCH_AGE_MAX) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "uses[%u].age_to", i);
	}
	if (u->cost_units < 1 || u->cost_units > MATCH_COST_UNITS_MAX) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "uses[%u].cost_units", i);
	}
	return SK_OK;
}

/** Codes of a use that are enumerations. */
static int check_use_codes(struct work *w, const PB(PoolUse) *u, unsigned i)
{
	struct step *s = w->s;

	for (size_t l = 0; l < u->n_languages; l++) {
		if (strlen(u->languages[l]) != 2) {
			return step_refuse(s, REFUSE(UNKNOWN_CODE), "uses[%u].languages", i);
		}
	}
	if (u->modality < SCHAKEL__V1__MODALITY__MODALITY_MOBILE ||
	    u->modality > SCHAKEL__V1__MODALITY__MODALITY_RESIDENTIAL) {
		return step_refuse(s, REFUSE(UNKNOWN_CODE), "uses[%u].modality", i);
	}
	if (u->access < SCHAKEL__V1__ACCESS__ACCESS_DIRECT ||
	    u->access > SCHAKEL__V1__ACCESS__ACCESS_COURT) {
		return step_refuse(s, REFUSE(UNKNOWN_CODE), "uses[%u].access", i);
	}
	if ((unsigned)u->supporter > SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_MEANS) {
		return step_refuse(s, REFUSE(UNKNOWN_CODE), "uses[%u].supporter", i);
	}
	if ((unsigned)u->continuum > SCHAKEL__V1__CONTINUUM__CONTINUUM_GATED) {
		return step_refuse(s, REFUSE(UNKNOWN_CODE), "uses[%u].continuum", i);
	}
	return SK_OK;
}

static int check_uses(struct work *w, const PB(PutCapacity) *m)
{
	size_t streams = 0;

	if (m->n_uses > MATCH_USES_MAX) {
		return step_refuse(w->s, REFUSE(TOO_MANY), "uses");
	}
	for (unsigned i = 0; i < m->n_uses; i++) {
		int err = check_use(w, m->uses[i], i);
		if (err == SK_OK) {
			err = check_use_codes(w, m->uses[i], i);
		}
		if (err != SK_OK) {
			return err;
		}
		for (unsigned j = 0; j < i; j++) {
			if (m->uses[j]->use == m->uses[i]->use) {
				return step_refuse(w->s, REFUSE(CONTRADICTS), "uses[%u].use", i);
			}
		}
		streams += m->uses[i]->n_expertises * m->uses[i]->n_zones;
	}
	return streams > MATCH_STREAMS_MAX ? step_refuse(w->s, REFUSE(TOO_MANY), "uses") : SK_OK;
}

static int check_amounts(struct work *w, const PB(PutCapacity) *m)
{
	const struct {
		uint32_t value;
		const char *field;
	} amounts[] = {
		{ m->total, "total" },
		{ m->funded, "funded" },
		{ m->staffed, "staffed" },
		{ m->used_elsewhere, "used_elsewhere" },
	};

	for (size_t i = 0; i < SK_LEN(amounts); i++) {
		if (amounts[i].value > MATCH_UNITS_MAX) {
			return step_refuse(w->s, REFUSE(OUT_OF_RANGE), "%s", amounts[i].field);
		}
	}
	if (m->total != 0 && m->staffed > m->total) {
		return step_refuse(w->s, REFUSE(CONTRADICTS), "staffed");
	}
	return SK_OK;
}

static int check_dates(struct work *w, const PB(PutCapacity) *m)
{
	struct step *s = w->s;
	uint64_t ahead = s->now_ms + MATCH_AHEAD_DAYS_MAX * CIVIL_DAY_MS;

	if (m->from_ms > ahead) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "from_ms");
	}
	if (m->until_ms != 0 && (m->until_ms <= m->from_ms || m->until_ms <= s->now_ms)) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "until_ms");
	}
	if (m->observed_at_ms > s->now_ms + 1000 * step_setting(s, SETTING_ID_AHEAD)) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "observed_at_ms");
	}
	if (m->n_position_m != 0 && m->n_position_m != 2) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "position_m");
	}
	if (strlen(m->municipality) > PARTY_ID_LEN_MAX) {
		return step_refuse(s, REFUSE(OUT_OF_RANGE), "municipality");
	}
	return SK_OK;
}

int capacity_check(struct work *w, const PB(PutCapacity) *m)
{
	int err = check_amounts(w, m);

	if (err == SK_OK) {
		err = check_dates(w, m);
	}
	return err == SK_OK ? check_uses(w, m) : err;
}
