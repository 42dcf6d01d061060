/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/demo_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "services/cli/signal.h"

#define CHILD_NOT_STARTED 127
#define POLL_MS 10
#define LEAVE_MS 5000 /* for the daemons of a demo that was killed */

static uint64_t clock_ms(void)
{
	struct timespec t;

	SK_ASSERT(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void pause_ms(unsigned ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	(void)nanosleep(&t, NULL);
}

/* Between fork and exec: only what is safe beside threads. A process group of its own keeps Ctrl-C
 * away from it: the demo ends it, in order. */
_Noreturn static void become(const struct demo_child *ch, const char *dir, pid_t parent, int log)
{
	char *const argv[] = { (char *)(uintptr_t)ch->program, (char *)(uintptr_t) "--config",
			       (char *)(uintptr_t)dir, NULL };
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0) {
		_exit(CHILD_NOT_STARTED);
	}
	(void)close_range(STDERR_FILENO + 1, ~0U, 0);
	(void)execv(ch->program, argv);
	_exit(CHILD_NOT_STARTED);
}

static int start(struct cli *c, struct demo_child *ch, const char *dir)
{
	pid_t parent = getpid();
	int log = open(ch->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);

	if (log < 0) {
		cli_say(c, "%s: %s", "%s: %s", ch->log, strerror(errno));
		return CLI_REFUSED;
	}
	pid_t pid = fork();
	if (pid == 0) {
		become(ch, dir, parent, log);
	}
	(void)close(log);
	if (pid < 0) {
		cli_say(c, "%s start niet: %s", "%s does not start: %s", ch->name, strerror(errno));
		return CLI_REFUSED;
	}
	ch->pid = pid;
	return CLI_DONE;
}

/* The daemons stand beside the command. */
static int find_program(struct cli *c, struct demo_child *ch)
{
	char self[CONF_PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[len < 0 ? 0 : len] = '\0';
	char *slash = strrchr(self, '/');
	if (slash != NULL) {
		*slash = '\0';
	}
	(void)snprintf(ch->program, sizeof(ch->program), "%.440s/schakel-%sd", self, ch->name);
	if (access(ch->program, X_OK) != 0) {
		cli_say(c, "%s is er niet; bouw eerst alles (make all)",
			"%s is not there; build everything first (make all)", ch->program);
		return CLI_USAGE;
	}
	return CLI_DONE;
}

int demo_children_absent(struct cli *c, const struct conf *conf)
{
	uint64_t until_ms = clock_ms() + LEAVE_MS;

	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		const struct conf_daemon *daemon = &conf->daemons[i];
		pid_t pid = daemon_pid(daemon);
		while (pid != 0 && clock_ms() < until_ms) {
			pause_ms(POLL_MS);
			pid = daemon_pid(daemon);
		}
		if (pid != 0) {
			cli_say(c,
				"Op %s loopt %s al (proces %d), buiten de demo; stop die dienst of "
				"kies een andere map",
				"On %s %s runs already (process %d), outside the demo; stop that "
				"service or choose another directory",
				conf->dir, daemon->name, (int)pid);
			return CLI_REFUSED;
		}
	}
	return CLI_DONE;
}

int demo_children_start(struct cli *c, const struct conf *conf, bool web,
			struct demo_children *ret_ch)
{
	char dir[CONF_PATH_MAX + 8];
	int rc = CLI_DONE;

	*ret_ch = (struct demo_children){ 0 };
	memcpy(ret_ch->node_dir, conf->dir, sizeof(ret_ch->node_dir));
	(void)snprintf(dir, sizeof(dir), "%s/log", conf->dir);
	if (mkdir(dir, 0750) != 0 && errno != EEXIST) {
		cli_say(c, "%s: %s", "%s: %s", dir, strerror(errno));
		return CLI_REFUSED;
	}
	ret_ch->len = CONF_DAEMONS + (web ? 1 : 0);
	for (size_t i = 0; rc == CLI_DONE && i < ret_ch->len; i++) {
		struct demo_child *ch = &ret_ch->child[i];
		name_copy(ch->name, i < CONF_DAEMONS ? conf->daemons[i].name : CONF_GATEWAY);
		(void)snprintf(ch->log, sizeof(ch->log), "%.440s/log/%s.log", conf->dir, ch->name);
		rc = find_program(c, ch);
		if (rc == CLI_DONE) {
			rc = start(c, ch, ret_ch->node_dir);
		}
	}
	return rc;
}

static bool has_ended(struct demo_child *ch)
{
	int status = 0;

	if (ch->pid != 0 && waitpid(ch->pid, &status, WNOHANG) == ch->pid) {
		ch->pid = 0;
	}
	return ch->pid == 0;
}

static int start_again(struct cli *c, struct demo_children *all, struct demo_child *ch)
{
	uint64_t now_ms = clock_ms();

	if (now_ms - ch->since_ms > DEMO_RESTARTS_MS) {
		ch->since_ms = now_ms;
		ch->restarts = 0;
	}
	if (ch->restarts++ == DEMO_RESTARTS_MAX) {
		cli_say(c, "%s eindigt telkens opnieuw; kijk in %s",
			"%s ends again and again; look in %s", ch->name, ch->log);
		return CLI_UNREACHABLE;
	}
	all->restarts++;
	return start(c, ch, all->node_dir);
}

const char *demo_children_watch(struct cli *c, struct demo_children *ch, int *ret_rc)
{
	for (size_t i = 0; i < ch->len; i++) {
		if (has_ended(&ch->child[i])) {
			*ret_rc = start_again(c, ch, &ch->child[i]);
			return ch->child[i].name;
		}
	}
	*ret_rc = CLI_DONE;
	return NULL;
}

void demo_children_stop(struct demo_children *ch)
{
	for (size_t i = 0; i < ch->len; i++) {
		if (ch->child[i].pid != 0) {
			(void)kill(ch->child[i].pid, SIGTERM);
		}
	}
	uint64_t until_ms = clock_ms() + DEMO_STOP_MS;
	for (size_t i = 0; i < ch->len; i++) {
		while (!has_ended(&ch->child[i]) && clock_ms() < until_ms) {
			pause_ms(POLL_MS);
		}
		if (ch->child[i].pid != 0) {
			(void)kill(ch->child[i].pid, SIGKILL);
			(void)waitpid(ch->child[i].pid, NULL, 0);
			ch->child[i].pid = 0;
		}
	}
}
