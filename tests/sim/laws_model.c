/* SPDX-License-Identifier: EUPL-1.2 */
/* The copy of a daemon's tables: folded from effects, so that a step costs what it changed. */
#include "tests/sim/laws_model.h"

#include "schakel/v1/figure_record.pb-c.h"

#include <stdlib.h>

#define TYPE(name) (&schakel__v1__##name##__descriptor)

static const char *const names[LAWS_DAEMONS] = { "intake", "waitlist", "matching" };

const char *laws_name(int daemon)
{
	return names[daemon];
}

int laws_daemon_of(const char *name)
{
	for (int i = 0; i < LAWS_DAEMONS; i++) {
		if (strcmp(names[i], name) == 0) {
			return i;
		}
	}
	return -1;
}

/* --- what stands where --- */

static const ProtobufCMessageDescriptor *const engine_type[TABLE_LOG] = {
	[TABLE_META] = TYPE(meta_record),         [TABLE_CURSOR] = TYPE(cursor_record),
	[TABLE_LOG_HEAD] = TYPE(log_head_record), [TABLE_QUARANTINE] = TYPE(quarantine_record),
	[TABLE_CONFIG] = TYPE(config_applied),    [TABLE_RECONCILE] = TYPE(reconcile_record),
};

#define AT(table) [(table)-TABLE_SERVICE]
static const ProtobufCMessageDescriptor
	*const service_type[LAWS_DAEMONS][TABLE_END - TABLE_SERVICE] = {
		{
			AT(FIGURE_TABLE_NUMBER) = TYPE(figure_record),
			AT(I_REQUEST) = TYPE(request_record),
			AT(I_NEED) = TYPE(need_record),
			AT(I_NEED_REF) = TYPE(need_ref_record),
			AT(I_HOLDER_PAST) = TYPE(holder_view),
			AT(I_VOICE) = TYPE(voice_record),
			AT(I_TEAM) = TYPE(team_record),
			AT(I_CONTRIBUTION) = TYPE(contribution_record),
			AT(I_CONTRIBUTION_PAST) = TYPE(contribution_record),
			AT(I_PLAN) = TYPE(plan_record),
			AT(I_JUDGEMENT) = TYPE(judgement_record),
			AT(I_ORDER) = TYPE(order_record),
			AT(I_WISH) = TYPE(wish_record),
			AT(I_PARKED) = TYPE(parked_record),
			AT(I_FAMILY) = TYPE(family_record),
			AT(I_STRENGTH) = TYPE(strength_view),
			AT(I_GOAL) = TYPE(goal_record),
			AT(I_OWN) = TYPE(own_record),
			AT(I_DIAGNOSTIC) = TYPE(diagnostic_record),
			AT(I_OTHER) = TYPE(other_record),
			AT(I_SPENT) = TYPE(spent_record),
			AT(I_KNOWN) = TYPE(known_record),
			AT(I_SIGNAL) = TYPE(signal_record),
			AT(I_HELP_CALL) = TYPE(help_call_record),
			AT(I_LOOK) = TYPE(look_view),
			AT(I_KEPT_BACK) = TYPE(kept_back_record),
			AT(I_CASE_TABLE) = TYPE(case_table_fact),
			AT(I_WAIT_TOLD) = TYPE(wait_told),
			AT(I_NETWORK) = TYPE(network_told),
			AT(I_WATCH) = TYPE(watch_record),
			AT(I_FIT) = TYPE(fit_record),
			AT(I_BASIC) = TYPE(basic_link_record),
			AT(I_RUNG) = TYPE(rung_record),
			AT(I_CARE) = TYPE(care_record),
		},
		{
			AT(FIGURE_TABLE_NUMBER) = TYPE(figure_record),
			AT(W_ENTRY) = TYPE(wait_entry_record),
			AT(W_REQUEST) = TYPE(wait_request_record),
			AT(W_TEAM) = TYPE(wait_team_record),
			AT(W_CONTRIBUTION) = TYPE(wait_contribution_record),
			AT(W_COUNT) = TYPE(wait_count_record),
			AT(W_CHILD) = TYPE(wait_child_record),
			AT(W_CARE) = TYPE(wait_care_record),
			AT(W_AGAIN) = TYPE(wait_order_record),
			AT(W_TABLE) = TYPE(wait_table_record),
		},
		{
			AT(FIGURE_TABLE_NUMBER) = TYPE(figure_record),
			AT(M_REQUEST) = TYPE(match_request_record),
			AT(M_NEED) = TYPE(match_need_record),
			AT(M_POOL) = TYPE(match_pool_record),
			AT(M_POOL_USE) = TYPE(pool_use),
			AT(M_POOL_ID) = TYPE(match_pool_record),
			AT(M_CONTRIBUTION) = TYPE(match_contribution_record),
			AT(M_EXCLUDE) = TYPE(match_exclude_record),
			AT(M_PASS) = TYPE(match_pass_record),
			AT(M_CHAIN) = TYPE(match_chain_record),
			AT(M_LAST_PLACE) = TYPE(match_last_place_record),
			AT(M_USE_WEEK) = TYPE(match_count_record),
			AT(M_ATELIER) = TYPE(match_count_record),
			AT(M_NETWORK) = TYPE(match_network_record),
			AT(M_NETWORK_ID) = TYPE(match_network_record),
			AT(M_WORKER) = TYPE(match_worker_record),
			AT(M_PRICE) = TYPE(match_price_record),
			AT(M_PLAN) = TYPE(match_plan_record),
		},
	};

