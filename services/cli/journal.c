/* SPDX-License-Identifier: EUPL-1.2 */
/* `schakel journal`: what stands in a journal, and mending a damaged one from a copy. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "common/files.h"
#include "common/journal_format.h"
#include "common/when.h"
#include "common/wire.h"
#include "common/words.h"
#include "services/cli/offline.h"
#include "services/cli/output.h"
#include "services/cli/subjects.h"

#define REPAIRS_MAX 100000
#define CHECKPOINT_WAITS 600 /* of a tenth of a second */

static const char *const kinds[] = { "?", "COMMAND", "FACT", "TICK", "CONFIG", "ENGINE", "AUDIT" };

/* --- inspect --- */

struct inspect {
	struct cli *cli;
	json_t *records; /* NULL: not listed */
	uint64_t from;
	uint64_t left;
	uint64_t by_kind[SK_LEN(kinds)];
	uint64_t by_outcome[8];
	struct arena arena;
};

/* Which message it was; its content is never shown. */
static const char *type_of(struct inspect *in, const struct record *r)
{
	ProtobufCAllocator alloc = arena_protobuf(&in->arena);
	PB(Message) *m = schakel__v1__message__unpack(&alloc, r->input.len, r->input.data);
	const char *name = m == NULL ? "" : wire_body_name(m->body_case);

	arena_reset(&in->arena);
	return name;
}

static int on_record(void *ctx, uint64_t sequence, const struct record *r)
{
	struct inspect *in = ctx;
	size_t kind = r->kind < SK_LEN(kinds) ? r->kind : 0;

	in->by_kind[kind]++;
	in->by_outcome[r->outcome & 7]++;
	if (in->records == NULL || sequence < in->from || in->left == 0) {
		return SK_OK;
	}
	const char *outcome = code_of(&schakel__v1__outcome__descriptor, r->outcome);
	in->left--;
	(void)json_array_append_new(
		in->records,
		json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:i, s:i}", "sequence",
			  (json_int_t)sequence, "time_ms", when_iso(r->time_ms).s, "kind",
			  kinds[kind], "from", r->from.id, "type", type_of(in, r), "outcome",
			  outcome == NULL ? "" : outcome, "input_bytes", (int)r->input.len,
			  "effect_bytes", (int)r->effects.len));
	return SK_OK;
}

static json_t *counts_json(const struct inspect *in)
{
	json_t *doc = json_object();

	for (size_t i = 1; i < SK_LEN(kinds); i++) {
		(void)json_object_set_new(doc, kinds[i], json_integer((json_int_t)in->by_kind[i]));
	}
	for (int i = 1; i < 8; i++) {
		const char *code = code_of(&schakel__v1__outcome__descriptor, i);
		if (code != NULL) {
			(void)json_object_set_new(doc, code,
						  json_integer((json_int_t)in->by_outcome[i]));
		}
	}
	return doc;
}

static json_t *report_json(const struct offline *o, const struct walk_report *r)
{
	char bad[80] = "";

	if (r->bad.segment != 0) {
		(void)snprintf(bad, sizeof(bad), FILES_SEGMENT_NAME " +%llu",
			       (unsigned long long)r->bad.segment,
			       (unsigned long long)r->bad.offset);
	}
	return json_pack(
		"{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:s, s:s, s:b}", "dir", o->dir,
		"segments",
		(json_int_t)(o->last_segment == 0 ? 0 : o->last_segment - o->first_segment + 1),
		"segment_bytes", (json_int_t)o->segment_bytes, "batches", (json_int_t)r->batches,
		"records", (json_int_t)r->records, "payload_bytes", (json_int_t)r->bytes,
		"first_sequence", (json_int_t)r->first_sequence, "last_sequence",
		(json_int_t)r->last_sequence, "first_ms",
		r->first_ms == 0 ? "" : when_iso(r->first_ms).s, "last_ms",
		r->last_ms == 0 ? "" : when_iso(r->last_ms).s, "ends_at", bad, "damaged",
		r->err != SK_OK);
}

