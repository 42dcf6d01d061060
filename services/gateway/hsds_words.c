/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/hsds_words.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "common/csv.h"
#include "common/step.h"
#include "common/words.h"

/* Part of the program, as deploy/codes/words.csv is (common/words.c). */
__asm__(".pushsection .rodata\n.global hsds_places_csv\nhsds_places_csv:\n"
	".incbin \"deploy/codes/places.csv\"\n.byte 0\n.popsection\n");
extern const char hsds_places_csv[];

#define KBO_LEN 10

struct folded {
	char s[HSDS_WORD_MAX + 1];
};

static struct folded fold(const char *text, size_t len)
{
	struct folded f = { { 0 } };
	size_t at = 0;

	while (len > 0 && isspace((unsigned char)*text)) {
		text++;
		len--;
	}
	while (len > 0 && isspace((unsigned char)text[len - 1])) {
		len--;
	}
	for (; at < len && at < HSDS_WORD_MAX; at++) {
		f.s[at] = (char)tolower((unsigned char)text[at]);
	}
	return f;
}

static void word_set(json_t *map, const char *text, json_int_t means)
{
	struct folded f = fold(text, strlen(text));

	if (f.s[0] != '\0' && strlen(text) <= HSDS_WORD_MAX) {
		(void)json_object_set_new_nocheck(map, f.s, json_integer(means));
	}
}

static json_int_t word_get(const json_t *map, const char *text, size_t len)
{
	struct folded f = fold(text, len);

	return len > HSDS_WORD_MAX ? 0 : json_integer_value(json_object_get(map, f.s));
}

/* A name that several zones share (a region, a postal code) means all of them. */
static void zone_add(json_t *map, const char *text, uint64_t bits)
{
	uint64_t old = (uint64_t)word_get(map, text, strlen(text));

	word_set(map, text, (json_int_t)(old | bits));
}

/* --- what is known to everybody --- */

static void add_place(struct hsds_words *w, const struct csv *r, const struct csv_row *row)
{
	static const char *const names[] = { "nis", "nis_2025", "name", "name_2025" };
	const char *zone = csv_field(r, row, "zone");
	uint64_t bits = (uint64_t)word_get(w->zone, zone, strlen(zone));
	const char *codes = csv_field(r, row, "postcodes");

	if (bits == 0) {
		zone = csv_field(r, row, "zone_name");
		bits = (uint64_t)word_get(w->zone, zone, strlen(zone));
	}
	for (size_t i = 0; bits != 0 && i < SK_LEN(names); i++) {
		const char *name = csv_field(r, row, names[i]);
		if (word_get(w->zone, name, strlen(name)) != (json_int_t)bits) {
			zone_add(w->zone, name, bits);
		}
	}
	while (bits != 0 && *codes != '\0') {
		size_t len = strcspn(codes, " ");
		char code[8];
		(void)snprintf(code, sizeof(code), "%.*s", (int)len, codes);
		zone_add(w->zone, code, bits);
		codes += len + (codes[len] == ' ');
	}
}

static int add_places(struct hsds_words *w, struct arena *arena)
{
	struct slice bytes = { hsds_places_csv, strlen(hsds_places_csv) };
	struct csv_row *row = arena_alloc(arena, sizeof(*row));
	struct csv *r = arena_alloc(arena, sizeof(*r));
	struct file_error *e = arena_alloc(arena, sizeof(*e));
	size_t mark = arena->used_bytes;
	int got = r == NULL || row == NULL || e == NULL ? SK_ENOMEM : csv_begin(r, arena, bytes, e);

	while (got >= SK_OK && (got = csv_next(r, row, e)) == 1) {
		add_place(w, r, row);
	}
	SK_ASSERT(got != SK_EPROTO);
	arena_rewind(arena, mark);
	return got;
}

/* --- the node's own --- */

static void add_zones(struct hsds_words *w)
{
	const struct conf *c = w->conf;

	for (size_t i = 0; i < c->zones_len; i++) {
		zone_add(w->zone, c->zones[i].region, 1ULL << i);
	}
	for (size_t i = 0; i < c->zones_len; i++) {
		/* The zone itself goes before a region of the same name. */
		word_set(w->zone, c->zones[i].name, (json_int_t)(1ULL << i));
		word_set(w->zone, c->zones[i].id, (json_int_t)(1ULL << i));
	}
}

