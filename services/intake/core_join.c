/* SPDX-License-Identifier: EUPL-1.2 */
/* FamiliesJoined and FamiliesSplit, by who holds one of the requests or a contact point. */
#include <string.h>

#include "services/intake/core_figure.h"

/* --- FamiliesJoined --- */

struct join {
	const PB(JoinFamilies) *m;
	struct req a;
	struct req b;
	struct req *with;  /* b, as it stands in the family */
	struct family fam; /* as it comes to stand */
	bool again;        /* one family already: more is said of its children */
};

/* One who helps and may not read, a volunteer, says nothing of whose family it is. */
static bool carries(const struct step *s, const struct req *q)
{
	if (strcmp(q->r->contact_party, s->from.id) == 0 ||
	    strcmp(q->r->stand_in_party, s->from.id) == 0) {
		return true;
	}
	for (size_t i = 0; i < q->r->n_holders; i++) {
		if (strcmp(q->holder[i].party, s->from.id) == 0 && q->holder[i].reads) {
			return true;
		}
	}
	return false;
}

static bool is_contact_point(const struct step *s)
{
	return (s->from.roles & ROLE_BIT(CONTACT_POINT)) != 0;
}

static int check_joined(struct step *s, struct req *q, const char *field)
{
	bool whole = q->r->open && q->r->kind == KIND(SEARCH) && !q->r->deceased;

	return whole ? SK_OK : refuse_state(s, q, NULL, field);
}

static int check_same_children(struct step *s, const struct join *j)
{
	const PB(JoinFamilies) *m = j->m;

	if (m->n_same_children > SAME_CHILDREN_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "same_children");
	}
	for (size_t i = 0; i < m->n_same_children; i++) {
		const PB(SameChild) *c = m->same_children[i];
		if (c->child >= j->a.r->n_children) {
			return step_refuse(s, REFUSAL(OUT_OF_RANGE), "same_children[%zu].child", i);
		}
		if (c->with_child >= j->b.r->n_children) {
			return step_refuse(s, REFUSAL(OUT_OF_RANGE),
					   "same_children[%zu].with_child", i);
		}
		for (size_t k = 0; k < i; k++) {
			bool twice = m->same_children[k]->child == c->child ||
				     m->same_children[k]->with_child == c->with_child;
			if (twice) {
				return step_refuse(s, REFUSAL(CONTRADICTS),
						   "same_children[%zu].child", i);
			}
		}
	}
	return SK_OK;
}

static int check_join(struct step *s, struct join *j)
{
	const PB(JoinFamilies) *m = j->m;
	bool by_code = m->with_request_id.len == 0 && m->with_short_code[0] != '\0';
	int err = m->request_id.len == 0 && m->short_code[0] != '\0' ?
			  req_open_any(s, &m->request_id, m->short_code, &j->a) :
			  req_open(s, &m->request_id, "request_id", &j->a);

	if (err == SK_OK) {
		err = by_code ? req_open_any(s, &m->with_request_id, m->with_short_code, &j->b) :
				req_open(s, &m->with_request_id, "with_request_id", &j->b);
	}
	if (err != SK_OK) {
		return err;
	}
	/* Who joins two says something of both, and its contact person comes to read in both. */
	if (!is_contact_point(s) && !carries(s, &j->a)) {
		return refuse_not_yours(s, "request_id");
	}
	if (!is_contact_point(s) && !carries(s, &j->b)) {
		return refuse_not_yours(s, "with_request_id");
	}
	if (object_id_equal(&j->a.id, &j->b.id)) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "with_request_id");
	}
	err = check_joined(s, &j->a, "request_id");
	if (err == SK_OK) {
		err = check_joined(s, &j->b, "with_request_id");
	}
	if (err == SK_OK) {
		err = check_same_children(s, j);
	}
	j->again = j->a.r->family_id.len > 0 && data_equal(&j->a.r->family_id, &j->b.r->family_id);
	if (err == SK_OK && j->again && j->m->n_same_children == 0) {
		err = refuse_state(s, &j->a, NULL, "with_request_id");
	}
	return err;
}

static PB(FamilyRecord) *family_empty(struct step *s)
{
	static const PB(FamilyRecord) empty = PB_INIT(FAMILY_RECORD);
	PB(FamilyRecord) *f = step_alloc(s, sizeof(*f));

	if (f == NULL) {
		return NULL;
	}
	*f = empty;
	f->members = step_alloc(s, FAMILY_MAX * sizeof(*f->members));
	f->children = step_alloc(s, SAME_CHILDREN_MAX * sizeof(*f->children));
	return s->txn->err == SK_OK ? f : NULL;
}

