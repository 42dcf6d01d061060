/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A client that sends commands and asks again with the same bytes until it has a receipt;
 * it may vanish for hours, ask once more for what is done, or send what no honest client sends. It
 *  remembers each first outcome and holds the daemon to it (L1, I2, I7). */
#include "tests/sim/world.h"

enum op_state {
	OP_OPEN,
	OP_DONE,     /* a receipt with an outcome */
	OP_GIVEN_UP, /* refused at the door: too old, in the future */
};

/** What is wrong with the id, on purpose. */
enum op_wrong { WRONG_NONE, WRONG_TOO_OLD, WRONG_FUTURE, WRONG_REUSED, WRONG_KINDS };

struct op {
	uint8_t id[16];
	struct daemon *to;
	uint8_t *bytes; /* packed Message */
	size_t len;
	enum op_state state;
	enum op_wrong wrong;
	uint64_t made_ms; /* journal time in the id */
	uint32_t sends;
	uint64_t again_us; /* when it is sent next */
	uint64_t restores; /* of the daemon, when the receipt came */
	bool sealed;       /* a receipt with a sequence was seen */
	int outcome, code;
	uint64_t sequence;
	uint32_t version;
	uint8_t object[16];
	uint8_t more[16][16];
	size_t more_len;
	int last_outcome, last_code;                   /* of whatever was heard last */
	void (*done)(struct client *c, struct op *op); /* first receipt; may be NULL */
	uint64_t tag;
};

struct caller {
	struct client client; /* first */
	struct op **op;
	size_t ops, cap;
	uint64_t seen_ms[DAEMONS_MAX]; /* journal time of each one's last answer */
	uint32_t made;
};

void caller_init(struct world *w, struct caller *c, const char *party, uint32_t roles);
/** Takes @p m as a command for @p to: packs it with a fresh id and sends it until it is receipted.
 */
struct op *caller_send(struct caller *c, struct daemon *to, PB(Message) *m, enum op_wrong wrong);
/** Client's view of the time of that daemon. */
uint64_t caller_now_ms(const struct caller *c, const struct daemon *of);
void caller_frame(struct client *c, struct daemon *from, const PB(Frame) *f, const PB(Message) *m);
bool caller_idle(struct client *c);
void caller_done(struct client *c);
/** L1: each receipt that was given stands in the daemon's history, once. */
void caller_check(struct caller *c);
