/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/conf_private.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define MIB (1ULL << 20)
#define GIB (1ULL << 30)
#define ROLE_PREFIX "ROLE_"

/* clang-format off */
static const struct conf_key node_keys[] = {
	{ "name", CONF_NAME, offsetof(struct conf, node), 0, 0, 0, true },
	{ "language", CONF_LANGUAGE, offsetof(struct conf, language), 0, 0, CONF_NL, false },
	{ "demo", CONF_YES_NO, offsetof(struct conf, demo), 0, 0, 0, false },
	{ "curve", CONF_ON_OFF, offsetof(struct conf, curve), 0, 0, 1, false },
	{ "rules_version", CONF_U32, offsetof(struct conf, rules_version), 1, UINT32_MAX, 1,
	  false },
	{ "codes", CONF_PATH, offsetof(struct conf, codes_path), 0, 0, 0, false },
	{ "keys_dir", CONF_PATH, offsetof(struct conf, keys_dir), 0, 0, 0, false },
	{ "incarnation_dir", CONF_PATH, offsetof(struct conf, incarnation_dir), 0, 0, 0, false },
};
static const struct conf_key daemon_keys[] = {
	{ "bind", CONF_ENDPOINT, offsetof(struct conf_daemon, bind), 0, 0, 0, false },
	{ "dir", CONF_PATH, offsetof(struct conf_daemon, dir), 0, 0, 0, false },
};
#define STORE(member) offsetof(struct conf_store, member)
static const struct conf_key store_keys[] = {
	{ "map_bytes", CONF_U64, STORE(map_bytes), 64 * MIB, 1024 * GIB, 64 * GIB, false },
	{ "segment_bytes", CONF_U64, STORE(segment_bytes), MIB, GIB, 64 * MIB, false },
	{ "disk_reserve_bytes", CONF_U64, STORE(disk_reserve_bytes), MIB, 1024 * GIB, 256 * MIB,
	  false },
	{ "commit_records", CONF_U32, STORE(commit_records), 1, 1U << 20, 1024, false },
	{ "commit_bytes", CONF_U32, STORE(commit_bytes), 4096, 64 * MIB, 2 * MIB, false },
	{ "commit_ms", CONF_U32, STORE(commit_ms), 1, 10000, 250, false },
	{ "commit_idle_ms", CONF_U32, STORE(commit_idle_ms), 1, 1000, 15, false },
	{ "keep_segments_days", CONF_U32, STORE(keep_segments_days), 1, 3650, 35, false },
	{ "checkpoint_days", CONF_U32, STORE(checkpoint_days), 1, 90, 7, false },
};
#define GATEWAY(member) offsetof(struct conf_gateway, member)
static const struct conf_key gateway_keys[] = {
	{ "bind", CONF_BIND, GATEWAY(bind), 0, 0, 0, false },
	{ "public_url", CONF_URL, GATEWAY(public_url), 0, 0, 0, false },
	{ "metrics_bind", CONF_BIND, GATEWAY(metrics_bind), 0, 0, 0, false },
	{ "dir", CONF_PATH, GATEWAY(dir), 0, 0, 0, false },
	{ "map_bytes", CONF_U64, GATEWAY(map_bytes), 64 * MIB, 1024 * GIB, 16 * GIB, false },
	{ "workers", CONF_U32, GATEWAY(workers), 4, 128, 32, false },
	{ "connections", CONF_U32, GATEWAY(connections), 64, 60000, 12000, false },
	{ "streams", CONF_U32, GATEWAY(streams), 16, 20000, 4000, false },
	{ "behind_proxy", CONF_YES_NO, GATEWAY(behind_proxy), 0, 0, 0, false },
	{ "access_log", CONF_LOGGED, GATEWAY(access_log), 0, 0, CONF_LOGGED_ERRORS, false },
};
#define ZONE(member) offsetof(struct conf_zone, member)
static const struct conf_key zone_keys[] = {
	{ "name", CONF_TEXT, ZONE(name), 1, CONF_NAME_MAX, 0, true },
	{ "contact_party", CONF_NAME, ZONE(contact_party), 0, 0, 0, true },
	{ "stand_in_party", CONF_NAME, ZONE(stand_in_party), 0, 0, 0, true },
	{ "network_party", CONF_NAME, ZONE(network_party), 0, 0, 0, true },
	{ "region", CONF_NAME, ZONE(region), 0, 0, 0, true },
};
#define PARTY(member) offsetof(struct conf_party, member)
static const struct conf_key party_keys[] = {
	{ "name", CONF_TEXT, PARTY(name), 1, CONF_NAME_MAX, 0, true },
	{ "organisation", CONF_NAME, PARTY(organisation), 0, 0, 0, false },
	{ "key", CONF_KEY, PARTY(key), 0, 0, 0, true },
	{ "roles", CONF_ROLES, PARTY(roles), 0, 0, 0, true },
	{ "zones", CONF_ZONE_LIST, 0, 0, 0, 0, false },
	{ "opening_days", CONF_DAYS, PARTY(opening_days), 0, 0, 0x1f, false },
	{ "sector", CONF_TEXT, PARTY(sector), 0, CONF_SECTOR_MAX, 0, false },
	{ "on_call", CONF_YES_NO, PARTY(on_call), 0, 0, 0, false },
	{ "phone", CONF_TEXT, PARTY(phone), 0, CONF_PHONE_MAX, 0, false },
	{ "mail", CONF_TEXT, PARTY(mail), 0, CONF_MAIL_MAX, 0, false },
	{ "text", CONF_TEXT, PARTY(text), 0, CONF_NUMBER_MAX, 0, false },
	{ "org_code", CONF_TEXT, PARTY(org_code), 0, CONF_ORG_CODE_MAX, 0, false },
	{ "access_serial", CONF_U32, PARTY(access_serial), 0, UINT32_MAX, 0, false },
};
/* clang-format on */