static const struct column report_facts[] = {
	{ "dir", "map", "directory", CELL_TEXT, NULL },
	{ "segments", "segmenten", "segments", CELL_NUMBER, NULL },
	{ "segment_bytes", "bytes per segment", "bytes in each", CELL_NUMBER, NULL },
	{ "batches", "reeksen", "batches", CELL_NUMBER, NULL },
	{ "records", "regels", "records", CELL_NUMBER, NULL },
	{ "first_sequence", "van volgnummer", "from sequence", CELL_NUMBER, NULL },
	{ "last_sequence", "tot volgnummer", "to sequence", CELL_NUMBER, NULL },
	{ "first_ms", "van", "from", CELL_DATE, NULL },
	{ "last_ms", "tot", "to", CELL_DATE, NULL },
	{ "ends_at", "goed tot", "good up to", CELL_TEXT, NULL },
	{ "damaged", "beschadigd", "damaged", CELL_YES, NULL },
	{ 0 },
};
static const struct column record_columns[] = {
	{ "sequence", "volgnummer", "sequence", CELL_NUMBER, NULL },
	{ "time_ms", "wanneer", "when", CELL_DATE, NULL },
	{ "kind", "soort", "kind", CELL_TEXT, NULL },
	{ "from", "van", "from", CELL_TEXT, NULL },
	{ "type", "bericht", "message", CELL_TEXT, NULL },
	{ "outcome", "resultaat", "outcome", CELL_WORD, &schakel__v1__outcome__descriptor },
	{ "input_bytes", "bytes", "bytes", CELL_NUMBER, NULL },
	{ "effect_bytes", "gevolg (bytes)", "effect (bytes)", CELL_NUMBER, NULL },
	{ 0 },
};

static json_t *checkpoint_json(const struct checkpoint *k)
{
	char digest[20];

	(void)snprintf(digest, sizeof(digest), "%016llx", (unsigned long long)k->facts.digest);
	return json_pack("{s:I, s:I, s:I, s:s, s:s, s:s}", "sequence",
			 (json_int_t)(k->facts.pos.next_sequence - 1), "segment",
			 (json_int_t)k->facts.pos.at.segment, "core_version",
			 (json_int_t)k->core_version, "digest", digest, "time_ms",
			 when_iso(k->facts.time_ms).s, "made_ms", when_iso(k->made_ms).s);
}

/* The oldest first, as the journal goes. */
static json_t *checkpoints_json(const struct offline *o)
{
	struct checkpoint found[CHECKPOINTS_LISTED];
	json_t *list = json_array();
	size_t len = 0;

	if (checkpoint_list(o->dir, UINT64_MAX, found, &len) == SK_OK) {
		while (len > 0) {
			(void)json_array_append_new(list, checkpoint_json(&found[--len]));
		}
	}
	return list;
}

static const struct column checkpoint_columns[] = {
	{ "sequence", "controlepunt na", "checkpoint after", CELL_NUMBER, NULL },
	{ "segment", "segment", "segment", CELL_NUMBER, NULL },
	{ "core_version", "versie", "core version", CELL_NUMBER, NULL },
	{ "digest", "vingerafdruk", "digest", CELL_TEXT, NULL },
	{ "time_ms", "toestand van", "state of", CELL_DATE, NULL },
	{ "made_ms", "gemaakt", "made", CELL_DATE, NULL },
	{ 0 },
};

static int judge(struct cli *c, const struct walk_report *r)
{
	if (r->err == SK_OK) {
		return CLI_DONE;
	}
	if (r->err == SK_ECORRUPT) {
		cli_say(c,
			"Beschadigd bij segment %llu, plaats %llu; daarachter staan nog hele "
			"reeksen. "
			"Zet de dienst stil en geef schakel journal repair met een kopie.",
			"Damaged at segment %llu, offset %llu; whole batches follow. Stop the "
			"service "
			"and give schakel journal repair with a copy.",
			(unsigned long long)r->bad.segment, (unsigned long long)r->bad.offset);
	} else {
		cli_say(c, "Het journaal hoort niet bij deze sleutel of opslag (%s)",
			"The journal does not belong to this key or store (%s)",
			sk_strerror(r->err));
	}
	return CLI_REFUSED;
}

