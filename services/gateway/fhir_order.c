/* SPDX-License-Identifier: EUPL-1.2 */
/* An order of a placer, read as a request. Kinds of words that SubmitRequest has and FHIR has not
 * get these values: kind SEARCH unless a category says CONSULT; crisis_step NOW and reason OTHER of
 * a `stat` that does not say them; intensity 1, duration 12 weeks, must, unless the order says
 * otherwise; parents and guardians among Patient.contact as adults with authority at whose home
 * help works. */
#include <string.h>

#include "common/words.h"
#include "services/gateway/fhir_reading.h"

#define WEEK_MS 604800000ULL
#define WEEKS_DEFAULT 12
#define WEEKS_MAX 520
#define HOURS_MAX 168
#define ACTIONS_MAX 100

static void *take(struct reading *r, size_t bytes)
{
	return arena_alloc(r->in->arena, bytes);
}

/* --- the order as a whole --- */

static int check_status(struct fhir_in *in, const json_t *order, const char **ret_status)
{
	static const char *const known[] = { "draft",     "active",           "on-hold", "revoked",
					     "completed", "entered-in-error", "unknown" };
	const char *status = fj_str(order, "status");
	json_t *stop = json_object_get(order, "doNotPerform");

	status = status == NULL ? "active" : status;
	bool found = false;
	for (size_t i = 0; i < SK_LEN(known); i++) {
		found = found || strcmp(known[i], status) == 0;
	}
	if (!found) {
		return fhir_wrong(in, "code-invalid", "ServiceRequest.status",
				  "deze status kent R4 niet; geef active",
				  "R4 has no such status; give active");
	}
	if (json_is_true(stop)) {
		return fhir_wrong(in, "not-supported", "ServiceRequest.doNotPerform",
				  "een verbod is geen hulpvraag; zeg met performer wie niet, of "
				  "trek de aanmelding in met status revoked",
				  "a prohibition is no request for help; withdraw the order with "
				  "status revoked");
	}
	if (fj_items(order, "modifierExtension") > 0) {
		return fhir_wrong(in, "extension", "ServiceRequest.modifierExtension",
				  "deze uitbreiding verandert de zin van de aanmelding en is hier "
				  "niet bekend; laat ze weg",
				  "this extension changes the meaning of the order and is not "
				  "known here; leave it out");
	}
	*ret_status = status;
	return SK_OK;
}

static bool consent_denied(const struct fhir_in *in, const json_t *order)
{
	const char *told = fj_extension_text(order, FHIR_EXT "consent");

	if (told != NULL && (strcmp(told, "withdrawn") == 0 || strcmp(told, "WITHDRAWN") == 0)) {
		return true;
	}
	for (size_t i = 0; i < fj_items(order, "supportingInfo"); i++) {
		const json_t *c = fhir_resolve(in, fj_item(order, "supportingInfo", i));
		if (!fj_is(c, "resourceType", "Consent")) {
			continue;
		}
		if (fj_is(c, "status", "rejected") || fj_is(c, "status", "inactive") ||
		    fj_is(json_object_get(c, "provision"), "type", "deny")) {
			return true;
		}
	}
	return false;
}

static int check_consent(struct fhir_in *in, const json_t *order)
{
	if (!consent_denied(in, order)) {
		return SK_OK;
	}
	return fhir_wrong(in, "business-rule", "ServiceRequest.supportingInfo",
			  "het gezin wil dit niet: dan wordt er niet gezocht; vraag raad (consult) "
			  "of meld opnieuw aan als het akkoord is",
			  "the family does not want this, so there is no search; ask for advice "
			  "(consult), or order again once it agrees");
}

/* --- how pressing --- */

static const struct {
	const char *priority;
	PB(Urgency) urgency;
} priorities[] = {
	{ "stat", SCHAKEL__V1__URGENCY__URGENCY_CRISIS },
	{ "asap", SCHAKEL__V1__URGENCY__URGENCY_URGENT },
	{ "urgent", SCHAKEL__V1__URGENCY__URGENCY_URGENT },
	{ "routine", SCHAKEL__V1__URGENCY__URGENCY_STANDARD },
};

/* A code of ours in an extension, or in a coding of a list ("reasonCode"). */
static int own_code(const json_t *order, const char *url, const char *list,
		    const ProtobufCEnumDescriptor *set)
{
	const char *system = strrchr(url, ':') + 1;
	const char *typed = fj_extension_text(order, url);
	int value = 0;

	for (size_t i = 0; typed == NULL && list != NULL && i < fj_items(order, list); i++) {
		typed = fj_coded(fj_item(order, list, i), system);
	}
	return typed != NULL && word_find(set, typed, &value) ? value : 0;
}

