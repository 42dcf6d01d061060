/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/files_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#define SLOT_BYTES 4096
#define FAULT_STACK_BYTES 65536
#define NFTW_DESCRIPTORS 8
#define SEEN_MAX 96

static bool path_join(char *ret_path, const char *dir, const char *name)
{
	int n = snprintf(ret_path, PATH_MAX, "%s/%s", dir, name);
	return n > 0 && n < PATH_MAX;
}

/* --- small files --- */

int files_sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		return files_errno();
	}
	int err = fsync(fd) == 0 ? SK_OK : files_errno();
	(void)close(fd);
	return err;
}

static int sync_parent(const char *path)
{
	char parent[PATH_MAX];
	(void)snprintf(parent, sizeof(parent), "%s", path);
	char *slash = strrchr(parent, '/');
	if (slash == NULL) {
		return files_sync_dir(".");
	}
	slash[slash == parent ? 1 : 0] = '\0';
	return files_sync_dir(parent);
}

static int write_new(const char *path, unsigned mode, struct slice content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
	if (fd < 0) {
		return files_errno();
	}
	int err = files_write_all(fd, content.data, content.len, 0);
	if (err == SK_OK && (fchmod(fd, (mode_t)mode) != 0 || fsync(fd) != 0)) {
		err = files_errno();
	}
	if (close(fd) != 0 && err == SK_OK) {
		err = files_errno();
	}
	return err;
}

int files_replace(const char *path, unsigned mode, struct slice content)
{
	char temp[PATH_MAX];
	int n = snprintf(temp, sizeof(temp), "%s.new", path);
	if (n < 0 || (size_t)n >= sizeof(temp)) {
		return SK_EINVAL;
	}
	int err = write_new(temp, mode, content);
	if (err == SK_OK && rename(temp, path) != 0) {
		err = files_errno();
	}
	if (err != SK_OK) {
		(void)unlink(temp);
		return err;
	}
	return sync_parent(path);
}

int files_read(const char *path, void *buf, size_t cap, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return errno == ENOENT ? SK_ENOENT : SK_ESYS;
	}
	uint8_t *p = buf;
	size_t len = 0;
	ssize_t n = 1;
	while (n > 0 && len < cap) {
		n = read(fd, p + len, cap - len);
		if (n < 0 && errno == EINTR) {
			n = 1;
			continue;
		}
		len += n > 0 ? (size_t)n : 0;
	}
	uint8_t one;
	bool longer = n > 0 && read(fd, &one, 1) != 0;
	(void)close(fd);
	if (n < 0 || longer) {
		return n < 0 ? SK_ESYS : SK_EFULL;
	}
	*ret_len = len;
	return SK_OK;
}

static size_t seen_text(const struct files_seen *s, char ret_text[SEEN_MAX])
{
	int n = snprintf(ret_text, SEEN_MAX,
			 "incarnation %" PRIu32 " %016" PRIx64 " sequence %" PRIu64 "\n",
			 s->incarnation.number, s->incarnation.nonce, s->sequence);
	return (size_t)n;
}

/* Takes numbers where they ought to stand; whether all is as it ought to be shows when it is
 * written again. */
static void seen_parse(const char *text, struct files_seen *ret_seen)
{
	char *end = NULL;
	size_t head = strcspn(text, " ");
	ret_seen->incarnation.number = (uint32_t)strtoul(text + head, &end, 10);
	ret_seen->incarnation.nonce = strtoull(end, &end, 16);
	head = strspn(end, " ");
	end += head + strcspn(end + head, " ");
	ret_seen->sequence = strtoull(end, NULL, 10);
}

int files_seen_read(const char *path, struct files_seen *ret_seen)
{
	char text[SEEN_MAX];
	char again[SEEN_MAX];
	struct files_seen s = { 0 };
	size_t len = 0;
	int err = files_read(path, text, sizeof(text) - 1, &len);
	if (err == SK_ENOENT) {
		*ret_seen = s;
		return SK_OK;
	}
	if (err != SK_OK) {
		return err == SK_EFULL ? SK_ECORRUPT : err;
	}
	text[len] = '\0';
	seen_parse(text, &s);
	/* Only what files_seen_write() writes: a file that somebody edited is no witness. */
	if (s.incarnation.number == 0 || seen_text(&s, again) != len || strcmp(text, again) != 0) {
		return SK_ECORRUPT;
	}
	*ret_seen = s;
	return SK_OK;
}

int files_seen_write(const char *path, const struct files_seen *seen)
{
	char text[SEEN_MAX];
	size_t len = seen_text(seen, text);
	return files_replace(path, 0600, (struct slice){ .data = text, .len = len });
}

/* --- poison slot --- */

static struct poison_slot *fault_slot;
static const int fault_signals[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL };
static struct sigaction fault_before[SK_LEN(fault_signals)];

/* The first thing is the count; then whoever handled the signal before (usually nobody: a core
 * dump). */
