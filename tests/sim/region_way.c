/* SPDX-License-Identifier: EUPL-1.2 */
/* The way of help: whoever has something to do next does it. Without this most of what is asked
 * would lapse, and no law would ever see help that has begun. */
#include "tests/sim/region.h"

#define AT_ONCE 3                     /* people act at the same time */
#define ANSWER_US (4 * SIM_SECOND_US) /* until what one did is heard of by the others */

static bool is_under_way(struct region *g, const struct news_help *h)
{
	const struct news_request *q = news_request_of(&g->news, h->request);
	bool live = h->state == HELP(ASKED) || h->state == HELP(CAN) || h->state == HELP(CAN_IF) ||
		    h->state == HELP(AGREED) || h->state == HELP(STARTED) ||
		    h->state == HELP(INTERRUPTED) || h->state == HELP(HANDING_ON);

	return live && q != NULL && !q->ended && h->again_us <= g->w->now_us;
}

static struct news_help *some_help(struct region *g)
{
	struct news *n = &g->news;
	size_t from = n->helps == 0 ? 0 : rng_below(&g->w->rng, n->helps);

	for (size_t i = 0; i < n->helps; i++) {
		struct news_help *h = &n->help[(from + i) % n->helps];
		if (is_under_way(g, h)) {
			return h;
		}
	}
	return NULL;
}

/* Mostly by a yes of everybody; sometimes another ground, or no ground at all. */
static void agree(struct region *g, struct news_help *h)
{
	struct news_request *q = news_request_of(&g->news, h->request);
	uint64_t luck = rng_below(&g->w->rng, 8);

	if (q == NULL || q->proposal == 0) {
		return;
	}
	if (luck == 0 || (luck < 4 && q->urgency == URGENCY_OF(CRISIS))) {
		region_ground_act(g, q);
	} else {
		region_all_say(g, q, luck != 7);
	}
}

static void next(struct region *g, struct news_help *h)
{
	bool partner = rng_below(&g->w->rng, 3) == 0;

	h->again_us = g->w->now_us + rng_below(&g->w->rng, ANSWER_US);
	switch (h->state) {
	case HELP(CAN):
		agree(g, h);
		break;
	case HELP(CAN_IF):
		if (partner) {
			region_partner_step(g, h);
		} else {
			region_meet(g, h);
			agree(g, h);
		}
		break;
	case HELP(STARTED):
	case HELP(INTERRUPTED):
		if (partner) {
			region_partner_step(g, h);
		} else {
			region_warm_help(g, h);
		}
		break;
	default:
		region_partner_step(g, h);
		break;
	}
}

void region_way_act(struct region *g)
{
	for (int i = 0; i < AT_ONCE; i++) {
		struct news_help *h = some_help(g);
		if (h != NULL) {
			next(g, h);
		}
	}
}
