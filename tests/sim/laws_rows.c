/* SPDX-License-Identifier: EUPL-1.2 */
/* I22: every index row and every timer is what the records imply; none is missing, none too many.
 */
#include "tests/sim/laws_model.h"

#define SHORT_TABLE(l, what, rows, right)                                                \
	do {                                                                             \
		if ((rows) != (right)) {                                                 \
			laws_violated(l, "I22", "%zu rows of %s, the records imply %zu", \
				      (size_t)(rows), what, (size_t)(right));            \
		}                                                                        \
	} while (0)

static void want(struct laws *l, uint8_t table, const struct key *k, const char *what)
{
	if (row_find(&l->d[l->step.daemon], table, k) == NULL) {
		laws_violated(l, "I22", "%s has no row", what);
	}
}

static void want_due(struct laws *l, uint64_t due_ms, uint8_t kind, const ProtobufCBinaryData *id)
{
	struct key k = { 0 };

	if (due_ms == 0) {
		return;
	}
	key_u64(&k, due_ms);
	key_u8(&k, kind);
	key_bytes(&k, id->data, id->len);
	key_u32(&k, 0);
	if (row_find(&l->d[l->step.daemon], TABLE_DUE, &k) == NULL) {
		laws_violated(l, "I22", "timer %u of %s at %llu has no row", kind, law_hex_data(id),
			      (unsigned long long)due_ms);
	}
}

static size_t rows_len(const struct laws *l, uint8_t table)
{
	return l->d[l->step.daemon].mirror.table[table].len;
}

/* --- matching --- */

static void place_key(struct key *k, const struct place *p, bool inverted)
{
	struct key plain = { 0 };

	key_u8(&plain, (uint8_t)p->wait_class);
	key_u8(&plain, (uint8_t)p->crisis_step);
	key_u64(&plain, p->rank_ms);
	key_u64(&plain, p->lottery);
	key_id(&plain, &p->request);
	key_u32(&plain, p->ordinal);
	for (size_t i = 0; i < plain.len; i++) {
		key_u8(k, inverted ? (uint8_t)~plain.b[i] : plain.b[i]);
	}
}

#define LAW_ZONES_MAX 8

/** The zones under which it stands in the order: those where its child lives, each once, or the one
 *  without a name when it asks in the whole region. */
static size_t rows_in_order(const struct need_view *v, const char *ret_zone[LAW_ZONES_MAX])
{
	const PB(RequestFact) *f = v->r->request;
	size_t len = 0;

	if (need_asks_region(v)) {
		ret_zone[len++] = "";
		return len;
	}
	for (size_t i = 0;
	     v->n->need->child < f->n_children && i < f->children[v->n->need->child]->n_zones;
	     i++) {
		const char *zone = f->children[v->n->need->child]->zones[i];
		bool twice = false;
		for (size_t j = 0; j < len; j++) {
			twice = twice || strcmp(ret_zone[j], zone) == 0;
		}
		if (!twice && len < LAW_ZONES_MAX) {
			ret_zone[len++] = zone;
		}
	}
	if (len == 0) {
		ret_zone[len++] = f->zone;
	}
	return len;
}

static void rows_of_need(struct laws *l, const PB(MatchNeedRecord) *n)
{
	const struct need_view *v = view_need(l->view, &n->need->need_id);
	struct key k = { 0 };

	if (n->known) {
		key_bytes(&k, n->request_id.data, n->request_id.len);
		key_bytes(&k, n->need->need_id.data, n->need->need_id.len);
		want(l, M_REQUEST_NEED, &k, "a need of its request");
	}
	if (v == NULL || !v->waits) {
		return;
	}
	const char *zone[LAW_ZONES_MAX];
	size_t zones = v->r == NULL ? 0 : rows_in_order(v, zone);
	for (size_t i = 0; i < zones; i++) {
		k = (struct key){ 0 };
		key_u32(&k, n->need->expertise);
		key_str(&k, zone[i]);
		place_key(&k, &v->place, false);
		key_bytes(&k, n->need->need_id.data, n->need->need_id.len);
		want(l, M_WAIT, &k, "a need that waits");
	}
}

static uint8_t hold_rank(PB(ContributionState) st)
{
	if (st == CONTRIB(AGREED) || st == CONTRIB(STARTED)) {
		return 2;
	}
	return st == CONTRIB(HANDING_ON) ? 3 : 1;
}

static bool has_hold_row(struct laws *l, const PB(MatchContributionRecord) *c)
{
	const struct need_view *v = view_need(l->view, &c->need_id);

	return c->held > 0 && v != NULL && v->n->order != NULL;
}

