/* SPDX-License-Identifier: EUPL-1.2 */
/* The judge names the tables of signals, calls and reviews itself; here they are compared. */
#include "services/intake/core_warm.h"
#include "tests/sim/laws_model.h"

_Static_assert((int)I_SIGNAL == TABLE_SIGNAL, "tables");
_Static_assert((int)I_REQUEST_SIGNAL == TABLE_REQUEST_SIGNAL, "tables");
_Static_assert((int)I_HELP_CALL == TABLE_HELP_CALL, "tables");
_Static_assert((int)I_PARTY_CALL == TABLE_PARTY_CALL && (int)I_SHOWN == TABLE_SHOWN, "tables");
_Static_assert((int)I_WATCH == TABLE_WATCH && (int)I_FIT == TABLE_FIT, "tables");
_Static_assert((int)I_BASIC == TABLE_BASIC && (int)I_BASIC_PARTY == TABLE_BASIC_PARTY, "tables");
_Static_assert((int)I_DUE_HELP_CALL == DUE_HELP_CALL && (int)I_DUE_WATCH == DUE_WATCH, "timers");
_Static_assert((int)I_RUNG == TABLE_RUNG && (int)I_CARE == TABLE_CARE, "tables");
