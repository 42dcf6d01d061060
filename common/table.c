/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/csv.h"

struct table {
	struct csv csv;
	struct jsonin *in;
	const struct table_spec *spec;
	uint16_t (*line)[JSONIN_ITEMS_MAX];
	uint16_t (*more_line)[JSONIN_ITEMS_MAX];
	const char *key[JSONIN_RECORDS_MAX];
};

/* One cell of a row. */
struct place {
	size_t record;
	const struct csv_row *row;
	const struct table_column *col;
	const char *text;
};

static int cell_error(struct table *t, const struct place *p, const char *nl, const char *en)
{
	return file_error_text(t->in->err, p->row->line, p->col->name, nl, en);
}

static int number_cell(struct table *t, const struct place *p, json_t **ret_v)
{
	char *end;

	errno = 0;
	long long n = strtoll(p->text, &end, 10);
	if (*end != '\0' || errno != 0 || n < 0) {
		return cell_error(t, p, "geef een geheel getal", "give a whole number");
	}
	*ret_v = json_integer(n);
	return SK_OK;
}

static int yes_cell(struct table *t, const struct place *p, json_t **ret_v)
{
	static const char *const yes[] = { "1", "ja", "yes", "true" };
	static const char *const no[] = { "0", "nee", "no", "false" };

	for (size_t i = 0; i < SK_LEN(yes); i++) {
		if (strcmp(p->text, yes[i]) == 0 || strcmp(p->text, no[i]) == 0) {
			*ret_v = json_boolean(strcmp(p->text, yes[i]) == 0);
			return SK_OK;
		}
	}
	return cell_error(t, p, "geef ja of nee", "give yes or no");
}

static json_t *words_cell(const char *text)
{
	json_t *list = json_array();

	while (*text != '\0') {
		size_t len = strcspn(text, " ");
		if (len > 0) {
			(void)json_array_append_new(list, json_stringn(text, len));
		}
		text += len + (text[len] == ' ');
	}
	return list;
}

static int cell_value(struct table *t, const struct place *p, json_t **ret_v)
{
	switch (p->col->cell) {
	case TABLE_NUMBER:
		return number_cell(t, p, ret_v);
	case TABLE_YES:
		return yes_cell(t, p, ret_v);
	case TABLE_WORDS:
		*ret_v = words_cell(p->text);
		return SK_OK;
	case TABLE_TEXT:
		break;
	}
	*ret_v = json_string(p->text);
	return SK_OK;
}

/* The record's value, which a later row may leave empty or repeat, but not change. */
static int put_record(struct table *t, json_t *record, const struct place *p, json_t *v)
{
	json_t *old = json_object_get(record, p->col->key);

	if (old == NULL) {
		(void)json_object_set_new(record, p->col->key, v);
		return SK_OK;
	}
	bool same = json_equal(old, v) == 1;
	json_decref(v);
	if (same) {
		return SK_OK;
	}
	return cell_error(t, p, "rijen die samenhoren verschillen hier; schrijf overal hetzelfde",
			  "rows that belong together differ here; write the same in each");
}

static json_t *first_of(json_t *record, const char *list)
{
	json_t *items = json_object_get(record, list);

	if (items == NULL) {
		items = json_array();
		(void)json_object_set_new(record, list, items);
		(void)json_array_append_new(items, json_object());
	}
	return json_array_get(items, 0);
}

static uint16_t line_of(const struct csv_row *row)
{
	return (uint16_t)(row->line > UINT16_MAX ? UINT16_MAX : row->line);
}

/* The object that the row adds to spec->more: made by the first cell that asks for it. A record has
 * no more of them than rows. */
static json_t *more_of(struct table *t, json_t *record, const struct place *p)
{
	json_t *list = json_object_get(record, t->spec->more);
	size_t len = json_array_size(list);
	uint16_t line = line_of(p->row);

	if (list == NULL) {
		list = json_array();
		(void)json_object_set_new(record, t->spec->more, list);
	}
	if (len == 0 || t->more_line[p->record][len - 1] != line) {
		t->more_line[p->record][len] = line;
		(void)json_array_append_new(list, json_object());
		return json_array_get(list, len);
	}
	return json_array_get(list, len - 1);
}

