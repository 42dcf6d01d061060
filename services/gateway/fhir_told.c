/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/capsule.h"
#include "services/gateway/fhir_reading.h"

/* An envelope around the texts that go into a capsule. */
#define TOLD_BYTES_MAX (CAPSULE_PLAIN_MAX - 200)

/* --- what goes sealed --- */

/* Says that a number of the placer fails its check: as a warning only, others do not check. */
static void check_requester(struct fhir_in *in, const json_t *order)
{
	const json_t *ref = json_object_get(order, "requester");
	const json_t *r = fhir_resolve(in, ref);

	r = r == NULL ? ref : r;
	for (size_t i = 0; i < fj_items(r, "identifier"); i++) {
		const json_t *id = fj_item(r, "identifier", i);
		const char *value = fj_str(id, "value");
		if (value != NULL && fj_is(id, "system", FHIR_CBE) && !fhir_kbo_ok(value)) {
			struct fhir_issue told = { .code = "value",
						   .at = "Organization.identifier",
						   .nl = "de controlecijfers van dit KBO-nummer "
							 "kloppen niet; kijk het na",
						   .en = "the check digits of this KBO number are "
							 "wrong; please look again" };
			(void)fhir_say(in, &told);
		}
	}
}

/* A person or house that stood beside the order is kept as who it is: by its own number. */
static json_t *named(const struct fhir_in *in, const json_t *ref)
{
	const json_t *r = fhir_resolve(in, ref);
	const json_t *id = fj_item(r, "identifier", 0);
	json_t *o = json_object();

	if (json_object_get(ref, "identifier") != NULL || id == NULL) {
		json_decref(o);
		return json_deep_copy(ref);
	}
	fj_text(o, "type", fj_str(r, "resourceType"));
	fj_set(o, "identifier", json_deep_copy(id));
	fj_text(o, "display", fj_str(ref, "display"));
	return o;
}

/* The words of one order, with the code by which its need is found again. */
static json_t *order_words(struct reading *r, size_t i)
{
	json_t *whole = json_copy((json_t *)(uintptr_t)r->orders[i]);
	const json_t *requester = json_object_get(r->orders[i], "requester");

	r->in->resource = r->orders[i];
	if (json_is_object(requester)) {
		(void)json_object_set_new(whole, "requester", named(r->in, requester));
	}
	json_t *o = fj_sieve_order(whole);
	json_decref(whole);
	const struct conf_code *code = fhir_code(r->in->conf, r->need[i].expertise);
	const char *consent = fj_extension_text(r->orders[i], FHIR_EXT "consent");

	fj_text(o, "expertise", code == NULL ? NULL : code->code);
	fj_text(o, "consent", consent);
	return o;
}

/* A text without placeholders of what was told about a child, for who reads no FHIR. */
static json_t *about_text(const struct reading *r, uint32_t child)
{
	char text[3000] = "";
	size_t len = 0;

	for (size_t i = 0; i < r->len; i++) {
		for (size_t k = 0; r->child[i] == child && k < fj_items(r->orders[i], "reasonCode");
		     k++) {
			const char *s = fj_str(fj_item(r->orders[i], "reasonCode", k), "text");
			int n = s == NULL ? 0 :
					    snprintf(text + len, sizeof(text) - len, "%s%s",
						     len > 0 ? "\n" : "", s);
			len += n < 0 ? 0 : (size_t)n;
			len = len >= sizeof(text) ? sizeof(text) - 1 : len;
		}
		const char *note = r->child[i] == child ?
					   fj_str(fj_item(r->orders[i], "note", 0), "text") :
					   NULL;
		int n = note == NULL ? 0 :
				       snprintf(text + len, sizeof(text) - len, "%s%s",
						len > 0 ? "\n" : "", note);
		len += n < 0 ? 0 : (size_t)n;
		len = len >= sizeof(text) ? sizeof(text) - 1 : len;
	}
	/* A cut may fall inside a character; then nothing is better than half of it. */
	json_t *s = json_string(text);
	return s != NULL || len == 0 ? s : json_string("");
}

struct too_long {
	const char *at, *nl, *en;
};

static const struct too_long patient_too_long = {
	"Patient",
	"dit is te lang om verzegeld te bewaren (meer dan 7800 bytes); kort het in",
	"this is too long to keep sealed (more than 7800 bytes); shorten it",
};
static const struct too_long orders_too_long = {
	"ServiceRequest",
	"wat de opdrachten over dit kind samen zeggen is te lang om verzegeld te bewaren (meer dan "
	"7800 "
	"bytes); kort de teksten in (note, reasonCode, code.text), of doe minder opdrachten "
	"tegelijk over "
	"hetzelfde kind",
	"what the orders about this child say together is too long to keep sealed (more than 7800 "
	"bytes); "
	"shorten the texts (note, reasonCode, code.text), or send fewer orders about one child at "
	"once",
};

static int check_size(struct fhir_in *in, const json_t *content, const struct too_long *wrong)
{
	char *text = json_dumps(content, JSON_COMPACT);
	size_t len = text == NULL ? 0 : strlen(text);

	if (text == NULL) {
		return SK_ENOMEM;
	}
	explicit_bzero(text, len);
	free(text);
	if (len <= TOLD_BYTES_MAX) {
		return SK_OK;
	}
	return fhir_wrong(in, "too-long", wrong->at, wrong->nl, wrong->en);
}

static int tell(struct reading *r, uint32_t child)
{
	struct fhir_order *o = r->o;
	json_t *own = fhir_patient_content(&r->patient[child]);
	json_t *about = json_object();
	json_t *orders = json_array();

	for (size_t i = 0; i < r->len; i++) {
		if (r->child[i] == child) {
			(void)json_array_append_new(orders, order_words(r, i));
		}
	}
	fj_set(about, "about", about_text(r, child));
	fj_set(about, "orders", orders);
	o->told[o->told_len++] = (struct fhir_told){ own, child, false };
	o->told[o->told_len++] = (struct fhir_told){ about, child, true };
	int err = check_size(r->in, own, &patient_too_long);
	err = err == SK_OK ? check_size(r->in, about, &orders_too_long) : err;
	if (err == SK_OK && child == 0 && r->patient[0].callback == NULL &&
	    o->submit.kind == SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_SEARCH) {
		return fhir_wrong(r->in, "required", "ServiceRequest.subject",
				  "zeg hoe iemand teruggebeld kan worden: Patient.telecom, "
				  "Patient.contact.telecom of telecom van de aanvrager",
				  "say how somebody can be called back: Patient.telecom, "
				  "Patient.contact.telecom or the requester's telecom");
	}
	return err;
}

int reading_told(struct reading *r)
{
	int err = SK_OK;

	check_requester(r->in, r->orders[0]);
	for (uint32_t k = 0; err == SK_OK && k < r->o->submit.n_children; k++) {
		err = tell(r, k);
	}
	return err;
}
