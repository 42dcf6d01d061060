/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/waitlist/core.h"

#include "common/figure.h"
#include "services/waitlist/core_entry.h"

#define WAIT_CORE_VERSION 1

/* One event for each entry that a fact may touch, DemandClosed, Demand; twice where an inventory's
 * item is first merged and then adopted. */
#define EMITS_FACT (2 * WAIT_OPEN_MAX + 2)
#define EMITS_ITEM (EMITS_FACT + WAIT_OPEN_MAX + 1)

/* Notes keep the list honest while the log is long; they stop at the hard bound only. */
static enum admit admit_note(const PB(Message) *in)
{
	(void)in;
	return ADMIT_HIGH;
}

#define NOTES \
	(ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR) | ROLE_BIT(REQUESTER) | ROLE_BIT(FACILITY))
#define LOOKS \
	(ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR) | ROLE_BIT(REQUESTER) | ROLE_BIT(FAMILY))

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
	  .emits_max = WAIT_OPEN_MAX },
	{ .body = BODY(CONTRIBUTION_CHANGED),
	  .peer = "matching",
	  .fn = waitlist_contribution_changed,
	  .emits_max = 1 },
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
	  .emits_max = 1 },
	{ .body = BODY(RECORD_REVIEW),
	  .roles = NOTES,
	  .fn = waitlist_record_review,
	  .admit = admit_note,
	  .emits_max = 1 },
};

static const struct query queries[] = {
	{ BODY(QUERY_WAITING), LOOKS, waitlist_query_waiting },
	{ BODY(QUERY_EXPLAIN), LOOKS, waitlist_query_explain },
	{ BODY(QUERY_FIGURES), FIGURE_READERS, figure_query },
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
	.due_emits_max = 2, /* a rise: its event and the Demand */
	.inventory = waitlist_inventory,
	.snapshot = waitlist_snapshot,
};
