/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/node_rig.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/conf.h"

static const struct node_rig_line main_lines[] = {
	{ "node", "name", "testregio" },
	{ "node", "demo", "yes" },
	{ "store", "map_bytes", "268435456" },
	{ "store", "segment_bytes", "1048576" },
	{ "store", "disk_reserve_bytes", "1048576" },
	{ "settings", "ask_opening_days", "7" },
	{ "holidays", "2026", "20261102 20261224" },
	{ "zone.noord", "name", "Noord" },
	{ "zone.noord", "contact_party", "duty" },
	{ "zone.noord", "stand_in_party", "second" },
	{ "zone.noord", "network_party", "second" },
	{ "zone.noord", "region", "demo" },
};

static const struct node_rig_line party_lines[] = {
	{ "party.intake", "name", "intake" },
	{ "party.intake", "roles", "DAEMON" },
	{ "party.waitlist", "name", "waitlist" },
	{ "party.waitlist", "roles", "DAEMON" },
	{ "party.matching", "name", "matching" },
	{ "party.matching", "roles", "DAEMON" },
	{ "party.operator", "name", "Beheer" },
	{ "party.operator", "roles", "OPERATOR" },
	{ "party.duty", "name", "Voorbeeld meldpunt één" },
	{ "party.duty", "roles", "CONTACT_POINT REQUESTER" },
	{ "party.duty", "zones", "noord" },
	{ "party.duty", "opening_days", "1234567" },
	{ "party.duty", "on_call", "yes" },
	{ "party.second", "name", "Voorbeeld voorziening" },
	{ "party.second", "roles", "FACILITY" },
	{ "party.second", "zones", "noord" },
	{ "party.second", "sector", "CAW" },
};

static const char codes[] = "number,code,kind,label_nl,label_en\n"
			    "1,GROUP_LIVING,EXPERTISE,leefgroepwerking,group living\n"
			    "2,BEHAVIOUR,EXPERTISE,\"gedrag, \"\"moeilijk\"\"\",behaviour\n";

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void node_rig_temp(char ret_path[NODE_RIG_PATH_MAX])
{
	const char *base = getenv("TMPDIR");
	static unsigned count;
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)snprintf(ret_path, NODE_RIG_PATH_MAX, "%s/schakel-%ld-%u", base ? base : P_tmpdir,
		       now.tv_sec * 1000000 + now.tv_nsec / 1000, count++);
}

void node_rig_path(const struct node_rig *r, const char *name, char ret_path[NODE_RIG_PATH_MAX])
{
	int n = snprintf(ret_path, NODE_RIG_PATH_MAX, "%s/%s", r->dir, name);
	SK_ASSERT(n > 0 && n < NODE_RIG_PATH_MAX);
}

static FILE *create(const struct node_rig *r, const char *name)
{
	char path[NODE_RIG_PATH_MAX];
	node_rig_path(r, name, path);
	FILE *f = fopen(path, "we");
	SK_ASSERT(f != NULL);
	return f;
}

void node_rig_file(const struct node_rig *r, const char *name, const char *text)
{
	FILE *f = create(r, name);
	(void)fputs(text, f);
	(void)fclose(f);
}

static bool is(const struct node_rig_line *a, const char *section, const char *key)
{
	return a != NULL && strcmp(a->section, section) == 0 && a->key != NULL &&
	       strcmp(a->key, key) == 0;
}

static void print_line(FILE *f, const struct node_rig_line *line)
{
	if (line->key != NULL && line->value != NULL) {
		(void)fprintf(f, "%s = %s\n", line->key, line->value);
	}
}

/* The lines in order; the changed one in its place, or a new one at the end of its section. */
static void print_all(FILE *f, const struct node_rig_line *lines, size_t len,
		      const struct node_rig_line *other)
{
	bool placed = other == NULL;
	const char *section = "";
	for (size_t i = 0; i < len; i++) {
		if (strcmp(section, lines[i].section) != 0) {
			if (!placed && strcmp(section, other->section) == 0) {
				print_line(f, other);
				placed = true;
			}
			section = lines[i].section;
			(void)fprintf(f, "\n[%s]\n", section);
		}
		bool changed = is(other, lines[i].section, lines[i].key);
		print_line(f, changed ? other : &lines[i]);
		placed = placed || changed;
	}
	if (!placed) {
		if (strcmp(section, other->section) != 0) {
			(void)fprintf(f, "\n[%s]\n", other->section);
		}
		print_line(f, other);
	}
}

/* Prints the key of a party behind its other lines, from its key file. */
static void print_keys(const struct node_rig *r, FILE *f, const struct node_rig_line *other)
{
	for (size_t i = 0; i < SK_LEN(party_lines); i++) {
		const char *section = party_lines[i].section;
		char name[64];
		char path[NODE_RIG_PATH_MAX];
		struct conf_secret *secret = NULL;
		if (i > 0 && strcmp(section, party_lines[i - 1].section) == 0) {
			continue;
		}
		(void)snprintf(name, sizeof(name), "keys/%s.secret", section + 6);
		node_rig_path(r, name, path);
		int err = conf_secret_read(path, &secret);
		SK_ASSERT(err == SK_OK);
		struct node_rig_line lines[32] = { { section, "key", secret->public_key } };
		size_t len = 1;
		for (size_t j = i; j < SK_LEN(party_lines); j++) {
			if (strcmp(party_lines[j].section, section) == 0) {
				lines[len++] = party_lines[j];
			}
		}
		bool here = other != NULL && strcmp(other->section, section) == 0;
		print_all(f, lines, len, here ? other : NULL);
		conf_secret_free(secret);
	}
}

static bool is_known_party(const char *section)
{
	for (size_t i = 0; i < SK_LEN(party_lines); i++) {
		if (strcmp(party_lines[i].section, section) == 0) {
			return true;
		}
	}
	return false;
}

void node_rig_write(const struct node_rig *r, const struct node_rig_line *other)
{
	bool party = other != NULL && strncmp(other->section, "party.", 6) == 0;
	FILE *f = create(r, "schakel.ini");
	print_all(f, main_lines, SK_LEN(main_lines), party ? NULL : other);
	(void)fclose(f);
	f = create(r, "parties.ini");
	print_keys(r, f, party ? other : NULL);
	if (party && !is_known_party(other->section)) {
		print_all(f, NULL, 0, other);
	}
	(void)fclose(f);
	node_rig_file(r, "codes.csv", codes);
}

void node_rig_init(struct node_rig *r)
{
	static const char *const folders[] = { "", "keys", "run", "data", "incarnation" };
	node_rig_temp(r->dir);
	for (size_t i = 0; i < SK_LEN(folders); i++) {
		char path[NODE_RIG_PATH_MAX];
		node_rig_path(r, folders[i], path);
		int rc = mkdir(path, 0700);
		SK_ASSERT(rc == 0);
	}
	for (size_t i = 0; i < SK_LEN(party_lines); i++) {
		char name[64];
		char path[NODE_RIG_PATH_MAX];
		struct conf_secret *secret = NULL;
		(void)snprintf(name, sizeof(name), "keys/%s.secret", party_lines[i].section + 6);
		node_rig_path(r, name, path);
		int err = conf_secret_create(path, &secret);
		SK_ASSERT(err == SK_OK || err == SK_ESTATE);
		if (err == SK_OK) {
			conf_secret_free(secret);
		}
	}
	node_rig_write(r, NULL);
}

void node_rig_done(struct node_rig *r)
{
	(void)nftw(r->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
