/* SPDX-License-Identifier: EUPL-1.2 */
/* What partners can really do: stated against the version that they saw; free is computed there. */
#include <string.h>

#include "common/capacity_file.h"
#include "common/pbjson.h"
#include "services/cli/infile.h"
#include "services/cli/output.h"
#include "services/cli/pages.h"
#include "services/cli/progress.h"
#include "services/cli/refused.h"
#include "services/cli/request_file.h"
#include "services/cli/request_text.h"
#include "services/cli/subjects.h"

#define AMOUNT_MAX 10000 /* what matching takes */
#define PAGE 50

static const struct column columns[] = {
	{ "capacity.pool", "aanbod", "capacity", CELL_TEXT, NULL },
	{ "capacity.partner", "partner", "partner", CELL_PARTY, NULL },
	{ "free", "vrij", "free", CELL_NUMBER, NULL },
	{ "promised", "waarvan beloofd", "promised", CELL_NUMBER, NULL },
	{ "capacity.staffed", "bemand", "staffed", CELL_NUMBER, NULL },
	{ "capacity.used_elsewhere", "elders bezet", "used elsewhere", CELL_NUMBER, NULL },
	{ "capacity.unit", "eenheid", "unit", CELL_WORD, &schakel__v1__unit__descriptor },
	{ "state_text", "toestand", "state", CELL_TEXT, NULL },
	{ "confirmed_ms", "bevestigd", "confirmed", CELL_DATE, NULL },
	{ "reserved_until_ms", "gehouden tot", "kept until", CELL_DATE, NULL },
	{ "version", "versie", "version", CELL_NUMBER, NULL },
	{ 0 },
};

static int cmd_list(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(QueryPools) q = SCHAKEL__V1__QUERY_POOLS__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct pages p = { MATCHING, &m, &q.after, BODY(POOLS_VIEW), "pools", 0 };
	const char *expertise = cli_opt(c, "expertise");
	json_t *doc = NULL;

	q.partner = (char *)(uintptr_t)(cli_flag(c, "partner") ? cli_opt(c, "partner") : "");
	q.zone = (char *)(uintptr_t)(cli_flag(c, "zone") ? cli_opt(c, "zone") : "");
	q.pool = (char *)(uintptr_t)(c->args_len > 0 ? c->arg[0] : "");
	q.limit = PAGE;
	m.body_case = BODY(QUERY_POOLS);
	m.query_pools = &q;
	int rc = cli_expertise(c, expertise, &q.expertise);
	if (rc == CLI_DONE) {
		rc = call_open(&k, c);
	}
	if (rc == CLI_DONE) {
		rc = call_check_zone(&k, "--zone", cli_opt(c, "zone"));
	}
	if (rc == CLI_DONE) {
		rc = pages_read(&k, &p, &doc);
	}
	if (rc == CLI_DONE) {
		if (!c->json) {
			states_text_add(c, json_object_get(doc, "pools"),
					&schakel__v1__pool_state__descriptor);
		}
		out_table(c, doc, "pools", columns);
		json_decref(doc);
	}
	return rc;
}

/* The pool as it stands now. @p ret_item NULL: there is none of that name. */
static int pool_now(struct call *k, const char *pool, PB(PoolItem) **ret_item)
{
	PB(QueryPools) q = SCHAKEL__V1__QUERY_POOLS__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;

	q.pool = (char *)(uintptr_t)pool;
	q.limit = 1;
	m.body_case = BODY(QUERY_POOLS);
	m.query_pools = &q;
	int rc = call_query_maybe(k, MATCHING, &m, &answer);
	if (rc != CLI_DONE || answer == NULL) {
		*ret_item = NULL;
		return rc;
	}
	if (answer->body_case != BODY(POOLS_VIEW)) {
		return call_complain(k, MATCHING, SK_EPROTO);
	}
	*ret_item = answer->pools_view->n_pools > 0 ? answer->pools_view->pools[0] : NULL;
	return CLI_DONE;
}

