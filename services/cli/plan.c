/* SPDX-License-Identifier: EUPL-1.2 */
/* The family plan, and why a team is as it is. Explanations never speak of points. */
#include <string.h>

#include "common/pbjson.h"
#include "common/when.h"
#include "common/words.h"
#include "services/cli/call.h"
#include "services/cli/family_view.h"
#include "services/cli/output.h"
#include "services/cli/plan_person.h"
#include "services/cli/plan_why.h"
#include "services/cli/request_text.h"
#include "services/cli/story_show.h"
#include "services/cli/subjects.h"

#define SET(name) (&schakel__v1__##name##__descriptor)

static const struct column plan_facts[] = {
	{ "contact_party", "aanspreekpunt", "contact person", CELL_PARTY, NULL },
	{ "stand_in_party", "vervanger", "stand-in", CELL_PARTY, NULL },
	{ "covered", "hier is hulp voor", "covered", CELL_WORD, SET(life_domain) },
	{ "open", "wat nog ontbreekt", "what still lacks", CELL_WORD, SET(life_domain) },
	{ "version", "versie", "version", CELL_NUMBER, NULL },
	{ 0 },
};
static const struct column holder_columns[] = {
	{ "party", "houdt vast", "holds", CELL_PARTY, NULL },
	{ "kind", "als", "as", CELL_WORD, SET(holder_kind) },
	{ "from_ms", "sinds", "since", CELL_DATE, NULL },
	{ 0 },
};
static const struct column help_columns[] = {
	{ "short_code", "aandeel", "contribution", CELL_TEXT, NULL },
	{ "partner", "partner", "partner", CELL_PARTY, NULL },
	{ "pool", "aanbod", "capacity", CELL_TEXT, NULL },
	{ "state_text", "toestand", "state", CELL_TEXT, NULL },
	{ "at_ms", "sinds", "since", CELL_DATE, NULL },
	{ 0 },
};

static const struct column goal_columns[] = {
	{ "number", "doel", "goal", CELL_NUMBER, NULL },
	{ "life_domain", "levensdomein", "life domain", CELL_WORD, SET(life_domain) },
	{ "state", "toestand", "state", CELL_WORD, SET(goal_state) },
	{ "owner", "wie ervoor gaat", "who goes for it", CELL_PARTY, NULL },
	{ "review_ms", "opnieuw bekeken", "looked at again", CELL_DAY, NULL },
	{ 0 },
};
static const struct column own_columns[] = {
	{ "number", "nr", "no.", CELL_NUMBER, NULL },
	{ "supporter", "wie of wat", "who or what", CELL_WORD, SET(supporter_kind) },
	{ "life_domain", "levensdomein", "life domain", CELL_WORD, SET(life_domain) },
	{ "state", "toestand", "state", CELL_WORD, SET(own_state) },
	{ "euro", "euro", "euro", CELL_TEXT, NULL },
	{ "network", "uit het budget van", "from the budget of", CELL_TEXT, NULL },
	{ "rule_bent", "regel die moest buigen", "rule that had to bend", CELL_WORD,
	  SET(rule_kind) },
	{ 0 },
};
static const struct column diagnostic_columns[] = {
	{ "number", "nr", "no.", CELL_NUMBER, NULL },
	{ "expertise", "onderzoek", "diagnostics", CELL_EXPERTISE, NULL },
	{ "model", "hoe", "how", CELL_WORD, SET(diagnostic_model) },
	{ "state", "toestand", "state", CELL_WORD, SET(diagnostic_state) },
	{ "by_party", "wie kijkt", "who looks", CELL_PARTY, NULL },
	{ "report_at", "verslag bij", "report at", CELL_PARTY, NULL },
	{ "open_domains", "nog open", "still open", CELL_WORD, SET(life_domain) },
	{ "builds_on", "bouwt op", "builds on", CELL_LIST, NULL },
	{ 0 },
};
static const struct column past_columns[] = {
	{ "party", "was aanspreekpunt", "was contact person", CELL_PARTY, NULL },
	{ "from_ms", "van", "from", CELL_DATE, NULL },
	{ "until_ms", "tot", "until", CELL_DATE, NULL },
	{ 0 },
};

