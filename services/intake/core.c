/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/intake/core_warm.h"

#define INTAKE_CORE_VERSION 2 /* 2: fifty open needs */

/* Events for each need and holder of a request, beside a few about the request itself. */
#define EMITS_WARM (SIGNALS_REQUEST_MAX + LIVE_MAX + 16)
#define EMITS_PEOPLE (ORDERS_MAX + 8 * CHILDREN_MAX)
/* What follows for the others of its family: their place on the list, and their plans. */
#define EMITS_OTHERS (3 * FAMILY_MAX)
#define EMITS_REQUEST \
	(NEEDS_KEPT_MAX + 2 * HOLDERS_MAX + EMITS_WARM + EMITS_PEOPLE + EMITS_OTHERS + 16)
#define EMITS_SUBMIT (2 * EMITS_REQUEST)
#define EMITS_FAMILY (FAMILY_MAX * EMITS_REQUEST)
/* A part of the plan is said once, an alarm beside it. */
#define EMITS_PART 4
/* An item may bring a request back with all that was parked for it. */
#define EMITS_ITEM (EMITS_REQUEST * (LIVE_MAX + 2))
#define EMITS_DUE (EMITS_REQUEST + 8)

static enum admit admit_urgency(PB(Urgency) urgency)
{
	if (urgency == URGENCY(CRISIS)) {
		return ADMIT_CRISIS;
	}
	return urgency == URGENCY(URGENT) ? ADMIT_HIGH : ADMIT_NORMAL;
}

static enum admit admit_submit(const PB(Message) *in)
{
	return admit_urgency(in->submit_request->urgency);
}

static enum admit admit_amend(const PB(Message) *in)
{
	return admit_urgency(in->amend_request->urgency);
}

/* A word of the family, a person, a plan for the night: kept out by nothing but a full disk. */
static enum admit admit_said(const PB(Message) *in)
{
	(void)in;
	return ADMIT_CRISIS;
}

#define ASKERS \
	(ROLE_BIT(CONTACT_POINT) | ROLE_BIT(REQUESTER) | ROLE_BIT(FACILITY) | ROLE_BIT(FAMILY))
#define ALL_PEOPLE (ASKERS | ROLE_BIT(COORDINATOR))
/* Who asks for advice or gives it, and who goes on from it. */
#define CONSULTED (ALL_PEOPLE & ~ROLE_BIT(FACILITY))
#define NAMERS (ALL_PEOPLE | ROLE_BIT(BASIC_SUPPORT) | ROLE_BIT(MANDATED) | ROLE_BIT(GOVERNMENT))
/* Who helps children, or those who do. */
#define HELPERS                                                               \
	(ROLE_BIT(CONTACT_POINT) | ROLE_BIT(REQUESTER) | ROLE_BIT(FACILITY) | \
	 ROLE_BIT(COORDINATOR) | ROLE_BIT(BASIC_SUPPORT) | ROLE_BIT(GOVERNMENT))
/* Whoever is addressed: government, or any other party. */
#define ADDRESSED (NAMERS | ROLE_BIT(DASHBOARD))

