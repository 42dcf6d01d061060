/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/waitlist/core_entry.h"
#include "tests/unit/state_tables.h"

#define STATES(type) &schakel__v1__##type##__descriptor
#define X(name, text) text,
static const char *const wait_events[] = { WAIT_EVENT_MAP(X) };
#undef X

static int next_wait(int from, int on, int *ret_to)
{
	PB(WaitState) to = 0;
	int err = wait_next((PB(WaitState))from, (enum wait_event)on, &to);

	*ret_to = (int)to;
	return err;
}

#define X(name, text) text,
static const char *const misplaced_events[] = { MISPLACED_EVENT_MAP(X) };
static const char *const case_table_events[] = { CASE_TABLE_EVENT_MAP(X) };
#undef X

static int next_misplaced(int from, int on, int *ret_to)
{
	PB(MisplacedState) to = 0;
	int err = misplaced_next((PB(MisplacedState))from, (enum misplaced_event)on, &to);

	*ret_to = (int)to;
	return err;
}

static int next_case_table(int from, int on, int *ret_to)
{
	PB(CaseTableState) to = 0;
	int err = case_table_next((PB(CaseTableState))from, (enum case_table_event)on, &to);

	*ret_to = (int)to;
	return err;
}

const struct state_table waitlist_tables[] = {
	{ "Wait entry (waitlist)", STATES(wait_state), wait_events, SK_LEN(wait_events),
	  next_wait },
	{ "Not in the right place (waitlist)", STATES(misplaced_state), misplaced_events,
	  SK_LEN(misplaced_events), next_misplaced },
	{ "Case table (waitlist)", STATES(case_table_state), case_table_events,
	  SK_LEN(case_table_events), next_case_table },
};
const size_t waitlist_tables_len = SK_LEN(waitlist_tables);
