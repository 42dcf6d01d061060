/* SPDX-License-Identifier: EUPL-1.2 */
/* The whole file as it is given, page by page: core_file.c says who may ask for it. */
#include <stdlib.h>
#include <string.h>

#include "services/intake/core_inner.h"

#define KEPT(X) SCHAKEL__V1__KEPT_BACK__KEPT_BACK_##X
#define ROWS_PAGE 40
#define BYTES_PAGE 32768 /* of sealed content in one answer, which is one frame */

/* The parts of a file, in the order in which its pages give them. */
enum part { PART_LIVE, PART_PAST, PART_CAPSULES, PART_LOOKS, PARTS };

/* One version of what somebody told. */
struct told {
	ProtobufCBinaryData person;
	uint32_t version;
	bool own;
	bool said;              /* by the person itself, whoever wrote it down */
	PB(KeptBackView) *kept; /* NULL: shown */
};

struct file {
	struct req q;
	struct person who;
	bool whole; /* the child's file; else only what is this person's own */
	struct told told[CAPSULES_KEPT_MAX];
	size_t told_len;
	uint32_t left; /* rows that this page still takes */
	PB(FileView) *v;
};

/* --- what was told: whose it is, and whether it is shown --- */

static bool is_anothers(const struct file *f, const ProtobufCBinaryData *person)
{
	const PB(RequestRecord) *r = f->q.r;

	for (size_t i = 0; i < r->n_children; i++) {
		bool mine = i == f->who.child && f->whole;
		if (!mine && data_equal(&r->children[i]->person_id, person)) {
			return true;
		}
	}
	for (size_t i = 0; i < r->n_adults; i++) {
		if (data_equal(&r->adults[i]->person_id, person)) {
			return true;
		}
	}
	return false;
}

static PB(KeptBackView) *kept_by_rule(struct step *s, const struct told *t)
{
	PB(KeptBackView) *k = step_alloc(s, sizeof(*k));

	if (k != NULL) {
		schakel__v1__kept_back_view__init(k);
		k->person_id = t->person;
		k->version = t->version;
		k->ground = KEPT(THIRD_PARTIES);
	}
	return k;
}

static PB(KeptBackView) *kept_of(struct step *s, struct file *f, const struct told *t)
{
	PB(KeptBackRecord) *rec = file_mark(s, &f->q, &t->person, t->version);
	bool trusted = f->who.speaker == SPEAKER(TRUSTED_PERSON);

	if (t->own && t->said) {
		return NULL; /* a mark on it is for others */
	}
	if (rec != NULL && !rec->lifted && !MUT(113)) {
		return trusted && rec->mark->ground == KEPT(OWN_GOOD) ? NULL : rec->mark;
	}
	if (t->own || (f->whole && (rec != NULL || !is_anothers(f, &t->person)))) {
		return NULL;
	}
	return kept_by_rule(s, t);
}

/* Own versions first, and the newest of each person before what was told first. */
static int told_compare(const void *a, const void *b)
{
	const struct told *x = a;
	const struct told *y = b;

	if (x->own != y->own) {
		return x->own ? -1 : 1;
	}
	int cmp = memcmp(x->person.data, y->person.data, OBJECT_ID_LEN);
	if (cmp != 0) {
		return cmp;
	}
	return x->version > y->version ? -1 : x->version < y->version;
}

static void told_read(struct step *s, struct file *f)
{
	struct store_iter walk;
	struct key prefix = key_of_id(&f->q.id);
	struct key at;
	struct slice val;

	store_iter_init(&walk, s->txn, TABLE_CAPSULE, &prefix);
	while (f->told_len < CAPSULES_KEPT_MAX && store_next(&walk, &at, &val)) {
		struct object_id person;
		struct told *t = &f->told[f->told_len];
		memcpy(person.b, at.b + prefix.len, OBJECT_ID_LEN);
		t->person = step_id_data(s, &person);
		t->version = be32_read(at.b + prefix.len + OBJECT_ID_LEN);
		if (t->person.data == NULL) {
			break;
		}
		t->own = f->who.own != NULL && data_equal(f->who.own, &t->person);
		const PB(CapsuleRecord) *rec = step_unpack(s, val, TYPE(capsule_record));
		if (rec == NULL) {
			break;
		}
		t->said = rec->told;
		f->told_len++;
	}
	store_iter_done(&walk);
	for (size_t i = 0; i < f->told_len; i++) {
		f->told[i].kept = kept_of(s, f, &f->told[i]);
	}
	qsort(f->told, f->told_len, sizeof(f->told[0]), told_compare);
}

/* --- pages: each part takes up where the cursor stands, and leaves one when the page is full ---
 */

static void cursor_set(struct step *s, struct file *f, enum part part, const struct key *rest)
{
	struct key k = key_of_id(&f->q.id);

	key_u8(&k, (uint8_t)part);
	key_bytes(&k, rest->b, rest->len);
	f->v->next.data = step_alloc(s, k.len);
	if (f->v->next.data != NULL) {
		memcpy(f->v->next.data, k.b, k.len);
		f->v->next.len = k.len;
	}
}

