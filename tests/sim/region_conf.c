/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <string.h>

#include "tests/sim/region.h"

const char *const region_zone[ZONES] = { "westhoek", "rits" };
const char *const region_partner[PARTNERS] = { "facility-a", "facility-b", "facility-c",
					       "facility-d" };

static char *joined(const char *head, const char *tail)
{
	char buf[PARTY_ID_LEN_MAX + 1];

	(void)snprintf(buf, sizeof(buf), "%s%s", head, tail);
	return strdup(buf);
}

static void add_party(PB(ConfigApplied) *c, const char *head, const char *tail, PB(Role) role)
{
	PB(Party) *p = sim_alloc(sizeof(*p));

	schakel__v1__party__init(p);
	p->id = joined(head, tail);
	p->name = joined(head, tail);
	p->organisation = joined(head, tail);
	p->opening_days = 0x1f;
	p->roles = sim_alloc(sizeof(*p->roles));
	p->roles[0] = role;
	p->n_roles = 1;
	c->parties = sim_grow(c->parties, (c->n_parties + 1) * sizeof(PB(Party) *));
	c->parties[c->n_parties++] = p;
}

/** Who serves both zones may note on what waits there. */
static void serve_zones(PB(Party) *p)
{
	p->zones = sim_alloc(ZONES * sizeof(*p->zones));
	for (size_t i = 0; i < ZONES; i++) {
		p->zones[p->n_zones++] = strdup(region_zone[i]);
	}
}

static void add_zone(PB(ConfigApplied) *c, const char *id)
{
	PB(Zone) *z = sim_alloc(sizeof(*z));

	schakel__v1__zone__init(z);
	z->id = strdup(id);
	z->name = strdup(id);
	z->region = strdup("west");
	z->contact_party = joined("duty-", id);
	z->stand_in_party = joined("standin-", id);
	z->network_party = joined("net-", id);
	c->zones = sim_grow(c->zones, (c->n_zones + 1) * sizeof(PB(Zone) *));
	c->zones[c->n_zones++] = z;
	add_party(c, "duty-", id, ROLE_OF(FACILITY));
	add_party(c, "standin-", id, ROLE_OF(FACILITY));
	add_party(c, "net-", id, ROLE_OF(FACILITY));
}

static void add_expertise(PB(ConfigApplied) *c, uint32_t number)
{
	PB(ExpertiseCode) *x = sim_alloc(sizeof(*x));
	char buf[16];

	schakel__v1__expertise_code__init(x);
	(void)snprintf(buf, sizeof(buf), "%s%u", number >= EXPERTISES ? "CRISIS_" : "CODE_",
		       number);
	if (number == EXPERTISE_INTERPRETER) {
		(void)snprintf(buf, sizeof(buf), "INTERPRETER");
	}
	x->number = number;
	x->code = strdup(buf);
	x->label_nl = strdup(buf);
	x->label_en = strdup(buf);
	c->expertises =
		sim_grow(c->expertises, (c->n_expertises + 1) * sizeof(PB(ExpertiseCode) *));
	c->expertises[c->n_expertises++] = x;
}

static void add_setting(PB(ConfigApplied) *c, enum setting which, uint64_t value)
{
	PB(Setting) *s = sim_alloc(sizeof(*s));

	schakel__v1__setting__init(s);
	s->key = strdup(setting_spec[which].key);
	s->value = value;
	c->settings = sim_grow(c->settings, (c->n_settings + 1) * sizeof(PB(Setting) *));
	c->settings[c->n_settings++] = s;
}

/** Bounds that are met soon, so that what lies behind them is seen. */
static void add_settings(struct world *w, PB(ConfigApplied) *c)
{
	struct rng *r = &w->rng;

	if (rng_coin(r)) {
		add_setting(c, SETTING_SEAT_CANDIDATES, rng_log(r, 1, 16));
	}
	if (rng_coin(r)) {
		add_setting(c, SETTING_ASKS_AT_ONCE, rng_between(r, 1, 3));
	}
	if (rng_coin(r)) {
		add_setting(c, SETTING_TEAM_MAX, rng_between(r, 1, 4));
	}
	if (rng_coin(r)) {
		add_setting(c, SETTING_ATELIERS_MAX, rng_between(r, 0, 4));
	}
	if (rng_coin(r) && w->opt.restore_ms == 0) {
		add_setting(c, SETTING_TOMBSTONE_DAYS, rng_between(r, 1, 60));
	}
	if (rng_coin(r)) {
		add_setting(c, SETTING_AFTERCARE_DAYS, rng_between(r, 1, 20));
	}
}

