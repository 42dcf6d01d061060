/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/conf_private.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/confidx.h"
#include "common/files.h"

#define COLUMNS_MAX 16
#define CELL_MAX 256
#define CODES_FILE "codes.csv"
#define PACK_ARENA_BYTES (4U << 20)

/* --- code list: CSV with a line of column names; number, code, label_nl, label_en are used --- */

struct csv_row {
	size_t len;
	char cell[COLUMNS_MAX][CELL_MAX];
};

/* One cell, quoted or not; moves *io_at behind it. False when it is too long or badly quoted. */
static bool csv_cell(const char **io_at, char *cell)
{
	const char *s = *io_at;
	bool quoted = *s == '"';
	size_t n = 0;
	s += quoted;
	while (quoted ? *s != '\0' : *s != '\0' && *s != ',' && *s != '\n' && *s != '\r') {
		if (quoted && *s == '"') {
			if (s[1] != '"') {
				break;
			}
			s++;
		}
		if (n + 1 == CELL_MAX) {
			return false;
		}
		cell[n++] = *s++;
	}
	cell[n] = '\0';
	if (quoted) {
		if (*s != '"') {
			return false;
		}
		s++;
	}
	*io_at = s;
	return true;
}

/* One line; moves *io_at to the next. */
static bool csv_row(const char **io_at, struct csv_row *row)
{
	const char *s = *io_at;
	bool more = true;
	row->len = 0;
	while (more) {
		if (row->len == COLUMNS_MAX || !csv_cell(&s, row->cell[row->len])) {
			return false;
		}
		row->len++;
		more = *s == ',';
		s += more;
	}
	s += *s == '\r';
	if (*s != '\0' && *s != '\n') {
		return false;
	}
	*io_at = s + (*s == '\n');
	return true;
}

enum code_column { COLUMN_NUMBER, COLUMN_CODE, COLUMN_NL, COLUMN_EN, CODE_COLUMNS };

static bool find_columns(const struct csv_row *head, size_t ret_at[CODE_COLUMNS])
{
	static const char *const names[CODE_COLUMNS] = { "number", "code", "label_nl", "label_en" };
	for (size_t i = 0; i < CODE_COLUMNS; i++) {
		ret_at[i] = COLUMNS_MAX;
		for (size_t j = 0; j < head->len; j++) {
			if (strcmp(head->cell[j], names[i]) == 0) {
				ret_at[i] = j;
			}
		}
		if (ret_at[i] == COLUMNS_MAX) {
			return false;
		}
	}
	return true;
}

static bool read_code(const struct csv_row *row, const size_t at[CODE_COLUMNS],
		      struct conf_code *ret_code)
{
	uint64_t number = 0;
	for (size_t i = 0; i < CODE_COLUMNS; i++) {
		if (at[i] >= row->len) {
			return false;
		}
	}
	const char *code = row->cell[at[COLUMN_CODE]];
	const char *nl = row->cell[at[COLUMN_NL]];
	const char *en = row->cell[at[COLUMN_EN]];
	if (!conf_number(row->cell[at[COLUMN_NUMBER]], 1, CONF_CODES_MAX, &number) ||
	    code[0] == '\0' || strlen(code) > CONF_CODE_MAX ||
	    strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != strlen(code) ||
	    nl[0] == '\0' || en[0] == '\0' || !conf_text_is_valid(nl, CONF_NAME_MAX) ||
	    !conf_text_is_valid(en, CONF_NAME_MAX)) {
		return false;
	}
	ret_code->number = (uint32_t)number;
	(void)snprintf(ret_code->code, sizeof(ret_code->code), "%s", code);
	(void)snprintf(ret_code->label_nl, sizeof(ret_code->label_nl), "%.*s", CONF_NAME_MAX, nl);
	(void)snprintf(ret_code->label_en, sizeof(ret_code->label_en), "%.*s", CONF_NAME_MAX, en);
	return true;
}

static bool is_new(const struct conf *c, const struct conf_code *code)
{
	for (size_t i = 0; i < c->codes_len; i++) {
		if (c->codes[i].number == code->number ||
		    strcmp(c->codes[i].code, code->code) == 0) {
			return false;
		}
	}
	return true;
}

static void parse_codes(struct conf *c, const char *text, struct conf_problems *pr)
{
	struct csv_row *row = calloc(1, sizeof(*row));
	size_t at[CODE_COLUMNS];
	if (row == NULL || !csv_row(&text, row) || !find_columns(row, at)) {
		conf_problem(pr, CODES_FILE, 1,
			     "the first line must name the columns number, code, label_nl and "
			     "label_en; copy deploy/codes/expertise.csv");
		free(row);
		return;
	}
	for (unsigned line = 2; *text != '\0'; line++) {
		struct conf_code code = { 0 };
		if (!csv_row(&text, row) || !read_code(row, at, &code)) {
			conf_problem(pr, CODES_FILE, line,
				     "number must be 1 to %d, code of A-Z, 0-9 and _, both labels "
				     "at "
				     "most %d bytes; correct the line",
				     CONF_CODES_MAX, CONF_NAME_MAX);
			break;
		}
		if (!is_new(c, &code)) {
			conf_problem(pr, CODES_FILE, line,
				     "number %u or code %s is given twice; remove one", code.number,
				     code.code);
			break;
		}
		c->codes[c->codes_len++] = code;
	}
	free(row);
}

void conf_codes_load(struct conf *c, struct conf_problems *problems)
{
	char *text = malloc(CONF_FILE_BYTES_MAX + 1);
	size_t len = 0;
	int err = text == NULL ? SK_ENOMEM :
				 files_read(c->codes_path, text, CONF_FILE_BYTES_MAX, &len);
	if (err != SK_OK) {
		conf_problem(problems, c->codes_path, 0,
			     "cannot be read (%s); copy deploy/codes/expertise.csv there or set "
			     "[node] codes",
			     sk_strerror(err));
	} else {
		text[len] = '\0';
		parse_codes(c, text, problems);
	}
	free(text);
}

