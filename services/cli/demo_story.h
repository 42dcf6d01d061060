/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What happened, in sentences for somebody who sees it for the first time. */
#include "services/cli/demo_int.h"

void demo_story_request(struct demo *d, const struct demo_case *what, const PB(Receipt) *r);
/** @p adult 0: the young person. */
void demo_story_voice(struct demo *d, const char *code, uint32_t adult, PB(Voice) voice);
void demo_story_answered(struct demo *d, const struct demo_request *r);
void demo_story_waits(struct demo *d, const struct demo_request *r, const struct demo_need_row *n,
		      const PB(Event) *e);
void demo_story_team(struct demo *d, const struct demo_request *r, const PB(Event) *e);
void demo_story_contribution(struct demo *d, const struct demo_request *r,
			     const struct demo_share *s, const PB(Event) *e);
/** @p r may be NULL. */
void demo_story_alarm(struct demo *d, struct demo_request *r, const PB(Event) *e);
void demo_story_other(struct demo *d, const struct demo_request *r, const PB(Event) *e);
