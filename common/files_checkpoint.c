/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/files_checkpoint.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "common/files_private.h"

#define NFTW_DESCRIPTORS 8
#define MANIFEST "manifest"
#define MANIFEST_MAX 512
#define NEW "new"
#define OLD "old"

/* --- what a store says of itself --- */

static int read_position(struct store_txn *txn, struct store_facts *f)
{
	struct key k = { 0 };
	struct slice val;

	f->pos = (struct journal_position){ .next_sequence = 1 };
	key_u8(&k, 0);
	if (!store_get(txn, TABLE_POSITION, &k, &val)) {
		return txn->err;
	}
	PB(PositionRecord) *p = schakel__v1__position_record__unpack(NULL, val.len, val.data);
	if (p == NULL) {
		return SK_ENOMEM;
	}
	bool good = p->hash.len == BATCH_HASH_LEN;
	f->pos = (struct journal_position){ .batch = p->batch,
					    .at = { p->segment, p->offset },
					    .next_sequence = p->sequence + 1 };
	f->time_ms = p->time_ms;
	if (good) {
		memcpy(f->pos.hash, p->hash.data, BATCH_HASH_LEN);
	}
	schakel__v1__position_record__free_unpacked(p, NULL);
	return good ? SK_OK : SK_ECORRUPT;
}

static int read_meta(struct store_txn *txn, struct store_facts *f)
{
	struct key k = { 0 };
	struct slice val;

	key_u8(&k, 0);
	if (!store_get(txn, TABLE_META, &k, &val)) {
		return txn->err != SK_OK ? txn->err : SK_EFOREIGN;
	}
	PB(MetaRecord) *m = schakel__v1__meta_record__unpack(NULL, val.len, val.data);
	if (m == NULL) {
		return SK_ENOMEM;
	}
	bool good = m->store_id.len == sizeof(f->store_id) && m->format == STORE_FORMAT;
	if (good) {
		memcpy(f->store_id, m->store_id.data, sizeof(f->store_id));
		(void)snprintf(f->daemon, sizeof(f->daemon), "%s", m->daemon);
	}
	schakel__v1__meta_record__free_unpacked(m, NULL);
	return good ? SK_OK : SK_EFOREIGN;
}

int files_store_facts(const char *store_dir, struct store_facts *ret_facts)
{
	struct store_conf sc = { .dir = store_dir };
	struct store_facts f = { 0 };
	struct store st;
	struct store_txn txn;
	int err = store_open(&st, &sc);

	if (err != SK_OK) {
		return err;
	}
	err = store_begin(&st, &txn);
	if (err == SK_OK) {
		err = read_meta(&txn, &f);
		if (err == SK_OK) {
			err = read_position(&txn, &f);
		}
		if (err == SK_OK) {
			err = store_digest(&txn, &f.digest);
		}
		store_abort(&txn);
	}
	store_close(&st);
	if (err == SK_OK) {
		*ret_facts = f;
	}
	return err;
}

/* --- paths --- */

static bool path_of(char ret_path[PATH_MAX], const char *dir, const char *name, const char *file)
{
	int n = snprintf(ret_path, PATH_MAX, "%s/" CHECKPOINTS_DIR "%s%s%s%s", dir,
			 name[0] == '\0' ? "" : "/", name, file[0] == '\0' ? "" : "/", file);
	return n > 0 && n < PATH_MAX;
}

