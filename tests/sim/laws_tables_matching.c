/* SPDX-License-Identifier: EUPL-1.2 */
/* The judge names matching's tables and timers itself; here the numbers are compared. */
#include "services/matching/core_int.h"
#include "tests/sim/laws_model.h"

_Static_assert((int)M_REQUEST == T_REQUEST && (int)M_NEED == T_NEED, "tables");
_Static_assert((int)M_REQUEST_NEED == T_REQUEST_NEED && (int)M_WAIT == T_WAIT, "tables");
_Static_assert((int)M_POOL == T_POOL && (int)M_POOL_USE == T_POOL_USE, "tables");
_Static_assert((int)M_POOL_ID == T_POOL_ID && (int)M_PARTNER_POOL == T_PARTNER_POOL, "tables");
_Static_assert((int)M_CONTRIBUTION == T_CONTRIBUTION && (int)M_NEED_LIVE == T_NEED_LIVE, "tables");
_Static_assert((int)M_REQUEST_CONTRIBUTION == T_REQUEST_CONTRIBUTION, "tables");
_Static_assert((int)M_POOL_HOLD == T_POOL_HOLD && (int)M_PARTNER_ASK == T_PARTNER_ASK, "tables");
_Static_assert((int)M_EXCLUDE == T_EXCLUDE && (int)M_PASS == T_PASS, "tables");
_Static_assert((int)M_CHAIN == T_CHAIN && (int)M_LAST_PLACE == T_LAST_PLACE, "tables");
_Static_assert((int)M_DUE_LAST_PLACE == DUE_LAST_PLACE, "timers");
_Static_assert((int)M_CHAIN == T_CHAIN && (int)M_USE_WEEK == T_USE_WEEK, "tables");
_Static_assert((int)M_ATELIER == T_ATELIER && (int)M_SCHOOL == T_SCHOOL, "tables");
_Static_assert((int)M_NETWORK == T_NETWORK && (int)M_NETWORK_ID == T_NETWORK_ID, "tables");
_Static_assert((int)M_NETWORK_CASE == T_NETWORK_CASE && (int)M_WORKER == T_WORKER, "tables");
_Static_assert((int)M_INTERPRETER == T_INTERPRETER, "tables");
_Static_assert((int)M_PLAN == T_PLAN, "tables");
_Static_assert((int)M_DUE_RESERVE == DUE_RESERVE, "timers");
_Static_assert((int)M_DUE_WEEK == DUE_WEEK && (int)M_DUE_NETWORK == DUE_NETWORK, "timers");
_Static_assert((int)M_DUE_CHAIN == DUE_CHAIN && (int)M_DUE_ANSWER_BY == DUE_ANSWER_BY, "timers");
_Static_assert((int)M_DUE_REMIND == DUE_REMIND && (int)M_DUE_CAN_HOLDS == DUE_CAN_HOLDS, "timers");
_Static_assert((int)M_DUE_NOT_STARTED == DUE_NOT_STARTED, "timers");
_Static_assert((int)M_DUE_EXCLUDE == DUE_EXCLUDE && (int)M_DUE_SHED == DUE_SHED, "timers");
_Static_assert((int)M_DUE_FORGET == DUE_FORGET && (int)M_DUE_WINDOW == DUE_WINDOW, "timers");
_Static_assert((int)M_DUE_TEAM == DUE_TEAM && (int)M_DUE_HELP == DUE_HELP, "timers");
