/* SPDX-License-Identifier: EUPL-1.2 */
/* How long those who wait may still wait: as matching saw it, stretched by what came of what it saw
 * before (common/plan/stretch.h), class by class. Of those it was said of a sample is kept, for two
 * years; ranges are shown once enough of what was said is over and came true. */
#include <stdlib.h>

#include <xxhash.h>

#include "common/civil.h"
#include "common/plan/stretch.h"
#include "services/waitlist/core_entry.h"

#define RANGE_KEPT_DAYS 7U /* what was foreseen is not said any more when it is older */
#define TOLD_KEPT_DAYS 730U
#define TOLD_MAX STRETCH_CASES_MAX
/* What is said has to come true eight times in ten (MATCHING 5: 70 to 90 %); where it comes true
 * more often than that, nobody is hurt. */
#define JUDGED_LEAST 30U
#define RIGHT_LEAST_PERMILLE 700U

/* --- one range --- */

static uint64_t days_between(uint64_t from_ms, uint64_t to_ms)
{
	return to_ms > from_ms ? (to_ms - from_ms) / CIVIL_DAY_MS : 0;
}

enum wait_came wait_range_came(const PB(WaitRange) *said, uint64_t at_ms, bool began)
{
	if (said == NULL || said->until_days >= said->beyond_days) {
		return WAIT_CAME_UNKNOWN; /* it was said without an end */
	}
	uint64_t days = days_between(said->made_ms, at_ms);
	if (days > said->until_days) {
		return WAIT_CAME_FALSE;
	}
	if (!began) {
		return WAIT_CAME_UNKNOWN;
	}
	return days < said->from_days ? WAIT_CAME_FALSE : WAIT_CAME_TRUE;
}

/** Never in a crisis: its clock counts hours, and a range of days would read as leave to wait. */
static bool is_crisis(const PB(WaitEntryRecord) *rec)
{
	return rec->order->wait_class == CLASS(CRISIS);
}

static bool is_shown(const struct step *s, const PB(WaitEntryRecord) *rec)
{
	const PB(WaitRange) *r = rec->range;

	return r != NULL && rec->state == WAIT(WAITING) && !is_crisis(rec) &&
	       step_setting(s, SETTING_FORESEE_SHOWN) == 1 &&
	       s->now_ms < r->made_ms + RANGE_KEPT_DAYS * CIVIL_DAY_MS &&
	       r->judged >= JUDGED_LEAST &&
	       (uint64_t)r->right * 1000 >= (uint64_t)r->judged * RIGHT_LEAST_PERMILLE;
}

static uint32_t less(uint32_t days, uint64_t passed)
{
	return days > passed ? days - (uint32_t)passed : 0;
}

PB(WaitRange) *wait_range_today(struct step *s, const PB(WaitEntryRecord) *rec)
{
	if (!is_shown(s, rec)) {
		return NULL;
	}
	uint64_t passed = days_between(rec->range->made_ms, s->now_ms);
	bool over = rec->range->until_days <= passed;
	PB(WaitRange) *today = over ? NULL : step_alloc(s, sizeof(*today));
	if (today != NULL) {
		*today = *rec->range;
		today->from_days = less(today->from_days, passed);
		today->half_days = less(today->half_days, passed);
		today->until_days = less(today->until_days, passed);
		today->beyond_days = less(today->beyond_days, passed);
		today->made_ms += passed * CIVIL_DAY_MS;
	}
	return today;
}

/* --- those of whom it was said --- */

static struct key foreseen_key(void)
{
	struct key k = { 0 };

	key_u8(&k, 0);
	return k;
}

/** With room for one more. @return NULL: memory is short, or the row is not sound. */
static PB(WaitForeseenRecord) *foreseen_get(struct step *s)
{
	struct key k = foreseen_key();
	PB(WaitForeseenRecord) *rec =
		step_get(s, WAIT_TABLE_FORESEEN, &k, RECORD(wait_foreseen_record));
	PB(WaitToldRecord) **told = step_alloc(s, (TOLD_MAX + 1) * sizeof(*told));

	if (rec == NULL && s->txn->err == SK_OK) {
		rec = step_alloc(s, sizeof(*rec));
		if (rec != NULL) {
			*rec = (PB(WaitForeseenRecord))PB_INIT(WAIT_FORESEEN_RECORD);
		}
	}
	if (rec == NULL || told == NULL || rec->n_told > TOLD_MAX) {
		return NULL;
	}
	for (size_t i = 0; i < rec->n_told; i++) {
		told[i] = rec->told[i];
	}
	rec->told = told;
	rec->stride = rec->stride == 0 ? 1 : rec->stride;
	return rec;
}

static void foreseen_put(struct step *s, const PB(WaitForeseenRecord) *rec)
{
	struct key k = foreseen_key();

	step_put(s, WAIT_TABLE_FORESEEN, &k, rec);
}

