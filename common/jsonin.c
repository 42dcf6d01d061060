/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/jsonin.h"

#include <stdlib.h>
#include <string.h>

#include "common/table.h"
#include "common/when.h"
#include "common/wire.h"
#include "common/words.h"
#include "schakel/v1/command.pb-c.h"

#define DEPTH_MAX 16

/* The column of a table that became this field, or the path itself. */
static const char *name_of(const struct jsonin *in, const char *path)
{
	const char *dot = strrchr(path, '.');
	const struct table_column *col = in->columns;

	for (; dot != NULL && col != NULL && col->name != NULL; col++) {
		if (col->key != NULL && strcmp(col->key, dot + 1) == 0) {
			return col->name;
		}
	}
	return path;
}

int jsonin_fail(struct jsonin *in, const char *path, const char *nl, const char *en, ...)
{
	struct file_error *e = in->err;
	va_list args;

	e->line = jsonin_line(in, path);
	(void)snprintf(e->field, sizeof(e->field), "%s", name_of(in, path));
	va_start(args, en);
	int err = file_error_values(e, nl, en, args);
	va_end(args);
	return err;
}

void jsonin_path(char ret_path[JSONIN_PATH_MAX], const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(ret_path, JSONIN_PATH_MAX, fmt, args);
	va_end(args);
}

/* jansson descends by recursion; no document of ours is deep. */
static bool too_deep(struct slice bytes)
{
	const char *p = bytes.data;
	bool in_string = false;
	unsigned depth = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		if (in_string) {
			in_string = p[i] != '"';
			i += p[i] == '\\';
			continue;
		}
		in_string = p[i] == '"';
		depth += p[i] == '{' || p[i] == '[';
		depth -= depth > 0 && (p[i] == '}' || p[i] == ']');
		if (depth > DEPTH_MAX) {
			return true;
		}
	}
	return false;
}

int jsonin_parse(struct jsonin *in, struct arena *arena, struct slice bytes,
		 struct file_error *ret_err)
{
	json_error_t e;
	unsigned bad_line;

	if (bytes.len >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0) {
		/* Windows begins a text in UTF-8 with a mark; JSON knows none. */
		bytes = (struct slice){ (const char *)bytes.data + 3, bytes.len - 3 };
	}
	*in = (struct jsonin){ .arena = arena, .err = ret_err, .bytes = bytes };
	if (!infile_is_text(bytes, &bad_line)) {
		return file_error_set(ret_err, bad_line,
				      "dit is geen tekst in UTF-8; bewaar het bestand als UTF-8",
				      "this is no UTF-8 text; save the file as UTF-8");
	}
	if (too_deep(bytes)) {
		return file_error_set(ret_err, 0,
				      "de JSON is dieper genest dan %d niveaus; zet er minder in "
				      "elkaar",
				      "the JSON is nested deeper than %d levels; put fewer within "
				      "each other",
				      DEPTH_MAX);
	}
	in->root = json_loadb(bytes.data, bytes.len, JSON_REJECT_DUPLICATES, &e);
	if (in->root == NULL) {
		return file_error_set(ret_err, e.line > 0 ? (unsigned)e.line : 1,
				      "dit is geen geldige JSON (%s); verbeter de regel",
				      "this is not valid JSON (%s); correct the line", e.text);
	}
	return SK_OK;
}

void jsonin_done(struct jsonin *in)
{
	json_decref(in->root);
	in->root = NULL;
}

/* --- one value of the schema --- */

/* What a value is read against. */
struct target {
	const ProtobufCFieldDescriptor *field;
	const struct field_rule *rule; /* NULL: none */
	const struct jsonin_spec *spec;
	const char *path;
};

static const struct field_rule *rule_of(const struct jsonin_spec *spec, const char *field)
{
	for (const struct field_rule *r = spec->rules; r != NULL && r->message != NULL; r++) {
		if (strcmp(r->message, spec->type->short_name) == 0 &&
		    strcmp(r->field, field) == 0) {
			return r;
		}
	}
	return NULL;
}

