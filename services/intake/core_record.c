/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "services/intake/core_warm.h"

struct key key_of_pair(const struct object_id *a, const struct object_id *b)
{
	struct key k = key_of_id(a);

	key_id(&k, b);
	return k;
}

struct key key_of_need(const struct object_id *request, uint32_t ordinal)
{
	struct key k = key_of_id(request);

	key_u32(&k, ordinal);
	return k;
}

bool data_equal(const ProtobufCBinaryData *a, const ProtobufCBinaryData *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

bool list_has(char *const *list, size_t len, const char *str)
{
	for (size_t i = 0; i < len; i++) {
		if (strcmp(list[i], str) == 0) {
			return true;
		}
	}
	return false;
}

/* Holders are changed in place, so they live in the picture and not in the decoded record. */
static void holders_unfold(struct req *q)
{
	SK_ASSERT(q->r->n_holders <= HOLDERS_MAX);
	for (size_t i = 0; i < HOLDERS_MAX; i++) {
		q->holder_at[i] = &q->holder[i];
	}
	for (size_t i = 0; i < q->r->n_holders; i++) {
		q->holder[i] = *q->r->holders[i];
	}
	q->r->holders = q->holder_at;
}

static void children_unfold(struct req *q)
{
	SK_ASSERT(q->r->n_child_states <= CHILDREN_MAX);
	for (size_t i = 0; i < q->r->n_child_states; i++) {
		q->child[i] = *q->r->child_states[i];
	}
	children_fit(q);
}

bool req_new(struct step *s, struct object_id id, struct req *ret_q)
{
	static const PB(RequestRecord) empty = PB_INIT(REQUEST_RECORD);
	char code[SHORT_CODE_LEN + 1];
	PB(RequestRecord) *r = step_alloc(s, sizeof(*r));

	if (r == NULL) {
		return false;
	}
	*r = empty;
	*ret_q = (struct req){ .id = id, .r = r, .live_read = true };
	step_short_code(s, &id, code);
	r->short_code = step_strdup(s, code);
	r->request_id = step_id_data(s, &id);
	r->version = 1;
	r->shields_told = true;
	holders_unfold(ret_q);
	children_unfold(ret_q);
	return s->txn->err == SK_OK;
}

static void needs_load(struct step *s, struct req *q)
{
	struct store_iter it;
	struct key prefix = key_of_id(&q->id);
	struct key at;
	struct slice val;

	store_iter_init(&it, s->txn, TABLE_NEED, &prefix);
	while (store_next(&it, &at, &val)) {
		SK_ASSERT(q->needs_len < NEEDS_KEPT_MAX);
		PB(NeedRecord) *n = step_unpack(s, val, TYPE(need_record));
		if (n == NULL) {
			break;
		}
		q->need[q->needs_len++] = n;
	}
	store_iter_done(&it);
}

bool req_load(struct step *s, const struct object_id *id, struct req *ret_q)
{
	struct key k = key_of_id(id);
	PB(RequestRecord) *r = step_get(s, TABLE_REQUEST, &k, TYPE(request_record));

	if (r == NULL) {
		return false;
	}
	*ret_q = (struct req){ .id = *id, .r = r, .version_was = r->version };
	holders_unfold(ret_q);
	children_unfold(ret_q);
	needs_load(s, ret_q);
	req_counted(ret_q);
	return s->txn->err == SK_OK;
}

static int refuse_unknown(struct step *s, const char *field)
{
	if (s->txn->err != SK_OK) {
		return s->txn->err;
	}
	return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "%s", field);
}

int req_open(struct step *s, const ProtobufCBinaryData *id, const char *field, struct req *ret_q)
{
	struct object_id at;

	if (id->len == 0) {
		return step_refuse(s, REFUSAL(MISSING), "%s", field);
	}
	if (!object_id_from(id, &at)) {
		return step_refuse(s, REFUSAL(MALFORMED), "%s", field);
	}
	return req_load(s, &at, ret_q) ? SK_OK : refuse_unknown(s, field);
}

int req_open_need(struct step *s, const ProtobufCBinaryData *need_id, const char *field,
		  struct req *ret_q, PB(NeedRecord) **ret_n)
{
	struct object_id at;

	if (need_id->len == 0) {
		return step_refuse(s, REFUSAL(MISSING), "%s", field);
	}
	if (!object_id_from(need_id, &at)) {
		return step_refuse(s, REFUSAL(MALFORMED), "%s", field);
	}
	struct key k = key_of_id(&at);
	PB(NeedRefRecord) *ref = step_get(s, TABLE_NEED_REF, &k, TYPE(need_ref_record));
	if (ref == NULL) {
		return refuse_unknown(s, field);
	}
	struct object_id request;
	SK_ASSERT(object_id_from(&ref->request_id, &request));
	if (!req_load(s, &request, ret_q)) {
		return refuse_unknown(s, field);
	}
	PB(NeedRecord) *n = req_need(ret_q, need_id);
	SK_ASSERT(n != NULL);
	*ret_n = n;
	return SK_OK;
}

int req_open_any(struct step *s, const ProtobufCBinaryData *id, const char *short_code,
		 struct req *ret_q)
{
	struct object_id at;

