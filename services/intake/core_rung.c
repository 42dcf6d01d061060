/* SPDX-License-Identifier: EUPL-1.2 */
/* Each step up the ladder of help that changes more in a life, with what was asked first (A3, C5).
 * It never delays help: nothing waits for it. A step that nobody gave a reason for is shown as one
 * without, and counted. */
#include <string.h>

#include "common/rung.h"
#include "services/intake/core_warm.h"

#define REASON(X) SCHAKEL__V1__RUNG_REASON__RUNG_REASON_##X

static struct key key_of_rung(const struct req *q, uint32_t number)
{
	struct key k = key_of_id(&q->id);

	key_u32(&k, number);
	return k;
}

static size_t rungs_read(struct step *s, const struct req *q, PB(RungRecord) **ret_list)
{
	struct key prefix = key_of_id(&q->id);
	struct store_iter it;
	struct key at;
	struct slice val;
	size_t len = 0;

	store_iter_init(&it, s->txn, TABLE_RUNG, &prefix);
	while (len < RUNGS_MAX && store_next(&it, &at, &val)) {
		PB(RungRecord) *r = step_unpack(s, val, TYPE(rung_record));
		if (r == NULL) {
			break;
		}
		ret_list[len++] = r;
	}
	store_iter_done(&it);
	return len;
}

static void rung_save(struct step *s, const struct req *q, const PB(RungRecord) *r, size_t number)
{
	struct key k = key_of_rung(q, (uint32_t)number);

	step_put(s, TABLE_RUNG, &k, r);
}

/* The last word about that need that no step was taken on yet; its number, or 0. */
static size_t rung_waiting(PB(RungRecord) *const *list, size_t len, const ProtobufCBinaryData *need)
{
	for (size_t i = len; i > 0; i--) {
		if (list[i - 1]->to_rung == 0 && data_equal(&list[i - 1]->need_id, need)) {
			return i;
		}
	}
	return 0;
}

static void rung_say(struct step *s, const struct req *q, const PB(RungRecord) *r)
{
	PB(Event) e = event_of(q, EVENT(RUNG));

	e.object_id = r->contribution_id.len != 0 ? r->contribution_id : r->need_id;
	e.need_id = r->need_id;
	e.rung_reason = r->reason;
	e.seats = r->from_rung;
	e.number = r->to_rung;
	e.promised = r->additive_asked;
	e.zone = q->r->zone;
	e.party = r->party;
	say(s, q, e);
}

/* --- what was before --- */

static uint32_t rung_of_help(const PB(ContributionChanged) *c)
{
	return c->rung != 0 ? c->rung : (uint32_t)rung_of(c->continuum, c->modality);
}

struct before {
	uint32_t child;
	uint32_t highest; /* rung of help that this child had; 0: none */
	uint32_t below;   /* rung that the new help has */
	uint32_t additive;
	const ProtobufCBinaryData *but; /* the new help itself */
};

static void before_add(struct req *q, const PB(ContributionRecord) *r, struct before *b)
{
	const PB(ContributionChanged) *c = r->last;
	const PB(NeedRecord) *n = req_need(q, &c->need_id);
	uint32_t rung = rung_of_help(c);

	if (n == NULL || n->need->child != b->child || data_equal(&c->contribution_id, b->but)) {
		return;
	}
	if (r->begun_ms != 0 && rung > b->highest) {
		b->highest = rung;
	}
	b->additive += c->answer != 0 && rung != 0 && rung < b->below ? 1 : 0;
}

static void before_read(struct step *s, struct req *q, struct before *b)
{
	struct key prefix = key_of_id(&q->id);
	struct store_iter it;
	struct key at;
	struct slice val;

	for (size_t i = 0; i < q->live_len; i++) {
		before_add(q, q->live[i], b);
	}
	store_iter_init(&it, s->txn, TABLE_CONTRIBUTION_PAST, &prefix);
	while (store_next(&it, &at, &val)) {
		const PB(ContributionRecord) *r = step_unpack(s, val, TYPE(contribution_record));
		if (r == NULL) {
			break;
		}
		before_add(q, r, b);
	}
	store_iter_done(&it);
}

/* Help at home, or that one goes to, changes little in the life of who had none: only a stay is a
 * step up from nothing. */
static bool is_step_up(const struct before *b)
{
	uint32_t from = b->highest != 0 ? b->highest : (uint32_t)RUNG_AMBULANT;

	return b->below > from;
}

/* --- the step itself --- */

static PB(RungReason) reason_of(const PB(ContributionChanged) *c, const struct before *b)
{
	if (c->ground == GROUND(COURT_ORDER)) {
		return REASON(COURT);
	}
	if (c->ground == GROUND(EMERGENCY)) {
		return REASON(DANGER);
	}
	return b->additive > 0 ? REASON(ADDITIVE_ASKED) : REASON(UNSPECIFIED);
}

