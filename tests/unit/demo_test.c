/* SPDX-License-Identifier: EUPL-1.2 */
/* The invented people of the demo and what it remembers of them; its talk with daemons is seen by
 * running it (make run). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/civil.h"
#include "services/cli/demo_draw.h"
#include "services/cli/demo_world.h"

#define REGION "deploy/demo-region"
#define BLOCK (1U << 20)
#define MANY 20000
#define MONDAY_MS 1767596400000ULL /* 2026-01-05 08:00 in Brussels */
#define URGENCY(NAME) SCHAKEL__V1__URGENCY__URGENCY_##NAME
#define ANSWER(NAME) SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_##NAME

struct fixture {
	struct cli cli;
	struct demo_region region;
	struct conf *conf;
	struct demo_cast cast;
	struct arena arena;
};

static void add_party(struct conf *c, const char *id, uint32_t roles, const char *zone)
{
	struct conf_party *p = &c->parties[c->parties_len++];

	(void)snprintf(p->id, sizeof(p->id), "%s", id);
	(void)snprintf(p->name, sizeof(p->name), "Voorbeeld %s", id);
	p->roles = roles;
	p->opening_days = 0x1f;
	if (zone != NULL) {
		(void)snprintf(p->zones[0], sizeof(p->zones[0]), "%s", zone);
		p->zones_len = 1;
	}
}

static void add_parties(struct conf *c, const struct demo_region *r)
{
	static char names[2 * DEMO_ZONES_MAX][PARTY_ID_LEN_MAX + 1];

	add_party(c, "intake", ROLE_BIT(DAEMON), NULL);
	add_party(c, "meldpunt", ROLE_BIT(CONTACT_POINT) | ROLE_BIT(REQUESTER), NULL);
	add_party(c, "samen", ROLE_BIT(COORDINATOR), NULL);
	add_party(c, "scherm", ROLE_BIT(DASHBOARD), NULL);
	add_party(c, "familie", ROLE_BIT(FAMILY), NULL);
	add_party(c, "beheer", ROLE_BIT(OPERATOR), NULL);
	for (size_t i = 0; i < r->zones_len; i++) {
		(void)snprintf(names[2 * i], sizeof(names[0]), "deur-%zu", i);
		(void)snprintf(names[2 * i + 1], sizeof(names[0]), "hulp-%zu", i);
		add_party(c, names[2 * i], ROLE_BIT(REQUESTER), r->zone[i].id);
		add_party(c, names[2 * i + 1], ROLE_BIT(FACILITY), r->zone[i].id);
	}
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->cli.out = stdout;
	f->cli.err = tmpfile();
	arena_init(&f->cli.arena, aligned_alloc(16, BLOCK), BLOCK);
	arena_init(&f->arena, aligned_alloc(16, BLOCK), BLOCK);
	assert_int_equal(demo_region_read(&f->cli, REGION, &f->region), CLI_DONE);
	f->conf = calloc(1, sizeof(*f->conf));
	f->conf->parties = calloc(DEMO_PARTIES_MAX + 2, sizeof(*f->conf->parties));
	add_parties(f->conf, &f->region);
	assert_true(demo_cast_of(f->conf, &f->region, &f->cast));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	demo_region_done(&f->region);
	(void)fclose(f->cli.err);
	free(f->cli.arena.base);
	free(f->arena.base);
	free(f->conf->parties);
	free(f->conf);
	free(f);
	return 0;
}

/* --- region --- */

static void test_region_is_that_of_the_files(void **state)
{
	const struct fixture *f = *state;

	assert_int_equal(f->region.n.calls_per_year, 1127);
	assert_int_equal(f->region.n.gate_waiting, 548);
	assert_int_equal(f->region.zones_len, 5);
	assert_int_equal(f->region.bundles_len, 33);
	assert_int_equal(f->region.pools_len, 79);
	uint32_t calls = 0;
	uint32_t gate = 0;
	for (size_t i = 0; i < f->region.bundles_len; i++) {
		calls += f->region.call_weight[i];
		gate += f->region.gate_weight[i];
	}
	assert_int_equal(calls, 1000);
	assert_int_equal(gate, 1000);
}

static void test_region_missing_is_said(void **state)
{
	struct fixture *f = *state;
	struct demo_region r;

	assert_int_equal(demo_region_read(&f->cli, "deploy/no-such-region", &r), CLI_USAGE);
	assert_true(ftell(f->cli.err) > 0);
	demo_region_done(&r);
}

/* --- requests --- */

