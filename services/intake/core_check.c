/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <string.h>

#include "services/intake/core_inner.h"

#define FIELD_LEN_MAX 64

/** The name of a field of one element: "needs[2].expertise". */
struct field {
	char s[FIELD_LEN_MAX];
};

static struct field field_of(const char *path, size_t i, const char *name)
{
	struct field f;

	(void)snprintf(f.s, sizeof(f.s), "%s[%zu]%s%s", path, i, name[0] == '\0' ? "" : ".", name);
	return f;
}

/* Enumerators are in range: the engine looked at the bytes. */
int check_given(struct step *s, int value, const char *field)
{
	return value != 0 ? SK_OK : step_refuse(s, REFUSAL(MISSING), "%s", field);
}

int check_zone(struct step *s, const char *zone)
{
	if (zone[0] == '\0') {
		return step_refuse(s, REFUSAL(MISSING), "zone");
	}
	if (!name_is_valid(zone) || step_zone(s, zone) == NULL) {
		return step_refuse(s, REFUSAL(UNKNOWN_CODE), "zone");
	}
	return SK_OK;
}

static int check_need(struct step *s, const PB(NeedSpec) *n, const char *path, size_t i)
{
	if (n->expertise == 0) {
		return step_refuse(s, REFUSAL(MISSING), "%s", field_of(path, i, "expertise").s);
	}
	if (step_expertise(s, n->expertise) == NULL) {
		return step_refuse(s, REFUSAL(UNKNOWN_CODE), "%s",
				   field_of(path, i, "expertise").s);
	}
	if (n->intensity == 0 || n->intensity > INTENSITY_MAX) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "%s",
				   field_of(path, i, "intensity").s);
	}
	if (n->duration_weeks == 0 || n->duration_weeks > DURATION_WEEKS_MAX) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "%s",
				   field_of(path, i, "duration_weeks").s);
	}
	return SK_OK;
}

int check_needs(struct step *s, PB(NeedSpec) *const *needs, size_t len, const char *path,
		size_t children)
{
	if (len > NEEDS_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "%s", path);
	}
	for (size_t i = 0; i < len; i++) {
		int err = check_need(s, needs[i], path, i);
		if (err != SK_OK) {
			return err;
		}
		if (needs[i]->child >= children) {
			return step_refuse(s, REFUSAL(OUT_OF_RANGE), "%s",
					   field_of(path, i, "child").s);
		}
	}
	return SK_OK;
}

int check_children(struct step *s, PB(Child) *const *children, size_t len)
{
	if (len > CHILDREN_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "children");
	}
	for (size_t i = 0; i < len; i++) {
		const PB(Child) *c = children[i];
		if (c->age_years > AGE_MAX) {
			return step_refuse(s, REFUSAL(OUT_OF_RANGE), "children[%zu].age_years", i);
		}
		if (c->judged_capable && c->judged_incapable) {
			return step_refuse(s, REFUSAL(CONTRADICTS),
					   "children[%zu].judged_incapable", i);
		}
		if (c->person_id.len != 0 && c->person_id.len != OBJECT_ID_LEN) {
			return step_refuse(s, REFUSAL(MALFORMED), "children[%zu].person_id", i);
		}
	}
	return SK_OK;
}

int check_adults(struct step *s, PB(Adult) *const *adults, size_t len)
{
	uint32_t seen = 0;

	if (len > ADULTS_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "adults");
	}
	for (size_t i = 0; i < len; i++) {
		uint32_t number = adults[i]->number;
		if (number == 0 || number > ADULTS_MAX) {
			return step_refuse(s, REFUSAL(OUT_OF_RANGE), "adults[%zu].number", i);
		}
		if ((seen & 1U << number) != 0) {
			return step_refuse(s, REFUSAL(CONTRADICTS), "adults[%zu].number", i);
		}
		seen |= 1U << number;
	}
	return SK_OK;
}

int check_capsule(struct step *s, const PB(Capsule) *c, const char *path)
{
	if (c->person_id.len != OBJECT_ID_LEN) {
		return step_refuse(s, REFUSAL(MALFORMED), "%s.person_id", path);
	}
	if (c->version == 0) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "%s.version", path);
	}
	if (c->capsule.len < CAPSULE_BYTES_MIN || c->capsule.len > CAPSULE_BYTES_MAX) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "%s.capsule", path);
	}
	if (c->sealed_key.len != SEALED_KEY_BYTES) {
		return step_refuse(s, REFUSAL(MALFORMED), "%s.sealed_key", path);
	}
	return SK_OK;
}

