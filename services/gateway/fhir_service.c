/* SPDX-License-Identifier: EUPL-1.2 */
/* Free over total is accepted and told (the official example of the directory standard has 12 of
 * 10); a house that gives a code and no number keeps the numbers that it gave before. */
#include "services/gateway/fhir_service.h"

#include <string.h>

#include "common/words.h"

#define UNITS_MAX 100000U
#define LIST_MAX 64
#define AGE_LAST 17

static const struct {
	const char *code;
	PB(PoolAnswer) answer;
} answers[] = {
	{ "capacity", SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_HAS },
	{ "no-capacity", SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_NONE },
	{ "waitlist", SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_NONE_WAITLIST },
	{ "additional-assessment-required", SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_ASSESS_FIRST },
};

/* The code stands in a part of the extension, or is its value where a sender shortened it. */
static const char *status_code(const json_t *r)
{
	const json_t *e = fj_extension(r, FHIR_CAPACITY_STATUS);
	const char *s = fj_extension_text(e, "capacityStatus");

	return s != NULL ? s : fj_extension_text(r, FHIR_CAPACITY_STATUS);
}

static int read_answer(struct fhir_in *in, PB(PutCapacity) *c)
{
	const char *code = status_code(in->resource);

	if (code == NULL) {
		return SK_OK;
	}
	for (size_t i = 0; i < SK_LEN(answers); i++) {
		if (strcmp(code, answers[i].code) == 0) {
			c->answer = answers[i].answer;
			return SK_OK;
		}
	}
	return fhir_wrong(in, "code-invalid", "HealthcareService.extension",
			  "geef capacity, no-capacity, waitlist of additional-assessment-required",
			  "give capacity, no-capacity, waitlist or additional-assessment-required");
}

/* @return SK_OK; @p io_n as it was when the document does not say it. */
static int read_count(struct fhir_in *in, const char *name, uint32_t *io_n, bool *ret_said)
{
	const json_t *numbers = fj_extension(in->resource, FHIR_EXT "capacity");
	const json_t *v = fj_extension_value(numbers, name);
	uint64_t n;

	*ret_said = v != NULL;
	if (v == NULL) {
		return SK_OK;
	}
	if (!fj_number(v, UNITS_MAX, &n)) {
		return fhir_wrong(in, "value", "HealthcareService.extension",
				  "geef een aantal van 0 tot 100000",
				  "give a number from 0 to 100000");
	}
	*io_n = (uint32_t)n;
	return SK_OK;
}

static void over_total(struct fhir_in *in)
{
	struct fhir_issue told = { .code = "value",
				   .at = "HealthcareService.extension",
				   .nl = "er is meer vrij gemeld dan er plaatsen zijn; het getal "
					 "is bewaard, kijk het na",
				   .en = "more is told free than there are places; it is kept, "
					 "please look again" };

	(void)fhir_say(in, &told);
}

/* `available` is what a reader sees as free: staffed less what is used elsewhere and promised. */
static int read_numbers(struct fhir_in *in, const PB(PoolItem) *now, PB(PutCapacity) *c)
{
	uint32_t available = 0;
	bool total = false;
	bool staffed = false;
	bool used = false;
	bool free_said = false;
	int err = read_count(in, "maximum", &c->total, &total);

	err = err == SK_OK ? read_count(in, "staffed", &c->staffed, &staffed) : err;
	err = err == SK_OK ? read_count(in, "used_elsewhere", &c->used_elsewhere, &used) : err;
	err = err == SK_OK ? read_count(in, "available", &available, &free_said) : err;
	if (err != SK_OK) {
		return err;
	}
	uint32_t promised = now == NULL ? 0 : now->promised;
	if (free_said && !staffed && !used) {
		uint32_t need = available + promised;
		c->staffed = total && c->total > need ? c->total : c->staffed;
		c->staffed = c->staffed < need ? need : c->staffed;
		c->used_elsewhere = c->staffed - need;
	}
	if (total && !staffed && !free_said) {
		c->staffed = c->total;
	}
	if (c->staffed > c->total) {
		if (total) {
			over_total(in);
		}
		c->total = c->staffed;
	}
	c->funded = c->funded == 0 ? c->total : c->funded;
	return SK_OK;
}

/* --- what it does, of a new pool or one that changes --- */

