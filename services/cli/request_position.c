/* SPDX-License-Identifier: EUPL-1.2 */
/* What the young person and each adult say of the team that is proposed, and whom they choose. */
#include <stdlib.h>
#include <string.h>

#include "services/cli/call.h"
#include "services/cli/request_show.h"
#include "services/cli/said.h"
#include "services/cli/subjects.h"

#define CHOICES_MAX 16

static int position_options(struct cli *c, PB(RecordPosition) *p)
{
	int voice = 0;
	int speaker = SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH;
	int reason = 0;
	int rc = cli_opt_code(c, "speaker", &schakel__v1__speaker__descriptor, &speaker);

	if (rc == CLI_DONE && c->args_len > 1) {
		rc = cli_arg_code(c, 1, &schakel__v1__voice__descriptor, &voice);
	}
	rc = rc != CLI_DONE ?
		     rc :
		     cli_opt_code(c, "emergency", &schakel__v1__danger_reason__descriptor, &reason);
	rc = rc != CLI_DONE ? rc : cli_opt_u32(c, "adult", 4, &p->adult);
	rc = rc != CLI_DONE ? rc : said_child_opt(c, &p->child);
	rc = rc != CLI_DONE ? rc : cli_opt_u32(c, "version", UINT32_MAX, &p->proposal_version);
	rc = rc != CLI_DONE ?
		     rc :
		     said_names(c, "exclude", &p->excluded_partners, &p->n_excluded_partners);
	if (cli_flag(c, "second-party")) {
		p->second_party = (char *)(uintptr_t)cli_opt(c, "second-party");
	}
	if (rc == CLI_DONE && cli_flag(c, "unclear") && (voice != 0 || reason != 0)) {
		return cli_usage(c, "Kies een van beide: wat er gezegd is, of --unclear",
				 "Choose one of both: what was said, or --unclear");
	}
	if (rc == CLI_DONE && cli_flag(c, "unclear")) {
		p->ground = SCHAKEL__V1__GROUND__GROUND_UNCLEAR;
		return CLI_DONE;
	}
	if (rc == CLI_DONE && voice == 0 && reason == 0) {
		return cli_usage(c,
				 "Geef wat er gezegd is: ja, nee, nu nog niet, of --emergency "
				 "REDEN",
				 "Give what was said: yes, no, not yet, or --emergency REASON");
	}
	if (rc == CLI_DONE && reason == 0 && speaker == SCHAKEL__V1__SPEAKER__SPEAKER_ADULT &&
	    p->adult == 0) {
		return cli_usage(c, "--speaker ADULT: geef met --adult N wie er spreekt",
				 "--speaker ADULT: say with --adult N who speaks");
	}
	p->child_heard = cli_flag(c, "child-heard");
	p->voice = (PB(Voice))voice;
	p->speaker = reason != 0  ? SCHAKEL__V1__SPEAKER__SPEAKER_UNSPECIFIED :
		     p->adult > 0 ? SCHAKEL__V1__SPEAKER__SPEAKER_ADULT :
				    (PB(Speaker))speaker;
	p->reason = (PB(DangerReason))reason;
	p->ground = reason != 0 ? SCHAKEL__V1__GROUND__GROUND_EMERGENCY :
				  SCHAKEL__V1__GROUND__GROUND_UNSPECIFIED;
	return rc;
}

static bool numbered_need(const PB(RequestItem) *item, size_t number, struct object_id *ret_id)
{
	for (size_t i = 0; i < item->n_needs; i++) {
		if (item->needs[i]->need->ordinal == number) {
			return object_id_from(&item->needs[i]->need->need_id, ret_id);
		}
	}
	return false;
}

/* One "2=huis-a": the need by its number in the request, and whom the child would rather have. */
static int choice_read(struct cli *c, const PB(RequestItem) *item, char *word, PB(Choice) *ret_one)
{
	char *partner = strchr(word, '=');
	size_t number = 0;
	struct object_id id;

	if (partner != NULL) {
		*partner++ = '\0';
		number = strspn(word, "0123456789") == strlen(word) ?
				 (size_t)strtoul(word, NULL, 10) :
				 0;
	}
	if (number == 0 || !name_is_valid(partner) || !numbered_need(item, number, &id)) {
		return cli_usage(c,
				 "--choice: geef hulpvraag=partner, met het nummer van de "
				 "hulpvraag: 1 tot %zu",
				 "--choice: give need=partner, with the number of the need: 1 to "
				 "%zu",
				 item->n_needs);
	}
	ret_one->need_id = id_bytes(c, &id);
	ret_one->partner = partner;
	return CLI_DONE;
}

