/* SPDX-License-Identifier: EUPL-1.2 */
/* I21: who folds the events behind a snapshot knows what the daemon knows. An event and the record
 * that it tells of are made the same number, each by its own way. */
#include "tests/sim/laws_model.h"

#include "tests/sim/rng.h"

#define EVENT_IS(X) SCHAKEL__V1__EVENT_KIND__EVENT_KIND_##X

static uint64_t object_of(PB(EventKind) kind, const ProtobufCBinaryData *id)
{
	return hash64((uint64_t)kind, id->data, id->len) | 1;
}

static uint64_t state_of(uint64_t a, uint64_t b, uint64_t c)
{
	return mix64(mix64(a) ^ b) + c;
}

/* --- told --- */

uint64_t laws_event_object(const PB(Event) *e, uint64_t *ret_state)
{
	switch ((int)e->kind) {
	case EVENT_IS(REQUEST):
		*ret_state = state_of(e->ended != 0, (uint64_t)e->urgency, 0);
		break;
	case EVENT_IS(CONSULT):
		*ret_state = state_of(e->ended != 0, (uint64_t)e->consult_state, 0);
		break;
	case EVENT_IS(NEED):
		*ret_state = state_of((uint64_t)e->need_state, 0, 0);
		break;
	case EVENT_IS(PLAN):
		*ret_state = state_of(e->version, e->ended != 0, 0);
		break;
	case EVENT_IS(WAIT_ENTRY):
	case EVENT_IS(CASE_TABLE):
	case EVENT_IS(TEAM):
		*ret_state = state_of(e->version, 0, 0);
		break;
	case EVENT_IS(CONTRIBUTION):
		*ret_state = state_of(e->version, (uint64_t)e->contribution_state, 0);
		break;
	case EVENT_IS(POOL):
		*ret_state = state_of(e->version, e->promised, e->free);
		break;
	default:
		return 0; /* tells what happened, not how something is */
	}
	return object_of(e->kind, &e->object_id);
}

/* --- known --- */

typedef void row_fn(struct laws *l, const void *rec, struct told *ret_told);

static void told_request(struct laws *l, const void *rec, struct told *ret_told)
{
	const PB(RequestRecord) *r = rec;
	bool search = r->kind != KIND_IS(CONSULT);
	PB(EventKind) kind = search ? EVENT_IS(REQUEST) : EVENT_IS(CONSULT);

	(void)l;
	if (r->deceased) {
		return; /* nothing is said any more */
	}
	ret_told->object = object_of(kind, &r->request_id);
	ret_told->state =
		state_of(!r->open, (uint64_t)(search ? (int)r->urgency : (int)r->consult), 0);
}

static void told_need(struct laws *l, const void *rec, struct told *ret_told)
{
	const PB(NeedRecord) *n = rec;
	const PB(RequestRecord) *r = rec_by_id(&l->d[LAWS_INTAKE], I_REQUEST, &n->request_id);

	if (r != NULL && !r->deceased) {
		ret_told->object = object_of(EVENT_IS(NEED), &n->need->need_id);
		ret_told->state = state_of((uint64_t)n->need->state, 0, 0);
	}
}

static void told_plan(struct laws *l, const void *rec, struct told *ret_told)
{
	const PB(PlanRecord) *p = rec;
	const PB(RequestRecord) *r = rec_by_id(&l->d[LAWS_INTAKE], I_REQUEST, &p->request_id);

	if (r != NULL && !r->deceased) {
		ret_told->object = object_of(EVENT_IS(PLAN), &p->plan_id);
		ret_told->state = state_of(p->version, p->ended_ms != 0, 0);
	}
}

static void told_entry(struct laws *l, const void *rec, struct told *ret_told)
{
	const PB(WaitEntryRecord) *e = rec;

	(void)l;
	ret_told->object = object_of(EVENT_IS(WAIT_ENTRY), &e->need->need_id);
	ret_told->state = state_of(e->version, 0, 0);
}

static void told_team(struct laws *l, const void *rec, struct told *ret_told)
{
	const PB(MatchRequestRecord) *r = rec;

	(void)l;
	ret_told->object = object_of(EVENT_IS(TEAM), &r->request->request_id);
	ret_told->state = state_of(r->proposal_version, 0, 0);
}

static void told_contribution(struct laws *l, const void *rec, struct told *ret_told)
{
	const PB(MatchContributionRecord) *c = rec;

	(void)l;
	ret_told->object = object_of(EVENT_IS(CONTRIBUTION), &c->contribution_id);
	ret_told->state = state_of(c->version, (uint64_t)c->state, 0);
}

static void told_pool(struct laws *l, const void *rec, struct told *ret_told)
{
	const PB(MatchPoolRecord) *p = rec;
	uint64_t taken = (uint64_t)p->used_elsewhere + p->promised;

	(void)l;
	ret_told->object = object_of(EVENT_IS(POOL), &p->pool_id);
	ret_told->state =
		state_of(p->version, p->promised, taken < p->staffed ? p->staffed - taken : 0);
}

static void told_table(struct laws *l, const void *rec, struct told *ret_told)
{
	const PB(WaitTableRecord) *t = rec;

	(void)l;
	ret_told->object = object_of(EVENT_IS(CASE_TABLE), &t->view->table->table_id);
	ret_told->state = state_of(t->view->table->version, 0, 0);
}

static const struct {
	int daemon;
	uint8_t table;
	row_fn *fn;
} told_of[] = {
	{ LAWS_INTAKE, I_REQUEST, told_request },
	{ LAWS_INTAKE, I_NEED, told_need },
	{ LAWS_INTAKE, I_PLAN, told_plan },
	{ LAWS_WAITLIST, W_ENTRY, told_entry },
	{ LAWS_WAITLIST, W_TABLE, told_table },
	{ LAWS_MATCHING, M_REQUEST, told_team },
	{ LAWS_MATCHING, M_CONTRIBUTION, told_contribution },
	{ LAWS_MATCHING, M_POOL, told_pool },
};

void laws_events(struct laws *l, int daemon, laws_knows_fn *knows, void *ctx)
{
	for (size_t i = 0; i < SK_LEN(told_of); i++) {
		const struct rows *t = &l->d[daemon].mirror.table[told_of[i].table];

		for (size_t at = 0; told_of[i].daemon == daemon && at < t->len; at++) {
			struct told told = { 0, 0 };

			told_of[i].fn(l, t->row[at]->rec, &told);
			if (told.object != 0 && !knows(ctx, &told)) {
				laws_violated(l, "I21",
					      "events of %s leave a row of table %u otherwise: %s",
					      laws_name(daemon), told_of[i].table,
					      law_hex(t->row[at]->key.b));
			}
		}
	}
}
