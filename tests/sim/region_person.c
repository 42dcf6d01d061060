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

bool region_ask(struct daemon *d, const char *party, uint32_t roles, PB(Message) *m,
		PB(Message) *ret_answer)
{
	static const uint8_t id[16] = { 1 };
	struct party from = { .roles = roles };

	(void)snprintf(from.id, sizeof(from.id), "%s", party);
	m->id = (ProtobufCBinaryData){ sizeof(id), (uint8_t *)(uintptr_t)id };
	return engine_peek_query(d->engine, &from, m, ret_answer) == SK_OK;
}

/* The first page of the whole file, where it was asked. */
static void read_file(struct region *g, struct daemon *d, struct news_request *r, uint32_t adult)
{
	PB(QueryFile) q = PB_INIT(QUERY_FILE);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) answer = PB_INIT(MESSAGE);

	q.request_id = (ProtobufCBinaryData){ sizeof(r->id), r->id };
	q.speaker = adult == 0 ? SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH :
				 SCHAKEL__V1__SPEAKER__SPEAKER_ADULT;
	q.adult = adult;
	m.body_case = BODY(QUERY_FILE);
	m.query_file = &q;
	if (region_ask(d, "family", ROLE_BIT(FAMILY), &m, &answer)) {
		laws_file(g->laws, answer.file_view, &q.request_id);
	}
	engine_peek_done(d->engine);
}

static void look(struct region *g, struct daemon *d, struct news_request *r, uint32_t adult)
{
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) answer = PB_INIT(MESSAGE);

	q.request_id = (ProtobufCBinaryData){ sizeof(r->id), r->id };
	q.speaker = adult == 0 ? SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH :
				 SCHAKEL__V1__SPEAKER__SPEAKER_ADULT;
	q.adult = adult;
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	if (region_ask(d, "family", ROLE_BIT(FAMILY), &m, &answer)) {
		SK_ASSERT(answer.request_view->person != NULL);
		laws_person(g->laws, answer.request_view->person, engine_now_ms(d->engine));
		read_text(g, answer.request_view->person);
	}
	engine_peek_done(d->engine);
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
		read_file(g, d, r, adult);
	}
}

static void ask_file(struct region *g, struct news_request *r)
{
	PB(AskFile) a = PB_INIT(ASK_FILE);
	PB(Message) m = PB_INIT(MESSAGE);

	a.request_id = (ProtobufCBinaryData){ sizeof(r->id), r->id };
	a.adult = (uint32_t)rng_below(&g->w->rng, ADULTS_LOOK + 1);
	a.speaker = a.adult == 0 ? SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH :
				   SCHAKEL__V1__SPEAKER__SPEAKER_ADULT;
	m.body_case = BODY(ASK_FILE);
	m.ask_file = &a;
	region_send(g, FAMILY, INTAKE, &m);
}

/* One piece that who took the request can see. */
static void keep_back(struct region *g, struct news_request *r)
{
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	PB(KeepBack) k = PB_INIT(KEEP_BACK);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) answer = PB_INIT(MESSAGE);
	uint8_t person[OBJECT_ID_LEN];

	q.request_id = (ProtobufCBinaryData){ sizeof(r->id), r->id };
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	if (g->w->daemon[INTAKE].engine == NULL ||
	    !region_ask(&g->w->daemon[INTAKE], "clb", ROLE_BIT(REQUESTER), &m, &answer) ||
	    answer.request_view->requests[0]->n_capsules == 0) {
		return;
	}
	const PB(Capsule) *c = answer.request_view->requests[0]->capsules[0];
	memcpy(person, c->person_id.data, OBJECT_ID_LEN);
	k.request_id = q.request_id;
	k.person_id = (ProtobufCBinaryData){ sizeof(person), person };
	k.version = c->version;
	k.ground = (PB(KeptBack))rng_between(&g->w->rng, 1, 4);
	k.lifted = rng_below(&g->w->rng, 4) == 0;
	m = (PB(Message))PB_INIT(MESSAGE);
	m.body_case = BODY(KEEP_BACK);
	m.keep_back = &k;
	region_send(g, CLB, INTAKE, &m);
}

void region_file_act(struct region *g)
{
	struct news *n = &g->news;

	if (n->requests == 0) {
		return;
	}
	struct news_request *r = &n->request[rng_below(&g->w->rng, n->requests)];
	if (rng_coin(&g->w->rng)) {
		ask_file(g, r);
	} else {
		keep_back(g, r);
	}
}
