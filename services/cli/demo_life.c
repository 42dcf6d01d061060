/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/demo_life.h"

#include <string.h>

static const struct demo_deed_row *const tables[] = {
	demo_deeds_family, demo_deeds_care, demo_deeds_watch, demo_deeds_list, demo_deeds_supply,
};

static bool is_there(const struct demo *d, const struct demo_ability *a)
{
	return a->yesterday || !d->yesterday;
}

bool demo_does(const struct demo *d, const char *key, uint64_t number)
{
	const struct demo_ability *a = demo_ability(&d->region, key);
	struct demo_rand luck = demo_luck(d, key, number);

	return is_there(d, a) && demo_rand_share(&luck, a->share);
}

static uint64_t delay(struct demo_rand *luck, uint32_t hours)
{
	uint64_t median = hours == 0 ? DEMO_MINUTE_MS : hours * DEMO_HOUR_MS;

	return demo_rand_around(luck, median, 2 * median);
}

void demo_live(struct demo *d, enum demo_moment moment, const struct object_id *id,
	       struct demo_of of)
{
	for (size_t i = 0; i < d->region.abilities_len; i++) {
		const struct demo_ability *a = &d->region.ability[i];
		struct demo_item it = { .what = DEMO_LIVE, .who = (uint32_t)i, .arg = of.arg };
		if (a->moment != moment || !demo_does(d, a->key, of.number)) {
			continue;
		}
		struct demo_rand luck = demo_luck(d, a->key, ~of.number);
		it.at_ms = d->now_ms + delay(&luck, a->after_hours);
		if (id != NULL) {
			it.id = *id;
		}
		demo_agenda_add(&d->agenda, it);
	}
}

void demo_again(struct demo *d, const struct demo_deed *x, uint32_t arg, uint64_t after_ms)
{
	struct demo_item it = x->it;

	it.arg = arg;
	it.at_ms = d->now_ms + after_ms;
	demo_agenda_add(&d->agenda, it);
}

char *demo_party_id(const struct demo *d, uint32_t who)
{
	return (char *)(uintptr_t)(who < d->cast.len ? d->cast.party[who].id : "");
}

uint32_t demo_contact(const struct demo *d, const struct demo_request *r)
{
	if (r->contact != 0) {
		return r->contact - 1;
	}
	return r->zone < d->region.zones_len ?
		       demo_cast_find(&d->cast, d->region.zone[r->zone].duty) :
		       d->cast.contact_point;
}

uint32_t demo_house(const struct demo *d, struct demo_deed *x, uint32_t role)
{
	uint32_t found[DEMO_PARTIES_MAX];
	uint32_t len = 0;

	for (uint32_t i = 0; i < d->cast.len; i++) {
		const struct demo_party *p = &d->cast.party[i];
		bool serves = x->r == NULL || (p->zones >> x->r->zone & 1U) != 0;
		if ((p->roles & role) != 0 && serves) {
			found[len++] = i;
		}
	}
	return len == 0 ? d->cast.len : found[demo_rand_below(&x->luck, len)];
}

/* What it is about: a contribution, a need, a request, or something that only its row knows. */
static void find(struct demo *d, struct demo_deed *x)
{
	ProtobufCBinaryData id = object_id_data(&x->it.id);
	const struct demo_need_row *n = demo_need(&d->world, &id);
	uint32_t row = UINT32_MAX;

	x->s = demo_share(&d->world, &id);
	row = x->s != NULL ? x->s->request : n != NULL ? n->request : UINT32_MAX;
	x->r = row != UINT32_MAX ? demo_request_at(&d->world, row) : demo_request(&d->world, &id);
}

void demo_do_life(struct demo *d, const struct demo_item *it)
{
	struct demo_deed x = { .it = *it };

	if (it->who >= d->region.abilities_len) {
		return;
	}
	x.what = &d->region.ability[it->who];
	find(d, &x);
	uint64_t number = x.r == NULL ? be64_read(it->id.b + 8) : x.r->number;
	x.luck = demo_luck(d, x.what->key, number * 4096 + it->arg % 4096);
	for (size_t i = 0; i < SK_LEN(tables); i++) {
		for (const struct demo_deed_row *row = tables[i]; row->ability != NULL; row++) {
			if (strcmp(row->ability, x.what->key) == 0) {
				row->fn(d, &x);
				return;
			}
		}
	}
}
