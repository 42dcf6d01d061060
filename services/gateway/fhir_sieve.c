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
	const char *name; /* NULL: the end */
	enum kind kind;
	const struct member *type; /* of DATA */
	bool list;
	const char *only; /* the codes that R4 allows, " a b " */
};

static const struct member coding[] = {
	{ "system", URI, NULL, false, NULL },
	{ "version", TEXT, NULL, false, NULL },
	{ "code", CODE, NULL, false, NULL },
	{ "display", TEXT, NULL, false, NULL },
	{ 0 },
};
static const struct member concept[] = {
	{ "coding", DATA, coding, true, NULL },
	{ "text", TEXT, NULL, false, NULL },
	{ 0 },
};
static const struct member period[] = {
	{ "start", DATE, NULL, false, NULL },
	{ "end", DATE, NULL, false, NULL },
	{ 0 },
};
/* No reference: what it points at is not kept here. */
static const struct member plain_identifier[] = {
	{ "use", CODE, NULL, false, " usual official temp secondary old " },
	{ "type", DATA, concept, false, NULL },
	{ "system", URI, NULL, false, NULL },
	{ "value", TEXT, NULL, false, NULL },
	{ 0 },
};
static const struct member logical[] = {
	{ "type", URI, NULL, false, NULL },
	{ "identifier", DATA, plain_identifier, false, NULL },
	{ "display", TEXT, NULL, false, NULL },
	{ 0 },
};
static const struct member identifier[] = {
	{ "use", CODE, NULL, false, " usual official temp secondary old " },
	{ "type", DATA, concept, false, NULL },
	{ "system", URI, NULL, false, NULL },
	{ "value", TEXT, NULL, false, NULL },
	{ "period", DATA, period, false, NULL },
	{ "assigner", DATA, logical, false, NULL },
	{ 0 },
};
static const struct member annotation[] = {
	{ "authorString", TEXT, NULL, false, NULL },
	{ "time", DATE, NULL, false, NULL },
	{ "text", TEXT, NULL, false, NULL },
	{ 0 },
};
static const struct member quantity[] = {
	{ "value", DECIMAL, NULL, false, NULL },
	{ "unit", TEXT, NULL, false, NULL },
	{ "system", URI, NULL, false, NULL },
	{ "code", CODE, NULL, false, NULL },
	{ 0 },
};
static const struct member repeat[] = {
	{ "boundsPeriod", DATA, period, false, NULL },
	{ "frequency", DECIMAL, NULL, false, NULL },
	{ "period", DECIMAL, NULL, false, NULL },
	{ "periodUnit", CODE, NULL, false, " s min h d wk mo a " },
	{ 0 },
};
static const struct member timing[] = {
	{ "repeat", DATA, repeat, false, NULL },
	{ "code", DATA, concept, false, NULL },
	{ 0 },
};
static const struct member order[] = {
	{ "identifier", DATA, identifier, true, NULL },
	{ "requisition", DATA, identifier, false, NULL },
	{ "category", DATA, concept, true, NULL },
	{ "orderDetail", DATA, concept, true, NULL },
	{ "quantityQuantity", DATA, quantity, false, NULL },
	{ "occurrenceDateTime", DATE, NULL, false, NULL },
	{ "occurrencePeriod", DATA, period, false, NULL },
	{ "occurrenceTiming", DATA, timing, false, NULL },
	{ "authoredOn", DATE, NULL, false, NULL },
	{ "requester", DATA, logical, false, NULL },
	{ "performer", DATA, logical, true, NULL },
	{ "reasonCode", DATA, concept, true, NULL },
	{ "note", DATA, annotation, true, NULL },
	{ "patientInstruction", TEXT, NULL, false, NULL },
	{ 0 },
};
static const struct member name[] = {
	{ "use", CODE, NULL, false, " usual official temp nickname anonymous old maiden " },
	{ "text", TEXT, NULL, false, NULL },
	{ "family", TEXT, NULL, false, NULL },
	{ "given", TEXT, NULL, true, NULL },
	{ "prefix", TEXT, NULL, true, NULL },
	{ "suffix", TEXT, NULL, true, NULL },
	{ 0 },
};
static const struct member telecom[] = {
	{ "system", CODE, NULL, false, " phone fax email pager url sms other " },
	{ "value", TEXT, NULL, false, NULL },
	{ "use", CODE, NULL, false, " home work temp old mobile " },
	{ 0 },
};
static const struct member address[] = {
	{ "use", CODE, NULL, false, " home work temp old billing " },
	{ "type", CODE, NULL, false, " postal physical both " },
	{ "text", TEXT, NULL, false, NULL },
	{ "line", TEXT, NULL, true, NULL },
	{ "city", TEXT, NULL, false, NULL },
	{ "district", TEXT, NULL, false, NULL },
	{ "state", TEXT, NULL, false, NULL },
	{ "postalCode", TEXT, NULL, false, NULL },
	{ "country", TEXT, NULL, false, NULL },
	{ 0 },
};
static const struct member contact[] = {
	{ "relationship", DATA, concept, true, NULL },
	{ "name", DATA, name, false, NULL },
	{ "telecom", DATA, telecom, true, NULL },
	{ 0 },
};
static const struct member communication[] = {
	{ "language", DATA, concept, false, NULL },
	{ "preferred", YES, NULL, false, NULL },
	{ 0 },
};
static const struct member patient[] = {
	{ "identifier", DATA, identifier, true, NULL },
	{ "name", DATA, name, true, NULL },
	{ "telecom", DATA, telecom, true, NULL },
	{ "gender", CODE, NULL, false, " male female other unknown " },
	{ "birthDate", DATE, NULL, false, NULL },
	{ "address", DATA, address, true, NULL },
	{ "contact", DATA, contact, true, NULL },
	{ "communication", DATA, communication, true, NULL },
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