static int read_urgency(struct reading *r, const json_t *order)
{
	const char *priority = fj_str(order, "priority");
	PB(SubmitRequest) *m = &r->o->submit;

	priority = priority == NULL ? "routine" : priority;
	for (size_t i = 0; i < SK_LEN(priorities); i++) {
		if (strcmp(priority, priorities[i].priority) == 0) {
			m->urgency = priorities[i].urgency;
		}
	}
	int own = own_code(order, FHIR_EXT "urgency", NULL, &schakel__v1__urgency__descriptor);
	m->urgency = own != 0 ? (PB(Urgency))own : m->urgency;
	if (m->urgency == 0) {
		return fhir_wrong(r->in, "code-invalid", "ServiceRequest.priority",
				  "geef routine, urgent, asap of stat",
				  "give routine, urgent, asap or stat");
	}
	if (m->urgency == SCHAKEL__V1__URGENCY__URGENCY_CRISIS) {
		int step = own_code(order, FHIR_EXT "crisis_step", NULL,
				    &schakel__v1__crisis_step__descriptor);
		int why = own_code(order, FHIR_EXT "danger_reason", "reasonCode",
				   &schakel__v1__danger_reason__descriptor);
		m->crisis_step = step != 0 ? (PB(CrisisStep))step :
					     SCHAKEL__V1__CRISIS_STEP__CRISIS_STEP_NOW;
		m->reason = why != 0 ? (PB(DangerReason))why :
				       SCHAKEL__V1__DANGER_REASON__DANGER_REASON_OTHER;
	}
	const char *second = fj_extension_text(order, FHIR_EXT "second_party");
	if (second != NULL && m->urgency == SCHAKEL__V1__URGENCY__URGENCY_URGENT) {
		m->second_party = arena_strdup(r->in->arena, second);
	}
	return m->second_party == NULL ? SK_ENOMEM : SK_OK;
}

/* --- where --- */

static int read_zone(struct reading *r, const json_t *order)
{
	struct fhir_in *in = r->in;
	const struct conf_zone *z = fhir_zone(in->conf, fj_extension_text(order, FHIR_EXT "zone"));
	const struct conf_party *house = conf_party(in->conf, in->sender);
	const json_t *patient = r->patient[0].resource;

	for (size_t i = 0; z == NULL && i < fj_items(patient, "address"); i++) {
		const json_t *a = fj_item(patient, "address", i);
		z = fhir_zone(in->conf, fj_extension_text(a, FHIR_EXT "zone"));
		z = z != NULL ? z : fhir_zone(in->conf, fj_str(a, "district"));
		z = z != NULL ? z : fhir_zone_of_place(in, a);
	}
	z = z != NULL ? z : fhir_zone_of_nis(in, fj_extension_text(order, FHIR_EXT "municipality"));
	if (z == NULL && house != NULL && house->zones_len == 1 &&
	    fj_extension(order, FHIR_EXT "zone") == NULL) {
		z = fhir_zone(in->conf, house->zones[0]);
	}
	if (z == NULL) {
		return fhir_wrong(in, "required", "ServiceRequest.extension",
				  "zeg in welke eerstelijnszone het kind woont: "
				  "uitbreiding " FHIR_EXT "zone met een code van /codes/zone, "
				  "of " FHIR_EXT "municipality met een "
				  "NIS-code",
				  "say in which primary-care zone the child lives: "
				  "extension " FHIR_EXT "zone with a code of /codes/zone, "
				  "or " FHIR_EXT "municipality with a NIS "
				  "code");
	}
	r->o->submit.zone = arena_strdup(in->arena, z->id);
	return r->o->submit.zone == NULL ? SK_ENOMEM : SK_OK;
}

/* --- what is asked --- */

static uint32_t weeks_of(const json_t *period)
{
	struct fj_date from;
	struct fj_date until;

	if (!fj_date(fj_str(period, "start"), &from) || !fj_date(fj_str(period, "end"), &until) ||
	    until.at_ms <= from.at_ms) {
		return 0;
	}
	uint64_t weeks = (until.at_ms - from.at_ms + WEEK_MS - 1) / WEEK_MS;
	return weeks > WEEKS_MAX ? WEEKS_MAX : (uint32_t)weeks;
}

