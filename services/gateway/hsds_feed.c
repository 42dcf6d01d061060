/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/hsds_feed.h"

#include <string.h>

#define FORMS_NL                                                          \
	"dit is geen HSDS: geef een dienst, een lijst van diensten, een " \
	"pagina met \"contents\", een object met \"services\", of de tabellen"
#define FORMS_EN                                                            \
	"this is no HSDS: give a service, a list of services, a page with " \
	"\"contents\", an object with \"services\", or the tables"

/* --- where a thing stands --- */

static bool find_in_tables(const struct hsds_feed *f, const json_t *obj,
			   char ret_path[JSONIN_PATH_MAX])
{
	for (size_t t = 0; t < f->tables; t++) {
		json_t *row;
		size_t i;
		json_array_foreach (f->table[t].rows, i, row) {
			if (row == obj) {
				jsonin_path(ret_path, "%s[%zu]", f->table[t].key, i);
				return true;
			}
		}
	}
	return false;
}

static void path_of(const struct hsds_feed *f, const struct feed_item *at,
		    char ret_path[JSONIN_PATH_MAX])
{
	const struct feed_item *chain[16] = { NULL };
	size_t len = 0;
	char so_far[JSONIN_PATH_MAX] = "";

	for (; at != NULL && len < SK_LEN(chain); at = at->up) {
		chain[len++] = at;
		if (at->joined && find_in_tables(f, at->obj, so_far)) {
			len--;
			break;
		}
	}
	while (len-- > 0) {
		const struct feed_item *it = chain[len];
		const char *dot = so_far[0] == '\0' || it->key[0] == '\0' ? "" : ".";
		char next[JSONIN_PATH_MAX];
		if (it->listed) {
			jsonin_path(next, "%s%s%s[%zu]", so_far, dot, it->key, it->i);
		} else {
			jsonin_path(next, "%s%s%s", so_far, dot, it->key);
		}
		memcpy(so_far, next, sizeof(so_far));
	}
	memcpy(ret_path, so_far, JSONIN_PATH_MAX);
}

void hsds_feed_path(const struct hsds_feed *f, const struct feed_item *at, const char *field,
		    char ret_path[JSONIN_PATH_MAX])
{
	char path[JSONIN_PATH_MAX];

	path_of(f, at, path);
	jsonin_path(ret_path, "%s%s%s", path, field == NULL || path[0] == '\0' ? "" : ".",
		    field == NULL ? "" : field);
}

int hsds_feed_fail(struct hsds_feed *f, const struct feed_item *at, const char *field,
		   const char *nl, const char *en)
{
	char path[JSONIN_PATH_MAX];

	hsds_feed_path(f, at, field, path);
	return file_error_text(f->in.err, 0, path, nl, en);
}

/* --- tables --- */

static void table_add(struct hsds_feed *f, const char *key, const char *name, json_t *rows)
{
	size_t len = strlen(name);

	if (!json_is_array(rows) || f->tables == HSDS_TABLES_MAX) {
		return;
	}
	if (len > 4 && strcmp(name + len - 4, ".csv") == 0) {
		f->tabular = true;
		len -= 4;
	}
	struct feed_table *t = &f->table[f->tables];
	if (len < sizeof(t->name)) {
		*t = (struct feed_table){ .key = key, .rows = rows };
		memcpy(t->name, name, len);
		f->tables++;
	}
}

/* {"services.csv": [...]}, {"services": [...]}, or the resources of a data package. */
static void find_tables(struct hsds_feed *f)
{
	json_t *resources = json_object_get(f->in.root, "resources");
	const char *key;
	json_t *v;
	size_t i;

	json_object_foreach (f->in.root, key, v) {
		table_add(f, key, key, v);
	}
	json_array_foreach (resources, i, v) {
		const char *name = json_string_value(json_object_get(v, "name"));
		json_t *rows = json_object_get(v, "data");
		if (name != NULL && json_is_array(rows)) {
			f->tabular = true;
			table_add(f, name, name, rows);
		}
	}
}

