/* SPDX-License-Identifier: EUPL-1.2 */
/* Days of priority with their grounds, the right place with its two words, case tables with owner
 * and date: each looked at in what stands, by rules written down here again. In the region every
 * party is a house of its own. */
#include "tests/sim/laws_model.h"

#define GROUND_OF(X) SCHAKEL__V1__PRIORITY_GROUND__PRIORITY_GROUND_##X
#define PLACE_IS(X) SCHAKEL__V1__MISPLACED_STATE__MISPLACED_STATE_##X
#define TABLE_IS(X) SCHAKEL__V1__CASE_TABLE_STATE__CASE_TABLE_STATE_##X
#define DAYS_ALL 60
#define REVIEW_LATEST_DAYS 90

bool wait_listed(const PB(WaitEntryRecord) *e)
{
	return e->state == WAIT_IS(WAITING) ||
	       (e->state == WAIT_IS(SERVED) && e->misplaced == PLACE_IS(CONFIRMED));
}

static bool named(const char *party, const char *other)
{
	return party[0] != '\0' && strcmp(party, other) == 0;
}

/* --- who --- */

/** Helps now or is to come back; asked or expected to come. */
static bool provides(const struct laws *l, const PB(WaitEntryRecord) *e, const char *party)
{
	const struct daemon_model *d = &l->d[LAWS_WAITLIST];
	struct object_id need = law_id(&e->need->need_id);
	struct key prefix = key_of_id(&need);
	size_t at = SIZE_MAX;

	for (const struct row *row = row_next(d, W_CONTRIBUTION, &prefix, &at); row != NULL;
	     row = row_next(d, W_CONTRIBUTION, &prefix, &at)) {
		const PB(WaitContributionRecord) *c = row->rec;
		bool live = c->state <= CONTRIB(CAN_IF) || c->state == CONTRIB(AGREED) ||
			    c->state == CONTRIB(STARTED) || c->state == CONTRIB(INTERRUPTED) ||
			    c->state == CONTRIB(HANDING_ON);
		if (live && strcmp(c->told->partner, party) == 0) {
			return true;
		}
	}
	return e->place != NULL && named(e->place->hoped, party);
}

static bool holds_or_asked(const struct laws *l, const PB(RequestFact) *r, const char *party)
{
	const PB(ConfigApplied) *conf = model_config(&l->d[LAWS_WAITLIST]);

	for (size_t i = 0; conf != NULL && i < conf->n_zones; i++) {
		const PB(Zone) *z = conf->zones[i];
		if (strcmp(z->id, r->zone) == 0 &&
		    (named(z->contact_party, party) || named(z->stand_in_party, party) ||
		     named(z->network_party, party))) {
			return true;
		}
	}
	return named(r->requester, party) || named(r->contact_party, party) ||
	       named(r->stand_in_party, party);
}

/* --- days of priority --- */

static uint32_t most_of(PB(PriorityGround) ground)
{
	return ground == GROUND_OF(NETWORK_MISS) ? 2 * 15 : 30;
}

static void days_add_up(struct laws *l, const PB(WaitEntryRecord) *e)
{
	const char *id = law_hex_data(&e->need->need_id);
	uint32_t of[GROUND_OF(SIBLING_THERE) + 1] = { 0 };
	uint32_t sum = 0;

	for (size_t i = 0; i < e->n_priority; i++) {
		of[e->priority[i]->ground] += e->priority[i]->days;
		sum += e->priority[i]->days;
	}
	if (sum != e->days_of_priority || sum > DAYS_ALL) {
		laws_violated(l, "L7", "entry %s has %u days of priority, its grounds give %u", id,
			      e->days_of_priority, sum);
	}
	for (unsigned g = GROUND_OF(NETWORK_MISS); g < SK_LEN(of); g++) {
		if (of[g] > most_of((PB(PriorityGround))g)) {
			laws_violated(l, "L7", "entry %s has %u days for ground %u", id, of[g], g);
		}
	}
	if (of[GROUND_OF(UNSPECIFIED)] > 0 && !l->d[LAWS_WAITLIST].was_restored) {
		laws_violated(l, "L7", "entry %s has days without a ground", id);
	}
}

/** Intake has told, last, that this house helps a brother or sister; who gave the days is no such
 * house. */
static bool sibling_is_there(const PB(WaitEntryRecord) *e, const PB(RequestFact) *r,
			     const char *house, const char *giver)
{
	const PB(ChildFact) *child = e->need->child < r->n_children ? r->children[e->need->child] :
								      NULL;
	bool there = false;

	for (size_t i = 0; child != NULL && i < child->n_sibling_partners; i++) {
		if (strcmp(child->sibling_partners[i], giver) == 0) {
			return false;
		}
		there = there || named(house, child->sibling_partners[i]);
	}
	return there;
}

