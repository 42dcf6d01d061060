/* SPDX-License-Identifier: EUPL-1.2 */
/* L13, and what people owe each other: basic support stays through a stay, no review and no date is
 * missed, no call for help is lost, and child-days are what the calendar says. */
#include "tests/sim/laws_model.h"

#define ALARM_IS(X) SCHAKEL__V1__ALARM_KIND__ALARM_KIND_##X
#define LINK_IS(X) SCHAKEL__V1__BASIC_LINK__BASIC_LINK_##X
#define CALL_IS(X) SCHAKEL__V1__HELP_CALL_STATE__HELP_CALL_STATE_##X
#define CUT_IS(X) SCHAKEL__V1__INTERRUPT_REASON__INTERRUPT_REASON_##X
#define STAY SCHAKEL__V1__MODALITY__MODALITY_RESIDENTIAL

static const struct daemon_model *intake(const struct laws *l)
{
	return &l->d[LAWS_INTAKE];
}

static bool has_timer(const struct laws *l, uint64_t due_ms, uint8_t kind, const void *id,
		      uint32_t extra)
{
	struct key k = { 0 };

	key_u64(&k, due_ms);
	key_u8(&k, kind);
	key_bytes(&k, id, 16);
	key_u32(&k, extra);
	return row_find(intake(l), TABLE_DUE, &k) != NULL;
}

static size_t timers_of(const struct laws *l, uint8_t kind)
{
	const struct rows *t = &intake(l)->mirror.table[TABLE_DUE];
	size_t len = 0;

	for (size_t i = 0; i < t->len; i++) {
		len += t->row[i]->key.b[8] == kind ? 1 : 0;
	}
	return len;
}

static const char *house(const struct laws *l, const char *party)
{
	const PB(Party) *p = model_party(intake(l), party);

	return p == NULL || p->organisation[0] == '\0' ? party : p->organisation;
}

/* --- dates --- */

static const PB(WatchRecord) *watch_of(const struct laws *l, const ProtobufCBinaryData *request,
				       int alarm, const ProtobufCBinaryData *object)
{
	struct key prefix = { 0 };
	size_t at = SIZE_MAX;
	struct row *row;

	key_bytes(&prefix, request->data, request->len);
	while ((row = row_next(intake(l), I_WATCH, &prefix, &at)) != NULL) {
		const PB(WatchRecord) *w = row->rec;
		if ((int)w->alarm == alarm && same_data(&w->object_id, object)) {
			return w;
		}
	}
	return NULL;
}

static void watch_has_timer(struct laws *l, const struct row *row)
{
	const PB(WatchRecord) *w = row->rec;

	if (!has_timer(l, w->due_ms, I_DUE_WATCH, row->key.b, w->number)) {
		laws_violated(l, "I22", "date %u of request %s has no timer", w->number,
			      law_hex(row->key.b));
	}
}

/* A review goes away by a review of another house, or with the child's death. */
static void review_gone(struct laws *l, const struct change *c)
{
	const PB(WatchRecord) *w = c->before;
	struct key request = { .len = 16 };

	memcpy(request.b, c->key.b, 16);
	const PB(RequestRecord) *r = rec_find(intake(l), I_REQUEST, &request);
	if (w->alarm != ALARM_IS(REVIEW_BY_OTHER) || (r != NULL && r->deceased)) {
		return;
	}
	bool said = l->step.in->body_case == BODY(RECORD_REVIEW_BY_OTHER);
	if (!said || strcmp(house(l, w->party), house(l, l->step.party)) == 0) {
		laws_violated(l, "review", "what %s owes a review of is not asked any more",
			      w->party);
	}
}

/* --- L13 and reviews, by contribution --- */

static bool noted(const struct laws *l, const ProtobufCBinaryData *request)
{
	struct key prefix = { 0 };
	size_t at = SIZE_MAX;
	struct row *row;

	key_bytes(&prefix, request->data, request->len);
	while ((row = row_next(intake(l), I_BASIC, &prefix, &at)) != NULL) {
		const PB(BasicLinkRecord) *n = row->rec;
		if (n->link == LINK_IS(PRESENT) || n->link == LINK_IS(DECLINED)) {
			return true;
		}
	}
	return false;
}