static int read_expertises(struct fhir_in *in, PB(PoolUse) *u)
{
	u->expertises = arena_alloc(in->arena, LIST_MAX * sizeof(*u->expertises));
	if (u->expertises == NULL) {
		return SK_ENOMEM;
	}
	for (size_t i = 0; i < fj_items(in->resource, "specialty"); i++) {
		uint32_t n = fhir_expertise(in->conf, fj_item(in->resource, "specialty", i));
		if (n == 0) {
			return fhir_wrong(in, "code-invalid", "HealthcareService.specialty",
					  "deze code staat niet in onze lijst van expertises; kies "
					  "er een van /codes/expertise",
					  "this code is not in our list of expertises; choose one "
					  "of "
					  "/codes/expertise");
		}
		if (u->n_expertises < LIST_MAX) {
			u->expertises[u->n_expertises++] = n;
		}
	}
	return SK_OK;
}

static const struct conf_zone *zone_of(const struct fhir_in *in, const json_t *area)
{
	const char *ref = fj_str(area, "reference");
	const char *slash = ref == NULL ? NULL : strrchr(ref, '/');
	const json_t *place = fhir_resolve(in, area);
	const struct conf_zone *z = fhir_zone(in->conf, fj_str2(area, "identifier", "value"));

	z = z != NULL ? z : fhir_zone(in->conf, slash == NULL ? NULL : slash + 1);
	z = z != NULL ? z : fhir_zone(in->conf, fj_str(place, "name"));
	z = z != NULL ? z : fhir_zone(in->conf, fj_str(fj_item(place, "identifier", 0), "value"));
	return z != NULL ? z : fhir_zone(in->conf, fj_str(area, "display"));
}

static int add_zone(struct fhir_in *in, PB(PoolUse) *u, const char *zone)
{
	if (u->n_zones == LIST_MAX) {
		return SK_OK;
	}
	u->zones[u->n_zones] = arena_strdup(in->arena, zone);
	return u->zones[u->n_zones++] == NULL ? SK_ENOMEM : SK_OK;
}

static int read_zones(struct fhir_in *in, PB(PoolUse) *u)
{
	const struct conf_party *house = conf_party(in->conf, in->sender);
	int err = SK_OK;

	u->zones = arena_alloc(in->arena, LIST_MAX * sizeof(*u->zones));
	if (u->zones == NULL) {
		return SK_ENOMEM;
	}
	for (size_t i = 0; err == SK_OK && i < fj_items(in->resource, "coverageArea"); i++) {
		const struct conf_zone *z = zone_of(in, fj_item(in->resource, "coverageArea", i));
		err = z == NULL ? fhir_wrong(in, "code-invalid", "HealthcareService.coverageArea",
					     "deze zone kent dit knooppunt niet; kies er een van "
					     "/codes/zone",
					     "this node knows no such zone; choose one of "
					     "/codes/zone") :
				  add_zone(in, u, z->id);
	}
	for (size_t i = 0; err == SK_OK && u->n_zones == 0 && house != NULL && i < house->zones_len;
	     i++) {
		err = add_zone(in, u, house->zones[i]);
	}
	return err;
}

static int enum_of(const json_t *r, const char *list, const char *system,
		   const ProtobufCEnumDescriptor *set)
{
	for (size_t i = 0; i < fj_items(r, list); i++) {
		const char *code = fj_coded(fj_item(r, list, i), system);
		int v;
		if (code != NULL && word_find(set, code, &v)) {
			return v;
		}
	}
	return 0;
}

static int read_languages(struct fhir_in *in, PB(PoolUse) *u)
{
	u->languages = arena_alloc(in->arena, LIST_MAX * sizeof(*u->languages));
	if (u->languages == NULL) {
		return SK_ENOMEM;
	}
	for (size_t i = 0; i < fj_items(in->resource, "communication"); i++) {
		const json_t *l = fj_item(in->resource, "communication", i);
		const char *code = fj_str(fj_item(l, "coding", 0), "code");
		if (code == NULL || strspn(code, "abcdefghijklmnopqrstuvwxyz") != 2 ||
		    u->n_languages == LIST_MAX) {
			continue;
		}
		u->languages[u->n_languages] = fhir_printf(in->arena, "%.2s", code);
		if (u->languages[u->n_languages++] == NULL) {
			return SK_ENOMEM;
		}
	}
	return SK_OK;
}

static void read_age(struct fhir_in *in, PB(PoolUse) *u)
{
	const json_t *e = fj_item(in->resource, "eligibility", 0);
	const json_t *range = fj_extension_value(e, FHIR_EXT "age");
	uint64_t n;

	u->age_from = 0;
	u->age_to = AGE_LAST;
	if (fj_number(json_object_get(json_object_get(range, "low"), "value"), 99, &n)) {
		u->age_from = (uint32_t)n;
	}
	if (fj_number(json_object_get(json_object_get(range, "high"), "value"), 99, &n)) {
		u->age_to = (uint32_t)n;
	}
}

