/* SPDX-License-Identifier: EUPL-1.2 */
/* What one young person or one parent sees (DOMAIN 2, L10). The view is made anew, field by field,
 * from what is stored: what is not put in here is not shown, whatever is added elsewhere. No answer
 * of a partner, no word, home or story of somebody else. */
#include <string.h>

#include "services/intake/core_inner.h"

#define WEEK_DAYS 7
#define NEXT(X) SCHAKEL__V1__NEXT_STEP__NEXT_STEP_##X

static const PB(Adult) *adult_of(const struct req *q, uint32_t number)
{
	for (size_t i = 0; i < q->r->n_adults; i++) {
		if (q->r->adults[i]->number == number) {
			return q->r->adults[i];
		}
	}
	return NULL;
}

/* A home that is hidden from this adult. Who helps there, and where, would tell of it. */
static bool home_hidden(const PB(Child) *c, uint32_t adult)
{
	for (size_t i = 0; i < c->n_stays; i++) {
		if (c->stays[i]->safe && c->stays[i]->adult != adult) {
			return true;
		}
	}
	return false;
}

int person_open(struct step *s, const struct req *q, struct person *io_who)
{
	const PB(RequestRecord) *r = q->r;

	if (io_who->child >= r->n_children && (r->n_children > 0 || io_who->child > 0)) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "child");
	}
	const PB(Child) *c = r->n_children == 0 ? NULL : r->children[io_who->child];
	if (io_who->speaker == SPEAKER(YOUTH) || io_who->speaker == SPEAKER(TRUSTED_PERSON)) {
		io_who->own = c == NULL ? NULL : &c->person_id;
		io_who->sees_child = true;
		io_who->names = true;
		return SK_OK;
	}
	if (io_who->speaker != SPEAKER(ADULT)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "speaker");
	}
	const PB(Adult) *a = adult_of(q, io_who->adult);
	if (a == NULL) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "adult");
	}
	io_who->own = &a->person_id;
	io_who->no_contact = a->limit == SCHAKEL__V1__CONTACT_LIMIT__CONTACT_LIMIT_NONE_ALLOWED;
	io_who->sees_child = c != NULL && a->authority &&
			     adult_sees_child(q, io_who->child, s->now_ms) && !io_who->no_contact;
	io_who->names = io_who->sees_child && !home_hidden(c, a->number);
	return SK_OK;
}

/* --- help --- */

static bool help_shows(const struct person *who, const PB(ContributionChanged) *c)
{
	bool agreed = MUT(110) || c->state == CONTRIB(AGREED) || contribution_active(c);

	return agreed && who->names && (!c->shielded || who->speaker == SPEAKER(YOUTH));
}

static bool shield_covers(const struct req *q, const struct person *who, const PB(NeedRecord) *n)
{
	if (n->need->shielded) {
		return who->speaker != SPEAKER(YOUTH);
	}
	for (size_t i = 0; i < q->live_len; i++) {
		const PB(ContributionChanged) *c = q->live[i]->last;
		if (c->shielded && data_equal(&c->need_id, &n->need->need_id)) {
			return who->speaker != SPEAKER(YOUTH);
		}
	}
	return false;
}

bool person_sees_need(const struct req *q, const struct person *who, const PB(NeedRecord) *n)
{
	bool one = q->r->n_children <= 1 || n->need->child == who->child;

	return who->sees_child && one && n->need->state != NEED_IS(ENTERED_IN_ERROR) &&
	       !shield_covers(q, who, n);
}

PB(PersonHelp) *person_help(struct step *s, const PB(ContributionChanged) *c)
{
	PB(PersonHelp) *h = step_alloc(s, sizeof(*h));

	if (h == NULL) {
		return NULL;
	}
	schakel__v1__person_help__init(h);
	h->contribution_id = c->contribution_id;
	h->short_code = c->short_code;
	h->partner = c->partner;
	h->state = c->state;
	h->modality = c->modality;
	h->supporter = c->supporter;
	h->at_ms = c->at_ms;
	h->start_at_ms = c->state == CONTRIB(AGREED) ? c->start_at_ms : 0;
	h->back_ms = c->state == CONTRIB(INTERRUPTED) ? c->until_ms : 0;
	h->shielded = c->shielded;
	return h;
}

