/* SPDX-License-Identifier: EUPL-1.2 */
/* Young people and parents look at their request, at all times and whatever happened before: what
 * they are shown is judged, and what they read is held to its grammar (L10). No luck is drawn, so
 * that the seeds stay what they are. */
#include <string.h>

#include "services/cli/person_text.h"
#include "tests/sim/region.h"
#include "tests/unit/person_grammar.h"

#define LOOK_EVERY 8 /* turns of intake */
#define ADULTS_LOOK 2

static void read_text(struct region *g, const PB(PersonView) *v)
{
	static struct person_text t;

	t = (struct person_text){ .lang = LANG_NL };
	person_timeline(v, &t);
	for (size_t i = 0; i < t.len; i++) {
		const char *s = t.line[i].s;
		if (grammar_forbids(s) != NULL) {
			laws_violated(g->laws, "L10", "a person reads \"%s\": %s",
				      grammar_forbids(s), s);
		}
		if (t.line[i].kind == LINE_SAY && !grammar_allows(s)) {
			laws_violated(g->laws, "L10", "no form allows: %s", s);
		}
	}
}

static void look(struct region *g, struct daemon *d, struct news_request *r, uint32_t adult)
{
	static const uint8_t id[16] = { 1 };
	struct party from = { .id = "family", .roles = ROLE_BIT(FAMILY) };
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) answer = PB_INIT(MESSAGE);

	q.request_id = (ProtobufCBinaryData){ sizeof(r->id), r->id };
	q.speaker = adult == 0 ? SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH :
				 SCHAKEL__V1__SPEAKER__SPEAKER_ADULT;
	q.adult = adult;
	m.id = (ProtobufCBinaryData){ sizeof(id), (uint8_t *)(uintptr_t)id };
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	if (engine_peek_query(d->engine, &from, &m, &answer) == SK_OK) {
		SK_ASSERT(answer.request_view->person != NULL);
		laws_person(g->laws, answer.request_view->person, engine_now_ms(d->engine));
		read_text(g, answer.request_view->person);
	}
}

void region_person_look(struct region *g, struct daemon *d)
{
	struct news *n = &g->news;

	if (n->requests == 0 || ++g->looks % LOOK_EVERY != 0) {
		return;
	}
	struct news_request *r = &n->request[g->looks / LOOK_EVERY % n->requests];
	for (uint32_t adult = 0; adult <= ADULTS_LOOK; adult++) {
		look(g, d, r, adult);
	}
}
