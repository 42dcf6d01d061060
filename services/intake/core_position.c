/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "services/intake/core_inner.h"

/* Whose voice a proposal needs (L5, ground (a)); adults as bits by number. */
struct voices_needed {
	bool youth;
	bool heard;   /* a child not judged capable must at least be heard */
	uint32_t all; /* each of these */
	uint32_t any; /* one of these speaks for all; looked at only if any_wanted */
	bool any_wanted;
};

/* The last thing that each one said about the team as it stands. */
struct voices {
	PB(Voice) youth;
	PB(Voice) adult[ADULTS_MAX + 1];
	bool heard;
	bool emergency;
	PB(DangerReason) reason;
};

static bool capable(const PB(Child) *c)
{
	return c->judged_capable || (c->age_years >= AGE_CAPABLE && !c->judged_incapable);
}

static bool works_at_home(const PB(TeamProposed) *t)
{
	for (size_t i = 0; i < t->n_seats; i++) {
		if (t->seats[i]->modality == SCHAKEL__V1__MODALITY__MODALITY_MOBILE) {
			return true;
		}
	}
	return false;
}

static struct voices_needed voices_needed(const struct req *q, const PB(TeamProposed) *t)
{
	const PB(RequestRecord) *r = q->r;
	struct voices_needed need = { .youth = r->n_children > 0 && capable(r->children[0]) };
	uint32_t authority = 0;
	uint32_t home = 0;
	bool conflict = false;

	for (size_t i = 0; i < r->n_adults; i++) {
		const PB(Adult) *a = r->adults[i];
		authority |= a->authority ? 1U << a->number : 0;
		home |= a->home ? 1U << a->number : 0;
		conflict = conflict || (a->authority && a->conflict);
	}
	if (!need.youth) {
		need.heard = true;
		need.all = conflict ? authority : 0;
		need.any = authority;
		need.any_wanted = true;
	}
	if (works_at_home(t)) {
		need.all |= home;
		need.any = home == 0 ? authority : need.any;
		/* Whose home it is was not told: then one of those with authority, if there are
		 * any. */
		need.any_wanted = need.any_wanted || (home == 0 && authority != 0);
	}
	return need;
}

static void voice_count(struct voices *v, const PB(VoiceRecord) *rec)
{
	if (rec->ground == GROUND(EMERGENCY)) {
		v->emergency = true;
		v->reason = rec->reason;
		return;
	}
	v->heard = v->heard || rec->child_heard || rec->speaker == SPEAKER(YOUTH);
	if (rec->speaker == SPEAKER(YOUTH)) {
		v->youth = rec->voice;
	}
	if (rec->speaker == SPEAKER(ADULT) && rec->adult <= ADULTS_MAX) {
		v->adult[rec->adult] = rec->voice;
	}
}

/* By version: the last word of each one is read last. */
static struct voices voices_read(struct step *s, const struct req *q, uint32_t from_version)
{
	struct voices v = { .youth = VOICE(UNSPECIFIED) };
	struct store_iter it;
	struct key prefix = key_of_id(&q->id);
	struct key from = prefix;
	struct key at;
	struct slice val;

	key_u32(&from, from_version);
	store_iter_init(&it, s->txn, TABLE_VOICE, &prefix);
	store_iter_from(&it, &from, true);
	while (store_next(&it, &at, &val)) {
		const PB(VoiceRecord) *rec = step_unpack(s, val, TYPE(voice_record));
		if (rec == NULL) {
			break;
		}
		voice_count(&v, rec);
	}
	store_iter_done(&it);
	return v;
}

static uint32_t who_said(const struct voices *v, PB(Voice) voice)
{
	uint32_t said = 0;

	for (uint32_t i = 1; i <= ADULTS_MAX; i++) {
		said |= v->adult[i] == voice ? 1U << i : 0;
	}
	return said;
}

/* One may speak for all only as long as none of them says no: that would be a conflict. */
static bool agreed(const struct voices_needed *need, const struct voices *v)
{
	uint32_t yes = who_said(v, VOICE(AGREE));
	uint32_t no = who_said(v, VOICE(NOT));

	return (!need->youth || v->youth == VOICE(AGREE)) && (!need->heard || v->heard) &&
	       (need->all & ~yes) == 0 &&
	       (!need->any_wanted || ((need->any & yes) != 0 && (need->any & no) == 0));
}