static void name_of(uint64_t sequence, char ret_name[17])
{
	(void)snprintf(ret_name, 17, CHECKPOINT_NAME, (unsigned long long)sequence);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int remove_dir(const char *dir, const char *name)
{
	char path[PATH_MAX];
	if (!path_of(path, dir, name, "")) {
		return SK_EINVAL;
	}
	int rc = nftw(path, remove_one, NFTW_DESCRIPTORS, FTW_PHYS | FTW_DEPTH);
	return rc == 0 || errno == ENOENT ? SK_OK : SK_ESYS;
}

static int sync_names(const char *dir, const char *name)
{
	char path[PATH_MAX];
	return path_of(path, dir, name, "") ? files_sync_dir(path) : SK_EINVAL;
}

int checkpoint_clean(const char *dir)
{
	char path[PATH_MAX];
	if (!path_of(path, dir, "", "")) {
		return SK_EINVAL;
	}
	if (mkdir(path, 0700) != 0 && errno != EEXIST) {
		return files_errno();
	}
	int err = files_sync_dir(dir);
	if (err == SK_OK) {
		err = remove_dir(dir, NEW);
	}
	return err == SK_OK ? remove_dir(dir, OLD) : err;
}

bool checkpoint_was_asked(const char *dir)
{
	char path[PATH_MAX];
	return path_of(path, dir, CHECKPOINT_ASKED, "") && unlink(path) == 0;
}

/* --- the manifest: lines of a word and a value, in this order --- */

static size_t manifest_text(const struct checkpoint *c, char ret_text[MANIFEST_MAX])
{
	const struct store_facts *f = &c->facts;
	char store_id[2 * sizeof(f->store_id) + 1];
	char hash[2 * BATCH_HASH_LEN + 1];

	(void)sodium_bin2hex(store_id, sizeof(store_id), f->store_id, sizeof(f->store_id));
	(void)sodium_bin2hex(hash, sizeof(hash), f->pos.hash, BATCH_HASH_LEN);
	int n = snprintf(ret_text, MANIFEST_MAX,
			 "format 1\ndaemon %s\nstore %s\nsequence %" PRIu64 "\nbatch %" PRIu64
			 "\nsegment %" PRIu64 "\noffset %" PRIu64 "\nhash %s\ncore %" PRIu32
			 "\ndigest %016" PRIx64 "\ntime_ms %" PRIu64 "\nmade_ms %" PRIu64 "\n",
			 f->daemon, store_id, f->pos.next_sequence - 1, f->pos.batch,
			 f->pos.at.segment, f->pos.at.offset, hash, c->core_version, f->digest,
			 f->time_ms, c->made_ms);
	return (size_t)n;
}

/** The value of a line, or "" (which no number and no name is). */
static const char *value_of(const char *text, const char *word, char *ret_value, size_t cap)
{
	char start[32];
	int n = snprintf(start, sizeof(start), "\n%s ", word);
	const char *at = strstr(text, start);
	size_t len = at == NULL ? 0 : strcspn(at + n, "\n");
	(void)snprintf(ret_value, cap, "%.*s", (int)len, at == NULL ? "" : at + n);
	return ret_value;
}

static uint64_t number_of(const char *text, const char *word, int base)
{
	char value[32];
	return strtoull(value_of(text, word, value, sizeof(value)), NULL, base);
}

static void bytes_of(const char *text, const char *word, uint8_t *ret_bytes, size_t len)
{
	char value[80];
	(void)value_of(text, word, value, sizeof(value));
	(void)sodium_hex2bin(ret_bytes, len, value, strlen(value), NULL, NULL, NULL);
}

/* Takes values where they ought to stand; whether all is as it ought to be shows when it is written
 * again. */
static void manifest_parse(const char *text, struct checkpoint *ret_c)
{
	struct checkpoint c = { 0 };
	struct store_facts *f = &c.facts;

	(void)value_of(text, "daemon", f->daemon, sizeof(f->daemon));
	bytes_of(text, "store", f->store_id, sizeof(f->store_id));
	f->pos.next_sequence = number_of(text, "sequence", 10) + 1;
	f->pos.batch = number_of(text, "batch", 10);
	f->pos.at.segment = number_of(text, "segment", 10);
	f->pos.at.offset = number_of(text, "offset", 10);
	bytes_of(text, "hash", f->pos.hash, BATCH_HASH_LEN);
	c.core_version = (uint32_t)number_of(text, "core", 10);
	f->digest = number_of(text, "digest", 16);
	f->time_ms = number_of(text, "time_ms", 10);
	c.made_ms = number_of(text, "made_ms", 10);
	*ret_c = c;
}

static bool read_manifest(const char *dir, const char *name, struct checkpoint *ret_c)
{
	char path[PATH_MAX];
	char text[MANIFEST_MAX];
	char again[MANIFEST_MAX];
	char own_name[17];
	struct checkpoint c;
	size_t len = 0;

	if (!path_of(path, dir, name, MANIFEST) ||
	    files_read(path, text, sizeof(text) - 1, &len) != SK_OK) {
		return false;
	}
	text[len] = '\0';
	manifest_parse(text, &c);
	name_of(c.facts.pos.next_sequence - 1, own_name);
	if (manifest_text(&c, again) != len || strcmp(text, again) != 0 ||
	    strcmp(own_name, name) != 0) {
		return false;
	}
	*ret_c = c;
	return true;
}

/* --- listing --- */

/** Puts it in its place, the latest first; what does not fit falls off the end. */
static void insert(struct checkpoint list[CHECKPOINTS_LISTED], size_t *len,
		   const struct checkpoint *c)
{
	size_t at = 0;
	while (at < *len && list[at].facts.pos.next_sequence > c->facts.pos.next_sequence) {
		at++;
	}
	if (at == CHECKPOINTS_LISTED) {
		return;
	}
	*len += *len < CHECKPOINTS_LISTED;
	memmove(&list[at + 1], &list[at], (*len - at - 1) * sizeof(list[0]));
	list[at] = *c;
}

int checkpoint_list(const char *dir, uint64_t sequence_max,
		    struct checkpoint ret_c[CHECKPOINTS_LISTED], size_t *ret_len)
{
	char path[PATH_MAX];
	size_t len = 0;
	DIR *d = path_of(path, dir, "", "") ? opendir(path) : NULL;

	if (d == NULL) {
		*ret_len = 0;
		return errno == ENOENT ? SK_OK : SK_ESYS;
	}
	errno = 0;
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
		struct checkpoint c;
		if (read_manifest(dir, e->d_name, &c) &&
		    c.facts.pos.next_sequence - 1 <= sequence_max) {
			insert(ret_c, &len, &c);
		}
		errno = 0;
	}
	int err = errno == 0 ? SK_OK : SK_ESYS;
	(void)closedir(d);
	*ret_len = len;
	return err;
}

