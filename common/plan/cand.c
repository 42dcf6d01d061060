/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/plan/cand.h"

#include <stdlib.h>
#include <string.h>

#define WORD_BITS 64U
#define WORDS_FIRST 16U

/* The bit sets lie one after another; each is named by the number of its first. */
enum row {
	ROW_EXPERTISE = 0,
	ROW_AGE = ROW_EXPERTISE + CAND_EXPERTISES,
	ROW_ZONE = ROW_AGE + CAND_AGES,
	ROW_LANGUAGE = ROW_ZONE + CAND_ZONES,
	ROW_FORM = ROW_LANGUAGE + CAND_LANGUAGES,
	ROW_AMOUNT = ROW_FORM + CAND_FORMS, /* row i: at least i + 1 is free */
	ROW_FRESH = ROW_AMOUNT + CAND_AMOUNTS,
	ROW_LIVE,
	ROWS,
};

struct cand {
	uint64_t *rows[ROWS];
	uint32_t words; /* room in each row */
	uint32_t slots; /* one more than the highest slot put */
};

struct cand *cand_new(void)
{
	return calloc(1, sizeof(struct cand));
}

void cand_free(struct cand *c)
{
	for (size_t i = 0; c != NULL && i < ROWS; i++) {
		free(c->rows[i]);
	}
	free(c);
}

uint32_t cand_slots(const struct cand *c)
{
	return c->slots;
}

/* A row that was made wider before memory ran out keeps its room: only words says what counts. */
static int grow(struct cand *c, uint32_t slot)
{
	uint32_t words = c->words == 0 ? WORDS_FIRST : c->words;

	while (words <= slot / WORD_BITS) {
		words *= 2;
	}
	for (size_t i = 0; words != c->words && i < ROWS; i++) {
		uint64_t *wider = realloc(c->rows[i], words * sizeof(*wider));
		if (wider == NULL) {
			return SK_ENOMEM;
		}
		memset(wider + c->words, 0, (words - c->words) * sizeof(*wider));
		c->rows[i] = wider;
	}
	c->words = words;
	return SK_OK;
}

/* Sets the bit of the slot in the rows of one kind, as the words of @p mask say. */
static void put_bits(struct cand *c, uint32_t slot, uint32_t row, const uint64_t *mask,
		     uint32_t rows)
{
	uint64_t bit = 1ULL << slot % WORD_BITS;
	uint32_t word = slot / WORD_BITS;

	for (uint32_t i = 0; i < rows; i++) {
		bool on = (mask[i / WORD_BITS] >> i % WORD_BITS & 1U) != 0;
		uint64_t *at = &c->rows[row + i][word];
		*at = on ? *at | bit : *at & ~bit;
	}
}

int cand_put(struct cand *c, uint32_t slot, const struct cand_offer *offer)
{
	int err = slot >= CAND_SLOTS_MAX ? SK_EINVAL : grow(c, slot);

	if (err != SK_OK) {
		return err;
	}
	uint32_t known = offer->free < CAND_AMOUNTS ? offer->free : CAND_AMOUNTS;
	const uint64_t ages = offer->ages;
	const uint64_t forms = offer->forms;
	const uint64_t amounts = (1ULL << known) - 1;
	const uint64_t fresh = offer->fresh ? 1 : 0;
	const uint64_t live = 1;
	put_bits(c, slot, ROW_EXPERTISE, &offer->expertises, CAND_EXPERTISES);
	put_bits(c, slot, ROW_AGE, &ages, CAND_AGES);
	put_bits(c, slot, ROW_ZONE, offer->zones, CAND_ZONES);
	put_bits(c, slot, ROW_LANGUAGE, &offer->languages, CAND_LANGUAGES);
	put_bits(c, slot, ROW_FORM, &forms, CAND_FORMS);
	put_bits(c, slot, ROW_AMOUNT, &amounts, CAND_AMOUNTS);
	put_bits(c, slot, ROW_FRESH, &fresh, 1);
	put_bits(c, slot, ROW_LIVE, &live, 1);
	c->slots = slot < c->slots ? c->slots : slot + 1;
	return SK_OK;
}

/* Only what lives is looked at, so the other rows may keep what stood there. */
void cand_remove(struct cand *c, uint32_t slot)
{
	const uint64_t dead = 0;

	if (slot < c->slots) {
		put_bits(c, slot, ROW_LIVE, &dead, 1);
	}
}

/* The rows of one filter: an offer passes when it stands in any of them. */
struct any {
	const uint64_t *rows[WORD_BITS];
	uint32_t len;
	bool all; /* the filter is not used */
};

static struct any any_of(const struct cand *c, uint32_t row, uint64_t mask)
{
	struct any a = { .len = 0 };

	for (; mask != 0; mask &= mask - 1) {
		a.rows[a.len++] = c->rows[row + (uint32_t)__builtin_ctzll(mask)];
	}
	return a;
}

static void filters_of(const struct cand *c, const struct cand_query *q, struct any *f)
{
	uint32_t age = q->age < CAND_AGES ? q->age : CAND_AGES - 1;
	uint32_t amount = q->amount < CAND_AMOUNTS ? q->amount : CAND_AMOUNTS;

	f[CAND_EXPERTISE] = any_of(c, ROW_EXPERTISE, q->expertises);
	f[CAND_AGE] = any_of(c, ROW_AGE + age, 1);
	f[CAND_ZONE] = q->zone < CAND_ZONES ? any_of(c, ROW_ZONE + q->zone, 1) :
					      (struct any){ .len = 0 };
	f[CAND_LANGUAGE] = any_of(c, ROW_LANGUAGE, q->languages);
	f[CAND_LANGUAGE].all = q->languages == 0;
	f[CAND_FORM] = any_of(c, ROW_FORM, q->forms);
	f[CAND_FORM].all = q->forms == 0;
	f[CAND_FRESH] = any_of(c, ROW_FRESH, 1);
	f[CAND_FRESH].all = q->stale_too;
	f[CAND_AMOUNT] = (struct any){ .all = true };
	if (amount != 0) {
		f[CAND_AMOUNT] = any_of(c, ROW_AMOUNT + amount - 1, 1);
	}
}

static uint64_t word_of(const struct any *a, uint32_t word)
{
	uint64_t bits = a->all ? UINT64_MAX : 0;

	for (uint32_t i = 0; i < a->len; i++) {
		bits |= a->rows[i][word];
	}
	return bits;
}

static uint32_t count(uint64_t bits)
{
	return (uint32_t)__builtin_popcountll(bits);
}

uint32_t cand_find(const struct cand *c, const struct cand_query *q, uint32_t *ret_slots,
		   struct cand_counts *ret_counts)
{
	struct any filters[CAND_FILTERS];
	struct cand_counts n = { 0 };

	filters_of(c, q, filters);
	for (uint32_t word = 0; word < (c->slots + WORD_BITS - 1) / WORD_BITS; word++) {
		uint64_t left = c->rows[ROW_LIVE][word];
		n.all += count(left);
		for (uint32_t f = 0; f < CAND_FILTERS && left != 0; f++) {
			uint64_t pass = left & word_of(&filters[f], word);
			n.out[f] += count(left ^ pass);
			left = pass;
		}
		for (; left != 0; left &= left - 1) {
			ret_slots[n.left++] = word * WORD_BITS + (uint32_t)__builtin_ctzll(left);
		}
	}
	*ret_counts = n;
	return n.left;
}
