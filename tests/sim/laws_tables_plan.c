/* SPDX-License-Identifier: EUPL-1.2 */
/* The judge names the tables of families and plans itself; here they are compared. */
#include "services/intake/core_inner.h"
#include "tests/sim/laws_model.h"

_Static_assert((int)I_FAMILY == TABLE_FAMILY && (int)I_STRENGTH == TABLE_STRENGTH, "tables");
_Static_assert((int)I_GOAL == TABLE_GOAL && (int)I_OWN == TABLE_OWN, "tables");
_Static_assert((int)I_DIAGNOSTIC == TABLE_DIAGNOSTIC && (int)I_OTHER == TABLE_OTHER, "tables");
_Static_assert((int)I_SPENT == TABLE_SPENT && (int)I_KNOWN == TABLE_KNOWN, "tables");
