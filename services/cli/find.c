/* SPDX-License-Identifier: EUPL-1.2 */
/* From what a person types to the object that is meant. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "services/cli/call.h"

#define PAGE 64

bool id_parse(const char *text, struct object_id *ret_id)
{
	static const char digit[] = "0123456789abcdef";
	struct object_id id = { 0 };

	if (strlen(text) != 2 * (size_t)OBJECT_ID_LEN) {
		return false;
	}
	for (size_t i = 0; text[i] != '\0'; i++) {
		const char *at = strchr(digit, tolower((unsigned char)text[i]));
		if (at == NULL) {
			return false;
		}
		id.b[i / 2] = (uint8_t)(id.b[i / 2] << 4 | (at - digit));
	}
	*ret_id = id;
	return true;
}

ProtobufCBinaryData id_bytes(struct cli *c, const struct object_id *id)
{
	uint8_t *b = cli_alloc(c, OBJECT_ID_LEN);

	memcpy(b, id->b, OBJECT_ID_LEN);
	return (ProtobufCBinaryData){ OBJECT_ID_LEN, b };
}

/* People write short codes in any case and with a dash or space in the middle; O, I and L stand for
 * digits in this alphabet, and there is no U. @return NULL when it is no short code. */
static char *short_code(struct cli *c, const char *text)
{
	char *code = cli_alloc(c, SHORT_CODE_LEN + 1);
	size_t len = 0;

	for (; *text != '\0'; text++) {
		int ch = tolower((unsigned char)*text);
		if (ch == '-' || ch == ' ') {
			continue;
		}
		ch = ch == 'o' ? '0' : ch == 'i' || ch == 'l' ? '1' : ch;
		if (len == SHORT_CODE_LEN || !isalnum(ch) || ch == 'u') {
			return NULL;
		}
		code[len++] = (char)ch;
	}
	return len == SHORT_CODE_LEN ? code : NULL;
}

static int bad_name(const struct cli *c, const char *text)
{
	return cli_usage(c,
			 "\"%s\" is geen nummer: geef de korte code van 10 tekens of het nummer "
			 "van 32 tekens",
			 "\"%s\" is no number: give the short code of 10 characters or the id of "
			 "32 characters",
			 text);
}

static int not_found(const struct cli *c, const char *text)
{
	cli_say(c, "%s: niet gevonden, of niet van u", "%s: not found, or not yours", text);
	cli_say_party(c, true);
	if (c->said != NULL) {
		c->said->code = "UNKNOWN_OBJECT";
	}
	return CLI_REFUSED;
}

/* By id or by short code. */
static int name_it(struct call *k, const char *text, PB(QueryRequest) *q)
{
	struct object_id id;

	if (id_parse(text, &id)) {
		q->request_id = id_bytes(k->cli, &id);
	} else {
		q->short_code = short_code(k->cli, text);
		if (q->short_code == NULL) {
			return bad_name(k->cli, text);
		}
	}
	return CLI_DONE;
}

static int query_named(struct call *k, const char *text, PB(QueryRequest) *q,
		       PB(Message) **ret_answer)
{
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = name_it(k, text, q);

	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = q;
	return rc != CLI_DONE ? rc : call_query(k, INTAKE, &m, ret_answer);
}

int find_order(struct call *k, const char *text, const char *number, PB(RequestItem) **ret_item)
{
	PB(QueryRequest) q = SCHAKEL__V1__QUERY_REQUEST__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;
	int rc = name_it(k, text, &q);

	*ret_item = NULL;
	q.order_number = (char *)(uintptr_t)number;
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	rc = rc != CLI_DONE ? rc : call_query_if_mine(k, INTAKE, &m, &answer);
	if (rc == CLI_DONE && answer != NULL && answer->body_case == BODY(REQUEST_VIEW) &&
	    answer->request_view->n_requests > 0) {
		*ret_item = answer->request_view->requests[0];
	}
	return rc;
}

int find_person(struct call *k, const char *text, PB(QueryRequest) *io_q, PB(PersonView) **ret_v)
{
	PB(Message) *answer = NULL;
	int rc = query_named(k, text, io_q, &answer);

	if (rc != CLI_DONE) {
		return rc;
	}
	SK_ASSERT(answer != NULL);
	if (answer->body_case != BODY(REQUEST_VIEW) || answer->request_view->person == NULL) {
		return not_found(k->cli, text);
	}
	*ret_v = answer->request_view->person;
	return CLI_DONE;
}

int find_request(struct call *k, const char *text, PB(RequestItem) **ret_item)
{
	PB(QueryRequest) q = SCHAKEL__V1__QUERY_REQUEST__INIT;
	PB(Message) *answer = NULL;
	int rc = query_named(k, text, &q, &answer);

	if (rc != CLI_DONE) {
		return rc;
	}
	SK_ASSERT(answer != NULL);
	if (answer->body_case != BODY(REQUEST_VIEW) || answer->request_view->n_requests == 0) {
		return not_found(k->cli, text);
	}
	*ret_item = answer->request_view->requests[0];
	return CLI_DONE;
}