/* Less is staffed than was promised already: said here, where the number can still be put right. */
static void warn_beyond(const struct cli *c, const PB(PutCapacity) *put, uint32_t promised)
{
	if ((uint64_t)put->used_elsewhere + promised <= put->staffed) {
		return;
	}
	if (promised == 0) {
		cli_say(c,
			"%s: let op, er is meer bezet (%u) dan bemand (%u): er komt niets bij tot "
			"het klopt.",
			"%s: mind, more is used (%u) than staffed (%u): nothing new comes until it "
			"is right.",
			put->pool, put->used_elsewhere, put->staffed);
		return;
	}
	cli_say(c,
		"%s: let op, er is meer beloofd (%u) dan er nu kan (%u bemand, %u elders bezet). "
		"Er komt "
		"niets bij; wat nog niet afgesproken is, gaat naar anderen, en wat wel afgesproken "
		"of "
		"gestart is wordt onderbroken: u blijft vasthouden tot iemand overneemt.",
		"%s: mind, more was promised (%u) than is possible now (%u staffed, %u used "
		"elsewhere). "
		"Nothing new comes; what was not agreed yet goes to others, and what was agreed or "
		"started is interrupted: you go on holding until somebody takes over.",
		put->pool, promised, put->staffed, put->used_elsewhere);
}

static int send_put(struct call *k, PB(PutCapacity) *put, json_t *receipts, PB(Receipt) **ret_r)
{
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;

	m.body_case = BODY(PUT_CAPACITY);
	m.put_capacity = put;
	int rc = call_command(k, MATCHING, &m, ret_r);
	if (*ret_r != NULL) {
		json_t *doc = pb_json(&(*ret_r)->base);
		(void)json_object_set_new(doc, "pool", json_string(put->pool));
		(void)json_array_append_new(receipts, doc);
	}
	return rc;
}

/* --- one pool, by options --- */

/* All that the pool states now, as a copy that outlives the next answer, but for its uses: an empty
 * list says "as before". Why it changed, and when it was seen, is of this statement alone. */
static int put_as_now(struct cli *c, const PB(PoolItem) *now, PB(PutCapacity) *ret_put)
{
	size_t len = protobuf_c_message_get_packed_size(&now->capacity->base);
	uint8_t *bytes = cli_alloc(c, len + 1);
	ProtobufCAllocator alloc = arena_protobuf(&c->arena);

	(void)protobuf_c_message_pack(&now->capacity->base, bytes);
	PB(PutCapacity) *copy = schakel__v1__put_capacity__unpack(&alloc, len, bytes);
	if (copy == NULL) {
		return cli_fail(c, now->capacity->pool, SK_ENOMEM);
	}
	*ret_put = *copy;
	ret_put->n_uses = 0;
	ret_put->uses = NULL;
	ret_put->observed_at_ms = 0;
	ret_put->because_expertise = 0;
	ret_put->because_zone = (char *)(uintptr_t) "";
	ret_put->based_on = now->version;
	return CLI_DONE;
}

static int put_one(struct call *k, const char *pool, json_t *receipts)
{
	struct cli *c = k->cli;
	PB(PutCapacity) put = SCHAKEL__V1__PUT_CAPACITY__INIT;
	PB(PoolItem) *now = NULL;
	PB(Receipt) *r = NULL;
	int rc = pool_now(k, pool, &now);

	if (rc != CLI_DONE) {
		return rc;
	}
	if (now == NULL) {
		return cli_usage(c, "%s is nieuw: geef een bestand met wat het aanbod kan",
				 "%s is new: give a file with what the pool can do", pool);
	}
	rc = put_as_now(c, now, &put);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (strcmp(put.partner, k->party->id) == 0) {
		put.partner = (char *)(uintptr_t) "";
	}
	rc = cli_opt_u32(c, "total", AMOUNT_MAX, &put.total);
	rc = rc != CLI_DONE ? rc : cli_opt_u32(c, "funded", AMOUNT_MAX, &put.funded);
	rc = rc != CLI_DONE ? rc : cli_opt_u32(c, "staffed", AMOUNT_MAX, &put.staffed);
	rc = rc != CLI_DONE ? rc :
			      cli_opt_u32(c, "used-elsewhere", AMOUNT_MAX, &put.used_elsewhere);
	rc = rc != CLI_DONE ? rc : cli_opt_u32(c, "based-on", UINT32_MAX, &put.based_on);
	rc = rc != CLI_DONE ? rc : cli_expertise(c, cli_opt(c, "because"), &put.because_expertise);
	int answer = (int)put.answer;
	rc = rc != CLI_DONE ?
		     rc :
		     cli_opt_code(c, "answer", &schakel__v1__pool_answer__descriptor, &answer);
	put.answer = (PB(PoolAnswer))answer;
	uint32_t promised = now->promised;
	rc = rc != CLI_DONE ? rc : send_put(k, &put, receipts, &r);
	if (rc == CLI_DONE) {
		warn_beyond(c, &put, promised);
	}
	return rc;
}