static int put_cell(struct table *t, json_t *record, json_t *item, const struct place *p)
{
	json_t *v = NULL;

	if (p->text == NULL || p->text[0] == '\0' || p->col->key == NULL) {
		return SK_OK;
	}
	int err = cell_value(t, p, &v);
	if (err != SK_OK) {
		return err;
	}
	if (p->col->level == TABLE_ITEM || p->col->level == TABLE_MORE) {
		json_t *obj = p->col->level == TABLE_ITEM ? item : more_of(t, record, p);
		(void)json_object_set_new(obj, p->col->key, v);
		return SK_OK;
	}
	return put_record(t, p->col->level == TABLE_FIRST ? first_of(record, p->col->list) : record,
			  p, v);
}

static const struct table_column *key_column(const struct table_spec *spec)
{
	const struct table_column *col = spec->columns;

	while (col->level != TABLE_KEY) {
		col++;
	}
	return col;
}

/* Finds the record of a row, or begins it. */
static int record_of(struct table *t, const struct csv_row *row, size_t *ret_i)
{
	const struct table_column *col = key_column(t->spec);
	const char *key = csv_field(&t->csv, row, col->name);
	struct place p = { 0, row, col, key };

	if (key == NULL || key[0] == '\0') {
		return cell_error(t, &p, "deze kolom zegt welke rijen samenhoren; vul ze in",
				  "this column says which rows belong together; fill it in");
	}
	size_t i = 0;
	while (i < t->in->records && strcmp(t->key[i], key) != 0) {
		i++;
	}
	if (i == JSONIN_RECORDS_MAX) {
		return cell_error(t, &p, "te veel in één bestand (2000); splits het",
				  "too many in one file (2000); split it");
	}
	if (i == t->in->records) {
		t->key[i] = key;
		(void)json_array_append_new(t->in->root, json_object());
		t->in->records++;
	}
	*ret_i = i;
	return SK_OK;
}

static int put_row(struct table *t, const struct csv_row *row)
{
	size_t i = 0;
	int err = record_of(t, row, &i);

	if (err != SK_OK) {
		return err;
	}
	json_t *record = json_array_get(t->in->root, i);
	json_t *items = json_object_get(record, t->spec->items);
	size_t n = json_array_size(items);
	if (n == JSONIN_ITEMS_MAX) {
		(void)file_error_set(t->in->err, row->line,
				     "te veel rijen horen samen (%d); verdeel ze",
				     "too many rows belong together (%d); divide them",
				     JSONIN_ITEMS_MAX);
		return file_error_field(t->in->err, key_column(t->spec)->name);
	}
	if (items == NULL) {
		items = json_array();
		(void)json_object_set_new(record, t->spec->items, items);
	}
	t->line[i][n] = line_of(row);
	json_t *item = json_object();
	(void)json_array_append_new(items, item);
	for (const struct table_column *col = t->spec->columns; col->name != NULL; col++) {
		struct place p = { i, row, col, csv_field(&t->csv, row, col->name) };
		err = put_cell(t, record, item, &p);
		if (err != SK_OK) {
			return err;
		}
	}
	return SK_OK;
}

/* --- the first line --- */

static const char *alias_of(const struct table_spec *spec, const char *name)
{
	for (const struct table_alias *a = spec->also; a != NULL && a->name != NULL; a++) {
		if (strcmp(a->name, name) == 0) {
			return a->also;
		}
	}
	return name;
}

/* What the writer called the column. @return NULL: it is not there. */
static int typed_name(const struct table *t, const char *name, const char *also,
		      const char **ret_typed)
{
	*ret_typed = NULL;
	for (size_t k = 0; k < t->csv.head.len; k++) {
		const char *typed = t->csv.head.field[k];
		if (strcasecmp(typed, name) != 0 && strcasecmp(typed, also) != 0) {
			continue;
		}
		if (*ret_typed != NULL) {
			return file_error_text(t->in->err, 1, typed,
					       "deze kolom staat er onder twee namen; houd er één",
					       "this column stands there under two names; keep "
					       "one");
		}
		*ret_typed = typed;
	}
	return SK_OK;
}

