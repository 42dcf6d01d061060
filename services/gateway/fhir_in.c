/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/fhir_in.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* --- issues --- */

int fhir_say(struct fhir_in *in, const struct fhir_issue *issue)
{
	in->refused = in->refused || issue->status != 0;
	if (in->issues_len < FHIR_ISSUES_MAX) {
		in->issue[in->issues_len++] = *issue;
	}
	return issue->status == 0 ? SK_OK : SK_EPROTO;
}

int fhir_wrong(struct fhir_in *in, const char *code, const char *at, const char *nl, const char *en)
{
	struct fhir_issue issue = { .status = 422, .code = code };

	(void)snprintf(issue.at, sizeof(issue.at), "%s", at);
	(void)snprintf(issue.nl, sizeof(issue.nl), "%s", nl);
	(void)snprintf(issue.en, sizeof(issue.en), "%s", en);
	return fhir_say(in, &issue);
}

unsigned fhir_status(const struct fhir_in *in)
{
	unsigned worst = 0;

	for (size_t i = 0; i < in->issues_len; i++) {
		worst = in->issue[i].status > worst ? in->issue[i].status : worst;
	}
	return in->refused && worst == 0 ? 422 : worst;
}

/* The text in the other language, as R4 has translations of a text. */
static json_t *translation(const char *lang, const char *text)
{
	json_t *e = fj_ext("http://hl7.org/fhir/StructureDefinition/translation");
	json_t *code = fj_ext("lang");
	json_t *content = fj_ext("content");
	json_t *o = json_object();

	fj_text(code, "valueCode", lang);
	fj_text(content, "valueString", text);
	fj_push(e, "extension", code);
	fj_push(e, "extension", content);
	fj_push(o, "extension", e);
	return o;
}

static json_t *issue_json(const struct fhir_issue *i, enum lang lang)
{
	json_t *o = json_object();
	json_t *details = json_object();

	fj_text(o, "severity", i->status == 0 ? "information" : "error");
	fj_text(o, "code", i->code);
	fj_text(details, "text", lang == LANG_EN ? i->en : i->nl);
	fj_set(details, "_text",
	       lang == LANG_EN ? translation("nl", i->nl) : translation("en", i->en));
	fj_set(o, "details", details);
	if (i->at[0] != '\0') {
		fj_push(o, "expression", json_string(i->at));
	}
	return o;
}

json_t *fhir_outcome(const struct fhir_in *in, enum lang lang)
{
	json_t *o = fj_resource("OperationOutcome", NULL);

	for (size_t i = 0; i < in->issues_len; i++) {
		fj_push(o, "issue", issue_json(&in->issue[i], lang));
	}
	if (in->issues_len == 0) {
		struct fhir_issue fine = { .code = "informational",
					   .nl = "in orde",
					   .en = "all is well" };
		fj_push(o, "issue", issue_json(&fine, lang));
	}
	return o;
}

char *fhir_printf(struct arena *a, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	char *s = len < 0 ? NULL : arena_alloc(a, (size_t)len + 1);
	if (s != NULL) {
		va_start(args, fmt);
		(void)vsnprintf(s, (size_t)len + 1, fmt, args);
		va_end(args);
	}
	return s;
}

/* --- references --- */

/* "Patient/p1" is meant by "Patient/p1" and by ".../Patient/p1". */
static bool names(const char *reference, const json_t *entry)
{
	const json_t *r = json_object_get(entry, "resource");
	const char *full = fj_str(entry, "fullUrl");
	const char *type = fj_str(r, "resourceType");
	const char *id = fj_str(r, "id");

	if (full != NULL && strcmp(full, reference) == 0) {
		return true;
	}
	if (type == NULL || id == NULL) {
		return false;
	}
	size_t len = strlen(reference);
	size_t want = strlen(type) + 1 + strlen(id);
	const char *tail = len >= want ? reference + len - want : NULL;
	return tail != NULL && (tail == reference || tail[-1] == '/') &&
	       strncmp(tail, type, strlen(type)) == 0 && tail[strlen(type)] == '/' &&
	       strcmp(tail + strlen(type) + 1, id) == 0;
}

const json_t *fhir_resolve(const struct fhir_in *in, const json_t *reference)
{
	const char *s = fj_str(reference, "reference");

	if (s == NULL) {
		return NULL;
	}
	for (size_t i = 0; s[0] == '#' && i < fj_items(in->resource, "contained"); i++) {
		const json_t *r = fj_item(in->resource, "contained", i);
		const char *id = fj_str(r, "id");
		if (id != NULL && strcmp(id + (id[0] == '#'), s + 1) == 0) {
			return r;
		}
	}
	for (size_t i = 0; s[0] != '#' && i < fj_items(in->bundle, "entry"); i++) {
		const json_t *e = fj_item(in->bundle, "entry", i);
		if (names(s, e)) {
			return json_object_get(e, "resource");
		}
	}
	return NULL;
}

