/* SPDX-License-Identifier: EUPL-1.2 */
/* B18, DOMAIN 6: at 120 % load no servable need waits for ever. The real list, one kind of help,
 * six questions for five places, so urgent and active ones alone would take them all. Measured over
 * more than four years; the numbers are printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/waitlist_facts.h"

#define DAY(n) ((n)*RIG_DAY_MS)
#define ROUNDS 160
#define ROUND_DAYS 10
#define ASKED 12 /* in a round */
#define STARTS 10
#define DAYS (ROUNDS * ROUND_DAYS)
#define NEED_OF(request) ((request) + 100000)
#define RISES_DAYS (365 + 270 + 180)
/* Who has risen to URGENT has only earlier ones before it: what 120 % leaves behind in the time of
 * the rise, at the pace of the starts, and as much again for what was left behind before. */
#define LONGEST_DAYS (RISES_DAYS + 2 * RISES_DAYS * (ASKED - STARTS) / STARTS)

static const PB(Urgency) asked[] = { U(URGENT),     U(STANDARD), U(STANDARD),
				     U(PREVENTIVE), U(STANDARD), U(URGENT) };

struct load {
	uint16_t start[ROUNDS * ASKED + 1]; /* by request: day of the start; 0: waits */
	uint32_t requests;
	uint32_t longest[U(PREVENTIVE) + 1]; /* days, of those that started */
	uint32_t oldest[U(PREVENTIVE) + 1];  /* days, of those that wait at the end */
	uint32_t started[U(PREVENTIVE) + 1];
};

static uint32_t day_of(uint32_t request)
{
	return (request - 1) / ASKED * ROUND_DAYS + 1;
}

static PB(Urgency) urgency_of(uint32_t request)
{
	return asked[(request - 1) % SK_LEN(asked)];
}

static void ask_in_a_round(struct rig *r, struct load *l)
{
	for (int i = 0; i < ASKED; i++) {
		uint32_t request = ++l->requests;
		assert_true(
			wl_opened(r, &(struct request){ .number = request,
							.urgency = urgency_of(request),
							NEEDS({ .number = NEED_OF(request) }) }));
	}
}

/* The first of the list get the places; their help ends the question, so that the store is small.
 */
static void start_in_a_round(struct rig *r, struct load *l, uint32_t day)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryWaiting) q = PB_INIT(QUERY_WAITING);
	uint32_t first[STARTS];
	size_t len = 0;

	q.limit = STARTS;
	m.body_case = BODY(QUERY_WAITING);
	m.query_waiting = &q;
	PB(Message) *answer = rig_query(r, "coordinator", &m);
	assert_int_equal(answer->body_case, BODY(WAITING_VIEW));
	for (; len < answer->waiting_view->n_entries; len++) {
		first[len] = wl_number_of(&answer->waiting_view->entries[len]->request->request_id);
	}
	for (size_t i = 0; i < len; i++) {
		uint32_t request = first[i];
		PB(Urgency) urgency = urgency_of(request);
		uint32_t waited = day - day_of(request);

		assert_true(wl_help(r, &(struct help){ request, NEED_OF(request), request, 1,
						       H(STARTED), false, false }));
		assert_true(wl_closed(r, request, NEED_OF(request), 2, R(CHOSE_OTHER)));
		l->start[request] = (uint16_t)day;
		l->started[urgency]++;
		if (waited > l->longest[urgency]) {
			l->longest[urgency] = waited;
		}
	}
}

static void run(struct rig *r, struct load *l)
{
	*l = (struct load){ .requests = 0 };
	/* Whoever reviews is not what is measured here. */
	rig_set(r, SETTING_REVIEW_ACTIVE, 365);
	rig_set(r, SETTING_REVIEW_OTHER, 365);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		ask_in_a_round(r, l);
		start_in_a_round(r, l, round * ROUND_DAYS + 1);
		rig_advance(r, DAY(ROUND_DAYS));
		rig_skip(r);
	}
	for (uint32_t request = 1; request <= l->requests; request++) {
		PB(Urgency) urgency = urgency_of(request);
		uint32_t age = DAYS - day_of(request);
		if (l->start[request] == 0 && age > l->oldest[urgency]) {
			l->oldest[urgency] = age;
		}
	}
}

static void print(const char *what, const struct load *l)
{
	static const struct {
		PB(Urgency) urgency;
		const char *name;
	} row[] = { { U(URGENT), "URGENT" },
		    { U(STANDARD), "STANDARD" },
		    { U(PREVENTIVE), "PREVENTIVE" } };

	for (size_t i = 0; i < SK_LEN(row); i++) {
		print_message("load 120 %%, %s: %-10s %5u started, longest wait %4u d, oldest that "
			      "waits %4u d\n",
			      what, row[i].name, l->started[row[i].urgency],
			      l->longest[row[i].urgency], l->oldest[row[i].urgency]);
	}
}

static void test_load_nobody_waits_for_ever(void **state)
{
	static struct load l;

	run(*state, &l);
	print("with the rise by age", &l);
	for (uint32_t request = 1; request <= l.requests; request++) {
		uint32_t left = DAYS - day_of(request);
		assert_true(l.start[request] != 0 || left < LONGEST_DAYS);
		assert_true(l.start[request] == 0 ||
			    l.start[request] - day_of(request) < LONGEST_DAYS);
	}
	assert_true(l.started[U(PREVENTIVE)] > 0);
}

/* What the rise is for: without it whoever asked before there is a need gets nothing. */
static void test_load_without_the_rise_starves(void **state)
{
	static struct load l;
	struct rig *r = *state;

	rig_set(r, SETTING_LONGEST_PRECAUTION, 3650);
	run(r, &l);
	print("without it", &l);
	assert_true(l.started[U(PREVENTIVE)] <= STARTS);
	assert_true(l.oldest[U(PREVENTIVE)] >= DAYS - 2 * ROUND_DAYS);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, waitlist_setup, waitlist_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_load_nobody_waits_for_ever),
		TEST(test_load_without_the_rise_starves),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