static int read_expertise(struct jsonin *in, json_t *v, const struct target *t, uint64_t *ret_n)
{
	char digits[24];
	const char *typed = json_string_value(v);

	if (json_is_integer(v)) {
		(void)snprintf(digits, sizeof(digits), "%lld", (long long)json_integer_value(v));
		typed = digits;
	}
	*ret_n = typed == NULL ? 0 : expertise_find(typed);
	if (*ret_n == 0) {
		return jsonin_fail(in, t->path,
				   "deze expertise is niet bekend; kies een code zoals "
				   "CONTEXT_STRENGTHENING (deploy/codes/expertise.csv)",
				   "this expertise is not known; choose a code such as "
				   "CONTEXT_STRENGTHENING (deploy/codes/expertise.csv)");
	}
	return SK_OK;
}

static int read_instant(struct jsonin *in, json_t *v, const struct target *t, uint64_t *ret_ms)
{
	if (!json_is_string(v) || !when_parse(json_string_value(v), ret_ms)) {
		return jsonin_fail(in, t->path,
				   "geef een dag als \"2026-03-03\" of een tijdstip als "
				   "\"2026-03-03 08:30\"",
				   "give a day like \"2026-03-03\" or a time like "
				   "\"2026-03-03 08:30\"");
	}
	return SK_OK;
}

static int read_number(struct jsonin *in, json_t *v, const struct target *t, uint64_t *ret_n)
{
	uint64_t min = t->rule == NULL ? 0 : t->rule->min;
	uint64_t max = t->rule == NULL || t->rule->max == 0 ? UINT32_MAX : t->rule->max;
	size_t len = strlen(t->field->name);

	if (strstr(t->field->name, "expertise") != NULL) {
		return read_expertise(in, v, t, ret_n);
	}
	if (len > 3 && strcmp(t->field->name + len - 3, "_ms") == 0) {
		return read_instant(in, v, t, ret_n);
	}
	json_int_t n = json_is_integer(v) ? json_integer_value(v) : -1;
	if (n < 0 || (uint64_t)n < min || (uint64_t)n > max) {
		return jsonin_fail(in, t->path, "geef een geheel getal van %llu tot %llu",
				   "give a whole number from %llu to %llu", (unsigned long long)min,
				   (unsigned long long)max);
	}
	*ret_n = (uint64_t)n;
	return SK_OK;
}

static int read_code(struct jsonin *in, json_t *v, const struct target *t, int *ret_value)
{
	char known[320];

	if (json_is_string(v) && word_find(t->field->descriptor, json_string_value(v), ret_value)) {
		return SK_OK;
	}
	code_list(t->field->descriptor, known, sizeof(known));
	return jsonin_fail(in, t->path, "deze waarde is niet bekend; kies uit %s",
			   "this value is not known; choose from %s", known);
}

/* What a daemon would refuse as a broken frame is refused here, with the field. */
static int check_text(struct jsonin *in, const char *text, const char *path)
{
	size_t len = strlen(text);

	if (len > WIRE_STRING_MAX) {
		return jsonin_fail(in, path, "deze tekst is te lang; ten hoogste %d bytes",
				   "this text is too long; at most %d bytes", WIRE_STRING_MAX);
	}
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c < 0x20 || c == 0x7f) {
			return jsonin_fail(in, path, "laat stuurtekens weg uit deze tekst",
					   "leave control characters out of this text");
		}
	}
	return SK_OK;
}

/* Texts of the schema are names and codes, never free text (that goes into `told`). */
static int read_name(struct jsonin *in, json_t *v, const struct target *t, char **ret_s)
{
	if (t->spec->wire && json_is_string(v)) {
		int err = check_text(in, json_string_value(v), t->path);
		if (err != SK_OK) {
			return err;
		}
		*ret_s = arena_strdup(in->arena, json_string_value(v));
		return *ret_s == NULL ? SK_ENOMEM : SK_OK;
	}
	if (!json_is_string(v) || json_string_length(v) == 0 ||
	    !name_is_valid(json_string_value(v))) {
		return jsonin_fail(in, t->path,
				   "geef een naam van 1 tot 31 kleine letters, cijfers of "
				   "streepjes",
				   "give a name of 1 to 31 lower-case letters, digits or dashes");
	}
	*ret_s = arena_strdup(in->arena, json_string_value(v));
	return *ret_s == NULL ? SK_ENOMEM : SK_OK;
}

static bool hex_id(const char *hex, uint8_t *ret_id)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < 2 * (size_t)OBJECT_ID_LEN; i++) {
		const char *digit = hex[i] == '\0' ? NULL : strchr(digits, hex[i]);
		if (digit == NULL) {
			return false;
		}
		ret_id[i / 2] = (uint8_t)(ret_id[i / 2] << 4 | (digit - digits));
	}
	return hex[2 * (size_t)OBJECT_ID_LEN] == '\0';
}

