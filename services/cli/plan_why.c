/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/plan_why.h"

#include "common/words.h"
#include "services/cli/output.h"
#include "services/cli/plan_line.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define WHY(NAME) SCHAKEL__V1__WHY_NOT_KIND__WHY_NOT_KIND_##NAME

/* Which of what is looked at would be worse, in words alone. */
static void say_worse(const struct cli *c, const PB(WhyNot) *a)
{
	const char *sep = ": ";

	for (size_t i = 0; i < a->n_more; i++) {
		const PB(CostLine) *line = a->more[i];
		if (line->cost <= 0) {
			continue;
		}
		(void)fprintf(c->out, "%s%s", sep,
			      word_of(SET(cost_kind), (int)line->kind, c->lang));
		if (line->kind == SCHAKEL__V1__COST_KIND__COST_KIND_DISTANCE) {
			(void)fprintf(c->out, cli_text(c, " (%u km verder)", " (%u km further)"),
				      line->quantity);
		}
		sep = ", ";
	}
}

void plan_why(const struct cli *c, const PB(WhyNot) *a)
{
	(void)fprintf(c->out, "     %s: %s", party_text(c, a->partner).s,
		      word_of(SET(why_not_kind), (int)a->kind, c->lang));
	if (a->kind == WHY(FILTERED)) {
		(void)fprintf(c->out, " (%s)", word_of(SET(explain_kind), (int)a->filter, c->lang));
	}
	if (a->age_to > 0) {
		(void)fprintf(c->out,
			      cli_text(c, ", helpt van %u tot %u jaar",
				       ", helps from %u to %u years"),
			      a->age_from, a->age_to);
	}
	if (a->shortfall != 0) {
		(void)fprintf(c->out, " (%s)", word_of(SET(shortfall), (int)a->shortfall, c->lang));
	}
	if (a->kind != WHY(COSTS_MORE) && a->cost_more > 0 && a->one_more == 0) {
		(void)fprintf(c->out, "%s",
			      cli_text(c, "; ook met plek daar zou het team minder goed passen",
				       "; with room there, too, the team would fit less well"));
	}
	if (a->one_more == 0 || a->kind == WHY(COSTS_MORE)) {
		say_worse(c, a);
	}
	(void)fprintf(c->out, "\n");
	if (a->one_more > 0) {
		(void)fprintf(c->out,
			      cli_text(c,
				       "     met nog %s bij %s, na wie ervoor staat: wel gekozen\n",
				       "     with %s more at %s, after those before it: chosen\n"),
			      units_text(c, a->one_more, a->unit).s, a->one_more_pool);
	}
}

static void say_line(const struct cli *c, const char *nl, const char *en)
{
	(void)fprintf(c->out, "     %s\n", cli_text(c, nl, en));
}

static void say_gap(const struct cli *c, uint32_t gap)
{
	(void)fprintf(c->out,
		      cli_text(c,
			       "     Hoogstens %u,%u %% slechter dan het best denkbare team; niet "
			       "bewezen dat dit het beste is.\n",
			       "     At most %u.%u %% worse than the best conceivable team; not "
			       "proven to be the best.\n"),
		      gap / 10, gap % 10);
}

void plan_proof(const struct cli *c, const PB(ExplainView) *v)
{
	if (v->team == NULL || v->team->n_seats == 0) {
		return;
	}
	if (v->together_needs > 0) {
		(void)fprintf(c->out,
			      cli_text(c, "     Alle %u vragen zijn samen bekeken.\n",
				       "     All %u needs were looked at together.\n"),
			      v->together_needs);
	}
	if (v->proven) {
		say_line(c,
			 "Nagerekend toen elke hulp gegeven werd: uit wat toen vrij was paste "
			 "niets "
			 "beter.",
			 "Computed when each help was given: of what was free then, nothing fitted "
			 "better.");
	} else if (v->bound > 0) {
		say_gap(c, v->together_gap);
	} else {
		say_line(c, "Niet nagerekend of een ander team beter past.",
			 "Not computed whether another team fits better.");
	}
	if (v->together_needs > 0 && !v->together_covered) {
		say_line(c, "Niet bewezen dat er voor niet meer vragen hulp te vinden is.",
			 "Not proven that help cannot be found for more of the needs.");
	}
	if (v->list_gap > 0) {
		(void)fprintf(c->out,
			      cli_text(c,
				       "     Het plan van de hele lijst: hoogstens %u,%u %% "
				       "slechter dan het best denkbare.\n",
				       "     The plan of the whole list: at most %u.%u %% worse "
				       "than the best conceivable.\n"),
			      v->list_gap / 10, v->list_gap % 10);
	}
}
