/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/engine_internal.h"

/* What is left of disk, store and logs, and who may still come in. */

#define RES(NAME) SCHAKEL__V1__RESOURCE__RESOURCE_##NAME
#define MAP_RESERVE_BYTES (16U << 20) /* two commits and their free list */
/* At the end of the file: values of many pages need them in a row, and free pages lie apart. */
#define MAP_TAIL_BYTES (4U << 20)

PB(Resource) engine_check_room(const struct engine *e, const struct handler *h,
			       const PB(Message) *m)
{
	enum admit class = h->admit == NULL ? ADMIT_ALWAYS : h->admit(m);
	uint64_t backlog = engine_log_backlog(e);
	bool operator_only = h->roles == ROLE_BIT(OPERATOR);

	if (e->isolated && !h->while_reconciling) {
		return RES(RECONCILING);
	}
	if (e->draining && !operator_only) {
		return RES(DRAINING);
	}
	if (class == ADMIT_ALWAYS || operator_only) {
		return RES(UNSPECIFIED);
	}
	if (e->short_of != RES(UNSPECIFIED)) {
		return e->short_of;
	}
	if ((class == ADMIT_NORMAL && backlog >= config_setting(e->config, SETTING_LOG_SOFT)) ||
	    (class == ADMIT_HIGH && backlog >= config_setting(e->config, SETTING_LOG_HARD))) {
		return RES(LOG_BOUND);
	}
	return RES(UNSPECIFIED);
}

/** The file never shrinks, but what was deleted inside it is room again. */
static bool map_is_short(struct engine *e)
{
	struct store_usage use;

	store_usage(e->store, &use);
	if (use.file_bytes + MAP_RESERVE_BYTES <= use.map_bytes) {
		return false;
	}
	if (use.file_bytes + MAP_TAIL_BYTES > use.map_bytes) {
		return true;
	}
	if (e->free_at_commit != e->stats.commits + 1) {
		int err = store_free_bytes(e->store, &e->free_bytes);
		engine_check_fatal(e, err, "free pages");
		e->free_at_commit =
			e->stats.commits + 1; /* a commit changes the list, nothing else */
	}
	return use.file_bytes - e->free_bytes + MAP_RESERVE_BYTES > use.map_bytes;
}

void engine_look_at_reserves(struct engine *e)
{
	e->short_of = RES(UNSPECIFIED);
	if (e->port->disk_free(e->port->ctx) < e->conf.disk_reserve_bytes) {
		e->short_of = RES(DISK);
	} else if (map_is_short(e)) {
		e->short_of = RES(MAP);
	}
}
