/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  HealthcareService read as a facility's own capacity. Pure. */
#include "common/step.h"
#include "services/gateway/fhir_in.h"

#define FHIR_SDOHCC "http://hl7.org/fhir/us/sdoh-clinicalcare/"
#define FHIR_CAPACITY_STATUS \
	FHIR_SDOHCC "StructureDefinition/SDOHCC-ExtensionHealthcareServiceCapacityStatus"
#define FHIR_CAPACITY_CODES FHIR_SDOHCC "CodeSystem/SDOHCC-CodeSystemTemporaryCodes"

/** @p now: the pool as it stands, or NULL when it is a new one. What the document does not say
 * stays as it was. @return SK_OK, SK_EPROTO (issues say why), SK_ENOMEM. */
int fhir_service_read(struct fhir_in *in, const char *pool, const Schakel__V1__PoolItem *now,
		      Schakel__V1__PutCapacity *ret_c);
/** "HealthcareService.specialty" for "uses[0].expertises". */
const char *fhir_service_element(const char *field);
