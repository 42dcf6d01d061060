/* SPDX-License-Identifier: EUPL-1.2 */
/* Why an entry waits, and what is told of it to intake, for the people around the child (B17). */
#include <string.h>

#include "services/waitlist/core_entry.h"

#define LACKS(NAME) SCHAKEL__V1__SHORTFALL__SHORTFALL_##NAME

/* What stands in the way, in the order in which somebody can do something about it: a rule that was
 * named; a word that lacks, where a partner can already; what matching found no seat for. */
PB(Shortfall) wait_reason(const PB(WaitEntryRecord) *rec)
{
	if (!wait_is_listed(rec)) {
		return LACKS(UNSPECIFIED);
	}
	if (rec->block != NULL) {
		return LACKS(RULE_BLOCKS);
	}
	if (rec->state == WAIT(WAITING) && rec->seat == HELP(CAN)) {
		bool agreed = rec->seat_ground != SCHAKEL__V1__GROUND__GROUND_UNSPECIFIED;
		return agreed ? LACKS(ACCESS_PENDING) : LACKS(CONSENT_MISSING);
	}
	return rec->open == NULL ? LACKS(UNSPECIFIED) : rec->open->shortfall;
}

static bool covers(const struct entry *e, const PB(RuleBlock) *b)
{
	return b->need_id.len == 0 || (b->need_id.len == OBJECT_ID_LEN &&
				       memcmp(b->need_id.data, e->id.b, OBJECT_ID_LEN) == 0);
}

static bool same_block(const PB(RuleBlock) *a, const PB(RuleBlock) *b)
{
	if (a == NULL || b == NULL) {
		return a == b;
	}
	return a->rule == b->rule && a->step == b->step && a->signal_id.len == b->signal_id.len &&
	       memcmp(a->signal_id.data, b->signal_id.data, a->signal_id.len) == 0;
}

void wait_entry_block(const PB(RequestFact) *request, struct entry *e)
{
	PB(RuleBlock) *found = NULL;

	for (size_t i = 0; i < request->n_blocks && found == NULL; i++) {
		found = covers(e, request->blocks[i]) ? request->blocks[i] : NULL;
	}
	if (!same_block(found, e->rec->block)) {
		e->rec->block = found;
		e->changed = true;
	}
}

void wait_told_fill(const struct entry *e, PB(WaitTold) *ret_told)
{
	PB(WaitEntryRecord) *rec = e->rec;

	*ret_told = (PB(WaitTold))PB_INIT(WAIT_TOLD);
	ret_told->request_id = object_id_data(&e->request_id);
	ret_told->need_id = object_id_data(&e->id);
	ret_told->version = rec->told_version;
	ret_told->wait_class = rec->order->wait_class;
	ret_told->waits = wait_is_listed(rec);
	if (!ret_told->waits) {
		return;
	}
	ret_told->rank_ms = rec->order->rank_ms;
	ret_told->days_of_priority = rec->days_of_priority;
	ret_told->misplaced = rec->misplaced;
	ret_told->review_ms = rec->review_ms;
	ret_told->since_ms = rec->need->arrival_ms;
	ret_told->shortfall = wait_reason(rec);
	ret_told->block = rec->block;
	ret_told->bridging_until_ms = rec->bridging_until_ms;
	if (rec->bridging_until_ms != 0) {
		ret_told->bridging_party = rec->bridging_party;
	}
}

void wait_entry_told(struct step *s, struct entry *e)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(WaitTold) told;

	wait_told_fill(e, &told);
	told.version = 0;
	uint64_t hash = wait_message_hash(s, &told.base);
	if (hash == e->rec->told_hash || (e->rec->told_hash == 0 && e->fresh && !told.waits) ||
	    s->txn->err != SK_OK) {
		return;
	}
	e->rec->told_hash = hash;
	e->rec->told_version = wait_next_version(s, e->rec->told_version);
	told.version = e->rec->told_version;
	m.body_case = BODY(WAIT_TOLD);
	m.wait_told = &told;
	step_emit(s, "intake", &m);
}

/* Intake remembers what an old copy of ours had said, or said later: it is told anew what holds. */
int wait_told_again(struct step *s, const PB(WaitTold) *fact)
{
	struct object_id id;
	struct entry e;

	if (!object_id_from(&fact->need_id, &id)) {
		return step_refuse(s, REFUSAL(MISSING), "need_id");
	}
	if (!s->isolated || !wait_entry_load(s, &id, &e) || fact->version < e.rec->told_version) {
		return s->txn->err;
	}
	e.rec->told_version = fact->version;
	e.rec->told_hash = 0;
	e.changed = true;
	wait_entry_store(s, &e);
	return s->txn->err;
}
