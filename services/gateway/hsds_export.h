/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The directory as HSDS 3.1: organisations, services with their capacity, services at
 *  locations (the zones that they serve), taxonomies (our code lists) and terms. No person, and no
 *  address of one, stands in it. Pure. Ownership: the caller decrefs. */
#include <jansson.h>

#include "common/conf.h"
#include "common/step.h"

/** Which parties are organisations of the directory. */
bool hsds_is_organization(const struct conf_party *p);
json_t *hsds_organization(const struct conf *c, const struct conf_party *p);
/** With all that belongs to it. @return NULL: its partner is not in the configuration. */
json_t *hsds_service(const struct conf *c, const PB(DirectoryItem) *item);
/** One for each zone that a service serves, from hsds_service(). */
void hsds_at_locations(const json_t *service, json_t *io_list);
json_t *hsds_taxonomies(const struct conf *c);
json_t *hsds_taxonomy_terms(const struct conf *c);
/** Takes the lists out: what a page shows of each thing. */
void hsds_flatten(json_t *thing);

#define HSDS_PAGE_MAX 200
/** @p all is borrowed. @p number from 1. */
json_t *hsds_page(const json_t *all, size_t number, size_t size);
