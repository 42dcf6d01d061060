/* SPDX-License-Identifier: EUPL-1.2 */
/* The code by which a young person or a parent reads on, given by who carries the request. */
#include <stdlib.h>
#include <string.h>

#include "common/words.h"
#include "services/gateway/api_private.h"
#include "services/gateway/gate.h"
#include "services/gateway/http_private.h"

static bool carries(const struct web *w, const PB(RequestItem) *it)
{
	if (strcmp(it->contact_party, w->who.party) == 0 ||
	    strcmp(it->stand_in_party, w->who.party) == 0) {
		return true;
	}
	for (size_t i = 0; i < it->n_holders; i++) {
		if (strcmp(it->holders[i]->party, w->who.party) == 0) {
			return true;
		}
	}
	return false;
}

static const PB(RequestItem) *item_of(struct web *w)
{
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;

	q.short_code = (char *)(uintptr_t)w->param[0];
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	if (web_ask(w, "intake", &m, &answer) != SK_OK) {
		return NULL;
	}
	if (answer->body_case == BODY(RECEIPT)) {
		(void)(web_refused(w, answer->receipt) || api_no_such(w, "request"));
		return NULL;
	}
	const PB(RequestView) *v = answer->request_view;
	if (v->n_requests != 1) {
		(void)api_no_such(w, "request");
		return NULL;
	}
	return v->requests[0];
}

static bool person_exists(struct web *w, const PB(RequestItem) *it, const struct token_who *who)
{
	if (who->speaker == SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH && who->child < it->n_children) {
		return true;
	}
	for (size_t i = 0; i < it->n_adults; i++) {
		if (who->speaker == SCHAKEL__V1__SPEAKER__SPEAKER_ADULT &&
		    it->adults[i]->number == who->adult) {
			return true;
		}
	}
	return api_no_such(w,
			   who->speaker == SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH ? "child" : "adult");
}

/* Whom the body names, for who carries the request of the path. @return false: answered. */
static bool read_person(struct web *w, struct token_who *ret_who)
{
	static const struct problem speaker = { 400, "MISSING", "speaker",
						"geef speaker: YOUTH (met child, vanaf 0) of ADULT "
						"(met adult)",
						"give speaker: YOUTH (with child, from 0) or ADULT "
						"(with adult)" };
	static const struct problem not_yours = { 403, "NOT_YOURS", NULL,
						  "alleen wie de aanmelding vasthoudt, geeft een "
						  "code of trekt ze in",
						  "only who holds the request gives a code or "
						  "withdraws it" };
	json_t *doc = web_json_body(w);
	struct token_who who = { .person = true };
	int value = 0;

	if (doc == NULL) {
		return false;
	}
	const char *typed = json_string_value(json_object_get(doc, "speaker"));
	if (typed == NULL || !word_find(&schakel__v1__speaker__descriptor, typed, &value) ||
	    value == SCHAKEL__V1__SPEAKER__SPEAKER_TRUSTED_PERSON) {
		web_problem(w, &speaker);
		return false;
	}
	who.speaker = (PB(Speaker))value;
	who.child = (uint32_t)json_integer_value(json_object_get(doc, "child"));
	who.adult = (uint32_t)json_integer_value(json_object_get(doc, "adult"));
	const PB(RequestItem) *it = item_of(w);
	if (it == NULL) {
		return false;
	}
	if (!carries(w, it)) {
		web_problem(w, &not_yours);
		return false;
	}
	(void)snprintf(who.request, sizeof(who.request), "%s", it->short_code);
	*ret_who = who;
	return person_exists(w, it, &who);
}

void api_codes(struct web *w)
{
	struct token_who who;
	char code[TOKEN_TYPED_MAX + 1];

	if (!read_person(w, &who)) {
		return;
	}
	if (gone_serial(w->gate->gone, &who, &who.serial) != SK_OK) {
		web_busy(w);
		return;
	}
	token_person(&w->gate->key, &who, code);
	web_json(w, 201, json_pack("{s:s}", "code", code));
}

void api_codes_withdraw(struct web *w)
{
	struct token_who who;

	if (!read_person(w, &who)) {
		return;
	}
	if (gone_withdraw(w->gate->gone, &who) != SK_OK) {
		web_busy(w);
		return;
	}
	feed_judge(w->gate->feed);
	web_json(w, 200, json_object());
}
