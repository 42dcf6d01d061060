/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/matching/core_int.h"
#include "tests/unit/state_tables.h"

#define STATES(type) &schakel__v1__##type##__descriptor
#define X(name, text) text,
static const char *const contribution_events[] = { CONTRIBUTION_EVENT_MAP(X) };
#undef X

static int next_contribution(int from, int on, int *ret_to)
{
	PB(ContributionState) to = 0;
	int err = contribution_next((PB(ContributionState))from, (enum contribution_event)on, &to);

	*ret_to = (int)to;
	return err;
}

const struct state_table matching_tables[] = {
	{ "Contribution (matching)", STATES(contribution_state), contribution_events,
	  SK_LEN(contribution_events), next_contribution },
};
const size_t matching_tables_len = SK_LEN(matching_tables);
