/* SPDX-License-Identifier: EUPL-1.2 */
/* B3, C5: early warning on seeded synthetic lives with a known day on which the trajectory blocks.
 * How blocked and other lives differ is an assumption, written down in draw_rates(); what is proved
 * is that the signs are counted, in time, explained, and the same at every run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/waitlist_facts.h"

#define DAY(n) ((n)*RIG_DAY_MS)
#define A(NAME) SCHAKEL__V1__ALARM_KIND__ALARM_KIND_##NAME
#define LIVES 200
#define LIFE_DAYS 540
#define LEAD_DAYS 60
#define RECALL_PERCENT 80
#define PRECISION_PERCENT 80

static uint64_t next_number(uint64_t *io)
{
	uint64_t z = (*io += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* One life: a stay that moves on after `stay_days`, with so many refusals before each next one and
 * so many days between them. */
struct life {
	uint64_t seed;
	bool blocks;
	uint32_t block_day;
	uint32_t stay_days;
	uint32_t refusals;
	uint32_t between_days;
};

/* Assumed: before a trajectory blocks, stays get shorter, more partners refuse and days without
 * help grow; in the others a stay lasts, one partner may refuse, and the next follows soon. */
static void draw_rates(struct life *l)
{
	l->blocks = next_number(&l->seed) % 4 == 0;
	l->block_day = 360 + (uint32_t)(next_number(&l->seed) % 150);
	if (l->blocks) {
		l->stay_days = 40 + (uint32_t)(next_number(&l->seed) % 50);
		l->refusals = 1 + (uint32_t)(next_number(&l->seed) % 4);
		l->between_days = 5 + (uint32_t)(next_number(&l->seed) % 25);
	} else {
		l->stay_days = 150 + (uint32_t)(next_number(&l->seed) % 300);
		l->refusals = (uint32_t)(next_number(&l->seed) % 3);
		l->between_days = (uint32_t)(next_number(&l->seed) % 14);
	}
}

/* What happens on one day, told as matching tells it. */
struct living {
	struct life life;
	uint32_t number; /* request; its needs are number * 100 + 1 and 2 */
	uint32_t contribution;
	uint32_t next_day; /* of the next move */
	bool helped;
	uint32_t alarm_day; /* 0: none */
};

static void tell(struct rig *r, struct living *v, PB(ContributionState) to)
{
	if (to == H(NOT_OURS) || to == H(STARTED)) {
		v->contribution++;
	}
	static const char *const house[] = { "facility-a", "facility-b", "facility-c" };
	assert_true(wl_told(r, &(struct told){ .request = v->number,
					       .need = v->number * 100 + 1,
					       .contribution = v->number * 1000 + v->contribution,
					       .version = to == H(INTERRUPTED) ? 2 : 1,
					       .state = to,
					       .partner = house[v->contribution % 3],
					       .modality = M(RESIDENTIAL) }));
}

static void live_one_day(struct rig *r, struct living *v, uint32_t day)
{
	if (day < v->next_day) {
		return;
	}
	if (v->helped) {
		tell(r, v, H(INTERRUPTED));
		v->helped = false;
		v->next_day = day + v->life.between_days;
		return;
	}
	for (uint32_t i = 0; i < v->life.refusals; i++) {
		tell(r, v, H(NOT_OURS));
	}
	tell(r, v, H(STARTED));
	v->helped = true;
	v->next_day = day + v->life.stay_days;
}

static void hear_alarms(struct rig *r, struct living *v, size_t len, uint32_t day)
{
	for (PB(Event) *e = wl_next_alarm(r); e != NULL; e = wl_next_alarm(r)) {
		if (e->alarm != A(STUCK)) {
			continue;
		}
		uint32_t number = wl_number_of(&e->request_id);
		assert_true(number >= 1 && number <= len);
		assert_true(e->sign != 0 && e->number > 0); /* explained */
		if (v[number - 1].alarm_day == 0) {
			v[number - 1].alarm_day = day;
		}
	}
}

