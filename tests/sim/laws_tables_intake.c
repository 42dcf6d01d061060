/* SPDX-License-Identifier: EUPL-1.2 */
/* The judge names intake's tables and timers itself; here the numbers are compared. */
#include "services/intake/core_inner.h"
#include "tests/sim/laws_model.h"

_Static_assert((int)I_REQUEST == TABLE_REQUEST && (int)I_NEED == TABLE_NEED, "tables");
_Static_assert((int)I_NEED_REF == TABLE_NEED_REF && (int)I_VOICE == TABLE_VOICE, "tables");
_Static_assert((int)I_HOLDER_PAST == TABLE_HOLDER_PAST && (int)I_TEAM == TABLE_TEAM, "tables");
_Static_assert((int)I_CONTRIBUTION == TABLE_CONTRIBUTION, "tables");
_Static_assert((int)I_CONTRIBUTION_PAST == TABLE_CONTRIBUTION_PAST, "tables");
_Static_assert((int)I_CAPSULE == TABLE_CAPSULE, "tables");
_Static_assert((int)I_PLAN == TABLE_PLAN && (int)I_PARTY_REQUEST == TABLE_PARTY_REQUEST, "tables");
_Static_assert((int)I_WISH == TABLE_WISH && (int)I_PARKED == TABLE_PARKED, "tables");
_Static_assert((int)I_JUDGEMENT == TABLE_JUDGEMENT && (int)I_ORDER == TABLE_ORDER, "tables");
_Static_assert((int)I_DUE_CLOCK == DUE_CLOCK && (int)I_DUE_AFTERCARE == DUE_AFTERCARE, "timers");
_Static_assert((int)I_CASE_TABLE == TABLE_CASE_TABLE, "tables");
_Static_assert((int)I_WAIT_TOLD == TABLE_WAIT_TOLD && (int)I_NETWORK == TABLE_NETWORK, "tables");
_Static_assert((int)I_DUE_PARKED == DUE_PARKED, "timers");
_Static_assert((int)I_LOOK == TABLE_LOOK && (int)I_KEPT_BACK == TABLE_KEPT_BACK, "tables");
_Static_assert((int)I_DUE_GOAL == DUE_GOAL && (int)I_DUE_WISH == DUE_WISH, "timers");
