/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A refusal in the words of who typed the command: what it is about, the rule, what to do.
 *  Pure. Texts are static, or live in the caller's storage. */
#include "common/step.h"
#include "services/cli/cli.h"

struct refused_text {
	char s[200];
};
/** What was typed for the field of a receipt ("--start 2026-03-09"); "" when it was not typed. */
struct refused_text refused_typed(const struct cli *c, const char *field);
/** The part of the path that the person knows: without the name of the message and, for a message
 *  as a whole, "". */
const char *refused_field(const char *field);
/** What the field is called: "Hulpvraag 3, soort hulp"; "" when the refusal is of the whole. */
struct refused_text refused_called(const struct cli *c, const char *field);
/** The rule of this very field, or NULL: then the general text of the code is all there is. */
const char *refused_rule(const struct cli *c, const PB(Receipt) *r);
/** @return true when another party might be allowed what this one is not. */
bool refused_party(const PB(Receipt) *r);

/* --- the tables: refused_rows.c, refused_more.c, refused_words.c; each ends with a row of zeros
 * --- */

struct refused_row {
	PB(Refusal) code;
	const char *message; /* NULL: of any message */
	const char *field;   /* the last of its path */
	const char *nl, *en;
};
struct refused_word {
	const char *field;
	const char *nl, *en;
	const char *one_nl, *one_en; /* of an element of a list; NULL: it is none */
};
extern const struct refused_row refused_rows[];
extern const struct refused_row refused_more[];
extern const struct refused_word refused_words[];
/** @return NULL: the general text of the code is all there is. */
const struct refused_row *refused_row_of(PB(Refusal) code, const char *message, const char *field);
const struct refused_word *refused_word_of(const char *field);
