/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/nodefile.h"

#include <string.h>

#include "common/csv.h"
#include "common/files.h"

#define ENTRIES_MAX CONF_PARTIES_MAX

char *node_path(struct cli *c, const char *dir, const char *name)
{
	return cli_printf(c, "%s/%s", dir, name);
}

int node_text(struct cli *c, const char *path, char **ret_text)
{
	size_t len = 0;
	char *text = cli_alloc(c, CONF_FILE_BYTES_MAX + 1);
	int err = files_read(path, text, CONF_FILE_BYTES_MAX, &len);

	if (err == SK_OK) {
		text[len] = '\0';
		*ret_text = text;
	}
	return err;
}

int conf_complain(const struct cli *c, const struct conf_problems *problems)
{
	cli_say(c, "De configuratie klopt niet (%u):\n%s",
		"The configuration is not right (%u):\n%s", problems->count, problems->text);
	return CLI_USAGE;
}

/* The public half of the party's pair, which is made when it is not there. */
static const char *public_key(struct cli *c, const char *dir, const char *party)
{
	struct conf_secret *pair = NULL;
	const char *path = cli_printf(c, "%s/keys/%s.secret", dir, party);
	int err = conf_secret_create(path, &pair);

	if (err == SK_ESTATE) {
		err = conf_secret_read(path, &pair);
	}
	if (err != SK_OK) {
		(void)cli_fail(c, path, err);
		return NULL;
	}
	const char *key = cli_printf(c, "%s", pair->public_key);
	conf_secret_free(pair);
	return key;
}

static bool given(const char *s)
{
	return s != NULL && s[0] != '\0';
}

/* "key = value\n", or nothing. */
static char *line(struct cli *c, const char *key, const char *value)
{
	return given(value) ? cli_printf(c, "%s = %s\n", key, value) : cli_printf(c, "%s", "");
}

char *party_section(struct cli *c, const char *dir, const struct party_entry *p)
{
	const char *key = given(p->key) ? p->key : public_key(c, dir, p->id);

	if (key == NULL) {
		return NULL;
	}
	return cli_printf(c, "\n[party.%s]\nname = %s\nkey = %s\nroles = %s\n%s%s%s%s%s%s%s%s%s",
			  p->id, given(p->name) ? p->name : p->id, key, p->roles,
			  line(c, "zones", p->zones), line(c, "organisation", p->organisation),
			  line(c, "sector", p->sector), line(c, "opening_days", p->days),
			  p->on_call ? "on_call = yes\n" : "", line(c, "phone", p->phone),
			  line(c, "mail", p->mail), line(c, "text", p->text),
			  line(c, "org_code", p->org_code));
}

char *zone_section(struct cli *c, const struct zone_entry *z)
{
	return cli_printf(c,
			  "\n[zone.%s]\nname = %s\ncontact_party = %s\nstand_in_party = %s\n"
			  "network_party = %s\nregion = %s\n",
			  z->id, z->name, z->contact, z->stand_in, z->network, z->region);
}

/* --- tables --- */

/* Opens a table and sees that the columns in @p needed are there. */
static int table_open(struct cli *c, const char *path, const char *const *needed, struct csv *r)
{
	struct file_error e = { 0 };
	struct slice bytes;
	int rc = infile_load(c, path, &bytes);

	if (rc != CLI_DONE) {
		return rc;
	}
	if (csv_begin(r, &c->arena, bytes, &e) != SK_OK) {
		return infile_say(c, path, &e);
	}
	for (size_t i = 0; needed[i] != NULL; i++) {
		if (csv_field(r, &r->head, needed[i]) == NULL) {
			(void)file_error_text(&e, 1, needed[i], "deze kolom ontbreekt; voeg ze toe",
					      "this column is missing; add it");
			return infile_say(c, path, &e);
		}
	}
	return CLI_DONE;
}

static int bad_row(struct cli *c, const char *path, unsigned at, const char *column)
{
	struct file_error e;

	(void)file_error_text(&e, at, column,
			      "dit veld is leeg of te veel; vul het in (ten hoogste 1000 rijen)",
			      "this field is empty or one too many; fill it in (at most 1000 "
			      "rows)");
	return infile_say(c, path, &e);
}

int partners_read(struct cli *c, const char *path, struct party_entry **ret_list, size_t *ret_len)
{
	static const char *const needed[] = { "id", "name", "roles", NULL };
	struct party_entry *list = cli_alloc(c, ENTRIES_MAX * sizeof(*list));
	struct file_error e = { 0 };
	struct csv r;
	struct csv_row row;
	size_t len = 0;
	int got;
	int rc = table_open(c, path, needed, &r);

	if (rc != CLI_DONE) {
		return rc;
	}
	while ((got = csv_next(&r, &row, &e)) == 1) {
		const char *on_call = csv_field(&r, &row, "on_call");
		const char *code = csv_field(&r, &row, "org_code");
		struct party_entry p = {
			.id = csv_field(&r, &row, "id"),
			.name = csv_field(&r, &row, "name"),
			.roles = csv_field(&r, &row, "roles"),
			.zones = csv_field(&r, &row, "zones"),
			.organisation = csv_field(&r, &row, "organisation"),
			.sector = csv_field(&r, &row, "sector"),
			.days = csv_field(&r, &row, "opening_days"),
			.on_call = on_call != NULL && strcmp(on_call, "1") == 0,
			.phone = csv_field(&r, &row, "phone"),
			.mail = csv_field(&r, &row, "mail"),
			.text = csv_field(&r, &row, "text"),
			.org_code = given(code) ? code : csv_field(&r, &row, "kbo"),
			.key = csv_field(&r, &row, "key"),
		};
		if (len == ENTRIES_MAX || !name_is_valid(p.id) || !given(p.roles)) {
			return bad_row(c, path, row.line, given(p.roles) ? "id" : "roles");
		}
		list[len++] = p;
	}
	*ret_list = list;
	*ret_len = len;
	return got == 0 ? CLI_DONE : infile_say(c, path, &e);
}

int zones_read(struct cli *c, const char *path, struct zone_entry **ret_list, size_t *ret_len)
{
	static const char *const needed[] = { "id",      "name",   "duty", "stand_in",
					      "network", "region", NULL };
	struct zone_entry *list = cli_alloc(c, CONF_ZONES_MAX * sizeof(*list));
	struct file_error e = { 0 };
	struct csv r;
	struct csv_row row;
	size_t len = 0;
	int got;
	int rc = table_open(c, path, needed, &r);

	if (rc != CLI_DONE) {
		return rc;
	}
	while ((got = csv_next(&r, &row, &e)) == 1) {
		for (size_t i = 0; needed[i] != NULL; i++) {
			if (len == CONF_ZONES_MAX || !given(csv_field(&r, &row, needed[i]))) {
				return bad_row(c, path, row.line, needed[i]);
			}
		}
		list[len++] = (struct zone_entry){
			csv_field(&r, &row, "id"),      csv_field(&r, &row, "name"),
			csv_field(&r, &row, "duty"),    csv_field(&r, &row, "stand_in"),
			csv_field(&r, &row, "network"), csv_field(&r, &row, "region"),
		};
	}
	*ret_list = list;
	*ret_len = len;
	return got == 0 ? CLI_DONE : infile_say(c, path, &e);
}
