/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  All that a core may touch: tables of the transaction it was given, its logs, its due
 * rows. No clock, socket, file, log, environment or randomness is reachable from here (DESIGN 2).
 *  Ownership: everything is borrowed for the duration of one step. Threads: none. Blocks: never. */
#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/err.h"
#include "common/key.h"
#include "common/settings.h"
#include "common/store.h"
#include "schakel/v1/frame.pb-c.h"

/* Short names for generated types; enum values keep their generated names. */
#define PB(type) Schakel__V1__##type
#define PB_INIT(TYPE) SCHAKEL__V1__##TYPE##__INIT
#define BODY(NAME) SCHAKEL__V1__MESSAGE__BODY_##NAME

#define EVENTS_LOG "@events"
#define INCARNATION_VERSION_BITS 16 /* versions of one object within one incarnation */
#define ROLE_BIT(NAME) (1U << SCHAKEL__V1__ROLE__ROLE_##NAME)

/** Authenticated sender. */
struct party {
	char id[PARTY_ID_LEN_MAX + 1];
	uint32_t roles; /* bits of ROLE_BIT() */
};

/** What became of the message. Texts nl and en come from the code's table, outside. */
struct outcome {
	PB(Outcome) kind; /* ACCEPTED unless the step says otherwise */
	PB(Refusal) code;
	char field[80]; /* of the message that breaks the rule, as written in the schema */
	struct object_id object;
	char short_code[SHORT_CODE_LEN + 1];
	uint32_t version;
	PB(Event) *holds_now;   /* in the arena */
	struct object_id *more; /* in the arena */
	size_t more_len;
};

#define STEP_HEADS_MAX 8
/** Head of a log that this step writes to: read at the first entry, written at the end. */
struct step_head {
	char log[PARTY_ID_LEN_MAX + 1];
	uint64_t sequence;
	uint64_t bytes;
};

struct config_index;
struct engine;

struct step {
	struct store_txn *txn;           /* borrowed; the engine commits or aborts */
	struct arena *arena;             /* borrowed; the engine resets it after the step */
	void *index;                     /* borrowed caches of the service: read-only for a core */
	const struct config_index *conf; /* the configuration that was applied last */
	struct outcome *out;
	struct party from;
	uint64_t now_ms;       /* journal time, UTC; chosen by the engine */
	uint64_t sequence;     /* of this input */
	struct engine *engine; /* for the functions below only */
	uint32_t next_ordinal;
	uint32_t emitted;
	uint32_t heads_made; /* logs that this step begins */
	uint32_t emits_max;
	uint32_t page_most; /* items in one page of a query; falls until the answer fits a frame */
	ProtobufCBinaryData cause; /* id of the message being stepped */
	bool isolated;        /* restored from an old copy, peers not yet heard: grant nothing */
	uint32_t incarnation; /* number of the one in force */
	struct step_head heads[STEP_HEADS_MAX];
	uint32_t heads_len;
};

/** The version of an object of ours behind @p version. What the part that an old copy lost had told
 *  of it had versions that we do not know, and readers pass over what is not newer than they know:
 *  so each incarnation gives higher ones than the one before. */
static inline uint32_t step_next_version(const struct step *s, uint32_t version)
{
	uint32_t lost = (s->incarnation - 1) << INCARNATION_VERSION_BITS;

	return (version > lost ? version : lost) + 1;
}

/* --- outcomes: `return step_refuse(...)` ends a handler; the child is undone --- */

/** @p field is printf-like ("needs[%u].expertise"). @return SK_EREFUSED, here where a checker of
 * one file sees that it is never SK_OK. */
#define step_refuse(s, code, ...) (step_say_refused(s, code, __VA_ARGS__), SK_EREFUSED)
void step_say_refused(struct step *s, PB(Refusal) code, const char *field, ...)
	__attribute__((format(printf, 3, 4)));
/** A crossing: nothing changes, the sender is told what holds now (may be NULL). @return
 * SK_EREFUSED. */
int step_late(struct step *s, PB(Event) *holds_now);
/** The sender saw an older version. @return SK_EREFUSED with code CONFLICT. */
int step_conflict(struct step *s, uint32_t version, PB(Event) *holds_now);
/** What the receipt names as made or touched. */
void step_result(struct step *s, const struct object_id *id, uint32_t version);

/* --- ids, keyed hashes --- */

struct object_id step_new_id(struct step *s);
/** The short form that people see: 10 characters of Crockford's base 32, keyed, not guessable. */
void step_short_code(struct step *s, const struct object_id *id, char ret_code[SHORT_CODE_LEN + 1]);
/** The object of that code in a table whose keys are ids. False: none, or more than one. */
bool step_by_short_code(struct step *s, uint8_t table, const char *code, struct object_id *ret_id);
/** A number fixed by the id and a secret of the store: for lotteries. */
uint64_t step_lottery(struct step *s, const struct object_id *id);

/* --- records: protobuf messages in tables --- */

/** @return the record in the arena, or NULL: not there, or s->txn->err is set. */
void *step_get(struct step *s, uint8_t table, const struct key *k,
	       const ProtobufCMessageDescriptor *type);
void step_put(struct step *s, uint8_t table, const struct key *k, const void *record);
void step_del(struct step *s, uint8_t table, const struct key *k);
/** A row without a value (an index entry). */
void step_mark(struct step *s, uint8_t table, const struct key *k);
/** Decodes a value of store_next() into the arena; NULL sets the sticky error. */
void *step_unpack(struct step *s, struct slice val, const ProtobufCMessageDescriptor *type);
/** Zeroed memory of the arena; on NULL the sticky error is set. */
void *step_alloc(struct step *s, size_t bytes);
char *step_strdup(struct step *s, const char *str);
/** The request as a view may show it: whom its children know, and where their brothers and sisters
 * are helped, is for the order and the match alone. NULL: the arena is full (sticky). */
PB(RequestFact) *step_request_shown(struct step *s, const PB(RequestFact) *of);
/** A copy of the id in the arena as protobuf bytes. */
ProtobufCBinaryData step_id_data(struct step *s, const struct object_id *id);

/* --- logs --- */

/** Appends to the log of @p to (a daemon, a party, or EVENTS_LOG); readers get it once it is
 *  durable. Fills id, causation and time. More than the handler's emits_max is a broken invariant.
 */
void step_emit(struct step *s, const char *to, PB(Message) *m);
/** The same for the role log of events; @p e is copied. */
void step_event(struct step *s, PB(Event) *e);

/* --- timers: rows that the engine hands back through service.on_due, in order of time --- */

void step_due(struct step *s, uint64_t due_ms, uint8_t kind, const struct object_id *id,
	      uint32_t extra);
void step_undue(struct step *s, uint64_t due_ms, uint8_t kind, const struct object_id *id,
		uint32_t extra);

/* --- configuration --- */

uint64_t step_setting(const struct step *s, enum setting which);
const PB(Zone) *step_zone(const struct step *s, const char *id);
const PB(Party) *step_party(const struct step *s, const char *id);
const PB(ExpertiseCode) *step_expertise(const struct step *s, uint32_t number);
const PB(ConfigApplied) *step_config(const struct step *s);
bool step_party_has_role(const struct step *s, const char *party, PB(Role) role);
