/* SPDX-License-Identifier: EUPL-1.2 */
/* What is put into the family plan: goals, what the family has of its own, means, diagnostic
 * references, and whether the family wants one plan. */
#include <stdlib.h>
#include <string.h>

#include "common/words.h"
#include "services/cli/said.h"
#include "services/cli/subjects.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define NUMBER_MAX 64
#define DOMAINS_MAX 7
#define BUILDS_ON_MAX 8
#define CENTS_MAX 100000000ULL

static char *opt_text(const struct cli *c, const char *name)
{
	const char *text = cli_opt(c, name);

	return (char *)(uintptr_t)(text == NULL ? "" : text);
}

static int opt_enum(const struct cli *c, const char *name, const ProtobufCEnumDescriptor *set,
		    int *io_v)
{
	return cli_opt(c, name) == NULL ? CLI_DONE : cli_opt_code(c, name, set, io_v);
}

/* --- one plan --- */

static int cmd_decline(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(DeclinePlan) d = SCHAKEL__V1__DECLINE_PLAN__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = said_request(&k, 0, &d.request_id);

	if (rc != CLI_DONE) {
		return rc;
	}
	d.declined = !cli_flag(c, "wanted");
	m.body_case = BODY(DECLINE_PLAN);
	m.decline_plan = &d;
	return said_send(&k, &m,
			 d.declined ? "Het gezin wil nu geen gezinsplan; het wordt later opnieuw "
				      "gevraagd." :
				      "Het gezin wil een gezinsplan.",
			 d.declined ? "The family wants no plan now; it is asked again later." :
				      "The family wants a plan.");
}

/* --- goals --- */

static int goal_read(struct cli *c, PB(SetGoal) *g)
{
	int domain = 0;
	int state = 0;
	int rc = cli_opt_u32(c, "number", NUMBER_MAX, &g->number);

	rc = rc != CLI_DONE ? rc : opt_enum(c, "domain", SET(life_domain), &domain);
	rc = rc != CLI_DONE ? rc : opt_enum(c, "state", SET(goal_state), &state);
	rc = rc != CLI_DONE ? rc : cli_opt_when(c, "review", &g->review_ms);
	rc = rc != CLI_DONE ? rc : said_child_opt(c, &g->child);
	if (rc == CLI_DONE && g->number == 0 && domain == 0) {
		rc = cli_usage(c, "--domain ontbreekt: in welk levensdomein?",
			       "--domain is missing: in which life domain?");
	}
	g->life_domain = (PB(LifeDomain))domain;
	g->state = (PB(GoalState))state;
	g->owner = opt_text(c, "owner");
	return rc != CLI_DONE ? rc : said_seal(c, cli_opt(c, "words"), "goal", &g->words);
}

static int cmd_goal(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(SetGoal) g = SCHAKEL__V1__SET_GOAL__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = goal_read(c, &g);

	rc = rc != CLI_DONE ? rc : said_request(&k, 0, &g.request_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(SET_GOAL);
	m.set_goal = &g;
	return said_send(&k, &m, "Doel genoteerd.", "Goal recorded.");
}

/* --- own contributions and means --- */

static int own_read(struct cli *c, PB(SetOwnContribution) *o)
{
	int domain = 0;
	int state = 0;
	int rc = cli_opt_u32(c, "number", NUMBER_MAX, &o->number);

	rc = rc != CLI_DONE ? rc : opt_enum(c, "domain", SET(life_domain), &domain);
	rc = rc != CLI_DONE ? rc : opt_enum(c, "state", SET(own_state), &state);
	rc = rc != CLI_DONE ? rc : said_child_opt(c, &o->child);
	o->life_domain = (PB(LifeDomain))domain;
	o->state = (PB(OwnState))state;
	o->party = opt_text(c, "party");
	return rc != CLI_DONE ? rc : said_seal(c, cli_opt(c, "words"), "own", &o->words);
}

static int own_need(struct call *k, PB(SetOwnContribution) *o)
{
	const char *need = cli_opt(k->cli, "need");
	struct object_id id;

	if (need == NULL) {
		return CLI_DONE;
	}
	int rc = find_need(k, need, &id);
	if (rc == CLI_DONE) {
		o->need_id = id_bytes(k->cli, &id);
	}
	return rc;
}

static int own_send(struct cli *c, PB(SetOwnContribution) *o)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = said_request(&k, 0, &o->request_id);

	rc = rc != CLI_DONE ? rc : own_need(&k, o);
	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(SET_OWN_CONTRIBUTION);
	m.set_own_contribution = o;
	return said_send(&k, &m, "Genoteerd.", "Recorded.");
}

