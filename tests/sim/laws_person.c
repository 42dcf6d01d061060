/* SPDX-License-Identifier: EUPL-1.2 */
/* L10: what one person is shown, against what is stored. Only the stored records are believed. */
#include "tests/sim/laws_model.h"

#define SPEAKER_IS(X) SCHAKEL__V1__SPEAKER__SPEAKER_##X
#define GROWN_UP 18

static bool agreed_or_going_on(PB(ContributionState) st)
{
	return st == CONTRIB(AGREED) || st == CONTRIB(STARTED) || st == CONTRIB(INTERRUPTED) ||
	       st == CONTRIB(HANDING_ON);
}

static void judge_help(struct laws *l, const PB(PersonView) *v, const PB(PersonHelp) *h)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	struct object_id request = law_id(&v->request_id);
	struct object_id help = law_id(&h->contribution_id);
	struct key k = key_of_id(&request);

	key_id(&k, &help);
	const PB(ContributionRecord) *c = rec_find(d, I_CONTRIBUTION, &k);
	if (c == NULL || c->last->state != h->state || !agreed_or_going_on(h->state)) {
		laws_violated(l, "L10", "help %s is shown as %d", law_hex_data(&h->contribution_id),
			      (int)h->state);
		return;
	}
	if (c->last->shielded && v->speaker != SPEAKER_IS(YOUTH)) {
		laws_violated(l, "L10", "shielded help %s is shown to a parent",
			      law_hex_data(&h->contribution_id));
	}
}

/* Who wants to meet first is asked of the family while that is what its house said, and not one
 * word more; not of a parent where it would tell of another home or of what the child keeps. */
static void judge_meet(struct laws *l, const PB(PersonView) *v, const PB(RequestRecord) *r,
		       const PB(PersonMeet) *m)
{
	struct object_id request = law_id(&v->request_id);
	struct object_id help = law_id(&m->contribution_id);
	struct key k = key_of_id(&request);
	bool hidden = false;

	key_id(&k, &help);
	const PB(ContributionRecord) *c = rec_find(&l->d[LAWS_INTAKE], I_CONTRIBUTION, &k);
	if (c == NULL || c->last->state != CONTRIB(CAN_IF) ||
	    c->last->can_if != SCHAKEL__V1__CAN_IF__CAN_IF_MEET_FIRST ||
	    c->last->meeting_open != m->allowed) {
		laws_violated(l, "L10", "a meeting %s is asked that nobody wants",
			      law_hex_data(&m->contribution_id));
	}
	for (size_t i = 0; v->child < r->n_children && i < r->children[v->child]->n_stays; i++) {
		const PB(Stay) *s = r->children[v->child]->stays[i];
		hidden = hidden || (s->safe && s->adult != v->adult);
	}
	if (hidden && v->speaker != SPEAKER_IS(YOUTH)) {
		laws_violated(l, "L10", "a meeting %s tells of a hidden home",
			      law_hex_data(&m->contribution_id));
	}
}

static bool in_team(const PB(TeamProposed) *t, const PB(PersonNeed) *n, const PB(PersonSeat) *p)
{
	for (size_t i = 0; t != NULL && i < t->n_seats; i++) {
		if (strcmp(t->seats[i]->partner, p->partner) == 0 &&
		    same_data(&t->seats[i]->need_id, &n->need_id)) {
			return true;
		}
	}
	for (size_t i = 0; t != NULL && i < t->n_alternatives; i++) {
		if (strcmp(t->alternatives[i]->partner, p->partner) == 0 &&
		    same_data(&t->alternatives[i]->need_id, &n->need_id)) {
			return true;
		}
	}
	return false;
}

