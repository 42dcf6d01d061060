/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "services/matching/core_int.h"

#define VOICE(NAME) SCHAKEL__V1__VOICE__VOICE_##NAME
#define GROUND(NAME) SCHAKEL__V1__GROUND__GROUND_##NAME

/** A position on an older proposal changes nothing; whoever reads the events sees what holds now.
 */
static void late_position(struct work *w, const PB(MatchRequestRecord) *r,
			  const PB(PositionTaken) *p)
{
	PB(Event) e = PB_INIT(EVENT);

	e.kind = EVENT(POSITION);
	e.object_id = r->request->request_id;
	e.request_id = r->request->request_id;
	e.version = p->proposal_version;
	e.proposal_version = r->proposal_version;
	e.voice = p->voice;
	e.ended = true;
	e.at_ms = w->s->now_ms;
	step_event(w->s, &e);
}

static void take_exclusions(struct work *w, const struct object_id *request,
			    const PB(PositionTaken) *p)
{
	PB(MatchRequestRecord) *r = request_get(w, request);

	if (r != NULL && p->request_version >= r->excluded_version) {
		r->excluded_version = p->request_version;
		r->excluded_partners = p->excluded_partners;
		r->n_excluded_partners = p->n_excluded_partners;
		request_put(w, r);
	}
}

/** What was said of one seat. */
struct seat_word {
	PB(Voice) voice; /* UNSPECIFIED: its ground holds no longer */
	PB(Ground) ground;
	uint64_t until_ms;
};

static bool ground_is_open(const PB(MatchContributionRecord) *c)
{
	return c->state == CSTATE(ASKED) || c->state == CSTATE(CAN) || c->state == CSTATE(CAN_IF) ||
	       c->state == CSTATE(AGREED);
}

/** The ground is recorded with the seats of the proposal that it was told of, and with no other:
 * who takes such a seat later needs a ground of its own (L5). What has started keeps that of its
 * start. */
static void ground_set(struct work *w, PB(MatchContributionRecord) *c, const struct seat_word *word)
{
	bool same = c->ground == word->ground && c->ground_until_ms == word->until_ms;

	if (!ground_is_open(c) || same) {
		return;
	}
	c->ground = word->ground;
	c->ground_until_ms = word->until_ms;
	if (c->ground != GROUND(UNSPECIFIED)) {
		condition_agree(w, c);
	}
	bool agrees = c->ground != GROUND(UNSPECIFIED) && gate_is_open(w, c);
	if (c->state == CSTATE(CAN) && agrees) {
		contribution_agree(w, c);
	} else {
		contribution_renew(w, c);
		c->at_ms = w->s->now_ms;
		contribution_put(w, c, 0);
	}
}

bool ground_holds(const struct work *w, const PB(MatchContributionRecord) *c)
{
	return c->ground != GROUND(UNSPECIFIED) &&
	       (c->ground_until_ms == 0 || w->s->now_ms < c->ground_until_ms || MUT(132));
}

/** What the child does not want is not asked again for this need; it costs the child nothing. */
static void decline_seat(struct work *w, PB(MatchContributionRecord) *c)
{
	struct object_id need = id_of(&c->need_id);
	PB(ContributionState) to;

	if (contribution_next(c->state, EV_DECLINE, &to) == SK_OK) {
		exclude_add(w, &need, c->partner, CAUSE(DECLINED), 0);
		c->declined = true;
		contribution_move(w, c, EV_DECLINE, TELL_PARTNER);
		standby_release(w, &need, NULL);
	}
}

static int check_position(struct work *w, const PB(PositionTaken) *p)
{
	struct step *s = w->s;

	if (p->request_id.len != OBJECT_ID_LEN) {
		return step_refuse(s, REFUSE(MALFORMED), "request_id");
	}
	if (p->voice != VOICE(AGREE) && p->voice != VOICE(NOT)) {
		return step_refuse(s, REFUSE(UNKNOWN_CODE), "voice");
	}
	if (p->n_excluded_partners > MATCH_EXCLUDED_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "excluded_partners");
	}
	if (p->n_grounds > MATCH_NEEDS_MAX) {
		return step_refuse(s, REFUSE(TOO_MANY), "grounds");
	}
	for (size_t i = 0; i < p->n_grounds; i++) {
		PB(Voice) v = p->grounds[i]->voice;
		if (v != VOICE(AGREE) && v != VOICE(NOT) && v != VOICE(UNSPECIFIED)) {
			return step_refuse(s, REFUSE(UNKNOWN_CODE), "grounds[%zu].voice", i);
		}
	}
	return SK_OK;
}

