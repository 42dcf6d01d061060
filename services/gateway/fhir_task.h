/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A Task that somebody writes, read as the one command that it stands for. Pure. */
#include "common/step.h"
#include "services/gateway/fhir_in.h"

/** A partner moves its own Task from where it stands. @p ret_m gets the command; its body stays
 *  NOT_SET when the Task says what holds already. @return SK_OK, SK_EPROTO, SK_ENOMEM. */
int fhir_task_move(struct fhir_in *in, const Schakel__V1__Ask *now, Schakel__V1__Message *ret_m);

enum fhir_change {
	FHIR_CHANGE_NONE,
	FHIR_FULFILL, /* is done by the order itself */
	FHIR_ABORT,
	FHIR_SUSPEND,
	FHIR_RESUME,
};

/** What a Task that is posted asks for, of what. */
struct fhir_wish {
	enum fhir_change change;
	const char *type; /* "ServiceRequest", "RequestGroup", "Task" */
	struct object_id id;
};
int fhir_task_wish(struct fhir_in *in, struct fhir_wish *ret_w);

/** Applies a JSON Patch (a list) or a merge patch (an object) to @p io_resource. @return SK_OK,
 *  SK_EPROTO. */
int fhir_patch(struct fhir_in *in, const json_t *patch, json_t *io_resource);
