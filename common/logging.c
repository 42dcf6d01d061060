/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/logging.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#define LINE_MAX_BYTES 2048
#define EXTEND_EVERY_MS 1000
#define EXTEND_US "60000000"

static const char *log_service = "schakel";
static int log_level_max = LOG_INFO;

void svc_log_init(const char *service, int level_max)
{
	log_service = service;
	log_level_max = level_max;
}

static const char *level_word(int level)
{
	if (level <= LOG_ERR) {
		return "err";
	}
	if (level == LOG_WARNING) {
		return "warning";
	}
	return level == LOG_DEBUG ? "debug" : "info";
}

/* The journal of systemd takes the level from a prefix; on a terminal it would only be noise. */
static int write_head(char *line, size_t cap, int level, const char *event)
{
	char prefix[8] = "";
	if (getenv("JOURNAL_STREAM") != NULL) {
		(void)snprintf(prefix, sizeof(prefix), "<%d>", level & LOG_PRIMASK);
	}
	struct timespec now;
	struct tm utc;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)gmtime_r(&now.tv_sec, &utc);
	char at[32];
	(void)strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%S", &utc);
	return snprintf(line, cap, "%sat=%s.%03ldZ level=%s service=%s event=%s ", prefix, at,
			now.tv_nsec / 1000000, level_word(level), log_service, event);
}

void svc_log(int level, const char *event, const char *fmt, ...)
{
	if (level > log_level_max) {
		return;
	}
	char line[LINE_MAX_BYTES];
	int head = write_head(line, sizeof(line) - 1, level, event);
	size_t used = head < 0 ? 0 : (size_t)head;
	if (used >= sizeof(line) - 1) {
		used = sizeof(line) - 2;
	}
	va_list args;
	va_start(args, fmt);
	int body = vsnprintf(line + used, sizeof(line) - 1 - used, fmt, args);
	va_end(args);
	if (body > 0) {
		size_t room = sizeof(line) - 2 - used;
		used += (size_t)body < room ? (size_t)body : room;
	}
	for (size_t i = 0; i < used; i++) {
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f) {
			line[i] = '?';
		}
	}
	line[used] = '\n';
	/* One write, so that lines of two processes on one pipe do not mix; nobody to tell if it
	 * fails. */
	ssize_t wrote = write(STDERR_FILENO, line, used + 1);
	(void)wrote;
}

void supervisor_ready(void)
{
	(void)sd_notify(0, "READY=1");
}

void supervisor_stopping(void)
{
	(void)sd_notify(0, "STOPPING=1");
}

void supervisor_extend(uint64_t now_ms)
{
	static uint64_t last_ms;
	if (last_ms != 0 && now_ms - last_ms < EXTEND_EVERY_MS) {
		return;
	}
	last_ms = now_ms;
	(void)sd_notify(0, "EXTEND_TIMEOUT_USEC=" EXTEND_US "\nWATCHDOG=1");
}

void supervisor_beat(void)
{
	(void)sd_notify(0, "WATCHDOG=1");
}

uint64_t supervisor_beat_ms(void)
{
	uint64_t usec = 0;
	if (sd_watchdog_enabled(0, &usec) <= 0) {
		return 0;
	}
	return usec / 1000;
}