static void rows_of_contribution(struct laws *l, const PB(MatchContributionRecord) *c)
{
	bool over = contribution_is_over(c->state);
	struct key k = { 0 };

	if (!over) {
		key_bytes(&k, c->need_id.data, c->need_id.len);
		key_bytes(&k, c->contribution_id.data, c->contribution_id.len);
		want(l, M_NEED_LIVE, &k, "a contribution of its need");
	}
	k = (struct key){ 0 };
	key_bytes(&k, c->request_id.data, c->request_id.len);
	key_bytes(&k, c->contribution_id.data, c->contribution_id.len);
	want(l, M_REQUEST_CONTRIBUTION, &k, "a contribution of its request");
	for (size_t i = 0; i <= c->n_joint_partners; i++) {
		k = key_of_str(i == 0 ? c->partner : c->joint_partners[i - 1]);
		key_u8(&k, over ? 1 : 0);
		key_bytes(&k, c->contribution_id.data, c->contribution_id.len);
		want(l, M_PARTNER_ASK, &k, "an ask of its partner");
	}
	if (has_hold_row(l, c)) {
		k = key_of_str(c->pool);
		key_u8(&k, hold_rank(c->state));
		place_key(&k, &view_need(l->view, &c->need_id)->place, true);
		key_bytes(&k, c->contribution_id.data, c->contribution_id.len);
		want(l, M_POOL_HOLD, &k, "a hold of its pool");
	}
	if (c->interpreter_amount > 0) {
		k = key_of_str(c->interpreter_pool);
		key_bytes(&k, c->contribution_id.data, c->contribution_id.len);
		want(l, M_INTERPRETER, &k, "hours of an interpreter");
	}
	want_due(l, c->deadline_ms, (uint8_t)c->deadline_kind, &c->contribution_id);
	want_due(l, c->remind_ms, M_DUE_REMIND, &c->contribution_id);
}

static void rows_of_pool(struct laws *l, const PB(MatchPoolRecord) *p)
{
	struct key k = key_of_str(p->partner);

	key_str(&k, p->pool);
	want(l, M_PARTNER_POOL, &k, "a pool of its partner");
	k = (struct key){ 0 };
	key_bytes(&k, p->pool_id.data, p->pool_id.len);
	want(l, M_POOL_ID, &k, "a pool by its id");
	want_due(l, p->confirm_due_ms, M_DUE_CONFIRM, &p->pool_id);
	want_due(l, p->window_due_ms, M_DUE_WINDOW, &p->pool_id);
	want_due(l, p->pause_until_ms, M_DUE_PAUSE_END, &p->pool_id);
	if (p->n_limits > 0) {
		want_due(l, p->week_due_ms, M_DUE_WEEK, &p->pool_id);
	}
	k = key_of_str(p->pool);
	if (p->school_atelier) {
		want(l, M_SCHOOL, &k, "a school atelier");
	}
}

static void matching_counts(struct laws *l)
{
	size_t waiting = 0;
	size_t holds = 0;
	size_t hours = 0;

	for (size_t i = 0; i < l->view->needs; i++) {
		const char *zone[LAW_ZONES_MAX];
		const struct need_view *v = &l->view->need[i];
		waiting += v->waits && v->r != NULL ? rows_in_order(v, zone) : 0;
	}
	for (size_t i = 0; i < l->view->lives; i++) {
		holds += has_hold_row(l, live_at(l->view, i)) ? 1 : 0;
		hours += live_at(l->view, i)->interpreter_amount > 0 ? 1 : 0;
	}
	SHORT_TABLE(l, "hours of interpreters", rows_len(l, M_INTERPRETER), hours);
	SHORT_TABLE(l, "the order", rows_len(l, M_WAIT), waiting);
	SHORT_TABLE(l, "holds", rows_len(l, M_POOL_HOLD), holds);
	SHORT_TABLE(l, "live contributions", rows_len(l, M_NEED_LIVE), l->view->lives);
}

