/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "services/cli/node.h"

#define BLOCK (64U << 10)

int scratch_open(struct cli *c, struct scratch *ret_s)
{
	const char *base = cli_opt(c, "scratch");

	base = base != NULL ? base : getenv("TMPDIR");
	base = base != NULL && base[0] != '\0' ? base : "/tmp";
	(void)snprintf(ret_s->dir, sizeof(ret_s->dir), "%s/schakel-XXXXXX", base);
	if (mkdtemp(ret_s->dir) == NULL) {
		cli_say(c, "%s: hier kan geen werkmap komen: %s",
			"%s: no working directory can be made here: %s", base, strerror(errno));
		ret_s->dir[0] = '\0';
		return CLI_REFUSED;
	}
	return CLI_DONE;
}

void scratch_close(struct scratch *s)
{
	if (s->dir[0] != '\0') {
		node_remove_tree(s->dir);
		s->dir[0] = '\0';
	}
}

static bool is_zero(const uint8_t *p, size_t len)
{
	return len == 0 || (p[0] == 0 && memcmp(p, p + 1, len - 1) == 0);
}

static int write_at(int fd, const uint8_t *p, size_t len, off_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, p, len, at);
		if (n <= 0) {
			return errno == ENOSPC ? SK_EFULL : SK_ESYS;
		}
		p += n;
		at += n;
		len -= (size_t)n;
	}
	return SK_OK;
}

static int copy_bytes(int from, int to)
{
	static uint8_t block[BLOCK];
	off_t at = 0;

	for (;;) {
		ssize_t n = pread(from, block, sizeof(block), at);
		if (n < 0) {
			return SK_ESYS;
		}
		if (n == 0) {
			break;
		}
		int err = is_zero(block, (size_t)n) ? SK_OK : write_at(to, block, (size_t)n, at);
		if (err != SK_OK) {
			return err;
		}
		at += n;
	}
	return ftruncate(to, at) == 0 && fsync(to) == 0 ? SK_OK : SK_ESYS;
}

int copy_file(const char *from, const char *to, unsigned mode)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);

	if (in < 0) {
		return errno == ENOENT ? SK_ENOENT : SK_ESYS;
	}
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
	int err = out < 0 ? SK_ESYS : copy_bytes(in, out);
	(void)close(in);
	if (out >= 0 && close(out) != 0 && err == SK_OK) {
		err = SK_ESYS;
	}
	return err;
}

int copy_folder(const char *from, const char *to)
{
	DIR *d = opendir(from);
	int err = SK_OK;

	if (d == NULL) {
		return errno == ENOENT ? SK_ENOENT : SK_ESYS;
	}
	if (mkdir(to, 0700) != 0) {
		err = SK_ESYS;
	}
	for (struct dirent *e = readdir(d); err == SK_OK && e != NULL; e = readdir(d)) {
		char a[OFFLINE_PATH_MAX];
		char b[OFFLINE_PATH_MAX];
		struct stat st;
		int n = snprintf(a, sizeof(a), "%s/%s", from, e->d_name);
		int m = snprintf(b, sizeof(b), "%s/%s", to, e->d_name);
		if (n < 0 || m < 0 || (size_t)n >= sizeof(a) || (size_t)m >= sizeof(b)) {
			err = SK_EINVAL;
		} else if (stat(a, &st) == 0 && S_ISREG(st.st_mode)) {
			err = copy_file(a, b, st.st_mode & 0700);
		}
	}
	(void)closedir(d);
	return err;
}

int file_sum(const char *path, char ret_hex[65])
{
	static uint8_t block[BLOCK];
	crypto_generichash_state st;
	uint8_t sum[32];
	FILE *f = fopen(path, "re");
	size_t n;

	if (f == NULL) {
		return errno == ENOENT ? SK_ENOENT : SK_ESYS;
	}
	(void)crypto_generichash_init(&st, NULL, 0, sizeof(sum));
	while ((n = fread(block, 1, sizeof(block), f)) > 0) {
		(void)crypto_generichash_update(&st, block, n);
	}
	bool bad = ferror(f) != 0;
	(void)fclose(f);
	(void)crypto_generichash_final(&st, sum, sizeof(sum));
	(void)sodium_bin2hex(ret_hex, 65, sum, sizeof(sum));
	return bad ? SK_ESYS : SK_OK;
}