const struct conf_section conf_section_node = { "node", node_keys, SK_LEN(node_keys),
						offsetof(struct conf, seen) };
const struct conf_section conf_section_daemon = { "daemon", daemon_keys, SK_LEN(daemon_keys),
						  offsetof(struct conf_daemon, seen) };
const struct conf_section conf_section_store = { "store", store_keys, SK_LEN(store_keys),
						 offsetof(struct conf_store, seen) };
const struct conf_section conf_section_gateway = { "gateway", gateway_keys, SK_LEN(gateway_keys),
						   offsetof(struct conf_gateway, seen) };
const struct conf_section conf_section_zone = { "zone", zone_keys, SK_LEN(zone_keys),
						offsetof(struct conf_zone, seen) };
const struct conf_section conf_section_party = { "party", party_keys, SK_LEN(party_keys),
						 offsetof(struct conf_party, seen) };

/* --- values --- */

bool conf_number(const char *text, uint64_t min, uint64_t max, uint64_t *ret_n)
{
	uint64_t n = 0;
	size_t len = strlen(text);
	if (len == 0 || len > 19) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9') {
			return false;
		}
		n = n * 10 + (uint64_t)(text[i] - '0');
	}
	if (n < min || n > max) {
		return false;
	}
	*ret_n = n;
	return true;
}

/* Length of the UTF-8 character at @p s, or 0: control, overlong, surrogate or cut off. */
static size_t character(const unsigned char *s)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (len == 1) {
		return s[0] >= 0x20 && s[0] != 0x7f ? 1 : 0;
	}
	uint32_t c = s[0] & (0x7fU >> len);
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80) {
			return 0;
		}
		c = (c << 6) | (s[i] & 0x3fU);
	}
	bool good = s[0] >= 0xc2 && s[0] < 0xf8 && c >= least[len] && c <= 0x10ffff && c >= 0xa0 &&
		    (c < 0xd800 || c > 0xdfff);
	return good ? len : 0;
}

bool conf_text_is_valid(const char *text, size_t len_max)
{
	if (strlen(text) > len_max) {
		return false;
	}
	for (const unsigned char *s = (const unsigned char *)text; *s != 0;) {
		size_t len = character(s);
		if (len == 0) {
			return false;
		}
		s += len;
	}
	return true;
}

