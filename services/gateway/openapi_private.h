/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the parts of services/gateway/openapi*.c share. */
#include "services/gateway/api_private.h"
#include "services/gateway/openapi.h"

/** Lays what the tables do not say over the description. */
void openapi_say(json_t *io_doc);
/** Adds the message and all that it holds to @p io_all (by name); @return a new reference to it. */
json_t *openapi_schema(const ProtobufCMessageDescriptor *type, json_t *io_all);
