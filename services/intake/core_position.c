/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "services/intake/core_warm.h"

static bool adult_known(const struct req *q, uint32_t number)
{
	for (size_t i = 0; i < q->r->n_adults; i++) {
		if (q->r->adults[i]->number == number) {
			return true;
		}
	}
	return false;
}

static int check_speaker(struct step *s, const struct req *q, const PB(RecordPosition) *m)
{
	int err = check_given(s, (int)m->speaker, "speaker");

	if (err == SK_OK) {
		err = check_given(s, (int)m->voice, "voice");
	}
	if (err != SK_OK) {
		return err;
	}
	/* What they agreed to before keeps its date; from 18 on it is the child's own word. */
	if (m->speaker == SPEAKER(ADULT) && !adult_sees_child(q, m->child, s->now_ms)) {
		return refuse_state(s, q, NULL, "adult");
	}
	if (m->speaker == SPEAKER(ADULT) && !adult_known(q, m->adult)) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "adult");
	}
	if (m->speaker != SPEAKER(ADULT) && m->adult != 0) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "adult");
	}
	if (m->reason != 0) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "reason");
	}
	return SK_OK;
}

/* Grounds (c) and (d): only who carries the crisis may say it, and only in one. */
static int check_crisis(struct step *s, const struct req *q, const PB(RecordPosition) *m)
{
	bool contact = strcmp(q->r->contact_party, s->from.id) == 0;

	if (!contact && (s->from.roles & ROLE_BIT(CONTACT_POINT)) == 0) {
		return refuse_not_yours(s, "ground");
	}
	if (q->r->urgency != URGENCY(CRISIS)) {
		return refuse_state(s, q, NULL, "ground");
	}
	if (m->voice != 0 && m->voice != VOICE(AGREE)) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "voice");
	}
	if (m->n_excluded_partners != 0) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "excluded_partners");
	}
	if (m->n_choices != 0) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "choices");
	}
	return m->ground == GROUND(UNCLEAR) ? check_unclear(s, q, m) :
					      check_given(s, (int)m->reason, "reason");
}

/* DOMAIN 4: a position on an older proposal changes nothing; what holds now is told. */
static int check_version(struct step *s, const struct req *q, const PB(RecordPosition) *m,
			 const PB(TeamRecord) *t)
{
	if (t == NULL) {
		return s->txn->err != SK_OK ? s->txn->err :
					      refuse_state(s, q, NULL, "proposal_version");
	}
	if (m->proposal_version > t->team->proposal_version) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "proposal_version");
	}
	bool heard = m->proposal_version >= t->voices_from && m->proposal_version >= t->spoken_from;
	if (heard || MUT(34)) {
		return SK_OK;
	}
	PB(Event) *now = step_alloc(s, sizeof(*now));
	if (now == NULL) {
		return s->txn->err;
	}
	*now = event_of(q, EVENT(TEAM));
	now->proposal_version = t->team->proposal_version;
	now->version = t->team->proposal_version;
	now->seats = (uint32_t)t->team->n_seats;
	now->open_seats = (uint32_t)t->team->n_open;
	now->at_ms = t->at_ms;
	return step_late(s, now);
}

/* Whether this voice is one that help of the child needs: with the team as it stands. */
static bool speaks_with_effect(struct step *s, struct req *q, const PB(RecordPosition) *m,
			       const PB(TeamRecord) *t)
{
	bool home = false;

	for (size_t i = 0; i < t->team->n_seats; i++) {
		const PB(Seat) *seat = t->team->seats[i];
		const PB(NeedRecord) *n = req_need(q, &seat->need_id);
		home = home || (n != NULL && n->need->child == m->child &&
				seat->modality == SCHAKEL__V1__MODALITY__MODALITY_MOBILE);
	}
	struct voices_needed need = voices_needed(q, m->child, home, s->now_ms);
	return voice_counts(&need, m->speaker, m->adult);
}

static int check_position(struct step *s, const struct req *q, const PB(RecordPosition) *m)
{
	if (!may_act(s, q) && (s->from.roles & ROLE_BIT(CONTACT_POINT)) == 0) {
		return refuse_not_yours(s, "request_id");
	}
	if (!q->r->open) {
		return refuse_state(s, q, NULL, "request_id");
	}
	if (m->child >= q->r->n_children) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "child");
	}
	if (m->ground == GROUND(EMERGENCY) || m->ground == GROUND(UNCLEAR)) {
		return check_crisis(s, q, m);
	}
	if (m->ground != GROUND(UNSPECIFIED) && m->ground != GROUND(AGREED)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "ground");
	}
	return check_speaker(s, q, m);
}

/* What is not wanted is named with a no, by the child or by somebody whose voice counts here. */
static int check_excluded(struct step *s, struct req *q, const PB(RecordPosition) *m,
			  const PB(TeamRecord) *t)
{
	if (m->n_excluded_partners == 0) {
		return SK_OK;
	}
	bool may = m->speaker == SPEAKER(YOUTH) || speaks_with_effect(s, q, m, t);
	if (m->voice != VOICE(NOT) || !may) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "excluded_partners");
	}
	return check_partners(s, m->excluded_partners, m->n_excluded_partners, "excluded_partners");
}

