/* SPDX-License-Identifier: EUPL-1.2 */
/* What was said in the inputs, as far as a law has to remember it: teams, positions, starts,
 * requests. Each item carries the sequence of its input, so that it goes when the daemon forgets.
 */
#include "tests/sim/laws_model.h"

#include <stdlib.h>

static void text_copy(char to[PARTY_ID_LEN_MAX + 1], const char *from)
{
	(void)snprintf(to, PARTY_ID_LEN_MAX + 1, "%s", from);
}

static void team_add(struct laws *l, const PB(TeamProposed) *t)
{
	struct team_said *said = list_add(&l->d[l->step.daemon].teams, l->step.sequence);

	said->request = law_id(&t->request_id);
	said->version = t->proposal_version;
	said->seat = calloc(t->n_seats + 1, sizeof(*said->seat));
	SK_ASSERT(said->seat != NULL);
	for (size_t i = 0; i < t->n_seats; i++) {
		struct seat_said *seat = &said->seat[said->seats++];
		seat->need = law_id(&t->seats[i]->need_id);
		seat->contribution = law_id(&t->seats[i]->contribution_id);
		text_copy(seat->partner, t->seats[i]->partner);
		text_copy(seat->pool, t->seats[i]->pool);
		seat->use = t->seats[i]->use;
		seat->modality = t->seats[i]->modality;
	}
}

const struct team_said *team_find(const struct laws *l, int daemon, const struct object_id *request,
				  uint32_t version)
{
	const struct list *teams = &l->d[daemon].teams;

	for (size_t i = teams->len; i > 0; i--) {
		const struct team_said *t = list_at(teams, i - 1);
		if (t->version == version && object_id_equal(&t->request, request)) {
			return t;
		}
	}
	return NULL;
}

const struct start_said *start_last(const struct laws *l, const struct object_id *need)
{
	for (size_t i = l->starts.len; i > 0; i--) {
		const struct start_said *said = list_at(&l->starts, i - 1);
		if (object_id_equal(&said->need, need)) {
			return said;
		}
	}
	return NULL;
}

bool place_said_right(const struct laws *l, const ProtobufCBinaryData *need)
{
	struct object_id id = law_id(need);

	for (size_t i = 0; i < l->places.len; i++) {
		const struct place_said *said = list_at(&l->places, i);
		if (object_id_equal(&said->need, &id)) {
			return true;
		}
	}
	return false;
}

static void voice_add(struct laws *l, const PB(RecordPosition) *m)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	const PB(RequestRecord) *r = rec_by_id(d, I_REQUEST, &m->request_id);
	struct voice_said *v = list_add(&l->voices, l->step.sequence);

	v->request = law_id(&m->request_id);
	v->version = m->proposal_version;
	v->adult = m->adult;
	v->child = m->child;
	v->at_ms = l->step.now_ms;
	v->speaker = m->speaker;
	v->voice = m->voice;
	v->ground = m->ground;
	v->reason = m->reason;
	v->heard = m->child_heard;
	bool carries = model_has_role(d, l->step.party, ROLE_IS(CONTACT_POINT)) ||
		       (r != NULL && strcmp(r->contact_party, l->step.party) == 0);
	v->may_say_emergency = carries && r != NULL && r->urgency == URGENCY_IS(CRISIS);
}

/** By id, or by the code on a letter. */
static struct object_id order_request(const struct laws *l, const PB(RecordCourtOrder) *m)
{
	const struct rows *t = &l->d[LAWS_INTAKE].mirror.table[I_REQUEST];

	for (size_t i = 0; m->request_id.len == 0 && i < t->len; i++) {
		const PB(RequestRecord) *r = t->row[i]->rec;
		if (strcmp(r->short_code, m->short_code) == 0) {
			return law_id(&r->request_id);
		}
	}
	return law_id(&m->request_id);
}

static void order_add(struct laws *l, const PB(RecordCourtOrder) *m)
{
	struct order_said *o = list_add(&l->orders, l->step.sequence);

	o->request = order_request(l, m);
	text_copy(o->number, m->number);
	o->until_ms = m->until_ms;
	o->court = model_has_role(&l->d[LAWS_INTAKE], l->step.party, ROLE_IS(MANDATED));
}

/** As intake knew the need before the step: a start for a finished one is a crossing. */
static bool need_was_finished(const struct laws *l, const ProtobufCBinaryData *need)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	const PB(NeedRefRecord) *ref = rec_by_id(d, I_NEED_REF, need);

	if (ref == NULL) {
		return true;
	}
	struct object_id request = law_id(&ref->request_id);
	struct key k = key_of_id(&request);
	key_u32(&k, ref->ordinal);
	const struct change *ch = change_find(d, I_NEED, &k);
	const PB(NeedRecord) *n = ch != NULL && ch->was ? ch->before : rec_find(d, I_NEED, &k);
	return n == NULL || need_finished_state(n->need->state);
}

