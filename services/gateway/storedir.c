/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/storedir.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/conf.h"
#include "common/files.h"

#define DESCRIPTORS 8

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

int storedir_remove(const char *dir)
{
	int rc = nftw(dir, remove_one, DESCRIPTORS, FTW_PHYS | FTW_DEPTH);

	return rc == 0 || errno == ENOENT ? SK_OK : SK_ESYS;
}

/* The folders above it. */
static int make_parents(const char *dir)
{
	char path[CONF_PATH_MAX];

	if (snprintf(path, sizeof(path), "%s", dir) >= (int)sizeof(path)) {
		return SK_EINVAL;
	}
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST) {
			return SK_ESYS;
		}
		*slash = '/';
	}
	return SK_OK;
}

static int make(const char *dir, uint64_t map_bytes)
{
	char fresh[CONF_PATH_MAX];
	struct store st = { .lock_fd = -1 };
	struct store_conf sc = { .dir = fresh, .map_bytes = map_bytes };

	if (snprintf(fresh, sizeof(fresh), "%s.new", dir) >= (int)sizeof(fresh)) {
		return SK_EINVAL;
	}
	int err = make_parents(dir);
	if (err == SK_OK) {
		err = storedir_remove(fresh);
	}
	if (err == SK_OK && mkdir(fresh, 0700) != 0) {
		err = SK_ESYS;
	}
	if (err == SK_OK) {
		err = store_create(&st, &sc);
	}
	store_close(&st);
	if (err == SK_OK) {
		err = files_sync_dir(fresh);
	}
	return err == SK_OK && rename(fresh, dir) != 0 ? SK_ESYS : err;
}

int storedir_open(struct store *st, const char *dir, uint64_t map_bytes)
{
	struct store_conf sc = { .dir = dir, .map_bytes = map_bytes };
	int err = store_open(st, &sc);

	if (err == SK_ENOENT) {
		err = make(dir, map_bytes);
		if (err == SK_OK) {
			err = store_open(st, &sc);
		}
	}
	return err;
}
