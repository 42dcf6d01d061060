/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  One service under the real engine, for unit tests of the cores: a real LMDB on memory
 *  (MDB_NOSYNC, 64 MiB), journal segments in buffers, a clock that the test moves. Commands,
 * queries and facts of peers go in as frames, as they do in the daemon; receipts and logs are read
 * back. Every failure of the rig itself ends the test (cmocka fail). rig_free() replays the journal
 *  through the core and compares every effect (L11), so each test checks that too.
 *  Ownership: messages handed out live until rig_free(). Threads: none. */
#include "common/engine.h"

#define RIG_START_MS 1772532000000ULL /* Tuesday 3 March 2026, 10:00 UTC */
#define RIG_SECOND_MS 1000ULL
#define RIG_HOUR_MS 3600000ULL
#define RIG_DAY_MS (24 * RIG_HOUR_MS)

struct rig;

/** Default configuration: zones "westhoek" and "rits", each with duty parties "duty-ZONE",
 *  "standin-ZONE" and network "net-ZONE"; "contactpoint", "contactpoint-2", "coordinator",
 *  "clb" and "police" (requesters), "facility-a", "facility-b", "facility-c", "family", "operator",
 *  "dashboard", "government", "school" (basic support), "court" (mandated); each is an organisation
 * of its own but "facility-b2", which is of facility-b. All settings at their default, expertise
 * codes 1 to 64. */
struct rig *rig_new(const struct service *svc);
/** The same on a demo node: journal time stands still between commands that move it. */
struct rig *rig_new_demo(const struct service *svc);
/** Closes, replays, compares, removes. NULL is a no-op. */
void rig_free(struct rig *r);

/** The configuration in force; change it and hand it to rig_config(). */
PB(ConfigApplied) *rig_conf(struct rig *r);
void rig_config(struct rig *r);
/** Sets one setting and applies the configuration. */
void rig_set(struct rig *r, enum setting which, uint64_t value);

uint64_t rig_now(const struct rig *r);
/** Moves the clock; due rows run at their own time, in order. */
void rig_advance(struct rig *r, uint64_t ms);

/** Sends a command as @p party and returns its receipt. The same id is never used twice. */
PB(Receipt) *rig_command(struct rig *r, const char *party, PB(Message) *m);
/** The same bytes as the last command once more. */
PB(Receipt) *rig_again(struct rig *r, const char *party);
/** @return the answer: a view, or a receipt when it was refused. */
PB(Message) *rig_query(struct rig *r, const char *party, PB(Message) *m);
/** The next entry in the log of @p peer for this daemon. @return true: stepped, false: quarantined.
 */
bool rig_fact(struct rig *r, const char *peer, PB(Message) *m);
/** The peer, which was heard before, came back from an old copy: the inventory for it is sent. */
void rig_peer_restored(struct rig *r, const char *peer);
/** The daemon itself finds that it comes from an old copy (what it knows is what that held): it
 *  awaits the inventories of the peers it reads, which have begun. Items count from here on. */
void rig_restored(struct rig *r);
/** Their inventories are at their end: business again. */
void rig_reconciled(struct rig *r);
/** Why the fact before was set aside: its code, and its field. */
PB(Refusal) rig_fault(const struct rig *r, const char **ret_field);

/** The next unread entry of our log for @p to, or NULL. */
PB(Message) *rig_next(struct rig *r, const char *to);
/** The next unread one with that body; those before it are passed over. */
PB(Message) *rig_next_of(struct rig *r, const char *to, PB(Message__BodyCase) body);
/** Passes over everything that was emitted until now, in all logs. */
void rig_skip(struct rig *r);
/** Entries of our log for @p to with that body since the last rig_skip(), read or not. */
size_t rig_count(struct rig *r, const char *to, PB(Message__BodyCase) body);

/** The open transaction, to look into tables: read only. */
struct store_txn *rig_txn(struct rig *r);
/** Rows of a table. */
size_t rig_rows(struct rig *r, uint8_t table);
/** Due rows of a kind. */
size_t rig_due(struct rig *r, uint8_t kind);
/** Stops and opens again from the store and the journal: the digest must be the same. */
void rig_reopen(struct rig *r);
/** Steps one handler or function of the core by hand in a child that is then undone. */
int rig_try(struct rig *r, int (*fn)(struct step *s, void *ctx), void *ctx);

/** Gives it to the daemon as its own optimiser does: an input, in the journal like any other. */
void rig_plan(struct rig *r, PB(PlanProposed) *plan);

/** An object id that no service makes: for facts of peers. */
struct object_id rig_id(uint32_t number);
