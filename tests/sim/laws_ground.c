/* SPDX-License-Identifier: EUPL-1.2 */
/* L5: nothing starts without one recorded ground. At intake the voices are judged again, from the
 * positions that were taken and the people of the request; at matching each ground is traced to a
 * position on the proposal that named the seat. */
#include "tests/sim/laws_model.h"

#define SPEAKER_IS(X) SCHAKEL__V1__SPEAKER__SPEAKER_##X

/** What is being judged: one seat of one proposal. */
struct trial {
	const struct laws *l;
	const PB(RequestRecord) *r;
	struct object_id request;
	const struct team_said *team; /* as it stands */
	const struct seat_said *seat;
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

/** The last word of a speaker; UNSPECIFIED: none, or about another team. */
static PB(Voice) last_word(const struct trial *t, PB(Speaker) speaker, uint32_t adult)
{
	for (size_t i = t->l->voices.len; i > 0; i--) {
		const struct voice_said *v = list_at(&t->l->voices, i - 1);
		if (object_id_equal(&v->request, &t->request) && v->speaker == speaker &&
		    v->adult == adult && v->ground != GROUND_IS(EMERGENCY)) {
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
		if (heard && object_id_equal(&v->request, &t->request) && speaks_of(t, v)) {
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
		    object_id_equal(&v->request, &t->request) && speaks_of(t, v)) {
			return true;
		}
	}
	return false;
}

static bool child_decides(const PB(RequestRecord) *r)
{
	if (r->n_children == 0) {
		return false;
	}
	const PB(Child) *c = r->children[0];
	return c->judged_capable || (c->age_years >= 12 && !c->judged_incapable);
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

/** Help at home: each adult whose home it is; when no home is told, one who has authority. */
static bool homes_agree(const struct trial *t)
{
	struct authority said = authority_of(t);
	bool home = false;

	for (size_t i = 0; i < t->r->n_adults; i++) {
		const PB(Adult) *a = t->r->adults[i];
		home = home || a->home;
		if (a->home && last_word(t, SPEAKER_IS(ADULT), a->number) != VOICE_IS(AGREE)) {
			return false;
		}
	}
	return home || said.all == 0 || (said.yes > 0 && said.no == 0);
}

static const char *lacks_ground(const struct trial *t, PB(Ground) ground)
{
	bool mobile = t->seat->modality == SCHAKEL__V1__MODALITY__MODALITY_MOBILE;

	if (ground == GROUND_IS(EMERGENCY)) {
		return emergency_said(t) ? NULL : "no emergency was recorded";
	}
	if (ground != GROUND_IS(AGREED)) {
		return "the ground is none";
	}
	if (child_decides(t->r)) {
		if (last_word(t, SPEAKER_IS(YOUTH), 0) != VOICE_IS(AGREE)) {
			return "the child did not agree";
		}
	} else if (!child_heard(t)) {
		return "the child was not heard";
	} else if (!authority_agrees(t)) {
		return "those with authority did not agree";
	}
	return mobile && !homes_agree(t) ? "the adult at home did not agree" : NULL;
}

static void judge_position(struct laws *l, const PB(PositionTaken) *p)
{
	struct trial t = { .l = l, .request = law_id(&p->request_id) };

	t.team = team_find(l, LAWS_INTAKE, &t.request, p->proposal_version);
	t.r = rec_by_id(&l->d[LAWS_INTAKE], I_REQUEST, &p->request_id);
	if (p->voice != VOICE_IS(AGREE)) {
		return;
	}
	if (t.team == NULL || t.r == NULL) {
		laws_violated(l, "L5", "agreed to proposal %u of request %s, which is not known",
			      p->proposal_version, law_hex(&t.request));
		return;
	}
	for (size_t i = 0; i < t.team->seats; i++) {
		t.seat = &t.team->seat[i];
		const char *lacks = lacks_ground(&t, p->ground);
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
	if (p->voice != VOICE_IS(AGREE) || !same_data(&p->request_id, &c->request_id)) {
		return "the position does not agree to it";
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

static bool is_agreed(PB(ContributionState) st)
{
	return st == CONTRIB(AGREED) || st == CONTRIB(STARTED) || st == CONTRIB(INTERRUPTED);
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
		if (is_agreed(c->state) && c->ground == GROUND_IS(UNSPECIFIED)) {
			laws_violated(l, "L5", "contribution %s is agreed without a ground", id);
		}
		bool fresh = was == NULL || was->ground != c->ground;
		const char *why = fresh && c->ground != GROUND_IS(UNSPECIFIED) &&
						  !l->step.reconcile ?
					  ground_untraced(l, c) :
					  NULL;
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
