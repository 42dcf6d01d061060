/* SPDX-License-Identifier: EUPL-1.2 */
/* The statements of a problem, one a line. */
#include "services/cli/lab_read.h"

#include <stdlib.h>
#include <string.h>

bool lab_grow(void *list, uint32_t len, size_t item)
{
	void **at = list;

	/* Room is 64, then doubles whenever the list has filled a power of two. */
	if (len != 0 && (len < 64 || (len & (len - 1)) != 0)) {
		return true;
	}
	void *wider = realloc(*at, (len == 0 ? 64 : (size_t)len * 2) * item);
	if (wider == NULL) {
		return false;
	}
	*at = wider;
	return true;
}

static int optional(struct lab_reader *r, const char *field, const char *word, uint32_t *ret_n)
{
	return word == NULL ? SK_OK : lab_number(r, field, word, LAB_NUMBER_MAX, ret_n);
}

static int missing(struct lab_reader *r, const char *field, const char *form)
{
	return lab_wrong(r, field, "ontbreekt; schrijf: %s", "is missing; write: %s", form);
}

enum once { ONCE_TEAM_MAX, ONCE_OBJECTIVE, ONCE_LOTTERY };

static int once(struct lab_reader *r, enum once which)
{
	if (r->said[which]) {
		return lab_wrong(r, r->word[0], "staat twee keer in het bestand; schrap er een",
				 "is twice in the file; take one away");
	}
	r->said[which] = true;
	return SK_OK;
}

static int team_max_of(struct lab_reader *r, const char *word, uint32_t *ret_n)
{
	int err = lab_number(r, "team_max", word, LAB_NUMBER_MAX, ret_n);

	if (err == SK_OK && *ret_n == 0) {
		return lab_wrong(r, "team_max",
				 "een team heeft ten minste 1 partner; schrijf 1 of meer",
				 "a team has at least 1 partner; write 1 or more");
	}
	return err;
}

static int team_max(struct lab_reader *r)
{
	int err = lab_count(r, 2, 2, "team_max N");

	if (err == SK_OK) {
		err = once(r, ONCE_TEAM_MAX);
	}
	return err == SK_OK ? team_max_of(r, r->word[1], &r->l->team_max) : err;
}

/* One of two words. */
static int choice(struct lab_reader *r, const char *first, const char *second, bool *ret_second)
{
	*ret_second = strcmp(r->word[1], second) == 0;
	if (*ret_second || strcmp(r->word[1], first) == 0) {
		return SK_OK;
	}
	return lab_wrong(r, r->word[0], "\"%.40s\" kan niet; kies %s of %s",
			 "\"%.40s\" is not possible; choose %s or %s", r->word[1], first, second);
}

static int objective(struct lab_reader *r)
{
	int err = lab_count(r, 2, 2, "objective cover|penalty");

	if (err == SK_OK) {
		err = once(r, ONCE_OBJECTIVE);
	}
	return err == SK_OK ? choice(r, "cover", "penalty", &r->l->penalty_first) : err;
}

static int lottery(struct lab_reader *r)
{
	int err = lab_count(r, 2, 2, "lottery on|off");

	if (err == SK_OK) {
		err = once(r, ONCE_LOTTERY);
	}
	return err == SK_OK ? choice(r, "off", "on", &r->l->lottery) : err;
}

static int partner(struct lab_reader *r)
{
	static const char *const keys[] = { "cost", NULL };
	const char *value[1];
	struct lab *l = r->l;
	struct lab_partner p = { .name = r->words > 1 ? r->word[1] : "" };
	int err = lab_count(r, 2, 4, "partner NAME [cost N]");

	if (err == SK_OK) {
		err = lab_keys(r, 2, keys, value);
	}
	if (err == SK_OK) {
		err = optional(r, "cost", value[0], &p.cost);
	}
	if (err == SK_OK) {
		err = lab_new(r, p.name, LAB_NAME_PARTNER, LAB_PARTNERS_MAX);
	}
	if (err == SK_OK && !lab_grow(&l->partners, l->partners_len, sizeof(p))) {
		err = SK_ENOMEM;
	}
	if (err == SK_OK) {
		l->partners[l->partners_len++] = p;
	}
	return err;
}

