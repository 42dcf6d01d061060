/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/waitlist/core.h"

#include "common/figure.h"
#include "services/waitlist/core_entry.h"

#define WAIT_CORE_VERSION 5 /* 5: ranges end with the look ahead */

/* A case table: its event and the fact. */
#define EMITS_TABLE 2
/* What is said of a trajectory: the alarm and its case table. */
#define EMITS_STUCK (1 + EMITS_TABLE)
/* One entry: its event, WaitTold, the alarm of a gap, the Demand, a case table of misses, its
 * trajectory. */
#define EMITS_ENTRY (4 + EMITS_TABLE + EMITS_STUCK)
/* An event, WaitTold and an alarm for each entry that a fact may touch, DemandClosed, Demand, what
 * is said of each child, or the tables that go; twice the entries where an inventory's item is
 * first merged and then adopted. */
#define EMITS_FACT \
	(6 * WAIT_OPEN_MAX + 2 + WAIT_CHILDREN_MAX * EMITS_STUCK + WAIT_TABLES_MAX * EMITS_TABLE)
#define EMITS_ITEM (EMITS_FACT + 3 * WAIT_OPEN_MAX + 1)

/* An event, WaitTold and an alarm for each entry that is ranked anew, and a Demand a request; those
 * of the last request may be as many again. */
#define EMITS_AGAIN (3 * 2 * WAIT_OPEN_MAX + WAIT_AGAIN_REQUESTS)

/* Notes keep the list honest while the log is long; they stop at the hard bound only. */
static enum admit admit_note(const PB(Message) *in)
{
	(void)in;
	return ADMIT_HIGH;
}

#define NOTES \
	(ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR) | ROLE_BIT(REQUESTER) | ROLE_BIT(FACILITY))
/* Not in the right place: said by anyone with a role. */
#define ANYONE (NOTES | ROLE_BIT(FAMILY) | ROLE_BIT(BASIC_SUPPORT) | ROLE_BIT(MANDATED))
/* A facility is asked to be contact person: it looks up its families. */
#define LOOKS (NOTES | ROLE_BIT(FAMILY))

static const struct handler handlers[] = {
	{ .body = BODY(NEEDS_OPENED),
	  .peer = "intake",
	  .fn = waitlist_needs_opened,
	  .emits_max = EMITS_FACT },
	{ .body = BODY(NEED_CLOSED),
	  .peer = "intake",
	  .fn = waitlist_need_closed,
	  .emits_max = EMITS_FACT },
	{ .body = BODY(TEAM_PROPOSED),
	  .peer = "matching",
	  .fn = waitlist_team_proposed,
	  .emits_max = 3 * WAIT_OPEN_MAX },
	{ .body = BODY(CONTRIBUTION_CHANGED),
	  .peer = "matching",
	  .fn = waitlist_contribution_changed,
	  .emits_max = EMITS_ENTRY },
	{ .body = BODY(WAIT_FORESEEN),
	  .peer = "matching",
	  .fn = waitlist_wait_foreseen,
	  .emits_max = WAIT_OPEN_MAX * EMITS_ENTRY },
	{ .body = BODY(CARE_NOTED),
	  .peer = "intake",
	  .fn = waitlist_care_noted,
	  .emits_max = WAIT_CHILDREN_MAX * EMITS_STUCK },
	{ .body = BODY(RECONCILE_ITEM),
	  .peer = "intake",
	  .fn = waitlist_reconcile_item,
	  .emits_max = EMITS_ITEM,
	  .while_reconciling = true },
	{ .body = BODY(RECONCILE_ITEM),
	  .peer = "matching",
	  .fn = waitlist_reconcile_item,
	  .emits_max = EMITS_ITEM,
	  .while_reconciling = true },
	{ .body = BODY(RECORD_BRIDGING),
	  .roles = NOTES,
	  .fn = waitlist_record_bridging,
	  .admit = admit_note,
	  .emits_max = EMITS_ENTRY },
	{ .body = BODY(RECORD_REVIEW),
	  .roles = NOTES,
	  .fn = waitlist_record_review,
	  .admit = admit_note,
	  .emits_max = EMITS_ENTRY },
	{ .body = BODY(GIVE_PRIORITY),
	  .roles = NOTES,
	  .fn = waitlist_give_priority,
	  .admit = admit_note,
	  .emits_max = EMITS_ENTRY },
	{ .body = BODY(SIGNAL_MISPLACED),
	  .roles = ANYONE,
	  .fn = waitlist_signal_misplaced,
	  .admit = admit_note,
	  .emits_max = EMITS_ENTRY },
	{ .body = BODY(CONFIRM_MISPLACED),
	  .roles = ANYONE,
	  .fn = waitlist_confirm_misplaced,
	  .admit = admit_note,
	  .emits_max = EMITS_ENTRY },
	{ .body = BODY(CALL_CASE_TABLE),
	  .roles = NOTES | ROLE_BIT(FAMILY),
	  .fn = waitlist_call_case_table,
	  .admit = admit_note,
	  .emits_max = EMITS_TABLE },
	{ .body = BODY(MOVE_CASE_TABLE),
	  .roles = NOTES,
	  .fn = waitlist_move_case_table,
	  .admit = admit_note,
	  .emits_max = EMITS_TABLE },
};

static const struct query queries[] = {
	{ BODY(QUERY_WAITING), LOOKS, waitlist_query_waiting },
	{ BODY(QUERY_EXPLAIN), LOOKS, waitlist_query_explain },
	{ BODY(QUERY_FIGURES), FIGURE_READERS, figure_query },
	{ BODY(QUERY_CASE_TABLES), LOOKS, waitlist_query_case_tables },
};

static const char *const reads[] = { "intake", "matching", NULL };

const struct service waitlist_service = {
	.name = "waitlist",
	.core_version = WAIT_CORE_VERSION,
	.handlers = handlers,
	.handlers_len = SK_LEN(handlers),
	.queries = queries,
	.queries_len = SK_LEN(queries),
	.reads = reads,
	.on_due = waitlist_on_due,
	.due_emits_max = EMITS_AGAIN,
	.on_config = waitlist_on_config,
	.inventory = waitlist_inventory,
	.snapshot = waitlist_snapshot,
};
