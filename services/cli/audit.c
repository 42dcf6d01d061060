/* SPDX-License-Identifier: EUPL-1.2 */
/* `schakel audit verify`: the chain of the journal and the checksums of the store are right.
 * `schakel audit replay`: the inputs of the journal, run through the core again, have the same
 * effects, byte for byte (L11). `schakel audit told` is audit_told.c. All work on files and
 * disturb a running daemon in nothing. */
#include <string.h>
#include <sys/stat.h>

#include "services/cli/audit.h"
#include "services/cli/cores.h"
#include "services/cli/output.h"
#include "services/cli/scratch.h"
#include "services/cli/subjects.h"

static const char *const names[] = { "intake", "waitlist", "matching" };

/* A copy of the store as it was committed last, in the scratch directory. */
static int copy_store(struct cli *c, const struct offline *o, const struct scratch *s,
		      char **ret_dir)
{
	char *to = cli_printf(c, "%s/store", s->dir);
	int err = mkdir(to, 0700) == 0 ? SK_OK : SK_ESYS;

	if (err == SK_OK) {
		err = offline_copy_store(cli_printf(c, "%s/store", o->dir), to);
	}
	*ret_dir = to;
	return err == SK_OK ? CLI_DONE : cli_fail(c, o->dir, err);
}

/* --- verify --- */

static json_t *finding(const char *daemon, const struct walk_report *r, const struct store_facts *f,
		       const char *verdict)
{
	char digest[20];

	(void)snprintf(digest, sizeof(digest), "%016llx", (unsigned long long)f->digest);
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:s, s:s}", "daemon", daemon, "batches",
			 (json_int_t)r->batches, "first_sequence", (json_int_t)r->first_sequence,
			 "last_sequence", (json_int_t)r->last_sequence, "committed",
			 (json_int_t)(f->pos.next_sequence - 1), "digest", digest, "verdict",
			 verdict);
}

/* The store's position must stand in the journal: walking on from it proves that it does. */
static const char *judge(struct offline *o, const struct walk_report *r,
			 const struct store_facts *f)
{
	struct walk_hooks none = { 0 };
	struct walk_report from_store;

	if (r->err != SK_OK) {
		return "JOURNAL_DAMAGED";
	}
	if (r->back_in_time > 0) {
		return "TIME_WENT_BACK";
	}
	if (r->batches > 0 && memcmp(f->store_id, o->store_id, sizeof(f->store_id)) != 0) {
		return "STORE_OF_ANOTHER_JOURNAL";
	}
	if (offline_walk(o, f->pos.batch == 0 ? NULL : &f->pos, &none, &from_store) != SK_OK ||
	    from_store.err != SK_OK) {
		return "POSITION_NOT_IN_JOURNAL";
	}
	return "GOOD";
}

static int verify_one(struct cli *c, const char *where, json_t *list)
{
	AUTO_OFFLINE struct offline o = { .journal_fd = -1 };
	AUTO_SCRATCH struct scratch s = { "" };
	struct walk_hooks none = { 0 };
	struct walk_report r;
	struct store_facts f;
	char *store = NULL;
	int rc = offline_open(c, where, &o);

	rc = rc != CLI_DONE ? rc : scratch_open(c, &s);
	rc = rc != CLI_DONE ? rc : copy_store(c, &o, &s, &store);
	if (rc != CLI_DONE) {
		return rc;
	}
	/* The store first: what it holds is in the journal, never the other way round. */
	int err = files_store_facts(store, &f);
	if (err == SK_OK) {
		err = offline_walk(&o, NULL, &none, &r);
	}
	if (err != SK_OK) {
		cli_say(c, "%s: de opslag of het journaal is niet goed te lezen (%s)",
			"%s: the store or journal cannot be read right (%s)", o.dir,
			sk_strerror(err));
		return CLI_REFUSED;
	}
	const char *verdict = judge(&o, &r, &f);
	(void)json_array_append_new(list, finding(f.daemon, &r, &f, verdict));
	return strcmp(verdict, "GOOD") == 0 ? CLI_DONE : CLI_REFUSED;
}

static const struct column verify_columns[] = {
	{ "daemon", "dienst", "service", CELL_TEXT, NULL },
	{ "batches", "reeksen", "batches", CELL_NUMBER, NULL },
	{ "last_sequence", "tot volgnummer", "to sequence", CELL_NUMBER, NULL },
	{ "committed", "in de opslag", "in the store", CELL_NUMBER, NULL },
	{ "digest", "vingerafdruk", "digest", CELL_TEXT, NULL },
	{ "verdict", "oordeel", "verdict", CELL_TEXT, NULL },
	{ 0 },
};