static void check_urgency(const struct fixture *f, const struct demo_case *c)
{
	const PB(SubmitRequest) *s = c->submit;

	if (s->urgency == URGENCY(CRISIS)) {
		assert_int_equal(c->requester, f->cast.contact_point);
		assert_true(s->crisis_step != 0 && s->reason != 0);
	} else {
		assert_true(s->crisis_step == 0 && s->reason == 0);
	}
	if (s->urgency == URGENCY(URGENT)) {
		uint32_t second = demo_cast_find(&f->cast, s->second_party);
		assert_true(second < f->cast.len);
		assert_string_not_equal(f->cast.party[second].organisation,
					f->cast.party[c->requester].organisation);
	} else {
		assert_string_equal(s->second_party, "");
	}
}

static void check_case(const struct fixture *f, const struct demo_case *c)
{
	const PB(SubmitRequest) *s = c->submit;
	const struct demo_bundle *b = &f->region.bundle[c->bundle];
	bool must = false;

	assert_true(b->gate == c->gate);
	assert_true(c->requester < f->cast.len);
	assert_string_equal(s->zone, f->region.zone[c->zone].id);
	assert_in_range(s->n_children, 1, b->consult ? 1 : 3);
	for (size_t i = 0; i < s->n_children; i++) {
		const PB(Child) *child = s->children[i];
		assert_in_range(child->age_years, b->age_from, b->age_to);
		assert_false(child->judged_capable && child->judged_incapable);
		assert_true(child->n_stays == 0 || (child->n_stays == 2 && s->n_adults == 2));
	}
	assert_in_range(s->n_adults, 1, 2);
	assert_true(s->callback_sealed == !c->anonymous && c->story.len > 0);
	assert_true(!c->anonymous || b->consult);
	assert_int_equal(s->n_needs, b->consult ? 0 : b->needs_len + s->n_children - 1);
	for (size_t i = 0; i < s->n_needs; i++) {
		must = must || s->needs[i]->must;
		assert_true(s->needs[i]->expertise > 0 && s->needs[i]->intensity > 0);
		assert_true(s->needs[i]->child < s->n_children);
	}
	assert_true(b->consult || must);
	for (size_t i = 0; i < s->n_excluded_partners; i++) {
		assert_true(demo_cast_find(&f->cast, s->excluded_partners[i]) < f->cast.len);
	}
	check_urgency(f, c);
}

static void test_make_requests_obey_the_rules_of_intake(void **state)
{
	struct fixture *f = *state;
	uint32_t consults = 0;
	uint32_t zones[DEMO_ZONES_MAX] = { 0 };

	for (uint32_t i = 0; i < 4000; i++) {
		struct demo_rand r = demo_rand_of(1, "make", i);
		struct demo_case c = { .gate = i % 4 == 3 };
		assert_int_equal(demo_make(&f->region, &f->cast, &r, &f->arena, &c), SK_OK);
		check_case(f, &c);
		consults += !c.gate && f->region.bundle[c.bundle].consult;
		zones[c.zone]++;
		arena_reset(&f->arena);
	}
	assert_in_range(consults, 3000 * 46 / 100, 3000 * 54 / 100); /* 498 of 1000 calls */
	for (size_t z = 0; z < f->region.zones_len; z++) {
		uint32_t share = f->region.zone_minors[z] * 4000 / 89840;
		assert_in_range(zones[z], share * 85 / 100, share * 115 / 100);
	}
}

/* Brothers and sisters, two homes, strengths: as often as the region says. */
static void test_make_families_have_their_shares(void **state)
{
	struct fixture *f = *state;
	uint32_t searches = 0;
	uint32_t several = 0;
	uint32_t homes = 0;
	uint32_t strengths = 0;

	for (uint32_t i = 0; i < 4000; i++) {
		struct demo_rand r = demo_rand_of(3, "families", i);
		struct demo_case c = { .gate = true };
		assert_int_equal(demo_make(&f->region, &f->cast, &r, &f->arena, &c), SK_OK);
		searches++;
		several += c.submit->n_children > 1;
		homes += c.submit->children[0]->n_stays == 2;
		strengths += (uint32_t)c.submit->n_strengths;
		arena_reset(&f->arena);
	}
	assert_in_range(several, searches * 20 / 100, searches * 26 / 100); /* 180 and 50 */
	assert_in_range(homes, searches * 12 / 100, searches * 18 / 100);   /* 250 x 600 */
	assert_in_range(strengths, searches * 32 / 100, searches * 38 / 100);
}

