/* SPDX-License-Identifier: EUPL-1.2 */
/* L5: nothing starts without one recorded ground. At intake each ground is judged again, seat by
 * seat: from the positions that were taken, the judgements and orders that are kept, and the people
 * of the request; at matching each ground is traced to a position on the proposal that named the
 * seat. */
#include "tests/sim/laws_model.h"

#define SPEAKER_IS(X) SCHAKEL__V1__SPEAKER__SPEAKER_##X

/** What is being judged: one seat of one proposal. */
struct trial {
	const struct laws *l;
	const PB(RequestRecord) *r;
	struct object_id request;
	const struct team_said *team; /* as it stands */
	const struct seat_said *seat;
	const PB(NeedRecord) *need; /* of the seat */
	uint32_t child;             /* of the need */
};

static bool team_has_seat(const struct team_said *t, const struct seat_said *seat)
{
	for (size_t i = 0; t != NULL && i < t->seats; i++) {
		const struct seat_said *s = &t->seat[i];
		if (object_id_equal(&s->need, &seat->need) && s->use == seat->use &&
		    strcmp(s->partner, seat->partner) == 0 && strcmp(s->pool, seat->pool) == 0) {
			return true;
		}
	}
	return false;
}

/** A voice speaks of the team as it stands when the proposal that it was about had all its seats:
 *  with a seat more it is another question, to which an earlier yes or no is no answer. */
static bool speaks_of(const struct trial *t, const struct voice_said *v)
{
	const struct team_said *heard = team_find(t->l, LAWS_INTAKE, &t->request, v->version);

	for (size_t i = 0; i < t->team->seats; i++) {
		if (!team_has_seat(heard, &t->team->seat[i])) {
			return false;
		}
	}
	return true;
}

/** A word of somebody, and not one of the other grounds that are told the same way. */
static bool is_voice(const struct voice_said *v)
{
	return v->ground != GROUND_IS(EMERGENCY) && v->ground != GROUND_IS(UNCLEAR);
}

/** The last word of a speaker; UNSPECIFIED: none, or about another team. */
static PB(Voice) last_word(const struct trial *t, PB(Speaker) speaker, uint32_t adult)
{
	for (size_t i = t->l->voices.len; i > 0; i--) {
		const struct voice_said *v = list_at(&t->l->voices, i - 1);
		if (object_id_equal(&v->request, &t->request) && v->speaker == speaker &&
		    v->adult == adult && v->child == t->child && is_voice(v)) {
			return speaks_of(t, v) ? v->voice : VOICE_IS(UNSPECIFIED);
		}
	}
	return VOICE_IS(UNSPECIFIED);
}

static bool child_heard(const struct trial *t)
{
	for (size_t i = 0; i < t->l->voices.len; i++) {
		const struct voice_said *v = list_at(&t->l->voices, i);
		bool heard = v->heard || v->speaker == SPEAKER_IS(YOUTH);
		if (heard && v->child == t->child && is_voice(v) &&
		    object_id_equal(&v->request, &t->request) && speaks_of(t, v)) {
			return true;
		}
	}
	return false;
}

static bool emergency_said(const struct trial *t)
{
	for (size_t i = 0; i < t->l->voices.len; i++) {
		const struct voice_said *v = list_at(&t->l->voices, i);
		if (v->ground == GROUND_IS(EMERGENCY) && v->may_say_emergency && v->reason != 0 &&
		    v->child == t->child && object_id_equal(&v->request, &t->request) &&
		    speaks_of(t, v)) {
			return true;
		}
	}
	return false;
}

static uint32_t age_at(const PB(Child) *c, uint64_t at_ms)
{
	return c->born != 0 ? law_age(c->born, at_ms) : c->age_years;
}

/** The newest judgement of the child, or NULL. */
static const PB(JudgementView) *judged(const struct trial *t)
{
	const PB(JudgementView) *newest = NULL;
	struct key prefix = key_of_id(&t->request);
	size_t at = SIZE_MAX;
	const struct row *row;

	while ((row = row_next(&t->l->d[LAWS_INTAKE], I_JUDGEMENT, &prefix, &at)) != NULL) {
		const PB(JudgementRecord) *j = row->rec;
		newest = j->view->child == t->child ? j->view : newest;
	}
	return newest;
}

/** From 18 on always; before 12 when it was found; from 12 on unless it was found absent since. */
static bool child_decides(const struct trial *t)
{
	const PB(Child) *c = t->r->children[t->child];
	const PB(JudgementView) *j = judged(t);
	uint32_t age = age_at(c, t->l->step.now_ms);

	if (age >= 18 || (j != NULL && j->capable)) {
		return true;
	}
	return age >= 12 && (j == NULL || age_at(c, j->at_ms) < 12);
}

