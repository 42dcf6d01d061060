/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/sim/laws_model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/journal.h"

#define COMPARE_EVERY 512 /* steps of a daemon */

static void team_drop(void *item)
{
	free(((struct team_said *)item)->seat);
}

struct laws *laws_new(void)
{
	struct laws *l = calloc(1, sizeof(*l));

	SK_ASSERT(l != NULL);
	l->voices.size = sizeof(struct voice_said);
	l->orders.size = sizeof(struct order_said);
	l->starts.size = sizeof(struct start_said);
	l->submits.size = sizeof(struct submit_said);
	l->places.size = sizeof(struct place_said);
	for (size_t i = 0; i < LAWS_DAEMONS; i++) {
		l->d[i].ids.size = sizeof(struct id_said);
		l->d[i].teams.size = sizeof(struct team_said);
		l->d[i].teams.drop = team_drop;
		for (size_t to = 0; to < LAWS_DAEMONS; to++) {
			l->d[i].log[to].size = sizeof(struct entry_said);
		}
	}
	l->view = calloc(1, sizeof(*l->view));
	SK_ASSERT(l->view != NULL);
	return l;
}

static void step_done(struct law_step *s)
{
	if (s->owned != NULL) {
		schakel__v1__message__free_unpacked(s->owned, NULL);
	}
	if (s->record != NULL) {
		protobuf_c_message_free_unpacked(s->record, NULL);
	}
	*s = (struct law_step){ .daemon = s->daemon, .sequence = s->sequence };
}

void laws_free(struct laws *l)
{
	if (l == NULL) {
		return;
	}
	step_done(&l->step);
	for (size_t i = 0; i < LAWS_DAEMONS; i++) {
		model_free(&l->d[i]);
	}
	list_free(&l->voices);
	list_free(&l->orders);
	list_free(&l->starts);
	list_free(&l->submits);
	list_free(&l->places);
	view_free(l->view);
	free(l->view);
	free(l);
}

void laws_trap(struct laws *l, laws_trap_fn *fn, void *ctx)
{
	l->trap = fn;
	l->trap_ctx = ctx;
}

void laws_violated(struct laws *l, const char *law, const char *fmt, ...)
{
	const struct law_step *s = &l->step;
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (l->trap != NULL) {
		l->trap(l->trap_ctx, law, text);
		return;
	}
	const char *what = s->in == NULL ? "state" : "input";
	(void)fflush(stdout);
	(void)fprintf(stderr, "law %s is violated at %s, sequence %llu, time %llu, %s %d: %s\n",
		      law, laws_name(s->daemon), (unsigned long long)s->sequence,
		      (unsigned long long)s->now_ms, what,
		      s->in == NULL ? 0 : (int)s->in->body_case, text);
	abort();
}

/* --- what the step was about --- */

static const struct {
	const char *table;
	const ProtobufCMessageDescriptor *type;
	PB(Message__BodyCase) body;
} item_kind[] = {
	{ "NeedsOpened", &schakel__v1__needs_opened__descriptor, BODY(NEEDS_OPENED) },
	{ "NeedClosed", &schakel__v1__need_closed__descriptor, BODY(NEED_CLOSED) },
	{ "TeamProposed", &schakel__v1__team_proposed__descriptor, BODY(TEAM_PROPOSED) },
	{ "ContributionChanged", &schakel__v1__contribution_changed__descriptor,
	  BODY(CONTRIBUTION_CHANGED) },
	{ "Demand", &schakel__v1__demand__descriptor, BODY(DEMAND) },
	{ "DemandClosed", &schakel__v1__demand_closed__descriptor, BODY(DEMAND_CLOSED) },
	{ "PositionTaken", &schakel__v1__position_taken__descriptor, BODY(POSITION_TAKEN) },
};

static void unwrap_item(struct law_step *s, const PB(ReconcileItem) *item)
{
	s->reconcile = true;
	for (size_t i = 0; i < SK_LEN(item_kind); i++) {
		if (strcmp(item->table, item_kind[i].table) != 0) {
			continue;
		}
		s->record = protobuf_c_message_unpack(item_kind[i].type, NULL, item->record.len,
						      item->record.data);
		if (s->record != NULL) {
			s->shell = (PB(Message))PB_INIT(MESSAGE);
			s->shell.body_case = item_kind[i].body;
			/* One union member stands for all: pointers. */
			s->shell.needs_opened = (void *)s->record;
			s->in = &s->shell;
		}
	}
}

/** A quarantined input that is tried again is stepped as if it came now. */
static void unwrap_retry(struct laws *l, struct law_step *s)
{
	const PB(QuarantineAction) *a = s->in->quarantine_action;
	struct key k = { 0 };

	key_u64(&k, a->row);
	const struct change *c = change_find(&l->d[s->daemon], TABLE_QUARANTINE, &k);
	const PB(QuarantineRecord) *q = c == NULL ? NULL : c->before;
	if (q == NULL || a->action != SCHAKEL__V1__QUARANTINE_ACTION__ACTION__ACTION_RETRY) {
		return;
	}
	s->owned = schakel__v1__message__unpack(NULL, q->input.len, q->input.data);
	if (s->owned != NULL) {
		s->in = s->owned;
		s->party = q->peer;
	}
}

