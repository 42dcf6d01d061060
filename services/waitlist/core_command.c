/* SPDX-License-Identifier: EUPL-1.2 */
/* What people note on an entry: what bridges now, and that somebody has looked. Neither moves it.
 */
#include <string.h>

#include "common/civil.h"
#include "services/waitlist/core_entry.h"

int wait_find_entry(struct step *s, const ProtobufCBinaryData *need_id, struct entry *ret_e)
{
	struct object_id id;

	if (!object_id_from(need_id, &id)) {
		(void)step_refuse(s, REFUSAL(MISSING), "need_id");
		return SK_EREFUSED;
	}
	if (!wait_entry_load(s, &id, ret_e)) {
		(void)step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "need_id");
		return SK_EREFUSED; /* or the sticky error, which goes before it */
	}
	const PB(WaitRequestRecord) *request = wait_request_get(s, &ret_e->request_id);
	if (request == NULL || !wait_may_note(s, request->request)) {
		(void)step_refuse(s, REFUSAL(NOT_YOURS), "need_id");
		return SK_EREFUSED;
	}
	return SK_OK;
}

int wait_refuse_state(struct step *s, const struct entry *e, const char *field)
{
	PB(Event) *now = step_alloc(s, sizeof(*now));
	if (now == NULL) {
		return s->txn->err;
	}
	wait_entry_event(e, now);
	/* The ids are borrowed from the entry, which ends with the handler. */
	now->object_id = step_id_data(s, &e->id);
	now->need_id = now->object_id;
	if (now->request_id.len != 0) { /* of kept help the news leave it out, and so does this */
		now->request_id = step_id_data(s, &e->request_id);
	}
	s->out->holds_now = now;
	return step_refuse(s, REFUSAL(STATE), "%s", field);
}

int wait_note(struct step *s, struct entry *e)
{
	e->changed = true;
	wait_entry_store(s, e);
	step_result(s, &e->id, e->rec->version);
	return s->txn->err;
}

/* An empty party ends the bridging. */
static int check_bridging(struct step *s, const PB(RecordBridging) *cmd)
{
	uint64_t latest_ms = s->now_ms + WAIT_BRIDGING_DAYS_MAX * CIVIL_DAY_MS;

	if (cmd->party[0] == '\0') {
		return cmd->until_ms == 0 ? SK_OK :
					    step_refuse(s, REFUSAL(CONTRADICTS), "until_ms");
	}
	if (step_party(s, cmd->party) == NULL) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "party");
	}
	if (cmd->until_ms <= s->now_ms || cmd->until_ms > latest_ms) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "until_ms");
	}
	return SK_OK;
}

int waitlist_record_bridging(struct step *s, const PB(Message) *in)
{
	const PB(RecordBridging) *cmd = in->record_bridging;
	struct entry e;
	int err = wait_find_entry(s, &cmd->need_id, &e);

	if (err == SK_OK) {
		err = check_bridging(s, cmd);
	}
	if (err == SK_OK && e.rec->state != WAIT(WAITING)) {
		err = wait_refuse_state(s, &e, "need_id"); /* who is helped needs no bridge */
	}
	if (err != SK_OK) {
		return err;
	}
	e.rec->bridging_party = cmd->party;
	e.rec->bridging_until_ms = cmd->until_ms;
	return wait_note(s, &e);
}

/* The next review may come sooner than the class asks, never later. */
int waitlist_record_review(struct step *s, const PB(Message) *in)
{
	const PB(RecordReview) *cmd = in->record_review;
	struct entry e;
	int err = wait_find_entry(s, &cmd->need_id, &e);

	if (err == SK_OK && !wait_is_listed(e.rec)) {
		err = wait_refuse_state(s, &e, "need_id");
	}
	if (err != SK_OK) {
		return err;
	}
	uint64_t latest_ms = s->now_ms + wait_review_ms(s, e.rec);
	uint64_t next_ms = cmd->next_ms == 0 ? latest_ms : cmd->next_ms;
	if (next_ms <= s->now_ms || next_ms > latest_ms) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "next_ms");
	}
	e.rec->review_ms = next_ms;
	e.rec->review_due_ms = next_ms;
	return wait_note(s, &e);
}