static int cmd_own(struct cli *c)
{
	PB(SetOwnContribution) o = SCHAKEL__V1__SET_OWN_CONTRIBUTION__INIT;
	int kind = 0;
	int rc = own_read(c, &o);

	rc = rc != CLI_DONE ? rc : opt_enum(c, "kind", SET(supporter_kind), &kind);
	if (rc == CLI_DONE && o.number == 0 && kind == 0) {
		kind = SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_OWN_NETWORK;
	}
	o.supporter = (PB(SupporterKind))kind;
	return rc != CLI_DONE ? rc : own_send(c, &o);
}

/* "12" or "12.50". */
static int cents_of(const struct cli *c, const char *text, uint64_t *ret_cents)
{
	char *end = NULL;
	unsigned long long euro = strtoull(text, &end, 10);
	uint64_t cents = 0;
	bool right = end != text && text[0] != '-' && euro <= CENTS_MAX / 100;

	if (right && (*end == '.' || *end == ',')) {
		const char *rest = end + 1;
		right = strlen(rest) == 2 && strspn(rest, "0123456789") == 2;
		cents = right ? (uint64_t)(rest[0] - '0') * 10 + (uint64_t)(rest[1] - '0') : 0;
	} else {
		right = right && *end == '\0';
	}
	if (!right) {
		return cli_usage(c, "\"%s\": schrijf een bedrag als 12 of 12.50",
				 "\"%s\": write an amount as 12 or 12.50", text);
	}
	*ret_cents = euro * 100 + cents;
	return CLI_DONE;
}

static int cmd_means(struct cli *c)
{
	PB(SetOwnContribution) o = SCHAKEL__V1__SET_OWN_CONTRIBUTION__INIT;
	const char *euro = cli_opt(c, "euro");
	int rule = 0;
	int rc = own_read(c, &o);

	rc = rc != CLI_DONE ? rc : opt_enum(c, "rule", SET(rule_kind), &rule);
	if (rc == CLI_DONE && euro != NULL) {
		rc = cents_of(c, euro, &o.euro_cents);
	}
	o.supporter = SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_MEANS;
	o.rule_bent = (PB(RuleKind))rule;
	o.network = opt_text(c, "network");
	return rc != CLI_DONE ? rc : own_send(c, &o);
}

/* --- diagnostic references --- */

static int builds_on(struct cli *c, PB(RecordDiagnostic) *d)
{
	char *rest = cli_printf(c, "%s", opt_text(c, "builds-on"));
	uint32_t *list = cli_alloc(c, BUILDS_ON_MAX * sizeof(*list));

	for (char *word = strsep(&rest, ","); word != NULL; word = strsep(&rest, ",")) {
		char *end = NULL;
		unsigned long n = strtoul(word, &end, 10);
		if (word[0] == '\0') {
			continue;
		}
		if (n == 0 || n > NUMBER_MAX || *end != '\0' || d->n_builds_on == BUILDS_ON_MAX) {
			return cli_usage(c, "--builds-on: nummers van eerdere, met komma's",
					 "--builds-on: numbers of earlier ones, with commas");
		}
		list[d->n_builds_on++] = (uint32_t)n;
	}
	d->builds_on = list;
	return CLI_DONE;
}

