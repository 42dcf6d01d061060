/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>
#include <string.h>

#include "common/store_private.h"

int effects_room(struct effects *fx, size_t need)
{
	if (fx->cap - fx->len >= need) {
		return SK_OK;
	}
	size_t cap = fx->cap == 0 ? 4096 : fx->cap;
	while (cap - fx->len < need) {
		cap *= 2;
	}
	uint8_t *buf = realloc(fx->buf, cap);
	if (buf == NULL) {
		return SK_ENOMEM;
	}
	fx->buf = buf;
	fx->cap = cap;
	return SK_OK;
}

int effects_add(struct effects *fx, uint8_t op, const MDB_val *key, const struct slice *val)
{
	size_t need = EFFECT_HEADER + key->mv_size + (val == NULL ? 0 : 4 + val->len);
	int err = effects_room(fx, need);

	if (err != SK_OK) {
		return err;
	}
	uint8_t *p = fx->buf + fx->len;
	const uint8_t *k = key->mv_data;
	*p++ = op;
	*p++ = k[0];
	*p++ = (uint8_t)(key->mv_size - 1);
	memcpy(p, k + 1, key->mv_size - 1);
	p += key->mv_size - 1;
	if (val != NULL) {
		be32_write(p, (uint32_t)val->len);
		p += 4;
		if (val->len > 0) {
			memcpy(p, val->data, val->len);
			p += val->len;
		}
	}
	fx->len = (size_t)(p - fx->buf);
	return SK_OK;
}

void effects_free(struct effects *fx)
{
	free(fx->buf);
	*fx = (struct effects){ 0 };
}

static bool take_bytes(struct slice *s, size_t len, const uint8_t **ret_p)
{
	if (s->len < len) {
		return false;
	}
	*ret_p = s->data;
	s->data = *ret_p + len;
	s->len -= len;
	return true;
}

int effects_next(struct slice *rest, uint8_t *ret_table, struct key *ret_key, struct slice *ret_val)
{
	const uint8_t *head, *k, *v = NULL;
	uint32_t len = 0;

	if (rest->len == 0) {
		return 0;
	}
	SK_ASSERT(rest->data != NULL);
	if (!take_bytes(rest, EFFECT_HEADER, &head) || head[2] > KEY_LEN_MAX ||
	    !take_bytes(rest, head[2], &k)) {
		return SK_ECORRUPT;
	}
	if (head[0] == EFFECT_PUT) {
		if (!key_take_u32(rest, &len) || !take_bytes(rest, len, &v)) {
			return SK_ECORRUPT;
		}
	} else if (head[0] != EFFECT_DEL) {
		return SK_ECORRUPT;
	}
	*ret_table = head[1];
	*ret_key = (struct key){ .len = head[2] };
	memcpy(ret_key->b, k, head[2]);
	*ret_val = (struct slice){ .data = v, .len = len };
	return 1;
}

int effects_apply(struct store_txn *txn, struct slice fx)
{
	uint8_t table;
	struct key k;
	struct slice val;
	int rc;

	while ((rc = effects_next(&fx, &table, &k, &val)) == 1) {
		if (val.data == NULL) {
			store_del(txn, table, &k);
		} else {
			store_put(txn, table, &k, val);
		}
	}
	return rc != 0 ? rc : txn->err;
}
