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

const struct state_table waitlist_tables[] = {
	{ "Wait entry (waitlist)", STATES(wait_state), wait_events, SK_LEN(wait_events),
	  next_wait },
};
const size_t waitlist_tables_len = SK_LEN(waitlist_tables);
