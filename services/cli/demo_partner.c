/* SPDX-License-Identifier: EUPL-1.2 */
/* What partners do before help starts: they answer or stay silent, and take back; and they are
 * sometimes cut off. Each draws from its own luck. demo_help.c: from the start to the end. */
#include <string.h>

#include "services/cli/demo_story.h"

#define STATE(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME
#define ANSWER(NAME) SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_##NAME
#define CRISIS_ASK_MAX_MS (2 * DEMO_HOUR_MS)
#define START_DATE_DAYS 10 /* a condition: only from then on */

static const struct demo_party *party(const struct demo *d, uint32_t who)
{
	return &d->cast.party[who];
}

/* --- asks --- */

/* What a house says about one family the first, second, ... time is the same whenever and in
 * whatever way it is asked: only then does a comparison compare the ways. */
static struct demo_rand answer_luck(const struct demo *d, uint32_t who, const struct demo_share *s)
{
	uint64_t family = 0;
	uint64_t before = 0;

	if (s->request == UINT32_MAX) {
		return demo_rand_of(d->seed, "answer", be64_read(s->id.b + 8));
	}
	for (size_t i = 0; i < d->world.shares.len; i++) {
		const struct demo_share *o = demo_share_at(&d->world, i);
		before += o->planned && o->request == s->request && o->partner == who &&
			  o->expertise == s->expertise && o != s;
	}
	family = demo_request_at(&d->world, s->request)->number;
	return demo_luck(d, party(d, who)->id, (family * 64 + s->expertise) * 64 + before);
}

static void plan_answer(struct demo *d, uint32_t who, const PB(Ask) *a, struct demo_share *s)
{
	struct demo_rand luck = answer_luck(d, who, s);
	struct demo_answer ans = demo_draw_answer(&d->region.n, s->crisis, &luck);
	struct demo_item it = { .what = DEMO_ANSWER, .who = who, .id = s->id };

	s->silent = ans.silent;
	if (ans.silent) {
		/* Time stands still when the term is over, so that somebody else is asked at once.
		 */
		it.what = DEMO_LOOK;
		it.at_ms = a->answer_by_ms;
	} else {
		it.at_ms = demo_there_ms(party(d, who), d->now_ms + ans.after_ms, s->crisis, &luck);
		it.arg = (uint32_t)ans.kind | (uint32_t)ans.can_if << 8 |
			 (uint32_t)(ans.until_ms / DEMO_DAY_MS) << 16;
	}
	demo_agenda_add(&d->agenda, it);
}

static void plan_terms(struct demo *d, uint32_t who, const struct demo_share *s)
{
	struct demo_rand *luck = &d->line[who].luck;
	uint64_t mean = s->crisis ? 10 * DEMO_MINUTE_MS : 2 * DEMO_DAY_MS;
	uint64_t at = d->now_ms + demo_rand_wait(luck, mean);

	demo_add(d, demo_there_ms(party(d, who), at, s->crisis, luck), DEMO_TERMS, who, &s->id);
}

static void resume_ask(struct demo *d, uint32_t who, struct demo_share *s)
{
	if (s->state == STATE(CAN_IF)) {
		plan_terms(d, who, s);
	} else {
		demo_plan_help(d, who, s);
	}
}

/* What is known of the pool that is asked: whether it meets first, and has named its workers. */
static void know_pool(const struct demo *d, struct demo_share *s, const char *pool)
{
	for (uint32_t i = 0; i < d->region.pools_len; i++) {
		const PB(PutCapacity) *p = d->region.pool[i];
		if (strcmp(p->pool, pool) == 0) {
			s->meets_first = p->answer ==
					 SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_ASSESS_FIRST;
			s->worker_named = demo_pool_has_workers(d, i);
		}
	}
}

