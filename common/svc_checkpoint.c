/* SPDX-License-Identifier: EUPL-1.2 */
/* A checkpoint now and then, beside the loop. What the worker copies is the last commit, so it is
 * durable; commits go on meanwhile, and the copy says in which one it stands. */
#include <inttypes.h>
#include <string.h>

#include "common/svc_private.h"

#define ASKED_EVERY_MS 1000
#define RETRY_MS (60ULL * 60 * 1000)
#define DEMO_REST_MS (60ULL * 60 * 1000)
#define DAY_MS 86400000ULL

static uint64_t committed_sequence(const struct svc *s)
{
	uint64_t stepped = 0;
	uint64_t durable = 0;
	uint64_t committed = 0;
	engine_positions(s->engine, &stepped, &durable, &committed);
	return committed;
}

/* Tells the engine from where on the journal is needed. */
static void look(struct svc *s)
{
	struct checkpoint list[CHECKPOINTS_LISTED];
	struct svc_checkpoint *cp = &s->checkpoint;
	size_t len = 0;
	int err = checkpoint_list(cp->dir, committed_sequence(s), list, &len);
	if (err != SK_OK) {
		svc_log(LOG_WARNING, "checkpoints_unread", "err=\"%s\"", sk_strerror(err));
		return;
	}
	cp->any = len > 0;
	if (cp->any) {
		cp->last = list[0];
	}
	engine_keep_from(s->engine, len < CHECKPOINTS_KEPT ?
					    0 :
					    list[CHECKPOINTS_KEPT - 1].facts.pos.at.segment);
}

/* --- making one --- */

static void on_work(uv_work_t *work)
{
	struct svc *s = work->data;
	struct svc_checkpoint *cp = &s->checkpoint;
	cp->err = checkpoint_copy(cp->dir, &s->store, &cp->made);
	if (cp->err == SK_OK) {
		cp->err = checkpoint_publish(cp->dir, &cp->made);
	}
}

static void on_worked(uv_work_t *work, int status)
{
	struct svc *s = work->data;
	struct svc_checkpoint *cp = &s->checkpoint;
	cp->under_way = false;
	if (status != 0) {
		return; /* cancelled: the loop ends */
	}
	if (cp->err != SK_OK) {
		cp->not_before_ms = uv_now(&s->loop) + RETRY_MS;
		svc_log(LOG_WARNING, "checkpoint_failed", "err=\"%s\" hint=\"%s\"",
			sk_strerror(cp->err),
			"tried again in an hour; until then the journal is not trimmed");
		return;
	}
	svc_log(LOG_INFO, "checkpoint",
		"sequence=%" PRIu64 " segment=%" PRIu64 " digest=%016" PRIx64,
		cp->made.facts.pos.next_sequence - 1, cp->made.facts.pos.at.segment,
		cp->made.facts.digest);
	if (s->engine != NULL) {
		look(s);
	}
}

/* It stands beside the two that are kept until it is whole. */
static bool has_room(struct svc *s)
{
	struct store_usage use;
	store_usage(&s->store, &use);
	return s->port.disk_free(s->port.ctx) >= use.file_bytes + s->conf->store.disk_reserve_bytes;
}

static void begin(struct svc *s)
{
	struct svc_checkpoint *cp = &s->checkpoint;
	if (!has_room(s)) {
		cp->not_before_ms = uv_now(&s->loop) + RETRY_MS;
		svc_log(LOG_WARNING, "checkpoint_failed", "err=\"%s\" hint=\"%s\"",
			sk_strerror(SK_EFULL), "make room for one more copy of the store");
		return;
	}
	cp->made = (struct checkpoint){ .facts.time_ms = engine_now_ms(s->engine),
					.core_version = s->service->core_version,
					.made_ms = s->port.wall_ms(s->port.ctx) };
	cp->work.data = s;
	cp->under_way = uv_queue_work(&s->loop, &cp->work, on_work, on_worked) == 0;
}

/* --- when --- */

/* A demo's clock may run through years in a minute. */
static bool has_rested(struct svc *s)
{
	uint64_t wall_ms = s->port.wall_ms(s->port.ctx);
	return !engine_is_demo(s->engine) || wall_ms < s->checkpoint.last.made_ms ||
	       wall_ms - s->checkpoint.last.made_ms >= DEMO_REST_MS;
}

static bool is_due(struct svc *s)
{
	const struct svc_checkpoint *cp = &s->checkpoint;
	uint64_t committed = committed_sequence(s);
	uint64_t every_ms = s->conf->store.checkpoint_days * DAY_MS;
	if (!cp->any) {
		return committed > 0;
	}
	return committed >= cp->last.facts.pos.next_sequence &&
	       engine_now_ms(s->engine) >= cp->last.facts.time_ms + every_ms && has_rested(s);
}

void svc_checkpoint_when_due(struct svc *s)
{
	struct svc_checkpoint *cp = &s->checkpoint;
	if (!cp->under_way && uv_now(&s->loop) >= cp->not_before_ms && is_due(s)) {
		begin(s);
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct svc *s = timer->data;
	if (!s->checkpoint.under_way && checkpoint_was_asked(s->checkpoint.dir)) {
		begin(s);
	}
}

void svc_checkpoint_open(struct svc *s)
{
	struct svc_checkpoint *cp = &s->checkpoint;
	(void)snprintf(cp->dir, sizeof(cp->dir), "%s", s->self->dir);
	int err = checkpoint_clean(cp->dir);
	if (err != SK_OK) {
		svc_log(LOG_WARNING, "checkpoints_unread", "err=\"%s\"", sk_strerror(err));
	}
	look(s);
}

void svc_checkpoint_start(struct svc *s)
{
	(void)uv_timer_start(&s->checkpoint.timer, on_timer, 0, ASKED_EVERY_MS);
}
