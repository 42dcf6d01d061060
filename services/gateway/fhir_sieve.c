/* SPDX-License-Identifier: EUPL-1.2 */
/* What a placer wrote goes back to it as it came, but only where R4 has such a member of such a
 * type: liberal in reading, strict in writing. */
#include <ctype.h>
#include <string.h>

#include "services/gateway/fhir_json.h"

#define TEXT_MAX 4000
#define ITEMS_MAX 16

enum kind {
	TEXT, /* string, markdown */
	CODE,
	URI,
	DATE,
	YES,
	DECIMAL,
	DATA, /* of a named type */
};

struct member {
	const char *name;          /* NULL: the end */
	const struct member *type; /* of DATA */
	const char *only;          /* the codes that R4 allows, " a b " */
	enum kind kind;
	bool list;
};

static const struct member coding[] = {
	{ "system", NULL, NULL, URI, false },
	{ "version", NULL, NULL, TEXT, false },
	{ "code", NULL, NULL, CODE, false },
	{ "display", NULL, NULL, TEXT, false },
	{ 0 },
};
static const struct member concept[] = {
	{ "coding", coding, NULL, DATA, true },
	{ "text", NULL, NULL, TEXT, false },
	{ 0 },
};
static const struct member period[] = {
	{ "start", NULL, NULL, DATE, false },
	{ "end", NULL, NULL, DATE, false },
	{ 0 },
};
/* No reference: what it points at is not kept here. */
static const struct member plain_identifier[] = {
	{ "use", NULL, " usual official temp secondary old ", CODE, false },
	{ "type", concept, NULL, DATA, false },
	{ "system", NULL, NULL, URI, false },
	{ "value", NULL, NULL, TEXT, false },
	{ 0 },
};
static const struct member logical[] = {
	{ "type", NULL, NULL, URI, false },
	{ "identifier", plain_identifier, NULL, DATA, false },
	{ "display", NULL, NULL, TEXT, false },
	{ 0 },
};
static const struct member identifier[] = {
	{ "use", NULL, " usual official temp secondary old ", CODE, false },
	{ "type", concept, NULL, DATA, false },
	{ "system", NULL, NULL, URI, false },
	{ "value", NULL, NULL, TEXT, false },
	{ "period", period, NULL, DATA, false },
	{ "assigner", logical, NULL, DATA, false },
	{ 0 },
};
static const struct member annotation[] = {
	{ "authorString", NULL, NULL, TEXT, false },
	{ "time", NULL, NULL, DATE, false },
	{ "text", NULL, NULL, TEXT, false },
	{ 0 },
};
static const struct member quantity[] = {
	{ "value", NULL, NULL, DECIMAL, false },
	{ "unit", NULL, NULL, TEXT, false },
	{ "system", NULL, NULL, URI, false },
	{ "code", NULL, NULL, CODE, false },
	{ 0 },
};
static const struct member repeat[] = {
	{ "boundsPeriod", period, NULL, DATA, false },
	{ "frequency", NULL, NULL, DECIMAL, false },
	{ "period", NULL, NULL, DECIMAL, false },
	{ "periodUnit", NULL, " s min h d wk mo a ", CODE, false },
	{ 0 },
};
static const struct member timing[] = {
	{ "repeat", repeat, NULL, DATA, false },
	{ "code", concept, NULL, DATA, false },
	{ 0 },
};
static const struct member order[] = {
	{ "identifier", identifier, NULL, DATA, true },
	{ "requisition", identifier, NULL, DATA, false },
	{ "category", concept, NULL, DATA, true },
	{ "orderDetail", concept, NULL, DATA, true },
	{ "quantityQuantity", quantity, NULL, DATA, false },
	{ "occurrenceDateTime", NULL, NULL, DATE, false },
	{ "occurrencePeriod", period, NULL, DATA, false },
	{ "occurrenceTiming", timing, NULL, DATA, false },
	{ "authoredOn", NULL, NULL, DATE, false },
	{ "requester", logical, NULL, DATA, false },
	{ "performer", logical, NULL, DATA, true },
	{ "reasonCode", concept, NULL, DATA, true },
	{ "note", annotation, NULL, DATA, true },
	{ "patientInstruction", NULL, NULL, TEXT, false },
	{ 0 },
};
static const struct member name[] = {
	{ "use", NULL, " usual official temp nickname anonymous old maiden ", CODE, false },
	{ "text", NULL, NULL, TEXT, false },
	{ "family", NULL, NULL, TEXT, false },
	{ "given", NULL, NULL, TEXT, true },
	{ "prefix", NULL, NULL, TEXT, true },
	{ "suffix", NULL, NULL, TEXT, true },
	{ 0 },
};
static const struct member telecom[] = {
	{ "system", NULL, " phone fax email pager url sms other ", CODE, false },
	{ "value", NULL, NULL, TEXT, false },
	{ "use", NULL, " home work temp old mobile ", CODE, false },
	{ 0 },
};
static const struct member address[] = {
	{ "use", NULL, " home work temp old billing ", CODE, false },
	{ "type", NULL, " postal physical both ", CODE, false },
	{ "text", NULL, NULL, TEXT, false },
	{ "line", NULL, NULL, TEXT, true },
	{ "city", NULL, NULL, TEXT, false },
	{ "district", NULL, NULL, TEXT, false },
	{ "state", NULL, NULL, TEXT, false },
	{ "postalCode", NULL, NULL, TEXT, false },
	{ "country", NULL, NULL, TEXT, false },
	{ 0 },
};
static const struct member contact[] = {
	{ "relationship", concept, NULL, DATA, true },
	{ "name", name, NULL, DATA, false },
	{ "telecom", telecom, NULL, DATA, true },
	{ 0 },
};
static const struct member communication[] = {
	{ "language", concept, NULL, DATA, false },
	{ "preferred", NULL, NULL, YES, false },
	{ 0 },
};
static const struct member patient[] = {
	{ "identifier", identifier, NULL, DATA, true },
	{ "name", name, NULL, DATA, true },
	{ "telecom", telecom, NULL, DATA, true },
	{ "gender", NULL, " male female other unknown ", CODE, false },
	{ "birthDate", NULL, NULL, DATE, false },
	{ "address", address, NULL, DATA, true },
	{ "contact", contact, NULL, DATA, true },
	{ "communication", communication, NULL, DATA, true },
	{ 0 },
};

