/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Inside matching: all that its files share, one header for each subject, and the handlers.
 *  Ownership: all borrowed for the step. Errors: sticky in step.txn->err. Blocks: never. */
#include "services/matching/core_help.h"
#include "services/matching/core_need.h"
#include "services/matching/core_seating.h"
#include "services/matching/core_supply.h"
#include "services/matching/core_work.h"

/* --- handlers --- */

handler_fn match_put_capacity, match_put_capacities, match_pause_pool, match_answer_ask,
	match_take_back, match_start, match_interrupt, match_resume, match_stop, match_hand_on,
	match_end, match_demand, match_demand_closed, match_open_meeting, match_sign_last_place,
	match_position, match_end_allowed, match_reconcile_item, match_put_network,
	match_put_worker, match_gate, match_convert;
query_fn match_query_directory, match_query_mirror, match_query_call_list, match_query_last_place,
	match_query_asks, match_query_pools, match_query_contributions, match_query_explain,
	match_query_networks, match_query_workers, match_query_conversions, match_query_shared,
	match_query_more, match_query_list_plan;
int match_on_due(struct step *s, uint8_t kind, const struct object_id *id, uint32_t extra,
		 uint64_t due_ms);
int match_on_config(struct step *s);
/** The plan of the list (core_plan.c). */
int match_on_plan(struct step *s, const PB(PlanProposed) *m);
/** Nothing is scarce any more, as far as is known. */
void prices_forget(struct work *w);
int match_inventory(struct step *s, const char *peer, uint32_t budget, struct key *io_resume,
		    uint32_t *ret_items);
int match_on_reconciled(struct step *s);
int match_snapshot(struct step *s, uint32_t limit, struct key *io_after, PB(SnapshotView) *out);

/** The contribution that a command names, when the sender may act on it; else the step is refused
 *  and *ret_err says so. */
PB(MatchContributionRecord) *contribution_of(struct work *w, const ProtobufCBinaryData *id,
					     int *ret_err);
/** May the sender speak for the family of this help: the family's own channel, the contact point,
 * who pushed the request, the duty organisation of the zone or the contact person's? */
bool speaks_for_family(struct work *w, const PB(MatchContributionRecord) *c);
/** Of one who speaks for the family: whether it may say an end alone, or with @p second (empty:
 * nobody) beside it. @return SK_OK, SECOND_PARTY, or the store's error. */
int check_stop_said(struct work *w, const PB(MatchContributionRecord) *c, const char *second);
/** By id, else by the code that people read: who speaks for a family may see no list of it. @return
 * SK_OK or a refusal. */
int contribution_named(struct step *s, const ProtobufCBinaryData *id, const char *code,
		       struct object_id *ret_id);
/** The contribution, for a sender who speaks for the family of @p child. @return SK_OK, a refusal,
 * or the store's error. */
int contribution_of_child(struct work *w, const struct object_id *id, uint32_t child,
			  PB(MatchContributionRecord) **ret_c);
/** Whether the sender may see what concerns this need: what a child keeps to itself is for its
 *  contact person and stand-in (and for whom it is given by: contribution_is_of()). */
bool need_is_seen(const struct step *s, const PB(MatchRequestRecord) *r,
		  const PB(MatchNeedRecord) *n);
/** Why that partner does not help with the need: the team composed anew with it. NULL: no memory.
 */
PB(WhyNot) *why_not(struct work *w, const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
		    const char *partner);
/** The least units more at one pool with which that need would start, in the order; of equals the
 *  first by name. */
struct more_units {
	const char *pool; /* NULL: by no units that were tried */
	uint32_t units;
	uint32_t before; /* needs before it in the order that would start with them */
};
/** What is said of a use that a rule keeps out. */
PB(ExplainKind) explain_filter(enum fit fit);
#define MORE_LOOKS_MAX 4096U /* needs looked at for one answer */
/** @return per mille that the plan of the list is from the least, at least 1; 0: none that counts.
 */
uint32_t list_plan_gap(struct work *w);
struct more_units more_for_need(struct work *w, const PB(MatchRequestRecord) *r,
				const PB(MatchNeedRecord) *n, uint32_t *io_looks);
/** Whether its end may be asked: its need has ended, its successor has started, or its planned end
 *  has come while nobody is looked for after it (A11, D13; core_end.c). */
bool may_end(struct work *w, const PB(MatchContributionRecord) *c);
