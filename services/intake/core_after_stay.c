/* SPDX-License-Identifier: EUPL-1.2 */
/* DOMAIN 4: a stay ends only into an entry for each life domain that it touched: its own, and those
 * in which the same house helped the same child meanwhile (A9). */
#include <string.h>

#include "services/intake/core_warm.h"

#define DOMAINS 8 /* codes of life domains, the unspecified one included */

/* The domain as an expertise of its own where the node's list has one, else what the stay gave. */
static uint32_t domain_expertise(struct step *s, const PB(NeedRecord) *n)
{
	const PB(ConfigApplied) *conf = step_config(s);
	const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(
		&schakel__v1__life_domain__descriptor, (int)n->need->life_domain);

	for (size_t i = 0; v != NULL && i < conf->n_expertises; i++) {
		size_t prefix = strlen("LIFE_DOMAIN_");
		if (strcmp(conf->expertises[i]->code, v->name + prefix) == 0) {
			return conf->expertises[i]->number;
		}
	}
	return n->need->expertise;
}

/* One need for each domain that was touched; the stay's own first. */
struct touched {
	PB(NeedRecord) *n[DOMAINS];
	size_t len;
};

static void touched_add(struct touched *t, PB(NeedRecord) *n)
{
	for (size_t i = 0; i < t->len; i++) {
		if (t->n[i]->need->life_domain == n->need->life_domain) {
			return;
		}
	}
	if (t->len < DOMAINS) {
		t->n[t->len++] = n;
	}
}

static struct touched touched_by(struct req *q, PB(NeedRecord) *own,
				 const PB(ContributionRecord) *c)
{
	struct touched t = { .len = 0 };

	touched_add(&t, own);
	for (size_t i = 0; i < q->live_len; i++) {
		const PB(ContributionChanged) *o = q->live[i]->last;
		PB(NeedRecord) *n = req_need(q, &o->need_id);
		bool same = n != NULL && n->need->child == own->need->child &&
			    strcmp(o->partner, c->last->partner) == 0;
		if (same && contribution_active(o)) {
			touched_add(&t, n);
		}
	}
	return t;
}

static PB(NeedRecord) *entry_find(const struct req *q, const PB(NeedRecord) *n)
{
	for (size_t i = 0; i < q->needs_len; i++) {
		PB(NeedRecord) *o = q->need[i];
		if (o != n && o->after_contribution.len != 0 && need_wants_help(o) &&
		    o->need->life_domain == n->need->life_domain &&
		    o->need->child == n->need->child) {
			return o;
		}
	}
	return NULL;
}

static PB(NeedRecord) *entry_make(struct step *s, struct req *q, const PB(NeedRecord) *n,
				  const PB(ContributionRecord) *c)
{
	PB(NeedSpec) spec = PB_INIT(NEED_SPEC);

	spec.expertise = domain_expertise(s, n);
	spec.intensity = 1;
	spec.duration_weeks = (uint32_t)(step_setting(s, SETTING_AFTERCARE_DAYS) / 7 + 1);
	spec.must = n->need->must;
	spec.life_domain = n->need->life_domain;
	spec.child = n->need->child;
	PB(NeedRecord) *made = need_add(s, q, &spec);
	if (made != NULL) {
		made->after_contribution = c->last->contribution_id;
		need_save(s, q, made);
	}
	return made;
}

int after_stay(struct step *s, struct req *q, PB(NeedRecord) *n, PB(ContributionRecord) *c)
{
	struct touched t = touched_by(q, n, c);
	size_t before = q->needs_len;

	c->after_stay_needs = step_alloc(s, t.len * sizeof(*c->after_stay_needs));
	c->n_after_stay_needs = 0;
	for (size_t i = 0; c->after_stay_needs != NULL && i < t.len; i++) {
		PB(NeedRecord) *entry = entry_find(q, t.n[i]);
		if (entry == NULL && q->needs_len == NEEDS_KEPT_MAX) {
			return step_refuse(s, REFUSAL(TOO_MANY), "need_id");
		}
		entry = entry != NULL ? entry : entry_make(s, q, t.n[i], c);
		if (entry == NULL) {
			return s->txn->err;
		}
		c->after_stay_needs[c->n_after_stay_needs++] = entry->need->need_id;
	}
	if (q->needs_len > before) {
		needs_opened_emit(s, q);
	}
	return s->txn->err;
}
