/* SPDX-License-Identifier: EUPL-1.2 */
#include "hsds_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RIG_BYTES (48U << 20)

static _Alignas(64) uint8_t block[RIG_BYTES];
static size_t base_bytes;

static void party(struct hsds_rig *r, size_t i, const char *id, const char *kbo)
{
	struct conf_party *p = &r->party[i];

	(void)snprintf(p->id, sizeof(p->id), "%s", id);
	(void)snprintf(p->name, sizeof(p->name), "Voorbeeld %s", id);
	(void)snprintf(p->organisation, sizeof(p->organisation), "%s", kbo);
	(void)snprintf(p->zones[0], sizeof(p->zones[0]), "westhoek");
	p->zones_len = 1;
	p->opening_days = 0x1f;
}

static void zone(struct conf *c, size_t i, const char *id, const char *name)
{
	(void)snprintf(c->zones[i].id, sizeof(c->zones[i].id), "%s", id);
	(void)snprintf(c->zones[i].name, sizeof(c->zones[i].name), "%s", name);
	(void)snprintf(c->zones[i].region, sizeof(c->zones[i].region), "regio");
	c->zones_len = i + 1;
}

static void code(struct conf *c, uint32_t number, const char *name, const char *nl)
{
	struct conf_code *k = &c->codes[c->codes_len++];

	k->number = number;
	(void)snprintf(k->code, sizeof(k->code), "%s", name);
	(void)snprintf(k->label_nl, sizeof(k->label_nl), "%s", nl);
	(void)snprintf(k->label_en, sizeof(k->label_en), "%s in English", name);
}

void hsds_rig_open(struct hsds_rig *r, const char *synonyms)
{
	memset(r, 0, sizeof(*r));
	arena_init(&r->arena, block, sizeof(block));
	(void)snprintf(r->conf.node, sizeof(r->conf.node), "proef");
	party(r, 0, "huis-a", "0999.999.922");
	party(r, 1, "huis-b", "huis-b");
	party(r, 2, "net", "net");
	party(r, 3, "school", "school");
	r->conf.parties = r->party;
	r->conf.parties_len = SK_LEN(r->party);
	zone(&r->conf, 0, "midden-wvl", "Midden WVL");
	zone(&r->conf, 1, "rits", "RITS");
	zone(&r->conf, 2, "westhoek", "Westhoek");
	code(&r->conf, 1, "GROUP_LIVING", "leefgroepwerking");
	code(&r->conf, 12, "TRAUMA", "trauma");
	code(&r->conf, 64, "RESPITE", "adempauze");
	r->conf.settings[SETTING_CONFIRM_REST] = 14;
	r->conf.settings[SETTING_ID_AHEAD] = 600;
	struct slice own = { synonyms, strlen(synonyms) };
	assert_int_equal(hsds_words_open(&r->words, &r->conf, &r->arena, own, &r->error), SK_OK);
	r->pools.item = r->item;
	r->node = (struct hsds_node){
		&r->conf, &r->words, &r->pools, "net", true, NULL, HSDS_NOW_MS
	};
	base_bytes = r->arena.used_bytes;
}

void hsds_rig_done(struct hsds_rig *r)
{
	hsds_words_done(&r->words);
	arena_reset(&r->arena);
}

int hsds_rig_map(struct hsds_rig *r, const char *feed)
{
	struct slice bytes = { feed, strlen(feed) };
	int err = hsds_feed_open(&r->feed, &r->arena, bytes, &r->error);

	if (err != SK_OK) {
		return err;
	}
	err = hsds_map(&r->feed, &r->node, &r->list);
	assert_int_equal(err, SK_OK);
	return SK_OK;
}

void hsds_rig_end(struct hsds_rig *r)
{
	hsds_feed_done(&r->feed);
	if (r->pools.len == 0) {
		arena_rewind(&r->arena, base_bytes);
	}
}

void hsds_rig_store(struct hsds_rig *r)
{
	for (size_t i = 0; i < r->list.len; i++) {
		const struct offer_row *row = &r->list.row[i];
		if (row->put == NULL) {
			continue;
		}
		size_t len = schakel__v1__put_capacity__get_packed_size(row->put);
		uint8_t *bytes = arena_alloc(&r->arena, len + 1);
		PB(PoolItem) *item = arena_alloc(&r->arena, sizeof(*item));
		ProtobufCAllocator alloc = arena_protobuf(&r->arena);
		schakel__v1__pool_item__init(item);
		(void)schakel__v1__put_capacity__pack(row->put, bytes);
		item->capacity = schakel__v1__put_capacity__unpack(&alloc, len, bytes);
		item->version = row->now == NULL ? 1 : row->now->version + 1;
		item->promised = row->now == NULL ? 0 : row->now->promised;
		item->confirmed_ms = item->capacity->observed_at_ms;
		item->free =
			item->capacity->staffed - item->capacity->used_elsewhere - item->promised;
		item->capacity->observed_at_ms = 0;
		size_t at = 0;
		while (at < r->pools.len && r->item[at] != row->now) {
			at++;
		}
		r->item[at] = item;
		r->pools.len += at == r->pools.len;
	}
}

static void check_use(const struct hsds_rig *r, const PB(PoolUse) *u)
{
	assert_true(u->n_expertises >= 1 && u->n_expertises <= 16);
	assert_true(u->n_zones >= 1 && u->n_zones <= r->conf.zones_len);
	assert_true(u->age_from <= u->age_to && u->age_to <= HSDS_AGE_MAX);
	assert_true(u->cost_units >= 1 && u->modality != 0 && u->access != 0);
	for (size_t i = 0; i < u->n_expertises; i++) {
		assert_true(u->expertises[i] >= 1 && u->expertises[i] <= 64);
	}
}

void hsds_rig_check(const struct hsds_rig *r)
{
	for (size_t i = 0; i < r->list.len; i++) {
		const struct offer_row *row = &r->list.row[i];
		bool said = row->field != NULL && row->nl != NULL && row->nl[0] != '\0' &&
			    row->en != NULL && row->en[0] != '\0';
		assert_true(said ||
			    (row->outcome != OFFER_REFUSED && row->outcome != OFFER_SKIPPED));
		assert_true((row->put != NULL) ==
			    (row->outcome == OFFER_CREATED || row->outcome == OFFER_CHANGED));
		if (row->put == NULL) {
			continue;
		}
		assert_true(strlen(row->put->pool) <= PARTY_ID_LEN_MAX);
		assert_true(row->put->total == 0 || row->put->staffed <= row->put->total);
		assert_true(row->put->staffed <= HSDS_UNITS_MAX);
		assert_true(row->put->observed_at_ms <= HSDS_NOW_MS + 600000);
		assert_true(row->put->n_uses >= 1);
		for (size_t u = 0; u < row->put->n_uses; u++) {
			check_use(r, row->put->uses[u]);
		}
	}
}

const char *hsds_rig_file(const char *path)
{
	static char text[1U << 20];
	char full[200];

	(void)snprintf(full, sizeof(full), "tests/unit/hsds/%s", path);
	FILE *f = fopen(full, "re");
	assert_non_null(f);
	size_t len = fread(text, 1, sizeof(text) - 1, f);
	(void)fclose(f);
	text[len] = '\0';
	return text;
}
