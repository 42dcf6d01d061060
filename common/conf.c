/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/conf_private.h"

#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/civil.h"
#include "common/files.h"

static const char *const daemon_names[CONF_DAEMONS] = { "intake", "waitlist", "matching" };

void conf_problem(struct conf_problems *p, const char *file, unsigned line, const char *fmt, ...)
{
	size_t used = strlen(p->text);
	p->count++;
	if (p->count > CONF_PROBLEMS_MAX || used + 1 >= sizeof(p->text)) {
		return;
	}
	int n = line == 0 ? snprintf(p->text + used, sizeof(p->text) - used, "%s: ", file) :
			    snprintf(p->text + used, sizeof(p->text) - used, "%s:%u: ", file, line);
	used += n > 0 ? (size_t)n : 0;
	if (used + 1 < sizeof(p->text)) {
		va_list args;
		va_start(args, fmt);
		(void)vsnprintf(p->text + used, sizeof(p->text) - used, fmt, args);
		va_end(args);
	}
	for (size_t i = used; i < sizeof(p->text) && p->text[i] != '\0'; i++) {
		if ((unsigned char)p->text[i] < 0x20) {
			p->text[i] = '?'; /* one problem, one line */
		}
	}
	used = strlen(p->text);
	if (used + 1 < sizeof(p->text)) {
		p->text[used] = '\n';
		p->text[used + 1] = '\0';
	}
}

/* --- sections --- */

static struct conf_zone *zone_new(struct conf_parse *p, const char *id)
{
	struct conf *c = p->conf;
	for (size_t i = 0; i < c->zones_len; i++) {
		if (strcmp(c->zones[i].id, id) == 0) {
			conf_problem(p->problems, p->file, p->line,
				     "[zone.%s] is given twice; remove one", id);
			return NULL;
		}
	}
	if (c->zones_len == CONF_ZONES_MAX) {
		conf_problem(p->problems, p->file, p->line,
			     "[zone.%s] is one more than %d zones; remove one", id, CONF_ZONES_MAX);
		return NULL;
	}
	struct conf_zone *z = &c->zones[c->zones_len++];
	(void)snprintf(z->id, sizeof(z->id), "%s", id);
	z->line = p->line;
	conf_defaults(&conf_section_zone, z);
	return z;
}

static struct conf_party *party_new(struct conf_parse *p, const char *id)
{
	struct conf *c = p->conf;
	for (size_t i = 0; i < c->parties_len; i++) {
		if (strcmp(c->parties[i].id, id) == 0) {
			conf_problem(p->problems, p->file, p->line,
				     "[party.%s] is given twice; remove one", id);
			return NULL;
		}
	}
	if (c->parties_len == CONF_PARTIES_MAX) {
		conf_problem(p->problems, p->file, p->line,
			     "[party.%s] is one more than %d parties; remove one", id,
			     CONF_PARTIES_MAX);
		return NULL;
	}
	struct conf_party *party = &c->parties[c->parties_len++];
	(void)snprintf(party->id, sizeof(party->id), "%s", id);
	(void)snprintf(party->organisation, sizeof(party->organisation), "%s", id);
	party->line = p->line;
	conf_defaults(&conf_section_party, party);
	return party;
}

static void begin_object(struct conf_parse *p, const char *id, bool party)
{
	if (!name_is_valid(id) || id[0] == '@') {
		conf_problem(p->problems, p->file, p->line,
			     "[%s] must be named with 1 to 31 characters of a-z, 0-9 and -; rename "
			     "it",
			     p->section);
		return;
	}
	p->keys = party ? &conf_section_party : &conf_section_zone;
	p->base = party ? (void *)party_new(p, id) : (void *)zone_new(p, id);
}

