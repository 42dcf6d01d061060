/* SPDX-License-Identifier: EUPL-1.2 */
/* What became of a command, said to the person who gave it. */
#include <string.h>

#include "services/cli/call.h"
#include "services/cli/event_text.h"
#include "services/cli/output.h"
#include "services/cli/pbjson.h"
#include "services/cli/words.h"

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

/* The part of the path that the person filled in: "submit_request.needs[2].expertise" without its
 * first word, which is the name of the message. */
static const char *own_field(const char *field)
{
	const char *dot = strchr(field, '.');

	return dot == NULL ? field : dot + 1;
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
	} else if (r->field[0] != '\0') {
		cli_say(c, "%s (veld %s)", "%s (field %s)", text, own_field(r->field));
	} else {
		cli_say(c, "%s", "%s", text);
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