static void on_fault(int sig)
{
	if (fault_slot != NULL && fault_slot->active != 0) {
		fault_slot->crashes++;
	}
	for (size_t i = 0; i < SK_LEN(fault_signals); i++) {
		if (fault_signals[i] == sig) {
			(void)sigaction(sig, &fault_before[i], NULL);
		}
	}
	(void)raise(sig);
}

int files_watch_faults(struct poison_slot *slot)
{
	static uint8_t stack_memory[FAULT_STACK_BYTES];
	stack_t stack = { .ss_sp = stack_memory, .ss_size = sizeof(stack_memory) };
	if (fault_slot != NULL) {
		fault_slot = slot;
		return SK_OK;
	}
	if (sigaltstack(&stack, NULL) != 0) {
		return SK_ESYS;
	}
	fault_slot = slot;
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_ONSTACK | SA_NODEFER };
	(void)sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < SK_LEN(fault_signals); i++) {
		if (sigaction(fault_signals[i], &action, &fault_before[i]) != 0) {
			return SK_ESYS;
		}
	}
	return SK_OK;
}

static int map_slot(struct files *f, const char *path)
{
	f->slot_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (f->slot_fd < 0) {
		f->slot_fd = 0;
		return files_errno();
	}
	/* Blocks are taken now: a full disk must not be a SIGBUS in the middle of a step. */
	if (posix_fallocate(f->slot_fd, 0, SLOT_BYTES) != 0) {
		return SK_EFULL;
	}
	void *at = mmap(NULL, SLOT_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, f->slot_fd, 0);
	if (at == MAP_FAILED) {
		return SK_ESYS;
	}
	f->slot = at;
	/* What a kill left: a crash from here on, in recovery perhaps, is not of that message. */
	f->slot->active = 0;
	return SK_OK;
}

void files_unmap_slot(struct files *f)
{
	if (f->slot != NULL) {
		if (fault_slot == f->slot) {
			fault_slot = NULL;
		}
		(void)munmap(f->slot, SLOT_BYTES);
		f->slot = NULL;
	}
	if (f->slot_fd > 0) {
		(void)close(f->slot_fd);
		f->slot_fd = 0;
	}
}

/* --- opening --- */

/* Exactly the names that segment_name() writes; a temporary one of a killed worker is no segment.
 */
static uint64_t segment_of(const char *name)
{
	char again[64];
	if (strncmp(name, "seg-", 4) != 0) {
		return 0;
	}
	unsigned long long seg = strtoull(name + 4, NULL, 16);
	(void)snprintf(again, sizeof(again), FILES_SEGMENT_NAME, seg);
	return strcmp(again, name) == 0 ? (uint64_t)seg : 0;
}

int files_list(int journal_dir, uint64_t *ret_first, uint64_t *ret_last)
{
	int fd = openat(journal_dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	if (d == NULL) {
		if (fd >= 0) {
			(void)close(fd);
		}
		return SK_ESYS;
	}
	uint64_t first = 0;
	uint64_t last = 0;
	errno = 0;
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
		uint64_t seg = segment_of(e->d_name);
		if (seg != 0 && (first == 0 || seg < first)) {
			first = seg;
		}
		last = seg > last ? seg : last;
	}
	int err = errno == 0 ? SK_OK : SK_ESYS;
	(void)closedir(d);
	if (err == SK_OK) {
		*ret_first = first;
		*ret_last = last;
	}
	return err;
}

static int check_segment_size(const struct files *f)
{
	uint64_t first = 0;
	uint64_t last = 0;
	int err = files_list(f->journal_dir, &first, &last);
	if (err != SK_OK || last == 0) {
		return err;
	}
	char name[64];
	struct stat st;
	(void)snprintf(name, sizeof(name), FILES_SEGMENT_NAME, (unsigned long long)last);
	if (fstatat(f->journal_dir, name, &st, 0) != 0) {
		return SK_ESYS;
	}
	return (uint64_t)st.st_size == f->segment_bytes ? SK_OK : SK_ECONF;
}

int files_open(struct files *f, const char *dir, uint64_t segment_bytes, uv_loop_t *loop)
{
	char path[PATH_MAX];
	memset(f, 0, sizeof(*f));
	f->segment_bytes = segment_bytes;
	f->loop = loop;
	if (!path_join(path, dir, "journal")) {
		return SK_EINVAL;
	}
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		return errno == ENOENT || errno == ENOTDIR ? SK_ENOENT : SK_ESYS;
	}
	f->journal_dir = fd;
	if (pthread_mutex_init(&f->lock, NULL) != 0) {
		return SK_ESYS;
	}
	(void)pthread_cond_init(&f->ended, NULL);
	f->lock_made = true;
	int err = check_segment_size(f);
	if (err == SK_OK && path_join(path, dir, "slot")) {
		err = map_slot(f, path);
	}
	return err;
}