static void begin_plain(struct conf_parse *p)
{
	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		if (strcmp(p->section, daemon_names[i]) == 0) {
			p->keys = &conf_section_daemon;
			p->base = &p->conf->daemons[i];
		}
	}
	conf_outside_begin(p);
	if (strcmp(p->section, "node") == 0) {
		p->keys = &conf_section_node;
		p->base = p->conf;
	} else if (strcmp(p->section, "store") == 0) {
		p->keys = &conf_section_store;
		p->base = &p->conf->store;
	} else if (strcmp(p->section, "gateway") == 0) {
		p->keys = &conf_section_gateway;
		p->base = &p->conf->gateway;
	} else if (strcmp(p->section, "settings") == 0 || strcmp(p->section, "holidays") == 0) {
		p->base = p->conf;
	}
}

static void begin_section(struct conf_parse *p, const char *name, size_t len)
{
	bool parties = strcmp(p->file, CONF_PARTIES_FILE) == 0;
	(void)snprintf(p->section, sizeof(p->section), "%.*s", (int)len, name);
	p->keys = NULL;
	p->base = NULL;
	if (parties && strncmp(p->section, "party.", 6) == 0) {
		begin_object(p, p->section + 6, true);
	} else if (!parties && strncmp(p->section, "zone.", 5) == 0) {
		begin_object(p, p->section + 5, false);
	} else {
		if (!parties) {
			begin_plain(p);
		}
		if (p->base == NULL) {
			conf_problem(p->problems, p->file, p->line,
				     "[%s] is no section of this file; correct or remove it",
				     p->section);
		}
	}
}

static void set_holidays(struct conf_parse *p, const char *key, const char *value)
{
	struct conf *c = p->conf;
	char list[256];
	char *next = list;
	uint64_t year = 0;
	bool good = strlen(key) == 4 && conf_number(key, CIVIL_YEAR_MIN, CIVIL_YEAR_MAX, &year);
	(void)snprintf(list, sizeof(list), "%s", value);
	for (char *word = strsep(&next, " ,"); word != NULL && good; word = strsep(&next, " ,")) {
		uint64_t n = 0;
		if (word[0] == '\0') {
			continue;
		}
		good = conf_number(word, year * 10000, year * 10000 + 1231, &n) &&
		       civil_date_valid((struct civil_date){ (uint16_t)(n / 10000),
							     (uint8_t)(n / 100 % 100),
							     (uint8_t)(n % 100) }) &&
		       c->holidays_len < CONF_HOLIDAYS_MAX;
		if (good) {
			c->holidays[c->holidays_len++] = (uint32_t)n;
		}
	}
	if (!good) {
		conf_problem(p->problems, p->file, p->line,
			     "[holidays] %s \"%s\" must be a year and dates of it as yyyymmdd, at "
			     "most %d in all; correct it",
			     key, value, CONF_HOLIDAYS_MAX);
	}
}

/* --- reading a file --- */

/* inih's callback: the section was begun by the reader, which also knows the line. */
static int on_pair(void *user, const char *section, const char *name, const char *value)
{
	struct conf_parse *p = user;
	(void)section;
	if (p->base == NULL) {
		if (p->section[0] == '\0') {
			conf_problem(p->problems, p->file, p->line,
				     "%s stands before any [section]; move it", name);
		}
		return 1;
	}
	if (p->keys != NULL) {
		conf_set(p, name, value);
	} else if (strcmp(p->section, "settings") == 0) {
		conf_set_setting(p, name, value);
	} else {
		set_holidays(p, name, value);
	}
	return 1;
}