static void helps_view(struct step *s, const struct req *q, const struct person *who,
		       PB(PersonNeed) *n)
{
	n->help = step_alloc(s, (q->live_len + 1) * sizeof(*n->help));
	for (size_t i = 0; n->help != NULL && i < q->live_len; i++) {
		const PB(ContributionChanged) *c = q->live[i]->last;
		if (data_equal(&c->need_id, &n->need_id) && help_shows(who, c)) {
			PB(PersonHelp) *h = person_help(s, c);
			if (h == NULL) {
				return;
			}
			n->help[n->n_help++] = h;
		}
	}
}

/* --- what is proposed --- */

static bool helps_already(const PB(PersonNeed) *n, const char *partner)
{
	for (size_t i = 0; i < n->n_help; i++) {
		if (strcmp(n->help[i]->partner, partner) == 0) {
			return true;
		}
	}
	return false;
}

static void seat_add(struct step *s, PB(PersonNeed) *n, const PB(PersonSeat) *seat)
{
	PB(PersonSeat) *p = step_alloc(s, sizeof(*p));

	if (p != NULL && n->proposed != NULL && !helps_already(n, seat->partner)) {
		*p = *seat;
		n->proposed[n->n_proposed++] = p;
	}
}

static void proposed_view(struct step *s, const PB(TeamProposed) *t, PB(PersonNeed) *n)
{
	n->proposed = step_alloc(s, (t->n_seats + t->n_alternatives + 1) * sizeof(*n->proposed));
	for (size_t i = 0; n->proposed != NULL && i < t->n_seats; i++) {
		PB(PersonSeat) seat = PB_INIT(PERSON_SEAT);
		seat.partner = t->seats[i]->partner;
		seat.modality = t->seats[i]->modality;
		seat.supporter = t->seats[i]->supporter;
		if (data_equal(&t->seats[i]->need_id, &n->need_id)) {
			seat_add(s, n, &seat);
		}
	}
	for (size_t i = 0; n->n_proposed > 0 && i < t->n_alternatives; i++) {
		PB(PersonSeat) seat = PB_INIT(PERSON_SEAT);
		seat.partner = t->alternatives[i]->partner;
		seat.modality = t->alternatives[i]->modality;
		seat.other = true;
		if (data_equal(&t->alternatives[i]->need_id, &n->need_id)) {
			seat_add(s, n, &seat);
		}
	}
}

/* B17: since when it waits, for want of what, and when somebody looks again. What the child did not
 * choose is the child's own word; who else has to choose is said elsewhere, without a name. */
static void waits_of_need(struct step *s, const struct req *q, const struct person *who,
			  const PB(NeedRecord) *rec, PB(PersonNeed) *n)
{
	const PB(WaitTold) *told = wait_told_of(s, q, rec);
	bool own = who->speaker == SPEAKER(YOUTH);

	if (told == NULL) {
		return;
	}
	n->waits_since_ms = told->since_ms;
	/* Who needs a safe place tonight is not told of a day in months. */
	bool soon = q->r->urgency != URGENCY(CRISIS) || told->review_ms <= q->r->answer_due_ms;
	n->review_ms = told->review_ms > s->now_ms && soon ? told->review_ms : 0;
	if (own || told->shortfall != SCHAKEL__V1__SHORTFALL__SHORTFALL_YOUTH_DECLINED) {
		n->waits_for = told->shortfall;
	}
}

