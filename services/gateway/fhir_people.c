/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include <sodium.h>

#include "services/gateway/fhir_reading.h"

#define LANGUAGES_MAX 4
#define ADULTS_MAX 4
#define PREFERRED_MAX 16

static void *take(struct reading *r, size_t bytes)
{
	return arena_alloc(r->in->arena, bytes);
}

/* --- about whom --- */

static bool same_identifier(const json_t *a, const json_t *b)
{
	const char *value = fj_str(a, "value");
	const char *system = fj_str(a, "system");
	const char *other = fj_str(b, "system");

	return value != NULL && fj_is(b, "value", value) &&
	       strcmp(system == NULL ? "" : system, other == NULL ? "" : other) == 0;
}

/* Two Patients are one child when they are the same document, or share a number. Their ids inside
 * two orders say nothing: each order may call its own child "#patient". */
static bool same_patient(const json_t *a, const json_t *b)
{
	if (a == b || json_equal(a, b) != 0) {
		return true;
	}
	for (size_t i = 0; i < fj_items(a, "identifier"); i++) {
		for (size_t k = 0; k < fj_items(b, "identifier"); k++) {
			if (same_identifier(fj_item(a, "identifier", i),
					    fj_item(b, "identifier", k))) {
				return true;
			}
		}
	}
	return false;
}

static bool same_subject(const struct reading *r, size_t k, const json_t *subject)
{
	const json_t *patient = fhir_resolve(r->in, subject);
	const json_t *other = r->patient[k].resource;
	const char *reference = fj_str(subject, "reference");

	if (patient != NULL || other != NULL) {
		return patient != NULL && other != NULL && same_patient(patient, other);
	}
	return (reference != NULL && fj_is(r->subject[k], "reference", reference)) ||
	       same_identifier(json_object_get(subject, "identifier"),
			       json_object_get(r->subject[k], "identifier"));
}

static int child_of(struct reading *r, size_t i, size_t *io_children)
{
	const json_t *subject = json_object_get(r->orders[i], "subject");

	r->in->resource = r->orders[i];
	for (size_t k = 0; k < *io_children; k++) {
		if (same_subject(r, k, subject)) {
			r->child[i] = (uint32_t)k;
			return SK_OK;
		}
	}
	if (*io_children == FHIR_CHILDREN_MAX) {
		return fhir_wrong(r->in, "too-costly", "ServiceRequest.subject",
				  "ten hoogste 8 kinderen in één aanmelding",
				  "at most 8 children in one request");
	}
	int err = fhir_patient_read(r->in, subject, &r->patient[*io_children]);
	r->subject[*io_children] = subject;
	r->child[i] = (uint32_t)(*io_children)++;
	return err;
}

/* Children of one request are seen by the same people: only who says that they are of one family
 * gets that. */
static int one_family(struct reading *r, size_t children)
{
	const json_t *requisition = json_object_get(r->orders[0], "requisition");
	bool one = true;

	for (size_t i = 1; i < r->len; i++) {
		one = one && same_identifier(requisition, json_object_get(r->orders[i], "requisitio"
											"n"));
	}
	bool grouped = r->group[0] != NULL;
	for (size_t i = 1; i < r->len; i++) {
		grouped = grouped && r->group[i] == r->group[0];
	}
	if (children < 2 || one || grouped) {
		return SK_OK;
	}
	return fhir_wrong(r->in, "business-rule", "ServiceRequest.requisition",
			  "deze ServiceRequests gaan over verschillende kinderen: geef broers en "
			  "zussen dezelfde requisition; kinderen van verschillende gezinnen zijn "
			  "aparte aanmeldingen (type batch)",
			  "these ServiceRequests are about different children: give siblings the "
			  "same requisition; children of different families are orders of their "
			  "own (type batch)");
}

