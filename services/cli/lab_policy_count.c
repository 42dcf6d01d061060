/* SPDX-License-Identifier: EUPL-1.2 */
/* What one way of working gave, counted from what its people were told, as for the demo. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/civil.h"
#include "services/cli/demo_int.h"
#include "services/cli/demo_result.h"
#include "services/cli/lab_policy.h"

#define URGENCY(NAME) SCHAKEL__V1__URGENCY__URGENCY_##NAME
#define FIGURE(NAME) SCHAKEL__V1__FIGURE_KIND__FIGURE_KIND_##NAME
#define WAIT_CLASS(NAME) SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_##NAME
#define MONTH_DAYS 31

/* --- a day --- */

static uint32_t month_code(uint64_t at_ms)
{
	return civil_yyyymmdd(civil_from_ms(at_ms).date) / 100;
}

static struct lab_month *month_at(struct lab_run *run, uint64_t at_ms)
{
	uint32_t code = month_code(at_ms);

	for (uint32_t i = run->months; i > 0; i--) {
		if (run->month[i - 1].yyyymm == code) {
			return &run->month[i - 1];
		}
	}
	if (run->months == LAB_MONTHS_MAX) {
		return NULL;
	}
	run->month[run->months].yyyymm = code;
	return &run->month[run->months++];
}

static void take_day(struct lab_run *run, const struct demo *d)
{
	struct lab_month *m = month_at(run, d->now_ms);
	struct demo_figures now = demo_figures(&d->world, d->now_ms);

	if (m != NULL) {
		m->days++;
		m->waiting += now.waiting;
		m->free_hours += now.hours;
		m->free_places += now.places;
	}
}

/* --- the end --- */

static bool of_run(const struct demo *d, const struct demo_request *r)
{
	return !r->gate && !r->consult && r->received_ms >= d->begin_ms;
}

/* As it was told; one that was a crisis once counts as one. */
static size_t class_of(const struct demo_request *r)
{
	if (r->crisis || r->urgency == URGENCY(CRISIS)) {
		return 0;
	}
	return r->told == URGENCY(URGENT) ? 1 : r->told == URGENCY(PREVENTIVE) ? 3 : 2;
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t percentile(const uint64_t *sorted, size_t len, unsigned percent)
{
	return len == 0 ? DEMO_NO_CASE : sorted[(len * percent + 99) / 100 - 1];
}

/* A month old, or a day for a crisis: who called yesterday cannot have waited long. */
static bool counts(const struct demo *d, const struct demo_request *r, size_t which)
{
	uint64_t days = which == 0 ? 1 : MONTH_DAYS;
	bool withdrawn = !r->open && r->start_ms == 0 && !r->dropped;

	return of_run(d, r) && class_of(r) == which && !withdrawn &&
	       r->received_ms + days * DEMO_DAY_MS <= d->now_ms;
}

static void count_class(const struct demo *d, size_t which, uint64_t *ms, struct lab_class *out)
{
	uint64_t waited_ms = 0;

	*out = (struct lab_class){ 0 };
	for (size_t i = 0; i < d->world.requests.len; i++) {
		const struct demo_request *r = demo_request_at(&d->world, i);
		if (!counts(d, r, which)) {
			continue;
		}
		bool judged = r->due_ms != 0 && (r->answered_ms != 0 || r->due_ms < d->now_ms);
		ms[out->requests++] = r->start_ms == 0 ? DEMO_NOT_YET :
							 r->start_ms - r->received_ms;
		waited_ms += (r->start_ms == 0 ? d->now_ms : r->start_ms) - r->received_ms;
		out->helped += r->start_ms != 0;
		out->judged += judged;
		out->on_time += judged && r->answered_ms != 0 && r->answered_ms <= r->due_ms;
	}
	qsort(ms, out->requests, sizeof(*ms), by_size);
	out->p50_ms = percentile(ms, out->requests, 50);
	out->p90_ms = percentile(ms, out->requests, 90);
	out->mean_ms = out->requests == 0 ? DEMO_NO_CASE : waited_ms / out->requests;
}

static void count_months(const struct demo *d, struct lab_run *run)
{
	for (uint32_t i = 0; i < run->months; i++) {
		run->month[i].requests = 0;
		run->month[i].helped = 0;
	}
	run->children = 0;
	for (size_t i = 0; i < d->world.requests.len; i++) {
		const struct demo_request *r = demo_request_at(&d->world, i);
		if (!of_run(d, r)) {
			continue;
		}
		struct lab_month *came = month_at(run, r->received_ms);
		struct lab_month *helped = r->start_ms == 0 ? NULL : month_at(run, r->start_ms);
		run->children += r->children;
		if (came != NULL) {
			came->requests++;
		}
		if (helped != NULL) {
			helped->helped++;
		}
	}
}

static size_t class_of_wait(PB(WaitClass) wait_class)
{
	if (wait_class == WAIT_CLASS(CRISIS)) {
		return 0;
	}
	return wait_class == WAIT_CLASS(URGENT) ? 1 : wait_class == WAIT_CLASS(ACTIVE) ? 2 : 3;
}

static void add_range(void *ctx, const PB(FigureRow) *row)
{
	struct lab_class *of = (struct lab_class *)ctx + class_of_wait(row->wait_class);

	of->ranges += (uint32_t)row->count;
	of->ranges_days += (uint64_t)row->sum;
}

static void add_right(void *ctx, const PB(FigureRow) *row)
{
	struct lab_class *of = (struct lab_class *)ctx + class_of_wait(row->wait_class);

	of->ranges_right += (uint32_t)row->count;
}

static int count_ranges(struct demo *d, struct lab_run *run)
{
	int rc = demo_figure(d, DEMO_WAITLIST, FIGURE(FORESEEN), add_range, run->of);

	return rc == CLI_DONE ?
		       demo_figure(d, DEMO_WAITLIST, FIGURE(FORESEEN_RIGHT), add_right, run->of) :
		       rc;
}

static uint64_t cpu_ms(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void take_end(struct lab_run *run, struct demo *d)
{
	uint64_t *ms = calloc(d->world.requests.len + 1, sizeof(*ms));

	SK_ASSERT(ms != NULL);
	for (size_t i = 0; i < LAB_CLASSES; i++) {
		count_class(d, i, ms, &run->of[i]);
	}
	free(ms);
	count_months(d, run);
	int rc = count_ranges(d, run);
	if (rc != CLI_DONE) {
		demo_fail(d, rc);
	}
	run->inputs = 0;
	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		run->inputs += inner_sequence(d->inner, i);
	}
	run->plans = inner_plans(d->inner);
	run->cpu_ms = cpu_ms();
	int err = inner_digest(d->inner, &run->digest);
	err = err == SK_OK ? inner_told(d->inner) : err;
	if (err != SK_OK) {
		demo_fail(d, cli_fail(d->cli, "lab", err));
	}
}

void lab_policy_watch(void *ctx, struct demo *d)
{
	if (d->now_ms < d->end_ms) {
		take_day(ctx, d);
	} else {
		take_end(ctx, d);
	}
}
