/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Inside intake: all that its files share, one header for each subject, and the handlers.
 *  Ownership: all records live in the arena of the step. Errors: sticky in s->txn->err. Blocks:
 *  never. */
#include "services/intake/core_ground.h"
#include "services/intake/core_part.h"
#include "services/intake/core_peer.h"
#include "services/intake/core_people.h"
#include "services/intake/core_request.h"
#include "services/intake/core_view.h"

int on_submit(struct step *s, const PB(Message) *in);
int on_amend(struct step *s, const PB(Message) *in);
int on_position(struct step *s, const PB(Message) *in);
int on_name_contact(struct step *s, const PB(Message) *in);
int on_night_plan(struct step *s, const PB(Message) *in);

/** Ends a set of needs for one reason: all of them can. */
void needs_end(struct step *s, struct req *q, const struct need_set *set, enum need_event on,
	       PB(CloseReason) reason);
/** Of a need that can: open anew, from now on. */
void need_reopen(struct step *s, struct req *q, PB(NeedRecord) *n);
/** The urgency has changed: the crisis's own short entries open or end. */
void crisis_follow(struct step *s, struct req *q, PB(Urgency) was);
/** Does the request ask help for a crisis, by its name? */
bool crisis_names_help(const struct step *s, const PB(SubmitRequest) *m);
/** A new need of a crisis; @p all: it is one of the crisis itself, whatever it asks. */
void crisis_own(struct step *s, struct req *q, PB(NeedRecord) *n, bool all);
int crisis_check_no_availability(struct step *s, const struct req *q, const PB(NeedRecord) *n);
