/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/sim/caller.h"

#include <stdlib.h>
#include <string.h>

#define U(v) ((unsigned long long)(v))
#define OUTCOME(NAME) SCHAKEL__V1__OUTCOME__OUTCOME_##NAME
#define CODE(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME
#define AGAIN_MIN_US 100000ULL
#define AGAIN_MAX_US (8 * SIM_SECOND_US)

uint64_t caller_now_ms(const struct caller *c, const struct daemon *of)
{
	/* A client without a clock of its own to trust makes ids from the last time it was told. */
	uint64_t seen = c->seen_ms[of->node];

	return seen != 0 ? seen : world_wall_ms(c->client.w);
}

static void send_now(struct caller *c, struct op *op)
{
	PB(Frame) f = PB_INIT(FRAME);

	f.message = (ProtobufCBinaryData){ op->len, op->bytes };
	op->sends++;
	client_send(&c->client, op->to, &f);
}

static void again(struct world *w, void *ctx, uint64_t n);

static void plan(struct caller *c, struct op *op, uint64_t after_us)
{
	struct world *w = c->client.w;

	op->again_us = w->now_us + after_us;
	for (size_t i = 0; i < c->ops; i++) {
		if (c->op[i] == op) {
			world_at(w, op->again_us, again, c, i);
		}
	}
}

static void again(struct world *w, void *ctx, uint64_t n)
{
	struct caller *c = ctx;
	struct op *op = c->op[n];
	uint64_t wait = AGAIN_MIN_US << (op->sends < 7 ? op->sends : 7);

	if (op->wrong == WRONG_REUSED && op->to->restores > 0) {
		op->state = OP_GIVEN_UP; /* the other one may be gone: then this one is the first */
	}
	if (w->now_us < op->again_us || (op->state != OP_OPEN && w->phase_b)) {
		return;
	}
	send_now(c, op);
	if (op->state != OP_OPEN) {
		return; /* asked once more for what is known: the answer must be the same */
	}
	if (!w->phase_b && rng_chance(&w->rng, w->opt.vanish)) {
		wait = 30 * SIM_SECOND_US; /* gone; the world may sleep for days meanwhile */
	}
	plan(c, op, (wait < AGAIN_MAX_US ? wait : AGAIN_MAX_US) + rng_below(&w->rng, 50000));
}

static void make_id(struct caller *c, struct op *op)
{
	struct world *w = c->client.w;
	uint64_t ms = caller_now_ms(c, op->to);
	uint8_t luck[10];

	if (op->wrong == WRONG_TOO_OLD) {
		ms -= 33 * SIM_DAY_MS;
	} else if (op->wrong == WRONG_FUTURE) {
		ms += SIM_DAY_MS;
	}
	rng_fill(&w->rng, luck, sizeof(luck));
	be32_write(luck + 6, ++c->made);
	op->made_ms = ms;
	wire_id_make(ms, luck, op->id);
}

struct op *caller_send(struct caller *c, struct daemon *to, PB(Message) *m, enum op_wrong wrong)
{
	struct op *op = sim_alloc(sizeof(*op));
	const struct op *other = NULL;

	op->to = to;
	op->wrong = wrong;
	make_id(c, op);
	if (wrong == WRONG_REUSED) {
		other = c->ops == 0 ? NULL : c->op[rng_below(&c->client.w->rng, c->ops)];
		if (other == NULL || other->to != to || !other->sealed) {
			op->wrong = WRONG_NONE;
		} else {
			memcpy(op->id, other->id, sizeof(op->id));
			op->made_ms = other->made_ms;
		}
	}
	m->id = (ProtobufCBinaryData){ sizeof(op->id), op->id };
	m->time_ms = caller_now_ms(c, to);
	op->len = schakel__v1__message__get_packed_size(m);
	op->bytes = sim_alloc(op->len);
	(void)schakel__v1__message__pack(m, op->bytes);
	if (op->wrong == WRONG_REUSED && op->len == other->len &&
	    memcmp(op->bytes, other->bytes, op->len) == 0) {
		op->wrong =
			WRONG_NONE; /* the very same, said in the same millisecond: sent again */
	}
	m->id = (ProtobufCBinaryData){ 0 };
	if (c->ops == c->cap) {
		c->cap = c->cap == 0 ? 32 : c->cap * 2;
		c->op = sim_grow(c->op, c->cap * sizeof(struct op *));
	}
	c->op[c->ops++] = op;
	send_now(c, op);
	plan(c, op, AGAIN_MIN_US);
	return op;
}

