/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include <xxhash.h>

#include "services/intake/core_warm.h"

#define DAYS_OF(set) ((int32_t)step_setting(s, SETTING_##set))

/* DOMAIN 4. What is not listed does not exist. */
static const struct {
	PB(NeedState) from;
	enum need_event on;
	PB(NeedState) to;
} edge[] = {
	{ NEED_IS(DRAFT), NEED_EV_OPEN, NEED_IS(OPEN) },
	{ NEED_IS(OPEN), NEED_EV_START, NEED_IS(ANSWERED) },
	{ NEED_IS(ANSWERED), NEED_EV_ALL_STARTED, NEED_IS(SUPPORTED) },
	{ NEED_IS(SUPPORTED), NEED_EV_HELP_ENDED, NEED_IS(AFTERCARE) },
	{ NEED_IS(AFTERCARE), NEED_EV_AFTERCARE_DONE, NEED_IS(CLOSED) },

	{ NEED_IS(OPEN), NEED_EV_FAMILY_CLOSES, NEED_IS(CLOSED) },
	{ NEED_IS(ANSWERED), NEED_EV_FAMILY_CLOSES, NEED_IS(CLOSED) },
	{ NEED_IS(SUPPORTED), NEED_EV_FAMILY_CLOSES, NEED_IS(CLOSED) },
	{ NEED_IS(AFTERCARE), NEED_EV_FAMILY_CLOSES, NEED_IS(CLOSED) },
	{ NEED_IS(OPEN), NEED_EV_SUCCESSOR, NEED_IS(CLOSED) },
	{ NEED_IS(ANSWERED), NEED_EV_SUCCESSOR, NEED_IS(CLOSED) },
	{ NEED_IS(SUPPORTED), NEED_EV_SUCCESSOR, NEED_IS(CLOSED) },
	{ NEED_IS(AFTERCARE), NEED_EV_SUCCESSOR, NEED_IS(CLOSED) },

	{ NEED_IS(OPEN), NEED_EV_CRISIS_OVER, NEED_IS(CLOSED) },

	{ NEED_IS(DRAFT), NEED_EV_DECEASED, NEED_IS(CLOSED) },
	{ NEED_IS(OPEN), NEED_EV_DECEASED, NEED_IS(CLOSED) },
	{ NEED_IS(ANSWERED), NEED_EV_DECEASED, NEED_IS(CLOSED) },
	{ NEED_IS(SUPPORTED), NEED_EV_DECEASED, NEED_IS(CLOSED) },
	{ NEED_IS(AFTERCARE), NEED_EV_DECEASED, NEED_IS(CLOSED) },
	{ NEED_IS(CLOSED), NEED_EV_DECEASED, NEED_IS(CLOSED) },
	{ NEED_IS(WITHDRAWN), NEED_EV_DECEASED, NEED_IS(CLOSED) },
	{ NEED_IS(ENTERED_IN_ERROR), NEED_EV_DECEASED, NEED_IS(CLOSED) },

	{ NEED_IS(DRAFT), NEED_EV_WITHDRAW, NEED_IS(WITHDRAWN) },
	{ NEED_IS(OPEN), NEED_EV_WITHDRAW, NEED_IS(WITHDRAWN) },
	{ NEED_IS(ANSWERED), NEED_EV_WITHDRAW, NEED_IS(WITHDRAWN) },
	{ NEED_IS(SUPPORTED), NEED_EV_WITHDRAW, NEED_IS(WITHDRAWN) },

	{ NEED_IS(DRAFT), NEED_EV_ERROR, NEED_IS(ENTERED_IN_ERROR) },
	{ NEED_IS(OPEN), NEED_EV_ERROR, NEED_IS(ENTERED_IN_ERROR) },
	{ NEED_IS(ANSWERED), NEED_EV_ERROR, NEED_IS(ENTERED_IN_ERROR) },
	{ NEED_IS(SUPPORTED), NEED_EV_ERROR, NEED_IS(ENTERED_IN_ERROR) },
	{ NEED_IS(AFTERCARE), NEED_EV_ERROR, NEED_IS(ENTERED_IN_ERROR) },
	{ NEED_IS(CLOSED), NEED_EV_ERROR, NEED_IS(ENTERED_IN_ERROR) },
	{ NEED_IS(WITHDRAWN), NEED_EV_ERROR, NEED_IS(ENTERED_IN_ERROR) },

	{ NEED_IS(AFTERCARE), NEED_EV_REOPEN, NEED_IS(OPEN) },
	{ NEED_IS(CLOSED), NEED_EV_REOPEN, NEED_IS(OPEN) },
};

