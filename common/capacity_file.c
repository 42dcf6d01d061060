/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/capacity_file.h"

#include <string.h>

#include "common/pbjson.h"
#include "common/table.h"

#define AMOUNT_MAX 100000

static const struct field_rule rules[] = {
	{ "PutCapacity", "pool", true, 0, 0 },
	{ "PutCapacity", "unit", true, 0, 0 },
	{ "PutCapacity", "total", false, 0, AMOUNT_MAX },
	{ "PutCapacity", "funded", false, 0, AMOUNT_MAX },
	{ "PutCapacity", "staffed", true, 0, AMOUNT_MAX },
	{ "PutCapacity", "used_elsewhere", false, 0, AMOUNT_MAX },
	{ "PutCapacity", "uses", false, 0, 8 },
	{ "PutCapacity", "joint_partners", false, 0, 4 },
	{ "PutCapacity", "limits", false, 0, 8 },
	{ "PutCapacity", "conversions", false, 0, 8 },
	{ "PoolLimit", "use", true, 1, 255 },
	{ "PoolLimit", "units_week", true, 0, 10000 },
	{ "Conversion", "from_use", true, 1, 255 },
	{ "Conversion", "to_pool", true, 0, 0 },
	{ "Conversion", "from_units", true, 1, 100 },
	{ "Conversion", "to_units", true, 1, 100 },
	{ "Conversion", "most_week", false, 0, 10000 },
	{ "PutCapacity", "position_m", false, 0, 1000000 },
	{ "PoolUse", "use", true, 1, 8 },
	{ "PoolUse", "expertises", true, 0, 39 },
	{ "PoolUse", "modality", true, 0, 0 },
	{ "PoolUse", "access", true, 0, 0 },
	{ "PoolUse", "zones", true, 0, 64 },
	{ "PoolUse", "age_from", false, 0, 25 },
	{ "PoolUse", "age_to", true, 0, 25 },
	{ "PoolUse", "cost_units", true, 1, 1000 },
	{ 0 },
};

const struct table_column capacity_columns[] = {
	{ "id", "pool", TABLE_TEXT, TABLE_KEY, NULL },
	{ "partner", "partner", TABLE_TEXT, TABLE_RECORD, NULL },
	{ "unit", "unit", TABLE_TEXT, TABLE_RECORD, NULL },
	{ "total", "total", TABLE_NUMBER, TABLE_RECORD, NULL },
	{ "funded", "funded", TABLE_NUMBER, TABLE_RECORD, NULL },
	{ "staffed", "staffed", TABLE_NUMBER, TABLE_RECORD, NULL },
	{ "used_elsewhere", "used_elsewhere", TABLE_NUMBER, TABLE_RECORD, NULL },
	{ "insured", "insured", TABLE_YES, TABLE_RECORD, NULL },
	{ "municipality", "municipality", TABLE_TEXT, TABLE_RECORD, NULL },
	{ "from", "from_ms", TABLE_TEXT, TABLE_RECORD, NULL },
	{ "until", "until_ms", TABLE_TEXT, TABLE_RECORD, NULL },
	{ "based_on", "based_on", TABLE_NUMBER, TABLE_RECORD, NULL },
	{ "because_expertise", "because_expertise", TABLE_TEXT, TABLE_RECORD, NULL },
	{ "because_zone", "because_zone", TABLE_TEXT, TABLE_RECORD, NULL },
	{ "use", "use", TABLE_NUMBER, TABLE_ITEM, NULL },
	{ "expertises", "expertises", TABLE_WORDS, TABLE_ITEM, NULL },
	{ "supporter", "supporter", TABLE_TEXT, TABLE_ITEM, NULL },
	{ "modality", "modality", TABLE_TEXT, TABLE_ITEM, NULL },
	{ "age_from", "age_from", TABLE_NUMBER, TABLE_ITEM, NULL },
	{ "age_to", "age_to", TABLE_NUMBER, TABLE_ITEM, NULL },
	{ "zones", "zones", TABLE_WORDS, TABLE_ITEM, NULL },
	{ "languages", "languages", TABLE_WORDS, TABLE_ITEM, NULL },
	{ "access", "access", TABLE_TEXT, TABLE_ITEM, NULL },
	{ "continuum", "continuum", TABLE_TEXT, TABLE_ITEM, NULL },
	{ "cost_units", "cost_units", TABLE_NUMBER, TABLE_ITEM, NULL },
	{ "joint_partners", "joint_partners", TABLE_WORDS, TABLE_RECORD, NULL },
	{ "answer", "answer", TABLE_TEXT, TABLE_RECORD, NULL },
	{ "network", "network", TABLE_TEXT, TABLE_RECORD, NULL },
	{ "school_atelier", "school_atelier", TABLE_YES, TABLE_RECORD, NULL },
	{ "from_use", "from_use", TABLE_NUMBER, TABLE_MORE, NULL },
	{ "to_pool", "to_pool", TABLE_TEXT, TABLE_MORE, NULL },
	{ "from_units", "from_units", TABLE_NUMBER, TABLE_MORE, NULL },
	{ "to_units", "to_units", TABLE_NUMBER, TABLE_MORE, NULL },
	{ "most_week", "most_week", TABLE_NUMBER, TABLE_MORE, NULL },
	{ "typemodule", NULL, TABLE_TEXT, TABLE_RECORD, NULL },
	{ "free", "free", TABLE_NUMBER, TABLE_RECORD, NULL },
	{ "promised", NULL, TABLE_TEXT, TABLE_RECORD, NULL },
	{ 0 },
};

