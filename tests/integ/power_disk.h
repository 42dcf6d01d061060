/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A model of what is on the disk while a recording is played: content that was synced, and
 *  pieces written since, of which a power cut keeps any subset. For power_tool only. */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/err.h"

enum op_kind { OP_WRITE = 1, OP_SYNC, OP_RENAME, OP_UNLINK, OP_TRUNCATE, OP_SYNC_DIR, OP_CREATE };

#define FILES_MAX 512
#define PENDING_MAX 65536
#define UNIT 512

struct op {
	uint32_t kind;
	char path[256]; /* below ROOT */
	uint64_t offset;
	uint64_t len;
	const uint8_t *data;
};

struct file {
	char name[256];     /* "" : unlinked */
	char old_name[256]; /* before a rename that is not durable yet */
	bool named;         /* its name is durable */
	uint8_t *data;      /* durable content */
	size_t len, cap;
	const struct op *pending[4096];
	size_t pending_len;
};

static struct file files_of[FILES_MAX];
static size_t files_len;
static uint64_t rng;

static _Noreturn void fail(const char *what, uint64_t a, uint64_t b)
{
	(void)fprintf(stderr, "power_tool: %s (%llu, %llu)\n", what, (unsigned long long)a,
		      (unsigned long long)b);
	_exit(1);
}

static uint64_t draw(uint64_t below)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return below == 0 ? 0 : rng % below;
}

/* --- the model of the disk --- */

static struct file *find_file(const char *name)
{
	for (size_t i = files_len; i-- > 0;) {
		if (strcmp(files_of[i].name, name) == 0) {
			return &files_of[i];
		}
	}
	return NULL;
}

/** A descriptor that was opened before a rename still writes to the same file. */
static struct file *find_written(const char *name)
{
	struct file *f = find_file(name);

	for (size_t i = files_len; f == NULL && i-- > 0;) {
		if (strcmp(files_of[i].old_name, name) == 0) {
			return &files_of[i];
		}
	}
	return f;
}

static struct file *add_file(const char *name)
{
	struct file *f = find_file(name);

	if (f != NULL) {
		return f;
	}
	if (files_len == FILES_MAX) {
		fail("too many files", files_len, 0);
	}
	f = &files_of[files_len++];
	(void)snprintf(f->name, sizeof(f->name), "%s", name);
	return f;
}

static void grow(uint8_t **data, size_t *cap, size_t len)
{
	if (len <= *cap) {
		return;
	}
	size_t more = *cap == 0 ? 65536 : *cap;
	while (more < len) {
		more *= 2;
	}
	uint8_t *p = realloc(*data, more);
	if (p == NULL) {
		fail("memory", more, 0);
	}
	memset(p + *cap, 0, more - *cap);
	*data = p;
	*cap = more;
}

static void lay(struct file *f, uint64_t offset, const uint8_t *data, size_t len)
{
	grow(&f->data, &f->cap, offset + len);
	memcpy(f->data + offset, data, len);
	f->len = offset + len > f->len ? offset + len : f->len;
}

static void settle(struct file *f)
{
	for (size_t i = 0; i < f->pending_len; i++) {
		const struct op *op = f->pending[i];
		if (op->kind == OP_WRITE) {
			lay(f, op->offset, op->data, op->len);
		} else {
			grow(&f->data, &f->cap, op->offset);
			f->len = op->offset;
		}
	}
	f->pending_len = 0;
}

static void apply_rename(const struct op *op)
{
	struct file *f = find_file(op->path);
	char to[256];

	(void)snprintf(to, sizeof(to), "%.*s", (int)op->len, (const char *)op->data);
	if (f == NULL) {
		return;
	}
	struct file *old = find_file(to);
	if (old != NULL) {
		old->name[0] = '\0'; /* replaced; the model takes the new one from here on */
	}
	memcpy(f->old_name, f->name, sizeof(f->old_name));
	memcpy(f->name, to, sizeof(f->name));
	/* Renamed over a durable file: the old content under that name is small metadata which the
	 * engine does not read; a new name counts as durable at the sync of its directory. */
	f->named = old != NULL;
}

static void apply(const struct op *op)
{
	struct file *f = op->kind == OP_SYNC_DIR ? NULL : find_written(op->path);

	switch ((enum op_kind)op->kind) {
	case OP_CREATE:
		f = add_file(op->path);
		break;
	case OP_WRITE:
	case OP_TRUNCATE:
		if (f == NULL) {
			f = add_file(op->path);
		}
		if (f->pending_len == SK_LEN(f->pending)) {
			fail("too much unsynced", f->pending_len, 0);
		}
		f->pending[f->pending_len++] = op;
		break;
	case OP_SYNC:
		if (f != NULL) {
			settle(f);
		}
		break;
	case OP_RENAME:
		apply_rename(op);
		break;
	case OP_UNLINK:
		if (f != NULL) {
			f->name[0] = '\0';
		}
		break;
	case OP_SYNC_DIR:
		for (size_t i = 0; i < files_len; i++) {
			files_of[i].named = true;
		}
		break;
	}
}

/* --- images --- */

enum variant { NONE, ALL, ONE_ALONE, ONE_MISSING, RANDOM, VARIANTS };