static int cmd_inspect(struct cli *c)
{
	AUTO_OFFLINE struct offline o = { .journal_fd = -1 };
	static _Alignas(16) uint8_t block[1U << 20];
	struct inspect in = { .cli = c, .left = 50 };
	struct walk_hooks hooks = { .record = on_record, .ctx = &in };
	struct walk_report r;
	int rc = offline_open(c, c->arg[0], &o);

	rc = rc != CLI_DONE ? rc : cli_opt_u64(c, "from", UINT64_MAX, &in.from);
	rc = rc != CLI_DONE ? rc : cli_opt_u64(c, "count", 1000000, &in.left);
	if (rc != CLI_DONE) {
		return rc;
	}
	arena_init(&in.arena, block, sizeof(block));
	if (cli_flag(c, "records")) {
		in.records = json_array();
	}
	int err = offline_walk(&o, NULL, &hooks, &r);
	if (err != SK_OK) {
		json_decref(in.records);
		return cli_fail(c, o.dir, err);
	}
	json_t *doc = report_json(&o, &r);
	(void)json_object_set_new(doc, "counts", counts_json(&in));
	(void)json_object_set_new(doc, "checkpoints", checkpoints_json(&o));
	out_facts(c, doc, report_facts);
	if (!c->json && json_array_size(json_object_get(doc, "checkpoints")) > 0) {
		out_title(c, "%s", "%s", "");
		out_table(c, doc, "checkpoints", checkpoint_columns);
	}
	if (in.records != NULL) {
		(void)json_object_set_new(doc, "list", in.records);
		out_title(c, "%s", "%s", "");
		out_table(c, doc, "list", record_columns);
	} else if (c->json) {
		out_json(c, doc);
	}
	json_decref(doc);
	return judge(c, &r);
}

/* --- repair --- */

struct repair {
	struct cli *cli;
	struct offline *damaged;
	const struct walk_report *report; /* of the damaged journal */
	int dir_fd;                       /* its journal directory, for writing */
	uint64_t mended;
};

/* A copy of a segment as it was before it is touched, under a name that no daemon reads. */
static int keep_segment(struct cli *c, const struct offline *o, uint64_t seg)
{
	static uint8_t block[1U << 20];
	const char *to = cli_printf(c, "%s/journal/before-repair-" FILES_SEGMENT_NAME, o->dir,
				    (unsigned long long)seg);
	FILE *f = fopen(to, "wxe");
	uint64_t at = 0;

	if (f == NULL) {
		return errno == EEXIST ? SK_OK : SK_ESYS;
	}
	for (; at < o->segment_bytes; at += sizeof(block)) {
		size_t len = o->segment_bytes - at < sizeof(block) ? o->segment_bytes - at :
								     sizeof(block);
		if (o->port.seg_read(o->port.ctx, seg, at, block, len) != SK_OK ||
		    fwrite(block, 1, len, f) != len) {
			break;
		}
	}
	bool good = at >= o->segment_bytes && fflush(f) == 0 && fsync(fileno(f)) == 0;
	return fclose(f) == 0 && good ? SK_OK : SK_ESYS;
}

/* A whole batch of the copy goes where it stands there, if it carries the damaged chain on. */
static int mend(void *ctx, const struct batch_header *h, struct slice payload,
		struct journal_place at)
{
	struct repair *rp = ctx;
	const struct journal_position *end = &rp->report->end;
	char name[64];

