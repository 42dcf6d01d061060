/* SPDX-License-Identifier: EUPL-1.2 */
/* L5: the ground on which each seat of a team may start, seat by seat: (a) those whose word it
 * takes agree, (b) a court order covers the need, (c) an emergency was recorded, (d) agreement is
 * unclear in a crisis, for 72 hours. Matching is told what it is to know, once. */
#include <string.h>

#include <xxhash.h>

#include "services/intake/core_inner.h"

#define MOBILE SCHAKEL__V1__MODALITY__MODALITY_MOBILE

/* Asked, found or agreed, and not started. */
static bool seat_waits(const PB(Seat) *seat)
{
	return seat->state == CONTRIB(ASKED) || seat->state == CONTRIB(CAN) ||
	       seat->state == CONTRIB(CAN_IF) || seat->state == CONTRIB(AGREED);
}

static bool seat_undecided(const PB(Seat) *seat)
{
	return seat_waits(seat) && seat->state != CONTRIB(AGREED);
}

struct ground ground_of(struct step *s, struct req *q, const struct voices *all,
			const PB(Seat) *seat)
{
	const PB(NeedRecord) *n = req_need(q, &seat->need_id);
	struct ground none = { 0 };

	if (n == NULL || n->need->child >= q->r->n_children) {
		return none;
	}
	uint32_t child = n->need->child;
	const struct voices *v = &all[child];
	struct voices_needed need = voices_needed(q, child, seat->modality == MOBILE, s->now_ms);
	uint64_t order_until_ms = order_until(s, q, n->need);
	uint64_t unclear_until_ms = unclear_until(s, q, child);

	if (voices_agree(&need, v)) {
		return (struct ground){ VOICE(AGREE), GROUND(AGREED), 0, 0 };
	}
	if (order_until_ms != 0) {
		return (struct ground){ VOICE(AGREE), GROUND(COURT_ORDER), 0, order_until_ms };
	}
	if (v->emergency) {
		return (struct ground){ VOICE(AGREE), GROUND(EMERGENCY), v->reason, 0 };
	}
	if (voices_refuse(&need, v)) {
		return (struct ground){ VOICE(NOT), 0, 0, 0 };
	}
	if (unclear_until_ms != 0) {
		return (struct ground){ VOICE(AGREE), GROUND(UNCLEAR), 0, unclear_until_ms };
	}
	return none;
}

/* --- what matching is told --- */

struct told {
	PB(NeedGround) box[SEATS_MAX];
	PB(NeedGround) *at[SEATS_MAX];
	size_t len;
	size_t yes, no;
	bool uniform; /* every seat that waits has the same ground, without an end */
};

static const PB(ContributionChanged) *seat_help(struct step *s, struct req *q, const PB(Seat) *seat)
{
	req_live(s, q);
	for (size_t i = 0; i < q->live_len; i++) {
		if (data_equal(&q->live[i]->last->contribution_id, &seat->contribution_id)) {
			return q->live[i]->last;
		}
	}
	return NULL;
}

/* A ground that ended, or the word of parents on which nothing had started at 18, is taken back; a
 * yes that was given stays given while others are asked about other seats. */
static bool taken_back(struct step *s, struct req *q, const PB(Seat) *seat)
{
	const PB(ContributionChanged) *c = seat_help(s, q, seat);
	const PB(NeedRecord) *n = req_need(q, &seat->need_id);
	PB(Ground) was = c == NULL ? GROUND(UNSPECIFIED) : c->ground;

	if (n == NULL || n->need->child >= q->r->n_children) {
		return false;
	}
	if (n->word_lacks) {
		return true;
	}
	if (was == GROUND(AGREED)) {
		return !adult_sees_child(q, n->need->child, s->now_ms) &&
		       adult_sees_child(q, n->need->child, c->at_ms);
	}
	return was == GROUND(COURT_ORDER) || was == GROUND(UNCLEAR) ||
	       (was == GROUND(UNSPECIFIED) && n->ground_ends);
}

/* Whoever said yes may think again until help starts. Matching may hold the yes before it has told
 * of it: so whatever was told at all is taken back. */
static bool thinks_again(struct step *s, struct req *q, const struct voices *all,
			 const PB(Seat) *seat)
{
	const PB(NeedRecord) *n = req_need(q, &seat->need_id);

	if (q->r->sent_voice == 0 || n == NULL || n->need->child >= q->r->n_children) {
		return false;
	}
	uint32_t child = n->need->child;
	struct voices_needed need = voices_needed(q, child, seat->modality == MOBILE, s->now_ms);
	return voices_hesitate(&need, &all[child]);
}

