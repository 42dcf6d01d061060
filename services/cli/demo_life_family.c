/* SPDX-License-Identifier: EUPL-1.2 */
/* What a family does beside saying yes or no: its own goals, people and means, its own version of
 * the story, its wish to wait, its file. */
#include "services/cli/demo_life.h"

#define SPEAKER(NAME) SCHAKEL__V1__SPEAKER__SPEAKER_##NAME
#define OWN(NAME) SCHAKEL__V1__OWN_STATE__OWN_STATE_##NAME
#define GOAL(NAME) SCHAKEL__V1__GOAL_STATE__GOAL_STATE_##NAME
#define DOMAINS 7
#define WISH_DAYS 21
#define GOAL_REVIEW_DAYS 42
#define GOAL_REACHED_SHARE 700 /* per mille of the goals; the rest is let go */
#define MEANS_LEAST_CENTS 2500
#define MEANS_SPAN_CENTS 12500
#define MEANS_BENT_SHARE 500 /* per mille: a rule had to bend */

static PB(LifeDomain) some_domain(struct demo_deed *x)
{
	return (PB(LifeDomain))(1 + demo_rand_below(&x->luck, DOMAINS));
}

static bool ask_intake(struct demo *d, uint32_t who, PB(Message) *m)
{
	return demo_done_well(demo_command(d, who, DEMO_INTAKE, m));
}

/* --- strengths, own contributions, means --- */

static bool set_own(struct demo *d, struct demo_deed *x, uint32_t number, PB(OwnState) state)
{
	PB(SetOwnContribution) o = PB_INIT(SET_OWN_CONTRIBUTION);
	PB(Message) m = PB_INIT(MESSAGE);

	o.request_id = object_id_data(&x->r->id);
	o.number = number;
	o.state = state;
	m.body_case = BODY(SET_OWN_CONTRIBUTION);
	m.set_own_contribution = &o;
	return ask_intake(d, d->cast.family, &m);
}

/* What was told as a strength stands there as proposed; the first one is number 1. */
static void own_started(struct demo *d, struct demo_deed *x)
{
	static const struct {
		PB(OwnState) state;
		uint64_t next_days;
	} steps[] = { { OWN(AGREED), 4 }, { OWN(STARTED), 60 }, { OWN(ENDED), 0 } };

	if (x->r == NULL || !x->r->open || x->it.arg >= SK_LEN(steps)) {
		return;
	}
	if (set_own(d, x, 1, steps[x->it.arg].state) && steps[x->it.arg].next_days > 0) {
		demo_again(d, x, x->it.arg + 1, steps[x->it.arg].next_days * DEMO_DAY_MS);
	}
}

static void means_given(struct demo *d, struct demo_deed *x)
{
	PB(SetOwnContribution) o = PB_INIT(SET_OWN_CONTRIBUTION);
	PB(Message) m = PB_INIT(MESSAGE);

	if (x->r == NULL || !x->r->open) {
		return;
	}
	o.request_id = object_id_data(&x->r->id);
	o.supporter = SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_MEANS;
	o.state = OWN(STARTED);
	o.life_domain = some_domain(x);
	o.euro_cents = MEANS_LEAST_CENTS + demo_rand_below(&x->luck, MEANS_SPAN_CENTS);
	o.network = (char *)(uintptr_t) "een-plan";
	if (demo_rand_share(&x->luck, MEANS_BENT_SHARE)) {
		o.rule_bent = SCHAKEL__V1__RULE_KIND__RULE_KIND_MEANS_SPENDING;
	}
	m.body_case = BODY(SET_OWN_CONTRIBUTION);
	m.set_own_contribution = &o;
	if (ask_intake(d, demo_contact(d, x->r), &m)) {
		demo_tell(d, TOLD(DEMO_STORY, x->r->code),
			  "Geld lost het op: %u euro uit het budget van het netwerk%s.",
			  "Money solves it: %u euro out of the network's budget%s.",
			  (unsigned)(o.euro_cents / 100),
			  o.rule_bent == 0 ? "" :
					     cli_text(d->cli, ", en een regel boog mee",
						      ", and a rule had to bend"));
	}
}

/* --- goals --- */

/* Set, on the way, and reached or let go; its number is kept with the deed. */
static void goal_set(struct demo *d, struct demo_deed *x)
{
	PB(SetGoal) g = PB_INIT(SET_GOAL);
	PB(Message) m = PB_INIT(MESSAGE);
	uint32_t step = x->it.arg & 0xf;

	if (x->r == NULL || !x->r->open) {
		return;
	}
	g.request_id = object_id_data(&x->r->id);
	g.number = x->it.arg >> 4;
	g.state = step == 0 ? GOAL(OPEN) : step == 1 ? GOAL(ON_THE_WAY) : GOAL(REACHED);
	if (step == 0) {
		g.life_domain = some_domain(x);
		g.review_ms = d->now_ms + GOAL_REVIEW_DAYS * DEMO_DAY_MS;
	} else if (step == 2 && !demo_rand_share(&x->luck, GOAL_REACHED_SHARE)) {
		g.state = GOAL(LET_GO);
	}
	m.body_case = BODY(SET_GOAL);
	m.set_goal = &g;
	PB(Receipt) *r = demo_command(d, d->cast.family, DEMO_INTAKE, &m);
	if (demo_done_well(r) && step < 2) {
		uint32_t number = step == 0 ? r->version : g.number;
		demo_again(d, x, number << 4 | (step + 1), (step + 1) * 2 * DEMO_WEEK_MS);
	}
}

