/* SPDX-License-Identifier: EUPL-1.2 */
/* What of the tables is told to who checks from outside that the order was kept (L7): the hard
 * rules and the amounts, in the words of the records. Whom a child knows, what is in a person's
 * file, any figure of a worker, and what nobody needs for that are not among it. */
#include "services/matching/core_copy.h"

const struct told_table match_told_tables[] = {
	{ TABLE_CONFIG, "config", "what:s", DESC(config_applied), "rules_version settings" },
	{ T_REQUEST, "request", "id:i", DESC(match_request_record),
	  "excluded_partners request.zone request.network request.age_years "
	  "request.urgency request.ring request.family_wish_until_ms "
	  "request.children.age_years request.children.zones request.children.missing "
	  "request.children.apart request.children.rung_allowed" },
	{ T_NEED, "need", "id:i", DESC(match_need_record),
	  "request_id known closed served paused waiting seat_id zones gate_number "
	  "need.ordinal need.expertise need.intensity need.child need.state need.own_crisis "
	  "need.by_order order.wait_class order.rank_class order.crisis_step order.rank_ms "
	  "order.lottery "
	  "order.misplaced" },
	{ T_POOL, "pool", "id:s", DESC(match_pool_record),
	  "partner unit staffed used_elsewhere promised insured crisis unconfirmed overcommitted "
	  "paused shut answer network joint_partners limits school_atelier workers week" },
	{ T_POOL_USE, "use", "pool:s use:u", DESC(pool_use),
	  "expertises age_from age_to zones access cost_units" },
	{ T_CONTRIBUTION, "seat", "id:i", DESC(match_contribution_record),
	  "request_id need_id partner pool use amount held state standby signed_by "
	  "interpreter_pool "
	  "interpreter_amount hand_on misplaced" },
	{ T_EXCLUDE, "exclude", "need:i partner:s", DESC(match_exclude_record), "until_ms cause" },
	{ T_USE_WEEK, "use_week", "pool:s use:u", DESC(match_count_record), "week units" },
	{ T_ATELIER, "atelier", "network:s", DESC(match_count_record), "units" },
	{ T_NETWORK, "network", "id:s", DESC(match_network_record),
	  "ended over network.successor" },
	{ T_PLAN, "plan", "", DESC(match_plan_record),
	  "proposed refused_base refused_rules refused_form last_sequence value bound needs "
	  "covered "
	  "law_cost verdicts" },
	{ 0 },
};