static void told_add(struct told *t, const PB(Seat) *seat, const struct ground *g)
{
	PB(NeedGround) *n = &t->box[t->len];

	schakel__v1__need_ground__init(n);
	n->need_id = seat->need_id;
	n->voice = g->voice;
	n->ground = g->ground;
	n->reason = g->reason;
	n->until_ms = g->until_ms;
	t->at[t->len++] = n;
	t->yes += g->voice == VOICE(AGREE) ? 1 : 0;
	t->no += g->voice == VOICE(NOT) ? 1 : 0;
	t->uniform = t->uniform && g->voice == t->box[0].voice && g->ground == t->box[0].ground &&
		     g->reason == t->box[0].reason && g->until_ms == 0;
}

static void told_fill(struct step *s, struct req *q, const PB(TeamRecord) *team, struct told *t)
{
	struct voices v[CHILDREN_MAX];

	*t = (struct told){ .uniform = true };
	voices_read(s, q, team->voices_from, v);
	for (size_t i = 0; i < team->team->n_seats; i++) {
		const PB(Seat) *seat = team->team->seats[i];
		struct ground g = ground_of(s, q, v, seat);
		if (!seat_waits(seat)) {
			continue;
		}
		if (g.voice != 0 || taken_back(s, q, seat) || thinks_again(s, q, v, seat)) {
			told_add(t, seat, &g);
		} else {
			t->uniform = false;
		}
	}
}

static uint64_t told_hash(struct step *s, const PB(PositionTaken) *p)
{
	PB(PositionTaken) of = *p;

	of.request_version = 0;
	uint8_t *packed = step_alloc(s, schakel__v1__position_taken__get_packed_size(&of) + 1);
	return packed == NULL ? 0 :
				XXH3_64bits(packed, schakel__v1__position_taken__pack(&of, packed));
}

static void position_head(struct step *s, struct req *q, PB(PositionTaken) *ret_p)
{
	const PB(WishRecord) *w = wish_load(s, q);

	ret_p->request_id = q->r->request_id;
	ret_p->request_version = q->r->version;
	if (w != NULL) {
		ret_p->n_excluded_partners = w->n_excluded_partners;
		ret_p->excluded_partners = w->excluded_partners;
	}
}

/* Said whole: where one ground holds for every seat, once for all of them. */
static void position_words(const PB(TeamRecord) *team, struct told *t, PB(PositionTaken) *ret_p)
{
	ret_p->proposal_version = team->team->proposal_version;
	ret_p->voice = t->yes == 0 && t->no > 0 ? VOICE(NOT) : VOICE(AGREE);
	ret_p->n_grounds = t->len;
	ret_p->grounds = t->at;
	if (t->uniform && t->yes > 0) {
		ret_p->ground = t->box[0].ground;
		ret_p->reason = t->box[0].reason;
	}
}

static PB(TeamRecord) *team_of(struct step *s, const struct req *q)
{
	struct key k = key_of_id(&q->id);

	return step_get(s, TABLE_TEAM, &k, TYPE(team_record));
}

void position_fill(struct step *s, struct req *q, PB(PositionTaken) *ret_p)
{
	const PB(RequestRecord) *r = q->r;
	const PB(TeamRecord) *team = team_of(s, q);
	struct told *t = step_alloc(s, sizeof(*t));

	position_head(s, q, ret_p);
	ret_p->proposal_version = r->sent_version;
	ret_p->voice = r->sent_voice;
	ret_p->ground = r->sent_ground;
	ret_p->reason = r->sent_reason;
	if (t != NULL && team != NULL && team->team->proposal_version == r->sent_version) {
		told_fill(s, q, team, t);
		position_words(team, t, ret_p);
	}
}

/* What has an end is taken back when it comes, even before matching has said that it took it. */
static void ends_keep(struct step *s, struct req *q, const struct told *t)
{
	for (size_t i = 0; i < t->len; i++) {
		PB(NeedRecord) *n = req_need(q, &t->at[i]->need_id);
		bool ends = t->at[i]->until_ms != 0;
		bool lacks = n != NULL && n->word_lacks && t->at[i]->voice == VOICE(UNSPECIFIED);
		if (n != NULL && (n->ground_ends != ends || n->word_lacks != lacks)) {
			n->ground_ends = ends;
			n->word_lacks = lacks;
			need_save(s, q, n);
		}
	}
}

