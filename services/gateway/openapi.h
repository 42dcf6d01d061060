/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  GET /openapi.json (and .yaml: JSON is YAML): OpenAPI 3.1, made of the very tables by
 * which the gateway answers and of the schema's descriptors, so it cannot lag behind them. */
#include "services/gateway/web.h"

extern const struct route openapi_routes[];
