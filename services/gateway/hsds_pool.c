/* SPDX-License-Identifier: EUPL-1.2 */
/* What a service states of its pool: figures, kinds of help, places, ages. */
#include <string.h>

#include "common/civil.h"
#include "common/when.h"
#include "services/gateway/hsds_mapper.h"

#define EXPERTISES_MAX 16 /* of one use: what matching takes */
#define UNIT(NAME) SCHAKEL__V1__UNIT__UNIT_##NAME

/* --- figures --- */

static const struct hsds_capacity *capacity_of(const struct hsds_service *s, PB(Unit) unit)
{
	for (size_t i = 0; i < s->capacities; i++) {
		if (unit != UNIT(UNSPECIFIED) && s->capacity[i].unit == unit) {
			return &s->capacity[i];
		}
	}
	for (size_t i = 0; i < s->capacities; i++) {
		if (s->capacity[i].unit != UNIT(UNSPECIFIED)) {
			return &s->capacity[i];
		}
	}
	return s->capacities == 0 ? NULL : &s->capacity[0];
}

int hsds_check_instants(struct mapper *m)
{
	uint64_t ahead = 1000 * m->n->conf->settings[SETTING_ID_AHEAD];

	for (size_t i = 0; i < m->s.capacities; i++) {
		const struct hsds_capacity *c = &m->s.capacity[i];
		if (c->updated_ms > m->n->now_ms + ahead) {
			return hsds_feed_fail(m->f, &c->item, "updated",
					      "dit ligt in de toekomst; geef wanneer er geteld is",
					      "this lies in the future; give when it was counted");
		}
	}
	return SK_OK;
}

/* As matching judges it: an own term for crisis help, opening days for the rest. */
static bool is_old(const struct mapper *m, uint64_t at_ms)
{
	const struct conf_party *p = conf_party(m->n->conf, m->r->partner);
	struct civil_calendar cal = { .weekday_mask = (uint8_t)p->opening_days,
				      .holidays_closed = !p->on_call,
				      .closed = m->n->conf->holidays,
				      .closed_len = m->n->conf->holidays_len };
	uint32_t days = (uint32_t)m->n->conf->settings[SETTING_CONFIRM_REST];

	return civil_opening_days_after(at_ms, days, &cal) <= m->n->now_ms;
}

static void note_figures(struct mapper *m, const struct hsds_capacity *c)
{
	if (c->unit == UNIT(UNSPECIFIED)) {
		hsds_note(m, "capacities", "deze eenheid kennen wij niet; geteld als plek",
			  "we do not know this unit; counted as places");
	}
	if (is_old(m, c->updated_ms)) {
		struct when_text nl = when_show(c->updated_ms, LANG_NL);
		struct when_text en = when_show(c->updated_ms, LANG_EN);
		hsds_note(m, "capacities", offer_text(m->arena, "niet bevestigd sinds %s", nl.s),
			  offer_text(m->arena, "not confirmed since %s", en.s));
	}
	if (m->s.capacities > 1) {
		hsds_note(m, "capacities",
			  "een aanbod heeft één eenheid; de andere tellen niet mee",
			  "an offer has one unit; the others are left out");
	}
}

static bool figures_differ(const struct mapper *m, const struct hsds_capacity *c)
{
	const PB(PoolItem) *now = m->r->now;

	return c->available != now->free ||
	       (c->maximum_known && c->maximum != now->capacity->total);
}

/* What was free beside what is promised, said as what is occupied otherwise. */
static int put_figures(struct mapper *m, const struct hsds_capacity *c)
{
	PB(PutCapacity) *put = m->r->put;
	uint32_t promised = m->r->now == NULL ? 0 : m->r->now->promised;
	uint32_t total = c->maximum_known ? c->maximum : put->total;
	uint32_t staffed = m->r->now == NULL || total != put->total ? total : put->staffed;
	uint32_t need = c->available + promised;

	if (need > HSDS_UNITS_MAX) {
		return hsds_feed_fail(m->f, &c->item, "available",
				      "met wat al beloofd is komt dit boven 10000; kijk het na",
				      "with what is promised already this is beyond 10000; check "
				      "it");
	}
	staffed = staffed < need ? need : staffed;
	put->staffed = staffed;
	put->used_elsewhere = staffed - need;
	put->total = total != 0 && total < staffed ? staffed : total;
	if (m->r->now == NULL) {
		put->total = staffed;
	}
	return SK_OK;
}

