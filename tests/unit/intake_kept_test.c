/* SPDX-License-Identifier: EUPL-1.2 */
/* What a child keeps to itself, in the news that every role reads, and from before needs carried
 * the mark (DOMAIN 3, L10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/intake/core_warm.h"
#include "tests/unit/plan_story.h"
#include "tests/unit/warm_story.h"

/* Of the news since the last look: how many name this partner beside that request, not ended. */
static int names(struct rig *r, const struct story *st, const char *partner)
{
	int named = 0;
	PB(Message) *m;

	while ((m = rig_next_of(r, EVENTS_LOG, BODY(EVENT))) != NULL) {
		const PB(Event) *e = m->event;
		bool of_it = data_equal(&e->request_id, &st->request);
		named += of_it && strcmp(e->party, partner) == 0 ? (e->ended ? -1 : 1) : 0;
		if (e->kind == E(NEED) && data_equal(&e->need_id, &st->need[0])) {
			named += of_it ? 100 : 0;
		}
	}
	return named;
}

static bool snapshot_names(struct rig *r, const char *partner, size_t *ret_needs)
{
	PB(QuerySnapshot) q = PB_INIT(QUERY_SNAPSHOT);
	PB(Message) m = PB_INIT(MESSAGE);
	bool named = false;

	m.body_case = BODY(QUERY_SNAPSHOT);
	m.query_snapshot = &q;
	q.limit = 50;
	const PB(SnapshotView) *v = rig_query(r, "coordinator", &m)->snapshot_view;
	*ret_needs = 0;
	for (size_t i = 0; i < v->n_events; i++) {
		named = named || strcmp(v->events[i]->party, partner) == 0;
		*ret_needs += v->events[i]->kind == E(NEED) && v->events[i]->request_id.len != 0;
	}
	return named;
}

/* L10, DOMAIN 3: who reads the news hears that help goes on and how it stands, not whose it is nor
 * who gives it; for who counts holders the one goes and somebody comes. */
static void test_news_of_shielded_help_name_nobody(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);
	size_t needs = 0;

	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_true(say_started(&st, 2, 1, "facility-b"));
	assert_true(snapshot_names(r, "facility-a", &needs));
	assert_int_equal(needs, 2);
	rig_skip(r);
	ACCEPTED(shield(&st, "family", 1, true));
	assert_int_equal(names(r, &st, "facility-a"), -1); /* holds no longer under that name */
	assert_false(snapshot_names(r, "facility-a", &needs));
	assert_int_equal(needs, 1);
	assert_true(snapshot_names(r, "facility-b", &needs));
	/* Who helps next with it is as little known as who did. */
	assert_true(say_started(&st, 3, 0, "facility-c"));
	assert_true(say_help(&st, (struct help){ 1, 9, 0, "facility-a", H(ENDED), true, 0 }));
	assert_int_equal(names(r, &st, "facility-c"), 0);
	assert_false(snapshot_names(r, "facility-c", &needs));
	assert_false(snapshot_names(r, "facility-a", &needs));
	assert_int_equal(needs, 1);
}

/* L10: nor does its leaving name it: another took over, and it holds no more. */
static void test_news_of_shielded_help_that_leaves_name_nobody(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);

	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_true(say_started(&st, 2, 1, "facility-b"));
	ACCEPTED(shield(&st, "family", 1, true));
	rig_skip(r);
	assert_true(say_started(&st, 3, 0, "facility-c"));
	assert_true(say_help(&st, (struct help){ 1, 9, 0, "facility-a", H(ENDED), true, 0 }));
	assert_int_equal(names(r, &st, "facility-a"), 0);
	/* What was never kept is named to its end. */
	assert_true(say_started(&st, 4, 1, "facility-d"));
	assert_true(say_help(&st, (struct help){ 2, 9, 1, "facility-b", H(ENDED), true, 0 }));
	assert_int_equal(names(r, &st, "facility-b"), -1);
}

static bool holds_in(PB(HolderView) *const *list, size_t len, const char *party)
{
	for (size_t i = 0; i < len; i++) {
		if (strcmp(list[i]->party, party) == 0) {
			return true;
		}
	}
	return false;
}

static bool family_reads(struct story *st, const char *party)
{
	PB(RequestItem) *it = view(st, "family");

	return holds_in(it->holders, it->n_holders, party);
}

/* L10: a need is asked for anew and shown; who helped with it before, and holds it until the next
 * start, is still the child's to tell. */
