/* SPDX-License-Identifier: EUPL-1.2 */
/* Who may say for a family that help is not wanted. Who gives help, or is asked for it, gains by
 * that: after its promise it could drop a child in the family's name (DOMAIN 4). Such a house says
 * it with somebody beside it who gives nothing here. */
#include <string.h>

#include "services/intake/core_inner.h"

static bool same_house(struct step *s, const char *a, const char *b)
{
	return strcmp(organisation_of(s, a), organisation_of(s, b)) == 0;
}

/* Who publishes a pool together gives its help together. */
static bool house_gives(struct step *s, const PB(ContributionChanged) *c, const char *party)
{
	bool gives = same_house(s, c->partner, party);

	for (size_t i = 0; c->hold != NULL && i < c->hold->n_joint_partners; i++) {
		gives = gives || same_house(s, c->hold->joint_partners[i], party);
	}
	return gives;
}

bool house_helps(struct step *s, struct req *q, const char *party)
{
	req_live(s, q);
	for (size_t i = 0; i < q->live_len; i++) {
		if (house_gives(s, q->live[i]->last, party)) {
			return true;
		}
	}
	return false;
}

static bool speaks_alone(struct step *s, struct req *q)
{
	const char *from = s->from.id;
	bool told = (s->from.roles & ROLE_BIT(CONTACT_POINT)) != 0 ||
		    strcmp(q->r->requester, from) == 0 || strcmp(q->r->contact_party, from) == 0 ||
		    strcmp(q->r->stand_in_party, from) == 0;

	return (s->from.roles & ROLE_BIT(FAMILY)) != 0 || (told && !house_helps(s, q, from));
}

int check_for_family(struct step *s, struct req *q, const char *second)
{
	if (second[0] == '\0' && speaks_alone(s, q)) {
		return s->txn->err;
	}
	int err = check_second(s, second);
	if (err == SK_OK && house_helps(s, q, second)) {
		err = step_refuse(s, REFUSAL(SECOND_PARTY), "second_party");
	}
	return err;
}

int check_no_said(struct step *s, struct req *q, const PB(RecordPosition) *m)
{
	bool promised = false;

	req_live(s, q);
	for (size_t i = 0; i < q->live_len; i++) {
		promised = promised || q->live[i]->last->state == CONTRIB(AGREED);
	}
	bool ends = m->voice == VOICE(NOT) && promised && house_helps(s, q, s->from.id) &&
		    (s->from.roles & ROLE_BIT(FAMILY)) == 0;
	return ends || m->second_party[0] != '\0' ? check_for_family(s, q, m->second_party) :
						    s->txn->err;
}