void demo_take_ask(struct demo *d, uint32_t who, const PB(Ask) *a, bool resumed)
{
	struct demo_share *s = demo_share_add(&d->world, &a->contribution_id);

	s->partner = who;
	s->expertise = a->expertise;
	s->weeks = a->duration_weeks;
	s->crisis = a->answer_by_ms < a->asked_ms + CRISIS_ASK_MAX_MS;
	know_pool(d, s, a->pool);
	if (s->planned) {
		return; /* a reminder, or the seat itself after standing by */
	}
	s->planned = true;
	if (resumed) {
		s->state = a->state;
	}
	if (a->state == STATE(ASKED)) {
		plan_answer(d, who, a, s);
	} else {
		resume_ask(d, who, s);
	}
}

static bool has_expertise(const PB(PutCapacity) *pool, uint32_t expertise)
{
	for (size_t u = 0; u < pool->n_uses; u++) {
		for (size_t e = 0; e < pool->uses[u]->n_expertises; e++) {
			if (pool->uses[u]->expertises[e] == expertise) {
				return true;
			}
		}
	}
	return false;
}

/* A colleague that does this work, beginning behind its own pools; mostly one knows one. */
static char *suggestion(const struct demo *d, uint32_t who, const struct demo_share *s)
{
	static char nobody[] = "";
	const struct demo_request *r =
		s->request == UINT32_MAX ? NULL : demo_request_at(&d->world, s->request);

	if (!demo_does(d, "suggestion_known", r == NULL ? 0 : r->number * 256ULL + who)) {
		return nobody;
	}
	for (size_t i = 0; i < d->region.pools_len; i++) {
		const PB(PutCapacity) *pool = d->region.pool[(i + who) % d->region.pools_len];
		if (strcmp(pool->partner, party(d, who)->id) != 0 &&
		    has_expertise(pool, s->expertise)) {
			return pool->partner;
		}
	}
	return nobody;
}

static PB(Receipt) *answer(struct demo *d, const struct demo_item *it, PB(AnswerAsk) *a)
{
	PB(Message) m = PB_INIT(MESSAGE);

	a->contribution_id = object_id_data(&it->id);
	m.body_case = BODY(ANSWER_ASK);
	m.answer_ask = a;
	return demo_command(d, it->who, DEMO_MATCHING, &m);
}

static void tell_late(struct demo *d, uint32_t who, const PB(Receipt) *r)
{
	if (r != NULL && r->outcome == SCHAKEL__V1__OUTCOME__OUTCOME_LATE) {
		demo_tell(d, TOLD(DEMO_STORY, NULL),
			  "%s antwoordt te laat; er verandert niets, en %s hoort wat nu geldt.",
			  "%s answers too late; nothing changes, and %s is told what holds now.",
			  demo_name(d, who), demo_name(d, who));
	}
}

static void after_can(struct demo *d, const struct demo_item *it)
{
	struct demo_rand *luck = &d->line[it->who].luck;

	if (demo_rand_share(luck, d->region.n.taken_back_share)) {
		demo_add(d, d->now_ms + demo_rand_wait(luck, DEMO_DAY_MS), DEMO_TAKE_BACK, it->who,
			 &it->id);
	}
}

static void do_answer(struct demo *d, const struct demo_item *it, struct demo_share *s)
{
	PB(AnswerAsk) a = PB_INIT(ANSWER_ASK);
	uint64_t days = it->arg >> 16;

	a.answer = (PB(AnswerKind))(it->arg & 0xff);
	a.can_if = (PB(CanIf))(it->arg >> 8 & 0xff);
	if (a.answer == ANSWER(NOT_NOW)) {
		a.until_ms = d->now_ms + (days == 0 ? 1 : days) * DEMO_DAY_MS;
	} else if (a.answer == ANSWER(NOT_OURS)) {
		a.suggests = suggestion(d, it->who, s);
	}
	if (a.answer == ANSWER(CAN) && s->meets_first) {
		a.answer = ANSWER(CAN_IF);
		a.can_if = SCHAKEL__V1__CAN_IF__CAN_IF_MEET_FIRST;
	}
	if (a.can_if == SCHAKEL__V1__CAN_IF__CAN_IF_START_DATE) {
		a.start_at_ms = d->now_ms + START_DATE_DAYS * DEMO_DAY_MS;
	}
	PB(Receipt) *r = answer(d, it, &a);
	tell_late(d, it->who, r);
	if (demo_done_well(r) && a.answer == ANSWER(CAN_IF)) {
		plan_terms(d, it->who, s);
	} else if (demo_done_well(r) && a.answer == ANSWER(CAN)) {
		after_can(d, it);
	}
}

