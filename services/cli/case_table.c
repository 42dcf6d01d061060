/* SPDX-License-Identifier: EUPL-1.2 */
/* Case tables: people around one child, with an owner and a date; child and parents first. */
#include <string.h>

#include "common/when.h"
#include "services/cli/output.h"
#include "services/cli/pages.h"
#include "services/cli/request_show.h"
#include "services/cli/subjects.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define STATE(NAME) SCHAKEL__V1__CASE_TABLE_STATE__CASE_TABLE_STATE_##NAME
#define PAGE 100
#define INVITED_MAX 16

static const struct column columns[] = {
	{ "short_code", "overlegtafel", "case table", CELL_TEXT, NULL },
	{ "request_code", "aanmelding", "request", CELL_TEXT, NULL },
	{ "zone", "zone", "zone", CELL_TEXT, NULL },
	{ "table.reason", "waarom", "why", CELL_WORD, SET(case_table_reason) },
	{ "table.state", "hoe het staat", "how it stands", CELL_WORD, SET(case_table_state) },
	{ "table.owner", "wie ervoor zorgt", "who carries it", CELL_PARTY, NULL },
	{ "table.due_ms", "ten laatste", "by", CELL_DAY, NULL },
	{ "table.planned_ms", "gesprek op", "talk on", CELL_DATE, NULL },
	{ "invited", "wie nog komt", "who else comes", CELL_NAME, NULL },
	{ "stuck.0.sign", "eerste teken", "first sign", CELL_WORD, SET(stuck_sign) },
	{ "stuck.0.count", "hoe vaak", "how often", CELL_NUMBER, NULL },
	{ 0 },
};

static int request_id(struct call *k, const char *text, ProtobufCBinaryData *ret_id)
{
	PB(RequestItem) *item = NULL;
	struct object_id id;
	int rc = find_request(k, text, &item);

	if (rc == CLI_DONE && item != NULL && object_id_from(&item->request->request_id, &id)) {
		*ret_id = id_bytes(k->cli, &id);
	}
	return rc;
}

static int cmd_list(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(QueryCaseTables) q = SCHAKEL__V1__QUERY_CASE_TABLES__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct pages p = { WAITLIST, &m, &q.after, BODY(CASE_TABLES_VIEW), "tables", 0 };
	json_t *doc = NULL;
	int rc = call_open(&k, c);

	if (rc == CLI_DONE && c->args_len > 0) {
		rc = request_id(&k, c->arg[0], &q.request_id);
	}
	if (rc != CLI_DONE) {
		return rc;
	}
	q.limit = PAGE;
	q.open_only = !cli_flag(c, "all");
	m.body_case = BODY(QUERY_CASE_TABLES);
	m.query_case_tables = &q;
	rc = pages_read(&k, &p, &doc);
	if (rc == CLI_DONE) {
		out_table(c, doc, "tables", columns);
		json_decref(doc);
	}
	return rc;
}

static int send(struct call *k, PB(Message) *m, const char *nl, const char *en)
{
	PB(Receipt) *r = NULL;
	int rc = call_command(k, WAITLIST, m, &r);
	return out_receipt(k->cli, rc, r, nl, en);
}

static int cmd_call(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(CallCaseTable) b = SCHAKEL__V1__CALL_CASE_TABLE__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct object_id need;
	int rc = call_open(&k, c);

	rc = rc != CLI_DONE ? rc : request_id(&k, c->arg[0], &b.request_id);
	if (rc == CLI_DONE && cli_flag(c, "need")) {
		rc = find_need(&k, cli_printf(c, "%s/%s", c->arg[0], cli_opt(c, "need")), &need);
		b.need_id = rc == CLI_DONE ? id_bytes(c, &need) : b.need_id;
	}
	if (rc != CLI_DONE) {
		return rc;
	}
	b.reason = SCHAKEL__V1__CASE_TABLE_REASON__CASE_TABLE_REASON_ASKED;
	m.body_case = BODY(CALL_CASE_TABLE);
	m.call_case_table = &b;
	return send(&k, &m, "Overlegtafel gevraagd.", "Case table asked for.");
}

/* The table of that short code among those that are seen. */
static int find_table(struct call *k, const char *code, ProtobufCBinaryData *ret_id,
		      uint64_t *ret_due_ms)
{
	PB(QueryCaseTables) q = SCHAKEL__V1__QUERY_CASE_TABLES__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;

	q.limit = PAGE;
	m.body_case = BODY(QUERY_CASE_TABLES);
	m.query_case_tables = &q;
	do {
		int rc = call_query(k, WAITLIST, &m, &answer);
		if (rc != CLI_DONE) {
			return rc;
		}
		if (answer->body_case != BODY(CASE_TABLES_VIEW)) {
			return call_complain(k, WAITLIST, SK_EPROTO);
		}
		const PB(CaseTablesView) *v = answer->case_tables_view;
		for (size_t i = 0; i < v->n_tables; i++) {
			if (strcasecmp(v->tables[i]->short_code, code) == 0) {
				struct object_id id;
				SK_ASSERT(object_id_from(&v->tables[i]->table->table_id, &id));
				*ret_id = id_bytes(k->cli, &id);
				*ret_due_ms = v->tables[i]->table->due_ms;
				return CLI_DONE;
			}
		}
		q.after = v->next;
	} while (q.after.len > 0);
	return cli_usage(k->cli, "\"%s\": geen overlegtafel die u ziet",
			 "\"%s\": no case table that you see", code);
}

