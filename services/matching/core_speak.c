/* SPDX-License-Identifier: EUPL-1.2 */
/* Who speaks for a family about help: its own channel, or who carries its request. A house that
 * helps in the request, or is asked to, gains by an end that it says itself; it says it with
 * somebody of another house beside it who does not help there (A11, DOMAIN 4). */
#include "services/matching/core_int.h"

bool speaks_for_family(struct work *w, const PB(MatchContributionRecord) *c)
{
	const struct party *from = &w->s->from;
	struct object_id request = id_of(&c->request_id);
	const PB(MatchRequestRecord) *r = request_get(w, &request);

	if ((from->roles & (ROLE_BIT(FAMILY) | ROLE_BIT(CONTACT_POINT))) != 0) {
		return true;
	}
	if (r == NULL) {
		return false;
	}
	const PB(Zone) *zone = step_zone(w->s, r->request->zone);
	return strcmp(r->request->requester, from->id) == 0 ||
	       strcmp(r->request->contact_party, from->id) == 0 ||
	       strcmp(r->request->stand_in_party, from->id) == 0 ||
	       (zone != NULL && (strcmp(zone->contact_party, from->id) == 0 ||
				 strcmp(zone->stand_in_party, from->id) == 0));
}

static const char *house_of(const struct step *s, const char *party)
{
	const PB(Party) *p = step_party(s, party);

	return p == NULL || p->organisation[0] == '\0' ? party : p->organisation;
}

static bool gives(const struct step *s, const PB(MatchContributionRecord) *c, const char *house)
{
	bool is = strcmp(house_of(s, c->partner), house) == 0;

	for (size_t i = 0; i < c->n_joint_partners; i++) {
		is = is || strcmp(house_of(s, c->joint_partners[i]), house) == 0;
	}
	return is;
}

static bool house_helps(struct work *w, const struct object_id *request, const char *house)
{
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	size_t len = needs_of(w, request, needs);
	bool helps = false;

	for (size_t i = 0; i < len; i++) {
		PB(MatchContributionRecord) *live[LIVE_MAX];
		struct object_id need = id_of(&needs[i]->need->need_id);
		size_t lives = live_of(w, &need, live);
		for (size_t k = 0; k < lives; k++) {
			helps = helps || gives(w->s, live[k], house);
		}
	}
	return helps;
}

int check_stop_said(struct work *w, const PB(MatchContributionRecord) *c, const char *second)
{
	struct step *s = w->s;
	const char *own = house_of(s, s->from.id);
	struct object_id request = id_of(&c->request_id);
	bool alone = (s->from.roles & ROLE_BIT(FAMILY)) != 0 ||
		     (!house_helps(w, &request, own) && !gives(s, c, own));

	if (second[0] == '\0' && alone) {
		return work_err(w);
	}
	bool known = second[0] != '\0' && name_is_valid(second) && step_party(s, second) != NULL;
	const char *other = known ? house_of(s, second) : own;
	bool apart = strcmp(other, own) != 0 && !gives(s, c, other) &&
		     !house_helps(w, &request, other);
	return apart ? work_err(w) : step_refuse(s, REFUSE(SECOND_PARTY), "second_party");
}