static int choices_read(struct cli *c, const PB(RequestItem) *item, PB(RecordPosition) *p)
{
	char *rest = cli_printf(c, "%s", cli_opt(c, "choice") == NULL ? "" : cli_opt(c, "choice"));
	int rc = CLI_DONE;

	p->choices = cli_alloc(c, CHOICES_MAX * sizeof(*p->choices));
	for (char *word = strsep(&rest, " ,"); word != NULL && rc == CLI_DONE;
	     word = strsep(&rest, " ,")) {
		if (word[0] == '\0') {
			continue;
		}
		if (p->n_choices == CHOICES_MAX) {
			return cli_usage(c, "--choice: ten hoogste %d", "--choice: at most %d",
					 CHOICES_MAX);
		}
		PB(Choice) *one = cli_alloc(c, sizeof(*one));
		schakel__v1__choice__init(one);
		p->choices[p->n_choices++] = one;
		rc = choice_read(c, item, word, one);
	}
	return rc;
}

static int no_such_proposal(const struct cli *c, uint32_t asked, uint32_t now)
{
	if (now == 0) {
		cli_say(c, "--version %u: er is nog geen voorstel",
			"--version %u: there is no proposal yet", asked);
	} else {
		cli_say(c, "--version %u: het voorstel is nu %u",
			"--version %u: the proposal is now %u", asked, now);
	}
	return CLI_REFUSED;
}

static int cmd_position(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(RecordPosition) p = SCHAKEL__V1__RECORD_POSITION__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(RequestItem) *item = NULL;
	PB(Receipt) *r = NULL;
	struct object_id id = { 0 };
	int rc = call_open(&k, c);

	rc = rc != CLI_DONE ? rc : find_request(&k, c->arg[0], &item);
	if (rc != CLI_DONE) {
		return rc;
	}
	SK_ASSERT(object_id_from(&item->request->request_id, &id));
	p.request_id = id_bytes(c, &id);
	p.proposal_version = item->team == NULL ? 0 : item->team->proposal_version;
	uint32_t now = p.proposal_version;
	rc = position_options(c, &p);
	if (rc == CLI_DONE && p.proposal_version > now) {
		rc = no_such_proposal(c, p.proposal_version, now);
	}
	rc = rc != CLI_DONE ? rc : choices_read(c, item, &p);
	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &p;
	rc = call_command(&k, INTAKE, &m, &r);
	return out_receipt(c, rc, r, "Genoteerd.", "Recorded.");
}

static const struct option position_list[] = {
	{ "speaker", "WIE", "YOUTH (gewoon), ADULT of TRUSTED_PERSON",
	  "YOUTH (default), ADULT or TRUSTED_PERSON" },
	{ "adult", "N", "nodig bij ADULT: het nummer van de ouder of opvoeder die spreekt",
	  "needed with ADULT: number of the parent or carer who speaks" },
	{ "version", "N", "het voorstel dat gezien is (anders: het huidige)",
	  "the proposal that was seen (else: the present one)" },
	{ "exclude", "\"P P\"", "wie het gezin niet wil", "whom the family does not want" },
	{ "child-heard", NULL, "het kind is gehoord", "the child was heard" },
	{ "child", "N", "over welk kind het gaat: 1 (gewoon), 2, ...",
	  "which child it is about: 1 (default), 2, ..." },
	{ "choice", "\"N=P N=P\"", "wie de jongere liefst heeft, per hulpvraag: 1=huis-a",
	  "whom the young person would rather have, by need: 1=huis-a" },
	{ "second-party", "PARTIJ", "bij nee, als uw eigen huis al toezegde: wie het ook hoorde",
	  "with no, when your own house has promised: who heard it too" },
	{ "unclear", NULL, "crisis: of er akkoord is, is onduidelijk; telt 72 uur",
	  "crisis: whether there is agreement is unclear; counts 72 hours" },
	{ "emergency", "REDEN", "noodsituatie: start zonder stem, met reden",
	  "emergency: start without a voice, with a reason" },
	{ 0 },
};

const struct command request_position_commands[] = {
	{ "request position", "AANMELDING [STEM]", 1, 2, position_list,
	  "noteert wat jongere of ouder zegt: ja, nee, nu nog niet, eerst praten",
	  "records what young person or parent says: agree, not, not-yet, talk-first",
	  "schakel request position k7q2m4t9xa ja --as clb-ieper", cmd_position },
	{ 0 },
};
