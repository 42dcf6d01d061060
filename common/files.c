/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "common/files_private.h"

#define FILL_BYTES (1U << 20)
#define FILL_SYNC_EVERY 4 /* small syncs: a batch's flush should not wait behind a large one */
#define SEGMENT_NAME_LEN 32

int files_errno(void)
{
	return errno == ENOSPC || errno == EDQUOT ? SK_EFULL : SK_ESYS;
}

int files_write_all(int fd, const void *buf, size_t len, uint64_t offset)
{
	const uint8_t *p = buf;
	while (len > 0) {
		ssize_t n = pwrite(fd, p, len, (off_t)offset);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return files_errno();
		}
		p += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return SK_OK;
}

static void segment_name(uint64_t seg, const char *suffix, char ret_name[SEGMENT_NAME_LEN])
{
	(void)snprintf(ret_name, SEGMENT_NAME_LEN, FILES_SEGMENT_NAME "%s", (unsigned long long)seg,
		       suffix);
}

/* --- making a segment; runs in the worker too, so it touches the directory only --- */

static int fill(int fd, uint64_t bytes)
{
	static const uint8_t zeroes[FILL_BYTES];
	int err = SK_OK;
	uint64_t pieces = 0;
	for (uint64_t at = 0; at < bytes && err == SK_OK; at += FILL_BYTES) {
		uint64_t len = bytes - at < FILL_BYTES ? bytes - at : FILL_BYTES;
		err = files_write_all(fd, zeroes, (size_t)len, at);
		pieces++;
		if (err == SK_OK && pieces % FILL_SYNC_EVERY == 0 && fdatasync(fd) != 0) {
			err = files_errno();
		}
	}
	if (err == SK_OK && fsync(fd) != 0) {
		err = files_errno();
	}
	return err;
}

static int make_segment(int dir, uint64_t seg, uint64_t bytes)
{
	char name[SEGMENT_NAME_LEN];
	char temp[SEGMENT_NAME_LEN];
	segment_name(seg, "", name);
	segment_name(seg, ".new", temp);
	if (faccessat(dir, name, F_OK, 0) == 0) {
		return SK_OK;
	}
	int fd = openat(dir, temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		return files_errno();
	}
	int err = fill(fd, bytes);
	if (close(fd) != 0 && err == SK_OK) {
		err = files_errno();
	}
	if (err == SK_OK && (renameat(dir, temp, dir, name) != 0 || fsync(dir) != 0)) {
		err = files_errno();
	}
	if (err != SK_OK) {
		/* Gives the space back; the name may be gone already. */
		(void)unlinkat(dir, temp, 0);
	}
	return err;
}

static void on_work(uv_work_t *work)
{
	struct files *f = work->data;
	/* A failure shows when the segment is needed: seg_make then tries again and says why. */
	int err = make_segment(f->journal_dir, f->ahead_seg, f->segment_bytes);
	(void)err;
	(void)pthread_mutex_lock(&f->lock);
	f->ahead = AHEAD_DONE;
	(void)pthread_cond_signal(&f->ended);
	(void)pthread_mutex_unlock(&f->lock);
}

static void on_worked(uv_work_t *work, int status)
{
	struct files *f = work->data;
	(void)status;
	f->ahead = AHEAD_NONE; /* only now may the request be used again */
}

static void ahead_wait(struct files *f)
{
	(void)pthread_mutex_lock(&f->lock);
	while (f->ahead == AHEAD_UNDER_WAY) {
		(void)pthread_cond_wait(&f->ended, &f->lock);
	}
	(void)pthread_mutex_unlock(&f->lock);
}

static void seg_ahead(void *ctx, uint64_t seg)
{
	struct files *f = ctx;
	(void)pthread_mutex_lock(&f->lock);
	bool free_now = f->loop != NULL && f->ahead == AHEAD_NONE;
	if (free_now) {
		f->ahead = AHEAD_UNDER_WAY;
		f->ahead_seg = seg;
	}
	(void)pthread_mutex_unlock(&f->lock);
	f->work.data = f;
	if (free_now && uv_queue_work(f->loop, &f->work, on_work, on_worked) != 0) {
		f->ahead = AHEAD_NONE;
	}
}

static int seg_make(void *ctx, uint64_t seg)
{
	struct files *f = ctx;
	if (f->progress != NULL) {
		f->progress();
	}
	ahead_wait(f);
	return make_segment(f->journal_dir, seg, f->segment_bytes);
}

/* --- reading and writing --- */

static struct files_segment *slot_for(struct files *f, uint64_t seg)
{
	struct files_segment *oldest = &f->open[0];
	for (size_t i = 0; i < FILES_OPEN_SEGMENTS; i++) {
		if (f->open[i].seg == seg) {
			return &f->open[i];
		}
		if (f->open[i].used < oldest->used) {
			oldest = &f->open[i];
		}
	}
	return oldest;
}

static void segment_forget(struct files_segment *s)
{
	if (s->seg != 0) {
		(void)close(s->fd);
		s->seg = 0;
	}
}

/* The descriptor stays open between a write and its flush: one opened later might not be told of a
 * write error that happened in between. */
