/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/engine_internal.h"

#define TRIM_EVERY_MS 1000
#define TRIM_RETRY_MS (60ULL * 60 * 1000)
#define DAY_MS 86400000ULL

void engine_keep_from(struct engine *e, uint64_t segment)
{
	e->keep_segment = segment;
	e->next_trim_boot_ms = 0;
}

/** What goes with the oldest segment for good is older than the first record of the next one, also
 *  when that one begins with batches that a restart wrote again: its time is the age of all. */
static bool oldest_is_old(struct engine *e)
{
	uint64_t oldest = e->journal.first_segment;
	uint64_t left_ms = 0;

	if (e->left_segment != oldest) {
		if (journal_segment_time(&e->journal, oldest + 1, &left_ms) != SK_OK) {
			/* Damaged or unread: nothing before it goes until a person has looked. */
			e->next_trim_boot_ms = e->boot_ms + TRIM_RETRY_MS;
			return false;
		}
		e->left_segment = oldest;
		e->left_ms = left_ms;
	}
	return e->left_ms + e->conf.keep_segments_days * DAY_MS < e->now_ms;
}

void engine_trim_journal(struct engine *e)
{
	uint64_t keep = e->keep_segment < e->committed_segment ? e->keep_segment :
								 e->committed_segment;

	/* The batch being filled has the only buffer. */
	if (e->journal.first_segment == 0 || e->journal.first_segment >= keep ||
	    e->boot_ms < e->next_trim_boot_ms || e->journal.records > 0) {
		return;
	}
	e->next_trim_boot_ms = e->boot_ms + TRIM_EVERY_MS;
	if (!oldest_is_old(e)) {
		return;
	}
	engine_crash_point(e, "before-trim");
	/* One that cannot be removed stays: it costs room, nothing else. */
	if (journal_trim(&e->journal, e->journal.first_segment + 1) != SK_OK) {
		e->next_trim_boot_ms = e->boot_ms + TRIM_RETRY_MS;
	}
}
