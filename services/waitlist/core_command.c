/* SPDX-License-Identifier: EUPL-1.2 */
/* What people note on an entry: what bridges now, and that somebody has looked. Neither moves it.
 */
#include <string.h>

#include "common/civil.h"
#include "services/waitlist/core_entry.h"

static bool serves_zone(const struct step *s, const char *party_id, const char *zone)
{
	const PB(Party) *party = step_party(s, party_id);
	const PB(Zone) *duty = step_zone(s, zone);

	if (duty != NULL && (strcmp(party_id, duty->contact_party) == 0 ||
			     strcmp(party_id, duty->stand_in_party) == 0 ||
			     strcmp(party_id, duty->network_party) == 0)) {
		return true;
	}
	for (size_t i = 0; party != NULL && i < party->n_zones; i++) {
		if (strcmp(party->zones[i], zone) == 0) {
			return true;
		}
	}
	return false;
}

/* Contact point and coordinator, who asked, and who serves the zone: the contact person is among
 * these. Others learn nothing, not even that the entry exists. */
static bool may_note(struct step *s, const struct entry *e)
{
	const PB(WaitRequestRecord) *request = wait_request_get(s, &e->request_id);

	if ((s->from.roles & (ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR))) != 0) {
		return true;
	}
	return request != NULL && (strcmp(request->request->requester, s->from.id) == 0 ||
				   serves_zone(s, s->from.id, request->request->zone));
}

static int find_entry(struct step *s, const ProtobufCBinaryData *need_id, struct entry *ret_e)
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
	if (!may_note(s, ret_e)) {
		(void)step_refuse(s, REFUSAL(NOT_YOURS), "need_id");
		return SK_EREFUSED;
	}
	return SK_OK;
}

/* Only what waits is bridged and reviewed; the sender is told what holds now. */
static int must_wait(struct step *s, const struct entry *e)
{
	if (e->rec->state == WAIT(WAITING)) {
		return SK_OK;
	}
	PB(Event) *now = step_alloc(s, sizeof(*now));
	if (now == NULL) {
		return s->txn->err;
	}
	wait_entry_event(e, now);
	/* The ids are borrowed from the entry, which ends with the handler. */
	now->object_id = step_id_data(s, &e->id);
	now->need_id = now->object_id;
	now->request_id = step_id_data(s, &e->request_id);
	s->out->holds_now = now;
	return step_refuse(s, REFUSAL(STATE), "need_id");
}

static int note(struct step *s, struct entry *e)
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
	int err = find_entry(s, &cmd->need_id, &e);

	if (err == SK_OK) {
		err = check_bridging(s, cmd);
	}
	if (err == SK_OK) {
		err = must_wait(s, &e);
	}
	if (err != SK_OK) {
		return err;
	}
	e.rec->bridging_party = cmd->party;
	e.rec->bridging_until_ms = cmd->until_ms;
	return note(s, &e);
}

/* The next review may come sooner than the class asks, never later. */
int waitlist_record_review(struct step *s, const PB(Message) *in)
{
	const PB(RecordReview) *cmd = in->record_review;
	struct entry e;
	int err = find_entry(s, &cmd->need_id, &e);

	if (err == SK_OK) {
		err = must_wait(s, &e);
	}
	if (err != SK_OK) {
		return err;
	}
	uint64_t latest_ms = s->now_ms + wait_class_review_ms(s, e.rec->order->wait_class);
	uint64_t next_ms = cmd->next_ms == 0 ? latest_ms : cmd->next_ms;
	if (next_ms <= s->now_ms || next_ms > latest_ms) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "next_ms");
	}
	e.rec->review_ms = next_ms;
	e.rec->review_due_ms = next_ms;
	return note(s, &e);
}
