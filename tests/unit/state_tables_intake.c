/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/intake/core_help.h"
#include "services/intake/core_signal.h"
#include "tests/unit/state_tables.h"

#define STATES(type) &schakel__v1__##type##__descriptor
#define X(name, text) text,
static const char *const need_events[] = { NEED_EVENT_MAP(X) };
static const char *const help_events[] = { HELP_EVENT_MAP(X) };
static const char *const consult_events[] = { CONSULT_EVENT_MAP(X) };
static const char *const signal_events[] = { SIGNAL_EVENT_MAP(X) };
#undef X

static int next_need(int from, int on, int *ret_to)
{
	PB(NeedState) to = 0;
	int err = need_next((PB(NeedState))from, (enum need_event)on, &to);

	*ret_to = (int)to;
	return err;
}

static int next_signal(int from, int on, int *ret_to)
{
	PB(SignalState) to = 0;
	int err = signal_next((PB(SignalState))from, (enum signal_event)on, &to);

	*ret_to = (int)to;
	return err;
}

static int next_help(int from, int on, int *ret_to)
{
	PB(HelpCallState) to = 0;
	int err = help_next((PB(HelpCallState))from, (enum help_event)on, &to);

	*ret_to = (int)to;
	return err;
}

static int next_consult(int from, int on, int *ret_to)
{
	PB(ConsultState) to = 0;
	int err = consult_next((PB(ConsultState))from, (enum consult_event)on, &to);

	*ret_to = (int)to;
	return err;
}

/* Of these, what happens is the state that somebody names. */
static const char *const goal_events[] = { "it is put back", "somebody goes for it",
					   "it is reached", "the family lets it go" };
static const char *const own_events[] = { "it is proposed", "it is agreed", "it starts", "it ends",
					  "it is not possible" };
static const char *const diagnostic_events[] = { "it is planned", "it goes on", "it is answered",
						 "it is dropped" };

static int next_goal(int from, int on, int *ret_to)
{
	*ret_to = on + 1;
	return goal_next((PB(GoalState))from, (PB(GoalState))(on + 1));
}

static int next_own(int from, int on, int *ret_to)
{
	*ret_to = on + 1;
	return own_next((PB(OwnState))from, (PB(OwnState))(on + 1));
}

static int next_diagnostic(int from, int on, int *ret_to)
{
	*ret_to = on + 1;
	return diagnostic_next((PB(DiagnosticState))from, (PB(DiagnosticState))(on + 1));
}

const struct state_table intake_tables[] = {
	{ "Need (intake)", STATES(need_state), need_events, SK_LEN(need_events), next_need },
	{ "Consult (intake)", STATES(consult_state), consult_events, SK_LEN(consult_events),
	  next_consult },
	{ "Goal (intake)", STATES(goal_state), goal_events, SK_LEN(goal_events), next_goal },
	{ "Own contribution (intake)", STATES(own_state), own_events, SK_LEN(own_events),
	  next_own },
	{ "Diagnostic reference (intake)", STATES(diagnostic_state), diagnostic_events,
	  SK_LEN(diagnostic_events), next_diagnostic },
	{ "Framework signal (intake)", STATES(signal_state), signal_events, SK_LEN(signal_events),
	  next_signal },
	{ "Call for help (intake)", STATES(help_call_state), help_events, SK_LEN(help_events),
	  next_help },
};
const size_t intake_tables_len = SK_LEN(intake_tables);