int need_next(PB(NeedState) from, enum need_event on, PB(NeedState) *ret_to)
{
	for (size_t i = 0; i < SK_LEN(edge); i++) {
		if (edge[i].from == from && edge[i].on == on) {
			*ret_to = edge[i].to;
			return SK_OK;
		}
	}
	return SK_ESTATE;
}

bool need_can(const PB(NeedRecord) *n, enum need_event on)
{
	PB(NeedState) to;

	return need_next(n->need->state, on, &to) == SK_OK;
}

bool need_finished(const PB(NeedRecord) *n)
{
	return n->need->state >= NEED_IS(CLOSED);
}

bool need_wants_help(const PB(NeedRecord) *n)
{
	return n->need->state >= NEED_IS(OPEN) && n->need->state <= NEED_IS(SUPPORTED);
}

size_t needs_open(const struct req *q)
{
	size_t open = 0;

	for (size_t i = 0; i < q->needs_len; i++) {
		open += need_finished(q->need[i]) ? 0 : 1;
	}
	return open;
}

/* The row of aftercare stands exactly while the need is in aftercare. */
static void aftercare_row(struct step *s, PB(NeedRecord) *n)
{
	struct object_id id;

	SK_ASSERT(object_id_from(&n->need->need_id, &id));
	if (n->aftercare_until_ms != 0) {
		step_undue(s, n->aftercare_until_ms, DUE_AFTERCARE, &id, 0);
		n->aftercare_until_ms = 0;
	}
	if (n->need->state == NEED_IS(AFTERCARE)) {
		n->aftercare_until_ms =
			civil_end_of_day(civil_add_days_local(s->now_ms, DAYS_OF(AFTERCARE_DAYS)));
		step_due(s, n->aftercare_until_ms, DUE_AFTERCARE, &id, 0);
	}
}

static void need_changed(struct step *s, struct req *q, PB(NeedRecord) *n)
{
	n->state_since_ms = s->now_ms;
	if (!need_wants_help(n)) {
		n->waits_with = (ProtobufCBinaryData){ 0, NULL }; /* it waits for nothing */
	}
	aftercare_row(s, n);
	aftercare_checks(s, q, n);
	say(s, q, event_need(q, n));
	need_save(s, q, n);
}

void need_move(struct step *s, struct req *q, PB(NeedRecord) *n, enum need_event on)
{
	PB(NeedState) to;

	SK_ASSERT(need_next(n->need->state, on, &to) == SK_OK);
	n->need->state = to;
	need_changed(s, q, n);
}

static void need_ref_put(struct step *s, const struct req *q, const struct object_id *id,
			 uint32_t ordinal)
{
	PB(NeedRefRecord) ref = PB_INIT(NEED_REF_RECORD);
	struct key k = key_of_id(id);

	ref.request_id = q->r->request_id;
	ref.ordinal = ordinal;
	step_put(s, TABLE_NEED_REF, &k, &ref);
}

static PB(NeedRecord) *need_new(struct step *s, struct req *q, PB(NeedFact) *f)
{
	static const PB(NeedRecord) empty = PB_INIT(NEED_RECORD);
	PB(NeedRecord) *n = step_alloc(s, sizeof(*n));
	struct object_id id;

	SK_ASSERT(q->needs_len < NEEDS_KEPT_MAX);
	if (n == NULL || !object_id_from(&f->need_id, &id)) {
		return NULL;
	}
	*n = empty;
	n->need = f;
	n->request_id = q->r->request_id;
	q->need[q->needs_len++] = n;
	need_ref_put(s, q, &id, f->ordinal);
	return n;
}

