/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/plan/plan.h"
#include "services/matching/core_build.h"

struct cost_terms {
	uint32_t preference, continuity, life_change, access, interpreter, distance, km, scarcity;
};

static bool is_named(char *const *list, size_t len, const char *name)
{
	for (size_t i = 0; i < len; i++) {
		if (strcmp(list[i], name) == 0) {
			return true;
		}
	}
	return false;
}

/** Known workers first (B9): nothing for one whom the child knows, half for a house that it knows.
 */
static uint32_t continuity_of(struct build *b, size_t need, const char *partner, const char *pool)
{
	const PB(ChildFact) *child = need_child(b->r, b->needs[need]);
	uint32_t full = (uint32_t)step_setting(b->w->s, SETTING_COST_CONTINUITY);

	if (child == NULL || child->n_known_partners + child->n_known_workers == 0) {
		return b->replaces[need] ? full : 0;
	}
	if (worker_is_known(b->w, child, pool)) {
		return 0;
	}
	if (is_named(child->known_partners, child->n_known_partners, partner)) {
		return child->n_known_workers > 0 ? full / 2 : 0;
	}
	return full;
}

/** What the hours are worth to those who wait and can go nowhere else: so that who can, does. Never
 *  more than the rules allow beside what is good for this child. */
static uint32_t scarcity_of(struct build *b, const struct seat_offer *o)
{
	uint64_t percent = step_setting(b->w->s, SETTING_SCARCITY);
	uint64_t most = step_setting(b->w->s, SETTING_SCARCITY_MAX);
	uint64_t cost = (uint64_t)o->price * o->amount * percent / (100ULL * PLAN_PRICE_SCALE);

	return (uint32_t)(cost < most ? cost : most);
}

static struct cost_terms cost_of(struct build *b, size_t need, const struct seat_offer *o)
{
	struct step *s = b->w->s;
	const PB(RequestFact) *f = b->r->request;
	struct cost_terms t = { 0 };

	if (f->n_preferred_partners > 0 &&
	    !is_named(f->preferred_partners, f->n_preferred_partners, o->partner)) {
		t.preference = (uint32_t)step_setting(s, SETTING_COST_PREFERENCE);
	}
	t.continuity = continuity_of(b, need, o->partner, o->pool);
	if (o->modality == SCHAKEL__V1__MODALITY__MODALITY_RESIDENTIAL) {
		t.life_change = (uint32_t)step_setting(s, SETTING_COST_LIFE_CHANGE);
	}
	if (o->access == SCHAKEL__V1__ACCESS__ACCESS_GATED && !gate_decided(b->w, b->needs[need])) {
		t.access = (uint32_t)step_setting(s, SETTING_COST_ACCESS);
	}
	/* What is beyond the zones where the child lives is so far, whoever it is: what lies
	 * between two zones is not known here. */
	if (o->far) {
		t.km = (uint32_t)step_setting(s, SETTING_BEYOND_ZONE_KM);
		t.distance = t.km * (uint32_t)step_setting(s, SETTING_COST_KM);
	}
	if (o->interpreter) {
		t.interpreter = (uint32_t)step_setting(s, SETTING_COST_INTERPRETER);
	}
	t.scarcity = scarcity_of(b, o);
	return t;
}

uint32_t cost_sum(struct build *b, size_t need, const struct seat_offer *o)
{
	struct cost_terms t = cost_of(b, need, o);

	return t.preference + t.continuity + t.life_change + t.access + t.interpreter + t.distance +
	       t.scarcity;
}

uint32_t cost_unpriced(struct build *b, size_t need, const struct seat_offer *o)
{
	struct cost_terms t = cost_of(b, need, o);

	return cost_sum(b, need, o) - t.scarcity;
}

static PB(CostLine) *cost_line(struct build *b, PB(CostKind) kind, uint32_t cost, uint32_t quantity)
{
	PB(CostLine) *line = step_alloc(b->w->s, sizeof(*line));

	if (line != NULL) {
		schakel__v1__cost_line__init(line);
		line->kind = kind;
		line->cost = cost;
		line->quantity = quantity;
	}
	return line;
}

/** The lines add up to what the composer weighed; the partner's own cost stands with its first
 * seat. */
static void cost_lines(struct build *b, size_t need, struct seat_offer *offer)
{
	struct cost_terms t = cost_of(b, need, offer);
	uint32_t partner = team_has(&b->team, offer->partner) ?
				   0 :
				   (uint32_t)step_setting(b->w->s, SETTING_COST_PARTNER);
	const struct {
		PB(CostKind) kind;
		uint32_t cost;
		uint32_t quantity;
	} terms[] = {
		{ COST(PARTNER), partner, 0 },
		{ COST(PREFERENCE), t.preference, 0 },
		{ COST(CONTINUITY), t.continuity, 0 },
		{ COST(LIFE_CHANGE), t.life_change, 0 },
		{ COST(START_DELAY), t.access, 0 },
		{ COST(INTERPRETER), t.interpreter, 0 },
		{ COST(DISTANCE), t.distance, t.km },
		{ COST(SCARCITY), t.scarcity, offer->amount },
	};

	offer->costs = step_alloc(b->w->s, SK_LEN(terms) * sizeof(PB(CostLine) *));
	for (size_t i = 0; offer->costs != NULL && i < SK_LEN(terms); i++) {
		PB(CostLine) *line = terms[i].cost == 0 ? NULL :
							  cost_line(b, terms[i].kind, terms[i].cost,
								    terms[i].quantity);
		if (line != NULL) {
			offer->costs[offer->costs_len++] = line;
		}
	}
}

struct seat_offer build_offer(struct build *b, uint32_t option)
{
	const struct compose_option *o = &b->m->options[option];
	struct seat_offer offer = {
		.pool = b->m->names[o->pool],
		.partner = b->m->partner_names[b->m->pools[o->pool].partner],
		.use = o->use,
		.amount = o->amount,
		.facts = b->m->facts[option],
		.modality = b->m->facts[option]->modality,
		.access = b->m->facts[option]->access,
		.price = index_price(b->w->s->index, b->m->names[o->pool], o->use),
		.far = b->m->far[option],
		.interpreter = use_wants_interpreter(b->r, b->m->facts[option]),
	};

	cost_lines(b, o->need, &offer);
	return offer;
}

void build_replaces(struct build *b)
{
	PB(MatchContributionRecord) *live[LIVE_MAX];

	for (size_t i = 0; i < b->problem.needs; i++) {
		struct object_id need = id_of(&b->needs[i]->need->need_id);
		size_t mark = work_mark(b->w);
		size_t len = live_of(b->w, &need, live);
		for (size_t c = 0; c < len; c++) {
			b->replaces[i] = b->replaces[i] || !live[c]->standby;
		}
		work_rewind(b->w, mark);
	}
}