static int open_domains(struct cli *c, PB(RecordDiagnostic) *d)
{
	PB(LifeDomain) *list = cli_alloc(c, DOMAINS_MAX * sizeof(*list));
	int code[DOMAINS_MAX];
	size_t len = DOMAINS_MAX;
	int rc = said_codes(c, "open", SET(life_domain), code, &len);

	for (size_t i = 0; rc == CLI_DONE && i < len; i++) {
		list[i] = (PB(LifeDomain))code[i];
	}
	d->open_domains = list;
	d->n_open_domains = rc == CLI_DONE ? len : 0;
	return rc;
}

static int diagnostic_read(struct cli *c, PB(RecordDiagnostic) *d)
{
	int model = 0;
	int state = 0;
	int rc = cli_opt_u32(c, "number", NUMBER_MAX, &d->number);

	rc = rc != CLI_DONE ? rc : opt_enum(c, "model", SET(diagnostic_model), &model);
	rc = rc != CLI_DONE ? rc : opt_enum(c, "state", SET(diagnostic_state), &state);
	rc = rc != CLI_DONE ? rc : cli_expertise(c, cli_opt(c, "expertise"), &d->expertise);
	rc = rc != CLI_DONE ? rc : said_child_opt(c, &d->child);
	rc = rc != CLI_DONE ? rc : builds_on(c, d);
	rc = rc != CLI_DONE ? rc : open_domains(c, d);
	d->model = (PB(DiagnosticModel))model;
	d->state = (PB(DiagnosticState))state;
	d->by_party = opt_text(c, "by");
	d->report_at = opt_text(c, "report-at");
	return rc != CLI_DONE ? rc : said_seal(c, cli_opt(c, "question"), "question", &d->question);
}