/* The tables are named in the singular and in the plural, by who wrote them. */
static bool is_named(const char *table, const char *name)
{
	static const char *const same[][3] = {
		{ "service_at_location", "service_at_locations", "services_at_location" },
		{ "service_capacity", "service_capacities", "capacities" },
		{ "eligibilitys", "eligibility", "eligibilities" },
		{ "addresses", "physical_addresses", "address" },
	};
	bool is = strcmp(table, name) == 0;

	for (size_t i = 0; i < SK_LEN(same); i++) {
		for (size_t k = 1; k < SK_LEN(same[i]); k++) {
			is = is ||
			     (strcmp(same[i][0], name) == 0 && strcmp(same[i][k], table) == 0);
		}
	}
	return is;
}

const struct feed_table *hsds_feed_table(const struct hsds_feed *f, const char *name)
{
	for (size_t i = 0; i < f->tables; i++) {
		if (is_named(f->table[i].name, name)) {
			return &f->table[i];
		}
	}
	return NULL;
}

static json_t *index_make(const json_t *rows, const char *key)
{
	json_t *map = json_object();
	json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		const char *id = json_string_value(json_object_get(row, key));
		json_t *list = id == NULL ? NULL : json_object_get(map, id);
		if (id != NULL && list == NULL) {
			list = json_array();
			(void)json_object_set_new_nocheck(map, id, list);
		}
		if (list != NULL) {
			(void)json_array_append(list, row);
		}
	}
	return map;
}

json_t *hsds_feed_rows(struct hsds_feed *f, const char *table, const char *key, const char *id)
{
	const struct feed_table *t = hsds_feed_table(f, table);

	if (t == NULL || id == NULL) {
		return NULL;
	}
	for (size_t i = 0; i < f->indexes; i++) {
		if (strcmp(f->index[i].table, table) == 0 && strcmp(f->index[i].key, key) == 0) {
			return json_object_get(f->index[i].map, id);
		}
	}
	SK_ASSERT(f->indexes < HSDS_INDEXES);
	struct feed_index *x = &f->index[f->indexes++];
	*x = (struct feed_index){ table, key, index_make(t->rows, key) };
	return json_object_get(x->map, id);
}

/* --- the services --- */

static int too_many(struct hsds_feed *f)
{
	return file_error_set(f->in.err, 0, "meer dan %d diensten; splits de feed",
			      "more than %d services; split the feed", HSDS_SERVICES_MAX);
}

static int row_add(struct hsds_feed *f, const struct feed_item *item,
		   const struct feed_item *organization)
{
	if (f->len == HSDS_SERVICES_MAX) {
		return too_many(f);
	}
	struct feed_row *r = &f->row[f->len++];
	r->item = *item;
	if (organization != NULL) {
		r->organization = *organization;
	}
	return SK_OK;
}

/* The parent of a row has to live as long as the row. */
static const struct feed_item *item_keep(struct hsds_feed *f, const struct feed_item *it)
{
	return arena_dup(f->in.arena, it, sizeof(*it));
}

static int add_services(struct hsds_feed *f, json_t *list, const char *key,
			const struct feed_item *organization)
{
	json_t *v;
	size_t i;
	int err = SK_OK;

	json_array_foreach (list, i, v) {
		struct feed_item it = { organization, key, i, true, false, v };
		err = err == SK_OK ? row_add(f, &it, organization) : err;
	}
	return err;
}

static int add_organization(struct hsds_feed *f, const struct feed_item *it)
{
	const struct feed_item *up = item_keep(f, it);
	json_t *list = json_object_get(it->obj, "services");

	return up == NULL ? SK_ENOMEM : add_services(f, list, "services", up);
}