/* Conditions that are not met in time lapse by themselves. */
static void do_terms(struct demo *d, const struct demo_item *it, const struct demo_share *s)
{
	PB(AnswerAsk) a = PB_INIT(ANSWER_ASK);
	bool met = demo_rand_share(&d->line[it->who].luck, d->region.n.can_if_resolved_share);

	if (met && s->state == STATE(CAN_IF)) {
		a.answer = ANSWER(CAN);
		tell_late(d, it->who, answer(d, it, &a));
	}
}

static void do_take_back(struct demo *d, const struct demo_item *it, const struct demo_share *s)
{
	PB(TakeBack) t = PB_INIT(TAKE_BACK);
	PB(Message) m = PB_INIT(MESSAGE);

	t.contribution_id = object_id_data(&it->id);
	m.body_case = BODY(TAKE_BACK);
	m.take_back = &t;
	if (s->state == STATE(CAN)) {
		(void)demo_command(d, it->who, DEMO_MATCHING, &m);
	}
}

/* --- cut off --- */

static void do_away(struct demo *d, const struct demo_item *it)
{
	struct demo_line *l = &d->line[it->who];
	bool days = demo_rand_below(&l->luck, DEMO_LONG_AWAY_OF) == 0;
	uint64_t hours = 1 + demo_rand_wait(&l->luck, d->region.n.offline_hours_mean);

	hours *= days ? DEMO_LONG_AWAY : 1;
	l->away_until_ms = d->now_ms + hours * DEMO_HOUR_MS;
	demo_disconnect(d, it->who);
	demo_tell(d, TOLD(DEMO_STORY, NULL), "%s is de verbinding kwijt.",
		  "%s has lost its connection.", demo_name(d, it->who));
	demo_add(d, l->away_until_ms, DEMO_BACK, it->who, NULL);
}

static void do_back(struct demo *d, const struct demo_item *it)
{
	struct demo_line *l = &d->line[it->who];
	uint64_t mean_days = 1000 / (d->region.n.offline_per_1000_days + 1) + 1;

	if (l->away_until_ms != 0) {
		demo_tell(d, TOLD(DEMO_STORY, NULL), "%s is er weer en leest wat er intussen kwam.",
			  "%s is back and reads what came meanwhile.", demo_name(d, it->who));
	}
	l->away_until_ms = 0;
	l->mail = true;
	demo_add(d, d->now_ms + demo_rand_wait(&l->luck, mean_days * DEMO_DAY_MS), DEMO_AWAY,
		 it->who, NULL);
}

/* --- what was written down --- */

static void do_of_share(struct demo *d, const struct demo_item *it, struct demo_share *s)
{
	switch ((int)it->what) {
	case DEMO_ANSWER:
		do_answer(d, it, s);
		break;
	case DEMO_TERMS:
		do_terms(d, it, s);
		break;
	case DEMO_TAKE_BACK:
		do_take_back(d, it, s);
		break;
	default:
		demo_do_help(d, it, s);
		break;
	}
}

void demo_do_partner(struct demo *d, const struct demo_item *it)
{
	ProtobufCBinaryData id = object_id_data(&it->id);
	struct demo_share *s = demo_share(&d->world, &id);

	if (d->line[it->who].away_until_ms > d->now_ms && it->what != DEMO_BACK) {
		struct demo_item later = *it;
		later.at_ms = d->line[it->who].away_until_ms + 5 * DEMO_MINUTE_MS;
		demo_agenda_add(&d->agenda, later);
	} else if (it->what == DEMO_PUBLISH) {
		demo_do_publish(d, it);
	} else if (it->what == DEMO_AWAY) {
		do_away(d, it);
	} else if (it->what == DEMO_BACK) {
		do_back(d, it);
	} else if (s != NULL) {
		do_of_share(d, it, s);
	}
}
