/* SPDX-License-Identifier: EUPL-1.2 */
/* A place on the list, said in sentences: why here, what was given, who holds, what worries. */
#include "services/cli/waiting_text.h"

#include "common/civil.h"
#include "common/settings.h"
#include "common/words.h"
#include "services/cli/output.h"

#define SET(name) (&schakel__v1__##name##__descriptor)

static struct civil_text day(const struct cli *c, uint64_t at_ms)
{
	return civil_format_date(at_ms, c->lang == LANG_EN ? CIVIL_EN : CIVIL_NL);
}

const char *tried_order(const struct cli *c, uint32_t rule)
{
	switch (rule) {
	case ORDER_ARRIVAL:
		return cli_text(c,
				"deze node loopt op een proefvolgorde, niet op de wettige: wie het "
				"eerst vroeg is het eerst",
				"this node runs on a trial order, not the lawful one: who asked "
				"first is first");
	case ORDER_ACCUMULATING:
		return cli_text(c,
				"deze node loopt op een proefvolgorde, niet op de wettige: elke "
				"dag wachten telt zwaarder naarmate het dringender is",
				"this node runs on a trial order, not the lawful one: each day "
				"waited counts for more the more urgent it is");
	case ORDER_DEADLINE:
		return cli_text(c,
				"deze node loopt op een proefvolgorde, niet op de wettige: wie het "
				"eerst geholpen moet zijn is het eerst",
				"this node runs on a trial order, not the lawful one: who must be "
				"helped soonest is first");
	default:
		return cli_text(c, "deze node loopt op een proefvolgorde, niet op de wettige",
				"this node runs on a trial order, not the lawful one");
	}
}

static void say_place(const struct cli *c, const PB(WaitingItem) *e)
{
	bool crisis = e->order->wait_class == SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_CRISIS;

	if (e->position == 0) {
		return;
	}
	if (e->order_rule != 0) {
		(void)fprintf(c->out,
			      cli_text(c, "Plaats %llu: %s (gevraagd op %s).\n",
				       "Place %llu: %s (asked on %s).\n"),
			      (unsigned long long)e->position, tried_order(c, e->order_rule),
			      day(c, e->need->arrival_ms).s);
	} else if (crisis) {
		(void)fprintf(c->out,
			      cli_text(c,
				       "Plaats %llu: in een crisis telt hoe snel het moet, en dan "
				       "wie het eerst kwam (%s).\n",
				       "Place %llu: in a crisis it counts how soon it must be, and "
				       "then who came first (%s).\n"),
			      (unsigned long long)e->position, day(c, e->need->arrival_ms).s);
	} else if (e->days_of_priority > 0) {
		(void)fprintf(c->out,
			      cli_text(c,
				       "Plaats %llu: gevraagd op %s, met %u dagen voorrang; wie "
				       "dringender is of vroeger vroeg staat ervoor.\n",
				       "Place %llu: asked on %s, with %u days of priority; who "
				       "is more urgent or asked earlier stands before.\n"),
			      (unsigned long long)e->position, day(c, e->need->arrival_ms).s,
			      e->days_of_priority);
	} else {
		(void)fprintf(c->out,
			      cli_text(c,
				       "Plaats %llu: gevraagd op %s; wie dringender is of vroeger "
				       "vroeg staat ervoor.\n",
				       "Place %llu: asked on %s; who is more urgent or asked "
				       "earlier stands before.\n"),
			      (unsigned long long)e->position, day(c, e->need->arrival_ms).s);
	}
}

static void say_priority(const struct cli *c, const PB(WaitingItem) *e)
{
	for (size_t i = 0; i < e->n_priority; i++) {
		const PB(PriorityView) *p = e->priority[i];
		const char *why =
			p->ground == 0 ?
				cli_text(c, "van voor het herstel", "from before the restore") :
				word_of(SET(priority_ground), (int)p->ground, c->lang);
		(void)fprintf(c->out,
			      cli_text(c, "  %u dagen: %s (%s%s%s)\n", "  %u days: %s (%s%s%s)\n"),
			      p->days, why, day(c, p->at_ms).s,
			      p->party[0] == '\0' ? "" : cli_text(c, ", door ", ", by "),
			      p->party[0] == '\0' ? "" : party_text(c, p->party).s);
	}
}

static void say_holders(const struct cli *c, const PB(WaitingItem) *e)
{
	for (size_t i = 0; i < e->n_holders; i++) {
		(void)fprintf(c->out, "%s%s: %s",
			      i == 0 ? cli_text(c, "Wie vasthoudt: ", "Who holds: ") : "; ",
			      party_text(c, e->holders[i]->party).s,
			      word_of(SET(holder_kind), (int)e->holders[i]->kind, c->lang));
	}
	if (e->n_holders > 0) {
		(void)fprintf(c->out, "\n");
	}
}

static void say_signs(const struct cli *c, const PB(WaitingItem) *e)
{
	for (size_t i = 0; i < e->n_stuck; i++) {
		const PB(StuckView) *v = e->stuck[i];
		(void)fprintf(
			c->out,
			cli_text(c, "%s%s (%u; teken vanaf %u)\n",
				 "%s%s (%u; a sign from %u on)\n"),
			i == 0 ? cli_text(c, "Dreigt vast te lopen: ", "May get stuck: ") : "  ",
			word_of(SET(stuck_sign), (int)v->sign, c->lang), v->count, v->threshold);
	}
}

