/* SPDX-License-Identifier: EUPL-1.2 */
/* What people do for each other: they name rules, call for help and come, say whether it fits, note
 * basic support, look at what others decided, shield and let know. Much of it is refused. */
#include <string.h>

#include "tests/sim/region.h"

static ProtobufCBinaryData data_of(uint8_t id[16])
{
	return (ProtobufCBinaryData){ 16, id };
}

static void remember(uint8_t list[][16], size_t *io_len, const ProtobufCBinaryData *id)
{
	for (size_t i = 0; i < *io_len; i++) {
		if (memcmp(list[i], id->data, 16) == 0) {
			return;
		}
	}
	if (*io_len < NEWS_WARM && id->len == 16) {
		memcpy(list[(*io_len)++], id->data, 16);
	}
}

void region_warm_event(struct region *g, const PB(Event) *e)
{
	if (e->kind == SCHAKEL__V1__EVENT_KIND__EVENT_KIND_SIGNAL) {
		remember(g->news.signal, &g->news.signals, &e->object_id);
	} else if (e->kind == SCHAKEL__V1__EVENT_KIND__EVENT_KIND_HELP_CALL) {
		remember(g->news.call, &g->news.calls, &e->object_id);
	}
}

static size_t somebody(struct region *g)
{
	return rng_below(&g->w->rng, CALLERS);
}

/* The family, who carries the crisis, or a partner: who mostly may. */
static size_t some_holder(struct region *g)
{
	static const size_t who[] = { FAMILY, CONTACT, CLB, PARTNER_FIRST };

	return who[rng_below(&g->w->rng, SK_LEN(who))];
}

static void name_signal(struct region *g)
{
	struct rng *r = &g->w->rng;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(NameSignal) b = PB_INIT(NAME_SIGNAL);

	b.rule = (PB(RuleKind))rng_between(r, 1, 12);
	b.step = (PB(BlockedStep))rng_between(r, 1, 6);
	if (g->news.needs > 0 && rng_below(r, 6) != 0) {
		struct news_need *n = &g->news.need[rng_below(r, g->news.needs)];
		b.request_id = data_of(n->request);
		if (rng_coin(r)) {
			b.need_id = data_of(n->id);
		}
	}
	m.body_case = BODY(NAME_SIGNAL);
	m.name_signal = &b;
	region_send(g, some_holder(g), INTAKE, &m);
}

static void move_signal(struct region *g)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(MoveSignal) b = PB_INIT(MOVE_SIGNAL);

	if (g->news.signals == 0) {
		return;
	}
	b.signal_id = data_of(g->news.signal[rng_below(&g->w->rng, g->news.signals)]);
	b.to = (PB(SignalState))rng_between(&g->w->rng, 1, 4);
	m.body_case = BODY(MOVE_SIGNAL);
	m.move_signal = &b;
	region_send(g, GOVERNMENT, INTAKE, &m);
}

static void call_for_help(struct region *g)
{
	struct rng *r = &g->w->rng;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(CallForHelp) b = PB_INIT(CALL_FOR_HELP);

	b.addressee = (PB(HelpAddressee))rng_between(r, 1, 3);
	b.zone = (char *)(uintptr_t)region_zone[rng_below(r, ZONES)];
	b.expertise = (uint32_t)rng_below(r, EXPERTISES + 1);
	if (g->news.requests > 0 && rng_coin(r)) {
		b.request_id = data_of(g->news.request[rng_below(r, g->news.requests)].id);
		b.zone = (char *)(uintptr_t) "";
	}
	m.body_case = BODY(CALL_FOR_HELP);
	m.call_for_help = &b;
	region_send(g, somebody(g), INTAKE, &m);
}

static void move_call(struct region *g)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(MoveHelpCall) b = PB_INIT(MOVE_HELP_CALL);

	if (g->news.calls == 0) {
		return;
	}
	b.call_id = data_of(g->news.call[rng_below(&g->w->rng, g->news.calls)]);
	b.to = (PB(HelpCallState))rng_between(&g->w->rng, 1, 4);
	m.body_case = BODY(MOVE_HELP_CALL);
	m.move_help_call = &b;
	region_send(g, somebody(g), INTAKE, &m);
}

static void fit_of(struct region *g, struct news_help *h)
{
	struct rng *r = &g->w->rng;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordFit) b = PB_INIT(RECORD_FIT);

	b.request_id = data_of(h->request);
	b.contribution_id = data_of(h->id);
	b.speaker = (PB(Speaker))rng_between(r, 1, 2);
	b.adult = b.speaker == 2 ? 1 : 0;
	b.moment = (PB(FitMoment))rng_between(r, 1, 2);
	b.fit = (PB(Fit))rng_between(r, 1, 3);
	m.body_case = BODY(RECORD_FIT);
	m.record_fit = &b;
	region_send(g, rng_coin(r) ? FAMILY : some_holder(g), INTAKE, &m);
}

/* Asked at the end, so of what has ended; else of any. */
static void fit(struct region *g)
{
	struct news *n = &g->news;
	size_t from = n->helps == 0 ? 0 : rng_below(&g->w->rng, n->helps);
	struct news_help *h = n->helps == 0 ? NULL : &n->help[from];

	for (size_t i = 0; i < n->helps && h->state != HELP(ENDED); i++) {
		h = &n->help[(from + i) % n->helps];
	}
	if (h != NULL) {
		fit_of(g, h);
	}
}

