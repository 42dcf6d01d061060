/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/words.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/csv.h"

/* The code files stand in the program as they are (paths from the root of the repository, where
 * make runs the compiler), so that what is shown and what is documented cannot differ. */
#define EMBED(name, path)                                                                      \
	__asm__(".pushsection .rodata\n.global " #name "\n" #name ":\n.incbin \"" path "\"\n." \
		"byte "                                                                        \
		"0\n."                                                                         \
		"popsectio"                                                                    \
		"n\n");                                                                        \
	extern const char name[]

EMBED(cli_words_csv, "deploy/codes/words.csv");
EMBED(cli_expertise_csv, "deploy/codes/expertise.csv");

#define WORDS_MAX 1024
#define EXPERTISE_MAX 64
#define WORDS_BYTES (256U << 10)

struct word {
	const char *set;
	const char *code;
	const char *label[2]; /* by enum lang */
	const char *youth;    /* Dutch, as a young person reads it */
};

struct dictionary {
	struct word word[WORDS_MAX];
	size_t words;
	struct word expertise[EXPERTISE_MAX + 1];
};

static void load_words(struct dictionary *d, struct arena *a)
{
	struct csv r;
	struct csv_row row;
	struct file_error e;
	struct slice bytes = { cli_words_csv, strlen(cli_words_csv) };

	SK_ASSERT(csv_begin(&r, a, bytes, &e) == SK_OK);
	while (csv_next(&r, &row, &e) == 1) {
		SK_ASSERT(d->words < WORDS_MAX);
		d->word[d->words++] =
			(struct word){ csv_field(&r, &row, "enum"),
				       csv_field(&r, &row, "value"),
				       { csv_field(&r, &row, "nl"), csv_field(&r, &row, "en") },
				       csv_field(&r, &row, "youth_nl") };
	}
	SK_ASSERT(r.at == r.end);
}

static void load_expertise(struct dictionary *d, struct arena *a)
{
	struct csv r;
	struct csv_row row;
	struct file_error e;
	struct slice bytes = { cli_expertise_csv, strlen(cli_expertise_csv) };

	SK_ASSERT(csv_begin(&r, a, bytes, &e) == SK_OK);
	while (csv_next(&r, &row, &e) == 1) {
		unsigned long n = strtoul(csv_field(&r, &row, "number"), NULL, 10);
		SK_ASSERT(n >= 1 && n <= EXPERTISE_MAX);
		d->expertise[n] = (struct word){ "Expertise",
						 csv_field(&r, &row, "code"),
						 { csv_field(&r, &row, "label_nl"),
						   csv_field(&r, &row, "label_en") },
						 csv_field(&r, &row, "label_youth_nl") };
	}
	SK_ASSERT(r.at == r.end);
}

static struct dictionary all;

static void load(void)
{
	static _Alignas(16) uint8_t block[WORDS_BYTES];
	struct arena a;

	arena_init(&a, block, sizeof(block));
	load_words(&all, &a);
	load_expertise(&all, &a);
}

static const struct dictionary *dictionary(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int rc = pthread_once(&once, load);

	SK_ASSERT(rc == 0);
	return &all;
}

static const struct word *find(const char *set, const char *code)
{
	const struct dictionary *d = dictionary();

	for (size_t i = 0; i < d->words; i++) {
		if (strcmp(d->word[i].code, code) == 0 && strcmp(d->word[i].set, set) == 0) {
			return &d->word[i];
		}
	}
	return NULL;
}

/* Value 0 of every enumeration ends in UNSPECIFIED; what stands before it is the prefix. */
static size_t prefix_len(const ProtobufCEnumDescriptor *set)
{
	const ProtobufCEnumValue *zero = protobuf_c_enum_descriptor_get_value(set, 0);

	SK_ASSERT(zero != NULL && strlen(zero->name) > strlen("UNSPECIFIED"));
	return strlen(zero->name) - strlen("UNSPECIFIED");
}

const char *code_of(const ProtobufCEnumDescriptor *set, int value)
{
	const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(set, value);

	return v == NULL ? NULL : v->name + prefix_len(set);
}

const char *word_of(const ProtobufCEnumDescriptor *set, int value, enum lang lang)
{
	const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(set, value);

	if (v == NULL || value == 0) {
		return "";
	}
	const struct word *w = find(set->short_name, v->name);
	return w == NULL ? v->name + prefix_len(set) : w->label[lang];
}

