/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <string.h>

#include "services/intake/core_inner.h"

#define FIELD_LEN_MAX 64
#define STAY_DAYS 14      /* bits of two weeks */
#define BORN_MIN 19000101 /* a shorter number would be a month */

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

static bool adult_told(const struct people *p, uint32_t number)
{
	for (size_t i = 0; i < p->adults_len; i++) {
		if (p->adults[i]->number == number) {
			return true;
		}
	}
	return false;
}

static int check_stays(struct step *s, const struct people *p, size_t i)
{
	const PB(Child) *c = p->children[i];

	if (c->n_stays > STAYS_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "children[%zu].stays", i);
	}
	for (size_t k = 0; k < c->n_stays; k++) {
		const PB(Stay) *stay = c->stays[k];
		if (stay->zone[0] != '\0' &&
		    (!name_is_valid(stay->zone) || step_zone(s, stay->zone) == NULL)) {
			return step_refuse(s, REFUSAL(UNKNOWN_CODE),
					   "children[%zu].stays[%zu].zone", i, k);
		}
		if (stay->days >= 1U << STAY_DAYS) {
			return step_refuse(s, REFUSAL(OUT_OF_RANGE),
					   "children[%zu].stays[%zu].days", i, k);
		}
		if (stay->adult != 0 && !adult_told(p, stay->adult)) {
			return step_refuse(s, REFUSAL(UNKNOWN_OBJECT),
					   "children[%zu].stays[%zu].adult", i, k);
		}
	}
	return SK_OK;
}

/* Told twice, the age and the day of birth say the same. */
static int check_age(struct step *s, const PB(Child) *c, size_t i)
{
	unsigned years;

	if (c->age_years > AGE_MAX) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "children[%zu].age_years", i);
	}
	if (c->born == 0) {
		return SK_OK;
	}
	if (c->born < BORN_MIN || civil_age_years(c->born, s->now_ms, &years) != SK_OK ||
	    years > AGE_MAX) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "children[%zu].born", i);
	}
	if (c->age_years != 0 && c->age_years != years) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "children[%zu].age_years", i);
	}
	return SK_OK;
}

/* Only one of them, a court or a danger that is named parts children of one request (DOMAIN 7). */
static int check_apart(struct step *s, const PB(Child) *c, size_t i)
{
	if (c->apart == APART(DANGER) && c->apart_danger == 0) {
		return step_refuse(s, REFUSAL(MISSING), "children[%zu].apart_danger", i);
	}
	if (c->apart != APART(DANGER) && c->apart_danger != 0) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "children[%zu].apart_danger", i);
	}
	return SK_OK;
}

static int check_child(struct step *s, const struct people *p, size_t i)
{
	const PB(Child) *c = p->children[i];
	int err = check_age(s, c, i);

	if (err != SK_OK) {
		return err;
	}
	if (c->judged_capable && c->judged_incapable) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "children[%zu].judged_incapable", i);
	}
	if (c->person_id.len != 0 && c->person_id.len != OBJECT_ID_LEN) {
		return step_refuse(s, REFUSAL(MALFORMED), "children[%zu].person_id", i);
	}
	err = check_stays(s, p, i);
	return err == SK_OK ? check_apart(s, c, i) : err;
}

int check_children(struct step *s, const struct people *p)
{
	if (p->children_len > CHILDREN_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "children");
	}
	for (size_t i = 0; i < p->children_len; i++) {
		int err = check_child(s, p, i);
		if (err != SK_OK) {
			return err;
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
		if (adults[i]->person_id.len != 0 && adults[i]->person_id.len != OBJECT_ID_LEN) {
			return step_refuse(s, REFUSAL(MALFORMED), "adults[%zu].person_id", i);
		}
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

int check_second(struct step *s, const char *second)
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

bool holder_reads(const struct req *q, const char *party)
{
	for (size_t i = 0; i < q->r->n_holders; i++) {
		if (strcmp(q->holder[i].party, party) == 0 && q->holder[i].reads) {
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
	       holder_reads(q, from);
}

bool may_witness(const struct step *s, const struct req *q)
{
	if ((s->from.roles & ROLE_BIT(FAMILY)) != 0) {
		return false;
	}
	return (s->from.roles & ROLE_BIT(CONTACT_POINT)) != 0 || may_act(s, q);
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