static void basic_of(struct region *g, uint8_t request[16])
{
	struct rng *r = &g->w->rng;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordBasicLink) b = PB_INIT(RECORD_BASIC_LINK);

	b.request_id = data_of(request);
	b.flow = (PB(Flow))rng_between(r, 1, 3);
	b.link = (PB(BasicLink))rng_between(r, 1, 3);
	b.party = (char *)(uintptr_t)(b.link == 1 ? "school" : "");
	m.body_case = BODY(RECORD_BASIC_LINK);
	m.record_basic_link = &b;
	region_send(g, some_holder(g), INTAKE, &m);
}

static void basic(struct region *g)
{
	struct rng *r = &g->w->rng;

	if (g->news.requests > 0) {
		basic_of(g, g->news.request[rng_below(r, g->news.requests)].id);
	}
}

static void shield_of(struct region *g, struct news_help *h)
{
	struct rng *r = &g->w->rng;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ShieldContribution) b = PB_INIT(SHIELD_CONTRIBUTION);
	PB(LetKnow) k = PB_INIT(LET_KNOW);

	b.request_id = data_of(h->request);
	b.contribution_id = data_of(h->id);
	b.shielded = rng_below(r, 3) != 0;
	m.body_case = BODY(SHIELD_CONTRIBUTION);
	m.shield_contribution = &b;
	if (rng_coin(r)) {
		k.request_id = b.request_id;
		k.contribution_id = b.contribution_id;
		k.speaker = SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH;
		k.known = rng_below(r, 3) != 0;
		m.body_case = BODY(LET_KNOW);
		m.let_know = &k;
	}
	region_send(g, FAMILY, INTAKE, &m);
}

static void shield_or_let_know(struct region *g)
{
	if (g->news.helps > 0) {
		shield_of(g, &g->news.help[rng_below(&g->w->rng, g->news.helps)]);
	}
}

static void climb(struct region *g)
{
	struct rng *r = &g->w->rng;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ClimbRung) b = PB_INIT(CLIMB_RUNG);

	if (g->news.needs == 0) {
		return;
	}
	b.need_id = data_of(g->news.need[rng_below(r, g->news.needs)].id);
	b.reason = (PB(RungReason))rng_between(r, 1, 4);
	b.danger = b.reason == 3 ? (PB(DangerReason))rng_between(r, 1, 7) : 0;
	m.body_case = BODY(CLIMB_RUNG);
	m.climb_rung = &b;
	region_send(g, b.reason == 1 ? FAMILY : CONTACT, INTAKE, &m);
}

/* Of help that was interrupted, or of a rung that was climbed. Some review themselves. */
static void review_of(struct region *g, struct news_help *h, struct news_need *n)
{
	struct rng *r = &g->w->rng;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordReviewByOther) b = PB_INIT(RECORD_REVIEW_BY_OTHER);

	if (h != NULL) {
		b.request_id = data_of(h->request);
		b.contribution_id = data_of(h->id);
	} else {
		b.request_id = data_of(n->request);
		b.need_id = data_of(n->id);
	}
	b.confirmed = rng_coin(r);
	m.body_case = BODY(RECORD_REVIEW_BY_OTHER);
	m.record_review_by_other = &b;
	size_t who = rng_coin(r) ? CONTACT : somebody(g);
	region_send(g, h != NULL && rng_below(r, 4) == 0 ? PARTNER_FIRST + h->partner : who, INTAKE,
		    &m);
}

static void review(struct region *g)
{
	struct rng *r = &g->w->rng;

	if (g->news.helps == 0 || g->news.needs == 0) {
		return;
	}
	struct news_help *h = &g->news.help[rng_below(r, g->news.helps)];
	struct news_need *n = &g->news.need[rng_below(r, g->news.needs)];
	review_of(g, rng_below(r, 4) == 0 ? NULL : h, n);
}

static void check_in(struct region *g)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordCheckIn) b = PB_INIT(RECORD_CHECK_IN);

	if (g->news.needs == 0) {
		return;
	}
	size_t from = rng_below(&g->w->rng, g->news.needs);
	struct news_need *n = &g->news.need[from];
	for (size_t i = 0; i < g->news.needs && n->state != NEED(AFTERCARE); i++) {
		n = &g->news.need[(from + i) % g->news.needs];
	}
	b.need_id = data_of(n->id);
	b.well = rng_coin(&g->w->rng);
	m.body_case = BODY(RECORD_CHECK_IN);
	m.record_check_in = &b;
	region_send(g, FAMILY, INTAKE, &m);
}

void region_warm_help(struct region *g, struct news_help *h)
{
	switch (rng_below(&g->w->rng, 4)) {
	case 0:
		fit_of(g, h);
		break;
	case 1:
		basic_of(g, h->request);
		break;
	case 2:
		shield_of(g, h);
		break;
	default:
		review_of(g, h, NULL);
		break;
	}
}

void region_warm_act(struct region *g)
{
	static void (*const habit[])(struct region * g) = {
		name_signal,
		name_signal,
		move_signal,
		move_signal,
		call_for_help,
		call_for_help,
		move_call,
		move_call,
		fit,
		fit,
		basic,
		basic,
		climb,
		review,
		review,
		check_in,
		shield_or_let_know,
	};

	habit[rng_below(&g->w->rng, SK_LEN(habit))](g);
}