static void matching_all(struct laws *l)
{
	const struct mirror *m = &l->d[LAWS_MATCHING].mirror;
	size_t known = 0;
	size_t joint = 0;

	for (size_t i = 0; i < m->table[M_NEED].len; i++) {
		const PB(MatchNeedRecord) *n = m->table[M_NEED].row[i]->rec;
		known += n->known ? 1 : 0;
		rows_of_need(l, n);
	}
	for (size_t i = 0; i < m->table[M_CONTRIBUTION].len; i++) {
		const PB(MatchContributionRecord) *c = m->table[M_CONTRIBUTION].row[i]->rec;
		rows_of_contribution(l, c);
		joint += c->n_joint_partners;
	}
	for (size_t i = 0; i < m->table[M_POOL].len; i++) {
		rows_of_pool(l, m->table[M_POOL].row[i]->rec);
	}
	matching_counts(l);
	SHORT_TABLE(l, "needs of requests", rows_len(l, M_REQUEST_NEED), known);
	SHORT_TABLE(l, "contributions of requests", rows_len(l, M_REQUEST_CONTRIBUTION),
		    rows_len(l, M_CONTRIBUTION));
	SHORT_TABLE(l, "asks of partners", rows_len(l, M_PARTNER_ASK),
		    rows_len(l, M_CONTRIBUTION) + joint);
	SHORT_TABLE(l, "pools of partners", rows_len(l, M_PARTNER_POOL), rows_len(l, M_POOL));
	SHORT_TABLE(l, "pools by id", rows_len(l, M_POOL_ID), rows_len(l, M_POOL));
}

/* --- waitlist --- */

static void rows_of_entry(struct laws *l, const PB(WaitEntryRecord) *e)
{
	bool tried = e->order->rank_class != 0;
	PB(WaitClass) stands = tried ? e->order->rank_class : e->order->wait_class;
	struct place p = { .wait_class = (uint32_t)stands,
			   .crisis_step = tried ? 0 : (uint32_t)e->order->crisis_step,
			   .rank_ms = e->order->rank_ms,
			   .lottery = e->order->lottery,
			   .request = law_id(&e->request_id),
			   .ordinal = e->need->ordinal };
	const ProtobufCBinaryData *id = &e->need->need_id;
	struct key k = key_of_id(&p.request);

	key_bytes(&k, id->data, id->len);
	want(l, W_REQUEST_ENTRY, &k, "an entry of its request");
	want_due(l, e->review_due_ms, W_DUE_REVIEW, id);
	want_due(l, e->class_due_ms, W_DUE_CLASS, id);
	want_due(l, e->bridging_until_ms, W_DUE_BRIDGING, id);
	want_due(l, e->forget_ms, W_DUE_FORGET, id);
	want_due(l, e->counted_due_ms, W_DUE_COUNTED, id);
	want_due(l, e->gap_due_ms, W_DUE_GAP, id);
	if (!wait_listed(e)) {
		return;
	}
	if (e->review_due_ms == 0) {
		laws_violated(l, "I22", "entry %s waits and is never reviewed", law_hex_data(id));
	}
	k = (struct key){ 0 };
	key_u8(&k, (uint8_t)e->need->expertise);
	key_str(&k, e->zone);
	place_key(&k, &p, false);
	key_bytes(&k, id->data, id->len);
	want(l, W_ORDER, &k, "an entry in its zone");
	k = (struct key){ 0 };
	place_key(&k, &p, false);
	key_bytes(&k, id->data, id->len);
	key_u8(&k, (uint8_t)e->need->expertise);
	key_str(&k, e->zone);
	want(l, W_OVERALL, &k, "an entry of the list");
}

static void waitlist_all(struct laws *l)
{
	const struct mirror *m = &l->d[LAWS_WAITLIST].mirror;
	uint64_t counted = 0;
	size_t waiting = 0;

	for (size_t i = 0; i < m->table[W_ENTRY].len; i++) {
		const PB(WaitEntryRecord) *e = m->table[W_ENTRY].row[i]->rec;
		waiting += wait_listed(e) ? 1 : 0;
		rows_of_entry(l, e);
	}
	for (size_t i = 0; i < m->table[W_COUNT].len; i++) {
		counted += ((const PB(WaitCountRecord) *)m->table[W_COUNT].row[i]->rec)->waiting;
	}
	SHORT_TABLE(l, "the order by zone", rows_len(l, W_ORDER), waiting);
	SHORT_TABLE(l, "the order", rows_len(l, W_OVERALL), waiting);
	SHORT_TABLE(l, "the count", counted, waiting);
	SHORT_TABLE(l, "entries of requests", rows_len(l, W_REQUEST_ENTRY), rows_len(l, W_ENTRY));
}

/* --- intake --- */

static void rows_of_intake_need(struct laws *l, const PB(NeedRecord) *n)
{
	const PB(NeedRefRecord) *ref = rec_by_id(&l->d[LAWS_INTAKE], I_NEED_REF, &n->need->need_id);

	if (ref == NULL || ref->ordinal != n->need->ordinal ||
	    !same_data(&ref->request_id, &n->request_id)) {
		laws_violated(l, "I22", "need %s is not found by its id",
			      law_hex_data(&n->need->need_id));
	}
	want_due(l, n->aftercare_until_ms, I_DUE_AFTERCARE, &n->need->need_id);
}

