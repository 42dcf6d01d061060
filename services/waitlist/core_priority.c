/* SPDX-License-Identifier: EUPL-1.2 */
/* Days of priority (DOMAIN 6): each with its ground, once, by rule or by somebody who gains
 * nothing, 60 together at most. Near terms, overdue reviews and repeated asks to a known refuser
 * give none. */
#include <string.h>

#include "common/civil.h"
#include "common/mut.h"
#include "services/waitlist/core_entry.h"

static const struct {
	PB(PriorityGround) ground;
	uint32_t days;
	unsigned times;
} ground_rule[] = {
	{ GROUND_FOR(NETWORK_MISS), WAIT_MISS_DAYS, WAIT_MISS_TIMES },
	{ GROUND_FOR(NOT_RIGHT_PLACE), WAIT_PLACE_DAYS, 1 },
	{ GROUND_FOR(SIBLING_THERE), WAIT_SIBLING_DAYS, 1 },
};

static PB(PriorityView) *lost_ground(const PB(WaitEntryRecord) *rec)
{
	for (size_t i = 0; i < rec->n_priority; i++) {
		if (rec->priority[i]->ground == GROUND_FOR(UNSPECIFIED)) {
			return rec->priority[i];
		}
	}
	return NULL;
}

static unsigned times_given(const PB(WaitEntryRecord) *rec, PB(PriorityGround) ground)
{
	unsigned times = 0;

	for (size_t i = 0; i < rec->n_priority; i++) {
		times += rec->priority[i]->ground == ground ? 1 : 0;
	}
	return times;
}

static void add(struct step *s, struct entry *e, const PB(PriorityView) *given)
{
	PB(WaitEntryRecord) *rec = e->rec;
	PB(PriorityView) **all = step_alloc(s, (rec->n_priority + 1) * sizeof(PB(PriorityView) *));
	PB(PriorityView) *one = step_alloc(s, sizeof(*one));

	if (all == NULL || one == NULL) {
		return;
	}
	*one = *given;
	for (size_t i = 0; i < rec->n_priority; i++) {
		all[i] = rec->priority[i];
	}
	all[rec->n_priority] = one;
	rec->priority = all;
	rec->n_priority++;
	rec->days_of_priority += given->days;
	e->changed = true;
}

/* Days whose ground was lost in a restore are those that are told again now, not new ones. */
static void claim(PB(WaitEntryRecord) *rec, uint32_t days)
{
	PB(PriorityView) *lost = lost_ground(rec);

	if (lost != NULL) {
		uint32_t taken = lost->days < days ? lost->days : days;
		lost->days -= taken;
		rec->days_of_priority -= taken;
	}
}

uint32_t wait_priority_give(struct step *s, struct entry *e, PB(PriorityGround) ground,
			    const char *party)
{
	PB(PriorityView) given = PB_INIT(PRIORITY_VIEW);
	size_t i = 0;

	while (i < SK_LEN(ground_rule) && ground_rule[i].ground != ground) {
		i++;
	}
	SK_ASSERT(i < SK_LEN(ground_rule));
	if (times_given(e->rec, ground) >= ground_rule[i].times ||
	    step_setting(s, SETTING_ORDER_RULE) == ORDER_ARRIVAL) {
		return 0; /* the date of arrival alone */
	}
	claim(e->rec, ground_rule[i].days);
	uint32_t room = WAIT_PRIORITY_DAYS_MAX - e->rec->days_of_priority;
	given.ground = ground;
	given.days = ground_rule[i].days < room ? ground_rule[i].days : room;
	given.at_ms = s->now_ms;
	given.party = (char *)(uintptr_t)(party == NULL ? "" : party);
	if (given.days > 0) {
		add(s, e, &given);
		wait_entry_rank(s, e);
	}
	return given.days;
}

void wait_priority_adopt(struct step *s, struct entry *e)
{
	PB(PriorityView) lost = PB_INIT(PRIORITY_VIEW);
	const PB(NeedOrder) *order = e->rec->order;
	uint64_t arrival_ms = e->rec->need->arrival_ms;
	uint64_t days = 0;

	if (order->wait_class == CLASS(CRISIS) || order->rank_class != CLASS(UNSPECIFIED)) {
		return; /* that rank date tells of no days */
	}
	if (arrival_ms > order->rank_ms) {
		days = (arrival_ms - order->rank_ms) / CIVIL_DAY_MS;
	}
	if (days <= e->rec->days_of_priority || days > WAIT_PRIORITY_DAYS_MAX) {
		return;
	}
	lost.days = (uint32_t)days - e->rec->days_of_priority;
	lost.at_ms = s->now_ms;
	add(s, e, &lost);
}

/* --- misses of the network --- */

static bool has_refused(const PB(WaitContributionRecord) *row)
{
	return row->told != NULL && (row->state == HELP(NOT_NOW) || row->state == HELP(NOT_OURS) ||
				     row->state == HELP(LAPSED));
}

static bool is_named(char *const *names, size_t len, const char *name)
{
	for (size_t i = 0; i < len; i++) {
		if (strcmp(names[i], name) == 0) {
			return true;
		}
	}
	return false;
}