/** What those with authority said about the seat. */
struct authority {
	size_t all, yes, no;
	bool conflict;
};

static struct authority authority_of(const struct trial *t)
{
	struct authority said = { 0 };

	for (size_t i = 0; i < t->r->n_adults; i++) {
		const PB(Adult) *a = t->r->adults[i];
		if (!a->authority) {
			continue;
		}
		PB(Voice) word = last_word(t, SPEAKER_IS(ADULT), a->number);
		said.all++;
		said.yes += word == VOICE_IS(AGREE) ? 1 : 0;
		said.no += word == VOICE_IS(NOT) ? 1 : 0;
		said.conflict = said.conflict || a->conflict;
	}
	return said;
}

/** One speaks for all, unless a conflict is known or one says no. */
static bool authority_agrees(const struct trial *t)
{
	struct authority said = authority_of(t);

	return said.no == 0 && said.yes > 0 && (!said.conflict || said.yes == said.all);
}

static bool stays_with(const PB(Child) *c, uint32_t adult)
{
	for (size_t i = 0; i < c->n_stays; i++) {
		if (c->stays[i]->adult == adult) {
			return true;
		}
	}
	return false;
}

/** Help at home: each adult whose home it is; when no home is told, one who has authority. Of
 * several homes those where the child stays, if it stays in one of them. */
static bool homes_agree(const struct trial *t)
{
	const PB(Child) *c = t->r->children[t->child];
	struct authority said = authority_of(t);
	bool home = false;
	bool stays = false;

	for (size_t i = 0; i < t->r->n_adults; i++) {
		const PB(Adult) *a = t->r->adults[i];
		stays = stays || (a->home && stays_with(c, a->number));
	}
	for (size_t i = 0; i < t->r->n_adults; i++) {
		const PB(Adult) *a = t->r->adults[i];
		bool asked = a->home && (!stays || stays_with(c, a->number));
		home = home || asked;
		if (asked && last_word(t, SPEAKER_IS(ADULT), a->number) != VOICE_IS(AGREE)) {
			return false;
		}
	}
	return home || said.all == 0 || (said.yes > 0 && said.no == 0);
}

static const char *voices_lack(const struct trial *t)
{
	bool mobile = t->seat->modality == SCHAKEL__V1__MODALITY__MODALITY_MOBILE;
	bool adult = age_at(t->r->children[t->child], t->l->step.now_ms) >= 18;

	if (child_decides(t)) {
		if (last_word(t, SPEAKER_IS(YOUTH), 0) != VOICE_IS(AGREE)) {
			return "the child did not agree";
		}
	} else if (!child_heard(t)) {
		return "the child was not heard";
	} else if (!authority_agrees(t)) {
		return "those with authority did not agree";
	}
	return mobile && !adult && !homes_agree(t) ? "the adult at home did not agree" : NULL;
}

/** A court said it, and nobody has written another in its place. */
static bool court_said(const struct trial *t, const char *number, uint64_t until_ms)
{
	for (size_t i = t->l->orders.len; i > 0; i--) {
		const struct order_said *o = list_at(&t->l->orders, i - 1);
		if (object_id_equal(&o->request, &t->request) && strcmp(o->number, number) == 0) {
			return o->court && o->until_ms == until_ms;
		}
	}
	return false;
}

/** An order in force whose scope has the need, and which ends when it was told to. */
static const char *order_lacks(const struct trial *t, uint64_t until_ms)
{
	uint64_t now_ms = t->l->step.now_ms;
	struct key prefix = key_of_id(&t->request);
	size_t at = SIZE_MAX;
	const struct row *row;

	while ((row = row_next(&t->l->d[LAWS_INTAKE], I_ORDER, &prefix, &at)) != NULL) {
		const PB(CourtOrderView) *o = ((const PB(OrderRecord) *)row->rec)->view;
		bool in = o->n_need_ids == 0 && o->n_children == 0;
		for (size_t i = 0; i < o->n_need_ids; i++) {
			in = in || same_data(&o->need_ids[i], &t->need->need->need_id);
		}
		for (size_t i = 0; o->n_need_ids == 0 && i < o->n_children; i++) {
			in = in || o->children[i] == t->child;
		}
		if (in && o->from_ms <= now_ms && now_ms < o->until_ms && o->ended_ms == 0 &&
		    until_ms == o->until_ms && court_said(t, o->number, until_ms)) {
			return NULL;
		}
	}
	return "no order in force that a court said covers it until then";
}