/** Starts that intake took as news, whichever way they came. */
static void starts_add(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];

	for (size_t i = 0; i < d->mirror.changes; i++) {
		const struct change *ch = &d->mirror.change[i];
		const PB(ContributionRecord) *c = change_after(ch);
		if (ch->table != I_CONTRIBUTION || c == NULL ||
		    c->last->state != CONTRIB(STARTED) || need_was_finished(l, &c->last->need_id)) {
			continue;
		}
		struct start_said *said = list_add(&l->starts, l->step.sequence);
		said->need = law_id(&c->last->need_id);
		text_copy(said->partner, c->last->partner);
	}
}

static size_t seats_at(const PB(TeamProposed) *t, const char *partner)
{
	size_t seats = 0;

	for (size_t i = 0; i < t->n_seats; i++) {
		seats += strcmp(t->seats[i]->partner, partner) == 0;
	}
	return seats;
}

/** DOMAIN 3: a team has one lead, who sits in it and has no fewer seats than anybody else. */
static void lead_check(struct laws *l, const PB(TeamProposed) *t)
{
	size_t seats = seats_at(t, t->lead);
	bool right = t->n_seats > 0 ? seats > 0 : t->lead[0] == '\0';

	for (size_t i = 0; i < t->n_seats; i++) {
		right = right && seats_at(t, t->seats[i]->partner) <= seats;
	}
	if (!right) {
		laws_violated(l, "lead", "the team of %s with %zu seats is led by '%s'",
			      law_hex(t->request_id.data), t->n_seats, t->lead);
	}
}

static void teams_add(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];

	for (size_t i = 0; i < d->mirror.changes; i++) {
		const PB(TeamRecord) *t = change_after(&d->mirror.change[i]);
		if (d->mirror.change[i].table == I_TEAM && t != NULL) {
			team_add(l, t->team);
			lead_check(l, t->team);
		}
	}
}

static void submit_add(struct laws *l, const PB(SubmitRequest) *m)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];

	for (size_t i = 0; i < d->mirror.changes; i++) {
		const struct change *c = &d->mirror.change[i];
		if (c->table == I_REQUEST && !c->was) {
			struct submit_said *said = list_add(&l->submits, l->step.sequence);
			memcpy(said->request.b, c->key.b, OBJECT_ID_LEN);
			said->identified = m->kind == KIND_IS(SEARCH) || m->callback_sealed;
		}
	}
}

static void history_intake(struct laws *l)
{
	const PB(Message) *in = l->step.in;

	if (in->body_case == BODY(SUBMIT_REQUEST)) {
		submit_add(l, in->submit_request);
	} else if (in->body_case == BODY(RECORD_POSITION)) {
		voice_add(l, in->record_position);
	} else if (in->body_case == BODY(RECORD_COURT_ORDER)) {
		order_add(l, in->record_court_order);
	}
	teams_add(l);
	starts_add(l);
}

static void history_waitlist(struct laws *l)
{
	const PB(Message) *in = l->step.in;

	if (in->body_case == BODY(CONFIRM_MISPLACED) && in->confirm_misplaced->over) {
		struct place_said *said = list_add(&l->places, l->step.sequence);
		said->need = law_id(&in->confirm_misplaced->need_id);
	}
}

static void history_matching(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	const PB(Message) *in = l->step.in;

	/* After a restore: its own word, from before. */
	if (l->step.reconcile && in->body_case == BODY(TEAM_PROPOSED)) {
		team_add(l, in->team_proposed);
	}
	for (size_t i = 0; i < d->emitted_len; i++) {
		const struct emitted *e = &d->emitted[i];
		if (e->m->body_case == BODY(TEAM_PROPOSED) &&
		    laws_daemon_of(e->to) == LAWS_INTAKE) {
			team_add(l, e->m->team_proposed);
		}
	}
}

void laws_history(struct laws *l)
{
	if (l->step.outcome != OUTCOME_IS(ACCEPTED)) {
		return;
	}
	if (l->step.daemon == LAWS_INTAKE) {
		history_intake(l);
	} else if (l->step.daemon == LAWS_WAITLIST) {
		history_waitlist(l);
	} else if (l->step.daemon == LAWS_MATCHING) {
		history_matching(l);
	}
}

void laws_history_cut(struct laws *l, int daemon, uint64_t sequence)
{
	struct daemon_model *d = &l->d[daemon];

	list_cut(&d->teams, sequence);
	list_cut(&d->ids, sequence);
	free(d->id_slot);
	d->id_slot = NULL;
	d->id_slots = 0;
	for (size_t to = 0; to < LAWS_DAEMONS; to++) {
		list_cut(&d->log[to], sequence);
	}
	if (daemon == LAWS_INTAKE) {
		list_cut(&l->voices, sequence);
		list_cut(&l->orders, sequence);
		list_cut(&l->starts, sequence);
		list_cut(&l->submits, sequence);
	}
}