static int pause_one(struct call *k, const char *pool, json_t *receipts)
{
	struct cli *c = k->cli;
	PB(PausePool) pause = SCHAKEL__V1__PAUSE_POOL__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(PoolItem) *now = NULL;
	PB(Receipt) *r = NULL;
	int reason = 0;
	int rc = pool_now(k, pool, &now);

	if (rc != CLI_DONE || now == NULL) {
		return rc != CLI_DONE ? rc :
					cli_usage(c, "%s is niet bekend", "%s is not known", pool);
	}
	pause.pool = (char *)(uintptr_t)pool;
	pause.based_on = now->version;
	pause.paused = cli_flag(c, "pause");
	rc = cli_opt_code(c, "pause", &schakel__v1__pause_reason__descriptor, &reason);
	rc = rc != CLI_DONE ? rc : cli_opt_when(c, "until", &pause.until_ms);
	rc = rc != CLI_DONE ? rc : cli_opt_u32(c, "based-on", UINT32_MAX, &pause.based_on);
	if (rc != CLI_DONE) {
		return rc;
	}
	pause.reason = (PB(PauseReason))reason;
	m.body_case = BODY(PAUSE_POOL);
	m.pause_pool = &pause;
	rc = call_command(k, MATCHING, &m, &r);
	if (r != NULL) {
		json_t *doc = pb_json(&r->base);
		(void)json_object_set_new(doc, "pool", json_string(pool));
		(void)json_array_append_new(receipts, doc);
	}
	return rc;
}

/* --- a file --- */

static int put_entry(struct call *k, struct jsonin *in, size_t i, const char *path,
		     json_t *receipts)
{
	struct file_error *e = in->err;
	PB(PutCapacity) *put = NULL;
	PB(PoolItem) *now = NULL;
	PB(Receipt) *r = NULL;
	uint32_t promised = 0;
	int rc = CLI_DONE;

	if (capacity_file_get(in, i, &put) != SK_OK) {
		return infile_say(k->cli, path, e);
	}
	/* The sender's own pools need no name on whose behalf. */
	if (strcmp(put->partner, k->party->id) == 0) {
		put->partner = (char *)(uintptr_t) "";
	}
	rc = pool_now(k, put->pool, &now);
	if (rc == CLI_DONE && capacity_file_settle(in, i, put, now) != SK_OK) {
		return infile_say(k->cli, path, e);
	}
	if (put->based_on == 0) {
		put->based_on = now == NULL ? 0 : now->version;
		promised = now == NULL ? 0 : now->promised;
	}
	if (rc == CLI_DONE) {
		rc = send_put(k, put, receipts, &r);
	}
	if (rc == CLI_DONE) {
		warn_beyond(k->cli, put, promised);
	}
	if (rc != CLI_DONE && r != NULL) {
		const char *field = refused_field(r->field);
		char at[JSONIN_PATH_MAX];
		if (json_is_array(in->root)) {
			jsonin_path(at, "[%zu].%s", i, field);
		} else {
			jsonin_path(at, "%s", field);
		}
		cli_say(k->cli, "%s: regel %u, aanbod %s", "%s: line %u, capacity %s", path,
			jsonin_line(in, at), put->pool);
	}
	return rc;
}

static int put_file(struct call *k, const char *path, json_t *receipts)
{
	struct cli *c = k->cli;
	struct file_error e = { 0 };
	struct jsonin in = { 0 };
	struct slice bytes;
	struct progress bar;
	int worst = infile_load(c, path, &bytes);

	if (worst != CLI_DONE) {
		return worst;
	}
	int err = capacity_file_read(&in, &c->arena, bytes, file_kind_of(path, bytes), &e);
	if (err != SK_OK) {
		jsonin_done(&in);
		return err == SK_EPROTO ? infile_say(c, path, &e) : cli_fail(c, path, err);
	}
	/* The whole file is read before anything is sent. */
	size_t len = request_file_count(&in);
	if (len == 0) {
		worst = cli_usage(c, "%s: er staat geen aanbod in", "%s: there is no pool in it",
				  path);
	}
	for (size_t i = 0; worst == CLI_DONE && i < len; i++) {
		PB(PutCapacity) *put = NULL;
		worst = capacity_file_get(&in, i, &put) == SK_OK ? CLI_DONE :
								   infile_say(c, path, &e);
	}
	progress_begin(&bar, c, path, len > 10 ? len : 0);
	for (size_t i = 0; worst != CLI_USAGE && worst != CLI_UNREACHABLE && i < len; i++) {
		int rc = put_entry(k, &in, i, path, receipts);
		worst = rc != CLI_DONE ? rc : worst;
		progress_at(&bar, i + 1);
	}
	progress_end(&bar);
	jsonin_done(&in);
	return worst;
}

