/* SPDX-License-Identifier: EUPL-1.2 */
/* Loaded into a daemon (LD_PRELOAD): writes down, in order, every change that it makes to files
 * below $SK_RECORD_DIR, with the syncs between them, into $SK_RECORD_LOG, and counts them in
 * $SK_RECORD_COUNT (struct shared, mapped), so that a client can say: when I had this receipt, so
 * many operations had been done. A write is logged before it is done, a sync after, one operation
 * at a time: the record never claims more safety than there was.
 *
 * A kill -9 between the logging, the doing and the counting would leave a record of what never
 * happened, or a count one too low: the record would then tell of losses that are not there.
 * Therefore who kills sets `stop` first and waits until `busy` is 0 or the process is gone. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
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
static struct shared {
	uint64_t count; /* operations in the log */
	uint32_t busy;  /* one is being logged, done and counted */
	uint32_t stop;  /* no further one may begin: die instead */
} * shared;
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
	if (log_fd < 0 || fd < 0 || ftruncate(fd, sizeof(*shared)) != 0) {
		abort();
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (shared == MAP_FAILED) {
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

/** Says `busy` before it looks at `stop`, as the killer says `stop` before it looks at `busy`. */
static void begin(void)
{
	(void)pthread_mutex_lock(&lock);
	__atomic_store_n(&shared->busy, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&shared->stop, __ATOMIC_SEQ_CST) != 0) {
		(void)kill(getpid(), SIGKILL);
		abort();
	}
}

static void end(void)
{
	__atomic_store_n(&shared->busy, 0, __ATOMIC_SEQ_CST);
	(void)pthread_mutex_unlock(&lock);
}

/** Between begin() and end(). */
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
	__atomic_add_fetch(&shared->count, 1, __ATOMIC_SEQ_CST);
}

static const char *path_of(int fd)
{
	return fd >= 0 && fd < FDS ? paths[fd] : NULL;
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
		record(OP_CREATE, paths[fd], (flags & O_TRUNC) != 0, NULL, 0);
	}
}

#define OPEN_BODY(NAME)                                                              \
	va_list ap;                                                                  \
	va_start(ap, flags);                                                         \
	mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(ap, mode_t) : 0; \
	va_end(ap);                                                                  \
	start();                                                                     \
	int made = root != NULL && (flags & O_CREAT) != 0;                           \
	if (made) {                                                                  \
		begin();                                                             \
	}

#define OPEN_END(FD, AT)                    \
	note_open((FD), (AT), path, flags); \
	if (made) {                         \
		end();                      \
	}

int open(const char *path, int flags, ...)
{
	OPEN_BODY("open")
	int fd = ((int (*)(const char *, int, ...))real("open"))(path, flags, mode);
	OPEN_END(fd, AT_FDCWD)
	return fd;
}

int open64(const char *path, int flags, ...)
{
	OPEN_BODY("open64")
	int fd = ((int (*)(const char *, int, ...))real("open64"))(path, flags, mode);
	OPEN_END(fd, AT_FDCWD)
	return fd;
}

int openat(int at, const char *path, int flags, ...)
{
	OPEN_BODY("openat")
	int fd = ((int (*)(int, const char *, int, ...))real("openat"))(at, path, flags, mode);
	OPEN_END(fd, at)
	return fd;
}

