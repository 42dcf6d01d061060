/* SPDX-License-Identifier: EUPL-1.2 */
/* A hot backup. The store belongs to the running daemon, so nothing here takes its lock or writes
 * beside it:
 *  1. LMDB lets a second process read the last commit through a read-only environment; the
 * compacting copy of it is one consistent state, at the position that is written in it.
 *  2. The journal is append-only. From that position on every batch of the chain is copied to the
 * same place of a segment of the same size. A batch is whole or absent, and it is written only when
 * the one before it is durable; so what the walk finds is a prefix of the chain: a state that a
 * power cut at that moment could have left. Batches that come later are not in this backup.
 *  3. A walk that meets a hole and then a later batch either raced with the daemon or found damage.
 * It is walked again: a race has moved on, damage stays, and then there is no backup but an error.
 *  4. The copy is recovered in a scratch directory before it counts; the digest goes in the
 * manifest. */
#include "services/cli/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/files.h"
#include "common/journal_format.h"
#include "common/when.h"
#include "services/cli/node.h"
#include "services/cli/progress.h"
#include "services/cli/scratch.h"
#include "services/cli/subjects.h"

/* --- the journal --- */

struct copying {
	const char *to; /* journal directory of the copy */
	uint64_t segment_bytes;
	uint64_t seg;
	int fd;
	uint64_t batches;
};

static int open_segment(struct copying *k, uint64_t seg)
{
	char path[OFFLINE_PATH_MAX];

	if (k->seg == seg) {
		return SK_OK;
	}
	if (k->fd >= 0 && (fsync(k->fd) != 0 || close(k->fd) != 0)) {
		return SK_ESYS;
	}
	(void)snprintf(path, sizeof(path), "%s/" FILES_SEGMENT_NAME, k->to,
		       (unsigned long long)seg);
	k->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	k->seg = seg;
	return k->fd >= 0 && ftruncate(k->fd, (off_t)k->segment_bytes) == 0 ? SK_OK : SK_ESYS;
}

static int put_batch(struct copying *k, const uint8_t *bytes, size_t len, struct journal_place at)
{
	int err = open_segment(k, at.segment);

	if (err != SK_OK) {
		return err;
	}
	k->batches++;
	return pwrite(k->fd, bytes, len, (off_t)at.offset) == (ssize_t)len ? SK_OK : SK_ESYS;
}

static int copy_batch(void *ctx, const struct batch_header *h, struct slice payload,
		      struct journal_place at)
{
	(void)h;
	/* The header stands before the payload in the reader's buffer. */
	return put_batch(ctx, (const uint8_t *)payload.data - BATCH_HEADER_LEN,
			 BATCH_HEADER_LEN + payload.len, at);
}

/* The batch at the store's own position: recovery looks for it. */
static int copy_position(struct copying *k, struct offline *o, const struct journal_position *pos)
{
	uint8_t *buf = malloc(BATCH_BYTES_MAX);
	int err = buf == NULL ? SK_ENOMEM : SK_OK;
	uint64_t room = o->segment_bytes - pos->at.offset;

	if (err == SK_OK) {
		err = o->port.seg_read(o, pos->at.segment, pos->at.offset, buf, BATCH_BLOCK);
	}
	if (err == SK_OK) {
		uint64_t len = BATCH_HEADER_LEN + (uint64_t)be32_read(buf + AT_LEN);
		bool sane = len <= BATCH_BYTES_MAX && len <= room;
		err = !sane ? SK_ECORRUPT :
			      o->port.seg_read(o, pos->at.segment, pos->at.offset, buf, len);
		err = err == SK_OK ? put_batch(k, buf, len, pos->at) : err;
	}
	free(buf);
	return err;
}

static int copy_journal(struct offline *o, const struct journal_position *pos, const char *to,
			struct walk_report *ret_r)
{
	struct copying k = { .to = to, .segment_bytes = o->segment_bytes, .fd = -1 };
	struct walk_hooks hooks = { .batch = copy_batch, .ctx = &k };
	struct walk_hooks none = { 0 };
	struct walk_report again;
	int err = mkdir(to, 0700) == 0 ? SK_OK : SK_ESYS;

	if (err == SK_OK && pos->batch != 0) {
		err = copy_position(&k, o, pos);
	}
	if (err == SK_OK) {
		err = offline_walk(o, pos->batch == 0 ? NULL : pos, &hooks, ret_r);
	}
	if (k.fd >= 0 && (fsync(k.fd) != 0 || close(k.fd) != 0) && err == SK_OK) {
		err = SK_ESYS;
	}
	if (err == SK_OK && ret_r->err == SK_ECORRUPT) {
		err = offline_walk(o, &ret_r->end, &none, &again);
		ret_r->err = err == SK_OK && again.batches > 0 ? SK_OK : SK_ECORRUPT;
	}
	return err == SK_OK ? ret_r->err : err;
}