static PB(PersonNeed) *need_view(struct step *s, const struct req *q, const struct person *who,
				 const PB(NeedRecord) *rec)
{
	PB(PersonNeed) *n = step_alloc(s, sizeof(*n));

	if (n == NULL) {
		return NULL;
	}
	schakel__v1__person_need__init(n);
	n->need_id = rec->need->need_id;
	n->number = rec->need->ordinal;
	n->expertise = rec->need->expertise;
	n->life_domain = rec->need->life_domain;
	n->must = rec->need->must;
	n->state = rec->need->state;
	n->since_ms = rec->state_since_ms;
	n->close_reason = rec->close_reason;
	helps_view(s, q, who, n);
	fits_wanted(s, q, who, n);
	person_meets(s, q, who, rec, n);
	waits_of_need(s, q, who, rec, n);
	return n;
}

/* Of a child that died nothing more is said (DOMAIN 4). */
static void needs_view(struct step *s, const struct req *q, const struct person *who,
		       const PB(TeamRecord) *t, PB(PersonView) *v)
{
	v->needs = step_alloc(s, NEEDS_KEPT_MAX * sizeof(*v->needs));
	for (size_t i = 0; v->needs != NULL && i < q->needs_len && !q->r->deceased; i++) {
		if (!person_sees_need(q, who, q->need[i])) {
			continue;
		}
		PB(PersonNeed) *n = need_view(s, q, who, q->need[i]);
		if (n == NULL) {
			return;
		}
		if (t != NULL && who->names && need_wants_help(q->need[i])) {
			proposed_view(s, t->team, n);
		}
		v->needs[v->n_needs++] = n;
	}
}

/* --- who holds --- */

static bool holder_shows(const PB(PersonView) *v, const PB(HolderView) *h)
{
	if (h->kind != HOLDER(PARTNER)) {
		return true;
	}
	for (size_t i = 0; i < v->n_needs; i++) {
		if (helps_already(v->needs[i], h->party)) {
			return true;
		}
	}
	return false;
}

static void holders_view(struct step *s, struct req *q, PB(PersonView) *v)
{
	v->holders = step_alloc(s, (q->r->n_holders + 1) * sizeof(*v->holders));
	for (size_t i = 0; v->holders != NULL && i < q->r->n_holders; i++) {
		char *party = step_strdup(s, q->holder[i].party);
		if (party != NULL && holder_shows(v, &q->holder[i]) &&
		    !list_has(v->holders, v->n_holders, party)) {
			v->holders[v->n_holders++] = party;
		}
	}
}

/* --- own words --- */

static void said_view(struct step *s, struct req *q, const struct person *who,
		      const PB(TeamRecord) *t, PB(PersonView) *v)
{
	struct store_iter walk;
	struct key prefix = key_of_id(&q->id);
	struct key from = prefix;
	struct key at;
	struct slice val;

	key_u32(&from, t->voices_from);
	store_iter_init(&walk, s->txn, TABLE_VOICE, &prefix);
	store_iter_from(&walk, &from, true);
	while (store_next(&walk, &at, &val)) {
		const PB(VoiceRecord) *w = step_unpack(s, val, TYPE(voice_record));
		if (w == NULL) {
			break;
		}
		if (person_spoke(who, w)) {
			v->said = w->voice;
			v->said_ms = w->at_ms;
		}
	}
	store_iter_done(&walk);
}

static bool number_in(const uint32_t *list, size_t len, uint32_t number)
{
	for (size_t i = 0; i < len; i++) {
		if (list[i] == number) {
			return true;
		}
	}
	return false;
}

static void words_wanted(const struct person *who, const PB(VoicesWanted) *w, PB(PersonView) *v)
{
	bool adult = who->speaker == SPEAKER(ADULT);
	bool mine = number_in(w->adults, w->n_adults, who->adult);
	bool one = number_in(w->one_of, w->n_one_of, who->adult);

	v->child_heard = w->child_heard;
	v->my_word = adult ? mine || one : w->youth;
	v->other_word = adult ? w->youth || w->n_adults > (mine ? 1U : 0U) :
				w->n_adults > 0 || w->n_one_of > 0;
}

