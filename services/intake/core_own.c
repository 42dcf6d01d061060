/* SPDX-License-Identifier: EUPL-1.2 */
/* What the family has of its own: people, places and activities that it named as strengths, help of
 * volunteers and bridge persons, and means (a taxi, a club fee). They are tried first and at no
 * cost. None of them holds anything, receives a capsule, delays or closes a need, or stops the
 * month clock (L6): nobody is made a holder here, and no due row of the request is touched. */
#include <stdio.h>
#include <string.h>

#include "services/intake/core_warm.h"

#define OWN(X) SCHAKEL__V1__OWN_STATE__OWN_STATE_##X
#define STRENGTH(X) SCHAKEL__V1__STRENGTH_KIND__STRENGTH_KIND_##X

static const struct {
	PB(OwnState) from;
	PB(OwnState) to;
} edge[] = {
	{ OWN(UNSPECIFIED), OWN(PROPOSED) },  { OWN(UNSPECIFIED), OWN(AGREED) },
	{ OWN(UNSPECIFIED), OWN(STARTED) },   { OWN(PROPOSED), OWN(AGREED) },
	{ OWN(PROPOSED), OWN(STARTED) },      { OWN(PROPOSED), OWN(NOT_POSSIBLE) },
	{ OWN(AGREED), OWN(STARTED) },        { OWN(AGREED), OWN(NOT_POSSIBLE) },
	{ OWN(STARTED), OWN(ENDED) },         { OWN(ENDED), OWN(PROPOSED) },
	{ OWN(NOT_POSSIBLE), OWN(PROPOSED) },
};

int own_next(PB(OwnState) from, PB(OwnState) to)
{
	for (size_t i = 0; i < SK_LEN(edge); i++) {
		if (edge[i].from == from && edge[i].to == to) {
			return SK_OK;
		}
	}
	return SK_ESTATE;
}

struct set_own {
	const PB(SetOwnContribution) *m;
	struct req q;
	PB(OwnRecord) *o;
	PB(OwnState) to;
};

static PB(OwnRecord) *own_load(struct step *s, const struct req *q, uint32_t number)
{
	struct key k = key_of_part(&q->id, number);

	return step_get(s, TABLE_OWN, &k, TYPE(own_record));
}

static PB(OwnRecord) *own_new(struct step *s, const struct req *q)
{
	static const PB(OwnRecord) empty = PB_INIT(OWN_RECORD);
	static const PB(OwnContributionView) view = PB_INIT(OWN_CONTRIBUTION_VIEW);
	PB(OwnRecord) *o = step_alloc(s, sizeof(*o));
	PB(OwnContributionView) *v = step_alloc(s, sizeof(*v));

	if (o == NULL || v == NULL) {
		return NULL;
	}
	*o = empty;
	*v = view;
	o->own = v;
	v->number = q->r->own_len + 1;
	v->request_id = q->r->request_id;
	return o;
}

static PB(Event) event_own(const struct req *q, const PB(OwnContributionView) *v)
{
	PB(Event) e = event_of(q, EVENT(OWN_CONTRIBUTION));

	e.number = v->number;
	e.own_state = v->state;
	e.supporter = v->supporter;
	e.life_domain = v->life_domain;
	e.child = v->child;
	e.need_id = v->need_id;
	e.network = v->network;
	e.rule = v->rule_bent;
	e.party = v->party;
	e.ended = v->state == OWN(ENDED) || v->state == OWN(NOT_POSSIBLE);
	return e;
}

static void own_save(struct step *s, struct req *q, const PB(OwnRecord) *o)
{
	struct key k = key_of_part(&q->id, o->own->number);

	if (o->own->number > q->r->own_len) {
		q->r->own_len = o->own->number;
	}
	step_put(s, TABLE_OWN, &k, o);
	say(s, q, event_own(q, o->own));
}

/* --- SetOwnContribution --- */

static bool is_means(const struct set_own *so)
{
	return so->o->own->supporter == SUPPORTER(MEANS);
}

