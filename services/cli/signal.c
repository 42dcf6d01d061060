/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/signal.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Device numbers in /proc/locks are not those of stat() on every file system, so an equal inode is
 * not enough to send a signal to somebody. */
static bool is_ours(pid_t pid)
{
	char path[64];
	char name[32] = "";

	(void)snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	FILE *f = fopen(path, "re");
	if (f == NULL) {
		return false;
	}
	bool read = fgets(name, sizeof(name), f) != NULL;
	(void)fclose(f);
	return read && strncmp(name, "schakel-", strlen("schakel-")) == 0;
}

/* "1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF": the process, when the inode is that one. */
static pid_t holder_of(char *line, ino_t inode)
{
	char *word[6] = { NULL };
	char *rest = line;
	size_t n = 0;

	for (char *w = strsep(&rest, " \n"); w != NULL && n < SK_LEN(word);
	     w = strsep(&rest, " \n")) {
		if (w[0] != '\0') {
			word[n++] = w;
		}
	}
	char *colon = n == SK_LEN(word) ? strrchr(word[5], ':') : NULL;
	if (colon == NULL || strcmp(word[1], "FLOCK") != 0 || strcmp(word[3], "WRITE") != 0 ||
	    strtoull(colon + 1, NULL, 10) != inode) {
		return 0;
	}
	return (pid_t)strtol(word[4], NULL, 10);
}

pid_t daemon_pid(const struct conf_daemon *d)
{
	char path[PATH_MAX];
	char line[256];
	struct stat st;
	pid_t found = 0;

	(void)snprintf(path, sizeof(path), "%s/store/owner.lock", d->dir);
	if (stat(path, &st) != 0) {
		return 0;
	}
	FILE *f = fopen("/proc/locks", "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		pid_t pid = holder_of(line, st.st_ino);
		found = pid > 0 && is_ours(pid) ? pid : found;
	}
	if (f != NULL) {
		(void)fclose(f);
	}
	return found;
}

unsigned daemons_reload(const struct cli *c, const struct conf *conf)
{
	unsigned told = 0;

	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		pid_t pid = daemon_pid(&conf->daemons[i]);
		if (pid > 0 && kill(pid, SIGHUP) == 0) {
			told++;
		} else if (pid > 0) {
			cli_say(c, "%s: geef zelf kill -HUP %d (%s)",
				"%s: give kill -HUP %d yourself (%s)", conf->daemons[i].name,
				(int)pid, strerror(errno));
		}
	}
	return told;
}
