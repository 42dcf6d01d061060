/* SPDX-License-Identifier: EUPL-1.2 */
/* After a restore of this daemon: what is taken back from peers. */
#include <string.h>

#include "common/wire.h"
#include "services/intake/core_inner.h"

#define HOUR_MS (3600 * SECOND_MS)

static void recovered_say(struct step *s, struct req *q)
{
	const PB(ConfigApplied) *conf = step_config(s);

	if (q->r->recovered_due_ms != 0) {
		return;
	}
	q->r->recovered = true;
	q->r->recovered_due_ms =
		civil_working_days_after(s->now_ms, 1, conf->holidays, conf->n_holidays);
	say_alarm(s, q, ALARM(RECOVERED_ITEM), q->r->recovered_due_ms);
}

static int check_fact(struct step *s, const PB(NeedsOpened) *m)
{
	const PB(RequestFact) *f = m->request;

	if (f == NULL || f->request_id.len != OBJECT_ID_LEN || !name_is_valid(f->requester)) {
		return step_refuse(s, REFUSAL(MALFORMED), "request");
	}
	int err = check_zone(s, f->zone);
	if (err != SK_OK) {
		return err;
	}
	if (f->n_excluded_partners > PARTNERS_MAX || f->n_preferred_partners > PARTNERS_MAX ||
	    f->n_languages > LANGUAGES_MAX || f->n_choices > NEEDS_KEPT_MAX ||
	    f->n_children > CHILDREN_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "request");
	}
	for (size_t i = 0; i < m->n_needs; i++) {
		const PB(NeedFact) *n = m->needs[i];
		if (n->need_id.len != OBJECT_ID_LEN || n->state < NEED_IS(OPEN) ||
		    n->state > NEED_IS(ENTERED_IN_ERROR)) {
			return step_refuse(s, REFUSAL(MALFORMED), "needs[%zu]", i);
		}
	}
	return SK_OK;
}

/* The term as it was told last. What a start has answered since stays answered, unless a term of
 * its own runs: then it was opened anew. */
static void term_adopt(struct step *s, struct req *q, const PB(RequestFact) *f)
{
	PB(RequestRecord) *r = q->r;
	bool other = f->answer_due_ms != 0 && f->answer_due_ms != r->answer_due_ms;

	if (r->answered_ms == 0 || other) {
		r->answered_ms = f->answered_ms;
	}
	if (other) {
		term_start(s, q, f->answer_due_ms);
		r->breached = false;
	}
}

static void fact_adopt(struct step *s, struct req *q, const PB(RequestFact) *f)
{
	const PB(Zone) *zone = step_zone(s, f->zone);
	PB(WishRecord) w = PB_INIT(WISH_RECORD);
	PB(RequestRecord) *r = q->r;
	uint32_t agreed = people_agreed(s, q, s->now_ms);

	r->version = f->request_version;
	r->zone = f->zone;
	r->network = f->network;
	r->network_party = zone->network_party;
	r->urgency = f->urgency;
	r->crisis_step = f->crisis_step;
	r->n_languages = f->n_languages;
	r->languages = f->languages;
	w.n_excluded_partners = f->n_excluded_partners;
	w.excluded_partners = f->excluded_partners;
	w.n_preferred_partners = f->n_preferred_partners;
	w.preferred_partners = f->preferred_partners;
	w.n_choices = f->n_choices;
	w.choices = f->choices;
	wish_save(s, q, &w);
	family_wish_adopt(s, q, f->family_wish_until_ms);
	term_adopt(s, q, f);
	children_adopt(s, q, f);
	people_changed(s, q, agreed);
	list_knows(s, q, f);
}

/* Nothing was told to us of it any more, so a person must ask again; until then the duty
 * organisations of the zone hold it. The clock is that of its first receipt. */
