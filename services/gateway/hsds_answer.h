/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  How the directory is given: a page, a line each, or one thing. Threads: workers. */
#include "services/gateway/web.h"

/** A new thing, of one that is shared and stays as it is. */
typedef json_t *hsds_shape_fn(json_t *thing);
json_t *hsds_whole(json_t *thing);
json_t *hsds_plain(json_t *thing); /* without its lists */
json_t *hsds_minimal(json_t *thing);

bool hsds_same_text(const json_t *v, const char *text);
/** Answers 422. @return false. */
bool hsds_wrong(struct web *w, const char *field, const char *nl, const char *en);
/** By page, per_page and format. Takes @p all over; NULL: answered already. */
void hsds_answer_page(struct web *w, json_t *all, hsds_shape_fn *shape);
/** The one with the id of the path. Takes @p all over. */
void hsds_answer_one(struct web *w, json_t *all);