/* Yesterday the same people stood there: nothing of a request differs but the network's name. */
static void test_make_yesterday_has_the_same_people(void **state)
{
	struct fixture *f = *state;
	uint32_t named = 0;

	for (uint32_t i = 0; i < 500; i++) {
		uint8_t packed[2][4096];
		size_t len[2];
		for (int k = 0; k < 2; k++) {
			struct demo_rand r = demo_rand_of(5, "worlds", i);
			struct demo_case c = { .yesterday = k == 1 };
			assert_int_equal(demo_make(&f->region, &f->cast, &r, &f->arena, &c), SK_OK);
			named += c.submit->network[0] != '\0';
			assert_true(k == 0 || c.submit->network[0] == '\0');
			c.submit->network = (char *)(uintptr_t) "";
			len[k] = schakel__v1__submit_request__pack(c.submit, packed[k]);
			arena_reset(&f->arena);
		}
		assert_int_equal(len[0], len[1]);
		assert_memory_equal(packed[0], packed[1], len[0]);
	}
	assert_true(named > 0);
}

static void test_make_same_seed_same_bytes(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 0; i < 200; i++) {
		uint8_t packed[2][4096];
		size_t len[2];
		for (int k = 0; k < 2; k++) {
			struct demo_rand r = demo_rand_of(5, "same", i);
			struct demo_case c = { .gate = false };
			assert_int_equal(demo_make(&f->region, &f->cast, &r, &f->arena, &c), SK_OK);
			len[k] = schakel__v1__submit_request__pack(c.submit, packed[k]);
			arena_reset(&f->arena);
		}
		assert_int_equal(len[0], len[1]);
		assert_memory_equal(packed[0], packed[1], len[0]);
	}
}

static void test_make_full_arena_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct demo_rand r = demo_rand_of(1, "full", 0);
	struct demo_case c = { .gate = false };
	struct arena small;

	arena_init(&small, f->arena.base, 256);
	assert_int_equal(demo_make(&f->region, &f->cast, &r, &small, &c), SK_ENOMEM);
}

static void test_cast_without_a_part_is_refused(void **state)
{
	struct fixture *f = *state;
	struct demo_cast cast;

	f->conf->parties[4].roles = ROLE_BIT(REQUESTER); /* nobody speaks for families */
	assert_false(demo_cast_of(f->conf, &f->region, &cast));
}

/* --- what people decide --- */

static void test_there_is_within_office_hours(void **state)
{
	const struct fixture *f = *state;
	struct demo_party p = { .days = 0x1f };
	struct demo_rand r = demo_rand_of(1, "there", 0);

	(void)f;
	for (uint32_t i = 0; i < 2000; i++) {
		uint64_t at = MONDAY_MS + demo_rand_below(&r, 365 * 24 * 60) * DEMO_MINUTE_MS;
		uint64_t there = demo_there_ms(&p, at, true, &r);
		struct civil c = civil_from_ms(there);
		assert_true(there >= at);
		assert_true(c.weekday < 5 && !civil_is_holiday(c.date));
		assert_in_range(c.minute_of_day, 8 * 60 + 30, 17 * 60 + 29);
		assert_true(demo_there_ms(&p, there, false, &r) == there);
	}
}

static void test_there_who_is_on_call_is_there_at_once(void **state)
{
	(void)state;
	struct demo_party p = { .days = 0x1f, .on_call = true };
	struct demo_rand r = demo_rand_of(1, "call", 0);
	uint64_t night = MONDAY_MS - 5 * DEMO_HOUR_MS;

	assert_true(demo_there_ms(&p, night, true, &r) == night);
	assert_true(demo_there_ms(&p, night, false, &r) > night);
}

static void test_calls_have_their_number_and_nights(void **state)
{
	const struct fixture *f = *state;
	struct demo_rand r = demo_rand_of(1, "calls", 0);
	uint64_t at = MONDAY_MS;
	uint32_t calls = 0;
	uint32_t nights = 0;

	for (uint64_t end = at + 10 * 365 * DEMO_DAY_MS; at < end; calls++) {
		uint64_t next = demo_next_call_ms(&f->region.n, at, &r);
		assert_true(next > at);
		at = next;
		struct civil c = civil_from_ms(at);
		nights += c.hour >= 20 || c.hour < 8;
	}
	assert_in_range(calls, 11270 * 96 / 100, 11270 * 104 / 100);
	assert_in_range(nights, calls * 28 / 100, calls * 32 / 100);
}