/* --- answers --- */

static void keep_receipt(struct op *op, const PB(Receipt) *r, int outcome)
{
	op->outcome = outcome;
	op->code = (int)r->code;
	op->sequence = r->sequence;
	op->version = r->version;
	op->restores = op->to->restores;
	op->sealed = true;
	if (r->object_id.len == sizeof(op->object)) {
		memcpy(op->object, r->object_id.data, sizeof(op->object));
	}
	op->more_len = 0;
	for (size_t i = 0; i < r->n_object_ids && i < SK_LEN(op->more); i++) {
		memcpy(op->more[op->more_len++], r->object_ids[i].data, sizeof(op->more[0]));
	}
}

static void compare(struct caller *c, const struct op *op, const PB(Receipt) *r, int outcome)
{
	bool same_object = r->object_id.len == 0 ||
			   memcmp(op->object, r->object_id.data, sizeof(op->object)) == 0;

	if (op->restores != op->to->restores) {
		return; /* an old copy may have taken what was said */
	}
	if (outcome != op->outcome || (int)r->code != op->code || r->sequence != op->sequence ||
	    r->version != op->version || !same_object) {
		world_fail(c->client.w,
			   "I7: %s got outcome %d code %d input %llu, then %d code %d input %llu",
			   c->client.party.id, op->outcome, op->code, U(op->sequence), outcome,
			   (int)r->code, U(r->sequence));
	}
}

static bool is_aged(const PB(Receipt) *r)
{
	return r->code == CODE(ID_TOO_OLD) || r->code == CODE(ID_IN_FUTURE);
}

/** Other bytes under a used id, of one who has no role for them: that is looked at first. */
static bool no_role(const struct op *op, const PB(Receipt) *r)
{
	return op->wrong == WRONG_REUSED && r->code == CODE(UNAUTHORISED);
}

/** Refused at the door: it must never have been stepped, now or before. */
static void at_the_door(struct caller *c, struct op *op, const PB(Receipt) *r)
{
	struct world *w = c->client.w;
	const struct record_kept *k = ledger_find(&op->to->ledger, c->client.party.id, op->id);
	bool reused = r->code == CODE(ID_REUSED);

	if (!is_aged(r) && !no_role(op, r) && reused != (op->wrong == WRONG_REUSED) &&
	    op->restores == op->to->restores) {
		world_fail(w, "I7: %s: an id %s", c->client.party.id,
			   reused ? "of its own is called another's" : "of another is taken");
	}
	if (k != NULL && !reused && !is_aged(r) && !no_role(op, r)) {
		world_fail(w, "I7: %s: input %llu was applied, now it is refused with %d",
			   c->client.party.id, U(k->sequence), (int)r->code);
	}
	if (r->code == CODE(ID_TOO_OLD) && op->made_ms + 30 * SIM_DAY_MS >= r->time_ms) {
		world_fail(w, "%s: an id of %llu is too old at %llu", c->client.party.id,
			   U(op->made_ms), U(r->time_ms));
	}
	if (r->code == CODE(ID_IN_FUTURE) && op->made_ms <= r->time_ms + 600000) {
		world_fail(w, "%s: an id of %llu lies ahead of %llu", c->client.party.id,
			   U(op->made_ms), U(r->time_ms));
	}
	op->state = OP_GIVEN_UP;
}

