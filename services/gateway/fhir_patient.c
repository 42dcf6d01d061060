/* SPDX-License-Identifier: EUPL-1.2 */
/* Of a Patient only the age leaves the capsule. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "common/civil.h"
#include "services/gateway/fhir_in.h"

#define AGE_MAX 25

/* --- the number of the national register --- */

/* The ssin of a list of identifiers, its digits only. */
static void insz_of(const json_t *holder, char ret_insz[12])
{
	ret_insz[0] = '\0';
	for (size_t i = 0; i < fj_items(holder, "identifier"); i++) {
		const json_t *id = fj_item(holder, "identifier", i);
		const char *value = fj_str(id, "value");
		const char *system = fj_str(id, "system");
		if (value == NULL || system == NULL || strcmp(system, FHIR_SSIN) != 0) {
			continue;
		}
		size_t len = 0;
		for (; *value != '\0' && len < 11; value++) {
			if (isdigit((unsigned char)*value)) {
				ret_insz[len++] = *value;
			}
		}
		ret_insz[len] = '\0';
		return;
	}
}

/* A number begins with yymmdd; its check digits say which century. */
static bool born_of_insz(const char *insz, struct fj_date *ret_born)
{
	char iso[12];

	if (!fhir_insz_ok(insz)) {
		return false;
	}
	uint64_t body = 0;
	for (size_t i = 0; i < 9; i++) {
		body = 10 * body + (uint64_t)(insz[i] - '0');
	}
	uint64_t check = (uint64_t)(insz[9] - '0') * 10 + (uint64_t)(insz[10] - '0');
	const char *century = check == 97 - (2000000000 + body) % 97 ? "20" : "19";
	/* Of somebody whose day is not known it may be 00: then the year alone is. */
	(void)snprintf(iso, sizeof(iso), "%s%.2s-%.2s-%.2s", century, insz, insz + 2, insz + 4);
	if (fj_date(iso, ret_born)) {
		return true;
	}
	iso[4] = '\0';
	return fj_date(iso, ret_born);
}

/* --- the age --- */

static bool age_of(uint64_t now_ms, const struct fj_date *born, uint32_t *ret_age)
{
	struct civil now = civil_from_ms(now_ms);
	int years = (int)now.date.year - born->year;

	if (born->month > (int)now.date.month ||
	    (born->month == (int)now.date.month && born->day > (int)now.date.day)) {
		years--;
	}
	if (years < 0 || years > AGE_MAX) {
		return false;
	}
	*ret_age = (uint32_t)years;
	return true;
}

/* --- how somebody is called back --- */

static const char *telecom_of(const json_t *holder)
{
	static const char *const wanted[] = { "phone", "sms", "email" };

	for (size_t w = 0; w < SK_LEN(wanted); w++) {
		for (size_t i = 0; i < fj_items(holder, "telecom"); i++) {
			const json_t *t = fj_item(holder, "telecom", i);
			if (fj_is(t, "system", wanted[w]) && fj_str(t, "value") != NULL) {
				return fj_str(t, "value");
			}
		}
	}
	/* One without a system is what somebody wrote down to be called by. */
	const json_t *first = fj_item(holder, "telecom", 0);
	return fj_str(first, "system") == NULL ? fj_str(first, "value") : NULL;
}

static const char *callback_of(struct fhir_in *in, const json_t *patient)
{
	const char *s = fj_extension_text(in->resource, FHIR_EXT "callback");
	const json_t *asker = fhir_resolve(in, json_object_get(in->resource, "requester"));
	const struct conf_party *house = conf_party(in->conf, in->sender);

	s = s == NULL ? telecom_of(patient) : s;
	for (size_t i = 0; s == NULL && i < fj_items(patient, "contact"); i++) {
		s = telecom_of(fj_item(patient, "contact", i));
	}
	/* The family is called by way of who sends it. */
	s = s == NULL ? telecom_of(asker) : s;
	if (s == NULL && json_object_get(asker, "practitioner") != NULL) {
		s = telecom_of(fhir_resolve(in, json_object_get(asker, "practitioner")));
	}
	if (s == NULL && house != NULL && house->phone[0] != '\0') {
		s = fhir_printf(in->arena, "%s (%s)", house->phone, house->name);
	}
	return s;
}

