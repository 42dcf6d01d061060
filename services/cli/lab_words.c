/* SPDX-License-Identifier: EUPL-1.2 */
/* Names, numbers and keys of one line of a problem. */
#include "services/cli/lab_read.h"

#include <stdio.h>
#include <string.h>

int lab_wrong(struct lab_reader *r, const char *field, const char *nl, const char *en, ...)
{
	va_list args;
	va_list again;

	r->e->line = r->line;
	va_start(args, en);
	va_copy(again, args);
	(void)vsnprintf(r->e->nl, sizeof(r->e->nl), nl, args);
	(void)vsnprintf(r->e->en, sizeof(r->e->en), en, again);
	va_end(again);
	va_end(args);
	return file_error_field(r->e, field);
}

/* "12.5", "1,5", "3e4": a number, but not one of ours. */
static bool is_decimal(const char *word)
{
	size_t len = strspn(word, "0123456789.,eE+-");

	return word[len] == '\0' && strcspn(word, ".,eE") < len && strpbrk(word, "0123456789");
}

int lab_number(struct lab_reader *r, const char *field, const char *word, uint32_t max,
	       uint32_t *ret_n)
{
	size_t len = strspn(word, "0123456789");
	uint64_t n = 0;

	if (len == 0 || word[len] != '\0') {
		if (is_decimal(word)) {
			return lab_wrong(r, field,
					 "\"%.40s\" is geen geheel getal; vermenigvuldig alle "
					 "bedragen of alle uren met 10, 100 of 1000",
					 "\"%.40s\" is not a whole number; multiply all costs or "
					 "all hours by 10, 100 or 1000",
					 word);
		}
		return lab_wrong(r, field, "\"%.40s\" is geen getal; schrijf 0 tot %u",
				 "\"%.40s\" is no number; write 0 to %u", word, max);
	}
	for (size_t i = 0; i < len && n <= max; i++) {
		n = n * 10 + (uint64_t)(word[i] - '0');
	}
	if (n > max) {
		return lab_wrong(r, field,
				 "%.40s is te groot; ten hoogste %u (schaal alle getallen)",
				 "%.40s is too large; at most %u (scale all numbers)", word, max);
	}
	*ret_n = (uint32_t)n;
	return SK_OK;
}

int lab_name(struct lab_reader *r, const char *field, const char *word)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.-";
	size_t len = strspn(word, letters);

	if (len == 0 || len > LAB_NAME_MAX || word[len] != '\0') {
		return lab_wrong(r, field,
				 "\"%.70s\" is geen naam; neem 1 tot 64 letters, cijfers, _ . of -",
				 "\"%.70s\" is no name; take 1 to 64 letters, digits, _ . or -",
				 word);
	}
	return SK_OK;
}

static const char *const kinds[LAB_NAMES_KINDS] = {
	[LAB_NAME_PARTNER] = "partner",     [LAB_NAME_OFFER] = "offer",
	[LAB_NAME_REQUEST] = "request",     [LAB_NAME_NEED] = "need",
	[LAB_NAME_EXPERTISE] = "expertise",
};

int lab_known(struct lab_reader *r, const char *field, const char *word, enum lab_names_kind kind,
	      uint32_t *ret_at)
{
	uint32_t at = lab_names_find(&r->l->names[kind], word);

	if (at == LAB_NONE) {
		return lab_wrong(r, field,
				 "%s \"%.64s\" staat niet hierboven; zet eerst \"%s %.64s ...\"",
				 "%s \"%.64s\" is not above; put \"%s %.64s ...\" before it",
				 kinds[kind], word, kinds[kind], word);
	}
	*ret_at = at;
	return SK_OK;
}

int lab_new(struct lab_reader *r, const char *word, enum lab_names_kind kind, uint32_t max)
{
	struct lab_names *n = &r->l->names[kind];
	int err = lab_name(r, kinds[kind], word);

	if (err != SK_OK) {
		return err;
	}
	if (lab_names_find(n, word) != LAB_NONE) {
		return lab_wrong(r, kinds[kind],
				 "de naam \"%s\" (%s) staat er al; geef elk een eigen naam",
				 "the name \"%s\" (%s) is there already; give each its own", word,
				 kinds[kind]);
	}
	if (n->len >= max) {
		return lab_wrong(r, kinds[kind],
				 "meer dan %u van de soort %s; maak de opgave kleiner",
				 "more than %u of the kind %s; make the problem smaller", max,
				 kinds[kind]);
	}
	return lab_names_add(n, word) ? SK_OK : SK_ENOMEM;
}

static uint32_t key_of(const char *const *keys, const char *word)
{
	uint32_t k = 0;

	while (keys[k] != NULL && strcmp(keys[k], word) != 0) {
		k++;
	}
	return k;
}

static int unknown_key(struct lab_reader *r, const char *const *keys, const char *word)
{
	char known[120] = "";
	size_t at = 0;

	for (uint32_t k = 0; keys[k] != NULL; k++) {
		int len = snprintf(known + at, sizeof(known) - at, "%s%s", k == 0 ? "" : ", ",
				   keys[k]);
		at += len > 0 ? (size_t)len : 0;
	}
	return lab_wrong(r, r->word[0], "\"%.40s\" is hier niet bekend; er kan staan: %s",
			 "\"%.40s\" is not known here; there may be: %s", word, known);
}

int lab_keys(struct lab_reader *r, uint32_t from, const char *const *keys, const char **ret_value)
{
	for (uint32_t k = 0; keys[k] != NULL; k++) {
		ret_value[k] = NULL;
	}
	for (uint32_t i = from; i < r->words; i += 2) {
		uint32_t k = key_of(keys, r->word[i]);
		if (keys[k] == NULL) {
			return unknown_key(r, keys, r->word[i]);
		}
		if (ret_value[k] != NULL) {
			return lab_wrong(r, keys[k], "staat twee keer in deze regel; schrap er een",
					 "is twice in this line; take one away");
		}
		if (i + 1 == r->words) {
			return lab_wrong(r, keys[k], "er staat niets achter; geef een waarde",
					 "nothing stands behind it; give a value");
		}
		ret_value[k] = r->word[i + 1];
	}
	return SK_OK;
}

int lab_count(struct lab_reader *r, uint32_t min, uint32_t max, const char *form)
{
	if (r->words >= min && r->words <= max) {
		return SK_OK;
	}
	if (r->words < min) {
		return lab_wrong(r, r->word[0], "te weinig woorden; schrijf: %s",
				 "too few words; write: %s", form);
	}
	return lab_wrong(r, r->word[0], "te veel woorden; schrijf: %s", "too many words; write: %s",
			 form);
}