static int cmd_diagnostic(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(RecordDiagnostic) d = SCHAKEL__V1__RECORD_DIAGNOSTIC__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = diagnostic_read(c, &d);

	rc = rc != CLI_DONE ? rc : said_request(&k, 0, &d.request_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(RECORD_DIAGNOSTIC);
	m.record_diagnostic = &d;
	return said_send(&k, &m, "Onderzoek genoteerd.", "Diagnostic question recorded.");
}

static const struct option decline_options[] = {
	{ "wanted", NULL, "het gezin wil het toch, nu", "the family wants it after all, now" },
	{ 0 },
};
static const struct option goal_options[] = {
	{ "number", "N", "van welk doel; zonder: een nieuw", "of which goal; without: a new one" },
	{ "domain", "DOMEIN", "levensdomein (codes hieronder)", "life domain (codes below)" },
	{ "state", "TOESTAND", "hoe het ermee staat (codes hieronder)",
	  "how it stands (codes below)" },
	{ "owner", "PARTIJ", "wie ervoor gaat; zonder: het gezin zelf",
	  "who goes for it; without: the family itself" },
	{ "review", "TIJD", "wanneer er opnieuw naar gekeken wordt", "when it is looked at again" },
	{ "words", "BESTAND", "in de woorden van het gezin; wordt verzegeld",
	  "in the family's words; is sealed" },
	{ "child", "N", "voor welk kind, vanaf 1", "for which child, from 1" },
	{ 0 },
};
static const struct option own_options[] = {
	{ "number", "N", "van welk; zonder: een nieuw", "of which; without: a new one" },
	{ "kind", "SOORT", "OWN_NETWORK, VOLUNTEER of BRIDGE_PERSON",
	  "OWN_NETWORK, VOLUNTEER or BRIDGE_PERSON" },
	{ "state", "TOESTAND", "hoe het ermee staat (codes hieronder)",
	  "how it stands (codes below)" },
	{ "domain", "DOMEIN", "levensdomein (codes hieronder)", "life domain (codes below)" },
	{ "need", "HULPVRAAG", "welke hulpvraag het helpt", "which need it helps" },
	{ "party", "PARTIJ", "welke organisatie het regelt", "which organisation arranges it" },
	{ "words", "BESTAND", "wie of wat; wordt verzegeld", "who or what; is sealed" },
	{ "child", "N", "voor welk kind, vanaf 1", "for which child, from 1" },
	{ 0 },
};
static const struct option means_options[] = {
	{ "number", "N", "van welk; zonder: een nieuw", "of which; without: a new one" },
	{ "euro", "BEDRAG", "hoeveel (12 of 12.50)", "how much (12 or 12.50)" },
	{ "network", "NETWERK", "uit wiens budget", "from whose budget" },
	{ "rule", "REGEL", "welke regel moest buigen (codes hieronder)",
	  "which rule had to bend (codes below)" },
	{ "state", "TOESTAND", "hoe het ermee staat (codes hieronder)",
	  "how it stands (codes below)" },
	{ "domain", "DOMEIN", "levensdomein (codes hieronder)", "life domain (codes below)" },
	{ "need", "HULPVRAAG", "welke hulpvraag het helpt", "which need it helps" },
	{ "party", "PARTIJ", "welke organisatie het regelt", "which organisation arranges it" },
	{ "words", "BESTAND", "wat; wordt verzegeld", "what; is sealed" },
	{ "child", "N", "voor welk kind, vanaf 1", "for which child, from 1" },
	{ 0 },
};
static const struct option diagnostic_options[] = {
	{ "number", "N", "van welk; zonder: een nieuw", "of which; without: a new one" },
	{ "expertise", "EXPERTISE", "op welk gebied de vraag ligt", "in which field it lies" },
	{ "model", "MODEL", "hoe er gekeken wordt (codes hieronder)",
	  "how it is done (codes below)" },
	{ "state", "TOESTAND", "hoe het ermee staat (codes hieronder)",
	  "how it stands (codes below)" },
	{ "by", "PARTIJ", "wie kijkt", "who looks" },
	{ "report-at", "PARTIJ", "waar het verslag ligt", "where the report lies" },
	{ "open", "A,B", "wat nog niet geweten is (codes hieronder)",
	  "what is not known yet (codes below)" },
	{ "builds-on", "1,2", "waarop het voortbouwt: niets twee keer",
	  "what it builds on: nothing twice" },
	{ "question", "BESTAND", "de vraag; wordt verzegeld", "the question; is sealed" },
	{ "child", "N", "voor welk kind, vanaf 1", "for which child, from 1" },
	{ 0 },
};

const struct command plan_parts_commands[] = {
	{ "plan goal", "AANMELDING", 1, 1, goal_options, "zet een doel in het gezinsplan",
	  "puts a goal into the family plan",
	  "schakel plan goal k7q2m4t9xa --domain EDUCATION --review 2026-05-01 --as familie",
	  cmd_goal },
	{ "plan decline", "AANMELDING", 1, 1, decline_options,
	  "noteert dat het gezin geen gezinsplan wil, of toch wel",
	  "records that the family wants no plan, or wants it after all",
	  "schakel plan decline k7q2m4t9xa --as familie", cmd_decline },
	{ "plan own", "AANMELDING", 1, 1, own_options,
	  "noteert wie uit de eigen kring, een vrijwilliger of brugfiguur helpt",
	  "records who of the own circle, a volunteer or a bridge person helps",
	  "schakel plan own k7q2m4t9xa --kind VOLUNTEER --domain LEISURE --as clb-ieper", cmd_own },
	{ "plan means", "AANMELDING", 1, 1, means_options,
	  "noteert middelen (taxi, lidgeld), uit wiens budget, en welke regel moest buigen",
	  "records means (a taxi, a club fee), from whose budget, and which rule had to bend",
	  "schakel plan means k7q2m4t9xa --euro 45.00 --network kust --state AGREED --as "
	  "clb-ieper",
	  cmd_means },
	{ "plan diagnostic", "AANMELDING", 1, 1, diagnostic_options,
	  "noteert een onderzoeksvraag: wie kijkt, waar het verslag ligt, wat nog open is",
	  "records a diagnostic question: who looks, where the report lies, what is open",
	  "schakel plan diagnostic k7q2m4t9xa --expertise DIAGNOSTICS --model JOINT_TEAM --as "
	  "clb-ieper",
	  cmd_diagnostic },
	{ 0 },
};
