/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "services/intake/core_warm.h"

#define PAGE_DEFAULT 10
#define SCAN_MAX 256 /* rows that one page may look at */

void page_limit(const struct step *s, struct list_page *p, uint32_t asked)
{
	p->limit = asked == 0 ? PAGE_DEFAULT : asked;
	p->limit = p->limit > PAGE_MAX ? PAGE_MAX : p->limit;
	p->limit = p->limit > s->page_most ? s->page_most : p->limit;
}

int page_begin(struct step *s, uint8_t table, const struct key *prefix,
	       const ProtobufCBinaryData *after, struct list_page *ret_p)
{
	struct key from = *prefix;

	*ret_p = (struct list_page){ .prefix_len = prefix->len, .more = true };
	if (after->len != 0 && after->len != OBJECT_ID_LEN) {
		return step_refuse(s, REFUSAL(MALFORMED), "after");
	}
	store_iter_init(&ret_p->walk, s->txn, table, prefix);
	if (after->len != 0) {
		key_bytes(&from, after->data, after->len);
		store_iter_from(&ret_p->walk, &from, false);
	}
	return SK_OK;
}

bool page_next(struct list_page *p, size_t items, struct slice *ret_val)
{
	struct key at;

	if (items >= p->limit || p->seen == SCAN_MAX) {
		return false;
	}
	p->more = store_next(&p->walk, &at, ret_val);
	if (!p->more) {
		return false;
	}
	p->seen++;
	SK_ASSERT(at.len == p->prefix_len + OBJECT_ID_LEN);
	memcpy(p->last.b, at.b + p->prefix_len, OBJECT_ID_LEN);
	return true;
}

void page_end(struct step *s, struct list_page *p, ProtobufCBinaryData *ret_next)
{
	store_iter_done(&p->walk);
	if (p->more && p->seen > 0) {
		*ret_next = step_id_data(s, &p->last);
	}
}
