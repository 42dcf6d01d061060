/* SPDX-License-Identifier: EUPL-1.2 */
/* When the faults are over and nothing is under way: logs are drained, what is due was done, every
 * need has ended or waits with somebody who owns it and a date, and the three daemons agree. */
#include "tests/sim/laws_model.h"

/* --- V1: logs drain --- */

static uint32_t incarnation_of(const struct daemon_model *d)
{
	struct key k = { 0 };

	key_u8(&k, 0);
	const PB(MetaRecord) *meta = rec_find(d, TABLE_META, &k);
	return meta == NULL ? 0 : meta->incarnation;
}

static void log_is_drained(struct laws *l, int writer, int reader)
{
	struct key to = key_of_str(laws_name(reader));
	struct key from = key_of_str(laws_name(writer));
	const PB(LogHeadRecord) *head = rec_find(&l->d[writer], TABLE_LOG_HEAD, &to);
	const PB(CursorRecord) *cursor = rec_find(&l->d[reader], TABLE_CURSOR, &from);
	bool current = head != NULL && head->incarnation == incarnation_of(&l->d[writer]);
	uint64_t written = current ? head->sequence : 0;
	uint64_t read = cursor == NULL ? 0 : cursor->sequence;

	if (written != read) {
		laws_violated(l, "V1", "%s wrote %llu to %s, which read %llu", laws_name(writer),
			      (unsigned long long)written, laws_name(reader),
			      (unsigned long long)read);
	}
}

static void at_rest(struct laws *l, int daemon)
{
	const struct daemon_model *d = &l->d[daemon];
	const struct rows *due = &d->mirror.table[TABLE_DUE];

	if (due->len > 0 && be64_read(due->row[0]->key.b) <= d->time_ms) {
		laws_violated(l, "V2", "a timer of kind %u is due and was not run",
			      due->row[0]->key.b[8]);
	}
	if (d->mirror.table[TABLE_RECONCILE].len > 0) {
		laws_violated(l, "V2", "an inventory is not at its end");
	}
	for (int other = 0; other < LAWS_DAEMONS; other++) {
		if (other != daemon) {
			log_is_drained(l, daemon, other);
		}
	}
}

/* --- V3: what could be given was given --- */

static void passes_ended(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	struct key one = { 0 };

	key_u8(&one, 0);
	const PB(MatchChainRecord) *chain = rec_find(d, M_CHAIN, &one);
	if (d->mirror.table[M_PASS].len > 0 || (chain != NULL && chain->sweeping)) {
		laws_violated(l, "V3", "a pass over a pool never ended");
	}
}

/* --- every need --- */

/** A seat before its start has a date at which it is looked at; one after it has its partner. */
static void seat_is_owned(struct laws *l, const struct need_view *v)
{
	const PB(MatchContributionRecord) *c = v->seat;
	bool before = c->state == CONTRIB(ASKED) || c->state == CONTRIB(CAN) ||
		      c->state == CONTRIB(CAN_IF) || c->state == CONTRIB(AGREED);

	if (before && c->deadline_ms == 0) {
		laws_violated(l, "V2", "seat %s in state %d waits for ever",
			      law_hex_data(&c->contribution_id), c->state);
	}
}

static void matching_knows(struct laws *l, const PB(NeedRecord) *n, const PB(WaitEntryRecord) *e)
{
	const char *id = law_hex_data(&n->need->need_id);
	const struct need_view *v = view_need(l->view, &n->need->need_id);

	if (v == NULL || !v->n->known || v->n->closed ||
	    v->n->need->need_version != n->need->need_version) {
		laws_violated(l, "I1", "need %s is open and matching does not know it so", id);
		return;
	}
	if (v->n->order->order_version != e->order->order_version) {
		laws_violated(l, "I1", "matching has another order of need %s", id);
	}
	if (v->seat != NULL) {
		seat_is_owned(l, v);
	} else if (v->waits && v->n->shortfall == 0) {
		laws_violated(l, "V2", "need %s waits and nothing is said to lack", id);
	}
}

