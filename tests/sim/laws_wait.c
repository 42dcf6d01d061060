/* SPDX-License-Identifier: EUPL-1.2 */
/* The list: an entry never disappears without an outcome (I17); its place follows from class and
 * rank date, and nothing that matching says moves it (L7); days without help and without bridging
 * are counted (L14); the highest version of a fact holds. */
#include "tests/sim/laws_model.h"

#define PRIORITY_DAYS_MAX 60

static bool waits(const PB(WaitEntryRecord) *e)
{
	return e != NULL && e->state == WAIT_IS(WAITING);
}

static const PB(NeedFact) *opened(const PB(Message) *in, const ProtobufCBinaryData *need)
{
	if (in->body_case == BODY(NEEDS_OPENED)) {
		for (size_t i = 0; i < in->needs_opened->n_needs; i++) {
			if (same_data(&in->needs_opened->needs[i]->need_id, need)) {
				return in->needs_opened->needs[i];
			}
		}
	}
	if (in->body_case == BODY(DEMAND)) { /* in an inventory of matching */
		for (size_t i = 0; i < in->demand->n_needs; i++) {
			if (same_data(&in->demand->needs[i]->need->need_id, need)) {
				return in->demand->needs[i]->need;
			}
		}
	}
	return NULL;
}

static const PB(NeedEnd) *ended(const PB(Message) *in, const ProtobufCBinaryData *need)
{
	const PB(NeedClosed) *m = in->body_case == BODY(NEED_CLOSED) ? in->need_closed : NULL;

	for (size_t i = 0; m != NULL && i < m->n_needs; i++) {
		if (same_data(&m->needs[i]->need_id, need)) {
			return m->needs[i];
		}
	}
	return NULL;
}

/* --- versions --- */

static bool same_need(const PB(NeedFact) *a, const PB(NeedFact) *b)
{
	return a->expertise == b->expertise && a->intensity == b->intensity &&
	       a->duration_weeks == b->duration_weeks && a->must == b->must &&
	       a->ordinal == b->ordinal && a->arrival_ms == b->arrival_ms;
}

static void highest_holds(struct laws *l, const PB(WaitEntryRecord) *was,
			  const PB(WaitEntryRecord) *e)
{
	const PB(NeedFact) *fact = opened(l->step.in, &e->need->need_id);
	const PB(NeedEnd) *end = ended(l->step.in, &e->need->need_id);
	uint32_t version = was == NULL ? 0 : was->need->need_version;
	const char *id = law_hex_data(&e->need->need_id);

	if (e->need->need_version < version) {
		laws_violated(l, "DESIGN 5", "an older version %u of need %s was applied over %u",
			      e->need->need_version, id, version);
	}
	if (was != NULL && e->need->need_version == version && !same_need(was->need, e->need)) {
		laws_violated(l, "DESIGN 5", "need %s changed without a new version", id);
	}
	bool newer = fact != NULL && fact->need_version > version;
	if (newer && !same_need(e->need, fact)) {
		laws_violated(l, "DESIGN 5", "need %s does not stand as it was told", id);
	}
	bool closed = end != NULL && end->need_version >= version && was != NULL;
	if (closed && e->state != WAIT_IS(CLOSED)) {
		laws_violated(l, "I17", "need %s was closed and its entry is not", id);
	}
	bool opens = was != NULL && was->state == WAIT_IS(CLOSED) && e->state != WAIT_IS(CLOSED);
	if (opens && !newer) {
		laws_violated(l, "DESIGN 5", "entry %s was closed and is open again", id);
	}
}

/* --- I17 --- */

static bool help_began(const PB(Message) *in, const PB(WaitEntryRecord) *e)
{
	const PB(ContributionChanged) *c =
		in->body_case == BODY(CONTRIBUTION_CHANGED) ? in->contribution_changed : NULL;

	return c != NULL && same_data(&c->need_id, &e->need->need_id) && c->seen &&
	       c->state == CONTRIB(STARTED);
}

