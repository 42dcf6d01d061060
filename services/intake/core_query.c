/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "services/intake/core_warm.h"

#define CAPSULE_BYTES_PAGE 32768 /* of sealed content in one answer, which is one frame */

/* What the asker may see beside the request itself. */
struct viewer {
	bool holder;   /* holds it now: the sealed capsules too */
	bool family;   /* no partner's answer is pushed to it (L10) */
	bool own_only; /* a partner beside others: of the contributions only its own */
};

static struct viewer viewer_of(const struct step *s, const struct req *q)
{
	struct viewer v = { .family = (s->from.roles & ROLE_BIT(FAMILY)) != 0 };
	bool partner_only = true;

	for (size_t i = 0; i < q->r->n_holders; i++) {
		if (strcmp(q->holder[i].party, s->from.id) == 0 && q->holder[i].reads) {
			v.holder = true;
			partner_only = partner_only && q->holder[i].kind == HOLDER(PARTNER);
		}
	}
	v.own_only = v.holder && partner_only;
	v.holder = v.holder && !v.family; /* a story is in the file of whose it is */
	return v;
}

/* A place marked safe is known to who holds, and to no channel that an adult reads: which adult it
 * is does not show. */
static bool sees_safe(const struct step *s, const struct req *q)
{
	struct viewer v = viewer_of(s, q);

	return !v.family && (v.holder || strcmp(q->r->stand_in_party, s->from.id) == 0);
}

int may_view(struct step *s, const struct req *q)
{
	bool coordinator = (s->from.roles & ROLE_BIT(COORDINATOR)) != 0;

	return coordinator || may_act(s, q) ? SK_OK : refuse_not_yours(s, "request_id");
}

static bool shows(const struct step *s, const struct viewer *v, const PB(ContributionChanged) *c)
{
	if (v->own_only) {
		return strcmp(c->partner, s->from.id) == 0;
	}
	return !v->family || contribution_active(c) || c->state == CONTRIB(AGREED);
}

static void contributions_view(struct step *s, const struct viewer *v, struct req *q,
			       PB(NeedView) *n)
{
	n->contributions = step_alloc(s, LIVE_MAX * sizeof(*n->contributions));
	if (n->contributions == NULL) {
		return;
	}
	for (size_t i = 0; i < q->live_len; i++) {
		PB(ContributionChanged) *c = q->live[i]->last;
		if (data_equal(&c->need_id, &n->need->need_id) && shows(s, v, c)) {
			c = contribution_told(s, c);
			if (c == NULL) {
				return;
			}
			n->contributions[n->n_contributions++] = c;
		}
	}
}

static PB(Shortfall) shortfall_of(const PB(TeamProposed) *t, const PB(NeedFact) *n)
{
	for (size_t i = 0; t != NULL && i < t->n_open; i++) {
		if (data_equal(&t->open[i]->need_id, &n->need_id)) {
			return t->open[i]->shortfall;
		}
	}
	return 0;
}

static PB(NeedView) *need_view(struct step *s, const PB(NeedRecord) *n, const PB(TeamProposed) *t)
{
	static const PB(NeedView) empty = PB_INIT(NEED_VIEW);
	PB(NeedView) *v = step_alloc(s, sizeof(*v));
	char code[SHORT_CODE_LEN + 1];
	struct object_id id;

	if (v == NULL) {
		return NULL;
	}
	*v = empty;
	SK_ASSERT(object_id_from(&n->need->need_id, &id));
	step_short_code(s, &id, code);
	v->need = n->need;
	v->close_reason = n->close_reason;
	v->state_since_ms = n->state_since_ms;
	v->checked_ms = n->checked_ms;
	v->reentry_offered = n->need->state == NEED_IS(AFTERCARE) && n->checked_ms != 0 &&
			     !n->checked_well;
	v->shortfall = shortfall_of(t, n->need);
	v->short_code = step_strdup(s, code);
	return v->short_code == NULL ? NULL : v;
}

/* What stands in the record as it is. */
static void item_fill(const struct req *q, PB(RequestItem) *it)
{
	const PB(RequestRecord) *r = q->r;

	it->short_code = r->short_code;
	it->kind = r->kind;
	it->consult = r->consult;
	it->n_holders = r->n_holders;
	it->holders = r->holders;
	it->contact_party = r->contact_party;
	it->stand_in_party = r->stand_in_party;
	it->contact_named = r->contact_named;
	it->contact_due_ms = r->contact_due_ms;
	it->answer_due_ms = r->answer_due_ms;
	it->answered_ms = r->answered_ms;
	it->plan_id = r->plan_id;
	it->family_id = r->family_id;
	it->family_wish_until_ms = r->family_wish_until_ms;
	it->from_consult = r->from_consult;
	it->retellings = r->retellings;
	it->open = r->open;
	it->n_adults = r->n_adults;
	it->adults = r->adults;
	it->night_plan = r->night_plan;
	it->next_ms = next_due(r, &it->next);
	it->concern_reported = r->concern_ms != 0;
	it->breached_ms = r->open && r->breached && r->answered_ms == 0 ? r->answer_due_ms : 0;
}