static void test_reopened_need_names_nobody_of_before(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	size_t needs = 0;

	assert_true(say_started(&st, 1, 0, "facility-a"));
	ACCEPTED(shield(&st, "family", 1, true));
	assert_true(say_help(&st, (struct help){ 1, 9, 0, "facility-a", H(HANDING_ON), true, 0 }));
	assert_true(say_help(&st, (struct help){ 1, 10, 0, "facility-a", H(ENDED), true, 0 }));
	rig_skip(r);
	ACCEPTED(reopen(&st, "family", 0));
	assert_int_equal(view(&st, "family")->n_needs, 1);
	assert_int_equal(names(r, &st, "facility-a"), 100); /* the need, and nobody beside it */
	assert_false(snapshot_names(r, "facility-a", &needs));
	assert_false(family_reads(&st, "facility-a"));
	PB(PlanView) *plan = plan_of(&st, "coordinator");
	assert_false(holds_in(plan->holders, plan->n_holders, "facility-a"));
	PB(RequestItem) *it = view(&st, "duty-westhoek");
	assert_true(holds_in(it->holders, it->n_holders, "facility-a"));
	/* Until the next start, which is nobody's secret. */
	assert_true(say_started(&st, 2, 0, "facility-b"));
	assert_int_equal(names(r, &st, "facility-a") % 100, 0);
	assert_true(family_reads(&st, "facility-b"));
	assert_true(say_help(&st, (struct help){ 2, 9, 0, "facility-b", H(ENDED), true, 0 }));
	rig_skip(r);
	ACCEPTED(reopen(&st, "family", 0));
	assert_true(family_reads(&st, "facility-b"));
}

/* What the list knows of the first need, in a restore of intake. */
static bool list_recalls(struct rig *r, struct story *st, PB(NeedState) state, bool shielded)
{
	PB(NeedsOpened) o = PB_INIT(NEEDS_OPENED);
	PB(RequestFact) f = PB_INIT(REQUEST_FACT);
	PB(NeedFact) n = PB_INIT(NEED_FACT);
	PB(NeedFact) *at[] = { &n };
	PB(ReconcileItem) item = PB_INIT(RECONCILE_ITEM);
	PB(Message) m = PB_INIT(MESSAGE);
	uint8_t packed[1024];

	f.request_id = st->request;
	f.zone = "rits";
	f.requester = "clb";
	n.need_id = st->need[0];
	n.state = state;
	n.shielded = shielded;
	n.need_version = 50;
	n.ordinal = 1;
	n.expertise = EXPERTISE;
	n.intensity = 1;
	n.duration_weeks = 4;
	n.must = true;
	n.arrival_ms = rig_now(r);
	o.request = &f;
	o.needs = at;
	o.n_needs = 1;
	item.table = "NeedsOpened";
	item.record = (ProtobufCBinaryData){ schakel__v1__needs_opened__pack(&o, packed), packed };
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &item;
	return rig_fact(r, "waitlist", &m);
}

/* L10: intake comes from a copy of before the need was asked for anew, and hears of that from the
 * list: who helped is still the child's to tell. */
static void test_reopened_need_names_nobody_of_before_after_a_restore(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	size_t needs = 0;

	assert_true(say_started(&st, 1, 0, "facility-a"));
	ACCEPTED(shield(&st, "family", 1, true));
	assert_true(say_help(&st, (struct help){ 1, 9, 0, "facility-a", H(HANDING_ON), true, 0 }));
	assert_true(say_help(&st, (struct help){ 1, 10, 0, "facility-a", H(ENDED), true, 0 }));
	rig_skip(r);
	assert_true(list_recalls(r, &st, N(OPEN), false));
	assert_int_equal(view(&st, "family")->n_needs, 1);
	assert_int_equal(names(r, &st, "facility-a"), 100);
	assert_false(snapshot_names(r, "facility-a", &needs));
	assert_false(family_reads(&st, "facility-a"));
	PB(RequestItem) *it = view(&st, "duty-westhoek");
	assert_true(holds_in(it->holders, it->n_holders, "facility-a"));
	ACCEPTED(shield(&st, "family", 1, false)); /* the child may say who it was */
	assert_true(family_reads(&st, "facility-a"));
	assert_true(say_started(&st, 2, 0, "facility-b"));
	assert_true(family_reads(&st, "facility-b"));
}

/* The child may say who it was also after that. */
static void test_reopened_need_shows_who_helped_when_the_child_says(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	assert_true(say_started(&st, 1, 0, "facility-a"));
	ACCEPTED(shield(&st, "family", 1, true));
	assert_true(say_help(&st, (struct help){ 1, 9, 0, "facility-a", H(ENDED), true, 0 }));
	ACCEPTED(reopen(&st, "family", 0));
	assert_false(family_reads(&st, "facility-a"));
	rig_skip(r);
	ACCEPTED(shield(&st, "family", 1, false));
	assert_true(family_reads(&st, "facility-a"));
	assert_int_equal(names(r, &st, "facility-a"), 1);
	ACCEPTED(shield(&st, "family", 1, true)); /* and take it back */
	assert_false(family_reads(&st, "facility-a"));
}

