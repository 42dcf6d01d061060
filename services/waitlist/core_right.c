/* SPDX-License-Identifier: EUPL-1.2 */
/* Who may see, note and judge. Deny by default: what is not said here is not allowed. */
#include <string.h>

#include "services/waitlist/core_entry.h"

bool wait_sees_all(const struct step *s)
{
	return (s->from.roles & (ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR))) != 0;
}

static bool is(const char *party, const char *other)
{
	return party[0] != '\0' && strcmp(party, other) == 0;
}

static bool wait_is_duty(const struct step *s, const char *zone_id, const char *party)
{
	const PB(Zone) *zone = step_zone(s, zone_id);

	return zone != NULL && (is(zone->contact_party, party) || is(zone->stand_in_party, party) ||
				is(zone->network_party, party));
}

bool wait_is_contact(const PB(RequestFact) *request, const char *party)
{
	return is(request->contact_party, party) || is(request->stand_in_party, party);
}

/* A requester sees its own, the contact person and its stand-in their families, who has duty its
 * zone. */
bool wait_sees(const struct step *s, const PB(RequestFact) *request)
{
	return wait_sees_all(s) || strcmp(request->requester, s->from.id) == 0 ||
	       wait_is_contact(request, s->from.id) || wait_is_duty(s, request->zone, s->from.id);
}

/* What a child keeps to itself stands in the lawful order while it waits; beside that it is for the
 * contact person and stand-in. */
bool wait_shows(const struct step *s, const PB(RequestFact) *request, const struct entry *e)
{
	bool family = (s->from.roles & ROLE_BIT(FAMILY)) != 0;
	bool listed = wait_sees_all(s) && e->rec->state == WAIT(WAITING);

	return !e->rec->need->shielded ||
	       (!family && (listed || wait_is_contact(request, s->from.id)));
}

static bool serves_zone(const struct step *s, const char *party_id, const char *zone)
{
	const PB(Party) *party = step_party(s, party_id);

	for (size_t i = 0; party != NULL && i < party->n_zones; i++) {
		if (strcmp(party->zones[i], zone) == 0) {
			return true;
		}
	}
	return false;
}

/* Who sees it, and who serves the zone. Others learn nothing, not even that the entry exists. */
bool wait_may_note(const struct step *s, const PB(RequestFact) *request)
{
	return wait_sees(s, request) || serves_zone(s, s->from.id, request->zone);
}

static const char *house_of(const struct step *s, const char *party_id)
{
	const PB(Party) *party = step_party(s, party_id);

	return party == NULL || party->organisation[0] == '\0' ? party_id : party->organisation;
}

bool wait_same_house(const struct step *s, const char *a, const char *b)
{
	return a[0] != '\0' && b[0] != '\0' && strcmp(house_of(s, a), house_of(s, b)) == 0;
}

static bool same_house_as_any(const struct step *s, const char *party, char *const *list,
			      size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (wait_same_house(s, party, list[i])) {
			return true;
		}
	}
	return false;
}

bool wait_may_come_back(PB(ContributionState) state)
{
	return state == HELP(INTERRUPTED) || state == HELP(STARTED) || state == HELP(HANDING_ON);
}

static bool counts(const PB(WaitContributionRecord) *row, enum wait_helper which)
{
	bool present = wait_may_come_back(row->state);
	bool hoped = row->state == HELP(ASKED) || row->state == HELP(CAN) ||
		     row->state == HELP(CAN_IF) || row->state == HELP(AGREED);

	return which == WAIT_HELPER_PRESENT ? present : hoped;
}

bool wait_house_helps(struct step *s, const struct object_id *need_id, const char *party,
		      enum wait_helper which)
{
	struct key prefix = key_of_id(need_id);
	struct store_iter it;
	struct key k;
	struct slice val;
	bool found = false;

	store_iter_init(&it, s->txn, WAIT_TABLE_CONTRIBUTION, &prefix);
	while (!found && store_next(&it, &k, &val)) {
		const PB(WaitContributionRecord) *row =
			step_unpack(s, val, RECORD(wait_contribution_record));

		if (row == NULL) {
			break;
		}
		found = row->told != NULL && counts(row, which) &&
			wait_same_house(s, row->told->partner, party);
	}
	store_iter_done(&it);
	return found;
}

static bool is_chosen(const struct step *s, const PB(RequestFact) *request, const char *party)
{
	for (size_t i = 0; i < request->n_choices; i++) {
		if (wait_same_house(s, party, request->choices[i]->partner)) {
			return true;
		}
	}
	return same_house_as_any(s, party, request->preferred_partners,
				 request->n_preferred_partners);
}

bool wait_is_provider(struct step *s, const struct entry *e, const PB(RequestFact) *request,
		      const char *party)
{
	const PB(WaitMisplacedRecord) *place = e->rec->place;

	return wait_house_helps(s, &e->id, party, WAIT_HELPER_PRESENT) ||
	       wait_house_helps(s, &e->id, party, WAIT_HELPER_HOPED) ||
	       is_chosen(s, request, party) ||
	       (place != NULL && wait_same_house(s, place->hoped, party));
}

/* DOMAIN 6: days are given by somebody who gains nothing. Who asked and who holds gain a worry
 * less, who helps or hopes to help gains a place. */
bool wait_gains(struct step *s, const struct entry *e, const PB(RequestFact) *request,
		const char *party)
{
	const PB(Zone) *zone = step_zone(s, request->zone);

	if (wait_same_house(s, party, request->requester) ||
	    wait_same_house(s, party, request->contact_party) ||
	    wait_same_house(s, party, request->stand_in_party)) {
		return true;
	}
	if (zone != NULL && (wait_same_house(s, party, zone->network_party) ||
			     wait_same_house(s, party, zone->contact_party) ||
			     wait_same_house(s, party, zone->stand_in_party))) {
		return true;
	}
	return wait_is_provider(s, e, request, party);
}
