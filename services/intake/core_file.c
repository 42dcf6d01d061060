/* SPDX-License-Identifier: EUPL-1.2 */
/* "Alles wat over mij bewaard wordt" (L10): asked, which is logged, and then given at once. Each
 * partner's answer is given as that partner's words about itself. What is kept back is named with
 * one of four grounds and never shown; somebody else's own story is so by rule. */
#include <string.h>

#include "services/intake/core_inner.h"

/* --- asking --- */

static bool is_contact(const struct step *s, const struct req *q)
{
	return strcmp(q->r->contact_party, s->from.id) == 0 ||
	       strcmp(q->r->stand_in_party, s->from.id) == 0;
}

/* The person itself over the family's channel, or the contact person beside it. A trusted person
 * comes by the contact person: who reads what is kept from the child is known by name. */
int file_reader_check(struct step *s, const struct req *q, PB(Speaker) speaker)
{
	bool family = (s->from.roles & ROLE_BIT(FAMILY)) != 0;

	if (!family && !is_contact(s, q)) {
		return refuse_not_yours(s, "request_id");
	}
	if (speaker == SPEAKER(TRUSTED_PERSON) && family) {
		return refuse_not_yours(s, "speaker");
	}
	return SK_OK;
}

static bool same_reader(const struct step *s, const PB(LookView) *l, const struct person *who)
{
	return l->speaker == who->speaker && l->adult == who->adult && l->child == who->child &&
	       strcmp(l->party, s->from.id) == 0;
}

/* When this reader asked last, and how many times anybody did. */
uint64_t file_looked_ms(struct step *s, const struct req *q, const struct person *who,
			size_t *ret_looks)
{
	struct store_iter walk;
	struct key prefix = key_of_id(&q->id);
	struct key at;
	struct slice val;
	uint64_t last_ms = 0;

	*ret_looks = 0;
	store_iter_init(&walk, s->txn, TABLE_LOOK, &prefix);
	while (store_next(&walk, &at, &val)) {
		const PB(LookView) *l = step_unpack(s, val, TYPE(look_view));
		if (l == NULL) {
			break;
		}
		++*ret_looks;
		last_ms = same_reader(s, l, who) ? l->at_ms : last_ms;
	}
	store_iter_done(&walk);
	return last_ms;
}

/* The oldest gives way: nobody is shut out of the own file by how often others look. */
static void look_drop(struct step *s, const struct req *q)
{
	struct store_iter walk;
	struct key prefix = key_of_id(&q->id);
	struct key at;
	struct slice val;

	store_iter_init(&walk, s->txn, TABLE_LOOK, &prefix);
	bool any = store_next(&walk, &at, &val);
	store_iter_done(&walk);
	if (any) {
		step_del(s, TABLE_LOOK, &at);
	}
}

static void look_put(struct step *s, struct req *q, const struct person *who)
{
	PB(LookView) l = PB_INIT(LOOK_VIEW);
	PB(Event) e = event_of(q, EVENT(FILE));
	struct key k = key_of_id(&q->id);

	l.party = s->from.id;
	l.speaker = who->speaker;
	l.adult = who->adult;
	l.child = who->child;
	l.at_ms = s->now_ms;
	l.request_id = q->r->request_id;
	key_u64(&k, l.at_ms);
	key_u8(&k, (uint8_t)l.speaker);
	key_u8(&k, (uint8_t)l.adult);
	key_u8(&k, (uint8_t)l.child);
	key_str(&k, l.party);
	step_put(s, TABLE_LOOK, &k, &l);
	e.party = s->from.id;
	e.child = who->child;
	say(s, q, e);
}