bool conf_resolve(const struct conf *c, const char *path, char ret_path[CONF_PATH_MAX])
{
	int n = path[0] == '/' ? snprintf(ret_path, CONF_PATH_MAX, "%s", path) :
				 snprintf(ret_path, CONF_PATH_MAX, "%s/%s", c->dir, path);
	return n > 0 && n < CONF_PATH_MAX;
}

static bool set_flag(const char *value, const char *yes, const char *no, void *at)
{
	bool *flag = at;
	if (strcmp(value, yes) != 0 && strcmp(value, no) != 0) {
		return false;
	}
	*flag = strcmp(value, yes) == 0;
	return true;
}

const char *const conf_languages[] = { [CONF_NL] = "nl", [CONF_EN] = "en", NULL };
const char *const conf_logged_words[] = {
	[CONF_LOGGED_OFF] = "off", [CONF_LOGGED_ERRORS] = "errors", [CONF_LOGGED_ALL] = "all", NULL
};

static bool set_word(const char *value, const char *const *words, void *at)
{
	for (uint32_t i = 0; words[i] != NULL; i++) {
		if (strcmp(value, words[i]) == 0) {
			memcpy(at, &i, sizeof(i));
			return true;
		}
	}
	return false;
}

static bool set_name(const char *value, void *at)
{
	if (!name_is_valid(value) || value[0] == '@') {
		return false;
	}
	(void)snprintf(at, PARTY_ID_LEN_MAX + 1, "%s", value);
	return true;
}

static bool set_endpoint(const struct conf *c, const char *value, char *at)
{
	char path[CONF_PATH_MAX];
	if (strncmp(value, "ipc://", 6) == 0) {
		if (value[6] == '\0' || value[6] == '@' || !conf_resolve(c, value + 6, path) ||
		    strlen(path) > CONF_IPC_PATH_MAX) {
			return false;
		}
		return snprintf(at, CONF_PATH_MAX, "ipc://%s", path) < CONF_PATH_MAX;
	}
	const char *port = strrchr(value, ':');
	uint64_t n = 0;
	if (strncmp(value, "tcp://", 6) != 0 || port < value + 7 || strchr(value, '*') != NULL ||
	    !conf_number(port + 1, 1, 65535, &n)) {
		return false;
	}
	return snprintf(at, CONF_PATH_MAX, "%s", value) < CONF_PATH_MAX;
}

/* ADDRESS:PORT; an IPv6 address stands in brackets. Port 0: any that is free (tests). */
static bool set_bind(const char *value, char *at)
{
	const char *port = strrchr(value, ':');
	uint64_t n = 0;
	if (port == NULL || port == value || !conf_number(port + 1, 0, 65535, &n) ||
	    strlen(value) > CONF_BIND_MAX || (value[0] == '[') != (port[-1] == ']')) {
		return false;
	}
	return snprintf(at, CONF_BIND_MAX + 1, "%s", value) > 0;
}

static bool set_url(const char *value, char *at)
{
	bool http = strncmp(value, "http://", 7) == 0 && value[7] != '\0';
	bool https = strncmp(value, "https://", 8) == 0 && value[8] != '\0';
	size_t len = strlen(value);
	if ((!http && !https) || len > CONF_URL_MAX || value[len - 1] == '/' ||
	    !conf_text_is_valid(value, CONF_URL_MAX) || strpbrk(value, " \"<>?#") != NULL) {
		return false;
	}
	return snprintf(at, CONF_URL_MAX + 1, "%s", value) > 0;
}

static bool set_roles(const char *value, void *at)
{
	char list[256];
	char *next = list;
	uint32_t roles = 0;
	(void)snprintf(list, sizeof(list), "%s", value);
	for (char *word = strsep(&next, " ,"); word != NULL; word = strsep(&next, " ,")) {
		char full[64];
		if (word[0] == '\0') {
			continue;
		}
		(void)snprintf(full, sizeof(full), ROLE_PREFIX "%s", word);
		const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value_by_name(
			&schakel__v1__role__descriptor, full);
		if (v == NULL || v->value == SCHAKEL__V1__ROLE__ROLE_UNSPECIFIED) {
			return false;
		}
		roles |= 1U << (unsigned)v->value;
	}
	memcpy(at, &roles, sizeof(roles));
	return roles != 0;
}