static int own_open(struct step *s, struct set_own *so)
{
	if (so->m->number != 0) {
		so->o = own_load(s, &so->q, so->m->number);
		if (so->o == NULL && s->txn->err == SK_OK) {
			return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "number");
		}
		return s->txn->err;
	}
	if (so->q.r->own_len >= OWN_KEPT_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "number");
	}
	int err = check_given(s, (int)so->m->supporter, "supporter");
	if (err != SK_OK) {
		return err;
	}
	so->o = own_new(s, &so->q);
	if (so->o != NULL) {
		so->o->own->supporter = so->m->supporter;
	}
	return s->txn->err;
}

static int check_supporter(struct step *s, const struct set_own *so)
{
	PB(SupporterKind) kind = so->o->own->supporter;
	bool own = kind == SUPPORTER(OWN_NETWORK) || kind == SUPPORTER(VOLUNTEER) ||
		   kind == SUPPORTER(BRIDGE_PERSON) || kind == SUPPORTER(MEANS);
	bool same = so->m->supporter == 0 || so->m->supporter == kind;

	return own && same ? SK_OK : step_refuse(s, REFUSAL(CONTRADICTS), "supporter");
}

static int check_state(struct step *s, struct set_own *so)
{
	PB(OwnState) was = so->o->own->state;

	so->to = so->m->state != 0 ? so->m->state : was != 0 ? was : OWN(PROPOSED);
	if (so->to != was && own_next(was, so->to) != SK_OK) {
		return refuse_state(s, &so->q, NULL, "state");
	}
	return SK_OK;
}

static int check_helped(struct step *s, struct set_own *so)
{
	const PB(SetOwnContribution) *m = so->m;

	if (m->need_id.len != 0 && req_need(&so->q, &m->need_id) == NULL) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "need_id");
	}
	if (m->strength > so->q.r->strengths_len) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "strength");
	}
	int err = said_child(s, &so->q, m->child);
	if (err == SK_OK) {
		err = said_party(s, m->party, "party");
	}
	return err == SK_OK ? said_words(s, &so->q, m->words, "words") : err;
}

static bool gives(PB(OwnState) state)
{
	return state == OWN(AGREED) || state == OWN(STARTED) || state == OWN(ENDED);
}

static uint64_t cents_of(const struct set_own *so)
{
	return so->m->euro_cents != 0 ? so->m->euro_cents : so->o->own->euro_cents;
}

/* What is said to be given stands: other amounts are other means. */
static bool amount_moves(const struct set_own *so)
{
	const PB(OwnContributionView) *v = so->o->own;

	return (so->m->euro_cents != 0 && so->m->euro_cents != v->euro_cents) ||
	       (so->m->network[0] != '\0' && strcmp(so->m->network, v->network) != 0);
}

static int check_budget(struct step *s, struct set_own *so)
{
	const PB(OwnContributionView) *v = so->o->own;
	bool gave = gives(v->state);
	uint64_t most = step_setting(s, SETTING_MEANS_MAX);

	if (gave && amount_moves(so)) {
		return refuse_state(s, &so->q, NULL, "euro_cents");
	}
	if (gave || !gives(so->to)) {
		return SK_OK;
	}
	/* Money is promised by who answers for it, not by the family alone. */
	if ((s->from.roles & ROLE_BIT(FAMILY)) != 0) {
		return refuse_not_yours(s, "state");
	}
	if (so->q.r->means_cents + cents_of(so) > most) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "euro_cents");
	}
	return budget_check(s, so->m->network[0] != '\0' ? so->m->network : v->network,
			    cents_of(so));
}

