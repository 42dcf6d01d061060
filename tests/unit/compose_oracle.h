/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  An oracle of the composer that tries every assignment, one by one, and keeps the best;
 * and what the tests of the composer share. It shares no code with the composer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/compose_instance.h"

struct oracle {
	struct pick best;
	bool found;
	/* by mask (bit i: need i): without the rules on the right */
	bool no_lead[1U << COMPOSE_NEEDS_MAX];  /* lead */
	bool no_team[1U << COMPOSE_NEEDS_MAX];  /* lead and size of the team */
	bool no_pairs[1U << COMPOSE_NEEDS_MAX]; /* lead, size and pairs */
};

static struct oracle oracle;

/* Exactly the bytes asked for, so that a sanitizer sees one too many. */
static inline int run_how(const struct compose_problem *p, bool plain,
			  struct compose_team *ret_team)
{
	size_t bytes = 0;
	int err = compose_scratch_bytes(p, &bytes);

	if (err != SK_OK) {
		return err;
	}
	void *mem = malloc(bytes);
	assert_non_null(mem);
	memset(mem, 0xa5, bytes);
	const struct compose_scratch scratch = { mem, bytes };
	err = plain ? compose_run_plain(p, scratch, ret_team) : compose_run(p, scratch, ret_team);
	free(mem);
	return err;
}

static inline int run(const struct compose_problem *p, struct compose_team *ret_team)
{
	return run_how(p, false, ret_team);
}

static inline bool better(const struct compose_problem *p, const struct pick *a,
			  const struct pick *b)
{
	for (uint32_t i = 0; i < p->needs; i++) {
		if ((a->option[i] == NONE) != (b->option[i] == NONE)) {
			return b->option[i] == NONE;
		}
	}
	if (a->cost != b->cost) {
		return a->cost < b->cost;
	}
	if (a->tie != b->tie) {
		return a->tie < b->tie;
	}
	for (uint32_t i = 0; i < p->needs; i++) {
		if (a->option[i] != b->option[i]) {
			return by_id(p, a->option[i], b->option[i]) < 0;
		}
	}
	return false;
}

/* Next assignment in the manner of an odometer: each need counts from NONE through its options.
 * */
static inline bool advance(const struct compose_problem *p, struct pick *k)
{
	for (uint32_t i = 0; i < p->needs; i++) {
		uint32_t next = k->option[i] == NONE ? 0 : k->option[i] + 1;
		while (next < p->options_len && p->options[next].need != i) {
			next++;
		}
		k->option[i] = next < p->options_len ? next : NONE;
		if (k->option[i] != NONE) {
			return true;
		}
	}
	return false;
}

static inline void ask_oracle(const struct compose_problem *p)
{
	struct pick k = { 0 };

	memset(&oracle, 0, sizeof(oracle));
	memset(k.option, 0xff, sizeof(k.option));
	do {
		uint32_t mask = 0;
		judge(p, &k);
		for (uint32_t i = 0; i < p->needs; i++) {
			mask |= k.option[i] != NONE ? 1U << i : 0;
		}
		oracle.no_pairs[mask] |= k.amounts_fit;
		oracle.no_team[mask] |= k.amounts_fit && k.pairs_fit;
		oracle.no_lead[mask] |= k.amounts_fit && k.pairs_fit && k.team_fits;
		if (k.amounts_fit && k.pairs_fit && k.team_fits && k.lead_fits &&
		    (!oracle.found || better(p, &k, &oracle.best))) {
			oracle.best = k;
			oracle.found = true;
		}
	} while (advance(p, &k));
}

static inline enum compose_open oracle_reason(const struct compose_problem *p, uint32_t mask,
					      uint32_t need)
{
	bool offered = false;

	for (size_t i = 0; i < p->options_len; i++) {
		offered |= p->options[i].need == need;
	}
	if ((mask >> need & 1U) != 0) {
		return COMPOSE_SEATED;
	}
	if (!offered) {
		return COMPOSE_NO_OPTION;
	}
	mask |= 1U << need;
	if (oracle.no_lead[mask]) {
		return COMPOSE_NO_LEAD;
	}
	if (oracle.no_team[mask]) {
		return COMPOSE_TEAM_LIMIT;
	}
	return oracle.no_pairs[mask] ? COMPOSE_RULE : COMPOSE_NO_CAPACITY;
}

static inline void assert_as_oracle(const struct compose_problem *p)
{
	struct compose_team t = { 0 };
	uint32_t mask = 0;

	assert_int_equal(run(p, &t), SK_OK);
	ask_oracle(p);
	for (uint32_t i = 0; i < COMPOSE_NEEDS_MAX; i++) {
		assert_int_equal(t.option[i], i < p->needs ? oracle.best.option[i] : NONE);
		mask |= t.option[i] != NONE ? 1U << i : 0;
	}
	assert_int_equal(t.covered, mask);
	assert_int_equal(t.cost, oracle.best.cost);
	assert_int_equal(t.tie, oracle.best.tie);
	assert_int_equal(t.partners_new, oracle.best.newcomers);
	for (uint32_t i = 0; i < p->needs; i++) {
		assert_int_equal(t.open[i], oracle_reason(p, mask, i));
	}
}

/* The same uses of the same pools, whatever their indexes. */
static inline void assert_same_team(const struct compose_problem *a,
				    const struct compose_problem *b)
{
	struct compose_team x = { 0 };
	struct compose_team y = { 0 };

	assert_int_equal(run(a, &x), SK_OK);
	assert_int_equal(run(b, &y), SK_OK);
	assert_int_equal(x.covered, y.covered);
	assert_int_equal(x.cost, y.cost);
	for (uint32_t i = 0; i < a->needs; i++) {
		assert_int_equal(x.open[i], y.open[i]);
		if (x.option[i] == NONE) {
			continue;
		}
		const struct compose_option *o = &a->options[x.option[i]];
		const struct compose_option *q = &b->options[y.option[i]];
		assert_memory_equal(a->pools[o->pool].id, b->pools[q->pool].id, 16);
		assert_int_equal(o->use, q->use);
	}
}