static void plan_declined(struct demo *d, struct demo_deed *x)
{
	PB(DeclinePlan) p = PB_INIT(DECLINE_PLAN);
	PB(Message) m = PB_INIT(MESSAGE);

	if (x->r == NULL || !x->r->open) {
		return;
	}
	p.request_id = object_id_data(&x->r->id);
	p.declined = x->it.arg == 0;
	m.body_case = BODY(DECLINE_PLAN);
	m.decline_plan = &p;
	if (ask_intake(d, d->cast.family, &m) && p.declined) {
		demo_again(d, x, 1, 8 * DEMO_WEEK_MS); /* wanted after all */
	}
}

/* --- its own words --- */

static void own_version(struct demo *d, struct demo_deed *x)
{
	static const char words[] = "{\"story\":\"Verzonnen eigen versie van het verhaal.\"}";
	const PB(RequestItem) *now =
		x->r == NULL || !x->r->open ? NULL : demo_look(d, d->cast.family, x->r);
	PB(AmendRequest) a = PB_INIT(AMEND_REQUEST);
	PB(Capsule) capsule = PB_INIT(CAPSULE);
	PB(Capsule) *capsules[] = { &capsule };
	PB(Message) m = PB_INIT(MESSAGE);

	if (now == NULL || !demo_seal(d, (struct slice){ words, sizeof(words) - 1 }, &capsule)) {
		return;
	}
	a.request_id = object_id_data(&x->r->id);
	a.based_on = now->request->request_version;
	a.capsules = capsules;
	a.n_capsules = 1;
	m.body_case = BODY(AMEND_REQUEST);
	m.amend_request = &a;
	(void)ask_intake(d, d->cast.family, &m);
}

static void family_wish(struct demo *d, struct demo_deed *x)
{
	PB(SetFamilyWish) w = PB_INIT(SET_FAMILY_WISH);
	PB(Message) m = PB_INIT(MESSAGE);

	if (x->r == NULL || !x->r->open || x->r->crisis) {
		return;
	}
	w.request_id = object_id_data(&x->r->id);
	w.until_ms = d->now_ms + WISH_DAYS * DEMO_DAY_MS;
	m.body_case = BODY(SET_FAMILY_WISH);
	m.set_family_wish = &w;
	if (ask_intake(d, d->cast.family, &m)) {
		x->r->wished = true;
		demo_tell(d, TOLD(DEMO_STORY, x->r->code),
			  "Het gezin wil zelf drie weken wachten; dat wordt apart geteld.",
			  "The family itself wants to wait for three weeks; counted apart.");
	}
}

/* Everything that is kept about me: asked, and read. */
static void file_asked(struct demo *d, struct demo_deed *x)
{
	PB(AskFile) f = PB_INIT(ASK_FILE);
	PB(QueryFile) q = PB_INIT(QUERY_FILE);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) read = PB_INIT(MESSAGE);

	if (x->r == NULL || !x->r->open) {
		return;
	}
	f.request_id = object_id_data(&x->r->id);
	f.speaker = SPEAKER(YOUTH);
	m.body_case = BODY(ASK_FILE);
	m.ask_file = &f;
	if (ask_intake(d, d->cast.family, &m)) {
		q.request_id = f.request_id;
		q.speaker = f.speaker;
		read.body_case = BODY(QUERY_FILE);
		read.query_file = &q;
		(void)demo_ask(d, d->cast.family, DEMO_INTAKE, &read);
	}
}

static void rung_asked(struct demo *d, struct demo_deed *x)
{
	const PB(RequestItem) *now =
		x->r == NULL || !x->r->open ? NULL : demo_look(d, d->cast.family, x->r);
	PB(ClimbRung) c = PB_INIT(CLIMB_RUNG);
	PB(Message) m = PB_INIT(MESSAGE);

	if (now == NULL || now->n_needs == 0) {
		return;
	}
	c.request_id = object_id_data(&x->r->id);
	c.need_id = now->needs[0]->need->need_id;
	c.reason = SCHAKEL__V1__RUNG_REASON__RUNG_REASON_YOUTH_ASKS;
	m.body_case = BODY(CLIMB_RUNG);
	m.climb_rung = &c;
	(void)ask_intake(d, d->cast.family, &m);
}

/* --- about help that runs --- */