struct choice {
	enum variant variant;
	uint64_t unit; /* of ONE_*: counted over all pending pieces */
	uint64_t seen;
};

static uint64_t units_of(const struct op *op)
{
	return op->kind == OP_WRITE ? (op->len + UNIT - 1) / UNIT : 1;
}

static bool chosen(struct choice *c)
{
	uint64_t at = c->seen++;

	switch (c->variant) {
	case ALL:
		return true;
	case ONE_ALONE:
		return at == c->unit;
	case ONE_MISSING:
		return at != c->unit;
	case RANDOM:
		return draw(2) == 0;
	case NONE:
	case VARIANTS:
	default:
		return false;
	}
}

static void write_all(const char *path, const uint8_t *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t whole = len;

	while (len > 0 && data[len - 1] == 0) {
		len--; /* segments are mostly zero: leave a hole */
	}
	if (fd < 0 || (len > 0 && write(fd, data, len) != (ssize_t)len) ||
	    ftruncate(fd, (off_t)whole) != 0 || close(fd) != 0) {
		fail("image file", len, 0);
	}
}

static void write_image_file(const char *dir, const struct file *f, struct choice *c)
{
	struct file image = { .len = f->len };
	char path[512];

	if (f->name[0] == '\0' || (!f->named && draw(2) == 0 && f->old_name[0] == '\0')) {
		return;
	}
	grow(&image.data, &image.cap, f->len + 1);
	if (f->len > 0) {
		memcpy(image.data, f->data, f->len);
	}
	for (size_t i = 0; i < f->pending_len; i++) {
		const struct op *op = f->pending[i];
		for (uint64_t at = 0; op->kind == OP_WRITE && at < op->len; at += UNIT) {
			size_t len = op->len - at < UNIT ? op->len - at : UNIT;
			if (chosen(c)) {
				lay(&image, op->offset + at, op->data + at, len);
			}
		}
		if (op->kind == OP_TRUNCATE && chosen(c)) {
			grow(&image.data, &image.cap, op->offset);
			image.len = op->offset;
		}
	}
	(void)snprintf(path, sizeof(path), "%s/%s", dir, f->name);
	write_all(path, image.data, image.len);
	free(image.data);
}

static void write_image(const char *dir, struct choice *c)
{
	uint64_t units = 0;
	char path[512];

	for (size_t i = 0; i < files_len; i++) {
		for (size_t k = 0; k < files_of[i].pending_len; k++) {
			units += units_of(files_of[i].pending[k]);
		}
	}
	c->unit = draw(units);
	(void)snprintf(path, sizeof(path), "%s/store", dir);
	(void)mkdir(path, 0700);
	(void)snprintf(path, sizeof(path), "%s/journal", dir);
	(void)mkdir(path, 0700);
	for (size_t i = 0; i < files_len; i++) {
		write_image_file(dir, &files_of[i], c);
	}
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_below(const char *dir)
{
	if (nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0) {
		fail("remove", 0, 0);
	}
}

/* --- reading the recording --- */

static void load_base(const char *base, const char *sub)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s", base, sub);
	DIR *d = opendir(path);
	if (d == NULL) {
		fail("base directory", 0, 0);
	}
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
		char name[400], full[512];
		struct stat st;
		(void)snprintf(name, sizeof(name), "%s%s%s", sub, sub[0] == '\0' ? "" : "/",
			       e->d_name);
		(void)snprintf(full, sizeof(full), "%s/%.400s", base, name);
		if (stat(full, &st) != 0 || !S_ISREG(st.st_mode) || strlen(name) > 200) {
			continue;
		}
		struct file *f = add_file(name);
		f->named = true;
		f->len = (size_t)st.st_size;
		grow(&f->data, &f->cap, f->len + 1);
		int fd = open(full, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || read(fd, f->data, f->len) != (ssize_t)f->len) {
			fail("base file", f->len, 0);
		}
		(void)close(fd);
	}
	(void)closedir(d);
}

static struct op *read_log(const char *path, const char *root, size_t *ret_len)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		fail("log", 0, 0);
	}
	const uint8_t *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	const uint8_t *end = p + st.st_size;
	size_t cap = 1024, n = 0, root_len = strlen(root) + 1;
	struct op *ops = calloc(cap, sizeof(*ops));
	while (p + 8 < end && ops != NULL) {
		uint32_t head[2];
		uint64_t tail[2];
		if (n == cap) {
			cap *= 2;
			ops = realloc(ops, cap * sizeof(*ops));
			if (ops == NULL) {
				break;
			}
		}
		struct op *op = &ops[n++];
		memset(op, 0, sizeof(*op));
		memcpy(head, p, sizeof(head));
		p += sizeof(head);
		op->kind = head[0];
		size_t skip = head[1] >= root_len ? root_len : head[1];
		(void)snprintf(op->path, sizeof(op->path), "%.*s", (int)(head[1] - skip),
			       (const char *)p + skip);
		p += head[1];
		memcpy(tail, p, sizeof(tail));
		p += sizeof(tail);
		op->offset = tail[0];
		op->len = tail[1];
		op->data = p;
		p += tail[1];
		if (op->kind == OP_RENAME && op->len > root_len) {
			op->data += root_len;
			op->len -= root_len;
		}
	}
	*ret_len = n;
	return ops;
}
