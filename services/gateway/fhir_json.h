/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  FHIR as JSON: readers that any shape of document is safe with (a member of the wrong type
 *  is as good as absent), writers that leave out what is empty, dates, and a sieve that passes
 *  only members that R4 knows, with the types it gives them. Pure. Ownership: writers return new
 *  references, which fj_set() and fj_push() take over; readers borrow. */
#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

/* Our own code systems ("urn:schakel:codes:expertise") and extensions. */
#define FHIR_CODES "urn:schakel:codes:"
#define FHIR_EXT "urn:schakel:fhir:"
#define FHIR_ID "urn:schakel:id:"
#define FHIR_BE "https://www.ehealth.fgov.be/standards/fhir/"
#define FHIR_SSIN FHIR_BE "core/NamingSystem/ssin"
#define FHIR_CBE FHIR_BE "core/NamingSystem/cbe"
#define FHIR_V2_0203 "http://terminology.hl7.org/CodeSystem/v2-0203"

/* --- reading --- */

/** @return the text, or NULL: not there, empty, or no text. */
const char *fj_str(const json_t *o, const char *key);
/** The same of the member of a member. */
const char *fj_str2(const json_t *o, const char *outer, const char *inner);
/** The @p i th item of a list; an object in place of a list counts as a list of one. */
json_t *fj_item(const json_t *o, const char *key, size_t i);
size_t fj_items(const json_t *o, const char *key);
bool fj_is(const json_t *o, const char *key, const char *value);
/** The extension of that url, or NULL. */
json_t *fj_extension(const json_t *o, const char *url);
/** Its value, whatever its kind (valueX), or NULL. */
json_t *fj_extension_value(const json_t *o, const char *url);
/** Its value as text: of a string, code, uri, Coding, CodeableConcept or Identifier. NULL: none. */
const char *fj_extension_text(const json_t *o, const char *url);
/** The code of the first coding whose system ends in @p tail ("expertise"); NULL: none. */
const char *fj_coded(const json_t *concept, const char *tail);
/** A text that is a whole number, or a number; false when it is none of 0 to @p most. */
bool fj_number(const json_t *v, uint64_t most, uint64_t *ret_n);

/* --- writing --- */

/** Sets @p v (taken over) unless it is NULL or empty. */
void fj_set(json_t *o, const char *key, json_t *v);
void fj_text(json_t *o, const char *key, const char *s);
/** Appends to the list of that name, which is made when it is not there. */
void fj_push(json_t *o, const char *key, json_t *v);
json_t *fj_resource(const char *type, const char *id);
json_t *fj_concept(const char *system, const char *code, const char *display);
json_t *fj_identifier(const char *system, const char *value);
/** An extension without a value yet. */
json_t *fj_ext(const char *url);
/** "{type}/{id}" */
json_t *fj_reference(const char *type, const char *id);
/** Of something that is no resource here: by its identifier. */
json_t *fj_logical(const char *type, const char *system, const char *value);
json_t *fj_instant(uint64_t at_ms);
/** {start,end}; 0 is left out. */
json_t *fj_period(uint64_t from_ms, uint64_t until_ms);

/* --- dates --- */

struct fj_date {
	int year;
	int month; /* 0: not said */
	int day;   /* 0: not said */
	uint64_t at_ms;
};
/** YYYY, YYYY-MM, YYYY-MM-DD, or with a time and zone. False: none of these, or no such day. */
bool fj_date(const char *s, struct fj_date *ret_d);

/* --- the sieve --- */

/** @return a copy of the order's own words: the members that R4 knows and that go back as they came
 *  (identifier, requisition, category, reason, note, occurrence, requester, performer). */
json_t *fj_sieve_order(const json_t *service_request);
/** The same for a Patient: identifier, name, telecom, gender, birthDate, address, contact. */
json_t *fj_sieve_patient(const json_t *patient);
