/* SPDX-License-Identifier: EUPL-1.2 */
/* The waiting list: who waits, since when, why, what bridges, and when it is looked at again. */
#include "common/pbjson.h"
#include "services/cli/family_view.h"
#include "services/cli/output.h"
#include "services/cli/pages.h"
#include "services/cli/paper.h"
#include "services/cli/request_show.h"
#include "services/cli/subjects.h"
#include "services/cli/waiting_text.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define PAGE 100
#define LIST_DEFAULT 50

static const struct column columns[] = {
	{ "position", "plaats", "place", CELL_NUMBER, NULL },
	{ "short_code", "aanmelding", "request", CELL_TEXT, NULL },
	{ "need.expertise", "hulpvraag", "need", CELL_EXPERTISE, NULL },
	{ "request.zone", "zone", "zone", CELL_TEXT, NULL },
	{ "order.wait_class", "waarom op deze plaats", "why at this place", CELL_WORD,
	  SET(wait_class) },
	{ "order.rank_ms", "rangdatum", "rank date", CELL_DAY, NULL },
	{ "shortfall", "wat nog ontbreekt", "what still lacks", CELL_WORD, SET(shortfall) },
	{ "bridging_party", "intussen", "meanwhile", CELL_PARTY, NULL },
	{ "review_ms", "opnieuw bekijken", "review", CELL_DAY, NULL },
	{ 0 },
};
static const struct column facts[] = {
	{ "short_code", "aanmelding", "request", CELL_TEXT, NULL },
	{ "need.expertise", "hulpvraag", "need", CELL_EXPERTISE, NULL },
	{ "request.zone", "zone", "zone", CELL_TEXT, NULL },
	{ "order.wait_class", "waarom op deze plaats", "why at this place", CELL_WORD,
	  SET(wait_class) },
	{ "order.rank_ms", "rangdatum", "rank date", CELL_DAY, NULL },
	{ "need.arrival_ms", "gevraagd op", "asked on", CELL_DATE, NULL },
	{ "days_of_priority", "dagen voorrang", "days of priority", CELL_NUMBER, NULL },
	{ "position", "plaats", "place", CELL_NUMBER, NULL },
	{ "state", "wat er loopt", "what is going on", CELL_WORD, SET(contribution_state) },
	{ "shortfall", "wat nog ontbreekt", "what still lacks", CELL_WORD, SET(shortfall) },
	{ "open.in_reach", "aanbod in de buurt", "capacity in reach", CELL_NUMBER, NULL },
	{ "open.confirmed", "waarvan bevestigd", "of which confirmed", CELL_NUMBER, NULL },
	{ "open.with_amount", "waarvan met plek", "of which with room", CELL_NUMBER, NULL },
	{ "breached_ms", "over de termijn sinds", "over the term since", CELL_DAY, NULL },
	{ "misplaced", "de plek", "the place", CELL_WORD, SET(misplaced_state) },
	{ "misplaced_hoped", "zou liever zijn bij", "would rather be at", CELL_PARTY, NULL },
	{ "risen_ms", "een klasse gestegen op", "rose one class on", CELL_DAY, NULL },
	{ "family_wish_until_ms", "op vraag van het gezin tot", "on the family's wish until",
	  CELL_DAY, NULL },
	{ "bridging_party", "wat er intussen is", "what there is meanwhile", CELL_PARTY, NULL },
	{ "bridging_until_ms", "tot", "until", CELL_DATE, NULL },
	{ "gap_days", "dagen zonder hulp", "days without help", CELL_NUMBER, NULL },
	{ "review_ms", "opnieuw bekijken", "review", CELL_DAY, NULL },
	{ "served", "hulp gestart", "help started", CELL_YES, NULL },
	{ 0 },
};

/* Place 0 says that it was not counted on this page. */
static void drop_uncounted(json_t *entries)
{
	json_t *entry;
	size_t i;

	json_array_foreach (entries, i, entry) {
		if (json_integer_value(json_object_get(entry, "position")) == 0) {
			(void)json_object_del(entry, "position");
		}
	}
}

/* Only who sees the whole list is told how long it is. */
static void show_list(const struct call *k, json_t *doc)
{
	const uint32_t all = ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR);
	struct cli *c = k->cli;
	bool part = (k->party->roles & all) == 0;
	json_t *entries = json_object_get(doc, "entries");
	long long total = (long long)json_integer_value(json_object_get(doc, "total"));

	drop_uncounted(entries);
	if (part) {
		(void)json_object_del(doc, "total");
	}
	out_table(c, doc, "entries", columns);
	if (part) {
		cli_say(c, "%zu getoond: wat u indiende, en wat wacht in een zone die u bewaakt.",
			"%zu shown: what you submitted, and what waits in a zone that you watch.",
			json_array_size(entries));
	} else {
		cli_say(c, "%zu getoond, %lld op de lijst.", "%zu shown, %lld on the list.",
			json_array_size(entries), total);
	}
}

