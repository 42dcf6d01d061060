/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  FHIR R4 read into messages of the schema. Pure: JSON in, messages out. What is wrong is
 *  said as issues, each with the element that it is about. Ownership: messages and texts live in
 * the arena; JSON is borrowed unless said otherwise. Threads: none. Blocks: never. */
#include "common/conf.h"
#include "common/lang.h"
#include "services/gateway/fhir_json.h"

#define FHIR_ISSUES_MAX 16
#define FHIR_AT_MAX 96
#define FHIR_NEEDS_MAX 50 /* of one request: what intake takes */
#define FHIR_CHILDREN_MAX 8
#define FHIR_TOLD_MAX (2 * FHIR_CHILDREN_MAX)

/** One line of an OperationOutcome. */
struct fhir_issue {
	unsigned status;      /* of the answer that it asks for; 0: it is only told */
	const char *code;     /* of the value set issue-type */
	char at[FHIR_AT_MAX]; /* FHIRPath of the element; "": none */
	char nl[400];
	char en[400];
};

/** What a document is read with. */
struct fhir_in {
	struct arena *arena;
	const struct conf *conf;
	const char *sender; /* party that is signed in */
	uint64_t now_ms;
	struct slice
		places; /* table of municipalities with their NIS code and zone; may be empty */
	const json_t *resource; /* that is read; holds `contained` */
	const json_t *bundle;   /* around it, or NULL */
	struct fhir_issue issue[FHIR_ISSUES_MAX];
	size_t issues_len;
	bool refused; /* one of the issues is an error */
};

/** Adds an issue; @p status 0 is told only, when the asker prefers to hear it. @return SK_EPROTO
 *  when it is an error, else SK_OK. */
int fhir_say(struct fhir_in *in, const struct fhir_issue *issue);
/** An error of the document: 422 with @p code ("required", "value", "code-invalid", ...). */
int fhir_wrong(struct fhir_in *in, const char *code, const char *at, const char *nl,
	       const char *en);
/** @return an OperationOutcome of the issues (new reference); of nothing when there is none. */
json_t *fhir_outcome(const struct fhir_in *in, enum lang lang);
/** The worst status asked for; 0 when nothing is refused. */
unsigned fhir_status(const struct fhir_in *in);

char *fhir_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** The resource that a reference names: contained, or beside it in the Bundle. NULL: neither. */
const json_t *fhir_resolve(const struct fhir_in *in, const json_t *reference);
/** @return true and the id that stands behind "{type}/"; also of a whole address. */
bool fhir_reference_id(const json_t *reference, const char *type, struct object_id *ret_id);
/** 32 hex digits. */
bool fhir_id(const char *s, struct object_id *ret_id);
/** The party of this node that a reference to an Organization or PractitionerRole names by id or
 *  identifier. NULL: none. */
const struct conf_party *fhir_party(const struct fhir_in *in, const json_t *reference);
/** Number of the expertise that a CodeableConcept names by code, label or text; 0: none. */
uint32_t fhir_expertise(const struct conf *conf, const json_t *concept);
const struct conf_code *fhir_code(const struct conf *conf, uint32_t expertise);
/** A zone of this node by id or name. NULL: none. */
const struct conf_zone *fhir_zone(const struct conf *conf, const char *typed);
/** The zone in which a municipality lies, by the table of places: by NIS code, or by what an
 * Address says. NULL: not known. */
const struct conf_zone *fhir_zone_of_nis(const struct fhir_in *in, const char *nis);
const struct conf_zone *fhir_zone_of_place(const struct fhir_in *in, const json_t *address);
/** Check digits of a company's (10) or person's (11) number. */
bool fhir_kbo_ok(const char *digits);
bool fhir_insz_ok(const char *digits);

/* --- an order --- */

/** What goes sealed. */
struct fhir_told {
	json_t *content; /* owned: fhir_order_done() */
	uint32_t child;  /* index */
	bool about;      /* what somebody else says of the child, not its own words */
};

struct fhir_order {
	Schakel__V1__SubmitRequest submit; /* without capsules */
	struct fhir_told told[FHIR_TOLD_MAX];
	size_t told_len;
	/* a child's person is the same each time that this placer sends this order */
	uint8_t person[FHIR_CHILDREN_MAX][OBJECT_ID_LEN];
	bool placed;          /* by an identifier of the placer; else persons are all zero */
	const json_t *placer; /* that identifier */
	const char *status;
};

/** Reads one or several ServiceRequests of one family as one request. @return SK_OK, SK_EPROTO
 *  (issues say why), SK_ENOMEM. */
int fhir_order_read(struct fhir_in *in, const json_t *const *orders, size_t len,
		    struct fhir_order *ret_o);
void fhir_order_done(struct fhir_order *o);
/** The person of the first child under the identifier that a placer gave. */
void fhir_person_of(const char *sender, const char *system, const char *value, uint32_t child,
		    uint8_t ret_person[OBJECT_ID_LEN]);
/** "ServiceRequest.code" for "needs[0].expertise": where the placer finds what was refused. */
const char *fhir_order_element(const char *field);

/* --- a child --- */

struct fhir_patient {
	uint32_t age_years;
	char insz[12];          /* digits; "": not said */
	const char *callback;   /* telephone or address of mail; NULL: none */
	const json_t *resource; /* NULL: named by a number only */
};
/** @return SK_EPROTO when no age can be known. */
int fhir_patient_read(struct fhir_in *in, const json_t *subject, struct fhir_patient *ret_p);
/** What of the child goes sealed, as its own: name, callback, address, patient. New reference. */
json_t *fhir_patient_content(const struct fhir_patient *p);
