/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/err.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void sk_panic(const char *what, const char *file, int line)
{
	(void)fprintf(stderr, "event=panic at=%s:%d what=\"%s\"\n", file, line, what);
	abort();
}

const char *sk_strerror(int err)
{
	static const struct {
		int code;
		const char *text;
	} map[] = {
#define X(name, code, text) { SK_##name, text },
		SK_ERR_MAP(X)
#undef X
	};

	if (err == SK_OK) {
		return "done";
	}
	for (size_t i = 0; i < SK_LEN(map); i++) {
		if (map[i].code == err) {
			return map[i].text;
		}
	}
	return "unknown error";
}

bool sk_is_resource(int err)
{
	return err == SK_ENOMEM || err == SK_EFULL || err == SK_ESYS;
}
