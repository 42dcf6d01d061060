/* SPDX-License-Identifier: EUPL-1.2 */
/* Early warning (B3): a trajectory that is about to get stuck shows it in what the list was told.
 * Counts against thresholds, the same on every node; each alarm says which signs and how many, and
 * opens a case table. */
#include <string.h>

#include "common/civil.h"
#include "services/waitlist/core_entry.h"

#define SIGN_LEN (SIGN(AMBIVALENT) + 1)
/* Programme criteria that together weigh as one sign; all four as two. */
#define CRITERIA_ONE 2
#define CRITERIA_TWO 4

/* What is counted of a child, each with what makes it a sign. */
static const struct {
	enum setting threshold; /* SETTING_COUNT: one of the four criteria, there or not */
	bool happens;           /* counted as it happens, within the window */
} sign_rule[SIGN_LEN] = {
	[SIGN(MOVES)] = { SETTING_STUCK_MOVES, true },
	[SIGN(WORKER_CHANGES)] = { SETTING_STUCK_WORKERS, true },
	[SIGN(REFUSALS)] = { SETTING_STUCK_REFUSALS, true },
	[SIGN(GAP_DAYS)] = { SETTING_STUCK_GAP, false },
	[SIGN(RUNGS)] = { SETTING_STUCK_RUNGS, true },
	[SIGN(OPEN_DOMAINS)] = { SETTING_STUCK_DOMAINS, false },
	[SIGN(SEVERAL_DOMAINS)] = { SETTING_COUNT, false },
	[SIGN(CANNOT_LIVE_AT_HOME)] = { SETTING_COUNT, false },
	[SIGN(DANGER)] = { SETTING_COUNT, false },
	[SIGN(AMBIVALENT)] = { SETTING_COUNT, false },
};

struct child {
	const struct object_id *request_id;
	uint32_t number;
	PB(WaitChildRecord) *rec; /* never NULL once loaded */
	uint32_t count[SIGN_LEN];
	uint32_t threshold[SIGN_LEN];
};

static struct key child_key(const struct object_id *request_id, uint32_t number)
{
	struct key k = key_of_id(request_id);

	key_u8(&k, (uint8_t)number);
	return k;
}

static bool child_load(struct step *s, const struct object_id *request_id, uint32_t number,
		       struct child *ret_c)
{
	struct key k = child_key(request_id, number);
	PB(WaitChildRecord) *rec = step_get(s, WAIT_TABLE_CHILD, &k, RECORD(wait_child_record));

	if (rec == NULL) {
		rec = step_alloc(s, sizeof(*rec));
		if (rec == NULL) {
			return false;
		}
		*rec = (PB(WaitChildRecord))PB_INIT(WAIT_CHILD_RECORD);
	}
	*ret_c = (struct child){ .request_id = request_id, .number = number, .rec = rec };
	return s->txn->err == SK_OK;
}

static void child_save(struct step *s, const struct child *c)
{
	struct key k = child_key(c->request_id, c->number);

	step_put(s, WAIT_TABLE_CHILD, &k, c->rec);
}

/* --- what happens --- */

static void happened(struct step *s, struct child *c, PB(StuckSign) sign)
{
	PB(WaitChildRecord) *rec = c->rec;
	size_t keep = rec->n_happened < WAIT_HAPPENED_MAX ? rec->n_happened : WAIT_HAPPENED_MAX - 1;
	PB(WaitHappened) **all = step_alloc(s, (keep + 1) * sizeof(PB(WaitHappened) *));
	PB(WaitHappened) *one = step_alloc(s, sizeof(*one));

	if (all == NULL || one == NULL) {
		return;
	}
	*one = (PB(WaitHappened))PB_INIT(WAIT_HAPPENED);
	one->sign = sign;
	one->at_ms = s->now_ms;
	for (size_t i = 0; i < keep; i++) {
		all[i] = rec->happened[rec->n_happened - keep + i];
	}
	all[keep] = one;
	rec->happened = all;
	rec->n_happened = keep + 1;
}

/* A stay that ends, breaks off or is stopped, and a promise that never became a start. */
static bool is_move(const PB(ContributionChanged) *fact, const PB(WaitContributionRecord) *row)
{
	bool stay = fact->modality == SCHAKEL__V1__MODALITY__MODALITY_RESIDENTIAL;
	bool leaves = fact->state == HELP(INTERRUPTED) || fact->state == HELP(ENDED) ||
		      fact->state == HELP(STOPPED_BY_YOUTH);
	bool broken = fact->state == HELP(RELEASED) || fact->state == HELP(HANDING_ON) ||
		      fact->state == HELP(INTERRUPTED);

	return row != NULL &&
	       ((stay && row->active && leaves) || (row->state == HELP(AGREED) && broken));
}

