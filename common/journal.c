/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/journal_format.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

const uint8_t journal_magic[8] = { 'S', 'K', 'B', 'A', 'T', 'C', 'H', '1' };

uint64_t journal_padded(uint64_t payload_len)
{
	uint64_t len = BATCH_HEADER_LEN + payload_len;

	return (len + BATCH_BLOCK - 1) / BATCH_BLOCK * BATCH_BLOCK;
}

/** Keyed, since payloads are chosen by senders: an image of a batch inside one must not pass. */
void journal_hash(const struct journal *j, const uint8_t *buf, size_t len,
		  uint8_t ret_hash[BATCH_HASH_LEN])
{
	static const uint8_t zero[BATCH_HASH_LEN];
	crypto_generichash_state st;

	(void)crypto_generichash_init(&st, j->key, sizeof(j->key), BATCH_HASH_LEN);
	(void)crypto_generichash_update(&st, buf, AT_HASH);
	(void)crypto_generichash_update(&st, zero, sizeof(zero));
	(void)crypto_generichash_update(&st, buf + AT_HASH + BATCH_HASH_LEN,
					len - AT_HASH - BATCH_HASH_LEN);
	(void)crypto_generichash_final(&st, ret_hash, BATCH_HASH_LEN);
}

int journal_init(struct journal *j, const struct port *port, const struct engine_conf *conf,
		 const uint8_t store_id[16])
{
	*j = (struct journal){ .port = port, .segment_bytes = conf->segment_bytes };
	memcpy(j->key, conf->key, sizeof(j->key));
	memcpy(j->store_id, store_id, sizeof(j->store_id));
	j->buf_cap = BATCH_BYTES_MAX;
	if (j->buf_cap > conf->segment_bytes) {
		j->buf_cap = conf->segment_bytes;
	}
	j->buf = calloc(1, j->buf_cap);
	if (j->buf == NULL) {
		return SK_ENOMEM;
	}
	j->buf_len = BATCH_HEADER_LEN;
	j->next_sequence = 1;
	return SK_OK;
}

void journal_done(struct journal *j)
{
	free(j->buf);
	sodium_memzero(j->key, sizeof(j->key));
	j->buf = NULL;
}

/* --- records --- */

bool journal_has_room(const struct journal *j)
{
	size_t most =
		RECORD_HEADER_LEN + PARTY_ID_LEN_MAX + 1 + FRAME_BYTES_MAX + EFFECTS_BYTES_MAX;

	return j->records < BATCH_RECORDS_MAX && journal_padded(j->buf_len) + most < j->buf_cap;
}

/* Record header: total u32, kind u8, outcome u8, name length u8, 0, time u64, peer sequence u64,
 * roles u32, input length u32; then name, input, effects. */
int journal_add(struct journal *j, const struct record *r)
{
	size_t name_len = strlen(r->from.id);
	size_t len = RECORD_HEADER_LEN + name_len + r->input.len + r->effects.len;

	if (j->records >= BATCH_RECORDS_MAX ||
	    journal_padded(j->buf_len - BATCH_HEADER_LEN + len) > j->buf_cap) {
		return SK_EFULL;
	}
	uint8_t *p = j->buf + j->buf_len;
	be32_write(p, (uint32_t)len);
	p[4] = r->kind;
	p[5] = r->outcome;
	p[6] = (uint8_t)name_len;
	p[7] = 0;
	be64_write(p + 8, r->time_ms);
	be64_write(p + 16, r->peer_sequence);
	be32_write(p + 24, r->from.roles);
	be32_write(p + 28, (uint32_t)r->input.len);
	p += RECORD_HEADER_LEN;
	memcpy(p, r->from.id, name_len);
	p += name_len;
	if (r->input.len > 0) {
		memcpy(p, r->input.data, r->input.len);
	}
	p += r->input.len;
	if (r->effects.len > 0) {
		memcpy(p, r->effects.data, r->effects.len);
	}
	j->buf_len += len;
	j->records++;
	return SK_OK;
}

