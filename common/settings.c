/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/settings.h"

#include <string.h>

const struct setting_spec setting_spec[SETTING_COUNT] = {
#define X(name, key, min, max, def) [SETTING_##name] = { key, min, max, def },
	SETTINGS_MAP(X)
#undef X
};

enum setting setting_unlawful(const uint64_t values[SETTING_COUNT])
{
	if (values[SETTING_ORDER_RULE] != ORDER_LAW) {
		return SETTING_ORDER_RULE;
	}
	return values[SETTING_TEAM_WHOLE] != 0 ? SETTING_TEAM_WHOLE : SETTING_COUNT;
}

int setting_find(const char *key)
{
	for (int i = 0; i < SETTING_COUNT; i++) {
		if (strcmp(setting_spec[i].key, key) == 0) {
			return i;
		}
	}
	return -1;
}