static void fit_said(struct demo *d, struct demo_deed *x)
{
	static const uint32_t weight[] = { 620, 270, 110 }; /* ja, deels, nee */
	PB(RecordFit) f = PB_INIT(RECORD_FIT);
	PB(Message) m = PB_INIT(MESSAGE);

	if (x->r == NULL || x->s == NULL) {
		return;
	}
	f.request_id = object_id_data(&x->r->id);
	f.contribution_id = object_id_data(&x->s->id);
	f.moment = (PB(FitMoment))x->it.arg;
	f.fit = (PB(Fit))(1 + demo_rand_pick(&x->luck, weight, SK_LEN(weight)));
	f.speaker = SPEAKER(YOUTH);
	f.child = x->s->child;
	m.body_case = BODY(RECORD_FIT);
	m.record_fit = &f;
	(void)ask_intake(d, d->cast.family, &m);
	f.speaker = SPEAKER(ADULT);
	f.adult = 1;
	f.child = 0;
	(void)ask_intake(d, d->cast.family, &m);
}

static void ask_other(struct demo *d, struct demo_deed *x, PB(OtherWanted) wanted)
{
	PB(AskOther) a = PB_INIT(ASK_OTHER);
	PB(Message) m = PB_INIT(MESSAGE);

	if (x->r == NULL || x->s == NULL || !x->r->open) {
		return;
	}
	a.request_id = object_id_data(&x->r->id);
	a.wanted = wanted;
	if (wanted == SCHAKEL__V1__OTHER_WANTED__OTHER_WANTED_WORKER) {
		a.contribution_id = object_id_data(&x->s->id);
	}
	a.speaker = SPEAKER(ADULT);
	a.adult = 1;
	m.body_case = BODY(ASK_OTHER);
	m.ask_other = &a;
	(void)ask_intake(d, d->cast.family, &m);
}

static void other_worker(struct demo *d, struct demo_deed *x)
{
	ask_other(d, x, SCHAKEL__V1__OTHER_WANTED__OTHER_WANTED_WORKER);
}

static void other_contact(struct demo *d, struct demo_deed *x)
{
	ask_other(d, x, SCHAKEL__V1__OTHER_WANTED__OTHER_WANTED_CONTACT_PERSON);
}

static void let_know(struct demo *d, struct demo_deed *x)
{
	PB(LetKnow) k = PB_INIT(LET_KNOW);
	PB(Message) m = PB_INIT(MESSAGE);

	if (x->r == NULL || x->s == NULL || !x->r->open) {
		return;
	}
	k.request_id = object_id_data(&x->r->id);
	k.contribution_id = object_id_data(&x->s->id);
	k.speaker = SPEAKER(ADULT);
	k.adult = 1;
	k.known = true;
	m.body_case = BODY(LET_KNOW);
	m.let_know = &k;
	(void)ask_intake(d, d->cast.family, &m);
}

static void shielded(struct demo *d, struct demo_deed *x)
{
	PB(ShieldContribution) k = PB_INIT(SHIELD_CONTRIBUTION);
	PB(Message) m = PB_INIT(MESSAGE);

	if (x->r == NULL || x->s == NULL || !x->r->open) {
		return;
	}
	k.request_id = object_id_data(&x->r->id);
	k.contribution_id = object_id_data(&x->s->id);
	k.child = x->s->child;
	k.shielded = true;
	m.body_case = BODY(SHIELD_CONTRIBUTION);
	m.shield_contribution = &k;
	(void)ask_intake(d, d->cast.family, &m);
}

static void meeting_allowed(struct demo *d, struct demo_deed *x)
{
	PB(OpenMeeting) o = PB_INIT(OPEN_MEETING);
	PB(Message) m = PB_INIT(MESSAGE);

	if (x->r == NULL || x->s == NULL) {
		return;
	}
	o.contribution_id = object_id_data(&x->s->id);
	o.speaker = SPEAKER(ADULT);
	o.adult = 1;
	o.child = x->s->child;
	o.allowed = true;
	m.body_case = BODY(OPEN_MEETING);
	m.open_meeting = &o;
	(void)demo_command(d, d->cast.family, DEMO_MATCHING, &m);
}

static void table_asked(struct demo *d, struct demo_deed *x)
{
	PB(CallCaseTable) t = PB_INIT(CALL_CASE_TABLE);
	PB(Message) m = PB_INIT(MESSAGE);

	if (x->r == NULL || !x->r->open) {
		return;
	}
	t.request_id = object_id_data(&x->r->id);
	m.body_case = BODY(CALL_CASE_TABLE);
	m.call_case_table = &t;
	(void)demo_command(d, d->cast.family, DEMO_WAITLIST, &m);
}

const struct demo_deed_row demo_deeds_family[] = {
	{ "own_started", own_started },
	{ "means_given", means_given },
	{ "goal_set", goal_set },
	{ "plan_declined", plan_declined },
	{ "own_version", own_version },
	{ "family_wish", family_wish },
	{ "file_asked", file_asked },
	{ "rung_asked", rung_asked },
	{ "fit_said", fit_said },
	{ "start_other_worker", other_worker },
	{ "start_other_contact", other_contact },
	{ "let_know", let_know },
	{ "shielded", shielded },
	{ "meeting_allowed", meeting_allowed },
	{ "table_asked", table_asked },
	{ NULL, NULL },
};