/* --- one daemon --- */

static int copy_daemon_files(const char *dir, const char *to)
{
	char from[OFFLINE_PATH_MAX];
	char into[OFFLINE_PATH_MAX];
	int err = mkdir(to, 0700) == 0 ? SK_OK : SK_ESYS;

	(void)snprintf(from, sizeof(from), "%.900s/store.key", dir);
	(void)snprintf(into, sizeof(into), "%.900s/store.key", to);
	if (err == SK_OK) {
		err = copy_file(from, into, 0600);
	}
	(void)snprintf(from, sizeof(from), "%.900s/checkpoint", dir);
	(void)snprintf(into, sizeof(into), "%.900s/checkpoint", to);
	if (err == SK_OK) {
		err = copy_folder(from, into);
	}
	(void)snprintf(from, sizeof(from), "%.900s/store", dir);
	(void)snprintf(into, sizeof(into), "%.900s/store", to);
	if (err == SK_OK) {
		err = mkdir(into, 0700) == 0 ? offline_copy_store(from, into) : SK_ESYS;
	}
	return err;
}

static json_t *daemon_json(const struct offline *o, const struct store_facts *f,
			   const struct walk_report *w, const struct recovered *r)
{
	char digest[20];
	char store_id[40] = "";

	(void)snprintf(digest, sizeof(digest), "%016llx", (unsigned long long)r->digest);
	for (size_t i = 0; i < sizeof(f->store_id); i++) {
		(void)snprintf(store_id + 2 * i, 3, "%02x", f->store_id[i]);
	}
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:s}", "daemon", f->daemon,
			 "store_id", store_id, "segment_bytes", (json_int_t)o->segment_bytes,
			 "store_sequence", (json_int_t)(f->pos.next_sequence - 1), "store_batch",
			 (json_int_t)f->pos.batch, "end_sequence", (json_int_t)r->sequence,
			 "end_batch", (json_int_t)w->end.batch, "batches_copied",
			 (json_int_t)w->batches, "digest", digest, "time_ms",
			 when_iso(w->last_ms > f->time_ms ? w->last_ms : f->time_ms).s);
}

static int backup_daemon(struct cli *c, const struct conf *conf, const struct conf_daemon *d,
			 const char *dir, json_t *daemons)
{
	AUTO_OFFLINE struct offline o = { .journal_fd = -1 };
	const char *to = cli_printf(c, "%s/data/%s", dir, d->name);
	struct store_facts f = { 0 };
	struct walk_report w = { 0 };
	struct recovered r = { 0 };
	int err = copy_daemon_files(d->dir, to);

	if (err == SK_OK) {
		err = files_store_facts(cli_printf(c, "%s/store", to), &f);
	}
	if (err != SK_OK) {
		return cli_fail(c, d->dir, err);
	}
	/* After the store: its position may stand in a segment that was just begun. */
	int rc = offline_open(c, cli_printf(c, "%s/.", d->dir), &o);
	if (rc == CLI_DONE) {
		err = copy_journal(&o, &f.pos, cli_printf(c, "%s/journal", to), &w);
	}
	if (rc != CLI_DONE || err != SK_OK) {
		return rc != CLI_DONE ? rc : cli_fail(c, d->dir, err);
	}
	(void)unlink(cli_printf(c, "%s/store/lock.mdb", to));
	(void)unlink(cli_printf(c, "%s/store/owner.lock", to));
	if (o.segment_bytes == 0) {
		o.segment_bytes = conf->store.segment_bytes; /* no journal yet */
	}
	rc = backup_try(c, to, d->name, o.segment_bytes, &r);
	if (rc == CLI_DONE) {
		(void)json_array_append_new(daemons, daemon_json(&o, &f, &w, &r));
	}
	return rc;
}

/* --- the node --- */

static int copy_node_files(struct cli *c, const struct conf *conf, const char *dir)
{
	static const char *const names[] = { "schakel.ini", "parties.ini" };
	static const char *const folders[] = { "data", "run", "incarnation" };
	int err = SK_OK;

	for (size_t i = 0; err == SK_OK && i < SK_LEN(names); i++) {
		err = copy_file(node_path(c, conf->dir, names[i]), node_path(c, dir, names[i]),
				0600);
	}
	if (err == SK_OK) {
		err = copy_file(conf->codes_path, node_path(c, dir, "codes.csv"), 0600);
	}
	if (err == SK_OK) {
		err = copy_folder(conf->keys_dir, node_path(c, dir, "keys"));
	}
	for (size_t i = 0; err == SK_OK && i < SK_LEN(folders); i++) {
		err = mkdir(node_path(c, dir, folders[i]), 0700) == 0 ? SK_OK : SK_ESYS;
	}
	return err == SK_OK ? CLI_DONE : cli_fail(c, conf->dir, err);
}

