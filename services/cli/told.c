/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/told.h"

#include <stdlib.h>
#include <string.h>

#include "common/pbjson.h"
#include "common/wire.h"

#define BEGIN_ROWS 1000             /* of the state that it begins with, in one line */
#define TOLD_ARENA_BYTES (8U << 20) /* one row; protobuf-c takes 48 bytes a byte at most */

struct told {
	const struct service *svc;
	FILE *file;
	struct arena arena;
	uint64_t steps_most;
	struct told_sum sum;
	int err; /* the first; it stays */
};

int told_open(const char *path, const struct service *svc, struct told **ret_t)
{
	struct told *t = svc->told == NULL ? NULL : calloc(1, sizeof(*t));
	void *block = t == NULL ? NULL : aligned_alloc(64, TOLD_ARENA_BYTES);

	if (block == NULL) {
		free(t);
		return svc->told == NULL ? SK_EFOREIGN : SK_ENOMEM;
	}
	arena_init(&t->arena, block, TOLD_ARENA_BYTES);
	t->svc = svc;
	t->steps_most = UINT64_MAX;
	t->file = fopen(path, "we");
	if (t->file == NULL) {
		free(block);
		free(t);
		return SK_ESYS;
	}
	*ret_t = t;
	return SK_OK;
}

int told_close(struct told *t)
{
	if (t == NULL) {
		return SK_OK;
	}
	int err = t->err == SK_OK && ferror(t->file) != 0 ? SK_ESYS : t->err;

	err = fclose(t->file) != 0 && err == SK_OK ? SK_ESYS : err;
	arena_reset(&t->arena);
	free(t->arena.base);
	free(t);
	return err;
}

/* --- one row --- */

static json_t *inside(json_t *to, const char *name, json_t *empty)
{
	json_t *at = json_object_get(to, name);

	if (at == NULL) {
		(void)json_object_set_new(to, name, empty);
		return empty;
	}
	json_decref(empty);
	return at;
}

/* The field @p path of @p from, in the same place in @p to; of each message in a list. */
static void take(const json_t *from, const char *path, json_t *to)
{
	char name[64];
	const char *dot = strchr(path, '.');
	size_t len = dot == NULL ? strlen(path) : (size_t)(dot - path);

	SK_ASSERT(len < sizeof(name));
	memcpy(name, path, len);
	name[len] = '\0';
	json_t *v = json_object_get(from, name);
	if (v == NULL) {
		return;
	}
	if (dot == NULL) {
		(void)json_object_set(to, name, v);
	} else if (json_is_object(v)) {
		take(v, dot + 1, inside(to, name, json_object()));
	} else {
		json_t *list = inside(to, name, json_array());
		for (size_t i = 0; i < json_array_size(v); i++) {
			if (json_array_size(list) == i) {
				(void)json_array_append_new(list, json_object());
			}
			take(json_array_get(v, i), dot + 1, json_array_get(list, i));
		}
	}
}

static void take_words(const json_t *from, const char *words, json_t *to)
{
	char word[64];

	for (size_t n = 0; words[0] != '\0'; words += n + strspn(words + n, " ")) {
		n = strcspn(words, " ");
		SK_ASSERT(n < sizeof(word));
		memcpy(word, words, n);
		word[n] = '\0';
		take(from, word, to);
	}
}

static json_t *key_part(struct slice *rest, char kind)
{
	char text[KEY_LEN_MAX + 1];
	struct object_id id;
	uint32_t number = 0;

	switch (kind) {
	case 'i':
		return key_take_id(rest, &id) ? hex_json(id.b, sizeof(id.b)) : NULL;
	case 'u':
		return key_take_u32(rest, &number) ? json_integer(number) : NULL;
	default:
		return key_take_str(rest, text) ? json_string(text) : NULL;
	}
}

/* "need:i partner:s" */
static bool take_key(const struct key *k, const char *parts, json_t *to)
{
	struct slice rest = { .data = k->b, .len = k->len };

	while (parts[0] != '\0') {
		char name[32];
		size_t n = strcspn(parts, ":");
		SK_ASSERT(n < sizeof(name));
		memcpy(name, parts, n);
		name[n] = '\0';
		json_t *v = key_part(&rest, parts[n + 1]);
		if (v == NULL) {
			return false;
		}
		(void)json_object_set_new(to, name, v);
		parts += n + 2;
		parts += strspn(parts, " ");
	}
	return true;
}

static bool take_value(struct told *t, const struct told_table *of, struct slice val, json_t *to)
{
	ProtobufCAllocator alloc = arena_protobuf(&t->arena);

	if (of->type == NULL) {
		return true;
	}
	ProtobufCMessage *m = protobuf_c_message_unpack(of->type, &alloc, val.len, val.data);
	json_t *all = m == NULL ? NULL : pb_json(m);
	arena_reset(&t->arena);
	if (all == NULL) {
		return false;
	}
	take_words(all, of->fields, to);
	json_decref(all);
	return true;
}

