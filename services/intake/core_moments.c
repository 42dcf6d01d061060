/* SPDX-License-Identifier: EUPL-1.2 */
/* What a start, an interruption or an end of help sets going beside the need itself. */
#include <string.h>

#include "services/intake/core_warm.h"

/* Live or past. @return SK_OK, or a refusal of "contribution_id". */
static int contribution_find(struct step *s, struct req *q, const ProtobufCBinaryData *id,
			     PB(ContributionRecord) **ret_c)
{
	static const uint8_t table[] = { TABLE_CONTRIBUTION, TABLE_CONTRIBUTION_PAST };
	struct object_id at;

	if (id->len == 0) {
		return step_refuse(s, REFUSAL(MISSING), "contribution_id");
	}
	if (!object_id_from(id, &at)) {
		return step_refuse(s, REFUSAL(MALFORMED), "contribution_id");
	}
	struct key k = key_of_pair(&q->id, &at);
	for (size_t i = 0; i < SK_LEN(table); i++) {
		PB(ContributionRecord) *c = step_get(s, table[i], &k, TYPE(contribution_record));
		if (c != NULL) {
			*ret_c = c;
			return SK_OK;
		}
	}
	return s->txn->err != SK_OK ? s->txn->err :
				      step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "contribution_id");
}

static PB(ContributionRecord) *past_by_code(struct step *s, const struct req *q, const char *code)
{
	struct key prefix = key_of_id(&q->id);
	PB(ContributionRecord) *found = NULL;
	struct store_iter walk;
	struct key at;
	struct slice val;

	store_iter_init(&walk, s->txn, TABLE_CONTRIBUTION_PAST, &prefix);
	while (found == NULL && store_next(&walk, &at, &val)) {
		PB(ContributionRecord) *c = step_unpack(s, val, TYPE(contribution_record));
		if (c == NULL) {
			break;
		}
		found = strcmp(c->last->short_code, code) == 0 ? c : NULL;
	}
	store_iter_done(&walk);
	return found;
}

int contribution_by_code(struct step *s, struct req *q, const char *code,
			 PB(ContributionRecord) **ret_c)
{
	req_live(s, q);
	for (size_t i = 0; i < q->live_len; i++) {
		if (strcmp(q->live[i]->last->short_code, code) == 0) {
			*ret_c = q->live[i];
			return SK_OK;
		}
	}
	PB(ContributionRecord) *c = past_by_code(s, q, code);
	if (c == NULL) {
		return s->txn->err != SK_OK ? s->txn->err :
					      step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "short_code");
	}
	*ret_c = c;
	return SK_OK;
}

int contribution_find_any(struct step *s, struct req *q, const ProtobufCBinaryData *id,
			  const char *code, PB(ContributionRecord) **ret_c)
{
	return id->len == 0 && code[0] != '\0' ? contribution_by_code(s, q, code, ret_c) :
						 contribution_find(s, q, id, ret_c);
}

bool warm_capable(const struct step *s, const struct req *q, uint32_t child)
{
	return child < q->r->n_children && child_capable(q, child, s->now_ms);
}

int speaker_check(struct step *s, const struct req *q, PB(Speaker) speaker, uint32_t number)
{
	if (speaker == SPEAKER(YOUTH)) {
		return number < q->r->n_children ? SK_OK :
						   step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "child");
	}
	for (size_t i = 0; i < q->r->n_adults; i++) {
		if (q->r->adults[i]->number == number) {
			return SK_OK;
		}
	}
	return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "adult");
}

/* --- crisis terms: intervention, guidance and stay have their own --- */

#define STEPS_MAX 4
/* Days after the start on which is told: the day before an end, and the end. */
struct crisis_days {
	int32_t day[STEPS_MAX];
	size_t len;
};

static struct crisis_days crisis_days_of(struct step *s, uint32_t expertise)
{
	const PB(ExpertiseCode) *x = step_expertise(s, expertise);
	const char *code = x == NULL ? "" : x->code;
	struct crisis_days d = { .len = 0 };
	int32_t more = 0;
	int32_t days;

	if (strcmp(code, "CRISIS_INTERVENTION") == 0) {
		days = (int32_t)step_setting(s, SETTING_CRISIS_INTERVENTION);
	} else if (strcmp(code, "CRISIS_GUIDANCE") == 0) {
		days = (int32_t)step_setting(s, SETTING_CRISIS_GUIDANCE);
	} else if (strcmp(code, "CRISIS_STAY") == 0) {
		days = (int32_t)step_setting(s, SETTING_CRISIS_STAY);
		more = (int32_t)step_setting(s, SETTING_CRISIS_STAY_MORE);
	} else {
		return d;
	}
	d.day[d.len++] = days - 1;
	d.day[d.len++] = days;
	if (more > 0) {
		d.day[d.len++] = days + more - 1;
		d.day[d.len++] = days + more;
	}
	return d;
}

static uint64_t crisis_due(struct step *s, const PB(ContributionRecord) *c, uint32_t expertise,
			   size_t step)
{
	struct crisis_days d = crisis_days_of(s, expertise);

	return step < d.len ? civil_add_days_local(c->begun_ms, d.day[step]) : 0;
}