/* --- making --- */

static int sync_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		return files_errno();
	}
	int err = fchmod(fd, 0600) == 0 && fsync(fd) == 0 ? SK_OK : files_errno();
	(void)close(fd);
	return err;
}

/** Reads the copy as a store of its own: every value has its checksum, and the position says which
 *  commit it was. */
static int read_back(const char *dir, struct checkpoint *c)
{
	char path[PATH_MAX];
	uint64_t time_ms = c->facts.time_ms;

	if (!path_of(path, dir, NEW, "")) {
		return SK_ESYS;
	}
	int err = files_store_facts(path, &c->facts);
	c->facts.time_ms = time_ms;
	if (err == SK_OK && c->facts.pos.batch == 0) {
		err = SK_ESTATE;
	}
	/* Of the reading only. */
	if (path_of(path, dir, NEW, "lock.mdb")) {
		(void)unlink(path);
	}
	if (path_of(path, dir, NEW, "owner.lock")) {
		(void)unlink(path);
	}
	return err;
}

static int write_manifest(const char *dir, const char *name, const struct checkpoint *c)
{
	char path[PATH_MAX];
	char text[MANIFEST_MAX];
	size_t len = manifest_text(c, text);

	return path_of(path, dir, name, MANIFEST) ?
		       files_replace(path, 0600, (struct slice){ text, len }) :
		       SK_EINVAL;
}

int checkpoint_copy(const char *dir, struct store *st, struct checkpoint *io_c)
{
	char path[PATH_MAX];
	char data[PATH_MAX];

	if (!path_of(path, dir, NEW, "") || !path_of(data, dir, NEW, "data.mdb")) {
		return SK_EINVAL;
	}
	int err = remove_dir(dir, NEW);
	if (err == SK_OK && mkdir(path, 0700) != 0) {
		err = files_errno();
	}
	if (err == SK_OK) {
		err = store_copy(st, path);
	}
	if (err == SK_OK) {
		err = sync_file(data);
	}
	if (err == SK_OK) {
		err = read_back(dir, io_c);
	}
	if (err == SK_OK) {
		err = write_manifest(dir, NEW, io_c);
	}
	if (err != SK_OK) {
		(void)remove_dir(dir, NEW); /* gives the room back */
	}
	return err;
}

static int prune(const char *dir, uint64_t sequence_max)
{
	struct checkpoint list[CHECKPOINTS_LISTED];
	size_t len = 0;
	int err = checkpoint_list(dir, sequence_max, list, &len);

	for (size_t i = CHECKPOINTS_KEPT; err == SK_OK && i < len; i++) {
		char name[17];
		char from[PATH_MAX];
		char to[PATH_MAX];
		name_of(list[i].facts.pos.next_sequence - 1, name);
		bool fits = path_of(from, dir, name, "") && path_of(to, dir, OLD, "");
		err = remove_dir(dir, OLD);
		if (err == SK_OK) {
			err = fits && rename(from, to) == 0 ? sync_names(dir, "") : SK_ESYS;
		}
		if (err == SK_OK) {
			err = remove_dir(dir, OLD);
		}
	}
	return err;
}

/** There is one up to that sequence: that one stays, and is as good as made now. */
static int take_over(const char *dir, const char *name, const struct checkpoint *c)
{
	struct checkpoint there;

	if (!read_manifest(dir, name, &there)) {
		return SK_ESTATE;
	}
	there.facts.time_ms = c->facts.time_ms;
	there.made_ms = c->made_ms;
	int err = write_manifest(dir, name, &there);
	return err == SK_OK ? remove_dir(dir, NEW) : err;
}

int checkpoint_publish(const char *dir, const struct checkpoint *c)
{
	char name[17];
	char from[PATH_MAX];
	char to[PATH_MAX];

	name_of(c->facts.pos.next_sequence - 1, name);
	if (!path_of(from, dir, NEW, "") || !path_of(to, dir, name, "")) {
		return SK_EINVAL;
	}
	int err = sync_names(dir, NEW);
	if (err == SK_OK && rename(from, to) != 0) {
		err = errno == ENOTEMPTY || errno == EEXIST ? take_over(dir, name, c) :
							      files_errno();
	}
	if (err == SK_OK) {
		err = sync_names(dir, "");
	}
	return err == SK_OK ? prune(dir, c->facts.pos.next_sequence - 1) : err;
}