static void team_tell(struct step *s, struct req *q, const PB(TeamRecord) *team)
{
	PB(PositionTaken) p = PB_INIT(POSITION_TAKEN);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RequestRecord) *r = q->r;
	struct told t;

	told_fill(s, q, team, &t);
	if (t.len == 0) {
		return;
	}
	position_head(s, q, &p);
	position_words(team, &t, &p);
	uint64_t hash = told_hash(s, &p);
	if (hash == r->sent_hash) {
		return;
	}
	r->sent_hash = hash;
	r->sent_voice = p.voice;
	r->sent_version = p.proposal_version;
	r->sent_ground = p.ground;
	r->sent_reason = p.reason;
	ends_keep(s, q, &t);
	m.body_case = BODY(POSITION_TAKEN);
	m.position_taken = &p;
	step_emit(s, "matching", &m);
}

void position_send(struct step *s, struct req *q)
{
	const PB(TeamRecord) *team = team_of(s, q);

	if (team != NULL && q->r->open) {
		team_tell(s, q, team);
	}
}

/* Whether all of whom it takes at that moment have said yes to help of the need in that seat. */
static bool seat_agreed(const struct req *q, const struct voices *all, const PB(NeedRecord) *n,
			const PB(Seat) *seat, uint64_t at_ms)
{
	uint32_t child = n->need->child;

	if (!seat_waits(seat) || !data_equal(&n->need->need_id, &seat->need_id) ||
	    child >= q->r->n_children) {
		return false;
	}
	struct voices_needed need = voices_needed(q, child, seat->modality == MOBILE, at_ms);
	return voices_agree(&need, &all[child]);
}

uint32_t people_agreed(struct step *s, struct req *q, uint64_t at_ms)
{
	const PB(TeamRecord) *team = q->r->open ? team_of(s, q) : NULL;
	struct voices v[CHILDREN_MAX];
	uint32_t agreed = 0;

	if (team == NULL) {
		return 0;
	}
	voices_read(s, q, team->voices_from, v);
	for (size_t i = 0; i < team->team->n_seats; i++) {
		for (size_t k = 0; k < q->needs_len; k++) {
			bool yes = seat_agreed(q, v, q->need[k], team->team->seats[i], at_ms);
			agreed |= yes ? 1U << k : 0;
		}
	}
	return agreed;
}

void people_changed(struct step *s, struct req *q, uint32_t agreed)
{
	uint32_t lost = agreed & ~people_agreed(s, q, s->now_ms);

	for (size_t k = 0; k < q->needs_len; k++) {
		if ((lost & 1U << k) != 0) {
			q->need[k]->word_lacks = true;
			need_save(s, q, q->need[k]);
		}
	}
	position_send(s, q);
}

/* A yes that matching, as far as it has said, holds no more: taken back and given again. */
static bool holds_no_yes(struct step *s, struct req *q, const PB(Seat) *seat,
			 const struct ground *g)
{
	const PB(ContributionChanged) *c = seat_help(s, q, seat);

	return c != NULL && c->ground == GROUND(UNSPECIFIED) && g->voice == VOICE(AGREE);
}

/* What is agreed about, and needs no more than that, is not told again. A no or a second thought
 * is, and a yes after one: said under the last version it may have crossed this one (a decision of
 * the gate is one, too), and matching passed it over. */
void position_renew(struct step *s, struct req *q, const PB(TeamRecord) *t)
{
	struct voices v[CHILDREN_MAX];
	bool asks = false;

	voices_read(s, q, t->voices_from, v);
	for (size_t i = 0; i < t->team->n_seats; i++) {
		const PB(Seat) *seat = t->team->seats[i];
		if (!seat_waits(seat)) {
			continue;
		}
		struct ground g = ground_of(s, q, v, seat);
		asks = asks || seat_undecided(seat) || taken_back(s, q, seat) ||
		       thinks_again(s, q, v, seat) || g.voice == VOICE(NOT) ||
		       holds_no_yes(s, q, seat, &g);
	}
	if (asks) {
		team_tell(s, q, t);
	}
}

/* --- what is shown --- */

static bool seat_of_child(struct req *q, const PB(Seat) *seat, uint32_t child)
{
	const PB(NeedRecord) *n = req_need(q, &seat->need_id);

	return n != NULL && n->need->child == child;
}

/* Whether help of the child is still to start: for a must-need, or where somebody has been found,
 * a successor too; or goes on under a ground that has ended. */
