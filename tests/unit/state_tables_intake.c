/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/intake/core_help.h"
#include "services/intake/core_signal.h"
#include "tests/unit/state_tables.h"

#define STATES(type) &schakel__v1__##type##__descriptor
#define X(name, text) text,
static const char *const need_events[] = { NEED_EVENT_MAP(X) };
static const char *const help_events[] = { HELP_EVENT_MAP(X) };
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

const struct state_table intake_tables[] = {
	{ "Need (intake)", STATES(need_state), need_events, SK_LEN(need_events), next_need },
	{ "Framework signal (intake)", STATES(signal_state), signal_events, SK_LEN(signal_events),
	  next_signal },
	{ "Call for help (intake)", STATES(help_call_state), help_events, SK_LEN(help_events),
	  next_help },
};
const size_t intake_tables_len = SK_LEN(intake_tables);
