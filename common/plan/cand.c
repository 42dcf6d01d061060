/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/plan/cand.h"

#include <stdlib.h>
#include <string.h>

#include "common/plan/bits.h"

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
	ROW_FLAG = ROW_AMOUNT + CAND_AMOUNTS,
	ROW_LIVE = ROW_FLAG + CAND_FLAGS,
	ROWS,
};

struct cand {
	uint64_t *rows[ROWS];
	struct cand_offer *offers; /* by slot: what the rows say of it */
	uint32_t words;            /* room in each row */
	uint32_t slots;            /* one more than the highest slot put */
	uint32_t live;             /* offers */
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
	if (c != NULL) {
		free(c->offers);
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
	if (words != c->words) {
		struct cand_offer *more = realloc(c->offers, words * WORD_BITS * sizeof(*more));
		if (more == NULL) {
			return SK_ENOMEM;
		}
		memset(more + c->words * WORD_BITS, 0,
		       (words - c->words) * WORD_BITS * sizeof(*more));
		c->offers = more;
	}
	c->words = words;
	return SK_OK;
}

/* Turns the bit of the slot in those rows of one kind in which it is another than before: of what
 * changes day by day (what is free) few do. */
static void turn_bits(struct cand *c, uint32_t slot, uint32_t row, uint64_t differs)
{
	uint64_t bit = 1ULL << slot % WORD_BITS;

	for (; differs != 0; differs &= differs - 1) {
		c->rows[row + (uint32_t)__builtin_ctzll(differs)][slot / WORD_BITS] ^= bit;
	}
}

/* Bit i: at least i + 1 is free. */
static uint64_t amounts_of(uint32_t free)
{
	return (1ULL << (free < CAND_AMOUNTS ? free : CAND_AMOUNTS)) - 1;
}

static bool is_live(const struct cand *c, uint32_t slot)
{
	return (c->rows[ROW_LIVE][slot / WORD_BITS] >> slot % WORD_BITS & 1) != 0;
}

int cand_put(struct cand *c, uint32_t slot, const struct cand_offer *offer)
{
	int err = slot >= CAND_SLOTS_MAX ? SK_EINVAL : grow(c, slot);

	if (err != SK_OK) {
		return err;
	}
	struct cand_offer *was = &c->offers[slot];
	turn_bits(c, slot, ROW_EXPERTISE, was->expertises ^ offer->expertises);
	turn_bits(c, slot, ROW_AGE, was->ages ^ offer->ages);
	for (uint32_t i = 0; i < CAND_ZONE_WORDS; i++) {
		turn_bits(c, slot, ROW_ZONE + i * WORD_BITS, was->zones[i] ^ offer->zones[i]);
	}
	turn_bits(c, slot, ROW_LANGUAGE, was->languages ^ offer->languages);
	turn_bits(c, slot, ROW_FORM, was->forms ^ offer->forms);
	turn_bits(c, slot, ROW_AMOUNT, amounts_of(was->free) ^ amounts_of(offer->free));
	turn_bits(c, slot, ROW_FLAG, was->flags ^ offer->flags);
	c->live += is_live(c, slot) ? 0 : 1;
	c->rows[ROW_LIVE][slot / WORD_BITS] |= 1ULL << slot % WORD_BITS;
	*was = *offer;
	c->slots = slot < c->slots ? c->slots : slot + 1;
	return SK_OK;
}

/* Only what lives is looked at, so the other rows may keep what stood there. */
void cand_remove(struct cand *c, uint32_t slot)
{
	if (slot < c->slots) {
		c->live -= is_live(c, slot) ? 1 : 0;
		c->rows[ROW_LIVE][slot / WORD_BITS] &= ~(1ULL << slot % WORD_BITS);
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

/* A rule: in all rows of the first, in none of the second. */
struct both {
	struct any with, without;
};

struct filters {
	struct any any[CAND_RULE]; /* the filters before the rules */
	struct both rules[CAND_RULES];
	struct any amount, unjudged, unweighed, marked;
};

static struct any zones_of(const struct cand *c, const struct cand_query *q)
{
	struct any a = { .all = q->zones_len == 0 };

	for (uint32_t i = 0; i < q->zones_len && i < SK_LEN(q->zones); i++) {
		if (q->zones[i] < CAND_ZONES) {
			a.rows[a.len++] = c->rows[ROW_ZONE + q->zones[i]];
		}
	}
	return a;
}

static void filters_of(const struct cand *c, const struct cand_query *q, struct filters *f)
{
	uint32_t age = q->age < CAND_AGES ? q->age : CAND_AGES - 1;
	uint32_t amount = q->amount < CAND_AMOUNTS ? q->amount : CAND_AMOUNTS;

	f->any[CAND_EXPERTISE] = any_of(c, ROW_EXPERTISE, q->expertises);
	f->any[CAND_ZONE] = zones_of(c, q);
	f->any[CAND_AGE] = any_of(c, ROW_AGE + age, 1);
	f->any[CAND_LANGUAGE] = any_of(c, ROW_LANGUAGE, q->languages);
	f->any[CAND_LANGUAGE].all = q->languages == 0;
	f->any[CAND_FORM] = any_of(c, ROW_FORM, q->forms);
	f->any[CAND_FORM].all = q->forms == 0;
	for (size_t i = 0; i < CAND_RULES; i++) {
		f->rules[i].with = any_of(c, ROW_FLAG, q->rules[i].with);
		f->rules[i].without = any_of(c, ROW_FLAG, q->rules[i].without);
	}
	f->amount = (struct any){ .all = true };
	if (amount != 0) {
		f->amount = any_of(c, ROW_AMOUNT + amount - 1, 1);
	}
	f->unjudged = any_of(c, ROW_FLAG, q->unjudged);
	f->unweighed = any_of(c, ROW_FLAG, q->unweighed);
	f->marked = any_of(c, ROW_FLAG, q->marked);
}

static uint64_t word_of(const struct any *a, uint32_t word)
{
	uint64_t bits = a->all ? UINT64_MAX : 0;

	if (a->len == 1 && !a->all) {
		return a->rows[0][word]; /* most filters */
	}
	for (uint32_t i = 0; i < a->len; i++) {
		bits |= a->rows[i][word];
	}
	return bits;
}

static uint64_t rule_of(const struct both *r, uint32_t word)
{
	uint64_t bits = ~word_of(&r->without, word);

	for (uint32_t i = 0; i < r->with.len; i++) {
		bits &= r->with.rows[i][word];
	}
	return bits;
}

/* Counts what the filter sorts out. @return what passes. */
static uint64_t sort_out(uint64_t left, uint64_t pass, uint64_t marked, struct cand_counts *n,
			 uint32_t filter)
{
	uint64_t out = left & ~pass;

	if (out != 0) {
		n->out[filter] += bits_count(out);
		n->marked[filter] += bits_count(out & marked);
	}
	return left & pass;
}

/* What the filters behind the zone leave of a word; *ret_short: what only lacks the amount. */
static uint64_t judge(const struct filters *f, uint32_t word, uint64_t left, uint64_t *ret_short,
		      struct cand_counts *n)
{
	uint64_t marked = word_of(&f->marked, word);

	*ret_short = 0;
	for (uint32_t i = CAND_AGE; i < CAND_RULE && left != 0; i++) {
		left = sort_out(left, word_of(&f->any[i], word), marked, n, i);
	}
	for (uint32_t i = 0; i < CAND_RULES && left != 0; i++) {
		left = sort_out(left, rule_of(&f->rules[i], word), marked, n, CAND_RULE + i);
	}
	if (left == 0) {
		return 0;
	}
	uint64_t enough = word_of(&f->amount, word) | word_of(&f->unweighed, word);
	*ret_short = left & ~enough;
	return sort_out(left, enough, marked, n, CAND_AMOUNT);
}

void cand_find(const struct cand *c, const struct cand_query *q, uint64_t *ret_bits,
	       uint64_t *ret_short, struct cand_counts *ret_counts)
{
	struct filters f;
	struct cand_counts n = { .all = c->live };
	uint32_t able = 0; /* of the expertise */
	uint32_t there = 0;

	filters_of(c, q, &f);
	for (uint32_t word = 0; word < (c->slots + WORD_BITS - 1) / WORD_BITS; word++) {
		uint64_t live = c->rows[ROW_LIVE][word];
		uint64_t left = live & word_of(&f.any[CAND_EXPERTISE], word);
		uint64_t pass = 0;
		uint64_t lacks = 0;
		able += bits_count(left);
		left &= word_of(&f.any[CAND_ZONE], word);
		if (left != 0) {
			there += bits_count(left);
			pass = word_of(&f.unjudged, word) | (q->pass == NULL ? 0 : q->pass[word]);
			pass &= left;
			pass |= judge(&f, word, left & ~pass, &lacks, &n);
			n.left += bits_count(pass);
		}
		ret_bits[word] = pass;
		if (ret_short != NULL) {
			ret_short[word] = lacks;
		}
	}
	n.out[CAND_EXPERTISE] = n.all - able;
	n.out[CAND_ZONE] = able - there;
	*ret_counts = n;
}

bool cand_serves(const struct cand *c, uint32_t slot, uint32_t zone)
{
	return slot < c->slots && zone < CAND_ZONES &&
	       (c->rows[ROW_ZONE + zone][slot / WORD_BITS] >> slot % WORD_BITS & 1) != 0;
}

uint32_t cand_list(const uint64_t *bits, uint32_t slots, uint32_t *ret_slots)
{
	uint32_t len = 0;

	for (uint32_t word = 0; word < (slots + WORD_BITS - 1) / WORD_BITS; word++) {
		for (uint64_t left = bits[word]; left != 0; left &= left - 1) {
			ret_slots[len++] = word * WORD_BITS + (uint32_t)__builtin_ctzll(left);
		}
	}
	return len;
}
