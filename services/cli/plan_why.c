/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/plan_why.h"

#include "common/words.h"
#include "services/cli/output.h"

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
			      cli_text(c, "     met %u meer plaats of uren bij %s: wel gekozen\n",
				       "     with %u more places or hours at %s: chosen\n"),
			      a->one_more, a->one_more_pool);
	}
}
