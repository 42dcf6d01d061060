/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A small node and documents for the tests of the FHIR face. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/step.h"
#include "services/gateway/fhir_in.h"
#include "services/gateway/fhir_out.h"
#include "services/gateway/fhir_service.h"
#include "services/gateway/fhir_task.h"

#define NOW_MS 1795000000000ULL /* 18 November 2026 */
#define STATE(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME

#define FHIR_TEST(name) cmocka_unit_test_setup_teardown(name, fhir_rig_open, fhir_rig_close)

extern struct arena fhir_rig_arena;
extern struct conf fhir_rig_conf; /* parties caw and huis, zones rits and westhoek */
extern struct conf_party fhir_rig_parties[2];
extern const char fhir_rig_order[];   /* a ServiceRequest of caw, A-17, for a child of 14 */
extern const char fhir_rig_service[]; /* a HealthcareService with 12 of 10 free */

int fhir_rig_open(void **state);
int fhir_rig_close(void **state);
struct fhir_in reading_with(const json_t *doc);
json_t *parse(const char *text);
