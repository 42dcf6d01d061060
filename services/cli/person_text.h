/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What a young person or a parent reads: one view of the daemon, in sentences of level B1.
 *  The view says what may be shown, this file says it. Each sentence is one of a fixed list of
 *  forms, so that a test can look at all of them. Ownership: the caller's. Pure; never blocks. */
#include "common/step.h"
#include "services/cli/cli.h"

#define PERSON_LINES_MAX 256
#define PERSON_LINE_MAX 400

enum line_kind { LINE_TITLE, LINE_HEAD, LINE_SAY };

struct person_line {
	enum line_kind kind;
	char s[PERSON_LINE_MAX];
};

struct person_text {
	enum lang lang;
	bool parent;                                           /* is spoken to */
	const char *(*name)(const void *ctx, const char *id);  /* of a party, as people know it */
	const char *(*phone)(const void *ctx, const char *id); /* "" without; NULL: nobody has */
	bool whole; /* the whole file, not the timeline */
	const void *ctx;
	struct person_line line[PERSON_LINES_MAX];
	size_t len;
	bool cut; /* there was more to say than lines */
};

/** Adds the timeline: who holds, what is next, what is asked, who helps. @p io_t comes with lang,
 *  name and ctx; what does not fit is cut and marked. */
void person_timeline(const PB(PersonView) *v, struct person_text *io_t);
/** Adds one page of the whole file: what each partner said of itself, what is kept back, who
 * looked.
 */
void person_file(const PB(FileView) *v, struct person_text *io_t);

/** Every form there is, for the tests: of youth and parent, nl and en; "{1}" is filled in.
 *  @return NULL behind the last. */
const char *person_form(size_t i, enum lang lang, bool parent);