static int no_age(struct fhir_in *in, bool known)
{
	return known ? fhir_wrong(in, "value", "ServiceRequest.subject",
				  "de geboortedatum ligt niet tussen 0 en 25 jaar geleden; "
				  "Schakel is er voor jeugdhulp",
				  "the birth date does not lie 0 to 25 years back; Schakel is for "
				  "youth care") :
		       fhir_wrong(in, "required", "ServiceRequest.subject",
				  "zeg hoe oud het kind is: een Patient met birthDate (het jaar "
				  "volstaat), in contained of in de Bundle, of een INSZ-nummer",
				  "say how old the child is: a Patient with birthDate (the year "
				  "is enough), contained or in the Bundle, or an INSZ number");
}

int fhir_patient_read(struct fhir_in *in, const json_t *subject, struct fhir_patient *ret_p)
{
	struct fhir_patient p = { .resource = fhir_resolve(in, subject) };
	struct fj_date born;

	if (p.resource != NULL && !fj_is(p.resource, "resourceType", "Patient")) {
		return fhir_wrong(in, "value", "ServiceRequest.subject", "verwijs naar een Patient",
				  "refer to a Patient");
	}
	insz_of(p.resource != NULL ? p.resource : subject, p.insz);
	if (p.insz[0] != '\0' && !fhir_insz_ok(p.insz)) {
		struct fhir_issue told = { .code = "value",
					   .at = "Patient.identifier",
					   .nl = "de controlecijfers van dit INSZ-nummer kloppen "
						 "niet; kijk het na",
					   .en = "the check digits of this INSZ number are wrong; "
						 "please look again" };
		(void)fhir_say(in, &told);
	}
	bool known = fj_date(fj_str(p.resource, "birthDate"), &born) || born_of_insz(p.insz, &born);
	if (!known || !age_of(in->now_ms, &born, &p.age_years)) {
		return no_age(in, known);
	}
	p.callback = callback_of(in, p.resource);
	*ret_p = p;
	return SK_OK;
}

/* --- what goes sealed --- */

static json_t *name_text(const json_t *patient)
{
	const json_t *n = fj_item(patient, "name", 0);
	const char *given = json_string_value(fj_item(n, "given", 0));
	const char *family = fj_str(n, "family");

	if (fj_str(n, "text") != NULL) {
		return json_string(fj_str(n, "text"));
	}
	if (given == NULL && family == NULL) {
		return NULL;
	}
	return json_sprintf("%s%s%s", given == NULL ? "" : given,
			    given != NULL && family != NULL ? " " : "",
			    family == NULL ? "" : family);
}

static json_t *address_text(const json_t *patient)
{
	const json_t *a = fj_item(patient, "address", 0);
	const json_t *lines = json_object_get(a, "line");
	const char *line =
		json_string_value(json_is_array(lines) ? json_array_get(lines, 0) : lines);

	if (fj_str(a, "text") != NULL) {
		return json_string(fj_str(a, "text"));
	}
	if (line == NULL && fj_str(a, "city") == NULL) {
		return NULL;
	}
	return json_sprintf("%s, %s %s", line == NULL ? "" : line,
			    fj_str(a, "postalCode") == NULL ? "" : fj_str(a, "postalCode"),
			    fj_str(a, "city") == NULL ? "" : fj_str(a, "city"));
}

json_t *fhir_patient_content(const struct fhir_patient *p)
{
	json_t *o = json_object();

	fj_set(o, "name", name_text(p->resource));
	fj_text(o, "callback", p->callback);
	fj_set(o, "address", address_text(p->resource));
	json_t *patient = fj_sieve_patient(p->resource);
	if (json_object_size(patient) == 0 && p->insz[0] != '\0') {
		fj_push(patient, "identifier", fj_identifier(FHIR_SSIN, p->insz));
	}
	fj_set(o, "patient", patient);
	return o;
}
