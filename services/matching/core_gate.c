/* SPDX-License-Identifier: EUPL-1.2 */
/* Access (DOMAIN 4). A GATED place may be asked and prepared; it is AGREED only with the number of
 * the gate's decision, or in a crisis, within the crisis's own term. What was prepared and let go
 * for want of the number is not asked again before there is one. A COURT place wants an order. */
#include <ctype.h>

#include "services/matching/core_int.h"

#define ACCESS(NAME) SCHAKEL__V1__ACCESS__ACCESS_##NAME
#define GATE_NUMBER_MAX 32U

bool gate_decided(const struct work *w, const PB(MatchNeedRecord) *n)
{
	bool ours = n->gate_number[0] != '\0' &&
		    (n->gate_until_ms == 0 || n->gate_until_ms > w->s->now_ms);

	return ours || n->need->gate_number[0] != '\0';
}

/** As long as its request is one: an own short need that is helped outlives the crisis. */
static bool is_crisis(struct work *w, const PB(MatchNeedRecord) *n)
{
	struct object_id request = id_of(&n->request_id);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	bool lasts = r == NULL || r->request->urgency == SCHAKEL__V1__URGENCY__URGENCY_CRISIS;

	return lasts &&
	       (n->need->own_crisis || (n->order != NULL && n->order->wait_class == CLASS_CRISIS));
}

bool gate_is_open(struct work *w, const PB(MatchContributionRecord) *c)
{
	struct object_id need = id_of(&c->need_id);
	const PB(MatchNeedRecord) *n = need_get(w, &need);

	return c->access != ACCESS(GATED) || n == NULL || is_crisis(w, n) || gate_decided(w, n) ||
	       MUT(147);
}

void gate_lacks(struct work *w, const PB(MatchContributionRecord) *c)
{
	struct object_id need = id_of(&c->need_id);

	if (!gate_is_open(w, c)) {
		exclude_add(w, &need, c->partner, CAUSE(GATE), 0);
	}
}

void exclude_lift(struct work *w, const struct object_id *need, PB(MatchExcludeCause) cause)
{
	struct store_iter it;
	struct key prefix = key_of_id(need);
	struct key k;
	struct slice val;

	store_iter_init(&it, w->s->txn, T_EXCLUDE, &prefix);
	while (store_next(&it, &k, &val)) {
		const PB(MatchExcludeRecord) *rec =
			step_unpack(w->s, val, DESC(match_exclude_record));
		if (rec != NULL && rec->cause == cause) {
			step_del(w->s, T_EXCLUDE, &k);
		}
	}
	store_iter_done(&it);
}

static bool number_is_valid(const char *number)
{
	size_t len = strlen(number);

	for (size_t i = 0; i < len; i++) {
		unsigned char ch = (unsigned char)number[i];
		if (ch > 127 || (isalnum(ch) == 0 && strchr("/.-", ch) == NULL)) {
			return false;
		}
	}
	return len >= 1 && len <= GATE_NUMBER_MAX;
}

/** Who asks, the contact person's house and its stand-in, and those who carry or order. */
static bool may_record(struct work *w, const PB(MatchRequestRecord) *r)
{
	const PB(Zone) *zone = step_zone(w->s, r->request->zone);
	const struct party *from = &w->s->from;
	uint32_t all = ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR) | ROLE_BIT(MANDATED);
	const char *houses[] = {
		r->request->requester,
		r->request->contact_party,
		r->request->stand_in_party,
		zone == NULL ? "" : zone->contact_party,
		zone == NULL ? "" : zone->stand_in_party,
	};

	for (size_t i = 0; i < SK_LEN(houses); i++) {
		if (strcmp(houses[i], from->id) == 0) {
			return true;
		}
	}
	return (from->roles & all) != 0;
}

static void gate_put(struct work *w, PB(MatchNeedRecord) *n, char *number, uint64_t until_ms)
{
	struct object_id id = id_of(&n->need->need_id);

	if (n->gate_until_ms != 0) {
		step_undue(w->s, n->gate_until_ms, DUE_GATE, &id, 0);
	}
	n->gate_number = number;
	n->gate_until_ms = until_ms;
	if (until_ms != 0) {
		step_due(w->s, until_ms, DUE_GATE, &id, 0);
	}
	need_put(w, n);
}