static bool is_refusal(const PB(ContributionChanged) *fact, const PB(WaitContributionRecord) *row)
{
	bool refused = fact->state == HELP(NOT_NOW) || fact->state == HELP(NOT_OURS) ||
		       fact->state == HELP(LAPSED);

	return refused && (row == NULL || row->state != fact->state);
}

static bool same_worker(const PB(ContributionChanged) *a, const PB(ContributionChanged) *b)
{
	if (a->worker.len == 0 || b->worker.len == 0) {
		return strcmp(a->partner, b->partner) == 0;
	}
	return a->worker.len == b->worker.len &&
	       memcmp(a->worker.data, b->worker.data, a->worker.len) == 0;
}

/* Somebody else helped with this need before. */
static bool helped_by_other(struct step *s, const struct object_id *need_id,
			    const PB(ContributionChanged) *fact)
{
	struct key prefix = key_of_id(need_id);
	struct store_iter it;
	struct key k;
	struct slice val;
	bool other = false;

	store_iter_init(&it, s->txn, WAIT_TABLE_CONTRIBUTION, &prefix);
	while (!other && store_next(&it, &k, &val)) {
		const PB(WaitContributionRecord) *row =
			step_unpack(s, val, RECORD(wait_contribution_record));

		if (row == NULL) {
			break;
		}
		other = row->told != NULL && row->told->seen && !same_worker(row->told, fact);
	}
	store_iter_done(&it);
	return other;
}

static bool is_worker_change(struct step *s, const struct object_id *need_id,
			     const PB(ContributionChanged) *fact,
			     const PB(WaitContributionRecord) *row)
{
	bool helps = fact->state == HELP(STARTED) && fact->seen;

	if (!helps) {
		return false;
	}
	if (row != NULL && row->active) {
		return row->told != NULL && !same_worker(row->told, fact);
	}
	return helped_by_other(s, need_id, fact);
}

void wait_stuck_count(struct step *s, const struct entry *e, const PB(ContributionChanged) *fact,
		      const PB(WaitContributionRecord) *row)
{
	struct child c;
	bool starts = fact->state == HELP(STARTED) && fact->seen && (row == NULL || !row->active);
	const bool what[SIGN_LEN] = {
		[SIGN(MOVES)] = is_move(fact, row),
		[SIGN(REFUSALS)] = is_refusal(fact, row),
		[SIGN(WORKER_CHANGES)] = is_worker_change(s, &e->id, fact, row),
	};

	if (e->rec->state == WAIT(CLOSED) || e->rec->need->child >= WAIT_CHILDREN_MAX ||
	    !child_load(s, &e->request_id, e->rec->need->child, &c)) {
		return;
	}
	bool changed = false;
	for (PB(StuckSign) sign = SIGN(MOVES); sign < SIGN_LEN; sign++) {
		if (what[sign]) {
			happened(s, &c, sign);
			changed = true;
		}
	}
	if (starts && fact->rung > c.rec->rung) {
		if (c.rec->rung != 0) {
			happened(s, &c, SIGN(RUNGS));
		}
		c.rec->rung = fact->rung;
		changed = true;
	}
	if (changed) {
		child_save(s, &c);
	}
}

/* --- what stands --- */

static bool is_away_from_home(const struct step *s, const PB(WaitEntryRecord) *rec)
{
	static const char *const stay[] = { "GROUP_LIVING", "FOSTER_CARE", "CRISIS_STAY" };
	const PB(ExpertiseCode) *x = step_expertise(s, rec->need->expertise);

	for (size_t i = 0; x != NULL && i < SK_LEN(stay); i++) {
		if (strcmp(x->code, stay[i]) == 0) {
			return true;
		}
	}
	return false;
}

static unsigned bits(uint32_t set)
{
	unsigned n = 0;

	for (; set != 0; set &= set - 1) {
		n++;
	}
	return n;
}

static void count_entries(struct step *s, struct child *c)
{
	struct request_set set;
	uint32_t waiting = 0;
	uint32_t asked = 0;

	if (!wait_set_load(s, c->request_id, &set)) {
		return;
	}
	for (size_t i = 0; i < set.open_len; i++) {
		const PB(WaitEntryRecord) *rec = set.open[i]->rec;

		if (rec->need->child != c->number || rec->state == WAIT(AFTERCARE)) {
			continue;
		}
		uint32_t domain = 1U << (rec->need->life_domain % 32U);
		waiting |= wait_is_listed(rec) ? domain : 0;
		asked |= domain;
		c->count[SIGN(GAP_DAYS)] += wait_entry_gap_days(s, rec);
		c->count[SIGN(CANNOT_LIVE_AT_HOME)] |= is_away_from_home(s, rec) ? 1 : 0;
	}
	c->count[SIGN(OPEN_DOMAINS)] = bits(waiting & ~1U);
	c->count[SIGN(SEVERAL_DOMAINS)] =
		bits(asked & ~1U) >= step_setting(s, SETTING_STUCK_DOMAINS) ? 1 : 0;
	if (set.rec != NULL && set.rec->request->urgency == URGENCY(CRISIS)) {
		c->count[SIGN(DANGER)] = 1;
	}
}