/* For a power cut: with room to write in. */
static const struct column paper_columns[] = {
	{ "position", "pl.", "no.", CELL_NUMBER, NULL },
	{ "short_code", "aanmelding", "request", CELL_TEXT, NULL },
	{ "need.expertise", "hulpvraag", "need", CELL_EXPERTISE, NULL },
	{ "request.zone", "zone", "zone", CELL_TEXT, NULL },
	{ "order.wait_class", "waarom hier", "why here", CELL_WORD, SET(wait_class) },
	{ "order.rank_ms", "rangdatum", "rank date", CELL_DAY, NULL },
	{ "bridging_party", "intussen", "meanwhile", CELL_NAME, NULL },
	{ "", "nota", "note", CELL_TEXT, NULL },
	{ 0 },
};

static void print_list(const struct call *k, json_t *doc)
{
	struct paper p = { "Wachtlijst", "Waiting list", k->conf->node, paper_now() };

	drop_uncounted(json_object_get(doc, "entries"));
	paper_table(k->cli, &p, doc, "entries", paper_columns);
}

static int cmd_list(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(QueryWaiting) q = SCHAKEL__V1__QUERY_WAITING__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct pages p = { WAITLIST, &m, &q.after, BODY(WAITING_VIEW), "entries", LIST_DEFAULT };
	json_t *doc = NULL;
	uint32_t limit = LIST_DEFAULT;
	int wait_class = 0;
	int rc = cli_expertise(c, cli_opt(c, "expertise"), &q.expertise);

	rc = rc != CLI_DONE ? rc : cli_opt_code(c, "class", SET(wait_class), &wait_class);
	rc = rc != CLI_DONE ? rc : cli_opt_u32(c, "limit", 1000000, &limit);
	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (!c->json && family_has_key(c)) {
		family_lost_code(c, c->out);
		return CLI_DONE;
	}
	p.limit = limit;
	q.limit = limit == 0 || limit > PAGE ? PAGE : limit;
	rc = call_check_zone(&k, "--zone", cli_opt(c, "zone"));
	if (rc != CLI_DONE) {
		return rc;
	}
	q.zone = (char *)(uintptr_t)(cli_flag(c, "zone") ? cli_opt(c, "zone") : "");
	q.misplaced = cli_flag(c, "misplaced");
	q.stuck = cli_flag(c, "stuck");
	q.over_term = cli_flag(c, "over-term");
	q.wait_class = (PB(WaitClass))wait_class;
	m.body_case = BODY(QUERY_WAITING);
	m.query_waiting = &q;
	rc = pages_read(&k, &p, &doc);
	if (rc == CLI_DONE) {
		if (cli_flag(c, "print")) {
			print_list(&k, doc);
		} else {
			show_list(&k, doc);
		}
		json_decref(doc);
	}
	return rc;
}

/* A need, or all needs of a request. */
static int cmd_show(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(QueryWaiting) q = SCHAKEL__V1__QUERY_WAITING__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(RequestItem) *item = NULL;
	PB(Message) *answer = NULL;
	struct object_id id;
	bool shown = false;
	int rc = family_view(c, &shown);

	if (shown) {
		return rc;
	}
	rc = call_open(&k, c);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (cli_flag(c, "need")) {
		rc = find_need(&k, cli_printf(c, "%s/%s", c->arg[0], cli_opt(c, "need")), &id);
		q.need_id = id_bytes(c, &id);
	} else {
		rc = find_request(&k, c->arg[0], &item);
		if (rc == CLI_DONE && object_id_from(&item->request->request_id, &id)) {
			q.request_id = id_bytes(c, &id);
		}
	}
	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(QUERY_WAITING);
	m.query_waiting = &q;
	rc = call_query(&k, WAITLIST, &m, &answer);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (answer->body_case != BODY(WAITING_VIEW)) {
		return call_complain(&k, WAITLIST, SK_EPROTO);
	}
	json_t *doc = pb_json(&answer->waiting_view->base);
	drop_uncounted(json_object_get(doc, "entries"));
	if (c->json) {
		out_json(c, doc);
	}
	for (size_t i = 0; i < answer->waiting_view->n_entries; i++) {
		out_title(c, "%s", "%s", i == 0 ? "" : "\n");
		out_facts(c, json_array_get(json_object_get(doc, "entries"), i), facts);
		waiting_text(c, answer->waiting_view->entries[i]);
	}
	json_decref(doc);
	return CLI_DONE;
}