static void request_recover(struct step *s, struct req *q, const PB(RequestFact) *f)
{
	const PB(Zone) *zone = step_zone(s, f->zone);
	PB(RequestRecord) *r = q->r;

	fact_adopt(s, q, f);
	r->kind = KIND(SEARCH);
	r->open = true;
	r->requester = f->requester;
	r->by_family = step_party_has_role(s, f->requester, SCHAKEL__V1__ROLE__ROLE_FAMILY);
	r->received_ms = f->received_ms;
	r->contact_party = zone->contact_party;
	r->stand_in_party = zone->stand_in_party;
	contact_clock_start(s, q);
	r->term_from_ms = f->received_ms;
	if (r->answer_due_ms == 0) {
		term_start(s, q, term_end(s, r->urgency, r->term_from_ms));
	}
	party_mark(s, q, r->requester);
	party_mark(s, q, r->stand_in_party);
	say(s, q, event_request(q));
	say(s, q, event_contact(q));
}

static bool need_recover(struct step *s, struct req *q, PB(NeedFact) *f)
{
	PB(NeedRecord) *n = req_need(q, &f->need_id);

	if (n != NULL && n->need->need_version >= f->need_version) {
		return false;
	}
	/* Why a need has ended stands in the item that follows. */
	if (n != NULL && f->state >= NEED_IS(CLOSED)) {
		return false;
	}
	if (n == NULL) {
		n = need_place(s, q, f);
	} else {
		f->ordinal = n->need->ordinal;
		n->need = f;
	}
	if (n != NULL) {
		n->list_closed = need_finished(n);
		need_adopt(s, q, n, f->state);
	}
	return true;
}

/* What waited for this request, or for a need of it, is applied now. */
static int parked_apply(struct step *s, const struct object_id *id)
{
	struct store_iter it;
	struct key prefix = key_of_id(id);
	struct key at;
	struct slice val;
	int err = SK_OK;

	store_iter_init(&it, s->txn, TABLE_PARKED, &prefix);
	while (err == SK_OK && store_next(&it, &at, &val)) {
		const PB(ParkedRecord) *p = step_unpack(s, val, TYPE(parked_record));
		if (p == NULL) {
			break;
		}
		step_del(s, TABLE_PARKED, &at);
		err = p->team != NULL ? team_apply(s, p->team) :
					contribution_reconcile(s, p->contribution);
	}
	store_iter_done(&it);
	return err == SK_OK ? s->txn->err : err;
}

static int item_needs(struct step *s, void *record)
{
	PB(NeedsOpened) *m = record;
	struct object_id id;
	struct req q;
	bool learned = false;
	int err = check_fact(s, m);

	if (err != SK_OK) {
		return err;
	}
	SK_ASSERT(object_id_from(&m->request->request_id, &id));
	if (!req_load(s, &id, &q)) {
		if (s->txn->err != SK_OK || !req_new(s, id, &q)) {
			return s->txn->err;
		}
		request_recover(s, &q, m->request);
		learned = true;
	} else if (q.r->deceased) {
		return SK_OK;
	} else if (m->request->request_version > q.r->version) {
		fact_adopt(s, &q, m->request);
		say(s, &q, event_request(&q));
		learned = true;
	}
	for (size_t i = 0; i < m->n_needs; i++) {
		if (q.needs_len == NEEDS_KEPT_MAX && req_need(&q, &m->needs[i]->need_id) == NULL) {
			return step_refuse(s, REFUSAL(TOO_MANY), "needs");
		}
		learned = need_recover(s, &q, m->needs[i]) || learned;
	}
	if (!learned) {
		return s->txn->err;
	}
	recovered_say(s, &q);
	err = req_settle(s, &q);
	return err == SK_OK ? parked_apply(s, &id) : err;
}

/* One that waited with another home's need is open; that it waits so is known here alone. */
static PB(NeedState) state_after(PB(CloseReason) reason)
{
	if (reason == CLOSE(SAME_CHILD)) {
		return NEED_IS(OPEN);
	}
	if (reason == CLOSE(WITHDRAWN)) {
		return NEED_IS(WITHDRAWN);
	}
	if (reason == CLOSE(ENTERED_IN_ERROR)) {
		return NEED_IS(ENTERED_IN_ERROR);
	}
	return reason == CLOSE(STARTED_HELP) ? NEED_IS(AFTERCARE) : NEED_IS(CLOSED);
}