/* A request, and what each of its needs asks. */
static int request_of(struct call *k, struct cli *c, struct subject *ret_s)
{
	PB(RequestItem) *item = NULL;
	int rc = call_open(k, c);

	rc = rc != CLI_DONE ? rc : find_request(k, c->arg[0], &item);
	if (rc == CLI_DONE && !object_id_from(&item->request->request_id, &ret_s->id)) {
		rc = call_complain(k, INTAKE, SK_EPROTO);
	}
	for (size_t i = 0; rc == CLI_DONE && i < item->n_needs && i < NEEDS_SHOWN_MAX; i++) {
		const PB(NeedFact) *need = item->needs[i]->need;
		if (need != NULL && object_id_from(&need->need_id, &ret_s->need[i])) {
			ret_s->expertise[i] = need->expertise;
			ret_s->needs_len = i + 1;
		}
	}
	return rc;
}

static void block(struct cli *c, json_t *doc, const char *rows, const char *title,
		  const struct column *cols)
{
	if (!c->json && json_array_size(json_object_get(doc, rows)) > 0) {
		(void)fprintf(c->out, "\n%s\n", title);
		out_table(c, doc, rows, cols);
	}
}

/* Euro as people write them. */
static void euro_add(struct cli *c, json_t *list)
{
	size_t i;
	json_t *o;

	json_array_foreach (list, i, o) {
		long long cents = json_integer_value(json_object_get(o, "euro_cents"));
		if (cents > 0) {
			(void)json_object_set_new(o, "euro",
						  json_string(cli_printf(c, "%lld.%02lld",
									 cents / 100,
									 cents % 100)));
		}
	}
}

static PB(Capsule) **words_new(struct cli *c, size_t len)
{
	return cli_alloc(c, (len + 1) * sizeof(PB(Capsule) *));
}

static void show_goals(struct cli *c, const PB(PlanView) *v, json_t *doc)
{
	PB(Capsule) **words = words_new(c, v->n_goals);
	struct sealed_words w = { "words", json_object_get(doc, "goals"), words, v->n_goals };

	for (size_t i = 0; i < v->n_goals; i++) {
		words[i] = v->goals[i]->words;
	}
	block(c, doc, "goals", cli_text(c, "Doelen", "Goals"), goal_columns);
	story_words(c, &w);
}

static void show_own(struct cli *c, const PB(PlanView) *v, json_t *doc)
{
	PB(Capsule) **words = words_new(c, v->n_own);
	struct sealed_words w = { "words", json_object_get(doc, "own"), words, v->n_own };

	for (size_t i = 0; i < v->n_own; i++) {
		words[i] = v->own[i]->words;
	}
	euro_add(c, json_object_get(doc, "own"));
	block(c, doc, "own", cli_text(c, "Eigen kring en middelen", "Own circle and means"),
	      own_columns);
	story_words(c, &w);
}

static void show_diagnostics(struct cli *c, const PB(PlanView) *v, json_t *doc)
{
	json_t *rows = json_object_get(doc, "diagnostics");
	PB(Capsule) **words = words_new(c, v->n_diagnostics);
	struct sealed_words w = { "question", rows, words, v->n_diagnostics };

	for (size_t i = 0; i < v->n_diagnostics; i++) {
		words[i] = v->diagnostics[i]->question;
	}
	block(c, doc, "diagnostics", cli_text(c, "Onderzoek", "Diagnostics"), diagnostic_columns);
	story_words(c, &w);
}

/* With --json nothing is printed, and the opened words stand in the document. */
static void show_parts(struct cli *c, const PB(PlanView) *v, json_t *doc)
{
	show_goals(c, v, doc);
	show_own(c, v, doc);
	show_diagnostics(c, v, doc);
	block(c, doc, "contacts_past",
	      cli_text(c, "Wie eerder aanspreekpunt was", "Who was contact person before"),
	      past_columns);
}

/* Before there is a plan the same is known of the request itself, and is not called a plan. */
static void show_plan_head(struct cli *c, const PB(PlanView) *v, json_t *doc)
{
	if (v->plan_id.len > 0) {
		out_title(c, "Gezinsplan", "Family plan");
	} else {
		(void)json_object_del(doc, "version");
	}
	out_facts(c, doc, plan_facts);
	block(c, doc, "holders", cli_text(c, "Wie houdt vast", "Who holds"), holder_columns);
	block(c, doc, "contributions", cli_text(c, "Aandelen", "Contributions"), help_columns);
}