static bool about_child(const struct file *f, const PB(ContributionChanged) *c)
{
	bool hidden = c->shielded && f->who.speaker != SPEAKER(YOUTH);

	for (size_t i = 0; i < f->q.needs_len; i++) {
		const PB(NeedFact) *n = f->q.need[i]->need;
		if (data_equal(&n->need_id, &c->need_id)) {
			return !hidden && (f->q.r->n_children <= 1 || n->child == f->who.child);
		}
	}
	return false;
}

/* A walk over a table of this request, behind @p after. */
static void part_open(struct step *s, struct file *f, uint8_t table, const struct key *after,
		      struct store_iter *ret_walk)
{
	struct key prefix = key_of_id(&f->q.id);
	struct key from = prefix;

	store_iter_init(ret_walk, s->txn, table, &prefix);
	if (after->len > 0) {
		key_bytes(&from, after->b, after->len);
		store_iter_from(ret_walk, &from, false);
	}
}

static struct key rest_of(const struct file *f, const struct key *at)
{
	struct key prefix = key_of_id(&f->q.id);
	struct key rest = { 0 };

	key_bytes(&rest, at->b + prefix.len, at->len - prefix.len);
	return rest;
}

/* @return false when the page is full and the cursor stands in this part. */
static bool contributions_part(struct step *s, struct file *f, enum part part,
			       const struct key *after)
{
	struct store_iter walk;
	struct key at;
	struct key last = *after;
	struct slice val;
	bool full = false;

	part_open(s, f, part == PART_LIVE ? TABLE_CONTRIBUTION : TABLE_CONTRIBUTION_PAST, after,
		  &walk);
	while (f->whole && !full && store_next(&walk, &at, &val)) {
		full = f->left == 0;
		const PB(ContributionRecord) *c =
			full ? NULL : step_unpack(s, val, TYPE(contribution_record));
		if (c == NULL) {
			break;
		}
		if (about_child(f, c->last)) {
			c->last->hold = NULL; /* no word about the child */
			f->v->contributions[f->v->n_contributions++] = c->last;
			f->left--;
		}
		last = rest_of(f, &at);
	}
	store_iter_done(&walk);
	if (full) {
		cursor_set(s, f, part, &last);
	}
	return !full;
}

static PB(FileCapsule) *capsule_read(struct step *s, struct file *f, const struct told *t)
{
	struct key k = key_of_told(&f->q, &t->person, t->version);
	PB(CapsuleRecord) *c = step_get(s, TABLE_CAPSULE, &k, TYPE(capsule_record));
	PB(FileCapsule) *out = step_alloc(s, sizeof(*out));

	if (c == NULL || out == NULL) {
		return NULL;
	}
	schakel__v1__file_capsule__init(out);
	out->capsule = c->capsule;
	out->at_ms = c->at_ms;
	out->party = c->party;
	out->own = t->own;
	return out;
}

static bool capsules_part(struct step *s, struct file *f, const struct key *after)
{
	size_t bytes = 0;
	size_t i = after->len == 4 ? be32_read(after->b) : 0;

	for (; i < f->told_len && f->left > 0; i++) {
		if (f->told[i].kept != NULL) {
			continue;
		}
		PB(FileCapsule) *c = capsule_read(s, f, &f->told[i]);
		if (c == NULL) {
			return true;
		}
		bytes += c->capsule->capsule.len + c->capsule->sealed_key.len;
		if (bytes > BYTES_PAGE) {
			break;
		}
		f->v->capsules[f->v->n_capsules++] = c;
		f->left--;
	}
	if (i < f->told_len) {
		struct key rest = { 0 };
		key_u32(&rest, (uint32_t)i);
		cursor_set(s, f, PART_CAPSULES, &rest);
	}
	return i >= f->told_len;
}

static bool looks_part(struct step *s, struct file *f, const struct key *after)
{
	struct store_iter walk;
	struct key at;
	struct key last = *after;
	struct slice val;
	bool full = false;

	part_open(s, f, TABLE_LOOK, after, &walk);
	while (!full && store_next(&walk, &at, &val)) {
		full = f->left == 0;
		PB(LookView) *l = full ? NULL : step_unpack(s, val, TYPE(look_view));
		if (l == NULL) {
			break;
		}
		bool own = l->speaker == f->who.speaker && l->adult == f->who.adult;
		if (own || (f->whole && l->child == f->who.child)) {
			f->v->looks[f->v->n_looks++] = l;
			f->left--;
		}
		last = rest_of(f, &at);
	}
	store_iter_done(&walk);
	if (full) {
		cursor_set(s, f, PART_LOOKS, &last);
	}
	return !full;
}

static void parts_view(struct step *s, struct file *f, enum part part, struct key after)
{
	bool more = true;

	for (; more && part < PARTS && s->txn->err == SK_OK; part++) {
		if (part == PART_CAPSULES) {
			more = capsules_part(s, f, &after);
		} else if (part == PART_LOOKS) {
			more = looks_part(s, f, &after);
		} else {
			more = contributions_part(s, f, part, &after);
		}
		after = (struct key){ 0 };
	}
}