#define TRIED_EVERY 16
#define TRIED_AT 7

/** The lab's orders, in some worlds; drawn beside the luck of the world, so that what happens in
 *  all others is as it was. */
static void add_tried_order(struct world *w, PB(ConfigApplied) *c)
{
	uint64_t draw = w->seed / TRIED_EVERY;

	if (w->seed % TRIED_EVERY != TRIED_AT) {
		return;
	}
	add_setting(c, SETTING_ORDER_RULE, 1 + draw % 3);
	add_setting(c, SETTING_ORDER_CRISIS_FIRST, draw / 3 % 2);
	add_setting(c, SETTING_ORDER_AGAIN, 1 + draw % 2);
}

#define KEEPS_AT 10

/** Amounts are kept for those who need more, in some worlds. */
static void add_keeping(struct world *w, PB(ConfigApplied) *c)
{
	uint64_t draw = w->seed / TRIED_EVERY;

	if (w->seed % TRIED_EVERY == KEEPS_AT) {
		add_setting(c, SETTING_RESERVE_AFTER, draw % 3);
		add_setting(c, SETTING_RESERVE, 1 + draw / 3 % 90);
	}
}

#define WHOLE_AT 3

/** The whole or nothing: teams that leave nobody out, in some worlds with one partner to a team. */
static void add_whole(struct world *w, PB(ConfigApplied) *c)
{
	if (w->seed % TRIED_EVERY == WHOLE_AT) {
		add_setting(c, SETTING_TEAM_WHOLE, 1);
	}
}

/** Where the real optimiser works (region_proposer.c): soon again, and with few rounds. */
static void add_plans(struct world *w, PB(ConfigApplied) *c)
{
	if (w->seed % 8 == 7) {
		add_setting(c, SETTING_PLAN_INTERVAL, 1);
		add_setting(c, SETTING_PLAN_ROUNDS, 40);
		add_setting(c, SETTING_FORESEE, 0);
	}
}

PB(ConfigApplied) *region_config(struct world *w)
{
	static const struct {
		const char *id;
		PB(Role) role;
	} party[] = {
		{ "contactpoint", ROLE_OF(CONTACT_POINT) },
		{ "clb", ROLE_OF(REQUESTER) },
		{ "police", ROLE_OF(REQUESTER) },
		{ "family", ROLE_OF(FAMILY) },
		{ "coordinator", ROLE_OF(COORDINATOR) },
		{ "government", ROLE_OF(GOVERNMENT) },
		{ "school", ROLE_OF(BASIC_SUPPORT) },
		{ "court", ROLE_OF(MANDATED) },
		{ "operator", ROLE_OF(OPERATOR) },
		{ "dashboard", ROLE_OF(DASHBOARD) },
		{ "intake", ROLE_OF(DAEMON) },
		{ "waitlist", ROLE_OF(DAEMON) },
		{ "matching", ROLE_OF(DAEMON) },
	};
	PB(ConfigApplied) *c = sim_alloc(sizeof(*c));

	schakel__v1__config_applied__init(c);
	c->node = strdup("sim");
	c->rules_version = 1;
	for (size_t i = 0; i < ZONES; i++) {
		add_zone(c, region_zone[i]);
	}
	for (size_t i = 0; i < SK_LEN(party); i++) {
		add_party(c, party[i].id, "", party[i].role);
	}
	for (size_t i = 0; i < PARTNERS; i++) {
		add_party(c, region_partner[i], "", ROLE_OF(FACILITY));
		serve_zones(c->parties[c->n_parties - 1]);
	}
	for (uint32_t n = 1; n <= EXPERTISE_RARE; n++) {
		add_expertise(c, n);
	}
	add_settings(w, c);
	add_tried_order(w, c);
	add_keeping(w, c);
	add_whole(w, c);
	add_plans(w, c);
	return c;
}