/** B17: what the people around the child are told of the waiting is what the list holds. */
static void people_are_told(struct laws *l, const PB(NeedRecord) *n, const PB(WaitEntryRecord) *e)
{
	const char *id = law_hex_data(&n->need->need_id);
	struct object_id request = law_id(&e->request_id);
	struct object_id need = law_id(&n->need->need_id);
	struct key k = key_of_id(&request);

	key_id(&k, &need);
	const PB(WaitTold) *told = rec_find(&l->d[LAWS_INTAKE], I_WAIT_TOLD, &k);
	bool waits = e->state == WAIT_IS(WAITING) ||
		     (e->state == WAIT_IS(SERVED) &&
		      e->misplaced == SCHAKEL__V1__MISPLACED_STATE__MISPLACED_STATE_CONFIRMED);
	if (told == NULL || told->waits != waits) {
		laws_violated(l, "B17", "need %s waits: %d; people are told %d, version %u of %u",
			      id, waits, told == NULL ? -1 : told->waits,
			      told == NULL ? 0 : told->version, e->told_version);
	} else if (waits &&
		   (told->review_ms != e->review_ms || told->rank_ms != e->order->rank_ms ||
		    told->bridging_until_ms != e->bridging_until_ms)) {
		laws_violated(l, "B17", "people are told other dates of need %s", id);
	}
}

static void open_need(struct laws *l, const PB(NeedRecord) *n)
{
	const char *id = law_hex_data(&n->need->need_id);
	const PB(WaitEntryRecord) *e = rec_by_id(&l->d[LAWS_WAITLIST], W_ENTRY, &n->need->need_id);

	if (e == NULL || e->state == WAIT_IS(CLOSED) ||
	    e->need->need_version != n->need->need_version) {
		laws_violated(l, "I17", "need %s is open and has no entry", id);
		return;
	}
	matching_knows(l, n, e);
	people_are_told(l, n, e);
}

static void finished_need(struct laws *l, const PB(NeedRecord) *n)
{
	const char *id = law_hex_data(&n->need->need_id);
	const PB(WaitEntryRecord) *e = rec_by_id(&l->d[LAWS_WAITLIST], W_ENTRY, &n->need->need_id);
	const struct need_view *v = view_need(l->view, &n->need->need_id);

	if (e != NULL && e->state != WAIT_IS(CLOSED)) {
		laws_violated(l, "I17", "need %s has ended and its entry is in state %d", id,
			      e->state);
	}
	if (v != NULL && !v->n->closed) {
		laws_violated(l, "I1", "need %s has ended and is open at matching", id);
	}
}

/** Whether somebody helps for it, as intake knows. */
static bool is_helped(const struct laws *l, const PB(NeedRecord) *n)
{
	const struct rows *t = &l->d[LAWS_INTAKE].mirror.table[I_CONTRIBUTION];

	for (size_t i = 0; i < t->len; i++) {
		const PB(ContributionRecord) *c = t->row[i]->rec;
		PB(ContributionState) st = c->last->state;
		bool runs = st == CONTRIB(STARTED) || st == CONTRIB(INTERRUPTED) ||
			    st == CONTRIB(HANDING_ON);
		struct object_id of = law_id(&c->last->need_id);
		struct object_id id = law_id(&n->need->need_id);
		if (runs && object_id_equal(&of, &id)) {
			return true;
		}
	}
	return false;
}

/** One that waits with the need of another request of the same family is looked for there. */
static const PB(NeedRecord) *waits_with(const struct laws *l, const PB(NeedRecord) *n)
{
	const struct rows *t = &l->d[LAWS_INTAKE].mirror.table[I_NEED];

	for (size_t i = 0; n->waits_with.len != 0 && i < t->len; i++) {
		const PB(NeedRecord) *o = t->row[i]->rec;
		if (same_data(&o->need->need_id, &n->waits_with)) {
			return o;
		}
	}
	return n;
}

/** A11, B13: no need falls out of everything. Open, it stands on the list or is helped; what the
 *  list has closed is helped to its end. */
static void nobody_is_dropped(struct laws *l, const PB(NeedRecord) *of)
{
	const PB(NeedRecord) *n = waits_with(l, of);
	const PB(WaitEntryRecord) *e = rec_by_id(&l->d[LAWS_WAITLIST], W_ENTRY, &n->need->need_id);
	bool listed = !n->list_closed && e != NULL && e->state == WAIT_IS(WAITING);

	if (!listed && !is_helped(l, n)) {
		laws_violated(l, "A11",
			      "need %s is wanted (%d, list closed: %d, entry %d) and not helped",
			      law_hex_data(&n->need->need_id), n->need->state, n->list_closed,
			      e == NULL ? -1 : (int)e->state);
	}
}