/* --- the first page --- */

static void positions_part(struct step *s, struct file *f)
{
	struct store_iter walk;
	struct key prefix = key_of_id(&f->q.id);
	struct key at;
	struct slice val;

	f->v->positions = step_alloc(s, POSITIONS_SHOWN_MAX * sizeof(*f->v->positions));
	store_iter_init(&walk, s->txn, TABLE_VOICE, &prefix);
	while (f->v->positions != NULL && f->v->n_positions < POSITIONS_SHOWN_MAX &&
	       store_next(&walk, &at, &val)) {
		const PB(VoiceRecord) *w = step_unpack(s, val, TYPE(voice_record));
		PB(PositionView) *p = step_alloc(s, sizeof(*p));
		if (w == NULL || p == NULL) {
			break;
		}
		if (person_spoke(&f->who, w)) {
			schakel__v1__position_view__init(p);
			p->speaker = w->speaker;
			p->adult = w->adult;
			p->voice = w->voice;
			p->at_ms = w->at_ms;
			p->proposal_version = w->proposal_version;
			p->child = w->child;
			f->v->positions[f->v->n_positions++] = p;
		}
	}
	store_iter_done(&walk);
}

static void first_page(struct step *s, struct file *f)
{
	f->v->person = person_view(s, &f->q, &f->who);
	positions_part(s, f);
	f->v->kept_back = step_alloc(s, (f->told_len + 1) * sizeof(*f->v->kept_back));
	for (size_t i = 0; f->v->kept_back != NULL && i < f->told_len; i++) {
		if (f->told[i].kept != NULL) {
			f->v->kept_back[f->v->n_kept_back++] = f->told[i].kept;
		}
	}
}

/* --- the query --- */

static bool cursor_read(const struct file *f, const ProtobufCBinaryData *after, enum part *ret_part,
			struct key *ret_rest)
{
	size_t head = OBJECT_ID_LEN + 1;

	if (after->len < head || after->len > KEY_LEN_MAX - OBJECT_ID_LEN ||
	    memcmp(after->data, f->q.id.b, OBJECT_ID_LEN) != 0 ||
	    after->data[OBJECT_ID_LEN] >= PARTS) {
		return false;
	}
	*ret_part = (enum part)after->data[OBJECT_ID_LEN];
	*ret_rest = (struct key){ 0 };
	key_bytes(ret_rest, after->data + head, after->len - head);
	return true;
}

static int file_open(struct step *s, const PB(QueryFile) *m, struct file *f)
{
	size_t looks;
	uint64_t days = step_setting(s, SETTING_FILE_DAYS);
	int err = req_open(s, &m->request_id, "request_id", &f->q);

	f->who = (struct person){ .speaker = m->speaker, .adult = m->adult, .child = m->child };
	if (err == SK_OK) {
		err = file_reader_check(s, &f->q, m->speaker);
	}
	if (err == SK_OK) {
		err = person_open(s, &f->q, &f->who);
	}
	if (err != SK_OK) {
		return err;
	}
	uint64_t last_ms = file_looked_ms(s, &f->q, &f->who, &looks);
	if (last_ms == 0 || s->now_ms > last_ms + days * CIVIL_DAY_MS) {
		return refuse_state(s, &f->q, NULL, "request_id");
	}
	f->whole = f->who.speaker != SPEAKER(ADULT) ||
		   person_acts_for_child(&f->q, &f->who, s->now_ms);
	return s->txn->err;
}

static bool lists_open(struct step *s, const PB(QueryFile) *m, struct file *f)
{
	PB(FileView) *v = f->v;

	f->left = m->limit == 0 || m->limit > ROWS_PAGE ? ROWS_PAGE : m->limit;
	f->left = f->left > s->page_most ? s->page_most : f->left;
	v->contributions = step_alloc(s, ROWS_PAGE * sizeof(*v->contributions));
	v->capsules = step_alloc(s, ROWS_PAGE * sizeof(*v->capsules));
	v->looks = step_alloc(s, ROWS_PAGE * sizeof(*v->looks));
	return s->txn->err == SK_OK;
}

int q_file(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	const PB(QueryFile) *m = in->query_file;
	struct file *f = step_alloc(s, sizeof(*f));
	PB(FileView) *v = step_alloc(s, sizeof(*v));
	enum part part = PART_LIVE;
	struct key after = { 0 };

	if (f == NULL || v == NULL) {
		return s->txn->err;
	}
	int err = file_open(s, m, f);
	if (err == SK_OK && m->after.len != 0 && !cursor_read(f, &m->after, &part, &after)) {
		err = step_refuse(s, REFUSAL(MALFORMED), "after");
	}
	if (err != SK_OK) {
		return err;
	}
	schakel__v1__file_view__init(v);
	f->v = v;
	out->body_case = BODY(FILE_VIEW);
	out->file_view = v;
	if (!lists_open(s, m, f)) {
		return s->txn->err;
	}
	told_read(s, f);
	if (m->after.len == 0) {
		first_page(s, f);
	}
	parts_view(s, f, part, after);
	return s->txn->err;
}
