/* SPDX-License-Identifier: EUPL-1.2 */
/* L9: two organisations that are active at once for a family have exactly one plan, unless the
 * family declined. A plan belongs to the request at which it was made; a family has one of those of
 * its members, and the others rest until their request leaves again. */
#include <string.h>

#include "services/intake/core_inner.h"

/* A request alone, or all of its family. */
struct scope {
	struct req *m[FAMILY_MAX];
	size_t len;
	struct family *fam; /* NULL: alone */
	struct req *q;      /* in hand */
};

static bool two_houses_active(struct step *s, const struct scope *sc)
{
	const char *first = NULL;

	for (size_t i = 0; i < sc->len; i++) {
		for (size_t k = 0; k < sc->m[i]->live_len; k++) {
			const PB(ContributionChanged) *c = sc->m[i]->live[k]->last;
			/* What the child keeps to itself makes no plan: the plan would tell it. */
			if (!contribution_active(c) || sc->m[i]->live[k]->shielded ||
			    (MUT(135) && sc->m[i] != sc->q)) {
				continue;
			}
			const char *house = organisation_of(s, c->partner);
			if (first != NULL && strcmp(first, house) != 0) {
				return true;
			}
			first = house;
		}
	}
	return false;
}

/* What the family said last, at whichever desk. */
static const PB(RequestRecord) *last_word(const struct scope *sc)
{
	const PB(RequestRecord) *last = NULL;

	for (size_t i = 0; i < sc->len; i++) {
		const PB(RequestRecord) *r = sc->m[i]->r;
		if (r->plan_said_ms != 0 &&
		    (last == NULL || r->plan_said_ms > last->plan_said_ms)) {
			last = r;
		}
	}
	return last;
}

static bool any_open(const struct scope *sc)
{
	for (size_t i = 0; i < sc->len; i++) {
		if (sc->m[i]->r->open) {
			return true;
		}
	}
	return false;
}

static struct key key_of_data(const ProtobufCBinaryData *data)
{
	struct object_id id;

	SK_ASSERT(object_id_from(data, &id));
	return key_of_id(&id);
}

static PB(PlanRecord) *plan_load(struct step *s, const ProtobufCBinaryData *id)
{
	if (id->len == 0) {
		return NULL;
	}
	struct key k = key_of_data(id);
	return step_get(s, TABLE_PLAN, &k, TYPE(plan_record));
}

static void plan_save(struct step *s, const struct req *owner, PB(PlanRecord) *p)
{
	struct key k = key_of_data(&p->plan_id);

	p->version = step_next_version(s, p->version);
	step_put(s, TABLE_PLAN, &k, p);
	say(s, owner, event_plan(owner, p));
}

static struct req *owner_of(const struct scope *sc, const PB(PlanRecord) *p)
{
	for (size_t i = 0; i < sc->len; i++) {
		if (data_equal(&sc->m[i]->r->request_id, &p->request_id)) {
			return sc->m[i];
		}
	}
	return NULL;
}

/* A plan that was not asked to rest goes before one that has ended, the older before the newer. */
static PB(PlanRecord) *plan_choose(struct step *s, const struct scope *sc)
{
	PB(PlanRecord) *best = NULL;

	for (size_t i = 0; i < sc->len; i++) {
		PB(PlanRecord) *p = plan_load(s, &sc->m[i]->r->plan_id);
		if (p == NULL) {
			continue;
		}
		bool lives = p->ended_ms == 0;
		bool better = best == NULL || lives > (best->ended_ms == 0) ||
			      (lives == (best->ended_ms == 0) && p->from_ms < best->from_ms);
		best = better ? p : best;
	}
	return best;
}

static PB(PlanRecord) *plan_make(struct step *s, struct scope *sc)
{
	static const PB(PlanRecord) empty = PB_INIT(PLAN_RECORD);
	PB(PlanRecord) *p = step_alloc(s, sizeof(*p));
	struct object_id id = step_new_id(s);

	if (p == NULL) {
		return NULL;
	}
	*p = empty;
	p->plan_id = step_id_data(s, &id);
	if (p->plan_id.len == 0) {
		return NULL;
	}
	p->request_id = sc->q->r->request_id;
	p->from_ms = s->now_ms;
	sc->q->r->plan_id = p->plan_id;
	return p;
}

/* The plan that counts for all: NULL when there is none and none is wanted. */
static PB(PlanRecord) *plan_of(struct step *s, struct scope *sc, bool wanted)
{
	const ProtobufCBinaryData *id = sc->fam == NULL ? &sc->q->r->plan_id : &sc->fam->f->plan_id;
	PB(PlanRecord) *p = plan_load(s, id);

	if (p != NULL && owner_of(sc, p) != NULL) {
		return p;
	}
	p = sc->fam == NULL ? NULL : plan_choose(s, sc);
	if (p != NULL && p->ended_ms != 0 && p->joined_into.len == 0 && !wanted) {
		p = NULL;
	}
	return p == NULL && wanted ? plan_make(s, sc) : p;
}

static bool lists_members(const PB(PlanRecord) *p, const struct scope *sc)
{
	size_t len = sc->fam == NULL ? 0 : sc->len;

	if (p->n_request_ids != len) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (!data_equal(&p->request_ids[i], &sc->m[i]->r->request_id)) {
			return false;
		}
	}
	return true;
}

static void list_members(struct step *s, PB(PlanRecord) *p, const struct scope *sc)
{
	p->n_request_ids = 0;
	p->request_ids = step_alloc(s, FAMILY_MAX * sizeof(*p->request_ids));
	for (size_t i = 0; p->request_ids != NULL && sc->fam != NULL && i < sc->len; i++) {
		p->request_ids[p->n_request_ids++] = sc->m[i]->r->request_id;
	}
}

