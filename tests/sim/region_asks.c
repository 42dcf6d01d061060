/* SPDX-License-Identifier: EUPL-1.2 */
/* What is said around an ask: the family opens a first meeting or not, the contact point notes what
 * it heard by telephone, a partner names another one. */
#include <string.h>

#include "tests/sim/region.h"

#define ANSWER_OF(X) SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_##X
#define SPEAKER_OF(X) SCHAKEL__V1__SPEAKER__SPEAKER_##X

/** Help in that state, as far as the news go; NULL: none was met. */
static struct news_help *some_help(struct region *g, int state)
{
	for (int tries = 0; tries < 8 && g->news.helps > 0; tries++) {
		struct news_help *h = &g->news.help[rng_below(&g->w->rng, g->news.helps)];
		if (h->state == state) {
			return h;
		}
	}
	return NULL;
}

void region_meet(struct region *g, struct news_help *h)
{
	struct rng *r = &g->w->rng;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(OpenMeeting) o = PB_INIT(OPEN_MEETING);

	o.contribution_id = (ProtobufCBinaryData){ 16, h->id };
	o.speaker = rng_coin(r) ? SPEAKER_OF(YOUTH) : SPEAKER_OF(ADULT);
	o.adult = o.speaker == SPEAKER_OF(ADULT) ? 1 : 0;
	o.allowed = rng_below(r, 4) != 0;
	o.child = (uint32_t)rng_log(r, 1, CHILDREN_DRAWN) - 1;
	m.body_case = BODY(OPEN_MEETING);
	m.open_meeting = &o;
	region_send(g, rng_below(r, 4) == 0 ? CONTACT : FAMILY, MATCHING, &m);
}

/** By the contact point for the partner; sometimes by one who may not. */
void region_telephone(struct region *g)
{
	struct news_help *h = some_help(g, HELP(ASKED));
	struct rng *r = &g->w->rng;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(AnswerAsk) a = PB_INIT(ANSWER_ASK);

	if (h == NULL) {
		return;
	}
	a.contribution_id = (ProtobufCBinaryData){ 16, h->id };
	a.answer = rng_coin(r) ? ANSWER_OF(CAN) : ANSWER_OF(NOT_OURS);
	a.by_call = true;
	if (a.answer == ANSWER_OF(NOT_OURS)) {
		a.suggests = (char *)(uintptr_t)region_partner[rng_below(r, PARTNERS)];
	}
	m.body_case = BODY(ANSWER_ASK);
	m.answer_ask = &a;
	region_send(g, rng_below(r, 6) == 0 ? CLB : CONTACT, MATCHING, &m);
}
