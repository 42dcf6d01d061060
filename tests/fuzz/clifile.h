/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The readers of the command's files, fed with any bytes. Shared by two fuzz targets. */
#include "services/cli/request_file.h"

void clifile_read(struct slice bytes, enum file_kind kind);
