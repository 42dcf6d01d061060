/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/offers_table.h"

#include <string.h>

#include "common/pbjson.h"

#define UNITS_MAX 10000 /* what matching takes */
#define EXPERTISES_MAX 16

struct reader {
	struct jsonin *in;
	const struct offers_node *n;
	size_t i;
	struct offer_row *r;
	PB(PutCapacity) *put;
};

static int wrong(struct reader *r, const char *field, const char *nl, const char *en)
{
	char at[JSONIN_PATH_MAX];

	jsonin_path(at, "[%zu].%s", r->i, field);
	int err = jsonin_fail(r->in, at, "%s", "%s", "");
	(void)snprintf(r->in->err->nl, sizeof(r->in->err->nl), "%s", nl);
	(void)snprintf(r->in->err->en, sizeof(r->in->err->en), "%s", en);
	return err;
}

static int wrong_use(struct reader *r, size_t use, const char *field, const char *const text[2])
{
	char at[JSONIN_PATH_MAX];

	jsonin_path(at, "uses[%zu].%s", use, field);
	return wrong(r, at, text[0], text[1]);
}

/* --- what holds on this node --- */

static bool zone_is_known(const struct conf *c, const char *zone)
{
	for (size_t i = 0; i < c->zones_len; i++) {
		if (strcmp(c->zones[i].id, zone) == 0) {
			return true;
		}
	}
	return false;
}

static bool code_is_known(const struct conf *c, uint32_t number)
{
	for (size_t i = 0; i < c->codes_len; i++) {
		if (c->codes[i].number == number) {
			return true;
		}
	}
	return false;
}

static int check_use(struct reader *r, size_t i)
{
	static const char *const age[] = { "leeftijd van en tot zijn omgewisseld; wissel ze",
					   "ages from and to are swapped; swap them" };
	static const char *const zone[] = { "deze zone is niet van deze node; zie zones",
					    "this zone is not of this node; see zones" };
	static const char *const code[] = { "deze soort hulp kent de node niet; zie de codes",
					    "the node does not know this kind of help; see the "
					    "codes" };
	static const char *const many[] = { "meer dan 16 soorten hulp; verdeel ze over vormen",
					    "more than 16 kinds of help; divide them over uses" };
	static const char *const twice[] = { "deze vorm staat er twee keer; nummer ze 1, 2, ...",
					     "this use stands there twice; number them 1, 2, ..." };
	const PB(PoolUse) *u = r->put->uses[i];

	if (u->age_from > u->age_to) {
		return wrong_use(r, i, "age_from", age);
	}
	if (u->n_expertises > EXPERTISES_MAX) {
		return wrong_use(r, i, "expertises", many);
	}
	for (size_t k = 0; k < u->n_expertises; k++) {
		if (!code_is_known(r->n->conf, u->expertises[k])) {
			return wrong_use(r, i, "expertises", code);
		}
	}
	for (size_t k = 0; k < u->n_zones; k++) {
		if (!zone_is_known(r->n->conf, u->zones[k])) {
			return wrong_use(r, i, "zones", zone);
		}
	}
	for (size_t k = 0; k < i; k++) {
		if (r->put->uses[k]->use == u->use) {
			return wrong_use(r, i, "use", twice);
		}
	}
	return SK_OK;
}

static int check_amounts(struct reader *r)
{
	const PB(PutCapacity) *p = r->put;

	if (p->total > UNITS_MAX || p->funded > UNITS_MAX || p->used_elsewhere > UNITS_MAX ||
	    p->staffed > UNITS_MAX) {
		return wrong(r, "staffed", "geef getallen van 0 tot 10000",
			     "give numbers from 0 to 10000");
	}
	if (p->total != 0 && p->staffed > p->total) {
		return wrong(r, "staffed", "meer bemand dan het totaal; verhoog het totaal",
			     "more staffed than there is in all; raise the total");
	}
	return SK_OK;
}

static int check_owner(struct reader *r)
{
	const struct offers_node *n = r->n;
	const char *partner = r->put->partner[0] == '\0' ? n->party : r->put->partner;
	const PB(PoolItem) *now = r->r->now;

	r->r->partner = partner;
	if (conf_party(n->conf, partner) == NULL) {
		return wrong(r, "partner", "deze partner is niet bekend; kijk het na",
			     "this partner is not known; check it");
	}
	if (!n->all && strcmp(partner, n->party) != 0) {
		return wrong(r, "partner", "dit aanbod is niet van u; haal de rij weg",
			     "this offer is not yours; take the row out");
	}
	if (now != NULL && strcmp(now->capacity->partner, partner) != 0) {
		return wrong(r, "pool",
			     "dit aanbod is van een andere partner; kies een andere naam",
			     "this offer is another partner's; choose another name");
	}
	return SK_OK;
}

