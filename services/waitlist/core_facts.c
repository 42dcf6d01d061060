/* SPDX-License-Identifier: EUPL-1.2 */
/* What intake says: needs that opened, changed or closed. A fact carries whole state and a version;
 * one that is not above what is known changes nothing. */
#include <string.h>

#include "common/mut.h"
#include "services/waitlist/core_entry.h"

/* I17: an entry leaves with its outcome, and matching hears of it. */
static void entry_close(struct step *s, struct request_set *set, struct entry *e,
			PB(CloseReason) reason)
{
	PB(WaitEntryRecord) *rec = e->rec;
	PB(NeedEnd) *end = step_alloc(s, sizeof(*end));

	if (end == NULL) {
		return;
	}
	if (rec->state == WAIT(UNSPECIFIED)) {
		wait_entry_move(s, e, WAIT_EV_OPEN);
	}
	if (rec->state != WAIT(CLOSED)) {
		wait_entry_move(s, e, WAIT_EV_CLOSE);
	}
	if (reason != CLOSED_BY(UNSPECIFIED)) {
		rec->close_reason = reason; /* a reason that was told is not forgotten */
	}
	e->changed = true;
	*end = (PB(NeedEnd))PB_INIT(NEED_END);
	end->need_id = object_id_data(&e->id);
	end->need_version = rec->need->need_version;
	end->order_version = rec->order->order_version;
	end->reason = rec->close_reason;
	set->ended[set->ended_len++] = end;
}

static void entry_reopen(struct step *s, struct entry *e)
{
	wait_entry_move(s, e, WAIT_EV_REOPEN);
	/* Help that overlaps, being handed on, is help. */
	if (e->rec->active > 0) {
		wait_entry_move(s, e, WAIT_EV_START);
	}
}

static PB(CloseReason) reason_of_state(PB(NeedState) state)
{
	if (state == NEED(WITHDRAWN)) {
		return CLOSED_BY(WITHDRAWN);
	}
	if (state == NEED(ENTERED_IN_ERROR)) {
		return CLOSED_BY(ENTERED_IN_ERROR);
	}
	return CLOSED_BY(UNSPECIFIED); /* known by a NeedClosed only */
}

static void entry_merge(struct step *s, struct request_set *set, struct entry *e,
			PB(NeedFact) *fact)
{
	PB(WaitEntryRecord) *rec = e->rec;

	if (!e->fresh && fact->need_version <= rec->need->need_version && !MUT(28)) {
		return;
	}
	rec->need = fact;
	e->changed = true;
	if (fact->state >= NEED(CLOSED)) {
		entry_close(s, set, e, reason_of_state(fact->state));
		return;
	}
	if (rec->state == WAIT(UNSPECIFIED)) {
		wait_entry_move(s, e, WAIT_EV_OPEN);
		wait_entry_recall(s, e);
	} else if (rec->state == WAIT(CLOSED) ||
		   (rec->state == WAIT(AFTERCARE) && fact->state == NEED(OPEN))) {
		entry_reopen(s, e);
	}
	if (fact->state == NEED(AFTERCARE) && rec->state != WAIT(AFTERCARE)) {
		wait_entry_move(s, e, WAIT_EV_FINISH);
	}
}

static int check_request(struct step *s, const PB(RequestFact) *request, struct object_id *ret_id)
{
	if (request == NULL || !object_id_from(&request->request_id, ret_id)) {
		return step_refuse(s, REFUSAL(MISSING), "request.request_id");
	}
	if (!name_is_valid(request->zone)) {
		return step_refuse(s, REFUSAL(MISSING), "request.zone");
	}
	if (wait_class_of_urgency(request->urgency) == CLASS(UNSPECIFIED)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "request.urgency");
	}
	if (request->urgency == URGENCY(CRISIS) &&
	    (request->crisis_step < SCHAKEL__V1__CRISIS_STEP__CRISIS_STEP_NOW ||
	     request->crisis_step > SCHAKEL__V1__CRISIS_STEP__CRISIS_STEP_WITHIN_24H)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "request.crisis_step");
	}
	if (request->n_excluded_partners > WAIT_FACT_LIST_MAX ||
	    request->n_preferred_partners > WAIT_FACT_LIST_MAX ||
	    request->n_languages > WAIT_FACT_LIST_MAX || request->n_blocks > WAIT_FACT_LIST_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "request");
	}
	return SK_OK;
}