static const struct handler handlers[] = {
	{ .body = BODY(SUBMIT_REQUEST),
	  .roles = ASKERS,
	  .fn = on_submit,
	  .admit = admit_submit,
	  .emits_max = EMITS_SUBMIT },
	{ .body = BODY(AMEND_REQUEST),
	  .roles = ASKERS,
	  .fn = on_amend,
	  .admit = admit_amend,
	  .emits_max = EMITS_FAMILY },
	{ .body = BODY(WITHDRAW_REQUEST),
	  .roles = ASKERS,
	  .fn = on_withdraw,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(RECORD_POSITION),
	  .roles = ASKERS,
	  .fn = on_position,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(RECORD_COURT_ORDER),
	  .roles = ASKERS | ROLE_BIT(MANDATED),
	  .fn = on_court_order,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(RECORD_JUDGEMENT),
	  .roles = ASKERS,
	  .fn = on_judgement,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(REPORT_CONCERN),
	  .roles = ASKERS,
	  .fn = on_concern,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(MARK_MISSING),
	  .roles = ASKERS,
	  .fn = on_missing,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(NAME_CONTACT_PERSON),
	  .roles = ALL_PEOPLE,
	  .fn = on_name_contact,
	  .admit = admit_said,
	  .emits_max = EMITS_FAMILY },
	{ .body = BODY(RECORD_NIGHT_PLAN),
	  .roles = ASKERS,
	  .fn = on_night_plan,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(CONFIRM_CONSULT),
	  .roles = ASKERS,
	  .fn = on_confirm_consult,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(CLOSE_NEED),
	  .roles = ASKERS,
	  .fn = on_close_need,
	  .emits_max = EMITS_FAMILY },
	{ .body = BODY(REOPEN_NEED),
	  .roles = ASKERS,
	  .fn = on_reopen_need,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(MOVE_CONSULT),
	  .roles = ALL_PEOPLE,
	  .fn = on_move_consult,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(JOIN_FAMILIES),
	  .roles = ALL_PEOPLE,
	  .fn = on_join,
	  .admit = admit_said,
	  .emits_max = EMITS_FAMILY },
	{ .body = BODY(SPLIT_FAMILIES),
	  .roles = ALL_PEOPLE,
	  .fn = on_split,
	  .admit = admit_said,
	  .emits_max = EMITS_FAMILY },
	{ .body = BODY(DECLINE_PLAN),
	  .roles = ASKERS,
	  .fn = on_decline_plan,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(SET_GOAL),
	  .roles = ASKERS,
	  .fn = on_goal,
	  .admit = admit_said,
	  .emits_max = EMITS_PART },
	{ .body = BODY(SET_OWN_CONTRIBUTION),
	  .roles = ASKERS,
	  .fn = on_own,
	  .admit = admit_said,
	  .emits_max = EMITS_WARM + EMITS_PART },
	{ .body = BODY(RECORD_DIAGNOSTIC),
	  .roles = ASKERS,
	  .fn = on_diagnostic,
	  .admit = admit_said,
	  .emits_max = EMITS_PART },
	{ .body = BODY(ASK_OTHER),
	  .roles = ASKERS,
	  .fn = on_ask_other,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST + EMITS_PART },
	{ .body = BODY(ANSWER_OTHER),
	  .roles = ALL_PEOPLE,
	  .fn = on_answer_other,
	  .admit = admit_said,
	  .emits_max = EMITS_PART },
	{ .body = BODY(SET_FAMILY_WISH),
	  .roles = ALL_PEOPLE,
	  .fn = on_family_wish,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(NAME_SIGNAL),
	  .roles = NAMERS,
	  .fn = on_name_signal,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(MOVE_SIGNAL),
	  .roles = NAMERS,
	  .fn = on_move_signal,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(CALL_FOR_HELP),
	  .roles = HELPERS,
	  .fn = on_call_for_help,
	  .admit = admit_said,
	  .emits_max = EMITS_WARM },
	{ .body = BODY(MOVE_HELP_CALL),
	  .roles = HELPERS,
	  .fn = on_move_help_call,
	  .admit = admit_said,
	  .emits_max = EMITS_WARM },
	{ .body = BODY(ASK_FILE), .roles = ASKERS, .fn = on_ask_file, .emits_max = 1 },
	{ .body = BODY(KEEP_BACK), .roles = ASKERS, .fn = on_keep_back, .emits_max = 1 },
	{ .body = BODY(RECORD_FIT),
	  .roles = ASKERS,
	  .fn = on_record_fit,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(RECORD_BASIC_LINK),
	  .roles = ALL_PEOPLE,
	  .fn = on_record_basic_link,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(SHIELD_CONTRIBUTION),
	  .roles = ASKERS,
	  .fn = on_shield,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(LET_KNOW),
	  .roles = ASKERS,
	  .fn = on_let_know,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(CLIMB_RUNG),
	  .roles = (ALL_PEOPLE | ROLE_BIT(MANDATED)),
	  .fn = on_climb_rung,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(RECORD_REVIEW_BY_OTHER),
	  .roles = ALL_PEOPLE,
	  .fn = on_review_by_other,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(RECORD_CHECK_IN),
	  .roles = ASKERS,
	  .fn = on_check_in,
	  .admit = admit_said,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(TEAM_PROPOSED),
	  .peer = "matching",
	  .fn = on_team,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(CONTRIBUTION_CHANGED),
	  .peer = "matching",
	  .fn = on_contribution,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(END_ASKED),
	  .peer = "matching",
	  .fn = on_end_asked,
	  .emits_max = EMITS_REQUEST },
	{ .body = BODY(CASE_TABLE_FACT), .peer = "waitlist", .fn = on_case_table, .emits_max = 1 },
	{ .body = BODY(NETWORK_TOLD), .peer = "matching", .fn = on_network_told, .emits_max = 1 },
	{ .body = BODY(WAIT_TOLD), .peer = "waitlist", .fn = on_wait_told, .emits_max = 1 },
	{ .body = BODY(RECONCILE_ITEM),
	  .peer = "matching",
	  .fn = on_reconcile,
	  .emits_max = EMITS_ITEM,
	  .while_reconciling = true },
	{ .body = BODY(RECONCILE_ITEM),
	  .peer = "waitlist",
	  .fn = on_reconcile,
	  .emits_max = EMITS_ITEM,
	  .while_reconciling = true },
};