int openat64(int at, const char *path, int flags, ...)
{
	OPEN_BODY("openat64")
	int fd = ((int (*)(int, const char *, int, ...))real("openat64"))(at, path, flags, mode);
	OPEN_END(fd, at)
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

/** Logs a write before the caller does it; written() must follow. */
static int writes(int fd, off_t offset, const struct iovec *iov, int n)
{
	if (path_of(fd) == NULL) {
		return 0;
	}
	begin();
	record(OP_WRITE, paths[fd], (uint64_t)(offset < 0 ? lseek(fd, 0, SEEK_CUR) : offset), iov,
	       n);
	return 1;
}

static ssize_t written(int fd, int logged, ssize_t n)
{
	if (logged) {
		if (data_sync[fd]) {
			record(OP_SYNC, paths[fd], 0, NULL, 0);
		}
		end();
	}
	return n;
}

static ssize_t do_pwrite(const char *name, int fd, const void *buf, size_t len, off_t offset)
{
	struct iovec iov = { (void *)(uintptr_t)buf, len };
	int logged = writes(fd, offset, &iov, 1);

	return written(fd, logged,
		       ((ssize_t(*)(int, const void *, size_t, off_t))real(name))(fd, buf, len,
										  offset));
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
	int logged = writes(fd, -1, &iov, 1);

	return written(fd, logged,
		       ((ssize_t(*)(int, const void *, size_t))real("write"))(fd, buf, len));
}

ssize_t writev(int fd, const struct iovec *iov, int count)
{
	int logged = writes(fd, -1, iov, count);

	return written(fd, logged,
		       ((ssize_t(*)(int, const struct iovec *, int))real("writev"))(fd, iov,
										    count));
}

static ssize_t do_pwritev(const char *name, int fd, const struct iovec *iov, int count,
			  off_t offset)
{
	int logged = writes(fd, offset, iov, count);

	return written(fd, logged,
		       ((ssize_t(*)(int, const struct iovec *, int, off_t))real(name))(
			       fd, iov, count, offset));
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
	int (*sync_)(int) = (int (*)(int))real(name);
	struct stat st;

	if (path_of(fd) == NULL) {
		return sync_(fd);
	}
	begin();
	int rc = sync_(fd);
	if (rc == 0) {
		int dir = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
		record(dir ? OP_SYNC_DIR : OP_SYNC, paths[fd], 0, NULL, 0);
	}
	end();
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

/** Logs a change of names before the caller does it; named() must follow. */
static int names(uint32_t op, int at, const char *from, int to_at, const char *to)
{
	char a[PATH_MAX], b[PATH_MAX];
	const char *base = path_of(at), *to_base = path_of(to_at);

	start();
	(void)snprintf(a, sizeof(a), "%s%s%s", base == NULL || from[0] == '/' ? "" : base,
		       base == NULL || from[0] == '/' ? "" : "/", from);
	(void)snprintf(b, sizeof(b), "%s%s%s", to_base == NULL || to[0] == '/' ? "" : to_base,
		       to_base == NULL || to[0] == '/' ? "" : "/", to);
	if (!below(a)) {
		return 0;
	}
	struct iovec iov = { b, strlen(b) };
	begin();
	record(op, a, 0, &iov, 1);
	return 1;
}

static int named(int logged, int rc)
{
	if (logged) {
		end();
	}
	return rc;
}

int rename(const char *from, const char *to)
{
	int logged = names(OP_RENAME, AT_FDCWD, from, AT_FDCWD, to);

	return named(logged, ((int (*)(const char *, const char *))real("rename"))(from, to));
}

int renameat(int at, const char *from, int to_at, const char *to)
{
	int logged = names(OP_RENAME, at, from, to_at, to);

	return named(logged, ((int (*)(int, const char *, int, const char *))real("renameat"))(
				     at, from, to_at, to));
}

int unlink(const char *path)
{
	int logged = names(OP_UNLINK, AT_FDCWD, path, AT_FDCWD, "");

	return named(logged, ((int (*)(const char *))real("unlink"))(path));
}

int unlinkat(int at, const char *path, int flags)
{
	int logged = names(OP_UNLINK, at, path, AT_FDCWD, "");

	return named(logged, ((int (*)(int, const char *, int))real("unlinkat"))(at, path, flags));
}

static int do_truncate(const char *name, int fd, off_t len)
{
	int (*truncate_)(int, off_t) = (int (*)(int, off_t))real(name);

	if (path_of(fd) == NULL) {
		return truncate_(fd, len);
	}
	begin();
	record(OP_TRUNCATE, paths[fd], (uint64_t)len, NULL, 0);
	int rc = truncate_(fd, len);
	end();
	return rc;
}

int ftruncate(int fd, off_t len)
{
	return do_truncate("ftruncate", fd, len);
}

int ftruncate64(int fd, off64_t len)
{
	return do_truncate("ftruncate64", fd, len);
}
