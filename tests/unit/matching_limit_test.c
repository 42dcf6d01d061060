/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: what a partner may state. Each bound at its limit and one past it; refusals name the
 * field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))

/* --- PutCapacity --- */

struct put {
	PB(PutCapacity) c;
	PB(PoolUse) use[MATCH_USES_MAX + 1];
	PB(PoolUse) *uses[MATCH_USES_MAX + 1];
	uint32_t expertises[MATCH_USE_EXPERTISES_MAX + 1];
	char *zones[MATCH_USE_ZONES_MAX + 1];
	char *languages[MATCH_LANGUAGES_MAX + 1];
	uint32_t position[3];
};

static char *str(const char *s)
{
	return (char *)(uintptr_t)s;
}

static void put_init(struct put *p)
{
	*p = (struct put){ .c = PB_INIT(PUT_CAPACITY) };
	p->c.pool = str("pool-a");
	p->c.unit = UNITS(PLACE);
	p->c.staffed = 1;
	p->c.uses = p->uses;
	p->c.n_uses = 1;
	for (uint32_t i = 0; i < SK_LEN(p->expertises); i++) {
		p->expertises[i] = i + 1;
	}
	for (size_t i = 0; i < SK_LEN(p->zones); i++) {
		p->zones[i] = str("westhoek");
	}
	for (size_t i = 0; i < SK_LEN(p->languages); i++) {
		p->languages[i] = str("nl");
	}
	for (uint32_t i = 0; i < SK_LEN(p->uses); i++) {
		PB(PoolUse) *u = &p->use[i];
		schakel__v1__pool_use__init(u);
		u->use = i + 1;
		u->expertises = p->expertises;
		u->n_expertises = 1;
		u->zones = p->zones;
		u->n_zones = 1;
		u->languages = p->languages;
		u->modality = MODE(AMBULANT);
		u->access = SCHAKEL__V1__ACCESS__ACCESS_DIRECT;
		u->age_to = 18;
		u->cost_units = 1;
		p->uses[i] = u;
	}
	p->c.position_m = p->position;
}

static PB(Receipt) *put(struct rig *r, struct put *p)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(PUT_CAPACITY);
	m.put_capacity = &p->c;
	return rig_command(r, "facility-a", &m);
}

/** One number of a statement: the last value that is taken, and the one past it. */
struct bound {
	size_t offset; /* of a uint32_t or size_t in struct put */
	bool is_size;
	uint64_t last;
	uint64_t past;
	PB(Refusal) code;
	const char *field;
};

#define NUMBER(member, last, past, code, field)                                      \
	{                                                                            \
		offsetof(struct put, member), false, last, past, REFUSE(code), field \
	}
#define SIZE(member, last, past, code, field)                                       \
	{                                                                           \
		offsetof(struct put, member), true, last, past, REFUSE(code), field \
	}

static void set(struct put *p, const struct bound *b, uint64_t value)
{
	uint8_t *at = (uint8_t *)p + b->offset;
	uint32_t number = (uint32_t)value;
	size_t size = (size_t)value;

	memcpy(at, b->is_size ? (const void *)&size : (const void *)&number,
	       b->is_size ? sizeof(size) : sizeof(number));
}