static void team_view(struct step *s, struct req *q, const struct person *who,
		      const PB(TeamRecord) *t, PB(PersonView) *v)
{
	PB(RequestItem) it = PB_INIT(REQUEST_ITEM);

	ground_view(s, q, t, &it);
	v->proposal_version = t->team->proposal_version;
	if (who->child < it.n_child_grounds) {
		const PB(ChildGround) *g = it.child_grounds[who->child];
		v->ground = g->ground;
		if (g->wanted != NULL && t->team->n_seats > 0) {
			words_wanted(who, g->wanted, v);
		}
	}
	said_view(s, q, who, t, v);
}

static void story_view(struct step *s, const struct req *q, const struct person *who,
		       PB(PersonView) *v)
{
	if (who->own == NULL || who->own->len == 0) {
		return;
	}
	v->told_versions = capsule_last_version(s, q, who->own);
	struct key k = key_of_id(&q->id);
	key_bytes(&k, who->own->data, who->own->len);
	key_u32(&k, v->told_versions);
	const PB(CapsuleRecord) *c = step_get(s, TABLE_CAPSULE, &k, TYPE(capsule_record));
	v->told_ms = c == NULL ? 0 : c->at_ms;
}

/* --- what is next --- */

struct next {
	PB(PersonView) *v;
	uint64_t now_ms;
};

static void sooner(struct next *x, PB(NextStep) what, uint64_t at_ms, char *party)
{
	bool ahead = at_ms > x->now_ms || (MUT(111) && at_ms != 0);
	if (ahead && (x->v->next_ms == 0 || at_ms < x->v->next_ms)) {
		x->v->next = what;
		x->v->next_ms = at_ms;
		x->v->next_party = party;
	}
}

static void next_of_help(struct next *x, const struct req *q, const PB(PersonNeed) *n)
{
	const PB(NeedRecord) *rec = NULL;

	for (size_t i = 0; i < q->needs_len; i++) {
		rec = q->need[i]->need->ordinal == n->number ? q->need[i] : rec;
	}
	if (rec == NULL) {
		return;
	}
	for (size_t i = 0; i < n->n_help; i++) {
		PB(PersonHelp) *h = n->help[i];
		int32_t days = (int32_t)(rec->need->duration_weeks * WEEK_DAYS);
		sooner(x, NEXT(START), h->start_at_ms, h->partner);
		sooner(x, NEXT(RETURN), h->back_ms, h->partner);
		if (h->state == CONTRIB(STARTED)) {
			uint64_t end_ms = civil_add_days_local(rec->started_ms, days);
			sooner(x, NEXT(PLANNED_END), end_ms, h->partner);
		}
	}
	sooner(x, NEXT(AFTERCARE), rec->aftercare_until_ms, x->v->contact_party);
}

/* The contact person calls: every week from @p from_ms on, so that there is always a day. */
static uint64_t next_call(struct step *s, uint64_t from_ms)
{
	int32_t step_days = (int32_t)step_setting(s, SETTING_FAMILY_CALL);
	uint64_t gone = s->now_ms > from_ms ? (s->now_ms - from_ms) / CIVIL_DAY_MS : 0;
	int32_t days = ((int32_t)gone / step_days + 1) * step_days;
	uint64_t at_ms = civil_end_of_day(civil_add_days_local(from_ms, days));

	return at_ms > s->now_ms ? at_ms :
				   civil_end_of_day(civil_add_days_local(from_ms, days + 1));
}

