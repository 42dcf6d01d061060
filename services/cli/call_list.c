/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/call_list.h"

#include <string.h>

#include "common/words.h"
#include "schakel/v1/codes.pb-c.h"
#include "services/cli/output.h"

#define STEP_NONE 99 /* behind each step */

static const char *text_at(json_t *row, const char *path)
{
	const char *s = json_string_value(json_at(row, path));

	return s == NULL ? "" : s;
}

static int step_of(json_t *row)
{
	int step = STEP_NONE;

	(void)word_find(&schakel__v1__crisis_step__descriptor, text_at(row, "request.crisis_step"),
			&step);
	return step;
}

/* Instants are written from year to second, so as text they sort as they come. */
static bool comes_before(json_t *a, json_t *b)
{
	bool plan = json_is_true(json_object_get(a, "night_plan"));

	if (plan != json_is_true(json_object_get(b, "night_plan"))) {
		return !plan;
	}
	if (plan) {
		return strcmp(text_at(a, "call_at_ms"), text_at(b, "call_at_ms")) < 0;
	}
	if (step_of(a) != step_of(b)) {
		return step_of(a) < step_of(b);
	}
	return strcmp(text_at(a, "request.received_ms"), text_at(b, "request.received_ms")) < 0;
}

json_t *call_list_crises(json_t *requests, const char *zone)
{
	json_t *list = json_array();
	size_t i;
	json_t *row;

	json_array_foreach (requests, i, row) {
		if (zone[0] != '\0' && strcmp(zone, text_at(row, "request.zone")) != 0) {
			continue;
		}
		(void)json_object_del(row, "capsules"); /* sealed bytes say nothing to anybody */
		size_t at = json_array_size(list);
		while (at > 0 && comes_before(row, json_array_get(list, at - 1))) {
			at--;
		}
		(void)json_array_insert(list, at, row);
	}
	return list;
}
