/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/core_rig_inner.h"

static char *dup_str(const char *s)
{
	char *copy = strdup(s);

	assert_non_null(copy);
	return copy;
}

static void *grow(void *list, size_t *io_len, size_t size)
{
	void *wider = realloc(list, (*io_len + 1) * size);

	assert_non_null(wider);
	(*io_len)++;
	return wider;
}

static PB(Party) *add_party(PB(ConfigApplied) *c, const char *id, PB(Role) role, const char *zone)
{
	PB(Party) *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	schakel__v1__party__init(p);
	p->id = dup_str(id);
	p->name = dup_str(id);
	p->organisation = dup_str(id);
	p->opening_days = 0x1f;
	p->roles = grow(p->roles, &p->n_roles, sizeof(*p->roles));
	p->roles[0] = role;
	if (zone != NULL) {
		p->zones = grow(p->zones, &p->n_zones, sizeof(*p->zones));
		p->zones[0] = dup_str(zone);
	}
	c->parties = grow(c->parties, &c->n_parties, sizeof(PB(Party) *));
	c->parties[c->n_parties - 1] = p;
	return p;
}

static char *joined(const char *head, const char *zone)
{
	char buf[PARTY_ID_LEN_MAX + 1];

	(void)snprintf(buf, sizeof(buf), "%s-%s", head, zone);
	return dup_str(buf);
}

static void add_zone(PB(ConfigApplied) *c, const char *id)
{
	PB(Zone) *z = calloc(1, sizeof(*z));

	assert_non_null(z);
	schakel__v1__zone__init(z);
	z->id = dup_str(id);
	z->name = dup_str(id);
	z->region = dup_str("west");
	z->contact_party = joined("duty", id);
	z->stand_in_party = joined("standin", id);
	z->network_party = joined("net", id);
	c->zones = grow(c->zones, &c->n_zones, sizeof(PB(Zone) *));
	c->zones[c->n_zones - 1] = z;
	(void)add_party(c, z->contact_party, SCHAKEL__V1__ROLE__ROLE_REQUESTER, id);
	(void)add_party(c, z->stand_in_party, SCHAKEL__V1__ROLE__ROLE_REQUESTER, id);
	(void)add_party(c, z->network_party, SCHAKEL__V1__ROLE__ROLE_FACILITY, id);
}

static void add_expertise(PB(ConfigApplied) *c, uint32_t number)
{
	PB(ExpertiseCode) *x = calloc(1, sizeof(*x));
	char buf[16];

	assert_non_null(x);
	schakel__v1__expertise_code__init(x);
	(void)snprintf(buf, sizeof(buf), "CODE_%u", number);
	x->number = number;
	x->code = dup_str(buf);
	x->label_nl = dup_str(buf);
	x->label_en = dup_str(buf);
	c->expertises = grow(c->expertises, &c->n_expertises, sizeof(PB(ExpertiseCode) *));
	c->expertises[c->n_expertises - 1] = x;
}

PB(ConfigApplied) *rig_default_config(void)
{
	static const struct {
		const char *id;
		PB(Role) role;
	} party[] = {
		{ "contactpoint", SCHAKEL__V1__ROLE__ROLE_CONTACT_POINT },
		{ "contactpoint-2", SCHAKEL__V1__ROLE__ROLE_CONTACT_POINT },
		{ "coordinator", SCHAKEL__V1__ROLE__ROLE_COORDINATOR },
		{ "court", SCHAKEL__V1__ROLE__ROLE_MANDATED },
		{ "court-2", SCHAKEL__V1__ROLE__ROLE_MANDATED },
		{ "clb", SCHAKEL__V1__ROLE__ROLE_REQUESTER },
		{ "police", SCHAKEL__V1__ROLE__ROLE_REQUESTER },
		{ "family", SCHAKEL__V1__ROLE__ROLE_FAMILY },
		{ "operator", SCHAKEL__V1__ROLE__ROLE_OPERATOR },
		{ "dashboard", SCHAKEL__V1__ROLE__ROLE_DASHBOARD },
		{ "government", SCHAKEL__V1__ROLE__ROLE_GOVERNMENT },
		{ "school", SCHAKEL__V1__ROLE__ROLE_BASIC_SUPPORT },
		{ "court", SCHAKEL__V1__ROLE__ROLE_MANDATED },
		{ "intake", SCHAKEL__V1__ROLE__ROLE_DAEMON },
		{ "waitlist", SCHAKEL__V1__ROLE__ROLE_DAEMON },
		{ "matching", SCHAKEL__V1__ROLE__ROLE_DAEMON },
	};
	static const char *const facility[] = { "facility-a", "facility-b", "facility-c" };
	PB(ConfigApplied) *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	schakel__v1__config_applied__init(c);
	c->node = dup_str("rig");
	c->rules_version = 1;
	add_zone(c, "westhoek");
	add_zone(c, "rits");
	for (size_t i = 0; i < SK_LEN(party); i++) {
		(void)add_party(c, party[i].id, party[i].role, NULL);
	}
	for (size_t i = 0; i < SK_LEN(facility); i++) {
		(void)add_party(c, facility[i], SCHAKEL__V1__ROLE__ROLE_FACILITY, "westhoek");
	}
	PB(Party) *second = add_party(c, "facility-b2", SCHAKEL__V1__ROLE__ROLE_FACILITY, "rits");
	free(second->organisation);
	second->organisation = dup_str("facility-b");
	for (uint32_t n = 1; n <= 64; n++) {
		add_expertise(c, n);
	}
	return c;
}

PB(ConfigApplied) *rig_conf(struct rig *r)
{
	return r->config;
}

void rig_config(struct rig *r)
{
	size_t len = schakel__v1__config_applied__get_packed_size(r->config);
	uint8_t *packed = malloc(len);

	assert_non_null(packed);
	struct slice bytes = { packed, schakel__v1__config_applied__pack(r->config, packed) };
	rig_must(engine_config(r->engine, bytes), "engine_config");
	free(packed);
	(void)engine_turn(r->engine);
}

void rig_set(struct rig *r, enum setting which, uint64_t value)
{
	PB(ConfigApplied) *c = r->config;
	PB(Setting) *set = calloc(1, sizeof(*set));

	assert_non_null(set);
	schakel__v1__setting__init(set);
	set->key = dup_str(setting_spec[which].key);
	set->value = value;
	c->settings = grow(c->settings, &c->n_settings, sizeof(PB(Setting) *));
	c->settings[c->n_settings - 1] = set;
	rig_config(r);
}

void rig_plan(struct rig *r, PB(PlanProposed) *plan)
{
	rig_must(engine_plan(r->engine, plan), "engine_plan");
	(void)engine_turn(r->engine);
}