/* The same service stands at several locations: it is one. */
static int add_at_location(struct hsds_feed *f, const struct feed_item *it, json_t *seen)
{
	json_t *service = json_object_get(it->obj, "service");
	const char *id = json_string_value(json_object_get(service, "id"));
	json_t *n = id == NULL ? NULL : json_object_get(seen, id);
	const struct feed_item *up = item_keep(f, it);

	if (n != NULL) {
		(void)json_array_append(f->row[json_integer_value(n)].sals, it->obj);
		return SK_OK;
	}
	if (up == NULL) {
		return SK_ENOMEM;
	}
	struct feed_item own = { up, "service", 0, false, false, service };
	int err = row_add(f, &own, NULL);
	if (err != SK_OK) {
		return err;
	}
	struct feed_row *r = &f->row[f->len - 1];
	r->sals = json_array();
	r->sal = *up;
	(void)json_array_append(r->sals, it->obj);
	(void)json_array_append_new(f->keep, r->sals);
	if (id != NULL) {
		(void)json_object_set_new_nocheck(seen, id, json_integer((json_int_t)f->len - 1));
	}
	return SK_OK;
}

static bool is_at_location(const json_t *v)
{
	return json_object_get(v, "service") != NULL ||
	       (json_object_get(v, "location") != NULL && json_object_get(v, "status") == NULL);
}

static int add_any(struct hsds_feed *f, const struct feed_item *it, json_t *seen)
{
	if (is_at_location(it->obj)) {
		return add_at_location(f, it, seen);
	}
	return json_object_get(it->obj, "services") != NULL ? add_organization(f, it) :
							      row_add(f, it, NULL);
}

static int add_list(struct hsds_feed *f, json_t *list, const char *key)
{
	json_t *seen = json_object();
	json_t *v;
	size_t i;
	int err = SK_OK;

	(void)json_array_append_new(f->keep, seen);
	json_array_foreach (list, i, v) {
		struct feed_item it = { NULL, key, i, true, false, v };
		err = err == SK_OK ? add_any(f, &it, seen) : err;
	}
	return err;
}

static int not_a_list(struct hsds_feed *f, const char *key)
{
	return jsonin_fail(&f->in, key, "geef een lijst: [ ... ]", "give a list: [ ... ]");
}

static int no_tables(struct hsds_feed *f)
{
	return file_error_text(f->in.err, 0, "resources[0].data",
			       "de tabellen staan in andere bestanden (path); zet hun rijen in "
			       "data, "
			       "of stuur {\"services.csv\": [...], ...}",
			       "the tables stand in other files (path); put their rows in data, or "
			       "send {\"services.csv\": [...], ...}");
}

static int add_root_object(struct hsds_feed *f)
{
	json_t *root = f->in.root;
	const char *page = json_object_get(root, "contents") != NULL ? "contents" : "content";
	json_t *contents = json_object_get(root, page);
	json_t *services = json_object_get(root, "services");
	struct feed_item it = { NULL, "", 0, false, false, root };

	if (contents != NULL) {
		f->old = strcmp(page, "content") == 0;
		return json_is_array(contents) ? add_list(f, contents, page) : not_a_list(f, page);
	}
	if (services != NULL && !json_is_array(services)) {
		return not_a_list(f, "services");
	}
	if (services != NULL && json_is_string(json_object_get(root, "name"))) {
		return add_organization(f, &it);
	}
	const struct feed_table *t = hsds_feed_table(f, "services");
	t = t == NULL ? hsds_feed_table(f, "organizations") : t;
	if (t != NULL) {
		return add_list(f, t->rows, t->key);
	}
	if (json_is_array(json_object_get(root, "resources"))) {
		return no_tables(f);
	}
	if (json_object_get(root, "name") != NULL || is_at_location(root)) {
		f->tables = 0; /* its lists are its own */
		return add_any(f, &it, NULL);
	}
	return file_error_set(f->in.err, 1, FORMS_NL, FORMS_EN);
}

static int find_services(struct hsds_feed *f)
{
	int err;

	if (json_is_array(f->in.root)) {
		err = add_list(f, f->in.root, "");
	} else if (json_is_object(f->in.root)) {
		find_tables(f);
		err = add_root_object(f);
	} else {
		err = file_error_set(f->in.err, 1, FORMS_NL, FORMS_EN);
	}
	if (err == SK_OK && f->len == 0) {
		err = file_error_set(f->in.err, 0,
				     "er staat geen enkele dienst in; kijk na of het de goede feed "
				     "is",
				     "there is no service in it; check that it is the right feed");
	}
	return err;
}