static uint32_t duration_of(const json_t *order)
{
	const json_t *repeat = json_object_get(json_object_get(order, "occurrenceTiming"), "repea"
											   "t");
	uint32_t weeks = weeks_of(json_object_get(order, "occurrencePeriod"));

	weeks = weeks != 0 ? weeks : weeks_of(json_object_get(repeat, "boundsPeriod"));
	weeks = weeks != 0 ? weeks :
			     weeks_of(fj_extension_value(order, FHIR_BE "referral/"
									"StructureDefinition/"
									"be-ext-validity-period"));
	return weeks != 0 ? weeks : WEEKS_DEFAULT;
}

/* An action of a RequestGroup beside the orders: which order it names, and whether it must be. */
static void read_action(struct reading *r, const json_t *group, const json_t *action)
{
	const json_t *order = fhir_resolve(r->in, json_object_get(action, "resource"));

	for (size_t i = 0; order != NULL && i < r->len; i++) {
		if (r->orders[i] == order && r->group[i] == NULL) {
			r->group[i] = group;
			r->could[i] = fj_is(action, "requiredBehavior", "could");
		}
	}
}

static int read_groups(struct reading *r)
{
	size_t actions = 0;

	for (size_t i = 0; i < fj_items(r->in->bundle, "entry"); i++) {
		const json_t *e = fj_item(r->in->bundle, "entry", i);
		const json_t *g = json_object_get(e, "resource");
		size_t n = fj_is(g, "resourceType", "RequestGroup") ? fj_items(g, "action") : 0;
		actions += n;
		if (actions > ACTIONS_MAX) {
			return fhir_wrong(r->in, "too-costly", "RequestGroup.action",
					  "ten hoogste 100 acties in een Bundle",
					  "at most 100 actions in a Bundle");
		}
		for (size_t k = 0; k < n; k++) {
			read_action(r, g, fj_item(g, "action", k));
		}
	}
	return SK_OK;
}

static bool is_must(const struct reading *r, size_t i)
{
	return r->group[i] != NULL ? !r->could[i] :
				     !json_is_false(fj_extension_value(r->orders[i], FHIR_EXT "mus"
											      "t"));
}

static int read_need(struct reading *r, size_t i)
{
	const json_t *order = r->orders[i];
	const json_t *quantity = json_object_get(order, "quantityQuantity");
	PB(NeedSpec) *n = &r->need[i];
	uint64_t hours = 1;

	schakel__v1__need_spec__init(n);
	n->expertise = fhir_expertise(r->in->conf, json_object_get(order, "code"));
	if (n->expertise == 0) {
		return fhir_wrong(r->in, "code-invalid", "ServiceRequest.code",
				  "deze code staat niet in onze lijst van expertises; kies er een "
				  "van /codes/expertise, met system " FHIR_CODES "expertise",
				  "this code is not in our list of expertises; choose one of "
				  "/codes/expertise, with system " FHIR_CODES "expertise");
	}
	json_t *value = json_object_get(quantity, "value");
	if (value != NULL && (!fj_number(value, HOURS_MAX, &hours) || hours == 0)) {
		return fhir_wrong(r->in, "value", "ServiceRequest.quantityQuantity",
				  "geef 1 tot 168 uren per week (1 voor een plaats)",
				  "give 1 to 168 hours a week (1 for a place)");
	}
	n->intensity = (uint32_t)hours;
	n->duration_weeks = duration_of(order);
	n->must = is_must(r, i);
	n->life_domain = (PB(LifeDomain))own_code(order, FHIR_EXT "life_domain", "category",
						  &schakel__v1__life_domain__descriptor);
	n->child = r->child[i];
	return SK_OK;
}

static bool is_consult(const json_t *order)
{
	return own_code(order, FHIR_EXT "request_kind", "category",
			&schakel__v1__request_kind__descriptor) ==
	       (int)SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_CONSULT;
}

static int read_needs(struct reading *r)
{
	PB(SubmitRequest) *m = &r->o->submit;

	m->kind = is_consult(r->orders[0]) ? SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_CONSULT :
					     SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_SEARCH;
	if (m->kind == SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_CONSULT) {
		return SK_OK;
	}
	for (size_t i = 0; i < r->len; i++) {
		int err = read_need(r, i);
		if (err != SK_OK) {
			return err;
		}
	}
	PB(NeedSpec) *all = take(r, r->len * sizeof(*all));
	m->needs = take(r, r->len * sizeof(*m->needs));
	if (all == NULL || m->needs == NULL) {
		return SK_ENOMEM;
	}
	m->n_needs = r->len;
	for (size_t i = 0; i < r->len; i++) {
		all[i] = r->need[i];
		m->needs[i] = &all[i];
	}
	return SK_OK;
}