static int need_id(struct call *k, ProtobufCBinaryData *ret_id)
{
	struct object_id id;
	int rc = call_open(k, k->cli);

	rc = rc != CLI_DONE ? rc : find_need(k, k->cli->arg[0], &id);
	if (rc == CLI_DONE) {
		*ret_id = id_bytes(k->cli, &id);
	}
	return rc;
}

static int send(struct call *k, PB(Message) *m, const char *nl, const char *en)
{
	PB(Receipt) *r = NULL;
	int rc = call_command(k, WAITLIST, m, &r);
	return out_done(k->cli, rc, r, nl, en);
}

static int cmd_review(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(RecordReview) r = SCHAKEL__V1__RECORD_REVIEW__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = cli_opt_when(c, "next", &r.next_ms);

	rc = rc != CLI_DONE ? rc : need_id(&k, &r.need_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(RECORD_REVIEW);
	m.record_review = &r;
	return send(&k, &m, "Opnieuw bekeken.", "Reviewed.");
}

static int cmd_bridge(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(RecordBridging) b = SCHAKEL__V1__RECORD_BRIDGING__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = cli_opt_when(c, "until", &b.until_ms);

	if (rc == CLI_DONE && b.until_ms == 0) {
		rc = cli_usage(c, "--until ontbreekt: tot wanneer is er overbrugging?",
			       "--until is missing: until when is there bridging?");
	}
	rc = rc != CLI_DONE ? rc : need_id(&k, &b.need_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	b.party = (char *)(uintptr_t)c->arg[1];
	m.body_case = BODY(RECORD_BRIDGING);
	m.record_bridging = &b;
	return send(&k, &m, "Overbrugging genoteerd.", "Bridging recorded.");
}

static const struct option list_options[] = {
	{ "zone", "ZONE", "alleen deze zone", "this zone only" },
	{ "expertise", "CODE", "alleen deze expertise", "this expertise only" },
	{ "class", "CODE", "CRISIS, URGENT, ACTIVE, PREFERENCE of PRECAUTION",
	  "CRISIS, URGENT, ACTIVE, PREFERENCE or PRECAUTION" },
	{ "misplaced", NULL, "alleen wie niet op de juiste plek zit",
	  "only those who are not in the right place" },
	{ "stuck", NULL, "alleen trajecten die dreigen vast te lopen",
	  "only trajectories that may get stuck" },
	{ "over-term", NULL, "alleen wat over de termijn is", "only what is over the term" },
	{ "limit", "N", "hoeveel er getoond worden (50; 0: alle)",
	  "how many are shown (50; 0: all)" },
	PAPER_OPTION,
	{ 0 },
};
static const struct option show_options[] = {
	{ "need", "N", "alleen de Nde hulpvraag", "the N-th need only" },
	FAMILY_VIEW_OPTIONS,
	{ 0 },
};
static const struct option review_options[] = {
	{ "next", "DAG", "wanneer opnieuw (anders: volgens de termijn)",
	  "when again (else: after the usual time)" },
	{ 0 },
};
static const struct option bridge_options[] = {
	{ "until", "DAG", "nodig: tot wanneer", "needed: until when" },
	{ 0 },
};

const struct command waiting_commands[] = {
	{ "waiting list", "", 0, 0, list_options, "toont de wachtlijst in haar volgorde",
	  "shows the waiting list in its order",
	  "schakel waiting list --zone rits --as samenwerking", cmd_list },
	{ "waiting show", "AANMELDING", 1, 1, show_options,
	  "toont waarom iets wacht en wat er intussen is",
	  "shows why something waits and what there is meanwhile",
	  "schakel waiting show k7q2m4t9xa --as clb-ieper", cmd_show },
	{ "waiting review", "HULPVRAAG", 1, 1, review_options,
	  "noteert dat er opnieuw naar gekeken is", "records that it was looked at again",
	  "schakel waiting review k7q2m4t9xa/1 --as clb-ieper", cmd_review },
	{ "waiting bridge", "HULPVRAAG PARTIJ", 2, 2, bridge_options, "noteert wat er intussen is",
	  "records what there is meanwhile",
	  "schakel waiting bridge k7q2m4t9xa/1 caw-veurne --until 2026-04-01 --as clb-ieper",
	  cmd_bridge },
	{ 0 },
};
