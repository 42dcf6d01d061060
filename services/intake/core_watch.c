/* SPDX-License-Identifier: EUPL-1.2 */
/* Dates on which somebody must be told, one row each with its own timer. What is not done is told
 * again, so that nothing of it is missed. */
#include <string.h>

#include "services/intake/core_warm.h"

#define DAY_SETTING(which) ((int32_t)step_setting(s, SETTING_##which))

static struct key key_of_watch(const struct req *q, uint32_t number)
{
	struct key k = key_of_id(&q->id);

	key_u32(&k, number);
	return k;
}

/* All of one request, by number. */
static size_t watches_read(struct step *s, const struct req *q, PB(WatchRecord) **ret_list)
{
	struct key prefix = key_of_id(&q->id);
	struct store_iter it;
	struct key at;
	struct slice val;
	size_t len = 0;

	store_iter_init(&it, s->txn, TABLE_WATCH, &prefix);
	while (len < WATCHES_MAX && store_next(&it, &at, &val)) {
		PB(WatchRecord) *w = step_unpack(s, val, TYPE(watch_record));
		if (w == NULL) {
			break;
		}
		ret_list[len++] = w;
	}
	store_iter_done(&it);
	return len;
}

PB(WatchRecord) *watch_find(struct step *s, const struct req *q, PB(AlarmKind) alarm,
			    const ProtobufCBinaryData *object)
{
	PB(WatchRecord) **list = step_alloc(s, WATCHES_MAX * sizeof(PB(WatchRecord) *));
	size_t len = list == NULL ? 0 : watches_read(s, q, list);

	for (size_t i = 0; i < len; i++) {
		if (list[i]->alarm == alarm && data_equal(&list[i]->object_id, object)) {
			return list[i];
		}
	}
	return NULL;
}

static void watch_put(struct step *s, const struct req *q, PB(WatchRecord) *w)
{
	struct key k = key_of_watch(q, w->number);

	step_put(s, TABLE_WATCH, &k, w);
	step_due(s, w->due_ms, DUE_WATCH, &q->id, w->number);
}

static void watch_drop(struct step *s, const struct req *q, const PB(WatchRecord) *w)
{
	struct key k = key_of_watch(q, w->number);

	step_del(s, TABLE_WATCH, &k);
	step_undue(s, w->due_ms, DUE_WATCH, &q->id, w->number);
}

void watch_say(struct step *s, const struct req *q, const PB(WatchRecord) *w)
{
	PB(Event) e = event_of(q, EVENT(ALARM));

	e.alarm = w->alarm;
	e.object_id = w->object_id;
	e.need_id = w->need_id;
	e.moment = w->moment;
	e.due_ms = w->due_ms;
	e.zone = q->r->zone;
	e.urgency = q->r->urgency;
	e.party = q->r->contact_party;
	e.short_code = q->r->short_code;
	say(s, q, e);
}

void watch_set(struct step *s, const struct req *q, const PB(WatchRecord) *spec)
{
	PB(WatchRecord) **list = step_alloc(s, WATCHES_MAX * sizeof(PB(WatchRecord) *));
	PB(WatchRecord) w = *spec;
	size_t len = list == NULL ? 0 : watches_read(s, q, list);

	w.number = len == 0 ? 1 : list[len - 1]->number + 1;
	for (size_t i = 0; i < len; i++) {
		if (list[i]->alarm == spec->alarm &&
		    data_equal(&list[i]->object_id, &spec->object_id)) {
			watch_drop(s, q, list[i]);
			w.number = list[i]->number;
		}
	}
	if (len == WATCHES_MAX && w.number > list[len - 1]->number) {
		watch_say(s, q, &w); /* no room to remember it: told now */
		return;
	}
	watch_put(s, q, &w);
}

bool watch_end(struct step *s, const struct req *q, PB(AlarmKind) alarm,
	       const ProtobufCBinaryData *object)
{
	const PB(WatchRecord) *w = watch_find(s, q, alarm, object);

	if (w == NULL) {
		return false;
	}
	watch_drop(s, q, w);
	return true;
}

uint64_t watch_working_days(struct step *s, enum setting days)
{
	const PB(ConfigApplied) *conf = step_config(s);

	return civil_working_days_after(s->now_ms, (uint32_t)step_setting(s, days), conf->holidays,
					conf->n_holidays);
}

/* When it is told again; 0: that was the last time. */
static uint64_t watch_again(struct step *s, struct req *q, const PB(WatchRecord) *w)
{
	switch ((int)w->alarm) {
	case ALARM(BASIC_SUPPORT):
		return civil_add_days_local(s->now_ms, DAY_SETTING(REVIEW_ACTIVE));
	case ALARM(REVIEW_BY_OTHER):
		return watch_working_days(s, SETTING_REVIEW_BY_OTHER);
	case ALARM(RUNG_TEXT):
		return s->now_ms + step_setting(s, SETTING_RUNG_TEXT) * SECOND_MS;
	case ALARM(AFTERCARE_DAY):
		return aftercare_next(s, q, w);
	case ALARM(CRISIS_TERM):
		return crisis_term_next(s, q, w);
	default:
		return 0;
	}
}

int due_watch(struct step *s, const struct object_id *id, uint32_t number, uint64_t due_ms)
{
	struct req q;

	if (!req_load(s, id, &q)) {
		return s->txn->err;
	}
	struct key k = key_of_watch(&q, number);
	PB(WatchRecord) *w = step_get(s, TABLE_WATCH, &k, TYPE(watch_record));
	if (w == NULL || w->due_ms != due_ms) {
		return s->txn->err;
	}
	step_del(s, TABLE_WATCH, &k);
	if (q.r->deceased) {
		return s->txn->err;
	}
	watch_say(s, &q, w);
	w->rung_times++;
	uint64_t again_ms = watch_again(s, &q, w);
	if (again_ms != 0) {
		/* After a standstill the dates that went by were one telling. */
		w->due_ms = again_ms > s->now_ms ? again_ms : s->now_ms + 1;
		watch_put(s, &q, w);
	}
	return s->txn->err;
}
