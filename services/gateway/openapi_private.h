/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the parts of services/gateway/openapi*.c share. */
#include "services/gateway/api_private.h"
#include "services/gateway/openapi.h"

/** Lays what the tables do not say over the description. */
void openapi_say(json_t *io_doc);
/** Adds the operations of the FHIR face to the paths. */
void openapi_fhir(json_t *io_paths);
/** Adds a route to the paths. @return its operation, borrowed. */
json_t *openapi_add(json_t *io_paths, json_t *io_schemas, const struct route *r);
json_t *openapi_parameter(const char *name, const char *in, bool required, const char *what);
/** A reference to a component; @p kind "schemas", "parameters", "headers". */
json_t *openapi_shared(const char *kind, const char *name);
/** Adds the message and all that it holds to @p io_all (by name); @return a new reference to it. */
json_t *openapi_schema(const ProtobufCMessageDescriptor *type, json_t *io_all);
