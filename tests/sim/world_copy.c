/* SPDX-License-Identifier: EUPL-1.2 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sim/world.h"

#define SCRATCH_ROOT "/dev/shm/schakel-sim-XXXXXX"
#define SCRATCH_MAX 64
#define COPY_AGE_MAX_MS (20 * SIM_DAY_MS)

/* --- directories on memory; removed also when an assertion stops the run --- */

static char scratch[SCRATCH_MAX][80];

static void remove_files(const char *dir)
{
	static const char *const file[] = { "data.mdb", "lock.mdb", "owner.lock" };
	char path[128];

	for (size_t i = 0; i < SK_LEN(file); i++) {
		size_t len = strlen(dir);
		memcpy(path, dir, len);
		path[len] = '/';
		(void)strncpy(path + len + 1, file[i], sizeof(path) - len - 2);
		path[sizeof(path) - 1] = '\0';
		(void)unlink(path);
	}
	(void)rmdir(dir);
}

void scratch_remove_all(void)
{
	for (size_t i = 0; i < SCRATCH_MAX; i++) {
		if (scratch[i][0] != '\0') {
			remove_files(scratch[i]);
			scratch[i][0] = '\0';
		}
	}
}

static void on_abort(int signum)
{
	(void)signum; /* returns: the process ends as it would have */
	scratch_remove_all();
}

void scratch_dir(char *buf, size_t len, const char *name)
{
	size_t i = 0;

	(void)name;
	(void)signal(SIGABRT, on_abort);
	while (i < SCRATCH_MAX && scratch[i][0] != '\0') {
		i++;
	}
	SK_ASSERT(i < SCRATCH_MAX && len >= sizeof(SCRATCH_ROOT));
	(void)snprintf(buf, len, "%s", SCRATCH_ROOT);
	SK_ASSERT(mkdtemp(buf) != NULL);
	(void)snprintf(scratch[i], sizeof(scratch[i]), "%s", buf);
}

void scratch_remove(const char *dir)
{
	for (size_t i = 0; i < SCRATCH_MAX; i++) {
		if (strcmp(scratch[i], dir) == 0) {
			remove_files(dir);
			scratch[i][0] = '\0';
		}
	}
}

/* --- backups --- */

static void file_path(char *buf, size_t len, const char *dir, const char *name)
{
	int n = snprintf(buf, len, "%s/%s", dir, name);

	SK_ASSERT(n > 0 && (size_t)n < len);
}

static uint8_t *read_file(const char *path, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t end = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);

	SK_ASSERT(fd >= 0 && end >= 0);
	uint8_t *buf = sim_alloc((size_t)end);
	SK_ASSERT(pread(fd, buf, (size_t)end, 0) == end);
	(void)close(fd);
	*ret_len = (size_t)end;
	return buf;
}

static void write_file(const char *path, const uint8_t *buf, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	SK_ASSERT(fd >= 0 && write(fd, buf, len) == (ssize_t)len);
	(void)close(fd);
}

static void drop_copy(struct daemon *d, size_t i)
{
	free(d->copy[i].store);
	disk_done(&d->copy[i].disk);
	memmove(&d->copy[i], &d->copy[i + 1], (d->copies - i - 1) * sizeof(d->copy[0]));
	d->copies--;
	d->copy[d->copies] = (struct copy){ 0 };
}

void copies_take(struct daemon *d)
{
	char dir[80], path[96];

	/* Only between batches: what the copy holds is then a part of every later life. */
	if (!d->up || d->ledger.len != d->disk.durable_sequence || d->ledger.awaited > 0) {
		return;
	}
	if (d->copies == COPIES_MAX) {
		drop_copy(d, rng_below(&d->w->rng, COPIES_MAX));
	}
	struct copy *c = &d->copy[d->copies++];
	scratch_dir(dir, sizeof(dir), d->svc->name);
	SK_ASSERT(store_copy(&d->store, dir) == SK_OK);
	file_path(path, sizeof(path), dir, "data.mdb");
	c->store = read_file(path, &c->store_len);
	scratch_remove(dir);
	disk_copy(&c->disk, &d->disk);
	c->sequence = d->ledger.len;
	c->taken_us = d->w->now_us;
	c->aged_ms = d->w->aged_ms;
	world_trace(d->w, "%s: a copy is taken at %llu", d->svc->name,
		    (unsigned long long)c->sequence);
}

static void put_back(struct daemon *d, const struct copy *c)
{
	char path[96];

	file_path(path, sizeof(path), d->dir, "lock.mdb");
	(void)unlink(path);
	file_path(path, sizeof(path), d->dir, "data.mdb");
	write_file(path, c->store, c->store_len);
	disk_copy(&d->disk, &c->disk);
	ledger_truncate(&d->ledger, c->sequence);
	d->ledger.left_sequence = c->sequence;
	d->slot = (struct poison_slot){ 0 };
	net_reset(d->w, d->node); /* nothing from before is still under way */
	d->restores++;
	d->unheard = true;
	d->hearing = false;
	d->w->restores++;
	if (d->w->scenario->restored != NULL) {
		d->w->scenario->restored(d->w, d);
	}
}

bool copies_restore(struct daemon *d)
{
	struct world *w = d->w;
	bool file_lost = rng_coin(&w->rng);

	SK_ASSERT(!d->up);
	if (d->copies == 0) {
		return false;
	}
	size_t i = rng_below(&w->rng, d->copies);
	uint64_t sequence = d->copy[i].sequence;
	/* What peers forgot since (tombstone_days) no inventory tells: no older copy is put back.
	 */
	uint64_t age_ms =
		(w->now_us - d->copy[i].taken_us) / 1000 + w->aged_ms - d->copy[i].aged_ms;
	if (age_ms > COPY_AGE_MAX_MS) {
		return false;
	}
	/* The file lags by a second at most; a copy that is younger than it tells nothing. */
	if (!file_lost && d->file_sequence <= sequence) {
		return false;
	}
	world_trace(w, "%s: a copy of %llu takes its place, incarnation file %s", d->svc->name,
		    (unsigned long long)sequence, file_lost ? "lost" : "kept");
	put_back(d, &d->copy[i]);
	if (file_lost) {
		d->file_inc = (struct incarnation){ 0 };
		d->file_sequence = 0;
	}
	for (size_t j = d->copies; j-- > 0;) {
		if (d->copy[j].sequence > sequence) {
			drop_copy(d, j);
		}
	}
	return true;
}

void copies_done(struct daemon *d)
{
	while (d->copies > 0) {
		drop_copy(d, d->copies - 1);
	}
}
