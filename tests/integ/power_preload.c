/* SPDX-License-Identifier: EUPL-1.2 */
/* Loaded into a daemon (LD_PRELOAD): writes down, in order, every change that it makes to files
 * below $SK_RECORD_DIR, with the syncs between them, into $SK_RECORD_LOG, and counts them in
 * $SK_RECORD_COUNT (one u64, mapped), so that a client can say: when I had this receipt, so many
 * operations had been done. A write is logged before it is done, a sync after: the record never
 * claims more safety than there was. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum op {
	OP_WRITE = 1,
	OP_SYNC = 2,
	OP_RENAME = 3,
	OP_UNLINK = 4,
	OP_TRUNCATE = 5,
	OP_SYNC_DIR = 6,
	OP_CREATE = 7
};

#define FDS 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *paths[FDS];   /* of descriptors below the directory */
static int data_sync[FDS]; /* opened with O_DSYNC: each write is durable when it returns */
static int log_fd = -1;
static uint64_t *counter;
static const char *root;

static void *real(const char *name)
{
	void *p = dlsym(RTLD_NEXT, name);

	if (p == NULL) {
		abort();
	}
	return p;
}

static void start(void)
{
	static int started;
	int (*open_)(const char *, int, ...) = (int (*)(const char *, int, ...))real("open");

	if (started) {
		return;
	}
	started = 1;
	root = getenv("SK_RECORD_DIR");
	const char *log = getenv("SK_RECORD_LOG");
	const char *count = getenv("SK_RECORD_COUNT");
	if (root == NULL || log == NULL || count == NULL) {
		root = NULL;
		return;
	}
	log_fd = open_(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	int fd = open_(count, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (log_fd < 0 || fd < 0 || ftruncate(fd, sizeof(*counter)) != 0) {
		abort();
	}
	counter = mmap(NULL, sizeof(*counter), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (counter == MAP_FAILED) {
		abort();
	}
}

static int below(const char *path)
{
	return root != NULL && path != NULL && strncmp(path, root, strlen(root)) == 0;
}

static void put(const void *p, size_t len)
{
	ssize_t (*write_)(int, const void *, size_t) =
		(ssize_t(*)(int, const void *, size_t))real("write");

	if (write_(log_fd, p, len) != (ssize_t)len) {
		abort();
	}
}

/** Caller holds the lock. */
static void record(uint32_t op, const char *path, uint64_t offset, const struct iovec *iov, int n)
{
	uint64_t len = 0;

	for (int i = 0; i < n; i++) {
		len += iov[i].iov_len;
	}
	uint32_t head[2] = { op, (uint32_t)strlen(path) };
	uint64_t tail[2] = { offset, len };
	put(head, sizeof(head));
	put(path, head[1]);
	put(tail, sizeof(tail));
	for (int i = 0; i < n; i++) {
		put(iov[i].iov_base, iov[i].iov_len);
	}
	__atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
}

static const char *path_of(int fd)
{
	return fd >= 0 && fd < FDS ? paths[fd] : NULL;
}

static void note_write(int fd, off_t offset, const struct iovec *iov, int n)
{
	if (path_of(fd) != NULL) {
		(void)pthread_mutex_lock(&lock);
		record(OP_WRITE, paths[fd], (uint64_t)offset, iov, n);
		(void)pthread_mutex_unlock(&lock);
	}
}

static void note_done(int fd)
{
	if (path_of(fd) != NULL && data_sync[fd]) {
		(void)pthread_mutex_lock(&lock);
		record(OP_SYNC, paths[fd], 0, NULL, 0);
		(void)pthread_mutex_unlock(&lock);
	}
}

static void note_open(int fd, int at, const char *path, int flags)
{
	char full[PATH_MAX];

	if (fd < 0 || fd >= FDS || root == NULL) {
		return;
	}
	if (path[0] != '/' && at != AT_FDCWD && path_of(at) != NULL) {
		(void)snprintf(full, sizeof(full), "%s/%s", paths[at], path);
	} else if (path[0] != '/') {
		char cwd[PATH_MAX / 2];
		if (getcwd(cwd, sizeof(cwd)) == NULL) {
			abort();
		}
		(void)snprintf(full, sizeof(full), "%s/%s", cwd, path);
	} else {
		(void)snprintf(full, sizeof(full), "%s", path);
	}
	free(paths[fd]);
	paths[fd] = below(full) ? strdup(full) : NULL;
	data_sync[fd] = (flags & O_DSYNC) != 0;
	if (paths[fd] != NULL && (flags & O_CREAT) != 0) {
		(void)pthread_mutex_lock(&lock);
		record(OP_CREATE, paths[fd], (flags & O_TRUNC) != 0, NULL, 0);
		(void)pthread_mutex_unlock(&lock);
	}
}

#define OPEN_BODY(NAME)                                                              \
	va_list ap;                                                                  \
	va_start(ap, flags);                                                         \
	mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(ap, mode_t) : 0; \
	va_end(ap);                                                                  \
	start();

int open(const char *path, int flags, ...)
{
	OPEN_BODY("open")
	int fd = ((int (*)(const char *, int, ...))real("open"))(path, flags, mode);
	note_open(fd, AT_FDCWD, path, flags);
	return fd;
}

int open64(const char *path, int flags, ...)
{
	OPEN_BODY("open64")
	int fd = ((int (*)(const char *, int, ...))real("open64"))(path, flags, mode);
	note_open(fd, AT_FDCWD, path, flags);
	return fd;
}

int openat(int at, const char *path, int flags, ...)
{
	OPEN_BODY("openat")
	int fd = ((int (*)(int, const char *, int, ...))real("openat"))(at, path, flags, mode);
	note_open(fd, at, path, flags);
	return fd;
}

int openat64(int at, const char *path, int flags, ...)
{
	OPEN_BODY("openat64")
	int fd = ((int (*)(int, const char *, int, ...))real("openat64"))(at, path, flags, mode);
	note_open(fd, at, path, flags);
	return fd;
}

int close(int fd)
{
	if (fd >= 0 && fd < FDS) {
		free(paths[fd]);
		paths[fd] = NULL;
	}
	return ((int (*)(int))real("close"))(fd);
}

static ssize_t do_pwrite(const char *name, int fd, const void *buf, size_t len, off_t offset)
{
	struct iovec iov = { (void *)(uintptr_t)buf, len };

	note_write(fd, offset, &iov, 1);
	ssize_t n =
		((ssize_t(*)(int, const void *, size_t, off_t))real(name))(fd, buf, len, offset);
	note_done(fd);
	return n;
}

ssize_t pwrite(int fd, const void *buf, size_t len, off_t offset)
{
	return do_pwrite("pwrite", fd, buf, len, offset);
}

ssize_t pwrite64(int fd, const void *buf, size_t len, off64_t offset)
{
	return do_pwrite("pwrite64", fd, buf, len, offset);
}

ssize_t write(int fd, const void *buf, size_t len)
{
	struct iovec iov = { (void *)(uintptr_t)buf, len };

	if (path_of(fd) != NULL) {
		note_write(fd, lseek(fd, 0, SEEK_CUR), &iov, 1);
	}
	ssize_t n = ((ssize_t(*)(int, const void *, size_t))real("write"))(fd, buf, len);
	note_done(fd);
	return n;
}

ssize_t writev(int fd, const struct iovec *iov, int count)
{
	if (path_of(fd) != NULL) {
		note_write(fd, lseek(fd, 0, SEEK_CUR), iov, count);
	}
	ssize_t n = ((ssize_t(*)(int, const struct iovec *, int))real("writev"))(fd, iov, count);
	note_done(fd);
	return n;
}

static ssize_t do_pwritev(const char *name, int fd, const struct iovec *iov, int count,
			  off_t offset)
{
	note_write(fd, offset, iov, count);
	ssize_t n = ((ssize_t(*)(int, const struct iovec *, int, off_t))real(name))(fd, iov, count,
										    offset);
	note_done(fd);
	return n;
}

ssize_t pwritev(int fd, const struct iovec *iov, int count, off_t offset)
{
	return do_pwritev("pwritev", fd, iov, count, offset);
}

ssize_t pwritev64(int fd, const struct iovec *iov, int count, off64_t offset)
{
	return do_pwritev("pwritev64", fd, iov, count, offset);
}

static int do_sync(const char *name, int fd)
{
	struct stat st;
	int rc = ((int (*)(int))real(name))(fd);

	if (rc == 0 && path_of(fd) != NULL) {
		int dir = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
		(void)pthread_mutex_lock(&lock);
		record(dir ? OP_SYNC_DIR : OP_SYNC, paths[fd], 0, NULL, 0);
		(void)pthread_mutex_unlock(&lock);
	}
	return rc;
}

int fsync(int fd)
{
	return do_sync("fsync", fd);
}

int fdatasync(int fd)
{
	return do_sync("fdatasync", fd);
}

static void note_name(uint32_t op, int at, const char *from, int to_at, const char *to)
{
	char a[PATH_MAX], b[PATH_MAX];
	const char *base = path_of(at), *to_base = path_of(to_at);

	start();
	(void)snprintf(a, sizeof(a), "%s%s%s", base == NULL || from[0] == '/' ? "" : base,
		       base == NULL || from[0] == '/' ? "" : "/", from);
	(void)snprintf(b, sizeof(b), "%s%s%s", to_base == NULL || to[0] == '/' ? "" : to_base,
		       to_base == NULL || to[0] == '/' ? "" : "/", to);
	if (below(a)) {
		struct iovec iov = { b, strlen(b) };
		(void)pthread_mutex_lock(&lock);
		record(op, a, 0, &iov, 1);
		(void)pthread_mutex_unlock(&lock);
	}
}

int rename(const char *from, const char *to)
{
	note_name(OP_RENAME, AT_FDCWD, from, AT_FDCWD, to);
	return ((int (*)(const char *, const char *))real("rename"))(from, to);
}

int renameat(int at, const char *from, int to_at, const char *to)
{
	note_name(OP_RENAME, at, from, to_at, to);
	return ((int (*)(int, const char *, int, const char *))real("renameat"))(at, from, to_at,
										 to);
}

int unlink(const char *path)
{
	note_name(OP_UNLINK, AT_FDCWD, path, AT_FDCWD, "");
	return ((int (*)(const char *))real("unlink"))(path);
}

int unlinkat(int at, const char *path, int flags)
{
	note_name(OP_UNLINK, at, path, AT_FDCWD, "");
	return ((int (*)(int, const char *, int))real("unlinkat"))(at, path, flags);
}

static int do_truncate(const char *name, int fd, off_t len)
{
	if (path_of(fd) != NULL) {
		(void)pthread_mutex_lock(&lock);
		record(OP_TRUNCATE, paths[fd], (uint64_t)len, NULL, 0);
		(void)pthread_mutex_unlock(&lock);
	}
	return ((int (*)(int, off_t))real(name))(fd, len);
}

int ftruncate(int fd, off_t len)
{
	return do_truncate("ftruncate", fd, len);
}

int ftruncate64(int fd, off64_t len)
{
	return do_truncate("ftruncate64", fd, len);
}