	if (h->batch != end->batch + 1 || memcmp(h->prev_hash, end->hash, BATCH_HASH_LEN) != 0) {
		return SK_OK;
	}
	int err = keep_segment(rp->cli, rp->damaged, at.segment);
	if (err != SK_OK) {
		return err;
	}
	(void)snprintf(name, sizeof(name), FILES_SEGMENT_NAME, (unsigned long long)at.segment);
	int fd = openat(rp->dir_fd, name, O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		return SK_ESYS;
	}
	/* The header stands before the payload in the reader's buffer. */
	const uint8_t *bytes = (const uint8_t *)payload.data - BATCH_HEADER_LEN;
	size_t len = BATCH_HEADER_LEN + payload.len;
	bool good = pwrite(fd, bytes, len, (off_t)at.offset) == (ssize_t)len && fdatasync(fd) == 0;
	(void)close(fd);
	rp->mended += good;
	return good ? SK_EAGAIN : SK_ESYS; /* one at a time: then the whole is read again */
}

/* Mends batch after batch until the chain is whole or the copy has no more. */
static int mend_all(struct repair *rp, struct offline *copy, struct walk_report *r)
{
	struct walk_hooks none = { 0 };
	struct walk_hooks hooks = { .batch = mend, .ctx = rp };

	for (unsigned n = 0; n < REPAIRS_MAX; n++) {
		struct walk_report ignored;
		uint64_t before = rp->mended;
		int err = offline_walk(rp->damaged, NULL, &none, r);
		if (err != SK_OK || r->err != SK_ECORRUPT) {
			return err;
		}
		err = offline_walk(copy, NULL, &hooks, &ignored);
		if (rp->mended == before) {
			return err == SK_EAGAIN || err == SK_OK ? SK_ENOENT : err;
		}
	}
	return SK_EFULL;
}

static bool is_stopped(struct cli *c, const struct offline *o)
{
	int fd = open(cli_printf(c, "%s/store/owner.lock", o->dir), O_RDONLY | O_CLOEXEC);
	bool stopped = fd < 0 || flock(fd, LOCK_SH | LOCK_NB) == 0;

	if (fd >= 0) {
		(void)close(fd);
	}
	return stopped;
}

static int repair_with(struct cli *c, struct offline *o, struct offline *copy)
{
	struct walk_report r = { 0 };
	struct repair rp = { .cli = c, .damaged = o, .report = &r };

	rp.dir_fd = o->journal_fd;
	int err = mend_all(&rp, copy, &r);
	if (err == SK_ENOENT) {
		cli_say(c,
			"%llu reeks(en) hersteld; de kopie heeft de volgende niet. Zet een "
			"reservekopie terug die verder gaat dan volgnummer %llu.",
			"%llu batch(es) mended; the copy does not have the next one. Restore a "
			"backup "
			"that goes beyond sequence %llu.",
			(unsigned long long)rp.mended, (unsigned long long)r.last_sequence);
		return CLI_REFUSED;
	}
	if (err != SK_OK) {
		return cli_fail(c, o->dir, err);
	}
	if (r.err != SK_OK) {
		return judge(c, &r);
	}
	cli_say(c, "%llu reeks(en) hersteld; het journaal is heel tot volgnummer %llu.",
		"%llu batch(es) mended; the journal is whole up to sequence %llu.",
		(unsigned long long)rp.mended, (unsigned long long)r.last_sequence);
	json_t *doc = report_json(o, &r);
	(void)json_object_set_new(doc, "mended", json_integer((json_int_t)rp.mended));
	if (c->json) {
		out_json(c, doc);
	}
	json_decref(doc);
	return CLI_DONE;
}

static int cmd_repair(struct cli *c)
{
	AUTO_OFFLINE struct offline o = { .journal_fd = -1 };
	AUTO_OFFLINE struct offline copy = { .journal_fd = -1 };
	int rc = offline_open(c, c->arg[0], &o);

	if (rc == CLI_DONE && !is_stopped(c, &o)) {
		cli_say(c, "Zet eerst de dienst stil; zijn bestanden zijn nu in gebruik.",
			"Stop the service first; its files are in use now.");
		return CLI_REFUSED;
	}
	if (rc == CLI_DONE && !cli_flag(c, "from")) {
		return cli_usage(c, "Geef met --from de kopie (schakel backup maakt er een)",
				 "Give the copy with --from (schakel backup makes one)");
	}
	rc = rc != CLI_DONE ? rc : offline_open(c, cli_opt(c, "from"), &copy);
	return rc != CLI_DONE ? rc : repair_with(c, &o, &copy);
}

