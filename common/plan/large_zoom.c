/* SPDX-License-Identifier: EUPL-1.2 */
/* A part of the best answer is sought anew by the tree: all needs at other offers than the few that
 * are looked at stay where they are. What the tree proves of a part says nothing of the whole, but
 * an answer that it finds is one. How many offers are looked at follows from how the last parts
 * went: more when the tree was through with them, fewer when its work ran out. */
#include "common/plan/large_work.h"

#include <stdlib.h>
#include <string.h>

#define ZOOM_NODES 2000U
#define ZOOM_PARTS 200U /* of the work that there is, for one part */
#define ZOOM_LIKELY 8U  /* a neighbour is among the likely offers of a need */
#define ZOOM_STEPS 8U   /* parts through to the end until one more is looked at */
#define ZOOM_DRAWS 3U   /* needs of which the least certain is taken */
#define ZOOM_AIM 12     /* part of the gap by which an answer has to be better */

enum zoom_kind { ZOOM_OFFERS, ZOOM_NEEDS, ZOOM_KINDS };

struct zoom {
	bool *offer, *need; /* is looked at */
	int16_t *share;     /* of each option, at the root */
	enum zoom_kind kind;
	uint32_t *want; /* of each kind, times ZOOM_STEPS */
	uint32_t most[ZOOM_KINDS];
};

/* An offer where somebody of those looked at would like to be. */
static uint32_t neighbour(struct lg *g, const struct zoom *z, bool any)
{
	uint32_t i = lg_below(g, g->needs);

	for (uint32_t n = 0; n < g->needs; n++) {
		uint32_t seat = g->best[i];
		uint32_t len = g->need_first[i + 1] - g->need_first[i];
		if (len > 1 && (seat == LG_NONE || any || z->offer[g->o_offer[seat]])) {
			uint32_t likely = len < ZOOM_LIKELY ? len : ZOOM_LIKELY;
			return g->o_offer[g->rank[g->need_first[i] + lg_below(g, likely)]];
		}
		i = i + 1 < g->needs ? i + 1 : 0;
	}
	return LG_NONE;
}

static void choose_offers(struct lg *g, struct zoom *z)
{
	uint32_t want = z->want[ZOOM_OFFERS] / ZOOM_STEPS;
	uint32_t len = 0;

	for (uint32_t n = 0; n < 8 * want && len < want; n++) {
		uint32_t f = neighbour(g, z, len == 0);
		if (f != LG_NONE && !z->offer[f]) {
			z->offer[f] = true;
			len++;
		}
	}
	for (uint32_t i = 0; i < g->needs; i++) {
		uint32_t seat = g->best[i];
		z->need[i] = seat == LG_NONE || z->offer[g->o_offer[seat]];
	}
}

static int32_t certainty(const struct lg *g, const struct zoom *z, uint32_t i)
{
	return g->best[i] == LG_NONE ? -1 : z->share[g->best[i]];
}

static void choose_needs(struct lg *g, struct zoom *z)
{
	uint32_t want = z->want[ZOOM_NEEDS] / ZOOM_STEPS;

	memset(z->offer, 1, g->offers * sizeof(z->offer[0]));
	for (uint32_t n = 0; n < want; n++) {
		uint32_t least = lg_below(g, g->needs);
		for (uint32_t k = 1; k < ZOOM_DRAWS; k++) {
			uint32_t i = lg_below(g, g->needs);
			bool less = certainty(g, z, i) < certainty(g, z, least);
			least = z->need[least] || (less && !z->need[i]) ? i : least;
		}
		z->need[least] = true;
	}
}

/* Who is not looked at stays; who may not stay in a better answer is free to go anywhere.
 * @return false: nothing better can be there. */
static bool hold_rest(struct lg *g, const struct zoom *z)
{
	for (uint32_t i = 0; i < g->needs; i++) {
		uint32_t seat = g->best[i];
		if (g->fixed[i] == LG_FREE && seat != LG_NONE && !z->need[i] && !g->off[seat] &&
		    !lg_fix(g, seat)) {
			return false;
		}
	}
	for (uint32_t i = 0; i < g->needs; i++) {
		for (uint32_t o = g->need_first[i]; z->need[i] && o < g->need_first[i + 1]; o++) {
			if (!z->offer[g->o_offer[o]]) {
				(void)lg_drop(g, o);
			}
		}
	}
	return true;
}

static void look_at_part(struct lg *g, struct zoom *z)
{
	uint64_t all = g->work_max;
	int64_t bound = g->bound;
	int64_t was = g->best_cost;
	int64_t below = was - (was - bound) / ZOOM_AIM;
	size_t mark = g->trail_len;
	bool through = true;
	uint32_t *want = &z->want[z->kind];

	memset(z->offer, 0, g->offers * sizeof(z->offer[0]));
	memset(z->need, 0, g->needs * sizeof(z->need[0]));
	if (z->kind == ZOOM_OFFERS) {
		choose_offers(g, z);
	} else {
		choose_needs(g, z);
	}
	g->work_max = g->work + (all - g->work) / ZOOM_PARTS + 1000;
	g->best_cost = below;
	if (hold_rest(g, z)) {
		g->bound = 0;
		lg_tree(g, ZOOM_NODES);
		through = g->bound >= g->best_cost;
	}
	lg_unwind(g, mark);
	g->best_cost = g->best_cost < below ? g->best_cost : was;
	memcpy(g->price, g->root_price, g->needs * sizeof(g->price[0]));
	g->work += 10ULL * g->needs + g->options;
	g->work_max = all;
	g->bound = bound;
	if (!through && *want > 2 * ZOOM_STEPS) {
		*want -= *want / 16;
	} else if (through && g->best_cost == was && *want < z->most[z->kind] * ZOOM_STEPS) {
		*want += 1 + *want / 64;
	}
	z->kind = z->kind == ZOOM_OFFERS ? ZOOM_NEEDS : ZOOM_OFFERS;
}

void lg_zoom(struct lg *g, uint64_t until)
{
	struct zoom z = { .offer = calloc(g->offers, sizeof(bool)),
			  .need = calloc(g->needs, sizeof(bool)),
			  .share = malloc(g->options * sizeof(int16_t)),
			  .want = g->zoom_want,
			  .most = { g->live_offers, g->needs } };
	uint32_t nodes = g->nodes;

	if (g->zoom_want[ZOOM_OFFERS] == 0) {
		g->zoom_want[ZOOM_OFFERS] = 3 * ZOOM_STEPS;
		g->zoom_want[ZOOM_NEEDS] = 12 * ZOOM_STEPS;
	}
	if (z.offer != NULL && z.need != NULL && z.share != NULL) {
		memcpy(z.share, g->x_share, g->options * sizeof(z.share[0]));
		while (g->bound < g->best_cost && g->work < until && !lg_spent(g)) {
			look_at_part(g, &z);
		}
	}
	g->nodes = nodes;
	free(z.offer);
	free(z.need);
	free(z.share);
}