static int write_manifest(struct cli *c, const struct conf *conf, const char *dir, json_t *daemons)
{
	json_t *files = json_object();
	struct timespec now;
	int err = backup_sums(dir, files);

	(void)clock_gettime(CLOCK_REALTIME, &now);
	json_t *doc = json_pack("{s:i, s:s, s:s, s:O, s:o}", "format", BACKUP_FORMAT, "node",
				conf->node, "made_ms", when_iso((uint64_t)now.tv_sec * 1000).s,
				"daemons", daemons, "files", files);
	char *text = json_dumps(doc, JSON_INDENT(2) | JSON_SORT_KEYS);
	if (err == SK_OK && text != NULL) {
		err = files_replace(node_path(c, dir, BACKUP_MANIFEST), 0600,
				    (struct slice){ text, strlen(text) });
	}
	free(text);
	json_decref(doc);
	return err == SK_OK ? CLI_DONE : cli_fail(c, dir, err);
}

static const struct column columns[] = {
	{ "daemon", "dienst", "service", CELL_TEXT, NULL },
	{ "store_sequence", "opslag op", "store at", CELL_NUMBER, NULL },
	{ "end_sequence", "met journaal tot", "with journal to", CELL_NUMBER, NULL },
	{ "time_ms", "toestand van", "state of", CELL_DATE, NULL },
	{ "digest", "vingerafdruk", "digest", CELL_TEXT, NULL },
	{ 0 },
};

static int fill(struct cli *c, const struct conf *conf, const char *dir, json_t *daemons)
{
	struct progress bar;
	int rc = copy_node_files(c, conf, dir);

	progress_begin(&bar, c, cli_text(c, "reservekopie", "backup"), CONF_DAEMONS);
	for (size_t i = 0; rc == CLI_DONE && i < CONF_DAEMONS; i++) {
		rc = backup_daemon(c, conf, &conf->daemons[i], dir, daemons);
		progress_at(&bar, i + 1);
	}
	progress_end(&bar);
	return rc == CLI_DONE ? write_manifest(c, conf, dir, daemons) : rc;
}

static int make(struct cli *c, const struct conf *conf, const char *to)
{
	const char *fresh = cli_printf(c, "%s.new-%ld", to, (long)getpid());
	json_t *daemons = json_array();

	if (mkdir(fresh, 0700) != 0) {
		cli_say(c, "%s: %s", "%s: %s", fresh, strerror(errno));
		json_decref(daemons);
		return CLI_REFUSED;
	}
	int rc = fill(c, conf, fresh, daemons);
	if (rc == CLI_DONE && (files_sync_dir(fresh) != SK_OK || rename(fresh, to) != 0)) {
		cli_say(c, "%s: %s", "%s: %s", to, strerror(errno));
		rc = CLI_REFUSED;
	}
	if (rc == CLI_DONE) {
		json_t *doc = json_pack("{s:s, s:O}", "dir", to, "daemons", daemons);
		out_table(c, doc, "daemons", columns);
		json_decref(doc);
	} else {
		node_remove_tree(fresh);
	}
	json_decref(daemons);
	return rc;
}

static int cmd_backup(struct cli *c)
{
	struct conf *conf = NULL;
	struct stat st;

	if (stat(c->arg[0], &st) == 0) {
		cli_say(c, "%s bestaat al; kies een andere map",
			"%s exists; choose another directory", c->arg[0]);
		return CLI_REFUSED;
	}
	int rc = call_conf(c, &conf);
	if (rc == CLI_DONE) {
		rc = make(c, conf, c->arg[0]);
		conf_free(conf);
	}
	return rc;
}

static const struct option options[] = {
	{ "scratch", "MAP", "waar de kopie even hersteld wordt om ze na te kijken",
	  "where the copy is restored for a moment to check it" },
	{ 0 },
};

const struct command backup_commands[] = {
	{ "backup", "MAP", 1, 1, options,
	  "maakt een reservekopie van de hele node, terwijl ze loopt",
	  "makes a backup of the whole node while it runs",
	  "schakel backup kopie-maandag --node demo", cmd_backup },
	{ "backup verify", "MAP", 1, 1, options,
	  "herstelt een reservekopie in een werkmap en vergelijkt",
	  "restores a backup in a working directory and compares",
	  "schakel backup verify kopie-maandag", cmd_backup_verify },
	{ 0 },
};