int find_need(struct call *k, const char *text, struct object_id *ret_id)
{
	const char *slash = strchr(text, '/');
	PB(RequestItem) *item = NULL;
	char *end = NULL;

	if (slash == NULL && id_parse(text, ret_id)) {
		return CLI_DONE;
	}
	unsigned long n = slash == NULL ? 0 : strtoul(slash + 1, &end, 10);
	if (n == 0 || *end != '\0') {
		return cli_usage(k->cli,
				 "\"%s\": noem een hulpvraag als AANMELDING/2, de tweede van die "
				 "aanmelding",
				 "\"%s\": name a need as REQUEST/2, the second of that request",
				 text);
	}
	int rc = find_request(k, cli_printf(k->cli, "%.*s", (int)(slash - text), text), &item);
	if (rc != CLI_DONE || item == NULL) {
		return rc;
	}
	/* By its number: what the asker may not see is not in the list. */
	for (size_t i = 0; i < item->n_needs; i++) {
		if (item->needs[i]->need->ordinal == n &&
		    object_id_from(&item->needs[i]->need->need_id, ret_id)) {
			return CLI_DONE;
		}
	}
	return not_found(k->cli, text);
}

static int among_asks(struct call *k, char *code, struct object_id *ret_id)
{
	PB(QueryAsks) q = SCHAKEL__V1__QUERY_ASKS__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;

	q.short_code = code;
	q.all = true;
	q.limit = 1;
	m.body_case = BODY(QUERY_ASKS);
	m.query_asks = &q;
	int rc = call_query(k, MATCHING, &m, &answer);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (answer->body_case != BODY(ASKS_VIEW) || answer->asks_view->n_asks == 0 ||
	    !object_id_from(&answer->asks_view->asks[0]->contribution_id, ret_id)) {
		return not_found(k->cli, code);
	}
	return CLI_DONE;
}

/* For those who are asked nothing themselves (family, contact person). */
static int among_request(struct call *k, const char *request, const char *code,
			 struct object_id *ret_id)
{
	PB(RequestItem) *item = NULL;
	int rc = find_request(k, request, &item);

	for (size_t i = 0; rc == CLI_DONE && item != NULL && i < item->n_needs; i++) {
		const PB(NeedView) *need = item->needs[i];
		for (size_t n = 0; n < need->n_contributions; n++) {
			if (strcmp(need->contributions[n]->short_code, code) == 0 &&
			    object_id_from(&need->contributions[n]->contribution_id, ret_id)) {
				return CLI_DONE;
			}
		}
	}
	return rc == CLI_DONE ? not_found(k->cli, code) : rc;
}

/* Help that has ended, or that the request does not show, is known to who gives and who holds it.
 */
static int among_past(struct call *k, const ProtobufCBinaryData *request, const char *code,
		      struct object_id *ret_id)
{
	PB(QueryContributions) q = SCHAKEL__V1__QUERY_CONTRIBUTIONS__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;

	q.request_id = *request;
	q.limit = PAGE;
	m.body_case = BODY(QUERY_CONTRIBUTIONS);
	m.query_contributions = &q;
	int rc = call_query_maybe(k, MATCHING, &m, &answer);
	if (rc != CLI_DONE || answer == NULL || answer->body_case != BODY(CONTRIBUTIONS_VIEW)) {
		return rc == CLI_DONE ? not_found(k->cli, code) : rc;
	}
	const PB(ContributionsView) *v = answer->contributions_view;
	for (size_t i = 0; i < v->n_contributions; i++) {
		if (strcmp(v->contributions[i]->short_code, code) == 0 &&
		    object_id_from(&v->contributions[i]->contribution_id, ret_id)) {
			return CLI_DONE;
		}
	}
	return not_found(k->cli, code);
}

int find_code_or_id(struct call *k, const char *text, struct object_id *ret_id, char **ret_code)
{
	if (id_parse(text, ret_id)) {
		*ret_code = "";
		return CLI_DONE;
	}
	char *code = short_code(k->cli, text);
	if (code == NULL) {
		return bad_name(k->cli, text);
	}
	*ret_code = code;
	return CLI_DONE;
}

int find_contribution_of(struct call *k, const PB(RequestItem) *item, const char *text,
			 struct object_id *ret_id)
{
	struct object_id request;

	if (id_parse(text, ret_id)) {
		return CLI_DONE;
	}
	char *code = short_code(k->cli, text);
	if (code == NULL) {
		return bad_name(k->cli, text);
	}
	for (size_t i = 0; i < item->n_needs; i++) {
		const PB(NeedView) *need = item->needs[i];
		for (size_t n = 0; n < need->n_contributions; n++) {
			if (strcmp(need->contributions[n]->short_code, code) == 0 &&
			    object_id_from(&need->contributions[n]->contribution_id, ret_id)) {
				return CLI_DONE;
			}
		}
	}
	SK_ASSERT(object_id_from(&item->request->request_id, &request));
	ProtobufCBinaryData id = id_bytes(k->cli, &request);
	return among_past(k, &id, code, ret_id);
}

int find_contribution(struct call *k, const char *text, struct object_id *ret_id)
{
	const char *request = cli_opt(k->cli, "request");

	if (id_parse(text, ret_id)) {
		return CLI_DONE;
	}
	char *code = short_code(k->cli, text);
	if (code == NULL) {
		return bad_name(k->cli, text);
	}
	return request != NULL ? among_request(k, request, code, ret_id) :
				 among_asks(k, code, ret_id);
}