static int skill_add(struct lab_reader *r, const char *word, struct lab_offer *o)
{
	struct lab *l = r->l;
	uint32_t at = lab_names_find(&l->names[LAB_NAME_EXPERTISE], word);
	int err = at == LAB_NONE ? lab_new(r, word, LAB_NAME_EXPERTISE, LAB_EXPERTISES_MAX) : SK_OK;

	if (err != SK_OK) {
		return err;
	}
	at = at == LAB_NONE ? l->names[LAB_NAME_EXPERTISE].len - 1 : at;
	if (r->seen[at] == l->offers_len + 1) {
		return lab_wrong(r, "expertise", "\"%s\" staat er twee keer; schrap er een",
				 "\"%s\" is there twice; take one away", word);
	}
	if (l->skills_len == LAB_SKILLS_MAX) {
		return lab_wrong(r, "expertise",
				 "meer dan %u expertises bij alle aanbod samen; maak de opgave "
				 "kleiner",
				 "more than %u expertises of all offers together; make the problem "
				 "smaller",
				 LAB_SKILLS_MAX);
	}
	r->seen[at] = l->offers_len + 1;
	if (!lab_grow(&l->skills, l->skills_len, sizeof(at))) {
		return SK_ENOMEM;
	}
	l->skills[l->skills_len++] = at;
	o->skill_len++;
	return SK_OK;
}

/* "A,B,C": cut where it stands, in the bytes of the file. */
static int skills(struct lab_reader *r, const char *words, struct lab_offer *o)
{
	char *rest = r->l->bytes + (words - r->l->bytes);
	int err = SK_OK;

	for (char *word = strsep(&rest, ","); word != NULL && err == SK_OK;
	     word = strsep(&rest, ",")) {
		err = skill_add(r, word, o);
	}
	return err;
}

static int offer_keys(struct lab_reader *r, const char *const *value, struct lab_offer *o)
{
	static const char form[] = "offer NAME partner P hours N [cost N] [expertise A,B,...]";
	int err;

	if (value[0] == NULL || value[1] == NULL) {
		return missing(r, value[0] == NULL ? "partner" : "hours", form);
	}
	err = lab_known(r, "partner", value[0], LAB_NAME_PARTNER, &o->partner);
	if (err == SK_OK) {
		err = lab_number(r, "hours", value[1], LAB_NUMBER_MAX, &o->hours);
	}
	if (err == SK_OK) {
		err = optional(r, "cost", value[2], &o->cost);
	}
	return err == SK_OK && value[3] != NULL ? skills(r, value[3], o) : err;
}

static int offer(struct lab_reader *r)
{
	static const char *const keys[] = { "partner", "hours", "cost", "expertise", NULL };
	const char *value[4];
	struct lab *l = r->l;
	struct lab_offer o = { .name = r->words > 1 ? r->word[1] : "",
			       .skill_first = l->skills_len };
	int err = lab_count(r, 2, 10, "offer NAME partner P hours N [cost N] [expertise A,B,...]");

	if (err == SK_OK) {
		err = lab_keys(r, 2, keys, value);
	}
	if (err == SK_OK) {
		err = offer_keys(r, value, &o);
	}
	if (err == SK_OK) {
		err = lab_new(r, o.name, LAB_NAME_OFFER, LAB_OFFERS_MAX);
	}
	if (err == SK_OK && !lab_grow(&l->offers, l->offers_len, sizeof(o))) {
		err = SK_ENOMEM;
	}
	if (err == SK_OK) {
		l->offers[l->offers_len++] = o;
	}
	return err;
}