static int check_pool(struct reader *r)
{
	const PB(PoolItem) *now = r->r->now;

	if (now == NULL && r->put->based_on != 0) {
		return wrong(r, "based_on", "dit aanbod is nieuw; laat de versie leeg",
			     "this offer is new; leave the version empty");
	}
	if (now != NULL && r->put->unit != now->capacity->unit) {
		return wrong(r, "unit", "de eenheid van een aanbod verandert niet; maak een nieuw",
			     "the unit of an offer does not change; make a new one");
	}
	for (size_t i = 0; i < r->put->n_uses; i++) {
		int err = check_use(r, i);
		if (err != SK_OK) {
			return err;
		}
	}
	return check_amounts(r);
}

/* The same again confirms the figure; something else on an old version would undo another's work.
 */
static int settle(struct reader *r)
{
	struct arena *a = r->in->arena;
	const PB(PoolItem) *now = r->r->now;
	PB(PutCapacity) *put = r->put;
	uint32_t seen = put->based_on;
	int err = capacity_file_settle(r->in, r->i, put, now);

	if (err != SK_OK || now == NULL) {
		r->r->outcome = OFFER_CREATED;
		return err;
	}
	put->partner = (char *)(uintptr_t)r->r->partner;
	if (put->n_uses == 0) {
		put->n_uses = now->capacity->n_uses;
		put->uses = now->capacity->uses;
	}
	bool same = offer_same(a, put, now->capacity);
	if (seen != 0 && seen != now->version && !same) {
		return wrong(r, "based_on",
			     "iemand wijzigde dit aanbod nadat u de tabel ophaalde; haal ze "
			     "opnieuw "
			     "op, of laat de kolom versie weg",
			     "somebody changed this offer after you fetched the table; fetch it "
			     "again, or leave the column of versions out");
	}
	put->based_on = now->version;
	r->r->outcome = same ? OFFER_UNCHANGED : OFFER_CHANGED;
	if (same) {
		offer_note(a, r->r, "observed_at", "bevestigd", "confirmed");
	}
	return SK_OK;
}

static int read_row(struct reader *r)
{
	json_t *record = json_array_get(r->in->root, r->i);
	int err = SK_OK;

	if (r->r->now != NULL) {
		err = capacity_file_fill(r->in, r->i, r->r->now);
	} else if (json_object_get(record, "uses") == NULL) {
		return wrong(r, "pool",
			     "dit aanbod is er nog niet: kijk de naam na, of zeg ook wat het kan "
			     "(eenheid, vorm, soort_hulp, werkwijze, leeftijd_tot, zones, toegang, "
			     "kost)",
			     "there is no such offer yet: check the name, or say what it can do, "
			     "too (unit, use, expertises, modality, age_to, zones, access, "
			     "cost_units)");
	}
	if (err == SK_OK) {
		err = capacity_file_get(r->in, r->i, &r->put);
	}
	if (err == SK_OK) {
		err = check_owner(r);
	}
	if (err == SK_OK) {
		err = check_pool(r);
	}
	if (err == SK_OK) {
		err = settle(r);
	}
	if (err == SK_OK) {
		r->r->put = r->put;
	}
	return err;
}

int offers_table_read(struct jsonin *in, const struct offers_node *n, struct offer_list *ret_l,
		      struct file_error *ret_err)
{
	size_t len = json_array_size(in->root);
	struct offer_row *rows = arena_alloc(in->arena, len * sizeof(*rows) + 1);

	if (rows == NULL) {
		return SK_ENOMEM;
	}
	if (len == 0) {
		return file_error_set(ret_err, 1, "er staat geen aanbod in; voeg rijen toe",
				      "there is no offer in it; add rows");
	}
	*ret_l = (struct offer_list){ in->arena, rows, len };
	for (size_t i = 0; i < len; i++) {
		const char *pool = capacity_file_pool(in, i);
		struct reader r = { in, n, i, &rows[i], NULL };
		rows[i].row = in->line[i][0];
		rows[i].pool = offer_text(in->arena, "%s", pool);
		rows[i].now = offer_pool(n->pools, pool);
		int err = read_row(&r);
		if (err == SK_EPROTO) {
			offer_refuse(in->arena, &rows[i], in->err);
			rows[i].row = in->err->line != 0 ? in->err->line : rows[i].row;
		} else if (err != SK_OK) {
			return err;
		}
	}
	return SK_OK;
}

