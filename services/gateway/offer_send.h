/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Offers in bulk and the daemon that holds them: read what there is, send what changes,
 *  answer with the report. Ownership: a struct offer_work holds all memory of one request.
 *  Threads: workers. Blocks: in web_ask(). */
#include "services/gateway/offer.h"
#include "services/gateway/web.h"

struct offer_work {
	void *block;
	struct arena arena;
	struct offer_pools pools;
	struct offer_list list;
	uint64_t now_ms; /* of the node: that of a demo runs at its own pace */
};

/** Memory, and the pools of @p partner ("": of all). @return false: answered. */
bool offer_work_open(struct offer_work *k, struct web *w, const char *partner);
void offer_work_done(struct offer_work *k);
/** The caller may state for other partners too. */
bool offer_for_all(const struct web *w);
/** Refuses the whole when a row is wrong; answers with the report on ?dry_run=1; else sends. */
void offer_answer(struct offer_work *k, struct web *w);
