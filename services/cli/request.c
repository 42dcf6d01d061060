/* SPDX-License-Identifier: EUPL-1.2 */
/* The way in: a request is submitted, changed, withdrawn, and the family's word is recorded. */
#include <string.h>
#include <unistd.h>

#include "common/pbjson.h"
#include "services/cli/family_view.h"
#include "services/cli/infile.h"
#include "services/cli/output.h"
#include "services/cli/progress.h"
#include "services/cli/refused.h"
#include "services/cli/request_amend.h"
#include "services/cli/request_show.h"
#include "services/cli/said.h"
#include "services/cli/story.h"
#include "services/cli/subjects.h"

#define VERSION_FIRST 1

/* --- submit --- */

static int submit_one(struct call *k, struct request_in *in, PB(Receipt) **ret_r)
{
	struct story story = { in->told, in->told_len, VERSION_FIRST, { { 0 } } };
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = story_seal(k->cli, &story, &in->submit->capsules);

	if (rc != CLI_DONE) {
		return rc;
	}
	in->submit->n_capsules = in->told_len;
	if (cli_opt(k->cli, "from-consult") != NULL) {
		in->submit->consult_code = consult_code(k->cli, cli_opt(k->cli, "from-consult"));
	}
	if (!object_id_is_zero(&story.child) && in->submit->n_children > 0) {
		in->submit->children[0]->person_id = id_bytes(k->cli, &story.child);
	}
	m.body_case = BODY(SUBMIT_REQUEST);
	m.submit_request = in->submit;
	return call_command(k, INTAKE, &m, ret_r);
}

/* Where in the file the daemon's refusal points. */
static void show_line(struct call *k, struct jsonin *in, size_t i, const char *field)
{
	char at[JSONIN_PATH_MAX];
	const char *own = refused_field(field);

	if (json_is_array(in->root)) {
		jsonin_path(at, "[%zu].%s", i, own);
	} else {
		jsonin_path(at, "%s", own);
	}
	cli_say(k->cli, "Dit staat op regel %u van het bestand.", "This is on line %u of the file.",
		jsonin_line(in, at));
}

static int submit_all(struct call *k, struct jsonin *in, const char *path, json_t *receipts)
{
	size_t len = request_file_count(in);
	int worst = CLI_DONE;
	struct progress bar;

	progress_begin(&bar, k->cli, path, len > 10 ? len : 0);
	for (size_t i = 0; i < len && worst != CLI_USAGE && worst != CLI_UNREACHABLE; i++) {
		struct request_in one;
		PB(Receipt) *r = NULL;
		int err = request_file_get(in, i, &one);
		int rc = err == SK_OK ? submit_one(k, &one, &r) : infile_say(k->cli, path, in->err);
		if (r != NULL) {
			json_t *doc = pb_json(&r->base);
			(void)json_object_set_new(doc, "number", json_integer((json_int_t)i + 1));
			(void)json_array_append_new(receipts, doc);
		}
		if (r != NULL && rc != CLI_DONE && r->field[0] != '\0') {
			show_line(k, in, i, r->field);
		}
		worst = rc != CLI_DONE ? rc : worst;
		progress_at(&bar, i + 1);
	}
	progress_end(&bar);
	return worst;
}

/* Nothing is sent before the whole file was read without an error. */
static int check_all(struct cli *c, struct jsonin *in, const char *path)
{
	for (size_t i = 0; i < request_file_count(in); i++) {
		struct request_in one;
		int err = request_file_get(in, i, &one);
		if (err != SK_OK) {
			return err == SK_EPROTO ? infile_say(c, path, in->err) :
						  cli_fail(c, path, err);
		}
	}
	return CLI_DONE;
}

/* Zones are the node's: the file alone cannot tell. */
static int check_zones(struct call *k, struct jsonin *in)
{
	for (size_t i = 0; i < request_file_count(in); i++) {
		struct request_in one;
		int rc = CLI_DONE;
		if (request_file_get(in, i, &one) == SK_OK) {
			rc = call_check_zone(k, "zone", one.submit->zone);
		}
		if (rc != CLI_DONE) {
			show_line(k, in, i, "zone");
			return rc;
		}
	}
	return CLI_DONE;
}

static const struct column submit_columns[] = {
	{ "number", "nr", "no.", CELL_NUMBER, NULL },
	{ "short_code", "aanmelding", "request", CELL_TEXT, NULL },
	{ "outcome", "resultaat", "result", CELL_WORD, &schakel__v1__outcome__descriptor },
	{ "time_ms", "wanneer", "when", CELL_DATE, NULL },
	{ "object_ids", "hulpvragen", "needs", CELL_COUNT, NULL },
	{ 0 },
};