static bool kbo_digits(const char *text, char ret_kbo[KBO_LEN + 1])
{
	size_t len = 0;

	if (strncasecmp(text, "BE", 2) == 0) {
		text += 2;
	}
	for (; *text != '\0'; text++) {
		if (*text == '.' || *text == ' ') {
			continue;
		}
		if (!isdigit((unsigned char)*text) || len == KBO_LEN) {
			return false;
		}
		ret_kbo[len++] = *text;
	}
	if (len == KBO_LEN - 1) {
		/* A spreadsheet takes the first 0 away. */
		memmove(ret_kbo + 1, ret_kbo, len++);
		ret_kbo[0] = '0';
	}
	ret_kbo[len] = '\0';
	return len == KBO_LEN;
}

static void add_partners(struct hsds_words *w)
{
	const struct conf *c = w->conf;
	char kbo[KBO_LEN + 1];

	/* Backwards, and ids last: the first of a name stays, and an id is never taken by a name.
	 */
	for (size_t i = c->parties_len; i-- > 0;) {
		word_set(w->partner, c->parties[i].name, (json_int_t)i + 1);
		word_set(w->partner, c->parties[i].organisation, (json_int_t)i + 1);
		if (kbo_digits(c->parties[i].organisation, kbo)) {
			word_set(w->partner, kbo, (json_int_t)i + 1);
		}
	}
	for (size_t i = 0; i < c->parties_len; i++) {
		word_set(w->partner, c->parties[i].id, (json_int_t)i + 1);
	}
}

static void add_units(struct hsds_words *w)
{
	static const struct {
		const char *word;
		PB(Unit) unit;
	} units[] = {
		{ "bed", SCHAKEL__V1__UNIT__UNIT_BED },
		{ "beds", SCHAKEL__V1__UNIT__UNIT_BED },
		{ "bedden", SCHAKEL__V1__UNIT__UNIT_BED },
		{ "place", SCHAKEL__V1__UNIT__UNIT_PLACE },
		{ "places", SCHAKEL__V1__UNIT__UNIT_PLACE },
		{ "plaats", SCHAKEL__V1__UNIT__UNIT_PLACE },
		{ "plek", SCHAKEL__V1__UNIT__UNIT_PLACE },
		{ "plekken", SCHAKEL__V1__UNIT__UNIT_PLACE },
		{ "module", SCHAKEL__V1__UNIT__UNIT_MODULE },
		{ "modules", SCHAKEL__V1__UNIT__UNIT_MODULE },
		{ "hour", SCHAKEL__V1__UNIT__UNIT_HOURS_WEEK },
		{ "hours", SCHAKEL__V1__UNIT__UNIT_HOURS_WEEK },
		{ "uren", SCHAKEL__V1__UNIT__UNIT_HOURS_WEEK },
		{ "hur", SCHAKEL__V1__UNIT__UNIT_HOURS_WEEK },
		{ "consult", SCHAKEL__V1__UNIT__UNIT_CONSULT },
		{ "consults", SCHAKEL__V1__UNIT__UNIT_CONSULT },
		{ "seat", SCHAKEL__V1__UNIT__UNIT_SEAT },
		{ "seats", SCHAKEL__V1__UNIT__UNIT_SEAT },
		{ "stoel", SCHAKEL__V1__UNIT__UNIT_SEAT },
	};

	for (size_t i = 0; i < SK_LEN(units); i++) {
		word_set(w->unit, units[i].word, (json_int_t)units[i].unit);
	}
	for (int u = SCHAKEL__V1__UNIT__UNIT_BED; u <= SCHAKEL__V1__UNIT__UNIT_SEAT; u++) {
		const ProtobufCEnumDescriptor *set = &schakel__v1__unit__descriptor;
		word_set(w->unit, code_of(set, u), u);
		word_set(w->unit, word_of(set, u, LANG_NL), u);
		word_set(w->unit, word_of(set, u, LANG_EN), u);
	}
}

static void add_expertises(struct hsds_words *w)
{
	const struct conf *c = w->conf;

	for (size_t i = 0; i < c->codes_len; i++) {
		word_set(w->expertise, c->codes[i].label_nl, (json_int_t)c->codes[i].number);
		word_set(w->expertise, c->codes[i].label_en, (json_int_t)c->codes[i].number);
	}
	for (size_t i = 0; i < c->codes_len; i++) {
		word_set(w->expertise, c->codes[i].code, (json_int_t)c->codes[i].number);
	}
}

/* --- hsds.csv --- */

static int add_synonym(struct hsds_words *w, const struct csv *r, const struct csv_row *row,
		       struct file_error *e)
{
	const char *kind = csv_field(r, row, "kind");
	const char *term = csv_field(r, row, "term");
	const char *means = csv_field(r, row, "means");
	const struct {
		const char *kind;
		json_t *map;
	} maps[] = {
		{ "zone", w->zone },
		{ "expertise", w->expertise },
		{ "partner", w->partner },
		{ "unit", w->unit },
	};
	json_t *map = NULL;