static json_t *sieve(const json_t *o, const struct member *type);

static bool has_space(const char *s)
{
	for (; *s != '\0'; s++) {
		if (isspace((unsigned char)*s)) {
			return true;
		}
	}
	return false;
}

static bool is_word_of(const char *s, const char *only)
{
	const char *at = only == NULL ? NULL : strstr(only, s);

	return only == NULL || (at != NULL && at > only && at[-1] == ' ' && at[strlen(s)] == ' ');
}

/* R4 wants seconds with a time, which fj_date() does not. */
static bool is_date(const char *s)
{
	struct fj_date d;
	size_t len = strlen(s);

	return fj_date(s, &d) && (len <= 10 || (len > 19 && s[16] == ':'));
}

static bool text_fits(const json_t *v, const struct member *m)
{
	const char *s = json_string_value(v);

	if (s == NULL || s[0] == '\0' || json_string_length(v) > TEXT_MAX) {
		return false;
	}
	switch (m->kind) {
	case CODE:
		return !has_space(s) && is_word_of(s, m->only);
	case URI:
		return !has_space(s);
	case DATE:
		return is_date(s);
	case TEXT:
		return s[strspn(s, " \t\r\n")] != '\0';
	case YES:
	case DECIMAL:
	case DATA:
	default:
		return false;
	}
}

static json_t *one(const json_t *v, const struct member *m)
{
	json_t *out = NULL;

	if (m->kind == DATA) {
		out = json_is_object(v) ? sieve(v, m->type) : NULL;
	} else if (m->kind == YES) {
		out = json_is_boolean(v) ? json_boolean(json_is_true(v)) : NULL;
	} else if (m->kind == DECIMAL) {
		out = json_is_number(v) ? json_copy((json_t *)v) : NULL;
	} else if (text_fits(v, m)) {
		out = json_string(json_string_value(v));
	}
	return out;
}

static json_t *sieve(const json_t *o, const struct member *type)
{
	json_t *out = json_object();

	for (const struct member *m = type; m->name != NULL; m++) {
		json_t *v = json_object_get(o, m->name);
		if (!m->list) {
			fj_set(out, m->name, one(v, m));
			continue;
		}
		size_t len = json_is_array(v) ? json_array_size(v) : v != NULL;
		for (size_t i = 0; i < len && i < ITEMS_MAX; i++) {
			fj_push(out, m->name, one(json_is_array(v) ? json_array_get(v, i) : v, m));
		}
	}
	return out;
}

/* An annotation has a text; a timing of a member that R4 does not allow alone stays out. */
static void drop_incomplete(json_t *o, const char *list, const char *needs)
{
	json_t *v = json_object_get(o, list);

	for (size_t i = json_array_size(v); i-- > 0;) {
		if (json_object_get(json_array_get(v, i), needs) == NULL) {
			(void)json_array_remove(v, i);
		}
	}
	if (v != NULL && json_array_size(v) == 0) {
		(void)json_object_del(o, list);
	}
}

json_t *fj_sieve_order(const json_t *service_request)
{
	json_t *o = sieve(service_request, order);

	drop_incomplete(o, "note", "text");
	return o;
}

json_t *fj_sieve_patient(const json_t *in)
{
	json_t *o = sieve(in, patient);

	drop_incomplete(o, "communication", "language");
	return o;
}