static void count(const struct living *v, size_t len, unsigned *ret_recall, unsigned *ret_precision)
{
	unsigned blocked = 0;
	unsigned in_time = 0;
	unsigned alarmed = 0;
	unsigned right = 0;

	for (size_t i = 0; i < len; i++) {
		bool warned = v[i].alarm_day != 0 &&
			      v[i].alarm_day + LEAD_DAYS <= v[i].life.block_day;
		blocked += v[i].life.blocks ? 1 : 0;
		in_time += v[i].life.blocks && warned ? 1 : 0;
		alarmed += v[i].alarm_day != 0 ? 1 : 0;
		right += v[i].alarm_day != 0 && v[i].life.blocks ? 1 : 0;
	}
	assert_true(blocked >= 20 && blocked <= len / 2 && alarmed > 0);
	*ret_recall = in_time * 100 / blocked;
	*ret_precision = right * 100 / alarmed;
	print_message("stuck: %u lives, %u block, %u warned %d days before: recall %u %%; "
		      "%u alarms, precision %u %%\n",
		      (unsigned)len, blocked, in_time, LEAD_DAYS, *ret_recall, alarmed,
		      *ret_precision);
}

static void test_stuck_lives_are_warned_in_time(void **state)
{
	static struct living v[LIVES];
	struct rig *r = *state;
	unsigned recall = 0;
	unsigned precision = 0;

	for (uint32_t i = 0; i < LIVES; i++) {
		v[i] = (struct living){ .number = i + 1, .life = { .seed = 41 + i } };
		draw_rates(&v[i].life);
		v[i].next_day = 1 + i % 20;
		assert_true(
			wl_opened(r, &(struct request){ .number = i + 1,
							NEEDS({ .number = (i + 1) * 100 + 1 }) }));
	}
	for (uint32_t day = 1; day <= LIFE_DAYS; day++) {
		rig_advance(r, DAY(1));
		for (size_t i = 0; i < LIVES; i++) {
			bool goes_on = !v[i].life.blocks || day < v[i].life.block_day;
			if (goes_on) {
				live_one_day(r, &v[i], day);
			}
		}
		hear_alarms(r, v, LIVES, day);
	}
	count(v, LIVES, &recall, &precision);
	assert_true(recall >= RECALL_PERCENT);
	assert_true(precision >= PRECISION_PERCENT);
}

/* --- each sign --- */

static void note_care(struct rig *r, uint32_t version, bool danger, bool ambivalent)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(CareNoted) c = PB_INIT(CARE_NOTED);

	c.request_id = wl_data_of(1);
	c.version = version;
	c.danger = danger;
	c.ambivalent = ambivalent;
	m.body_case = BODY(CARE_NOTED);
	m.care_noted = &c;
	assert_true(rig_fact(r, "intake", &m));
}

/* Told again by an inventory, as after a restore of either side. */
static void note_care_item(struct rig *r, uint32_t version, bool danger)
{
	PB(CareNoted) c = PB_INIT(CARE_NOTED);

	c.request_id = wl_data_of(1);
	c.version = version;
	c.danger = danger;
	c.ambivalent = danger;
	assert_true(wl_item_raw(r, "intake", "CareNoted", &c.base));
}

static PB(StuckView) *sign_of(struct rig *r, uint32_t need, PB(StuckSign) sign)
{
	PB(WaitingItem) *e = wl_entry_of(r, need);

	for (size_t i = 0; i < e->n_stuck; i++) {
		if (e->stuck[i]->sign == sign) {
			return e->stuck[i];
		}
	}
	return NULL;
}

#define SIGN(NAME) SCHAKEL__V1__STUCK_SIGN__STUCK_SIGN_##NAME

static void open_one(struct rig *r)
{
	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    NEEDS({ .number = 101, .domain = 1 },
							  { .number = 102, .domain = 2 },
							  { .number = 103, .domain = 3 }) }));
	rig_skip(r);
}

static void refuse(struct rig *r, uint32_t contribution)
{
	assert_true(wl_told(r, &(struct told){ .request = 1,
					       .need = 101,
					       .contribution = contribution,
					       .version = 1,
					       .state = H(NOT_OURS) }));
}

/* One sign is none; the second one, at its threshold and not before it, raises one alarm with the
 * counts, one case table with an owner and a date; the same count again raises none. */
