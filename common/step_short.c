/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include <sodium.h>

#include "common/engine_internal.h"

/* A short code is a place in the journal behind a keyed permutation: nobody can guess one, and who
 * has the key finds the object's id from it without any table. (A table by code would be written
 * all over: every submit on a page of its own.) The place is the sequence, 34 bits, and behind it
 * the ordinal plus a mark of the incarnation, 16 bits. One step makes fewer than 65,536 ids: each
 * takes more than 8 of its EFFECTS_BYTES_MAX bytes of effects. */

#define PLACE_BITS 50
#define HALF_BITS 25
#define HALF_MASK ((1U << HALF_BITS) - 1)
#define ROUNDS 8
#define SEQUENCE_MASK ((1ULL << 34) - 1)
#define ORDINAL_MASK 0xffffU

_Static_assert(EFFECTS_BYTES_MAX / 8 <= ORDINAL_MASK + 1, "ordinals of one step fit");
_Static_assert(SHORT_CODE_LEN * 5 == PLACE_BITS, "a digit holds 5 bits");

static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

static uint32_t hash_of(const struct step *s, uint8_t what, uint32_t number)
{
	uint8_t h[crypto_shorthash_siphashx24_BYTES];
	uint8_t in[5] = { what };

	be32_write(in + 1, number);
	(void)crypto_shorthash_siphashx24(h, in, sizeof(in), s->engine->hash_key);
	return be32_read(h);
}

/* --- the permutation: a Feistel network over two halves --- */

static uint64_t hide(const struct step *s, uint64_t place)
{
	uint32_t left = (uint32_t)(place >> HALF_BITS);
	uint32_t right = (uint32_t)place & HALF_MASK;

	for (uint8_t round = 0; round < ROUNDS; round++) {
		uint32_t next = left ^ (hash_of(s, round, right) & HALF_MASK);
		left = right;
		right = next;
	}
	return (uint64_t)left << HALF_BITS | right;
}

static uint64_t unhide(const struct step *s, uint64_t hidden)
{
	uint32_t left = (uint32_t)(hidden >> HALF_BITS);
	uint32_t right = (uint32_t)hidden & HALF_MASK;

	for (uint8_t round = ROUNDS; round-- > 0;) {
		uint32_t before = right ^ (hash_of(s, round, left) & HALF_MASK);
		right = left;
		left = before;
	}
	return (uint64_t)left << HALF_BITS | right;
}

/* --- code and place --- */

static uint32_t mark_of(const struct step *s, uint32_t tag)
{
	return hash_of(s, ROUNDS, tag);
}

void step_short_code(struct step *s, const struct object_id *id, char ret_code[SHORT_CODE_LEN + 1])
{
	uint64_t sequence = be64_read(id->b + 4) & SEQUENCE_MASK;
	uint32_t ordinal = be32_read(id->b + 12) + mark_of(s, be32_read(id->b));
	uint64_t hidden = hide(s, sequence << 16 | (ordinal & ORDINAL_MASK));

	for (int i = 0; i < SHORT_CODE_LEN; i++) {
		ret_code[i] = digits[hidden & 31];
		hidden >>= 5;
	}
	ret_code[SHORT_CODE_LEN] = '\0';
}

static bool read_code(const char *code, uint64_t *ret_hidden)
{
	uint64_t hidden = 0;

	if (strlen(code) != SHORT_CODE_LEN) {
		return false;
	}
	for (int i = SHORT_CODE_LEN; i-- > 0;) {
		const char *digit = strchr(digits, code[i]);
		if (digit == NULL) {
			return false;
		}
		hidden = hidden << 5 | (uint64_t)(digit - digits);
	}
	*ret_hidden = hidden;
	return true;
}

static struct object_id id_at(const struct step *s, uint32_t tag, uint64_t place)
{
	struct object_id id;

	be32_write(id.b, tag);
	be64_write(id.b + 4, place >> 16);
	be32_write(id.b + 12, ((uint32_t)place - mark_of(s, tag)) & ORDINAL_MASK);
	return id;
}

/** The first tag from @p io_tag on of which the table has a row. */
static bool next_tag(struct step *s, uint8_t table, uint32_t *io_tag)
{
	struct key from = { 0 }, at;
	struct store_iter it;
	struct slice val;

	key_u32(&from, *io_tag);
	store_iter_init(&it, s->txn, table, NULL);
	store_iter_from(&it, &from, true);
	bool found = store_next(&it, &at, &val);
	store_iter_done(&it);
	if (found) {
		*io_tag = be32_read(at.b);
	}
	return found;
}

bool step_by_short_code(struct step *s, uint8_t table, const char *code, struct object_id *ret_id)
{
	uint64_t hidden;
	uint32_t tag = 0;
	size_t found = 0;

	if (!read_code(code, &hidden)) {
		return false;
	}
	uint64_t place = unhide(s, hidden);
	/* Every incarnation has places of its own; there is one for each restore from an old copy.
	 */
	while (next_tag(s, table, &tag)) {
		struct object_id id = id_at(s, tag, place);
		struct key k = key_of_id(&id);
		struct slice val;
		if (store_get(s->txn, table, &k, &val)) {
			*ret_id = id;
			found++;
		}
		if (tag++ == UINT32_MAX) {
			break;
		}
	}
	return found == 1;
}