/** Whether somebody whose word counts for the child has said no behind that place. */
static bool no_since(const struct trial *t, size_t i)
{
	bool decides = child_decides(t);

	for (; i < t->l->voices.len; i++) {
		const struct voice_said *v = list_at(&t->l->voices, i);
		if (!object_id_equal(&v->request, &t->request) || v->child != t->child ||
		    !is_voice(v) || v->voice != VOICE_IS(NOT)) {
			continue;
		}
		if (v->speaker == SPEAKER_IS(YOUTH) && decides) {
			return true;
		}
		for (size_t k = 0; !decides && k < t->r->n_adults; k++) {
			const PB(Adult) *a = t->r->adults[k];
			if (v->speaker == SPEAKER_IS(ADULT) && a->number == v->adult &&
			    a->authority) {
				return true;
			}
		}
	}
	return false;
}

/** 72 hours from when it was said, in the crisis, unless a no or a report has ended them. */
static const char *unclear_lacks(const struct trial *t, uint64_t until_ms)
{
	uint64_t lasts_ms = model_setting(&t->l->d[LAWS_INTAKE], SETTING_UNCLEAR_LASTS) * 1000;

	for (size_t i = t->l->voices.len; i > 0; i--) {
		const struct voice_said *v = list_at(&t->l->voices, i - 1);
		if (v->ground != GROUND_IS(UNCLEAR) || v->child != t->child ||
		    !object_id_equal(&v->request, &t->request)) {
			continue;
		}
		if (!v->may_say_emergency || t->r->urgency != URGENCY_IS(CRISIS)) {
			return "unclear was said by nobody who may";
		}
		if (t->l->step.now_ms >= v->at_ms + lasts_ms || until_ms != v->at_ms + lasts_ms) {
			return "the 72 hours are over, or end at another time";
		}
		if (t->r->concern_ms >= v->at_ms) {
			return "a report has ended the 72 hours";
		}
		return no_since(t, i) ? "a no has ended the 72 hours" : NULL;
	}
	return "nobody said that it is unclear";
}

static const char *lacks_ground(const struct trial *t, PB(Ground) ground, uint64_t until_ms)
{
	if (ground == GROUND_IS(COURT_ORDER)) {
		return order_lacks(t, until_ms);
	}
	if (ground == GROUND_IS(UNCLEAR)) {
		return unclear_lacks(t, until_ms);
	}
	if (until_ms != 0) {
		return "a ground without an end was told with one";
	}
	if (ground == GROUND_IS(EMERGENCY)) {
		return emergency_said(t) ? NULL : "no emergency was recorded";
	}
	return ground == GROUND_IS(AGREED) ? voices_lack(t) : "the ground is none";
}

/** Finds need and child of the seat. False: not known. */
static bool trial_seat(struct trial *t, const struct seat_said *seat)
{
	size_t at = SIZE_MAX;
	const ProtobufCBinaryData request = object_id_data(&t->request);

	t->seat = seat;
	while ((t->need = intake_need(&t->l->d[LAWS_INTAKE], &request, &at)) != NULL) {
		struct object_id id = law_id(&t->need->need->need_id);
		if (object_id_equal(&id, &seat->need)) {
			t->child = t->need->need->child;
			return t->child < t->r->n_children;
		}
	}
	return false;
}

/** What the position says of a need: its own entry, or the word about all. */
static const PB(NeedGround) *said_of(const PB(PositionTaken) *p, const struct object_id *need,
				     PB(NeedGround) *whole)
{
	schakel__v1__need_ground__init(whole);
	whole->voice = p->voice;
	whole->ground = p->ground;
	for (size_t i = 0; i < p->n_grounds; i++) {
		struct object_id id = law_id(&p->grounds[i]->need_id);
		if (object_id_equal(&id, need)) {
			return p->grounds[i];
		}
	}
	return p->n_grounds == 0 ? whole : NULL;
}

static void judge_position(struct laws *l, const PB(PositionTaken) *p)
{
	struct trial t = { .l = l, .request = law_id(&p->request_id) };

	t.team = team_find(l, LAWS_INTAKE, &t.request, p->proposal_version);
	t.r = rec_by_id(&l->d[LAWS_INTAKE], I_REQUEST, &p->request_id);
	if (t.team == NULL || t.r == NULL) {
		laws_violated(l, "L5", "spoke of proposal %u of request %s, which is not known",
			      p->proposal_version, law_hex(&t.request));
		return;
	}
	for (size_t i = 0; i < t.team->seats; i++) {
		PB(NeedGround) whole;
		const PB(NeedGround) *g = said_of(p, &t.team->seat[i].need, &whole);
		if (g == NULL || g->voice != VOICE_IS(AGREE)) {
			continue;
		}
		const char *lacks = trial_seat(&t, &t.team->seat[i]) ?
					    lacks_ground(&t, g->ground, g->until_ms) :
					    "its need or child is not known";
		if (lacks != NULL) {
			laws_violated(l, "L5", "seat at %s, proposal %u of request %s: %s",
				      t.seat->pool, p->proposal_version, law_hex(&t.request),
				      lacks);
		}
	}
}

