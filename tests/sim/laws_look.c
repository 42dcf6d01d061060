/* SPDX-License-Identifier: EUPL-1.2 */
/* Lists that are cut, and small questions about a copy that several laws ask. */
#include "tests/sim/laws_model.h"

#include <stdlib.h>

/* --- lists --- */

void *list_add(struct list *l, uint64_t sequence)
{
	if (l->len == l->cap) {
		l->cap = l->cap == 0 ? 64 : l->cap * 2;
		l->items = realloc(l->items, l->cap * l->size);
		SK_ASSERT(l->items != NULL);
	}
	uint8_t *item = l->items + l->len++ * l->size;
	memset(item, 0, l->size);
	memcpy(item, &sequence, sizeof(sequence));
	return item;
}

void *list_at(const struct list *l, size_t i)
{
	return l->items + i * l->size;
}

void list_cut(struct list *l, uint64_t sequence)
{
	while (l->len > 0) {
		void *item = list_at(l, l->len - 1);
		uint64_t at;
		memcpy(&at, item, sizeof(at));
		if (at <= sequence) {
			return;
		}
		if (l->drop != NULL) {
			l->drop(item);
		}
		l->len--;
	}
}

void list_free(struct list *l)
{
	for (size_t i = 0; l->drop != NULL && i < l->len; i++) {
		l->drop(list_at(l, i));
	}
	free(l->items);
	l->items = NULL;
	l->len = 0;
	l->cap = 0;
}

/* --- configuration --- */

const PB(ConfigApplied) *model_config(const struct daemon_model *d)
{
	struct key k = key_of_str("applied");

	return rec_find(d, TABLE_CONFIG, &k);
}

uint64_t model_setting(const struct daemon_model *d, enum setting which)
{
	const PB(ConfigApplied) *conf = model_config(d);

	for (size_t i = 0; conf != NULL && i < conf->n_settings; i++) {
		if (strcmp(conf->settings[i]->key, setting_spec[which].key) == 0) {
			return conf->settings[i]->value;
		}
	}
	return setting_spec[which].def;
}

const PB(Party) *model_party(const struct daemon_model *d, const char *id)
{
	const PB(ConfigApplied) *conf = model_config(d);

	for (size_t i = 0; conf != NULL && i < conf->n_parties; i++) {
		if (strcmp(conf->parties[i]->id, id) == 0) {
			return conf->parties[i];
		}
	}
	return NULL;
}

bool model_has_role(const struct daemon_model *d, const char *party, PB(Role) role)
{
	const PB(Party) *p = model_party(d, party);

	for (size_t i = 0; p != NULL && i < p->n_roles; i++) {
		if (p->roles[i] == role) {
			return true;
		}
	}
	return false;
}

/* --- timers and isolation --- */

bool model_due(const struct daemon_model *d, uint8_t kind, const ProtobufCBinaryData *id,
	       uint64_t by_ms)
{
	const struct rows *t = &d->mirror.table[TABLE_DUE];

	for (size_t i = 0; i < t->len; i++) {
		const struct key *k = &t->row[i]->key;
		if (be64_read(k->b) > by_ms) {
			return false;
		}
		bool mine = id == NULL || memcmp(k->b + 9, id->data, OBJECT_ID_LEN) == 0;
		if (k->b[8] == kind && mine) {
			return true;
		}
	}
	return false;
}

bool model_isolated(const struct daemon_model *d)
{
	const struct rows *t = &d->mirror.table[TABLE_RECONCILE];

	for (size_t i = 0; i < t->len; i++) {
		if (t->row[i]->key.b[0] == 1) {
			return true;
		}
	}
	return false;
}

/* --- ids --- */

struct object_id law_id(const ProtobufCBinaryData *data)
{
	struct object_id id = { { 0 } };

	(void)object_id_from(data, &id);
	return id;
}

bool same_data(const ProtobufCBinaryData *a, const ProtobufCBinaryData *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

const char *law_hex(const void *id)
{
	static char ring[8][2 * OBJECT_ID_LEN + 1];
	static unsigned next;
	char *text = ring[next++ % SK_LEN(ring)];

	object_id_hex(id, text);
	return text;
}

const char *law_hex_data(const ProtobufCBinaryData *data)
{
	struct object_id id = law_id(data);

	return law_hex(&id);
}

/* --- states --- */

bool need_finished_state(PB(NeedState) st)
{
	return st == NEED_IS(CLOSED) || st == NEED_IS(WITHDRAWN) || st == NEED_IS(ENTERED_IN_ERROR);
}

bool contribution_is_active(PB(ContributionState) st)
{
	return st == CONTRIB(STARTED) || st == CONTRIB(INTERRUPTED) || st == CONTRIB(HANDING_ON);
}

bool contribution_is_over(PB(ContributionState) st)
{
	static const PB(ContributionState) over[] = {
		CONTRIB(NOT_NOW),          CONTRIB(NOT_OURS),   CONTRIB(LAPSED),
		CONTRIB(RELEASED),         CONTRIB(TAKEN_BACK), CONTRIB(ENDED),
		CONTRIB(STOPPED_BY_YOUTH),
	};

	for (size_t i = 0; i < SK_LEN(over); i++) {
		if (over[i] == st) {
			return true;
		}
	}
	return false;
}

/* --- walks of intake --- */

/** The request that a changed row belongs to. */
static bool request_of_change(const struct change *c, struct object_id *ret_id)
{
	bool begins = c->table == I_REQUEST || c->table == I_NEED || c->table == I_CONTRIBUTION ||
		      c->table == I_CONTRIBUTION_PAST;

	if (begins) {
		memcpy(ret_id->b, c->key.b, OBJECT_ID_LEN);
	} else if (c->table == TABLE_DUE) {
		memcpy(ret_id->b, c->key.b + 9, OBJECT_ID_LEN);
	}
	return begins || c->table == TABLE_DUE;
}

const struct row *touched_request(struct laws *l, size_t *io_at)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];

	if (l->step.all) {
		struct key prefix = { 0 };
		return row_next(d, I_REQUEST, &prefix, io_at);
	}
	for (size_t i = *io_at == SIZE_MAX ? 0 : *io_at + 1; i < d->mirror.changes; i++) {
		struct object_id id;
		struct object_id other = { { 0 } };
		bool first = true;

		if (!request_of_change(&d->mirror.change[i], &id)) {
			continue;
		}
		for (size_t j = 0; first && j < i; j++) {
			first = !request_of_change(&d->mirror.change[j], &other) ||
				!object_id_equal(&id, &other);
		}
		struct key k = key_of_id(&id);
		const struct row *row = first ? row_find(d, I_REQUEST, &k) : NULL;
		if (row != NULL) {
			*io_at = i;
			return row;
		}
	}
	return NULL;
}

PB(NeedRecord) *intake_need(const struct daemon_model *d, const ProtobufCBinaryData *request,
			    size_t *io_at)
{
	struct object_id id = law_id(request);
	struct key prefix = key_of_id(&id);
	struct row *row = row_next(d, I_NEED, &prefix, io_at);

	return row == NULL ? NULL : row->rec;
}

PB(ContributionRecord) *intake_live(const struct daemon_model *d,
				    const ProtobufCBinaryData *request, size_t *io_at)
{
	struct object_id id = law_id(request);
	struct key prefix = key_of_id(&id);
	struct row *row = row_next(d, I_CONTRIBUTION, &prefix, io_at);

	return row == NULL ? NULL : row->rec;
}