/* --- checkpoint --- */

static uint64_t last_made(const struct offline *o, struct checkpoint *ret_last)
{
	struct checkpoint found[CHECKPOINTS_LISTED];
	size_t len = 0;

	if (checkpoint_list(o->dir, UINT64_MAX, found, &len) != SK_OK || len == 0) {
		return 0;
	}
	*ret_last = found[0];
	return found[0].made_ms;
}

/* The daemon looks every second; a large store takes it a while. */
static bool wait_for_one(const struct offline *o, uint64_t before, struct checkpoint *ret_last)
{
	static const struct timespec pause = { .tv_nsec = 100000000 };

	for (unsigned n = 0; n < CHECKPOINT_WAITS; n++) {
		if (last_made(o, ret_last) != before) {
			return true;
		}
		(void)nanosleep(&pause, NULL);
	}
	return false;
}

static int cmd_checkpoint(struct cli *c)
{
	AUTO_OFFLINE struct offline o = { .journal_fd = -1 };
	struct checkpoint last = { 0 };
	int rc = offline_open(c, c->arg[0], &o);

	if (rc != CLI_DONE) {
		return rc;
	}
	if (is_stopped(c, &o)) {
		cli_say(c, "De dienst loopt niet; start ze eerst.",
			"The service is not running; start it first.");
		return CLI_REFUSED;
	}
	uint64_t before = last_made(&o, &last);
	const char *asked = cli_printf(c, "%s/" CHECKPOINTS_DIR "/" CHECKPOINT_ASKED, o.dir);
	int fd = open(asked, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || close(fd) != 0) {
		return cli_fail(c, asked, SK_ESYS);
	}
	if (!wait_for_one(&o, before, &last)) {
		cli_say(c, "Gevraagd, maar nog niet klaar; het log van de dienst zegt wanneer.",
			"Asked for, but not done yet; the log of the service says when.");
		return CLI_REFUSED;
	}
	json_t *doc = checkpoint_json(&last);
	out_facts(c, doc, checkpoint_columns);
	if (c->json) {
		out_json(c, doc);
	}
	json_decref(doc);
	return CLI_DONE;
}

static const struct option inspect_options[] = {
	{ "records", NULL, "toon ook de regels (nooit hun inhoud)",
	  "list the records too (never their content)" },
	{ "from", "N", "vanaf dit volgnummer", "from this sequence" },
	{ "count", "N", "ten hoogste zoveel regels (50)", "at most so many records (50)" },
	{ 0 },
};

static const struct option repair_options[] = {
	{ "from", "MAP", "de kopie van de map van deze dienst",
	  "the copy of this service's directory" },
	{ 0 },
};

const struct command journal_commands[] = {
	{ "journal inspect", "DIENST|MAP", 1, 1, inspect_options,
	  "leest een journaal na, van een dienst of van een kopie",
	  "reads through a journal, of a service or a copy",
	  "schakel journal inspect intake --records --from 100 --count 20 --node demo",
	  cmd_inspect },
	{ "journal checkpoint", "DIENST|MAP", 1, 1, NULL,
	  "laat een lopende dienst nu een controlepunt bewaren (voor een nieuwe versie)",
	  "has a running service keep a checkpoint now (before an update)",
	  "schakel journal checkpoint matching --node demo", cmd_checkpoint },
	{ "journal repair", "DIENST|MAP", 1, 1, repair_options,
	  "herstelt een beschadigd journaal uit een kopie; de dienst moet stilstaan",
	  "mends a damaged journal from a copy; the service must be stopped",
	  "schakel journal repair intake --from kopie-maandag/data/intake --node demo",
	  cmd_repair },
	{ 0 },
};