static const struct query queries[] = {
	{ .body = BODY(QUERY_REQUEST), .roles = ALL_PEOPLE | ROLE_BIT(MANDATED), .fn = q_request },
	{ .body = BODY(QUERY_PLAN), .roles = ALL_PEOPLE, .fn = q_plan },
	{ .body = BODY(QUERY_FIGURES), .roles = FIGURE_READERS, .fn = figure_query },
	{ .body = BODY(QUERY_SIMILAR), .roles = ALL_PEOPLE, .fn = q_similar },
	{ .body = BODY(QUERY_FILE), .roles = ASKERS, .fn = q_file },
	{ .body = BODY(QUERY_CONSULT), .roles = CONSULTED, .fn = q_consult },
	{ .body = BODY(QUERY_SIGNALS), .roles = ADDRESSED, .fn = q_signals },
	{ .body = BODY(QUERY_HELP_CALLS), .roles = HELPERS, .fn = q_help_calls },
	{ .body = BODY(QUERY_LINKS), .roles = ROLE_BIT(BASIC_SUPPORT), .fn = q_links },
};

static int on_due(struct step *s, uint8_t kind, const struct object_id *id, uint32_t extra,
		  uint64_t due_ms)
{
	if (kind == DUE_CLOCK) {
		return due_clock(s, id, due_ms);
	}
	if (kind == DUE_AFTERCARE) {
		return due_aftercare(s, id, due_ms);
	}
	if (kind == DUE_HELP_CALL) {
		return due_help_call(s, id, due_ms);
	}
	if (kind == DUE_GOAL) {
		return due_goal(s, id, extra, due_ms);
	}
	if (kind == DUE_OTHER) {
		return due_other(s, id, extra, due_ms);
	}
	if (kind == DUE_PLAN_ASK) {
		return due_plan_ask(s, id, due_ms);
	}
	if (kind == DUE_WISH) {
		return due_wish(s, id, due_ms);
	}
	if (kind == DUE_WATCH) {
		return due_watch(s, id, extra, due_ms);
	}
	SK_ASSERT(kind == DUE_PARKED);
	return due_parked(s, id);
}

static const char *const reads[] = { "waitlist", "matching", NULL };

const struct service intake_service = {
	.name = "intake",
	.core_version = INTAKE_CORE_VERSION,
	.handlers = handlers,
	.handlers_len = SK_LEN(handlers),
	.queries = queries,
	.queries_len = SK_LEN(queries),
	.reads = reads,
	.on_due = on_due,
	.due_emits_max = EMITS_DUE,
	.inventory = intake_inventory,
	.snapshot = intake_snapshot,
};