int lab_request_add(struct lab_reader *r, const char *name, uint32_t most)
{
	struct lab *l = r->l;

	if (!lab_grow(&l->requests, l->requests_len, sizeof(*l->requests))) {
		return SK_ENOMEM;
	}
	l->requests[l->requests_len++] = (struct lab_request){
		.name = name, .first = l->needs_len, .team_max = most, .held_first = l->held_len
	};
	return SK_OK;
}

static int request(struct lab_reader *r)
{
	static const char *const keys[] = { "team_max", NULL };
	const char *value[1];
	uint32_t most = LAB_NONE;
	int err = lab_count(r, 2, 4, "request NAME [team_max N]");

	if (err == SK_OK) {
		err = lab_keys(r, 2, keys, value);
	}
	if (err == SK_OK && value[0] != NULL) {
		err = team_max_of(r, value[0], &most);
	}
	if (err == SK_OK && r->l->requests_len == 1 && r->l->requests[0].name[0] == '\0') {
		return lab_wrong(r, "request",
				 "er staat al een nood of held zonder vraag; zet deze regel voor "
				 "de eerste",
				 "a need or held without a request stands above; put this line "
				 "before the first need or held");
	}
	if (err == SK_OK) {
		err = lab_new(r, r->word[1], LAB_NAME_REQUEST, LAB_REQUESTS_MAX);
	}
	return err == SK_OK ? lab_request_add(r, r->word[1], most) : err;
}

/* An expertise that nobody has is no error: the need stays open. */
static int need_keys(struct lab_reader *r, const char *const *value, struct lab_need *n)
{
	struct lab_names *known = &r->l->names[LAB_NAME_EXPERTISE];
	int err;

	if (value[0] == NULL) {
		return missing(r, "hours", "need NAME hours N [expertise A] [penalty N]");
	}
	err = lab_number(r, "hours", value[0], LAB_NUMBER_MAX, &n->hours);
	if (err == SK_OK) {
		err = optional(r, "penalty", value[2], &n->penalty);
	}
	if (err != SK_OK || value[1] == NULL) {
		return err;
	}
	n->expertise = lab_names_find(known, value[1]);
	if (n->expertise == LAB_NONE) {
		err = lab_new(r, value[1], LAB_NAME_EXPERTISE, LAB_EXPERTISES_MAX);
		n->expertise = known->len - 1;
	}
	return err;
}

static int need_add(struct lab_reader *r, struct lab_need n)
{
	struct lab *l = r->l;

	if (l->requests_len == 0 && lab_request_add(r, "", LAB_NONE) != SK_OK) {
		return SK_ENOMEM;
	}
	if (!lab_grow(&l->needs, l->needs_len, sizeof(n))) {
		return SK_ENOMEM;
	}
	n.request = l->requests_len - 1;
	l->requests[n.request].len++;
	l->needs[l->needs_len++] = n;
	return SK_OK;
}

static int need(struct lab_reader *r)
{
	static const char *const keys[] = { "hours", "expertise", "penalty", NULL };
	const char *value[3];
	struct lab_need n = { .name = r->words > 1 ? r->word[1] : "",
			      .expertise = LAB_NONE,
			      .penalty = LAB_NONE };
	int err = lab_count(r, 2, 8, "need NAME hours N [expertise A] [penalty N]");

	if (err == SK_OK) {
		err = lab_keys(r, 2, keys, value);
	}
	if (err == SK_OK) {
		err = need_keys(r, value, &n);
	}
	if (err == SK_OK) {
		err = lab_new(r, n.name, LAB_NAME_NEED, LAB_NEEDS_MAX);
	}
	return err == SK_OK ? need_add(r, n) : err;
}

static int link_add(struct lab_reader *r, struct lab_link k)
{
	struct lab *l = r->l;

	if (l->links_len == LAB_LINKS_MAX) {
		return lab_wrong(r, r->word[0],
				 "meer dan %u regels pair en forbid; maak de opgave kleiner",
				 "more than %u lines pair and forbid; make the problem smaller",
				 LAB_LINKS_MAX);
	}
	if (!lab_grow(&l->links, l->links_len, sizeof(k))) {
		return SK_ENOMEM;
	}
	k.line = r->line;
	l->links[l->links_len++] = k;
	return SK_OK;
}