static void member_add(struct step *s, struct family *fam, struct req *q)
{
	static const PB(FamilyMember) empty = PB_INIT(FAMILY_MEMBER);
	PB(FamilyMember) *m = step_alloc(s, sizeof(*m));
	PB(ContactRecord) *own = step_alloc(s, sizeof(*own));

	if (m == NULL || own == NULL) {
		return;
	}
	*own = contact_now(q);
	*m = empty;
	m->request_id = q->r->request_id;
	m->joined_ms = s->now_ms;
	m->own = own;
	fam->m[fam->len++] = q;
	fam->f->members[fam->f->n_members++] = m;
}

/* Everybody who is with q already, or q alone. */
static int side_add(struct step *s, struct family *fam, struct req *q)
{
	struct family old;
	bool has = family_load(s, q, &old);

	if (s->txn->err != SK_OK) {
		return s->txn->err;
	}
	if (fam->len + (has ? old.len : 1) > FAMILY_MAX ||
	    (has && fam->f->n_children + old.f->n_children > SAME_CHILDREN_MAX)) {
		return step_refuse(s, REFUSAL(TOO_MANY), "with_request_id");
	}
	if (!has) {
		member_add(s, fam, q);
		return s->txn->err;
	}
	for (size_t i = 0; i < old.len; i++) {
		fam->m[fam->len++] = old.m[i];
		fam->f->members[fam->f->n_members++] = old.f->members[i];
	}
	for (size_t i = 0; i < old.f->n_children; i++) {
		fam->f->children[fam->f->n_children++] = old.f->children[i];
	}
	fam->f->version = old.f->version > fam->f->version ? old.f->version : fam->f->version;
	fam->f->lead = old.f->lead;
	fam->f->plan_id = old.f->plan_id;
	return SK_OK;
}

/* The id of the older side stays; the other one's is gone, with an event that says so. */
static void family_name(struct step *s, struct join *j)
{
	PB(FamilyRecord) *f = j->fam.f;
	struct object_id id;

	if (j->a.r->family_id.len > 0) {
		f->family_id = j->a.r->family_id;
	} else if (j->b.r->family_id.len > 0) {
		f->family_id = j->b.r->family_id;
	} else {
		id = step_new_id(s);
		f->family_id = step_id_data(s, &id);
		if (f->family_id.len == 0) {
			return;
		}
	}
	if (j->b.r->family_id.len > 0 && !data_equal(&j->b.r->family_id, &f->family_id)) {
		PB(FamilyRecord) gone = PB_INIT(FAMILY_RECORD);
		SK_ASSERT(object_id_from(&j->b.r->family_id, &id));
		struct key k = key_of_id(&id);
		step_del(s, TABLE_FAMILY, &k);
		gone.family_id = j->b.r->family_id;
		gone.version = step_next_version(s, f->version);
		say(s, &j->b, event_family(&j->b, &gone));
	}
	f->version = step_next_version(s, f->version);
}

static int children_add(struct step *s, struct join *j)
{
	static const PB(FamilyChild) empty = PB_INIT(FAMILY_CHILD);
	PB(FamilyRecord) *f = j->fam.f;

	if (f->n_children + j->m->n_same_children > SAME_CHILDREN_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "same_children");
	}
	for (size_t i = 0; i < j->m->n_same_children; i++) {
		PB(FamilyChild) *c = step_alloc(s, sizeof(*c));
		if (c == NULL) {
			return s->txn->err;
		}
		*c = empty;
		c->request_id = j->a.r->request_id;
		c->child = j->m->same_children[i]->child;
		c->with_request_id = j->b.r->request_id;
		c->with_child = j->m->same_children[i]->with_child;
		f->children[f->n_children++] = c;
	}
	return SK_OK;
}

/* Two desks have each heard the whole story of one child: it was told again at the later one. */
static void joined_retold(struct step *s, struct join *j)
{
	struct req *later = j->a.r->received_ms > j->with->r->received_ms ? &j->a : j->with;
	bool two = strcmp(j->a.r->requester, j->with->r->requester) != 0 &&
		   j->a.r->capsules_len > 0 && j->with->r->capsules_len > 0;

	if (two && j->m->n_same_children > 0) {
		retelling_count(s, later);
	}
}

static void member_told(struct step *s, struct family *fam, size_t i)
{
	struct req *q = fam->m[i];

	q->r->family_id = fam->f->family_id;
	q->r->version = step_next_version(s, q->r->version);
	say(s, q, event_family(q, fam->f));
	needs_opened_emit(s, q);
}