static void stay_has_basic_support(struct laws *l, const PB(ContributionRecord) *c)
{
	const PB(ContributionChanged) *h = c->last;
	const PB(RequestRecord) *r = rec_by_id(intake(l), I_REQUEST, &h->request_id);

	if (h->modality != STAY || c->started_ms == 0 || !contribution_is_active(h->state) ||
	    r == NULL || r->deceased) {
		return;
	}
	if (!noted(l, &h->request_id) &&
	    watch_of(l, &h->request_id, ALARM_IS(BASIC_SUPPORT), &h->contribution_id) == NULL) {
		laws_violated(l, "L13", "stay %s has no basic support and nobody is told",
			      law_hex_data(&h->contribution_id));
	}
}

static void interruption_is_reviewed(struct laws *l, const struct change *c)
{
	const PB(ContributionRecord) *now = change_after(c);
	const PB(ContributionRecord) *was = c->before;
	const PB(ContributionChanged) *h = now->last;
	bool owed = h->interrupt == CUT_IS(SAFETY) || h->interrupt == CUT_IS(NOT_FITTING);

	if (h->state != CONTRIB(INTERRUPTED) || !owed ||
	    (was != NULL && was->last->state == CONTRIB(INTERRUPTED))) {
		return;
	}
	if (watch_of(l, &h->request_id, ALARM_IS(REVIEW_BY_OTHER), &h->contribution_id) == NULL) {
		laws_violated(l, "review", "interruption of %s is not to be reviewed",
			      law_hex_data(&h->contribution_id));
	}
}

/* --- calls for help --- */

static void call_lives(struct laws *l, const PB(HelpCallRecord) *c)
{
	bool live = c->state == CALL_IS(OPEN) || c->state == CALL_IS(TAKEN);
	struct key from = key_of_str(c->from_party);
	struct key to = key_of_str(c->to_party);

	key_u8(&from, 0);
	key_bytes(&from, c->call_id.data, c->call_id.len);
	key_u8(&to, 1);
	key_bytes(&to, c->call_id.data, c->call_id.len);
	if (live != has_timer(l, c->due_ms, I_DUE_HELP_CALL, c->call_id.data, 0)) {
		laws_violated(l, "call", "call %s in state %d: its term is not kept",
			      law_hex_data(&c->call_id), (int)c->state);
	}
	bool rows = row_find(intake(l), I_PARTY_CALL, &from) != NULL;
	bool asked = row_find(intake(l), I_PARTY_CALL, &to) != NULL;
	if (live != rows || asked != (live && c->to_party[0] != '\0')) {
		laws_violated(l, "call", "call %s is not counted with who calls or is asked",
			      law_hex_data(&c->call_id));
	}
	if (c->addressee == SCHAKEL__V1__HELP_ADDRESSEE__HELP_ADDRESSEE_PEER &&
	    c->state == CALL_IS(OPEN) && c->to_party[0] != '\0' &&
	    strcmp(house(l, c->from_party), house(l, c->to_party)) == 0) {
		laws_violated(l, "call", "%s is asked by its own house", c->to_party);
	}
}

/* --- child-days --- */

/* Begun days of Brussels from one instant to another, counted midnight by midnight. */
static uint64_t days_between(uint64_t from_ms, uint64_t to_ms)
{
	return (uint64_t)(law_days(from_ms, to_ms) + 1);
}

static void days_are_right(struct laws *l, const PB(Event) *e)
{
	uint64_t end_ms = e->ended ? e->until_ms : l->step.now_ms;
	uint64_t days = e->number * days_between(e->at_ms, end_ms);

	if (e->child_days != days) {
		laws_violated(l, "child-days", "signal %s tells %llu days, the calendar %llu",
			      law_hex_data(&e->object_id), (unsigned long long)e->child_days,
			      (unsigned long long)days);
	}
	if (e->request_id.len + e->need_id.len != 0) {
		laws_violated(l, "L10", "signal %s tells of which child it is",
			      law_hex_data(&e->object_id));
	}
}

