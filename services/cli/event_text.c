/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/event_text.h"

#include <stdarg.h>
#include <string.h>

#include "common/civil.h"
#include "common/when.h"
#include "common/words.h"
#include "services/cli/request_text.h"

#define KIND(NAME) SCHAKEL__V1__EVENT_KIND__EVENT_KIND_##NAME
#define SET(name) (&schakel__v1__##name##__descriptor)

static void put(struct event_line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(struct event_line *l, const char *fmt, ...)
{
	size_t len = strlen(l->s);
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(l->s + len, sizeof(l->s) - len, fmt, args);
	va_end(args);
}

static bool given(const char *s)
{
	return s != NULL && s[0] != '\0';
}

/* ", expertise, zone, by party" as far as they are there. */
static void put_place(struct event_line *l, const struct cli *c, const PB(Event) *e)
{
	const char *expertise = expertise_label(e->expertise, c->lang);

	if (given(expertise)) {
		put(l, ", %s", expertise);
	}
	if (given(e->zone)) {
		put(l, ", %s %s", cli_text(c, "zone", "zone"), e->zone);
	}
	if (given(e->party)) {
		put(l, ", %s", e->party);
	}
}

static void put_day(struct event_line *l, const struct cli *c, const char *nl, const char *en,
		    uint64_t ms)
{
	if (ms != 0) {
		put(l, ", %s %s", cli_text(c, nl, en), when_show(ms, c->lang).s);
	}
}

static void put_word(struct event_line *l, const struct cli *c, const ProtobufCEnumDescriptor *set,
		     int v)
{
	const char *word = word_of(set, v, c->lang);

	if (given(word)) {
		put(l, ": %s", word);
	}
}

static void request_line(struct event_line *l, const struct cli *c, const PB(Event) *e)
{
	put_word(l, c, SET(urgency), (int)e->urgency);
	put_place(l, c, e);
	if (e->ended) {
		put(l, ", %s", cli_text(c, "afgesloten", "closed"));
	} else {
		put_day(l, c, "antwoord vóór", "answer before", e->due_ms);
	}
}

static void need_line(struct event_line *l, const struct cli *c, const PB(Event) *e)
{
	put_word(l, c, SET(need_state), (int)e->need_state);
	put_place(l, c, e);
	if (e->close_reason != 0) {
		put(l, " (%s)", word_of(SET(close_reason), (int)e->close_reason, c->lang));
	}
}

static void holder_line(struct event_line *l, const struct cli *c, const PB(Event) *e)
{
	put(l, ": %s %s", e->party,
	    e->ended ? cli_text(c, "houdt niet meer vast", "no longer holds") :
		       word_term("HOLDER", c->lang));
	if (e->holder_kind != 0) {
		put(l, " (%s)", word_of(SET(holder_kind), (int)e->holder_kind, c->lang));
	}
}

static void contact_line(struct event_line *l, const struct cli *c, const PB(Event) *e)
{
	put(l, ": %s", e->party);
	if (given(e->stand_in)) {
		put(l, ", %s %s", word_term("STAND_IN", c->lang), e->stand_in);
	}
}

static void wait_line(struct event_line *l, const struct cli *c, const PB(Event) *e)
{
	if (e->ended) {
		put(l, ": %s", cli_text(c, "wacht niet meer", "no longer waits"));
	} else {
		put_word(l, c, SET(wait_class), (int)e->wait_class);
	}
	put_place(l, c, e);
	if (!e->ended && e->rank_ms != 0) {
		put(l, ", %s %s", word_term("RANK_DATE", c->lang),
		    civil_format_date(e->rank_ms, c->lang == LANG_NL ? CIVIL_NL : CIVIL_EN).s);
	}
	if (e->shortfall != 0) {
		put(l, " (%s)", word_of(SET(shortfall), (int)e->shortfall, c->lang));
	}
}

static void team_line(struct event_line *l, const struct cli *c, const PB(Event) *e)
{
	put(l, ": %u %s", e->seats, cli_text(c, "ingevuld", "filled"));
	if (e->open_seats > 0) {
		put(l, ", %u %s", e->open_seats, word_term("SHORTFALL", c->lang));
	}
	if (e->shortfall != 0) {
		put(l, " (%s)", word_of(SET(shortfall), (int)e->shortfall, c->lang));
	}
}

static void contribution_line(struct event_line *l, const struct cli *c, const PB(Event) *e)
{
	const char *word = word_of(SET(contribution_state), (int)e->contribution_state, c->lang);
	bool not_now = e->contribution_state ==
		       SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_NOT_NOW;
	struct civil_text day = { "" };

	if (not_now && e->due_ms != 0) {
		day = civil_format_date(e->due_ms, c->lang == LANG_NL ? CIVIL_NL : CIVIL_EN);
	}
	const char *filler = not_now ? day.s : word_of(SET(can_if), (int)e->can_if, c->lang);
	if (given(word)) {
		put(l, ": %s", word_filled(word, filler).s);
	}
	put_place(l, c, e);
	if (given(e->pool)) {
		put(l, " (%s)", e->pool);
	}
	put_day(l, c, "tot", "until", not_now ? 0 : e->due_ms);
}

static void pool_line(struct event_line *l, const struct cli *c, const PB(Event) *e)
{
	put(l, " %s: %u %s", e->pool, e->free, word_term("FREE", c->lang));
	if (e->promised > 0) {
		put(l, cli_text(c, ", %u beloofd", ", %u promised"), e->promised);
	}
	const char *word = word_of(SET(pool_state), (int)e->pool_state, c->lang);
	if (given(word)) {
		put(l, ": %s", word_filled(word, "").s);
	}
	put_place(l, c, e);
}

static void alarm_line(struct event_line *l, const struct cli *c, const PB(Event) *e)
{
	put_word(l, c, SET(alarm_kind), (int)e->alarm);
	if (e->ended) {
		put(l, " (%s)", cli_text(c, "voorbij", "over"));
	}
	put_place(l, c, e);
	put_day(l, c, "termijn", "term", e->due_ms);
}

static void term_line(struct event_line *l, const struct cli *c, const PB(Event) *e)
{
	put_word(l, c, SET(alarm_kind), (int)e->alarm);
	if (e->ended && e->alarm == 0) {
		put(l, ": %s", cli_text(c, "eerste hulp gestart", "first help started"));
	}
	put_place(l, c, e);
	put_day(l, c, "termijn", "term", e->due_ms);
}

static void position_line(struct event_line *l, const struct cli *c, const PB(Event) *e)
{
	put_word(l, c, SET(voice), (int)e->voice);
	if (e->ground != 0) {
		put(l, " (%s)", word_of(SET(ground), (int)e->ground, c->lang));
	}
}

static void consult_line(struct event_line *l, const struct cli *c, const PB(Event) *e)
{
	put_word(l, c, SET(consult_state), (int)e->consult_state);
	put_place(l, c, e);
}

static void plan_line(struct event_line *l, const struct cli *c, const PB(Event) *e)
{
	put_place(l, c, e);
	put_day(l, c, "bellen om", "call at", e->due_ms);
}

static void network_line(struct event_line *l, const struct cli *c, const PB(Event) *e)
{
	put(l, " %s", e->network);
	put_word(l, c, SET(network_kind), (int)e->network_kind);
	if (e->ended) {
		put(l, ", %s", cli_text(c, "loopt niet meer", "no longer runs"));
	}
	put_day(l, c, "tot", "until", e->until_ms);
	if (given(e->party)) {
		put(l, cli_text(c, ", daarna %s", ", then %s"), e->party);
	}
}

/* What people do for each other is told in codes alone: each that is there, as its word. */
static void code_line(struct event_line *l, const struct cli *c, const PB(Event) *e)
{
	const struct {
		const ProtobufCEnumDescriptor *set;
		int value;
	} codes[] = {
		{ SET(rule_kind), (int)e->rule },
		{ SET(blocked_step), (int)e->blocked_step },
		{ SET(signal_state), (int)e->signal_state },
		{ SET(help_addressee), (int)e->addressee },
		{ SET(help_call_state), (int)e->call_state },
		{ SET(fit_moment), (int)e->moment },
		{ SET(fit), (int)e->fit },
		{ SET(flow), (int)e->flow },
		{ SET(basic_link), (int)e->basic_link },
		{ SET(rung_reason), (int)e->rung_reason },
	};
	const char *mark = ":";

	for (size_t i = 0; i < SK_LEN(codes); i++) {
		if (codes[i].value != 0) {
			put(l, "%s %s", mark, word_of(codes[i].set, codes[i].value, c->lang));
			mark = ",";
		}
	}
	if (e->child_days > 0) {
		put(l, cli_text(c, ", %llu dagen van kinderen", ", %llu child-days"),
		    (unsigned long long)e->child_days);
	}
	put_place(l, c, e);
}

struct event_line event_line(const struct cli *c, const PB(Event) *e)
{
	static const struct {
		PB(EventKind) kind;
		void (*fn)(struct event_line *l, const struct cli *c, const PB(Event) *e);
	} lines[] = {
		{ KIND(REQUEST), request_line }, { KIND(NEED), need_line },
		{ KIND(HOLDER), holder_line },   { KIND(CONTACT_PERSON), contact_line },
		{ KIND(PLAN), plan_line },       { KIND(POSITION), position_line },
		{ KIND(TERM), term_line },       { KIND(WAIT_ENTRY), wait_line },
		{ KIND(TEAM), team_line },       { KIND(CONTRIBUTION), contribution_line },
		{ KIND(POOL), pool_line },       { KIND(ALARM), alarm_line },
		{ KIND(CONSULT), consult_line }, { KIND(NIGHT_PLAN), plan_line },
		{ KIND(SIGNAL), code_line },     { KIND(HELP_CALL), code_line },
		{ KIND(FIT), code_line },        { KIND(BASIC_LINK), code_line },
		{ KIND(RUNG), code_line },       { KIND(REVIEW), code_line },
		{ KIND(NETWORK), network_line },
	};
	struct event_line l = { "" };
	const char *kind = word_of(SET(event_kind), (int)e->kind, c->lang);

	put(&l, "%s", given(kind) ? kind : cli_text(c, "gebeurtenis", "event"));
	if (given(e->short_code)) {
		put(&l, " %s", e->short_code);
	}
	for (size_t i = 0; i < SK_LEN(lines); i++) {
		if (lines[i].kind == e->kind) {
			lines[i].fn(&l, c, e);
		}
	}
	return l;
}