/* inih tells no line numbers and no empty sections, and would join indented lines: seen to here. */
static char *read_line(char *line, int cap, void *user)
{
	struct conf_parse *p = user;
	if (*p->rest == '\0') {
		return NULL;
	}
	size_t len = strcspn(p->rest, "\n");
	size_t take = len;
	p->line++;
	if (take > (size_t)cap - 2) {
		take = (size_t)cap - 2;
		conf_problem(p->problems, p->file, p->line,
			     "the line is longer than %d bytes; shorten it", cap - 2);
	}
	memcpy(line, p->rest, take);
	line[take] = '\n';
	line[take + 1] = '\0';
	size_t blank = strspn(line, " \t\r");
	if (blank > 0 && strchr("\n;#", line[blank]) == NULL) {
		conf_problem(p->problems, p->file, p->line,
			     "the line begins with a blank; move it to the left");
		line[0] = '#';
	}
	const char *end = strchr(line, ']');
	if (line[0] == '[' && end != NULL) {
		begin_section(p, line + 1, (size_t)(end - line) - 1);
	}
	p->rest += len + (p->rest[len] == '\n');
	return line;
}

static void parse_text(struct conf_parse *p, const char *text)
{
	p->rest = text;
	p->line = 0;
	p->section[0] = '\0';
	p->base = NULL;
	int bad_line = ini_parse_stream(read_line, p, on_pair, p);
	if (bad_line > 0) {
		conf_problem(p->problems, p->file, (unsigned)bad_line,
			     "this is no [section], no key = value and no comment; correct it");
	} else if (bad_line < 0) {
		conf_problem(p->problems, p->file, 0, "out of memory; try again");
	}
}

static void parse_file(struct conf_parse *p, const char *file)
{
	char path[CONF_PATH_MAX];
	size_t len = 0;
	p->file = file;
	char *text = malloc(CONF_FILE_BYTES_MAX + 1);
	int err = SK_ENOMEM;
	if (text != NULL && conf_resolve(p->conf, file, path)) {
		err = files_read(path, text, CONF_FILE_BYTES_MAX, &len);
	}
	if (err != SK_OK) {
		conf_problem(p->problems, file, 0,
			     "cannot be read (%s); is %s the node's directory?", sk_strerror(err),
			     p->conf->dir);
	} else if (memchr(text, '\0', len) != NULL) {
		conf_problem(p->problems, file, 0, "holds a NUL byte; it must be text");
	} else {
		text[len] = '\0';
		parse_text(p, text);
	}
	free(text);
}

/* --- the whole --- */

static void set_defaults(struct conf *c)
{
	char relative[64];
	conf_defaults(&conf_section_node, c);
	conf_defaults(&conf_section_store, &c->store);
	conf_defaults(&conf_section_gateway, &c->gateway);
	conf_outside_defaults(c);
	(void)snprintf(c->gateway.bind, sizeof(c->gateway.bind), "127.0.0.1:8470");
	(void)snprintf(c->gateway.metrics_bind, sizeof(c->gateway.metrics_bind), "127.0.0.1:8471");
	for (int i = 0; i < SETTING_COUNT; i++) {
		c->settings[i] = setting_spec[i].def;
	}
	bool fits = conf_resolve(c, "codes.csv", c->codes_path) &&
		    conf_resolve(c, "keys", c->keys_dir) &&
		    conf_resolve(c, "incarnation", c->incarnation_dir) &&
		    conf_resolve(c, "data/gateway", c->gateway.dir);
	for (size_t i = 0; i < CONF_DAEMONS && fits; i++) {
		struct conf_daemon *d = &c->daemons[i];
		(void)snprintf(d->name, sizeof(d->name), "%s", daemon_names[i]);
		(void)snprintf(relative, sizeof(relative), "data/%s", d->name);
		fits = conf_resolve(c, relative, d->dir);
		(void)snprintf(d->bind, sizeof(d->bind), "ipc://%.300s/run/%s.sock", c->dir,
			       d->name);
	}
}

static int by_zone(const void *a, const void *b)
{
	return strcmp(((const struct conf_zone *)a)->id, ((const struct conf_zone *)b)->id);
}

static int by_party(const void *a, const void *b)
{
	return strcmp(((const struct conf_party *)a)->id, ((const struct conf_party *)b)->id);
}

static int by_date(const void *a, const void *b)
{
	const uint32_t *x = a;
	const uint32_t *y = b;
	return (*x > *y) - (*x < *y);
}

