/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/demo_agenda.h"

#include <stdlib.h>

#include "common/err.h"

static bool before(const struct demo_item *a, const struct demo_item *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->seq < b->seq;
}

void demo_agenda_add(struct demo_agenda *a, struct demo_item item)
{
	if (a->len == a->cap) {
		a->cap = a->cap == 0 ? 1024 : 2 * a->cap;
		a->heap = realloc(a->heap, a->cap * sizeof(*a->heap));
		SK_ASSERT(a->heap != NULL);
	}
	size_t at = a->len++;
	item.seq = a->seq++;
	for (; at > 0 && before(&item, &a->heap[(at - 1) / 2]); at = (at - 1) / 2) {
		a->heap[at] = a->heap[(at - 1) / 2];
	}
	a->heap[at] = item;
}

uint64_t demo_agenda_first(const struct demo_agenda *a)
{
	return a->len == 0 ? UINT64_MAX : a->heap[0].at_ms;
}

bool demo_agenda_take(struct demo_agenda *a, uint64_t now_ms, struct demo_item *ret_item)
{
	if (demo_agenda_first(a) > now_ms) {
		return false;
	}
	*ret_item = a->heap[0];
	struct demo_item last = a->heap[--a->len];
	size_t at = 0;
	for (size_t child = 1; child < a->len; child = 2 * at + 1) {
		child += child + 1 < a->len && before(&a->heap[child + 1], &a->heap[child]);
		if (!before(&a->heap[child], &last)) {
			break;
		}
		a->heap[at] = a->heap[child];
		at = child;
	}
	if (a->len > 0) {
		a->heap[at] = last;
	}
	return true;
}

void demo_agenda_done(struct demo_agenda *a)
{
	free(a->heap);
	*a = (struct demo_agenda){ 0 };
}