static PB(Ground) ground_of(struct step *s, const struct req *q, const PB(TeamRecord) *t,
			    PB(DangerReason) *ret_reason)
{
	struct voices v = voices_read(s, q, t->voices_from);
	struct voices_needed need = voices_needed(q, t->team);

	*ret_reason = 0;
	if (agreed(&need, &v)) {
		return GROUND(AGREED);
	}
	if (v.emergency) {
		*ret_reason = v.reason;
		return GROUND(EMERGENCY);
	}
	return GROUND(UNSPECIFIED);
}

static void adults_list(struct step *s, uint32_t bits, uint32_t **ret_numbers, size_t *ret_len)
{
	uint32_t *numbers = step_alloc(s, ADULTS_MAX * sizeof(*numbers));

	for (uint32_t i = 1; numbers != NULL && i <= ADULTS_MAX; i++) {
		if ((bits & 1U << i) != 0) {
			numbers[(*ret_len)++] = i;
		}
	}
	*ret_numbers = numbers;
}

static PB(VoicesWanted) *voices_wanted(struct step *s, const struct req *q, const PB(TeamRecord) *t)
{
	static const PB(VoicesWanted) empty = PB_INIT(VOICES_WANTED);
	struct voices v = voices_read(s, q, t->voices_from);
	struct voices_needed need = voices_needed(q, t->team);
	uint32_t yes = who_said(&v, VOICE(AGREE));
	uint32_t any = need.any_wanted ? need.any : 0;
	PB(VoicesWanted) *w = step_alloc(s, sizeof(*w));
	if (w == NULL) {
		return NULL;
	}
	*w = empty;
	w->youth = need.youth && v.youth != VOICE(AGREE);
	w->child_heard = need.heard && !v.heard;
	w->authority_unknown = need.any_wanted && any == 0;
	adults_list(s, (need.all & ~yes) | (any & who_said(&v, VOICE(NOT))), &w->adults,
		    &w->n_adults);
	adults_list(s, (any & yes) == 0 ? any : 0, &w->one_of, &w->n_one_of);
	return w;
}

/* Whether help is still to start: for a must-need, or where somebody has been found. */
static bool awaits_start(const struct req *q, const PB(TeamProposed) *t)
{
	for (size_t i = 0; q->r->open && i < q->needs_len; i++) {
		const PB(NeedFact) *n = q->need[i]->need;
		bool waits = n->must;
		for (size_t k = 0; k < t->n_seats && !waits; k++) {
			waits = data_equal(&t->seats[k]->need_id, &n->need_id);
		}
		if (waits && n->state == NEED_IS(OPEN)) {
			return true;
		}
	}
	return false;
}

void ground_view(struct step *s, const struct req *q, const PB(TeamRecord) *t,
		 PB(RequestItem) *ret_item)
{
	ret_item->ground = ground_of(s, q, t, &ret_item->ground_reason);
	ret_item->ground_complete = ret_item->ground != GROUND(UNSPECIFIED);
	if (!ret_item->ground_complete && awaits_start(q, t->team)) {
		ret_item->voices_wanted = voices_wanted(s, q, t);
	}
}

void position_fill(struct step *s, struct req *q, PB(PositionTaken) *ret_p)
{
	const PB(RequestRecord) *r = q->r;
	PB(WishRecord) *w = wish_load(s, q);

	ret_p->request_id = r->request_id;
	ret_p->request_version = r->version;
	ret_p->proposal_version = r->sent_version;
	ret_p->voice = r->sent_voice;
	ret_p->ground = r->sent_ground;
	ret_p->reason = r->sent_reason;
	if (w != NULL) {
		ret_p->n_excluded_partners = w->n_excluded_partners;
		ret_p->excluded_partners = w->excluded_partners;
	}
}

static void position_emit(struct step *s, struct req *q)
{
	PB(PositionTaken) p = PB_INIT(POSITION_TAKEN);
	PB(Message) m = PB_INIT(MESSAGE);

	position_fill(s, q, &p);
	m.body_case = BODY(POSITION_TAKEN);
	m.position_taken = &p;
	step_emit(s, "matching", &m);
}

/* Told once: again only for another proposal, voice or ground. */
static void agree_send(struct step *s, struct req *q, const PB(TeamRecord) *t)
{
	PB(RequestRecord) *r = q->r;
	PB(DangerReason) reason;
	PB(Ground) ground = ground_of(s, q, t, &reason);
	bool told = r->sent_voice == VOICE(AGREE) && r->sent_ground == ground &&
		    r->sent_version == t->team->proposal_version && r->sent_reason == reason;

	if (ground == GROUND(UNSPECIFIED) || told) {
		return;
	}
	r->sent_voice = VOICE(AGREE);
	r->sent_version = t->team->proposal_version;
	r->sent_ground = ground;
	r->sent_reason = reason;
	position_emit(s, q);
}