static PB(WaitToldRecord) *told_find(const PB(WaitForeseenRecord) *rec, const struct object_id *id)
{
	for (size_t i = 0; i < rec->n_told; i++) {
		struct object_id one;
		if (object_id_from(&rec->told[i]->need_id, &one) && object_id_equal(&one, id)) {
			return rec->told[i];
		}
	}
	return NULL;
}

/** The old go; while there are too many, every second of the others. */
static void thin(PB(WaitForeseenRecord) *rec, uint64_t now_ms)
{
	size_t kept = 0;

	for (size_t i = 0; i < rec->n_told; i++) {
		PB(WaitToldRecord) *t = rec->told[i];
		if (days_between(t->range->made_ms, now_ms) < TOLD_KEPT_DAYS &&
		    t->draw % rec->stride == 0) {
			rec->told[kept++] = t;
		}
	}
	rec->n_told = kept;
	if (kept > TOLD_MAX) {
		rec->stride *= 2;
		thin(rec, now_ms);
	}
}

/** @return NULL: it is not among those that are kept. */
static PB(WaitToldRecord) *told_add(struct step *s, PB(WaitForeseenRecord) *rec,
				    const struct entry *e, const PB(NeedForeseen) *told)
{
	PB(WaitToldRecord) *t = step_alloc(s, sizeof(*t));
	uint64_t draw = XXH3_64bits(e->id.b, OBJECT_ID_LEN);

	if (t == NULL || draw % rec->stride != 0) {
		return NULL;
	}
	*t = (PB(WaitToldRecord))PB_INIT(WAIT_TOLD_RECORD);
	t->need_id = told->need_id;
	t->wait_class = e->rec->order->wait_class;
	t->range = told->range;
	t->draw = draw;
	rec->told[rec->n_told++] = t;
	if (rec->n_told > TOLD_MAX) {
		thin(rec, s->now_ms);
	}
	return t;
}

/** What has become of it since the last look: help began, or it left without. */
static void follow_told(struct step *s, PB(WaitToldRecord) *t)
{
	size_t mark = s->arena->used_bytes;
	struct object_id id;
	struct entry e;
	bool there = object_id_from(&t->need_id, &id) && wait_entry_load(s, &id, &e);

	if (!there || e.rec->helped || e.rec->state != WAIT(WAITING)) {
		t->began = there && e.rec->helped;
		t->ended_ms = there ? e.rec->state_since_ms : s->now_ms;
		t->need_id.len = 0; /* whose it was is not kept */
	}
	arena_rewind(s->arena, mark);
}

/* --- the stretch of a class --- */

static uint32_t bounded(uint64_t days)
{
	return days < STRETCH_DAYS_MAX ? (uint32_t)days : STRETCH_DAYS_MAX;
}

static struct stretch_case case_of(const PB(WaitToldRecord) *t, uint64_t now_ms)
{
	uint64_t until_ms = t->ended_ms == 0 ? now_ms : t->ended_ms;

	return (struct stretch_case){
		.from = bounded(t->range->from_days),
		.half = bounded(t->range->half_days),
		.until = bounded(t->range->until_days),
		.waited = bounded(days_between(t->range->made_ms, until_ms)),
		.began = t->began,
	};
}

/** Only what is past its end is judged: before that one would see the short waits alone. */
static void judge(const PB(WaitToldRecord) *t, uint64_t now_ms, PB(WaitStretchRecord) *io_stretch)
{
	if (t->said == NULL || days_between(t->said->made_ms, now_ms) <= t->said->until_days) {
		return;
	}
	uint64_t at_ms = t->ended_ms == 0 ? now_ms : t->ended_ms;
	enum wait_came came = wait_range_came(t->said, at_ms, t->began);
	io_stretch->judged += came != WAIT_CAME_UNKNOWN;
	io_stretch->right += came == WAIT_CAME_TRUE;
}

static void stretch_class(const struct step *s, const PB(WaitForeseenRecord) *rec,
			  PB(WaitStretchRecord) *io_stretch)
{
	struct stretch_case cases[STRETCH_CASES_MAX];
	struct stretch by;
	size_t len = 0;

	for (size_t i = 0; i < rec->n_told; i++) {
		if (rec->told[i]->wait_class == io_stretch->wait_class) {
			cases[len++] = case_of(rec->told[i], s->now_ms);
			judge(rec->told[i], s->now_ms, io_stretch);
		}
	}
	stretch_of(cases, len, &by);
	io_stretch->began = by.began;
	io_stretch->from = by.from;
	io_stretch->half = by.half;
	io_stretch->until = by.until;
}

