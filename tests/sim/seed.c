/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/sim/seed.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/mut.h"

static bool number(const char *text, uint64_t *ret_v)
{
	char *end = NULL;

	*ret_v = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0';
}

bool seed_of(int argc, char **argv, uint64_t *ret_seed)
{
	if (argc != 2 || !number(argv[1], ret_seed)) {
		(void)fprintf(stderr, "usage: %s SEED\n", argc > 0 ? argv[0] : "sim");
		return false;
	}
#ifdef SK_MUT
	const char *planted = getenv("SK_MUT");
	uint64_t n = 0;
	if (planted != NULL && number(planted, &n)) {
		sk_mut = (int)n;
	}
#endif
	return true;
}