static int cmd_submit(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	const char *path = c->args_len > 0 ? c->arg[0] : "-";
	struct file_error e = { 0 };
	struct jsonin in = { 0 };
	struct slice bytes;

	if (c->args_len == 0 && isatty(STDIN_FILENO) == 1) {
		cli_say(c,
			"Ik wacht op een aanmelding (JSON of CSV) op de invoer; Ctrl-D sluit af.",
			"Waiting for a request (JSON or CSV) on the input; Ctrl-D ends it.");
	}
	int rc = infile_load(c, path, &bytes);
	if (rc != CLI_DONE) {
		return rc;
	}
	int err = request_file_read(&in, &c->arena, bytes, file_kind_of(path, bytes), &e);
	if (err != SK_OK) {
		jsonin_done(&in);
		return err == SK_EPROTO ? infile_say(c, path, &e) : cli_fail(c, path, err);
	}
	rc = request_file_count(&in) == 0 ? cli_usage(c, "%s: er staat geen aanmelding in",
						      "%s: there is no request in it", path) :
					    check_all(c, &in, path);
	if (rc == CLI_DONE) {
		rc = call_open(&k, c);
	}
	json_t *receipts = json_array();
	rc = rc != CLI_DONE ? rc : check_zones(&k, &in);
	if (rc == CLI_DONE) {
		rc = submit_all(&k, &in, path, receipts);
	}
	json_t *doc = json_pack("{s:o}", "receipts", receipts);
	cli_refusal_add(c, rc, doc);
	if (json_array_size(receipts) > 0) {
		out_table(c, doc, "receipts", submit_columns);
	}
	if (rc == CLI_UNREACHABLE) {
		cli_say(c,
			"Wat hierboven geen resultaat heeft, is misschien toch binnen: kijk straks "
			"met schakel request show. Zend het pas opnieuw als het er niet bij staat: "
			"hetzelfde bevel maakt een tweede aanmelding.",
			"What has no result above may have arrived all the same: look with schakel "
			"request show later. Send it again only when it is not there: the same "
			"command makes a second request.");
	}
	json_decref(doc);
	jsonin_done(&in);
	return rc;
}

/* --- withdraw --- */

static int cmd_withdraw(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(WithdrawRequest) w = SCHAKEL__V1__WITHDRAW_REQUEST__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(RequestItem) *item = NULL;
	PB(Receipt) *r = NULL;
	struct object_id id = { 0 };
	ProtobufCBinaryData needs[CLI_ARGS_MAX];
	int rc = call_open(&k, c);

	for (size_t i = 1; rc == CLI_DONE && i < c->args_len; i++) {
		rc = find_need(&k, cli_printf(c, "%s/%s", c->arg[0], c->arg[i]), &id);
		needs[w.n_need_ids++] = id_bytes(c, &id);
	}
	rc = rc != CLI_DONE ? rc : find_request(&k, c->arg[0], &item);
	if (rc != CLI_DONE) {
		return rc;
	}
	SK_ASSERT(object_id_from(&item->request->request_id, &id));
	w.request_id = id_bytes(c, &id);
	w.need_ids = needs;
	w.reason = cli_flag(c, "by-mistake") ?
			   SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_ENTERED_IN_ERROR :
			   SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_WITHDRAWN;
	if (cli_flag(c, "second-party")) {
		w.second_party = (char *)(uintptr_t)cli_opt(c, "second-party");
	}
	m.body_case = BODY(WITHDRAW_REQUEST);
	m.withdraw_request = &w;
	bool open = item->open; /* the view goes with the next answer */
	rc = call_command(&k, INTAKE, &m, &r);
	if (rc == CLI_REFUSED && !open) {
		cli_say(c, "Deze aanmelding was al afgerond of ingetrokken; er veranderde niets.",
			"This request was completed or withdrawn already; nothing was changed.");
	}
	return out_receipt(c, rc, r, "Ingetrokken.", "Withdrawn.");
}

static const struct option show_options[] = {
	{ "story", NULL, "opent wat er verteld is (alleen waar de sleutel van de node ligt)",
	  "opens what was told (only where the node's key is)" },
	{ "open", NULL, "zonder AANMELDING: alleen wat nog loopt",
	  "without REQUEST: only what is still open" },
	{ "order", "NUMMER",
	  "rechtbank: ook wat onder dat nummer op uw bevestiging wacht (request order)",
	  "court: also what waits under that number for you to confirm it (request order)" },
	FAMILY_VIEW_OPTIONS,
	{ 0 },
};
static const struct option withdraw_options[] = {
	{ "by-mistake", NULL, "per vergissing ingevoerd", "entered by mistake" },
	{ "second-party", "PARTIJ",
	  "als uw huis hier helpt: wie het ook hoorde, van een huis dat hier niet helpt",
	  "when your house helps here: who heard it too, of a house that does not help here" },
	{ 0 },
};
static const struct option submit_options[] = {
	{ "from-consult", "NUMMER", "gaat verder van dat advies: wat verteld is, komt mee",
	  "goes on from that advice: what was told comes along" },
	{ 0 },
};

const struct command request_commands[] = {
	{ "request submit", "[BESTAND]", 0, 1, submit_options,
	  "meldt een of meer vragen om hulp aan (JSON of CSV; - is de invoer)",
	  "submits one or more requests for help (JSON or CSV; - is the input)",
	  "schakel request submit aanmelding.json --as clb-ieper", cmd_submit },
	{ "request show", "[AANMELDING]", 0, 1, show_options,
	  "toont een aanmelding: wie vasthoudt, wat er komt en wanneer",
	  "shows a request: who holds, what is next and when",
	  "schakel request show k7q2m4t9xa --as clb-ieper", cmd_request_show },
	{ "request amend", "AANMELDING [BESTAND]", 1, 2, request_amend_options,
	  "past een aanmelding aan; wat eerst verteld is, blijft bewaard",
	  "changes a request; what was told first is kept",
	  "schakel request amend k7q2m4t9xa --exclude ckg-izegem --as clb-ieper",
	  cmd_request_amend },
	{ "request withdraw", "AANMELDING [HULPVRAAG...]", 1, CLI_ARGS_MAX, withdraw_options,
	  "trekt een aanmelding in, of enkele hulpvragen ervan (1, 2, ...)",
	  "withdraws a request, or some needs of it (1, 2, ...)",
	  "schakel request withdraw k7q2m4t9xa 2 --as clb-ieper", cmd_withdraw },
	{ 0 },
};
