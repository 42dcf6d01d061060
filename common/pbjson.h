/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Any message of the schema as JSON for programs: field names as in proto/, ids as hex,
 *  codes without their prefix, instants as UTC text, absent texts and codes left out.
 *  Ownership: the caller decrefs. Pure; never blocks. */
#include <jansson.h>

#include "schakel/v1/command.pb-c.h"

/** How it is shown to who may open what is sealed. */
struct pbjson {
	json_t *(*capsule)(void *ctx, const Schakel__V1__Capsule *capsule);
	void *ctx;
};

/** @return a new object, or NULL without memory. */
json_t *pb_json(const ProtobufCMessage *m);
/** The same with capsules as @p how shows them; NULL: as they are. */
json_t *pb_json_as(const ProtobufCMessage *m, const struct pbjson *how);
/** @return 32 hex digits (2 per byte) as a new string. */
json_t *hex_json(const void *bytes, size_t len);