static const ProtobufCMessageDescriptor *type_of(int daemon, uint8_t table)
{
	return table < TABLE_LOG ? engine_type[table] : service_type[daemon][table - TABLE_SERVICE];
}

/** Receipts are the simulator's to check; the shell's tables are no state. */
static bool is_kept(uint8_t table)
{
	return table != TABLE_RECEIPT && (table < TABLE_LOG || table >= TABLE_SERVICE) &&
	       table < TABLE_END;
}

/* --- rows --- */

static int key_compare(const struct key *a, const struct key *b)
{
	size_t len = a->len < b->len ? a->len : b->len;
	int cmp = memcmp(a->b, b->b, len);

	return cmp != 0 ? cmp : (a->len > b->len) - (a->len < b->len);
}

bool key_has_prefix(const struct key *k, const struct key *prefix)
{
	return k->len >= prefix->len && memcmp(k->b, prefix->b, prefix->len) == 0;
}

size_t rows_lower(const struct rows *t, const struct key *k)
{
	size_t lo = 0;
	size_t hi = t->len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (key_compare(&t->row[mid]->key, k) < 0) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	return lo;
}

struct row *row_find(const struct daemon_model *d, uint8_t table, const struct key *k)
{
	const struct rows *t = &d->mirror.table[table];
	size_t at = rows_lower(t, k);

	return at < t->len && key_compare(&t->row[at]->key, k) == 0 ? t->row[at] : NULL;
}

void *rec_find(const struct daemon_model *d, uint8_t table, const struct key *k)
{
	struct row *row = row_find(d, table, k);

	return row == NULL ? NULL : row->rec;
}

void *rec_by_id(const struct daemon_model *d, uint8_t table, const ProtobufCBinaryData *id)
{
	struct key k = { 0 };

	key_bytes(&k, id->data, id->len);
	return rec_find(d, table, &k);
}

struct row *row_next(const struct daemon_model *d, uint8_t table, const struct key *prefix,
		     size_t *io_at)
{
	const struct rows *t = &d->mirror.table[table];

	*io_at = *io_at == SIZE_MAX ? rows_lower(t, prefix) : *io_at + 1;
	if (*io_at >= t->len || !key_has_prefix(&t->row[*io_at]->key, prefix)) {
		return NULL;
	}
	return t->row[*io_at];
}

static void rec_free(void *rec)
{
	if (rec != NULL) {
		protobuf_c_message_free_unpacked(rec, NULL);
	}
}