const struct table_alias capacity_dutch[] = {
	{ "id", "aanbod" },
	{ "unit", "eenheid" },
	{ "total", "totaal" },
	{ "funded", "gefinancierd" },
	{ "staffed", "bemand" },
	{ "used_elsewhere", "bezet" },
	{ "free", "vrij" },
	{ "promised", "beloofd" },
	{ "insured", "verzekerd" },
	{ "municipality", "gemeente" },
	{ "from", "vanaf" },
	{ "until", "tot" },
	{ "based_on", "versie" },
	{ "because_expertise", "wegens_hulp" },
	{ "because_zone", "wegens_zone" },
	{ "use", "vorm" },
	{ "expertises", "soort_hulp" },
	{ "supporter", "wie" },
	{ "modality", "werkwijze" },
	{ "age_from", "leeftijd_van" },
	{ "age_to", "leeftijd_tot" },
	{ "languages", "talen" },
	{ "access", "toegang" },
	{ "continuum", "zwaarte" },
	{ "cost_units", "kost" },
	{ "joint_partners", "samen_met" },
	{ "answer", "antwoord" },
	{ "network", "netwerk" },
	{ "school_atelier", "schoolatelier" },
	{ "from_use", "uit_vorm" },
	{ "to_pool", "naar_aanbod" },
	{ "from_units", "uit_aantal" },
	{ "to_units", "naar_aantal" },
	{ "most_week", "meest_per_week" },
	{ 0 },
};

/* A row that says nothing of a use leaves the uses as they were. */
static void drop_empty_uses(json_t *records)
{
	json_t *record;
	size_t i;

	json_array_foreach (records, i, record) {
		json_t *use;
		size_t k;
		bool said = false;
		json_array_foreach (json_object_get(record, "uses"), k, use) {
			said = said || json_object_size(use) > 0;
		}
		if (!said) {
			(void)json_object_del(record, "uses");
		}
	}
}

int capacity_file_read(struct jsonin *ret_in, struct arena *arena, struct slice bytes,
		       enum file_kind kind, struct file_error *ret_err)
{
	static const struct table_spec spec = { capacity_columns, "uses", "conversions",
						capacity_dutch };

	int err = kind == FILE_CSV ? table_parse(ret_in, arena, bytes, &spec, ret_err) :
				     jsonin_parse(ret_in, arena, bytes, ret_err);
	if (err == SK_OK && kind == FILE_CSV) {
		drop_empty_uses(ret_in->root);
	}
	if (err == SK_OK && json_array_size(ret_in->root) > JSONIN_RECORDS_MAX) {
		err = file_error_set(ret_err, 0, "meer dan %d plekken; splits het bestand",
				     "more than %d pools; split the file", JSONIN_RECORDS_MAX);
	}
	if (err != SK_OK) {
		jsonin_done(ret_in);
	}
	return err;
}

static int check_uses(struct jsonin *in, const Schakel__V1__PutCapacity *p, const char *base)
{
	char at[JSONIN_PATH_MAX];

	for (size_t i = 0; i < p->n_uses; i++) {
		if (p->uses[i]->age_from > p->uses[i]->age_to) {
			jsonin_path(at, "%suses[%zu].age_from", base, i);
			return jsonin_fail(in, at, "van %u tot %u jaar kan niet; wissel ze om",
					   "from %u to %u years is impossible; swap them",
					   p->uses[i]->age_from, p->uses[i]->age_to);
		}
	}
	if (p->n_position_m != 0 && p->n_position_m != 2) {
		jsonin_path(at, "%sposition_m", base);
		return jsonin_fail(in, at, "geef twee getallen: x en y in meter (Lambert 72)",
				   "give two numbers: x and y in metres (Lambert 72)");
	}
	return SK_OK;
}

