/* SPDX-License-Identifier: EUPL-1.2 */
/* What matching says: the team with what still lacks, and what became of each contribution. Nothing
 * here touches class or date: help that is lost costs the child no place (DOMAIN 4). */
#include <string.h>

#include "services/waitlist/core_entry.h"

static PB(WaitTeamRecord) *team_get(struct step *s, const struct object_id *request_id)
{
	struct key k = key_of_id(request_id);

	return step_get(s, WAIT_TABLE_TEAM, &k, RECORD(wait_team_record));
}

static PB(OpenSeat) *open_seat_of(const PB(WaitTeamRecord) *team, const struct object_id *need_id)
{
	for (size_t i = 0; i < team->n_open; i++) {
		struct object_id id;

		if (object_id_from(&team->open[i]->need_id, &id) && object_id_equal(&id, need_id)) {
			return team->open[i];
		}
	}
	return NULL;
}

static bool lacks_the_same(const PB(OpenSeat) *a, const PB(OpenSeat) *b)
{
	if (a == NULL || b == NULL) {
		return a == b;
	}
	return a->shortfall == b->shortfall && a->in_reach == b->in_reach &&
	       a->confirmed == b->confirmed && a->with_amount == b->with_amount &&
	       a->one_more == b->one_more && a->beyond_ring == b->beyond_ring &&
	       strcmp(a->one_more_pool, b->one_more_pool) == 0;
}

static void entry_take_open(struct entry *e, const PB(WaitTeamRecord) *team)
{
	PB(OpenSeat) *open = open_seat_of(team, &e->id);

	if (!lacks_the_same(open, e->rec->open)) {
		e->rec->open = open;
		e->changed = true;
	}
}

static int check_team(struct step *s, const PB(TeamProposed) *fact, struct object_id *ret_id)
{
	struct object_id need_id;

	if (!object_id_from(&fact->request_id, ret_id)) {
		return step_refuse(s, REFUSAL(MISSING), "request_id");
	}
	if (fact->n_open > WAIT_OPEN_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "open");
	}
	for (unsigned i = 0; i < fact->n_open; i++) {
		if (!object_id_from(&fact->open[i]->need_id, &need_id)) {
			return step_refuse(s, REFUSAL(MISSING), "open[%u].need_id", i);
		}
	}
	return SK_OK;
}

int wait_team_apply(struct step *s, const PB(TeamProposed) *fact, bool restoring)
{
	PB(WaitTeamRecord) team = PB_INIT(WAIT_TEAM_RECORD);
	struct object_id id;
	struct request_set set;
	int err = check_team(s, fact, &id);

	if (err != SK_OK) {
		return err;
	}
	const PB(WaitTeamRecord) *known = team_get(s, &id);
	if ((known != NULL && fact->proposal_version <= known->proposal_version) ||
	    !wait_set_load(s, &id, &set) || (set.rec == NULL && !restoring)) {
		return s->txn->err;
	}
	team.proposal_version = fact->proposal_version;
	team.open = fact->open;
	team.n_open = fact->n_open;
	struct key k = key_of_id(&id);
	step_put(s, WAIT_TABLE_TEAM, &k, &team);
	for (size_t i = 0; i < set.open_len; i++) {
		entry_take_open(set.open[i], &team);
	}
	wait_set_store_entries(s, &set);
	return s->txn->err;
}

/* Contributions that give help: started with the child or a parent seen (an intake talk is not a
 * start), and what is handed on after such a start until it ends: the overlap. */
static bool gives_help(const PB(ContributionChanged) *fact, const PB(WaitContributionRecord) *row)
{
	if (fact->state == HELP(STARTED)) {
		return fact->seen;
	}
	if (fact->state != HELP(HANDING_ON)) {
		return false;
	}
	return row != NULL ? row->active : fact->seen;
}

static bool is_over(PB(ContributionState) state)
{
	return state == HELP(NOT_NOW) || state == HELP(NOT_OURS) || state == HELP(LAPSED) ||
	       state == HELP(RELEASED) || state == HELP(TAKEN_BACK) || state == HELP(ENDED) ||
	       state == HELP(STOPPED_BY_YOUTH);
}

