/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/plan_line.h"

#include <string.h>

#include "common/civil.h"
#include "common/when.h"
#include "common/words.h"
#include "services/cli/output.h"
#include "services/cli/plan_why.h"
#include "services/cli/waiting_text.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define EXPLAIN(NAME) SCHAKEL__V1__EXPLAIN_KIND__EXPLAIN_KIND_##NAME
#define UNIT(NAME) SCHAKEL__V1__UNIT__UNIT_##NAME
#define CRISIS SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_CRISIS

static void put(struct sentence *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(struct sentence *t, const char *fmt, ...)
{
	size_t len = strlen(t->s);
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(t->s + len, sizeof(t->s) - len, fmt, args);
	va_end(args);
}

static struct civil_text day(const struct cli *c, uint64_t at_ms)
{
	return civil_format_date(at_ms, c->lang == LANG_EN ? CIVIL_EN : CIVIL_NL);
}

struct sentence units_text(const struct cli *c, uint32_t count, PB(Unit) unit)
{
	static const struct {
		const char *nl, *en;
	} one[] = {
		[UNIT(UNSPECIFIED)] = { "plek of uur", "place or hour" },
		[UNIT(BED)] = { "bed", "bed" },
		[UNIT(PLACE)] = { "plek", "place" },
		[UNIT(MODULE)] = { "module", "module" },
		[UNIT(HOURS_WEEK)] = { "uur per week", "hour a week" },
		[UNIT(CONSULT)] = { "gesprek per week", "talk a week" },
		[UNIT(SEAT)] = { "plek in een groep", "seat in a group" },
	};
	struct sentence t = { "" };
	const char *many = unit == 0 ? cli_text(c, "plekken of uren", "places or hours") :
				       word_of(SET(unit), (int)unit, c->lang);

	if (count == 1 && (size_t)unit < SK_LEN(one)) {
		many = cli_text(c, one[unit].nl, one[unit].en);
	}
	put(&t, "%u %s", count, many);
	return t;
}

static void put_chosen(const struct cli *c, struct sentence *t, const PB(ExplainLine) *l)
{
	put(t, cli_text(c, "gekozen: %s, %s: %s", "chosen: %s, %s: %s"), party_text(c, l->party).s,
	    l->pool, units_text(c, l->number, l->unit).s);
	if (l->state != 0) {
		put(t, "; %s", word_of(SET(contribution_state), (int)l->state, c->lang));
	}
	if (l->start_ms != 0) {
		put(t, cli_text(c, "; start: %s", "; start: %s"), day(c, l->start_ms).s);
	}
	if (l->rules_version != 0) {
		put(t, cli_text(c, " (regels: versie %u)", " (rules: version %u)"),
		    l->rules_version);
	}
}

/* "Class ACTIVE, rank date 3 March = arrival 2 April minus 30 days of priority, then the lottery"
 * in one sentence. */
static void put_order(const struct cli *c, struct sentence *t, const PB(ExplainLine) *l)
{
	if (l->number > 0) {
		put(t,
		    cli_text(c, "plaats %u voor deze hulp in deze zone; ",
			     "place %u for this help in this zone; "),
		    l->number);
	}
	if (l->order_rule != 0) {
		put(t, "%s", tried_order(c, l->order_rule));
		put(t, cli_text(c, "; gevraagd op %s", "; asked on %s"), day(c, l->arrival_ms).s);
		return;
	}
	if (l->wait_class == CRISIS) {
		put(t,
		    cli_text(c,
			     "in een crisis telt hoe snel het moet, en dan wie het eerst kwam: %s",
			     "in a crisis it counts how soon it must be, and then who came first: "
			     "%s"),
		    when_show(l->arrival_ms, c->lang).s);
		return;
	}
	put(t,
	    cli_text(c, "eerst telt hoe dringend (%s), dan de datum: gevraagd op %s",
		     "first it counts how urgent (%s), then the date: asked on %s"),
	    word_of(SET(wait_class), (int)l->wait_class, c->lang), day(c, l->arrival_ms).s);
	if (l->days > 0) {
		put(t,
		    cli_text(c, ", min %u dagen voorrang is %s",
			     ", minus %u days of priority is %s"),
		    l->days, day(c, l->at_ms).s);
	}
	put(t, "%s",
	    cli_text(c, "; bij gelijke datum een lot dat vastligt",
		     "; with equal dates a lottery drawn once"));
}

static void put_first(const struct cli *c, struct sentence *t, const PB(ExplainLine) *l)
{
	if (l->number == 1) {
		put(t,
		    cli_text(c, "bij %s was iemand anders eerst aan de beurt",
			     "at %s somebody else came first"),
		    l->pool);
	} else {
		put(t,
		    cli_text(c, "bij %s waren %u anderen eerst aan de beurt",
			     "at %s %u others came first"),
		    l->pool, l->number);
	}
	if (l->amount > 0) {
		put(t, cli_text(c, ", voor %s", ", for %s"), units_text(c, l->amount, l->unit).s);
	}
}

static void put_more(const struct cli *c, struct sentence *t, const PB(ExplainLine) *l)
{
	bool blocked = l->shortfall == SCHAKEL__V1__SHORTFALL__SHORTFALL_RULE_BLOCKS;

	put(t,
	    blocked ? cli_text(c,
			       "met nog %s bij %s is er plaats, als de regel die het tegenhoudt "
			       "ruimte laat",
			       "with %s more at %s there is room, if the rule that blocks it "
			       "leaves room") :
		      cli_text(c, "met nog %s bij %s kan hulp starten",
			       "with %s more at %s help can start"),
	    units_text(c, l->number, l->unit).s, l->pool);
	if (l->amount == 1) {
		put(t, "%s",
		    cli_text(c, "; 1 andere vraag start dan eerst",
			     "; 1 other need starts first then"));
	} else if (l->amount > 1) {
		put(t,
		    cli_text(c, "; %u andere vragen starten dan eerst",
			     "; %u other needs start first then"),
		    l->amount);
	}
}

static void put_offers(const struct cli *c, struct sentence *t, const PB(ExplainLine) *l)
{
	put(t, "%s: %u", word_of(SET(explain_kind), (int)l->kind, c->lang), l->number);
	if (l->amount > 0) {
		put(t,
		    cli_text(c, "; geen regel houdt er %u van tegen",
			     "; no rule keeps out %u of it"),
		    l->amount);
	}
}

static void put_bridged(const struct cli *c, struct sentence *t, const PB(ExplainLine) *l)
{
	if (l->party[0] == '\0') {
		put(t, "%s", cli_text(c, "er is nu niets dat overbrugt", "nothing bridges it now"));
		return;
	}
	put(t, cli_text(c, "intussen: %s, tot %s", "meanwhile: %s, until %s"),
	    party_text(c, l->party).s, day(c, l->at_ms).s);
}

static struct sentence plan_line(const struct cli *c, const PB(ExplainLine) *l)
{
	struct sentence t = { "" };
	const char *kind = word_of(SET(explain_kind), (int)l->kind, c->lang);

	switch ((int)l->kind) {
	case EXPLAIN(CHOSEN):
		put_chosen(c, &t, l);
		break;
	case EXPLAIN(COST):
		put(&t, "%s: %s", cli_text(c, "gelet op", "looked at"),
		    word_of(SET(cost_kind), (int)l->cost_kind, c->lang));
		break;
	case EXPLAIN(STILL_LACKS):
		put(&t, "%s: %s", kind, word_of(SET(shortfall), (int)l->shortfall, c->lang));
		break;
	case EXPLAIN(ORDER):
		if (l->arrival_ms != 0) { /* as the waiting list says it */
			put_order(c, &t, l);
		}
		break;
	case EXPLAIN(WENT_FIRST):
		put_first(c, &t, l);
		break;
	case EXPLAIN(ONE_MORE):
		put_more(c, &t, l);
		break;
	case EXPLAIN(OFFERS):
		put_offers(c, &t, l);
		break;
	case EXPLAIN(FAMILY_WISH):
		put(&t, cli_text(c, "%s, tot %s", "%s, until %s"), kind, day(c, l->at_ms).s);
		break;
	case EXPLAIN(MISSING):
		put(&t, "%s", kind);
		break;
	case EXPLAIN(BRIDGED):
		put_bridged(c, &t, l);
		break;
	default:
		put(&t, cli_text(c, "daarvan %u: %s", "of which %u: %s"), l->number, kind);
		break;
	}
	return t;
}

void plan_lines(const struct cli *c, const PB(ExplainView) *v, const struct subject *s)
{
	size_t shown = SIZE_MAX;

	for (size_t i = 0; i < v->n_lines; i++) {
		struct sentence t = plan_line(c, v->lines[i]);
		struct object_id need = { 0 };
		size_t n = 0;
		(void)object_id_from(&v->lines[i]->need_id, &need);
		while (n < s->needs_len && !object_id_equal(&s->need[n], &need)) {
			n++;
		}
		if (n != shown && n < s->needs_len) {
			(void)fprintf(c->out, "  %zu. %s\n", n + 1,
				      expertise_label(s->expertise[n], c->lang));
		}
		shown = n;
		if (t.s[0] != '\0') {
			(void)fprintf(c->out, "     %s\n", t.s);
		}
	}
}