static void judge_need(struct laws *l, const PB(PersonView) *v, const PB(RequestRecord) *r,
		       const PB(PersonNeed) *n)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	struct object_id request = law_id(&v->request_id);
	struct key k = key_of_id(&request);
	const PB(TeamRecord) *t = rec_by_id(d, I_TEAM, &v->request_id);

	key_u32(&k, n->number);
	const PB(NeedRecord) *rec = rec_find(d, I_NEED, &k);
	if (rec == NULL || (r->n_children > 1 && rec->need->child != v->child)) {
		laws_violated(l, "L10", "need %u of %s is not this child's", n->number,
			      law_hex_data(&v->request_id));
	}
	for (size_t i = 0; i < n->n_help; i++) {
		judge_help(l, v, n->help[i]);
	}
	for (size_t i = 0; i < n->n_meets; i++) {
		judge_meet(l, v, r, n->meets[i]);
	}
	for (size_t i = 0; i < n->n_proposed; i++) {
		if (!in_team(t == NULL ? NULL : t->team, n, n->proposed[i])) {
			laws_violated(l, "L10", "%s is in no team of %s", n->proposed[i]->partner,
				      law_hex_data(&v->request_id));
		}
	}
}

/* Whom no contact is allowed must not find the child, not even by who holds it or when. */
static bool judge_no_contact(struct laws *l, const PB(PersonView) *v, const PB(RequestRecord) *r)
{
	bool none = false;

	for (size_t i = 0; i < r->n_adults; i++) {
		none = none ||
		       (v->speaker == SPEAKER_IS(ADULT) && r->adults[i]->number == v->adult &&
			r->adults[i]->limit ==
				SCHAKEL__V1__CONTACT_LIMIT__CONTACT_LIMIT_NONE_ALLOWED);
	}
	if (none && (v->n_holders + v->n_needs > 0 || v->contact_party[0] != '\0' ||
		     v->stand_in_party[0] != '\0' || v->asked_by[0] != '\0' || v->next_ms != 0)) {
		laws_violated(l, "L10", "%s: an adult without contact can find the child",
			      law_hex_data(&v->request_id));
	}
	return none;
}

/* A11, L2: who holds, and what is next with a day that is to come. */
static void judge_held(struct laws *l, const PB(PersonView) *v, const PB(RequestRecord) *r,
		       uint64_t now_ms)
{
	bool holds = v->n_holders > 0;

	if (judge_no_contact(l, v, r)) {
		return;
	}
	for (size_t i = 0; i < v->n_holders; i++) {
		bool found = false;
		for (size_t k = 0; k < r->n_holders; k++) {
			found = found || strcmp(r->holders[k]->party, v->holders[i]) == 0;
		}
		holds = holds && found;
	}
	if (r->open && !holds) {
		laws_violated(l, "L10", "%s: nobody is said to hold", law_hex_data(&v->request_id));
	}
	if (r->open && (v->next == 0 || v->next_ms <= now_ms)) {
		laws_violated(l, "L10", "%s: nothing is next", law_hex_data(&v->request_id));
	}
	if (strcmp(v->contact_party, r->contact_party) != 0) {
		laws_violated(l, "L3", "%s: another contact person is shown",
			      law_hex_data(&v->request_id));
	}
}

/* A parent without authority, at a home that is not the child's to show, or of a grown child. */
static bool must_not_see(const PB(PersonView) *v, const PB(RequestRecord) *r)
{
	const PB(Child) *c = v->child < r->n_children ? r->children[v->child] : NULL;
	bool authority = false;

	for (size_t i = 0; i < r->n_adults; i++) {
		authority = authority ||
			    (r->adults[i]->number == v->adult && r->adults[i]->authority);
	}
	return c == NULL || !authority || (c->born == 0 && c->age_years >= GROWN_UP);
}

static void judge_voice(struct laws *l, const PB(PersonView) *v)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	struct object_id request = law_id(&v->request_id);
	struct key prefix = key_of_id(&request);
	size_t at = SIZE_MAX;
	bool found = v->said == 0;

	for (const struct row *row = row_next(d, I_VOICE, &prefix, &at); row != NULL;
	     row = row_next(d, I_VOICE, &prefix, &at)) {
		const PB(VoiceRecord) *w = row->rec;
		found = found ||
			(w->speaker == v->speaker && w->adult == v->adult && w->child == v->child &&
			 w->voice == v->said && w->at_ms == v->said_ms);
	}
	if (!found) {
		laws_violated(l, "L10", "%s: a voice of somebody else is shown",
			      law_hex_data(&v->request_id));
	}
}