/* The seat that people see beside the entry: the contribution that moved last, until it is over. */
static void entry_take_seat(struct entry *e, const PB(ContributionChanged) *fact)
{
	PB(WaitEntryRecord) *rec = e->rec;
	struct object_id seen;
	struct object_id id;

	if (fact->standby || !object_id_from(&fact->contribution_id, &id)) {
		return;
	}
	if (!is_over(fact->state)) {
		rec->seat_ground = fact->ground;
		rec->seat = fact->state;
		rec->seat_contribution = fact->contribution_id;
		e->changed = true;
	} else if (object_id_from(&rec->seat_contribution, &seen) && object_id_equal(&seen, &id)) {
		rec->seat = HELP(UNSPECIFIED);
		rec->seat_ground = SCHAKEL__V1__GROUND__GROUND_UNSPECIFIED;
		rec->seat_contribution = (ProtobufCBinaryData){ 0 };
		e->changed = true;
	}
}

/* Answers the need, as it does at intake; what ran on when it was asked anew does not. */
static bool answers(const PB(ContributionChanged) *fact)
{
	return fact->state == HELP(STARTED) && fact->seen;
}

/* WAITING means that none gives help, SERVED that at least one does. The end of help is the end of
 * a need that it answered; that of help which ran on when the need was asked anew is a loss: intake
 * keeps that need open, and it is looked for again (A11). */
static void entry_take_help(struct step *s, struct entry *e, uint32_t had,
			    PB(ContributionState) now)
{
	PB(WaitEntryRecord) *rec = e->rec;
	bool over = rec->answered && now == HELP(ENDED) && rec->interrupted == 0;

	if (rec->state == WAIT(CLOSED) || (had > 0) == (rec->active > 0)) {
		return; /* a closed entry stays closed: a start that crossed its closing opens
			   nothing */
	}
	if (rec->active > 0) {
		wait_entry_move(s, e, WAIT_EV_START);
	} else if (over || rec->need->state == SCHAKEL__V1__NEED_STATE__NEED_STATE_AFTERCARE) {
		wait_entry_move(s, e, WAIT_EV_FINISH);
	} else {
		wait_entry_move(s, e, WAIT_EV_LOSE);
	}
}

static int check_contribution(struct step *s, const PB(ContributionChanged) *fact,
			      struct object_id *ret_need, struct object_id *ret_id)
{
	if (!object_id_from(&fact->need_id, ret_need)) {
		return step_refuse(s, REFUSAL(MISSING), "need_id");
	}
	if (!object_id_from(&fact->contribution_id, ret_id)) {
		return step_refuse(s, REFUSAL(MISSING), "contribution_id");
	}
	if (fact->state < HELP(ASKED) || fact->state > HELP(STOPPED_BY_YOUTH)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "state");
	}
	return SK_OK;
}

/* Another help has started beside the one that was not right. */
static void entry_leave_place(struct step *s, struct entry *e)
{
	PB(MisplacedState) to;

	if (misplaced_next(e->rec->misplaced, MISPLACED_EV_HELP_ENDS, &to) == SK_OK) {
		wait_entry_misplace(s, e, to);
	}
}

static void call_table(struct step *s, const struct entry *e)
{
	struct table_call call = { .request_id = &e->request_id,
				   .need_id = &e->id,
				   .reason = TABLE_FOR(NETWORK_MISS) };
	struct object_id id;

	(void)wait_table_call(s, &call, &id);
}

/* What the contribution was before is in @p row (NULL: nothing was known of it). */
static void entry_take(struct step *s, struct entry *e, const PB(ContributionChanged) *fact,
		       const PB(WaitContributionRecord) *row, const PB(WaitContributionRecord) *now)
{
	PB(WaitEntryRecord) *rec = e->rec;
	uint32_t had = rec->active;
	bool was_away = row != NULL && row->state == HELP(INTERRUPTED);
	bool is_away = now->state == HELP(INTERRUPTED);

	rec->active += now->active ? 1 : 0;
	rec->active -= row != NULL && row->active ? 1 : 0;
	rec->interrupted += is_away ? 1 : 0;
	rec->interrupted -= was_away ? 1 : 0;
	e->changed = rec->active != had || is_away != was_away;
	rec->answered = rec->answered || (answers(fact) && rec->state != WAIT(CLOSED));
	entry_take_help(s, e, had, now->state);
	entry_take_seat(e, fact);
	if (had > 0 && now->active && (row == NULL || !row->active) && !was_away) {
		entry_leave_place(s, e);
	}
	if (s->isolated) {
		wait_place_adopt(s, e); /* of a place that was told of before its help */
	}
	bool table = wait_priority_misses(s, e, fact);
	wait_entry_store(s, e);
	if (e->rec->state == WAIT(CLOSED)) {
		return;
	}
	wait_entry_tell(s, e);
	if (table) {
		call_table(s, e);
	}
	wait_stuck_look(s, &e->request_id, e->rec->need->child);
}