static int check_need(struct step *s, const PB(NeedFact) *need, unsigned i)
{
	struct object_id id;

	if (!object_id_from(&need->need_id, &id)) {
		return step_refuse(s, REFUSAL(MISSING), "needs[%u].need_id", i);
	}
	if (need->need_version == 0) {
		return step_refuse(s, REFUSAL(MISSING), "needs[%u].need_version", i);
	}
	if (need->expertise < 1 || need->expertise > WAIT_EXPERTISE_MAX) {
		return step_refuse(s, REFUSAL(UNKNOWN_CODE), "needs[%u].expertise", i);
	}
	if (need->arrival_ms == 0) {
		return step_refuse(s, REFUSAL(MISSING), "needs[%u].arrival_ms", i);
	}
	if (need->state < NEED(OPEN) || need->state > NEED(ENTERED_IN_ERROR)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "needs[%u].state", i);
	}
	return SK_OK;
}

static int check_needs(struct step *s, const PB(NeedsOpened) *fact, struct object_id *ret_id)
{
	int err = check_request(s, fact->request, ret_id);

	if (err == SK_OK && fact->n_needs > WAIT_OPEN_MAX) {
		err = step_refuse(s, REFUSAL(TOO_MANY), "needs");
	}
	for (unsigned i = 0; err == SK_OK && i < fact->n_needs; i++) {
		err = check_need(s, fact->needs[i], i);
	}
	return err;
}

/* Bounds of one request, after the fact was merged and before anything is written. */
static int check_set(struct step *s, const struct request_set *set)
{
	size_t open = 0;

	for (size_t i = 0; i < set->open_len; i++) {
		open += set->open[i]->rec->state != WAIT(CLOSED);
	}
	if (open > WAIT_OPEN_MAX || set->rows > WAIT_ENTRIES_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "needs");
	}
	return SK_OK;
}

static void set_merge_request(struct step *s, struct request_set *set, PB(RequestFact) *request)
{
	if (set->rec == NULL) {
		set->rec = step_alloc(s, sizeof(*set->rec));
		if (set->rec == NULL) {
			return;
		}
		*set->rec = (PB(WaitRequestRecord))PB_INIT(WAIT_REQUEST_RECORD);
	} else if (request->request_version <= set->rec->request->request_version) {
		return;
	}
	set->rec->request = request;
	set->rec_changed = true;
}

/* What follows from the request for each of its entries: the list it stands in, and its order. */
static void set_follow_request(struct step *s, struct request_set *set)
{
	const PB(RequestFact) *request = set->rec->request;

	for (size_t i = 0; i < set->open_len; i++) {
		struct entry *e = set->open[i];

		if (e->rec->state == WAIT(CLOSED)) {
			continue;
		}
		if (e->rec->zone == NULL || strcmp(e->rec->zone, request->zone) != 0) {
			e->rec->zone = request->zone;
			e->changed = true;
		}
		wait_entry_order(s, request, e);
		wait_entry_block(request, e);
		wait_entry_count_by(s, request, e);
	}
}

/* What the needs say of each child; where none is left, nobody has to come together. */
static void look_around(struct step *s, const struct request_set *set)
{
	bool open = false;

	for (size_t i = 0; i < set->open_len; i++) {
		open = open || set->open[i]->rec->state != WAIT(CLOSED);
	}
	if (open) {
		wait_stuck_look_all(s, &set->id);
	} else {
		wait_tables_drop(s, &set->id);
	}
}