static int segment_open(struct files *f, uint64_t seg, int *ret_fd)
{
	struct files_segment *s = slot_for(f, seg);
	if (s->seg != seg) {
		char name[SEGMENT_NAME_LEN];
		segment_name(seg, "", name);
		int fd = openat(f->journal_dir, name, O_RDWR | O_CLOEXEC);
		if (fd < 0) {
			return files_errno();
		}
		segment_forget(s);
		s->seg = seg;
		s->fd = fd;
	}
	s->used = ++f->uses;
	*ret_fd = s->fd;
	return SK_OK;
}

static int seg_read(void *ctx, uint64_t seg, uint64_t offset, void *buf, size_t len)
{
	struct files *f = ctx;
	int fd = -1;
	int err = segment_open(f, seg, &fd);
	uint8_t *p = buf;
	if (f->progress != NULL) {
		f->progress();
	}
	while (err == SK_OK && len > 0) {
		ssize_t n = pread(fd, p, len, (off_t)offset);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return SK_ESYS; /* a segment is never shorter than it was made */
		}
		p += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return err;
}

static int seg_write(void *ctx, uint64_t seg, uint64_t offset, const void *buf, size_t len)
{
	struct files *f = ctx;
	int fd = -1;
	if (offset > f->segment_bytes || len > f->segment_bytes - offset) {
		return SK_EINVAL; /* growing the file would make the flush twice as slow */
	}
	int err = segment_open(f, seg, &fd);
	return err == SK_OK ? files_write_all(fd, buf, len, offset) : err;
}

/* A failure is not tried again, not even after EINTR: its outcome is unknown. */
static int seg_flush(void *ctx, uint64_t seg)
{
	struct files *f = ctx;
	int fd = -1;
	int err = segment_open(f, seg, &fd);
	uint64_t start_us = uv_hrtime() / 1000;
	if (err == SK_OK && fdatasync(fd) != 0) {
		err = files_errno();
	}
	f->flush_us[f->flushes++ % FILES_FLUSHES] = (uint32_t)(uv_hrtime() / 1000 - start_us);
	return err;
}

static int by_size(const void *a, const void *b)
{
	const uint32_t *x = a;
	const uint32_t *y = b;
	return (*x > *y) - (*x < *y);
}

static uint64_t flush_us_p50(void *ctx)
{
	const struct files *f = ctx;
	uint32_t sorted[FILES_FLUSHES];
	size_t len = f->flushes < FILES_FLUSHES ? (size_t)f->flushes : FILES_FLUSHES;
	memcpy(sorted, f->flush_us, sizeof(sorted));
	qsort(sorted, len, sizeof(sorted[0]), by_size);
	return len == 0 ? 0 : sorted[len / 2];
}

static int seg_remove(void *ctx, uint64_t seg)
{
	struct files *f = ctx;
	struct files_segment *s = slot_for(f, seg);
	if (s->seg == seg) {
		segment_forget(s);
	}
	char name[SEGMENT_NAME_LEN];
	segment_name(seg, "", name);
	if (unlinkat(f->journal_dir, name, 0) != 0 && errno != ENOENT) {
		return files_errno();
	}
	return fsync(f->journal_dir) == 0 ? SK_OK : files_errno();
}

static int seg_list(void *ctx, uint64_t *ret_first, uint64_t *ret_last)
{
	struct files *f = ctx;
	return files_list(f->journal_dir, ret_first, ret_last);
}

/* --- clocks, disk --- */

static uint64_t clock_ms(clockid_t which)
{
	struct timespec t;
	int rc = clock_gettime(which, &t);
	SK_ASSERT(rc == 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static uint64_t wall_ms(void *ctx)
{
	(void)ctx;
	return clock_ms(CLOCK_REALTIME);
}

static uint64_t boot_ms(void *ctx)
{
	(void)ctx;
	return clock_ms(CLOCK_BOOTTIME);
}

/* A disk that cannot say how full it is counts as full. */
static uint64_t disk_free(void *ctx)
{
	struct files *f = ctx;
	struct statvfs v;
	if (fstatvfs(f->journal_dir, &v) != 0) {
		return 0;
	}
	return (uint64_t)v.f_bavail * (uint64_t)v.f_frsize;
}

void files_port(struct files *f, struct port *port)
{
	port->seg_list = seg_list;
	port->seg_make = seg_make;
	port->seg_ahead = seg_ahead;
	port->seg_read = seg_read;
	port->seg_write = seg_write;
	port->seg_flush = seg_flush;
	port->seg_remove = seg_remove;
	port->wall_ms = wall_ms;
	port->boot_ms = boot_ms;
	port->disk_free = disk_free;
	port->flush_us_p50 = flush_us_p50;
	port->crash_point = NULL;
	port->slot = f->slot;
}

void files_close(struct files *f)
{
	if (f->lock_made) {
		ahead_wait(f);
		(void)pthread_cond_destroy(&f->ended);
		(void)pthread_mutex_destroy(&f->lock);
		f->lock_made = false;
	}
	for (size_t i = 0; i < FILES_OPEN_SEGMENTS; i++) {
		segment_forget(&f->open[i]);
	}
	files_unmap_slot(f);
	if (f->journal_dir > 0) {
		(void)close(f->journal_dir);
		f->journal_dir = 0;
	}
}