static void rows_of_request(struct laws *l, const PB(RequestRecord) *r)
{
	for (size_t i = 0; i < r->n_holders; i++) {
		struct key k = key_of_str(r->holders[i]->party);
		key_bytes(&k, r->request_id.data, r->request_id.len);
		want(l, I_PARTY_REQUEST, &k, "a request of who holds it");
	}
	want_due(l, r->armed_ms, I_DUE_CLOCK, &r->request_id);
	want_due(l, r->plan_ask_ms, I_DUE_PLAN_ASK, &r->request_id);
	want_due(l, r->family_wish_until_ms, I_DUE_WISH, &r->request_id);
}

static void rows_of_share(struct laws *l, uint8_t table, const PB(ContributionRecord) *c)
{
	if (contribution_is_over(c->last->state) != (table == I_CONTRIBUTION_PAST)) {
		laws_violated(l, "I22", "contribution %s in state %d stands in the wrong table",
			      law_hex_data(&c->last->contribution_id), c->last->state);
	}
}

static void intake_all(struct laws *l)
{
	static const uint8_t shares[] = { I_CONTRIBUTION, I_CONTRIBUTION_PAST };
	const struct mirror *m = &l->d[LAWS_INTAKE].mirror;

	for (size_t i = 0; i < m->table[I_NEED].len; i++) {
		rows_of_intake_need(l, m->table[I_NEED].row[i]->rec);
	}
	for (size_t i = 0; i < m->table[I_REQUEST].len; i++) {
		rows_of_request(l, m->table[I_REQUEST].row[i]->rec);
	}
	for (size_t t = 0; t < SK_LEN(shares); t++) {
		for (size_t i = 0; i < m->table[shares[t]].len; i++) {
			rows_of_share(l, shares[t], m->table[shares[t]].row[i]->rec);
		}
	}
	SHORT_TABLE(l, "needs by id", rows_len(l, I_NEED_REF), rows_len(l, I_NEED));
}

/* --- what changed --- */

static void row_changed(struct laws *l, const struct change *c)
{
	void *rec = change_after(c);
	int daemon = l->step.daemon;

	if (rec == NULL) {
		return;
	}
	if (daemon == LAWS_INTAKE && c->table == I_NEED) {
		rows_of_intake_need(l, rec);
	} else if (daemon == LAWS_INTAKE && c->table == I_REQUEST) {
		rows_of_request(l, rec);
	} else if (daemon == LAWS_INTAKE &&
		   (c->table == I_CONTRIBUTION || c->table == I_CONTRIBUTION_PAST)) {
		rows_of_share(l, c->table, rec);
	} else if (daemon == LAWS_WAITLIST && c->table == W_ENTRY) {
		rows_of_entry(l, rec);
	} else if (daemon == LAWS_MATCHING && c->table == M_NEED) {
		rows_of_need(l, rec);
	} else if (daemon == LAWS_MATCHING && c->table == M_CONTRIBUTION) {
		rows_of_contribution(l, rec);
	} else if (daemon == LAWS_MATCHING && c->table == M_POOL) {
		rows_of_pool(l, rec);
	}
}

/** Tables whose rows hold lists stay out: the others keep below the bound (DESIGN 3). */
static bool is_hot(int daemon, uint8_t table)
{
	switch (daemon) {
	case LAWS_INTAKE:
		return table == I_REQUEST || table == I_NEED || table == I_CONTRIBUTION;
	case LAWS_WAITLIST:
		return table == W_ENTRY;
	default:
		return table == M_NEED || table == M_CONTRIBUTION || table == M_POOL;
	}
}

void laws_rows_changed(struct laws *l)
{
	const struct mirror *m = &l->d[l->step.daemon].mirror;

	for (size_t i = 0; i < m->changes; i++) {
		const struct change *c = &m->change[i];
		row_changed(l, c);
		if (c->after != NULL && is_hot(l->step.daemon, c->table) &&
		    c->after->len >= STORE_VALUE_HOT_MAX) {
			laws_violated(l, "L12", "a record of table %u has %zu bytes", c->table,
				      c->after->len);
		}
	}
	if (l->step.daemon == LAWS_MATCHING) {
		matching_counts(l);
	}
}

void laws_rows_all(struct laws *l, int daemon)
{
	l->step.daemon = daemon;
	if (daemon == LAWS_INTAKE) {
		intake_all(l);
	} else if (daemon == LAWS_WAITLIST) {
		waitlist_all(l);
	} else {
		view_build(l);
		matching_all(l);
	}
}