/* The columns under the names that the writer gave them: errors name these, and those that are not
 * there in the same language. */
static int name_columns(struct table *t, const struct table_spec *spec)
{
	size_t len = 0;
	bool other = false;

	while (spec->columns[len].name != NULL) {
		len++;
	}
	struct table_column *own =
		arena_dup(t->in->arena, spec->columns, (len + 1) * sizeof(spec->columns[0]));
	const char **typed = arena_alloc(t->in->arena, len * sizeof(*typed));
	struct table_spec *renamed = arena_dup(t->in->arena, spec, sizeof(*spec));
	if (own == NULL || renamed == NULL || typed == NULL) {
		return SK_ENOMEM;
	}
	for (size_t i = 0; i < len; i++) {
		int err = typed_name(t, own[i].name, alias_of(spec, own[i].name), &typed[i]);
		if (err != SK_OK) {
			return err;
		}
		other = other || (typed[i] != NULL && strcasecmp(typed[i], own[i].name) != 0);
	}
	for (size_t i = 0; i < len; i++) {
		const char *usual = other ? alias_of(spec, own[i].name) : own[i].name;
		own[i].name = typed[i] == NULL ? usual : typed[i];
	}
	renamed->columns = own;
	t->spec = renamed;
	t->in->columns = own;
	return SK_OK;
}

static int check_columns(struct table *t)
{
	const struct table_spec *spec = t->spec;
	const char *known[CSV_COLUMNS_MAX + 1] = { NULL };
	char list[sizeof(t->in->err->nl)] = "";

	for (size_t i = 0; i < CSV_COLUMNS_MAX && spec->columns[i].name != NULL; i++) {
		size_t len = strlen(list);
		known[i] = spec->columns[i].name;
		(void)snprintf(list + len, sizeof(list) - len, "%s%s", len == 0 ? "" : ", ",
			       known[i]);
	}
	const char *unknown = csv_unknown_column(&t->csv, known);
	if (unknown != NULL) {
		(void)file_error_set(t->in->err, 1, "deze kolom bestaat niet; wel %s",
				     "there is no such column; there are %s", list);
		return file_error_field(t->in->err, unknown);
	}
	if (csv_field(&t->csv, &t->csv.head, key_column(spec)->name) == NULL) {
		return file_error_text(t->in->err, 1, key_column(spec)->name,
				       "deze kolom ontbreekt; voeg ze toe",
				       "this column is missing; add it");
	}
	return SK_OK;
}

int table_parse(struct jsonin *in, struct arena *arena, struct slice bytes,
		const struct table_spec *spec, struct file_error *ret_err)
{
	struct table *t = arena_alloc(arena, sizeof(*t));
	struct csv_row *row = arena_alloc(arena, sizeof(*row));

	*in = (struct jsonin){ .arena = arena,
			       .err = ret_err,
			       .items = spec->items,
			       .more = spec->more,
			       .columns = spec->columns };
	if (t == NULL || row == NULL) {
		return SK_ENOMEM;
	}
	t->line = arena_alloc(arena, sizeof(*t->line) * JSONIN_RECORDS_MAX);
	t->more_line = arena_alloc(arena, sizeof(*t->more_line) * JSONIN_RECORDS_MAX);
	if (t->line == NULL || t->more_line == NULL) {
		return SK_ENOMEM;
	}
	t->in = in;
	t->spec = spec;
	in->line = (const uint16_t(*)[JSONIN_ITEMS_MAX])t->line;
	in->more_line = (const uint16_t(*)[JSONIN_ITEMS_MAX])t->more_line;
	in->root = json_array();
	int err = csv_begin(&t->csv, arena, bytes, ret_err);
	if (err == SK_OK) {
		err = name_columns(t, spec);
	}
	if (err == SK_OK) {
		err = check_columns(t);
	}
	while (err == SK_OK) {
		int got = csv_next(&t->csv, row, ret_err);
		if (got <= 0) {
			return got;
		}
		err = put_row(t, row);
	}
	return err;
}
