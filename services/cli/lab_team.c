/* SPDX-License-Identifier: EUPL-1.2 */
/* The statements about teams: who is in one already, who may lead it, which needs go together. */
#include "services/cli/lab_read.h"

#include <string.h>

int lab_tie(struct lab_reader *r)
{
	struct lab *l = r->l;
	struct lab_tie t = { .apart = r->word[0][0] == 'a' };
	int err = lab_count(r, 3, 3, t.apart ? "apart NEED NEED" : "together NEED NEED");

	if (err == SK_OK) {
		err = lab_known(r, "need", r->word[1], LAB_NAME_NEED, &t.a);
	}
	if (err == SK_OK) {
		err = lab_known(r, "need", r->word[2], LAB_NAME_NEED, &t.b);
	}
	if (err == SK_OK && (t.a == t.b || l->needs[t.a].request != l->needs[t.b].request)) {
		return lab_wrong(r, r->word[0], "neem twee verschillende noden van dezelfde vraag",
				 "take two different needs of the same request");
	}
	if (err == SK_OK && l->ties_len == LAB_TIES_MAX) {
		return lab_wrong(r, r->word[0], "meer dan %u regels; maak de opgave kleiner",
				 "more than %u lines; make the problem smaller", LAB_TIES_MAX);
	}
	if (err == SK_OK && !lab_grow(&l->ties, l->ties_len, sizeof(t))) {
		err = SK_ENOMEM;
	}
	if (err == SK_OK) {
		l->ties[l->ties_len++] = t;
	}
	return err;
}

int lab_lead(struct lab_reader *r)
{
	int err = lab_count(r, 2, LAB_WORDS_MAX, "lead P [P...]");

	for (uint32_t i = 1; i < r->words && err == SK_OK; i++) {
		uint32_t p = 0;
		err = lab_known(r, "partner", r->word[i], LAB_NAME_PARTNER, &p);
		if (err == SK_OK && r->l->partners[p].lead) {
			return lab_wrong(r, "partner", "\"%s\" staat er twee keer; schrap er een",
					 "\"%s\" is there twice; take one away", r->word[i]);
		}
		if (err == SK_OK) {
			r->l->partners[p].lead = true;
			r->l->lead_asked = true;
		}
	}
	return err;
}

static int hold(struct lab_reader *r, struct lab_request *q, const char *word)
{
	struct lab *l = r->l;
	uint32_t p = 0;
	int err = lab_known(r, "partner", word, LAB_NAME_PARTNER, &p);

	if (err != SK_OK) {
		return err;
	}
	if (l->partners[p].held_by == l->requests_len) {
		return lab_wrong(r, "partner",
				 "\"%s\" staat al bij held van deze vraag; schrap er een",
				 "\"%s\" is held by this request already; take one away", word);
	}
	if (q->held_len == LAB_HELD_MAX) {
		return lab_wrong(r, "held",
				 "meer dan %u partners in het team van een vraag; laat weg wie "
				 "geen aanbod heeft en verlaag team_max evenveel",
				 "more than %u partners in the team of one request; leave out who "
				 "has no offer and lower team_max as much",
				 LAB_HELD_MAX);
	}
	if (!lab_grow(&l->held, l->held_len, sizeof(p))) {
		return SK_ENOMEM;
	}
	l->partners[p].held_by = l->requests_len;
	l->held[l->held_len++] = p;
	q->held_len++;
	return SK_OK;
}

int lab_held(struct lab_reader *r)
{
	struct lab *l = r->l;
	int err = lab_count(r, 2, LAB_WORDS_MAX, "held P [P...]");

	if (err == SK_OK && l->requests_len == 0) {
		err = lab_request_add(r, "", LAB_NONE);
	}
	for (uint32_t i = 1; i < r->words && err == SK_OK; i++) {
		err = hold(r, &l->requests[l->requests_len - 1], r->word[i]);
	}
	return err;
}