/** Why an entry that waited waits no more; NULL: without an outcome. */
static const char *outcome_of(struct laws *l, const PB(WaitEntryRecord) *e)
{
	const PB(Message) *in = l->step.in;
	const PB(NeedFact) *fact = opened(in, &e->need->need_id);

	if (l->step.reconcile) {
		return "told anew";
	}
	if (e->state == WAIT_IS(SERVED)) {
		return help_began(in, e) ? "started" : NULL;
	}
	if (e->state == WAIT_IS(AFTERCARE)) {
		return fact != NULL && fact->state == NEED_IS(AFTERCARE) ? "ended" : NULL;
	}
	if (e->state != WAIT_IS(CLOSED)) {
		return NULL;
	}
	bool told = ended(in, &e->need->need_id) != NULL ||
		    (fact != NULL && need_finished_state(fact->state));
	return told && e->close_reason != REASON_IS(UNSPECIFIED) ? "closed" : NULL;
}

static void left_with_outcome(struct laws *l, const PB(WaitEntryRecord) *was,
			      const PB(WaitEntryRecord) *e, const struct key *key)
{
	const char *id = law_hex(key->b);

	if (e == NULL) {
		if (was->state != WAIT_IS(CLOSED) || was->forget_ms > l->step.now_ms ||
		    was->close_reason == REASON_IS(UNSPECIFIED)) {
			laws_violated(l, "I17", "entry %s is gone without an outcome", id);
		}
		return;
	}
	if (waits(was) && !waits(e) && outcome_of(l, e) == NULL) {
		laws_violated(l, "I17", "entry %s waits no more (%d), without an outcome", id,
			      e->state);
	}
}

/* --- the order --- */

static PB(WaitClass) class_of(PB(Urgency) urgency)
{
	switch (urgency) {
	case URGENCY_IS(CRISIS):
		return CLASS_IS(CRISIS);
	case URGENCY_IS(URGENT):
		return CLASS_IS(URGENT);
	case URGENCY_IS(PREVENTIVE):
		return CLASS_IS(PRECAUTION);
	case URGENCY_IS(STANDARD):
	case URGENCY_IS(UNSPECIFIED):
	case _SCHAKEL__V1__URGENCY_IS_INT_SIZE:
	default:
		return CLASS_IS(ACTIVE);
	}
}

static uint64_t longest_ms(const struct daemon_model *d, PB(WaitClass) c)
{
	if (c == CLASS_IS(PRECAUTION)) {
		return model_setting(d, SETTING_LONGEST_PRECAUTION) * LAWS_DAY_MS;
	}
	if (c == CLASS_IS(PREFERENCE)) {
		return model_setting(d, SETTING_LONGEST_PREFERENCE) * LAWS_DAY_MS;
	}
	return model_setting(d, SETTING_LONGEST_ACTIVE) * LAWS_DAY_MS;
}

/** By urgency, or risen by age since: never out of, into, or up to CRISIS. */
static void class_is_lawful(struct laws *l, const PB(WaitEntryRecord) *was,
			    const PB(WaitEntryRecord) *e)
{
	const struct daemon_model *d = &l->d[LAWS_WAITLIST];
	const PB(WaitRequestRecord) *r = rec_by_id(d, W_REQUEST, &e->request_id);
	const char *id = law_hex_data(&e->need->need_id);

	if (r == NULL || e->state == WAIT_IS(CLOSED)) {
		return;
	}
	PB(WaitClass) base = class_of(r->request->urgency);
	if (base == CLASS_IS(CRISIS) && !e->need->own_crisis) {
		/* Asked before it became a crisis: in the class that it had, at most risen. */
		base = e->base_class;
		if (base <= CLASS_IS(CRISIS)) {
			laws_violated(l, "L7", "entry %s gained by a crisis", id);
		}
	}
	PB(WaitClass) now = e->order->wait_class;
	bool risen = base > CLASS_IS(URGENT) && now >= CLASS_IS(URGENT) && now < base;
	if (now != base && !risen) {
		laws_violated(l, "L7", "entry %s stands in class %d, its urgency gives %d", id, now,
			      base);
	}
	bool rose = was != NULL && now < was->order->wait_class && risen;
	if (rose && l->step.now_ms < was->class_since_ms + longest_ms(d, was->order->wait_class) &&
	    !l->step.reconcile) {
		laws_violated(l, "L7", "entry %s rose before its time", id);
	}
	PB(CrisisStep) step = now == CLASS_IS(CRISIS) ? r->request->crisis_step : 0;
	if (e->order->crisis_step != step) {
		laws_violated(l, "L7", "entry %s stands in crisis step %d", id,
			      e->order->crisis_step);
	}
}

