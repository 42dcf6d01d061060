/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/family_view.h"

#include "services/cli/plan_person.h"

#define SPEAKER(X) SCHAKEL__V1__SPEAKER__SPEAKER_##X

bool family_has_key(const struct cli *c)
{
	const struct conf_party *p =
		c->conf == NULL || c->speaks == NULL ? NULL : conf_party(c->conf, c->speaks);

	return p != NULL && (p->roles & ROLE_BIT(FAMILY)) != 0;
}

static void say_house(const struct cli *c, FILE *to, const char *where, const char *party)
{
	const struct conf_party *p = conf_party(c->conf, party);
	const char *name = p == NULL || p->name[0] == '\0' ? party : p->name;
	const char *phone = p == NULL ? "" : p->phone;

	(void)fprintf(to, "  %s: %s%s%s\n", where, name, phone[0] == '\0' ? "" : ", ", phone);
}

void family_lost_code(const struct cli *c, FILE *to)
{
	const struct conf *conf = c->conf;

	(void)fputs(cli_text(c,
			     "Met de code van je vraag zie je hoe het ermee staat. De code heeft "
			     "10 tekens.\nWeet je de code niet meer? Bel wie samen met jou hulp "
			     "vroeg. Die kan ze opzoeken.\nOf bel het aanspreekpunt van waar je "
			     "woont:\n",
			     "With the code of your request you see how it stands. The code has 10 "
			     "characters.\nYou do not have it any more? Call who asked for help "
			     "with you: they can look it up.\nOr call the contact person of where "
			     "you live:\n"),
		    to);
	for (size_t i = 0; conf != NULL && i < conf->zones_len; i++) {
		const struct conf_zone *z = &conf->zones[i];
		say_house(c, to, z->name, z->contact_party);
	}
	bool first = true;
	for (size_t i = 0; conf != NULL && i < conf->parties_len; i++) {
		const struct conf_party *p = &conf->parties[i];
		if ((p->roles & ROLE_BIT(CONTACT_POINT)) != 0) {
			say_house(c, to, cli_text(c, "Is het dringend", "Is it urgent"), p->id);
			first = false;
		}
	}
	(void)fputs(first ? "" :
			    cli_text(c, "Is er nu gevaar? Bel 112.\n",
				     "Is there danger now? Call 112.\n"),
		    to);
}

/* A parent's view unless it is asked otherwise: what the child keeps to itself is not in it. */
static int first_view(struct call *k, struct person_ask *ret_ask)
{
	PB(RequestItem) *item = NULL;
	int rc = find_request(k, k->cli->arg[0], &item);

	if (rc != CLI_DONE) {
		return rc;
	}
	bool adult = item->n_adults > 0;
	ret_ask->speaker = adult ? SPEAKER(ADULT) : SPEAKER(YOUTH);
	ret_ask->adult = adult ? item->adults[0]->number : 0;
	return CLI_DONE;
}

/* @return whether the key is a family's: then its view, or what to do without a code. */
static int by_key(struct cli *c, struct person_ask *io_ask, bool *ret_family, bool *ret_shown)
{
	AUTO_CALL struct call k = { .cli = c };
	int rc = call_open(&k, c);

	*ret_family = rc == CLI_DONE && !c->json && family_has_key(c);
	if (!*ret_family) {
		return rc;
	}
	if (c->args_len == 0) {
		family_lost_code(c, c->out);
		*ret_shown = true;
		return CLI_DONE;
	}
	return first_view(&k, io_ask);
}

int family_view(struct cli *c, bool *ret_shown)
{
	struct person_ask ask = { 0 };
	bool family = false;
	int rc = person_asked(c, &ask);
	bool named = ask.speaker != SPEAKER(UNSPECIFIED) && c->args_len > 0;

	*ret_shown = false;
	if (rc == CLI_DONE && !named) {
		rc = by_key(c, &ask, &family, ret_shown);
	}
	if (rc == CLI_REFUSED && family) {
		cli_say(c,
			"Weet je de code niet meer? schakel request show --as %s zegt wie je belt.",
			"You do not have the code any more? schakel request show --as %s says whom "
			"to call.",
			c->as);
	}
	if (rc != CLI_DONE || *ret_shown) {
		*ret_shown = true;
		return rc;
	}
	if (!named && !family) {
		return CLI_DONE;
	}
	*ret_shown = true;
	rc = person_show(c, &ask);
	if (rc == CLI_DONE && family) {
		bool adult = ask.speaker == SPEAKER(ADULT);
		cli_say(c, "Dit leest %s. Iemand anders: --view %s",
			"This is what %s reads. Somebody else: --view %s",
			adult ? cli_text(c, "een ouder", "a parent") :
				cli_text(c, "de jongere", "the young person"),
			adult ? "youth" : "parent");
	}
	return rc;
}