static bool awaits_start(struct step *s, struct req *q, const PB(TeamProposed) *t, uint32_t child)
{
	for (size_t i = 0; q->r->open && i < q->needs_len; i++) {
		const PB(NeedFact) *n = q->need[i]->need;
		bool waits = n->must;
		for (size_t k = 0; k < t->n_seats && !waits; k++) {
			waits = data_equal(&t->seats[k]->need_id, &n->need_id);
		}
		if (waits && n->child == child && n->state == NEED_IS(OPEN)) {
			return true;
		}
	}
	for (size_t i = 0; q->r->open && i < t->n_seats; i++) {
		bool awaits = seat_waits(t->seats[i]) || taken_back(s, q, t->seats[i]);
		if (awaits && seat_of_child(q, t->seats[i], child)) {
			return true;
		}
	}
	return false;
}

/* What is looked at. */
struct picture {
	struct req *q;
	const struct voices *v;
	const PB(TeamProposed) *t;
};

/* The ground of all its seats together; @p ret_home when one without a ground works at home. */
static struct ground ground_of_child(struct step *s, const struct picture *p, uint32_t child,
				     bool *ret_home)
{
	struct ground all = { 0 };
	bool lacks = false;

	for (size_t i = 0; i < p->t->n_seats; i++) {
		const PB(Seat) *seat = p->t->seats[i];
		if (!seat_of_child(p->q, seat, child)) {
			continue;
		}
		struct ground g = ground_of(s, p->q, p->v, seat);
		bool has = g.voice == VOICE(AGREE);
		*ret_home = *ret_home || (seat->modality == MOBILE && !has);
		lacks = lacks || !has;
		all = all.voice == 0 || g.until_ms != 0 ? g : all;
	}
	return lacks ? (struct ground){ 0 } : all;
}

static PB(ChildGround) *child_ground(struct step *s, const struct picture *p, uint32_t child)
{
	static const PB(ChildGround) empty = PB_INIT(CHILD_GROUND);
	PB(ChildGround) *g = step_alloc(s, sizeof(*g));
	const struct req *q = p->q;
	bool home = false;

	if (g == NULL) {
		return NULL;
	}
	struct ground of = ground_of_child(s, p, child, &home);
	*g = empty;
	g->child = child;
	g->age_years = child_age(q, child, s->now_ms);
	g->capable = child_capable(q, child, s->now_ms);
	g->missing = q->child[child].missing;
	g->over_72h = q->child[child].over_72h;
	g->unclear_until_ms = unclear_until(s, q, child);
	g->ground = of.ground;
	g->reason = of.reason;
	if (of.ground == 0 && awaits_start(s, p->q, p->t, child)) {
		struct voices_needed need = voices_needed(q, child, home, s->now_ms);
		g->wanted = voices_wanted(s, &need, &p->v[child]);
	}
	return g;
}

/* Of the whole team: when every seat has one, that of the first. */
static void team_view(struct step *s, const struct picture *p, PB(RequestItem) *ret_item)
{
	bool complete = p->t->n_seats > 0;

	for (size_t i = 0; i < p->t->n_seats; i++) {
		complete = complete &&
			   ground_of(s, p->q, p->v, p->t->seats[i]).voice == VOICE(AGREE);
	}
	ret_item->ground_complete = complete;
	if (complete) {
		struct ground first = ground_of(s, p->q, p->v, p->t->seats[0]);
		ret_item->ground = first.ground;
		ret_item->ground_reason = first.reason;
	}
}

void ground_view(struct step *s, struct req *q, const PB(TeamRecord) *team,
		 PB(RequestItem) *ret_item)
{
	static const PB(TeamProposed) nobody = PB_INIT(TEAM_PROPOSED);
	struct voices v[CHILDREN_MAX] = { 0 };
	struct picture p = { q, v, team == NULL ? &nobody : team->team };

	ret_item->child_grounds = step_alloc(s, CHILDREN_MAX * sizeof(PB(ChildGround) *));
	if (ret_item->child_grounds == NULL) {
		return;
	}
	if (team != NULL) {
		voices_read(s, q, team->voices_from, v);
	}
	for (uint32_t i = 0; i < q->r->n_children; i++) {
		PB(ChildGround) *g = child_ground(s, &p, i);
		if (g == NULL) {
			return;
		}
		ret_item->over_72h = ret_item->over_72h || g->over_72h;
		if (ret_item->unclear_until_ms == 0) {
			ret_item->unclear_until_ms = g->unclear_until_ms;
		}
		if (ret_item->voices_wanted == NULL && team != NULL) {
			ret_item->voices_wanted = g->wanted;
		}
		ret_item->child_grounds[ret_item->n_child_grounds++] = g;
	}
	team_view(s, &p, ret_item);
}