/** The lab's orders, judged by their settings: how many times each day waited counts, or by when
 *  help is due. */
static uint64_t tried_rank(const struct laws *l, const PB(WaitEntryRecord) *e, uint64_t rank_ms)
{
	const struct daemon_model *d = &l->d[LAWS_WAITLIST];
	static const enum setting by[][2] = {
		[CLASS_IS(CRISIS)] = { SETTING_WEIGHT_CRISIS, SETTING_DUE_CRISIS },
		[CLASS_IS(URGENT)] = { SETTING_WEIGHT_URGENT, SETTING_DUE_URGENT },
		[CLASS_IS(ACTIVE)] = { SETTING_WEIGHT_STANDARD, SETTING_DUE_STANDARD },
		[CLASS_IS(PREFERENCE)] = { SETTING_WEIGHT_PREVENTIVE, SETTING_DUE_PREVENTIVE },
		[CLASS_IS(PRECAUTION)] = { SETTING_WEIGHT_PREVENTIVE, SETTING_DUE_PREVENTIVE },
	};
	uint64_t period = model_setting(d, SETTING_ORDER_AGAIN) * LAWS_DAY_MS;
	uint64_t end = l->step.now_ms - l->step.now_ms % period + period;
	uint64_t times = model_setting(d, by[e->base_class][0]);

	switch (model_setting(d, SETTING_ORDER_RULE)) {
	case 2:
		for (uint64_t more = 1; more < times; more++) {
			rank_ms -= end - e->need->arrival_ms;
		}
		return rank_ms;
	case 3:
		return rank_ms + model_setting(d, by[e->base_class][1]) * LAWS_DAY_MS;
	default:
		return rank_ms;
	}
}

static bool is_ranked_anew(const struct daemon_model *d)
{
	const struct rows *t = &d->mirror.table[W_AGAIN];

	return t->len > 0 && ((const PB(WaitOrderRecord) *)t->row[0]->rec)->under_way;
}

static void rank_is_lawful(struct laws *l, const PB(WaitEntryRecord) *was,
			   const PB(WaitEntryRecord) *e)
{
	const struct daemon_model *d = &l->d[LAWS_WAITLIST];
	bool crisis = e->order->wait_class == CLASS_IS(CRISIS);
	uint64_t days = crisis ? 0 : e->days_of_priority;
	uint64_t back = days * LAWS_DAY_MS;
	uint64_t right = e->need->arrival_ms > back ? e->need->arrival_ms - back : 0;
	PB(WaitClass) stands = 0;
	bool kept = l->step.reconcile ||
		    (was != NULL && was->order->order_version == e->order->order_version);

	if (model_setting(d, SETTING_ORDER_RULE) != 0) {
		bool first = crisis && model_setting(d, SETTING_ORDER_CRISIS_FIRST) != 0;
		stands = first ? 0 : CLASS_IS(ACTIVE);
		right = first ? right : tried_rank(l, e, right);
	}
	/* Ranked anew one after the other: until then each stands where it was put before. */
	if (kept && (stands != 0 || e->order->rank_class != 0 || is_ranked_anew(d))) {
		return;
	}
	if (days > PRIORITY_DAYS_MAX || e->order->rank_ms != right ||
	    e->order->rank_class != stands) {
		laws_violated(l, "L7", "entry %s has the rank date %llu, not %llu",
			      law_hex_data(&e->need->need_id),
			      (unsigned long long)e->order->rank_ms, (unsigned long long)right);
	}
}

