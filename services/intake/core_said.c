/* SPDX-License-Identifier: EUPL-1.2 */
/* What goals, own contributions, diagnostic references and the rest have in common: who may say
 * something, and the sealed words beside it. */
#include <string.h>

#include "services/intake/core_figure.h"

struct key key_of_part(const struct object_id *request, uint32_t number)
{
	return key_of_need(request, number);
}

int said_open(struct step *s, const ProtobufCBinaryData *id, struct req *ret_q)
{
	int err = req_open(s, id, "request_id", ret_q);

	if (err != SK_OK) {
		return err;
	}
	if (!may_act(s, ret_q)) {
		return refuse_not_yours(s, "request_id");
	}
	return ret_q->r->open ? SK_OK : refuse_state(s, ret_q, NULL, "request_id");
}

bool family_speaks(const struct step *s, const struct req *q)
{
	return (s->from.roles & ROLE_BIT(FAMILY)) != 0 ||
	       strcmp(q->r->contact_party, s->from.id) == 0 ||
	       strcmp(q->r->stand_in_party, s->from.id) == 0;
}

int said_party(struct step *s, const char *party, const char *field)
{
	bool known = party[0] == '\0' || (name_is_valid(party) && step_party(s, party) != NULL);

	return known ? SK_OK : step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "%s", field);
}

/* A consult may name no child: then all is about the one that it is about. */
int said_child(struct step *s, const struct req *q, uint32_t child)
{
	bool known = child == 0 || child < q->r->n_children;

	return known ? SK_OK : step_refuse(s, REFUSAL(OUT_OF_RANGE), "child");
}

int said_capsules(struct step *s, const struct req *q, PB(Capsule) *const *capsules, size_t len)
{
	int err = check_capsules(s, capsules, len);

	if (err != SK_OK) {
		return err;
	}
	if (stories_len(q) + len > STORIES_KEPT_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "capsules");
	}
	for (size_t i = 0; i < len; i++) {
		const PB(Capsule) *c = capsules[i];
		if (!capsule_follows(s, q, c)) {
			return step_refuse(s, REFUSAL(OUT_OF_RANGE), "capsules[%zu].version", i);
		}
	}
	return SK_OK;
}

int said_words(struct step *s, const struct req *q, PB(Capsule) *words, const char *field)
{
	if (words == NULL) {
		return SK_OK;
	}
	int err = check_capsule(s, words, field);
	if (err != SK_OK) {
		return err;
	}
	if (q->r->words_len >= WORDS_KEPT_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "%s", field);
	}
	if (!capsule_follows(s, q, words)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "%s.version", field);
	}
	return SK_OK;
}

/* Sealed words go to the family and to who holds the request now, but for volunteers and bridge
 * persons; to nobody else. */
static bool may_read(const struct step *s, const struct req *q)
{
	return (s->from.roles & ROLE_BIT(FAMILY)) != 0 || holder_reads(q, s->from.id);
}

PB(Capsule) *said_find(struct step *s, const struct req *q, const ProtobufCBinaryData *person,
		       uint32_t version)
{
	struct key k = key_of_id(&q->id);

	if (person->len == 0 || !may_read(s, q)) {
		return NULL;
	}
	key_bytes(&k, person->data, person->len);
	key_u32(&k, version);
	PB(CapsuleRecord) *c = step_get(s, TABLE_CAPSULE, &k, TYPE(capsule_record));
	return c == NULL ? NULL : c->capsule;
}

static bool is_adults(const struct req *q, const ProtobufCBinaryData *person)
{
	for (size_t i = 0; i < q->r->n_adults; i++) {
		if (data_equal(&q->r->adults[i]->person_id, person)) {
			return true;
		}
	}
	return false;
}

/* Whether this party has told something of this request before, and whether anybody has. */
static void tellers(struct step *s, const struct req *q, bool *ret_any, bool *ret_self)
{
	struct store_iter it;
	struct key prefix = key_of_id(&q->id);
	struct key at;
	struct slice val;

	store_iter_init(&it, s->txn, TABLE_CAPSULE, &prefix);
	while (store_next(&it, &at, &val)) {
		const PB(CapsuleRecord) *c = step_unpack(s, val, TYPE(capsule_record));
		if (c == NULL) {
			break;
		}
		*ret_any = true;
		*ret_self = *ret_self || strcmp(c->party, s->from.id) == 0;
	}
	store_iter_done(&it);
}

/* A correction has the person that was told of, an adult's own words are its own story, and the
 * family's own version is its right: none of these makes somebody tell it all again. */
void retold_count(struct step *s, struct req *q, PB(Capsule) *const *capsules, size_t len)
{
	bool any = false;
	bool self = (s->from.roles & ROLE_BIT(FAMILY)) != 0;

	tellers(s, q, &any, &self);
	for (size_t i = 0; any && !self && i < len; i++) {
		bool anew = capsules[i]->version == 1 && !is_adults(q, &capsules[i]->person_id);
		q->warm_changed = q->warm_changed || anew;
		if (anew) {
			retelling_count(s, q);
		}
	}
}