static void intake_ground(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];

	for (size_t i = 0; i < d->emitted_len; i++) {
		const PB(Message) *m = d->emitted[i].m;
		/* In an inventory it is told again, not taken anew. */
		if (m->body_case == BODY(POSITION_TAKEN)) {
			judge_position(l, m->position_taken);
		}
	}
}

/* --- matching --- */

/** Why this step may not have recorded a ground for the seat; NULL: it may. */
static const char *ground_untraced(struct laws *l, const PB(MatchContributionRecord) *c)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	const struct law_step *s = &l->step;
	struct object_id id = law_id(&c->contribution_id);
	struct object_id request = law_id(&c->request_id);
	struct key k = key_of_id(&request);

	if (s->in->body_case != BODY(POSITION_TAKEN)) {
		return "no position was taken";
	}
	const PB(PositionTaken) *p = s->in->position_taken;
	struct object_id need = law_id(&c->need_id);
	PB(NeedGround) whole;
	const PB(NeedGround) *g = said_of(p, &need, &whole);
	PB(Voice) wanted = c->ground == GROUND_IS(UNSPECIFIED) ? VOICE_IS(UNSPECIFIED) :
								 VOICE_IS(AGREE);
	if (g == NULL || g->voice != wanted || g->ground != c->ground ||
	    g->until_ms != c->ground_until_ms || !same_data(&p->request_id, &c->request_id)) {
		return "the position does not say so";
	}
	const struct change *ch = change_find(d, M_REQUEST, &k);
	const PB(MatchRequestRecord) *r = ch != NULL && ch->was ? ch->before :
								  rec_find(d, M_REQUEST, &k);
	if (r == NULL || r->proposal_version != p->proposal_version) {
		return "the position was on another proposal";
	}
	const struct team_said *team = team_find(l, LAWS_MATCHING, &request, p->proposal_version);
	for (size_t i = 0; team != NULL && i < team->seats; i++) {
		if (object_id_equal(&team->seat[i].contribution, &id)) {
			return NULL;
		}
	}
	return "the proposal did not name it";
}

/** Why the step may not have made it agreed, or started; NULL: it may. */
static const char *start_lacks(const struct laws *l, const PB(MatchContributionRecord) *was,
			       const PB(MatchContributionRecord) *c)
{
	PB(ContributionState) from = was == NULL ? CONTRIB(UNSPECIFIED) : was->state;
	bool ended = c->ground_until_ms != 0 && l->step.now_ms >= c->ground_until_ms;

	if (from == c->state || l->step.reconcile) {
		return NULL;
	}
	if (c->state == CONTRIB(AGREED) && (c->ground == GROUND_IS(UNSPECIFIED) || ended)) {
		return "is agreed without a ground";
	}
	bool begins = c->state == CONTRIB(STARTED) &&
		      (from == CONTRIB(AGREED) || (from == CONTRIB(INTERRUPTED) && !was->begun));
	if (begins && (c->ground == GROUND_IS(UNSPECIFIED) || ended)) {
		return "starts without a ground";
	}
	return NULL;
}

static void matching_ground(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];

	for (size_t i = 0; i < d->mirror.changes; i++) {
		const struct change *ch = &d->mirror.change[i];
		const PB(MatchContributionRecord) *was = ch->before;
		const PB(MatchContributionRecord) *c = change_after(ch);
		if (ch->table != M_CONTRIBUTION || c == NULL) {
			continue;
		}
		const char *id = law_hex_data(&c->contribution_id);
		const char *why = start_lacks(l, was, c);
		if (why != NULL) {
			laws_violated(l, "L5", "contribution %s %s", id, why);
		}
		bool fresh = was == NULL ? c->ground != GROUND_IS(UNSPECIFIED) :
					   was->ground != c->ground ||
						   was->ground_until_ms != c->ground_until_ms;
		why = fresh && !l->step.reconcile ? ground_untraced(l, c) : NULL;
		if (why != NULL) {
			laws_violated(l, "L5", "contribution %s got a ground: %s", id, why);
		}
	}
}

void laws_ground(struct laws *l)
{
	if (l->step.daemon == LAWS_INTAKE) {
		intake_ground(l);
	} else {
		matching_ground(l);
	}
}