static bool parent_code(const json_t *coding)
{
	static const char *const codes[] = { "MTH",    "FTH",      "PRN",    "GUARD",
					     "NMTH",   "NFTH",     "mother", "father",
					     "parent", "guardian", "tutor",  "STPPRN" };

	const char *code = fj_str(coding, "code");

	for (size_t c = 0; code != NULL && c < SK_LEN(codes); c++) {
		if (strcmp(code, codes[c]) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_parent(const json_t *contact)
{
	for (size_t i = 0; i < fj_items(contact, "relationship"); i++) {
		const json_t *rel = fj_item(contact, "relationship", i);
		for (size_t k = 0; k < fj_items(rel, "coding"); k++) {
			if (parent_code(fj_item(rel, "coding", k))) {
				return true;
			}
		}
	}
	return false;
}

static int read_adults(struct reading *r)
{
	const json_t *patient = r->patient[0].resource;
	PB(SubmitRequest) *m = &r->o->submit;

	m->adults = take(r, ADULTS_MAX * sizeof(*m->adults));
	if (m->adults == NULL) {
		return SK_ENOMEM;
	}
	for (size_t i = 0; i < fj_items(patient, "contact") && m->n_adults < ADULTS_MAX; i++) {
		if (!is_parent(fj_item(patient, "contact", i))) {
			continue;
		}
		PB(Adult) *a = take(r, sizeof(*a));
		if (a == NULL) {
			return SK_ENOMEM;
		}
		schakel__v1__adult__init(a);
		a->number = (uint32_t)m->n_adults + 1;
		a->authority = true;
		a->home = true;
		m->adults[m->n_adults++] = a;
	}
	return SK_OK;
}

static int read_languages(struct reading *r)
{
	const json_t *patient = r->patient[0].resource;
	PB(SubmitRequest) *m = &r->o->submit;

	m->languages = take(r, LANGUAGES_MAX * sizeof(*m->languages));
	if (m->languages == NULL) {
		return SK_ENOMEM;
	}
	for (size_t i = 0; i < fj_items(patient, "communication"); i++) {
		const json_t *l = json_object_get(fj_item(patient, "communication", i), "language");
		const char *code = fj_str(fj_item(l, "coding", 0), "code");
		bool plain = code != NULL && strspn(code, "abcdefghijklmnopqrstuvwxyz") == 2 &&
			     (code[2] == '\0' || code[2] == '-');
		if (plain && m->n_languages < LANGUAGES_MAX) {
			m->languages[m->n_languages] = fhir_printf(r->in->arena, "%.2s", code);
			if (m->languages[m->n_languages++] == NULL) {
				return SK_ENOMEM;
			}
		}
	}
	return SK_OK;
}

int reading_people(struct reading *r)
{
	PB(SubmitRequest) *m = &r->o->submit;
	size_t children = 0;

	for (size_t i = 0; i < r->len; i++) {
		int err = child_of(r, i, &children);
		if (err != SK_OK) {
			return err;
		}
	}
	if (one_family(r, children) != SK_OK) {
		return SK_EPROTO;
	}
	r->in->resource = r->orders[0];
	PB(Child) *all = take(r, children * sizeof(*all));
	m->children = take(r, children * sizeof(*m->children));
	if (all == NULL || m->children == NULL) {
		return SK_ENOMEM;
	}
	m->n_children = children;
	for (size_t k = 0; k < children; k++) {
		schakel__v1__child__init(&all[k]);
		all[k].age_years = r->patient[k].age_years;
		m->children[k] = &all[k];
	}
	int err = read_adults(r);
	return err == SK_OK ? read_languages(r) : err;
}

int reading_preferred(struct reading *r)
{
	PB(SubmitRequest) *m = &r->o->submit;
	const json_t *order = r->orders[0];

	m->preferred_partners = take(r, PREFERRED_MAX * sizeof(char *));
	if (m->preferred_partners == NULL) {
		return SK_ENOMEM;
	}
	for (size_t i = 0; i < fj_items(order, "performer"); i++) {
		const struct conf_party *p = fhir_party(r->in, fj_item(order, "performer", i));
		if (p == NULL || m->n_preferred_partners == PREFERRED_MAX) {
			continue;
		}
		char *id = arena_strdup(r->in->arena, p->id);
		if (id == NULL) {
			return SK_ENOMEM;
		}
		m->preferred_partners[m->n_preferred_partners++] = id;
	}
	return SK_OK;
}

/* --- the placer's number --- */

void fhir_person_of(const char *sender, const char *system, const char *value, uint32_t child,
		    uint8_t ret_person[OBJECT_ID_LEN])
{
	static const char domain[] = "schakel fhir placer 1";
	crypto_generichash_state state;

	(void)crypto_generichash_init(&state, NULL, 0, OBJECT_ID_LEN);
	const char *const parts[] = { domain, sender, system, value };
	for (size_t i = 0; i < SK_LEN(parts); i++) {
		(void)crypto_generichash_update(&state, (const uint8_t *)parts[i],
						strlen(parts[i]) + 1);
	}
	uint8_t number[4];
	be32_write(number, child);
	(void)crypto_generichash_update(&state, number, sizeof(number));
	(void)crypto_generichash_final(&state, ret_person, OBJECT_ID_LEN);
}

/* The number that the placer gave: the group's, else one of type PLAC, else the first that is not
 * ours. */
static const json_t *placer_of(const struct reading *r)
{
	const json_t *order = r->orders[0];
	const json_t *first = NULL;

	if (r->len > 1 && fj_str2(order, "requisition", "value") != NULL) {
		return json_object_get(order, "requisition");
	}
	for (size_t i = 0; i < fj_items(order, "identifier"); i++) {
		const json_t *id = fj_item(order, "identifier", i);
		const char *system = fj_str(id, "system");
		bool ours = system != NULL && strncmp(system, FHIR_ID, strlen(FHIR_ID)) == 0;
		if (fj_str(id, "value") == NULL || ours) {
			continue;
		}
		const char *type = fj_coded(json_object_get(id, "type"), "v2-0203");
		if (type != NULL && strcmp(type, "PLAC") == 0) {
			return id;
		}
		first = first == NULL ? id : first;
	}
	return first;
}

int reading_placer(struct reading *r)
{
	const json_t *id = placer_of(r);
	const char *system = fj_str(id, "system");

	r->o->placed = id != NULL;
	r->o->placer = id;
	for (uint32_t k = 0; id != NULL && k < r->o->submit.n_children; k++) {
		fhir_person_of(r->in->sender, system == NULL ? "" : system, fj_str(id, "value"), k,
			       r->o->person[k]);
		uint8_t *copy = arena_dup(r->in->arena, r->o->person[k], OBJECT_ID_LEN);
		if (copy == NULL) {
			return SK_ENOMEM;
		}
		r->o->submit.children[k]->person_id = (ProtobufCBinaryData){ OBJECT_ID_LEN, copy };
	}
	return SK_OK;
}
