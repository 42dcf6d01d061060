/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/demo_result.h"

#include <stdlib.h>
#include <string.h>

#include "services/cli/demo_int.h"

#define STATE(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME
#define URGENCY(NAME) SCHAKEL__V1__URGENCY__URGENCY_##NAME
#define MONTH_DAYS 31
#define SEEN_MAX 64 /* helpers of one request that are told apart */
#define MONTH_LAST 999912
#define MONTHS_A_YEAR_CODE 100 /* yyyymm; yyyy00 is the whole year, 0 as it stands now */

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
	return !r->open && r->start_ms == 0 && !r->dropped;
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
	out->all_children += r->consult ? 0 : r->children;
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
	uint32_t who[SEEN_MAX];
	size_t len;
};

/* Of one request: its partners, and the workers of each of its children. */
struct met {
	struct seen partners;
	struct seen workers[DEMO_CHILDREN_MAX];
};

static void see(struct seen *s, uint32_t who)
{
	for (size_t i = 0; i < s->len; i++) {
		if (s->who[i] == who) {
			return;
		}
	}
	if (s->len < SEEN_MAX) {
		s->who[s->len++] = who;
	}
}

static void count_share(const struct demo *d, const struct demo_share *s, struct met *met,
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
		uint32_t child = s->child < DEMO_CHILDREN_MAX ? s->child : 0;
		see(&met[s->request].partners, s->partner);
		see(&met[s->request].workers[child], s->worker);
	}
}

static void count_helpers(const struct demo *d, struct met *met, struct demo_result *out)
{
	for (size_t i = 0; i < d->world.shares.len; i++) {
		count_share(d, demo_share_at(&d->world, i), met, out);
	}
	for (size_t i = 0; i < d->world.requests.len; i++) {
		out->helped += met[i].partners.len > 0;
		out->partners += (uint32_t)met[i].partners.len;
		for (size_t k = 0; k < DEMO_CHILDREN_MAX; k++) {
			out->children += met[i].workers[k].len > 0;
			out->workers += (uint32_t)met[i].workers[k].len;
		}
	}
}

/* Needs for which help started, and how often a partner was asked for them: what one seat takes,
 * whatever the number of seats of a team. */
static void count_needs(const struct demo *d, struct demo_result *out)
{
	for (size_t i = 0; i < d->world.needs.len; i++) {
		const struct demo_need_row *n = demo_need_at(&d->world, i);
		bool ours = n->request != UINT32_MAX && n->started &&
			    in_run(d, demo_request_at(&d->world, n->request));
		out->needs_started += ours;
		out->asks_started += ours ? n->asks : 0;
	}
}

/* --- what the node itself counted --- */

int demo_figure(struct demo *d, enum demo_daemon at, PB(FigureKind) kind, demo_figure_fn *fn,
		void *ctx)
{
	uint8_t from[KEY_LEN_MAX];
	size_t from_len = 0;

	do {
		PB(QueryFigures) q = PB_INIT(QUERY_FIGURES);
		PB(Message) m = PB_INIT(MESSAGE);
		q.kind = kind;
		q.after = (ProtobufCBinaryData){ from_len, from };
		q.to_month = MONTH_LAST;
		m.body_case = BODY(QUERY_FIGURES);
		m.query_figures = &q;
		const PB(Message) *a = demo_ask(d, d->cast.coordinator, at, &m);
		if (a == NULL || a->body_case != BODY(FIGURES_VIEW) ||
		    a->figures_view->next.len > sizeof(from)) {
			return cli_fail(d->cli, "figures", SK_EPROTO);
		}
		for (size_t i = 0; i < a->figures_view->n_rows; i++) {
			const PB(FigureRow) *row = a->figures_view->rows[i];
			if (row->month % MONTHS_A_YEAR_CODE != 0) {
				fn(ctx, row);
			}
		}
		from_len = a->figures_view->next.len;
		if (from_len > 0) {
			memcpy(from, a->figures_view->next.data, from_len);
		}
		demo_free(d);
	} while (from_len > 0);
	return CLI_DONE;
}

static void count_miss(void *ctx, const PB(FigureRow) *row)
{
	struct demo_result *out = ctx;

	out->misses += (uint64_t)row->count;
}

int demo_result(struct demo *d, struct demo_result *ret_result)
{
	size_t n = d->world.requests.len + 1;
	struct met *met = calloc(n, sizeof(*met));
	uint64_t *ms = calloc(3 * n, sizeof(*ms));
	struct groups g = { { ms, 0 }, { ms + n, 0 }, { ms + 2 * n, 0 } };
	struct demo_figures now = demo_figures(&d->world, d->now_ms);
	struct demo_result out = { .days = (uint32_t)((d->now_ms - d->begin_ms) / DEMO_DAY_MS),
				   .waiting = now.waiting,
				   .free_places = now.places,
				   .free_hours = now.hours };

	SK_ASSERT(met != NULL && ms != NULL);
	for (size_t i = 0; i < d->world.requests.len; i++) {
		count_request(d, demo_request_at(&d->world, i), &g, &out);
	}
	count_helpers(d, met, &out);
	count_needs(d, &out);
	out.crisis_p50_ms = percentile(&g.crisis, 50);
	out.crisis_p90_ms = percentile(&g.crisis, 90);
	out.first_p50_ms = percentile(&g.other, 50);
	out.first_p90_ms = percentile(&g.other, 90);
	out.prevent_p50_ms = percentile(&g.prevent, 50);
	free(met);
	free(ms);
	out.others = (uint32_t)g.other.len;
	out.prevented = (uint32_t)g.prevent.len;
	int rc = demo_figure(d, DEMO_MATCHING, SCHAKEL__V1__FIGURE_KIND__FIGURE_KIND_NETWORK_MISSES,
			     count_miss, &out);
	*ret_result = out;
	return rc;
}