static int state_figures(struct mapper *m)
{
	const PB(PoolItem) *now = m->r->now;
	PB(Unit) unit = now == NULL ? UNIT(UNSPECIFIED) : now->capacity->unit;
	const struct hsds_capacity *c = capacity_of(&m->s, unit);

	if (c == NULL) {
		if (now == NULL) {
			hsds_note(m, "capacities",
				  "er staat niet bij hoeveel er vrij is; de partner moet het "
				  "zeggen",
				  "it does not say how much is free; the partner has to say it");
		}
		return SK_OK;
	}
	if (now != NULL && c->unit != UNIT(UNSPECIFIED) && c->unit != unit) {
		hsds_note(m, "capacities",
			  "dit is een andere eenheid dan wij tellen; de cijfers blijven",
			  "this is another unit than we count; the figures stay");
		return SK_OK;
	}
	if (now != NULL && c->updated_ms < now->confirmed_ms) {
		if (figures_differ(m, c)) {
			hsds_note(m, "capacities", "wij hebben een nieuwer cijfer; dat blijft",
				  "we have a newer figure; it stays");
		}
		return SK_OK;
	}
	m->r->put->observed_at_ms = c->updated_ms;
	if (now == NULL) {
		m->r->put->unit = c->unit == UNIT(UNSPECIFIED) ? UNIT(PLACE) : c->unit;
	}
	note_figures(m, c);
	return now == NULL || figures_differ(m, c) ? put_figures(m, c) : SK_OK;
}

/* --- what it is --- */

static int put_expertises(struct mapper *m, PB(PoolUse) *use)
{
	uint64_t bits = m->s.expertises;
	uint64_t old = 0;
	size_t len = (size_t)__builtin_popcountll(bits);

	for (size_t i = 0; i < use->n_expertises; i++) {
		old |= 1ULL << (use->expertises[i] - 1);
	}
	if (bits == 0 || bits == old) {
		return SK_OK;
	}
	if (len > EXPERTISES_MAX) {
		return hsds_feed_fail(m->f, m->at, "attributes",
				      "meer dan 16 soorten hulp; verdeel ze over meer diensten",
				      "more than 16 kinds of help; divide them over more services");
	}
	use->expertises = arena_alloc(m->arena, len * sizeof(use->expertises[0]));
	use->n_expertises = 0;
	for (uint32_t n = 1; use->expertises != NULL && n <= 64; n++) {
		if ((bits >> (n - 1) & 1) != 0) {
			use->expertises[use->n_expertises++] = n;
		}
	}
	return use->expertises == NULL ? SK_ENOMEM : SK_OK;
}

static uint64_t zone_bits(const struct conf *c, char *const *zones, size_t len)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < len; i++) {
		for (size_t z = 0; z < c->zones_len; z++) {
			bits |= strcmp(zones[i], c->zones[z].id) == 0 ? 1ULL << z : 0;
		}
	}
	return bits;
}

static int put_zones(struct mapper *m, PB(PoolUse) *use, uint64_t bits)
{
	const struct conf *c = m->n->conf;

	if (bits == 0 || bits == zone_bits(c, use->zones, use->n_zones)) {
		return SK_OK;
	}
	use->zones = arena_alloc(m->arena, c->zones_len * sizeof(use->zones[0]));
	use->n_zones = 0;
	for (size_t z = 0; use->zones != NULL && z < c->zones_len; z++) {
		if ((bits >> z & 1) != 0) {
			use->zones[use->n_zones++] = (char *)(uintptr_t)c->zones[z].id;
		}
	}
	return use->zones == NULL ? SK_ENOMEM : SK_OK;
}