/* A story is told once and corrected in a later version; one message cannot say both. */
static bool capsule_repeats(PB(Capsule) *const *capsules, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (data_equal(&capsules[i]->person_id, &capsules[j]->person_id) &&
		    capsules[i]->version <= capsules[j]->version) {
			return true;
		}
	}
	return false;
}

int check_capsules(struct step *s, PB(Capsule) *const *capsules, size_t len)
{
	if (len > CAPSULES_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "capsules");
	}
	for (size_t i = 0; i < len; i++) {
		int err = check_capsule(s, capsules[i], field_of("capsules", i, "").s);
		if (err != SK_OK) {
			return err;
		}
		if (capsule_repeats(capsules, i)) {
			return step_refuse(s, REFUSAL(CONTRADICTS), "capsules[%zu].version", i);
		}
	}
	return SK_OK;
}

int check_partners(struct step *s, char *const *partners, size_t len, const char *path)
{
	if (len > PARTNERS_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "%s", path);
	}
	for (size_t i = 0; i < len; i++) {
		if (!name_is_valid(partners[i]) || step_party(s, partners[i]) == NULL) {
			return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "%s",
					   field_of(path, i, "").s);
		}
	}
	return SK_OK;
}

const char *organisation_of(struct step *s, const char *party)
{
	const PB(Party) *p = step_party(s, party);

	return p == NULL || p->organisation[0] == '\0' ? party : p->organisation;
}

static int check_crisis(struct step *s, const struct urgency_words *w)
{
	if ((s->from.roles & ROLE_BIT(CONTACT_POINT)) == 0) {
		return step_refuse(s, REFUSAL(UNAUTHORISED), "urgency");
	}
	int err = check_given(s, (int)w->step, "crisis_step");
	if (err != SK_OK) {
		return err;
	}
	return check_given(s, (int)w->reason, "reason");
}

static int check_second(struct step *s, const char *second)
{
	bool known = second[0] != '\0' && name_is_valid(second) && step_party(s, second) != NULL;

	if (!known || strcmp(organisation_of(s, second), organisation_of(s, s->from.id)) == 0) {
		return step_refuse(s, REFUSAL(SECOND_PARTY), "second_party");
	}
	return SK_OK;
}

int check_urgency(struct step *s, const struct urgency_words *w)
{
	int err = check_given(s, (int)w->urgency, "urgency");

	if (err != SK_OK) {
		return err;
	}
	if (w->urgency == URGENCY(CRISIS)) {
		return check_crisis(s, w);
	}
	if (w->step != 0) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "crisis_step");
	}
	if (w->reason != 0) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "reason");
	}
	return w->urgency == URGENCY(URGENT) ? check_second(s, w->second_party) : SK_OK;
}

static bool is_holder(const struct req *q, const char *party)
{
	for (size_t i = 0; i < q->r->n_holders; i++) {
		if (strcmp(q->holder[i].party, party) == 0) {
			return true;
		}
	}
	return false;
}

bool may_act(const struct step *s, const struct req *q)
{
	const char *from = s->from.id;

	return (s->from.roles & ROLE_BIT(FAMILY)) != 0 || strcmp(q->r->requester, from) == 0 ||
	       strcmp(q->r->contact_party, from) == 0 || strcmp(q->r->stand_in_party, from) == 0 ||
	       is_holder(q, from);
}

int refuse_not_yours(struct step *s, const char *field)
{
	return step_refuse(s, REFUSAL(NOT_YOURS), "%s", field);
}

int refuse_state(struct step *s, const struct req *q, const PB(NeedRecord) *n, const char *field)
{
	PB(Event) *now = step_alloc(s, sizeof(*now));

	if (now == NULL) {
		return s->txn->err;
	}
	*now = n == NULL ? event_request(q) : event_need(q, n);
	s->out->holds_now = now;
	return step_refuse(s, REFUSAL(STATE), "%s", field);
}
