/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The directory for other directories, as HSDS 3.1 (hsds_directory.c: GET, open to all),
 * and the way in for offers in bulk: a feed of services (hsds_import.c) and a table (offers_csv.c).
 *  Threads: workers. Blocks: in web_ask(), and on the node's hsds.csv. */
#include "services/gateway/web.h"

extern const struct route hsds_routes[];

void hsds_version_get(struct web *w);
void hsds_services_get(struct web *w);
void hsds_service_get(struct web *w);
void hsds_organizations_get(struct web *w);
void hsds_organization_get(struct web *w);
void hsds_at_locations_get(struct web *w);
void hsds_at_location_get(struct web *w);
void hsds_taxonomies_get(struct web *w);
void hsds_taxonomy_get(struct web *w);
void hsds_terms_get(struct web *w);
void hsds_term_get(struct web *w);
void hsds_import_post(struct web *w);
/** Answers that nothing was taken in, and that it may be tried again. */
void hsds_import_busy(struct web *w);
void offers_csv_get(struct web *w);
void offers_csv_post(struct web *w);