static void say_more(const struct cli *c, const PB(WaitingItem) *e)
{
	if (e->one_more > 0 && e->block != NULL) {
		(void)fprintf(c->out,
			      cli_text(c,
				       "Wat deze vraag naast die regel nog nodig heeft, na wie "
				       "ervoor staat: %u meer bij %s (plekken of uren).\n",
				       "What this need still lacks beside that rule, after those "
				       "before it: %u more at %s (places or hours).\n"),
			      e->one_more, e->one_more_pool);
	} else if (e->one_more > 0) {
		(void)fprintf(c->out,
			      cli_text(c,
				       "Wat deze vraag zelf nog nodig heeft, na wie ervoor staat: "
				       "%u meer bij %s (plekken of uren).\n",
				       "What this need itself still lacks, after those before it: "
				       "%u more at %s (places or hours).\n"),
			      e->one_more, e->one_more_pool);
	}
	if (e->misses > 0) {
		(void)fprintf(c->out,
			      cli_text(c, "Hoe vaak het netwerk niemand vond: %u.\n",
				       "How often the network found nobody: %u.\n"),
			      e->misses);
	}
}

#define WEEK_DAYS 7

static uint32_t weeks_begun(uint32_t days)
{
	return (days + WEEK_DAYS - 1) / WEEK_DAYS;
}

/* Where the ways that the list may go do not end within what was looked at. */
static void say_no_end(const struct cli *c, const PB(WaitRange) *r)
{
	if (r->half_days >= r->beyond_days) {
		(void)fprintf(c->out,
			      cli_text(c,
				       "Er is hoogstens één kans op twee dat hulp start binnen %u "
				       "weken.\n",
				       "There is at most one chance in two that help starts within "
				       "%u weeks.\n"),
			      weeks_begun(r->beyond_days));
		return;
	}
	(void)fprintf(c->out,
		      cli_text(c,
			       "Eén kans op twee dat hulp start binnen %u weken; dat is geen "
			       "belofte.",
			       "One chance in two that help starts within %u weeks; that is no "
			       "promise."),
		      weeks_begun(r->half_days));
	if (r->from_days >= WEEK_DAYS) {
		(void)fprintf(c->out,
			      cli_text(c, " Waarschijnlijk niet in de eerste %u weken.",
				       " Probably not in the first %u weeks."),
			      r->from_days / WEEK_DAYS);
	}
	(void)fprintf(c->out, "\n");
}

/* A range in whole weeks, and never a date: what is said to a family has to be true eight times in
 * ten, and stands beside how often it was. */
static void say_range(const struct cli *c, const PB(WaitingItem) *e)
{
	const PB(WaitRange) *r = e->range;

	if (r == NULL) {
		return;
	}
	if (r->until_days >= r->beyond_days) {
		say_no_end(c, r);
		return;
	}
	uint32_t from = r->from_days / WEEK_DAYS;
	uint32_t until = weeks_begun(r->until_days);
	(void)fprintf(c->out,
		      cli_text(c,
			       "Hulp start waarschijnlijk over %u tot %u weken; dat is geen "
			       "belofte. "
			       "Van %u keer dat zoiets gezegd was en voorbij is, klopte het %u "
			       "keer.\n",
			       "Help is likely to start in %u to %u weeks; that is no promise. Of "
			       "%u "
			       "times that such a thing was said and is over, it came true %u "
			       "times.\n"),
		      from, until > from ? until : from + 1, r->judged, r->right);
}

/* Their own choice may be why there is no place: who talks with them has to know. */
static void say_excluded(const struct cli *c, const PB(WaitingItem) *e)
{
	bool waits = e->shortfall == SCHAKEL__V1__SHORTFALL__SHORTFALL_NO_CAPACITY;
	size_t len = waits && e->request != NULL ? e->request->n_excluded_partners : 0;

	for (size_t i = 0; i < len; i++) {
		(void)fprintf(c->out, "%s%s",
			      i > 0 ? ", " :
				      cli_text(c,
					       "Niet gevraagd, omdat het gezin dat zelf niet wil "
					       "(daar kan plek zijn): ",
					       "Not asked, because the family itself does not want "
					       "it (there may be room): "),
			      party_text(c, e->request->excluded_partners[i]).s);
	}
	if (len > 0) {
		(void)fprintf(c->out, "\n");
	}
}

static void say_rule(const struct cli *c, const PB(WaitingItem) *e)
{
	if (e->block != NULL) {
		(void)fprintf(c->out,
			      cli_text(c, "Deze regel houdt het tegen: %s.\n",
				       "This rule blocks it: %s.\n"),
			      word_of(SET(rule_kind), (int)e->block->rule, c->lang));
	}
}

void waiting_text(const struct cli *c, const PB(WaitingItem) *e)
{
	if (c->json) {
		return;
	}
	say_place(c, e);
	say_priority(c, e);
	say_rule(c, e);
	say_excluded(c, e);
	say_more(c, e);
	say_range(c, e);
	say_holders(c, e);
	say_signs(c, e);
}