static bool same_order(const PB(NeedOrder) *a, const PB(NeedOrder) *b)
{
	return a->wait_class == b->wait_class && a->crisis_step == b->crisis_step &&
	       a->rank_ms == b->rank_ms && a->lottery == b->lottery &&
	       a->misplaced == b->misplaced && a->place_over == b->place_over;
}

/** Days that the network owes, or that the place was left, move it: nothing else that is told. */
static bool moved_by_right(const PB(WaitEntryRecord) *was, const PB(WaitEntryRecord) *e)
{
	return e->n_priority > was->n_priority || e->misplaced != was->misplaced;
}

static void place_is_kept(struct laws *l, const PB(WaitEntryRecord) *was,
			  const PB(WaitEntryRecord) *e)
{
	PB(Message__BodyCase) body = l->step.in->body_case;
	bool supply = body == BODY(TEAM_PROPOSED) || body == BODY(CONTRIBUTION_CHANGED) ||
		      body == BODY(RECORD_BRIDGING) || body == BODY(RECORD_REVIEW);
	const char *id = law_hex_data(&e->need->need_id);

	if (was->order->order_version == 0) {
		return;
	}
	bool same = same_order(was->order, e->order);
	if (supply && !same && !moved_by_right(was, e)) {
		laws_violated(l, "L7", "entry %s lost or won a place by what was said of help", id);
	}
	if (was->order->lottery != e->order->lottery && !l->step.reconcile) {
		laws_violated(l, "L7", "entry %s has another lottery number", id);
	}
	if (e->order->order_version < was->order->order_version ||
	    (!same && e->order->order_version == was->order->order_version)) {
		laws_violated(l, "DESIGN 5", "entry %s moved without a new order version", id);
	}
}

/* --- L14 --- */

static void gap_is_counted(struct laws *l, const PB(WaitEntryRecord) *was,
			   const PB(WaitEntryRecord) *e)
{
	const struct daemon_model *d = &l->d[LAWS_WAITLIST];
	uint64_t now = l->step.now_ms;
	const char *id = law_hex_data(&e->need->need_id);
	bool lost = was != NULL && was->state == WAIT_IS(SERVED) && waits(e);

	if (lost && !e->helped) {
		laws_violated(l, "L14", "entry %s lost its help and does not know it had any", id);
	}
	bool bridged =
		e->bridging_until_ms > now ||
		(e->bridging_until_ms != 0 && model_due(d, W_DUE_BRIDGING, &e->need->need_id, now));
	if (waits(e) && e->helped && e->need->must && !bridged && e->gap_since_ms == 0) {
		laws_violated(l, "L14", "entry %s has neither help nor bridging, and no gap", id);
	}
	if (was == NULL || l->step.reconcile) {
		return;
	}
	uint64_t closed = was->gap_since_ms == 0 || e->gap_since_ms == was->gap_since_ms ?
				  0 :
				  now - was->gap_since_ms;
	if (e->gap_ms != was->gap_ms + closed) {
		laws_violated(l, "L14", "entry %s counts %llu ms of gap, not %llu", id,
			      (unsigned long long)e->gap_ms,
			      (unsigned long long)(was->gap_ms + closed));
	}
	if (e->gap_since_ms != was->gap_since_ms && e->gap_since_ms != 0 &&
	    e->gap_since_ms != now) {
		laws_violated(l, "L14", "the gap of entry %s does not begin now", id);
	}
}

/* --- what hangs on it --- */

