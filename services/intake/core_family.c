/* SPDX-License-Identifier: EUPL-1.2 */
/* FamiliesJoined and FamiliesSplit. A family is a set of requests, no more: each keeps what is its
 * own (holders, needs, term, story, goals), and what the family has in common is one contact person
 * with one stand-in (L3), one plan (L9) and, for a child that was told of twice, one date. What a
 * request would have alone stays written down, so that leaving undoes the joining exactly. Joining
 * opens nobody's view: who may see the one request does not see the other by it. */
#include <string.h>

#include "services/intake/core_inner.h"

/* --- loading --- */

static struct req *member_load(struct step *s, struct req *q, const ProtobufCBinaryData *id)
{
	struct object_id at;

	SK_ASSERT(object_id_from(id, &at));
	if (object_id_equal(&at, &q->id)) {
		return q;
	}
	struct req *m = step_alloc(s, sizeof(*m));
	return m != NULL && req_load(s, &at, m) ? m : NULL;
}

bool family_load(struct step *s, struct req *q, struct family *ret_fam)
{
	struct object_id id;

	*ret_fam = (struct family){ .len = 0 };
	if (!object_id_from(&q->r->family_id, &id)) {
		return false;
	}
	struct key k = key_of_id(&id);
	ret_fam->f = step_get(s, TABLE_FAMILY, &k, TYPE(family_record));
	if (ret_fam->f == NULL) {
		return false;
	}
	SK_ASSERT(ret_fam->f->n_members <= FAMILY_MAX);
	for (size_t i = 0; i < ret_fam->f->n_members; i++) {
		struct req *m = member_load(s, q, &ret_fam->f->members[i]->request_id);
		if (m == NULL) {
			return false;
		}
		ret_fam->m[ret_fam->len++] = m;
	}
	return s->txn->err == SK_OK;
}

void family_save(struct step *s, struct family *fam)
{
	struct object_id id;

	SK_ASSERT(object_id_from(&fam->f->family_id, &id));
	struct key k = key_of_id(&id);
	step_put(s, TABLE_FAMILY, &k, fam->f);
}

size_t family_at(const struct family *fam, const ProtobufCBinaryData *request)
{
	size_t i = 0;

	while (i < fam->len && !data_equal(&fam->m[i]->r->request_id, request)) {
		i++;
	}
	return i;
}

/* --- who is who --- */

static void same_merge(struct kin *io_kin, uint32_t a, uint32_t b)
{
	for (size_t i = 0; i < FAMILY_MAX; i++) {
		for (size_t k = 0; k < CHILD_SLOTS; k++) {
			io_kin->label[i][k] = io_kin->label[i][k] == b ? a : io_kin->label[i][k];
		}
	}
}

void family_kin(const struct family *fam, struct kin *ret_kin)
{
	size_t told = fam->f == NULL ? 0 : fam->f->n_children;

	for (uint32_t i = 0; i < FAMILY_MAX * CHILD_SLOTS; i++) {
		ret_kin->label[i / CHILD_SLOTS][i % CHILD_SLOTS] = i;
	}
	for (size_t i = 0; i < told; i++) {
		const PB(FamilyChild) *c = fam->f->children[i];
		size_t one = family_at(fam, &c->request_id);
		size_t two = family_at(fam, &c->with_request_id);
		if (one < fam->len && two < fam->len) {
			same_merge(ret_kin, ret_kin->label[one][c->child % CHILD_SLOTS],
				   ret_kin->label[two][c->with_child % CHILD_SLOTS]);
		}
	}
}

bool same_child(const struct kin *kin, size_t a, uint32_t child_a, size_t b, uint32_t child_b)
{
	return kin->label[a][child_a % CHILD_SLOTS] == kin->label[b][child_b % CHILD_SLOTS];
}

/* --- one contact person --- */