/** Once for each look ahead: its ranges come in several inputs. */
static bool stretches_make(struct step *s, PB(WaitForeseenRecord) *rec, uint64_t made_ms)
{
	static const PB(WaitClass) classes[] = { CLASS(URGENT), CLASS(ACTIVE), CLASS(PREFERENCE),
						 CLASS(PRECAUTION) };
	PB(WaitStretchRecord) *all = step_alloc(s, SK_LEN(classes) * sizeof(*all));

	if (rec->made_ms == made_ms) {
		return true;
	}
	rec->stretches = step_alloc(s, SK_LEN(classes) * sizeof(*rec->stretches));
	if (all == NULL || rec->stretches == NULL) {
		return false;
	}
	for (size_t i = 0; i < rec->n_told; i++) {
		if (rec->told[i]->ended_ms == 0) {
			follow_told(s, rec->told[i]);
		}
	}
	rec->stride = rec->n_told < TOLD_MAX / 4 && rec->stride > 1 ? rec->stride / 2 : rec->stride;
	thin(rec, s->now_ms);
	for (size_t i = 0; i < SK_LEN(classes); i++) {
		all[i] = (PB(WaitStretchRecord))PB_INIT(WAIT_STRETCH_RECORD);
		all[i].wait_class = classes[i];
		stretch_class(s, rec, &all[i]);
		rec->stretches[i] = &all[i];
	}
	rec->n_stretches = SK_LEN(classes);
	rec->made_ms = made_ms;
	return true;
}

/** What is said of it; NULL: not enough is known to say anything. */
static PB(WaitRange) *said_of(struct step *s, const PB(WaitForeseenRecord) *rec,
			      PB(WaitClass) wait_class, const PB(WaitRange) *seen)
{
	for (size_t i = 0; i < rec->n_stretches; i++) {
		const PB(WaitStretchRecord) *by = rec->stretches[i];
		struct stretch_case r = { bounded(seen->from_days), bounded(seen->half_days),
					  bounded(seen->until_days), 0, false };
		struct stretch stretch = { by->began, by->from, by->half, by->until };
		if (by->wait_class != wait_class ||
		    !stretch_apply(&stretch, seen->beyond_days, &r)) {
			continue;
		}
		PB(WaitRange) *said = step_alloc(s, sizeof(*said));
		if (said != NULL) {
			*said = *seen;
			said->from_days = r.from;
			said->half_days = r.half;
			said->until_days = r.until;
			said->judged = by->judged;
			said->right = by->right;
		}
		return said;
	}
	return NULL;
}

/* --- what matching saw --- */

/** @return whether the sample has changed. */
static bool take(struct step *s, PB(WaitForeseenRecord) *rec, const PB(NeedForeseen) *told)
{
	struct object_id id;
	struct entry e;

	if (!object_id_from(&told->need_id, &id) || told->range == NULL ||
	    !wait_entry_load(s, &id, &e) || e.rec->state != WAIT(WAITING) || is_crisis(e.rec)) {
		return false;
	}
	PB(WaitRange) *said = said_of(s, rec, e.rec->order->wait_class, told->range);
	PB(WaitToldRecord) *t = told_find(rec, &id);
	bool changed = false;
	if (t == NULL && !e.rec->helped) {
		t = told_add(s, rec, &e, told);
		changed = t != NULL;
	}
	if (t != NULL && t->said == NULL && said != NULL) {
		t->said = said;
		changed = true;
	}
	e.rec->range = said;
	if (e.rec->first_range == NULL) {
		e.rec->first_range = said;
	}
	e.changed = true;
	wait_entry_store(s, &e);
	return changed;
}

void wait_foreseen_config(struct step *s)
{
	PB(WaitForeseenRecord) *rec = step_setting(s, SETTING_FORESEE) > 0 ? NULL : foreseen_get(s);
	bool changed = false;

	for (size_t i = 0; rec != NULL && i < rec->n_told; i++) {
		PB(WaitToldRecord) *t = rec->told[i];
		if (t->ended_ms == 0) {
			t->ended_ms = s->now_ms;
			t->need_id.len = 0;
			changed = true;
		}
	}
	if (changed) {
		foreseen_put(s, rec);
	}
}

int waitlist_wait_foreseen(struct step *s, const PB(Message) *in)
{
	const PB(WaitForeseen) *fact = in->wait_foreseen;

	if (fact->n_needs > WAIT_OPEN_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "needs");
	}
	PB(WaitForeseenRecord) *rec = foreseen_get(s);
	uint64_t made_ms = 0;
	for (size_t i = 0; i < fact->n_needs && made_ms == 0; i++) {
		made_ms = fact->needs[i]->range == NULL ? 0 : fact->needs[i]->range->made_ms;
	}
	bool changed = rec != NULL && rec->made_ms != made_ms;
	if (rec == NULL || !stretches_make(s, rec, made_ms)) {
		return s->txn->err == SK_OK ? SK_ENOMEM : s->txn->err;
	}
	for (size_t i = 0; i < fact->n_needs; i++) {
		changed = take(s, rec, fact->needs[i]) || changed;
	}
	if (changed) { /* it is large, and mostly only the first input of a look changes it */
		foreseen_put(s, rec);
	}
	return s->txn->err;
}