PB(NeedRecord) *need_add(struct step *s, struct req *q, const PB(NeedSpec) *spec)
{
	static const PB(NeedFact) fact = PB_INIT(NEED_FACT);
	struct object_id id = step_new_id(s);
	PB(NeedFact) *f = step_alloc(s, sizeof(*f));

	if (f == NULL) {
		return NULL;
	}
	*f = fact;
	f->need_id = step_id_data(s, &id);
	f->need_version = 1;
	f->ordinal = ++q->r->needs_len;
	f->expertise = spec->expertise;
	f->intensity = spec->intensity;
	f->duration_weeks = spec->duration_weeks;
	f->must = spec->must;
	f->life_domain = spec->life_domain;
	f->child = spec->child;
	f->arrival_ms = s->now_ms;
	f->state = NEED_IS(DRAFT);
	PB(NeedRecord) *n = need_new(s, q, f);
	if (n != NULL) {
		need_move(s, q, n, NEED_EV_OPEN);
	}
	return n;
}

PB(NeedRecord) *need_place(struct step *s, struct req *q, PB(NeedFact) *f)
{
	for (size_t i = 0; i < q->needs_len; i++) {
		if (q->need[i]->need->ordinal == f->ordinal) {
			f->ordinal = q->r->needs_len + 1;
		}
	}
	if (f->ordinal > q->r->needs_len) {
		q->r->needs_len = f->ordinal;
	}
	return need_new(s, q, f);
}

void need_adopt(struct step *s, struct req *q, PB(NeedRecord) *n, PB(NeedState) state)
{
	n->need->state = state;
	need_changed(s, q, n);
}

/* Ring by ring as time goes on without an answer; a crisis asks everywhere at once (DOMAIN 7). */
static PB(Ring) ring_of(const PB(RequestRecord) *r)
{
	if (r->urgency == URGENCY(CRISIS)) {
		return SCHAKEL__V1__RING__RING_NEIGHBOURS;
	}
	return r->wider ? SCHAKEL__V1__RING__RING_REGION : SCHAKEL__V1__RING__RING_OWN_ZONES;
}

void request_fact(struct step *s, struct req *q, PB(RequestFact) *ret_f)
{
	const PB(RequestRecord) *r = q->r;
	PB(WishRecord) *w = wish_load(s, q);

	ret_f->request_id = r->request_id;
	ret_f->request_version = r->version;
	ret_f->zone = r->zone;
	ret_f->network = r->network;
	ret_f->urgency = r->urgency;
	ret_f->crisis_step = r->crisis_step;
	ret_f->n_languages = r->n_languages;
	ret_f->languages = r->languages;
	ret_f->requester = r->requester;
	ret_f->received_ms = r->received_ms;
	ret_f->contact_party = r->contact_party;
	ret_f->stand_in_party = r->stand_in_party;
	ret_f->ring = ring_of(r);
	ret_f->answer_due_ms = r->answer_due_ms;
	ret_f->answered_ms = r->answered_ms;
	children_fact(s, q, ret_f);
	if (r->signalled) {
		signal_fact(s, q, ret_f);
	}
	ret_f->family_id = r->family_id;
	ret_f->family_wish_until_ms = r->family_wish_until_ms;
	if (w != NULL) {
		ret_f->n_excluded_partners = w->n_excluded_partners;
		ret_f->excluded_partners = w->excluded_partners;
		ret_f->n_preferred_partners = w->n_preferred_partners;
		ret_f->preferred_partners = w->preferred_partners;
		ret_f->n_choices = w->n_choices;
		ret_f->choices = w->choices;
	}
}