/* Who helped next was as little known as who did; it is shown as soon as the child says who did. */
static void test_reopened_need_shows_the_next_one_when_the_child_says(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	assert_true(say_started(&st, 1, 0, "facility-a"));
	ACCEPTED(shield(&st, "family", 1, true));
	assert_true(say_started(&st, 2, 0, "facility-b"));
	assert_true(say_help(&st, (struct help){ 1, 9, 0, "facility-a", H(ENDED), true, 0 }));
	assert_true(say_help(&st, (struct help){ 2, 9, 0, "facility-b", H(ENDED), true, 0 }));
	ACCEPTED(reopen(&st, "family", 0));
	assert_false(family_reads(&st, "facility-b"));
	ACCEPTED(shield(&st, "family", 1, false));
	assert_true(family_reads(&st, "facility-b"));
}

/* L10: a start that crossed the withdrawal of a kept need names nobody either. */
static void test_crossed_start_of_kept_need_names_nobody(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);
	PB(Message) *m;

	assert_true(say_started(&st, 1, 0, "facility-a"));
	ACCEPTED(shield(&st, "family", 1, true));
	assert_true(say_help(&st, (struct help){ 1, 9, 0, "facility-a", H(INTERRUPTED), true, 0 }));
	ACCEPTED(close_need(&st, "family", 0, R(SELF_RESOLVED), ""));
	rig_skip(r);
	assert_true(say_help(&st, (struct help){ 3, 1, 0, "facility-c", H(STARTED), true, 0 }));
	while ((m = rig_next_of(r, EVENTS_LOG, BODY(EVENT))) != NULL) {
		assert_string_not_equal(m->event->party, "facility-c");
	}
}

/* Lifted, it is named again, once. */
static void test_news_of_help_shown_again_name_it(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);
	size_t needs = 0;

	assert_true(say_started(&st, 1, 0, "facility-a"));
	ACCEPTED(shield(&st, "family", 1, true));
	ACCEPTED(shield(&st, "family", 1, true)); /* the same word twice is one word */
	rig_skip(r);
	ACCEPTED(shield(&st, "family", 1, false));
	assert_int_equal(names(r, &st, "facility-a"), 1);
	assert_true(snapshot_names(r, "facility-a", &needs));
	assert_int_equal(needs, 2);
}

/* A store from before: the child shielded its help, and its need carries no mark. */
static void as_before(struct step *s, const struct object_id *id)
{
	struct req q;

	assert_true(req_load(s, id, &q));
	q.r->shields_told = false;
	for (size_t i = 0; i < q.needs_len; i++) {
		q.need[i]->need->shielded = false;
		need_save(s, &q, q.need[i]);
	}
	req_save(s, &q);
}

static int old_store(struct step *s, void *ctx)
{
	const struct story *st = ctx;
	struct object_id id;
	struct req q;

	assert_true(object_id_from(&st->request, &id));
	as_before(s, &id);
	assert_true(req_load(s, &id, &q));
	uint32_t version = q.need[0]->need->need_version;
	req_live(s, &q); /* as every view does */
	assert_true(q.need[0]->need->shielded);
	assert_false(q.need[1]->need->shielded);
	assert_true(req_load(s, &id, &q));
	assert_int_equal(req_settle(s, &q), SK_OK); /* whatever touches it first */
	assert_true(req_load(s, &id, &q));
	assert_true(q.r->shields_told);
	assert_true(q.need[0]->need->shielded);
	assert_true(q.need[0]->need->need_version > version); /* so the list hears it */
	uint32_t told = q.need[0]->need->need_version;
	assert_int_equal(req_settle(s, &q), SK_OK);
	assert_int_equal(q.need[0]->need->need_version, told); /* once */
	return SK_OK;
}

/* L10: what a child kept to itself before this version stays its own, without its saying so again;
 * also when that help has ended since. */
static void test_shield_from_before_stays(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);

	assert_true(say_started(&st, 1, 0, "facility-a"));
	ACCEPTED(shield(&st, "family", 1, true));
	assert_int_equal(rig_try(r, old_store, &st), SK_OK);
	assert_true(say_help(&st, (struct help){ 1, 9, 0, "facility-a", H(ENDED), true, 0 }));
	assert_int_equal(rig_try(r, old_store, &st), SK_OK);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_news_of_shielded_help_name_nobody),
		T(test_news_of_shielded_help_that_leaves_name_nobody),
		T(test_reopened_need_names_nobody_of_before),
		T(test_reopened_need_names_nobody_of_before_after_a_restore),
		T(test_reopened_need_shows_who_helped_when_the_child_says),
		T(test_reopened_need_shows_the_next_one_when_the_child_says),
		T(test_crossed_start_of_kept_need_names_nobody),
		T(test_news_of_help_shown_again_name_it),
		T(test_shield_from_before_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