/** Why the ground was added by this step. */
static bool is_owed(const struct laws *l, const PB(WaitEntryRecord) *was,
		    const PB(WaitEntryRecord) *e, const PB(PriorityView) *p)
{
	const PB(Message) *in = l->step.in;
	const PB(WaitRequestRecord) *r = rec_by_id(&l->d[LAWS_WAITLIST], W_REQUEST, &e->request_id);

	switch ((int)p->ground) {
	case GROUND_OF(NETWORK_MISS):
		return in->body_case == BODY(CONTRIBUTION_CHANGED) && p->party[0] == '\0' &&
		       in->contribution_changed->miss > (was == NULL ? 0 : was->misses);
	case GROUND_OF(NOT_RIGHT_PLACE):
		return in->body_case == BODY(CONFIRM_MISPLACED) && p->party[0] == '\0' &&
		       e->misplaced == PLACE_IS(CONFIRMED);
	case GROUND_OF(SIBLING_THERE):
		return in->body_case == BODY(GIVE_PRIORITY) && named(p->party, l->step.party) &&
		       strcmp(in->give_priority->sibling_partner, p->party) != 0 && r != NULL &&
		       sibling_is_there(e, r->request, in->give_priority->sibling_partner,
					p->party) &&
		       !holds_or_asked(l, r->request, p->party) && !provides(l, e, p->party);
	default:
		return l->step.reconcile;
	}
}

static void days_are_owed(struct laws *l, const PB(WaitEntryRecord) *was,
			  const PB(WaitEntryRecord) *e)
{
	size_t had = was == NULL ? 0 : was->n_priority;

	for (size_t i = had; i < e->n_priority; i++) {
		if (!l->step.reconcile && !is_owed(l, was, e, e->priority[i])) {
			laws_violated(l, "L7", "entry %s got days for ground %d by who may not",
				      law_hex_data(&e->need->need_id), e->priority[i]->ground);
		}
	}
}

/* --- the right place --- */

static void place_is_confirmed(struct laws *l, const PB(WaitEntryRecord) *was,
			       const PB(WaitEntryRecord) *e)
{
	const PB(WaitRequestRecord) *r = rec_by_id(&l->d[LAWS_WAITLIST], W_REQUEST, &e->request_id);
	const char *id = law_hex_data(&e->need->need_id);

	if (e->misplaced != PLACE_IS(CONFIRMED)) {
		return;
	}
	if (e->state != WAIT_IS(SERVED)) {
		laws_violated(l, "DOMAIN 6", "entry %s has no help and is misplaced", id);
	}
	/* After a restore it is taken back as matching has it, without the words. */
	if (l->step.reconcile || (was != NULL && was->misplaced == PLACE_IS(CONFIRMED))) {
		return;
	}
	const PB(WaitMisplacedRecord) *p = e->place;
	bool near = p != NULL &&
		    (named("family", p->near_party) ||
		     (r != NULL && (named(r->request->contact_party, p->near_party) ||
				    named(r->request->stand_in_party, p->near_party))));
	if (!near || p->partner[0] == '\0' || strcmp(p->partner, p->near_party) == 0 ||
	    provides(l, e, p->partner)) {
		laws_violated(l, "DOMAIN 6", "entry %s counts as misplaced without two words", id);
	}
}

static void review_comes(struct laws *l, const PB(WaitEntryRecord) *e)
{
	uint64_t latest = l->step.now_ms + REVIEW_LATEST_DAYS * LAWS_DAY_MS;

	if (wait_listed(e) && e->review_ms > latest) {
		laws_violated(l, "DOMAIN 5", "entry %s is not reviewed in time",
			      law_hex_data(&e->need->need_id));
	}
}

/* --- case tables --- */

static bool may_follow(PB(CaseTableState) from, PB(CaseTableState) to)
{
	if (to == TABLE_IS(HELD)) {
		return from == TABLE_IS(PLANNED);
	}
	return to != TABLE_IS(CALLED) && (from == TABLE_IS(CALLED) || from == TABLE_IS(PLANNED));
}

static void table_changed(struct laws *l, const struct change *c)
{
	const PB(WaitTableRecord) *was = c->before;
	const PB(WaitTableRecord) *now = change_after(c);
	const char *id = law_hex(c->key.b);

	if (now == NULL) {
		return;
	}
	const PB(CaseTableFact) *t = now->view->table;
	bool open = t->state == TABLE_IS(CALLED) || t->state == TABLE_IS(PLANNED);
	if (t->owner[0] == '\0' || t->due_ms == 0) {
		laws_violated(l, "B3", "case table %s has no owner or no date", id);
	}
	if (open && !model_due(&l->d[LAWS_WAITLIST], W_DUE_TABLE, &t->table_id, UINT64_MAX)) {
		laws_violated(l, "B3", "case table %s is watched by nobody", id);
	}
	bool moved = was != NULL && was->view->table->state != t->state;
	if (moved && !l->step.reconcile && !may_follow(was->view->table->state, t->state)) {
		laws_violated(l, "DOMAIN 5", "case table %s went from %d to %d", id,
			      was->view->table->state, t->state);
	}
	bool planned = moved && t->state == TABLE_IS(PLANNED) && !l->step.reconcile;
	if (planned && (!now->view->child_invited || !now->view->parents_invited)) {
		laws_violated(l, "DOMAIN 5", "case table %s without child and parents", id);
	}
}

void laws_list(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_WAITLIST];

	for (size_t i = 0; i < d->mirror.changes; i++) {
		const struct change *c = &d->mirror.change[i];
		const PB(WaitEntryRecord) *e = change_after(c);

		if (c->table == W_TABLE) {
			table_changed(l, c);
		} else if (c->table == W_ENTRY && e != NULL) {
			days_add_up(l, e);
			days_are_owed(l, c->before, e);
			place_is_confirmed(l, c->before, e);
			review_comes(l, e);
		}
	}
}