int on_ask_file(struct step *s, const PB(Message) *in)
{
	const PB(AskFile) *m = in->ask_file;
	struct person who = { .speaker = m->speaker, .adult = m->adult, .child = m->child };
	struct req q;
	size_t looks;
	int err = req_open(s, &m->request_id, "request_id", &q);

	if (err == SK_OK) {
		err = file_reader_check(s, &q, m->speaker);
	}
	if (err == SK_OK) {
		err = check_given(s, (int)m->speaker, "speaker");
	}
	if (err == SK_OK) {
		err = person_open(s, &q, &who);
	}
	if (err != SK_OK) {
		return err;
	}
	uint64_t last_ms = file_looked_ms(s, &q, &who, &looks);
	/* Asked twice on one day is one look. */
	if (last_ms == 0 || civil_end_of_day(last_ms) < s->now_ms) {
		if (looks >= LOOKS_KEPT_MAX) {
			look_drop(s, &q);
		}
		look_put(s, &q, &who);
	}
	step_result(s, &q.id, q.r->version);
	return s->txn->err;
}

/* --- keeping back --- */

struct key key_of_told(const struct req *q, const ProtobufCBinaryData *person, uint32_t version)
{
	struct key k = key_of_id(&q->id);

	key_bytes(&k, person->data, person->len);
	key_u32(&k, version);
	return k;
}

/* What came over the family's channel is the family's own words: nobody keeps those back. */
static bool own_words(const struct step *s, const PB(CapsuleRecord) *told)
{
	const PB(Party) *party = step_party(s, told->party);

	for (size_t i = 0; party != NULL && i < party->n_roles; i++) {
		if (party->roles[i] == SCHAKEL__V1__ROLE__ROLE_FAMILY) {
			return true;
		}
	}
	return false;
}

static int check_keep(struct step *s, const struct req *q, const PB(KeepBack) *m)
{
	bool family = (s->from.roles & ROLE_BIT(FAMILY)) != 0;

	if (family || !may_act(s, q)) {
		return refuse_not_yours(s, "request_id");
	}
	if (m->person_id.len != OBJECT_ID_LEN) {
		return step_refuse(s, REFUSAL(MISSING), "person_id");
	}
	int err = check_given(s, (int)m->ground, "ground");
	if (err != SK_OK) {
		return err;
	}
	struct key k = key_of_told(q, &m->person_id, m->version);
	const PB(CapsuleRecord) *told = step_get(s, TABLE_CAPSULE, &k, TYPE(capsule_record));
	if (told == NULL) {
		return s->txn->err != SK_OK ? s->txn->err :
					      step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "version");
	}
	if (!m->lifted && own_words(s, told)) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "version");
	}
	return SK_OK;
}

/* A holder or the contact person; on one of the four grounds, and logged with it. */
int on_keep_back(struct step *s, const PB(Message) *in)
{
	const PB(KeepBack) *m = in->keep_back;
	PB(KeptBackView) mark = PB_INIT(KEPT_BACK_VIEW);
	PB(KeptBackRecord) rec = PB_INIT(KEPT_BACK_RECORD);
	struct req q;
	int err = req_open(s, &m->request_id, "request_id", &q);

	if (err == SK_OK) {
		err = check_keep(s, &q, m);
	}
	if (err != SK_OK) {
		return err;
	}
	struct key k = key_of_told(&q, &m->person_id, m->version);
	mark.person_id = m->person_id;
	mark.version = m->version;
	mark.ground = m->ground;
	mark.party = s->from.id;
	mark.at_ms = s->now_ms;
	rec.mark = &mark;
	rec.lifted = m->lifted;
	step_put(s, TABLE_KEPT_BACK, &k, &rec);
	PB(Event) e = event_of(&q, EVENT(FILE));
	e.party = s->from.id;
	e.kept_back = m->ground;
	e.ended = m->lifted;
	say(s, &q, e);
	step_result(s, &q.id, q.r->version);
	return s->txn->err;
}

PB(KeptBackRecord) *file_mark(struct step *s, const struct req *q,
			      const ProtobufCBinaryData *person, uint32_t version)
{
	struct key k = key_of_told(q, person, version);

	return step_get(s, TABLE_KEPT_BACK, &k, TYPE(kept_back_record));
}
