/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The FHIR R4 face: /fhir. The mapping both ways is pure (fhir_in.h, fhir_task.h,
 *  fhir_service.h, fhir_out.h); here one interaction becomes questions and one command to a daemon,
 *  which decides what its asker may. JSON only. Every refusal is an OperationOutcome.
 *
 *  ServiceRequest  a need of a request (or a consult); id = the need's. The placer's identifier is
 *                  the key of idempotency: sent again, it is the same order.
 *  RequestGroup    a request; id = the request's.     CareTeam  its team; same id.
 *  Task            where a request stands (id = the request's) and what each partner is asked (id =
 *                  the contribution's).
 *  HealthcareService  a pool; id = its name. */
#include "services/gateway/web.h"

/** Ended by a NULL method. */
extern const struct route fhir_routes[];
