/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/hook_private.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#define SECRET_PREFIX "whsec_"

const char *const hook_state_word[HOOK_STATES] = { "PENDING", "ACTIVE", "ENDED" };
const char *const hook_payload_word[HOOK_PAYLOADS] = { "cloudevent", "fhir-empty", "fhir-id-only" };
const char *const hook_reason_word[HOOK_REASONS] = { "",           "GONE",        "NOT_ALLOWED",
						     "NOT_PUBLIC", "UNREACHABLE", "PARTY_GONE" };

void hook_secret_text(const struct hook *k, char ret_text[128])
{
	char base64[sodium_base64_ENCODED_LEN(HOOK_SECRET_BYTES_MAX,
					      sodium_base64_VARIANT_ORIGINAL)];
	(void)sodium_bin2base64(base64, sizeof(base64), k->secret, k->secret_len,
				sodium_base64_VARIANT_ORIGINAL);
	(void)snprintf(ret_text, 128, SECRET_PREFIX "%s", base64);
	sodium_memzero(base64, sizeof(base64));
}

bool hook_secret_read(const char *text, struct hook *ret_hook)
{
	uint8_t bytes[HOOK_SECRET_BYTES_MAX];
	size_t len = 0;
	size_t prefix = strlen(SECRET_PREFIX);
	bool good = strncmp(text, SECRET_PREFIX, prefix) == 0 &&
		    sodium_base642bin(bytes, sizeof(bytes), text + prefix, strlen(text + prefix),
				      NULL, &len, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
		    len >= HOOK_SECRET_BYTES_MIN;
	if (good) {
		memcpy(ret_hook->secret, bytes, len);
		ret_hook->secret_len = len;
	}
	sodium_memzero(bytes, sizeof(bytes));
	return good;
}

char *hook_row_text(const struct hook *k)
{
	char secret[128];
	json_t *types = json_array();
	for (size_t i = 0; i < k->types_len; i++) {
		(void)json_array_append_new(types, json_string(k->types[i]));
	}
	hook_secret_text(k, secret);
	json_t *doc = json_pack(
		"{s:s, s:s, s:I, s:s, s:o, s:s, s:i, s:i, s:I, s:I, s:s, s:s, s:b, s:i, s:i, s:I}",
		"id", k->id, "party", k->party, "roles", (json_int_t)k->roles, "url", k->url,
		"types", types, "secret", secret, "state", (int)k->state, "reason", (int)k->reason,
		"created", (json_int_t)k->created_ms, "ended", (json_int_t)k->ended_ms, "place",
		k->place, "delivered", k->delivered, "gap", k->gap, "rate", (int)k->rate, "payload",
		(int)k->payload, "told", (json_int_t)k->told);
	sodium_memzero(secret, sizeof(secret));
	char *text = doc == NULL ? NULL : json_dumps(doc, JSON_COMPACT);
	json_decref(doc);
	return text;
}

static bool take(char *to, size_t cap, const char *text)
{
	int n = snprintf(to, cap, "%s", text);
	return n >= 0 && (size_t)n < cap;
}

static bool read_types(const json_t *types, struct hook *k)
{
	size_t i = 0;
	json_t *type = NULL;
	json_array_foreach (types, i, type) {
		const char *text = json_string_value(type);
		if (text == NULL || i >= HOOK_TYPES_MAX ||
		    !take(k->types[i], sizeof(k->types[i]), text)) {
			return false;
		}
		k->types_len = i + 1;
	}
	return true;
}

bool hook_row_read(struct slice val, struct hook *ret_hook)
{
	struct hook k = { 0 };
	const char *id = NULL;
	const char *party = NULL;
	const char *url = NULL;
	const char *secret = NULL;
	const json_t *types = NULL;
	json_int_t roles = 0;
	json_int_t created = 0;
	json_int_t ended = 0;
	const char *place = NULL;
	const char *delivered = NULL;
	int gap = 0;
	int state = 0;
	int reason = 0;
	int rate = 0;
	int payload = 0;
	json_int_t told = 0;
	json_t *doc = json_loadb(val.data, val.len, 0, NULL);
	bool good = json_unpack(doc,
				"{s:s, s:s, s:I, s:s, s:o, s:s, s:i, s:i, s:I, s:I, s:s, s:s, s:b, "
				"s:i, s?i, s?I}",
				"id", &id, "party", &party, "roles", &roles, "url", &url, "types",
				&types, "secret", &secret, "state", &state, "reason", &reason,
				"created", &created, "ended", &ended, "place", &place, "delivered",
				&delivered, "gap", &gap, "rate", &rate, "payload", &payload, "told",
				&told) == 0;
	good = good && take(k.id, sizeof(k.id), id) && take(k.party, sizeof(k.party), party) &&
	       take(k.place, sizeof(k.place), place) &&
	       take(k.delivered, sizeof(k.delivered), delivered) &&
	       take(k.url, sizeof(k.url), url) && read_types(types, &k) &&
	       hook_secret_read(secret, &k) && state >= 0 && state < HOOK_STATES && reason >= 0 &&
	       reason < HOOK_REASONS && payload >= 0 && payload < HOOK_PAYLOADS;
	json_decref(doc);
	if (!good) {
		return false;
	}
	k.roles = (uint32_t)roles;
	k.roles_now = k.roles;
	k.state = (enum hook_state)state;
	k.reason = (enum hook_reason)reason;
	k.created_ms = (uint64_t)created;
	k.ended_ms = (uint64_t)ended;
	k.gap = gap != 0;
	k.rate = (uint32_t)rate;
	k.payload = (enum hook_payload)payload;
	k.told = (uint64_t)told;
	*ret_hook = k;
	return true;
}