/* A person who was named before duty organisations, then the longest standing. */
static bool stands_before(const PB(ContactRecord) *a, const PB(ContactRecord) *b)
{
	if (a->named != b->named) {
		return a->named;
	}
	return a->since_ms < b->since_ms;
}

const PB(FamilyMember) *family_lead(const PB(FamilyRecord) *f)
{
	const PB(FamilyMember) *best = f->members[0];

	for (size_t i = 1; i < f->n_members; i++) {
		best = stands_before(f->members[i]->own, best->own) ? f->members[i] : best;
	}
	return best;
}

PB(FamilyMember) *family_member(const PB(FamilyRecord) *f, const ProtobufCBinaryData *request)
{
	for (size_t i = 0; i < f->n_members; i++) {
		if (data_equal(&f->members[i]->request_id, request)) {
			return f->members[i];
		}
	}
	return NULL;
}

/* All members at once: at no point of the log do two of them name another one (L3). */
void family_contact_spread(struct step *s, struct family *fam)
{
	const PB(FamilyMember) *lead = family_member(fam->f, &fam->f->lead);

	SK_ASSERT(lead != NULL);
	for (size_t i = 0; i < (MUT(158) ? 1 : fam->len); i++) {
		contact_put(s, fam->m[i], lead->own);
		req_save(s, fam->m[i]);
	}
}

/* What was changed is in the store; each is now looked at as it stands there. */
int family_settle_each(struct step *s, struct req *const *list, size_t len)
{
	size_t mark = s->arena->used_bytes;
	int err = s->txn->err;

	for (size_t i = 0; err == SK_OK && i < len; i++) {
		struct req *m = step_alloc(s, sizeof(*m));
		if (m == NULL || !req_load(s, &list[i]->id, m)) {
			return s->txn->err;
		}
		m->warm_changed = true; /* who helps beside whom */
		err = req_settle(s, m);
		s->arena->used_bytes = mark; /* what was written is in the store */
	}
	return err;
}

int family_contact(struct step *s, struct req *q, const PB(ContactRecord) *own)
{
	struct family fam;

	if (!family_load(s, q, &fam)) {
		if (s->txn->err != SK_OK) {
			return s->txn->err;
		}
		contact_put(s, q, own);
		return req_settle(s, q);
	}
	PB(FamilyMember) *m = family_member(fam.f, &q->r->request_id);
	SK_ASSERT(m != NULL);
	m->own = (PB(ContactRecord) *)(uintptr_t)own;
	fam.f->lead = q->r->request_id;
	family_contact_spread(s, &fam);
	family_save(s, &fam);
	return family_settle_each(s, fam.m, fam.len);
}

/* What it has of its own moves; what the family has stays with the family. The others of a lead
 * that moves would have to be settled here as well, so it hands its place to the next one only when
 * it leaves. */
void family_contact_zone(struct step *s, struct req *q, const char *party, const char *stand_in)
{
	struct family fam;

	if (!family_load(s, q, &fam)) {
		return;
	}
	PB(FamilyMember) *m = family_member(fam.f, &q->r->request_id);
	SK_ASSERT(m != NULL);
	if (m->own->named || data_equal(&fam.f->lead, &m->request_id)) {
		return;
	}
	m->own->party = (char *)(uintptr_t)party;
	m->own->stand_in = (char *)(uintptr_t)stand_in;
	m->own->since_ms = s->now_ms;
	family_save(s, &fam);
}

/* --- settling --- */

void family_settle(struct step *s, struct req *q)
{
	struct family *fam = step_alloc(s, sizeof(*fam));

	q->fam = NULL;
	if (fam == NULL || !family_load(s, q, fam)) {
		plan_settle(s, q, NULL);
		return;
	}
	for (size_t i = 0; i < fam->len; i++) {
		req_live(s, fam->m[i]);
		fam->m[i]->fam = fam;
	}
	plan_settle(s, q, fam);
	twins_settle(s, fam);
	siblings_settle(s, q, fam);
}