/* The first start of a must-need may be the last that its request waited for. */
static void request_started(struct step *s, const struct entry *e, bool first)
{
	struct request_set set;
	struct key k = key_of_id(&e->request_id);

	if (!first || !e->rec->need->must || !wait_set_load(s, &e->request_id, &set)) {
		return;
	}
	wait_set_figures(s, &set);
	if (set.rec != NULL && set.rec_changed) {
		step_put(s, WAIT_TABLE_REQUEST, &k, set.rec);
	}
}

int wait_contribution_apply(struct step *s, const PB(ContributionChanged) *fact, bool restoring)
{
	PB(WaitContributionRecord) now = PB_INIT(WAIT_CONTRIBUTION_RECORD);
	struct object_id need_id;
	struct object_id id;
	struct entry e;
	int err = check_contribution(s, fact, &need_id, &id);

	if (err != SK_OK) {
		return err;
	}
	struct key k = key_of_id(&need_id);
	key_id(&k, &id);
	const PB(WaitContributionRecord) *row =
		step_get(s, WAIT_TABLE_CONTRIBUTION, &k, RECORD(wait_contribution_record));
	if (row != NULL && fact->version <= row->version) {
		return s->txn->err;
	}
	bool known = wait_entry_load(s, &need_id, &e);
	if (!known && !restoring) {
		return s->txn->err; /* forgotten: its outcome was told long ago */
	}
	now.version = fact->version;
	now.state = fact->state;
	now.active = gives_help(fact, row);
	now.told = (PB(ContributionChanged) *)(uintptr_t)fact; /* packing only reads it */
	if (known) {
		wait_stuck_count(s, &e, fact, row);
	}
	step_put(s, WAIT_TABLE_CONTRIBUTION, &k, &now);
	if (known) {
		bool helped = e.rec->helped;
		e.started_ms = fact->at_ms;
		entry_take(s, &e, fact, row, &now);
		request_started(s, &e, !helped && e.rec->helped);
	}
	return s->txn->err;
}

void wait_entry_recall(struct step *s, struct entry *e)
{
	const PB(WaitTeamRecord) *team = team_get(s, &e->request_id);
	struct key prefix = key_of_id(&e->id);
	struct store_iter it;
	struct key k;
	struct slice val;

	if (team != NULL) {
		entry_take_open(e, team);
	}
	store_iter_init(&it, s->txn, WAIT_TABLE_CONTRIBUTION, &prefix);
	while (store_next(&it, &k, &val)) {
		const PB(WaitContributionRecord) *row =
			step_unpack(s, val, RECORD(wait_contribution_record));

		if (row == NULL) {
			break;
		}
		e->rec->active += row->active ? 1 : 0;
		e->rec->answered = e->rec->answered || (row->told != NULL && answers(row->told));
		if (row->active && row->told != NULL) {
			e->started_ms = row->told->at_ms;
		}
		e->rec->interrupted += row->state == HELP(INTERRUPTED) ? 1 : 0;
	}
	store_iter_done(&it);
	if (e->rec->active > 0) {
		wait_entry_move(s, e, WAIT_EV_START);
	}
	e->rec->helped = e->rec->helped || e->rec->interrupted > 0;
}

int waitlist_team_proposed(struct step *s, const PB(Message) *in)
{
	return wait_team_apply(s, in->team_proposed, s->isolated);
}

int waitlist_contribution_changed(struct step *s, const PB(Message) *in)
{
	return wait_contribution_apply(s, in->contribution_changed, s->isolated);
}