/* --- ConfigApplied --- */

static PB(Zone) *pack_zone(struct arena *a, const struct conf_zone *z)
{
	PB(Zone) *m = arena_alloc(a, sizeof(*m));
	if (m != NULL) {
		schakel__v1__zone__init(m);
		m->id = arena_strdup(a, z->id);
		m->name = arena_strdup(a, z->name);
		m->contact_party = arena_strdup(a, z->contact_party);
		m->stand_in_party = arena_strdup(a, z->stand_in_party);
		m->network_party = arena_strdup(a, z->network_party);
		m->region = arena_strdup(a, z->region);
	}
	return m;
}

static bool pack_roles(struct arena *a, uint32_t roles, PB(Party) *m)
{
	m->roles = arena_alloc(a, 32 * sizeof(*m->roles));
	for (unsigned i = 0; i < 32 && m->roles != NULL; i++) {
		if ((roles & (1U << i)) != 0) {
			m->roles[m->n_roles++] = (PB(Role))i;
		}
	}
	return m->roles != NULL;
}

static PB(Party) *pack_party(struct arena *a, const struct conf_party *p)
{
	PB(Party) *m = arena_alloc(a, sizeof(*m));
	if (m == NULL) {
		return NULL;
	}
	schakel__v1__party__init(m);
	m->id = arena_strdup(a, p->id);
	m->name = arena_strdup(a, p->name);
	m->organisation = arena_strdup(a, p->organisation);
	m->sector = arena_strdup(a, p->sector);
	m->opening_days = p->opening_days;
	m->on_call = p->on_call;
	m->zones = arena_alloc(a, (p->zones_len + 1) * sizeof(*m->zones));
	for (uint32_t i = 0; i < p->zones_len && m->zones != NULL; i++) {
		m->zones[m->n_zones++] = arena_strdup(a, p->zones[i]);
	}
	return pack_roles(a, p->roles, m) && m->zones != NULL ? m : NULL;
}

static PB(ExpertiseCode) *pack_code(struct arena *a, const struct conf_code *code)
{
	PB(ExpertiseCode) *m = arena_alloc(a, sizeof(*m));
	if (m != NULL) {
		schakel__v1__expertise_code__init(m);
		m->number = code->number;
		m->code = arena_strdup(a, code->code);
		m->label_nl = arena_strdup(a, code->label_nl);
		m->label_en = arena_strdup(a, code->label_en);
	}
	return m;
}

static PB(Setting) *pack_setting(struct arena *a, const struct conf *c, int which)
{
	PB(Setting) *m = arena_alloc(a, sizeof(*m));
	if (m != NULL) {
		schakel__v1__setting__init(m);
		m->key = arena_strdup(a, setting_spec[which].key);
		m->value = c->settings[which];
	}
	return m;
}

/* An arena of the fixed size holds the largest configuration that the bounds allow. */
static void fill(struct arena *a, const struct conf *c, PB(ConfigApplied) *m)
{
	m->node = arena_strdup(a, c->node);
	m->demo = c->demo;
	m->rules_version = c->rules_version;
	m->zones = arena_alloc(a, (c->zones_len + 1) * sizeof(*m->zones));
	m->parties = arena_alloc(a, (c->parties_len + 1) * sizeof(*m->parties));
	m->expertises = arena_alloc(a, (c->codes_len + 1) * sizeof(*m->expertises));
	m->settings = arena_alloc(a, SETTING_COUNT * sizeof(*m->settings));
	m->holidays = arena_dup(a, c->holidays, sizeof(c->holidays));
	SK_ASSERT(m->zones != NULL && m->parties != NULL && m->expertises != NULL &&
		  m->settings != NULL && m->holidays != NULL);
	for (size_t i = 0; i < c->zones_len; i++) {
		m->zones[m->n_zones++] = pack_zone(a, &c->zones[i]);
	}
	for (size_t i = 0; i < c->parties_len; i++) {
		m->parties[m->n_parties++] = pack_party(a, &c->parties[i]);
	}
	for (size_t i = 0; i < c->codes_len; i++) {
		m->expertises[m->n_expertises++] = pack_code(a, &c->codes[i]);
	}
	for (int i = 0; i < SETTING_COUNT; i++) {
		m->settings[m->n_settings++] = pack_setting(a, c, i);
	}
	m->n_holidays = c->holidays_len;
}

int conf_pack(struct conf *c, struct conf_problems *problems)
{
	uint8_t *block = malloc(PACK_ARENA_BYTES);
	if (block == NULL) {
		return SK_ENOMEM;
	}
	struct arena a;
	arena_init(&a, block, PACK_ARENA_BYTES);
	PB(ConfigApplied) m = PB_INIT(CONFIG_APPLIED);
	fill(&a, c, &m);
	size_t len = schakel__v1__config_applied__get_packed_size(&m);
	if (len > CONFIG_BYTES_MAX) {
		conf_problem(problems, CONF_PARTIES_FILE, 0,
			     "all names together make a configuration of %zu bytes, more than %u; "
			     "use fewer parties or shorter names",
			     len, CONFIG_BYTES_MAX);
	} else {
		c->packed = malloc(len + 1);
		c->packed_len =
			c->packed == NULL ? 0 : schakel__v1__config_applied__pack(&m, c->packed);
	}
	bool short_of_memory = len <= CONFIG_BYTES_MAX && c->packed == NULL;
	free(block);
	return short_of_memory ? SK_ENOMEM : SK_OK;
}
