/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Inside of the lab's reader: one line in words, and what they say. lab_file.c cuts lines,
 *  lab_words.c reads names and numbers, lab_stmt.c and lab_team.c know the statements. */
#include "services/cli/lab.h"

struct lab_reader {
	struct lab *l;
	struct file_error *e;
	unsigned line;
	const char *word[LAB_WORDS_MAX];
	uint32_t words;
	bool headed;    /* the first statement was read */
	bool said[3];   /* team_max, objective, lottery */
	uint32_t *seen; /* per expertise: the last offer that named it, and one more */
};

/** An error in the line that is read. @return SK_EPROTO. */
int lab_wrong(struct lab_reader *r, const char *field, const char *nl, const char *en, ...)
	__attribute__((format(printf, 3, 5), format(printf, 4, 5)));

/** A whole number up to @p max. */
SK_CHECKED int lab_number(struct lab_reader *r, const char *field, const char *word, uint32_t max,
			  uint32_t *ret_n);
/** Whether it is a name. */
SK_CHECKED int lab_name(struct lab_reader *r, const char *field, const char *word);
/** The number of a name that stands above. */
SK_CHECKED int lab_known(struct lab_reader *r, const char *field, const char *word,
			 enum lab_names_kind kind, uint32_t *ret_at);
/** A new name, which gets the next number of its kind, below @p max. */
SK_CHECKED int lab_new(struct lab_reader *r, const char *word, enum lab_names_kind kind,
		       uint32_t max);
/** Pairs of a key and its value from word @p from on; @p ret_value has one place for each of
 *  @p keys (ended by NULL), NULL where it is not given. */
SK_CHECKED int lab_keys(struct lab_reader *r, uint32_t from, const char *const *keys,
			const char **ret_value);
/** Refuses fewer than @p min or more than @p max words in the line. */
SK_CHECKED int lab_count(struct lab_reader *r, uint32_t min, uint32_t max, const char *form);

/** A request, to which the needs that follow belong. */
SK_CHECKED int lab_request_add(struct lab_reader *r, const char *name, uint32_t most);

/** Statements of lab_team.c. */
SK_CHECKED int lab_tie(struct lab_reader *r);
SK_CHECKED int lab_lead(struct lab_reader *r);
SK_CHECKED int lab_held(struct lab_reader *r);

/** What the words of one line say. */
SK_CHECKED int lab_statement(struct lab_reader *r);