static void not_childs(struct laws *l, const PB(PersonView) *v, const char *what, uint32_t number)
{
	laws_violated(l, "L10", "%s %u of %s is not this child's", what, number,
		      law_hex_data(&v->request_id));
}

static const void *part_find(struct laws *l, const PB(PersonView) *v, uint8_t table,
			     uint32_t number)
{
	struct object_id request = law_id(&v->request_id);
	struct key k = key_of_id(&request);

	key_u32(&k, number);
	return rec_find(&l->d[LAWS_INTAKE], table, &k);
}

/* Goals and own people as they stand, of this child. */
static void judge_own(struct laws *l, const PB(PersonView) *v, const PB(RequestRecord) *r)
{
	bool many = r->n_children > 1;

	for (size_t i = 0; i < v->n_goals; i++) {
		const PB(GoalRecord) *g = part_find(l, v, I_GOAL, v->goals[i]->number);
		if (g == NULL || g->goal->state != v->goals[i]->state ||
		    (many && g->goal->child != v->child)) {
			not_childs(l, v, "goal", v->goals[i]->number);
		}
	}
	for (size_t i = 0; i < v->n_own; i++) {
		const PB(OwnRecord) *o = part_find(l, v, I_OWN, v->own[i]->number);
		if (o == NULL || o->own->state != v->own[i]->state ||
		    (many && o->own->child != v->child)) {
			not_childs(l, v, "own help", v->own[i]->number);
		}
	}
}

static bool order_touches(struct laws *l, const PB(PersonView) *v, const PB(RequestRecord) *r,
			  const PB(CourtOrderView) *o)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	bool touches = o->n_need_ids == 0 && o->n_children == 0;
	size_t at = SIZE_MAX;

	for (size_t i = 0; o->n_need_ids == 0 && i < o->n_children; i++) {
		touches = touches || o->children[i] == v->child || r->n_children <= 1;
	}
	for (const PB(NeedRecord) *n = intake_need(d, &v->request_id, &at); n != NULL;
	     n = intake_need(d, &v->request_id, &at)) {
		for (size_t i = 0; i < o->n_need_ids; i++) {
			bool named = same_data(&o->need_ids[i], &n->need->need_id);
			bool own = r->n_children <= 1 || n->need->child == v->child;
			touches = touches || (named && own);
		}
	}
	return touches;
}

/* B1: an order that is about this child, with its end. */
static void judge_orders(struct laws *l, const PB(PersonView) *v, const PB(RequestRecord) *r)
{
	struct object_id request = law_id(&v->request_id);

	for (size_t i = 0; i < v->n_orders; i++) {
		struct key k = key_of_id(&request);
		key_bytes(&k, v->orders[i]->number, strlen(v->orders[i]->number));
		const PB(OrderRecord) *o = rec_find(&l->d[LAWS_INTAKE], I_ORDER, &k);
		if (o == NULL || o->view->until_ms != v->orders[i]->until_ms ||
		    !order_touches(l, v, r, o->view)) {
			laws_violated(l, "L10", "%s: order %s is not about this child",
				      law_hex_data(&v->request_id), v->orders[i]->number);
		}
	}
}

void laws_person(struct laws *l, const PB(PersonView) *v, uint64_t now_ms)
{
	const PB(RequestRecord) *r = rec_by_id(&l->d[LAWS_INTAKE], I_REQUEST, &v->request_id);

	if (r == NULL) {
		laws_violated(l, "L10", "a request is shown that does not exist");
		return;
	}
	size_t childs = v->n_needs + v->n_goals + v->n_own + v->n_strengths + v->n_orders;
	if (v->speaker == SPEAKER_IS(ADULT) && childs > 0 && must_not_see(v, r)) {
		laws_violated(l, "L10", "%s: adult %u sees the child's part",
			      law_hex_data(&v->request_id), v->adult);
	}
	for (size_t i = 0; i < v->n_needs; i++) {
		judge_need(l, v, r, v->needs[i]);
	}
	judge_own(l, v, r);
	judge_orders(l, v, r);
	judge_held(l, v, r, now_ms);
	judge_voice(l, v);
}