/** Seat by seat where that was told, else once for all. @return false: nothing was said of it. */
static bool word_of(const PB(PositionTaken) *p, const PB(MatchNeedRecord) *n,
		    struct seat_word *ret_word)
{
	if (p->n_grounds == 0) {
		*ret_word = (struct seat_word){ p->voice, p->ground, 0 };
		return p->voice == VOICE(NOT) || p->ground != GROUND(UNSPECIFIED);
	}
	for (size_t i = 0; i < p->n_grounds; i++) {
		const PB(NeedGround) *g = p->grounds[i];
		if (g->need_id.len == n->need->need_id.len &&
		    memcmp(g->need_id.data, n->need->need_id.data, g->need_id.len) == 0) {
			*ret_word = (struct seat_word){ g->voice, g->ground, g->until_ms };
			return g->voice != VOICE(AGREE) || g->ground != GROUND(UNSPECIFIED);
		}
	}
	if (MUT(134)) {
		const PB(NeedGround) *g = p->grounds[0];
		*ret_word = (struct seat_word){ g->voice, g->ground, g->until_ms };
		return g->voice == VOICE(AGREE);
	}
	return false;
}

static void each_seat(struct work *w, const struct object_id *request, const PB(PositionTaken) *p)
{
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	size_t len = needs_of(w, request, needs);

	for (size_t i = 0; i < len && work_err(w) == SK_OK; i++) {
		struct object_id seat = id_of(&needs[i]->seat_id);
		struct seat_word word;
		PB(MatchContributionRecord) *c =
			needs[i]->seat_id.len == 0 ? NULL : contribution_get(w, &seat);
		if (c == NULL || !word_of(p, needs[i], &word)) {
			continue;
		}
		if (word.voice == VOICE(NOT)) {
			decline_seat(w, c);
		} else {
			ground_set(w, c, &word);
		}
	}
}

/** After a restore: which seats were meant shows when all peers are heard. Then the team is told
 *  under a new version, and intake says of that what the family said of this one. */
static void position_later(struct work *w, const struct object_id *request)
{
	PB(MatchRequestRecord) *r = request_get(w, request);

	if (r != NULL) {
		r->team_hash = 0;
		request_put(w, r);
		request_settle(w, request);
	}
}

int position_apply(struct work *w, const PB(PositionTaken) *p)
{
	int err = check_position(w, p);

	if (err != SK_OK) {
		return err;
	}
	struct object_id request = id_of(&p->request_id);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	if (w->s->isolated) {
		take_exclusions(w, &request, p);
		position_later(w, &request);
		return work_err(w);
	}
	if (r == NULL) {
		return work_err(w) != SK_OK ?
			       work_err(w) :
			       step_refuse(w->s, REFUSE(UNKNOWN_OBJECT), "request_id");
	}
	if (p->proposal_version > r->proposal_version) {
		return step_refuse(w->s, REFUSE(OUT_OF_RANGE), "proposal_version");
	}
	/* What came back from peers may have other seats than the family was asked about. */
	bool older = p->proposal_version < r->proposal_version || !team_is_told(w, r);
	bool late = older && !MUT(48);
	take_exclusions(w, &request, p);
	if (late) {
		late_position(w, r, p);
	} else {
		each_seat(w, &request, p);
	}
	touch_request(w, &request);
	return work_err(w);
}

int match_position(struct step *s, const PB(Message) *in)
{
	struct work w;

	work_init(&w, s);
	int err = position_apply(&w, in->position_taken);
	return err == SK_OK ? work_settle(&w) : err;
}

/** Intake has the after-stay entries: the help may end. Its need waits no more unless somebody else
 *  was being sought for it. */
int match_end_allowed(struct step *s, const PB(Message) *in)
{
	struct object_id id;
	struct work w;

	work_init(&w, s);
	if (!object_id_from(&in->end_allowed->contribution_id, &id)) {
		return step_refuse(s, REFUSE(MALFORMED), "contribution_id");
	}
	PB(MatchContributionRecord) *c = contribution_get(&w, &id);
	if (c == NULL) {
		return work_err(&w) != SK_OK ?
			       work_err(&w) :
			       step_refuse(s, REFUSE(UNKNOWN_OBJECT), "contribution_id");
	}
	if (c->state == CSTATE(ENDED) || !c->ending) {
		return SK_OK; /* told before, or it has ended by another way */
	}
	if (!may_end(&w, c)) {
		/* Who came after it is gone again: it stays, and its partner may ask later. */
		c->ending = false;
		c->hand_on = true;
		c->misplaced = false; /* its own wish now */
		contribution_renew(&w, c);
		contribution_put(&w, c, TELL_PARTNER);
		return work_settle(&w);
	}
	struct object_id need = id_of(&c->need_id);
	PB(MatchNeedRecord) *n = need_get(&w, &need);
	struct object_id seat = n == NULL ? id : id_of(&n->seat_id);
	if (n != NULL && !c->hand_on && object_id_equal(&seat, &id)) {
		n->served = true;
		need_put(&w, n);
	}
	contribution_move(&w, c, EV_END, TELL_PARTNER);
	return work_settle(&w);
}