static bool set_days(const char *value, void *at)
{
	uint32_t days = 0;
	for (const char *s = value; *s != '\0'; s++) {
		uint32_t bit = *s >= '1' && *s <= '7' ? 1U << (*s - '1') : 0;
		if (bit == 0 || (days & bit) != 0) {
			return false;
		}
		days |= bit;
	}
	memcpy(at, &days, sizeof(days));
	return days != 0;
}

static bool set_zones(const char *value, struct conf_party *party)
{
	char list[256];
	char *next = list;
	(void)snprintf(list, sizeof(list), "%s", value);
	for (char *word = strsep(&next, " ,"); word != NULL; word = strsep(&next, " ,")) {
		if (word[0] == '\0') {
			continue;
		}
		if (party->zones_len == CONF_ZONES_MAX ||
		    !set_name(word, party->zones[party->zones_len])) {
			return false;
		}
		party->zones_len++;
	}
	return party->zones_len > 0;
}

static bool set_text(const struct conf_key *k, const char *value, char *at)
{
	if (strlen(value) < k->min || !conf_text_is_valid(value, k->max)) {
		return false;
	}
	return snprintf(at, k->max + 1, "%s", value) >= 0;
}

static bool set_number(const struct conf_key *k, const char *value, void *at)
{
	uint64_t n = 0;
	if (!conf_number(value, k->min, k->max, &n)) {
		return false;
	}
	if (k->kind == CONF_U64) {
		memcpy(at, &n, sizeof(n));
	} else {
		uint32_t small = (uint32_t)n;
		memcpy(at, &small, sizeof(small));
	}
	return true;
}

static bool set_value(struct conf_parse *p, const struct conf_key *k, const char *value)
{
	char *at = (char *)p->base + k->offset;
	switch (k->kind) {
	case CONF_U32:
	case CONF_U64:
		return set_number(k, value, at);
	case CONF_YES_NO:
		return set_flag(value, "yes", "no", at);
	case CONF_ON_OFF:
		return set_flag(value, "on", "off", at);
	case CONF_LANGUAGE:
		return set_word(value, conf_languages, at);
	case CONF_LOGGED:
		return set_word(value, conf_logged_words, at);
	case CONF_NAME:
		return set_name(value, at);
	case CONF_TEXT:
		return set_text(k, value, at);
	case CONF_PATH:
		return value[0] != '\0' && conf_resolve(p->conf, value, at);
	case CONF_ENDPOINT:
		return set_endpoint(p->conf, value, at);
	case CONF_BIND:
		return set_bind(value, at);
	case CONF_URL:
		return set_url(value, at);
	case CONF_KEY:
		return conf_key_is_valid(value) &&
		       snprintf(at, CONF_KEY_LEN + 1, "%s", value) == CONF_KEY_LEN;
	case CONF_ROLES:
		return set_roles(value, at);
	case CONF_DAYS:
		return set_days(value, at);
	case CONF_ZONE_LIST:
		return set_zones(value, p->base);
	}
	return false;
}

static const char endpoint_rule[] = "ipc://PATH (at most 107 bytes with the node's directory) or "
				    "tcp://ADDRESS:PORT";
static const char role_rule[] = "words of CONTACT_POINT, REQUESTER, FACILITY, COORDINATOR, "
				"DASHBOARD, FAMILY, OPERATOR, DAEMON";

/* What a good value looks like, for the message about a bad one. */
static void rule(const struct conf_key *k, char *ret_text, size_t cap)
{
	static const char *const words[] = {
		[CONF_YES_NO] = "yes or no",
		[CONF_ON_OFF] = "on or off",
		[CONF_LANGUAGE] = "nl or en",
		[CONF_LOGGED] = "off, errors or all",
		[CONF_NAME] = "1 to 31 characters of a-z, 0-9 and -",
		[CONF_PATH] = "a path of at most 511 bytes",
		[CONF_ENDPOINT] = endpoint_rule,
		[CONF_BIND] = "ADDRESS:PORT, an IPv6 address in brackets",
		[CONF_URL] = "http:// or https:// with a host, without a slash at the end",
		[CONF_KEY] = "a public CURVE key, 40 characters of Z85",
		[CONF_ROLES] = role_rule,
		[CONF_DAYS] = "digits 1 (Monday) to 7 (Sunday), each at most once",
		[CONF_ZONE_LIST] = "1 to 64 zone names with spaces between",
	};
	if (k->kind == CONF_U32 || k->kind == CONF_U64) {
		(void)snprintf(ret_text, cap, "a whole number from %" PRIu64 " to %" PRIu64, k->min,
			       k->max);
	} else if (k->kind == CONF_TEXT) {
		(void)snprintf(ret_text, cap, "%" PRIu64 " to %" PRIu64 " bytes of UTF-8 text",
			       k->min, k->max);
	} else {
		(void)snprintf(ret_text, cap, "%s", words[k->kind]);
	}
}

