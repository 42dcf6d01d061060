/* SPDX-License-Identifier: EUPL-1.2 */
/* Case tables that waitlist called for a request: kept as told, shown to the people around the
 * child. Waitlist owns them; after it was restored from an old copy it hears of them here again. */
#include <string.h>

#include "services/intake/core_inner.h"

/* The latest of one request. */
#define TABLES_SHOWN_MAX 16

static int table_check(struct step *s, const PB(CaseTableFact) *f)
{
	struct object_id id;

	if (!object_id_from(&f->table_id, &id)) {
		return step_refuse(s, REFUSAL(MALFORMED), "table_id");
	}
	if (f->state < SCHAKEL__V1__CASE_TABLE_STATE__CASE_TABLE_STATE_CALLED ||
	    f->state > SCHAKEL__V1__CASE_TABLE_STATE__CASE_TABLE_STATE_NOT_NEEDED) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "state");
	}
	return SK_OK;
}

/* A request that is not known here went with an old copy: waitlist tells of the table again when
 * the request is back. */
int case_table_apply(struct step *s, const PB(CaseTableFact) *f)
{
	struct object_id request;
	struct object_id id;
	struct req q;
	int err = table_check(s, f);

	if (err != SK_OK) {
		return err;
	}
	if (!object_id_from(&f->request_id, &request) || !object_id_from(&f->table_id, &id) ||
	    !req_load(s, &request, &q)) {
		return s->txn->err;
	}
	struct key k = key_of_pair(&request, &id);
	const PB(CaseTableFact) *known = step_get(s, TABLE_CASE_TABLE, &k, TYPE(case_table_fact));
	if (known == NULL || known->version < f->version) {
		step_put(s, TABLE_CASE_TABLE, &k, f);
	}
	return s->txn->err;
}

int on_case_table(struct step *s, const PB(Message) *in)
{
	return case_table_apply(s, in->case_table_fact);
}

size_t case_tables_of(struct step *s, const struct req *q, PB(CaseTableFact) ***ret_tables)
{
	PB(CaseTableFact) **tables = step_alloc(s, TABLES_SHOWN_MAX * sizeof(*tables));
	struct key prefix = key_of_id(&q->id);
	struct store_iter it;
	struct key at;
	struct slice val;
	size_t len = 0;

	store_iter_init(&it, s->txn, TABLE_CASE_TABLE, &prefix);
	while (tables != NULL && store_next(&it, &at, &val)) {
		PB(CaseTableFact) *f = step_unpack(s, val, TYPE(case_table_fact));
		if (f == NULL) {
			break;
		}
		if (len == TABLES_SHOWN_MAX) {
			memmove(tables, tables + 1, --len * sizeof(*tables));
		}
		tables[len++] = f;
	}
	store_iter_done(&it);
	*ret_tables = tables;
	return len;
}