static void danger_watches(struct step *s, struct req *q, const PB(RungRecord) *r)
{
	PB(WatchRecord) w = PB_INIT(WATCH_RECORD);

	review_owed(s, q, &r->need_id, &r->need_id, r->party);
	if (r->text_given) {
		return;
	}
	w.alarm = ALARM(RUNG_TEXT);
	w.object_id = r->need_id;
	w.need_id = r->need_id;
	w.due_ms = s->now_ms + step_setting(s, SETTING_RUNG_TEXT) * SECOND_MS;
	watch_set(s, q, &w);
}

void rung_started(struct step *s, struct req *q, const PB(ContributionChanged) *c)
{
	PB(RungRecord) *list[RUNGS_MAX];
	PB(RungRecord) made = PB_INIT(RUNG_RECORD);
	const PB(NeedRecord) *n = req_need(q, &c->need_id);
	struct before b = { .below = rung_of_help(c), .but = &c->contribution_id };

	b.child = n == NULL ? 0 : n->need->child;
	before_read(s, q, &b);
	if (n == NULL || !is_step_up(&b)) {
		return;
	}
	size_t len = rungs_read(s, q, list);
	size_t at = rung_waiting(list, len, &c->need_id);
	PB(RungRecord) *r = at == 0 ? &made : list[at - 1];
	if (at == 0) {
		r->need_id = c->need_id;
		r->reason = reason_of(c, &b);
		r->party = r->reason == REASON(DANGER) ? q->r->contact_party : c->partner;
		r->danger = r->reason == REASON(DANGER) ? q->r->sent_reason : 0;
		at = len + 1;
	}
	r->contribution_id = c->contribution_id;
	r->from_rung = b.highest;
	r->to_rung = b.below;
	r->additive_asked = b.additive;
	r->at_ms = s->now_ms;
	if (at <= RUNGS_MAX) {
		rung_save(s, q, r, at);
	}
	rung_say(s, q, r);
	if (r == &made && r->reason == REASON(DANGER)) {
		danger_watches(s, q, r);
		q->warm_changed = true;
	}
}

void rung_reviewed(struct step *s, struct req *q, const ProtobufCBinaryData *need_id,
		   bool confirmed)
{
	PB(RungRecord) *list[RUNGS_MAX];
	size_t len = rungs_read(s, q, list);

	for (size_t i = len; i > 0; i--) {
		PB(RungRecord) *r = list[i - 1];
		if (r->reason == REASON(DANGER) && data_equal(&r->need_id, need_id)) {
			r->reviewed = true;
			r->confirmed = confirmed;
			rung_save(s, q, r, i);
			return;
		}
	}
}

/* --- the word that makes it free --- */

static int check_reason(struct step *s, const struct req *q, const PB(NeedRecord) *n,
			const PB(ClimbRung) *m)
{
	uint32_t danger = ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR) | ROLE_BIT(MANDATED);
	uint32_t court = ROLE_BIT(CONTACT_POINT) | ROLE_BIT(MANDATED);
	bool may = may_act(s, q);

	switch ((int)m->reason) {
	case REASON(YOUTH_ASKS):
		if (!may) {
			return refuse_not_yours(s, "need_id");
		}
		return warm_capable(s, q, n->need->child) ?
			       SK_OK :
			       step_refuse(s, REFUSAL(CONTRADICTS), "reason");
	case REASON(COURT):
		return may || (s->from.roles & court) != 0 ? SK_OK : refuse_not_yours(s, "need_id");
	case REASON(DANGER):
		return (s->from.roles & danger) != 0 ? check_given(s, (int)m->danger, "danger") :
						       refuse_not_yours(s, "need_id");
	case REASON(UNSPECIFIED):
		return step_refuse(s, REFUSAL(MISSING), "reason");
	default: /* what was asked first is counted, not said */
		return step_refuse(s, REFUSAL(CONTRADICTS), "reason");
	}
}

static int check_text(struct step *s, const struct req *q, const PB(Capsule) *text)
{
	if (text == NULL) {
		return SK_OK;
	}
	int err = check_capsule(s, text, "text");
	if (err != SK_OK) {
		return err;
	}
	if (!capsule_follows(s, q, text)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "text.version");
	}
	return q->r->words_len < WORDS_KEPT_MAX ? SK_OK : step_refuse(s, REFUSAL(TOO_MANY), "text");
}