/* One of them, or all three. */
static int each(struct cli *c, int (*one)(struct cli *c, const char *where, json_t *list),
		const struct column *columns)
{
	json_t *list = json_array();
	int worst = CLI_DONE;

	for (size_t i = 0; i < (c->args_len > 0 ? 1 : SK_LEN(names)); i++) {
		int rc = one(c, c->args_len > 0 ? c->arg[0] : names[i], list);
		worst = rc != CLI_DONE ? rc : worst;
	}
	json_t *doc = json_pack("{s:o}", "daemons", list);
	if (json_array_size(list) > 0) {
		out_table(c, doc, "daemons", columns);
	}
	json_decref(doc);
	return worst;
}

static int cmd_verify(struct cli *c)
{
	return each(c, verify_one, verify_columns);
}

/* --- replay --- */

struct begin {
	const char *what; /* GENESIS, CHECKPOINT, STORE or GIVEN */
	char *dir;        /* of a store of our own */
};

/* The oldest checkpoint whose place the journal still has; NULL when there is none. */
static const char *oldest_checkpoint(struct cli *c, const struct offline *o)
{
	struct checkpoint list[CHECKPOINTS_LISTED];
	size_t len = 0;

	if (checkpoint_list(o->dir, UINT64_MAX, list, &len) != SK_OK) {
		return NULL;
	}
	for (size_t i = len; i-- > 0;) {
		const struct journal_position *pos = &list[i].facts.pos;
		if (pos->at.segment >= o->first_segment && pos->at.segment <= o->last_segment) {
			return cli_printf(c, "%s/" CHECKPOINTS_DIR "/" CHECKPOINT_NAME, o->dir,
					  (unsigned long long)(pos->next_sequence - 1));
		}
	}
	return NULL;
}

/* The state to begin from: a copy given with --from, the one kept when the store was made, or,
 * where the journal no longer goes back that far, the oldest checkpoint, or, where there is none
 * (as in a backup), the last commit of the store itself. */
static int begin_store(struct cli *c, struct offline *o, const struct scratch *s,
		       struct begin *ret_b)
{
	const char *from = cli_opt(c, "from");
	char *to = cli_printf(c, "%s/store", s->dir);

	ret_b->what = "GIVEN";
	if (from == NULL && offline_is_whole(o)) {
		ret_b->what = "GENESIS";
		from = cli_printf(c, "%s/checkpoint", o->dir);
	} else if (from == NULL) {
		ret_b->what = "CHECKPOINT";
		from = oldest_checkpoint(c, o);
	}
	if (from == NULL) {
		ret_b->what = "STORE";
		return copy_store(c, o, s, &ret_b->dir);
	}
	from = cli_printf(c, "%s/data.mdb", from);
	int err = mkdir(to, 0700) == 0 ? SK_OK : SK_ESYS;
	if (err == SK_OK) {
		err = copy_file(from, cli_printf(c, "%s/data.mdb", to), 0600);
	}
	if (err != SK_OK) {
		cli_say(c, "%s: geen beginstand om van te vertrekken (%s); geef --from MAP",
			"%s: no state to begin from (%s); give --from DIRECTORY", from,
			sk_strerror(err));
		return CLI_REFUSED;
	}
	ret_b->dir = to;
	return CLI_DONE;
}

static int run_replay(struct cli *c, struct offline *o, const char *store_dir, struct told *told,
		      struct replayed *ret_r)
{
	struct store_conf sc = { .dir = store_dir };
	struct store_facts *f = &ret_r->from;
	struct store st;
	int err = files_store_facts(store_dir, f);

	if (err == SK_OK) {
		err = store_open(&st, &sc);
	}
	if (err != SK_OK) {
		return cli_fail(c, store_dir, err);
	}
	const struct service *svc = core_of(f->daemon);
	if (told != NULL) {
		told_begin(told, &st, f->pos.next_sequence - 1, f->time_ms);
		o->conf.on_applied = told_step;
		o->conf.on_applied_ctx = told;
	}
	err = svc == NULL ? SK_EFOREIGN :
			    engine_replay(&st, svc, &o->port, &o->conf, &ret_r->report);
	store_close(&st);
	if (err == SK_OK || ret_r->report.first_bad_sequence != 0) {
		return CLI_DONE;
	}
	if (err == SK_EFOREIGN || err == SK_ECORRUPT) {
		cli_say(c,
			"%s: de beginstand staat niet in dit journaal, of het is beschadigd "
			"(schakel journal inspect)",
			"%s: the beginning state is not in this journal, or it is damaged "
			"(schakel journal inspect)",
			o->dir);
		return CLI_REFUSED;
	}
	return cli_fail(c, o->dir, err);
}