PB(NeedsOpened) *needs_opened(struct step *s, struct req *q)
{
	static const PB(NeedsOpened) empty = PB_INIT(NEEDS_OPENED);
	static const PB(RequestFact) fact = PB_INIT(REQUEST_FACT);
	PB(NeedsOpened) *m = step_alloc(s, sizeof(*m));
	PB(RequestFact) *f = step_alloc(s, sizeof(*f));
	PB(NeedFact) **list = step_alloc(s, NEEDS_KEPT_MAX * sizeof(*list));

	if (m == NULL || f == NULL || list == NULL) {
		return NULL;
	}
	*m = empty;
	*f = fact;
	m->request = f;
	m->needs = list;
	for (size_t i = 0; i < q->needs_len; i++) {
		if (need_wants_help(q->need[i]) && !q->need[i]->list_closed) {
			list[m->n_needs++] = q->need[i]->need;
		}
	}
	if (m->n_needs == 0) {
		return NULL;
	}
	request_fact(s, q, f);
	siblings_fact(s, q, f);
	return m;
}

/* Of what the fact says, whatever its version. */
static uint64_t fact_hash(struct step *s, const PB(RequestFact) *f)
{
	PB(RequestFact) of = *f;
	uint8_t *packed;

	of.request_version = 0;
	packed = step_alloc(s, schakel__v1__request_fact__get_packed_size(&of) + 1);
	return packed == NULL ? 0 :
				XXH3_64bits(packed, schakel__v1__request_fact__pack(&of, packed));
}

/* With a higher version of the request when it says something else than before. */
static void opened_tell(struct step *s, struct req *q, bool only_news)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RequestRecord) *r = q->r;

	m.needs_opened = needs_opened(s, q);
	if (m.needs_opened == NULL) {
		return;
	}
	uint64_t hash = fact_hash(s, m.needs_opened->request);
	bool news = hash != r->told_hash;
	if (news && r->version == q->version_was) {
		r->version = step_next_version(s, r->version);
		m.needs_opened->request->request_version = r->version;
	}
	if (only_news && !news) {
		return;
	}
	r->told_hash = hash;
	q->version_was = r->version;
	m.body_case = BODY(NEEDS_OPENED);
	step_emit(s, "waitlist", &m);
}

void list_knows(struct step *s, struct req *q, const PB(RequestFact) *f)
{
	q->r->told_hash = fact_hash(s, f);
	q->version_was = q->r->version;
}

void needs_opened_emit(struct step *s, struct req *q)
{
	opened_tell(s, q, false);
}

void list_tell(struct step *s, struct req *q)
{
	opened_tell(s, q, true);
}

/* A death is told even where the list had closed: help may still be ending. */
static bool list_must_hear(const PB(NeedRecord) *n, PB(CloseReason) reason)
{
	return !n->list_closed || reason == CLOSE(DECEASED);
}

void needs_closed_emit(struct step *s, struct req *q, const struct need_set *set,
		       PB(CloseReason) reason)
{
	PB(NeedEnd) end[NEEDS_KEPT_MAX];
	PB(NeedEnd) *at[NEEDS_KEPT_MAX];
	PB(NeedClosed) closed = PB_INIT(NEED_CLOSED);
	PB(Message) m = PB_INIT(MESSAGE);

	for (size_t i = 0; i < set->len; i++) {
		PB(NeedRecord) *n = set->n[i];
		if (!list_must_hear(n, reason)) {
			continue;
		}
		n->list_closed = true;
		schakel__v1__need_end__init(&end[closed.n_needs]);
		end[closed.n_needs].need_id = n->need->need_id;
		end[closed.n_needs].need_version = n->need->need_version;
		end[closed.n_needs].reason = reason;
		at[closed.n_needs] = &end[closed.n_needs];
		closed.n_needs++;
	}
	if (closed.n_needs == 0) {
		return;
	}
	closed.request_id = q->r->request_id;
	closed.needs = at;
	m.body_case = BODY(NEED_CLOSED);
	m.need_closed = &closed;
	step_emit(s, "waitlist", &m);
}