/* What was promised for the night is for who has the next shift; not for a house that helps. */
static void night_view(struct step *s, const struct req *q, PB(RequestItem) *it)
{
	struct viewer v = viewer_of(s, q);

	if (!q->r->night_plan || v.own_only || v.family) {
		return;
	}
	it->call_at_ms = q->r->call_at_ms;
	it->bridging_party = q->r->bridging_party;
	it->n_called = q->r->n_called;
	it->called = q->r->called;
}

/* Holders live in the picture of this call only. */
static void holders_copy(struct step *s, struct req *q)
{
	PB(HolderView) **at = step_alloc(s, (q->r->n_holders + 1) * sizeof(*at));
	PB(HolderView) *box = step_alloc(s, (q->r->n_holders + 1) * sizeof(*box));

	if (at == NULL || box == NULL) {
		q->r->n_holders = 0;
		return;
	}
	for (size_t i = 0; i < q->r->n_holders; i++) {
		box[i] = q->holder[i];
		at[i] = &box[i];
	}
	q->r->holders = at;
}

PB(RequestItem) *item_view(struct step *s, struct req *q, const PB(TeamProposed) *t)
{
	static const PB(RequestItem) empty = PB_INIT(REQUEST_ITEM);
	static const PB(RequestFact) fact = PB_INIT(REQUEST_FACT);
	PB(RequestItem) *it = step_alloc(s, sizeof(*it));
	PB(RequestFact) *f = step_alloc(s, sizeof(*f));
	PB(NeedView) **needs = step_alloc(s, NEEDS_KEPT_MAX * sizeof(*needs));

	if (it == NULL || f == NULL || needs == NULL) {
		return NULL;
	}
	*it = empty;
	*f = fact;
	request_fact(s, q, f);
	it->request = f;
	it->needs = needs;
	req_live(s, q);
	for (size_t i = 0; i < q->needs_len; i++) {
		if (!seen_need(s, q, q->need[i])) {
			continue;
		}
		needs[it->n_needs] = need_view(s, q->need[i], t);
		if (needs[it->n_needs++] == NULL) {
			return NULL;
		}
	}
	holders_copy(s, q);
	item_fill(q, it);
	night_view(s, q, it);
	it->n_holders = seen_holders(s, q, it->holders, it->n_holders);
	children_view(s, q, sees_safe(s, q), it);
	return s->txn->err == SK_OK ? it : NULL;
}

/* As many as fit one answer; @return false when more is left, and where it starts. */
static bool capsules_view(struct step *s, struct req *q, const ProtobufCBinaryData *after,
			  PB(RequestItem) *it)
{
	struct store_iter walk;
	struct key prefix = key_of_id(&q->id);
	struct key at;
	struct slice val;
	size_t bytes = 0;
	bool more = false;

	it->capsules = step_alloc(s, CAPSULES_KEPT_MAX * sizeof(*it->capsules));
	store_iter_init(&walk, s->txn, TABLE_CAPSULE, &prefix);
	if (after->len > prefix.len && after->len <= KEY_LEN_MAX) {
		struct key from = { 0 };
		key_bytes(&from, after->data, after->len);
		store_iter_from(&walk, &from, false);
	}
	while (it->capsules != NULL && !more && store_next(&walk, &at, &val)) {
		const PB(CapsuleRecord) *c = step_unpack(s, val, TYPE(capsule_record));
		more = c == NULL || bytes + val.len > CAPSULE_BYTES_PAGE ||
		       it->n_capsules == CAPSULES_KEPT_MAX || it->n_capsules == s->page_most;
		if (!more) {
			bytes += val.len;
			it->capsules[it->n_capsules++] = c->capsule;
		}
	}
	store_iter_done(&walk);
	return !more;
}

static struct key capsule_key(const struct req *q, const PB(Capsule) *c)
{
	struct key k = key_of_id(&q->id);

	key_bytes(&k, c->person_id.data, c->person_id.len);
	key_u32(&k, c->version);
	return k;
}

void next_set(struct step *s, const struct key *k, ProtobufCBinaryData *ret_next)
{
	ret_next->data = step_alloc(s, k->len);
	if (ret_next->data != NULL) {
		memcpy(ret_next->data, k->b, k->len);
		ret_next->len = k->len;
	}
}

/* A cursor into another request's capsules is no cursor. */
static bool after_is_mine(const struct req *q, const ProtobufCBinaryData *after)
{
	return after->len == 2 * OBJECT_ID_LEN + 4 &&
	       memcmp(after->data, q->id.b, OBJECT_ID_LEN) == 0;
}