static int show_plan(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(QueryPlan) q = SCHAKEL__V1__QUERY_PLAN__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;
	struct subject subject = { 0 };
	int rc = request_of(&k, c, &subject);

	if (rc != CLI_DONE) {
		return rc;
	}
	q.request_id = id_bytes(c, &subject.id);
	m.body_case = BODY(QUERY_PLAN);
	m.query_plan = &q;
	rc = call_query(&k, INTAKE, &m, &answer);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (answer->body_case != BODY(PLAN_VIEW)) {
		return call_complain(&k, INTAKE, SK_EPROTO);
	}
	if (answer->plan_view->declined) {
		cli_say(c, "Het gezin wil nu geen gezinsplan; het wordt opnieuw gevraagd op %s.",
			"The family wants no plan now; it is asked again on %s.",
			when_show(answer->plan_view->ask_again_ms, c->lang).s);
	} else if (answer->plan_view->plan_id.len == 0) {
		cli_say(c, "Er is nog geen gezinsplan: het komt er zodra twee organisaties helpen.",
			"There is no family plan yet: it comes once two organisations help.");
	}
	json_t *doc = pb_json(&answer->plan_view->base);
	if (!c->json) {
		states_text_add(c, json_object_get(doc, "contributions"), SET(contribution_state));
		show_plan_head(c, answer->plan_view, doc);
	}
	show_parts(c, answer->plan_view, doc);
	if (c->json) {
		out_json(c, doc);
	}
	json_decref(doc);
	return CLI_DONE;
}

static int cmd_show(struct cli *c)
{
	bool shown = false;
	int rc = family_view(c, &shown);

	return shown || rc != CLI_DONE ? rc : show_plan(c);
}

/* --- explain --- */

static void show_why(struct cli *c, const PB(ExplainView) *v, const struct subject *s)
{
	for (size_t i = 0; i < v->n_why_not; i++) {
		struct object_id need = { 0 };
		(void)object_id_from(&v->why_not[i]->need_id, &need);
		for (size_t n = 0; n < s->needs_len; n++) {
			if (object_id_equal(&s->need[n], &need)) {
				(void)fprintf(c->out, "  %zu. %s\n", n + 1,
					      expertise_label(s->expertise[n], c->lang));
			}
		}
		plan_why(c, v->why_not[i]);
	}
}

/* Memory of the command: the answer's own ends with the next question. */
static PB(ExplainView) *explain_copy(struct cli *c, const PB(ExplainView) *v)
{
	ProtobufCAllocator alloc = arena_protobuf(&c->arena);
	size_t len = schakel__v1__explain_view__get_packed_size(v);
	uint8_t *bytes = cli_alloc(c, len + 1);

	return schakel__v1__explain_view__unpack(&alloc, schakel__v1__explain_view__pack(v, bytes),
						 bytes);
}

/* Of many needs the lines come in pages, the team with the first. */
static int explain_rest(struct call *k, PB(QueryExplain) *q, const PB(ExplainView) *first,
			json_t *doc, const struct subject *s)
{
	static const char *const lists[] = { "lines", "orders", "need_ids" };
	const PB(ExplainView) *v = first;

	while (v != NULL && v->next.len != 0) {
		PB(Message) m = SCHAKEL__V1__MESSAGE__INIT; /* each question has its own id */
		PB(Message) *answer = NULL;
		q->after = v->next;
		m.body_case = BODY(QUERY_EXPLAIN);
		m.query_explain = q;
		int rc = call_query(k, MATCHING, &m, &answer);
		if (rc != CLI_DONE) {
			return rc;
		}
		if (answer->body_case != BODY(EXPLAIN_VIEW)) {
			return call_complain(k, MATCHING, SK_EPROTO);
		}
		v = explain_copy(k->cli, answer->explain_view);
		json_t *page = v == NULL ? NULL : pb_json(&v->base);
		for (size_t i = 0; i < SK_LEN(lists); i++) {
			(void)json_array_extend(json_object_get(doc, lists[i]),
						json_object_get(page, lists[i]));
		}
		json_decref(page);
		if (v != NULL && !k->cli->json) {
			plan_lines(k->cli, v, s);
		}
	}
	(void)json_object_del(doc, "next");
	return v != NULL ? CLI_DONE : call_complain(k, MATCHING, SK_ENOMEM);
}

/* Matching has just said what lacks, as it is now; the list has it from the last time that its team
 * was told. */
