/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "common/engine_internal.h"

/* --- outcomes --- */

void step_say_refused(struct step *s, PB(Refusal) code, const char *field, ...)
{
	va_list ap;

	va_start(ap, field);
	(void)vsnprintf(s->out->field, sizeof(s->out->field), field, ap);
	va_end(ap);
	s->out->kind = SCHAKEL__V1__OUTCOME__OUTCOME_REFUSED;
	s->out->code = code;
}

int step_late(struct step *s, PB(Event) *holds_now)
{
	s->out->kind = SCHAKEL__V1__OUTCOME__OUTCOME_LATE;
	s->out->holds_now = holds_now;
	return SK_EREFUSED;
}

int step_conflict(struct step *s, uint32_t version, PB(Event) *holds_now)
{
	s->out->kind = SCHAKEL__V1__OUTCOME__OUTCOME_REFUSED;
	s->out->code = SCHAKEL__V1__REFUSAL__REFUSAL_CONFLICT;
	s->out->version = version;
	s->out->holds_now = holds_now;
	return SK_EREFUSED;
}

void step_result(struct step *s, const struct object_id *id, uint32_t version)
{
	s->out->object = *id;
	s->out->version = version;
	step_short_code(s, id, s->out->short_code);
}

/* --- ids, keyed hashes --- */

struct object_id step_new_id(struct step *s)
{
	struct object_id id;
	uint64_t nonce = s->engine->inc.nonce;
	uint32_t tag = s->engine->inc.number << 24 | (uint32_t)(nonce & 0xffffff);

	be32_write(id.b, tag);
	be64_write(id.b + 4, s->sequence);
	be32_write(id.b + 12, s->next_ordinal++);
	return id;
}

uint64_t step_lottery(struct step *s, const struct object_id *id)
{
	uint8_t h[crypto_shorthash_siphashx24_BYTES];
	struct object_id other = *id;

	other.b[0] ^= 0xff; /* a change here would draw every lottery anew */
	(void)crypto_shorthash_siphashx24(h, other.b, sizeof(other.b), s->engine->hash_key);
	return be64_read(h);
}

/* --- records --- */

void *step_alloc(struct step *s, size_t bytes)
{
	void *p = arena_alloc(s->arena, bytes);

	if (p == NULL && s->txn->err == SK_OK) {
		s->txn->err = SK_ENOMEM;
	}
	return p;
}

char *step_strdup(struct step *s, const char *str)
{
	size_t len = strlen(str) + 1;
	char *p = step_alloc(s, len);

	return p == NULL ? NULL : memcpy(p, str, len);
}

ProtobufCBinaryData step_id_data(struct step *s, const struct object_id *id)
{
	struct object_id *copy = step_alloc(s, sizeof(*copy));

	if (copy == NULL) {
		return (ProtobufCBinaryData){ 0 };
	}
	*copy = *id;
	return object_id_data(copy);
}

void *step_unpack(struct step *s, struct slice val, const ProtobufCMessageDescriptor *type)
{
	ProtobufCAllocator alloc = arena_protobuf(s->arena);
	void *m = protobuf_c_message_unpack(type, &alloc, val.len, val.data);

	if (m == NULL && s->txn->err == SK_OK) {
		/* The checksum was right, so it is our own record: the arena is too small for it.
		 */
		s->txn->err = SK_ENOMEM;
	}
	return m;
}

void *step_get(struct step *s, uint8_t table, const struct key *k,
	       const ProtobufCMessageDescriptor *type)
{
	struct slice val;

	return store_get(s->txn, table, k, &val) ? step_unpack(s, val, type) : NULL;
}

void step_put(struct step *s, uint8_t table, const struct key *k, const void *record)
{
	size_t mark = s->arena->used_bytes;
	size_t len = protobuf_c_message_get_packed_size(record);
	uint8_t *buf = step_alloc(s, len + 1);

	if (buf != NULL) {
		struct slice val = { buf, protobuf_c_message_pack(record, buf) };
		store_put(s->txn, table, k, val);
		arena_rewind(s->arena, mark); /* scratch: the store took its copy */
	}
}

void step_del(struct step *s, uint8_t table, const struct key *k)
{
	store_del(s->txn, table, k);
}

void step_mark(struct step *s, uint8_t table, const struct key *k)
{
	store_mark(s->txn, table, k);
}

/* --- logs --- */

struct key log_key(const char *log, uint32_t incarnation, uint64_t sequence)
{
	struct key k = key_of_str(log);

	key_u32(&k, incarnation);
	key_u64(&k, sequence);
	return k;
}

static void head_put(struct step *s, const struct step_head *h)
{
	PB(LogHeadRecord) r = PB_INIT(LOG_HEAD_RECORD);
	struct key k = key_of_str(h->log);

	r.incarnation = s->engine->inc.number;
	r.nonce = s->engine->inc.nonce;
	r.sequence = h->sequence;
	r.bytes = h->bytes;
	step_put(s, TABLE_LOG_HEAD, &k, &r);
}

void engine_step_end(struct step *s)
{
	for (uint32_t i = 0; i < s->heads_len; i++) {
		head_put(s, &s->heads[i]);
	}
	s->heads_len = 0;
}