uint64_t crisis_term_next(struct step *s, struct req *q, const PB(WatchRecord) *w)
{
	const PB(NeedRecord) *n = req_need(q, &w->need_id);
	PB(ContributionRecord) *c = NULL;

	if (n == NULL || contribution_find(s, q, &w->object_id, &c) != SK_OK) {
		return 0;
	}
	return crisis_due(s, c, n->need->expertise, w->rung_times);
}

static void crisis_started(struct step *s, struct req *q, const PB(ContributionRecord) *c)
{
	const PB(NeedRecord) *n = req_need(q, &c->last->need_id);
	PB(WatchRecord) w = PB_INIT(WATCH_RECORD);

	w.due_ms = n == NULL ? 0 : crisis_due(s, c, n->need->expertise, 0);
	if (w.due_ms == 0) {
		return;
	}
	w.alarm = ALARM(CRISIS_TERM);
	w.object_id = c->last->contribution_id;
	w.need_id = c->last->need_id;
	watch_set(s, q, &w);
}

/* --- aftercare: asked how it goes on set days --- */

static uint64_t check_due(struct step *s, const PB(NeedRecord) *n, size_t step)
{
	static const enum setting day[] = { SETTING_CHECK_FIRST, SETTING_CHECK_SECOND,
					    SETTING_CHECK_THIRD };
	if (step >= SK_LEN(day)) {
		return 0;
	}
	return civil_add_days_local(n->state_since_ms, (int32_t)step_setting(s, day[step]));
}

uint64_t aftercare_next(struct step *s, struct req *q, const PB(WatchRecord) *w)
{
	const PB(NeedRecord) *n = req_need(q, &w->object_id);

	return n == NULL ? 0 : check_due(s, n, w->rung_times);
}

void aftercare_checks(struct step *s, struct req *q, const PB(NeedRecord) *n)
{
	PB(WatchRecord) w = PB_INIT(WATCH_RECORD);

	if (n->need->state != NEED_IS(AFTERCARE)) {
		(void)watch_end(s, q, ALARM(AFTERCARE_DAY), &n->need->need_id);
		return;
	}
	w.alarm = ALARM(AFTERCARE_DAY);
	w.object_id = n->need->need_id;
	w.need_id = n->need->need_id;
	w.due_ms = check_due(s, n, 0);
	watch_set(s, q, &w);
	basic_out(s, q, n);
}

/* Not well: help is offered again at once, and the family need only say so (ReopenNeed). */
int on_check_in(struct step *s, const PB(Message) *in)
{
	const PB(RecordCheckIn) *m = in->record_check_in;
	PB(WatchRecord) w = PB_INIT(WATCH_RECORD);
	PB(NeedRecord) *n = NULL;
	struct object_id id;
	struct req q;
	int err = req_open_need(s, &m->need_id, "need_id", &q, &n);

	if (err == SK_OK && !may_act(s, &q)) {
		err = refuse_not_yours(s, "need_id");
	}
	if (err == SK_OK && n->need->state != NEED_IS(AFTERCARE)) {
		err = refuse_state(s, &q, n, "need_id");
	}
	if (err != SK_OK) {
		return err;
	}
	n->checked_ms = s->now_ms;
	n->checked_well = m->well;
	need_save(s, &q, n);
	PB(Event) e = event_of(&q, EVENT(REVIEW));
	e.object_id = n->need->need_id;
	e.need_id = n->need->need_id;
	e.need_state = n->need->state;
	e.party = s->from.id;
	e.zone = q.r->zone;
	e.ended = m->well;
	say(s, &q, e);
	if (!m->well) {
		w.alarm = ALARM(AFTERCARE_DAY);
		w.object_id = n->need->need_id;
		w.need_id = n->need->need_id;
		w.due_ms = s->now_ms;
		watch_say(s, &q, &w);
	}
	SK_ASSERT(object_id_from(&n->need->need_id, &id));
	step_result(s, &id, n->need->need_version);
	return req_settle(s, &q);
}

/* --- the moments --- */

void contribution_times(const struct step *s, PB(ContributionRecord) *c)
{
	if (c->last->state == CONTRIB(STARTED) && c->begun_ms == 0) {
		c->begun_ms = s->now_ms;
	}
	if (contribution_ended(c->last)) {
		c->ended_ms = s->now_ms;
	}
}

static void first_start(struct step *s, struct req *q, const PB(ContributionRecord) *c)
{
	fit_started(s, q, c);
	rung_started(s, q, c->last);
	crisis_started(s, q, c);
	basic_started(s, q, c->last);
}

static void help_ended(struct step *s, struct req *q, const PB(ContributionRecord) *c)
{
	fit_ended(s, q, c);
	(void)watch_end(s, q, ALARM(CRISIS_TERM), &c->last->contribution_id);
	(void)watch_end(s, q, ALARM(BASIC_SUPPORT), &c->last->contribution_id);
}

void warm_contribution(struct step *s, struct req *q, const PB(ContributionRecord) *c, bool first)
{
	PB(ContributionState) now = c->last->state;

	signal_contribution(s, q, c->last);
	q->warm_changed = c->begun_ms != 0;
	if (first) {
		first_start(s, q, c);
	}
	if (now == CONTRIB(INTERRUPTED)) {
		review_interrupted(s, q, c->last);
	}
	if (contribution_ended(c->last) && c->begun_ms != 0) {
		help_ended(s, q, c);
	}
}
