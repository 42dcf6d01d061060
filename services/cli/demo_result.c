/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/demo_result.h"

#include <stdlib.h>

#include "services/cli/demo_int.h"

#define STATE(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME
#define URGENCY(NAME) SCHAKEL__V1__URGENCY__URGENCY_##NAME
#define MONTH_DAYS 31
#define SEEN_MAX 64 /* helpers of one request that are told apart */

/* How long those of one group took, for percentiles. */
struct times {
	uint64_t *ms;
	size_t len;
};

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The smallest time within which so many of a hundred were helped. */
static uint64_t percentile(struct times *t, unsigned percent)
{
	if (t->len == 0) {
		return 0;
	}
	qsort(t->ms, t->len, sizeof(*t->ms), by_size);
	return t->ms[(t->len * percent + 99) / 100 - 1];
}

static bool in_run(const struct demo *d, const struct demo_request *r)
{
	return !r->gate && !r->consult && r->received_ms >= d->begin_ms;
}

/* Taken back by the family before anything came: neither a success nor a failure. */
static bool withdrawn(const struct demo_request *r)
{
	return !r->open && r->start_ms == 0;
}

static bool old_enough(const struct demo *d, const struct demo_request *r, uint64_t days)
{
	return r->received_ms + days * DEMO_DAY_MS <= d->now_ms;
}

static uint64_t took(const struct demo_request *r)
{
	return r->start_ms == 0 ? DEMO_NOT_YET : r->start_ms - r->received_ms;
}

struct groups {
	struct times crisis, other, prevent;
};

static void count_request(const struct demo *d, const struct demo_request *r, struct groups *g,
			  struct demo_result *out)
{
	if (!in_run(d, r)) {
		return;
	}
	out->searches++;
	if (r->crisis && old_enough(d, r, 1) && !withdrawn(r)) {
		uint64_t offer_ms = r->offer_ms == 0 ? UINT64_MAX : r->offer_ms - r->received_ms;
		out->crises++;
		out->no_offer += offer_ms > DEMO_DAY_MS;
		g->crisis.ms[g->crisis.len++] = took(r);
	}
	if (!r->crisis && old_enough(d, r, MONTH_DAYS) && !withdrawn(r)) {
		out->judged++;
		out->in_month += r->answered_ms != 0 && r->answered_ms <= r->due_ms;
		g->other.ms[g->other.len++] = took(r);
		if (r->urgency == URGENCY(PREVENTIVE)) {
			g->prevent.ms[g->prevent.len++] = took(r);
		}
	}
}

/* --- who helped --- */

struct seen {
	uint32_t partner[SEEN_MAX];
	uint32_t worker[SEEN_MAX];
	size_t partners, workers;
};

static void see(uint32_t *list, size_t *len, uint32_t who)
{
	for (size_t i = 0; i < *len; i++) {
		if (list[i] == who) {
			return;
		}
	}
	if (*len < SEEN_MAX) {
		list[(*len)++] = who;
	}
}

static void count_share(const struct demo *d, const struct demo_share *s, struct seen *seen,
			struct demo_result *out)
{
	if (s->request == UINT32_MAX || !in_run(d, demo_request_at(&d->world, s->request))) {
		return;
	}
	out->asks++;
	out->refusals += s->state == STATE(NOT_NOW) || s->state == STATE(NOT_OURS) ||
			 s->state == STATE(LAPSED);
	out->stopped += s->state == STATE(STOPPED_BY_YOUTH);
	if (s->started_once) {
		struct seen *of = &seen[s->request];
		see(of->partner, &of->partners, s->partner);
		see(of->worker, &of->workers, s->worker);
	}
}

static void count_helpers(const struct demo *d, struct seen *seen, struct demo_result *out)
{
	for (size_t i = 0; i < d->world.shares.len; i++) {
		count_share(d, demo_share_at(&d->world, i), seen, out);
	}
	for (size_t i = 0; i < d->world.requests.len; i++) {
		out->helped += seen[i].partners > 0;
		out->partners += (uint32_t)seen[i].partners;
		out->workers += (uint32_t)seen[i].workers;
	}
}

int demo_result(struct demo *d, struct demo_result *ret_result)
{
	size_t n = d->world.requests.len + 1;
	struct seen *seen = calloc(n, sizeof(*seen));
	uint64_t *ms = calloc(3 * n, sizeof(*ms));
	struct groups g = { { ms, 0 }, { ms + n, 0 }, { ms + 2 * n, 0 } };
	struct demo_figures now = demo_figures(&d->world, d->now_ms);
	struct demo_result out = { .days = (uint32_t)((d->now_ms - d->begin_ms) / DEMO_DAY_MS),
				   .waiting = now.waiting,
				   .free_places = now.places,
				   .free_hours = now.hours };

	SK_ASSERT(seen != NULL && ms != NULL);
	for (size_t i = 0; i < d->world.requests.len; i++) {
		count_request(d, demo_request_at(&d->world, i), &g, &out);
	}
	count_helpers(d, seen, &out);
	out.crisis_p50_ms = percentile(&g.crisis, 50);
	out.crisis_p90_ms = percentile(&g.crisis, 90);
	out.first_p50_ms = percentile(&g.other, 50);
	out.first_p90_ms = percentile(&g.other, 90);
	out.prevent_p50_ms = percentile(&g.prevent, 50);
	free(seen);
	free(ms);
	*ret_result = out;
	return CLI_DONE;
}
