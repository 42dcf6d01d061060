/* SPDX-License-Identifier: EUPL-1.2 */
/* What became of a command, said to the person who gave it. */
#include <string.h>

#include "common/pbjson.h"
#include "common/words.h"
#include "services/cli/call.h"
#include "services/cli/event_text.h"
#include "services/cli/family_view.h"
#include "services/cli/output.h"
#include "services/cli/refused.h"

int receipt_exit(const PB(Receipt) *r)
{
	PB(Outcome) kind = r->outcome == SCHAKEL__V1__OUTCOME__OUTCOME_DUPLICATE &&
					   r->first != SCHAKEL__V1__OUTCOME__OUTCOME_UNSPECIFIED ?
				   r->first :
				   r->outcome;

	switch ((int)kind) {
	case SCHAKEL__V1__OUTCOME__OUTCOME_ACCEPTED:
	case SCHAKEL__V1__OUTCOME__OUTCOME_DUPLICATE:
		return CLI_DONE;
	case SCHAKEL__V1__OUTCOME__OUTCOME_LATE:
		return CLI_LATE;
	case SCHAKEL__V1__OUTCOME__OUTCOME_BUSY:
		return CLI_BUSY;
	default:
		return r->code == SCHAKEL__V1__REFUSAL__REFUSAL_CONFLICT ? CLI_CONFLICT :
									   CLI_REFUSED;
	}
}

/* A condition that is open is no lack of agreement: only the partner can close it. */
static bool condition_is_open(const PB(Receipt) *r)
{
	return r->code == SCHAKEL__V1__REFUSAL__REFUSAL_CONDITION_OPEN && r->holds_now != NULL &&
	       r->holds_now->contribution_state ==
		       SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_CAN_IF;
}

static void explain_condition(const struct cli *c)
{
	const char *code = c->args_len > 0 ? c->arg[0] : "…";

	cli_say(c,
		"Dit kan nog niet starten: de voorwaarde van deze partner staat nog open. Is ze "
		"vervuld, dan zegt de partner: schakel ask answer %s CAN",
		"This cannot start yet: the condition of this partner is still open. When it is "
		"met, the partner says: schakel ask answer %s CAN",
		code);
}

/* Behind what it is about, a sentence goes on. */
static void say_about(const struct cli *c, const char *what, const char *text)
{
	int first = text[0] >= 'A' && text[0] <= 'Z' ? text[0] - 'A' + 'a' : text[0];

	cli_say(c, "%s: %c%s", "%s: %c%s", what, first, text[0] == '\0' ? "" : text + 1);
}

static void explain_refusal(const struct cli *c, const PB(Receipt) *r, const char *text)
{
	const char *rule = refused_rule(c, r);
	struct refused_text typed = refused_typed(c, r->field);
	struct refused_text called = refused_called(c, r->field);

	text = rule != NULL ? rule : text;
	if (r->code == SCHAKEL__V1__REFUSAL__REFUSAL_UNAUTHORISED && family_has_key(c)) {
		text = cli_text(c,
				"Dit kan niet met de sleutel van het gezin. Vraag het aan je "
				"aanspreekpunt.",
				"The key of the family may not do this. Ask your contact person.");
	}
	if (condition_is_open(r)) {
		explain_condition(c);
	} else if (typed.s[0] != '\0') {
		say_about(c, typed.s, text);
	} else if (called.s[0] != '\0') {
		say_about(c, called.s, text);
	} else {
		cli_say(c, "%s", "%s", text);
	}
	cli_say_party(c, refused_party(r));
	if (c->said != NULL) {
		c->said->code = code_of(&schakel__v1__refusal__descriptor, (int)r->code);
		(void)snprintf(c->said->field, sizeof(c->said->field), "%s", r->field);
	}
}

int receipt_explain(const struct cli *c, const PB(Receipt) *r)
{
	int rc = receipt_exit(r);
	const char *text = cli_text(c, r->text_nl, r->text_en);

	if (rc == CLI_DONE) {
		return rc;
	}
	if (text[0] == '\0') {
		text = word_of(&schakel__v1__outcome__descriptor, (int)r->outcome, c->lang);
	}
	if (rc == CLI_BUSY && r->retry_after_ms > 0) {
		cli_say(c, "%s (over %u s)", "%s (in %u s)", text,
			(r->retry_after_ms + 999) / 1000);
	} else {
		explain_refusal(c, r, text);
	}
	if (r->version != 0 && rc == CLI_CONFLICT) {
		cli_say(c, "De versie is nu %u.", "The version is now %u.", r->version);
	}
	if (r->holds_now != NULL) {
		struct event_line line = event_line(c, r->holds_now);
		cli_say(c, "Dit geldt nu: %s", "This holds now: %s", line.s);
	}
	return rc;
}
