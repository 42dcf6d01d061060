/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "tests/sim/region.h"

#define KIND(X) SCHAKEL__V1__EVENT_KIND__EVENT_KIND_##X

static bool same(const uint8_t id[16], const ProtobufCBinaryData *data)
{
	return data->len == 16 && memcmp(id, data->data, 16) == 0;
}

struct news_request *news_request_of(struct news *n, const uint8_t id[16])
{
	for (size_t i = 0; i < n->requests; i++) {
		if (memcmp(n->request[i].id, id, 16) == 0) {
			return &n->request[i];
		}
	}
	if (n->requests == NEWS_REQUESTS) {
		return NULL;
	}
	struct news_request *r = &n->request[n->requests++];
	memcpy(r->id, id, 16);
	return r;
}

static struct news_request *request_of(struct news *n, const ProtobufCBinaryData *id)
{
	return id->len == 16 ? news_request_of(n, id->data) : NULL;
}

static void on_request(struct news *n, const PB(Event) *e)
{
	struct news_request *r = request_of(n, &e->request_id);

	if (r != NULL && e->version >= r->version) {
		r->version = e->version;
		r->urgency = (int)e->urgency;
		r->ended = e->ended;
	}
}

static void on_need(struct news *n, const PB(Event) *e)
{
	size_t i = 0;

	while (i < n->needs && !same(n->need[i].id, &e->object_id)) {
		i++;
	}
	if (i == n->needs) {
		if (n->needs == NEWS_NEEDS || e->object_id.len != 16 || e->request_id.len != 16) {
			return;
		}
		n->needs++;
		memcpy(n->need[i].id, e->object_id.data, 16);
		memcpy(n->need[i].request, e->request_id.data, 16);
	}
	n->need[i].state = (int)e->need_state;
}

static void on_team(struct news *n, const PB(Event) *e)
{
	struct news_request *r = request_of(n, &e->request_id);

	if (r != NULL) {
		r->proposal = e->proposal_version;
	}
}

static size_t partner_of(const char *party)
{
	size_t i = 0;

	while (i < PARTNERS && strcmp(region_partner[i], party) != 0) {
		i++;
	}
	return i;
}

static void on_help(struct news *n, const PB(Event) *e)
{
	size_t i = 0, partner = partner_of(e->party);

	while (i < n->helps && !same(n->help[i].id, &e->object_id)) {
		i++;
	}
	if (i == n->helps) {
		if (n->helps == NEWS_HELP || e->object_id.len != 16 || e->request_id.len != 16 ||
		    partner == PARTNERS) {
			return;
		}
		n->helps++;
		memcpy(n->help[i].id, e->object_id.data, 16);
		memcpy(n->help[i].request, e->request_id.data, 16);
		n->help[i].partner = partner;
	}
	if (e->version >= n->help[i].version) {
		n->help[i].again_us = e->version > n->help[i].version ? 0 : n->help[i].again_us;
		n->help[i].version = e->version;
		n->help[i].state = (int)e->contribution_state;
	}
}

static void on_pool(struct news *n, const PB(Event) *e)
{
	for (size_t i = 0; i < NEWS_POOLS; i++) {
		if (strcmp(n->pool[i].name, e->pool) == 0) {
			n->pool[i].version = e->version;
		}
	}
}

static void on_table(struct news *n, const PB(Event) *e)
{
	size_t i = 0;

	while (i < n->tables && !same(n->table[i].id, &e->object_id)) {
		i++;
	}
	if (i == n->tables && i < NEWS_TABLES && e->object_id.len == 16) {
		memcpy(n->table[i].id, e->object_id.data, 16);
		n->tables++;
	}
}

static void on_consult(struct news *n, const PB(Event) *e)
{
	for (size_t i = 0; i < n->consults; i++) {
		if (strcmp(n->consult[i], e->short_code) == 0) {
			return;
		}
	}
	if (n->consults < NEWS_CONSULTS && strlen(e->short_code) == SHORT_CODE_LEN) {
		memcpy(n->consult[n->consults++], e->short_code, SHORT_CODE_LEN + 1);
	}
}

void news_event(struct region *g, const PB(Event) *e)
{
	switch ((int)e->kind) {
	case KIND(REQUEST):
		on_request(&g->news, e);
		break;
	case KIND(CONSULT):
		on_consult(&g->news, e);
		break;
	case KIND(NEED):
		on_need(&g->news, e);
		break;
	case KIND(TEAM):
		on_team(&g->news, e);
		break;
	case KIND(CONTRIBUTION):
		on_help(&g->news, e);
		break;
	case KIND(POOL):
		on_pool(&g->news, e);
		break;
	case KIND(CASE_TABLE):
		on_table(&g->news, e);
		break;
	case KIND(LAST_PLACE):
		region_last_place(g, e);
		break;
	default:
		region_supply_event(g, e);
		region_warm_event(g, e);
		break;
	}
}