static bool need_is_over(const struct laws *l, const PB(SignalRecord) *g)
{
	size_t at = SIZE_MAX;

	for (const PB(NeedRecord) *n = intake_need(intake(l), &g->request_id, &at); n != NULL;
	     n = intake_need(intake(l), &g->request_id, &at)) {
		if (same_data(&n->need->need_id, &g->need_id)) {
			return need_finished_state(n->need->state);
		}
	}
	return false;
}

static void signal_runs(struct laws *l, const PB(SignalRecord) *g)
{
	struct key k = { 0 };

	key_bytes(&k, g->request_id.data, g->request_id.len);
	key_bytes(&k, g->signal_id.data, g->signal_id.len);
	bool running = g->cleared_ms == 0 && g->request_id.len != 0;
	if (running != (row_find(intake(l), I_REQUEST_SIGNAL, &k) != NULL)) {
		laws_violated(l, "I22", "signal %s: its days are counted wrongly",
			      law_hex_data(&g->signal_id));
	}
	const PB(RequestRecord) *r = running ? rec_by_id(intake(l), I_REQUEST, &g->request_id) :
					       NULL;
	if (r != NULL && (!r->open || need_is_over(l, g))) {
		laws_violated(l, "child-days", "signal %s counts days of what is over",
			      law_hex_data(&g->signal_id));
	}
}

/* --- all --- */

static void one_changed(struct laws *l, const struct change *c)
{
	if (c->after == NULL) {
		if (c->table == I_WATCH && c->before != NULL) {
			review_gone(l, c);
		}
		if (c->table == I_HELP_CALL || c->table == I_SIGNAL) {
			laws_violated(l, "call", "%s is lost", law_hex(c->key.b));
		}
		return;
	}
	if (c->table == I_WATCH) {
		watch_has_timer(l, c->after);
	} else if (c->table == I_HELP_CALL) {
		call_lives(l, change_after(c));
	} else if (c->table == I_SIGNAL) {
		signal_runs(l, change_after(c));
	} else if (c->table == I_CONTRIBUTION) {
		stay_has_basic_support(l, change_after(c));
		interruption_is_reviewed(l, c);
	}
}

void laws_warm_all(struct laws *l)
{
	const struct mirror *m = &intake(l)->mirror;

	for (size_t i = 0; i < m->table[I_WATCH].len; i++) {
		watch_has_timer(l, m->table[I_WATCH].row[i]);
	}
	for (size_t i = 0; i < m->table[I_HELP_CALL].len; i++) {
		call_lives(l, m->table[I_HELP_CALL].row[i]->rec);
	}
	for (size_t i = 0; i < m->table[I_SIGNAL].len; i++) {
		signal_runs(l, m->table[I_SIGNAL].row[i]->rec);
	}
	for (size_t i = 0; i < m->table[I_CONTRIBUTION].len; i++) {
		stay_has_basic_support(l, m->table[I_CONTRIBUTION].row[i]->rec);
	}
	if (timers_of(l, I_DUE_WATCH) != m->table[I_WATCH].len) {
		laws_violated(l, "I22", "%zu timers for %zu dates", timers_of(l, I_DUE_WATCH),
			      m->table[I_WATCH].len);
	}
}

void laws_warm(struct laws *l)
{
	const struct daemon_model *d = intake(l);

	for (size_t i = 0; i < d->mirror.changes; i++) {
		one_changed(l, &d->mirror.change[i]);
	}
	for (size_t i = 0; i < d->emitted_len; i++) {
		const PB(Message) *m = d->emitted[i].m;
		if (m->body_case == BODY(EVENT) &&
		    m->event->kind == SCHAKEL__V1__EVENT_KIND__EVENT_KIND_SIGNAL) {
			days_are_right(l, m->event);
		}
	}
}