/* The other plans of a family rest in the one that it has. */
static void plans_rest(struct step *s, struct scope *sc, const PB(PlanRecord) *kept)
{
	for (size_t i = 0; i < sc->len; i++) {
		PB(PlanRecord) *p = plan_load(s, &sc->m[i]->r->plan_id);
		if (p == NULL || data_equal(&p->plan_id, &kept->plan_id) || p->ended_ms != 0) {
			continue;
		}
		p->ended_ms = s->now_ms;
		p->joined_into = kept->plan_id;
		plan_save(s, sc->m[i], p);
	}
}

static void scope_of(struct scope *sc, struct req *q, struct family *fam)
{
	*sc = (struct scope){ .q = q, .fam = fam, .len = 1, .m = { q } };
	if (fam != NULL) {
		memcpy(sc->m, fam->m, sizeof(sc->m));
		sc->len = fam->len;
	}
}

/* It lasts until all is closed or the family declines; what is wanted again lives again. */
static void plan_keep(struct step *s, struct scope *sc, PB(PlanRecord) *p, bool wanted, bool no)
{
	bool rested = p->joined_into.len > 0;
	bool lasts = !no && (wanted || (any_open(sc) && (p->ended_ms == 0 || rested)));
	bool same = p->version != 0 && !rested && lasts == (p->ended_ms == 0) &&
		    lists_members(p, sc);

	if (!same) {
		p->joined_into = (ProtobufCBinaryData){ 0, NULL };
		p->ended_ms = lasts ? 0 : p->ended_ms != 0 ? p->ended_ms : s->now_ms;
		list_members(s, p, sc);
		plan_save(s, owner_of(sc, p), p);
	}
	if (sc->fam == NULL) {
		return;
	}
	if (!data_equal(&sc->fam->f->plan_id, &p->plan_id)) {
		sc->fam->f->plan_id = p->plan_id;
		family_save(s, sc->fam);
	}
	plans_rest(s, sc, p);
}

static void ask_again(struct step *s, struct req *q)
{
	PB(Event) e = event_of(q, EVENT(PLAN));

	q->r->plan_ask_ms = civil_end_of_day(
		civil_add_days_local(s->now_ms, (int32_t)step_setting(s, SETTING_PLAN_REVIEW)));
	step_due(s, q->r->plan_ask_ms, DUE_PLAN_ASK, &q->id, 0);
	e.party = q->r->contact_party;
	e.due_ms = q->r->plan_ask_ms;
	e.ended = true;
	say(s, q, e);
}

static void ask_no_more(struct step *s, struct req *q)
{
	if (q->r->plan_ask_ms != 0) {
		step_undue(s, q->r->plan_ask_ms, DUE_PLAN_ASK, &q->id, 0);
		q->r->plan_ask_ms = 0;
	}
}

void plan_settle(struct step *s, struct req *q, struct family *fam)
{
	struct scope sc;

	scope_of(&sc, q, fam);
	const PB(RequestRecord) *said = last_word(&sc);
	bool no = said != NULL && said->plan_declined;
	bool now = said != NULL && said->plan_wanted && any_open(&sc);
	bool wanted = !no && (now || two_houses_active(s, &sc));
	PB(PlanRecord) *p = plan_of(s, &sc, wanted);
	if (p != NULL) {
		plan_keep(s, &sc, p, wanted, no);
	}
	if (q->r->open && q->r->plan_declined && q->r->plan_ask_ms == 0) {
		ask_again(s, q);
	}
}

void plan_part(struct step *s, struct family *fam, struct req *q)
{
	PB(PlanRecord) *p = plan_load(s, &q->r->plan_id);

	if (p == NULL) {
		return;
	}
	if (data_equal(&fam->f->plan_id, &p->plan_id)) {
		fam->f->plan_id = (ProtobufCBinaryData){ 0, NULL };
	}
	if (p->joined_into.len > 0) {
		p->joined_into = (ProtobufCBinaryData){ 0, NULL };
		p->ended_ms = 0;
	}
	p->n_request_ids = 0;
	plan_save(s, q, p);
}

/* --- the family declines, or wants it now --- */

int on_decline_plan(struct step *s, const PB(Message) *in)
{
	const PB(DeclinePlan) *m = in->decline_plan;
	struct req q;
	int err = said_open(s, &m->request_id, &q);

	if (err != SK_OK) {
		return err;
	}
	if (!family_speaks(s, &q)) {
		return refuse_not_yours(s, "request_id");
	}
	if (q.r->contact_party[0] == '\0') {
		return refuse_state(s, &q, NULL, "request_id"); /* no family is known */
	}
	q.r->plan_declined = m->declined;
	q.r->plan_wanted = !m->declined;
	q.r->plan_said_ms = s->now_ms;
	ask_no_more(s, &q);
	step_result(s, &q.id, q.r->version);
	q.warm_changed = true; /* houses are beside each other now, or no more */
	return req_settle(s, &q);
}

/* Asked again at each review, never decided for the family. */
int due_plan_ask(struct step *s, const struct object_id *id, uint64_t due_ms)
{
	struct req q;

	if (!req_load(s, id, &q)) {
		return s->txn->err;
	}
	if (q.r->plan_ask_ms != due_ms) {
		return SK_OK;
	}
	q.r->plan_ask_ms = 0;
	return req_settle(s, &q);
}