static void take_receipt(struct caller *c, struct op *op, const PB(Receipt) *r)
{
	struct world *w = c->client.w;
	bool again_told = r->outcome == OUTCOME(DUPLICATE);
	int outcome = again_told ? (int)r->first : (int)r->outcome;

	op->last_outcome = (int)r->outcome;
	op->last_code = (int)r->code;
	if (r->outcome == OUTCOME(BUSY)) {
		if (op->state == OP_OPEN && op->sends < 100) {
			plan(c, op, (uint64_t)r->retry_after_ms * 1000);
		}
		return;
	}
	if (r->sequence == 0) {
		if (op->state == OP_OPEN) {
			at_the_door(c, op, r);
		}
		return;
	}
	if (op->wrong == WRONG_REUSED && op->restores == op->to->restores) {
		/* The receipt answers the id: it is that of the other bytes. */
		return;
	}
	if (op->sealed) {
		compare(c, op, r, outcome);
	}
	if (w->scenario->acknowledged != NULL) {
		w->scenario->acknowledged(w, op->to, r->sequence);
	}
	bool first = op->state == OP_OPEN;
	keep_receipt(op, r, outcome);
	op->state = OP_DONE;
	if (first && op->done != NULL) {
		op->done(&c->client, op);
	}
	if (first && rng_chance(&w->rng, w->opt.resend)) {
		plan(c, op, rng_log(&w->rng, 1000, 20 * SIM_SECOND_US));
	}
}

void caller_frame(struct client *client, struct daemon *from, const PB(Frame) *f,
		  const PB(Message) *m)
{
	struct caller *c = (struct caller *)client;

	(void)f;
	if (m == NULL || m->body_case != BODY(RECEIPT)) {
		return;
	}
	uint64_t *seen = &c->seen_ms[from->node];
	if (m->receipt->time_ms > *seen || m->receipt->sequence == 0) {
		*seen = m->receipt->time_ms;
	}
	/* Several may have one id, on purpose: a refusal of other bytes is theirs who reused it. */
	bool reused = m->receipt->code == CODE(ID_REUSED);
	bool aged = is_aged(m->receipt);
	for (size_t i = 0; i < c->ops; i++) {
		struct op *op = c->op[i];
		if (op->to == from && m->correlation.len == sizeof(op->id) &&
		    memcmp(m->correlation.data, op->id, sizeof(op->id)) == 0 &&
		    (aged || no_role(op, m->receipt) || reused == (op->wrong == WRONG_REUSED))) {
			take_receipt(c, op, m->receipt);
		}
	}
}

bool caller_idle(struct client *client)
{
	const struct caller *c = (const struct caller *)client;

	for (size_t i = 0; i < c->ops; i++) {
		if (c->op[i]->state == OP_OPEN) {
			return false;
		}
	}
	return true;
}

static void say(struct client *client)
{
	const struct caller *c = (const struct caller *)client;

	for (size_t i = 0; i < c->ops; i++) {
		const struct op *op = c->op[i];
		if (op->state == OP_OPEN) {
			world_trace(client->w,
				    "  command %zu for %s: wrong %d, sent %u, last %d/%d", i,
				    op->to->svc->name, (int)op->wrong, op->sends, op->last_outcome,
				    op->last_code);
		}
	}
}

void caller_done(struct client *client)
{
	struct caller *c = (struct caller *)client;

	for (size_t i = 0; i < c->ops; i++) {
		free(c->op[i]->bytes);
		free(c->op[i]);
	}
	free(c->op);
	free(c);
}

void caller_check(struct caller *c)
{
	for (size_t i = 0; i < c->ops; i++) {
		const struct op *op = c->op[i];
		const struct record_kept *k = ledger_at(&op->to->ledger, op->sequence);
		if (!op->sealed || op->restores != op->to->restores) {
			continue;
		}
		if (k == NULL || memcmp(k->id, op->id, sizeof(op->id)) != 0 ||
		    strcmp(k->party, c->client.party.id) != 0) {
			world_fail(c->client.w, "L1: %s was told input %llu of %s, it is gone",
				   c->client.party.id, U(op->sequence), op->to->svc->name);
		}
	}
}

void caller_init(struct world *w, struct caller *c, const char *party, uint32_t roles)
{
	c->client.on_frame = caller_frame;
	c->client.idle = caller_idle;
	c->client.say = say;
	c->client.done = caller_done;
	c->client.party.roles = roles;
	(void)strncpy(c->client.party.id, party, sizeof(c->client.party.id) - 1);
	world_add_client(w, &c->client);
}
