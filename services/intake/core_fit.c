/* SPDX-License-Identifier: EUPL-1.2 */
/* Whether help fits, asked of child and each parent at six weeks and at the end. Kept apart from
 * how fast it came (D16). */
#include "services/intake/core_figure.h"
#include "services/intake/core_view.h"
#include "services/intake/core_warm.h"

#define FITS_VIEW_MAX 64 /* in one answer */

static struct key key_of_contribution_fit(const struct req *q, const ProtobufCBinaryData *id)
{
	struct key k = key_of_id(&q->id);

	key_bytes(&k, id->data, id->len);
	return k;
}

static struct key key_of_fit(const struct req *q, const PB(RecordFit) *m)
{
	struct key k = key_of_contribution_fit(q, &m->contribution_id);

	key_u8(&k, (uint8_t)m->moment);
	key_u8(&k, (uint8_t)m->speaker);
	key_u32(&k, m->speaker == SPEAKER(ADULT) ? m->adult : m->child);
	return k;
}

uint64_t fit_due(struct step *s, const PB(ContributionRecord) *c)
{
	int32_t weeks = (int32_t)step_setting(s, SETTING_FIT_ASKED);

	return civil_add_days_local(c->begun_ms, weeks * 7);
}

void fit_started(struct step *s, struct req *q, const PB(ContributionRecord) *c)
{
	PB(WatchRecord) w = PB_INIT(WATCH_RECORD);

	w.alarm = ALARM(FIT_ASKED);
	w.object_id = c->last->contribution_id;
	w.need_id = c->last->need_id;
	w.moment = SCHAKEL__V1__FIT_MOMENT__FIT_MOMENT_SIX_WEEKS;
	w.due_ms = fit_due(s, c);
	watch_set(s, q, &w);
}

/* At the end it is asked at once, and what six weeks would have asked is past. */
void fit_ended(struct step *s, struct req *q, const PB(ContributionRecord) *c)
{
	PB(WatchRecord) w = PB_INIT(WATCH_RECORD);

	(void)watch_end(s, q, ALARM(FIT_ASKED), &c->last->contribution_id);
	w.alarm = ALARM(FIT_ASKED);
	w.object_id = c->last->contribution_id;
	w.need_id = c->last->need_id;
	w.moment = SCHAKEL__V1__FIT_MOMENT__FIT_MOMENT_END;
	w.due_ms = s->now_ms;
	watch_say(s, q, &w);
}

/* A trusted person stands beside; whether it fits say those whom it is for. */
static int check_who(struct step *s, const struct req *q, const PB(RecordFit) *m)
{
	int err = check_given(s, (int)m->speaker, "speaker");

	if (err != SK_OK) {
		return err;
	}
	if (m->speaker == SPEAKER(TRUSTED_PERSON)) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "speaker");
	}
	return speaker_check(s, q, m->speaker, m->speaker == SPEAKER(ADULT) ? m->adult : m->child);
}

static int check_moment(struct step *s, const struct req *q, const PB(RecordFit) *m,
			const PB(ContributionRecord) *c)
{
	if (m->moment == 0) {
		return step_refuse(s, REFUSAL(MISSING), "moment");
	}
	if (m->fit == 0) {
		return step_refuse(s, REFUSAL(MISSING), "fit");
	}
	bool end = m->moment == SCHAKEL__V1__FIT_MOMENT__FIT_MOMENT_END;
	bool now = end ? contribution_ended(c->last) :
			 civil_day_number(s->now_ms) >= civil_day_number(fit_due(s, c));
	return c->begun_ms != 0 && now ? SK_OK : refuse_state(s, q, NULL, "moment");
}

/* What is changed on the same day was counted with its first word. */
static void fit_count(struct step *s, struct req *q, const PB(RecordFit) *m,
		      PB(ContributionRecord) *c)
{
	const struct fit_told told = { .moment = m->moment, .fit = m->fit };
	const PB(NeedRecord) *n = req_need(q, &c->last->need_id);

	if (n != NULL) {
		fit_figures(s, q, n, c, &told);
		contribution_save(s, q, c);
	}
}

static int fit_save(struct step *s, struct req *q, const PB(RecordFit) *m,
		    PB(ContributionRecord) *c)
{
	PB(FitRecord) f = PB_INIT(FIT_RECORD);
	struct key k = key_of_fit(q, m);
	const PB(FitRecord) *was = step_get(s, TABLE_FIT, &k, TYPE(fit_record));

	if (was != NULL && civil_day_number(was->at_ms) != civil_day_number(s->now_ms)) {
		return refuse_state(s, q, NULL, "fit"); /* said before today */
	}
	f.contribution_id = m->contribution_id;
	f.speaker = m->speaker;
	f.adult = m->adult;
	f.child = m->child;
	f.moment = m->moment;
	f.fit = m->fit;
	f.at_ms = s->now_ms;
	f.party = s->from.id;
	step_put(s, TABLE_FIT, &k, &f);
	if (was == NULL) {
		fit_count(s, q, m, c);
	}
	PB(Event) e = event_of(q, EVENT(FIT));
	e.object_id = m->contribution_id;
	e.moment = m->moment;
	e.fit = m->fit;
	e.number = (uint32_t)m->speaker;
	say(s, q, e);
	return SK_OK;
}