static int check_means(struct step *s, struct set_own *so)
{
	const PB(SetOwnContribution) *m = so->m;
	const char *network = m->network[0] != '\0' ? m->network : so->o->own->network;

	if (!is_means(so)) {
		if (m->euro_cents != 0) {
			return step_refuse(s, REFUSAL(CONTRADICTS), "euro_cents");
		}
		if (m->network[0] != '\0') {
			return step_refuse(s, REFUSAL(CONTRADICTS), "network");
		}
		return m->rule_bent == 0 ? SK_OK :
					   step_refuse(s, REFUSAL(CONTRADICTS), "rule_bent");
	}
	if (cents_of(so) == 0) {
		return step_refuse(s, REFUSAL(MISSING), "euro_cents");
	}
	if (m->euro_cents > EURO_CENTS_MAX) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "euro_cents");
	}
	if (network[0] == '\0') {
		return step_refuse(s, REFUSAL(MISSING), "network");
	}
	if (!name_is_valid(network)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "network");
	}
	return check_budget(s, so);
}

static int check_own(struct step *s, struct set_own *so)
{
	int err = said_open(s, &so->m->request_id, &so->q);

	if (err == SK_OK) {
		err = own_open(s, so);
	}
	if (err == SK_OK) {
		err = check_supporter(s, so);
	}
	if (err == SK_OK) {
		err = check_state(s, so);
	}
	if (err == SK_OK) {
		err = check_helped(s, so);
	}
	return err == SK_OK ? check_means(s, so) : err;
}

/* The sum per network: what was said to be given and is not taken back. */
static void spend(struct step *s, struct set_own *so, PB(OwnState) was)
{
	PB(SpentRecord) none = PB_INIT(SPENT_RECORD);
	const PB(OwnContributionView) *v = so->o->own;
	struct key k = key_of_str(v->network);
	bool back = (was == OWN(AGREED) && so->to == OWN(NOT_POSSIBLE));

	if (!is_means(so) || (gives(was) == gives(so->to) && !back)) {
		return;
	}
	/* What ended was spent: trying the same again is a new sum. */
	if (was == OWN(ENDED)) {
		return;
	}
	PB(SpentRecord) *spent = step_get(s, TABLE_SPENT, &k, TYPE(spent_record));
	spent = spent == NULL ? &none : spent;
	spent->cents = back ? spent->cents - v->euro_cents : spent->cents + v->euro_cents;
	so->q.r->means_cents = back ? so->q.r->means_cents - v->euro_cents :
				      so->q.r->means_cents + v->euro_cents;
	step_put(s, TABLE_SPENT, &k, spent);
}

static void own_set(struct step *s, struct set_own *so)
{
	const PB(SetOwnContribution) *m = so->m;
	PB(OwnContributionView) *v = so->o->own;

	v->state = so->to;
	v->at_ms = s->now_ms;
	v->life_domain = m->life_domain != 0 ? m->life_domain : v->life_domain;
	v->need_id = m->need_id.len != 0 ? m->need_id : v->need_id;
	v->child = m->number == 0 ? m->child : v->child;
	v->strength = m->strength != 0 ? m->strength : v->strength;
	v->euro_cents = cents_of(so);
	v->network = m->network[0] != '\0' ? m->network : v->network;
	v->rule_bent = m->rule_bent != 0 ? m->rule_bent : v->rule_bent;
	v->party = m->party[0] != '\0' ? m->party : v->party;
	if (m->words != NULL) {
		words_put(s, &so->q, m->words, true);
		so->o->person_id = m->words->person_id;
		so->o->words_version = m->words->version;
	}
}

/* The rule that had to bend for it is named, once: who made the rule should know (C10). */
static int rule_named(struct step *s, struct set_own *so)
{
	const PB(OwnContributionView) *v = so->o->own;
	struct signal_spec spec = { .rule = v->rule_bent,
				    .step = STEP(MEANS),
				    .network = v->network,
				    .need_id = &v->need_id };
	struct object_id id;

	return so->m->rule_bent == 0 ? SK_OK : signal_name(s, &so->q, &spec, &id);
}

