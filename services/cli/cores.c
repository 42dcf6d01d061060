/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/cores.h"

#include <string.h>

/* Named here instead of by the services' headers: the command knows of a service no more than this.
 */
extern const struct service intake_service;
extern const struct service waitlist_service;
extern const struct service matching_service;

const struct service *core_of(const char *daemon)
{
	const struct service *const all[] = { &intake_service, &waitlist_service,
					      &matching_service };

	for (size_t i = 0; i < SK_LEN(all); i++) {
		if (strcmp(all[i]->name, daemon) == 0) {
			return all[i];
		}
	}
	return NULL;
}
