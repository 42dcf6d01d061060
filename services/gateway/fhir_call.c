/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/fhir_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/gate.h"

void fhir_call_init(struct fhir_call *c, struct web *w)
{
	*c = (struct fhir_call){ .w = w, .query = "", .if_match = web_header(w, "If-Match") };
	c->in = (struct fhir_in){ .arena = &w->arena,
				  .conf = w->conf,
				  .sender = w->who.party,
				  .now_ms = fhir_now_ms(w),
				  .places = fhir_places(w) };
}

void fhir_call_done(struct fhir_call *c)
{
	json_decref(c->resource);
	c->resource = NULL;
}

struct fhir_out fhir_writer(const struct fhir_call *c)
{
	return (struct fhir_out){ .conf = c->w->conf, .lang = c->w->lang, .now_ms = c->in.now_ms };
}

uint32_t fhir_matched(const struct fhir_call *c)
{
	const char *s = c->if_match;

	if (s == NULL) {
		return 0;
	}
	s += strncmp(s, "W/", 2) == 0 ? 2 : 0;
	s += *s == '"';
	unsigned long n = strtoul(s, NULL, 10);
	return n > UINT32_MAX ? 0 : (uint32_t)n;
}

/* --- answers --- */

void fhir_answer(struct fhir_call *c, unsigned status, json_t *resource)
{
	json_decref(c->resource);
	c->status = status;
	c->resource = resource;
}

int fhir_refuse(struct fhir_call *c, const struct fhir_issue *issue)
{
	return fhir_say(&c->in, issue);
}

int fhir_not_found(struct fhir_call *c)
{
	struct fhir_issue issue = { .status = 404,
				    .code = "not-found",
				    .nl = "dit staat hier niet, of niet voor wie het vraagt",
				    .en = "this is not here, or not for who asks" };

	return fhir_refuse(c, &issue);
}

/* --- the daemons --- */

static const char *issue_code(unsigned status)
{
	switch (status) {
	case 401:
		return "login";
	case 403:
		return "forbidden";
	case 404:
		return "not-found";
	case 405:
		return "not-supported";
	case 413:
	case 431:
		return "too-long";
	case 429:
		return "throttled";
	case 503:
		return "transient";
	default:
		return status < 500 ? "structure" : "exception";
	}
}

int fhir_adopt(struct fhir_call *c)
{
	struct web_answer *a = &c->w->answer;
	json_t *doc = json_loadb(a->body.data, a->body.len, 0, NULL);
	struct fhir_issue issue = { .status = a->status == 0 ? 500 : a->status };
	const char *nl = fj_str(doc, "text_nl");
	const char *en = fj_str(doc, "text_en");

	issue.code = issue_code(issue.status);
	(void)snprintf(issue.nl, sizeof(issue.nl), "%s", nl == NULL ? "dit lukt nu niet" : nl);
	(void)snprintf(issue.en, sizeof(issue.en), "%s", en == NULL ? "not possible now" : en);
	json_decref(doc);
	a->status = 0;
	return fhir_refuse(c, &issue);
}

static PB(Outcome) outcome_of(const PB(Receipt) *r)
{
	return r->outcome == SCHAKEL__V1__OUTCOME__OUTCOME_DUPLICATE && r->first != 0 ? r->first :
											r->outcome;
}

bool fhir_is_refused(const PB(Message) *answer)
{
	return answer->body_case == BODY(RECEIPT) &&
	       outcome_of(answer->receipt) != SCHAKEL__V1__OUTCOME__OUTCOME_ACCEPTED &&
	       outcome_of(answer->receipt) != SCHAKEL__V1__OUTCOME__OUTCOME_DUPLICATE;
}

#define REFUSED(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME
static const struct {
	PB(Refusal) code;
	unsigned status;
	const char *issue;
} refusals[] = {
	{ REFUSED(UNKNOWN_OBJECT), 404, "not-found" },
	{ REFUSED(NOT_YOURS), 403, "forbidden" },
	{ REFUSED(UNAUTHORISED), 403, "forbidden" },
	{ REFUSED(CONFLICT), 409, "conflict" },
	{ REFUSED(STATE), 409, "conflict" },
	{ REFUSED(ID_REUSED), 409, "duplicate" },
	{ REFUSED(MISSING), 422, "required" },
	{ REFUSED(OUT_OF_RANGE), 422, "value" },
	{ REFUSED(UNKNOWN_CODE), 422, "code-invalid" },
	{ REFUSED(TOO_MANY), 422, "too-costly" },
	{ REFUSED(MALFORMED), 422, "structure" },
	{ REFUSED(CONTRADICTS), 422, "invariant" },
};

int fhir_receipt(struct fhir_call *c, const PB(Receipt) *r,
		 const char *(*element)(const char *field))
{
	PB(Outcome) outcome = outcome_of(r);
	struct fhir_issue issue = { .status = 422, .code = "business-rule" };

	for (size_t i = 0; i < SK_LEN(refusals); i++) {
		if (refusals[i].code == r->code) {
			issue.status = refusals[i].status;
			issue.code = refusals[i].issue;
		}
	}
	if (r->code == REFUSED(CONFLICT) && c->if_match != NULL) {
		issue.status = 412;
	}
	if (outcome == SCHAKEL__V1__OUTCOME__OUTCOME_BUSY) {
		unsigned s = (unsigned)((r->retry_after_ms + 999) / 1000);
		issue.status = 503;
		issue.code = "transient";
		web_head(c->w, "Retry-After", web_printf(c->w, "%u", s > 0 ? s : 1));
	} else if (outcome == SCHAKEL__V1__OUTCOME__OUTCOME_LATE) {
		issue.status = 409;
		issue.code = "conflict";
	}
	if (element != NULL && r->field[0] != '\0') {
		(void)snprintf(issue.at, sizeof(issue.at), "%s", element(r->field));
	}
	(void)snprintf(issue.nl, sizeof(issue.nl), "%s", r->text_nl);
	(void)snprintf(issue.en, sizeof(issue.en), "%s", r->text_en);
	return fhir_refuse(c, &issue);
}

int fhir_try(struct fhir_call *c, const char *daemon, PB(Message) *m, PB(Message) **ret_answer)
{
	int err = web_ask(c->w, daemon, m, ret_answer);

	if (err != SK_OK) {
		(void)fhir_adopt(c);
	}
	return err;
}

int fhir_ask(struct fhir_call *c, const char *daemon, PB(Message) *m, PB(Message) **ret_answer)
{
	int err = fhir_try(c, daemon, m, ret_answer);

	if (err == SK_OK && fhir_is_refused(*ret_answer)) {
		(void)fhir_receipt(c, (*ret_answer)->receipt, NULL);
		return SK_EREFUSED;
	}
	return err;
}

int fhir_command(struct fhir_call *c, const char *daemon, PB(Message) *m,
		 const char *(*element)(const char *field), PB(Receipt) **ret_r)
{
	PB(Message) *answer = NULL;
	int err = fhir_try(c, daemon, m, &answer);

	if (err != SK_OK) {
		return err;
	}
	if (answer->body_case != BODY(RECEIPT)) {
		return SK_EPROTO;
	}
	if (fhir_is_refused(answer)) {
		(void)fhir_receipt(c, answer->receipt, element);
		return SK_EREFUSED;
	}
	*ret_r = answer->receipt;
	return SK_OK;
}