int wait_needs_apply(struct step *s, const PB(NeedsOpened) *fact)
{
	struct object_id id;
	struct request_set set;
	int err = check_needs(s, fact, &id);

	if (err != SK_OK) {
		return err;
	}
	if (!wait_set_load(s, &id, &set)) {
		return s->txn->err;
	}
	for (unsigned i = 0; i < fact->n_needs && s->txn->err == SK_OK; i++) {
		struct object_id need_id;
		bool whole = object_id_from(&fact->needs[i]->need_id, &need_id);
		struct entry *e = whole ? wait_set_entry(s, &set, &need_id) : NULL;

		if (e != NULL && !object_id_equal(&e->request_id, &id)) {
			return step_refuse(s, REFUSAL(CONTRADICTS), "needs[%u].need_id", i);
		}
		if (e != NULL) {
			entry_merge(s, &set, e, fact->needs[i]);
		}
	}
	set_merge_request(s, &set, fact->request);
	err = s->txn->err == SK_OK ? check_set(s, &set) : s->txn->err;
	if (err != SK_OK) {
		return err;
	}
	set_follow_request(s, &set);
	wait_set_store_entries(s, &set);
	wait_set_figures(s, &set);
	wait_set_tell_ended(s, &set);
	wait_set_store(s, &set, true);
	look_around(s, &set);
	return s->txn->err;
}

static int check_ends(struct step *s, const PB(NeedClosed) *fact, struct object_id *ret_id)
{
	struct object_id id;

	if (!object_id_from(&fact->request_id, ret_id)) {
		return step_refuse(s, REFUSAL(MISSING), "request_id");
	}
	if (fact->n_needs > WAIT_OPEN_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "needs");
	}
	for (unsigned i = 0; i < fact->n_needs; i++) {
		const PB(NeedEnd) *end = fact->needs[i];

		if (!object_id_from(&end->need_id, &id)) {
			return step_refuse(s, REFUSAL(MISSING), "needs[%u].need_id", i);
		}
		if (end->reason <= CLOSED_BY(UNSPECIFIED) || end->reason > CLOSED_BY(SAME_CHILD)) {
			return step_refuse(s, REFUSAL(OUT_OF_RANGE), "needs[%u].reason", i);
		}
	}
	return SK_OK;
}

static PB(NeedState) state_of_reason(PB(CloseReason) reason)
{
	if (reason == CLOSED_BY(WITHDRAWN)) {
		return NEED(WITHDRAWN);
	}
	return reason == CLOSED_BY(ENTERED_IN_ERROR) ? NEED(ENTERED_IN_ERROR) : NEED(CLOSED);
}

/* A need that is not known here is kept as a tombstone and handed on all the same: after a restore
 * matching may know it while we do not. A closing at the version that is known closes it. */
static void end_merge(struct step *s, struct request_set *set, struct entry *e,
		      const PB(NeedEnd) *end)
{
	PB(WaitEntryRecord) *rec = e->rec;
	bool closed = rec->state == WAIT(CLOSED);

	if (end->need_version < rec->need->need_version ||
	    (closed && end->need_version == rec->need->need_version &&
	     rec->close_reason != CLOSED_BY(UNSPECIFIED))) {
		return;
	}
	rec->need->need_version = end->need_version;
	rec->need->state = state_of_reason(end->reason);
	entry_close(s, set, e, end->reason);
}

int wait_ends_apply(struct step *s, const PB(NeedClosed) *fact)
{
	struct object_id id;
	struct request_set set;
	int err = check_ends(s, fact, &id);

	if (err != SK_OK) {
		return err;
	}
	if (!wait_set_load(s, &id, &set)) {
		return s->txn->err;
	}
	for (unsigned i = 0; i < fact->n_needs; i++) {
		struct object_id need_id;
		bool whole = object_id_from(&fact->needs[i]->need_id, &need_id);
		struct entry *e = whole ? wait_set_entry(s, &set, &need_id) : NULL;

		if (e == NULL) {
			return s->txn->err;
		}
		if (!object_id_equal(&e->request_id, &id)) {
			return step_refuse(s, REFUSAL(CONTRADICTS), "needs[%u].need_id", i);
		}
		end_merge(s, &set, e, fact->needs[i]);
	}
	err = check_set(s, &set);
	if (err != SK_OK) {
		return err;
	}
	wait_set_store_entries(s, &set);
	wait_set_tell_ended(s, &set);
	wait_set_store(s, &set, false);
	look_around(s, &set);
	return s->txn->err;
}

int waitlist_needs_opened(struct step *s, const PB(Message) *in)
{
	return wait_needs_apply(s, in->needs_opened);
}

int waitlist_need_closed(struct step *s, const PB(Message) *in)
{
	return wait_ends_apply(s, in->need_closed);
}
