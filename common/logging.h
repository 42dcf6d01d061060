/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  One line per event on stderr: at=… level=… service=… event=NAME key=value. Names are
 * stable; values are ids, codes and counts, never a person's name, note or contact detail. Also
 * what the supervisor (systemd) is told. Only the loop and main() log; cores and the engine return
 * errors. State: of the process (name and level). Threads: lines of two threads do not mix. */
#include <stdbool.h>
#include <stdint.h>
#include <syslog.h> /* LOG_ERR: operator must act; WARNING: refused but running; INFO: lifecycle */

/** @p service must outlive the process; lines above @p level_max are dropped (default LOG_INFO). */
void svc_log_init(const char *service, int level_max);
/** @p fmt gives the pairs ("err=%s seg=%llu"); control characters become '?', long lines are cut.
 */
void svc_log(int level, const char *event, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* --- supervisor; every call is a no-op when there is none --- */

/** Recovery is over and the sockets serve. */
void supervisor_ready(void);
void supervisor_stopping(void);
/** Still at work on the start or the stop: asks for another minute. Told at most once a second. */
void supervisor_extend(uint64_t now_ms);
/** The loop turns. */
void supervisor_beat(void);
/** @return milliseconds within which a beat is due; 0: none is wanted. */
uint64_t supervisor_beat_ms(void);
