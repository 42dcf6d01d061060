/* SPDX-License-Identifier: EUPL-1.2 */
/* Of more needs than a plan takes, those that are first in the order. Requests are read by id; what
 * was copied is trimmed each time when it is a quarter above the bounds, and once at the end. A
 * request that is past them alone is never in a plan: that of the passes is all it gets. */
#include <stdlib.h>
#include <string.h>

#include "services/matching/core_copy.h"

/** So many needs more than the bound that each request that overflows leaves something to trim. */
static uint64_t needs_room(const struct plan_copy *c)
{
	uint64_t quarter = c->needs_most / 4;

	return c->needs_most + (quarter > MATCH_NEEDS_MAX ? quarter : MATCH_NEEDS_MAX);
}

bool copy_has_room(const struct plan_copy *c, const struct copy_side *side, size_t options)
{
	uint64_t most = c->options_most;

	return side->needs.len < needs_room(c) && c->options_before <= most + most / 4 &&
	       c->options.len - c->options_before + options <= most;
}

bool copy_is_behind(const struct plan_copy *c, const struct order *at)
{
	return c->cut && memcmp(at->b, c->last.b, ORDER_LEN) > 0;
}

static int by_order(const void *a, const void *b)
{
	const struct copy_group *x = a;
	const struct copy_group *y = b;

	return memcmp(x->at.b, y->at.b, ORDER_LEN);
}

/** The need with its options, at the end of the new lists. */
static bool need_move(const struct plan_copy *c, const struct copy_need *need, struct copy_list *to,
		      struct copy_list *to_options)
{
	const struct plan_option *options = c->options.at;
	struct copy_need *moved = copy_add(to, sizeof(*moved));
	bool ok = moved != NULL;

	if (ok) {
		*moved = *need;
		moved->first = (uint32_t)to_options->len;
	}
	for (uint32_t i = 0; ok && i < need->len; i++) {
		struct plan_option *o = copy_add(to_options, sizeof(*o));
		ok = o != NULL;
		if (ok) {
			*o = options[need->first + i];
		}
	}
	return ok;
}

static size_t options_of(const struct copy_need *needs, size_t len)
{
	size_t sum = 0;

	for (size_t i = 0; i < len; i++) {
		sum += needs[i].len;
	}
	return sum;
}

/** The first in the order that fit; who takes too much is passed by. */
static bool groups_move(struct plan_copy *c, struct copy_list *to, struct copy_list *to_options)
{
	struct copy_group *groups = c->wait.groups.at;
	const struct copy_need *needs = c->wait.needs.at;
	size_t kept = 0;
	bool ok = true;

	if (c->wait.groups.len > 1) {
		qsort(groups, c->wait.groups.len, sizeof(*groups), by_order);
	}
	for (size_t i = 0; ok && i < c->wait.groups.len; i++) {
		struct copy_group g = groups[i];
		const struct copy_need *of = needs + g.first;
		bool fits = to->len + g.len <= c->needs_most &&
			    to_options->len + options_of(of, g.len) <= c->options_most;
		g.first = (uint32_t)to->len;
		for (uint32_t n = 0; ok && fits && n < g.len; n++) {
			ok = need_move(c, &of[n], to, to_options);
		}
		if (fits) {
			groups[kept++] = g;
		} else if (to->len == c->needs_most && kept > 0) {
			c->cut = true;
			c->last = groups[kept - 1].at;
		}
	}
	c->wait.groups.len = kept;
	return ok;
}

bool copy_trim(struct plan_copy *c)
{
	struct copy_list wait = { 0 };
	struct copy_list came = { 0 };
	struct copy_list options = { 0 };
	const struct copy_need *others = c->came.needs.at;

	if (c->wait.needs.len <= c->needs_most && c->options.len <= c->options_most) {
		return true;
	}
	bool ok = true;
	for (size_t i = 0; ok && i < c->came.needs.len; i++) {
		ok = need_move(c, &others[i], &came, &options);
	}
	ok = ok && groups_move(c, &wait, &options);
	free(c->wait.needs.at);
	free(c->came.needs.at);
	free(c->options.at);
	c->wait.needs = wait;
	c->came.needs = came;
	c->options = options;
	return ok;
}
