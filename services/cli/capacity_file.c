/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/capacity_file.h"

#include <string.h>

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

static const struct table_column columns[] = {
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
	{ 0 },
};

int capacity_file_read(struct jsonin *ret_in, struct arena *arena, struct slice bytes,
		       enum file_kind kind, struct file_error *ret_err)
{
	static const struct table_spec spec = { columns, "uses", "conversions" };

	int err = kind == FILE_CSV ? table_parse(ret_in, arena, bytes, &spec, ret_err) :
				     jsonin_parse(ret_in, arena, bytes, ret_err);
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
	static const char *const ignore[] = { "observed_at_ms", NULL };
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
