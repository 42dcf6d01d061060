/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/conf_private.h"

#include <inttypes.h>
#include <string.h>

#define ROLE_PREFIX_LEN 5 /* "ROLE_" */

static void print_roles(uint32_t roles, FILE *out)
{
	const char *blank = "";
	for (unsigned i = 0; i < 32; i++) {
		const ProtobufCEnumValue *v =
			(roles & (1U << i)) == 0 ?
				NULL :
				protobuf_c_enum_descriptor_get_value(&schakel__v1__role__descriptor,
								     (int)i);
		if (v != NULL) {
			(void)fprintf(out, "%s%s", blank, v->name + ROLE_PREFIX_LEN);
			blank = " ";
		}
	}
}

static void print_days(uint32_t days, FILE *out)
{
	for (int i = 0; i < 7; i++) {
		if ((days & (1U << i)) != 0) {
			(void)fputc('1' + i, out);
		}
	}
}

static void print_zones(const struct conf_party *p, FILE *out)
{
	for (uint32_t i = 0; i < p->zones_len; i++) {
		(void)fprintf(out, "%s%s", i == 0 ? "" : " ", p->zones[i]);
	}
}

static void print_value(const struct conf_key *k, const void *base, FILE *out)
{
	const char *at = (const char *)base + k->offset;
	uint64_t number = 0;
	uint32_t small = 0;
	bool flag = false;
	switch (k->kind) {
	case CONF_U64:
		memcpy(&number, at, sizeof(number));
		(void)fprintf(out, "%" PRIu64, number);
		return;
	case CONF_U32:
		memcpy(&small, at, sizeof(small));
		(void)fprintf(out, "%" PRIu32, small);
		return;
	case CONF_YES_NO:
		memcpy(&flag, at, sizeof(flag));
		(void)fputs(flag ? "yes" : "no", out);
		return;
	case CONF_ON_OFF:
		memcpy(&flag, at, sizeof(flag));
		(void)fputs(flag ? "on" : "off", out);
		return;
	case CONF_LANGUAGE:
		memcpy(&small, at, sizeof(small));
		(void)fputs(conf_languages[small], out);
		return;
	case CONF_LOGGED:
		memcpy(&small, at, sizeof(small));
		(void)fputs(conf_logged_words[small], out);
		return;
	case CONF_ROLES:
		memcpy(&small, at, sizeof(small));
		print_roles(small, out);
		return;
	case CONF_DAYS:
		memcpy(&small, at, sizeof(small));
		print_days(small, out);
		return;
	case CONF_ZONE_LIST:
		print_zones(base, out);
		return;
	case CONF_NAME:
	case CONF_TEXT:
	case CONF_PATH:
	case CONF_ENDPOINT:
	case CONF_BIND:
	case CONF_URL:
	case CONF_KEY:
		(void)fputs(at, out);
		return;
	}
}

/* A key whose empty value is its default and would not be read back. */
static bool is_unset(const struct conf_key *k, const void *base)
{
	if (k->kind == CONF_ZONE_LIST) {
		return ((const struct conf_party *)base)->zones_len == 0;
	}
	return (k->kind == CONF_TEXT || k->kind == CONF_URL) &&
	       *((const char *)base + k->offset) == '\0';
}

void conf_print_section(const struct conf_section *s, const char *name, const void *base, FILE *out)
{
	(void)fprintf(out, "[%s]\n", name);
	for (size_t i = 0; i < s->keys_len; i++) {
		if (!is_unset(&s->keys[i], base)) {
			(void)fprintf(out, "%s = ", s->keys[i].key);
			print_value(&s->keys[i], base, out);
			(void)fputc('\n', out);
		}
	}
	(void)fputc('\n', out);
}

static void print_holidays(const struct conf *c, FILE *out)
{
	uint32_t year = 0;
	(void)fputs("[holidays]", out);
	for (size_t i = 0; i < c->holidays_len; i++) {
		if (c->holidays[i] / 10000 != year) {
			year = c->holidays[i] / 10000;
			(void)fprintf(out, "\n%u =", year);
		}
		(void)fprintf(out, " %u", c->holidays[i]);
	}
	(void)fputs("\n\n", out);
}

void conf_print(const struct conf *c, FILE *out)
{
	char name[64];
	(void)fprintf(out, "# %s/%s\n", c->dir, CONF_MAIN_FILE);
	conf_print_section(&conf_section_node, "node", c, out);
	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		conf_print_section(&conf_section_daemon, c->daemons[i].name, &c->daemons[i], out);
	}
	conf_print_section(&conf_section_store, "store", &c->store, out);
	conf_print_section(&conf_section_gateway, "gateway", &c->gateway, out);
	conf_outside_print(c, out);
	(void)fputs("[settings]\n", out);
	for (int i = 0; i < SETTING_COUNT; i++) {
		(void)fprintf(out, "%s = %" PRIu64 "\n", setting_spec[i].key, c->settings[i]);
	}
	(void)fputc('\n', out);
	print_holidays(c, out);
	for (size_t i = 0; i < c->zones_len; i++) {
		(void)snprintf(name, sizeof(name), "zone.%s", c->zones[i].id);
		conf_print_section(&conf_section_zone, name, &c->zones[i], out);
	}
	(void)fprintf(out, "# %s/%s\n", c->dir, CONF_PARTIES_FILE);
	for (size_t i = 0; i < c->parties_len; i++) {
		(void)snprintf(name, sizeof(name), "party.%s", c->parties[i].id);
		conf_print_section(&conf_section_party, name, &c->parties[i], out);
	}
}
