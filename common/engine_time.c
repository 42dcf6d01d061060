/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/engine_internal.h"

/* Journal time = last + elapsed CLOCK_BOOTTIME, slewed to the wall clock by at most a twentieth of
 * what elapsed, never backward (DESIGN 2). */
#define SLEW_PART 20

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

void engine_time_start(struct engine *e, uint64_t last_record_ms)
{
	uint64_t wall = e->port->wall_ms(e->port->ctx);

	/* One that has caught up, since somebody put it right, counts as it is. */
	e->behind_ms = wall >= last_record_ms ? 0 : e->behind_ms;
	wall += e->behind_ms;
	e->boot_ms = e->port->boot_ms(e->port->ctx);
	e->now_ms = last_record_ms;
	if (e->demo) {
		e->now_ms = last_record_ms == 0 ? DEMO_START_MS : last_record_ms;
		return;
	}
	if (last_record_ms == 0) {
		e->now_ms = wall;
		return;
	}
	/* A machine that was off moves on to the wall clock; a clock that lies far off does not get
	 * to fire deadlines until a person has looked, and a restart is not looking. */
	bool ahead = wall > last_record_ms && wall - last_record_ms > CLOCK_START_MS;
	bool behind = wall < last_record_ms && last_record_ms - wall > CLOCK_JUMP_MS;
	e->clock_alarm = e->clock_alarm || ahead || behind;
	if (!e->clock_alarm && wall > e->now_ms) {
		e->now_ms = wall;
	}
}

void engine_time_update(struct engine *e)
{
	uint64_t boot = e->port->boot_ms(e->port->ctx);
	uint64_t elapsed = boot > e->boot_ms ? boot - e->boot_ms : 0;

	if (e->replaying) {
		return;
	}
	e->boot_ms = boot;
	if (e->demo) {
		return;
	}
	uint64_t now = e->now_ms + elapsed;
	uint64_t wall = e->port->wall_ms(e->port->ctx);
	uint64_t most = (elapsed + e->slew_rest_ms) / SLEW_PART;
	e->slew_rest_ms = (elapsed + e->slew_rest_ms) % SLEW_PART;
	if (distance(wall + e->behind_ms, now) > CLOCK_JUMP_MS) {
		e->clock_alarm = true;
	} else if (!e->clock_alarm) {
		uint64_t off = distance(wall, now);
		uint64_t slew = off < most ? off : most;
		now = wall > now ? now + slew : now - slew;
		e->behind_ms -= e->behind_ms < slew ? e->behind_ms : slew;
	}
	e->now_ms = now > e->now_ms ? now : e->now_ms;
}

void engine_time_accept(struct engine *e)
{
	uint64_t wall = e->port->wall_ms(e->port->ctx);

	if (e->demo) {
		return;
	}
	/* Journal time cannot go back to a wall clock that was put back. It goes on from where it
	 * is, a twentieth slower, until the wall clock has caught up. */
	e->behind_ms = wall < e->now_ms ? e->now_ms - wall : 0;
	e->now_ms = wall > e->now_ms ? wall : e->now_ms;
	e->clock_alarm = false;
}