/* Behind the object that begins at @p at. */
static size_t object_end(const char *p, size_t at, size_t len)
{
	bool in_text = false;
	unsigned depth = 0;

	for (; at < len; at++) {
		if (in_text) {
			in_text = p[at] != '"';
			at += p[at] == '\\';
			continue;
		}
		in_text = p[at] == '"';
		depth += p[at] == '{';
		depth -= p[at] == '}' && depth > 0;
		if (p[at] == '}' && depth == 0) {
			return at + 1;
		}
	}
	return len;
}

static size_t blank_end(const char *p, size_t at, size_t len)
{
	/* RFC 7464 begins each text with 0x1e. */
	while (at < len && p[at] != '\0' && strchr(" \t\r\n\x1e", p[at]) != NULL) {
		at++;
	}
	return at;
}

/* Objects one after the other (ndjson) as the list that they mean; the lines stay where they are.
 * @return @p bytes itself when it is something else; no data: no memory. */
static struct slice list_of_lines(struct arena *arena, struct slice bytes)
{
	const char *p = bytes.data;
	bool marked = bytes.len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0;
	size_t at = blank_end(p, marked ? 3 : 0, bytes.len);
	size_t end = at < bytes.len && p[at] == '{' ? object_end(p, at, bytes.len) : bytes.len;

	if (blank_end(p, end, bytes.len) == bytes.len) {
		return bytes;
	}
	/* An object takes two bytes or more: so many commas there are at most. */
	char *list = arena_alloc(arena, bytes.len + bytes.len / 2 + 2);
	size_t len = 0;
	if (list == NULL) {
		return (struct slice){ NULL, 0 };
	}
	list[len++] = '[';
	for (size_t next = at; next < bytes.len; at = next) {
		end = p[at] == '{' ? object_end(p, at, bytes.len) : bytes.len;
		next = blank_end(p, end, bytes.len);
		memcpy(list + len, p + at, end - at);
		len += end - at;
		list[len] = ',';
		len += next < bytes.len;
		for (size_t i = end; i < next; i++) {
			list[len] = '\n';
			len += p[i] == '\n';
		}
	}
	list[len++] = ']';
	return (struct slice){ list, len };
}

static int open_json(struct hsds_feed *f, struct arena *arena, struct slice bytes,
		     struct file_error *ret_err)
{
	if (bytes.len >= 4 && memcmp(bytes.data, "PK\x03\x04", 4) == 0) {
		return file_error_set(ret_err, 0,
				      "dit is een zip; pak hem uit en stuur de tabellen als één "
				      "document: {\"services.csv\": [...], ...}",
				      "this is a zip; unpack it and send the tables as one "
				      "document: {\"services.csv\": [...], ...}");
	}
	struct slice list = list_of_lines(arena, bytes);
	return list.data == NULL && bytes.len > 0 ? SK_ENOMEM :
						    jsonin_parse(&f->in, arena, list, ret_err);
}

int hsds_feed_open(struct hsds_feed *f, struct arena *arena, struct slice bytes,
		   struct file_error *ret_err)
{
	*f = (struct hsds_feed){ 0 };
	f->row = arena_alloc(arena, HSDS_SERVICES_MAX * sizeof(*f->row));
	if (f->row == NULL) {
		return SK_ENOMEM;
	}
	int err = open_json(f, arena, bytes, ret_err);
	if (err != SK_OK) {
		return err;
	}
	f->keep = json_array();
	err = f->keep == NULL ? SK_ENOMEM : find_services(f);
	if (err == SK_OK) {
		err = hsds_kinds_check_tables(f);
	}
	if (err != SK_OK) {
		hsds_feed_done(f);
	}
	return err;
}

void hsds_feed_done(struct hsds_feed *f)
{
	for (size_t i = 0; i < f->indexes; i++) {
		json_decref(f->index[i].map);
	}
	json_decref(f->keep);
	jsonin_done(&f->in);
	*f = (struct hsds_feed){ 0 };
}