static void test_capacity_each_number_at_its_bound(void **state)
{
	static const struct bound bounds[] = {
		NUMBER(c.staffed, MATCH_UNITS_MAX, MATCH_UNITS_MAX + 1, OUT_OF_RANGE, "staffed"),
		NUMBER(c.total, MATCH_UNITS_MAX, MATCH_UNITS_MAX + 1, OUT_OF_RANGE, "total"),
		NUMBER(c.funded, MATCH_UNITS_MAX, MATCH_UNITS_MAX + 1, OUT_OF_RANGE, "funded"),
		NUMBER(c.used_elsewhere, MATCH_UNITS_MAX, MATCH_UNITS_MAX + 1, OUT_OF_RANGE,
		       "used_elsewhere"),
		SIZE(c.n_uses, MATCH_USES_MAX, MATCH_USES_MAX + 1, TOO_MANY, "uses"),
		SIZE(c.n_uses, 1, 0, MISSING, "uses"),
		SIZE(c.n_position_m, 2, 3, OUT_OF_RANGE, "position_m"),
		NUMBER(use[0].use, MATCH_USE_NUMBER_MAX, MATCH_USE_NUMBER_MAX + 1, OUT_OF_RANGE,
		       "uses[0].use"),
		NUMBER(use[0].use, 1, 0, OUT_OF_RANGE, "uses[0].use"),
		SIZE(use[0].n_expertises, MATCH_USE_EXPERTISES_MAX, MATCH_USE_EXPERTISES_MAX + 1,
		     TOO_MANY, "uses[0].expertises"),
		SIZE(use[0].n_expertises, 1, 0, TOO_MANY, "uses[0].expertises"),
		NUMBER(expertises[0], 64, 65, UNKNOWN_CODE, "uses[0].expertises"),
		SIZE(use[0].n_zones, MATCH_USE_ZONES_MAX, MATCH_USE_ZONES_MAX + 1, TOO_MANY,
		     "uses[0].zones"),
		SIZE(use[0].n_languages, MATCH_LANGUAGES_MAX, MATCH_LANGUAGES_MAX + 1, TOO_MANY,
		     "uses[0].languages"),
		NUMBER(use[0].age_to, MATCH_AGE_MAX, MATCH_AGE_MAX + 1, OUT_OF_RANGE,
		       "uses[0].age_to"),
		NUMBER(use[0].age_from, 18, 19, OUT_OF_RANGE, "uses[0].age_to"),
		NUMBER(use[0].cost_units, MATCH_COST_UNITS_MAX, MATCH_COST_UNITS_MAX + 1,
		       OUT_OF_RANGE, "uses[0].cost_units"),
		NUMBER(use[0].cost_units, 1, 0, OUT_OF_RANGE, "uses[0].cost_units"),
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(bounds); i++) {
		for (int past = 0; past < 2; past++) {
			struct rig *r = world_new();
			struct put p;
			put_init(&p);
			set(&p, &bounds[i], past == 1 ? bounds[i].past : bounds[i].last);
			const PB(Receipt) *receipt = put(r, &p);
			if (past == 0) {
				ACCEPT(receipt);
			} else {
				assert_int_equal(receipt->code, bounds[i].code);
				assert_string_equal(receipt->field, bounds[i].field);
				assert_null(pool_rec(r, "pool-a"));
			}
			world_free(r);
		}
	}
}

/** What a pass has to merge is bounded as a whole: eight uses of two expertises in 64 zones. */
static void test_capacity_streams_at_their_bound(void **state)
{
	struct rig *r = world_new();
	struct put p;

	(void)state;
	put_init(&p);
	p.c.n_uses = MATCH_USES_MAX;
	for (size_t i = 0; i < MATCH_USES_MAX; i++) {
		p.use[i].n_expertises = 2;
		p.use[i].n_zones = MATCH_USE_ZONES_MAX;
	}
	ACCEPT(put(r, &p));
	p.use[0].n_expertises = 3;
	p.c.based_on = 1;
	assert_string_equal(put(r, &p)->field, "uses");
	world_free(r);
}

struct wrong {
	void (*make)(struct put *p, uint64_t now_ms);
	PB(Refusal) code;
	const char *field;
};

static void wrong_name(struct put *p, uint64_t now_ms)
{
	(void)now_ms;
	p->c.pool = str("Pool A");
}
static void wrong_role_name(struct put *p, uint64_t now_ms)
{
	(void)now_ms;
	p->c.pool = str("@events");
}
static void wrong_partner(struct put *p, uint64_t now_ms)
{
	(void)now_ms;
	p->c.partner = str("facility-b");
}
static void wrong_unit(struct put *p, uint64_t now_ms)
{
	(void)now_ms;
	p->c.unit = 0;
}
static void wrong_base(struct put *p, uint64_t now_ms)
{
	(void)now_ms;
	p->c.based_on = 3;
}
static void wrong_total(struct put *p, uint64_t now_ms)
{
	(void)now_ms;
	p->c.total = 2;
	p->c.staffed = 3;
}
static void wrong_until(struct put *p, uint64_t now_ms)
{
	p->c.until_ms = now_ms;
}
static void wrong_until_before_from(struct put *p, uint64_t now_ms)
{
	p->c.from_ms = now_ms + 2000;
	p->c.until_ms = now_ms + 1000;
}
static void wrong_from(struct put *p, uint64_t now_ms)
{
	p->c.from_ms = now_ms + (MATCH_AHEAD_DAYS_MAX + 1) * RIG_DAY_MS;
}
static void wrong_observed(struct put *p, uint64_t now_ms)
{
	p->c.observed_at_ms = now_ms + 700000;
}
static void wrong_zone(struct put *p, uint64_t now_ms)
{
	(void)now_ms;
	p->zones[0] = str("nowhere");
}
static void wrong_language(struct put *p, uint64_t now_ms)
{
	(void)now_ms;
	p->use[0].n_languages = 1;
	p->languages[0] = str("nld");
}
static void wrong_modality(struct put *p, uint64_t now_ms)
{
	(void)now_ms;
	p->use[0].modality = 0;
}
static void wrong_access(struct put *p, uint64_t now_ms)
{
	(void)now_ms;
	p->use[0].access = 0;
}
static void wrong_twice(struct put *p, uint64_t now_ms)
{
	(void)now_ms;
	p->c.n_uses = 2;
	p->use[1].use = 1;
}
static void wrong_municipality(struct put *p, uint64_t now_ms)
{
	(void)now_ms;
	p->c.municipality = str("12345678901234567890123456789012");
}