static const struct told_table *table_of(const struct told *t, uint8_t number)
{
	for (const struct told_table *at = t->svc->told; at->name != NULL; at++) {
		if (at->table == number) {
			return at;
		}
	}
	return NULL;
}

/* --- one input --- */

/* Of a row that is written more than once the last counts. */
static bool comes_again(struct slice rest, uint8_t number, const struct key *k)
{
	struct slice val;
	struct key other;
	uint8_t table = 0;

	while (effects_next(&rest, &table, &other, &val) == 1) {
		if (table == number && other.len == k->len && memcmp(other.b, k->b, k->len) == 0) {
			return true;
		}
	}
	return false;
}

/* Of @p val.data NULL it is said that it is gone. @return false: it is not what the table says. */
static bool add_row(struct told *t, const struct told_table *of, const struct key *k,
		    struct slice val, json_t *rows)
{
	json_t *row = json_object();

	(void)json_object_set_new(row, "row", json_string(of->name));
	bool ok = take_key(k, of->key, row);
	if (val.data == NULL) {
		(void)json_object_set_new(row, "gone", json_true());
	} else {
		ok = ok && take_value(t, of, val, row);
	}
	(void)json_array_append_new(rows, row);
	return ok;
}

static int add_rows(struct told *t, struct slice effects, json_t *rows)
{
	struct slice rest = effects;
	struct slice val;
	struct key k;
	uint8_t number = 0;
	int more;

	while ((more = effects_next(&rest, &number, &k, &val)) == 1) {
		const struct told_table *of = table_of(t, number);
		if (of == NULL || comes_again(rest, number, &k)) {
			continue;
		}
		if (!add_row(t, of, &k, val, rows)) {
			return SK_ECORRUPT;
		}
	}
	return more;
}

struct step_told {
	uint64_t sequence, time_ms;
	const char *input;
	uint32_t parts;
};

static void put(struct told *t, const struct step_told *s, json_t *rows)
{
	json_t *doc = json_pack("{s:I, s:I, s:s, s:I, s:O}", "step", (json_int_t)s->sequence,
				"at_ms", (json_int_t)s->time_ms, "input", s->input, "parts",
				(json_int_t)s->parts, "rows", rows);

	(void)json_dumpf(doc, t->file, JSON_COMPACT | JSON_ENSURE_ASCII);
	(void)fputc('\n', t->file);
	json_decref(doc);
}

void told_step(void *ctx, const struct applied *a)
{
	struct told *t = ctx;
	json_t *rows = json_array();
	int err = add_rows(t, a->effects, rows);

	t->err = t->err == SK_OK ? err : t->err;
	if (json_array_size(rows) > 0 && t->sum.steps >= t->steps_most) {
		t->sum.left_out++;
	} else if (json_array_size(rows) > 0) {
		const PB(Message) *m = a->in;
		bool tick = m != NULL && m->body_case == BODY(TICK);
		struct step_told s = { a->sequence, a->time_ms,
				       m == NULL ? "" : wire_body_name(m->body_case),
				       tick ? m->tick->rows : 1 };
		put(t, &s, rows);
		t->sum.steps++;
		t->sum.last_step = a->sequence;
	}
	json_decref(rows);
}

/* --- the state that it begins with --- */

static int begin_rows(struct told *t, struct store_txn *txn, const struct told_table *of,
		      const struct step_told *s)
{
	struct store_iter it;
	json_t *rows = json_array();
	struct key k;
	struct slice val;
	bool ok = true;

	store_iter_init(&it, txn, of->table, NULL);
	while (ok && store_next(&it, &k, &val)) {
		ok = add_row(t, of, &k, val, rows);
		if (json_array_size(rows) == BEGIN_ROWS) {
			put(t, s, rows);
			(void)json_array_clear(rows);
		}
	}
	store_iter_done(&it);
	if (json_array_size(rows) > 0) {
		put(t, s, rows);
	}
	json_decref(rows);
	return ok ? txn->err : SK_ECORRUPT;
}

void told_begin(struct told *t, struct store *st, uint64_t sequence, uint64_t time_ms)
{
	struct step_told s = { sequence, time_ms, "begin", 1 };
	struct store_txn txn;
	int err = store_read_begin(st, &txn);

	if (err == SK_OK) {
		for (const struct told_table *at = t->svc->told; at->name != NULL; at++) {
			err = err == SK_OK ? begin_rows(t, &txn, at, &s) : err;
		}
		store_abort(&txn);
	}
	t->err = t->err == SK_OK ? err : t->err;
}

void told_limit(struct told *t, uint64_t steps_most)
{
	t->steps_most = steps_most;
}

struct told_sum told_sum(const struct told *t)
{
	return t->sum;
}