	for (size_t i = 0; i < SK_LEN(maps); i++) {
		map = strcmp(maps[i].kind, kind) == 0 ? maps[i].map : map;
	}
	if (map == NULL) {
		return file_error_text(e, row->line, "kind",
				       "dit is geen soort; geef expertise, zone, partner of unit",
				       "this is no kind; give expertise, zone, partner or unit");
	}
	if (term[0] == '\0' || strlen(term) > HSDS_WORD_MAX) {
		return file_error_text(e, row->line, "term", "geef een woord van 1 tot 200 tekens",
				       "give a word of 1 to 200 characters");
	}
	json_int_t value = word_get(map, means, strlen(means));
	if (value == 0) {
		return file_error_text(e, row->line, "means",
				       "dit staat niet in de configuratie van de node; geef een "
				       "code, zone, partner of eenheid die er is",
				       "this is not in the node's configuration; give a code, "
				       "zone, partner or unit that exists");
	}
	word_set(map, term, value);
	return SK_OK;
}

static int add_synonyms(struct hsds_words *w, struct arena *arena, struct slice own,
			struct file_error *e)
{
	struct csv_row *row = arena_alloc(arena, sizeof(*row));
	struct csv *r = arena_alloc(arena, sizeof(*r));
	size_t rows = 0;

	if (own.len == 0) {
		return SK_OK;
	}
	int got = r == NULL || row == NULL ? SK_ENOMEM : csv_begin(r, arena, own, e);
	if (got == SK_OK &&
	    (csv_field(r, &r->head, "kind") == NULL || csv_field(r, &r->head, "term") == NULL ||
	     csv_field(r, &r->head, "means") == NULL)) {
		return file_error_text(e, 1, "kind", "de eerste regel moet zijn: kind,term,means",
				       "the first line must be: kind,term,means");
	}
	while (got >= SK_OK && (got = csv_next(r, row, e)) == 1) {
		if (++rows > HSDS_SYNONYMS_MAX) {
			return file_error_text(e, row->line, "term", "meer dan 5000 rijen",
					       "more than 5000 rows");
		}
		got = add_synonym(w, r, row, e);
	}
	return got;
}

int hsds_words_open(struct hsds_words *w, const struct conf *conf, struct arena *arena,
		    struct slice own, struct file_error *ret_err)
{
	*w = (struct hsds_words){ .conf = conf,
				  .zone = json_object(),
				  .expertise = json_object(),
				  .partner = json_object(),
				  .unit = json_object() };
	if (w->zone == NULL || w->expertise == NULL || w->partner == NULL || w->unit == NULL) {
		hsds_words_done(w);
		return SK_ENOMEM;
	}
	add_zones(w);
	add_expertises(w);
	add_partners(w);
	add_units(w);
	int err = add_places(w, arena);
	if (err == SK_OK) {
		err = add_synonyms(w, arena, own, ret_err);
	}
	if (err != SK_OK) {
		hsds_words_done(w);
	}
	return err;
}

void hsds_words_done(struct hsds_words *w)
{
	json_decref(w->zone);
	json_decref(w->expertise);
	json_decref(w->partner);
	json_decref(w->unit);
	*w = (struct hsds_words){ 0 };
}

uint64_t hsds_word_zones(const struct hsds_words *w, const char *text)
{
	uint64_t bits = (uint64_t)word_get(w->zone, text, strlen(text));

	if (bits != 0 || strlen(text) > HSDS_WORD_MAX) {
		return bits;
	}
	while (*text != '\0') {
		size_t len = strcspn(text, ",;");
		bits |= (uint64_t)word_get(w->zone, text, len);
		text += len + (text[len] != '\0');
	}
	return bits;
}

uint32_t hsds_word_expertise(const struct hsds_words *w, const char *text)
{
	return (uint32_t)word_get(w->expertise, text, strlen(text));
}

const struct conf_party *hsds_word_partner(const struct hsds_words *w, const char *text)
{
	char kbo[KBO_LEN + 1];
	json_int_t i = word_get(w->partner, text, strlen(text));

	if (i == 0 && kbo_digits(text, kbo)) {
		i = word_get(w->partner, kbo, KBO_LEN);
	}
	return i == 0 ? NULL : &w->conf->parties[i - 1];
}

int hsds_word_unit(const struct hsds_words *w, const char *text)
{
	return (int)word_get(w->unit, text, strlen(text));
}