int files_store_key(const char *dir, uint8_t ret_key[STORE_KEY_LEN])
{
	char path[PATH_MAX];
	struct stat st;
	if (!path_join(path, dir, "store.key")) {
		return SK_EINVAL;
	}
	if (stat(path, &st) != 0) {
		return errno == ENOENT ? SK_ENOENT : SK_ESYS;
	}
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		return SK_EAUTH; /* a secret that others may read is none */
	}
	uint8_t key[STORE_KEY_LEN];
	size_t len = 0;
	int err = files_read(path, key, sizeof(key), &len);
	if (err == SK_OK && len != sizeof(key)) {
		err = SK_ECORRUPT;
	}
	if (err == SK_OK) {
		memcpy(ret_key, key, sizeof(key));
	}
	sodium_memzero(key, sizeof(key));
	return err == SK_EFULL ? SK_ECORRUPT : err;
}

/* --- making --- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int sync_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return -1;
	}
	int rc = fsync(fd);
	(void)close(fd);
	return rc;
}

static int make_folders(const char *dir)
{
	char path[PATH_MAX];
	if (mkdir(dir, 0700) != 0 || !path_join(path, dir, "journal") || mkdir(path, 0700) != 0 ||
	    !path_join(path, dir, "store") || mkdir(path, 0700) != 0) {
		return files_errno();
	}
	return SK_OK;
}

/* Of a real store all luck is drawn. That of a demo that must come out the same twice follows from
 * its seed, a label and the daemon, and is no secret. */
static void draw(const struct files_new *n, const char *label, void *ret_bytes, size_t len)
{
	char text[128];

	if (!n->seeded) {
		randombytes_buf(ret_bytes, len);
		return;
	}
	(void)snprintf(text, sizeof(text), "schakel demo %s %" PRIu64 " %s", label, n->seed,
		       n->daemon);
	(void)crypto_generichash(ret_bytes, len, (const uint8_t *)text, strlen(text), NULL, 0);
}

static int make_key(const char *dir, const struct files_new *n, uint8_t ret_key[STORE_KEY_LEN])
{
	char path[PATH_MAX];
	if (!path_join(path, dir, "store.key")) {
		return SK_EINVAL;
	}
	draw(n, "key", ret_key, STORE_KEY_LEN);
	return files_replace(path, 0600, (struct slice){ .data = ret_key, .len = STORE_KEY_LEN });
}

/* The engine writes its first rows; it needs of the service no more than the name. */
static int make_store(const char *dir, const struct files_new *n, const uint8_t *key)
{
	char path[PATH_MAX];
	struct store st = { 0 };
	struct service svc = { .name = n->daemon };
	struct engine_conf conf = { .demo = n->demo, .segment_bytes = n->segment_bytes };
	uint8_t store_id[16];
	uint8_t nonce[crypto_generichash_BYTES_MIN];
	memcpy(conf.key, key, sizeof(conf.key));
	draw(n, "nonce", nonce, sizeof(nonce));
	memcpy(&conf.fresh_nonce, nonce, sizeof(conf.fresh_nonce));
	randombytes_buf(store_id, sizeof(store_id));
	if (!path_join(path, dir, "store")) {
		return SK_EINVAL;
	}
	struct store_conf sc = { .dir = path, .map_bytes = n->map_bytes };
	int err = store_create(&st, &sc);
	if (err == SK_OK) {
		err = engine_init_store(&st, &svc, &conf, store_id);
	}
	store_close(&st);
	sodium_memzero(&conf, sizeof(conf));
	return err;
}

static int fill_new(const char *dir, const struct files_new *n)
{
	uint8_t key[STORE_KEY_LEN];
	int err = make_folders(dir);
	if (err == SK_OK) {
		err = make_key(dir, n, key);
	}
	if (err == SK_OK) {
		err = make_store(dir, n, key);
	}
	sodium_memzero(key, sizeof(key));
	if (err == SK_OK && nftw(dir, sync_one, NFTW_DESCRIPTORS, FTW_PHYS | FTW_DEPTH) != 0) {
		err = SK_ESYS;
	}
	return err;
}

int files_create(const struct files_new *n)
{
	char temp[PATH_MAX];
	int len = snprintf(temp, sizeof(temp), "%s.new", n->dir);
	if (len < 0 || (size_t)len >= sizeof(temp)) {
		return SK_EINVAL;
	}
	if (n->seeded && !n->demo) {
		return SK_EINVAL;
	}
	if (access(n->dir, F_OK) == 0) {
		return SK_ESTATE;
	}
	/* What a killed attempt left is nothing yet. */
	(void)nftw(temp, remove_one, NFTW_DESCRIPTORS, FTW_PHYS | FTW_DEPTH);
	int err = fill_new(temp, n);
	if (err == SK_OK && rename(temp, n->dir) != 0) {
		err = files_errno();
	}
	if (err != SK_OK) {
		(void)nftw(temp, remove_one, NFTW_DESCRIPTORS, FTW_PHYS | FTW_DEPTH);
		return err;
	}
	return sync_parent(n->dir);
}
