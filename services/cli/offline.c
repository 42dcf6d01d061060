/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/offline.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/files.h"
#include "common/journal_format.h"
#include "services/cli/call.h"

/* --- a port that only reads --- */

static int seg_list(void *ctx, uint64_t *ret_first, uint64_t *ret_last)
{
	const struct offline *o = ctx;

	*ret_first = o->first_segment;
	*ret_last = o->last_segment;
	return SK_OK;
}

static int seg_read(void *ctx, uint64_t seg, uint64_t offset, void *buf, size_t len)
{
	const struct offline *o = ctx;
	char name[64];
	uint8_t *p = buf;

	(void)snprintf(name, sizeof(name), FILES_SEGMENT_NAME, (unsigned long long)seg);
	int fd = openat(o->journal_fd, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return SK_ESYS;
	}
	while (len > 0) {
		ssize_t n = pread(fd, p, len, (off_t)offset);
		if (n <= 0) {
			break;
		}
		p += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	(void)close(fd);
	return len == 0 ? SK_OK : SK_ESYS;
}

static int refuse_seg(void *ctx, uint64_t seg)
{
	(void)ctx;
	(void)seg;
	return SK_ESYS;
}

static void no_ahead(void *ctx, uint64_t seg)
{
	(void)ctx;
	(void)seg;
}

static int refuse_write(void *ctx, uint64_t seg, uint64_t offset, const void *buf, size_t len)
{
	(void)ctx;
	(void)seg;
	(void)offset;
	(void)buf;
	(void)len;
	return SK_ESYS;
}

static uint64_t no_time(void *ctx)
{
	(void)ctx;
	return 0;
}

static uint64_t much_room(void *ctx)
{
	(void)ctx;
	return UINT64_MAX;
}

static int no_reply(void *ctx, uint64_t conn, struct slice frame)
{
	(void)ctx;
	(void)conn;
	(void)frame;
	return SK_EAGAIN;
}

static int no_ask(void *ctx, const char *peer, struct slice frame)
{
	(void)ctx;
	(void)peer;
	(void)frame;
	return SK_EAGAIN;
}

static void die(void *ctx, const char *why, int err)
{
	(void)ctx;
	(void)fprintf(stderr, "event=died why=%s err=\"%s\"\n", why, sk_strerror(err));
	_exit(CLI_REFUSED);
}

static void fill_port(struct offline *o)
{
	static struct poison_slot slot;

	o->port = (struct port){ .ctx = o,
				 .seg_list = seg_list,
				 .seg_make = refuse_seg,
				 .seg_ahead = no_ahead,
				 .seg_read = seg_read,
				 .seg_write = refuse_write,
				 .seg_flush = refuse_seg,
				 .seg_remove = refuse_seg,
				 .wall_ms = no_time,
				 .boot_ms = no_time,
				 .disk_free = much_room,
				 .reply = no_reply,
				 .ask = no_ask,
				 .die = die,
				 .slot = &slot };
}

/* --- opening --- */

static int list_segments(struct offline *o)
{
	int fd = openat(o->journal_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (d == NULL) {
		return SK_ESYS;
	}
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
		char again[64] = "";
		bool named = strncmp(e->d_name, "seg-", 4) == 0;
		unsigned long long seg = named ? strtoull(e->d_name + 4, NULL, 16) : 0;
		(void)snprintf(again, sizeof(again), FILES_SEGMENT_NAME, seg);
		if (seg == 0 || strcmp(again, e->d_name) != 0) {
			continue;
		}
		struct stat st;
		if (o->first_segment == 0 || seg < o->first_segment) {
			o->first_segment = seg;
		}
		o->last_segment = seg > o->last_segment ? seg : o->last_segment;
		if (fstatat(o->journal_fd, e->d_name, &st, 0) == 0) {
			o->segment_bytes = (uint64_t)st.st_size;
		}
	}
	(void)closedir(d);
	return SK_OK;
}

/* Which store the journal belongs to is read from its first batch. In a backup that stands
 * somewhere in the first segment: what came before it is in the store's copy. */
static int first_batch(struct offline *o, struct journal_position *ret_pos)
{
	uint8_t block[BATCH_BLOCK];
	uint64_t at = 0;
	bool found = false;

	*ret_pos = (struct journal_position){ .next_sequence = 1 };
	for (; o->first_segment != 0 && !found && at + BATCH_BLOCK <= o->segment_bytes;
	     at += BATCH_BLOCK) {
		int err = seg_read(o, o->first_segment, at, block, sizeof(block));
		if (err != SK_OK) {
			return err;
		}
		found = memcmp(block, journal_magic, sizeof(journal_magic)) == 0;
		if (found) {
			break;
		}
	}
	if (!found) {
		return SK_OK;
	}
	memcpy(o->store_id, block + AT_STORE, sizeof(o->store_id));
	uint64_t batch = be64_read(block + AT_BATCH);
	if (batch > 1) {
		/* The batches before it are not kept: it stands as the beginning itself. */
		ret_pos->batch = batch;
		ret_pos->at = (struct journal_place){ o->first_segment, at };
		ret_pos->next_sequence =
			be64_read(block + AT_FIRST) + be32_read(block + AT_RECORDS);
		memcpy(ret_pos->hash, block + AT_HASH, BATCH_HASH_LEN);
	}
	return SK_OK;
}

/* True when the journal goes back to the first input. */
bool offline_is_whole(struct offline *o)
{
	struct journal_position pos;

	return first_batch(o, &pos) == SK_OK && pos.batch == 0;
}

static int find_dir(struct cli *c, const char *where, char *ret_dir)
{
	struct conf *conf = NULL;
	struct stat st;

	if (strchr(where, '/') != NULL || stat(cli_printf(c, "%s/journal", where), &st) == 0) {
		(void)snprintf(ret_dir, OFFLINE_PATH_MAX, "%s", where);
		return CLI_DONE;
	}
	int rc = call_conf(c, &conf);
	if (rc != CLI_DONE) {
		return rc;
	}
	const struct conf_daemon *d = conf_daemon(conf, where);
	if (d != NULL) {
		(void)snprintf(ret_dir, OFFLINE_PATH_MAX, "%s", d->dir);
	}
	conf_free(conf);
	return d != NULL ?
		       CLI_DONE :
		       cli_usage(c, "\"%s\": geef intake, waitlist, matching of een map",
				 "\"%s\": give intake, waitlist, matching or a directory", where);
}

int offline_open(struct cli *c, const char *where, struct offline *ret_o)
{
	struct offline *o = ret_o;

	o->journal_fd = -1;
	int rc = find_dir(c, where, o->dir);
	if (rc != CLI_DONE) {
		return rc;
	}
	fill_port(o);
	o->journal_fd =
		open(cli_printf(c, "%s/journal", o->dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = o->journal_fd < 0 ? SK_ENOENT : files_store_key(o->dir, o->conf.key);
	if (err == SK_OK) {
		err = list_segments(o);
	}
	if (err != SK_OK) {
		cli_say(c, "%s: dit is geen map van een dienst, of ze is niet te lezen (%s)",
			"%s: this is no directory of a service, or it cannot be read (%s)", o->dir,
			sk_strerror(err));
		if (access(cli_printf(c, "%s/data", o->dir), F_OK) == 0) {
			cli_say(c,
				"Een node of reservekopie: kies een dienst erin, zoals "
				"%s/data/intake",
				"A node or a backup: choose a service in it, like %s/data/intake",
				o->dir);
		}
		return CLI_USAGE;
	}
	o->conf.segment_bytes = o->segment_bytes == 0 ? BATCH_BYTES_MAX : o->segment_bytes;
	return CLI_DONE;
}

void offline_close(struct offline *o)
{
	if (o->journal_fd >= 0) {
		(void)close(o->journal_fd);
	}
	explicit_bzero(o->conf.key, sizeof(o->conf.key));
	o->journal_fd = -1;
}

/* --- walking --- */

struct walking {
	const struct walk_hooks *hooks;
	struct walk_report *report;
};

static int on_batch(void *ctx, const struct batch_header *h, struct slice payload,
		    struct journal_place at)
{
	struct walking *w = ctx;
	struct walk_report *r = w->report;
	struct record rec;
	uint64_t sequence = h->first_sequence;
	uint64_t padded = journal_padded(payload.len);
	int rc;

	if (w->hooks->batch != NULL) {
		int err = w->hooks->batch(w->hooks->ctx, h, payload, at);
		if (err != SK_OK) {
			return err;
		}
	}
	r->batches++;
	r->bytes += payload.len;
	while ((rc = record_next(&payload, &rec)) == 1) {
		r->first_sequence = r->records == 0 ? sequence : r->first_sequence;
		r->first_ms = r->records == 0 ? rec.time_ms : r->first_ms;
		r->back_in_time += rec.time_ms < r->last_ms;
		r->last_ms = rec.time_ms;
		r->last_sequence = sequence;
		r->records++;
		int err = w->hooks->record == NULL ?
				  SK_OK :
				  w->hooks->record(w->hooks->ctx, sequence, &rec);
		if (err != SK_OK) {
			return err;
		}
		sequence++;
	}
	r->end =
		(struct journal_position){ .batch = h->batch, .at = at, .next_sequence = sequence };
	memcpy(r->end.hash, h->hash, BATCH_HASH_LEN);
	r->bad = (struct journal_place){ at.segment, at.offset + padded };
	return rc;
}

int offline_walk(struct offline *o, const struct journal_position *from,
		 const struct walk_hooks *hooks, struct walk_report *ret_report)
{
	struct journal_position start;
	struct walking w = { hooks, ret_report };
	struct journal_place first_hole = {
		0
	}; /* of the last segment: the chain's end says more */
	struct journal j;

	*ret_report = (struct walk_report){ 0 };
	int err = first_batch(o, &start);
	if (err != SK_OK) {
		return err;
	}
	if (from != NULL) {
		start = *from;
	}
	ret_report->end = start;
	ret_report->bad = start.batch == 0 ? (struct journal_place){ o->first_segment, 0 } :
					     start.at;
	ret_report->last_sequence = start.next_sequence - 1;
	err = journal_init(&j, &o->port, &o->conf, o->store_id);
	if (err != SK_OK) {
		return err;
	}
	err = journal_recover(&j, &start, on_batch, &w, &first_hole);
	journal_done(&j);
	ret_report->err = err;
	return err == SK_ECORRUPT || err == SK_EFOREIGN ? SK_OK : err;
}

/* --- the store --- */

static int lmdb_err(int rc)
{
	return rc == 0 ? SK_OK : rc == MDB_INVALID || rc == MDB_CORRUPTED ? SK_ECORRUPT : SK_ESYS;
}

int offline_copy_store(const char *store_dir, const char *to)
{
	MDB_env *env = NULL;
	int rc = mdb_env_create(&env);

	if (rc == 0) {
		rc = mdb_env_open(env, store_dir, MDB_RDONLY | MDB_NOTLS, 0600);
	}
	if (rc == 0) {
		rc = mdb_env_copy2(env, to, MDB_CP_COMPACT);
	}
	if (env != NULL) {
		mdb_env_close(env);
	}
	return lmdb_err(rc);
}