bool fhir_id(const char *s, struct object_id *ret_id)
{
	struct object_id id;

	if (s == NULL || strlen(s) != (size_t)2 * OBJECT_ID_LEN) {
		return false;
	}
	for (size_t i = 0; i < OBJECT_ID_LEN; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *hi = strchr(digits, tolower((unsigned char)s[2 * i]));
		const char *lo = strchr(digits, tolower((unsigned char)s[2 * i + 1]));
		if (hi == NULL || lo == NULL) {
			return false;
		}
		id.b[i] = (uint8_t)(((hi - digits) << 4) | (lo - digits));
	}
	*ret_id = id;
	return true;
}

bool fhir_reference_id(const json_t *reference, const char *type, struct object_id *ret_id)
{
	const char *s = fj_str(reference, "reference");
	size_t type_len = strlen(type);

	for (const char *at = s; at != NULL; at = strchr(at, '/')) {
		at += at != s;
		if (strncmp(at, type, type_len) == 0 && at[type_len] == '/') {
			return fhir_id(at + type_len + 1, ret_id);
		}
	}
	return false;
}

static const struct conf_party *party_named(const struct fhir_in *in, const json_t *identifier)
{
	const char *value = fj_str(identifier, "value");

	return value == NULL ? NULL : conf_party(in->conf, value);
}

const struct conf_party *fhir_party(const struct fhir_in *in, const json_t *reference)
{
	const json_t *r = fhir_resolve(in, reference);
	const char *s = fj_str(reference, "reference");
	const struct conf_party *p = party_named(in, json_object_get(reference, "identifier"));

	for (size_t i = 0; p == NULL && i < fj_items(r, "identifier"); i++) {
		p = party_named(in, fj_item(r, "identifier", i));
	}
	if (p == NULL && json_object_get(r, "organization") != NULL) {
		/* Of a PractitionerRole: one step further, never more. */
		json_t *house = json_object_get(r, "organization");
		const json_t *o = fhir_resolve(in, house);
		p = party_named(in, json_object_get(house, "identifier"));
		for (size_t i = 0; p == NULL && i < fj_items(o, "identifier"); i++) {
			p = party_named(in, fj_item(o, "identifier", i));
		}
	}
	const char *slash = p == NULL && s != NULL ? strrchr(s, '/') : NULL;
	return slash == NULL ? p : conf_party(in->conf, slash + 1);
}

/* --- codes --- */

static uint32_t expertise_of(const struct conf *conf, const char *typed)
{
	for (size_t i = 0; typed != NULL && i < conf->codes_len; i++) {
		const struct conf_code *c = &conf->codes[i];
		if (strcasecmp(typed, c->code) == 0 || strcasecmp(typed, c->label_nl) == 0 ||
		    strcasecmp(typed, c->label_en) == 0) {
			return c->number;
		}
	}
	return 0;
}

uint32_t fhir_expertise(const struct conf *conf, const json_t *concept)
{
	uint32_t n = expertise_of(conf, fj_coded(concept, "expertise"));

	for (size_t i = 0; n == 0 && i < fj_items(concept, "coding"); i++) {
		const json_t *c = fj_item(concept, "coding", i);
		/* A code without a system can only be ours; a display is a word. */
		const char *code = fj_str(c, "system") == NULL ? fj_str(c, "code") : NULL;
		n = expertise_of(conf, code);
		n = n == 0 ? expertise_of(conf, fj_str(c, "display")) : n;
	}
	return n == 0 ? expertise_of(conf, fj_str(concept, "text")) : n;
}

const struct conf_code *fhir_code(const struct conf *conf, uint32_t expertise)
{
	for (size_t i = 0; i < conf->codes_len; i++) {
		if (conf->codes[i].number == expertise) {
			return &conf->codes[i];
		}
	}
	return NULL;
}

const struct conf_zone *fhir_zone(const struct conf *conf, const char *typed)
{
	for (size_t i = 0; typed != NULL && i < conf->zones_len; i++) {
		if (strcasecmp(typed, conf->zones[i].id) == 0 ||
		    strcasecmp(typed, conf->zones[i].name) == 0) {
			return &conf->zones[i];
		}
	}
	return NULL;
}

/* --- check digits --- */

/* @return the number of @p len digits, or UINT64_MAX. */
static uint64_t digits_of(const char *s, size_t from, size_t len)
{
	uint64_t n = 0;

	for (size_t i = from; i < from + len; i++) {
		if (!isdigit((unsigned char)s[i])) {
			return UINT64_MAX;
		}
		n = 10 * n + (uint64_t)(s[i] - '0');
	}
	return n;
}

bool fhir_kbo_ok(const char *digits)
{
	if (strlen(digits) != 10) {
		return false;
	}
	uint64_t body = digits_of(digits, 0, 8);
	uint64_t check = digits_of(digits, 8, 2);
	return body != UINT64_MAX && check == 97 - body % 97;
}

bool fhir_insz_ok(const char *digits)
{
	if (strlen(digits) != 11) {
		return false;
	}
	uint64_t body = digits_of(digits, 0, 9);
	uint64_t check = digits_of(digits, 9, 2);
	return body != UINT64_MAX && check != UINT64_MAX &&
	       (check == 97 - body % 97 || check == 97 - (2000000000 + body) % 97);
}