static const PB(KeptBackRecord) *mark_on(struct laws *l, const ProtobufCBinaryData *request,
					 const PB(Capsule) *c)
{
	struct object_id id = law_id(request);
	struct object_id person = law_id(&c->person_id);
	struct key k = key_of_id(&id);

	key_id(&k, &person);
	key_u32(&k, c->version);
	return rec_find(&l->d[LAWS_INTAKE], I_KEPT_BACK, &k);
}

static bool was_told(struct laws *l, const ProtobufCBinaryData *request,
		     const ProtobufCBinaryData *person, uint32_t version)
{
	struct object_id id = law_id(request);
	struct object_id of = law_id(person);
	struct key k = key_of_id(&id);

	key_id(&k, &of);
	key_u32(&k, version);
	const PB(CapsuleRecord) *c = rec_find(&l->d[LAWS_INTAKE], I_CAPSULE, &k);
	return c != NULL && c->told && !c->capsule->about;
}

/** The reader's own id in the request, or NULL. */
static const ProtobufCBinaryData *reader_id(const PB(RequestRecord) *r, const PB(PersonView) *v)
{
	if (v->speaker == SPEAKER_IS(YOUTH)) {
		return v->child < r->n_children ? &r->children[v->child]->person_id : NULL;
	}
	for (size_t i = 0; v->speaker == SPEAKER_IS(ADULT) && i < r->n_adults; i++) {
		if (r->adults[i]->number == v->adult) {
			return &r->adults[i]->person_id;
		}
	}
	return NULL;
}

/** What somebody said itself is in its own file, whatever a worker marked. */
static void own_words_are_given(struct laws *l, const PB(FileView) *v,
				const ProtobufCBinaryData *request)
{
	const PB(RequestRecord) *r = rec_by_id(&l->d[LAWS_INTAKE], I_REQUEST, request);
	const ProtobufCBinaryData *own = r == NULL || v->person == NULL ? NULL :
									  reader_id(r, v->person);

	for (size_t i = 0; own != NULL && own->len > 0 && i < v->n_kept_back; i++) {
		const PB(KeptBackView) *k = v->kept_back[i];
		if (same_data(&k->person_id, own) &&
		    was_told(l, request, &k->person_id, k->version)) {
			laws_violated(l, "L10", "%s: own words are kept back from who said them",
				      law_hex_data(request));
		}
	}
}

void laws_file(struct laws *l, const PB(FileView) *v, const ProtobufCBinaryData *request)
{
	struct object_id id = law_id(request);
	struct key prefix = key_of_id(&id);
	size_t at = SIZE_MAX;

	if (row_next(&l->d[LAWS_INTAKE], I_LOOK, &prefix, &at) == NULL) {
		laws_violated(l, "L10", "%s: a file that nobody asked", law_hex_data(request));
	}
	for (size_t i = 0; i < v->n_capsules; i++) {
		const PB(Capsule) *c = v->capsules[i]->capsule;
		const PB(KeptBackRecord) *m = mark_on(l, request, c);
		bool own = v->capsules[i]->own && was_told(l, request, &c->person_id, c->version);
		if (m != NULL && !m->lifted && !own) {
			laws_violated(l, "L10", "%s: what is kept back is shown",
				      law_hex_data(request));
		}
	}
	own_words_are_given(l, v, request);
	for (size_t i = 0; i < v->n_contributions; i++) {
		if (!same_data(&v->contributions[i]->request_id, request)) {
			laws_violated(l, "L10", "%s: an answer of another request",
				      law_hex_data(request));
		}
	}
}