static void test_answers_have_their_shares(void **state)
{
	const struct fixture *f = *state;
	struct demo_rand r = demo_rand_of(1, "answers", 0);
	uint32_t can = 0;
	uint32_t silent = 0;
	uint32_t in_term = 0;

	for (uint32_t i = 0; i < MANY; i++) {
		struct demo_answer a = demo_draw_answer(&f->region.n, true, &r);
		can += a.kind == ANSWER(CAN);
		silent += a.silent;
		in_term += a.after_ms < 30 * DEMO_MINUTE_MS;
		assert_true(a.silent == (a.kind == 0));
		assert_true((a.kind == ANSWER(CAN_IF)) == (a.can_if != 0));
		assert_true((a.kind == ANSWER(NOT_NOW)) == (a.until_ms >= DEMO_DAY_MS));
	}
	assert_in_range(can, MANY * 70 / 100, MANY * 74 / 100);
	assert_in_range(silent, MANY * 6 / 100, MANY * 8 / 100);
	assert_true(in_term > MANY * 9 / 10);
}

static void test_fate_turns_before_it_ends(void **state)
{
	const struct fixture *f = *state;
	struct demo_rand r = demo_rand_of(1, "fate", 0);
	uint32_t turned = 0;

	for (uint32_t i = 0; i < MANY; i++) {
		struct demo_fate fate = demo_draw_fate(&f->region.n, i % 53, &r);
		assert_true(fate.end_after_ms >= DEMO_WEEK_MS);
		assert_true(fate.turn_after_ms < fate.end_after_ms);
		turned += fate.turn != DEMO_TURN_NONE;
	}
	assert_in_range(turned, MANY * 22 / 100, MANY * 26 / 100); /* 50, 40 and 150 of 1000 */
}

/* --- what is remembered --- */

static struct object_id id_of(uint32_t n)
{
	struct object_id id = { { 0 } };

	be32_write(id.b + 8, n / 3);
	be32_write(id.b + 12, n);
	return id;
}

static void test_world_finds_what_it_was_given(void **state)
{
	(void)state;
	struct demo_world w = { 0 };

	for (uint32_t i = 0; i < MANY; i++) {
		struct object_id id = id_of(i);
		ProtobufCBinaryData data = object_id_data(&id);
		assert_null(demo_share(&w, &data));
		demo_share_add(&w, &data)->weeks = i;
	}
	assert_int_equal(w.shares.len, MANY);
	for (uint32_t i = 0; i < MANY; i++) {
		struct object_id id = id_of(i);
		ProtobufCBinaryData data = object_id_data(&id);
		assert_int_equal(demo_share(&w, &data)->weeks, i);
		assert_ptr_equal(demo_share_add(&w, &data), demo_share_at(&w, i));
	}
	demo_world_done(&w);
}

/* The last instant of the term is in time, the next one is over it; what stands at the gate is
 * counted apart. */
static void test_figures_count_the_term_at_its_limit(void **state)
{
	(void)state;
	static const struct {
		uint64_t answered_ms, now_ms;
		bool open, gate;
		uint32_t in_time, late;
	} rows[] = {
		{ 100, 500, true, false, 1, 0 }, { 101, 500, true, false, 0, 1 },
		{ 0, 100, true, false, 0, 0 },   { 0, 101, true, false, 0, 1 },
		{ 0, 101, false, false, 0, 0 },  { 0, 101, true, true, 0, 0 },
	};

	for (size_t i = 0; i < SK_LEN(rows); i++) {
		struct demo_world w = { 0 };
		struct object_id id = id_of((uint32_t)i);
		ProtobufCBinaryData data = object_id_data(&id);
		struct demo_request *r = demo_request_add(&w, &data);
		r->due_ms = 100;
		r->answered_ms = rows[i].answered_ms;
		r->open = rows[i].open;
		r->gate = rows[i].gate;
		struct demo_figures f = demo_figures(&w, rows[i].now_ms);
		assert_int_equal(f.in_time, rows[i].in_time);
		assert_int_equal(f.late, rows[i].late);
		assert_int_equal(f.gate_open, rows[i].gate);
		demo_world_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_region_is_that_of_the_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_region_missing_is_said, setup, teardown),
		cmocka_unit_test_setup_teardown(test_make_requests_obey_the_rules_of_intake, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_make_families_have_their_shares, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_make_yesterday_has_the_same_people, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_make_same_seed_same_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_make_full_arena_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cast_without_a_part_is_refused, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_there_is_within_office_hours, setup, teardown),
		cmocka_unit_test(test_there_who_is_on_call_is_there_at_once),
		cmocka_unit_test_setup_teardown(test_calls_have_their_number_and_nights, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_answers_have_their_shares, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fate_turns_before_it_ends, setup, teardown),
		cmocka_unit_test(test_world_finds_what_it_was_given),
		cmocka_unit_test(test_figures_count_the_term_at_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
