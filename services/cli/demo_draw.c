/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/demo_draw.h"

#include "common/civil.h"

#define ANSWER(NAME) SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_##NAME
#define VOICE(NAME) SCHAKEL__V1__VOICE__VOICE_##NAME
#define OFFICE_FROM_MIN (8 * 60 + 30)
#define OFFICE_TO_MIN (17 * 60 + 30)
#define NIGHT_FROM_H 20
#define NIGHT_TO_H 8
#define YEAR_DAYS 365

uint64_t demo_there_ms(const struct demo_party *p, uint64_t at_ms, bool urgent,
		       struct demo_rand *rand)
{
	struct civil_calendar cal = { .weekday_mask = p->days, .holidays_closed = !p->on_call };
	struct civil c = civil_from_ms(at_ms);

	if (urgent && p->on_call) {
		return at_ms;
	}
	if (civil_is_open(c.date, &cal) && c.minute_of_day >= OFFICE_FROM_MIN &&
	    c.minute_of_day < OFFICE_TO_MIN) {
		return at_ms;
	}
	uint64_t at = at_ms;
	do {
		at = civil_next_local_time(at, OFFICE_FROM_MIN / 60, OFFICE_FROM_MIN % 60);
	} while (!civil_is_open(civil_from_ms(at).date, &cal));
	return at + demo_rand_below(rand, 180) * DEMO_MINUTE_MS;
}

/* How busy it is at that moment, of a thousand, against the busiest moment of the week. */
static uint32_t busy_share(const struct demo_numbers *n, uint64_t at_ms)
{
	struct civil c = civil_from_ms(at_ms);
	bool night = c.hour >= NIGHT_FROM_H || c.hour < NIGHT_TO_H;
	uint32_t day_share = 1000 - n->calls_night_share;
	uint32_t most = day_share > n->calls_night_share ? day_share : n->calls_night_share;
	uint32_t now = night ? n->calls_night_share : day_share;
	uint32_t share = 1000 * now / (most == 0 ? 1 : most);

	return c.weekday >= 5 ? share * n->calls_weekend_factor / 1000 : share;
}

/* Night and day are twelve hours each, and two days of the week count for less. */
uint64_t demo_next_call_ms(const struct demo_numbers *n, uint64_t now_ms, struct demo_rand *rand)
{
	uint32_t day_share = 1000 - n->calls_night_share;
	uint32_t most = day_share > n->calls_night_share ? day_share : n->calls_night_share;
	double week = (5.0 + 2.0 * n->calls_weekend_factor / 1000.0) / 7.0;
	double peak_per_day = n->calls_per_year / (double)YEAR_DAYS / week * 2.0 * most / 1000.0;
	uint64_t mean_ms = (uint64_t)((double)DEMO_DAY_MS / (peak_per_day > 0 ? peak_per_day : 1));
	uint64_t at = now_ms;

	do {
		at += 1 + demo_rand_wait(rand, mean_ms);
	} while (!demo_rand_share(rand, busy_share(n, at)));
	return at;
}

static PB(CanIf) draw_can_if(const struct demo_numbers *n, struct demo_rand *rand)
{
	const uint32_t weight[] = { n->can_if_meet_first, n->can_if_talk,
				    n->can_if_start_date, n->can_if_extra_hands,
				    n->can_if_transport,  n->can_if_interpreter };

	return (PB(CanIf))(1 + demo_rand_pick(rand, weight, SK_LEN(weight)));
}

struct demo_answer demo_draw_answer(const struct demo_numbers *n, bool crisis,
				    struct demo_rand *rand)
{
	const uint32_t calm[] = { n->answer_can, n->answer_can_if, n->answer_not_now,
				  n->answer_not_ours, n->answer_silent };
	const uint32_t hot[] = { n->answer_crisis_can, n->answer_crisis_can_if,
				 n->answer_crisis_not_now, n->answer_crisis_not_ours,
				 n->answer_crisis_silent };
	size_t which = demo_rand_pick(rand, crisis ? hot : calm, SK_LEN(calm));
	uint64_t median = crisis ? n->answer_crisis_median_min : n->answer_median_min;
	uint64_t p90 = crisis ? n->answer_crisis_p90_min : n->answer_p90_min;
	struct demo_answer a = {
		.silent = which == 4,
		.kind = which == 4 ? ANSWER(UNSPECIFIED) : (PB(AnswerKind))(ANSWER(CAN) + which),
		.after_ms = demo_rand_around(rand, median * DEMO_MINUTE_MS, p90 * DEMO_MINUTE_MS),
	};

	if (a.kind == ANSWER(CAN_IF)) {
		a.can_if = draw_can_if(n, rand);
	}
	if (a.kind == ANSWER(NOT_NOW)) {
		a.until_ms = DEMO_DAY_MS + demo_rand_wait(rand, n->not_now_days_mean * DEMO_DAY_MS);
	}
	return a;
}

uint64_t demo_draw_voice_delay(const struct demo_numbers *n, bool crisis, struct demo_rand *rand)
{
	uint64_t median =
		(crisis ? n->voice_crisis_median_min : n->voice_median_min) * DEMO_MINUTE_MS;

	return demo_rand_around(rand, median, 3 * median);
}

struct demo_voice demo_draw_voice(const struct demo_numbers *n, bool crisis, struct demo_rand *rand)
{
	static const PB(Voice) voices[] = { VOICE(AGREE), VOICE(NOT), VOICE(NOT_YET),
					    VOICE(TALK_FIRST) };
	const uint32_t weight[] = { n->voice_agree, n->voice_not, n->voice_not_yet,
				    n->voice_talk_first };
	struct demo_voice v = { .voice = voices[demo_rand_pick(rand, weight, SK_LEN(weight))] };

	if (v.voice == VOICE(NOT_YET) || v.voice == VOICE(TALK_FIRST)) {
		v.again_ms = 2 * demo_draw_voice_delay(n, crisis, rand);
	}
	return v;
}

uint64_t demo_draw_start_delay(const struct demo_numbers *n, bool crisis, struct demo_rand *rand)
{
	if (crisis) {
		uint64_t median = n->start_crisis_median_min * DEMO_MINUTE_MS;
		return demo_rand_around(rand, median, 2 * median);
	}
	uint64_t days = n->start_median_days * DEMO_DAY_MS;
	bool late = demo_rand_share(rand, n->start_late_share);
	return demo_rand_around(rand, days, 2 * days) + (late ? 2 * DEMO_WEEK_MS : 0);
}

struct demo_fate demo_draw_fate(const struct demo_numbers *n, uint32_t weeks,
				struct demo_rand *rand)
{
	uint64_t whole = (weeks == 0 ? 1 : weeks) * DEMO_WEEK_MS;
	uint32_t turned = n->stopped_by_youth_share + n->interrupted_share + n->handing_on_share;
	const uint32_t weight[] = { turned < 1000 ? 1000 - turned : 0, n->stopped_by_youth_share,
				    n->interrupted_share, n->handing_on_share };
	struct demo_fate f = { .end_after_ms = whole };

	f.turn = (enum demo_turn)demo_rand_pick(rand, weight, SK_LEN(weight));
	if (f.turn != DEMO_TURN_NONE) {
		f.turn_after_ms = whole / 10 + demo_rand_below(rand, 700) * (whole / 1000);
	}
	return f;
}