static void count_signs(struct step *s, struct child *c)
{
	uint64_t window_ms = step_setting(s, SETTING_STUCK_WINDOW) * CIVIL_DAY_MS;
	struct key k = key_of_id(c->request_id);
	const PB(WaitCareRecord) *care = step_get(s, WAIT_TABLE_CARE, &k, RECORD(wait_care_record));

	for (PB(StuckSign) sign = SIGN(MOVES); sign < SIGN_LEN; sign++) {
		enum setting which = sign_rule[sign].threshold;
		c->threshold[sign] = which == SETTING_COUNT ? 1 : (uint32_t)step_setting(s, which);
	}
	count_entries(s, c);
	for (size_t i = 0; i < c->rec->n_happened; i++) {
		const PB(WaitHappened) *h = c->rec->happened[i];
		bool within = h->at_ms + window_ms > s->now_ms;
		SK_ASSERT((unsigned)h->sign < SIGN_LEN && sign_rule[h->sign].happens);
		c->count[h->sign] += within ? 1 : 0;
	}
	if (care != NULL) {
		c->count[SIGN(DANGER)] |= care->danger ? 1 : 0;
		c->count[SIGN(AMBIVALENT)] |= care->ambivalent ? 1 : 0;
	}
}

static bool shows(const struct child *c, PB(StuckSign) sign)
{
	return c->count[sign] >= c->threshold[sign];
}

static bool is_stuck(struct step *s, const struct child *c)
{
	unsigned signs = 0;
	unsigned criteria = 0;

	for (PB(StuckSign) sign = SIGN(MOVES); sign < SIGN_LEN; sign++) {
		if (sign_rule[sign].threshold == SETTING_COUNT) {
			criteria += shows(c, sign) ? 1 : 0;
		} else {
			signs += shows(c, sign) ? 1 : 0;
		}
	}
	signs += criteria >= CRITERIA_ONE ? 1 : 0;
	signs += criteria >= CRITERIA_TWO ? 1 : 0;
	return signs >= step_setting(s, SETTING_STUCK_SIGNS);
}

static uint32_t alarmed_at(const struct child *c, PB(StuckSign) sign)
{
	for (size_t i = 0; i < c->rec->n_alarmed; i++) {
		if (c->rec->alarmed[i]->sign == sign) {
			return c->rec->alarmed[i]->count;
		}
	}
	return 0;
}

/* A sign that was not there at the last alarm, or has come as often again; UNSPECIFIED: none. */
static PB(StuckSign) news_of(const struct child *c)
{
	for (PB(StuckSign) sign = SIGN(MOVES); sign < SIGN_LEN; sign++) {
		uint32_t before = alarmed_at(c, sign);
		bool again = before == 0 || (sign_rule[sign].threshold != SETTING_COUNT &&
					     c->count[sign] >= before + c->threshold[sign]);
		if (shows(c, sign) && again) {
			return sign;
		}
	}
	return SIGN(UNSPECIFIED);
}

/* What no longer shows and comes back later is news again. */
static void forget_gone(struct step *s, struct child *c)
{
	size_t len = 0;

	for (size_t i = 0; i < c->rec->n_alarmed; i++) {
		if (shows(c, c->rec->alarmed[i]->sign)) {
			c->rec->alarmed[len++] = c->rec->alarmed[i];
		}
	}
	if (len < c->rec->n_alarmed) {
		c->rec->n_alarmed = len;
		child_save(s, c);
	}
}

static size_t views_of(struct step *s, const struct child *c, PB(StuckView) ***ret_views)
{
	PB(StuckView) **views = step_alloc(s, SIGN_LEN * sizeof(PB(StuckView) *));
	size_t len = 0;

	for (PB(StuckSign) sign = SIGN(MOVES); views != NULL && sign < SIGN_LEN; sign++) {
		PB(StuckView) *v = shows(c, sign) ? step_alloc(s, sizeof(*v)) : NULL;
		if (v != NULL) {
			*v = (PB(StuckView))PB_INIT(STUCK_VIEW);
			v->sign = sign;
			v->count = c->count[sign];
			v->threshold = c->threshold[sign];
			views[len++] = v;
		}
	}
	*ret_views = views;
	return len;
}

