/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A daemon that is only rows: steps written by hand, shown to the judge of the simulator.
 *  A step is opened, rows are put and deleted, entries are emitted, and the step is applied as one
 *  input; then the test asks which law the judge found broken first.
 *  Ownership: case_new() to case_free(). Errors end the test (cmocka fail). */
#include "tests/sim/laws_model.h"

#define CASE_START_MS 1772532000000ULL /* Tuesday 3 March 2026, 11:00 in Brussels */
#define CASE_HOUR_MS 3600000ULL

struct law_case;

/** With a configuration: zone "westhoek", parties as in core_rig.h. */
struct law_case *case_new(int daemon);
void case_free(struct law_case *c);
struct laws *case_laws(struct law_case *c);
uint64_t case_now(const struct law_case *c);
void case_advance(struct law_case *c, uint64_t ms);

void case_begin(struct law_case *c);
/** @p record NULL: an index row. */
void case_put(struct law_case *c, uint8_t table, const struct key *k, const void *record);
void case_del(struct law_case *c, uint8_t table, const struct key *k);
void case_due(struct law_case *c, uint64_t due_ms, uint8_t kind, const struct object_id *id);
void case_undue(struct law_case *c, uint64_t due_ms, uint8_t kind, const struct object_id *id);
void case_emit(struct law_case *c, const char *to, PB(Message) *m);
void case_outcome(struct law_case *c, PB(Outcome) outcome);
/** The judge is not shown the effects of this step. */
void case_hide(struct law_case *c);
/** The next fact moves its cursor by so many entries (0: not at all); 1 is right. */
void case_stride(struct law_case *c, uint64_t entries);

/** Ends the step: a command of @p party, a fact when it is a daemon, a Tick when @p in is NULL. */
void case_apply(struct law_case *c, const char *party, PB(Message) *in);
/** A message with the id of the last one is applied. */
void case_again(struct law_case *c);
/** What the judge says of the state as it is, compared with the store. */
void case_look(struct law_case *c);
/** The end of a run in which the two other daemons know nothing. */
void case_finish(struct law_case *c);
/** The daemon starts again at @p sequence with the state as it is. */
void case_restart(struct law_case *c, uint64_t sequence);
uint64_t case_sequence(const struct law_case *c);

/** The law that was broken first since case_begin(), "" when none was. */
const char *case_law(const struct law_case *c);
#define assert_law(c, law) assert_string_equal(case_law(c), law)
#define assert_lawful(c) assert_string_equal(case_law(c), "")

/** Id number @p n. */
struct object_id case_id(uint32_t n);
