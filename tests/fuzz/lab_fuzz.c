/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>
#include <string.h>

#include "services/cli/lab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read stays within the limits of the format; what is not says a line. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file_error error = { 0 };
	struct lab l = { 0 };
	char *bytes = malloc(size + 1);

	SK_ASSERT(bytes != NULL);
	memcpy(bytes, data, size);
	bytes[size] = '\0';
	int err = lab_read(&l, bytes, size, &error);
	if (err == SK_OK) {
		err = lab_pairs(&l, &error);
		SK_ASSERT(err != SK_OK || (l.needs_len > 0 && l.needs_len <= LAB_NEEDS_MAX));
	}
	SK_ASSERT(err == SK_OK || err == SK_EPROTO);
	SK_ASSERT(err == SK_OK || error.line > 0);
	lab_free(&l);
	return 0;
}