/** A head that stays in the step for its next entry. */
static struct step_head *head_add(struct step *s, const char *log)
{
	if (s->heads_len == STEP_HEADS_MAX) {
		head_put(s, &s->heads[--s->heads_len]);
	}
	struct step_head *h = &s->heads[s->heads_len++];
	*h = (struct step_head){ .sequence = 0 };
	name_copy(h->log, log);
	return h;
}

/** NULL when no more logs may begin. */
static struct step_head *head_of(struct step *s, const char *log)
{
	const struct incarnation *inc = &s->engine->inc;
	struct key k = key_of_str(log);

	for (uint32_t i = 0; i < s->heads_len; i++) {
		if (strcmp(s->heads[i].log, log) == 0) {
			return &s->heads[i];
		}
	}
	PB(LogHeadRecord) *r =
		step_get(s, TABLE_LOG_HEAD, &k, &schakel__v1__log_head_record__descriptor);
	if (r == NULL && !engine_has_place(s->engine, s->heads_made++)) {
		return NULL;
	}
	struct step_head *h = head_add(s, log);
	if (r != NULL && r->incarnation == inc->number && r->nonce == inc->nonce) {
		h->sequence = r->sequence;
		h->bytes = r->bytes;
	}
	return h;
}

void step_emit(struct step *s, const char *to, PB(Message) *m)
{
	uint8_t id[16];

	SK_ASSERT(s->emitted++ < s->emits_max);
	struct step_head *head = head_of(s, to);
	if (head == NULL) {
		s->txn->err = s->txn->err == SK_OK ? SK_ENOMEM : s->txn->err;
		return;
	}
	struct object_id made = step_new_id(s);
	memcpy(id, made.b, sizeof(id));
	m->id = (ProtobufCBinaryData){ sizeof(id), id };
	m->time_ms = s->now_ms;
	m->role = SCHAKEL__V1__ROLE__ROLE_DAEMON;
	m->causation = s->cause;
	size_t len = wire_message_size(m);
	uint8_t *buf = len > REPLY_BYTES_MAX ? NULL : step_alloc(s, len + 1);
	struct slice val = { buf, buf == NULL ? 0 : wire_message_pack(m, buf) };
	m->id = (ProtobufCBinaryData){ 0 }; /* the bytes end with this call */
	m->causation = (ProtobufCBinaryData){ 0 };
	if (buf == NULL) {
		/* One that fits no frame: what asks for it is not done, or set aside. */
		s->txn->err = s->txn->err == SK_OK ? SK_ENOMEM : s->txn->err;
		return;
	}
	head->sequence++;
	head->bytes += len;
	struct key k = log_key(to, s->engine->inc.number, head->sequence);
	store_put(s->txn, TABLE_LOG, &k, val);
}

void step_event(struct step *s, PB(Event) *e)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(EVENT);
	m.event = e;
	step_emit(s, EVENTS_LOG, &m);
}

/* --- timers --- */

struct key due_key(uint64_t due_ms, uint8_t kind, const struct object_id *id, uint32_t extra)
{
	static const struct object_id none;
	struct key k = { 0 };

	key_u64(&k, due_ms);
	key_u8(&k, kind);
	key_id(&k, id == NULL ? &none : id);
	key_u32(&k, extra);
	return k;
}

void step_due(struct step *s, uint64_t due_ms, uint8_t kind, const struct object_id *id,
	      uint32_t extra)
{
	struct key k = due_key(due_ms, kind, id, extra);

	step_mark(s, TABLE_DUE, &k);
}

void step_undue(struct step *s, uint64_t due_ms, uint8_t kind, const struct object_id *id,
		uint32_t extra)
{
	struct key k = due_key(due_ms, kind, id, extra);

	step_del(s, TABLE_DUE, &k);
}

/* --- configuration --- */

uint64_t step_setting(const struct step *s, enum setting which)
{
	return config_setting(s->conf, which);
}

const PB(Zone) *step_zone(const struct step *s, const char *id)
{
	return config_zone(s->conf, id);
}

const PB(Party) *step_party(const struct step *s, const char *id)
{
	return config_party(s->conf, id);
}

const PB(ExpertiseCode) *step_expertise(const struct step *s, uint32_t number)
{
	return config_expertise(s->conf, number);
}

const PB(ConfigApplied) *step_config(const struct step *s)
{
	return config_message(s->conf);
}

bool step_party_has_role(const struct step *s, const char *party, PB(Role) role)
{
	const PB(Party) *p = config_party(s->conf, party);

	for (size_t i = 0; p != NULL && i < p->n_roles; i++) {
		if (p->roles[i] == role) {
			return true;
		}
	}
	return false;
}

PB(RequestFact) *step_request_shown(struct step *s, const PB(RequestFact) *of)
{
	PB(RequestFact) *f = step_alloc(s, sizeof(*f));
	PB(ChildFact) *child = step_alloc(s, (of->n_children + 1) * sizeof(*child));
	PB(ChildFact) **list = step_alloc(s, (of->n_children + 1) * sizeof(*list));

	if (f == NULL || child == NULL || list == NULL) {
		return NULL;
	}
	*f = *of;
	f->children = list;
	for (size_t i = 0; i < of->n_children; i++) {
		child[i] = *of->children[i];
		child[i].n_known_workers = 0;
		child[i].n_known_partners = 0;
		child[i].n_sibling_partners = 0;
		list[i] = &child[i];
	}
	return f;
}
