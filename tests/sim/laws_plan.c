/* SPDX-License-Identifier: EUPL-1.2 */
/* Families and plans: one contact person for all requests of a family (L3), one plan (L9), one
 * place on the list for a child that was told of twice (D4), the states of a consult (D5), and that
 * what a family has of its own touches no need and no clock (L6, B5). */
#include "tests/sim/laws_model.h"

#define CONSULT_IS(X) SCHAKEL__V1__CONSULT_STATE__CONSULT_STATE_##X
#define OWN_IS(X) SCHAKEL__V1__OWN_STATE__OWN_STATE_##X
#define MEMBERS_MAX 64

/** The requests of one family, found by looking at all: NULL family id is a family of one. */
struct home {
	const PB(RequestRecord) *r[MEMBERS_MAX];
	size_t len;
};

static void home_of(const struct daemon_model *d, const PB(RequestRecord) *r, struct home *ret_h)
{
	const struct rows *t = &d->mirror.table[I_REQUEST];

	ret_h->r[0] = r;
	ret_h->len = 1;
	for (size_t i = 0; r->family_id.len > 0 && i < t->len; i++) {
		const PB(RequestRecord) *o = t->row[i]->rec;
		if (o != r && same_data(&o->family_id, &r->family_id) && ret_h->len < MEMBERS_MAX) {
			ret_h->r[ret_h->len++] = o;
		}
	}
}

/* --- one family --- */

static bool lists(const PB(FamilyRecord) *f, const ProtobufCBinaryData *request)
{
	for (size_t i = 0; i < f->n_members; i++) {
		if (same_data(&f->members[i]->request_id, request)) {
			return true;
		}
	}
	return false;
}

static void family_is_whole(struct laws *l, const struct home *h)
{
	const PB(RequestRecord) *r = h->r[0];
	const PB(FamilyRecord) *f = rec_by_id(&l->d[LAWS_INTAKE], I_FAMILY, &r->family_id);
	const char *id = law_hex_data(&r->request_id);

	if (f == NULL || f->n_members != h->len || h->len < 2) {
		laws_violated(l, "D4", "request %s has a family of %zu, its record has %zu", id,
			      h->len, f == NULL ? 0 : f->n_members);
		return;
	}
	for (size_t i = 0; i < h->len; i++) {
		const PB(RequestRecord) *o = h->r[i];
		if (!lists(f, &o->request_id)) {
			laws_violated(l, "D4", "the family of request %s does not list it",
				      law_hex_data(&o->request_id));
		}
		if (strcmp(o->contact_party, r->contact_party) != 0 ||
		    strcmp(o->stand_in_party, r->stand_in_party) != 0 ||
		    !same_data(&o->worker, &r->worker)) {
			laws_violated(l, "L3", "one family has contact persons %s and %s",
				      r->contact_party, o->contact_party);
		}
	}
}

/* --- one plan --- */

static const char *house_of(const struct daemon_model *d, const char *party)
{
	const PB(Party) *p = model_party(d, party);

	return p == NULL || p->organisation[0] == '\0' ? party : p->organisation;
}

static bool two_houses(const struct daemon_model *d, const struct home *h)
{
	const char *first = NULL;
	bool two = false;

	for (size_t i = 0; i < h->len; i++) {
		size_t at = SIZE_MAX;
		for (const PB(ContributionRecord) *c = intake_live(d, &h->r[i]->request_id, &at);
		     c != NULL; c = intake_live(d, &h->r[i]->request_id, &at)) {
			if (contribution_is_active(c->last->state) && !c->shielded) {
				const char *house = house_of(d, c->last->partner);
				two = two || (first != NULL && strcmp(first, house) != 0);
				first = house;
			}
		}
	}
	return two;
}