int on_own(struct step *s, const PB(Message) *in)
{
	struct set_own so = { .m = in->set_own_contribution };
	int err = check_own(s, &so);

	if (err != SK_OK) {
		return err;
	}
	PB(OwnState) was = so.o->own->state;
	own_set(s, &so);
	err = rule_named(s, &so);
	if (err != SK_OK) {
		return err;
	}
	spend(s, &so, was);
	if (was != so.to && gives(so.to) && is_means(&so)) {
		signal_step_taken(s, &so.q, STEP(MEANS), &so.o->own->need_id);
	}
	own_save(s, &so.q, so.o);
	req_save(s, &so.q);
	step_result(s, &so.q.id, so.o->own->number);
	return s->txn->err;
}

void own_view(struct step *s, const struct req *q, PB(PlanView) *v)
{
	for (uint32_t i = 1; i <= q->r->own_len; i++) {
		PB(OwnRecord) *o = own_load(s, q, i);
		if (o == NULL) {
			continue;
		}
		o->own->words = said_find(s, q, &o->person_id, o->words_version);
		v->own[v->n_own++] = o->own;
	}
}

/* --- strengths --- */

int check_strengths(struct step *s, PB(Strength) *const *list, size_t len, size_t needs,
		    size_t children)
{
	if (len > STRENGTHS_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "strengths");
	}
	for (size_t i = 0; i < len; i++) {
		const PB(Strength) *st = list[i];
		if (st->kind == 0) {
			return step_refuse(s, REFUSAL(MISSING), "strengths[%zu].kind", i);
		}
		if (st->need > needs) {
			return step_refuse(s, REFUSAL(OUT_OF_RANGE), "strengths[%zu].need", i);
		}
		if (st->child != 0 && st->child >= children) {
			return step_refuse(s, REFUSAL(OUT_OF_RANGE), "strengths[%zu].child", i);
		}
		if (st->person_id.len != 0 && st->person_id.len != OBJECT_ID_LEN) {
			return step_refuse(s, REFUSAL(MALFORMED), "strengths[%zu].person_id", i);
		}
	}
	return SK_OK;
}

static PB(LifeDomain) domain_of(const PB(Strength) *st)
{
	if (st->life_domain == 0 && st->kind == STRENGTH(ACTIVITY)) {
		return SCHAKEL__V1__LIFE_DOMAIN__LIFE_DOMAIN_LEISURE;
	}
	return st->life_domain;
}

static PB(NeedRecord) *need_at(const struct req *q, uint32_t ordinal)
{
	for (size_t i = 0; i < q->needs_len; i++) {
		if (q->need[i]->need->ordinal == ordinal) {
			return q->need[i];
		}
	}
	return NULL;
}

static void strength_add(struct step *s, struct req *q, PB(Strength) *st)
{
	PB(StrengthView) v = PB_INIT(STRENGTH_VIEW);
	PB(OwnRecord) *o = own_new(s, q);
	const PB(NeedRecord) *n = need_at(q, st->need);

	if (o == NULL) {
		return;
	}
	v.ordinal = ++q->r->strengths_len;
	v.strength = st;
	v.own_contribution = o->own->number;
	struct key k = key_of_part(&q->id, v.ordinal);
	step_put(s, TABLE_STRENGTH, &k, &v);
	o->own->supporter = SUPPORTER(OWN_NETWORK);
	o->own->state = OWN(PROPOSED);
	o->own->life_domain = domain_of(st);
	o->own->child = st->child;
	o->own->strength = v.ordinal;
	o->own->at_ms = s->now_ms;
	if (n != NULL) {
		o->own->need_id = n->need->need_id;
	}
	own_save(s, q, o);
}

void strengths_add(struct step *s, struct req *q, PB(Strength) *const *list, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		strength_add(s, q, list[i]);
	}
}

void strengths_view(struct step *s, const struct req *q, PB(RequestItem) *it)
{
	it->strengths = step_alloc(s, STRENGTHS_KEPT_MAX * sizeof(*it->strengths));
	for (uint32_t i = 1; it->strengths != NULL && i <= q->r->strengths_len; i++) {
		struct key k = key_of_part(&q->id, i);
		PB(StrengthView) *v = step_get(s, TABLE_STRENGTH, &k, TYPE(strength_view));
		if (v != NULL) {
			it->strengths[it->n_strengths++] = v;
		}
	}
}