/* What a request has once, its orders say alike. */
static int check_alike(struct reading *r)
{
	static const char *const members[] = { "priority", "status" };
	const json_t *first = r->orders[0];

	for (size_t i = 1; i < r->len; i++) {
		const json_t *other = r->orders[i];
		const char *zone = fj_extension_text(first, FHIR_EXT "zone");
		const char *second = fj_extension_text(other, FHIR_EXT "zone");
		const char *unlike = NULL;
		for (size_t k = 0; k < SK_LEN(members); k++) {
			const char *a = fj_str(first, members[k]);
			const char *b = fj_str(other, members[k]);
			bool alike = a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
			unlike = alike ? unlike : members[k];
		}
		unlike = is_consult(first) != is_consult(other) ? "category" : unlike;
		unlike = zone != NULL && second != NULL && strcmp(zone, second) != 0 ? "extension" :
										       unlike;
		if (unlike != NULL) {
			return fhir_wrong(r->in, "business-rule",
					  fhir_printf(r->in->arena, "ServiceRequest.%s", unlike),
					  "de ServiceRequests van één aanmelding zijn hierin "
					  "gelijk; stuur wat verschilt apart (type batch)",
					  "the ServiceRequests of one request are alike in this; "
					  "send what differs apart (type batch)");
		}
	}
	return SK_OK;
}

int fhir_order_read(struct fhir_in *in, const json_t *const *orders, size_t len,
		    struct fhir_order *ret_o)
{
	struct reading r = { .in = in, .orders = orders, .len = len, .o = ret_o };

	*ret_o = (struct fhir_order){ 0 };
	schakel__v1__submit_request__init(&ret_o->submit);
	if (len == 0 || len > FHIR_NEEDS_MAX) {
		return fhir_wrong(in, "too-costly", "Bundle.entry",
				  "één aanmelding heeft 1 tot 50 hulpvragen",
				  "one request has 1 to 50 needs");
	}
	in->resource = orders[0];
	int err = SK_OK;
	for (size_t i = 0; err == SK_OK && i < len; i++) {
		err = check_status(in, orders[i], &ret_o->status);
		err = err == SK_OK ? check_consent(in, orders[i]) : err;
	}
	err = err == SK_OK ? check_alike(&r) : err;
	err = err == SK_OK ? read_groups(&r) : err;
	err = err == SK_OK ? reading_people(&r) : err;
	err = err == SK_OK ? read_needs(&r) : err;
	err = err == SK_OK ? read_urgency(&r, orders[0]) : err;
	err = err == SK_OK ? read_zone(&r, orders[0]) : err;
	err = err == SK_OK ? reading_preferred(&r) : err;
	err = err == SK_OK ? reading_told(&r) : err;
	ret_o->submit.callback_sealed = err == SK_OK && r.patient[0].callback != NULL;
	return err == SK_OK ? reading_placer(&r) : err;
}

void fhir_order_done(struct fhir_order *o)
{
	for (size_t i = 0; i < o->told_len; i++) {
		json_decref(o->told[i].content);
	}
	o->told_len = 0;
}

const char *fhir_order_element(const char *field)
{
	static const struct {
		const char *field; /* that it begins with */
		const char *element;
	} row[] = {
		{ "zone", "ServiceRequest.extension" },
		{ "urgency", "ServiceRequest.priority" },
		{ "crisis_step", "ServiceRequest.priority" },
		{ "reason", "ServiceRequest.reasonCode" },
		{ "second_party", "ServiceRequest.extension" },
		{ "children", "ServiceRequest.subject" },
		{ "adults", "Patient.contact" },
		{ "needs", "ServiceRequest.code" },
		{ "add_needs", "ServiceRequest.code" },
		{ "change_needs", "ServiceRequest.quantityQuantity" },
		{ "capsules", "ServiceRequest.note" },
		{ "callback_sealed", "ServiceRequest.subject" },
		{ "preferred_partners", "ServiceRequest.performer" },
		{ "languages", "Patient.communication" },
		{ "based_on", "ServiceRequest.meta.versionId" },
		{ "request_id", "ServiceRequest.id" },
		{ "need_ids", "ServiceRequest.id" },
	};

	for (size_t i = 0; i < SK_LEN(row); i++) {
		if (strncmp(field, row[i].field, strlen(row[i].field)) == 0) {
			return row[i].element;
		}
	}
	return "ServiceRequest";
}