/* What a program gives back as it got it: a place in a list, an id of any length. */
static int read_hex(struct jsonin *in, json_t *v, const struct target *t,
		    ProtobufCBinaryData *ret_b)
{
	const char *hex = json_string_value(v);
	size_t len = hex == NULL ? 0 : strlen(hex);
	size_t at = 0;

	if (hex == NULL || len % 2 != 0 || strspn(hex, "0123456789abcdef") != len) {
		return jsonin_fail(in, t->path, "geef een even aantal tekens 0-9 en a-f",
				   "give an even number of characters 0-9 and a-f");
	}
	uint8_t *bytes = arena_alloc(in->arena, len / 2 + 1);
	if (bytes == NULL) {
		return SK_ENOMEM;
	}
	for (; at < len; at++) {
		int digit = hex[at] <= '9' ? hex[at] - '0' : hex[at] - 'a' + 10;
		bytes[at / 2] = (uint8_t)(bytes[at / 2] << 4 | digit);
	}
	*ret_b = (ProtobufCBinaryData){ len / 2, bytes };
	return SK_OK;
}

static int read_id(struct jsonin *in, json_t *v, const struct target *t, ProtobufCBinaryData *ret_b)
{
	const char *hex = json_string_value(v);
	uint8_t *id = arena_alloc(in->arena, OBJECT_ID_LEN);

	if (id == NULL) {
		return SK_ENOMEM;
	}
	if (hex == NULL || !hex_id(hex, id)) {
		return jsonin_fail(in, t->path, "geef een nummer van 32 tekens 0-9 en a-f",
				   "give an id of 32 characters 0-9 and a-f");
	}
	*ret_b = (ProtobufCBinaryData){ OBJECT_ID_LEN, id };
	return SK_OK;
}

static int read_bool(struct jsonin *in, json_t *v, const struct target *t, int *ret_b)
{
	if (!json_is_boolean(v)) {
		return jsonin_fail(in, t->path, "geef true of false", "give true or false");
	}
	*ret_b = json_is_true(v);
	return SK_OK;
}

static int read_message(struct jsonin *in, json_t *v, const struct target *t,
			ProtobufCMessage **ret_m)
{
	struct jsonin_spec sub = *t->spec;

	sub.type = t->field->descriptor;
	sub.ignore = NULL;
	if (sub.type == &schakel__v1__capsule__descriptor) {
		return sub.capsule != NULL ?
			       sub.capsule(sub.ctx, in, v, t->path, ret_m) :
			       jsonin_fail(in, t->path, "dit veld kan niet in een bestand staan",
					   "this field cannot stand in a file");
	}
	return jsonin_message(in, v, t->path, &sub, ret_m);
}

/* Stores one value at @p p as protobuf-c keeps it. */
static int read_value(struct jsonin *in, json_t *v, const struct target *t, void *p)
{
	uint64_t n = 0;
	int err;

	switch ((int)t->field->type) {
	case PROTOBUF_C_TYPE_UINT32:
		err = read_number(in, v, t, &n);
		*(uint32_t *)p = (uint32_t)n;
		return err;
	case PROTOBUF_C_TYPE_UINT64:
		err = read_number(in, v, t, &n);
		*(uint64_t *)p = n;
		return err;
	case PROTOBUF_C_TYPE_BOOL:
		return read_bool(in, v, t, p);
	case PROTOBUF_C_TYPE_ENUM:
		return read_code(in, v, t, p);
	case PROTOBUF_C_TYPE_STRING:
		return read_name(in, v, t, p);
	case PROTOBUF_C_TYPE_BYTES:
		return t->spec->wire ? read_hex(in, v, t, p) : read_id(in, v, t, p);
	case PROTOBUF_C_TYPE_MESSAGE:
		return read_message(in, v, t, p);
	default:
		return jsonin_fail(in, t->path, "dit veld kan niet in een bestand staan",
				   "this field cannot stand in a file");
	}
}

static size_t value_size(const ProtobufCFieldDescriptor *f)
{
	switch ((int)f->type) {
	case PROTOBUF_C_TYPE_UINT64:
		return sizeof(uint64_t);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	default:
		return sizeof(uint32_t);
	}
}