const char *word_youth(const ProtobufCEnumDescriptor *set, int value, enum lang lang)
{
	const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(set, value);
	const struct word *w = v == NULL ? NULL : find(set->short_name, v->name);

	return w == NULL ? "" : lang == LANG_NL ? w->youth : w->label[lang];
}

/* A word for a reader: the row NAME_YOUTH or NAME_PARENT of the set "Word"; NULL: there is none. */
static const char *word_for(const char *name, const char *reader, enum lang lang)
{
	char code[80];

	(void)snprintf(code, sizeof(code), "%s_%s", name, reader);
	const struct word *w = find("Word", code);
	return w == NULL ? NULL : w->label[lang];
}

const char *word_person(const ProtobufCEnumDescriptor *set, int value, enum lang lang, bool parent)
{
	const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(set, value);
	const char *own = v == NULL || !parent ? NULL : word_for(v->name, "PARENT", lang);

	return own != NULL ? own : word_youth(set, value, lang);
}

const char *word_term(const char *term, enum lang lang)
{
	const struct word *w = find("Word", term);

	return w == NULL ? term : w->label[lang];
}

/* Letters without case, '-' and ' ' as '_'. */
static bool same(const char *a, const char *b)
{
	for (;; a++, b++) {
		int x = *a == '-' || *a == ' ' ? '_' : toupper((unsigned char)*a);
		int y = *b == '-' || *b == ' ' ? '_' : toupper((unsigned char)*b);
		if (x != y) {
			return false;
		}
		if (x == '\0') {
			return true;
		}
	}
}

static bool is_called(const struct word *w, const char *typed)
{
	return w != NULL && (same(w->label[LANG_NL], typed) || same(w->label[LANG_EN], typed) ||
			     (w->youth != NULL && same(w->youth, typed)));
}

bool word_find(const ProtobufCEnumDescriptor *set, const char *typed, int *ret_value)
{
	size_t prefix = prefix_len(set);

	for (unsigned i = 0; i < set->n_values; i++) {
		const ProtobufCEnumValue *v = &set->values[i];
		if (v->value != 0 && (same(v->name, typed) || same(v->name + prefix, typed) ||
				      is_called(find(set->short_name, v->name), typed))) {
			*ret_value = v->value;
			return true;
		}
	}
	return false;
}

void code_list(const ProtobufCEnumDescriptor *set, char *ret_text, size_t cap)
{
	size_t len = 0;

	ret_text[0] = '\0';
	for (unsigned i = 0; i < set->n_values && len < cap; i++) {
		if (set->values[i].value != 0) {
			len += (size_t)snprintf(ret_text + len, cap - len, "%s%s",
						len == 0 ? "" : ", ",
						set->values[i].name + prefix_len(set));
		}
	}
}

static const struct word *expertise(uint32_t number)
{
	if (number == 0 || number > EXPERTISE_MAX || dictionary()->expertise[number].code == NULL) {
		return NULL;
	}
	return &dictionary()->expertise[number];
}

const char *expertise_code(uint32_t number)
{
	const struct word *w = expertise(number);

	return w == NULL ? NULL : w->code;
}

const char *expertise_label(uint32_t number, enum lang lang)
{
	const struct word *w = expertise(number);

	return w == NULL ? "" : w->label[lang];
}

const char *expertise_youth(uint32_t number, enum lang lang)
{
	const struct word *w = expertise(number);
	const char *en = w == NULL || lang == LANG_NL ? NULL : word_for(w->code, "YOUTH", lang);

	return w == NULL ? "" : lang == LANG_NL ? w->youth : en != NULL ? en : w->label[lang];
}

const char *expertise_parent(uint32_t number, enum lang lang)
{
	const struct word *w = expertise(number);
	const char *own = w == NULL ? NULL : word_for(w->code, "PARENT", lang);

	return own != NULL ? own : expertise_youth(number, lang);
}

const char *expertise_file(void)
{
	return cli_expertise_csv;
}

uint32_t expertise_find(const char *typed)
{
	for (uint32_t n = 1; n <= EXPERTISE_MAX; n++) {
		const struct word *w = expertise(n);
		char digits[12];
		(void)snprintf(digits, sizeof(digits), "%u", n);
		if (w != NULL &&
		    (same(w->code, typed) || is_called(w, typed) || strcmp(digits, typed) == 0)) {
			return n;
		}
	}
	return 0;
}