int capacity_file_get(struct jsonin *in, size_t i, Schakel__V1__PutCapacity **ret_put)
{
	static const char *const ignore[] = { "observed_at_ms", "free", NULL };
	static const struct jsonin_spec spec = { .type = &schakel__v1__put_capacity__descriptor,
						 .rules = rules,
						 .ignore = ignore };
	bool list = json_is_array(in->root);
	char base[JSONIN_PATH_MAX] = "";
	char dotted[JSONIN_PATH_MAX] = "";
	ProtobufCMessage *m = NULL;

	if (list) {
		jsonin_path(base, "[%zu]", i);
		jsonin_path(dotted, "[%zu].", i);
	}
	int err =
		jsonin_message(in, list ? json_array_get(in->root, i) : in->root, base, &spec, &m);
	if (err != SK_OK) {
		return err;
	}
	*ret_put = (Schakel__V1__PutCapacity *)m;
	return check_uses(in, *ret_put, dotted);
}

/* --- against the pool as it stands --- */

static json_t *record_of(const struct jsonin *in, size_t i)
{
	return json_is_array(in->root) ? json_array_get(in->root, i) : in->root;
}

const char *capacity_file_pool(const struct jsonin *in, size_t i)
{
	const char *pool = json_string_value(json_object_get(record_of(in, i), "pool"));

	return pool == NULL ? "" : pool;
}

/* What a use does not say, it has of the present use of its number. */
static void fill_uses(json_t *uses, const json_t *old)
{
	json_t *use;
	json_t *before;
	size_t i;
	size_t k;

	json_array_foreach (uses, i, use) {
		json_array_foreach (old, k, before) {
			if (json_equal(json_object_get(use, "use"), json_object_get(before, "us"
											    "e")) ==
			    1) {
				(void)json_object_update_missing(use, before);
			}
		}
	}
}

int capacity_file_fill(struct jsonin *in, size_t i, const PB(PoolItem) *now)
{
	static const char *const not_said[] = { "based_on", "observed_at_ms", "because_expertise",
						"because_zone", NULL };
	json_t *old = pb_json(&now->capacity->base);
	json_t *record = record_of(in, i);

	if (old == NULL) {
		return SK_ENOMEM;
	}
	for (size_t k = 0; not_said[k] != NULL; k++) {
		(void)json_object_del(old, not_said[k]);
	}
	fill_uses(json_object_get(record, "uses"), json_object_get(old, "uses"));
	(void)json_object_update_missing(record, old);
	json_decref(old);
	return SK_OK;
}

int capacity_file_settle(struct jsonin *in, size_t i, PB(PutCapacity) *put, const PB(PoolItem) *now)
{
	const json_t *said = json_object_get(record_of(in, i), "free");
	uint32_t promised = now == NULL ? 0 : now->promised;
	uint64_t taken = (uint64_t)put->used_elsewhere + promised;
	json_int_t free = json_is_integer(said) ? json_integer_value(said) : -1;
	char at[JSONIN_PATH_MAX];

	if (said == NULL) {
		return SK_OK;
	}
	jsonin_path(at, json_is_array(in->root) ? "[%zu].free" : "free", i);
	if (free < 0 || free > AMOUNT_MAX) {
		return jsonin_fail(in, at, "geef een geheel getal van 0 tot %d",
				   "give a whole number from 0 to %d", AMOUNT_MAX);
	}
	uint64_t left = taken >= put->staffed ? 0 : put->staffed - taken;
	bool kept = now != NULL && (uint64_t)free == now->free;
	if ((uint64_t)free == left || kept) {
		return SK_OK;
	}
	bool used_kept = now == NULL ? put->used_elsewhere == 0 :
				       put->used_elsewhere == now->capacity->used_elsewhere;
	if (!used_kept) {
		return jsonin_fail(in, at,
				   "bemand, bezet, beloofd (%u) en vrij kloppen niet samen; "
				   "wijzig bezet of vrij, niet allebei",
				   "staffed, used elsewhere, promised (%u) and free do not agree; "
				   "change used or free, not both",
				   promised);
	}
	if ((uint64_t)free + promised > put->staffed) {
		return jsonin_fail(in, at,
				   "meer vrij dan er bemand is (%u, waarvan %u beloofd); verhoog "
				   "bemand",
				   "more free than there is staffed (%u, of which %u promised); "
				   "raise staffed",
				   put->staffed, promised);
	}
	put->used_elsewhere = put->staffed - promised - (uint32_t)free;
	return SK_OK;
}