static int read_list(struct jsonin *in, json_t *v, const struct target *t, char *base)
{
	uint64_t usual = t->spec->wire ? WIRE_REPEATED_MAX : 64;
	uint64_t max = t->rule == NULL || t->rule->max == 0 ? usual : t->rule->max;
	size_t len = json_array_size(v);

	if (!json_is_array(v) || len > max) {
		return jsonin_fail(in, t->path, "geef een lijst [ ... ] met ten hoogste %llu delen",
				   "give a list [ ... ] of at most %llu items",
				   (unsigned long long)max);
	}
	char *items = arena_alloc(in->arena, (len + 1) * value_size(t->field));
	if (items == NULL) {
		return SK_ENOMEM;
	}
	for (size_t i = 0; i < len; i++) {
		char path[JSONIN_PATH_MAX];
		struct target item = *t;
		jsonin_path(path, "%s[%zu]", t->path, i);
		item.path = path;
		int err = read_value(in, json_array_get(v, i), &item,
				     items + i * value_size(t->field));
		if (err != SK_OK) {
			return err;
		}
	}
	*(size_t *)(void *)(base + t->field->quantifier_offset) = len;
	*(void **)(void *)(base + t->field->offset) = items;
	return SK_OK;
}

/* --- a message --- */

static bool is_ignored(const struct jsonin_spec *spec, const char *key)
{
	for (size_t i = 0; spec->ignore != NULL && spec->ignore[i] != NULL; i++) {
		if (strcmp(spec->ignore[i], key) == 0) {
			return true;
		}
	}
	return false;
}

static void known_keys(const struct jsonin_spec *spec, char *ret_text, size_t cap)
{
	size_t len = 0;

	ret_text[0] = '\0';
	for (unsigned i = 0; i < spec->type->n_fields && len < cap; i++) {
		len += (size_t)snprintf(ret_text + len, cap - len, "%s%s", i == 0 ? "" : ", ",
					spec->type->fields[i].name);
	}
}

static int check_keys(struct jsonin *in, json_t *obj, const char *path,
		      const struct jsonin_spec *spec)
{
	const char *key;
	json_t *v;

	json_object_foreach (obj, key, v) {
		char at[JSONIN_PATH_MAX];
		char known[320];
		if (is_ignored(spec, key) ||
		    protobuf_c_message_descriptor_get_field_by_name(spec->type, key) != NULL) {
			continue;
		}
		jsonin_path(at, "%s%s%s", path, path[0] == '\0' ? "" : ".", key);
		known_keys(spec, known, sizeof(known));
		return jsonin_fail(in, at, "dit veld bestaat niet; wel %s",
				   "there is no such field; there are %s", known);
	}
	return SK_OK;
}

static int read_field(struct jsonin *in, json_t *obj, const struct target *t, char *base)
{
	json_t *v = json_object_get(obj, t->field->name);

	if (v == NULL || json_is_null(v)) {
		if (t->rule == NULL || !t->rule->required) {
			return SK_OK;
		}
		return jsonin_fail(in, t->path, "dit veld ontbreekt; vul het in",
				   "this field is missing; fill it in");
	}
	if (t->field->label == PROTOBUF_C_LABEL_REPEATED) {
		return read_list(in, v, t, base);
	}
	return read_value(in, v, t, base + t->field->offset);
}

int jsonin_message(struct jsonin *in, json_t *obj, const char *path, const struct jsonin_spec *spec,
		   ProtobufCMessage **ret_m)
{
	if (!json_is_object(obj)) {
		return jsonin_fail(in, path, "hier hoort een geheel van velden { ... }",
				   "an object { ... } is expected here");
	}
	int err = check_keys(in, obj, path, spec);
	if (err != SK_OK) {
		return err;
	}
	ProtobufCMessage *m = arena_alloc(in->arena, spec->type->sizeof_message);
	if (m == NULL) {
		return SK_ENOMEM;
	}
	protobuf_c_message_init(spec->type, m);
	for (unsigned i = 0; i < spec->type->n_fields; i++) {
		char at[JSONIN_PATH_MAX];
		struct target t = { .field = &spec->type->fields[i], .spec = spec, .path = at };
		if (is_ignored(spec, t.field->name)) {
			continue;
		}
		t.rule = rule_of(spec, t.field->name);
		jsonin_path(at, "%s%s%s", path, path[0] == '\0' ? "" : ".", t.field->name);
		err = read_field(in, obj, &t, (char *)m);
		if (err != SK_OK) {
			return err;
		}
	}
	*ret_m = m;
	return SK_OK;
}
