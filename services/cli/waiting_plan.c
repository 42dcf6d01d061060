/* SPDX-License-Identifier: EUPL-1.2 */
/* The plan of the whole list: how good it is, what the order costs, what became of its seats. */
#include <inttypes.h>
#include <stdarg.h>

#include "common/pbjson.h"
#include "common/when.h"
#include "services/cli/call.h"
#include "services/cli/output.h"
#include "services/cli/subjects.h"

static void say(const struct cli *c, const char *nl, const char *en, ...)
	__attribute__((format(printf, 2, 4), format(printf, 3, 4)));
static void say(const struct cli *c, const char *nl, const char *en, ...)
{
	va_list args;

	va_start(args, en);
	(void)vfprintf(c->out, cli_text(c, nl, en), args);
	va_end(args);
	(void)fputc('\n', c->out);
}

static void say_last(const struct cli *c, const PB(ListPlanView) *v)
{
	say(c, "Laatste plan van de lijst: %s%s.", "Last plan of the list: %s%s.",
	    when_show(v->at_ms, c->lang).s,
	    v->current ? "" :
			 cli_text(c, " (ouder dan twee keer de tijd tussen plannen)",
				  " (older than twice the time between plans)"));
	if (v->exact) {
		say(c, "Er wachtten %u vragen; het plan had hulp voor %u ervan.",
		    "%u needs waited; the plan had help for %u of them.", v->needs, v->covered);
	}
	if (v->gap == 0) {
		say(c, "Bewezen: geen ander plan is beter.", "Proven: no other plan is better.");
	} else {
		say(c, "Bewezen: het is hoogstens %u,%u %% slechter dan het best denkbare plan.",
		    "Proven: it is at most %u.%u %% worse than the best conceivable plan.",
		    v->gap / 10, v->gap % 10);
	}
	if (v->law == 0) {
		say(c, "De volgorde (wie eerst wachtte, eerst) kost niets.",
		    "The order (who waited first, first) costs nothing.");
	} else {
		say(c, "De volgorde (wie eerst wachtte, eerst) kost hoogstens %u,%u %%.",
		    "The order (who waited first, first) costs at most %u.%u %%.", v->law / 10,
		    v->law % 10);
	}
}

static void say_count(const struct cli *c, const char *nl, const char *en, uint64_t count)
{
	if (count > 0) {
		(void)fprintf(c->out, "  %" PRIu64 " %s\n", count, cli_text(c, nl, en));
	}
}

static void say_all(const struct cli *c, const PB(ListPlanView) *v)
{
	say(c, "Plannen tot nu toe: %" PRIu64 ".", "Plans until now: %" PRIu64 ".", v->proposed);
	say_count(c, "niet genomen: gemaakt van een te oude kopie",
		  "not taken: made of too old a copy", v->refused_base);
	say_count(c, "niet genomen: gemaakt met andere regels", "not taken: made under other rules",
		  v->refused_rules);
	say_count(c, "niet genomen: geen geldig plan", "not taken: not a valid plan",
		  v->refused_form);
	say_count(c, "plekken gegeven zoals gepland", "places given as planned", v->applied);
	say_count(c, "gelaten: de vraag wachtte niet meer", "left: the need waited no more",
		  v->not_waiting);
	say_count(c, "gelaten: een regel liet het niet toe", "left: a rule did not allow it",
		  v->not_fitting);
	say_count(c, "gelaten: er was geen plek vrij", "left: no place was free", v->not_free);
	say_count(c, "gelaten: iemand anders was eerst aan de beurt",
		  "left: somebody else came first", v->not_in_order);
	say_count(c, "gelaten: er was geen tijd om te kijken", "left: there was no time to look",
		  v->not_looked_at);
}

static int cmd_plan(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(QueryListPlan) q = SCHAKEL__V1__QUERY_LIST_PLAN__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;
	int rc = call_open(&k, c);

	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(QUERY_LIST_PLAN);
	m.query_list_plan = &q;
	rc = call_query(&k, MATCHING, &m, &answer);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (answer->body_case != BODY(LIST_PLAN_VIEW)) {
		return call_complain(&k, MATCHING, SK_EPROTO);
	}
	const PB(ListPlanView) *v = answer->list_plan_view;
	if (c->json) {
		json_t *doc = pb_json(&v->base);
		out_json(c, doc);
		json_decref(doc);
		return CLI_DONE;
	}
	if (v->interval_s == 0) {
		say(c, "Er worden geen plannen gemaakt: plan_interval_s is 0.",
		    "No plans are made: plan_interval_s is 0.");
	}
	if (v->at_ms == 0) {
		say(c, "Er is nog geen plan van de lijst.", "There is no plan of the list yet.");
	} else {
		say_last(c, v);
	}
	say_all(c, v);
	return CLI_DONE;
}

const struct command waiting_plan_commands[] = {
	{ "waiting plan", "", 0, 0, NULL,
	  "toont het plan van de hele lijst: hoe goed het is en wat de volgorde kost",
	  "shows the plan of the whole list: how good it is and what the order costs",
	  "schakel waiting plan --as samenwerking", cmd_plan },
	{ 0 },
};