static int pair(struct lab_reader *r)
{
	static const char *const keys[] = { "cost", "hours", NULL };
	const char *value[2];
	struct lab_link k = { .hours = LAB_NONE, .kind = LAB_PAIR };
	int err = lab_count(r, 3, 7, "pair NEED OFFER [cost N] [hours N]");

	if (err == SK_OK) {
		err = lab_keys(r, 3, keys, value);
	}
	if (err == SK_OK) {
		err = lab_known(r, "need", r->word[1], LAB_NAME_NEED, &k.need);
	}
	if (err == SK_OK) {
		err = lab_known(r, "offer", r->word[2], LAB_NAME_OFFER, &k.at);
	}
	if (err == SK_OK) {
		err = optional(r, "cost", value[0], &k.cost);
	}
	if (err == SK_OK) {
		err = optional(r, "hours", value[1], &k.hours);
	}
	return err == SK_OK ? link_add(r, k) : err;
}

static int forbid(struct lab_reader *r)
{
	struct lab_link k = { .kind = r->words == 4 ? LAB_FORBID_PARTNER : LAB_FORBID };
	int err = lab_count(r, 3, 4, "forbid NEED OFFER, or forbid NEED partner P");

	if (err == SK_OK && r->words == 4 && strcmp(r->word[2], "partner") != 0) {
		return lab_wrong(r, "forbid", "schrijf: forbid NEED partner P",
				 "write: forbid NEED partner P");
	}
	if (err == SK_OK) {
		err = lab_known(r, "need", r->word[1], LAB_NAME_NEED, &k.need);
	}
	if (err == SK_OK && r->words == 4) {
		err = lab_known(r, "partner", r->word[3], LAB_NAME_PARTNER, &k.at);
	} else if (err == SK_OK) {
		err = lab_known(r, "offer", r->word[2], LAB_NAME_OFFER, &k.at);
	}
	return err == SK_OK ? link_add(r, k) : err;
}

static int header(struct lab_reader *r)
{
	if (r->words == 2 && strcmp(r->word[0], "schakel-lab") == 0 &&
	    strcmp(r->word[1], "1") == 0) {
		r->headed = true;
		return SK_OK;
	}
	if (strncmp(r->word[0], "\xef\xbb\xbf", 3) == 0) {
		return lab_wrong(r, "schakel-lab",
				 "voor het eerste woord staan drie onzichtbare bytes (BOM); "
				 "bewaar het bestand zonder",
				 "three bytes that nobody sees (BOM) stand before the first word; "
				 "save the file without");
	}
	return lab_wrong(r, "schakel-lab", "het bestand begint met: schakel-lab 1",
			 "the file begins with: schakel-lab 1");
}

static const struct {
	const char *word;
	int (*read)(struct lab_reader *r);
} statements[] = {
	{ "pair", pair },         { "need", need },           { "offer", offer },
	{ "partner", partner },   { "request", request },     { "forbid", forbid },
	{ "together", lab_tie },  { "apart", lab_tie },       { "lead", lab_lead },
	{ "team_max", team_max }, { "objective", objective }, { "lottery", lottery },
	{ "held", lab_held },
};

int lab_statement(struct lab_reader *r)
{
	if (!r->headed) {
		return header(r);
	}
	for (size_t i = 0; i < SK_LEN(statements); i++) {
		if (strcmp(statements[i].word, r->word[0]) == 0) {
			return statements[i].read(r);
		}
	}
	return lab_wrong(r, "word",
			 "\"%.40s\" is niet bekend; een regel begint met partner, offer, request, "
			 "need, held, pair, forbid, together, apart, lead, team_max, objective of "
			 "lottery",
			 "\"%.40s\" is not known; a line begins with partner, offer, request, "
			 "need, "
			 "held, pair, forbid, together, apart, lead, team_max, objective or "
			 "lottery",
			 r->word[0]);
}