static void lacks_once(PB(ExplainView) *v)
{
	size_t kept = 0;

	for (size_t i = 0; i < v->n_lines; i++) {
		if (v->lines[i]->kind != SCHAKEL__V1__EXPLAIN_KIND__EXPLAIN_KIND_STILL_LACKS) {
			v->lines[kept++] = v->lines[i];
		}
	}
	v->n_lines = kept;
}

static int ask_explain(struct call *k, const char *daemon, const struct subject *s, json_t *doc,
		       const char *title)
{
	PB(QueryExplain) q = SCHAKEL__V1__QUERY_EXPLAIN__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;

	q.request_id = id_bytes(k->cli, &s->id);
	if (strcmp(daemon, MATCHING) == 0 && cli_flag(k->cli, "why-not")) {
		q.partner = (char *)(uintptr_t)cli_opt(k->cli, "why-not");
	}
	m.body_case = BODY(QUERY_EXPLAIN);
	m.query_explain = &q;
	int rc = call_query(k, daemon, &m, &answer);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (answer->body_case != BODY(EXPLAIN_VIEW)) {
		return call_complain(k, daemon, SK_EPROTO);
	}
	PB(ExplainView) *v = explain_copy(k->cli, answer->explain_view);
	if (v == NULL) {
		return call_complain(k, daemon, SK_ENOMEM);
	}
	json_t *all = pb_json(&v->base);
	(void)json_object_set_new(doc, daemon, all);
	if (!k->cli->json) {
		bool none = v->team != NULL && v->team->n_seats == 0 && q.partner[0] == '\0';
		(void)fprintf(k->cli->out, "%s\n",
			      none ? cli_text(k->cli, "Waarom er nog geen team is",
					      "Why there is no team yet") :
				     title);
	}
	if (q.partner[0] != '\0') {
		if (!k->cli->json) {
			show_why(k->cli, v, s);
		}
		return CLI_DONE;
	}
	if (strcmp(daemon, WAITLIST) == 0) {
		lacks_once(v);
	}
	if (!k->cli->json) {
		plan_lines(k->cli, v, s);
	}
	rc = explain_rest(k, &q, v, all, s);
	if (rc == CLI_DONE && !k->cli->json && strcmp(daemon, MATCHING) == 0) {
		plan_proof(k->cli, v);
	}
	return rc;
}

static int cmd_explain(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	struct subject subject = { 0 };
	bool shown = false;
	int rc = family_view(c, &shown);

	if (shown || rc != CLI_DONE) {
		return rc;
	}
	json_t *doc = json_object();
	rc = request_of(&k, c, &subject);
	if (rc == CLI_DONE) {
		rc = ask_explain(&k, MATCHING, &subject, doc,
				 cli_flag(c, "why-not") ?
					 cli_text(c, "Waarom niet", "Why not") :
					 cli_text(c, "Waarom dit team", "Why this team"));
	}
	if (rc == CLI_DONE && !cli_flag(c, "why-not")) {
		rc = ask_explain(&k, WAITLIST, &subject, doc,
				 cli_text(c, "Plaats op de wachtlijst",
					  "Place on the waiting list"));
	}
	if (rc == CLI_DONE && c->json) {
		out_json(c, doc);
	}
	json_decref(doc);
	return rc;
}

static const struct option explain_options[] = {
	{ "why-not", "PARTNER", "waarom die partner niet, en wat dat zou veranderen",
	  "why not that partner, and what would change it" },
	FAMILY_VIEW_OPTIONS,
	{ 0 },
};

const struct command plan_commands[] = {
	{ "plan show", "AANMELDING", 1, 1, person_options,
	  "toont het gezinsplan, of wat een jongere of ouder ziet (--as youth, --as parent, "
	  "--file)",
	  "shows the family plan, or what a young person or parent sees (--as youth, --as parent, "
	  "--file)",
	  "schakel plan show k7q2m4t9xa --as youth", cmd_show },
	{ "plan keep-back", "AANMELDING NUMMER REDEN", 3, 3, keep_options,
	  "houdt één stuk buiten het dossier dat iemand leest, op een van vier gronden",
	  "keeps one piece out of the file that somebody reads, on one of four grounds",
	  "schakel plan keep-back k7q2m4t9xa 2 confidential --as team-ieper", cmd_keep_back },
	{ "explain", "AANMELDING", 1, 1, explain_options,
	  "legt regel voor regel uit waarom dit team en deze plaats",
	  "explains line by line why this team and this place",
	  "schakel explain k7q2m4t9xa --as clb-ieper", cmd_explain },
	{ 0 },
};
