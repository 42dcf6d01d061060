/* SPDX-License-Identifier: EUPL-1.2 */
/* Signals as they are asked for: everything but of which child it was (L10). */
#include <string.h>

#include "services/intake/core_signal.h"

/* Government, coordinator and figures see all; who named one, or is addressed, that one. */
static bool sees(const struct step *s, const PB(SignalRecord) *g)
{
	const uint32_t all = ROLE_BIT(GOVERNMENT) | ROLE_BIT(COORDINATOR) | ROLE_BIT(DASHBOARD);

	return (s->from.roles & all) != 0 || strcmp(g->named_by, s->from.id) == 0 ||
	       strcmp(g->about_party, s->from.id) == 0;
}

static bool wanted(const PB(QuerySignals) *m, const PB(SignalRecord) *g)
{
	bool open = g->state == SIGNAL(NAMED) || g->state == SIGNAL(RECEIVED);

	return (m->rule == 0 || m->rule == g->rule) && (!m->open_only || open);
}

static PB(SignalView) *signal_view(struct step *s, const PB(SignalRecord) *g)
{
	static const PB(SignalView) empty = PB_INIT(SIGNAL_VIEW);
	PB(SignalView) *v = step_alloc(s, sizeof(*v));
	char code[SHORT_CODE_LEN + 1];
	struct object_id id;

	if (v == NULL) {
		return NULL;
	}
	*v = empty;
	SK_ASSERT(object_id_from(&g->signal_id, &id));
	step_short_code(s, &id, code);
	v->signal_id = g->signal_id;
	v->rule = g->rule;
	v->step = g->step;
	v->state = g->state;
	v->child_days = signal_child_days(g, s->now_ms);
	v->named_ms = g->named_ms;
	v->state_ms = g->state_ms;
	v->network = g->network;
	v->zone = g->zone;
	v->named_by = g->named_by;
	v->about_party = g->about_party;
	v->short_code = step_strdup(s, code);
	if (strcmp(g->named_by, s->from.id) == 0) {
		v->request_id = g->request_id;
	}
	return v->short_code == NULL ? NULL : v;
}

/* DOMAIN 7, RULE_BLOCKS: what stands in the way of help that has not started. Whoever named it, and
 * whom it is about, stays here. */
void signal_fact(struct step *s, const struct req *q, PB(RequestFact) *ret_f)
{
	PB(RuleBlock) **list = step_alloc(s, BLOCKS_TOLD_MAX * sizeof(*list));
	struct key prefix = key_of_id(&q->id);
	struct store_iter it;
	struct key at;
	struct slice val;
	size_t len = 0;

	store_iter_init(&it, s->txn, TABLE_REQUEST_SIGNAL, &prefix);
	while (list != NULL && len < BLOCKS_TOLD_MAX && store_next(&it, &at, &val)) {
		struct key k = { 0 };
		key_bytes(&k, at.b + prefix.len, OBJECT_ID_LEN);
		const PB(SignalRecord) *g = step_get(s, TABLE_SIGNAL, &k, TYPE(signal_record));
		bool told = g != NULL && (g->step == STEP(ASK) || g->step == STEP(AGREE) ||
					  g->step == STEP(START));
		PB(RuleBlock) *b = told ? step_alloc(s, sizeof(*b)) : NULL;
		if (b != NULL) {
			schakel__v1__rule_block__init(b);
			b->need_id = g->need_id;
			b->signal_id = g->signal_id;
			b->rule = g->rule;
			b->step = g->step;
			list[len++] = b;
		}
	}
	store_iter_done(&it);
	ret_f->blocks = list;
	ret_f->n_blocks = len;
}

int q_signals(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	static const PB(SignalsView) empty = PB_INIT(SIGNALS_VIEW);
	static const struct key all = { 0 };
	const PB(QuerySignals) *m = in->query_signals;
	PB(SignalsView) *v = step_alloc(s, sizeof(*v));
	PB(SignalView) **list = step_alloc(s, PAGE_MAX * sizeof(*list));
	struct list_page p;
	struct slice val;

	if (v == NULL || list == NULL) {
		return s->txn->err;
	}
	int err = page_begin(s, TABLE_SIGNAL, &all, &m->after, &p);
	if (err != SK_OK) {
		return err;
	}
	*v = empty;
	v->signals = list;
	page_limit(s, &p, m->limit);
	while (page_next(&p, v->n_signals, &val)) {
		const PB(SignalRecord) *g = step_unpack(s, val, TYPE(signal_record));
		if (g != NULL && sees(s, g) && wanted(m, g)) {
			list[v->n_signals++] = signal_view(s, g);
		}
		if (s->txn->err != SK_OK) {
			break;
		}
	}
	page_end(s, &p, &v->next);
	out->body_case = BODY(SIGNALS_VIEW);
	out->signals_view = v;
	return s->txn->err;
}
