/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>

#include "tests/sim/world.h"

static bool before(const struct event *a, const struct event *b)
{
	if (a->at_us != b->at_us) {
		return a->at_us < b->at_us;
	}
	return a->tie != b->tie ? a->tie < b->tie : a->made < b->made;
}

static void swap(struct event *a, struct event *b)
{
	struct event t = *a;

	*a = *b;
	*b = t;
}

static void push(struct world *w, const struct event *e)
{
	if (w->heap_len == w->heap_cap) {
		w->heap_cap = w->heap_cap == 0 ? 256 : w->heap_cap * 2;
		w->heap = sim_grow(w->heap, w->heap_cap * sizeof(*w->heap));
	}
	size_t i = w->heap_len++;
	w->heap[i] = *e;
	while (i > 0 && before(&w->heap[i], &w->heap[(i - 1) / 2])) {
		swap(&w->heap[i], &w->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
}

static struct event pop(struct world *w)
{
	struct event first = w->heap[0];
	size_t i = 0;

	w->heap[0] = w->heap[--w->heap_len];
	for (;;) {
		size_t least = i;
		for (size_t c = 2 * i + 1; c <= 2 * i + 2; c++) {
			if (c < w->heap_len && before(&w->heap[c], &w->heap[least])) {
				least = c;
			}
		}
		if (least == i) {
			return first;
		}
		swap(&w->heap[i], &w->heap[least]);
		i = least;
	}
}

static void add(struct world *w, struct event *e)
{
	e->at_us = e->at_us < w->now_us ? w->now_us : e->at_us;
	e->tie = rng_next(&w->rng);
	e->made = ++w->made;
	push(w, e);
}

void world_at(struct world *w, uint64_t at_us, event_fn *fn, void *ctx, uint64_t n)
{
	struct event e = { .at_us = at_us, .fn = fn, .ctx = ctx, .n = n };

	add(w, &e);
}

void world_at_owned(struct world *w, uint64_t at_us, event_fn *fn, void *owned)
{
	struct event e = { .at_us = at_us, .fn = fn, .ctx = owned, .owned = true };

	add(w, &e);
}

bool world_step(struct world *w)
{
	if (w->heap_len == 0) {
		return false;
	}
	struct event e = pop(w);
	w->now_us = e.at_us;
	w->events++;
	w->trace_hash = mix64(w->trace_hash ^ e.at_us ^ (e.n << 48));
	e.fn(w, e.ctx, e.n);
	return true;
}

void world_drop_events(struct world *w)
{
	for (size_t i = 0; i < w->heap_len; i++) {
		if (w->heap[i].owned) {
			free(w->heap[i].ctx);
		}
	}
	w->heap_len = 0;
}

void world_leap(struct world *w, uint64_t us)
{
	w->now_us += us;
	for (size_t i = 0; i < w->heap_len; i++) {
		w->heap[i].at_us += us;
	}
	for (size_t i = 0; i < w->daemons; i++) {
		struct daemon *d = &w->daemon[i];
		d->busy_until_us += us;
		d->wake_at_us += d->wake_at_us == 0 ? 0 : us;
	}
}

uint64_t world_wall_ms(const struct world *w)
{
	return WALL_BASE_MS + w->now_us / 1000;
}

uint64_t daemon_boot_ms(const struct daemon *d)
{
	uint64_t now = d->w->now_us + d->lag_us;

	return (now - d->machine->boot_us) / 1000 + 1;
}

uint64_t daemon_wall_ms(const struct daemon *d)
{
	return WALL_BASE_MS + (d->w->now_us + d->lag_us) / 1000 + (uint64_t)d->machine->wall_off_ms;
}