/* One child: what ends one need by its death ends them all. */
static void deceased_adopt(struct step *s, struct req *q)
{
	q->r->deceased = true;
	for (size_t i = 0; i < q->needs_len; i++) {
		PB(NeedRecord) *n = q->need[i];
		if (!need_finished(n)) {
			n->list_closed = true;
			n->close_reason = CLOSE(DECEASED);
			n->need->need_version = step_next_version(s, n->need->need_version);
			need_adopt(s, q, n, NEED_IS(CLOSED));
		}
	}
}

/* One that came back as ended still lacks the reason. */
static bool end_is_new(const PB(NeedRecord) *n, const PB(NeedEnd) *end)
{
	bool lacks = n->list_closed && n->close_reason == CLOSE(UNSPECIFIED);

	return end->need_version > n->need->need_version ||
	       (end->need_version == n->need->need_version && lacks);
}

/* Off the list for a family that went with the old copy: nobody else would put it back. */
static void list_back(struct step *s, struct req *q, PB(NeedRecord) *n)
{
	n->list_closed = false;
	n->waits_with = (ProtobufCBinaryData){ 0, NULL };
	n->need->need_version = step_next_version(s, n->need->need_version);
	need_save(s, q, n);
}

/* Of a need that is not known here nobody can tell more than that it has ended. */
static int item_ends(struct step *s, void *record)
{
	const PB(NeedClosed) *m = record;
	struct object_id id;
	struct req q;
	bool learned = false;
	bool dead = false;
	bool back = false;

	if (!object_id_from(&m->request_id, &id)) {
		return step_refuse(s, REFUSAL(MALFORMED), "request_id");
	}
	if (!req_load(s, &id, &q)) {
		return s->txn->err;
	}
	for (size_t i = 0; i < m->n_needs; i++) {
		PB(NeedRecord) *n = req_need(&q, &m->needs[i]->need_id);
		if (n == NULL || !end_is_new(n, m->needs[i])) {
			continue;
		}
		bool beside = m->needs[i]->reason == CLOSE(SAME_CHILD);
		n->need->need_version = m->needs[i]->need_version;
		n->list_closed = true;
		n->close_reason = beside ? CLOSE(UNSPECIFIED) : m->needs[i]->reason;
		need_adopt(s, &q, n, state_after(m->needs[i]->reason));
		back = back || beside;
		if (beside) {
			list_back(s, &q, n);
		}
		dead = dead || n->close_reason == CLOSE(DECEASED);
		learned = true;
	}
	if (dead) {
		deceased_adopt(s, &q);
	}
	if (back) {
		needs_opened_emit(s, &q);
	}
	return learned ? req_settle(s, &q) : s->txn->err;
}

static int park(struct step *s, const ProtobufCBinaryData *request,
		const ProtobufCBinaryData *contribution, PB(ParkedRecord) *p)
{
	struct object_id id;
	struct object_id part = { { 0 } };
	struct store_iter it;
	struct key at;
	struct slice val;

	if (!object_id_from(request, &id) ||
	    (contribution->len != 0 && !object_id_from(contribution, &part))) {
		return step_refuse(s, REFUSAL(MALFORMED), "request_id");
	}
	struct key prefix = key_of_id(&id);
	store_iter_init(&it, s->txn, TABLE_PARKED, &prefix);
	if (!store_next(&it, &at, &val)) {
		step_due(s, s->now_ms + HOUR_MS, DUE_PARKED, &id, 0);
	}
	store_iter_done(&it);
	struct key k = key_of_pair(&id, &part);
	step_put(s, TABLE_PARKED, &k, p);
	return s->txn->err;
}

int contribution_reconcile(struct step *s, const PB(ContributionChanged) *c)
{
	PB(ParkedRecord) p = PB_INIT(PARKED_RECORD);
	struct object_id id;
	struct req q;

	if (object_id_from(&c->request_id, &id) && req_load(s, &id, &q) &&
	    req_need(&q, &c->need_id) != NULL) {
		return contribution_apply(s, c);
	}
	int err = s->txn->err != SK_OK ? s->txn->err : contribution_check(s, c);
	p.contribution = (PB(ContributionChanged) *)(uintptr_t)c;
	return err != SK_OK ? err : park(s, &c->request_id, &c->contribution_id, &p);
}