static void check_needed(struct conf_parse *p)
{
	struct conf *c = p->conf;
	char name[64];
	p->file = CONF_MAIN_FILE;
	conf_check_needed(p, &conf_section_node, "node", c, 0);
	for (size_t i = 0; i < c->zones_len; i++) {
		(void)snprintf(name, sizeof(name), "zone.%s", c->zones[i].id);
		conf_check_needed(p, &conf_section_zone, name, &c->zones[i], c->zones[i].line);
	}
	p->file = CONF_PARTIES_FILE;
	for (size_t i = 0; i < c->parties_len; i++) {
		(void)snprintf(name, sizeof(name), "party.%s", c->parties[i].id);
		conf_check_needed(p, &conf_section_party, name, &c->parties[i], c->parties[i].line);
	}
}

static int load(struct conf *c, struct conf_problems *problems)
{
	struct conf_parse p = { .conf = c, .problems = problems };
	parse_file(&p, CONF_MAIN_FILE);
	parse_file(&p, CONF_PARTIES_FILE);
	conf_codes_load(c, problems);
	check_needed(&p);
	/* Sorted, so that the order in the files means nothing and a lookup is quick. */
	qsort(c->zones, c->zones_len, sizeof(c->zones[0]), by_zone);
	qsort(c->parties, c->parties_len, sizeof(c->parties[0]), by_party);
	qsort(c->holidays, c->holidays_len, sizeof(c->holidays[0]), by_date);
	conf_cross_check(c, problems);
	int err = conf_pack(c, problems);
	return err == SK_OK && problems->count > 0 ? SK_ECONF : err;
}

int conf_load(const char *dir, struct conf **ret_conf, struct conf_problems *ret_problems)
{
	memset(ret_problems, 0, sizeof(*ret_problems));
	struct conf *c = calloc(1, sizeof(*c));
	if (c == NULL) {
		return SK_ENOMEM;
	}
	c->parties = calloc(CONF_PARTIES_MAX, sizeof(*c->parties));
	char *absolute = realpath(dir, NULL);
	int err = c->parties == NULL ? SK_ENOMEM : SK_OK;
	if (absolute == NULL || strlen(absolute) + 64 > sizeof(c->dir)) {
		conf_problem(ret_problems, dir, 0,
			     "is no directory with a path under %zu bytes; make it with "
			     "`schakel node init`",
			     sizeof(c->dir) - 64);
		err = SK_ECONF;
	}
	if (err == SK_OK) {
		(void)snprintf(c->dir, sizeof(c->dir), "%s", absolute);
		set_defaults(c);
		err = load(c, ret_problems);
	}
	free(absolute);
	if (err != SK_OK) {
		conf_free(c);
		return err;
	}
	*ret_conf = c;
	return SK_OK;
}

void conf_free(struct conf *c)
{
	if (c != NULL) {
		free(c->parties);
		free(c->packed);
		free(c);
	}
}

const struct conf_daemon *conf_daemon(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		if (strcmp(c->daemons[i].name, name) == 0) {
			return &c->daemons[i];
		}
	}
	return NULL;
}

const struct conf_party *conf_party(const struct conf *c, const char *id)
{
	struct conf_party want = { 0 };
	if (strlen(id) > PARTY_ID_LEN_MAX || c->parties_len == 0) {
		return NULL;
	}
	(void)snprintf(want.id, sizeof(want.id), "%s", id);
	return bsearch(&want, c->parties, c->parties_len, sizeof(want), by_party);
}

const struct conf_party *conf_party_by_key(const struct conf *c, const char *key)
{
	for (size_t i = 0; i < c->parties_len; i++) {
		if (strcmp(c->parties[i].key, key) == 0) {
			return &c->parties[i];
		}
	}
	return NULL;
}

struct slice conf_packed(const struct conf *c)
{
	return (struct slice){ .data = c->packed, .len = c->packed_len };
}
