/* SPDX-License-Identifier: EUPL-1.2 */
/* Whether a child can judge for itself: found earlier than 12, or absent from 12 on; by whom, when,
 * why. All are kept, the newest holds. */
#include "services/intake/core_inner.h"

static struct key key_of_judgement(const struct req *q, uint32_t number)
{
	struct key k = key_of_id(&q->id);

	key_u32(&k, number);
	return k;
}

void judgement_put(struct step *s, struct req *q, PB(JudgementView) *v)
{
	PB(JudgementRecord) rec = PB_INIT(JUDGEMENT_RECORD);
	PB(ChildState) *st = &q->child[v->child];
	PB(Event) e = event_of(q, EVENT(JUDGEMENT));

	v->party = s->from.id;
	v->at_ms = s->now_ms;
	st->judged = v->capable ? JUDGED(CAPABLE) : JUDGED(NOT_CAPABLE);
	st->judged_age = child_age(q, v->child, s->now_ms);
	st->judged_until_ms = v->until_ms;
	rec.view = v;
	struct key k = key_of_judgement(q, ++q->r->judgements_len);
	step_put(s, TABLE_JUDGEMENT, &k, &rec);
	e.child = v->child;
	e.number = q->r->judgements_len;
	e.until_ms = v->until_ms;
	e.party = s->from.id;
	say(s, q, e);
}

static int check_judgement(struct step *s, const struct req *q, const PB(RecordJudgement) *m)
{
	if (!may_witness(s, q)) {
		return refuse_not_yours(s, "request_id");
	}
	if (!q->r->open) {
		return refuse_state(s, q, NULL, "request_id");
	}
	if (m->child >= q->r->n_children) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "child");
	}
	/* From 18 on nobody judges whether somebody may decide for itself. */
	if (!adult_sees_child(q, m->child, s->now_ms)) {
		return refuse_state(s, q, NULL, "child");
	}
	if (m->by_worker.len == 0) {
		return step_refuse(s, REFUSAL(MISSING), "by_worker");
	}
	if (m->by_worker.len != OBJECT_ID_LEN) {
		return step_refuse(s, REFUSAL(MALFORMED), "by_worker");
	}
	if (m->until_ms != 0 && m->until_ms <= s->now_ms) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "until_ms");
	}
	if (q->r->judgements_len >= JUDGEMENTS_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "child");
	}
	return check_given(s, (int)m->reason, "reason");
}

int on_judgement(struct step *s, const PB(Message) *in)
{
	const PB(RecordJudgement) *m = in->record_judgement;
	PB(JudgementView) v = PB_INIT(JUDGEMENT_VIEW);
	struct req q;
	int err = req_open(s, &m->request_id, "request_id", &q);

	if (err == SK_OK) {
		err = check_judgement(s, &q, m);
	}
	if (err != SK_OK) {
		return err;
	}
	v.child = m->child;
	v.capable = m->capable;
	v.by_worker = m->by_worker;
	v.reason = m->reason;
	v.until_ms = m->until_ms;
	uint32_t agreed = people_agreed(s, &q, s->now_ms);
	judgement_put(s, &q, &v);
	people_changed(s, &q, agreed);
	step_result(s, &q.id, q.r->version);
	return req_settle(s, &q);
}

void judgements_view(struct step *s, const struct req *q, PB(RequestItem) *ret_item)
{
	struct store_iter it;
	struct key prefix = key_of_id(&q->id);
	struct key at;
	struct slice val;

	if (q->r->judgements_len == 0) {
		return;
	}
	ret_item->judgements = step_alloc(s, JUDGEMENTS_MAX * sizeof(PB(JudgementView) *));
	store_iter_init(&it, s->txn, TABLE_JUDGEMENT, &prefix);
	while (ret_item->judgements != NULL && ret_item->n_judgements < JUDGEMENTS_MAX &&
	       store_next(&it, &at, &val)) {
		const PB(JudgementRecord) *rec = step_unpack(s, val, TYPE(judgement_record));
		if (rec == NULL) {
			break;
		}
		ret_item->judgements[ret_item->n_judgements++] = rec->view;
	}
	store_iter_done(&it);
}

/* It holds until a newer one: a date alone does not change what a child can judge. */
void judgements_due(struct step *s, struct req *q)
{
	for (uint32_t i = 0; i < q->r->n_children; i++) {
		PB(ChildState) *st = &q->child[i];
		if (st->judged_until_ms != 0 && st->judged_until_ms <= s->now_ms) {
			st->judged_until_ms = 0;
			say_child(s, q, ALARM(JUDGEMENT), i, false);
		}
	}
}

void judgements_next(const struct req *q, struct first *f)
{
	for (size_t i = 0; i < q->r->n_children; i++) {
		earlier(f, q->child[i].judged_until_ms, ALARM(JUDGEMENT));
	}
}