/** What was said last, at any desk; of two at one instant either may count. */
static bool may_be_declined(const struct home *h)
{
	uint64_t last = 0;
	bool no = false;

	for (size_t i = 0; i < h->len; i++) {
		last = h->r[i]->plan_said_ms > last ? h->r[i]->plan_said_ms : last;
	}
	for (size_t i = 0; i < h->len; i++) {
		no = no || (last != 0 && h->r[i]->plan_said_ms == last && h->r[i]->plan_declined);
	}
	return no;
}

static size_t plans_named(struct laws *l, const PB(RequestRecord) *r)
{
	const struct rows *t = &l->d[LAWS_INTAKE].mirror.table[I_PLAN];
	const PB(PlanRecord) *plan = rec_by_id(&l->d[LAWS_INTAKE], I_PLAN, &r->plan_id);
	size_t plans = 0;

	for (size_t i = 0; i < t->len; i++) {
		const PB(PlanRecord) *p = t->row[i]->rec;
		plans += same_data(&p->request_id, &r->request_id) ? 1 : 0;
	}
	if (plans != (plan == NULL ? 0 : 1)) {
		laws_violated(l, "L9", "request %s has %zu plans", law_hex_data(&r->request_id),
			      plans);
	}
	return plan != NULL && plan->ended_ms == 0 ? 1 : 0;
}

static void one_plan(struct laws *l, const struct home *h)
{
	const char *id = law_hex_data(&h->r[0]->request_id);
	size_t live = 0;

	for (size_t i = 0; i < h->len; i++) {
		live += plans_named(l, h->r[i]);
	}
	if (live > 1) {
		laws_violated(l, "L9", "the family of request %s has %zu plans", id, live);
	}
	if (live == 0 && two_houses(&l->d[LAWS_INTAKE], h) && !may_be_declined(h)) {
		laws_violated(l, "L9", "two organisations are active in request %s without a plan",
			      id);
	}
}

/* --- one place on the list --- */

static const PB(NeedRecord) *need_by_id(const struct daemon_model *d, const ProtobufCBinaryData *id)
{
	const PB(NeedRefRecord) *ref = rec_by_id(d, I_NEED_REF, id);

	if (ref == NULL) {
		return NULL;
	}
	struct object_id request = law_id(&ref->request_id);
	struct key k = key_of_id(&request);
	key_u32(&k, ref->ordinal);
	return rec_find(d, I_NEED, &k);
}

/** Off the list is lawful only as long as the other one is waited for: else a need is lost. */
static void waits_for_another(struct laws *l, const PB(RequestRecord) *r, const PB(NeedRecord) *n)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	const char *id = law_hex_data(&n->need->need_id);
	const PB(NeedRecord) *first = need_by_id(d, &n->waits_with);

	if (!n->list_closed || n->need->state != NEED_IS(OPEN)) {
		laws_violated(l, "D4", "need %s waits with another in state %d", id,
			      n->need->state);
	}
	const PB(RequestRecord) *other =
		first == NULL ? NULL : rec_by_id(d, I_REQUEST, &first->request_id);
	if (other == NULL || r->family_id.len == 0 ||
	    !same_data(&other->family_id, &r->family_id)) {
		laws_violated(l, "D4", "need %s waits with one of another family", id);
		return;
	}
	if (first->need->state != NEED_IS(OPEN) || first->list_closed ||
	    first->need->expertise != n->need->expertise) {
		laws_violated(l, "I17", "need %s waits with one in state %d%s", id,
			      first->need->state, first->list_closed ? ", off the list" : "");
	}
	if (other->urgency > r->urgency) {
		laws_violated(l, "D4", "need %s waits with one that is less pressing", id);
	}
}