static char **invited_list(struct cli *c, size_t *ret_len)
{
	const char *text = cli_opt(c, "invite");
	char *rest = cli_printf(c, "%s", text == NULL ? "" : text);
	char **list = cli_alloc(c, (INVITED_MAX + 1) * sizeof(*list));

	*ret_len = 0;
	for (char *word = strsep(&rest, ","); word != NULL; word = strsep(&rest, ",")) {
		if (word[0] != '\0' && *ret_len <= INVITED_MAX) {
			list[(*ret_len)++] = word;
		}
	}
	return list;
}

static int move(struct cli *c, PB(MoveCaseTable) *b, const char *nl, const char *en)
{
	AUTO_CALL struct call k = { 0 };
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	uint64_t due_ms = 0;
	int rc = call_open(&k, c);

	rc = rc != CLI_DONE ? rc : find_table(&k, c->arg[0], &b->table_id, &due_ms);
	if (rc != CLI_DONE) {
		return rc;
	}
	b->owner = (char *)(uintptr_t)(cli_flag(c, "owner") ? cli_opt(c, "owner") : "");
	m.body_case = BODY(MOVE_CASE_TABLE);
	m.move_case_table = b;
	rc = send(&k, &m, nl, en);
	if (rc == CLI_REFUSED && b->to == STATE(PLANNED)) {
		cli_say(c, "Deze overlegtafel hoort er te zijn ten laatste op %s.",
			"This case table is to be held by %s.", when_show(due_ms, c->lang).s);
	}
	return rc;
}

static int cmd_plan(struct cli *c)
{
	PB(MoveCaseTable) b = SCHAKEL__V1__MOVE_CASE_TABLE__INIT;
	int rc = cli_opt_when(c, "at", &b.at_ms);

	if (rc == CLI_DONE && b.at_ms == 0) {
		rc = cli_usage(c, "--at ontbreekt: wanneer is het gesprek?",
			       "--at is missing: when is the talk?");
	}
	if (rc != CLI_DONE) {
		return rc;
	}
	b.to = STATE(PLANNED);
	b.child_invited = cli_flag(c, "child");
	b.parents_invited = cli_flag(c, "parents");
	b.invited = invited_list(c, &b.n_invited);
	return move(c, &b, "Gepland; kind en ouders zijn eerst uitgenodigd.",
		    "Planned; child and parents were invited first.");
}

static int cmd_held(struct cli *c)
{
	PB(MoveCaseTable) b = SCHAKEL__V1__MOVE_CASE_TABLE__INIT;

	b.to = STATE(HELD);
	return move(c, &b, "De overlegtafel is geweest.", "The case table was held.");
}

static int cmd_drop(struct cli *c)
{
	PB(MoveCaseTable) b = SCHAKEL__V1__MOVE_CASE_TABLE__INIT;

	b.to = STATE(NOT_NEEDED);
	return move(c, &b, "Niet meer nodig.", "No longer needed.");
}

static const struct option list_options[] = {
	{ "all", NULL, "ook wat geweest is", "also those that are over" },
	{ 0 },
};
static const struct option call_options[] = {
	{ "need", "N", "over de Nde hulpvraag", "about the N-th need" },
	{ 0 },
};
static const struct option plan_options[] = {
	{ "at", "TIJD", "nodig: wanneer", "needed: when" },
	{ "child", NULL, "het kind is uitgenodigd (nodig)", "the child is invited (needed)" },
	{ "parents", NULL, "de ouders zijn uitgenodigd (nodig)",
	  "the parents are invited (needed)" },
	{ "invite", "PARTIJ", "wie nog komt, met komma's ertussen",
	  "who else comes, with commas between" },
	{ "owner", "PARTIJ", "wie ervoor zorgt", "who carries it" },
	{ 0 },
};
static const struct option held_options[] = {
	{ "owner", "PARTIJ", "wie ervoor zorgt", "who carries it" },
	{ 0 },
};

const struct command case_table_commands[] = {
	{ "case list", "[AANMELDING]", 0, 1, list_options, "toont de overlegtafels",
	  "shows the case tables", "schakel case list --as samenwerking", cmd_list },
	{ "case call", "AANMELDING", 1, 1, call_options, "vraagt een overlegtafel",
	  "asks for a case table", "schakel case call k7q2m4t9xa --as familie", cmd_call },
	{ "case plan", "OVERLEGTAFEL", 1, 1, plan_options,
	  "plant een overlegtafel; kind en ouders worden eerst uitgenodigd",
	  "plans a case table; child and parents are invited first",
	  "schakel case plan 3fm8xn2kq7 --at \"2026-01-12 14:00\" --child --parents --as "
	  "samenwerking",
	  cmd_plan },
	{ "case held", "OVERLEGTAFEL", 1, 1, held_options, "zegt dat de overlegtafel geweest is",
	  "says that the case table was held", "schakel case held 3fm8xn2kq7 --as samenwerking",
	  cmd_held },
	{ "case drop", "OVERLEGTAFEL", 1, 1, held_options,
	  "zegt dat de overlegtafel niet meer nodig is",
	  "says that the case table is no longer needed",
	  "schakel case drop 3fm8xn2kq7 --as samenwerking", cmd_drop },
	{ 0 },
};