void gate_adopt(struct work *w, const PB(TeamProposed) *t)
{
	for (size_t i = 0; i < t->n_gates; i++) {
		struct object_id id;
		if (!object_id_from(&t->gates[i]->need_id, &id) ||
		    !number_is_valid(t->gates[i]->number)) {
			continue;
		}
		need_recalled(w, &t->gates[i]->need_id, &t->request_id);
		PB(MatchNeedRecord) *n = need_get(w, &id);
		if (n != NULL) {
			gate_put(w, n, t->gates[i]->number, t->gates[i]->until_ms);
		}
	}
}

/** The gate opens for what was asked and agreed meanwhile, and for whom it was asked in vain. */
static void decide(struct work *w, PB(MatchNeedRecord) *n, const PB(RecordGateDecision) *m)
{
	PB(MatchContributionRecord) *live[LIVE_MAX];
	struct object_id id = id_of(&n->need->need_id);

	gate_put(w, n, m->number, m->until_ms);
	exclude_lift(w, &id, CAUSE(GATE));
	size_t len = live_of(w, &id, live);
	for (size_t i = 0; i < len; i++) {
		contribution_agree(w, live[i]);
	}
}

static int check_decision(struct work *w, const PB(RecordGateDecision) *m)
{
	if (!number_is_valid(m->number)) {
		return step_refuse(w->s, REFUSE(MALFORMED), "number");
	}
	if (m->until_ms != 0 && (m->until_ms <= w->s->now_ms || !work_is_ahead(w, m->until_ms))) {
		return step_refuse(w->s, REFUSE(OUT_OF_RANGE), "until_ms");
	}
	if (m->need_id.len != 0 && m->need_id.len != OBJECT_ID_LEN) {
		return step_refuse(w->s, REFUSE(MALFORMED), "need_id");
	}
	return SK_OK;
}

int match_gate(struct step *s, const PB(Message) *in)
{
	const PB(RecordGateDecision) *m = in->record_gate_decision;
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	struct object_id request;
	struct work w;
	unsigned done = 0;

	work_init(&w, s);
	if (!object_id_from(&m->request_id, &request)) {
		return step_refuse(s, REFUSE(MALFORMED), "request_id");
	}
	const PB(MatchRequestRecord) *r = request_get(&w, &request);
	if (r == NULL) {
		return work_err(&w) != SK_OK ? work_err(&w) :
					       step_refuse(s, REFUSE(UNKNOWN_OBJECT), "request_id");
	}
	if (!may_record(&w, r)) {
		return step_refuse(s, REFUSE(NOT_YOURS), "request_id");
	}
	int err = check_decision(&w, m);
	if (err != SK_OK) {
		return err;
	}
	struct object_id named = id_of(&m->need_id);
	size_t len = needs_of(&w, &request, needs);
	for (size_t i = 0; i < len; i++) {
		struct object_id id = id_of(&needs[i]->need->need_id);
		if (!needs[i]->closed && (m->need_id.len == 0 || object_id_equal(&id, &named))) {
			decide(&w, needs[i], m);
			done++;
		}
	}
	if (done == 0) {
		return step_refuse(s, REFUSE(UNKNOWN_OBJECT), "need_id");
	}
	touch_request(&w, &request);
	step_result(s, &request, r->request->request_version);
	return work_settle(&w);
}

/** What was AGREED on it stays; what is not needs a new number. */
void gate_over(struct work *w, const struct object_id *need, uint64_t due_ms)
{
	PB(MatchNeedRecord) *n = need_get(w, need);

	if (n != NULL && n->gate_until_ms == due_ms && due_ms != 0) {
		n->gate_number = step_strdup(w->s, "");
		n->gate_until_ms = 0;
		need_put(w, n);
		struct object_id request = id_of(&n->request_id);
		touch_request(w, &request); /* peers hear that it is over */
	}
}