int on_record_fit(struct step *s, const PB(Message) *in)
{
	PB(RecordFit) word = *in->record_fit;
	const PB(RecordFit) *m = &word;
	PB(ContributionRecord) *c = NULL;
	struct req q;
	int err = req_open(s, &m->request_id, "request_id", &q);

	if (err == SK_OK && !may_act(s, &q)) {
		err = refuse_not_yours(s, "request_id");
	}
	if (err == SK_OK) {
		err = contribution_find_any(s, &q, &m->contribution_id, m->short_code, &c);
	}
	if (err == SK_OK) {
		word.contribution_id = c->last->contribution_id;
		err = check_who(s, &q, m);
	}
	if (err == SK_OK) {
		err = check_moment(s, &q, m, c);
	}
	if (err == SK_OK) {
		err = fit_save(s, &q, m, c);
	}
	if (err != SK_OK) {
		return err;
	}
	q.warm_changed = true;
	step_result(s, &q.id, q.r->version);
	return req_settle(s, &q);
}

/* --- views --- */

static PB(FitView) *fit_view(struct step *s, const PB(FitRecord) *f)
{
	static const PB(FitView) empty = PB_INIT(FIT_VIEW);
	PB(FitView) *v = step_alloc(s, sizeof(*v));

	if (v != NULL) {
		*v = empty;
		v->contribution_id = f->contribution_id;
		v->speaker = f->speaker;
		v->adult = f->adult;
		v->child = f->child;
		v->moment = f->moment;
		v->fit = f->fit;
		v->at_ms = f->at_ms;
	}
	return v;
}

void fits_view(struct step *s, const struct req *q, PB(PlanView) *v)
{
	PB(FitView) **list = step_alloc(s, (v->n_fits + FITS_VIEW_MAX) * sizeof(*list));
	struct key prefix = key_of_id(&q->id);
	struct store_iter it;
	struct key at;
	struct slice val;

	for (size_t i = 0; list != NULL && i < v->n_fits; i++) {
		list[i] = v->fits[i];
	}
	store_iter_init(&it, s->txn, TABLE_FIT, &prefix);
	for (size_t n = 0; list != NULL && n < FITS_VIEW_MAX && store_next(&it, &at, &val); n++) {
		const PB(FitRecord) *f = step_unpack(s, val, TYPE(fit_record));
		PB(FitView) *one = f == NULL ? NULL : fit_view(s, f);
		if (one == NULL) {
			break;
		}
		if (!shield_hides(s, q, &f->contribution_id)) {
			list[v->n_fits++] = one;
		}
	}
	store_iter_done(&it);
	v->fits = list;
}

/* What was said last of each contribution. */
size_t fits_last(struct step *s, const struct req *q, PB(FitRecord) **ret_list, size_t most)
{
	struct key prefix = key_of_id(&q->id);
	struct store_iter it;
	struct key at;
	struct slice val;
	size_t len = 0;

	store_iter_init(&it, s->txn, TABLE_FIT, &prefix);
	while (store_next(&it, &at, &val)) {
		PB(FitRecord) *f = step_unpack(s, val, TYPE(fit_record));
		if (f == NULL) {
			break;
		}
		bool same = len > 0 &&
			    data_equal(&ret_list[len - 1]->contribution_id, &f->contribution_id);
		if (same && f->at_ms >= ret_list[len - 1]->at_ms) {
			ret_list[len - 1] = f;
		} else if (!same && len < most) {
			ret_list[len++] = f;
		}
	}
	store_iter_done(&it);
	return len;
}

/* --- of what is over --- */

static bool was_said(struct step *s, const struct req *q, const struct person *who,
		     const PB(ContributionChanged) *c)
{
	PB(RecordFit) m = PB_INIT(RECORD_FIT);

	m.contribution_id = c->contribution_id;
	m.moment = SCHAKEL__V1__FIT_MOMENT__FIT_MOMENT_END;
	m.speaker = who->speaker;
	m.adult = who->adult;
	m.child = who->child;
	struct key k = key_of_fit(q, &m);
	return step_get(s, TABLE_FIT, &k, TYPE(fit_record)) != NULL;
}

void fits_wanted(struct step *s, const struct req *q, const struct person *who,
		 PB(PersonNeed) *io_n)
{
	bool asked = who->speaker == SPEAKER(YOUTH) || who->speaker == SPEAKER(ADULT);
	struct key prefix = key_of_id(&q->id);
	struct store_iter it;
	struct key at;
	struct slice val;

	io_n->ended = step_alloc(s, FITS_VIEW_MAX * sizeof(*io_n->ended));
	if (io_n->ended == NULL || !asked || !who->names) {
		return;
	}
	store_iter_init(&it, s->txn, TABLE_CONTRIBUTION_PAST, &prefix);
	while (io_n->n_ended < FITS_VIEW_MAX && store_next(&it, &at, &val)) {
		const PB(ContributionRecord) *c = step_unpack(s, val, TYPE(contribution_record));
		if (c == NULL) {
			break;
		}
		bool hidden = c->last->shielded && who->speaker != SPEAKER(YOUTH);
		if (c->begun_ms == 0 || hidden || !data_equal(&c->last->need_id, &io_n->need_id) ||
		    was_said(s, q, who, c->last)) {
			continue;
		}
		PB(PersonHelp) *h = person_help(s, c->last);
		if (h == NULL) {
			break;
		}
		io_n->ended[io_n->n_ended++] = h;
	}
	store_iter_done(&it);
}
