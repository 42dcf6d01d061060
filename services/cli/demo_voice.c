/* SPDX-License-Identifier: EUPL-1.2 */
/* What a family says about a team: the one who speaks first decides how it goes on, and each whose
 * word is wanted speaks for each child. */
#include "services/cli/demo_story.h"

#define VOICE(NAME) SCHAKEL__V1__VOICE__VOICE_##NAME
#define SPEAKER(NAME) SCHAKEL__V1__SPEAKER__SPEAKER_##NAME
#define STATE(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME
#define CRISIS SCHAKEL__V1__URGENCY__URGENCY_CRISIS
#define SPEAKERS_MAX 8   /* for one child */
#define UNCLEAR_HOURS 40 /* until somebody of the family can be asked */

void demo_plan_voice(struct demo *d, struct demo_request *r, uint64_t after_ms)
{
	struct demo_rand luck = demo_luck(d, "voice delay", r->number * 64ULL + r->voices);

	if (r->voicing) {
		return;
	}
	r->voicing = true;
	if (after_ms == 0) {
		after_ms = demo_draw_voice_delay(&d->region.n, r->urgency == CRISIS, &luck);
	}
	demo_add(d, d->now_ms + after_ms, DEMO_VOICE, d->cast.family, &r->id);
}

static bool is_undecided(const PB(RequestItem) *it)
{
	for (size_t i = 0; it->team != NULL && i < it->team->n_seats; i++) {
		PB(ContributionState) st = it->team->seats[i]->state;
		/* The family's channel is not told what a partner has answered yet. What was agreed
		 * needs a word anew when its ground has fallen away. */
		if (st == STATE(UNSPECIFIED) || st == STATE(AGREED)) {
			return true;
		}
	}
	return false;
}

/* Whom the child would rather have, where several fit. */
static void choose(struct demo *d, const struct demo_request *r, const PB(TeamProposed) *team,
		   PB(Choice) *io_choice, PB(RecordPosition) *io_p)
{
	static PB(Choice) *one[1];

	if (!demo_does(d, "choice_made", r->number)) {
		return;
	}
	for (size_t i = 0; i < team->n_alternatives && io_p->n_choices == 0; i++) {
		const struct demo_need_row *n =
			demo_need(&d->world, &team->alternatives[i]->need_id);
		if (n != NULL && n->child == io_p->child) {
			io_choice->need_id = team->alternatives[i]->need_id;
			io_choice->partner = team->alternatives[i]->partner;
			one[0] = io_choice;
			io_p->choices = one;
			io_p->n_choices = 1;
		}
	}
}

/* Who speaks: a child for itself, or an adult of it. */
struct speaker {
	uint32_t child;
	uint32_t adult; /* 0: the child */
};

/* One voice on the team that was seen. */
static bool speak(struct demo *d, const struct demo_request *r, const PB(RequestItem) *it,
		  struct speaker who, PB(Voice) voice)
{
	PB(RecordPosition) p = PB_INIT(RECORD_POSITION);
	PB(Choice) choice = PB_INIT(CHOICE);
	PB(Message) m = PB_INIT(MESSAGE);
	bool refuses = voice == VOICE(NOT) && it->team->n_seats > 0;

	p.request_id = it->request->request_id;
	p.proposal_version = it->team->proposal_version;
	p.speaker = who.adult == 0 ? SPEAKER(YOUTH) : SPEAKER(ADULT);
	p.adult = who.adult;
	p.child = who.child;
	p.voice = voice;
	p.child_heard = who.adult != 0;
	p.excluded_partners = &it->team->seats[0]->partner;
	p.n_excluded_partners = refuses ? 1 : 0;
	if (who.adult == 0 && voice == VOICE(AGREE) && r->voices == 1) {
		choose(d, r, it->team, &choice, &p);
	}
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &p;
	bool well = demo_done_well(demo_command(d, d->cast.family, DEMO_INTAKE, &m));
	if (well) {
		demo_story_voice(d, it->short_code, who.adult, voice);
	}
	return well;
}

/* Whose word still lacks for one child, in the order in which they are asked. */
static size_t wanted(const PB(ChildGround) *g, struct speaker ret_who[SPEAKERS_MAX])
{
	const PB(VoicesWanted) *w = g->wanted;
	size_t len = 0;

	if (w == NULL) {
		return 0;
	}
	if (w->youth) {
		ret_who[len++] = (struct speaker){ g->child, 0 };
	}
	for (size_t i = 0; i < w->n_adults && len < SPEAKERS_MAX; i++) {
		ret_who[len++] = (struct speaker){ g->child, w->adults[i] };
	}
	if (w->n_one_of > 0 && len < SPEAKERS_MAX) {
		ret_who[len++] = (struct speaker){ g->child, w->one_of[0] };
	}
	return len;
}

/* Who speaks first decides how it goes on: the others then agree, each for each child. */
static bool speak_all(struct demo *d, const struct demo_request *r, const PB(RequestItem) *it,
		      PB(Voice) voice)
{
	bool said = true;
	bool first = true;

	for (size_t i = 0; i < it->n_child_grounds && said; i++) {
		struct speaker who[SPEAKERS_MAX];
		size_t len = wanted(it->child_grounds[i], who);
		for (size_t k = 0; k < len && said; k++) {
			if (first || voice == VOICE(AGREE)) {
				said = speak(d, r, it, who[k], voice);
			}
			first = false;
		}
	}
	return said;
}

/* Nobody of the family can be asked yet: the ground is another one. */
static bool is_unclear(const struct demo *d, const struct demo_request *r)
{
	return r->urgency == CRISIS && r->voices == 0 &&
	       (demo_does(d, "agreement_unclear", r->number) ||
		demo_does(d, "emergency_ground", r->number));
}

void demo_do_voice(struct demo *d, struct demo_request *r)
{
	r->voicing = false;
	if (is_unclear(d, r)) {
		r->voices++;
		demo_plan_voice(d, r, UNCLEAR_HOURS * DEMO_HOUR_MS);
		return;
	}
	struct demo_rand luck = demo_luck(d, "voice", r->number * 64ULL + r->voices++);
	struct demo_voice v = demo_draw_voice(&d->region.n, r->urgency == CRISIS, &luck);
	const PB(RequestItem) *it = demo_look(d, d->cast.family, r);
	if (it == NULL || !it->open || !is_undecided(it) || it->ground_complete) {
		return;
	}
	if (!speak_all(d, r, it, v.voice) || v.again_ms != 0) {
		/* The team changed meanwhile, or the family takes its time. */
		demo_plan_voice(d, r, v.again_ms);
	}
}