static void needs_are_waited_for(struct laws *l, const PB(RequestRecord) *r)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	size_t at = SIZE_MAX;

	for (const PB(NeedRecord) *n = intake_need(d, &r->request_id, &at); n != NULL;
	     n = intake_need(d, &r->request_id, &at)) {
		if (n->waits_with.len > 0) {
			waits_for_another(l, r, n);
		} else if (n->list_closed && n->need->state == NEED_IS(OPEN)) {
			laws_violated(l, "I17", "need %s is open and off the list",
				      law_hex_data(&n->need->need_id));
		}
		if (n->own_arrival_ms != 0 &&
		    (r->family_id.len == 0 || n->own_arrival_ms <= n->need->arrival_ms)) {
			laws_violated(l, "D4", "need %s has a date that is not its own",
				      law_hex_data(&n->need->need_id));
		}
	}
}

/* --- consults --- */

/** Steps of a consult that anybody could take; the end is taken once. */
static bool consult_moves(PB(ConsultState) from, PB(ConsultState) to)
{
	if (from == to) {
		return true;
	}
	if (from == CONSULT_IS(CONVERTED) || from == CONSULT_IS(CANCELLED)) {
		return false;
	}
	if (from == CONSULT_IS(CLOSED)) {
		return to == CONSULT_IS(CONVERTED);
	}
	return to != CONSULT_IS(INFORMATION_REQUESTED) || from == CONSULT_IS(RESPONSE_REQUIRED);
}

static void consult_is_lawful(struct laws *l, const PB(RequestRecord) *was,
			      const PB(RequestRecord) *r)
{
	const char *id = law_hex_data(&r->request_id);

	if (was != NULL && !consult_moves(was->consult, r->consult)) {
		laws_violated(l, "D5", "consult %s went from %d to %d", id, was->consult,
			      r->consult);
	}
	if (r->anonymous && (r->contact_party[0] != '\0' || r->answer_due_ms != 0 ||
			     r->family_id.len > 0 || r->n_children > 0)) {
		laws_violated(l, "D1", "anonymous consult %s is linked to somebody", id);
	}
	if ((r->consult == CONSULT_IS(CONVERTED)) != (r->converted_to[0] != '\0')) {
		laws_violated(l, "D5", "consult %s is converted to \"%s\"", id, r->converted_to);
	}
}

/* --- what a family has of its own --- */

static bool beside_the_needs(const PB(Message) *in)
{
	switch ((int)in->body_case) {
	case BODY(SET_GOAL):
	case BODY(SET_OWN_CONTRIBUTION):
	case BODY(RECORD_DIAGNOSTIC):
	case BODY(ASK_OTHER):
	case BODY(ANSWER_OTHER):
		return true;
	default:
		return false;
	}
}

/* A court order may have ended since the last step: each step counts with those in force. */
static bool order_ended(const struct change *c)
{
	const PB(NeedRecord) *was = c->before;
	const PB(NeedRecord) *n = change_after(c);

	return was != NULL && n != NULL && was->need->by_order && !n->need->by_order;
}

static void touches_no_need(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];

	if (l->step.in == NULL || !beside_the_needs(l->step.in)) {
		return;
	}
	for (size_t i = 0; i < d->mirror.changes; i++) {
		const struct change *c = &d->mirror.change[i];
		const PB(RequestRecord) *was = c->table == I_REQUEST ? c->before : NULL;
		const PB(RequestRecord) *r = c->table == I_REQUEST ? change_after(c) : NULL;
		bool moved = was != NULL && r != NULL &&
			     (was->answered_ms != r->answered_ms ||
			      was->answer_due_ms != r->answer_due_ms ||
			      was->n_holders != r->n_holders || was->open != r->open);
		if ((c->table == I_NEED && !order_ended(c)) || moved) {
			laws_violated(l, "L6", "a part of the plan moved a need or a clock");
		}
	}
	for (size_t i = 0; i < d->emitted_len; i++) {
		/* But for the words that the list knows beside its order: retellings and the like.
		 */
		bool care = d->emitted[i].m->body_case == BODY(CARE_NOTED);
		/* In whose place another worker is asked is one whom the child knows no more. */
		bool known = l->step.in->body_case == BODY(ASK_OTHER) &&
			     d->emitted[i].m->body_case == BODY(NEEDS_OPENED);
		if (laws_daemon_of(d->emitted[i].to) >= 0 && !care && !known) {
			laws_violated(l, "L6", "a part of the plan was told to %s",
				      d->emitted[i].to);
		}
	}
}

