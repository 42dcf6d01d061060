/* SPDX-License-Identifier: EUPL-1.2 */
/* The judge names waitlist's tables and timers itself; here the numbers are compared. */
#include "common/figure.h"
#include "services/waitlist/core.h"
#include "tests/sim/laws_model.h"

_Static_assert((int)W_ENTRY == WAIT_TABLE_ENTRY && (int)W_ORDER == WAIT_TABLE_ORDER, "tables");
_Static_assert((int)W_OVERALL == WAIT_TABLE_OVERALL, "tables");
_Static_assert((int)W_REQUEST == WAIT_TABLE_REQUEST, "tables");
_Static_assert((int)W_REQUEST_ENTRY == WAIT_TABLE_REQUEST_ENTRY, "tables");
_Static_assert((int)W_TEAM == WAIT_TABLE_TEAM && (int)W_COUNT == WAIT_TABLE_COUNT, "tables");
_Static_assert((int)W_CONTRIBUTION == WAIT_TABLE_CONTRIBUTION, "tables");
_Static_assert((int)W_DUE_CLASS == WAIT_DUE_CLASS && (int)W_DUE_REVIEW == WAIT_DUE_REVIEW, "timer"
											   "s");
_Static_assert((int)W_DUE_BRIDGING == WAIT_DUE_BRIDGING && (int)W_DUE_FORGET == WAIT_DUE_FORGET,
	       "timers");
_Static_assert((int)W_DUE_COUNTED == WAIT_DUE_COUNTED, "timers");

_Static_assert((int)FIGURE_TABLE_NUMBER == FIGURE_TABLE, "tables");
_Static_assert((int)W_CHILD == WAIT_TABLE_CHILD && (int)W_CARE == WAIT_TABLE_CARE, "tables");
_Static_assert((int)W_TABLE == WAIT_TABLE_CASE_TABLE, "tables");
_Static_assert((int)W_REQUEST_TABLE == WAIT_TABLE_REQUEST_TABLE, "tables");
_Static_assert((int)W_AGAIN == WAIT_TABLE_AGAIN && (int)W_DUE_ORDER == WAIT_DUE_ORDER, "again");
_Static_assert((int)W_DUE_GAP == WAIT_DUE_GAP && (int)W_DUE_TABLE == WAIT_DUE_CASE_TABLE, "timers");
