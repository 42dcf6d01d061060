/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/out_private.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

struct key out_row_key(uint64_t seq)
{
	struct key k = { 0 };
	key_u64(&k, seq);
	return k;
}

void out_row_put(struct store_txn *txn, const struct out_row *row)
{
	struct key k = out_row_key(row->seq);
	json_t *doc = json_pack("{s:i, s:I, s:I, s:i, s:s, s:s, s:s%}", "kind", (int)row->kind,
				"at", (json_int_t)row->created_ms, "next", (json_int_t)row->next_ms,
				"tried", (int)row->attempts, "to", row->to, "subject",
				row->subject == NULL ? "" : row->subject, "body", row->body,
				row->body_len);
	char *text = doc == NULL ? NULL : json_dumps(doc, JSON_COMPACT);
	if (text != NULL) {
		store_put(txn, OUT_TABLE_ITEM, &k,
			  (struct slice){ .data = text, .len = strlen(text) });
	} else if (txn->err == SK_OK) {
		txn->err = doc == NULL ? SK_EINVAL : SK_ENOMEM; /* no UTF-8 */
	}
	free(text);
	json_decref(doc);
}

bool out_row_read(struct slice val, uint64_t seq, struct out_row *ret_row)
{
	int kind = 0;
	int tried = 0;
	json_int_t at = 0;
	json_int_t next = 0;
	const char *to = NULL;
	const char *subject = NULL;
	const char *body = NULL;
	size_t body_len = 0;
	json_t *doc = json_loadb(val.data, val.len, 0, NULL);
	bool good = json_unpack(doc, "{s:i, s:I, s:I, s:i, s:s, s:s, s:s%}", "kind", &kind, "at",
				&at, "next", &next, "tried", &tried, "to", &to, "subject", &subject,
				"body", &body, &body_len) == 0 &&
		    kind >= OUT_MAIL && kind < OUT_KINDS;
	if (good) {
		*ret_row = (struct out_row){ .seq = seq,
					     .created_ms = (uint64_t)at,
					     .next_ms = (uint64_t)next,
					     .attempts = (uint32_t)tried,
					     .kind = (enum out_kind)kind,
					     .to = strdup(to),
					     .subject = strdup(subject),
					     .body = strndup(body, body_len),
					     .body_len = body_len };
		good = ret_row->to != NULL && ret_row->subject != NULL && ret_row->body != NULL;
		if (!good) {
			out_row_done(ret_row);
		}
	}
	json_decref(doc);
	return good;
}

bool out_row_get(struct store_txn *txn, uint64_t seq, struct out_row *ret_row)
{
	struct key k = out_row_key(seq);
	struct slice val;
	return store_get(txn, OUT_TABLE_ITEM, &k, &val) && out_row_read(val, seq, ret_row);
}

void out_row_done(struct out_row *row)
{
	free(row->to);
	free(row->subject);
	free(row->body);
	*row = (struct out_row){ 0 };
}
