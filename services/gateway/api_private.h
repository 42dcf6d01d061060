/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the parts of services/gateway/api*.c share. */
#include "services/gateway/api.h"

/** NULL when the message has no such field. */
const ProtobufCFieldDescriptor *api_field(const ProtobufCMessageDescriptor *type, const char *name);
/** Answers 404. @return false. */
bool api_no_such(struct web *w, const char *field);
/** Everything that a document names is of the own request, and who speaks is who signed in.
 *  @return false: answered. */
bool api_hold_to_own(struct web *w, const struct api *a, const ProtobufCMessageDescriptor *type,
		     json_t *doc);