static int item_contribution(struct step *s, void *record)
{
	return contribution_reconcile(s, record);
}

int team_reconcile(struct step *s, const PB(TeamProposed) *m)
{
	static const ProtobufCBinaryData none = { 0, NULL };
	PB(ParkedRecord) p = PB_INIT(PARKED_RECORD);
	struct object_id id;
	struct req q;

	if (object_id_from(&m->request_id, &id) && req_load(s, &id, &q)) {
		return team_apply(s, m);
	}
	int err = s->txn->err != SK_OK ? s->txn->err : team_check(s, m);
	p.team = (PB(TeamProposed) *)(uintptr_t)m;
	return err != SK_OK ? err : park(s, &m->request_id, &none, &p);
}

static int item_team(struct step *s, void *record)
{
	return team_reconcile(s, record);
}

static int item_case_table(struct step *s, void *record)
{
	return case_table_apply(s, record);
}

static int item_network(struct step *s, void *record)
{
	return network_told_apply(s, record);
}

static int item_wait_told(struct step *s, void *record)
{
	return wait_told_apply(s, record);
}

/* Of help that is parked: its partner asks again when it is known. */
static int item_end_asked(struct step *s, void *record)
{
	const PB(EndAsked) *m = record;
	struct object_id id;
	struct req q;

	if (!object_id_from(&m->request_id, &id) || !req_load(s, &id, &q)) {
		return s->txn->err;
	}
	req_live(s, &q);
	bool known = live_find(&q, &m->contribution_id) < q.live_len;
	return known ? end_asked_apply(s, m) : s->txn->err;
}

static const struct {
	const char *table;
	const ProtobufCMessageDescriptor *type;
	int (*apply)(struct step *s, void *record);
} item_kind[] = {
	{ "NeedsOpened", TYPE(needs_opened), item_needs },
	{ "NeedClosed", TYPE(need_closed), item_ends },
	{ "ContributionChanged", TYPE(contribution_changed), item_contribution },
	{ "TeamProposed", TYPE(team_proposed), item_team },
	{ "CaseTableFact", TYPE(case_table_fact), item_case_table },
	{ "WaitTold", TYPE(wait_told), item_wait_told },
	{ "NetworkTold", TYPE(network_told), item_network },
	{ "EndAsked", TYPE(end_asked), item_end_asked },
};

int on_reconcile(struct step *s, const PB(Message) *in)
{
	const PB(ReconcileItem) *m = in->reconcile_item;

	for (size_t i = 0; i < SK_LEN(item_kind); i++) {
		if (strcmp(m->table, item_kind[i].table) != 0) {
			continue;
		}
		void *record = NULL;
		int err = wire_unpack(s->arena, &m->record, item_kind[i].type, &record);
		if (err == SK_EPROTO) {
			return step_refuse(s, REFUSAL(MALFORMED), "record");
		}
		return err == SK_OK ? item_kind[i].apply(s, record) : err;
	}
	return step_refuse(s, REFUSAL(UNKNOWN_TYPE), "table");
}

/* Help that is known of a request that is not: told every day until a person has looked. */
int due_parked(struct step *s, const struct object_id *id)
{
	PB(Event) e = PB_INIT(EVENT);
	struct store_iter it;
	struct key prefix = key_of_id(id);
	struct key at;
	struct slice val;

	store_iter_init(&it, s->txn, TABLE_PARKED, &prefix);
	bool any = store_next(&it, &at, &val);
	store_iter_done(&it);
	if (!any) {
		return s->txn->err;
	}
	e.kind = EVENT(ALARM);
	e.alarm = ALARM(RECOVERED_ITEM);
	e.object_id = step_id_data(s, id);
	e.request_id = e.object_id;
	e.at_ms = s->now_ms;
	step_event(s, &e);
	step_due(s, s->now_ms + 24 * HOUR_MS, DUE_PARKED, id, 0);
	return s->txn->err;
}