static void test_stuck_two_signs_call_a_table(void **state)
{
	struct rig *r = *state;

	open_one(r); /* three life domains wait: the first sign */
	assert_int_equal(rig_rows(r, WAIT_TABLE_CASE_TABLE), 0);
	for (uint32_t i = 1; i <= 4; i++) {
		refuse(r, 10 + i);
	}
	assert_int_equal(rig_rows(r, WAIT_TABLE_CASE_TABLE), 0);
	assert_null(wl_next_alarm(r));
	refuse(r, 15);
	PB(Event) *e = wl_next_alarm(r);
	assert_int_equal(e->alarm, A(STUCK));
	assert_int_equal(e->sign, SIGN(REFUSALS));
	assert_int_equal(e->number, 5);
	assert_string_equal(e->party, "net-westhoek"); /* an owner, and a date that is ahead */
	assert_true(e->due_ms > rig_now(r) && e->due_ms < rig_now(r) + DAY(17));
	assert_int_equal(rig_rows(r, WAIT_TABLE_CASE_TABLE), 1);
	assert_int_equal(sign_of(r, 102, SIGN(REFUSALS))->count, 5);
	assert_int_equal(sign_of(r, 102, SIGN(REFUSALS))->threshold, 5);
	assert_int_equal(sign_of(r, 102, SIGN(OPEN_DOMAINS))->count, 3);
	refuse(r, 16);
	assert_null(wl_next_alarm(r));
	for (uint32_t i = 17; i <= 20; i++) {
		refuse(r, i);
	}
	assert_int_equal(wl_next_alarm(r)->number, 10); /* as often again */
	assert_int_equal(rig_rows(r, WAIT_TABLE_CASE_TABLE), 1);
}

/* What lies longer back than the window counts no more. */
static void test_stuck_window_ends(void **state)
{
	struct rig *r = *state;

	open_one(r);
	refuse(r, 11);
	rig_advance(r, DAY(365));
	for (uint32_t i = 12; i <= 15; i++) {
		refuse(r, i);
	}
	assert_int_equal(rig_rows(r, WAIT_TABLE_CASE_TABLE), 0);
	refuse(r, 16);
	assert_int_equal(rig_rows(r, WAIT_TABLE_CASE_TABLE), 1);
}

/* The four programme criteria together; three of them are one sign. The newest version holds. */
static void test_stuck_criteria_are_a_check(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1, NEEDS({ .number = 101 }) }));
	note_care(r, 2, true, true);
	assert_int_equal(rig_rows(r, WAIT_TABLE_CASE_TABLE), 0);
	note_care(r, 1, false, false); /* older */
	for (uint32_t i = 1; i <= 5; i++) {
		refuse(r, 10 + i);
	}
	assert_int_equal(rig_rows(r, WAIT_TABLE_CASE_TABLE), 1);
	assert_non_null(sign_of(r, 101, SIGN(DANGER)));
	assert_non_null(sign_of(r, 101, SIGN(AMBIVALENT)));
	note_care(r, 3, false, false);
	assert_null(sign_of(r, 101, SIGN(DANGER)));
	note_care_item(r, 4, true);
	assert_non_null(sign_of(r, 101, SIGN(DANGER)));
	note_care_item(r, 3, false); /* older */
	assert_non_null(sign_of(r, 101, SIGN(DANGER)));
}

static bool stuck_told(struct rig *r)
{
	bool told = false;
	PB(Message) *m = NULL;

	while ((m = rig_next_of(r, "@events", BODY(EVENT))) != NULL) {
		told = told || m->event->alarm == A(STUCK);
	}
	return told;
}

/* B3: a sign that went away and came back is told again. */
static void test_stuck_sign_that_comes_back_is_news(void **state)
{
	struct rig *r = *state;

	open_one(r);
	note_care(r, 1, true, true);
	for (uint32_t i = 1; i <= 5; i++) {
		refuse(r, 10 + i);
	}
	assert_true(stuck_told(r));
	note_care(r, 2, true, true);
	assert_false(stuck_told(r));
	note_care(r, 3, false, true);
	note_care(r, 4, true, true);
	assert_true(stuck_told(r));
}