static void row_free(struct row *row)
{
	rec_free(row->rec);
	free(row->val);
	free(row);
}

static void row_fill(struct row *row, const ProtobufCMessageDescriptor *type, struct slice val)
{
	free(row->val);
	row->val = malloc(val.len + 1);
	SK_ASSERT(row->val != NULL);
	if (val.len > 0) {
		memcpy(row->val, val.data, val.len);
	}
	row->len = val.len;
	row->rec = NULL;
	if (type != NULL) {
		row->rec = protobuf_c_message_unpack(type, NULL, val.len, row->val);
		SK_ASSERT(row->rec != NULL);
	}
}

static struct row *row_insert(struct rows *t, const struct key *k)
{
	size_t at = rows_lower(t, k);

	if (t->len == t->cap) {
		t->cap = t->cap == 0 ? 64 : t->cap * 2;
		t->row = realloc(t->row, t->cap * sizeof(struct row *));
		SK_ASSERT(t->row != NULL);
	}
	struct row *row = calloc(1, sizeof(*row));
	SK_ASSERT(row != NULL);
	row->key = *k;
	memmove(t->row + at + 1, t->row + at, (t->len - at) * sizeof(struct row *));
	t->row[at] = row;
	t->len++;
	return row;
}

static void row_remove(struct rows *t, struct row *row)
{
	size_t at = rows_lower(t, &row->key);

	memmove(t->row + at, t->row + at + 1, (t->len - at - 1) * sizeof(struct row *));
	t->len--;
}

/* --- changes --- */

static struct change *change_at(struct mirror *m, uint8_t table, const struct key *k)
{
	for (size_t i = m->changes; i > 0; i--) {
		struct change *c = &m->change[i - 1];
		if (c->table == table && key_compare(&c->key, k) == 0) {
			return c;
		}
	}
	return NULL;
}

const struct change *change_find(const struct daemon_model *d, uint8_t table, const struct key *k)
{
	return change_at((struct mirror *)(uintptr_t)&d->mirror, table, k);
}

static struct change *change_add(struct mirror *m, uint8_t table, const struct key *k)
{
	if (m->changes == m->changes_cap) {
		m->changes_cap = m->changes_cap == 0 ? 128 : m->changes_cap * 2;
		m->change = realloc(m->change, m->changes_cap * sizeof(*m->change));
		SK_ASSERT(m->change != NULL);
	}
	struct change *c = &m->change[m->changes++];
	*c = (struct change){ .table = table, .key = *k };
	return c;
}

void model_rest(struct daemon_model *d)
{
	for (size_t i = 0; i < d->mirror.changes; i++) {
		rec_free(d->mirror.change[i].before);
	}
	d->mirror.changes = 0;
	for (size_t i = 0; i < d->emitted_len; i++) {
		schakel__v1__message__free_unpacked(d->emitted[i].m, NULL);
	}
	d->emitted_len = 0;
}

/** The record as it was before the step goes to the change; a second write of the step drops it. */
static struct change *change_open(struct mirror *m, uint8_t table, struct row *row,
				  const struct key *k)
{
	struct change *c = change_at(m, table, k);

	if (c == NULL) {
		c = change_add(m, table, k);
		c->was = row != NULL;
		c->before = row == NULL ? NULL : row->rec;
	} else if (row != NULL) {
		rec_free(row->rec);
	}
	if (row != NULL) {
		row->rec = NULL;
	}
	return c;
}

static void fold_row(struct daemon_model *d, int daemon, uint8_t table, const struct key *k,
		     struct slice val)
{
	struct rows *t = &d->mirror.table[table];
	struct row *row = row_find(d, table, k);

	if (row == NULL && val.data == NULL) {
		return;
	}
	struct change *c = change_open(&d->mirror, table, row, k);
	if (val.data == NULL) {
		row_remove(t, row);
		row_free(row);
		c->after = NULL;
		return;
	}
	if (row == NULL) {
		row = row_insert(t, k);
	}
	row_fill(row, type_of(daemon, table), val);
	c->after = row;
}