static void next_view(struct step *s, const struct req *q, PB(PersonView) *v)
{
	const PB(RequestRecord) *r = q->r;
	struct next x = { v, s->now_ms };
	bool consult = r->kind == KIND(CONSULT);
	bool late = r->answered_ms == 0 && r->answer_due_ms != 0 && r->answer_due_ms <= s->now_ms;

	if (!r->open) {
		return;
	}
	v->over_term = late;
	v->contact_late = !r->contact_named && r->contact_due_ms != 0 &&
			  r->contact_due_ms <= s->now_ms;
	v->answer_due_ms = r->answered_ms == 0 ? r->answer_due_ms : 0;
	v->family_wish_until_ms = r->family_wish_until_ms > s->now_ms ? r->family_wish_until_ms : 0;
	sooner(&x, NEXT(CALL), r->night_plan ? r->call_at_ms : 0, person_crisis_caller(r));
	if (!r->contact_named) {
		sooner(&x, NEXT(CONTACT), r->contact_due_ms, r->contact_party);
	}
	sooner(&x, consult ? NEXT(ADVICE) : NEXT(ANSWER), v->answer_due_ms, r->contact_party);
	for (size_t i = 0; i < v->n_needs; i++) {
		next_of_help(&x, q, v->needs[i]);
	}
	if (late) {
		sooner(&x, NEXT(OVERDUE), next_call(s, r->answer_due_ms), r->contact_party);
	}
	if (v->next_ms == 0) {
		sooner(&x, NEXT(TALK), next_call(s, r->received_ms), r->contact_party);
	}
}

/* --- whole --- */

static void facts_view(const struct req *q, const struct person *who, PB(PersonView) *v)
{
	PB(RequestRecord) *r = q->r;

	v->request_id = r->request_id;
	v->short_code = r->short_code;
	v->speaker = who->speaker;
	v->adult = who->adult;
	v->child = who->child;
	v->open = r->open;
	v->kind = r->kind;
	v->consult = r->consult;
	v->urgency = r->urgency;
	v->received_ms = r->received_ms;
	v->asked_by = r->requester;
	v->sees_child = who->sees_child;
	v->contact_party = r->contact_party;
	v->stand_in_party = r->stand_in_party;
	v->contact_named = r->contact_named;
	v->answered_ms = who->sees_child ? r->answered_ms : 0;
	v->bridging_party = r->night_plan && who->names ? r->bridging_party : v->bridging_party;
	v->plan = r->plan_id.len != 0 && !who->no_contact;
	if (r->open && r->urgency == URGENCY(CRISIS) && r->answered_ms == 0 && who->names) {
		v->crisis_party = person_crisis_caller(r);
	}
	if (who->no_contact) {
		v->asked_by = "";
		v->contact_party = "";
		v->stand_in_party = "";
	}
}

PB(PersonView) *person_view(struct step *s, struct req *q, const struct person *who)
{
	PB(PersonView) *v = step_alloc(s, sizeof(*v));
	struct key k = key_of_id(&q->id);

	if (v == NULL) {
		return NULL;
	}
	schakel__v1__person_view__init(v);
	PB(TeamRecord) *t = step_get(s, TABLE_TEAM, &k, TYPE(team_record));
	facts_view(q, who, v);
	v->speaks_for_child = who->speaker == SPEAKER(ADULT) &&
			      person_acts_for_child(q, who, s->now_ms);
	v->request_version = q->r->version;
	v->children = person_children(s, q, who);
	req_live(s, q);
	needs_view(s, q, who, t, v);
	if (!who->no_contact) {
		person_tables(s, q, who, v);
		holders_view(s, q, v);
		next_view(s, q, v);
	}
	if (t != NULL && q->r->open) {
		team_view(s, q, who, t, v);
	}
	person_own(s, q, who, v);
	story_view(s, q, who, v);
	return s->txn->err == SK_OK ? v : NULL;
}

bool person_spoke(const struct person *who, const PB(VoiceRecord) *w)
{
	bool mine = w->speaker == who->speaker && w->adult == who->adult && w->child == who->child;

	return (mine || MUT(112)) && !w->left && w->speaker != SPEAKER(UNSPECIFIED);
}