static void put_ages(const struct hsds_service *s, PB(PoolUse) *use)
{
	bool known = s->age_from_known || s->age_to_known;

	if (known && !(s->age_to > HSDS_AGE_MAX && use->age_to >= HSDS_AGE_MAX)) {
		use->age_to = s->age_to > HSDS_AGE_MAX ? HSDS_AGE_MAX : s->age_to;
	}
	if (known) {
		use->age_from = s->age_from;
	}
}

static int put_use(struct mapper *m, PB(PoolUse) *use, uint64_t zones)
{
	int err = put_expertises(m, use);

	if (err == SK_OK) {
		err = put_zones(m, use, zones);
	}
	put_ages(&m->s, use);
	if (m->s.modality != SCHAKEL__V1__MODALITY__MODALITY_UNSPECIFIED) {
		use->modality = m->s.modality;
	}
	if (m->s.access != SCHAKEL__V1__ACCESS__ACCESS_UNSPECIFIED) {
		use->access = m->s.access;
	}
	return err;
}

static PB(PoolUse) *use_new(const struct mapper *m)
{
	PB(PoolUse) *use = arena_alloc(m->arena, sizeof(*use));

	if (use == NULL) {
		return NULL;
	}
	schakel__v1__pool_use__init(use);
	use->use = 1;
	use->age_to = HSDS_AGE_MAX;
	use->cost_units = 1;
	use->access = SCHAKEL__V1__ACCESS__ACCESS_DIRECT;
	use->modality = m->r->put->unit == UNIT(BED) ? SCHAKEL__V1__MODALITY__MODALITY_RESIDENTIAL :
			m->s.at_location             ? SCHAKEL__V1__MODALITY__MODALITY_AMBULANT :
						       SCHAKEL__V1__MODALITY__MODALITY_MOBILE;
	return use;
}

/* --- a pool that there is not yet --- */

static PB(PutCapacity) *put_new(const struct mapper *m)
{
	PB(PutCapacity) *put = arena_alloc(m->arena, sizeof(*put));
	PB(PoolUse) **uses = arena_alloc(m->arena, sizeof(uses[0]));

	if (put == NULL || uses == NULL) {
		return NULL;
	}
	schakel__v1__put_capacity__init(put);
	put->pool = (char *)(uintptr_t)m->r->pool;
	put->partner = (char *)(uintptr_t)m->r->partner;
	put->unit = UNIT(PLACE);
	put->uses = uses;
	put->observed_at_ms = 1; /* nobody ever said how much is free */
	return put;
}

static uint64_t zones_of_partner(const struct mapper *m)
{
	const struct conf_party *p = conf_party(m->n->conf, m->r->partner);
	uint64_t bits = 0;

	for (size_t i = 0; i < p->zones_len; i++) {
		for (size_t z = 0; z < m->n->conf->zones_len; z++) {
			bits |= strcmp(p->zones[i], m->n->conf->zones[z].id) == 0 ? 1ULL << z : 0;
		}
	}
	return bits;
}

int hsds_make_pool(struct mapper *m)
{
	uint64_t zones = m->s.places_stated ? m->s.zones : zones_of_partner(m);

	if (!m->s.active) {
		return hsds_skip(m, "status", "deze dienst werkt nu niet; er komt geen aanbod van",
				 "this service does not work now; no offer is made of it");
	}
	if (m->s.expertises == 0) {
		return hsds_skip(m, "attributes",
				 "geen soort hulp die deze node kent; geef een code van de lijst, "
				 "of "
				 "schrijf in " HSDS_SYNONYMS_FILE " wat ermee bedoeld is",
				 "no kind of help that this node knows; give a code of the list, "
				 "or "
				 "write in " HSDS_SYNONYMS_FILE " what is meant");
	}
	if (zones == 0) {
		return hsds_skip(m, "service_areas",
				 "geen plaats van deze node; geef een zone, gemeente, postcode of "
				 "NIS-code",
				 "no place of this node; give a zone, municipality, postal code or "
				 "NIS code");
	}
	m->r->put = put_new(m);
	if (m->r->put == NULL) {
		return SK_ENOMEM;
	}
	m->r->outcome = OFFER_CREATED;
	int err = state_figures(m);
	PB(PoolUse) *use = err == SK_OK ? use_new(m) : NULL;
	if (err == SK_OK && use == NULL) {
		err = SK_ENOMEM;
	}
	if (err == SK_OK) {
		m->r->put->uses[m->r->put->n_uses++] = use;
		err = put_use(m, use, zones);
	}
	return err;
}

