/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What waitlist and matching tell intake, and what a restore tells anew.
 *  Ownership: all records live in the arena of the step. Errors: sticky in s->txn->err. Blocks:
 *  never. */
#include "services/intake/core_request.h"

int on_team(struct step *s, const PB(Message) *in);
int on_contribution(struct step *s, const PB(Message) *in);
int on_end_asked(struct step *s, const PB(Message) *in);
/** @return live_len when it is not among the contributions that req_live() read. */
size_t live_find(const struct req *q, const ProtobufCBinaryData *id);
/** Answers END_ALLOWED as often as it is asked; the after-stay entries are made once. */
int end_asked_apply(struct step *s, const PB(EndAsked) *m);
int on_case_table(struct step *s, const PB(Message) *in);
int on_wait_told(struct step *s, const PB(Message) *in);
int wait_told_apply(struct step *s, const PB(WaitTold) *f);
/** What the list said of that need, or NULL: it does not wait, or was not told of. */
PB(WaitTold) *wait_told_of(struct step *s, const struct req *q, const PB(NeedRecord) *n);
void waits_view(struct step *s, const struct req *q, PB(RequestItem) *it);
int case_table_apply(struct step *s, const PB(CaseTableFact) *f);
/** The latest case tables of the request. */
size_t case_tables_of(struct step *s, const struct req *q, PB(CaseTableFact) ***ret_tables);
/** What can be said of the fact itself, also while its request is not known. */
int team_check(struct step *s, const PB(TeamProposed) *m);
int contribution_check(struct step *s, const PB(ContributionChanged) *c);
int team_apply(struct step *s, const PB(TeamProposed) *m);
int contribution_apply(struct step *s, const PB(ContributionChanged) *c);
/** As team_apply(); put aside where its request is not known yet. */
int team_reconcile(struct step *s, const PB(TeamProposed) *m);
/** As contribution_apply(); put aside where its request or need is not known yet. */
int contribution_reconcile(struct step *s, const PB(ContributionChanged) *c);
/** A walk over all requests that goes on at one of them, behind its first *ret_skip parts; @p
 * resume is empty or made by resume_key(). False: it is not, as it comes from a client. */
bool walk_open(struct step *s, struct store_iter *it, const struct key *resume, uint32_t *ret_skip);
struct key resume_key(const struct object_id *id, uint32_t skip);
int on_reconcile(struct step *s, const PB(Message) *in);
int due_parked(struct step *s, const struct object_id *id);
int intake_inventory(struct step *s, const char *peer, uint32_t budget, struct key *io_resume,
		     uint32_t *ret_items);