static void step_open(struct laws *l, int daemon, const struct applied *a)
{
	struct law_step *s = &l->step;

	step_done(s);
	s->daemon = daemon;
	s->sequence = a->sequence;
	s->now_ms = a->time_ms;
	s->kind = a->kind;
	s->outcome = a->outcome;
	s->party = a->party;
	s->in = a->in;
	s->raw_party = a->party;
	s->raw = a->in;
	s->rows = a->in->body_case == BODY(TICK) ? a->in->tick->rows : 1;
	s->isolated = model_isolated(&l->d[daemon]);
	if (s->outcome != OUTCOME_IS(ACCEPTED)) {
		return;
	}
	if (s->in->body_case == BODY(QUARANTINE_ACTION)) {
		unwrap_retry(l, s);
	}
	if (s->in->body_case == BODY(RECONCILE_ITEM)) {
		unwrap_item(s, s->in->reconcile_item);
	}
}

void laws_applied(struct laws *l, int daemon, const struct applied *a, struct store_txn *state)
{
	struct daemon_model *d = &l->d[daemon];

	(void)state;
	laws_model_fold(d, daemon, a->effects);
	step_open(l, daemon, a);
	if (a->time_ms < d->time_ms) {
		laws_violated(l, "I30", "journal time fell from %llu",
			      (unsigned long long)d->time_ms);
	}
	if (a->sequence != d->last + 1) {
		laws_violated(l, "I3", "sequence %llu follows %llu",
			      (unsigned long long)a->sequence, (unsigned long long)d->last);
	}
	d->time_ms = a->time_ms;
	d->last = a->sequence;
	laws_history(l);
	laws_link(l);
	if (daemon == LAWS_MATCHING) {
		view_build(l);
	}
	laws_rows_changed(l);
	if (!l->uncounted) {
		laws_figures(l);
	}
	if (daemon == LAWS_INTAKE) {
		laws_request(l);
		laws_plan(l);
		laws_holder(l);
		laws_known(l);
		laws_sibling(l);
		laws_clock(l);
		laws_ground(l);
		laws_gain(l);
		laws_scope(l);
		laws_warm(l);
	} else if (daemon == LAWS_WAITLIST) {
		laws_wait(l);
		laws_list(l);
	} else {
		laws_need(l);
		laws_ground(l);
		laws_pool(l);
		laws_order(l);
		laws_choice(l);
		laws_gain(l);
		laws_hold(l);
	}
}

void laws_state_open(struct laws *l, int daemon)
{
	static const PB(Message) nothing = PB_INIT(MESSAGE);

	step_done(&l->step);
	model_rest(&l->d[daemon]);
	l->step.daemon = daemon;
	l->step.sequence = l->d[daemon].last;
	l->step.now_ms = l->d[daemon].time_ms;
	l->step.in = &nothing;
	l->step.all = true;
	l->step.rows = 1;
	l->step.isolated = model_isolated(&l->d[daemon]);
}

void laws_after_step(struct laws *l, int daemon, struct store_txn *state)
{
	struct daemon_model *d = &l->d[daemon];

	if (d->full_every++ % COMPARE_EVERY != 0) {
		return;
	}
	laws_state_open(l, daemon);
	const char *differs = model_compare(d, state);
	if (differs != NULL) {
		laws_violated(l, "I19", "the store is not what the effects made: %s", differs);
	}
	laws_rows_all(l, daemon);
	if (!l->uncounted) {
		laws_figures_all(l, daemon);
	}
	if (daemon == LAWS_INTAKE) {
		laws_warm_all(l);
	}
}

void laws_old_copy(struct laws *l, int daemon)
{
	l->d[daemon].old_copy = true;
	l->d[daemon].was_restored = true;
}

void laws_acknowledged(struct laws *l, int daemon, uint64_t sequence)
{
	struct daemon_model *d = &l->d[daemon];

	laws_state_open(l, daemon);
	if (sequence > d->last) {
		laws_violated(l, "L1", "input %llu was acknowledged and never applied",
			      (unsigned long long)sequence);
	}
	d->acked = sequence > d->acked ? sequence : d->acked;
}

void laws_restarted(struct laws *l, int daemon, uint64_t sequence, uint64_t now_ms,
		    struct store_txn *state)
{
	struct daemon_model *d = &l->d[daemon];

	model_load(d, daemon, state);
	laws_history_cut(l, daemon, sequence);
	d->last = sequence;
	d->time_ms = now_ms;
	if (daemon == LAWS_MATCHING) {
		l->view->fresh = false;
	}
	laws_state_open(l, daemon);
	if (sequence < d->acked && !d->old_copy) {
		laws_violated(l, "L1", "input %llu was acknowledged and is lost",
			      (unsigned long long)d->acked);
	}
	d->acked = d->acked < sequence ? d->acked : sequence;
	d->old_copy = false;
	laws_rows_all(l, daemon);
	if (daemon == LAWS_INTAKE) {
		laws_request(l);
		laws_plan(l);
		laws_holder(l);
		laws_warm_all(l);
	} else if (daemon == LAWS_MATCHING) {
		laws_pool(l);
	}
}