/* Another worker, a heavier rung, a promise that never became a start. */
static void test_stuck_workers_rungs_and_broken_promises_count(void **state)
{
	struct rig *r = *state;

	rig_set(r, SETTING_STUCK_SIGNS, 3);
	rig_set(r, SETTING_STUCK_WORKERS, 1);
	rig_set(r, SETTING_STUCK_RUNGS, 1);
	rig_set(r, SETTING_STUCK_MOVES, 1);
	assert_true(wl_opened(r, &(struct request){ .number = 1, NEEDS({ .number = 101 }) }));
	assert_true(wl_told(r, &(struct told){ .request = 1,
					       .need = 101,
					       .contribution = 11,
					       .version = 1,
					       .state = H(STARTED),
					       .rung = 1,
					       .worker = 7 }));
	assert_true(wl_told(r, &(struct told){ .request = 1,
					       .need = 101,
					       .contribution = 11,
					       .version = 2,
					       .state = H(STARTED),
					       .rung = 1,
					       .worker = 8 }));
	assert_true(wl_told(r, &(struct told){ .request = 1,
					       .need = 101,
					       .contribution = 12,
					       .version = 1,
					       .state = H(AGREED),
					       .partner = "facility-b" }));
	assert_true(wl_told(r, &(struct told){ .request = 1,
					       .need = 101,
					       .contribution = 12,
					       .version = 2,
					       .state = H(RELEASED),
					       .partner = "facility-b" }));
	assert_int_equal(rig_rows(r, WAIT_TABLE_CASE_TABLE), 0);
	assert_true(wl_told(r, &(struct told){ .request = 1,
					       .need = 101,
					       .contribution = 13,
					       .version = 1,
					       .state = H(STARTED),
					       .rung = 3,
					       .worker = 8,
					       .partner = "facility-c" }));
	assert_int_equal(rig_rows(r, WAIT_TABLE_CASE_TABLE), 1);
	assert_int_equal(sign_of(r, 101, SIGN(WORKER_CHANGES))->count, 1);
	assert_int_equal(sign_of(r, 101, SIGN(RUNGS))->count, 1);
	assert_int_equal(sign_of(r, 101, SIGN(MOVES))->count, 1);
}

/* What is remembered of one child is bounded: the oldest goes. */
static void test_stuck_happened_at_and_past_limit(void **state)
{
	struct rig *r = *state;

	rig_set(r, SETTING_STUCK_SIGNS, 1);
	rig_set(r, SETTING_STUCK_REFUSALS, WAIT_HAPPENED_MAX);
	open_one(r);
	for (uint32_t i = 0; i < WAIT_HAPPENED_MAX; i++) {
		refuse(r, 100 + i);
	}
	assert_int_equal(sign_of(r, 101, SIGN(REFUSALS))->count, WAIT_HAPPENED_MAX);
	refuse(r, 100 + WAIT_HAPPENED_MAX);
	assert_int_equal(sign_of(r, 101, SIGN(REFUSALS))->count, WAIT_HAPPENED_MAX);
}

/* Children of one request are counted apart from each other. */
static void test_stuck_children_are_counted_apart(void **state)
{
	struct rig *r = *state;

	rig_set(r, SETTING_STUCK_SIGNS, 1);
	assert_true(wl_opened(
		r, &(struct request){ .number = 1,
				      NEEDS({ .number = 101 }, { .number = 102, .child = 1 }) }));
	for (uint32_t i = 1; i <= 5; i++) {
		refuse(r, 10 + i);
	}
	assert_int_equal(wl_entry_of(r, 101)->n_stuck, 1);
	assert_int_equal(wl_entry_of(r, 102)->n_stuck, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, waitlist_setup, waitlist_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_stuck_lives_are_warned_in_time),
		TEST(test_stuck_two_signs_call_a_table),
		TEST(test_stuck_window_ends),
		TEST(test_stuck_criteria_are_a_check),
		TEST(test_stuck_sign_that_comes_back_is_news),
		TEST(test_stuck_workers_rungs_and_broken_promises_count),
		TEST(test_stuck_happened_at_and_past_limit),
		TEST(test_stuck_children_are_counted_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
