/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  One page of the list, as people see it. Ownership: the arena of the step. Blocks: never.
 */
#include "services/waitlist/core_entry.h"

struct page {
	PB(WaitingView) *view;
	size_t limit;
	size_t bytes;
	bool full; /* the entry that was offered last did not fit */
};

/** False with the sticky error. */
bool wait_page_open(struct step *s, uint32_t limit, struct page *ret_page);
/** False when the page holds no more; the entry then begins the next page. */
bool wait_page_add(struct step *s, struct page *page, const struct entry *e,
		   PB(RequestFact) *request, uint64_t position);
/** Over its term since; 0: not. */
uint64_t wait_breached_ms(const struct step *s, const PB(RequestFact) *request);