static bool is_file_name(const char *s)
{
	return strcmp(s, "-") == 0 || strchr(s, '.') != NULL || strchr(s, '/') != NULL;
}

static const struct column put_columns[] = {
	{ "pool", "aanbod", "capacity", CELL_TEXT, NULL },
	{ "outcome", "resultaat", "result", CELL_WORD, &schakel__v1__outcome__descriptor },
	{ "version", "versie", "version", CELL_NUMBER, NULL },
	{ 0 },
};

static int cmd_put(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	json_t *receipts = json_array();
	int rc = call_open(&k, c);

	if (rc == CLI_DONE && is_file_name(c->arg[0])) {
		rc = put_file(&k, c->arg[0], receipts);
	} else if (rc == CLI_DONE && (cli_flag(c, "pause") || cli_flag(c, "open"))) {
		rc = pause_one(&k, c->arg[0], receipts);
	} else if (rc == CLI_DONE) {
		rc = put_one(&k, c->arg[0], receipts);
	}
	json_t *doc = json_pack("{s:o}", "receipts", receipts);
	cli_refusal_add(c, rc, doc);
	if (json_array_size(receipts) > 0) {
		out_table(c, doc, "receipts", put_columns);
	}
	json_decref(doc);
	return rc;
}

static const struct option put_options[] = {
	{ "staffed", "N", "hoeveel er nu bemand is", "how much is staffed now" },
	{ "used-elsewhere", "N", "hoeveel er anders bezet is", "how much is occupied otherwise" },
	{ "total", "N", "hoeveel er in het geheel is", "how much there is in all" },
	{ "funded", "N", "hoeveel er gefinancierd is", "how much is funded" },
	{ "based-on", "VERSIE", "de versie die u zag (anders: de huidige)",
	  "the version that you saw (else: the present one)" },
	{ "pause", "REDEN", "sluit even: STAFF, BUILDING, SAFETY, CLOSURE_PERIOD, OTHER",
	  "pauses: STAFF, BUILDING, SAFETY, CLOSURE_PERIOD, OTHER" },
	{ "until", "DAG", "tot wanneer gesloten", "paused until" },
	{ "answer", "ANTWOORD", "HAS, NONE, NONE_WAITLIST of ASSESS_FIRST (eerst kennismaken)",
	  "HAS, NONE, NONE_WAITLIST or ASSESS_FIRST (meet first)" },
	{ "because", "CODE", "om welke hulpvraag het aanbod veranderde",
	  "because of which need the offer changed" },
	{ "open", NULL, "opent weer na een pauze", "opens again after a pause" },
	{ 0 },
};

static const struct option list_options[] = {
	{ "partner", "PARTIJ", "alleen van deze partner", "of this partner only" },
	{ "zone", "ZONE", "alleen voor deze zone", "for this zone only" },
	{ "expertise", "CODE", "alleen met deze expertise", "with this expertise only" },
	{ 0 },
};

const struct command capacity_commands[] = {
	{ "capacity put", "BESTAND|AANBOD", 1, 1, put_options,
	  "zegt wat er echt kan: een bestand (JSON of CSV), of één aanbod met opties",
	  "states what can really be done: a file (JSON or CSV), or one pool with options",
	  "schakel capacity put ovbj-ieper-context --staffed 92 --used-elsewhere 60 --as "
	  "ovbj-ieper",
	  cmd_put },
	{ "capacity list", "[AANBOD]", 0, 1, list_options,
	  "toont het aanbod: vrij, waarvan beloofd, bevestigd of niet",
	  "shows capacity: free, of which promised, confirmed or not",
	  "schakel capacity list --zone westhoek --expertise TRAUMA", cmd_list },
	{ 0 },
};
