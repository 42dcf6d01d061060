/* SPDX-License-Identifier: EUPL-1.2 */
/* Whom else somebody hears of in the own view: who calls in a crisis, and other children. */
#include "services/intake/core_inner.h"

char *person_crisis_caller(const PB(RequestRecord) *r)
{
	return r->crisis_party[0] != '\0' ? r->crisis_party : r->requester;
}

uint32_t person_children(struct step *s, const struct req *q, const struct person *who)
{
	uint32_t seen = 0;

	for (uint32_t i = 0; i < q->r->n_children; i++) {
		struct person other = { .speaker = who->speaker, .adult = who->adult, .child = i };
		bool same = i == who->child;
		bool adult = who->speaker == SPEAKER(ADULT);
		bool may = adult && person_open(s, q, &other) == SK_OK && other.sees_child;
		seen += same || may;
	}
	return seen;
}