static void siblings_are_told(struct laws *l, const PB(NeedRecord) *n)
{
	const PB(WaitEntryRecord) *e = rec_by_id(&l->d[LAWS_WAITLIST], W_ENTRY, &n->need->need_id);
	const PB(WaitRequestRecord) *r =
		e == NULL ? NULL : rec_by_id(&l->d[LAWS_WAITLIST], W_REQUEST, &e->request_id);

	if (r != NULL) {
		laws_sibling_told(l, r->request);
	}
}

static void every_need(struct laws *l)
{
	const struct rows *t = &l->d[LAWS_INTAKE].mirror.table[I_NEED];

	for (size_t i = 0; i < t->len; i++) {
		const PB(NeedRecord) *n = t->row[i]->rec;
		PB(NeedState) st = n->need->state;
		bool wanted = st == NEED_IS(OPEN) || st == NEED_IS(ANSWERED) ||
			      st == NEED_IS(SUPPORTED);
		if (wanted && !n->list_closed) {
			open_need(l, n);
			siblings_are_told(l, n);
		} else if (need_finished_state(st) || n->list_closed) {
			finished_need(l, n);
		}
		if (wanted) {
			nobody_is_dropped(l, n);
		}
	}
}

/* --- every contribution is known in the same state --- */

static const PB(ContributionChanged) *intake_copy(const struct laws *l,
						  const PB(MatchContributionRecord) *c)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	struct object_id request = law_id(&c->request_id);
	struct object_id id = law_id(&c->contribution_id);
	struct key k = key_of_id(&request);

	key_id(&k, &id);
	const PB(ContributionRecord) *copy = rec_find(d, I_CONTRIBUTION, &k);
	copy = copy == NULL ? rec_find(d, I_CONTRIBUTION_PAST, &k) : copy;
	return copy == NULL ? NULL : copy->last;
}

static void every_contribution(struct laws *l)
{
	const struct rows *t = &l->d[LAWS_MATCHING].mirror.table[M_CONTRIBUTION];

	for (size_t i = 0; i < t->len; i++) {
		const PB(MatchContributionRecord) *c = t->row[i]->rec;
		const char *id = law_hex_data(&c->contribution_id);
		const PB(ContributionChanged) *known = intake_copy(l, c);
		struct object_id need = law_id(&c->need_id);
		struct object_id self = law_id(&c->contribution_id);
		struct key k = key_of_id(&need);

		key_id(&k, &self);
		law_search_is_over(l, c);
		if (known == NULL || known->version != c->version || known->state != c->state) {
			laws_violated(l, "I1", "contribution %s is %u/%d, at intake %u/%d", id,
				      c->version, c->state, known == NULL ? 0 : known->version,
				      known == NULL ? -1 : (int)known->state);
		}
		const PB(WaitContributionRecord) *row =
			rec_find(&l->d[LAWS_WAITLIST], W_CONTRIBUTION, &k);
		const PB(WaitEntryRecord) *e =
			rec_by_id(&l->d[LAWS_WAITLIST], W_ENTRY, &c->need_id);
		/* One that ended may have been forgotten with its entry, which was then reopened.
		 */
		bool forgotten = row == NULL && c->held == 0 && c->deadline_ms == 0;
		if (e != NULL && !forgotten && (row == NULL || row->version != c->version)) {
			laws_violated(l, "I1", "contribution %s is %u/%d, at waitlist %u/%d", id,
				      c->version, c->state, row == NULL ? 0 : row->version,
				      row == NULL ? -1 : (int)row->state);
		}
	}
}

void laws_end(struct laws *l, struct store_txn *state[LAWS_DAEMONS])
{
	for (int daemon = 0; daemon < LAWS_DAEMONS; daemon++) {
		laws_state_open(l, daemon);
		const char *differs = model_compare(&l->d[daemon], state[daemon]);
		if (differs != NULL) {
			laws_violated(l, "I19", "the store is not what the effects made: %s",
				      differs);
		}
		laws_rows_all(l, daemon);
		at_rest(l, daemon);
	}
	laws_state_open(l, LAWS_INTAKE);
	laws_request(l);
	laws_plan(l);
	laws_holder(l);
	laws_clock(l);
	every_need(l);
	laws_state_open(l, LAWS_MATCHING);
	laws_pool(l);
	laws_order(l);
	passes_ended(l);
	every_contribution(l);
}
