/* SPDX-License-Identifier: EUPL-1.2 */
/* The plan as it is shown: of a family each asker sees the requests that it may see by itself, so
 * that joining opens nothing. The family's channel speaks for one home at a time: it sees the
 * request that it named. */
#include <string.h>

#include "services/intake/core_inner.h"
#include "services/intake/core_warm.h"

#define DOMAINS 8 /* codes of life domains, the unspecified one included */
#define CONTACTS_PAST_MAX 16
#define PLAN_CONTRIBUTIONS_MAX (LIVE_MAX * FAMILY_MAX)
#define WORDS_BYTES_MAX                                                          \
	32768 /* of sealed words in one answer; the rest stands with its request \
	       */

/* What is known of one life domain. */
struct domains {
	bool helped[DOMAINS];  /* help, own circle or a goal that was reached */
	bool lacking[DOMAINS]; /* a need without help, or a goal without any */
};

static bool may_look(const struct step *s, const struct req *q)
{
	return (s->from.roles & ROLE_BIT(COORDINATOR)) != 0 || may_act(s, q);
}

/* --- parts --- */

static void holders_add(struct step *s, const struct req *q, PB(PlanView) *v)
{
	for (size_t i = 0; i < q->r->n_holders; i++) {
		bool partner = q->holder[i].kind == HOLDER(PARTNER);
		if (partner && shield_hides_partner(q, q->holder[i].party)) {
			continue;
		}
		PB(HolderView) *h = step_alloc(s, sizeof(*h));
		if (h == NULL) {
			return;
		}
		*h = q->holder[i];
		v->holders[v->n_holders++] = h;
	}
}

static void contacts_past(struct step *s, const struct req *q, PB(PlanView) *v)
{
	struct store_iter it;
	struct key prefix = key_of_id(&q->id);
	struct key at;
	struct slice val;

	v->contacts_past = step_alloc(s, CONTACTS_PAST_MAX * sizeof(*v->contacts_past));
	store_iter_init(&it, s->txn, TABLE_HOLDER_PAST, &prefix);
	while (v->contacts_past != NULL && v->n_contacts_past < CONTACTS_PAST_MAX &&
	       store_next(&it, &at, &val)) {
		PB(HolderView) *h = step_unpack(s, val, TYPE(holder_view));
		if (h != NULL && h->kind == HOLDER(CONTACT_PERSON)) {
			v->contacts_past[v->n_contacts_past++] = h;
		}
	}
	store_iter_done(&it);
}

static void contributions_add(struct step *s, const struct req *q, PB(PlanView) *v)
{
	for (size_t i = 0; i < q->live_len; i++) {
		PB(ContributionChanged) *c = contribution_told(s, q->live[i]->last);
		if (c != NULL && contribution_active(c) && !q->live[i]->shielded) {
			v->contributions[v->n_contributions++] = c;
		}
	}
}

static void aftercare_add(const struct req *q, PB(PlanView) *v)
{
	for (size_t i = 0; i < q->needs_len; i++) {
		uint64_t at_ms = q->need[i]->aftercare_until_ms;
		bool first = v->aftercare_next_ms == 0 || at_ms < v->aftercare_next_ms;
		v->aftercare_next_ms = at_ms != 0 && first ? at_ms : v->aftercare_next_ms;
	}
}

/* --- life domains --- */

static bool need_active(const struct req *q, const PB(NeedRecord) *n)
{
	for (size_t i = 0; i < q->live_len; i++) {
		const PB(ContributionChanged) *c = q->live[i]->last;
		bool told = contribution_active(c) && !q->live[i]->shielded;
		if (told && data_equal(&c->need_id, &n->need->need_id)) {
			return true;
		}
	}
	return false;
}

static void domains_of_needs(const struct req *q, struct domains *d)
{
	for (size_t i = 0; i < q->needs_len; i++) {
		const PB(NeedRecord) *n = q->need[i];
		uint32_t domain = (uint32_t)n->need->life_domain;
		if (!need_wants_help(n) || domain >= DOMAINS) {
			continue;
		}
		bool helped = need_active(q, n);
		d->helped[domain] = d->helped[domain] || helped;
		d->lacking[domain] = d->lacking[domain] || !helped;
	}
}

static void domains_of_parts(const PB(PlanView) *v, struct domains *d)
{
	for (size_t i = 0; i < v->n_own; i++) {
		uint32_t domain = (uint32_t)v->own[i]->life_domain;
		bool there = v->own[i]->state == SCHAKEL__V1__OWN_STATE__OWN_STATE_STARTED;
		d->helped[domain % DOMAINS] = d->helped[domain % DOMAINS] || there;
	}
	for (size_t i = 0; i < v->n_goals; i++) {
		uint32_t domain = (uint32_t)v->goals[i]->life_domain;
		PB(GoalState) st = v->goals[i]->state;
		bool there = st == SCHAKEL__V1__GOAL_STATE__GOAL_STATE_ON_THE_WAY ||
			     st == SCHAKEL__V1__GOAL_STATE__GOAL_STATE_REACHED;
		bool lacks = st == SCHAKEL__V1__GOAL_STATE__GOAL_STATE_OPEN;
		d->helped[domain % DOMAINS] = d->helped[domain % DOMAINS] || there;
		d->lacking[domain % DOMAINS] = d->lacking[domain % DOMAINS] || lacks;
	}
}