/* --- a pool that there is --- */

/* Several uses say more than a service can: they stay, and that is said when the feed differs. */
static int change_uses(struct mapper *m)
{
	PB(PutCapacity) *put = m->r->put;
	const struct conf *c = m->n->conf;
	PB(PoolUse) all = SCHAKEL__V1__POOL_USE__INIT;
	uint64_t expertises = 0;
	uint64_t zones = 0;

	if (put->n_uses == 1) {
		return put_use(m, put->uses[0], m->s.zones);
	}
	all.age_from = UINT32_MAX;
	for (size_t i = 0; i < put->n_uses; i++) {
		const PB(PoolUse) *u = put->uses[i];
		for (size_t e = 0; e < u->n_expertises; e++) {
			expertises |= 1ULL << (u->expertises[e] - 1);
		}
		zones |= zone_bits(c, u->zones, u->n_zones);
		all.age_from = u->age_from < all.age_from ? u->age_from : all.age_from;
		all.age_to = u->age_to > all.age_to ? u->age_to : all.age_to;
	}
	PB(PoolUse) want = all;
	put_ages(&m->s, &want);
	if ((m->s.expertises != 0 && m->s.expertises != expertises) ||
	    (m->s.zones != 0 && m->s.zones != zones) || want.age_from != all.age_from ||
	    want.age_to != all.age_to) {
		hsds_note(m, "attributes",
			  "dit aanbod kan meer dan één ding; leeftijd, plaats en soort hulp "
			  "wijzigt u "
			  "bij het aanbod zelf",
			  "this offer can do more than one thing; change ages, place and kind of "
			  "help "
			  "at the offer itself");
	}
	return SK_OK;
}

static void close_pool(struct mapper *m)
{
	PB(PoolAnswer) none = SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_NONE;

	if (m->r->now->state != SCHAKEL__V1__POOL_STATE__POOL_STATE_PAUSED) {
		m->r->put->answer = none;
	}
	hsds_note(m, "status", "deze dienst werkt nu niet; er wordt niet naar gezocht",
		  "this service does not work now; it is not searched");
}

static void open_pool(struct mapper *m)
{
	PB(PutCapacity) *put = m->r->put;

	if (m->r->now->state == SCHAKEL__V1__POOL_STATE__POOL_STATE_PAUSED) {
		hsds_note(m, "status", "de partner heeft dit aanbod even gesloten; dat blijft",
			  "the partner closed this offer for a while; that stays");
	}
	if (put->answer == SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_NONE &&
	    put->observed_at_ms > m->r->now->confirmed_ms) {
		put->answer = SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_HAS;
	}
}

int hsds_change_pool(struct mapper *m)
{
	struct offer_row *r = m->r;

	r->put = offer_copy(m->arena, r->now);
	if (r->put == NULL) {
		return SK_ENOMEM;
	}
	int err = state_figures(m);
	if (err == SK_OK) {
		err = change_uses(m);
	}
	if (err != SK_OK) {
		return err;
	}
	if (m->s.active) {
		open_pool(m);
	} else {
		close_pool(m);
	}
	bool newer = r->put->observed_at_ms > r->now->confirmed_ms && r->now->confirmed_ms != 0;
	if (!newer && offer_same(m->arena, r->put, r->now->capacity)) {
		r->outcome = OFFER_UNCHANGED;
		r->put = NULL;
		return SK_OK;
	}
	r->outcome = OFFER_CHANGED;
	return SK_OK;
}
