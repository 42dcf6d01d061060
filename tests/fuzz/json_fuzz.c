/* SPDX-License-Identifier: EUPL-1.2 */
#include "clifile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	clifile_read((struct slice){ data, size }, FILE_JSON);
	return 0;
}
