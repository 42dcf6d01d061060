/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the daemons show, written as FHIR R4: strictly, so that every answer validates. What
 *  somebody may not see is not in the view, and so in no resource. Pure. Ownership: each returns a
 *  new reference. Threads: none. Blocks: never. */
#include "common/conf.h"
#include "common/lang.h"
#include "common/step.h"
#include "services/gateway/fhir_json.h"

struct fhir_out {
	const struct conf *conf;
	enum lang lang;
	uint64_t now_ms;
	const json_t *told; /* contents of the capsules that the asker may open, [{person,
			     * content}]; NULL: none */
};

/** A need of a request; @p need NULL: a consult, which has none. */
json_t *fhir_service_request(const struct fhir_out *o, const PB(RequestItem) *item,
			     const PB(NeedView) *need);
json_t *fhir_request_group(const struct fhir_out *o, const PB(RequestItem) *item);
/** The team as it is proposed, or at work. NULL: there is none. */
json_t *fhir_care_team(const struct fhir_out *o, const PB(RequestItem) *item);
/** be-referral-task: where the order stands. */
json_t *fhir_order_task(const struct fhir_out *o, const PB(RequestItem) *item);
/** be-performer-task, as the placer sees it ... */
json_t *fhir_contribution_task(const struct fhir_out *o, const PB(ContributionChanged) *c);
/** ... and as the partner who is asked does: coded, nothing about the child. */
json_t *fhir_ask_task(const struct fhir_out *o, const PB(Ask) *a);
json_t *fhir_pool_service(const struct fhir_out *o, const PB(PoolItem) *p);
json_t *fhir_directory_service(const struct fhir_out *o, const PB(DirectoryItem) *d);

const char *fhir_need_status(const PB(NeedView) *need);
const char *fhir_consult_status(const PB(RequestItem) *item);
const char *fhir_order_task_status(const PB(RequestItem) *item);
const char *fhir_contribution_status(PB(ContributionState) state);
const char *fhir_priority(PB(Urgency) urgency);

/** The words that the placer wrote for the @p nth need of that expertise of the child (NULL: of the
 *  only one); NULL: not seen. */
const json_t *fhir_told_order(const struct fhir_out *o, const PB(Child) *child,
			      const char *expertise, size_t nth);
/** The child's own part. */
const json_t *fhir_told_patient(const struct fhir_out *o, const PB(Child) *child);

/* --- small parts --- */

json_t *fhir_hex(const ProtobufCBinaryData *id);
/** "Type/hex" */
json_t *fhir_ref(const char *type, const ProtobufCBinaryData *id);
/** A code of one of our lists, with its label; NULL: UNSPECIFIED. */
json_t *fhir_word(const struct fhir_out *o, const char *list, const ProtobufCEnumDescriptor *set,
		  int value);
json_t *fhir_expertise_concept(const struct fhir_out *o, uint32_t expertise);
json_t *fhir_organization(const struct fhir_out *o, const char *party);
json_t *fhir_zone_concept(const struct fhir_out *o, const char *zone);
/** An extension of ours with a CodeableConcept (taken over); NULL stays NULL. */
json_t *fhir_ext_concept(const char *name, json_t *concept);
json_t *fhir_hours(uint32_t hours);
void fhir_meta(json_t *resource, uint32_t version, uint64_t at_ms);
/** A searchset of resources: [{resource, mode}], with links. */
json_t *fhir_bundle(const char *type);
void fhir_bundle_add(json_t *bundle, json_t *resource, const char *mode);
