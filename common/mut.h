/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Planted bugs. Only the `mut` build variant knows them: there sk_mut names the one that is
 *  switched on (0: none). In every other build MUT() is the constant 0 and leaves no code. The list
 *  with what each breaks stands in tests/sim/mutants.txt. */
#ifdef SK_MUT
extern int sk_mut;
#define MUT(number) (sk_mut == (number))
#else
#define MUT(number) 0
#endif
