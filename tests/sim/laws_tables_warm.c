/* SPDX-License-Identifier: EUPL-1.2 */
/* The judge names the tables of signals, calls and reviews itself; here they are compared. */
#include "services/intake/core_warm.h"
#include "tests/sim/laws_model.h"

_Static_assert((int)I_SIGNAL == TABLE_SIGNAL, "tables");
_Static_assert((int)I_REQUEST_SIGNAL == TABLE_REQUEST_SIGNAL, "tables");
_Static_assert((int)I_HELP_CALL == TABLE_HELP_CALL, "tables");
_Static_assert((int)I_PARTY_CALL == TABLE_PARTY_CALL && (int)I_SHOWN == TABLE_SHOWN, "tables");
