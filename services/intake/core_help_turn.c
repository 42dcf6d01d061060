/* SPDX-License-Identifier: EUPL-1.2 */
/* Whose turn it is to come beside somebody: the same for all, and the same at every replay. */
#include <string.h>

#include <xxhash.h>

#include "services/intake/core_help.h"

struct key help_party_key(const char *party, bool asked, const ProtobufCBinaryData *call_id)
{
	struct key k = key_of_str(party);

	key_u8(&k, asked ? 1 : 0);
	key_bytes(&k, call_id->data, call_id->len);
	return k;
}

size_t help_open_calls(struct step *s, const char *party, bool asked)
{
	static const ProtobufCBinaryData none = { 0 };
	struct key prefix = help_party_key(party, asked, &none);
	struct store_iter it;
	struct key at;
	struct slice val;
	size_t len = 0;

	store_iter_init(&it, s->txn, TABLE_PARTY_CALL, &prefix);
	while (len < CALLS_OPEN_MAX && store_next(&it, &at, &val)) {
		len++;
	}
	store_iter_done(&it);
	return len;
}

struct key expertise_key(uint32_t expertise, const char *party)
{
	struct key k = { 0 };

	key_u32(&k, expertise);
	key_str(&k, party);
	return k;
}

void expertise_shown(struct step *s, uint32_t expertise, const char *party)
{
	struct key k = expertise_key(expertise, party);

	step_mark(s, TABLE_SHOWN, &k);
}

static bool knows(struct step *s, uint32_t expertise, const char *party)
{
	struct key k = expertise_key(expertise, party);
	struct slice val;

	return expertise != 0 && store_get(s->txn, TABLE_SHOWN, &k, &val);
}

uint64_t help_term(struct step *s, const PB(HelpCallRecord) *c)
{
	const PB(ConfigApplied) *conf = step_config(s);
	struct civil_office office = { .from_hour = (unsigned)step_setting(s, SETTING_OFFICE_FROM),
				       .to_hour = (unsigned)step_setting(s, SETTING_OFFICE_TO),
				       .closed = conf->holidays,
				       .closed_len = conf->n_holidays };
	enum setting days = c->addressee == ADDRESSEE(GOVERNMENT) ? SETTING_HELP_GOVERNMENT :
								    SETTING_HELP_NETWORK;

	if (c->addressee != ADDRESSEE(PEER) || c->state == CALL(TAKEN)) {
		return civil_working_days_after(s->now_ms, (uint32_t)step_setting(s, days),
						conf->holidays, conf->n_holidays);
	}
	if (c->crisis) {
		return s->now_ms + step_setting(s, SETTING_HELP_PEER_CRISIS) * SECOND_MS;
	}
	return civil_add_office_hours(s->now_ms, (uint32_t)step_setting(s, SETTING_HELP_PEER),
				      &office);
}

/* --- peers --- */

struct turn {
	char *party; /* NULL: nobody */
	bool knows;  /* has given help of that expertise */
	size_t calls;
	uint64_t lot;
};

static bool turn_before(const struct turn *a, const struct turn *b)
{
	if (b->party == NULL || a->knows != b->knows) {
		return b->party == NULL || a->knows;
	}
	if (a->calls != b->calls) {
		return a->calls < b->calls;
	}
	return a->lot != b->lot ? a->lot < b->lot : strcmp(a->party, b->party) < 0;
}

static bool has_role(const PB(Party) *p, uint32_t roles)
{
	for (size_t i = 0; i < p->n_roles; i++) {
		if ((roles & 1U << p->roles[i]) != 0) {
			return true;
		}
	}
	return false;
}

/* One who helps children, in another house than the caller's, not asked yet in this round. */
static bool is_peer(struct step *s, const PB(HelpCallRecord) *c, const PB(Party) *p)
{
	uint32_t helpers = ROLE_BIT(FACILITY) | ROLE_BIT(REQUESTER) | ROLE_BIT(CONTACT_POINT);

	return has_role(p, helpers) && !list_has(c->asked, c->n_asked, p->id) &&
	       (strcmp(organisation_of(s, p->id), organisation_of(s, c->from_party)) != 0 ||
		MUT(161));
}

static struct turn peer_turn(struct step *s, const PB(HelpCallRecord) *c)
{
	const PB(ConfigApplied) *conf = step_config(s);
	struct turn first = { .party = NULL };
	struct object_id id;

	SK_ASSERT(object_id_from(&c->call_id, &id));
	uint64_t lottery = step_lottery(s, &id);
	for (size_t i = 0; i < conf->n_parties; i++) {
		const PB(Party) *p = conf->parties[i];
		struct turn t = { .party = p->id };
		if (!is_peer(s, c, p)) {
			continue;
		}
		t.knows = knows(s, c->expertise, p->id);
		if (!t.knows && !list_has(p->zones, p->n_zones, c->zone)) {
			continue;
		}
		t.calls = help_open_calls(s, p->id, true);
		t.lot = XXH3_64bits_withSeed(p->id, strlen(p->id), lottery);
		if (turn_before(&t, &first)) {
			first = t;
		}
	}
	return first;
}

static void asked_add(struct step *s, PB(HelpCallRecord) *c, char *party)
{
	char **list = step_alloc(s, (CALL_ASKED_MAX + 1) * sizeof(*list));

	if (list == NULL) {
		return;
	}
	for (size_t i = 0; i < c->n_asked; i++) {
		list[i] = c->asked[i];
	}
	list[c->n_asked++] = party;
	c->asked = list;
}

static char *peer_next(struct step *s, PB(HelpCallRecord) *c)
{
	struct turn t = { .party = NULL };

	if (c->n_asked < CALL_ASKED_MAX) {
		t = peer_turn(s, c);
	}
	if (t.party == NULL && c->n_asked > 0) {
		c->n_asked = 0; /* all were asked: from the first again, the coordinator knows */
		t = peer_turn(s, c);
	}
	if (t.party != NULL) {
		asked_add(s, c, t.party);
	}
	return t.party;
}

static char *government(struct step *s)
{
	const PB(ConfigApplied) *conf = step_config(s);

	for (size_t i = 0; i < conf->n_parties; i++) {
		if (has_role(conf->parties[i], ROLE_BIT(GOVERNMENT))) {
			return conf->parties[i]->id;
		}
	}
	return NULL;
}

void help_ask_next(struct step *s, PB(HelpCallRecord) *c)
{
	char *to = NULL;

	if (c->addressee == ADDRESSEE(PEER)) {
		to = peer_next(s, c);
	} else if (c->addressee == ADDRESSEE(NETWORK)) {
		to = step_zone(s, c->zone) == NULL ? NULL : step_zone(s, c->zone)->network_party;
	} else {
		to = government(s);
	}
	c->to_party = to == NULL ? (char *)(uintptr_t) "" : to;
	c->due_ms = help_term(s, c);
}
