/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/confidx.h"

#include <stdlib.h>
#include <string.h>

struct config_index {
	PB(ConfigApplied) *msg;
	uint64_t settings[SETTING_COUNT];
	const PB(Zone) **zones;    /* sorted by id */
	const PB(Party) **parties; /* sorted by id */
};

static int by_zone_id(const void *a, const void *b)
{
	const PB(Zone) *const *x = a;
	const PB(Zone) *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

static int by_party_id(const void *a, const void *b)
{
	const PB(Party) *const *x = a;
	const PB(Party) *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

static int read_settings(struct config_index *ci)
{
	for (int i = 0; i < SETTING_COUNT; i++) {
		ci->settings[i] = setting_spec[i].def;
	}
	for (size_t i = 0; i < ci->msg->n_settings; i++) {
		const PB(Setting) *s = ci->msg->settings[i];
		int which = setting_find(s->key);
		if (which < 0) {
			return SK_EINVAL;
		}
		ci->settings[which] = s->value;
	}
	return SK_OK;
}

static int build(struct config_index *ci)
{
	const PB(ConfigApplied) *m = ci->msg;

	ci->zones = calloc(m->n_zones + 1, sizeof(*ci->zones));
	ci->parties = calloc(m->n_parties + 1, sizeof(*ci->parties));
	if (ci->zones == NULL || ci->parties == NULL) {
		return SK_ENOMEM;
	}
	for (size_t i = 0; i < m->n_zones; i++) {
		ci->zones[i] = m->zones[i];
	}
	for (size_t i = 0; i < m->n_parties; i++) {
		ci->parties[i] = m->parties[i];
	}
	qsort(ci->zones, m->n_zones, sizeof(*ci->zones), by_zone_id);
	qsort(ci->parties, m->n_parties, sizeof(*ci->parties), by_party_id);
	return read_settings(ci);
}

int config_index_new(struct slice packed, struct config_index **ret_ci)
{
	struct config_index *ci = calloc(1, sizeof(*ci));

	if (ci == NULL) {
		return SK_ENOMEM;
	}
	ci->msg = schakel__v1__config_applied__unpack(NULL, packed.len, packed.data);
	int err = ci->msg == NULL ? SK_EPROTO : build(ci);
	if (err != SK_OK) {
		config_index_free(ci);
		return err;
	}
	*ret_ci = ci;
	return SK_OK;
}

void config_index_free(struct config_index *ci)
{
	if (ci == NULL) {
		return;
	}
	if (ci->msg != NULL) {
		schakel__v1__config_applied__free_unpacked(ci->msg, NULL);
	}
	free(ci->zones);
	free(ci->parties);
	free(ci);
}

uint64_t config_setting(const struct config_index *ci, enum setting which)
{
	return ci == NULL ? setting_spec[which].def : ci->settings[which];
}

const PB(Zone) *config_zone(const struct config_index *ci, const char *id)
{
	PB(Zone) want = PB_INIT(ZONE);
	const PB(Zone) *key = &want;

	if (ci == NULL) {
		return NULL;
	}
	want.id = (char *)(uintptr_t)id;
	const PB(Zone) **hit = bsearch(&key, ci->zones, ci->msg->n_zones, sizeof(key), by_zone_id);
	return hit == NULL ? NULL : *hit;
}

const PB(Party) *config_party(const struct config_index *ci, const char *id)
{
	PB(Party) want = PB_INIT(PARTY);
	const PB(Party) *key = &want;

	if (ci == NULL) {
		return NULL;
	}
	want.id = (char *)(uintptr_t)id;
	const PB(Party) **hit =
		bsearch(&key, ci->parties, ci->msg->n_parties, sizeof(key), by_party_id);
	return hit == NULL ? NULL : *hit;
}

const PB(ExpertiseCode) *config_expertise(const struct config_index *ci, uint32_t number)
{
	for (size_t i = 0; ci != NULL && i < ci->msg->n_expertises; i++) {
		if (ci->msg->expertises[i]->number == number) {
			return ci->msg->expertises[i];
		}
	}
	return NULL;
}

const PB(ConfigApplied) *config_message(const struct config_index *ci)
{
	return ci == NULL ? NULL : ci->msg;
}
