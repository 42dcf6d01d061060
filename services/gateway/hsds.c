/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/hsds.h"

#define PARTNERS (ROLE_BIT(FACILITY) | ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR))

const struct route hsds_routes[] = {
	{ "GET", "/hsds/", 0, hsds_version_get, NULL, 0, NULL },
	{ "GET", "/hsds/services", 0, hsds_services_get, NULL, 0, NULL },
	{ "GET", "/hsds/services/{id}", 0, hsds_service_get, NULL, 0, NULL },
	{ "GET", "/hsds/organizations", 0, hsds_organizations_get, NULL, 0, NULL },
	{ "GET", "/hsds/organizations/{id}", 0, hsds_organization_get, NULL, 0, NULL },
	{ "GET", "/hsds/service_at_locations", 0, hsds_at_locations_get, NULL, 0, NULL },
	{ "GET", "/hsds/service_at_locations/{id}", 0, hsds_at_location_get, NULL, 0, NULL },
	{ "GET", "/hsds/taxonomies", 0, hsds_taxonomies_get, NULL, 0, NULL },
	{ "GET", "/hsds/taxonomies/{id}", 0, hsds_taxonomy_get, NULL, 0, NULL },
	{ "GET", "/hsds/taxonomy_terms", 0, hsds_terms_get, NULL, 0, NULL },
	{ "GET", "/hsds/taxonomy_terms/{id}", 0, hsds_term_get, NULL, 0, NULL },
	{ "POST", "/hsds/import", PARTNERS | ROLE_BIT(OPERATOR), hsds_import_post, NULL,
	  WEB_FEED_BYTES_MAX, NULL },
	{ "GET", "/api/v1/offers.csv", PARTNERS, offers_csv_get, NULL, 0, NULL },
	{ "POST", "/api/v1/offers.csv", PARTNERS, offers_csv_post, NULL, WEB_FEED_BYTES_MAX, NULL },
	{ 0 },
};