static void test_capacity_refusals_name_the_field(void **state)
{
	static const struct wrong wrongs[] = {
		{ wrong_name, REFUSE(MALFORMED), "pool" },
		{ wrong_role_name, REFUSE(MALFORMED), "pool" },
		{ wrong_partner, REFUSE(NOT_YOURS), "partner" },
		{ wrong_unit, REFUSE(MISSING), "unit" },
		{ wrong_base, REFUSE(UNKNOWN_OBJECT), "pool" },
		{ wrong_total, REFUSE(CONTRADICTS), "staffed" },
		{ wrong_until, REFUSE(OUT_OF_RANGE), "until_ms" },
		{ wrong_until_before_from, REFUSE(OUT_OF_RANGE), "until_ms" },
		{ wrong_from, REFUSE(OUT_OF_RANGE), "from_ms" },
		{ wrong_observed, REFUSE(OUT_OF_RANGE), "observed_at_ms" },
		{ wrong_zone, REFUSE(UNKNOWN_OBJECT), "uses[0].zones" },
		{ wrong_language, REFUSE(UNKNOWN_CODE), "uses[0].languages" },
		{ wrong_modality, REFUSE(UNKNOWN_CODE), "uses[0].modality" },
		{ wrong_access, REFUSE(UNKNOWN_CODE), "uses[0].access" },
		{ wrong_twice, REFUSE(CONTRADICTS), "uses[1].use" },
		{ wrong_municipality, REFUSE(OUT_OF_RANGE), "municipality" },
	};
	struct rig *r = world_new();

	(void)state;
	for (size_t i = 0; i < SK_LEN(wrongs); i++) {
		struct put p;
		put_init(&p);
		wrongs[i].make(&p, rig_now(r));
		const PB(Receipt) *receipt = put(r, &p);
		assert_int_equal(receipt->code, wrongs[i].code);
		assert_string_equal(receipt->field, wrongs[i].field);
	}
	assert_int_equal(rig_rows(r, T_POOL), 0);
	world_free(r);
}

/** A statement against an older version: the partner gets the new picture, nothing changes. */
static void test_capacity_on_older_version_conflicts(void **state)
{
	struct rig *r = world_new();
	uint32_t seen = 1;

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 2 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 3 }));
	const PB(Receipt) *receipt = put_pool(
		r, &(struct pool_spec){ .name = "pool-a", .staffed = 9, .based_on = &seen });
	assert_int_equal(receipt->code, REFUSE(CONFLICT));
	assert_int_equal(receipt->version, 2);
	assert_int_equal(receipt->holds_now->free, 3);
	assert_int_equal(pool_rec(r, "pool-a")->staffed, 3);
	struct pool_spec other = { .name = "pool-a", .unit = UNITS(BED), .staffed = 1 };
	assert_string_equal(put_pool(r, &other)->field, "unit");
	struct pool_spec theirs = { .name = "pool-a", .partner = "facility-b", .staffed = 1 };
	assert_int_equal(put_pool(r, &theirs)->code, REFUSE(NOT_YOURS));
	struct pool_spec noted = { .name = "pool-a", .by = "contactpoint", .staffed = 1 };
	ACCEPT(put_pool(r, &noted));
	struct pool_spec nobody = { .name = "pool-n", .partner = "nobody", .by = "coordinator" };
	assert_string_equal(put_pool(r, &nobody)->field, "partner");
	world_free(r);
}

static void test_pools_of_a_partner_at_their_bound(void **state)
{
	struct rig *r = world_new();
	char name[16];

	(void)state;
	for (unsigned i = 0; i <= MATCH_POOLS_PER_PARTNER_MAX; i++) {
		(void)snprintf(name, sizeof(name), "pool-%u", i);
		const PB(Receipt) *receipt =
			put_pool(r, &(struct pool_spec){ .name = name, .staffed = 1 });
		if (i < MATCH_POOLS_PER_PARTNER_MAX) {
			ACCEPT(receipt);
		} else {
			assert_int_equal(receipt->code, REFUSE(TOO_MANY));
		}
	}
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_capacity_each_number_at_its_bound),
		cmocka_unit_test(test_capacity_streams_at_their_bound),
		cmocka_unit_test(test_capacity_refusals_name_the_field),
		cmocka_unit_test(test_capacity_on_older_version_conflicts),
		cmocka_unit_test(test_pools_of_a_partner_at_their_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