/* One use: a pool of several is told by the board, and here keeps them. */
static int read_use(struct fhir_in *in, PB(PutCapacity) *c)
{
	PB(PoolUse) *u = arena_alloc(in->arena, sizeof(*u));

	c->uses = arena_alloc(in->arena, sizeof(*c->uses));
	if (u == NULL || c->uses == NULL) {
		return SK_ENOMEM;
	}
	schakel__v1__pool_use__init(u);
	u->use = 1;
	u->cost_units = 1;
	int modality = enum_of(in->resource, "characteristic", "modality",
			       &schakel__v1__modality__descriptor);
	int access =
		enum_of(in->resource, "referralMethod", "access", &schakel__v1__access__descriptor);
	u->modality = modality != 0 ? (PB(Modality))modality :
				      SCHAKEL__V1__MODALITY__MODALITY_AMBULANT;
	u->access = access != 0 ? (PB(Access))access : SCHAKEL__V1__ACCESS__ACCESS_DIRECT;
	u->continuum = SCHAKEL__V1__CONTINUUM__CONTINUUM_PROBLEM_BOUND;
	u->supporter = SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_PROFESSIONAL;
	read_age(in, u);
	int err = read_expertises(in, u);
	err = err == SK_OK ? read_zones(in, u) : err;
	err = err == SK_OK ? read_languages(in, u) : err;
	c->uses[0] = u;
	c->n_uses = 1;
	return err;
}

static int read_what(struct fhir_in *in, const PB(PoolItem) *now, PB(PutCapacity) *c)
{
	if (now != NULL) {
		return SK_OK;
	}
	if (fj_items(in->resource, "specialty") == 0) {
		return fhir_wrong(in, "required", "HealthcareService.specialty",
				  "een nieuw aanbod zegt welke expertise het heeft (specialty, een "
				  "code van /codes/expertise)",
				  "a new offer says which expertise it has (specialty, a code of "
				  "/codes/expertise)");
	}
	const json_t *numbers = fj_extension(in->resource, FHIR_EXT "capacity");
	const char *unit = fj_extension_text(numbers, "unit");
	int v = 0;
	c->unit = unit != NULL && word_find(&schakel__v1__unit__descriptor, unit, &v) ?
			  (PB(Unit))v :
			  SCHAKEL__V1__UNIT__UNIT_PLACE;
	return read_use(in, c);
}

int fhir_service_read(struct fhir_in *in, const char *pool, const PB(PoolItem) *now,
		      PB(PutCapacity) *ret_c)
{
	PB(PutCapacity) c = PB_INIT(PUT_CAPACITY);

	if (!name_is_valid(pool)) {
		return fhir_wrong(in, "value", "HealthcareService.id",
				  "de naam van een aanbod heeft 1 tot 31 tekens: a-z, 0-9 en -",
				  "the name of an offer has 1 to 31 characters: a-z, 0-9 and -");
	}
	if (now != NULL && now->capacity != NULL) {
		c = *now->capacity;
		c.n_uses = 0; /* as before */
		c.uses = NULL;
		c.based_on = now->version;
		c.observed_at_ms = 0;
		c.because_expertise = 0;
	}
	c.pool = arena_strdup(in->arena, pool);
	c.partner = arena_strdup(in->arena, "");
	if (c.pool == NULL || c.partner == NULL) {
		return SK_ENOMEM;
	}
	int err = read_answer(in, &c);
	err = err == SK_OK ? read_numbers(in, now, &c) : err;
	err = err == SK_OK ? read_what(in, now, &c) : err;
	if (err == SK_OK) {
		*ret_c = c;
	}
	return err;
}

const char *fhir_service_element(const char *field)
{
	static const struct {
		const char *field;
		const char *element;
	} row[] = {
		{ "uses[0].zones", "HealthcareService.coverageArea" },
		{ "uses[0].age", "HealthcareService.eligibility" },
		{ "uses[0].languages", "HealthcareService.communication" },
		{ "uses", "HealthcareService.specialty" },
		{ "pool", "HealthcareService.id" },
		{ "based_on", "HealthcareService.meta.versionId" },
		{ "partner", "HealthcareService.providedBy" },
	};

	for (size_t i = 0; i < SK_LEN(row); i++) {
		if (strncmp(field, row[i].field, strlen(row[i].field)) == 0) {
			return row[i].element;
		}
	}
	return "HealthcareService.extension";
}