int record_next(struct slice *rest, struct record *ret_r)
{
	const uint8_t *p = rest->data;

	if (rest->len == 0) {
		return 0;
	}
	if (rest->len < RECORD_HEADER_LEN) {
		return SK_ECORRUPT;
	}
	size_t len = be32_read(p);
	size_t name_len = p[6];
	size_t input_len = be32_read(p + 28);
	if (len > rest->len || name_len > PARTY_ID_LEN_MAX || len < RECORD_HEADER_LEN + name_len ||
	    input_len > len - RECORD_HEADER_LEN - name_len) {
		return SK_ECORRUPT;
	}
	*ret_r = (struct record){ .kind = p[4],
				  .outcome = p[5],
				  .time_ms = be64_read(p + 8),
				  .peer_sequence = be64_read(p + 16) };
	ret_r->from.roles = be32_read(p + 24);
	memcpy(ret_r->from.id, p + RECORD_HEADER_LEN, name_len);
	const uint8_t *input = p + RECORD_HEADER_LEN + name_len;
	ret_r->input = (struct slice){ input, input_len };
	ret_r->effects =
		(struct slice){ input + input_len, len - RECORD_HEADER_LEN - name_len - input_len };
	*rest = (struct slice){ p + len, rest->len - len };
	return 1;
}

/* --- append --- */

/** A batch never spans segments: the rest of this one stays zero and the next one begins. */
int journal_make_place(struct journal *j, uint64_t len)
{
	if (j->end.segment != 0 && j->end.offset + len <= j->segment_bytes) {
		return SK_OK;
	}
	uint64_t next = j->end.segment + 1;
	int err = j->port->seg_make(j->port->ctx, next);
	if (err == SK_OK) {
		j->end = (struct journal_place){ .segment = next };
		j->ahead = false;
		j->first_segment = j->first_segment == 0 ? next : j->first_segment;
	}
	return err;
}

static void ask_ahead(struct journal *j)
{
	if (!j->ahead && j->end.offset >= j->segment_bytes / 2) {
		j->ahead = true;
		j->port->seg_ahead(j->port->ctx, j->end.segment + 1);
	}
}

static void seal(struct journal *j)
{
	uint8_t *h = j->buf;

	memset(h, 0, BATCH_HEADER_LEN);
	memcpy(h + AT_MAGIC, journal_magic, sizeof(journal_magic));
	memcpy(h + AT_STORE, j->store_id, sizeof(j->store_id));
	be64_write(h + AT_BATCH, j->last_batch + 1);
	be64_write(h + AT_FIRST, j->next_sequence);
	be32_write(h + AT_RECORDS, j->records);
	be32_write(h + AT_LEN, (uint32_t)(j->buf_len - BATCH_HEADER_LEN));
	be32_write(h + AT_CORE, j->core_version);
	be32_write(h + AT_FORMAT, STORE_FORMAT);
	memcpy(h + AT_PREV, j->last_hash, BATCH_HASH_LEN);
	journal_hash(j, h, j->buf_len, j->last_hash);
	memcpy(h + AT_HASH, j->last_hash, BATCH_HASH_LEN);
}

int journal_flush(struct journal *j)
{
	if (j->records == 0) {
		return SK_OK;
	}
	uint64_t len = journal_padded(j->buf_len - BATCH_HEADER_LEN);
	int err = journal_make_place(j, len);
	if (err != SK_OK) {
		return err;
	}
	seal(j);
	memset(j->buf + j->buf_len, 0, len - j->buf_len);
	err = j->port->seg_write(j->port->ctx, j->end.segment, j->end.offset, j->buf, len);
	if (err == SK_OK) {
		err = j->port->seg_flush(j->port->ctx, j->end.segment);
	}
	if (err != SK_OK) {
		return err;
	}
	j->last = j->end;
	j->end.offset += len;
	j->last_batch++;
	j->next_sequence += j->records;
	j->records = 0;
	j->buf_len = BATCH_HEADER_LEN;
	ask_ahead(j);
	return SK_OK;
}

int journal_trim(struct journal *j, uint64_t keep_from)
{
	while (j->first_segment != 0 && j->first_segment < keep_from &&
	       j->first_segment < j->end.segment) {
		int err = j->port->seg_remove(j->port->ctx, j->first_segment);
		if (err != SK_OK) {
			return err;
		}
		j->first_segment++;
	}
	return SK_OK;
}
