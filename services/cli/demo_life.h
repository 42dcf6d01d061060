/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What people of the demo do beside asking and answering, by the table abilities.csv: a row
 *  says at which moment it is drawn, how often, and how long it takes. Nobody outside
 *  services/cli/demo*.c and its test includes this. Ownership: demo_play() owns everything. */
#include "services/cli/demo_int.h"

/** One thing that somebody is about to do. */
struct demo_deed {
	struct demo_item it; /* .id: of what; .arg: as the row before left it */
	const struct demo_ability *what;
	struct demo_request *r; /* that it is about; NULL: none */
	struct demo_share *s;   /* NULL: it is about none */
	struct demo_rand luck;
};
typedef void demo_deed_fn(struct demo *d, struct demo_deed *x);
struct demo_deed_row {
	const char *ability;
	demo_deed_fn *fn;
};
/* Each ends with a row without a name. */
extern const struct demo_deed_row demo_deeds_family[]; /* demo_life_family.c */
extern const struct demo_deed_row demo_deeds_care[];   /* demo_life_care.c */
extern const struct demo_deed_row demo_deeds_watch[];  /* demo_life_watch.c */
extern const struct demo_deed_row demo_deeds_list[];   /* demo_life_list.c */
extern const struct demo_deed_row demo_deeds_supply[]; /* demo_life_supply.c */

/** The same deed again, with another number, after so long. */
void demo_again(struct demo *d, const struct demo_deed *x, uint32_t arg, uint64_t after_ms);
/** The house of the contact person: as named, else on duty. */
uint32_t demo_contact(const struct demo *d, const struct demo_request *r);
/** A facility of the cast that serves the zone, drawn; cast.len when there is none. */
uint32_t demo_house(const struct demo *d, struct demo_deed *x, uint32_t role);
char *demo_party_id(const struct demo *d, uint32_t who);