static int join_write(struct step *s, struct join *j)
{
	struct family *fam = &j->fam;
	int err = SK_OK;

	fam->f = family_empty(s);
	if (fam->f == NULL) {
		return s->txn->err;
	}
	err = side_add(s, fam, &j->a);
	if (err == SK_OK && !j->again) {
		err = side_add(s, fam, &j->b);
	}
	if (err == SK_OK) {
		err = children_add(s, j);
	}
	if (err != SK_OK) {
		return err;
	}
	j->with = fam->m[family_at(fam, &j->b.r->request_id)];
	joined_retold(s, j);
	family_name(s, j);
	if (s->txn->err != SK_OK) {
		return s->txn->err;
	}
	if (!j->again) {
		fam->f->lead = family_lead(fam->f)->request_id;
	}
	for (size_t i = 0; i < fam->len; i++) {
		member_told(s, fam, i);
	}
	family_contact_spread(s, fam);
	family_save(s, fam);
	return family_settle_each(s, fam->m, fam->len);
}

int on_join(struct step *s, const PB(Message) *in)
{
	struct join *j = step_alloc(s, sizeof(*j));

	if (j == NULL) {
		return s->txn->err;
	}
	j->m = in->join_families;
	int err = check_join(s, j);
	if (err == SK_OK) {
		err = join_write(s, j);
	}
	if (err == SK_OK) {
		struct object_id id;
		SK_ASSERT(object_id_from(&j->fam.f->family_id, &id));
		step_result(s, &id, j->fam.f->version);
	}
	return err;
}

/* --- FamiliesSplit --- */

static void children_part(struct family *fam, const struct req *q)
{
	size_t kept = 0;

	for (size_t i = 0; i < fam->f->n_children; i++) {
		PB(FamilyChild) *c = fam->f->children[i];
		if (!data_equal(&c->request_id, &q->r->request_id) &&
		    !data_equal(&c->with_request_id, &q->r->request_id)) {
			fam->f->children[kept++] = c;
		}
	}
	fam->f->n_children = kept;
}

/* Its own contact person, dates and plan, as if it had never joined. */
static void member_part(struct step *s, struct family *fam, struct req *q)
{
	const PB(FamilyMember) *own = family_member(fam->f, &q->r->request_id);

	plan_part(s, fam, q);
	q->r->family_id = (ProtobufCBinaryData){ 0, NULL };
	q->r->version = step_next_version(s, q->r->version);
	contact_put(s, q, own->own);
	twins_part(s, q);
	needs_opened_emit(s, q);
	req_save(s, q);
}

static void member_drop(struct family *fam, size_t at)
{
	for (size_t i = at + 1; i < fam->len; i++) {
		fam->m[i - 1] = fam->m[i];
		fam->f->members[i - 1] = fam->f->members[i];
	}
	fam->len--;
	fam->f->n_members--;
}

/* A family of one is none. */
static void family_end(struct step *s, struct family *fam)
{
	struct object_id id;

	if (fam->len == 1) {
		member_part(s, fam, fam->m[0]);
	}
	SK_ASSERT(object_id_from(&fam->f->family_id, &id));
	struct key k = key_of_id(&id);
	step_del(s, TABLE_FAMILY, &k);
}

static void family_goes_on(struct step *s, struct family *fam)
{
	if (family_member(fam->f, &fam->f->lead) == NULL) {
		fam->f->lead = family_lead(fam->f)->request_id;
	}
	for (size_t i = 0; i < fam->len; i++) {
		member_told(s, fam, i);
	}
	family_contact_spread(s, fam);
	family_save(s, fam);
}

static int split_write(struct step *s, struct req *q, struct family *fam)
{
	struct req *each[FAMILY_MAX];
	size_t len = fam->len;

	memcpy(each, fam->m, sizeof(each));
	fam->f->version = step_next_version(s, fam->f->version);
	children_part(fam, q);
	member_part(s, fam, q);
	member_drop(fam, family_at(fam, &q->r->request_id));
	if (fam->len > 1) {
		family_goes_on(s, fam);
	} else {
		family_end(s, fam);
	}
	PB(FamilyRecord) left = *fam->f;
	left.n_members = fam->len > 1 ? fam->len : 0;
	say(s, q, event_family(q, &left));
	return family_settle_each(s, each, len);
}

int on_split(struct step *s, const PB(Message) *in)
{
	struct family fam;
	struct req q;
	int err = req_open(s, &in->split_families->request_id, "request_id", &q);

	if (err != SK_OK) {
		return err;
	}
	if (!is_contact_point(s) && !carries(s, &q)) {
		return refuse_not_yours(s, "request_id");
	}
	if (!family_load(s, &q, &fam)) {
		return s->txn->err != SK_OK ? s->txn->err : refuse_state(s, &q, NULL, "request_id");
	}
	step_result(s, &q.id, q.r->version);
	return split_write(s, &q, &fam);
}