/* --- writing --- */

struct sheet {
	struct arena *arena;
	char delimiter;
	char *at;
	size_t len, cap;
	bool full;
};

static void put_text(struct sheet *s, const char *text)
{
	size_t len = strlen(text);

	if (s->len + len > s->cap) {
		s->full = true;
		return;
	}
	memcpy(s->at + s->len, text, len);
	s->len += len;
}

static void put_end(struct sheet *s, bool last)
{
	const char end[] = { s->delimiter, '\0' };

	put_text(s, last ? "\r\n" : end);
}

static const char *dutch(const char *name)
{
	for (const struct table_alias *a = capacity_dutch; a->name != NULL; a++) {
		if (strcmp(a->name, name) == 0) {
			return a->also;
		}
	}
	return name;
}

/* What people have no use for in a table: it changes by commands of its own, or is only read. */
static bool is_left_out(const struct table_column *col)
{
	static const char *const out[] = { "because_expertise", "because_zone", "typemodule",
					   "from_use",          "to_pool",      "from_units",
					   "to_units",          "most_week",    NULL };

	for (size_t i = 0; out[i] != NULL; i++) {
		if (strcmp(col->name, out[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* Names, codes and numbers: none needs quotes, and no spreadsheet takes one for a formula. */
static void put_value(struct sheet *s, const json_t *v)
{
	char n[32];
	json_t *word;
	size_t i;

	if (json_is_integer(v)) {
		(void)snprintf(n, sizeof(n), "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		put_text(s, n);
	} else if (json_is_boolean(v)) {
		put_text(s, json_is_true(v) ? "1" : "0");
	} else if (json_is_string(v)) {
		put_text(s, json_string_value(v));
	}
	json_array_foreach (v, i, word) {
		put_text(s, i == 0 ? "" : " ");
		put_value(s, word);
	}
}

static void put_header(struct sheet *s, enum lang lang)
{
	bool first = true;

	put_text(s, "\xef\xbb\xbf");
	for (const struct table_column *c = capacity_columns; c->name != NULL; c++) {
		const char end[] = { s->delimiter, '\0' };
		if (!is_left_out(c)) {
			put_text(s, first ? "" : end);
			put_text(s, lang == LANG_NL ? dutch(c->name) : c->name);
			first = false;
		}
	}
	put_text(s, "\r\n");
}

/* The figures stand on the first row of a pool: one place to change them. */
static void put_row(struct sheet *s, const json_t *pool, const json_t *use, bool first)
{
	bool begun = false;

	for (const struct table_column *c = capacity_columns; c->name != NULL; c++) {
		const char *key = c->key == NULL ? c->name : c->key;
		bool of_use = c->level == TABLE_ITEM;
		if (is_left_out(c)) {
			continue;
		}
		if (begun) {
			put_end(s, false);
		}
		begun = true;
		if (of_use || first || c->level == TABLE_KEY) {
			put_value(s, json_object_get(of_use ? use : pool, key));
		}
	}
	put_end(s, true);
}

static void put_pool(struct sheet *s, const PB(PoolItem) *item)
{
	json_t *doc = pb_json(&item->capacity->base);
	json_t *use;
	size_t i;

	(void)json_object_set_new(doc, "based_on", json_integer(item->version));
	(void)json_object_set_new(doc, "free", json_integer(item->free));
	(void)json_object_set_new(doc, "promised", json_integer(item->promised));
	json_array_foreach (json_object_get(doc, "uses"), i, use) {
		put_row(s, doc, use, i == 0);
	}
	json_decref(doc);
}

int offers_table_write(struct arena *arena, const struct offer_pools *pools, const char *partner,
		       enum lang lang, struct slice *ret_csv)
{
	size_t cap = 1024;

	for (size_t i = 0; i < pools->len; i++) {
		cap += 600 + 4 * schakel__v1__pool_item__get_packed_size(pools->item[i]) +
		       600 * pools->item[i]->capacity->n_uses;
	}
	struct sheet s = { arena, lang == LANG_NL ? ';' : ',', arena_alloc(arena, cap), 0, cap,
			   false };
	if (s.at == NULL) {
		return SK_ENOMEM;
	}
	put_header(&s, lang);
	for (size_t i = 0; i < pools->len; i++) {
		const char *of = pools->item[i]->capacity->partner;
		if (partner[0] == '\0' || strcmp(partner, of) == 0) {
			put_pool(&s, pools->item[i]);
		}
	}
	*ret_csv = (struct slice){ s.at, s.len };
	return s.full ? SK_ENOMEM : SK_OK;
}