/* Covered: something goes on in it. Open: something is asked in it and nothing goes on. */
static void domains_view(struct step *s, const struct domains *d, PB(PlanView) *v)
{
	v->covered = step_alloc(s, DOMAINS * sizeof(*v->covered));
	v->open = step_alloc(s, DOMAINS * sizeof(*v->open));
	if (v->covered == NULL || v->open == NULL) {
		return;
	}
	for (uint32_t i = 1; i < DOMAINS; i++) {
		if (d->helped[i]) {
			v->covered[v->n_covered++] = (PB(LifeDomain))i;
		} else if (d->lacking[i]) {
			v->open[v->n_open++] = (PB(LifeDomain))i;
		}
	}
}

/* --- words --- */

static void words_keep(PB(Capsule) **io_words, size_t *io_left)
{
	size_t bytes = *io_words == NULL ? 0 : (*io_words)->capsule.len + SEALED_KEY_BYTES;

	if (bytes > *io_left) {
		*io_words = NULL;
		return;
	}
	*io_left -= bytes;
}

static void words_trim(PB(PlanView) *v)
{
	size_t left = WORDS_BYTES_MAX;

	for (size_t i = 0; i < v->n_goals; i++) {
		words_keep(&v->goals[i]->words, &left);
	}
	for (size_t i = 0; i < v->n_own; i++) {
		words_keep(&v->own[i]->words, &left);
	}
	for (size_t i = 0; i < v->n_diagnostics; i++) {
		words_keep(&v->diagnostics[i]->question, &left);
	}
}

/* --- whole --- */

static bool lists_open(struct step *s, PB(PlanView) *v)
{
	v->request_ids = step_alloc(s, FAMILY_MAX * sizeof(*v->request_ids));
	v->holders = step_alloc(s, FAMILY_MAX * HOLDERS_MAX * sizeof(*v->holders));
	v->contributions = step_alloc(s, PLAN_CONTRIBUTIONS_MAX * sizeof(*v->contributions));
	v->goals = step_alloc(s, FAMILY_MAX * GOALS_KEPT_MAX * sizeof(*v->goals));
	v->own = step_alloc(s, FAMILY_MAX * OWN_KEPT_MAX * sizeof(*v->own));
	v->diagnostics = step_alloc(s, FAMILY_MAX * DIAGNOSTICS_KEPT_MAX * sizeof(*v->diagnostics));
	return s->txn->err == SK_OK;
}

static void request_add(struct step *s, struct req *q, struct domains *d, PB(PlanView) *v)
{
	req_live(s, q);
	v->request_ids[v->n_request_ids++] = q->r->request_id;
	holders_add(s, q, v);
	contributions_add(s, q, v);
	goals_view(s, q, v);
	own_view(s, q, v);
	diagnostics_view(s, q, v);
	aftercare_add(q, v);
	domains_of_needs(q, d);
}

static void plan_named(struct step *s, const ProtobufCBinaryData *plan, PB(PlanView) *v)
{
	struct object_id id;

	if (!object_id_from(plan, &id)) {
		return;
	}
	struct key k = key_of_id(&id);
	const PB(PlanRecord) *p = step_get(s, TABLE_PLAN, &k, TYPE(plan_record));
	if (p != NULL && p->ended_ms == 0) {
		v->plan_id = p->plan_id;
		v->version = p->version;
	}
}

static void family_view(struct step *s, struct req *q, struct domains *d, PB(PlanView) *v)
{
	struct family fam;
	bool home_only = (s->from.roles & ROLE_BIT(FAMILY)) != 0;

	if (!family_load(s, q, &fam)) {
		plan_named(s, &q->r->plan_id, v);
		return;
	}
	plan_named(s, &fam.f->plan_id, v);
	v->family_id = fam.f->family_id;
	for (size_t i = 0; i < fam.len; i++) {
		if (fam.m[i] != q && !home_only && may_look(s, fam.m[i])) {
			request_add(s, fam.m[i], d, v);
		}
	}
}

/* Before there is a plan, the same is known of the request itself: who holds, who is asked. */
static int plan_view(struct step *s, struct req *q, PB(PlanView) *v)
{
	struct domains d = { .helped = { false } };

	if (!lists_open(s, v)) {
		return s->txn->err;
	}
	v->contact_party = q->r->contact_party;
	v->stand_in_party = q->r->stand_in_party;
	v->declined = q->r->plan_declined;
	v->ask_again_ms = q->r->plan_ask_ms;
	request_add(s, q, &d, v);
	contacts_past(s, q, v);
	family_view(s, q, &d, v);
	domains_of_parts(v, &d);
	domains_view(s, &d, v);
	words_trim(v);
	fits_view(s, q, v);
	parallel_view(s, q, v);
	return s->txn->err;
}

void plan_shown(struct step *s, struct req *q, PB(RequestItem) *it)
{
	struct family fam;

	if (family_load(s, q, &fam)) {
		it->plan_id = fam.f->plan_id;
	}
}

int q_plan(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	static const PB(PlanView) empty = PB_INIT(PLAN_VIEW);
	PB(PlanView) *v = step_alloc(s, sizeof(*v));
	struct req q;

	if (v == NULL) {
		return s->txn->err;
	}
	*v = empty;
	int err = req_open_any(s, &in->query_plan->request_id, in->query_plan->short_code, &q);
	if (err == SK_OK && !may_look(s, &q)) {
		err = refuse_not_yours(s, "request_id");
	}
	if (err != SK_OK) {
		return err;
	}
	out->body_case = BODY(PLAN_VIEW);
	out->plan_view = v;
	return plan_view(s, &q, v);
}
