/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Any message of the schema as JSON for programs: field names as in proto/, ids as hex,
 *  codes without their prefix, instants as UTC text, absent texts and codes left out.
 *  Ownership: the caller decrefs. Pure; never blocks. */
#include <jansson.h>

#include <protobuf-c/protobuf-c.h>

/** @return a new object, or NULL without memory. */
json_t *pb_json(const ProtobufCMessage *m);
/** @return 32 hex digits (2 per byte) as a new string. */
json_t *hex_json(const void *bytes, size_t len);
