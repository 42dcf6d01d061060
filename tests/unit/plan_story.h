/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Commands and questions about consults, families and plans, in few words. As
 *  intake_story.h: every failure of a helper ends the test. */
#include "tests/unit/intake_story.h"

/** Any command: @p body says which, @p msg is that message. */
PB(Receipt) *plan_send(struct rig *r, const char *party, PB(Message__BodyCase) body, void *msg);
PB(Message) *plan_ask(struct rig *r, const char *party, PB(Message__BodyCase) body, void *msg);
PB(PlanView) *plan_of(struct story *st, const char *party);
PB(Receipt) *join(struct story *a, struct story *b, const char *party, bool same_child);
PB(Receipt) *split(struct story *st, const char *party);
/** A STANDARD search of that party in that zone with one must-need. */
struct story story_in(struct rig *r, const char *party, const char *zone);
/** The last unread event of that kind, or NULL; all unread ones are then read. */
PB(Event) *event_last(struct rig *r, PB(EventKind) kind, PB(AlarmKind) alarm);