	if (id->len != 0) {
		return req_open(s, id, "request_id", ret_q);
	}
	/* Two requests with one short code are told apart by neither: then it names nothing. */
	if (!step_by_short_code(s, TABLE_REQUEST, short_code, &at) || !req_load(s, &at, ret_q)) {
		return refuse_unknown(s, "short_code");
	}
	return SK_OK;
}

void req_live(struct step *s, struct req *q)
{
	struct store_iter it;
	struct key prefix = key_of_id(&q->id);
	struct key at;
	struct slice val;

	if (q->live_read) {
		return;
	}
	q->live_read = true;
	store_iter_init(&it, s->txn, TABLE_CONTRIBUTION, &prefix);
	while (store_next(&it, &at, &val)) {
		SK_ASSERT(q->live_len < LIVE_MAX);
		PB(ContributionRecord) *c = step_unpack(s, val, TYPE(contribution_record));
		if (c == NULL) {
			break;
		}
		q->live[q->live_len++] = c;
	}
	store_iter_done(&it);
	shields_derive(s, q);
}

void req_save(struct step *s, struct req *q)
{
	struct key k = key_of_id(&q->id);

	step_put(s, TABLE_REQUEST, &k, q->r);
}

void need_save(struct step *s, struct req *q, PB(NeedRecord) *n)
{
	struct key k = key_of_need(&q->id, n->need->ordinal);

	step_put(s, TABLE_NEED, &k, n);
}

PB(NeedRecord) *req_need(struct req *q, const ProtobufCBinaryData *id)
{
	for (size_t i = 0; i < q->needs_len; i++) {
		if (data_equal(&q->need[i]->need->need_id, id)) {
			return q->need[i];
		}
	}
	return NULL;
}

static struct key key_of_person(const struct req *q, const ProtobufCBinaryData *person)
{
	struct key k = key_of_id(&q->id);

	key_bytes(&k, person->data, person->len);
	return k;
}

uint32_t capsule_last_version(struct step *s, const struct req *q,
			      const ProtobufCBinaryData *person)
{
	struct store_iter it;
	struct key prefix = key_of_person(q, person);
	struct key at;
	struct slice val;
	uint32_t last = 0;

	store_iter_init(&it, s->txn, TABLE_CAPSULE, &prefix);
	while (store_next(&it, &at, &val)) {
		last = be32_read(at.b + prefix.len);
	}
	store_iter_done(&it);
	return last;
}

/* None is overwritten; and none is so far ahead that the person could never follow it. */
bool capsule_follows(struct step *s, const struct req *q, const PB(Capsule) *c)
{
	uint32_t last = capsule_last_version(s, q, &c->person_id);

	return c->version > last && c->version - last <= VERSIONS_AHEAD_MAX;
}

size_t stories_len(const struct req *q)
{
	return q->r->capsules_len - q->r->words_len - q->r->nights_len;
}

enum words { WORDS_TOLD, WORDS_ABOUT, WORDS_NIGHT };

static void told_put(struct step *s, struct req *q, PB(Capsule) *c, enum words what)
{
	PB(CapsuleRecord) rec = PB_INIT(CAPSULE_RECORD);
	struct key k = key_of_person(q, &c->person_id);

	key_u32(&k, c->version);
	rec.capsule = c;
	rec.at_ms = s->now_ms;
	rec.party = s->from.id;
	rec.night = what == WORDS_NIGHT;
	rec.told = what == WORDS_TOLD && !c->about;
	step_put(s, TABLE_CAPSULE, &k, &rec);
	q->r->capsules_len++;
}

void capsule_put(struct step *s, struct req *q, PB(Capsule) *c)
{
	told_put(s, q, c, WORDS_TOLD);
}

void advice_put(struct step *s, struct req *q, PB(Capsule) *c)
{
	told_put(s, q, c, WORDS_ABOUT);
}

void words_put(struct step *s, struct req *q, PB(Capsule) *c, bool told)
{
	told_put(s, q, c, told ? WORDS_TOLD : WORDS_ABOUT);
	q->r->words_len++;
}

static void night_drop(struct step *s, struct req *q)
{
	struct store_iter it;
	struct key prefix = key_of_id(&q->id);
	struct key at;
	struct key oldest = prefix;
	struct slice val;
	uint64_t oldest_ms = UINT64_MAX;

	store_iter_init(&it, s->txn, TABLE_CAPSULE, &prefix);
	while (store_next(&it, &at, &val)) {
		const PB(CapsuleRecord) *c = step_unpack(s, val, TYPE(capsule_record));
		if (c == NULL) {
			break;
		}
		if (c->night && c->at_ms < oldest_ms) {
			oldest_ms = c->at_ms;
			oldest = at;
		}
	}
	store_iter_done(&it);
	if (oldest_ms != UINT64_MAX) {
		step_del(s, TABLE_CAPSULE, &oldest);
		q->r->capsules_len--;
		q->r->nights_len--;
	}
}

void night_put(struct step *s, struct req *q, PB(Capsule) *c)
{
	if (q->r->nights_len >= NIGHTS_KEPT_MAX) {
		night_drop(s, q);
	}
	told_put(s, q, c, WORDS_NIGHT);
	q->r->nights_len++;
}

void party_mark(struct step *s, const struct req *q, const char *party)
{
	struct key k = key_of_str(party);

	key_id(&k, &q->id);
	step_mark(s, TABLE_PARTY_REQUEST, &k);
}