/** Of means, what is said to be given is counted for its network and within the bound. */
static void means_are_counted(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	const struct rows *t = &d->mirror.table[I_OWN];

	for (size_t i = 0; i < d->mirror.changes; i++) {
		const struct change *c = &d->mirror.change[i];
		if (c->table != I_SPENT || c->after == NULL) {
			continue;
		}
		const PB(SpentRecord) *spent = c->after->rec;
		uint64_t given = 0;
		for (size_t k = 0; k < t->len; k++) {
			const PB(OwnContributionView) *o = ((PB(OwnRecord) *)t->row[k]->rec)->own;
			struct key network = key_of_str(o->network);
			bool gives = o->state == OWN_IS(AGREED) || o->state == OWN_IS(STARTED) ||
				     o->state == OWN_IS(ENDED);
			bool here = network.len == c->key.len &&
				    memcmp(network.b, c->key.b, network.len) == 0;
			given += gives && here ? o->euro_cents : 0;
		}
		if (spent->cents < given) {
			laws_violated(l, "B12", "%llu cents are given, %llu are counted",
				      (unsigned long long)given, (unsigned long long)spent->cents);
		}
	}
}

/* After a restore the list says again what had ended, request by request. */
static bool list_says_it(const struct laws *l, const PB(RequestRecord) *other)
{
	const struct rows *t = &l->d[LAWS_WAITLIST].mirror.table[W_ENTRY];
	bool says = false;

	if (l->step.in == NULL || l->step.in->body_case != BODY(NEED_CLOSED)) {
		return false;
	}
	for (size_t i = 0; i < t->len; i++) {
		const PB(WaitEntryRecord) *e = t->row[i]->rec;
		says = says ||
		       (same_data(&e->request_id, &other->request_id) &&
			e->close_reason == SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_DECEASED);
	}
	return says;
}

/* A11: who holds the same child at another desk hears of its death in the same step. Pairs as they
 * were named: what follows from two of them is not looked at here. */
static void death_is_told(struct laws *l, const PB(RequestRecord) *r, const PB(RequestRecord) *was)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	const PB(FamilyRecord) *f = rec_by_id(d, I_FAMILY, &r->family_id);
	bool died = r->deceased && was != NULL && !was->deceased && r->n_children == 1;

	for (size_t i = 0; died && f != NULL && i < f->n_children; i++) {
		const PB(FamilyChild) *c = f->children[i];
		bool here = same_data(&c->request_id, &r->request_id);
		bool there = same_data(&c->with_request_id, &r->request_id);
		const ProtobufCBinaryData *other = here ? &c->with_request_id : &c->request_id;
		const PB(RequestRecord) *o = here || there ? rec_by_id(d, I_REQUEST, other) : NULL;
		bool hears = o == NULL || o->deceased || list_says_it(l, o);
		if (!hears && o->n_children == 1) {
			laws_violated(l, "A11", "the death of the child of %s is not told in %s",
				      law_hex_data(&r->request_id), law_hex_data(other));
		}
	}
}

void laws_plan(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	size_t at = SIZE_MAX;

	touches_no_need(l);
	means_are_counted(l);
	for (const struct row *row = touched_request(l, &at); row != NULL;
	     row = touched_request(l, &at)) {
		const PB(RequestRecord) *r = row->rec;
		const struct change *c = change_find(d, I_REQUEST, &row->key);
		struct home h;

		home_of(d, r, &h);
		if (r->family_id.len > 0) {
			family_is_whole(l, &h);
			death_is_told(l, r, c == NULL ? NULL : c->before);
		}
		one_plan(l, &h);
		needs_are_waited_for(l, r);
		consult_is_lawful(l, c == NULL ? NULL : c->before, r);
	}
}