static void help_is_counted(struct laws *l, const PB(WaitEntryRecord) *e)
{
	const struct daemon_model *d = &l->d[LAWS_WAITLIST];
	struct object_id need = law_id(&e->need->need_id);
	struct key prefix = key_of_id(&need);
	size_t at = SIZE_MAX;
	uint32_t active = 0;

	for (const struct row *row = row_next(d, W_CONTRIBUTION, &prefix, &at); row != NULL;
	     row = row_next(d, W_CONTRIBUTION, &prefix, &at)) {
		active += ((const PB(WaitContributionRecord) *)row->rec)->active ? 1 : 0;
	}
	bool wrong = e->active != active || (waits(e) && active > 0) ||
		     (e->state == WAIT_IS(SERVED) && active == 0);
	if (wrong) {
		laws_violated(l, "I22", "entry %s in state %d has %u helpers, and says %u",
			      law_hex(&need), e->state, active, e->active);
	}
}

static void entry_changed(struct laws *l, const struct change *c)
{
	const PB(WaitEntryRecord) *was = c->before;
	const PB(WaitEntryRecord) *e = change_after(c);

	left_with_outcome(l, was, e, &c->key);
	if (e == NULL) {
		return;
	}
	highest_holds(l, was, e);
	class_is_lawful(l, was, e);
	if (e->state != WAIT_IS(CLOSED)) {
		rank_is_lawful(l, was, e);
	}
	if (was != NULL) {
		place_is_kept(l, was, e);
	}
	gap_is_counted(l, was, e);
	help_is_counted(l, e);
}

/** Matching is told what stands here. */
static void demand_is_true(struct laws *l, const PB(Demand) *m)
{
	const struct daemon_model *d = &l->d[LAWS_WAITLIST];

	for (size_t i = 0; i < m->n_needs; i++) {
		const PB(DemandNeed) *n = m->needs[i];
		const PB(WaitEntryRecord) *e = rec_by_id(d, W_ENTRY, &n->need->need_id);
		if (e == NULL || e->state == WAIT_IS(CLOSED) ||
		    e->need->need_version != n->need->need_version ||
		    e->order->order_version != n->order->order_version ||
		    !same_order(e->order, n->order)) {
			laws_violated(l, "L7", "matching is told of need %s what is not so",
				      law_hex_data(&n->need->need_id));
		}
	}
}

/** The last word of the step about a request. */
static bool is_last(const struct daemon_model *d, size_t i)
{
	const PB(Demand) *m = d->emitted[i].m->demand;

	for (size_t j = i + 1; j < d->emitted_len; j++) {
		const PB(Message) *o = d->emitted[j].m;
		if (o->body_case == BODY(DEMAND) &&
		    same_data(&o->demand->request->request_id, &m->request->request_id)) {
			return false;
		}
	}
	return true;
}

/** What matching said of a contribution, or of a team: the highest version holds. */
static void supply_changed(struct laws *l, const struct change *c)
{
	uint32_t was = 0;
	uint32_t now = 0;

	if (c->before == NULL || c->after == NULL) {
		return;
	}
	if (c->table == W_TEAM) {
		was = ((const PB(WaitTeamRecord) *)c->before)->proposal_version;
		now = ((const PB(WaitTeamRecord) *)c->after->rec)->proposal_version;
	} else {
		was = ((const PB(WaitContributionRecord) *)c->before)->version;
		now = ((const PB(WaitContributionRecord) *)c->after->rec)->version;
	}
	if (now <= was) {
		laws_violated(l, "DESIGN 5", "version %u was applied over %u", now, was);
	}
}

void laws_wait(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_WAITLIST];

	for (size_t i = 0; i < d->mirror.changes; i++) {
		uint8_t table = d->mirror.change[i].table;
		if (table == W_ENTRY) {
			entry_changed(l, &d->mirror.change[i]);
		} else if (table == W_TEAM || table == W_CONTRIBUTION) {
			supply_changed(l, &d->mirror.change[i]);
		}
	}
	/* Rows of a Tick may tell of one request several times; the last one holds. */
	for (size_t i = 0; i < d->emitted_len; i++) {
		if (d->emitted[i].m->body_case == BODY(DEMAND) && is_last(d, i)) {
			demand_is_true(l, d->emitted[i].m->demand);
		}
	}
}
