/* SPDX-License-Identifier: EUPL-1.2 */
/* The plan of the list, made beside the loop: a copy is taken slice by slice between turns, a
 * worker makes a plan of it, and what it proposes goes in as inputs. One at a time; whatever
 * happens to it costs time only, for the core judges each seat by what holds then (DESIGN 6). */
#include <inttypes.h>

#include "common/svc_private.h"

#define LOOK_MS 1000 /* between two looks whether one is due, and after each */
#define REST_TIMES 9 /* as long as it worked: where a clock runs fast it has a tenth of a core */
#define SLICE_MS 1   /* between two slices: turns go first */

static void on_timer(uv_timer_t *timer);

static void again(struct svc *s, uint64_t wait_ms)
{
	(void)uv_timer_start(&s->plan.timer, on_timer, wait_ms, 0);
}

static void forget(struct svc *s)
{
	s->service->plan_free(s->plan.copy);
	s->plan.copy = NULL;
	s->plan.ready = NULL;
	s->plan.made = false;
}

static void on_work(uv_work_t *work)
{
	struct svc *s = work->data;
	s->plan.err = s->service->plan_make(s->plan.copy, &s->plan.stop);
}

static void on_worked(uv_work_t *work, int status)
{
	struct svc *s = work->data;
	struct svc_plan *p = &s->plan;
	p->under_way = false;
	p->worked_ms = uv_now(&s->loop) - p->work_begun_ms;
	if (s->engine == NULL || status != 0) {
		forget(s);
		return;
	}
	if (p->err != SK_OK) {
		svc_log(LOG_WARNING, "plan_failed", "err=\"%s\" hint=\"%s\"", sk_strerror(p->err),
			"seats are given without it; tried again later");
		forget(s);
	}
	p->made = p->copy != NULL;
	again(s, p->made ? 0 : LOOK_MS);
}

static void log_plan(const struct svc *s, const PB(PlanProposed) *m)
{
	svc_log(LOG_INFO, "plan",
		"needs=%" PRIu32 " covered=%" PRIu32 " value=%" PRIu64 " bound=%" PRIu64
		" law_cost=%" PRIu64 " seats=%zu prices=%zu took_ms=%" PRIu64,
		m->needs, m->covered, m->value, m->bound, m->law_cost, m->n_seats, m->n_prices,
		uv_now(&s->loop) - s->plan.begun_ms);
}

/* One input a turn; a daemon that has no room now is asked again. */
static void give(struct svc *s)
{
	struct svc_plan *p = &s->plan;
	if (p->ready == NULL) {
		p->ready = s->service->plan_take(p->copy);
	}
	if (p->ready == NULL) {
		uint64_t rest_ms = p->worked_ms * REST_TIMES;
		forget(s);
		again(s, rest_ms > LOOK_MS ? rest_ms : LOOK_MS);
		return;
	}
	int err = engine_plan(s->engine, p->ready);
	if (err == SK_EBUSY) {
		again(s, LOOK_MS);
		return;
	}
	if (err != SK_OK) {
		svc_log(LOG_WARNING, "plan_refused", "err=\"%s\"", sk_strerror(err));
	} else if (p->ready->n_foreseen == 0) {
		log_plan(s, p->ready);
	}
	p->ready = NULL;
	zwatch_again(&s->zwatch);
	again(s, SLICE_MS);
}

static void take(struct svc *s)
{
	struct svc_plan *p = &s->plan;
	bool whole = false;
	if (p->copy == NULL) {
		p->begun_ms = uv_now(&s->loop);
	}
	int err = engine_plan_copy(s->engine, &p->copy, &whole);
	if (err != SK_OK) {
		svc_log(LOG_WARNING, "plan_failed", "err=\"%s\" hint=\"%s\"", sk_strerror(err),
			"seats are given without it; tried again later");
	}
	if (!whole) {
		again(s, p->copy == NULL ? LOOK_MS : SLICE_MS);
		return;
	}
	p->work.data = s;
	p->work_begun_ms = uv_now(&s->loop);
	p->under_way = uv_queue_work(&s->loop, &p->work, on_work, on_worked) == 0;
	if (!p->under_way) {
		forget(s);
		again(s, LOOK_MS);
		return;
	}
	svc_log(LOG_INFO, "plan_begin", "copied_ms=%" PRIu64, p->work_begun_ms - p->begun_ms);
}

static void on_timer(uv_timer_t *timer)
{
	struct svc *s = timer->data;
	if (s->plan.made) {
		give(s);
	} else {
		take(s);
	}
}

void svc_plan_start(struct svc *s)
{
	if (s->service->plan_copy != NULL) {
		again(s, LOOK_MS);
	}
}

void svc_plan_end(struct svc *s)
{
	atomic_store(&s->plan.stop, true);
	if (s->plan.copy != NULL && !s->plan.under_way) {
		forget(s);
	}
}