static void not_send(struct step *s, struct req *q, const PB(TeamRecord) *t, bool excludes)
{
	PB(RequestRecord) *r = q->r;

	if (r->sent_voice == VOICE(NOT) && r->sent_version == t->team->proposal_version &&
	    !excludes) {
		return;
	}
	r->sent_voice = VOICE(NOT);
	r->sent_version = t->team->proposal_version;
	r->sent_ground = GROUND(UNSPECIFIED);
	r->sent_reason = 0;
	position_emit(s, q);
}

void position_renew(struct step *s, struct req *q, const PB(TeamRecord) *t)
{
	bool undecided = false;

	for (size_t i = 0; i < t->team->n_seats; i++) {
		PB(ContributionState) st = t->team->seats[i]->state;
		undecided = undecided || st == CONTRIB(ASKED) || st == CONTRIB(CAN) ||
			    st == CONTRIB(CAN_IF);
	}
	/* Voices on an earlier version still count when the new one adds no seat. */
	if (!undecided || t->voices_from == t->team->proposal_version) {
		return;
	}
	if (q->r->sent_voice == VOICE(NOT) && q->r->sent_version >= t->voices_from) {
		not_send(s, q, t, false);
	} else {
		agree_send(s, q, t);
	}
}

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

/* Ground (c): only who carries the crisis may say it, and only in one. */
static int check_emergency(struct step *s, const struct req *q, const PB(RecordPosition) *m)
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
	return check_given(s, (int)m->reason, "reason");
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

static bool speaks_with_effect(const struct req *q, const PB(RecordPosition) *m,
			       const PB(TeamRecord) *t)
{
	struct voices_needed need = voices_needed(q, t->team);
	uint32_t adults = need.all | (need.any_wanted ? need.any : 0);

	if (m->speaker == SPEAKER(YOUTH)) {
		return need.youth;
	}
	return m->speaker == SPEAKER(ADULT) && (adults & 1U << m->adult) != 0;
}

static int check_position(struct step *s, const struct req *q, const PB(RecordPosition) *m)
{
	if (!may_act(s, q) && (s->from.roles & ROLE_BIT(CONTACT_POINT)) == 0) {
		return refuse_not_yours(s, "request_id");
	}
	if (!q->r->open) {
		return refuse_state(s, q, NULL, "request_id");
	}
	if (m->ground == GROUND(EMERGENCY)) {
		return check_emergency(s, q, m);
	}
	if (m->ground != GROUND(UNSPECIFIED) && m->ground != GROUND(AGREED)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "ground");
	}
	return check_speaker(s, q, m);
}

/* What is not wanted is named with a no, by the child or by somebody whose voice counts here. */
static int check_excluded(struct step *s, const struct req *q, const PB(RecordPosition) *m,
			  const PB(TeamRecord) *t)
{
	if (m->n_excluded_partners == 0) {
		return SK_OK;
	}
	bool may = m->speaker == SPEAKER(YOUTH) || speaks_with_effect(q, m, t);
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
	/* Under the present version, so that it is read after what was said before. */
	key_u32(&k, t->team->proposal_version);
	key_u8(&k, (uint8_t)v.speaker);
	key_u8(&k, (uint8_t)v.adult);
	step_put(s, TABLE_VOICE, &k, &v);
}

static int wishes_take(struct step *s, struct req *q, const PB(RecordPosition) *m)
{
	struct wish_change ch = {
		.add = m->excluded_partners,
		.add_len = m->n_excluded_partners,
		.field = "excluded_partners",
	};
	PB(WishRecord) *w;

	if (ch.add_len == 0) {
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
	say(s, q, e);
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
	struct key k = key_of_id(&q.id);
	PB(TeamRecord) *t = step_get(s, TABLE_TEAM, &k, TYPE(team_record));
	err = check_version(s, &q, m, t);
	if (err == SK_OK) {
		err = check_excluded(s, &q, m, t);
	}
	if (err == SK_OK) {
		err = wishes_take(s, &q, m);
	}
	if (err != SK_OK) {
		return err;
	}
	voice_save(s, &q, m, t);
	position_say(s, &q, m);
	if (m->voice == VOICE(NOT) && speaks_with_effect(&q, m, t)) {
		not_send(s, &q, t, m->n_excluded_partners > 0);
	}
	agree_send(s, &q, t);
	step_result(s, &q.id, q.r->version);
	return req_settle(s, &q);
}