static void voice_save(struct step *s, struct req *q, const PB(RecordPosition) *m,
		       const PB(TeamRecord) *t)
{
	PB(VoiceRecord) v = PB_INIT(VOICE_RECORD);
	bool emergency = m->ground == GROUND(EMERGENCY);
	struct key k = key_of_id(&q->id);

	v.speaker = emergency ? SPEAKER(UNSPECIFIED) : m->speaker;
	v.adult = emergency ? 0 : m->adult;
	v.voice = emergency ? VOICE(UNSPECIFIED) : m->voice;
	v.at_ms = s->now_ms;
	v.proposal_version = m->proposal_version;
	v.child_heard = m->child_heard;
	v.ground = m->ground;
	v.reason = m->reason;
	v.party = s->from.id;
	v.child = m->child;
	/* Under the present version, so that it is read after what was said before. */
	key_u32(&k, t->team->proposal_version);
	key_u8(&k, (uint8_t)v.speaker);
	key_u8(&k, (uint8_t)v.adult);
	key_u8(&k, (uint8_t)v.child);
	step_put(s, TABLE_VOICE, &k, &v);
}

/* Who may say what is not wanted may say who is. */
static int check_choices(struct step *s, struct req *q, const PB(RecordPosition) *m,
			 const PB(TeamRecord) *t)
{
	bool may = m->speaker == SPEAKER(YOUTH) || speaks_with_effect(s, q, m, t);

	if (m->n_choices > 0 && !may) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "choices");
	}
	return SK_OK;
}

static int wishes_take(struct step *s, struct req *q, const PB(RecordPosition) *m)
{
	struct wish_change ch = {
		.add = m->excluded_partners,
		.add_len = m->n_excluded_partners,
		.field = "excluded_partners",
		.choices = m->choices,
		.choices_len = m->n_choices,
		.child = m->child,
	};
	PB(WishRecord) *w;

	if (ch.add_len + ch.choices_len == 0) {
		return SK_OK;
	}
	int err = wish_merge(s, q, &ch, &w);
	if (err != SK_OK) {
		return err;
	}
	wish_save(s, q, w);
	q->r->version = step_next_version(s, q->r->version);
	needs_opened_emit(s, q);
	return SK_OK;
}

static void position_say(struct step *s, const struct req *q, const PB(RecordPosition) *m)
{
	PB(Event) e = event_of(q, EVENT(POSITION));

	e.voice = m->voice;
	e.ground = m->ground;
	e.proposal_version = m->proposal_version;
	e.party = s->from.id;
	e.child = m->child;
	say(s, q, e);
}

/* (d) is about the child and not about a proposal: it holds for whatever is proposed meanwhile. */
static int unclear_say(struct step *s, struct req *q, const PB(RecordPosition) *m)
{
	unclear_start(s, q, m->child);
	position_say(s, q, m);
	position_send(s, q);
	step_result(s, &q->id, q->r->version);
	return req_settle(s, q);
}

/* A stated no ends (d) at once, and so does the yes that was lacking. */
static void voice_follow(struct step *s, struct req *q, const PB(RecordPosition) *m,
			 const PB(TeamRecord) *t)
{
	if (m->voice == VOICE(NOT) && speaks_with_effect(s, q, m, t)) {
		unclear_end(s, q, m->child);
	}
	if (m->voice == VOICE(AGREE)) {
		unclear_look(s, q, t);
	}
	position_send(s, q);
}

/* NOT_YET and TALK_FIRST are written down and cost nothing: no date, no lottery number. */
int on_position(struct step *s, const PB(Message) *in)
{
	const PB(RecordPosition) *m = in->record_position;
	struct req q;
	int err = req_open(s, &m->request_id, "request_id", &q);

	if (err == SK_OK) {
		err = check_position(s, &q, m);
	}
	if (err != SK_OK) {
		return err;
	}
	if (m->ground == GROUND(UNCLEAR)) {
		return unclear_say(s, &q, m);
	}
	struct key k = key_of_id(&q.id);
	PB(TeamRecord) *t = step_get(s, TABLE_TEAM, &k, TYPE(team_record));
	err = check_version(s, &q, m, t);
	if (err == SK_OK) {
		err = check_no_said(s, &q, m);
	}
	if (err == SK_OK) {
		err = check_excluded(s, &q, m, t);
	}
	if (err == SK_OK) {
		err = check_choices(s, &q, m, t);
	}
	if (err == SK_OK) {
		err = wishes_take(s, &q, m);
	}
	if (err != SK_OK) {
		return err;
	}
	voice_save(s, &q, m, t);
	care_voice(s, &q, m);
	position_say(s, &q, m);
	voice_follow(s, &q, m, t);
	step_result(s, &q.id, q.r->version);
	return req_settle(s, &q);
}