static void bad_value(struct conf_parse *p, const struct conf_key *k, const char *value)
{
	char text[160];
	rule(k, text, sizeof(text));
	conf_problem(p->problems, p->file, p->line, "[%s] %s \"%s\" must be %s; %s", p->section,
		     k->key, value, text,
		     k->needed ? "correct it" : "correct it, or remove the line for the default");
}

static uint64_t *seen_of(const struct conf_section *s, void *base)
{
	return (uint64_t *)(void *)((char *)base + s->seen_offset);
}

void conf_set(struct conf_parse *p, const char *key, const char *value)
{
	for (size_t i = 0; i < p->keys->keys_len; i++) {
		const struct conf_key *k = &p->keys->keys[i];
		if (strcmp(k->key, key) != 0) {
			continue;
		}
		uint64_t *seen = seen_of(p->keys, p->base);
		if ((*seen & (1ULL << i)) != 0) {
			conf_problem(p->problems, p->file, p->line,
				     "[%s] %s is given twice; remove one", p->section, key);
		} else if (!set_value(p, k, value)) {
			bad_value(p, k, value);
		}
		*seen |= 1ULL << i;
		return;
	}
	conf_problem(p->problems, p->file, p->line,
		     "[%s] %s is no key of this section; correct or remove it", p->section, key);
}

void conf_defaults(const struct conf_section *s, void *base)
{
	for (size_t i = 0; i < s->keys_len; i++) {
		const struct conf_key *k = &s->keys[i];
		char *at = (char *)base + k->offset;
		uint32_t small = (uint32_t)k->def;
		bool flag = k->def != 0;
		if (k->kind == CONF_U64) {
			memcpy(at, &k->def, sizeof(k->def));
		} else if (k->kind == CONF_U32 || k->kind == CONF_LANGUAGE ||
			   k->kind == CONF_LOGGED || k->kind == CONF_DAYS) {
			memcpy(at, &small, sizeof(small));
		} else if (k->kind == CONF_YES_NO || k->kind == CONF_ON_OFF) {
			memcpy(at, &flag, sizeof(flag));
		}
	}
}

void conf_check_needed(struct conf_parse *p, const struct conf_section *s, const char *name,
		       void *base, unsigned line)
{
	for (size_t i = 0; i < s->keys_len; i++) {
		if (s->keys[i].needed && (*seen_of(s, base) & (1ULL << i)) == 0) {
			char text[160];
			rule(&s->keys[i], text, sizeof(text));
			conf_problem(p->problems, p->file, line, "[%s] %s is missing; add it: %s",
				     name, s->keys[i].key, text);
		}
	}
}

void conf_set_setting(struct conf_parse *p, const char *key, const char *value)
{
	int which = setting_find(key);
	if (which < 0) {
		conf_problem(p->problems, p->file, p->line,
			     "[settings] %s is no setting; correct or remove it", key);
		return;
	}
	const struct setting_spec *spec = &setting_spec[which];
	struct conf_key k = {
		.key = spec->key, .kind = CONF_U64, .min = spec->min, .max = spec->max
	};
	if (p->conf->setting_seen[which]) {
		conf_problem(p->problems, p->file, p->line,
			     "[settings] %s is given twice; remove one", key);
	} else if (!conf_number(value, spec->min, spec->max, &p->conf->settings[which])) {
		bad_value(p, &k, value);
	}
	p->conf->setting_seen[which] = true;
}