int audit_run(struct cli *c, struct offline *o, struct told *told, struct replayed *ret_r)
{
	AUTO_SCRATCH struct scratch s = { "" };
	struct begin b = { 0 };
	int rc = scratch_open(c, &s);

	rc = rc != CLI_DONE ? rc : begin_store(c, o, &s, &b);
	rc = rc != CLI_DONE ? rc : run_replay(c, o, b.dir, told, ret_r);
	ret_r->begun_at = b.what;
	return rc;
}

int audit_same(struct cli *c, const struct replayed *r)
{
	if (r->report.first_bad_sequence == 0) {
		return CLI_DONE;
	}
	cli_say(c, "%s: volgnummer %llu heeft bij herhaling andere gevolgen",
		"%s: sequence %llu has other effects when run again", r->from.daemon,
		(unsigned long long)r->report.first_bad_sequence);
	return CLI_REFUSED;
}

static int replay_one(struct cli *c, const char *where, json_t *list)
{
	AUTO_OFFLINE struct offline o = { .journal_fd = -1 };
	struct replayed r = { 0 };
	char digest[20];
	int rc = offline_open(c, where, &o);

	rc = rc != CLI_DONE ? rc : audit_run(c, &o, NULL, &r);
	if (rc != CLI_DONE) {
		return rc;
	}
	uint64_t bad = r.report.first_bad_sequence;
	(void)snprintf(digest, sizeof(digest), "%016llx", (unsigned long long)r.report.digest);
	(void)json_array_append_new(
		list, json_pack("{s:s, s:s, s:I, s:I, s:I, s:s, s:s}", "daemon", r.from.daemon,
				"from_state", r.begun_at, "from_sequence",
				(json_int_t)r.from.pos.next_sequence, "records",
				(json_int_t)r.report.records, "first_bad_sequence", (json_int_t)bad,
				"digest", digest, "verdict", bad == 0 ? "SAME" : "DIFFERS"));
	return audit_same(c, &r);
}

static const struct column replay_columns[] = {
	{ "daemon", "dienst", "service", CELL_TEXT, NULL },
	{ "from_state", "begonnen bij", "begun at", CELL_TEXT, NULL },
	{ "from_sequence", "van volgnummer", "from sequence", CELL_NUMBER, NULL },
	{ "records", "herhaald", "run again", CELL_NUMBER, NULL },
	{ "digest", "vingerafdruk", "digest", CELL_TEXT, NULL },
	{ "verdict", "oordeel", "verdict", CELL_TEXT, NULL },
	{ 0 },
};

static int cmd_replay(struct cli *c)
{
	return each(c, replay_one, replay_columns);
}

static const struct option verify_options[] = {
	{ "scratch", "MAP", "waar de kopie van de opslag even komt",
	  "where the copy of the store goes" },
	{ 0 },
};
static const struct option replay_options[] = {
	{ "from", "MAP", "map met data.mdb van een latere beginstand (een reservekopie)",
	  "directory with data.mdb of a later state (a backup)" },
	{ "scratch", "MAP", "waar de kopie van de opslag even komt",
	  "where the copy of the store goes" },
	{ 0 },
};
static const struct option told_options[] = {
	{ "limit", "N", "ten hoogste zoveel stappen, de oudste eerst (1000000)",
	  "so many steps at most, the oldest first (1000000)" },
	{ "from", "MAP", "map met data.mdb van een latere beginstand (een reservekopie)",
	  "directory with data.mdb of a later state (a backup)" },
	{ "scratch", "MAP", "waar de kopie van de opslag even komt",
	  "where the copy of the store goes" },
	{ 0 },
};

const struct command audit_commands[] = {
	{ "audit verify", "[DIENST|MAP]", 0, 1, verify_options,
	  "gaat na of journaal en opslag heel en van elkaar zijn",
	  "checks that journal and store are whole and belong together",
	  "schakel audit verify --node demo", cmd_verify },
	{ "audit replay", "[DIENST|MAP]", 0, 1, replay_options,
	  "voert het journaal opnieuw uit en vergelijkt elk gevolg",
	  "runs the journal again and compares every effect",
	  "schakel audit replay matching --node demo", cmd_replay },
	{ "audit told", "MAP", 1, 1, told_options,
	  "schrijft wat matching gaf en wie toen wachtte, voor wie de volgorde nakijkt",
	  "writes what matching gave and who waited then, for who judges the order",
	  "schakel audit told orde --node demo", cmd_audit_told },
	{ 0 },
};