static void positions_view(struct step *s, struct req *q, const PB(TeamRecord) *t,
			   PB(RequestItem) *it)
{
	static const PB(PositionView) empty = PB_INIT(POSITION_VIEW);
	struct store_iter walk;
	struct key prefix = key_of_id(&q->id);
	struct key from = prefix;
	struct key at;
	struct slice val;

	key_u32(&from, t->voices_from);
	it->positions = step_alloc(s, PAGE_MAX * sizeof(*it->positions));
	store_iter_init(&walk, s->txn, TABLE_VOICE, &prefix);
	store_iter_from(&walk, &from, true);
	while (it->positions != NULL && it->n_positions < PAGE_MAX &&
	       store_next(&walk, &at, &val)) {
		const PB(VoiceRecord) *v = step_unpack(s, val, TYPE(voice_record));
		PB(PositionView) *p = step_alloc(s, sizeof(*p));
		if (v == NULL || p == NULL) {
			break;
		}
		*p = empty;
		p->speaker = v->speaker;
		p->adult = v->adult;
		p->child = v->child;
		p->voice = v->voice;
		p->at_ms = v->at_ms;
		p->proposal_version = v->proposal_version;
		p->child = v->child;
		it->positions[it->n_positions++] = p;
	}
	store_iter_done(&walk);
}

static void whole_view(struct step *s, struct req *q, const PB(TeamRecord) *t, PB(RequestItem) *it)
{
	struct viewer v = viewer_of(s, q);

	req_live(s, q);
	plan_shown(s, q, it);
	strengths_view(s, q, it);
	others_view(s, q, it);
	for (size_t i = 0; i < it->n_needs; i++) {
		contributions_view(s, &v, q, it->needs[i]);
	}
	it->n_case_tables = case_tables_of(s, q, &it->case_tables);
	basic_view(s, q, it);
	if (v.own_only) {
		return;
	}
	rungs_view(s, q, it);
	waits_view(s, q, it);
	if (t != NULL) {
		t->team->n_gates = 0; /* between matching and us */
		it->team = seen_team(s, q, t->team);
		it->team = v.family && it->team != NULL ? team_plain(s, it->team) : it->team;
		positions_view(s, q, t, it);
	}
	ground_view(s, q, t, it);
	orders_view(s, q, NULL, it);
	judgements_view(s, q, it);
	it->concern_ms = q->r->concern_ms;
	it->concern_party = q->r->concern_party;
	it->concern_reason = q->r->concern_reason;
}

static int view_person(struct step *s, struct req *q, const PB(QueryRequest) *m,
		       PB(RequestView) *ret_v)
{
	struct person who = { .speaker = m->speaker, .adult = m->adult, .child = m->child };

	if (m->speaker == SPEAKER(TRUSTED_PERSON)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "speaker");
	}
	int err = person_open(s, q, &who);
	if (err != SK_OK) {
		return err;
	}
	ret_v->person = person_view(s, q, &who);
	return s->txn->err;
}

static int view_one(struct step *s, const PB(QueryRequest) *m, PB(RequestView) *ret_v)
{
	struct req q;
	int err = req_open_any(s, &m->request_id, m->short_code, &q);

	if (err == SK_OK && mandated_only(s, &q)) {
		return orders_only(s, &q, m->order_number, ret_v);
	}
	if (err == SK_OK && lay_only(s, &q)) {
		return lay_view(s, &q, ret_v);
	}
	if (err == SK_OK) {
		err = may_view(s, &q);
	}
	if (err == SK_OK && m->after.len != 0 && !after_is_mine(&q, &m->after)) {
		err = step_refuse(s, REFUSAL(MALFORMED), "after");
	}
	if (err != SK_OK) {
		return err;
	}
	if (m->speaker != SPEAKER(UNSPECIFIED)) {
		return view_person(s, &q, m, ret_v);
	}
	struct key k = key_of_id(&q.id);
	PB(TeamRecord) *t = step_get(s, TABLE_TEAM, &k, TYPE(team_record));
	PB(RequestItem) *it = item_view(s, &q, t == NULL ? NULL : t->team);
	ret_v->requests = step_alloc(s, sizeof(*ret_v->requests));
	if (it == NULL || ret_v->requests == NULL) {
		return s->txn->err;
	}
	ret_v->requests[0] = it;
	ret_v->n_requests = 1;
	whole_view(s, &q, t, it);
	if (viewer_of(s, &q).holder && !capsules_view(s, &q, &m->after, it) && it->n_capsules > 0) {
		k = capsule_key(&q, it->capsules[it->n_capsules - 1]);
		next_set(s, &k, &ret_v->next);
	}
	seen_by_family(s, &q, it);
	return s->txn->err;
}

int q_request(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	static const PB(RequestView) empty = PB_INIT(REQUEST_VIEW);
	const PB(QueryRequest) *m = in->query_request;
	PB(RequestView) *v = step_alloc(s, sizeof(*v));

	if (v == NULL) {
		return s->txn->err;
	}
	*v = empty;
	out->body_case = BODY(REQUEST_VIEW);
	out->request_view = v;
	bool named = m->request_id.len != 0 || m->short_code[0] != '\0';
	return named ? view_one(s, m, v) : request_page(s, m, v);
}