/* The text that follows a tap belongs to the last word of danger about that need without one. */
static size_t text_wanted(PB(RungRecord) *const *list, size_t len, const PB(ClimbRung) *m)
{
	for (size_t i = len; i > 0 && m->text != NULL && m->reason == REASON(DANGER); i--) {
		const PB(RungRecord) *r = list[i - 1];
		if (r->reason == REASON(DANGER) && !r->text_given &&
		    data_equal(&r->need_id, &m->need_id)) {
			return i;
		}
	}
	return 0;
}

static int rung_word(struct step *s, struct req *q, const PB(ClimbRung) *m)
{
	PB(RungRecord) *list[RUNGS_MAX];
	PB(RungRecord) made = PB_INIT(RUNG_RECORD);
	size_t len = rungs_read(s, q, list);
	size_t at = text_wanted(list, len, m);
	PB(RungRecord) *r = at == 0 ? &made : list[at - 1];

	if (at == 0 && len == RUNGS_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "need_id");
	}
	if (m->text != NULL) {
		words_put(s, q, m->text, false);
		r->text_given = true;
	}
	if (at != 0) {
		(void)watch_end(s, q, ALARM(RUNG_TEXT), &r->need_id);
		rung_save(s, q, r, at);
		return SK_OK;
	}
	r->need_id = m->need_id;
	r->reason = m->reason;
	r->danger = m->danger;
	r->party = s->from.id;
	r->at_ms = s->now_ms;
	rung_save(s, q, r, len + 1);
	rung_say(s, q, r);
	if (r->reason == REASON(DANGER)) {
		danger_watches(s, q, r);
		q->warm_changed = true;
	}
	return SK_OK;
}

/* Who sees danger may not be one who reads the request: its code and the need's place are enough.
 */
static int need_named(struct step *s, const PB(ClimbRung) *m, struct req *ret_q,
		      PB(NeedRecord) **ret_n)
{
	if (m->need_id.len != 0 || m->short_code[0] == '\0') {
		return req_open_need(s, &m->need_id, "need_id", ret_q, ret_n);
	}
	int err = req_open_any(s, &m->request_id, m->short_code, ret_q);
	if (err != SK_OK) {
		return err;
	}
	if (m->ordinal == 0 || m->ordinal > ret_q->needs_len) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "ordinal");
	}
	*ret_n = ret_q->need[m->ordinal - 1];
	return SK_OK;
}

int on_climb_rung(struct step *s, const PB(Message) *in)
{
	const PB(ClimbRung) *m = in->climb_rung;
	PB(NeedRecord) *n = NULL;
	struct req q;
	int err = need_named(s, m, &q, &n);

	if (err == SK_OK && m->request_id.len != 0 &&
	    !data_equal(&m->request_id, &q.r->request_id)) {
		err = step_refuse(s, REFUSAL(CONTRADICTS), "request_id");
	}
	if (err == SK_OK) {
		err = check_reason(s, &q, n, m);
	}
	if (err == SK_OK && !need_wants_help(n)) {
		err = refuse_state(s, &q, n, "need_id");
	}
	if (err == SK_OK) {
		err = check_text(s, &q, m->text);
	}
	if (err == SK_OK) {
		err = rung_word(s, &q, m);
	}
	if (err != SK_OK) {
		return err;
	}
	step_result(s, &q.id, q.r->version);
	return req_settle(s, &q);
}

bool rung_danger(struct step *s, const struct req *q)
{
	PB(RungRecord) *list[RUNGS_MAX];
	size_t len = rungs_read(s, q, list);

	for (size_t i = 0; i < len; i++) {
		if (list[i]->reason == REASON(DANGER)) {
			return true;
		}
	}
	return false;
}

void rungs_view(struct step *s, const struct req *q, PB(RequestItem) *it)
{
	static const PB(RungView) empty = PB_INIT(RUNG_VIEW);
	PB(RungRecord) *list[RUNGS_MAX];
	size_t len = rungs_read(s, q, list);
	PB(RungView) **at = step_alloc(s, (len + 1) * sizeof(*at));

	for (size_t i = 0; at != NULL && i < len; i++) {
		PB(RungView) *v = step_alloc(s, sizeof(*v));
		if (v == NULL) {
			return;
		}
		*v = empty;
		v->need_id = list[i]->need_id;
		v->from_rung = list[i]->from_rung;
		v->to_rung = list[i]->to_rung;
		v->reason = list[i]->reason;
		v->danger = list[i]->danger;
		v->party = list[i]->party;
		v->at_ms = list[i]->at_ms;
		v->text_given = list[i]->text_given;
		v->reviewed = list[i]->reviewed;
		v->additive_asked = list[i]->additive_asked;
		if (list[i]->contribution_id.len == 0 ||
		    !shield_hides(s, q, &list[i]->contribution_id)) {
			at[it->n_rungs++] = v;
		}
	}
	it->rungs = at;
}
