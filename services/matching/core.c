/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/figure.h"
#include "services/matching/core_copy.h"
#include "services/matching/core_int.h"

#define PARTNERS (ROLE_BIT(FACILITY) | ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR))
#define READERS                                                                    \
	(PARTNERS | ROLE_BIT(REQUESTER) | ROLE_BIT(FAMILY) | ROLE_BIT(DASHBOARD) | \
	 ROLE_BIT(OPERATOR))

#define EVERYBODY (READERS | ROLE_BIT(BASIC_SUPPORT) | ROLE_BIT(MANDATED) | ROLE_BIT(GOVERNMENT))

static enum admit admit_normal(const PB(Message) *in)
{
	(void)in;
	return ADMIT_NORMAL;
}

#define COMMAND(NAME, ROLES, FN)                                                               \
	{                                                                                      \
		.body = BODY(NAME), .roles = (ROLES), .fn = (FN), .emits_max = MATCH_EMITS_MAX \
	}
#define FACT(NAME, PEER, FN)                                                                 \
	{                                                                                    \
		.body = BODY(NAME), .peer = (PEER), .fn = (FN), .emits_max = MATCH_EMITS_MAX \
	}
#define ITEM(PEER)                                                                        \
	{                                                                                 \
		.body = BODY(RECONCILE_ITEM), .peer = (PEER), .fn = match_reconcile_item, \
		.emits_max = MATCH_EMITS_MAX, .while_reconciling = true                   \
	}

static const struct handler handlers[] = {
	{ .body = BODY(PUT_CAPACITY),
	  .roles = PARTNERS,
	  .fn = match_put_capacity,
	  .admit = admit_normal,
	  .emits_max = MATCH_EMITS_MAX },
	{ .body = BODY(PUT_CAPACITIES),
	  .roles = PARTNERS,
	  .fn = match_put_capacities,
	  .admit = admit_normal,
	  .emits_max = MATCH_PUTS_EMITS_MAX },
	COMMAND(PAUSE_POOL, PARTNERS, match_pause_pool),
	COMMAND(ANSWER_ASK, PARTNERS, match_answer_ask),
	COMMAND(TAKE_BACK, PARTNERS, match_take_back),
	COMMAND(OPEN_MEETING,
		ROLE_BIT(FAMILY) | ROLE_BIT(CONTACT_POINT) | ROLE_BIT(REQUESTER) |
			ROLE_BIT(FACILITY) | ROLE_BIT(COORDINATOR),
		match_open_meeting),
	COMMAND(SIGN_LAST_PLACE, ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR),
		match_sign_last_place),
	COMMAND(START_CONTRIBUTION, PARTNERS, match_start),
	COMMAND(INTERRUPT_CONTRIBUTION, PARTNERS, match_interrupt),
	COMMAND(RESUME_CONTRIBUTION, PARTNERS, match_resume),
	COMMAND(STOP_CONTRIBUTION, PARTNERS | ROLE_BIT(FAMILY) | ROLE_BIT(REQUESTER), match_stop),
	COMMAND(HAND_ON_CONTRIBUTION, PARTNERS, match_hand_on),
	COMMAND(END_CONTRIBUTION, PARTNERS, match_end),
	COMMAND(PUT_NETWORK, ROLE_BIT(COORDINATOR) | ROLE_BIT(OPERATOR), match_put_network),
	COMMAND(PUT_WORKER, PARTNERS, match_put_worker),
	COMMAND(CONVERT_POOL, PARTNERS, match_convert),
	COMMAND(RECORD_GATE_DECISION, PARTNERS | ROLE_BIT(REQUESTER) | ROLE_BIT(MANDATED),
		match_gate),
	FACT(DEMAND, PEER_WAITLIST, match_demand),
	FACT(DEMAND_CLOSED, PEER_WAITLIST, match_demand_closed),
	FACT(POSITION_TAKEN, PEER_INTAKE, match_position),
	FACT(END_ALLOWED, PEER_INTAKE, match_end_allowed),
	ITEM(PEER_WAITLIST),
	ITEM(PEER_INTAKE),
};

static const struct query queries[] = {
	{ BODY(QUERY_ASKS), PARTNERS, match_query_asks },
	{ BODY(QUERY_DIRECTORY), EVERYBODY, match_query_directory },
	{ BODY(QUERY_MIRROR), ROLE_BIT(FACILITY), match_query_mirror },
	{ BODY(QUERY_CALL_LIST), ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR),
	  match_query_call_list },
	{ BODY(QUERY_LAST_PLACE), ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR),
	  match_query_last_place },
	{ BODY(QUERY_POOLS), READERS, match_query_pools },
	{ BODY(QUERY_CONTRIBUTIONS), PARTNERS | ROLE_BIT(REQUESTER), match_query_contributions },
	{ BODY(QUERY_FIGURES), FIGURE_READERS, match_query_figures },
	{ BODY(QUERY_NETWORKS), READERS | ROLE_BIT(BASIC_SUPPORT) | ROLE_BIT(GOVERNMENT),
	  match_query_networks },
	{ BODY(QUERY_WORKERS), PARTNERS, match_query_workers },
	{ BODY(QUERY_CONVERSIONS), PARTNERS, match_query_conversions },
	{ BODY(QUERY_SHARED), PARTNERS, match_query_shared },
	{ BODY(QUERY_MORE), PARTNERS, match_query_more },
	{ BODY(QUERY_LIST_PLAN),
	  ROLE_BIT(COORDINATOR) | ROLE_BIT(DASHBOARD) | ROLE_BIT(OPERATOR) | ROLE_BIT(GOVERNMENT),
	  match_query_list_plan },
	{ BODY(QUERY_EXPLAIN), PARTNERS | ROLE_BIT(REQUESTER), match_query_explain },
};

static const char *const reads[] = { PEER_INTAKE, PEER_WAITLIST, NULL };
static const uint8_t indexed[] = { T_POOL_USE, T_POOL, T_PASS, T_LAST_PLACE, T_PRICE, 0 };

const struct service matching_service = {
	.name = "matching",
	/* 3: more than twelve needs together; 4: up to 80; 5: team_whole; 6: plan verdicts;
	 * 7: what a need was weighed against; 8: what is not proven of up to twelve;
	 * 9: no prices where no plans are made; 10: the tree of a large team is shorter */
	.core_version = 12,
	.handlers = handlers,
	.handlers_len = SK_LEN(handlers),
	.queries = queries,
	.queries_len = SK_LEN(queries),
	.reads = reads,
	.on_due = match_on_due,
	.due_emits_max = MATCH_EMITS_MAX,
	.on_config = match_on_config,
	.on_plan = match_on_plan,
	.plan_copy = match_plan_copy,
	.plan_make = match_plan_make,
	.plan_take = match_plan_take,
	.plan_free = match_plan_free,
	.plan_told = match_plan_told,
	.told = match_told_tables,
	.index_new = match_index_new,
	.index_free = match_index_free,
	.index_fold = match_index_fold,
	.indexed = indexed,
	.inventory = match_inventory,
	.on_reconciled = match_on_reconciled,
	.snapshot = match_snapshot,
};