static void alarm(struct step *s, struct child *c, PB(StuckSign) sign)
{
	struct table_call call = { .request_id = c->request_id, .reason = TABLE_FOR(STUCK) };
	PB(Event) event = PB_INIT(EVENT);
	struct object_id table;

	c->rec->n_alarmed = views_of(s, c, &c->rec->alarmed);
	c->rec->alarmed_ms = s->now_ms;
	child_save(s, c);
	wait_stuck_figure(s, c->request_id, sign);
	call.signs = c->rec->alarmed;
	call.signs_len = c->rec->n_alarmed;
	(void)wait_table_call(s, &call, &table);
	event.kind = EVENT_OF(ALARM);
	event.alarm = ALARM_OF(STUCK);
	event.request_id = object_id_data(c->request_id);
	event.object_id = object_id_data(&table);
	event.child = c->number;
	event.sign = sign;
	event.number = c->count[sign];
	event.at_ms = s->now_ms;
	/* Whoever hears the alarm knows who carries it, and by when people have met. */
	const PB(WaitTableRecord) *called = wait_table_get(s, &table);
	if (called != NULL) {
		event.party = called->view->table->owner;
		event.due_ms = called->view->table->due_ms;
		event.zone = called->view->zone;
	}
	step_event(s, &event);
}

void wait_stuck_look(struct step *s, const struct object_id *request_id, uint32_t child)
{
	struct child c;

	if (child >= WAIT_CHILDREN_MAX || !child_load(s, request_id, child, &c)) {
		return;
	}
	count_signs(s, &c);
	forget_gone(s, &c);
	PB(StuckSign) sign = news_of(&c);
	if (s->txn->err == SK_OK && sign != SIGN(UNSPECIFIED) && is_stuck(s, &c)) {
		alarm(s, &c, sign);
	}
}

void wait_stuck_look_all(struct step *s, const struct object_id *request_id)
{
	struct request_set set;
	uint32_t seen = 0;

	if (!wait_set_load(s, request_id, &set)) {
		return;
	}
	for (size_t i = 0; i < set.open_len; i++) {
		uint32_t child = set.open[i]->rec->need->child;
		if (child < WAIT_CHILDREN_MAX && (seen >> child & 1U) == 0) {
			seen |= 1U << child;
			wait_stuck_look(s, request_id, child);
		}
	}
}

size_t wait_stuck_signs(struct step *s, const struct object_id *request_id, uint32_t child,
			PB(StuckView) ***ret_signs)
{
	struct child c;

	if (child >= WAIT_CHILDREN_MAX || !child_load(s, request_id, child, &c) ||
	    c.rec->alarmed_ms == 0) {
		return 0;
	}
	count_signs(s, &c);
	return is_stuck(s, &c) ? views_of(s, &c, ret_signs) : 0;
}

void wait_stuck_forget(struct step *s, const struct object_id *request_id)
{
	struct key care = key_of_id(request_id);

	for (uint32_t i = 0; i < WAIT_CHILDREN_MAX; i++) {
		struct key k = child_key(request_id, i);
		struct slice val;
		if (store_get(s->txn, WAIT_TABLE_CHILD, &k, &val)) {
			step_del(s, WAIT_TABLE_CHILD, &k);
		}
	}
	if (step_get(s, WAIT_TABLE_CARE, &care, RECORD(wait_care_record)) != NULL) {
		step_del(s, WAIT_TABLE_CARE, &care);
	}
}

int wait_care_apply(struct step *s, const PB(CareNoted) *fact)
{
	PB(WaitCareRecord) now = PB_INIT(WAIT_CARE_RECORD);
	struct object_id id;

	if (!object_id_from(&fact->request_id, &id)) {
		return step_refuse(s, REFUSAL(MISSING), "request_id");
	}
	struct key k = key_of_id(&id);
	const PB(WaitCareRecord) *known =
		step_get(s, WAIT_TABLE_CARE, &k, RECORD(wait_care_record));
	if ((known != NULL && fact->version <= known->version) ||
	    (wait_request_get(s, &id) == NULL && !s->isolated)) {
		return s->txn->err; /* older, or of a request that was forgotten */
	}
	now.version = fact->version;
	now.danger = fact->danger;
	now.ambivalent = fact->ambivalent;
	step_put(s, WAIT_TABLE_CARE, &k, &now);
	wait_stuck_look_all(s, &id);
	return s->txn->err;
}

int waitlist_care_noted(struct step *s, const PB(Message) *in)
{
	return wait_care_apply(s, in->care_noted);
}