static void fold_entry(struct daemon_model *d, const struct key *k, struct slice val)
{
	struct slice rest = { .data = k->b, .len = k->len };

	if (d->emitted_len == d->emitted_cap) {
		d->emitted_cap = d->emitted_cap == 0 ? 64 : d->emitted_cap * 2;
		d->emitted = realloc(d->emitted, d->emitted_cap * sizeof(*d->emitted));
		SK_ASSERT(d->emitted != NULL);
	}
	struct emitted *e = &d->emitted[d->emitted_len];
	bool whole = key_take_str(&rest, e->to) && key_take_u32(&rest, &e->incarnation) &&
		     key_take_u64(&rest, &e->sequence);
	SK_ASSERT(whole);
	e->m = schakel__v1__message__unpack(NULL, val.len, val.data);
	SK_ASSERT(e->m != NULL);
	d->emitted_len++;
}

void laws_model_fold(struct daemon_model *d, int daemon, struct slice effects)
{
	uint8_t table;
	struct key k;
	struct slice val;

	model_rest(d);
	while (effects_next(&effects, &table, &k, &val) == 1) {
		if (table == TABLE_LOG && val.data != NULL) {
			fold_entry(d, &k, val);
		} else if (is_kept(table)) {
			fold_row(d, daemon, table, &k, val);
		}
	}
}

static void mirror_clear(struct daemon_model *d)
{
	model_rest(d);
	for (size_t table = 0; table < TABLE_END; table++) {
		struct rows *t = &d->mirror.table[table];
		for (size_t i = 0; i < t->len; i++) {
			row_free(t->row[i]);
		}
		t->len = 0;
	}
}

void model_load(struct daemon_model *d, int daemon, struct store_txn *state)
{
	mirror_clear(d);
	for (int table = 1; table < TABLE_END; table++) {
		struct store_iter it;
		struct key k;
		struct slice val;

		if (!is_kept((uint8_t)table)) {
			continue;
		}
		store_iter_init(&it, state, (uint8_t)table, NULL);
		while (store_next(&it, &k, &val)) {
			struct row *row = row_insert(&d->mirror.table[table], &k);
			row_fill(row, type_of(daemon, (uint8_t)table), val);
		}
	}
	SK_ASSERT(state->err == SK_OK);
}

static const char *compare_table(const struct rows *t, uint8_t table, struct store_txn *state)
{
	static char text[128];
	struct store_iter it;
	struct key k;
	struct slice val;
	size_t at = 0;
	bool same = true;

	store_iter_init(&it, state, table, NULL);
	while (same && store_next(&it, &k, &val)) {
		same = at < t->len && key_compare(&t->row[at]->key, &k) == 0 &&
		       t->row[at]->len == val.len &&
		       (val.len == 0 || memcmp(t->row[at]->val, val.data, val.len) == 0);
		at++;
	}
	store_iter_done(&it);
	if (same && at == t->len && state->err == SK_OK) {
		return NULL;
	}
	(void)snprintf(text, sizeof(text), "table %u differs at row %zu of %zu", table, at, t->len);
	return text;
}

const char *model_compare(const struct daemon_model *d, struct store_txn *state)
{
	const char *differs = NULL;

	for (int table = 1; differs == NULL && table < TABLE_END; table++) {
		if (is_kept((uint8_t)table)) {
			differs = compare_table(&d->mirror.table[table], (uint8_t)table, state);
		}
	}
	return differs;
}

void model_free(struct daemon_model *d)
{
	mirror_clear(d);
	for (size_t table = 0; table < TABLE_END; table++) {
		free(d->mirror.table[table].row);
	}
	free(d->mirror.change);
	free(d->emitted);
	for (size_t i = 0; i < LAWS_DAEMONS; i++) {
		list_free(&d->log[i]);
	}
	list_free(&d->ids);
	list_free(&d->teams);
	free(d->id_slot);
}
