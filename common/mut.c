/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/mut.h"

#ifdef SK_MUT
int sk_mut;
#else
/* ISO C wants one declaration in a translation unit. */
typedef int mut_is_off_fn(void);
#endif