/* Partners that have refused this need, each counted once. */
static uint32_t count_refusers(struct step *s, const struct object_id *need_id)
{
	char *names[WAIT_HAPPENED_MAX];
	struct key prefix = key_of_id(need_id);
	struct store_iter it;
	struct key k;
	struct slice val;
	uint32_t len = 0;

	store_iter_init(&it, s->txn, WAIT_TABLE_CONTRIBUTION, &prefix);
	while (len < SK_LEN(names) && store_next(&it, &k, &val)) {
		const PB(WaitContributionRecord) *row =
			step_unpack(s, val, RECORD(wait_contribution_record));

		if (row == NULL) {
			break;
		}
		if (has_refused(row) && !is_named(names, len, row->told->partner)) {
			names[len++] = row->told->partner;
		}
	}
	store_iter_done(&it);
	return len;
}

/* A round that only asked who had refused before is no new miss of the network. */
bool wait_priority_misses(struct step *s, struct entry *e, const PB(ContributionChanged) *fact)
{
	PB(WaitEntryRecord) *rec = e->rec;
	bool stay = fact->modality == SCHAKEL__V1__MODALITY__MODALITY_RESIDENTIAL;
	uint32_t enough = stay ? WAIT_TABLE_MISSES_STAY : WAIT_TABLE_MISSES;
	uint32_t was = rec->misses;

	if (fact->miss <= was) {
		return false;
	}
	rec->misses = fact->miss;
	e->changed = true;
	uint32_t refusers = count_refusers(s, &e->id);
	if (refusers > rec->refusers) {
		rec->refusers = refusers;
		(void)wait_priority_give(s, e, GROUND_FOR(NETWORK_MISS), NULL);
	}
	return rec->misses >= enough;
}

void wait_entry_tell(struct step *s, const struct entry *e)
{
	struct request_set set;

	if (wait_set_load(s, &e->request_id, &set)) {
		wait_set_store(s, &set, true);
	}
}

/* --- by a person --- */

/* Houses that help a brother or sister of the entry's child, as intake told last. */
static const PB(ChildFact) *siblings_of(const struct entry *e, const PB(RequestFact) *request)
{
	static const PB(ChildFact) alone = PB_INIT(CHILD_FACT);
	uint32_t child = e->rec->need->child;

	return child < request->n_children ? request->children[child] : &alone;
}

static bool helps_sibling(const struct step *s, const PB(ChildFact) *child, const char *party)
{
	for (size_t i = 0; i < child->n_sibling_partners; i++) {
		if (wait_same_house(s, child->sibling_partners[i], party)) {
			return true;
		}
	}
	return false;
}

static int check_giver(struct step *s, const struct entry *e, const PB(GivePriority) *cmd)
{
	const PB(WaitRequestRecord) *request = wait_request_get(s, &e->request_id);

	if (cmd->ground == GROUND_FOR(UNSPECIFIED)) {
		return step_refuse(s, REFUSAL(MISSING), "ground");
	}
	if (cmd->ground != GROUND_FOR(SIBLING_THERE)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "ground");
	}
	if (cmd->sibling_partner[0] == '\0') {
		return step_refuse(s, REFUSAL(MISSING), "sibling_partner");
	}
	if (step_party(s, cmd->sibling_partner) == NULL) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "sibling_partner");
	}
	if (request == NULL || wait_gains(s, e, request->request, s->from.id) ||
	    wait_same_house(s, cmd->sibling_partner, s->from.id)) {
		return step_refuse(s, REFUSAL(NOT_YOURS), "ground");
	}
	const PB(ChildFact) *child = siblings_of(e, request->request);
	if (helps_sibling(s, child, s->from.id)) {
		return step_refuse(s, REFUSAL(NOT_YOURS), "ground");
	}
	if (!is_named(child->sibling_partners, child->n_sibling_partners, cmd->sibling_partner)) {
		return wait_refuse_state(s, e, "sibling_partner");
	}
	return SK_OK;
}

static bool may_hear(struct step *s, const struct entry *e)
{
	const PB(WaitRequestRecord) *request = wait_request_get(s, &e->request_id);

	return request != NULL && wait_sees(s, request->request);
}

int waitlist_give_priority(struct step *s, const PB(Message) *in)
{
	const PB(GivePriority) *cmd = in->give_priority;
	struct entry e;
	int err = wait_find_entry(s, &cmd->need_id, &e);

	if (err == SK_OK && may_hear(s, &e) && times_given(e.rec, cmd->ground) > 0) {
		return wait_refuse_state(s, &e, "ground"); /* once, whoever gives them */
	}
	if (err == SK_OK) {
		err = check_giver(s, &e, cmd);
	}
	if (err == SK_OK && !wait_is_listed(e.rec)) {
		err = wait_refuse_state(s, &e, "need_id");
	}
	if (err != SK_OK) {
		return err;
	}
	if (wait_priority_give(s, &e, cmd->ground, s->from.id) == 0) {
		return step_refuse(s, REFUSAL(TOO_MANY), "ground"); /* 60 together */
	}
	err = wait_note(s, &e);
	wait_entry_tell(s, &e);
	return err == SK_OK ? s->txn->err : err;
}
