/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the files that read an order share; theirs alone. */
#include "common/step.h"
#include "services/gateway/fhir_in.h"

/* What is being read: of several orders that make one request. */
struct reading {
	struct fhir_in *in;
	const json_t *const *orders;
	size_t len;
	struct fhir_order *o;
	const json_t *subject[FHIR_CHILDREN_MAX];
	struct fhir_patient patient[FHIR_CHILDREN_MAX];
	uint32_t child[FHIR_NEEDS_MAX]; /* index of each order's subject */
	PB(NeedSpec) need[FHIR_NEEDS_MAX];
	const json_t *group[FHIR_NEEDS_MAX]; /* the RequestGroup that names it; NULL: none */
	bool could[FHIR_NEEDS_MAX];          /* that group says that it need not be met */
};

/** Children, adults, languages, whom the placer would like. */
int reading_people(struct reading *r);
int reading_preferred(struct reading *r);
/** What of each child goes sealed. */
int reading_told(struct reading *r);
/** The placer's number, and the persons that follow from it. */
int reading_placer(struct reading *r);
